"""The commands of the guard: whole runs on the toy network, each in a process of its own.

    python benchmarks/guardcommands.py NAME     # print how often functions of the package are
                                                called

A call is that of a function below src/railshed, kernels left out, or of compiled code by such a
function. One thread, one seed of hashes, the caches as a printed circle has left them: the count is
the same on every machine of one minor version of Python.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import FrameType

from peers import cache_folder

HERE = Path(__file__).resolve().parent
_PLAN = str(HERE.parent / "tests" / "golden" / "toy" / "plan.toml")
_PRINTED = "railshed circle"
#: name -> arguments; OUT is a folder that is thrown away
COMMANDS: dict[str, tuple[str, ...]] = {
    _PRINTED: ("circle", "mid", "-n", "toy"),
    "railshed circle -o": ("circle", "mid", "-n", "toy", "-o", "OUT"),
    "railshed compare --html": ("compare", "mid", "-n", "toy", "-s", _PLAN, "--html", "-o", "OUT"),
    "railshed report": ("report", "mid", "-n", "toy", "-s", _PLAN, "-o", "OUT", "--without-map"),
}
#: of these instructions are counted, too: valgrind takes fifty times as long as the command
COUNTED = (_PRINTED,)


class Calls:
    """Counts the calls of functions below a folder, on every thread."""

    def __init__(self, folder: Path) -> None:
        self.n = 0
        self._folder, self._kernels = f"{folder}{os.sep}", f"{folder / 'kernels'}{os.sep}"
        self._known: dict[str, bool] = {}

    def __enter__(self) -> Calls:
        threading.setprofile(self._event)
        sys.setprofile(self._event)
        return self

    def __exit__(self, *fault: object) -> None:
        sys.setprofile(None)
        threading.setprofile(None)

    def _event(self, frame: FrameType, event: str, argument: object) -> None:
        name = frame.f_code.co_filename
        mine = self._known.get(name)
        if mine is None:
            mine = self._known[name] = name.startswith(self._folder) and not name.startswith(
                self._kernels
            )
        if mine and event in ("call", "c_call"):
            self.n += 1


def run_command(name: str) -> None:
    """Run a command in this process; what it prints is thrown away."""
    with tempfile.TemporaryDirectory() as out, contextlib.redirect_stdout(io.StringIO()):
        sys.argv = ["railshed", *(out if word == "OUT" else word for word in COMMANDS[name])]
        from railshed.cli.main import main

        try:
            main()
        except SystemExit as leave:
            if leave.code:
                raise


def environment_of(environment: Mapping[str, str], cache: Path) -> dict[str, str]:
    """Return the environment of a command: one thread, its caches in a folder of their own."""
    one = dict.fromkeys(
        ("RAILSHED_THREADS", "NUMBA_NUM_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1"
    )
    plain = {name: value for name, value in environment.items() if not name.startswith("RAILSHED_")}
    return {**plain, **one, "RAILSHED_CACHE_DIR": str(cache)}


def count_calls(
    environment: Mapping[str, str], cache: Path, names: tuple[str, ...] = tuple(COMMANDS)
) -> dict[str, int]:
    """Return the calls of each command, two at a time; each has a copy of the caches that a printed
    circle leaves.
    """
    cache.mkdir()
    for known in cache_folder().glob(
        "kernels-*"
    ):  # a checkout without shipped kernels: those that tests have compiled
        shutil.copytree(known, cache / known.name)
    _fresh(environment_of(environment, cache), _PRINTED)

    def count(name: str) -> int:
        with tempfile.TemporaryDirectory() as own:
            shutil.copytree(cache, Path(own) / "cache")
            return _fresh(environment_of(environment, Path(own) / "cache"), name)

    with ThreadPoolExecutor(2) as pool:
        return dict(zip(names, pool.map(count, names), strict=True))


def _fresh(environment: Mapping[str, str], name: str) -> int:
    command = [sys.executable, str(Path(__file__)), name]
    done = subprocess.run(
        command, env=dict(environment), capture_output=True, text=True, encoding="utf-8"
    )
    if done.returncode:
        raise SystemExit(f"guard: {name} failed:\n{done.stderr[-3000:]}")
    return int(json.loads(done.stdout.splitlines()[-1]))


def main() -> None:
    """Count the calls of one command."""
    import importlib.util

    found = importlib.util.find_spec("railshed")
    assert found is not None
    assert found.origin is not None
    with Calls(Path(found.origin).parent) as calls:
        run_command(sys.argv[1])
    print(calls.n)


if __name__ == "__main__":
    main()
