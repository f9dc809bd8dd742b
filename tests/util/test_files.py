"""Files whole or absent, output folders, cache folder, checksums."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from railshed.util.cache import cache_dir, cached_arrays
from railshed.util.errors import OutputError
from railshed.util.files import atomic_path, output_dir, sha256_file


def test_atomic_path_replaces_when_the_block_ends_well(tmp_path):
    """The file appears at the end, with its suffix for writers that need it, and nothing else stays."""
    target = tmp_path / "a.gpkg"
    target.write_text("old", encoding="utf-8")
    with atomic_path(target) as temporary:
        assert temporary.suffix == ".gpkg"
        assert temporary.parent == tmp_path
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

    with pytest.raises(OutputError, match=r"missing.a\.csv cannot be written \(No such file"):
        write(tmp_path / "missing" / "a.csv", "x")
    with pytest.raises(OutputError, match="is a folder"):
        write(tmp_path, "x")
    with pytest.raises(OutputError, match="nothing was written"):
        write(tmp_path / "b.csv", None)


def test_output_dir_makes_and_checks_the_folder(tmp_path):
    """Folders are made with their parents; a file in the way is named."""
    folder = output_dir(tmp_path / "a" / "b")
    assert folder.is_dir()
    assert list(folder.iterdir()) == []
    (tmp_path / "file").write_text("x", encoding="utf-8")
    with pytest.raises(OutputError, match="is a file; give another folder"):
        output_dir(tmp_path / "file")
    with pytest.raises(OutputError, match="cannot be written"):
        output_dir(tmp_path / "file" / "below")


def test_output_dir_that_may_not_be_written(tmp_path, monkeypatch):
    """A folder without the right to write is an OutputError, before any result is computed."""

    def refuse(self: Path, data: bytes) -> int:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "write_bytes", refuse)
    with pytest.raises(OutputError, match=r"cannot be written \(Permission denied\)"):
        output_dir(tmp_path)


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
    assert sha256_file(tmp_path / "abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


def test_cached_arrays_are_as_made(monkeypatch, tmp_path):
    """Types, shapes and values come back, also of no rows; the arrays can be written to, as kernels expect."""
    monkeypatch.setenv("RAILSHED_CACHE_DIR", str(tmp_path))
    made = [np.arange(6, dtype=np.uint32).reshape(2, 3), np.array([True, False]), np.empty((0, 3)), np.array(7)]
    assert all(a is b for a, b in zip(cached_arrays("k", lambda: made), made, strict=True))
    found = cached_arrays("k", lambda: pytest.fail("made again"))
    for array, expected in zip(found, made, strict=True):
        assert (array.dtype, array.shape, array.tolist()) == (expected.dtype, expected.shape, expected.tolist())
        assert array.flags.c_contiguous
        assert array.flags.aligned
        assert array.flags.writeable


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(at=st.integers(0, 10_000), change=st.integers(1, 255), cut=st.booleans())
def test_cached_arrays_see_any_damage(monkeypatch, tmp_path, at, change, cut):
    """A byte that changed, or an end that is missing, counts as absent: the arrays are built and cached again."""
    monkeypatch.setenv("RAILSHED_CACHE_DIR", str(tmp_path))
    made = [np.arange(5, dtype=np.int32), np.array([1.5])]
    cached_arrays("k", lambda: made)
    [file] = (tmp_path / "arrays").iterdir()
    whole = file.read_bytes()
    at %= len(whole)
    file.write_bytes(whole[:at] if cut else whole[:at] + bytes([whole[at] ^ change]) + whole[at + 1 :])
    assert all(a is b for a, b in zip(cached_arrays("k", lambda: made), made, strict=True))
    assert file.read_bytes() == whole
