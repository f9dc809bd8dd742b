"""Strict reader of one GTFS feed, zip or folder, whose problems are reported together."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import compress
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from railshed.io.gtfs.calendar import FeedInfo, default_date, read_info, read_services
from railshed.io.gtfs.files import FeedFiles
from railshed.io.gtfs.frequencies import read_frequencies, run_frequencies
from railshed.io.gtfs.stop_times import CALL_COLUMNS, read_calls
from railshed.io.gtfs.stops import read_stops
from railshed.io.gtfs.transfers import note_merged, read_transfers
from railshed.io.gtfs.trips import keep_trips, of_modes, read_trips, served_trips
from railshed.network.datum import WGS84, check_datum
from railshed.network.model import Service, StopTimes, Trips, running
from railshed.network.ordering import Timetable, canonical_order, int32, keep_transfers
from railshed.network.route_types import RAIL, SUBURBAN, are_trains, check_modes, find_mode
from railshed.util.array_types import Ints32
from railshed.util.errors import MAX_NAMED, Issue, raise_errors
from railshed.util.number_format import examples

#: least trains a day of a station class, for stations without one in the feed
CLASS_FROM_TRAINS = (("hub", 400), ("large", 150), ("medium", 40), ("small", 0))
_FILES = (
    "agency.txt",
    "stops.txt",
    "routes.txt",
    "trips.txt",
    "stop_times.txt",
    "calendar.txt",
    "calendar_dates.txt",
    "transfers.txt",
    "frequencies.txt",
    "feed_info.txt",
)


@dataclass(frozen=True, slots=True)
class Feed:
    """The content of one feed, in canonical order."""

    timetable: Timetable
    #: the agency's time zone (IANA); "" if unknown
    timezone: str
    #: counts by reason of what was left unused, dropped, estimated or assumed
    notes: tuple[str, ...]
    #: sha256 by file name
    checksums: Mapping[str, str]
    #: warnings with file, row and field
    issues: tuple[Issue, ...] = ()
    info: FeedInfo = field(default_factory=FeedInfo)
    #: see `feed_credits`
    sources: tuple[Mapping[str, str], ...] = ()
    #: see `Network.left_out`
    left_out: tuple[Mapping[str, Any], ...] = ()


def read_gtfs(
    path: str | Path, *, modes: Sequence[str] | None = None, datum: str = WGS84, seed: int = 0
) -> Feed:
    """Return the feed at `path`, a zip or a folder of .txt files.

    A station is a stop of type 0 or its ``parent_station``. Without ``station_class`` in stops.txt,
    its class follows from the mode and number of the trains that call there (`find_classes`), and
    ``feeder`` is bus. Trips with defects are left out with a warning if they are few
    (`trips.MAX_PERCENT_LEFT_OUT`).

    Parameters
    ----------
    modes
        Words of `route_types.MODES`: trips of other modes are dropped, and stations without a trip
        then.
    datum
        Datum of the coordinates (`datum.DATUMS`); they are converted to WGS84.
    seed
        Seed of the random phases of trips by headway without exact times.

    Raises InputError with every problem of every file: missing files and columns, unknown
    references, duplicate keys, values that are no numbers or times, too many trips with defects; or
    when no trip is of one of `modes`; ParameterError when a mode or the datum is not known.
    """
    mode_names = None if modes is None else check_modes(modes)
    check_datum(datum)
    files = FeedFiles(Path(path))
    notes: list[str] = []
    timezone = _read_timezone(files, notes)
    stops = read_stops(files, datum, notes, timezone)
    services = read_services(files)
    info = read_info(files)
    trips_and_defects = read_trips(files, [s.service_id for s in services], notes)
    if stops is None or trips_and_defects is None:
        files.table("stop_times.txt", CALL_COLUMNS)  # for its problems
        raise_errors(f"feed {path}", files.issues)
    assert stops is not None
    assert trips_and_defects is not None
    trips, defects = trips_and_defects
    calls = read_calls(files, trips, defects, stops, notes)
    headways = read_frequencies(files, trips, defects)
    defects.settle(files, notes)
    transfers, changes = read_transfers(files, stops, notes)
    raise_errors(f"feed {path}", files.issues)
    assert calls is not None
    note_merged(stops, changes, notes)
    if unused := files.unused(*_FILES):
        notes.append(f"files not used: {examples([name[:80] for name in unused], MAX_NAMED)}")
    selected = ~defects.out & served_trips(trips, calls, ~defects.out, notes)
    if mode_names is not None:
        selected &= of_modes(trips, selected, mode_names, f"feed {path}", notes)
    series = (
        None if headways is None else run_frequencies(trips, calls, headways, selected, seed, notes)
    )
    trips, calls = (
        keep_trips(trips, calls, selected) if series is None else (series.trips, series.stop_times)
    )
    n_runs = None if series is None else series.n_runs
    classes = find_classes(stops.classes, services, trips, calls, notes, n_runs)
    table = canonical_order(stops.stations(classes, changes), services, trips, calls, transfers)
    if mode_names is not None:
        table = _only_served(table, notes)
    if series is not None:
        table = series.within(table)
    checksums = files.checksums()
    sources = feed_credits(files, checksums)
    left_out = defects.at_stations(stops.ids)
    return Feed(
        timetable=table,
        timezone=timezone,
        notes=tuple(notes),
        checksums=checksums,
        issues=tuple(files.issues),
        info=info,
        sources=sources,
        left_out=left_out,
    )


def _read_timezone(files: FeedFiles, notes: list[str]) -> str:
    """Return the time zone of the first agency, by id, that has a known one; "" without any."""
    if "agency.txt" not in files:
        notes.append("agency.txt is missing: times are taken as local")
        return ""
    table = files.table("agency.txt", ["agency_timezone"], ["agency_id"])
    if table is None:
        return ""
    known = table.where("agency_timezone", is_zone)
    message = "is no time zone of the IANA list; times are taken as local"
    table.warn(
        ~known, "unknown-timezone", message, "agency_timezone", "write it like Europe/Bratislava"
    )
    agencies = zip(table.text("agency_id"), table.text("agency_timezone"), strict=True)
    chosen = min(compress(agencies, known), default=("", ""))[1]
    others = known & table.where("agency_timezone", lambda zone: zone != chosen)
    differs = f"differs from {chosen}, which is used for the whole feed: GTFS has one zone a feed"
    remedy = (
        "if its times are in its own zone, make it one feed a zone and join them (-n a=... "
        "-n b=...)"
    )
    table.warn(others, "several-timezones", differs, "agency_timezone", remedy)
    return chosen


def is_zone(name: str) -> bool:
    """Return whether a text names a time zone of the IANA list."""
    try:
        ZoneInfo(name)
    except (ValueError, OSError, LookupError):  # not found, no name of a file, a folder
        return False
    return True


def find_classes(
    listed: Sequence[str],
    services: Sequence[Service],
    trips: Trips,
    calls: StopTimes,
    notes: list[str],
    n_runs: Ints32 | None = None,
) -> list[str]:
    """Return the class of every station: the `listed` one, else one by its trains if that is "".

    Without rail and suburban trains it is metro, of suburban trains alone halt; of other railway
    stations it follows from the number of trains on a usual Tuesday, intercity and suburban, in
    every country. `n_runs` is int32 (n_trips,), default 1 each.
    """
    unclassed = ~np.fromiter(map(bool, listed), np.bool_, len(listed))
    if not unclassed.any():
        return list(listed)
    kinds, kind = np.unique(trips.route_types, return_inverse=True)
    mode = np.array([find_mode(k) for k in kinds.tolist()], dtype=object)[kind]
    has_rail, has_suburban = (
        np.bincount(
            calls.station_idx[(mode == word)[calls.trip_idx]] if word in mode else [],
            minlength=len(listed),
        )
        > 0
        for word in (RAIL, SUBURBAN)
    )
    is_served = np.bincount(calls.station_idx, minlength=len(listed)) > 0
    classes = np.full(len(listed), "small", dtype=object)
    if has_rail.any():
        often = np.ones(len(trips.trip_ids), np.int32) if n_runs is None else n_runs
        date = default_date(services, np.repeat(trips.service_idx, often)) or dt.date.min
        today = (
            often * running(services, [date])[trips.service_idx, 0] * are_trains(trips.route_types)
        )
        n_trains = np.bincount(calls.station_idx, today[calls.trip_idx], minlength=len(listed))
        for name, least in reversed(CLASS_FROM_TRAINS):
            classes[n_trains >= least] = name
    by_mode = {"halt": has_suburban & ~has_rail, "metro": is_served & ~has_rail & ~has_suburban}
    counts = {name: int((chosen & unclassed).sum()) for name, chosen in by_mode.items()}
    for name, chosen in by_mode.items():
        classes[chosen] = name
    if any(counts.values()):
        by_class = ", ".join(f"{n:,} {name}" for name, n in counts.items() if n)
        notes.append(f"station times by the mode of their trains, not their number: {by_class}")
    return [name or other for name, other in zip(listed, classes.tolist(), strict=True)]


def _only_served(table: Timetable, notes: list[str]) -> Timetable:
    """Return the timetable without stations where no trip calls."""
    served = np.bincount(table.stop_times.station_idx, minlength=len(table.stations)) > 0
    if served.all():
        return table
    notes.append(
        f"stops.txt: {int((~served).sum()):,} stations that none of the trips serves dropped"
    )
    rank = np.where(served, np.cumsum(served) - 1, -1)
    stations = tuple(compress(table.stations, served.tolist()))
    calls = replace(table.stop_times, station_idx=int32(rank[table.stop_times.station_idx]))
    return replace(
        table, stations=stations, stop_times=calls, transfers=keep_transfers(table.transfers, rank)
    )


def feed_credits(feed: FeedFiles, checksums: Mapping[str, str]) -> tuple[Mapping[str, str], ...]:
    """Return the sources of a feed with the keys of network.toml: title, url, licence, files,
    sha256.

    `read_gtfs` reports problems. `checksums` are those of the feed.
    """
    files = FeedFiles(feed.path)
    path = feed.path
    agency = _columns(files, "agency.txt", "agency_name", "agency_url")
    info = _columns(
        files,
        "feed_info.txt",
        "feed_publisher_name",
        "feed_version",
        "feed_publisher_url",
        "feed_license",
    )
    names = list(dict.fromkeys(agency["agency_name"]))
    publisher = info["feed_publisher_name"]
    title = examples(names, 4)
    if publisher and publisher[0] not in names:
        title += f" (published by {publisher[0]})" if title else publisher[0]
    urls = info["feed_publisher_url"] or agency["agency_url"]
    source = {
        "title": f"GTFS of {title}" if title else f"GTFS {path.name}",
        "url": (urls or [""])[0],
        "licence": (info["feed_license"] or [""])[0],
        "version": (info["feed_version"] or [""])[0],
        "files": path.name,
        "sha256": checksums[path.name] if path.is_file() else "",
    }
    named = _columns(files, "attributions.txt", "organization_name")["organization_name"]
    others = [{"title": name} for name in dict.fromkeys(named)]
    return ({key: value for key, value in source.items() if value}, *others)


def _columns(files: FeedFiles, name: str, *columns: str) -> dict[str, list[str]]:
    """Return the non-blank values by column."""
    table = files.table(name, [], columns) if name in files else None
    return {
        column: [] if table is None else [text for text in table.text(column) if text]
        for column in columns
    }
