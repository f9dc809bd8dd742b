"""The slow, plain reference that every kernel is held against: rounds over trips, in plain Python.

Written from DESIGN §4 alone, for reading rather than for speed, and it knows nothing of
`railshed.kernels`.

A journey is ``[transfer] ride {change or transfer, ride} [transfer]`` with at least one ride:

- a ride boards a trip at a call with pickup and leaves it at a later call with drop_off;
- between two rides at one station stand `change_s` seconds, also between two calls of the same
  trip;
- between two rides at different stations stands one transfer and no change, never two transfers in
  a row;
- the first ride needs no change.

It departs when the traveller is ready to board at its first station (before an optional first
transfer), and arrives when the last train, or the transfer after it, does. Times are absolute clock
seconds, also negative.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from heapq import heappop, heappush
from math import ceil, inf
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:  # at run time it uses no code of railshed
    from railshed.network.model import Network
    from railshed.routing.compile import Compiled

DAY = 86_400
#: (departure, arrival) of Pareto journeys, ascending in both
Profile = list[tuple[int, int]]
#: (station, seconds between its platform and the cell, station entry or exit included)
Cell = Sequence[tuple[int, int]]


class Call(NamedTuple):
    """A stop of a trip at a station."""

    station: int
    arrival: int
    departure: int
    pickup: bool = True
    drop_off: bool = True


@dataclass(frozen=True)
class RefNetwork:
    """A network for the reference: trips already stand on the days they run on."""

    n_stations: int
    trips: list[list[Call]]
    #: seconds between two trips, by station
    change_s: list[int]
    #: (from, to, seconds), directed, between different stations
    transfers: list[tuple[int, int, int]]


def from_model(
    network: Network,
    change_s: Sequence[int],
    transfers: Iterable[tuple[int, int, int]],
    trips_in_use: Any = None,
) -> RefNetwork:
    """Return `network` with the trips of service dates D-1, D and D+1, each by its own calendar.

    `change_s` (by station) and `transfers` (listed and walked) are given, not derived. Of all
    trips, or of those where `trips_in_use`, bool (n_trips,), is true.
    """
    import datetime as dt

    st, all_trips = network.stop_times, [[] for _ in range(network.n_trips)]
    columns = (st.trip_idx, st.station_idx, st.arrival_s, st.departure_s, st.pickup, st.drop_off)
    rows = slice(None) if trips_in_use is None else trips_in_use[st.trip_idx]
    for trip, *call in zip(*(column[rows].tolist() for column in columns), strict=True):
        all_trips[trip].append(Call(*call))
    service_idx = network.trips.service_idx.tolist()
    trips = []
    for day in (-1, 0, 1):
        runs = [s.runs_on(network.date + dt.timedelta(days=day)) for s in network.services]
        trips += [
            shift(t, day * DAY)
            for t, s in zip(all_trips, service_idx, strict=True)
            if runs[s] and t
        ]
    return RefNetwork(network.n_stations, trips, list(change_s), list(transfers))


def walks_of(compiled: Compiled) -> list[tuple[int, int, int]]:
    """Return the walks (from, to, seconds) as compiled."""
    ptr, to, seconds = (
        column.tolist()
        for column in (compiled.to.walk_ptr, compiled.to.walk_to, compiled.to.walk_s)
    )
    return [
        (x, to[k], seconds[k])
        for x in range(compiled.network.n_stations)
        for k in range(ptr[x], ptr[x + 1])
    ]


def from_compiled(compiled: Compiled, trips_in_use: Any = None) -> RefNetwork:
    """Return the network of a compiled one: change times and walks as compiled."""
    return from_model(
        compiled.network, compiled.to.change_s.tolist(), walks_of(compiled), trips_in_use
    )


def least_seconds(
    hops: Iterable[tuple[int, int, int]], ends: Iterable[int], n_stations: int
) -> list[float]:
    """Return by station the least seconds to one of `ends` over the hops (from, to, seconds);
    infinite without a way.

    Dijkstra's search; hops the other way round give the seconds from the ends.
    """
    into: list[list[tuple[int, int]]] = [[] for _ in range(n_stations)]
    for tail, head, seconds in hops:
        into[head].append((tail, seconds))
    best = [inf] * n_stations
    queue = [(0.0, end) for end in ends]
    while queue:
        so_far, x = heappop(queue)
        if so_far >= best[x]:
            continue
        best[x] = so_far
        for tail, seconds in into[x]:
            heappush(queue, (so_far + seconds, tail))
    return best


def shift(trip: Iterable[Call], seconds: int) -> list[Call]:
    """Return the calls of a trip `seconds` later."""
    return [c._replace(arrival=c.arrival + seconds, departure=c.departure + seconds) for c in trip]


def clip(net: RefNetwork, start: int, end: int) -> RefNetwork:
    """Return `net` without the calls that nobody can use who boards at `start` or later and alights
    by `end`.

    Times never fall along a trip, so what is left of it is one piece.
    """
    kept = ([c for c in trip if c.departure >= start and c.arrival <= end] for trip in net.trips)
    return RefNetwork(net.n_stations, [t for t in kept if len(t) > 1], net.change_s, net.transfers)


# --- one search ---------------------------------------------------------------------------------


def earliest_arrivals(
    net: RefNetwork,
    sources: Mapping[int, int],
    departure: int,
    max_rides: int | None = None,
    latest: int | None = None,
) -> list[int | None]:
    """Return by station the earliest arrival *by train* for who stands at the source doors at
    `departure`.

    `sources` maps a station to the seconds from its door until ready to board there. Arrivals after
    `latest` are not looked for.
    """
    ready: dict[int, int] = {
        s: departure + offset for s, offset in sources.items()
    }  # ready to board
    for u, v, seconds in net.transfers:  # a transfer before the first ride
        if u in sources:
            ready[v] = min(
                ready.get(v, departure + sources[u] + seconds), departure + sources[u] + seconds
            )
    by_train: dict[int, int] = {}
    rides = 0
    while max_rides is None or rides < max_rides:
        rides += 1
        improved = set()
        for trip in net.trips:
            aboard = False
            for station, arrives, departs, pickup, drop_off in trip:
                if latest is not None and arrives > latest:
                    break
                if aboard and drop_off and (station not in by_train or arrives < by_train[station]):
                    by_train[station] = arrives
                    improved.add(station)
                if not aboard and pickup and station in ready and ready[station] <= departs:
                    aboard = True
        if not improved:
            break
        for u in improved:  # a change before the next ride
            when = by_train[u] + net.change_s[u]
            ready[u] = min(ready.get(u, when), when)
        for u, v, seconds in net.transfers:  # or a transfer
            if u in improved:
                when = by_train[u] + seconds
                ready[v] = min(ready.get(v, when), when)
    return [by_train.get(x) for x in range(net.n_stations)]


def with_last_transfer(net: RefNetwork, by_train: Sequence[int | None]) -> list[int | None]:
    """Return by station the arrival by train, or by train and one transfer after it where that is
    earlier.
    """
    arrival = list(by_train)
    for u, v, seconds in net.transfers:
        on_foot = _plus(by_train[u], seconds)
        if on_foot is not None and (arrival[v] is None or on_foot < arrival[v]):
            arrival[v] = on_foot
    return arrival


def latest_boardings(
    net: RefNetwork,
    targets: Mapping[int, int],
    arrival: int,
    max_rides: int | None = None,
    earliest: int | None = None,
) -> list[int | None]:
    """Return by station the latest departure *by train* for who must be at a target door by
    `arrival`.

    `targets` maps a station to the seconds from its platform to its door. Departures before
    `earliest` are not looked for. `earliest_arrivals` seen from the other end, written out once
    more on purpose.
    """
    alight: dict[int, int] = {t: arrival - offset for t, offset in targets.items()}  # be in by then
    for u, v, seconds in net.transfers:  # a transfer after the last ride
        if v in targets:
            alight[u] = max(
                alight.get(u, arrival - targets[v] - seconds), arrival - targets[v] - seconds
            )
    by_train: dict[int, int] = {}
    rides = 0
    while max_rides is None or rides < max_rides:
        rides += 1
        improved = set()
        for trip in net.trips:
            useful = False
            for station, arrives, departs, pickup, drop_off in reversed(trip):
                if earliest is not None and departs < earliest:
                    break
                if useful and pickup and (station not in by_train or departs > by_train[station]):
                    by_train[station] = departs
                    improved.add(station)
                if not useful and drop_off and station in alight and arrives <= alight[station]:
                    useful = True
        if not improved:
            break
        for v in improved:  # a change after the ride before
            when = by_train[v] - net.change_s[v]
            alight[v] = max(alight.get(v, when), when)
        for u, v, seconds in net.transfers:  # or a transfer
            if v in improved:
                when = by_train[v] - seconds
                alight[u] = max(alight.get(u, when), when)
    return [by_train.get(x) for x in range(net.n_stations)]


# --- profiles -----------------------------------------------------------------------------------


def pareto(pairs: Iterable[tuple[int, int]]) -> Profile:
    """Return the pairs (departure, arrival) for which no other departs no earlier and arrives no
    later.
    """
    kept: Profile = []
    for departure, arrival in sorted(set(pairs), key=lambda pair: (-pair[0], pair[1])):
        if not kept or arrival < kept[-1][1]:
            kept.append((departure, arrival))
    return kept[::-1]


def departures_at(net: RefNetwork, x: int) -> set[int]:
    """Return the moments at which it is worth being ready at `x`: a train leaves, or a
    walk to one.
    """
    ahead = {x: [0]}
    for u, v, seconds in net.transfers:
        if u == x:
            ahead.setdefault(v, []).append(seconds)
    return {
        c.departure - s
        for trip in net.trips
        for c in trip[:-1]
        if c.pickup
        for s in ahead.get(c.station, ())
    }


def arrivals_at(net: RefNetwork, x: int) -> set[int]:
    """Return the moments at which a train, or a transfer after a train, brings somebody to `x`."""
    after = {x: [0]}
    for u, v, seconds in net.transfers:
        if v == x:
            after.setdefault(u, []).append(seconds)
    return {
        c.arrival + s
        for trip in net.trips
        for c in trip[1:]
        if c.drop_off
        for s in after.get(c.station, ())
    }


def journeys_to(
    net: RefNetwork,
    target_offsets: Mapping[int, int],
    earliest: int,
    latest: int,
    bound_s: int,
    max_rides: int | None = None,
) -> list[Profile]:
    """Return by station x the Pareto journeys from x to a target door, in at most `bound_s`.

    They leave x at `earliest` or later and are at the door, `target_offsets` after the platform, by
    `latest`. For each moment at which somebody can arrive: who leaves latest and is there by then?
    """
    near = clip(net, earliest, latest)
    moments = {a + offset for t, offset in target_offsets.items() for a in arrivals_at(near, t)}
    found: list[list[tuple[int, int]]] = [[] for _ in range(net.n_stations)]
    for arrival in sorted(a for a in moments if a <= latest):
        first = max(earliest, arrival - bound_s)
        boardings = latest_boardings(
            clip(near, first, arrival), target_offsets, arrival, max_rides, first
        )
        departures = list(boardings)
        for u, v, seconds in net.transfers:  # a transfer before the first ride
            on_foot = _plus(boardings[v], -seconds)
            if on_foot is not None and (departures[u] is None or on_foot > departures[u]):
                departures[u] = on_foot
        for x, departure in enumerate(departures):
            if departure is not None and departure >= first:
                found[x].append((departure, arrival))
    return [pareto(pairs) for pairs in found]


def journeys_to_forward(
    net: RefNetwork,
    target_offsets: Mapping[int, int],
    earliest: int,
    latest: int,
    bound_s: int,
    max_rides: int | None = None,
    stations: Iterable[int] | None = None,
) -> list[Profile]:
    """Return the same as `journeys_to`, the most obvious way: a search for every departure of every
    station.

    Slow: give the few `stations` that matter in a large network; the others stay empty.
    """
    near = clip(net, earliest, latest)
    found: list[Profile] = [[] for _ in range(net.n_stations)]
    for x in range(net.n_stations) if stations is None else stations:
        pairs = []
        for departure in departures_at(near, x):
            if departure < earliest:
                continue
            last = min(latest, departure + bound_s)
            trips = clip(near, departure, last)
            arrivals = with_last_transfer(
                net, earliest_arrivals(trips, {x: 0}, departure, max_rides, last)
            )
            doors = [_plus(arrivals[t], offset) for t, offset in target_offsets.items()]
            pairs += [(departure, door) for door in doors if door is not None and door <= last]
        found[x] = pareto(pairs)
    return found


def journeys_from(
    net: RefNetwork,
    source_offsets: Mapping[int, int],
    earliest: int,
    latest: int,
    bound_s: int,
    max_rides: int | None = None,
) -> list[Profile]:
    """Return by station x the Pareto journeys from a source door to x, in at most `bound_s`.

    They leave the door, `source_offsets` before being ready to board, at `earliest` or later and
    are at x by `latest`. For each moment at which it is worth leaving: who arrives when?
    """
    near = clip(net, earliest, latest)
    moments = {d - offset for s, offset in source_offsets.items() for d in departures_at(near, s)}
    found: list[list[tuple[int, int]]] = [[] for _ in range(net.n_stations)]
    for departure in sorted(d for d in moments if d >= earliest):
        last = min(latest, departure + bound_s)
        trips = clip(near, departure, last)
        by_train = earliest_arrivals(trips, source_offsets, departure, max_rides, last)
        for x, arrival in enumerate(with_last_transfer(net, by_train)):
            if arrival is not None and arrival <= last:
                found[x].append((departure, arrival))
    return [pareto(pairs) for pairs in found]


def fewest_rides(
    net: RefNetwork, targets: Mapping[int, int], x: int, departure: int, arrival: int
) -> int | None:
    """Return the fewest rides that bring who is ready at `x` at `departure` to a target door by
    `arrival`.
    """
    near, previous, rides = clip(net, departure, arrival), None, 0
    while True:
        rides += 1
        by_train = earliest_arrivals(near, {x: 0}, departure, rides, arrival)
        at_station = with_last_transfer(net, by_train)
        doors = [_plus(at_station[t], offset) for t, offset in targets.items()]
        if any(door is not None and door <= arrival for door in doors):
            return rides
        if by_train == previous:  # one more ride brings nothing anywhere
            return None
        previous = by_train


# --- views of a profile -------------------------------------------------------------------------


def arrive_after(journeys: Profile, t: int) -> int | None:
    """Return A(x, t): the earliest arrival of who is ready at `t`."""
    return min((a for d, a in journeys if d >= t), default=None)


def depart_before(journeys: Profile, m: int) -> int | None:
    """Return D(x, m): the latest departure of who arrives by `m`."""
    return max((d for d, a in journeys if a <= m), default=None)


def travel_time_to(journeys: Profile, m: int, slack: int, weight: Fraction | int = 1) -> int | None:
    """Return T(x, m) for the deadline `m`: seconds early count `weight` each, up to `slack` of them
    nothing.
    """
    return min(
        (a - d + ceil(weight * max(0, m - a - slack)) for d, a in journeys if a <= m), default=None
    )


def travel_time_from(
    journeys: Profile, m: int, slack: int, weight: Fraction | int = 1
) -> int | None:
    """Return T(x, m) for leaving at `m`: seconds until the train count `weight` each, up to `slack`
    of them nothing.
    """
    return min(
        (a - d + ceil(weight * max(0, d - m - slack)) for d, a in journeys if d >= m), default=None
    )


def percentile(values: Sequence[int | None], p: int) -> int | None:
    """Return the nearest-rank percentile; None is unreached and comes last."""
    ordered = sorted(values, key=lambda value: (value is None, value or 0))
    return ordered[max(0, (p * len(ordered) + 99) // 100 - 1)]


def share_served(values: Sequence[int | None], cutoff: int) -> float:
    """Return the fraction of the minutes with a travel time of at most `cutoff`."""
    return sum(value is not None and value <= cutoff for value in values) / len(values)


# --- cells --------------------------------------------------------------------------------------


def cell_times_to(
    journeys: Sequence[Profile], cell: Cell, minutes: Iterable[int], slack: int
) -> list[int | None]:
    """Return the travel time from a cell by deadline: the least over its stations, each minute."""
    return [
        _least(_plus(travel_time_to(journeys[x], m, slack), seconds) for x, seconds in cell)
        for m in minutes
    ]


def cell_times_from(
    journeys: Sequence[Profile], cell: Cell, minutes: Iterable[int], slack: int
) -> list[int | None]:
    """Return the travel time to a cell by minute of leaving: the least over its stations, each
    minute.
    """
    return [
        _least(_plus(travel_time_from(journeys[x], m, slack), seconds) for x, seconds in cell)
        for m in minutes
    ]


def cell_times_turn_up(
    journeys: Sequence[Profile], cell: Cell, minutes: Iterable[int]
) -> list[int | None]:
    """Return the travel time from a cell by minute `t` of leaving: the least ``A(x, t + seconds) -
    t``.
    """
    return [
        _least(_plus(arrive_after(journeys[x], t + seconds), -t) for x, seconds in cell)
        for t in minutes
    ]


def surface_to(
    journeys: Sequence[Profile],
    cells: Sequence[Cell],
    minutes: Sequence[int],
    slack: int,
    percentiles: Sequence[int],
) -> list[list[int | None]]:
    """Return by cell the percentiles of the travel time to the city over the deadlines
    `minutes`.
    """
    return [
        _percentiles(cell_times_to(journeys, cell, minutes, slack), percentiles) for cell in cells
    ]


def surface_from(
    journeys: Sequence[Profile],
    cells: Sequence[Cell],
    minutes: Sequence[int],
    slack: int,
    percentiles: Sequence[int],
) -> list[list[int | None]]:
    """Return by cell the percentiles of the travel time from the city over the minutes of
    leaving.
    """
    return [
        _percentiles(cell_times_from(journeys, cell, minutes, slack), percentiles) for cell in cells
    ]


def surface_turn_up(
    journeys: Sequence[Profile],
    cells: Sequence[Cell],
    minutes: Sequence[int],
    percentiles: Sequence[int],
) -> list[list[int | None]]:
    """Return by cell the percentiles of the travel time to the city by random departure: `minutes`,
    moved.
    """
    return [
        _percentiles(cell_times_turn_up(journeys, cell, minutes), percentiles) for cell in cells
    ]


def _percentiles(values: Sequence[int | None], percentiles: Sequence[int]) -> list[int | None]:
    return [percentile(values, p) for p in percentiles]


def _least(values: Iterable[int | None]) -> int | None:
    return min((value for value in values if value is not None), default=None)


def _plus(value: int | None, seconds: int) -> int | None:
    return None if value is None else value + seconds


def square_of(middle: tuple[int, int], reach: int) -> list[tuple[int, int]]:
    """Return (row, column) of the cells up to `reach` cells from one to each side, by row, then
    column.
    """
    span = range(-reach, reach + 1)
    return [(middle[0] + north, middle[1] + east) for north in span for east in span]


def cells_near(
    cells: Sequence[tuple[int, int]],
    metres: Sequence[int],
    middle: tuple[int, int],
    reach: int,
    radius: int,
) -> list[tuple[int, int]]:
    """Return (metres, number) of the cells of a square that are within whole metres, nearest first,
    ties by number.
    """
    square = set(square_of(middle, reach))
    within = [cell in square and far <= radius for cell, far in zip(cells, metres, strict=True)]
    return sorted((far, k) for k, far in enumerate(metres) if within[k])
