"""The interval around a headline: a fixed factor is the circle under it; phases, run times and
changes by hand.
"""

from __future__ import annotations

from dataclasses import replace
from random import Random
from typing import Any

import numpy as np
import pytest

import railshed
from railshed import Network
from railshed.assumptions.assumptions import Assumptions, StationTime, default_assumptions
from railshed.assumptions.distributions import ROWS
from railshed.network.lines import Line, LineStop, Period, add_lines
from railshed.network.model import Station, Transfers
from railshed.routing.compile import compile_network
from railshed.routing.directions import Direction
from railshed.uncertainty.drawn_timetables import DrawnDay, SearchedPart
from railshed.uncertainty.intervals import FIGURES
from tests.support.random_networks import DATE, random_network, random_targets, to_model
from tests.support.seeds import each_seed
from tests.support.small_networks import place, small_network

HOURS = (6 * 3600, 10 * 3600)


def with_rows(network: Network, **rows: dict[str, Any]) -> Network:
    """Return the network with these rows drawn and no other."""
    every = {name: {"kind": "none"} for name in ROWS} | rows
    return replace(network, assumptions={**network.assumptions, "uncertainty": every})


def fixed(factor: float) -> dict[str, Any]:
    return {"kind": "normal", "per": "city", "mean": factor, "sd": 0, "low": factor, "high": factor}


def slower(assumptions: Assumptions, factor: float, *names: str) -> Assumptions:
    """Return the assumptions with these modes at another speed."""
    modes = {
        name: replace(mode, speed_kmh=mode.speed_kmh * factor) if name in names else mode
        for name, mode in assumptions.modes.items()
    }
    return replace(assumptions, modes=modes)


@pytest.mark.parametrize("direction", ["to", "from", "both"])
@pytest.mark.parametrize(
    ("row", "factor", "modes"),
    [
        ("bike_speed", 0.8, ("bike", "shared-bicycle")),
        ("bike_speed", 1.2, ("bike", "shared-bicycle")),
        ("walk_speed", 0.75, ("walk",)),
        ("feeder_speed", 1.25, ("feeder:bus", "feeder:metro", "feeder:metro-small")),
    ],
)
def test_a_draw_with_a_fixed_factor_is_the_circle_under_it(
    toy: Network, row: str, factor: float, modes: tuple[str, ...], direction: str
) -> None:
    """Speeds within their caps, targets of the egress included: people by part and km2 at 60 and 90
    of every draw.

    Walks between stations are no ways to doors: they are those of the network as it is.
    """
    run = railshed.prepare(toy)
    under = run.changed(assumptions=slower(run.assumptions, factor, *modes))
    asked: dict[str, Any] = {"direction": direction, "reading": "door-to-door"}
    plain, moved = (railshed.circle(one, "mid", draws=0, **asked) for one in (under, run))
    drawn = railshed.circle(with_rows(toy, **{row: fixed(factor)}), "mid", draws=3, **asked)
    rows = plain.summary.readings["door-to-door"].table
    for interval in drawn.summary.intervals:
        expected = {name: rows.at(interval.cutoff_min)["by_rail"][name] for name in FIGURES}
        assert interval.low == interval.high == pytest.approx(expected)
    assert not np.array_equal(plain.surface.by_rail_s, moved.surface.by_rail_s)


def test_station_times_of_a_class_and_of_a_station_multiply(toy: Network) -> None:
    """Twice the time by class and half of it by station: the circle as it is.

    By class alone: that of slow stations.
    """
    times = default_assumptions(toy.assumptions).station_times
    double = {
        name: StationTime(2 * t.entry_s, 2 * t.exit_s, t.change_s) for name, t in times.items()
    }
    as_it_is, under = (
        railshed.circle(
            toy,
            "mid",
            draws=0,
            assumptions=replace(default_assumptions(toy.assumptions), station_times=t),
        )
        for t in (times, double)
    )
    twice = {"kind": "lognormal", "per": "class", "median": 2, "log_sd": 0}
    half = {"kind": "lognormal", "per": "station", "median": 0.5, "log_sd": 0}
    both = railshed.circle(with_rows(toy, class_time=twice, station_time=half), "mid", draws=1)
    alone = railshed.circle(with_rows(toy, class_time=twice), "mid", draws=1)
    for found, plain in ((both, as_it_is), (alone, under)):
        for interval in found.summary.intervals:
            row = plain.summary.readings["door-to-door"].table.at(interval.cutoff_min)["by_rail"]
            assert interval.low["people_outside_city"] == row["people_outside_city"]
    assert as_it_is.summary.corners[0].central != under.summary.corners[0].central


def line_network(headway_s: int, phase_s: int, pace: float) -> Network:
    """Stations A, B, C in a row; a line by headway from 6 to 10 o'clock that runs 10 and 20
    minutes, times `pace`.
    """
    stations = {
        k: Station(k, k.upper(), *place(10.0 * i), station_class="metro")
        for i, k in enumerate("abc")
    }
    base = small_network(stations, {"t": [("c", "05:00"), ("b", "05:30")]}, route_type=1)
    runs = (0, round(600 * pace), round(1200 * pace))
    stops = tuple(LineStop(s, run) for s, run in zip(base.stations, runs, strict=True))
    period = Period(*HOURS, headway_s, (phase_s, phase_s))
    return add_lines(base, [Line("x", "X", stops, (period,), route_type=1)])


@pytest.mark.parametrize("direction", ["to", "from"])
@pytest.mark.parametrize(("phase", "pace"), [(0.0, 1.2), (0.25, 1.0), (-0.5, 1.0), (0.25, 0.9)])
def test_lines_known_by_headway_in_another_phase_and_at_another_pace(
    direction: Direction, phase: float, pace: float
) -> None:
    """A headway of 8 min: a quarter of it later, half of it earlier; ten minutes become 12 or 9.

    Trips stay.
    """
    compiled, other = (
        compile_network(
            line_network(480, 240 + round(480 * p), q), default_assumptions(), footpaths=False
        )
        for p, q in ((0.0, 1.0), (phase, pace))
    )
    span = 7 * 3600, 9 * 3600
    part = SearchedPart(compiled, direction, span, 2 * 3600, 1800)
    assert part.lines == ["x:0", "x:1"]
    moved = part.on(DrawnDay(None, np.full(2, phase), np.full(2, pace)))
    one, two = (c.profiles(direction, {2: 0}, span, slack_s=0) for c in (moved, other))
    assert [one.pairs(x) for x in range(3)] == [two.pairs(x) for x in range(3)]
    assert one.pairs(0)


@pytest.mark.parametrize("direction", ["to", "from"])
@each_seed(range(15))
def test_changes_and_walks_at_another_pace(seed: int, direction: Direction) -> None:
    """Half as long again, on unkind random networks: the journeys of a network with these changes
    and transfers.
    """
    rng = Random(seed)
    net = random_network(rng)
    network = to_model(net)
    listed = network.transfers
    longer = np.where(listed.seconds < 10**6, np.rint(listed.seconds * 1.5), listed.seconds).astype(
        np.int32
    )
    other = replace(network, transfers=Transfers(listed.from_idx, listed.to_idx, longer))
    compiled, slow = (
        compile_network(n, default_assumptions(), date=DATE, footpaths=False, change_s=s)
        for n, s in ((network, 60), (other, 90))
    )
    first = min(c.departure for t in net.trips for c in t) // 60 * 60
    span = (first + rng.randrange(0, 3600, 60), first + 3 * 3600)
    part = SearchedPart(compiled, direction, span, 1800 + 7200, 0)
    targets = random_targets(rng, net)
    moved = part.on(DrawnDay(change=np.full(network.n_stations, 1.5)))
    one, two = (c.profiles(direction, targets, span, slack_s=1800) for c in (moved, slow))
    assert [one.pairs(x) for x in range(net.n_stations)] == [
        two.pairs(x) for x in range(net.n_stations)
    ]


def test_an_interval_is_that_of_its_seed(toy: Network) -> None:
    """The same draws again; other ones by another seed; none by 0 draws, which leaves every other
    figure alone.
    """
    found = [railshed.circle(toy, "mid", draws=12, seed=seed) for seed in (1, 1, 2)]
    one, again, other = (circle.summary.to_dict() for circle in found)
    assert one == again
    assert one["intervals"] != other["intervals"]
    assert [row["cutoff_min"] for row in one["intervals"]] == [60, 90]
    assert all(
        row["low"][name] <= row["high"][name] for row in one["intervals"] for name in FIGURES
    )
    none = railshed.circle(toy, "mid", draws=0)
    assert none.interval is None
    assert none.summary.to_dict() == {**one, "intervals": []}
