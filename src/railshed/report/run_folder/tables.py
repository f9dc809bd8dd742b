"""Tables of a run: each a CSV, all of a city or comparison together a workbook where the run asks for one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from railshed.export.formats import Choice, write_layers
from railshed.util.csv_json import frame_of, write_csv

if TYPE_CHECKING:
    from railshed.export.styles import FileDescription


def write_tables(path: Path, tables: Mapping[str, Any], about: FileDescription, choice: Choice, main: str = "") -> None:
    """Write tables, or rows, as ``path_name.csv``, the `main` one as ``path.csv``; not those without columns."""
    frames = {name: table if hasattr(table, "columns") else frame_of(table) for name, table in tables.items()}
    frames = {name: frame.drop(columns="geometry", errors="ignore") for name, frame in frames.items()}
    for name, frame in frames.items():
        if len(frame.columns):
            write_csv(frame, path.with_name(path.name + (f"_{name}.csv" if name != main else ".csv")))
    if "xlsx" in choice.formats:
        write_layers(path.with_name(f"{path.name}.xlsx"), frames, replace(about, lang=choice.lang))
