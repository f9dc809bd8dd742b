"""Small networks written down by hand: stations in kilometres east and north of a point, trips by
clock times.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from railshed.network.model import Network, Service, Station, Transfers, Trips
from railshed.network.ordering import canonical_order, int32, make_calls
from railshed.util.units import parse_clock

#: a Wednesday
DATE = dt.date(2024, 5, 15)
DAILY = Service("daily", dt.date(2024, 1, 1), dt.date(2024, 12, 31), (True,) * 7)
#: kilometres of a degree on the sphere of 6,371 km
DEGREE_KM = 111.1949
#: where the kilometres are counted from: on the equator, so that east and north are alike
LON, LAT = 10.0, 0.0

#: a scenario of the toy network: a line of two stations that ends at a new core station
NEW_CORE_STATION = """
title = "t"
[[modification]]
type = "add-trips"
name = "x"
hop_minutes = [9]
stops = ["west", { name = "gate", lon = 99.99, lat = 0.31, terminal = true }]
[[modification.frequencies]]
start_time = "06:00"
end_time = "09:00"
headway_minutes = 7
"""

Call = tuple[str, str] | tuple[str, str, str]


def place(east_km: float, north_km: float = 0.0) -> tuple[float, float]:
    """Return lon and lat."""
    return LON + east_km / DEGREE_KM, LAT + north_km / DEGREE_KM


def small_network(
    stations: Mapping[str, tuple[float, float] | Station],
    trips: Mapping[str, Sequence[Call]],
    *,
    service: Mapping[str, str] | None = None,
    services: Sequence[Service] = (DAILY,),
    routes: Mapping[str, str] | None = None,
    route_type: int | Mapping[str, int] = 1,
    transfers: Sequence[tuple[str, str, int]] = (),
    no_boarding: Sequence[str] = (),
    **fields: Any,
) -> Network:
    """Return a network of `stations` (id to kilometres east and north, or a Station) and `trips`
    (id to calls).

    A call is (station, departure) or (station, arrival, departure). Trips are of the first service
    and of a route with their own id unless `service` and `routes` say otherwise; calls at the
    stations `no_boarding` are without pickup and drop-off.
    """
    made = [
        s if isinstance(s, Station) else Station(name, name.upper(), *place(*s))
        for name, s in stations.items()
    ]
    index = {name: i for i, name in enumerate(stations)}
    ids = [s.service_id for s in services]
    types = [route_type if isinstance(route_type, int) else route_type[t] for t in trips]
    rows = [
        (i, index[c[0]], parse_clock(c[1]), parse_clock(c[-1]), c[0] not in no_boarding)
        for i, calls in enumerate(trips.values())
        for c in calls
    ]
    columns = list(zip(*rows, strict=True)) or [()] * 5
    table = canonical_order(
        made,
        services,
        Trips(
            tuple(trips),
            tuple(trips),
            tuple((routes or {}).get(t, t) for t in trips),
            int32([ids.index((service or {}).get(t, ids[0])) for t in trips]),
            int32(types),
        ),
        make_calls(*map(list, columns[:4]), list(columns[4]), list(columns[4])),
        Transfers(*(int32([w[k] if k == 2 else index[w[k]] for w in transfers]) for k in range(3))),
    )
    return Network(
        "small",
        "small",
        DATE,
        table.stations,
        table.services,
        table.trips,
        table.stop_times,
        table.transfers,
        **fields,
    )


#: A - E every 2 km, metro trains of 3 minutes a leg, out and back: nothing is wrong with it
LINE: dict[str, tuple[float, float]] = {
    "a": (0, 0),
    "b": (2, 0),
    "c": (4, 0),
    "d": (6, 0),
    "e": (8, 0),
}
OUT: list[Call] = [("a", "08:00"), ("b", "08:03"), ("c", "08:06"), ("d", "08:09"), ("e", "08:12")]
BACK: list[Call] = [("e", "08:30"), ("d", "08:33"), ("c", "08:36"), ("b", "08:39"), ("a", "08:42")]


def two_trains() -> Network:
    """A - E every 2 km, one train a -> e at 08:00, one b -> e at 08:10; changes take 3 minutes."""
    late = [("b", "08:10"), ("c", "08:13"), ("d", "08:16"), ("e", "08:19")]
    return small_network(LINE, {"out": OUT, "late": late})
