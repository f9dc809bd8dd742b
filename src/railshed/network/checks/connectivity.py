"""Checks of connectivity: stations without trips, disconnected parts, transfers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from railshed.network.checks.facts import Facts
from railshed.util.array_types import Bools, Ints64
from railshed.util.errors import Issue, named
from railshed.util.geodesy import degrees_around
from railshed.util.limits import query_blocks
from railshed.util.number_format import counted, examples
from railshed.util.units import HOUR, UNREACHED

#: least share of the served stations in the largest connected part
CONNECTED_SHARE = 0.9
#: metres between stations within which they are connected by a walk
WALK_M = 600
#: stations that a finding names
_NAMED = 100
#: largest walking speed of a transfer in metres a second, after `PLATFORM_M` off for the size of
#: stations
MAX_WALK_MPS = 3.0
PLATFORM_M = 200
#: least walking speed of a transfer in metres a second, after `WAIT_S` off, and the longest walk in
#: seconds
MIN_WALK_MPS = 0.3
WAIT_S = 900
LONGEST_S = HOUR


def unserved(facts: Facts) -> Iterator[Issue]:
    """Yield one warning for stations where no trip calls, and one for those without boarding and
    alighting.
    """
    calls = facts.network.stop_times
    remedy = "no train, so no station of a circle"
    yield from _counted(facts, "unserved-station", ~facts.served, "without any call", remedy)
    closed = np.zeros(facts.network.n_stations, dtype=bool)
    closed[calls.station_idx] = True
    closed[calls.station_idx[calls.pickup | calls.drop_off]] = False
    what = "where passengers may neither board nor alight"
    yield from _counted(facts, "closed-station", closed, what, "check pickup_type")


def _counted(facts: Facts, code: str, chosen: Bools, what: str, remedy: str) -> Iterator[Issue]:
    names = [facts.name(k) for k in np.flatnonzero(chosen).tolist()]
    if names:
        message = f"{counted(len(names), 'station')} {what}: {examples(names, _NAMED)}"
        yield Issue("warning", code, message, remedy=remedy, count=len(names))


def components(facts: Facts) -> Iterator[Issue]:
    """Yield a warning if less than `CONNECTED_SHARE` of the served stations are connected.

    Connections are trips, transfers, walks of `WALK_M`, and cities between their core stations.
    """
    served = facts.served
    part = _parts(facts, served)
    if _hang_together(part[served]):
        return
    sizes = np.bincount(part[served])
    largest = [k for k in np.argsort(-sizes, kind="stable")[:4].tolist() if sizes[k]]
    first = [facts.network.stations[np.flatnonzero(served & (part == k))[0]].name for k in largest]
    named_parts = zip(sizes[largest].tolist(), first, strict=True)
    groups = "; ".join(f"{counted(size, 'station')} with {name}" for size, name in named_parts)
    message = (
        f"{np.count_nonzero(sizes):,} parts are joined by no trip, transfer, walk of "
        f"{WALK_M} m or city: {groups}"
    )
    remedy = "nothing crosses between them: check stop ids, coordinates and transfers"
    yield Issue("warning", "disconnected", message, remedy=remedy)


def _parts(facts: Facts, served: Bools) -> Ints64:
    """Return int64 (n_stations,) connected part of each station, by the index of one of its
    stations.

    Walks take the longest to compute: they are left out if enough stations are connected without
    them.
    """
    network = facts.network
    walks = facts.network.transfers
    open_walks = walks.seconds != UNREACHED
    ends = [(facts.pair_a, facts.pair_b), (walks.from_idx[open_walks], walks.to_idx[open_walks])]
    index = network.station_index() if network.cities else {}
    for city in network.cities:
        core = np.array([index[s] for s in city.core_station_ids if s in index], dtype=np.int64)
        ends.append((core[:-1], core[1:]))
    part = _joined(np.arange(network.n_stations), ends)
    if not _hang_together(part[served]):
        apart = part[served] != np.bincount(part[served]).argmax()
        part = _joined(part, [_near(facts, np.flatnonzero(served), apart)])
    return part


def _hang_together(part: Ints64) -> bool:
    """Return whether one part has at least `CONNECTED_SHARE` of the stations; `part` has one value
    a station.
    """
    return not len(part) or bool(np.bincount(part).max() >= CONNECTED_SHARE * len(part))


def _joined(part: Ints64, ends: Sequence[tuple[NDArray[Any], NDArray[Any]]]) -> Ints64:
    """Return the parts joined by edges; each gets the lowest number of its parts.

    Numbers pass along edges to the roots of the trees of parts, which are then halved, until
    nothing changes: the number of rounds is logarithmic.
    """
    start, end = (np.concatenate(column).astype(np.int64) for column in zip(*ends, strict=True))
    while True:
        lowest = np.minimum(part[start], part[end])
        before = part.copy()
        np.minimum.at(part, before[start], lowest)
        np.minimum.at(part, before[end], lowest)
        part = part[part]
        if np.array_equal(part, before):
            return part


def _near(facts: Facts, at: Ints64, apart: Bools) -> tuple[Ints64, Ints64]:
    """Return the pairs within `WALK_M` between stations of `at` that are `apart` and all
    of `at`.
    """
    import shapely

    known = ~np.isnan(facts.lon[at])
    at = at[known]
    apart = apart[known]
    points = shapely.points(facts.lon[at], facts.lat[at])
    reach = degrees_around(WALK_M, facts.lat[at])
    alone = at[apart]
    found = []
    for a, b in query_blocks(
        shapely.STRtree(points), points[apart], predicate="dwithin", distance=reach
    ):
        a = alone[a]
        b = at[b]
        near = facts.apart_m(a, b) <= WALK_M
        found.append((a[near], b[near]))
    a, b = (np.concatenate(column) for column in zip((at[:0],) * 2, *found, strict=True))
    return a, b


def transfers(facts: Facts) -> Iterator[Issue]:
    """Yield errors for transfers to the same or no station or of negative length, warnings for odd
    lengths.
    """
    walks = facts.network.transfers
    names = [station.name for station in facts.network.stations]
    start, end, seconds = (
        a.astype(np.int64) for a in (walks.from_idx, walks.to_idx, walks.seconds)
    )

    def issue(i: int, severity: Any, code: str, what: str, value: str, remedy: str = "") -> Issue:
        message = f"transfer {names[start[i]]} to {names[end[i]]} {what}"
        return Issue(severity, code, message, field="seconds", value=value, remedy=remedy)

    bad = [
        issue(i, "error", "bad-transfer", what, str(seconds[i]), remedy)
        for wrong, what, remedy in (
            (
                start == end,
                "leads back to the same station",
                "the change time of a station is its change_s",
            ),
            (seconds < 0, "is negative", ""),
        )
        for i in np.flatnonzero(wrong).tolist()
    ]
    yield from named(bad, len(bad), "transfers")
    metres = facts.apart_m(start, end)
    walked = (start != end) & (seconds >= 0) & (seconds != UNREACHED)
    remedy = "check min_transfer_time (seconds) and both coordinates"
    odd = [
        issue(i, "warning", "odd-transfer", what, f"{metres[i]:,.0f} m in {seconds[i]} s", remedy)
        for chosen, what in (
            (metres - PLATFORM_M > MAX_WALK_MPS * seconds, f"is faster than {MAX_WALK_MPS:g} m/s"),
            (seconds > np.minimum(WAIT_S + metres / MIN_WALK_MPS, LONGEST_S), "is long for a walk"),
        )
        for i in np.flatnonzero(walked & chosen).tolist()
    ]
    yield from named(odd, len(odd), "transfers")


def one_way(facts: Facts) -> Iterator[Issue]:
    """Yield one warning that counts the transfers without a way back."""
    walks = facts.network.transfers
    n = facts.network.n_stations
    start = walks.from_idx.astype(np.int64)
    end = walks.to_idx.astype(np.int64)
    alone = np.flatnonzero(
        (walks.seconds != UNREACHED) & ~np.isin(start * n + end, end * n + start)
    )
    if len(alone):
        names = [
            f"{facts.network.stations[start[i]].name} to {facts.network.stations[end[i]].name}"
            for i in alone
        ]
        message = (
            f"{counted(len(alone), 'transfer')} of {len(start):,} without the way back: "
            f"{examples(names)}"
        )
        remedy = "list both directions; a walk within the cap is made in any case"
        yield Issue("warning", "one-way-transfer", message, remedy=remedy, count=len(alone))
