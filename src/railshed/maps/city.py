"""The map of one city's circle, and of what a scenario changes in it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from railshed.errors import ParameterError
from railshed.maps import layers, stations, words
from railshed.maps.basemap import Basemap, as_basemap, draw_basemap
from railshed.maps.data import Change, MapData, Words
from railshed.maps.furniture import Canvas, KeyFigure, Surround, compose, draw_scale
from railshed.maps.labels import Clutter, Placer, draw_labels
from railshed.maps.page import INK, SOFT, Row, Swatch, entry, get_sheet, one_line, paragraph
from railshed.maps.view import View, fit, local_crs, project
from railshed.places import fold

if TYPE_CHECKING:
    from matplotlib.figure import Figure

LEAST_M = 60_000.0
KEPT, GAINED, LOST = "#c9d6df", "#2b7bba", "#e07b39"
BY_RAIL = "#12395f"
GAINED_HATCH, LOST_HATCH = "////", "xxxx"


def draw_circle(
    data: MapData, *, lang: str = "both", size: str = "a4", basemap: Basemap | str | Path | None = None
) -> Figure:
    """Return the map of a circle as a matplotlib Figure.

    Parameters
    ----------
    lang
        ``both``, ``zh`` or ``en``.
    size
        ``a4``, ``a3`` (landscape) or ``slide`` (16:9).
    basemap
        A file, or one loaded by `load_basemap` with its approval number, drawn beneath.

    Raises
    ------
    ParameterError
        For an unknown language or size.
    InputError
        For a basemap that cannot be read, or data without a column or CRS.
    """
    return _draw(data, None, lang, size, basemap)


def draw_difference(
    data: MapData, *, lang: str = "both", size: str = "a4", basemap: Basemap | str | Path | None = None
) -> Figure:
    """Return the map of what a scenario changes (`data.change`) as a Figure; else as `draw_circle`."""
    if data.change is None:
        raise ParameterError("a difference map needs MapData.change")
    return _draw(data, data.change, lang, size, basemap)


def _draw(data: MapData, change: Change | None, lang: str, size: str, basemap: Basemap | str | Path | None) -> Figure:
    from railshed.maps.style import settings

    words.check_language(lang)
    sheet = get_sheet(size)
    data.check()
    base = as_basemap(basemap)
    with settings():
        canvas = compose(_surround(data, change, lang, base), sheet, lang)
        crs = local_crs(*data.centre)
        view = fit(_bounds(data, change), crs, canvas.frame, margin=0.05, least_m=LEAST_M)
        clutter = Clutter(view.box)
        if base is not None:
            draw_basemap(canvas.axes, view, base)
        elif not len(data.counties):
            canvas.axes.set_facecolor(layers.LAND)  # where land ends is not known
        prefectures = layers.draw_land(canvas.axes, view, data.counties, clutter, filled=base is None)
        if change is None:
            _draw_circle_areas(canvas.axes, view, data)
        else:
            _draw_change(canvas.axes, view, data, change)
        layers.draw_roads(canvas.axes, view, data.roads)
        layers.draw_rails(canvas.axes, view, data.legs, clutter)
        layers.draw_proposed(canvas.axes, view, _proposed(data, change), clutter)
        dots = stations.draw_stations(canvas.axes, view, data.stations, sheet.scale)
        _label(canvas, view, data, prefectures, dots, clutter)
        draw_scale(canvas, view)
    return canvas.figure


def _proposed(data: MapData, change: Change | None) -> Any:
    return data.proposed if change is None else change.proposed


def _bounds(data: MapData, change: Change | None) -> tuple[float, float, float, float]:
    """Return the projected bounds of everything that the map must show."""
    shown = [*data.bands.geometry, *([] if data.worse is None else [data.worse.geometry])]
    if change is not None:
        shown = [change.before, change.after]
    proposed = _proposed(data, change)
    shown += [] if proposed is None else list(proposed.geometry)
    inside = data.stations["inside"].to_numpy(dtype=bool) | data.stations["is_core"].to_numpy(dtype=bool)
    shown += [*data.stations.geometry[inside], shapely.Point(data.centre)]
    kept = np.array([shape for shape in shown if shape is not None and not shapely.is_empty(shape)], dtype=object)
    left, bottom, right, top = shapely.total_bounds(project(kept, local_crs(*data.centre)))
    return float(left), float(bottom), float(right), float(top)


def _ordered(data: MapData) -> Any:
    """Return the bands, nearest first."""
    return data.bands.sort_values("cutoff_min", kind="stable").reset_index(drop=True)


def _draw_circle_areas(axes: Any, view: View, data: MapData) -> None:
    bands = _ordered(data)
    colours = layers.band_colours(len(bands))
    for nth in range(len(bands) - 1, -1, -1):
        shape = bands.geometry[nth]
        layers.draw_area(axes, view, shape, 2 - 0.1 * nth, facecolor=colours[nth], edgecolor="#55818c", linewidth=0.35)
    layers.draw_area(axes, view, data.city_proper, 2.5, facecolor=layers.PROPER, edgecolor="#85898d", linewidth=0.6)
    layers.draw_area(axes, view, data.by_rail, 2.8, facecolor="none", edgecolor=BY_RAIL, linewidth=1.3)
    if data.worse is not None:
        _draw_hatched(axes, view, data.worse.geometry, LOST, LOST_HATCH)


def _draw_hatched(axes: Any, view: View, shape: Any, colour: str, hatch: str) -> None:
    layers.draw_area(axes, view, shape, 2.6, facecolor=colour, edgecolor="white", hatch=hatch, linewidth=0.0)
    layers.draw_area(axes, view, shape, 2.7, facecolor="none", edgecolor=INK, linewidth=0.5)


def _draw_change(axes: Any, view: View, data: MapData, change: Change) -> None:
    layers.draw_area(axes, view, change.before, 1.8, facecolor=KEPT, edgecolor="none")
    layers.draw_area(axes, view, change.after, 1.9, facecolor=KEPT, edgecolor="none")
    layers.draw_area(axes, view, data.city_proper, 2.5, facecolor=layers.PROPER, edgecolor="#85898d", linewidth=0.6)
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


def _label(
    canvas: Canvas, view: View, data: MapData, prefectures: list[tuple[Any, Words]],
    dots: stations.Dots, clutter: Clutter,
) -> None:  # fmt: skip
    placer = Placer(view.box, clutter, symbols=dots.xy[dots.important])
    around = np.hstack([dots.xy - dots.radius[:, None], dots.xy + dots.radius[:, None]])
    placer.block(tuple(box) for box in around[dots.important].tolist())
    clutter.add(dots.xy[~dots.important], 3.0)
    scale = canvas.sheet.scale
    names = data.stations["name"].iloc[dots.rows].tolist()
    centre = shapely.get_coordinates(view.place(np.array([shapely.Point(data.centre)])))[0]
    towns = layers.town_labels(view, data.towns, names, scale, (data.city.en or data.city.zh, centre))
    placed = placer.place([label for label in towns if label.importance >= layers.CITY_IMPORTANCE])
    printed = {fold(run.text) for spot in placed for line in spot.lines for run in line}
    labels = stations.station_labels(data.stations, dots, canvas.lang, scale, printed)
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


def _surround(data: MapData, change: Change | None, lang: str, basemap: Basemap | None) -> Surround:
    title = words.title(data.city, data.cutoff_min)
    if change is not None:
        title = words.difference_title(data.city, data.cutoff_min, change.scenario)
    title = _rail(data, title)
    within = words.fill(words.WITHIN, data.cutoff_min)
    subtitle = Words(
        "，".join(t for t in (data.reading.zh, within.zh) if t),
        ", ".join(t for t in (data.reading.en, within.en) if t),
    )
    return Surround(
        title=data.title or title,
        subtitle=data.subtitle or subtitle,
        caution=None if change is None else change.caution,
        figures=_key_figures(data) if change is None else _change_figures(data, change),
        legend=lambda size, width: _legend(data, change, lang, size, width),
        definition=data.definition,
        notes=data.warnings,
        foot=foot_words(data.date, words.fill(words.PROJECTION, words.degrees(*data.centre)), basemap, data.approval),
        sources=data.sources,
    )


def foot_words(
    date: str, projection: Words, basemap: Basemap | None, approval: bool = True
) -> tuple[Words, ...]:  # fmt: skip
    """Return the first line of the foot: the notice or the basemap's approval, the date, the projection."""
    if basemap is None:
        notice = words.NOTICE if approval else words.SKETCH
    else:
        notice = words.fill(words.BASEMAP, basemap.name, basemap.approval or words.NOT_GIVEN)
    dated = (words.fill(words.TIMETABLE, date),) if date else ()
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


def _rail(data: MapData, text: Words) -> Words:
    """Return the words, with public transport for rail where buses are among the lines."""
    return text if data.roads is None else words.transit(text)


def _apart(data: MapData, text: Words) -> Words:
    """Return the words of a figure, which leaves the city proper out where there is one."""
    return _rail(data, text if data.city_proper is None else words.outside(text))


def _change_figures(data: MapData, change: Change) -> tuple[KeyFigure, ...]:
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


def _legend(data: MapData, change: Change | None, lang: str, size: float, width: float) -> list[Row]:
    rows = _band_rows(data, lang, size, width) if change is None else _change_rows(data, change, lang, size, width)

    def add(text: Words, swatch: Swatch) -> None:
        rows.extend(entry(text, lang, swatch, size, width))

    if data.city_proper is not None:
        add(words.CITY_PROPER, Swatch("patch", layers.PROPER, "#85898d"))
    add(words.CORE, Swatch("square", INK, "white", 6.0))
    add(words.INSIDE, Swatch("dot", "white", INK, 4.6))
    add(words.OUTSIDE, Swatch("dot", "#8d949a", "white", 3.2))
    if stations.is_metro(data.stations).any():
        add(words.METRO, Swatch("dot", "white", INK, 3.2))
    if stations.is_stop(data.stations).any():
        add(words.STOP, Swatch("dot", stations.STOP.face, "none", 2.0))
    if data.counties["prefecture"].ne("").any():
        dash = (0, (7, 1.6, 1.2, 1.6))
        add(words.PREFECTURE_BORDER, Swatch("line", edge=layers.PREFECTURE_LINE, width=1.0, dash=dash))
    if len(data.counties):
        add(words.COUNTY_BORDER, Swatch("line", edge=layers.COUNTY_LINE, width=0.6))
    if _proposed(data, change) is not None:
        add(words.PROPOSED, Swatch("line", edge=layers.PROPOSED, width=2.2, dash=(0, (3.2, 1.1))))
    if data.roads is not None and len(data.roads):
        add(words.ROAD, Swatch("line", edge=layers.ROAD, width=0.6))
    return rows + _rail_rows(data, lang, size, width)


def _rail_rows(data: MapData, lang: str, size: float, width: float) -> list[Row]:
    """Return the classes of trains a day that the map has."""
    found = {layers.rail_width(trains) for trains in data.legs["trains"]}
    rows = one_line(words.RAIL, lang, size, width, gap=3.0) if found else []
    below = None
    for least, wide in layers.RAIL_CLASSES:
        text = f"≥ {least}" if below is None else f"{least} – {below - 1}" if least else f"< {below}"
        if wide in found:
            rows += entry(Words(text), "zh", Swatch("line", edge=layers.RAIL, width=wide), size, width, gap=0.5)
        below = least
    return rows


def _band_rows(data: MapData, lang: str, size: float, width: float) -> list[Row]:
    bands = _ordered(data)
    if not len(bands) and data.band_head is None:
        return paragraph(words.NO_BAND, lang, size, width, gap=3.0)
    rows = one_line(data.band_head or _rail(data, words.EITHER), lang, size, width, gap=1.0)
    rows += [] if len(bands) else one_line(words.NOWHERE, lang, size, width, colour=SOFT)
    counted = False
    for colour, (_, band) in zip(layers.band_colours(len(bands)), bands.iterrows(), strict=True):
        right = _numbers(band.get("people"), band.get("area_km2"), lang)
        counted |= bool(right)
        text = Words(band["zh"], band["en"]) if "zh" in bands else words.fill(words.WITHIN, int(band["cutoff_min"]))
        rows += entry(text, lang, Swatch("patch", colour, "#7a858d"), size, width, right=right)
    if counted:
        note = data.band_note or (words.CUMULATIVE if data.city_proper is not None else words.CUMULATIVE_ALL)
        rows += one_line(note, lang, max(6.0, size - 0.8), width, colour=SOFT)
    if data.worse is not None and not data.worse.geometry.is_empty:
        right = _numbers(data.worse.people, data.worse.area_km2, lang)
        rows += entry(data.worse.words, lang, Swatch("patch", LOST, "white", 0, LOST_HATCH), size, width, right=right)
    if data.by_rail is not None:
        text = _rail(data, words.fill(words.BY_RAIL, data.cutoff_min))
        rows += entry(text, lang, Swatch("patch", "none", BY_RAIL, 1.3), size, width)
    return rows


def _change_rows(data: MapData, change: Change, lang: str, size: float, width: float) -> list[Row]:
    rows: list[Row] = []
    terms = change.terms or words.SCENARIO_TERMS
    for text, people, area, swatch in (
        (
            terms.gained,
            change.people_gained,
            change.area_gained_km2,
            Swatch("patch", GAINED, "white", 0, GAINED_HATCH),
        ),
        (terms.lost, change.people_lost, change.area_lost_km2, Swatch("patch", LOST, "white", 0, LOST_HATCH)),
        (terms.after, change.people_after, change.area_after_km2, Swatch("patch", KEPT, "#7a858d")),
        (
            terms.before,
            change.people_before,
            change.area_before_km2,
            Swatch("line", width=0.9, dash=(0, (3, 1.5))),
        ),
    ):
        rows += entry(_rail(data, text), lang, swatch, size, width, right=_numbers(people, area, lang))
    return rows


def _numbers(people: float | None, area: float | None, lang: str) -> list[str]:
    """Return people and area as printed at the right of a legend entry."""
    pick = "en" if lang == "en" else "zh"
    found = [words.people(float(people))] if people is not None else []
    found += [words.area(float(area))] if area is not None else []
    return [words.say(text, pick)[0] for text in found]
