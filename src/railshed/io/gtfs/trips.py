"""Readers of routes.txt and trips.txt.

Of trips with defects a few are left out with a warning, many are an error.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from railshed.io.csv.parser import Tables
from railshed.io.csv.table import FeedTable, Report, Rows, row_numbers
from railshed.io.gtfs.files import FeedFiles
from railshed.network.model import StopTimes, Trips
from railshed.network.ordering import int32, make_calls, take_trips
from railshed.network.route_types import DEFAULT_ROUTE_TYPE, OTHER, find_mode
from railshed.util.array_types import Bools, Ints64
from railshed.util.errors import InputError, Issue

#: share of trips that may be left out, per cent; with more, the feed is refused
MAX_PERCENT_LEFT_OUT = 5


@dataclass(slots=True)
class TripDefects:
    """The trips of trips.txt with defects, and their issues."""

    out: Bools  # bool (n_trips,)
    issues: list[Issue] = field(default_factory=list)
    #: trip ids of other files that are not in trips.txt
    strangers: set[str] = field(default_factory=set)
    #: file and code of the first issue by trip; by n_trips that of strangers
    reasons: dict[int, tuple[str, str]] = field(default_factory=dict)
    #: station, below 0 if unknown, and trip of every call; strangers have numbers from n_trips on
    calls: tuple[Any, Any] | None = None
    #: by trip; "" if it is not known
    services: Sequence[str] = ()

    def reporter(self, table: FeedTable, trip_idx: Ints64) -> Report:
        """Return a `Report` that leaves out the trips of the rows; `trip_idx` is (n_rows,), -1 for
        none.
        """

        def report(rows: Rows, *problem: Any, **more: Any) -> None:
            rows = row_numbers(rows)
            hit = np.unique(trip_idx[rows])
            self.out[hit[hit >= 0]] = True
            for trip in hit.tolist():
                self.reasons.setdefault(trip % (len(self.out) + 1), (table.name, str(problem[0])))
            self.issues += table.describe(rows, *problem, **more)

        return report

    def find_trips(self, table: FeedTable, trip_ids: tuple[str, ...]) -> Ints64:
        """Return int64 (n_rows,) trip index of every row; -1, and a defect, if trips.txt
        lacks it.
        """
        report = self.reporter(table, np.broadcast_to(np.int64(-1), table.n_rows))
        trip_idx = table.refer("trip_id", trip_ids, "trips.txt", report)
        codes, texts = table.encoded("trip_id")
        self.strangers.update(texts[code] for code in np.unique(codes[trip_idx < 0]).tolist())
        return trip_idx

    def at_stations(self, ids: Sequence[str]) -> tuple[dict[str, Any], ...]:
        """Return `Network.left_out` by stations' `ids`; the reason is the commonest first issue of
        the trips.
        """
        if self.calls is None or not (self.out.any() or self.strangers):
            return ()
        rows = []
        n = len(self.out)
        station, trip = np.unique(np.column_stack(self.calls), axis=0).T
        out = np.append(self.out, True)[np.minimum(trip, n)] & (station >= 0)
        for k in sorted(np.unique(station[out]).tolist(), key=ids.__getitem__):
            mine = Counter(self.reasons[min(i, n)] for i in trip[out & (station == k)].tolist())
            (file, code), _ = min(mine.items(), key=lambda kind: (-kind[1], kind[0]))
            trips, lost = (
                Counter("" if i >= n else self.services[i] for i in trip[rows_of].tolist())
                for rows_of in (station == k, out & (station == k))
            )
            by_service = {service: (lost[service], trips[service]) for service in sorted(trips)}
            of = {"trips_left_out": lost.total(), "trips": trips.total(), "by_service": by_service}
            rows.append({"station_id": ids[k], **of, "reason": code, "file": file})
        return tuple(rows)

    def settle(
        self, files: Tables, notes: list[str], file: str = "trips.txt", what: str = "trip"
    ) -> None:
        """Add the issues to `files`: as warnings with a note if few trips are left out, else as
        errors.
        """
        n_out = int(self.out.sum()) + len(self.strangers)
        n_trips = len(self.out) + len(self.strangers)
        if n_out * 100 > n_trips * MAX_PERCENT_LEFT_OUT:
            files.issues += self.issues
            message = (
                f"{n_out:,} of {n_trips:,} {what}s have defects; at most "
                f"{MAX_PERCENT_LEFT_OUT} % are left out"
            )
            files.error(file, "too-many-defects", message, remedy="mend the rows named here")
        elif n_out:
            issues = [
                replace(i, severity="warning", message=f"{i.message}; {what} left out")
                for i in self.issues
            ]
            files.issues += issues
            notes.append(
                f"{file}: {n_out:,} of {n_trips:,} {what}s left out for defects (see the warnings)"
            )


_CONTINUOUS = ("continuous_pickup", "continuous_drop_off")


def whole(text: str) -> int:
    """Return a whole number of at least 0."""
    if not text.isascii() or not text.isdigit() or len(text) > 9:
        raise ValueError("is not a whole number of at least 0")
    return int(text)


def read_trips(
    files: FeedFiles, service_ids: Sequence[str], notes: list[str]
) -> tuple[Trips, TripDefects] | None:
    """Return the trips of trips.txt and their defects; None if a file is missing."""
    optional = ["route_short_name", "route_long_name", *_CONTINUOUS]
    routes = files.table("routes.txt", ["route_id", "route_type"], optional)
    table = files.table(
        "trips.txt", ["route_id", "service_id", "trip_id"], ["trip_short_name", "block_id"]
    )
    if table is None or routes is None:
        return None
    routes = routes.distinct("route_id")
    table = table.distinct("trip_id")
    note_continuous(routes, notes)
    defects = TripDefects(np.zeros(table.n_rows, dtype=bool))
    report = defects.reporter(table, np.arange(table.n_rows))
    trip_ids = table.text("trip_id")
    table.need("trip_id")
    service_idx = np.zeros(table.n_rows, dtype=np.int64)
    if service_ids:  # else the calendar itself is reported
        service_idx = table.refer(
            "service_id", service_ids, "calendar.txt or calendar_dates.txt", report
        )
        defects.services = [service_ids[i] if i >= 0 else "" for i in service_idx.tolist()]
    route_idx = table.refer("route_id", routes.text("route_id"), "routes.txt", report)
    labels = [
        a or b
        for a, b in zip(
            routes.text("route_short_name"), routes.text("route_long_name"), strict=True
        )
    ]
    types = np.append(routes.parse("route_type", whole)[0].astype(np.int64), DEFAULT_ROUTE_TYPE)
    unknown = [
        row for row, route_type in enumerate(types.tolist()) if find_mode(route_type) is None
    ]
    message = f"is no route type of GTFS or its extended list; taken as mode {OTHER}"
    routes.warn(unknown, "unknown-route-type", message, "route_type")
    labels.append("")
    names = [
        name or labels[i]
        for name, i in zip(table.text("trip_short_name"), route_idx.tolist(), strict=True)
    ]
    _note_blocks(table, notes)
    trips = Trips(
        tuple(trip_ids),
        tuple(names),
        tuple(table.text("route_id")),
        int32(service_idx),
        int32(types[route_idx]),
    )
    return trips, defects


def note_continuous(table: FeedTable, notes: list[str]) -> None:
    """Add a note on rows that let passengers board or alight anywhere along the road."""
    used = np.zeros(table.n_rows, dtype=bool)
    for column in _CONTINUOUS:
        used |= table.where(column, lambda text: text not in ("", "1"))
    if used.any():
        notes.append(
            f"{table.name}: {used.sum():,} rows with continuous pickup or drop-off: calls at stops "
            "only"
        )


def _note_blocks(table: FeedTable, notes: list[str]) -> None:
    codes, texts = table.encoded("block_id")
    sizes = np.bincount(codes, minlength=len(texts))
    shared = [int(n) for n, text in zip(sizes, texts, strict=True) if text and n > 1]
    if shared:
        notes.append(
            f"trips.txt: {sum(shared):,} trips in {len(shared):,} blocks (block_id): passengers "
            "who stay seated count as changing"
        )


def keep_trips(trips: Trips, calls: StopTimes, selected: Bools) -> tuple[Trips, StopTimes]:
    """Return the trips where `selected` (n_trips,) is True, with their calls."""
    if selected.all():
        return trips, calls
    pick = np.flatnonzero(selected)
    rank = np.cumsum(selected) - 1
    rows = selected[calls.trip_idx]
    columns = (getattr(calls, name)[rows] for name in StopTimes.__slots__[1:])
    return take_trips(trips, pick), make_calls(rank[calls.trip_idx[rows]], *columns)


def served_trips(trips: Trips, calls: StopTimes, sound: Bools, notes: list[str]) -> Bools:
    """Return bool (n_trips,) which trips have calls; `sound` trips without are counted in
    a note.
    """
    served: Bools = np.bincount(calls.trip_idx, minlength=len(trips.trip_ids)) > 0
    n_empty = int((sound & ~served).sum())
    if n_empty:
        notes.append(f"trips.txt: {n_empty:,} trips without stop times dropped")
    return served


def of_modes(
    trips: Trips, sound: Bools, modes: Sequence[str], what: str, notes: list[str]
) -> Bools:
    """Return bool (n_trips,) which trips are of one of the modes; other `sound` trips are counted
    in a note.

    Raises InputError when no sound trip is of one; the message lists the modes of the feed.
    """
    types, inverse = np.unique(trips.route_types, return_inverse=True)
    mode_of = np.array(
        [find_mode(route_type) or OTHER for route_type in types.tolist()], dtype=object
    )[inverse]
    counts = Counter(mode_of[sound].tolist())
    n_others = sum(n for mode, n in counts.items() if mode not in modes)
    if n_others == sum(counts.values()):
        there = ", ".join(f"{mode} ({n:,} trips)" for mode, n in counts.most_common())
        raise InputError(
            f"{what}: no trip of mode {', '.join(modes)}; it has {there or 'no trips'}"
        )
    if n_others:
        notes.append(
            f"routes.txt: {n_others:,} trips of other modes than {', '.join(modes)} dropped"
        )
    return np.isin(mode_of.astype(str), modes)
