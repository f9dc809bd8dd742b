"""Whole columns at once: the values of text by text, or none at all; reading ahead changes no table and no issue."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from railshed.days import Days, in_bulk
from railshed.sources.csvparser import Tables
from railshed.sources.feedfiles import FeedFiles
from railshed.sources.feedtable import FeedTable
from railshed.sources.gtfs_calls import clock
from railshed.sources.gtfs_stops import coordinate
from railshed.sources.plaincsv import split_plain
from railshed.sources.shorttexts import told_apart, words_of
from railshed.sources.wholecolumns import clock_column, degrees_column


def _words(texts: list[str]) -> Any:
    return words_of(pa.chunked_array([texts], pa.string()))


def test_clocks_and_blanks() -> None:
    """Hours may pass 24, a blank is NaN, and a column that comes in parts, or none, is read as one."""
    column = pa.chunked_array([["07:30:00", "", "25:10:09", "99:59:59"]])
    np.testing.assert_array_equal(clock_column(words_of(column)), [27_000, np.nan, 90_609, 359_999])
    parts = pa.chunked_array([*column[1:3].chunks, *column[3:3].chunks, *column[1:2].chunks], pa.string())
    np.testing.assert_array_equal(clock_column(words_of(parts)), [np.nan, 90_609, np.nan])
    np.testing.assert_array_equal(clock_column(_words([])), [])


@pytest.mark.parametrize(
    "odd",
    [
        "7:30:00",
        " 7:30:00",
        "07:60:00",
        "07:00:60",
        "07.00:00",
        "0/:00:00",
        "00::0:00",
        "7é:00:0",
        "-1:00:00",
        "107:00:00",
    ],
)
def test_one_odd_clock_gives_none(odd: str) -> None:
    """What is not written like 07:30:00 is left to the parser of single texts."""
    assert clock_column(_words(["07:30:00", odd])) is None


@given(st.lists(st.text("0123456789:", min_size=8, max_size=8) | st.just(""), max_size=5))
def test_clock_column_is_clock(texts: list[str]) -> None:
    """Where a column is read at once, each value is that of `clock`."""
    found = clock_column(_words(texts))
    if found is not None:
        np.testing.assert_array_equal(found, [clock(text) if text else np.nan for text in texts])


@settings(deadline=None)
@given(
    st.lists(st.floats(-200, 200).map(str) | st.text("0123456789._-ne \u0661", max_size=5))
    | st.lists(st.from_regex("-?[0-9]{0,3}([.][0-9]{0,14})?", fullmatch=True)),
    st.sampled_from((90, 180)),
)
def test_degrees_column_is_coordinate(texts: list[str], limit: int) -> None:
    """Where a column is read at once, each value is that of `coordinate`; a blank is NaN."""
    found = degrees_column(_words(texts), limit)
    if found is not None:
        parse = coordinate(limit, "stop_lon")
        np.testing.assert_array_equal(found, [parse(text) if text else np.nan for text in texts])


def test_degrees_at_once() -> None:
    """Numbers and blanks are; one that lies beyond, or is none, leaves all to the parser of single texts."""
    np.testing.assert_array_equal(degrees_column(_words(["8.5", "", "-90", " 1e1"]), 90), [8.5, np.nan, -90, 10])
    longest = ["-99.0716600412345", "0.30000000000001", "-0", ".5", "5."]
    for texts in (longest, [*longest, "89.9999999999999987"]):
        np.testing.assert_array_equal(degrees_column(_words(texts), 180), list(map(float, texts)))
    for odd in ("90.5", "1_0", "east", "nan", "inf", "\u0661", "-", "1-2", "1.2.3"):
        assert degrees_column(_words(["8.5", "", odd]), 90) is None


@given(st.lists(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=20), max_size=6))
def test_texts_are_the_same_told_apart_or_not(texts: list[str]) -> None:
    """Stripped, in order, and each cell by itself."""
    table, other = (FeedTable(Tables(), "t.txt", {"a": _words(texts)}, len(texts)) for _ in range(2))
    other.encoded("a")
    assert table.text("a") == other.text("a") == [text.strip() for text in texts]
    assert [table.value("a", row) for row in range(len(texts))] == table.text("a")
    assert table.text("b") == other.text("b") == [""] * len(texts)


def test_objects_in_bulk_are_those_made_one_by_one() -> None:
    """Also hashes and frozenness; the columns go on for longer than the first, or all fields are given."""
    one, two = in_bulk(Days, [7, 8], [1, 5, 9])
    assert (one, two) == (Days(7, 1), Days(8, 5))
    assert hash(two) == hash(Days(8, 5))
    with pytest.raises(AttributeError):
        two.bits = 4


@given(st.lists(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=20), max_size=6))
def test_words_keep_texts(texts: list[str]) -> None:
    """Texts as words are told apart as they are, in the order in which they first appear."""
    codes, distinct = told_apart(_words(texts))
    assert distinct == list(dict.fromkeys(texts))
    assert [distinct[code] for code in codes.tolist()] == texts


def test_one_long_text_among_many_is_left() -> None:
    """Two thousand short texts and one of 4,096 bytes would take 8 MB as words, so they stay as they are."""
    assert words_of(pa.chunked_array([["a"] * 2_000 + ["b" * 4_096]])) is None
    assert split_plain(b"a,1\n" * 2_000 + b"b" * 4_096 + b",2\n", 0, 2, [0]) is None
    assert split_plain(b"a,1\n" * 20 + b"b" * 4_096 + b",2\n", 0, 2, [0]) is not None
    assert split_plain(b"a,1\n" + b"b" * 4_097 + b",2\n", 0, 2, [0]) is None


CELLS = st.sampled_from(["", "a", '"a"', '""', '"', 'a"b', "\u7532", "x" * 9, '"x,y"', '"x\ny"', '"""', " b "])
LINES = st.lists(st.lists(CELLS, min_size=2, max_size=3), min_size=1, max_size=5)


@given(
    LINES,
    st.sampled_from(["\n", "\r\n", "\r"]),
    st.sampled_from(["", "\n", "\r\n", "\n\n\n", "\r"]),
    st.integers(12, 80),
)
def test_plain_lines_are_as_parsed(lines: list[list[str]], line_end: str, last: str, block: int) -> None:
    """A table split at its commas is the one that the parser of any CSV makes, and so are its problems."""
    data = (line_end.join(["p,q,r", *map(",".join, lines)]) + last).encode()
    found = []
    for plain in (True, False):
        tables = Tables()
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("railshed.sources.plaincsv._BLOCK_BYTES", block)
            if not plain:
                patch.setattr("railshed.sources.csvparser.split_plain", lambda *_: None)
            table = tables.parse_table("t.txt", bytearray(data), ["p", "r"], ["q"])
        found.append((None if table is None else (table.n_rows, [table.text(c) for c in "pqr"]), tables.issues))
    assert found[0] == found[1]


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("last", ["", "\n", "\n\r\n"])
def test_what_is_plain(end: str, last: str) -> None:
    """Quotes around whole values, either line end, none at the end and blank lines there are plain."""
    words = split_plain((end.join(["h,k", '"a, b",2', "c,"]) + last).encode(), 3 + len(end), 2, [0, 1])
    assert words is not None
    assert [told_apart(column)[1] for column in words] == [["a, b", "c"], ["2", ""]]


@pytest.mark.parametrize("odd", ["a", "a,b,c", '"a,b', '"a"b,c', "a,b\r", "", '"a\nb",c', 'a"b,c"d,e', '"a" ,b'])
def test_what_is_not_plain(odd: str) -> None:
    """A line with more or fewer values, quotes within them, or another end is left to the parser of any CSV."""
    assert split_plain(f"a,b\n{odd}\na,b\n".encode(), 0, 2, [0]) is None


@pytest.mark.parametrize("run", [1, 3, 50])
def test_codes_of_runs(run: int) -> None:
    """Codes are numbered as texts first appear, stripped, whether equal ones stand together or not."""
    texts = [text for k in range(4_000 // run) for text in [f"{' ' * (k % 2)}t{k % 7}"] * run]
    column = words_of(pa.chunked_array([texts[:1_500], texts[1_500:]], pa.string()))
    table = FeedTable(FeedFiles.__new__(FeedFiles), "a.txt", {"a": column}, len(texts))
    codes, distinct = table.encoded("a")
    assert distinct == list(dict.fromkeys(text.strip() for text in texts))
    assert [distinct[code] for code in codes.tolist()] == [text.strip() for text in texts]


@pytest.mark.parametrize("text", ["a,b\n1,2\n3,4\n", "a,b\n1\n3,4\n", "a,c\n1,2\n", "a,b\n1,\0\n"])
def test_reading_ahead_changes_nothing(tmp_path: Path, text: str) -> None:
    """A table read ahead in a thread is the one read when asked for: columns, rows, problems and checksums."""
    (tmp_path / "t.txt").write_text(text)
    (tmp_path / "u.txt").write_text("x\n1,2\n")
    found = []
    for ahead in (False, True):
        files = FeedFiles(tmp_path)
        if ahead:
            files.read_ahead("t.txt", ["a", "b"])
        files.table("u.txt", ["x"])
        table = files.table("t.txt", ["a", "b"])
        rows = None if table is None else (table.text("a"), table.text("b"), table.feed is files)
        found.append((rows, files.issues, list(files.checksums().items())))
    assert found[0] == found[1]


def test_reading_ahead_counts_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The bound of a feed holds for what is read ahead as well: 12 bytes are more than 10."""
    monkeypatch.setattr("railshed.sources.feedfiles.MAX_FEED_BYTES", 10)
    for name in ("t.txt", "u.txt"):
        (tmp_path / name).write_text("a\n12\n4")
    files = FeedFiles(tmp_path)
    files.read_ahead("t.txt", ["a"])
    assert files.table("u.txt", ["a"]) is not None
    assert files.table("t.txt", ["a"], ()) is None
    assert [issue.code for issue in files.issues] == ["too-large"]
