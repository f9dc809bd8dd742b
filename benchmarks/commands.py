"""Workload `commands`: processor seconds of whole commands, each a fresh process on one thread.

Python's own bytecode is kept beside the modules, as an installer leaves it; the cache folder of
railshed is empty before each first run. Processes that `--workers` starts are not measured.
"""

from __future__ import annotations

import compileall
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from measure import ROOT, Result, Row, child_environment, quartiles, step

_START = "from railshed.cli.main import run; run()"
_OUT = "OUT"
_PLAN = ("-s", "china/chengdu-s5")
HELP, PRINTED = "railshed --help", "railshed circle chengdu"
#: name -> arguments; OUT is a folder that is thrown away
COMMANDS: dict[str, tuple[str, ...]] = {
    HELP: ("--help",),
    PRINTED: ("circle", "chengdu"),
    "railshed circle chengdu -o out": ("circle", "chengdu", "-o", _OUT),
    "railshed compare chengdu --html": ("compare", "chengdu", *_PLAN, "--html", "-o", _OUT),
    "railshed report chengdu": ("report", "chengdu", *_PLAN, "-o", _OUT),
    "railshed atlas --regions cy": ("atlas", "--regions", "cy", "-o", _OUT),
}
#: most processor seconds of a second run
LIMITS_S = {
    PRINTED: 1.2,
    "railshed circle chengdu -o out": 3.0,
    "railshed compare chengdu --html": 4.0,
}
#: runs of each: what takes long is run once
ROUNDS = {HELP: 3, PRINTED: 3, "railshed circle chengdu -o out": 3}


def fresh(arguments: tuple[str, ...], cache: str) -> float:
    """Return the processor seconds of a command in a fresh process."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as out:
        given = [out if word == _OUT else word for word in arguments]
        environment = {**child_environment(cache), "PYTHONDONTWRITEBYTECODE": ""}
        command = [sys.executable, "-c", _START, *given]
        with tempfile.TemporaryFile() as told:
            child = subprocess.Popen(
                command, stdout=subprocess.DEVNULL, stderr=told, env=environment
            )
            _, status, used = os.wait4(child.pid, 0)
            child.returncode = os.waitstatus_to_exitcode(status)
            if child.returncode:
                told.seek(0)
                raise SystemExit(
                    f"commands: {' '.join(given)}: {told.read().decode(errors='replace')[-1000:]}"
                )
        return used.ru_utime + used.ru_stime


def run(quick: bool, shared: Path | None) -> Result:
    """Measure a first and a second run of each, with a cache folder of its own."""
    result = Result()
    if not hasattr(os, "wait4"):
        result.facts["commands"] = (
            "left out: this system does not tell the processor time of children"
        )
        return result
    compileall.compile_dir(str(ROOT / "src" / "railshed"), quiet=2)
    taken: dict[tuple[str, str], list[float]] = {}
    names = [HELP, PRINTED] if quick else list(COMMANDS)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as cache:
        for name in names:
            for which in range(1 if quick else ROUNDS.get(name, 1)):
                step(f"commands: {name}, round {which + 1}")
                own = f"{cache}/{which}-{names.index(name)}"
                for run_of in ("first run", "second run"):
                    taken.setdefault((name, run_of), []).append(fresh(COMMANDS[name], own))
        for (name, run_of), values in taken.items():
            low, middle, high = quartiles(values)
            row = Row(f"fresh process, {run_of}", name, middle, low, high, len(values), role="call")
            if run_of == "second run" and name in LIMITS_S:
                row.note = (
                    f"at most {LIMITS_S[name]:g} s: "
                    f"{'kept' if middle <= LIMITS_S[name] else 'NOT KEPT'}"
                )
            result.rows.append(row)
    return result
