"""The modification ``add-trips``: a planned line, held against a network."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from railshed.network.lines import Line, LineStop, Period, add_lines, expand
from railshed.network.model import Network, Station
from railshed.network.route_types import DEFAULT_ROUTE_TYPE, ROUTE_TYPES
from railshed.scenario.modifications.edits import calls_of, with_trips
from railshed.scenario.modifications.fields import PATTERN, SELECTION, THROUGH
from railshed.scenario.modifications.headways import read_service
from railshed.scenario.modifications.run_times import Running, Times
from railshed.scenario.modifications.selection import Chosen, choose
from railshed.scenario.modifications.stations import PlannedStops, Stop
from railshed.scenario.modifications.table import Modification, Table
from railshed.scenario.modifications.through_running import Continuation, read_through
from railshed.util.geodesy import great_circle_m
from railshed.util.sums import plain_sum
from railshed.util.units import MINUTE, decimal


@dataclass(frozen=True, slots=True)
class _Pattern:
    """A stop pattern: its name ("" for trains that stop everywhere), which stations it calls at, its service."""

    name: str
    calls: tuple[int, ...] | None
    periods: tuple[Period, ...]


def add_trips(m: Modification) -> Network | None:
    """Return the network with the line, None where anything about it is wrong."""
    table = m.table
    name = _line_name(m)
    bidirectional, mode = table.flag("bidirectional"), table.choice("mode")
    stops = PlannedStops(m).read()
    running = Running(m, [stop.station if stop is not None else None for stop in stops], name)
    running.read()
    patterns = _patterns(table, stops)
    through = table.sub("through", THROUGH)
    ends = (stops[0], stops[-1]) if len(stops) > 1 else (None, None)
    beyond = None if through is None else read_through(m, through, ends)
    diverted = table.sub("diverted_from", SELECTION)
    taken = None if diverted is None else choose(m, diverted, required=True, on_day=True)
    if m.failed:
        return None
    sound = [stop for stop in stops if stop is not None]
    route_type = ROUTE_TYPES[mode] if mode else DEFAULT_ROUTE_TYPE
    times = [running.times(pattern.calls) for pattern in patterns]
    ways = [_beyond(m, name, beyond, each) for each in times]
    lines = [
        _line(name, pattern, sound, each, way, bidirectional=bidirectional, kind=route_type)
        for pattern, each, way in zip(patterns, times, ways, strict=True)
    ]
    if len(lines) > 1 or patterns[0].name:
        lines = [replace(line, route_id=name) for line in lines]
    network = m.network
    m.only_adds = taken is None
    m.lines += lines
    _say(m, lines, times)
    if taken is not None:
        network = divert(m, name, lines, taken)
    return add_lines(network, lines, seed=m.seed)


def _line_name(m: Modification) -> str:
    table = m.table
    name = table.values.get("name")
    if not isinstance(name, str) or not name.strip():
        table.error("name", "missing-key", "must be the line's name", name or "")
        return f"line {table.number}"
    name = name.strip()
    running = set(m.network.trips.route_ids)
    taken = running | {line.line_id for line in m.lines if (line.route_id or line.line_id) in running}
    if name in taken:
        table.error("name", "duplicate-key", "is the name of another line or route", name, "give it another name")
    return name


def _patterns(table: Table, stops: Sequence[Stop | None]) -> list[_Pattern]:
    """Return the stop patterns; a line without any is one that stops everywhere."""
    everywhere = read_service(table, required=not table.has("stop_patterns"))
    found = [_Pattern("", None, everywhere)] if everywhere or not table.has("stop_patterns") else []
    names: set[str] = set()
    for part in table.tables("stop_patterns", PATTERN):
        name = part.text("name")
        if name in names:
            part.error("name", "duplicate-key", "is the name of another pattern", name, "give it another name")
        names.add(name)
        found.append(_Pattern(name, _calls(part, stops), read_service(part)))
    return found


def _calls(part: Table, stops: Sequence[Stop | None]) -> tuple[int, ...]:
    """Return the indices of the stations where a pattern calls."""
    if part.has("stops") == part.has("skips"):
        part.error(
            "stops", "missing-key", "needs either stops or skips", remedy="name where it calls, or what it passes"
        )
        return ()
    key = "stops" if part.has("stops") else "skips"
    named = set()
    for i, text in enumerate(part.texts(key), start=1):
        at = [k for k, stop in enumerate(stops) if stop is not None and _is(stop.station, text)]
        if not at and None not in stops:
            known = ", ".join(stop.station.name for stop in stops if stop is not None)
            message = "is no station of the line"
            part.error(key, "unknown-station", message, text, f"known: {known}", item=f"[{i}]", text=text)
        named.update(at)
    last = len(stops) - 1
    if key == "skips" and named & {0, last}:
        part.error("skips", "bad-value", "an end of the line cannot be passed")
    if key == "skips":
        named = set(range(len(stops))) - named
    return tuple(sorted({0, last, *named}))


def _is(station: Station, text: str) -> bool:
    return text in (station.station_id, station.name) or text.lower() == station.name_en.lower() != ""


def _beyond(m: Modification, name: str, found: Continuation | None, times: Times) -> Continuation | None:
    """Return how a stop pattern goes on over existing tracks, and note what that rests on."""
    if found is None:
        return None
    way, slowed = (found, "") if times.run is None else found.at_own_speed(times.run)
    unchecked = "capacity" if times.run is not None else "capacity and top speed"
    for text in (f"{found.told}; {unchecked} not checked", slowed):
        if text and (note := f"{name}: {text}") not in m.table.problems.found.notes:
            m.note(note)
    return way


def _line(
    name: str, pattern: _Pattern, stops: Sequence[Stop], times: Times, beyond: Continuation | None, *,
    bidirectional: bool, kind: int,
) -> Line:  # fmt: skip
    line_stops = [
        LineStop(stops[k].station, run, dwell, stops[k].core_city)
        for k, run, dwell in zip(times.calls, (0, *times.run_s), times.dwell_s, strict=True)
    ]
    passed = [LineStop(stop.station, 0) for stop in stops]
    if beyond is not None:
        line_stops, passed = beyond.joined(line_stops), beyond.joined(passed)
    way = tuple(stop.station for stop in passed) if len(passed) > len(line_stops) else ()
    line_id = f"{name}/{pattern.name}" if pattern.name else name
    return Line(line_id, name, tuple(line_stops), pattern.periods, bidirectional, kind, way=way, profile=times.profile)


def _say(m: Modification, lines: Sequence[Line], times: Sequence[Times]) -> None:
    """Keep what the line is."""
    for line, each in zip(lines, times, strict=True):
        minutes = (sum(s.run_s for s in line.stops) + sum(s.dwell_s for s in line.stops[1:-1])) / MINUTE
        metres = plain_sum(
            float(great_circle_m(a.station.lon, a.station.lat, b.station.lon, b.station.lat))
            for a, b in pairwise(line.stops)
        )
        n_trips = sum(len(run.trip_ids) for run in expand(line, m.seed))
        way = f"{line.stops[0].station.name} - {line.stops[-1].station.name}"
        track = "" if each.run is None else f" ({each.run.length_m / 1000:.1f} km of new track)"
        m.effects.append(
            f"adds {line.line_id}: {way}, {len(line.stops)} stations, "
            f"{metres / 1000:.1f} km straight{track}, {decimal(minutes)} min, {n_trips} trips a day"
        )


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
