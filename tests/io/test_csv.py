"""One table of text: values, codes and cells, however the file is written."""

from __future__ import annotations

from pathlib import Path

import pytest

from railshed.io.csv.parser import Tables
from railshed.io.csv.table import FeedTable
from railshed.io.gtfs.files import FeedFiles
from railshed.util.limits import LIMITS_VARIABLE


def table_of(text: str, *columns: str) -> FeedTable:
    tables = Tables()
    table = tables.parse_table("t.txt", text.encode(), columns)
    assert table is not None
    assert tables.issues == []
    return table


def test_codes_follow_the_order_of_first_appearance() -> None:
    """Texts are stripped first, so " b" and "b" have one code; a column that is absent is blank in
    every row.
    """
    table = table_of("p,q\nb,1\na,2\n b,3\n甲,4\na ,5\n", "p")
    codes, texts = table.encoded("p")
    assert codes.tolist() == [0, 1, 0, 2, 1]
    assert texts == ["b", "a", "甲"]
    assert table.text("p") == ["b", "a", "b", "甲", "a"]
    assert [table.value("p", row) for row in range(5)] == table.text("p")
    assert table.text("absent") == [""] * 5


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("last", ["", "\n", "\r\n", "\n\n\r\n", "\r"])
def test_quotes_and_line_ends(end: str, last: str) -> None:
    """Any line end, none or blank lines at the end: a quoted comma, a doubled quote, a blank and a
    BOM are read.
    """
    rows = ["\ufeffh,k", '"a, b",2', "c,", '"d ""e""",']
    table = table_of(end.join(rows) + last, "h", "k")
    assert table.text("h") == ["a, b", "c", 'd "e"']
    assert table.text("k") == ["2", "", ""]


def test_the_bound_of_a_feed_holds_over_its_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two files of 6 bytes each are 12, and 10 are allowed: the second one is refused."""
    monkeypatch.setenv(LIMITS_VARIABLE, "feed_bytes=10")
    for name in ("t.txt", "u.txt"):
        (tmp_path / name).write_text("a\n12\n4")
    files = FeedFiles(tmp_path)
    assert files.table("u.txt", ["a"]) is not None
    assert files.table("t.txt", ["a"]) is None
    assert [(issue.file, issue.code) for issue in files.issues] == [("t.txt", "too-large")]
