"""What scenarios come to, as printed and as plain values: lines, effects, assumptions; shipped and mapped ones."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from railshed.tables import console as printing

if TYPE_CHECKING:
    from railshed.io.osm.candidates import Candidate
    from railshed.network.lines import Line, Period
    from railshed.network.model import Network
    from railshed.scenario.apply import Resolved
    from railshed.scenario.files import Scenario
    from railshed.util.bilingual import Language


def print_scenarios(rows: Sequence[dict[str, str]], lang: Language = "en") -> None:
    """Print the shipped scenarios."""
    zh = lang == "zh"
    title = "自带方案：compare CITY --scenario NAME" if zh else "Shipped scenarios: compare CITY --scenario NAME"
    table = printing.table_of(title, ["名称", "标题"] if zh else ["name", "title"], right=2)
    for row in rows:
        table.add_row(row["name"], row["title_zh" if zh else "title_en"])
    printing.console_of().print(table)


def print_candidates(path: object, candidates: Sequence[Candidate], lang: Language = "en") -> None:
    """Print the lines of an OpenStreetMap file that are not built yet."""
    heads = ["id", "name", "state", "mode", "km", "stations"]
    title = f"{path}: lines not built yet"
    if lang == "zh":
        heads, title = ["编号", "名称", "状态", "制式", "km", "车站"], f"{path}：未建成的线路"
    table = printing.table_of(title, heads)
    for one in candidates:
        km, stations = f"{one.length_m / 1000:.1f}", " - ".join(s.name for s in one.stations)
        table.add_row(one.candidate_id, one.name, one.state, one.mode, km, stations)
    printing.console_of().print(table)


def plain_scenario(found: Resolved, network: Network, whole: Scenario) -> dict[str, Any]:
    """Return what a scenario comes to as plain values."""
    known = {s.station_id for s in network.stations}
    return {
        "title": whole.title,
        "network": network.network_id,
        "files": [part.file for part in whole.parts if part.file],
        "modifications": [
            {"file": e.file, "number": e.number, "type": e.kind, "name": e.name, "effect": e.text}
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


def print_scenario(found: Resolved, network: Network, whole: Scenario, lang: Language = "en") -> None:
    """Print a table of each line, what each modification did, and what was assumed."""
    from railshed.util.bilingual import say

    zh, console = lang == "zh", printing.console_of()
    known = {s.station_id for s in network.stations}
    for line, seed in zip(found.lines, found.seeds, strict=True):
        console.print(_line_table(line, seed, known, lang))
    n_before, n_after = network.n_trips, found.network.n_trips
    if found.lines != found.as_added:
        console.print("线路按后续修改后的情形列出" if zh else "lines are shown as later modifications leave them")
    n_stations = found.network.n_stations
    console.print(
        f"{whole.titles[0]}：{n_after:,}列(原{n_before:,}列)，{n_stations:,}站"
        if zh
        else f"{whole.titles[1]}: {n_after:,} trips (before: {n_before:,}), {n_stations:,} stations"
    )
    for effect in found.effects:
        file = f"{effect.file} " if len(whole.parts) > 2 else ""
        console.print(f"- {file}{effect.number} {effect.kind}: {say(effect.words, lang)[0]}")
    if found.notes:
        console.print("假设与须核对者：" if zh else "assumed, and to look at:")
    for words in found.assumed:
        console.print(f"- {say(words, lang)[0]}")


def _line_table(line: Line, seed: int, known: set[str], lang: Language = "en") -> Any:
    from railshed.network.lines import expand
    from railshed.tables.console import table_of
    from railshed.util.geodesy import great_circle_m
    from railshed.util.units import MINUTE, decimal

    runs = expand(line, seed)
    n_trips = " + ".join(str(len(run.trip_ids)) for run in runs)
    ways = [int(run.arrival_s[0, -1] - run.departure_s[0, 0]) / MINUTE for run in runs if len(run.trip_ids)]
    zh, backward = lang == "zh", decimal(ways[1]) if len(set(ways)) > 1 else ""
    periods = ("，" if zh else ", ").join(_times_of(period, line.bidirectional, lang) for period in line.periods)
    heads = ["station", "id", "km straight", "run min", "km/h", "dwell min", "since start"]
    title = f"{line.line_id}: {n_trips} trips a day, {periods}{f', back in {backward} min' if backward else ''}"
    if zh:
        heads = ["车站", "编号", "直线km", "区间分钟", "km/h", "停站分钟", "累计分钟"]
        title = f"{line.line_id}：每日{n_trips}列，{periods}{f'，返程{backward}分钟' if backward else ''}"
    table = table_of(title, heads, right=2)
    clock, before = 0, None
    for k, stop in enumerate(line.stops):
        s, km, kmh = stop.station, "", ""
        clock += stop.run_s
        if before is not None:
            metres = float(great_circle_m(before.lon, before.lat, s.lon, s.lat))
            km, kmh = f"{metres / 1000:.1f}", f"{metres / stop.run_s * 3.6:.0f}"
        dwell = stop.dwell_s if 0 < k < len(line.stops) - 1 else 0
        name = s.name if s.station_id in known else f"{s.name} ({'新' if zh else 'new'})"
        run, stands = decimal(stop.run_s / MINUTE) if k else "", decimal(dwell / MINUTE) if dwell else ""
        table.add_row(name, s.station_id, km, run, kmh, stands, decimal(clock / MINUTE))
        clock, before = clock + dwell, s
    return table


def _times_of(period: Period, both_ways: bool, lang: Language) -> str:
    """Return when trains leave: a headway, or the clock of a train alone."""
    from railshed.util.units import DAY, MINUTE, decimal, format_clock

    if period.phase_s is not None and period.headway_s == DAY:
        clocks = (period.start_s + phase for phase in period.phase_s[: 1 + both_ways])
        times = list(dict.fromkeys(map(format_clock, clocks)))
        return f"{'、'.join(times)}各一列" if lang == "zh" else f"one train at {' and '.join(times)}"
    hours = f"{format_clock(period.start_s)}-{format_clock(period.end_s)}"
    minutes = decimal(period.headway_s / MINUTE)
    return f"{hours}每{minutes}分钟一列" if lang == "zh" else f"{hours} every {minutes} min"
