"""From results to what an HTML map shows of them: cells as a raster, figures by minute, stations and their trains.

A scene is one city under every reading, as it is (one side) or before and after a plan (two sides). Minutes are rounded
up, so whoever is within a cutoff has minutes of at most the cutoff: the rule of the printed map.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from railshed.arrays import Compiled, Direction
from railshed.assumptions import Reading
from railshed.bridge import ways
from railshed.cases import Case
from railshed.changes import state_figures, states_of
from railshed.definitions import DIRECTIONS
from railshed.grid import Grid
from railshed.ground import Ground
from railshed.htmlblob import Blob, add_lines, add_steps
from railshed.indicators import inside_by_kind, reach_table, station_seconds
from railshed.land import Land
from railshed.mapdata import definition_words
from railshed.maps import MapData, Words
from railshed.population import cell_keys, find_keys
from railshed.routing import Journeys, trace_rides
from railshed.split import Split
from railshed.surfaces import Surface
from railshed.units import MINUTE, UNREACHED

if TYPE_CHECKING:
    from railshed.results import Circle

Ints64 = NDArray[np.int64]
Bytes = NDArray[np.uint8]
#: minutes of cells and stations that are not reached
NEVER_MIN = 255
#: no county, no station
NONE = 65_535
#: pixels of the raster along its longer edge at most, and across a cell where that allows
MOST_PIXELS, PIXELS_A_CELL = 1600, 2
_EARTH_M = 40_075_016.686


@dataclass(frozen=True, slots=True)
class Sources:
    """What a scene is made of: one side, or before and after."""

    key: str
    label: Words
    #: of which the maps are made, the circle after; it names stations and counties
    data: MapData
    #: readings by name, the headline one first, with the cutoffs of each
    readings: Mapping[str, tuple[Reading, tuple[int, ...]]]
    ground: Ground
    #: by reading that has an area, one surface a side
    surfaces: Mapping[str, Sequence[Surface]]
    #: one a side; for united circles none: they have neither trains nor parts of minutes
    circles: Sequence[Circle] = ()
    definitions: Mapping[str, tuple[Words, ...]] = field(default_factory=dict)
    plan: Words | None = None
    direction: str = "to"


def minutes_up(seconds: Any) -> Bytes:
    """Return uint8 whole minutes, rounded up; NEVER_MIN where unreached or beyond."""
    seconds = np.asarray(seconds, np.int64)
    return np.where(seconds == UNREACHED, NEVER_MIN, np.minimum(-(-seconds // MINUTE), NEVER_MIN)).astype(np.uint8)


def minutes_of_parts(seconds: NDArray[np.int32]) -> Bytes:
    """Return uint8 (n, 7) whole minutes by component, whose sum is that of the seconds rounded up (largest remainder).

    Parts of no seconds have no minutes.
    """
    whole, rest = np.divmod(seconds.astype(np.int64), MINUTE)
    missing = -(-seconds.sum(axis=1, dtype=np.int64) // MINUTE) - whole.sum(axis=1)
    order = np.argsort(-rest, axis=1, kind="stable")
    gets = np.arange(seconds.shape[1]) < missing[:, None]
    more = np.zeros_like(whole)
    np.put_along_axis(more, order, gets.astype(np.int64), axis=1)
    minutes: Bytes = np.minimum(whole + more, NEVER_MIN).astype(np.uint8)
    return minutes


def scene_of(sources: Sources, counties: Mapping[str, int], blob: Blob) -> dict[str, Any]:
    """Return a scene as plain values, its arrays in `blob`; `counties` are their places on the map by code."""
    land = sources.ground.land
    shown = np.zeros(len(land), dtype=bool)
    for name, surfaces in sources.surfaces.items():
        limit = max(sources.readings[name][1]) * MINUTE
        for surface in surfaces:
            shown |= surface.total_s <= limit
    cells = np.flatnonzero(shown)
    stations = _Stations(sources)
    return {
        "key": sources.key,
        "label": _words(sources.label),
        "city": _words(sources.data.city),
        "centre": [round(v, 4) for v in sources.data.centre],
        "plan": None if sources.plan is None else _words(sources.plan),
        "sides": max(1, len(next(iter(sources.surfaces.values()), ()))),
        "headline": sources.data.cutoff_min,
        "range": _range(sources),
        "raster": None if not len(cells) else _raster(land, cells, blob),
        "county": _add_counties(sources.ground, cells, counties, blob),
        "proper": None if sources.data.city_proper is None else add_lines(blob, _simple(sources)),
        "readings": [_reading(sources, name, cells, stations, blob) for name in sources.readings],
        "stations": stations.rows(),
        "places": stations.places(),
        "proposed": _proposed(sources.data, blob),
        "notes": [_words(text) for text in sources.data.warnings],
        "sources": [_words(text) for text in sources.data.sources],
        "caution": None
        if sources.data.change is None or sources.data.change.caution is None
        else _words(sources.data.change.caution),
        "date": sources.data.date,
    }


def box_of(sources: Sources) -> tuple[float, float, float, float]:
    """Return west, south, east, north of the cells within the cutoffs, the core stations and the proposed lines."""
    boxes = [np.array([*sources.data.centre, *sources.data.centre])]
    frames = [f for f in (sources.data.bands, sources.data.proposed) if f is not None and len(f)]
    boxes += [f.total_bounds for f in frames if np.isfinite(f.total_bounds).all()]
    table = sources.data.stations
    mine = table["inside"].to_numpy(dtype=bool) | table["is_core"].to_numpy(dtype=bool)
    if mine.any():
        boxes.append(table[mine].total_bounds)
    stacked = np.array(boxes)
    low, high = stacked.min(axis=0), stacked.max(axis=0)
    return float(low[0]), float(low[1]), float(high[2]), float(high[3])


def _words(text: Words) -> dict[str, str]:
    return {"zh": text.zh or text.en, "en": text.en or text.zh}


def _simple(sources: Sources) -> Any:
    import shapely

    return shapely.simplify(sources.data.city_proper, 0.0005)


def _proposed(data: MapData, blob: Blob) -> dict[str, Any] | None:
    lines = data.proposed
    return None if lines is None or not len(lines) else add_lines(blob, lines.geometry.to_numpy())


def _range(sources: Sources) -> dict[str, Any] | None:
    """Return low and high of the headline figures, of a circle that has them."""
    found: dict[str, Any] = {"reading": next(iter(sources.surfaces), ""), "cutoff": sources.data.cutoff_min}
    for name, estimate in (("people", sources.data.people), ("km2", sources.data.area_km2)):
        found[name] = None if estimate is None or not estimate.has_range else [estimate.low, estimate.high]
    return found if sources.plan is None and (found["people"] or found["km2"]) else None


def _raster(land: Land, cells: Ints64, blob: Blob) -> dict[str, Any]:
    """Return the raster in Web Mercator, as browsers draw it: by pixel the place of its cell in `cells`, plus one."""
    west, north, size, (columns, rows) = _mercator_extent(land.grid, land.row[cells], land.column[cells])
    x, y = west + (np.arange(columns) + 0.5) * size, north + (np.arange(rows) + 0.5) * size
    lon, lat = _from_world(*(axis.ravel() for axis in np.meshgrid(x, y)))
    keys = cell_keys(*land.grid.index(*land.grid.project(lon, lat)))
    at, known = find_keys(cell_keys(land.row[cells], land.column[cells]), keys)
    corners = _from_world(np.array([west, west + columns * size]), np.array([north, north + rows * size]))
    return {
        "columns": columns, "rows": rows, "cell_m": land.grid.size_m,
        "west_north_east_south": [float(axis[k]) for k in (0, 1) for axis in corners],
        "cell": add_steps(blob, np.where(known, at + 1, 0)),
    }  # fmt: skip


def _mercator_extent(grid: Grid, row: Ints64, column: Ints64) -> tuple[float, float, float, tuple[int, int]]:
    """Return west, north and size of a pixel in world widths, and the columns and rows that hold these cells."""
    lon, lat = grid.unproject(*grid.centre(row, column))
    x, y = _to_world(lon, lat)
    widest = grid.size_m / (_EARTH_M * math.cos(math.radians(float(np.abs(lat).max()))))
    west, north, east, south = x.min() - widest, y.min() - widest, x.max() + widest, y.max() + widest
    middle = math.cos(math.radians(float((lat.min() + lat.max()) / 2)))
    size = max(grid.size_m / PIXELS_A_CELL / (_EARTH_M * middle), max(east - west, south - north) / MOST_PIXELS)
    return float(west), float(north), size, (math.ceil((east - west) / size), math.ceil((south - north) / size))


def _to_world(lon: Any, lat: Any) -> tuple[Any, Any]:
    """Return Web Mercator x east and y south of degrees, in world widths."""
    return lon / 360 + 0.5, 0.5 - np.arcsinh(np.tan(np.radians(lat))) / (2 * np.pi)


def _from_world(x: Any, y: Any) -> tuple[Any, Any]:
    return (x - 0.5) * 360, np.degrees(np.arctan(np.sinh((0.5 - y) * 2 * np.pi)))


def _add_counties(ground: Ground, cells: Ints64, places: Mapping[str, int], blob: Blob) -> dict[str, Any] | None:
    counties = ground.case.compiled.network.counties
    if counties is None:
        return None
    codes = np.array([places.get(code, NONE) for code in counties["county_code"]], np.uint16)
    return blob.add(codes[ground.land.county[cells]])


def _reading(
    sources: Sources, name: str, cells: Ints64, stations: _Stations, blob: Blob
) -> dict[str, Any]:  # fmt: skip
    reading, cutoffs = sources.readings[name]
    surfaces = sources.surfaces.get(name, ())
    most = max(cutoffs)
    definition = sources.definitions.get(name, ())
    sides = [
        _side(sources, surface, cells, most, sources.circles[k] if sources.circles else None, stations, blob)
        for k, surface in enumerate(surfaces)
    ]
    return {
        "name": name,
        "label": _words(Words(reading.label_zh, reading.label)),
        "cutoffs": list(cutoffs),
        "definition": [_words(text) for text in definition],
        "sides": sides,
        "stations": stations.minutes(reading, most),
        "trains": stations.trains(reading, most),
        "change": _changes(sources.ground, surfaces[0], surfaces[1], most) if len(surfaces) == 2 else None,
    }


def _side(
    sources: Sources, surface: Surface, cells: Ints64, most: int, circle: Circle | None, stations: _Stations,
    blob: Blob,
) -> dict[str, Any]:  # fmt: skip
    """Return minutes of the cells by rail and without a ride, their parts, and figures by minute up to `most`."""
    found: dict[str, Any] = {
        "rail": blob.add(_within(surface.by_rail_s[cells], most)),
        "local": blob.add(_within(surface.local_s[cells], most)),
        "figures": _figures(sources.ground, surface, most),
    }
    if circle is not None:
        found |= _parts(circle.split(surface.reading.name), circle.ground.case, cells, most, stations, blob)
    return found


def _within(seconds: Ints64, most: int) -> Bytes:
    minutes = minutes_up(seconds)
    minutes[minutes > most] = NEVER_MIN
    return minutes


def _parts(
    splits: Mapping[Direction, Split], case: Case, cells: Ints64, most: int, stations: _Stations, blob: Blob
) -> dict[str, Any]:  # fmt: skip
    """Return what minutes by rail are made of, and the station at home; both ways those of the slower direction."""
    each = np.stack([split.by_rail_s[cells] for split in splits.values()])
    slow, row = np.argmax(each, axis=0), np.arange(len(cells))
    seconds = np.stack([split.seconds[cells] for split in splits.values()])[slow, row]
    station = np.stack([split.station[cells] for split in splits.values()])[slow, row]
    known = each.max(axis=0) <= most * MINUTE
    parts = minutes_of_parts(seconds) * known[:, None].astype(np.uint8)
    return {
        "parts": blob.add(np.ascontiguousarray(parts.T)),
        "via": blob.add(stations.place_of(case, np.where(known, station, -1))),
        "slow": blob.add(slow.astype(np.uint8)) if len(splits) > 1 else None,
        "ways": [_words(Words(*DIRECTIONS[way])) for way in splits],
    }


def _figures(ground: Ground, surface: Surface, most: int) -> dict[str, list[Any]]:
    """Return people and km2 by minute, 0 to `most`: of the total, and by rail outside the city proper."""
    rows = {(row["cutoff_min"], row["kind"]): row for row in reach_table(ground, surface, range(most + 1))}
    total, rail = ([rows[m, kind] for m in range(most + 1)] for kind in ("total", "by_rail"))
    return {
        "people": [row["people"] for row in total],
        "km2": [row["area_km2"] for row in total],
        "rail_people": [row["people_outside_city"] for row in rail],
        "rail_km2": [row["area_km2_outside_city"] for row in rail],
    }


def _changes(ground: Ground, old: Surface, new: Surface, most: int) -> dict[str, dict[str, list[Any]]]:
    """Return people and km2 before, after, gained and lost by minute, 0 to `most`, outside the city proper."""
    found: dict[str, dict[str, list[Any]]] = {}
    for minute in range(most + 1):
        was, now = (inside_by_kind(surface, minute)["total"] for surface in (old, new))
        states = states_of(was, now)
        figures = state_figures(ground, states)
        for state in states:
            mine = found.setdefault(state, {"people": [], "km2": []})
            mine["people"].append(figures[f"people_{state}"])
            mine["km2"].append(figures[f"area_km2_{state}"])
    return found


class _Stations:
    """The stations of a scene, one list for both sides, and other places that journeys name."""

    def __init__(self, sources: Sources) -> None:
        self._sources = sources
        table = sources.data.stations
        self._ids = table["station_id"].tolist()
        self._place = {station_id: k for k, station_id in enumerate(self._ids)}
        self._names = [
            (str(row.name), str(row.name_en or "")) for row in table[["name", "name_en"]].itertuples(index=False)
        ]

    def _cases(self) -> list[Case]:
        return [circle.ground.case for circle in self._sources.circles]

    def _find(self, case: Case, station_idx: int) -> int:
        """Return the place of a station of a network, which is given one where it has none."""
        station = case.compiled.network.stations[station_idx]
        if station.station_id not in self._place:
            self._place[station.station_id] = len(self._names)
            self._names.append((station.name, station.name_en))
        return self._place[station.station_id]

    def place_of(self, case: Case, station: Ints64) -> NDArray[np.uint16]:
        """Return uint16 places of stations of a network, NONE for -1."""
        places = {idx: NONE if idx < 0 else self._find(case, idx) for idx in np.unique(station).tolist()}
        return np.array([places[idx] for idx in station.tolist()], np.uint16)

    def rows(self) -> list[dict[str, Any]]:
        """Return one row a station that may be drawn; its place is its row."""
        table = self._sources.data.stations
        classes = table["station_class"] if "station_class" in table else [""] * len(table)
        trains = table["trains"] if "trains" in table else [0] * len(table)
        core = [set(case.core) for case in self._cases()]
        index = [case.compiled.network.station_index() for case in self._cases()]
        return [
            {
                "id": station_id, "at": [round(point.x, 5), round(point.y, 5)], "class": str(kind), "trains": int(n),
                "core": [k.get(station_id) in mine for k, mine in zip(index, core, strict=True)] or [bool(is_core)],
                "there": [station_id in k for k in index] or [True],
            }
            for station_id, point, kind, n, is_core in zip(
                self._ids, table.geometry, classes, trains, table["is_core"], strict=True
            )
        ]  # fmt: skip

    def places(self) -> list[list[str]]:
        """Return the names of all places, Chinese and English, stations first."""
        return [list(names) for names in self._names]

    def minutes(self, reading: Reading, most: int) -> list[list[int | None]]:
        """Return by side the minutes of each station from its door, None beyond `most` or where it is none."""
        if not self._cases():
            return [[_whole(m, most) for m in self._sources.data.stations["minutes"]]]
        found = []
        for case in self._cases():
            index = case.compiled.network.station_index()
            minutes = minutes_up(station_seconds(case, reading, ways(self._sources.direction)))
            minutes[list(case.core)] = 0
            own = [NEVER_MIN if s not in index else int(minutes[index[s]]) for s in self._ids]
            found.append([None if m > most else m for m in own])
        return found

    def trains(self, reading: Reading, most: int) -> list[dict[str, Any]]:
        """Return by side and direction the journeys of the window of at most `most` minutes, by place of the station.

        A journey is [departure, end in the city, minutes, rides]; a ride [train, from, to, departure, arrival]; clock
        times in minutes of the day.
        """
        sides = []
        for case in self._cases():
            found: dict[str, Any] = {}
            for way in ways(self._sources.direction):
                journeys = case.journeys(reading.legs, way)
                if isinstance(case.compiled, Compiled) and isinstance(journeys, Journeys):
                    span = case.window(reading, way)
                    rows = self._rows_of(case, journeys, span, case.home_s(reading.legs, way), most * MINUTE)
                    found[way] = {"window": [s // MINUTE for s in span], "rows": rows}
            sides.append(found)
        return sides

    def _rows_of(
        self, case: Case, journeys: Journeys, span: tuple[int, int], home_s: Ints64, limit_s: int
    ) -> dict[int, list[Any]]:  # fmt: skip
        index, rows = case.compiled.network.station_index(), {}
        towards, core = journeys.direction == "to", set(case.core)
        for place, station_id in enumerate(self._ids):
            k = index.get(station_id)
            if k is None or k in core:
                continue
            mine = [
                (d, a, a - d + int(home_s[k]))
                for d, a in journeys.pairs(k)
                if span[0] <= (a if towards else d) < span[1] and a - d + int(home_s[k]) <= limit_s
            ]
            if mine:
                rows[place] = [self._journey(case, journeys, k, *pair) for pair in mine]
        return rows

    def _journey(self, case: Case, journeys: Journeys, station: int, start: int, end: int, taken: int) -> list[Any]:
        trips = case.compiled.network.trips
        rides = [
            [
                trips.names[r.trip_idx] or trips.trip_ids[r.trip_idx], self._find(case, r.from_idx),
                self._find(case, r.to_idx), r.departure_s // MINUTE, r.arrival_s // MINUTE,
            ]
            for r in trace_rides(journeys, station, start, end)
        ]  # fmt: skip
        return [start // MINUTE, end // MINUTE, -(-taken // MINUTE), rides]


def _whole(minutes: float, most: int) -> int | None:
    """Return minutes rounded up, None where there are none within `most`."""
    return None if math.isnan(minutes) or minutes > most else math.ceil(minutes - 1e-9)


def definitions_of(circle: Circle) -> dict[str, tuple[Words, ...]]:
    """Return the definition of each reading of a circle, line by line."""
    return {name: definition_words(circle, circle.readings[name]) for name in circle.wanted}
