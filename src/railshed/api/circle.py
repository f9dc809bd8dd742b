"""The circle of a city and the circles of several on common cells, with their maps and files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import Executor
from pathlib import Path
from typing import TYPE_CHECKING, Any

from railshed.assumptions.assumptions import default_uncertainty
from railshed.circles.overlap import OverlapResult
from railshed.circles.result import CircleResult
from railshed.export.formats import write_layers

if TYPE_CHECKING:
    import geopandas as gpd
    from matplotlib.figure import Figure

    from railshed.api.inclusion import Inclusion
    from railshed.export.styles import FileDescription
    from railshed.maps.projection import Crs
    from railshed.maps.style import MapStyle
    from railshed.questions.explore.page import InteractiveMap


class Circle(CircleResult):
    """The circle of one city: stations, surfaces, polygons and tables, with its maps and files."""

    def plot(self, style: MapStyle | None = None) -> Figure:
        """Return the map as a matplotlib figure."""
        from railshed.maps.circle import draw_circle
        from railshed.questions.circle.map import circle_map

        return draw_circle(circle_map(self), style)

    def explore(self, *, lang: str = "both", approval: str = "") -> InteractiveMap:
        """Return the interactive map: one HTML page without a network, shown by notebooks, written
        by `.save(path)`.
        """
        from railshed.questions.explore.page import explore_circles

        return explore_circles([self], lang=lang, approval=approval)

    def plot_car(self, style: MapStyle | None = None, *, traffic: str = "peak") -> Figure:
        """Return the map of rail against car as a matplotlib figure."""
        from railshed.maps.circle import draw_difference
        from railshed.questions.circle.map import car_map

        return draw_difference(car_map(self, traffic), style)

    def inclusion(
        self,
        n_draws: int = 100,
        seed: int = 0,
        *,
        uncertainty: Mapping[str, Mapping[str, Any]] | None = None,
        progress: bool = False,
        executor: Executor | None = None,
    ) -> Inclusion:
        """Return how often places are within the headline cutoff of the headline surface (see
        `Analysis.inclusion`).
        """
        from railshed.api.inclusion import inclusion_of

        return inclusion_of(
            self.counts.case,
            self.surface.reading,
            self.direction,
            default_uncertainty(self.network.assumptions, uncertainty),
            cutoff_min=self.headline_cutoff,
            n_draws=n_draws,
            seed=seed,
            opportunities=self.counts.opportunities,
            progress=progress,
            executor=executor,
        )

    def plot_inclusion(self, found: Inclusion, style: MapStyle | None = None) -> Figure:
        """Return the map of how often places are inside as a matplotlib figure."""
        from railshed.maps.circle import draw_circle
        from railshed.questions.circle.map import inclusion_map

        return draw_circle(inclusion_map(self, found), style)

    def plot_share(self, style: MapStyle | None = None) -> Figure:
        """Return the map of the share of the window's minutes that are within the cutoff, as a
        matplotlib figure.
        """
        from railshed.maps.circle import draw_circle
        from railshed.questions.circle.service_map import share_map

        return draw_circle(share_map(self), style)

    def plot_stations(self, style: MapStyle | None = None) -> Figure:
        """Return the map of stations with their minutes and trips an hour as a matplotlib
        figure.
        """
        from railshed.maps.station_map import draw_station_map
        from railshed.questions.circle.service_map import station_map

        return draw_station_map(station_map(self), style)

    def plot_readings(
        self, style: MapStyle | None = None, *, readings: Sequence[str] | None = None
    ) -> Figure:
        """Return the circle under two to six readings side by side, default all, as a matplotlib
        figure.
        """
        from railshed.maps.panels import draw_panels
        from railshed.questions.circle.service_map import reading_maps, readings_title

        return draw_panels(reading_maps(self, readings), style, title=readings_title(self))

    def layers(self) -> dict[str, gpd.GeoDataFrame]:
        """Return what `to_file` writes, by layer."""
        from railshed.questions.circle.layers import circle_layers

        return circle_layers(self)

    @property
    def about(self) -> FileDescription:
        """What written files say about themselves."""
        from railshed.questions.circle.layers import about_circle

        return about_circle(self)

    def to_file(self, path: str | Path, crs: Crs = None) -> list[Path]:
        """Write the circle and what lies around; returns the files (see `formats.write_layers`)."""
        return write_layers(path, self.layers(), self.about, crs)

    def to_raster(self, path: str | Path, *, percentiles: Sequence[int] = (25, 50, 75)) -> Path:
        """Write the headline surface as a cloud-optimised GeoTIFF in minutes; returns its path.

        Bands: by rail at each percentile, the total (by rail or without a ride) at the reading's
        own, without a ride, and `status` (0 no data, 1 unreachable, 2 reached). See
        `geotiff.write_surface` for the two values that are no minutes. Needs the extra `raster`.

        Raises
        ------
        InputError
            When rasterio is not installed.
        ParameterError
            When a percentile is not within 0 to 100.
        OutputError
            When the file cannot be written.
        """
        from railshed.questions.circle.layers import write_circle_raster

        return write_circle_raster(self, path, percentiles)

    def _repr_html_(self) -> str:
        from railshed.questions.circle.map import figure_html
        from railshed.questions.circle.screen import circle_screen
        from railshed.show.html import HtmlRenderer

        return figure_html(self.plot()) + "".join(
            map(HtmlRenderer("both").block, circle_screen(self))
        )


class Overlap(OverlapResult):
    """The circles of several cities at one cutoff on common cells, each place counted once."""

    def plot(self, style: MapStyle | None = None) -> Figure:
        """Return the map of all circles with their union and overlap as a matplotlib figure."""
        from railshed.maps.circle import draw_circle
        from railshed.questions.circle.overlap_map import overlap_map

        return draw_circle(overlap_map(self), style)

    def to_file(self, path: str | Path, crs: Crs = None) -> list[Path]:
        """Write overlap, circles and stations; returns the files (see `formats.write_layers`)."""
        from railshed.questions.circle.layers import about_overlap, overlap_layers

        return write_layers(path, overlap_layers(self), about_overlap(self), crs)

    def _repr_html_(self) -> str:
        from railshed.questions.circle.map import figure_html

        return f"<p>{self!r}</p>" + figure_html(self.plot())
