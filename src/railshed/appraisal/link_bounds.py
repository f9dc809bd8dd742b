"""How much a link between two stations can gain at most, known without a timetable of it.

No journey is faster than its fastest hops one after the other, without waiting and without changing. So who uses a new
link from a to b is at least as long on the way as: to the door of a station s, into it, the fastest hops from s to a,
the link, the fastest hops from b to a core station (or over the link again), and out of it. A cell from which that is
more than the cutoff by every station near it does not come within reach, whatever the service. What lies in all other
cells that are not yet within reach is the bound.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from railshed.appraisal.portfolio import ObjectiveEvaluator, united
from railshed.assumptions.readings import get_reading
from railshed.cells.cell_keys import cell_keys, distinct, find_keys
from railshed.circles.analysis import case_of
from railshed.kernels.dijkstra import Graph, many_to_all
from railshed.kernels.types import ARRIVAL, DEPARTURE, FROM, TO
from railshed.routing.directions import Direction
from railshed.routing.journeys import Compiled
from railshed.util.array_types import Floats, Ints64
from railshed.util.units import MINUTE, UNREACHED

#: beyond any cutoff, and small enough to be added up
FAR = 1 << 28


def fastest_hops(compiled: Compiled, direction: Direction) -> Graph:
    """Return the graph of the day's fastest hops and of the walks, against the way of travel *to* a city."""
    table = compiled.timetable("to")
    rows = table.connections.astype(np.int64)
    walk_from = np.repeat(np.arange(len(table.walk_ptr) - 1), np.diff(table.walk_ptr))
    tail = np.concatenate([rows[:, FROM], walk_from])
    head = np.concatenate([rows[:, TO], table.walk_to.astype(np.int64)])
    seconds = np.concatenate([rows[:, ARRIVAL] - rows[:, DEPARTURE], table.walk_s.astype(np.int64)])
    if direction == "to":
        tail, head = head, tail
    order = np.lexsort((seconds, head, tail))
    tail, head, seconds = tail[order], head[order], seconds[order]
    first = np.ones(len(tail), dtype=bool)
    first[1:] = (np.diff(tail) != 0) | (np.diff(head) != 0)
    ptr = np.searchsorted(tail[first], np.arange(compiled.network.n_stations + 1)).astype(np.uint32)
    return Graph(ptr, np.ascontiguousarray(np.column_stack([head, seconds])[first].astype(np.uint32)))


def times_between(graph: Graph, groups: Sequence[Sequence[tuple[int, int]]], limit_s: int) -> Ints64:
    """Return int64 (n_groups, n_stations) least seconds to (from) each group of (station, own seconds), FAR beyond."""
    ptr = np.concatenate([[0], np.cumsum([len(group) for group in groups])]).astype(np.uint32)
    flat = np.array([pair for group in groups for pair in group], np.uint32).reshape(-1, 2)
    found = many_to_all(graph, ptr, np.ascontiguousarray(flat[:, 0]), np.ascontiguousarray(flat[:, 1]), limit_s)
    return np.where(found <= limit_s, found.astype(np.int64), FAR)


@dataclass(frozen=True, eq=False)
class Bounds:
    """Everything that the bounds of many links need."""

    cutoff_s: int
    #: int64 (n_ends, n_stations) least seconds between each station and each possible end
    between: Ints64
    #: int64 (n_cities, n_ends) least seconds from each end on to the end of the journey in each city
    onward: Ints64
    #: int64 (n_stations,) seconds between door and platform at home
    home_s: Ints64
    #: cells near stations that are not within reach yet: index of the cell, station, seconds to the door
    cell: Ints64
    station: Ints64
    access_s: Ints64
    #: float64 (n_cells,) what of the objective lies in each of the cells
    weight: Floats
    #: float64 (n_stations, minutes + 1) what lies within so many minutes of the door
    within: Floats

    @classmethod
    def of(cls, evaluator: ObjectiveEvaluator, ends: Sequence[int], direction: Direction) -> Bounds:
        """Return the bounds of links between `ends` for the objective of `evaluator`."""
        run, one = evaluator.run, evaluator.objective
        compiled = run.compiled.schedule
        assert compiled is not None
        legs = get_reading(one.reading, run.readings).legs
        cases = [case_of(run, city) for city in evaluator.cities]
        graph, cutoff_s = fastest_hops(compiled, direction), one.cutoff_min * MINUTE
        between = times_between(graph, [[(k, 0)] for k in ends], cutoff_s)
        targets = [list(case.targets(legs, direction).items()) for case in cases]
        onward = np.full((len(cases), compiled.network.n_stations), FAR, np.int64)
        for k, found in enumerate(targets):
            if found:
                onward[k] = times_between(graph, [found], cutoff_s)[0]
        near = np.flatnonzero((between < FAR).any(axis=0)).tolist()
        pairs = cases[0].access.cells_within_caps(run.cells, cases[0].doors(near), towards=direction == "to")
        keys = cell_keys(pairs.row, pairs.column)
        reached = united(evaluator.base)
        new = ~find_keys(reached, keys)[1] & (pairs.seconds <= cutoff_s)
        cells = distinct(keys[new])
        weight = evaluator.weights(cells)
        cell, station = find_keys(cells, keys[new])[0], np.array(near, np.int64)[pairs.point[new]]
        within = np.zeros((compiled.network.n_stations, one.cutoff_min + 1))
        np.add.at(within, (station, -(-pairs.seconds[new] // MINUTE)), weight[cell])
        return cls(
            cutoff_s, between, onward[:, list(ends)], cases[0].home_s(legs, direction), cell, station,
            pairs.seconds[new], weight, np.cumsum(within, axis=1),
        )  # fmt: skip

    def least_s(self, a: Ints64, b: Ints64, run_s: Ints64, city: int | None = None) -> Ints64:
        """Return int64 (n_links, n_stations): least seconds from each station's platform over the links to the end.

        To the nearest of all cities, or to one. `a`, `b`, `run_s` are int64 (n_links,): ends and seconds of the links.
        """
        onward = self.onward.min(axis=0) if city is None else self.onward[city]
        from_a, from_b = (
            run_s + np.minimum(onward[there], run_s + onward[here]) for here, there in ((a, b), (b, a))
        )  # fmt: skip
        least: Ints64 = np.minimum(self.between[a] + from_a[:, None], self.between[b] + from_b[:, None])
        return least

    def loose(self, a: Ints64, b: Ints64, run_s: Ints64) -> Floats:
        """Return float64 (n_links,) bounds that count a cell once for every station near it."""
        left_s = self.cutoff_s - self.home_s - self.least_s(a, b, run_s)
        minutes = np.minimum(-(-left_s // MINUTE), self.within.shape[1] - 1)
        counted = self.within[np.arange(len(self.home_s)), np.maximum(minutes, 0)]
        found: Floats = np.where(minutes >= 0, counted, 0.0).sum(axis=1)
        return found

    def tight(self, a: int, b: int, run_s: int) -> float:
        """Return the bound of one link that counts every cell once."""
        least = self._least_of(a, b, run_s) + self.home_s
        found = np.zeros(len(self.weight), dtype=bool)
        found[self.cell[self.access_s + least[self.station] <= self.cutoff_s]] = True
        return float(self.weight[found].sum())

    def touches(self, city: int, a: int, b: int, run_s: int) -> bool:
        """Return whether the link can be of use for this city at all."""
        return bool((self._least_of(a, b, run_s, city) + self.home_s <= self.cutoff_s).any())

    def _least_of(self, a: int, b: int, run_s: int, city: int | None = None) -> Ints64:
        one, other, run = (np.array([value], np.int64) for value in (a, b, run_s))
        found: Ints64 = self.least_s(one, other, run, city)[0]
        return found


assert FAR < UNREACHED
