"""The circles of several cities on common cells: their union, and how many cities reach each place."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from railshed.circles.overlap import OverlapResult
from railshed.export.formats import write_layers
from railshed.export.results import about_overlap, overlap_layers
from railshed.maps.from_circle import figure_html
from railshed.maps.from_overlap import overlap_map

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from railshed.maps.style import MapStyle


class Overlap(OverlapResult):
    """The circles of several cities at one cutoff on common cells, each place counted once."""

    def plot(self, style: MapStyle | None = None) -> Figure:
        """Return the map of all circles with their union and overlap as a matplotlib figure."""
        from railshed.maps.circle import draw_circle

        return draw_circle(overlap_map(self), style)

    def to_file(self, path: str | Path) -> list[Path]:
        """Write overlap, circles and stations; returns the files (see `formats.write_layers`)."""
        return write_layers(path, overlap_layers(self), about_overlap(self))

    def _repr_html_(self) -> str:
        return f"<p>{self!r}</p>" + figure_html(self.plot())
