"""Trips by headway that are written out only when needed: equal to those that are, in every column
and finding.
"""

from __future__ import annotations

import copy
import pickle
from dataclasses import fields, replace

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from railshed import load_network
from railshed.assumptions.assumptions import default_assumptions
from railshed.io.cache import pack_network, unpack_network
from railshed.io.gtfs.read import read_gtfs
from railshed.io.networks import network_of
from railshed.maps.from_network import _trains_a_day, hops
from railshed.network.checks import validate
from railshed.network.lines import line_ids
from railshed.network.model import StopTimes, Trips
from railshed.network.ordering import int32, no_trips, take_trips
from railshed.network.service_windows import low_service_window, modes_without_service
from railshed.network.timetable_merge import merge_timetables
from railshed.network.trip_series import (
    DRAWN,
    EXACT,
    Series,
    calls_of_trips,
    first_departures,
    first_runs,
    ranges,
    routes_of,
    series_of,
    served_by,
    trip_name,
)
from railshed.routing.compile import compile_network
from railshed.routing.timetable_edit import edit_of
from railshed.scenario.service_plans.corridors import TrainDay
from tests.support.feeds import FEED, feed_with, write_zip

HEADER = "trip_id,start_time,end_time,headway_secs,exact_times\n"
HOURLY = feed_with(frequencies=HEADER + "t1,05:00:00,23:00:00,3600,1\n")
#: km north of the first station; the second pair is 30 km apart, so that short rides are too fast
STOPS = {"a": 0, "b": 1, "c": 2.5, "d": 32}


def written_out(network):
    """Return the network with trips and calls as if they had been given."""
    trips, calls = (
        kind(*(getattr(columns, field.name) for field in fields(kind)))
        for kind, columns in ((Trips, network.trips), (StopTimes, network.stop_times))
    )
    return replace(network, trips=trips, stop_times=calls)


@st.composite
def headway_feeds(draw):
    """Return feeds of a few trips, most by headway, with what checks look for: haste, no time,
    repeats, one call.
    """
    trips, calls, rows = [], [], []
    n_trips = draw(st.integers(1, 4))
    for k in range(n_trips):
        walk = draw(
            st.lists(
                st.sampled_from("abcd"), min_size=draw(st.sampled_from([1, 2, 2, 2])), max_size=8
            )
        )
        clock = draw(st.sampled_from([0, 25_200, 25_230]))
        steps = draw(st.sampled_from([[0], *[[0, 45, 60, 1500]] * 3]))
        trips.append(f"{draw(st.sampled_from('rq'))},{draw(st.sampled_from('xy'))},t{k}\n")
        for i, stop in enumerate(walk):
            clock += draw(st.sampled_from(steps)) if i else 0
            kinds = draw(st.sampled_from([(0, 0), (0, 0), (1, 0), (1, 1)]))
            at = f"{clock // 3600:02d}:{clock // 60 % 60:02d}:{clock % 60:02d}"
            calls.append(f"t{k},{at},{at},{stop},{i},{kinds[0]},{kinds[1]}\n")
        for hour in draw(st.lists(st.sampled_from([5, 6, 8, 17]), unique=True, max_size=2)):
            headway, exact = (
                draw(st.sampled_from([25, 60, 90, 600, 1200, 3000])),
                draw(st.sampled_from([0, 1, 1])),
            )
            rows.append(f"t{k},{hour:02d}:00:00,{hour + 1:02d}:00:00,{headway},{exact}\n")
    if draw(st.booleans()):  # the first trip once more
        for table in (trips, calls, rows):
            table += [row.replace("t0", f"t{n_trips}") for row in table if "t0" in row]
    days = (
        "service_id,monday,tuesday,wednesday,thursday,friday,saturday,sunday,start_date,end_date\n"
    )
    return FEED | {
        "stops.txt": "stop_id,stop_name,stop_lat,stop_lon\n"
        + "".join(f"{stop},{stop},{50 + km / 111.2},10\n" for stop, km in STOPS.items()),
        "routes.txt": "route_id,route_short_name,route_type\nr,R,3\nq,Q,1\n",
        "trips.txt": "route_id,service_id,trip_id\n" + "".join(trips),
        "stop_times.txt": "trip_id,arrival_time,departure_time,stop_id,stop_sequence,pickup_type,drop_off_type\n"
        + "".join(calls),
        "calendar.txt": days
        + "x,1,1,1,1,1,1,1,20240101,20241231\ny,1,0,0,0,0,0,1,20240101,20241231\n",
        "frequencies.txt": HEADER + "".join(rows),
    }


@pytest.mark.slow
@settings(max_examples=150, deadline=None)
@given(headway_feeds(), st.sampled_from([None, "2024-03-04", "2024-03-05", "2025-06-01"]))
def test_series_are_found_fault_with_as_all_their_trips_are(tmp_path_factory, tables, date):
    """The same issues in the same words, whether the trips of a headway are checked by their first
    runs or all.
    """
    path = write_zip(tmp_path_factory.mktemp("feed") / "feed.zip", tables)
    try:
        feed = read_gtfs(path)
        network = network_of(feed, "feed", date=date)
    except ValueError:  # too many trips with defects, or none on the date
        return
    found = validate(network)
    n_trips, n_calls, text = network.n_trips, network.n_calls, repr(network)
    plain = written_out(network)
    assert found == validate(plain) == validate(network)
    assert (n_trips, n_calls) == (len(plain.trips.trip_ids), len(plain.stop_times.trip_idx))
    assert text == repr(plain)


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["a", "b", "ab", "a@06", "a@060000", "a~06"]),
            st.sampled_from(["", EXACT, DRAWN]),
            st.integers(0, 3),
            st.integers(1, 3),
        ),
        max_size=6,
    )
)
@settings(deadline=None, max_examples=300)
def test_the_order_of_runs_is_that_of_their_seconds_and_ids(rows):
    """The texts of ids decide among runs of one second, also where the id of a series begins
    another's.
    """
    rows = [(name, mark, 21_600 + 60 * start, n if mark else 1) for name, mark, start, n in rows]
    names = tuple(
        name + (f"{mark}06{start // 60 % 60:02d}00" if mark else "")
        for name, mark, start, _ in rows
    )
    number, at = (
        np.arange(len(rows), dtype=np.int32),
        np.array([start for _, _, start, _ in rows], np.int32),
    )
    n_runs, step, open_ = (
        np.array([n for *_, n in rows], np.int32),
        np.full(len(rows), 60, np.int32),
        number >= 0,
    )
    series = Series(
        Trips(names, names, names, number, number),
        StopTimes(number, number, at, at, open_, open_),
        tuple(name + mark if mark else "" for name, mark, _, _ in rows),
        n_runs,
        step,
    )
    assume(len(set(series.ids())) == series.n_trips)
    place, seconds, order = series.in_order
    of, start = series.starts()
    assert order.tolist() == sorted(range(len(of)), key=lambda k: (start[k], series.ids()[k]))
    assert (place.tolist(), seconds.tolist()) == (of[order].tolist(), start[order].tolist())


@given(headway_feeds(), st.integers(0, 2**16))
@settings(deadline=None, max_examples=50)
def test_what_is_counted_of_series_is_that_of_all_trips(tmp_path_factory, tables, seed):
    """Where some trips call and when they begin, modes without service and windows with little
    service.
    """
    try:
        network = load_network(write_zip(tmp_path_factory.mktemp("feed") / "feed.zip", tables))
    except ValueError:
        return
    plain = written_out(network)
    rng = np.random.default_rng(seed)
    some = rng.random(plain.n_trips) < 0.2
    assert np.array_equal(served_by(network, some), served_by(plain, some))
    same_columns(
        calls_of_trips(network, np.flatnonzero(some)), calls_of_trips(plain, np.flatnonzero(some))
    )
    assert [trip_name(network, k) for k in range(plain.n_trips)] == [
        trip_name(plain, k) for k in range(plain.n_trips)
    ]
    mine = np.flatnonzero(
        some & (np.bincount(plain.stop_times.trip_idx, minlength=plain.n_trips) > 0)
    )
    assert np.array_equal(first_departures(network, mine), first_departures(plain, mine))
    for start in rng.integers(0, 86_400, 4).tolist():
        for find in (modes_without_service, low_service_window):
            assert find(network, (start, start + 5_400)) == find(plain, (start, start + 5_400))


def same_columns(one, other):
    """Assert that two tables of trips or calls are equal in every column and type."""
    for name in type(one).__slots__:
        a, b = getattr(one, name), getattr(other, name)
        assert np.array_equal(a, b), name
        assert getattr(a, "dtype", tuple) == getattr(b, "dtype", tuple), name


@pytest.mark.slow
@given(headway_feeds(), st.integers(0, 2**16))
@settings(deadline=None, max_examples=100)
def test_merging_series_gives_what_merging_their_trips_gives(tmp_path_factory, tables, seed):
    """Trips taken out at random, of some series some runs, of others none or all, and put in with
    other ids; twice.
    """
    try:
        network = load_network(write_zip(tmp_path_factory.mktemp("feed") / "feed.zip", tables))
    except ValueError:
        return
    rng, sides = np.random.default_rng(seed), (network, written_out(network))
    for step in range(2):
        plain = sides[1]
        of = rng.random(plain.n_trips) * rng.choice([0.0, 1.0])  # now and then all stay
        gone = (of > 0.8) | ((of > 0) & (plain.trips.service_idx == 0) & (rng.random() < 0.3))
        chosen = np.flatnonzero(rng.random(plain.n_trips) < 0.2)
        trips = take_trips(plain.trips, chosen)
        trips = replace(
            trips, trip_ids=tuple(f"{'az'[k % 2]}{step}{t}" for k, t in enumerate(trips.trip_ids))
        )
        calls = calls_of_trips(plain, chosen)
        calls = replace(calls, trip_idx=int32(np.searchsorted(chosen, calls.trip_idx)))
        new = replace(plain.stations[0], station_id=f"{'0z'[step]}-new")
        services = tuple(
            replace(s, service_id=f"{'0z'[step]}{s.service_id}") for s in plain.services
        )
        calls = replace(
            calls,
            station_idx=int32(
                np.where(rng.random(len(calls.trip_idx)) < 0.3, plain.n_stations, calls.station_idx)
            ),
        )
        added = replace(
            plain, stations=(*plain.stations, new), services=services, trips=trips, stop_times=calls
        )
        merged = [merge_timetables(side, gone, added) for side in sides]
        assert (merged[0].trips.series is None) == (gone.any() or series_of(sides[0]) is None)
        for name in ("trips", "stop_times"):
            same_columns(*(getattr(table, name) for table in merged))
        if gone.any():
            one, other = (table.trips.origin for table in merged)
            same_columns(one.trips, other.trips)
            same_columns(one.calls, other.calls)
        sides = tuple(
            replace(side, **table.parts()) for side, table in zip(sides, merged, strict=True)
        )
    one, other = sides
    assert np.array_equal(hops(one), hops(other))
    kinds = [first_runs(side)[0].route_types == 3 for side in sides]
    assert _trains_a_day(one, kinds[0]) == _trains_a_day(other, kinds[1])
    assert line_ids(one) == line_ids(other)
    assert routes_of(one) == routes_of(other)
    days = [TrainDay.of(side) for side in sides]
    for name in ("trip", "station", "arrival_s", "departure_s"):
        assert np.array_equal(*(getattr(day, name) for day in days))
    compiled = [compile_network(side, default_assumptions(), may_be_empty=True) for side in sides]
    some = compiled[0].run_trip[rng.random(compiled[0].n_runs) < 0.3]
    assert np.array_equal(*(of.count_calls(some) for of in compiled))
    gone = rng.random(one.n_trips) < 0.1
    nothing = replace(
        other, trips=take_trips(other.trips, np.empty(0, np.int64)), stop_times=no_trips()[1]
    )
    edits = [
        edit_of(
            of,
            replace(side, **merge_timetables(side, gone, nothing).parts()),
            default_assumptions(),
        )
        for of, side in zip(compiled, sides, strict=True)
    ]
    assert np.array_equal(*(edit.near for edit in edits))


def test_reading_and_checking_write_nothing_out(tmp_path, monkeypatch):
    """18 runs of three calls and one plain trip of three: 57 calls, of which reading and checking
    see six.
    """
    path = write_zip(tmp_path / "feed.zip", HOURLY)
    with monkeypatch.context() as patched:
        patched.setattr(Series, "in_order", property(lambda _: pytest.fail("written out")))
        network = load_network(path)
        validate(network)
        assert (network.n_trips, network.n_calls) == (19, 57)
        assert len(series_of(network).stop_times.trip_idx) == 6
    assert len(network.stop_times.trip_idx) == 57


def test_series_are_restored_from_the_cache(tmp_path, monkeypatch):
    """Packed and unpacked without being written out, then the same in every column and finding."""
    network = load_network(write_zip(tmp_path / "feed.zip", HOURLY))
    with monkeypatch.context() as patched:
        patched.setattr(Series, "in_order", property(lambda _: pytest.fail("written out")))
        restored = unpack_network(pack_network(network))
        assert validate(restored) == validate(network)
        assert series_of(restored).n_calls == 57
    for mine, other in ((restored.trips, network.trips), (restored.stop_times, network.stop_times)):
        for field in fields(mine):
            a, b = (np.asarray(getattr(columns, field.name)) for columns in (mine, other))
            assert (a.dtype, a.flags.writeable, a.tolist()) == (
                b.dtype,
                b.flags.writeable,
                b.tolist(),
            )


def test_other_trips_are_no_series_of_the_network(tmp_path):
    """Once trips or calls are replaced, the series says nothing of them."""
    network = load_network(write_zip(tmp_path / "feed.zip", HOURLY))
    assert series_of(network) is not None
    assert series_of(written_out(network)) is None
    assert series_of(replace(network, stop_times=written_out(network).stop_times)) is None
    moved = replace(network.stop_times, arrival_s=int32(network.stop_times.arrival_s - 60))
    assert series_of(replace(network, stop_times=moved)) is None


def test_columns_made_later_are_copied_and_sent_as_any(tmp_path):
    """Copies and pickles hold the columns; what is no column is an error, and arrays are
    read-only.
    """
    path = write_zip(tmp_path / "feed.zip", HOURLY)
    calls = load_network(path).stop_times
    for again in (pickle.loads(pickle.dumps(calls)), copy.copy(load_network(path).stop_times)):
        assert np.array_equal(again.departure_s, calls.departure_s)
    assert not calls.departure_s.flags.writeable
    with pytest.raises(AttributeError, match="StopTimes has no 'platform'"):
        _ = calls.platform


def test_ranges_count_up_group_by_group():
    assert ranges([2, 0, 3]).tolist() == [0, 1, 0, 1, 2]
    assert ranges([]).tolist() == []
