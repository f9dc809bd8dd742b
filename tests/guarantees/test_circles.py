"""DESIGN's guarantees for whole circles, on the toy network and variations of it.

Guarantee, and the tests that hold it (`random` is test_guarantees_random: circles of random worlds,
every reading and direction):

===============================================  ====================================================================
more time, more reach: cells, people, polygons   test_circles_are_nested; random; test_polygons
what is better never worsens; lines added        test_a_better_timetable_worsens_no_cell; random;
                                                 test_profiles;
                                                 test_scenario_properties
an empty scenario changes no bit                 test_an_empty_scenario_changes_no_bit;
                                                 test_scenario_properties
rows in another order, two runs: the same bytes  test_rows_in_another_order; random; test_same_bytes
                                                 (files);
                                                 test_profiles, test_reference, test_polygons,
                                                 test_canonical
time reversed: `to` equals `from`                test_to_equals_from_with_time_reversed; random;
                                                 test_profiles;
                                                 test_reference (the reference itself)
kernels equal a plain reference                  test_profiles, test_window, test_surface,
                                                 test_improve*, test_split,
                                                 test_matrix_kernels, test_dijkstra,
                                                 test_streets_kernels, test_streetsides; an
                                                 independent router: test_nigiri, test_nigiri_feeds
incremental equals full                          test_incremental; test_incremental_scenarios: 1,000
                                                 worlds, all
                                                 shipped scenarios (--examples)
sums over disjoint areas, united circles         test_disjoint_areas_sum_to_the_total, test_union_*;
                                                 random; test_car
door-to-station inside station-to-station        test_door_to_station_lies_inside_station_to_station;
                                                 random
a scenario moves neither the goal nor the land   random
stations fall along the bridge                   random
without trains no cell is faster                 random
more early weight, less reach                    random
a removal that no journey notices changes no bit random
a draw with fixed factors is the circle          test_draws, where no cap binds
===============================================  ====================================================================
"""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from random import Random

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

import railshed
from railshed import Circle, Network
from railshed.api import analysis as api
from railshed.api.analysis import Analysis
from railshed.assumptions.assumptions import StationTime
from railshed.circles import analysis, build
from railshed.circles.cell_counts import PARTS
from railshed.circles.city_model import CityModel
from railshed.circles.places import inside_by_kind
from railshed.circles.surface import Surface
from railshed.network.cities import City
from railshed.network.model import StopTimes, Transfers, Trips
from railshed.routing.compile import compile_network, walks_between
from railshed.routing.profiles import minutes_of
from railshed.scenario.apply import apply_scenario
from railshed.scenario.files import Scenario, scenario_from_dict
from railshed.util.units import DAY, MINUTE, UNREACHED
from tests.kernels.test_profile_scan import BOUND, compiled, wide_window
from tests.support import reference as ref
from tests.support.random_networks import random_network, random_targets, to_model
from tests.support.seeds import each_seed

NETWORKS = Path(__file__).parents[2] / "networks"
DIRECTIONS = ("to", "from", "both")
SURFACES = ("door-to-station", "door-to-door", "turn-up-and-go")


@pytest.fixture(scope="module")
def run(toy: Network) -> analysis.AnalysisInputs:
    return analysis.prepare(toy)


@pytest.fixture(scope="module")
def found(run: analysis.AnalysisInputs) -> dict[str, Circle]:
    return {way: railshed.circle(run, "mid", direction=way) for way in DIRECTIONS}


# --- variations of the network ------------------------------------------------------------------


def frozen(values: Sequence[int] | np.ndarray, kind: type = np.int32) -> np.ndarray:
    array = np.array(values, dtype=kind)
    array.flags.writeable = False
    return array


def with_trip(network: Network, calls: Sequence[tuple[int, int, int]]) -> Network:
    """Return the network with one more trip of (station, arrival, departure) by the daily
    service.
    """
    trips, old = network.trips, network.stop_times
    more = list(zip(*calls, strict=True))
    ones = [True] * len(calls)
    return replace(
        network,
        trips=Trips(
            (*trips.trip_ids, f"extra{len(trips.trip_ids)}"),
            (*trips.names, ""),
            (*trips.route_ids, "extra"),
            frozen([*trips.service_idx, int(trips.service_idx[0])]),
            frozen([*trips.route_types, 2]),
        ),
        stop_times=StopTimes(
            frozen([*old.trip_idx, *[len(trips.trip_ids)] * len(calls)]),
            frozen([*old.station_idx, *more[0]]),
            frozen([*old.arrival_s, *more[1]]),
            frozen([*old.departure_s, *more[2]]),
            frozen([*old.pickup, *ones], np.bool_),
            frozen([*old.drop_off, *ones], np.bool_),
        ),
    )


def trip_added(network: Network, rng: Random) -> Network:
    """Trains every ten minutes between two or three random stations, at random times of
    both peaks.
    """
    stations = rng.sample(range(network.n_stations), rng.choice((2, 3)))
    hops = [rng.randrange(120, 1800) for _ in stations]
    for hour in (6, 16):
        first = hour * 3600 + rng.randrange(600)
        for start in range(first, first + 4 * 3600, 600):
            calls, now = [], start
            for station, hop in zip(stations, hops, strict=True):
                calls.append((station, now, now + 30))
                now += 30 + hop
            network = with_trip(network, calls)
    return network


def arrival_earlier(network: Network, rng: Random) -> Network:
    """Every third train arrives earlier somewhere, never before it left the stop before."""
    calls = network.stop_times
    arrival = np.array(calls.arrival_s)
    for k in range(1, len(arrival)):
        if calls.trip_idx[k] == calls.trip_idx[k - 1] and rng.random() < 0.3:
            arrival[k] -= rng.randint(0, int(arrival[k] - calls.departure_s[k - 1]))
    return replace(network, stop_times=replace(calls, arrival_s=frozen(arrival)))


def departure_later(network: Network, rng: Random) -> Network:
    """Every third train leaves later somewhere, never after it is due at the next stop."""
    calls = network.stop_times
    departure = np.array(calls.departure_s)
    for k in range(len(departure) - 1):
        if calls.trip_idx[k] == calls.trip_idx[k + 1] and rng.random() < 0.3:
            departure[k] += rng.randint(0, int(calls.arrival_s[k + 1] - departure[k]))
    return replace(network, stop_times=replace(calls, departure_s=frozen(departure)))


def transfer_added(network: Network, rng: Random) -> Network:
    """Two listed transfers between random stations, none longer than the walk that it replaces."""
    u, v, w = rng.sample(range(network.n_stations), 3)
    walks = {
        (i, j): s for i, j, s in walks_between(network, railshed.default_assumptions()).tolist()
    }
    seconds = [min(rng.randrange(60, 1200), walks.get(pair, 1200)) for pair in ((u, v), (v, w))]
    return replace(network, transfers=Transfers(frozen([u, v]), frozen([v, w]), frozen(seconds)))


def side_by_side(networks: Sequence[Network], direction: str, city: str = "mid") -> list[Circle]:
    """Return the circles of one city on several networks, on the same cells."""
    run = analysis.prepare(networks[0])
    compiled = [compile_network(n, run.assumptions) for n in networks]
    cases = [CityModel(c, c.network.get_city(city), run.assumptions, run.cells) for c in compiled]
    return build.circles_of(
        cases, run, reading="door-to-station", direction=direction, cutoffs=None
    )


def assert_same(one: Circle, other: Circle) -> None:
    """Every cell, station and figure is the same to the bit."""
    assert one.surfaces.keys() == other.surfaces.keys()
    for name, surface in one.surfaces.items():
        assert_same_surface(surface, other.surfaces[name])
    assert np.array_equal(one.counts.land.row, other.counts.land.row)
    assert np.array_equal(one.counts.land.column, other.counts.land.column)
    pd.testing.assert_frame_equal(one.stations, other.stations, check_exact=True)
    pd.testing.assert_frame_equal(one.polygons, other.polygons, check_exact=True)
    pd.testing.assert_frame_equal(one.counties, other.counties, check_exact=True)
    pd.testing.assert_frame_equal(one.members, other.members, check_exact=True)
    assert one.summary == other.summary


def assert_same_surface(one: Surface, other: Surface, fields: Sequence[str] = ()) -> None:
    for field in fields or ("by_rail_s", "strict_s", "local_s", "served", "trips"):
        assert np.array_equal(getattr(one, field), getattr(other, field)), (one.reading.name, field)
    assert one.n_minutes == other.n_minutes


# --- more time, more reach ----------------------------------------------------------------------


@pytest.mark.parametrize("direction", DIRECTIONS)
def test_circles_are_nested(found: dict[str, Circle], direction: str) -> None:
    """Less time is less reach: cells and polygons, by rail and in total, in every reading; people
    rise.
    """
    assert_nested(found[direction])


def assert_nested(circle: Circle) -> None:
    for name, surface in circle.surfaces.items():
        cutoffs = circle.summary.readings[name].cutoffs
        table = {(r["cutoff_min"], r["kind"]): r for r in circle.summary.readings[name].table}
        shapes = (
            circle.polygons[circle.polygons["reading"] == name]
            .set_index(["cutoff_min", "kind"])
            .geometry
        )
        for less, more in pairwise(cutoffs):
            for kind in ("total", "by_rail", "local"):
                small, large = (
                    inside_by_kind(surface, less)[kind],
                    inside_by_kind(surface, more)[kind],
                )
                assert not (small & ~large).any()
                assert (table[less, kind]["people"] or 0) <= (table[more, kind]["people"] or 0)
                assert table[less, kind]["area_km2"] <= table[more, kind]["area_km2"]
            for kind in ("total", "by_rail"):
                if (less, kind) in shapes.index:
                    # square degrees: a tenth of a square metre is 1e-11
                    assert shapes[less, kind].difference(shapes[more, kind]).area < 1e-11


@pytest.mark.parametrize("direction", DIRECTIONS)
def test_a_cutoff_does_not_depend_on_the_others(
    run: analysis.AnalysisInputs, found: dict[str, Circle], direction: str
) -> None:
    """Asked for alone, or with the largest, a cutoff gives the same row."""
    alone = railshed.circle(run, "mid", direction=direction, cutoffs=[45])
    wide = railshed.circle(run, "mid", direction=direction, cutoffs=[45, 120])
    for name in SURFACES:
        rows = [
            [r for r in c.summary.readings[name].table if r["cutoff_min"] == 45]
            for c in (alone, wide, found[direction])
        ]
        assert rows[0] == rows[1] == rows[2]


def test_both_ways_is_within_each_way(found: dict[str, Circle]) -> None:
    """A place inside both ways is inside to the city and from it."""
    for name in SURFACES:
        to, from_, both = (found[way].surfaces[name] for way in DIRECTIONS)
        keys = [c.counts.land for c in found.values()]
        assert all(np.array_equal(keys[0].row, k.row) for k in keys)
        assert np.array_equal(both.by_rail_s, np.maximum(to.by_rail_s, from_.by_rail_s))


# --- better timetables --------------------------------------------------------------------------


@pytest.mark.parametrize("direction", ["to", "from"])
@pytest.mark.parametrize("change", [trip_added, arrival_earlier, departure_later, transfer_added])
@pytest.mark.parametrize("seed", range(3))
def test_a_better_timetable_worsens_no_cell(
    toy: Network, change, direction: str, seed: int
) -> None:  # type: ignore[no-untyped-def]
    """A trip added, an arrival earlier, a departure later, a transfer added: no cell, no station is
    worse.
    """
    better = change(toy, Random(seed))
    assert_no_worse(*side_by_side([toy, better], direction))


def assert_no_worse(before: Circle, after: Circle) -> None:
    """No cell, station or rung of the bridge is worse than before; cells are those of
    `side_by_side`.
    """
    for name, old in before.surfaces.items():
        new = after.surfaces[name]
        assert (new.by_rail_s <= old.by_rail_s).all(), name
        assert (new.strict_s <= old.strict_s).all(), name
        assert (new.total_s <= old.total_s).all(), name
        assert (new.served >= old.served).all(), name
        assert np.array_equal(new.local_s, old.local_s)
    columns = ["minutes", "minutes_strict", "minutes_fastest", "share_served"]
    was = before.stations.set_index("station_id")[columns]
    now = after.stations.set_index("station_id")[columns].loc[was.index]
    for column in columns[:3]:
        assert (now[column].fillna(np.inf) <= was[column].fillna(np.inf)).all()
    assert not (now["share_served"] < was["share_served"]).any()
    pairs = [
        *zip(before.bridge, after.bridge, strict=False),
        (before.summary.press, after.summary.press),
    ]
    for old_step, new_step in pairs:
        for what in ("stations", "people"):
            assert (getattr(new_step, what) or 0) >= (getattr(old_step, what) or 0)
    for old_range, new_range in zip(before.summary.corners, after.summary.corners, strict=True):
        assert (new_range.low.people or 0) >= (old_range.low.people or 0)


def test_the_changes_do_change_something(toy: Network) -> None:
    """Each of the variations above makes some cell better, or the tests above would say nothing."""
    for change in (trip_added, arrival_earlier, departure_later, transfer_added):
        faster = 0
        for seed in range(3):
            before, after = side_by_side([toy, change(toy, Random(seed))], "to")
            for name in SURFACES:
                faster += int(
                    (after.surfaces[name].by_rail_s < before.surfaces[name].by_rail_s).sum()
                )
        assert faster > 0, change


@pytest.mark.parametrize("direction", DIRECTIONS)
def test_an_empty_scenario_changes_no_bit(toy: Network, direction: str) -> None:
    """Nothing modified, nothing changed: the same network object, tables without a difference."""
    assert apply_scenario(toy, Scenario("nothing"), city="mid") is toy
    same = railshed.compare(toy, "mid", Scenario("nothing"), direction=direction)
    assert_same(same.before, same.after)
    assert len(same.stations) == len(same.counties) == 0
    for column in ("people_gained", "people_lost", "area_km2_gained", "area_km2_lost"):
        assert {row[column] for row in same.table} == {0}
    assert same.minutes_saved["people_faster"] == same.minutes_saved["people_slower"] == 0


def test_a_planned_line_moves_no_other(toy: Network) -> None:
    """A scenario adds its own trips and leaves every other call of the network where it was."""
    line = {
        "type": "add-trips", "name": "x", "stops": ["west", "south"], "hop_minutes": [9],
        "frequencies": [{"start_time": "06:00", "end_time": "09:00", "headway_minutes": 7}],
    }  # fmt: skip
    after = apply_scenario(toy, scenario_from_dict({"modification": [line]}), city="mid")
    old, new = calls_of(toy), calls_of(after)
    assert old < new
    assert {call[1] for call in new - old} == {"west", "south"}


def calls_of(network: Network) -> set[tuple[str, str, int, int]]:
    """Return (trip, station, arrival, departure) of every call."""
    calls = network.stop_times
    columns = (calls.trip_idx, calls.station_idx, calls.arrival_s, calls.departure_s)
    return {
        (network.trips.trip_ids[t], network.stations[s].station_id, a, d)
        for t, s, a, d in zip(*(c.tolist() for c in columns), strict=True)
    }


# --- the same input, told otherwise -------------------------------------------------------------


def shuffled_text(text: str, rng: Random, keep_groups: bool) -> str:
    """Return a CSV with its rows in another order; with `keep_groups`, rows of one first field keep
    theirs.
    """
    head, *rows = text.splitlines()
    if keep_groups:
        groups: dict[str, list[str]] = {}
        for row in rows:
            groups.setdefault(row.split(",")[0], []).append(row)
        rows = [row for name in rng.sample(sorted(groups), len(groups)) for row in groups[name]]
    else:
        rng.shuffle(rows)
    return "\n".join([head, *rows]) + "\n"


def write_shuffled(target: Path, seed: int) -> Path:
    """Write the toy network's folder with the rows of every table and of every file of the feed in
    another order.
    """
    rng = Random(seed)
    source = NETWORKS / "toy"
    target.mkdir()
    (target / "network.toml").write_bytes((source / "network.toml").read_bytes())
    for file in sorted(source.glob("*.csv")):
        # the first centre of a city is its main one: there the order has a meaning
        text = shuffled_text(file.read_text(encoding="utf-8"), rng, file.name == "centres.csv")
        (target / file.name).write_text(text, encoding="utf-8")
    with (
        zipfile.ZipFile(source / "timetable.zip") as old,
        zipfile.ZipFile(target / "timetable.zip", "w") as new,
    ):
        for name in rng.sample(old.namelist(), len(old.namelist())):
            new.writestr(name, shuffled_text(old.read(name).decode(), rng, False))
    for name, read in (("boundaries", gpd.read_parquet), ("population", pd.read_parquet)):
        table = read(source / f"{name}.parquet")
        table.sample(frac=1, random_state=seed).to_parquet(target / f"{name}.parquet", index=False)
    return target


@pytest.mark.parametrize("seed", range(3))
def test_rows_in_another_order(
    toy: Network, found: dict[str, Circle], tmp_path: Path, seed: int
) -> None:
    """Rows of every input file in another order: the same circle to the bit, the same hash of its
    definition.
    """
    other = railshed.load_network(write_shuffled(tmp_path / "toy", seed))
    assert other.stations == toy.stations
    assert other.cities == toy.cities
    direction = DIRECTIONS[seed]
    assert_same(found[direction], railshed.circle(other, "mid", direction=direction))


def reversed_in_time(network: Network) -> Network:
    """Return the network with t -> 24:00 - t, pickup and drop-off swapped, and the windows of its
    cities mirrored.
    """
    calls = network.stop_times
    order = np.lexsort((-np.arange(len(calls.trip_idx)), calls.trip_idx))
    arrival, departure = DAY - calls.departure_s[order], DAY - calls.arrival_s[order]
    trip = calls.trip_idx[order]
    early = np.isin(
        trip, trip[arrival < 0]
    )  # every service here runs on the day before and after as well
    transfers = network.transfers
    return replace(
        network,
        stop_times=StopTimes(
            frozen(trip),
            frozen(calls.station_idx[order]),
            frozen(arrival + DAY * early),
            frozen(departure + DAY * early),
            frozen(calls.drop_off[order], np.bool_),
            frozen(calls.pickup[order], np.bool_),
        ),
        transfers=Transfers(transfers.to_idx, transfers.from_idx, transfers.seconds),
        cities=tuple(mirrored_windows(city) for city in network.cities),
    )


def mirrored_windows(city: City) -> City:
    """Return the city with the windows' minutes {-m}: the end, which is not part of it, moves by
    one minute.
    """

    def turned(window: tuple[int, int]) -> tuple[int, int]:
        return DAY - window[1] + MINUTE, DAY - window[0] + MINUTE

    return replace(city, window_to=turned(city.window_from), window_from=turned(city.window_to))


@pytest.mark.parametrize("lines", [True, False])
@pytest.mark.parametrize("directions", [("to", "from"), ("from", "to")])
def test_to_equals_from_with_time_reversed(lines: bool, directions: tuple[str, str]) -> None:
    """The surface to the city is the surface from it when time runs backwards: entry and exit
    change places.
    """
    network = railshed.load_network("toy", lines=lines)
    base = railshed.default_assumptions()
    swapped = replace(
        base,
        station_times={
            k: StationTime(t.exit_s, t.entry_s, t.change_s) for k, t in base.station_times.items()
        },
    )
    there = railshed.circle(network, "mid", direction=directions[0], assumptions=base)
    back = railshed.circle(
        reversed_in_time(network), "mid", direction=directions[1], assumptions=swapped
    )
    for name in ("door-to-station", "door-to-door"):
        assert_same_surface(
            there.surfaces[name],
            back.surfaces[name],
            ("by_rail_s", "strict_s", "local_s", "served"),
        )
    if not lines:  # whole minutes only: the window's edges count the same journeys
        assert_same_surface(there.surfaces["door-to-station"], back.surfaces["door-to-station"])
        columns = [
            "station_id",
            "minutes",
            "minutes_strict",
            "minutes_fastest",
            "share_served",
            "trips",
            "max_gap_min",
        ]
        pd.testing.assert_frame_equal(
            pd.DataFrame(there.stations[columns[:-1]]), pd.DataFrame(back.stations[columns[:-1]])
        )
    assert (
        there.bridge.to_dict()[1:] == back.bridge.to_dict()[1:]
    )  # the first counts minutes of the day, 00:00 to 23:59


@each_seed(range(40))
def test_turning_up_at_a_station_equals_the_reference(seed: int) -> None:
    """Leaving the door at a minute, the next arrival counts with the wait in full, up to
    the bound.
    """
    rng = Random(seed)
    net = random_network(rng)
    targets = random_targets(rng, net)
    low, high = wide_window(net)
    model = to_model(net)
    found = compiled(model).profiles("to", targets, (low, high), slack_s=3600, bound_s=BOUND)
    journeys = ref.journeys_to(net, targets, low - 2 * BOUND, high + BOUND, BOUND)
    home = np.array([rng.randrange(0, 900) for _ in range(net.n_stations)], np.int64)
    span = (low, min(high, low + 60 * MINUTE))
    each = np.arange(net.n_stations + 1)
    times = np.minimum(found.turn_up_minutes(minutes_of(span), each, each[:-1], home), UNREACHED)
    for x in range(net.n_stations):
        for k, m in enumerate(minutes_of(span).tolist()):
            arrival = ref.arrive_after(sorted(map(tuple, journeys[x])), m + int(home[x]))
            late = arrival is None or arrival - m - home[x] > BOUND
            assert times[x, k] == (UNREACHED if late else arrival - m)


def test_threads_and_one_by_one(toy: Network) -> None:
    """Many cities at once, one after the other, or one alone: the same circles."""
    run = analysis.prepare(toy)
    together = list(api.Analysis.of(run).circles(["mid", "east", "mid"], workers=3))
    for circle, slug in zip(together, ("mid", "east", "mid"), strict=True):
        assert_same(circle, railshed.circle(analysis.prepare(toy), slug))


# --- sums ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("direction", DIRECTIONS)
def test_disjoint_areas_sum_to_the_total(found: dict[str, Circle], direction: str) -> None:
    """Parts of the land, counties, and local with what rail adds: each sums to the total."""
    circle = found[direction]
    assert_sums(circle)
    total = circle.summary.readings["door-to-door"].table.at(60)["total"]
    assert circle.counties["people_total_60"].sum() == total["people"]
    near = circle.cells[circle.cells["minutes_total"] <= 60]
    assert near["people"].sum() == pytest.approx(total["people"], abs=1)


def assert_sums(circle: Circle, rounding: int = 0) -> None:
    """Parts of the land, and local with what rail adds, sum to the total; so do people, where they
    are known.

    The people of each row are rounded to its own total: two rows may be one person off the third.
    """
    for reading in circle.summary.to_dict()["readings"].values():
        table = {(r["cutoff_min"], r["kind"]): r for r in reading["table"]}
        for cutoff in reading["cutoffs"]:
            for what in ("people", "area_km2"):
                total = table[cutoff, "total"]
                if total[what] is None:
                    continue
                both = sum(table[cutoff, kind][what] or 0 for kind in ("local", "added_by_rail"))
                assert abs(total[what] - both) <= rounding * (what == "people")
                for kind in ("total", "by_rail"):
                    row = table[cutoff, kind]
                    if not circle.counts.case.has_prefectures:
                        assert [row[f"{what}_{p}"] for p in PARTS[1:]] == [None] * 3
                        apart = (row[f"{what}_city_proper"] or 0) + (
                            row[f"{what}_outside_city"] or 0
                        )
                        assert (row[what] or 0) == apart
                        continue
                    parts = [row[f"{what}_{p}"] or 0 for p in PARTS]
                    assert (row[what] or 0) == sum(parts)
                    assert (row[f"{what}_outside_city"] or 0) == sum(parts[1:])


@pytest.mark.parametrize("direction", DIRECTIONS)
def test_union_counts_every_place_once(run: analysis.AnalysisInputs, direction: str) -> None:
    """Two cities together: no less than either, no more than the sum; a city with itself
    is itself.
    """
    alone = {
        slug: Analysis.of(run).union([slug], direction=direction).union for slug in ("mid", "east")
    }
    both = Analysis.of(run).union(["mid", "east"], direction=direction).union
    for kind in ("total", "by_rail", "local"):
        for what in ("people", "area_km2"):
            values = [alone[slug][kind][what] for slug in ("mid", "east")]
            assert max(values) <= both[kind][what] <= sum(values)
    assert both["total"]["people"] < sum(alone[s]["total"]["people"] for s in alone)
    assert Analysis.of(run).union(["mid", "mid"], direction=direction).union == alone["mid"]


@pytest.mark.parametrize("direction", DIRECTIONS)
def test_union_of_one_city_is_its_circle(
    run: analysis.AnalysisInputs, found: dict[str, Circle], direction: str
) -> None:
    """The union's rows for one city are the rows of its circle."""
    rows = Analysis.of(run).union(["mid"], direction=direction).union
    table = found[direction].summary.readings["door-to-door"].table.at(60)
    assert rows == {kind: row for kind, row in table.items() if kind != "added_by_trains"}


def test_union_in_another_order(run: analysis.AnalysisInputs) -> None:
    """The order of the cities changes no figure: both lie on the same grid."""
    one, other = (
        Analysis.of(run).union(names).union for names in (["mid", "east"], ["east", "mid"])
    )
    for kind in ("total", "by_rail", "local"):
        assert one[kind]["people"] == other[kind]["people"]
        assert one[kind]["area_km2"] == other[kind]["area_km2"]


@pytest.mark.parametrize("direction", DIRECTIONS)
@pytest.mark.parametrize("seed", range(3))
def test_door_to_station_lies_inside_station_to_station(
    toy: Network, direction: str, seed: int
) -> None:
    """At stations, by rail: minutes from the door are no less than the fastest ride."""
    for network in (toy, arrival_earlier(trip_added(toy, Random(seed)), Random(seed))):
        assert_inside_the_fastest(
            railshed.circle(network, "mid", reading="door-to-station", direction=direction)
        )


def assert_inside_the_fastest(circle: Circle) -> None:
    rail = circle.stations[~circle.stations["is_core"]]
    reached = rail["minutes"].notna()
    assert (rail["minutes"] >= rail["minutes_fastest"])[reached].all()
    assert (rail["minutes_strict"] >= rail["minutes"])[rail["minutes_strict"].notna()].all()
    assert (rail.loc[rail["inside"], "minutes_fastest"] <= circle.headline_cutoff).all()


# --- without the China network ------------------------------------------------------------------


def test_without_the_china_network(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where networks/china is absent the toy network works, and asking for china names what is
    shipped.
    """
    import shutil

    from railshed.io import paths

    shutil.copytree(NETWORKS / "toy", tmp_path / "toy")
    monkeypatch.setattr(paths, "networks_root", lambda: tmp_path)
    assert [n["id"] for n in railshed.list_networks()] == ["toy"]
    assert railshed.load_network("toy").n_stations == 10
    with pytest.raises(railshed.NotFoundError, match=r"unknown network 'china'.*Shipped: toy"):
        railshed.load_network()


def test_fingerprint_of_the_same_timetable(toy: Network) -> None:
    """Loading twice gives the same fingerprint; one trip more another."""
    assumptions = railshed.default_assumptions()
    again = railshed.load_network("toy")
    prints = [
        compile_network(n, assumptions).fingerprint()
        for n in (toy, again, trip_added(toy, Random(1)))
    ]
    assert prints[0] == prints[1] != prints[2]


def test_fingerprint_of_places(toy: Network) -> None:
    """Other people, another county or another feeder at a station make other figures, so another
    fingerprint.
    """
    assert toy.population is not None
    assert toy.counties is not None
    assumptions = railshed.default_assumptions()
    people = toy.population.assign(people=toy.population["people"] * 2)
    counties = toy.counties.assign(population=toy.counties["population"] + 1)
    stations = (replace(toy.stations[0], feeder="metro"), *toy.stations[1:])
    changed = [
        replace(toy, population=people),
        replace(toy, counties=counties),
        replace(toy, stations=stations),
    ]
    prints = {compile_network(n, assumptions).fingerprint() for n in (toy, *changed)}
    assert len(prints) == 4


def test_people_of_the_city_proper_are_not_counted_as_faster(toy: Network) -> None:
    """Trains to the centre from a corner of the city proper and from the county west of it: the
    latter count.
    """
    corner = {"name": "corner", "lon": 100.09, "lat": 0.39}
    period = {"start_time": "06:00", "end_time": "10:00", "headway_minutes": 5}
    line = {"type": "add-trips", "frequencies": [period]}
    lines = [
        {**line, "name": f"{minutes} min", "stops": [stop, "mid"], "hop_minutes": [minutes]}
        for stop, minutes in ((corner, 3), ("west", 12))
    ]
    found = railshed.compare(toy, "mid", scenario_from_dict({"modification": lines}))
    counts, limit = found.before.counts, 3600
    old, new = found.before.surface.total_s, found.after.surface.total_s
    mine = (new < old) & (old <= limit) & (counts.cell_part != 0)
    assert ((new < old) & (counts.cell_part == 0)).any()
    assert counts.people is not None
    expected = counts.people.per_cell(len(counts.land))[mine].sum()
    assert found.minutes_saved["people_faster"] == round(expected) > 0


def test_a_circle_leaves_the_network_as_it_was(toy: Network) -> None:
    """Arrays are read-only and nothing of the network changes."""
    before = {
        name: getattr(toy.stop_times, name).tobytes()
        for name in ("arrival_s", "departure_s", "station_idx")
    }
    railshed.circle(toy, "mid")
    assert {name: getattr(toy.stop_times, name).tobytes() for name in before} == before
    assert not toy.stop_times.arrival_s.flags.writeable
