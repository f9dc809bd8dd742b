"""Rules of modifications that decide a printed figure or a second: means, halves, order of
patterns, bounds.

The line: A, B, C, 2 km apart. `one` leaves A 08:00, takes 181 s, stands 21 s, takes 182 s; `two`
runs back from 09:00 in 300 and 240 s and stands a minute.
"""

from __future__ import annotations

from typing import Any

import pytest

from railshed.network.model import Network
from railshed.scenario.apply import apply_scenario, resolve
from railshed.scenario.edits import calls_of
from railshed.scenario.files import scenario_from_dict
from railshed.scenario.modifications.add_trips import evenly
from railshed.scenario.modifications.adjust_frequency import mixed
from railshed.scenario.plan import Plan
from railshed.util.errors import InputError
from tests.support.small_networks import Call, small_network

PLACES: dict[str, Any] = {"a": (0, 0), "b": (2, 0), "c": (4, 0)}
TRIPS: dict[str, list[Call]] = {
    "one": [("a", "08:00"), ("b", "08:03:01", "08:03:22"), ("c", "08:06:24")],
    "two": [("c", "09:00"), ("b", "09:05", "09:06"), ("a", "09:10")],
}
BOTH = {"trips": ["one", "two"]}


def changed(network: Network, *modifications: dict[str, Any]) -> Network:
    return apply_scenario(network, scenario_from_dict({"modification": list(modifications)}))


def resolved(network: Network, *modifications: dict[str, Any]) -> Plan:
    return resolve(network, scenario_from_dict({"modification": list(modifications)}))


def effects(network: Network, *modifications: dict[str, Any]) -> list[str]:
    return [effect.en for effect in resolved(network, *modifications).effects]


def problems(network: Network, *modifications: dict[str, Any]) -> str:
    with pytest.raises(InputError) as caught:
        changed(network, *modifications)
    return str(caught.value)


def seconds(network: Network, trip_id: str) -> list[tuple[str, int, int]]:
    """Return the calls of a trip: station, arrival and departure in seconds after its first
    departure.
    """
    trip = network.trips.trip_ids.index(trip_id)
    one = calls_of(network, [trip])[trip]
    start = one.departure_s[0]
    return [
        (network.stations[s].station_id, a - start, d - start)
        for s, a, d in zip(one.station_idx, one.arrival_s, one.departure_s, strict=True)
    ]


@pytest.fixture(scope="module")
def line() -> Network:
    return small_network(PLACES, TRIPS)


# --- speed and dwell ----------------------------------------------------------------------------


def test_minutes_saved_are_a_mean_over_trips(line: Network) -> None:
    """At twice the speed `one` saves 181 of 363 s and `two` 120 of 240 s in one run: 301 s over two
    trips, 2.5 min.
    """
    faster = {"type": "adjust-speed", "scale": 2, "hops": [["a", "c"], ["b", "a"]], **BOTH}
    assert effects(line, faster) == ["2 of 2 trips, 3 runs: speed x 2, on average 2.5 min less"]


def test_minutes_lost_are_a_mean_over_the_trips_that_change(line: Network) -> None:
    """At half the speed from B to A `two` alone takes 4 min more; `one`, selected too, is not in
    the mean.
    """
    slower = {"type": "adjust-speed", "scale": 0.5, "hops": [["b", "a"]], **BOTH}
    assert effects(line, slower) == ["1 of 2 trips, 1 runs: speed x 0.5, on average 4.0 min more"]


def test_no_minute_saved_is_said_as_less(line: Network) -> None:
    """At the same speed no second changes: 0.0 min less."""
    same = {"type": "adjust-speed", "scale": 1, "trips": ["one"]}
    assert effects(line, same) == ["1 of 1 trip, 2 runs: speed x 1, on average 0.0 min less"]
    assert seconds(changed(line, same), "one") == seconds(line, "one")


def test_halves_of_a_run_are_rounded_up(line: Network) -> None:
    """181 s at twice the speed are 90.5 s, so 91 (neither 90, the even neighbour, nor cut); 182 s
    are 91.
    """
    after = changed(line, {"type": "adjust-speed", "scale": 2, "trips": ["one"]})
    assert seconds(after, "one") == [("a", 0, 0), ("b", 91, 112), ("c", 203, 203)]


def test_halves_of_a_dwell_are_rounded_up(line: Network) -> None:
    """Half of 21 s are 10.5 s, so 11; the ends, where a dwell of none stands, stay."""
    half = {"type": "adjust-dwell-time", "scale": 0.5, **BOTH}
    after = changed(line, half)
    assert seconds(after, "one") == [("a", 0, 0), ("b", 181, 192), ("c", 374, 374)]
    assert seconds(after, "two") == [("c", 0, 0), ("b", 300, 330), ("a", 570, 570)]
    assert effects(line, half) == ["2 of 2 trips: dwell changed at 2 calls"]


def test_a_ring_is_changed_on_every_lap() -> None:
    """A B C A B C A, ten minutes each: from A to B it takes five, over D eight, on both laps."""
    calls: list[Call] = [
        (name, f"0{8 + k // 6}:{10 * k % 60:02d}") for k, name in enumerate("abcabca")
    ]
    ring = small_network(PLACES | {"d": (1, 1)}, {"t": calls})
    after = changed(
        ring, {"type": "adjust-speed", "scale": 2, "hops": [["a", "b"]], "trips": ["t"]}
    )
    assert [arrival // 60 for _, arrival, _ in seconds(after, "t")] == [0, 5, 15, 25, 30, 40, 50]
    way = {
        "type": "reroute",
        "from_stop": "a",
        "to_stop": "b",
        "stops": ["d"],
        "hop_minutes": [4, 4],
    }
    after = changed(ring, way | {"dwell_minutes": 0})
    assert "".join(station for station, *_ in seconds(after, "t")) == "adbcadbca"
    assert [arrival // 60 for _, arrival, _ in seconds(after, "t")] == [
        0,
        4,
        8,
        18,
        28,
        32,
        36,
        46,
        56,
    ]


def test_a_run_of_a_second_stays_one() -> None:
    """At a hundred times the speed 20 s over 5 m are one second, not none; a run of no time stays
    one.
    """
    near: dict[str, Any] = {"a": (0, 0), "b": (0.005, 0), "c": (0.005, 0)}
    network = small_network(near, {"t": [("a", "08:00"), ("b", "08:00:20"), ("c", "08:00:20")]})
    after = changed(network, {"type": "adjust-speed", "scale": 100, "trips": ["t"]})
    assert seconds(after, "t") == [("a", 0, 0), ("b", 1, 1), ("c", 1, 1)]


def test_the_fastest_run_is_named_where_it_is_impossible(line: Network) -> None:
    """2 km in 181 s / 15 = 12 s are 600 km/h and in 182 s / 15 = 12 s too: the first is named; at a
    tenth none is.
    """
    message = problems(line, {"type": "adjust-speed", "scale": 15, "trips": ["one"]})
    assert "A to B would run at 600 km/h, above 450" in message
    assert effects(line, {"type": "adjust-speed", "scale": 0.1, "trips": ["one"]})


# --- minutes of a planned line ------------------------------------------------------------------


def planned(hop_minutes: list[float], **fields: Any) -> dict[str, Any]:
    period = {"start_time": "07:00", "end_time": "08:00", "headway_minutes": 30}
    return {
        "type": "add-trips",
        "name": "L",
        "stops": ["a", "b", "c"],
        "hop_minutes": hop_minutes,
        "dwell_minutes": 1,
        "bidirectional": False,
        "frequencies": [period],
        **fields,
    }


def first_trip(network: Network) -> str:
    return next(t for t in network.trips.trip_ids if t.startswith("L:0:"))


def test_minutes_of_a_hop_are_the_nearest_second(line: Network) -> None:
    """4.1 min are 246 s, though 4.1 x 60 lies a hair below; 2.995 min are 179.7 s, so 180."""
    after = changed(line, planned([4.1, 2.995]))
    assert seconds(after, first_trip(after)) == [("a", 0, 0), ("b", 246, 306), ("c", 486, 486)]


def test_minutes_of_a_dwell_are_the_nearest_second(line: Network) -> None:
    """A list of one dwell of 2.995 min (179.7 s) is 180 s, one for all of 4.1 min is 246 s."""
    for given, dwell_s in (([2.995], 180), (4.1, 246)):
        after = changed(line, planned([4, 4], dwell_minutes=given))
        assert seconds(after, first_trip(after))[1] == ("b", 240, 240 + dwell_s)


def test_a_line_without_dwell_stands_a_minute(line: Network) -> None:
    """dwell_minutes left out is 1 minute at the stop between, none at the ends, and a
    note says so.
    """
    table = planned([4, 4])
    del table["dwell_minutes"]
    found = resolved(line, table)
    assert found.notes == ("L: dwell_minutes not given, 1 minute assumed",)
    assert seconds(found.network, first_trip(found.network)) == [
        ("a", 0, 0),
        ("b", 240, 300),
        ("c", 540, 540),
    ]


def test_a_train_that_passes_a_stop_takes_both_hops(line: Network) -> None:
    """An express past B takes 4 + 5 min and no dwell; the stopping train 4 + 1 + 5."""
    period = {"start_time": "07:00", "end_time": "08:00", "headway_minutes": 30}
    after = changed(
        line,
        planned([4, 5], stop_patterns=[{"name": "x", "skips": ["b"], "frequencies": [period]}]),
    )
    assert seconds(after, first_trip(after)) == [("a", 0, 0), ("b", 240, 300), ("c", 600, 600)]
    express = next(t for t in after.trips.trip_ids if t.startswith("L/x:0:"))
    assert seconds(after, express) == [("a", 0, 0), ("c", 540, 540)]


def test_a_hop_may_be_as_fast_as_450_kmh(line: Network) -> None:
    """2 km in 17 s are 424 km/h and allowed; in 14 s 514, refused, where 0.3 min (16 s)
    would do.
    """
    changed(line, planned([17 / 60, 3]))
    message = problems(line, planned([3, 14 / 60]))
    assert (
        "field hop_minutes[2]: modification 1: B to C: 2.0 km in 0.2 min is 514 km/h, above 450"
        in message
    )
    assert "a straight line at 450 km/h takes 0.3 min" in message


# --- frequency ----------------------------------------------------------------------------------


def test_the_commonest_stop_pattern_is_first() -> None:
    """Two trains stop, one does not and leaves first: the two are named first and give the new
    ones' times.
    """
    trips: dict[str, list[Call]] = {
        "fast": [("a", "07:00"), ("c", "07:05")],
        "slow": [("a", "07:20"), ("b", "07:23"), ("c", "07:27")],
        "late": [("a", "07:40"), ("b", "07:44"), ("c", "07:49")],
    }
    network = small_network(PLACES, trips)
    hour = {"start_time": "07:00", "end_time": "08:00", "headway_minutes": 20}
    found = resolved(
        network, {"type": "adjust-frequency", "trips": list(trips), "frequencies": [hour]}
    )
    assert [e.en for e in found.effects] == [
        "A - C: 2 trips like slow (3 stops), 1 like fast (2 stops) in place of 3"
    ]
    assert sorted(t.split(":")[0] for t in found.network.trips.trip_ids) == ["fast", "slow", "slow"]
    slow = [t for t in found.network.trips.trip_ids if t.startswith("slow:")]
    assert {tuple(seconds(found.network, t)) for t in slow} == {
        (("a", 0, 0), ("b", 180, 180), ("c", 420, 420))
    }


def test_a_trip_at_the_end_of_a_period_stays() -> None:
    """Of trains at 07:00, 07:30 and 08:00 those from 07:00 to before 08:00 give way."""
    trips: dict[str, list[Call]] = {
        f"t{k}": [("a", start), ("c", f"{start[:3]}{int(start[3:]) + 6:02d}")]
        for k, start in enumerate(("07:00", "07:30", "08:00"))
    }
    network = small_network(PLACES, trips)
    hour = {"start_time": "07:00", "end_time": "08:00", "headway_minutes": 60}
    found = resolved(
        network, {"type": "adjust-frequency", "trips": list(trips), "frequencies": [hour]}
    )
    assert [e.en for e in found.effects] == ["A - C: 1 trip like t1 in place of 2"]
    assert "t2" in found.network.trips.trip_ids
    assert found.network.n_trips == 2


def test_equal_shares_begin_with_the_first_and_larger_ones_with_the_larger() -> None:
    """Shares 1, 2 and 1: the second is first and every other one; of 1 and 3, when both are due,
    the 3.
    """
    assert mixed({7: 1, 8: 2, 9: 1}, 4) == [8, 7, 9, 8]
    assert mixed({7: 1, 8: 1}, 4) == [7, 8, 7, 8]
    assert mixed({7: 1, 8: 3}, 4) == [8, 8, 7, 8]


def test_trips_are_taken_away_evenly() -> None:
    """Of six trains in the order of departure two are the second and the fifth; all six where more
    are asked for.
    """
    trips: dict[str, list[Call]] = {
        f"t{k}": [("a", f"0{9 - k}:00"), ("c", f"0{9 - k}:06")] for k in range(6)
    }
    network = small_network(PLACES, trips)
    every = [network.trips.trip_ids.index(t) for t in trips]
    names = [network.trips.trip_ids[t] for t in evenly(network, every, 2)]
    assert names == ["t4", "t1"]
    assert len(set(evenly(network, every, 9))) == 6


# --- stops taken away ---------------------------------------------------------------------------


def cut(minutes: float, *stops: str, trips: list[str] | None = None) -> dict[str, Any]:
    return {
        "type": "remove-stops",
        "stops": list(stops),
        "minutes_saved_per_stop": minutes,
        "trips": trips or ["one"],
    }


def test_no_run_may_come_to_no_time() -> None:
    """A to C past B takes 6 min without the dwell: 5 min saved leave 1 min, 6 leave none and are
    refused.
    """
    network = small_network(
        PLACES, {"one": [("a", "08:00"), ("b", "08:03", "08:04"), ("c", "08:07")]}
    )
    assert seconds(changed(network, cut(5, "b")), "one") == [("a", 0, 0), ("c", 60, 60)]
    assert "1 trips would take no time for a run (given: '6')" in problems(network, cut(6, "b"))


def test_a_run_of_no_time_may_stay_one() -> None:
    """Two doors of one station in the same minute: passing the stop after them is no mistake; a
    negative run is one.
    """
    places = {**PLACES, "a2": (0.01, 0)}
    calls: list[Call] = [("a", "08:00"), ("a2", "08:00"), ("b", "08:03"), ("c", "08:06")]
    network = small_network(places, {"one": calls})
    after = changed(network, cut(0, "b"))
    assert seconds(after, "one") == [("a", 0, 0), ("a2", 0, 0), ("c", 360, 360)]
    assert "1 trips would take no time" in problems(network, cut(7, "b"))


def test_a_stop_passed_saves_its_dwell_and_minutes_each(line: Network) -> None:
    """`two` past B: 300 + 240 s less 30 s saved and no minute of dwell; what is saved counts for
    each stop passed.
    """
    after = changed(line, cut(0.5, "b", trips=["two"]))
    assert seconds(after, "two") == [("c", 0, 0), ("a", 510, 510)]
    four: dict[str, Any] = {**PLACES, "d": (6, 0)}
    calls: list[Call] = [
        ("a", "08:00"),
        ("b", "08:03", "08:04"),
        ("c", "08:07", "08:09"),
        ("d", "08:12"),
    ]
    network = small_network(four, {"one": calls})
    assert seconds(changed(network, cut(1, "b", "c")), "one") == [("a", 0, 0), ("d", 420, 420)]
    assert effects(network, cut(1, "b", "c", "d"))[0] == (
        "B, C, D passed by 1 trip, of which 1 have one call left and are taken away"
    )


# --- another way --------------------------------------------------------------------------------


def test_last_arrivals_move_by_a_mean(line: Network) -> None:
    """Past D instead of B both ways take 4 + 4 min: `one` 384 s becomes 480, `two` 600 becomes 480:
    -12 s, -0.2 min.
    """
    places = {**PLACES, "d": (2, 1)}
    network = small_network(places, TRIPS)
    way = {
        "type": "reroute",
        "from_stop": "a",
        "to_stop": "c",
        "stops": ["d"],
        "hop_minutes": [4, 4],
        "dwell_minutes": 0,
        "bidirectional": True,
        **BOTH,
    }
    found = resolved(network, way)
    assert [e.en for e in found.effects] == [
        "2 of 2 trips run the other way; their last arrivals move by -0.2 min"
    ]
    assert seconds(found.network, "one") == [("a", 0, 0), ("d", 240, 240), ("c", 480, 480)]
    assert seconds(found.network, "two") == [("c", 0, 0), ("d", 240, 240), ("a", 480, 480)]
    later = resolved(network, {**way, "trips": ["one"], "hop_minutes": [4, 5]})
    assert later.effects[0].en.endswith("move by +2.6 min")


def test_a_run_that_ends_elsewhere_does_not_stand_at_its_end() -> None:
    """From A in 4 min to D instead of B and C, or from D in 4 min to C: a minute of dwell holds at
    neither end.
    """
    network = small_network({**PLACES, "d": (2, 1)}, TRIPS)
    way = {
        "type": "reroute",
        "stops": ["d"],
        "hop_minutes": [4],
        "dwell_minutes": 1,
        "trips": ["one"],
    }
    assert seconds(changed(network, {**way, "from_stop": "a"}), "one") == [
        ("a", 0, 0),
        ("d", 240, 240),
    ]
    assert seconds(changed(network, {**way, "to_stop": "c"}), "one") == [
        ("d", 0, 0),
        ("c", 240, 240),
    ]


# --- new stations -------------------------------------------------------------------------------


@pytest.mark.parametrize(("degrees", "said"), [(4.49, True), (4.51, False)])
def test_coordinates_look_swapped_within_500_km(line: Network, degrees: float, said: bool) -> None:
    """The network lies at 10 E, 0 N: a stop at 10 N whose exchange is 499 km off is refused, one
    501 km off is not.
    """
    stop = {"name": "new", "lon": degrees, "lat": 10.0}
    table = planned([300], stops=["a", stop], dwell_minutes=0)
    if said:
        message = problems(line, table)
        assert (
            "field stops[2].lon: modification 1: the station lies 1,268 km from the network"
            in message
        )
        assert "lon and lat look swapped: exchange them" in message
    else:
        assert changed(line, table).n_stations == 4


def test_coordinates_near_as_written_do_not_look_swapped() -> None:
    """A network at 2 E, 0 N: a stop at 0 E, 2 N is near either way and is taken; exchanged it would
    be nearer still.
    """
    places = {"a": (-889.56, 0), "b": (-887.56, 0), "c": (-885.56, 0)}
    network = small_network(places, TRIPS)
    assert (
        changed(
            network, planned([300], stops=["a", {"name": "new", "lon": 0.0, "lat": 2.0}])
        ).n_stations
        == 4
    )


def test_ninety_degrees_east_may_be_a_latitude() -> None:
    """Beside the north pole a stop at 90 E, 30 N looks exchanged: 90 is the last degree that may be
    north.
    """
    stations = {"a": (0.0, 9_950.0), "b": (0.0, 9_960.0), "c": (0.0, 9_970.0)}
    network = small_network(stations, TRIPS)
    message = problems(
        network, planned([300], stops=["a", {"name": "new", "lon": 90.0, "lat": 30.0}])
    )
    assert "lon and lat look swapped: exchange them" in message
