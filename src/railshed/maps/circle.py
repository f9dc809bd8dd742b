"""The map of one city's circle, and of what a scenario changes in it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import shapely
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch

from railshed.maps import layers, palette, stations, words
from railshed.maps.basemap import Basemap, draw_basemap
from railshed.maps.data import ChangeLayer, Headline, MapData, NationalData, estimated
from railshed.maps.furniture import KeyFigure, MapCanvas, Surround, compose, draw_scale
from railshed.maps.graticule import draw_graticule
from railshed.maps.labels import Label, Placer, TextRun, draw_labels
from railshed.maps.layer_list import with_transit
from railshed.maps.layers import draw_rings
from railshed.maps.legend import add_legend, ordered_bands, outline_styles, proposed_of
from railshed.maps.page import Column
from railshed.maps.palette import GAINED, GAINED_HATCH, INK, LOST, LOST_HATCH, UNCHANGED
from railshed.maps.projection import Projection, local_projection
from railshed.maps.save import settings
from railshed.maps.style import MapStyle
from railshed.maps.view import fit, path, project
from railshed.network.gazetteer import fold
from railshed.util.bilingual import EMPTY, Words, fill, joined
from railshed.util.errors import ParameterError
from railshed.util.phrases import MAP

LEAST_M = 60_000.0
#: metres a point (1:1.4 million on A4) from which only the circle's own train stations and
#: prefectures have names
SMALL_SCALE_M = 500.0
#: circles all smaller than this share of the map are enlarged; width and height of an inset, as a
#: share
_SMALL = 0.25
_INSET = 0.3
Box = tuple[float, float, float, float]
#: minutes that a title names where they are among the bands
HEADLINE_CUTOFFS = (60, 90)


def draw_circle(data: MapData, style: MapStyle | None = None) -> Figure:
    """Return the map of a circle as a matplotlib Figure.

    Raises ParameterError for a CRS that has no place for the city; InputError for data without a
    column or CRS.
    """
    return _draw(data, None, style or MapStyle())


def draw_difference(data: MapData, style: MapStyle | None = None) -> Figure:
    """Return the map of what a scenario changes (`data.change`) as a Figure; else as
    `draw_circle`.
    """
    if data.change is None:
        raise ParameterError("a difference map needs MapData.change")
    return _draw(data, data.change, style or MapStyle())


def _draw(data: MapData, change: ChangeLayer | None, style: MapStyle) -> Figure:
    data.check()
    projection = local_projection(style.crs, *data.centre)
    with settings():
        bounds = bounds_of(data, change, projection.crs)
        unknown = has_unknown_land(data, bounds, style, projection.crs)
        surround = surround_of(
            data,
            _title(data, change),
            style,
            projection,
            lambda column: add_legend(column, data, change, unknown),
            caution=None if change is None else change.caution,
            strip=data.strip,
            figures=tuple(_key_figure(data, headline) for headline in _headlines(data, change)),
        )
        canvas = compose(surround, style).with_map(bounds, projection, margin=0.05, least_m=LEAST_M)
        prefectures = draw_ground(canvas, data, style.beneath)
        degrees = draw_graticule(canvas.axes, canvas.view, canvas.scale)
        if change is None:
            draw_bands(canvas, data)
        else:
            _draw_change(canvas, data, change)
        draw_lines(canvas, data, proposed_of(data, change))
        dots = stations.draw_stations(canvas, data, canvas.scale)
        rings = [
            label
            for ringed in _ringed_shapes(data, change)
            for label in draw_rings(canvas, *ringed)
        ]
        insets = _draw_insets(canvas, data, style) if change is None else []
        label_map(canvas, data, prefectures, dots, [*rings, *degrees], insets)
        draw_scale(canvas)
    return canvas.figure


def _draw_insets(canvas: MapCanvas, data: MapData, style: MapStyle) -> list[Box]:
    """Enlarge the circles in free corners where all are small on the sheet; return the boxes taken,
    in points.
    """
    (left, bottom, width, tall) = canvas.view.frame
    boxes = list[Box]()
    shapes = canvas.view.clip(canvas.view.place(data.bands.geometry.to_numpy()))
    groups = shapely.get_parts(shapely.union_all(shapely.buffer(shapely.make_valid(shapes), 6.0)))
    bounds = shapely.bounds(groups)
    if (
        shapely.is_empty(groups).all()
        or ((bounds[:, 2:] - bounds[:, :2]) > (_SMALL * width, _SMALL * tall)).any()
    ):
        return []
    wide = _INSET * width
    high = _INSET * tall
    corners = [(x, y) for x in (left, left + width - wide) for y in (bottom, bottom + tall - high)]
    free = [
        c
        for c in corners
        if not shapely.intersects(shapely.box(*c, c[0] + wide, c[1] + high), groups).any()
    ]
    for own in bounds[np.argsort(-shapely.area(groups), kind="stable")][: len(free)]:
        x, y = min(
            free, key=lambda c: float(np.hypot(c[0] + wide / 2 - own[0], c[1] + high / 2 - own[1]))
        )
        free.remove((x, y))
        boxes.append((x, y, x + wide, y + high))
        canvas.axes.add_patch(
            PathPatch(path(shapely.box(*own)), fc="none", ec=INK, linewidth=0.7, zorder=7)
        )
        plane = canvas.view.plane(own.reshape(2, 2)).ravel().tolist()
        inner = canvas.with_map(
            plane, canvas.projection, margin=0.02, least_m=1.0, frame=(x, y, wide, high)
        )
        draw_ground(inner, data, style.beneath, inner=False)
        draw_bands(inner, data)
        draw_lines(inner, data, data.proposed)
        dots = stations.draw_stations(inner, data, 0.8 * canvas.scale)
        labels = stations.station_labels(
            data, dots, "en" if canvas.lang == "en" else "zh", canvas.scale
        )
        named = [label for label in labels if label.kind in ("station", "core")]
        times = TextRun(
            f"×{canvas.view.metres_per_point / inner.view.metres_per_point:.1f}", 6.5 * canvas.scale
        )
        places = np.array(
            [(a, b) for b in (y + 10, y + high - 10) for a in (x + 18, x + wide - 18)]
        )
        named.append(Label("enlarged", (((times,),),), places, 0.0, np.inf))
        spots = placer_around(inner, dots).place(named)
        draw_labels(canvas.figure, canvas.points, spots, prefix=f"inset-{x:.0f}-{y:.0f}-")
    return boxes


def _ringed_shapes(data: MapData, change: ChangeLayer | None) -> list[tuple[Any, Words, str]]:
    """Return (shape, name, colour) of what a reader must not miss: gained, lost; worse, widest band
    or overlap.
    """
    if change is not None:
        return [
            (s.geometry, s.words, colour)
            for s, colour in ((change.gained, GAINED), (change.lost, LOST))
        ]
    found = [] if data.worse is None else [(data.worse.geometry, data.worse.words, LOST)]
    bands = ordered_bands(data)
    if len(bands) and "zh" in bands:
        overlap = (
            len(data.outlines) > 0 and len(bands) > 1
        )  # the widest band is seen by its outlines
        shape = bands.geometry.iloc[-2 if overlap else -1]
        same = shapely.area(bands.geometry.to_numpy()) >= 0.99 * shapely.area(shape)
        band = bands.iloc[
            int(np.argmax(same))
        ]  # of bands as wide as the last the first one says most
        found.append((shape, Words(band["zh"], band["en"]), GAINED))
    return found


def has_unknown_land(data: MapData, bounds: Box, style: MapStyle, crs: str) -> bool:
    """Return whether about the view that a map of these bounds has shows land without data."""
    if style.beneath is not None and style.beneath.has_land:
        return False
    sheet = style.sheet
    room = (0.0, 0.0, sheet.width - sheet.panel_width - 3 * sheet.margin, 0.62 * sheet.height)
    unknown = layers.unknown_land(
        fit(bounds, crs, room, margin=0.05, least_m=LEAST_M), data.counties
    )
    return bool(shapely.area(unknown) > 0.002 * room[2] * room[3])


def draw_ground(
    canvas: MapCanvas, data: MapData, base: Basemap | None, *, inner: bool = True
) -> Any:
    """Draw land, counties and borders; return the visible polygon and name of each prefecture, in
    points.

    Land is the basemap's where it has some.
    """
    land_known = base is not None and base.has_land
    if base is not None:
        draw_basemap(canvas.axes, canvas.view, base)
    if not land_known:
        layers.draw_shores(canvas, data.counties)
    return layers.draw_land(canvas, data.counties, filled=not land_known, inner=inner)


def draw_lines(canvas: MapCanvas, data: MapData, proposed: Any) -> None:
    """Draw bus lines, railways and what is proposed."""
    layers.draw_roads(canvas, data.roads)
    layers.draw_rails(canvas, data.legs)
    layers.draw_proposed(canvas, proposed)


def bounds_of(data: MapData, change: ChangeLayer | None, crs: str) -> Box:
    """Return the projected bounds of everything that the map must show."""
    shown = [*data.bands.geometry, *([] if data.worse is None else [data.worse.geometry])]
    shown += [] if data.extent is None else [data.extent]
    if change is not None:
        shown = [change.before.geometry, change.after.geometry]
    proposed = proposed_of(data, change)
    shown += [] if proposed is None else list(proposed.geometry)
    inside = data.stations["inside"].to_numpy(dtype=bool) | data.stations["is_core"].to_numpy(
        dtype=bool
    )
    return projected_bounds(
        [*shown, *data.stations.geometry[inside], shapely.Point(data.centre)], crs
    )


def projected_bounds(shapes: Sequence[Any], crs: str) -> Box:
    """Return the projected bounds of shapes in degrees; None and empty ones have none."""
    left, bottom, right, top = shapely.total_bounds(
        project(np.array(shapes, dtype=object), crs)
    ).tolist()
    return left, bottom, right, top


def draw_bands(canvas: MapCanvas, data: MapData, colours: Sequence[str] = ()) -> None:
    """Draw the bands of a circle, the city proper and what is outlined over them."""
    bands = ordered_bands(data)
    colours = colours or palette.band_colours(len(bands))
    for nth in range(len(bands) - 1, -1, -1):
        edge: dict[str, Any] = {"edgecolor": palette.BAND_EDGE, "linewidth": 0.35}
        layers.draw_area(canvas, bands.geometry[nth], 2 - 0.1 * nth, facecolor=colours[nth], **edge)
    if data.trains is not None:
        hatched: dict[str, Any] = {
            "edgecolor": palette.TRAINS,
            "hatch": palette.TRAINS_HATCH,
            "linewidth": 0.0,
        }
        layers.draw_area(canvas, data.trains.geometry, 2.3, facecolor="none", **hatched)
    if data.no_ride is not None:
        layers.draw_outline(
            canvas, data.no_ride.geometry, 2.7, palette.NO_RIDE, 1.0, palette.NO_RIDE_DASH
        )
    layers.draw_proper(canvas, data.city_proper, paler=True)
    for outline, (colour, dash) in zip(data.outlines, outline_styles(data), strict=True):
        layers.draw_outline(canvas, outline.geometry, 2.8, colour, 1.3, dash)
    if data.worse is not None:
        _draw_hatched(canvas, data.worse.geometry, LOST, LOST_HATCH)


def _draw_hatched(canvas: MapCanvas, shape: Any, colour: str, hatch: str) -> None:
    layers.draw_area(
        canvas, shape, 2.6, facecolor=colour, edgecolor="white", hatch=hatch, linewidth=0.0
    )
    layers.draw_area(canvas, shape, 2.7, facecolor="none", edgecolor=INK, linewidth=0.5)


def _draw_change(canvas: MapCanvas, data: MapData, change: ChangeLayer) -> None:
    layers.draw_area(canvas, change.before.geometry, 1.8, facecolor=UNCHANGED, edgecolor="none")
    layers.draw_area(canvas, change.after.geometry, 1.9, facecolor=UNCHANGED, edgecolor="none")
    layers.draw_proper(canvas, data.city_proper)
    for side, colour, hatch in (
        (change.gained, GAINED, GAINED_HATCH),
        (change.lost, LOST, LOST_HATCH),
    ):
        _draw_hatched(canvas, side.geometry, colour, hatch)
    layers.draw_outline(canvas, change.before.geometry, 2.8, INK, 0.9, (0, (3, 1.5)))


def label_map(
    canvas: MapCanvas,
    data: MapData,
    prefectures: list[tuple[Any, Words]],
    dots: stations.Dots,
    degrees: Sequence[Label],
    insets: Sequence[Box] = (),
) -> None:
    """Place and draw the names of stations, towns, prefectures and counties, and the degrees of the
    graticule.
    """
    view = canvas.view
    clutter = canvas.clutter
    scale = canvas.scale
    placer = placer_around(canvas, dots)
    placer.boxes.extend(insets)
    clutter.add(dots.xy[~dots.important], 3.0)
    names = data.stations["name"].iloc[dots.rows].tolist()
    centre = shapely.get_coordinates(view.place(np.array([shapely.Point(data.centre)])))[0]
    towns = layers.town_labels(canvas, data.towns, names, (data.city.en or data.city.zh, centre))
    placed = placer.place([label for label in towns if label.importance >= layers.CITY_IMPORTANCE])
    placed += placer.place(degrees)
    printed = {fold(run.text) for spot in placed for line in spot.lines for run in line}
    near = view.metres_per_point < SMALL_SCALE_M
    labels = stations.station_labels(data, dots, canvas.lang, scale, printed, few=not near)
    inside = [label for label in labels if label.kind in ("station", "core")]
    others = [label for label in labels if label.kind not in ("station", "core")]
    placed += stations.place_stations(placer, inside)
    placed += placer.place(
        [
            *others,
            *layers.prefecture_labels(canvas, prefectures),
            *(layers.county_labels(canvas, data.counties) if near else ()),
            *(label for label in towns if label.importance < layers.CITY_IMPORTANCE),
        ]
    )
    draw_labels(canvas.figure, canvas.points, placed)


def placer_around(canvas: MapCanvas, dots: stations.Dots) -> Placer:
    """Return a placer of labels that leaves the symbols of the circle's stations free."""
    placer = Placer(canvas.view.box, canvas.clutter, symbols=dots.xy[dots.important])
    around = np.hstack([dots.xy - dots.radius[:, None], dots.xy + dots.radius[:, None]])
    placer.boxes.extend(tuple(box) for box in around[dots.important].tolist())
    return placer


def _title(data: MapData, change: ChangeLayer | None) -> Words:
    if change is None:
        cutoffs = [c for c in HEADLINE_CUTOFFS if c in data.bands["cutoff_min"].to_list()] or [
            data.cutoff_min
        ]
        return with_transit(data, words.title(data.city, *cutoffs))
    return with_transit(data, words.difference_title(data.city, data.cutoff_min, change.scenario))


def surround_of(
    data: MapData | NationalData,
    title: Words,
    style: MapStyle,
    projection: Projection,
    legend: Callable[[Column], None],
    **more: Any,
) -> Surround:
    """Return the texts around a map; title and subtitle are the data's own where it has them."""
    subtitle = data.subtitle or (
        data.value_label if isinstance(data, NationalData) else _subtitle(data)
    )
    approval = data.approval if isinstance(data, MapData) else True
    return Surround(
        title=data.title or title,
        subtitle=subtitle,
        legend=legend,
        definition=data.definition,
        notes=data.warnings,
        foot=_foot_words(data.date, projection.text, style.beneath, approval),
        sources=data.sources,
        **more,
    )


def _subtitle(data: MapData) -> Words:
    """Return the reading and the cutoff as a subtitle."""
    if data.strip:  # the title names the cutoffs
        return data.reading
    within = fill(MAP["within"], data.cutoff_min)
    return joined([data.reading, within], "，") if data.reading.zh or data.reading.en else within


def _foot_words(
    date: str, projection: Words, basemap: Basemap | None, approval: bool
) -> tuple[Words, ...]:
    """Return the first line of the foot: the notice or the basemap's approval, the date, the
    projection.
    """
    if basemap is None or not basemap.name:
        notice = words.notice(approval, "" if basemap is None else basemap.approval)
    else:
        notice = fill(MAP["basemap"], basemap.name, basemap.approval or MAP["not_given"])
    dated = (fill(MAP["timetable"], date),) if date else ()
    return (notice, *dated, projection)


def _headlines(data: MapData, change: ChangeLayer | None) -> tuple[Headline, ...]:
    """Return the large figures of the head, those of the data where it has some."""
    if data.headlines:
        return data.headlines
    if change is None:
        found = (Headline(MAP["people"], data.people), Headline(MAP["area"], None, data.area_km2))
        return tuple(h for h in found if h.people is not None or h.area_km2 is not None)
    signs = ("+", "−") if change.heads is None else ("", "")
    shown: list[Headline] = []
    sides = zip(
        change.heads or words.SCENARIO_HEADS, (change.gained, change.lost), signs, strict=True
    )
    for label, side, sign in sides:
        unknown = (
            side.people is None and data.people is not None
        )  # people are counted, but not known there
        note = words.area(side.area_km2) if unknown and side.area_km2 is not None else EMPTY
        shown.append(
            Headline(
                label,
                estimated(side.people),
                None if unknown else estimated(side.area_km2),
                sign,
                note,
            )
        )
    return tuple(shown)


def _key_figure(data: MapData, headline: Headline) -> KeyFigure:
    """Return a figure as printed: people, below them their range and km2; km2 alone where no people
    are known.
    """
    people = headline.people
    area = headline.area_km2
    value = MAP["no_data"]
    sign = ""
    below = [headline.note]
    if people is not None:
        value = words.people(people.value)
        sign = headline.sign if people.value else ""
        below = [
            words.interval(people, words.people),
            *([] if area is None else [words.area(area.value)]),
            *below,
        ]
    elif area is not None:
        value = words.area(area.value)
        sign = headline.sign
        below = [words.interval(area, words.area), *below]
    label = headline.words if data.city_proper is None else words.outside(headline.words)
    under = joined([text for text in below if text.zh], " · ", " · ")
    return KeyFigure(with_transit(data, label), words.signed(value, sign), under)
