"""Compiled networks: arrays of service days, connections and footpaths in both directions of time.

Everything that the kernels trust is set or checked here: dtypes, C order, sorting, non-negative
times, flags.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from railshed.assumptions.assumptions import Assumptions
from railshed.kernels.timetable_order import by_departure
from railshed.kernels.types import (
    ALIGHT,
    ARRIVAL,
    BOARD,
    DEPARTURE,
    FLAGS,
    FROM,
    REPEAT,
    RUN,
    TO,
    Timetable,
)
from railshed.network.dates import FIRST_DAY, LAST_DAY
from railshed.network.model import Network, Station, no_trips_text, running
from railshed.network.service_windows import days_back
from railshed.network.trip_series import first_runs, often, series_of
from railshed.routing.directions import BACKWARD_FROM_S, FORWARD_SHIFT_S
from railshed.routing.journeys import Compiled
from railshed.util.array_types import Bools, Ints32, Ints64, Uints32
from railshed.util.cache import arrays_of
from railshed.util.errors import InputError, ParameterError
from railshed.util.geodesy import degrees_around
from railshed.util.limits import check_limit, query_blocks
from railshed.util.units import HOUR, UNREACHED

#: class of stations whose platforms are those of urban rail
METRO_CLASS = "metro"
#: clock range of the connections: the service day, and the hours around it that its windows can
#: reach
EARLIEST = -8 * HOUR
LATEST = 40 * HOUR


def compile_network(
    network: Network,
    assumptions: Assumptions,
    *,
    date: dt.date | None = None,
    change_s: int | None = None,
    footpaths: bool = True,
    may_be_empty: bool = False,
) -> Compiled:
    """Return `network` cast for the kernels on `date` (default: the network's own).

    Parameters
    ----------
    change_s
        Seconds between two trips at every station; default: what the feed lists, else by station
        class.
    footpaths
        Whether walks between stations within `assumptions.footpath_cap_s` are generated. Listed
        transfers stay.
    may_be_empty
        Whether no trip may run on `date`: after a plan that takes all of them away.

    Raises InputError when no trip runs on `date` and one must, or the network is larger than
    `util.limits` allows; ParameterError when `date` is not within 1900 to 2199.
    """
    day = date or network.date
    if not FIRST_DAY <= day <= LAST_DAY:
        raise ParameterError(f"date {day} is not within {FIRST_DAY} to {LAST_DAY}")
    key = f"compiled {day} {change_s} {footpaths} {assumptions!r}"
    given = network, assumptions, day, change_s, footpaths, may_be_empty
    *tables, run_trip, run_shift = arrays_of(network, key, lambda: _cast(*given))
    half = len(Timetable._fields)
    forward = Timetable(*tables[:half])
    mirrored = Timetable(*tables[half:])
    return Compiled(
        network=network,
        date=day,
        to=_frozen(forward),
        from_=_frozen(mirrored),
        n_runs=len(run_trip),
        run_trip=run_trip,
        run_shift=run_shift,
        made_by=key,
    )


def _cast(
    network: Network,
    assumptions: Assumptions,
    day: dt.date,
    change_s: int | None,
    footpaths: bool,
    may_be_empty: bool,
) -> list[NDArray[Any]]:
    """Return the arrays of both directions of time, and each run's trip and shift."""
    walks = find_walks(network, assumptions, day, footpaths, change_s)
    connections, run_trip, run_shift = connections_of(network, day)
    if not len(connections) and not may_be_empty:
        text = no_trips_text(network.services, network.trips.service_idx, day)
        raise InputError(f"network {network.network_id}: {text}")
    changes = change_times(network.stations, assumptions, change_s)
    (forward, _), (mirrored, _) = both_directions(connections, changes, *walks)
    return [*forward, *mirrored, run_trip, run_shift]


def find_walks(
    network: Network,
    assumptions: Assumptions,
    day: dt.date,
    footpaths: bool = True,
    change_s: int | None = None,
) -> tuple[Ints64, Ints64, Ints64]:
    """Return `list_transfers`, of a network that can be compiled and searched within the limits of
    `util.limits`.
    """
    n_leaving = _count_departures(network, day)
    what = f"network {network.network_id}"
    check_limit("connections", int(n_leaving.sum()), what)
    walks = list_transfers(network, assumptions, footpaths, change_s)
    # a profile has no more journeys than there are departures from its station and from those that
    # one walks to
    check_limit("journeys", int(n_leaving.sum() + n_leaving[walks[1]].sum()), what)
    return walks


def _count_departures(network: Network, day: dt.date) -> Ints64:
    """Return int64 (n_stations,) departures of all service days that are searched, by arithmetic:
    no trip is made.
    """
    trips, calls = first_runs(network)
    n_runs, step_s = often(network, series_of(network))
    legs = np.flatnonzero(calls.trip_idx[1:] == calls.trip_idx[:-1])
    last = calls.departure_s[legs] + ((n_runs - 1) * step_s)[calls.trip_idx[legs]]
    dates = [day + dt.timedelta(days=offset) for offset in service_days(last)]
    days = running(network.services, dates).sum(axis=1)
    each = n_runs * (days[trips.service_idx] if len(days) else 0)
    weights = each[calls.trip_idx[legs]]
    return np.bincount(calls.station_idx[legs], weights, network.n_stations).astype(np.int64)


def service_days(departure_s: NDArray[np.integer]) -> range:
    """Return the service days that are searched, relative to the day: as many before it as the
    latest call needs.
    """
    return range(-days_back(int(departure_s.max(initial=0)), EARLIEST), 2)


def both_directions(
    rows: Uints32, changes: Uints32, walk_from: Ints64, walk_to: Ints64, walk_s: Ints64
) -> list[tuple[Timetable, Bools]]:
    """Return the arrays of connections, changes and walks *to* and *from*, and `instant_stations`
    of each.
    """
    found = []
    for from_s, start, end in ((-1, walk_from, walk_to), (BACKWARD_FROM_S, walk_to, walk_from)):
        instant = instant_stations(changes, start, walk_s)
        connections = by_departure(rows, from_s)
        set_repeats(connections, instant)
        walks = transfers_csr(len(changes), start, end, walk_s)
        found.append((_frozen(Timetable(connections, changes, *walks)), instant))
    return found


def change_times(
    stations: Sequence[Station], assumptions: Assumptions, change_s: int | None = None
) -> Uints32:
    """Return uint32 (n_stations,) seconds between two trips: `change_s`, else what the network
    lists, else by class.
    """
    if change_s is not None:
        return np.full(len(stations), change_s, dtype=np.uint32)
    by_class = assumptions.station_times
    listed = [
        by_class[s.station_class].change_s if s.change_s is None else s.change_s for s in stations
    ]
    return np.array(listed, dtype=np.uint32)


def connections_of(network: Network, day: dt.date) -> tuple[Uints32, Ints32, Ints32]:
    """Return rows (departure, arrival, from, to, run, flags) in kernel time, and each run's trip
    and shift.

    The rows of a run follow each other in the order of travel.

    Runs are of the day itself, the next one, and as many days before as the latest call needs:
    55:00 is two days later.
    """
    calls = network.stop_times
    n_calls = len(calls.trip_idx)
    legs = (
        np.flatnonzero(calls.trip_idx[1:] == calls.trip_idx[:-1])
        if n_calls
        else np.empty(0, np.int64)
    )
    leg_trip = calls.trip_idx[legs]
    parts = []
    trips = []
    shifts = []
    n_runs = 0
    for offset in service_days(calls.departure_s[legs]):
        active = np.array(
            [s.runs_on(day + dt.timedelta(days=offset)) for s in network.services], dtype=bool
        )
        shift = day_shift(day, offset, network.timezone)
        departure = calls.departure_s[legs].astype(np.int64) + shift
        arrival = calls.arrival_s[legs + 1].astype(np.int64) + shift
        keep = (departure >= EARLIEST) & (arrival <= LATEST)
        if len(active):
            keep &= active[network.trips.service_idx[leg_trip]]
        chosen = np.flatnonzero(keep)
        here = legs[chosen]
        trip_here = leg_trip[chosen]
        runs = np.zeros(len(network.trips.trip_ids), bool)
        runs[trip_here] = True
        run_trips = np.flatnonzero(runs)
        rows = np.empty((len(here), 6), np.uint32)
        rows[:, DEPARTURE] = departure[chosen] + FORWARD_SHIFT_S
        rows[:, ARRIVAL] = arrival[chosen] + FORWARD_SHIFT_S
        rows[:, FROM] = calls.station_idx[here]
        rows[:, TO] = calls.station_idx[here + 1]
        rows[:, RUN] = (np.cumsum(runs) + (n_runs - 1))[trip_here]
        rows[:, FLAGS] = calls.pickup[here] * BOARD + calls.drop_off[here + 1] * ALIGHT
        parts.append(rows)
        trips.append(run_trips)
        shifts.append(np.full(len(run_trips), shift))
        n_runs += len(run_trips)
    return (
        np.concatenate(parts),
        np.concatenate(trips).astype(np.int32),
        np.concatenate(shifts).astype(np.int32),
    )


def day_shift(day: dt.date, offset: int, timezone: str) -> int:
    """Return the seconds from the start of service day `day` to that of the day `offset` days
    later.

    GTFS counts times from noon less 12 hours, so days about a change of the clock are 23 or 25
    hours apart. Without a known time zone (IANA name) all are 24.
    """
    try:
        zone = ZoneInfo(timezone) if timezone else None
    except (ValueError, OSError, LookupError):
        zone = None
    noons = [
        dt.datetime.combine(d, dt.time(12), zone or dt.UTC)
        for d in (day, day + dt.timedelta(days=offset))
    ]
    return round(noons[1].timestamp() - noons[0].timestamp())


def instant_stations(changes: Uints32, walk_from: Ints64, walk_s: Ints64 | Uints32) -> Bools:
    """Return bool (n_stations,): whether one can board another train, here or near, in the second
    of arrival.
    """
    instant = np.asarray(changes == 0)
    instant |= np.bincount(walk_from[walk_s == 0], minlength=len(changes)) > 0
    return instant


def set_repeats(connections: Uints32, instant: Bools) -> None:
    """Set the REPEAT flag of each second with a connection of no duration to an `instant` station,
    in place.

    No order of the runs of such a second serves.
    """
    departure = connections[:, DEPARTURE]
    no_time = (
        (departure == connections[:, ARRIVAL]) & instant[connections[:, TO]]
        if instant.any()
        else instant[:0]
    )
    if no_time.any():
        connections[np.isin(departure, departure[no_time]), FLAGS] |= REPEAT


def list_transfers(
    network: Network,
    assumptions: Assumptions,
    footpaths: bool,
    change_s: int | None = None,
    of: Bools | None = None,
) -> tuple[Ints64, Ints64, Ints64]:
    """Return (from, to, seconds): listed transfers, and walks between the pairs that are not
    listed.

    With `of` (bool (n_stations,)) those from or to these stations.
    """
    listed = network.transfers
    rows = np.column_stack([listed.from_idx, listed.to_idx, listed.seconds]).astype(np.int64)
    rows = rows[np.lexsort((rows[:, 2], rows[:, 1], rows[:, 0]))]
    if of is not None:
        rows = rows[of[rows[:, :2]].any(axis=1)]
    key = np.array([network.n_stations, 1])
    pair, first = np.unique(rows[:, :2] @ key, return_index=True)
    rows = rows[first]
    if footpaths:
        walks = walks_between(network, assumptions, change_s, of)
        rows = np.concatenate([rows, walks[~np.isin(walks[:, :2] @ key, pair)]])
    rows = rows[(rows[:, 0] != rows[:, 1]) & (rows[:, 2] != UNREACHED)]
    rows = rows[np.lexsort((rows[:, 1], rows[:, 0]))]
    return rows[:, 0], rows[:, 1], rows[:, 2]


def walks_between(
    network: Network, assumptions: Assumptions, change_s: int | None = None, of: Bools | None = None
) -> Ints64:
    """Return int64 (n, 3) rows (from, to, seconds) of walks between different stations, both ways,
    within the cap.

    With `of` (bool (n_stations,)) from or to these stations. A walk is the straight distance on the
    ellipsoid times the detour factor at walking speed, rounded up to a second, and within the cap.
    Between train and metro the way out of the one and into the other is added: the platforms are
    behind two doors. Within one of the two the walk takes at least the change time of the station
    where one boards (see `change_times`).

    The rows need no transitive closure: straight distance satisfies the triangle inequality, so a
    chain of two walks within the cap is never shorter than the direct one, which is then within the
    cap too.
    """
    import shapely
    from pyproj import Geod

    walk = assumptions.modes["walk"]
    reach_m = walk.reach_m(assumptions.footpath_cap_s)
    lon, lat = network.lon_lat
    some = np.ones(len(lon), dtype=bool) if of is None else of
    if not some.any():
        return np.empty((0, 3), np.int64)
    # a degree of longitude shrinks with the latitude: search wide, then measure
    degrees = degrees_around(reach_m, lat)
    points = shapely.points(lon, lat)
    geod = Geod(ellps="WGS84")
    found = []
    n_near = 0
    chosen = np.flatnonzero(some)
    for at, right in query_blocks(
        shapely.STRtree(points), points[some], predicate="dwithin", distance=degrees
    ):
        left = chosen[at]
        once = (left < right) | ~some[right]
        left = left[once]
        right = right[once]
        _, _, metres = geod.inv(lon[left], lat[left], lon[right], lat[right])
        seconds = walk.straight_s(np.asarray(metres))
        near = seconds <= assumptions.footpath_cap_s
        found.append((left[near], right[near], seconds[near]))
        n_near += 2 * int(np.count_nonzero(near))
        check_limit(
            "walks",
            n_near,
            f"network {network.network_id}",
            "do stations lie at one place?",
            so_far=True,
        )
    left, right, seconds = (np.concatenate(column) for column in zip(*found, strict=True))
    ends = np.unique(np.append(left, right))
    left = np.searchsorted(ends, left)
    right = np.searchsorted(ends, right)
    stations = [network.stations[k] for k in ends.tolist()]
    metro = np.array([s.station_class == METRO_CLASS for s in stations], dtype=bool)
    into, out = (
        np.array([each(s) for s in stations], np.int64)
        for each in (assumptions.entry_s, assumptions.exit_s)
    )
    change = change_times(stations, assumptions, change_s).astype(np.int64)
    change[change >= UNREACHED] = 0  # none at the station itself
    rows = []
    for one, other in ((left, right), (right, left)):
        across = out[one] + seconds + into[other]
        taken = np.where(metro[one] != metro[other], across, np.maximum(seconds, change[other]))
        rows.append(np.column_stack([ends[one], ends[other], taken]))
    return np.concatenate(rows).astype(np.int64)


def transfers_csr(
    n: int, source: Ints64, target: Ints64, seconds: Ints64
) -> tuple[Uints32, Uints32, Uints32]:
    """Return (ptr, to, seconds) of transfers by station: CSR offsets uint32 (n + 1,), and uint32
    columns.
    """
    order = np.lexsort((target, source))
    ptr = np.zeros(n + 1, np.uint32)
    ptr[1:] = np.cumsum(np.bincount(source, minlength=n))
    return ptr, target[order].astype(np.uint32), seconds[order].astype(np.uint32)


def _frozen(timetable: Timetable) -> Timetable:
    for array in timetable:
        if array.dtype != np.uint32 or not array.flags.c_contiguous:
            raise TypeError("kernel arrays are C-contiguous uint32")
    return timetable
