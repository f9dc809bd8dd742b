"""Every command that writes, on disks of 600 KiB, 2 MiB and 8 MiB: all of its files, or none and a
sentence.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.support.forks import listed, part, ran
from tests.support.writers import Writer, contents, writers

SIZES_KIB = (600, 2_048, 8_192)
#: in the whole every command on every disk, in a part each command on one of them
SLICES = 3


@contextmanager
def disk(folder: Path, kib: int) -> Iterator[Path]:
    """Yield a folder that is a file system of so many KiB."""
    folder.mkdir()
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={kib}k", "tmpfs", folder],
        capture_output=True,
        check=False,
    )
    if done.returncode:
        pytest.skip("file systems cannot be mounted here")
    try:
        yield folder
    finally:
        subprocess.run(["umount", folder], check=True)


def problems(writer: Writer, whole: Mapping[str, bytes], place: Path) -> list[str]:
    """Return what is wrong with how a command ends on a small disk."""
    out = place / f"out{writer.suffix}"
    ended = ran(*writer.run(out))
    found, left = contents(out), sorted(path.name for path in place.iterdir() if path != out)
    wrong = ended.problems(0, 2)
    wrong += ["not all of its files"] * (ended.code == 0 and found != whole)
    wrong += [f"files of a run that failed: {sorted(found)}"] * (ended.code != 0 and out.exists())
    wrong += [f"left: {left}"] * (bool(left) and not writer.goes_on)
    return [*wrong, ended.err[-400:]] if wrong else []


@pytest.mark.parametrize("which", range(SLICES))
def test_on_a_small_disk_all_is_written_or_nothing(warm: Path, tmp_path: Path, which: int) -> None:
    """Exit code 0 with the files of a run elsewhere, or 2 with a sentence and nothing written."""
    if os.geteuid():
        pytest.skip("only root mounts file systems")
    wrong, full = {}, 0
    for k, (name, writer) in enumerate(writers(tmp_path, warm).items()):
        if k % SLICES != which:
            continue
        out = tmp_path / f"{k}" / f"out{writer.suffix}"
        out.parent.mkdir()
        assert ran(*writer.run(out)).problems(0) == [], name
        whole = contents(out)
        first = k // SLICES % len(SIZES_KIB)
        for n in range(part(len(SIZES_KIB))):
            kib = SIZES_KIB[(first + n) % len(SIZES_KIB)]
            with disk(tmp_path / f"{k}-{kib}", kib) as place:
                said = problems(writer, whole, place)
            full += sum(map(len, whole.values())) > kib << 10
            if said:
                wrong[name, kib] = said
    assert not wrong, listed(wrong)
    assert full, "no run was larger than its disk"
