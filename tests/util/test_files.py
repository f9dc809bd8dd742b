"""Files whole or absent, cache folder, checksums."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from railshed.util.cache import cache_dir, cached_arrays
from railshed.util.errors import OutputError
from railshed.util.files import atomic_path, sha256_file, sibling, write_file


def test_atomic_path_replaces_when_the_block_ends_well(tmp_path):
    """The file appears at the end, with its suffix for writers that need it, and nothing else
    stays.
    """
    target = tmp_path / "a.gpkg"
    target.write_text("old", encoding="utf-8")
    with atomic_path(target) as temporary:
        assert temporary.suffix == ".gpkg"
        assert temporary.parent.parent == tmp_path  # of the same file system
        temporary.write_text("new", encoding="utf-8")
        assert target.read_text(encoding="utf-8") == "old"
    assert target.read_text(encoding="utf-8") == "new"
    assert list(tmp_path.iterdir()) == [target]


def test_atomic_path_keeps_the_old_file_when_the_block_raises(tmp_path):
    """After any exception the old content stands and no temporary file is left."""
    target = tmp_path / "a.csv"
    target.write_text("old", encoding="utf-8")

    def write_half() -> None:
        with atomic_path(target) as temporary:
            temporary.write_text("ha", encoding="utf-8")
            raise KeyError("stop")

    with pytest.raises(KeyError):
        write_half()
    assert target.read_text(encoding="utf-8") == "old"
    assert list(tmp_path.iterdir()) == [target]


def test_atomic_path_that_cannot_be_written(tmp_path):
    """A missing folder, a folder as target and an empty block are errors that name the path."""

    def write(target: Path, text: str | None) -> None:
        with atomic_path(target) as temporary:
            if text is not None:
                temporary.write_text(text, encoding="utf-8")

    with pytest.raises(
        OutputError, match=r"missing.a\.csv cannot be written: the folder .*missing does not exist"
    ):
        write(tmp_path / "missing" / "a.csv", "x")
    with pytest.raises(OutputError, match="is a folder"):
        write(tmp_path, "x")
    with pytest.raises(OutputError, match="nothing was written"):
        write(tmp_path / "b.csv", None)


def test_a_link_stays_and_the_file_that_it_leads_to_is_replaced(tmp_path):
    """Also where that does not exist yet; a ring of links is an error."""
    (tmp_path / "real").mkdir()
    for old in ("", "old"):
        target, link = tmp_path / "real" / f"{old}.csv", tmp_path / f"link{old}"
        link.symlink_to(target)
        if old:
            target.write_text(old, encoding="utf-8")
        assert write_file(link, "new") == link
        assert link.readlink() == target
        assert target.read_text(encoding="utf-8") == "new"
    assert len(list(tmp_path.iterdir())) == 3
    (tmp_path / "ring").symlink_to("ring")
    with pytest.raises(OutputError, match="ring cannot be written"):
        write_file(tmp_path / "ring", "x")


def test_a_pipe_is_written_to(tmp_path):
    """What is no regular file is not replaced: its reader has the bytes, and it is a pipe
    afterwards.
    """
    fifo, read = tmp_path / "fifo", []
    os.mkfifo(fifo)
    reader = threading.Thread(target=lambda: read.append(fifo.read_bytes()), daemon=True)
    reader.start()
    write_file(fifo, b"x" * 200_000)
    reader.join(20)
    assert read == [b"x" * 200_000]
    assert fifo.is_fifo()
    assert list(tmp_path.iterdir()) == [fifo]


HOLD = """
import sys, time
from railshed.util.files import atomic_path
with atomic_path(sys.argv[1]) as temporary:
    temporary.write_text("half")
    print("ready", flush=True)
    time.sleep(600)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="folders cannot be locked there")
def test_what_a_killed_process_left_goes_with_the_next_write(tmp_path):
    """Not what a living one makes, of another file, or what no process has locked yet."""
    target, other, young = (
        tmp_path / "a.csv",
        tmp_path / "b.csv",
        tmp_path / sibling(tmp_path / "a.csv", "-young"),
    )
    young.mkdir()
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(target)], stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout.readline() == "ready\n"
            [left] = set(tmp_path.glob(".railshed-*")) - {young}
            write_file(target, "new")
            assert (left / "a.csv").read_text(encoding="utf-8") == "half"
        finally:
            process.kill()
    write_file(other, "new")
    assert left.is_dir()
    with atomic_path(target) as mine:
        mine.write_text("mine", encoding="utf-8")
        assert not left.exists()
        write_file(target, "of another thread")
        assert mine.exists()
    assert target.read_text(encoding="utf-8") == "mine"
    assert set(tmp_path.iterdir()) == {target, other, young}


@pytest.mark.parametrize("name", ["n" * 246 + ".csv", "站" * 80 + ".gpkg", "n." + "s" * 250])
def test_long_names(tmp_path, name):
    """Names of 240 to 252 bytes, which the system allows, can be written."""
    assert 240 <= len(name.encode()) <= 252
    assert write_file(tmp_path / name, "x").read_text(encoding="utf-8") == "x"
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_errors_of_writers_are_of_the_place_and_others_are_not(tmp_path):
    """An error of SQLite is an OutputError with its words; an AssertionError is a defect and stays
    one.
    """

    def write(error: Exception) -> None:
        with atomic_path(tmp_path / "a.gpkg"):
            raise error

    with pytest.raises(
        OutputError, match=r"a\.gpkg cannot be written \(database or disk is full\)"
    ):
        write(sqlite3.OperationalError("database or disk is full"))
    with pytest.raises(AssertionError):
        write(AssertionError())
    assert list(tmp_path.iterdir()) == []


def test_cache_dir(tmp_path, monkeypatch):
    """RAILSHED_CACHE_DIR wins over the user's cache folder; neither is made."""
    monkeypatch.setenv("RAILSHED_CACHE_DIR", str(tmp_path / "cache"))
    assert cache_dir() == tmp_path / "cache"
    assert not cache_dir().exists()
    monkeypatch.delenv("RAILSHED_CACHE_DIR")
    assert cache_dir().name in ("railshed", "Cache")


def test_sha256_of_a_file(tmp_path):
    """The checksum of three known bytes."""
    (tmp_path / "abc").write_bytes(b"abc")
    assert (
        sha256_file(tmp_path / "abc")
        == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    )


def test_cached_arrays_are_as_made(monkeypatch, tmp_path):
    """Types, shapes and values come back, also of no rows; the arrays can be written to, as kernels
    expect.
    """
    monkeypatch.setenv("RAILSHED_CACHE_DIR", str(tmp_path))
    made = [
        np.arange(6, dtype=np.uint32).reshape(2, 3),
        np.array([True, False]),
        np.empty((0, 3)),
        np.array(7),
    ]
    assert all(a is b for a, b in zip(cached_arrays("k", lambda: made), made, strict=True))
    found = cached_arrays("k", lambda: pytest.fail("made again"))
    for array, expected in zip(found, made, strict=True):
        assert (array.dtype, array.shape, array.tolist()) == (
            expected.dtype,
            expected.shape,
            expected.tolist(),
        )
        assert array.flags.c_contiguous
        assert array.flags.aligned
        assert array.flags.writeable


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(at=st.integers(0, 10_000), change=st.integers(1, 255), cut=st.booleans())
def test_cached_arrays_see_any_damage(monkeypatch, tmp_path, at, change, cut):
    """A byte that changed, or an end that is missing, counts as absent: the arrays are built and
    cached again.
    """
    monkeypatch.setenv("RAILSHED_CACHE_DIR", str(tmp_path))
    made = [np.arange(5, dtype=np.int32), np.array([1.5])]
    cached_arrays("k", lambda: made)
    [file] = (tmp_path / "arrays").iterdir()
    whole = file.read_bytes()
    at %= len(whole)
    file.write_bytes(
        whole[:at] if cut else whole[:at] + bytes([whole[at] ^ change]) + whole[at + 1 :]
    )
    assert all(a is b for a, b in zip(cached_arrays("k", lambda: made), made, strict=True))
    assert file.read_bytes() == whole
