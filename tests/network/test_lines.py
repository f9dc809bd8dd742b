"""Headway-only lines as trips: spacing, phases, directions, and what they add to a network."""

from __future__ import annotations

import datetime as dt
import hashlib
import math
from dataclasses import replace
from itertools import pairwise

import geopandas as gpd
import pytest
from shapely.geometry import box

from railshed.io.networks import load_network
from railshed.network.lines import Line, LineStop, Period, add_lines, expand
from railshed.network.model import Station
from railshed.util.errors import InputError
from railshed.util.geodesy import great_circle_m
from tests.support.feeds import CITIES, write_network

NAN = math.nan
B = Station("b", "乙", NAN, NAN)
NEW = Station("n", "新", 104.1, 30.0)
NEW_2 = Station("m", "又新", 104.2, 30.0)
PEAK, NOON = Period(25_200, 32_400, 600), Period(36_000, 43_200, 1800)


STOPS = (LineStop(B, 0), LineStop(NEW, 300, 60), LineStop(NEW_2, 420))


def line(line_id="L", stops=STOPS, **options):
    return Line(line_id, f"线{line_id}", stops, **{"periods": (PEAK, NOON)} | options)


@pytest.fixture
def network(tmp_path):
    return load_network(write_network(tmp_path / "net", CITIES))


def test_trips_are_evenly_spaced_within_each_period():
    """12 trips in two hours every 10 minutes and 4 every 30, all within their period; runs and
    dwell as given.
    """
    out, back = expand(line())
    for runs in (out, back):
        starts = runs.departure_s[:, 0].tolist()
        assert len(starts) == 12 + 4
        assert {b - a for a, b in pairwise(starts[:12])} == {600}
        assert {b - a for a, b in pairwise(starts[12:])} == {1800}
        assert 25_200 <= starts[0] < 25_800
        assert starts[11] < 32_400
        assert 36_000 <= starts[12] < 37_800
    assert out.station_ids == ("b", "n", "m")
    assert (out.arrival_s[0] - out.departure_s[0, 0]).tolist() == [0, 300, 780]
    assert (out.departure_s[0] - out.departure_s[0, 0]).tolist() == [0, 360, 780]
    assert back.station_ids == ("m", "n", "b")
    assert (back.arrival_s[0] - back.departure_s[0, 0]).tolist() == [0, 420, 780]
    assert (back.departure_s[0] - back.departure_s[0, 0]).tolist() == [0, 480, 780]


def test_one_direction_only():
    """A line that is not bidirectional has no way back."""
    (out,) = expand(line(bidirectional=False))
    assert out.station_ids == ("b", "n", "m")


def phase(seed, line_id, direction, start_s, headway_s):
    """The documented formula: the 64-bit blake2b of the key, as a fraction of the headway."""
    digest = hashlib.blake2b(
        f"{seed}|{line_id}|{direction}|{start_s}".encode(), digest_size=8
    ).digest()
    return int.from_bytes(digest, "big") * headway_s // 2**64


def test_phases_are_stable_and_differ_by_seed_line_direction_and_period():
    """The phase is a fixed number of (seed, line, direction, period): the same in every run and
    machine.
    """
    seen = set()
    for seed in (0, 1):
        for line_id in ("L", "K"):
            for direction, runs in enumerate(expand(line(line_id), seed)):
                starts = runs.departure_s[:, 0].tolist()
                assert starts[0] - 25_200 == phase(seed, line_id, direction, 25_200, 600)
                assert starts[12] - 36_000 == phase(seed, line_id, direction, 36_000, 1800)
                seen.add((starts[0], starts[12]))
    assert len(seen) == 8


def test_another_period_moves_no_trip():
    """A period added leaves the phases of the others as they are."""
    (before,) = expand(line(bidirectional=False, periods=(PEAK,)))
    (after,) = expand(line(bidirectional=False, periods=(Period(18_000, 25_200, 1200), PEAK)))
    assert set(before.trip_ids) < set(after.trip_ids)


def test_add_lines_leaves_the_base_and_the_other_lines_alone(network):
    """A second line moves no trip of the first, and the network given is unchanged."""
    n_before = network.n_trips
    other = Line(
        "Z", "别线", (LineStop(B, 0), LineStop(Station("c", "丙", NAN, NAN), 900)), (PEAK,)
    )
    one, two = add_lines(network, [line()]), add_lines(network, [line(), other])
    assert network.n_trips == n_before
    assert one.n_trips == n_before + 32

    def times(net, prefix):
        index = {trip_id: i for i, trip_id in enumerate(net.trips.trip_ids)}
        return {
            trip_id: net.stop_times.departure_s[net.stop_times.trip_idx == i].tolist()
            for trip_id, i in index.items()
            if trip_id.startswith(prefix)
        }

    assert times(one, "L:") == times(two, "L:")
    assert times(one, "t") == times(network, "t")
    assert two.lines_included == ("线L", "别线")


def test_added_trips_are_in_canonical_order_and_run_every_day(network):
    """Trips come by first departure, stations by id, and the lines' service runs on a
    Sunday too.
    """
    changed = add_lines(network, [line()])
    calls = changed.stop_times
    firsts = [calls.departure_s[calls.trip_idx == i][0] for i in range(changed.n_trips)]
    assert firsts == sorted(firsts)
    assert [s.station_id for s in changed.stations] == ["a", "b", "c", "m", "n"]
    assert [s.service_id for s in changed.services] == ["lines:daily", "weekdays"]
    assert changed.services[0].runs_on(dt.date(2024, 5, 19))
    assert not calls.departure_s.flags.writeable
    assert changed.stations[1].lon == 104.3  # the known station keeps its coordinate


def test_no_lines_change_nothing(network):
    assert add_lines(network, []) is network


def test_core_city_and_county_of_a_new_station(network):
    """A stop with core_city joins the core stations; a new station gets the county that
    it lies in.
    """
    counties = gpd.GeoDataFrame(
        {"county_code": ["1", "2"]},
        geometry=[box(103, 29, 104.15, 31), box(104.15, 29, 105, 31)],
        crs="EPSG:4326",
    )
    stops = (LineStop(B, 0), LineStop(NEW, 300, core_city="jia"), LineStop(NEW_2, 420))
    changed = add_lines(replace(network, counties=counties), [line(stops=stops)])
    assert changed.get_city("jia").core_station_ids == ("a", "b", "n")
    assert network.get_city("jia").core_station_ids == ("a", "b")
    assert {s.station_id: s.county_code for s in changed.stations if s.station_id in "mn"} == {
        "n": "1",
        "m": "2",
    }


def test_every_problem_of_lines_is_reported_at_once(network):
    """Unknown city, unknown station, an id taken 29 km away and a line id twice are one error."""
    stops = (
        LineStop(Station("nowhere", "无", NAN, NAN), 0),
        LineStop(Station("b", "假乙", 104.0, 30.0), 300, core_city="yi"),
    )
    with pytest.raises(InputError) as caught:
        add_lines(network, [line(stops=stops), line()])
    text = str(caught.value)
    for part in (
        "4 problems",
        "station 无 is neither in the network nor given by lon and lat (given: 'nowhere')",
        "core_city is no city of the network (given: 'yi') -> known: bing, jia",
        "the id is taken by 乙, 28.9 km away (given: 'b')",
        "the line id is taken (given: 'L')",
    ):
        assert part in text
    with pytest.raises(InputError, match="the line id is taken"):
        add_lines(add_lines(network, [line()]), [line()])


def test_great_circle_of_one_degree():
    """A degree of latitude is 111.195 km on the sphere of 6,371 km."""
    assert great_circle_m(104, 30, 104, 31) == pytest.approx(111_195, abs=1)


def test_a_way_is_cut_at_the_first_and_last_call():
    """Stations before the first call and after the last are not passed; a way may be listed from
    either end.
    """
    along = [Station(name, name, 104 + k / 10, 30.0) for k, name in enumerate("abcde")]
    stops = (LineStop(along[1], 0), LineStop(along[3], 600))
    for way in (along, along[::-1]):
        assert [s.station_id for s in line(stops=stops, way=tuple(way)).passed] == ["b", "c", "d"]
