"""What scenarios come to, as printed and as plain values: lines, effects, assumptions; shipped and mapped ones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from railshed.network.lines import Line
    from railshed.network.model import Network
    from railshed.scenario.files import Scenario
    from railshed.scenario.plan import Plan


def plain_scenario(found: Plan, network: Network, whole: Scenario) -> dict[str, Any]:
    """Return what a scenario comes to as plain values."""
    known = {s.station_id for s in network.stations}
    return {
        "title": whole.title,
        "network": network.network_id,
        "files": [part.file for part in whole.parts if part.file],
        "modifications": [
            {"file": e.file, "number": e.number, "type": e.kind, "name": e.name, "effect": e.en}
            for e in found.effects
        ],
        "lines": [_plain_line(line, seed, known) for line, seed in zip(found.lines, found.seeds, strict=True)],
        "n_trips": {"before": network.n_trips, "after": found.network.n_trips},
        "n_stations": {"before": network.n_stations, "after": found.network.n_stations},
        "only_adds": found.only_adds,
        "notes": list(found.notes),
    }  # fmt: skip


def _plain_line(line: Line, seed: int, known: set[str]) -> dict[str, Any]:
    from railshed.network.lines import expand
    from railshed.util.units import format_clock

    stops = [
        {
            "station_id": s.station.station_id, "name": s.station.name, "lon": s.station.lon, "lat": s.station.lat,
            "new": s.station.station_id not in known, "run_minutes": s.run_s / 60, "dwell_minutes": s.dwell_s / 60,
            "run_back_minutes": (s.run_s if s.run_back_s is None else s.run_back_s) / 60, "core_city": s.core_city,
        }
        for s in line.stops
    ]  # fmt: skip
    periods = [
        {"start_time": format_clock(p.start_s), "end_time": format_clock(p.end_s), "headway_minutes": p.headway_s / 60}
        for p in line.periods
    ]
    return {
        "line_id": line.line_id, "name": line.name, "seed": seed, "bidirectional": line.bidirectional,
        "trips": [len(run.trip_ids) for run in expand(line, seed)], "stops": stops, "frequencies": periods,
    }  # fmt: skip
