"""Several feeds as one network: prefixes, clocks of other zones, transfers and notes."""

from __future__ import annotations

import datetime as dt

import pytest

from railshed.io.gtfs.read import read_gtfs
from railshed.io.networks import network_of
from railshed.network.joining import join_networks
from railshed.util.errors import ParameterError
from tests.support.feeds import FEED, feed_with, write_zip

SUMMER, WINTER = dt.date(2024, 7, 2), dt.date(2024, 1, 9)
TRANSFERS = "from_stop_id,to_stop_id,transfer_type,min_transfer_time\na,b,2,300\nc,c,2,90\n"


def read(tmp_path, zone="Asia/Shanghai", **tables):
    agency = FEED["agency.txt"].replace("Asia/Shanghai", zone)
    return read_gtfs(write_zip(tmp_path / "feed.zip", feed_with(**{"agency": agency, **tables})))


def joined(feeds, date):
    return join_networks(
        {prefix: network_of(feed, prefix, date=date) for prefix, feed in feeds.items()}
    )


def test_every_id_is_prefixed_and_nothing_else_changes(tmp_path):
    """The same feed twice: 6 stations, 4 trips, 2 services, transfers and change times of each."""
    feed = read(tmp_path, transfers=TRANSFERS)
    merged = joined({"x": feed, "y": feed}, SUMMER)
    table = merged
    assert [s.station_id for s in table.stations] == ["x:a", "x:b", "x:c", "y:a", "y:b", "y:c"]
    assert [s.change_s for s in table.stations] == [None, None, 90, None, None, 90]
    assert [s.service_id for s in table.services] == ["x:weekdays", "y:weekdays"]
    assert table.trips.trip_ids == ("x:t1", "y:t1", "x:t2", "y:t2")
    assert table.trips.route_ids == ("x:r", "y:r", "x:r", "y:r")
    assert table.trips.names == ("G1", "G1", "R", "R")
    assert table.trips.service_idx.tolist() == [0, 1, 0, 1]
    assert table.stop_times.station_idx.tolist() == [0, 1, 2, 3, 4, 5, 2, 1, 0, 5, 4, 3]
    assert table.stop_times.arrival_s.tolist()[:6] == [28800, 30000, 31200] * 2
    assert table.transfers.from_idx.tolist() == [0, 3]
    assert table.transfers.to_idx.tolist() == [1, 4]
    assert merged.timezone == "Asia/Shanghai"
    assert merged.notes == ()
    assert merged.checksums == {f"{p}:feed.zip": feed.checksums["feed.zip"] for p in "xy"}


def test_one_feed_alone_keeps_its_timetable(tmp_path):
    feed = read(tmp_path)
    table = joined({"only": feed}, SUMMER)
    assert table.trips.trip_ids == ("only:t1", "only:t2")
    assert table.stop_times.arrival_s.tolist() == feed.timetable.stop_times.arrival_s.tolist()


@pytest.mark.parametrize(
    ("zones", "date", "hours"),
    [
        (("Europe/Bratislava", "Europe/Kyiv"), SUMMER, -1),
        (("Europe/Kyiv", "Europe/Bratislava"), WINTER, 1),
        (("Europe/London", "Africa/Abidjan"), WINTER, 0),
        (("Europe/London", "Africa/Abidjan"), SUMMER, 1),
        (("Asia/Kolkata", "Asia/Kathmandu"), SUMMER, -0.25),
        (("Asia/Tokyo", ""), SUMMER, 0),
    ],
)
def test_clocks_of_another_zone_move_to_the_first_feeds(tmp_path, zones, date, hours):
    """08:00 in Kyiv is 07:00 in Bratislava: the difference of the offsets at noon of the date,
    summer time included.
    """
    first, other = (read(tmp_path, zone) for zone in zones)
    merged = joined({"one": first, "two": other}, date)
    departures = dict(zip(merged.trips.trip_ids, merged.stop_times.departure_s[::3], strict=True))
    assert departures["one:t1"] == 28800
    assert departures["two:t1"] == 28800 + hours * 3600
    assert merged.timezone == zones[0]
    moved = [note for note in merged.notes if "clock times moved" in note]
    assert moved == (
        [f"two: clock times moved by {hours:+g} h from {zones[1]} to {zones[0]}"] if hours else []
    )


def test_notes_and_warnings_say_the_feed(tmp_path):
    feed = read(
        tmp_path, pathways="pathway_id\n", stops=FEED["stops.txt"] + "c,丙,30.0,104.6,Bing\n"
    )
    merged = joined({"rail": feed}, SUMMER)
    assert merged.notes == ("rail: files not used: pathways.txt",)
    assert [(i.file, i.row) for i in merged.issues] == [("rail:stops.txt", 4)]


@pytest.mark.parametrize("prefix", ["", " ", "a:b", "lines", "departures"])
def test_prefixes_must_tell_feeds_apart(tmp_path, prefix):
    with pytest.raises(ParameterError, match="is blank, reserved or holds a colon"):
        joined({prefix: read(tmp_path)}, SUMMER)


def test_no_feed_is_an_error():
    with pytest.raises(ParameterError, match="no network to join"):
        join_networks({})
