"""The changes that may bring a place in, in the order of what must be done for them: from nothing
to a new line.

Within a family the least comes first. It is an order, not a cost.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from railshed.assumptions.readings import Reading
from railshed.circles.analysis import AnalysisInputs
from railshed.circles.city_model import CityModel, fastest_between
from railshed.network.model import Network, Station
from railshed.routing.profiles import percentile_ranks
from railshed.scenario.files import Scenario, scenario_from_dict
from railshed.util.bilingual import Words
from railshed.util.geodesy import great_circle_m
from railshed.util.phrases import phrase
from railshed.util.units import MINUTE, UNREACHED

#: levels of the changes, the least first
LATER_MIN = (15, 30, 45, 60)
HEADWAYS_MIN = (60, 30, 15, 10)
SPEEDS = (1.1, 1.25, 1.5)
LINES_KMH = (160, 250)
LINE_HEADWAY_MIN = 15
#: of a straight ride to a core station, by which the best one is chosen
_STRAIGHT_KMH = 120
#: minutes less in the two stations of a journey together
STATION_LESS_MIN = 5
#: families of changes in the order in which they are tried, and what the first that helps shows to
#: bind
BINDS = {
    "deadline": "first_train",
    "access": "access",
    "feeder": "access",
    "station": "station",
    "stop": "stops",
    "trains": "trains",
    "speed": "speed",
    "line": "track",
}


@dataclass(frozen=True, slots=True)
class Remedy:
    """One change that may bring a place in."""

    key: str
    family: str
    words: Words
    #: as in scenario files; none where an assumption is changed
    modifications: tuple[Mapping[str, Any], ...] = ()
    #: minutes by which the deadline is later; access modes more
    later_min: int = 0
    modes: tuple[str, ...] = ()

    @property
    def scenario(self) -> Scenario | None:
        """What it is as a scenario, None where an assumption is changed."""
        if not self.modifications:
            return None
        return scenario_from_dict(
            {"title": self.words.en, "modification": list(self.modifications)}
        )


@dataclass(frozen=True, slots=True)
class Remedies:
    """What may be changed for a city under a reading."""

    run: AnalysisInputs
    case: CityModel
    reading: Reading

    @property
    def network(self) -> Network:
        """The network as it is."""
        return self.run.compiled.network

    def of(self, home: Station, core: Station) -> Iterator[Remedy]:
        """Yield the changes in the order in which they are tried; trains and lines to the best core
        station as well.
        """
        for minutes in LATER_MIN:
            yield Remedy(
                f"deadline_{minutes}",
                "deadline",
                phrase("why_deadline", n=minutes),
                later_min=minutes,
            )
        if "drive" not in self.run.assumptions.access_modes:
            yield Remedy("drive", "access", phrase("why_drive"), modes=("drive",))
        if home.feeder != "metro":
            metro = {
                "type": "adjust-station-time",
                "stations": [home.station_id],
                "feeder": "metro",
            }
            yield Remedy("feeder_metro", "feeder", phrase("why_feeder", name=_name(home)), (metro,))
        yield from self._less_in_stations(home, core)
        yield from self._one_stop_more(home)
        cores = {
            one.station_id: one
            for one in (core, self.best_core(home))
            if one.station_id != home.station_id
        }
        now = {key: self._fastest_min(home, one) for key, one in cores.items()}
        for key, one in cores.items():
            yield from self._more_trains(home, one, now[key])
        by_train = self.case.counted_stations()[self.network.station_index()[home.station_id]]
        scales: tuple[float, ...] = SPEEDS if by_train else SPEEDS[:1]
        if now.get(core.station_id) is None:
            scales = ()
        for scale in scales:
            faster = {"type": "adjust-speed", "calls_at": [home.station_id], "scale": scale}
            words = phrase("why_speed", name=_name(home), n=round((scale - 1) * 100))
            yield Remedy(f"speed_{scale:g}", "speed", words, (faster,))
        for one in cores.values():
            for kmh in LINES_KMH:
                new = _line(home, one) | {
                    "top_speed_kmh": kmh,
                    "frequencies": [_all_day(LINE_HEADWAY_MIN)],
                }
                words = phrase(
                    "why_line", home=_name(home), core=_name(one), kmh=kmh, n=LINE_HEADWAY_MIN
                )
                yield Remedy(f"line_{kmh}_{one.station_id}", "line", words, (new,))

    def _more_trains(self, home: Station, core: Station, now: float | None) -> Iterator[Remedy]:
        """Yield direct trains as fast as the fastest way by rail of today (`now` minutes, changes
        included), if any.
        """
        for headway in HEADWAYS_MIN if now is not None else ():
            trains = _line(home, core) | {"hop_minutes": [now], "frequencies": [_all_day(headway)]}
            words = phrase(
                "why_trains", home=_name(home), core=_name(core), n=headway, minutes=f"{now:g}"
            )
            yield Remedy(f"trains_{headway}_{core.station_id}", "trains", words, (trains,))

    def _less_in_stations(self, home: Station, core: Station) -> Iterator[Remedy]:
        """Yield the change of both stations' minutes: less at the entry first, the rest at the
        exit.
        """
        a = self.run.assumptions
        less = STATION_LESS_MIN * MINUTE
        entry = a.entry_s(home)
        leave = a.exit_s(core)
        at_home = min(entry, less)
        at_core = min(leave, less - at_home)
        if at_home + at_core:
            parts = []
            if at_home:
                parts.append((home, "entry_minutes", entry - at_home))
            if at_core:
                parts.append((core, "exit_minutes", leave - at_core))
            yield Remedy(
                "station_time",
                "station",
                phrase("why_station", n=STATION_LESS_MIN),
                tuple(
                    {
                        "type": "adjust-station-time",
                        "stations": [s.station_id],
                        key: s_left / MINUTE,
                    }
                    for s, key, s_left in parts
                ),
            )

    def _one_stop_more(self, home: Station) -> Iterator[Remedy]:
        """Yield that the trains which pass the station call there: those that run between two calls
        around it.
        """
        passing = passing_trips(
            self.network, self.network.station_index()[home.station_id], self.run.compiled.date
        )
        if not passing:
            return
        n = sum(map(len, passing.values()))
        ids = [s.station_id for s in self.network.stations]
        yield Remedy(
            "stop_more",
            "stop",
            phrase("why_stop", n=n, name=_name(home)),
            tuple(
                {
                    "type": "reroute",
                    "trips": [self.network.trips.trip_ids[t] for t in trips],
                    "from_stop": ids[a],
                    "to_stop": ids[b],
                    "stops": [home.station_id],
                    "hop_minutes": [to / MINUTE, on / MINUTE],
                }
                for (a, b, to, on), trips in passing.items()
            ),
        )

    def _fastest_min(self, home: Station, core: Station) -> float | None:
        """Return the minutes of the fastest way by rail between the stations today, changes
        included.
        """
        index = self.network.station_index()
        seconds = fastest_between(self.run.compiled, index[home.station_id], index[core.station_id])
        return None if seconds >= UNREACHED or not seconds else seconds / MINUTE

    def best_core(self, home: Station) -> Station:
        """Return the core station from which the goal is reached soonest, a straight ride to it
        included.
        """
        one = self.reading
        core = list(self.case.core)
        journeys = self.case.journeys_of(one, "to")
        assert journeys is not None
        times = journeys.travel_times(self.case.window(one, "to"), one.slack_s, one.early_weight)[
            core
        ]
        onward = np.sort(times, axis=1)[
            :, int(percentile_ranks([one.percentile], times.shape[1])[0])
        ]
        stations = [self.network.stations[k] for k in core]
        rides = [metres(s, home.lon, home.lat) / _STRAIGHT_KMH * 3.6 for s in stations]
        return stations[int(np.argmin(onward + np.array(rides)))]


def passing_trips(
    network: Network, station: int, date: Any
) -> dict[tuple[int, int, int, int], list[int]]:
    """Return the trips of a day that pass a station: of two calls in a row around it, and how
    others run there.

    By (call before, call after, seconds of others to the station, and from it on): the median of
    the trips that call at all three in a row; trips by index.
    """
    calls = network.stop_times
    runs = np.array([service.runs_on(date) for service in network.services], bool)[
        network.trips.service_idx
    ]
    here = np.flatnonzero((calls.station_idx == station) & runs[calls.trip_idx])
    around: dict[tuple[int, int], list[tuple[int, int]]] = {}
    for k in here.tolist():
        if (
            0 < k < len(calls.trip_idx) - 1
            and calls.trip_idx[k - 1] == calls.trip_idx[k] == calls.trip_idx[k + 1]
        ):
            pair = int(calls.station_idx[k - 1]), int(calls.station_idx[k + 1])
            to = calls.arrival_s[k] - calls.departure_s[k - 1]
            on = calls.arrival_s[k + 1] - calls.departure_s[k]
            around.setdefault(pair, []).append((int(to), int(on)))
    found: dict[tuple[int, int, int, int], list[int]] = {}
    follows = np.flatnonzero((calls.trip_idx[1:] == calls.trip_idx[:-1]) & runs[calls.trip_idx[1:]])
    one = calls.station_idx[follows]
    other = calls.station_idx[follows + 1]
    for (a, b), times in sorted(around.items()):
        trips = np.unique(calls.trip_idx[follows[(one == a) & (other == b)]]).tolist()
        if trips:
            to, on = (int(np.median(side)) for side in zip(*times, strict=True))
            found[a, b, to, on] = trips
    return found


def _line(home: Station, core: Station) -> dict[str, Any]:
    stops = [home.station_id, core.station_id]
    return {"type": "add-trips", "name": f"{home.name}-{core.name}", "stops": stops}


def _all_day(headway: int) -> dict[str, Any]:
    return {"start_time": "05:30", "end_time": "23:00", "headway_minutes": headway}


def _name(station: Station) -> Words:
    return Words(station.name, station.name_en or station.name)


def metres(station: Station, lon: float, lat: float) -> float:
    """Return how far a station is from a point, straight."""
    return float(great_circle_m(station.lon, station.lat, lon, lat))
