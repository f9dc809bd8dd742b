"""The shipped toy network through the public API: every number of its README, worked out by hand,
lines on and off.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import railshed
from railshed import Circle, Network
from railshed.questions.reach.reach import reach
from railshed.util.units import DAY, HOUR, format_clock
from tests.support import toy_expected as toy

TOY = Path(__file__).parents[2] / "networks" / "toy"
CUTOFFS = (45, 60, 75, 90)
EXIT_MIN = 5
#: early minutes in full, after 0 and after 30
IN_FULL = """
[slack-0]
legs = "door-to-station"
slack_minutes = 0
early_weight = 1
[slack-30]
legs = "door-to-station"
slack_minutes = 30
early_weight = 1
"""
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
def to_station(network: Network) -> dict[str, Circle]:
    """The circle of `mid` door to station, by direction."""
    return {
        way: railshed.circle(network, "mid", reading="door-to-station", direction=way)
        for way in ("to", "from", "both")
    }


@pytest.fixture(scope="module")
def main_centre(network: Network) -> dict[str, Circle]:
    """Door to door to the main centre alone."""
    city = network.get_city("mid")
    alone = replace(city, centres=city.centres[:1])
    return {way: railshed.circle(network, alone, direction=way) for way in ("to", "from")}


def column(circle: Circle, name: str) -> dict[str, float]:
    """Return a column of the station table by station id."""
    return dict(zip(circle.stations["station_id"], circle.stations[name], strict=True))


def thousands(
    circle: Circle,
    reading: str = "door-to-door",
    kind: str = "by_rail",
    part: str = "people_outside_city",
) -> dict[int, float]:
    """Return thousands of people by cutoff."""
    table = circle.summary.readings[reading].table
    return {row["cutoff_min"]: row[part] / 1000 for row in table if row["kind"] == kind}


def strict(circle: Circle, reading: str = "door-to-door") -> Mapping[str, float]:
    return circle.summary.readings[reading].strict


def slower(one: Mapping[str, float], other: Mapping[str, float]) -> dict[str, float]:
    """Return the larger minutes of the stations of both."""
    return {name: max(one[name], other[name]) for name in one.keys() & other.keys()}


def pick(values: Mapping[str, float], expected: Mapping[str, object]) -> dict[str, float]:
    """Return the values of the stations that are expected."""
    return {name: values[name] for name in expected}


# --- what is loaded -----------------------------------------------------------------------------


def test_counts(network: Network, without_lines: Network) -> None:
    """The feed holds 219 trips; two days' weekend trips do not run; the headway line brings two
    stations.
    """
    assert without_lines.n_trips == toy.N_TRIPS_GTFS
    assert without_lines.n_stations == toy.N_STATIONS - 2
    assert network.n_stations == toy.N_STATIONS
    runs = [
        without_lines.services[k].runs_on(network.date) for k in without_lines.trips.service_idx
    ]
    assert sum(runs) == toy.N_TRIPS_ON_THE_DAY
    assert network.lines_included == ("市域线 Suburban line",)
    assert network.lines_left_out == ("西北线 Northwest line: confidence medium",)


def test_core_stations(network: Network, without_lines: Network) -> None:
    """The line's city station joins the core stations while the line is on."""
    assert network.get_city("mid").core_station_ids == ("mid", "midsouth")
    assert without_lines.get_city("Midtown").core_station_ids == ("mid",)


# --- station to station -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("direction", "expected"), [("to", toy.FASTEST_TO), ("from", toy.FASTEST_FROM)]
)
def test_reach_gives_the_fastest_of_the_day(
    network: Network, direction: str, expected: dict[str, int]
) -> None:
    """Slack 1, percentile 0, the whole day: the fastest journey, and 0 at the named stations."""
    table = reach(
        network, city="mid", direction=direction, window=(0, DAY), slack_minutes=1, percentiles=[0]
    ).set_index("station_id")
    assert table.loc[list(expected), "travel_time_p0"].to_dict() == expected
    assert table.loc[["mid", "midsouth"], "travel_time_p0"].tolist() == [0.0, 0.0]
    walk_min = toy.WALK_S["eastnorth", "east"] / 60
    assert table.loc["eastnorth", "travel_time_p0"] == pytest.approx(
        walk_min + expected["east"], abs=0.005
    )


def test_reach_counts_the_window(network: Network) -> None:
    """Peak journeys to `mid` of at most 120 min: six fast trains, four slow ones, two by the loop
    from the north.
    """
    table = reach(network, ["mid"]).set_index("station_id")
    assert table["trips"][["west", "east", "south", "north"]].to_dict() == {
        "west": 6,
        "east": 6,
        "south": 4,
        "north": 6,
    }
    assert table["travel_time_p50"]["south"] == 33
    assert table["trips"]["southwest"] == 0
    assert np.isnan(table["travel_time_p0"]["southwest"])


def test_reach_without_changes_or_footpaths(network: Network) -> None:
    """Direct trains alone leave out the loop; without footpaths the southeast needs both loops and
    the slow line.
    """
    direct = reach(network, ["mid"], max_transfers=0).set_index("station_id")
    assert direct["trips"][["north", "northeast", "southeast"]].tolist() == [4, 0, 0]
    dry = reach(
        network, ["mid"], window=(0, DAY), percentiles=[0], slack_minutes=1, footpaths=False
    )
    dry = dry.set_index("station_id")
    # :06 loop B, north :34, change 6, :40-:12; northeast :24 the same
    assert dry["travel_time_p0"][["southeast", "northeast"]].tolist() == [66.0, 48.0]
    no_change = reach(
        network,
        ["mid"],
        window=(0, DAY),
        percentiles=[0],
        slack_minutes=1,
        footpaths=False,
        change_minutes=6.5,
    ).set_index("station_id")
    # half a minute more and the :40 is missed: the :10 is next
    assert no_change["travel_time_p0"][["southeast", "northeast"]].tolist() == [96.0, 78.0]


def test_station_names_are_accepted(network: Network) -> None:
    """Id, Chinese and English name mean the same station."""
    tables = [reach(network, [name]) for name in ("mid", "中城", "midtown")]
    assert tables[0].equals(tables[1])
    assert tables[0].equals(tables[2])


# --- stations of the circle ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("direction", "name", "expected"),
    [
        ("to", "minutes", toy.DOOR_TO_DOOR_TO_P50),
        ("to", "minutes_strict", toy.DOOR_TO_DOOR_TO_P75),
        ("to", "minutes_fastest", toy.FASTEST_TO),
        ("from", "minutes", toy.DOOR_TO_DOOR_FROM_P50),
        ("from", "minutes_strict", toy.DOOR_TO_DOOR_FROM_P75),
        ("from", "minutes_fastest", toy.FASTEST_FROM),
        ("both", "minutes", slower(toy.DOOR_TO_DOOR_TO_P50, toy.DOOR_TO_DOOR_FROM_P50)),
        ("both", "minutes_strict", slower(toy.DOOR_TO_DOOR_TO_P75, toy.DOOR_TO_DOOR_FROM_P75)),
    ],
)
def test_station_minutes(
    found: dict[str, Circle], direction: str, name: str, expected: dict[str, float]
) -> None:
    """Minutes of every station, percentile 50, 75 and the fastest; both ways is the slower of the
    two.
    """
    assert pick(column(found[direction], name), expected) == expected


@pytest.mark.parametrize(
    ("direction", "name", "expected"),
    [
        ("to", "minutes", toy.DOOR_TO_STATION_TO_P50),
        ("to", "minutes_strict", toy.DOOR_TO_STATION_TO_P75),
        ("from", "minutes", toy.DOOR_TO_STATION_FROM_P50),
        ("from", "minutes_strict", toy.DOOR_TO_STATION_FROM_P75),
        ("both", "minutes", slower(toy.DOOR_TO_STATION_TO_P50, toy.DOOR_TO_STATION_FROM_P50)),
        (
            "both",
            "minutes_strict",
            slower(toy.DOOR_TO_STATION_TO_P75, toy.DOOR_TO_STATION_FROM_P75),
        ),
    ],
)
def test_minutes_to_the_terminal(
    to_station: dict[str, Circle], direction: str, name: str, expected: dict[str, float]
) -> None:
    """So are those without the way from the terminal to the desk."""
    assert pick(column(to_station[direction], name), expected) == expected


@pytest.mark.parametrize(
    ("direction", "expected"), [("to", toy.SERVED_TO_60), ("from", toy.SERVED_FROM_60)]
)
def test_share_served(
    to_station: dict[str, Circle], direction: str, expected: dict[str, tuple[int, int]]
) -> None:
    """Minutes of the window within 60."""
    shares = column(to_station[direction], "share_served")
    assert pick(shares, expected) == {name: round(k / n, 4) for name, (k, n) in expected.items()}


@pytest.mark.parametrize(
    ("direction", "trips", "gaps"),
    [("to", toy.TRIPS_TO_60, toy.GAPS_TO_60), ("from", toy.TRIPS_FROM_60, toy.GAPS_FROM_60)],
)
def test_trips_and_gaps(
    to_station: dict[str, Circle], direction: str, trips: dict[str, int], gaps: dict[str, int]
) -> None:
    """Journeys of at most 60 min in the peak, and the longest time between two, the window's edges
    among them.
    """
    assert pick(column(to_station[direction], "trips"), trips) == trips
    assert pick(column(to_station[direction], "max_gap_min"), gaps) == gaps


@pytest.mark.parametrize("direction", ["to", "from"])
def test_first_arrival_and_last_return(
    found: dict[str, Circle], to_station: dict[str, Circle], direction: str
) -> None:
    """First arrival at the core station's door, exit included; last leave from it, after midnight
    to the north.
    """
    first = {name: format_clock((m + EXIT_MIN) * 60) for name, m in toy.FIRST_ARRIVAL.items()}
    last = {name: format_clock(m * 60) for name, m in toy.LAST_TRAIN_HOME.items()}
    assert pick(column(to_station[direction], "first_arrival"), first) == first
    assert pick(column(to_station[direction], "last_return"), last) == last
    assert column(to_station[direction], "first_arrival")["southeast"] == ""
    desk = found[direction]
    assert pick(column(desk, "first_arrival"), toy.DOOR_TO_DOOR_FIRST) == toy.DOOR_TO_DOOR_FIRST
    assert pick(column(desk, "last_return"), toy.DOOR_TO_DOOR_LAST) == toy.DOOR_TO_DOOR_LAST


def test_core_stations_have_no_figures(found: dict[str, Circle]) -> None:
    """Core stations print 0 minutes, are marked and are not inside."""
    for circle in found.values():
        core = circle.stations[circle.stations["is_core"]]
        assert core["station_id"].tolist() == ["mid", "midsouth"]
        assert not core["inside"].any()
        assert (core[["minutes", "minutes_fastest", "minutes_strict", "trips"]] == 0).all(axis=None)
        inside = set(circle.stations.loc[circle.stations["inside"], "station_id"])
        assert inside == {"west", "east", "eastnorth", "southwest"}


def test_early_minutes_in_full(network: Network, tmp_path: Path) -> None:
    """The weight and slack of a reading decide what being early counts."""
    own = tmp_path / "readings.toml"
    own.write_text(IN_FULL, encoding="utf-8")
    for name, expected in (
        ("slack-0", toy.DOOR_TO_STATION_TO_P50_WEIGHT_1),
        ("slack-30", toy.DOOR_TO_STATION_TO_P50_SLACK_30),
    ):
        circle = railshed.circle(network, "mid", reading=name, readings=own)
        assert pick(column(circle, "minutes"), expected) == expected


def test_turn_up_and_go(network: Network) -> None:
    """A random departure from the door at home: the wait counts in full, being early does not."""
    circle = railshed.circle(network, "mid", reading="turn-up-and-go")
    assert pick(column(circle, "minutes"), toy.TURN_UP_TO_P50) == toy.TURN_UP_TO_P50
    assert thousands(circle, "turn-up-and-go") == toy.PEOPLE_K_TURN_UP


def test_minutes_to_the_main_centre(main_centre: dict[str, Circle]) -> None:
    """`midsouth` is too far from the main centre for any mode; the others end at `mid` as with
    both.
    """
    minutes = column(main_centre["to"], "minutes")
    expected = {name: m for name, m in toy.DOOR_TO_DOOR_TO_P50.items() if name != "southwest"}
    assert pick(minutes, expected) == expected
    assert np.isnan(minutes["southwest"])


# --- people and counties ------------------------------------------------------------------------


@pytest.mark.parametrize("direction", ["to", "from", "both"])
def test_people_by_rail(
    found: dict[str, Circle], main_centre: dict[str, Circle], direction: str
) -> None:
    """People whose cell is inside by rail at each cutoff, their parts, and those of them who cannot
    cycle it.
    """
    circle = found[direction]
    assert thousands(circle) == toy.PEOPLE_K_BY_RAIL
    assert strict(circle)["people_outside_city"] / 1000 == toy.PEOPLE_K_BY_RAIL_P75_60
    assert thousands(circle, kind="added_by_rail") == toy.PEOPLE_K_CANNOT_CYCLE
    parts = ("own_prefecture", "other_prefecture", "other_province")
    for cutoff, expected in toy.PEOPLE_K_PARTS.items():
        assert tuple(thousands(circle, part=f"people_{part}")[cutoff] for part in parts) == expected
    if direction != "both":
        assert thousands(main_centre[direction]) == toy.PEOPLE_K_MAIN_CENTRE


@pytest.mark.parametrize("direction", ["to", "from", "both"])
def test_people_to_the_terminal(to_station: dict[str, Circle], direction: str) -> None:
    """Without the way to the desk north and south are within 60, in part."""
    assert thousands(to_station[direction], "door-to-station") == toy.PEOPLE_K_TO_STATION


@pytest.mark.parametrize("cutoff", [30, 45, 60])
def test_people_at_percentile_75(network: Network, cutoff: int) -> None:
    """At percentile 75 north and south fall out, and within 45 most of the west."""
    circle = railshed.circle(network, "mid", reading="door-to-station", cutoffs=[cutoff])
    outside = strict(circle, "door-to-station")["people_outside_city"]
    assert outside / 1000 == toy.PEOPLE_K_TO_STATION_P75[cutoff]


def test_a_ride_that_begins_in_the_city(network: Network, found: dict[str, Circle]) -> None:
    """Out and back from `mid` takes 63: no way to a terminal for a traveller at one, but one to the
    desk in 79:32.
    """
    circle = railshed.circle(network, "mid", reading="door-to-station", cutoffs=[60, 90])
    assert thousands(circle, "door-to-station", part="people_city_proper") == {60: 0, 90: 0}
    assert thousands(circle, "door-to-station")[90] == toy.PEOPLE_K_TO_STATION_90
    for circle in found.values():
        proper = thousands(circle, part="people_city_proper")
        assert proper == {45: 0, 60: 0, 75: 0, 90: toy.PEOPLE_K_CITY_PROPER}
        total = thousands(circle, kind="total", part="people_city_proper")
        assert total == dict.fromkeys(CUTOFFS, toy.PEOPLE_K_CITY_PROPER)


@pytest.mark.parametrize("direction", ["to", "from", "both"])
def test_all_trips_are_trains(found: dict[str, Circle], direction: str) -> None:
    """Without trains nothing is left, so they add all."""
    assert thousands(found[direction], kind="added_by_trains") == toy.PEOPLE_K_BY_RAIL


def test_counties(found: dict[str, Circle], network: Network) -> None:
    """Inside is half of a county's people; the lake county has 4 of 516 thousand; shares have the
    census below.
    """
    for circle in found.values():
        table = circle.counties.set_index("county_code")
        for cutoff, expected in toy.COUNTIES_INSIDE.items():
            inside = table.index[table[f"status_{cutoff}"] == "inside"]
            assert set(inside) == {"990101"} | expected
            row = circle.summary.readings["door-to-door"].table.at(cutoff)["by_rail"]
            assert row["counties_inside"] == len(expected)
        assert row["counties_touched"] == len(toy.COUNTIES_INSIDE[90] | toy.COUNTIES_TOUCHED_90)
        assert set(table.index[table["status_90"] == "touched"]) == toy.COUNTIES_TOUCHED_90
        assert set(table.index[table["status_90"] == "outside"]) == toy.COUNTIES_OUTSIDE_90
        assert table["share_total_90"]["990103"] == round(4 / 516, 4)
        assert table["part"].to_dict()["980101"] == "other_province"
    assert network.counties is not None
    assert network.counties["population"].sum() / 1000 == toy.PEOPLE_K_ALL


def test_seats(found: dict[str, Circle]) -> None:
    """A county's seat is its densest cell: that of the lake county lies in the fields and is
    outside.
    """
    seats = found["to"].counties.set_index("county_code")["seat_inside_90"].to_dict()
    assert {code for code, inside in seats.items() if not inside} == {
        "990103"
    } | toy.COUNTIES_OUTSIDE_90


def test_members(found: dict[str, Circle]) -> None:
    """Of the prefecture of `mid`, 256 + 1 and within 90 4 + 8 of 781 thousand; of the east's two
    counties 2 and 18.
    """
    table = found["to"].members
    rows = table[table["region"] == "toy"].set_index("prefecture_code")
    assert rows["people_census"].to_dict() == {
        "980100": 18_000,
        "990100": 781_000,
        "990200": 192_000,
    }
    assert rows["people_total_60"].to_dict() == {
        "980100": 2_000,
        "990100": 257_000,
        "990200": 64_000,
    }
    assert rows["people_total_90"].to_dict() == {
        "980100": 18_000,
        "990100": 269_000,
        "990200": 64_000,
    }
    assert rows["scope"].to_dict() == {
        "980100": "2 of 3 counties",
        "990100": "whole",
        "990200": "whole",
    }
    others = table[table["region"] == ""]
    assert others[["people_census", "people_total_90"]].to_numpy().tolist() == [[32_000, 0]]


@pytest.mark.parametrize("direction", ["to", "from", "both"])
def test_centres_and_far_places(found: dict[str, Circle], direction: str) -> None:
    """Each centre alone, the mean of both, and what lies beyond 30 km of the main one."""
    summary = found[direction].summary
    each = [
        [row[f"people_by_rail_outside_city_{c}"] / 1000 for row in summary.centres]
        for c in (60, 90)
    ]
    assert each == [[3, 64], [31, 64]]
    assert summary.beyond is not None
    assert {
        name: summary.beyond[f"people_by_rail_{name}"] / 1000 for name in toy.BEYOND
    } == toy.BEYOND
    assert summary.beyond["beyond_km"] == 30


# --- bridge and range ---------------------------------------------------------------------------


@pytest.mark.parametrize("direction", ["to", "from", "both"])
def test_bridge(found: dict[str, Circle], direction: str) -> None:
    """Stations on each rung, and counties and people where cells are counted; the press's hour
    stands apart.
    """
    rungs = found[direction].bridge
    assert {
        r.key: (
            r.stations,
            r.stations_in_city,
            r.counties,
            None if r.people is None else r.people / 1000,
        )
        for r in rungs
    } == toy.BRIDGE
    assert [r.cutoff_min for r in rungs] == [60] * 5 + [90]
    press = found[direction].summary.press
    assert {name: getattr(press, name) for name in toy.PRESS} == toy.PRESS


@pytest.mark.parametrize("direction", ["to", "from", "both"])
def test_range(found: dict[str, Circle], direction: str) -> None:
    """Low is on foot with 5 min more; high with taxis, an hour of slack and 5 min less."""
    for interval in found[direction].summary.corners:
        ends = {end: getattr(interval, end) for end in ("low", "central", "high")}
        assert {end: outcome.people / 1000 for end, outcome in ends.items()} == toy.RANGE[
            interval.cutoff_min
        ]
        assert (ends["low"].access, ends["low"].slack_min, ends["low"].station_time_min) == (
            "walk",
            0,
            5,
        )
        assert (ends["central"].slack_min, ends["central"].station_time_min) == (0, 0)
        assert (ends["high"].slack_min, ends["high"].station_time_min) == (60, -5)
    assert [interval.cutoff_min for interval in found[direction].summary.corners] == [60, 90]


def test_without_people_or_counties(network: Network) -> None:
    """Without shipped people and counties figures are None, never 0; minutes and stations stay."""
    bare = replace(network, counties=None, population=None)
    circle = railshed.circle(bare, "mid")
    assert pick(column(circle, "minutes"), toy.DOOR_TO_DOOR_TO_P50) == toy.DOOR_TO_DOOR_TO_P50
    assert {row["people"] for row in circle.summary.readings["door-to-door"].table} == {None}
    assert [r.people for r in circle.bridge] == [None] * 6
    assert circle.corners.central.people is None
    assert circle.corners.central.area_km2 > 0


# --- lines off, lines on, a line planned --------------------------------------------------------


def test_without_lines(without_lines: Network) -> None:
    """Without the headway line its station, its 64 thousand people and its core station
    are gone.
    """
    circle = railshed.circle(without_lines, "mid")
    assert thousands(circle) == toy.PEOPLE_K_MAIN_CENTRE
    expected = {name: m for name, m in toy.DOOR_TO_DOOR_TO_P50.items() if name != "southwest"}
    minutes = column(circle, "minutes")
    assert pick(minutes, expected) == expected
    assert not {"southwest", "midsouth"} & set(minutes)


def test_a_line_of_medium_confidence_made_high(tmp_path: Path) -> None:
    """With the northwest line its 128 thousand come in at 60: 10 + 18 + 19:04, and half of 4 to 5
    minutes early.
    """
    folder = tmp_path / "toy"
    shutil.copytree(TOY, folder)
    lines = folder / "lines.csv"
    lines.write_text(
        lines.read_text(encoding="utf-8").replace(",medium,", ",high,"), encoding="utf-8"
    )
    circle = railshed.circle(railshed.load_network(folder), "mid")
    assert thousands(circle) == {
        c: round(k + 128 * (c >= 60), 3) for c, k in toy.PEOPLE_K_BY_RAIL.items()
    }
    assert 49.06 < column(circle, "minutes")["northwest"] < 49.57


def test_compare_with_the_planned_line(network: Network, tmp_path: Path) -> None:
    """The same line as a scenario gains 128 thousand by rail from 60 minutes on and loses
    no one.
    """
    file = tmp_path / "nw.toml"
    file.write_text(NW_LINE, encoding="utf-8")
    changed = railshed.compare(network, "mid", file)
    for cutoff in CUTOFFS:
        row = changed.row("door-to-door", cutoff, "by_rail")
        assert row["people_before"] / 1000 == toy.PEOPLE_K_BY_RAIL[cutoff]
        assert row["people_gained"] / 1000 == 128 * (cutoff >= 60)
        assert row["people_gained"] == row["people_after"] - row["people_before"]
        assert row["people_lost"] == 0
    assert changed.row("door-to-station", 45, "by_rail")["people_gained"] == 128_000
    assert "people gained 128000, lost 0" in repr(changed)
    assert changed.counties["county_code"].tolist() == ["990201"]
    assert changed.stations["station_id"].tolist() == ["northwest"]
    assert changed.stations["minutes_fastest_after"].tolist() == [18.0]
    assert changed.stations["minutes_after"].between(49.06, 49.57).all()


def test_a_new_terminal_moves_no_figure(network: Network, tmp_path: Path) -> None:
    """A line to a new terminal 1,569 m from the main centre is a way to the desk, none to the
    terminals of the city.
    """
    file = tmp_path / "core.toml"
    ends = (
        '"northwest", lon = 99.8, lat = 0.5 }, { name = "gate", lon = 99.99, lat = 0.31, '
        "terminal = true }"
    )
    text = NW_LINE.replace(
        '"西北原", id = "northwest", lon = 99.8, lat = 0.5, station_class = "small" }, "mid"', ends
    )
    file.write_text(text.replace("[18]", "[10]"), encoding="utf-8")
    changed = railshed.compare(network, "mid", file)
    assert changed.after.city.core_station_ids == ("mid", "midsouth")
    assert changed.row("door-to-station", 60, "by_rail")["people_gained"] == 0
    assert changed.row("door-to-door", 60, "by_rail")["people_gained"] == 128_000
    # 10 + 10 + 5 + 3 min and 1,569 m x 0.3 s = 35:51, and half of 4 to 5 minutes early
    assert 37.84 < column(changed.after, "minutes")["northwest"] < 38.36


def test_the_day_decides(network: Network) -> None:
    """On a Saturday the southeast has its direct trains: 08:00-08:20 and 09:00-09:20."""
    import datetime as dt

    table = reach(network, ["mid"], date=dt.date(2024, 5, 18), percentiles=[0], slack_minutes=1)
    assert table.set_index("station_id")["travel_time_p0"]["southeast"] == 20.0


def test_last_train_is_after_midnight(network: Network) -> None:
    """From 24:00 to 24:16 there is one train north, the 24:15, and nothing else."""
    late = reach(
        network,
        ["mid"],
        direction="from",
        window=(24 * HOUR, 24 * HOUR + 960),
        slack_minutes=30,
        percentiles=[0],
    ).set_index("station_id")
    assert late["trips"].to_dict() == {name: int(name == "north") for name in late.index}
    assert late["travel_time_p0"]["north"] == 32
