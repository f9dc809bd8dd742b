"""Every field of every modification, once: what it may hold and what it means.

The resolvers read with these, refuse what is not among them, and the published JSON Schema is made of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
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
    """One field: its JSON Schema, and its bounds where it is a number."""

    text: str
    schema: Mapping[str, Any] = field(default_factory=dict)
    required: bool = False
    low: float = 0.0
    high: float = 0.0
    #: `low` itself is not allowed
    open_below: bool = False
    unit: str = ""

    def json(self) -> dict[str, Any]:
        """Return the JSON Schema of the field."""
        return {"description": self.text, **self.schema}


def _text(text: str, *, required: bool = False) -> Field:
    return Field(text, {"type": "string", "minLength": 1}, required)


def _texts(text: str, *, required: bool = False) -> Field:
    return Field(text, {"type": "array", "minItems": 1, "items": {"type": "string"}}, required)


def _flag(text: str, default: bool) -> Field:
    return Field(text, {"type": "boolean", "default": default})


def _choice(text: str, allowed: tuple[str, ...]) -> Field:
    return Field(text, {"enum": list(allowed)})


def _bounds(low: float, high: float, open_below: bool) -> dict[str, Any]:
    return {"type": "number", "exclusiveMinimum" if open_below else "minimum": low, "maximum": high}


def _number(
    text: str,
    low: float,
    high: float,
    unit: str,
    *,
    open_below: bool = False,
    required: bool = False,
    whole: bool = False,
) -> Field:
    kind = {"type": "integer"} if whole else {}
    return Field(text, {**_bounds(low, high, open_below), **kind}, required, low, high, open_below, unit)


def _numbers(text: str, low: float, high: float, unit: str, *, open_below: bool = False, or_one: bool = False) -> Field:
    one = _bounds(low, high, open_below)
    many: dict[str, Any] = {"type": "array", "items": one}
    return Field(text, {"anyOf": [one, many]} if or_one else many, False, low, high, open_below, unit)


def _clock(text: str) -> Field:
    return Field(text, _CLOCK)


def _ref(name: str) -> dict[str, Any]:
    return {"$ref": f"#/$defs/{name}"}


def _table(text: str, name: str) -> Field:
    return Field(text, _ref(name))


def _tables(text: str, name: str) -> Field:
    return Field(text, {"type": "array", "minItems": 1, "items": _ref(name)})


Fields = Mapping[str, Field]

#: a headway from one clock time to another
PERIOD: Fields = {
    "start_time": Field("first departure not before", _CLOCK, required=True),
    "end_time": Field("no departure at or after", _CLOCK, required=True),
    "headway_minutes": _number("between two departures", 0.5, 1440, "minutes", required=True),
}
_SERVICE: Fields = {
    "frequencies": _tables("headways by period; periods do not overlap", "period"),
    "trips_per_day": _number(
        "trains a day and direction, evenly spread over service hours; instead of frequencies",
        1,
        2880,
        "trains",
        whole=True,
    ),
    "start_time": _clock("with trips_per_day: start of service at the first station; 06:00"),
    "end_time": _clock("with trips_per_day: end of service at the first station; 23:00"),
}
#: a station of the line: named, or a new one with its place
STOP: Fields = {
    "name": _text("name"),
    "id": _text("id of a station of the network, or of the new one; default its name"),
    "name_en": Field("English name", {"type": "string"}),
    "lon": Field(
        "degrees east, WGS84; lon and lat make a new station", {"type": "number", "minimum": -180, "maximum": 180}
    ),
    "lat": Field("degrees north, WGS84", {"type": "number", "minimum": -90, "maximum": 90}),
    "station_class": _choice("entry, exit and change times of a new station go by it; small", STATION_CLASSES),
    "feeder": _choice("what brings people to a new station; bus", FEEDERS),
    "core_station": _flag("joins the core stations of the city that is compared", default=False),
    "core_city": _text("joins the core stations of this city"),
}
#: where the minutes between stations come from
_RUNNING: Fields = {
    "hop_minutes": _numbers(
        "from each station to the next; or give top_speed_kmh", 0, 1440, "minutes", open_below=True
    ),
    "top_speed_kmh": _number(
        "highest speed in service: the minutes are then computed from lengths and rolling stock, with "
        "margin and losses",
        SLOWEST_KMH,
        FASTEST_KMH,
        "km/h",
    ),
    "rolling_stock": _text("with top_speed_kmh: CR400, CRH6A, suburban-160 ...; default the usual one of that speed"),
    "length_km": _number(
        "with top_speed_kmh: track of the whole line, shared out by straight distance", 0, 20_000, "km", open_below=True
    ),
    "hop_km": _numbers("with top_speed_kmh: track from each station to the next", 0, 5_000, "km", open_below=True),
    "speed_limits": Field(
        "with top_speed_kmh: [from km, to km, km/h] along the line from its first station",
        {"type": "array", "items": {"type": "array", "minItems": 3, "maxItems": 3, "items": {"type": "number"}}},
    ),
    "dwell_minutes": _numbers(
        "standing at a station on the way: one number for all, or one for each between the ends; default 1, with "
        "top_speed_kmh that of the class of line",
        0,
        120,
        "minutes",
        or_one=True,
    ),
}
#: which trips of the network are meant; every field narrows the choice
SELECTION: Fields = {
    "routes": _texts("route ids, else printed names (a line that the scenario added: its name)"),
    "trips": _texts("trip ids, else printed names (train numbers)"),
    "from": _text("calls at this station, and later at `to` where it is given"),
    "to": _text("calls at this station, after `from` where it is given"),
    "calls_at": _texts("calls at all these stations, in this order"),
    "whole_run": _flag("only trips that begin at `from` and end at `to`", default=False),
    "both_directions": _flag("also trips with `from` and `to`, or `calls_at`, the other way round", default=False),
    "modes": Field("modes of transport", {"type": "array", "minItems": 1, "items": {"enum": list(MODES)}}),
    "start_time": _clock("leaves `from` (else its first station) at this time or later"),
    "end_time": _clock("leaves `from` (else its first station) before this time"),
}
#: a subset of a line's stations with a service of its own
PATTERN: Fields = {
    "name": _text("such as express", required=True),
    "stops": _texts("stations where it calls, by the names used in the line; both ends are always among them"),
    "skips": _texts("stations that it passes; instead of stops"),
    **_SERVICE,
}
#: existing tracks that an added line goes on over
THROUGH: Fields = {
    "from": _text("where it joins the existing tracks", required=True),
    "to": _text("how far it runs on them", required=True),
    "of": _table("the trips whose run times it takes; default every trip between the two", "selection"),
}
_COMMON: Fields = {
    "type": Field("what the modification does", required=True),
    "name": _text("name: of the line in add-trips, else to switch the modification on and off by"),
    "description": Field("for people", {"type": "string"}),
    "enabled": _flag("false leaves the modification out", default=True),
}
_SCALE = (0.01, 100.0, "")


def _with_common(text: str, fields: Fields, *, selects: bool = True) -> tuple[str, Fields]:
    return text, {**_COMMON, **(SELECTION if selects else {}), **fields}


#: type -> what it does and its fields
TYPES: Mapping[str, tuple[str, Fields]] = {
    "add-trips": _with_common(
        "A line. Trips leave the first station evenly spaced, from a phase drawn from hash(seed, name, direction, "
        "period). Stations between the ends are called at by every trip, or by stop patterns. A pattern that passes "
        "a station saves its dwell, with top_speed_kmh braking and accelerating too.",
        {
            "stops": Field(
                "stations in order: a name or id, or a table",
                {"type": "array", "minItems": 2, "items": {"anyOf": [{"type": "string"}, _ref("stop")]}},
                required=True,
            ),
            **_RUNNING,
            **_SERVICE,
            "bidirectional": _flag("runs back as well, with the same minutes", default=True),
            "mode": _choice("mode of transport; rail", MODES),
            "stop_patterns": _tables(
                "express and local trains; frequencies beside them are of trains that stop everywhere", "pattern"
            ),
            "through": _table(
                "runs on over existing tracks: from its last station to `to`, or from `from` to its first "
                "station, with the calls, "
                "runs and dwells of the trip of median duration between the two; back in the same minutes. A run that "
                "trains of top_speed_kmh and rolling_stock cannot make in them lasts as planned for these. "
                "Capacity is not checked.",
                "through",
            ),
            "diverted_from": _table(
                "trains that the line takes away from another one: of the selected trips of the network's "
                "day, evenly by order of "
                "departure, as many go as are added (all where there are fewer); with both_directions each "
                "way for itself",
                "selection",
            ),
        },
        selects=False,
    ),
    "remove-trips": _with_common(
        "Takes the selected trips away, whole, also where only a part of their run was meant by the selection.",
        {},
    ),
    "remove-stops": _with_common(
        "The selected trips (all, where nothing is selected) pass these stations: they are there "
        "earlier by the dwell and by "
        "minutes_saved_per_stop for all that follows. At the ends of a run it is cut short and no "
        "time changes. A trip left with "
        "one call is taken away. Boarding and alighting at the other calls stay as they are.",
        {
            "stops": _texts("stations that are passed", required=True),
            "minutes_saved_per_stop": _number(
                "saved by not braking and accelerating, beside the dwell; 0", 0, 30, "minutes"
            ),
        },
    ),
    "reroute": _with_common(
        "The selected trips (all, where nothing is selected) that call at from_stop and later at "
        "to_stop run over other "
        "stations between: the calls between are replaced, the departure from from_stop stays, "
        "everything from to_stop on "
        "moves by the difference. Without to_stop the run ends at the last of stops; without "
        "from_stop it begins at the "
        "first, and the times from to_stop on stay; then the selection must say which direction is "
        "meant. Other trips stay "
        "as they are. Passengers may board and alight at the new calls, and at an old terminus that the "
        "trains now run through.",
        {
            "from_stop": _text("last call that stays before the change"),
            "to_stop": _text("first call that stays after the change"),
            "stops": Field(
                "stations in between, in order; may be empty between from_stop and to_stop",
                {"type": "array", "items": {"anyOf": [{"type": "string"}, _ref("stop")]}},
            ),
            **_RUNNING,
            "bidirectional": _flag(
                "with both ends: trips from to_stop to from_stop as well, the other way round", default=True
            ),
        },
    ),
    "adjust-speed": _with_common(
        "Every run of the selected trips takes 1/scale of its time, to the second; dwells stay, the "
        "first departure stays, all "
        "later times move. With hops only the runs between these pairs of calls; trips without such a "
        "pair stay as they are.",
        {
            "scale": _number("of the speed: 1.2 is 20 % faster", *_SCALE, required=True),
            "hops": Field(
                "pairs [from, to]: all runs from the call at the first to the next call at the second",
                {
                    "type": "array",
                    "minItems": 1,
                    "items": {"type": "array", "minItems": 2, "maxItems": 2, "items": {"type": "string"}},
                },
            ),
        },
    ),
    "adjust-dwell-time": _with_common(
        "The selected trips stand longer or shorter at calls on the way: the arrival stays, the "
        "departure and all later times "
        "move. Ends of a run have no dwell.",
        {
            "dwell_minutes": _number("the new dwell; or scale", 0, 120, "minutes"),
            "scale": _number("of the dwell: 0.5 is half; instead of dwell_minutes", 0, 100, ""),
            "stops": _texts("only at these stations"),
        },
    ),
    "adjust-frequency": _with_common(
        "In each period the selected trips of the network's day give way to evenly spaced ones, in "
        "each direction and stop pattern like its selected trip of median duration; patterns take turns in the "
        "shares that they had in the period (of the day, where it had no trips). With source_trip all of its "
        "direction are like it. The first leaves a phase after the start as in add-trips: a line known by "
        "headway keeps its id and so its phase. Trips outside the periods stay. Trips of one line "
        "only (one pair of ends, or one loop, both ways).",
        {
            "source_trip": _text(
                "trip id or printed name: the trips of its direction are like it, of whatever stop pattern they were"
            ),
            "frequencies": Field(
                "headways by period; periods do not overlap", _tables("", "period").schema, required=True
            ),
        },
    ),
    "adjust-station-time": _with_common(
        "Minutes in stations: another class (entry, exit and change times go by it), or minutes of their own, which go "
        "before those of any class, as a change time does that the feed lists; another feeder.",
        {
            "stations": _texts("names or ids", required=True),
            "station_class": _choice("the new class", STATION_CLASSES),
            "entry_minutes": _number("from the door to the platform", 0, 120, "minutes"),
            "exit_minutes": _number("from the platform to the door", 0, 120, "minutes"),
            "change_minutes": _number("between two trains of this station", 0, 120, "minutes"),
            "feeder": _choice("what brings people to the door", FEEDERS),
        },
        selects=False,
    ),
    "add-transfer": _with_common(
        "A way on foot between two stations, listed: neither capped nor closed over others. It takes "
        "the place of one that is "
        "listed for the same pair, forbidden ones too.",
        {
            "from": _text("station", required=True),
            "to": _text("station", required=True),
            "minutes": _number("on foot, all in", 0, 120, "minutes", required=True),
            "bidirectional": _flag("back in the same minutes", default=True),
        },
        selects=False,
    ),
    "add-core-station": _with_common(
        "Stations join the core stations of a city: who arrives there has arrived. A line that ends "
        "at a new station reaches no core set without it.",
        {
            "stations": _texts("names or ids", required=True),
            "city": _text("slug, Chinese or English name; default the city that is compared"),
        },
        selects=False,
    ),
}
#: of the file itself
TOP: Fields = {
    "title": Field("default title_zh and title_en, else the file's name", {"type": "string"}),
    "title_zh": Field("in Chinese maps, reports and pages; default title", {"type": "string"}),
    "title_en": Field("in English ones; default title", {"type": "string"}),
    "description": Field("for people", {"type": "string"}),
    "seed": Field("draws the phases of this file's added trips; 0", {"type": "integer"}),
    "extends": Field(
        "scenario files, relative to this one, that are applied before it; a file that several extend is applied once",
        {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]},
    ),
    "modification": Field(
        "in order; each sees what the ones before it have made", {"type": "array", "items": {"oneOf": []}}
    ),
}
#: tables within modifications
PARTS: Mapping[str, Fields] = {
    "period": PERIOD,
    "stop": STOP,
    "selection": SELECTION,
    "pattern": PATTERN,
    "through": THROUGH,
}


def schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of scenario files."""
    kinds = {
        kind: _object({**fields, "type": Field("", {"const": kind}, required=True)}, text)
        for kind, (text, fields) in TYPES.items()
    }
    for needs_name in ("add-trips",):
        kinds[needs_name]["required"].insert(0, "name")
    top = _object(TOP, "A railshed scenario: what is changed in a network, in order. TOML or JSON.")
    top["properties"]["modification"]["items"] = {"oneOf": [_ref(kind) for kind in TYPES]}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "railshed scenario",
        **top,
        "$defs": {**{name: _object(fields) for name, fields in PARTS.items()}, **kinds},
    }


def _object(fields: Fields, text: str = "") -> dict[str, Any]:
    required = [key for key, one in fields.items() if one.required]
    return {
        **({"description": text} if text else {}),
        "type": "object",
        "additionalProperties": False,
        **({"required": required} if required else {}),
        "properties": {key: one.json() for key, one in fields.items()},
    }
