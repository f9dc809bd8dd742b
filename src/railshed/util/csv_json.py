"""Tables to CSV and values to JSON: same result, same bytes, each written whole or not at all."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from math import isnan
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from railshed.util import files as store
from railshed.util.names import text_cell, visible_json

if TYPE_CHECKING:
    import pandas as pd

#: beginnings of columns of minutes
_MINUTES = ("travel_time", "minutes", "max_gap")


def write_csv(frame: pd.DataFrame, path: Path, *, plain: bool = False) -> Path:
    """Write a table as CSV in UTF-8 with a mark (Excel on Chinese Windows needs it), minutes with
    two decimals.

    Texts that a spreadsheet would take for formulas get a leading apostrophe unless `plain`;
    numbers never.
    """
    texts = {
        c: frame[c].map(lambda v: "" if np.isnan(v) else f"{v:.2f}") for c in minute_columns(frame)
    }
    with store.atomic_path(path) as temporary:
        frame = (frame if plain else _without_formulas(frame)).assign(**texts)
        frame.to_csv(temporary, index=False, encoding="utf-8-sig", lineterminator="\n")
    return path


def _without_formulas(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the table with an apostrophe before texts and heads that a spreadsheet would take for
    formulas.
    """
    words = [column for column in frame.columns if frame[column].dtype.kind not in "biufmM"]
    return frame.assign(**{column: frame[column].map(text_cell) for column in words}).rename(
        columns=text_cell
    )


def minute_columns(frame: pd.DataFrame) -> list[str]:
    """Return the columns of minutes, which are written with two decimals."""
    return [c for c in frame.columns if frame[c].dtype.kind == "f" and c.startswith(_MINUTES)]


def write_rows(rows: Iterable[Mapping[str, Any]], path: Path, *, plain: bool = False) -> Path:
    """Write rows as `write_csv` does, the items of a list joined by "|"."""
    return write_csv(frame_of(rows), path, plain=plain)


def frame_of(rows: Iterable[Mapping[str, Any]]) -> pd.DataFrame:
    """Return rows as a table, the items of a list joined by "|"."""
    import pandas as pd

    return pd.DataFrame(
        [{k: "|".join(v) if isinstance(v, list) else v for k, v in row.items()} for row in rows]
    )


def rows_of(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the rows of a table as plain values, None where one is missing."""
    rows: list[dict[str, Any]] = (
        frame.astype(object).where(frame.notna(), None).to_dict(orient="records")
    )
    return rows


def write_json(data: Any, path: Path) -> Path:
    """Write plain values as JSON, keys in their order."""
    return store.write_file(path, to_json(data) + "\n")


def to_json(data: Any) -> str:
    """Return JSON with NaN as null, numpy numbers as numbers, dates and paths as text, control
    characters escaped.
    """
    return visible_json(
        json.dumps(plain_values(data), ensure_ascii=False, indent=2, allow_nan=False)
    )


def plain_values(value: Any) -> Any:
    """Return a value as JSON has it: NaN as null, numpy numbers as numbers, dates and paths as
    text.
    """
    if value is None or isinstance(value, str | bool):  # the frequent ones first
        return value
    if isinstance(value, int | np.integer):
        return int(value)
    if isinstance(value, float | np.floating):
        return None if isnan(value) else round(float(value), 6)
    if isinstance(value, list | tuple | set | frozenset):
        return [plain_values(v) for v in value]
    if isinstance(value, Mapping):
        return {str(k): plain_values(v) for k, v in value.items()}
    return bool(value) if isinstance(value, np.bool_) else str(value)
