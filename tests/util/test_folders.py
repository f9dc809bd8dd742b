"""Folders replaced as a whole: the old one or the new one, what is foreign carried over, one
process at a time.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from railshed.util import folders
from railshed.util.errors import OutputError
from railshed.util.folders import file_names, whole_folder

Read = Callable[[], dict[str, str]]


def owned(folder: Path) -> Callable[[str], bool]:
    """What the file `list` names, and itself, as run.json does."""
    names = {"list"}
    if (folder / "list").is_file():
        names |= set((folder / "list").read_text(encoding="utf-8").split())
    return names.__contains__


def run(folder: Path, files: dict[str, str], stop: type[BaseException] | None = None) -> list[str]:
    """Write files and their list, and return which files of the folder before are dropped."""
    dropped: list[str] = []
    with whole_folder(folder, owned, last="list", removed=dropped.extend) as new:
        for name, text in files.items():
            (new / name).parent.mkdir(parents=True, exist_ok=True)
            (new / name).write_text(text, encoding="utf-8")
        if stop is not None:
            raise stop
        (new / "list").write_text(" ".join(files), encoding="utf-8")
    return dropped


def texts(folder: Path) -> dict[str, str]:
    """Return the files of a folder by name."""
    return {
        name: (folder / name).read_text(encoding="utf-8") for name in sorted(file_names(folder))
    }


FIRST = {"a.csv": "1", "sub/b.csv": "2"}
SECOND = {"a.csv": "3", "new/c.csv": "4"}


@pytest.fixture(params=["exchanged", "renamed", "moved in", "within"])
def out(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that is put in its place in each of the four ways."""
    folder = tmp_path / "out"
    if request.param == "renamed":
        monkeypatch.setattr(folders.ctypes, "CDLL", lambda name: None)
    elif request.param == "moved in":

        def refuse(*_: object, **__: object) -> None:
            raise PermissionError(1, "Operation not permitted")

        monkeypatch.setattr(folders.os, "link", refuse)
        monkeypatch.setattr(folders, "_exchange", refuse)
    elif request.param == "within":
        folder.mkdir()
        monkeypatch.chdir(folder)
        return Path()
    return folder


def test_the_second_run_takes_the_place_of_the_first(out: Path) -> None:
    """Files of the first that the second does not make are dropped and named; what is foreign
    stays, also folders.
    """
    assert run(out, FIRST) == []
    assert texts(out) == {**FIRST, "list": "a.csv sub/b.csv"}
    (out / "mine").mkdir()
    (out / "empty").mkdir()
    (out / "mine" / "note.txt").write_text("note", encoding="utf-8")
    (out / "mine" / "link").symlink_to("nowhere")
    (out / "mine" / "note.txt").chmod(0o640)
    assert run(out, SECOND) == ["sub/b.csv"]
    assert (out / "mine" / "link").readlink() == Path("nowhere")
    (out / "mine" / "link").unlink()
    assert texts(out) == {**SECOND, "list": "a.csv new/c.csv", "mine/note.txt": "note"}
    assert {path.name for path in out.iterdir()} == {"a.csv", "new", "list", "mine", "empty"}
    assert (out / "mine" / "note.txt").stat().st_mode & 0o777 == 0o640
    assert not list(out.resolve().parent.glob(".railshed-*"))


def test_a_run_that_fails_changes_nothing(out: Path) -> None:
    """After an error and after Ctrl-C the first run stands, and nothing beside it."""
    run(out, FIRST)
    for stop in (KeyError, KeyboardInterrupt):
        with pytest.raises(stop):
            run(out, {"a.csv": "half"}, stop)
        assert texts(out) == {**FIRST, "list": "a.csv sub/b.csv"}
        assert not list(out.resolve().parent.glob(".railshed-*"))


GIVEN: dict[str, Callable[[Path], Path]] = {
    "as it is": lambda out: out,
    "relative": lambda out: Path("out"),
    "with dots": lambda out: out.parent / "elsewhere" / ".." / "out",
    "a link": lambda out: Path("link"),
}
STOPS = {"refused": OSError(28, "No space left on device"), "Ctrl-C": KeyboardInterrupt()}


@pytest.mark.parametrize("given", GIVEN)
@pytest.mark.parametrize("stop", STOPS)
def test_a_run_that_cannot_begin_removes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, given: str, stop: str
) -> None:
    """However the folder is named, its files, those of others and its rights stay where the new one
    cannot be made.
    """
    monkeypatch.chdir(tmp_path)
    out, mkdir = tmp_path / "out", Path.mkdir
    for folder in (out, tmp_path / "elsewhere"):
        folder.mkdir()
    Path("link").symlink_to("out")
    run(out, FIRST)
    (out / "thesis.txt").write_text("mine", encoding="utf-8")
    out.chmod(0o750)

    def refuse(self: Path, *arguments: Any, **options: Any) -> None:
        if self.name.endswith(".new"):
            raise STOPS[stop]
        mkdir(self, *arguments, **options)

    monkeypatch.setattr(Path, "mkdir", refuse)
    with pytest.raises(KeyboardInterrupt if stop == "Ctrl-C" else OutputError):
        run(GIVEN[given](out), SECOND)
    assert texts(out) == {**FIRST, "list": "a.csv sub/b.csv", "thesis.txt": "mine"}
    assert out.stat().st_mode & 0o777 == 0o750
    assert {path.name for path in tmp_path.iterdir()} == {"out", "elsewhere", "link"}


@pytest.mark.parametrize("name", [".new", ".lock"])
def test_a_link_in_the_place_of_a_working_file_leads_nowhere(tmp_path: Path, name: str) -> None:
    """A link with the name of the new folder is not followed; one with that of the lock is an
    error.
    """
    victim = tmp_path / "victim"
    victim.mkdir(0o755)
    (victim / "text").write_text("mine", encoding="utf-8")
    link = folders.sibling(tmp_path / "out", name)
    link.symlink_to(victim if name == ".new" else victim / "text")
    with pytest.raises(OutputError):
        run(tmp_path / "out", FIRST)
    assert (victim / "text").read_text(encoding="utf-8") == "mine"
    assert victim.stat().st_mode & 0o777 == 0o755


def test_what_others_write_during_the_exchange_stays(
    out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file that another program writes after the files of others were carried over."""
    run(out, FIRST)
    exchange, late_files = folders._exchange, dict[str, str]()

    def late(new: Path, target: Path) -> Path:
        (target / "notes").mkdir()
        (target / "notes" / "late.txt").write_text("late", encoding="utf-8")
        late_files["notes/late.txt"] = "late"
        return exchange(new, target)

    monkeypatch.setattr(folders, "_exchange", late)
    run(out, SECOND)
    assert texts(out) == {**SECOND, "list": "a.csv new/c.csv", **late_files}


def test_what_cannot_be_moved_over_leaves_the_new_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A late file below a name that is a file of the new run finds no place: the new run stands
    whole all the same.
    """
    out, exchange = tmp_path / "out", folders._exchange
    run(out, FIRST)

    def late(new: Path, target: Path) -> Path:
        (target / "c").mkdir()
        (target / "c" / "late.txt").write_text("late", encoding="utf-8")
        return exchange(new, target)

    monkeypatch.setattr(folders, "_exchange", late)
    run(out, {"a.csv": "3", "c": "4"})
    assert texts(out) == {"a.csv": "3", "c": "4", "list": "a.csv c"}


def test_folders_that_were_made_for_it_go_with_it(tmp_path: Path) -> None:
    """Parents of a folder that is not made in the end do not stay; those of a folder that is do."""
    with pytest.raises(KeyError), whole_folder(tmp_path / "a" / "b" / "out", owned, last="list"):
        raise KeyError
    assert list(tmp_path.iterdir()) == []
    run(tmp_path / "a" / "b" / "out", FIRST)
    assert [path.name for path in (tmp_path / "a" / "b").iterdir()] == ["out"]


def test_a_link_to_a_folder_stays(tmp_path: Path) -> None:
    """The folder it leads to is replaced, with the rights that it had."""
    run(tmp_path / "real", FIRST)
    (tmp_path / "real").chmod(0o750)
    (tmp_path / "link").symlink_to("real")
    run(tmp_path / "link", SECOND)
    assert (tmp_path / "link").is_symlink()
    assert texts(tmp_path / "real")["a.csv"] == "3"
    assert (tmp_path / "real").stat().st_mode & 0o777 == 0o750


def test_what_is_no_folder_is_refused(tmp_path: Path) -> None:
    """A file, a FIFO, a file among the parents: an OutputError, and they are as they were."""
    (tmp_path / "file").write_text("x", encoding="utf-8")
    os.mkfifo(tmp_path / "fifo")
    for name, words in (
        ("file", "is no folder"),
        ("fifo", "is no folder"),
        ("file/below", "file is a file"),
    ):
        with (
            pytest.raises(OutputError, match=words),
            whole_folder(tmp_path / name, owned, last="list"),
        ):
            pytest.fail("opened")
    assert (tmp_path / "file").read_text(encoding="utf-8") == "x"
    assert (tmp_path / "fifo").is_fifo()
    assert {path.name for path in tmp_path.iterdir()} == {"file", "fifo"}


def test_a_folder_is_locked_while_it_is_made(tmp_path: Path) -> None:
    """A second run of this or another process is refused and says who works there; afterwards it
    may.
    """
    with whole_folder(tmp_path / "out", owned, last="list") as new:
        (new / "a.csv").write_text("1", encoding="utf-8")
        with pytest.raises(
            OutputError, match=rf"process {os.getpid()} on .* has worked there since 2\d\d\d-"
        ):
            run(tmp_path / "out", SECOND)
        (new / "list").write_text("a.csv", encoding="utf-8")
    assert texts(tmp_path / "out") == {"a.csv": "1", "list": "a.csv"}
    assert run(tmp_path / "out", SECOND) == []


HOLD = """
import sys, time
from pathlib import Path
from railshed.util.folders import whole_folder
with whole_folder(sys.argv[1], lambda old: lambda name: True, last="list") as new:
    (new / "half").write_text("half")
    print("ready", flush=True)
    time.sleep(600)
"""


def test_what_a_killed_process_left_goes(tmp_path: Path) -> None:
    """Its lock does not count, its half folder is removed, and the folder is the one before it."""
    out = tmp_path / "out"
    run(out, FIRST)
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(out)], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        try:
            with pytest.raises(OutputError, match=f"process {process.pid} on"):
                run(out, SECOND)
        finally:
            process.kill()
    assert len(list(tmp_path.glob(".railshed-*"))) == 2
    assert texts(out) == {**FIRST, "list": "a.csv sub/b.csv"}
    assert run(out, SECOND) == ["sub/b.csv"]
    assert not list(tmp_path.glob(".railshed-*"))


def test_a_stop_between_two_renames_is_undone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where a process died after the first of them, the old folder comes back at the next use."""
    out = tmp_path / "out"
    run(out, FIRST)
    out.rename(folders.sibling(out, ".old"))
    with pytest.raises(KeyError), whole_folder(out, owned, last="list"):
        raise KeyError
    assert texts(out) == {**FIRST, "list": "a.csv sub/b.csv"}
    monkeypatch.setattr(folders.ctypes, "CDLL", lambda name: None)
    real = Path.rename

    def stopped(self: Path, target: Path) -> Path:
        if self.suffix == ".new":
            raise KeyboardInterrupt
        return real(self, target)

    monkeypatch.setattr(Path, "rename", stopped)
    with pytest.raises(KeyboardInterrupt):
        run(out, SECOND)
    assert texts(out) == {**FIRST, "list": "a.csv sub/b.csv"}


def test_no_record_stands_over_a_mixture(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where files are moved in one by one and the disk fails at the second, the record is gone and
    not the new one.
    """
    monkeypatch.setattr(
        folders, "_exchange", lambda new, target: (_ for _ in ()).throw(OSError(16, "busy"))
    )
    out, moved, real = tmp_path / "out", [], Path.replace
    run(out, FIRST)

    def failing(self: Path, target: Path) -> Path:
        moved.append(self.name)
        if len(moved) == 2:
            raise OSError(28, "No space left on device")
        return real(self, target)

    monkeypatch.setattr(Path, "replace", failing)
    with pytest.raises(OutputError, match="No space left"):
        run(out, SECOND)
    assert moved == ["a.csv", "c.csv"]
    assert texts(out) == {"a.csv": "3"}


def test_a_mount_point(tmp_path: Path) -> None:
    """The folder of a small disk cannot be exchanged: files are moved in, and a full disk leaves
    the first run.
    """
    out = tmp_path / "disk"
    out.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=600k", "tmpfs", str(out)]
    if (
        sys.platform != "linux"
        or subprocess.run(mount, capture_output=True, check=False).returncode
    ):
        pytest.skip("a disk of 600 KiB cannot be mounted")
    try:
        run(out, FIRST)
        (out / "note.txt").write_text("note", encoding="utf-8")
        assert run(out, SECOND) == ["sub/b.csv"]
        with pytest.raises(OutputError, match="No space left"):
            run(out, {"a.csv": "5", "big.csv": "5" * 700_000})
        assert texts(out) == {**SECOND, "list": "a.csv new/c.csv", "note.txt": "note"}
        assert not list(out.glob(".railshed-*"))
    finally:
        subprocess.run(["umount", str(out)], check=True)
