"""Commuters by county that a user gives: a CSV file of county codes and numbers."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from railshed.io.csv.rows import read_rows
from railshed.util.errors import Issue, raise_errors

if TYPE_CHECKING:
    import pandas as pd

_MOST = 50_000_000


def read_commuters(path: Path, counties: pd.DataFrame) -> dict[str, float]:
    """Return the commuters by county code of a file with the columns ``county_code`` and
    ``commuters``.

    `counties` are those that it may name, one row each.

    Raises InputError with every problem of the file.
    """
    issues: list[Issue] = []
    codes = set(counties["county_code"].astype(str))
    found = dict[str, float]()
    for row in read_rows(path, ["county_code", "commuters"], issues):
        code = row.need("county_code")
        number = row.number_in("commuters", 0, _MOST)
        if code and code not in codes:
            row.error("county_code", "unknown-reference", "is no county of the agglomeration")
        if code in found:
            row.error("county_code", "duplicate-key", "stands in an earlier row")
        found[code] = number
    raise_errors(f"commuters {path}", issues)
    return found
