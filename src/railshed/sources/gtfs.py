"""One GTFS feed, zip or folder, as the pieces of a `Network`: read strictly, all problems at once."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from railshed.canonical import Timetable, canonical_order, frozen, int32, no_transfers
from railshed.issues import raise_errors
from railshed.model import Station, StopTimes, Transfers, Trips
from railshed.modes import DEFAULT_ROUTE_TYPE
from railshed.sources.calendar import default_date, read_services
from railshed.sources.feedfiles import FeedFiles, FeedTable
from railshed.sources.gtfs_stops import Stops, one_of, read_stops
from railshed.units import parse_clock

#: trains calling a day from which a station is of the class, where the feed does not say
CLASS_FROM_TRAINS = (("hub", 400), ("large", 150), ("medium", 40), ("small", 0))
_CALL_COLUMNS = ("trip_id", "arrival_time", "departure_time", "stop_id", "stop_sequence")
_NARROWING = ("from_route_id", "to_route_id", "from_trip_id", "to_trip_id")


@dataclass(frozen=True, slots=True)
class Feed:
    """What one feed holds, in canonical order."""

    timetable: Timetable
    #: the agency's time zone, "" where agency.txt is missing
    timezone: str
    #: counts by reason of what was left unused, dropped or assumed
    notes: tuple[str, ...]
    #: sha256 by file name
    checksums: Mapping[str, str]


def read_gtfs(path: str | Path) -> Feed:
    """Return the feed at `path`, a zip or a folder of .txt files.

    A station is a stop of type 0 or its `parent_station`. Where stops.txt does not give ``station_class``, it
    follows from the trains that call on an ordinary Tuesday (`CLASS_FROM_TRAINS`), and ``feeder`` is bus.

    Raises
    ------
    InputError
        With every problem of every file: missing files and columns, unknown references, duplicate keys,
        values that are no numbers or times, decreasing times, and what is not read yet (blank times,
        frequencies.txt).
    """
    files = FeedFiles(Path(path))
    notes: list[str] = []
    timezone = _read_timezone(files, notes)
    stops = read_stops(files, notes)
    services = read_services(files)
    trips = _read_trips(files, [s.service_id for s in services])
    calls = _read_calls(files, trips, stops, notes)
    transfers, changes = _read_transfers(files, stops, notes)
    _refuse_frequencies(files)
    raise_errors(f"feed {path}", files.issues)
    assert stops is not None
    assert trips is not None
    assert calls is not None
    stations = [replace(s, change_s=changes.get(i)) for i, s in enumerate(stops.stations)]
    trips, calls = _drop_empty_trips(trips, calls, notes)
    table = canonical_order(_class_stations(stations, stops, services, trips, calls), services, trips, calls, transfers)
    return Feed(table, timezone, tuple(notes), files.checksums())


def _read_timezone(files: FeedFiles, notes: list[str]) -> str:
    if "agency.txt" not in files:
        notes.append("agency.txt is missing: times are taken as local")
        return ""
    table = files.table("agency.txt", ["agency_timezone"])
    zones = list(dict.fromkeys(table.text("agency_timezone"))) if table else []
    if len(zones) > 1:
        notes.append(f"agency.txt: {len(zones)} time zones ({', '.join(sorted(zones))}); all times are taken as local")
    return min(zones, default="")


def whole(text: str) -> int:
    """Return a whole number of at least 0."""
    if not text.isascii() or not text.isdigit() or len(text) > 9:
        raise ValueError("is not a whole number of at least 0")
    return int(text)


def _read_trips(files: FeedFiles, service_ids: Sequence[str]) -> Trips | None:
    routes = files.table("routes.txt", ["route_id"], ["route_short_name", "route_long_name"])
    table = files.table("trips.txt", ["route_id", "service_id", "trip_id"], ["trip_short_name"])
    routes = routes and routes.distinct("route_id")
    if table is None:
        return None
    table = table.distinct("trip_id")
    trip_ids = table.text("trip_id")
    service_idx = np.zeros(table.n_rows, dtype=np.int64)
    if service_ids:  # else the calendar itself is reported
        service_idx = table.refer("service_id", service_ids, "calendar.txt or calendar_dates.txt")
    route_ids = table.text("route_id")
    names = table.text("trip_short_name")
    if routes is not None:
        known = routes.text("route_id")
        table.refer("route_id", known, "routes.txt")
        short, long = routes.text("route_short_name"), routes.text("route_long_name")
        label = {route: short[i] or long[i] for i, route in enumerate(known)}
        names = [name or label.get(route, "") for name, route in zip(names, route_ids, strict=True)]
    return Trips(
        tuple(trip_ids),
        tuple(names),
        tuple(route_ids),
        int32(service_idx),
        int32(np.full(table.n_rows, DEFAULT_ROUTE_TYPE)),
    )


def _clock(text: str) -> int:
    try:
        return parse_clock(text)
    except ValueError:
        raise ValueError("is not a time like 07:30:00 or 25:10:00") from None


def _read_calls(files: FeedFiles, trips: Trips | None, stops: Stops | None, notes: list[str]) -> StopTimes | None:
    table = files.table("stop_times.txt", _CALL_COLUMNS, ["pickup_type", "drop_off_type"])
    if table is None:
        return None
    arrival, arrival_ok = table.parse("arrival_time", _clock, code="bad-time")
    departure, departure_ok = table.parse("departure_time", _clock, code="bad-time")
    sequence, sequence_ok = table.parse("stop_sequence", whole)
    boardable = {"0": 1, "1": 0, "2": 2, "3": 2}
    pickup, _ = table.parse("pickup_type", one_of(boardable), default=1)
    drop_off, _ = table.parse("drop_off_type", one_of(boardable), default=1)
    n_on_request = int(((pickup == 2) | (drop_off == 2)).sum())
    if n_on_request:
        notes.append(f"stop_times.txt: {n_on_request} calls on request (pickup or drop-off type 2, 3) taken as regular")
    if trips is None or stops is None:
        return None
    trip_idx = table.refer("trip_id", trips.trip_ids, "trips.txt")
    stop_ids = list(stops.station_of)
    homes = np.array([*stops.station_of.values(), -2], dtype=np.int64)
    station_idx = homes[table.refer("stop_id", stop_ids, "stops.txt")]
    no_stop = np.flatnonzero(station_idx == -1)
    table.report(no_stop, "not-a-stop", lambda _: "is an entrance or node, or its parent is wrong", "stop_id")
    order = np.lexsort((sequence, trip_idx))
    good = arrival_ok & departure_ok & sequence_ok & (trip_idx >= 0)
    _check_order(table, order[good[order]], trip_idx, sequence, arrival, departure)
    if table.n_rows == 0:
        files.error(table.name, "no-rows", "has no rows", remedy="a timetable needs at least one trip with two calls")
    return StopTimes(
        int32(trip_idx[order]), int32(station_idx[order]), int32(arrival[order].astype(np.int64)),
        int32(departure[order].astype(np.int64)), frozen(pickup[order] > 0), frozen(drop_off[order] > 0),
    )  # fmt: skip


def _check_order(
    table: FeedTable,
    order: NDArray[np.int64],
    trip_idx: NDArray[np.int64],
    sequence: NDArray[np.float64],
    arrival: NDArray[np.float64],
    departure: NDArray[np.float64],
) -> None:
    """Report repeated sequence numbers and times that run backwards, over good rows in order of travel."""
    before, after = order[:-1], order[1:]
    same_trip = trip_idx[before] == trip_idx[after]
    twice = same_trip & (sequence[before] == sequence[after])
    table.report(
        after[twice],
        "duplicate-key",
        lambda row: f"stands twice in trip {table.value('trip_id', row)!r}",
        "stop_sequence",
    )
    back = same_trip & ~twice & (arrival[after] < departure[before])
    table.report(
        after[back],
        "decreasing-time",
        lambda row: f"is before the departure from the stop before, trip {table.value('trip_id', row)!r}",
        "arrival_time",
        "past midnight count on: 24:10:00",
    )
    early = np.sort(order[departure[order] < arrival[order]])
    table.report(
        early,
        "decreasing-time",
        lambda row: f"is before arrival_time {table.value('arrival_time', row)}",
        "departure_time",
    )


def _read_transfers(files: FeedFiles, stops: Stops | None, notes: list[str]) -> tuple[Transfers, dict[int, int]]:
    """Return the transfers between different stations, and the change seconds by station index."""
    if "transfers.txt" not in files:
        return no_transfers(), {}
    table = files.table(
        "transfers.txt", ["from_stop_id", "to_stop_id"], ["transfer_type", "min_transfer_time", *_NARROWING]
    )
    if table is None or stops is None:
        return no_transfers(), {}
    table = table.distinct("from_stop_id", *_NARROWING, "to_stop_id")
    kinds, _ = table.parse("transfer_type", one_of({str(i): i for i in range(6)}), default=0)
    seconds, seconds_ok = table.parse("min_transfer_time", whole, default=np.nan)
    narrowed = np.zeros(table.n_rows, dtype=bool)
    for column in _NARROWING:
        narrowed |= np.array([bool(text) for text in table.text(column)], dtype=bool)
    used = (kinds == 2) & ~narrowed
    _note_unused(kinds, narrowed, notes)
    blank = np.flatnonzero(used & seconds_ok & np.isnan(seconds))
    table.report(blank, "blank-time", lambda _: "is blank in a transfer of type 2", "min_transfer_time")
    ends = [_transfer_ends(table, column, used, stops) for column in ("from_stop_id", "to_stop_id")]
    slowest: dict[tuple[int, int], int] = {}
    for row in np.flatnonzero(used & seconds_ok & ~np.isnan(seconds)).tolist():
        key = (ends[0][row], ends[1][row])
        slowest[key] = max(slowest.get(key, 0), int(seconds[row]))
    changes = {i: s for (i, j), s in slowest.items() if i == j}
    walks = [(i, j, s) for (i, j), s in slowest.items() if i != j and i >= 0 and j >= 0]
    columns = list(zip(*walks, strict=True)) or [(), (), ()]
    return Transfers(*(int32(list(column)) for column in columns)), changes


def _transfer_ends(table: FeedTable, column: str, used: NDArray[np.bool_], stops: Stops) -> list[int]:
    ids = table.text(column)
    unknown = [row for row, stop_id in enumerate(ids) if used[row] and stop_id not in stops.station_of]
    table.report(unknown, "unknown-reference", lambda _: "is not in stops.txt", column)
    no_stop = [row for row, stop_id in enumerate(ids) if used[row] and stops.station_of.get(stop_id) == -1]
    table.report(no_stop, "not-a-stop", lambda _: "is an entrance or node, or its parent is wrong", column)
    return [stops.station_of.get(stop_id, -1) for stop_id in ids]


def _note_unused(kinds: NDArray[np.float64], narrowed: NDArray[np.bool_], notes: list[str]) -> None:
    for kind, count in sorted(Counter(kinds[kinds != 2].astype(int).tolist()).items()):
        notes.append(f"transfers.txt: {count} rows of type {kind} not used")
    n_narrowed = int((narrowed & (kinds == 2)).sum())
    if n_narrowed:
        notes.append(f"transfers.txt: {n_narrowed} rows of type 2 for single routes or trips not used")


def _refuse_frequencies(files: FeedFiles) -> None:
    if "frequencies.txt" not in files:
        return
    table = files.table("frequencies.txt", ["trip_id"])
    if table is not None and table.n_rows:
        message = f"{table.n_rows} rows: trips by frequency are not read yet"
        remedy = "write the trips out in stop_times.txt, or put the line into lines.csv"
        table.report([0], "not-supported", lambda _: message, "trip_id", remedy)


def _drop_empty_trips(trips: Trips, calls: StopTimes, notes: list[str]) -> tuple[Trips, StopTimes]:
    n_calls = np.bincount(calls.trip_idx, minlength=len(trips.trip_ids))
    kept = np.flatnonzero(n_calls > 0)
    if len(kept) == len(n_calls):
        return trips, calls
    notes.append(f"trips.txt: {len(n_calls) - len(kept)} trips without stop times dropped")
    rank = np.full(len(n_calls), -1)
    rank[kept] = np.arange(len(kept))
    pick = kept.tolist()
    thinned = Trips(
        tuple(trips.trip_ids[i] for i in pick), tuple(trips.names[i] for i in pick),
        tuple(trips.route_ids[i] for i in pick), int32(trips.service_idx[kept]), int32(trips.route_types[kept]),
    )  # fmt: skip
    return thinned, replace(calls, trip_idx=int32(rank[calls.trip_idx]))


def _class_stations(
    stations: list[Station], stops: Stops, services: Sequence[Any], trips: Trips, calls: StopTimes
) -> list[Station]:
    """Return the stations, classes that the feed leaves open filled in from the trains of a Tuesday."""
    if not any(stops.unclassed):
        return stations
    date = default_date(services, trips.service_idx) or dt.date.min
    runs = np.array([service.runs_on(date) for service in services], dtype=bool)
    today = runs[trips.service_idx[calls.trip_idx]]
    n_trains = np.bincount(calls.station_idx[today], minlength=len(stations)).tolist()
    return [
        replace(s, station_class=next(name for name, least in CLASS_FROM_TRAINS if n_trains[i] >= least))
        if open_
        else s
        for i, (s, open_) in enumerate(zip(stations, stops.unclassed, strict=True))
    ]
