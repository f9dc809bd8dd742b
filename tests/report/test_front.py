"""The first page and the brief: by hand on toy, each figure followed from its key in run.json; body
and appendix.
"""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from xml.etree import ElementTree as ET

import pandas as pd
import pytest
from pypdf import PdfReader

from railshed.api.study import Study
from railshed.network.model import Network
from railshed.report import assemble
from railshed.report.chapters import closing, front, opening
from railshed.show.blocks import Table
from railshed.util.bilingual import Words
from tests.report.test_report import PLAN, WITHOUT, Page, squeezed
from tests.support.clirunner import Command

#: a number with all its digits, or a share
NUMBER = re.compile(r"\d[\d,]*\d{3}|\d+\.\d%|\b\d{4,}\b")
ENGLISH = re.compile(r"[A-Za-z]{2,}(?:,? [A-Za-z]{2,}){2,}")


def numbers_in(text: str) -> set[str]:
    """Every figure of people, km2 or share of a text, dates left out."""
    return set(NUMBER.findall(re.sub(r"\d{4}-\d\d-\d\d", "", text)))


def first_page(folder: Path, stem: str) -> str:
    return PdfReader(folder / f"{stem}_report.pdf").pages[0].extract_text()


def front_html(folder: Path, stem: str) -> str:
    """Return the text of the page of HTML before its contents, without blanks."""
    page = (folder / f"{stem}_report.html").read_text(encoding="utf-8").split("</style>")[1]
    return squeezed(Page(page.split("<nav>")[0]).text)


def row_of(rows: list[dict[str, Any]], **keys: Any) -> dict[str, Any]:
    return next(row for row in rows if all(row[name] == value for name, value in keys.items()))


def test_a_city_by_hand(railshed: Command, tmp_path: Path) -> None:
    """67 thousand people by rail within 60 min, 95 within 90, all by train; both files and the
    brief begin so, each figure from its key of run.json."""
    done = railshed(
        "report", "mid", "-n", "toy", "--without-map", "--map-lang", "en", "--brief", "-o", tmp_path
    )
    assert done.code == 0, done.err
    assert "mid_report_brief.pdf, mid_report_brief.svg" in done.out
    text = squeezed(first_page(tmp_path, "mid"))
    said = [
        "67,000 people by rail within 60 min",
        "95,000 people by rail within 90 min",
        "95,000 of these within 90 min only with intercity and suburban trains",
        "An hour is not a seat",
        (
            "Midtown: of the people by rail, intercity and suburban trains add within 60 min "
            "67,000 (100.0%), within 90 min 95,000 (100.0%)."
        ),
        (
            "in 80 % of the draws of what is assumed the people are within 60 min (64,000 to "
            "67,000), within 90 min (64,000 to 127,000)"
        ),
    ]
    assert [words for words in said if squeezed(words) not in text] == []
    assert "deviation" not in text
    record = json.loads((tmp_path / "run.json").read_text(encoding="utf-8"))
    assert record["parameters"]["brief"] is True
    (brief,) = PdfReader(tmp_path / "mid_report_brief.pdf").pages
    svg = ET.fromstring((tmp_path / "mid_report_brief.svg").read_text(encoding="utf-8"))
    assert str(svg.get("width")).startswith("595.27")
    for words in ("67,000", "80%ofthedraws", "access+entry+rides", "CC0-1.0"):
        assert words in squeezed(brief.extract_text())
    assert_each_figure_is_that_of_its_key(tmp_path, record)


def assert_each_figure_is_that_of_its_key(folder: Path, record: dict[str, Any]) -> None:
    """Numbers, sentences, verdict and doubt of toy: no figure on the page and the brief has another
    source.
    """
    (result,) = record["results"]
    table = result["readings"][result["reading"]]["table"]
    keys = (
        "people_outside_city",
        "people_own_prefecture",
        "people_other_prefecture",
        "people_other_province",
    )
    rail, added = (
        [row_of(table, kind=kind, cutoff_min=cutoff) for cutoff in (60, 90)]
        for kind in ("by_rail", "added_by_trains")
    )
    known = {row[key] for row in (*rail, *added) for key in keys if row[key] is not None}
    known |= {row["people_other_prefecture"] + row["people_other_province"] for row in rail}
    known |= {
        round(end[k]["people_outside_city"]) for end in result["intervals"] for k in ("low", "high")
    }
    known |= set(result["beyond"].values()) | {0}
    allowed = {f"{value:,.0f}" for value in known}
    allowed |= {f"{a[keys[0]] / b[keys[0]]:.1%}" for a, b in zip(added, rail, strict=True)}
    shown = numbers_in(first_page(folder, "mid"))
    assert {f"{row[keys[0]]:,}" for row in rail} <= shown
    assert shown <= allowed
    assert numbers_in(PdfReader(folder / "mid_report_brief.pdf").pages[0].extract_text()) <= allowed


@pytest.mark.slow
def test_each_figure_of_plans_is_that_of_its_key(railshed: Command, tmp_path: Path) -> None:
    """Both plans together: gained by rail at 60 and 90, who saves how much, the interval."""
    files = [tmp_path / "a.toml", tmp_path / "b.toml"]
    for file, text in zip(files, (PLAN, WITHOUT), strict=True):
        file.write_text(text, encoding="utf-8")
    asked = (
        "report",
        "mid",
        "-n",
        "toy",
        "-s",
        files[0],
        "-s",
        files[1],
        "--without-map",
        "--map-lang",
        "en",
    )
    assert railshed(*asked, "-o", tmp_path / "o").code == 0
    record = json.loads((tmp_path / "o" / "run.json").read_text(encoding="utf-8"))
    (screen,) = (one for one in record["screens"] if one["scenario"] == "northwest + without")
    row = screen["by_reading"][0]
    page = squeezed(first_page(tmp_path / "o", "mid"))
    for cutoff in (60, 90):
        gained = f"+{row[f'people_gained_{cutoff}']:,} people gained by rail within {cutoff} min"
        assert squeezed(gained) in page
    assert (
        squeezed(
            f"{row['people_faster']:,} people save {row['minutes_faster']} min on average by rail"
        )
        in page
    )
    (result, *_) = record["results"]
    allowed = {row[f"people_{k}"] for k in ("gained_60", "gained_90", "faster", "slower")}
    allowed |= {
        record["side_by_side"][-1][f"people_{k}"] for k in ("gained", "lost", "faster", "slower")
    }
    allowed |= {
        round(end[k]["people_outside_city"]) for end in result["intervals"] for k in ("low", "high")
    }
    shown = numbers_in(first_page(tmp_path / "o", "mid"))
    # the sentence of the first screen has two digits after thousand, as `n.people_short` prints
    # them
    assert {
        number for number in shown if number not in {f"{value:,.0f}" for value in allowed}
    } == set()
    assert row["people_gained_60"] == 128_000


def test_a_region_begins_with_its_union(railshed: Command, tmp_path: Path) -> None:
    """People within reach of any core city, the share of the members inside, and people beyond 30
    km, by their keys.
    """
    toy = tmp_path / "net"
    shutil.copytree(Path(__file__).parents[2] / "networks" / "toy", toy)
    cities = toy / "cities.csv"
    cities.write_text(
        cities.read_text(encoding="utf-8").replace("secondary", "core"), encoding="utf-8"
    )
    asked = (
        "report",
        "--region",
        "toy",
        "-n",
        toy,
        "--without-map",
        "--map-lang",
        "en",
        "-o",
        tmp_path / "o",
    )
    done = railshed(*asked)
    assert done.code == 0, done.err
    record = json.loads((tmp_path / "o" / "run.json").read_text(encoding="utf-8"))
    page = front_html(tmp_path / "o", "toy")
    united, inside = record["union"]["by_rail"]["people_outside_city"], record["inside"]
    assert squeezed(f"{united:,} people by rail within 60 min of any of 2 core cities") in page
    share = f"{inside['people_inside'] / inside['people_census']:.1%}"
    assert (
        squeezed(f"{share} of the {inside['people_census']:,} people of the member cities") in page
    )
    lead = max(record["results"], key=lambda one: one["corners"][0]["central"]["people"])
    far, name = lead["beyond"]["people_by_rail_beyond_90"], lead["city"]["name_en"]
    assert (
        squeezed(f"{far:,} people by rail within 90 min beyond 30 km of the main centre of {name}")
        in page
    )


def test_cities_that_the_body_cannot_hold_stand_in_the_appendix(
    railshed: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two cities on one page: the body has the one with most people, names the other, and the
    appendix has it.
    """
    monkeypatch.setattr(assemble, "BODY_PAGES", 1)
    done = railshed(
        "report", "mid", "east", "-n", "toy", "--without-map", "--map-lang", "en", "-o", tmp_path
    )
    assert done.code == 0, done.err
    body, appendix = Page(
        (tmp_path / "mid-east_report.html").read_text(encoding="utf-8")
    ).text.split("Appendix")[-2:]
    record = json.loads((tmp_path / "run.json").read_text(encoding="utf-8"))
    people = {
        one["city"]["name_en"]: one["corners"][0]["central"]["people"] for one in record["results"]
    }
    first, other = sorted(people, key=lambda name: -people[name])
    assert f"{other}: in the appendix" in body
    assert [f"{name}: what the circle hides" in body for name in (first, other)] == [True, False]
    assert [f"{name}: what the circle hides" in appendix for name in (first, other)] == [
        False,
        True,
    ]


def test_observed_commuters_in_words() -> None:
    """The largest flow whose home is known, beside who is reached from there."""
    row = {
        "home": "甲县",
        "home_en": "",
        "year": 2021,
        "direction": "to",
        "people_a_day": 12_345,
        "people_census": 70_000,
    }
    row |= {"people_by_rail_60": 8_000, "people_by_rail_90": 9_000}
    city = SimpleNamespace(name="城", name_en="City")
    flows = [row | {"people_census": None, "people_a_day": 99_999}, row, row | {"people_a_day": 1}]
    found = front.findings.observed(
        SimpleNamespace(city=city, summary=SimpleNamespace(observed=flows))
    )  # type: ignore[arg-type]
    assert found == [
        Words(
            "城：文献报告与甲县之间每日通勤1.2万人(2021年，进城)；当地7.0万人中，"
            "轨道交通60分钟内可达8,000，90分钟内9,000。",
            "City: a document reports 12,345 commuters a day with 甲县 (2021, to the city); of its "
            "70,000 people 8,000 are within 60 min by rail and 9,000 within 90.",
        )
    ]
    none = SimpleNamespace(city=city, summary=SimpleNamespace(observed=flows[:1]))
    assert front.findings.observed(none) == []  # type: ignore[arg-type]


def english_in(text: str, allowed: set[str]) -> list[str]:
    """Lines of a text with three English words in a row, but names of sources and commands."""
    plain = (re.sub(r"`[^`]*`|railshed report .*", "", line).strip() for line in text.splitlines())
    return [
        line for line in plain if ENGLISH.search(line) and not any(line in name for name in allowed)
    ]


@pytest.mark.slow
def test_a_chinese_report_is_chinese(railshed: Command, tmp_path: Path) -> None:
    """No English sentence in the page of toy with a plan, but titles of its sources; an English one
    is found.
    """
    plan = tmp_path / "nw.toml"
    plan.write_text(PLAN, encoding="utf-8")
    asked = ("report", "mid", "-n", "toy", "-s", plan, "--without-map", "--map-lang")
    assert railshed(*asked, "zh", "-o", tmp_path / "zh").code == 0
    record = json.loads((tmp_path / "zh" / "run.json").read_text(encoding="utf-8"))
    allowed = {text for source in record["network"]["sources"] for text in source.values()}
    page = (tmp_path / "zh" / "mid_report.html").read_text(encoding="utf-8").split("</style>")[1]
    assert english_in(Page(page).text, allowed) == []
    assert english_in("通勤圈\nA circle in words", allowed) == ["A circle in words"]


@pytest.mark.china
def test_the_data_of_china_in_chinese(china: Network) -> None:
    """Checks, sources, notes and assumptions of the shipped network: no English sentence, but
    licences.
    """
    from railshed.network.checks import validate

    study: Any = SimpleNamespace(network=china, issues=[*china.issues, *validate(china)])
    tables = [
        *(block for block in opening._quality(study) if isinstance(block, Table)),
        *(block for block in closing._notes(china.notes, "zh") if isinstance(block, Table)),
    ]
    cells = [cell for table in tables for row in table.rows for cell in row]
    cells += [cell for row in closing._assumptions(study) for cell in row]
    cells += [opening._source(source) for source in china.sources]
    said = [cell.zh or cell.en if isinstance(cell, Words) else cell for cell in cells]
    assert len(said) > 200
    assert [text for text in said if ENGLISH.search(text)] == []


def test_what_is_inside_is_not_said_where_no_census_is_known() -> None:
    """Sums of the members of the region; nothing where the census, or who is inside, is known of
    none of them.
    """
    inside: Any = Study.inside
    for census, within, expected in (
        ([70, None], [5, 2], {"people_census": 70, "people_inside": 7}),
        ([None, None], [5, 2], None),
        ([70, 30], [None, None], None),
    ):
        rows = pd.DataFrame(
            {"region": ["r", "r"], "people_census": census, "people_total_60": within}
        )
        study = SimpleNamespace(
            overlap=SimpleNamespace(members=rows, cutoff_min=60),
            region=SimpleNamespace(region_id="r"),
        )
        assert inside.fget(study) == expected
