"""Problems of a network as a table, and how many there are."""

from __future__ import annotations

import pytest

from railshed.tables.blocks import Paragraph, Table
from railshed.tables.data import issues_found
from railshed.util.bilingual import Words
from railshed.util.errors import Issue


@pytest.mark.parametrize(
    ("kinds", "counts"),
    [
        (("warning", "error", "warning"), "1 error, 2 warnings"),
        (("error", "error", "warning"), "2 errors, 1 warning"), ((), "0 errors, 0 warnings"),
    ],
)  # fmt: skip
def test_errors_and_warnings_are_counted(kinds: tuple[str, ...], counts: str) -> None:
    """Errors stand first, each in the order that it came in; then notes; the last line has both numbers."""
    issues = [Issue(kind, f"code{k}", "m") for k, kind in enumerate(kinds)]  # type: ignore[arg-type]
    *blocks, note, last = issues_found("folder", issues, ["a note", "network.toml says so"])
    assert (note, last) == (Paragraph(Words("note: a note")), Paragraph(Words(f"folder: {counts}")))
    rows = [row[:2] for block in blocks if isinstance(block, Table) for row in block.rows]
    ordered = [(kind, f"code{k}") for state in ("error", "warning") for k, kind in enumerate(kinds) if kind == state]
    assert rows == ordered


def test_a_problem_says_where_it_stands() -> None:
    """File, row and field are one cell, without what is not known; no column is of figures alone."""
    full = Issue("error", "bad-number", "is no number", "stops.txt", 3, "stop_lat", "x", "mend it")
    (table, *_) = issues_found("folder", [full, Issue("warning", "odd", "is odd", file="trips.txt")], [])
    assert isinstance(table, Table)
    assert table.rows == (
        ("error", "bad-number", "stops.txt row 3 stop_lat", "is no number", "x", "mend it"),
        ("warning", "odd", "trips.txt", "is odd", "", ""),
    )
    assert (len(table.heads), table.right) == (6, 6)
