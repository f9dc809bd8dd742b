"""Trains that an added line takes away from another one."""

from __future__ import annotations

from collections.abc import Sequence

from railshed.lines import Line, expand
from railshed.model import Network
from railshed.modifications.edits import calls_of, with_trips
from railshed.modifications.selection import Chosen
from railshed.modifications.table import Modification


def divert(m: Modification, name: str, lines: Sequence[Line], taken: Chosen) -> Network:
    """Return the network without as many of the trips as the lines have, evenly by order of departure."""
    runs = [expand(line, m.seed) for line in lines]
    n_out, n_back = (sum(len(run[way].trip_ids) for run in runs if way < len(run)) for way in (0, 1))
    gone = evenly(m.network, taken.along, n_out if taken.back else n_out + n_back)
    gone += evenly(m.network, taken.back, n_back)
    ids = ", ".join(m.network.trips.names[t] or m.network.trips.trip_ids[t] for t in gone[:12])
    more = f" and {len(gone) - 12} more" if len(gone) > 12 else ""
    m.effects.append(f"takes {len(gone)} of {len(taken.trips)} trips away for {name}: {ids}{more}")
    if len(gone) < n_out + n_back:
        m.note(f"{name}: {n_out + n_back} trips are added, {len(gone)} could be diverted")
    return with_trips(m.network, {}, removed=gone)


def evenly(network: Network, trips: Sequence[int], n: int) -> list[int]:
    """Return `n` of the trips (all where there are fewer), evenly spaced by rank of first departure."""
    calls = calls_of(network, trips)
    ranked = sorted(trips, key=lambda t: (calls[t].departure_s[0], t))
    n, total = min(n, len(ranked)), len(ranked)
    return [ranked[(2 * k + 1) * total // (2 * n)] for k in range(n)]
