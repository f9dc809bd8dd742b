"""The layers of a city map, drawn into axes in points and labelled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from matplotlib.collections import PathCollection
from matplotlib.patches import PathPatch

from railshed.maps import palette
from railshed.maps.furniture import MapCanvas
from railshed.maps.labels import Label, Lines, TextRun, area_anchors, size_of
from railshed.maps.land import hong_kong_and_macao, land_within
from railshed.maps.layer_list import LAYERS, MapLayer
from railshed.maps.view import View, borders, draw_lines, path
from railshed.network.gazetteer import fold
from railshed.util.bilingual import Words, say

if TYPE_CHECKING:
    import geopandas as gpd

_MOST_TOWNS = 45
#: towns from here on have their names before any station, smaller ones after all
_CITY_PEOPLE = 500_000
#: points by which the name of the circle's own city may stand aside, tied by a line
_ASIDE = (24.0, 36.0, 50.0, 66.0, 84.0, 104.0)
CITY_IMPORTANCE = 25.0
#: land outside the counties and narrower than this may be theirs: coasts of two sources differ
_COAST_M = 8000.0


def unknown_land(view: View, counties: gpd.GeoDataFrame) -> Any:
    """Return the land in view of which a network with counties has no data, as a geometry in
    points.

    It is land more than `_COAST_M` wide outside the counties, since coasts of two sources differ;
    Hong Kong and Macao; counties without people where others have some.
    """
    if not len(counties):
        return shapely.Polygon()
    seen = view.seen(counties)
    coast = _COAST_M / view.metres_per_point
    own = shapely.union_all(shapely.make_valid(view.clip(view.place(seen.geometry.to_numpy()))))
    land = shapely.make_valid(view.clip(view.place(land_within(view.degrees_box))))
    beyond = shapely.difference(land, own)
    wide = shapely.intersection(
        beyond, shapely.buffer(shapely.buffer(beyond, -coast / 2), coast / 2 + 0.1)
    )
    blank = (
        seen[seen["population"].isna()] if counties["population"].notna().any() else seen.iloc[:0]
    )
    apart = view.clip(
        view.place(np.concatenate([hong_kong_and_macao(), blank.geometry.to_numpy()]))
    )
    return shapely.union_all(shapely.make_valid(np.append(apart, wide)))


def draw_shores(canvas: MapCanvas, counties: gpd.GeoDataFrame) -> None:
    """Draw land up to its shores; where a network has no data it is hatched."""
    view = canvas.view
    areas = view.seen(counties).geometry.to_numpy()
    finest = 0.1 * view.metres_per_point / 111_000
    land = land_within(view.degrees_box, areas=areas, tolerance_deg=finest)
    draw_area(canvas, land, 0.6, facecolor=palette.LAND, edgecolor="none")
    draw_outline(canvas, land, 1.05, palette.EDGE_LINE, 0.5, "solid")
    hatched: dict[str, Any] = {
        "facecolor": palette.NO_DATA,
        "edgecolor": palette.NO_DATA_LINE,
        "linewidth": 0.0,
    }
    _draw_patch(canvas, unknown_land(view, counties), 1.03, hatch=palette.NO_DATA_HATCH, **hatched)


def draw_land(
    canvas: MapCanvas, counties: gpd.GeoDataFrame, *, filled: bool, inner: bool = True
) -> list[tuple[Any, Words]]:
    """Draw counties and borders; return the visible polygon and name of each prefecture, in points.

    Without `inner` no borders between counties of one prefecture are drawn.
    """
    view = canvas.view
    seen = view.seen(counties)
    if not len(seen):
        return []
    polygons = view.place(seen.geometry.to_numpy())
    groups = seen["prefecture"].astype(str).tolist()
    if filled:
        areas = [path(polygon) for polygon in view.clip(polygons)]
        land = LAYERS["land"]
        canvas.axes.add_collection(
            PathCollection(
                areas,
                facecolors=land.face,
                edgecolors=land.edge,
                linewidths=land.width,
                zorder=land.order,
            ),
            autolim=False,
        )
    lines = borders(polygons, groups, lambda geometry: shapely.simplify(view.clip(geometry), 0.15))
    for key in ("county", "prefecture") if inner else ("prefecture",):
        _draw_lines(canvas, lines[key], LAYERS[key] if inner else replace(LAYERS[key], width=0.5))
    canvas.clutter.add_lines(lines["prefecture"], 0.2)
    visible = view.clip(polygons, pad=0.0)
    names = np.array(groups)
    found = []
    for name in filter(None, dict.fromkeys(groups)):
        rows = np.flatnonzero(names == name)
        area = shapely.union_all(shapely.buffer(visible[rows], 0.05))
        found.append((area, Words(name, str(seen["prefecture_en"].iloc[rows[0]]))))
    return found


def _draw_lines(canvas: MapCanvas, geometry: Any, layer: MapLayer) -> None:
    style: dict[str, Any] = {"linestyles": [layer.dash], "capstyle": "butt"}
    draw_lines(canvas.axes, geometry, layer.edge, layer.width, layer.order, **style)


def draw_area(canvas: MapCanvas, geometry: Any, zorder: float, **style: Any) -> None:
    """Draw a polygon (degrees)."""
    if geometry is None or shapely.is_empty(geometry):
        return
    _draw_patch(canvas, canvas.view.clip(canvas.view.place(geometry)), zorder, **style)


def _draw_patch(canvas: MapCanvas, shape: Any, zorder: float, **style: Any) -> None:
    """Draw a polygon (points)."""
    shape = shapely.simplify(shape, 0.12)
    if not shapely.is_empty(shape):
        canvas.axes.add_patch(PathPatch(path(shape), zorder=zorder, **style))


def draw_outline(
    canvas: MapCanvas, geometry: Any, order: float, colour: str, width: float, dash: Any
) -> None:
    """Draw the outline of a polygon (degrees) over what lies in it."""
    style: dict[str, Any] = {
        "facecolor": "none",
        "edgecolor": colour,
        "linewidth": width,
        "linestyle": dash,
    }
    draw_area(canvas, geometry, order, **style)


def draw_proper(canvas: MapCanvas, geometry: Any, *, paler: bool = False) -> None:
    """Draw the outline of the city proper (degrees), dark on a pale line; its inside `paler`, since
    not counted.
    """
    layer = LAYERS["proper"]
    if paler:
        draw_area(canvas, geometry, 2.4, facecolor="white", edgecolor="none", alpha=0.45)
    draw_outline(canvas, geometry, layer.order - 0.01, "white", layer.width + 1.6, "solid")
    draw_outline(canvas, geometry, layer.order, layer.edge, layer.width, layer.dash)


def draw_rails(canvas: MapCanvas, legs: gpd.GeoDataFrame) -> None:
    """Draw the rail network, wider with more trains a day; metros thin."""
    seen = canvas.view.seen(legs)
    if "metro" in seen.columns:
        metro = seen["metro"].to_numpy(dtype=bool)
        lines = canvas.view.clip(canvas.view.place(seen.geometry.to_numpy()[metro]))
        draw_lines(
            canvas.axes, lines[shapely.length(lines) > 0], palette.METRO, palette.METRO_WIDTH, 3.9
        )
        seen = seen[~metro]
    trains = seen["trains"].to_numpy(dtype=float)
    order = np.argsort(trains, kind="stable")
    lines = canvas.view.clip(canvas.view.place(seen.geometry.to_numpy()))[order]
    long = (
        shapely.length(lines) > 0
    )  # outside the view, or between two stations at one place, there is no line
    lines = lines[long]
    widths = np.array([palette.rail_width(t) for t in trains[order][long]])
    for width in np.unique(widths):
        canvas.clutter.add_lines(lines[widths == width], 0.1 + 0.25 * float(width))
    draw_lines(
        canvas.axes, lines, LAYERS["rail"].edge, widths, LAYERS["rail"].order, capstyle="round"
    )


def draw_roads(canvas: MapCanvas, roads: gpd.GeoDataFrame | None) -> None:
    """Draw bus lines thin, beneath the railways."""
    if roads is not None and len(roads):
        lines = canvas.view.clip(canvas.view.place(canvas.view.seen(roads).geometry.to_numpy()))
        _draw_lines(canvas, lines[~shapely.is_empty(lines)], LAYERS["road"])


def town_labels(
    canvas: MapCanvas, towns: gpd.GeoDataFrame | None, stations: Sequence[str], own: tuple[str, Any]
) -> list[Label]:
    """Return the names of towns in view, larger ones first; small ones that a station in view names
    are left out.

    The circle's `own` city, by name and centre (a point of the view), stands aside where it finds
    no room, tied to its centre by a thin line.
    """
    if towns is None or not len(towns):
        return []
    view = canvas.view
    scale = canvas.scale
    seen = view.seen(towns).sort_values("population", ascending=False, kind="stable")
    named = np.array(
        [any(name in station for station in stations) for name in seen["name"]], dtype=bool
    )
    seen = seen[~named | (seen["population"] >= _CITY_PEOPLE)].head(_MOST_TOWNS)
    xy = shapely.get_coordinates(view.place(seen.geometry.to_numpy()))
    labels = []
    for name, people, at in zip(seen["name"], seen["population"], xy, strict=True):
        size = 7.4 if people >= 100_000 else 6.4
        if people >= _CITY_PEOPLE:
            size = 8.6
        size *= scale
        run = TextRun(str(name), size, people >= _CITY_PEOPLE, palette.TOWN_TEXT)
        importance = (CITY_IMPORTANCE if people >= _CITY_PEOPLE else 10.0) + float(
            np.log10(max(1, people))
        )
        leaders: tuple[float, ...] = ()
        if people >= _CITY_PEOPLE and fold(str(name)) == fold(own[0]):
            at = own[1]
            leaders = tuple(scale * away for away in _ASIDE)
            importance = importance + 10.0
        labels.append(
            Label(
                kind="town",
                forms=(((run,),),),
                anchors=at[None],
                offset=1.0,
                importance=importance,
                further=(4.0 * scale, 9.0 * scale),
                leaders=leaders,
            )
        )
    return labels


def draw_proposed(canvas: MapCanvas, lines: gpd.GeoDataFrame | None) -> None:
    """Draw proposed lines bold and dashed."""
    if lines is None or not len(lines):
        return
    placed = canvas.view.clip(canvas.view.place(lines.geometry.to_numpy()))
    canvas.clutter.add_lines(placed, 0.7)
    layer = LAYERS["proposed"]
    for each in (replace(layer, edge="white", width=3.6, dash="solid", order=4.5), layer):
        _draw_lines(canvas, shapely.union_all(placed), each)


def name_forms(
    canvas: MapCanvas, name: Words, sizes: tuple[float, float], colour: str, *, bold: bool
) -> tuple[Lines, ...]:
    """Return a name in the languages of the map, one below the other, then the first one alone.

    `sizes` are those of the first and the second on A4; if `bold`, the first is.
    """
    lines = tuple(
        (TextRun(text, sizes[min(nth, 1)] * canvas.scale, bold and nth == 0, colour),)
        for nth, text in enumerate(say(name, canvas.lang))
    )
    return (lines, lines[:1]) if len(lines) > 1 else (lines,)


def prefecture_labels(canvas: MapCanvas, prefectures: Sequence[tuple[Any, Words]]) -> list[Label]:
    """Return the labels of prefectures, larger and bold, anywhere within the visible part."""
    labels = []
    for area, name in prefectures:
        forms = name_forms(canvas, name, (9.5, 7.0), palette.PREFECTURE_TEXT, bold=True)
        size = float(shapely.area(area))
        if size > 0:
            labels.append(
                Label("prefecture", forms, area_anchors(area, step=14.0), 0.0, 650.0 + size / 1e4)
            )
    return labels


def county_labels(canvas: MapCanvas, counties: gpd.GeoDataFrame) -> list[Label]:
    """Return the labels of counties large enough on the sheet to carry a name."""
    view = canvas.view
    seen = view.seen(counties)
    visible = view.clip(view.place(seen.geometry.to_numpy()), pad=0.0)
    middle = np.array(view.box).reshape(2, 2).mean(axis=0)
    labels = []
    for area, row in zip(visible, seen.itertuples(index=False), strict=True):
        if shapely.is_empty(area):
            continue
        name = Words(str(row.county), str(row.county_en or ""))
        forms = name_forms(canvas, name, (6.8, 6.0), palette.COUNTY_TEXT, bold=False)
        width, tall = size_of(forms[-1])
        if shapely.area(area) < 0.8 * width * tall:
            continue
        anchors = area_anchors(area, step=10.0, most=24)
        people = max(1.0, float(np.nan_to_num(row.population)))
        far = float(np.hypot(*(anchors[0] - middle))) / view.frame[2]
        labels.append(
            Label("county", forms, anchors, 0.0, 300 + 10 * float(np.log10(people)) - 60 * far)
        )
    return labels


#: points on A4: a part this wide or tall is seen; the ring around a smaller one
SEEN = 14.0
RADIUS = 9.0
IMPORTANCE = 2000.0


def draw_rings(canvas: MapCanvas, shape: Any, name: Words, colour: str) -> list[Label]:
    """Ring the parts of a shape in degrees where none is large enough to be seen; return the name
    of the largest.
    """
    if shape is None or shapely.is_empty(shape):
        return []
    scale = canvas.scale
    parts = shapely.get_parts(canvas.view.clip(canvas.view.place(shape)))
    parts = parts[shapely.area(parts) > 0]
    bounds = shapely.bounds(parts)
    if not len(parts) or float((bounds[:, 2:] - bounds[:, :2]).max()) >= SEEN * scale:
        return []
    rings = shapely.get_parts(
        shapely.union_all(shapely.buffer(shapely.centroid(parts), RADIUS * scale))
    )
    canvas.clutter.add_lines(shapely.boundary(rings), 1.5)
    for ring in rings:
        patch = PathPatch(
            path(ring), facecolor="none", edgecolor=colour, linewidth=1.6, zorder=6, gid="ring"
        )
        canvas.axes.add_patch(patch)
    run = TextRun(" ".join(say(name, canvas.lang)), 7.5 * scale, True, colour)
    place = shapely.get_coordinates(shapely.centroid(rings[int(np.argmax(shapely.area(rings)))]))
    further = (RADIUS * scale + 8, RADIUS * scale + 16)
    return [Label("ring", (((run,),),), place, RADIUS * scale + 2, IMPORTANCE, further)]
