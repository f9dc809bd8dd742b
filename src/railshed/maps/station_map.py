"""The map of stations: how far each is from the city, and how many trains an hour bring one there
in time.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import shapely
from matplotlib.figure import Figure

from railshed.maps import layers, palette, stations, words
from railshed.maps.circle import (
    LEAST_M,
    Box,
    draw_ground,
    draw_lines,
    label_map,
    projected_bounds,
    surround_of,
)
from railshed.maps.data import MapData
from railshed.maps.furniture import MapCanvas, compose, draw_scale
from railshed.maps.graticule import draw_graticule
from railshed.maps.legend import add_layers
from railshed.maps.page import Column, Sheet, Swatch
from railshed.maps.palette import CUTOFF_EDGE, INK
from railshed.maps.projection import local_projection
from railshed.maps.save import settings
from railshed.maps.style import MapStyle
from railshed.maps.view import project
from railshed.util.array_types import Floats, Ints64
from railshed.util.bilingual import Words, fill
from railshed.util.errors import InputError
from railshed.util.phrases import MAP

#: points on A4: radius of one trip an hour, its area in proportion; the smallest, and the largest
#: from so many on
_ONE = 2.4
_LEAST = 1.3
_MOST_PER_HOUR = 16.0
#: trips an hour in the legend
_SAMPLES = (1, 4, 16)
#: symbols are as much smaller as leaves this share of them on their neighbours, down to the least
#: factor
_ON_OTHERS = 0.25
_SMALLEST = 0.4
_FAR = "#ffffff"


def draw_station_map(data: MapData, style: MapStyle | None = None) -> Figure:
    """Return the map of stations as a matplotlib Figure; errors as in `draw_circle`.

    A station's colour is the band of its minutes, its area the trips an hour (`per_hour` of
    `data.stations`) that bring one to the city within the cutoff; both are printed beside its name.
    """
    style = style or MapStyle()
    data.check()
    if "per_hour" not in data.stations.columns:
        raise InputError("the map cannot be drawn: stations has no column per_hour")
    shown = replace(data, stations=_with_trains(data.stations))
    one = _ONE * _factor(shown, style.sheet)
    cutoffs = sorted(int(c) for c in data.bands["cutoff_min"]) or [data.cutoff_min]
    projection = local_projection(style.crs, *data.centre)
    surround = surround_of(
        data,
        words.station_title(data.city),
        style,
        projection,
        lambda column: _add_legend(column, shown, cutoffs, one),
    )
    with settings():
        bounds = _bounds(shown, projection.crs)
        canvas = compose(surround, style).with_map(bounds, projection, margin=0.06, least_m=LEAST_M)
        prefectures = draw_ground(canvas, shown, style.beneath)
        degrees = draw_graticule(canvas.axes, canvas.view, canvas.scale)
        layers.draw_proper(canvas, shown.city_proper)
        draw_lines(canvas, shown, shown.proposed)
        label_map(canvas, shown, prefectures, _draw_symbols(canvas, shown, cutoffs, one), degrees)
        draw_scale(canvas)
    return canvas.figure


def _with_trains(frame: Any) -> Any:
    """Return the stations that have trains within the cutoff or are the city's own; bus stops and
    others left out.
    """
    core = frame["is_core"].to_numpy(dtype=bool)
    shown = (frame["per_hour"].to_numpy(dtype=float) > 0) | core
    return frame[shown & ~stations.is_stop(frame)].reset_index(drop=True)


def _bounds(data: MapData, crs: str) -> Box:
    return projected_bounds([*data.stations.geometry, shapely.Point(data.centre)], crs)


def _radius(per_hour: Floats | float, one: float) -> Any:
    """Return the radius in points of trips an hour where one has `one`: area in proportion, between
    two ends.
    """
    return np.maximum(_LEAST, one * np.sqrt(np.minimum(per_hour, _MOST_PER_HOUR)))


def _factor(data: MapData, sheet: Sheet) -> float:
    """Return by how much symbols are smaller, so that few lie on their neighbours on a sheet of
    about this frame.
    """
    crs = local_projection(None, *data.centre).crs
    xy = shapely.get_coordinates(project(data.stations.geometry.to_numpy(), crs)) / sheet.scale
    if len(xy) < 2:
        return 1.0
    left, bottom, right, top = _bounds(data, crs)
    room = (sheet.width - sheet.panel_width - 3 * sheet.margin, sheet.height - 9 * sheet.margin)
    metres = max((right - left) / room[0], (top - bottom) / room[1], LEAST_M / min(room)) * 1.12
    radius = _radius(data.stations["per_hour"].to_numpy(dtype=float), _ONE)
    tree = shapely.STRtree(shapely.points(xy))
    pairs = tree.query_nearest(shapely.points(xy), exclusive=True, all_matches=False)
    apart = np.hypot(*(xy[pairs[0]] - xy[pairs[1]]).T) / metres
    return float(
        np.clip(
            np.quantile(apart / (radius[pairs[0]] + radius[pairs[1]]), _ON_OTHERS), _SMALLEST, 1.0
        )
    )


def _classes(minutes: Floats, cutoffs: list[int]) -> Ints64:
    """Return the index of the smallest cutoff that holds each station, the number of cutoffs where
    none does.
    """
    return np.asarray(
        np.searchsorted(cutoffs, np.nan_to_num(minutes, nan=np.inf) - 1e-9), dtype=np.int64
    )


def _draw_symbols(
    canvas: MapCanvas, data: MapData, cutoffs: list[int], one: float
) -> stations.Dots:
    frame = data.stations
    rows, xy = stations.in_view(canvas.view, frame)
    core = frame["is_core"].to_numpy(dtype=bool)[rows]
    small = core & stations.is_metro(frame)[rows]
    square = np.where(small, stations.CORE_METRO.radius, stations.CORE.radius)
    radius = (
        np.where(core, square, _radius(frame["per_hour"].to_numpy(dtype=float)[rows], one))
        * canvas.scale
    )
    faces = np.array([*palette.band_colours(len(cutoffs)), _FAR])
    face = faces[_classes(frame["minutes"].to_numpy(dtype=float)[rows], cutoffs)]
    for n in np.argsort(-radius, kind="stable").tolist():
        marker, fill_, edge = ("s", INK, "white") if core[n] else ("o", face[n], INK)
        canvas.axes.plot(
            *xy[n],
            linestyle="none",
            marker=marker,
            markersize=2 * radius[n],
            zorder=5 + 0.5 * core[n] + n * 1e-6,
            markerfacecolor=fill_,
            markeredgecolor=edge,
            markeredgewidth=0.7,
            scalex=False,
            scaley=False,
        )
    kinds = np.where(
        core, stations.KINDS.index(stations.CORE), stations.KINDS.index(stations.INSIDE)
    )
    kinds[small] = stations.KINDS.index(stations.CORE_METRO)
    return stations.Dots(rows, xy, radius, kinds)


def _add_legend(column: Column, data: MapData, cutoffs: list[int], one: float) -> None:
    """Add classes of minutes with the number of their stations, sizes, and what else the
    map has.
    """
    frame = data.stations
    away = frame[~frame["is_core"].to_numpy(dtype=bool)]
    counts = np.bincount(
        _classes(away["minutes"].to_numpy(dtype=float), cutoffs), minlength=len(cutoffs) + 1
    )
    column.line(MAP["station_minutes"], gap=1.0)
    texts = [
        fill(MAP["between"], before, cutoff) if before else fill(MAP["within"], cutoff)
        for before, cutoff in zip([0, *cutoffs[:-1]], cutoffs, strict=True)
    ]
    classes = [*zip(texts, palette.band_colours(len(cutoffs)), counts[:-1].tolist(), strict=True)]
    if counts[-1]:
        classes.append((fill(MAP["beyond"], cutoffs[-1]), _FAR, int(counts[-1])))
    n_whole = (
        cutoffs.index(data.cutoff_min) + 1
    )  # beyond it stations without a trip within the cutoff are not drawn
    for k, (text, colour, count) in enumerate(classes):
        right = words.stations(count, column.lang) if k < n_whole else ()
        column.entry(text, Swatch("dot", colour, INK, 7.0), right=right)
    column.line(fill(MAP["per_hour"], data.cutoff_min), gap=3.0)
    for sample in _SAMPLES:
        label = Words(f"≥ {sample}" if sample == _SAMPLES[-1] else f"{sample}")
        radius = float(_radius(float(sample), one))
        column.entry(
            label,
            Swatch("dot", CUTOFF_EDGE, INK, 2 * radius),
            gap=max(2.0, 2 * radius - column.size * 0.9),
        )
    column.line(MAP["station_label"], gap=max(3.0, radius - column.size * 0.4))
    add_layers(column, data, circle=False)
