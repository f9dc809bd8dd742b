"""The circles of several cities on common cells: their union, and how many cities reach each place."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from railshed.api.wrap import wrap
from railshed.circles.analysis import HEADLINE_CUTOFF_MIN, AnalysisInputs, circle_kinds
from railshed.circles.overlap import OverlapResult, overlap_of
from railshed.export.formats import write_layers
from railshed.export.results import about_overlap, overlap_layers
from railshed.maps.from_circle import figure_html
from railshed.maps.from_overlap import overlap_map
from railshed.network.cities import City
from railshed.util.validation import checked, text

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from railshed.maps.basemap import AnyBasemap
    from railshed.maps.projection import Crs


class Overlap(OverlapResult):
    """The circles of several cities at one cutoff on common cells, each place counted once."""

    def plot(
        self, *, lang: str = "both", size: str = "a4", basemap: AnyBasemap = None, crs: Crs = None
    ) -> Figure:  # fmt: skip
        """Return the map of all circles with their union and overlap as a matplotlib figure."""
        from railshed.maps.circle import draw_circle

        return draw_circle(overlap_map(self), lang=lang, size=size, basemap=basemap, crs=crs)

    def to_file(self, path: str | Path) -> list[Path]:
        """Write overlap, circles and stations; returns the files (see `formats.write_layers`)."""
        return write_layers(path, overlap_layers(self), about_overlap(self))

    def _repr_html_(self) -> str:
        return f"<p>{self!r}</p>" + figure_html(self.plot())


@checked(**circle_kinds("run", "cities", "reading", "direction", "cutoff_min"))
def union(
    run: AnalysisInputs, cities: Sequence[str | City], *, reading: str = "door-to-station", direction: str = "to",
    cutoff_min: int = HEADLINE_CUTOFF_MIN,
) -> dict[str, Any]:  # fmt: skip
    """Return people and km2 of the united circles of several cities, each place counted once, on one common grid.

    Rows as in `indicators.reach_table`; the city proper is the union of the cities' own.
    """
    return overlap_of(run, cities, reading=reading, direction=direction, cutoff_min=cutoff_min).union


@checked(**circle_kinds("run", "cities", "reading", "direction", "cutoff_min"), name=text, name_en=text)
def overlap(
    run: AnalysisInputs, cities: Sequence[str | City], *, reading: str = "door-to-station", direction: str = "to",
    cutoff_min: int = HEADLINE_CUTOFF_MIN, name: str = "", name_en: str = "",
) -> Overlap:  # fmt: skip
    """Return the circles of several cities on one common grid: their union, and how many cities reach each place.

    Parameters
    ----------
    run
        What `prepare` made of a network.
    cities
        Two or more: slugs, names, or `City`.
    reading, direction, cutoff_min
        As `circle`; a reading with an area.
    name, name_en
        What the cities are together: the region.
    """
    return wrap(Overlap, overlap_of(
        run, cities, reading=reading, direction=direction, cutoff_min=cutoff_min, name=name, name_en=name_en
    ))  # fmt: skip
