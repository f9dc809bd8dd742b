"""The modifications ``adjust-speed`` and ``adjust-dwell-time``."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from railshed.network.model import Network
from railshed.scenario.modifications.edits import Calls, calls_of, with_trips
from railshed.scenario.modifications.selection import choose
from railshed.scenario.modifications.stations import find_station, named_stations
from railshed.scenario.modifications.table import Modification
from railshed.scenario.run_times.kinematics import FASTEST_KMH
from railshed.util.geodesy import great_circle_m
from railshed.util.units import MINUTE


def adjust_speed(m: Modification) -> Network | None:
    """Return the network whose selected trips run faster or slower."""
    scale, pairs = m.table.number_of("scale"), _pairs(m)
    chosen = choose(m, m.table, required=True)
    if chosen is None or scale is None or m.failed:
        return None
    calls = calls_of(m.network, chosen.trips)
    changed, n_hops = {}, 0
    for trip, one in calls.items():
        hops = range(len(one) - 1) if pairs is None else sorted({k for a, b in pairs for k in _within(one, a, b)})
        runs = [one.run_s(k) for k in range(len(one) - 1)]
        # halves up; a run that took time goes on taking a second
        runs = [max(int(s / scale + 0.5), min(s, 1)) if k in hops else s for k, s in enumerate(runs)]
        if len(hops):
            changed[trip] = retimed(one, runs, _dwells(one))
            n_hops += len(hops)
    if not changed:
        m.table.error("hops", "selects-nothing", "none of the selected trips runs between two of these stations")
        return None
    if not _possible(m, calls, changed, scale):
        return None
    saved = sum(calls[t].arrival_s[-1] - one.arrival_s[-1] for t, one in changed.items()) / len(changed) / MINUTE
    what = f"{abs(saved):.1f} min {'less' if saved >= 0 else 'more'}"
    m.effects.append(
        f"{len(changed)} of {len(chosen.trips)} trips, {n_hops} runs: speed x {scale:g}, on average {what}"
    )
    return with_trips(m.network, changed)


def _possible(m: Modification, calls: dict[int, Calls], changed: dict[int, Calls], scale: float) -> bool:
    """Report the fastest run that the change makes impossible, and return whether there is none."""
    lon, lat = (np.array([getattr(s, key) for s in m.network.stations]) for key in ("lon", "lat"))
    worst = (FASTEST_KMH, "")
    for trip, one in changed.items():
        old = calls[trip]
        at = np.array(one.station_idx)
        metres = great_circle_m(lon[at[:-1]], lat[at[:-1]], lon[at[1:]], lat[at[1:]])
        for k, length in enumerate(metres.tolist()):
            kmh = length / max(one.run_s(k), 1) * 3.6
            if kmh > worst[0] and one.run_s(k) < old.run_s(k):
                ends = (m.network.stations[one.station_idx[i]].name for i in (k, k + 1))
                worst = kmh, f"{' to '.join(ends)} would run at {kmh:,.0f} km/h, above {FASTEST_KMH:g}"
    if worst[1]:
        m.table.error("scale", "impossible-speed", worst[1], f"{scale:g}", "take a smaller scale, or name hops")
    return not worst[1]


def _pairs(m: Modification) -> list[tuple[int, int]] | None:
    """Return the pairs of stations that ``hops`` names, None where it is not given."""
    table = m.table
    given = table.values.get("hops")
    if given is None:
        return None
    if not isinstance(given, list) or not given:
        table.error("hops", "bad-value", 'is not a list of pairs ["from", "to"]', given)
        return []
    index, found = m.network.station_index(), []
    for i, pair in enumerate(given, start=1):
        if not isinstance(pair, list) or len(pair) != 2 or not all(isinstance(v, str) for v in pair):
            table.error("hops", "bad-value", 'is not a pair ["from", "to"]', pair, item=f"[{i}]")
            continue
        ends = [find_station(m, table, "hops", text, item=f"[{i}]") for text in pair]
        if all(ends):
            a, b = (index[s.station_id] for s in ends if s is not None)
            found.append((a, b))
    return found


def _within(calls: Calls, a: int, b: int) -> range:
    """Return the runs from the call at one station to the next call at another, none where there is no such pair."""
    at = calls.find(a, b)
    return range(0) if at is None else range(*at)


def _dwells(calls: Calls) -> list[int]:
    return [d - a for a, d in zip(calls.arrival_s, calls.departure_s, strict=True)]


def retimed(calls: Calls, runs: Sequence[int], dwells: Sequence[int]) -> Calls:
    """Return the calls with these runs and dwells; the first departure stays, ends keep what they stand."""
    new = calls.part(0, len(calls))
    for k, run in enumerate(runs, start=1):
        new.arrival_s[k] = new.departure_s[k - 1] + run
        new.departure_s[k] = new.arrival_s[k] + dwells[k]
    return new


def adjust_dwell_time(m: Modification) -> Network | None:
    """Return the network whose selected trips stand longer or shorter on the way."""
    table = m.table
    dwell, scale = table.seconds("dwell_minutes"), table.number_of("scale")
    if table.has("dwell_minutes") == table.has("scale"):
        table.error("dwell_minutes", "missing-key", "needs either dwell_minutes or scale", remedy="give one of them")
    stations = named_stations(m, table, "stops")
    chosen = choose(m, table, required=True)
    if chosen is None or m.failed:
        return None
    index = m.network.station_index()
    at = {index[s.station_id] for s in stations}

    def new_dwell(seconds: int) -> int:
        return dwell if dwell is not None else int(seconds * (scale or 0) + 0.5)

    return _with_dwells(m, calls_of(m.network, chosen.trips), at, new_dwell)


def _with_dwells(
    m: Modification, calls: dict[int, Calls], at: set[int], new_dwell: Callable[[int], int]
) -> Network | None:  # fmt: skip
    changed, n_calls = {}, 0
    for trip, one in calls.items():
        on_way = [k for k in range(1, len(one) - 1) if not at or one.station_idx[k] in at]
        dwells = [new_dwell(s) if k in on_way else s for k, s in enumerate(_dwells(one))]
        if on_way:
            changed[trip] = retimed(one, [one.run_s(k) for k in range(len(one) - 1)], dwells)
            n_calls += len(on_way)
    if not changed:
        key = "stops" if m.table.has("stops") else "type"
        message = "none of the selected trips calls there on its way (ends have no dwell)"
        m.table.error(key, "selects-nothing", message)
        return None
    m.effects.append(f"{len(changed)} of {len(calls)} trips: dwell changed at {n_calls} calls")
    return with_trips(m.network, changed)
