"""Merge of several feeds into one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace
from zoneinfo import ZoneInfo

import numpy as np

from railshed.io.gtfs.read import Feed
from railshed.network.model import StopTimes, Transfers, Trips
from railshed.network.ordering import Timetable, canonical_order, int32, join_trips
from railshed.util.errors import ParameterError


def merge_feeds(feeds: Mapping[str, Feed], date: dt.date) -> Feed:
    """Return the feeds as one: ids of stations, trips, routes and services become ``<prefix>:<id>``.

    Clock times of a feed in another time zone than the first feed's are shifted by the difference at noon of `date`;
    a feed without a known zone has the first one's. Stations are not merged: walks join those nearby.

    Raises
    ------
    ParameterError
        When there is no feed, or a prefix is blank or holds a colon.
    """
    bad = [prefix for prefix in feeds if not prefix.strip() or ":" in prefix]
    if bad or not feeds:
        what = f"prefix {bad[0]!r} is blank or holds a colon" if bad else "no feed to merge"
        raise ParameterError(f"{what}; give each feed a short name, like rail and bus")
    zone = next((feed.timezone for feed in feeds.values() if feed.timezone), "")
    parts = []
    notes: list[str] = []
    for prefix, feed in feeds.items():
        shift_s = _offset_s(zone, date) - _offset_s(feed.timezone or zone, date)
        notes += [f"{prefix}: {note}" for note in feed.notes]
        if shift_s:
            notes.append(f"{prefix}: clock times moved by {shift_s / 3600:+g} h from {feed.timezone} to {zone}")
        parts.append(_renamed(feed.timetable, f"{prefix}:", shift_s))
    return Feed(
        _joined(parts),
        zone,
        tuple(notes),
        {f"{prefix}:{name}": value for prefix, feed in feeds.items() for name, value in feed.checksums.items()},
        tuple(replace(i, file=f"{prefix}:{i.file}") for prefix, feed in feeds.items() for i in feed.issues),
    )


def _offset_s(zone: str, date: dt.date) -> int:
    """Return seconds ahead of UTC at noon; 0 without a zone."""
    if not zone:
        return 0
    offset = dt.datetime.combine(date, dt.time(12), ZoneInfo(zone)).utcoffset()
    return 0 if offset is None else round(offset.total_seconds())


def _renamed(table: Timetable, prefix: str, shift_s: int) -> Timetable:
    trips, calls = table.trips, table.stop_times
    return Timetable(
        tuple(replace(s, station_id=prefix + s.station_id) for s in table.stations),
        tuple(replace(s, service_id=prefix + s.service_id) for s in table.services),
        replace(
            trips,
            trip_ids=tuple(prefix + trip_id for trip_id in trips.trip_ids),
            route_ids=tuple(prefix + route_id for route_id in trips.route_ids),
        ),
        replace(calls, arrival_s=int32(calls.arrival_s + shift_s), departure_s=int32(calls.departure_s + shift_s)),
        table.transfers,
    )


def _joined(parts: list[Timetable]) -> Timetable:
    trips: list[tuple[Trips, StopTimes]] = []
    walks: list[Transfers] = []
    n_stations = n_services = 0
    for part in parts:
        calls, listed = part.stop_times, part.transfers
        trips.append((
            replace(part.trips, service_idx=int32(part.trips.service_idx + n_services)),
            replace(calls, station_idx=int32(calls.station_idx + n_stations)),
        ))  # fmt: skip
        walks.append(replace(listed, from_idx=listed.from_idx + n_stations, to_idx=listed.to_idx + n_stations))
        n_stations, n_services = n_stations + len(part.stations), n_services + len(part.services)
    columns = ([getattr(w, name) for w in walks] for name in Transfers.__slots__)
    transfers = Transfers(*(int32(np.concatenate(column)) for column in columns))
    return canonical_order(
        [s for part in parts for s in part.stations],
        [s for part in parts for s in part.services],
        *join_trips(trips),
        transfers,
    )
