"""The network of 2016: rebuilt from its raw file to the byte, and its stations those of 2023."""

from __future__ import annotations

import runpy
from pathlib import Path

import numpy as np
import pytest

import railshed
from railshed.network.model import Network
from railshed.util.geodesy import great_circle_m
from tests.support.shared import SHARED, needs

FOLDER = Path(__file__).parents[2] / "networks" / "china-2016"


@pytest.fixture(scope="module")
def past() -> Network:
    return railshed.load_network("china-2016")


def test_people_and_places_are_those_of_2023(past: Network, china: Network) -> None:
    """The same cells, counties and cities; a station of both stands at one place and has one class
    of times.
    """
    for name in ("population.parquet", "boundaries.parquet", "regions.csv", "centres.csv"):
        assert (FOLDER / name).read_bytes() == (FOLDER.parent / "china" / name).read_bytes()
    assert [c.slug for c in past.cities] == [c.slug for c in china.cities]
    assert [c.proper_counties for c in past.cities] == [c.proper_counties for c in china.cities]
    today = {s.station_id: s for s in china.stations}
    both = [(s, today[s.station_id]) for s in past.stations if s.station_id in today]
    assert len(both) == 624
    for old, new in both:
        assert (old.name, old.lon, old.lat, old.station_class, old.feeder) == (
            new.name,
            new.lon,
            new.lat,
            new.station_class,
            new.feeder,
        )
    known = {c.slug: set(c.core_station_ids) for c in china.cities}
    more = {c.slug: set(c.core_station_ids) - known[c.slug] for c in past.cities}
    assert {slug: ids for slug, ids in more.items() if ids} == {
        "chengdu": {"chengdu"},
        "xiangyang": {"xiangyang"},
    }


def test_trains_of_the_day_run_at_speeds_of_trains(past: Network) -> None:
    """3,687 trains on 2016-03-16, none faster than 300 km/h between two calls: no station is
    misplaced by far.
    """
    runs = np.array([s.runs_on(past.date) for s in past.services])[past.trips.service_idx]
    assert (past.n_trips, int(runs.sum())) == (4441, 3687)
    lon, lat = (np.array([getattr(s, name) for s in past.stations]) for name in ("lon", "lat"))
    calls = past.stop_times
    legs = np.flatnonzero(calls.trip_idx[1:] == calls.trip_idx[:-1])
    a, b = calls.station_idx[legs], calls.station_idx[legs + 1]
    km = great_circle_m(lon[a], lat[a], lon[b], lat[b]) / 1000
    assert (km / (calls.arrival_s[legs + 1] - calls.departure_s[legs]) * 3600).max() <= 300


@pytest.mark.slow
@needs("china/timetable_2016")
def test_it_is_built_from_the_raw_file(tmp_path: Path) -> None:
    """The same raw file gives the same bytes."""
    runpy.run_path(str(FOLDER / "build.py"))["main"](SHARED / "china", tmp_path / "built")
    for path in (tmp_path / "built").iterdir():
        assert path.read_bytes() == (FOLDER / path.name).read_bytes(), path.name
