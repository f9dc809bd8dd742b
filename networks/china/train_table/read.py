"""Reader of train tables (train, sequence, station, arrive, depart) and their stations as
a feed.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from railshed.io.csv.parser import CsvTables
from railshed.io.csv.rows import Weekdays, parse_days
from railshed.io.csv.table import FeedTable
from railshed.io.gtfs.read import Feed, find_classes, is_zone
from railshed.io.gtfs.stops import coordinate, not_among
from railshed.io.gtfs.trips import whole
from railshed.network.dates import FIRST_DAY, LAST_DAY, Days
from railshed.network.datum import WGS84, check_datum, to_wgs84, turned_note
from railshed.network.model import STATION_CLASSES, Service, Station, Transfers, Trips
from railshed.network.ordering import (
    canonical_order,
    int32,
    keep_transfers,
    make_calls,
    make_transfers,
    no_transfers,
)
from railshed.network.route_types import DEFAULT_ROUTE_TYPE, find_mode
from railshed.util.array_types import Bools
from railshed.util.errors import ParameterError, raise_errors
from railshed.util.geodesy import great_circle_m
from railshed.util.units import DAY
from train_table.calls import TrainCalls, read_calls
from train_table.rows import TrainTableColumns


@dataclass(frozen=True, slots=True)
class TrainStations:
    """All rows of a stations file as stations."""

    stations: tuple[Station, ...]
    #: row of the station by key: its own or its parent's; only of stations with coordinates
    index: dict[str, int]


def read_stations(
    tables: CsvTables,
    path: Path,
    columns: TrainTableColumns,
    notes: list[str],
    *,
    datum: str,
    station_class: str,
    merge_within_m: float,
) -> TrainStations | None:
    """Return the stations of a file; None if it cannot be read. Problems go to `tables.issues`."""
    c = columns
    mapped = (
        c.station_key,
        c.lon,
        c.lat,
        c.station_name,
        c.station_name_en,
        c.station_class,
        c.station_parent,
    )
    table = tables.table(path, list(dict.fromkeys(column for column in mapped if column)))
    if table is None:
        return None
    table = table.distinct(c.station_key)
    keys = table.text(c.station_key)
    table.need(c.station_key)
    lon, _ = table.parse(c.lon, coordinate(180, c.lat), np.nan)
    lat, _ = table.parse(c.lat, coordinate(90, c.lon), np.nan)
    half = np.isnan(lon) != np.isnan(lat)
    for column, values in ((c.lon, lon), (c.lat, lat)):
        table.report(
            half & np.isnan(values), "blank-coordinate", "is blank, but its pair is not", column
        )
    if datum != WGS84:
        notes.append(f"{table.name}: {turned_note(lon, lat, datum)}")
    lon, lat = to_wgs84(lon, lat, datum)
    classes = table.text(c.station_class)
    table.report(*not_among(table, c.station_class, STATION_CLASSES), c.station_class)
    names, names_en = table.text(c.station_name), table.text(c.station_name_en)
    rows = zip(keys, names, lon.tolist(), lat.tolist(), names_en, classes, strict=True)
    stations = tuple(
        Station(key, name or key, x, y, en, kind or station_class)
        for key, name, x, y, en, kind in rows
    )
    home = _homes(table, c.station_parent, keys, notes)
    placed = np.isfinite(lon + lat)
    if merge_within_m > 0:
        home = _merge_names(stations, home, placed, merge_within_m, f"{table.name}: ", notes)
    return TrainStations(stations, {key: i for key, i in zip(keys, home, strict=True) if placed[i]})


def _homes(table: FeedTable, column: str, keys: list[str], notes: list[str]) -> list[int]:
    """Return the row of the station of each row: the parent's, or its own."""
    row_of = {key: row for row, key in enumerate(keys)}
    parents = table.text(column)
    home = [row_of.get(parent or key, -1) for key, parent in zip(keys, parents, strict=True)]
    unknown = [row for row, i in enumerate(home) if i < 0]
    table.report(unknown, "unknown-reference", "is no station of the file", column)
    chained = [row for row, i in enumerate(home) if i != row and i >= 0 and home[i] != i]
    table.report(chained, "bad-parent", "is itself part of another station", column)
    n_merged = sum(i != row for row, i in enumerate(home))
    if n_merged:
        notes.append(f"{table.name}: {n_merged:,} stations merged into those that they are part of")
    return home


def _merge_names(
    stations: Sequence[Station],
    home: list[int],
    placed: Bools,
    within_m: float,
    where: str,
    notes: list[str],
) -> list[int]:
    """Return the homes with each station merged into the first, by key, of the same name within
    `within_m` metres.
    """
    heads: dict[str, list[int]] = {}
    moved: dict[int, int] = {}
    for i in sorted(
        {i for i in home if i >= 0 and placed[i]}, key=lambda i: stations[i].station_id
    ):
        here, others = stations[i], heads.setdefault(stations[i].name, [])
        near = (
            j
            for j in others
            if great_circle_m(here.lon, here.lat, stations[j].lon, stations[j].lat) <= within_m
        )
        moved[i] = next(near, i)
        if moved[i] == i:
            others.append(i)
    n_moved = sum(i != j for i, j in moved.items())
    notes.append(
        f"{where}{n_moved:,} stations merged into those of the same name within {within_m:g} m"
    )
    return [moved.get(i, i) for i in home]


def read_transfers(
    tables: CsvTables, path: Path, index: dict[str, int]
) -> tuple[Transfers, dict[int, int]]:
    """Return the walks between different stations, and the seconds of change by station.

    Both use the index of the stations file. Of several rows for one pair the longest is used.
    """
    table = tables.table(path, ["from", "to", "seconds"])
    if table is None:
        return no_transfers(), {}
    table = table.distinct("from", "to")
    seconds, good = table.parse("seconds", whole)
    known = list(index)
    homes = np.array([*index.values(), -1], dtype=np.int64)
    ends = [homes[table.refer(column, known, "the stations")] for column in ("from", "to")]
    good &= (ends[0] >= 0) & (ends[1] >= 0)
    longest: dict[tuple[int, int], int] = {}
    for i, j, s in zip(
        ends[0][good].tolist(), ends[1][good].tolist(), seconds[good].tolist(), strict=True
    ):
        longest[i, j] = max(longest.get((i, j), 0), int(s))
    walks = make_transfers((i, j, s) for (i, j), s in longest.items() if i != j)
    return walks, {i: s for (i, j), s in longest.items() if i == j}


__all__ = ["TrainTableColumns", "read_traintable"]
#: service id of trains without a calendar
EVERY_DAY = "daily"
#: stations of one name farther apart are two
_MOST_MERGED_M = 10_000


def read_traintable(
    trains: str | Path,
    stations: str | Path,
    *,
    columns: TrainTableColumns | None = None,
    date_range: tuple[dt.date, dt.date],
    calendars: Mapping[str, str | Sequence[str]] | None = None,
    where: Mapping[str, Collection[str]] | None = None,
    datum: str = "wgs84",
    transfers: str | Path | None = None,
    day_starts_s: int = 0,
    change_s: int | None = None,
    drop_unknown_stations: bool = False,
    station_class: str = "",
    merge_within_m: float = 0,
    route_type: int = DEFAULT_ROUTE_TYPE,
    timezone: str = "",
) -> Feed:
    """Return the trains of a table and the stations where they call.

    Rows may stand in any order; files that end in ``.gz`` are unpacked; UTF-8 and GB18030 are read.
    Times are
    ``H:MM`` or ``H:MM:SS``. If one of arrival and departure is blank, or a mark such as ``----``,
    the other is used. A time 12 hours or more before the previous one is the next day's.
    Consecutive rows at one station are one call.

    A train that cannot be used (times that decrease, an unknown station, one stop) is left out with
    a warning; more than one in twenty are an error.

    Parameters
    ----------
    trains
        One row a train and station.
    stations
        One row a station. Stations without trains are left out.
    columns
        Names of the columns of both files.
    date_range
        First and last day of the table. Trains that pass midnight into the service day run on the
        day before it.
    calendars
        Weekdays of each text of the calendar column: ``mon-fri``, ``sat|sun``, ``daily``, or a list
        of days. Public holidays are ignored. A text that is a list of dates
        (``2016-03-04|2016-03-11``) needs none.
    where
        Texts that a row may have in a column of the trains; other rows are not read.
    datum
        Datum of the coordinates: wgs84, gcj02 or bd09.
    transfers
        Walks between stations: columns ``from, to, seconds``, one direction a row; a station to
        itself is the time to change there.
    day_starts_s
        Clock seconds; earlier times belong to the night after (10800: a train at 00:20 is the last
        of the day).
    change_s
        Seconds between two trains at a station; default: by station class.
    drop_unknown_stations
        Leave out calls at stations that are not in the file, instead of the whole train.
    station_class
        Class of stations without one in the file; default: by mode and number of trains
        (`gtfs.read.find_classes`).
    merge_within_m
        Stations of one name at most so many metres apart are merged, for tables with a station for
        every line. The first by its key gives the id and the coordinate.
    route_type
        GTFS route type of all trains.
    timezone
        IANA name.

    Raises InputError with every problem of the files; ParameterError when an option is out of
    range.
    """
    days = _check_options(date_range, calendars or {}, day_starts_s, route_type, station_class)
    if change_s is not None and not 0 <= change_s <= DAY:
        raise ParameterError(f"change time of {change_s} s: allowed are 0 to {DAY} s")
    if not 0 <= merge_within_m <= _MOST_MERGED_M:
        raise ParameterError(
            f"merging stations within {merge_within_m:g} m: allowed are 0 to {_MOST_MERGED_M:,} m"
        )
    check_datum(datum)
    if timezone and not is_zone(timezone):
        raise ParameterError(
            f"time zone {timezone!r} is none of the IANA list; write it like Asia/Tokyo"
        )
    tables, notes, columns = CsvTables(), list[str](), columns or TrainTableColumns()
    trains, stations = Path(trains), Path(stations)
    places = read_stations(
        tables,
        stations,
        columns,
        notes,
        datum=datum,
        station_class=station_class,
        merge_within_m=merge_within_m,
    )
    calls = read_calls(
        tables,
        trains,
        columns,
        notes,
        stations=places.index if places else None,
        stations_name=stations.name,
        drop_unknown_stations=drop_unknown_stations,
        where=where,
        days=days,
        day_starts_s=day_starts_s,
    )
    walks, changes = no_transfers(), dict[int, int]()
    if transfers is not None and places is not None:
        walks, changes = read_transfers(tables, Path(transfers), places.index)
    if not columns.calendar:
        days = {"": (True,) * 7}
    services = (
        _services(tables, trains.name, columns.calendar, calls, days, date_range)
        if calls is not None
        else {}
    )
    raise_errors(f"train table {trains}", tables.issues)
    assert calls is not None
    assert places is not None
    used = np.unique(calls.station_idx)
    rank = np.full(len(places.stations), -1)
    rank[used] = np.arange(len(used))
    n_unused = len(set(places.index.values())) - len(used)
    if n_unused:
        notes.append(f"{stations.name}: {n_unused:,} stations without trains left out")
    served = [replace(places.stations[i], change_s=changes.get(i, change_s)) for i in used.tolist()]
    service_of, days_of = (
        {calendar: i for i, calendar in enumerate(services)},
        list(services.values()),
    )
    trips = Trips(
        calls.train_ids,
        calls.names,
        calls.lines,
        int32([service_of[calendar] for calendar in calls.calendars]),
        int32([route_type] * len(calls.train_ids)),
    )
    times = make_calls(calls.train_idx, rank[calls.station_idx], calls.arrival_s, calls.departure_s)
    listed = [s.station_class for s in served]
    classes = find_classes(listed, days_of, trips, times, notes)
    classed = [replace(s, station_class=name) for s, name in zip(served, classes, strict=True)]
    timetable = canonical_order(classed, days_of, trips, times, keep_transfers(walks, rank))
    left_out = calls.defects.at_stations([s.station_id for s in places.stations])
    return Feed(
        timetable, timezone, tuple(notes), tables.checksums, tuple(tables.issues), left_out=left_out
    )


def _check_options(
    date_range: tuple[dt.date, dt.date],
    calendars: Mapping[str, str | Sequence[str]],
    day_starts_s: int,
    route_type: int,
    station_class: str,
) -> dict[str, Weekdays]:
    """Return the weekdays by calendar."""
    first, last = date_range
    if not FIRST_DAY <= first <= LAST_DAY or not FIRST_DAY <= last <= LAST_DAY:
        raise ParameterError(
            f"date range {first} to {last} is not within {FIRST_DAY} to {LAST_DAY}"
        )
    if last < first:
        raise ParameterError(f"date range {first} to {last} ends before it starts")
    if not 0 <= day_starts_s < DAY:
        raise ParameterError(f"day_starts_s {day_starts_s} is not within 0 to {DAY - 1}")
    if find_mode(route_type) is None:
        raise ParameterError(f"route type {route_type} is none of GTFS (0-12, 100-1702)")
    if station_class and station_class not in STATION_CLASSES:
        raise ParameterError(
            f"unknown station class {station_class!r}; allowed: {', '.join(STATION_CLASSES)}"
        )
    days = {}
    for calendar, text in calendars.items():
        try:
            days[calendar] = parse_days(text if isinstance(text, str) else "|".join(text))
        except ValueError as error:
            raise ParameterError(f"calendar {calendar!r}: {error}") from None
    return days


def _services(
    tables: CsvTables,
    file: str,
    column: str,
    calls: TrainCalls,
    days: Mapping[str, Weekdays],
    date_range: tuple[dt.date, dt.date],
) -> dict[str, Service]:
    """Return the service of each calendar, in order of the trains; those without weekdays or dates
    are reported.
    """
    n_trains, found, n_lists = Counter(calls.calendars), dict[str, Service](), 0
    for calendar in n_trains:
        if calendar in days:
            found[calendar] = Service(calendar or EVERY_DAY, *date_range, days[calendar])
        elif dates := _dates_of(calendar):
            n_lists += 1
            found[calendar] = Service(f"dates-{n_lists}", *date_range, (False,) * 7, added=dates)
    for calendar in sorted(n_trains.keys() - found.keys()):
        message = f"{n_trains[calendar]:,} trains run by a calendar without weekdays"
        remedy = (
            f"say its weekdays: {calendar}=mon-fri; none: {calendar}=never; or list dates: "
            "2016-03-04|2016-03-11"
        )
        tables.error(file, "unknown-calendar", message, field=column, value=calendar, remedy=remedy)
    return found


def _dates_of(text: str) -> Days | None:
    """Return the dates of a list of them, joined by |; None where the text is none."""
    try:
        dates = [dt.date.fromisoformat(part.strip()) for part in text.split("|")]
    except ValueError:
        return None
    return Days.of(dates) if all(FIRST_DAY <= day <= LAST_DAY for day in dates) else None
