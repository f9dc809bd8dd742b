"""The command `run-time`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import MISSING
from typing import TYPE_CHECKING

from railshed.api.requests import Data, Network
from railshed.cli.inputs import answer, load
from railshed.cli.options import Printed
from railshed.util.errors import ParameterError, RailshedError
from railshed.util.options import option, part

if TYPE_CHECKING:
    from railshed.network.model import Network as LoadedNetwork

#: by parameter of `run_times`
_OPTIONS = {
    "dwell_s": "--dwell-minutes",
    "speed_limits": "--limit",
    "round_to_s": "--round-to",
    "stops_at": "--stops-at",
    "hop_km": "--hop-km",
    "length_km": "--length-km",
    "top_speed_kmh": "--top-speed",
    "stops": "STATION...",
}
_LIMIT = re.compile(r"\s*(\d+(?:\.\d+)?)\s*-\s*(\d+(?:\.\d+)?)\s*=\s*(\d+(?:\.\d+)?)\s*", re.ASCII)


class RunTimeRequest(Printed):
    """`railshed run-time`."""

    stations: tuple[str, ...] = option(
        "Stations in order: id or name in the network, or LON,LAT (write -- before -51,30).",
        default=MISSING,
        unit="STATION",
    )
    top_speed: float = option(
        "Highest speed of the line in service, km/h.", "--top-speed", MISSING, unit="KM/H"
    )
    stock: str | None = option(
        "Rolling stock, such as CR400 or CRH6F; default the usual one of that speed.",
        "--stock",
        unit="STOCK",
    )
    length_km: float | None = option(
        "Track of the whole line; default straight distance x detour.", "--length-km", unit="KM"
    )
    hop_km: tuple[str, ...] | None = option(
        "Track from each station to the next, e.g. 12.5,8,31.",
        "--hop-km",
        joined=True,
        unit="KM,KM",
    )
    limit: tuple[str, ...] = option(
        "Lower speed along the line, KM-KM=KMH from the first station; may be repeated.",
        "--limit",
        (),
        unit="KM-KM=KMH",
    )
    stops_at: tuple[str, ...] | None = option(
        "Stations on the way where the train calls, as given, A,B; `none`; default all.",
        "--stops-at",
        joined=True,
        unit="A,B",
    )
    dwell_minutes: float | None = option(
        "Minutes at each call; default that of the class of line.", "--dwell-minutes", unit="MIN"
    )
    round_to: int = option(
        "Step of the timetable in seconds: 60, 30; 0 for none.", "--round-to", 60, unit="S"
    )
    data: Network = part(Network)


def run_time(request: RunTimeRequest) -> None:
    """Predict the minutes of every hop of a line from spacing, top speed, rolling stock and stops,
    with assumptions.
    """
    from railshed.questions.data import scenario_tables as tables
    from railshed.scenario.run_times.run_times import run_times

    names, places = _places(request.data.network, request.stations)
    try:
        found = run_times(
            places,
            top_speed_kmh=request.top_speed,
            rolling_stock=request.stock,
            length_km=request.length_km,
            hop_km=None if request.hop_km is None else _numbers(request.hop_km),
            speed_limits=[_limit(text) for text in request.limit],
            stops_at=None
            if request.stops_at is None
            else _calls(request.stops_at, request.stations, names),
            dwell_s=None if request.dwell_minutes is None else request.dwell_minutes * 60,
            round_to_s=request.round_to,
        )
    except ParameterError as error:
        raise ParameterError(
            re.sub(r"(?m)^\w+(?=: )", lambda one: _OPTIONS.get(one[0], one[0]), str(error))
        ) from None
    answer(request, tables.plain_run_times(found, names), tables.run_times_blocks(found, names))


def _places(
    network: tuple[str, ...], texts: Sequence[str]
) -> tuple[list[str], list[tuple[float, float]]]:
    """Return names and places; the network is loaded where one is named."""
    from railshed.util.geodesy import LON_LAT, lon_lat

    loaded = (
        None if all(map(LON_LAT.fullmatch, texts)) else load(Data(network=network), areas=False)
    )
    names = []
    places = []
    problems = []
    for text in texts:
        try:
            point = lon_lat(text)
            name, place = _named(loaded, text) if point is None else (text, point)
        except RailshedError as error:
            problems.append(error)
            continue
        names.append(name)
        places.append(place)
    if len(problems) == 1:
        raise problems[0]
    if problems:
        raise ParameterError("\n".join(map(str, problems)))
    return names, places


def _named(network: LoadedNetwork | None, text: str) -> tuple[str, tuple[float, float]]:
    assert network is not None
    station = network.stations[network.get_station(text)]
    return station.name, (station.lon, station.lat)


def _numbers(texts: Sequence[str]) -> list[float]:
    try:
        return [float(text) for text in texts]
    except ValueError as error:
        raise ParameterError(
            f"--hop-km {','.join(texts)}: numbers of km, such as 12.5,8,31"
        ) from error


def _limit(text: str) -> tuple[float, float, float]:
    found = _LIMIT.fullmatch(text)
    if found is None:
        raise ParameterError(f"--limit {text!r}: write from km, to km and km/h, such as 0-1.5=80")
    start, end, kmh = map(float, found.groups())
    return start, end, kmh


def _calls(calls: Sequence[str], stations: Sequence[str], names: Sequence[str]) -> list[int]:
    """Return the indices of the stations where the train calls."""
    if tuple(calls) == ("none",):
        return []
    unknown = [text for text in calls if text not in stations and text not in names]
    if unknown:
        raise ParameterError(
            f"--stops-at {', '.join(unknown)}: not among the stations {', '.join(stations)}"
        )
    return [
        idx for idx, both in enumerate(zip(stations, names, strict=True)) if set(both) & set(calls)
    ]
