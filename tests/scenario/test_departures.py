"""Lines by their departures and by a CSV timetable: the trains that run, what is refused, files,
incremental runs.
"""

from __future__ import annotations

import json
from pathlib import Path
from random import Random
from typing import Any

import jsonschema
import pytest

import railshed
from railshed.cli.verify import _written
from railshed.comparisons.incremental.baseline import baseline
from railshed.io.networks import load_network
from railshed.network.lines import TIMED_PREFIX
from railshed.network.model import Network
from railshed.questions.backtest.backtest import predict
from railshed.questions.compare.screen import comparison_screen
from railshed.questions.data.scenario_tables import scenario_blocks
from railshed.questions.rank.trade_offs import variants_of
from railshed.scenario.apply import load_scenario, resolve
from railshed.scenario.edits import calls_of
from railshed.scenario.files import Scenario, scenario_from_dict, scenario_toml
from railshed.scenario.modifications import scenario_schema
from railshed.scenario.plan import Plan
from railshed.show.console import show
from railshed.uncertainty.drawn_timetables import SearchedPart
from railshed.util.errors import InputError, Issue
from railshed.util.units import format_clock
from tests.support.random_worlds import compared, prepared, world
from tests.support.small_networks import small_network

LINE: dict[str, Any] = {
    "type": "add-trips",
    "name": "L",
    "stops": ["a", "b", "c"],
    "hop_minutes": [10, 10],
    "dwell_minutes": 1,
}
BY_TABLE: dict[str, Any] = {
    "type": "add-trips",
    "name": "L",
    "stops": ["a", "b", "c"],
    "timetable": "l.csv",
}
HEAD = "trip_id,station,arrival,departure\n"
#: two trains there with 10 + 1 + 10 minutes, an express in 17, one back that ends at B, past
#: midnight
ROWS = (
    "1,a,,06:42\n1,b,06:52,06:53\n1,c,07:03,\n"
    "x,A,07:00:30,07:00:30\nx,c,07:17:30,07:17:30\n"
    "2,a,07:10,07:10\n2,b,07:20,07:21\n2,c,07:31,07:31\n"
    "3,c,23:50,23:55\n3,b,24:08,24:10\n"
)


@pytest.fixture(scope="module")
def base() -> Network:
    places = {"a": (0.0, 0.0), "b": (10.0, 0.0), "c": (20.0, 0.0), "d": (30.0, 0.0)}
    return small_network(places, {"t": [("a", "05:00"), ("d", "05:40")]})


def after(base: Network, *given: dict[str, Any]) -> Plan:
    jsonschema.Draft202012Validator(scenario_schema()).validate({"modification": list(given)})
    return resolve(base, scenario_from_dict({"modification": list(given)}))


def issues(base: Network, one: dict[str, Any]) -> list[Issue]:
    with pytest.raises(InputError) as caught:
        resolve(base, scenario_from_dict({"modification": [one]}))
    return list(caught.value.issues)


def trains(found: Plan) -> list[tuple[str, ...]]:
    """Return the calls of each added train, in order of departure: id and departure (of the last:
    arrival).
    """
    network = found.network
    trips = [k for k, route in enumerate(network.trips.route_ids) if route == "L"]
    return [
        tuple(
            f"{network.stations[s].station_id} {format_clock(t)}"
            for s, t in zip(
                calls.station_idx, [*calls.departure_s[:-1], calls.arrival_s[-1]], strict=True
            )
        )
        for calls in calls_of(network, trips).values()
    ]


def test_trains_leave_at_the_times_given(base: Network) -> None:
    """Two trains there and one back, and none besides; nothing is drawn, so a seed
    changes nothing.
    """
    one = {**LINE, "departures": ["07:10", "06:42:30"], "departures_back": ["25:10"]}
    found = after(base, one)
    assert trains(found) == [
        ("a 06:42:30", "b 06:53:30", "c 07:03:30"),
        ("a 07:10", "b 07:21", "c 07:31"),
        ("c 25:10", "b 25:21", "a 25:31"),
    ]
    assert trains(resolve(base, scenario_from_dict({"seed": 9, "modification": [one]}))) == trains(
        found
    )
    (line,) = found.lines
    assert [(p.start_s, p.phase_s) for p in line.periods] == [
        (24_150, (0, 60)),
        (25_800, (0, 60)),
        (90_600, (60, 0)),
    ]
    assert trains(after(base, {**LINE, "departures": ["06:42"], "bidirectional": False})) == [
        ("a 06:42", "b 06:53", "c 07:03")
    ]


def test_departures_of_stop_patterns(base: Network) -> None:
    """An express with `stops = []` runs nonstop between the ends of the line: 20 minutes,
    not 21.
    """
    patterns = [{"name": "x", "stops": [], "departures": ["07:00"], "departures_back": ["08:00"]}]
    found = after(
        base,
        {**LINE, "departures": ["06:00"], "departures_back": ["06:30"], "stop_patterns": patterns},
    )
    assert trains(found) == [
        ("a 06:00", "b 06:11", "c 06:21"),
        ("c 06:30", "b 06:41", "a 06:51"),
        ("a 07:00", "c 07:20"),
        ("c 08:00", "a 08:20"),
    ]


@pytest.mark.parametrize(
    ("more", "field", "says"),
    [
        ({"departures": ["06:42"]}, "departures_back", "the line runs back as well"),
        ({"departures_back": ["06:42"]}, "departures", "is missing beside departures_back"),
        (
            {"departures": ["06:42"], "departures_back": ["07:00"], "bidirectional": False},
            "departures_back",
            "does not run back",
        ),
        (
            {"departures": [], "departures_back": ["07:00"]},
            "departures",
            "is not a list of clock times",
        ),
        (
            {"departures": "06:42", "departures_back": ["07:00"]},
            "departures",
            "is not a list of clock times",
        ),
        (
            {"departures": ["06:42", "6.50"], "departures_back": ["07:00"]},
            "departures[2]",
            "is not a clock time",
        ),
        (
            {"departures": ["48:01"], "departures_back": ["07:00"]},
            "departures[1]",
            "is not a clock time",
        ),
        (
            {"departures": ["01:10", "25:10"], "departures_back": ["7:00"]},
            "departures[2]",
            "at the time of another",
        ),
        (
            {"departures": ["06:42"], "departures_back": ["07:00"], "trips_per_day": 3},
            "departures",
            "is given together with trips_per_day",
        ),
        (
            {"departures": ["06:42"], "departures_back": ["07:00"], "start_time": "06:00"},
            "start_time",
            "goes with trips_per_day",
        ),
        ({}, "frequencies", "the line has no headway"),
    ],
)
def test_departures_that_are_refused(
    base: Network, more: dict[str, Any], field: str, says: str
) -> None:
    found = issues(base, {**LINE, **more})
    assert [issue.field for issue in found] == [field]
    assert says in found[0].message


def test_a_timetable_gives_its_trains(base: Network) -> None:
    """Rows by trip, names and ids, blank ends, seconds, the other direction, past midnight: just
    these calls.
    """
    found = after(base, {**BY_TABLE, "timetable": HEAD + ROWS})
    assert trains(found) == [
        ("a 06:42", "b 06:53", "c 07:03"),
        ("a 07:00:30", "c 07:17:30"),
        ("a 07:10", "b 07:21", "c 07:31"),
        ("c 23:55", "b 24:08"),
    ]
    assert [(line.line_id, line.direction, line.bidirectional) for line in found.lines] == [
        ("L", 0, False),
        ("L [2]", 0, False),
        ("L [3]", 1, False),
    ]
    assert [effect.en for effect in found.effects] == [
        "adds L by its timetable: A - C, 4 trips a day"
    ]
    assert [line.route_id for line in found.lines] == ["L"] * 3


def lines_drawn(found: Plan) -> list[str]:
    return SearchedPart(
        railshed.prepare(found.network).compiled, "to", (0, 86_400), 7_200, 600
    ).lines


def test_nothing_is_drawn_for_given_departures(base: Network) -> None:
    """A drawn day moves lines known by headway; trains at given times are not among them."""
    for one in (
        {**LINE, "departures": ["06:42", "07:10", "07:40"], "bidirectional": False},
        {**BY_TABLE, "timetable": HEAD + ROWS},
    ):
        found = after(base, one)
        assert [s.service_id for s in found.network.services if ":" in s.service_id] == [
            f"{TIMED_PREFIX}daily"
        ]
        assert lines_drawn(found) == []
        assert found.network.lines_included == ()
    spaced = {
        **LINE,
        "frequencies": [{"start_time": "06:00", "end_time": "09:00", "headway_minutes": 9}],
    }
    assert sorted(lines_drawn(after(base, spaced))) == ["L:0", "L:1"]


def test_the_table_of_a_line_shows_the_times(
    base: Network, capsys: pytest.CaptureFixture[str]
) -> None:
    one = {**LINE, "departures": ["06:42"], "departures_back": ["07:05"]}
    scenario = scenario_from_dict({"modification": [one]})
    show(scenario_blocks(resolve(base, scenario), base, scenario), "en")
    text = " ".join(capsys.readouterr().out.split())
    assert "one train at 06:42, one train at 07:05" in text


BAD = {
    "1,z,06:00,06:00\n1,b,06:10,06:10\n": [(1, "station", "is none of the line's stops")],
    "1,a,6.00,06:00\n1,b,,\n": [(1, "arrival", "clock"), (2, "arrival", "clock")],
    "1,a,49:00,49:00\n1,b,49:10,\n": [
        (1, "arrival", "clock"),
        (1, "departure", "clock"),
        (2, "arrival", "clock"),
    ],
    "1,a,06:05,06:00\n1,b,06:10,06:10\n": [(1, "departure", "is before the arrival")],
    "1,a,06:00,06:00\n1,b,06:00,06:10\n": [(2, "arrival", "is not after the departure of row 1")],
    "1,a,06:00,06:00\n": [(1, "trip_id", "has one call")],
    ",a,06:00,06:00\n": [(1, "trip_id", "is blank")],
    "1,a,06:00,06:00\n1,c,06:20,06:20\n1,b,06:30,06:30\n": [
        (1, "trip_id", "in another order than stops")
    ],
    "1,a,06:00,06:00\n1,b,06:00:30,06:00:30\n": [(2, "arrival", "A to B: 10.0 km in 0.5 min")],
    "": [(None, "trip_id", "has no train")],
    "1,z,06:00,06:00\n1,b,,06:10\n2,b,07:00,06:59\n2,q,08:00,08:00\n": [
        (1, "station", "none of"),
        (3, "departure", "before"),
        (4, "station", "none of"),
    ],
}


@pytest.mark.parametrize("rows", BAD)
def test_every_problem_of_a_timetable_has_file_row_and_field(
    base: Network, tmp_path: Path, rows: str
) -> None:
    (tmp_path / "l.csv").write_text(HEAD + rows, encoding="utf-8")
    (tmp_path / "s.json").write_text(json.dumps({"modification": [BY_TABLE]}), encoding="utf-8")
    with pytest.raises(InputError) as caught:
        resolve(base, load_scenario(tmp_path / "s.json"))
    found = caught.value.issues
    assert [(issue.row, issue.field) for issue in found] == [
        (row, key) for row, key, _ in BAD[rows]
    ]
    assert all(says in issue.message for issue, (*_, says) in zip(found, BAD[rows], strict=True))
    assert {issue.file for issue in found} == {"l.csv"}


def test_columns_that_are_missing_and_files_that_are_not_there(
    base: Network, tmp_path: Path
) -> None:
    """Each missing column is named; a missing file once, with the modification and line; a
    switched-off one is none.
    """
    found = issues(base, {**BY_TABLE, "timetable": "trip_id;station\n1;a\n"})
    assert [issue.field for issue in found] == ["trip_id", "station", "arrival", "departure"]
    text = (
        '[[modification]]\ntype = "add-trips"\nname = "L"\nstops = ["a", "b"]\ntimetable = '
        '"gone.csv"\n'
    )
    path = tmp_path / "s.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        resolve(base, load_scenario(path))
    (issue,) = caught.value.issues
    assert (issue.file, issue.field, issue.value) == ("s.toml", "timetable", "gone.csv")
    assert "modification 1 (line 5)" in issue.message
    assert "No such file" in issue.message
    path.write_text(text + "enabled = false\n", encoding="utf-8")
    assert resolve(base, load_scenario(path)).lines == ()


def test_a_timetable_says_all_and_back_tests_refuse_it(base: Network) -> None:
    """Run times or service beside it are refused, each by name; a back-test predicts minutes and
    takes none.
    """
    more = {"hop_minutes": [9, 9], "departures": ["06:00"], "bidirectional": True}
    found = issues(base, {**BY_TABLE, "timetable": HEAD + ROWS, **more})
    assert [issue.field for issue in found] == list(more)
    with pytest.raises(InputError, match="add-trips sets minutes"):
        predict(
            base, scenario_from_dict({"modification": [{**BY_TABLE, "timetable": HEAD + ROWS}]})
        )


def test_trains_taken_away_by_direction(base: Network) -> None:
    """One train back of a timetable takes away one that runs back, and none the other way."""
    rows = {"there": [("a", "05:00"), ("d", "05:40")], "back": [("d", "06:00"), ("a", "06:40")]}
    network = small_network({s: (10.0 * k, 0.0) for k, s in enumerate("abcd")}, rows)
    taken = {"from": "a", "to": "d", "both_directions": True}
    found = after(
        network,
        {**BY_TABLE, "timetable": HEAD + "3,c,7:00,7:00\n3,b,7:10,7:10\n", "diverted_from": taken},
    )
    assert sorted(t for t in found.network.trips.trip_ids if t in rows) == ["there"]


def test_the_path_counts_from_the_scenario_file(base: Network, tmp_path: Path) -> None:
    """A file in a folder below, named from TOML and from a drawing; one TOML of it has the text,
    the record too.
    """
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "l.csv").write_text("\ufeff" + HEAD + ROWS, encoding="utf-8")
    path = tmp_path / "s.json"
    path.write_text(
        json.dumps({"modification": [{**BY_TABLE, "timetable": "in/l.csv"}]}), encoding="utf-8"
    )
    found = resolve(base, load_scenario(path))
    assert len(trains(found)) == 4
    table, scenario = found.to_dict()["files"]
    assert (table["file"], table["text"], scenario["file"]) == ("in/l.csv", HEAD + ROWS, "s.json")
    again = _written([table, scenario], {"l.csv": "in/l.csv"}, tmp_path / "again")
    assert trains(resolve(base, load_scenario(again))) == trains(found)
    (tmp_path / "one.toml").write_text(scenario_toml(load_scenario(path)), encoding="utf-8")
    assert trains(resolve(base, load_scenario(tmp_path / "one.toml"))) == trains(found)
    line = {"type": "LineString", "coordinates": [[0, 0], [0.2, 0]]}
    for more in (
        {"timetable": "in/l.csv"},
        {
            "departures": "06:42|07:10",
            "departures_back": "23:55",
            "hop_minutes": [10, 10],
            "dwell_minutes": 1,
        },
    ):
        drawn = {
            "type": "Feature",
            "geometry": line,
            "properties": {"name": "L", "stops": "a|b|c", **more},
        }
        (tmp_path / "s.geojson").write_text(
            json.dumps({"type": "FeatureCollection", "features": [drawn]}), "utf-8"
        )
        assert ("a 06:42", "b 06:53", "c 07:03") in trains(
            resolve(base, load_scenario(tmp_path / "s.geojson"))
        )


def timetable_line(rng: Random, network: Network, around: int) -> dict[str, Any]:
    """Return a line with a random timetable: trains both ways, some of which pass stations, of
    uneven minutes.
    """
    stops = [s.station_id for s in rng.sample(network.stations, 3)]
    rows = []
    for trip in range(rng.randint(2, 8)):
        way = [s for k, s in enumerate(stops) if k != 1 or rng.random() < 0.7][
            :: rng.choice((1, -1))
        ]
        clock = around + rng.randrange(-3600, 3600, 30)
        for stop in way:
            leave = clock + rng.choice((0, 30, 60))
            rows.append(f"{trip},{stop},{format_clock(clock)},{format_clock(leave)}")
            clock = leave + rng.choice((300, 420, 1230))
    return {
        "type": "add-trips",
        "name": "Z",
        "stops": stops,
        "timetable": HEAD + "\n".join(rows) + "\n",
    }


@pytest.mark.properties
@pytest.mark.parametrize("seed", range(3_000, 3_008))
def test_timetables_and_departures_are_computed_incrementally(seed: int) -> None:
    """In random worlds every cell and figure equals a full run's and the circle's, of both kinds of
    lines together.
    """
    rng, one = Random(seed), world(seed)
    around = max(one.network.cities[0].window_to[0], 7200)
    clocks = [format_clock(around + rng.randrange(-3600, 3600, 30)) for _ in range(5)]
    ends = [s.station_id for s in rng.sample(one.network.stations, 2)]
    by_clock = {
        "type": "add-trips",
        "name": "Y",
        "stops": ends,
        "hop_minutes": [9],
        "departures": sorted(set(clocks[:3])),
        "departures_back": sorted(set(clocks[3:])),
    }
    scenario = Scenario.from_dict(
        {"modification": [timetable_line(rng, one.network, around), by_clock]}
    )
    try:
        plan = resolve(one.network, scenario)
    except InputError as error:
        assert {issue.code for issue in error.issues} == {"impossible-speed"}  # noqa: PT017 - some worlds are wide
        return
    base = baseline(prepared(one.network), ["core"], direction=one.direction, workers=1)
    compared(
        base, base.with_scenario(scenario), prepared(plan.network), f"seed {seed}", slugs=["core"]
    )


def test_variants_of_given_departures(toy: Network) -> None:
    """Trains at given times have no headway to change; those by headway have."""
    line = {"type": "add-trips", "name": "nw", "stops": ["north", "mid"], "hop_minutes": [18]}
    for service, has in (
        ({"departures": ["06:42"], "departures_back": ["07:05"]}, False),
        ({"trips_per_day": 20}, True),
    ):
        plan = after(toy, {**line, **service})
        names = [variant.key for variant in variants_of(plan, railshed.prepare(toy).assumptions)]
        assert ("headway_x2" in names) is has


def test_the_toy_network_with_a_timetable() -> None:
    """A train west 07:50 - mid 08:00-08:01 - east 08:09: from west to mid in 10 minutes; the fast
    line has 18.
    """
    rows = HEAD + "1,west,,07:50\n1,mid,08:00,08:01\n1,east,08:09,\n"
    one = {"type": "add-trips", "name": "n", "stops": ["west", "mid", "east"], "timetable": rows}
    network = railshed.apply_scenario(
        load_network("toy"), Scenario.from_dict({"modification": [one]})
    )
    legs = network.to_networkx()
    assert (legs["west"]["mid"]["minutes"], legs["mid"]["east"]["minutes"]) == (10, 8)


def test_a_text_that_is_no_csv(base: Network) -> None:
    """A cell beyond the limit of the csv module is a problem of the file."""
    (issue,) = issues(
        base, {**BY_TABLE, "timetable": HEAD + "1," + "x" * 200_000 + ",06:00,06:00\n"}
    )
    assert (issue.code, issue.file) == ("no-csv", "timetable")


def test_rows_are_read_beside_other_problems(base: Network) -> None:
    """A field that goes not with a timetable and a wrong row are one error."""
    found = issues(
        base, {**BY_TABLE, "timetable": HEAD + "1,z,06:00,06:00\n", "hop_minutes": [1, 2]}
    )
    assert [issue.field for issue in found] == ["hop_minutes", "station"]


@pytest.mark.parametrize(
    ("service", "drawn"),
    [({"departures": ["07:10"], "bidirectional": False}, False), ({"trips_per_day": 20}, True)],
)
def test_a_comparison_says_that_departures_are_drawn_only_where_they_are(
    toy_run: Any, capsys: pytest.CaptureFixture[str], service: dict[str, Any], drawn: bool
) -> None:
    """The doubt about draws, and the names of drawn lines below what is not counted."""
    line = {
        "type": "add-trips",
        "name": "Zline",
        "stops": ["north", "mid"],
        "hop_minutes": [18],
        **service,
    }
    found = railshed.compare(toy_run, "mid", Scenario.from_dict({"modification": [line]}))
    show(comparison_screen(found), "en")
    text = " ".join(capsys.readouterr().out.split())
    assert ("times drawn once" in text) is drawn
    assert ("departures are drawn for Zline" in text) is drawn
