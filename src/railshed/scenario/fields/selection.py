"""Which trips of a network a modification means."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from railshed.network.model import Network, running
from railshed.network.route_types import find_mode
from railshed.scenario.edits import Calls, calls_of
from railshed.scenario.fields.kinds import SELECTION
from railshed.scenario.fields.stations import SWITCHED_OFF, named_stations, one_station
from railshed.scenario.fields.table import Table
from railshed.scenario.modification import Modification
from railshed.util.errors import nearest

_CHOOSING = ("routes", "trips", "from", "to", "calls_at", "modes", "start_time", "end_time")


@dataclass(frozen=True, slots=True)
class Chosen:
    """Trips by index, in the order of the network: of the direction that was named, and of the
    other one.
    """

    along: tuple[int, ...]
    back: tuple[int, ...] = ()

    @property
    def trips(self) -> tuple[int, ...]:
        """All of them."""
        return tuple(sorted({*self.along, *self.back}))


def select(m: Modification, *, required: bool = False) -> bool:
    """Read the trips that a modification's own table selects, and return whether there are any."""
    chosen = choose(m, m.table, required=required)
    m.trips = () if chosen is None else chosen.trips
    return chosen is not None


def choose(
    m: Modification, table: Table, *, required: bool = False, on_day: bool = False
) -> Chosen | None:
    """Return the trips that the table selects, all if it selects nothing; None, reported, if there
    are none.

    With `on_day` only trips of the network's service day.
    """
    n_before = len(table.problems.found.issues)
    waits = m.waits
    if required and not any(table.has(key) for key in _CHOOSING):
        table.error(
            "routes",
            "missing-key",
            "no trip is selected",
            remedy=f"give one of {', '.join(_CHOOSING)}",
        )
    for key in SELECTION:
        if SELECTION[key].schema.get("type") == "boolean":
            table.flag(key)
    mask = _by_name(m, table, "routes", m.network.trips.route_ids)
    mask &= _by_name(m, table, "trips", m.network.trips.trip_ids)
    mask &= _by_mode(m.network, table)
    idle = mask.any()
    if on_day:
        mask &= on_network_day(m.network)
    idle &= not mask.any()
    way = _way(m, table)
    if table.flag("whole_run") and not (table.has("from") and table.has("to")):
        table.error("whole_run", "missing-key", "needs from and to")
    start = table.clock("start_time")
    end = table.clock("end_time")
    if start is not None and end is not None and end <= start:
        table.error(
            "end_time",
            "ends-before-start",
            "is not after start_time",
            remedy="past midnight count on: 25:00",
        )
    if len(table.problems.found.issues) > n_before or m.waits > waits:
        return None
    some_left = bool(mask.any())
    mask &= _calling_at_all(m.network, way)
    calls = calls_of(m.network, np.flatnonzero(mask).tolist())
    between = (-(2**31) if start is None else start, 2**31 if end is None else end)
    whole = table.flag("whole_run")
    both = table.flag("both_directions")
    along = _calling(calls, way, between, whole)
    back = _calling(calls, way[::-1], between, whole) if both and way else ()
    if idle:
        key = next((key for key in _CHOOSING if table.has(key)), "type")
        message = (
            f"the selected trips do not run on {m.network.date:%Y-%m-%d, a %A}, the day of "
            "the network"
        )
        remedy = "give a day on which they run (date=... or --date)"
        table.error(key, "not-on-this-day", message, table.values.get(key, ""), remedy)
        return None
    if not along and not back:
        other = [] if both or not way else _calling(calls, way[::-1], between, whole)
        _report_none(m, table, way, len(other), some_left)
        return None
    return Chosen(along, back)


def on_network_day(network: Network) -> NDArray[np.bool_]:
    """Return which trips run on the network's service day."""
    return np.asarray(running(network.services, [network.date])[network.trips.service_idx, 0])


def _places(values: Sequence[str], texts: Collection[str]) -> dict[str, list[int]]:
    """Return where each of the texts stands among the values, by text; one that is none of them is
    left out.
    """
    found: dict[str, list[int]] = {}
    for k in [k for k, value in enumerate(values) if value in texts] if texts else ():
        found.setdefault(values[k], []).append(k)
    return found


def _by_name(m: Modification, table: Table, key: str, ids: Sequence[str]) -> NDArray[np.bool_]:
    """Return which trips bear one of the ids, else printed names, that the field lists."""
    n_trips = len(ids)
    names = m.network.trips.names
    mask = np.zeros(n_trips, dtype=bool)
    texts = table.texts(key)
    by_id = _places(ids, set(texts))
    by_name = _places(names, set(texts) - by_id.keys())
    for i, text in enumerate(texts, start=1):
        found = by_id.get(text) or by_name.get(text, [])
        if not found and not m.unsure(text):
            remedy = nearest(text, sorted({*ids, *names}), 3) or _some(ids)
            if text in table.problems.found.off:
                remedy = SWITCHED_OFF
            what = f"is no {key.removesuffix('s')} of the network"
            table.error(key, "unknown-reference", what, text, remedy, item=f"[{i}]", text=text)
        mask[found] = True
    return mask if texts else np.ones(n_trips, dtype=bool)


def _some(ids: Sequence[str]) -> str:
    known = sorted(set(ids))
    if not known:
        return "the network has no trips"
    return f"known: {', '.join(known[:8])}{' ...' if len(known) > 8 else ''}"


def _by_mode(network: Network, table: Table) -> NDArray[np.bool_]:
    modes = table.texts("modes")
    if not modes:
        return np.ones(network.n_trips, dtype=bool)
    allowed = SELECTION["modes"].schema["items"]["enum"]
    for i, mode in enumerate(modes, start=1):
        if mode not in allowed:
            remedy = f"allowed: {', '.join(allowed)}"
            table.error(
                "modes", "bad-value", "is not allowed", mode, remedy, item=f"[{i}]", text=mode
            )
    return np.array(
        [find_mode(kind) in modes for kind in network.trips.route_types.tolist()], dtype=bool
    )


def _way(m: Modification, table: Table) -> tuple[int, ...]:
    """Return the stations that trips must call at, in order."""
    index = m.network.station_index()
    if table.has("calls_at") and (table.has("from") or table.has("to")):
        table.error(
            "calls_at",
            "two-selections",
            "is given together with from or to",
            remedy="put them into calls_at",
        )
    ends = [s for key in ("from", "to") if (s := one_station(m, table, key)) is not None]
    return tuple(index[s.station_id] for s in [*ends, *named_stations(m, table, "calls_at")])


def _calling_at_all(network: Network, way: Sequence[int]) -> NDArray[np.bool_]:
    """Return which trips call at all of the stations, in any order."""
    found = np.ones(network.n_trips, dtype=bool)
    calls = network.stop_times
    for station in way:
        here = np.zeros(network.n_trips, dtype=bool)
        here[calls.trip_idx[calls.station_idx == station]] = True
        found &= here
    return found


def _calling(
    calls: Mapping[int, Calls], way: Sequence[int], between: tuple[int, int], whole: bool
) -> tuple[int, ...]:
    """Return the trips that call at the stations in order and leave the first of them between two
    clock times.
    """
    found = []
    for trip, one in calls.items():
        at = one.find(way)
        if at is None or not between[0] <= one.departure_s[at[0] if at else 0] < between[1]:
            continue
        if not whole or (at[0] == 0 and one.station_idx[-1] == way[-1]):
            found.append(trip)
    return tuple(found)


def _report_none(
    m: Modification, table: Table, way: Sequence[int], n_other: int, some_left: bool
) -> None:
    names = [m.network.stations[idx].name for idx in way]
    key = next((key for key in ("from", "to", "calls_at", *_CHOOSING) if table.has(key)), "routes")
    if not some_left or not way:
        message = "no trip fits all of the selection"
        remedy = "leave out one of its fields to see which one is too narrow"
    else:
        message = f"no trip calls at {' and later at '.join(names)}"
        remedy = "see `railshed reach` for what runs there"
        if table.has("start_time") or table.has("end_time") or table.flag("whole_run"):
            message += " in these hours" if not table.flag("whole_run") else " from end to end"
    if n_other:
        remedy = (
            f"{n_other} trips run the other way: exchange the stations, or give "
            "both_directions = true"
        )
    table.error(key, "selects-nothing", message, table.values.get(key, ""), remedy)
