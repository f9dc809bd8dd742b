"""Comparisons with their maps and files, and the public functions that return them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from railshed.api.circle import Circle
from railshed.comparisons import compare as _compare
from railshed.comparisons import forecast as _forecast
from railshed.comparisons import networks as _networks
from railshed.comparisons.result import ComparisonResult, Difference, UnionComparisonResult
from railshed.export.formats import write_layers
from railshed.questions.compare.layers import (
    about_difference,
    about_forecast,
    difference_layers,
    forecast_layers,
)
from railshed.questions.compare.map import difference_map, forecast_map, saved_map
from railshed.util.wrap import returning, wrap, wrapping

if TYPE_CHECKING:
    import geopandas as gpd
    from matplotlib.figure import Figure

    from railshed.maps.projection import Crs
    from railshed.maps.style import MapStyle
    from railshed.questions.explore.page import InteractiveMap


class AnyComparison(Difference):
    """A comparison of one city or of several, with its maps and files."""

    def layers(self) -> dict[str, gpd.GeoDataFrame]:
        """Return what `to_file` writes, by layer."""
        return difference_layers(self)

    def to_file(self, path: str | Path, crs: Crs = None) -> list[Path]:
        """Write polygons, cells, lines, both circles; returns the files (see
        `formats.write_layers`).
        """
        return write_layers(path, self.layers(), about_difference(self), crs)

    def to_raster(self, path: str | Path) -> Path:
        """Write minutes before, after and saved as a cloud-optimised GeoTIFF; returns its path.

        Minutes saved are negative where slower; NaN is over `limit_s` before or after, which the
        bands of minutes tell apart; the two values that are no minutes are those of
        `geotiff.write_surface`. Needs the extra `raster`.

        Raises
        ------
        InputError
            When rasterio is not installed.
        OutputError
            When the file cannot be written.
        """
        from railshed.questions.compare.layers import write_difference_raster

        return write_difference_raster(self, path)

    def plot(self, style: MapStyle | None = None) -> Figure:
        """Return the map of before, after, gained and lost as a matplotlib figure."""
        from railshed.maps.circle import draw_difference

        return draw_difference(difference_map(self), style)

    def explore(self, *, lang: str = "both", approval: str = "") -> InteractiveMap:
        """Return the interactive map of before, after and what changes (see `Circle.explore`)."""
        from railshed.questions.explore.page import explore_differences

        return explore_differences([self], lang=lang, approval=approval)

    def plot_saved(self, style: MapStyle | None = None) -> Figure:
        """Return the map of minutes saved as a matplotlib figure."""
        from railshed.maps.circle import draw_circle

        return draw_circle(saved_map(self), style)


class Comparison(AnyComparison, ComparisonResult):
    """A city's circle before and after a scenario, on the same cells, with its maps and files."""

    before: Circle
    after: Circle

    def plot_forecast(self, found: Forecast, style: MapStyle | None = None) -> Figure:
        """Return the map of how probably places come within the minutes (see
        `Analysis.forecast`).
        """
        from railshed.maps.circle import draw_circle

        return draw_circle(forecast_map(self, found), style)


class Forecast(_forecast.Forecast):
    """What may come of scenarios for a city, with its files."""

    def layers(self) -> dict[str, gpd.GeoDataFrame]:
        """Return what `to_file` writes, by layer: polygons by cutoff and share of the draws, and
        cells.
        """
        return forecast_layers(self)

    def to_file(self, path: str | Path, crs: Crs = None) -> list[Path]:
        """Write polygons and cells; returns the files (see `formats.write_layers`)."""
        return write_layers(path, self.layers(), about_forecast(self), crs)


class UnionComparison(AnyComparison, UnionComparisonResult):
    """The united circles of several cities before and after a plan, with their maps and files."""

    comparisons: Sequence[Comparison]


def wrap_comparison(result: ComparisonResult) -> Comparison:
    """Return a comparison as users hold it, its circles too."""
    return wrap(
        Comparison, result, before=wrap(Circle, result.before), after=wrap(Circle, result.after)
    )


def _wrap_all(results: Sequence[ComparisonResult]) -> list[Comparison]:
    """Return the comparisons of one city, which share the circle before."""
    before = [wrap(Circle, result.before) for result in results[:1]]
    return [
        wrap(Comparison, one, before=before[0], after=wrap(Circle, one.after)) for one in results
    ]


def _wrap_union(result: UnionComparisonResult) -> UnionComparison:
    return wrap(
        UnionComparison,
        result,
        comparisons=tuple(wrap_comparison(one) for one in result.comparisons),
    )


def _wrap_each(results: Iterator[list[ComparisonResult]]) -> Iterator[list[Comparison]]:
    return map(_wrap_all, results)


compare = returning(wrap_comparison, _compare.compare)
compare_cities = returning(_wrap_each, _compare.compare_cities)
compare_networks = returning(wrap_comparison, _networks.compare_networks)
iter_comparisons = returning(_wrap_each, _compare.iter_comparisons)
forecast = wrapping(Forecast, _forecast.forecast)
unite = returning(_wrap_union, _compare.unite)
