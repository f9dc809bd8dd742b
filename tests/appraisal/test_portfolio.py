"""Sets of lines judged by the circles of cities: small networks worked out by hand, and against full circles."""

from __future__ import annotations

from dataclasses import replace

import networkx as nx
import numpy as np
import pytest

import railshed
from railshed.appraisal.objective import Objective, objective_of
from railshed.appraisal.portfolio import ObjectiveEvaluator, Portfolio
from railshed.appraisal.set_functions import attribute
from railshed.network.cities import City
from railshed.network.links import from_networkx
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


def network(cities=("core",)):
    """Return six stations; trains from e to d alone, which is of no use."""
    found = tuple(City(s, s, s, (s,), (), window_to=(27_000, 34_200), proper_counties=()) for s in cities)
    return small_network({s: (km, 0) for s, km in AT.items()}, hourly(("e", 0), ("d", 300)), cities=found)


def line(name, *stops, minutes=10, every=10):
    period = {"start_time": "05:00", "end_time": "11:00", "headway_minutes": every}
    return scenario_from_dict({
        "title": name, "modification": [{
            "type": "add-trips", "name": name, "stops": list(stops), "hop_minutes": [minutes] * (len(stops) - 1),
            "frequencies": [period],
        }],
    })  # fmt: skip


LINES = {
    "A": line("A", "a", "core"), "B": line("B", "b", "a"), "C": line("C", "c", "core"),
    "E": line("E", "e", "b", minutes=40),
}  # fmt: skip


@pytest.fixture(scope="module")
def run():
    """People as points at the doors, in place of the network's own."""
    where = np.array([place(km) for km in AT.values()])
    people = railshed.Opportunities.of_points(
        where[:, 0], where[:, 1], {"people": np.array(list(PEOPLE.values()), float)}, 4326
    )
    return railshed.prepare(network(("core", "c")), population=people, access="walk")


def portfolio(run, cities, objective="people60", lines=LINES, direction="to"):
    found = [run.compiled.network.get_city(c) for c in cities]
    return Portfolio(run, found, lines, objective_of(objective), direction)


def test_what_each_set_reaches(run):
    """A (1) brings a; A and B (2) bring b too, B alone nothing; C (4) brings c; E (8) is too long a ride."""
    p = portfolio(run, ["core"])
    known = {0: 0, 1: 1, 2: 0, 3: 3, 4: 4, 5: 5, 6: 4, 7: 7, 8: 0, 9: 1, 10: 0, 11: 3, 12: 4, 13: 5, 14: 4, 15: 7}
    for number, gain in known.items():
        chosen = frozenset(k for k in range(4) if number >> k & 1)
        assert p.value(chosen) - p.value(frozenset()) == gain, chosen
    assert p.monotone


def test_attribution_by_hand(run):
    """A: 1 alone, 3 last (b hangs on it), Shapley 2; B: 0, 2, 1; C: 4 throughout; E nothing. They sum to 7."""
    found = attribute(portfolio(run, ["core"]).function())
    assert found.total == 7
    assert found.alone == (1, 0, 4, 0)
    assert found.last_in == (3, 2, 4, 0)
    assert found.shapley == pytest.approx((2, 1, 4, 0))


def test_nobody_is_counted_twice(run):
    """Two cities share their circles once C joins them: the union counts every door once.

    Without lines: both doors, 1024 + 4. With all: a and b are within the hour of the core, of which c is no part.
    """
    p = portfolio(run, ["core", "c"])
    whole = frozenset(range(4))
    assert p.value(frozenset()) == 1028
    assert p.value(whole) == 1024 + 1 + 2 + 4


def test_values_are_those_of_full_circles():
    """On the grid city: people, area and both other readings as `compare` has them, and the union as `union` has it."""
    toy = railshed.load_network("toy")
    run = railshed.prepare(toy)
    lines = {"A": line("A", "mid", "east"), "B": line("B", "east", "southeast")}
    names = ("people60", "area60", "people45", "people60t", "people90d")
    each = [portfolio(run, ["mid"], name, lines) for name in names]
    for chosen, scenario in ((frozenset([1]), [lines["B"]]), (frozenset([0, 1]), list(lines.values()))):
        after = railshed.apply_scenario(toy, scenario, city="mid")
        circle = railshed.circle(after, "mid")
        rows = {
            (name, row["cutoff_min"]): row
            for name, block in circle.summary.to_dict()["readings"].items()
            for row in block["table"]
            if row["kind"] == "total"
        }
        station, turn_up, door = (rows[r, c] for r, c in (
            ("door-to-station", 60), ("turn-up-and-go", 60), ("door-to-door", 90),
        ))  # fmt: skip
        expected = (
            station["people_outside_city"], station["area_km2_outside_city"],
            rows["door-to-station", 45]["people_outside_city"], turn_up["people_outside_city"],
            door["people_outside_city"],
        )  # fmt: skip
        assert tuple(p.value(chosen) for p in each) == pytest.approx(expected, abs=0.5)
    assert all(p.n_from_baseline for p in each)  # added lines on a timetable need no full run
    both = tuple(portfolio(run, ["mid", "east"], name, lines).value(frozenset()) for name in names[:2])
    row = run.union(["mid", "east"]).union["total"]
    assert both == pytest.approx((row["people_outside_city"], row["area_km2_outside_city"]), abs=0.5)


def test_what_is_not_worked_out_is_the_same(run):
    """Every set worked out on its own gives what the portfolio gives, which works out fewer circles."""
    p = portfolio(run, ["core", "c"])
    for number in range(16):
        chosen = frozenset(k for k in range(4) if number >> k & 1)
        circles = [p.evaluator.inside_of(p.run_of(chosen), city) for city in p.evaluator.cities]
        assert p.value(chosen) == p.evaluator.value(circles)
    assert p.n_circles < 2 * 16


def test_removed_trips_are_not_monotone(run):
    """A scenario that removes trains makes no promise, and nothing is taken from larger sets."""
    lines = LINES | {"R": scenario_from_dict({"title": "R", "modification": [
        {"type": "remove-trips", "name": "R", "from": "e", "to": "d"},
    ]})}  # fmt: skip
    assert not portfolio(run, ["core"], lines=lines).monotone


def test_all_mistakes_at_once(run):
    """A station that is not known in one candidate and a headway of 0 in another stand in one error."""
    lines = {"A": line("A", "a", "nowhere"), "B": line("B", "b", "a", every=0)}
    with pytest.raises(InputError) as error:
        portfolio(run, ["core"], lines=lines)
    assert "nowhere" in str(error.value)
    assert "headway_minutes" in str(error.value)


def test_alternatives_are_found(run):
    """Two lines of one name exclude each other, whatever stands between them; both are worth what the better one is."""
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
    """Two take away half of the trains from e to d each, the third all that are left: two can be built, not three."""
    halves = [[f"ed{start}" for start in range(first, first + 120, 10)] for first in (360, 480)]
    cuts = [{"trips": halves[0]}, {"trips": halves[1]}, {"from": "e", "to": "d"}]
    lines = {
        f"R{k}": scenario_from_dict({"title": f"R{k}", "modification": [{"type": "remove-trips", **cut}]})
        for k, cut in enumerate(cuts)
    }
    city = City("core", "core", "core", ("core",), (), window_to=(27_000, 34_200), proper_counties=())
    trips = hourly(("e", 0), ("d", 300)) | hourly(("a", 0), ("b", 30))
    run = railshed.prepare(small_network({s: (km, 0) for s, km in AT.items()}, trips, cities=(city,)))
    with pytest.raises(InputError, match="though each two can be built: R0, R1, R2: "):
        portfolio(run, ["core"], "area60", lines)
    for pair in (("R0", "R1"), ("R0", "R2"), ("R1", "R2")):
        assert not portfolio(run, ["core"], "area60", {name: lines[name] for name in pair}).clashes


def test_too_many_ways_are_refused(run):
    """Seven pairs of alternatives are 128 ways, more than 64: refused, with what to do."""
    lines = {f"{k}{side}": line(str(k), "a", "core") for k in range(7) for side in "xy"}
    with pytest.raises(ParameterError, match="128 ways to take one of the candidates that exclude each other"):
        portfolio(run, ["core"], lines=lines)


def test_what_building_all_brings_about_is_told():
    """Of two new core stations 300 m apart one has the exit of a metro: said of both together, of neither alone."""
    lines = {}
    for name, km, kind in (("m", 0, "hub"), ("n", 0.3, "metro")):
        lon, lat = place(km, 30)
        stop = {"name": name, "lon": lon, "lat": lat, "station_class": kind, "core_city": "core"}
        lines[name] = line(name, "a", stop, minutes=40)
    p = portfolio(railshed.prepare(network()), ["core"], "area60", lines)
    (result,) = p.together
    assert "arrivals at m would leave through n sooner" in result
    assert result in p.notes


def test_a_city_without_a_centre_is_reached_from_nowhere(run):
    """Door to door needs a centre: without one no one is within reach, whatever is built, and nothing breaks."""
    p = portfolio(run, ["core"], "people90d")
    assert p.value(frozenset()) == p.value(frozenset([0, 1])) == 0


def test_objectives_by_name():
    """people90d is door to door within 90 minutes; anything else says what is allowed."""
    assert objective_of("people60") == Objective("people60", "people", 60)
    assert objective_of("people90d") == Objective("people90d", "people", 90, "door-to-door")
    assert objective_of("jobs45t") == Objective("jobs45t", "jobs", 45, "turn-up-and-go")
    for wrong, pattern in (
        ("people", "people60"),
        ("60", "people60"),
        ("people60x", "reading 'x'"),
        ("people0", "1 to 120"),
    ):
        with pytest.raises(ParameterError, match=pattern):
            objective_of(wrong)


def test_columns_that_are_not_there_are_told(run):
    """Jobs where only people are given: what there is, is said."""
    with pytest.raises(ParameterError, match="no column 'jobs'; there are people, area"):
        ObjectiveEvaluator(run, [run.compiled.network.get_city("core")], objective_of("jobs60"))


def test_a_mistake_that_no_row_has_names_its_candidate():
    """Lines on a graph with headways: no field is wrong, and each candidate says that there is no timetable."""
    graph = nx.Graph()
    for name in ("core", "a"):
        lon, lat = place(AT[name])
        graph.add_node(name, lon=lon, lat=lat, station_class="metro")
    graph.add_edge("core", "a", minutes=10, line="L", headway_minutes=10)
    city = City("core", "core", "core", ("core",), (), window_to=(27_000, 34_200), proper_counties=())
    run = railshed.prepare(replace(from_networkx(graph), cities=(city,)))
    with pytest.raises(InputError) as caught:
        portfolio(run, ["core"], "area60")
    head, *each = str(caught.value).split("\n  ")
    assert head == "candidates: 4 problems"
    assert [text.split(":")[0] for text in each] == list("ABCE")
    assert all("has links instead of a timetable" in text for text in each)
