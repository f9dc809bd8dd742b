"""Drawn days: distributions by hand, shares that follow from them, and no variance is the
deterministic run.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from math import exp, log
from pathlib import Path
from random import Random
from statistics import NormalDist
from typing import Any

import numpy as np
import pytest
from pyproj import Geod

import railshed
from railshed import Network
from railshed.access.streets import BIKE, DRIVE, SNAP, WALK, Segments, Streets, build_streets
from railshed.api.analysis import Analysis
from railshed.api.inclusion import Inclusion
from railshed.assumptions.assumptions import (
    Assumptions,
    StationTime,
    assumption_rows,
    default_assumptions,
    default_uncertainty,
)
from railshed.assumptions.distributions import (
    LATEST_S,
    ROWS,
    Distribution,
    distribution_of,
    uniforms,
)
from railshed.assumptions.readings import Reading, load_readings
from railshed.cells.cell_keys import cell_keys, find_keys
from railshed.cells.network_cells import NetworkCells
from railshed.circles.analysis import case_of
from railshed.circles.city_model import CityModel
from railshed.circles.definitions import describe_draws
from railshed.circles.study_area import cells_of, find_land
from railshed.circles.surface import Surface, blocks_of, both_ways, directed_surface
from railshed.maps.style import MapStyle
from railshed.network.cities import Centre, City
from railshed.network.model import Station, StopTimes
from railshed.routing.compile import compile_network
from railshed.routing.directions import Direction, directions_of
from railshed.routing.profiles import percentile_ranks
from railshed.uncertainty.drawn_timetables import DrawnDay, SearchedPart, families_of, run_ids
from railshed.uncertainty.draws import Chance, InclusionStudy, Side, build_study
from railshed.uncertainty.inclusion import KINDS, LEVELS, inclusion_of
from railshed.util.errors import InputError, ParameterError
from railshed.util.parallel import map_in_threads
from railshed.util.phrases import phrase
from railshed.util.units import MINUTE, UNREACHED
from tests.support.cells import city_model
from tests.support.clirunner import assert_mistake, command_line
from tests.support.random_networks import DATE, random_network, random_targets, to_model
from tests.support.seeds import each_seed
from tests.support.small_networks import place, small_network

DIRECTIONS = ("to", "from", "both")
SURFACES = ("door-to-station", "door-to-door", "turn-up-and-go")
#: nothing varies: not drawn, or drawn from one number
NOTHING: dict[str, dict[str, Any]] = {name: {"kind": "none"} for name in ROWS}
NO_SPREAD: dict[str, dict[str, Any]] = {
    name: {"kind": "exponential", "mean_min": 0, "late_share": 1}
    if name.startswith("delay:")
    else {"kind": "uniform", "low": 0, "high": 0}
    if name == "phase"
    else {"kind": "normal", "mean": 1, "sd": 0, "low": 1, "high": 1}
    if name == "walk_speed"
    else {"kind": "lognormal", "median": 1, "log_sd": 0}
    for name in ROWS
}


def row(name: str, **given: Any) -> Distribution:
    problems: list[str] = []
    found = distribution_of(name, given, problems)
    assert found is not None, problems
    return found


# --- distributions ------------------------------------------------------------------------------


def test_quantiles_by_hand() -> None:
    """Lognormal: its median, and a factor of e^sd a standard deviation up; exponential: on time,
    then 10 min at 1/e.
    """
    one_sd = NormalDist().cdf(1)
    factor = row("station_time", kind="lognormal", median=2.0, log_sd=0.5)
    assert factor.quantile(np.array([0.5, one_sd])) == pytest.approx([2.0, 2.0 * exp(0.5)])
    bell = row("walk_speed", kind="normal", mean=1.0, sd=0.2, low=0.8, high=1.2)
    low = NormalDist().cdf(-1)
    assert bell.quantile(np.array([0.5, 1e-15, 1 - 1e-15])) == pytest.approx(
        [1.0, 0.8, 1.2], abs=1e-9
    )
    assert bell.quantile(np.array([0.25]))[0] == pytest.approx(
        1 + 0.2 * NormalDist().inv_cdf(low + 0.25 * (1 - 2 * low))
    )
    late = row("delay:rail", kind="exponential", mean_min=10, late_share=0.4)
    assert late.quantile(np.array([0.3, 0.6, 1 - 0.4 / exp(1), 1 - 1e-16])).tolist() == [
        0,
        0,
        600,
        LATEST_S,
    ]


def test_quantiles_are_those_of_the_standard_library() -> None:
    """In the middle, at its edges and far out: 20,000 shares, no factor clipped."""
    edges = [np.nextafter(edge, end) for edge in (0.075, 0.5, 0.925) for end in (0, 1)]
    shares = np.concatenate([np.random.default_rng(0).random(20_000), [1e-9, 1 - 1e-9, *edges]])
    drawn = row("station_time", kind="lognormal", median=1.0, log_sd=0.2).quantile(shares)
    assert np.log(drawn) / 0.2 == pytest.approx(
        [NormalDist().inv_cdf(share) for share in shares.tolist()], abs=1e-12
    )


def test_moments_of_what_is_drawn() -> None:
    """100,000 values have the mean and the spread of their distribution to three standard
    errors.
    """
    n = 100_000
    late = row("delay:rail", kind="exponential", mean_min=10, late_share=0.4).draw(
        1, ["a"], range(n)
    )[0]
    assert (
        abs((late > 0).mean() - 0.4) < 3 * (0.24 / n) ** 0.5 + 1e-3
    )  # half a second of those late is rounded off
    assert abs(late[late > 0].mean() - 600) < 3 * 600 / (0.4 * n) ** 0.5 + 1
    factors = np.log(
        row("station_time", kind="lognormal", median=1, log_sd=0.3).draw(1, ["a"], range(n))[0]
    )
    assert abs(factors.mean()) < 3 * 0.3 / n**0.5
    assert factors.std() == pytest.approx(0.3, rel=0.01)
    u = uniforms(7, "x", [f"s{k}" for k in range(100)], range(1_000))
    assert abs(np.corrcoef(u[0], u[1])[0, 1]) < 0.1
    assert np.histogram(u, 10, (0, 1))[0] / u.size == pytest.approx(np.full(10, 0.1), abs=0.003)


def test_a_value_depends_on_its_name_alone() -> None:
    """Stations in another order or among others, more draws, draws from the middle: each keeps its
    numbers.
    """
    whole = uniforms(3, "station_time", ["a", "b", "c"], range(200))
    assert ((whole > 0) & (whole < 1)).all()
    assert np.array_equal(
        uniforms(3, "station_time", ["c", "x", "a"], range(200))[[2, 0]], whole[[0, 2]]
    )
    assert np.array_equal(uniforms(3, "station_time", ["b"], range(50)), whole[1:2, :50])
    assert np.array_equal(uniforms(3, "station_time", ["b"], range(60, 135)), whole[1:2, 60:135])
    assert uniforms(3, "station_time", ["b"], range(0)).shape == (1, 0)
    for seed, name in ((4, "station_time"), (3, "feeder_wait")):
        assert not np.isin(uniforms(seed, name, ["a", "b", "c"], range(200)), whole).any()


def test_no_spread_is_exactly_what_is_assumed() -> None:
    """A factor of 1, a delay and a phase of 0, to the bit, whether not drawn or drawn without
    variance.
    """
    for given in (NOTHING, NO_SPREAD):
        for name, drawn in default_uncertainty(None, given).items():
            assert not drawn.varies
            nothing = 0.0 if name.startswith("delay:") or name == "phase" else 1.0
            assert (drawn.draw(5, ["a", "b"], range(9)) == nothing).all()
            assert name == "phase" or (drawn.quantile(np.array([0.1, 0.9])) == nothing).all()


def test_every_row_has_a_source_or_says_guess() -> None:
    """All rows are shipped, each with source and status; overrides of a network and of a run are
    laid over.
    """
    rows = default_uncertainty()
    assert list(rows) == list(ROWS)
    assert all(r.source and r.status for r in rows.values())
    network = {"uncertainty": {"station_time": {"log_sd": 0.4}}}
    assert default_uncertainty(network)["station_time"].values == {"median": 1.0, "log_sd": 0.4}
    own = default_uncertainty(network, {"station_time": {"log_sd": 0.1}})["station_time"]
    assert own.values["log_sd"] == 0.1
    assert own.status == "set by the user"
    assert {r["what"] for r in assumption_rows()} >= {"uncertainty.delay:rail.mean_min"}


def test_docs_and_results_name_the_rows_that_are_guesses() -> None:
    """Six rows have no source for their spread: the same six in the data, in decision 20 and with a
    result.
    """
    guesses = ["change_time", "drive_speed", "bike_speed", "delay:rail", "delay:metro", "delay:bus"]
    assert [name for name, row in default_uncertainty().items() if row.status == "guess"] == guesses
    (page,) = (Path(railshed.__file__).parent / "guide" / "decisions").glob("0020-*.md")
    text = " ".join(page.read_text(encoding="utf-8").split())
    result = re.search(
        r"so are the spreads of(.*?), while those of the other rows", text, re.DOTALL
    )
    assert result is not None
    assert re.findall(r"`([^`]+)`", result[1]) == guesses
    words = [line.en for line in describe_draws(10, 0, delays=True, guesses=["delay:rail"])]
    assert words[-1] == "spreads guessed: delays of trains; the shapes of all are guesses"
    assert not any("guess" in line.en for line in describe_draws(10, 0, delays=True, guesses=[]))


def test_all_problems_are_named_at_once() -> None:
    """Kind, level, missing and wild numbers of all rows in one message; unknown rows with those
    that are known.
    """
    wrong: dict[str, dict[str, Any]] = {
        "station_time": {"kind": "gamma", "per": "cell"},
        "feeder_speed": {"log_sd": -1},
        "drive_speed": {"log_sd": 3},
        "walk_speed": {"low": 1.2},
        "delay:rail": {"late_share": 1.5, "mean_min": 100},
        "delay:bus": {"kind": "lognormal"},
        "feeder_wait": {"median": True, "logsd": 0.1},
    }
    with pytest.raises(InputError) as error:
        default_uncertainty(None, wrong)
    text = str(error.value)
    for part in (
        "station_time: kind 'gamma' (allowed: none, lognormal, normal)",
        "station_time: per 'cell'",
        "feeder_speed: log_sd -1",
        "drive_speed: log_sd 3 (allowed: 0-2)",
        "walk_speed: low 1.2, mean 1, high 1.3",
        "late_share 1.5 (allowed: 0-1)",
        "mean_min 100 (allowed: 0-60)",
        "delay:bus: kind 'lognormal'",
        "feeder_wait: median True",
        "feeder_wait: unknown 'logsd' (allowed: kind, per, median, log_sd, mean, sd",
    ):
        assert part in text
    with pytest.raises(InputError, match=r"uncertainty\.weather: unknown, allowed: station_time"):
        default_uncertainty(None, {"weather": {}})


# --- late trains --------------------------------------------------------------------------------


@pytest.mark.parametrize("direction", ["to", "from"])
@each_seed(range(25))
def test_a_delayed_timetable_is_that_of_trains_at_other_times(
    seed: int, direction: Direction
) -> None:
    """On unkind random networks: shifting runs gives the journeys of a network whose trips have
    later times.
    """
    rng = Random(seed)
    net = random_network(rng)
    network = to_model(net)
    compiled = compile_network(network, default_assumptions(), date=DATE, footpaths=False)
    late = {trip: rng.choice((0, 0, 30, 60, 300, 1800)) for trip in network.trips.trip_ids}
    by_trip = np.array([late[t] for t in network.trips.trip_ids], np.int32)
    calls = network.stop_times
    times = (calls.arrival_s + by_trip[calls.trip_idx], calls.departure_s + by_trip[calls.trip_idx])
    moved = replace(
        network,
        stop_times=StopTimes(
            calls.trip_idx, calls.station_idx, *times, calls.pickup, calls.drop_off
        ),
    )
    other = compile_network(moved, default_assumptions(), date=DATE, footpaths=False)
    first = min(c.departure for t in net.trips for c in t) // MINUTE * MINUTE
    span = (first + rng.randrange(0, 3600, 60), first + 3 * 3600)
    targets = random_targets(rng, net)
    part = SearchedPart(compiled, direction, span, 1800 + 7200, 1800)
    shifted = part.on(DrawnDay(by_trip[compiled.run_trip]))
    one, two = (c.profiles(direction, targets, span, slack_s=1800) for c in (shifted, other))
    assert [one.pairs(x) for x in range(net.n_stations)] == [
        two.pairs(x) for x in range(net.n_stations)
    ]


def test_delays_go_by_mode_and_trip() -> None:
    """Rail, metro and bus each have their row; a trip that is added leaves the delays of the others
    as they were.
    """
    stations = {"a": (0.0, 0.0), "b": (9.0, 0.0)}
    trips = {"t1": [("a", "08:00"), ("b", "08:10")], "t2": [("a", "08:01"), ("b", "08:20")]}
    rows = default_uncertainty(
        None, {"delay:metro": {"kind": "none"}, "delay:bus": {"late_share": 1, "mean_min": 30}}
    )
    found = []
    for more in ({}, {"t0": [("a", "07:00"), ("b", "07:10")]}):
        every = {**more, **trips}
        kinds = {"t0": 2, "t1": 3, "t2": 1}
        network = small_network(stations, every, route_type={t: kinds[t] for t in every})
        compiled = compile_network(network, default_assumptions())
        late = Chance(rows, 0, 5, "x").late_s(compiled, range(1, 6))
        found.append(
            {
                name: late[:, k].tolist()
                for k, name in enumerate(run_ids(compiled))
                if "t0" not in name
            }
        )
        assert set(families_of(compiled)) == (
            {"bus", "metro", "rail"} if more else {"bus", "metro"}
        )
    assert found[0] == found[1]
    assert min(found[0]["0|t1"]) > 0
    assert found[0]["0|t2"] == [0] * 5


def test_runs_of_the_day_before_and_after_are_others() -> None:
    """A train of 1:00 runs on the day and on the next one, one of 25:30 also on the day before:
    delays of their own.
    """
    trips = {"early": [("a", "01:00"), ("b", "01:20")], "late": [("a", "25:30"), ("b", "25:50")]}
    compiled = compile_network(
        small_network({"a": (0.0, 0.0), "b": (9.0, 0.0)}, trips), default_assumptions()
    )
    assert sorted(run_ids(compiled)) == ["-1|late", "0|early", "0|late", "1|early"]


def test_draws_run_in_blocks_as_they_run_one_by_one(
    toy: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On threads and as tasks of an executor: seven draws in order, each with its own number and
    delays.
    """
    monkeypatch.setattr("railshed.uncertainty.draws.BLOCK_DRAWS", 2)
    run = railshed.prepare(toy)
    asked = study(case_of(run, toy.get_city("mid")), "door-to-station", "to", {}, n_draws=7)
    late = asked.chance.late_s(asked.case.compiled.schedule, range(1, 8))
    expected = [asked.inside(draw, late[draw - 1]) for draw in range(1, 8)]
    with ThreadPoolExecutor(3) as executor:
        for found in (list(asked.drawn(workers=2)), list(asked.drawn(executor=executor))):
            assert np.array_equal(found, expected)
    assert len({rail.tobytes() for rail, _ in expected}) > 3


# --- no variance is the deterministic run -------------------------------------------------------


def study(
    case: CityModel,
    reading: str | Reading,
    direction: str,
    given: Mapping[str, Mapping[str, Any]],
    n_draws: int = 2,
) -> InclusionStudy:
    rows = default_uncertainty(None, given)
    found = load_readings()[reading] if isinstance(reading, str) else reading
    return build_study(
        case, found, directions_of(direction), [3600], Chance(rows, 0, n_draws, case.city.slug)
    )


def assert_deterministic(
    case: CityModel, reading: str | Reading, direction: str, given: Mapping[str, Mapping[str, Any]]
) -> int:
    """Compare all draws with the surface of the same land, to the bit; return how many cells are
    inside in total.
    """
    asked = study(case, reading, direction, given)
    cells = cells_of(case, asked.land, asked.directions, 3600)
    plain = directed_surface(case, cells, asked.reading, direction, count_trips=False)
    near = plain.by_rail_s <= 3600
    for draw in (0, 1, 2):
        each = [Drawn(by_rail_s(side, draw), side.local_s(draw)) for side in asked.sides]
        by_rail = np.maximum.reduce([s.by_rail for s in each])
        assert np.array_equal(by_rail[near], plain.by_rail_s[near])
        assert (by_rail[~near] > 3600).all()
        local = np.maximum.reduce([s.local for s in each])
        assert np.array_equal(
            np.where(local <= 3600, local, -1), np.where(plain.local_s <= 3600, plain.local_s, -1)
        )
        rail, total = inside_one(asked, draw)
        assert np.array_equal(rail, near)
        assert np.array_equal(total, plain.total_s <= 3600)
    own = find_land([case], asked.directions, 3600)
    surface = directed_surface(
        case, cells_of(case, own, asked.directions, 3600), asked.reading, direction
    )
    inside = surface.total_s <= 3600
    mine = cell_keys(asked.land.row, asked.land.column)[plain.total_s <= 3600]
    assert np.array_equal(cell_keys(own.row, own.column)[inside], mine), "land was cut"
    return int(inside.sum())


def inside_one(asked: InclusionStudy, draw: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the cells within the one limit by rail and in total."""
    rail, total = asked.inside(draw, None)
    return rail[:, 0], total[:, 0]


def by_rail_s(side: Side, draw: int) -> np.ndarray:
    """Return seconds by rail at the reading's percentile, UNREACHED where there is no journey:
    minutes are ranked.
    """
    found = np.full(len(side.land), UNREACHED, np.int64)
    cells = side.minutes(draw, None)
    if cells is not None:
        ranks = percentile_ranks([side.reading.percentile], len(cells.minutes))
        for block in blocks_of(cells.cells.ptr):
            found[block] = cells.summarise(block, ranks, np.empty(0, np.int64))[0][:, 0]
    return found


class Drawn:
    def __init__(self, by_rail: np.ndarray, local: np.ndarray) -> None:
        self.by_rail, self.local = by_rail, local


@pytest.mark.parametrize("given", [NOTHING, NO_SPREAD], ids=["not drawn", "no spread"])
@pytest.mark.parametrize("direction", DIRECTIONS)
@pytest.mark.parametrize("reading", SURFACES)
def test_no_variance_on_the_toy(
    toy: Network, reading: str, direction: str, given: dict[str, dict[str, Any]]
) -> None:
    """By rail, without a ride and in total, all readings, all directions: seconds equal
    to the bit.
    """
    run = railshed.prepare(toy)
    case = case_of(run, "mid")
    assert assert_deterministic(case, reading, direction, given) > 100


@each_seed(range(12))
def test_no_variance_on_random_networks(seed: int) -> None:
    """So it is on unkind random networks, with and without rides counted."""
    rng = Random(seed)
    net = random_network(rng)
    targets = sorted(random_targets(rng, net))
    network = to_model(
        net, targets=targets, window_to=(8 * 3600, 9 * 3600), window_from=(8 * 3600, 9 * 3600)
    )
    assumptions = default_assumptions().with_access("walk", "bike")
    compiled = compile_network(network, assumptions, date=DATE)
    case = city_model(compiled, network.cities[0], assumptions, rng.choice((None, 0, 1)))
    for name in ("door-to-station", "turn-up-and-go"):
        reading = replace(load_readings()[name], legs="door-to-station")  # there is no centre
        assert_deterministic(case, reading, rng.choice(DIRECTIONS), NO_SPREAD)


@pytest.mark.china
@pytest.mark.parametrize("direction", ["to", "from"])
def test_no_variance_in_chengdu(direction: str, china_run: Analysis) -> None:
    """So it is on the China network, and the circle's own people and area are those of
    every draw.
    """
    run = china_run
    case = case_of(run, "chengdu")
    for reading in ("door-to-station", "door-to-door"):
        assert assert_deterministic(case, reading, direction, NO_SPREAD) > 1000
    found = run.inclusion("chengdu", direction=direction, n_draws=2, uncertainty=NOTHING)
    circle = railshed.circle(run, "chengdu", direction=direction)
    rows = circle.summary.readings["door-to-door"].table.at(60)
    for mine in found.table:
        theirs = rows[mine["kind"]]
        for what in ("mean", "central", "p10", "p90", "at_90", "at_10"):
            assert mine[f"people_{what}"] == theirs["people"]
            assert mine[f"area_km2_{what}"] == pytest.approx(theirs["area_km2"])


# --- a draw is a whole run under its own assumptions --------------------------------------------


def test_a_draw_is_the_run_with_other_station_times(toy: Network) -> None:
    """One factor for all stations of a draw: its surface is that of a case whose stations take so
    much longer.
    """
    given = {
        **NOTHING,
        "station_time": {"per": "city", "kind": "lognormal", "median": 1.0, "log_sd": 0.4},
    }
    run = railshed.prepare(toy)
    case = case_of(run, "mid")
    for reading in SURFACES:
        for direction in ("to", "from"):
            asked = study(case, reading, direction, given, n_draws=4)
            for draw in range(1, asked.chance.n_draws + 1):
                (factor,) = set(asked.sides[0].city.station_time[draw].tolist())
                times = {
                    name: StationTime(
                        round(t.entry_s * factor), round(t.exit_s * factor), t.change_s
                    )
                    for name, t in run.assumptions.station_times.items()
                }
                other = CityModel(
                    run.compiled,
                    case.city,
                    replace(run.assumptions, station_times=times),
                    case.cells,
                )
                plain = surface_on(other, asked, direction)
                rail, total = inside_one(asked, draw)
                assert np.array_equal(rail, plain.by_rail_s <= 3600)
                assert np.array_equal(total, plain.total_s <= 3600)


def surface_on(case: CityModel, asked: InclusionStudy, direction: str) -> Surface:
    cells = cells_of(case, asked.land, asked.directions, 3600)
    return directed_surface(case, cells, asked.reading, direction, count_trips=False)


def test_a_draw_is_the_run_with_other_speeds_and_waits(toy: Network) -> None:
    """Its surface is that of modes so much slower in the same caps, to a second (overheads are
    whole seconds there). No land is cut: what that run reaches without a ride is in the study's
    land, however fast the draw."""
    given = {
        **NOTHING, "feeder_speed": {"kind": "lognormal", "median": 1.0, "log_sd": 0.2},
        "walk_speed": {"kind": "normal", "mean": 1.0, "sd": 0.3, "low": 0.5, "high": 1.7},
        "bike_speed": {"kind": "normal", "mean": 1.0, "sd": 0.3, "low": 0.5, "high": 1.7},
        "feeder_wait": {"kind": "lognormal", "per": "city", "median": 1.0, "log_sd": 0.5},
    }  # fmt: skip
    run = railshed.prepare(toy)
    case = CityModel(run.compiled, toy.get_city("mid"), run.assumptions, run.cells)
    for reading in ("door-to-station", "door-to-door"):
        asked = study(case, reading, "to", given, n_draws=5)
        for draw in range(1, asked.chance.n_draws + 1):
            home = asked.sides[0].home
            speed, wait, walk, bike = (
                float(home.factors(name)[draw, 0])
                for name in ("feeder_speed", "feeder_wait", "walk_speed", "bike_speed")
            )
            other = replace(
                case, assumptions=with_factors(run.assumptions, speed, wait, walk, bike=bike)
            )
            plain = surface_on(other, asked, "to")
            rail, total = inside_one(asked, draw)
            early, late = (plain.by_rail_s <= 3600 + s for s in (-2, 2))
            assert not (rail & ~late).any()
            assert not (early & ~rail).any()
            own = find_land([other], ("to",), 3600)
            inside = surface_on_land(other, own, asked).local_s <= 3600 - 2
            _, known = find_keys(
                cell_keys(asked.land.row, asked.land.column), cell_keys(own.row, own.column)
            )
            assert known[inside].all()
            assert total.sum() >= inside.sum()


def surface_on_land(case: CityModel, land: Any, asked: InclusionStudy) -> Surface:
    cells = cells_of(case, land, ("to",), 3600)
    return directed_surface(case, cells, asked.reading, "to", count_trips=False)


def with_factors(
    assumptions: Assumptions,
    speed: float,
    wait: float,
    walk: float,
    cap_s: int | None = None,
    bike: float = 1.0,
) -> Assumptions:
    modes = {}
    for name, mode in assumptions.modes.items():
        feeder = name.startswith("feeder")
        factor = (
            speed if feeder else {"walk": walk, "bike": bike, "shared-bicycle": bike}.get(name, 1.0)
        )
        overhead = round(mode.overhead_s * (wait if feeder else 1.0))
        cap = mode.cap_s if cap_s is None else cap_s
        modes[name] = replace(
            mode, speed_kmh=mode.speed_kmh * factor, overhead_s=overhead, cap_s=cap
        )
    return replace(assumptions, modes=modes)


def test_both_ways_is_inside_each_way(toy: Network) -> None:
    """The same draw both ways: by rail there and back; the definition of `surfaces.both_ways`."""
    run = railshed.prepare(toy)
    case = case_of(run, "mid")
    asked = study(case, "door-to-station", "both", {}, n_draws=3)
    for draw in range(1, asked.chance.n_draws + 1):
        rail, total = inside_one(asked, draw)
        to, back = (Drawn(by_rail_s(side, draw), side.local_s(draw)) for side in asked.sides)
        empty = directed_surface(
            case, cells_of(case, asked.land, ("to",), 3600), asked.reading, "to"
        )
        one, other = (replace(empty, by_rail_s=s.by_rail, local_s=s.local) for s in (to, back))
        assert np.array_equal(rail, both_ways(one, other).by_rail_s <= 3600)
        assert np.array_equal(total, both_ways(one, other).total_s <= 3600)


# --- on streets ---------------------------------------------------------------------------------


def blocks(seed: int) -> Streets:
    """Streets every 500 m between 3 km west of A and 3 km east of C: crooked, some one-way for
    cars, some for bikes.
    """
    rng = np.random.default_rng(seed)
    east, north = (
        a.ravel() for a in np.meshgrid(np.arange(-3.0, 23.1, 0.5), np.arange(-3.0, 3.1, 0.5))
    )
    lon, lat = place(east + rng.normal(0, 0.05, len(east)), north + rng.normal(0, 0.05, len(north)))
    wide = len(np.arange(-3.0, 23.1, 0.5))
    number = np.arange(len(east))
    pairs = [(number[east < 22.9], 1), (number[north < 2.9], wide)]
    tail = np.concatenate([nodes for nodes, _ in pairs])
    head = np.concatenate([nodes + step for nodes, step in pairs])
    selected = rng.random(len(tail)) < 0.9
    tail, head = tail[selected], head[selected]
    metres = (
        1000
        * np.hypot(east[tail] - east[head], north[tail] - north[head])
        * rng.uniform(1, 1.4, len(tail))
    )
    every = WALK | BIKE | DRIVE | SNAP
    back = rng.choice([every, every & ~DRIVE, every & ~BIKE], len(tail)).astype(np.uint8)
    speed = rng.choice([20.0, 30.0, 50.0], len(tail))
    bits = np.full(len(tail), every, np.uint8)
    return build_streets(
        Segments(number + 1, lon, lat, tail + 1, head + 1, metres, bits, back, speed, speed)
    )


def on_streets(seed: int, assumptions: Assumptions) -> CityModel:
    """A city at C, 20 km east of A, with two centres; B lies off the streets; trains from A and B
    every 15 min.
    """
    stations = {
        "a": Station("a", "A", *place(0.1, 0.2), station_class="metro", feeder="bus"),
        "b": Station("b", "B", *place(-9.0, 0.0), station_class="metro", feeder="bus"),
        "c": Station("c", "C", *place(20.0, 0.1), station_class="metro", feeder="metro"),
    }
    trips: dict[str, Any] = {}
    for hour in (7, 8, 17, 18):
        for minute in (0, 15, 30, 45):
            clock = [f"{hour:02d}:{minute + k:02d}" for k in (0, 5, 14)]
            trips[f"in{clock[0]}"] = list(zip("bac", clock, strict=True))
            trips[f"out{clock[0]}"] = list(zip("cab", clock, strict=True))
    lon, lat = place(21.0, 1.0)
    far, south = place(20.0, -8.0)
    centres = (Centre("One", "One", lon, lat), Centre("Two", "Two", far, south))
    city = City("core", "C", "C", ("c",), centres, (27_000, 32_400), (61_200, 66_600))
    network = small_network(stations, trips, route_type=2, cities=(city,))
    return city_model(compile_network(network, assumptions), city, assumptions, None, blocks(seed))


@pytest.fixture
def empty_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("RAILSHED_CACHE_DIR", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.mark.usefixtures("empty_cache")
@pytest.mark.parametrize("direction", DIRECTIONS)
@pytest.mark.parametrize("reading", SURFACES)
def test_no_variance_on_streets(reading: str, direction: str) -> None:
    """With crooked streets, one-ways, stations on and off them: the deterministic seconds to the
    bit.
    """
    assumptions = default_assumptions().with_access(
        "walk", "bike", "feeder", "kiss-and-ride", egress=["walk", "drive"]
    )
    assert assert_deterministic(on_streets(1, assumptions), reading, direction, NO_SPREAD) > 50


@pytest.mark.usefixtures("empty_cache")
def test_a_draw_on_streets_is_the_run_with_other_speeds() -> None:
    """Where no cap binds: walks to the streets, buses and cars by their drawn speeds, to
    a second.
    """
    given = {
        **NOTHING, "feeder_speed": {"kind": "lognormal", "median": 1.0, "log_sd": 0.2},
        "walk_speed": {"kind": "normal", "mean": 1.0, "sd": 0.3, "low": 0.6, "high": 1.7},
        "drive_speed": {"kind": "lognormal", "median": 1.0, "log_sd": 0.2},
    }  # fmt: skip
    base = default_assumptions().with_access("walk", "feeder", "drive")
    case = on_streets(2, with_factors(base, 1.0, 1.0, 1.0, 7200))
    for reading in ("door-to-station", "door-to-door"):
        asked = study(case, reading, "to", given, n_draws=3)
        for draw in range(1, asked.chance.n_draws + 1):
            home = asked.sides[0].home
            speed, drive, walk = (
                float(home.factors(name)[draw, 0])
                for name in ("feeder_speed", "drive_speed", "walk_speed")
            )
            other = with_factors(base, speed, 1.0, walk, 3600)
            mode = other.modes["drive"]
            mode = replace(
                mode, street_factor=mode.street_factor * drive, speed_kmh=mode.speed_kmh * drive
            )
            other = replace(other, modes={**other.modes, "drive": mode})
            plain = surface_on(replace(case, assumptions=other), asked, "to")
            rail, total = inside_one(asked, draw)
            for mine, theirs in ((rail, plain.by_rail_s), (total, plain.total_s)):
                assert mine.any()
                assert not (mine & (theirs > 3602)).any()
                assert not ((theirs <= 3598) & ~mine).any()


def test_draws_leave_nothing_in_the_cache(empty_cache: Path) -> None:
    """Tables of drawn days are made once and held; none is written to the disk cache."""
    case = on_streets(3, default_assumptions())
    rows = default_uncertainty()
    found = inclusion_of(
        case, load_readings()["door-to-station"], "to", rows, cutoff_min=60, n_draws=5
    )
    assert 0 < found.probability().max() <= 1
    assert any("streets" in line for line in found.definition["en"])
    assert not list(empty_cache.rglob("*.arrays"))


# --- shares by hand -----------------------------------------------------------------------------


def one_train_a(
    minutes: int, ride: int, deadline: tuple[int, int], entry_s: int
) -> tuple[Network, Assumptions]:
    """A city of one core station 90 km from A; a train leaves A every so many minutes; no exit,
    walks only.
    """
    trips: dict[str, Any] = {}
    start = deadline[0] // 60 - 3 * 60
    for k, clock in enumerate(range(start, deadline[1] // 60, minutes)):
        leave, there = (f"{t // 60:02d}:{t % 60:02d}" for t in (clock, clock + ride))
        trips[f"t{k}"] = [("a", leave), ("c", there)]
    stations = {"a": Station("a", "A", *place(0.0), station_class="halt"),
                "c": Station("c", "C", *place(90.0), station_class="metro")}  # fmt: skip
    city = City("core", "C", "C", ("c",), (), window_to=deadline)
    network = small_network(stations, trips, route_type=2, cities=(city,))
    base = default_assumptions().with_access("walk")
    times = {
        **base.station_times,
        "halt": StationTime(entry_s, entry_s, 0),
        "metro": StationTime(0, 0, 0),
    }
    return network, replace(base, station_times=times, cell_size_m=100)


def walk_s(found: Inclusion) -> np.ndarray:
    """Seconds on foot between each cell and A: 1.3 m a whole straight metre on the ellipsoid at
    1.25 m/s.
    """
    return np.ceil(metres_from_a(found) * 1.3 / 1.25 - 1e-6)


def metres_from_a(found: Inclusion) -> np.ndarray:
    """Whole metres between each cell and A."""
    land = found.counts.land
    lon, lat = land.grid.unproject(*land.grid.centre(land.row, land.column))
    at = (np.full(len(land), degrees) for degrees in place(0.0))
    return np.rint(Geod(ellps="WGS84").inv(*at, lon, lat)[2])


@pytest.mark.slow
def test_a_place_inside_below_a_station_time() -> None:
    """Ride 30 min, 10 min in the station as assumed; a train every 5 min is 0 to 4 min early, 2 at
    the 30th of 60 deadlines, half of which counts: a cell at w seconds on foot is inside where the
    drawn time is at most 29 min - w. Its share is the lognormal's distribution function there,
    within three standard errors; and it is exactly the share of the factors that were drawn."""
    network, assumptions = one_train_a(5, 30, (9 * 3600, 10 * 3600), 600)
    run = railshed.prepare(network, assumptions=assumptions)
    given = {**NOTHING, "station_time": {"kind": "lognormal", "median": 1.0, "log_sd": 0.5}}
    n = 2_000
    found = run.inclusion("core", n_draws=n, seed=11, uncertainty=given)
    walk = walk_s(found)
    near = walk <= 900
    assert near.sum() > 200
    p = found.probability("by_rail")
    assert (p[~near] == 0).all()
    for seconds in np.unique(walk[near]).tolist():
        mine = p[walk == seconds]
        expected = NormalDist().cdf(log((1740 - seconds + 0.5) / 600) / 0.5)
        assert abs(mine - expected).max() <= 3 * (expected * (1 - expected) / n) ** 0.5
    drawn = row("station_time", **given["station_time"]).draw(11, ["a"], range(n))[0]
    exact = (np.rint(600 * drawn)[:, None] <= 1740 - walk[near]).mean(axis=0)
    assert np.array_equal(p[near], exact)
    assert found.standard_error("by_rail") == pytest.approx(np.sqrt(p * (1 - p) / n))


@pytest.mark.slow
def test_a_single_train_five_minutes_before_the_deadline() -> None:
    """Deadline 09:00, one train 08:05-08:55, six in ten late by 5 min on average: on time with 1 -
    0.6/e, and with more delay never more often. Half of the minutes early counts: places up to 450
    s on foot from it are inside with any train on time, those beyond less often, as the train has
    to be late; beyond 10 min they are out on every day."""
    network, assumptions = one_train_a(1_000, 50, (9 * 3600, 9 * 3600 + 60), 0)
    calls = network.stop_times  # the builder's train leaves at 06:00
    moved = [(t + 125 * 60).astype(np.int32) for t in (calls.arrival_s, calls.departure_s)]
    network = replace(network, stop_times=replace(calls, arrival_s=moved[0], departure_s=moved[1]))
    run = railshed.prepare(network, assumptions=assumptions)
    n, shares = 1_000, []
    for mean in (1, 2, 5, 20):
        given = {
            **NOTHING,
            "delay:rail": {"kind": "exponential", "mean_min": mean, "late_share": 0.6},
        }
        found = run.inclusion("core", n_draws=n, uncertainty=given)
        p, walk = found.probability("by_rail"), walk_s(found)
        (share,) = set(p[walk <= 450].tolist())
        assert (p[walk > 600] == 0).all()
        assert (p[(walk > 450) & (walk <= 600)] < share).all()
        expected = 1 - 0.6 * exp(-300.5 / (mean * 60))  # delays are whole seconds
        assert abs(share - expected) <= 3 * (expected * (1 - expected) / n) ** 0.5
        shares.append(share)
    assert shares == sorted(shares, reverse=True)
    assert len(set(shares)) == 4


def test_a_line_that_is_added_moves_no_number() -> None:
    """Stations and trips in another order, and a line more out of reach: every draw of the city
    stays as it was.
    """
    network, assumptions = one_train_a(30, 30, (9 * 3600, 10 * 3600), 300)
    trips: dict[str, Any] = {}
    for k in range(len(network.trips.trip_ids)):
        mine = network.stop_times.trip_idx == k
        trips[network.trips.trip_ids[k]] = [
            (network.stations[s].station_id, f"{t // 3600:02d}:{t % 3600 // 60:02d}")
            for s, t in zip(
                network.stop_times.station_idx[mine],
                network.stop_times.departure_s[mine],
                strict=True,
            )
        ]
    stations: dict[str, Any] = {s.station_id: s for s in network.stations}
    more = {"0far": [("0x", "08:00"), ("zz", "08:20")], **dict(reversed(trips.items()))}
    wider = {"zz": (500.0, 400.0), **dict(reversed(stations.items())), "0x": (480.0, 400.0)}
    given = {"delay:rail": {"late_share": 0.9, "mean_min": 20}}
    found = []
    cells = NetworkCells(
        network, assumptions.cell_size_m
    )  # as a scenario has it: the far stations move no cell
    for s, t in ((stations, trips), (wider, more)):
        other = small_network(s, t, route_type=2, cities=network.cities)
        run = railshed.prepare(other, assumptions=assumptions).changed(cells=cells)
        found.append(run.inclusion("core", n_draws=40, cutoff_min=45, uncertainty=given))
    assert np.array_equal(found[0].draws_inside["by_rail"], found[1].draws_inside["by_rail"])
    assert np.array_equal(found[0].sums["total"], found[1].sums["total"], equal_nan=True)
    assert found[0].probability().max() > 0
    assert len(np.unique(found[0].draws_inside["by_rail"])) > 5


def test_a_late_train_may_be_the_one_that_is_caught() -> None:
    """Hindsight: two minutes to change, no train on for an hour; with the first train late the
    change is missed, with the second late too it is caught. Near stations are those of every draw,
    not of the timetable alone."""
    stations = {
        "a": Station("a", "A", *place(0.0), station_class="metro", change_s=120),
        "b": Station("b", "B", *place(30.0), station_class="metro", change_s=120),
        "c": Station("c", "C", *place(60.0), station_class="metro", change_s=120),
    }
    trips: dict[str, Any] = {
        "one": [("a", "08:10"), ("b", "08:30")],
        "two": [("b", "08:31"), ("c", "08:50")],
    }
    network = small_network(
        stations,
        trips,
        route_type=2,
        cities=(City("core", "C", "C", ("c",), (), window_to=(32_400, 32_460)),),
    )
    given = {**NOTHING, "delay:rail": {"kind": "exponential", "mean_min": 5, "late_share": 0.5}}
    run = railshed.prepare(network, access=["walk"])
    found = run.inclusion("core", n_draws=500, uncertainty=given)
    at_a = metres_from_a(found) < 300
    assert at_a.any()
    assert not found.central["by_rail"][at_a].any()
    late = row("delay:rail", **given["delay:rail"]).draw(0, ["0|one", "0|two"], range(500))
    caught = (late[1] - late[0] >= 60) & (late[1] <= 480)
    assert 0 < caught.sum() < 250
    assert found.draws_inside["by_rail"][at_a].max() == caught.sum()


# --- the result ---------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def found(toy: Network) -> Inclusion:
    return railshed.prepare(toy).inclusion("mid", n_draws=70, seed=5)


def test_the_first_draws_of_more_are_the_draws_of_fewer(toy: Network, found: Inclusion) -> None:
    """And threads change nothing; another seed does."""
    fewer = railshed.prepare(toy).inclusion("mid", n_draws=20, seed=5, workers=1)
    again = railshed.prepare(toy).inclusion("mid", n_draws=70, seed=5, workers=3)
    other = railshed.prepare(toy).inclusion("mid", n_draws=70, seed=6)
    for kind in KINDS:
        assert np.array_equal(fewer.sums[kind], found.sums[kind][:21])
        assert np.array_equal(again.draws_inside[kind], found.draws_inside[kind])
        assert not np.array_equal(other.sums[kind], found.sums[kind])
    assert again.summary == found.summary


def test_shares_people_and_area_agree(found: Inclusion) -> None:
    """The mean over draws is the sum of shares; levels are nested; by rail lies within total."""
    land = found.counts.land
    people = found.counts.people
    assert people is not None
    each = people.per_cell(len(land))
    for row_, kind in zip(found.table, KINDS, strict=True):
        p = found.probability(kind)
        assert row_["area_km2_mean"] == pytest.approx(p.sum() * land.grid.cell_km2, abs=1e-4)
        assert abs(row_["people_mean"] - (p * each).sum()) <= 0.5 + 1e-6
        assert row_["people_p10"] <= row_["people_mean"] <= row_["people_p90"]
        assert row_["people_at_90"] <= row_["people_at_50"] <= row_["people_at_10"]
        assert (found.within(0.9, kind) == (p >= 0.9)).all()
    assert (found.draws_inside["by_rail"] <= found.draws_inside["total"]).all()
    assert 0 < (found.probability("by_rail") > 0).sum() < len(land)


def test_polygons_and_cells(found: Inclusion, tmp_path: Any) -> None:
    """Polygons of falling levels cover each other and hold the centres of their cells; both layers
    are written.
    """
    import shapely

    land = found.counts.land
    x, y = land.grid.centre(land.row, land.column)
    for kind in KINDS:
        shapes = found.shapes(kind)
        assert list(shapes) == list(LEVELS)
        inner = shapely.MultiPolygon()
        for level, shape in shapes.items():
            assert inner.difference(shape).area < 1e-3
            assert np.array_equal(shapely.contains_xy(shape, x, y), found.within(level, kind))
            inner = shape
    frame = found.cells
    assert len(frame) == ((found.draws_inside["total"] > 0) | found.central["total"]).sum()
    assert frame["probability_total"].max() == 1
    assert len(found.polygons) == 6
    one, two = (found.to_file(tmp_path / f"{k}.gpkg")[0].read_bytes() for k in (1, 2))
    assert one == two
    assert "<Inclusion mid door-to-door to 60 min: 70 draws, seed 5" in repr(found)


def test_few_draws_have_polygons_too(toy: Network) -> None:
    """One draw: a place is inside or not, and all levels are the same."""
    found = railshed.prepare(toy).inclusion("mid", n_draws=1)
    areas = {round(shape.area) for shape in found.shapes("total").values()}
    assert len(areas) == 1


def test_what_was_drawn_is_told(found: Inclusion) -> None:
    """Per row: distribution, source, number, mean and ends of the values; the seed; that delays are
    hindsight.
    """
    rows = {r["row"]: r for r in found.drawn}
    assert list(rows) == list(ROWS)
    assert rows["feeder_speed"]["n_drawn"] == 70
    assert rows["station_time"]["n_drawn"] % 70 == 0
    for r in rows.values():
        assert r["source"]
        if r["n_drawn"]:
            assert r["drawn_min"] <= r["drawn_mean"] <= r["drawn_max"]
    summary = found.summary
    assert (summary["seed"], summary["draws"]) == (5, 70)
    assert any("hindsight" in line for line in summary["definition_en"])
    assert any("事后" in line for line in summary["definition_zh"])
    assert summary["largest_standard_error"] == pytest.approx(0.5 / 70**0.5, abs=1e-6)


@pytest.mark.parametrize(
    ("access", "egress", "reading", "moving"),
    [
        (["walk"], None, "door-to-station", {"walk_speed"}),
        (["bike"], ["walk", "drive"], "door-to-station", {"bike_speed"}),
        (["bike"], ["walk", "drive"], "door-to-door", {"bike_speed", "walk_speed", "drive_speed"}),
        (
            ["park-and-ride", "feeder"],
            ["shared-bicycle"],
            "door-to-door",
            {"drive_speed", "feeder_speed", "feeder_wait", "bike_speed"},
        ),
    ],
)
def test_rows_of_modes_in_use_are_drawn_and_named(
    toy: Network, access: list[str], egress: list[str] | None, reading: str, moving: set[str]
) -> None:
    """Speeds and waits of the modes at both ends, no others; guesses are named where they are
    drawn.
    """
    run = railshed.prepare(toy, access=access, egress=egress)
    found = run.inclusion("mid", reading=reading, n_draws=2)
    drawn = {r["row"] for r in found.drawn if r["n_drawn"]}
    always = {
        "station_time",
        "class_time",
        "change_time",
        "run_time",
        "phase",
    }  # the toy has a line by headway
    assert {name for name in drawn if not name.startswith("delay:")} == moving | always
    guesses = [
        name
        for name, row in default_uncertainty().items()
        if row.status == "guess" and name in drawn
    ]
    names = [phrase(f"drawn_{name.replace(':', '_')}").en for name in guesses]
    assert (
        f"spreads guessed: {', '.join(names)}; the shapes of all are guesses"
        in found.definition["en"]
    )


def test_a_network_without_a_timetable() -> None:
    """Stations and feeders are drawn on a network of links too; its trains are never late."""
    import networkx as nx

    graph = nx.DiGraph()
    for name, east in (("a", 0.0), ("b", 40.0)):
        lon, lat = place(east)
        graph.add_node(name, x=lon, y=lat)
    for u, v in (("a", "b"), ("b", "a")):
        graph.add_edge(u, v, seconds=1500, headway_s=600, line="L")
    network = railshed.from_networkx(graph)
    city = City("core", "B", "B", ("b",), ())
    run = railshed.prepare(network)
    case = case_of(run, city)
    assert_deterministic(case, "door-to-station", "to", NO_SPREAD)
    found = run.inclusion(city, n_draws=20)
    p = found.probability("by_rail")
    assert ((p > 0) & (p < 1)).any()
    assert not any("hindsight" in line for line in found.definition["en"])


def test_what_is_refused(toy: Network) -> None:
    """All that is wrong in one message."""
    with pytest.raises(ParameterError) as error:
        railshed.prepare(toy).inclusion(
            "mid",
            n_draws=0,
            seed=1.5,
            direction="out",
            cutoff_min=130,  # type: ignore[arg-type]
        )
    for part in ("draws 0", "seed 1.5", "direction 'out'", "cutoff_min 130"):
        assert part in str(error.value)
    with pytest.raises(ParameterError, match="station-to-station has no surface"):
        railshed.prepare(toy).inclusion("mid", reading="station-to-station")
    with pytest.raises(ParameterError, match="kind 'local'"):
        railshed.prepare(toy).inclusion("mid", n_draws=1).probability("local")


def test_a_stop_drops_what_has_not_begun() -> None:
    """An error or Ctrl-C in one draw ends the run: no thread is left, later draws are not
    computed.
    """
    done: list[int] = []
    gate = threading.Event()

    def job(k: int) -> int:
        if k == 1:
            raise KeyboardInterrupt
        if k > 1:
            gate.wait(0.01)
        done.append(k)
        return k

    results = map_in_threads(job, range(500), 2)
    assert next(results) == 0
    with pytest.raises(KeyboardInterrupt):
        next(results)
    assert len(done) < 400
    assert list(map_in_threads(job, (2, 3), 1)) == [2, 3]


def test_progress_is_shown_on_request(toy: Network, capsys: pytest.CaptureFixture[str]) -> None:
    """A bar on standard error when asked for; nothing otherwise."""
    railshed.prepare(toy).inclusion("mid", n_draws=2)
    assert capsys.readouterr() == ("", "")
    railshed.prepare(toy).inclusion("mid", n_draws=2, progress=True)
    out, err = capsys.readouterr()
    assert out == ""
    assert "2/2" in err


# --- circles and the command line ---------------------------------------------------------------


def test_a_circle_has_draws_of_its_headline(toy: Network) -> None:
    """The same as `inclusion` of its reading, direction and cutoff; its map has a band a level, and
    says the seed.
    """
    circle = railshed.circle(toy, "mid", direction="from", cutoffs=[30, 45])
    given = {"walk_speed": {"kind": "none"}}
    mine = circle.inclusion(12, 3, uncertainty=given)
    other = railshed.prepare(toy).inclusion(
        "mid", direction="from", cutoff_min=45, n_draws=12, seed=3, uncertainty=given
    )
    assert mine.summary == other.summary
    texts = [
        t.get_text()
        for t in circle.plot_inclusion(mine, MapStyle("en")).findobj(
            lambda a: hasattr(a, "get_text")
        )
    ]
    for part in (
        "how often within 45 min",
        "inside in 90% of draws or more",
        "inside in 10% of draws or more",
        "seed 3",
    ):
        assert any(part in text for text in texts), part


@pytest.mark.slow
def test_draws_on_the_command_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """Table, files, figures and sources in run.json, the same bytes twice; numbers out of range are
    refused.
    """
    command = command_line(monkeypatch, capsys)
    outs = [tmp_path / name for name in ("one", "two")]
    for out in outs:
        done = command(
            "circle",
            "mid",
            "-n",
            "toy",
            "--days",
            8,
            "--draws",
            3,
            "--seed",
            4,
            "-o",
            out,
            "--no-progress",
        )
        assert done.code == 0, done.err
        assert "how often within 60 min" in done.out
        assert "8 draws (seed 4)" in done.out
        assert "80 % of 3 draws" in done.out
    names = sorted(f.name for f in outs[0].iterdir() if "inclusion" in f.name)
    assert names == ["mid_inclusion.csv", "mid_inclusion.gpkg", "mid_inclusion.png"]
    for name in (*names[:2], "run.json"):
        assert (outs[0] / name).read_bytes() == (outs[1] / name).read_bytes()
    run = json.loads((outs[0] / "run.json").read_text(encoding="utf-8"))
    assert [run["parameters"][name] for name in ("days", "draws")] == [8, 3]
    assert [row["n_draws"] for row in run["results"][0]["intervals"]] == [3, 3]
    assert run["results"][0]["inclusion"]["seed"] == 4
    rows = [r for r in run["assumption_sources"] if r["what"].startswith("uncertainty.")]
    assert len({r["what"].split(".")[1] for r in rows}) == len(ROWS)
    assert all(r["source"] and r["status"] for r in rows)
    plain = json.loads(command("circle", "mid", "-n", "toy", "--draws", 0, "--json").out)["cities"][
        0
    ]
    assert "inclusion" not in plain
    assert plain["intervals"] == []
    for option in ("--draws", "--days"):
        wrong = command("circle", "mid", "-n", "toy", option, -1)
        assert_mistake(wrong, f"{option} -1: allowed are 0 (none) to 10,000")
