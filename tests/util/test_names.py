"""Names from data: cleaned, visible in messages, safe as names of files and in spreadsheets."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from railshed.util.csv_json import frame_of, to_json, write_csv
from railshed.util.errors import InputError, Issue
from railshed.util.names import (
    clean,
    clean_tree,
    file_name,
    is_file_name,
    loses,
    text_cell,
    visible,
)


@pytest.mark.parametrize(
    ("raw", "cleaned"),
    [
        ("a\x1b[31mb\x07", "a[31mb"),
        ("\u202egnirts\u202c", "gnirts"),
        ("x\x9b0m", "x0m"),
        ("\ufeffMid", "Mid"),
        ("two\r\nlines\tand\u2028more", "two  lines and more"),
        ("half \ud800", "half"),
        ("\u200fא\u2067", "א"),
        ("成都东", "成都东"),
        ("Zalgo\u0334\u0337", "Zalgo\u0334\u0337"),
        ("São\u00a0João", "São\u00a0João"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("\U0001f600", "\U0001f600"),
        ("a\u3000b", "a\u3000b"),
    ],
)
def test_clean_takes_controls_alone(raw: str, cleaned: str) -> None:
    """C0, C1, bidirectional controls, separators of lines, marks and half surrogates go; letters
    and joiners stay.
    """
    assert clean(raw) == cleaned


def test_only_what_is_no_white_space_is_a_loss() -> None:
    """A tab becomes a space without a warning; an escape is lost."""
    assert [loses(text) for text in ("a\tb", "a\x1bb", "成都")] == [False, True, False]


@pytest.mark.slow
@given(st.text())
def test_clean_text_holds_no_control_and_stays(text: str) -> None:
    """What is clean loses nothing more, and looks as it is."""
    once = clean(text)
    assert clean(once) == once
    assert visible(once) == once
    assert once.encode("utf-8") is not None


@given(st.text())
def test_a_terminal_receives_no_control(text: str) -> None:
    """A message has no byte below space but line ends and tabs, and no C1 control."""
    assert not [
        c for c in visible(text) if (ord(c) < 32 and c not in "\n\t") or 127 <= ord(c) < 160
    ]


def test_controls_are_written_out() -> None:
    r"""An escape is seen as \x1b, an override as \u202e; JSON holds the same text."""
    assert visible("a\x1b[31m\u202e") == r"a\x1b[31m\u202e"
    assert "\x9b" not in to_json({"name": "a\x9b\u202e\ud800"})
    assert json.loads(to_json({"name": "a\x9b\u202e\x1b"})) == {"name": "a\x9b\u202e\x1b"}


def test_trees_are_cleaned_with_a_warning_for_each_loss() -> None:
    """The field says where; line breaks stay in a description and not in a name."""
    issues: list[Issue] = []
    raw = {
        "title": "a\nb",
        "stops": ["x", {"name": "y\x1b"}],
        "description": "one\ntwo",
        "k\x07": 1,
    }
    cleaned = {"title": "a b", "stops": ["x", {"name": "y"}], "description": "one\ntwo", "k": 1}
    assert clean_tree(raw, "s.toml", issues) == cleaned
    assert [(i.severity, i.file, i.field, i.value) for i in issues] == [
        ("warning", "s.toml", "", "k"),
        ("warning", "s.toml", "stops[2].name", "y"),
    ]
    assert r"y\x1b" in issues[1].message
    deep: list[object] = []
    for _ in range(5_000):
        deep = [deep]
    with pytest.raises(InputError, match="too deeply"):
        clean_tree(deep, "s.toml", issues)


@pytest.mark.parametrize(
    "text",
    [
        "",
        ".",
        "..",
        "../x",
        "/etc/passwd",
        "a/b",
        "a\\b",
        "C:x",
        "a:b",
        "con",
        "aux.txt",
        "nul",
        "com1",
        "lpt9.a",
        "x.",
        "Mid",
        "成都",
        "-x",
        "_x",
        "a b",
        "x" * 65,
        "a\x00",
        "a\n",
        "mid\n",
    ],
)
def test_what_names_no_file_gets_a_hash(text: str) -> None:
    """The name made of it is allowed, and not the text."""
    assert not is_file_name(text)
    assert is_file_name(file_name(text))


@pytest.mark.parametrize(
    "text", ["mid", "own", "a_b.1", "0", "console", "com10", "x" * 64, "104.0657-30.6595"]
)
def test_what_names_a_file_does(text: str) -> None:
    """Ids of the pattern are names as they stand."""
    assert file_name(text) == text


def test_no_two_texts_share_a_name() -> None:
    """Texts that differ in case, accents or marks alone have names of their own, the same in every
    run.
    """
    texts = ["mid", "Mid", "MID", "mïd", "mid ", "m/id", "成都", "重庆", "", "."]
    names = [file_name(text) for text in texts]
    assert len({name.casefold() for name in names}) == len(texts)
    assert names[1] == "mid-76df0c6db32d4e04"
    assert file_name("São Paulo").startswith("sao-paulo-")


@given(st.text(), st.text())
def test_a_name_is_a_path_in_its_folder(one: str, other: str) -> None:
    """Whatever the text, folder and name are a path in that folder, and another text has
    another.
    """
    folder = Path("/srv/out")
    assert (folder / file_name(one)).resolve().parent == folder
    assert (file_name(one) == file_name(other)) == (one == other)


@pytest.mark.parametrize(
    "text",
    ["=1+1", "+cmd|' /C calc'!A1", "-2+3", "@SUM(1)", "\tx", "\rx", "＝1+1", "-成都", "=\n1"],
)
def test_formulas_get_an_apostrophe(text: str) -> None:
    """A spreadsheet would run these, or might."""
    assert text_cell(text) == f"'{text}"


@pytest.mark.parametrize("value", ["-5", "+3.5", "-1e6", "-", "成都-东", "", 5, -5.5, None, "'=1"])
def test_numbers_and_other_texts_stay(value: object) -> None:
    """Texts that are numbers, a dash alone, and all else are written as they are."""
    assert text_cell(value) is value


def test_tables_in_csv(tmp_path: Path) -> None:
    """Texts and heads get the apostrophe, numbers none; with `plain` nothing does."""
    table = frame_of([{"name": "=1+1", "people": -5.5, "@x": ["-a", "b"], "minutes": -1.0}])
    write_csv(table, tmp_path / "a.csv")
    assert (tmp_path / "a.csv").read_text(
        "utf-8-sig"
    ) == "name,people,'@x,minutes\n'=1+1,-5.5,'-a|b,-1.00\n"
    write_csv(table, tmp_path / "a.csv", plain=True)
    assert (tmp_path / "a.csv").read_text(
        "utf-8-sig"
    ) == "name,people,@x,minutes\n=1+1,-5.5,-a|b,-1.00\n"
