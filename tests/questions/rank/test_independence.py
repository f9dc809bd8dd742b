"""Lines that have nothing to do with each other: circles put together from blocks are those of full
runs.
"""

from __future__ import annotations

import math
from dataclasses import replace
from functools import cache
from itertools import combinations, pairwise
from random import Random

import numpy as np
import pytest

import railshed
from railshed.comparisons.incremental.city_change import Footprint
from railshed.comparisons.objective import objective_of
from railshed.network.cities import Centre, City
from railshed.network.model import Station
from railshed.questions.rank.independence import find_blocks
from railshed.questions.rank.portfolio import Portfolio
from railshed.questions.rank.set_functions import attribute
from railshed.scenario.files import scenario_from_dict
from railshed.scenario.plan import with_seed
from tests.support.small_networks import place, small_network


def hourly(ends, minutes, every):
    """Return trips between two stations, both ways, from 6 to 10."""
    trips = {}
    for a, b in (ends, ends[::-1]):
        for start in range(360, 600, every):
            clock = [
                (s, f"{(start + m) // 60:02d}:{(start + m) % 60:02d}")
                for s, m in ((a, 0), (b, minutes))
            ]
            trips[f"{a}-{b}-{start}"] = clock
    return trips


def world(seed, n=4):
    """Return a network around two cities, and lines: outward, onward, across, side by side, with
    new core stations.
    """
    rng = Random(seed)
    at = {"core": (0.0, 0.0), "other": (rng.choice((3.0, 60.0)), 0.0)}
    for k in range(6):
        angle, km = rng.uniform(0, 2 * math.pi), rng.uniform(8, 60)
        at[f"s{k}"] = (km * math.cos(angle), km * math.sin(angle))
    trips = {}
    for k in rng.sample(range(6), 3):
        to = rng.choice(("core", "other", f"s{(k + 1) % 6}"))
        trips |= hourly((f"s{k}", to), minutes(at[f"s{k}"], at[to]), rng.choice((15, 30, 60)))
    cities = tuple(
        City(
            s,
            s,
            s,
            (s,),
            (Centre(s, s, *place(at[s][0] + 1, 1)),),
            window_to=(27_000, 30_600),
            window_from=(27_000, 30_600),
            proper_counties=(),
        )
        for s in ("core", "other")
    )
    network = small_network(at, trips or hourly(("s0", "s1"), 30, 60), cities=cities)
    new, lines = [], {}
    for k in range(n):
        stops = rng.sample(sorted(at), 2)
        if rng.random() < 0.5:
            stops[1] = (
                rng.choice(("core", "other")) if stops[0] not in ("core", "other") else stops[1]
            )
        tables = list(stops)
        places = [at[s] for s in stops]
        if rng.random() < 0.6:
            near = (
                rng.choice(new)
                if new and rng.random() < 0.4
                else (rng.uniform(-60, 60), rng.uniform(-60, 60))
            )
            near = (near[0] + rng.choice((0.2, 0.4)), near[1])
            new.append(near)
            lon, lat = place(*near)
            table = {
                "name": f"n{k}",
                "lon": lon,
                "lat": lat,
                "station_class": rng.choice(("metro", "hub")),
            }
            if rng.random() < 0.3:
                table["core_city"] = rng.choice(("core", "other"))
            where = rng.choice((0, 2))
            tables.insert(where, table)
            places.insert(where, near)
        hops = [minutes(a, b) for a, b in pairwise(places)]
        period = {
            "start_time": "05:00",
            "end_time": "11:00",
            "headway_minutes": rng.choice((7, 12, 20)),
        }
        lines[f"L{k}"] = scenario_from_dict(
            {
                "title": f"L{k}",
                "modification": [
                    {
                        "type": "add-trips",
                        "name": f"L{k}",
                        "stops": tables,
                        "hop_minutes": hops,
                        "frequencies": [period],
                    },
                ],
            }
        )
    return (
        railshed.prepare(network, cell_size_m=1_000),
        lines,
        rng.choice(("to", "to", "from", "both")),
    )


def minutes(a, b):
    return max(1, round(math.dist(a, b) * 0.5))


@pytest.fixture(autouse=True, scope="module")
def _few_draws():
    """Four draws of phases in place of 20: full runs of each set in each draw take long."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("railshed.comparisons.objective.N_PHASES", 4)
        yield


@cache
def portfolio(seed):
    run, lines, direction = world(seed)
    found = list(run.compiled.network.cities)
    objective = objective_of(
        ("area60s", "area90s", "area60t", "area90", "minutes", "minutes-s", "minutes-t")[seed % 7]
    )
    if objective.saves:  # minutes saved from each km2: the world has no people
        objective = replace(objective, column="area")
    return Portfolio(run, found, lines, objective, direction)


SEEDS = (100, 113, 116, 126, 136, 144, 187, 214, 229, 250)


@pytest.mark.parametrize("seed", SEEDS)
def test_sets_put_together_are_those_of_full_runs(seed):
    """Every set of lines, its circles searched from nothing in each draw: the same cells' worth as
    put together.
    """
    p = portfolio(seed)
    value = p.function()
    for size in range(len(p.names) + 1):
        for chosen in map(frozenset, combinations(range(len(p.names)), size)):
            circles = [
                p.evaluator.inside_of(p.runs_of(chosen), city) for city in p.evaluator.cities
            ]
            expected = p.evaluator.value(circles)
            assert p.value(chosen) == pytest.approx(expected), chosen
            assert value(chosen) == pytest.approx(expected), chosen
    found = attribute(value)
    assert sum(found.shapley) == pytest.approx(found.total)


def test_the_worlds_are_of_both_kinds():
    """Some fall into blocks, some do not, and in some circles are put together though their gains
    do not add up.
    """
    n_blocks = [len(portfolio(seed).blocks) for seed in SEEDS]
    assert min(n_blocks) == 1
    assert max(n_blocks) > 2
    assert sum(n > 1 for n in n_blocks) >= 4


def test_footprints_are_of_every_draw():
    """Which stations and cells a line improves depends on the phases: its footprint joins those of
    all draws.
    """
    p, differ = portfolio(144), 0
    for scenario in p._scenarios:
        each = [
            p.evaluator._baseline.footprint(one)
            for k in range(4)
            for one in with_seed([scenario], k)
        ]
        whole = p.evaluator._baseline.footprint(scenario, 4)
        assert whole.improved == frozenset().union(*(f.improved for f in each))
        for key, cells in whole.touched.items():
            assert set(cells) == set().union(*(f.touched[key] for f in each))
            differ += any(len(f.touched[key]) < len(cells) for f in each)
    assert differ


def footprint(stations="", improved="", cells=(), new=()):
    made = tuple(Station(f"n{km}", f"n{km}", *place(km)) for km in new)
    keys = np.array(sorted(cells), np.int64)
    return Footprint(frozenset(stations), made, frozenset(improved), {("core", "r"): keys})


def blocks_of(*prints, walk_m=500.0):
    """Return the blocks where what a set improves is what its parts do; cell 9 is within reach
    today.
    """

    def of(block):
        whole = [prints[k] for k in sorted(block)]
        return [
            Footprint(
                frozenset().union(*(p.stations for p in whole)),
                sum((p.new for p in whole), ()),
                frozenset().union(*(p.improved for p in whole)),
                {("core", "r"): np.unique(np.concatenate([p.touched["core", "r"] for p in whole]))},
            )
        ]

    return [
        sorted(b) for b in find_blocks(len(prints), of, {"core": np.array([9], np.int64)}, walk_m)
    ]


def test_what_joins_two_lines():
    """A call where the other improves, either way round; a cell both may change unless it is within
    reach today.
    """
    assert blocks_of(footprint("ab", "b", {1}), footprint("ac", "c", {2})) == [[0], [1]]
    assert blocks_of(footprint("ab", "b", {1}), footprint("bc", "c", {2})) == [[0, 1]]
    assert blocks_of(footprint("bc", "c", {2}), footprint("ab", "b", {1})) == [[0, 1]]
    assert blocks_of(footprint("ab", "b", {1, 3}), footprint("ac", "c", {2, 3})) == [[0, 1]]
    assert blocks_of(footprint("ab", "b", {1, 9}), footprint("ac", "c", {2, 9})) == [[0], [1]]


def test_new_stations_within_a_walk_join_two_lines():
    """400 m apart, and the same id; 600 m are too far for a walk of 500."""
    assert blocks_of(footprint(new=[1.0]), footprint(new=[1.4])) == [[0, 1]]
    assert blocks_of(footprint(new=[1.0]), footprint(new=[1.6])) == [[0], [1]]
    assert blocks_of(footprint(new=[1.0]), footprint(new=[1.0]), walk_m=0) == [[0, 1]]


def test_blocks_are_joined_until_they_hold_as_wholes():
    """What two improve only together may meet a third: here the pair improves z, where the third
    calls.
    """
    alone = [footprint("ab", "b"), footprint("bc", "c"), footprint("z", "y")]
    asked = []

    def of(block):
        asked.append(sorted(block))
        if block >= {0, 1}:
            return [footprint("abcz", "bcz")]
        return [alone[min(block)]]

    assert find_blocks(3, of, {"core": np.empty(0, np.int64)}, 500) == [frozenset({0, 1, 2})]
    assert [0, 1] in asked
    apart = [footprint("ab", "b"), footprint("bc", "c"), footprint("z", "z"), footprint("y", "y")]
    found = find_blocks(
        4, lambda block: [apart[k] for k in block], {"core": np.empty(0, np.int64)}, 500
    )
    assert found == [frozenset({0, 1}), frozenset({2}), frozenset({3})]


@pytest.mark.parametrize("turned", [False, True])
def test_one_of_the_largest_sets_of_a_block_is_enough(turned):
    """A block whose lines 0 and 1 cannot be built together has two footprints: what one of them
    meets, it meets.
    """
    alone = {0: [footprint("ab", "b")], 1: [footprint("bc", "c")], 2: [footprint("z", "y")]}
    apart = [footprint("ab", "b"), footprint("bcz", "cz")]

    def of(block):
        return alone[min(block)] if len(block) == 1 else apart[::-1] if turned else apart

    assert find_blocks(3, of, {"core": np.empty(0, np.int64)}, 500) == [frozenset({0, 1, 2})]
