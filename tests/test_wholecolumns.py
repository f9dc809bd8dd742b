"""Whole columns at once: the values of text by text, or none at all; reading ahead changes no table and no issue."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from railshed.sources.feedfiles import FeedFiles
from railshed.sources.feedtable import FeedTable
from railshed.sources.gtfs_calls import clock
from railshed.sources.gtfs_trips import whole
from railshed.sources.wholecolumns import clock_column, whole_column


def test_clocks_and_blanks() -> None:
    """Hours may pass 24, a blank is NaN, and a slice of a column is read from its own start."""
    column = pa.array(["07:30:00", "", "25:10:09", "99:59:59"])
    np.testing.assert_array_equal(clock_column(column), [27_000, np.nan, 90_609, 359_999])
    np.testing.assert_array_equal(clock_column(column[1:3]), [np.nan, 90_609])
    np.testing.assert_array_equal(clock_column(column[1:2]), [np.nan])
    np.testing.assert_array_equal(clock_column(column[:0]), [])


@pytest.mark.parametrize(
    "odd", ["7:30:00", " 7:30:00", "07:60:00", "07:00:60", "07.00:00", "0/:00:00", "00::0:00", "7é:00:0", "-1:00:00"]
)
def test_one_odd_clock_gives_none(odd: str) -> None:
    """What is not written like 07:30:00 is left to the parser of single texts."""
    assert clock_column(pa.array(["07:30:00", odd])) is None


@given(st.lists(st.text("0123456789:", min_size=8, max_size=8) | st.just(""), max_size=5))
def test_clock_column_is_clock(texts: list[str]) -> None:
    """Where a column is read at once, each value is that of `clock`."""
    found = clock_column(pa.array(texts, pa.string()))
    if found is not None:
        np.testing.assert_array_equal(found, [clock(text) if text else np.nan for text in texts])


@given(st.lists(st.text("0123456789-+x a", max_size=10), max_size=4))
def test_whole_column_is_whole(texts: list[str]) -> None:
    """Where a column is read at once, each value is that of `whole`; it is, where all are one to nine digits."""
    found = whole_column(pa.array(texts, pa.string()))
    assert (found is not None) == all(text.isdigit() and len(text) <= 9 for text in texts)
    if found is not None:
        np.testing.assert_array_equal(found, [whole(text) for text in texts])


@pytest.mark.parametrize("run", [1, 3, 50])
def test_codes_of_runs(run: int) -> None:
    """Codes are numbered as texts first appear, stripped, whether equal ones stand together or not."""
    texts = [text for k in range(4_000 // run) for text in [f"{' ' * (k % 2)}t{k % 7}"] * run]
    column = pa.chunked_array([texts[:1_500], texts[1_500:]], pa.string())
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
            files.read_ahead("t.txt", ["a", "b"], (), encoded=["b"])
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
    files.read_ahead("t.txt", ["a"], (), encoded=())
    assert files.table("u.txt", ["a"]) is not None
    assert files.table("t.txt", ["a"], ()) is None
    assert [issue.code for issue in files.issues] == ["too-large"]
