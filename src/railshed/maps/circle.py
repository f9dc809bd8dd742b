"""The map of one city's circle, and of what a scenario changes in it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from railshed.maps import layers, palette, stations, words
from railshed.maps.basemap import AnyBasemap, Basemap, as_basemap, draw_basemap
from railshed.maps.data import ChangeLayer, MapData
from railshed.maps.furniture import Canvas, KeyFigure, Surround, compose, draw_scale
from railshed.maps.graticule import draw_graticule
from railshed.maps.labels import Clutter, Label, Placer, draw_labels
from railshed.maps.layers import draw_rings
from railshed.maps.legend import legend_rows, ordered_bands, outline_styles, proposed_of, with_transit
from railshed.maps.page import get_sheet
from railshed.maps.palette import GAINED, GAINED_HATCH, INK, LOST, LOST_HATCH, UNCHANGED
from railshed.maps.projection import Crs, Projection, local_projection
from railshed.maps.view import View, fit, project
from railshed.network.gazetteer import fold
from railshed.util import bilingual
from railshed.util.bilingual import Words
from railshed.util.errors import ParameterError

if TYPE_CHECKING:
    from matplotlib.figure import Figure

LEAST_M = 60_000.0


def draw_circle(
    data: MapData, *, lang: str = "both", size: str = "a4", basemap: AnyBasemap = None, crs: Crs = None
) -> Figure:  # fmt: skip
    """Return the map of a circle as a matplotlib Figure.

    Parameters
    ----------
    lang
        ``both``, ``zh`` or ``en``.
    size
        ``a4``, ``a3`` (landscape) or ``slide`` (16:9).
    basemap
        One or several files, or the result of `load_basemap` with its approval number, drawn beneath.
    crs
        EPSG code or PROJ text of the CRS that is drawn in, projected or geographic; default an equal-area one around
        the city.

    Raises
    ------
    ParameterError
        For an unknown language, size or CRS.
    InputError
        For a basemap that cannot be read, or data without a column or CRS.
    """
    return _draw(data, None, lang, size, basemap, crs)


def draw_difference(
    data: MapData, *, lang: str = "both", size: str = "a4", basemap: AnyBasemap = None, crs: Crs = None
) -> Figure:  # fmt: skip
    """Return the map of what a scenario changes (`data.change`) as a Figure; else as `draw_circle`."""
    if data.change is None:
        raise ParameterError("a difference map needs MapData.change")
    return _draw(data, data.change, lang, size, basemap, crs)


def _draw(data: MapData, change: ChangeLayer | None, lang: str, size: str, basemap: AnyBasemap, crs: Crs) -> Figure:
    from railshed.maps.style import settings

    bilingual.check_language(lang)
    sheet = get_sheet(size)
    data.check()
    base, projection = as_basemap(basemap), local_projection(crs, *data.centre)
    with settings():
        canvas = compose(_surround(data, change, lang, base, projection), sheet, lang)
        view = fit(bounds_of(data, change, projection.crs), projection.crs, canvas.frame, margin=0.05, least_m=LEAST_M)
        clutter = Clutter(view.box)
        prefectures = draw_ground(canvas.axes, view, data, base, clutter)
        degrees = draw_graticule(canvas.axes, view, sheet.scale)
        if change is None:
            draw_bands(canvas.axes, view, data)
        else:
            _draw_change(canvas.axes, view, data, change)
        draw_lines(canvas.axes, view, data, proposed_of(data, change), clutter)
        dots = stations.draw_stations(canvas.axes, view, data, sheet.scale)
        rings = [
            label
            for shape, name, colour in _ringed_shapes(data, change)
            for label in draw_rings(canvas.axes, view, shape, name, colour, lang, sheet.scale, clutter)
        ]
        label_map(canvas, view, data, prefectures, dots, clutter, [*rings, *degrees])
        draw_scale(canvas, view, projection)
    return canvas.figure


def _ringed_shapes(data: MapData, change: ChangeLayer | None) -> list[tuple[Any, Words, str]]:
    """Return (shape, name, colour) of what a reader must not miss: gained, lost; worse, widest band or overlap."""
    if change is not None:
        terms = change.terms or words.SCENARIO_TERMS
        return [(change.gained, terms.gained, GAINED), (change.lost, terms.lost, LOST)]
    found = [] if data.worse is None else [(data.worse.geometry, data.worse.words, LOST)]
    bands = ordered_bands(data)
    if len(bands) and "zh" in bands:
        overlap = len(data.outlines) > 0 and len(bands) > 1  # the widest band is seen by its outlines
        shape = bands.geometry.iloc[-2 if overlap else -1]
        same = shapely.area(bands.geometry.to_numpy()) >= 0.99 * shapely.area(shape)
        band = bands.iloc[int(np.argmax(same))]  # of bands as wide as the last the first one says most
        found.append((shape, Words(band["zh"], band["en"]), GAINED))
    return found


def draw_ground(
    axes: Any, view: View, data: MapData, base: Basemap | None, clutter: Clutter, *, inner: bool = True
) -> Any:  # fmt: skip
    """Draw the basemap, counties and borders; return the visible polygon and name of each prefecture, in points."""
    if base is not None:
        draw_basemap(axes, view, base)
    if not len(data.counties) and (base is None or not base.has_land):
        axes.set_facecolor(palette.LAND)  # the coast is unknown
    return layers.draw_land(axes, view, data.counties, clutter, filled=base is None or not base.has_land, inner=inner)


def draw_lines(axes: Any, view: View, data: MapData, proposed: Any, clutter: Clutter) -> None:
    """Draw bus lines, railways and what is proposed."""
    layers.draw_roads(axes, view, data.roads)
    layers.draw_rails(axes, view, data.legs, clutter)
    layers.draw_proposed(axes, view, proposed, clutter)


def bounds_of(data: MapData, change: ChangeLayer | None, crs: str) -> tuple[float, float, float, float]:
    """Return the projected bounds of everything that the map must show."""
    shown = [*data.bands.geometry, *([] if data.worse is None else [data.worse.geometry])]
    if change is not None:
        shown = [change.before, change.after]
    proposed = proposed_of(data, change)
    shown += [] if proposed is None else list(proposed.geometry)
    inside = data.stations["inside"].to_numpy(dtype=bool) | data.stations["is_core"].to_numpy(dtype=bool)
    shown += [*data.stations.geometry[inside], shapely.Point(data.centre)]
    shapes = np.array([shape for shape in shown if shape is not None and not shapely.is_empty(shape)], dtype=object)
    left, bottom, right, top = shapely.total_bounds(project(shapes, crs))
    return float(left), float(bottom), float(right), float(top)


def draw_bands(axes: Any, view: View, data: MapData, colours: Sequence[str] = ()) -> None:
    """Draw the bands of a circle, the city proper and what is outlined over them."""
    bands = ordered_bands(data)
    colours = colours or palette.band_colours(len(bands))
    for nth in range(len(bands) - 1, -1, -1):
        shape = bands.geometry[nth]
        layers.draw_area(
            axes, view, shape, 2 - 0.1 * nth, facecolor=colours[nth], edgecolor=palette.BAND_EDGE, linewidth=0.35
        )
    layers.draw_layer(axes, view, "proper", data.city_proper)
    layers.draw_layer(axes, view, "by_rail", data.by_rail)
    for outline, (colour, dash) in zip(data.outlines, outline_styles(data), strict=True):
        style: dict[str, Any] = {"edgecolor": colour, "linewidth": 1.3, "linestyle": dash}
        layers.draw_area(axes, view, outline.geometry, 2.8, facecolor="none", **style)
    if data.worse is not None:
        _draw_hatched(axes, view, data.worse.geometry, LOST, LOST_HATCH)


def _draw_hatched(axes: Any, view: View, shape: Any, colour: str, hatch: str) -> None:
    layers.draw_area(axes, view, shape, 2.6, facecolor=colour, edgecolor="white", hatch=hatch, linewidth=0.0)
    layers.draw_area(axes, view, shape, 2.7, facecolor="none", edgecolor=INK, linewidth=0.5)


def _draw_change(axes: Any, view: View, data: MapData, change: ChangeLayer) -> None:
    layers.draw_area(axes, view, change.before, 1.8, facecolor=UNCHANGED, edgecolor="none")
    layers.draw_area(axes, view, change.after, 1.9, facecolor=UNCHANGED, edgecolor="none")
    layers.draw_layer(axes, view, "proper", data.city_proper)
    for shape, colour, hatch in ((change.gained, GAINED, GAINED_HATCH), (change.lost, LOST, LOST_HATCH)):
        _draw_hatched(axes, view, shape, colour, hatch)
    layers.draw_area(
        axes,
        view,
        change.before,
        2.8,
        facecolor="none",
        edgecolor=INK,
        linewidth=0.9,
        linestyle=(0, (3, 1.5)),
    )


def label_map(
    canvas: Canvas, view: View, data: MapData, prefectures: list[tuple[Any, Words]],
    dots: stations.Dots, clutter: Clutter, degrees: Sequence[Label],
) -> None:  # fmt: skip
    """Place and draw the names of stations, towns, prefectures and counties, and the degrees of the graticule."""
    placer = Placer(view.box, clutter, symbols=dots.xy[dots.important])
    around = np.hstack([dots.xy - dots.radius[:, None], dots.xy + dots.radius[:, None]])
    placer.block(tuple(box) for box in around[dots.important].tolist())
    clutter.add(dots.xy[~dots.important], 3.0)
    scale = canvas.sheet.scale
    names = data.stations["name"].iloc[dots.rows].tolist()
    centre = shapely.get_coordinates(view.place(np.array([shapely.Point(data.centre)])))[0]
    towns = layers.town_labels(view, data.towns, names, scale, (data.city.en or data.city.zh, centre))
    placed = placer.place([label for label in towns if label.importance >= layers.CITY_IMPORTANCE])
    placed += placer.place(degrees)
    printed = {fold(run.text) for spot in placed for line in spot.lines for run in line}
    labels = stations.station_labels(data, dots, canvas.lang, scale, printed)
    inside = [label for label in labels if label.kind in ("station", "core")]
    others = [label for label in labels if label.kind not in ("station", "core")]
    placed += stations.place_stations(placer, inside)
    placed += placer.place(
        [
            *others,
            *layers.prefecture_labels(prefectures, canvas.lang, scale),
            *layers.county_labels(view, data.counties, canvas.lang, scale),
            *(label for label in towns if label.importance < layers.CITY_IMPORTANCE),
        ]
    )
    draw_labels(canvas.figure, canvas.points, placed)


def _surround(
    data: MapData, change: ChangeLayer | None, lang: str, basemap: Basemap | None, projection: Projection
) -> Surround:  # fmt: skip
    title = words.title(data.city, data.cutoff_min)
    if change is not None:
        title = words.difference_title(data.city, data.cutoff_min, change.scenario)
    title = with_transit(data, title)
    return Surround(
        title=data.title or title,
        subtitle=data.subtitle or subtitle_of(data),
        caution=None if change is None else change.caution,
        figures=_key_figures(data) if change is None else _change_figures(data, change),
        legend=lambda size, width: legend_rows(data, change, lang, size, width),
        definition=data.definition,
        notes=data.warnings,
        foot=foot_words(data.date, projection.text, basemap, data.approval),
        sources=data.sources,
    )


def subtitle_of(data: MapData) -> Words:
    """Return the reading and the cutoff as a subtitle."""
    within = bilingual.fill(words.WITHIN, data.cutoff_min)
    return Words(
        "，".join(t for t in (data.reading.zh, within.zh) if t),
        ", ".join(t for t in (data.reading.en, within.en) if t),
    )


def foot_words(
    date: str, projection: Words, basemap: Basemap | None, approval: bool = True
) -> tuple[Words, ...]:  # fmt: skip
    """Return the first line of the foot: the notice or the basemap's approval, the date, the projection."""
    if basemap is None or not basemap.name:
        notice = words.notice(approval, "" if basemap is None else basemap.approval)
    else:
        notice = bilingual.fill(words.BASEMAP, basemap.name, basemap.approval or words.NOT_GIVEN)
    dated = (bilingual.fill(words.TIMETABLE, date),) if date else ()
    return (notice, *dated, projection)


def _key_figures(data: MapData) -> tuple[KeyFigure, ...]:
    figures = []
    if data.people is not None:
        figures.append(
            KeyFigure(_apart(data, words.PEOPLE), words.people(data.people.value), words.people_range(data.people))
        )
    if data.area_km2 is not None:
        figures.append(
            KeyFigure(_apart(data, words.AREA), words.area(data.area_km2.value), words.area_range(data.area_km2))
        )
    return tuple(figures)


def _apart(data: MapData, text: Words) -> Words:
    """Return the words of a figure, which leaves the city proper out where there is one."""
    return with_transit(data, text if data.city_proper is None else words.outside(text))


def _change_figures(data: MapData, change: ChangeLayer) -> tuple[KeyFigure, ...]:
    terms = change.terms or words.SCENARIO_TERMS
    plus, minus = ("+", "−") if change.terms is None else ("", "")
    found = (
        (terms.people_gained, change.people_gained, change.area_gained_km2, plus),
        (terms.people_lost, change.people_lost, change.area_lost_km2, minus),
    )
    return tuple(
        KeyFigure(
            _apart(data, label),
            words.NO_DATA if people is None else _signed(words.people(people), sign if people else ""),
            words.area(area) if area is not None else Words(""),
        )
        for label, people, area, sign in found
        if data.people is not None or people is not None
    )


def _signed(text: Words, sign: str) -> Words:
    return Words(sign + text.zh, sign + text.en)
