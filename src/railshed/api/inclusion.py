"""The share of drawn days on which each place lies inside a circle: its files, and the function
that returns it.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from railshed.export.formats import write_layers
from railshed.questions.circle.layers import about_inclusion, inclusion_layers
from railshed.uncertainty import inclusion as _inclusion
from railshed.util.wrap import wrapping

if TYPE_CHECKING:
    import geopandas as gpd

    from railshed.maps.projection import Crs


class Inclusion(_inclusion.InclusionResult):
    """The share of draws in which each cell of a city's land is within the cutoff, by rail and in
    total.
    """

    def layers(self) -> dict[str, gpd.GeoDataFrame]:
        """Return what `to_file` writes, by layer."""
        return inclusion_layers(self)

    def to_file(self, path: str | Path, crs: Crs = None) -> list[Path]:
        """Write polygons and cells; returns the files (see `formats.write_layers`)."""
        return write_layers(path, self.layers(), about_inclusion(self), crs)


inclusion = wrapping(Inclusion, _inclusion.inclusion)
inclusion_of = wrapping(Inclusion, _inclusion.inclusion_of)
