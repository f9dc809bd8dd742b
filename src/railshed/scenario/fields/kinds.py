"""Fields: what a field may hold, its bounds and its meaning; those that types share, of tables
within, of the file.

Tables are read by them, the JSON Schema of scenario files is made of them, and property tests draw
values of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from railshed.network.model import FEEDERS, STATION_CLASSES
from railshed.network.route_types import MODES
from railshed.scenario.run_times.kinematics import FASTEST_KMH, SLOWEST_KMH

_CLOCK = {
    "type": "string",
    "pattern": r"^\s*\d{1,3}:[0-5]\d(:[0-5]\d)?\s*$",
    "description": '"07:30"; past midnight count on: "25:10"; TOML may write 07:30:00',
}


@dataclass(frozen=True, slots=True)
class Field:
    """One field: its kind, its JSON Schema, and its bounds if it is a number."""

    meaning: str
    schema: Mapping[str, Any] = field(default_factory=dict)
    required: bool = False
    low: float = 0.0
    high: float = 0.0
    #: `low` itself is not allowed
    open_below: bool = False
    unit: str = ""
    #: name of the function that made it: property tests draw by it
    kind: str = "text"
    #: values that property tests draw instead of any allowed one
    usual: Sequence[Any] = ()

    def json(self) -> dict[str, Any]:
        """Return the JSON Schema of the field."""
        return {"description": self.meaning, **self.schema}

    def drawn_from(self, *values: Any) -> Field:
        """Return the field with the values that property tests draw."""
        return replace(self, usual=values)


Fields = Mapping[str, Field]


def text(meaning: str, *, required: bool = False, kind: str = "text") -> Field:
    """Return a text that is not empty; `kind` says what it names: a station, city or trip of the
    network.
    """
    return Field(meaning, {"type": "string", "minLength": 1}, required, kind=kind)


def any_text(meaning: str) -> Field:
    """Return a text that may be empty."""
    return Field(meaning, {"type": "string"})


def texts(meaning: str, *, required: bool = False, kind: str = "texts", least: int = 1) -> Field:
    """Return a list of `least` texts or more; `kind` says what they name: stations, trips or routes
    of the network.
    """
    return Field(
        meaning,
        {"type": "array", "minItems": least, "items": {"type": "string"}},
        required,
        kind=kind,
    )


def flag(meaning: str, *, default: bool) -> Field:
    """Return true or false."""
    return Field(meaning, {"type": "boolean", "default": default}, kind="flag")


def choice(meaning: str, allowed: Sequence[str]) -> Field:
    """Return one of some words."""
    return Field(meaning, {"enum": list(allowed)}, kind="choice", usual=allowed)


def choices(meaning: str, allowed: Sequence[str]) -> Field:
    """Return a list of at least one of some words."""
    return Field(
        meaning, {"type": "array", "minItems": 1, "items": {"enum": list(allowed)}}, kind="choices"
    )


def number(
    meaning: str,
    low: float,
    high: float,
    unit: str,
    *,
    open_below: bool = False,
    required: bool = False,
    whole: bool = False,
) -> Field:
    """Return a number from `low` to `high`."""
    schema = {**_bounds(low, high, open_below), **({"type": "integer"} if whole else {})}
    return Field(
        meaning=meaning,
        schema=schema,
        required=required,
        low=low,
        high=high,
        open_below=open_below,
        unit=unit,
        kind="number",
    )


def numbers(
    meaning: str,
    low: float,
    high: float,
    unit: str,
    *,
    open_below: bool = False,
    or_one: bool = False,
) -> Field:
    """Return a list of numbers from `low` to `high`, one a hop or station; with `or_one` also a
    single number.
    """
    one = _bounds(low, high, open_below)
    many: dict[str, Any] = {"type": "array", "items": one}
    return Field(
        meaning=meaning,
        schema={"anyOf": [one, many]} if or_one else many,
        required=False,
        low=low,
        high=high,
        open_below=open_below,
        unit=unit,
        kind="numbers",
    )


def _bounds(low: float, high: float, open_below: bool) -> dict[str, Any]:
    return {"type": "number", "exclusiveMinimum" if open_below else "minimum": low, "maximum": high}


def degrees(meaning: str, bound: float) -> Field:
    """Return degrees of longitude or latitude up to `bound`."""
    return Field(meaning, {"type": "number", "minimum": -bound, "maximum": bound}, kind="degrees")


def clock(meaning: str, *, required: bool = False) -> Field:
    """Return a clock time."""
    return Field(meaning, _CLOCK, required, kind="clock")


def clocks(meaning: str) -> Field:
    """Return a list of at least one clock time."""
    return Field(meaning, {"type": "array", "minItems": 1, "items": _CLOCK}, kind="clocks")


def table(meaning: str, name: str) -> Field:
    """Return a table of the fields that `PARTS` has by this name."""
    return Field(meaning, reference(name), kind="table")


def tables(meaning: str, name: str, *, required: bool = False) -> Field:
    """Return a list of at least one such table."""
    return Field(
        meaning, {"type": "array", "minItems": 1, "items": reference(name)}, required, kind="tables"
    )


def stops(meaning: str, *, least: int = 0) -> Field:
    """Return a list of stations, named or described by a table, of `least` or more."""
    bound = {"minItems": least} if least else {}
    items = {"anyOf": [{"type": "string"}, reference("stop")]}
    return Field(meaning, {"type": "array", **bound, "items": items}, bool(least), kind="stops")


def lists(meaning: str, items: str, length: int, *, least: int = 0) -> Field:
    """Return a list of lists of `length` texts ("string") or numbers ("number")."""
    one = {"type": "array", "minItems": length, "maxItems": length, "items": {"type": items}}
    return Field(
        meaning,
        {"type": "array", **({"minItems": least} if least else {}), "items": one},
        kind="lists",
    )


def reference(name: str) -> dict[str, Any]:
    """Return the JSON Schema of a table that is defined once for all types."""
    return {"$ref": f"#/$defs/{name}"}


#: a headway from one clock time to another
PERIOD: Fields = {
    "start_time": clock("first departure not before", required=True),
    "end_time": clock("no departure at or after", required=True),
    "headway_minutes": number(
        "between departures, at most the period", 0.5, 1440, "minutes", required=True
    ).drawn_from(7, 20, 60),
}
#: when trains run
SERVICE: Fields = {
    "frequencies": tables("headways by period; periods do not overlap", "period"),
    "trips_per_day": number(
        "trains a day and direction, evenly spread over service hours; instead of frequencies",
        1,
        2880,
        "trains",
        whole=True,
    ),
    "start_time": clock("with trips_per_day: start of service at the first station; 06:00"),
    "end_time": clock("with trips_per_day: end of service at the first station; 23:00"),
    "departures": clocks(
        "each train by its departure from the first station; instead of frequencies"
    ),
    "departures_back": clocks(
        "with departures, of a bidirectional line: from the last station, on the way back"
    ),
}
#: a station of the line: named, or a new one with its place
STOP: Fields = {
    "name": text("name"),
    "id": text("id of a station of the network, or of the new one; default its name"),
    "name_en": any_text("English name"),
    "lon": degrees("degrees east, WGS84; lon and lat make a new station", 180),
    "lat": degrees("degrees north, WGS84", 90),
    "station_class": choice(
        "entry, exit and change times of a new station go by it; small", STATION_CLASSES
    ),
    "feeder": choice("what brings people to a new station; bus", FEEDERS),
    "terminal": flag("joins the core stations of the city that is compared", default=False),
    "core_city": text("joins the core stations of this city", kind="city"),
}
#: where the minutes between stations come from
RUNNING: Fields = {
    "hop_minutes": numbers(
        "from each station to the next; or give top_speed_kmh", 0, 1440, "minutes", open_below=True
    ).drawn_from(10, 21.5, 45),
    "top_speed_kmh": number(
        "highest speed in service: the minutes are then computed from lengths and rolling stock, "
        "with margin and losses",
        SLOWEST_KMH,
        FASTEST_KMH,
        "km/h",
    ),
    "rolling_stock": text(
        "with top_speed_kmh: CR400, CRH6A, suburban-160 ...; default the usual one of that speed"
    ),
    "length_km": number(
        "with top_speed_kmh: track of the whole line, shared out by straight distance",
        0,
        20_000,
        "km",
        open_below=True,
    ),
    "hop_km": numbers(
        "with top_speed_kmh: track from each station to the next", 0, 5_000, "km", open_below=True
    ),
    "speed_limits": lists(
        "with top_speed_kmh: [from km, to km, km/h] along the line from its first station",
        "number",
        3,
    ),
    "dwell_minutes": numbers(
        "standing at a station on the way: one number for all, or one for each between the ends; "
        "default 1, with top_speed_kmh that of the class of line",
        0,
        120,
        "minutes",
        or_one=True,
    ),
}
#: which trips of the network are meant; every field narrows the choice
SELECTION: Fields = {
    "routes": texts(
        "route ids, else printed names (a line that the scenario added: its name)", kind="routes"
    ),
    "trips": texts("trip ids, else printed names (train numbers)", kind="trips"),
    "from": text("calls at this station, and later at `to` where it is given", kind="station"),
    "to": text("calls at this station, after `from` where it is given", kind="station"),
    "calls_at": texts("calls at all these stations, in this order", kind="stations"),
    "whole_run": flag("only trips that begin at `from` and end at `to`", default=False),
    "both_directions": flag(
        "also trips with `from` and `to`, or `calls_at`, the other way round", default=False
    ),
    "modes": choices("modes of transport", MODES),
    "start_time": clock("leaves `from` (else its first station) at this time or later"),
    "end_time": clock("leaves `from` (else its first station) before this time"),
}
#: a subset of a line's stations with a service of its own
PATTERN: Fields = {
    "name": text("such as express", required=True),
    "stops": texts(
        "stations where it calls, by the names used in the line; both ends are always among them, "
        "and [] is nonstop",
        least=0,
    ),
    "skips": texts("stations that it passes; instead of stops"),
    **SERVICE,
}
#: existing tracks that an added line goes on over
THROUGH: Fields = {
    "from": text("where it joins the existing tracks", kind="station", required=True),
    "to": text("how far it runs on them", kind="station", required=True),
    "of": table(
        "the trips whose run times it takes; default every trip between the two", "selection"
    ),
}
#: of every type
COMMON: Fields = {
    "type": Field("what the modification does", required=True),
    "name": text("name: of the line in add-trips, else to switch the modification on and off by"),
    "description": any_text("for people"),
    "enabled": flag("false leaves the modification out", default=True),
}
#: of the file itself
TOP: Fields = {
    "title": Field("default title_zh and title_en, else the file's name", {"type": "string"}),
    "title_zh": Field("in Chinese maps, reports and pages; default title", {"type": "string"}),
    "title_en": Field("in English ones; default title", {"type": "string"}),
    "description": any_text("for people"),
    "seed": Field("draws the phases of this file's added trips; 0", {"type": "integer"}),
    "extends": Field(
        "scenario files, relative to this one, that are applied before it; a file that several "
        "extend is applied once",
        {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]},
    ),
    "modification": Field(
        "in order; each sees what the ones before it have made",
        {"type": "array", "items": {"oneOf": []}},
    ),
}
#: tables within modifications by their name in the JSON Schema
PARTS: Mapping[str, Fields] = {
    "period": PERIOD,
    "stop": STOP,
    "selection": SELECTION,
    "pattern": PATTERN,
    "through": THROUGH,
}


def fields_of(own: Fields, *, selects: bool = True) -> Fields:
    """Return the fields of a type: those of every type, those that select trips, its own."""
    return {**COMMON, **(SELECTION if selects else {}), **own}
