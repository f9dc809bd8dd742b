"""The modification ``adjust-frequency``: evenly spaced trips in place of those of a line.

R5 asks for a trip to be like, one a stop pattern. Here ``source_trip`` is that; without it stop patterns stay, in the
shares that they had.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from railshed.network.lines import Period, compact_clock, draw_phase
from railshed.network.model import Network
from railshed.scenario.modifications.edits import Calls, NewTrip, calls_of, with_trips
from railshed.scenario.modifications.headways import read_periods
from railshed.scenario.modifications.selection import choose
from railshed.scenario.modifications.table import Modification
from railshed.scenario.modifications.through_running import median_trip

#: first and last station, and on a loop, whose ends are one, which way round: 0 or 1
_Ends = tuple[int, int, int]
#: the trips of each stop pattern of one direction by the trip that new ones are like
_Patterns = dict[int, list[int]]


def adjust_frequency(m: Modification) -> Network | None:
    """Return the network whose selected line runs at these headways."""
    periods, source = read_periods(m.table), m.table.text("source_trip")
    chosen = choose(m, m.table, required=True, on_day=True)
    if chosen is None or m.failed:
        return None
    calls = calls_of(m.network, chosen.trips)
    groups: dict[_Ends, list[int]] = {}
    ends_of = _ends_of(m, calls)
    for trip in sorted(calls, key=lambda t: (calls[t].departure_s[0], t)):
        groups.setdefault(ends_of[trip], []).append(trip)
    if not _one_line(m, groups):
        return None
    patterns = {ends: _patterns(calls, trips) for ends, trips in groups.items()}
    if source and not _named_model(m, source, ends_of, calls, patterns):
        return None
    starts = {t: one.departure_s[0] for t, one in calls.items()}
    gone = [t for t, leaves in starts.items() if any(p.start_s <= leaves < p.end_s for p in periods)]
    taken = set(m.network.trips.trip_ids) - {m.network.trips.trip_ids[t] for t in gone}
    added = []
    for ends, kinds in sorted(patterns.items()):
        new = [trip for p in periods for trip in _spaced(m, kinds, calls, p, taken)]
        added += new
        _say(m, ends, kinds, new, len(set(gone) & set(groups[ends])))
    return with_trips(m.network, {}, removed=gone, added=added)


def _ends_of(m: Modification, calls: Mapping[int, Calls]) -> dict[int, _Ends]:
    """Return the ends of each trip; the way round a loop is that of its id, else of the order of its stations.

    That order is held against the loop of most stations among them: a trip that passes stations of it goes the same
    way. A trip that reads alike both ways counts as one of that loop's way.
    """
    loops: dict[int, list[list[int]]] = {}
    for one in calls.values():
        if one.station_idx[0] == one.station_idx[-1]:
            loops.setdefault(one.station_idx[0], []).append(one.station_idx)
    whole = {end: min(orders, key=lambda order: (-len(order), order)) for end, orders in loops.items()}
    found = {}
    for trip, one in calls.items():
        order, (_, way) = one.station_idx, _line(m, trip)
        if order[0] != order[-1]:
            way = 0
        elif way is None:
            way = int(not _is_part(order, whole[order[0]]) and _is_part(order[::-1], whole[order[0]]))
        found[trip] = order[0], order[-1], way
    return found


def _is_part(order: Sequence[int], whole: Sequence[int]) -> bool:
    """Return whether stations come in this order among others."""
    left = iter(whole)
    return all(station in left for station in order)


def _patterns(calls: Mapping[int, Calls], trips: Sequence[int]) -> _Patterns:
    """Return the trips of each stop pattern, the largest pattern first, by the one that stands for them: the median."""
    found: dict[tuple[int, ...], list[int]] = {}
    for trip in trips:
        found.setdefault(tuple(calls[trip].station_idx), []).append(trip)
    ranked = sorted(found.values(), key=lambda like: -len(like))
    return {
        median_trip({t: calls[t] for t in like}, {t: (0, len(calls[t]) - 1) for t in like}): like for like in ranked
    }


def _say(m: Modification, ends: _Ends, kinds: _Patterns, new: Sequence[NewTrip], n_gone: int) -> None:
    """Keep what one direction comes to."""
    a, b = (m.network.stations[idx].name for idx in ends[:2])
    made = {trip.like: len(trip.calls) for trip in new} or {next(iter(kinds)): 0}
    n_like = Counter(trip.like for trip in new)
    like = [
        f"{n_like[model]}{' trips' * (k == 0)} like {_name(m, model)}{f' ({made[model]} stops)' * (len(kinds) > 1)}"
        for k, model in enumerate(model for model in kinds if model in made)
    ]
    without = f"; {len(kinds) - len(like)} stop patterns with too small a share" if len(like) < len(kinds) else ""
    way = ", the other way round" * ends[2]
    m.effects.append(f"{a} - {b}{way}: {', '.join(like)} in place of {n_gone}{without}")


def _name(m: Modification, trip: int) -> str:
    return m.network.trips.names[trip] or m.network.trips.trip_ids[trip]


def _one_line(m: Modification, groups: Mapping[_Ends, Sequence[int]]) -> bool:
    """Report trips between several pairs of ends, for each would get the headway."""
    pairs = sorted({tuple(sorted(ends[:2])) for ends in groups})
    if len(pairs) == 1:
        return True
    ranked = sorted(groups, key=lambda ends: (-len(groups[ends]), ends))
    names = [
        f"{m.network.stations[ends[0]].name} - {m.network.stations[ends[1]].name} ({len(groups[ends])})"
        for ends in ranked[:5]
    ]
    more = " ..." if len(ranked) > 5 else ""
    message = f"the selected trips run between {len(pairs)} pairs of ends: {', '.join(names)}{more}"
    remedy = "select those of one line: by routes or trips, or from, to and whole_run = true"
    key = next((key for key in ("routes", "trips", "from", "to", "calls_at", "modes") if m.table.has(key)), "type")
    m.table.error(key, "several-lines", message, remedy=remedy)
    return False


def _named_model(
    m: Modification, source: str, ends_of: Mapping[int, _Ends], calls: Mapping[int, Calls],
    patterns: dict[_Ends, _Patterns],
) -> bool:  # fmt: skip
    """Let the named trip stand for all of its direction."""
    trips = m.network.trips
    found = [t for t in calls if source in (trips.trip_ids[t], trips.names[t])]
    if not found:
        remedy = f"among them: {', '.join(_name(m, t) for t in sorted(calls)[:5])}"
        m.table.error("source_trip", "unknown-reference", "is none of the selected trips", source, remedy)
    if len({(ends_of[t], *calls[t].station_idx) for t in found}) > len({ends_of[t] for t in found}):
        message, remedy = "names trips of several stop patterns", "give the id of one trip"
        m.table.error("source_trip", "unknown-reference", message, source, remedy)
        return False
    for trip in found:
        ends = ends_of[trip]
        if len(patterns[ends]) > 1:
            a, b = (m.network.stations[idx].name for idx in ends[:2])
            m.note(f"{a} - {b}: all trips are like {source}, where there were {len(patterns[ends])} stop patterns")
        patterns[ends] = {trip: [t for like in patterns[ends].values() for t in like]}
    return bool(found)


def _spaced(
    m: Modification, kinds: _Patterns, calls: Mapping[int, Calls], period: Period, taken: set[str]
) -> list[NewTrip]:  # fmt: skip
    """Return evenly spaced trips of a period, with the phase of a line known by headway; ids join those taken.

    Each stop pattern has the share that it had among the trips of the period, of the whole day where there were none.
    """
    here = {
        model: sum(period.start_s <= calls[t].departure_s[0] < period.end_s for t in like)
        for model, like in kinds.items()
    }
    shares = here if any(here.values()) else {model: len(like) for model, like in kinds.items()}
    line_id, direction = _line(m, next(iter(kinds)))
    start = period.start_s + draw_phase(m.seed, line_id, direction or 0, period.start_s, period.headway_s)
    leaving = range(start, period.end_s, period.headway_s)
    found = []
    for leaves, model in zip(leaving, mixed(shares, len(leaving)), strict=True):
        line_id, direction = _line(m, model)
        name = f"{line_id}:{direction or 0}:{compact_clock(leaves)}"
        while name in taken:
            name += "'"
        taken.add(name)
        one = calls[model].part(0, len(calls[model]))
        one.moved(0, leaves - one.departure_s[0])
        found.append(NewTrip(name, model, one))
    return found


def _line(m: Modification, trip: int) -> tuple[str, int | None]:
    """Return the line and direction that the id of a trip by headway names; of another one the id itself, None."""
    trip_id = m.network.trips.trip_ids[trip]
    parts = trip_id.rsplit(":", 2)
    return (parts[0], int(parts[1])) if len(parts) == 3 and parts[1] in ("0", "1") else (trip_id, None)


def mixed(shares: Mapping[int, int], n: int) -> list[int]:
    """Return n keys in turn, each time the one furthest behind its share; of equals the larger, then the first."""
    total, given = sum(shares.values()), dict.fromkeys(shares, 0)
    found = []
    for k in range(1, n + 1):
        due = max(shares, key=lambda key: (shares[key] * k - given[key] * total, shares[key]))
        given[due] += 1
        found.append(due)
    return found
