"""Permissions of a street by mode and direction, and car speeds, from the tags of OpenStreetMap.

Not considered: turn restrictions, traffic lights, conditional tags, surface, steepness, and
barriers at single nodes. Areas (squares, platforms) are walked along their edge.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from railshed.access.streets import BIKE, DRIVE, SNAP, WALK
from railshed.io.osm.tags import parse_maxspeed
from railshed.util.array_types import Bytes, Floats

Tags = Mapping[str, str]
_WIKI = "OSM wiki, OSM tags for routing/Access restrictions, worldwide"
_OSRM = "OSRM profiles/car.lua, bicycle.lua, foot.lua"


@dataclass(frozen=True, slots=True)
class StreetClass:
    """Default permissions of a value of highway=*, and the speed of cars without a limit."""

    highway: str
    modes: int
    drive_kmh: float
    source_modes: str
    source_kmh: str = ""


_ALL = WALK | BIKE | DRIVE
_SOFT = WALK | BIKE
#: classes that are read; others (construction, proposed, raceway, busway, rest_area, ...) are left
#: out and counted
CLASSES: Mapping[str, StreetClass] = {
    row.highway: row
    for row in (
        StreetClass("motorway", DRIVE, 90, _WIKI, _OSRM),
        StreetClass("motorway_link", DRIVE, 75, _WIKI, _OSRM),
        StreetClass("trunk", _ALL, 85, _WIKI, _OSRM),
        StreetClass("trunk_link", _ALL, 70, _WIKI, _OSRM),
        StreetClass("primary", _ALL, 65, _WIKI, _OSRM),
        StreetClass("primary_link", _ALL, 60, _WIKI, _OSRM),
        StreetClass("secondary", _ALL, 55, _WIKI, _OSRM),
        StreetClass("secondary_link", _ALL, 50, _WIKI, _OSRM),
        StreetClass("tertiary", _ALL, 40, _WIKI, _OSRM),
        StreetClass("tertiary_link", _ALL, 30, _WIKI, _OSRM),
        StreetClass("unclassified", _ALL, 25, _WIKI, _OSRM),
        StreetClass("residential", _ALL, 25, _WIKI, _OSRM),
        StreetClass("living_street", _ALL, 10, _WIKI, _OSRM),
        StreetClass("service", _ALL, 15, _WIKI, _OSRM),
        StreetClass("road", _ALL, 25, _WIKI, "guess: as unclassified"),
        StreetClass(
            "track",
            _SOFT,
            10,
            "guess: open to farm vehicles only; OSRM too leaves tracks out",
            _OSRM,
        ),
        StreetClass("path", _SOFT, 10, _WIKI, _OSRM),
        StreetClass(
            "cycleway", _SOFT, 10, "guess: walkers use cycleways where nothing forbids it", _OSRM
        ),
        StreetClass("bridleway", WALK, 10, "guess: as osmnx's walk filter", _OSRM),
        StreetClass("footway", WALK, 10, _WIKI, _OSRM),
        StreetClass("pedestrian", WALK, 10, _WIKI, _OSRM),
        StreetClass("steps", WALK, 10, _WIKI, _OSRM),
        StreetClass("corridor", WALK, 10, "guess: as osmnx's walk filter", _OSRM),
        StreetClass("platform", WALK, 10, "guess: platforms join the stairs at their ends", _OSRM),
    )
}
#: classes without access from the land along them; one-way by default
_LINKED = frozenset({"motorway", "motorway_link"})
#: values that close a street; private land is closed as in osmnx, and in OSRM
_CLOSED = frozenset(
    {
        "no",
        "private",
        "agricultural",
        "forestry",
        "delivery",
        "military",
        "emergency",
        "restricted",
        "permit",
        "use_sidepath",
        "dismount",
    }
)
_OPEN = frozenset({"yes", "designated", "permissive", "official", "destination", "customers"})
#: most specific key first
_KEYS = {
    WALK: ("foot", "access"),
    BIKE: ("bicycle", "vehicle", "access"),
    DRIVE: ("motorcar", "motor_vehicle", "vehicle", "access"),
}
#: keys that open a street to a mode against its class; access=yes and vehicle=yes say too little
_OPENING = {WALK: ("foot",), BIKE: ("bicycle",), DRIVE: ("motorcar", "motor_vehicle")}
_FORTH = frozenset({"yes", "true", "1"})
_BACK = frozenset({"-1", "reverse"})
_BOTH = frozenset({"no", "false", "0"})
_CIRCLES = frozenset({"roundabout", "circular"})
#: keys that are read; others do not change what a street allows
KEYS = frozenset(
    {
        "highway",
        "route",
        "service",
        "junction",
        "oneway",
        "oneway:bicycle",
        "motorroad",
        "tunnel",
        "area",
        "cycleway",
        "cycleway:left",
        "cycleway:right",
        "cycleway:both",
        "cycleway:left:oneway",
        "cycleway:right:oneway",
        "maxspeed",
        "maxspeed:forward",
        "maxspeed:backward",
        "maxspeed:type",
        "zone:maxspeed",
        "source:maxspeed",
        "foot",
        "bicycle",
        "vehicle",
        "motor_vehicle",
        "motorcar",
        "access",
    }
)
#: maxspeed=none: the advisory speed of German motorways, 1978
NO_LIMIT_KMH = 130.0
#: maxspeed=walk: guess, between the 4 and 7 km/h that courts took it for; the OSM wiki names 7
WALK_KMH = 7.0
#: implicit limits by zone, km/h: OSM wiki, Speed limits, the commonest value; by country where it
#: differs
_ZONES = {
    "urban": 50.0,
    "rural": 90.0,
    "trunk": 100.0,
    "motorway": 130.0,
    "living_street": 20.0,
    "walk": WALK_KMH,
    "bicycle_road": 30.0,
    "school": 30.0,
}
_COUNTRY_ZONES = {
    "AT:rural": 100.0,
    "BY:motorway": 110.0,
    "CH:rural": 80.0,
    "CH:motorway": 120.0,
    "DE:rural": 100.0,
    "DE:motorway": NO_LIMIT_KMH,
    "DE:living_street": WALK_KMH,
    "AT:living_street": WALK_KMH,
    "DK:rural": 80.0,
    "ES:rural": 90.0,
    "ES:motorway": 120.0,
    "FI:rural": 80.0,
    "FR:rural": 80.0,
    "GB:nsl_restricted": 48.28032,
    "GB:nsl_single": 96.56064,
    "GB:nsl_dual": 112.65408,
    "GB:motorway": 112.65408,
    "UK:nsl_restricted": 48.28032,
    "UK:nsl_single": 96.56064,
    "UK:nsl_dual": 112.65408,
    "UK:motorway": 112.65408,
    "NL:rural": 80.0,
    "NL:living_street": 15.0,
    "NO:rural": 80.0,
    "RU:urban": 60.0,
    "RU:motorway": 110.0,
    "SE:rural": 70.0,
    "UZ:urban": 70.0,
}
_ZONE = re.compile(r"(?:([A-Z]{2}(?:-[A-Z]+)?):)?([a-z_]+)", re.ASCII)
_NUMBERED_ZONE = re.compile(r"(?:[A-Z]{2}:)?(?:zone:?)?(\d{1,3})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Permission:
    """Permissions along the nodes of a street and against them, as bits of `access.streets`, and
    car speeds in km/h.
    """

    forward: int
    backward: int
    forward_kmh: float
    backward_kmh: float
    #: source of the car speed: tag or class
    speed: str
    #: speed tag that was not understood
    unread_speed: str = ""


def columns_of(rights: Sequence[Permission]) -> tuple[Bytes, Bytes, Floats, Floats]:
    """Return uint8 and float64 (n,) each: bits along and against the nodes of streets, and km/h of
    cars likewise.
    """
    bits = np.array([(r.forward, r.backward) for r in rights], np.uint8).reshape(-1, 2)
    kmh = np.array([(r.forward_kmh, r.backward_kmh) for r in rights], float).reshape(-1, 2)
    return bits[:, 0], bits[:, 1], kmh[:, 0], kmh[:, 1]


def speed_notes(rights: Iterable[Permission], what: str) -> list[str]:
    """Return a note on the streets for cars without a speed limit."""
    driven = [r for r in rights if (r.forward | r.backward) & DRIVE]
    n = sum(r.speed == "class" for r in driven)
    note = (
        f"{n:,} of {len(driven):,} {what} for cars have no speed limit: that of their class is "
        "assumed"
    )
    return [note] if n else []


def permission(tags: Tags) -> Permission | str:
    """Return the permissions of a street, or why it is left out: ``ferry``, ``class``,
    ``closed``.
    """
    return _permission(tuple(sorted((key, value) for key, value in tags.items() if key in KEYS)))


@lru_cache(maxsize=50_000)
def _permission(items: tuple[tuple[str, str], ...]) -> Permission | str:
    tags = dict(items)
    if tags.get("route") == "ferry":
        return "ferry"
    row = CLASSES.get(tags.get("highway", ""))
    if row is None:
        return "class"
    modes = [mode for mode in (WALK, BIKE, DRIVE) if _may_use(tags, row, mode)]
    ways = {mode: _directions(tags, row, mode) for mode in modes}
    forward = sum(mode for mode, (forth, _) in ways.items() if forth)
    backward = sum(mode for mode, (_, back) in ways.items() if back)
    if not forward | backward:
        return "closed"
    snap = (
        0
        if row.highway in _LINKED or tags.get("tunnel", "no") not in ("no", "building_passage")
        else SNAP
    )
    speeds, how, unread = _speeds(tags, row)
    return Permission(
        forward and forward | snap, backward and backward | snap, *speeds, how, unread
    )


def _may_use(tags: Tags, row: StreetClass, mode: int) -> bool:
    if mode == BIKE and row.highway == "steps":
        return False
    if mode == DRIVE and tags.get("service") == "emergency_access":
        return False
    value = next((tags[key] for key in _KEYS[mode] if key in tags), "")
    if value and all(part.strip() in _CLOSED for part in value.split(";")):
        return False
    if any(
        part.strip() in _OPEN for key in _OPENING[mode] for part in tags.get(key, "").split(";")
    ):
        return True
    if mode != DRIVE and tags.get("motorroad") == "yes":
        return False
    return bool(row.modes & mode)


def _directions(tags: Tags, row: StreetClass, mode: int) -> tuple[bool, bool]:
    """Return whether a mode may go along the nodes, and against them; walkers always may."""
    if mode == WALK:
        return True, True
    if mode == BIKE:
        own = tags.get("oneway:bicycle", "")
        if own in _BOTH or (not own and _contraflow(tags)):
            return True, True
        if own in _FORTH | _BACK:
            return own in _FORTH, own in _BACK
    oneway = tags.get("oneway", "")
    if oneway in _FORTH | _BACK:
        return oneway in _FORTH, oneway in _BACK
    implied = tags.get("junction") in _CIRCLES or row.highway in _LINKED
    return True, oneway in _BOTH or not implied


def _contraflow(tags: Tags) -> bool:
    """Return whether bicycles may go against a one-way street in a lane."""
    lanes = (
        tags.get(key, "")
        for key in ("cycleway", "cycleway:left", "cycleway:right", "cycleway:both")
    )
    sides = (tags.get(f"cycleway:{side}:oneway", "") for side in ("left", "right"))
    return any(lane.startswith("opposite") for lane in lanes) or any(
        side in _BOTH | {"-1"} for side in sides
    )


def _speeds(tags: Tags, row: StreetClass) -> tuple[tuple[float, float], str, str]:
    """Return km/h along and against the nodes, their source, and a tag that was not understood."""
    general, unread = _first_speed(
        tags, ("maxspeed", "maxspeed:type", "zone:maxspeed", "source:maxspeed")
    )
    forward, unread_forward = _first_speed(tags, ("maxspeed:forward",))
    backward, unread_backward = _first_speed(tags, ("maxspeed:backward",))
    known = general or forward or backward
    pair = (forward or general or row.drive_kmh, backward or general or row.drive_kmh)
    return pair, "tag" if known else "class", unread or unread_forward or unread_backward


def _first_speed(tags: Tags, keys: Iterable[str]) -> tuple[float | None, str]:
    """Return the first speed in km/h that is understood; without one, None and the text of
    maxspeed=*.
    """
    for key in keys:
        speed = parse_street_speed(tags[key]) if key in tags else None
        if speed is not None:
            return speed, ""
    return None, next((tags[key] for key in keys if key in tags and key.startswith("maxspeed")), "")


def parse_street_speed(text: str) -> float | None:
    """Return km/h of ``50``, ``30 mph``, ``none``, ``walk``, ``DE:urban``, ``DE:zone30``; None if
    not understood.

    Of several values (``35 mph;40 mph``) it is the lowest.
    """
    speeds = [_speed(part.strip()) for part in text.split(";")]
    return min((speed for speed in speeds if speed is not None), default=None)


def _speed(text: str) -> float | None:
    number = parse_maxspeed(text)
    if number is not None:
        return NO_LIMIT_KMH if math.isinf(number) else number
    zone = _NUMBERED_ZONE.fullmatch(text)
    if zone:
        return float(zone[1]) if 5 <= int(zone[1]) <= NO_LIMIT_KMH else None
    named = _ZONE.fullmatch(text)
    return _COUNTRY_ZONES.get(text, _ZONES.get(named[2])) if named else None
