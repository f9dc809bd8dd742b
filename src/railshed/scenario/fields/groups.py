"""Fields that several types of modifications share, the tables within them, and the fields of the file itself."""

from __future__ import annotations

from collections.abc import Mapping

from railshed.network.model import FEEDERS, STATION_CLASSES
from railshed.network.route_types import MODES
from railshed.scenario.fields import kinds
from railshed.scenario.fields.kinds import Field, Fields
from railshed.scenario.run_times.kinematics import FASTEST_KMH, SLOWEST_KMH

#: a headway from one clock time to another
PERIOD: Fields = {
    "start_time": kinds.clock("first departure not before", required=True),
    "end_time": kinds.clock("no departure at or after", required=True),
    "headway_minutes": kinds.number("between two departures", 0.5, 1440, "minutes", required=True).drawn_from(
        7, 20, 60
    ),
}
#: when trains run
SERVICE: Fields = {
    "frequencies": kinds.tables("headways by period; periods do not overlap", "period"),
    "trips_per_day": kinds.number(
        "trains a day and direction, evenly spread over service hours; instead of frequencies",
        1,
        2880,
        "trains",
        whole=True,
    ),
    "start_time": kinds.clock("with trips_per_day: start of service at the first station; 06:00"),
    "end_time": kinds.clock("with trips_per_day: end of service at the first station; 23:00"),
}
#: a station of the line: named, or a new one with its place
STOP: Fields = {
    "name": kinds.text("name"),
    "id": kinds.text("id of a station of the network, or of the new one; default its name"),
    "name_en": kinds.any_text("English name"),
    "lon": kinds.degrees("degrees east, WGS84; lon and lat make a new station", 180),
    "lat": kinds.degrees("degrees north, WGS84", 90),
    "station_class": kinds.choice("entry, exit and change times of a new station go by it; small", STATION_CLASSES),
    "feeder": kinds.choice("what brings people to a new station; bus", FEEDERS),
    "core_station": kinds.flag("joins the core stations of the city that is compared", default=False),
    "core_city": kinds.city("joins the core stations of this city"),
}
#: where the minutes between stations come from
RUNNING: Fields = {
    "hop_minutes": kinds.numbers(
        "from each station to the next; or give top_speed_kmh", 0, 1440, "minutes", open_below=True
    ).drawn_from(10, 21.5, 45),
    "top_speed_kmh": kinds.number(
        "highest speed in service: the minutes are then computed from lengths and rolling stock, with "
        "margin and losses",
        SLOWEST_KMH,
        FASTEST_KMH,
        "km/h",
    ),
    "rolling_stock": kinds.text(
        "with top_speed_kmh: CR400, CRH6A, suburban-160 ...; default the usual one of that speed"
    ),
    "length_km": kinds.number(
        "with top_speed_kmh: track of the whole line, shared out by straight distance", 0, 20_000, "km", open_below=True
    ),
    "hop_km": kinds.numbers("with top_speed_kmh: track from each station to the next", 0, 5_000, "km", open_below=True),
    "speed_limits": kinds.lists(
        "with top_speed_kmh: [from km, to km, km/h] along the line from its first station", "number", 3
    ),
    "dwell_minutes": kinds.numbers(
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
    "routes": kinds.routes("route ids, else printed names (a line that the scenario added: its name)"),
    "trips": kinds.trips("trip ids, else printed names (train numbers)"),
    "from": kinds.station("calls at this station, and later at `to` where it is given"),
    "to": kinds.station("calls at this station, after `from` where it is given"),
    "calls_at": kinds.stations("calls at all these stations, in this order"),
    "whole_run": kinds.flag("only trips that begin at `from` and end at `to`", default=False),
    "both_directions": kinds.flag("also trips with `from` and `to`, or `calls_at`, the other way round", default=False),
    "modes": kinds.choices("modes of transport", MODES),
    "start_time": kinds.clock("leaves `from` (else its first station) at this time or later"),
    "end_time": kinds.clock("leaves `from` (else its first station) before this time"),
}
#: a subset of a line's stations with a service of its own
PATTERN: Fields = {
    "name": kinds.text("such as express", required=True),
    "stops": kinds.texts("stations where it calls, by the names used in the line; both ends are always among them"),
    "skips": kinds.texts("stations that it passes; instead of stops"),
    **SERVICE,
}
#: existing tracks that an added line goes on over
THROUGH: Fields = {
    "from": kinds.station("where it joins the existing tracks", required=True),
    "to": kinds.station("how far it runs on them", required=True),
    "of": kinds.table("the trips whose run times it takes; default every trip between the two", "selection"),
}
#: of every type
COMMON: Fields = {
    "type": Field("what the modification does", required=True),
    "name": kinds.text("name: of the line in add-trips, else to switch the modification on and off by"),
    "description": kinds.any_text("for people"),
    "enabled": kinds.flag("false leaves the modification out", default=True),
}
#: of the file itself
TOP: Fields = {
    "title": Field("default title_zh and title_en, else the file's name", {"type": "string"}),
    "title_zh": Field("in Chinese maps, reports and pages; default title", {"type": "string"}),
    "title_en": Field("in English ones; default title", {"type": "string"}),
    "description": kinds.any_text("for people"),
    "seed": Field("draws the phases of this file's added trips; 0", {"type": "integer"}),
    "extends": Field(
        "scenario files, relative to this one, that are applied before it; a file that several extend is applied once",
        {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]},
    ),
    "modification": Field(
        "in order; each sees what the ones before it have made", {"type": "array", "items": {"oneOf": []}}
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
