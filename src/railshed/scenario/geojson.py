"""Lines that were drawn: GeoJSON features, and candidates of OpenStreetMap, as tables of
``add-trips``.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from railshed.scenario.fields.kinds import STOP
from railshed.scenario.fields.stations import ReportedStops
from railshed.scenario.fields.table import Findings, JsonLines, Problems, is_number
from railshed.scenario.modifications.add_trips import AddTrips
from railshed.util.errors import InputError, Issue, suggestion
from railshed.util.geodesy import great_circle_m, steps_m

Point = tuple[float, float]
#: a station that is drawn lies this near to its line
_ALONG_M = 2_000
#: CGCS2000 is WGS84 to within a metre
_WGS84 = ("CRS84", "4326", "4490")
#: what drawing programs add to features
_IGNORED = ("fid", "id", "objectid", "ogc_fid", "gml_id")
_STYLE = ("stroke", "fill", "marker")
_LISTS = ("stops", "clocks", "texts", "choices", "numbers")
_FIELDS = [
    key
    for key in AddTrips.fields
    if key not in ("type", "through", "diverted_from", "stop_patterns")
]


@dataclass(frozen=True, slots=True)
class _Feature:
    """A feature with its number in the file, from 1."""

    number: int
    kind: str
    coordinates: list[Any]
    properties: dict[str, Any]


@dataclass(slots=True)
class _Line:
    """A line with the stations drawn on it: metres along it, and the table of a stop."""

    feature: _Feature
    points: list[Point]
    stations: list[tuple[float, dict[str, Any]]] = field(default_factory=list)


def drawn_lines(
    file: str, data: Any, places: JsonLines
) -> tuple[tuple[int, ...], tuple[Mapping[str, Any], ...], tuple[Issue, ...]]:
    """Return numbers of features, their tables of ``add-trips``, and everything that is wrong with
    the drawing.

    A LineString is a line; its properties are the fields of ``add-trips``, with ``headway_minutes``
    for one headway from start_time (06:00) to end_time (23:00). Where they must be texts, ``stops``
    is ``A|B|C``, ``departures`` ``06:42|07:10``, other lists likewise, ``frequencies``
    ``07:00-09:00=10|...``. Stations are that property, or Points with the fields of a stop on the
    line of their property ``line``, else on the nearest one; then the drawn length between them is
    that of the track.
    """
    problems = Problems(file or "scenario", places, Findings(), "feature")
    features = _features(f"scenario {file}".strip(), data, problems)
    lines = [
        _Line(one, points)
        for one in features
        if one.kind == "LineString" and (points := _points(problems, one, one.coordinates, 2))
    ]
    n_before = len(problems.found.issues)
    for one in features:
        if one.kind == "Point" and (place := _points(problems, one, [one.coordinates], 1)):
            _put(problems, one, place[0], lines)
    if not lines and not problems.found.issues:
        problems.error(
            1, "features", "missing-key", "no feature is a LineString", remedy="draw the line"
        )
    sound = (
        len(problems.found.issues) == n_before
    )  # stations that are wrong are not blamed on the line too
    for line in lines:
        _check_keys(problems, line.feature, [*_FIELDS, "headway_minutes"])
        if sound and _lacks_stations(line):
            message = f"has {len(line.stations)} stations; a line needs two or more"
            remedy = (
                f"draw them as Points within {_ALONG_M / 1000:g} km of the line, or give the "
                "property stops: A|B|C"
            )
            problems.error(line.feature.number, "stops", "too-few-stops", message, remedy=remedy)
    tables = tuple(_table(line) for line in lines)
    return tuple(line.feature.number for line in lines), tables, tuple(problems.found.issues)


def _lacks_stations(line: _Line) -> bool:
    return len(line.stations) < 2 and "stops" not in line.feature.properties


def _features(scenario: str, data: Any, problems: Problems) -> list[_Feature]:
    items = data.get("features") if isinstance(data, dict) else None
    if isinstance(data, dict) and data.get("type") == "Feature":
        items = [data]
    if not isinstance(items, list):
        raise InputError(f"{scenario}: no GeoJSON: needs a FeatureCollection with features")
    crs = json.dumps(data.get("crs", "CRS84"))
    if not any(name in crs for name in _WGS84):
        raise InputError(f"{scenario}: is not in WGS84 ({crs[:80]}); save it in EPSG:4326")
    return [
        one
        for i, item in enumerate(items, start=1)
        if (one := _feature(problems, i, item)) is not None
    ]


def _feature(problems: Problems, number: int, item: Any) -> _Feature | None:
    geometry = item.get("geometry") if isinstance(item, dict) else None
    if not isinstance(geometry, dict):
        problems.error(number, "geometry", "missing-key", "has no geometry")
        return None
    kind = str(geometry.get("type"))
    coordinates = geometry.get("coordinates")
    if (
        kind in ("MultiLineString", "MultiPoint")
        and isinstance(coordinates, list)
        and len(coordinates) == 1
    ):
        # QGIS writes layers so
        kind = kind.removeprefix("Multi")
        coordinates = coordinates[0]
    if kind not in ("LineString", "Point") or not isinstance(coordinates, list):
        remedy = (
            "join its parts"
            if kind == "MultiLineString"
            else "draw lines as LineString, stations as Point"
        )
        problems.error(
            number, "geometry", "bad-value", "is neither a line nor a station", kind, remedy
        )
        return None
    properties = item.get("properties")
    given = (
        {k: v for k, v in properties.items() if v is not None}
        if isinstance(properties, dict)
        else {}
    )
    return _Feature(number, kind, coordinates, given)


def _points(problems: Problems, one: _Feature, coordinates: list[Any], least: int) -> list[Point]:
    """Return sound coordinates, none if one is not."""
    found = []
    for pair in coordinates:
        if not isinstance(pair, list) or len(pair) < 2 or not all(is_number(v) for v in pair[:2]):
            problems.error(
                one.number, "geometry", "bad-number", "is not [lon, lat] in degrees", pair
            )
            return []
        if abs(pair[0]) > 180 or abs(pair[1]) > 90:
            message = "is not within -180 to 180 and -90 to 90 degrees"
            problems.error(
                one.number,
                "geometry",
                "out-of-range",
                message,
                pair[:2],
                "write [lon, lat] in WGS84",
            )
            return []
        found.append((float(pair[0]), float(pair[1])))
    if len(set(found)) < least:
        message = f"has {len(set(found))} places; a line has two or more"
        problems.error(one.number, "geometry", "too-few-points", message)
        return []
    return found


def _put(problems: Problems, one: _Feature, place: Point, lines: Sequence[_Line]) -> None:
    """Put a station on the line that it names, else on the nearest one."""
    line_name = one.properties.get("line")
    on = [line for line in lines if line_name in (None, line.feature.properties.get("name"))]
    if not on:
        names = [str(line.feature.properties.get("name")) for line in lines]
        if lines:
            message = "is no line of the file"
            remedy = suggestion(str(line_name), names)
            problems.error(
                one.number, "line", "unknown-reference", message, line_name, remedy, key="line"
            )
        return
    (off, along), line = min(
        ((along_line(on_one.points, place), on_one) for on_one in on), key=lambda item: item[0]
    )
    if off > _ALONG_M:
        message = f"lies {off / 1000:.1f} km from the line"
        problems.error(
            one.number,
            "geometry",
            "too-far",
            message,
            remedy=f"move it within {_ALONG_M / 1000:g} km",
        )
        return
    _check_keys(problems, one, [*STOP, "line"])
    if not str(one.properties.get("name", one.properties.get("id", ""))).strip():
        problems.error(one.number, "name", "missing-key", "must be the station's name")
        return
    table = {
        key: value
        for key, value in one.properties.items()
        if key in STOP and key not in ("lon", "lat")
    }
    name = str(table.get("name", table.get("id")))
    line.stations.append((along, {"name": name, **table, "lon": place[0], "lat": place[1]}))


def _check_keys(problems: Problems, one: _Feature, known: Sequence[str]) -> None:
    for key in one.properties:
        if key not in known and key.lower() not in _IGNORED and not key.lower().startswith(_STYLE):
            problems.error(
                one.number,
                key,
                "unknown-key",
                "is not known",
                remedy=suggestion(key, known),
                key=key,
            )


def _table(line: _Line) -> dict[str, Any]:
    """Return the table of ``add-trips`` of a line."""
    given = line.feature.properties
    table: dict[str, Any] = {
        "type": "add-trips",
        **{k: _plain(k, v) for k, v in given.items() if k in _FIELDS},
    }
    if isinstance(table.get("frequencies"), str):
        table["frequencies"] = [_period(part) for part in table["frequencies"].split("|")]
    if "headway_minutes" in given:
        hours = (table.pop("start_time", "06:00"), table.pop("end_time", "23:00"))
        one = {
            "start_time": hours[0],
            "end_time": hours[1],
            "headway_minutes": _number(given["headway_minutes"]),
        }
        other = table.get("frequencies", [])
        table["frequencies"] = [*other, one] if isinstance(other, list) else other
    drawn = sorted(line.stations, key=lambda item: (item[0], item[1]["name"]))
    if "stops" not in table:
        table["stops"] = ReportedStops() if _lacks_stations(line) else [stop for _, stop in drawn]
    measured = "top_speed_kmh" in table and "length_km" not in table and "hop_km" not in table
    if measured and drawn and table["stops"] == [stop for _, stop in drawn]:
        table["hop_km"] = [round((b - a) / 1000, 3) for (a, _), (b, _) in pairwise(drawn)]
    elif measured:
        table["length_km"] = round(math.fsum(steps_m(line.points)) / 1000, 3)
    return table


def _period(text: str) -> dict[str, Any]:
    """Return the period of a text such as 07:00-09:00=10; what is no number stays a text and is
    refused as one.
    """
    hours, _, headway = text.partition("=")
    start, _, end = hours.partition("-")
    return {
        "start_time": start.strip(),
        "end_time": end.strip(),
        "headway_minutes": _number(headway),
    }


def _plain(key: str, value: Any) -> Any:
    """Return a property as its field has it: attribute tables hold no lists, the parts of one stand
    between |.
    """
    field = AddTrips.fields[key]
    if (
        isinstance(value, str)
        and field.kind in _LISTS
        and ("|" in value or field.kind != "numbers")
    ):
        value = [part.strip() for part in value.split("|")]
    if field.kind not in ("number", "numbers"):
        return value
    found = [_number(part) for part in value] if isinstance(value, list) else _number(value)
    return [found] if is_number(found) and field.schema.get("type") == "array" else found


def _number(value: Any) -> Any:
    """Return the number of a text; what is none stays as it is and is refused."""
    try:
        return float(value) if isinstance(value, str) else value
    except ValueError:
        return value


def along_line(points: Sequence[Point], place: Point) -> tuple[float, float]:
    """Return metres from a place to the nearest point of a line, and metres along the line to
    there.
    """
    narrow = math.cos(math.radians(place[1]))
    best = (math.inf, 0.0)
    before = 0.0
    for a, b in pairwise(points):
        ax = (a[0] - place[0]) * narrow
        ay = a[1] - place[1]
        dx = (b[0] - a[0]) * narrow
        dy = b[1] - a[1]
        square = dx * dx + dy * dy
        share = min(max(-(ax * dx + ay * dy) / square, 0.0), 1.0) if square else 0.0
        foot = (a[0] + share * (b[0] - a[0]), a[1] + share * (b[1] - a[1]))
        length = float(great_circle_m(*a, *b))
        best = min(best, (float(great_circle_m(*place, *foot)), before + share * length))
        before += length
    return best
