"""Workload `growth`: how the cost grows with what is asked, what fits the memory, and what a national run costs.

Every curve doubles one thing and keeps the rest; its exponent is the slope of a straight line through the logarithms
(least squares, with the standard error of the slope). 1 is linear. The picture is `growth.png`.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from guardcases import _part
from incremental import candidates
from measure import Result, Row, child_environment, peak_mib
from metro import LARGE, SMALL, Size, make_metro
from plaincells import make_cells

import railshed
from railshed import default_assumptions, load_network
from railshed.comparisons.incremental.baseline import baseline
from railshed.kernels.cell_times import cell_times
from railshed.routing.compile import compile_network
from railshed.routing.directions import DIRECTIONS
from railshed.routing.journeys import Compiled
from railshed.routing.profiles import percentile_ranks
from railshed.util.units import HOUR, MINUTE, UNREACHED

PICTURE = Path(__file__).resolve().parent / "growth.png"
MORNING = (6 * HOUR, 12 * HOUR)
PEAK = (7 * HOUR + 30 * MINUTE, 9 * HOUR + 30 * MINUTE)
_GIB = 2**30
#: the memory asked about, and what a generated case may take here
_MEMORY_GIB, _CASE_GIB = 24, 12


@dataclass(frozen=True)
class Curve:
    """Seconds against how many of something."""

    of: str
    what: str
    number: tuple[int, ...]
    seconds: tuple[float, ...]

    def exponent(self) -> tuple[float, float, float]:
        """Return the slope of log seconds over log number, its standard error, and the seconds at 1."""
        x, y = np.log(self.number), np.log(self.seconds)
        spread = float(((x - x.mean()) ** 2).sum())
        slope = float(((x - x.mean()) * y).sum() / spread)
        level = float(y.mean() - slope * x.mean())
        left = y - level - slope * x
        error = float(np.sqrt((left**2).sum() / max(1, len(x) - 2) / spread))
        return slope, error, float(np.exp(level))


def measured(
    of: str, what: str, cases: Iterator[tuple[int, Callable[[], object]]], repeats: int
) -> Curve:  # fmt: skip
    """Return the curve of the least wall seconds of each case, one warming call before."""
    numbers, seconds = [], []
    for number, call in cases:
        call()
        numbers.append(number)
        seconds.append(min(_seconds(call) for _ in range(repeats)))
    return Curve(of, what, tuple(numbers), tuple(seconds))


def _seconds(call: Callable[[], object]) -> float:
    started = time.perf_counter()
    call()
    return time.perf_counter() - started


def cast(network: railshed.Network) -> Compiled:
    """Return the network, cast, without generated walks: those of the generator are listed."""
    return compile_network(network, default_assumptions(), footpaths=False)


def in_peak(compiled: Compiled) -> int:
    """Return the connections that a search of the peak scans, two hours before it included."""
    departure = compiled.to.connections[:, 0].astype(np.int64) - 86_400
    return int(((departure >= PEAK[0] - 2 * HOUR) & (departure < PEAK[1])).sum())


def search(compiled: Compiled, station: int = 0) -> object:
    """Return the minutes of the peak to one station."""
    return compiled.profiles("to", {station: 0}, PEAK, slack_s=0).travel_times(PEAK, 0)


def thinner(network: railshed.Network, n: int) -> Iterator[tuple[int, Callable[[], object]]]:
    """Yield searches on every 2**k-th trip: the same stations, fewer connections."""
    every = np.arange(len(network.trips.trip_ids))
    for k in reversed(range(n)):
        made = cast(_part(network, every % 2**k == 0))
        target = made.network.n_stations // 2
        yield in_peak(made), lambda made=made, target=target: search(made, target)  # type: ignore[misc]


def wider(sizes: Sequence[Size]) -> Iterator[tuple[int, Callable[[], object]]]:
    """Yield searches on metros of one density and growing radius."""
    for size in sizes:
        made = cast(make_metro(size))
        yield made.network.n_stations, lambda made=made: search(made, made.network.n_stations // 2)  # type: ignore[misc]


def sizes(n: int) -> list[Size]:
    """Return metros whose area and lines double."""
    factors = [2.0**k for k in range(-n + 1, 1)]
    return [
        Size(LARGE.radius_m * f**0.5, max(2, round(LARGE.n_chords * f**0.5)), (), max(2, round(LARGE.n_buses * f)))
        for f in factors
    ]


def more_minutes(compiled: Compiled, spans: Sequence[int]) -> Iterator[tuple[int, Callable[[], object]]]:
    """Yield searches of windows that grow from the morning's beginning, every minute of them."""
    target = {compiled.network.n_stations // 2: 0}
    for minutes in spans:
        span = (6 * HOUR, 6 * HOUR + minutes * MINUTE)
        yield minutes, lambda span=span: compiled.profiles("to", target, span, slack_s=0).travel_times(span, 0)  # type: ignore[misc]


def more_origins(compiled: Compiled, most: int) -> Iterator[tuple[int, Callable[[], object]]]:
    """Yield searches from growing numbers of stations, on two threads."""
    order = np.random.default_rng(1).permutation(compiled.network.n_stations).tolist()
    n = 2
    while n <= most:
        yield n, lambda n=n: on_threads(lambda x: search(compiled, x), order[:n])  # type: ignore[misc]
        n *= 2


def more_cells(sides: Sequence[int]) -> Iterator[tuple[int, Callable[[], object]]]:
    """Yield percentiles of growing numbers of cells."""
    for side in sides:
        made = make_cells(side)
        ranks = percentile_ranks((50, 75), made.times.shape[1])
        limits = np.array([HOUR // 2, HOUR])
        arguments = (made.ptr, made.station, made.seconds, made.times, np.sort(made.times), ranks, limits, UNREACHED)
        yield side * side, lambda arguments=arguments: cell_times(*arguments)  # type: ignore[misc]


def more_scenarios(city: str, numbers: Sequence[int]) -> Iterator[tuple[int, Callable[[], object]]]:
    """Yield growing numbers of candidate lines, each appraised for one city and one reading."""
    network = load_network("china")
    base = baseline(network, [city], readings=["door-to-station"])
    for n in numbers:
        yield n, lambda n=n: sum(1 for _ in base.appraise(candidates(network, n)))  # type: ignore[misc]


def on_threads(call: Callable[[int], object], numbers: Sequence[int]) -> None:
    """Call with each number, on two threads, keeping nothing."""
    with ThreadPoolExecutor(2) as pool:
        for _ in pool.map(call, numbers):
            pass


def national(result: Result, quick: bool) -> None:
    """Add what all stations of China times every minute of the morning cost, both ways, on two threads."""
    network = load_network("china")
    compiled = compile_network(network, default_assumptions(network.assumptions))
    served = np.unique(network.stop_times.station_idx).tolist()
    stations = served[:: len(served) // 40] if quick else served

    def one(station: int) -> int:
        reached = 0
        for way in DIRECTIONS:
            found = compiled.profiles(way, {station: 0}, MORNING, slack_s=0)
            times = found.travel_times(MORNING, 0)
            reached += int((times <= found.bound_s).sum())
        return reached

    one(stations[0])
    before = peak_mib() or 0.0
    started = time.perf_counter()
    with ThreadPoolExecutor(2) as pool:
        reached = sum(pool.map(one, stations))
    taken = time.perf_counter() - started
    minutes = (MORNING[1] - MORNING[0]) // MINUTE
    cells = 2 * len(stations) * network.n_stations * minutes
    case = f"China, {len(stations):,} stations x {network.n_stations:,} x {minutes} minutes x both ways"
    note = f"{taken / len(stations) * 1e3:.1f} ms a station; nothing kept, +{(peak_mib() or 0) - before:.0f} MiB"
    result.rows.append(Row("growth", case, "find_journeys + travel_times, 2 threads", taken, note=note))
    result.facts[case] = f"{cells:,} travel times, {reached:,} of them within two hours"


def memory(result: Result, quick: bool) -> None:
    """Add what a connection takes, the largest network that fits, and a generated case that was run."""
    factors = (0.5, 1.0) if quick else (1.0, 2.0, 4.0)
    taken = []
    for factor in factors:
        calls, connections, peak, base = map(float, _apart(factor).split())
        taken.append((calls, peak - base))
        result.facts[f"memory, {calls / 1e6:.1f} million stop times"] = (
            f"{connections:,.0f} connections cast; peak {peak:,.0f} MiB to make, cast and search, {base:,.0f} before"
        )
        if peak > _CASE_GIB * 1024:
            break
    (small, low), (large, high) = taken[0], taken[-1]
    slope = (high - low) / (large - small) * 2**20
    fits = (_MEMORY_GIB * _GIB - high * 2**20) / slope + large
    result.facts["bytes a stop time"] = f"{slope:,.0f}, making it included"
    result.facts[f"largest network in {_MEMORY_GIB} GiB"] = (
        f"about {fits / 1e6:,.0f} million stop times a day, from that slope; the largest that was run is "
        f"{large / 1e6:.1f} million"
    )


def _apart(factor: float) -> str:
    """Return stop times, connections, peak and first MiB of a process that makes, casts and searches a metro."""
    here = Path(__file__).resolve().parent
    code = f"import sys; sys.path.insert(0, {str(here)!r}); import growth; print(growth.one_large({factor}))"
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as cache:
        environment = child_environment(cache)
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment)
    return done.stdout.splitlines()[-1]


def one_large(factor: float) -> str:
    """Return what `_apart` says, of a metro with so many times the lines of the large one."""
    search(cast(make_metro(SMALL)))
    base = peak_mib()
    size = replace(LARGE, n_chords=round(LARGE.n_chords * factor), n_buses=round(LARGE.n_buses * factor))
    network = make_metro(size)
    calls, compiled = len(network.stop_times.trip_idx), cast(network)
    search(compiled, network.n_stations // 2)
    return f"{calls} {len(compiled.to.connections)} {peak_mib()} {base}"


def draw(curves: Sequence[Curve], path: Path) -> None:
    """Draw the curves side by side on logarithmic scales, each with its straight line and exponent."""
    import matplotlib as mpl
    from matplotlib.figure import Figure
    from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

    with mpl.rc_context({"font.size": 10, "axes.spines.top": False, "axes.spines.right": False}):
        figure = Figure(figsize=(11, 6.4), layout="constrained")
        for axes, curve in zip(np.ravel(figure.subplots(2, 3)), curves, strict=False):
            slope, error, level = curve.exponent()
            x = np.array(curve.number, float)
            axes.loglog(x, level * x**slope * 1e3, color="#E69F00", linewidth=2, zorder=1)
            axes.loglog(x, np.array(curve.seconds) * 1e3, "o", color="#0072B2", markersize=7, zorder=2)
            axes.set_title(f"{curve.what}\nexponent {slope:.2f} ± {error:.2f}", fontsize=10.5, loc="left")
            axes.set_xlabel(curve.of)
            axes.set_ylabel("milliseconds")
            step = 1 + (len(x) > 5)  # labels of more would touch
            axes.set_xticks(x, [short(n) if k % step == 0 else "" for k, n in enumerate(curve.number)])
            axes.xaxis.set_minor_formatter(NullFormatter())
            axes.tick_params(axis="both", which="minor", length=0)
            axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
            axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,g}"))
            axes.yaxis.set_minor_formatter(NullFormatter())
            axes.grid(axis="y", color="#DDDDDD", linewidth=0.6)
            axes.set_axisbelow(True)
        figure.savefig(path, dpi=110, metadata={"Software": None})


def short(number: int) -> str:
    """Return a number of at most four characters or so: 250, 12k, 1.5M."""
    for size, unit in ((10**6, "M"), (10**3, "k")):
        if number >= size:
            return f"{number / size:.2g}{unit}" if number < 99.5 * size else f"{number / size:.0f}{unit}"
    return str(number)


def curves_of(quick: bool) -> list[Curve]:
    """Return the six curves."""
    repeats = 3 if quick else 7
    large = make_metro(sizes(4)[0] if quick else LARGE)
    compiled = cast(large)
    jobs: list[tuple[str, str, Iterator[tuple[int, Callable[[], object]]]]] = [
        ("connections in the window", "One station, two hours", thinner(large, 5)),
        ("stations", "One station, metro of one density", wider(sizes(6)[:-2] if quick else sizes(6))),
        ("origins", "Searches on two threads", more_origins(compiled, 16 if quick else 64)),
        ("minutes", "One station, windows from 06:00", more_minutes(compiled, (30, 60, 120, 240, 480))),
        ("cells", "Percentiles of cells", more_cells((250, 354, 500, 707, 1000, 2000, 4000)[: 4 if quick else 7])),
        ("candidate lines", "Appraised, Chengdu", more_scenarios("chengdu", (8, 16, 32, 64, 128)[: 4 if quick else 5])),
    ]  # fmt: skip
    return [measured(of, what, cases, repeats) for of, what, cases in jobs]


def run(quick: bool, shared: Path | None) -> Result:
    """Measure; searches and cells are those whose answers the other workloads compare."""
    result = Result()
    curves = curves_of(quick)
    for curve in curves:
        slope, error, _ = curve.exponent()
        for number, seconds in zip(curve.number, curve.seconds, strict=True):
            result.rows.append(Row("growth", f"{curve.of}: {curve.what}", f"{number:,} {curve.of}", seconds))
        result.facts[f"exponent, {curve.of}"] = (
            f"{slope:.2f} ± {error:.2f} ({curve.number[0]:,} to {curve.number[-1]:,})"
        )
    national(result, quick)
    memory(result, quick)
    if not quick:
        draw(curves, PICTURE)
        result.facts["picture"] = f"![cost against each, logarithmic scales]({PICTURE.name})"
    return result
