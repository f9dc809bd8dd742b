"""The cache folder: trusted or not used; files whole or computed again, with one line on stderr a
process.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from railshed.cli.inputs import _fetch_streets
from railshed.util import cache
from railshed.util.cache import cache_state, cached_arrays, clear_cache
from tests.support.clirunner import command_line

MADE = [np.arange(5_000, dtype=np.int64), np.array([1.5])]
NOBODY = 65_534
as_root = pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() != 0, reason="root alone can give files away"
)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder of an empty cache."""
    monkeypatch.setenv("RAILSHED_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setattr(cache, "_SAID", [])
    return tmp_path / "cache" / "arrays"


def ask(*, made_again: bool) -> None:
    """Ask for the arrays, which are as made, and made again or not."""
    calls: list[int] = []

    def make() -> list[np.ndarray]:
        calls.append(1)
        return MADE

    for array, expected in zip(cached_arrays("k", make), MADE, strict=True):
        assert array.tolist() == expected.tolist()
    assert bool(calls) == made_again


def said(capsys: pytest.CaptureFixture[str]) -> str:
    """Return the one line on stderr."""
    [line] = capsys.readouterr().err.splitlines()
    return line


def test_the_folder_is_the_users_alone(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Folder and parent are made 0700; an absent file is no failure; one that others could read is
    closed to them.
    """
    ask(made_again=True)
    assert [path.stat().st_mode & 0o777 for path in (folder.parent, folder)] == [0o700, 0o700]
    folder.chmod(0o755)
    folder.parent.chmod(0o755)
    ask(made_again=False)
    assert folder.stat().st_mode & 0o777 == 0o700
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("mode", [0o777, 0o770, 0o707, 0o1777])
def test_a_folder_that_others_can_write_is_not_used(
    folder: Path, mode: int, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing is read and nothing written there, not even in a sticky one; the line says what to
    do.
    """
    ask(made_again=True)
    [file] = folder.iterdir()
    before = file.stat()
    folder.chmod(mode)
    ask(made_again=True)
    assert (file.stat().st_mtime_ns, file.stat().st_ino) == (before.st_mtime_ns, before.st_ino)
    assert folder.stat().st_mode & 0o7777 == mode
    line = said(capsys)
    assert f"others can write into {folder}" in line
    assert "chmod 700" in line


@pytest.mark.parametrize(
    ("mode", "used"), [(0o777, False), (0o775, False), (0o1777, True), (0o755, True)]
)
def test_a_parent_that_others_can_write_must_be_sticky(
    folder: Path, mode: int, used: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    """Who can write in a parent that is not sticky can put another folder in its place."""
    ask(made_again=True)
    folder.parent.chmod(mode)
    ask(made_again=not used)
    assert used == (capsys.readouterr().err == "")


@pytest.mark.parametrize("open_to", ["real", "above", "none"])
def test_a_link_is_trusted_as_what_it_leads_to(folder: Path, tmp_path: Path, open_to: str) -> None:
    """A link into a folder that others can write, or below one, is not used; one into a safe folder
    is.
    """
    real = tmp_path / "above" / "real"
    real.mkdir(parents=True)
    folder.parent.symlink_to(real)
    for one in (real, real.parent):
        one.chmod(0o777 if one.name == open_to else 0o700)
    for again in (True, open_to != "none"):
        ask(made_again=again)
    assert (real / "arrays").exists() == (open_to == "none")


@as_root
@pytest.mark.parametrize("whose", ["folder", "parent"])
def test_a_folder_of_another_user_is_not_used(
    folder: Path, whose: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Folder and parents belong to the user, parents also to root."""
    ask(made_again=True)
    os.chown(folder if whose == "folder" else folder.parent, NOBODY, NOBODY)
    ask(made_again=True)
    assert (
        "belongs to another user (65534); set RAILSHED_CACHE_DIR to a folder of your own"
        in said(capsys)
    )


@pytest.mark.parametrize("where", ["cache", "arrays", "file"])
def test_what_stands_in_the_way_is_done_without(
    folder: Path, tmp_path: Path, where: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """A file in place of a folder, and a folder in place of a file, cost the time, a line, and no
    error.
    """
    if where == "file":
        (folder / "k.arrays").mkdir(parents=True)
    else:
        folder.parent.parent.joinpath("cache").mkdir() if where == "arrays" else None
        (tmp_path / "cache" / ("arrays" if where == "arrays" else "")).write_text(
            "in the way", encoding="utf-8"
        )
    for _ in range(3):
        ask(made_again=True)
    assert said(capsys).startswith("railshed: the cache is not used: ")


@pytest.mark.parametrize("name", ["a\0b", "/proc/1/nowhere/x", "x" * 300])
def test_no_such_folder(
    monkeypatch: pytest.MonkeyPatch, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """A path that cannot be made is done without."""
    monkeypatch.setattr(os, "environ", {**os.environ, "RAILSHED_CACHE_DIR": name})
    ask(made_again=True)
    ask(made_again=True)
    assert said(capsys).startswith("railshed: the cache is not ")


def test_every_flip_and_cut_is_seen(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A bit flipped in every 64 bytes, 4 KiB cut from anywhere, pages exchanged: arrays and file
    are made again.
    """
    ask(made_again=True)
    [file] = folder.iterdir()
    whole = file.read_bytes()
    assert len(whole) > 40_000
    for at in (*range(0, len(whole), 64), len(whole) - 1):
        file.write_bytes(whole[:at] + bytes([whole[at] ^ 1 << at % 8]) + whole[at + 1 :])
        ask(made_again=True)
        assert file.read_bytes() == whole
    one, other = whole[4_096:8_192], whole[36_864:40_960]
    file.write_bytes(whole[:4_096] + other + whole[8_192:36_864] + one + whole[40_960:])
    assert one != other
    ask(made_again=True)
    for at in range(0, len(whole), 4_096):
        for damaged in (whole[:at], whole[at:], whole[:at] + whole[at + 4_096 :]):
            file.write_bytes(damaged)
            ask(made_again=damaged != whole)
            assert file.read_bytes() == whole


def test_arrays_are_mapped_and_their_own(folder: Path) -> None:
    """They are aligned and can be written to, of any shape; what is written stays in the
    process.
    """
    made = [
        np.array(True),
        np.empty((0, 3)),
        np.asfortranarray(np.arange(6, dtype=np.uint16).reshape(2, 3)),
        *MADE,
    ]
    cached_arrays("m", lambda: made)
    before = (folder / "m.arrays").read_bytes()
    for _ in range(2):
        found = cached_arrays("m", lambda: pytest.fail("made again"))
        for array, expected in zip(found, made, strict=True):
            assert (array.dtype, array.shape) == (expected.dtype, expected.shape)
            assert array.flags.f_contiguous == expected.flags.f_contiguous
            assert np.array_equal(array, expected)
            assert array.flags.aligned
            assert array.flags.writeable
        found[3][:] = 0
    assert (folder / "m.arrays").read_bytes() == before


def test_a_key_is_of_the_source_and_what_was_done_with_it(folder: Path) -> None:
    """What is made of an object with a key has one of its own; made of one without, none: nothing
    is written.
    """

    class Made:
        pass

    plain, source = Made(), cache.with_cache_key(Made(), "key")
    both = [cache.with_key_of(Made(), source, what) for what in ("one", "other", "one")]
    found = [
        cache.arrays_of(one, "x", lambda k=k: [np.array([k])])[0].item()
        for k, one in enumerate((source, *both))
    ]
    assert found == [0, 1, 2, 1]
    assert [
        cache.arrays_of(cache.with_key_of(Made(), plain, "one"), "x", lambda: MADE)
        for _ in range(2)
    ] == [MADE] * 2
    assert len(list(folder.iterdir())) == 3


def test_no_file_is_unpickled(folder: Path) -> None:
    """A file of objects with the right checksum is refused: it would be a pickle."""
    import io

    ask(made_again=True)
    [file] = folder.iterdir()
    payload = io.BytesIO(bytes(cache._EDGE))
    payload.seek(0, io.SEEK_END)
    np.save(payload, np.array([print], dtype=object), allow_pickle=True)
    content = payload.getvalue() + bytes(-len(payload.getvalue()) % cache._EDGE)
    file.write_bytes(cache._checksum(content) + content[cache._CHECK :])
    with pytest.raises(ValueError, match="has objects"):
        cache._read_arrays(file)
    ask(made_again=True)


@contextmanager
def small_disk(place: Path, *options: str) -> Iterator[None]:
    """Mount a disk of 64 KiB; skip where that is not allowed."""
    place.mkdir(parents=True)
    mount = [
        "mount",
        "-t",
        "tmpfs",
        "-o",
        ",".join(["size=64k,mode=700", *options]),
        "tmpfs",
        str(place),
    ]
    try:
        if subprocess.run(mount, capture_output=True, check=False).returncode:
            pytest.skip("no disk can be mounted here")
    except OSError:
        pytest.skip("there is no mount")
    try:
        yield
    finally:
        subprocess.run(["umount", str(place)], check=True)


@as_root
def test_a_full_disk_and_one_that_is_read_only(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Neither costs the result; nothing half-written stays."""
    with small_disk(folder.parent):
        (folder.parent / "filler").write_bytes(bytes(60_000))
        ask(made_again=True)
        assert list(folder.iterdir()) == []
        line = said(capsys)
        assert line.startswith("railshed: the cache is not written: ")
        assert "No space left on device" in line
        (folder.parent / "filler").unlink()
        ask(made_again=True)
        ask(made_again=False)
        subprocess.run(["mount", "-o", "remount,ro", str(folder.parent)], check=True)
        ask(made_again=False)
        cache._SAID.clear()
        cached_arrays("other", lambda: MADE)
        assert "Read-only file system" in said(capsys)


def test_the_command_names_and_clears(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Folder, files, sizes and use are printed; clearing removes files of arrays and nothing else,
    and counts them.
    """
    railshed = command_line(monkeypatch, capsys)
    for key in ("a", "b", "c"):
        cached_arrays(key, lambda: MADE)
    (folder / ".d.0123.arrays").write_bytes(b"left by a run that was killed")
    (folder / "notes.txt").write_text("mine", encoding="utf-8")
    found = json.loads(railshed("cache", "--json").out)
    size = sum(file.stat().st_size for file in folder.glob("*.arrays"))
    assert found == {
        "folder": str(folder),
        "files": 4,
        "bytes": size,
        "limit": 2**31,
        "unused": "",
        "removed": None,
    }
    assert f"{folder}: 4 files, 0.1 MiB of at most 2,048.0 MiB" in railshed("cache").out.replace(
        "\n", ""
    )
    assert "4 files removed" in railshed("cache", "--clear").out
    assert [file.name for file in folder.iterdir()] == ["notes.txt"]
    folder.chmod(0o777)
    assert "not used: others can write into" in railshed("cache").out.replace("\n", " ")
    assert cache_state()["files"] == clear_cache() == 0


def test_the_oldest_files_go_first(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of three files of 40 KiB two fit into 100,000 bytes: the first goes."""
    monkeypatch.setattr(cache, "MAX_CACHE_BYTES", 100_000)
    for n, key in enumerate("abc"):
        cached_arrays(key, lambda: MADE)
        os.utime(folder / f"{key}.arrays", (n, n))
    assert sorted(file.name for file in folder.iterdir()) == ["b.arrays", "c.arrays"]


def test_streets_of_a_place_are_fetched_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The second time the file is that of the cache, byte for byte; of another place, and after
    clearing, anew.
    """
    asked: list[str] = []

    def download(place: str, path: Path) -> Path:
        asked.append(place)
        path.write_bytes(f"streets of {place}".encode())
        return path

    monkeypatch.setattr("railshed.io.streets.read.download_streets", download)
    for n, place in enumerate(["Town", "Town", "Village"]):
        (tmp_path / str(n)).mkdir()
        assert (
            _fetch_streets(place, tmp_path / str(n)).read_bytes() == f"streets of {place}".encode()
        )
    assert asked == ["Town", "Village"]
    assert clear_cache() == 2
    (tmp_path / "9").mkdir()
    _fetch_streets("Town", tmp_path / "9")
    assert asked == ["Town", "Village", "Town"]
    assert (
        "Town, as fetched before; `railshed cache --clear` removes them" in capsys.readouterr().err
    )
