"""The stations of an HTML map: their minutes, and the trains of the window, of one city or of each
place's nearest.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from railshed.assumptions.readings import Reading
from railshed.circles.city_model import CityModel
from railshed.circles.places import station_seconds
from railshed.network.trip_series import trip_name
from railshed.routing.directions import Direction, directions_of
from railshed.routing.journeys import Journeys
from railshed.util.array_types import Bytes, Ints64
from railshed.util.units import MINUTE, UNREACHED

if TYPE_CHECKING:
    import geopandas as gpd

#: minutes of cells and stations that are not reached
NEVER_MIN = 255
#: no county, no station
NONE = 65_535
#: a metro's station with more journeys in the window lists them without the trains
MOST_NAMED = 24


def minutes_up(seconds: Any) -> Bytes:
    """Return uint8 whole minutes, rounded up; NEVER_MIN where unreached or beyond."""
    seconds = np.asarray(seconds, np.int64)
    return np.where(
        seconds == UNREACHED, NEVER_MIN, np.minimum(-(-seconds // MINUTE), NEVER_MIN)
    ).astype(np.uint8)


class Stations:
    """The stations of a scene, one list for all sides and cities, and other places that journeys
    name.
    """

    def __init__(
        self,
        table: gpd.GeoDataFrame,
        sides: Sequence[Sequence[CityModel]],
        direction: str,
        n_more: int = 0,
    ) -> None:
        """Take the stations that may be drawn, by side the cases of its cities, and how many places
        more there are.
        """
        self._table = table
        self._sides = sides
        self._direction = direction
        self._ids = table["station_id"].tolist()
        self._place = {station_id: k for k, station_id in enumerate(self._ids)}
        self._names = [
            (str(zh), str(en or "")) for zh, en in zip(table["name"], table["name_en"], strict=True)
        ]
        self._names += [("", "")] * n_more

    def _find(self, case: CityModel, station_idx: int) -> int:
        """Return the place of a station of a network, which is given one where it has none."""
        station = case.compiled.network.stations[station_idx]
        if station.station_id not in self._place:
            self._place[station.station_id] = len(self._names)
            self._names.append((station.name, station.name_en))
        return self._place[station.station_id]

    def place_of(self, case: CityModel, station: Ints64) -> NDArray[np.uint16]:
        """Return uint16 places of stations of a network, NONE for -1."""
        places = {
            idx: NONE if idx < 0 else self._find(case, idx) for idx in np.unique(station).tolist()
        }
        return np.array([places[idx] for idx in station.tolist()], np.uint16)

    def rows(self) -> list[dict[str, Any]]:
        """Return one row a station that may be drawn; its place is its row."""
        table = self._table
        classes = table.get("station_class", [""] * len(table))
        trains = table.get("trains", [0] * len(table))
        core = [
            {case.compiled.network.stations[k].station_id for case in cases for k in case.core}
            for cases in self._sides
        ]
        there = [cases[0].compiled.network.station_index() for cases in self._sides]
        return [
            {
                "id": station_id,
                "at": [round(point.x, 5), round(point.y, 5)],
                "class": str(kind),
                "trains": int(n),
                "core": [station_id in mine for mine in core],
                "there": [station_id in index for index in there],
            }
            for station_id, point, kind, n in zip(
                self._ids, table.geometry, classes, trains, strict=True
            )
        ]

    def places(self) -> list[list[str]]:
        """Return the names of all places, Chinese and English, stations first."""
        return [list(names) for names in self._names]

    def figures(self, reading: Reading, most: int) -> dict[str, Any]:
        """Return by side minutes, trains and, of several cities, the city that they are of, by
        place of the station.

        Minutes are from the station's door, None beyond `most` or where there are none. Of several
        cities they are the least, and the trains are those of that city; where none has minutes, of
        the city that has most trains.
        """
        sides = [self._side(cases, reading, most) for cases in self._sides]
        return {
            "stations": [side["minutes"] for side in sides],
            "trains": [side["trains"] for side in sides],
            "station_city": [side["city"] for side in sides]
            if any(len(c) > 1 for c in self._sides)
            else None,
        }

    def _side(self, cases: Sequence[CityModel], reading: Reading, most: int) -> dict[str, Any]:
        minutes = np.array([self._minutes(case, reading, most) for case in cases])
        city = minutes.argmin(axis=0)
        least = minutes.min(axis=0)
        trains: dict[str, Any] = {}
        for way in directions_of(self._direction):
            listed = [self._listed(case, reading, way, most) for case in cases]
            if all(found is None for found in listed):
                continue
            each = [found or {} for found in listed]
            if not trains and len(cases) > 1:
                counts = np.array(
                    [
                        [len(found.get(place, ())) for place in range(len(self._ids))]
                        for found in each
                    ]
                )
                city = np.where(least == NEVER_MIN, counts.argmax(axis=0), city)
            spans = [[s // MINUTE for s in case.window(reading, way)] for case in cases]
            rows: dict[int, list[Any]] = {}
            for k, case in enumerate(cases):
                mine = {place: found for place, found in each[k].items() if city[place] == k}
                rows |= self._journeys(case, reading, way, mine)
            trains[way] = {"windows": spans, "rows": dict(sorted(rows.items()))}
        return {
            "minutes": [None if m == NEVER_MIN else m for m in least.tolist()],
            "city": city.tolist(),
            "trains": trains,
        }

    def _minutes(self, case: CityModel, reading: Reading, most: int) -> Bytes:
        """Return uint8 minutes of each station from its door, NEVER_MIN beyond `most`."""
        index = case.compiled.network.station_index()
        known = minutes_up(station_seconds(case, reading, directions_of(self._direction)))
        known[list(case.core)] = 0
        own = np.array(
            [NEVER_MIN if s not in index else known[index[s]] for s in self._ids], np.uint8
        )
        own[own > most] = NEVER_MIN
        return own

    def _timed(self, case: CityModel, reading: Reading, way: Direction) -> Journeys | None:
        """Return the journeys of a timetable; None where there is none, or no core station reaches
        a centre.
        """
        journeys = case.journeys(reading.legs, way)
        return None if journeys is None else journeys.schedule

    def _listed(
        self, case: CityModel, reading: Reading, way: Direction, most: int
    ) -> dict[int, list[tuple[int, int, int]]] | None:
        """Return by place the window's journeys of at most `most` minutes: departure, end in the
        city, all seconds.

        None for a network without a timetable.
        """
        journeys = self._timed(case, reading, way)
        if journeys is None:
            return None
        span = case.window(reading, way)
        home_s = case.home_s(reading.legs, way)
        index = case.compiled.network.station_index()
        core = set(case.core)
        found = {}
        for place, station_id in enumerate(self._ids):
            k = index.get(station_id)
            if k is None or k in core:
                continue
            leaves, arrives = journeys.clocks_of(k)
            taken = arrives - leaves + home_s[k]
            end = arrives if way == "to" else leaves
            mine = (span[0] <= end) & (end < span[1]) & (taken <= most * MINUTE)
            if mine.any():
                columns = (column[mine].tolist() for column in (leaves, arrives, taken))
                found[place] = list(zip(*columns, strict=True))
        return found

    def _journeys(
        self,
        case: CityModel,
        reading: Reading,
        way: Direction,
        listed: Mapping[int, Sequence[tuple[int, int, int]]],
    ) -> dict[int, list[Any]]:
        """Return journeys by place as [departure, end in the city, minutes, rides], clock in
        minutes of the day.

        A ride is [train, from, to, departure, arrival]; none are listed at a metro that runs often
        (MOST_NAMED).
        """
        journeys = self._timed(case, reading, way)
        network = case.compiled.network
        if journeys is None:
            return {}
        index = network.station_index()
        found = dict[int, list[list[Any]]]()
        asked: list[tuple[list[Any], tuple[int, int, int]]] = []
        for place, mine in listed.items():
            k = index[self._ids[place]]
            found[place] = [
                [start // MINUTE, end // MINUTE, -(-taken // MINUTE), []]
                for start, end, taken in mine
            ]
            if len(mine) <= MOST_NAMED or network.stations[k].station_class != "metro":
                asked += [
                    (row[-1], (k, start, end))
                    for row, (start, end, _) in zip(found[place], mine, strict=True)
                ]
        for (named, _), rides in zip(
            asked, journeys.rides([journey for _, journey in asked]), strict=True
        ):
            named += [
                [
                    trip_name(network, r.trip_idx),
                    self._find(case, r.from_idx),
                    self._find(case, r.to_idx),
                    r.departure_s // MINUTE,
                    r.arrival_s // MINUTE,
                ]
                for r in rides
            ]
        return found
