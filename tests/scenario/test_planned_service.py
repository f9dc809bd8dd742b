"""When planned lines run: both ways round a loop, periods within a day, gaps, what is said of lines
that are gone.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

import railshed
from railshed import run_times
from railshed.comparisons.compliance import compliance_rows
from railshed.network.lines import add_lines
from railshed.network.model import Network
from railshed.questions.data.scenario_tables import scenario_blocks
from railshed.questions.rank.trade_offs import variants_of, without_lines
from railshed.scenario.apply import resolve
from railshed.scenario.files import scenario_from_dict
from railshed.scenario.plan import Plan
from railshed.show.console import show
from railshed.util.errors import InputError
from railshed.util.units import DAY, format_clock
from tests.support.small_networks import place, small_network

HOURS = {"start_time": "06:00", "end_time": "10:00"}
PEAK = {"start_time": "07:00", "end_time": "09:00"}
#: a line there and back in twelve trains an hour both ways
LINE = {
    "type": "add-trips",
    "name": "L",
    "hop_minutes": [10, 10],
    "dwell_minutes": 1,
    "stops": ["a", "b", "c"],
    "frequencies": [{**HOURS, "headway_minutes": 10}],
}
LOOP = {**LINE, "stops": ["a", "b", "c", "a"], "hop_minutes": [10, 10, 10]}
MORE = {
    "type": "adjust-frequency",
    "routes": ["L"],
    "frequencies": [{**PEAK, "headway_minutes": 5}],
}


@pytest.fixture(scope="module")
def base() -> Network:
    places = {"a": (0.0, 0.0), "b": (10.0, 0.0), "c": (10.0, 10.0), "d": (0.0, 10.0)}
    return small_network(places, {"t": [("a", "05:00"), ("d", "05:40")]})


def after(network: Network, *modifications: dict[str, Any]) -> Plan:
    return resolve(network, scenario_from_dict({"modification": list(modifications)}))


def wrong(network: Network, *modifications: dict[str, Any]) -> str:
    with pytest.raises(InputError) as caught:
        after(network, *modifications)
    return str(caught.value)


def trains(network: Network, route: str = "L") -> list[tuple[int, str]]:
    """Return departure and stations of the trips of a route, by departure."""
    calls, found = network.stop_times, []
    for trip, name in enumerate(network.trips.route_ids):
        if name == route:
            at = (calls.trip_idx == trip).nonzero()[0]
            order = "".join(network.stations[k].station_id for k in calls.station_idx[at])
            found.append((int(calls.departure_s[at[0]]), order))
    return sorted(found)


def in_peak(network: Network, route: str = "L") -> Counter[str]:
    return Counter(
        order for leaves, order in trains(network, route) if 7 * 3600 <= leaves < 9 * 3600
    )


# --- loops --------------------------------------------------------------------------------------


@pytest.mark.parametrize(("line", "ways"), [(LINE, ("abc", "cba")), (LOOP, ("abca", "acba"))])
def test_both_ways_have_the_trains_asked_for(
    base: Network, line: dict[str, Any], ways: tuple[str, str]
) -> None:
    """Twelve trains each way in the two hours of the peak, twenty-four at half the headway: a loop
    like a line.
    """
    assert in_peak(after(base, line).network) == dict.fromkeys(ways, 12)
    found = after(base, line, MORE)
    assert in_peak(found.network) == dict.fromkeys(ways, 24)
    assert len(found.lines) == 1


def test_patterns_of_a_loop_keep_their_way(base: Network) -> None:
    """Trains round that stop everywhere and such that call at C alone, which read alike both ways:
    six of each kind and way before, twelve after, and the line is still run both ways."""
    half = {**HOURS, "headway_minutes": 20}
    line = {
        **LOOP,
        "frequencies": [half],
        "stop_patterns": [{"name": "fast", "stops": ["c"], "frequencies": [half]}],
    }
    assert in_peak(after(base, line).network) == {"abca": 6, "acba": 6, "aca": 12}
    found = after(base, line, MORE)
    assert in_peak(found.network) == {"abca": 12, "acba": 12, "aca": 24}
    assert all(one.bidirectional for one in found.lines)


def test_a_loop_of_the_timetable_is_read_by_its_stations(base: Network) -> None:
    """Trips whose ids say nothing: one an hour round by B and C, one by C and B, one by C and D (of
    the first way): at 30 min there are two an hour each way."""
    places = {"a": (0.0, 0.0), "b": (10.0, 0.0), "c": (10.0, 10.0), "d": (0.0, 10.0)}
    trips = {}
    for hour in (7, 8):
        for way, order in enumerate(("abcda", "adcba", "acda")):
            trips[f"{way}x{hour}"] = [
                (s, f"{hour:02d}:{10 * way + 5 * k:02d}") for k, s in enumerate(order)
            ]
    network = small_network(places, trips, routes=dict.fromkeys(trips, "ring"))
    change = {
        "type": "adjust-frequency",
        "routes": ["ring"],
        "frequencies": [{**PEAK, "headway_minutes": 30}],
    }
    found = after(network, change)
    assert in_peak(found.network, "ring") == {"abcda": 2, "acda": 2, "adcba": 4}
    assert [e.en.split(":")[0] for e in found.effects] == ["A - A", "A - A, the other way round"]


def test_a_name_of_both_ways_round_stands_for_each(base: Network) -> None:
    """`source_trip` names the printed name that both ways bear: each way is like its own, and none
    is refused.
    """
    assert in_peak(after(base, LOOP, {**MORE, "source_trip": "L"}).network) == {
        "abca": 24,
        "acba": 24,
    }


# --- periods ------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", ["frequencies", "trips_per_day"])
def test_no_period_is_longer_than_a_day(base: Network, key: str) -> None:
    """00:00-48:00 would run every train twice; 00:00-24:00 and 04:00-28:00 are a day."""

    def line(start: str, end: str) -> dict[str, Any]:
        hours: dict[str, Any] = {"start_time": start, "end_time": end}
        rest = {k: v for k, v in LINE.items() if k != "frequencies"}
        if key == "trips_per_day":
            return {**rest, **hours, "trips_per_day": 48}
        return {**rest, "frequencies": [{**hours, "headway_minutes": 30}]}

    message = wrong(base, line("00:00", "48:00"))
    assert (
        "is more than 24 hours after start_time 00:00: every train would run twice (given: '48:00')"
        in message
    )
    for start, end in (("00:00", "24:00"), ("04:00", "28:00")):
        assert len(trains(after(base, line(start, end)).network)) == 96


def test_periods_do_not_run_into_the_next_day(base: Network) -> None:
    """22:00-29:00 after 04:00-22:00 is an hour too much, 22:00-28:00 is a day."""

    def line(end: str) -> dict[str, Any]:
        day, night = (
            {"start_time": a, "end_time": b} for a, b in (("04:00", "22:00"), ("22:00", end))
        )
        return {
            **LINE,
            "frequencies": [{**night, "headway_minutes": 60}, {**day, "headway_minutes": 60}],
        }

    message = wrong(base, line("29:00"))
    assert "runs into frequencies[2] of the next day, from 28:00 (given: '29:00')" in message
    assert len(trains(after(base, line("28:00")).network)) == 48


# --- on existing tracks -------------------------------------------------------------------------

#: 50 km in 15 min, three minutes there, 10 km in 18
FAST = {"t": [("p", "08:00"), ("q", "08:15", "08:18"), ("r", "08:36")]}
PLACES = {"o": (-20.0, 0.0), "p": (0.0, 0.0), "q": (50.0, 0.0), "r": (60.0, 0.0)}
THROUGH = {
    "type": "add-trips",
    "name": "S",
    "stops": ["o", "p"],
    "trips_per_day": 20,
    "through": {"from": "p", "to": "r"},
}


def test_a_slow_train_takes_its_own_time_on_existing_tracks() -> None:
    """At 120 km/h 50 km last 25 min and more, as `run_times` says, where the trains there take 15;
    10 km keep their 18, and the stop its three; which hop and why is printed, and trains that run
    so meet the rule of at most 160 km/h."""
    network = small_network(PLACES, FAST)
    slow = {**THROUGH, "top_speed_kmh": 120, "rolling_stock": "suburban-120"}
    found = after(network, slow)
    (one,) = found.lines
    own = run_times(
        [place(*PLACES["p"]), place(*PLACES["q"])], top_speed_kmh=120, rolling_stock="suburban-120"
    ).total_s
    assert own > 25 * 60
    assert [(s.run_s, s.dwell_s) for s in one.stops[2:]] == [(own, 180), (18 * 60, 0)]
    why = "S: its own trains (suburban-120, up to 120 km/h) cannot keep the times of those there"
    assert f"{why}: P - Q {own / 60:g} min in place of 15" in found.notes
    (row,) = [
        r
        for r in compliance_rows(resolve(network, scenario_from_dict({"modification": [slow]})))
        if r["rule"] == "speed"
    ]
    assert (row["value"], row["verdict"]) == ("120 km/h", "met")


def test_a_train_as_fast_as_those_there_takes_their_times() -> None:
    """At 350 km/h 15 min for 50 km can be run, if with less margin than usual: nothing is slowed.
    Given minutes say no speed, and the note says that none is checked."""
    network = small_network(PLACES, FAST)
    fast = after(network, {**THROUGH, "top_speed_kmh": 350, "rolling_stock": "CR400"})
    given = after(network, {**THROUGH, "hop_minutes": [10]})
    for found in (fast, given):
        assert [(s.run_s, s.dwell_s) for s in found.lines[0].stops[2:]] == [(900, 180), (1080, 0)]
        assert not any("cannot keep" in note for note in found.notes)
    source = "S: runs through P - R in the times of t, the median of 1 trip"
    assert f"{source}; capacity not checked" in fast.notes
    assert f"{source}; capacity and top speed not checked" in given.notes


@pytest.mark.parametrize("ahead", [False, True])
def test_a_faster_train_never_takes_longer_on_existing_tracks(ahead: bool) -> None:
    """From 60 to 300 km/h the time over the existing tracks only falls, and never below that of the
    trains there.
    """
    calls = FAST["t"]
    back = {"u": [("r", "09:00"), ("q", "09:18", "09:21"), ("p", "09:36")]}
    network = small_network(PLACES, {"t": calls, **back})
    ends = {"stops": ["p", "o"], "through": {"from": "r", "to": "p"}} if ahead else {}
    lasts = []
    for top in (60, 80, 100, 120, 140, 160, 200, 250, 300):
        (one,) = after(
            network, {**THROUGH, **ends, "top_speed_kmh": top, "rolling_stock": "CR400"}
        ).lines
        hops = one.stops[1:3] if ahead else one.stops[2:]
        lasts.append(sum(s.run_s for s in hops))
        metres = [10_000, 50_000] if ahead else [50_000, 10_000]
        assert all(m / s.run_s * 3.6 < top for m, s in zip(metres, hops, strict=True))
    assert lasts == sorted(lasts, reverse=True)
    assert lasts[-1] == 1980


# --- what is gone -------------------------------------------------------------------------------


def test_a_gap_is_no_headway(base: Network, capsys: pytest.CaptureFixture[str]) -> None:
    """Every 10 min from 06:00 to 10:00, all from 06:10 to 09:00 taken away: one train, then 10 min
    again, and no headway of hours; twice the trains put none into the gap, and both ways are still
    one line."""
    gone = {"type": "remove-trips", "routes": ["L"], "start_time": "06:10", "end_time": "09:00"}
    line = {**LINE, "bidirectional": False}
    found = after(base, line, gone)
    assert sum(leaves < 9 * 3600 for leaves, _ in trains(found.network)) == 1
    (one,) = found.lines
    assert [p.headway_s for p in one.periods] == [DAY, 600]
    show(scenario_blocks(found, base, scenario_from_dict({"modification": [line, gone]})), "en")
    text = " ".join(capsys.readouterr().out.split())
    assert f"one train at {format_clock(one.periods[0].start_s)}" in text
    assert "every 10 min" in text
    plan = resolve(base, scenario_from_dict({"modification": [line, gone]}))
    (more,) = [
        v for v in variants_of(plan, railshed.default_assumptions()) if v.key == "headway_x0.5"
    ]
    network = add_lines(without_lines(plan), more.lines or ())
    assert sum(leaves < 9 * 3600 for leaves, _ in trains(network)) == 1
    both = after(base, LINE, gone)
    assert len(both.lines) == 1
    assert both.lines[0].bidirectional


def test_minutes_are_printed_to_a_tenth(base: Network, capsys: pytest.CaptureFixture[str]) -> None:
    """Runs of 20 min at 1.1 of the speed are 18.2 min, not 18.1833; 47 trains in 17 h leave every
    21.7 min.
    """
    rest = {k: v for k, v in LINE.items() if k != "frequencies"}
    given = [
        {**rest, "hop_minutes": [20, 20], "trips_per_day": 47},
        {"type": "adjust-speed", "routes": ["L"], "scale": 1.1},
    ]
    show(
        scenario_blocks(after(base, *given), base, scenario_from_dict({"modification": given})),
        "en",
    )
    text = " ".join(capsys.readouterr().out.split())
    assert "18.2" in text
    assert "every 21.7 min" in text
    assert "18.1" not in text


def test_notes_of_a_line_that_is_gone_go_with_it(base: Network) -> None:
    """Given by 350 km/h, taken away and put back by 120 km/h: what is assumed is of the second
    alone, each once; of one that is only taken away nothing is."""
    rest = {k: v for k, v in LINE.items() if k not in ("hop_minutes", "dwell_minutes")}
    fast = {**rest, "top_speed_kmh": 350, "rolling_stock": "CR400"}
    slow = {**rest, "top_speed_kmh": 120, "rolling_stock": "suburban-120"}
    gone = {"type": "remove-trips", "routes": ["L"]}
    assert after(base, fast, gone, slow).notes == after(base, slow).notes
    assert after(base, fast, gone).notes == ()
    assert any("350" in note for note in after(base, fast).notes)
