"""What lies under the circles of an HTML map: sea, counties with their borders, railways, bus
lines, towns.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from railshed.maps.data import MapData
from railshed.maps.land import hong_kong_and_macao, land_within
from railshed.maps.palette import METRO_WIDTH, RAIL_CLASSES, rail_width
from railshed.maps.view import borders
from railshed.maps.web.encoding import Blob, add_lines

if TYPE_CHECKING:
    import geopandas as gpd

#: degrees by which land and lines are simplified for each degree that the map shows; screens show
#: no less
_TOLERANCE = 1 / 4000
#: share of the extent that is shown around it
_AROUND = 0.4
_MOST_TOWNS = 80
#: degrees (8 km, as on printed maps): land without data that is narrower is where two coastlines
#: differ
_NARROW_DEG = 0.075

Box = tuple[float, float, float, float]


def box_around(boxes: Sequence[Box]) -> Box:
    """Return west, south, east, north of what a map shows, with a margin."""
    west, south = (min(box[k] for box in boxes) for k in (0, 1))
    east, north = (max(box[k] for box in boxes) for k in (2, 3))
    wide = _AROUND * max(east - west, 0.2)
    high = _AROUND * max(north - south, 0.2)
    return west - wide, max(south - high, -85.0), east + wide, min(north + high, 85.0)


def base_of(data: MapData, box: Box, areas: Any, blob: Blob) -> dict[str, Any]:
    """Return the base of a map as plain values, its shapes in `blob`; `areas` as
    `land.land_within`.
    """
    tolerance = _tolerance(box)
    seen = (
        data.counties[data.counties.intersects(shapely.box(*box))]
        if len(data.counties)
        else data.counties
    )
    return {
        "box": [round(v, 4) for v in box],
        **_ground(seen, box, areas, tolerance, blob),
        **_land(seen, tolerance, blob),
        "rails": rails_of(data.legs, box, blob),
        "roads": None
        if data.roads is None
        else add_lines(blob, _within(data.roads, box).geometry.to_numpy()),
        "towns": _towns(data.towns, box),
    }


def _tolerance(box: Box) -> float:
    return _TOLERANCE * max(box[2] - box[0], box[3] - box[1])


def _ground(
    counties: gpd.GeoDataFrame, box: Box, areas: Any, tolerance: float, blob: Blob
) -> dict[str, Any]:
    """Return the sea, and the land beyond the counties; None where there is none, or no counties
    are known.
    """
    land = land_within(box, areas=areas)
    unknown = shapely.Polygon()
    if len(counties):
        own = counties.geometry.to_numpy()
        people = counties["population"]
        rest = land.difference(shapely.union_all(own))
        narrow = _NARROW_DEG / 2
        wide = rest.intersection(shapely.buffer(shapely.buffer(rest, -narrow), narrow * 1.5))
        blank = own[people.isna().to_numpy()] if people.notna().any() else own[:0]
        apart = shapely.clip_by_rect(np.concatenate([hong_kong_and_macao(), blank]), *box)
        unknown = shapely.union_all(shapely.make_valid(np.append(apart, wide)))
    parts = {"sea": shapely.box(*box).difference(land), "no_data": unknown}
    shapes = {name: shapely.simplify(shape, tolerance / 2) for name, shape in parts.items()}
    return {name: None if shapely.is_empty(s) else add_lines(blob, s) for name, s in shapes.items()}


def _land(counties: gpd.GeoDataFrame, tolerance: float, blob: Blob) -> dict[str, Any]:
    """Return counties by name with a point for their label and their people, and the borders, each
    once.
    """
    if not len(counties):
        return {"borders": {}, "counties": [], "prefectures": []}
    shapes = shapely.coverage_simplify(counties.geometry.to_numpy(), tolerance)
    groups = counties["prefecture"].astype(str).to_numpy()
    names = _names(counties["county"], counties["county_en"], shapes)
    lines = borders(shapes, groups.tolist(), lambda shape: shape)
    prefectures = [name for name in dict.fromkeys(groups.tolist()) if name]
    rows = [np.flatnonzero(groups == name) for name in prefectures]
    english = [str(counties["prefecture_en"].iloc[mine[0]]) for mine in rows]
    return {
        "borders": {name: add_lines(blob, line) for name, line in lines.items()},
        "counties": [
            name | {"people": None if math.isnan(people) else round(people)}
            for name, people in zip(names, counties["population"].to_numpy(float), strict=True)
        ],
        "prefectures": _names(
            prefectures, english, [shapely.union_all(shapes[mine]) for mine in rows]
        ),
    }


def _names(names: Any, english: Any, shapes: Any) -> list[dict[str, Any]]:
    """Return names with a point inside and the size in square degrees, which the eye takes as
    importance.
    """
    found = []
    for name, name_en, shape in zip(names, english, shapes, strict=True):
        point = shapely.point_on_surface(shapely.buffer(shape, 0))
        at = [0.0, 0.0] if shapely.is_empty(point) else [round(v, 4) for v in (point.x, point.y)]
        size = round(float(shapely.area(shape)), 3)
        found.append({"zh": str(name), "en": str(name_en or ""), "at": at, "size": size})
    return found


def _within(frame: gpd.GeoDataFrame, box: Box) -> gpd.GeoDataFrame:
    return frame[frame.intersects(shapely.box(*box)).to_numpy()]


def rails_of(legs: gpd.GeoDataFrame, box: Box, blob: Blob) -> list[dict[str, Any]]:
    """Return the railways within a box by class of trains a day, the busiest first, metros last."""
    seen = _within(legs, box)
    metro = seen["metro"].to_numpy(bool) if "metro" in seen else np.zeros(len(seen), bool)
    classes = np.array(
        [-1.0 if own else rail_width(n) for own, n in zip(metro, seen["trains"], strict=True)]
    )
    lines = shapely.simplify(seen.geometry.to_numpy(), _tolerance(box) / 2)
    return [
        {"least": least, "width": width, "lines": add_lines(blob, lines[classes == key])}
        for key, least, width in (*((w, n, w) for n, w in RAIL_CLASSES), (-1.0, None, METRO_WIDTH))
        if (classes == key).any()
    ]


def _towns(towns: gpd.GeoDataFrame | None, box: Box) -> list[dict[str, Any]]:
    """Return the largest towns of those that a map without counties has as signposts."""
    if towns is None:
        return []
    seen = (
        _within(towns, box)
        .sort_values(["population", "name"], ascending=[False, True])
        .head(_MOST_TOWNS)
    )
    return [
        {"zh": str(name), "en": "", "at": [round(p.x, 4), round(p.y, 4)], "people": int(people)}
        for name, people, p in zip(seen["name"], seen["population"], seen.geometry, strict=True)
    ]
