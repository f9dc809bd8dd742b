"""What the command line prints: rich tables in Chinese or English, or JSON. Figures come ready from the results."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.text import Text

from railshed.circles.definitions import BRIDGE, CONVENTION, DIRECTIONS, KINDS, describe_known, people_words
from railshed.network.buses import has_buses
from railshed.tables.car_and_components import outside_of, print_car, print_split
from railshed.tables.console import console_of, kept, table_of
from railshed.util.bilingual import Language, pick
from railshed.util.number_format import NO_DATA, count, format_people, km2, minutes

if TYPE_CHECKING:
    import pandas as pd

    from railshed.circles.result import CircleResult

_STATIONS_SHOWN = 40
_MEMBERS_SHOWN = 12
#: stations without a street that are named
_LOST_SHOWN = 3
_TOWNS_SHOWN = 20
#: source cells of people this wide (2 km) say little about who lives within a walk of a station
_COARSE_DEG = 0.02


def print_circle(circle: CircleResult, lang: Language, *, car: bool = False) -> None:
    """Print one city: headline with range, bridge, readings side by side, stations."""
    console = console_of()
    zh = lang == "zh"
    name = circle.city.name if zh else circle.city.name_en or circle.city.name
    print_premises(console, circle, f"{name} 一小时通勤圈" if zh else f"{name}: one-hour commuting circle", lang)
    _print_range(console, circle, lang)
    _print_bridge(console, circle, lang)
    _print_readings(console, circle, lang)
    _print_members(console, circle, lang)
    _print_centres(console, circle, lang)
    _print_towns(console, circle, lang)
    if car:
        print_split(console, circle, lang)
        print_car(console, circle, lang)
    _print_stations(console, circle, lang)


def print_premises(console: Console, circle: CircleResult, title: str, lang: Language) -> None:
    """Print the title, then what holds for every figure: date, definition, lines by headway, land told apart."""
    s, zh = circle.summary, lang == "zh"
    console.print(Text.assemble((title, "bold"), f"  {s['date']}  {pick(DIRECTIONS[circle.direction], lang)}"))
    for line in s["readings"][circle.surface.reading.name][f"definition_{lang}"]:
        console.print(f"  {line}")
    lines = s["lines_by_headway"]
    if lines:
        text = "含按间隔运行的通勤线" if zh else "with lines known by headway only"
        tail = "(--without-lines 可去除)" if zh else "(--without-lines leaves them out)"
        console.print(f"  {text}: {', '.join(lines)} {tail}")
    if has_buses(circle.network):
        text = "“铁路”指数据中的全部线路，含公交" if zh else "rail stands for every line of the data, buses included"
        console.print(f"  {text}")
    if circle.network.counties is None:
        text = (
            "无区县边界：不分中心城区内外，水面计为土地"
            if zh
            else "no county boundaries: no city proper is told apart, and water counts as land"
        )
        if circle.ground.people is None:
            text += "；无人口数据" if zh else "; people: no data"
        console.print(f"  {text}")
    elif not circle.has_city_proper:
        text = "本城无中心城区界：不分内外" if zh else "no city proper is known here: nothing is counted apart"
        console.print(f"  {text}")


def _print_range(console: Console, circle: CircleResult, lang: Language) -> None:
    ends = circle.summary["range"]
    central, low, high = ends["central"], ends["low"], ends["high"]
    zh = lang == "zh"
    people = [format_people(e["people"], lang) for e in (central, low, high)]
    area = [km2(e["area_km2"]) for e in (central, low, high)]
    counted, outside = central["people"] is not None, outside_of(circle, lang)
    if zh:
        text = f"{ends['cutoff_min']}分钟内铁路可达{'(中心城区外)' if outside else ''}："
        text += f"人口 {people[0]} (低 {people[1]} 高 {people[2]})，" if counted else ""
        text += f"面积 {area[0]} km² ({area[1]}–{area[2]})"
    else:
        text = f"by rail within {ends['cutoff_min']} min{outside}: "
        text += f"people {people[0]} ({people[1]} to {people[2]}), " if counted else ""
        text += f"{area[0]} km² ({area[1]} to {area[2]})"
    console.print(text, style="bold")
    told = describe_known(central["people_known_km2"], central["area_km2"], lang)
    if told:
        console.print(f"  {told}")
    own = circle.ground.people_label == circle.network.population_label  # no file of the user's
    coarse = own and circle.network.population_cell_deg >= _COARSE_DEG and central["people"] is not None
    if coarse and any(e["access"] == "walk" for e in (central, low)):
        cells = f"{circle.network.population_cell_deg * 60:g}"
        text = (
            f"仅步行的人口由{cells}角分格网推算，不可靠，只作下限"
            if zh
            else f"people reached on foot are spread from cells of {cells} arc-minutes: not reliable, a lower end only"
        )
        console.print(f"  {text}")
    for end, label in ((low, "低 low" if zh else "low"), (high, "高 high" if zh else "high")):
        console.print(
            f"  {label}: {end['access']}; slack {end['slack_min']} min; station time {end['station_time_min']:+d} min",
        )


def _print_bridge(console: Console, circle: CircleResult, lang: Language) -> None:
    zh, bounded = lang == "zh", circle.network.counties is not None
    bridge = circle.summary["bridge"]
    counted = any(row["people"] is not None for row in bridge)
    outside = outside_of(circle, lang)
    title = f"口径阶梯(铁路可达{outside})" if zh else f"Bridge: what each assumption costs (by rail{outside})"
    heads = (
        ["口径", "分钟", "车站", "城区内站", "区县", "人口"]
        if zh
        else ["assumption", "min", "stations", "in city", "counties", "people"]
    )
    shown = (True, True, True, circle.has_city_proper, bounded, counted)
    table = table_of(title, kept(shown, heads))
    for row in bridge:
        mark = "*" if row["convention"] == "whole counties" and row["people"] is not None else ""
        cells = (
            pick(BRIDGE[row["key"]], lang), str(row["cutoff_min"]), str(row["stations"]), str(row["stations_in_city"]),
            count(row["counties"]), format_people(row["people"], lang) + mark,
        )  # fmt: skip
        table.add_row(*kept(shown, cells))
    console.print(table)
    if counted:
        console.print(f"  * {pick(CONVENTION, lang)}")
    text = (
        "阶梯与各中心表不计在中心城区客站上车者；各口径并列表的门到门计入"
        if zh
        else "bridge and centres count no ride that begins at a core station; door to door below does"
    )
    console.print(f"  {text}")


def _print_readings(console: Console, circle: CircleResult, lang: Language) -> None:
    zh, bounded = lang == "zh", circle.network.counties is not None
    counted = circle.ground.people is not None
    heads = (
        ["口径", "分钟", "项", "人口", "其中城区外", "面积km²", "有人口数据km²", "城区外km²", "县(过半)", "县(触及)"]
        if zh
        else ["reading", "min", "kind", "people", "outside city", "km²", "people known km²", "outside km²",
              "counties in", "touched"]
    )  # fmt: skip
    partly = counted and any(
        km2(row["people_known_km2"]) != km2(row["area_km2"])
        for block in circle.summary["readings"].values()
        for row in block["table"]
    )
    apart = circle.has_city_proper
    shown = (*(True,) * 3, counted, counted and apart, True, partly, apart, *(bounded and counted,) * 2)
    others = list(circle.ground.others)
    table = table_of("各口径并列" if zh else "Readings side by side", [*kept(shown, heads), *others], right=3)

    def add(label: str, kind: str, row: dict[str, Any]) -> None:
        cells = (
            label, str(row["cutoff_min"]), kind, format_people(row["people"], lang),
            format_people(row["people_outside_city"], lang), km2(row["area_km2"]),
            km2(row["people_known_km2"] or 0.0), km2(row["area_km2_outside_city"]),
            count(row["counties_inside"]), count(row["counties_touched"]),
        )  # fmt: skip
        more = (pick(NO_DATA, lang) if row[name] is None else f"{row[name]:,.0f}" for name in others)
        table.add_row(*kept(shown, cells), *more)

    for name, block in circle.summary["readings"].items():
        label = circle.readings[name].label_zh if zh else name
        for row in block["table"]:
            add(label, pick(KINDS[row["kind"]], lang), row)
            label = ""
        add("", "严格(75%)铁路" if zh else "strict (p75) by rail", block["strict"])
    console.print(table)
    print_grounds(console, circle, lang)


def print_grounds(console: Console, circle: CircleResult, lang: Language) -> None:
    """Print whose people they are, what of other columns lies elsewhere, and how stations meet the streets."""
    zh = lang == "zh"
    if circle.summary["people_label"]:
        console.print(f"  {people_words(circle.summary['people_label'], lang)}")
    for name, elsewhere in circle.summary["counted_elsewhere"].items():
        text = f"另有{elsewhere:,.0f} {name}在所算范围之外" if zh else f"{name}: {elsewhere:,.0f} more beyond this land"
        if elsewhere >= 1:
            console.print(f"  {text}")
    if "streets" in circle.summary:
        _print_streets(console, circle.summary["streets"], zh)


def _print_streets(console: Console, found: dict[str, Any], zh: bool) -> None:
    """Print how the stations meet the streets."""
    for net, row in found["networks"].items():
        lost = row["without_street"]
        shown = ", ".join(lost[:_LOST_SHOWN]) + (f" … {len(lost) - _LOST_SHOWN}" if len(lost) > _LOST_SHOWN else "")
        if zh:
            text = (
                f"道路({net})：{row['stations']:,} 座车站上路，距离中位 {row['median_m']} m、最大 {row['largest_m']} m"
            )
            text += f"；{len(lost)} 座 {found['within_m']:g} m 内无路，不服务：{shown}" if lost else ""
        else:
            text = f"streets ({net}): {row['stations']:,} stations, {row['median_m']} m to their street (median)"
            text += f", at most {row['largest_m']} m"
            text += f"; {len(lost)} without one within {found['within_m']:g} m, not served: {shown}" if lost else ""
        console.print(f"  {text}")
    if found["stations_outside"]:
        n = f"{found['stations_outside']:,}"
        console.print(
            f"  {n} 座车站在道路数据范围外，按直线" if zh else f"  {n} stations outside the streets: straight lines"
        )
    beyond = found["straight"]
    if beyond["cells"]:
        area, people = km2(beyond["area_km2"]), format_people(beyond["people"], "zh" if zh else "en")
        console.print(
            f"  圈内 {area} km²(人口 {people})处无道路数据，按直线" if zh
            else f"  {area} km² of the circle (people {people}) lie where no streets are known: straight lines"
        )  # fmt: skip


def _print_members(console: Console, circle: CircleResult, lang: Language) -> None:
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
    table = table_of(title, heads, right=2)
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


def _print_centres(console: Console, circle: CircleResult, lang: Language) -> None:
    rows = circle.summary["centres"]
    if not rows or circle.ground.people is None:
        return
    zh = lang == "zh"
    heads = ["就业中心", "60分钟人口", "90分钟人口"] if zh else ["employment centre", "people 60 min", "people 90 min"]
    outside = outside_of(circle, lang)
    title = f"门到门，各中心单独(铁路{outside})" if zh else f"Door to door, each centre alone (by rail{outside})"
    table = table_of(title, heads)
    for row in rows:
        table.add_row(
            row["name"] if zh else row["name_en"] or row["name"],
            *(format_people(row[f"people_by_rail_outside_city_{c}"], lang) for c in (60, 90)),
        )
    console.print(table)


def _print_towns(console: Console, circle: CircleResult, lang: Language) -> None:
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
    table = table_of(title, heads, right=2)
    for row in towns.head(_TOWNS_SHOWN).itertuples():
        by_rail = ("是" if zh else "yes") if row.by_rail else ("否" if zh else "no")
        table.add_row(row.name, row.country, f"{row.population:,}", minutes(row.minutes), by_rail)
    console.print(table)
    if len(towns) > _TOWNS_SHOWN:
        console.print(f"  … {len(towns) - _TOWNS_SHOWN} more: -o DIR")


def _print_stations(console: Console, circle: CircleResult, lang: Language) -> None:
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
    table = table_of(title, heads)
    for row in inside.head(_STATIONS_SHOWN).itertuples():
        table.add_row(
            (row.name if zh else f"{row.name} {row.name_en}") + ("" if row.coord_confidence == "high" else " ≈"),
            minutes(row.minutes), minutes(row.minutes_strict),
            minutes(row.minutes_fastest), str(row.trips), f"{row.share_served:.0%}",
            minutes(row.max_gap_min), row.first_arrival or "-", row.last_return or "-",
        )  # fmt: skip
    console.print(table)
    if (inside.head(_STATIONS_SHOWN)["coord_confidence"] != "high").any():
        console.print("  ≈ 坐标为估计值" if zh else "  ≈ coordinate estimated or from a weaker list")
    if len(inside) > _STATIONS_SHOWN:
        console.print(f"  … {len(inside) - _STATIONS_SHOWN} more: -o DIR")


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
    table = table_of(title, heads)
    for s in summaries:
        rungs = {row["key"]: row for row in s["bridge"]}
        ends = s["range"]
        main = s["centres"][0]["people_by_rail_outside_city_90"] if s["centres"] else None
        table.add_row(
            (s["city"]["name"] if zh else s["city"]["name_en"]) + ("†" if s["lines_by_headway"] else ""),
            *(str(rungs[k]["stations"]) for k in keys[:3]),
            *(format_people(ends[end]["people"], lang) for end in ("central", "low", "high")),
            km2(ends["central"]["area_km2"]), format_people(main, lang),
        )  # fmt: skip
    console = console_of()
    console.print(table)
    if any(s["lines_by_headway"] for s in summaries):
        note = (
            "† 含按间隔运行的通勤线，其他城市的地铁未建模：城市之间比较请用 --without-lines"
            if zh
            else "† with commuter lines by headway; other cities' metros are not modelled: compare with --without-lines"
        )
        console.print(f"  {note}")
    if union is None:
        note = "圈相互重叠，不作合计" if zh else "circles overlap: no sum"
        console.print(f"  {note}")
        return
    for kind in ("by_rail", "total"):
        row = union[kind]
        people, area = format_people(row["people_outside_city"], lang), km2(row["area_km2_outside_city"])
        label = (
            f"并集，{pick(KINDS[kind], lang)}，城区外"
            if zh
            else f"union, {pick(KINDS[kind], lang)}, outside the cities"
        )
        console.print(f"  {label} ({row['cutoff_min']} min): {people}, {area} km²")


def print_reach(table: pd.DataFrame, lang: Language) -> None:
    """Print the stations that are reached, nearest first."""
    times = [c for c in table.columns if c.startswith("travel_time")]
    reached = table.dropna(subset=times[:1]).sort_values([times[0], "station_id"])
    heads, title = ["station_id", "station_name", *times, "trips"], f"{len(reached)} of {len(table)} stations"
    if lang == "zh":
        shares = [f"{time.removeprefix('travel_time_p')}%分位分钟" for time in times]
        heads, title = ["编号", "车站", *shares, "班次"], f"{len(table)}站中{len(reached)}站可达"
    out = table_of(title, heads, right=2)
    for row in reached.itertuples(index=False):
        values = row._asdict()
        out.add_row(
            row.station_id, row.station_name, *("-" if values[c] != values[c] else f"{values[c]:.2f}" for c in times),
            str(row.trips),
        )  # fmt: skip
    console_of().print(out)
