"""How much a link between two stations can gain at most, known without a timetable of it.

No journey is faster than its fastest hops one after the other, without waiting and without
changing. So who uses a new link from a to b is at least as long on the way as: to the door of a
station s, into it, the fastest hops from s to a, the link, the fastest hops from b to a core
station (or over the link again), and out of it. A cell from which that is more than the cutoff by
every station near it does not come within reach, whatever the service. What all other cells may
count more than they do is the bound.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from railshed.assumptions.readings import get_reading
from railshed.circles.analysis import cases_of
from railshed.comparisons.objective import Objective
from railshed.kernels.dijkstra import Graph, many_to_all
from railshed.questions.rank.portfolio import ObjectiveEvaluator
from railshed.questions.rank.reached import united
from railshed.routing.directions import Direction
from railshed.util.array_types import Floats, Ints32, Ints64
from railshed.util.units import MINUTE, UNREACHED

#: beyond any cutoff, and small enough to be added up
FAR = 1 << 28


def _most(
    objective: Objective,
    n_stations: int,
    station: Ints64,
    access_s: Ints64,
    counts: Ints32,
    weight: Floats,
) -> Floats:
    """Return float64 (n_stations, minutes + 1): what pairs of cell and station may gain with so
    many minutes left.

    A cell within reach gains all of its weight. Of minutes saved it gains at most those left beyond
    its way to the door and beyond what it counts already, and no more than the range of the
    objective.
    """
    found = np.zeros((n_stations, objective.cutoff_min + 1))
    if not objective.saves:
        np.add.at(found, (station, -(-access_s // MINUTE)), weight)
        return np.cumsum(found, axis=1)
    late = (access_s + counts) // MINUTE
    here = late <= objective.cutoff_min
    np.add.at(found, (station[here], late[here]), weight[here])
    summed = np.cumsum(found, axis=1)
    a_minute_more = np.zeros_like(summed)
    a_minute_more[:, 1:] = summed[:, :-1]
    most = objective.most // MINUTE
    a_minute_more[:, most + 1 :] -= summed[:, : -most - 1]
    return np.cumsum(a_minute_more, axis=1)


def times_between(
    graph: Graph, groups: Sequence[Sequence[tuple[int, int]]], limit_s: int
) -> Ints64:
    """Return int64 (n_groups, n_stations) least seconds to (from) each group of (station, own
    seconds), FAR beyond.
    """
    ptr = np.concatenate([[0], np.cumsum([len(group) for group in groups])]).astype(np.uint32)
    flat = np.array([pair for group in groups for pair in group], np.uint32).reshape(-1, 2)
    found = many_to_all(
        graph, ptr, np.ascontiguousarray(flat[:, 0]), np.ascontiguousarray(flat[:, 1]), limit_s
    )
    return np.where(found <= limit_s, found.astype(np.int64), FAR)


@dataclass(frozen=True, eq=False)
class Bounds:
    """Everything that the bounds of many links need."""

    objective: Objective
    #: int64 (n_ends, n_stations) least seconds between each station and each possible end
    between: Ints64
    #: int64 (n_cities, n_ends) least seconds from each end on to the end of the journey in each
    #: city
    onward: Ints64
    #: int64 (n_stations,) seconds between door and platform at home
    home_s: Ints64
    #: cells near stations that may count more: index of the cell, station, seconds to the door
    cell: Ints64
    station: Ints64
    access_s: Ints64
    #: float64 (n_cells,) what lies in each of the cells, and int32 what it counts already
    weight: Floats
    counts: Ints32
    #: float64 (n_stations, minutes + 1) what the cells near a station may gain at most with so many
    #: minutes left there
    most: Floats
    #: float64 (n_stations,) what lies in the cells near a station that may count more
    near: Floats

    @property
    def cutoff_s(self) -> int:
        """The cutoff of the objective in seconds."""
        return self.objective.cutoff_min * MINUTE

    @classmethod
    def of(cls, evaluator: ObjectiveEvaluator, ends: Sequence[int], direction: Direction) -> Bounds:
        """Return the bounds of links between `ends` for the objective of `evaluator`."""
        run = evaluator.run
        one = evaluator.objective
        compiled = run.compiled.schedule
        assert compiled is not None
        legs = get_reading(one.reading, run.readings).legs
        cases = cases_of(run, evaluator.cities)
        (graph, *_) = compiled.hops(direction)
        cutoff_s = one.cutoff_min * MINUTE
        between = times_between(graph, [[(k, 0)] for k in ends], cutoff_s)
        targets = [list(case.targets(legs, direction).items()) for case in cases]
        onward = np.full((len(cases), compiled.network.n_stations), FAR, np.int64)
        for k, found in enumerate(targets):
            if found:
                onward[k] = times_between(graph, [found], cutoff_s)[0]
        near = np.flatnonzero((between < FAR).any(axis=0)).tolist()
        access = cases[0].access.within_caps(
            run.cells, cases[0].doors(near), towards=direction == "to"
        )
        number, door, seconds = access.pairs()
        order = np.lexsort((door, run.cells.keys(number)))
        keys = run.cells.keys(number[order])
        door = door[order]
        seconds = seconds[order]
        counts = united(evaluator.base).of_draw(keys)  # today's trains are the same in every draw
        new = (counts < one.most) & (seconds <= cutoff_s)
        cells, cell = np.unique(keys[new], return_inverse=True)
        weight = evaluator.weights(cells)
        station = np.array(near, np.int64)[door[new]]
        access_s = seconds[new]
        n = compiled.network.n_stations
        most = _most(one, n, station, access_s, counts[new], weight[cell])
        around = np.bincount(station, weights=weight[cell], minlength=n).astype(np.float64)
        of_cells = np.zeros(len(cells), np.int32)
        of_cells[cell] = counts[new]
        return cls(
            one,
            between,
            onward[:, list(ends)],
            cases[0].home_s(legs, direction),
            cell,
            station,
            access_s,
            weight,
            of_cells,
            most,
            around,
        )

    def least_s(self, a: Ints64, b: Ints64, run_s: Ints64, city: int | None = None) -> Ints64:
        """Return int64 (n_links, n_stations): least seconds from each station's platform over the
        links to the end.

        To the nearest of all cities, or to one. `a`, `b`, `run_s` are int64 (n_links,): ends and
        seconds of the links.
        """
        onward = self.onward.min(axis=0) if city is None else self.onward[city]
        from_a, from_b = (
            run_s + np.minimum(onward[there], run_s + onward[here])
            for here, there in ((a, b), (b, a))
        )
        least: Ints64 = np.minimum(
            self.between[a] + from_a[:, None], self.between[b] + from_b[:, None]
        )
        return least

    def loose(self, a: Ints64, b: Ints64, run_s: Ints64) -> Floats:
        """Return float64 (n_links,) bounds that count a cell once for every station near it."""
        left_s = self.cutoff_s - self.home_s - self.least_s(a, b, run_s)
        minutes = np.minimum(-(-left_s // MINUTE), self.most.shape[1] - 1)
        counted = self.most[np.arange(len(self.home_s)), np.maximum(minutes, 0)]
        found: Floats = np.where(minutes >= 0, counted, 0.0).sum(axis=1)
        return found

    def tight(self, a: int, b: int, run_s: int) -> float:
        """Return the bound of one link that counts every cell once."""
        least = self._least_of(a, b, run_s) + self.home_s
        seconds = np.full(len(self.weight), FAR, np.int64)
        np.minimum.at(seconds, self.cell, self.access_s + least[self.station])
        more = np.maximum(self.objective.counts(seconds) - self.counts, 0)
        return self.objective.value(float((self.weight * more).sum()))

    def touches(self, city: int, a: int, b: int, run_s: int) -> bool:
        """Return whether the link can be of use for this city at all."""
        return bool((self._least_of(a, b, run_s, city) + self.home_s <= self.cutoff_s).any())

    def _least_of(self, a: int, b: int, run_s: int, city: int | None = None) -> Ints64:
        one, other, run = (np.array([value], np.int64) for value in (a, b, run_s))
        found: Ints64 = self.least_s(one, other, run, city)[0]
        return found


assert FAR < UNREACHED
