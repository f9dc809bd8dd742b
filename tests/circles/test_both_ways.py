"""Both ways on one-way streets: the slower of the two directions counts, worked out by hand.

Two towns 20 km apart, each a ring of 4 km that bicycles and cars go round one way; bicycles go 1
m/s. Nodes of the ring lie 200 m apart in the middle of cells of 200 m, so no metre is walked. The
core station stands at place 0 of the west town, `home` at place 0 of the east town. A train leaves
each for the other every 10 minutes and takes 15; `home` takes 2 minutes to enter and 1 to leave,
the core station none. Of the minutes of a window, at each of which one arrives (to) or leaves
(from), a tenth each is 0, 1, ..., 9 minutes off a train; early minutes count half, so half of the
times are 2 minutes longer or less::

    15 <- 14 <- 13 <- 12 <- 11 <- 10
     |                             |
    16                             9
     |                             |
    ...                           ...
     |                             |
     0 -> 1 -> 2 -> 3 -> 4 ------> 5

From the station to place k it is 200 k metres, from place k to the station 4,000 - 200 k; at place
0 both are 0. So to the core station by rail it is 5,140 - 200 k seconds, from it 1,080 + 200 k
(1,140 and 1,080 at place 0). Place k of the east town holds 2**k people, that of the west town 2**k
jobs: a sum names its places.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

import railshed
from railshed.access.streets import BIKE, DRIVE, SNAP, WALK, Segments, Streets, build_streets
from railshed.assumptions.assumptions import Mode, StationTime, default_assumptions
from railshed.cells.cell_keys import cell_keys, find_keys
from railshed.cells.grid import Grid
from railshed.cells.opportunities import Opportunities
from railshed.circles.analysis import AnalysisInputs, case_of
from railshed.circles.places import station_seconds
from railshed.comparisons.incremental.baseline import Change, baseline
from railshed.network.cities import Centre, City
from railshed.network.lines import add_lines
from railshed.network.model import Station
from railshed.scenario.files import scenario_from_dict
from tests.support.random_networks import DATE
from tests.support.random_worlds import compared, world
from tests.support.small_networks import small_network

pytestmark = pytest.mark.usefixtures("own_cache")

GRID = Grid(10.0, 0.0, 200)
TOWN_M = 20_000
EVERY = WALK | BIKE | DRIVE | SNAP
#: column and row of the places of a ring
RING = [
    *((k, 0) for k in range(5)), *((5, k) for k in range(5)), *((5 - k, 5) for k in range(5)),
    *((0, 5 - k) for k in range(5)),
]  # fmt: skip
WEST = np.array([(column, row) for column, row in RING])
EAST = WEST + np.array([TOWN_M // 200, 0])
PLACE = np.arange(20)


def degrees(cells: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return lon and lat of the centres of cells (column, row)."""
    return GRID.unproject(*GRID.centre(cells[:, 1], cells[:, 0]))


def rings(*, whole: bool = True) -> Streets:
    """Return the two rings, one way for all but walkers, at 36 km/h; else without the last piece of
    the west's.
    """
    lon, lat = (np.concatenate(pair) for pair in zip(degrees(WEST), degrees(EAST), strict=True))
    start = np.arange(40)
    end = np.concatenate([np.roll(PLACE, -1), 20 + np.roll(PLACE, -1)])
    forward, back = np.full(40, EVERY, np.uint8), np.full(40, WALK | SNAP, np.uint8)
    forward[19] = EVERY if whole else WALK | SNAP
    speed = np.full(40, 36.0)
    return build_streets(
        Segments(
            start + 1, lon, lat, start + 1, end + 1, np.full(40, 200.0), forward, back, speed, speed
        ),
        checksums={"rings": "0"},
        island_nodes=1,
    )


def run_of_towns(*, whole: bool = True, centres: tuple[Centre, ...] = ()) -> AnalysisInputs:
    """Return the run of both towns, by bicycle alone."""
    stations = {
        name: Station(name, name, float(lon[0]), float(lat[0]), station_class=kind)
        for name, (lon, lat), kind in (
            ("core", degrees(WEST), "metro"),
            ("home", degrees(EAST), "halt"),
        )
    }
    trips = {}
    for minute in range(5 * 60, 23 * 60, 10):
        leave, there = (f"{t // 60:02d}:{t % 60:02d}" for t in (minute, minute + 15))
        trips[f"in{minute}"] = [("home", leave), ("core", there)]
        trips[f"out{minute}"] = [("core", leave), ("home", there)]
    city = City("town", "town", "town", ("core",), centres)
    network = small_network(stations, trips, route_type=2, cities=(city,))
    base = default_assumptions().with_access("bike", egress=("shared-bicycle",))
    bikes = {name: Mode(name, 3.6, 1.0, 0, 4_000, "bike") for name in ("bike", "shared-bicycle")}
    times = {**base.station_times, "halt": StationTime(120, 60, 0), "metro": StationTime(0, 0, 0)}
    lon, lat = (np.concatenate(pair) for pair in zip(degrees(WEST), degrees(EAST), strict=True))
    held = {"jobs": np.append(2**PLACE, 0 * PLACE), "people": np.append(0 * PLACE, 2**PLACE)}
    return railshed.prepare(
        network,
        assumptions=replace(base, modes=base.modes | bikes, station_times=times, cell_size_m=200),
        streets=rings(whole=whole),
        population=Opportunities.of_points(lon, lat, held),
    )


def at(found: railshed.Circle, values: Any, cells: np.ndarray) -> list[int]:
    """Return the values of some cells."""
    land = found.counts.land
    place, known = find_keys(cell_keys(land.row, land.column), cell_keys(cells[:, 1], cells[:, 0]))
    assert known.all()
    return [int(v) for v in np.asarray(values)[place]]


TO = [1_140, *(5_140 - 200 * k for k in range(1, 20))]
FROM = [1_080 + 200 * k for k in range(20)]
TO_FOOT, FROM_FOOT = [0, *(4_000 - 200 * k for k in range(1, 20))], [200 * k for k in range(20)]
SLOWER = [
    1_140,
    *(5_140 - 200 * k for k in range(1, 11)),
    *(1_080 + 200 * k for k in range(11, 20)),
]
SLOWER_FOOT = [0, *(4_000 - 200 * k for k in range(1, 11)), *(200 * k for k in range(11, 20))]


@pytest.mark.parametrize(
    ("direction", "rail_s", "foot_s", "places_60", "places_45"),
    [
        ("to", TO, TO_FOOT, (0, *range(8, 20)), (0, *range(7, 20))),
        ("from", FROM, FROM_FOOT, range(13), range(14)),
        ("both", SLOWER, SLOWER_FOOT, (0, *range(8, 13)), (0, *range(7, 14))),
    ],
)
def test_the_slower_direction_counts(
    direction: str, rail_s: list[int], foot_s: list[int], places_60: Any, places_45: Any
) -> None:
    """By rail and without a ride each place has the seconds of the slower direction; sums hold the
    places within.
    """
    found = railshed.circle(
        run_of_towns(), "town", direction=direction, reading="door-to-station", cutoffs=[45, 60]
    )
    surface = found.surface
    within = [s if s <= 3_600 else None for s in rail_s]
    known = [s if s <= 3_600 else None for s in at(found, surface.by_rail_s, EAST)]
    assert known == within
    assert at(found, surface.local_s, WEST)[:18] == foot_s[:18]
    rows = {
        (row["cutoff_min"], row["kind"]): row
        for row in found.summary.readings["door-to-station"].table
    }
    assert rows[60, "by_rail"]["people"] == sum(2**k for k in places_60)
    assert rows[45, "local"]["jobs"] == sum(2**k for k in places_45)


def test_the_car_takes_the_slower_direction_too() -> None:
    """480 s of overhead and 6 m/s in the peak: the longer way round counts; at place 0 no way at
    all.
    """
    found = railshed.circle(
        run_of_towns(), "town", direction="both", reading="door-to-station"
    ).car["door-to-station"]
    land = found.counts.land
    place, _ = find_keys(cell_keys(land.row, land.column), cell_keys(WEST[:, 1], WEST[:, 0]))
    longer = np.where(PLACE == 0, 0, np.maximum(200 * PLACE, 4_000 - 200 * PLACE))
    off = found.seconds["peak"][place] - (480 + np.ceil(longer / 6))
    assert off.min() >= 0
    assert off.max() <= 1  # each piece of 33.3 s is rounded up by a little


def test_a_station_counts_both_ways() -> None:
    """The door of `home` is 1,140 s from the core station's to it, 1,080 s from it, and 1,140 both
    ways.

    The centre is at the core station: within 19 minutes there is one station in each direction,
    within 18 one *from* the city alone.
    """
    run = run_of_towns(centres=(centre_at(0),))
    case = case_of(run, "town")
    reading = run.readings["door-to-station"]
    home = case.compiled.network.get_station("home")
    for directions, seconds in (
        (("to",), 1_140),
        (("from",), 1_080),
        (("to", "from"), 1_140),
        (("from", "to"), 1_140),
    ):
        assert station_seconds(case, reading, directions)[home] == seconds
    for minutes, counts in ((19, [1, 1, 1]), (18, [0, 1, 0])):
        bridges = [
            railshed.circle(run, "town", direction=way, cutoffs=[minutes]).bridge
            for way in ("to", "from", "both")
        ]
        assert [bridge.get_rung("plus_entry_exit").stations for bridge in bridges] == counts


def test_a_core_station_more_moves_no_figure_both_ways() -> None:
    """`home` becomes a core station: the terminals are those before.

    A full run, as streets may differ by direction.
    """
    run = run_of_towns()
    plan = scenario_from_dict(
        {"modification": [{"type": "add-core-station", "stations": ["home"], "city": "town"}]}
    )
    found = railshed.compare(run, "town", plan, reading="door-to-station", direction="both")
    assert found.after.summary.readings == found.before.summary.readings
    alone = run.changed(opportunities=None)
    base = baseline(alone, ["town"], direction="both", readings=["door-to-station"], workers=1)
    change = base.with_scenario(plan)
    assert (change.method, change.why, change.cities) == ("full", "access goes along streets", {})


def centre_at(place: int) -> Centre:
    """Return an employment centre at a place of the west town."""
    lon, lat = degrees(WEST[place : place + 1])
    return Centre("centre", "centre", float(lon[0]), float(lat[0]))


@pytest.mark.parametrize("direction", ["to", "from", "both"])
def test_a_centre_that_is_reached_one_way_only(direction: str) -> None:
    """The last piece of the ring is closed to bicycles: the centre at place 5 is reached from the
    core station, which is not reached from it. No reading to a centre is defined in any direction;
    with the piece all are."""
    for whole, missing in ((False, ["door-to-door", "turn-up-and-go"]), (True, [])):
        found = railshed.circle(
            run_of_towns(whole=whole, centres=(centre_at(5),)), "town", direction=direction
        )
        assert found.summary.not_defined == missing
        assert found.surface.reading.name == ("door-to-door" if whole else "door-to-station")
        shown = found.summary.readings[found.surface.reading.name]
        assert shown.table.at(shown.cutoffs[-1])["by_rail"]["area_km2"] > 0


# --- random worlds ------------------------------------------------------------------------------


def one_way_streets(seed: int) -> Streets:
    """Streets every kilometre of the random worlds, a third of them one way for cars, a third for
    all.
    """
    rng = np.random.default_rng(seed)
    wide, high = 46, 36
    column, row = (axis.ravel() for axis in np.meshgrid(np.arange(wide), np.arange(high)))
    lon, lat = 99.99 + column * 0.0092, 9.99 + row * 0.0092
    number = np.arange(len(column))
    tail = np.concatenate([number[column < wide - 1], number[row < high - 1]])
    head = np.concatenate([number[column < wide - 1] + 1, number[row < high - 1] + wide])
    turned = rng.random(len(tail)) < 0.5
    tail, head = np.where(turned, head, tail), np.where(turned, tail, head)
    back = rng.choice([EVERY, WALK | BIKE | SNAP, SNAP], len(tail)).astype(np.uint8)
    speed = rng.choice([20.0, 30.0, 50.0], len(tail))
    return build_streets(
        Segments(
            number + 1,
            lon,
            lat,
            tail + 1,
            head + 1,
            rng.uniform(1_020, 1_300, len(tail)),
            np.full(len(tail), EVERY, np.uint8),
            back,
            speed,
            speed,
        )
    )


def check_both_ways(seed: int, streets: Streets | None) -> tuple[Change, int]:
    """Return the change by the lines of a world both ways, and how many cells differ by direction.

    The change equals a full run and the circle of the changed network.
    """
    one = world(seed)
    run = railshed.prepare(one.network, date=DATE, cell_size_m=1_000, streets=streets)
    base = baseline(run, ["core"], direction="both", workers=1)
    after = railshed.prepare(
        add_lines(one.network, one.lines, seed=one.seed),
        date=DATE,
        cell_size_m=1_000,
        streets=streets,
    )
    change = base.with_lines(one.lines, seed=one.seed)
    compared(base, change, after, f"seed {seed}", slugs=["core"])
    to, back = (railshed.circle(run, "core", direction=way, cutoffs=[60]) for way in ("to", "from"))
    keys = [cell_keys(each.counts.land.row, each.counts.land.column) for each in (to, back)]
    at_back, known = find_keys(keys[1], keys[0])
    differ = to.surface.local_s[known] != back.surface.local_s[at_back[known]]
    return change, int(differ.sum())


@pytest.mark.parametrize("seed", range(2_101, 2_105))
def test_random_worlds_with_one_way_streets(seed: int) -> None:
    """Both ways on one-way streets every change is a full run, and each of its figures is that of a
    circle.
    """
    change, n_differ = check_both_ways(seed, one_way_streets(seed))
    assert (change.method, change.why) == ("full", "access goes along streets")
    assert n_differ > 0


@pytest.mark.parametrize("seed", range(2_105, 2_111))
def test_random_worlds_both_ways(seed: int) -> None:
    """On straight lines, the same there and back, the incremental change equals the full run and
    the circle.
    """
    assert check_both_ways(seed, None)[1] == 0
