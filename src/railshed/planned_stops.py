"""The stops of a planned line: stations of the network by name or id, or new ones by coordinate."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np

from railshed.assumptions import FEEDERS, STATION_CLASSES
from railshed.lines import Line, great_circle_m
from railshed.model import Network, Station
from railshed.modification import Modification, is_number

#: a new station this near to one of the same name is that one
_SAME_PLACE_M = 1_000
#: lon and lat count as swapped where exchanged they come this near to the network, and as written they do not
_NEAR_M = 500_000
_STOP_KEYS = (
    "name", "id", "name_en", "lon", "lat", "station_class", "feeder", "core_station", "core_city",
)  # fmt: skip
_SUGGESTIONS = 5
#: likeness of difflib, 0 to 1, from which a station is suggested
_ALIKE = 0.5
_NEW = "for a new station give lon and lat"


def _likeness(matcher: difflib.SequenceMatcher[str], label: str) -> float:
    matcher.set_seq1(label.lower())
    return matcher.ratio() if matcher.real_quick_ratio() >= _ALIKE else 0.0


@dataclass(slots=True)
class PlannedStops(Modification):
    """A modification whose ``stops`` are held against a network and the lines planned before it."""

    network: Network
    earlier: Sequence[Line]
    #: slug of the city that ``core_station = true`` means, "" for none
    city: str
    #: new stations of this line so far
    own: list[Station] = field(default_factory=list)

    def stops(self) -> list[tuple[Station | None, str]]:
        """Return station (None where unknown) and core city of every stop."""
        given = self.table.get("stops")
        if not isinstance(given, list):
            self.error("stops", "missing-key", "must be a list of stations", given if given is not None else "")
            return []
        if len(given) < 2:
            self.error("stops", "too-few-stops", f"names {len(given)} stops; a line needs two or more")
        stops = [self.stop(i, stop) for i, stop in enumerate(given, start=1)]
        for i, ((before, _), (after, _)) in enumerate(pairwise(stops), start=2):
            if before is not None and after is not None and before.station_id == after.station_id:
                message = f"is the same station as stop {i - 1}"
                self.error(f"stops[{i}]", "repeated-stop", message, after.name, text=after.name)
        return stops

    def stop(self, i: int, stop: Any) -> tuple[Station | None, str]:
        """Return the station (None where unknown) and core city of one stop."""
        where = f"stops[{i}]"
        if isinstance(stop, str):
            return self.known_station(where, stop, stop), ""
        if not isinstance(stop, Mapping):
            self.error(where, "bad-value", "is neither a station's name nor a table", stop)
            return None, ""
        name = str(stop.get("name", stop.get("id", "")))
        self.refuse_unknown(stop, _STOP_KEYS, f"{where}.", key="stops", text=name)
        if not name.strip():
            self.error(f"{where}.name", "missing-key", "must be the station's name")
            return None, ""
        core = self.core_city(where, stop, name)
        if "lon" in stop or "lat" in stop:
            return self.new_station(where, stop, name), core
        return self.known_station(where, str(stop.get("id", name)), name), core

    def core_city(self, where: str, stop: Mapping[str, Any], name: str) -> str:
        """Return the slug of the city that the stop becomes a core station of, "" for none."""
        flag, given = stop.get("core_station", "core_city" in stop), stop.get("core_city", self.city)
        if not isinstance(flag, bool):
            self.error(f"{where}.core_station", "bad-value", "is not true or false", flag, text=name)
        if flag is not True:
            return ""
        if not given:
            message, remedy = "does not say of which city", 'add core_city = "slug"'
            self.error(f"{where}.core_station", "missing-key", message, True, remedy, text=name)
            return ""
        city = self.network.find_city(str(given))
        if city is None:
            slugs = [c.slug for c in self.network.cities]
            near = difflib.get_close_matches(str(given).lower(), slugs, n=3, cutoff=0.5)
            remedy = f"did you mean {' or '.join(near)}?" if near else f"known: {', '.join(slugs[:12]) or 'none'}"
            self.error(
                f"{where}.core_city",
                "unknown-reference",
                "is no city of the network",
                given,
                remedy,
                text=name,
            )
            return ""
        return city.slug

    def planned_stations(self, text: str) -> list[Station]:
        """Return the stations of this id or name that this line or earlier ones add, each once."""
        known = {s.station_id for s in self.network.stations}
        planned = [stop.station for line in self.earlier for stop in line.stops] + self.own
        new = {s.station_id: s for s in planned if s.station_id not in known}
        return [s for s in new.values() if text in (s.station_id, s.name)]

    def known_station(self, where: str, text: str, quoted: str) -> Station | None:
        """Return the station of the network or of an earlier line with this id or name."""
        wanted = text.strip()
        found = [self.network.stations[idx] for idx in self.network.find_stations(wanted)]
        found = found or self.planned_stations(wanted)
        if len(found) == 1:
            return found[0]
        if found:
            ids = ", ".join(s.station_id for s in found)
            message = f"names {len(found)} stations"
            self.error(where, "ambiguous-station", message, text, f"give one of the ids {ids}", text=quoted)
        else:
            remedy = self.suggest_station(wanted)
            self.error(where, "unknown-station", "is no station of the network", text, remedy, text=quoted)
        return None

    def suggest_station(self, text: str) -> str:
        """Return the nearest stations by name; at a tie those with the same start, then the busiest."""
        matcher = difflib.SequenceMatcher(b=text.lower().removesuffix("站"))
        n_calls = np.bincount(self.network.stop_times.station_idx, minlength=self.network.n_stations).tolist()
        ranked = []
        for idx, station in enumerate(self.network.stations):
            score = max(_likeness(matcher, label) for label in (station.name, station.name_en, station.station_id))
            if score >= _ALIKE:
                other_start = station.name[:1] != text[:1]
                ranked.append((-score, other_start, -n_calls[idx], station.station_id, station.name))
        near = [f"{name} ({station_id})" for *_, station_id, name in sorted(ranked)[:_SUGGESTIONS]]
        return f"did you mean {' or '.join(near)}? {_NEW}" if near else _NEW

    def new_station(self, where: str, stop: Mapping[str, Any], name: str) -> Station | None:
        """Return the station that the table describes, None where a field is wrong."""
        lon, lat = stop.get("lon"), stop.get("lat")
        sound = self.sound_coordinates(where, lon, lat, name)
        for key, allowed in (("station_class", STATION_CLASSES), ("feeder", FEEDERS)):
            if stop.get(key, allowed[0]) not in allowed:
                remedy = f"allowed: {', '.join(allowed)}"
                self.error(f"{where}.{key}", "bad-value", "is not allowed", stop[key], remedy, text=name)
        if not sound:
            return None
        station = Station(
            station_id=str(stop.get("id", name)),
            name=name,
            lon=float(lon),  # type: ignore[arg-type]
            lat=float(lat),  # type: ignore[arg-type]
            name_en=str(stop.get("name_en", "")),
            station_class=str(stop.get("station_class", "small")),
            feeder=str(stop.get("feeder", "bus")),
            coord_confidence="medium",
        )
        return self.unless_known(where, station, by_id="id" in stop)

    def unless_known(self, where: str, station: Station, *, by_id: bool) -> Station | None:
        """Return the station, or the one of the network (or an earlier line) of the same place and name."""
        text = station.station_id
        same = [self.network.stations[idx] for idx in self.network.find_stations(text)] or self.planned_stations(text)
        if by_id:
            same = [s for s in same if s.station_id == text]
        if not same:
            self.own.append(station)
            return station
        metres = [float(great_circle_m(station.lon, station.lat, s.lon, s.lat)) for s in same]
        nearest = min(range(len(same)), key=metres.__getitem__)
        if metres[nearest] <= _SAME_PLACE_M:
            return same[nearest]
        message = f"is taken by a station {metres[nearest] / 1000:,.1f} km away (id {same[nearest].station_id})"
        remedy = "leave out lon and lat to call there, or give the new station an id of its own"
        self.error(f"{where}.{'id' if by_id else 'name'}", "station-taken", message, text, remedy, text=station.name)
        return None

    def sound_coordinates(self, where: str, lon: Any, lat: Any, name: str) -> bool:
        """Return whether lon and lat are degrees within bounds and do not look swapped."""
        n_before = len(self.problems.issues)
        for key, value in (("lon", lon), ("lat", lat)):
            if value is None:
                self.error(f"{where}.{key}", "missing-key", "is missing", text=name)
            elif not is_number(value):
                self.error(f"{where}.{key}", "bad-number", "is not a number of degrees", value, text=name)
        if len(self.problems.issues) > n_before:
            return False
        swapped = "lon and lat look swapped"
        if not -90 <= lat <= 90:
            remedy = swapped if abs(lat) <= 180 and abs(lon) <= 90 else "allowed: -90 to 90"
            self.error(f"{where}.lat", "out-of-range", "is not within -90 to 90 degrees", lat, remedy, text=name)
        elif not -180 <= lon <= 180:
            message, remedy = "is not within -180 to 180 degrees", "allowed: -180 to 180"
            self.error(f"{where}.lon", "out-of-range", message, lon, remedy, text=name)
        elif abs(lon) <= 90 and self.metres_from_network(lon, lat) > _NEAR_M > self.metres_from_network(lat, lon):
            message = f"the station lies {self.metres_from_network(lon, lat) / 1000:,.0f} km from the network"
            self.error(f"{where}.lon", "looks-swapped", message, lon, f"{swapped}: exchange them", text=name)
        return len(self.problems.issues) == n_before

    def metres_from_network(self, lon: float, lat: float) -> float:
        """Return metres to the nearest station, 0 where there is none."""
        stations = self.network.stations
        if not stations:
            return 0.0
        metres = great_circle_m(lon, lat, [s.lon for s in stations], [s.lat for s in stations])
        return float(metres.min())
