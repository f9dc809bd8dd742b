"""What the command line prints of a comparison: before, after, gained, lost, and the same against the car."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from railshed.definitions import KINDS, NO_DATA, Language, describe_known, format_people, pick
from railshed.doortables import outside_of, print_car_difference
from railshed.printing import console_of, kept, km2, minutes_text, table_of
from railshed.tables import print_grounds, print_premises

if TYPE_CHECKING:
    from rich.console import Console

    from railshed.differences import Comparison

_STATIONS_SHOWN = 40


def print_difference(found: Comparison, lang: Language) -> None:
    """Print before, after, gained and lost by reading, then stations that win and lose."""
    zh = lang == "zh"
    console = console_of()
    city = found.before.city
    print_premises(console, found.before, f"{city.name if zh else city.name_en or city.name}: {found.title}", lang)
    heads = (
        ["口径", "分钟", "项", "现状人口", "规划人口", "新增", "减少", "现状km²", "规划km²", "新增km²", "减少km²"]
        if zh
        else ["reading", "min", "kind", "people before", "after", "gained", "lost", "km² before", "after", "gained",
              "lost"]
    )  # fmt: skip
    counted, bounded = found.before.ground.people is not None, found.before.has_city_proper
    shown = (*(True,) * 3, *(counted,) * 4, *(not counted,) * 2, True, True)
    title = "现状与规划方案" if zh else "Before and after"
    title = title if not bounded else f"中心城区外，{title}" if zh else f"Outside the city proper, {title.lower()}"
    table = table_of(title, kept(shown, heads), right=3)
    label = ""
    joined = set(found.after.city.core_station_ids) - set(found.before.city.core_station_ids)
    if joined:
        names = ", ".join(s.name for s in found.after.network.stations if s.station_id in joined)
        text = (
            f"新增中心城区客站：{names}；其周边按本地可达计，不计铁路可达"
            if zh
            else f"joins the core stations: {names}; land around it becomes local, in total and no longer by rail"
        )
        console.print(f"  {text}")
    for row in found.table:
        reading = row["reading"] if row["reading"] != label else ""
        label = row["reading"]
        cells = (
            reading, str(row["cutoff_min"]), pick(KINDS[row["kind"]], lang),
            *(format_people(row[f"people_{k}"], lang) for k in ("before", "after", "gained", "lost")),
            *(km2(row[f"area_km2_{k}"]) for k in ("before", "after", "gained", "lost")),
        )  # fmt: skip
        table.add_row(*kept(shown, cells))
    console.print(table)
    row = found.row(found.after.surface.reading.name, found.after.headline_cutoff, "total")
    told = describe_known(row["people_known_km2_after"], row["area_km2_after"], lang)
    if told:
        console.print(f"  {told}")
    saved = found.minutes_saved
    if saved:
        people = [format_people(saved[k], lang) for k in ("people_faster", "people_slower")]
        cutoff = max(found.before.cutoffs)
        text = (
            f"现状与规划均在{cutoff}分钟内(中心城区外)：更快 {people[0]}人，更慢 {people[1]}人"
            if zh
            else f"within {cutoff} min before and after, outside the city proper: faster for {people[0]} people, "
            f"slower for {people[1]}"
        )
        console.print(f"  {text}; p10/p50/p90 min: " + " / ".join(
            "-" if saved[f"minutes_saved_p{p}"] is None else f"{saved[f'minutes_saved_p{p}']:.1f}" for p in (10, 50, 90)
        ))  # fmt: skip
    print_grounds(console, found.after, lang)
    _print_others(console, found, lang)
    print_car_difference(console, found, lang)
    _print_stations(console, found, lang)


def _print_others(console: Console, found: Comparison, lang: Language) -> None:
    """Print before, after, gained and lost of every other column that is counted."""
    zh = lang == "zh"
    names = list(found.before.ground.others)
    if not names:
        return
    heads = (
        ["口径", "分钟", "项", "列", "现状", "规划", "新增", "减少"]
        if zh
        else ["reading", "min", "kind", "column", "before", "after", "gained", "lost"]
    )
    outside = outside_of(found.before, lang)
    table = table_of(f"其他各列{outside}" if zh else f"Other columns{outside}", heads, right=4)
    for row in found.table:
        for name in names:
            figures = (row[f"{name}_{state}"] for state in ("before", "after", "gained", "lost"))
            told = (pick(NO_DATA, lang) if v is None else f"{v:,.0f}" for v in figures)
            table.add_row(row["reading"], str(row["cutoff_min"]), pick(KINDS[row["kind"]], lang), name, *told)
    console.print(table)


def _print_stations(console: Console, found: Comparison, lang: Language) -> None:
    """Print the stations that change."""
    zh = lang == "zh"
    heads = (
        ["车站", "现状", "规划", "节省", "班次前", "班次后"]
        if zh
        else ["station", "before", "after", "saved", "trips before", "after"]
    )
    table = table_of("车站变化" if zh else "Stations that change", heads)
    changed = found.stations
    for row in changed.head(_STATIONS_SHOWN).itertuples():
        table.add_row(
            row.name if zh else f"{row.name} {row.name_en}",
            minutes_text(row.minutes_before), minutes_text(row.minutes_after),
            _saved(row.minutes_saved), minutes_text(row.trips_before), minutes_text(row.trips_after),
        )  # fmt: skip
    console.print(table)


def comparison_json(found: Comparison) -> dict[str, Any]:
    """Return a comparison as plain values."""
    return {
        "title": found.title, "before": found.before.summary, "after": found.after.summary, "table": found.table,
        "minutes_saved": found.minutes_saved, "car": found.car_table,
        "stations": found.stations.to_dict(orient="records"), "counties": found.counties.to_dict(orient="records"),
    }  # fmt: skip


def _saved(value: float) -> str:
    return "-" if value != value else f"{value:.0f}"
