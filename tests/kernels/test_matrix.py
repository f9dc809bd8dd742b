"""The kernels of the matrix against the plain reference, on random networks that are unkind on
purpose.
"""

from __future__ import annotations

from random import Random

import numpy as np
import pytest

from railshed.assumptions.assumptions import default_assumptions
from railshed.kernels import matrix as kernels
from railshed.kernels import matrix_window
from railshed.kernels.types import FLAGS, NEVER, REPEAT, Timetable
from railshed.questions.reach.legs import LegTables, TravelTimeRules, table_of
from railshed.questions.reach.points import cut_timetable, run_matrix, settles
from railshed.routing.compile import compile_network
from railshed.util.units import MINUTE, UNREACHED
from tests.support import matrix_reference as plain
from tests.support.random_networks import DATE, random_network, shuffled, to_model
from tests.support.reference import RefNetwork
from tests.support.seeds import each_seed

pytestmark = [pytest.mark.kernels, pytest.mark.properties]

SEEDS = range(120)
N_ORIGINS, N_DESTINATIONS = 5, 4
Near = list[dict[int, int]]


def random_legs(rng: Random, n_stations: int) -> tuple[Near, Near, Near]:
    """Return access by origin, egress by destination (station to seconds) and the ways on foot by
    origin.
    """
    seconds = (0, 0, 1, 60, 61, 240, 600, 1500)
    near = [
        {
            x: rng.choice(seconds)
            for x in rng.sample(range(n_stations), rng.randint(0, min(4, n_stations)))
        }
        for _ in range(N_ORIGINS + N_DESTINATIONS)
    ]
    on_foot = [
        {d: rng.choice((0, 300, 1500, 9000)) for d in range(N_DESTINATIONS) if rng.random() < 0.3}
        for _ in near
    ]
    return near[:N_ORIGINS], near[N_ORIGINS:], on_foot[:N_ORIGINS]


def table(near: Near) -> kernels.Table:
    rows = [(i, x, s) for i, row in enumerate(near) for x, s in row.items()]
    columns = np.array(rows, dtype=np.int64).reshape(-1, 3).T
    return table_of((columns[0], columns[1], columns[2]), len(near), 10**6)


def first_departure(rng: Random, net: RefNetwork) -> int:
    """Return a second of the service day at which something still runs, mostly."""
    trip = rng.choice(net.trips)
    return max(0, trip[rng.randrange(len(trip))].departure - rng.choice((0, 60, 300, 900)))


def times(
    net: RefNetwork,
    legs: tuple[Near, Near, Near],
    departures: list[int],
    percentiles: list[int],
    rules: TravelTimeRules,
) -> np.ndarray:
    """Return what the kernels find, through the same door as users."""
    network = to_model(net)
    compiled = compile_network(network, default_assumptions(), date=DATE, footpaths=False)
    walks = np.array(net.transfers, dtype=np.int64).reshape(-1, 3).T
    seconds = np.array(departures, dtype=np.int64)
    cut, n_runs = cut_timetable(
        compiled, compiled.to.change_s, (walks[0], walks[1], walks[2]), seconds, rules.bound_s
    )
    found = LegTables(*(table(near) for near in legs))
    return run_matrix(cut, n_runs, found, seconds, percentiles, rules, threads=2)


def expected(
    net: RefNetwork, legs: tuple[Near, Near, Near], departures: list[int], rules: TravelTimeRules
) -> list[list[list[int | None]]]:
    """Return the reference's seconds by origin, destination and departure."""
    rides = None if rules.max_transfers is None else rules.max_transfers + 1
    access, egress, on_foot = legs
    return [
        [
            [
                plain.travel_time(net, near, far, foot.get(d), t, rules.bound_s, rides)
                for t in departures
            ]
            for d, far in enumerate(egress)
        ]
        for near, foot in zip(access, on_foot, strict=True)
    ]


def in_order(values: list[int | None]) -> list[int]:
    return sorted(UNREACHED if v is None else v for v in values)


@each_seed(SEEDS)
def test_one_departure_equals_the_reference(seed: int) -> None:
    """Rides free and counted, bound wide and tight, zero-second hops, changes of 0 s, walks,
    midnight: all alike.
    """
    rng = Random(seed)
    net = random_network(rng)
    legs = random_legs(rng, net.n_stations)
    leave = first_departure(rng, net)
    for rules in (
        TravelTimeRules(),
        TravelTimeRules(max_transfers=rng.choice((0, 1, 2))),
        TravelTimeRules(max_minutes=rng.choice((5, 20))),
    ):
        found = times(net, legs, [leave], [50], rules)
        reference = expected(net, legs, [leave], rules)
        assert [[in_order(v) for v in row] for row in reference] == found.tolist()


@each_seed(SEEDS)
def test_a_window_equals_the_reference(seed: int) -> None:
    """Every rank over the departures of a window, which starts at an odd second, equals the sorted
    reference.
    """
    rng = Random(1000 + seed)
    net = random_network(rng, max_trips=12)
    legs = random_legs(rng, net.n_stations)
    leave, n = first_departure(rng, net), rng.choice((2, 7, 13))
    departures = [leave + MINUTE * k for k in range(n)]
    percentiles = [0, *(100 * k // n for k in range(2, n)), 100]
    for rules in (
        TravelTimeRules(),
        TravelTimeRules(max_transfers=rng.choice((0, 1, 2))),
        TravelTimeRules(max_minutes=rng.choice((5, 20))),
    ):
        found = times(net, legs, departures, percentiles, rules)
        reference = expected(net, legs, departures, rules)
        assert [[in_order(v) for v in row] for row in reference] == found.tolist()


@each_seed(range(20))
def test_a_window_of_one_minute_is_one_departure(seed: int) -> None:
    """The two kernels agree where both can answer."""
    rng = Random(2000 + seed)
    net = random_network(rng)
    network = to_model(net)
    compiled = compile_network(network, default_assumptions(), date=DATE, footpaths=False)
    legs = [table(near) for near in random_legs(rng, net.n_stations)]
    seconds = np.array([first_departure(rng, net)], dtype=np.int64)
    none = np.empty(0, np.int64)
    cut, n_runs = cut_timetable(compiled, compiled.to.change_s, (none, none, none), seconds, 7200)
    query, leave = kernels.MatrixQuery(n_runs, 7200, 1, False), (seconds + 86_400).astype(np.uint32)
    origins = np.arange(N_ORIGINS, dtype=np.uint32)
    once = np.empty((N_ORIGINS, N_DESTINATIONS), np.int32)
    window = np.empty((N_ORIGINS, N_DESTINATIONS, 1), np.int32)
    kernels.departures_settled(cut, query, *legs, origins, leave[0], once)
    matrix_window.windows_settled(
        cut, query, *legs, origins, leave, 1, np.zeros(1, np.int64), window
    )
    assert once.tolist() == window[:, :, 0].tolist()
    alone = np.full((N_ORIGINS, N_DESTINATIONS), -1, np.int32)
    if kernels.single_departures(cut, query, *legs, origins, leave[0], alone):
        assert alone.tolist() == once.tolist()
    else:
        assert settles(cut)


@pytest.mark.parametrize("n", [7, 40, 130])
@pytest.mark.parametrize("rides", [None, 1])
def test_any_number_of_origins(n: int, rides: int | None) -> None:
    """Seven are searched one by one, 40 in one round of lanes on each of two threads, 130 in two;
    each as if alone.
    """
    rng = Random(5)
    net = random_network(rng, max_stations=6, max_trips=8)
    few = random_legs(rng, net.n_stations)
    leave = first_departure(rng, net)
    rules = TravelTimeRules(max_transfers=rides)
    alone = times(net, few, [leave], [50], rules)
    owner = [k % N_ORIGINS for k in range(n)]
    many = ([few[0][k] for k in owner], few[1], [few[2][k] for k in owner])
    assert times(net, many, [leave], [50], rules).tolist() == alone[owner].tolist()


def test_a_long_window_is_searched_in_blocks() -> None:
    """Labels hold nine hours: a longer window is cut, and its parts are those of the whole."""
    rng = Random(6)
    net = random_network(rng, max_stations=5, max_trips=10)
    legs = random_legs(rng, net.n_stations)
    leave = first_departure(rng, net)
    departures = [leave + MINUTE * k for k in range(3)]
    network = to_model(net)
    compiled = compile_network(network, default_assumptions(), date=DATE, footpaths=False)
    walks = np.array(net.transfers, dtype=np.int64).reshape(-1, 3).T
    seconds = np.array(departures, dtype=np.int64)
    cut, n_runs = cut_timetable(
        compiled, compiled.to.change_s, (walks[0], walks[1], walks[2]), seconds, 7200
    )
    tables = [table(near) for near in legs]
    results = []
    for block in (1, 2, 3):
        out = np.empty((N_ORIGINS, N_DESTINATIONS, 3), np.int32)
        matrix_window.windows_settled(
            cut,
            kernels.MatrixQuery(n_runs, 7200, 1, False),
            *tables,
            np.arange(N_ORIGINS, dtype=np.uint32),
            (seconds + 86_400).astype(np.uint32),
            block,
            np.arange(3),
            out,
        )
        results.append(out.tolist())
    assert results[0] == results[1] == results[2]


def test_labels_cannot_overflow() -> None:
    """Not reached plus the longest leg fits 16 bits; the longest window of a call and the bound fit
    a label.
    """
    assert kernels.UNSEEN + kernels.LONGEST_LEG < kernels.NOWHERE
    assert kernels.LARGEST_LABEL < kernels.UNSEEN
    assert 240 * MINUTE + (kernels.LANES - 1) * MINUTE < kernels.LARGEST_LABEL
    assert NEVER == UNREACHED


def test_both_scans_agree_where_no_second_repeats() -> None:
    """Without legs of no duration the fast scan finds what the settling one finds; one that boards
    with them stops.
    """
    n_refused = 0
    for seed in range(40):
        rng = Random(3000 + seed)
        net = random_network(rng, max_trips=8)
        compiled = compile_network(
            to_model(net), default_assumptions(), date=DATE, change_s=60, footpaths=False
        )
        seconds = np.array([first_departure(rng, net)], dtype=np.int64)
        none = np.empty(0, np.int64)
        cut, n_runs = cut_timetable(
            compiled, compiled.to.change_s, (none, none, none), seconds, 7200
        )
        assert not (cut.connections[:, FLAGS] & REPEAT).any()
        legs = [table(near) for near in random_legs(rng, net.n_stations)]
        query, leave = (
            kernels.MatrixQuery(n_runs, 7200, 1, False),
            (seconds + 86_400).astype(np.uint32),
        )
        origins = np.arange(N_ORIGINS, dtype=np.uint32)
        once, window = np.empty((2, N_ORIGINS, N_DESTINATIONS), np.int32), []
        for k, (one, many) in enumerate(
            (
                (kernels.departures_once, matrix_window.windows_once),
                (kernels.departures_settled, matrix_window.windows_settled),
            )
        ):
            one(cut, query, *legs, origins, leave[0], once[k])
            out = np.empty((N_ORIGINS, N_DESTINATIONS, 1), np.int32)
            many(cut, query, *legs, origins, leave, 1, np.zeros(1, np.int64), out)
            window.append(out[:, :, 0].tolist())
        assert once[0].tolist() == once[1].tolist() == window[0] == window[1]
        alone = np.empty((N_ORIGINS, N_DESTINATIONS), np.int32)
        assert kernels.single_departures(cut, query, *legs, origins, leave[0], alone)
        whole = Timetable(compiled.to.connections.copy(), *cut[1:])
        whole.connections[:, FLAGS] &= ~np.uint32(REPEAT)  # as in the cut, which has other walks
        assert alone.tolist() == once[0].tolist()
        ask = query._replace(n_runs=compiled.n_runs)
        assert kernels.single_departures(whole, ask, *legs, origins, leave[0], alone)
        assert alone.tolist() == once[0].tolist()
        short = np.empty_like(alone)
        assert kernels.single_departures(
            whole, ask._replace(bound_s=900), *legs, origins, leave[0], short
        )
        assert short.tolist() == np.where(alone <= 900, alone, NEVER).tolist()
        whole.connections[:, FLAGS] |= np.uint32(REPEAT)
        n_refused += not kernels.single_departures(whole, ask, *legs, origins, leave[0], alone)
    assert 0 < n_refused < 40


@each_seed(range(30))
def test_a_trip_added_never_worsens(seed: int) -> None:
    """One trip more, or one walk more, makes no travel time longer."""
    rng = Random(4000 + seed)
    net = random_network(rng)
    legs = random_legs(rng, net.n_stations)
    leave = first_departure(rng, net)
    departures = [leave, leave + MINUTE, leave + 2 * MINUTE]
    before = times(net, legs, departures, [0, 50, 100], TravelTimeRules())
    other = random_network(rng, max_stations=net.n_stations)
    extra = [t for t in other.trips if all(c.station < net.n_stations for c in t)][:1]
    pairs = {(u, v) for u, v, _ in net.transfers}
    walk = [
        (u, v, 120)
        for u in range(net.n_stations)
        for v in range(net.n_stations)
        if u != v and (u, v) not in pairs
    ]
    for richer in (
        RefNetwork(net.n_stations, net.trips + extra, net.change_s, net.transfers),
        RefNetwork(
            net.n_stations,
            net.trips,
            net.change_s,
            net.transfers + rng.sample(walk, min(2, len(walk))),
        ),
    ):
        assert (times(richer, legs, departures, [0, 50, 100], TravelTimeRules()) <= before).all()


@each_seed(range(30))
def test_rows_in_another_order(seed: int) -> None:
    """Stations, trips and transfers in another order give the same times."""
    rng = Random(5000 + seed)
    net = random_network(rng)
    legs = random_legs(rng, net.n_stations)
    leave = first_departure(rng, net)
    other, old = shuffled(net, rng)
    moved = [[{old.index(x): s for x, s in row.items()} for row in near] for near in legs[:2]]
    for departures in ([leave], [leave, leave + MINUTE]):
        one = times(net, legs, departures, [0, 100], TravelTimeRules())
        two = times(other, (moved[0], moved[1], legs[2]), departures, [0, 100], TravelTimeRules())
        assert one.tolist() == two.tolist()


@pytest.mark.parametrize(
    "values", [[7], [5, 5, 5], [65535, 0], list(range(100)), [9, 3, 3, 65535, 65535, 1]]
)
def test_rank_by_counting(values: list[int]) -> None:
    """The value at each place is that of the sorted row."""
    row = np.array(values, dtype=np.uint16)
    assert [matrix_window.least_of_rank(row, np.int64(r)) for r in range(len(row))] == sorted(
        values
    )
