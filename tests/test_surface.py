"""Cells, people and polygons: the surface kernels against the reference, totals kept, circles nested."""

from __future__ import annotations

from random import Random

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

import reference as ref
from railshed.access import Doors, StraightAccess, access_of_pairs, best_seconds, disc_cells
from railshed.arrays import to_kernel_time, walks_between
from railshed.assumptions import Mode, default_assumptions
from railshed.grid import Grid
from railshed.ground import round_to_total
from railshed.kernels import surface as kernels
from railshed.model import Network
from railshed.polygons import polygon_within
from railshed.population import cell_keys, key_cells, locate_cells, spread_people
from railshed.routing import find_journeys, minutes_of, percentile_ranks
from railshed.units import MINUTE, UNREACHED
from random_networks import random_network, random_targets, to_model
from test_staircases import compiled, wide_window

BOUND = 120 * MINUTE
PERCENTILES = [0, 50, 75, 100]


def random_cells(
    rng: Random, n_stations: int
) -> tuple[list[list[tuple[int, int]]], np.ndarray, np.ndarray, np.ndarray]:
    cells = [
        [(s, rng.randrange(0, 1500)) for s in rng.sample(range(n_stations), rng.randint(0, min(4, n_stations)))]
        for _ in range(12)
    ]
    ptr = np.concatenate([[0], np.cumsum([len(c) for c in cells])]).astype(np.int64)
    flat = [pair for cell in cells for pair in cell]
    return cells, ptr, np.array([p[0] for p in flat], np.int64), np.array([p[1] for p in flat], np.int64)


@pytest.mark.parametrize("seed", range(60))
def test_cells_take_the_best_station_each_minute(seed: int) -> None:
    """Percentiles, shares and trips of cells equal the reference, with a deadline and turning up at random."""
    rng = Random(seed)
    net = random_network(rng)
    targets = random_targets(rng, net)
    low, high = wide_window(net)
    span = (low, min(high, low + 60 * MINUTE))
    found = find_journeys(compiled(to_model(net)), "to", targets, (low, high), slack_s=1800, bound_s=BOUND)
    journeys = [sorted(map(tuple, p)) for p in ref.journeys_to(net, targets, low - 2 * BOUND, high + BOUND, BOUND)]
    cells, ptr, station, seconds = random_cells(rng, net.n_stations)
    minutes = [int(m) for m in minutes_of(span)]
    ranks = percentile_ranks(PERCENTILES, len(minutes))
    limits = np.array([1800, 3600], np.int64)

    values, served = kernels.cell_times(ptr, station, seconds, found.travel_times(span, 1800), ranks, limits)
    leave = np.array([to_kernel_time(m, "to") for m in minutes], np.int64)
    turn_up, _ = kernels.cell_departures(ptr, station, seconds, found.stairs, leave, BOUND, ranks, limits)
    trips = found.cell_trips(span, ptr, station, seconds, 3600)
    for k, cell in enumerate(cells):
        times: list[int | None] = []
        random_times: list[int | None] = []
        for m in minutes:
            options = [(s, extra, ref.travel_time_to(journeys[s], m, 1800)) for s, extra in cell]
            times.append(min((t + e for _, e, t in options if t is not None and t <= BOUND), default=None))
            arrivals = [(s, e, ref.arrive_after(journeys[s], m + e)) for s, e in cell]
            within = [a - m for s, e, a in arrivals if a is not None and a - m - e <= BOUND]
            random_times.append(min(within, default=None))
        for mine, plain in ((values[k], times), (turn_up[k], random_times)):
            expected = [ref.percentile(plain, p) for p in PERCENTILES]
            assert mine.tolist() == [UNREACHED if t is None else t for t in expected]
        assert served[k].tolist() == [sum(t is not None and t <= c for t in times) for c in (1800, 3600)]
        arrivals_in = {a for s, e in cell for d, a in journeys[s] if span[0] <= a < span[1] and a - d + e <= 3600}
        assert trips[k] == len(arrivals_in)


def test_mode_seconds_are_overhead_plus_detour() -> None:
    """A 6 km/h walk with detour 1.2 and 60 s overhead takes 60 + 1000 * 1.2 / (6/3.6) = 780 s for a kilometre."""
    mode = Mode("walk", 6.0, 1.2, 60, 800)
    metres = np.array([0.0, 1000.0, 1028.0])
    assert best_seconds([mode], metres).tolist() == [60, 780, UNREACHED]
    assert best_seconds([mode], metres, capped=False).tolist() == [60, 780, 801]
    assert mode.reach_m(780) == pytest.approx(1000.0)
    assert mode.reach_m(30) == 0.0


def test_access_lists_every_station_within_the_cap() -> None:
    """A cell between two stations has a pair for each; seconds follow its centre's distance."""
    grid = Grid(100.0, 0.0, 500)
    a = default_assumptions().with_access("walk")
    lon, lat = grid.unproject(np.array([250.0, 1250.0]), np.array([250.0, 250.0]))
    way, doors = StraightAccess(a), Doors(lon, lat, ["bus", "bus"])
    access = access_of_pairs(grid, way.cells_within_caps(grid, doors), np.array([3, 7]))
    between = np.flatnonzero((access.row == 0) & (access.column == 1))
    assert len(between) == 1
    pairs = slice(access.ptr[between[0]], access.ptr[between[0] + 1])
    assert access.station[pairs].tolist() == [3, 7]
    assert access.seconds[pairs].tolist() == [520, 520]  # 500 m * 1.3 / 1.25 m/s
    near = way.cells_without_ride(grid, doors, 520)
    assert (near.row[near.seconds == 0].tolist(), near.column[near.seconds == 0].tolist()) == ([0, 0], [0, 2])
    assert way.seconds_without_ride(grid, near.row, near.column, doors, 520).tolist() == near.seconds.tolist()
    assert len(disc_cells(grid, 250.0, 250.0, 500.0)[0]) == 5


def test_walks_need_no_closure() -> None:
    """Of three stations 500 m apart in a row, neighbours are linked and the ends, 1,000 m apart, are not."""
    net = random_network(Random(1))
    model = to_model(net)
    step = 499.9 / 111_319.49
    places = [s.__class__(f"p{k}", "p", 100 + k * step, 0.0) for k, s in enumerate(model.stations[:3])]
    network = Network(
        "w", "w", model.date, tuple(places), model.services, model.trips, model.stop_times, model.transfers
    )
    walks = walks_between(network, default_assumptions())
    assert sorted(map(tuple, walks[:, :2].tolist())) == [(0, 1), (1, 0), (1, 2), (2, 1)]
    assert set(walks[:, 2].tolist()) == {520}


@pytest.mark.parametrize("seed", range(20))
def test_polygons_are_nested_and_hold_their_centres(seed: int) -> None:
    """More time, more land; every cell centre is on its side of the line; the area is near the cells'."""
    rng = np.random.default_rng(seed)
    grid = Grid(100.0, 0.0, 500)
    row, column = (a.ravel() for a in np.meshgrid(np.arange(40), np.arange(40), indexing="ij"))
    far = np.hypot(row - 20, column - 20) * 200 + rng.normal(0, 120, row.size)
    seconds = np.where(rng.random(row.size) < 0.03, UNREACHED, np.maximum(0, far)).astype(np.int64)
    order = np.argsort(cell_keys(row, column))
    row, column, seconds = row[order], column[order], seconds[order]
    before = shapely.MultiPolygon()
    for cutoff in (1200, 1800, 2400):
        shape = polygon_within(grid, row, column, seconds, cutoff)
        assert shape.is_valid
        assert before.difference(shape).area < 1e-6
        points = shapely.points(*grid.centre(row, column))
        inside = shapely.contains(shape.buffer(0), points) | (shapely.distance(shape, points) < 1e-3)
        assert inside[seconds <= cutoff].all()
        assert not shapely.contains_properly(shape, points)[seconds > cutoff].any()
        before = shape
    assert shape.area == pytest.approx((seconds <= 2400).sum() * 250_000, rel=0.1)


def square_network(people: list[tuple[float, float, str, float]]) -> Network:
    """Return a network with two counties, west and east of 100.1, each 0.1 x 0.1 degrees, and these people."""
    model = to_model(random_network(Random(3)))
    counties = gpd.GeoDataFrame(
        {"county_code": ["w", "e"]},
        geometry=[shapely.box(100.0, 0.0, 100.1, 0.1), shapely.box(100.1, 0.0, 100.2, 0.1)],
        crs="EPSG:4326",
    )
    table = pd.DataFrame(people, columns=["lon", "lat", "county_code", "people"])
    return Network(
        "sq", "sq", model.date, model.stations, model.services, model.trips, model.stop_times, model.transfers,
        counties=counties, population=table, population_cell_deg=0.05,
    )  # fmt: skip


def test_people_are_kept_to_the_person() -> None:
    """People of source cells, a sliver among them, all land on cells of their own county."""
    network = square_network([
        (100.025, 0.025, "w", 1000.0), (100.075, 0.025, "w", 2000.0), (100.125, 0.075, "e", 4000.0),
        (100.075, 0.075, "e", 8.0),
    ])  # fmt: skip
    grid = Grid(100.0, 0.0, 500)
    rows, columns = (a.ravel() for a in np.meshgrid(np.arange(0, 23), np.arange(0, 46), indexing="ij"))
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
    rows, columns = (a.ravel() for a in np.meshgrid(np.arange(0, 23), np.arange(0, 46), indexing="ij"))
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
    assert [a.tolist() for a in key_cells(cell_keys(row, column))] == [row.tolist(), column.tolist()]


def test_largest_remainder_keeps_the_total() -> None:
    """1.5 + 1.5 + 1.4 is 4.4: rounded 4, the remainders decide who gets the odd one."""
    assert round_to_total([1.5, 1.5, 1.4]) == [2, 1, 1]
    assert sum(round_to_total([0.3] * 10)) == 3
