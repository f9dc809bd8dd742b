"""Timetables on a day on which trains are late: every run shifted by its own delay, sorted again for the kernels."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import replace

import numpy as np

from railshed.kernels.types import ARRIVAL, DEPARTURE, FLAGS, REPEAT, RUN, TO, Timetable
from railshed.network.route_types import BUS, CABLE, FERRY, METRO, TRAM, find_mode
from railshed.routing.directions import Direction, to_kernel_time
from railshed.routing.journeys import Compiled
from railshed.routing.profiles import Window
from railshed.util.array_types import Ints32

#: row of the delays by mode; all others are rail
_FAMILY = {METRO: "metro", CABLE: "metro", BUS: "bus", TRAM: "bus", FERRY: "bus"}


def families_of(compiled: Compiled) -> list[str]:
    """Return rail, metro or bus of each run: whose delay it has."""
    types = compiled.network.trips.route_types
    family = {t: _FAMILY.get(find_mode(t) or "", "rail") for t in np.unique(types).tolist()}
    return [family[t] for t in types[compiled.run_trip].tolist()]


def run_ids(compiled: Compiled) -> list[str]:
    """Return the key of each run's delay: its trip, and its day seen from the service day."""
    ids = compiled.network.trips.trip_ids
    days = np.rint(compiled.run_shift / 86_400).astype(int).tolist()
    return [f"{day}|{ids[trip]}" for trip, day in zip(compiled.run_trip.tolist(), days, strict=True)]


def delayed(compiled: Compiled, late_s: Ints32, direction: Direction, span: Window, reach_s: int) -> Compiled:
    """Return the network with run r `late_s[r]` seconds late at every call, for journeys that end within `span`.

    Only the timetable of this direction is built, with the connections that a search of `span` to `reach_s` seconds
    before it (*from*: after it) can use. Trains are late by one number each: none catches up or loses more on its way,
    none waits for another.
    """
    if not late_s.any():
        return compiled
    timetable = compiled.timetable(direction)
    earliest, latest = sorted(to_kernel_time(s, direction) for s in span)
    earliest -= reach_s
    most = int(late_s.max())
    departures = timetable.connections[:, DEPARTURE]
    # *from* runs against the clock: late is earlier
    before, after = (most, 0) if direction == "to" else (0, most)
    first = bisect_left(departures, max(0, earliest - before))
    last = bisect_left(departures, latest + after + 1)
    rows = timetable.connections[first:last]
    shift = late_s[rows[:, RUN]] if direction == "to" else -late_s[rows[:, RUN]]
    leaves, arrives = ((rows[:, column] + shift).astype(np.uint32) for column in (DEPARTURE, ARRIVAL))
    order = np.lexsort((rows[:, RUN], leaves))  # stable: a run's connections keep their order
    rows = rows[order]
    rows[:, DEPARTURE], rows[:, ARRIVAL] = leaves[order], arrives[order]
    late = _with_repeats(timetable._replace(connections=rows))
    return replace(compiled, to=late) if direction == "to" else replace(compiled, from_=late)


def _with_repeats(timetable: Timetable) -> Timetable:
    """Return the timetable with REPEAT set anew (see `kernels.types.Timetable`)."""
    rows = timetable.connections
    instant = timetable.change_s == 0
    walks = np.repeat(np.arange(len(instant)), np.diff(timetable.walk_ptr))
    instant[walks[timetable.walk_s == 0]] = True
    no_time = (rows[:, DEPARTURE] == rows[:, ARRIVAL]) & instant[rows[:, TO]]
    again = np.isin(rows[:, DEPARTURE], rows[no_time, DEPARTURE])
    rows[:, FLAGS] = rows[:, FLAGS] & ~np.uint32(REPEAT) | again * np.uint32(REPEAT)
    return timetable
