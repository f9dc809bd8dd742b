"""The canonical order against plain sorting."""

from __future__ import annotations

import datetime as dt

from hypothesis import given, settings
from hypothesis import strategies as st

from railshed.network.model import Service, Station, Trips
from railshed.network.ordering import canonical_order, int32, make_calls, no_transfers

EVERY_DAY = Service("s", dt.date(2024, 1, 1), dt.date(2024, 12, 31), (True,) * 7)


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 5), st.integers(0, 9)), max_size=30),
    st.permutations("abcdef"),
)
def test_calls_come_by_first_departure_then_trip_id_as_they_stand(rows, ids):
    """Trips by the departure of their first call and id, those without calls last; calls of a trip
    keep their order.
    """
    n = len(rows)
    trip_idx, departure = int32([trip for trip, _ in rows]), int32([at for _, at in rows])
    trips = Trips(tuple(ids), ("",) * 6, ("",) * 6, int32([0] * 6), int32([2] * 6))
    calls = make_calls(trip_idx, int32(range(n)), departure, departure)
    stations = [Station(f"{i:02d}", "", 0.0, 0.0) for i in range(n)]
    made = canonical_order(stations, [EVERY_DAY], trips, calls, no_transfers())
    first = {}
    for trip, at in rows:
        first.setdefault(trip, at)
    order = sorted(range(6), key=lambda i: (first.get(i, 2**31 - 1), ids[i]))
    assert made.trips.trip_ids == tuple(ids[i] for i in order)
    expected = [row for trip in order for row in range(n) if rows[row][0] == trip]
    assert made.stop_times.station_idx.tolist() == expected
    assert made.stop_times.trip_idx.tolist() == [order.index(rows[row][0]) for row in expected]
