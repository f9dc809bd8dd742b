"""The map of stations: how far each is from the city, and how many trains an hour bring one there in time."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from numpy.typing import NDArray

from railshed.maps import layers, palette, stations, words
from railshed.maps.basemap import AnyBasemap, as_basemap
from railshed.maps.circle import LEAST_M, draw_ground, draw_lines, foot_words, label_map, subtitle_of
from railshed.maps.data import MapData
from railshed.maps.furniture import Surround, compose, draw_scale
from railshed.maps.graticule import draw_graticule
from railshed.maps.labels import Clutter
from railshed.maps.legend import map_rows
from railshed.maps.page import Sheet, SheetRow, Swatch, entry, get_sheet, one_line
from railshed.maps.palette import CUTOFF_EDGE, INK
from railshed.maps.projection import Crs, local_projection
from railshed.maps.view import View, fit, project
from railshed.util import bilingual
from railshed.util.bilingual import Words
from railshed.util.errors import InputError

if TYPE_CHECKING:
    from matplotlib.figure import Figure

#: points on A4: radius of one trip an hour, its area in proportion; the smallest, and the largest from so many on
_ONE, _LEAST, _MOST_PER_HOUR = 2.4, 1.3, 16.0
#: trips an hour in the legend
_SAMPLES = (1, 4, 16)
#: symbols are as much smaller as leaves this share of them on their neighbours, down to the least factor
_ON_OTHERS, _SMALLEST = 0.25, 0.4
_FAR = "#ffffff"


def draw_station_map(
    data: MapData, *, lang: str = "both", size: str = "a4", basemap: AnyBasemap = None, crs: Crs = None
) -> Figure:  # fmt: skip
    """Return the map of stations as a matplotlib Figure; parameters and errors as in `draw_circle`.

    A station's colour is the band of its minutes, its area the trips an hour (`per_hour` of `data.stations`) that
    bring one to the city within the cutoff; both are printed beside its name.
    """
    from railshed.maps.style import settings

    bilingual.check_language(lang)
    sheet = get_sheet(size)
    data.check()
    if "per_hour" not in data.stations.columns:
        raise InputError("the map cannot be drawn: stations has no column per_hour")
    shown = replace(data, stations=_with_trains(data.stations), by_rail=None)
    one = _ONE * _factor(shown, sheet)
    cutoffs = sorted(int(c) for c in data.bands["cutoff_min"]) or [data.cutoff_min]
    base, projection = as_basemap(basemap), local_projection(crs, *data.centre)
    surround = Surround(
        title=data.title or words.station_title(data.city),
        subtitle=data.subtitle or subtitle_of(data),
        figures=(),
        legend=lambda points, width: _legend(shown, cutoffs, one, lang, points, width),
        definition=data.definition,
        notes=data.warnings,
        foot=foot_words(data.date, projection.text, base, data.approval),
        sources=data.sources,
    )
    with settings():
        canvas = compose(surround, sheet, lang)
        view = fit(_bounds(shown, projection.crs), projection.crs, canvas.frame, margin=0.06, least_m=LEAST_M)
        clutter = Clutter(view.box)
        prefectures = draw_ground(canvas.axes, view, shown, base, clutter)
        degrees = draw_graticule(canvas.axes, view, sheet.scale)
        layers.draw_layer(canvas.axes, view, "proper", shown.city_proper)
        draw_lines(canvas.axes, view, shown, shown.proposed, clutter)
        dots = _draw_symbols(canvas.axes, view, shown, cutoffs, one, sheet.scale)
        label_map(canvas, view, shown, prefectures, dots, clutter, degrees)
        draw_scale(canvas, view, projection)
    return canvas.figure


def _with_trains(frame: Any) -> Any:
    """Return the stations that have trains within the cutoff or are the city's own; bus stops and others left out."""
    core = frame["is_core"].to_numpy(dtype=bool)
    shown = (frame["per_hour"].to_numpy(dtype=float) > 0) | core
    return frame[shown & ~stations.is_stop(frame)].reset_index(drop=True)


def _bounds(data: MapData, crs: str) -> tuple[float, float, float, float]:
    points = np.array([*data.stations.geometry, shapely.Point(data.centre)], dtype=object)
    left, bottom, right, top = shapely.total_bounds(project(points, crs))
    return float(left), float(bottom), float(right), float(top)


def _radius(per_hour: NDArray[np.float64] | float, one: float) -> Any:
    """Return the radius in points of trips an hour where one has `one`: area in proportion, between two ends."""
    return np.maximum(_LEAST, one * np.sqrt(np.minimum(per_hour, _MOST_PER_HOUR)))


def _factor(data: MapData, sheet: Sheet) -> float:
    """Return by how much symbols are smaller, so that few lie on their neighbours on a sheet of about this frame."""
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
    return float(np.clip(np.quantile(apart / (radius[pairs[0]] + radius[pairs[1]]), _ON_OTHERS), _SMALLEST, 1.0))


def _classes(minutes: NDArray[np.float64], cutoffs: list[int]) -> NDArray[np.int64]:
    """Return the index of the smallest cutoff that holds each station, the number of cutoffs where none does."""
    return np.asarray(np.searchsorted(cutoffs, np.nan_to_num(minutes, nan=np.inf) - 1e-9), dtype=np.int64)


def _draw_symbols(axes: Any, view: View, data: MapData, cutoffs: list[int], one: float, scale: float) -> stations.Dots:
    frame = data.stations
    xy = shapely.get_coordinates(view.place(frame.geometry.to_numpy()))
    left, bottom, right, top = view.box
    rows = np.flatnonzero((xy[:, 0] > left) & (xy[:, 0] < right) & (xy[:, 1] > bottom) & (xy[:, 1] < top))
    core = frame["is_core"].to_numpy(dtype=bool)[rows]
    small = core & stations.is_metro(frame)[rows]
    square = np.where(small, stations.CORE_METRO.radius, stations.CORE.radius)
    radius = np.where(core, square, _radius(frame["per_hour"].to_numpy(dtype=float)[rows], one)) * scale
    faces = np.array([*palette.band_colours(len(cutoffs)), _FAR])
    face = faces[_classes(frame["minutes"].to_numpy(dtype=float)[rows], cutoffs)]
    for n in np.argsort(-radius, kind="stable").tolist():
        x, y = xy[rows[n]]
        marker = "s" if core[n] else "o"
        axes.plot(
            [x], [y], linestyle="none", marker=marker, markersize=2 * radius[n], zorder=5 + n * 1e-6,
            markerfacecolor=INK if core[n] else face[n], markeredgecolor="white" if core[n] else INK,
            markeredgewidth=0.7, scalex=False, scaley=False,
        )  # fmt: skip
    kinds = np.where(core, stations.KINDS.index(stations.CORE), stations.KINDS.index(stations.INSIDE))
    kinds[small] = stations.KINDS.index(stations.CORE_METRO)
    return stations.Dots(rows, xy[rows], radius, kinds)


def _legend(data: MapData, cutoffs: list[int], one: float, lang: str, size: float, width: float) -> list[SheetRow]:
    """Return classes of minutes with the number of their stations, sizes, and what else the map has."""
    frame = data.stations
    away = frame[~frame["is_core"].to_numpy(dtype=bool)]
    counts = np.bincount(_classes(away["minutes"].to_numpy(dtype=float), cutoffs), minlength=len(cutoffs) + 1)
    rows = one_line(words.STATION_MINUTES, lang, size, width, gap=1.0)
    for colour, cutoff, before, count in zip(
        palette.band_colours(len(cutoffs)), cutoffs, [0, *cutoffs[:-1]], counts[:-1], strict=True
    ):
        text = bilingual.fill(words.WITHIN, cutoff) if not before else bilingual.fill(words.BETWEEN, before, cutoff)
        rows += entry(text, lang, Swatch("dot", colour, INK, 7.0), size, width, right=words.stations(int(count), lang))
    if counts[-1]:
        text, right = bilingual.fill(words.BEYOND, cutoffs[-1]), words.stations(int(counts[-1]), lang)
        rows += entry(text, lang, Swatch("dot", _FAR, INK, 7.0), size, width, right=right)
    rows += one_line(bilingual.fill(words.PER_HOUR, data.cutoff_min), lang, size, width, gap=3.0)
    for sample in _SAMPLES:
        label = Words(f"≥ {sample}" if sample == _SAMPLES[-1] else f"{sample}")
        gap = max(2.0, 2 * float(_radius(float(sample), one)) - size * 0.9)
        swatch = Swatch("dot", CUTOFF_EDGE, INK, 2 * float(_radius(float(sample), one)))
        rows += entry(label, "zh", swatch, size, width, gap=gap)
    below = float(_radius(float(_SAMPLES[-1]), one)) - size * 0.4
    rows += one_line(words.STATION_LABEL, lang, size, width, gap=max(3.0, below))
    return rows + map_rows(data, None, lang, size, width, circle=False)
