"""Chapters of the circles as they are: readings side by side, sensitivity, maps, tables by member and county."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from railshed.circles.definitions import BRIDGE, CAPACITY, CAR_STATES, CAR_TRAFFIC, COMPONENTS, CONVENTION, MODES
from railshed.report import findings
from railshed.report.document import Block, Cell, Heading, Items, Paragraph, Table, columns_kept
from railshed.util import number_format as n
from railshed.util.bilingual import Words

if TYPE_CHECKING:
    from railshed.api.circle import Circle
    from railshed.api.study import Study
    from railshed.api.union import Overlap

_COUNTIES_SHOWN, _STATIONS_SHOWN = 25, 25
_CONFIDENCE = {"high": Words("高", "high"), "medium": Words("中", "medium"), "low": Words("低", "low")}
_MIN, _PEOPLE, _AREA = Words("分钟", "min"), Words("人口", "people"), Words("面积km²", "km²")


def _label(circle: Circle, name: str) -> Words:
    return Words(circle.readings[name].label_zh, name)


def side_by_side(study: Study) -> Iterator[Block]:
    """Yield the table by reading, cutoff and kind of each city, and what one number hides."""
    yield Heading(Words("各口径并列", "Readings side by side"))
    for circle in study.circles:
        name = findings.city_name(circle.city)
        yield Heading(name, 2)
        yield _readings_table(circle)
        if circle.summary["centres"] and study.counted:
            yield _centres(circle)
        yield Paragraph(Words(f"{name.zh}：这个圈掩盖了什么", f"{name.en}: what the circle hides"))
        yield Items(tuple(findings.hidden(circle)))


def _readings_table(circle: Circle) -> Table:
    """Return one row a reading and cutoff: all people inside, then those outside the city proper by kind, km2."""
    counted, others = circle.ground.people is not None, list(circle.ground.others)
    bounded = circle.network.counties is not None and counted
    heads: list[Cell] = [
        Words("口径", "reading"),
        _MIN,
        Words("合计人口", "people, total"),
        Words("其中城区外", "outside city"),
        Words("铁路可达", "by rail"),
        Words("铁路新增", "added by rail"),
        Words("严格铁路", "strict by rail"),
        Words("合计km²", "km² total"),
        Words("铁路km²", "km² by rail"),
        Words("县过半", "counties in"),
        Words("县触及", "touched"),
        *(Words(name, "") for name in others),
    ]
    shown = (True, True, *(counted,) * 5, True, True, bounded, bounded, *(True for _ in others))
    rows: list[list[Cell]] = []
    for name, block in circle.summary["readings"].items():
        label: Cell = _label(circle, name)
        strict = block["strict"]
        for cutoff in block["cutoffs"]:
            kinds = {r["kind"]: r for r in block["table"] if r["cutoff_min"] == cutoff}
            total, rail, added = (kinds[kind] for kind in ("total", "by_rail", "added_by_rail"))
            outside = "people_outside_city"
            rows.append(
                [
                    label,
                    str(cutoff),
                    n.people(total["people"]),
                    *(n.people(row[outside]) for row in (total, rail, added)),
                    n.people(strict[outside]) if strict["cutoff_min"] == cutoff else "",
                    n.km2(total["area_km2_outside_city"]),
                    n.km2(rail["area_km2_outside_city"]),
                    n.number(total["counties_inside"]),
                    n.number(total["counties_touched"]),
                    *(n.people(total[f"{other}_outside_city"]) for other in others),
                ]
            )
            label = ""
    kept_heads, kept_rows = columns_kept(heads, rows, shown)
    name = findings.city_name(circle.city)
    return Table(
        Words(f"{name.zh}：按口径与时间", f"{name.en}: by reading and cutoff"),
        kept_heads,
        kept_rows,
        notes=(
            Words(
                "除“合计人口”外均不含中心城区；“严格”为该口径的主要阈值、第75百分位。",
                "All but 'people, total' leave the city proper out; strict: percentile 75 at the reading's "
                "main cutoff.",
            ),
        )
        if circle.has_city_proper
        else (),
    )


def _centres(circle: Circle) -> Table:
    rows = tuple(
        (
            Words(row["name"], row["name_en"] or row["name"]),
            *(n.people(row[f"people_by_rail_outside_city_{c}"]) for c in (60, 90)),
            *(n.km2(row[f"area_km2_by_rail_outside_city_{c}"]) for c in (60, 90)),
            _CONFIDENCE.get(row["confidence"], row["confidence"]) or "-",
        )
        for row in circle.summary["centres"]
    )
    return Table(
        Words(
            "门到门，各就业中心单独(铁路，中心城区外)",
            "Door to door, each employment centre alone (by rail, outside the city proper)",
        ),
        (
            Words("就业中心", "employment centre"),
            Words("60分钟人口", "people 60 min"),
            Words("90分钟人口", "people 90 min"),
            Words("60分钟km²", "km² 60 min"),
            Words("90分钟km²", "km² 90 min"),
            Words("可信度", "confidence"),
        ),
        rows,
    )


def sensitivity(study: Study) -> Iterator[Block]:
    """Yield the range, the bridge, the parts of the minutes and rail against car."""
    yield Heading(Words("敏感性", "Sensitivity"))
    yield _range_table(study)
    yield _bridge_table(study)
    yield _split_table(study)
    yield _car_table(study)


def _range_table(study: Study) -> Table:
    ends = {"central": Words("中值", "central"), "low": Words("低", "low"), "high": Words("高", "high")}
    rows: list[list[Cell]] = []
    for circle in study.circles:
        label: Cell = findings.city_name(circle.city)
        for end, words in ends.items():
            row = circle.summary["range"][end]
            rows.append(
                [
                    label,
                    words,
                    _modes(row["access"]),
                    str(row["slack_min"]),
                    f"{row['station_time_min']:+d}".replace("-", "−").removeprefix("+0") or "0",
                    n.people(row["people"]),
                    n.km2(row["area_km2"]),
                ]
            )
            label = ""
    heads: list[Cell] = [
        Words("城市", "city"),
        Words("端", "end"),
        Words("接入方式", "access"),
        Words("提前容许分钟", "slack, min"),
        Words("站内时间分钟", "station time, min"),
        _PEOPLE,
        _AREA,
    ]
    kept_heads, kept_rows = columns_kept(heads, rows, (*(True,) * 5, study.counted, True))
    cutoff = study.first.summary["range"]["cutoff_min"]
    return Table(
        Words(
            f"区间：{cutoff}分钟内铁路可达，中心城区外", f"Range: by rail within {cutoff} min, outside the city proper"
        ),
        kept_heads,
        kept_rows,
        right=3,
    )


def _modes(names: str) -> Words:
    """Return the modes of a row of the range in words."""
    told = [n.words(MODES.get(name, (name, name))) for name in names.split(", ")]
    return Words("、".join(word.zh for word in told), ", ".join(word.en for word in told))


def _bridge_table(study: Study) -> Table:
    rows: list[list[Cell]] = []
    for circle in study.circles:
        label: Cell = findings.city_name(circle.city)
        for row in circle.summary["bridge"]:
            star = "*" if row["convention"] == "whole counties" and row["people"] is not None else ""
            people = n.people(row["people"])
            rows.append(
                [
                    label,
                    n.words(BRIDGE[row["key"]]),
                    str(row["cutoff_min"]),
                    n.number(row["stations"]),
                    n.number(row["counties"]),
                    Words(people.zh + star, people.en + star),
                ]
            )
            label = ""
    heads: list[Cell] = [
        Words("城市", "city"),
        Words("口径", "assumption"),
        _MIN,
        Words("车站", "stations"),
        Words("区县", "counties"),
        _PEOPLE,
    ]
    shown = (True, True, True, True, study.network.counties is not None, study.counted)
    kept_heads, kept_rows = columns_kept(heads, rows, shown)
    return Table(
        Words(
            "口径阶梯：每个假设的代价(铁路，中心城区外)",
            "Bridge: what each assumption costs (by rail, outside the city proper)",
        ),
        kept_heads,
        kept_rows,
        right=2,
        notes=(Words(f"* {CONVENTION[0]}", f"* {CONVENTION[1]}"),) if study.counted else (),
    )


def _split_table(study: Study) -> Table:
    rows: list[tuple[Cell, ...]] = []
    for circle in study.circles:
        label: Cell = findings.city_name(circle.city)
        name = circle.surface.reading.name
        for row in circle.split_table:
            if row["reading"] != name or row["total_min"] is None:
                continue
            parts = (f"{row[f'{key}_min']:.1f}" for key in COMPONENTS)
            rows.append(
                (label, str(row["cutoff_min"]), *parts, f"{row['total_min']:.1f}", n.share(row["out_of_vehicle_share"]))
            )
            label = ""
    heads = (
        Words("城市", "city"),
        _MIN,
        *(n.words(words) for words in COMPONENTS.values()),
        Words("合计", "sum"),
        Words("车外", "out of train"),
    )
    return Table(
        Words(
            "铁路行程的平均分钟数(铁路可达者，中心城区外)",
            "Mean minutes of the journey by rail (of those within the cutoff)",
        ),
        heads,
        tuple(rows),
    )


def _car_table(study: Study) -> Table:
    what = "people" if study.counted else "area_km2"
    states = ("rail", "car", "both", "rail_only", "car_only")
    rows: list[tuple[Cell, ...]] = []
    for circle in study.circles:
        label: Cell = findings.city_name(circle.city)
        for row in circle.car_table:
            if row["cutoff_min"] != circle.headline_cutoff:
                continue
            values = (row[f"{what}_outside_city_{s}"] for s in states)
            cells = (n.people(v) if study.counted else n.km2(v) for v in values)
            traffic = n.words(CAR_TRAFFIC.get(row["traffic"], (row["traffic"],) * 2))
            rows.append((label, _label(circle, row["reading"]), traffic, str(row["cutoff_min"]), *cells))
            label = ""
    heads = (
        Words("城市", "city"),
        Words("口径", "reading"),
        Words("路况", "traffic"),
        _MIN,
        *(n.words(CAR_STATES[s]) for s in states),
    )
    unit = Words("人口", "people") if study.counted else Words("面积km²", "km²")
    return Table(
        Words(f"铁路与小汽车({unit.zh}，中心城区外)", f"Rail against car ({unit.en}, outside the city proper)"),
        heads,
        tuple(rows),
        right=3,
        notes=(n.words(CAPACITY),),
    )


def by_member(study: Study) -> Iterator[Block]:
    """Yield the tables by member city of the region (of the city's regions), by county and by station."""
    yield Heading(Words("按成员城市、区县与车站", "By member city, county and station"))
    if study.overlap is not None:
        yield _overlap(study.overlap)
    members = _members(study)
    if members is not None:
        yield members
    for circle in study.circles:
        if len(circle.counties):
            yield _counties(circle)
        yield _stations(circle)


def _overlap(found: Overlap) -> Table:
    """Return one row a city: its circle, and what is in no other city's; last all of them united."""
    counted = found.ground.people is not None
    end = "_outside_city"
    rows: list[tuple[Cell, ...]] = []
    for row in found.city_table:
        values = [row[f"people{end}"], row[f"people{end}_alone"]] if counted else []
        areas = (n.km2(row[f"area_km2{end}{alone}"]) for alone in ("", "_alone"))
        rows.append((Words(row["name"], row["name_en"] or row["name"]), *map(n.people, values), *areas))
    whole = found.union["total"]
    people: list[Cell] = [n.people(whole["people_outside_city"]), ""] if counted else []
    rows.append((Words("并集", "united"), *people, n.km2(whole["area_km2_outside_city"]), ""))
    heads: list[Cell] = [Words("城市", "city")]
    heads += [Words("圈内人口", "people inside"), Words("仅此城", "in no other")] if counted else []
    heads += [Words("km²", ""), Words("仅此城km²", "km² in no other")]
    return Table(
        Words(
            f"{found.name}：{found.cutoff_min}分钟圈的重叠(铁路或本地，各城中心城区外)",
            f"{found.name_en}: how the circles of {found.cutoff_min} min overlap (by rail or locally, outside all city "
            "propers)",
        ),
        tuple(heads),
        tuple(rows),
        notes=(n.COMMON_GRID,),
    )


def _members(study: Study) -> Table | None:
    """Return one row a member city of the region, or of the city's regions: share inside by core city."""
    frames = [circle.members for circle in study.circles]
    if any(not len(frame.columns) for frame in frames):
        return None
    cutoff = study.first.headline_cutoff
    wanted = {study.region.region_id} if study.region is not None else set(study.first.city.regions)
    rows: list[tuple[Cell, ...]] = []
    told = [
        {(r["region"], r["prefecture_code"]): r for r in frame.to_dict(orient="records") if r["region"] in wanted}
        for frame in frames
    ]
    for key, first in told[0].items():
        mine = [one.get(key) for one in told]
        cells: list[Cell] = []
        for row in mine:
            value, part = (None, None) if row is None else (row[f"people_total_{cutoff}"], row[f"share_total_{cutoff}"])
            cells += [n.people(value), n.share(part)]
        scope = first["scope"]
        rows.append(
            (
                Words(first["prefecture"], first["prefecture_en"] or first["prefecture"]),
                scope_words(scope),
                n.people(first["people_census"]),
                *cells,
            )
        )
    if not rows:
        return None
    heads: list[Cell] = [Words("成员城市", "member city"), Words("范围", "scope"), Words("普查人口", "census")]
    for circle in study.circles:
        name = findings.city_name(circle.city)
        heads += [Words(f"{name.zh}圈内", f"inside {name.en}"), Words("占比", "share")]
    return Table(
        Words(
            f"成员城市：{cutoff}分钟圈内人口(铁路或本地)",
            f"Member cities: people within {cutoff} min by rail or locally",
        ),
        tuple(heads),
        tuple(rows),
        right=2,
        notes=(
            Words(
                "圈相互重叠，不可相加；占比的分母为普查人口。",
                "Circles overlap, so rows have no sum; shares are of the census.",
            ),
        ),
    )


def scope_words(scope: str) -> Words:
    """Return how much of a member city belongs to the region, as `indicators.member_table` says it, in words."""
    if scope == "whole":
        return Words("全域", scope)
    return Words("{}/{}县".format(*(part for part in scope.split() if part.isdigit())), scope)


def _counties(circle: Circle) -> Table:
    cutoff, frame = circle.headline_cutoff, circle.counties
    outside = frame[(frame["part"] != "city_proper") & (frame[f"share_total_{cutoff}"].fillna(0) > 0)]
    ordered = outside.sort_values([f"share_total_{cutoff}", "county_code"], ascending=[False, True])
    status = {"inside": "过半", "touched": "触及", "outside": "圈外", "no data": "无数据"}
    rows = tuple(
        (
            Words(r["county"], r["county_en"] or r["county"]),
            Words(r["prefecture"], r["prefecture_en"] or r["prefecture"]),
            Words(status[r[f"status_{cutoff}"]], r[f"status_{cutoff}"]),
            n.people(r["population"]),
            n.people(_none(r[f"people_total_{cutoff}"])),
            n.share(r[f"share_total_{cutoff}"]),
            n.share(r[f"share_by_rail_{cutoff}"]),
        )
        for r in ordered.head(_COUNTIES_SHOWN).to_dict(orient="records")
    )
    name, left = findings.city_name(circle.city), len(ordered) - _COUNTIES_SHOWN
    more = (Words(f"另有{left}个区县。", f"And {left} more counties."),) if left > 0 else ()
    return Table(
        Words(
            f"{name.zh}：中心城区外的区县，{cutoff}分钟内",
            f"{name.en}: counties outside the city proper, within {cutoff} min",
        ),
        (
            Words("区县", "county"),
            Words("地级市", "prefecture"),
            Words("状态", "status"),
            Words("普查人口", "census"),
            Words("圈内人口", "inside"),
            Words("占比", "share"),
            Words("铁路占比", "share by rail"),
        ),
        rows,
        right=3,
        notes=more,
    )


def _none(value: Any) -> Any:
    import pandas as pd

    return None if value is pd.NA else value


def _stations(circle: Circle) -> Table:
    frame = circle.stations[circle.stations["inside"]].sort_values(["minutes", "station_id"])
    rows = tuple(
        (
            Words(r["name"] + _mark(r), (r["name_en"] or r["name"]) + _mark(r)),
            n.minutes(r["minutes"]),
            n.minutes(r["minutes_strict"]),
            n.minutes(r["minutes_fastest"]),
            str(r["trips"]),
            f"{r['share_served']:.0%}",
            n.minutes(r["max_gap_min"]),
            r["first_arrival"] or "-",
            r["last_return"] or "-",
        )
        for r in frame.head(_STATIONS_SHOWN).to_dict(orient="records")
    )
    name, left, cutoff = findings.city_name(circle.city), len(frame) - _STATIONS_SHOWN, circle.headline_cutoff
    notes = [Words(f"另有{left}座车站。", f"And {left} more stations.")] if left > 0 else []
    if (frame.head(_STATIONS_SHOWN)["coord_confidence"] != "high").any():
        notes.append(Words("≈ 坐标为估计值或来自较弱来源", "≈ coordinate estimated or from a weaker list"))
    return Table(
        Words(
            f"{name.zh}：{cutoff}分钟内车站{len(frame)}座",
            f"{name.en}: {len(frame)} stations within {cutoff} min from their door",
        ),
        (
            Words("车站", "station"),
            Words("分钟", "min"),
            Words("75%时刻", "p75"),
            Words("最快一班", "fastest"),
            Words("班次", "trips"),
            Words("保障率", "served"),
            Words("最大间隔分钟", "max gap, min"),
            Words("首达", "first arrival"),
            Words("末返", "last return"),
        ),
        rows,
        notes=tuple(notes),
    )


def _mark(row: Mapping[str, Any]) -> str:
    return "" if row["coord_confidence"] == "high" else " ≈"
