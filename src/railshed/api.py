"""The public functions and what they return. Arguments in, result objects out; no printing."""

from __future__ import annotations

import datetime as dt
import os
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from railshed.arguments import checked, flag, mapping, optional, text, whole
from railshed.assumptions import Assumptions, default_uncertainty, get_reading
from railshed.circles import circles_of
from railshed.distributions import MOST_DRAWS
from railshed.model import City, Network
from railshed.results import HEADLINE_CUTOFF_MIN, Circle
from railshed.runs import RESULTS_VERSION as RESULTS_VERSION
from railshed.runs import Run as Run
from railshed.runs import case_of, circle_kinds
from railshed.runs import prepare as prepare
from railshed.runs import study_area as study_area
from railshed.stationtimes import reach as reach

if TYPE_CHECKING:
    import networkx as nx

    from railshed.comparing import check_compliance as check_compliance
    from railshed.comparing import compare as compare
    from railshed.comparing import iter_comparisons as iter_comparisons
    from railshed.comparing import phase_draws as phase_draws
    from railshed.comparing import unite as unite
    from railshed.compliance import compliance_rows as compliance_rows
    from railshed.compliance import rules_apply as rules_apply
    from railshed.opportunities import Opportunities
    from railshed.overlaps import Overlap
    from railshed.probability import Inclusion
    from railshed.streets import Streets
    from railshed.tradeoffs import trade_offs as trade_offs

#: public functions that live elsewhere, imported when first used: a circle needs none of them
_ELSEWHERE = {
    **dict.fromkeys(("check_compliance", "compare", "iter_comparisons", "phase_draws", "unite"), "comparing"),
    **dict.fromkeys(("compliance_rows", "rules_apply"), "compliance"),
    "trade_offs": "tradeoffs",
}


def __getattr__(name: str) -> Any:
    if name not in _ELSEWHERE:
        raise AttributeError(f"module 'railshed.api' has no attribute {name!r}")
    return getattr(import_module(f"railshed.{_ELSEWHERE[name]}"), name)


@checked(**circle_kinds("network", "city", "cutoffs", "reading", "direction"))
def circle(
    network: Network | Run | str | Path,
    city: str | City,
    *,
    cutoffs: Sequence[int] | None = None,
    reading: str = "door-to-station",
    direction: str = "to",
    access: Sequence[str] | None = None,
    assumptions: Assumptions | None = None,
    readings: str | Path | None = None,
    date: dt.date | str | None = None,
    max_transfers: int | None = None,
    egress: Sequence[str] | None = None,
    streets: Streets | str | Path | nx.Graph | None = None,
    population: Opportunities | str | Path | None = None,
    cell_size_m: int | None = None,
    smooth_m: float = 0.0,
    simplify_m: float = 0.0,
) -> Circle:
    """Return the one-hour commuting circle of a city under all readings.

    Parameters
    ----------
    network
        A network, an id or a path, or what `prepare` made of it (then everything from `access` on is its own).
    city
        Slug, Chinese or English name, or a `City`.
    cutoffs
        Minutes, inclusive; default those of each reading (30, 45, 60; door to door 45, 60, 75, 90).
    reading
        The headline reading; the others stand beside it.
    direction
        ``to`` the city in its morning window, ``from`` it in the evening window, or ``both``.
    access, assumptions, readings, date, max_transfers, egress, streets, population, cell_size_m, smooth_m, simplify_m
        As `prepare`.

    Raises
    ------
    NotFoundError
        Unknown city or reading, with the nearest names.
    ParameterError
        A cutoff, direction or mode that is not allowed.
    """
    run = network if isinstance(network, Run) else prepare(
        network, access=access, assumptions=assumptions, readings=readings, date=date, max_transfers=max_transfers,
        egress=egress, streets=streets, population=population, cell_size_m=cell_size_m, smooth_m=smooth_m,
        simplify_m=simplify_m,
    )  # fmt: skip
    case = case_of(run, city)
    return circles_of([case], run, reading=reading, direction=direction, cutoffs=cutoffs)[0]


@checked(**circle_kinds("run", "cities", "cutoffs", "reading", "direction", "workers"))
def iter_circles(
    run: Run, cities: Sequence[str | City], *, cutoffs: Sequence[int] | None = None, reading: str = "door-to-station",
    direction: str = "to", workers: int | None = None,
) -> Iterator[Circle]:  # fmt: skip
    """Yield the circles of many cities in the order given, computed on all cores (`workers` threads).

    Kernels and geometry work without the interpreter lock. Parameters and errors are those of `circle`.
    """
    cases = [case_of(run, city) for city in cities]
    with ThreadPoolExecutor(max_workers=workers or os.cpu_count() or 1) as pool:
        jobs = deque(
            pool.submit(circles_of, [case], run, reading=reading, direction=direction, cutoffs=cutoffs)
            for case in cases
        )
        try:
            while jobs:  # a circle that was handed over is not held here
                yield jobs.popleft().result()[0]
        finally:
            for job in jobs:
                job.cancel()


@checked(**circle_kinds("run", "cities", "reading", "direction", "cutoff_min"))
def union(
    run: Run, cities: Sequence[str | City], *, reading: str = "door-to-station", direction: str = "to",
    cutoff_min: int = HEADLINE_CUTOFF_MIN,
) -> dict[str, Any]:  # fmt: skip
    """Return people and km2 of the united circles of several cities, each place counted once, on one common grid.

    Rows as in `indicators.reach_table`; the city proper is the union of the cities' own.
    """
    from railshed.overlaps import overlap_of

    return overlap_of(run, cities, reading=reading, direction=direction, cutoff_min=cutoff_min).union


@checked(**circle_kinds("run", "cities", "reading", "direction", "cutoff_min"), name=text, name_en=text)
def overlap(
    run: Run, cities: Sequence[str | City], *, reading: str = "door-to-station", direction: str = "to",
    cutoff_min: int = HEADLINE_CUTOFF_MIN, name: str = "", name_en: str = "",
) -> Overlap:  # fmt: skip
    """Return the circles of several cities on one common grid: their union, and how many cities reach each place.

    Parameters
    ----------
    run
        What `prepare` made of a network.
    cities
        Two or more: slugs, names, or `City`.
    reading, direction, cutoff_min
        As `circle`; a reading with an area.
    name, name_en
        What the cities are together: the region.
    """
    from railshed.overlaps import overlap_of

    return overlap_of(
        run, cities, reading=reading, direction=direction, cutoff_min=cutoff_min, name=name, name_en=name_en
    )  # fmt: skip


@checked(
    **circle_kinds("network", "city", "reading", "direction", "cutoff_min", "workers"),
    n_draws=whole(1, MOST_DRAWS),
    seed=whole(),
    uncertainty=optional(mapping),
    progress=flag,
)
def inclusion(
    network: Network | Run | str | Path,
    city: str | City,
    *,
    n_draws: int = 100,
    seed: int = 0,
    reading: str = "door-to-station",
    direction: str = "to",
    cutoff_min: int = HEADLINE_CUTOFF_MIN,
    uncertainty: Mapping[str, Mapping[str, Any]] | None = None,
    progress: bool = False,
    workers: int | None = None,
) -> Inclusion:
    """Return in which share of many drawn days each place is within the cutoff of a city.

    A draw is a whole run: times in stations, speeds and waits on the way to them and delays of trains are drawn, and
    all else is as in `circle`. Places, people and area of a draw are those that `circle` would give under them.

    Parameters
    ----------
    network
        A network, an id or a path, or what `prepare` made of it.
    n_draws, seed
        How many days, and what they are drawn from: the same seed gives the same bytes, and the first draws of more
        are the draws of fewer.
    uncertainty
        Rows laid over those of the network and the shipped ones (`default_uncertainty`), as in network.toml:
        ``{"station_time": {"log_sd": 0.1}, "delay:rail": {"kind": "none"}}``.
    progress
        Show a bar on standard error.
    workers
        Threads; default one a core. They change no result.

    Raises
    ------
    NotFoundError
        Unknown city or reading, with the nearest names.
    InputError
        A row of `uncertainty` that is not allowed; names every problem.
    ParameterError
        A number, direction or reading that is not allowed.
    """
    from railshed.probability import inclusion_of

    run = network if isinstance(network, Run) else prepare(network)
    rows = default_uncertainty(run.compiled.network.assumptions, uncertainty)
    return inclusion_of(
        case_of(run, city), get_reading(reading, run.readings), direction, rows, cutoff_min=cutoff_min, n_draws=n_draws,
        seed=seed, opportunities=run.opportunities, progress=progress, workers=workers,
    )  # fmt: skip
