"""Station classes that a feed leaves open: by the mode of the trains, in China by their number."""

from __future__ import annotations

import pytest

from railshed.io.gtfs.read import read_gtfs
from tests.support.feeds import FEED, feed_with, write_zip


def classes(
    tmp_path, zone: str | None, *route_types: int, stops: str | None = None
) -> tuple[set[str], tuple[str, ...]]:
    """Return the classes of stations where 400 trains a day call, of routes of these types in turn; and the notes."""
    routes = "route_id,agency_id,route_short_name,route_long_name,route_type\n"
    routes += "".join(f"r{kind},x,R,,{kind}\n" for kind in route_types)
    trips, times = "route_id,service_id,trip_id\n", "trip_id,arrival_time,departure_time,stop_id,stop_sequence\n"
    for n in range(400):
        trips += f"r{route_types[n % len(route_types)]},weekdays,t{n}\n"
        times += f"t{n},08:00:00,08:00:00,a,1\nt{n},08:20:00,08:20:00,b,2\n"
    agency = None if zone is None else FEED["agency.txt"].replace("Asia/Shanghai", zone)
    stops = stops or "".join(FEED["stops.txt"].splitlines(keepends=True)[:3])
    feed = read_gtfs(
        write_zip(
            tmp_path / "f.zip", feed_with(agency=agency, routes=routes, trips=trips, stop_times=times, stops=stops)
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
        ("America/New_York", (2,), "halt"),
        ("Europe/Berlin", (2, 3), "halt"),
        ("America/New_York", (1,), "metro"),
        ("America/Sao_Paulo", (3,), "metro"),
        ("America/Sao_Paulo", (0, 3), "metro"),
        ("Asia/Shanghai", (2, 1), "hub"),
    ],
)
def test_classes_by_mode_and_country(tmp_path, zone, route_types, expected):
    """Gates and checks make large railway stations of China slow; a metro station or bus stop is no hub."""
    station_classes, notes = classes(tmp_path, zone, *route_types)
    assert station_classes == {expected}
    note = f"station times by the mode of their trains, not their number: 2 {expected}"
    assert (note in notes) == (expected != "hub")


@pytest.mark.parametrize("zone", [None, "Mars/X", ""])
def test_without_a_known_time_zone_the_place_decides(tmp_path, zone):
    """agency.txt missing, a zone in no list, a blank one: hubs where the feed lies in China, halts in Slovakia."""
    slovakia = "stop_id,stop_name,stop_lat,stop_lon\na,A,48.2,17.1\nb,B,48.3,17.4\n"
    station_classes, notes = classes(tmp_path, zone, 2)
    assert station_classes == {"hub"}
    (note,) = (note for note in notes if note.startswith("no time zone is known"))
    assert "2 of 2 stations lie in the box around China" in note
    station_classes, notes = classes(tmp_path, zone, 2, stops=slovakia)
    assert station_classes == {"halt"}
    (note,) = (note for note in notes if note.startswith("no time zone is known"))
    assert "0 of 2 stations lie in the box around China, so railway stations are taken as open to the platform" in note
    assert not any(note.startswith("no time zone is known") for note in classes(tmp_path, zone, 1)[1])
