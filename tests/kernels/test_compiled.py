"""Compiled kernels of the package: loaded where they are as built, left aside where not, the same
in two builds.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import numba
import numpy as np
import pytest

from railshed.kernels import build, jit
from railshed.kernels.timetable_order import by_departure
from railshed.kernels.types import DEPARTURE

ROOT = Path(__file__).parents[2]


def run(code: str, **environment: str) -> subprocess.CompletedProcess[str]:
    import os

    env = {
        key: value for key, value in os.environ.items() if not key.startswith("NUMBA_")
    } | environment
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, env=env
    )
    assert done.returncode == 0, done.stderr
    return done


def small(folder: Path) -> None:
    """Compile the first two kernels of the list into a folder."""
    code = (
        "import json, pathlib; from railshed.kernels import build\n"
        "few = dict(list(json.loads(build.SIGNATURES.read_text()).items())[:2])\n"
        f"build.SIGNATURES = pathlib.Path({str(folder)!r} + '.json'); "
        "build.SIGNATURES.write_text(json.dumps(few))\n"
        f"build.compile_into(pathlib.Path({str(folder)!r}))"
    )
    run(code, NUMBA_CPU_NAME="x86-64", NUMBA_CPU_FEATURES="", PYTHONHASHSEED="0")


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The first two kernels of the list, compiled."""
    folder = tmp_path_factory.mktemp("built") / "x86-64"
    small(folder)
    return folder


def test_the_build_compiles_by_the_pinned_versions() -> None:
    """Numba and numpy of the build are those of constraints.txt: other ones would make code that is
    not loaded.
    """
    required = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["build-system"][
        "requires"
    ]
    pinned = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    mine = [text for text in required if text.startswith(("numba", "numpy"))]
    assert len(mine) == 2
    assert set(mine) <= set(pinned)


def test_types_are_written_and_read_again() -> None:
    """Each argument of the list is a type of numba, which is written as it was."""
    for arguments in json.loads(build.SIGNATURES.read_text(encoding="ascii")).values():
        assert [build.encoded(build.decoded(one)) for one in arguments] == arguments


@pytest.mark.slow
def test_two_builds_are_equal(built: Path, tmp_path: Path) -> None:
    """Byte by byte, in processes of their own; no folder of the machine is in them, which would
    change their code.
    """
    small(tmp_path / "again")
    found = [
        {path.name: path.read_bytes() for path in folder.iterdir()}
        for folder in (built, tmp_path / "again")
    ]
    assert len(found[0]) == 2
    assert found[0] == found[1]
    folders = [str(Path(place).parent).encode() for place in (numba.__file__, build.__file__)]
    assert [
        name for name, code in found[0].items() if any(folder in code for folder in folders)
    ] == []


@pytest.mark.skipif(
    numba.config.DISABLE_JIT or numba.config.BOUNDSCHECK,
    reason="compiled kernels are for plain numba",
)
@pytest.mark.slow
def test_a_damaged_or_foreign_file_is_left_aside(
    built: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Cut, flipped, empty, missing, of another content: no code, no error; the whole file is
    loaded.
    """
    shutil.copytree(built, tmp_path / built.name)
    (tmp_path / jit.BUILD).write_text(jit.build_key(), encoding="ascii")
    monkeypatch.setattr(jit, "COMPILED", tmp_path)
    monkeypatch.setattr(jit, "target_name", lambda: "x86-64")
    jit._folder.cache_clear()
    name, arguments = next(iter(json.loads(build.SIGNATURES.read_text(encoding="ascii")).items()))
    (kernel,) = (one for known, one, _ in build.kernels() if known == name)
    signature = tuple(map(build.decoded, arguments))
    file = jit.code_path(tmp_path / "x86-64", name, signature)
    whole, code, context = file.read_bytes(), jit.ShippedCode(kernel.py_func), kernel.targetctx
    assert code.load_overload(signature, context).signature.args == signature
    flipped = bytearray(whole)
    flipped[len(whole) // 2] ^= 1
    for content in (whole[:-1], bytes(flipped), b"", whole[:20], b"no kernel at all" * 9):
        file.write_bytes(content)
        assert code.load_overload(signature, context) is None
    file.unlink()
    assert code.load_overload(signature, context) is None
    (tmp_path / jit.BUILD).write_text("another numba\n", encoding="ascii")
    file.write_bytes(whole)
    jit._folder.cache_clear()
    assert code.load_overload(signature, context) is None
    jit._folder.cache_clear()


@pytest.mark.skipif(numba.config.DISABLE_JIT, reason="nothing is compiled")
def test_a_kernel_compiled_later_calls_shipped_code() -> None:
    """Files hold machine code alone: what is compiled in memory finds it by its name."""
    rows = np.zeros((3, 6), np.uint32)
    rows[:, DEPARTURE] = 3, 5, 4

    def first_and_last(rows: Any) -> Any:
        ordered = by_departure(rows, np.int64(-1))
        return ordered[0, DEPARTURE], ordered[2, DEPARTURE]

    assert jit.kernel(first_and_last)(rows) == (3, 5)


def test_what_is_not_compiled_is_said_once_and_gives_the_same(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Compiled in memory, with one line on stderr for all of them."""
    if numba.config.DISABLE_JIT:
        pytest.skip("nothing is compiled")

    def doubled(x: Any) -> Any:
        return 2 * x

    jit._say_compiling.cache_clear()
    ours = jit.kernel(doubled)
    assert (ours(np.int64(4)), ours(np.float64(4.5))) == (8, 9.0)
    assert capsys.readouterr().err.count("compiling kernels") == 1
    jit._say_compiling.cache_clear()


@pytest.mark.slow
@pytest.mark.skipif(
    not (jit.COMPILED / jit.BUILD).exists(), reason="installed with RAILSHED_NO_PREBUILD=1"
)
def test_a_circle_compiles_nothing() -> None:
    """Neither through the command line nor through Python, in a new process."""
    for code in (
        (
            "from railshed.cli.main import run; import sys; sys.argv = ['railshed', 'circle', 'mid', "
            "'-n', 'toy']; run()"
        ),
        "import railshed; railshed.circle(railshed.load_network('toy'), 'mid')",
    ):
        assert "compiling kernels" not in run(code).stderr


def test_the_command_line_sets_numba_up_without_scipy() -> None:
    """It cannot be imported while numba sets itself up, and can be afterwards; elsewhere numba is
    as it is.
    """
    code = (
        "import sys; {first}from railshed.kernels import cell_distances; print('scipy' in "
        "sys.modules); import scipy; print('found')"
    )
    assert run(code.format(first="import railshed.cli.main; ")).stdout.split() == ["False", "found"]
    assert run(code.format(first="")).stdout.split()[-1] == "found"
