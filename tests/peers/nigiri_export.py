"""A compiled network written out so that nigiri can follow every rule of it: changes, walks and
seconds.

nigiri knows one change time a stop, lengthens walks to it and counts in minutes. So each station is
two stops, *in* to get off and *out* to get on, every train calls at both, and the change time is a
walk from *in* to *out*; a walk to another station leads from its *in* to the other's *out*.
nigiri's own change times are 0 and never apply. The clock counts from the start of a window in
units of a second or a minute, each of which is a minute to nigiri.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from railshed.io.gtfs.write import write_gtfs
from railshed.network.model import Network, Service, Transfers, Trips
from railshed.network.ordering import int32, make_calls
from railshed.routing.journeys import Compiled
from railshed.util.units import MINUTE, UNREACHED
from tests.peers.nigiri_oracle import Router, load_router
from tests.peers.nigiri_rules import joined_walks

Walks = dict[tuple[int, int], int]
#: longest walk that nigiri can hold; longer ones come back as the rest of a division by 256
MAX_UNITS = 255


def in_units(network: Network, unit_s: int) -> Network:
    """Return the network with all times cut to whole units of seconds, changes and listed walks
    rounded up to them.
    """
    calls, listed = network.stop_times, network.transfers
    whole = -(-listed.seconds.astype(np.int64) // unit_s) * unit_s
    return replace(
        network,
        stop_times=replace(
            calls,
            arrival_s=int32(calls.arrival_s // unit_s * unit_s),
            departure_s=int32(calls.departure_s // unit_s * unit_s),
        ),
        transfers=replace(
            listed, seconds=int32(np.where(listed.seconds == UNREACHED, UNREACHED, whole))
        ),
    )


def walks_of(compiled: Compiled) -> Walks:
    """Return the seconds on foot by pair of stations, as compiled."""
    timetable = compiled.to
    source = np.repeat(
        np.arange(compiled.network.n_stations), np.diff(timetable.walk_ptr.astype(np.int64))
    )
    ends = zip(source.tolist(), timetable.walk_to.tolist(), strict=True)
    return dict(zip(ends, timetable.walk_s.tolist(), strict=True))


def split_network(compiled: Compiled, window: tuple[int, int], unit_s: int) -> Network:
    """Return the runs within `window` (clock seconds) as a network of *in* stops (2 i) and *out*
    stops (2 i + 1).
    """
    network, calls = compiled.network, compiled.network.stop_times
    ptr = np.searchsorted(calls.trip_idx, np.arange(network.n_trips + 1))
    parts = []
    for run, (trip, shift) in enumerate(
        zip(compiled.run_trip.tolist(), compiled.run_shift.tolist(), strict=True)
    ):
        rows = np.arange(ptr[trip], ptr[trip + 1])
        arrival, departure = calls.arrival_s[rows] + shift, calls.departure_s[rows] + shift
        kept = (departure >= window[0]) & (arrival <= window[1])
        if kept.sum() < 2:
            continue
        arrival, departure = np.maximum(arrival, window[0]), np.minimum(departure, window[1])
        for is_out, times, flag in ((0, arrival, calls.drop_off), (1, departure, calls.pickup)):
            clock = (times[kept] - window[0]) // unit_s * MINUTE
            order = 2 * np.arange(kept.sum()) + is_out
            columns = [
                np.full(len(clock), run),
                order,
                2 * calls.station_idx[rows][kept] + is_out,
                clock,
            ]
            parts.append(np.column_stack([*columns, flag[rows][kept]]))
    table = np.concatenate(parts)
    table = table[np.lexsort((table[:, 1], table[:, 0]))]
    runs, trip_idx = np.unique(table[:, 0], return_inverse=True)
    out, on = table[:, 2] % 2 == 1, table[:, 4] > 0
    service = Service("day", compiled.date, compiled.date, (True,) * 7)
    names = tuple(f"{run:06d}" for run in runs.tolist())
    zeros = int32(np.zeros(len(runs)))
    stations = tuple(
        replace(s, station_id=f"{i:05d}{way}", name=f"{s.name} [{s.station_id}] {way}", change_s=0)
        for i, s in enumerate(network.stations)
        for way in ("in", "out")
    )
    return replace(
        network,
        stations=stations,
        services=(service,),
        timezone="UTC",
        trips=Trips(names, names, ("r",) * len(runs), zeros, int32(zeros + 2)),
        stop_times=make_calls(trip_idx, table[:, 2], table[:, 3], table[:, 3], out & on, ~out & on),
        transfers=Transfers(*(int32(list(c)) for c in zip(*_rows(compiled, unit_s), strict=True))),
    )


def _rows(compiled: Compiled, unit_s: int) -> list[tuple[int, int, int]]:
    changes = {(i, i): seconds for i, seconds in enumerate(compiled.to.change_s.tolist())}
    return [
        (2 * a, 2 * b + 1, s // unit_s * MINUTE)
        for (a, b), s in sorted({**changes, **walks_of(compiled)}.items())
    ]


def walks_as_joined(compiled: Compiled, unit_s: int) -> tuple[dict[int, int], Walks, Walks]:
    """Return what nigiri makes of the *in* and *out* stops, seconds: changes and walks between
    stations, all walks.
    """
    edges = {(a, b): s // MINUTE for a, b, s in _rows(compiled, unit_s)}
    longest = max(edges.values())
    if longest > MAX_UNITS:
        raise ValueError(f"nigiri holds no walk of {longest} units")
    joined = joined_walks(edges, [0] * 2 * compiled.network.n_stations, longest + 1)
    legs = {
        (a // 2, b // 2): m * unit_s for (a, b), m in joined.items() if a % 2 == 0 and b % 2 == 1
    }
    changes = {a: s for (a, b), s in legs.items() if a == b}
    between = {pair: s for pair, s in legs.items() if pair[0] != pair[1]}
    return changes, between, {pair: m * unit_s for pair, m in joined.items()}


def load_split(compiled: Compiled, folder: Path, window: tuple[int, int], unit_s: int) -> Router:
    """Return nigiri with the network written by railshed's own export."""
    path = folder / "split.zip"
    write_gtfs(split_network(compiled, window, unit_s), path)
    longest = max(s // MINUTE for _, _, s in _rows(compiled, unit_s))
    days = (window[1] - window[0]) // unit_s // 1440 + 7
    return load_router(
        [path],
        compiled.date,
        "UTC",
        days_after=days,
        max_walk_min=longest + 1,
        start_s=window[0],
        unit_s=unit_s,
    )
