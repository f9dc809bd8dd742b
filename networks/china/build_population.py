"""People per part of a 5-arc-minute cell in a county, scaled so that every county sums to its
census.

WorldPop's cells are split over the counties (and, so that their people are not moved across the
border, Hong Kong and Macau) that they overlap, by area; sea and foreign land take no share. The
parts of a county are then scaled to its census of 2020 and rounded to 1/256 of a person by largest
remainder, so that they sum to it exactly. A county with a census but no people in the raw cells
gets its census spread evenly over its land. Counties without census get no rows.

The table in the raw folder holds cell centres, rounded to 0.001-0.01 degree; they are put back on
the source's grid.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import shapely

CELL_DEG = 1 / 12
ORIGIN = (-180.001249265, -71.992082844)
#: people are multiples of this
UNIT = 1 / 256
#: parts with fewer raw people than this are no people
NOBODY = 1e-3


def read_cells(raw_dir: Path) -> pd.DataFrame:
    """Return col, row (grid indices) and people of the WorldPop cells."""
    table = pd.read_csv(raw_dir / "population" / "china_bbox_pop2020.csv.gz", encoding="utf-8")
    col = (table["lon"].to_numpy() - ORIGIN[0]) / CELL_DEG - 0.5
    row = (table["lat"].to_numpy() - ORIGIN[1]) / CELL_DEG - 0.5
    if max(np.abs(col - np.rint(col)).max(), np.abs(row - np.rint(row)).max()) > 0.1:
        raise ValueError("population: the coordinates are no cell centres of the WorldPop grid")
    cells = pd.DataFrame({"col": np.rint(col).astype(int), "row": np.rint(row).astype(int)})
    cells["raw"] = table["pop2020"].to_numpy(dtype=float)
    if cells.duplicated(["col", "row"]).any():
        raise ValueError("population: two values for one cell")
    return cells


def centre_of(col: np.ndarray, row: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return longitude and latitude of cell centres."""
    return ORIGIN[0] + (col + 0.5) * CELL_DEG, ORIGIN[1] + (row + 0.5) * CELL_DEG


def neighbours_polygons(raw_dir: Path) -> np.ndarray:
    """Return the polygons of Hong Kong and Macau, which have no counties."""
    table = pd.read_csv(
        raw_dir / "prefectures" / "census_city_2010-2020_v1.csv",
        dtype={"city_code": str},
        encoding="utf-8-sig",
    )
    wkt = table.loc[table["city_code"].isin(["810000", "820000"]), table.columns[-1]]
    return shapely.make_valid(shapely.from_wkt(wkt.to_numpy()))


def overlap_areas(polygons: np.ndarray) -> pd.DataFrame:
    """Return col, row, unit (index into `polygons`) and area in square degrees, one row
    an overlap.
    """
    parts = []
    for unit, polygon in enumerate(polygons):
        west, south, east, north = shapely.bounds(polygon)
        cols = np.arange(
            int((west - ORIGIN[0]) // CELL_DEG), int((east - ORIGIN[0]) // CELL_DEG) + 1
        )
        rows = np.arange(
            int((south - ORIGIN[1]) // CELL_DEG), int((north - ORIGIN[1]) // CELL_DEG) + 1
        )
        col, row = (axis.ravel() for axis in np.meshgrid(cols, rows, indexing="ij"))
        lon, lat = centre_of(col, row)
        half = CELL_DEG / 2
        boxes = shapely.box(lon - half, lat - half, lon + half, lat + half)
        shapely.prepare(polygon)
        area = np.where(shapely.contains_properly(polygon, boxes), CELL_DEG**2, 0.0)
        edge = (area == 0) & shapely.intersects(polygon, boxes)
        area[edge] = shapely.area(shapely.intersection(polygon, boxes[edge]))
        kept = area > 1e-12
        parts.append(
            pd.DataFrame({"col": col[kept], "row": row[kept], "unit": unit, "area": area[kept]})
        )
    return pd.concat(parts, ignore_index=True)


def scale_to_census(weights: np.ndarray, census: float) -> np.ndarray:
    """Return people per part, multiples of UNIT in the proportion of the weights, that sum to the
    census.
    """
    units = round(census / UNIT)
    exact = weights * (units / weights.sum())
    whole = np.floor(exact)
    short = int(units - whole.sum())
    whole[np.argsort(-(exact - whole), kind="stable")[:short]] += 1
    return whole * UNIT


def share_people(parts: pd.DataFrame, counties: gpd.GeoDataFrame) -> tuple[pd.DataFrame, list[str]]:
    """Return the parts with `people`, and the counties whose census was spread evenly."""
    out, even = [], []
    for unit, group in parts[parts["unit"] < len(counties)].groupby("unit", sort=True):
        county = counties.iloc[int(unit)]
        if not county["population"] > 0:
            continue
        chosen = group[group["raw_share"] >= NOBODY]
        weights = chosen["raw_share"].to_numpy()
        if chosen.empty:
            even.append(county["county"])
            chosen, weights = group, group["area"].to_numpy()
        people = scale_to_census(weights, county["population"])
        out.append(chosen.assign(county_code=county["county_code"], people=people)[people > 0])
    return pd.concat(out, ignore_index=True), even


def build_population(
    raw_dir: Path, out_dir: Path, counties: gpd.GeoDataFrame
) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Write `population.parquet`; return its table and notes."""
    polygons = np.concatenate([counties.geometry.to_numpy(), neighbours_polygons(raw_dir)])
    parts = overlap_areas(polygons).merge(read_cells(raw_dir), on=["col", "row"], how="left")
    land = parts.groupby(["col", "row"])["area"].transform("sum")
    parts["raw_share"] = parts["raw"].fillna(0.0) * parts["area"] / land
    people, even = share_people(parts, counties)
    people["lon"], people["lat"] = centre_of(people["col"].to_numpy(), people["row"].to_numpy())
    people = people.sort_values(["county_code", "row", "col"], ignore_index=True)
    table = people[["lon", "lat", "county_code", "people"]]
    pq.write_table(
        pa.Table.from_pandas(table, preserve_index=False).replace_schema_metadata(),
        out_dir / "population.parquet",
        compression="zstd",
        compression_level=19,
        use_dictionary=["lon", "lat", "county_code"],
        column_encoding={"people": "BYTE_STREAM_SPLIT"},
    )
    raw = parts[parts["unit"] < len(counties)].groupby("unit")["raw_share"].sum()
    census = counties["population"]
    factor = (
        (census / raw.reindex(range(len(counties)))).replace([np.inf, -np.inf], np.nan).dropna()
    )
    cells = people.groupby(["col", "row"]).size()
    low, mid, high = (factor.quantile(q) for q in (0.05, 0.5, 0.95))
    notes = {
        "population_rows": len(table),
        "population_cells": len(cells),
        "population_cells_in_several_counties": int((cells > 1).sum()),
        "population_total": float(table["people"].sum()),
        "worldpop_before_scaling": float(raw.sum()),
        "census_over_worldpop_by_county": f"5 % {low:.2f}, median {mid:.2f}, 95 % {high:.2f}",
        "counties_spread_evenly": "|".join(even),
        "population_alignment": (
            "cells stand where the source's origin puts them; half a cell or more off is ruled out "
            "by the census "
            "of 8 provinces, a tenth of a cell (0.9 km) further north would fit slightly better"
        ),
    }
    return table, notes
