"""DESIGN's guarantees for whole circles on random worlds (`random_worlds.world`): all readings, every direction."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from random import Random

import numpy as np
import pandas as pd
import pytest

import railshed
from railshed import Circle, Network
from railshed.api.analysis import analysis_of
from railshed.assumptions.assumptions import StationTime
from railshed.circles import build
from railshed.circles.analysis import case_of
from railshed.circles.city_model import CityModel
from railshed.circles.places import inside_by_kind
from railshed.network.lines import add_lines
from railshed.network.model import StopTimes, Transfers, Trips
from railshed.routing.compile import compile_network, walks_between
from railshed.util.units import DAY, HOUR, MINUTE
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


# --- changes that never hurt --------------------------------------------------------------------------------------


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
            (*trips.trip_ids, *(f"extra{k}" for k in range(len(starts)))), (*trips.names, *([""] * len(starts))),
            (*trips.route_ids, *(["extra"] * len(starts))), frozen([*trips.service_idx, *([service] * len(starts))]),
            frozen([*trips.route_types, *([2] * len(starts))]),
        ),
        stop_times=StopTimes(
            frozen([*old.trip_idx, *(network.n_trips + k for k in trip)]), frozen([*old.station_idx, *station]),
            frozen([*old.arrival_s, *second]), frozen([*old.departure_s, *second]),
            frozen([*old.pickup, *ones], np.bool_), frozen([*old.drop_off, *ones], np.bool_),
        ),
    )  # fmt: skip


def line_added(one: World, rng: Random) -> Network:
    """The world's lines with new stations, none of them a core station."""
    lines = [replace(each, stops=tuple(replace(s, core_city="") for s in each.stops)) for each in one.lines]
    return add_lines(one.network, lines, seed=one.seed)


def transfer_added(one: World, rng: Random) -> Network:
    """A listed transfer both ways, no longer than what is listed or walked between the two stations."""
    network = one.network
    u, v = rng.sample(range(network.n_stations), 2)
    walks = {(i, j): s for i, j, s in walks_between(network, railshed.default_assumptions()).tolist()}
    old = network.transfers
    listed = dict(zip(zip(old.from_idx.tolist(), old.to_idx.tolist(), strict=True), old.seconds.tolist(), strict=True))
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
    """Return a world's circle, and by change the circle with it, on the same cells; a third in each direction."""
    one = world(seed)
    rng = Random(seed)
    run = prepared(one.network)
    changed = {name: change(one, rng) for name, change in CHANGES.items()}
    cases = [
        CityModel(compile_network(n, run.assumptions, date=DATE), n.get_city("core"), run.assumptions, run.cells)
        for n in (one.network, *changed.values())
    ]
    direction = DIRECTIONS[seed % 3]
    before, *after = build.circles_of(cases, run, reading="door-to-station", direction=direction, cutoffs=None)
    return before, dict(zip(changed, after, strict=True))


@each_seed(SEEDS)
def test_what_is_better_worsens_no_cell(seed: int) -> None:
    """A trip, line or transfer added, an arrival earlier, a departure later, a transfer shortened: no cell is worse."""
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


# --- inside one another -------------------------------------------------------------------------------------------


@each_seed(SEEDS)
def test_more_time_is_more_reach_and_parts_sum(seed: int) -> None:
    """Cells, polygons, people and km2 grow with the cutoff; parts of the land sum to the total."""
    before, after = circles(seed)
    for circle in (before, after["line added"]):
        assert_nested(circle)
        assert_sums(circle, rounding=1)


@each_seed(SEEDS)
def test_from_the_door_is_never_faster_than_the_fastest_train(seed: int) -> None:
    """At stations, by rail, wherever the window and its slack lie inside the day."""
    before, after = circles(seed)
    start, end = window(world(seed))
    if start >= HOUR and end <= DAY - HOUR:
        for circle in (before, *after.values()):
            assert_inside_the_fastest(circle)


def test_windows_lie_inside_the_day() -> None:
    """In a third of the worlds at least, or the test above would say nothing."""
    inside = [window(world(seed))[0] >= HOUR and window(world(seed))[1] <= DAY - HOUR for seed in SEEDS]
    assert 3 * sum(inside) >= len(SEEDS)


@each_seed(SEEDS)
def test_two_cities_united_hold_the_cells_of_either(seed: int) -> None:
    """People and km2 of the union, cell by cell: inside the one or inside the other, each once."""
    one = world(seed)
    first = one.network.cities[0]
    second = replace(
        first, slug="other", core_station_ids=(one.network.stations[seed % one.network.n_stations].station_id,)
    )
    network = replace(one.network, cities=(first, second))
    run = prepared(network)
    direction = DIRECTIONS[seed % 3]
    united = analysis_of(run).union(["core", "other"], direction=direction).union
    cases = [case_of(run, city) for city in (first, second)]
    both = build.circles_of(cases, run, reading="door-to-station", direction=direction, cutoffs=None)
    for kind in ("total", "by_rail", "local"):
        inside = np.logical_or(*(inside_by_kind(c.surface, 60)[kind] for c in both))
        assert united[kind]["area_km2"] == inside.sum() * both[0].ground.land.grid.cell_km2
        ground = both[0].ground
        if ground.people is not None and united[kind]["people"] is not None:
            people = ground.people.per_cell(len(ground.land))
            known = np.ones(len(people), bool) if ground.known is None else ground.known
            assert united[kind]["people"] == pytest.approx(people[inside & known].sum(), abs=1)


# --- the same, told otherwise -------------------------------------------------------------------------------------


@each_seed(SEEDS)
def test_rows_in_another_order(seed: int) -> None:
    """Stations, services, trips and transfers in another order: the same circle to the bit (files: test_guarantees)."""
    one = world(seed)
    runs = [prepared(canonical(network)) for network in (one.network, shuffled(one.network, Random(seed)))]
    assert_same(*(railshed.circle(run, "core", direction=DIRECTIONS[seed % 3]) for run in runs))


def shuffled(network: Network, rng: Random) -> Network:
    """Return the network with every table of its timetable in another order; calls keep that of their trip."""
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
            *(tuple(column[k] for k in trips) for column in (old.trip_ids, old.names, old.route_ids)),
            frozen(service[old.service_idx[trips]]), frozen(old.route_types[trips]),
        ),
        stop_times=StopTimes(
            frozen(trip[calls.trip_idx[order]]), frozen(station[calls.station_idx[order]]),
            frozen(calls.arrival_s[order]), frozen(calls.departure_s[order]),
            frozen(calls.pickup[order], np.bool_), frozen(calls.drop_off[order], np.bool_),
        ),
        transfers=Transfers(
            frozen(station[walks.from_idx[rows]]), frozen(station[walks.to_idx[rows]]), frozen(walks.seconds[rows])
        ),
    )  # fmt: skip


def reversed_world(network: Network) -> Network:
    """Return the network with t -> 24:00 - t: D-1 and D+1, pickup and drop-off, from and to of transfers swapped."""
    walks = network.transfers
    rows = zip(walks.from_idx.tolist(), walks.to_idx.tolist(), walks.seconds.tolist(), strict=True)
    plain = from_model(network, [s.change_s or 0 for s in network.stations], rows)
    turned = to_model(reversed_network(plain), ids=[s.station_id for s in network.stations])
    return replace(
        network, services=turned.services, trips=turned.trips, stop_times=turned.stop_times,
        transfers=turned.transfers, cities=tuple(mirrored_windows(city) for city in network.cities),
    )  # fmt: skip


@each_seed(SEEDS)
def test_to_equals_from_with_time_reversed(seed: int) -> None:
    """Surfaces, and minutes at stations, are those from the city on the network reversed, entry and exit swapped.

    Also of the fastest of the day, whose minutes are moved as well; a random departure has no mirror.
    """
    one = world(seed)
    back = {"to": "from", "from": "to", "both": "both"}
    base = replace(railshed.default_assumptions(), cell_size_m=1_000)
    times = {k: StationTime(t.exit_s, t.entry_s, t.change_s) for k, t in base.station_times.items()}
    swapped = replace(base, station_times=times)
    direction = DIRECTIONS[seed % 3]
    there = railshed.circle(one.network, "core", direction=direction, assumptions=base, date=DATE)
    turned = reversed_world(one.network)
    here = railshed.circle(turned, "core", direction=back[direction], assumptions=swapped, date=DATE)
    for name in there.surfaces.keys() - {"turn-up-and-go"}:
        fields = ("by_rail_s", "strict_s", "local_s", "served")
        assert_same_surface(there.surfaces[name], here.surfaces[name], fields)
    columns = ["station_id", "minutes", "minutes_strict", "share_served"]
    pd.testing.assert_frame_equal(pd.DataFrame(there.stations[columns]), pd.DataFrame(here.stations[columns]))
    if direction != "both":
        assert np.array_equal(fastest(one.network, direction, 0), fastest(turned, back[direction], MINUTE))


def fastest(network: Network, direction: str, later_s: int) -> np.ndarray:
    """Return station-to-station seconds of a day whose minutes begin at 00:00 or one minute later."""
    run = prepared(network)
    case = case_of(run, network.cities[0])
    times = case.journeys("station", direction).travel_times((later_s, DAY + later_s), MINUTE)
    found: np.ndarray = times.min(axis=1)
    return found
