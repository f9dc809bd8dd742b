"""Problems of a network as a table, and how many there are."""

from __future__ import annotations

import re
from importlib import resources
from inspect import getdoc
from pathlib import Path

from railshed.network.checks import validate
from railshed.questions.data.tables import issues_found, issues_screen
from railshed.show.blocks import Facts, Paragraph, Table
from railshed.util.bilingual import Words
from railshed.util.errors import Issue
from railshed.util.phrases import PHRASES
from tests.support.printedtables import shown


def test_each_kind_of_problem_is_a_line_with_its_number() -> None:
    """A problem may stand for others that are not named: 20 and 171 more are 191; errors stand
    first, then the most.
    """
    named = [Issue("warning", "far-namesakes", f"m{k}") for k in range(20)]
    issues = [*named, Issue("warning", "far-namesakes", "and 171 more names", count=171)]
    issues += [Issue("warning", "no-population", "3 counties", count=3), Issue("error", "own", "m")]
    for lang, first, whats in (
        (
            "en",
            "folder: 1 error, 194 warnings of 3 kinds.",
            ("own", "one name more than 20 km apart", "counties without"),
        ),
        (
            "zh",
            "folder：1个错误，194个警告，共3类。",
            ("own", "同名车站相距超过20 km", "无人口数据的区县"),
        ),
    ):
        screen = shown(issues_screen("folder", issues, ["a note", "network.toml says so"]), lang)
        assert screen.lines == (first, "- error own: m")
        rows = screen.first()
        assert [row[1:3] for row in rows] == [
            ["1", "own"],
            ["191", "far-namesakes"],
            ["3", "no-population"],
        ]
        assert all(row[3].startswith(what) for row, what in zip(rows, whats, strict=True))
    (answer, facts) = issues_screen("toy", [], [])
    assert answer == Paragraph(Words("toy：0个错误，0个警告。", "toy: 0 errors, 0 warnings."))
    assert isinstance(facts, Facts)
    assert [text.en for _, text in facts.rows] == [
        "a check finds what it looks for: a list without errors proves no timetable right"
    ]


def test_a_screen_has_room_for_every_kind() -> None:
    """Of more kinds than a screen has lines for the number of the rest is said."""
    issues = [Issue("warning", f"kind-{k}", "m") for k in range(30)]
    screen = shown(issues_screen("folder", issues, []), "en")
    assert len(screen.first()) == 18
    assert screen.lines[-1].strip() == "and 12 more: --full"


def test_every_kind_of_a_check_has_words() -> None:
    """Each code that the notes of `validate` list, and each that readers of feeds and folders
    report.
    """
    listed = set(
        re.findall(
            r"^([a-z]+(?:-[a-z]+)+|disconnected) +(?:error|warning)", getdoc(validate) or "", re.M
        )
    )
    assert len(listed) > 30
    root = Path(str(resources.files("railshed")))
    readers = [
        path for room in ("csv", "gtfs", "folder") for path in (root / "io" / room).glob("*.py")
    ]
    text = "\n".join(path.read_text(encoding="utf-8") for path in readers)
    said = re.findall(r'(?:error|warning|report|warn)\([^()]*?"([a-z]+(?:-[a-z0-9]+)+)"', text)
    assert len(set(said)) > 25
    assert [code for code in sorted(listed | set(said)) if f"issue_{code}" not in PHRASES] == []


def test_problems_one_by_one() -> None:
    """Errors stand first, each in the order that it came in; then notes, but those of
    network.toml.
    """
    kinds = ("warning", "error", "warning")
    issues = [Issue(kind, f"code{k}", "m") for k, kind in enumerate(kinds)]  # type: ignore[arg-type]
    table, note = issues_found(issues, ["a note", "network.toml says so"])
    assert note == Paragraph(Words("note: a note"))
    assert isinstance(table, Table)
    assert [row[:2] for row in table.rows] == [
        ("error", "code1"),
        ("warning", "code0"),
        ("warning", "code2"),
    ]


def test_a_problem_says_where_it_stands() -> None:
    """File, row and field are one cell, without what is not known; no column is of
    figures alone.
    """
    full = Issue("error", "bad-number", "is no number", "stops.txt", 3, "stop_lat", "x", "mend it")
    (table, *_) = issues_found([full, Issue("warning", "odd", "is odd", file="trips.txt")], [])
    assert isinstance(table, Table)
    assert table.rows == (
        ("error", "bad-number", "stops.txt row 3 stop_lat", "is no number", "x", "mend it"),
        ("warning", "odd", "trips.txt", "is odd", "", ""),
    )
    assert (len(table.heads), table.right) == (6, 6)
