"""What a scenario changes: the public functions and the classes that they return."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from railshed.api.circle import Circle
from railshed.api.wrap import wrap
from railshed.circles.analysis import AnalysisInputs, circle_kinds, prepare
from railshed.comparisons.compare import comparisons_of, united
from railshed.comparisons.plans import base_with, each_once, find_cities, resolve_plans, run_after
from railshed.comparisons.result import ComparisonResult, Difference
from railshed.comparisons.union import UnionComparisonResult
from railshed.export.differences import about_difference, difference_layers
from railshed.export.formats import write_layers
from railshed.maps.from_comparison import difference_map, saved_map
from railshed.network.cities import City
from railshed.network.model import Network
from railshed.scenario.apply import scenario_of
from railshed.scenario.files import Scenario
from railshed.scenario.plan import Plan, plan_of
from railshed.util.validation import checked, instance, many, text

if TYPE_CHECKING:
    import geopandas as gpd
    from matplotlib.figure import Figure

    from railshed.maps.basemap import AnyBasemap
    from railshed.maps.projection import Crs
    from railshed.maps.web.page import InteractiveMap

_LOG = logging.getLogger(__name__)


class AnyComparison(Difference):
    """A comparison of one city or of several, with its maps and files."""

    def layers(self) -> dict[str, gpd.GeoDataFrame]:
        """Return what `to_file` writes, by layer."""
        return difference_layers(self)

    def to_file(self, path: str | Path) -> list[Path]:
        """Write polygons, cells, lines, both circles; returns the files (see `formats.write_layers`)."""
        return write_layers(path, self.layers(), about_difference(self))

    def to_raster(self, path: str | Path) -> Path:
        """Write minutes before, after and saved as a cloud-optimised GeoTIFF; returns its path.

        Minutes saved are negative where slower; NaN is over `limit_s` before or after, which the bands of minutes tell
        apart; the two values that are no minutes are those of `geotiff.write_surface`. Needs the extra `raster`.

        Raises
        ------
        InputError
            When rasterio is not installed.
        OutputError
            When the file cannot be written.
        """
        from railshed.export.differences import write_difference_raster

        return write_difference_raster(self, path)

    def plot(
        self, *, lang: str = "both", size: str = "a4", basemap: AnyBasemap = None, crs: Crs = None
    ) -> Figure:  # fmt: skip
        """Return the map of before, after, gained and lost as a matplotlib figure."""
        from railshed.maps.circle import draw_difference

        return draw_difference(difference_map(self), lang=lang, size=size, basemap=basemap, crs=crs)

    def explore(self, *, lang: str = "both", approval: str = "") -> InteractiveMap:
        """Return the interactive map of before, after and what changes (see `Circle.explore`)."""
        from railshed.maps.web.page import explore_differences

        return explore_differences([self], lang=lang, approval=approval)

    def plot_saved(
        self, *, lang: str = "both", size: str = "a4", basemap: AnyBasemap = None, crs: Crs = None
    ) -> Figure:  # fmt: skip
        """Return the map of minutes saved as a matplotlib figure."""
        from railshed.maps.circle import draw_circle

        return draw_circle(saved_map(self), lang=lang, size=size, basemap=basemap, crs=crs)


class Comparison(AnyComparison, ComparisonResult):
    """A city's circle before and after a scenario, on the same cells, with its maps and files."""

    before: Circle
    after: Circle


class UnionComparison(AnyComparison, UnionComparisonResult):
    """The united circles of several cities before and after a plan, with their maps and files."""

    comparisons: Sequence[Comparison]


def compare_plans(
    run: AnalysisInputs, city: City, plans: Sequence[Plan], afters: Sequence[AnalysisInputs], *, reading: str,
    direction: str,
    cutoffs: Sequence[int] | None,
) -> list[Comparison]:  # fmt: skip
    """Return a city's comparison with each plan; `afters` are the plans' runs."""
    results = comparisons_of(run, city, plans, afters, reading=reading, direction=direction, cutoffs=cutoffs)
    before = [wrap(Circle, result.before) for result in results[:1]]
    return [wrap_comparison(result, *before) for result in results]


def wrap_comparison(result: ComparisonResult, before: Circle | None = None) -> Comparison:
    """Return a comparison as users hold it, its circles too; `before` is its circle before, wrapped already."""
    return wrap(Comparison, result, before=before or wrap(Circle, result.before), after=wrap(Circle, result.after))


@checked(
    comparisons=many(instance(ComparisonResult, hint="comparisons(...) gives some")), name=text, name_en=text,
    **circle_kinds("run"),
)  # fmt: skip
def unite(
    run: AnalysisInputs, comparisons: Sequence[Comparison], *, name: str = "", name_en: str = ""
) -> UnionComparison:
    """Return the united circles of several cities before and after one plan, each place counted once.

    Parameters
    ----------
    run
        The run before the plan.
    comparisons
        One a city, with the same plan, reading, direction and cutoffs.
    name, name_en
        What the cities are together: the region.
    """
    result = united(comparisons, run, name=name, name_en=name_en)
    return wrap(UnionComparison, result, comparisons=tuple(wrap_comparison(one) for one in result.comparisons))


@checked(**circle_kinds("network", "city", "cutoffs", "reading", "direction"), scenario=many(scenario_of))
def compare(
    network: Network | AnalysisInputs | str | Path,
    city: str | City,
    scenario: Scenario | str | Path | Sequence[Scenario | str | Path],
    *,
    cutoffs: Sequence[int] | None = None,
    reading: str = "door-to-station",
    direction: str = "to",
    access: Sequence[str] | None = None,
) -> Comparison:
    """Return the circle of a city before and after a scenario, on the same cells.

    Parameters are those of `circle`; `scenario` is a file or a `Scenario`, or several that are applied in order.

    Raises
    ------
    InputError
        When the scenario cannot be applied; names every problem.
    """
    inputs = network if isinstance(network, AnalysisInputs) else prepare(network, access=access)
    (found,) = find_cities(inputs, [city])
    scenarios: Any = scenario
    plan = plan_of(base_with(inputs, [found]), scenarios, city=found.slug)
    (comparison,) = compare_plans(
        inputs, found, [plan], [run_after(inputs, plan)], reading=reading, direction=direction, cutoffs=cutoffs
    )
    return comparison


@checked(**circle_kinds("run", "cities", "cutoffs", "reading", "direction"), scenarios=many(scenario_of))
def iter_comparisons(
    run: AnalysisInputs,
    cities: Sequence[str | City],
    scenarios: Sequence[Scenario | str | Path],
    *,
    cutoffs: Sequence[int] | None = None,
    reading: str = "door-to-station",
    direction: str = "to",
) -> Iterator[list[Comparison]]:
    """Yield for each city its comparisons: each scenario alone, then (of several) all together in order.

    All are on the same cells as the circle without them. A scenario given twice is taken once; of scenarios that cannot
    be built together, such as two alternatives of one line, each alone is given: both with a warning in the log.
    Parameters and errors are those of `compare`.
    """
    found = find_cities(run, cities)
    given, again = each_once(scenarios)  # type: ignore[arg-type]
    for message in again:
        _LOG.warning("%s", message)
    plans = resolve_plans(run, found, given)
    if plans.clash:
        _LOG.warning("all scenarios together are left out: %s", plans.clash)
    afters = [run_after(run, plan) for plan in plans.every]
    for city in found:
        yield compare_plans(run, city, plans.every, afters, reading=reading, direction=direction, cutoffs=cutoffs)
