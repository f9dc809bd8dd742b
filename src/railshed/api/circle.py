"""The public functions and what they return. Arguments in, result objects out; no printing."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from railshed.assumptions.assumptions import Assumptions
from railshed.circles.analysis import (
    Run,
    case_of,
    circle_kinds,
    prepare,
)
from railshed.circles.build import circles_of
from railshed.circles.result import Circle
from railshed.network.cities import City
from railshed.network.model import Network
from railshed.util.parallel import map_in_threads
from railshed.util.validation import checked

if TYPE_CHECKING:
    import networkx as nx

    from railshed.access.streets import Streets
    from railshed.cells.opportunities import Opportunities


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
    """Yield the circles of many cities in the order given, computed `workers` at a time.

    Kernels and geometry work without the interpreter lock. Parameters and errors are those of `circle`.
    """
    cases = [case_of(run, city) for city in cities]
    build = partial(circles_of, run=run, reading=reading, direction=direction, cutoffs=cutoffs)
    for circles in map_in_threads(build, [[case] for case in cases], workers):
        yield circles[0]
