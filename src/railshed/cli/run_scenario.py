"""What the command `scenario` does: check and print scenarios, make one of a line of OpenStreetMap."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

from railshed.cli.inputs import Data, Point
from railshed.util.errors import NotFoundError, OutputError, ParameterError

if TYPE_CHECKING:
    from railshed.network.lines import Line, Period
    from railshed.network.model import Network
    from railshed.scenario.apply import Resolved
    from railshed.scenario.files import Scenario
    from railshed.util.bilingual import Language


@dataclass(frozen=True, slots=True)
class Wanted:
    """A line of OpenStreetMap and its service."""

    candidate: str | None
    top_speed_kmh: float | None
    headway_minutes: float | None
    trips_per_day: int | None


def run_schema() -> None:
    """Print the JSON Schema of scenario files."""
    path = resources.files("railshed.scenario.schema").joinpath("scenario.schema.json")
    print(path.read_text(encoding="utf-8"), end="")


def run_list(*, as_json: bool, lang: Language = "en") -> None:
    """List the shipped scenarios."""
    from railshed.report import console as printing
    from railshed.scenario.apply import list_scenarios

    if as_json:
        printing.print_json(list_scenarios())
        return
    zh = lang == "zh"
    title = "自带方案：compare CITY --scenario NAME" if zh else "Shipped scenarios: compare CITY --scenario NAME"
    table = printing.table_of(title, ["名称", "标题"] if zh else ["name", "title"], right=2)
    for row in list_scenarios():
        table.add_row(row["name"], row["title_zh" if zh else "title_en"])
    printing.console_of().print(table)


def run_scenario(
    files: Sequence[Path], data: Data, place: tuple[str | None, Point], switches: tuple[Sequence[str], Sequence[str]],
    out: Path | None, *, as_json: bool, lang: Language = "en",
) -> None:  # fmt: skip
    """Hold scenarios against a network and print what they come to; `place`: what ``core_station = true`` means."""
    from railshed.cli.inputs import with_point
    from railshed.scenario.apply import resolve, scenario_of
    from railshed.scenario.files import compose

    if not files:
        raise ParameterError("give a scenario file, --list, --schema, or --from-osm FILE")
    whole = compose([scenario_of(path) for path in files])
    network, city = with_point(data.load(), *place)
    found = resolve(network, whole, city=city, only=switches[0], without=switches[1])
    if out is not None:
        _write(whole, out)
    if as_json:
        from railshed.report import console as printing

        printing.print_json(as_plain(found, network, whole))
    else:
        _print(found, network, whole, lang)


def run_from_osm(path: Path, wanted: Wanted, out: Path | None, *, lang: Language = "en") -> None:
    """Write, or print, the scenario of a line that is not built yet; without a name list them."""
    from railshed.io.osm.read import read_osm
    from railshed.io.osm.scenario import scenario_from_candidate
    from railshed.report import console as printing
    from railshed.scenario.files import scenario_toml

    candidates = read_osm(path).candidates
    if wanted.candidate is None:
        heads = ["id", "name", "state", "mode", "km", "stations"]
        title = f"{path}: lines not built yet"
        if lang == "zh":
            heads, title = ["编号", "名称", "状态", "制式", "km", "车站"], f"{path}：未建成的线路"
        table = printing.table_of(title, heads)
        for one in candidates:
            km, stations = f"{one.length_m / 1000:.1f}", " - ".join(s.name for s in one.stations)
            table.add_row(one.candidate_id, one.name, one.state, one.mode, km, stations)
        printing.console_of().print(table)
        return
    found = [one for one in candidates if wanted.candidate in (one.candidate_id, one.name)]
    if len(found) != 1:
        known = [text for one in candidates for text in (one.name, one.candidate_id) if text]
        ids = ", ".join(one.candidate_id for one in found)
        hint = f"{len(found)} bear this name: give one of the ids {ids}." if found else f"Known: {', '.join(known)}."
        raise NotFoundError("candidate", wanted.candidate, () if found else known, hint)
    scenario = scenario_from_candidate(
        found[0], top_speed_kmh=wanted.top_speed_kmh, headway_minutes=wanted.headway_minutes,
        trips_per_day=wanted.trips_per_day,
    )  # fmt: skip
    if out is None:
        print(scenario_toml(scenario), end="")
    else:
        _write(scenario, out)


def _write(scenario: Scenario, out: Path) -> None:
    from railshed.scenario.files import scenario_toml
    from railshed.util import progress

    if out.suffix.lower() != ".toml":
        raise ParameterError(f"-o {out}: a scenario is written as TOML; name it {out.stem}.toml")
    try:
        out.write_text(scenario_toml(scenario), encoding="utf-8", newline="\n")
    except OSError as error:
        raise OutputError(f"{out} cannot be written ({error.strerror or error})") from error
    progress.say(f"{out}: {sum(len(part.modifications) for part in scenario.parts)} modifications")


def as_plain(found: Resolved, network: Network, whole: Scenario) -> dict[str, Any]:
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


def _print(found: Resolved, network: Network, whole: Scenario, lang: Language = "en") -> None:
    """Print a table of each line, what each modification did, and what was assumed."""
    from railshed.report import console as printing
    from railshed.tables.plan_text import all_plan_words, plan_words

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
        console.print(f"- {file}{effect.number} {effect.kind}: {plan_words(effect.text, lang)}")
    if found.notes:
        console.print("假设与须核对者：" if zh else "assumed, and to look at:")
    for note in all_plan_words(found.notes, lang):
        console.print(f"- {note}")


def _line_table(line: Line, seed: int, known: set[str], lang: Language = "en") -> Any:
    from railshed.network.lines import expand
    from railshed.report.console import table_of
    from railshed.util.geodesy import great_circle_m
    from railshed.util.units import MINUTE, decimal

    runs = expand(line, seed)
    n_trips = " + ".join(str(len(run.trip_ids)) for run in runs)
    ways = [int(run.arrival_s[0, -1] - run.departure_s[0, 0]) / MINUTE for run in runs if len(run.trip_ids)]
    zh, backward = lang == "zh", decimal(ways[1]) if len(set(ways)) > 1 else ""
    periods = ("，" if zh else ", ").join(_told(period, line.bidirectional, lang) for period in line.periods)
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


def _told(period: Period, both_ways: bool, lang: Language) -> str:
    """Return when trains leave: a headway, or the clock of a train alone."""
    from railshed.util.units import DAY, MINUTE, decimal, format_clock

    if period.phase_s is not None and period.headway_s == DAY:
        clocks = (period.start_s + phase for phase in period.phase_s[: 1 + both_ways])
        times = list(dict.fromkeys(map(format_clock, clocks)))
        return f"{'、'.join(times)}各一列" if lang == "zh" else f"one train at {' and '.join(times)}"
    hours = f"{format_clock(period.start_s)}-{format_clock(period.end_s)}"
    minutes = decimal(period.headway_s / MINUTE)
    return f"{hours}每{minutes}分钟一列" if lang == "zh" else f"{hours} every {minutes} min"
