"""What the command `backtest` does: two networks and a scenario to tables, files and plain words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from railshed._version import __version__
from railshed.cli.inputs import Data, Measure, Output, Point, Surroundings, output_folder
from railshed.util.errors import ParameterError

if TYPE_CHECKING:
    from railshed.api.appraisal import Backtest
    from railshed.circles.analysis import AnalysisInputs
    from railshed.maps.save import Pictures
    from railshed.network.cities import City
    from railshed.network.model import Network
    from railshed.scenario.files import Scenario
    from railshed.util.bilingual import Language

#: pairs of stations printed of a line; the file has all
_RUNS_SHOWN = 30
#: of the table of runs
_RUNS = (
    "minutes from leaving one station to arriving at the other in a direct train, all trains of the service day; as "
    "they came: trains of the new timetable that the old one has not; hit: medians within 2 min or a tenth"
)


def run_backtest(
    before: Data, after: Data, lines: Sequence[Path], cities: Sequence[str], *, point: Point, measure: Measure,
    around: Surroundings, output: Output,
) -> None:  # fmt: skip
    """Compute, print and write how well a line was foretold, city by city."""
    if cities and point.at is not None:
        raise ParameterError("give --city or --at, not both")
    with output_folder(output.folder):
        found = _backtests(before, after, lines, cities, point=point, measure=measure, around=around, output=output)
    if output.as_json:
        from railshed.report import console as printing

        printing.print_json({"backtests": [as_plain(one) for one in found]})


def _backtests(
    before: Data, after: Data, lines: Sequence[Path], cities: Sequence[str], *, point: Point, measure: Measure,
    around: Surroundings, output: Output,
) -> list[Backtest]:  # fmt: skip
    from railshed.api.appraisal import backtest_of
    from railshed.appraisal.backtest import runs_of
    from railshed.circles import analysis
    from railshed.report.run_folder.circle import map_language
    from railshed.scenario.apply import scenario_of
    from railshed.scenario.files import compose
    from railshed.util import progress

    loaded = [scenario_of(path) for path in lines]
    scenario = loaded[0] if len(loaded) == 1 else compose(loaded)
    old, new = before.load(), after.load()
    run = analysis.prepare(old, **around.options(), **measure.of_run())
    found = []
    for here, there in _cities(old, new, scenario, cities, point):
        three = partial(runs_of, run, new, scenario, here, city_after=there)
        mine = around.with_people(run, [here], measure.direction, measure.cutoffs, three)
        found.append(backtest_of(mine, new, scenario, here, city_after=there, **measure.of_circles()))
        if output.folder is not None:
            pictures = output.pictures(map_language(old, [here]))
            write_backtest(found[-1], output.folder, pictures)
        if not output.as_json:
            print_backtest(found[-1], output.lang)
    if output.folder is not None:
        parameters = {
            "command": "backtest", "before": before.parameters(), "after": after.parameters(), "cities": list(cities),
            **point.parameters(), **measure.parameters(), **around.parameters(),
        }  # fmt: skip
        _write_run(run, new, scenario, parameters, found, output.folder)
        progress.say(f"{output.folder}: tables, GeoPackage{', map' if output.maps else ''}, run.json")
    return found


def _cities(
    old: Network, new: Network, scenario: Scenario, named: Sequence[str], point: Point
) -> Iterator[tuple[City, City | None]]:  # fmt: skip
    """Yield each city as the old and the new network have it, None where that is by slug or place."""
    if point.at is not None:
        here = point.city(old)
        yield here, replace(point.city(new), slug=here.slug, name=here.name, name_en=here.name_en)
        return
    from railshed.appraisal.backtest import known_city

    chosen = [known_city(old, name, "before") for name in dict.fromkeys(named)] or list(_called(old, scenario))
    if not chosen:
        raise ParameterError("the line calls at no core station of a city of BEFORE: give --city or --at")
    for city in chosen:
        yield point.with_windows(city), None


def _called(old: Network, scenario: Scenario) -> Iterator[City]:
    """Yield the cities at whose core stations the lines call."""
    from railshed.appraisal.backtest import foretold

    found = foretold(old, scenario)
    stations = {stop.station.station_id for line in found.lines for stop in line.stops}
    for city in found.network.cities:
        if stations & set(city.core_station_ids):
            yield old.get_city(city.slug)


def write_backtest(found: Backtest, folder: Path, pictures: Pictures | None) -> None:
    """Write one city's files into `folder`, named by its slug."""
    import pandas as pd

    from railshed.circles.definitions import OUTSIDE
    from railshed.comparisons.place_changes import definition_of
    from railshed.util.csv_json import write_csv

    slug = found.after.city.slug
    figure = None if pictures is None else found.plot(**pictures.options)
    found.to_file(folder / f"{slug}_backtest.gpkg")
    told = {name: "; ".join(definition_of(found.after, name)) for name in found.before.surfaces}
    outside = f"; {OUTSIDE[1]}" if found.after.has_city_proper else ""
    rows = [row | {"definition": told[row["reading"]] + outside} for row in found.table]
    write_csv(pd.DataFrame(rows), folder / f"{slug}_backtest.csv")
    write_csv(pd.DataFrame([row | {"definition": _RUNS} for row in found.runs]), folder / f"{slug}_backtest_runs.csv")
    if pictures is not None:
        pictures.write(figure, folder, f"{slug}_backtest")


def _write_run(
    run: AnalysisInputs, new: Network, scenario: Scenario, parameters: dict[str, Any], found: Sequence[Backtest],
    folder: Path
) -> None:  # fmt: skip
    """Write run.json: inputs with checksums, every assumption with its source, every figure."""
    from railshed.assumptions.assumptions import assumption_rows
    from railshed.circles.analysis import RESULTS_VERSION
    from railshed.util.csv_json import write_json

    old = run.compiled.network
    data = {
        "railshed": __version__, "results_version": RESULTS_VERSION, "parameters": parameters,
        "before": _network(old), "after": _network(new),
        "scenario": [{"file": part.file, "title": part.title, "text": part.text} for part in scenario.parts],
        "assumptions": asdict(run.assumptions), "assumption_sources": assumption_rows(old.assumptions),
        "readings": {name: asdict(reading) for name, reading in run.readings.items()},
        "results": [as_plain(one) for one in found],
    }  # fmt: skip
    write_json(data, folder / "run.json")


def _network(network: Network) -> dict[str, Any]:
    return {
        "id": network.network_id, "title": network.title, "date": network.date,
        "checksums_sha256": dict(network.checksums), "sources": [dict(s) for s in network.sources],
        "notes": list(network.notes),
    }  # fmt: skip


def as_plain(found: Backtest) -> dict[str, Any]:
    """Return a back-test as plain values."""
    circles = {"before": found.before, "predicted": found.predicted, "after": found.after}
    return {
        "title": found.title, "city": found.after.city.slug, "verdict": verdict(found, "en"), "table": found.table,
        "runs": found.runs, "run_summary": found.run_summary, "assumed": list(found.notes),
        "definition_hash": {name: circle.summary["definition_hash"] for name, circle in circles.items()},
    }  # fmt: skip


def verdict(found: Backtest, lang: Language) -> str:
    """Return in plain words how well the headline circle was foretold."""
    from railshed.circles.definitions import format_people

    name, cutoff = found.after.surface.reading.name, found.after.headline_cutoff
    circle, gain = found.row(name, cutoff, "circle"), found.row(name, cutoff, "gain")
    what = "people" if found.before.ground.people is not None else "area_km2"
    suffix, unit = ("_people", "people") if what == "people" else ("", "km²")
    hit, miss, wrong = (gain[f"{what}_{state}"] or 0 for state in ("hit", "miss", "false_alarm"))
    skill = circle[f"skill{suffix}"]
    if lang == "zh":
        actual, foretold, missed, extra = (
            f"{format_people(v, lang)}人" if what == "people" else f"{v:,.0f} km²"
            for v in (hit + miss, hit, miss, wrong)
        )
        told = f"{cutoff}分钟内实际新增{actual}：预测到{foretold}，漏报{missed}；误报{extra}。"
        if skill is None:
            return f"{told}两份时刻表的圈无变化。"
        return f"{told}比“不变”的预测少错{skill:.0%}。" if skill >= 0 else f"{told}比“不变”的预测更差。"
    told = (
        f"within {cutoff} min {hit + miss:,.0f} {unit} were gained: {hit:,.0f} foretold, {miss:,.0f} missed; "
        f"{wrong:,.0f} were foretold and did not come"
    )
    if skill is None:
        return f"{told}; the circle of the two timetables is the same"
    if skill < 0:
        return f"{told}; predicting no change would have been better"
    return f"{told}; {skill:.0%} of the error of predicting no change is gone"


def print_backtest(found: Backtest, lang: Language) -> None:
    """Print hit, miss and false alarm by reading, run times, and what was assumed."""
    from railshed.circles.definitions import KINDS, format_people
    from railshed.report.console import console_of, show, table_of
    from railshed.tables.circle import premises
    from railshed.util.bilingual import Words, pick

    console, zh = console_of(), lang == "zh"
    city = found.after.city
    show(
        premises(
            found.predicted, Words(*(f"{name}: {found.title}" for name in (city.name, city.name_en or city.name)))
        ),
        lang,
    )
    heads = (
        ["口径", "分钟", "项", "范围", "命中人口", "漏报", "误报", "命中km²", "漏报", "误报", "优于不变"]
        if zh
        else ["reading", "min", "kind", "of the", "people hit", "miss", "false alarm", "km² hit", "miss", "false alarm",
              "skill"]
    )  # fmt: skip
    scopes = {"circle": "全圈" if zh else "circle", "gain": "新增" if zh else "gain"}
    title = "预测与实际" if zh else "As predicted and as it came"
    where = "中心城区外" if zh else "outside the city proper"
    table = table_of(f"{title} ({where})" if found.after.has_city_proper else title, heads, right=4)
    for row in found.table:
        states = ("hit", "miss", "false_alarm")
        people = (format_people(row[f"people_{s}"], lang) for s in states)
        skill = row["skill"] if found.before.ground.people is None else row["skill_people"]
        table.add_row(
            row["reading"], str(row["cutoff_min"]), pick(KINDS[row["kind"]], lang), scopes[row["scope"]], *people,
            *(f"{row[f'area_km2_{s}']:,.0f}" for s in states), "" if skill is None else f"{skill:.2f}",
        )  # fmt: skip
    console.print(table)
    _print_runs(found, lang)
    console.print(verdict(found, lang))
    for note in found.notes:
        console.print(f"- {note}")


def _print_runs(found: Backtest, lang: Language) -> None:
    from railshed.report.console import console_of, table_of

    console, zh = console_of(), lang == "zh"
    heads = (
        ["线路", "自", "至", "预测车次", "实际", "预测最快", "中位", "实际最快", "中位", "偏差", "命中"]
        if zh
        else ["line", "from", "to", "trains predicted", "came", "min fastest predicted", "median", "fastest came",
              "median", "off", "hit"]
    )  # fmt: skip
    table = table_of("运行时间" if zh else "Run times, direct trains", heads, right=3)
    for row in found.runs[:_RUNS_SHOWN]:
        minutes = (
            row[f"minutes_{end}_{when}"] for when in ("predicted", "after") for end in ("fastest", "median")
        )  # fmt: skip
        off = "-" if row["off_min"] is None else f"{row['off_min']:+.1f}"
        table.add_row(
            row["line"], row["from"], row["to"], str(row["trains_predicted"]), str(row["trains_after"]),
            *("-" if m is None else f"{m:g}" for m in minutes), off, {True: "*", False: "", None: ""}[row["hit"]],
        )  # fmt: skip
    console.print(table)
    console.print(_runs_told(found.run_summary, lang))


def _runs_told(told: Mapping[str, Any], lang: Language) -> str:
    """Return in plain words how many pairs of stations are hit, and by how much the median of trains is off."""
    zh, both, near = lang == "zh", told["with_trains_after"], told["neighbours_with_trains_after"]
    if not both:
        return (
            f"{told['pairs']}对站间在新时刻表中均无新增直达车：运行时间无从对照"
            if zh
            else f"none of {told['pairs']} pairs of stations got direct trains that the old timetable has not: there "
            "is nothing to hold the run times against"
        )
    off = f"{told['off_min_median']:+.1f}"
    if zh:
        said = f"{both}对站间有直达车，{told['hit']}对命中(2分钟或10%以内)，偏差中位{off}分钟"
        return said + (f"；相邻站间{near}对，{told['neighbours_hit']}对命中" if near else "")
    said = (
        f"{both} of {told['pairs']} pairs got direct trains, {told['hit']} of them are hit (within 2 min or a tenth); "
        f"off by {off} min in the median, plus is predicted too slow"
    )
    return said + (f"; of {near} neighbours, whose run no stop plan changes, {told['neighbours_hit']}" if near else "")
