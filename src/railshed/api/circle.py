"""The circle of a city: the public functions and the class that they return."""

from __future__ import annotations

import datetime as dt
import os
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

from railshed.api.inclusion import Inclusion
from railshed.api.wrap import wrap
from railshed.assumptions.assumptions import Assumptions, default_uncertainty
from railshed.circles.analysis import AnalysisInputs, case_of, circle_kinds, prepare
from railshed.circles.build import circles_of
from railshed.circles.result import CircleResult
from railshed.export.results import about_circle, circle_layers
from railshed.maps.from_circle import car_map, circle_map, figure_html, inclusion_map
from railshed.maps.from_service import reading_maps, readings_title, share_map, station_map
from railshed.network.cities import City
from railshed.network.model import Network
from railshed.util.validation import checked

if TYPE_CHECKING:
    import geopandas as gpd
    import networkx as nx
    from matplotlib.figure import Figure

    from railshed.access.streets import Streets
    from railshed.cells.opportunities import Opportunities
    from railshed.export.styles import About
    from railshed.maps.basemap import AnyBasemap
    from railshed.maps.projection import Crs
    from railshed.maps.web.page import InteractiveMap


class Circle(CircleResult):
    """The circle of one city: stations, surfaces, polygons and tables under every reading, with its maps and files."""

    def plot(
        self, *, lang: str = "both", size: str = "a4", basemap: AnyBasemap = None, crs: Crs = None
    ) -> Figure:  # fmt: skip
        """Return the map as a matplotlib figure."""
        from railshed.maps.circle import draw_circle

        return draw_circle(circle_map(self), lang=lang, size=size, basemap=basemap, crs=crs)

    def explore(self, *, lang: str = "both", approval: str = "") -> InteractiveMap:
        """Return the interactive map: one HTML page without a network, shown by notebooks, written by `.save(path)`."""
        from railshed.maps.web.page import explore_circles

        return explore_circles([self], lang=lang, approval=approval)

    def plot_car(
        self, *, lang: str = "both", size: str = "a4", basemap: AnyBasemap = None, crs: Crs = None,
        traffic: str = "peak",
    ) -> Figure:  # fmt: skip
        """Return the map of rail against car as a matplotlib figure."""
        from railshed.maps.circle import draw_difference

        return draw_difference(car_map(self, traffic), lang=lang, size=size, basemap=basemap, crs=crs)

    def inclusion(
        self, n_draws: int = 100, seed: int = 0, *, uncertainty: Mapping[str, Mapping[str, Any]] | None = None,
        progress: bool = False,
    ) -> Inclusion:  # fmt: skip
        """Return how often places are within the headline cutoff of the headline surface (see `railshed.inclusion`)."""
        from railshed.uncertainty.inclusion import inclusion_of

        return wrap(Inclusion, inclusion_of(
            self.ground.case, self.surface.reading, self.direction,
            default_uncertainty(self.network.assumptions, uncertainty), cutoff_min=self.headline_cutoff,
            n_draws=n_draws, seed=seed, opportunities=self.ground.opportunities, progress=progress,
        ))  # fmt: skip

    def plot_inclusion(
        self, found: Inclusion, *, lang: str = "both", size: str = "a4", basemap: AnyBasemap = None,
        crs: Crs = None,
    ) -> Figure:  # fmt: skip
        """Return the map of how often places are inside as a matplotlib figure."""
        from railshed.maps.circle import draw_circle

        return draw_circle(inclusion_map(self, found), lang=lang, size=size, basemap=basemap, crs=crs)

    def plot_share(
        self, *, lang: str = "both", size: str = "a4", basemap: AnyBasemap = None, crs: Crs = None
    ) -> Figure:  # fmt: skip
        """Return the map of the share of the window's minutes that are within the cutoff, as a matplotlib figure."""
        from railshed.maps.circle import draw_circle

        return draw_circle(share_map(self), lang=lang, size=size, basemap=basemap, crs=crs)

    def plot_stations(
        self, *, lang: str = "both", size: str = "a4", basemap: AnyBasemap = None, crs: Crs = None
    ) -> Figure:  # fmt: skip
        """Return the map of stations with their minutes and trips an hour as a matplotlib figure."""
        from railshed.maps.station_map import draw_station_map

        return draw_station_map(station_map(self), lang=lang, size=size, basemap=basemap, crs=crs)

    def plot_readings(
        self, readings: Sequence[str] | None = None, *, lang: str = "both", size: str = "a4",
        basemap: AnyBasemap = None, crs: Crs = None,
    ) -> Figure:  # fmt: skip
        """Return the circle under two to six readings side by side, default all, as a matplotlib figure."""
        from railshed.maps.panels import draw_panels

        title, panels = readings_title(self), reading_maps(self, readings)
        return draw_panels(panels, title=title, lang=lang, size=size, basemap=basemap, crs=crs)

    def layers(self) -> dict[str, gpd.GeoDataFrame]:
        """Return what `to_file` writes, by layer."""
        return circle_layers(self)

    @property
    def about(self) -> About:
        """What written files say about themselves."""
        return about_circle(self)

    def to_file(self, path: str | Path) -> list[Path]:
        """Write stations, polygons, cells, counties and towns; returns the files (see `formats.write_layers`)."""
        from railshed.export.formats import write_layers

        return write_layers(path, self.layers(), self.about)

    def to_raster(self, path: str | Path, *, percentiles: Sequence[int] = (25, 50, 75)) -> Path:
        """Write the headline surface as a cloud-optimised GeoTIFF in minutes; returns its path.

        Bands: by rail at each percentile, the total (by rail or without a ride) at the reading's own, without a ride,
        and `status` (0 no data, 1 unreachable, 2 reached). See `geotiff.write_surface` for the two values that are no
        minutes. Needs the extra `raster`.

        Raises
        ------
        ParameterError
            When rasterio is not installed or a percentile is not within 0 to 100.
        OutputError
            When the file cannot be written.
        """
        from railshed.export.results import write_circle_raster

        return write_circle_raster(self, path, percentiles)

    def _repr_html_(self) -> str:
        from railshed.tables.circle import bridge
        from railshed.tables.html import HtmlRenderer

        return f"<p>{self!r}</p>" + figure_html(self.plot()) + HtmlRenderer("both").table(bridge([self]))


@checked(**circle_kinds("network", "city", "cutoffs", "reading", "direction"))
def circle(
    network: Network | AnalysisInputs | str | Path,
    city: str | City,
    *,
    cutoffs: Sequence[int] | None = None,
    reading: str = "door-to-station",
    direction: str = "to",
    access: Sequence[str] | None = None,
    assumptions: Assumptions | None = None,
    readings: str | Path | None = None,
    date: dt.date | str | None = None,
    max_transfers: int | None = None,
    egress: Sequence[str] | None = None,
    streets: Streets | str | Path | nx.Graph | None = None,
    population: Opportunities | str | Path | None = None,
    cell_size_m: int | None = None,
    smooth_m: float = 0.0,
    simplify_m: float = 0.0,
) -> Circle:
    """Return the one-hour commuting circle of a city under all readings.

    Parameters
    ----------
    network
        A network, an id or a path, or what `prepare` made of it (then everything from `access` on is its own).
    city
        Slug, Chinese or English name, or a `City`.
    cutoffs
        Minutes, inclusive; default those of each reading (30, 45, 60; door to door 45, 60, 75, 90).
    reading
        The headline reading; the others stand beside it.
    direction
        ``to`` the city in its morning window, ``from`` it in the evening window, or ``both``.
    access, assumptions, readings, date, max_transfers, egress, streets, population, cell_size_m, smooth_m, simplify_m
        As `prepare`.

    Raises
    ------
    NotFoundError
        Unknown city or reading, with the nearest names.
    ParameterError
        A cutoff, direction or mode that is not allowed.
    """
    run = network if isinstance(network, AnalysisInputs) else prepare(
        network, access=access, assumptions=assumptions, readings=readings, date=date, max_transfers=max_transfers,
        egress=egress, streets=streets, population=population, cell_size_m=cell_size_m, smooth_m=smooth_m,
        simplify_m=simplify_m,
    )  # fmt: skip
    case = case_of(run, city)
    return wrap(Circle, circles_of([case], run, reading=reading, direction=direction, cutoffs=cutoffs)[0])


@checked(**circle_kinds("run", "cities", "cutoffs", "reading", "direction", "workers"))
def iter_circles(
    run: AnalysisInputs, cities: Sequence[str | City], *, cutoffs: Sequence[int] | None = None,
    reading: str = "door-to-station",
    direction: str = "to", workers: int | None = None,
) -> Iterator[Circle]:  # fmt: skip
    """Yield the circles of many cities in the order given, computed on all cores (`workers` threads).

    Kernels and geometry work without the interpreter lock. Parameters and errors are those of `circle`.
    """
    cases = [case_of(run, city) for city in cities]
    with ThreadPoolExecutor(max_workers=workers or os.cpu_count() or 1) as pool:
        jobs = deque(
            pool.submit(circles_of, [case], run, reading=reading, direction=direction, cutoffs=cutoffs)
            for case in cases
        )
        try:
            while jobs:  # a circle that was handed over is not held here
                yield wrap(Circle, jobs.popleft().result()[0])
        finally:
            for job in jobs:
                job.cancel()
