"""Scenarios as written and as drawn: TOML, JSON, GeoJSON, what they extend, the schema, the
command.
"""

from __future__ import annotations

import json
import re
import tomllib
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import jsonschema
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import railshed
from railshed.io.networks import load_network
from railshed.network.model import Network
from railshed.questions.rank.candidates import read_candidates
from railshed.scenario.apply import apply_scenario, load_scenario, resolve
from railshed.scenario.fields.kinds import PARTS
from railshed.scenario.fields.table import JsonLines
from railshed.scenario.files import Scenario, compose, scenario_from_dict, scenario_toml
from railshed.scenario.modifications import MODIFICATIONS, scenario_schema
from railshed.util.errors import InputError, Issue
from tests.support.clirunner import assert_mistake
from tests.support.feeds import CITIES, write_network

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "src" / "railshed" / "guide" / "en" / "scenarios.md").read_text(encoding="utf-8")
SCHEMA = scenario_schema()
LINE: dict[str, Any] = {
    "type": "add-trips",
    "name": "快线",
    "stops": ["甲", "丙"],
    "hop_minutes": [30],
    "trips_per_day": 5,
}
CUT = {"type": "remove-trips", "name": "cut", "trips": ["G1"]}


@pytest.fixture
def network(tmp_path) -> Network:
    return load_network(write_network(tmp_path / "net", CITIES))


def write(path: Path, data: Any) -> Path:
    text = data if isinstance(data, str) else json.dumps(data, ensure_ascii=False, indent=1)
    path.write_text(text, encoding="utf-8")
    return path


def problems_of(network: Network, path: Path, **options: Any) -> str:
    with pytest.raises(InputError) as caught:
        apply_scenario(network, load_scenario(path), **options)
    return str(caught.value)


# --- JSON and the schema ------------------------------------------------------------------------


def test_json_is_the_same_as_toml(network, tmp_path):
    """The same tables give the same trips; mistakes name the line of the JSON file."""
    data = {"title": "x", "seed": 3, "modification": [LINE, CUT]}
    plain = load_scenario(write(tmp_path / "x.json", data))
    toml = load_scenario(write(tmp_path / "x.toml", scenario_toml(plain)))
    assert same(apply_scenario(network, plain), apply_scenario(network, toml))
    bad = {
        "modification": [
            {**LINE, "hop_minutes": [0]},
            {"type": "remove-trips", "trips": ["甲", "G9"]},
        ]
    }
    message = problems_of(network, write(tmp_path / "bad.json", bad))
    text = (tmp_path / "bad.json").read_text(encoding="utf-8").splitlines()
    hop = next(i for i, line in enumerate(text, start=1) if '"hop_minutes"' in line)
    trip = next(i for i, line in enumerate(text, start=1) if '"G9"' in line)
    assert (
        f"bad.json field hop_minutes[1]: modification 1 (line {hop}): is out of range (given: '0')"
        in message
    )
    assert (
        f"bad.json field trips[2]: modification 2 (line {trip}): is no trip of the network (given: "
        "'G9')" in message
    )


def test_the_published_schema_is_that_of_the_types():
    """It is made of the fields of every type; it is a schema of draft 2020-12."""
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    for fields in [*(kind.fields for kind in MODIFICATIONS.values()), *PARTS.values()]:
        assert all(one.meaning for one in fields.values())


GOOD = [
    LINE,
    CUT,
    {
        **LINE,
        "stops": [{"name": "新", "lon": 104.2, "lat": 30.0, "terminal": True}, "c"],
        "enabled": False,
    },
    {"type": "remove-stops", "stops": ["乙"], "minutes_saved_per_stop": 1.5},
    {"type": "reroute", "from_stop": "甲", "stops": ["乙"], "hop_minutes": [20], "trips": ["G1"]},
    {"type": "adjust-speed", "from": "甲", "to": "丙", "scale": 1.2, "hops": [["甲", "乙"]]},
    {"type": "adjust-dwell-time", "routes": ["r"], "dwell_minutes": 5},
    {
        "type": "adjust-frequency",
        "routes": ["r"],
        "frequencies": [{"start_time": "07:00", "end_time": "25:00", "headway_minutes": 10}],
    },
    {"type": "adjust-station-time", "stations": ["甲"], "change_minutes": 3},
    {"type": "add-transfer", "from": "甲", "to": "乙", "minutes": 9},
    {"type": "add-core-station", "stations": ["丙"], "city": "jia"},
]
BAD = [
    {},
    {"type": "add-trip"},
    {**LINE, "name": ""},
    {**LINE, "stops": ["甲"]},
    {**LINE, "hop_minutes": [0]},
    {**LINE, "hop_minutes": None, "top_speed_kmh": 900},
    {**LINE, "bidirectional": "yes"},
    {**LINE, "colour": "red"},
    {**LINE, "trips_per_day": 0},
    {**LINE, "stops": [{"name": "新", "lon": 200, "lat": 0}, "c"]},
    {**LINE, "mode": "x"},
    {"type": "remove-stops"},
    {"type": "remove-trips", "trips": []},
    {"type": "remove-trips", "start_time": "7 Uhr"},
    {"type": "adjust-speed", "routes": ["r"], "scale": 0},
    {"type": "adjust-speed", "routes": ["r"]},
    {
        "type": "adjust-frequency",
        "routes": ["r"],
        "frequencies": [{"start_time": "07:00", "headway_minutes": 10}],
    },
    {"type": "adjust-station-time", "stations": ["甲"], "station_class": "giant"},
    {"type": "add-transfer", "from": "甲"},
    {"type": "adjust-dwell-time", "routes": ["r"], "dwell_minutes": -1},
    {"type": "add-core-station", "stations": "丙"},
]


@pytest.mark.parametrize("modification", GOOD)
def test_what_is_taken_is_valid_by_the_schema(network, modification):
    """An independent validator and the resolvers take the same tables."""
    jsonschema.Draft202012Validator(SCHEMA).validate({"modification": [modification]})
    resolve(network, scenario_from_dict({"modification": [modification]}), city="jia")


@pytest.mark.parametrize("modification", BAD)
def test_what_the_schema_refuses_is_refused(network, modification):
    """What is no scenario by the schema is none for the resolvers."""
    assert not jsonschema.Draft202012Validator(SCHEMA).is_valid({"modification": [modification]})
    with pytest.raises(InputError):
        resolve(network, scenario_from_dict({"modification": [modification]}), city="jia")


JUNK: list[Any] = [
    None,
    True,
    0,
    -1,
    10**400,
    1e308,
    float("nan"),
    float("inf"),
    "",
    " ",
    "x",
    "甲",
    "07:30",
    [],
    [[]],
    [None],
    [{}],
    ["甲"],
    ["甲", "甲"],
    [1, 2],
    {},
    {"name": "甲"},
    {"": 1},
    [{"name": "新", "lon": "x"}],
    [["甲", 5]],
    [[0, 1, 80]],
    {"from": "甲", "to": 5},
    "\x00",
    "甲" * 1000,
]


def issues_of(network: Network, scenario: Scenario) -> tuple[Issue, ...]:
    """Return what is wrong with a scenario; an error without issues is a defect."""
    try:
        resolve(network, scenario, city="jia")
    except InputError as error:
        return error.issues or (Issue("error", "none", "no issue"),)
    return ()


@pytest.mark.parametrize("kind", sorted(MODIFICATIONS))
def test_junk_in_any_field_is_a_mistake_and_no_crash(network, kind):
    """Whatever stands in a field of any type, alone or beside what is right: it is taken or
    refused, with its field named.
    """
    right = next(
        (one for one in GOOD if one["type"] == kind), {"type": kind, **MODIFICATIONS[kind].example}
    )
    for field in [*MODIFICATIONS[kind].fields, "unknown"]:
        for junk in JUNK:
            for rest in (right, {"type": kind}):
                scenario = scenario_from_dict({"modification": [{**rest, field: junk}]})
                issues = issues_of(network, scenario)
                assert all(issue.field and issue.file for issue in issues)


@pytest.mark.parametrize(
    "part", ["through", "diverted_from", "stop_patterns", "frequencies", "stops"]
)
def test_junk_within_tables_of_a_line_is_no_crash(network, part):
    """The same one level deeper."""
    names = {
        "through": "through",
        "diverted_from": "selection",
        "stop_patterns": "pattern",
        "frequencies": "period",
        "stops": "stop",
    }
    right = {
        "through": {"from": "丙", "to": "甲", "of": {"trips": ["t2"]}},
        "diverted_from": {"trips": ["G1"]},
        "stop_patterns": {"name": "x", "stops": ["甲"], "trips_per_day": 3},
        "frequencies": {"start_time": "07:00", "end_time": "08:00", "headway_minutes": 10},
        "stops": {"name": "新", "lon": 104.1, "lat": 30.0},
    }[part]
    for field in [*PARTS[names[part]], "unknown"]:
        for junk in JUNK:
            table = {**right, field: junk}
            value: Any = table if part in ("through", "diverted_from") else [table]
            value = ["甲", table] if part == "stops" else value
            line = {k: v for k, v in LINE.items() if k != "trips_per_day" or part != "frequencies"}
            assert all(
                i.field
                for i in issues_of(
                    network, scenario_from_dict({"modification": [{**line, part: value}]})
                )
            )


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.integers(0, 10**6), st.sampled_from([".toml", ".json", ".geojson"]))
def test_files_with_a_bit_of_damage_are_taken_or_refused(network, tmp_path, seed, suffix):
    """Characters cut out, doubled or exchanged anywhere in a file: a scenario or an InputError,
    never anything else.
    """
    rng = Random(seed)
    texts = {
        ".toml": toml_of(*GOOD, title="x", seed=1),
        ".json": json.dumps({"title": "x", "modification": GOOD}, ensure_ascii=False, indent=1),
        ".geojson": json.dumps(
            {
                "type": "FeatureCollection",
                "features": [*POINTS, feature("LineString", BENT, **SPEED)],
            },
            indent=1,
        ),
    }
    text = texts[suffix]
    for _ in range(rng.randint(1, 3)):
        at, n = rng.randrange(len(text)), rng.choice((1, 2, 30))
        text = (
            text[:at]
            + rng.choice(("", text[at : at + n] * 2, "0", '"', "[", "}", "\n", "-", "nan"))
            + text[at + n :]
        )
    path = write(tmp_path / f"damaged{suffix}", text)
    with suppress(InputError):
        resolve(network, load_scenario(path), city="jia")


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("x.json", "{", "no JSON: Expecting property name"),
        ("x.json", "[]", "is no object of title, modification"),
        ("x.json", '{"seed": 1, "seed": 2}', "key 'seed' is given twice in one object"),
        ("x.yaml", "a: 1", "unknown suffix '.yaml'; allowed: .toml, .json, .geojson"),
        ("x.json", '{"title": 5}', "field title: line 1: is not a text (given: '5')"),
        (
            "x.json",
            '{"extends": 5}',
            "field extends: line 1: is neither a file nor a list of files (given: '5')",
        ),
        ("x.json", "[" * 100_000, "no JSON"),
        ("x.geojson", "{}", "needs a FeatureCollection with features"),
    ],
)
def test_files_that_are_no_scenario(network, tmp_path, name, text, words):
    assert words in problems_of(network, write(tmp_path / name, text))


def test_titles_by_language(tmp_path):
    """Each language has its own; the title is both where the file has none, and stands for a
    language that is absent.
    """
    pair = {"title_zh": "新线", "title_en": "New line"}
    both = scenario_from_dict({**pair, "modification": []})
    assert (both.title, both.titles) == ("新线 New line", ("新线", "New line"))
    assert scenario_from_dict({"title": "x", "title_en": "New line"}).titles == ("x", "New line")
    assert scenario_from_dict({"title_zh": "新线"}).titles == ("新线", "新线")
    lone = scenario_from_dict({"title": "x"})
    assert (lone.titles, compose([both, lone]).titles) == (("x", "x"), ("新线 + x", "New line + x"))
    assert compose([both], title="y").titles == ("y", "y")
    (tmp_path / "back.toml").write_text(
        scenario_toml(replace(both, modifications=(CUT,))), encoding="utf-8"
    )
    assert load_scenario(tmp_path / "back.toml").titles == both.titles
    wrong = scenario_from_dict({"title_en": 5})
    assert [issue.field for issue in wrong.issues] == ["title_en"]


@pytest.mark.china
def test_shipped_titles_are_of_one_language():
    """Chinese titles are Chinese, English ones hold no Chinese character."""
    for row in railshed.list_scenarios():
        if row["network"] == "china":
            assert re.search("[\u4e00-\u9fff]", row["title_zh"]), row["name"]
            assert row["title_en"].isascii(), row["name"]
            assert row["title"] == f"{row['title_zh']} {row['title_en']}"


@pytest.mark.parametrize("title", ["", "  "])
def test_a_blank_title_is_none(network, tmp_path, title):
    """The file's name stands in its place, in results and in messages."""
    assert load_scenario(write(tmp_path / "x.toml", toml_of(CUT, title=title))).title == "x"


def test_a_name_or_a_file(tmp_path, monkeypatch):
    """A file of the name goes before the shipped scenario; of Python too; candidates may
    name one.
    """
    shipped = load_scenario("china/chengdu-s5")
    assert shipped.file == "chengdu-s5.toml"
    assert {row["name"]: row["title"] for row in railshed.list_scenarios()}[
        "china/chengdu-s5"
    ] == shipped.title
    candidates = write(
        tmp_path / "c.toml", '[[candidate]]\nname = "S5"\nscenario = "china/chengdu-s5"\n'
    )
    assert read_candidates(candidates)[0].scenario.title == shipped.title
    with pytest.raises(InputError, match="did you mean 'china/chengdu-s5' or"):
        load_scenario("china/chengdu-s")
    with pytest.raises(InputError, match=r"there is no such file.*; shipped: china/"):
        load_scenario("x" * 5000)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "china" / "chengdu-s5").mkdir(parents=True)
    with pytest.raises(InputError, match="unknown suffix ''"):
        load_scenario("china/chengdu-s5")


# --- extends and composition --------------------------------------------------------------------


def toml_of(*modifications: dict[str, Any], **top: Any) -> str:
    import tomli_w

    return tomli_w.dumps({**top, "modification": list(modifications)})


def test_a_scenario_on_top_of_others(network, tmp_path):
    """base.toml is applied first; extended by both, once; composed gives the same as one file with
    all.
    """
    write(tmp_path / "base.toml", toml_of(LINE))
    (tmp_path / "sub").mkdir()
    fast = {"type": "adjust-speed", "routes": ["快线"], "scale": 1.5}
    a = load_scenario(write(tmp_path / "sub" / "a.toml", toml_of(fast, extends="../base.toml")))
    b = load_scenario(write(tmp_path / "b.toml", toml_of(CUT, extends=["base.toml"])))
    assert [part.file for part in compose([a, b]).parts] == ["base.toml", "a.toml", "b.toml", ""]
    whole = scenario_from_dict({"modification": [LINE, fast, CUT]})
    for found in (apply_scenario(network, [a, b]), apply_scenario(network, compose([a, b]))):
        assert same(found, apply_scenario(network, whole))
    assert compose([a, b]).title == "a + b"
    text = load_scenario(write(tmp_path / "one.toml", scenario_toml(compose([a, b]))))
    assert same(apply_scenario(network, text), apply_scenario(network, whole))


def same(a: Network, b: Network) -> bool:
    """Return whether trips and calls are alike to the bit."""
    ours, theirs = a.stop_times, b.stop_times
    alike = all(
        (getattr(ours, k) == getattr(theirs, k)).all()
        for k in ("trip_idx", "station_idx", "arrival_s", "departure_s", "pickup")
    )
    return bool(alike and a.trips.trip_ids == b.trips.trip_ids and a.stations == b.stations)


def test_a_cycle_is_refused_with_its_chain(network, tmp_path):
    """a extends b extends c extends a: the chain and the line; a file that is not there says so
    with its line.
    """
    for name, other in (("a", "b"), ("b", "c"), ("c", "a")):
        write(tmp_path / f"{name}.toml", f"# {name}\nextends = '{other}.toml'\n")
    message = problems_of(network, tmp_path / "a.toml")
    assert (
        "c.toml field extends: line 2: the file extends itself: a.toml -> b.toml -> c.toml -> "
        "a.toml" in message
    )
    message = problems_of(network, write(tmp_path / "self.toml", "extends = 'self.toml'\n"))
    assert (
        "self.toml field extends: line 1: the file extends itself: self.toml -> self.toml"
        in message
    )
    message = problems_of(
        network, write(tmp_path / "d.toml", "extends = ['none.toml', 'x.csv']\nseed = 'a'\n")
    )
    for words in (
        "line 1: ",
        "none.toml: cannot be read",
        "x.csv: unknown suffix",
        "field seed: line 2",
        "3 problems",
    ):
        assert words in message


def test_mistakes_above_and_within_the_modifications_at_once(network, tmp_path):
    """A cycle, a missing file, a file with a mistake, an unknown key at the top, and an unknown
    station: all five.
    """
    write(tmp_path / "other.json", {"modification": [{**LINE, "name": "别线", "zzz": 1}]})
    asked = {"extends": ["own.toml", "none.toml", "other.json"], "colour": "red"}
    message = problems_of(
        network, write(tmp_path / "own.toml", toml_of({**LINE, "stops": ["甲", "乙站"]}, **asked))
    )
    for words in (
        "the file extends itself: own.toml -> own.toml",
        "none.toml: cannot be read",
        "field zzz: modification 1",
        "field colour: is not known at the top",
        "field stops[2]: modification 1 (line ",
        "5 problems",
    ):
        assert words in message
    with pytest.raises(InputError, match=r"none\.toml: cannot be read"):
        scenario_toml(load_scenario(tmp_path / "own.toml"))


def test_overlaps_are_reported_whatever_the_headways(network, tmp_path):
    """Headway 0 and what the same period overlaps; one period within which two others lie overlaps
    both.
    """

    def service(*rows: tuple[str, str, float]) -> str:
        keys = ("start_time", "end_time", "headway_minutes")
        line = {k: v for k, v in LINE.items() if k != "trips_per_day"}
        return toml_of({**line, "frequencies": [dict(zip(keys, row, strict=True)) for row in rows]})

    path = write(tmp_path / "a.toml", service(("06:00", "09:00", 0), ("08:00", "12:00", 10)))
    message = problems_of(network, path)
    assert "frequencies[1].headway_minutes" in message
    assert "overlaps frequencies[1], 06:00-09:00" in message
    assert "2 problems" in message
    path = write(
        tmp_path / "b.toml",
        service(("06:00", "20:00", 5), ("07:00", "08:00", 5), ("09:00", "10:00", 5)),
    )
    assert problems_of(network, path).count("overlaps frequencies[1], 06:00-20:00") == 2


def test_many_files_that_extend_each_other(network, tmp_path):
    """A ladder of 40 rungs with two files each is read once a file; a chain of 60 is refused."""
    for k in range(40):
        both = [] if k == 0 else [f"a{k - 1}.toml", f"b{k - 1}.toml"]
        for side in "ab":
            write(tmp_path / f"{side}{k}.toml", f"extends = {both}\n")
    assert len(load_scenario(tmp_path / "a39.toml").parts) == 79
    write(tmp_path / "a0.toml", "seed = 'x'\n")
    assert "1 problem" in problems_of(network, tmp_path / "a39.toml")
    for k in range(60):
        write(tmp_path / f"c{k}.toml", f"extends = 'c{k + 1}.toml'\n")
    assert "more than 50 files extend each other" in problems_of(network, tmp_path / "c0.toml")


def test_mistakes_of_all_files_at_once(network, tmp_path):
    """Each with its own file and line."""
    write(tmp_path / "base.toml", toml_of({**LINE, "hop_minutes": [0]}))
    path = write(tmp_path / "top.toml", toml_of({**CUT, "trips": ["G9"]}, extends="base.toml"))
    message = problems_of(network, path)
    assert "scenario base.toml, top.toml: 2 problems" in message
    assert "base.toml field hop_minutes[1]: modification 1 (line " in message
    assert "top.toml field trips[1]: modification 1 (line " in message


def test_lines_are_found_however_tables_are_written(network, tmp_path):
    """Inline tables, tables of tables, and texts of several lines that look like headers."""
    text = '''title = """
[[modification]]
hop_minutes = [0]
"""
[["modification"]]
type = "add-trips"
name = "快线"
stops = ["甲", "丙"]
hop_minutes = [30]
stop_patterns = [
  { name = "x", stops = ["甲"], trips_per_day = 3 },
  { name = "y", stops = ["甲"], trips_per_day = 0 },
]
[[modification.stop_patterns2]]
[modification.diverted_from]
trips = ["G9"]
[[ modification ]]
type = "add-trips"
name = "二线"
stops = ["甲", "丙"]
hop_minutes = [30]
[[modification.stop_patterns]]
name = "a"
stops = ["甲"]
[[modification.stop_patterns.frequencies]]
start_time = "06:00"
end_time = "07:00"
headway_minutes = 10
[[modification.stop_patterns]]
name = "b"
stops = ["甲"]
[[modification.stop_patterns.frequencies]]
start_time = "06:00"
end_time = "07:00"
headway_minutes = 0
'''
    message = problems_of(network, write(tmp_path / "x.toml", text))
    for words in (
        "field stop_patterns[2].trips_per_day: modification 1 (line 12): is out of range",
        "field diverted_from.trips[1]: modification 1 (line 16): is no trip",
        (
            "field stop_patterns2: modification 1 (line 5): is not known -> did you mean "
            "'stop_patterns'?"
        ),
        (
            "field stop_patterns[2].frequencies[1].headway_minutes: modification 2 (line 35): is out "
            "of range"
        ),
        "4 problems",
    ):
        assert words in message


# --- GeoJSON ------------------------------------------------------------------------------------


def feature(kind: str, coordinates: Any, **properties: Any) -> dict[str, Any]:
    return {
        "type": "Feature",
        "properties": properties,
        "geometry": {"type": kind, "coordinates": coordinates},
    }


def drawn(tmp_path: Path, *features: Any, name: str = "x.geojson") -> Path:
    return write(tmp_path / name, {"type": "FeatureCollection", "features": list(features)})


#: from 甲 east to 104.3, then north; 1 degree of longitude at 30 N is 96.3 km, of latitude 111.2
BENT = [[104.0, 30.0], [104.3, 30.0, 12.5], [104.3, 30.1]]
SPEED = {"name": "画线", "top_speed_kmh": 160, "headway_minutes": 15}
POINTS = (
    feature("Point", [104.3, 30.1], name="北"), feature("Point", [104.0, 30.0], name="甲"),
    feature("Point", [104.15, 30.001], name="中", station_class="medium", fid=7),
)  # fmt: skip


def test_a_drawn_line(network, tmp_path):
    """Stations in order along the line, the track between them as drawn: 14.4 and 14.4 + 11.1 km;
    68 trains each way.
    """
    scenario = load_scenario(
        drawn(tmp_path, *POINTS, feature("LineString", BENT, **SPEED, stroke="#f00"))
    )
    (table,) = scenario.modifications
    assert [stop["name"] for stop in table["stops"]] == ["甲", "中", "北"]
    assert table["hop_km"] == pytest.approx([14.45, 25.57], abs=0.01)
    found = resolve(network, scenario)
    assert [s.station.station_id for s in found.lines[0].stops] == ["a", "中", "北"]
    assert found.lines[0].stops[1].station.station_class == "medium"
    assert found.network.n_trips == 2 + 2 * 68


def test_stations_by_property(network, tmp_path):
    """A list or A|B|C; frequencies as one text; the length of the whole line is that of
    the track.
    """
    line = {
        "name": "画线",
        "top_speed_kmh": 160,
        "stops": "甲|乙",
        "frequencies": "07:00-09:00=10|09:00-10:00=20",
        "fid": 1,
        "note": None,
    }
    scenario = load_scenario(
        drawn(
            tmp_path, feature("LineString", [[104.0, 30.0], [104.15, 30.05], [104.3, 30.0]], **line)
        )
    )
    (table,) = scenario.modifications
    assert table["length_km"] == pytest.approx(30.95, abs=0.01)
    assert apply_scenario(network, scenario).n_trips == 2 + 2 * (12 + 3)


@pytest.mark.parametrize(
    ("features", "words"),
    [
        (
            [feature("Polygon", [[[0, 0], [1, 1], [1, 0], [0, 0]]], name="x")],
            (
                "field geometry: feature 1 (line 4): is neither a line nor a station (given: "
                "'Polygon') -> draw lines as LineString"
            ),
        ),
        (
            [feature("MultiLineString", [BENT, BENT])],
            "(given: 'MultiLineString') -> join its parts",
        ),
        (
            [
                feature("LineString", BENT, **{k: v for k, v in SPEED.items() if k != "name"}),
                *POINTS,
            ],
            "field name: feature 1 (line ",
        ),
        (
            [feature("LineString", BENT, name="x", headway_minutes=5), *POINTS],
            "field hop_minutes: feature 1 (line ",
        ),
        (
            [feature("LineString", BENT, name="x", top_speed_kmh=160), *POINTS],
            "field frequencies: feature 1 (line ",
        ),
        (
            [feature("LineString", BENT, **SPEED)],
            (
                "field stops: feature 1 (line 4): has 0 stations; "
                "a line needs two or more -> draw them as Points within 2 km of the line, or give the "
                "property stops: A|B|C"
            ),
        ),
        (
            [*POINTS, feature("LineString", BENT, **{**SPEED, "headway_minutes": 0})],
            "field frequencies[1].headway_minutes: feature 4 (line ",
        ),
        (
            [*POINTS, feature("LineString", BENT, **{**SPEED, "top_speed_kmh": 900})],
            "field top_speed_kmh: feature 4 (line ",
        ),
        (
            [*POINTS, feature("LineString", BENT, **SPEED, headway=5)],
            "field headway: feature 4 (line ",
        ),
        (
            [feature("LineString", BENT, **SPEED), feature("Point", [104.3, 31.0], name="远")],
            (
                "field geometry: feature 2 (line 30): lies 100.1 km from the line -> move it within 2 "
                "km"
            ),
        ),
        (
            [feature("LineString", BENT, **SPEED), feature("Point", [104.3, 30.0])],
            "field name: feature 2 (line 30): must be the station's name",
        ),
        (
            [
                feature("LineString", BENT, **SPEED),
                feature("Point", [104.3, 30.0], name="x", line="y"),
            ],
            "field line: feature 2 (line ",
        ),
        (
            [
                feature("LineString", BENT, **SPEED),
                feature("Point", [104.3, 30.0], name="x", colour="y"),
            ],
            "field colour: feature 2 (line ",
        ),
        (
            [feature("LineString", [[104, 30]], **SPEED)],
            "field geometry: feature 1 (line 4): has 1 places; a line has two or more",
        ),
        ([feature("LineString", [[104, "x"], [104, 31]], **SPEED)], "is not [lon, lat] in degrees"),
        (
            [feature("LineString", [[11_588_000, 3_503_000], [11_590_000, 3_503_000]], **SPEED)],
            "is not within -180 to 180 and -90 to 90 degrees",
        ),
        (
            [{"type": "Feature", "properties": None, "geometry": None}],
            "field geometry: feature 1 (line 4): has no geometry",
        ),
        (["x"], "field geometry: feature 1 (line 4): has no geometry"),
        (
            [*POINTS, feature("LineString", BENT, **{**SPEED, "headway_minutes": "2000"})],
            "is out of range (given: '2000.0')",
        ),
        (
            [*POINTS, feature("LineString", BENT, **SPEED, start_time="07:00", end_time="07:10")],
            "is longer than the period 07:00-07:10, and may have no train",
        ),
        (POINTS, "no feature is a LineString -> draw the line"),
    ],
)
def test_drawings_that_are_refused(network, tmp_path, features, words):
    assert words in problems_of(network, drawn(tmp_path, *features))


def test_attribute_tables_hold_texts_alone(network, tmp_path):
    """Lists are parts between |, of one part too, numbers may be texts, a line of one part a
    MultiLineString.
    """
    texts = feature(
        "MultiLineString",
        [BENT],
        name="q",
        hop_minutes="9 | 8",
        dwell_minutes="1",
        headway_minutes="15",
    )
    plain = feature(
        "LineString", BENT, name="q", hop_minutes=[9, 8], dwell_minutes=1, headway_minutes=15
    )
    runs = [
        apply_scenario(network, load_scenario(drawn(tmp_path, one, *POINTS)))
        for one in (texts, plain)
    ]
    assert runs[0].stop_times.arrival_s.tolist() == runs[1].stop_times.arrival_s.tolist()


def test_drawn_mistakes_are_reported_together(network, tmp_path):
    """A polygon, a line without a name and a station in no network: one error with all three."""
    nameless = {k: v for k, v in SPEED.items() if k != "name"}
    message = problems_of(
        network,
        drawn(
            tmp_path,
            feature("Polygon", []),
            feature("LineString", BENT, **nameless, stops="甲|乙站"),
            feature("Point", [0, 0, 0]),
        ),
    )
    for words in (
        "feature 1 (line ",
        "field name: feature 2",
        "field stops[2]: feature 2",
        "did you mean 乙 (b)?",
    ):
        assert words in message


def test_a_drawn_line_without_stations_is_looked_at_whole(network, tmp_path):
    """Beside a polygon: no stations (reported once), 900 km/h and headway 0; a wrong station is not
    blamed on the line.
    """
    odd = feature("LineString", BENT, **{**SPEED, "top_speed_kmh": 900, "headway_minutes": 0})
    message = problems_of(network, drawn(tmp_path, feature("Polygon", []), odd))
    for words in (
        "feature 1 (line ",
        "field stops: feature 2 (line ",
        "field top_speed_kmh: feature 2 (line ",
        "field frequencies[1].headway_minutes: feature 2 (line ",
        "4 problems",
    ):
        assert words in message
    message = problems_of(network, drawn(tmp_path, odd, feature("Point", [104.3, 31.0], name="远")))
    assert "lies 100.1 km from the line" in message
    assert "field stops" not in message
    assert "3 problems" in message


def test_coordinates_in_another_system(tmp_path):
    path = write(
        tmp_path / "x.geojson",
        {"type": "FeatureCollection", "crs": {"properties": {"name": "EPSG:3857"}}, "features": []},
    )
    with pytest.raises(InputError, match="is not in WGS84"):
        load_scenario(path)


# --- the command --------------------------------------------------------------------------------


def test_the_command_prints_what_a_scenario_comes_to(cli, tmp_path, network):
    """Stations, minutes, trips and effects; as JSON too; -o makes one TOML of several files."""
    folder = tmp_path / "net"
    a, b = (
        write(tmp_path / "a.toml", toml_of(LINE)),
        write(tmp_path / "b.json", {"modification": [CUT]}),
    )
    done = cli("scenario", a, b, "-n", folder, "-o", tmp_path / "both.toml")
    assert done.code == 0, done
    for words in (
        "快线: 5 + 5 trips a day",
        "a + b: 11 trips (before: 2)",
        "1 remove-trips: takes 1 trip away",
    ):
        assert words in done.out
    again = cli("scenario", tmp_path / "both.toml", "-n", folder, "--without", "cut", "--json")
    data = json.loads(again.out)
    assert data["n_trips"] == {"before": 2, "after": 12}
    assert [stop["run_minutes"] for stop in data["lines"][0]["stops"]] == [0, 30]
    assert data["only_adds"] is True


def test_the_command_refuses_with_everything(cli, tmp_path, network):
    """Exit code 2, every mistake on stderr with its line, nothing on stdout."""
    folder = tmp_path / "net"
    bad = write(
        tmp_path / "bad.toml",
        toml_of({**LINE, "hop_minutes": [0]}, {"type": "remove-trips", "trips": ["G9"]}),
    )
    assert_mistake(
        cli("scenario", bad, "-n", folder),
        "2 problems",
        "modification 1 (line ",
        "modification 2 (line ",
    )
    polygon = drawn(tmp_path, feature("Polygon", []))
    assert_mistake(cli("scenario", polygon, "-n", folder), "feature 1 (line 4)", "'Polygon'")
    assert_mistake(cli("scenario", "-n", folder), "give a scenario file, --list or --schema")
    good = write(tmp_path / "good.toml", toml_of(CUT))
    assert_mistake(
        cli("scenario", good, "-n", folder, "--only", "x"), "unknown modification 'x'", "Known: cut"
    )
    assert_mistake(cli("scenario", good, "-n", folder, "-o", tmp_path / "x.json"), "name it x.toml")
    assert cli("compare", "jia", "-s", bad, "-n", folder).code == 2


def test_a_city_anywhere_is_what_core_station_means(cli, tmp_path):
    """`scenario` and `compliance` take --at on a network without cities; without it --at is the
    advice.

    In Python a city of `city_at` is one that the network need not list.
    """
    folder = write_network(tmp_path / "bare", {})
    stops = [{"name": "新站", "lon": 104.02, "lat": 30.01, "terminal": True}, "丙"]
    file = write(tmp_path / "at.toml", toml_of({**LINE, "stops": stops}))
    at = ("-n", folder, "--at", "104.0,30.0", "--stations-within", 2)
    done = cli("scenario", file, *at, "--json")
    assert done.code == 0, done.err
    assert "1 core station within 2 km of 104.0000,30.0000: 甲" in done.err
    slug = json.loads(done.out)["lines"][0]["stops"][0]["core_city"]
    assert slug
    assert cli("compliance", "-s", file, *at).code == 0
    bare = load_network(folder)
    city = railshed.city_at(bare, 104.0, 30.0, stations_within_km=2)
    assert apply_scenario(bare, load_scenario(file), city=city).get_city(
        city.slug
    ).core_station_ids == ("a", "新站")
    for command in (("scenario", file), ("compliance", "-s", file)):
        assert_mistake(
            cli(*command, "-n", folder),
            "does not say of which city",
            "name one, city=city_at(...) or --at LON,LAT",
        )
        assert_mistake(cli(*command, *at, "--city", "jia"), "--city and --at: give one of them")


def test_the_command_prints_the_schema(cli):
    assert json.loads(cli("scenario", "--schema").out) == SCHEMA


# --- scenarios from objects ---------------------------------------------------------------------


def test_a_scenario_from_a_dict_is_that_of_a_file(network, tmp_path):
    """The same network; the mapping may change later, the scenario does not."""
    data = {"title": "x", "seed": 3, "modification": [dict(LINE), CUT]}
    of_dict = Scenario.from_dict(data)
    data["modification"][0]["stops"] = []
    of_file = load_scenario(
        write(tmp_path / "x.json", {"title": "x", "seed": 3, "modification": [LINE, CUT]})
    )
    assert (of_dict.title, of_dict.seed, of_dict.modifications) == (
        of_file.title,
        of_file.seed,
        of_file.modifications,
    )
    assert same(apply_scenario(network, of_dict), apply_scenario(network, of_file))
    assert Scenario.from_dict({}).title == "scenario"


def test_mistakes_of_a_dict_are_those_of_a_file(network, tmp_path):
    """All at once, with field, value, what is allowed and what to do; only the file and its lines
    are missing.
    """
    bad = {
        "seed": "x",
        "modification": [
            {**LINE, "hop_minutes": [0]},
            {"type": "remove-trips", "trips": ["甲", "G9"]},
        ],
    }
    of_dict = issues_of(network, Scenario.from_dict(bad))
    of_file = issues_of(network, load_scenario(write(tmp_path / "bad.json", bad)))
    place = re.compile(r" \(line \d+\)|^line \d+: ")
    assert [(i.code, i.field, i.value, i.remedy, i.message) for i in of_dict] == [
        (i.code, i.field, i.value, i.remedy, place.sub("", i.message)) for i in of_file
    ]
    assert len(of_dict) >= 3
    with pytest.raises(InputError, match="scenario: is no object of title, modification"):
        Scenario.from_dict([LINE])


def test_a_scenario_from_a_geojson_object_is_that_of_a_file(network, tmp_path):
    """Coordinates may be tuples, as `__geo_interface__` has them; mistakes are those of the file
    without its lines.
    """
    drawing = {
        "type": "FeatureCollection",
        "features": [*POINTS, feature("LineString", BENT, **SPEED)],
    }
    of_file = load_scenario(write(tmp_path / "x.geojson", drawing))
    of_object = Scenario.from_geojson(
        {**drawing, "features": tuple(drawing["features"])}, title="drawn"
    )
    assert (of_object.title, of_object.modifications) == ("drawn", of_file.modifications)
    assert same(apply_scenario(network, of_object), apply_scenario(network, of_file))
    bad = {**drawing, "features": [*POINTS, feature("LineString", BENT, colour="red", **SPEED)]}
    (issue,) = issues_of(network, Scenario.from_geojson(bad))
    (other,) = issues_of(network, load_scenario(write(tmp_path / "bad.geojson", bad)))
    assert issue.message == re.sub(r" \(line \d+\)", "", other.message)
    assert (issue.code, issue.field, issue.file) == (other.code, other.field, "scenario")
    for wrong, message in (
        ({"type": "Point"}, "scenario: no GeoJSON"),
        ({"features": {1}}, "scenario: no JSON"),
    ):
        with pytest.raises(InputError, match=message):
            Scenario.from_geojson(wrong)


# --- the guide ----------------------------------------------------------------------------------


@pytest.mark.china
def test_the_examples_of_the_guide_resolve():
    """Each scenario of the guide's page resolves against the shipped network of China."""
    blocks = re.findall(r"^```toml\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    assert len(blocks) == 2
    china = railshed.load_network("china")
    for block in blocks:
        scenario = scenario_from_dict(tomllib.loads(block), text=block)
        assert resolve(china, scenario, city="chengdu").lines


def test_the_python_of_the_guide_runs():
    """Scenarios from objects, applied to the toy network: six trains an hour and direction from
    06:00 to 23:00.
    """
    (block,) = re.findall(r"^```python\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    names: dict[str, Any] = {}
    exec(block, names)
    assert names["network"].n_trips == railshed.load_network("toy").n_trips + 2 * 17 * 6


def test_the_guide_names_every_type_and_field():
    """The table has all types with all their fields, in their row or elsewhere on the page."""
    for name, kind in MODIFICATIONS.items():
        assert [line for line in PAGE.splitlines() if line.startswith(f"| `{name}`")], name
        for field in kind.fields:
            assert f"`{field}`" in PAGE, (name, field)


def test_a_table_that_a_file_lacks_has_no_line() -> None:
    """Nor has any in a text that is no JSON."""
    for text in ('{"title": 1}', "{"):
        assert JsonLines(text, "modification").find(1, "type") is None
