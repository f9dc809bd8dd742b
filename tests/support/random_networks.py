"""Small random networks that are unkind on purpose, as a `RefNetwork` and as a
`railshed.network.model.Network`.

They hold zero-second hops and dwells, changes of 0 s, equal departures, identical trips, trips that
call twice at a station, loops, trips of D-1 and after 24:00, calls without pickup or drop_off,
transfers of 0-900 s (asymmetric, one-way), isolated stations and odd seconds.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from random import Random

import numpy as np
from hypothesis import strategies as st

from railshed.network.cities import City
from railshed.network.dates import Days
from railshed.network.model import Network, Service, Station, StopTimes, Transfers, Trips
from railshed.util.units import DAY, HOUR, MINUTE
from tests.support.reference import Call, RefNetwork, shift

MAX_STATIONS, MAX_TRIPS, MAX_TRANSFERS = 12, 25, 10
#: the service day of every model network; a Wednesday
DATE = dt.date(2024, 5, 15)
#: when the trips begin: around midnight before the day, in the morning, around midnight after it
BASES = (-20 * MINUTE, 8 * HOUR, DAY - 20 * MINUTE)
HOPS = (0, 0, 60, 60, 120, 180, 300, 600, 601, 1247)
DWELLS = (0, 0, 0, 30, 60, 120)
CHANGES = (0, 0, 1, 60, 119, 180, 300, 360)
WALKS = (0, 60, 61, 180, 299, 300, 600, 900)


def random_network(
    rng: Random, max_stations: int = MAX_STATIONS, max_trips: int = MAX_TRIPS
) -> RefNetwork:
    """Return a network of 3 to `max_stations` stations and 1 to `max_trips` trips."""
    n_stations = rng.randint(3, max_stations)
    served = rng.sample(range(n_stations), rng.randint(2, n_stations))  # the others have no train
    base = rng.choice(BASES)
    start_step = rng.choice((1, 60, 300))  # coarse steps make ties
    longest = rng.choice((2, 3, 6))  # short trips make changes
    trips: list[list[Call]] = []
    n_trips = rng.randint(1, max_trips)
    while len(trips) < n_trips:
        if trips and rng.random() < 0.15:  # the same train again, at once or later
            wait = rng.choice((0, 0, 60, 300, 900))
            trips.append(shift(rng.choice(trips), wait))
            continue
        first, start = rng.choice(served), base + rng.randrange(0, 40 * MINUTE, start_step)
        if trips and rng.random() < 0.4:  # a connection from another train
            feeder = rng.choice(rng.choice(trips)[1:])
            first, start = feeder.station, feeder.arrival + rng.choice((0, 0, 1, 60, 180, 300))
        trips.append(_random_trip(rng, _random_walk(rng, first, served, longest), start))
    changes = [rng.choice(CHANGES) for _ in range(n_stations)]
    return RefNetwork(n_stations, trips, changes, _random_transfers(rng, n_stations))


def _random_walk(rng: Random, first: int, stations: Sequence[int], longest: int) -> list[int]:
    """Return 2 to `longest` stations, no two neighbours alike; some come back, some are loops."""
    walk = [first]
    for _ in range(rng.randint(1, longest - 1)):
        fresh = [s for s in stations if s not in walk]
        allowed = fresh if fresh and rng.random() < 0.8 else [s for s in stations if s != walk[-1]]
        walk.append(rng.choice(allowed))
    if len(walk) > 2 and walk[-1] != walk[0] and rng.random() < 0.1:
        walk.append(walk[0])
    return walk


def _random_trip(rng: Random, walk: Sequence[int], start: int) -> list[Call]:
    trip, now = [], start
    for station in walk:
        departure = now + rng.choice(DWELLS)
        trip.append(Call(station, now, departure, rng.random() < 0.9, rng.random() < 0.9))
        now = departure + rng.choice(HOPS)
    return trip


def _random_transfers(rng: Random, n_stations: int) -> list[tuple[int, int, int]]:
    """Return at most one transfer a directed pair; the way back is often missing or of another
    length.
    """
    walks: dict[tuple[int, int], int] = {}
    for _ in range(rng.randint(0, MAX_TRANSFERS // 2)):
        u, v = rng.sample(range(n_stations), 2)
        walks[u, v] = rng.choice(WALKS)
        if rng.random() < 0.5:
            walks[v, u] = rng.choice((walks[u, v], rng.choice(WALKS)))
    return [(u, v, seconds) for (u, v), seconds in walks.items()]


@st.composite
def ref_networks(
    draw: st.DrawFn, max_stations: int = MAX_STATIONS, max_trips: int = MAX_TRIPS
) -> RefNetwork:
    """A hypothesis strategy of `random_network`: shrinks by leaving out trips and transfers, one by
    one.
    """
    net = random_network(Random(draw(st.integers(0, 2**32 - 1))), max_stations, max_trips)
    kept_trips = draw(st.lists(st.booleans(), min_size=len(net.trips), max_size=len(net.trips)))
    kept_walks = draw(
        st.lists(st.booleans(), min_size=len(net.transfers), max_size=len(net.transfers))
    )
    trips = [t for t, keep in zip(net.trips, kept_trips, strict=True) if keep]
    walks = [w for w, keep in zip(net.transfers, kept_walks, strict=True) if keep]
    return RefNetwork(net.n_stations, trips or net.trips[:1], net.change_s, walks)


def random_targets(rng: Random, net: RefNetwork) -> dict[int, int]:
    """Return one to three stations with the seconds between door and platform."""
    stations = rng.sample(range(net.n_stations), rng.randint(1, 3))
    return {s: rng.choice((0, 0, 60, 300, 1)) for s in stations}


def span(net: RefNetwork) -> tuple[int, int]:
    """Return the first and the last moment of any trip."""
    return min(t[0].arrival for t in net.trips), max(t[-1].departure for t in net.trips)


# --- the same network, told otherwise -----------------------------------------------------------


def shuffled(net: RefNetwork, rng: Random) -> tuple[RefNetwork, list[int]]:
    """Return `net` with stations, trips and transfers in another order, and the old index of each
    station.
    """
    old = rng.sample(range(net.n_stations), net.n_stations)
    new = {o: n for n, o in enumerate(old)}
    trips = [
        [c._replace(station=new[c.station]) for c in t]
        for t in rng.sample(net.trips, len(net.trips))
    ]
    walks = [(new[u], new[v], s) for u, v, s in rng.sample(net.transfers, len(net.transfers))]
    return RefNetwork(net.n_stations, trips, [net.change_s[o] for o in old], walks), old


def reversed_network(net: RefNetwork, about: int = DAY) -> RefNetwork:
    """Return `net` with time reversed: t -> `about` - t, transfers turned round, pickup and
    drop_off swapped.

    About 24:00 (not 0:00) the morning stays on the day and D-1 and D+1 change places.
    """
    trips = [
        [
            Call(c.station, about - c.departure, about - c.arrival, c.drop_off, c.pickup)
            for c in reversed(t)
        ]
        for t in net.trips
    ]
    return RefNetwork(
        net.n_stations, trips, list(net.change_s), [(v, u, s) for u, v, s in net.transfers]
    )


def reversed_pairs(pairs: Sequence[tuple[int, int]], about: int = DAY) -> list[tuple[int, int]]:
    """Return the profile (departure, arrival) seen with time reversed."""
    return [(about - arrival, about - departure) for departure, arrival in reversed(pairs)]


# --- as railshed's model ------------------------------------------------------------------------


def service_day(trip: Sequence[Call]) -> int:
    """Return -1, 0 or 1, a service day on which the trip's clock times are not negative.

    A trip after midnight belongs to either day, the earlier (25:10) or the later (01:10), by its
    own numbers.
    """
    day, seconds = divmod(trip[0].arrival, DAY)
    if day >= 0 and seconds < 4 * HOUR and (seconds + len(trip)) % 2:
        return day - 1
    return day


def to_model(
    net: RefNetwork,
    ids: Sequence[str] | None = None,
    targets: Sequence[int] = (),
    window_to: tuple[int, int] = (27_000, 34_200),
    window_from: tuple[int, int] = (61_200, 70_200),
) -> Network:
    """Return `net` as a model: service ``prev`` runs on D-1 only, ``today`` on D only, ``next`` on
    D+1 only.

    Stations are ``s0 .. sN`` (or `ids`) on a grid of 0.1 degrees, too far apart to walk; `targets`
    become the core stations of a city ``core``. Trips keep their order.
    """
    names = list(ids) if ids is not None else [f"s{i}" for i in range(net.n_stations)]
    days = [service_day(trip) for trip in net.trips]
    rows = [
        (i, c.station, c.arrival - days[i] * DAY, c.departure - days[i] * DAY, c.pickup, c.drop_off)
        for i, trip in enumerate(net.trips)
        for c in trip
    ]
    columns = list(zip(*rows, strict=True))
    ints = [np.array(column, dtype=np.int32) for column in columns[:4]]
    bools = [np.array(column, dtype=np.bool_) for column in columns[4:]]
    walks = np.array(net.transfers, dtype=np.int32).reshape(-1, 3)
    trips = Trips(
        trip_ids=tuple(f"t{i}" for i in range(len(net.trips))),
        names=tuple(f"T{i}" for i in range(len(net.trips))),
        route_ids=tuple("r" for _ in net.trips),
        service_idx=_frozen(np.array([day + 1 for day in days], dtype=np.int32)),
        route_types=_frozen(np.full(len(net.trips), 2, dtype=np.int32)),
    )
    core = tuple(names[t] for t in targets)
    city = City("core", "核心", "Core", core, (), window_to=window_to, window_from=window_from)
    return Network(
        network_id="random",
        title="random network",
        date=DATE,
        stations=tuple(_station(name, net.change_s[i]) for i, name in enumerate(names)),
        services=_services(),
        trips=trips,
        stop_times=StopTimes(*(_frozen(column) for column in (*ints, *bools))),
        transfers=Transfers(*(_frozen(np.ascontiguousarray(walks[:, k])) for k in range(3))),
        cities=(city,) if core else (),
    )


def _station(name: str, change_s: int) -> Station:
    """Return a station whose place depends on its id alone, so that a shuffled network is the same
    one.
    """
    number = int("".join(ch for ch in name if ch.isdigit()) or 0)
    lon, lat = 100 + number % 4 / 10, 10 + number // 4 / 10
    return Station(name, f"站{number}", lon, lat, f"Station {number}", change_s=change_s)


def _services() -> tuple[Service, ...]:
    """Return three services that each say "this day only" in another way: added, removed,
    weekday.
    """
    one = dt.timedelta(days=1)
    never, always = (False,) * 7, (True,) * 7
    day_after = tuple(day == (DATE + one).weekday() for day in range(7))
    return (
        Service("prev", DATE - 9 * one, DATE - 9 * one, never, added=Days.of({DATE - one})),
        Service("today", DATE - one, DATE + one, always, removed=Days.of({DATE - one, DATE + one})),
        Service("next", DATE - 5 * one, DATE + 5 * one, day_after),
    )


def _frozen(array: np.ndarray) -> np.ndarray:
    array.flags.writeable = False
    return array
