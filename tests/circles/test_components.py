"""What travel times are made of: sums to the second, equal to a plain reference by cell, and worked
out by hand.
"""

from __future__ import annotations

from dataclasses import replace
from random import Random
from typing import Any

import numpy as np
import pytest

import railshed
from railshed.assumptions.assumptions import default_assumptions
from railshed.assumptions.readings import Reading, get_reading
from railshed.cells.network_cells import NetworkCells
from railshed.circles.city_model import CityModel
from railshed.circles.components import (
    COMPONENTS,
    Split,
    both_ways,
    cell_columns,
    split_of,
    split_table,
)
from railshed.circles.study_area import Cells, StudyArea
from railshed.circles.surface import surface_of
from railshed.network.model import Network
from railshed.routing.compile import compile_network
from railshed.routing.directions import DIRECTIONS, Direction
from railshed.routing.engine import compile_any
from railshed.util.units import MINUTE, UNREACHED
from tests.kernels.test_profile_scan import wide_window
from tests.support.cells import city_model
from tests.support.random_networks import random_network, random_targets, to_model
from tests.support.seeds import each_seed

CLASSES = ("hub", "small", "metro", "halt")
READINGS = ("door-to-station", "turn-up-and-go")


def cells_on(cells: NetworkCells, pairs: list[list[tuple[int, int]]]) -> Cells:
    """Return cells in a row with these (station, seconds to its door)."""
    n = len(pairs)
    land = StudyArea(cells, np.zeros(n, np.int64), np.arange(n), np.zeros(n, np.int64), 0)
    ptr = np.cumsum([0, *map(len, pairs)]).astype(np.int64)
    flat = [pair for cell in pairs for pair in cell]
    station, seconds = (np.array([pair[k] for pair in flat], np.int32) for k in (0, 1))
    return Cells(land, 0, ptr, np.arange(int(station.max(initial=-1)) + 1), station, seconds)


def random_case(seed: int) -> tuple[CityModel, Cells, list[list[tuple[int, int]]]]:
    """Return a random network with stations of several classes, walks as listed, and cells near
    several stations.
    """
    rng = Random(seed)
    net = random_network(rng)
    low, high = wide_window(net)
    start = min(max(low, 0), 26 * 3600)
    span = (start, min(max(high, start + 60), start + 24 * MINUTE))
    targets = sorted(random_targets(rng, net))
    model = to_model(net, targets=targets, window_to=span, window_from=span)
    stations = tuple(replace(s, station_class=rng.choice(CLASSES)) for s in model.stations)
    model = replace(model, stations=stations)
    case = city_model(
        compile_network(model, default_assumptions(), date=model.date, footpaths=False),
        model.cities[0],
        default_assumptions(),
    )
    pairs = [
        sorted(
            (s, rng.randrange(0, 1500, rng.choice((1, 60))))
            for s in rng.sample(range(net.n_stations), k)
        )
        for k in (rng.randint(0, min(4, net.n_stations)) for _ in range(12))
    ]
    return case, cells_on(case.cells, pairs), pairs


def plain_split(
    case: CityModel, cell: list[tuple[int, int]], reading: Reading, direction: Direction
) -> tuple[list[int], int, int] | None:
    """Return (seconds by component, station, minute) of one cell, minute by minute; None without a
    journey.
    """
    journeys = case.journeys(reading.legs, direction)
    assert journeys is not None
    home = case.home_s(reading.legs, direction).tolist()
    start, end = case.window(reading, direction)
    turns_up = reading.random_departure and direction == "to"
    values = []
    for minute in range(start, end, MINUTE):
        best = (UNREACHED, -1, 0)
        for station, door in cell:
            if station in case.core:
                continue
            if turns_up:
                found = journeys.trace_next([(station, minute, minute + door + home[station])])[0]
            else:
                found = journeys.trace([(station, minute)], reading.slack_s, reading.early_weight)[
                    0
                ]
            if found is not None:
                best = min(best, (found.travel_time_s + door + home[station], station, door))
        values.append((best[0], minute, best[1], best[2]))
    rank = max(0, (reading.percentile * len(values) + 99) // 100 - 1)
    total, minute, station, door = sorted(values)[rank]
    if total == UNREACHED:
        return None
    if turns_up:
        journey = journeys.trace_next([(station, minute, minute + door + home[station])])[0]
    else:
        journey = journeys.trace([(station, minute)], reading.slack_s, reading.early_weight)[0]
    assert journey is not None
    end = journey.rides[-1].to_idx if direction == "to" else journey.rides[0].from_idx
    inside = city_station_s(case, end, direction)
    moving = journey.change_s + journey.before_s + journey.after_s - inside
    own = home[station]
    parts = [door, own, journey.wait_s, journey.ride_s, moving, inside, 0]
    if direction == "from":
        parts = [0, inside, journey.wait_s, journey.ride_s, moving, own, door]
    return parts, station, minute


def city_station_s(case: CityModel, station: int, direction: Direction) -> int:
    """Return the seconds in the core station of a journey whose ride ends (*from*: begins) at
    `station`.
    """
    walks = case.compiled.network.transfers
    options = []
    for core in case.core:
        s = case.compiled.network.stations[core]
        own = case.assumptions.exit_s(s) if direction == "to" else case.assumptions.entry_s(s)
        if core == station:
            options.append((own, False, core, own))
        rows = zip(
            walks.from_idx.tolist(), walks.to_idx.tolist(), walks.seconds.tolist(), strict=True
        )
        for u, v, seconds in rows:
            if (u, v) == ((station, core) if direction == "to" else (core, station)):
                options.append((own + seconds, True, core, own))
    return min(options)[3]


@pytest.mark.slow
@each_seed(range(25))
def test_split_equals_the_plain_reference(seed: int) -> None:
    """Station, minute and every component of every cell equal those found cell by cell, and sum to
    the surface.
    """
    case, cells, pairs = random_case(seed)
    for name in READINGS:
        percentile = Random(seed).choice((0, 25, 50, 90))
        reading = replace(get_reading(name), legs="door-to-station", percentile=percentile)
        for direction in DIRECTIONS:
            found = split_of(case, cells, reading, direction)
            times = surface_of(case, cells, reading, direction).by_rail_s
            assert np.array_equal(found.by_rail_s, times)
            for k, cell in enumerate(pairs):
                plain = plain_split(case, cell, reading, direction)
                if plain is None:
                    assert (times[k], found.station[k], found.seconds[k].sum()) == (
                        UNREACHED,
                        -1,
                        0,
                    )
                    continue
                parts, station, minute = plain
                assert found.seconds[k].tolist() == parts
                assert (found.station[k], found.minute_s[k]) == (station, minute)
                assert sum(parts) == times[k]
                assert min(parts) >= 0


# --- worked out by hand: networks/toy/README.md -------------------------------------------------


def at_door(
    network: Network, direction: Direction, station: str, **changes: Any
) -> dict[str, float]:
    """Return minutes by component of a cell at a station's door of the toy; `changes` to
    door-to-station.
    """
    reading = replace(get_reading("door-to-station"), **changes)
    city = network.get_city("mid")
    if reading.legs == "door-to-door":
        city = replace(city, centres=city.centres[:1])
    case = city_model(compile_network(network, default_assumptions()), city, default_assumptions())
    cells = cells_on(case.cells, [[(network.station_index()[station], 0)]])
    found = split_of(case, cells, reading, direction)
    return {
        name: round(seconds / MINUTE, 1)
        for name, seconds in zip(COMPONENTS, found.seconds[0].tolist(), strict=True)
    }


def parts(**minutes: float) -> dict[str, float]:
    return dict.fromkeys(COMPONENTS, 0.0) | minutes


#: no minute early counts within half an hour, as long as the headways of the toy
SLACK_30: dict[str, Any] = {"slack_s": 30 * MINUTE}


def test_one_ride(toy: Network) -> None:
    """West to mid is entry 10, ride 18, exit 5; from mid entry and exit are those of the other
    ends.

    A train every 20 minutes: of 120 deadlines 6 each are 0, 1, ..., 19 minutes after one, and the
    60th is 9, half of which counts. *From*, 7 of 150 minutes each are 0 to 19 before one, and one
    more each of 3 to 12: the 75th is 9.
    """
    assert at_door(toy, "to", "west") == parts(entry=10, wait=4.5, ride=18, exit=5)
    assert at_door(toy, "from", "west") == parts(entry=10, wait=4.5, ride=18, exit=5)
    assert at_door(toy, "to", "west", **SLACK_30) == parts(entry=10, ride=18, exit=5)


def test_a_change_on_foot(toy: Network) -> None:
    """Northeast 07:08-07:14, on foot to east, 07:24-07:40: 22 minutes of riding, 10 from train to
    train.

    Once an hour: each of 0 to 59 minutes early comes twice in two hours, so the 60th is 29, half of
    which counts. *From*, two hours and 30 minutes that are 42 to 13 before a train: 2 each of 0 to
    12, 3 each of 13 to 42; the 75th is 29 too.
    """
    assert at_door(toy, "to", "northeast") == parts(entry=10, wait=14.5, ride=22, change=10, exit=5)
    # 17:52-18:08, on foot, 18:17-18:23
    assert at_door(toy, "from", "northeast") == parts(
        entry=10, wait=14.5, ride=22, change=9, exit=5
    )
    # 07:06-07:16, the 07:24 missed by 41 s, 07:44-08:00
    assert at_door(toy, "to", "southeast") == parts(entry=10, wait=14.5, ride=26, change=28, exit=5)


def test_a_first_transfer_is_a_change(toy: Network) -> None:
    """Eastnorth to mid: 521 s on foot to east, then 16 minutes of riding.

    *From*, 8 of the 150 minutes each are 0 to 2 before a train, 7 or more each 3 to 19: the 75th is
    10.
    """
    assert at_door(toy, "to", "eastnorth") == parts(entry=10, wait=4.5, ride=16, change=8.7, exit=5)
    assert at_door(toy, "from", "eastnorth") == parts(entry=10, wait=5, ride=16, change=8.7, exit=5)


def test_being_early_beyond_the_slack_is_wait(toy: Network) -> None:
    """The strict minute of northeast is 14 minutes early beyond the slack, 11 late from mid,
    counted in full.

    At half weight 44 minutes early by it (32 + 22) are as long as 12 by the later journey (48 + 6),
    which counts: 24 to 34 by loop B, change, 40 to 12 by the slow line.
    """
    whole = {"early_weight": 1.0, "percentile": 75, **SLACK_30}
    assert at_door(toy, "to", "northeast", **whole) == parts(
        entry=10, wait=14, ride=22, change=10, exit=5
    )
    assert at_door(toy, "from", "northeast", **whole) == parts(
        entry=10, wait=11, ride=22, change=9, exit=5
    )
    assert at_door(toy, "to", "west", early_weight=1.0) == parts(entry=10, wait=9, ride=18, exit=5)
    assert at_door(toy, "to", "northeast", percentile=75) == parts(
        entry=10, wait=6, ride=42, change=6, exit=5
    )


def test_turning_up_at_random_is_wait(toy: Network) -> None:
    """West every 20 minutes: the 60th of 120 waits is 9; south every 30: 14."""
    as_it_comes = {"slack_s": 0, "random_departure": True}
    assert at_door(toy, "to", "west", **as_it_comes) == parts(entry=10, wait=9, ride=18, exit=5)
    assert at_door(toy, "to", "south", **as_it_comes) == parts(entry=10, wait=14, ride=33, exit=5)


def test_egress_to_a_centre(toy: Network) -> None:
    """Door to door the main centre is 844 s by bicycle from mid: egress *to* the city, access
    *from* it.

    Trains are 56 s and whole minutes early: the 60th of 120 deadlines is 9 min 56 s, half of which
    counts. *From*, 7 of 150 minutes each are 0 to 19 min 56 s early, and one more each of 8 to 17:
    the 75th is 10 min 56 s.
    """
    to_door = {"legs": "door-to-door"}
    assert at_door(toy, "to", "west", **to_door) == parts(
        entry=10, wait=5.0, ride=18, exit=5, egress=14.1
    )
    assert at_door(toy, "from", "west", **to_door) == parts(
        access=14.1, entry=10, wait=5.5, ride=18, exit=5
    )


def test_no_centre_within_reach_is_no_split(toy: Network) -> None:
    """Door to door without a centre no cell has a journey."""
    city = replace(toy.get_city("mid"), centres=())
    case = city_model(compile_network(toy, default_assumptions()), city, default_assumptions())
    found = split_of(case, cells_on(case.cells, [[(0, 0)]]), get_reading("door-to-door"), "to")
    assert (found.by_rail_s.tolist(), found.n_rides.tolist()) == ([UNREACHED], [0])


@pytest.mark.parametrize("waits", ["half-headway", "sampled"])
def test_split_on_a_network_of_links(toy: Network, waits: str) -> None:
    """Without a timetable too the parts of every cell sum to its time, in both directions and
    turning up at random.
    """
    graph = railshed.from_networkx(toy.to_networkx())
    assumptions = default_assumptions()
    case = city_model(
        compile_any(graph, assumptions, waits=waits), toy.get_city("mid"), assumptions
    )
    cells = cells_on(
        case.cells,
        [[(k, 37 * k)] for k in range(graph.n_stations)] + [[(0, 500), (1, 120), (2, 90)]],
    )
    for name in READINGS:
        for direction in DIRECTIONS:
            reading = get_reading(name)
            found = split_of(case, cells, reading, direction)
            times = surface_of(case, cells, reading, direction, count_trips=False).by_rail_s
            assert np.array_equal(found.by_rail_s, times)
            reached = times != UNREACHED
            assert reached.sum() >= 6
            assert np.array_equal(found.seconds.sum(axis=1)[reached], times[reached])
            assert found.seconds.min() >= 0
            assert (found.n_rides > 0).tolist() == reached.tolist()


def test_a_limit_leaves_out_what_is_beyond(toy: Network) -> None:
    """Within 40 minutes west (33 and 4.5 of wait) has a split and south (48 and more) none."""
    case = city_model(
        compile_network(toy, default_assumptions()), toy.get_city("mid"), default_assumptions()
    )
    index = toy.station_index()
    cells = cells_on(case.cells, [[(index["west"], 0)], [(index["south"], 0)]])
    found = split_of(case, cells, get_reading("door-to-station"), "to", within_s=40 * MINUTE)
    assert found.by_rail_s.tolist() == [33 * MINUTE + 270, UNREACHED]
    assert found.seconds[1].tolist() == [0] * 7


# --- the table ----------------------------------------------------------------------------------


def two_cells() -> Split:
    """A cell of 10 + 20 minutes (access, ride) and one of 20 + 5 + 25 (access, wait, ride)."""
    seconds = np.array([[600, 0, 0, 1200, 0, 0, 0], [1200, 0, 300, 1500, 0, 0, 0]], np.int32)
    none = np.zeros(2, np.int64)
    ones = np.ones(2, np.int32)
    return Split(
        get_reading("door-to-station"), "to", seconds, np.array([1800, 3000]), none, none, ones
    )


def test_means_are_weighted_by_people() -> None:
    """One person at 30 minutes and three at 50: access 17.5, ride 23.75, 45 in all; 85 of 180
    minutes in no train.
    """
    near, all_ = split_table(two_cells(), [30, 60], np.array([1.0, 3.0]), 0.25)
    assert near["total_min"] == 30
    assert near["out_of_vehicle_share"] == pytest.approx(10 / 30)
    assert {
        k: all_[k]
        for k in ("access_min", "wait_min", "ride_min", "total_min", "weight", "weighted_by")
    } == {
        "access_min": 17.5,
        "wait_min": 3.75,
        "ride_min": 23.75,
        "total_min": 45.0,
        "weight": 4.0,
        "weighted_by": "people",
    }
    assert all_["out_of_vehicle_share"] == pytest.approx(85 / 180)


def test_means_without_people_are_weighted_by_area() -> None:
    """Two cells of a quarter km2 without people: the mean of 30 and 50 is 40; a row without cells
    has no means.
    """
    for people in (None, np.zeros(2)):
        none, row = split_table(two_cells(), [20, 60], people, 0.25)
        assert (row["total_min"], row["weight"], row["weighted_by"]) == (40.0, 0.5, "area")
        assert (none["total_min"], none["access_min"], none["out_of_vehicle_share"]) == (
            None,
            None,
            None,
        )
    (row,) = split_table(two_cells(), [60], None, 0.25, np.array([False, True]))
    assert row["total_min"] == 50


def test_both_ways_the_slower_direction_counts() -> None:
    """To in 30 and 50 minutes, from in 40 and never: 40 and none both ways, the parts of the first
    are of *from*.
    """
    to = two_cells()
    back = replace(
        to,
        direction="from",
        seconds=np.array([[0, 600, 0, 1200, 0, 0, 600], [0] * 7], np.int32),
        by_rail_s=np.array([2400, UNREACHED]),
    )
    splits: dict[Direction, Split] = {"to": to, "from": back}
    for split in both_ways(splits).values():
        assert split.by_rail_s.tolist() == [2400, UNREACHED]
    columns = cell_columns(splits, np.array([0, 1]))
    assert columns["split_direction"].tolist() == ["from", ""]
    assert [columns[f"minutes_{name}"][0] for name in COMPONENTS] == [0, 10, 0, 20, 0, 0, 10]
    assert all(np.isnan(columns[f"minutes_{name}"][1]) for name in COMPONENTS)
    assert cell_columns({"to": to}, np.array([1, 0]))["minutes_access"].tolist() == [20, 10]
    rows = {
        way: split_table(split, [45], np.array([1.0, 3.0]), 0.25)[0]
        for way, split in both_ways(splits).items()
    }
    assert [rows[way]["weight"] for way in ("to", "from")] == [1.0, 1.0]  # the same person in both
    assert [rows[way]["total_min"] for way in ("to", "from")] == [30.0, 40.0]


@pytest.fixture(scope="module")
def circles(toy: Network) -> dict[str, railshed.Circle]:
    return {way: railshed.circle(toy, "mid", direction=way) for way in ("to", "from", "both")}


@pytest.mark.parametrize("direction", ["to", "from", "both"])
def test_the_cells_of_a_circle_have_the_parts_of_their_minutes(
    circles: dict[str, railshed.Circle], direction: str
) -> None:
    """Where a cell is within the cutoff by rail its parts sum to its minutes, to a hundredth each;
    elsewhere none.
    """
    cells = circles[direction].cells
    parts = cells[[f"minutes_{name}" for name in COMPONENTS]]
    near = cells["minutes_by_rail"] <= 90
    assert near.any()
    assert (parts.sum(axis=1) - cells["minutes_by_rail"])[near].abs().max() < 0.036
    assert parts[~near].isna().all(axis=None)
    ways = {"to", "from"} if direction == "both" else {direction}
    assert set(cells.loc[near, "split_direction"]) <= ways
    assert set(cells.loc[~near, "split_direction"]) <= {""}


@pytest.mark.parametrize("direction", ["to", "from", "both"])
def test_the_table_has_every_reading_and_weighs_by_the_people_of_the_circle(
    circles: dict[str, railshed.Circle], direction: str
) -> None:
    """A row each reading, direction and cutoff; the weight is the people by rail outside the city,
    alike both ways.
    """
    circle = circles[direction]
    ways = ["to", "from"] if direction == "both" else [direction]
    expected = [
        (name, way, cutoff)
        for name in ("door-to-station", "door-to-door", "turn-up-and-go")
        for way in ways
        for cutoff in circle.summary.readings[name].cutoffs
    ]
    rows = {(r["reading"], r["direction"], r["cutoff_min"]): r for r in circle.split_table}
    assert list(rows) == expected
    for (name, _, cutoff), row in rows.items():
        people = next(
            r["people_outside_city"]
            for r in circle.summary.readings[name].table
            if (r["cutoff_min"], r["kind"]) == (cutoff, "by_rail")
        )
        weight = row["weight"] if row["weighted_by"] == "people" else 0
        assert weight == pytest.approx(people, abs=0.51)
        means = [row[f"{part}_min"] for part in COMPONENTS]
        if row["total_min"] is not None:
            assert sum(means) == pytest.approx(row["total_min"])
            assert 0 < row["total_min"] <= cutoff
        assert ("both ways" in row["definition"]) == (direction == "both")
        assert ("wait turning up" in row["definition"]) == (
            name == "turn-up-and-go" and row["direction"] == "to"
        )
