"""The command `scenario`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from railshed.api.requests import CITY, FILES, Data, Point, json_option, lang_option
from railshed.cli.inputs import load, with_point
from railshed.util.bilingual import Language
from railshed.util.errors import NotFoundError, OutputError, ParameterError
from railshed.util.options import Request, option, part

if TYPE_CHECKING:
    from railshed.io.osm.candidates import Candidate
    from railshed.network.lines import Line, Period
    from railshed.network.model import Network
    from railshed.scenario.files import Scenario
    from railshed.scenario.plan import Plan
    from railshed.util.bilingual import Language


@dataclass(frozen=True, kw_only=True)
class ScenarioFilesRequest(Request):
    """`railshed scenario`."""

    files: tuple[Path, ...] = option(
        "Scenarios, applied in this order: .toml, .json, .geojson, or names of --list.", default=(), unit="FILE"
    )
    data: Data = part(Data)
    city: str | None = option("City that core_station = true means.", "--city", unit="CITY", group=CITY)
    point: Point = part(Point)
    only: tuple[str, ...] = option(
        "Name of a modification; these alone are on; may be repeated.", "--only", (), unit="NAME"
    )
    without: tuple[str, ...] = option(
        "Name of a modification that is off; may be repeated.", "--without", (), unit="NAME"
    )
    listed: bool = option("List the shipped scenarios by name.", "--list", False)
    schema: bool = option("Print the JSON Schema of scenario files.", "--schema", False)
    from_osm: Path | None = option(
        "OpenStreetMap file with lines under construction or proposed.", "--from-osm", unit="FILE"
    )
    candidate: str | None = option(
        "With --from-osm: name or id of the line; default list them.", "--candidate", unit="NAME"
    )
    top_speed: float | None = option(
        "With --candidate: km/h in service; default that of the map.", "--top-speed", unit="KM/H"
    )
    headway: float | None = option("With --candidate: minutes between trains, 06:00 to 23:00.", "--headway", unit="MIN")
    trips_per_day: int | None = option(
        "With --candidate: trains a day and direction, instead.", "--trips-per-day", unit="N"
    )
    out: Path | None = option(
        "TOML file to write: the candidate, or FILE... in one.", "--out -o", unit="FILE", group=FILES
    )
    as_json: bool = json_option()
    lang: Language = lang_option()


def scenario(request: ScenarioFilesRequest) -> None:
    """Check scenarios and print what they come to: stations, run times, trips, assumptions; exit code 2 on mistakes."""
    if request.schema:
        from importlib import resources

        path = resources.files("railshed.scenario").joinpath("scenario.schema.json")
        print(path.read_text(encoding="utf-8"), end="")
    elif request.listed:
        _list(request)
    elif request.from_osm is not None:
        _from_osm(request, request.from_osm)
    else:
        _resolve(request)


def _list(request: ScenarioFilesRequest) -> None:
    from railshed.report import console
    from railshed.scenario.apply import list_scenarios

    if request.as_json:
        console.print_json(list_scenarios())
    else:
        print_scenarios(list_scenarios(), request.lang)


def _resolve(request: ScenarioFilesRequest) -> None:
    """Hold scenarios against a network and print what they come to."""
    from railshed.report import console
    from railshed.scenario.apply import resolve, scenario_of
    from railshed.scenario.files import compose
    from railshed.tables.scenario import plain_scenario

    if not request.files:
        raise ParameterError("give a scenario file, --list, --schema, or --from-osm FILE")
    whole = compose([scenario_of(path) for path in request.files])
    network, city = with_point(load(request.data), request.city, request.point)
    found = resolve(network, whole, city=city, only=request.only, without=request.without)
    if request.out is not None:
        _write(whole, request.out)
    if request.as_json:
        console.print_json(plain_scenario(found, network, whole))
    else:
        print_scenario(found, network, whole, request.lang)


def _from_osm(request: ScenarioFilesRequest, path: Path) -> None:
    """Write, or print, the scenario of a line that is not built yet; without a name list them."""
    from railshed.io.osm.read import read_osm
    from railshed.io.osm.scenario import scenario_from_candidate
    from railshed.scenario.files import scenario_toml

    candidates = read_osm(path).candidates
    if request.candidate is None:
        print_candidates(path, candidates, request.lang)
        return
    made = scenario_from_candidate(
        _candidate(candidates, request.candidate), top_speed_kmh=request.top_speed, headway_minutes=request.headway,
        trips_per_day=request.trips_per_day,
    )  # fmt: skip
    if request.out is None:
        print(scenario_toml(made), end="")
    else:
        _write(made, request.out)


def _candidate(candidates: Any, name: str) -> Any:
    """Return the candidate of an id or name.

    Raises
    ------
    NotFoundError
        When there is none, or several of this name.
    """
    found = [one for one in candidates if name in (one.candidate_id, one.name)]
    if len(found) == 1:
        return found[0]
    known = [text for one in candidates for text in (one.name, one.candidate_id) if text]
    ids = ", ".join(one.candidate_id for one in found)
    hint = f"{len(found)} bear this name: give one of the ids {ids}." if found else f"Known: {', '.join(known)}."
    raise NotFoundError("candidate", name, () if found else known, hint)


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


def print_scenarios(rows: Sequence[dict[str, str]], lang: Language = "en") -> None:
    """Print the shipped scenarios."""
    from railshed.report.console import console_of, table_of

    zh = lang == "zh"
    title = "自带方案：compare CITY --scenario NAME" if zh else "Shipped scenarios: compare CITY --scenario NAME"
    table = table_of(title, ["名称", "标题"] if zh else ["name", "title"], right=2)
    for row in rows:
        table.add_row(row["name"], row["title_zh" if zh else "title_en"])
    console_of().print(table)


def print_candidates(path: object, candidates: Sequence[Candidate], lang: Language = "en") -> None:
    """Print the lines of an OpenStreetMap file that are not built yet."""
    from railshed.report.console import console_of, table_of

    heads = ["id", "name", "state", "mode", "km", "stations"]
    title = f"{path}: lines not built yet"
    if lang == "zh":
        heads, title = ["编号", "名称", "状态", "制式", "km", "车站"], f"{path}：未建成的线路"
    table = table_of(title, heads)
    for one in candidates:
        km, stations = f"{one.length_m / 1000:.1f}", " - ".join(s.name for s in one.stations)
        table.add_row(one.candidate_id, one.name, one.state, one.mode, km, stations)
    console_of().print(table)


def print_scenario(found: Plan, network: Network, whole: Scenario, lang: Language = "en") -> None:
    """Print a table of each line, what each modification did, and what was assumed."""
    from railshed.report.console import console_of
    from railshed.util.bilingual import say

    zh, console = lang == "zh", console_of()
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
        console.print(f"- {file}{effect.number} {effect.kind}: {say(effect, lang)[0]}")
    if found.notes:
        console.print("假设与须核对者：" if zh else "assumed, and to look at:")
    for words in found.assumed:
        console.print(f"- {say(words, lang)[0]}")


def _line_table(line: Line, seed: int, known: set[str], lang: Language = "en") -> Any:
    from railshed.network.lines import expand
    from railshed.report.console import table_of
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
