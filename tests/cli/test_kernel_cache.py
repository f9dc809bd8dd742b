"""When compiled kernels are kept, and how numba is set up for them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import numba
import pytest
from numba.core.cpu import CPUContext

from railshed.kernels import jit

pytestmark = pytest.mark.kernels


@pytest.fixture
def sights(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Return what stands for scipy each time that numba sets itself up; it is not imported, nor is numba set up."""
    seen: list[object] = []
    monkeypatch.delitem(sys.modules, "scipy", raising=False)
    monkeypatch.setattr(CPUContext, "refresh", lambda self: seen.append(sys.modules.get("scipy", "not imported")))
    jit._set_up.cache_clear()
    return seen


def test_scipy_is_out_of_sight_only_while_numba_sets_itself_up(sights: list[object]) -> None:
    """It cannot be imported then, and can again afterwards; a second kernel sets nothing up."""
    jit._set_up()
    jit._set_up()
    assert sights == [None]
    assert "scipy" not in sys.modules


def test_scipy_that_is_imported_stays(sights: list[object], monkeypatch: pytest.MonkeyPatch) -> None:
    """Numba finds it where somebody else uses it already."""
    module = ModuleType("scipy")
    monkeypatch.setitem(sys.modules, "scipy", module)
    jit._set_up()
    assert sights == [module]
    assert sys.modules["scipy"] is module


def test_a_command_imports_numba_without_scipy(tmp_path: Path) -> None:
    """Whoever wants it afterwards finds it."""
    told = (
        "from railshed.kernels import cell_distances; import sys; print('scipy' in sys.modules); "
        "import scipy; print('found')"
    )
    environment = {**os.environ, "RAILSHED_KERNEL_CACHE": "1", "NUMBA_CACHE_DIR": str(tmp_path)}
    environment.pop("NUMBA_DISABLE_JIT", None)
    done = subprocess.run(
        [sys.executable, "-c", told], capture_output=True, encoding="utf-8", check=True, env=environment
    )
    assert done.stdout.split() == ["False", "found"]


def test_only_kernels_that_are_kept_set_numba_up(
    sights: list[object], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Without the cache numba is as it is for everyone; either way a kernel gives what the function gives."""

    def doubled(x: int) -> int:
        return 2 * x

    monkeypatch.setattr(numba.config, "CACHE_DIR", str(tmp_path))
    for kept, expected in (("0", []), ("1", [None])):
        monkeypatch.setenv("RAILSHED_KERNEL_CACHE", kept)
        assert jit.kernel(doubled).__name__ == "doubled"
        assert sights == expected


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [(["--version"], 0, "railshed 0"), (["circle"], 2, "give cities"), (["circle", "--nothing"], 2, "nothing")],
)
def test_the_process_ends_with_everything_said(arguments: list[str], code: int, told: str) -> None:
    """Exit codes and all that was written are those of the command, and what is registered for the end is done."""
    start = "import atexit; atexit.register(print, 'the end'); from railshed.cli.main import run; run()"
    done = subprocess.run(
        [sys.executable, "-c", start, *arguments], capture_output=True, encoding="utf-8", check=False
    )  # fmt: skip
    assert done.returncode == code
    assert told in done.stdout + done.stderr
    assert done.stdout.endswith("the end\n")
