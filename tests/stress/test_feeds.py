"""A thousand broken feeds through `check`, `reach` and `circle`: refused by all three, or computed
by all three.
"""

from __future__ import annotations

import csv
import io
import random
import zipfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.support.forks import Ended, called, listed, part, ran, seeds
from tests.support.mutations import MUTATIONS, RICH, Files, zip_bytes
from tests.support.random_feeds import (
    CORRUPTIONS,
    cut,
    flip_bytes,
    insert,
    make_files,
    write_somehow,
)

N = 1_000
SLICES = 8
#: what is asked of a feed that is refused: a station of the good one, and where it stands
STATION, PLACE = "mid", "100.0,0.3"


# --- broken feeds -------------------------------------------------------------------------------


def rows_of(data: bytes) -> list[list[str]]:
    return [row for row in csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")) if row]


def written(rows: list[list[str]]) -> bytes:
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator="\n").writerows(rows)
    return out.getvalue().encode()


def column(files: Files, file: str, name: str, change: Callable[[str], str]) -> Files:
    """Change every value of a column, where there is one."""
    header, *rows = rows_of(files.get(file, b"x\n"))
    if name not in header:
        return files
    k = header.index(name)
    return files | {file: written([header, *([*r[:k], change(r[k]), *r[k + 1 :]] for r in rows)])}


def later(seconds: int) -> Callable[[str], str]:
    """Return a function that moves clock times."""

    def change(text: str) -> str:
        if not text.strip():
            return text
        h, m, s = map(int, text.split(":"))
        total = max(0, h * 3600 + m * 60 + s + seconds)
        return f"{total // 3600:02}:{total // 60 % 60:02}:{total % 60:02}"

    return change


def times_later(files: Files, rng: random.Random) -> Files:
    change = later(rng.choice((-7_200, 1, 59, 3_600, 43_200, 86_400, 172_800, 300_000)))
    for name in ("arrival_time", "departure_time"):
        files = column(files, "stop_times.txt", name, change)
    return files


def every(file: str, name: str, *values: str) -> Callable[[Files, random.Random], Files]:
    """Return a change of a whole column to one value."""
    return lambda files, rng: column(
        files, file, name, (lambda value: lambda _: value)(rng.choice(values))
    )


def some(file: str, name: str) -> Callable[[Files, random.Random], Files]:
    """Return a change of some values of a column to other values of it."""

    def change(files: Files, rng: random.Random) -> Files:
        header, *rows = rows_of(files.get(file, b"x\n"))
        if name not in header or not rows:
            return files
        values = [row[header.index(name)] for row in rows]
        return column(
            files, file, name, lambda old: rng.choice(values) if rng.random() < 0.1 else old
        )

    return change


def fewer(files: Files, rng: random.Random) -> Files:
    """Leave out some rows of a file."""
    name = rng.choice(sorted(files))
    header, *rows = rows_of(files[name])
    return files | {name: written([header, *(row for row in rows if rng.random() < 0.9)])}


def by_headway(files: Files, rng: random.Random) -> Files:
    """Run some trips every so many seconds."""
    trips = [
        row[rows_of(files["trips.txt"])[0].index("trip_id")]
        for row in rows_of(files["trips.txt"])[1:]
    ]
    header = ["trip_id", "start_time", "end_time", "headway_secs"]
    start, end = rng.choice(
        (("06:00:00", "09:00:00"), ("00:00:00", "47:00:00"), ("23:00:00", "25:00:00"))
    )
    headway = rng.choice(("1", "7", "60", "600", "86400"))
    rows = [
        [trip, start, end, headway]
        for trip in rng.sample(trips, min(len(trips), rng.choice((1, 3, 40))))
    ]
    return files | {"frequencies.txt": written([header, *rows])}


#: changes after which a feed is one that may be right
PLAUSIBLE: tuple[Callable[[Files, random.Random], Files], ...] = (
    times_later,
    times_later,
    fewer,
    fewer,
    by_headway,
    every("stop_times.txt", "pickup_type", "0", "1", "2", "3"),
    every("stops.txt", "stop_lat", "0", "30.0", "89.9999", "-90", "91"),
    every("stops.txt", "stop_lon", "0", "104.1", "180", "-180", "-180.1"),
    every("stops.txt", "stop_name", "x", "", "=1+1", "\x1b[31mred", "a" * 900),
    every("routes.txt", "route_type", "0", "1", "2", "3", "4", "12", "99", "1700"),
    every(
        "agency.txt",
        "agency_timezone",
        "Asia/Tokyo",
        "America/St_Johns",
        "",
        "Nowhere/None",
        "../../etc/passwd",
    ),
    some("stops.txt", "stop_lat"),
    some("stops.txt", "stop_name"),
    some("stop_times.txt", "stop_id"),
    some("stop_times.txt", "departure_time"),
    some("trips.txt", "service_id"),
    some("stop_times.txt", "trip_id"),
)


def broken(seed: int, toy: Files, folder: Path) -> Path:
    """Return a feed of a seed: the toy network, the rich feed or a random one, changed in one of
    four ways.
    """
    rng = random.Random(seed)
    way = rng.choice(("plausible", "plausible", "plausible", "text", "named", "zip"))
    files = rng.choice((lambda: toy, lambda: toy, lambda: dict(RICH), lambda: make_files(rng)))()
    if way == "named":
        files = MUTATIONS[seed % len(MUTATIONS)].change(RICH)
    elif way == "plausible":
        for change in rng.sample(PLAUSIBLE, rng.randint(1, 2)):
            files = change(files, rng)
    elif way == "text":
        for name in rng.sample(sorted(files), rng.randint(1, 2)):
            files = files | {name: rng.choice(CORRUPTIONS)(files[name], rng)}
    else:
        data, path = zip_bytes(files), folder / "feed.zip"
        tail = max(0, len(data) - 700) if rng.random() < 0.7 else 0
        path.write_bytes(
            data[:tail] + rng.choice((flip_bytes, flip_bytes, cut, insert))(data[tail:], rng)
        )
        return path
    return write_somehow(folder, files, rng)


# --- what is made of them -----------------------------------------------------------------------


def busiest(feed: Path) -> tuple[str, float, float]:
    """Return id, longitude and latitude of the station with the most calls on the service day."""
    from railshed.io.networks import load_network

    network = load_network(feed)
    runs = [service.runs_on(network.date) for service in network.services]
    calls = network.stop_times
    days = [runs[k] for k in network.trips.service_idx.tolist()]
    found = Counter(
        s
        for t, s in zip(calls.trip_idx.tolist(), calls.station_idx.tolist(), strict=True)
        if days[t]
    )
    station = network.stations[min(found, key=lambda s: (-found[s], s))]
    return station.station_id, station.lon, station.lat


def outcomes(feed: Path) -> dict[str, Ended]:
    """Return how the three commands end on a feed; a feed that passes `check` is asked for its
    busiest station.
    """
    station, place = STATION, PLACE
    checked = ran("check", feed)
    found = {"check": checked}
    if checked.code == 0:
        found["read"] = called(lambda: busiest(feed))
        if found["read"].code == 0:
            station, lon, lat = found["read"].value
            place = f"{lon},{lat}"
    found["reach"] = ran("reach", "-n", feed, f"--station={station}")
    loss = ("--allow-loss",) * ("left-out" in checked.out)  # as the warning says
    found["circle"] = ran(
        "circle", "-n", feed, f"--at={place}", "--name", "X", "--draws", 0, "--no-car", *loss
    )
    return found


def problems(found: dict[str, Ended]) -> list[str]:
    """Return what is wrong with the ends of the commands on one feed: a run refuses what `check`
    calls an error.
    """
    runs = (0,) if found["check"].code == 0 else (2,)
    codes = {"check": (0, 1), "read": (0,), "reach": runs, "circle": runs}
    every = {name: one.problems(*codes[name]) for name, one in found.items()}
    return [
        f"{name}: {', '.join(said)} | {found[name].err[-300:]}"
        for name, said in every.items()
        if said
    ]


@pytest.mark.parametrize("which", range(SLICES))
def test_what_check_passes_is_computed_and_nothing_else(
    warm: Path, tmp_path: Path, which: int
) -> None:
    """No traceback, hang or gigabyte; `check` without errors: `reach` and `circle` end well, else
    both refuse.
    """
    with zipfile.ZipFile(warm) as archive:
        toy = {name: archive.read(name) for name in archive.namelist()}
    wrong: dict[int, Any] = {}
    for seed in seeds(N)[which::SLICES]:
        folder = tmp_path / str(seed)
        folder.mkdir()
        if said := problems(outcomes(broken(seed, toy, folder))):
            wrong[seed] = said
    assert not wrong, listed(wrong)


def test_about_as_many_feeds_pass_as_are_refused(warm: Path, tmp_path: Path) -> None:
    """Or one side of the test above would say little."""
    with zipfile.ZipFile(warm) as archive:
        toy = {name: archive.read(name) for name in archive.namelist()}
    codes = []
    for seed in seeds(N)[: part(200, 30)]:
        folder = tmp_path / str(seed)
        folder.mkdir()
        codes.append(ran("check", broken(seed, toy, folder)).code)
    assert 0.2 < codes.count(0) / len(codes) < 0.8, Counter(codes)


def test_a_crash_and_a_hang_are_seen(warm: Path) -> None:
    """A traceback, an exit code of its own, an allocation of two gigabytes."""

    def crash() -> None:
        raise ValueError("x")

    assert called(crash).problems(0, 2) == ["Traceback", "exit code 70"]
    assert called(lambda: len(bytearray(1_500 << 20))).problems(0)[0].endswith("MiB")
    assert "MemoryError" in called(lambda: len(bytearray(3 << 30))).err
