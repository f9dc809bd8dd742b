"""The modification ``adjust-frequency``: evenly spaced trips in place of those of a line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from railshed.lines import Period, compact_clock, draw_phase
from railshed.model import Network
from railshed.modifications.edits import Calls, NewTrip, calls_of, with_trips
from railshed.modifications.selection import choose
from railshed.modifications.service import read_periods
from railshed.modifications.table import Modification
from railshed.modifications.through import median_trip

_Ends = tuple[int, int]


def adjust_frequency(m: Modification) -> Network | None:
    """Return the network whose selected line runs at these headways."""
    periods, source = read_periods(m.table), m.table.text("source_trip")
    chosen = choose(m, m.table, required=True, on_day=True)
    if chosen is None or m.failed:
        return None
    calls = calls_of(m.network, chosen.trips)
    groups: dict[_Ends, list[int]] = {}
    for trip in sorted(calls, key=lambda t: (calls[t].departure_s[0], t)):
        groups.setdefault((calls[trip].station_idx[0], calls[trip].station_idx[-1]), []).append(trip)
    if not _one_line(m, groups):
        return None
    models = {
        ends: median_trip({t: calls[t] for t in trips}, {t: (0, len(calls[t]) - 1) for t in trips})
        for ends, trips in groups.items()
    }
    if source and not _named_model(m, source, calls, models):
        return None
    replaced = {
        ends: [t for t in trips if any(p.start_s <= calls[t].departure_s[0] < p.end_s for p in periods)]
        for ends, trips in sorted(groups.items())
    }
    gone = [t for trips in replaced.values() for t in trips]
    taken = set(m.network.trips.trip_ids) - {m.network.trips.trip_ids[t] for t in gone}
    added = []
    for ends, trips in replaced.items():
        model = models[ends]
        new = _spaced(m, model, calls[model], periods, taken)
        added += new
        a, b = (m.network.stations[idx].name for idx in ends)
        name = m.network.trips.names[model] or m.network.trips.trip_ids[model]
        m.effects.append(f"{a} - {b}: {len(new)} trips like {name} in place of {len(trips)}")
    return with_trips(m.network, {}, removed=gone, added=added)


def _one_line(m: Modification, groups: Mapping[_Ends, Sequence[int]]) -> bool:
    """Report trips between several pairs of ends, for each would get the headway."""
    pairs = sorted({tuple(sorted(ends)) for ends in groups})
    if len(pairs) == 1:
        return True
    ranked = sorted(groups, key=lambda ends: (-len(groups[ends]), ends))
    names = [
        f"{m.network.stations[a].name} - {m.network.stations[b].name} ({len(groups[a, b])})" for a, b in ranked[:5]
    ]
    more = " ..." if len(ranked) > 5 else ""
    message = f"the selected trips run between {len(pairs)} pairs of ends: {', '.join(names)}{more}"
    remedy = "select those of one line: by routes or trips, or from, to and whole_run = true"
    key = next((key for key in ("routes", "trips", "from", "to", "calls_at", "modes") if m.table.has(key)), "type")
    m.table.error(key, "several-lines", message, remedy=remedy)
    return False


def _named_model(m: Modification, source: str, calls: Mapping[int, Calls], models: dict[_Ends, int]) -> bool:
    """Put the named trip in place of the median one of its direction."""
    trips = m.network.trips
    found = [t for t in calls if source in (trips.trip_ids[t], trips.names[t])]
    if not found:
        remedy = f"among them: {', '.join(trips.names[t] or trips.trip_ids[t] for t in sorted(calls)[:5])}"
        m.table.error("source_trip", "unknown-reference", "is none of the selected trips", source, remedy)
    for trip in found:
        models[calls[trip].station_idx[0], calls[trip].station_idx[-1]] = trip
    return bool(found)


def _spaced(m: Modification, model: int, calls: Calls, periods: Sequence[Period], taken: set[str]) -> list[NewTrip]:
    """Return evenly spaced trips like the model, with the phases of a line known by headway; ids join those taken."""
    trips = m.network.trips
    parts = trips.trip_ids[model].rsplit(":", 2)
    by_headway = len(parts) == 3 and parts[1] in ("0", "1")
    line_id, direction = (parts[0], int(parts[1])) if by_headway else (trips.trip_ids[model], 0)
    found = []
    for period in periods:
        start = period.start_s + draw_phase(m.seed, line_id, direction, period)
        for leaves in range(start, period.end_s, period.headway_s):
            name = f"{line_id}:{direction}:{compact_clock(leaves)}"
            while name in taken:
                name += "'"
            taken.add(name)
            one = calls.part(0, len(calls))
            one.moved(0, leaves - calls.departure_s[0])
            found.append(NewTrip(name, model, one))
    return found
