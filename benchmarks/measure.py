"""Timing, memory and versions: what every workload needs, and nothing about trains."""

from __future__ import annotations

import os
import platform
import re
import statistics
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from importlib import metadata
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("numba", "numpy", "geopandas", "shapely", "pandas", "pyarrow")


@dataclass
class Row:
    """One line of the table. Times are medians in seconds with their quartiles; ratios are medians of paired ratios."""

    workload: str
    case: str
    what: str
    median_s: float | None
    low_s: float | None = None
    high_s: float | None = None
    n: int = 1
    #: name of the row that the ratio compares with, and how many times its time this one takes
    base: str = ""
    ratio: float | None = None
    ratio_low: float | None = None
    ratio_high: float | None = None
    note: str = ""


@dataclass
class Result:
    """What a workload gives back: rows, figures of other kinds, and the peak memory of its process."""

    rows: list[Row] = field(default_factory=list)
    facts: dict[str, Any] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """Return plain values for JSON."""
        return {"rows": [asdict(row) for row in self.rows], "facts": self.facts, "peak_mib": peak_mib()}


def interleaved(calls: Mapping[str, Callable[[], object]], repeats: int) -> dict[str, float]:
    """Return the median seconds of each call; all are warmed first and run in turns, so noise falls on all alike."""
    for call in calls.values():
        call()
    taken: dict[str, list[float]] = {name: [] for name in calls}
    for _ in range(repeats):
        for name, call in calls.items():
            started = time.perf_counter()
            call()
            taken[name].append(time.perf_counter() - started)
    return {name: statistics.median(times) for name, times in taken.items()}


def quartiles(values: Sequence[float]) -> tuple[float, float, float]:
    """Return lower quartile, median, upper quartile."""
    if len(values) < 2:
        return values[0], values[0], values[0]
    low, middle, high = statistics.quantiles(values, n=4, method="inclusive")
    return low, middle, high


def summarise(
    workload: str, case: str, trials: Sequence[Mapping[str, float]], base: str, notes: Mapping[str, str] | None = None
) -> list[Row]:
    """Return one row a contender over all trials (cities, directions); the ratio is taken trial by trial."""
    rows = []
    for name in trials[0]:
        low, middle, high = quartiles([t[name] for t in trials])
        row = Row(workload, case, name, middle, low, high, len(trials), note=(notes or {}).get(name, ""))
        if name != base:
            row.base = base
            row.ratio_low, row.ratio, row.ratio_high = quartiles([t[name] / t[base] for t in trials])
        rows.append(row)
    return rows


def peak_mib() -> float | None:
    """Return the largest resident memory of this process so far in MiB; None where the system does not tell."""
    with suppress(OSError):  # Linux: what getrusage says begins at the peak of the process that started this one
        found = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text(encoding="ascii"))
        if found:
            return round(int(found[1]) / 2**10, 1)
    try:
        import resource
    except ImportError:
        return None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return round(peak / (2**20 if sys.platform == "darwin" else 2**10), 1)


def child_environment(cache: str) -> dict[str, str]:
    """Return the environment of a fresh process that uses this railshed and keeps its caches in `cache`."""
    import railshed

    paths = (str(Path(railshed.__file__).parents[1]), os.environ.get("PYTHONPATH", ""))
    return {**os.environ, "PYTHONPATH": os.pathsep.join(p for p in paths if p), "RAILSHED_CACHE_DIR": cache}


def environment() -> dict[str, Any]:
    """Return versions and the class of the machine, nothing that names it."""
    import railshed

    return {
        "railshed": railshed.__version__,
        "python": platform.python_version(),
        "system": platform.system(),
        "machine": platform.machine(),
        "cores": os.cpu_count(),
        "packages": {name: metadata.version(name) for name in PACKAGES},
    }


def markdown(workload: str, result: Mapping[str, Any]) -> str:
    """Return the table and the facts of one workload."""
    lines = [
        f"### {workload}",
        "",
        "| case | what | median | quartiles | times as long | note |",
        "|---|---|---:|---:|---:|---|",
    ]
    for row in result["rows"]:
        spread = "" if row["n"] < 2 else f"{_time(row['low_s'])} - {_time(row['high_s'])}"
        ratio = "" if row["ratio"] is None else f"{_ratio(row['ratio'])} x {row['base']}"
        if row["ratio"] is not None and row["n"] > 1:
            ratio += f" ({_ratio(row['ratio_low'])} - {_ratio(row['ratio_high'])})"
        lines.append(
            f"| {row['case']} | {row['what']} | {_time(row['median_s'])} | {spread} | {ratio} | {row['note']} |"
        )
    lines.append("")
    if result.get("commit"):
        lines.append(f"- measured at {result['commit']}")
    lines += [f"- {name}: {value}" for name, value in result["facts"].items()]
    if result["peak_mib"] is not None:
        lines.append(f"- peak memory of the benchmark's own process: {result['peak_mib']:.0f} MiB")
    return "\n".join([*lines, ""])


def _time(seconds: float | None) -> str:
    if seconds is None:
        return ""
    if seconds < 1:
        return f"{seconds * 1e3:.3g} ms" if seconds < 0.1 else f"{seconds * 1e3:.0f} ms"
    return f"{seconds:.1f} s" if seconds < 100 else f"{seconds:.0f} s"


def _ratio(value: float) -> str:
    return f"{value:,.0f}" if value >= 20 else f"{value:.3g}"
