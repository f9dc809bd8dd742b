"""Reader of transfers.txt: walks between stations, change times at one station, forbidden
transfers.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from railshed.assumptions.assumptions import default_assumptions
from railshed.io.csv.table import FeedTable
from railshed.io.gtfs.files import FeedFiles
from railshed.io.gtfs.stops import NOT_A_STOP, Stops, one_of
from railshed.io.gtfs.trips import whole
from railshed.network.model import Transfers
from railshed.network.ordering import make_transfers, no_transfers
from railshed.util.units import UNREACHED

_NARROWING = ("from_route_id", "to_route_id", "from_trip_id", "to_trip_id")
RECOMMENDED, TIMED, MINIMUM, FORBIDDEN, IN_SEAT, NOT_IN_SEAT = range(6)
_KINDS = {str(i): i for i in range(6)}


class _Row(NamedTuple):
    """One row between stops of one or two stations."""

    kind: int
    from_stop: str
    to_stop: str
    #: min_transfer_time; None if blank
    seconds: int | None


def read_transfers(
    files: FeedFiles, stops: Stops, notes: list[str]
) -> tuple[Transfers, dict[int, int]]:
    """Return the transfers between different stations, and the change seconds by station index.

    Rows count for whole stations; of several times between the platforms of two stations the
    longest is used. By ``transfer_type``:

    - 0 (recommended) and 1 (timed): ``min_transfer_time`` if present, else the straight distance at
      the default
      walking assumption. At one station, type 0 without a time has no effect, and type 1 means a
      change in 0 s: the departing vehicle waits.
    - 2: ``min_transfer_time``.
    - 3: not possible.
    - 4, 5 (in-seat) are not used, nor are rows for single routes or trips.

    Type 3, and type 1 at one station, are used only if they cover all pairs of platforms and no
    time is listed for any. Rows that are not used are counted in `notes`.
    """
    columns = ["from_stop_id", "to_stop_id"], ["transfer_type", "min_transfer_time", *_NARROWING]
    table = files.table("transfers.txt", *columns) if "transfers.txt" in files else None
    if table is None:
        return no_transfers(), {}
    by_pair = _rows_by_pair(table.distinct("from_stop_id", *_NARROWING, "to_stop_id"), stops, notes)
    platforms = platforms_of(stops)
    counts: Counter[str] = Counter()
    seconds = {
        pair: _seconds(pair, rows, platforms, stops, counts) for pair, rows in by_pair.items()
    }
    notes += [f"transfers.txt: {n:,} rows {words}" for words, n in sorted(counts.items())]
    changes = {i: s for (i, j), s in seconds.items() if i == j and s is not None}
    walks = sorted((i, j, s) for (i, j), s in seconds.items() if i != j and s is not None)
    return make_transfers(walks), changes


def _rows_by_pair(
    table: FeedTable, stops: Stops, notes: list[str]
) -> dict[tuple[int, int], list[_Row]]:
    """Return the usable rows by from and to station index."""
    kinds, kind_ok = table.parse("transfer_type", one_of(_KINDS), default=RECOMMENDED)
    seconds, seconds_ok = table.parse("min_transfer_time", whole, default=np.nan)
    narrowed = np.zeros(table.n_rows, dtype=bool)
    for column in _NARROWING:
        narrowed |= table.where(column, bool)
    used = kind_ok & seconds_ok & ~narrowed & (kinds <= FORBIDDEN)
    for unused, words in (
        (~narrowed & (kinds > FORBIDDEN), "(in-seat)"),
        (narrowed, "for single routes or trips"),
    ):
        for kind, n in sorted(Counter(kinds[unused].astype(int).tolist()).items()):
            notes.append(f"transfers.txt: {n:,} rows of type {kind} {words} not used")
    blank = used & (kinds == MINIMUM) & np.isnan(seconds)
    table.warn(
        blank,
        "blank-time",
        "is blank in a transfer of type 2; the row is not used",
        "min_transfer_time",
    )
    for column in ("from_stop_id", "to_stop_id"):
        unknown = used & table.where(column, lambda text: text not in stops.station_of)
        table.report(unknown, "unknown-reference", "is not in stops.txt", column)
        no_stop = used & table.where(column, lambda text: stops.station_of.get(text) == -1)
        table.report(no_stop, "not-a-stop", NOT_A_STOP, column)
    by_pair: dict[tuple[int, int], list[_Row]] = defaultdict(list)
    ends = (table.text("from_stop_id"), table.text("to_stop_id"))
    for row in np.flatnonzero(used & ~blank).tolist():
        a, b = (column[row] for column in ends)
        time = None if np.isnan(seconds[row]) else int(seconds[row])
        by_pair[stops.station_of.get(a, -1), stops.station_of.get(b, -1)].append(
            _Row(int(kinds[row]), a, b, time)
        )
    return {pair: rows for pair, rows in by_pair.items() if min(pair) >= 0}


def platforms_of(stops: Stops) -> dict[int, set[str]]:
    """Return the platform ids by station index, of stations that have any."""
    platforms: dict[int, set[str]] = defaultdict(set)
    for stop_id, idx in stops.station_of.items():
        if idx >= 0 and stop_id != stops.ids[idx]:
            platforms[idx].add(stop_id)
    return dict(platforms)


def _seconds(
    pair: tuple[int, int],
    rows: list[_Row],
    platforms: Mapping[int, set[str]],
    stops: Stops,
    counts: Counter[str],
) -> int | None:
    """Return seconds of a transfer or change from all rows of a pair, None without; `counts` counts
    rows by effect.
    """
    here = pair[0] == pair[1]
    forbidden = [row for row in rows if row.kind == FORBIDDEN]
    timed = [row for row in rows if row.kind == TIMED and row.seconds is None]
    listed = [row.seconds for row in rows if row.kind != FORBIDDEN and row.seconds is not None]
    n_open = len(rows) - len(forbidden) - len(listed)
    if n_open and not here:
        counts[
            "of type 0 or 1 without min_transfer_time taken as walks of the straight distance"
        ] += n_open
        listed.append(_walk_s(stops, *pair))
    seconds = None
    if listed:
        seconds = max(listed)
    elif _cover(forbidden, pair, platforms, stops):
        seconds = UNREACHED
    elif here and _cover(timed, pair, platforms, stops):
        seconds = 0
    if seconds != UNREACHED and forbidden:
        counts["of type 3 for single platforms not used"] += len(forbidden)
    if here and seconds != 0 and timed:
        counts["of type 1 for single platforms not used"] += len(timed)
    if here and n_open > len(timed):
        counts["of type 0 at one station without min_transfer_time say nothing"] += n_open - len(
            timed
        )
    return seconds


def _cover(
    rows: list[_Row], pair: tuple[int, int], platforms: Mapping[int, set[str]], stops: Stops
) -> bool:
    """Return whether the rows cover every pair of platforms of the two stations."""
    here, there = (stops.ids[idx] for idx in pair)
    if any((row.from_stop, row.to_stop) == (here, there) for row in rows):
        return True
    # a row from a platform to a whole station covers all pairs of that platform
    starts = platforms.get(pair[0], {here}) - {
        row.from_stop for row in rows if row.to_stop == there
    }
    ends = platforms.get(pair[1], {there}) - {row.to_stop for row in rows if row.from_stop == here}
    single = {
        (row.from_stop, row.to_stop)
        for row in rows
        if row.from_stop in starts and row.to_stop in ends
    }
    return bool(rows) and len(single) == len(starts) * len(ends)


def _walk_s(stops: Stops, from_idx: int, to_idx: int) -> int:
    """Return seconds of the walk as in `walks_between`, without its cap."""
    from pyproj import Geod

    (lon_a, lat_a), (lon_b, lat_b) = (
        (float(stops.lon[idx]), float(stops.lat[idx])) for idx in (from_idx, to_idx)
    )
    metres = Geod(ellps="WGS84").inv(lon_a, lat_a, lon_b, lat_b)[2]
    return int(default_assumptions().modes["walk"].straight_s(metres))


def note_merged(stops: Stops, changes: Mapping[int, int], notes: list[str]) -> None:
    """Add a note on the change times of stations with several platforms."""
    merged = [idx for idx, platforms in platforms_of(stops).items() if len(platforms) > 1]
    if not merged:
        return
    listed = [changes[idx] for idx in merged if changes.get(idx, UNREACHED) != UNREACHED]
    n_none = sum(changes.get(idx) == UNREACHED for idx in merged)
    words = {
        f"the slowest listed at {len(listed):,} ({min(listed, default=0)} to "
        f"{max(listed, default=0)} s)": len(listed),
        f"by station class at {len(merged) - len(listed) - n_none:,}": len(merged)
        - len(listed)
        - n_none,
        f"no change possible at {n_none:,}": n_none,
    }
    parts = ", ".join(text for text, n in words.items() if n)
    notes.append(f"change time of {len(merged):,} stations with merged platforms: {parts}")
