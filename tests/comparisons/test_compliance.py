"""Lines against the national rules: every clause at, above and below its bound."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from railshed.cells.opportunities import Opportunities
from railshed.comparisons.compare import check_compliance
from railshed.comparisons.compliance import (
    _largest_gap,
    compliance_rows,
    line_rules,
    people_near,
    rules_apply,
)
from railshed.network.model import Network
from railshed.scenario.apply import resolve
from railshed.scenario.files import scenario_from_dict

PERIOD = {"start_time": "05:00", "end_time": "23:00", "headway_minutes": 10}
NORTHWEST = {"name": "西北原", "id": "northwest", "lon": 99.8, "lat": 0.5}


def verdicts(toy: Network, **changes: Any) -> dict[str, str]:
    table = {
        "type": "add-trips",
        "name": "nw",
        "stops": [NORTHWEST, "mid"],
        "hop_minutes": [18],
        "frequencies": [PERIOD],
    }
    plan = resolve(toy, scenario_from_dict({"modification": [{**table, **changes}]}))
    return {row["rule"]: row["verdict"] for row in compliance_rows(plan)}


def test_where_the_rules_hold(toy: Network) -> None:
    """A network in mainland China's time zone has them; `compare` elsewhere does not print them."""
    assert not rules_apply(toy)
    assert rules_apply(replace(toy, timezone="Asia/Shanghai"))


def test_the_rules_are_data() -> None:
    """Five clauses, each with document, both languages, source and a bound; the headway's two
    prints are named.
    """
    rules = {rule.rule_id: rule for rule in line_rules()}
    assert list(rules) == ["one_way_time", "speed", "spacing", "peak_headway", "towns"]
    for rule in rules.values():
        assert rule.document
        assert rule.clause_zh
        assert rule.clause_en
        assert rule.source
        assert rule.at_least is not None or rule.at_most is not None
        assert bool(rule.doubt) == bool(rule.doubt_zh)
    assert "不小于" in rules["peak_headway"].doubt
    assert [rule.required.en for rule in rules.values()] == [
        "at most 60 min",
        "100 to 160 km/h",
        "at least 3 km",
        "at most 10 min",
        "at least 50,000 people",
    ]
    assert [rule.required.zh for rule in rules.values()] == [
        "不超过60分钟",
        "100至160公里/小时",
        "不少于3公里",
        "不超过10分钟",
        "不少于50,000人",
    ]


@pytest.mark.parametrize(("minutes", "verdict"), [(60, "met"), (60.5, "not met")])
def test_one_hour(toy: Network, minutes: float, verdict: str) -> None:
    """60 minutes are within the hour, half a minute more is not."""
    assert verdicts(toy, hop_minutes=[minutes])["one_way_time"] == verdict


@pytest.mark.parametrize(("headway", "verdict"), [(10, "met"), (10.5, "not met")])
def test_peak_headway(toy: Network, headway: float, verdict: str) -> None:
    """A train every 10 minutes will do, every 10.5 will not."""
    assert (
        verdicts(toy, frequencies=[{**PERIOD, "headway_minutes": headway}])["peak_headway"]
        == verdict
    )


def test_stop_patterns_share_the_headway(toy: Network) -> None:
    """Trains every 20 minutes of two patterns are one line's; a line that sleeps in the peak is not
    met.
    """
    patterns = [
        {"name": "all", "stops": ["west"], "frequencies": [{**PERIOD, "headway_minutes": 5}]},
        {"name": "express", "skips": ["west"], "frequencies": [{**PERIOD, "headway_minutes": 60}]},
    ]
    found = verdicts(
        toy,
        stops=[NORTHWEST, "west", "mid"],
        hop_minutes=[14, 18],
        stop_patterns=patterns,
        frequencies=None,
    )
    assert found["peak_headway"] == "met"
    late = [{**PERIOD, "start_time": "10:00"}]
    assert verdicts(toy, frequencies=late)["peak_headway"] == "not met"


def test_gaps() -> None:
    """The ends of the window count: 07:00, 07:08, 07:20 in 07:00-07:30 leave 12 minutes; one train
    leaves no answer.
    """
    start, end = 25_200, 27_000
    assert _largest_gap([25_200, 25_680, 26_400], start, end) == 720
    assert _largest_gap([25_200, 25_800], start, end) == 1200
    assert _largest_gap([25_200], start, end) is None


def test_speed(toy: Network) -> None:
    """31.5 km in 18 min are 105 km/h, whose top speed is unknown; in 10 min more than 160; a given
    speed decides.
    """
    assert verdicts(toy)["speed"] == "not known"
    assert verdicts(toy, hop_minutes=[10])["speed"] == "not met"
    given = {"hop_minutes": None, "top_speed_kmh": 160}
    assert verdicts(toy, **given)["speed"] == "met"
    assert verdicts(toy, **{**given, "top_speed_kmh": 200})["speed"] == "not met"


def test_spacing(toy: Network) -> None:
    """A given length decides; else straight lines: stations 1.1 km apart are too near."""
    assert verdicts(toy)["spacing"] == "met"
    near = [
        {"name": n, "lon": 99.9, "lat": lat} for n, lat in (("a", 0.30), ("b", 0.31), ("c", 0.32))
    ]
    assert verdicts(toy, stops=near, hop_minutes=[2, 2])["spacing"] == "not met"


def test_people_near(toy: Network) -> None:
    """All 128 thousand of the northwest live within 3 km; in the empty field in the county's corner
    none do.
    """
    plan = resolve(toy, scenario_from_dict({"modification": []}))
    places = {s.station_id: s for s in plan.network.stations}
    west = people_near(toy, places["west"], 3.0)
    assert west == 1_000
    assert people_near(toy, places["southwest"], 3.0) == 64_000


def changed(toy: Network, *later: dict[str, Any], **changes: Any) -> dict[str, dict[str, str]]:
    """Return the rows by rule of a line of three stations (31.4 km, every 5 min) that later
    modifications change.
    """
    table = {
        "type": "add-trips",
        "name": "nw",
        "stops": [NORTHWEST, "west", "mid"],
        "hop_minutes": [14, 18],
        "dwell_minutes": 1,
        "frequencies": [{**PERIOD, "headway_minutes": 5}],
    }
    plan = resolve(toy, scenario_from_dict({"modification": [{**table, **changes}, *later]}))
    return {row["rule"]: row for row in compliance_rows(plan)}


def test_headways_are_those_of_the_trains_at_the_end(toy: Network) -> None:
    """Added every 5 min and set to 20 later: not met, 20.0 min; trains of the peak taken away:
    fewer than two left.
    """
    slow = {
        "type": "adjust-frequency",
        "routes": ["nw"],
        "frequencies": [{**PERIOD, "headway_minutes": 20}],
    }
    assert changed(toy)["peak_headway"]["verdict"] == "met"
    found = changed(toy, slow)["peak_headway"]
    assert (found["value"], found["verdict"]) == ("20.0 min", "not met")
    gone = {"type": "remove-trips", "routes": ["nw"], "start_time": "06:00", "end_time": "10:00"}
    assert changed(toy, gone)["peak_headway"]["value"] == "fewer than two trains"
    back = {**gone, "from": "mid", "to": "northwest", "start_time": "07:30", "end_time": "08:00"}
    assert changed(toy, back)["peak_headway"]["verdict"] == "not met"


def test_minutes_are_those_of_the_trains_at_the_end(toy: Network) -> None:
    """14 + 1 + 18 min at half the speed are 65, above the hour; with 3 min at West they are 35."""
    half = {"type": "adjust-speed", "routes": ["nw"], "scale": 0.5}
    found = changed(toy, half)["one_way_time"]
    assert (found["value"], found["verdict"]) == ("65.0 min", "not met")
    stand = {"type": "adjust-dwell-time", "routes": ["nw"], "dwell_minutes": 3}
    assert changed(toy, stand)["one_way_time"]["value"] == "35.0 min"
    one_way = {**half, "from": "mid", "to": "northwest"}
    assert changed(toy, one_way)["one_way_time"]["value"] == "65.0 min"


def test_top_speed_and_length_are_of_the_line_as_added(toy: Network) -> None:
    """160 km/h and 60 km hold while runs and stations do: faster trains are judged by their runs, a
    line that passes West by its straight lines, and the note says so."""
    given = {"hop_minutes": None, "dwell_minutes": None, "top_speed_kmh": 160, "length_km": 60}
    before = changed(toy, **given)
    assert (before["speed"]["value"], before["spacing"]["value"]) == ("160 km/h", "30.0 km")
    fast = changed(toy, {"type": "adjust-speed", "routes": ["nw"], "scale": 1.1}, **given)
    assert fast["speed"]["verdict"] != "met"
    assert "later modifications change the runs made with 160 km/h" in fast["speed"]["note"]
    assert fast["spacing"] == before["spacing"]
    past = changed(toy, {"type": "remove-stops", "routes": ["nw"], "stops": ["west"]}, **given)
    assert "over 1 hop, straight lines" in past["spacing"]["note"]
    standing = changed(
        toy, {"type": "adjust-dwell-time", "routes": ["nw"], "dwell_minutes": 3}, **given
    )
    assert standing["speed"] == before["speed"]


def test_towns_are_those_where_trains_stop_at_the_end(toy: Network) -> None:
    """Past West (a thousand people) there is one station beyond the core, and it has its people."""
    assert changed(toy)["towns"]["value"] == "1 of 2 stations"
    past = {"type": "remove-stops", "routes": ["nw"], "stops": ["west"]}
    assert changed(toy, past)["towns"]["value"] == "1 of 1 station"


def test_towns(toy: Network) -> None:
    """The northwest has 128 thousand, west one: half is enough, a third is not; beyond people: not
    known.
    """
    assert verdicts(toy)["towns"] == "met"
    assert verdicts(toy, stops=[NORTHWEST, "west", "mid"], hop_minutes=[14, 18])["towns"] == "met"
    many = {"stops": [NORTHWEST, "west", "north", "mid"], "hop_minutes": [14, 20, 32]}
    assert verdicts(toy, **many)["towns"] == "not met"
    sea = {"name": "sea", "lon": 98.0, "lat": 0.3}
    assert verdicts(toy, stops=[sea, "mid"], hop_minutes=[90])["towns"] == "not known"


def test_through_the_public_function(toy: Network) -> None:
    """One row a scenario, line and clause, with what it rests on."""
    table = {"type": "add-trips", "name": "nw", "stops": [NORTHWEST, "mid"], "hop_minutes": [18]}
    rows = check_compliance(
        toy,
        scenario_from_dict({"title": "t", "modification": [{**table, "frequencies": [PERIOD]}]}),
    )
    assert [row["rule"] for row in rows] == [rule.rule_id for rule in line_rules()]
    assert {row["scenario"] for row in rows} == {"t"}
    assert all(row["basis"] and row["source"] for row in rows)


def test_a_line_within_the_core_has_no_towns(toy: Network) -> None:
    """From a core station to the other there is no station whose people could be counted: not
    known, and said so.
    """
    found = changed(toy, stops=["midsouth", "mid"], hop_minutes=[9], dwell_minutes=None)["towns"]
    assert (found["value"], found["verdict"]) == ("no station beyond core stations", "not known")


def test_people_near_are_those_of_a_file(toy: Network) -> None:
    """A file of 7 people replaces the thousand of the network, one of jobs does not; beyond the
    file none are known.
    """
    west = next(s for s in toy.stations if s.station_id == "west")

    def near(column: str, east: float = 0.0, station: Any = west) -> int | None:
        points = Opportunities.of_points([west.lon + east], [west.lat], {column: [7]})
        return people_near(toy, station, 3.0, points)

    assert near("people") == 7
    assert near("people", 0.0252) == 7  # 2.8 km
    assert near("people", 0.03) is None  # 3.3 km
    assert near("jobs") == 1_000
    assert people_near(replace(toy, population=None), west, 3.0) is None
    at_sea = replace(west, lon=98.0)
    assert people_near(toy, at_sea, 3.0) is near("people", station=at_sea) is None


def test_a_catchment_smaller_than_a_cell_of_people_is_not_judged(toy: Network) -> None:
    """A circle of 3 km is 28 km2: people on cells of 0.05 degrees, 31 km2, do not tell who lives in
    it.
    """
    wide = replace(toy, population_cell_deg=0.05)
    assert verdicts(wide)["towns"] == "not known"
    assert changed(wide)["towns"]["note"].endswith(
        "spread from cells of 3 arc-minutes, larger than the catchment)"
    )
    assert verdicts(replace(toy, population_cell_deg=0.045))["towns"] == "met"  # 25 km2
