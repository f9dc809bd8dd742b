"""Compiled kernels: every command of the guide compiles none, and a damaged file of them costs a
line on stderr.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from railshed.kernels import jit
from tests.golden.test_toy import FOLDER, RUNS
from tests.support.forks import SHARE, listed, ran

pytestmark = pytest.mark.skipif(
    not (jit.COMPILED / jit.BUILD).exists(),
    reason="installed with RAILSHED_NO_PREBUILD=1: kernels are compiled in memory",
)
#: of a kernel that `reach` calls
KERNEL = "profile_views.journeys_within"
SOURCE = Path(__file__).parents[2] / "src"
_REACH = """
import pathlib, sys
from railshed.kernels import jit
jit.COMPILED = pathlib.Path(sys.argv.pop(1))
from railshed.cli.main import run
run()
"""


def test_no_command_compiles(warm: Path, tmp_path: Path) -> None:
    """Each of the recorded runs, in a part those that write no files, which others write: nothing
    is compiled.
    """
    wrong = {}
    for name, (_, arguments) in RUNS.items():
        if SHARE < 1 and "OUT" in arguments:
            continue
        words = [str(tmp_path / name) if word == "OUT" else word for word in arguments.split()]
        ended = ran(*(word.replace("IN/", f"{FOLDER}/") for word in words))
        if said := ended.problems(0):
            wrong[name] = said, ended.err[-300:]
    assert not wrong, listed(wrong)


def reach(compiled: Path) -> tuple[str, str]:
    """Return what `reach` prints, and says on stderr, in a process of its own with these compiled
    kernels.
    """
    env = {key: value for key, value in os.environ.items() if not key.startswith("NUMBA_")}
    done = subprocess.run(
        [sys.executable, "-c", _REACH, compiled, "reach", "-n", "toy", "--city", "mid", "--json"],
        capture_output=True,
        text=True,
        check=False,
        env=env | {"PYTHONPATH": str(SOURCE)},
    )
    assert done.returncode == 0, done.stderr
    return done.stdout, done.stderr


def flip(data: bytes) -> bytes:
    return data[:5_000] + bytes([data[5_000] ^ 1]) + data[5_001:]


DAMAGES: dict[str, Callable[[bytes], bytes | None]] = {
    "cut": lambda data: data[: len(data) // 2],
    "flipped": flip,
    "foreign": lambda _: b"not of this program" * 99,
    "missing": lambda _: None,
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_kernel_is_compiled_anew(tmp_path: Path, damage: str) -> None:
    """The same minutes, one line on stderr, no other file read or written in its place."""
    whole, silent = reach(jit.COMPILED)
    assert "compiling" not in silent
    copy = tmp_path / "compiled"
    shutil.copytree(jit.COMPILED, copy)
    files = sorted((copy / jit.target_name()).glob(f"{KERNEL}-*"))
    assert files
    for file in files:
        content = DAMAGES[damage](file.read_bytes())
        if content is None:
            file.unlink()
        else:
            file.write_bytes(content)
    before = {path: path.read_bytes() for path in copy.rglob("*") if path.is_file()}
    found, said = reach(copy)
    assert found == whole
    assert [line for line in said.splitlines() if "compiling kernels" in line] == [
        "railshed: compiling kernels that the installation has not compiled; this takes seconds"
    ]
    assert "Traceback" not in said
    assert {path: path.read_bytes() for path in copy.rglob("*") if path.is_file()} == before
