"""The map of all agglomerations: member prefectures, no national boundary, a number a core city."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import shapely
from matplotlib.collections import PathCollection
from matplotlib.figure import Figure
from matplotlib.patches import Circle, PathPatch

from railshed.maps.basemap import draw_basemap
from railshed.maps.circle import surround_of
from railshed.maps.data import NationalData
from railshed.maps.furniture import MapCanvas, compose, draw_scale
from railshed.maps.graticule import draw_graticule
from railshed.maps.labels import (
    Label,
    PlacedLabel,
    Placer,
    TextRun,
    area_anchors,
    draw_labels,
    size_of,
)
from railshed.maps.layers import draw_shores, name_forms
from railshed.maps.page import Column, Swatch
from railshed.maps.palette import INK, SOFT
from railshed.maps.projection import NATIONAL, named_projection
from railshed.maps.save import settings
from railshed.maps.style import MapStyle
from railshed.maps.view import path, project
from railshed.util.bilingual import Words, say
from railshed.util.phrases import MAP

MEMBER_EDGE = "#ffffff"
REGION_EDGE = "#6d6480"
REGION_TEXT = "#574d6b"
#: pale fills of neighbouring regions; they part regions and mean nothing more
FILLS = ("#dfe6ea", "#ece4d6", "#e0e8da", "#e9dfe6")
#: letters of a second name beyond which it finds no room near its region
_LONGEST = 26
SHARED = "#b9c4cc"
CITY = "#1f6fa8"


def draw_national(data: NationalData, style: MapStyle | None = None) -> Figure:
    """Return the map of all agglomerations as a matplotlib Figure; errors as in `draw_circle`.

    The area of each core city's circle is in proportion to its number, which is printed beside its
    name.
    """
    style = style or MapStyle()
    data.check()
    members = np.asarray(data.members.geometry.to_numpy())
    west, south, east, north = shapely.total_bounds(members)
    middle = (west + east) / 2, (south + north) / 2
    projection = NATIONAL if style.crs is None else named_projection(style.crs, *middle)
    surround = surround_of(
        data, MAP["national_title"], style, projection, lambda column: _add_legend(column, data)
    )
    with settings():
        bounds = [float(v) for v in shapely.total_bounds(project(members, projection.crs))]
        canvas = compose(surround, style).with_map(bounds, projection, margin=0.03, least_m=500_000)
        if style.beneath is None or not style.beneath.has_land:
            draw_shores(canvas, data.members.iloc[:0])
        if style.beneath is not None:
            draw_basemap(canvas.axes, canvas.view, style.beneath)
        regions = _draw_members(canvas, data)
        degrees = draw_graticule(canvas.axes, canvas.view, canvas.scale)
        placer = Placer(canvas.view.box, canvas.clutter)
        placed = placer.place([*_city_labels(canvas, data, placer), *degrees])
        placed += _place_regions(canvas, placer, regions)
        draw_labels(canvas.figure, canvas.points, placed)
        draw_scale(canvas)
    return canvas.figure


def _draw_members(canvas: MapCanvas, data: NationalData) -> list[tuple[Any, Words]]:
    """Draw prefectures, those of several regions darker, outline each region; return regions in
    points.
    """
    members = data.members
    shapes = shapely.make_valid(
        shapely.simplify(canvas.view.place(members.geometry.to_numpy()), 0.15)
    )
    ids = members["region_id"].astype(str).to_numpy()
    names = list(dict.fromkeys(ids.tolist()))
    areas = [shapely.union_all(shapely.buffer(shapes[ids == name], 0.15)) for name in names]
    fills = dict(zip(names, _fills(areas), strict=True))
    several = members["prefecture"].duplicated(keep=False).to_numpy()
    colours = [SHARED if twice else fills[name] for name, twice in zip(ids, several, strict=True)]
    canvas.axes.add_collection(
        PathCollection(
            [path(s) for s in shapes],
            facecolors=colours,
            edgecolors=MEMBER_EDGE,
            linewidths=0.4,
            zorder=2,
        ),
        autolim=False,
    )
    found = []
    for name, area in zip(names, areas, strict=True):
        outline = PathPatch(
            path(area), facecolor="none", edgecolor=REGION_EDGE, linewidth=0.8, zorder=3
        )
        canvas.axes.add_patch(outline)
        canvas.clutter.add_lines(shapely.boundary(area), 0.3)
        row = members.iloc[int(np.flatnonzero(ids == name)[0])]
        found.append((area, Words(str(row["region"]), str(row["region_en"]))))
    return found


def _fills(areas: list[Any]) -> list[str]:
    """Return a fill for each area, other than those of the neighbours before it where the fills
    suffice.
    """
    used: list[int] = []
    for nth, area in enumerate(areas):
        near = {used[k] for k in range(nth) if shapely.dwithin(areas[k], area, 4.0)}
        free = [k for k in range(len(FILLS)) if k not in near] or list(range(len(FILLS)))
        used.append(min(free, key=lambda k: (used.count(k), k)))
    return [FILLS[k] for k in used]


def _city_labels(canvas: MapCanvas, data: NationalData, placer: Placer) -> list[Label]:
    scale = canvas.scale
    values = data.cities["value"].to_numpy(dtype=float)
    largest = float(np.nanmax(values)) if np.isfinite(values).any() else 1.0
    largest = largest if largest > 0 else 1.0  # no people anywhere
    places = shapely.get_coordinates(canvas.view.place(data.cities.geometry.to_numpy()))
    placer.symbols = places
    labels = []
    for (x, y), row, value in zip(places, data.cities.itertuples(index=False), values, strict=True):
        radius = (
            max(1.6, 13.0 * float(np.sqrt(max(0.0, value) / largest))) * scale
        )  # NaN: the smallest
        face = CITY if np.isfinite(value) else "white"
        canvas.axes.add_patch(
            Circle(
                (x, y),
                radius,
                facecolor=face,
                edgecolor="white" if np.isfinite(value) else INK,
                linewidth=0.6,
                alpha=0.85,
                zorder=6 - radius / 100,
            )
        )
        half = min(radius, 3.0)
        placer.boxes.append((x - half, y - half, x + half, y + half))
        least = 10.0**-data.decimals  # little is not nothing
        number = f"{value:,.{data.decimals}f}" if value else "0"
        if 0 < value < least / 2:
            number = f"< {least:g}"
        number = number if np.isfinite(value) else "–"
        names = say(Words(str(row.name), str(row.name_en)), canvas.lang)
        first = (TextRun(names[0], 7.2 * scale, True), TextRun(f" {number}", 7.2 * scale))
        second = tuple((TextRun(name, 6.0 * scale),) for name in names[1:])
        forms = ((first, *second), (first,)) if second else ((first,),)
        weight = 500 + (100 * value / largest if np.isfinite(value) else 0)
        further = (4.0 * scale, 9.0 * scale, 15.0 * scale)
        anchor = np.array([[x, y]])
        labels.append(Label("city", forms, anchor, min(radius, 6.0) + 1.2, float(weight), further))
    return labels


def _place_regions(
    canvas: MapCanvas, placer: Placer, regions: list[tuple[Any, Words]]
) -> list[PlacedLabel]:
    """Return the names of regions placed: in the region itself, else beside it, over another one
    only at last.
    """
    placed: list[PlacedLabel] = []
    waiting = [_region_label(canvas, area, name, regions) for area, name in regions]
    for tier in (0, 1, 2):
        tried = [
            (replace(label, anchors=label.anchors[tiers <= tier]), tiers)
            for label, tiers in waiting
        ]
        spots = placer.place([label for label, _ in tried if len(label.anchors)])
        done = {id(spot.label) for spot in spots}
        placed += spots
        waiting = [
            pair for pair, (label, _) in zip(waiting, tried, strict=True) if id(label) not in done
        ]
    return placed


def _region_label(
    canvas: MapCanvas, area: Any, name: Words, regions: list[tuple[Any, Words]]
) -> tuple[Label, Any]:
    """Return the label of a region and for each of its anchors whether it is in it (0), beside it
    (1) or neither.
    """
    shown = (
        name if len(name.en) <= _LONGEST or canvas.lang == "en" or not name.zh else Words(name.zh)
    )
    forms = name_forms(canvas, shown, (7.8, 6.2), REGION_TEXT, bold=True)
    anchors = area_anchors(shapely.buffer(area, 18.0), step=10.0, most=400)
    half = np.array(size_of(forms[0])) / 2
    boxes = shapely.box(*(anchors - half).T, *(anchors + half).T)
    others = shapely.difference(
        shapely.union_all([other for other, _ in regions if other is not area]), area
    )
    elsewhere, own = (
        shapely.area(shapely.intersection(boxes, a)) / (4 * half[0] * half[1])
        for a in (others, area)
    )
    tiers = np.where(elsewhere > 0.15, 2, np.where(own < 0.55, 1, 0))
    return Label("region", forms, anchors, 0.0, 400.0), tiers


def _add_legend(column: Column, data: NationalData) -> None:
    column.entry(data.value_label, Swatch("dot", CITY, "white", 7.0))
    column.line(MAP["proportion"], size=max(6.0, column.size - 0.8), colour=SOFT)
    column.entry(MAP["members"], Swatch("patch", FILLS[0], REGION_EDGE))
    if data.members["prefecture"].duplicated().any():
        column.entry(MAP["several"], Swatch("patch", SHARED, REGION_EDGE))
    if data.cities["value"].isna().any():
        column.entry(MAP["no_data"], Swatch("dot", "white", INK, 4.0))
