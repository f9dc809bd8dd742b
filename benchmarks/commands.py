"""Workload `cli`: what a user waits for at the prompt."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path

from measure import Result, Row, child_environment, quartiles

LIMITS_S = {"railshed --help": 0.4, "railshed circle chengdu, first": 20.0, "railshed circle chengdu, second": 5.0}
_START = "from railshed.cli import main; main()"


def seconds(arguments: list[str], cache: str) -> float:
    """Return the wall seconds of one command in a fresh process."""
    started = time.perf_counter()
    subprocess.run(
        [sys.executable, "-c", _START, *arguments],
        check=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
        env=child_environment(cache),
    )  # fmt: skip
    return time.perf_counter() - started


def run(quick: bool, shared: Path | None) -> Result:
    """Measure three rounds, each with a cache folder of its own, so that every first run compiles."""
    taken: dict[str, list[float]] = {name: [] for name in LIMITS_S}
    help_, first, second = LIMITS_S
    for _ in range(1 if quick else 3):
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as cache:
            taken[help_].append(seconds(["--help"], cache))
            taken[first].append(seconds(["circle", "chengdu"], cache))
            taken[second].append(seconds(["circle", "chengdu"], cache))
    result = Result()
    for name, values in taken.items():
        low, middle, high = quartiles(values)
        kept = "kept" if middle < LIMITS_S[name] else "NOT KEPT"
        note = f"limit {LIMITS_S[name]:g} s: {kept}"
        result.rows.append(Row("cli", "fresh process", name, middle, low, high, len(values), note=note))
    return result
