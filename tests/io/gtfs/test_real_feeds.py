"""Real feeds load whole, with what was left out counted."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
import zipfile
from collections import Counter
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from railshed.io.gtfs.calendar import default_date
from railshed.io.gtfs.read import read_gtfs
from railshed.io.networks import network_of
from railshed.network.joining import join_networks
from railshed.util.units import parse_clock

DATA = Path(__file__).resolve().parents[3].parent / "shared" / "data"
needs_data = pytest.mark.skipif(
    not (DATA / "gtfs").is_dir(), reason="needs the feeds of ../shared/data/gtfs"
)
pytestmark = [pytest.mark.peers, needs_data]


@cache
def read(name):
    return read_gtfs(DATA / f"{name}.zip")


#: stations, trips, calls (rows of the files, less the trips left out), warnings by code, part of a
#: note
FEEDS = {
    "gtfs/bart_2023": (
        50,
        4225,
        61853,
        {},
        "transfers.txt: 35 rows of type 2 for single routes or trips not used",
    ),
    "gtfs/caltrain_2023": (47, 176, 3498, {}, "change time of 31 stations with merged platforms"),
    "gtfs/db_fernverkehr_2019": (
        664,
        6060,
        86129,
        {"decreasing-time": 3},
        "trips.txt: 3 of 6,063 trips left out",
    ),
    "gtfs/mexico_city_2018_freq": (
        6021,
        87551,
        2908017,
        {"no-time": 20},
        "1,721 trips run as 87,551 by headway",
    ),
    "gtfs/mtr_hsr_hongkong_2026-01-26": (7, 82, 198, {}, "files not used: attributions.txt"),
    "gtfs/sao_paulo_freq_sample": (
        654,
        7766,
        147772,
        {"repeated-row": 6},
        "36 trips run as 7,766 by headway",
    ),
    "gtfs/wmata_2026-04": (98, 16514, 352668, {}, "files not used: levels.txt, pathways.txt"),
    "porto_alegre/poa_eptc_2019": (
        3986,
        2374,
        130019,
        {},
        "125,271 blank times estimated between the given ones",
    ),
    "porto_alegre/poa_trensurb_2019": (24, 1248, 14855, {}, "files not used: shapes.txt"),
}


@pytest.mark.parametrize("name", FEEDS)
def test_feed_loads_with_counts(name):
    n_stations, n_trips, n_calls, warnings, note = FEEDS[name]
    feed = read(name)
    table = feed.timetable
    assert (len(table.stations), len(table.trips.trip_ids)) == (n_stations, n_trips)
    assert len(table.stop_times.trip_idx) == n_calls
    assert any(note in text for text in feed.notes)
    codes = [issue.code for issue in feed.issues]
    assert {code: codes.count(code) for code in codes} == warnings
    assert {issue.severity for issue in feed.issues} <= {"warning"}
    assert feed.timezone


@pytest.mark.parametrize("name", FEEDS)
def test_times_never_run_backwards(name):
    calls = read(name).timetable.stop_times
    same_trip = calls.trip_idx[1:] == calls.trip_idx[:-1]
    assert (calls.departure_s >= calls.arrival_s).all()
    assert (calls.arrival_s[1:] >= calls.departure_s[:-1])[same_trip].all()


@pytest.mark.parametrize("name", FEEDS)
def test_default_date_is_an_ordinary_tuesday(name):
    table = read(name).timetable
    assert default_date(table.services, table.trips.service_idx).weekday() == 1


def test_a_caltrain_train_call_by_call():
    """Train 501 as the first two rows of stop_times.txt have it, platforms 70271 and 70261 as their
    stations.
    """
    table = read("gtfs/caltrain_2023").timetable
    trip = table.trips.trip_ids.index("501")
    rows = table.stop_times.trip_idx == trip
    stations = [table.stations[i].station_id for i in table.stop_times.station_idx[rows][:2]]
    assert table.stop_times.departure_s[rows][:2].tolist() == [18000, 18420]
    assert stations == ["tamien", "sj_diridon"]


def test_frequencies_of_sao_paulo_by_hand():
    """Line 7 by 720 s from 04:00 to 04:59 makes 5 trips; a phase of less than 720 s leaves the
    fifth before 04:59.
    """
    table = read("gtfs/sao_paulo_freq_sample").timetable
    starts = [i for i in table.trips.trip_ids if i.startswith(("CPTM L07-0@04", "CPTM L07-0~04"))]
    assert len(starts) in (4, 5)
    first = np.array([int(i[-6:-4]) * 3600 + int(i[-4:-2]) * 60 + int(i[-2:]) for i in starts])
    assert (np.diff(first) == 720).all()
    assert 14400 <= first[0] < 15120
    assert first[-1] < 4 * 3600 + 59 * 60 <= first[-1] + 720


@pytest.mark.parametrize("name", ["gtfs/mexico_city_2018_freq", "gtfs/sao_paulo_freq_sample"])
def test_every_headway_makes_its_trips(name):
    """A period of n headways and a part makes n or n + 1 trips by its phase, and all trips come
    from some period.
    """
    with zipfile.ZipFile(DATA / f"{name}.zip") as archive, archive.open("frequencies.txt") as file:
        rows = list(csv.DictReader(io.TextIOWrapper(file, "utf-8-sig")))
    feed = read(name)
    made = Counter(
        re.split("[@~]", i)[0] for i in feed.timetable.trips.trip_ids if "@" in i or "~" in i
    )
    out = {row["trip_id"] for row in rows} - set(made)
    assert len(out) == sum(issue.code == "no-time" for issue in feed.issues)
    low, high = Counter(), Counter()
    for row in rows:
        seconds = parse_clock(row["end_time"]) - parse_clock(row["start_time"])
        low[row["trip_id"]] += seconds // int(row["headway_secs"])
        high[row["trip_id"]] += -(-seconds // int(row["headway_secs"]))
    assert all(low[i] <= made[i] <= high[i] for i in high if i not in out)
    assert sum(made.values()) == sum(made[i] for i in high)


def test_porto_alegre_rail_and_bus_as_one():
    """Both feeds in one network, each with its prefix; nothing is lost."""
    feeds = {
        "rail": read("porto_alegre/poa_trensurb_2019"),
        "bus": read("porto_alegre/poa_eptc_2019"),
    }
    day = dt.date(2019, 5, 14)
    merged = join_networks(
        {prefix: network_of(feed, prefix, date=day) for prefix, feed in feeds.items()}
    )
    table = merged
    assert len(table.stations) == 24 + 3986
    assert len(table.trips.trip_ids) == 1248 + 2374
    assert len(table.stop_times.trip_idx) == 14855 + 130019
    assert merged.timezone == "America/Sao_Paulo"
    assert {i.split(":")[0] for i in table.trips.trip_ids} == {"rail", "bus"}


@pytest.mark.parametrize(
    ("modes", "n_trips"), [(["bus"], None), (["metro"], None), (["metro", "bus"], 4225)]
)
def test_modes_of_bart(modes, n_trips):
    """Twelve metro routes and two of buses: each filter keeps its own, both keep all."""
    feed = read_gtfs(DATA / "gtfs" / "bart_2023.zip", modes=modes)
    kinds = set(feed.timetable.trips.route_types.tolist())
    assert kinds == {{"metro": 1, "bus": 3}[mode] for mode in modes}
    assert n_trips in (None, len(feed.timetable.trips.trip_ids))
