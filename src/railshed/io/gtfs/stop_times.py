"""Reader of stop_times.txt: calls in order of travel; blank times are completed or interpolated."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from railshed.io.csv.table import FeedTable, Report
from railshed.io.gtfs.files import FeedFiles
from railshed.io.gtfs.stops import NOT_A_STOP, Stops, one_of
from railshed.io.gtfs.trips import TripDefects, note_continuous, whole
from railshed.network.model import StopTimes, Trips
from railshed.network.ordering import make_calls
from railshed.util.array_types import Bools, Floats, Ints32, Ints64
from railshed.util.geodesy import great_circle_m
from railshed.util.units import parse_clock

CALL_COLUMNS = ("trip_id", "arrival_time", "departure_time", "stop_id", "stop_sequence")
_CALL_OPTIONAL = (
    "pickup_type",
    "drop_off_type",
    "shape_dist_traveled",
    "continuous_pickup",
    "continuous_drop_off",
)
#: columns of GTFS-Flex: areas and hours in place of stops and times
_ON_DEMAND = ("location_id", "location_group_id", "start_pickup_drop_off_window")
#: boarding by pickup or drop-off type: regular, none, by phone, by asking the driver
_BOARDABLE = {"0": 1, "1": 0, "2": 2, "3": 2}
#: metres between the ends of a trip above which it must take time
NO_TIME_M = 2_000
#: remedy for times that decrease
COUNT_ON = "past midnight count on: 24:10:00"
#: bits of a stop sequence, which has at most nine digits
_SEQUENCE_BITS = 30
#: distances (at most a million kilometres, in metres) are rounded to millionths
_MAX_DISTANCE = 1e9
_PARTS = 1e6


@dataclass(slots=True)
class _Rows:
    """Rows of stop_times.txt in order of travel, one value a row."""

    row: Ints64  # row of the table
    trip: Ints64
    sequence: Ints32
    station: Ints32
    arrival: Floats  # clock seconds, NaN where blank
    departure: Floats
    pickup: Bools
    drop_off: Bools
    distance: Floats  # shape_dist_traveled, NaN where blank; empty if no time is blank

    def take(self, rows: Ints64 | Bools) -> _Rows:
        columns = (getattr(self, name) for name in self.__slots__)
        return _Rows(*(column[rows] if len(column) else column for column in columns))

    def without(self, out: Bools) -> _Rows:
        return self.take(~out[self.trip]) if out.any() else self


def read_calls(
    files: FeedFiles, trips: Trips, defects: TripDefects, stops: Stops, notes: list[str]
) -> StopTimes | None:
    """Return the calls of all trips without defects; None if there is no table."""
    table = files.table("stop_times.txt", CALL_COLUMNS, (*_CALL_OPTIONAL, *_ON_DEMAND))
    if table is None:
        return None
    table = _scheduled(table, notes)
    if table.n_rows == 0:
        files.error(
            table.name,
            "no-rows",
            "has no rows",
            remedy="a timetable needs at least one trip with two calls",
        )
    note_continuous(table, notes)
    trip_idx = defects.find_trips(table, trips.trip_ids)
    report = defects.reporter(table, trip_idx)
    rows = _without_repeats(table, _parse(table, trip_idx, stops, defects, notes), report)
    rows = _complete_pairs(rows.without(defects.out), notes)
    _check_times(table, rows, report)
    _check_time_passes(table, rows, stops, report)
    rows = _fill_blanks(rows.without(defects.out), stops, notes)
    return make_calls(
        rows.trip, rows.station, rows.arrival, rows.departure, rows.pickup, rows.drop_off
    )


def _scheduled(table: FeedTable, notes: list[str]) -> FeedTable:
    """Return the rows of trips that run by a timetable; those on demand are counted in a note."""
    on_demand = np.zeros(table.n_rows, dtype=bool)
    codes = table.encoded("trip_id")[0]
    for column in _ON_DEMAND:
        on_demand |= table.where(column, bool)
    if not on_demand.any():
        return table
    trips = np.unique(codes[on_demand])
    notes.append(f"stop_times.txt: {len(trips):,} trips on demand (GTFS-Flex) not used")
    return table.take(np.flatnonzero(~np.isin(codes, trips)))


def clock(text: str) -> int:
    """Return clock seconds."""
    try:
        return parse_clock(text)
    except ValueError:
        raise ValueError("is not a time like 07:30:00 or 25:10:00") from None


def _distance(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = np.nan
    if not 0 <= value <= _MAX_DISTANCE:
        raise ValueError("is not a distance of at least 0; not used")
    return value


def _parse(
    table: FeedTable, trip_idx: Ints64, stops: Stops, defects: TripDefects, notes: list[str]
) -> _Rows:
    """Return the rows of known trips, sorted by trip and sequence."""
    report = defects.reporter(table, trip_idx)
    arrival, _ = table.parse("arrival_time", clock, np.nan, "bad-time", report)
    departure, _ = table.parse("departure_time", clock, np.nan, "bad-time", report)
    sequence, _ = table.parse("stop_sequence", whole, report=report)
    pickup, _ = table.parse("pickup_type", one_of(_BOARDABLE), 1, report=report)
    drop_off, _ = table.parse("drop_off_type", one_of(_BOARDABLE), 1, report=report)
    distance = np.empty(0)
    if np.isnan(arrival).any():  # distances serve blank times only
        distance, good = table.parse("shape_dist_traveled", _distance, np.nan, report=table.warn)
        distance[~good] = np.nan
    station = table.refer("stop_id", stops.station_of, "stops.txt", report, unknown=-2).astype(
        np.int32
    )
    report(station == -1, "not-a-stop", NOT_A_STOP, "stop_id")
    defects.calls = (
        station,
        np.where(trip_idx < 0, len(defects.out) + table.encoded("trip_id")[0], trip_idx),
    )
    n_on_request = int(((pickup == 2) | (drop_off == 2)).sum())
    if n_on_request:
        notes.append(
            f"stop_times.txt: {n_on_request:,} calls on request (pickup or drop-off type 2, 3) "
            "taken as regular"
        )
    rest = arrival, departure, pickup > 0, drop_off > 0, distance
    return _in_order(
        _Rows(np.arange(table.n_rows), trip_idx, sequence.astype(np.int32), station, *rest)
    )


def _in_order(rows: _Rows) -> _Rows:
    """Return the rows of known trips with the calls of each trip together, by sequence."""
    ahead = rows.sequence[1:] >= rows.sequence[:-1]
    new_trip = rows.trip[1:] != rows.trip[:-1]
    n_runs = np.count_nonzero(new_trip) + 1
    n_trips = np.count_nonzero(np.bincount(rows.trip + 1))
    if n_runs == n_trips and (ahead | new_trip).all() and (rows.trip >= 0).all():
        return rows  # as most feeds are written
    key = (rows.trip << _SEQUENCE_BITS) | rows.sequence
    known = np.flatnonzero(rows.trip >= 0)
    return rows.take(known[np.argsort(key[known], kind="stable")])


def _without_repeats(table: FeedTable, rows: _Rows, report: Report) -> _Rows:
    """Return the rows without those that say the same as the one before; a sequence number used
    twice is a defect.
    """
    twice = (rows.trip[1:] == rows.trip[:-1]) & (rows.sequence[1:] == rows.sequence[:-1])
    if not twice.any():
        return rows
    times = [np.nan_to_num(t, nan=-1) for t in (rows.arrival, rows.departure)]
    same = np.logical_and.reduce(
        [c[1:] == c[:-1] for c in (rows.station, rows.pickup, rows.drop_off, *times)]
    )
    other, repeated = (np.sort(rows.row[1:][which]) for which in (twice & ~same, twice & same))
    report(
        other,
        "duplicate-key",
        table.quoting("stands twice in trip {!r}", "trip_id"),
        "stop_sequence",
    )
    table.warn(repeated, "repeated-row", "repeats an earlier row; counted once", "stop_sequence")
    return rows.take(np.append(True, ~(twice & same)))


def _complete_pairs(rows: _Rows, notes: list[str]) -> _Rows:
    """Return the rows with a blank arrival or departure replaced by the other of the two."""
    arrival = np.isnan(rows.arrival)
    departure = np.isnan(rows.departure)
    n_single = int((arrival != departure).sum())
    if not n_single:
        return rows
    notes.append(
        f"stop_times.txt: {n_single:,} calls with one of arrival and departure blank take the other"
    )
    arrives = np.where(arrival, rows.departure, rows.arrival)
    leaves = np.where(departure, rows.arrival, rows.departure)
    return replace(rows, arrival=arrives, departure=leaves)


def _ends(rows: _Rows) -> tuple[Bools, Bools]:
    """Return bool (n_rows,) twice: which rows are the first and which the last of their trip."""
    changes = rows.trip[1:] != rows.trip[:-1]
    edge = np.ones(min(1, len(rows.trip)), dtype=bool)
    return np.concatenate([edge, changes]), np.concatenate([changes, edge])


def _check_times(table: FeedTable, rows: _Rows, report: Report) -> None:
    """Report trips without a first or last time, and times that run backwards; blank times are
    ignored.
    """
    first, last = _ends(rows)
    blank = np.isnan(rows.arrival)
    at_ends = np.sort(rows.row[(first | last) & blank])
    remedy = "times between two given ones are estimated, those at the ends cannot be"
    message = table.quoting("is blank at an end of trip {!r}", "trip_id")
    report(at_ends, "blank-time", message, "arrival_time", remedy)
    early = np.sort(rows.row[rows.departure < rows.arrival])
    message = table.quoting("is before arrival_time {}", "arrival_time")
    report(early, "decreasing-time", message, "departure_time")
    timed = rows.take(~blank) if blank.any() else rows
    back = (timed.trip[1:] == timed.trip[:-1]) & (timed.arrival[1:] < timed.departure[:-1])
    message = table.quoting("is before the departure from the stop before, trip {!r}", "trip_id")
    report(np.sort(timed.row[1:][back]), "decreasing-time", message, "arrival_time", COUNT_ON)


def _check_time_passes(table: FeedTable, rows: _Rows, stops: Stops, report: Report) -> None:
    """Report trips that take no time over more than `NO_TIME_M`."""
    first, last = (np.flatnonzero(ends) for ends in _ends(rows))
    still = rows.arrival[last] == rows.departure[first]
    still &= rows.station[last] != rows.station[first]
    if not still.any():
        return
    doubted = np.zeros(rows.trip.max() + 1, dtype=bool)
    doubted[rows.trip[last[still]]] = True
    rows = rows.take(doubted[rows.trip])
    first, last = (np.flatnonzero(ends) for ends in _ends(rows))
    metres = np.nan_to_num(_steps_by_line(rows, stops))
    metres[first] = 0
    length = dict(
        zip(rows.row[last].tolist(), np.add.reduceat(metres, first).tolist(), strict=True)
    )
    far = [row for row in sorted(length) if length[row] > NO_TIME_M]
    began = table.quoting("is the time at which trip {!r} began", "trip_id")
    remedy = "give the times of the trip"
    report(
        far,
        "no-time",
        lambda row: f"{began(row)}, {length[row] / 1000:.1f} km away",
        "arrival_time",
        remedy,
    )


def _fill_blanks(rows: _Rows, stops: Stops, notes: list[str]) -> _Rows:
    """Return the rows with blank times interpolated between the times before and after, without
    dwell.

    Time is proportional to ``shape_dist_traveled`` if that is present and never falls between the
    two times, else to the straight distance between stations, else to the number of stops. Seconds
    are rounded half up.
    """
    blank = np.isnan(rows.arrival)
    if not blank.any():
        return rows
    timed = np.flatnonzero(~blank)
    gap = np.flatnonzero(blank)
    stretch = (np.cumsum(~blank) - 1)[gap]  # index of the last time before each gap
    before = timed[:-1]
    after = timed[1:]
    start = rows.departure[before]
    span = rows.arrival[after] - rows.departure[before]
    first = _ends(rows)[0]
    seconds = np.full(len(gap), np.nan)
    counts = []
    steppers: tuple[Callable[[], Floats], ...] = (
        lambda: np.diff(rows.distance, prepend=np.nan) if len(rows.distance) else rows.distance,
        lambda: _steps_by_line(rows, stops),
        lambda: np.ones(len(rows.trip)),
    )
    for steps_of in steppers:
        steps = steps_of() if np.isnan(seconds).any() else np.empty(0)
        if np.isnan(steps).all():
            counts.append(0)
            continue
        no_step = first | ~(steps >= 0)
        unknown = np.cumsum(no_step & ~first)
        # integers: sums do not depend on the trips before
        path = np.cumsum(np.where(no_step, 0, np.rint(steps * _PARTS)).astype(np.int64))
        length = path[after] - path[before]
        usable = ((length > 0) & (unknown[after] == unknown[before]))[stretch] & np.isnan(seconds)
        here = stretch[usable]
        share = (path[gap[usable]] - path[before[here]]) / length[here]
        seconds[usable] = start[here] + np.floor(share * span[here] + 0.5)
        counts.append(int(usable.sum()))
    words = ("by shape_dist_traveled", "by straight distance", "evenly")
    methods = ", ".join(f"{n:,} {word}" for n, word in zip(counts, words, strict=True) if n)
    notes.append(
        f"stop_times.txt: {len(gap):,} blank times estimated between the given ones: {methods}"
    )
    arrival = rows.arrival.copy()
    departure = rows.departure.copy()
    arrival[gap] = departure[gap] = seconds
    return replace(rows, arrival=arrival, departure=departure)


def _steps_by_line(rows: _Rows, stops: Stops) -> Floats:
    """Return float64 (n_rows,) straight metres from the station of the row before."""
    lon = stops.lon
    lat = stops.lat
    n = len(stops.ids)
    keys, pair = np.unique(
        rows.station[:-1].astype(np.int64) * n + rows.station[1:], return_inverse=True
    )
    a, b = np.divmod(keys, n)
    return np.append(np.nan, great_circle_m(lon[a], lat[a], lon[b], lat[b])[pair])
