"""Tables and plain values of scenarios and runs: lines, effects, assumptions, hops."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from railshed.questions.labels import station_name
from railshed.show.blocks import Block, Items, Paragraph, Table
from railshed.util.bilingual import Words, joined
from railshed.util.geodesy import great_circle_m
from railshed.util.phrases import heads, phrase
from railshed.util.units import DAY, MINUTE, decimal, format_clock

if TYPE_CHECKING:
    from railshed.network.lines import Line, Period
    from railshed.network.model import Network
    from railshed.scenario.files import Scenario
    from railshed.scenario.plan import Plan
    from railshed.scenario.run_times.run_times import RunTimes


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
        "lines": [
            _plain_line(line, seed, known)
            for line, seed in zip(found.lines, found.seeds, strict=True)
        ],
        "n_trips": {"before": network.n_trips, "after": found.network.n_trips},
        "n_stations": {"before": network.n_stations, "after": found.network.n_stations},
        "only_adds": found.only_adds,
        "notes": list(found.notes),
    }


def _plain_line(line: Line, seed: int, known: set[str]) -> dict[str, Any]:
    from railshed.network.lines import expand

    stops = [
        {
            "station_id": s.station.station_id,
            "name": s.station.name,
            "lon": s.station.lon,
            "lat": s.station.lat,
            "new": s.station.station_id not in known,
            "run_minutes": s.run_s / 60,
            "dwell_minutes": s.dwell_s / 60,
            "run_back_minutes": (s.run_s if s.run_back_s is None else s.run_back_s) / 60,
            "core_city": s.core_city,
        }
        for s in line.stops
    ]
    periods = [
        {
            "start_time": format_clock(p.start_s),
            "end_time": format_clock(p.end_s),
            "headway_minutes": p.headway_s / 60,
        }
        for p in line.periods
    ]
    return {
        "line_id": line.line_id,
        "name": line.name,
        "seed": seed,
        "bidirectional": line.bidirectional,
        "trips": [len(run.trip_ids) for run in expand(line, seed)],
        "stops": stops,
        "frequencies": periods,
    }


def shipped_scenarios(rows: Sequence[dict[str, str]]) -> Table:
    """Return the shipped scenarios."""
    names = tuple((row["name"], Words(row["title_zh"], row["title_en"])) for row in rows)
    return Table(phrase("shipped_scenarios"), heads("name", "title"), names, right=2)


def scenario_blocks(found: Plan, network: Network, whole: Scenario) -> Iterator[Block]:
    """Yield a table of each line, what each modification did, and what was assumed."""
    known = {s.station_id for s in network.stations}
    for line, seed in zip(found.lines, found.seeds, strict=True):
        yield _line_table(line, seed, known)
    if found.lines != found.as_added:
        yield Paragraph(phrase("lines_as_left"))
    after = found.network
    yield Paragraph(
        phrase(
            "scenario_counts",
            title=Words(*whole.titles),
            trips=f"{after.n_trips:,}",
            before=f"{network.n_trips:,}",
            stations=f"{after.n_stations:,}",
        )
    )
    several = len(whole.parts) > 2
    yield Items(
        tuple(
            phrase(
                "effect",
                file=f"{effect.file} " if several else "",
                number=effect.number,
                kind=effect.kind,
                text=effect,
            )
            for effect in found.effects
        )
    )
    if found.notes:
        yield Paragraph(phrase("assumed"))
    yield Items(tuple(found.assumed))


def _line_table(line: Line, seed: int, known: set[str]) -> Table:
    from railshed.network.lines import expand

    runs = expand(line, seed)
    ways = [
        int(run.arrival_s[0, -1] - run.departure_s[0, 0]) / MINUTE
        for run in runs
        if len(run.trip_ids)
    ]
    rows = []
    clock = 0
    before = None
    for k, stop in enumerate(line.stops):
        s = stop.station
        km = ""
        kmh = ""
        name = station_name(s.name, s.name_en)
        clock += stop.run_s
        if before is not None:
            metres = float(great_circle_m(before.lon, before.lat, s.lon, s.lat))
            km = f"{metres / 1000:.1f}"
            kmh = f"{metres / stop.run_s * 3.6:.0f}"
        dwell = stop.dwell_s if 0 < k < len(line.stops) - 1 else 0
        rows.append(
            (
                name if s.station_id in known else phrase("new_station", name=name),
                s.station_id,
                km,
                decimal(stop.run_s / MINUTE) if k else "",
                kmh,
                decimal(dwell / MINUTE) if dwell else "",
                decimal(clock / MINUTE),
            )
        )
        clock = clock + dwell
        before = s
    return Table(
        phrase(
            "line_title",
            line=line.line_id,
            trips=" + ".join(str(len(run.trip_ids)) for run in runs),
            periods=joined(
                [_times_of(period, line.bidirectional) for period in line.periods], "，", ", "
            ),
            back=phrase("line_back", minutes=decimal(ways[1])) if len(set(ways)) > 1 else "",
        ),
        heads("station", "id", "km_straight", "run_minutes", "kmh", "dwell_minutes", "since_start"),
        tuple(rows),
        right=2,
    )


def _times_of(period: Period, both_ways: bool) -> Words:
    """Return when trains leave: a headway, or the clock of a train alone."""
    if period.phase_s is not None and period.headway_s == DAY:
        clocks = (
            leaves
            for phase in period.phase_s[: 1 + both_ways]
            if (leaves := period.start_s + phase) < period.end_s
        )
        times = list(dict.fromkeys(map(format_clock, clocks)))
        return phrase("one_train_at", times=Words("、".join(times), " and ".join(times)))
    hours = f"{format_clock(period.start_s)}-{format_clock(period.end_s)}"
    return phrase("every", hours=hours, minutes=decimal(period.headway_s / MINUTE))


def plain_run_times(found: RunTimes, names: Sequence[str]) -> dict[str, Any]:
    """Return the run as plain values."""
    hops = [
        {"from": names[hop.from_idx], "to": names[hop.to_idx], **asdict(hop), "run_s": hop.run_s}
        for hop in found.hops
    ]
    return {
        "hops": hops,
        "total_s": found.total_s,
        "length_m": found.length_m,
        "top_speed_kmh": found.top_speed_kmh,
        "rolling_stock": found.stock.stock_id,
        "rules": asdict(found.rules),
        "assumptions": list(found.assumptions),
    }


def run_times_blocks(found: RunTimes, names: Sequence[str]) -> Iterator[Block]:
    """Yield the table of hops, and the assumptions below it."""
    yield Table(
        phrase(
            "run_title",
            first=names[0],
            last=names[-1],
            minutes=f"{found.total_s / 60:g}",
            km=f"{found.length_m / 1000:.1f} km",
        ),
        heads("from", "to", "km", "bare_minutes", "minutes", "kmh", "dwell", "leaves", "arrives"),
        tuple(
            (
                names[hop.from_idx],
                names[hop.to_idx],
                f"{hop.length_m / 1000:.1f}",
                f"{hop.fastest_s / 60:.1f}",
                f"{hop.run_s / 60:g}",
                f"{hop.length_m / hop.run_s * 3.6:.0f}" if hop.run_s else "-",
                f"{hop.dwell_s / 60:g}" if hop.dwell_s else "",
                f"{hop.depart_s / 60:g}",
                f"{hop.arrive_s / 60:g}",
            )
            for hop in found.hops
        ),
        right=2,
    )
    yield Items((phrase("bare_minutes"), *found.premises))
