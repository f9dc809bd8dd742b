"""Scenarios applied to a network: what they add, what was assumed, and all of it as plain values
for run.json.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import compress
from typing import TYPE_CHECKING, Any

import numpy as np

from railshed.network.lines import Line, LineStop, expand, route_of
from railshed.network.model import Network, Station
from railshed.network.trip_series import first_runs, with_first_runs
from railshed.scenario.files import Scenario, compose, joined_titles
from railshed.util.array_types import Bools
from railshed.util.bilingual import Words
from railshed.util.frames import cached_frame
from railshed.util.geodesy import steps_m
from railshed.util.sums import plain_sum
from railshed.util.units import MINUTE, format_clock

if TYPE_CHECKING:
    import geopandas as gpd


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect(Words):
    """What one modification did, a sentence."""

    #: of the modification in its file, from 1
    number: int
    file: str
    kind: str
    name: str


@dataclass(frozen=True, eq=False)
class Plan:
    """One or several scenarios, applied in order to a base network."""

    title: str
    scenarios: tuple[Scenario, ...]
    base: Network = field(repr=False)
    #: with everything that the scenarios change; `base` itself where that is nothing
    network: Network = field(repr=False)
    #: lines that they add, as they run once all is applied (see `planned_lines`), one a stop
    #: pattern; seed of each
    lines: tuple[Line, ...] = field(repr=False)
    seeds: tuple[int, ...] = field(repr=False)
    effects: tuple[Effect, ...] = field(repr=False)
    #: what was assumed, and what to look at
    assumed: tuple[Words, ...] = field(repr=False)
    #: whether they add trips, stations and core stations and change nothing that was there before
    only_adds: bool = field(repr=False)
    #: the lines as they were added, before later modifications
    as_added: tuple[Line, ...] = field(repr=False)
    #: of what was assumed, what to look at
    warnings: tuple[Words, ...] = field(default=(), repr=False)

    @property
    def notes(self) -> tuple[str, ...]:
        """What was assumed, and what to look at, in English."""
        return tuple(words.en for words in self.assumed)

    @property
    def name(self) -> str:
        """Name for files: that of the scenario's file, "all" for several."""
        return (
            (self.scenarios[0].file.rpartition(".")[0] or "scenario")
            if len(self.scenarios) == 1
            else "all"
        )

    @property
    def titles(self) -> tuple[str, str]:
        """The title in Chinese and in English."""
        return joined_titles(self.scenarios)

    @property
    def parts(self) -> tuple[Scenario, ...]:
        """Every file in the order in which it is applied, those that others extend once."""
        return compose(self.scenarios).parts[:-1]

    @cached_property
    def places(self) -> dict[str, Station]:
        """The stations by id."""
        return {s.station_id: s for s in self.network.stations}

    def way(self, line: Line) -> list[Station]:
        """Return the stations that a line's trains pass, calls or not, as the network has them."""
        return [self.places.get(s.station_id, s) for s in line.passed]

    def points(self, line: Line) -> list[tuple[float, float]]:
        """Return lon, lat of a line's stations."""
        stations = (self.places[stop.station.station_id] for stop in line.stops)
        return [(s.lon, s.lat) for s in stations]

    def hop_m(self, line: Line) -> list[float]:
        """Return the straight metres between consecutive stations of a line."""
        return steps_m(self.points(line))

    @cached_property
    def _of_lines(self) -> Bools:
        routes = {route_of(line) for line in self.lines}
        return np.array([route in routes for route in first_runs(self.network)[0].route_ids], bool)

    @cached_property
    def others_added(self) -> Bools:
        """bool (n,) those of the `first_runs` of `network` that are of none of the lines and were
        not in `base`.
        """
        known = set(first_runs(self.base)[0].trip_ids)
        ids = first_runs(self.network)[0].trip_ids
        found: Bools = ~self._of_lines & np.array([trip_id not in known for trip_id in ids], bool)
        if found.any():  # a later run of a series of `base` is in its `trip_index` alone
            found[found] = [
                trip not in self.base.trip_index for trip in compress(ids, found.tolist())
            ]
        return found

    @cached_property
    def trips(self) -> list[dict[str, Any]]:
        """One row an added trip: line, id, first and last station, departure, arrival (clock
        seconds), by departure.
        """
        network, _, _ = with_first_runs(self.network)
        trips = network.trips
        calls = network.stop_times
        starts = network.call_starts
        rows = []
        for k in np.flatnonzero(self._of_lines | self.others_added).tolist():
            first = starts[k]
            last = starts[k + 1] - 1
            rows.append(
                {
                    "trip_id": trips.trip_ids[k],
                    "line": trips.route_ids[k],
                    "from": network.stations[calls.station_idx[first]].station_id,
                    "to": network.stations[calls.station_idx[last]].station_id,
                    "departure_s": int(calls.departure_s[first]),
                    "arrival_s": int(calls.arrival_s[last]),
                }
            )
        return sorted(
            rows, key=lambda row: (row["line"], row["from"], row["departure_s"], row["trip_id"])
        )

    @cached_frame
    def line_frame(self) -> gpd.GeoDataFrame:
        """One row an added line: calls, straight km, minutes one way, trips a day; EPSG:4326,
        straight lines.

        Km and shape are those of the line, through the stations that its trains pass: an express
        has no way of its own.
        """
        import geopandas as gpd
        import shapely

        rows = []
        shapes = []
        for line, seed in zip(self.lines, self.seeds, strict=True):
            way = [(s.lon, s.lat) for s in self.way(line)]
            shapes.append(shapely.LineString(way))
            rows.append(
                {
                    "line": line.line_id,
                    "name": line.name,
                    "scenario": self.title,
                    "stations": " - ".join(
                        self.places[s.station.station_id].name for s in line.stops
                    ),
                    "km_straight": round(plain_sum(steps_m(way)) / 1000, 1),
                    "minutes": one_way_s(line) / MINUTE,
                    "trips_a_day": sum(len(run.trip_ids) for run in expand(line, seed)),
                }
            )
        return gpd.GeoDataFrame(rows, geometry=shapes, crs="EPSG:4326")

    def to_dict(self) -> dict[str, Any]:
        """Return texts, checksums, seeds, lines and every added trip as plain values."""
        return {
            "title": self.title,
            "files": [
                {
                    "file": name,
                    "title": s.title,
                    "seed": s.seed,
                    "text": text,
                    "sha256": hashlib.sha256(text.encode("utf-8")).hexdigest(),
                    "modifications": [dict(m) for m in s.modifications if name == s.file],
                }
                for s in self.parts
                for name, text in (*s.timetables.items(), (s.file, s.text))
            ],
            "effects": [words.en for words in self.effects],
            "assumed": list(self.notes),
            "lines": [line_dict(self, line) for line in self.lines],
            "trips": [
                {
                    **{k: v for k, v in row.items() if not k.endswith("_s")},
                    "departure": format_clock(row["departure_s"]),
                    "arrival": format_clock(row["arrival_s"]),
                }
                for row in self.trips
            ],
        }


def one_way_s(line: Line) -> int:
    """Return seconds from the first departure to the last arrival, the longer of both ways."""
    stands = sum(stop.dwell_s for stop in line.stops[1:-1])
    out = sum(stop.run_s for stop in line.stops[1:])
    back = sum(
        stop.run_s if stop.run_back_s is None else stop.run_back_s for stop in line.stops[1:]
    )
    return stands + (max(out, back) if line.bidirectional else out)


def line_dict(plan: Plan, line: Line) -> dict[str, Any]:
    """Return a line of a plan as plain values: stations with runs and dwells, periods."""

    def stop(one: LineStop, metres: float) -> dict[str, Any]:
        station = plan.places[one.station.station_id]
        return {
            "station_id": station.station_id,
            "name": station.name,
            "name_en": station.name_en,
            "lon": station.lon,
            "lat": station.lat,
            "station_class": station.station_class,
            "feeder": station.feeder,
            "run_s": one.run_s,
            "run_back_s": one.run_s if one.run_back_s is None else one.run_back_s,
            "dwell_s": one.dwell_s,
            "straight_m": round(metres),
            "core_city": one.core_city,
        }

    return {
        "line": line.line_id,
        "name": line.name,
        "bidirectional": line.bidirectional,
        "minutes": one_way_s(line) / 60,
        "stops": [
            stop(one, metres)
            for one, metres in zip(line.stops, [0.0, *plan.hop_m(line)], strict=True)
        ],
        "periods": [
            {
                "start": format_clock(p.start_s),
                "end": format_clock(p.end_s),
                "headway_s": p.headway_s,
            }
            for p in line.periods
        ],
    }


def with_seed(scenarios: Sequence[Scenario], shift: int) -> list[Scenario]:
    """Return the scenarios with other phases of their trips."""
    return [
        replace(s, seed=s.seed + shift, extends=tuple(with_seed(s.extends, shift)))
        for s in scenarios
    ]
