"""Readers of lines from outside a timetable: `openings.toml`, and tables of railways such as
`line_speeds.csv`.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import accumulate
from pathlib import Path
from typing import Any

from railshed.io.csv.rows import Row, read_rows
from railshed.network.model import Network
from railshed.scenario.fields.table import is_limit
from railshed.scenario.service_plans.corridors import Railway
from railshed.util.encodings import decode
from railshed.util.errors import InputError, Issue, raise_errors
from railshed.util.files import networks_root

#: the table of railways in the folder of a file of openings
RAILWAYS = "line_speeds.csv"
#: of its column speed_limits: from station, to station, km/h
SECTION = re.compile(r"([^-]+)-([^-]+) ([1-9]\d{1,2})")
_MOST_KMH = 1_000.0
_MOST_KM = 10_000.0
_MOST_TRAINS = 2_000.0
_NUMBERS = {"km": _MOST_KM, "kmh": _MOST_KMH, "trains": _MOST_TRAINS}
_LISTS = ("cities", "stations", "served")


def find_openings(paths: Sequence[Path]) -> Path | None:
    """Return the file of openings that is given, by its path or a shipped name such as
    china/openings; else None.
    """
    if len(paths) != 1:
        return None
    shipped = networks_root() / paths[0].with_suffix(".toml")
    path = paths[0] if paths[0].is_file() or not shipped.is_file() else shipped
    try:
        found = tomllib.loads(decode(path.read_bytes())) if path.suffix == ".toml" else {}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError):
        return None  # it is read again as a scenario, which says what is wrong
    return path if "line" in found else None


def read_openings(path: Path, network: Network) -> list[Railway]:
    """Return the lines of a TOML file with tables ``[[line]]``.

    Keys: ``id``, ``stations`` (ids of the network, in order), ``kmh``, ``trains`` (pairs a day),
    ``cities``; ``km``, ``name``, ``served`` (stations that had trains before), ``speed_limits``
    (from km, to km, km/h, where the line is slower: old track, tunnels), ``source``, ``opened`` may
    be left out.

    Raises InputError with every problem of the file.
    """
    try:
        rows = tomllib.loads(decode(path.read_bytes())).get("line")
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InputError(f"{path}: no readable TOML ({error})") from error
    if not isinstance(rows, list) or not rows or not all(isinstance(row, dict) for row in rows):
        raise InputError(
            f"{path}: no tables [[line]]: give one a line, with id, stations, kmh, trains, cities"
        )
    issues: list[Issue] = []
    found = [
        _opening(number, row, path.name, network, issues)
        for number, row in enumerate(rows, start=1)
    ]
    raise_errors(f"openings {path}", issues)
    return [railway for railway in found if railway is not None]


def _opening(
    number: int, row: Mapping[str, Any], file: str, network: Network, issues: list[Issue]
) -> Railway | None:
    n_before = len(issues)
    stations = network.station_index().keys()
    slugs = {c.slug for c in network.cities}

    def wrong(key: str, message: str, value: object, remedy: str) -> None:
        issues.append(
            Issue(
                severity="error",
                code="bad-value",
                message=f"line {number}: {message}",
                file=file,
                row=None,
                field=key,
                value=str(value)[:80],
                remedy=remedy,
            )
        )

    for key in ("id", "stations", "kmh", "trains", "cities"):
        if key not in row:
            wrong(key, "is missing", "", f"give {key}")
    for key, most in _NUMBERS.items():
        value = row.get(key, 1)
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= most:
            wrong(key, "is no number in range", value, f"more than 0, up to {most:g}")
    for key in _LISTS:
        value = row.get(key, [])
        if not isinstance(value, list) or not all(isinstance(name, str) for name in value):
            wrong(key, "is no list of texts", value, '["a", "b"]')
            continue
        known, what = (
            (slugs, "city of the network")
            if key == "cities"
            else (stations, "station of the network")
        )
        for name in value:
            if name not in known:
                wrong(key, f"is no {what}", name, "give its id")
    limits = row.get("speed_limits", [])
    if not isinstance(limits, list) or not all(map(is_limit, limits)):
        wrong("speed_limits", "is no list of [from km, to km, km/h]", limits, "[[0, 11.5, 80]]")
    if n_before != len(issues):
        return None
    if len(row["stations"]) < 2 or len(set(row["stations"])) < len(row["stations"]):
        wrong(
            "stations",
            "needs two stations or more, each once",
            row["stations"],
            "list them in order",
        )
        return None
    railway = Railway(
        line_id=str(row["id"]),
        name=str(row.get("name", row["id"])),
        station_ids=tuple(row["stations"]),
        top_speed_kmh=float(row["kmh"]),
        length_km=float(row["km"]) if "km" in row else None,
        n_trains=float(row["trains"]),
        cities=tuple(row["cities"]),
        served=tuple(row.get("served", ())),
        source=str(row.get("source", "")),
        speed_limits=tuple((a, b, kmh) for a, b, kmh in limits),
    )
    for key, text in railway.run(network).problems():
        own = {"top_speed_kmh": "kmh", "stops": "stations"}.get(key, key)
        wrong(own, text, row.get(own, ""), f"mend {own}")
    return railway


def read_railways(path: Path, network: Network) -> list[Railway]:
    """Return the railways of a table: columns line_id, stations, operating_kmh, length_km, and what
    else it has.

    `stations` are names joined by ``|``; those in brackets are passed and belong to another line.
    Stations that are none of the network are left out, and lines with fewer than two; a length
    holds for the whole line alone. `speed_limits` are sections between stations where the line is
    slower, ``from-to km/h`` joined by ``|``.

    Raises InputError with every problem of the file.
    """
    issues: list[Issue] = []
    rows = read_rows(path, ["line_id", "stations", "operating_kmh"], issues)
    ids: dict[str, str] = {}
    for station in network.stations:
        if station.station_class != "metro":
            ids.setdefault(station.name, station.station_id)
    found = [railway for row in rows if (railway := _railway(row, ids, network)) is not None]
    raise_errors(f"railways {path}", issues)
    return found


def _railway(row: Row, ids: Mapping[str, str], network: Network) -> Railway | None:
    names = row.items("stations")
    own = tuple(dict.fromkeys(ids[name] for name in names if name in ids))
    kmh = row.number_in("operating_kmh", 1, _MOST_KMH)
    km = row.number_in("length_km", 0, _MOST_KM, blank=0)
    if len(own) < 2:
        return None
    whole = km or None if len(own) == len(names) else None
    railway = Railway(
        row.need("line_id"), row.text("line_zh"), own, kmh, whole, source=row.text("source")
    )
    km_of = dict(zip(own, accumulate(railway.run(network).hop_lengths(), initial=0.0), strict=True))
    place = {name: km_of[ids[name]] / 1000 for name in names if name in ids}
    limits = []
    for text in row.items("speed_limits"):
        section = SECTION.fullmatch(text)
        first, last = (
            (place.get(name, -1.0) for name in section.groups()[:2]) if section else (-1.0, -1.0)
        )
        if section is None or not 0 <= first < last:
            row.error(
                "speed_limits",
                "bad-value",
                f"{text} is no section of it",
                "give from-to km/h: 燕郊-香河 200",
            )
        else:
            limits.append((first, last, float(section[3])))
    return replace(railway, speed_limits=tuple(limits))
