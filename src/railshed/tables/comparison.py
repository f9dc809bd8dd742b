"""What the command line prints of planned lines: what changes, trade-offs, rules."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from railshed.circles.cell_counts import PARTS
from railshed.circles.definitions import KINDS, OUTSIDE, describe_known
from railshed.comparisons.changes import QUARTILES
from railshed.comparisons.place_changes import county_names
from railshed.comparisons.result import ComparisonResult, Difference
from railshed.comparisons.union import UnionComparisonResult
from railshed.tables.car_and_components import outside_of, print_car_difference
from railshed.tables.circle import print_grounds, print_premises
from railshed.tables.console import console_of, figures_first, kept, table_of
from railshed.util.bilingual import Language, pick, say
from railshed.util.number_format import NO_DATA, count, format_people, km2, minutes

if TYPE_CHECKING:
    import pandas as pd
    from rich.console import Console

    from railshed.appraisal.trade_offs import TradeOffsResult
    from railshed.scenario.plan import Plan

_STATIONS_SHOWN = 40
_STATUS_ZH = {"inside": "过半在内", "touched": "触及", "outside": "圈外", "no data": "无数据"}
_VERDICT_ZH = {"met": "符合", "not met": "不符合", "not known": "不明"}


def print_difference(found: ComparisonResult, lang: Language) -> None:
    """Print before, after, gained and lost by reading, then who saves how much, and who wins and loses."""
    zh = lang == "zh"
    console = console_of()
    city = found.before.city
    print_premises(
        console, found.before, f"{city.name if zh else city.name_en or city.name}: {found.titles[0 if zh else 1]}", lang
    )
    joined = set(found.after.city.core_station_ids) - set(found.before.city.core_station_ids)
    if joined:
        names = ", ".join(s.name for s in found.after.network.stations if s.station_id in joined)
        text = (
            f"新增中心城区客站：{names}；其周边按本地可达计，不计铁路可达"
            if zh
            else f"joins the core stations: {names}; land around it becomes local, in total and no longer by rail"
        )
        console.print(f"  {text}")
    _print_table(console, found, lang)
    row = found.headline_row()
    told = describe_known(row["people_known_km2_after"], row["area_km2_after"], lang)
    if told:
        console.print(f"  {told}")
    _print_saved(console, found, lang)
    _print_places(console, found, lang)
    print_grounds(console, found.after, lang)
    _print_others(console, found, lang)
    print_car_difference(console, found, lang)
    _print_stations(console, found, lang)
    _print_counties(console, found, lang)
    _print_towns(console, found, lang)
    _print_losers(console, found, lang)


def _print_table(console: Console, found: ComparisonResult, lang: Language) -> None:
    """Print before, after, gained and lost by reading, cutoff and kind."""
    zh = lang == "zh"
    heads = (
        ["口径", "分钟", "项", "现状人口", "规划人口", "新增", "减少", "现状km²", "规划km²", "新增km²", "减少km²"]
        if zh
        else ["reading", "min", "kind", "people before", "after", "gained", "lost", "km² before", "km² after",
              "km² gained", "km² lost"]
    )  # fmt: skip
    counted, bounded = found.before.ground.people is not None, found.before.has_city_proper
    shown = (*(True,) * 3, *(counted,) * 4, *(not counted,) * 2, True, True)
    title = "现状与规划方案" if zh else "Before and after"
    title = title if not bounded else f"中心城区外，{title}" if zh else f"Outside the city proper, {title.lower()}"
    table = table_of(title, kept(shown, heads), right=3)
    label = ""
    for row in found.table:
        reading, label = _reading(found, row["reading"], lang) if row["reading"] != label else "", row["reading"]
        cells = (
            reading, str(row["cutoff_min"]), pick(KINDS[row["kind"]], lang),
            *(format_people(row[f"people_{k}"], lang) for k in ("before", "after", "gained", "lost")),
            *(km2(row[f"area_km2_{k}"]) for k in ("before", "after", "gained", "lost")),
        )  # fmt: skip
        table.add_row(*kept(shown, cells))
    console.print(table)


def _reading(found: ComparisonResult, name: str, lang: Language) -> str:
    """Return a reading as a table names it."""
    return (found.before.readings[name].label_zh or name) if lang == "zh" else name


def _print_saved(console: Console, found: ComparisonResult, lang: Language) -> None:
    """Print who saves how many minutes under the headline reading and cutoff."""
    zh, saved = lang == "zh", found.minutes_saved
    apart = outside_of(found.before, lang)
    counted = found.ground.people is not None
    cutoff = max(found.before.cutoffs)
    faster, slower = (
        f"{format_people(saved[f'people_{k}'], lang)}{'人' if zh else ' people'}"
        if counted
        else f"{km2(saved[f'area_km2_{k}'])} km²"
        for k in ("faster", "slower")
    )
    text = (
        f"现状与规划均在{cutoff}分钟内{apart}：更快 {faster}，更慢 {slower}；更快者节省分钟数四分位"
        if zh
        else f"within {cutoff} min before and after{apart}: faster for {faster}, slower for "
        f"{slower}; quartiles of the minutes saved by the faster"
    )
    quarters = (saved[f"minutes_saved_p{p}"] for p in QUARTILES)
    console.print(f"  {text}: " + " / ".join("-" if v is None else f"{v:.1f}" for v in quarters))
    name, cutoff = found.headline[0].reading.name, found.headline_cutoff
    rows = [
        r for r in found.saved_table
        if (r["reading"], r["cutoff_min"]) == (name, cutoff) and r["minutes_saved"] not in ("faster", "slower")
    ]  # fmt: skip
    rows = [r for r in rows if r["area_km2"]]
    heads = ["节省分钟", "人口", "km²"] if zh else ["minutes saved", "people", "km²"]
    title = f"节省时间({cutoff}分钟内)" if zh else f"Minutes saved ({cutoff} min)"
    shown = (True, counted, True)
    table = table_of(title, kept(shown, heads))
    for r in rows:
        band = _band_zh(r) if zh else r["minutes_saved"]
        table.add_row(*kept(shown, (band, format_people(r["people"], lang), km2(r["area_km2"]))))
    console.print(table)


def _band_zh(row: dict[str, Any]) -> str:
    low, high, name = row["from_min"], row["to_min"], row["minutes_saved"]
    if low is None and high is None:
        minutes = name.split()[1]
        return f"现状超过{minutes}分钟" if name.endswith("before") else f"规划超过{minutes}分钟"
    if low is None:
        return f"慢{-high:g}分钟及以上"
    if high is None:
        return f"{low:g}分钟及以上"
    if low < 0 < high:
        return f"变化不足{high:g}分钟"
    return f"慢{-high:g}至{-low:g}分钟" if low < 0 else f"{low:g}至{high:g}分钟"


def _print_places(console: Console, found: ComparisonResult, lang: Language) -> None:
    """Print counties, towns, stations and trips gained and lost by reading and cutoff, and where names stand."""
    zh, rows = lang == "zh", found.places
    kinds = ("counties", "towns", "stations", "trips")
    heads = (
        ["口径", "分钟", "区县+", "−", "城镇+", "−", "车站+", "−", "班次+", "−"]
        if zh
        else ["reading", "min", "counties +", "−", "towns +", "−", "stations +", "−", "trips +", "−"]
    )
    known = {k: any(row[f"{k}_gained"] is not None for row in rows) for k in kinds}
    shown = (True, True, *(known[k] for k in kinds for _ in range(2)))
    outside = ("，中心城区外" if zh else ", outside the city proper") if found.before.has_city_proper else ""
    title = (
        f"按口径与分钟数：新增(+)与减少(−)，班次为各站之和{outside}"
        if zh
        else f"Gained (+) and lost (−) by reading and cutoff, trips summed over stations{outside}"
    )
    table = table_of(title, kept(shown, heads))
    label = ""
    for row in rows:
        reading, label = _reading(found, row["reading"], lang) if row["reading"] != label else "", row["reading"]
        cells = (count(row[f"{kind}_{state}"]) for kind in kinds for state in ("gained", "lost"))
        table.add_row(*kept(shown, (reading, str(row["cutoff_min"]), *cells)))
    console.print(table)
    name, cutoff = _reading(found, found.headline[0].reading.name, lang), found.headline_cutoff
    console.print(
        f"  以下按名称列出{name} {cutoff}分钟；其余口径与分钟数见 -o DIR 的 *_stations.csv、*_counties.csv、*_towns.csv"
        if zh
        else f"  by name below: {name}, {cutoff} min; the others are in *_stations.csv, *_counties.csv, *_towns.csv of "
        "-o DIR"
    )


def _print_others(console: Console, found: ComparisonResult, lang: Language) -> None:
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
            reading = _reading(found, row["reading"], lang)
            table.add_row(reading, str(row["cutoff_min"]), pick(KINDS[row["kind"]], lang), name, *told)
    console.print(table)


def _print_stations(console: Console, found: ComparisonResult, lang: Language) -> None:
    """Print the stations that change, the largest saving first."""
    import pandas as pd

    zh = lang == "zh"
    heads = (
        ["车站", "现状", "规划", "节省", "班次前", "班次后", "增加"]
        if zh
        else ["station", "before", "after", "saved", "trips before", "after", "gained"]
    )
    table = table_of("车站变化" if zh else "Stations that change", heads)
    changed = found.stations
    for row in changed.head(_STATIONS_SHOWN).itertuples():
        table.add_row(
            row.name if zh else f"{row.name} {row.name_en}",
            minutes(row.minutes_before), minutes(row.minutes_after), _saved(row.minutes_saved),
            *("-" if trips is pd.NA else str(trips) for trips in (row.trips_before, row.trips_after)),
            f"{row.trips_gained:+d}",
        )  # fmt: skip
    console.print(table)
    if len(changed) > _STATIONS_SHOWN:
        more = len(changed) - _STATIONS_SHOWN
        console.print(f"  … 另有{more}个：-o DIR" if zh else f"  … {more} more: -o DIR")


def _print_counties(console: Console, found: ComparisonResult, lang: Language) -> None:
    """Print the counties that change: people gained and lost, mean minutes, status."""
    counties, zh = _outside(found.counties), lang == "zh"
    if not len(counties) or found.ground.people is None:
        return
    heads = (
        ["区县", "地市", "新增", "减少", "更快", "更慢", "均时前", "均时后", "状态前", "状态后"]
        if zh
        else ["county", "prefecture", "gained", "lost", "faster", "slower", "mean min before", "after", "was", "is"]
    )
    title = (
        f"{found.headline_cutoff}分钟内有变化的区县"
        if zh
        else f"Counties that change within {found.headline_cutoff} min"
    )
    table = table_of(title, heads, right=2)
    for row in counties.head(_STATIONS_SHOWN).to_dict(orient="records"):
        table.add_row(
            row["county"] if zh else f"{row['county']} {row['county_en']}", row["prefecture"],
            *(format_people(row[f"people_{k}"], lang) for k in ("gained", "lost", "faster", "slower")),
            *("-" if v != v else f"{v:.1f}" for v in (row["minutes_before"], row["minutes_after"])),
            *(_STATUS_ZH[row[k]] if zh else row[k] for k in ("status_before", "status_after")),
        )  # fmt: skip
    console.print(table)


def _outside(counties: pd.DataFrame) -> pd.DataFrame:
    """Return the counties outside the city proper, which no figure above counts."""
    return counties[counties["part"] != PARTS[0]] if len(counties) else counties


def _print_towns(console: Console, found: ComparisonResult, lang: Language) -> None:
    towns, zh = found.towns, lang == "zh"
    if not len(towns):
        return
    for change, word in (
        ("gained", "新增城镇" if zh else "towns gained"),
        ("lost", "减少城镇" if zh else "towns lost"),
    ):
        mine = towns[towns["change"] == change]
        named = ", ".join(f"{row.name} {row.population:,}" for row in mine.head(_STATIONS_SHOWN).itertuples())
        if len(mine):
            console.print(f"  {word} {len(mine)} (GeoNames): {named}")


def _print_losers(console: Console, found: Difference, lang: Language) -> None:
    """Name who loses: stations that become slower or drop out, counties with people lost or slower."""
    zh = lang == "zh"
    stations = lost_stations(found)
    shown = [
        f"{row.name} {minutes(row.minutes_before)}→{minutes(row.minutes_after)}"
        for row in stations.head(_STATIONS_SHOWN).itertuples()
    ]
    if len(stations) > _STATIONS_SHOWN:
        shown.append(f"… +{len(stations) - _STATIONS_SHOWN}")
    nobody = "无" if zh else "none"
    console.print(f"  {'变慢或移出的车站' if zh else 'stations that lose'}: {', '.join(shown) or nobody}")
    counties = _outside(found.counties)
    if not len(counties):
        return
    worse = counties[(counties["area_km2_lost"] > 0) | (counties["area_km2_slower"] > 0)]
    told = ", ".join(
        f"{row.county} ({'减少' if zh else 'lost'} {format_people(row.people_lost, lang)}, "
        f"{'变慢' if zh else 'slower'} {format_people(row.people_slower, lang)})"
        for row in worse.head(_STATIONS_SHOWN).itertuples()
    )
    console.print(f"  {'有人变慢或移出的区县' if zh else 'counties where people lose'}: {told or nobody}")


def lost_stations(found: Difference) -> pd.DataFrame:
    """Return the stations that become slower or are no longer within the bound, the largest loss first."""
    changed = found.stations
    gone = changed["minutes_after"].isna() & changed["minutes_before"].notna()
    worse = changed[gone | (changed["minutes_saved"] < 0)]
    return worse.sort_values(["minutes_saved", "station_id"], na_position="first")


def side_by_side(found: Difference) -> dict[str, Any]:
    """Return one row of a table over cities and scenarios: headline reading and cutoff, by rail or locally."""
    row, saved = found.headline_row(), found.minutes_saved
    stations, towns = (table[~table["in_city_proper"]] for table in (found.stations, found.towns))
    names = {
        f"{kind}_{state}": table.loc[table["change"] == state, "name"].tolist()
        for kind, table in (("towns", towns), ("stations", stations))
        for state in ("gained", "lost")
    }
    figures = {
        f"{what}_{state}": row[f"{what}_{state}"]
        for what in ("people", "area_km2")
        for state in ("before", "after", "gained", "lost")
    }
    return {
        **_names(found), "scenario": found.title, "n_scenarios": len(found.plan.scenarios) if found.plan else 1,
        "reading": row["reading"], "reading_zh": found.headline[0].reading.label_zh, "cutoff_min": row["cutoff_min"],
        "kind": row["kind"], "outside_city_proper": found.ground.has_city_proper, **figures,
        **{f"counties_{state}": came for state, came in county_names(found.counties).items()}, **names,
        "trips_gained": found.headline_places["trips_gained"], "trips_lost": found.headline_places["trips_lost"],
        "stations_slower": lost_stations(found)["name"].tolist(),
        **{k: v for k, v in saved.items() if k.startswith(("people", "minutes"))}, "definition": row["definition"],
    }  # fmt: skip


def _names(found: Difference) -> dict[str, str]:
    """Return the city's slug and Chinese name, or those of the region with the number of its cities."""
    if isinstance(found, UnionComparisonResult):
        n = len(found.comparisons)
        return {"city": f"{found.name} ({n})", "city_zh": f"{found.name}({n}城)"}
    assert isinstance(found, ComparisonResult)
    return {"city": found.before.city.slug, "city_zh": found.before.city.name}


def print_compliance(rows: Sequence[dict[str, Any]], lang: Language) -> None:
    """Print lines against the national rules, clause by clause."""
    if not rows:
        return
    zh, console = lang == "zh", console_of()
    heads = ["线路", "条款", "要求", "本线", "结论"] if zh else ["line", "clause", "required", "value", "verdict"]
    title = "对照市域(郊)铁路规定" if zh else "Against China's rules for suburban lines"
    table = table_of(title, heads, right=5)
    label = ""
    for row in rows:
        line = row["line"] if row["line"] != label else ""
        label = row["line"]
        verdict = _VERDICT_ZH[row["verdict"]] if zh else row["verdict"]
        table.add_row(
            line,
            row["clause_zh" if zh else "clause_en"],
            row["required_zh" if zh else "required"],
            row["value_zh" if zh else "value"],
            verdict,
        )
    console.print(table)
    end, rule, colon = ("_zh", "clause_zh", "：") if zh else ("", "rule", ": ")
    for text in dict.fromkeys(f"{row[rule]}{colon}{row[f'doubt{end}']}" for row in rows if row["doubt"]):
        console.print(f"  {text}")
    for text in dict.fromkeys(f"{row['line']} {row[rule]}{colon}{row[f'note{end}']}" for row in rows if row["note"]):
        console.print(f"  {text}")


def print_trade_offs(found: TradeOffsResult, lang: Language) -> None:
    """Print the trade-offs, the plan as written first."""
    zh, console = lang == "zh", console_of()
    name = found.city.name if zh else found.city.name_en or found.city.name
    console.print(f"{name}: {found.plan.titles[0 if zh else 1]}")
    console.print(f"  {found.definition}")
    heads = (
        ["变化(一次一项)", "分钟", "现状人口", "有方案", "净增", "与原方案差", "km²", "差km²"]
        if zh
        else ["what is changed (one at a time)", "min", "without", "with", "net gain", "vs plan", "km²", "vs plan"]
    )
    outside = (pick(OUTSIDE, lang),) if found.has_city_proper else ()
    where = "，".join(("铁路或本地", *outside)) if zh else ", ".join(("by rail or locally", *outside))
    table = figures_first(table_of(f"花在哪里值({where})" if zh else f"What to buy ({where})", heads))
    for row in found.table:
        table.add_row(
            row["zh" if zh else "en"], str(row["cutoff_min"]),
            *(_signed_people(row[f"people_{k}"], lang) for k in ("before", "after", "net_gain", "vs_plan")),
            km2(row["area_km2_after"]), f"{row['area_km2_vs_plan']:+,.0f}",
        )  # fmt: skip
    console.print(table)


def _signed_people(value: int | None, lang: Language) -> str:
    return f"−{format_people(-value, lang)}" if value is not None and value < 0 else format_people(value, lang)


def print_plan(plan: Plan, lang: Language) -> None:
    """Print what a scenario did and what was assumed."""
    console = console_of()
    console.print(f"  {plan.titles[0 if lang == 'zh' else 1]}:")
    for words in (*plan.effects, *plan.assumed):
        console.print(f"    {say(words, lang)[0]}")


def comparison_json(found: ComparisonResult) -> dict[str, Any]:
    """Return a comparison as plain values."""
    import pandas as pd

    return {
        "city": found.before.city.slug, "title": found.title,
        "before": found.before.summary, "after": found.after.summary, "table": found.table,
        "places": found.places, "minutes_saved": found.minutes_saved, "car": found.car_table,
        **{
            name: [{k: None if v is pd.NA else v for k, v in row.items()} for row in table.to_dict(orient="records")]
            for name, table in (
                ("stations", found.stations), ("counties", found.counties), ("all_stations", found.all_stations),
                ("all_counties", found.all_counties), ("all_towns", found.all_towns.drop(columns="geometry")),
            )
        },
        "minutes_saved_table": found.saved_table,
    }  # fmt: skip


def _saved(value: float) -> str:
    return "-" if value != value else f"{value:.0f}"
