"""Stations on the map: symbols by what they are, names and minutes placed so that none of the
circle goes without.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import shapely
from numpy.typing import NDArray

from railshed.maps import words
from railshed.maps.data import MapData
from railshed.maps.furniture import MapCanvas
from railshed.maps.labels import Label, PlacedLabel, Placer, TextRun
from railshed.maps.palette import FAR, INK, SOFT
from railshed.maps.view import View
from railshed.network.gazetteer import fold
from railshed.util.array_types import Bools, Floats, Ints64
from railshed.util.bilingual import Words, fill, say
from railshed.util.phrases import MAP

if TYPE_CHECKING:
    import geopandas as gpd


@dataclass(frozen=True, slots=True)
class Kind:
    """Symbol of one kind of station, and the rank of its labels."""

    name: str
    marker: str
    radius: float  # points on A4, as the sizes below
    face: str
    edge: str
    edge_width: float
    text_size: float
    text_colour: str
    importance: float
    #: how much a busy station's label gains over a quiet one's
    spread: float
    further: tuple[float, ...] = ()
    leaders: tuple[float, ...] = ()


#: points on A4 at which a thin line may tie the name of a core station or landmark to it
_FAR = (14.0, 22.0, 32.0, 44.0, 58.0, 74.0)
STOP = Kind(
    name="stop",
    marker="o",
    radius=0.5,
    face="#7b8288",
    edge="none",
    edge_width=0.0,
    text_size=6.0,
    text_colour=SOFT,
    importance=50.0,
    spread=40.0,
)
CORE_STOP = Kind(
    name="stop",
    marker="o",
    radius=0.35,
    face=INK,
    edge="none",
    edge_width=0.0,
    text_size=6.0,
    text_colour=SOFT,
    importance=60.0,
    spread=40.0,
)
OUTSIDE = Kind(
    name="outside",
    marker="o",
    radius=1.3,
    face=FAR,
    edge="white",
    edge_width=0.4,
    text_size=6.1,
    text_colour=SOFT,
    importance=100.0,
    spread=90.0,
)
METRO = Kind(
    name="station",
    marker="o",
    radius=1.5,
    face="white",
    edge=INK,
    edge_width=0.7,
    text_size=6.3,
    text_colour=INK,
    importance=400.0,
    spread=90.0,
    further=(3.0,),
)
INSIDE = Kind(
    name="station",
    marker="o",
    radius=2.2,
    face="white",
    edge=INK,
    edge_width=0.9,
    text_size=7.0,
    text_colour=INK,
    importance=500.0,
    spread=360.0,
    further=(3.5,),
)
CORE_METRO = Kind(
    name="core",
    marker="s",
    radius=1.6,
    face=INK,
    edge="white",
    edge_width=0.4,
    text_size=6.3,
    text_colour=INK,
    importance=620.0,
    spread=40.0,
    further=(3.0,),
)
CORE = Kind(
    name="core",
    marker="s",
    radius=3.0,
    face=INK,
    edge="white",
    edge_width=0.7,
    text_size=8.2,
    text_colour=INK,
    importance=1000.0,
    spread=90.0,
    further=(6.0,),
    leaders=_FAR,
)
#: in the order in which they are drawn
KINDS = (STOP, CORE_STOP, OUTSIDE, METRO, INSIDE, CORE_METRO, CORE)
_OF_THE_CIRCLE = KINDS.index(METRO)
#: bus stops in view from which they go without labels
_MOST_STOPS = 60
#: stations of the circle in view from which their symbols are smaller
_CROWD = 400
_CROWDED = 0.65
#: in a crowd names find no room: so many of the busiest stations, so far from each other (points),
#: go first
_LANDMARKS = 12
_APART = 13.0
#: of a landmark and of the one core station that is named where all are small
_LANDMARK_IMPORTANCE = 900.0
_CENTRE_IMPORTANCE = 950.0


@dataclass(frozen=True, slots=True)
class Dots:
    """The stations in view: row of the frame, place and radius in points, index into KINDS."""

    rows: NDArray[np.intp]
    xy: Floats
    radius: Floats
    kind_idx: Ints64

    @property
    def important(self) -> Bools:
        """Whether each is of the circle: inside or core."""
        return np.asarray(self.kind_idx >= _OF_THE_CIRCLE)


def is_stop(stations: gpd.GeoDataFrame) -> Bools:
    """Return whether each is a stop of buses alone (`bus_only`, where the frame has it)."""
    return np.asarray(
        stations["bus_only"] if "bus_only" in stations else np.zeros(len(stations)), dtype=np.bool_
    )


def is_metro(stations: gpd.GeoDataFrame) -> Bools:
    """Return whether each station is drawn small as one of a metro (`station_class`, where the
    frame has it).

    None is where all are of metros and not too many: small next to what?
    """
    stop = is_stop(stations)
    metro = np.zeros(len(stations), dtype=np.bool_)
    if "station_class" in stations:
        metro = np.asarray(stations["station_class"].eq("metro"), dtype=np.bool_)
    return metro & ~stop & (not metro[~stop].all() or (~stop).sum() > _CROWD)


def in_view(view: View, stations: gpd.GeoDataFrame) -> tuple[NDArray[np.intp], Floats]:
    """Return the rows of the stations in view and their places, float64 (n, 2) points of
    the sheet.
    """
    xy = shapely.get_coordinates(view.place(stations.geometry.to_numpy()))
    rows = np.flatnonzero(((xy > view.box[:2]) & (xy < view.box[2:])).all(axis=1))
    return rows, xy[rows]


def draw_stations(canvas: MapCanvas, data: MapData, scale: float) -> Dots:
    """Draw core stations square, those inside white with an edge, others small and grey; metro ones
    smaller.

    Bus stops are dots.
    """
    stations = data.stations
    rows, xy = in_view(canvas.view, stations)
    metro = is_metro(stations)[rows]
    core = stations["is_core"].to_numpy(dtype=bool)[rows]
    inside = stations["inside"].to_numpy(dtype=bool)[rows]
    stop = is_stop(stations)[rows]
    kinds = [core & stop, stop, core & ~metro, core, inside & ~metro, inside]
    kind_idx = np.select(kinds, [1, 0, 6, 5, 4, 3], 2)
    crowd = int((kind_idx >= _OF_THE_CIRCLE).sum()) > _CROWD
    smaller = _CROWDED if crowd else 1.0
    scale *= smaller
    for idx, kind in enumerate(KINDS):
        if (kind_idx == idx).any():
            canvas.axes.plot(
                *xy[kind_idx == idx].T,
                linestyle="none",
                marker=kind.marker,
                markersize=2 * kind.radius * scale,
                markerfacecolor=kind.face,
                markeredgecolor=kind.edge,
                markeredgewidth=kind.edge_width * smaller,
                zorder=5 + idx / 10,
                scalex=False,
                scaley=False,
            )
    radius = np.array([kind.radius for kind in KINDS])[kind_idx] * scale
    return Dots(rows, xy, radius, kind_idx)


def station_labels(
    data: MapData,
    dots: Dots,
    lang: str,
    scale: float,
    printed: Collection[str] = (),
    *,
    few: bool = False,
) -> list[Label]:
    """Return the labels of stations: name and minutes, or the minutes alone where the name does not
    fit.

    Names that are `printed` already, as `fold` spells them, are not printed again. Where all core
    stations are small, the busiest of them has a name; in a crowd the busiest stations have theirs.
    Metro stations beyond the bands have no label; if `few`, only train stations of the circle have
    one.
    """
    seen = data.stations.iloc[dots.rows]
    n_stops = int((dots.kind_idx <= KINDS.index(CORE_STOP)).sum())
    trips = np.nan_to_num(seen["trips"].to_numpy(dtype=float))
    busy = np.argsort(np.argsort(trips, kind="stable"), kind="stable") / max(1, len(trips))
    labels = []
    both = zip(seen["name"], seen["name_en"], strict=True)
    again = np.array(
        [any(fold(str(name or "")) in printed for name in names) for names in both], dtype=np.bool_
    )
    marks = {} if few else _landmarks(seen, dots, again, scale)
    metro = is_metro(data.stations)[dots.rows]
    widest = data.bands["cutoff_min"].max()
    for n, row in enumerate(seen.itertuples(index=False)):
        kind = KINDS[int(dots.kind_idx[n])]
        far = kind is OUTSIDE and metro[n] and not float(row.minutes) <= widest
        if (
            far
            or (few and kind not in (INSIDE, CORE))
            or (kind in (STOP, CORE_STOP) and n_stops > _MOST_STOPS)
        ):
            continue
        names = say(Words(str(row.name), str(row.name_en or "")), lang)
        number = "" if row.is_core else words.minutes(float(row.minutes))
        was = words.minutes(float(row.minutes_before)) if "minutes_before" in seen.columns else ""
        changed = bool(number and was and was != number)
        if changed:
            number += " ".join(say(fill(MAP["was"], was), "zh" if lang == "both" else lang))
        if "per_hour" in seen.columns and not row.is_core:
            number = f"{number or '–'} | {words.rate(float(row.per_hour))}/h"
        importance = (
            kind.importance
            + kind.spread * float(busy[n])
            + (100.0 if number else 0.0)
            + 400.0 * changed
        )
        forms = _forms(names, number, kind, scale)
        if again[n]:
            if not number or kind.importance < METRO.importance:
                continue
            forms = forms[-1:]
        elif n in marks:
            name = TextRun(names[0], (kind.text_size + 0.6) * scale, True, kind.text_colour)
            figure = (TextRun(f" {number}", name.size, True, kind.text_colour),) if number else ()
            forms = (((name, *figure),),)
            importance = marks[n]
        aways = (kind.further, _FAR if n in marks else kind.leaders)
        further, leaders = (tuple(scale * away for away in distances) for distances in aways)
        offset = float(dots.radius[n]) + 1.4
        labels.append(
            Label(
                kind=kind.name,
                forms=forms,
                anchors=dots.xy[n][None],
                offset=offset,
                importance=importance,
                further=further,
                leaders=leaders,
            )
        )
    return labels


def _landmarks(seen: gpd.GeoDataFrame, dots: Dots, again: Bools, scale: float) -> dict[int, float]:
    """Return the importance of the stations by which one finds one's way, by their place among
    those in view.
    """
    busy = np.nan_to_num(
        seen["trains" if "trains" in seen.columns else "trips"].to_numpy(dtype=float)
    )
    core, small = (dots.kind_idx == KINDS.index(kind) for kind in (CORE, CORE_METRO))
    unnamed = np.flatnonzero(small & ~again)
    marks: dict[int, float] = {}
    if len(unnamed) and not core.any():
        marks[int(unnamed[np.argmax(busy[unnamed])])] = _CENTRE_IMPORTANCE
    if int(dots.important.sum()) <= _CROWD:
        return marks
    places = [dots.xy[n] for n in marks]
    for n in np.argsort(-busy, kind="stable").tolist():
        if len(marks) > _LANDMARKS:
            break
        far = all(np.hypot(*(dots.xy[n] - place)) > _APART * scale for place in places)
        if dots.important[n] and not small[n] and not again[n] and far:
            marks[n] = _LANDMARK_IMPORTANCE - len(marks)
            places.append(dots.xy[n])
    return marks


def _forms(
    names: Sequence[str], number: str, kind: Kind, scale: float
) -> tuple[tuple[tuple[TextRun, ...], ...], ...]:
    size = kind.text_size * scale
    figure = (TextRun(f" {number}", size, True, kind.text_colour),) if number else ()
    first = (TextRun(names[0], size, kind is CORE, kind.text_colour), *figure)
    second = tuple((TextRun(name, max(6.0, size - 0.9), False, SOFT),) for name in names[1:])
    forms: list[tuple[tuple[TextRun, ...], ...]] = (
        [(first, *second), (first,)] if second else [(first,)]
    )
    if kind.importance >= METRO.importance and number:
        forms.append(((TextRun(number, size, True, kind.text_colour),),))
    return tuple(forms)


def place_stations(placer: Placer, labels: Sequence[Label]) -> list[PlacedLabel]:
    """Return the labels of the circle's stations placed: all in one language first, then in two
    where there is room.

    In this order a long label never takes the place of another station's only one.
    """
    short = [replace(label, forms=label.forms[-2:]) for label in labels]
    full = {id(brief): label for brief, label in zip(short, labels, strict=True)}
    placed = []
    for spot in placer.place(short):
        longer = full[id(spot.label)]
        better = (
            None
            if spot.leader or longer.forms == spot.label.forms
            else placer.replace(spot, longer)
        )
        placed.append(better or spot)
    return placed
