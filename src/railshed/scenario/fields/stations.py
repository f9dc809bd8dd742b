"""Stations that a modification names: those of the network by id or name, or new ones by
coordinate.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np

from railshed.network.cities import City
from railshed.network.lines import SAME_PLACE_M
from railshed.network.model import Network, Station
from railshed.scenario.fields.kinds import STOP
from railshed.scenario.fields.table import Table, is_number
from railshed.scenario.modification import Modification
from railshed.util.errors import nearest, suggestion
from railshed.util.geodesy import great_circle_m

#: lon and lat count as swapped where exchanged they come this near to the network, and as written
#: they do not
_NEAR_M = 500_000
_SUGGESTIONS = 5
#: remedy for a name that is missing because of `enabled`, `only` or `without`
SWITCHED_OFF = "a modification that is switched off adds it: switch it on, or this one off"
#: likeness of difflib, 0 to 1, from which a station is suggested
_ALIKE = 0.5


class ReportedStops(list[Any]):
    """The stops of a line whose lack is reported already: nothing more is reported of them."""


@dataclass(frozen=True, slots=True)
class Stop:
    """A station of a planned line, and the city whose core stations it joins."""

    station: Station
    core_city: str = ""


def find_station(
    m: Modification, table: Table, key: str, text: str, *, item: str = "", new: str = ""
) -> Station | None:
    """Return the station of the network that a text names; None, reported, if there is not just
    one.

    `new` says what to do for a station that does not exist yet.
    """
    found = [m.network.stations[idx] for idx in m.network.find_stations(text)]
    if len(found) == 1:
        return found[0]
    if found:
        ids = ", ".join(s.station_id for s in found)
        message = f"names {len(found)} stations"
        table.error(
            key,
            "ambiguous-station",
            message,
            text,
            f"give one of the ids {ids}",
            item=item,
            text=text,
        )
    elif not m.unsure(text):
        off = text in table.problems.found.off
        remedy = SWITCHED_OFF if off else suggest_station(m.network, text, new)
        table.error(
            key,
            "unknown-station",
            "is no station of the network",
            text,
            remedy,
            item=item,
            text=text,
        )
    return None


def one_station(m: Modification, table: Table, key: str) -> Station | None:
    """Return the station that a field names, None if it is not given or wrong."""
    text = table.text(key)
    return find_station(m, table, key, text) if text else None


def named_stations(m: Modification, table: Table, key: str) -> list[Station]:
    """Return the stations that a list names; those that are wrong are reported and left out."""
    texts = table.texts(key)
    found = (
        find_station(m, table, key, text, item=f"[{i}]") for i, text in enumerate(texts, start=1)
    )
    return [station for station in found if station is not None]


def suggest_station(network: Network, text: str, new: str = "") -> str:
    """Return the nearest stations by name; at a tie those with the same start, then the busiest."""
    matcher = difflib.SequenceMatcher(b=text.lower().removesuffix("站"))
    n_calls = np.bincount(network.stop_times.station_idx, minlength=network.n_stations).tolist()
    ranked = []
    for idx, station in enumerate(network.stations):
        score = max(
            _likeness(matcher, label)
            for label in (station.name, station.name_en, station.station_id)
        )
        if score >= _ALIKE:
            other_start = station.name[:1] != text[:1]
            ranked.append((-score, other_start, -n_calls[idx], station.station_id, station.name))
    near = [f"{name} ({station_id})" for *_, station_id, name in sorted(ranked)[:_SUGGESTIONS]]
    return f"did you mean {' or '.join(near)}? {new}".strip() if near else new


def _likeness(matcher: difflib.SequenceMatcher[str], label: str) -> float:
    matcher.set_seq1(label.lower())
    return matcher.ratio() if matcher.real_quick_ratio() >= _ALIKE else 0.0


def find_city(
    m: Modification, table: Table, key: str, text: str, *, item: str = "", near_text: str = ""
) -> City | None:
    """Return the city that a text names, None, reported, if there is none."""
    city = m.network.find_city(text)
    if city is None:
        slugs = [c.slug for c in m.network.cities]
        remedy = nearest(text.lower(), slugs, 3) or f"known: {', '.join(slugs[:12]) or 'none'}"
        message = "is no city of the network"
        table.error(key, "unknown-reference", message, text, remedy, item=item, text=near_text)
    return city


@dataclass(slots=True)
class PlannedStops:
    """Reads the list ``stops`` of a planned line or of a reroute."""

    m: Modification
    #: a line needs two, a reroute may name one, or none
    least: int = 2
    #: new stations so far
    own: list[Station] = field(default_factory=list)

    def read(self) -> list[Stop | None]:
        """Return every stop, None if it is wrong."""
        table = self.m.table
        given = table.values.get("stops", [] if self.least == 0 else None)
        if isinstance(given, ReportedStops):
            self.m.waits = True
            return []
        if not isinstance(given, list):
            if given is not None:
                table.error("stops", "bad-value", "must be a list of stations", given)
            return []
        if len(given) < self.least:
            table.error(
                "stops", "too-few-stops", f"names {len(given)} stops; a line needs two or more"
            )
        stops = [self._stop(i, stop) for i, stop in enumerate(given, start=1)]
        for i, (before, after) in enumerate(pairwise(stops), start=2):
            if (
                before is not None
                and after is not None
                and before.station.station_id == after.station.station_id
            ):
                self._error(
                    i,
                    "",
                    "repeated-stop",
                    f"is the same station as stop {i - 1}",
                    after.station.name,
                )
        return stops

    def _error(
        self,
        i: int,
        key: str,
        code: str,
        message: str,
        value: Any = "",
        remedy: str = "",
        text: str = "",
    ) -> None:
        item = f"[{i}].{key}" if key else f"[{i}]"
        self.m.table.error(
            "stops", code, message, value, remedy, item=item, text=text or str(value)
        )

    def _stop(self, i: int, stop: Any) -> Stop | None:
        if isinstance(stop, str):
            station = self._known(i, stop)
            return None if station is None else Stop(station)
        if not isinstance(stop, Mapping):
            self._error(i, "", "bad-value", "is neither a station's name nor a table", stop)
            return None
        name = str(stop.get("name", stop.get("id", "")))
        for key in stop:
            if key not in STOP:
                self._error(
                    i, key, "unknown-key", "is not known", remedy=suggestion(key, STOP), text=name
                )
        if not name.strip():
            self._error(i, "name", "missing-key", "must be the station's name")
            return None
        core = self._core_city(i, stop, name)
        if "lon" in stop or "lat" in stop:
            station = self._new(i, stop, name)
        else:
            station = self._known(i, str(stop.get("id", name)))
        return None if station is None else Stop(station, core)

    def _known(self, i: int, text: str) -> Station | None:
        query = text.strip()
        mine = [s for s in self.own if query in (s.station_id, s.name)]
        if len(mine) == 1 and not self.m.network.find_stations(query):
            return mine[0]
        new = "for a new station give lon and lat"
        return find_station(self.m, self.m.table, "stops", query, item=f"[{i}]", new=new)

    def _core_city(self, i: int, stop: Mapping[str, Any], name: str) -> str:
        """Return the slug of the city that the stop becomes a core station of, "" for none."""
        flag = stop.get("terminal", "core_city" in stop)
        given = stop.get("core_city", self.m.city)
        if not isinstance(flag, bool):
            self._error(i, "terminal", "bad-value", "is not true or false", flag, text=name)
        if flag is not True:
            return ""
        if not given:
            remedy = 'add core_city = "slug", or name the city: city=..., --city or --at'
            if not self.m.network.cities:
                remedy = "the network lists no city: name one, city=city_at(...) or --at LON,LAT"
            self._error(
                i, "terminal", "missing-key", "does not say of which city", True, remedy, text=name
            )
            return ""
        city = find_city(
            self.m, self.m.table, "stops", str(given), item=f"[{i}].core_city", near_text=name
        )
        return "" if city is None else city.slug

    def _new(self, i: int, stop: Mapping[str, Any], name: str) -> Station | None:
        """Return the station that the table describes, None where a field is wrong."""
        lon = stop.get("lon")
        lat = stop.get("lat")
        sound = self._sound_coordinates(i, lon, lat, name)
        for key in ("station_class", "feeder"):
            allowed = STOP[key].schema["enum"]
            if stop.get(key, allowed[0]) not in allowed:
                remedy = f"allowed: {', '.join(allowed)}"
                self._error(i, key, "bad-value", "is not allowed", stop[key], remedy, text=name)
                sound = False
        if not sound:
            self.m.table.problems.found.failed.update((name, str(stop.get("id", name))))
            return None
        station = Station(
            station_id=str(stop.get("id", name)),
            name=name,
            name_en=str(stop.get("name_en", "")),
            lon=float(lon),  # type: ignore[arg-type]
            lat=float(lat),  # type: ignore[arg-type]
            station_class=str(stop.get("station_class", "small")),
            feeder=str(stop.get("feeder", "bus")),
            coord_confidence="medium",
        )
        return self._unless_known(i, station, by_id="id" in stop)

    def _unless_known(self, i: int, station: Station, *, by_id: bool) -> Station | None:
        """Return the station, or the one of the network (or of this line) of the same place and
        name.
        """
        text = station.station_id
        same = [self.m.network.stations[idx] for idx in self.m.network.find_stations(text)]
        same = same or [s for s in self.own if text in (s.station_id, s.name)]
        if by_id:
            same = [s for s in same if s.station_id == text]
        if not same:
            self.own.append(station)
            return station
        metres = [float(great_circle_m(station.lon, station.lat, s.lon, s.lat)) for s in same]
        nearest = min(range(len(same)), key=metres.__getitem__)
        if metres[nearest] <= SAME_PLACE_M:
            there = same[nearest]
            if there != station:  # the same one may be given in several lines
                self.m.note(
                    "edit_station_there",
                    station=station.name,
                    there=there.name,
                    station_id=there.station_id,
                )
            return there
        message = (
            f"is taken by a station {metres[nearest] / 1000:,.1f} km away (id "
            f"{same[nearest].station_id})"
        )
        remedy = "leave out lon and lat to call there, or give the new station an id of its own"
        self._error(
            i, "id" if by_id else "name", "station-taken", message, text, remedy, text=station.name
        )
        return None

    def _sound_coordinates(self, i: int, lon: Any, lat: Any, name: str) -> bool:
        """Return whether lon and lat are degrees within bounds and do not look swapped."""
        n_before = len(self.m.table.problems.found.issues)
        for key, value in (("lon", lon), ("lat", lat)):
            if value is None:
                self._error(i, key, "missing-key", "is missing", text=name)
            elif not is_number(value):
                self._error(i, key, "bad-number", "is not a number of degrees", value, text=name)
        if len(self.m.table.problems.found.issues) > n_before:
            return False
        swapped = "lon and lat look swapped"
        if not -90 <= lat <= 90:
            remedy = swapped if abs(lat) <= 180 and abs(lon) <= 90 else "allowed: -90 to 90"
            self._error(
                i, "lat", "out-of-range", "is not within -90 to 90 degrees", lat, remedy, text=name
            )
        elif not -180 <= lon <= 180:
            message = "is not within -180 to 180 degrees"
            remedy = "allowed: -180 to 180"
            self._error(i, "lon", "out-of-range", message, lon, remedy, text=name)
        elif abs(lon) <= 90 and self._metres_off(lon, lat) > _NEAR_M > self._metres_off(lat, lon):
            message = (
                f"the station lies {self._metres_off(lon, lat) / 1000:,.0f} km from the network"
            )
            self._error(
                i, "lon", "looks-swapped", message, lon, f"{swapped}: exchange them", text=name
            )
        return len(self.m.table.problems.found.issues) == n_before

    def _metres_off(self, lon: float, lat: float) -> float:
        """Return metres to the nearest station, 0 if there is none."""
        stations: Sequence[Station] = self.m.network.stations
        if not stations:
            return 0.0
        metres = great_circle_m(lon, lat, [s.lon for s in stations], [s.lat for s in stations])
        return float(metres.min())
