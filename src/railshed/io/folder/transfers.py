"""Reader of transfers.csv: minutes on foot between stations of a network folder."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path

from railshed.io.csv.rows import read_rows
from railshed.network.model import Transfers
from railshed.network.ordering import make_transfers
from railshed.util.errors import Issue, raise_errors
from railshed.util.units import HOUR, MINUTE

_MAX_MINUTES = 2 * HOUR // MINUTE
#: seconds by (from, to) station id
Walks = dict[tuple[str, str], int]


def read_transfers(path: Path, station_ids: Collection[str]) -> Walks:
    """Return the seconds of each transfer of transfers.csv by (from, to) station id; a row is one direction.

    `minutes` are from platform to platform, exit, walk and entry included.

    Raises
    ------
    InputError
        With every problem of the file; an id that is not among `station_ids` is one.
    """
    issues: list[Issue] = []
    walks: Walks = {}
    for row in read_rows(path, ["from", "to", "minutes"], issues):
        pair = row.need("from"), row.need("to")
        for field, station_id in zip(("from", "to"), pair, strict=True):
            if station_id and station_id not in station_ids:
                row.error(field, "unknown-reference", "is no station of the network")
        if pair[0] == pair[1]:
            row.error("to", "same-station", "is the station of `from`", "change times belong to the timetable")
        if pair in walks:
            row.error("to", "duplicate-key", "is listed before from the same station")
        walks[pair] = round(row.number_in("minutes", 0, _MAX_MINUTES) * MINUTE)
    raise_errors(f"transfers {path}", issues)
    return walks


def with_walks(listed: Transfers, walks: Walks, index: Mapping[str, int]) -> Transfers:
    """Return the transfers with those of `walks`, which replace the listed ones of the same pair.

    `index` has the station index by id; walks from or to other stations are left out.
    """
    rows = {
        (a, b): s for a, b, s in zip(
            listed.from_idx.tolist(), listed.to_idx.tolist(), listed.seconds.tolist(), strict=True
        )
    }  # fmt: skip
    rows |= {(index[a], index[b]): s for (a, b), s in walks.items() if a in index and b in index}
    return make_transfers((a, b, s) for (a, b), s in sorted(rows.items()))
