"""Cells, people and polygons: the surface kernels against the reference, totals kept, circles
nested.
"""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from random import Random

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

import railshed
from railshed.access.straight import Entrances, best_seconds
from railshed.access.street_access import StreetAccess
from railshed.assumptions.assumptions import Mode, default_assumptions
from railshed.assumptions.readings import Reading, get_reading
from railshed.cells.cell_keys import cell_keys, key_cells
from railshed.cells.grid import Grid
from railshed.cells.population import locate_cells, spread_people
from railshed.circles import surface
from railshed.circles.build import case_variants
from railshed.circles.cell_counts import round_to_total
from railshed.circles.city_model import CityModel
from railshed.circles.polygons import circles_within
from railshed.circles.study_area import Cells, cells_of, find_land, land_of
from railshed.circles.surface import surface_of
from railshed.kernels import cell_times as kernels
from railshed.kernels.cell_pairs import pairs_by_cell
from railshed.network.model import Network
from railshed.routing.compile import compile_network, walks_between
from railshed.routing.directions import DIRECTIONS, Direction, to_kernel_time
from railshed.routing.journeys import Journeys
from railshed.routing.profiles import minutes_of, percentile_ranks
from railshed.util.parallel import THREADS_VARIABLE
from railshed.util.units import MINUTE, UNREACHED
from tests.kernels.test_profile_scan import compiled, wide_window
from tests.support import reference as ref
from tests.support.cells import cells_at, city_model, pairs_of_access, seconds_without_ride
from tests.support.random_networks import random_network, random_targets, to_model
from tests.support.seeds import SPARSE, each_seed

pytestmark = pytest.mark.kernels

BOUND = 120 * MINUTE
PERCENTILES = [0, 50, 75, 100]


def random_cells(
    rng: Random, n_stations: int
) -> tuple[list[list[tuple[int, int]]], np.ndarray, np.ndarray, np.ndarray]:
    cells = [
        [
            (s, rng.randrange(0, 1500))
            for s in rng.sample(range(n_stations), rng.randint(0, min(4, n_stations)))
        ]
        for _ in range(12)
    ]
    ptr = np.concatenate([[0], np.cumsum([len(c) for c in cells])]).astype(np.int64)
    flat = [pair for cell in cells for pair in cell]
    return (
        cells,
        ptr,
        np.array([p[0] for p in flat], np.int64),
        np.array([p[1] for p in flat], np.int64),
    )


@each_seed(range(60))
def test_cells_take_the_best_station_each_minute(seed: int) -> None:
    """Percentiles, shares and trips of cells equal the reference, with a deadline and turning up at
    random.
    """
    rng = Random(seed)
    net = random_network(rng)
    targets = random_targets(rng, net)
    low, high = wide_window(net)
    span = (low, min(high, low + 60 * MINUTE))
    found = compiled(to_model(net)).profiles(
        "to", targets, (low, high), slack_s=1800, bound_s=BOUND
    )
    journeys = [
        sorted(map(tuple, p))
        for p in ref.journeys_to(net, targets, low - 2 * BOUND, high + BOUND, BOUND)
    ]
    cells, ptr, station, seconds = random_cells(rng, net.n_stations)
    minutes = [int(m) for m in minutes_of(span)]
    ranks = percentile_ranks(PERCENTILES, len(minutes))
    limits = np.array([1800, 3600], np.int64)

    at = found.travel_times(span, 1800)
    pairs = ptr, station.astype(np.int32), seconds.astype(np.int32)
    values, served = kernels.cell_times(*pairs, at, np.sort(at), ranks, limits, UNREACHED)
    leave = np.array([to_kernel_time(m, "to") for m in minutes], np.int64)
    turn_up, _ = kernels.cell_departures(
        ptr, station, seconds, found.profiles, leave, BOUND, ranks, limits
    )
    trips = found.cell_trips(span, ptr, station, seconds, 3600)
    for k, cell in enumerate(cells):
        times: list[int | None] = []
        random_times: list[int | None] = []
        for m in minutes:
            options = [(s, extra, ref.travel_time_to(journeys[s], m, 1800)) for s, extra in cell]
            times.append(
                min((t + e for _, e, t in options if t is not None and t <= BOUND), default=None)
            )
            arrivals = [(s, e, ref.arrive_after(journeys[s], m + e)) for s, e in cell]
            within = [a - m for s, e, a in arrivals if a is not None and a - m - e <= BOUND]
            random_times.append(min(within, default=None))
        for mine, plain in ((values[k], times), (turn_up[k], random_times)):
            expected = [ref.percentile(plain, p) for p in PERCENTILES]
            assert mine.tolist() == [UNREACHED if t is None else t for t in expected]
        assert served[k].tolist() == [
            sum(t is not None and t <= c for t in times) for c in (1800, 3600)
        ]
        arrivals_in = {
            a
            for s, e in cell
            for d, a in journeys[s]
            if span[0] <= a < span[1] and a - d + e <= 3600
        }
        assert trips[k] == len(arrivals_in)


@each_seed(range(30))
def test_minutes_of_cells_equal_the_reference(seed: int) -> None:
    """Each minute of each cell, what stands at a rank and at which minute, and the next journey
    equal the reference.
    """
    rng = Random(seed)
    net = random_network(rng)
    targets = random_targets(rng, net)
    low, high = wide_window(net)
    span = (low, min(high, low + 30 * MINUTE))
    found = compiled(to_model(net)).profiles(
        "to", targets, (low, high), slack_s=1800, bound_s=BOUND
    )
    journeys = [
        sorted(map(tuple, p))
        for p in ref.journeys_to(net, targets, low - 2 * BOUND, high + BOUND, BOUND)
    ]
    cells, ptr, station, seconds = random_cells(rng, net.n_stations)
    minutes = [int(m) for m in minutes_of(span)]
    rank = rng.randrange(len(minutes))
    every = np.arange(len(minutes))
    limits = np.array([1800], np.int64)

    times = found.travel_times(span, 600)
    pairs = ptr, station.astype(np.int32), seconds.astype(np.int32)
    at_rank = [kernels.cells_at_rank(*pairs, times, np.sort(times), k) for k in range(len(minutes))]
    by_departure = found.turn_up_minutes(np.array(minutes), ptr, station, seconds)
    ordered = (
        kernels.cell_times(*pairs, times, np.sort(times), every, limits, UNREACHED)[0],
        found.turn_up_cells(np.array(minutes), ptr, station, seconds, every, limits)[0],
    )
    for k, cell in enumerate(cells):
        deadline = [
            min([t + e for t, e in within(journeys, cell, m)], default=UNREACHED) for m in minutes
        ]
        departure = [
            min([a - m for a in following(journeys, cell, m)], default=UNREACHED) for m in minutes
        ]
        assert np.minimum(by_departure[k], UNREACHED).tolist() == departure
        turning_up = kernels.minutes_at_rank(by_departure, rank)
        for plain, ranked, found_at in (
            (deadline, ordered[0], dict(enumerate(at_rank))),
            (departure, ordered[1], {rank: turning_up}),
        ):
            assert ranked[k].tolist() == sorted(plain)
            for at, values in found_at.items():
                value, minute = sorted(zip(plain, range(len(plain)), strict=True))[at]
                assert [a[k] for a in values] == (
                    [UNREACHED, -1] if value == UNREACHED else [value, minute]
                )
        for m in minutes[::7]:
            asked = np.array([[m, s, m + e] for s, e in cell], np.int64).reshape(-1, 3)
            taken = found.next_journeys(*np.ascontiguousarray(asked.T))
            for (s, e), (departs, arrives) in zip(cell, taken.tolist(), strict=True):
                later = [(d, a) for d, a in journeys[s] if d >= m + e]
                first = min(later, key=lambda pair: pair[1], default=(UNREACHED, UNREACHED))
                assert (departs, arrives) == (
                    first if first[1] - m - e <= BOUND else (UNREACHED, UNREACHED)
                )


def within(
    journeys: list[list[tuple[int, int]]], cell: list[tuple[int, int]], m: int
) -> list[tuple[int, int]]:
    """Return (T at deadline `m` with a slack of 10 minutes, access) of the stations of a cell that
    serve it.
    """
    times = [(ref.travel_time_to(journeys[s], m, 600), e) for s, e in cell]
    return [(t, e) for t, e in times if t is not None and t <= BOUND]


def following(
    journeys: list[list[tuple[int, int]]], cell: list[tuple[int, int]], m: int
) -> list[int]:
    """Return the arrivals of who leaves a cell at `m`, one for each station that serves it."""
    arrivals = [(ref.arrive_after(journeys[s], m + e), e) for s, e in cell]
    return [a for a, e in arrivals if a is not None and a - m - e <= BOUND]


def test_pairs_beyond_any_limit_make_no_trip() -> None:
    """A station farther away than the whole limit counts no journey."""
    net = ref.RefNetwork(
        2, [[ref.Call(0, 28_800, 28_800), ref.Call(1, 30_000, 30_000)]], [0, 0], []
    )
    found = compiled(to_model(net)).profiles(
        "to", {1: 0}, (28_800, 32_400), slack_s=0, bound_s=BOUND
    )
    ptr, station = np.array([0, 1, 2, 3]), np.zeros(3, np.int64)
    seconds = np.array([2400, 2401, 3601], np.int64)
    assert found.cell_trips((28_800, 32_400), ptr, station, seconds, 3600).tolist() == [1, 0, 0]


def test_turning_up_is_bounded_from_the_platform() -> None:
    """A ride of 20 min, a bound of 25, 5 from the door: leaving 10 min before it is in time, 11 min
    is too soon.
    """
    net = ref.RefNetwork(
        2, [[ref.Call(0, 28_800, 28_800), ref.Call(1, 30_000, 30_000)]], [0, 0], []
    )
    found = compiled(to_model(net)).profiles(
        "to", {1: 0}, (28_000, 32_400), slack_s=0, bound_s=1500
    )
    minutes, one = np.array([28_140, 28_200, 28_500, 28_560]), np.array([300])
    ask = (np.array([0, 1]), np.zeros(1, np.int64), one, np.arange(4), np.array([1800]))
    ranked, served = found.turn_up_cells(minutes, *ask)
    assert ranked[0].tolist() == [1500, 1800, UNREACHED, UNREACHED]
    assert served.tolist() == [[2]]


def test_blocks_cover_all_cells_within_their_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Blocks follow one another, hold at most 3 cells and 5 pairs, and one cell where it alone has
    more.
    """
    monkeypatch.setattr(surface, "BLOCK_CELLS", 3)
    monkeypatch.setattr(surface, "BLOCK_PAIRS", 5)
    ptr = np.cumsum([0, 1, 1, 0, 0, 2, 3, 1, 9, 0, 5])
    assert [(b.start, b.stop) for b in surface.blocks_of(ptr)] == [
        (0, 3),
        (3, 6),
        (6, 7),
        (7, 8),
        (8, 10),
    ]
    assert surface.blocks_of(np.zeros(1, np.int64)) == []


@pytest.mark.parametrize("reading", ["door-to-station", "door-to-door", "turn-up-and-go"])
def test_a_region_equals_the_definition_cell_by_cell(
    reading: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Around two stations of the toy: every cell's percentiles, minutes served and trips, in
    Python, minute by minute.

    Blocks of seven cells on three threads give the same as one block on one.
    """
    network = railshed.load_network("toy")
    case = city_model(
        compile_network(network, default_assumptions()),
        network.get_city("mid"),
        default_assumptions(),
    )
    chosen = get_reading(reading)
    limit_s = 3600 if SPARSE == 1 else 900
    for direction in DIRECTIONS:
        land = find_land([case], DIRECTIONS, limit_s)
        cells = cells_of(case, land, DIRECTIONS, limit_s)[direction]
        monkeypatch.setenv(THREADS_VARIABLE, "1")
        whole = surface_of(case, cells, chosen, direction)
        with monkeypatch.context() as patch:
            patch.setattr(surface, "BLOCK_CELLS", 7)
            patch.setenv(THREADS_VARIABLE, "3")
            parts = surface_of(case, cells, chosen, direction)
        for name in ("by_rail_s", "strict_s", "served", "trips"):
            assert np.array_equal(getattr(whole, name), getattr(parts, name))
            assert getattr(whole, name).dtype == np.int32
        for cell in range(0, len(land), max(1, len(land) // 60)):
            found = [
                a[cell].tolist()
                for a in (whole.by_rail_s, whole.strict_s, whole.served, whole.trips)
            ]
            pairs = list_pairs(case, cells, cell, at_terminals=reading != "door-to-station")
            assert found == [*plain_cell(case, chosen, direction, pairs)], cell


def test_the_land_of_several_cases_is_that_of_each_alone() -> None:
    """In any order, with fewer modes that another case has too, and with a cap that no other case
    has.
    """
    network, assumptions = railshed.load_network("toy"), default_assumptions()
    case = city_model(compile_network(network, assumptions), network.get_city("mid"), assumptions)
    bike = assumptions.modes["bike"]
    far = replace(
        assumptions, modes={**assumptions.modes, "bike": replace(bike, cap_s=2 * bike.cap_s)}
    )
    cases = [*case_variants(case).values(), case.with_modes(far)]
    each = [set(find_land([one], ["to"], 3600).keys.tolist()) for one in cases]
    assert len({len(keys) for keys in each}) > 1
    for some in (cases, cases[::-1], cases[:2], cases[::3]):
        expected = set().union(*(each[cases.index(one)] for one in some))
        assert set(find_land(some, ["to"], 3600).keys.tolist()) == expected


def list_pairs(
    case: CityModel, cells: Cells, cell: int, *, at_terminals: bool
) -> list[tuple[int, int]]:
    """Return (station, seconds to its platform) of the stations of a cell, terminals among them if
    asked.
    """
    some = slice(cells.ptr[cell], cells.ptr[cell + 1])
    pairs = zip(cells.station[some].tolist(), cells.seconds[some].tolist(), strict=True)
    left_out = () if at_terminals else case.core
    return [
        (station, seconds + 600) for station, seconds in pairs if station not in left_out
    ]  # entry: 10 minutes


def plain_cell(
    case: CityModel, reading: Reading, direction: Direction, pairs: list[tuple[int, int]]
) -> tuple[int, int, list[int], int]:
    """Return percentile 50, 75, minutes served and trips of a cell by the definition."""
    journeys = case.journeys(reading.legs, direction)
    assert isinstance(journeys, Journeys)
    if direction == "from":
        pairs = [(station, seconds - 300) for station, seconds in pairs]  # exit: 5 minutes
    known = {station: journeys.pairs(station) for station, _ in pairs}
    start, end = case.window(reading, direction)
    times: list[int | None] = []
    for m in range(start, end, MINUTE):
        options = []
        for station, extra in pairs:
            if reading.random_departure and direction == "to":
                arrives = ref.arrive_after(known[station], m + extra)
                t = None if arrives is None else arrives - m - extra
            elif direction == "to":
                t = ref.travel_time_to(
                    known[station], m, reading.slack_s, Fraction(reading.early_weight)
                )
            else:
                t = ref.travel_time_from(
                    known[station], m, reading.slack_s, Fraction(reading.early_weight)
                )
            if t is not None and t <= BOUND:
                options.append(t + extra)
        times.append(min(options, default=None))
    two = [ref.percentile(times, p) for p in (50, 75)]
    served = [sum(t is not None and t <= c * MINUTE for t in times) for c in reading.cutoffs]
    ends = {
        a if direction == "to" else d
        for station, extra in pairs
        for d, a in known[station]
        if start <= (a if direction == "to" else d) < end
        and a - d + extra <= max(reading.cutoffs) * MINUTE
    }
    fifty, strict = (UNREACHED if t is None else t for t in two)
    return fifty, strict, served, len(ends)


def test_mode_seconds_are_overhead_plus_detour() -> None:
    """A 6 km/h walk with detour 1.2 and 60 s overhead takes 60 + 1000 * 1.2 / (6/3.6) = 780 s for a
    kilometre.
    """
    mode = Mode("walk", 6.0, 1.2, 60, 800)
    metres = np.array([0.0, 1000.0, 1028.0])
    assert best_seconds([mode], metres).tolist() == [60, 780, UNREACHED]
    assert best_seconds([mode], metres, capped=False).tolist() == [60, 780, 801]
    assert mode.reach_m(780) == pytest.approx(1000.0)
    assert mode.reach_m(30) == 0.0


def test_access_lists_every_station_within_the_cap() -> None:
    """A cell between two stations has a pair for each; seconds follow its centre's distance."""
    cells = cells_at(100.0, 0.0, 500)
    grid = cells.grid
    a = default_assumptions().with_access("walk")
    lon, lat = grid.unproject(np.array([250.0, 1250.0]), np.array([250.0, 250.0]))
    way, doors = StreetAccess(a), Entrances(lon, lat, ["bus", "bus"])
    access = way.within_caps(cells, doors)
    land = land_of(cells, cells.numbers(cell_keys(np.array([0, 0, 9]), np.array([1, 0, 9]))))
    ptr, door, seconds = pairs_by_cell(
        *access.around, access.kind, access.seconds, land.place, len(land)
    )
    assert (ptr.tolist(), door[1:].tolist()) == ([0, 1, 3, 3], [0, 1])
    assert seconds[1:].tolist() == [520, 520]  # 500 m * 1.3 / 1.25 m/s
    near = pairs_of_access(cells, way.without_ride(cells, doors, 520)).of_nearest()
    assert (near.row[near.seconds == 0].tolist(), near.column[near.seconds == 0].tolist()) == (
        [0, 0],
        [0, 2],
    )
    keys = cell_keys(near.row, near.column)
    assert seconds_without_ride(way, cells, keys, doors, 520) == near.seconds.tolist()
    assert len(cells.around(lon[:1], lat[:1], np.array([500.0])).pairs()[0]) == 5


def test_walks_need_no_closure() -> None:
    """Of three stations 500 m apart in a row, neighbours are linked and the ends, 1,000 m apart,
    are not.
    """
    net = random_network(Random(1))
    model = to_model(net)
    step = 499.9 / 111_319.49
    places = [
        s.__class__(f"p{k}", "p", 100 + k * step, 0.0) for k, s in enumerate(model.stations[:3])
    ]
    network = Network(
        "w",
        "w",
        model.date,
        tuple(places),
        model.services,
        model.trips,
        model.stop_times,
        model.transfers,
    )
    walks = walks_between(network, default_assumptions())
    assert sorted(map(tuple, walks[:, :2].tolist())) == [(0, 1), (1, 0), (1, 2), (2, 1)]
    assert set(walks[:, 2].tolist()) == {520}


@each_seed(range(20))
def test_polygons_are_nested_and_hold_their_centres(seed: int) -> None:
    """More time, more land; every cell centre is on its side of the line; the area is near the
    cells'.
    """
    rng = np.random.default_rng(seed)
    grid = Grid(100.0, 0.0, 500)
    row, column = (a.ravel() for a in np.meshgrid(np.arange(40), np.arange(40), indexing="ij"))
    far = np.hypot(row - 20, column - 20) * 200 + rng.normal(0, 120, row.size)
    seconds = np.where(rng.random(row.size) < 0.03, UNREACHED, np.maximum(0, far)).astype(np.int64)
    order = np.argsort(cell_keys(row, column))
    row, column, seconds = row[order], column[order], seconds[order]
    before = shapely.MultiPolygon()
    cutoffs = [1200, 1800, 2400]
    for cutoff, shape in zip(
        cutoffs, circles_within(grid, row, column, [seconds], cutoffs)[0], strict=True
    ):
        assert shape.is_valid
        assert before.difference(shape).area < 1e-6
        points = shapely.points(*grid.centre(row, column))
        inside = shapely.contains(shape.buffer(0), points) | (
            shapely.distance(shape, points) < 1e-3
        )
        assert inside[seconds <= cutoff].all()
        assert not shapely.contains_properly(shape, points)[seconds > cutoff].any()
        before = shape
    assert shape.area == pytest.approx((seconds <= 2400).sum() * 250_000, rel=0.1)


def square_network(people: list[tuple[float, float, str, float]]) -> Network:
    """Return a network with two counties, west and east of 100.1, each 0.1 x 0.1 degrees, and these
    people.
    """
    model = to_model(random_network(Random(3)))
    counties = gpd.GeoDataFrame(
        {"county_code": ["w", "e"]},
        geometry=[shapely.box(100.0, 0.0, 100.1, 0.1), shapely.box(100.1, 0.0, 100.2, 0.1)],
        crs="EPSG:4326",
    )
    table = pd.DataFrame(people, columns=["lon", "lat", "county_code", "people"])
    return Network(
        "sq",
        "sq",
        model.date,
        model.stations,
        model.services,
        model.trips,
        model.stop_times,
        model.transfers,
        counties=counties,
        population=table,
        population_cell_deg=0.05,
    )


def test_people_are_kept_to_the_person() -> None:
    """People of source cells, a sliver among them, all land on cells of their own county."""
    network = square_network(
        [
            (100.025, 0.025, "w", 1000.0),
            (100.075, 0.025, "w", 2000.0),
            (100.125, 0.075, "e", 4000.0),
            (100.075, 0.075, "e", 8.0),
        ]
    )
    grid = Grid(100.0, 0.0, 500)
    rows, columns = (
        a.ravel() for a in np.meshgrid(np.arange(0, 23), np.arange(0, 46), indexing="ij")
    )
    keys = np.sort(cell_keys(rows, columns))
    row, column = key_cells(keys)
    county = locate_cells(grid, row, column, network.counties)
    people = spread_people(network, grid, row, column, county)
    assert people is not None
    assert people.people.sum() == pytest.approx(7008.0)
    by_county = np.bincount(people.county, weights=people.people)
    assert by_county.tolist() == pytest.approx([3000.0, 4008.0])
    assert people.per_cell(len(row)).sum() == pytest.approx(7008.0)


def test_people_do_not_depend_on_the_cells_asked_for() -> None:
    """A few cells get the same people as they get among all cells."""
    network = square_network([(100.025, 0.025, "w", 1000.0), (100.125, 0.075, "e", 4000.0)])
    grid = Grid(100.0, 0.0, 500)
    rows, columns = (
        a.ravel() for a in np.meshgrid(np.arange(0, 23), np.arange(0, 46), indexing="ij")
    )
    row, column = key_cells(np.sort(cell_keys(rows, columns)))
    county = locate_cells(grid, row, column, network.counties)
    everything = spread_people(network, grid, row, column, county)
    some = slice(100, 160)
    few = spread_people(network, grid, row[some], column[some], county[some])
    assert everything is not None
    assert few is not None
    assert few.per_cell(60).tolist() == pytest.approx(everything.per_cell(len(row))[some].tolist())


def test_cell_keys_round_trip_with_negative_cells() -> None:
    """Rows and columns west and south of the grid's centre come back."""
    row, column = np.array([-5, 0, 7]), np.array([3, -9, 0])
    assert [a.tolist() for a in key_cells(cell_keys(row, column))] == [
        row.tolist(),
        column.tolist(),
    ]


def test_largest_remainder_keeps_the_total() -> None:
    """1.5 + 1.5 + 1.4 is 4.4: rounded 4, the remainders decide who gets the odd one."""
    assert round_to_total([1.5, 1.5, 1.4]) == [2, 1, 1]
    assert sum(round_to_total([0.3] * 10)) == 3
