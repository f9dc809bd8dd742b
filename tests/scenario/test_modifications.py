"""What each type of modification does to the times of trips, worked out by hand on two trains and
three stations.

The base: t1 (G1) leaves 甲 a 08:00, 乙 b 08:20-08:22, 丙 c 08:40; t2 leaves c 09:00, b 09:18-09:20,
a 09:40; 28.9 km each.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest

from railshed.io.networks import load_network
from railshed.network.cities import Centre, City
from railshed.network.model import Network
from railshed.scenario.apply import apply_scenario, resolve
from railshed.scenario.files import scenario_from_dict
from railshed.scenario.modifications.adjust_frequency import mixed
from railshed.scenario.plan import Plan
from railshed.util.errors import InputError
from railshed.util.units import MINUTE, format_clock
from tests.support.feeds import CITIES, LINES, write_network
from tests.support.small_networks import small_network

NEW = {"name": "新", "lon": 104.45, "lat": 30.0}


@pytest.fixture
def network(tmp_path) -> Network:
    return load_network(write_network(tmp_path / "net", CITIES))


def changed(
    network: Network, *modifications: dict[str, Any], seed: int = 0, **options: Any
) -> Network:
    return apply_scenario(
        network, scenario_from_dict({"seed": seed, "modification": list(modifications)}), **options
    )


def resolved(network: Network, *modifications: dict[str, Any], **options: Any) -> Plan:
    return resolve(network, scenario_from_dict({"modification": list(modifications)}), **options)


def wrong(network: Network, *modifications: dict[str, Any], **options: Any) -> str:
    with pytest.raises(InputError) as caught:
        changed(network, *modifications, **options)
    return str(caught.value)


def clock(network: Network, trip_id: str) -> str:
    """Return the calls of a trip as one line: `a 08:00 | b 08:20-08:22 | c 08:40`."""
    calls, trip = network.stop_times, network.trips.trip_ids.index(trip_id)
    found = []
    for k in range(len(calls.trip_idx)):
        if calls.trip_idx[k] == trip:
            station = network.stations[calls.station_idx[k]].station_id
            arrival, departure = (
                format_clock(int(t[k])) for t in (calls.arrival_s, calls.departure_s)
            )
            found.append(f"{station} {arrival}" + (f"-{departure}" if departure != arrival else ""))
    return " | ".join(found)


# --- selection ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("selection", "gone"),
    [
        ({"trips": ["G1"]}, {"t1"}),
        ({"trips": ["t2"]}, {"t2"}),
        ({"trips": ["G1", "t2"]}, {"t1", "t2"}),
        ({"routes": ["r"]}, {"t1", "t2"}),
        ({"routes": ["G1"]}, {"t1"}),
        ({"from": "甲", "to": "乙"}, {"t1"}),
        ({"from": "Yi", "to": "a"}, {"t2"}),
        ({"from": "甲", "to": "丙", "whole_run": True}, {"t1"}),
        ({"from": "甲", "to": "丙", "both_directions": True}, {"t1", "t2"}),
        ({"calls_at": ["c", "b", "a"]}, {"t2"}),
        ({"from": "乙"}, {"t1", "t2"}),
        ({"from": "乙", "start_time": "09:00"}, {"t2"}),
        ({"from": "乙", "end_time": "09:20"}, {"t1"}),
        ({"end_time": "08:01"}, {"t1"}),
        ({"modes": ["rail"], "start_time": "09:00"}, {"t2"}),
    ],
)
def test_trips_are_selected(network, selection, gone):
    """By id or printed name, by stations in order, by the time at the first of them; end_time is
    not included.
    """
    after = changed(network, {"type": "remove-trips", **selection})
    assert set(network.trips.trip_ids) - set(after.trips.trip_ids) == gone
    assert network.n_trips == 2


@pytest.mark.parametrize(
    ("selection", "words"),
    [
        ({}, ("field routes: modification 1: no trip is selected -> give one of routes, trips, "
            "from")),
        ({"trips": ["G2"]}, ("field trips[1]: modification 1: is no trip of the network (given: "
            "'G2') -> did you mean 't2' or 'G1'?")),
        ({"routes": ["S9"]}, ("field routes[1]: modification 1: is no route of the network (given: "
            "'S9') -> known: r")),
        ({"from": "c", "to": "a", "start_time": "10:00"}, ("field from: modification 1: no trip "
            "calls at 丙 and later at 甲 in these hours (given: 'c')")),
        ({"calls_at": ["a", "c", "b"]}, ("field calls_at: modification 1: no trip calls at 甲 and "
            "later at 丙 and later at 乙")),
        ({"from": "a", "to": "b", "whole_run": True}, ("no trip calls at 甲 and later at 乙 from "
            "end to end")),
        ({"calls_at": ["c", "a"], "trips": ["G1"]}, ("1 trips run the other way: exchange the "
            "stations, or give both_directions = true")),
        ({"modes": ["plane"]}, ("field modes[1]: modification 1: is not allowed (given: 'plane') -> "
            "allowed: rail, suburban")),
        ({"modes": ["bus"]}, "field modes: modification 1: no trip fits all of the selection"),
        ({"from": "a", "calls_at": ["b"]}, ("field calls_at: modification 1: is given together with "
            "from or to")),
        ({"from": "a", "whole_run": True}, "field whole_run: modification 1: needs from and to"),
        ({"from": "a", "start_time": "09:00", "end_time": "08:00"}, ("field end_time: modification "
        "1: is not after "
            "start_time")),
        ({"from": "a", "both_directions": "yes"}, ("field both_directions: modification 1: is not "
            "true or false (given: 'yes')")),
        ({"trips": []}, "field trips: modification 1: is not a list of texts with at least one"),
        ({"trips": "G1"}, "field trips: modification 1: is not a list of texts"),
        ({"from": "甲甲"}, ("field from: modification 1: is no station of the network (given: "
            "'甲甲') -> did you mean 甲 (a)?")),
        ({"from": 7}, "field from: modification 1: is not a text (given: '7')"),
        ({"form": "a"}, "field form: modification 1: is not known -> did you mean 'from'?"),
    ],
)  # fmt: skip
def test_a_selection_of_nothing_says_why(network, selection, words):
    assert words in wrong(network, {"type": "remove-trips", **selection})


# --- removing -----------------------------------------------------------------------------------


def test_a_stop_is_passed_and_all_that_follows_is_earlier(network):
    """Without 乙 and its 2 min, and 1 min saved, 丙 is reached at 08:37 instead of 08:40."""
    after = changed(
        network,
        {"type": "remove-stops", "stops": ["乙"], "trips": ["G1"], "minutes_saved_per_stop": 1},
    )
    assert clock(after, "t1") == "a 08:00 | c 08:37"
    assert clock(after, "t2") == clock(network, "t2")


def test_ends_are_cut_off_and_no_time_changes(network):
    """Without 甲 the first train begins at 乙 at its usual time, the second ends there."""
    after = changed(network, {"type": "remove-stops", "stops": ["甲"]})
    assert clock(after, "t1") == "b 08:20-08:22 | c 08:40"
    assert clock(after, "t2") == "c 09:00 | b 09:18-09:20"


def test_a_trip_of_one_call_is_taken_away(network):
    found = resolved(network, {"type": "remove-stops", "stops": ["甲", "乙"]})
    assert found.network.n_trips == 0
    assert (
        found.effects[0].en
        == "甲, 乙 passed by 2 trips, of which 2 have one call left and are taken away"
    )
    assert not found.only_adds


def test_more_cannot_be_saved_than_there_is(network):
    """38 minutes of running minus 30 is 8; two stops are one hop each: with 20 + 18 = 38 min the
    most is below that.
    """
    words = (
        "field minutes_saved_per_stop: modification 1: is out of range (given: '31') -> "
        "allowed: 0 to 30 minutes"
    )
    assert words in wrong(
        network, {"type": "remove-stops", "stops": ["b"], "minutes_saved_per_stop": 31}
    )
    ends = {"type": "remove-stops", "stops": ["b"], "trips": ["G1"]}
    fast = {"type": "adjust-speed", "trips": ["G1"], "scale": 4}
    message = wrong(network, fast, {**ends, "minutes_saved_per_stop": 10})
    assert (
        "field minutes_saved_per_stop: modification 2: 1 trips would take no time for a run "
        "(given: '10')" in message
    )


def test_stops_that_nobody_calls_at(network):
    words = (
        "field stops: modification 2: none of the selected trips calls at any of these "
        "stations (given: '丙')"
    )
    cut = {"type": "remove-stops", "stops": ["丙"]}
    assert words in wrong(network, cut, cut)


# --- speed and dwell ----------------------------------------------------------------------------


def test_runs_are_scaled_and_dwells_stay(network):
    """At 1.25 times the speed 20 and 18 min become 16 and 14:24; 丙 is left at the same time as
    before.
    """
    after = changed(network, {"type": "adjust-speed", "routes": ["r"], "scale": 1.25})
    assert clock(after, "t1") == "a 08:00 | b 08:16-08:18 | c 08:32:24"
    assert clock(after, "t2") == "c 09:00 | b 09:14:24-09:16:24 | a 09:32:24"


def test_only_the_runs_between_two_calls(network):
    """From 乙 to 丙 at half the speed: 18 min become 36; the way back has no such pair."""
    after = changed(
        network, {"type": "adjust-speed", "routes": ["r"], "scale": 0.5, "hops": [["乙", "丙"]]}
    )
    assert clock(after, "t1") == "a 08:00 | b 08:20-08:22 | c 08:58"
    assert clock(after, "t2") == clock(network, "t2")


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"scale": 6}, ("field scale: modification 1: 乙 to 丙 would run at 578 km/h, above 450 "
            "(given: '6')")),
        ({"scale": 0}, ("field scale: modification 1: is out of range (given: '0') -> allowed: 0.01 "
            "to 100")),
        ({"scale": float("nan")}, "field scale: modification 1: is not a number (given: 'nan')"),
        ({}, "field scale: modification 1: is missing -> give scale: of the speed"),
        ({"scale": 2, "hops": [["乙"]]}, "field hops[1]: modification 1: is not a pair"),
        ({"scale": 2, "hops": "乙"}, "field hops: modification 1: is not a list of pairs"),
        ({"scale": 2, "hops": [["甲", "丙站"]]}, ("field hops[1]: modification 1: is no station of "
            "the network (given: '丙站')")),
        ({"scale": 2, "hops": [["甲", "甲"]]}, ("field hops: modification 1: none of the selected "
            "trips runs between")),
    ],
)  # fmt: skip
def test_speeds_that_are_refused(network, fields, words):
    assert words in wrong(network, {"type": "adjust-speed", "routes": ["r"], **fields})


def test_dwell_changes_on_the_way(network):
    """5 min at 乙 instead of 2 make all that follows 3 min later; half of 2 is 1."""
    longer = changed(network, {"type": "adjust-dwell-time", "routes": ["r"], "dwell_minutes": 5})
    assert clock(longer, "t1") == "a 08:00 | b 08:20-08:25 | c 08:43"
    half = changed(
        network, {"type": "adjust-dwell-time", "trips": ["t2"], "scale": 0.5, "stops": ["乙"]}
    )
    assert clock(half, "t2") == "c 09:00 | b 09:18-09:19 | a 09:39"
    message = wrong(
        network, {"type": "adjust-dwell-time", "routes": ["r"], "dwell_minutes": 5, "stops": ["甲"]}
    )
    assert (
        "field stops: modification 1: none of the selected trips calls there on its way" in message
    )
    both = wrong(
        network, {"type": "adjust-dwell-time", "routes": ["r"], "dwell_minutes": 5, "scale": 2}
    )
    assert "field dwell_minutes: modification 1: needs either dwell_minutes or scale" in both


# --- frequency ----------------------------------------------------------------------------------


def test_trips_of_a_period_give_way_to_spaced_ones(network):
    """Every 30 min from 07 to 09: four trips like t1 and four like t2, each 18 + 2 + 20 min; t2 at
    09:00 stays.
    """
    period = {"start_time": "07:00", "end_time": "09:00", "headway_minutes": 30}
    found = resolved(
        network, {"type": "adjust-frequency", "routes": ["r"], "frequencies": [period]}
    )
    assert [e.en for e in found.effects] == [
        "甲 - 丙: 4 trips like G1 in place of 1",
        "丙 - 甲: 4 trips like R in place of 0",
    ]
    after = found.network
    assert after.n_trips == 9
    assert "t2" in after.trips.trip_ids
    out = sorted(t for t in after.trips.trip_ids if t.startswith("t1:"))
    starts = [
        int(
            after.stop_times.departure_s[
                list(after.stop_times.trip_idx).index(after.trips.trip_ids.index(t))
            ]
        )
        for t in out
    ]
    assert [b - a for a, b in pairwise(starts)] == [30 * MINUTE] * 3
    assert 7 * 60 * MINUTE <= starts[0] < 7 * 60 * MINUTE + 30 * MINUTE


def test_a_line_known_by_headway_keeps_its_phase(tmp_path):
    """The headways of lines.csv written as adjust-frequency give the same trips, id by id."""
    network = load_network(write_network(tmp_path / "net", {**CITIES, **LINES}))
    same = [
        {"start_time": "06:00", "end_time": "07:00", "headway_minutes": 10},
        {"start_time": "07:00", "end_time": "09:00", "headway_minutes": 5},
    ]
    after = changed(network, {"type": "adjust-frequency", "routes": ["m"], "frequencies": same})
    assert after.trips.trip_ids == network.trips.trip_ids
    assert (after.stop_times.departure_s == network.stop_times.departure_s).all()


def test_a_line_known_by_headway_is_sped_up_as_if_written_so(tmp_path):
    """12 min at 1.2 times the speed are 10: the same trips as lines.csv with 10 gives, id by id and
    second by second.
    """
    files = {**CITIES, **LINES}
    network = load_network(write_network(tmp_path / "net", files))
    quick = {**files, "lines.csv": LINES["lines.csv"].replace("104.1,30.0,12,", "104.1,30.0,10,")}
    written = load_network(write_network(tmp_path / "quick", quick))
    after = changed(network, {"type": "adjust-speed", "routes": ["m"], "scale": 1.2})
    assert after.trips.trip_ids == written.trips.trip_ids
    assert (after.stop_times.arrival_s == written.stop_times.arrival_s).all()
    assert (after.stop_times.arrival_s != network.stop_times.arrival_s).any()


def patterned(network: Network, *later: dict[str, Any]) -> Network:
    """Return the network with a line of three trains an hour that stop at 乙 and three that do not,
    and what follows.
    """
    hours = {"start_time": "07:00", "end_time": "09:00", "headway_minutes": 20}
    line = {
        "type": "add-trips",
        "name": "L",
        "stops": ["甲", "乙", "丙"],
        "hop_minutes": [20, 18],
        "dwell_minutes": 2,
        "frequencies": [hours],
        "stop_patterns": [{"name": "快", "skips": ["乙"], "frequencies": [hours]}],
    }
    return changed(network, line, *later)


def n_calls(network: Network, way: int = 0) -> dict[int, int]:
    """Return how many trips of the line, one way, have so many calls."""
    found = [
        int((network.stop_times.trip_idx == k).sum())
        for k, trip in enumerate(network.trips.trip_ids)
        if trip.startswith(("L:", "L/")) and trip.rsplit(":", 2)[1] == str(way)
    ]
    return dict(Counter(found))


def test_stop_patterns_keep_their_shares(network):
    """Six trains that stop at 乙 and six that do not, each way: every 5 min they are twelve and
    twelve, every 40 two and one; in an hour that had none the day's shares count; without the fast
    ones all stop."""
    assert n_calls(patterned(network)) == {3: 6, 2: 6}

    def every(minutes: int, start: str = "07:00", end: str = "09:00") -> dict[str, Any]:
        period = {"start_time": start, "end_time": end, "headway_minutes": minutes}
        return {"type": "adjust-frequency", "routes": ["L"], "frequencies": [period]}

    for way in (0, 1):
        assert n_calls(patterned(network, every(5)), way) == {3: 12, 2: 12}
        assert sorted(n_calls(patterned(network, every(40)), way).values()) == [1, 2]
        assert n_calls(patterned(network, every(15, "10:00", "12:00")), way) == {3: 6 + 4, 2: 6 + 4}
    fast = [trip for trip in patterned(network).trips.trip_ids if trip.startswith("L/")]
    assert n_calls(patterned(network, {"type": "remove-trips", "trips": fast}, every(5))) == {3: 24}


def test_what_becomes_of_stop_patterns_is_told(network):
    """The effect names both; source_trip makes all like one and a note says that there were two; a
    name that both bear is refused."""
    hours = {"start_time": "07:00", "end_time": "09:00", "headway_minutes": 5}
    adjust = {"type": "adjust-frequency", "routes": ["L"], "frequencies": [hours]}
    base = patterned(network)
    assert [e.en for e in resolved(base, adjust).effects] == [
        f"{ends}: 12 trips like L (3 stops), 12 like L (2 stops) in place of 12"
        for ends in ("甲 - 丙", "丙 - 甲")
    ]
    fast = next(t for t in base.trips.trip_ids if t.startswith("L/快:0:"))
    found = resolved(base, {**adjust, "source_trip": fast})
    assert found.effects[0].en == "甲 - 丙: 24 trips like L in place of 12"
    assert found.notes == (f"甲 - 丙: all trips are like {fast}, where there were 2 stop patterns",)
    assert (n_calls(found.network), n_calls(found.network, 1)) == ({2: 24}, {3: 12, 2: 12})
    message = (
        "field source_trip: modification 1: names trips of several stop patterns (given: "
        "'L') -> give the id"
    )
    assert message in wrong(base, {**adjust, "source_trip": "L"})


def test_patterns_take_turns():
    """Of shares 3 and 1 the smaller is every fourth, of equal ones every second; one without a
    share has none.
    """
    assert "".join(map(str, mixed({1: 3, 2: 1}, 8))) == "11211121"
    assert "".join(map(str, mixed({1: 6, 2: 6}, 5))) == "12121"
    assert mixed({1: 2, 2: 0}, 3) == [1, 1, 1]


def test_headways_for_one_line_only(network):
    """Trips between several pairs of ends are refused, or each pair would get the headway."""
    period = {"start_time": "07:00", "end_time": "09:00", "headway_minutes": 30}
    short = {"type": "remove-stops", "stops": ["丙"], "trips": ["t2"]}
    every = {"type": "adjust-frequency", "routes": ["r"], "frequencies": [period]}
    message = wrong(network, short, every)
    assert (
        "field routes: modification 2: the selected trips run between 2 pairs of ends: 甲 - 丙 "
        "(1), 乙 - 甲 (1)" in message
    )
    like = wrong(network, {**every, "source_trip": "G7"})
    assert (
        "field source_trip: modification 1: is none of the selected trips (given: 'G7') -> among "
        "them: G1, R" in like
    )
    late = wrong(network, {"type": "adjust-frequency", "routes": ["r"]})
    assert "field frequencies: modification 1: is missing" in late


def test_a_line_of_other_days_is_told(network):
    """Trips that run on other days than the network's: which day it is, and what to do."""
    saturdays = replace(
        network.services[0], service_id="sat", weekdays=(False,) * 5 + (True, False)
    )
    trips = replace(
        network.trips, service_idx=network.trips.service_idx * 0 + len(network.services)
    )
    weekend = replace(network, services=(*network.services, saturdays), trips=trips)
    period = {"start_time": "07:00", "end_time": "09:00", "headway_minutes": 30}
    message = wrong(weekend, {"type": "adjust-frequency", "routes": ["r"], "frequencies": [period]})
    day = f"{network.date:%Y-%m-%d, a %A}"
    assert (
        f"field routes: modification 1: the selected trips do not run on {day}, the day of the "
        "network" in message
    )
    assert "-> give a day on which they run (date=... or --date)" in message


# --- reroute ------------------------------------------------------------------------------------


def test_a_way_between_two_calls_is_replaced(network):
    """甲 - 新 - 丙 in 15 + 1 + 12 min: 丙 at 08:28; back 丙 - 新 - 甲 in 12 + 1 + 15: 甲
    at 09:28.
    """
    way = {
        "type": "reroute", "from_stop": "甲", "to_stop": "丙", "stops": [{**NEW, "lat": 30.05}],
        "hop_minutes": [15, 12], "dwell_minutes": 1,
    }  # fmt: skip
    found = resolved(network, way)
    assert clock(found.network, "t1") == "a 08:00 | 新 08:15-08:16 | c 08:28"
    assert clock(found.network, "t2") == "c 09:00 | 新 09:12-09:13 | a 09:28"
    assert (
        found.effects[0].en
        == "2 of 2 trips run the other way; their last arrivals move by -12.0 min"
    )
    one_way = changed(network, {**way, "bidirectional": False})
    assert clock(one_way, "t2") == clock(network, "t2")


def test_a_detour_moves_what_follows(network):
    """甲 - 新 - 乙 in 10 + 15 min instead of 20: 乙 08:25-08:27 and 丙 08:45; the dwell at 乙
    stays.
    """
    way = {
        "type": "reroute",
        "from_stop": "甲",
        "to_stop": "乙",
        "stops": [NEW],
        "hop_minutes": [10, 15],
        "dwell_minutes": 0,
    }
    after = changed(network, {**way, "trips": ["G1"]})
    assert clock(after, "t1") == "a 08:00 | 新 08:10 | b 08:25-08:27 | c 08:45"


def test_a_run_ends_or_begins_elsewhere(network):
    """From 乙 to 新 in 9 min instead of on to 丙; and from 新 to 乙 in 9 min instead of from 丙."""
    tail = {
        "type": "reroute",
        "from_stop": "乙",
        "stops": [NEW],
        "hop_minutes": [9],
        "trips": ["G1"],
    }
    assert clock(changed(network, tail), "t1") == "a 08:00 | b 08:20-08:22 | 新 08:31"
    head = {"type": "reroute", "to_stop": "乙", "stops": [NEW], "hop_minutes": [9], "trips": ["t2"]}
    assert clock(changed(network, head), "t2") == "新 09:09 | b 09:18-09:20 | a 09:40"


def test_a_train_prolonged_lets_people_on_at_its_old_end() -> None:
    """A - B whose feed forbids boarding at B, its end, goes on to C: at B one boards; begun at C
    instead of B, one may alight at B. Where a run is cut short at a call on its way, what the feed
    forbids there stays."""
    places = {"a": (0.0, 0.0), "b": (10.0, 0.0), "c": (20.0, 0.0)}
    trips = {"out": [("a", "08:00"), ("b", "08:10")], "back": [("b", "09:00"), ("a", "09:10")],
             "on": [("a", "10:00"), ("b", "10:10"), ("c", "10:20")]}  # fmt: skip
    base = small_network(places, trips, no_boarding=["b"])
    end = {
        "type": "reroute",
        "from_stop": "b",
        "stops": ["c"],
        "hop_minutes": [9],
        "trips": ["out"],
    }
    start = {
        "type": "reroute",
        "to_stop": "b",
        "stops": ["c"],
        "hop_minutes": [9],
        "trips": ["back"],
    }
    short = {
        "type": "reroute",
        "from_stop": "b",
        "stops": ["a"],
        "hop_minutes": [9],
        "trips": ["on"],
    }

    def allowed(network: Network, trip_id: str) -> list[tuple[bool, bool]]:
        calls, trip = network.stop_times, network.trips.trip_ids.index(trip_id)
        at = calls.trip_idx == trip
        return list(zip(calls.pickup[at].tolist(), calls.drop_off[at].tolist(), strict=True))

    after = changed(base, end, start, short)
    assert allowed(after, "out") == [(True, True), (True, False), (True, True)]
    assert allowed(after, "back") == [(True, True), (False, True), (True, True)]
    assert allowed(after, "on") == [(True, True), (False, False), (True, True)]


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({}, "field from_stop: modification 1: needs from_stop, to_stop or both"),
        (
            {"from_stop": "甲", "stops": ["丙"], "hop_minutes": [30]},
            "field routes: modification 1: no trip is selected",
        ),
        (
            {
                "from_stop": "甲",
                "stops": ["丙"],
                "hop_minutes": [30],
                "trips": ["G1"],
                "bidirectional": True,
            },
            "field bidirectional: modification 1: needs from_stop and to_stop",
        ),
        (
            {"from_stop": "甲"},
            (
                "field stops: modification 1: a run that ends or begins elsewhere "
                "needs one station or more"
            ),
        ),
        (
            {"from_stop": "甲", "to_stop": "甲", "hop_minutes": [5]},
            "field to_stop: modification 1: is from_stop too",
        ),
        (
            {"from_stop": "甲", "to_stop": "丙", "hop_minutes": [5, 6]},
            "field hop_minutes: modification 1: has 2 values for 2 stops",
        ),
        (
            {
                "from_stop": "丙",
                "to_stop": "甲",
                "hop_minutes": [9],
                "trips": ["G1"],
                "bidirectional": False,
            },
            "none of the selected trips calls there, in this order",
        ),
        (
            {"from_stop": "甲", "to_stop": "丙", "hop_minutes": [5]},
            "甲 to 丙: 57.8 km in 5 min is 693 km/h, above 450",
        ),
    ],
)
def test_ways_that_are_refused(network, fields, words):
    assert words in wrong(network, {"type": "reroute", **fields})


# --- stations, transfers, core stations ---------------------------------------------------------


def test_station_times(network):
    """Class, feeder and change time of the named stations, of no other."""
    after = changed(
        network,
        {
            "type": "adjust-station-time",
            "stations": ["乙"],
            "station_class": "metro",
            "change_minutes": 2.5,
            "feeder": "metro",
        },
    )
    stations = {s.station_id: (s.station_class, s.feeder, s.change_s) for s in after.stations}
    assert stations["b"] == ("metro", "metro", 150)
    before = {s.station_id: (s.station_class, s.feeder, s.change_s) for s in network.stations}
    assert {k: v for k, v in stations.items() if k != "b"} == {
        k: v for k, v in before.items() if k != "b"
    }
    assert (
        "needs station_class, feeder or one of entry_minutes, exit_minutes, change_minutes"
        in wrong(network, {"type": "adjust-station-time", "stations": ["b"]})
    )


def test_minutes_at_one_door():
    """西山: 10 in, 18 by train, 5 out and 14:04 by shared bicycle to the centre, and half of the
    9:56 by which a train every 20 minutes is early: 52:02. Five minutes of entry less make it
    47:02; of exit one more, and the same second of the minute, 48:02."""
    import railshed

    toy = railshed.load_network("toy")
    entry = {"type": "adjust-station-time", "stations": ["西山"], "entry_minutes": 5}
    leave = {"type": "adjust-station-time", "stations": ["中城", "中城南"], "exit_minutes": 6}
    minutes = []
    for changes in ([], [entry], [entry, leave]):
        found = railshed.circle(
            changed(toy, *changes, city="mid") if changes else toy, "mid", cutoffs=[45]
        )
        minutes.append(found.stations.set_index("name").loc["西山", "minutes"])
    assert minutes == [52.03, 47.03, 48.03]


def test_a_transfer_is_listed_and_replaces_one(network):
    """4 min both ways, then 3 min one way over it; it is a listed transfer of the
    compiled network.
    """
    first = {"type": "add-transfer", "from": "甲", "to": "乙", "minutes": 4}
    after = changed(network, first, {**first, "minutes": 3, "bidirectional": False})
    walks = after.transfers
    assert list(
        zip(walks.from_idx.tolist(), walks.to_idx.tolist(), walks.seconds.tolist(), strict=True)
    ) == [
        (0, 1, 180),
        (1, 0, 240),
    ]
    assert "field to: modification 1: is the same station as from" in wrong(
        network, {**first, "to": "甲"}
    )
    slower = resolved(network, first, {**first, "minutes": 9})
    assert slower.notes == ("transfer 甲 - 乙: 9 min, more than the 4 listed before",)


def test_core_stations(network):
    """丙 joins the core stations of 丙城; the city that is compared is meant where none
    is named.
    """
    named = changed(network, {"type": "add-core-station", "stations": ["丙"], "city": "丙城"})
    assert named.get_city("bing").core_station_ids == ("c",)
    compared = resolved(network, {"type": "add-core-station", "stations": ["丙", "甲"]}, city="jia")
    assert compared.network.get_city("jia").core_station_ids == ("a", "b", "c")
    assert compared.notes == ("甲: core stations of 甲城 Jia City already",)
    assert compared.only_adds
    message = wrong(network, {"type": "add-core-station", "stations": ["丙"]})
    assert 'field city: modification 1: does not say of which city -> add city = "slug"' in message
    near = wrong(network, {"type": "add-core-station", "stations": ["丙"], "city": "jiaa"})
    assert "is no city of the network (given: 'jiaa') -> did you mean 'jia'?" in near


# --- lines --------------------------------------------------------------------------------------

LINE = {
    "type": "add-trips",
    "name": "快线",
    "stops": ["甲", "乙", "丙"],
    "hop_minutes": [10, 11],
    "dwell_minutes": 1,
    "frequencies": [{"start_time": "07:00", "end_time": "08:00", "headway_minutes": 20}],
}


def test_patterns_pass_stations(network):
    """All stops: 10 + 1 + 11 min; the express passes 乙 in 21, with a service of its own; both are
    one route.
    """
    express = {
        "name": "express",
        "skips": ["乙"],
        "trips_per_day": 5,
        "start_time": "06:00",
        "end_time": "11:00",
    }
    found = resolved(network, {**LINE, "stop_patterns": [express]})
    slow, fast = found.lines
    assert [(s.run_s, s.dwell_s) for s in slow.stops] == [(0, 0), (600, 60), (660, 0)]
    assert [(s.station.name, s.run_s) for s in fast.stops] == [("甲", 0), ("丙", 21 * MINUTE)]
    assert (slow.line_id, fast.line_id, slow.route_id, fast.route_id) == (
        "快线",
        "快线/express",
        "快线",
        "快线",
    )
    assert found.network.n_trips == 2 + 2 * (3 + 5)
    gone = changed(
        network, {**LINE, "stop_patterns": [express]}, {"type": "remove-trips", "routes": ["快线"]}
    )
    assert (gone.n_trips, gone.lines_included) == (2, network.lines_included)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        (
            {"stop_patterns": [{"name": "x", "skips": ["甲"], "trips_per_day": 5}]},
            "field stop_patterns[1].skips: modification 1: an end of the line cannot be passed",
        ),
        (
            {"stop_patterns": [{"name": "x", "stops": ["丁"], "trips_per_day": 5}]},
            (
                "field stop_patterns[1].stops[1]: "
                "modification 1: is no station of the line (given: "
                "'丁') -> known: 甲, 乙, 丙"
            ),
        ),
        (
            {"stop_patterns": [{"name": "x", "trips_per_day": 5}]},
            "field stop_patterns[1].stops: modification 1: needs either stops or skips",
        ),
        (
            {"stop_patterns": [{"skips": ["乙"], "trips_per_day": 5}]},
            "field stop_patterns[1].name: modification 1: is missing",
        ),
        (
            {"stop_patterns": [{"name": "x", "skips": ["乙"]}]},
            (
                "field stop_patterns[1].frequencies: "
                "modification 1: the line has no headway -> add a "
                "table [[modification.stop_patterns.frequencies]]"
            ),
        ),
        (
            {"stop_patterns": [{"name": "x", "skips": ["乙"], "trips_per_day": 5}] * 2},
            "field stop_patterns[2].name: modification 1: is the name of another pattern",
        ),
        (
            {"stop_patterns": []},
            "field stop_patterns: modification 1: is not a list of tables with at least one",
        ),
        (
            {"trips_per_day": 5},
            "field trips_per_day: modification 1: is given together with frequencies",
        ),
        ({"start_time": "05:00"}, "field start_time: modification 1: goes with trips_per_day"),
        (
            {"top_speed_kmh": 160},
            "field hop_minutes: modification 1: is given together with top_speed_kmh",
        ),
        (
            {"rolling_stock": "CR400"},
            "field rolling_stock: modification 1: goes with top_speed_kmh",
        ),
        ({"mode": "rocket"}, "field mode: modification 1: is not allowed (given: 'rocket')"),
        (
            {"diverted_from": {"routes": ["zz"]}},
            "field diverted_from.routes[1]: modification 1: is no route of the network",
        ),
        ({"diverted_from": {}}, "field diverted_from.routes: modification 1: no trip is selected"),
        (
            {"through": {"from": "乙", "to": "丙"}},
            "field through.from: modification 1: is no end of the line",
        ),
        ({"through": {"from": "丙"}}, "field through.to: modification 1: is missing"),
        ({"through": "丙"}, "field through: modification 1: is not a table"),
        (
            {"name": "r"},
            "field name: modification 1: is the name of another line or route (given: 'r')",
        ),
        ({"name": " "}, "field name: modification 1: must be the line's name"),
        (
            {"stops": ["甲", ["乙"]]},
            "field stops[2]: modification 1: is neither a station's name nor a table",
        ),
        ({"stops": {"a": 1}}, "field stops: modification 1: must be a list of stations"),
        (
            {"stops": ["甲", "乙", {"name": "丙", "lon": 110.0, "lat": 30.0}]},
            "field stops[3].name: modification 1: is taken by a station 520",
        ),
        (
            {"stops": ["甲", "乙", {"id": "c", "lon": 110.0, "lat": 30.0}]},
            "field stops[3].id: modification 1: is taken by a station 520",
        ),
        (
            {"dwell_minutes": [1, 2]},
            "field dwell_minutes: modification 1: has 2 values for 1 intermediate stops",
        ),
        (
            {"dwell_minutes": "1"},
            "field dwell_minutes: modification 1: is not a number of minutes (given: '1')",
        ),
        (
            {"hop_minutes": [0.001, 11]},
            (
                "field hop_minutes[1]: modification 1: is out of range "
                "(given: '0.001') -> allowed: more than 0"
            ),
        ),
        (
            {"hop_minutes": [10, 10**400]},
            "field hop_minutes[2]: modification 1: is not a number of minutes",
        ),
        (
            {"frequencies": {"start_time": "07:00"}},
            "field frequencies: modification 1: is not a list of tables",
        ),
        (
            {"frequencies": []},
            "field frequencies: modification 1: is not a list of tables with at least one",
        ),
        (
            {"frequencies": [{"start_time": "07:00", "end_time": "99:00", "headway_minutes": 5}]},
            "field frequencies[1].end_time: modification 1: is not a clock time (given: '99:00')",
        ),
        (
            {"frequencies": [{"start_time": "07:00", "end_time": "07:00", "headway_minutes": 5}]},
            "field frequencies[1].end_time: modification 1: is not after start_time 07:00",
        ),
        ({"description": 5, "terminal": True}, "field terminal: modification 1: is not known"),
        ({"enabled": "no"}, "field enabled: modification 1: is not true or false (given: 'no')"),
    ],
)
def test_lines_that_are_refused(network, fields, words):
    assert words in wrong(network, {**LINE, **fields})


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"top_speed_kmh": 900}, ("field top_speed_kmh: modification 1: is out of range (given: "
            "'900') -> allowed: 20 to 450 km/h")),
        ({"top_speed_kmh": 160, "rolling_stock": "CR40"}, ("field rolling_stock: modification 1: "
            "unknown rolling stock 'CR40'. Did you mean '")),
        ({"top_speed_kmh": 160, "length_km": 30}, ("field length_km: modification 1: 30.0 km is "
            "less than the straight lines of 57.8 km")),
        ({"top_speed_kmh": 160, "hop_km": [30]}, ("field hop_km: modification 1: has 1 values for 3 "
            "stops (given: '[30]') -> give 2, one a hop")),
        ({"top_speed_kmh": 160, "length_km": 60, "hop_km": [30, 30]}, ("field length_km: "
        "modification 1: given together with "
            "hop_km")),
        ({"top_speed_kmh": 160, "speed_limits": [[0, 5]]}, ("field speed_limits[1]: modification 1: "
            "is not [from km, to km, km/h] (given: '[0, 5]')")),
        ({"top_speed_kmh": 160, "speed_limits": [[5, 1, 80]]}, ("field speed_limits: modification "
        "1: speed limit 1 from 5 to 1 km: must lie, "
            "forwards")),
        ({}, ("field hop_minutes: modification 1: must be a list of the minutes between consecutive "
            "stops -> or give top_speed_kmh")),
    ],
)  # fmt: skip
def test_speed_profiles_that_are_refused(network, fields, words):
    line = {
        key: value for key, value in LINE.items() if key not in ("hop_minutes", "dwell_minutes")
    }
    assert words in wrong(network, {**line, **fields})


def test_run_times_come_from_top_speed(network):
    """They are those of `run_times` on the same places, the express's without the stop."""
    from railshed.scenario.run_times.run_times import run_times

    line = {
        key: value for key, value in LINE.items() if key not in ("hop_minutes", "dwell_minutes")
    }
    express = {"name": "express", "skips": ["乙"], "trips_per_day": 5}
    found = resolved(
        network, {**line, "top_speed_kmh": 160, "length_km": 60, "stop_patterns": [express]}
    )
    places = [(104.0, 30.0), (104.3, 30.0), (104.6, 30.0)]
    slow = run_times(places, top_speed_kmh=160, length_km=60)
    fast = run_times(places, top_speed_kmh=160, length_km=60, stops_at=[])
    assert [s.run_s for s in found.lines[0].stops[1:]] == [hop.run_s for hop in slow.hops]
    assert found.lines[0].stops[1].dwell_s == slow.hops[0].dwell_s > 0
    assert [s.run_s for s in found.lines[1].stops[1:]] == [fast.total_s]
    assert any(note.startswith("快线: recovery margin") for note in found.notes)


def test_trains_a_day_are_counted(network):
    """Seven trains between 06:00 and 23:00: a period of seven headways of 17 h / 7, rounded down to
    seconds.
    """
    line = {key: value for key, value in LINE.items() if key != "frequencies"}
    found = resolved(network, {**line, "trips_per_day": 7})
    (period,) = found.lines[0].periods
    assert (period.start_s, period.headway_s, period.end_s) == (21_600, 8742, 21_600 + 7 * 8742)
    assert found.network.n_trips == 2 + 14
    many = wrong(network, {**line, "trips_per_day": 2880})
    assert (
        "field trips_per_day: modification 1: is more than one train in 30 s between 06:00 and "
        "23:00" in many
    )
    half = wrong(network, {**line, "trips_per_day": 2.5})
    assert "field trips_per_day: modification 1: is not a whole number (given: '2.5')" in half


def test_trains_are_diverted(network):
    """Three trips a direction are added; of ten others every third goes: ranks 2, 5, 8 of 10
    (counted from 1).
    """
    period = {"start_time": "06:00", "end_time": "11:00", "headway_minutes": 30}
    old = {
        "type": "add-trips",
        "name": "旧线",
        "stops": ["甲", "丙"],
        "hop_minutes": [30],
        "frequencies": [period],
        "bidirectional": False,
    }
    new = {**LINE, "bidirectional": False, "diverted_from": {"routes": ["旧线"]}}
    before = changed(network, old)
    found = resolved(network, old, new)
    ranked = [t for t in before.trips.trip_ids if t.startswith("旧线")]
    gone = set(before.trips.trip_ids) - set(found.network.trips.trip_ids)
    assert gone == {ranked[k] for k in (1, 5, 8)}
    assert not found.only_adds
    assert "takes 3 of 10 trips away for 快线: 旧线, 旧线, 旧线" in [e.en for e in found.effects]


def test_a_line_runs_through_on_existing_tracks(network):
    """新 - 甲 in 7 min, 1 min there, then as G1: 20 min, 2 min, 18 min; and back in the same
    minutes.
    """
    line = {
        "type": "add-trips",
        "name": "延长线",
        "stops": [{"name": "新", "lon": 103.9, "lat": 30.0}, "甲"],
        "hop_minutes": [7],
        "trips_per_day": 2,
        "through": {"from": "甲", "to": "丙", "of": {"trips": ["G1"]}},
    }
    found = resolved(network, line)
    assert [(s.station.name, s.run_s // 60, s.dwell_s // 60) for s in found.lines[0].stops] == [
        ("新", 0, 0),
        ("甲", 7, 1),
        ("乙", 20, 2),
        ("丙", 18, 0),
    ]
    note = (
        "延长线: runs through 甲 - 丙 in the times of G1, the median of 1 trip; capacity and "
        "top speed not checked"
    )
    assert note in found.notes
    ahead = {**line, "stops": line["stops"][::-1], "through": {"from": "丙", "to": "甲"}}
    stops = resolved(network, ahead).lines[0].stops
    assert [(s.station.name, s.run_s // 60, s.dwell_s // 60) for s in stops] == [
        ("丙", 0, 0),
        ("乙", 18, 2),
        ("甲", 20, 1),
        ("新", 7, 0),
    ]
    assert "no trip runs from 甲 to 丙" in wrong(
        network, {**line, "through": {"from": "甲", "to": "丙", "of": {"trips": ["t2"]}}}
    )


# --- one after the other ------------------------------------------------------------------------


def test_later_ones_see_what_earlier_ones_made(network):
    """A line is added, made faster, and one of its stations becomes a core station."""
    line = {**LINE, "stops": ["甲", NEW, "丙"]}
    after = changed(
        network,
        line,
        {"type": "adjust-speed", "routes": ["快线"], "scale": 1.2},
        {"type": "add-core-station", "stations": ["新"], "city": "bing"},
    )
    trip = next(t for t in after.trips.trip_ids if t.startswith("快线:0"))
    first = after.stop_times.departure_s[
        after.stop_times.trip_idx == after.trips.trip_ids.index(trip)
    ][0]
    runs = [format_clock(int(first) + s) for s in (500, 560, 560 + 550)]
    assert clock(after, trip).endswith(f"新 {runs[0]}-{runs[1]} | c {runs[2]}")
    assert after.get_city("bing").core_station_ids == ("新",)


def test_one_mistake_is_reported_once(network):
    """What a failed modification would have added is not called unknown afterwards; other mistakes
    still are.
    """
    bad = {**LINE, "name": "坏线", "stops": ["甲", {**NEW, "lat": 95}], "hop_minutes": [9]}
    message = wrong(
        network,
        bad,
        {"type": "add-core-station", "stations": ["新"], "city": "jia"},
        {"type": "remove-trips", "routes": ["坏线"]},
        {
            "type": "add-trips",
            "name": "支线",
            "stops": ["新", "乙站"],
            "hop_minutes": [9],
            "trips_per_day": 3,
        },
    )
    assert "2 problems" in message
    assert "field stops[2].lat: modification 1: is not within -90 to 90 degrees" in message
    assert "field stops[2]: modification 4: is no station of the network (given: '乙站')" in message


def test_a_network_without_trips_is_one():
    """All trips can be taken away; a circle then says that none runs on the day."""
    import railshed

    toy = railshed.load_network("toy")
    empty = changed(toy, {"type": "remove-trips", "modes": ["rail", "metro", "suburban"]})
    assert empty.n_trips == 0
    with pytest.raises(InputError, match="no trip runs on 2024-05-15"):
        railshed.circle(empty, "mid", cutoffs=[60])


def test_a_station_that_stands_there_is_named(network):
    """乙 given 100 m from where it stands is that one, with its class: a note says so."""
    near = {"name": "乙", "lon": 104.301, "lat": 30.0, "station_class": "hub"}
    found = resolved(network, {**LINE, "stops": ["甲", near, "丙"]})
    assert "乙: 乙 (b) stands there and is taken as it is" in found.notes
    assert found.network.stations == network.stations


def test_switches(network):
    """enabled = false leaves one out; only and without choose by name; an unknown name is
    refused.
    """
    cut = {"type": "remove-trips", "trips": ["G1"], "name": "cut"}
    fast = {"type": "adjust-speed", "trips": ["t2"], "scale": 2, "name": "fast"}
    assert changed(network, {**cut, "enabled": False}) is network
    assert changed(network, cut, fast, only=["fast"]).n_trips == 2
    assert clock(changed(network, cut, fast, without=["fast"]), "t2") == clock(network, "t2")
    assert changed(network, {**cut, "enabled": False}, only=["cut"]).n_trips == 1
    later = {"type": "remove-trips", "routes": ["快线"]}
    message = wrong(
        network,
        {**LINE, "stops": ["甲", NEW, "丙"]},
        later,
        {"type": "remove-stops", "stops": ["新"]},
        without=["快线"],
    )
    assert message.count("a modification that is switched off adds it") == 2
    with pytest.raises(
        LookupError,
        match=r"unknown modification 'cat'. Did you mean 'cut' or 'fast'\? Known: cut, fast",
    ):
        changed(network, cut, fast, only=["cat"])
    assert changed(network, cut, fast, only="cut").n_trips == 1


def test_a_line_that_ends_at_no_core_station_is_named(tmp_path):
    """A line from 4.8 km west of 甲 to 丙, past no core station of 甲城, is worth nothing to it:
    said, not silent.
    """
    network = load_network(write_network(tmp_path / "net", CITIES))
    west = {
        **LINE,
        "stops": [{"name": "新西", "lon": 103.95, "lat": 30.0}, "丙"],
        "hop_minutes": [40],
    }
    (note,) = [n for n in resolved(network, west, city="jia").notes if "core" in n]
    assert note.startswith("快线 ends at 新西, 4.8 km from 甲城 Jia City")
    joined = {"type": "add-core-station", "stations": ["新西"]}
    assert not [
        n for n in resolved(network, west, joined, city="jia").notes if "reaches no core set" in n
    ]
    assert not [n for n in resolved(network, LINE, city="jia").notes if "core" in n]


def test_a_planned_core_station_that_is_a_way_out_of_another_is_named(tmp_path):
    """A metro's station 0.001 degrees (110.9 m, 116 s on foot) from 甲, a small one: 116 + 120 s
    out of it, not 300.

    In it is 236 s, not 600. With the class of 甲 nothing is sooner, nor with a walk of ten minutes;
    without a planned core station nothing is said.
    """
    network = load_network(write_network(tmp_path / "net", CITIES))
    near = {"name": "甲北", "lon": 104.0, "lat": 30.001, "station_class": "metro", "terminal": True}

    def notes_of(stop: dict[str, Any], *more: dict[str, Any]) -> list[str]:
        line = {**LINE, "stops": [stop, "丙"], "hop_minutes": [40]}
        return [
            n
            for n in resolved(network, line, *more, city="jia").notes
            if "core stations of 甲城" in n
        ]

    (note,) = notes_of(near)
    for words in (
        "甲 (small) and 甲北 (metro) are core stations of 甲城 Jia City within a walk: ",
        (
            "arrivals at 甲 would leave through 甲北 sooner, in 236 s (exit 120 s, walk 116 s) instead "
            "of 300 s"
        ),
        (
            "departures from 甲 would enter through 甲北 sooner, in 236 s (entry 120 s, walk 116 s) "
            "instead of 600 s"
        ),
        "one station_class",
        "add-transfer",
    ):
        assert words in note
    assert not notes_of({**near, "station_class": "small"})
    assert not notes_of({**near, "terminal": False})
    assert not notes_of({**near, "lat": 30.02})  # 2.2 km
    assert not notes_of(near, {"type": "add-transfer", "from": "甲", "to": "甲北", "minutes": 10})


def test_a_line_that_meets_trains_to_a_core_station_is_not():
    """It ends at the edge of the city, at a station with trains to the core or past one: a change,
    and no warning.

    The trains of other lines count, its own ones and those that pass the core do not.
    """
    stations = {"core": (0, 0), "edge": (9, 0), "far": (60, 0)}
    city = City("c", "城", "C", ("core",), (Centre("心", "Heart", 10.0, 0.0),))
    way = {"type": "add-trips", "name": "new", "trips_per_day": 5}
    meets = {"t": [("edge", "08:00"), ("core", "08:10")]}
    passes = {
        "t": [("edge", "08:00"), ("far", "08:10")],
        "u": [("far", "08:00"), ("core", "08:40")],
    }
    for trips, n_warned in ((meets, 0), (passes, 1)):
        network = small_network(stations, trips, cities=(city,))
        for stops in (["far", "edge"], ["far", "edge", {"name": "n", "lon": 10.1, "lat": 0.0}]):
            line = {**way, "stops": stops, "hop_minutes": [20, 5][: len(stops) - 1]}
            notes = [
                n for n in resolved(network, line).notes if "meets no other train to one there" in n
            ]
            assert len(notes) == n_warned
