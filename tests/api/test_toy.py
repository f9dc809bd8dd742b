"""The shipped toy network through the public API: every number of its README, worked out by hand, lines on and off."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import railshed
from railshed import Circle, Network
from railshed.matrices.reach import reach
from railshed.util.units import DAY, HOUR, format_clock
from tests.support import toy_expected as toy

TOY = Path(__file__).parents[2] / "networks" / "toy"
CUTOFFS = (30, 45, 60)
EXIT_MIN = 5
SLACK_0 = '[slack-0]\nlabel = "slack 0"\nlegs = "door-to-station"\nslack_minutes = 0\npercentile = 50\n'
NW_LINE = """
title = "northwest line"

[[modification]]
type = "add-trips"
name = "nw"
stops = [{ name = "西北原", id = "northwest", lon = 99.8, lat = 0.5, station_class = "small" }, "mid"]
hop_minutes = [18]
bidirectional = true

[[modification.frequencies]]
start_time = "05:00"
end_time = "23:00"
headway_minutes = 10
"""


@pytest.fixture(scope="module")
def network() -> Network:
    return railshed.load_network("toy")


@pytest.fixture(scope="module")
def without_lines() -> Network:
    return railshed.load_network("toy", lines=False)


@pytest.fixture(scope="module")
def found(network: Network) -> dict[str, Circle]:
    """The circle of `mid` by direction."""
    return {way: railshed.circle(network, "mid", direction=way) for way in ("to", "from", "both")}


@pytest.fixture(scope="module")
def main_centre(network: Network) -> dict[str, Circle]:
    """Door to door to the main centre alone."""
    city = network.get_city("mid")
    alone = replace(city, centres=city.centres[:1])
    return {way: railshed.circle(network, alone, reading="door-to-door", direction=way) for way in ("to", "from")}


def column(circle: Circle, name: str) -> dict[str, float]:
    """Return a column of the station table by station id."""
    return dict(zip(circle.stations["station_id"], circle.stations[name], strict=True))


def thousands(
    circle: Circle, reading: str = "door-to-station", kind: str = "by_rail", part: str = "people_outside_city"
) -> dict[int, float]:
    """Return thousands of people by cutoff."""
    table = circle.summary.readings[reading].table
    return {row["cutoff_min"]: row[part] / 1000 for row in table if row["kind"] == kind}


def strict(circle: Circle, reading: str = "door-to-station") -> Mapping[str, float]:
    return circle.summary.readings[reading].strict


def pick(values: Mapping[str, float], expected: Mapping[str, object]) -> dict[str, float]:
    """Return the values of the stations that are expected."""
    return {name: values[name] for name in expected}


# --- what is loaded -------------------------------------------------------------------------------------------


def test_counts(network: Network, without_lines: Network) -> None:
    """The feed holds 219 trips; two days' weekend trips do not run; the headway line brings two stations."""
    assert without_lines.n_trips == toy.N_TRIPS_GTFS
    assert without_lines.n_stations == toy.N_STATIONS - 2
    assert network.n_stations == toy.N_STATIONS
    runs = [without_lines.services[k].runs_on(network.date) for k in without_lines.trips.service_idx]
    assert sum(runs) == toy.N_TRIPS_ON_THE_DAY
    assert network.lines_included == ("市域线 Suburban line",)
    assert network.lines_left_out == ("西北线 Northwest line: confidence medium",)


def test_core_stations(network: Network, without_lines: Network) -> None:
    """The line's city station joins the core stations while the line is on."""
    assert network.get_city("mid").core_station_ids == ("mid", "midsouth")
    assert without_lines.get_city("Midtown").core_station_ids == ("mid",)


# --- station to station ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(("direction", "expected"), [("to", toy.FASTEST_TO), ("from", toy.FASTEST_FROM)])
def test_reach_gives_the_fastest_of_the_day(network: Network, direction: str, expected: dict[str, int]) -> None:
    """Slack 1, percentile 0, the whole day: the fastest journey, and 0 at the named stations."""
    table = reach(
        network, city="mid", direction=direction, window=(0, DAY), slack_minutes=1, percentiles=[0]
    ).set_index("station_id")
    assert table.loc[list(expected), "travel_time_p0"].to_dict() == expected
    assert table.loc[["mid", "midsouth"], "travel_time_p0"].tolist() == [0.0, 0.0]
    walk_min = toy.WALK_S["eastnorth", "east"] / 60
    assert table.loc["eastnorth", "travel_time_p0"] == pytest.approx(walk_min + expected["east"], abs=0.005)


def test_reach_counts_the_window(network: Network) -> None:
    """Peak journeys to `mid` of at most 120 min: six fast trains, four slow ones, two by the loop from the north."""
    table = reach(network, ["mid"]).set_index("station_id")
    assert table["trips"][["west", "east", "south", "north"]].to_dict() == {
        "west": 6, "east": 6, "south": 4, "north": 6
    }  # fmt: skip
    assert table["travel_time_p50"]["south"] == 33
    assert table["trips"]["southwest"] == 0
    assert np.isnan(table["travel_time_p0"]["southwest"])


def test_reach_without_changes_or_footpaths(network: Network) -> None:
    """Direct trains alone leave out the loop; without footpaths the southeast needs both loops and the slow line."""
    direct = reach(network, ["mid"], max_transfers=0).set_index("station_id")
    assert direct["trips"][["north", "northeast", "southeast"]].tolist() == [4, 0, 0]
    dry = reach(network, ["mid"], window=(0, DAY), percentiles=[0], slack_minutes=1, footpaths=False)
    dry = dry.set_index("station_id")
    # :06 loop B, north :34, change 6, :40-:12; northeast :24 the same
    assert dry["travel_time_p0"][["southeast", "northeast"]].tolist() == [66.0, 48.0]
    no_change = reach(
        network, ["mid"], window=(0, DAY), percentiles=[0], slack_minutes=1, footpaths=False, change_minutes=6.5
    ).set_index("station_id")
    # half a minute more and the :40 is missed: the :10 is next
    assert no_change["travel_time_p0"][["southeast", "northeast"]].tolist() == [96.0, 78.0]


def test_station_names_are_accepted(network: Network) -> None:
    """Id, Chinese and English name mean the same station."""
    tables = [reach(network, [name]) for name in ("mid", "中城", "midtown")]
    assert tables[0].equals(tables[1])
    assert tables[0].equals(tables[2])


# --- stations of the circle -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("direction", "name", "expected"),
    [
        ("to", "minutes", toy.DOOR_TO_STATION_TO_P50),
        ("to", "minutes_strict", toy.DOOR_TO_STATION_TO_P75),
        ("to", "minutes_fastest", toy.FASTEST_TO),
        ("from", "minutes", toy.DOOR_TO_STATION_FROM_P50),
        ("from", "minutes_strict", toy.DOOR_TO_STATION_FROM_P75),
        ("from", "minutes_fastest", toy.FASTEST_FROM),
        ("both", "minutes", toy.DOOR_TO_STATION_TO_P50),
        ("both", "minutes_strict", toy.DOOR_TO_STATION_TO_P75),
    ],
)
def test_station_minutes(found: dict[str, Circle], direction: str, name: str, expected: dict[str, int]) -> None:
    """Minutes of every station, percentile 50, 75 and the fastest; both ways is the slower of the two."""
    assert pick(column(found[direction], name), expected) == expected


@pytest.mark.parametrize(("direction", "expected"), [("to", toy.SERVED_TO_60), ("from", toy.SERVED_FROM_60)])
def test_share_served(found: dict[str, Circle], direction: str, expected: dict[str, tuple[int, int]]) -> None:
    """Minutes of the window within 60."""
    shares = column(found[direction], "share_served")
    assert pick(shares, expected) == {name: round(k / n, 4) for name, (k, n) in expected.items()}


@pytest.mark.parametrize(
    ("direction", "trips", "gaps"),
    [("to", toy.TRIPS_TO_60, toy.GAPS_TO_60), ("from", toy.TRIPS_FROM_60, toy.GAPS_FROM_60)],
)
def test_trips_and_gaps(found: dict[str, Circle], direction: str, trips: dict[str, int], gaps: dict[str, int]) -> None:
    """Journeys of at most 60 min in the peak, and the longest time between two, the window's edges among them."""
    assert pick(column(found[direction], "trips"), trips) == trips
    assert pick(column(found[direction], "max_gap_min"), gaps) == gaps


@pytest.mark.parametrize("direction", ["to", "from"])
def test_first_arrival_and_last_return(found: dict[str, Circle], direction: str) -> None:
    """First arrival at the core station's door, exit included; last leave from it, after midnight to the north."""
    first = {name: format_clock((m + EXIT_MIN) * 60) for name, m in toy.FIRST_ARRIVAL.items()}
    last = {name: format_clock(m * 60) for name, m in toy.LAST_TRAIN_HOME.items()}
    assert pick(column(found[direction], "first_arrival"), first) == first
    assert pick(column(found[direction], "last_return"), last) == last
    assert column(found[direction], "first_arrival")["southeast"] == ""


def test_core_stations_have_no_figures(found: dict[str, Circle]) -> None:
    """Core stations print 0 minutes, are marked and are not inside."""
    for circle in found.values():
        core = circle.stations[circle.stations["is_core"]]
        assert core["station_id"].tolist() == ["mid", "midsouth"]
        assert not core["inside"].any()
        assert (core[["minutes", "minutes_fastest", "minutes_strict", "trips"]] == 0).all(axis=None)
        inside = set(circle.stations.loc[circle.stations["inside"], "station_id"])
        assert inside == {"west", "east", "eastnorth", "north", "south", "northeast", "southwest"}


def test_slack_0_and_turn_up(network: Network, tmp_path: Path) -> None:
    """Being early counts in full, or the wait for the next train does: the same numbers."""
    own = tmp_path / "readings.toml"
    own.write_text(SLACK_0, encoding="utf-8")
    early = railshed.circle(network, "mid", reading="slack-0", readings=own)
    assert pick(column(early, "minutes"), toy.DOOR_TO_STATION_TO_P50_SLACK_0) == toy.DOOR_TO_STATION_TO_P50_SLACK_0
    turn_up = railshed.circle(network, "mid", reading="turn-up-and-go")
    assert pick(column(turn_up, "minutes"), toy.TURN_UP_TO_P50) == toy.TURN_UP_TO_P50


def test_door_to_door_stations(main_centre: dict[str, Circle]) -> None:
    """The main centre is 14.1 minutes by bike from `mid`; `midsouth` is too far from it for any mode."""
    minutes = column(main_centre["to"], "minutes")
    assert {name: round(minutes[name], 1) for name in toy.DOOR_TO_DOOR_TO_P50} == toy.DOOR_TO_DOOR_TO_P50
    assert np.isnan(minutes["southwest"])


# --- people and counties --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("direction", "expected"),
    [
        ("to", toy.PEOPLE_K_BY_RAIL_TO_P50),
        ("from", toy.PEOPLE_K_BY_RAIL_FROM_P50),
        ("both", toy.PEOPLE_K_BY_RAIL_TO_P50),
    ],
)
def test_people_by_rail(found: dict[str, Circle], direction: str, expected: dict[int, int]) -> None:
    """People whose cell is inside by rail, at each cutoff; all of them outside the city proper."""
    assert thousands(found[direction]) == expected
    assert thousands(found[direction], part="people_city_proper") == dict.fromkeys(CUTOFFS, 0)
    assert thousands(found[direction], kind="total", part="people_city_proper") == dict.fromkeys(
        CUTOFFS, toy.PEOPLE_K_CITY_PROPER
    )
    assert thousands(found[direction], kind="added_by_rail") == expected
    assert thousands(found[direction], part="people_other_province")[60] == toy.PEOPLE_K_OTHER_PROVINCE_60


@pytest.mark.parametrize("cutoff", CUTOFFS)
def test_people_at_percentile_75(network: Network, cutoff: int) -> None:
    """The northeast falls out at percentile 75."""
    circle = railshed.circle(network, "mid", cutoffs=[cutoff])
    assert strict(circle)["people_outside_city"] / 1000 == toy.PEOPLE_K_BY_RAIL_TO_P75[cutoff]


def test_nobody_boards_at_a_core_station(network: Network) -> None:
    """Out and back from `mid` takes 63, but whoever stands at a core station has arrived: `local`, not by rail."""
    circle = railshed.circle(network, "mid", cutoffs=[60, 90])
    for reading in ("door-to-station", "turn-up-and-go"):
        assert thousands(circle, reading, part="people_city_proper") == {60: 0, 90: 0}
    # at 90 the southeast, 69 and the way to the station, is in as well
    assert thousands(circle)[90] == 95 + 32


def test_counties(found: dict[str, Circle], network: Network) -> None:
    """Inside is half of a county's people; the lake county has 4 of 516 thousand; shares have the census below."""
    for circle in found.values():
        table = circle.counties.set_index("county_code")
        status = table["status_60"].to_dict()
        assert status.pop("990101") == "inside"
        assert {code for code, s in status.items() if s == "inside"} == toy.COUNTIES_INSIDE_60
        assert {code for code, s in status.items() if s == "touched"} == toy.COUNTIES_TOUCHED_60
        assert not toy.COUNTIES_NOT_TOUCHED_60 & {code for code, s in status.items() if s != "outside"}
        assert table["share_total_60"]["990103"] == round(4 / 516, 4)
        assert table["part"].to_dict()["980101"] == "other_province"
        row = next(
            r for r in circle.summary.readings["door-to-station"].table
            if (r["cutoff_min"], r["kind"]) == (60, "by_rail")
        )  # fmt: skip
        assert (row["counties_inside"], row["counties_touched"]) == (
            len(toy.COUNTIES_INSIDE_60), len(toy.COUNTIES_INSIDE_60 | toy.COUNTIES_TOUCHED_60)
        )  # fmt: skip
    assert network.counties is not None
    assert network.counties["population"].sum() / 1000 == toy.PEOPLE_K_ALL


def test_seats(found: dict[str, Circle]) -> None:
    """A county's seat is its densest cell: that of the lake county lies in the fields and is outside."""
    seats = found["to"].counties.set_index("county_code")["seat_inside_60"].to_dict()
    assert {code for code, inside in seats.items() if not inside} == {"990103"}


def test_members(found: dict[str, Circle]) -> None:
    """Of the prefecture of `mid`, 256 + 1 + 4 + 8 of 781 thousand; of the east's two counties all 18."""
    table = found["to"].members
    rows = table[table["region"] == "toy"].set_index("prefecture_code")
    assert rows["people_census"].to_dict() == {"980100": 18_000, "990100": 781_000, "990200": 192_000}
    assert rows["people_total_60"].to_dict() == {"980100": 18_000, "990100": 269_000, "990200": 64_000}
    assert rows["scope"].to_dict() == {"980100": "2 of 3 counties", "990100": "whole", "990200": "whole"}
    others = table[table["region"] == ""]
    assert others[["people_census", "people_total_60"]].to_numpy().tolist() == [[32_000, 0]]


@pytest.mark.parametrize("direction", ["to", "from"])
def test_door_to_door_people(found: dict[str, Circle], main_centre: dict[str, Circle], direction: str) -> None:
    """Main centre only; nearest of both centres, of which the second lies at the line's end."""
    alone = thousands(main_centre[direction], "door-to-door")
    assert {c: alone[c] for c in toy.PEOPLE_K_DOOR_TO_DOOR_TO_P50} == toy.PEOPLE_K_DOOR_TO_DOOR_TO_P50
    nearest = thousands(found[direction], "door-to-door")
    assert {c: nearest[c] for c in (45, 60, 75)} == toy.PEOPLE_K_DOOR_TO_DOOR_TO_P50_NEAREST
    rows = found[direction].summary.centres
    assert [row["people_by_rail_outside_city_60"] / 1000 for row in rows] == [3, 64]


# --- bridge and range -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("direction", ["to", "from", "both"])
def test_bridge(found: dict[str, Circle], direction: str) -> None:
    """Stations, counties, people on each rung; whole counties, the fields' 512 among them, on the first three."""
    rungs = found[direction].bridge.to_dict()
    figures = {r["key"]: (r["stations"], r["counties"], r["people"] / 1000) for r in rungs if r["cutoff_min"] == 60}
    assert figures == toy.BRIDGE
    assert [r["convention"] for r in rungs] == ["whole counties"] * 3 + ["cells"] * 3
    assert (rungs[-1]["cutoff_min"], rungs[-1]["stations"]) == (90, 8)


def test_bridge_door_to_door_90(found: dict[str, Circle]) -> None:
    """Within 90 the southeast (83.1 and at most 6.1 by bike) is in: 95 + 32."""
    last = found["to"].bridge.to_dict()[-1]
    assert (last["counties"], last["people"] / 1000) == (6, 95 + 32)


@pytest.mark.parametrize("direction", ["to", "from", "both"])
def test_range(found: dict[str, Circle], direction: str) -> None:
    """High is no more than the central value: nothing lies between 60 and 65; low is on foot with 5 min more."""
    ends = found[direction].interval.to_dict()
    assert {end: ends[end]["people"] / 1000 for end in ("low", "central", "high")} == toy.RANGE_60
    assert (ends["low"]["access"], ends["low"]["station_time_min"]) == ("walk", 5)
    assert (ends["central"]["slack_min"], ends["central"]["station_time_min"]) == (30, 0)


def test_without_people_or_counties(network: Network) -> None:
    """Without shipped people and counties figures are None, never 0; minutes and stations stay."""
    bare = replace(network, counties=None, population=None)
    circle = railshed.circle(bare, "mid")
    assert pick(column(circle, "minutes"), toy.DOOR_TO_STATION_TO_P50) == toy.DOOR_TO_STATION_TO_P50
    assert {row["people"] for row in circle.summary.readings["door-to-station"].table} == {None}
    assert [r["people"] for r in circle.bridge.to_dict()] == [None] * 6
    assert circle.interval.central.people is None
    assert circle.interval.central.area_km2 > 0


# --- lines off, lines on, a line planned ----------------------------------------------------------------------


def test_without_lines(without_lines: Network) -> None:
    """Without the headway line its station, its 64 thousand people and its core station are gone."""
    circle = railshed.circle(without_lines, "mid")
    assert thousands(circle) == {c: k - 64 * (c > 30) for c, k in toy.PEOPLE_K_BY_RAIL_TO_P50.items()}
    expected = {name: m for name, m in toy.DOOR_TO_STATION_TO_P50.items() if name != "southwest"}
    minutes = column(circle, "minutes")
    assert pick(minutes, expected) == expected
    assert not {"southwest", "midsouth"} & set(minutes)


def test_a_line_of_medium_confidence_made_high(tmp_path: Path) -> None:
    """With the northwest line its 128 thousand people come in."""
    folder = tmp_path / "toy"
    shutil.copytree(TOY, folder)
    lines = folder / "lines.csv"
    lines.write_text(lines.read_text(encoding="utf-8").replace(",medium,", ",high,"), encoding="utf-8")
    circle = railshed.circle(railshed.load_network(folder), "mid")
    assert thousands(circle) == toy.PEOPLE_K_BY_RAIL_TO_P50_WITH_NW
    assert column(circle, "minutes")["northwest"] == 33


def test_compare_with_the_planned_line(network: Network, tmp_path: Path) -> None:
    """The same line as a scenario gains 128 thousand by rail from 45 minutes on and loses nobody."""
    file = tmp_path / "nw.toml"
    file.write_text(NW_LINE, encoding="utf-8")
    changed = railshed.compare(network, "mid", file)
    for cutoff in CUTOFFS:
        row = changed.row("door-to-station", cutoff, "by_rail")
        assert row["people_before"] / 1000 == toy.PEOPLE_K_BY_RAIL_TO_P50[cutoff]
        assert row["people_after"] / 1000 == toy.PEOPLE_K_BY_RAIL_TO_P50_WITH_NW[cutoff]
        assert row["people_gained"] == row["people_after"] - row["people_before"]
        assert row["people_lost"] == 0
    assert "people gained 128000, lost 0" in repr(changed)
    assert changed.counties["county_code"].tolist() == ["990201"]
    assert changed.stations["station_id"].tolist() == ["northwest"]
    assert changed.stations[["minutes_after", "minutes_fastest_after"]].to_numpy().tolist() == [[33.0, 18.0]]


def test_compare_with_a_new_core_station(network: Network, tmp_path: Path) -> None:
    """A line that ends at a new core station counts from there: 15 + 10, whatever the old core stations are."""
    file = tmp_path / "core.toml"
    ends = '"northwest", lon = 99.8, lat = 0.5 }, { name = "gate", lon = 99.99, lat = 0.31, core_station = true }'
    text = NW_LINE.replace('"西北原", id = "northwest", lon = 99.8, lat = 0.5, station_class = "small" }, "mid"', ends)
    file.write_text(text.replace("[18]", "[10]"), encoding="utf-8")
    changed = railshed.compare(network, "mid", file)
    assert changed.after.city.core_station_ids == ("gate", "mid", "midsouth")
    assert column(changed.after, "minutes")["northwest"] == 25
    assert changed.row("door-to-station", 60, "by_rail")["people_lost"] == 0


def test_the_day_decides(network: Network) -> None:
    """On a Saturday the southeast has its direct trains: 08:00-08:20 and 09:00-09:20."""
    import datetime as dt

    table = reach(network, ["mid"], date=dt.date(2024, 5, 18), percentiles=[0], slack_minutes=1)
    assert table.set_index("station_id")["travel_time_p0"]["southeast"] == 20.0


def test_last_train_is_after_midnight(network: Network) -> None:
    """From 24:00 to 24:16 there is one train north, the 24:15, and nothing else."""
    late = reach(
        network, ["mid"], direction="from", window=(24 * HOUR, 24 * HOUR + 960), slack_minutes=30, percentiles=[0]
    ).set_index("station_id")
    assert late["trips"].to_dict() == {name: int(name == "north") for name in late.index}
    assert late["travel_time_p0"]["north"] == 32
