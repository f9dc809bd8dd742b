"""What the command line prints: rich tables in Chinese or English, or JSON. Figures come ready from the results."""

from __future__ import annotations

import math
import sys
from collections.abc import Sequence
from itertools import zip_longest
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table

from railshed.definitions import BRIDGE, CONVENTION, DIRECTIONS, KINDS, Language, format_people, pick
from railshed.export import to_json
from railshed.sources.networks import CHOSEN_DAY
from railshed.units import format_clock

if TYPE_CHECKING:
    import pandas as pd

    from railshed.issues import Issue
    from railshed.model import City, Network
    from railshed.results import Circle, Comparison

_STATIONS_SHOWN = 40
_MEMBERS_SHOWN = 12
_NOTES_SHOWN = 15
_TOWNS_SHOWN = 20
#: source cells of people this wide (2 km) say little about who lives within a walk of a station
_COARSE_DEG = 0.02
#: counts of network.toml's notes that `railshed networks` prints; --json has them all
_COUNTS = {
    "kept.trains": "trains", "kept.stop_rows": "stop times", "kept.stations": "stations", "lines": "commuter lines",
    "cities": "cities", "regions": "regions", "counties": "counties",
}  # fmt: skip


def _console() -> Console:
    return Console() if sys.stdout.isatty() else Console(width=150)


def _table(title: str, columns: Sequence[str], *, right: int = 1) -> Table:
    """Return a table whose columns from number `right` on are figures."""
    table = Table(title=title, title_justify="left", title_style="bold", header_style="bold", box=None, pad_edge=False)
    for k, column in enumerate(columns):
        table.add_column(column, justify="right" if k >= right else "left", no_wrap=k < right)
    return table


def _kept(shown: Sequence[bool], values: Sequence[Any]) -> list[Any]:
    """Return the values of the columns that are shown: none is printed that is empty from top to bottom."""
    return [value for value, show in zip(values, shown, strict=True) if show]


def _km2(value: float) -> str:
    return f"{value:,.0f}"


def _count(value: Any) -> str:
    return "-" if value is None else f"{value:,}"


def print_json(data: Any) -> None:
    """Print plain values as JSON."""
    print(to_json(data))


def say(*lines: str) -> None:
    """Print lines for the reader's eyes on stderr, so that tables and JSON stay clean."""
    for line in lines:
        print(line, file=sys.stderr)


def print_circle(circle: Circle, lang: Language) -> None:
    """Print one city: headline with range, bridge, readings side by side, stations."""
    console = _console()
    s = circle.summary
    zh = lang == "zh"
    name = circle.city.name if zh else circle.city.name_en or circle.city.name
    title = f"{name} 一小时通勤圈" if zh else f"{name}: one-hour commuting circle"
    console.print(f"[bold]{title}[/bold]  {s['date']}  {pick(DIRECTIONS[circle.direction], lang)}")
    for line in s["readings"][circle.surface.reading.name][f"definition_{lang}"]:
        console.print(f"  {line}", highlight=False)
    lines = s["lines_by_headway"]
    if lines:
        text = "含按间隔运行的通勤线" if zh else "with lines known by headway only"
        tail = "(--without-lines 可去除)" if zh else "(--without-lines leaves them out)"
        console.print(f"  {text}: {', '.join(lines)} {tail}", highlight=False)
    if circle.network.counties is None:
        text = (
            "无区县边界：不分中心城区内外，水面计为土地；无人口数据"
            if zh
            else "no county boundaries: no city proper is told apart, and water counts as land; people: no data"
        )
        console.print(f"  {text}", highlight=False)
    _print_range(console, circle, lang)
    _print_bridge(console, circle, lang)
    _print_readings(console, circle, lang)
    _print_members(console, circle, lang)
    _print_centres(console, circle, lang)
    _print_towns(console, circle, lang)
    _print_stations(console, circle, lang)


def _print_range(console: Console, circle: Circle, lang: Language) -> None:
    ends = circle.summary["range"]
    central, low, high = ends["central"], ends["low"], ends["high"]
    zh = lang == "zh"
    people = [format_people(e["people"], lang) for e in (central, low, high)]
    area = [_km2(e["area_km2"]) for e in (central, low, high)]
    bounded, counted = circle.network.counties is not None, central["people"] is not None
    if zh:
        text = f"{ends['cutoff_min']}分钟内铁路可达{'(中心城区外)' if bounded else ''}："
        text += f"人口 {people[0]} (低 {people[1]} 高 {people[2]})，" if counted else ""
        text += f"面积 {area[0]} km² ({area[1]}–{area[2]})"
    else:
        text = f"by rail within {ends['cutoff_min']} min{', outside the city proper' if bounded else ''}: "
        text += f"people {people[0]} ({people[1]} to {people[2]}), " if counted else ""
        text += f"{area[0]} km² ({area[1]} to {area[2]})"
    console.print(text, style="bold", highlight=False)
    coarse = circle.network.population_cell_deg >= _COARSE_DEG and central["people"] is not None
    if coarse and any(e["access"] == "walk" for e in (central, low)):
        cells = f"{circle.network.population_cell_deg * 60:g}"
        text = (
            f"仅步行的人口由{cells}角分格网推算，不可靠，只作下限"
            if zh
            else f"people reached on foot are spread from cells of {cells} arc-minutes: not reliable, a lower end only"
        )
        console.print(f"  {text}", highlight=False)
    for end, label in ((low, "低 low" if zh else "low"), (high, "高 high" if zh else "high")):
        console.print(
            f"  {label}: {end['access']}; slack {end['slack_min']} min; station time {end['station_time_min']:+d} min",
            highlight=False,
        )


def _print_bridge(console: Console, circle: Circle, lang: Language) -> None:
    zh, bounded = lang == "zh", circle.network.counties is not None
    bridge = circle.summary["bridge"]
    counted = any(row["people"] is not None for row in bridge)
    outside = ("，中心城区外" if zh else ", outside the city proper") if bounded else ""
    title = f"口径阶梯(铁路可达{outside})" if zh else f"Bridge: what each assumption costs (by rail{outside})"
    heads = (
        ["口径", "分钟", "车站", "城区内站", "区县", "人口"]
        if zh
        else ["assumption", "min", "stations", "in city", "counties", "people"]
    )
    shown = (True, True, True, bounded, bounded, counted)
    table = _table(title, _kept(shown, heads))
    for row in bridge:
        mark = "*" if row["convention"] == "whole counties" and row["people"] is not None else ""
        cells = (
            pick(BRIDGE[row["key"]], lang), str(row["cutoff_min"]), str(row["stations"]), str(row["stations_in_city"]),
            _count(row["counties"]), format_people(row["people"], lang) + mark,
        )  # fmt: skip
        table.add_row(*_kept(shown, cells))
    console.print(table)
    if counted:
        console.print(f"  * {pick(CONVENTION, lang)}", highlight=False)
    text = (
        "阶梯与各中心表不计在中心城区客站上车者；各口径并列表的门到门计入"
        if zh
        else "bridge and centres count no ride that begins at a core station; door to door below does"
    )
    console.print(f"  {text}", highlight=False)


def _print_readings(console: Console, circle: Circle, lang: Language) -> None:
    zh, bounded = lang == "zh", circle.network.counties is not None
    counted = circle.ground.people is not None
    heads = (
        ["口径", "分钟", "项", "人口", "其中城区外", "面积km²", "城区外km²", "县(过半)", "县(触及)"]
        if zh
        else ["reading", "min", "kind", "people", "outside city", "km²", "outside km²", "counties in", "touched"]
    )
    shown = (True, True, True, counted, counted, True, bounded, bounded and counted, bounded and counted)
    table = _table("各口径并列" if zh else "Readings side by side", _kept(shown, heads), right=3)

    def add(label: str, kind: str, row: dict[str, Any]) -> None:
        cells = (
            label, str(row["cutoff_min"]), kind, format_people(row["people"], lang),
            format_people(row["people_outside_city"], lang), _km2(row["area_km2"]), _km2(row["area_km2_outside_city"]),
            _count(row["counties_inside"]), _count(row["counties_touched"]),
        )  # fmt: skip
        table.add_row(*_kept(shown, cells))

    for name, block in circle.summary["readings"].items():
        label = circle.readings[name].label_zh if zh else name
        for row in block["table"]:
            add(label, pick(KINDS[row["kind"]], lang), row)
            label = ""
        add("", "严格(75%)铁路" if zh else "strict (p75) by rail", block["strict"])
    console.print(table)
    if circle.summary["people_label"]:
        console.print(f"  {circle.summary['people_label']}", highlight=False)


def _print_members(console: Console, circle: Circle, lang: Language) -> None:
    members, cutoff = circle.members, circle.headline_cutoff
    if not len(members.columns):
        return
    zh = lang == "zh"
    inside = members[members[f"share_total_{cutoff}"].fillna(0) > 0]
    inside = inside.sort_values([f"share_total_{cutoff}", "prefecture_code"], ascending=[False, True])
    inside = inside.drop_duplicates("prefecture_code").head(_MEMBERS_SHOWN)
    heads = (
        ["成员城市", "范围", "圈内人口", "普查人口", "占比"]
        if zh
        else ["member city", "scope", "people inside", "census", "share"]
    )
    title = (
        f"各成员城市 {cutoff} 分钟圈内(铁路或本地)" if zh else f"Member cities within {cutoff} min (by rail or local)"
    )
    table = _table(title, heads, right=2)
    for row in inside.to_dict(orient="records"):
        name = row["prefecture"] if zh else f"{row['prefecture']} {row['prefecture_en']}"
        table.add_row(
            name, _scope(row["scope"], lang), format_people(row[f"people_total_{cutoff}"], lang),
            format_people(row["people_census"], lang), f"{row[f'share_total_{cutoff}']:.1%}",
        )  # fmt: skip
    console.print(table)


def _scope(scope: str, lang: Language) -> str:
    """Return how much of a prefecture belongs to the agglomeration: whole, or so many of its counties."""
    if lang == "en":
        return scope
    return "全域" if scope == "whole" else "{}/{}县".format(*(part for part in scope.split() if part.isdigit()))


def _print_centres(console: Console, circle: Circle, lang: Language) -> None:
    rows = circle.summary["centres"]
    if not rows or circle.ground.people is None:
        return
    zh = lang == "zh"
    heads = ["就业中心", "60分钟人口", "90分钟人口"] if zh else ["employment centre", "people 60 min", "people 90 min"]
    title = (
        "门到门，各中心单独(铁路，城区外)"
        if zh
        else "Door to door, each centre alone (by rail, outside the city proper)"
    )
    table = _table(title, heads)
    for row in rows:
        table.add_row(
            row["name"] if zh else row["name_en"] or row["name"],
            *(format_people(row[f"people_by_rail_outside_city_{c}"], lang) for c in (60, 90)),
        )
    console.print(table)


def _print_towns(console: Console, circle: Circle, lang: Language) -> None:
    towns = circle.towns
    if not len(towns):
        return
    zh, cutoff = lang == "zh", circle.headline_cutoff
    title = (
        f"{cutoff}分钟内城镇 {len(towns)} 座(整座城镇人口，GeoNames；城区内的街区另列，不可相加)"
        if zh
        else f"{len(towns)} towns within {cutoff} min (whole towns, GeoNames; districts beside their city: no sum)"
    )
    heads = ["城镇", "国家", "人口", "分钟", "铁路可达"] if zh else ["town", "country", "people", "minutes", "by rail"]
    table = _table(title, heads, right=2)
    for row in towns.head(_TOWNS_SHOWN).itertuples():
        by_rail = ("是" if zh else "yes") if row.by_rail else ("否" if zh else "no")
        table.add_row(row.name, row.country, f"{row.population:,}", _minutes(row.minutes), by_rail)
    console.print(table)
    if len(towns) > _TOWNS_SHOWN:
        console.print(f"  … {len(towns) - _TOWNS_SHOWN} more: -o DIR", highlight=False)


def _print_stations(console: Console, circle: Circle, lang: Language) -> None:
    zh = lang == "zh"
    frame = circle.stations[~circle.stations["is_core"]]
    inside = frame[frame["inside"]]
    cutoff = circle.headline_cutoff
    title = (
        f"{cutoff}分钟内车站 {len(inside)} 座" if zh else f"{len(inside)} stations within {cutoff} min from their door"
    )
    if circle.reading.legs == "station":
        title = (
            f"{cutoff}分钟内车站 {len(inside)} 座：{circle.reading.label_zh}"
            if zh
            else f"{len(inside)} stations within {cutoff} min: {circle.reading.label}"
        )
    heads = (
        ["车站", "本口径", "75%", "最快", "时段班次", "保障率", "最大间隔", "首达", "末返"]
        if zh
        else [
            "station",
            "minutes",
            "p75",
            "fastest",
            "trips",
            "share served",
            "max gap",
            "first arrival",
            "last return",
        ]
    )
    table = _table(title, heads)
    for row in inside.head(_STATIONS_SHOWN).itertuples():
        table.add_row(
            (row.name if zh else f"{row.name} {row.name_en}") + ("" if row.coord_confidence == "high" else " ≈"),
            _minutes(row.minutes), _minutes(row.minutes_strict),
            _minutes(row.minutes_fastest), str(row.trips), f"{row.share_served:.0%}", _minutes(row.max_gap_min),
            row.first_arrival or "-", row.last_return or "-",
        )  # fmt: skip
    console.print(table)
    if (inside.head(_STATIONS_SHOWN)["coord_confidence"] != "high").any():
        console.print("  ≈ 坐标为估计值" if zh else "  ≈ coordinate estimated or from a weaker list", highlight=False)
    if len(inside) > _STATIONS_SHOWN:
        console.print(f"  … {len(inside) - _STATIONS_SHOWN} more: -o DIR")


def _saved(value: float) -> str:
    return "-" if value != value else f"{value:.0f}"


def _minutes(value: float) -> str:
    """Return whole minutes rounded up, so that 60.1 never prints as 60; "-" where there are none."""
    return "-" if value != value else str(math.ceil(value - 1e-9))


def print_comparison(summaries: Sequence[dict[str, Any]], lang: Language, *, union: dict[str, Any] | None) -> None:
    """Print one row a city: stations along the bridge, people with range; door to door to the main centre only."""
    zh = lang == "zh"
    keys = list(BRIDGE)
    heads = (
        ["城市", "全天最快", "高峰中位", "加进出站", "门到站人口", "低", "高", "面积km²", "门到门90主中心"]
        if zh
        else [
            "city",
            "fastest",
            "p50 peak",
            "+entry/exit",
            "people d-to-s",
            "low",
            "high",
            "km²",
            "d-to-d 90, main centre",
        ]
    )
    title = "各城市并列：车站数沿口径阶梯；人口为铁路可达、中心城区外" if zh else (
        "Cities: stations along the bridge; people by rail outside the city proper"
    )  # fmt: skip
    table = _table(title, heads)
    for s in summaries:
        rungs = {row["key"]: row for row in s["bridge"]}
        ends = s["range"]
        main = s["centres"][0]["people_by_rail_outside_city_90"] if s["centres"] else None
        table.add_row(
            (s["city"]["name"] if zh else s["city"]["name_en"]) + ("†" if s["lines_by_headway"] else ""),
            *(str(rungs[k]["stations"]) for k in keys[:3]),
            *(format_people(ends[end]["people"], lang) for end in ("central", "low", "high")),
            _km2(ends["central"]["area_km2"]), format_people(main, lang),
        )  # fmt: skip
    console = _console()
    console.print(table)
    if any(s["lines_by_headway"] for s in summaries):
        note = (
            "† 含按间隔运行的通勤线，其他城市的地铁未建模：城市之间比较请用 --without-lines"
            if zh
            else "† with commuter lines by headway; other cities' metros are not modelled: compare with --without-lines"
        )
        console.print(f"  {note}", highlight=False)
    if union is None:
        note = "圈相互重叠，不作合计" if zh else "circles overlap: no sum"
        console.print(f"  {note}")
        return
    for kind in ("by_rail", "total"):
        row = union[kind]
        people, area = format_people(row["people_outside_city"], lang), _km2(row["area_km2_outside_city"])
        label = (
            f"并集，{pick(KINDS[kind], lang)}，城区外"
            if zh
            else f"union, {pick(KINDS[kind], lang)}, outside the cities"
        )
        console.print(f"  {label} ({row['cutoff_min']} min): {people}, {area} km²", highlight=False)


def print_difference(found: Comparison, lang: Language) -> None:
    """Print before, after, gained and lost by reading, then stations that win and lose."""
    zh = lang == "zh"
    console = _console()
    name = found.before.city.name if zh else found.before.city.name_en
    console.print(f"[bold]{name}: {found.title}[/bold]")
    heads = (
        ["口径", "分钟", "项", "现状人口", "规划人口", "新增", "减少", "现状km²", "规划km²", "新增km²", "减少km²"]
        if zh
        else ["reading", "min", "kind", "people before", "after", "gained", "lost", "km² before", "after", "gained",
              "lost"]
    )  # fmt: skip
    counted, bounded = found.before.ground.people is not None, found.before.network.counties is not None
    shown = (*(True,) * 3, *(counted,) * 4, *(not counted,) * 2, True, True)
    title = "现状与规划方案" if zh else "Before and after"
    title = title if not bounded else f"中心城区外，{title}" if zh else f"Outside the city proper, {title.lower()}"
    table = _table(title, _kept(shown, heads), right=3)
    label = ""
    joined = set(found.after.city.core_station_ids) - set(found.before.city.core_station_ids)
    if joined:
        names = ", ".join(s.name for s in found.after.network.stations if s.station_id in joined)
        text = (
            f"新增中心城区客站：{names}；其周边按本地可达计，不计铁路可达"
            if zh
            else f"joins the core stations: {names}; land around it becomes local, in total and no longer by rail"
        )
        console.print(f"  {text}", highlight=False)
    for row in found.table:
        reading = row["reading"] if row["reading"] != label else ""
        label = row["reading"]
        cells = (
            reading, str(row["cutoff_min"]), pick(KINDS[row["kind"]], lang),
            *(format_people(row[f"people_{k}"], lang) for k in ("before", "after", "gained", "lost")),
            *(_km2(row[f"area_km2_{k}"]) for k in ("before", "after", "gained", "lost")),
        )  # fmt: skip
        table.add_row(*_kept(shown, cells))
    console.print(table)
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
        ), highlight=False)  # fmt: skip
    heads = (
        ["车站", "现状", "规划", "节省", "班次前", "班次后"]
        if zh
        else ["station", "before", "after", "saved", "trips before", "after"]
    )
    table = _table("车站变化" if zh else "Stations that change", heads)
    changed = found.stations
    for row in changed.head(_STATIONS_SHOWN).itertuples():
        table.add_row(
            row.name if zh else f"{row.name} {row.name_en}", _minutes(row.minutes_before), _minutes(row.minutes_after),
            _saved(row.minutes_saved), _minutes(row.trips_before), _minutes(row.trips_after),
        )  # fmt: skip
    console.print(table)


def comparison_json(found: Comparison) -> dict[str, Any]:
    """Return a comparison as plain values."""
    return {
        "title": found.title, "before": found.before.summary, "after": found.after.summary, "table": found.table,
        "minutes_saved": found.minutes_saved,
        "stations": found.stations.to_dict(orient="records"), "counties": found.counties.to_dict(orient="records"),
    }  # fmt: skip


def print_reach(table: pd.DataFrame) -> None:
    """Print the stations that are reached, nearest first."""
    times = [c for c in table.columns if c.startswith("travel_time")]
    reached = table.dropna(subset=times[:1]).sort_values([times[0], "station_id"])
    out = _table(f"{len(reached)} of {len(table)} stations", ["station_id", "station_name", *times, "trips"], right=2)
    for row in reached.itertuples(index=False):
        values = row._asdict()
        out.add_row(
            row.station_id, row.station_name, *("-" if values[c] != values[c] else f"{values[c]:.2f}" for c in times),
            str(row.trips),
        )  # fmt: skip
    _console().print(out)


def print_notes(network: Network, lang: Language) -> None:
    """Print what reading left out, mended or estimated; what stands in network.toml is not repeated."""
    notes = _reading_notes(network.notes)
    if not notes and not network.issues:
        return
    console = _console()
    console.print("[bold]读入说明[/bold]" if lang == "zh" else "[bold]Notes on reading[/bold]")
    for note in notes[:_NOTES_SHOWN]:
        console.print(f"  {note}", highlight=False, markup=False)
    more = [f"{len(notes) - _NOTES_SHOWN} more notes: run.json"] if len(notes) > _NOTES_SHOWN else []
    more += [f"{len(network.issues)} warnings: `railshed check` lists them"] if network.issues else []
    for line in more:
        console.print(f"  {line}", highlight=False, markup=False)


def _reading_notes(notes: Sequence[str]) -> list[str]:
    return [note for note in notes if not note.startswith(("network.toml ", CHOSEN_DAY))]


def print_issues(path: str, issues: Sequence[Issue], notes: Sequence[str]) -> None:
    """Print the problems of a network, errors first, each where it stands and how to mend it; then notes and counts."""
    console = _console()
    if issues:
        table = Table(box=None, pad_edge=False, header_style="bold")
        for column in ("severity", "code", "where", "what", "value", "what to do"):
            table.add_column(column, overflow="fold")
        for issue in sorted(issues, key=lambda i: i.severity != "error"):
            row = "" if issue.row is None else f" row {issue.row}"
            where = f"{issue.file}{row}{' ' + issue.field if issue.field else ''}".strip()
            table.add_row(issue.severity, issue.code, where, issue.message, issue.value, issue.remedy)
        console.print(table, markup=False)
    for note in _reading_notes(notes):
        console.print(f"note: {note}", highlight=False, markup=False)
    n_errors = sum(issue.severity == "error" for issue in issues)
    console.print(f"{path}: {n_errors} errors, {len(issues) - n_errors} warnings", highlight=False, markup=False)


def print_imported(network: Network, folder: str, notes: dict[str, Any], issues: Sequence[Issue]) -> None:
    """Print what a new network folder holds, what reading left out or estimated, and what to do next."""
    console = _console()
    counts = f"{network.n_stations:,} stations, {network.n_trips:,} trips"
    lines = f", {len(network.lines_included):,} lines by headway" if network.lines_included else ""
    console.print(f"{folder}: {counts}{lines}; service day {network.date}", highlight=False, markup=False)
    for note in notes["reading"].values():
        console.print(f"  {note}", highlight=False, markup=False)
    for code, count in notes.get("warnings", {}).items():
        first = next(issue for issue in issues if issue.code == code)
        console.print(f"  {count:,} warnings {code}, the first: {first}", highlight=False, markup=False)
    console.print(f"check it: railshed check {folder}", highlight=False, markup=False)
    console.print(f"a circle: railshed circle -n {folder} --at LON,LAT -o out", highlight=False, markup=False)


def print_exported(network: Network, path: str, notes: Sequence[str]) -> None:
    """Print what a feed holds and what it words otherwise."""
    console = _console()
    counts = f"{network.n_stations:,} stations, {network.n_trips:,} trips"
    console.print(f"written to {path}: {counts}", highlight=False, markup=False)
    for note in notes:
        console.print(f"  {note}", highlight=False, markup=False)


def print_networks(found: Sequence[dict[str, Any]], lang: Language) -> None:
    """Print shipped networks with counts, sources and licences."""
    console = _console()
    for network in found:
        title = network.get("title") if lang == "zh" else network.get("title_en") or network.get("title")
        console.print(f"[bold]{network['id']}[/bold]  {title}  {network.get('date', '')}", highlight=False)
        if network["problem"]:
            console.print(f"  {network['problem']}", highlight=False, markup=False)
        counts = [f"{network['counts'][k]:,} {name}" for k, name in _COUNTS.items() if k in network["counts"]]
        if counts:
            console.print("  " + ", ".join(counts), highlight=False, markup=False)
        for source, licence in zip_longest(network["sources"], network["licences"], fillvalue=""):
            console.print(f"  - {source} · {licence}", highlight=False, markup=False)


def city_json(network: Network, city: City) -> dict[str, Any]:
    """Return one city as plain values."""
    names = {s.station_id: s.name for s in network.stations}
    return {
        "slug": city.slug, "name": city.name, "name_en": city.name_en, "role": city.role, "regions": city.regions,
        "feeder": city.feeder, "window_to": _span(city.window_to), "window_from": _span(city.window_from),
        "core_stations": [{"id": s, "name": names.get(s, "")} for s in city.core_station_ids],
        "centres": [c.name for c in city.centres], "city_proper": city.proper_counties,
    }  # fmt: skip


def _span(window: tuple[int, int]) -> str:
    return f"{format_clock(window[0])}-{format_clock(window[1])}"


def print_cities(network: Network, cities: Sequence[City], lang: Language) -> None:
    """Print the cities of a network."""
    names = {s.station_id: s.name for s in network.stations}
    heads = ["slug", "name", "role", "regions", "feeder", "to", "from", "core stations", "centres"]
    table = _table(f"{network.title}: {len(cities)} cities", heads, right=99)
    for city in cities:
        table.add_row(
            city.slug, f"{city.name} {city.name_en}", city.role, "|".join(city.regions), city.feeder,
            _span(city.window_to), _span(city.window_from),
            " ".join(names.get(s, s) for s in city.core_station_ids), str(len(city.centres)),
        )  # fmt: skip
    _console().print(table)


def print_saved(out: Path | None, lang: Language) -> None:
    """Say where the files are, or how to get them."""
    if out is not None:
        text = f"已写入 {out}" if lang == "zh" else f"written to {out}"
    else:
        text = (
            "加 -o DIR 可存 GeoPackage、CSV、地图与 run.json"
            if lang == "zh"
            else "save with -o DIR: GeoPackage, CSV, map, run.json"
        )
    _console().print(text, highlight=False)
