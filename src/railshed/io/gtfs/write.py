"""Writer of GTFS feeds: a file is written whole or not at all; equal networks give equal bytes."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from railshed.io.gtfs.calendar import WEEKDAYS
from railshed.network.dates import RAILSHED, span_of
from railshed.network.model import Network, Service
from railshed.util.array_types import Ints64
from railshed.util.errors import InputError
from railshed.util.files import atomic_path
from railshed.util.units import DAY, HOUR, MINUTE, UNREACHED
from railshed.util.validation import checked, instance
from railshed.util.validation import path as as_path

Table = tuple[Sequence[str], Iterable[Sequence[Any]]]
#: date of the zip's entries: the first that the format allows
_ZIP_DATE = (1980, 1, 1, 0, 0, 0)
_AGENCY = "railshed"
_NO_URL = "https://example.org/"
_LINES_PREFIX = "lines:"
_STOP_COLUMNS = (
    "stop_id",
    "stop_name",
    "stop_lat",
    "stop_lon",
    "location_type",
    "stop_name_en",
    "station_class",
    "feeder",
    "county_code",
    "coord_confidence",
)
_CJK = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]")


@checked(network=instance(Network), path=as_path)
def write_gtfs(network: Network, path: str | Path) -> tuple[str, ...]:
    """Write the network's timetable to `path`, a zip, and return notes on what differs in GTFS.

    Reading the feed gives the same stations, services, trips, calls and transfers; extension
    columns hold what GTFS has no field for. feed_version is the service day on which the feed is
    read. Exceptions, each with a note: entry and exit minutes of single stations are not written;
    trips that begin before 00:00 become trips of the day before; a trip without a name gets its
    route's, a route without a name its id; services of headway lines end with the feed's other
    services. Cities, regions, counties and population are not part of a feed.

    Raises
    ------
    InputError
        When the network has no trips, or a route has trips of several types.
    OutputError
        When the file cannot be written.
    """
    if not network.n_trips:
        raise InputError(
            f"network {network.network_id}: no trips, so there is no timetable to write as GTFS"
        )
    notes: list[str] = []
    services, service_ids, shifts = _services(network, notes)
    tables: dict[str, Table] = {
        "agency.txt": _agency(network, notes),
        "attributions.txt": _attributions(network),
        "calendar.txt": (
            ("service_id", *WEEKDAYS, "start_date", "end_date"),
            [
                (s.service_id, *map(int, s.weekdays), _day(s.start_date), _day(s.end_date))
                for s in services
            ],
        ),
        "calendar_dates.txt": _calendar_dates(services),
        "feed_info.txt": _feed_info(network, services),
        **_routes_and_trips(network, service_ids, notes),
        "stop_times.txt": _stop_times(network, shifts),
        "stops.txt": _stops(network, notes),
        "transfers.txt": _transfers(network),
    }
    with atomic_path(path) as temporary:
        _write_zip(temporary, tables)
    return tuple(notes)


def _write_zip(path: Path, tables: Mapping[str, Table]) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        for name in sorted(tables):
            entry = zipfile.ZipInfo(name, _ZIP_DATE)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            with (
                archive.open(entry, "w", force_zip64=True) as raw,
                io.TextIOWrapper(raw, encoding="utf-8", newline="") as out,
            ):
                header, rows = tables[name]
                writer = csv.writer(out, lineterminator="\n")
                writer.writerow(header)
                writer.writerows(rows)


def _agency(network: Network, notes: list[str]) -> Table:
    if not network.timezone:
        notes.append("agency.txt: the network names no time zone; UTC is written")
    url = next((s["url"] for s in network.sources if s.get("url", "").startswith("http")), _NO_URL)
    row = (_AGENCY, network.title or network.network_id, url, network.timezone or "UTC")
    return ("agency_id", "agency_name", "agency_url", "agency_timezone"), [row]


def _attributions(network: Network) -> Table:
    """Return the table of the sources with their licences."""
    rows = []
    for number, source in enumerate(network.sources, 1):
        title = " · ".join(
            part for part in (source.get("title", ""), source.get("licence", "")) if part
        )
        url = source.get("url", "")
        rows.append((number, title or "unknown", 1, url if url.startswith("http") else ""))
    return ("attribution_id", "organization_name", "is_producer", "attribution_url"), rows


def _feed_info(network: Network, services: Sequence[Service]) -> Table:
    header = (
        "feed_publisher_name",
        "feed_publisher_url",
        "feed_lang",
        "feed_start_date",
        "feed_end_date",
        "feed_version",
    )
    first, last = _span(services) or (network.date, network.date)
    lang = "zh" if any(_CJK.search(s.name) for s in network.stations) else "mul"
    return header, [(RAILSHED, _NO_URL, lang, _day(first), _day(last), network.date.isoformat())]


def _day(date: dt.date) -> str:
    return f"{date:%Y%m%d}".rjust(8, "0")


def _span(services: Sequence[Service]) -> tuple[dt.date, dt.date] | None:
    """Return the first and last day of the services other than those of headway lines; None without
    any.
    """
    own = [s for s in services if not s.service_id.startswith(_LINES_PREFIX)]
    days = [day for s in own for day in (s.start_date, s.end_date)]
    days += [dt.date.fromordinal(day) for day in span_of(s.added for s in own) or ()]
    return (min(days), max(days)) if days else None


def _services(network: Network, notes: list[str]) -> tuple[list[Service], list[str], Ints64]:
    """Return the services to write, the service id of each trip and int64 (n_trips,) seconds added
    to its times.
    """
    calls = network.stop_times
    first = np.zeros(network.n_trips, np.int64)
    np.minimum.at(first, calls.trip_idx, np.minimum(calls.arrival_s, calls.departure_s))
    days_back = -(first // DAY)
    span = _span(network.services)
    # those of headway lines within the days of the feed, so that only these decide its default day
    services = [
        replace(s, start_date=max(s.start_date, span[0]), end_date=min(s.end_date, span[1]))
        if span and s.service_id.startswith(_LINES_PREFIX)
        else s
        for s in network.services
    ]
    if tuple(services) != network.services and span:
        notes.append(
            "calendar.txt: services of headway lines are cut to the other services' days, "
            f"{span[0]} to {span[1]}"
        )
    ids = [s.service_id for s in services]
    used_ids = {s.service_id for s in services}
    moved: dict[tuple[int, int], str] = {}
    trip_service = [ids[idx] for idx in network.trips.service_idx.tolist()]
    for trip in np.flatnonzero(days_back).tolist():
        key = (int(network.trips.service_idx[trip]), int(days_back[trip]))
        if key not in moved:
            name = f"{ids[key[0]]}-{key[1]}d"
            while name in used_ids:
                name += "_"
            used_ids.add(name)
            moved[key] = name
            services.append(_earlier(network.services[key[0]], key[1], name))
        trip_service[trip] = moved[key]
    if moved:
        n_moved = int((days_back > 0).sum())
        notes.append(
            f"trips.txt: {n_moved} trips that begin before 00:00 are written as trips of a day "
            "before"
        )
    return services, trip_service, days_back * DAY


def _earlier(service: Service, n_days: int, service_id: str) -> Service:
    """Return the service moved `n_days` back."""
    back = dt.timedelta(days=n_days)
    turn = n_days % 7
    return Service(
        service_id,
        service.start_date - back,
        service.end_date - back,
        service.weekdays[turn:] + service.weekdays[:turn],  # type: ignore[arg-type]
        service.added.moved(-n_days),
        service.removed.moved(-n_days),
    )


def _calendar_dates(services: Sequence[Service]) -> Table:
    """Return the table of exceptions; a day both added and removed runs, as in
    `Service.runs_on`.
    """
    rows = [
        (s.service_id, _day(date), kind)
        for s in services
        for kind, dates in ((1, s.added), (2, s.removed - s.added))
        for date in sorted(dates)
    ]
    return ("service_id", "date", "exception_type"), rows


def _routes_and_trips(
    network: Network, service_ids: Sequence[str], notes: list[str]
) -> dict[str, Table]:
    """Return routes.txt and trips.txt; a name shared by all trips of a route is the route's."""
    trips = network.trips
    names: dict[str, set[str]] = {}
    types: dict[str, set[int]] = {}
    for route, name, kind in zip(
        trips.route_ids, trips.names, trips.route_types.tolist(), strict=True
    ):
        names.setdefault(route, set()).add(name)
        types.setdefault(route, set()).add(kind)
    mixed = [
        f"{route} ({', '.join(map(str, sorted(kinds)))})"
        for route, kinds in types.items()
        if len(kinds) > 1
    ]
    if mixed:
        raise InputError(
            f"network {network.network_id}: trips of one route have several route types: "
            f"{', '.join(sorted(mixed))}; "
            "GTFS knows one a route, so give the trips of each type a route of their own"
        )
    shared = {route: next(iter(own)) if len(own) == 1 else "" for route, own in names.items()}
    routes = [
        (route, _AGENCY, shared[route], "" if shared[route] else route, min(types[route]))
        for route in sorted(shared)
    ]
    n_nameless = sum(not name for name in trips.names)
    if n_nameless:
        notes.append(f"trips.txt: {n_nameless} trips without a name take the id of their route")
    rows = zip(
        trips.route_ids,
        service_ids,
        trips.trip_ids,
        (
            "" if shared[route] else name
            for route, name in zip(trips.route_ids, trips.names, strict=True)
        ),
        strict=True,
    )
    return {
        "routes.txt": (
            ("route_id", "agency_id", "route_short_name", "route_long_name", "route_type"),
            routes,
        ),
        "trips.txt": (("route_id", "service_id", "trip_id", "trip_short_name"), rows),
    }


def _stop_times(network: Network, shifts: Ints64) -> Table:
    calls = network.stop_times
    stop_ids = [s.station_id for s in network.stations]
    shift = shifts[calls.trip_idx]
    arrival = calls.arrival_s + shift
    departure = calls.departure_s + shift
    clock = {
        second: _clock(second)
        for second in np.unique(np.concatenate([arrival, departure])).tolist()
    }
    first = np.flatnonzero(np.r_[True, calls.trip_idx[1:] != calls.trip_idx[:-1]])
    sequence = (
        np.arange(len(calls.trip_idx))
        - np.repeat(first, np.diff(np.r_[first, len(calls.trip_idx)]))
        + 1
    )
    rows = zip(
        (network.trips.trip_ids[k] for k in calls.trip_idx.tolist()),
        (clock[s] for s in arrival.tolist()),
        (clock[s] for s in departure.tolist()),
        (stop_ids[k] for k in calls.station_idx.tolist()),
        sequence.tolist(),
        *((1 - allowed.astype(np.int8)).tolist() for allowed in (calls.pickup, calls.drop_off)),
        strict=True,
    )
    header = (
        "trip_id",
        "arrival_time",
        "departure_time",
        "stop_id",
        "stop_sequence",
        "pickup_type",
        "drop_off_type",
    )
    return header, rows


def _clock(seconds: int) -> str:
    return f"{seconds // HOUR:02d}:{seconds % HOUR // MINUTE:02d}:{seconds % MINUTE:02d}"


def _degrees(value: float) -> str:
    """Return the shortest decimal text of a number, without an exponent."""
    return np.format_float_positional(value, trim="0")


def _stops(network: Network, notes: list[str]) -> Table:
    n_own = sum(s.entry_s is not None or s.exit_s is not None for s in network.stations)
    if n_own:
        notes.append(
            f"stops.txt: entry and exit minutes of their own at {n_own} stations are not written, "
            "GTFS has none: read "
            "back they have those of their class, until adjust-station-time sets them again"
        )
    rows = [
        (
            s.station_id,
            s.name or s.station_id,
            _degrees(s.lat),
            _degrees(s.lon),
            0,
            s.name_en,
            s.station_class,
            s.feeder,
            s.county_code,
            s.coord_confidence,
        )
        for s in network.stations
    ]
    return _STOP_COLUMNS, rows


def _transfers(network: Network) -> Table:
    """Return the table of change times (from a station to itself) and walks; UNREACHED is type 3,
    not possible.
    """
    ids = [s.station_id for s in network.stations]
    rows = [
        _transfer(s.station_id, s.station_id, s.change_s)
        for s in network.stations
        if s.change_s is not None
    ]
    listed = network.transfers
    least: dict[tuple[int, int], int] = {}  # the shortest of several, as in `list_transfers`
    for i, j, seconds in zip(
        listed.from_idx.tolist(), listed.to_idx.tolist(), listed.seconds.tolist(), strict=True
    ):
        least[i, j] = min(least.get((i, j), seconds), seconds)
    rows += [
        _transfer(ids[i], ids[j], seconds) for (i, j), seconds in sorted(least.items()) if i != j
    ]
    return ("from_stop_id", "to_stop_id", "transfer_type", "min_transfer_time"), rows


def _transfer(start: str, end: str, seconds: int) -> tuple[str, str, int, int | str]:
    return (start, end, 3, "") if seconds == UNREACHED else (start, end, 2, seconds)
