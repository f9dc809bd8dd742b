"""The graph engine in plain Python: every journey is written down, its least frequent hop looked
for afterwards.

Slow on purpose and with nothing of the package but its drawn phases and waits.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from random import Random

MINUTE, BIG = 60, 2**31 - 1


@dataclass(frozen=True)
class Hop:
    line: int
    start: int
    end: int
    run_s: int
    headway_s: int


@dataclass(frozen=True)
class RefLinks:
    """Stations 0..n-1, hops, seconds of a change by station (None: none possible), transfers (from,
    to, seconds).
    """

    n_stations: int
    hops: Sequence[Hop]
    changes: Sequence[int | None]
    walks: Sequence[tuple[int, int, int]]

    def walks_from(self, station: int) -> list[tuple[int, int]]:
        return [(v, s) for u, v, s in self.walks if u == station]

    def walks_to(self, station: int) -> list[tuple[int, int]]:
        return [(u, s) for u, v, s in self.walks if v == station]


def random_links(rng: Random, n_stations: int, n_lines: int) -> RefLinks:
    """Return lines of 2 to 4 stations, some one way, with equal, odd, missing and (within a line)
    several headways.
    """
    hops = []
    for line in range(n_lines):
        stops = rng.sample(range(n_stations), min(n_stations, rng.randint(2, 4)))
        headway = rng.choice((0, 300, 600, 600, 601, 1200, 3600))
        both_ways = rng.random() < 0.8
        for u, v in itertools.pairwise(stops):
            run, own = (
                rng.choice((0, 120, 300, 301, 660)),
                headway if rng.random() < 0.8 else 2 * headway,
            )
            hops.append(Hop(line, u, v, run, own))
            hops += [Hop(line, v, u, run + rng.choice((0, 60)), own)] if both_ways else []
    changes = [rng.choice((0, 60, 180, 300, None)) for _ in range(n_stations)]
    walks = {}
    for _ in range(rng.randint(0, 3)):
        u, v = rng.sample(range(n_stations), 2)
        walks[u, v] = rng.choice((0, 60, 299, 600))
    return RefLinks(n_stations, hops, changes, [(u, v, s) for (u, v), s in walks.items()])


#: one ride: the hop that is boarded, and all hops ridden
Ride = tuple[Hop, tuple[Hop, ...]]


def rides_from(links: RefLinks, station: int) -> Iterator[Ride]:
    """Yield every ride that boards here and calls at no station twice."""
    paths = [(hop,) for hop in links.hops if hop.start == station]
    while paths:
        path = paths.pop()
        yield path[0], path
        seen = {station, *(hop.end for hop in path)}
        paths += [
            (*path, hop)
            for hop in links.hops
            if hop.line == path[0].line and hop.start == path[-1].end and hop.end not in seen
        ]


def journeys_from(
    links: RefLinks, station: int, max_rides: int, bound_s: int
) -> Iterator[tuple[int, int, list[Ride]]]:
    """Yield (last station, seconds without waits, rides) of the journeys that board here, without a
    first walk.
    """
    open_: list[tuple[int, int, list[Ride]]] = [(station, 0, [])]
    while open_:
        at, seconds, before = open_.pop()
        for ride in rides_from(links, at):
            there, rides = ride[1][-1].end, [*before, ride]
            taken = seconds + sum(hop.run_s for hop in ride[1])
            if taken > bound_s:
                continue
            yield there, taken, rides
            if len(rides) < max_rides:
                change = links.changes[there]
                open_ += [] if change is None else [(there, taken + change, rides)]
                open_ += [(v, taken + walk, rides) for v, walk in links.walks_from(there)]


def clocked(rides: list[Ride], waits: Mapping[Hop, int]) -> tuple[int, int, int]:
    """Return line and headway of the least frequent hop (the last line of equals) and the waits for
    the others.
    """
    clock = max((hop.headway_s, hop.line) for _, path in rides for hop in path)
    paid = sum(waits[boarded] for boarded, _ in rides)
    free = max(
        waits[b] for b, path in rides if any((hop.headway_s, hop.line) == clock for hop in path)
    )
    return clock[1], clock[0], paid - free


#: station, seconds before the journeys of this clock leave, line, headway, seconds
Family = tuple[int, int, int, int, int]


def families(
    links: RefLinks,
    direction: str,
    targets: Mapping[int, int],
    waits: Mapping[Hop, int],
    max_rides: int,
    bound_s: int,
) -> list[Family]:
    """Return the journeys of each station by line and headway; walks at home shift the departure or
    the arrival.
    """
    best: dict[tuple[int, int, int], int] = {}
    for start in range(links.n_stations):
        for end, seconds, rides in journeys_from(links, start, max_rides, bound_s):
            line, headway, waited = clocked(rides, waits)
            city, home = (end, start) if direction == "to" else (start, end)
            near = links.walks_from(city) if direction == "to" else links.walks_to(city)
            offset = min(
                [targets.get(city, BIG)] + [targets[v] + walk for v, walk in near if v in targets]
            )
            taken = seconds + waited + offset
            if taken <= bound_s:
                best[home, line, headway] = min(taken, best.get((home, line, headway), BIG))
    kept = [
        (x, 0, line, headway, taken)
        for (x, line, headway), taken in best.items()
        if all(taken < t for (y, k, h), t in best.items() if (y, k) == (x, line) and h < headway)
    ]
    walked = []
    for x, _, line, headway, taken in kept:
        for y, walk in links.walks_to(x) if direction == "to" else links.walks_from(x):
            walked.append((y, walk, line, headway, taken + walk))
    return [family for family in kept + walked if family[4] <= bound_s]


def departures(
    family: Family, direction: str, phases: Sequence[int], low: int, high: int
) -> list[tuple[int, int]]:
    """Return (departure, arrival) clock seconds of the family's journeys that leave in
    [low, high].
    """
    _, walk, line, headway, taken = family
    if headway == 0:
        every, begin = MINUTE, -taken if direction == "to" else 0
    else:
        every, begin = headway, phases[line] - (walk if direction == "to" else 0)
    first = low + (begin - low) % every
    return [(d, d + taken) for d in range(first, high + 1, every)]


def travel_time(
    pairs: Sequence[tuple[int, int]], direction: str, minute_s: int, slack_s: int, bound_s: int
) -> int:
    """Return T_s of DESIGN, section 4, BIG where it is above the bound."""
    if direction == "to":
        taken = [max(a, minute_s - slack_s) - d for d, a in pairs if a <= minute_s]
    else:
        taken = [a - min(d, minute_s + slack_s) for d, a in pairs if d >= minute_s]
    return min((t for t in taken if t <= bound_s), default=BIG)
