"""Workload `cli`: what a user waits for at the prompt, and where that time goes.

Every run is a fresh process. Python's own bytecode is kept beside the modules, as an installer leaves it; the cache
folder of railshed is empty before each first run.
"""

from __future__ import annotations

import argparse
import compileall
import contextlib
import io
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from measure import Result, Row, child_environment, quartiles

HELP = "railshed --help"
FIRST, AGAIN = "railshed circle chengdu, first", "railshed circle chengdu, second"
FILES, MAP = "railshed circle chengdu -o out --without-map, second", "railshed circle chengdu -o out, second"
#: seconds that each may take on a quiet machine
LIMITS_S = {HELP: 0.4, FIRST: 20.0, AGAIN: 2.0, FILES: 2.5, MAP: 4.0}
_START = "from railshed.cli.main import run; run()"
_OUT = "OUT"
_CIRCLE = ("circle", "chengdu")
#: arguments of each; OUT is a folder that is thrown away
ARGUMENTS: dict[str, tuple[str, ...]] = {
    HELP: ("--help",), FIRST: _CIRCLE, AGAIN: _CIRCLE, FILES: (*_CIRCLE, "-o", _OUT, "--without-map"),
    MAP: (*_CIRCLE, "-o", _OUT),
}  # fmt: skip


def fresh(command: list[str], name: str, cache: str) -> tuple[float, str]:
    """Return the wall seconds of a fresh process with the arguments of a run, and what it wrote to standard output."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as out:
        given = [out if argument == _OUT else argument for argument in ARGUMENTS[name]]
        environment = {**child_environment(cache), "PYTHONDONTWRITEBYTECODE": ""}
        started = time.perf_counter()
        done = subprocess.run(
            [sys.executable, *command, *given], check=True, capture_output=True, encoding="utf-8", env=environment
        )
        return time.perf_counter() - started, done.stdout


def run(quick: bool, shared: Path | None) -> Result:
    """Measure three rounds, each with a cache folder of its own, so that every first run compiles; then the stages."""
    import railshed

    compileall.compile_dir(str(Path(railshed.__file__).parent), quiet=2)
    taken: dict[str, list[float]] = {name: [] for name in LIMITS_S}
    stages: dict[str, dict[str, float]] = {}
    for _ in range(1 if quick else 3):
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as cache:
            for name in LIMITS_S:
                if name == FILES:  # files and maps compile what the prompt does not need
                    fresh(["-c", _START], MAP, cache)
                taken[name].append(fresh(["-c", _START], name, cache)[0])
            if not stages:
                stages = {name: staged(name, cache) for name in (AGAIN, FILES, MAP)}
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as cache:
        stages = {FIRST: staged(FIRST, cache), **stages}
    result = Result()
    for name, values in taken.items():
        low, middle, high = quartiles(values)
        kept = "kept" if middle < LIMITS_S[name] else "NOT KEPT"
        note = f"limit {LIMITS_S[name]:g} s: {kept}"
        result.rows.append(Row("cli", "fresh process", name, middle, low, high, len(values), note=note))
    for name, own in stages.items():
        whole = sum(own.values())
        for stage, seconds in sorted(own.items(), key=lambda item: -item[1]):
            note = f"{seconds / whole:.0%} of {whole:.1f} s"
            result.rows.append(Row("cli", f"where it goes: {name}", stage, seconds, note=note))
    return result


def staged(name: str, cache: str) -> dict[str, float]:
    """Return the seconds of one fresh process by stage."""
    whole, told = fresh([__file__], name, cache)
    found: dict[str, float] = json.loads(told.splitlines()[-1])
    return {**found, "start and end of the process": whole - sum(found.values())}


def trace(arguments: list[str]) -> dict[str, Any]:
    """Return the seconds by stage of a command that is run in this process."""
    from stages import WAITING, Stopwatch

    watch = Stopwatch()
    watch.install()
    started = time.perf_counter()
    with contextlib.redirect_stdout(io.StringIO()), contextlib.suppress(SystemExit):
        sys.argv = ["railshed", *arguments]
        from railshed.cli.main import main

        main()
    whole = time.perf_counter() - started
    # waiting for a thread is what that thread does meanwhile
    found = {stage: seconds for stage, seconds in watch.taken.items() if stage != WAITING and seconds >= 0.01}
    return {**found, "everything else, less what ran at the same time": whole - sum(found.values())}


def main() -> None:
    """Run a command and print its stages as JSON: what `staged` starts."""
    parser = argparse.ArgumentParser()
    parser.add_argument("arguments", nargs=argparse.REMAINDER)
    print(json.dumps(trace(parser.parse_args().arguments)))


if __name__ == "__main__":
    main()
