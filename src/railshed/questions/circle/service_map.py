"""From circles to maps of how often and by which reading: share served, stations, a map a
reading.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from railshed.circles.places import trips_within
from railshed.circles.remarks import nearest_stations
from railshed.circles.result import SHARES
from railshed.maps import words
from railshed.maps.data import MapData
from railshed.maps.from_network import drawn_stations
from railshed.maps.land import land_around
from railshed.questions.circle.map import circle_map, definition_words
from railshed.routing.directions import directions_of
from railshed.util.bilingual import Words, fill, joined
from railshed.util.errors import ParameterError
from railshed.util.frames import located
from railshed.util.phrases import MAP
from railshed.util.units import HOUR

if TYPE_CHECKING:
    from railshed.assumptions.readings import Reading
    from railshed.circles.result import CircleResult


def share_map(circle: CircleResult) -> MapData:
    """Return the map of the share of the window's minutes that are within the cutoff by rail."""
    frame = circle.share_polygons
    land = land_around(circle.network, frame)
    texts = {
        share: (f"≥ {share:.0%} 的分钟", f"{share:.0%} of minutes or more") for share in SHARES
    }
    texts |= {1.0: ("每一分钟", "every minute"), 0.0: ("至少一分钟", "one minute at least")}
    bands = frame[["geometry"]].assign(
        geometry=[land(shape) for shape in frame.geometry],
        people=frame["people_outside_city"],
        area_km2=frame["area_km2_outside_city"],
        cutoff_min=np.rint(100 - 100 * frame["share_from"]).astype(int),
        zh=[texts[share][0] for share in SHARES],
        en=[texts[share][1] for share in SHARES],
    )
    cutoff = int(frame["cutoff_min"].iloc[0])
    data = circle_map(circle)
    name = circle.city.name_en or circle.city.name
    return replace(
        data,
        bands=bands,
        cutoff_min=cutoff,
        people=None,
        area_km2=None,
        headlines=(),
        strip=(),
        trains=None,
        band_head=words.band_head(fill(MAP["share"], cutoff), apart=data.city_proper is not None),
        title=Words(
            f"{circle.city.name}{cutoff}分钟时段保障率",
            f"{name}: how much of the window is within {cutoff} min",
        ),
    )


def station_map(circle: CircleResult) -> MapData:
    """Return the map of stations with their minutes and the trips an hour of the window, the fewer
    ones both ways.
    """
    data = circle_map(circle)
    own = circle.summary.readings.get(circle.reading.name)
    case = circle.counts.case
    hours = []
    rates = []
    for way in directions_of(circle.direction):
        start, end = case.window(circle.reading, way)
        hours.append((end - start) / HOUR)
        rates.append(trips_within(case, circle.reading, way, circle.headline_cutoff) / hours[-1])
    index = case.compiled.network.station_index()
    per_hour = np.min(rates, axis=0)[[index[name] for name in data.stations["station_id"]]]
    bands = data.bands[
        data.bands["cutoff_min"].isin(circle.cutoffs if own is None else own.cutoffs)
    ]
    cutoff = circle.headline_cutoff
    spans = [f"{h:g}" for h in hours]
    note = Words(
        f"每小时班次：时段内{cutoff}分钟可达的不同行程数÷{'、'.join(spans)}小时",
        f"trips an hour: distinct journeys within {cutoff} min in the window, over "
        f"its {' and '.join(spans)} h",
    )
    if len(hours) > 1:
        note = Words(f"{note.zh}，取两方向中较少者", f"{note.en}, of both ways the fewer")
    return replace(
        data,
        stations=data.stations.assign(per_hour=per_hour),
        bands=bands,
        strip=(),
        definition=(*data.definition, note),
        reading=Words(circle.reading.label_zh, circle.reading.label),
    )


def readings_title(circle: CircleResult) -> Words:
    """Return the title of the comparison of readings."""
    city = circle.city
    return Words(
        f"{city.name}：测算口径比较", f"{city.name_en or city.name}: the readings side by side"
    )


def reading_maps(circle: CircleResult, readings: Sequence[str] | None = None) -> list[MapData]:
    """Return a map a reading, all that the circle has or those named; one without area shows its
    stations alone.

    Raises ParameterError for a reading that the circle does not have.
    """
    known = [
        r for r, one in circle.readings.items() if one.legs == "station" or r in circle.surfaces
    ]
    unknown = [name for name in readings or () if name not in known]
    if unknown:
        raise ParameterError(
            f"reading {', '.join(map(repr, unknown))}: allowed are {', '.join(known)}"
        )
    names = list(readings or known)
    base = replace(circle_map(circle), definition=readings_definition(circle, names))
    return [_reading_map(circle, base, circle.readings[name]) for name in names]


def _reading_map(circle: CircleResult, base: MapData, reading: Reading) -> MapData:
    polygons = circle.polygons
    has_area = reading.name in circle.surfaces
    cutoff = circle.shown_cutoff(reading.name) if has_area else circle.headline_cutoff
    mine = polygons[(polygons["reading"] == reading.name) & (polygons["kind"] == "by_rail")]
    fastest = circle.readings["station-to-station"]
    stations = located(
        nearest_stations(circle.counts.case, reading, fastest, circle.direction, cutoff)
    )
    return replace(
        base,
        bands=mine[["cutoff_min", "people", "area_km2", "geometry"]],
        cutoff_min=cutoff,
        trains=None,
        no_ride=None,
        headlines=(),
        strip=(),
        stations=drawn_stations(circle.network, stations),
        reading=Words(reading.label_zh, reading.label),
    )


def readings_definition(circle: CircleResult, readings: Sequence[str]) -> tuple[Words, ...]:
    """Return the definition of each reading, one sentence each, and the sentences common to all."""
    lines = [definition_words(circle, circle.readings[name]) for name in readings]
    return (
        *(joined(own[:3], "，") for own in lines),
        *dict.fromkeys(text for own in lines for text in own[3:]),
    )
