"""First screens: their length, their sentences by hand on the toy network, and each number from its
key of run.json.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import railshed
from railshed.assumptions.readings import get_reading
from railshed.comparisons.changes import losing_counties
from railshed.comparisons.objective import N_PHASES
from railshed.questions.circle.screen import circle_screen, once, title
from railshed.questions.compare.screen import answer, comparison_screen, plans_screen, screen_of
from railshed.questions.compare.tables import losing_names
from railshed.util import number_format as n
from railshed.util.bilingual import EMPTY, Words
from tests.support.clirunner import Command
from tests.support.printedtables import Altered, shown
from tests.support.toy_plan import comparison

GOLDEN = Path(__file__).parents[2] / "golden" / "toy"
PLAN = str(GOLDEN / "plan.toml")
MOST_LINES, MOST_COLUMNS = 25, 150
NUMBER = re.compile(r"\d+(?:,\d{3})*(?:[.:-]\d+)*")
DOOR = "readings/door-to-door"


def lines(out: str) -> list[str]:
    return [line.rstrip() for line in out.splitlines()]


@pytest.fixture(scope="module")
def circle() -> Any:
    return railshed.circle(railshed.load_network("toy"), "mid")


# --- length -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "more",
    [
        "", "--lang zh", ("--direction "
            "both"), "--direction from --lang zh", "--reading turn-up-and-go",
        ("--reading door-to-station --cutoffs "
        "45"), "--reading station-to-station", "--draws 0", "--no-car",
    ],
)  # fmt: skip
def test_a_circle_fits_a_screen(railshed: Command, more: str) -> None:
    """At most 25 lines of 150 columns, the answer in the second one, whatever is asked; all else by
    --full.
    """
    done = railshed("circle", "mid", "-n", "toy", "--no-progress", *more.split())
    assert done.code == 0, done.err
    assert 10 < len(done.out.splitlines()) <= MOST_LINES
    assert max(map(len, lines(done.out))) <= MOST_COLUMNS
    assert re.search(
        r"people outside the city proper within|中心城区外\d\d分钟内可达", lines(done.out)[1]
    )
    assert "--full" in done.out
    full = railshed("circle", "mid", "-n", "toy", "--no-progress", "--full", *more.split())
    assert len(full.out.splitlines()) > 2 * MOST_LINES


@pytest.mark.parametrize("more", ["", "--lang zh", "--direction both", "--reading turn-up-and-go"])
def test_a_plan_fits_a_screen(railshed: Command, more: str) -> None:
    """So does a comparison; of two plans too."""
    for plans in (["-s", PLAN], ["-s", PLAN, "-s", str(GOLDEN / "line.toml")]):
        done = railshed(
            "compare", "mid", "-n", "toy", *plans, "--plans", 2, "--no-progress", *more.split()
        )
        assert done.code == 0, done.err
        assert 5 < len(done.out.splitlines()) <= MOST_LINES
        assert max(map(len, lines(done.out))) <= MOST_COLUMNS


# --- sentences by hand --------------------------------------------------------------------------


def test_the_answer_by_hand(circle: Any) -> None:
    """67,000 people within 60 minutes, 95,000 within 90 (see test_circle), parts, steps and places
    in their lines.
    """
    english, chinese = (shown(circle_screen(circle), lang) for lang in ("en", "zh"))
    assert " ".join(" ".join(english.lines[:6]).split()) == (
        "Midtown · by train, door to door, arriving 07:30-09:30 · Wednesday 2024-05-15 "
        "67,000 people outside the city proper within 60 minutes (64,000 to 67,000), 95,000 within "
        "90 (64,000 to 127,000) "
        "in brackets: the middle 80 % of 40 draws of what is guessed (station, change and run "
        "times, departures by headway); the truth may lie outside "
        "within 60 | 90 min, own prefecture: 1,000 | 13,000; other prefectures: 66,000 | 82,000, "
        "of which other provinces: 2,000 | 18,000 "
        "within 60 | 90 min, without intercity and suburban trains: 0 | 0; out of cycling reach: "
        "67,000 | 87,000; km²: 45 | 229 "
        "Press convention, fastest train to any terminal: 8 stations, 639,000 people (whole "
        "counties, overstates). From there to this result:"
    )
    assert chinese.lines[:2] == (
        "中城 · 火车，门到门，07:30–09:30到达 · 2024-05-15 星期三",
        "中心城区外60分钟内可达6.7万人(6.4万–6.7万)，90分钟内9.5万(6.4万–12.7万)",
    )
    steps, facts = english.tables
    assert [[str(cell) for cell in column.cells] for column in steps.columns][1:] == [
        ["8", "7", "6", "6", "4", "7"],
        ["", "", "", "73,667", "67,000", "95,000"],
        ["", "", "", "", "<- this result", ""],
    ]
    labels, texts = (list(map(str, column.cells)) for column in facts.columns)
    found = dict(zip(labels, texts, strict=True))
    assert list(found) == [
        "People from",
        "Weak points",
        "Just outside",
        "City proper",
        "Counted",
        "Not counted",
        "Next",
        "Files",
    ]
    assert found["People from"].startswith(
        "in 90 min: Slopeside County 64,000 (from 35), Ridgefield County 16,000 (from 81), "
    )
    assert found["Just outside"] == "Northlake 69 min (+9), Southport 70 min (+10)"
    assert found["Weak points"].startswith(
        "60 min at three quarters of these times: 66,333 people · turning up "
    )
    assert found["Counted"].startswith(
        "places from which half of all arrival times between 07:30 and 09:30 can be met"
    )
    assert next(iter(steps.columns[0].cells)) == "fastest train, to a station near a centre"
    assert str(steps.columns[0].header) == "outside the city proper"


@pytest.mark.parametrize(
    ("route_types", "with_metro", "by"),
    [
        ((2, 1), (), "by train and metro"), ((2, 1), ("mid",), "by train and metro"),
        ((2, 1), ("north",), "by train"), ((1,), (), "by metro"), ((2,), (), "by train"),
        ((2, 3), (), "by public transport"),
    ],
)  # fmt: skip
def test_a_title_names_trains_and_metros(
    toy: Any, route_types: tuple[int, ...], with_metro: Any, by: str
) -> None:
    """Of a screen of mid and east: the metro is theirs if one of them has it, or if no city is
    known to have one.
    """
    kinds = np.resize(np.array(route_types, np.int32), toy.n_trips)
    mid, east = (replace(toy.get_city(slug), metro=slug in with_metro) for slug in ("mid", "east"))
    north = replace(mid, slug="north", metro="north" in with_metro)
    network = replace(toy, trips=replace(toy.trips, route_types=kinds), cities=(mid, east, north))
    found = title(
        network, [mid, east], get_reading("door-to-door"), "to", "2024-05-15", Words("", "x")
    )
    assert f"x · {by}, door to door" in found.en


def test_a_notebook_shows_the_same_screen(circle: Any) -> None:
    """A circle's HTML has its map, the answer in both languages, the marked row and the labels."""
    html = circle._repr_html_()
    for words in (
        "<img",
        "67,000 people outside the city proper",
        "中心城区外60分钟内可达6.7万人",
        "Weak points",
        "临界车站",
    ):
        assert words in html, words
    assert "&lt;- this result" in html


def test_what_is_not_known_is_not_said(circle: Any) -> None:
    """Without people the answer is km²; without a target of door to door there are no steps, and
    the screen says so.
    """
    bare = Altered(circle, counts=Altered(circle.counts, people=None))
    printed = shown(circle_screen(bare), "en")
    assert (
        printed.lines[1]
        == "45 km² outside the city proper within 60 minutes (26 to 73), 229 km² within 90 (36 to "
        "292)"
    )
    assert "people" not in " ".join(printed.lines[:3])
    rungless = Altered(
        circle.summary,
        bridge=Altered(circle.summary.bridge, rungs=()),
        not_defined=["turn-up-and-go"],
    )
    printed = shown(circle_screen(Altered(circle, summary=rungless)), "en")
    assert len(printed.tables) == 1
    assert printed.line("Press convention").endswith("(whole counties, overstates).")
    assert printed.line("turn-up-and-go: not defined")


def test_millions_are_said_once() -> None:
    """Beside each other and in an interval, not where the first figure is less than a million."""
    assert (
        once(Words("", "1.47 million to 2.28 million | 3.00 million")).en
        == "1.47 to 2.28 | 3.00 million"
    )
    assert once(Words("", "584 | 1.50 million; 2.00 million, 3.00 million")).en == (
        "584 | 1.50 million; 2.00 million, 3.00 million"
    )
    assert [n.people_short(v).en for v in (999_999, 1_000_000, 2_335_536)] == [
        "999,999",
        "1.00 million",
        "2.34 million",
    ]
    assert n.people_short(2_335_536).zh == "233.6万"


def test_a_network_without_counties(circle: Any) -> None:
    """No city proper is named where there are no boundaries, nor a place where people come from."""
    network = Altered(circle.network, counties=None)
    bare = Altered(
        circle, network=network, has_city_proper=False, counts=Altered(circle.counts, people=None)
    )
    printed = shown(circle_screen(bare), "en")
    assert printed.lines[1].startswith("45 km² within 60 minutes")
    facts = dict(zip(*(list(map(str, c.cells)) for c in printed.tables[-1].columns), strict=True))
    assert (
        facts["City proper"]
        == "no county boundaries: no city proper is set apart, and water counts as land"
    )


def test_who_saves_by_hand() -> None:
    """128 thousand come from beyond 90 minutes, 2 + 16 + 4 are faster; 64 are no longer within 90,
    and 1 is slower.
    """
    found = comparison()
    row = screen_of(found)["by_reading"][0]
    assert (row["people_faster"], row["people_slower"]) == (
        128_000 + 2_000 + 16_000 + 4_000,
        64_000 + 1_000,
    )
    assert (row["people_gained_60"], row["people_lost_60"]) == (128_000, 65_000)
    assert (row["people_gained_90"], row["people_lost_90"]) == (128_000, 64_000)
    assert (row["from_min"], row["to_min"]) == (30, 90)
    sentence = answer(found, screen_of(found))
    assert sentence.en == (
        f"plan: 150,000 people save {row['minutes_faster']} minutes on average, 128,000 people "
        f"come within 60 minutes, 65,000 people lose {row['minutes_slower']} minutes on average."
    )


def test_who_saves_is_who_is_faster_cell_by_cell() -> None:
    """Means against a plain loop over the cells, times clipped to 30 to 90 minutes."""
    found = comparison()
    old, new = found.surfaces["door-to-door"]
    people = found.counts.people.per_cell(len(found.counts.land))
    sums = {"faster": [0.0, 0.0], "slower": [0.0, 0.0]}
    for k, count in enumerate(people):
        was, now = (min(max(int(s.by_rail_s[k]), 1_800), 5_400) for s in (old, new))
        if found.counts.cell_part[k] != 0 and was != now:
            own = sums["faster" if now < was else "slower"]
            own[0] += count
            own[1] += count * abs(was - now) / 60
    row = found.worth[0]
    for name, (count, minutes) in sums.items():
        assert row[f"people_{name}"] == round(count)
        assert row[f"minutes_{name}"] == round(minutes / count, 1)


def test_a_plan_that_changes_nothing_says_so() -> None:
    """No one saves and no one loses: one sentence, no dashes; where places without people lose,
    that is said.
    """
    found = comparison()
    still = {**screen_of(found), "stations_that_lose": [], "counties_that_lose": []}
    zeros = {k: 0 for k in still["by_reading"][0] if k.startswith(("people", "area"))}
    row = {**still["by_reading"][0], **zeros, "minutes_faster": None, "minutes_slower": None}
    words = answer(found, {**still, "by_reading": [row]})
    assert words.en.startswith(
        "plan: it changes no journey by rail within 90 minutes; what it changes lies farther away"
    )
    assert words.zh == "plan：90分钟内的轨道交通出行均无变化；其影响在此范围以外，或未涉及该市。"
    words = answer(found, {**still, "by_reading": [{**row, "area_km2_faster": 1.0}]})
    assert words.en == "plan: no one saves a minute by rail within 90 minutes, no one loses."
    assert words.zh == "plan：轨道交通90分钟内无人节省时间，无人受损。"
    words = answer(found, {**still, "by_reading": [{**row, "area_km2_slower": 1.0}]})
    assert words.en.endswith(", places without counted people lose.")
    later = {**row, "people_faster": 10, "minutes_faster": 7.5, "people_gained_90": 8}
    assert answer(found, {**still, "by_reading": [later]}).en == (
        "plan: 10 people save 7.5 minutes on average, 8 people come within 90 minutes, no one "
        "loses."
    )


def test_losers_of_the_sentence_are_those_of_the_counties() -> None:
    """Who loses in every county, together, is who loses; of the counties with most of them the
    first are named.
    """
    found = comparison()
    rows = losing_counties(found.counts, *found.headline, 90)
    assert (
        sum(row["people_lost"] + row["people_slower"] for row in rows)
        == found.worth[0]["people_slower"]
        > 0
    )
    assert (
        screen_of(found)["counties_that_lose"]
        == rows[: len(screen_of(found)["counties_that_lose"])]
    )
    assert losing_counties(found.counts, found.headline[0], found.headline[0], 90) == []


def test_of_several_cities_one_has_another_reading() -> None:
    """A city where door to door is not defined says so beside its name, and has no figures at 90
    minutes.
    """
    found = comparison()
    one = screen_of(found)
    station = {key: value for key, value in one["by_reading"][0].items() if not key.endswith("_90")}
    other = {
        **one,
        "city": "east",
        "by_reading": [{**station, "reading": "door-to-station", "to_min": 60}],
    }
    printed = shown(
        plans_screen(
            found, found.before.network.cities, None, [other, {**one, "city": "mid"}], EMPTY
        ),
        "en",
    )
    assert "door to door" in printed.lines[0]
    rows = [
        [str(cell) for cell in row]
        for row in printed.rows("By rail, outside the city proper; times below 30 min")
    ]
    assert [row[0] for row in rows] == ["Eastbridge (door to station, peak)", "Midtown"]
    assert rows[0][-1] == "no data"


def test_losers_without_people_are_km2() -> None:
    """Where no people are known, counties have the km² that are lost, with their unit."""
    found = comparison()
    bare = Altered(found, counts=Altered(found.counts, people=None))
    assert all(
        "km² beyond 90 min" in name.en or "km² slower" in name.en for name in losing_names(bare)
    )


def test_losers_are_named() -> None:
    """Stations with minutes after and before, counties with who drops out and who is slower."""
    printed = shown(comparison_screen(comparison()), "en")
    facts = dict(zip(*(list(map(str, c.cells)) for c in printed.tables[-1].columns), strict=True))
    assert facts["Stations"] == (
        "minutes: 西北原 49 (was out of reach), Eastbridge 43 (was 51), Eastbridge North 51 (was "
        "59), Ridgefield 69 (was 77)"
    )
    assert facts["Who loses"].startswith(
        "minutes: Slopeside out of reach (was 35), Westhill 65 (was 53); Slopeside County (64,000 "
        "beyond 90 min); "
    )


# --- each number from its key -------------------------------------------------------------------


def at(record: Any, path: str) -> Any:
    """Return the value of a path; a row of a table is named by the values that choose it, separated
    by blanks.
    """
    for key in path.split("/"):
        if isinstance(record, Sequence) and not key.isdecimal():
            (record,) = (
                row
                for row in record
                if set(key.split(" ")) <= {str(value) for value in row.values()}
            )
        else:
            record = record[int(key) if isinstance(record, Sequence) else key]
    return record


def numbers(text: str) -> list[str]:
    return NUMBER.findall(text)


def people(*paths: str) -> list[tuple[str, Callable[[Any], str]]]:
    return [(path, lambda value: n.people_short(value).en) for path in paths]


def km2(*paths: str) -> list[tuple[str, Callable[[Any], str]]]:
    return [(path, n.km2) for path in paths]


def plain(*paths: str) -> list[tuple[str, Callable[[Any], str]]]:
    return [(path, str) for path in paths]


def minutes(*paths: str) -> list[tuple[str, Callable[[Any], str]]]:
    return [(path, n.minutes) for path in paths]


def by_rail(key: str, kind: str = "by_rail", reading: str = "door-to-door") -> list[str]:
    return [f"readings/{reading}/table/{cutoff} {kind}/{key}" for cutoff in (60, 90)]


def printed_of(
    keys: Sequence[tuple[str, Callable[[Any], str]]], record: Mapping[str, Any]
) -> list[str]:
    return [form(at(record, path)) for path, form in keys]


def test_every_number_of_a_circle_has_its_key(railshed: Command, tmp_path: Path) -> None:
    """The numbers of each line of the first screen are those of the keys named here, in order, and
    there are no others.

    Only differences and sums of two keys, and clock times of the definition, are put together here.
    """
    out = railshed(
        "circle", "mid", "-n", "toy", "--no-progress", "--without-map", "-o", tmp_path
    ).out
    run = json.loads((tmp_path / "run.json").read_text(encoding="utf-8"))
    one = run["results"][0]
    text = " ".join(out.replace(str(tmp_path), "").split())
    window = re.search(
        r"(\d\d:\d\d)-(\d\d:\d\d)", " ".join(one["readings"]["door-to-door"]["definition_en"])
    )
    assert window is not None
    cutoffs = [str(interval["cutoff_min"]) for interval in one["intervals"]]
    ends = [f"intervals/{k}/{end}/people_outside_city" for k in (0, 1) for end in ("low", "high")]
    outside, parts = (
        by_rail("people_outside_city"),
        ("own_prefecture", "other_prefecture", "other_province"),
    )
    own, near, far = ([at(one, path) for path in by_rail(f"people_{part}")] for part in parts)
    trains = [at(one, path) for path in by_rail("people_outside_city", "added_by_trains")]
    whole = [at(one, path) for path in outside]
    press, bridge = one["press"], one["bridge"]
    rungs = [
        n_
        for rung in bridge
        for n_ in (str(rung["stations"]), *([f"{rung['people']:,}"] if "people" in rung else []))
    ]
    rungs.insert(len(rungs) - 2, str(bridge[-1]["cutoff_min"]))  # in the name of the last rung
    places = one["places"]
    counties = [
        f"places/counties/{k}/{key}"
        for k in range(4)
        for key in ("people_by_rail_90", "minutes_by_rail")
    ]
    near_by = [row["minutes"] for row in places["just_outside"]]
    expected = [
        window[0],
        one["date"],
        *(
            value
            for k in (0, 1)
            for value in (
                *printed_of(people(outside[k]), one),
                cutoffs[k],
                *printed_of(people(*ends[2 * k : 2 * k + 2]), one),
            )
        ),
        "80",
        str(one["intervals"][0]["n_draws"]),
        *cutoffs,
        *(f"{value:,}" for value in own),
        *(f"{a + b:,}" for a, b in zip(near, far, strict=True)),
        *(f"{value:,}" for value in far),
        *cutoffs,
        *(f"{a - b:,}" for a, b in zip(whole, trains, strict=True)),
        *printed_of(people(*by_rail("people_outside_city", "added_by_rail")), one),
        *printed_of(km2(*by_rail("area_km2_outside_city")), one),
        str(press["stations"] + press["stations_in_city"]),
        f"{press['people']:,}",
        *rungs,
        cutoffs[1],
        *(
            form(at(one, path))
            for path, form in zip(counties, [lambda v: f"{v:,}", n.minutes] * 4, strict=True)
        ),
        str(places["n_counties"] - 4),
        str(one["headline_cutoff_min"]),
        *printed_of(people("readings/door-to-door/strict/people_outside_city"), one),
        *cutoffs,
        *printed_of(people(*by_rail("people_outside_city", reading="turn-up-and-go")), one),
        places["first_arrival"][0]["first_arrival"],
        places["last_return"][0]["last_return"],
        *cutoffs,
        *printed_of(
            people(*(f"car/door-to-door peak {c}/people_outside_city_car" for c in cutoffs)), one
        ),
        *(
            value
            for m in near_by
            for value in (n.minutes(m), n.minutes(m - one["headline_cutoff_min"]))
        ),
        *window.groups(),
        f"{run['readings']['door-to-door']['early_weight']:g}",
        str(one["n_centres"]),
        *numbers(one["people_label"]),
        *numbers(one["definition_hash"][:8]),
    ]
    assert numbers(text) == expected
    assert run["readings"]["door-to-door"]["percentile"] == 50
    assert "half of all arrival times" in text


def test_every_number_of_a_plan_has_its_key(railshed: Command, tmp_path: Path) -> None:
    """Those of a comparison are of `screens`, which are those of `difference`; the plan's own are
    of its effects.
    """
    out = railshed(
        "compare", "mid", "-n", "toy", "-s", PLAN, "--no-progress", "--without-map", "-o", tmp_path
    ).out
    run = json.loads((tmp_path / "run.json").read_text(encoding="utf-8"))
    screen, before = run["screens"][0], run["results"][0]
    rows = screen["by_reading"]
    changes = [f"people_{change}_{c}" for c in (60, 90) for change in ("gained", "lost")]
    for row in rows:
        for change, cutoff in ((change, c) for c in (60, 90) for change in ("gained", "lost")):
            (same,) = (
                r
                for r in run["difference"]
                if (r["reading"], r["cutoff_min"], r["kind"]) == (row["reading"], cutoff, "by_rail")
            )
            assert row[f"people_{change}_{cutoff}"] == same[f"people_{change}"]
    effects = run["scenarios"][0]["effects"]
    drawn = [str(N_PHASES)] * 2  # of the means that `rank` prints
    named = [
        n.minutes(row[key])
        for kind in ("stations", "stations_that_lose")
        for row in screen[kind]
        for key in ("minutes_after", "minutes_before")
        if row[key] is not None
    ]
    expected = [
        *numbers(" ".join(before["readings"]["door-to-door"]["definition_en"]))[:1],
        before["date"],
        f"{rows[0]['people_faster']:,}",
        f"{rows[0]['minutes_faster']}",
        f"{rows[0]['people_gained_60']:,}",
        "60",
        f"{rows[0]['people_slower']:,}",
        f"{rows[0]['minutes_slower']}",
        *(str(rows[0][end]) for end in ("from_min", "from_min", "to_min", "to_min")),
        "60",
        "60",
        "90",
        "90",
        *(
            value
            for row in rows
            for value in (
                f"{row['people_faster']:,}",
                str(row["minutes_faster"]),
                *(f"{row[key]:,}" for key in changes),
            )
        ),
        *named,
        *(
            text
            for row in screen["counties_that_lose"]
            for text in (
                [f"{row['people_lost']:,}", "90"] * bool(row["people_lost"])
                + [f"{row['people_slower']:,}"] * bool(row["people_slower"])
            )
        ),
        *numbers(" ".join(effects[:2])),
        str(len(effects) - 2),
        *drawn,
        *numbers(before["people_label"]),
        *numbers(before["definition_hash"][:8]),
    ]
    assert numbers(" ".join(out.replace(str(tmp_path), "").split())) == expected


# --- Chinese ------------------------------------------------------------------------------------

#: units, options, formats, and names that have no Chinese form
LATIN = {
    "km",
    "full",
    "city-proper",
    "DIR",
    "GeoPackage",
    "CSV",
    "csv",
    "run",
    "json",
    "without-lines",
    "lang",
    "en",
    "invented",
    "people",
    "Suburban",
    "line",
    "nw",
    "NW",
    "plan",
    "northwest",
    "stations",
    "counties",
    "towns",
    "compare",
    "places",
    "railshed",
    "circle",
    "reach",
    "city",
    "rank",
    "trade-offs",
    "plans",
    "mid",
}


@pytest.mark.parametrize(
    "command",
    [
        "circle mid --car", "circle mid --car --full", "circle mid --direction both --full",
        ("compare mid -s "
        f"{PLAN}"), f"compare mid -s {PLAN} --full", "circle mid east", "circle mid east --full",
        f"compare mid east -s {PLAN}", f"compare mid east -s {PLAN} --full", "cities",
    ],
)  # fmt: skip
def test_the_chinese_screen_is_chinese(railshed: Command, command: str) -> None:
    """No English word is printed but those of the list: the hash of the definition is none."""
    progress = [] if command == "cities" else ["--no-progress"]
    done = railshed(*command.split(), "-n", "toy", "--lang", "zh", *progress)
    assert done.code == 0, done.err
    text = re.sub(r"口径编号 [0-9a-f]{8}", "", done.out)
    words = set(re.findall(r"[A-Za-z][A-Za-z-]+", text))
    assert (
        words - LATIN - ({"east", "toy", "mid-area", "region"} if command == "cities" else set())
        == set()
    )
    assert re.search(r"[\u4e00-\u9fff]", text)
