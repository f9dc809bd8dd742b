"""Timing, memory, processes and tables: what every workload needs, and nothing about trains.

All times are processor seconds of all threads of a process, which other programs on the machine do
not stretch.
"""

from __future__ import annotations

import json
import os
import platform
import re
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from importlib import metadata
from pathlib import Path
from typing import Any, Literal

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("numba", "numpy", "geopandas", "shapely", "pandas", "pyarrow")
#: what a user calls; the compiled search within it; anything else
Role = Literal["call", "kernel", "other"]
#: libraries that would start threads of their own work on one
ONE_THREAD = dict.fromkeys(
    ("NUMBA_NUM_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "RAYON_NUM_THREADS"), "1"
)


@dataclass
class Row:
    """One line of the table: processor seconds, and how many times those of the row `base` it
    takes.
    """

    case: str
    what: str
    median_s: float
    low_s: float | None = None
    high_s: float | None = None
    n: int = 1
    role: Role = "other"
    base: str = ""
    ratio: float | None = None
    note: str = ""


@dataclass
class Result:
    """What a workload gives back: rows, figures of other kinds, and the peak memory of
    its process.
    """

    rows: list[Row] = field(default_factory=list)
    facts: dict[str, str] = field(default_factory=dict)

    def add(
        self,
        case: str,
        trials: Sequence[Mapping[str, float]],
        notes: Mapping[str, str] | None = None,
        kernel: str = "",
        *,
        again: bool = False,
    ) -> None:
        """Add a row a contender over all trials (cities, directions); the first one is the call
        that a user makes.

        Ratios are to the first, taken trial by trial. `again`: the row of the first stands there
        already.
        """
        first = next(iter(trials[0]))
        for name in list(trials[0])[again:]:
            low, middle, high = quartiles([t[name] for t in trials])
            row = Row(case, name, middle, low, high, len(trials), note=(notes or {}).get(name, ""))
            row.role = "call" if name == first else "kernel" if name == kernel else "other"
            if name != first:
                row.base, row.ratio = first, quartiles([t[name] / t[first] for t in trials])[1]
            self.rows.append(row)

    def as_dict(self) -> dict[str, Any]:
        """Return plain values for JSON: figures to four digits, nothing that says nothing."""
        said = [
            {key: value for key, value in asdict(row).items() if value not in (None, "")}
            for row in self.rows
        ]
        rows = [
            {k: float(f"{v:.4g}") if isinstance(v, float) else v for k, v in row.items()}
            for row in said
        ]
        return {"rows": rows, "facts": self.facts, "peak_mib": peak_mib()}


def step(text: str) -> None:
    """Say on standard error what is being measured."""
    print(f"  {text}", file=sys.stderr, flush=True)


def spent(call: Callable[[], object]) -> float:
    """Return the processor seconds of a call, all threads of this process."""
    started = time.process_time()
    call()
    return time.process_time() - started


def by_turns(calls: Mapping[str, Callable[[], object]], repeats: int) -> dict[str, float]:
    """Return the median processor seconds of each call; all are warmed first and run in turns."""
    for call in calls.values():
        call()
    taken = [{name: spent(call) for name, call in calls.items()} for _ in range(repeats)]
    return {name: statistics.median(turn[name] for turn in taken) for name in calls}


def quartiles(values: Sequence[float]) -> tuple[float, float, float]:
    """Return lower quartile, median, upper quartile."""
    if len(values) < 2:
        return values[0], values[0], values[0]
    low, middle, high = statistics.quantiles(values, n=4, method="inclusive")
    return low, middle, high


def peak_mib() -> float:
    """Return the largest resident memory of this process so far in MiB; NaN where the system does
    not tell.
    """
    with suppress(
        OSError
    ):  # Linux: what getrusage says begins at the peak of the process that started this one
        found = re.search(
            r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text(encoding="ascii")
        )
        if found:
            return round(int(found[1]) / 2**10, 1)
    try:
        import resource
    except ImportError:
        return float("nan")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return round(peak / (2**20 if sys.platform == "darwin" else 2**10), 1)


def child_environment(cache: str) -> dict[str, str]:
    """Return the environment of a fresh process that uses this railshed and keeps its caches in
    `cache`.
    """
    paths = (str(ROOT / "src"), os.environ.get("PYTHONPATH", ""))
    return {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(p for p in paths if p),
        "RAILSHED_CACHE_DIR": cache,
    }


def apart(script: str, *words: object, python: str = sys.executable, **environment: str) -> Any:
    """Return what a script of this folder prints in its last line, as JSON, in a process of its
    own.
    """
    command = [python, str(Path(__file__).with_name(script)), *map(str, words)]
    done = subprocess.run(
        command,
        stdout=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        env={**os.environ, **environment},
        check=True,
    )
    return json.loads(done.stdout.splitlines()[-1])


def environment() -> dict[str, Any]:
    """Return versions and the class of the machine, nothing that names it."""
    import railshed

    return {
        "railshed": railshed.__version__,
        "python": platform.python_version(),
        "system": platform.system(),
        "machine": platform.machine(),
        "cores": os.cpu_count(),
        "load": os.getloadavg()[0] if hasattr(os, "getloadavg") else None,
        "packages": {name: metadata.version(name) for name in PACKAGES},
    }


def markdown(workload: str, result: Mapping[str, Any]) -> str:
    """Return the table and the facts of one workload."""
    head = "| case | what | processor time | quartiles | times as long | note |"
    lines = [f"### {workload}", "", head, "|---|---|---:|---:|---:|---|"]
    for row in result["rows"]:
        spread = "" if row["n"] < 2 else f"{duration(row['low_s'])} - {duration(row['high_s'])}"
        ratio = f"{times(row['ratio'])} x {row['base']}" if "ratio" in row else ""
        cells = (
            row["case"],
            row["what"],
            duration(row["median_s"]),
            spread,
            ratio,
            row.get("note", ""),
        )
        lines.append(f"| {' | '.join(cells)} |")
    lines += ["", f"- measured at {result['commit']}"] if result.get("commit") else [""]
    lines += [f"- {name}: {value}" for name, value in result["facts"].items()]
    return "\n".join(
        [*lines, f"- peak memory of the benchmark's own process: {result['peak_mib']:.0f} MiB", ""]
    )


def duration(seconds: float) -> str:
    """Return seconds in words, three digits."""
    if seconds < 1:
        return f"{seconds * 1e3:.3g} ms" if seconds < 0.1 else f"{seconds * 1e3:.0f} ms"
    return f"{seconds:.1f} s" if seconds < 100 else f"{seconds:.0f} s"


def times(value: float) -> str:
    """Return a ratio, three digits."""
    return f"{value:,.0f}" if value >= 20 else f"{value:.3g}"
