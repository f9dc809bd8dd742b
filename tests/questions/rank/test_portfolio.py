"""Sets of lines judged by the circles of cities: small networks worked out by hand, and against
full circles.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import networkx as nx
import numpy as np
import pytest

import railshed
from railshed.comparisons.objective import Objective, objective_of
from railshed.network.cities import Centre, City
from railshed.network.links import from_networkx
from railshed.questions.rank.portfolio import ObjectiveEvaluator, Portfolio
from railshed.questions.rank.reached import reached_of, united
from railshed.questions.rank.set_functions import attribute
from railshed.scenario.files import scenario_from_dict
from railshed.util.errors import InputError, ParameterError
from tests.support.small_networks import place, small_network

#: kilometres east of the core station; people stand at the doors
AT = {"core": 0, "a": 20, "b": 40, "c": -30, "d": -60, "e": 200}
PEOPLE = {"core": 1024, "a": 1, "b": 2, "c": 4, "d": 8, "e": 16}


def hourly(*calls, every=10):
    """Return trips 06:00 to 10:00 with calls at (station, minute)."""
    trips = {}
    for start in range(360, 600, every):
        clock = [(s, f"{(start + m) // 60:02d}:{(start + m) % 60:02d}") for s, m in calls]
        trips[f"{calls[0][0]}{calls[-1][0]}{start}"] = clock
    return trips


def network(cities=("core",), centres=()):
    """Return six stations; trains from e to d alone, which is of no use.

    `centres` are cities with one at the door.
    """
    found = tuple(
        City(
            s,
            s,
            s,
            (s,),
            (Centre(s, s, *place(AT[s])),) if s in centres else (),
            window_to=(27_000, 34_200),
            proper_counties=(),
        )
        for s in cities
    )
    return small_network(
        {s: (km, 0) for s, km in AT.items()}, hourly(("e", 0), ("d", 300)), cities=found
    )


def line(name, *stops, minutes=10, every=10):
    period = {"start_time": "05:00", "end_time": "11:00", "headway_minutes": every}
    return scenario_from_dict(
        {
            "title": name,
            "modification": [
                {
                    "type": "add-trips",
                    "name": name,
                    "stops": list(stops),
                    "hop_minutes": [minutes] * (len(stops) - 1),
                    "frequencies": [period],
                }
            ],
        }
    )


LINES = {
    "A": line("A", "a", "core"), "B": line("B", "b", "a"), "C": line("C", "c", "core"),
    "E": line("E", "e", "b", minutes=40),
}  # fmt: skip


def with_people(net):
    """Return the run with people as points at the doors, in place of the network's own."""
    where = np.array([place(km) for km in AT.values()])
    people = railshed.Opportunities.of_points(
        where[:, 0], where[:, 1], {"people": np.array(list(PEOPLE.values()), float)}, 4326
    )
    return railshed.prepare(net, population=people, access="walk")


@pytest.fixture(scope="module")
def run():
    return with_people(network(("core", "c")))


def portfolio(run, cities, objective="people60s", lines=LINES, direction="to"):
    found = [run.compiled.network.get_city(c) for c in cities]
    return Portfolio(run, found, lines, objective_of(objective), direction)


def test_what_each_set_reaches(run):
    """A (1) brings a; A and B (2) bring b too, B alone nothing; C (4) brings c; E (8) is too long a
    ride.
    """
    p = portfolio(run, ["core"])
    known = {
        0: 0,
        1: 1,
        2: 0,
        3: 3,
        4: 4,
        5: 5,
        6: 4,
        7: 7,
        8: 0,
        9: 1,
        10: 0,
        11: 3,
        12: 4,
        13: 5,
        14: 4,
        15: 7,
    }
    for number, gain in known.items():
        chosen = frozenset(k for k in range(4) if number >> k & 1)
        assert p.value(chosen) - p.value(frozenset()) == gain, chosen
    assert p.monotone


def test_attribution_by_hand(run):
    """A: 1 alone, 3 last (b hangs on it), Shapley 2; B: 0, 2, 1; C: 4 throughout; E nothing.

    They sum to 7.
    """
    found = attribute(portfolio(run, ["core"]).function())
    assert found.total == 7
    assert found.alone == (1, 0, 4, 0)
    assert found.last_in == (3, 2, 4, 0)
    assert found.shapley == pytest.approx((2, 1, 4, 0))


def test_nobody_is_counted_twice(run):
    """Two cities share their circles once C joins them: the union counts every door once.

    Without lines no one comes by rail. With all: a, b and c are within the hour of the core, and
    over C the core, a (C and A, with a change) are within that of c.
    """
    p = portfolio(run, ["core", "c"])
    whole = frozenset(range(4))
    assert p.value(frozenset()) == 0
    assert p.value(whole) == 1024 + 1 + 2 + 4


def test_values_are_those_of_full_circles():
    """On the grid city: people, area and both other readings as `compare` has them, and the union
    as `union` has it.
    """
    toy = railshed.load_network("toy")
    run = railshed.prepare(toy)
    lines = {"A": line("A", "mid", "east"), "B": line("B", "east", "southeast")}
    names = ("people60s", "area60s", "people45s", "people60t", "people90")
    each = [portfolio(run, ["mid"], name, lines) for name in names]
    for chosen, scenario in (
        (frozenset([1]), [lines["B"]]),
        (frozenset([0, 1]), list(lines.values())),
    ):
        after = railshed.apply_scenario(toy, scenario, city="mid")
        circle = railshed.circle(after, "mid")
        rows = {
            (name, row["cutoff_min"]): row
            for name, block in circle.summary.to_dict()["readings"].items()
            for row in block["table"]
            if row["kind"] == "by_rail"
        }
        station, turn_up, door = (
            rows[r, c]
            for r, c in (
                ("door-to-station", 60),
                ("turn-up-and-go", 60),
                ("door-to-door", 90),
            )
        )
        expected = (
            station["people_outside_city"], station["area_km2_outside_city"],
            rows["door-to-station", 45]["people_outside_city"], turn_up["people_outside_city"],
            door["people_outside_city"],
        )  # fmt: skip
        assert tuple(p.value(chosen) for p in each) == pytest.approx(expected, abs=0.5)
    assert all(p.n_from_baseline for p in each)  # added lines on a timetable need no full run
    both = tuple(
        portfolio(run, ["mid", "east"], name, lines).value(frozenset())
        for name in ("people60", "area60")
    )
    row = run.union(["mid", "east"]).union["by_rail"]
    assert both == pytest.approx(
        (row["people_outside_city"], row["area_km2_outside_city"]), abs=0.5
    )


@pytest.mark.parametrize("objective", ["people60s", "minutes-s"])
def test_what_is_not_worked_out_is_the_same(run, objective, monkeypatch):
    """Every set worked out on its own, each draw by a full run, gives what the portfolio gives
    without any.
    """
    monkeypatch.setattr("railshed.comparisons.objective.N_PHASES", 4)
    p = portfolio(run, ["core", "c"], objective)
    for number in range(16):
        chosen = frozenset(k for k in range(4) if number >> k & 1)
        circles = [p.evaluator.inside_of(p.runs_of(chosen), city) for city in p.evaluator.cities]
        assert p.value(chosen) == pytest.approx(p.evaluator.value(circles))
    assert p.n_circles == 0


def test_removed_trips_are_not_monotone(run):
    """A scenario that removes trains makes no promise, and nothing is taken from larger sets."""
    lines = LINES | {
        "R": scenario_from_dict(
            {
                "title": "R",
                "modification": [
                    {"type": "remove-trips", "name": "R", "from": "e", "to": "d"},
                ],
            }
        )
    }
    assert not portfolio(run, ["core"], lines=lines).monotone


@pytest.mark.parametrize("objective", ["people60s", "minutes-s"])
def test_trips_taken_away_and_slower_are_computed_from_the_baseline(objective):
    """Of the grid city, each set of a line, a route fewer and a slower one: as full circles have
    it; less is less.
    """
    toy = railshed.prepare(railshed.load_network("toy"))
    lines = {
        "A": line("A", "mid", "east"),
        "R": scenario_from_dict(
            {"title": "R", "modification": [{"type": "remove-trips", "routes": ["sw"]}]}
        ),
        "S": scenario_from_dict(
            {
                "title": "S",
                "modification": [{"type": "adjust-speed", "modes": ["rail"], "scale": 0.8}],
            }
        ),
    }
    p = portfolio(toy, ["mid", "east"], objective, lines)
    assert not p.monotone
    for number in range(8) if objective == "people60s" else (0, 6, 7):
        chosen = frozenset(k for k in range(3) if number >> k & 1)
        circles = [p.evaluator.inside_of(p.runs_of(chosen), city) for city in p.evaluator.cities]
        assert p.value(chosen) == pytest.approx(p.evaluator.value(circles))
    assert p.n_circles == 0
    assert p.value(frozenset([1, 2])) < p.value(frozenset())


def test_all_mistakes_at_once(run):
    """A station that is not known in one candidate and a headway of 0 in another stand in one
    error.
    """
    lines = {"A": line("A", "a", "nowhere"), "B": line("B", "b", "a", every=0)}
    with pytest.raises(InputError) as error:
        portfolio(run, ["core"], lines=lines)
    assert "nowhere" in str(error.value)
    assert "headway_minutes" in str(error.value)


def test_alternatives_are_found(run):
    """Two lines of one name exclude each other, whatever stands between them; both are worth what
    the better one is.
    """
    lines = {"A": LINES["A"], "C": LINES["C"], "A2": line("A", "b", "a", "core")}
    p = portfolio(run, ["core"], lines=lines)
    ((pair, why),) = p.clashes.items()
    assert pair == {0, 2}
    assert "field name: modification 1: is the name of another line" in why
    value = p.function()
    none = value(())
    assert [value(s) - none for s in ((0,), (2,), (0, 2), (0, 1, 2))] == [1, 3, 3, 7]
    found = attribute(value)
    assert found.shapley == pytest.approx((0.5, 4, 2.5))
    assert found.total == 7


def test_three_that_exclude_each_other_are_told():
    """Two take away half of the trains from e to d each, the third all that are left: two can be
    built, not three.
    """
    halves = [[f"ed{start}" for start in range(first, first + 120, 10)] for first in (360, 480)]
    cuts = [{"trips": halves[0]}, {"trips": halves[1]}, {"from": "e", "to": "d"}]
    lines = {
        f"R{k}": scenario_from_dict(
            {"title": f"R{k}", "modification": [{"type": "remove-trips", **cut}]}
        )
        for k, cut in enumerate(cuts)
    }
    city = City(
        "core", "core", "core", ("core",), (), window_to=(27_000, 34_200), proper_counties=()
    )
    trips = hourly(("e", 0), ("d", 300)) | hourly(("a", 0), ("b", 30))
    run = railshed.prepare(
        small_network({s: (km, 0) for s, km in AT.items()}, trips, cities=(city,))
    )
    with pytest.raises(InputError, match="though each two can be built: R0, R1, R2: "):
        portfolio(run, ["core"], "area60s", lines)
    for pair in (("R0", "R1"), ("R0", "R2"), ("R1", "R2")):
        assert not portfolio(run, ["core"], "area60s", {name: lines[name] for name in pair}).clashes


def test_too_many_ways_are_refused(run):
    """Seven pairs of alternatives are 128 ways, more than 64: refused, with what to do."""
    lines = {f"{k}{side}": line(str(k), "a", "core") for k in range(7) for side in "xy"}
    with pytest.raises(
        ParameterError, match="128 ways to take one of the candidates that exclude each other"
    ):
        portfolio(run, ["core"], lines=lines)


def test_what_building_all_brings_about_is_told():
    """Of two new core stations 300 m apart one has the exit of a metro: said of both together, of
    neither alone.
    """
    lines = {}
    for name, km, kind in (("m", 0, "hub"), ("n", 0.3, "metro")):
        lon, lat = place(km, 30)
        stop = {"name": name, "lon": lon, "lat": lat, "station_class": kind, "core_city": "core"}
        lines[name] = line(name, "a", stop, minutes=40)
    p = portfolio(railshed.prepare(network()), ["core"], "area60s", lines)
    assert p.new_terminals == [("m",), ("n",)]
    (result,) = p.together
    assert "arrivals at m would leave through n sooner" in result
    assert result in p.notes


def test_a_city_without_a_centre_is_reached_from_nowhere(run):
    """Door to door needs a centre: refused where no city has one; of two cities the one without
    adds nothing, and what is added to the other still follows from its baseline."""
    with pytest.raises(
        ParameterError,
        match="people90: door-to-door is not defined: no station is near an employment",
    ):
        portfolio(run, ["core"], "people90")
    one = with_people(network(("core", "c"), centres=("core",)))
    both, alone = (portfolio(one, cities, "minutes") for cities in (["core", "c"], ["core"]))
    assert (
        both.value(frozenset([0, 1])) == alone.value(frozenset([0, 1])) > alone.value(frozenset())
    )
    assert both.n_circles == 0


def saved_by(a_line, **options):
    """Return person-minutes that 100 people at a, 20 km from the centre, save by a line to it; on
    foot, no trains.
    """
    lon, lat = place(AT["a"])
    people = railshed.Opportunities.of_points(
        np.array([lon]), np.array([lat]), {"people": np.array([100.0])}, 4326
    )
    run = railshed.prepare(network(("core",), centres=("core",)), population=people, access="walk")
    p = portfolio(run, ["core"], lines={"A": a_line}, **options)
    assert p.value(frozenset()) == 0
    assert p.n_circles == 0
    return p.worth(0)


def test_person_minutes_by_hand():
    """Who comes from beyond 90 minutes to below 30 saves 60: 100 people 6,000 person-minutes. A
    ride that is 3 minutes longer, with the same phases, saves each 3 minutes less, and all are
    within 60 and 90 either way."""
    found = saved_by(line("A", "a", "core", minutes=3), objective="minutes")
    assert found == {
        "saved": 6_000,
        "saved_p10": 6_000,
        "saved_p90": 6_000,
        "savers": 100,
        "mean_minutes": 60,
        "within_60": 100,
        "within_90": 100,
    }
    ten, thirteen = (
        saved_by(line("A", "a", "core", minutes=m), objective="minutes") for m in (20, 23)
    )
    assert ten["saved"] - thirteen["saved"] == pytest.approx(300)
    assert ten["mean_minutes"] - thirteen["mean_minutes"] == pytest.approx(3)
    assert (ten["savers"], ten["within_60"], ten["within_90"]) == (100, 100, 100)


@pytest.mark.parametrize(("objective", "weight"), [("minutes", 0.5), ("minutes-t", 1)])
def test_a_line_falls_in_worth_with_its_headway(objective, weight):
    """Trains every 4 and 8 minutes: of the 120 deadlines (or departures) of two hours the 60th is 1
    and 3 whole minutes early and the rest of one, half a minute in the mean over phases; every 16
    minutes, which do not go into two hours, 7 or 8 by phase, every 32 minutes 14 to 16. An early
    minute counts half, a minute of waiting whole.
    """
    every = (4, 8, 16, 32)
    saved = [
        saved_by(line("A", "a", "core", minutes=20, every=n), objective=objective)["saved"]
        for n in every
    ]
    assert saved == sorted(saved, reverse=True)
    lost = [(one - other) / 100 / weight for one, other in pairwise(saved)]
    for minutes, (least, most) in zip(lost, ((2, 2), (4, 5), (6, 9)), strict=True):
        assert least - 0.5 <= minutes <= most + 0.5


def test_a_time_just_at_the_cutoff_is_within_it():
    """At 90 minutes nothing is saved and the place is within 90; at 60 it is within 60, one second
    more is not.
    """
    one = objective_of("minutes")
    cells, seconds = np.arange(4), np.array([5_400, 3_600, 3_601, 5_401], np.int64)
    circle = reached_of(one, [(cells, seconds)] * 2)
    assert circle.of_draw(cells, 1).tolist() == [0, 1_800, 1_799, 0]
    assert circle.cells.tolist() == [0, 0, 1, 1, 2, 2]
    run = railshed.prepare(network(("core",), centres=("core",)))
    evaluator = ObjectiveEvaluator(run, run.compiled.network.cities, replace(one, column="area"))
    evaluator._keys, evaluator._weights = (
        cells,
        np.array([1.0, 10.0, 100.0, 1000.0]),
    )  # what lies in each
    worth = evaluator.worth(
        [reached_of(one, [])], [reached_of(one, [(cells, seconds)] * one.n_phases)]
    )
    assert (worth["within_60"], worth["within_90"], worth["savers"]) == (10, 111, 110)
    assert worth["mean_minutes"] == pytest.approx((10 * 1_800 + 100 * 1_799) / 110 / 60)


def test_circles_are_united_draw_by_draw():
    """Of two circles each draw has the most that each cell counts there, never that of another
    draw.
    """
    one = objective_of("minutes")
    cells = np.array([3, 5])
    first = reached_of(one, [(cells, np.array([1_800, 5_000])), (cells, np.array([4_000, 9_999]))])
    other = reached_of(one, [(cells[1:], np.array([4_000])), (cells[1:], np.array([5_400]))])
    both = united([first, other])
    assert [both.of_draw(cells, draw).tolist() for draw in (0, 1)] == [[3_600, 1_400], [1_400, 0]]
    assert both.cells.tolist() == [3, 3, 5, 5]
    assert both.beyond(first).cells.tolist() == [5, 5]


def test_objectives_by_name():
    """Minutes saved, or people within so many door to door; letters for the other readings; else
    what is allowed.
    """
    assert objective_of("people60") == Objective("people60", "people", 60, "door-to-door")
    assert objective_of("people90s") == Objective("people90s", "people", 90, "door-to-station")
    assert objective_of("jobs45t") == Objective("jobs45t", "jobs", 45, "turn-up-and-go")
    assert objective_of("minutes") == Objective(
        "minutes", "people", 90, "door-to-door", least_min=30
    )
    assert objective_of("minutes-t").reading == "turn-up-and-go"
    for wrong, pattern in (
        ("people", "people60"),
        ("60", "people60"),
        ("people60x", "reading 'x'"),
        ("people60d", "reading 'd'"),
        ("minutes-x", "reading 'x'"),
        ("people0", "1 to 120"),
    ):
        with pytest.raises(ParameterError, match=pattern):
            objective_of(wrong)


def test_columns_that_are_not_there_are_told(run):
    """Jobs where only people are given: what there is, is said."""
    with pytest.raises(ParameterError, match="no column 'jobs'; there are people, area"):
        ObjectiveEvaluator(run, [run.compiled.network.get_city("core")], objective_of("jobs60"))


def test_a_mistake_that_no_row_has_names_its_candidate():
    """Lines on a graph with headways: no field is wrong, and each candidate says that there is no
    timetable.
    """
    graph = nx.Graph()
    for name in ("core", "a"):
        lon, lat = place(AT[name])
        graph.add_node(name, lon=lon, lat=lat, station_class="metro")
    graph.add_edge("core", "a", minutes=10, line="L", headway_minutes=10)
    city = City(
        "core", "core", "core", ("core",), (), window_to=(27_000, 34_200), proper_counties=()
    )
    run = railshed.prepare(replace(from_networkx(graph), cities=(city,)))
    with pytest.raises(InputError) as caught:
        portfolio(run, ["core"], "area60s")
    head, *each = str(caught.value).split("\n  ")
    assert head == "candidates: 4 problems"
    assert [text.split(":")[0] for text in each] == list("ABCE")
    assert all("has links instead of a timetable" in text for text in each)
