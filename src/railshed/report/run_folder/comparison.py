"""The files of comparisons: per city a GeoPackage, CSV tables, maps, a GeoTIFF on request; tables
over all of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from railshed.export import formats
from railshed.export.formats import USUAL, Choice
from railshed.questions.compare.layers import about_difference
from railshed.questions.compare.screen import screen_of
from railshed.questions.compare.side_by_side import side_by_side
from railshed.questions.compare.tables import comparison_json
from railshed.report.run_folder.circle import maps_of
from railshed.util.csv_json import write_rows
from railshed.util.names import file_name

if TYPE_CHECKING:
    from railshed.api.appraisal import TradeOffs
    from railshed.api.comparison import AnyComparison, Comparison, Forecast, UnionComparison
    from railshed.comparisons.plans import Plans
    from railshed.maps.style import MapStyle


@dataclass(frozen=True, slots=True)
class Files:
    """How comparisons are written."""

    #: None: no maps
    pictures: MapStyle | None = None
    raster: bool = False
    #: how interactive maps are written; None: none are
    html: Mapping[str, str] | None = None
    #: how layers and tables are written
    choice: Choice = USUAL

    def write_comparison(self, found: Comparison, folder: Path) -> None:
        """Write a city's files into `folder`, named by its slug."""
        self._write(
            found,
            f"{file_name(found.before.city.slug)}_compare",
            folder,
            more={"car": found.car_table},
        )

    def write_forecast(self, forecast: Forecast, found: Comparison, folder: Path) -> None:
        """Write the map and the layers of what may come of the plan of a city's comparison."""
        name = f"{file_name(found.before.city.slug)}_forecast"
        with maps_of(self.pictures, folder, {name: partial(found.plot_forecast, forecast)}):
            for ending in self.choice.layer_endings:
                forecast.to_file(folder / f"{name}{ending}", self.choice.crs)

    def write_union(self, found: UnionComparison, region: str, folder: Path) -> None:
        """Write the files of united circles into `folder`, named by the region."""
        self._write(found, f"{file_name(region)}_compare", folder, found.comparisons)

    def write_page(self, found: Sequence[AnyComparison], name: str, folder: Path) -> None:
        """Write the interactive map of comparisons, one of which is shown at a time, where such
        maps are asked for.
        """
        if self.html is not None:
            from railshed.questions.explore.page import explore_differences

            explore_differences(found, **self.html).save(folder / f"{name}.html")

    def _write(
        self,
        found: AnyComparison,
        name: str,
        folder: Path,
        others: Sequence[Comparison] = (),
        more: Mapping[str, Any] | None = None,
    ) -> None:
        tables: dict[str, Any] = {
            "difference": found.table,
            "minutes_saved": found.saved_table,
            "places": found.places,
            "stations": found.with_definitions(found.all_stations),
            "counties": found.with_definitions(found.all_counties),
            "towns": found.with_definitions(found.all_towns) if len(found.all_towns) else [],
            **(more or {}),
        }
        with maps_of(
            self.pictures, folder, {name: found.plot, f"{name}_minutes_saved": found.plot_saved}
        ):
            for ending in self.choice.layer_endings:
                found.to_file(folder / f"{name}{ending}", self.choice.crs)
            formats.write_tables(
                folder / name, tables, about_difference(found), self.choice, main="difference"
            )
            if self.raster:
                found.to_raster(folder / f"{name}.tif")
            self.write_page([found, *others], name, folder)


@dataclass(slots=True)
class ComparisonRecord:
    """Every figure of the comparisons of all cities and plans, as plain values."""

    summaries: list[dict[str, Any]] = field(default_factory=list)
    comparisons: list[dict[str, Any]] = field(default_factory=list)
    unions: list[dict[str, Any]] = field(default_factory=list)
    rows: list[dict[str, Any]] = field(default_factory=list)
    forecast: list[dict[str, Any]] = field(default_factory=list)
    #: stations of the plans' lines by city
    stops: list[dict[str, Any]] = field(default_factory=list)
    compliance: list[dict[str, Any]] = field(default_factory=list)
    #: why the plans cannot be built together; "" where they can
    clash: str = ""
    #: rows of `comparison_screen.screen_of`, of cities and of all together
    screens: list[dict[str, Any]] = field(default_factory=list)
    #: of all cities together, one a plan
    united: list[UnionComparison] = field(default_factory=list)
    #: whether `comparisons` and `summaries` are taken: a first screen needs none
    whole: bool = True

    def add(self, comparison: Comparison) -> None:
        """Take the figures of a city's comparison."""
        if self.whole:
            self.comparisons.append(comparison_json(comparison))
            self.summaries += [
                comparison.before.summary.to_dict(),
                comparison.after.summary.to_dict(),
            ]
        self.rows.append(side_by_side(comparison))
        self.screens.append({"city": comparison.before.city.slug, **screen_of(comparison)})

    def add_union(self, comparison: UnionComparison) -> None:
        """Take the comparison of united circles under one plan."""
        self.united.append(comparison)
        self.unions.append(side_by_side(comparison))
        self.screens.append(
            {"city": comparison.name, "city_en": comparison.name_en, **screen_of(comparison)}
        )

    def tables(self) -> dict[str, Any]:
        """Return the tables over all comparisons by name."""
        return {
            "side_by_side": self.rows,
            "unions": self.unions,
            "forecast": self.forecast,
            "clash": self.clash,
            "forecast_stations": self.stops,
            "compliance": self.compliance,
        }

    def recorded(self) -> dict[str, Any]:
        """Return what run.json holds besides the circles."""
        rows = {
            name: [
                {"city": c["city"], "scenario": c["title"], **row}
                for c in self.comparisons
                for row in c[key]
            ]
            for name, key in (("difference", "table"), ("places", "places"))
        }
        return {**self.tables(), **rows, "screens": self.screens}


def plan_folders(out: Path | None, plans: Plans) -> list[Path | None]:
    """Return the folder of each plan: the one given, or one within it for each of several, numbered
    in order.
    """
    if out is None or len(plans.every) == 1:
        return [out] * len(plans.every)
    names = [f"{k}-{file_name(plan.name)}" for k, plan in enumerate(plans.alone, start=1)]
    if plans.together is not None:
        names.append("all")
    folders: list[Path | None] = []
    for name in names:
        folder = out / name
        folder.mkdir()
        folders.append(folder)
    return folders


def write_tables(
    folder: Path, tables: Mapping[str, Sequence[Mapping[str, Any]]], *, plain: bool = False
) -> None:
    """Write the tables over all cities and scenarios, by name; those without rows are left out."""
    for name, table in tables.items():
        if table:
            write_rows(table, folder / f"{name}.csv", plain=plain)


def write_trade_offs(
    found: TradeOffs, folder: Path, pictures: MapStyle | None, *, plain: bool = False
) -> None:
    """Write the table and the tornado plot into `folder`, named by the city's slug."""
    name = f"{file_name(found.city.slug)}_trade_offs"
    with maps_of(pictures, folder, {name: found.plot}):
        rows = [{**row, "definition": found.definition} for row in found.table]
        write_rows(rows, folder / f"{name}.csv", plain=plain)
