"""Timetables of drawn days: runs late, lines known by headway in another phase and at another pace,
other changes.

Only the part of the timetable that a search of the window can use is shifted, and sorted again for
the kernels.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from railshed.kernels import draws as kernels
from railshed.kernels.types import RUN, Timetable
from railshed.network.lines import SERVICE_PREFIX
from railshed.network.route_types import BUS, CABLE, FERRY, METRO, TRAM, find_mode
from railshed.network.trip_series import DRAWN, first_departures, first_run_of
from railshed.routing.compile import instant_stations
from railshed.routing.directions import Direction, to_kernel_time
from railshed.routing.journeys import Compiled, departing
from railshed.routing.profiles import Window
from railshed.util.array_types import Floats, Ints32, Ints64
from railshed.util.units import UNREACHED

#: row of the delays by mode; all others are rail
_FAMILY = {METRO: "metro", CABLE: "metro", BUS: "bus", TRAM: "bus", FERRY: "bus"}
#: ids of runs whose phase is drawn: those of a template, and those of a line added to the network
_RUN_OF_TEMPLATE = re.compile(rf"(.+){DRAWN}\d{{6,}}")
_RUN_OF_LINE = re.compile(r"(.+):\d{6,}")


def families_of(compiled: Compiled) -> list[str]:
    """Return rail, metro or bus of each run: whose delay it has."""
    trips, like = first_run_of(compiled.network, compiled.run_trip)
    family = {
        t: _FAMILY.get(find_mode(t) or "", "rail") for t in np.unique(trips.route_types).tolist()
    }
    return [family[t] for t in trips.route_types[like].tolist()]


def run_ids(compiled: Compiled) -> list[str]:
    """Return the key of each run's delay: its trip, and its day seen from the service day."""
    ids = compiled.network.trips.trip_ids
    days = np.rint(compiled.run_shift / 86_400).astype(int).tolist()
    return [
        f"{day}|{ids[trip]}" for trip, day in zip(compiled.run_trip.tolist(), days, strict=True)
    ]


@dataclass(frozen=True, slots=True, eq=False)
class DrawnDay:
    """What one day changes of a timetable; None where nothing is changed."""

    #: int32 (n_runs,) seconds by which each run is late
    late_s: Ints32 | None = None
    #: float64 (n_lines,) by the lines of `SearchedPart`: headways by which they are later, factors
    #: of run times
    phase: Floats | None = None
    pace: Floats | None = None
    #: float64 (n_stations,) factors of change times and of the walks to the station where one
    #: boards
    change: Floats | None = None


@dataclass(frozen=True, eq=False)
class SearchedPart:
    """The connections of a timetable that drawn days of a search may use, and the lines known by
    headway among them.

    A search of journeys that end within `span`, begun at most `reach_s` seconds before it (*from*:
    after it); runs are at most `most_s` seconds earlier or later than in the timetable.
    """

    compiled: Compiled
    direction: Direction
    span: Window
    reach_s: int
    most_s: int

    @cached_property
    def rows(self) -> NDArray[np.uint32]:
        """The connections, as those of `kernels.types.Timetable`."""
        connections = self.compiled.timetable(self.direction).connections
        return connections[slice(*departing(connections, self.between))]

    @property
    def between(self) -> Window:
        """Kernel seconds of the first and the last departure that counts."""
        earliest, latest = sorted(to_kernel_time(s, self.direction) for s in self.span)
        return max(0, earliest - self.reach_s - self.most_s), latest + self.most_s

    @cached_property
    def walk_from(self) -> Ints64:
        """int64 (n_walks,) the station at which each walk of the timetable begins."""
        ptr = self.compiled.timetable(self.direction).walk_ptr
        return np.repeat(np.arange(len(ptr) - 1), np.diff(ptr))

    @cached_property
    def runs(self) -> Ints64:
        """int64 (n,) sorted runs of the connections."""
        used = np.zeros(self.compiled.n_runs, dtype=bool)
        used[self.rows[:, RUN]] = True
        return np.flatnonzero(used)

    @cached_property
    def _place_of_run(self) -> Ints32:
        """int32 (n_runs,) place of each run in `runs`."""
        found = np.zeros(self.compiled.n_runs, np.int32)
        found[self.runs] = np.arange(len(self.runs))
        return found

    @cached_property
    def lines(self) -> list[str]:
        """Ids of the lines known by headway, one a direction of each."""
        return self._lines[0]

    @cached_property
    def _lines(self) -> tuple[list[str], Ints64]:
        """The lines, and int64 (n,) index into them of each of `runs`, -1 for runs of a
        timetable.
        """
        trips, like = first_run_of(self.compiled.network, self.compiled.run_trip[self.runs])
        added = [
            service.service_id.startswith(SERVICE_PREFIX)
            for service in self.compiled.network.services
        ]
        found: dict[str, int] = {}
        some, place = np.unique(like, return_inverse=True)
        line = np.full(len(some), -1, np.int64)
        for k, (trip, service) in enumerate(
            zip(some.tolist(), trips.service_idx[some].tolist(), strict=True)
        ):
            form = _RUN_OF_LINE if added[service] else _RUN_OF_TEMPLATE
            if (known := form.fullmatch(trips.trip_ids[trip])) is not None:
                line[k] = found.setdefault(known[1], len(found))
        return list(found), line[place]

    @cached_property
    def _starts(self) -> tuple[Ints64, Ints64]:
        """int64 (n,) kernel seconds at which runs of lines begin (*from*: end), and their headways,
        of each of `runs`.

        The headway of a run is that to the next or the last one of its line, whichever is less; 0
        for a single run.
        """
        compiled = self.compiled
        line = self._lines[1]
        runs = np.flatnonzero(line >= 0)
        of_lines = self.runs[runs]
        clock = (
            first_departures(compiled.network, compiled.run_trip[of_lines])
            + compiled.run_shift[of_lines]
        )
        start, headway = (np.zeros(len(line), np.int64) for _ in range(2))
        start[runs] = np.array(
            [to_kernel_time(s, self.direction) for s in clock.tolist()], np.int64
        )
        order = runs[np.lexsort((clock, line[runs]))]
        apart = np.abs(np.diff(start[order]))
        none = np.full(1, UNREACHED)
        apart[np.diff(line[order]) != 0] = UNREACHED
        least = np.minimum(np.append(apart, none), np.append(none, apart))
        headway[order] = np.where(least == UNREACHED, 0, least)
        return start, headway

    def on(self, day: DrawnDay) -> Compiled:
        """Return the network as it runs on a drawn day, in this direction alone, for searches of
        this part.

        Trains are late by one number each: none catches up or loses more on its way, none waits for
        another.
        """
        compiled = self.compiled
        direction = self.direction
        table = compiled.timetable(direction)
        line = self._lines[1]
        shift = (
            np.zeros(len(line), np.int64)
            if day.late_s is None
            else day.late_s[self.runs].astype(np.int64)
        )
        pace = np.ones(len(line))
        if len(self.lines):
            start, headway = self._starts
            of_line = line >= 0
            if day.phase is not None:
                shift = shift + np.where(
                    of_line, np.rint(day.phase[line] * headway).astype(np.int64), 0
                )
            if day.pace is not None:
                pace = np.where(of_line, day.pace[line], 1.0)
        else:
            start = np.zeros(len(line), np.int64)
        if day.change is not None:
            table = self._with_changes(table, day.change)
        instant = instant_stations(table.change_s, self.walk_from, table.walk_s)
        turned = shift if direction == "to" else -shift
        rows = kernels.moved_connections(
            self.rows, self._place_of_run, turned, pace, start, instant
        )
        drawn = table._replace(connections=rows)
        return replace(compiled, to=drawn) if direction == "to" else replace(compiled, from_=drawn)

    def _with_changes(self, table: Timetable, factor: Floats) -> Timetable:
        """Return the timetable with change times and walks times the factor of the station where
        one boards.
        """
        open_ = table.change_s < UNREACHED
        changes = np.where(open_, np.rint(table.change_s * factor), table.change_s).astype(
            np.uint32
        )
        boards = table.walk_to if self.direction == "to" else self.walk_from
        return table._replace(
            change_s=changes, walk_s=np.rint(table.walk_s * factor[boards]).astype(np.uint32)
        )
