"""Hostile input: every broken feed gives exactly the expected issues or is read, without
a crash.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import os
import random
import struct
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from railshed.assumptions.assumptions import default_assumptions
from railshed.cli import main as cli
from railshed.io.gtfs.read import read_gtfs
from railshed.io.networks import load_network
from railshed.network.checks import validate
from railshed.routing.compile import compile_network
from railshed.util.errors import InputError, NotFoundError, ParameterError
from railshed.util.units import UNREACHED
from tests.support import mutations
from tests.support.mutations import (
    MUTATIONS,
    RICH,
    Files,
    Mutation,
    issue_text,
    summary,
    with_headers,
    write_feed,
    zip_bytes,
)

ROOT = Path(__file__).parents[2]
CALTRAIN = ROOT.parent / "shared" / "data" / "gtfs" / "caltrain_2023.zip"
TIMES = "stop_times.txt"
HEADER = RICH[TIMES].split(b"\r\n")[0] + b"\r\n"
WEEKDAYS = (True, True, True, True, True, False, False)


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> mutations.Summary:
    return summary(read_gtfs(write_feed(tmp_path_factory.mktemp("good") / "good.zip", RICH)))


def errors_of(path: Path) -> list[str]:
    """Return the errors with which a feed is refused, as the expectations write them."""
    with pytest.raises(InputError) as caught:
        read_gtfs(path)
    return [issue_text(issue) for issue in caught.value.issues if issue.severity == "error"]


def packed(tmp_path: Path, data: bytes, name: str = "feed.zip") -> Path:
    (tmp_path / name).write_bytes(data)
    return tmp_path / name


# --- the good feed ------------------------------------------------------------------------------


def test_the_good_feed_says_what_is_worked_out_by_hand(good: mutations.Summary) -> None:
    """Stations, changes, walks, estimated times and trips by headway of the feed that the mutations
    break.
    """
    assert good.stations == {
        "A": ("甲, 总站", 104.0, 30.0, 120),
        "b": ("乙", 104.1, 30.0, None),
        "c": ('丙 "东"', 104.2, 30.0, None),
        "d": ("丁", 104.3, 30.0, None),
    }
    assert good.transfers == {("A", "b"): 300, ("b", "c"): UNREACHED, ("d", "c"): 60}
    assert good.calls["t1"] == (
        ("A", 28_800, 28_800, True, True),
        ("b", 29_400, 29_400, True, True),  # half way in place, so half way in time: 08:10
        ("c", 30_000, 30_120, False, True),
        ("d", 30_600, 30_600, True, True),
    )
    assert good.calls["t2"][1] == ("c", 86_700, 86_760, True, True)
    exact = [f"f1@06{minute:02}00" for minute in (0, 10, 20, 30, 40, 50)]
    drawn = [trip for trip in good.calls if trip.startswith("f1~07")]
    assert len(drawn) == 4  # every 15 minutes of an hour
    assert set(good.calls) == {"t1", "t2", "t3", *exact, *drawn, *(f"x{i:02}" for i in range(40))}
    assert good.calls["f1@061000"] == (
        ("b", 22_200, 22_200, True, True),
        ("c", 22_500, 22_560, True, True),
    )
    assert good.lines["t1"] == ("G1", 2)
    assert good.lines["f1@060000"] == ("M", 1)
    assert good.days["t1"][2] == WEEKDAYS
    assert good.timezone == "Asia/Shanghai"


# --- broken text --------------------------------------------------------------------------------


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda m: m.name)
def test_broken_text(tmp_path: Path, good: mutations.Summary, mutation: Mutation) -> None:
    """A broken feed is refused with exactly these errors, or loads with exactly these warnings and
    this content.
    """
    path = write_feed(tmp_path / "feed.zip", mutation.change(RICH))
    if not mutation.errors and not mutation.refused:
        feed = read_gtfs(path)
        assert sorted(map(issue_text, feed.issues)) == sorted(mutation.warnings)
        assert {issue.severity for issue in feed.issues} <= {"warning"}
        assert summary(feed) == mutation.effect(good)
        assert mutation.says in " ".join(map(str, feed.issues))
        return
    with pytest.raises(InputError) as caught:
        read_gtfs(path)
    assert mutation.says in str(caught.value)
    assert mutation.refused in str(caught.value)
    found = {issue_text(issue) for issue in caught.value.issues if issue.severity == "error"}
    expected = set(mutation.errors) - {"..."}
    assert expected <= found
    assert "..." in mutation.errors or found == expected
    for issue in caught.value.issues:
        assert len(issue.value) <= 80


def test_there_are_enough_mutations_with_names_of_their_own() -> None:
    names = [mutation.name for mutation in MUTATIONS]
    assert len(set(names)) == len(names) > 150


# --- the same feed, written otherwise -----------------------------------------------------------


def rows_of(data: bytes) -> list[list[str]]:
    return [row for row in csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")) if row]


def written(rows: list[list[str]], quoting: int = csv.QUOTE_MINIMAL, end: str = "\n") -> bytes:
    out = io.StringIO(newline="")
    csv.writer(out, quoting=quoting, lineterminator=end).writerows(rows)  # type: ignore[arg-type]
    return out.getvalue().encode()


def shuffled_rows(data: bytes) -> bytes:
    header, *rows = rows_of(data)
    random.Random(7).shuffle(rows)
    return written([header, *rows])


def reordered_columns(data: bytes) -> bytes:
    order = list(range(len(rows_of(data)[0])))
    random.Random(7).shuffle(order)
    return written([[row[i] for i in order] for row in rows_of(data)])


WRITINGS: dict[str, Callable[[bytes], bytes]] = {
    "BOM": lambda data: b"\xef\xbb\xbf" + data.removeprefix(b"\xef\xbb\xbf"),
    "LF": lambda data: written(rows_of(data)),
    "CRLF": lambda data: written(rows_of(data), end="\r\n"),
    "CR": lambda data: written(rows_of(data), end="\r"),
    "all quoted": lambda data: written(rows_of(data), csv.QUOTE_ALL),
    "blank lines": lambda data: (
        b"\n\r\n" + b"\n\n\r\n".join(data.removeprefix(b"\xef\xbb\xbf").split(b"\n"))
    ),
    "no line end at the end": lambda data: data.rstrip(b"\r\n"),
    "shuffled rows": shuffled_rows,
    "reordered columns": reordered_columns,
    "a column more": lambda data: written([[*row, "x, y"] for row in rows_of(data)]),
    "blanks around values": lambda data: written(
        [[f"  {cell} " for cell in row] for row in rows_of(data)]
    ),
}


def feeds_at_hand() -> Iterator[Files]:
    yield RICH
    for path in (ROOT / "networks" / "toy" / "timetable.zip", CALTRAIN):
        if path.exists():
            with zipfile.ZipFile(path) as archive:
                yield {
                    name: archive.read(name) for name in archive.namelist() if name != "shapes.txt"
                }


@pytest.mark.parametrize("writing", WRITINGS)
def test_the_same_feed_written_otherwise(tmp_path: Path, writing: str) -> None:
    """Byte order marks, line ends, quotes, blanks, the order of rows and columns: the same
    timetable.
    """
    for files in feeds_at_hand():
        plain = read_gtfs(write_feed(tmp_path / "plain.zip", files))
        other = read_gtfs(
            write_feed(tmp_path / "other.zip", mutations.each(WRITINGS[writing])(files))
        )
        assert summary(other) == summary(plain)
        assert [issue.code for issue in other.issues] == [issue.code for issue in plain.issues]
        assert other.notes == plain.notes


# --- the same feed, packed otherwise ------------------------------------------------------------


def in_folder(folder: str) -> Callable[[Path], Path]:
    return lambda tmp_path: packed(tmp_path, zip_bytes(RICH, folder))


def unpacked(tmp_path: Path) -> Path:
    for name, data in RICH.items():
        (tmp_path / name).write_bytes(data)
    return tmp_path


def stored(tmp_path: Path) -> Path:
    with zipfile.ZipFile(tmp_path / "feed.zip", "w", zipfile.ZIP_STORED) as archive:
        for name, data in RICH.items():
            archive.writestr(name, data)
    return tmp_path / "feed.zip"


PACKINGS: dict[str, tuple[Callable[[Path], Path], list[str]]] = {
    "a folder": (unpacked, []),
    "not compressed": (stored, []),
    "in a folder of the zip": (in_folder("gtfs/2024/"), []),
    "at ../": (in_folder("../"), []),
    "at ../../../etc/": (in_folder("../../../etc/"), []),
    "at an absolute path": (in_folder("/etc/"), []),
    "with backslashes": (in_folder("C:\\feeds\\"), []),
    "bytes before the zip": (
        lambda tmp_path: packed(tmp_path, b"#!/bin/sh\nexit\n" + zip_bytes(RICH)),
        [],
    ),
    "a size of 4 GB in the header": (
        lambda tmp_path: packed(tmp_path, with_headers(zip_bytes(RICH), TIMES, size=2**32 - 2)),
        [],
    ),
    "files of a Mac": (
        lambda tmp_path: packed(
            tmp_path, zip_bytes(RICH | {f"__MACOSX/._{name}": b"\0\5" for name in RICH})
        ),
        [],
    ),
    "an older feed in a folder": (
        lambda tmp_path: packed(tmp_path, zip_bytes(RICH | {f"old/{name}": b"x" for name in RICH})),
        ["other-folder"],
    ),
    "a readme above": (
        lambda tmp_path: packed(
            tmp_path, zip_bytes({"readme.txt": b"x"} | {f"gtfs/{n}": d for n, d in RICH.items()})
        ),
        ["other-folder"],
    ),
}


@pytest.mark.parametrize("packing", PACKINGS)
def test_the_same_feed_packed_otherwise(
    tmp_path: Path, good: mutations.Summary, packing: str
) -> None:
    """Folder, zip in any folder of it or with any path: the same timetable, and nothing is written
    anywhere.
    """
    pack, warnings = PACKINGS[packing]
    path = pack(tmp_path)
    before = sorted(tmp_path.rglob("*"))
    feed = read_gtfs(path)
    assert summary(feed) == good
    assert list(map(issue_text, feed.issues)) == warnings
    assert sorted(tmp_path.rglob("*")) == before


def test_thousands_of_other_files_are_counted(tmp_path: Path, good: mutations.Summary) -> None:
    """Of five thousand files that are not used twenty are named."""
    feed = read_gtfs(
        packed(tmp_path, zip_bytes(RICH | {f"{i:04}{'x' * 200}.txt": b"" for i in range(5000)}))
    )
    assert summary(feed) == good
    (note,) = (note for note in feed.notes if note.startswith("files not used"))
    assert note.startswith("files not used: 0000x")
    assert note.endswith("x and 4,980 more")
    assert len(note) < 2000


def test_a_header_of_ten_thousand_names(tmp_path: Path, good: mutations.Summary) -> None:
    """Columns that are not used may be many; they are looked through once."""
    names = ",".join(f"c{i}" for i in range(9000))
    header, rest = RICH["calendar_dates.txt"].split(b"\r\n", 1)
    rows = [row + b"," * 9000 for row in rest.split(b"\r\n") if row]
    files = RICH | {"calendar_dates.txt": b"\r\n".join([header + b"," + names.encode(), *rows])}
    assert summary(read_gtfs(write_feed(tmp_path / "feed.zip", files))) == good


def test_an_older_feed_beside_does_not_fill_gaps(tmp_path: Path) -> None:
    """A file that is missing is not taken from another folder of the zip."""
    newer = mutations.drop("calendar_dates.txt", "trips.txt")(RICH)
    path = packed(tmp_path, zip_bytes(newer | {f"old/{name}": data for name, data in RICH.items()}))
    assert errors_of(path) == ["missing-file trips.txt"]


# --- what is no feed at all ---------------------------------------------------------------------


def with_member(
    info: zipfile.ZipInfo | str, data: bytes | str, method: int = zipfile.ZIP_DEFLATED
) -> bytes:
    """Return a zip of the rich feed with one more or another member."""
    name = info if isinstance(info, str) else info.filename
    buffer = io.BytesIO(zip_bytes({n: d for n, d in RICH.items() if n != name}))
    with zipfile.ZipFile(buffer, "a") as archive:
        archive.writestr(info, data, compress_type=method)
    return buffer.getvalue()


def symlink(name: str, target: str) -> bytes:
    info = zipfile.ZipInfo(name)
    info.external_attr = 0o120777 << 16
    return with_member(info, target)


def twice() -> bytes:
    buffer = io.BytesIO(zip_bytes(RICH))
    with zipfile.ZipFile(buffer, "a") as archive, pytest.warns(UserWarning, match="Duplicate name"):
        archive.writestr("stops.txt", RICH["stops.txt"])
    return buffer.getvalue()


REFUSED: dict[str, tuple[Callable[[], bytes], str]] = {
    "no bytes": (lambda: b"", "not a readable zip"),
    "random bytes": (lambda: random.Random(1).randbytes(5000), "not a readable zip"),
    "a web page": (lambda: b"<!DOCTYPE html><title>404</title>", "not a readable zip"),
    "a zip cut off": (lambda: zip_bytes(RICH)[:-200], "not a readable zip"),
    "the head of a zip": (lambda: zip_bytes(RICH)[:100], "not a readable zip"),
    "a zip without files": (lambda: zip_bytes({}), "holds no .txt file"),
    "a zip of pictures": (
        lambda: zip_bytes({"map.png": b"x", "stops.csv": b"x"}),
        "holds no .txt file",
    ),
    "a zip in a zip": (
        lambda: zip_bytes({"readme.md": b"x", "feed.zip": zip_bytes(RICH)}),
        "another zip, 'feed.zip'",
    ),
    "twenty thousand members": (
        lambda: zip_bytes({f"{i}.txt": b"" for i in range(20_000)}),
        "holds 20,000 files",
    ),
    "a name that is no UTF-8": (
        lambda: zip_bytes(RICH | {"é.txt": b""}).replace("é.txt".encode(), b"\xff\xff.txt"),
        "not a readable zip",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_no_feed_at_all(tmp_path: Path, case: str) -> None:
    """What is no zip, or a zip of something else, is refused in words."""
    make, says = REFUSED[case]
    with pytest.raises(InputError) as caught:
        read_gtfs(packed(tmp_path, make()))
    assert says in str(caught.value)


DAMAGED: dict[str, tuple[Callable[[], bytes], list[str]]] = {
    "members before the beginning of the file": (
        lambda: zip_bytes(RICH)[:-6] + struct.pack("<IH", 2**32 - 2, 0),
        [
            f"unreadable {name}"
            for name in (
                "agency.txt",
                "stops.txt",
                "calendar.txt",
                "calendar_dates.txt",
                "routes.txt",
                "trips.txt",
                TIMES,
            )
        ],
    ),
    "encrypted": (lambda: with_headers(zip_bytes(RICH), TIMES, flags=1), [f"unreadable {TIMES}"]),
    "wrong checksum": (
        lambda: with_headers(zip_bytes(RICH), TIMES, crc=1),
        [f"unreadable {TIMES}"],
    ),
    "a size too small in the header": (
        lambda: with_headers(zip_bytes(RICH), TIMES, size=100),
        [f"unreadable {TIMES}"],
    ),
    "an unknown compression": (
        lambda: with_headers(zip_bytes(RICH), TIMES, method=97),
        [f"unreadable {TIMES}"],
    ),
    "stored, it says": (
        lambda: with_headers(zip_bytes(RICH), TIMES, method=0),
        [f"unreadable {TIMES}"],
    ),
    "bzip2": (
        lambda: with_member("stops.txt", RICH["stops.txt"], zipfile.ZIP_BZIP2),
        ["unreadable stops.txt"],
    ),
    "lzma": (
        lambda: with_member("stops.txt", RICH["stops.txt"], zipfile.ZIP_LZMA),
        ["unreadable stops.txt"],
    ),
    "a member twice": (twice, ["duplicate-file stops.txt"]),
    "two feeds": (
        lambda: zip_bytes(
            {f"{folder}/{name}": data for folder in "xy" for name, data in RICH.items()}
        ),
        ["duplicate-file stops.txt"],
    ),
    "a folder named stops.txt": (
        lambda: zip_bytes(mutations.drop("stops.txt")(RICH) | {"stops.txt/": b""}),
        ["missing-file stops.txt"],
    ),
    "a link": (
        lambda: symlink("stops.txt", "../../../../etc/passwd"),
        [f"missing-column stops.txt {c}" for c in ("stop_id", "stop_name", "stop_lat", "stop_lon")],
    ),
}


@pytest.mark.parametrize("case", DAMAGED)
def test_damaged_members(tmp_path: Path, case: str) -> None:
    """A member that cannot be read is an error of that file, beside those of the others."""
    make, expected = DAMAGED[case]
    assert errors_of(packed(tmp_path, make())) == expected


# --- folders ------------------------------------------------------------------------------------


def test_members_of_a_folder_that_are_no_files(tmp_path: Path) -> None:
    """A folder, a dangling link, a pipe and an endless device where a file should be: errors, and
    no waiting.
    """
    unpacked(tmp_path)
    for name in ("stops.txt", "trips.txt", "routes.txt", TIMES):
        (tmp_path / name).unlink()
    (tmp_path / "stops.txt").mkdir()
    (tmp_path / "trips.txt").symlink_to("nowhere")
    os.mkfifo(tmp_path / "routes.txt")
    (tmp_path / TIMES).symlink_to("/dev/zero")
    names = ("stops.txt", "routes.txt", "trips.txt", TIMES)
    assert sorted(errors_of(tmp_path)) == sorted(f"unreadable {name}" for name in names)


def test_a_link_to_a_file_is_a_file(tmp_path: Path, good: mutations.Summary) -> None:
    (tmp_path / "feed").mkdir()
    unpacked(tmp_path / "feed")
    (tmp_path / "feed" / "stops.txt").rename(tmp_path / "real")
    (tmp_path / "feed" / "stops.txt").symlink_to(tmp_path / "real")
    assert summary(read_gtfs(tmp_path / "feed")) == good


@pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read everything"
)
def test_files_without_permission(tmp_path: Path) -> None:
    unpacked(tmp_path)
    (tmp_path / "stops.txt").chmod(0)
    assert errors_of(tmp_path) == ["unreadable stops.txt"]


def test_permission_denied_is_an_error_of_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the system refuses to open is reported, with its reason, beside the problems of other
    files.
    """
    unpacked(tmp_path)
    (tmp_path / "trips.txt").unlink()
    opened = Path.open

    def refuse(path: Path, *args: object, **options: object) -> object:
        if path.name == "stops.txt":
            raise PermissionError(13, "Permission denied")
        return opened(path, *args, **options)  # type: ignore[call-overload]

    monkeypatch.setattr(Path, "open", refuse)
    assert sorted(errors_of(tmp_path)) == ["missing-file trips.txt", "unreadable stops.txt"]


@pytest.mark.parametrize(
    ("path", "says"),
    [
        ("nothing.zip", "no such file or folder"),
        ("", "holds no .txt file"),
        ("x" * 5000, "not a readable zip or folder"),
        ("a\0b", "no such file or folder"),
        ("pipe", "neither a file nor a folder"),
    ],
)  # fmt: skip
def test_paths_that_are_no_feed(tmp_path: Path, path: str, says: str) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(InputError) as caught:
        read_gtfs(tmp_path / path)
    assert says in str(caught.value)


# --- dates --------------------------------------------------------------------------------------


def on_days(days: str, span: str) -> Files:
    calendar = RICH["calendar.txt"].split(b"\r\n")[0].decode()
    rows = f"{calendar}\r\nweekdays,{days},{span}\r\nweekends,{days},{span}\r\n"
    return RICH | {
        "calendar.txt": rows.encode(),
        "calendar_dates.txt": b"service_id,date,exception_type\r\n",
    }


def test_a_feed_for_next_year(tmp_path: Path) -> None:
    """It loads on its first Tuesday after a week; a day outside it is refused with the span and a
    day that works.
    """
    path = write_feed(tmp_path / "feed.zip", on_days("1,1,1,1,1,1,1", "20990101,20991231"))
    assert str(load_network(path).date) == "2099-01-13"
    with pytest.raises(
        InputError,
        match=r"no trip runs on 2024-05-15 .* valid 2099-01-01 to 2099-12-31; .* is 2099-01-07; .* "
        r"is 2099-01-13",
    ):
        load_network(path, date="2024-05-15")


@pytest.mark.parametrize("span", ["20240101,20241231", "00010101,99991231"])
def test_a_feed_that_never_runs(tmp_path: Path, span: str) -> None:
    path = write_feed(tmp_path / "feed.zip", on_days("0,0,0,0,0,0,0", span))
    with pytest.raises(InputError, match="no trip runs on any day of its calendar"):
        load_network(path)


def test_a_feed_for_all_of_time(tmp_path: Path) -> None:
    """A validity from year 1 to 9999 is read as quickly as any, on a Tuesday about the middle of
    1900 to 2199.
    """
    path = write_feed(tmp_path / "feed.zip", on_days("1,1,1,1,1,1,1", "00010101,99991231"))
    network = load_network(path)
    assert (
        str(network.date) == "2049-01-19"
    )  # of every 101st Tuesday from 1900-01-02 the nearest to 2050-01-01
    assert "no-trips" not in {issue.code for issue in validate(network)}
    for date in (dt.date.min, dt.date.max):
        with pytest.raises(InputError, match=f"date {date} is not within 1900-01-01 to 2199-12-31"):
            load_network(path, date=date)
        with pytest.raises(
            ParameterError, match=f"date {date} is not within 1900-01-01 to 2199-12-31"
        ):
            compile_network(network, default_assumptions(), date=date)


# --- the command line ---------------------------------------------------------------------------

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run the command line in this process; return exit code, output and errors."""

    def call(*arguments: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["railshed", *map(str, arguments)])
        code = 0
        try:
            cli.main()
        except SystemExit as leave:
            code = int(leave.code or 0)
        printed = capsys.readouterr()
        return code, printed.out, printed.err

    return call


@pytest.mark.parametrize("mutation", MUTATIONS[::4], ids=lambda m: m.name)
def test_check_of_broken_feeds(tmp_path: Path, run: Run, mutation: Mutation) -> None:
    """`check` leaves with 1 where there are errors, 0 where there are warnings at most, and lists
    them as JSON.
    """
    path = write_feed(tmp_path / "feed.zip", mutation.change(RICH))
    code, out, err = run("check", path, "--json")
    assert "Traceback" not in err
    found = json.loads(out)
    severities = {issue["severity"] for issue in found}
    assert code == (1 if mutation.errors or mutation.refused else 0)
    assert ("error" in severities) == (code == 1)
    codes = {issue["code"] for issue in found}
    assert {text.split()[0] for text in (*mutation.errors, *mutation.warnings)} - {"..."} <= codes


@pytest.mark.parametrize(
    "mutation", [m for m in MUTATIONS if m.errors or m.refused][::5], ids=lambda m: m.name
)
def test_reach_on_broken_feeds(tmp_path: Path, run: Run, mutation: Mutation) -> None:
    """A calculation on a feed with errors leaves with 2, prints no figure, and says what
    is wrong.
    """
    path = write_feed(tmp_path / "feed.zip", mutation.change(RICH))
    code, out, err = run("reach", "--network", path, "--station", "d")
    assert (code, out) == (2, "")
    assert err.startswith("railshed: error: ")
    assert "Traceback" not in err
    for text in set(mutation.errors) - {"..."}:
        assert text.split()[0] in err


@pytest.mark.parametrize("case", REFUSED)
def test_check_of_what_is_no_feed(tmp_path: Path, run: Run, case: str) -> None:
    code, out, err = run("check", packed(tmp_path, REFUSED[case][0]()))
    assert code == 1
    assert REFUSED[case][1] in " ".join((out + err).split())
    assert "Traceback" not in err


def test_check_of_a_path_that_does_not_exist(tmp_path: Path, run: Run) -> None:
    code, out, err = run("check", tmp_path / "nothing.zip")
    assert (code, out) == (2, "")
    assert "unknown network" in err


def test_an_unknown_reference_is_no_path(run: Run) -> None:
    for text in ("x" * 5000, "a\0b", "../" * 100 + "x"):
        with pytest.raises(NotFoundError):
            load_network(text)
        assert run("check", text)[0] == 2


def test_a_process_on_a_broken_feed(tmp_path: Path) -> None:
    """As a process of its own: exit code 1, the issue on the screen, nothing on the error
    stream.
    """
    path = write_feed(tmp_path / "feed.zip", mutations.drop("stops.txt")(RICH))
    done = subprocess.run(
        [sys.executable, "-m", "railshed", "check", str(path)],
        capture_output=True,
        text=True,
        encoding="utf-8",
        env={**os.environ, "PYTHONPATH": str(ROOT / "src"), "PYTHONIOENCODING": "utf-8"},
        timeout=120,
        check=False,
    )
    assert done.returncode == 1
    assert "missing-file" in done.stdout
    assert done.stderr == ""
