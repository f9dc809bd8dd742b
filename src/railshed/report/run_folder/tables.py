"""Tables of a run: each a CSV, all of a city or comparison together a workbook where the run asks for one."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from railshed.export.formats import Choice, write_layers
from railshed.util.csv_json import frame_of, write_csv

if TYPE_CHECKING:
    import pandas as pd

    from railshed.export.styles import FileDescription


@dataclass(frozen=True, slots=True)
class Tables:
    """Tables in a folder, their files named by the stem."""

    folder: Path
    stem: str
    choice: Choice
    _frames: dict[str, pd.DataFrame] = field(default_factory=dict)

    def add(self, name: str, table: Any, *, main: bool = False) -> None:
        """Write a table, or rows, as CSV without its geometry; the `main` one is named by the stem alone."""
        frame: pd.DataFrame = table if hasattr(table, "columns") else frame_of(table)
        self._frames[name] = frame.drop(columns="geometry", errors="ignore")
        write_csv(self._frames[name], self.folder / f"{self.stem if main else f'{self.stem}_{name}'}.csv")

    def close(self, about: FileDescription) -> None:
        """Write the workbook of all tables, where the run asks for one."""
        if "xlsx" in self.choice.formats:
            write_layers(self.folder / f"{self.stem}.xlsx", self._frames, replace(about, lang=self.choice.lang))
