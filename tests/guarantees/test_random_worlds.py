"""DESIGN's guarantees for whole circles on random worlds (`random_worlds.world`): all readings,
every direction.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from itertools import pairwise
from operator import attrgetter
from random import Random

import numpy as np
import pandas as pd
import pytest

import railshed
from railshed import Circle, Network
from railshed.api.analysis import Analysis
from railshed.assumptions.assumptions import StationTime
from railshed.circles import build
from railshed.circles.analysis import case_of
from railshed.circles.cell_counts import CellCounts
from railshed.circles.city_model import CityModel
from railshed.circles.common_cells import CommonCells
from railshed.circles.places import inside_by_kind
from railshed.circles.summary import Rung
from railshed.circles.surface import directed_surface
from railshed.comparisons.plans import run_after
from railshed.network.lines import Line, LineStop, Period, add_lines
from railshed.network.model import Station, StopTimes, Transfers, Trips
from railshed.routing.compile import compile_network, list_transfers, walks_between
from railshed.scenario.apply import resolve
from railshed.scenario.plan import Plan
from railshed.util.errors import InputError
from railshed.util.units import DAY, HOUR, MINUTE, UNREACHED
from tests.guarantees.test_circles import (
    arrival_earlier,
    assert_inside_the_fastest,
    assert_nested,
    assert_no_worse,
    assert_same,
    assert_same_surface,
    assert_sums,
    departure_later,
    frozen,
    mirrored_windows,
)
from tests.support.random_networks import DATE, reversed_network, to_model
from tests.support.random_scenarios import canonical
from tests.support.random_worlds import World, prepared, world
from tests.support.reference import from_model
from tests.support.seeds import each_seed

pytestmark = pytest.mark.properties

SEEDS = range(3_000, 3_012)
DIRECTIONS = ("to", "from", "both")


# --- changes that never hurt --------------------------------------------------------------------


def window(one: World) -> tuple[int, int]:
    city = one.network.cities[0]
    return city.window_to


def trip_added(one: World, rng: Random) -> Network:
    """Two more trips a station pair drawn, around the window, each every ten minutes."""
    network, (start, end) = one.network, window(one)
    stations = rng.sample(range(network.n_stations), 2)
    service = [s.service_id for s in network.services].index("today")
    hop = rng.randrange(60, 1800)
    starts = [s for s in range(start - HOUR, end + HOUR, 600) if s >= 0]
    rows = [(k, stations[j], s + j * hop) for k, s in enumerate(starts) for j in (0, 1)]
    trips, old = network.trips, network.stop_times
    trip, station, second = zip(*rows, strict=True)
    ones = [True] * len(rows)
    return replace(
        network,
        trips=Trips(
            (*trips.trip_ids, *(f"extra{k}" for k in range(len(starts)))),
            (*trips.names, *([""] * len(starts))),
            (*trips.route_ids, *(["extra"] * len(starts))),
            frozen([*trips.service_idx, *([service] * len(starts))]),
            frozen([*trips.route_types, *([2] * len(starts))]),
        ),
        stop_times=StopTimes(
            frozen([*old.trip_idx, *(network.n_trips + k for k in trip)]),
            frozen([*old.station_idx, *station]),
            frozen([*old.arrival_s, *second]),
            frozen([*old.departure_s, *second]),
            frozen([*old.pickup, *ones], np.bool_),
            frozen([*old.drop_off, *ones], np.bool_),
        ),
    )


def line_added(one: World, rng: Random) -> Network:
    """The world's lines with new stations, none of them a core station."""
    lines = [
        replace(each, stops=tuple(replace(s, core_city="") for s in each.stops))
        for each in one.lines
    ]
    return add_lines(one.network, lines, seed=one.seed)


def transfer_added(one: World, rng: Random) -> Network:
    """A listed transfer both ways, no longer than what is listed or walked between the two
    stations.
    """
    network = one.network
    u, v = rng.sample(range(network.n_stations), 2)
    walks = {
        (i, j): s for i, j, s in walks_between(network, railshed.default_assumptions()).tolist()
    }
    old = network.transfers
    listed = dict(
        zip(
            zip(old.from_idx.tolist(), old.to_idx.tolist(), strict=True),
            old.seconds.tolist(),
            strict=True,
        )
    )
    for pair in ((u, v), (v, u)):
        listed[pair] = min(rng.randrange(1, 600), listed.get(pair, walks.get(pair, DAY)))
    return with_transfers(network, listed)


def transfer_shortened(one: World, rng: Random) -> Network:
    """Every listed transfer takes half as long."""
    old = one.network.transfers
    return replace(one.network, transfers=replace(old, seconds=frozen(old.seconds // 2)))


def with_transfers(network: Network, listed: dict[tuple[int, int], int]) -> Network:
    pairs = sorted(listed)
    columns = [p[0] for p in pairs], [p[1] for p in pairs], [listed[p] for p in pairs]
    return replace(network, transfers=Transfers(*(frozen(c) for c in columns)))


CHANGES = {
    "trip added": trip_added,
    "line added": line_added,
    "arrival earlier": lambda one, rng: arrival_earlier(one.network, rng),
    "departure later": lambda one, rng: departure_later(one.network, rng),
    "transfer added": transfer_added,
    "transfer shortened": transfer_shortened,
}


@cache
def circles(seed: int) -> tuple[Circle, dict[str, Circle]]:
    """Return a world's circle, and by change the circle with it, on the same cells; a third in each
    direction.
    """
    one = world(seed)
    rng = Random(seed)
    run = prepared(one.network)
    changed = {name: change(one, rng) for name, change in CHANGES.items()}
    cases = [
        CityModel(
            compile_network(n, run.assumptions, date=DATE),
            n.get_city("core"),
            run.assumptions,
            run.cells,
        )
        for n in (one.network, *changed.values())
    ]
    direction = DIRECTIONS[seed % 3]
    before, *after = build.circles_of(
        cases, run, reading="door-to-station", direction=direction, cutoffs=None
    )
    return before, dict(zip(changed, after, strict=True))


@pytest.mark.slow
@each_seed(SEEDS)
def test_what_is_better_worsens_no_cell(seed: int) -> None:
    """A trip, line or transfer added, an arrival earlier, a departure later, a transfer shortened:
    no cell is worse.
    """
    before, after = circles(seed)
    for better in after.values():
        assert_no_worse(before, better)


def test_each_change_makes_some_cell_better() -> None:
    """Or the test above would say nothing."""
    faster = dict.fromkeys(CHANGES, 0)
    for seed in SEEDS:
        before, after = circles(seed)
        for name, better in after.items():
            for reading, surface in before.surfaces.items():
                faster[name] += int((better.surfaces[reading].by_rail_s < surface.by_rail_s).sum())
    assert min(faster.values()) > 0, faster


# --- inside one another -------------------------------------------------------------------------


@each_seed(SEEDS)
def test_more_time_is_more_reach_and_parts_sum(seed: int) -> None:
    """Cells, polygons, people and km2 grow with the cutoff; parts of the land sum to the total."""
    before, after = circles(seed)
    for circle in (before, after["line added"]):
        assert_nested(circle)
        assert_sums(circle, rounding=1)


def inside_the_day(seed: int) -> bool:
    """Return whether no journey that counts in the window of a world leaves the day.

    At half weight a journey of the bound, two hours, may be four hours early.
    """
    start, end = window(world(seed))
    return start >= 4 * HOUR and end <= DAY - 4 * HOUR


@each_seed(SEEDS)
def test_from_the_door_is_never_faster_than_the_fastest_train(seed: int) -> None:
    """At stations, by rail, to the terminals: door to station lies inside station to station."""
    before, after = circles(seed)
    if inside_the_day(seed):
        for circle in (before, *after.values()):
            assert_inside_the_fastest(circle)


def test_windows_lie_inside_the_day() -> None:
    """In a third of the worlds at least, or the tests above and below would say nothing."""
    inside = [seed for seed in SEEDS if inside_the_day(seed)]
    assert 3 * len(inside) >= len(SEEDS)
    assert any(rung.stations for seed in inside for rung in circles(seed)[0].bridge)


@each_seed(SEEDS)
def test_stations_fall_along_the_bridge(seed: int) -> None:
    """Each rung adds one leg to the one before, down to the answer; then come more minutes."""
    before, after = circles(seed)
    for circle in (before, *after.values()):
        rungs = {rung.key: rung for rung in circle.bridge}
        assert bool(rungs) == ("door-to-door" in circle.surfaces)
        for less, more in pairwise(
            ["door_to_door", "plus_access", "plus_entry_exit", "peak_percentile_50"]
        ):
            assert_rung_within(rungs, less, more)
        assert_rung_within(rungs, "door_to_door", "door_to_door_90")
        if inside_the_day(seed):
            assert_rung_within(rungs, "peak_percentile_50", "fastest_of_day")


def assert_rung_within(rungs: Mapping[str, Rung], less: str, more: str) -> None:
    """A rung has no more stations, people or km2 than another one; where there is a bridge."""
    for what in ("stations", "stations_in_city", "people", "area_km2") if rungs else ():
        small, large = (getattr(rungs[key], what) for key in (less, more))
        assert small is None or large is None or small <= large, (less, more, what)


@each_seed(SEEDS)
def test_what_is_reached_without_trains_is_reached_with_them(seed: int) -> None:
    """Cell by cell: without intercity and suburban trains no cell is faster."""
    before, after = circles(seed)
    for circle in (before, *after.values()):
        assert (circle.surface.without_trains_s >= circle.surface.by_rail_s).all()


def test_some_worlds_have_metros_and_trains() -> None:
    """Or the test above would say nothing: cells that metros reach, and cells that trains alone
    reach.
    """
    surfaces = [circles(seed)[0].surface for seed in SEEDS]
    assert any((s.without_trains_s != UNREACHED).any() for s in surfaces)
    assert any((s.without_trains_s > s.by_rail_s).any() for s in surfaces)


@each_seed(SEEDS)
def test_more_early_weight_is_less_reach(seed: int) -> None:
    """Cell by cell, under readings with and without slack; and more slack is no less reach."""
    run = prepared(world(seed).network)
    case = case_of(run, "core")
    direction = DIRECTIONS[seed % 3]
    cells = CommonCells([case], direction, HOUR).cells(case)
    for slack_min in (0, 15):
        reading = replace(run.readings["door-to-station"], slack_s=slack_min * MINUTE)
        weights = [replace(reading, early_weight=w) for w in (0.4, 0.5, 0.8, 1.0)]
        found = [directed_surface(case, cells, each, direction).by_rail_s for each in weights]
        assert all((less <= more).all() for less, more in pairwise(found))
        longer = replace(weights[-1], slack_s=reading.slack_s + 10 * MINUTE)
        assert (directed_surface(case, cells, longer, direction).by_rail_s <= found[-1]).all()


@each_seed(SEEDS)
def test_two_cities_united_hold_the_cells_of_either(seed: int) -> None:
    """People and km2 of the union, cell by cell: inside the one or inside the other, each once."""
    one = world(seed)
    first = one.network.cities[0]
    second = replace(
        first,
        slug="other",
        core_station_ids=(one.network.stations[seed % one.network.n_stations].station_id,),
    )
    network = replace(one.network, cities=(first, second))
    run = prepared(network)
    direction = DIRECTIONS[seed % 3]
    reading = "door-to-station"  # to the terminals, in which the two differ
    united = Analysis.of(run).union(["core", "other"], reading=reading, direction=direction).union
    cases = [case_of(run, city) for city in (first, second)]
    both = build.circles_of(cases, run, reading=reading, direction=direction, cutoffs=None)
    for kind in ("total", "by_rail", "local"):
        inside = np.logical_or(*(inside_by_kind(c.surface, 60)[kind] for c in both))
        assert united[kind]["area_km2"] == inside.sum() * both[0].counts.land.grid.cell_km2
        counts = both[0].counts
        if counts.people is not None and united[kind]["people"] is not None:
            people = counts.people.per_cell(len(counts.land))
            known = np.ones(len(people), bool) if counts.known is None else counts.known
            assert united[kind]["people"] == pytest.approx(people[inside & known].sum(), abs=1)


@cache
def planned(seed: int) -> Plan | None:
    """Return a world's scenario on its network; None where it has a mistake or leaves no train."""
    try:
        found = resolve(world(seed).network, world(seed).scenario)
        prepared(found.network)
    except InputError:
        return None
    return found


@each_seed(SEEDS)
def test_a_scenario_moves_neither_the_goal_nor_the_land(seed: int) -> None:
    """Centres, caps, city proper, feeders, grid and people stay; so does what is reached without a
    ride.
    """
    plan = planned(seed)
    if plan is None:
        return
    run, direction = prepared(plan.base), DIRECTIONS[seed % 3]
    cases = [case_of(each, plan.base.cities[0]) for each in (run, run_after(run, plan))]
    assert cases[0].assumptions == cases[1].assumptions
    feeders = [{s.station_id: s.feeder for s in case.compiled.network.stations} for case in cases]
    assert feeders[0].items() <= feeders[1].items()
    question = {"reading": "door-to-door", "direction": direction, "cutoffs": None}
    before, after = build.circles_of(cases, run, **question)
    for name, surface in before.surfaces.items():
        assert np.array_equal(surface.local_s, after.surfaces[name].local_s)
    grounds = [build.circles_of([case], run, **question)[0].counts for case in cases]
    assert grounds[0].land.grid == grounds[1].land.grid
    same = np.intersect1d(*(counts.land.keys for counts in grounds))
    assert len(same)
    for values in (CellCounts.people_per_cell, attrgetter("cell_part")):
        old, new = (values(counts)[np.searchsorted(counts.land.keys, same)] for counts in grounds)
        assert np.array_equal(old, new, equal_nan=True)


def test_most_scenarios_change_something() -> None:
    """Or the test above would say nothing."""
    plans = [planned(seed) for seed in SEEDS]
    assert 2 * sum(plan is not None and plan.network is not plan.base for plan in plans) > len(
        plans
    )


@pytest.mark.slow
@each_seed(SEEDS)
def test_trains_that_no_journey_uses_change_no_bit(seed: int) -> None:
    """A line far away, there or removed: surfaces, stations, counties and the bridge of the city
    stay as they are.
    """
    one, direction = world(seed), DIRECTIONS[seed % 3]
    start, end = window(one)
    far = [Station(f"far{k}", f"far{k}", 120.0 + k / 10, 10.0) for k in range(2)]
    stops = (LineStop(far[0], 0), LineStop(far[1], 600))
    line = Line("far", "far", stops, (Period(max(0, start - HOUR), end + HOUR, 600),))
    run = prepared(one.network)
    wider = compile_network(add_lines(one.network, [line], seed=0), run.assumptions, date=DATE)
    assert wider.n_runs > run.compiled.n_runs
    without, found = (
        railshed.circle(each, "core", direction=direction)
        for each in (run, run.changed(compiled=wider))
    )
    for name, surface in without.surfaces.items():
        assert_same_surface(surface, found.surfaces[name])
    pd.testing.assert_frame_equal(without.stations, found.stations, check_exact=True)
    pd.testing.assert_frame_equal(without.counties, found.counties, check_exact=True)
    assert (without.bridge, without.summary.press) == (found.bridge, found.summary.press)


# --- the same, told otherwise -------------------------------------------------------------------


@pytest.mark.slow
@each_seed(SEEDS)
def test_rows_in_another_order(seed: int) -> None:
    """Stations, services, trips and transfers in another order: the same circle to the bit (files:
    test_guarantees).
    """
    one = world(seed)
    runs = [
        prepared(canonical(network))
        for network in (one.network, shuffled(one.network, Random(seed)))
    ]
    assert_same(*(railshed.circle(run, "core", direction=DIRECTIONS[seed % 3]) for run in runs))


def shuffled(network: Network, rng: Random) -> Network:
    """Return the network with every table of its timetable in another order; calls keep that of
    their trip.
    """
    calls, walks, old = network.stop_times, network.transfers, network.trips
    stations, services, trips, rows = (
        np.array(rng.sample(range(n), n), np.int64)
        for n in (network.n_stations, len(network.services), network.n_trips, len(walks.seconds))
    )
    station, service, trip = (np.argsort(order) for order in (stations, services, trips))
    order = np.lexsort((np.arange(len(calls.trip_idx)), trip[calls.trip_idx]))
    return replace(
        network,
        stations=tuple(network.stations[k] for k in stations),
        services=tuple(network.services[k] for k in services),
        trips=Trips(
            *(
                tuple(column[k] for k in trips)
                for column in (old.trip_ids, old.names, old.route_ids)
            ),
            frozen(service[old.service_idx[trips]]),
            frozen(old.route_types[trips]),
        ),
        stop_times=StopTimes(
            frozen(trip[calls.trip_idx[order]]),
            frozen(station[calls.station_idx[order]]),
            frozen(calls.arrival_s[order]),
            frozen(calls.departure_s[order]),
            frozen(calls.pickup[order], np.bool_),
            frozen(calls.drop_off[order], np.bool_),
        ),
        transfers=Transfers(
            frozen(station[walks.from_idx[rows]]),
            frozen(station[walks.to_idx[rows]]),
            frozen(walks.seconds[rows]),
        ),
    )


def reversed_world(network: Network) -> Network:
    """Return the network with t -> 24:00 - t: D-1 and D+1, pickup and drop-off, from and to of
    transfers swapped.

    Walks are listed: one within a system takes at least the change time of the station where one
    boards.
    """
    rows = zip(
        *(each.tolist() for each in list_transfers(network, railshed.default_assumptions(), True)),
        strict=True,
    )
    plain = from_model(network, [s.change_s or 0 for s in network.stations], rows)
    turned = to_model(reversed_network(plain), ids=[s.station_id for s in network.stations])
    return replace(
        network,
        services=turned.services,
        trips=turned.trips,
        stop_times=turned.stop_times,
        transfers=turned.transfers,
        cities=tuple(mirrored_windows(city) for city in network.cities),
    )


@pytest.mark.slow
@each_seed(SEEDS)
def test_to_equals_from_with_time_reversed(seed: int) -> None:
    """Surfaces, and minutes at stations, are those from the city on the network reversed, entry and
    exit swapped.

    Also of the fastest of the day, whose minutes are moved as well; a random departure has no
    mirror.
    """
    one = world(seed)
    back = {"to": "from", "from": "to", "both": "both"}
    base = replace(railshed.default_assumptions(), cell_size_m=1_000)
    times = {k: StationTime(t.exit_s, t.entry_s, t.change_s) for k, t in base.station_times.items()}
    swapped = replace(base, station_times=times)
    direction = DIRECTIONS[seed % 3]
    there = railshed.circle(one.network, "core", direction=direction, assumptions=base, date=DATE)
    turned = reversed_world(one.network)
    here = railshed.circle(
        turned, "core", direction=back[direction], assumptions=swapped, date=DATE
    )
    for name in there.surfaces.keys() - {"turn-up-and-go"}:
        fields = ("by_rail_s", "strict_s", "local_s", "served")
        assert_same_surface(there.surfaces[name], here.surfaces[name], fields)
    columns = ["station_id", "minutes", "minutes_strict", "share_served"]
    pd.testing.assert_frame_equal(
        pd.DataFrame(there.stations[columns]), pd.DataFrame(here.stations[columns])
    )
    if direction != "both":
        assert np.array_equal(
            fastest(one.network, direction, 0), fastest(turned, back[direction], MINUTE)
        )


def fastest(network: Network, direction: str, later_s: int) -> np.ndarray:
    """Return station-to-station seconds of a day whose minutes begin at 00:00 or one
    minute later.
    """
    run = prepared(network)
    case = case_of(run, network.cities[0])
    times = case.journeys("station", direction).travel_times((later_s, DAY + later_s), MINUTE)
    found: np.ndarray = times.min(axis=1)
    return found
