"""The printed tables of what the minutes are made of, and of rail against car."""

from __future__ import annotations

from typing import TYPE_CHECKING

from railshed.circles.definitions import (
    CAPACITY,
    CAR_STATES,
    CAR_TRAFFIC,
    COMPONENTS,
    DIRECTIONS,
    KINDS,
    OUTSIDE,
    describe_cars,
    describe_known,
    describe_split,
)
from railshed.tables.console import console_of, table_of
from railshed.util.bilingual import Language, pick
from railshed.util.number_format import format_people, km2

if TYPE_CHECKING:
    from rich.console import Console

    from railshed.circles.result import CircleResult
    from railshed.comparisons.result import ComparisonResult
    from railshed.uncertainty.inclusion import InclusionResult

_STATES = ("rail", "car", "both", "rail_only", "car_only")


def outside_of(circle: CircleResult, lang: Language) -> str:
    """Return what a title says of figures without the city proper: nothing where there is none."""
    return ("，" if lang == "zh" else ", ") + pick(OUTSIDE, lang) if circle.has_city_proper else ""


def print_car(console: Console, circle: CircleResult, lang: Language) -> None:
    """Print who is within the cutoffs by rail, by car, both and one alone: people, or km² where none are known."""
    zh, counted = lang == "zh", circle.ground.people is not None
    unit = ("人口" if counted else "面积km²") if zh else ("people" if counted else "km²")
    outside = outside_of(circle, lang)
    title = f"铁路与小汽车({unit}{outside})" if zh else f"Rail against car ({unit}{outside})"
    heads = ["口径", "路况", "分钟"] if zh else ["reading", "traffic", "min"]
    table = table_of(title, [*heads, *(pick(CAR_STATES[s], lang) for s in _STATES)], right=2)
    last = ("", "")
    for row in circle.car_table:
        label = circle.readings[row["reading"]].label_zh if zh else row["reading"]
        traffic = pick(CAR_TRAFFIC.get(row["traffic"], (row["traffic"],) * 2), lang)
        figures = (
            format_people(row[f"people_outside_city_{s}"], lang) if counted else km2(row[f"area_km2_outside_city_{s}"])
            for s in _STATES
        )
        shown = ("" if label == last[0] else label, "" if (label, traffic) == last else traffic)
        table.add_row(*shown, str(row["cutoff_min"]), *figures)
        last = (label, traffic)
    console.print(table)
    what = "people" if counted else "area_km2"
    unknown = max(row[f"{what}_outside_city_not_compared"] or 0 for row in circle.car_table)
    if unknown:
        text = (
            f"另有至多 {unknown:,.0f} {unit}铁路可达、道路数据中无小汽车通路：不比较"
            if zh
            else f"up to {unknown:,.0f} {unit} by rail where the streets know no way for cars: not compared"
        )
        console.print(f"  {text}")
    widest = max(circle.car_table, key=lambda row: row["area_km2_outside_city_car"])
    told = describe_known(widest["people_known_km2_outside_city_car"], widest["area_km2_outside_city_car"], lang)
    if told:
        console.print(f"  {told}")
    _print_car_words(console, circle, lang)


def _print_car_words(console: Console, circle: CircleResult, lang: Language) -> None:
    """Print that capacity is not considered, and how fast the car is taken to be."""
    console.print(f"  {pick(CAPACITY, lang)}", style="bold")
    for words in describe_cars(circle.assumptions, circle.ground.case.streets is not None).values():
        console.print(f"  {pick(words, lang)}")


def print_car_difference(console: Console, found: ComparisonResult, lang: Language) -> None:
    """Print rail against car before and after at the headline cutoff: people, or km² where none are known."""
    circle, zh = found.after, lang == "zh"
    counted = circle.ground.people is not None
    what, unit = ("people", ("人口", "people")) if counted else ("area_km2", ("面积km²", "km²"))
    outside = outside_of(circle, lang)
    title = (
        f"铁路与小汽车，现状与规划方案({unit[0]}{outside})"
        if zh
        else f"Rail against car, before and after ({unit[1]}{outside})"
    )
    heads = ["口径", "路况", "分钟"] if zh else ["reading", "traffic", "min"]
    ends = {"before": ("现状", "before"), "after": ("规划", "after")}
    columns = [(state, end) for state in ("rail", "rail_only", "car_only") for end in ends]
    named = [f"{pick(CAR_STATES[state], lang)} {pick(ends[end], lang)}" for state, end in columns]
    table = table_of(title, [*heads, *named], right=2)
    for row in found.car_table:
        if row["cutoff_min"] != circle.headline_cutoff:
            continue
        figures = (row[f"{what}_outside_city_{state}_{end}"] for state, end in columns)
        label = circle.readings[row["reading"]].label_zh if zh else row["reading"]
        traffic = pick(CAR_TRAFFIC.get(row["traffic"], (row["traffic"],) * 2), lang)
        told = (format_people(v, lang) if counted else km2(v) for v in figures)
        table.add_row(label, traffic, str(row["cutoff_min"]), *told)
    if table.row_count:
        console.print(table)
        _print_car_words(console, circle, lang)


def print_inclusion(found: InclusionResult, lang: Language) -> None:
    """Print people and area over the draws, and where most, half and few of them are inside."""
    console, zh = console_of(), lang == "zh"
    city = found.city.name if zh else found.city.name_en or found.city.name
    title = f"{city}：{found.cutoff_min}分钟可达概率" if zh else f"{city}: how often within {found.cutoff_min} min"
    heads = ["", "", "无抽样", "平均"] if zh else ["", "", "nothing drawn", "mean"]
    table = table_of(title, [*heads, "p10", "p90", "≥90%", "≥50%", "≥10%"], right=2)
    bounded = bool(found.city.proper_counties)
    measures = {"people": ("人口", "people"), "area_km2": ("面积km²", "km²")}
    if bounded:
        measures |= {
            "people_outside_city": ("人口，中心城区外", "people outside the city proper"),
            "area_km2_outside_city": ("面积km²，中心城区外", "km² outside the city proper"),
        }
    for row in found.table:
        for key, words in measures.items():
            ends = ("central", "mean", "p10", "p90", "at_90", "at_50", "at_10")
            figures = [row[f"{key}_{end}"] for end in ends]
            if figures[0] is not None:
                texts = (km2(v) if key.startswith("area") else format_people(v, lang) for v in figures)
                table.add_row(pick(KINDS[row["kind"]], lang), pick(words, lang), *texts)
    console.print(table)
    told = describe_known(found.table[0]["people_known_km2_central"], found.table[0]["area_km2_central"], lang)
    if told:
        console.print(f"  {told}")
    for line in found.draws_words[lang]:
        console.print(f"  {line}")


def print_split(console: Console, circle: CircleResult, lang: Language) -> None:
    """Print mean minutes by component of the journeys within the cutoffs, and the share outside the train."""
    zh = lang == "zh"
    rows = [row for row in circle.split_table if row["total_min"] is not None]
    if not rows:
        return
    outside = outside_of(circle, lang)
    title = f"时间构成(铁路可达者平均分钟{outside})" if zh else f"What the minutes are made of (means by rail{outside})"
    heads = ["口径", "方向", "分钟内"] if zh else ["reading", "direction", "within"]
    ends = ["合计", "车外占比"] if zh else ["total", "outside the train"]
    table = table_of(title, [*heads, *(pick(words, lang) for words in COMPONENTS.values()), *ends], right=2)
    last = ""
    for row in rows:
        label = circle.readings[row["reading"]].label_zh if zh else row["reading"]
        means = (f"{row[f'{name}_min']:.1f}" for name in (*COMPONENTS, "total"))
        shown = "" if label == last else label
        share = f"{row['out_of_vehicle_share']:.0%}"
        table.add_row(shown, pick(DIRECTIONS[row["direction"]], lang), str(row["cutoff_min"]), *means, share)
        last = label
    console.print(table)
    told = [circle.readings[name] for name in dict.fromkeys(row["reading"] for row in rows)]
    by = "area" if {row["weighted_by"] for row in rows} == {"area"} else "people"
    directions = list(dict.fromkeys(row["direction"] for row in rows))
    both = circle.direction == "both"
    for line in describe_split(told, directions, lang, both=both, outside=circle.has_city_proper, by=by):
        console.print(f"  {line}")
