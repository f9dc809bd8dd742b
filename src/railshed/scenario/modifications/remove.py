"""The modifications ``remove-trips`` and ``remove-stops``."""

from __future__ import annotations

from collections.abc import Collection

from railshed.network.model import Network
from railshed.scenario.modifications.edits import Calls, calls_of, with_trips
from railshed.scenario.modifications.selection import choose
from railshed.scenario.modifications.stations import named_stations
from railshed.scenario.modifications.table import Modification


def remove_trips(m: Modification) -> Network | None:
    """Return the network without the selected trips."""
    chosen = choose(m, m.table, required=True)
    if chosen is None or m.failed:
        return None
    m.effects.append(f"takes {len(chosen.trips)} trips away")
    return with_trips(m.network, {}, removed=chosen.trips)


def remove_stops(m: Modification) -> Network | None:
    """Return the network whose selected trips pass the stations."""
    stations = named_stations(m, m.table, "stops")
    saved_s = m.table.seconds("minutes_saved_per_stop") or 0
    chosen = choose(m, m.table)
    if chosen is None or m.failed:
        return None
    index = m.network.station_index()
    gone = {index[station.station_id] for station in stations}
    calls = calls_of(m.network, chosen.trips)
    calling = {trip: one for trip, one in calls.items() if gone & set(one.station_idx)}
    if not calling:
        message = "none of the selected trips calls at any of these stations"
        m.table.error("stops", "selects-nothing", message, ", ".join(s.name for s in stations))
        return None
    changed, removed, too_much = {}, [], 0
    for trip, one in calling.items():
        left = passing(one, gone, saved_s)
        if len(left) < 2:
            removed.append(trip)
        elif _saves_too_much(one, left):
            too_much += 1
        changed[trip] = left
    if too_much:
        message = f"{too_much} trips would take no time for a run"
        m.table.error("minutes_saved_per_stop", "out-of-range", message, m.table.values["minutes_saved_per_stop"])
        return None
    cut = f"; {len(removed)} of them have one call left and are taken away" if removed else ""
    m.effects.append(f"{len(calling)} trips pass {', '.join(s.name for s in stations)}{cut}")
    return with_trips(m.network, {t: one for t, one in changed.items() if t not in removed}, removed=removed)


def _saves_too_much(before: Calls, after: Calls) -> bool:
    """Return whether a run takes less than no time, or none where every run took some."""
    least = min(after.run_s(k) for k in range(len(after) - 1))
    return least < 0 or least == 0 < min(before.run_s(k) for k in range(len(before) - 1))


def passing(calls: Calls, gone: Collection[int], saved_s: int) -> Calls:
    """Return the calls without those at some stations, later times earlier by the dwells and by what is saved."""
    first = next((k for k, s in enumerate(calls.station_idx) if s not in gone), len(calls))
    last = next((k for k in reversed(range(len(calls))) if calls.station_idx[k] not in gone), -1)
    left = Calls([], [], [], [], [])
    earlier = 0
    for k in range(first, last + 1):
        if calls.station_idx[k] in gone:
            earlier += calls.departure_s[k] - calls.arrival_s[k] + saved_s
        else:
            one = calls.part(k, k + 1)
            one.moved(0, -earlier)
            left = left.followed_by(one)
    return left
