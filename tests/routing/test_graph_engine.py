"""Networks without a timetable: by hand, against a plain reference, and against the timetable
engine.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from itertools import pairwise
from random import Random

import networkx as nx
import numpy as np
import pytest

import railshed
from railshed.assumptions.assumptions import default_assumptions
from railshed.assumptions.waits import Waits
from railshed.maps.from_network import network_legs
from railshed.network.cities import Centre, City
from railshed.network.links import from_networkx
from railshed.network.model import Network
from railshed.questions.reach.reach import reach
from railshed.routing.compile import change_times, compile_network
from railshed.routing.directions import DIRECTIONS, Direction
from railshed.routing.engine import compile_graph
from railshed.routing.journeys import Compiled, Journeys
from railshed.routing.link_journeys import CompiledGraph, GraphJourneys
from railshed.routing.profiles import minutes_of
from railshed.scenario.files import scenario_from_dict
from railshed.util.errors import InputError, ParameterError
from railshed.util.units import HOUR, MINUTE, UNREACHED
from tests.support import graph_reference as ref
from tests.support.random_networks import to_model
from tests.support.reference import Call, RefNetwork
from tests.support.seeds import each_seed

pytestmark = pytest.mark.properties

SPAN = (8 * HOUR, 8 * HOUR + 40 * MINUTE)
BOUND = 45 * MINUTE


def to_graph(links: ref.RefLinks) -> nx.MultiDiGraph:
    """Return the reference's network as a graph; stations stand a degree apart, so no walk is
    generated.
    """
    graph = nx.MultiDiGraph()
    for k, change in enumerate(links.changes):
        graph.add_node(
            f"s{k}", lon=float(k), lat=0.0, change_s=float("inf") if change is None else change
        )
    for hop in links.hops:
        graph.add_edge(
            f"s{hop.start}",
            f"s{hop.end}",
            seconds=hop.run_s,
            line=f"l{hop.line}",
            headway_s=hop.headway_s,
        )
    for u, v, seconds in links.walks:
        graph.add_edge(f"s{u}", f"s{v}", kind="walk", seconds=seconds)
    return graph


def compiled(network: Network, waits: Waits | str = "half-headway") -> CompiledGraph:
    return compile_graph(network, default_assumptions(), waits=waits)


def reference_pairs(
    links: ref.RefLinks,
    cast: CompiledGraph,
    draw: int,
    direction: Direction,
    targets: dict[int, int],
    max_rides: int,
) -> list[list[tuple[int, int]]]:
    """Return every journey of every station that can matter for SPAN."""
    columns = (
        cast.links.line_idx,
        cast.links.from_idx,
        cast.links.to_idx,
        cast.links.run_s,
        cast.links.headway_s,
    )
    names = [int(line[1:]) for line in cast.links.line_ids]
    hops = [
        ref.Hop(names[row[0]], *row[1:]) for row in zip(*(c.tolist() for c in columns), strict=True)
    ]
    waits = dict(zip(hops, cast.waits.of_hops(cast.links, draw).tolist(), strict=True))
    phases = dict(zip(names, cast.waits.phases(cast.links, draw).tolist(), strict=True))
    by_line = [phases.get(k, 0) for k in range(max(names) + 1)]
    pairs: list[list[tuple[int, int]]] = [[] for _ in range(links.n_stations)]
    for family in ref.families(links, direction, targets, waits, max_rides, BOUND):
        pairs[family[0]] += ref.departures(
            family, direction, by_line, SPAN[0] - 3 * HOUR, SPAN[1] + 3 * HOUR
        )
    return pairs


@pytest.mark.parametrize("direction", DIRECTIONS)
@pytest.mark.parametrize("rule", ["half-headway", "sampled"])
@each_seed(range(40))
def test_equal_to_the_reference(seed: int, direction: Direction, rule: str) -> None:
    """T_s at every minute, for no, small and large slack and any limit of changes, is that of all
    journeys by hand.
    """
    rng = Random(seed)
    max_transfers = rng.choice((None, 0, 1, 2))
    n_stations, n_lines = (
        (4, 2) if max_transfers is None else (rng.randint(3, 6), rng.randint(1, 3))
    )
    links = ref.random_links(rng, n_stations, n_lines)
    network = from_networkx(to_graph(links))
    cast = compiled(network, Waits(rule, n_draws=3, seed=seed))
    targets = {k: rng.choice((0, 0, 120)) for k in rng.sample(range(n_stations), rng.randint(1, 2))}
    found = cast.profiles(
        direction, targets, SPAN, slack_s=HOUR, bound_s=BOUND, max_transfers=max_transfers
    )
    # on 4 stations of 2 lines a fifth ride is never shorter; with six the reference takes minutes
    rides = 4 if max_transfers is None else max_transfers + 1
    draws = [
        reference_pairs(links, cast, draw, direction, targets, rides) for draw in cast.waits.draws
    ]
    for slack in (0, 300, HOUR):
        times = found.travel_times(SPAN, slack)
        linked = found.linked()
        assert (np.delete(times, linked, axis=0) == UNREACHED).all()
        assert found.travel_times(SPAN, slack, 1.0, linked).tolist() == times[linked].tolist()
        assert found.least_at(minutes_of(SPAN), slack).tolist() == times.min(axis=1).tolist()
        for x in range(n_stations):
            expected = [
                ref.travel_time(
                    draws[int(m) // MINUTE % len(draws)][x], direction, int(m), slack, BOUND
                )
                for m in minutes_of(SPAN)
            ]
            assert times[x].tolist() == expected
    fastest = [
        min((a - d for draw in draws for d, a in draw[x]), default=UNREACHED)
        for x in range(n_stations)
    ]
    assert found.fastest().tolist() == fastest


# --- by hand ------------------------------------------------------------------------------------


def town() -> nx.Graph:
    """Return a town of 51 metro stations: five lines of 4 minutes a hop, every 10 minutes, meet at
    `c`.

    Line k runs k1 ... k9, c, k10; a shuttle runs every 30 minutes in 7 minutes between 19 and
    `end`. Stations are 2 km apart or more, so nothing is walked.
    """
    graph = nx.Graph()
    graph.add_node("c", lon=10.0, lat=50.0, station_class="metro")
    for line in range(1, 6):
        angle = line * np.pi / 5
        stops = [f"{line}{k}" for k in range(1, 11)]
        for k, stop in zip((*range(9, 0, -1), -1), stops, strict=True):
            place = {"lon": 10 + 0.06 * k * np.cos(angle), "lat": 50 + 0.04 * k * np.sin(angle)}
            graph.add_node(stop, **place, station_class="metro")
        for u, v in pairwise([*stops[:9], "c", stops[9]]):
            graph.add_edge(u, v, minutes=4, line=f"L{line}", headway_minutes=10)
    graph.add_node("end", lon=11.0, lat=50.5, station_class="metro")
    graph.add_edge("end", "19", minutes=7, line="shuttle", headway_minutes=30)
    return graph


CENTRE = City("c", "中", "Centre", ("c",), (Centre("中", "C", 10.0, 50.0),))


@pytest.mark.parametrize("direction", DIRECTIONS)
def test_reach_by_hand(direction: str) -> None:
    """Rides and changes; the wait for the least frequent line is pardoned by the slack, that for
    others is half.
    """
    table = reach(from_networkx(town()), ["c"], direction=direction, percentiles=[0, 50]).set_index(
        "station_id"
    )
    assert len(table) == 52
    assert table.loc[["c", "19", "11", "110", "end"], "travel_time_p50"].tolist() == [
        0,
        4,
        36,
        4,
        7 + 3 + 5 + 4,
    ]
    assert table["travel_time_p0"].tolist() == table["travel_time_p50"].tolist()
    # two hours of trains every 10 minutes, and of the shuttle
    assert table.loc[["c", "19", "11", "end"], "trips"].tolist() == [0, 12, 12, 4]


def test_slack_of_none_waits_for_the_clock_line() -> None:
    """Without slack the minutes early count: over a headway they are spread evenly, of 30 minutes
    for the shuttle.
    """
    table = reach(
        from_networkx(town()), ["c"], slack_minutes=0, percentiles=[0, 50, 100]
    ).set_index("station_id")
    for station, ride, headway in (("19", 4, 10), ("end", 19, 30)):
        first, middle, last = table.loc[
            station, ["travel_time_p0", "travel_time_p50", "travel_time_p100"]
        ]
        assert ride <= first < ride + 1
        assert middle == pytest.approx(first + headway / 2 - 1)
        assert last == pytest.approx(first + headway - 1)


def test_direct_and_changed() -> None:
    """A limit of changes is exact: `end` needs one, the opposite line two."""
    network = from_networkx(town())
    direct = reach(network, ["11"], max_transfers=0).set_index("station_id")["travel_time_p50"]
    one = reach(network, ["11"], max_transfers=1).set_index("station_id")["travel_time_p50"]
    assert direct["110"] == 40
    assert np.isnan(direct["21"])
    # 9 hops, 3 to change, 5 of waiting, 9 hops
    assert one["21"] == 36 + 3 + 5 + 36
    free = reach(network, ["end"], max_minutes=120).set_index("station_id")["travel_time_p50"]
    # 7, two changes with half of 10 each, 1 and 9 hops
    assert free["21"] == 7 + (3 + 5) + 4 + (3 + 5) + 36
    assert np.isnan(
        reach(network, ["end"], max_transfers=1).set_index("station_id")["travel_time_p50"]["21"]
    )


def test_change_time_and_no_change() -> None:
    """A change takes what the station says; where none is possible there is no journey."""
    graph = town()
    for change, expected in ((0, 16), (600, 26), (float("inf"), None)):
        graph.nodes["19"]["change_s"] = change
        table = reach(from_networkx(graph), ["c"]).set_index("station_id")["travel_time_p50"]
        assert (table["end"] == expected) if expected else np.isnan(table["end"])
    table = reach(from_networkx(town()), ["c"], change_minutes=1).set_index("station_id")
    assert table["travel_time_p50"]["end"] == 7 + 1 + 5 + 4


@pytest.mark.parametrize("waits", ["half-headway", "sampled"])
def test_circle_by_hand(waits: str) -> None:
    """A circle on a graph: 2 minutes in and out of metro stations, trains by headway, no first or
    last train.

    With a train every 10 min the middle of the deadlines is 4 to 5 min after an arrival, of which
    half counts.
    """
    run = railshed.prepare(from_networkx(town()), waits=waits)
    for direction in DIRECTIONS:
        circle = railshed.circle(
            run, CENTRE, direction=direction, reading="door-to-station", draws=0
        )
        stations = circle.stations.set_index("station_id")
        early = stations.loc[["19", "15", "11"], "minutes"] - [8, 24, 40]
        assert early.between(2, 2.6).all()
        assert stations.loc[["19", "15", "11"], "minutes_fastest"].tolist() == [4, 20, 36]
        # the window is of 2 hours in the morning, of 2.5 in the evening
        assert stations.loc[["19", "end"], "trips"].tolist() == (
            [12, 4] if direction == "to" else [15, 5]
        )
        assert stations.loc[["19", "end"], "max_gap_min"].tolist() == [10, 30]
        assert set(
            stations.loc[["19", "end"], ["first_arrival", "last_return"]].to_numpy().ravel()
        ) == {""}
        assert stations["inside"].sum() == 51
        rungs = {rung["key"]: rung["stations"] for rung in circle.bridge.to_dict()}
        assert rungs["fastest_of_day"] == rungs["plus_entry_exit"] == 51  # without `c` itself
        assert circle.summary.lines_by_headway == []
        text = circle.summary.readings["door-to-station"].definition_en[-1]
        assert text.startswith(
            "no timetable: the least frequent line of a journey is evenly spaced, "
        )
        assert text.endswith(
            "drawn 31 times" if waits == "sampled" else "half a headway of waiting for each other"
        )
        if waits == "half-headway":
            assert 7 <= stations.loc["end", "minutes"] - (2 + 19 + 2) <= 7.5  # every 30 min
        else:
            # 14 and the wait for line 1, below 10
            assert (
                14
                <= stations.loc["end", "minutes_fastest"]
                < stations.loc["end", "minutes"] - 4
                < 24 + 7.5
            )
        turn_up = circle.surfaces["turn-up-and-go"].by_rail_s
        by_rail = circle.surfaces["door-to-door"].by_rail_s
        drawn_s = 60 if waits == "sampled" else 0  # of 31 draws each has its own middle
        assert ((turn_up >= by_rail - drawn_s) | (by_rail == UNREACHED)).all()
        assert (by_rail < UNREACHED).sum() > 100


@pytest.mark.slow
def test_definition_hash_knows_the_waits() -> None:
    """Another rule, seed or headway is another definition; the same graph in another
    order is not.
    """
    graph = town()

    def hash_of(graph: nx.Graph, waits: Waits | str | None = None) -> str:
        run = railshed.prepare(from_networkx(graph), waits=waits)
        return str(railshed.circle(run, CENTRE, draws=0).summary.definition_hash)

    plain = hash_of(graph)
    shuffled = nx.Graph()
    shuffled.add_nodes_from(list(graph.nodes(data=True))[::-1])
    shuffled.add_edges_from(list(graph.edges(data=True))[::-1])
    assert hash_of(shuffled) == plain
    graph.edges["end", "19"]["headway_minutes"] = 29
    changed = [
        hash_of(graph),
        hash_of(town(), "sampled"),
        hash_of(town(), Waits("sampled", seed=1)),
    ]
    assert len({plain, *changed}) == 4


def test_map_draws_rides_with_trains_a_day() -> None:
    """Lines on a map carry 18 hours of trains both ways; walks are not drawn."""
    graph = town()
    graph.add_edge("end", "18", kind="walk", seconds=600)
    legs = network_legs(from_networkx(graph))
    assert len(legs) == 51
    assert sorted(set(legs["trains"])) == [2 * 18 * 2, 2 * 18 * 6]


# --- against the timetable engine ---------------------------------------------------------------


def line_as_trips(
    phase_s: int, headway_s: int, runs: list[int], transfers: list[tuple[int, int, int]]
) -> RefNetwork:
    """Return stations 0, 1, ... on a line with trains both ways, each of which leaves 0 or the end
    at a phase.
    """
    trips = []
    for start in range(6 * HOUR + phase_s, 12 * HOUR, headway_s):
        for stops, hops in ((range(len(runs) + 1), runs), (range(len(runs), -1, -1), runs[::-1])):
            now, calls = start, []
            for station, run in zip(stops, [*hops, 0], strict=True):
                calls.append(Call(station, now, now))
                now += run
            trips.append(calls)
    n = len(runs) + 2
    return RefNetwork(n, trips, [0] * n, transfers)


@pytest.mark.parametrize("direction", DIRECTIONS)
@each_seed(range(20))
def test_one_line_is_its_timetable(seed: int, direction: Direction) -> None:
    """On one line whose trains pass every station at the same phase, both engines give the same
    journeys.

    Run times are multiples of the headway; station n is a walk away from station n - 1, at the far
    end.
    """
    rng = Random(seed)
    headway = rng.choice((300, 420, 601, 1200))
    runs = [headway * rng.randint(1, 2) for _ in range(rng.randint(1, 3))]
    n, walk = len(runs) + 1, rng.choice((0, 61, 300))
    walks = [(n, n - 1, walk), (n - 1, n, walk)]
    hops = [ref.Hop(0, u, u + 1, run, headway) for u, run in enumerate(runs)]
    hops += [ref.Hop(0, hop.end, hop.start, hop.run_s, headway) for hop in hops]
    network = from_networkx(to_graph(ref.RefLinks(n + 1, hops, [0] * (n + 1), walks)))
    cast = compiled(network, Waits(seed=seed))
    phase = int(cast.waits.phases(cast.links, 0)[0]) % headway
    phase += (-6 * HOUR) % headway
    timetable = to_model(line_as_trips(phase % headway, headway, runs, walks))
    options = {"slack_s": HOUR, "bound_s": 2 * HOUR, "max_transfers": 0}
    mine = cast.profiles(direction, {0: 0}, SPAN, **options)
    theirs = compile_network(timetable, default_assumptions(), footpaths=False).profiles(
        direction, {0: 0}, SPAN, **options
    )
    for slack in (0, 300, HOUR):
        assert mine.travel_times(SPAN, slack).tolist() == theirs.travel_times(SPAN, slack).tolist()
    home = np.array([rng.choice((0, 60, 500)) for _ in range(n + 1)], np.int64)
    assert mine.summary(SPAN, home, HOUR).tolist() == theirs.summary(SPAN, home, HOUR).tolist()
    ptr, pairs = (
        np.array([0, n + 1, 2 * n], np.int64),
        np.array([*range(n + 1), *range(1, n)], np.int64),
    )
    cells = (ptr, pairs, home[pairs])
    assert (
        mine.cell_trips(SPAN, *cells, HOUR).tolist()
        == theirs.cell_trips(SPAN, *cells, HOUR).tolist()
    )
    if direction == "to":
        doors = (np.arange(n + 2), np.arange(n + 1), home)
        assert mine.turn_up_minutes(minutes_of(SPAN), *doors).tolist() == (
            theirs.turn_up_minutes(minutes_of(SPAN), *doors).tolist()
        )
        ask = (
            minutes_of(SPAN),
            *cells,
            np.array([0, 20, 30], np.int64),
            np.array([1800, 3600], np.int64),
        )
        for one, other in zip(mine.turn_up_cells(*ask), theirs.turn_up_cells(*ask), strict=True):
            assert one.tolist() == other.tolist()


@pytest.mark.parametrize("direction", DIRECTIONS)
@pytest.mark.parametrize(("first", "second"), [(600, 1200), (1200, 600), (900, 900)])
def test_half_the_headway_is_the_mean_over_all_phases(
    direction: Direction, first: int, second: int
) -> None:
    """Two lines with a change: the time beyond the slack is the mean of the timetables with all
    phases.

    0 -10 min- 1 -12 min- 2, change 3 minutes; phases differ by 5, 15, 25, ... seconds, so their
    mean is exact.
    """
    hops = [ref.Hop(0, 0, 1, 600, first), ref.Hop(1, 1, 2, 720, second)]
    hops += [ref.Hop(h.line, h.end, h.start, h.run_s, h.headway_s) for h in hops]
    network = from_networkx(to_graph(ref.RefLinks(3, hops, [180] * 3, [])))
    options = {"slack_s": HOUR, "bound_s": 2 * HOUR}
    mine = compiled(network).profiles(direction, {2: 0}, SPAN, **options).travel_times(SPAN, HOUR)
    frequent = min(first, second)
    taken = []
    for phase in range(5, frequent, 10):
        trips = []
        for line, headway, run, shift in ((0, first, 600, 0), (1, second, 720, phase)):
            for start in range(5 * HOUR + shift, 12 * HOUR, headway):
                trips += [
                    [Call(u, start, start), Call(v, start + run, start + run)]
                    for u, v in ((line, line + 1), (line + 1, line))
                ]
        model = to_model(RefNetwork(3, trips, [180] * 3, []))
        cast = compile_network(model, default_assumptions(), footpaths=False)
        taken.append(cast.profiles(direction, {2: 0}, SPAN, **options).travel_times(SPAN, HOUR)[0])
    assert np.unique(mine[0]).tolist() == [600 + 180 + 720 + frequent // 2]
    assert np.mean(taken) == 600 + 180 + 720 + frequent / 2


# --- properties ---------------------------------------------------------------------------------


@each_seed(range(40))
def test_to_is_from_with_time_reversed(seed: int) -> None:
    """The fastest journey to a station is that from it with all hops and walks turned round
    (DESIGN, section 5).
    """
    rng = Random(5000 + seed)
    links = ref.random_links(rng, 5, 3)
    headways = [rng.choice((0, 300, 601, 1200)) for _ in range(3)]
    hops = [replace(hop, headway_s=headways[hop.line]) for hop in links.hops]
    back = [replace(hop, start=hop.end, end=hop.start) for hop in hops]
    ahead = replace(links, hops=hops)
    turned = replace(links, hops=back, walks=[(v, u, s) for u, v, s in links.walks])
    rides = rng.choice((None, 1, 2))
    options = {"slack_s": 0, "bound_s": BOUND, "max_transfers": rides}
    to, from_ = (
        compiled(from_networkx(to_graph(n))).profiles(way, {0: 60, 3: 0}, SPAN, **options).fastest()
        for n, way in ((ahead, "to"), (turned, "from"))
    )
    assert to.tolist() == from_.tolist()
    assert (to < UNREACHED).any()


@pytest.mark.slow
@pytest.mark.parametrize("direction", DIRECTIONS)
@each_seed(range(30))
def test_traces_add_up(seed: int, direction: Direction) -> None:
    """A traced journey takes T_s, its rides are rides of the lines, its ends are walks, and changes
    take their time.
    """
    rng = Random(7000 + seed)
    n_stations, max_transfers = 5, rng.choice((None, 1, 2))
    links = ref.random_links(rng, n_stations, 3)
    cast = compiled(
        from_networkx(to_graph(links)), Waits(rng.choice(("half-headway", "sampled")), 3, seed)
    )
    found = cast.profiles(
        direction, {0: 30, 2: 0}, SPAN, slack_s=HOUR, bound_s=BOUND, max_transfers=max_transfers
    )
    runs: dict[tuple[int, int, int], set[int]] = {}
    for x in range(n_stations):
        for boarded, path in ref.rides_from(links, x):
            runs.setdefault((boarded.line, x, path[-1].end), set()).add(
                sum(hop.run_s for hop in path)
            )
    walks = {(u, v): s for u, v, s in links.walks}
    walks |= {(x, x): 0 for x in range(n_stations)}
    targets = {0: 30, 2: 0}
    n_traced = 0
    for slack in (0, 600):
        times = found.travel_times(SPAN, slack)
        for x in range(n_stations):
            for k, minute in list(enumerate(minutes_of(SPAN).tolist()))[::7]:
                traced = found.trace([(x, minute)], slack)[0]
                if times[x, k] == UNREACHED:
                    assert traced is None
                    continue
                assert traced is not None
                n_traced += 1
                assert traced.travel_time_s == times[x, k]
                assert max_transfers is None or len(traced.rides) <= max_transfers + 1
                inside, home = traced.after_s, traced.before_s
                leaves, ends = traced.rides[-1].to_idx, traced.rides[0].from_idx
                if direction == "from":
                    inside, home, leaves, ends = home, inside, ends, leaves
                ways = ((leaves, k) if direction == "to" else (k, leaves) for k in targets)
                assert inside in {
                    walks[way] + s
                    for way, s in zip(ways, targets.values(), strict=True)
                    if way in walks
                }
                assert home == walks[(x, ends) if direction == "to" else (ends, x)]
                for ride in traced.rides:
                    line = int(cast.links.line_ids[ride.trip_idx][1:])
                    assert (
                        ride.arrival_s - ride.departure_s in runs[line, ride.from_idx, ride.to_idx]
                    )
                for one, two in pairwise(traced.rides):
                    change = (
                        links.changes[one.to_idx]
                        if one.to_idx == two.from_idx
                        else walks[one.to_idx, two.from_idx]
                    )
                    assert change is not None
                    assert two.departure_s - one.arrival_s >= change
    assert n_traced > 0 or not (found.fastest() < UNREACHED).any()


def test_trace_by_hand() -> None:
    """From `end` to `c`: the shuttle, 3 minutes to change and 5 of waiting, line 1; back the same
    the other way.
    """
    run = compiled(from_networkx(town()))
    ids = [s.station_id for s in run.network.stations]
    for direction, rides in (("to", ["shuttle", "L1"]), ("from", ["L1", "shuttle"])):
        found = run.profiles(direction, {ids.index("c"): 120}, SPAN, slack_s=HOUR)
        traced = found.trace([(ids.index("end"), SPAN[0])], HOUR)[0]
        assert traced is not None
        assert [run.links.line_ids[ride.trip_idx] for ride in traced.rides] == rides
        assert (traced.wait_s, traced.ride_s, traced.change_s) == (0, 11 * MINUTE, 8 * MINUTE)
        assert (traced.before_s, traced.after_s) == ((0, 120) if direction == "to" else (120, 0))
        assert traced.travel_time_s == 21 * MINUTE


def test_drawn_waits() -> None:
    """Waits and phases lie in [0, headway), are uniform over draws, and another line moves none."""
    graph = town()
    small, large = from_networkx(graph.subgraph(["19", "c"])), from_networkx(graph)
    assert small.links is not None
    assert large.links is not None
    waits = Waits("sampled", n_draws=1000)
    drawn = np.array([waits.of_hops(small.links, draw)[0] for draw in waits.draws])
    assert drawn.min() >= 0
    assert drawn.max() < 600
    assert np.mean(drawn) == pytest.approx(300, abs=20)
    assert np.std(drawn) == pytest.approx(600 / 12**0.5, abs=10)
    mine = large.links.line_idx == large.links.line_ids.index("L1")
    for draw in range(5):
        assert set(waits.of_hops(large.links, draw)[mine].tolist()) == set(
            waits.of_hops(small.links, draw).tolist()
        )
        assert waits.phases(large.links, draw)[0] == waits.phases(small.links, draw)[0]
    assert set(Waits().of_hops(large.links, 0).tolist()) == {300, 900}
    assert list(Waits().draws) == [0]


def test_no_headway_is_a_train_every_minute() -> None:
    """Without headways the time of a graph of minutes is its shortest path, at every minute and
    percentile.
    """
    rng = Random(1)
    graph = nx.gnm_random_graph(30, 60, seed=3)
    for node in graph:
        graph.nodes[node].update(lon=float(node), lat=0.0)
    for u, v in graph.edges:
        graph.edges[u, v]["minutes"] = rng.randint(1, 20)
    shortest = nx.single_source_dijkstra_path_length(graph, 0, weight="minutes")
    network = from_networkx(graph)
    for slack in (0, 30):
        table = reach(network, ["0"], slack_minutes=slack, percentiles=[0, 100], max_minutes=240)
        for column in ("travel_time_p0", "travel_time_p100"):
            found = dict(zip(table["station_id"], table[column], strict=True))
            assert {int(k): t for k, t in found.items() if not np.isnan(t)} == shortest
        assert set(table["trips"]) == {0, 120}


# --- mistakes -----------------------------------------------------------------------------------


def test_mistakes() -> None:
    """A date without a calendar, waits with a timetable, unknown rules, no links, a scenario: each
    says so.
    """
    network, toy = from_networkx(town()), railshed.load_network("toy")
    assumptions = default_assumptions()
    with pytest.raises(ParameterError, match="no timetable, so there is no date"):
        railshed.prepare(network, date=dt.date(2024, 5, 15))
    with pytest.raises(ParameterError, match="toy has a timetable: its waits are known"):
        reach(toy, ["mid"], waits="sampled")
    with pytest.raises(ParameterError, match="waits 'half': allowed are half-headway, sampled"):
        railshed.prepare(network, waits="half")
    with pytest.raises(ParameterError, match="n_draws 0"):
        Waits(n_draws=0)
    with pytest.raises(InputError, match="toy has no links"):
        compile_graph(toy, assumptions)
    with pytest.raises(ParameterError, match="no core station given"):
        compiled(network).profiles("to", {}, SPAN, slack_s=0)
    with pytest.raises(ParameterError, match="max_transfers 13"):
        compiled(network).profiles("to", {0: 0}, SPAN, slack_s=0, max_transfers=13)
    with pytest.raises(InputError, match="no file of a network folder holds"):
        railshed.write_network(network, "never")
    scenario = scenario_from_dict({"modification": [{"type": "add-trips"}]})
    with pytest.raises(InputError, match="has links instead of a timetable"):
        railshed.compare(network, CENTRE, scenario)


def test_both_engines_answer_the_same_questions() -> None:
    """Whatever callers ask of one engine, the other has: compiled networks and journeys."""

    def asked(one: type) -> set[str]:
        return {
            name for name in dir(one) if not name.startswith("_") and callable(getattr(one, name))
        }

    assert {"profiles", "walks_of", "served_stations", "fingerprint"} <= asked(Compiled) & asked(
        CompiledGraph
    )
    shared = {
        "trace",
        "trace_next",
        "travel_times",
        "turn_up_cells",
        "next_journeys",
        "fastest",
        "cell_trips",
    }
    assert shared <= asked(Journeys) & asked(GraphJourneys)


@pytest.mark.parametrize("n_draws", [1, 2, 3])
def test_cells_of_a_turn_up_service_have_the_minutes_of_their_draw(n_draws: int) -> None:
    """Ranked minutes and minutes served are those that `turn_up_minutes` gives one by one, draw
    after draw.
    """
    network = from_networkx(town())
    index = network.station_index()
    found = compiled(network, Waits("sampled", n_draws=n_draws, seed=4)).profiles(
        "to", {index["c"]: 0}, SPAN, slack_s=HOUR, bound_s=BOUND
    )
    minutes, limits = minutes_of(SPAN), np.array([900, 1800, 3600], np.int64)
    station = [index[name] for name in ("17", "28", "27", "end", "13")]
    cells = [np.array(part, np.int64) for part in ([0, 2, 5], station, [60, 600, 0, 300, 60])]
    alone = [views.turn_up_minutes(minutes, *cells).tolist() for views in found.draws]
    assert all(one != alone[0] for one in alone[1:])
    each = found.turn_up_minutes(minutes, *cells).astype(np.int64)
    ranked, served = found.turn_up_cells(
        minutes, *cells, np.arange(len(minutes), dtype=np.int64), limits
    )
    assert ranked.tolist() == np.sort(each, axis=1).tolist()
    assert served.tolist() == [[int((row <= limit).sum()) for limit in limits] for row in each]


def test_a_change_takes_what_the_network_lists() -> None:
    """Else what the station's class takes, and where all changes are given, that."""
    links = ref.random_links(Random(3), 5, 3)
    network = from_networkx(to_graph(links))
    assumptions = default_assumptions()
    stations = [replace(s, change_s=None if k else 77) for k, s in enumerate(network.stations)]
    own = replace(network, stations=tuple(stations))
    by_class = [assumptions.station_times[s.station_class].change_s for s in stations]
    assert change_times(own.stations, assumptions).tolist() == [77, *by_class[1:]]
    assert change_times(own.stations, assumptions, 5).tolist() == [5] * len(stations)
