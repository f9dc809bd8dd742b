"""Lines added to a baseline: the same cells and figures as a full run and as a circle, and what the
result says.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from types import SimpleNamespace
from typing import Any, Literal, cast

import numpy as np
import pytest
import shapely

import railshed
from railshed.cells.cell_keys import key_cells
from railshed.circles.analysis import AnalysisInputs
from railshed.comparisons.incremental.baseline import Baseline, _journeys_that_matter, baseline
from railshed.comparisons.incremental.counts import KINDS
from railshed.kernels.types import Profiles
from railshed.network.lines import Line, LineStop, Period, add_lines
from railshed.network.model import Station
from railshed.network.ordering import int32
from railshed.scenario.files import Scenario
from railshed.util.units import HOUR, MINUTE
from tests.support.random_worlds import check, differences, world

pytestmark = pytest.mark.properties


@pytest.mark.parametrize("seed", range(2_000, 2_024))
def test_random_worlds(seed: int) -> None:
    """On random worlds all cells, stations and figures equal those of a full run and of `circle`.

    New stations, walks and core stations, hops of no duration, midnight, to, from and both, all
    readings; `peers/test_incremental_scenarios.py` does the same for a thousand.
    """
    check(seed)


def test_most_worlds_need_no_full_run() -> None:
    """The worlds of the tests are mostly computed incrementally, and some of each kind change
    something.
    """
    methods = []
    for seed in range(2_000, 2_012):
        one = world(seed)
        run = railshed.prepare(one.network, date=one.network.date, cell_size_m=2_000)
        found = baseline(
            run, ["core"], direction=one.direction, readings=["door-to-station"], workers=1
        )
        methods.append(found.with_lines(one.lines, seed=one.seed).method)
    assert methods.count("incremental") >= 6


@cache
def toy() -> Baseline:
    return baseline("toy", workers=1)


def toy_line(*names: str, minutes: int = 5, line_id: str = "new", headway_min: int = 10) -> Line:
    network = toy().run.compiled.network
    stops = [
        LineStop(network.stations[network.get_station(name)], 0 if k == 0 else minutes * MINUTE, 60)
        for k, name in enumerate(names)
    ]
    period = Period(6 * HOUR, 22 * HOUR, headway_min * MINUTE)
    return Line(line_id, line_id, tuple(stops), (period,))


def far_and_core() -> tuple[Station, Station]:
    """Return the farthest station of the toy network from its first core station, and that one."""
    base = toy().cities[0].case
    stations = base.compiled.network.stations
    core = stations[base.core[0]]
    far = max(stations, key=lambda s: (abs(s.lon - core.lon) + abs(s.lat - core.lat), s.station_id))
    return far, core


def test_a_fast_line_gains_and_a_slow_one_changes_nothing() -> None:
    """A five-minute line from the farthest station gains land; one of two hours a hop leaves every
    city as it is.
    """
    far, core = far_and_core()
    change = toy().with_lines([toy_line(far.station_id, core.station_id)])
    assert change.method == "incremental"
    (slug,) = change.cities
    assert change.gained(what="area_km2")[slug] > 0
    assert far.station_id in change.cities[slug].stations
    row, column = change.cells(slug, "door-to-station")
    assert len(row) == len(column) > 0
    none = toy().with_lines([toy_line(far.station_id, core.station_id, minutes=119)])
    assert dict(none.cities) == {}
    assert none.table == []
    assert repr(none) == "<Change of 0 cities, incremental>"


@pytest.mark.parametrize("full", [False, True])
def test_cells_and_polygons_after_a_change_are_those_of_a_full_run(full: bool) -> None:
    """Gained and lost cells at each cutoff, and the polygons below the largest, as `compare` and
    `circle` give them.

    At the largest cutoff every cell centre is on the same side.
    """
    far, core = far_and_core()
    line = toy_line(far.station_id, core.station_id)
    network = add_lines(toy().run.compiled.network, [line])
    change = toy().with_network(network, full=True) if full else toy().with_lines([line])
    (slug,) = change.cities
    before, after = railshed.circle("toy", slug), railshed.circle(network, slug)
    kinds: tuple[tuple[str, Literal["by_rail", "total"]], ...]
    kinds = (("door-to-station", "by_rail"), ("turn-up-and-go", "total"))
    for reading, kind in kinds:
        cutoffs = toy().question.cutoffs[reading]
        drawn = change.polygons(slug, reading, kind=kind)
        whole = (
            after.polygons.query("reading == @reading and kind == @kind")
            .set_index("cutoff_min")
            .geometry
        )
        assert drawn["cutoff_min"].tolist() == list(cutoffs)
        for cutoff, shape in zip(cutoffs, drawn.geometry, strict=True):
            was, now = (_keys_within(circle, reading, kind, cutoff) for circle in (before, after))
            keys, seconds = change.cities[slug].seconds_after(reading)
            mine = key_cells(keys[seconds.of_kind(kind) <= cutoff * MINUTE])
            assert set(zip(*(v.tolist() for v in mine), strict=True)) == now != was
            assert cutoff == max(cutoffs) or shape.equals_exact(whole[cutoff])
            grid = after.counts.land.grid
            lon, lat = grid.unproject(
                *grid.centre(*(np.array(v) for v in zip(*sorted(now), strict=True)))
            )
            assert shapely.contains_xy(shape.buffer(1e-9), lon, lat).all()
    with pytest.raises(railshed.ParameterError, match="the baseline knows times up to 90 min"):
        change.polygons(slug, cutoffs=[95])
    with pytest.raises(
        railshed.ParameterError, match="kind 'rail': allowed are by_rail, local, total"
    ):
        seconds.of_kind("rail")


def _keys_within(
    circle: railshed.Circle, reading: str, kind: str, cutoff_min: int
) -> set[tuple[int, int]]:
    surface, land = circle.surfaces[reading], circle.counts.land
    inside = getattr(surface, f"{kind}_s") <= cutoff_min * MINUTE
    return set(zip(land.row[inside].tolist(), land.column[inside].tolist(), strict=True))


def test_rows_say_before_and_after() -> None:
    """Rows hold every figure after, and before; before is the baseline's own, whatever is added."""
    far, core = far_and_core()
    change = toy().with_lines([toy_line(far.station_id, core.station_id)])
    circle = railshed.circle("toy", toy().cities[0].slug)
    for row in change.table:
        if row["kind"] == "stations":
            continue
        table = circle.summary.readings[row["reading"]].table
        (same,) = (
            r for r in table if (r["cutoff_min"], r["kind"]) == (row["cutoff_min"], row["kind"])
        )
        assert row["people_before"] == same["people"]
        assert row["area_km2_before"] == same["area_km2"]
    assert {row["reading"] for row in change.table} == set(toy().run.readings)


def test_candidates_one_by_one() -> None:
    """`appraise` yields in the order given what `with_lines` says of each, on one thread or
    several.
    """
    far, core = far_and_core()
    candidates = [
        [toy_line(far.station_id, core.station_id, minutes=m, line_id=f"l{m}")]
        for m in range(3, 40, 3)
    ]
    single = [toy().with_lines(lines) for lines in candidates]
    for workers in (1, 3):
        found = list(toy().appraise(iter(candidates), workers=workers))
        assert [f.table for f in found] == [s.table for s in single]
    gains = [sum(f.gained(what="area_km2").values()) for f in single]
    assert gains[0] > gains[-1]


def test_appraise_stops_when_nobody_asks_any_more() -> None:
    """A caller that takes one result and leaves does not compute the rest."""
    far, core = far_and_core()
    taken = []

    def candidates():
        for m in range(3, 60):
            taken.append(m)
            yield [toy_line(far.station_id, core.station_id, minutes=m)]

    found = toy().appraise(candidates(), workers=1)
    next(found)
    found.close()
    assert len(taken) <= 4


@pytest.mark.parametrize("options", [{"max_transfers": 1}, {"max_transfers": 0}, {}])
def test_counted_rides_are_those_of_a_circle(options: dict[str, int]) -> None:
    """A line with any number of changes, with one and with none: figures equal `circle`."""
    run = railshed.prepare("toy", **options)
    far, core = far_and_core()
    lines = [toy_line(far.station_id, core.station_id)]
    change = baseline(run, workers=1).with_lines(lines)
    assert change.method == "incremental"
    larger = add_lines(run.compiled.network, lines)
    circle = railshed.circle(railshed.prepare(larger, **options), toy().cities[0].slug)
    for row in (r for r in circle.summary.readings["door-to-station"].table if r["kind"] in KINDS):
        mine = change.cities[toy().cities[0].slug].after.row(
            "door-to-station", row["cutoff_min"], row["kind"]
        )
        assert {k: row[k] for k in mine} == mine


def toy_scenario(*modifications: dict[str, object]) -> Scenario:
    return Scenario("test", tuple(modifications))


def test_scenarios_are_computed_from_the_baseline() -> None:
    """A line, a core station, trips taken away: as `compare` has it; another feeder takes a full
    run.
    """
    far, core = far_and_core()
    slug = toy().cities[0].slug
    line = {
        "type": "add-trips",
        "name": "fast",
        "stops": [far.station_id, core.station_id],
        "hop_minutes": [5],
        "frequencies": [{"start_time": "06:00", "end_time": "22:00", "headway_minutes": 10}],
    }
    trip = toy().run.compiled.network.trips.trip_ids[0]
    joins = {"type": "add-core-station", "city": slug, "stations": [far.station_id]}
    for scenario, method in (
        (toy_scenario(line), "incremental"),
        (toy_scenario(joins), "incremental"),
        (toy_scenario(line, joins), "incremental"),
        (toy_scenario({"type": "remove-trips", "trips": [trip]}), "incremental"),
        (
            toy_scenario({"type": "remove-trips", "modes": ["rail", "metro", "suburban"]}),
            "incremental",
        ),  # all of them
        (
            toy_scenario(
                {"type": "adjust-station-time", "stations": [far.station_id], "feeder": "metro"}
            ),
            "full",
        ),
    ):
        change = toy().with_scenario(scenario, city=slug)
        assert (change.method, bool(change.why)) == (method, method == "full")
        assert next(toy().appraise([scenario])).table == change.table
        after = railshed.compare(toy().run, slug, scenario).after
        figures = change.cities[slug].after if slug in change.cities else toy().cities[0].figures
        for name, reading in after.summary.to_dict()["readings"].items():
            for row in (r for r in reading["table"] if r["kind"] in KINDS):
                mine = figures.row(name, row["cutoff_min"], row["kind"])
                assert {k: row[k] for k in mine} == mine


def test_full_and_incremental_differ_in_no_cell_of_the_toy() -> None:
    """Every pair of toy stations joined by a line: cells, stations and figures as in a full run."""
    ids = [s.station_id for s in toy().run.compiled.network.stations]
    for k in range(0, len(ids) - 1, 3):
        lines = [
            toy_line(
                ids[k], ids[-1 - k], ids[k // 2 + 1] if ids[k // 2 + 1] != ids[-1 - k] else ids[0]
            )
        ]
        if len({s.station.station_id for s in lines[0].stops}) < 3:
            continue
        full = toy().with_network(add_lines(toy().run.compiled.network, lines), full=True)
        assert full.method == "full"
        assert differences(toy().with_lines(lines), full) == []


@pytest.mark.slow
def test_lines_of_china(china_run: AnalysisInputs) -> None:
    """Two lines, one by way of a new station, in the two cities that they begin at: as full runs,
    all readings.
    """
    run = china_run
    network = run.compiled.network
    found = baseline(run, ["chengdu", "nanjing"])
    new = Station("tianchang", "天长", 119.0, 32.69, "Tianchang")
    for slug, stations, minutes in (
        ("chengdu", ("成都东", "资阳北", "重庆北"), (18, 32)),
        ("nanjing", ("南京南", new, "淮安东"), (22, 25)),
    ):
        named = [
            network.stations[network.get_station(s)] if isinstance(s, str) else s for s in stations
        ]
        stops = tuple(
            LineStop(station, m * MINUTE, MINUTE)
            for station, m in zip(named, (0, *minutes), strict=True)
        )
        lines = [Line("planned", "planned", stops, (Period(6 * HOUR, 23 * HOUR, 15 * MINUTE),))]
        change = found.with_lines(lines)
        assert change.method == "incremental"
        assert differences(change, found.with_network(add_lines(network, lines), full=True)) == []
        assert change.gained(reading="door-to-door", cutoff_min=90)[slug] > 0


def test_journeys_that_matter_to_any_of_some_readings() -> None:
    """Those of 600 seconds at most with the way at home, 10 at a and 0 at b: on the border and past
    it.
    """
    journeys = {"a": [(100, 690), (100, 691), (1_500, 2_000)], "b": [(100, 700), (100, 701)]}
    rows = [journey for each in journeys.values() for journey in each]
    base: Any = SimpleNamespace(
        searches={
            "k": SimpleNamespace(
                profiles=Profiles(
                    np.zeros(2, np.uint32),
                    int32([3, 2]),
                    int32([d for d, _ in rows]),
                    int32([a for _, a in rows]),
                )
            )
        },
        sources=[
            SimpleNamespace(key=key, within_s=s)
            for key, s in (("k", 400), ("k", 600), ("x", 9_999))
        ],
        case=SimpleNamespace(
            home_s=lambda *key: np.array([10, 0]),
            compiled=SimpleNamespace(
                network=SimpleNamespace(stations=[SimpleNamespace(station_id=s) for s in "ab"])
            ),
        ),
    )
    assert _journeys_that_matter(base, cast(Any, "k")) == {
        ("a", 100, 690, 10),
        ("a", 1_500, 2_000, 10),
        ("b", 100, 700, 0),
    }


def test_a_graph_without_a_timetable_is_refused() -> None:
    """Lines are added to timetables; a network of links is refused."""
    network = railshed.load_network("toy")
    graph = railshed.from_networkx(network.to_networkx())
    graph = replace(graph, cities=network.cities)
    with pytest.raises(railshed.ParameterError, match="links instead of a timetable"):
        baseline(graph)


def test_wrong_arguments_are_told() -> None:
    """A line of another type, an unknown reading or city: by name."""
    with pytest.raises(railshed.ParameterError, match="lines"):
        toy().with_lines(["new"])  # type: ignore[list-item]
    with pytest.raises(railshed.ParameterError, match="scenario"):
        toy().with_scenario(7)  # type: ignore[arg-type]
    with pytest.raises(railshed.NotFoundError, match="door-to-moon"):
        baseline("toy", readings=["door-to-moon"])
    with pytest.raises(railshed.NotFoundError):
        baseline("toy", ["atlantis"])
    people = railshed.Opportunities.of_points([100.0], [0.3], {"people": [1.0]})
    with pytest.raises(railshed.ParameterError, match="people of a file"):
        railshed.prepare("toy", population=people).baseline()
    assert np.array(toy().question.limits("door-to-station")).tolist() == [1800, 2700, 3600]
    assert "toy" in repr(toy())
