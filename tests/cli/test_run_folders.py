"""Real processes that write: killed, in pairs, into pipes and to standard output; each folder is
one run.
"""

from __future__ import annotations

import io
import os
import random
import shutil
import signal
import subprocess
import sys
import threading
import time
import zipfile
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from railshed.util.folders import file_names
from tests.support.clirunner import Command, assert_mistake, command_line

CIRCLE = ("circle", "mid", "-n", "toy", "--no-car", "--no-progress")


def started(*arguments: object, cwd: Path) -> subprocess.Popen[str]:
    """Start `railshed` as a process of its own session."""
    command = [sys.executable, "-m", "railshed", *map(str, arguments)]
    pipe = subprocess.PIPE
    return subprocess.Popen(
        command, cwd=cwd, text=True, stdout=pipe, stderr=pipe, start_new_session=True
    )


def contents(folder: Path) -> dict[str, bytes]:
    """Return the files of a folder by name."""
    return {name: (folder / name).read_bytes() for name in sorted(file_names(folder))}


def members(session: int) -> list[int]:
    """Return the processes of a session that live."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:  # it has ended
            continue
        if int(fields[3]) == session and fields[0] != "Z":
            found.append(int(stat.parent.name))
    return found


@pytest.mark.slow
def test_a_killed_run_leaves_the_old_folder_or_the_new_one(
    railshed: Command, tmp_path: Path
) -> None:
    """SIGKILL and SIGTERM at random moments of a second run: every file is of the first run, or
    every one of the new.

    No process outlives it. SIGTERM cleans up and ends with 143; what SIGKILL leaves goes with the
    next run.
    """
    new, out = tmp_path / "new", tmp_path / "out"
    again = (*CIRCLE, "--cutoffs", "30,60", "--without-map")
    assert railshed(*CIRCLE, "--cutoffs", "20,50", "-o", out).code == 0
    (out / "note.txt").write_text("mine", encoding="utf-8")
    before = contents(out)
    begun = time.monotonic()
    with started(*again, "-o", "new", cwd=tmp_path) as process:
        assert process.wait() == 0, process.communicate()
    seconds = time.monotonic() - begun
    after = {**contents(new), "note.txt": b"mine"}
    draw = random.Random(17)
    for k in range(2):
        number = (signal.SIGKILL, signal.SIGTERM)[k % 2]
        if number == signal.SIGTERM:  # which may come before it removes what SIGKILL has left
            shutil.rmtree(
                next(tmp_path.glob(".railshed-*.new"), tmp_path / "none"), ignore_errors=True
            )
            next(tmp_path.glob(".railshed-*.lock"), tmp_path / "none").unlink(missing_ok=True)
        with started(*again, "-o", "out", cwd=tmp_path) as process:
            time.sleep(seconds * (0.3 + 0.7 * draw.random()))
            process.send_signal(number)
            error, code = process.communicate(timeout=100)[1], process.returncode
        assert contents(out) in (before, after)
        assert code in ((-9, 0), (143, -15, 0))[k % 2], (
            error
        )  # -15: before Python has read railshed
        if code == 143:
            assert not list(tmp_path.glob(".railshed-*"))
        if sys.platform == "linux":
            assert members(process.pid) == []
    assert railshed(*again, "-o", out).code == 0
    assert contents(out) == after
    assert {path.name for path in tmp_path.iterdir()} == {"out", "new"}


@pytest.mark.slow
def test_of_two_processes_in_one_folder_one_is_refused(tmp_path: Path) -> None:
    """It says which process works there, exit code 2; the folder is the run of the other."""
    first = started(*CIRCLE, "--without-map", "--cutoffs", "20,50", "-o", "out", cwd=tmp_path)
    while not list(tmp_path.glob(".railshed-*.new")) and first.poll() is None:
        time.sleep(0.01)
    first.send_signal(signal.SIGSTOP)  # it does not end before the second has looked
    with started(
        *CIRCLE, "--without-map", "--cutoffs", "30,60", "-o", "out", cwd=tmp_path
    ) as second:
        error = second.communicate()[1]
    first.send_signal(signal.SIGCONT)
    with first:
        assert first.wait() == 0, first.communicate()
    assert second.returncode == 2
    assert f"out is in use: process {first.pid} on " in error
    rows = pd.read_csv(tmp_path / "out" / "mid_readings.csv", encoding="utf-8-sig")
    assert set(rows["cutoff_min"]) == {20, 50}


def test_files_of_an_earlier_run_are_named_and_removed(railshed: Command, tmp_path: Path) -> None:
    """In the language of the screen; a file that no run wrote stays, and `verify` names it."""
    out = tmp_path / "out"
    assert railshed(*CIRCLE, "-o", out).err == ""
    (out / "note.txt").write_text("mine", encoding="utf-8")
    done = railshed(*CIRCLE, "--without-map", "-o", out, "--lang", "zh")
    assert done.err == f"{out} 中上次运行有而本次没有的文件已删除：mid.png\n"
    assert (out / "note.txt").read_text(encoding="utf-8") == "mine"
    assert not (out / "mid.png").exists()


def test_a_folder_refuses_what_is_none(railshed: Command, tmp_path: Path) -> None:
    """A FIFO as -o of a folder: exit code 2 at once, and it is a FIFO afterwards."""
    os.mkfifo(tmp_path / "fifo")
    assert_mistake(railshed(*CIRCLE, "-o", tmp_path / "fifo"), "is no folder; give another one")
    assert (tmp_path / "fifo").is_fifo()
    assert_mistake(railshed(*CIRCLE, "-o", "-"), "standard output takes one file")


def test_a_file_goes_into_a_pipe(railshed: Command, tmp_path: Path) -> None:
    """`reach -o FIFO`: the reader has the table that -o FILE holds."""
    fifo, read = tmp_path / "fifo", []
    os.mkfifo(fifo)
    reader = threading.Thread(target=lambda: read.append(fifo.read_bytes()), daemon=True)
    reader.start()
    assert railshed("reach", "-n", "toy", "--city", "mid", "-o", fifo).code == 0
    reader.join(20)
    assert railshed("reach", "-n", "toy", "--city", "mid", "-o", tmp_path / "a.csv").code == 0
    assert read == [(tmp_path / "a.csv").read_bytes()]
    assert fifo.is_fifo()


def test_a_hyphen_is_standard_output(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    """Of each command whose -o is one file, text or not: stdout is the file alone, tables are on
    stderr.
    """
    line = Path(__file__).parents[1] / "golden" / "toy" / "line.toml"
    monkeypatch.chdir(tmp_path)
    railshed: Any = command_line(monkeypatch, capfdbinary)
    for arguments, name in (
        (("reach", "-n", "toy", "--city", "mid"), "a.csv"),
        (("compliance", "-n", "toy", "-s", line), "b.csv"),
        (("scenario", line, "-n", "toy", "--city", "mid"), "c.toml"),
        (("export-gtfs", "-n", "toy"), "d.zip"),
    ):
        to_stdout, to_file = (railshed(*arguments, "-o", out) for out in ("-", name))
        assert (to_stdout.code, to_file.code) == (0, 0), to_stdout.err
        written = to_stdout.out
        assert written == (tmp_path / name).read_bytes()
        assert len(to_stdout.err) > 100
        assert (tmp_path / name).is_file()
    assert zipfile.ZipFile(io.BytesIO(written)).testzip() is None
    assert {path.name for path in tmp_path.iterdir()} == {"a.csv", "b.csv", "c.toml", "d.zip"}
