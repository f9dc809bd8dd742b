"""What `compare` returns: what a scenario changes about one city's circle."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from railshed.definitions import OUTSIDE
from railshed.export import write_layers
from railshed.indicators import inside_by_kind
from railshed.mapdata import difference_map
from railshed.results import Circle
from railshed.units import MINUTE

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd
    from matplotlib.figure import Figure


@dataclass(frozen=True, eq=False)
class Comparison:
    """A city's circle before and after a scenario, on the same cells."""

    title: str
    before: Circle
    after: Circle

    def __repr__(self) -> str:
        row = self.row(self.before.surface.reading.name, self.before.headline_cutoff, "by_rail")
        gained, lost = row["people_gained"], row["people_lost"]
        return f"<Comparison {self.before.city.slug} {self.title!r}: people gained {gained}, lost {lost} by rail>"

    def row(self, reading: str, cutoff_min: int, kind: str) -> dict[str, Any]:
        """Return one row of `table`."""
        return next(r for r in self.table if (r["reading"], r["cutoff_min"], r["kind"]) == (reading, cutoff_min, kind))

    @cached_property
    def table(self) -> list[dict[str, Any]]:
        """One row a reading, cutoff and kind: people, km2 and other columns before, after, gained, lost.

        All outside the city proper, where there is one.
        """
        rows = []
        ground = self.before.ground
        for name, old in self.before.surfaces.items():
            new = self.after.surfaces[name]
            for cutoff in self.before.summary["readings"][name]["cutoffs"]:
                was, now = inside_by_kind(old, cutoff), inside_by_kind(new, cutoff)
                for kind in ("total", "by_rail", "added_by_rail"):
                    row: dict[str, Any] = {"reading": name, "cutoff_min": cutoff, "kind": kind}
                    states = {
                        "before": was[kind], "after": now[kind],
                        "gained": now[kind] & ~was[kind], "lost": was[kind] & ~now[kind],
                    }  # fmt: skip
                    for state, inside in states.items():
                        row[f"people_{state}"] = ground.people_outside(inside)
                        row[f"people_known_km2_{state}"] = ground.people_known_km2(inside, outside=True)
                        row[f"area_km2_{state}"] = ground.km2_outside(inside)
                        for other, (_, outside) in ground.others_within(inside).items():
                            row[f"{other}_{state}"] = None if outside is None else round(outside, 3)
                    rows.append(row | {"definition": self._definition(name)})
        return rows

    def _definition(self, reading: str) -> str:
        words = self.after.summary["readings"][reading]["definition_en"]
        return "; ".join([*words, OUTSIDE[1]] if self.after.has_city_proper else words)

    @cached_property
    def car_table(self) -> list[dict[str, Any]]:
        """One row a reading, traffic and cutoff: the figures of `Circle.car_table`, named ``*_before``, ``*_after``."""
        keys = ("reading", "direction", "traffic", "cutoff_min")
        rows = []
        for old, new in zip(self.before.car_table, self.after.car_table, strict=True):
            row = {key: old[key] for key in keys}
            for what in old:
                if what not in (*keys, "definition"):
                    row[f"{what}_before"], row[f"{what}_after"] = old[what], new[what]
            rows.append(row | {"definition": new["definition"]})
        return rows

    @cached_property
    def stations(self) -> pd.DataFrame:
        """Stations whose minutes or trips differ: before and after, the largest saving first; losers are among them."""
        import pandas as pd

        columns = ["station_id", "name", "name_en", "minutes", "minutes_fastest", "trips", "inside"]
        old, new = (pd.DataFrame(c.stations[columns]) for c in (self.before, self.after))
        both = old.merge(new, on="station_id", how="outer", suffixes=("_before", "_after"))
        for column in ("name", "name_en"):
            both[column] = both.pop(f"{column}_after").fillna(both.pop(f"{column}_before"))
        both["minutes_saved"] = both["minutes_before"] - both["minutes_after"]
        old_key = both[["minutes_before", "minutes_fastest_before", "trips_before"]].fillna(-1).to_numpy()
        new_key = both[["minutes_after", "minutes_fastest_after", "trips_after"]].fillna(-1).to_numpy()
        changed = both[np.any(old_key != new_key, axis=1)]
        return changed.sort_values(["minutes_saved", "station_id"], ascending=[False, True]).reset_index(drop=True)

    @cached_property
    def counties(self) -> pd.DataFrame:
        """Counties whose share inside the headline cutoff changes: status and people before and after."""
        cutoff = self.before.headline_cutoff
        share, people, status = f"share_total_{cutoff}", f"people_total_{cutoff}", f"status_{cutoff}"
        columns = ["county_code", "county", "county_en", "prefecture", "part", people, share, status]
        old, new = self.before.counties, self.after.counties
        if not len(new):
            return new
        past = old[["county_code", people, share, status]]
        both = new[columns].merge(past, on="county_code", how="outer", suffixes=("", "_before"))
        both[[people, f"{people}_before"]] = both[[people, f"{people}_before"]].fillna(0)
        changed = both[both[people] != both[f"{people}_before"]]
        order = (changed[people] - changed[f"{people}_before"]).sort_values(ascending=False, kind="stable").index
        return changed.loc[order].reset_index(drop=True)

    @cached_property
    def minutes_saved(self) -> dict[str, float | None]:
        """People-weighted minutes saved by who is within the largest cutoff before and after; who loses.

        By rail or local, outside the city proper. Whoever comes within or drops out is gained or lost (`table`).
        """
        before, after = self.before.surface.total_s, self.after.surface.total_s
        ground = self.before.ground
        limit = max(self.before.cutoffs) * MINUTE
        known = (before <= limit) & (after <= limit) & (ground.cell_part != 0)
        saved = (before[known] - after[known]) / MINUTE
        if ground.people is None:
            return {}
        people = ground.people.per_cell(len(ground.land))[known]
        better, worse = saved > 0, saved < 0
        out: dict[str, float | None] = {
            "people_faster": float(np.rint(people[better].sum())),
            "people_slower": float(np.rint(people[worse].sum())),
        }
        order = np.argsort(saved[better], kind="stable")
        cumulated = np.cumsum(people[better][order])
        for p in (10, 50, 90):
            at = np.searchsorted(cumulated, cumulated[-1] * p / 100) if len(cumulated) else None
            out[f"minutes_saved_p{p}"] = None if at is None else float(saved[better][order][min(at, len(order) - 1)])
        return out

    @cached_property
    def polygons(self) -> gpd.GeoDataFrame:
        """Before, after, gained and lost of the headline reading by cutoff (by rail or local); EPSG:4326."""
        import geopandas as gpd

        land, name = self.before.ground.land, self.before.surface.reading.name
        rows, shapes = [], []
        before, after = self.before.shapes(name), self.after.shapes(name)
        for cutoff in before:
            old, new = before[cutoff]["total"], after[cutoff]["total"]
            row = self.row(name, cutoff, "total")
            states = {"before": old, "after": new, "gained": new.difference(old), "lost": old.difference(new)}
            for state, shape in states.items():
                rows.append({
                    "reading": name, "direction": self.before.direction, "cutoff_min": cutoff, "state": state,
                    "people": row[f"people_{state}"], "people_known_km2": row[f"people_known_km2_{state}"],
                    "area_km2": row[f"area_km2_{state}"],
                    **{other: row[f"{other}_{state}"] for other in self.before.ground.others},
                    "definition": row["definition"],
                })  # fmt: skip
                shapes.append(shape)
        return gpd.GeoDataFrame(rows, geometry=shapes, crs=land.grid.crs).to_crs("EPSG:4326")

    def plot(self, *, lang: str = "both", size: str = "a4", basemap: str | Path | None = None) -> Figure:
        """Return the map of before, after, gained and lost as a matplotlib figure."""
        from railshed.maps import draw_difference

        return draw_difference(difference_map(self), lang=lang, size=size, basemap=basemap)

    def to_file(self, path: str | Path) -> Path:
        """Write polygons, stations and counties before and after to a GeoPackage; returns its path."""
        layers = {"difference": self.polygons}
        for state, circle in (("before", self.before), ("after", self.after)):
            layers |= {f"{name}_{state}": frame for name, frame in circle.layers().items() if name != "counties"}
        return write_layers(Path(path), layers)
