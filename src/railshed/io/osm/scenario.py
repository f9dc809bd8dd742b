"""Scenarios from planned lines of OpenStreetMap."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from railshed.scenario.files import Scenario
from railshed.scenario.geojson import along_line
from railshed.scenario.run_times.kinematics import FASTEST_KMH, SLOWEST_KMH
from railshed.util.errors import ParameterError
from railshed.util.geodesy import great_circle_m
from railshed.util.validation import checked, mapping, number, optional, text, whole

if TYPE_CHECKING:
    from railshed.io.osm.candidates import Candidate
    from railshed.network.model import Station


def _candidate(value: Any) -> Any:
    """Return the candidate if it is one; the class is not imported, to save the import of the readers."""
    if type(value).__name__ != "Candidate":
        raise ValueError("allowed is one of the candidates of a file of OpenStreetMap")
    return value


#: metres within which stations of one name are the same
_SAME_M = 1_000
#: mode of add-trips by kind of railway of OpenStreetMap
_MODES = {"subway": "metro", "light_rail": "suburban", "tram": "tram", "monorail": "metro", "narrow_gauge": "rail"}


@checked(
    candidate=_candidate, top_speed_kmh=optional(number(SLOWEST_KMH, FASTEST_KMH)),
    headway_minutes=optional(number(0.5, 1440)), trips_per_day=optional(whole(1, 2880)), start_time=text, end_time=text,
    fields=optional(mapping),
)  # fmt: skip
def scenario_from_candidate(
    candidate: Candidate, *, top_speed_kmh: float | None = None, headway_minutes: float | None = None,
    trips_per_day: int | None = None, start_time: str = "06:00", end_time: str = "23:00",
    fields: Mapping[str, Any] | None = None,
) -> Scenario:  # fmt: skip
    """Return a scenario of one ``add-trips`` with the candidate's stations.

    The default top speed is that of the map (``maxspeed``). Track lengths between stations are those of the map if the
    candidate is one line, else straight distance times the detour of its class. The map has no service: pass a headway
    or a number of trips. `fields` are further fields of ``add-trips``.

    Raises ParameterError with everything that is missing.
    """
    speed = top_speed_kmh if top_speed_kmh is not None else _tagged_speed(candidate)
    fields = fields or {}
    problems = []
    if speed is None and "hop_minutes" not in fields:
        problems.append("top_speed_kmh: the map has none; give it")
    if (headway_minutes is None) == (trips_per_day is None):
        problems.append("headway_minutes, trips_per_day: the map has no service; give one of the two")
    stations = _stations(candidate)
    if len(stations) < 2:
        problems.append(f"{len(stations)} stations lie along the candidate; a line has two or more: write its stops")
    if problems:
        raise ParameterError(f"candidate {candidate.name or candidate.candidate_id}: " + "; ".join(problems))
    table = {
        "type": "add-trips", "name": candidate.name or candidate.candidate_id,
        "description": f"{candidate.state}, {candidate.mode}, OpenStreetMap {candidate.candidate_id}",
        "stops": [_stop(station) for station in stations], "mode": _MODES.get(candidate.mode, "rail"),
        **_running(candidate, stations, speed, fields),
        **_service(headway_minutes, trips_per_day, start_time, end_time), **fields,
    }  # fmt: skip
    return Scenario(str(table["name"]), (table,))


def _stations(candidate: Candidate) -> list[Station]:
    """Return the stations in order, without the second of two neighbours with one name within `_SAME_M`."""
    stations: list[Station] = []
    for one in candidate.stations:
        last = stations[-1] if stations else None
        if last is None or last.name != one.name or great_circle_m(last.lon, last.lat, one.lon, one.lat) > _SAME_M:
            stations.append(one)
    return stations


def _tagged_speed(candidate: Candidate) -> float | None:
    """Return the maxspeed of the map in km/h; None without one or in other units."""
    match = re.fullmatch(r"\s*(\d+(?:\.\d+)?)(?:\s*km/h)?\s*", candidate.tags.get("maxspeed", ""), re.ASCII)
    return float(match[1]) if match else None


def _stop(station: Any) -> dict[str, Any]:
    english = {"name_en": station.name_en} if station.name_en else {}
    name = station.name or station.name_en or station.station_id
    return {"name": name, **english, "lon": round(station.lon, 6), "lat": round(station.lat, 6)}


def _running(
    candidate: Candidate, stations: Sequence[Station], speed: float | None, fields: Mapping[str, Any]
) -> dict[str, Any]:
    if speed is None or "hop_minutes" in fields:
        return {}
    if candidate.geometry.geom_type != "LineString" or fields.keys() & {"hop_km", "length_km"}:
        return {"top_speed_kmh": speed}
    points = [(float(x), float(y)) for x, y in candidate.geometry.coords]
    at = [along_line(points, (s.lon, s.lat))[1] for s in stations]
    return {"top_speed_kmh": speed, "hop_km": [round(abs(b - a) / 1000, 3) for a, b in pairwise(at)]}


def _service(headway: float | None, trips: int | None, start: str, end: str) -> dict[str, Any]:
    if trips is not None:
        return {"trips_per_day": trips, "start_time": start, "end_time": end}
    return {"frequencies": [{"start_time": start, "end_time": end, "headway_minutes": headway}]}
