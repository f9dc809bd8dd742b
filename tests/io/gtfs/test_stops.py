"""Stations of stops: parents that are not in the table, and those that are no stations."""

from __future__ import annotations

from pathlib import Path

import pytest

from railshed.io.gtfs.read import read_gtfs
from railshed.util.errors import InputError
from tests.support.feeds import feed_with, write_zip

HEAD = "stop_id,stop_name,stop_lat,stop_lon,location_type,parent_station\n"
STOPS = (("a", 104.0), ("b", 104.3), ("c", 104.6))


def feed(tmp_path: Path, *, of_a: str, of_b: str, rows: str = "") -> Path:
    parents = {"a": of_a, "b": of_b, "c": ""}
    stops = (
        HEAD
        + "".join(f"{stop},{stop},30.0,{lon},0,{parents[stop]}\n" for stop, lon in STOPS)
        + rows
    )
    return write_zip(tmp_path / "feed.zip", feed_with(stops=stops))


def test_a_lost_parent_of_one_stop_is_a_warning_and_of_two_an_error(tmp_path: Path) -> None:
    """A stop alone is a station of its own; of two stops nothing says whether trains are changed
    between them.
    """
    found = read_gtfs(feed(tmp_path, of_a="lost", of_b=""))
    assert [station.station_id for station in found.timetable.stations] == ["a", "b", "c"]
    with pytest.raises(
        InputError,
        match=r"parent_station.* is not in stops.txt .*lost.*is each a station of its own",
    ):
        read_gtfs(feed(tmp_path, of_a="lost", of_b="lost"))


@pytest.mark.parametrize("rows", ["", "p,p,30.0,104.0,1,q\nq,q,30.0,104.0,1,\n"])
def test_a_parent_is_a_station_that_has_none(tmp_path: Path, rows: str) -> None:
    """A stop is no parent, and a station has no parent."""
    with pytest.raises(InputError, match="is no station"):
        read_gtfs(feed(tmp_path, of_a="" if rows else "b", of_b="", rows=rows))
