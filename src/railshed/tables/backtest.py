"""A back-test as printed and as plain values: hit, miss and false alarm, run times, what was assumed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from railshed.appraisal.backtest import BacktestResult
    from railshed.util.bilingual import Language

#: pairs of stations printed of a line; the file has all
_RUNS_SHOWN = 30


def plain_backtest(found: BacktestResult) -> dict[str, Any]:
    """Return a back-test as plain values."""
    circles = {"before": found.before, "predicted": found.predicted, "after": found.after}
    return {
        "title": found.title, "city": found.after.city.slug, "verdict": verdict(found, "en"), "table": found.table,
        "runs": found.runs, "run_summary": found.run_summary, "assumed": list(found.notes),
        "definition_hash": {name: circle.summary["definition_hash"] for name, circle in circles.items()},
    }  # fmt: skip


def verdict(found: BacktestResult, lang: Language) -> str:
    """Return in plain words how well the headline circle was predicted."""
    from railshed.util.number_format import format_people

    name, cutoff = found.after.surface.reading.name, found.after.headline_cutoff
    circle, gain = found.row(name, cutoff, "circle"), found.row(name, cutoff, "gain")
    what = "people" if found.before.ground.people is not None else "area_km2"
    suffix, unit = ("_people", "people") if what == "people" else ("", "km²")
    hit, miss, wrong = (gain[f"{what}_{state}"] or 0 for state in ("hit", "miss", "false_alarm"))
    skill = circle[f"skill{suffix}"]
    if lang == "zh":
        actual, predicted, missed, extra = (
            f"{format_people(v, lang)}人" if what == "people" else f"{v:,.0f} km²"
            for v in (hit + miss, hit, miss, wrong)
        )
        text = f"{cutoff}分钟内实际新增{actual}：预测到{predicted}，漏报{missed}；误报{extra}。"
        if skill is None:
            return f"{text}两份时刻表的圈无变化。"
        return f"{text}比“不变”的预测少错{skill:.0%}。" if skill >= 0 else f"{text}比“不变”的预测更差。"
    text = (
        f"within {cutoff} min {hit + miss:,.0f} {unit} were gained: {hit:,.0f} predicted, {miss:,.0f} missed; "
        f"{wrong:,.0f} were predicted and did not come"
    )
    if skill is None:
        return f"{text}; the circle of the two timetables is the same"
    if skill < 0:
        return f"{text}; predicting no change would have been better"
    return f"{text}; {skill:.0%} of the error of predicting no change is gone"


def print_backtest(found: BacktestResult, lang: Language) -> None:
    """Print hit, miss and false alarm by reading, run times, and what was assumed."""
    from railshed.circles.definitions import KINDS
    from railshed.tables.circle import print_premises
    from railshed.tables.console import console_of, table_of
    from railshed.util.bilingual import pick
    from railshed.util.number_format import format_people

    console, zh = console_of(), lang == "zh"
    city = found.after.city
    print_premises(console, found.predicted, f"{city.name if zh else city.name_en or city.name}: {found.title}", lang)
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


def _print_runs(found: BacktestResult, lang: Language) -> None:
    from railshed.tables.console import console_of, table_of

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
    console.print(_runs_text(found.run_summary, lang))


def _runs_text(summary: Mapping[str, Any], lang: Language) -> str:
    """Return in plain words how many pairs of stations are hit, and by how much the median of trains is off."""
    zh, both, near = lang == "zh", summary["with_trains_after"], summary["neighbours_with_trains_after"]
    if not both:
        return (
            f"{summary['pairs']}对站间在新时刻表中均无新增直达车：运行时间无从对照"
            if zh
            else f"none of {summary['pairs']} pairs of stations got direct trains that the old timetable has not: "
            "there is nothing to hold the run times against"
        )
    off, hit = f"{summary['off_min_median']:+.1f}", summary["neighbours_hit"]
    if zh:
        text = f"{both}对站间有直达车，{summary['hit']}对命中(2分钟或10%以内)，偏差中位{off}分钟"
        return text + (f"；相邻站间{near}对，{hit}对命中" if near else "")
    text = (
        f"{both} of {summary['pairs']} pairs got direct trains, {summary['hit']} of them are hit (within 2 min or a "
        f"tenth); off by {off} min in the median, plus is predicted too slow"
    )
    return text + (f"; of {near} neighbours, whose run no stop plan changes, {hit}" if near else "")
