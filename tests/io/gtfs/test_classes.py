"""Station classes that a feed leaves open: by the mode of the trains, of railway stations by their
number.
"""

from __future__ import annotations

import pytest

from railshed.io.gtfs.read import read_gtfs
from tests.support.feeds import FEED, feed_with, write_zip


def classes(tmp_path, zone: str | None, *route_types: int) -> tuple[set[str], tuple[str, ...]]:
    """Return the classes of stations where 400 trains a day call, of routes of these types in turn;
    and the notes.
    """
    routes = "route_id,agency_id,route_short_name,route_long_name,route_type\n"
    routes += "".join(f"r{kind},x,R,,{kind}\n" for kind in route_types)
    trips, times = (
        "route_id,service_id,trip_id\n",
        "trip_id,arrival_time,departure_time,stop_id,stop_sequence\n",
    )
    for n in range(400):
        trips += f"r{route_types[n % len(route_types)]},weekdays,t{n}\n"
        times += f"t{n},08:00:00,08:00:00,a,1\nt{n},08:20:00,08:20:00,b,2\n"
    agency = None if zone is None else FEED["agency.txt"].replace("Asia/Shanghai", zone)
    stops = "".join(FEED["stops.txt"].splitlines(keepends=True)[:3])
    feed = read_gtfs(
        write_zip(
            tmp_path / "f.zip",
            feed_with(agency=agency, routes=routes, trips=trips, stop_times=times, stops=stops),
        )
    )
    return {s.station_class for s in feed.timetable.stations}, feed.notes


@pytest.mark.parametrize(
    ("zone", "route_types", "expected"),
    [
        ("Asia/Shanghai", (2,), "hub"),
        ("Asia/Hong_Kong", (101,), "hub"),
        ("Asia/Shanghai", (109,), "halt"),
        ("Asia/Shanghai", (1,), "metro"),
        ("America/New_York", (2,), "hub"),
        ("Europe/Berlin", (2, 3), "large"),
        ("Europe/Berlin", (2, 109), "hub"),
        ("Europe/Berlin", (109,), "halt"),
        ("America/New_York", (1,), "metro"),
        ("America/Sao_Paulo", (3,), "metro"),
        ("America/Sao_Paulo", (0, 3), "metro"),
        ("Asia/Shanghai", (2, 1), "large"),
        ("Mars/X", (2,), "hub"),
        (None, (2,), "hub"),
    ],
)
def test_classes_by_mode_and_number_of_trains(tmp_path, zone, route_types, expected):
    """400 trains make a hub in every country, 200 beside 200 buses a large station; no bus or metro
    stop is a hub.
    """
    station_classes, notes = classes(tmp_path, zone, *route_types)
    assert station_classes == {expected}
    note = f"station times by the mode of their trains, not their number: 2 {expected}"
    assert (note in notes) == (expected in ("halt", "metro"))
