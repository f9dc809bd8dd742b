"""Sentences written from the numbers: what is unlike the others, what a circle hides, who gains and who loses."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from railshed.circles.definitions import BRIDGE, describe_known
from railshed.indicators.agglomerations import Deviation, printed
from railshed.tables.comparison import lost_counties, lost_stations, outside_city_proper
from railshed.tables.labels import city_name
from railshed.util import number_format as n
from railshed.util.bilingual import Words
from railshed.util.units import format_clock

if TYPE_CHECKING:
    from railshed.api.circle import Circle
    from railshed.api.comparison import Comparison
    from railshed.api.study import Study
    from railshed.comparisons.result import Difference

#: deviations that are told, and how many median absolute deviations make one
TOLD, LEAST_DISTANCE = 4, 1.0
N_AGGLOMERATIONS = 19
_NAMED = 5


def name_of(study: Study) -> Words:
    """Return what the report is of: the region, or its cities."""
    if study.region is not None:
        return Words(study.region.name, study.region.name_en)
    cities = [circle.city for circle in study.circles]
    return Words("、".join(c.name for c in cities), ", ".join(c.name_en or c.name for c in cities))


def unlike_the_others(study: Study) -> list[Words]:
    """Return the largest deviations from the median of the 19, a sentence each; none where they are of another kind."""
    if study.deviations is None:
        return []
    name = name_of(study)
    return [deviation_words(name, d, of_a_city=study.region is None) for d in told_of(study.deviations)]


def told_of(deviations: Sequence[Deviation]) -> Sequence[Deviation]:
    """Return the deviations that are told: up to four of one median absolute deviation or more, else the largest."""
    return [d for d in deviations if abs(d.distance) >= LEAST_DISTANCE][:TOLD] or deviations[:1]


def deviation_words(name: Words, found: Deviation, *, of_a_city: bool, of: int = N_AGGLOMERATIONS) -> Words:
    """Return the sentence on a deviation; `of` how many agglomerations there are."""
    value, middle = (printed(found.measure, v) for v in (found.value, found.middle))
    far = f"{abs(found.distance):.1f}"
    apart = Words(f"相差{far}个", f"by {far}") if far != "0.0" else Words("相差不到0.1个", "by less than 0.1")
    side = Words("高于", "above") if found.distance > 0 else Words("低于", "below")
    place = (
        Words(f"{found.n}个城市群中有{found.above}个更高", f"{found.above} of the {found.n} agglomerations have more")
        if of_a_city
        else Words(
            f"在{found.n}个城市群中由高到低列第{found.above + 1}",
            f"number {found.above + 1} of {found.n}, highest first",
        )
    )
    what, known = found.measure.words, Words("", "")
    if found.n < of:
        known = Words("有此数的", " that have this figure")
    if not found.distance:
        return Words(
            f"{name.zh}：{what.zh}为{value.zh}，正是{known.zh}{found.n}个城市群的中位数；{place.zh}。",
            f"{name.en}: {what.en}: {value.en}, which is the median of the {found.n} agglomerations{known.en}; "
            f"{place.en}.",
        )
    return Words(
        f"{name.zh}：{what.zh}为{value.zh}，{side.zh}{known.zh}{found.n}个城市群的中位数{middle.zh}，{apart.zh}"
        f"绝对中位差；{place.zh}。",
        f"{name.en}: {what.en}: {value.en}, {side.en} the median {middle.en} of the {found.n} "
        f"agglomerations{known.en} {apart.en} median absolute deviations; {place.en}.",
    )


def headline(circle: Circle) -> Words:
    """Return the central value with low and high, people and km2 (km2 alone where no people are known)."""
    ends, name = circle.summary["range"], city_name(circle.city)
    central, low, high = ends["central"], ends["low"], ends["high"]
    outside = Words("(中心城区外)", " outside the city proper") if circle.has_city_proper else Words("", "")
    text = Words(
        f"{name.zh}：{ends['cutoff_min']}分钟内铁路可达{outside.zh}",
        f"{name.en}: by rail within {ends['cutoff_min']} min{outside.en}",
    )
    km2 = [n.area(e["area_km2"]) for e in (central, low, high)]
    if central["people"] is None:
        return Words(
            f"{text.zh}面积 {km2[0]} km²(低 {km2[1]}，高 {km2[2]})；人口无数据。",
            f"{text.en} {km2[0]} km² ({km2[1]} to {km2[2]}); people: no data.",
        )
    people = [n.people(e["people"]) for e in (central, low, high)]
    known = [describe_known(central["people_known_km2"], central["area_km2"], lang) or "" for lang in ("zh", "en")]
    return Words(
        f"{text.zh}人口 {people[0].zh}(低 {people[1].zh}，高 {people[2].zh})，"
        f"面积 {km2[0]} km²({km2[1]}–{km2[2]})。{known[0]}",
        f"{text.en} {people[0].en} people ({people[1].en} to {people[2].en}), {km2[0]} km² ({km2[1]} to {km2[2]})."
        + (f" {known[1]}." if known[1] else ""),
    )


def hidden(circle: Circle) -> list[Words]:
    """Return what a circle as one number hides, a sentence each, of what is known."""
    found = [
        costliest_step(circle),
        _composition(circle),
        _strict(circle),
        _fastest_only(circle),
        _gap(circle),
        _by_car(circle),
    ]
    return [sentence for sentence in found if sentence is not None]


def costliest_step(circle: Circle) -> Words | None:
    """Return the rung of the bridge that costs most, in people where known, in stations else."""
    rungs = [row for row in circle.summary["bridge"] if row["key"] != "door_to_door_90"]
    what = "people" if all(row["people"] is not None for row in rungs) else "stations"
    before, after = max(pairwise(rungs), key=lambda pair: pair[0][what] - pair[1][what])
    if before[what] <= after[what]:
        return None
    label = n.words(BRIDGE[after["key"]])
    values = [n.people(row[what]) for row in (before, after)]
    unit = Words("人口", "people") if what == "people" else Words("车站", "stations")
    press = before["convention"] == "whole counties" and what == "people"
    note = Words("(前者为整县人口)", " (the former of whole counties)") if press else Words("", "")
    return Words(
        f"口径阶梯中减少最多的一级是“{label.zh}”：{unit.zh}由{values[0].zh}减至{values[1].zh}{note.zh}。",
        f"The rung of the bridge that takes away most is '{label.en}': {unit.en} from {values[0].en} to {values[1].en}"
        f"{note.en}.",
    )


def readings_apart(circle: Circle) -> Words | None:
    """Return how far the readings with a circle lie apart at the headline cutoff, by rail outside the city proper."""
    what = "people_outside_city" if circle.ground.people is not None else "area_km2_outside_city"
    cutoff, found = circle.headline_cutoff, []
    for key, block in circle.summary["readings"].items():
        found += [
            (row[what], Words(circle.readings[key].label_zh, key))
            for row in block["table"]
            if row["kind"] == "by_rail" and row["cutoff_min"] == cutoff
        ]
    if len(found) < 2:
        return None
    (low, least), (high, most) = min(found, key=lambda f: f[0]), max(found, key=lambda f: f[0])
    name, unit = (
        city_name(circle.city),
        Words("人口", "people") if what.startswith("people") else Words("面积km²", "km²"),
    )
    values = [n.people(v) if what.startswith("people") else Words(n.area(v), n.area(v)) for v in (low, high)]
    return Words(
        f"{name.zh}：{cutoff}分钟内铁路可达{unit.zh}，各口径由{values[0].zh}({least.zh})到{values[1].zh}({most.zh})。",
        f"{name.en}: {unit.en} by rail within {cutoff} min lie between {values[0].en} ({least.en}) and {values[1].en} "
        f"({most.en}).",
    )


def _row(circle: Circle, kind: str) -> dict[str, Any]:
    rows = circle.summary["readings"][circle.surface.reading.name]["table"]
    cutoff = circle.summary["range"]["cutoff_min"]
    return next(dict(r) for r in rows if r["kind"] == kind and r["cutoff_min"] == cutoff)


def _composition(circle: Circle) -> Words | None:
    if circle.ground.people is None or not circle.has_city_proper:
        return None
    total, local, added = (_row(circle, kind) for kind in ("total", "local", "added_by_rail"))
    inside, proper = n.people(total["people"]), n.people(total["people_city_proper"])
    near, rail = n.people(local["people_outside_city"]), n.people(added["people_outside_city"])
    away = n.people(total["people_other_province"])
    return Words(
        f"圈内(铁路或本地){inside.zh}人中，{proper.zh}住在中心城区，{near.zh}在城区外但不乘铁路也在范围内，"
        f"只因铁路才在圈内的为{rail.zh}；其中外省共{away.zh}。",
        f"Of the {inside.en} people inside by rail or locally, {proper.en} live in the city proper and "
        f"{near.en} outside "
        f"it are within reach without a ride; {rail.en} are inside by rail alone. Other provinces hold "
        f"{away.en} of them.",
    )


def _strict(circle: Circle) -> Words | None:
    block = circle.summary["readings"][circle.surface.reading.name]
    what = "people_outside_city" if circle.ground.people is not None else "area_km2_outside_city"
    own = _row(circle, "by_rail")[what]
    strict = block["strict"][what]
    if not own:
        return None
    unit = Words("人口", "people") if what.startswith("people") else Words("面积km²", "km²")
    values = [n.people(v) if what.startswith("people") else Words(n.area(v), n.area(v)) for v in (own, strict)]
    return Words(
        f"要求时段内75%的时刻都可达，铁路可达{unit.zh}由{values[0].zh}变为{values[1].zh}({strict / own - 1:+.1%})。",
        f"If 75 % of the window's minutes must work, {unit.en} by rail go from {values[0].en} to {values[1].en} "
        f"({strict / own - 1:+.1%}).",
    )


def _fastest_only(circle: Circle) -> Words | None:
    frame = circle.stations[~circle.stations["is_core"]]
    cutoff = circle.headline_cutoff
    mine = frame[(frame["minutes_fastest"] <= cutoff) & ~frame["inside"]]
    if not len(mine):
        return None
    names = [_station(row) for row in mine.sort_values(["minutes_fastest", "station_id"]).to_dict(orient="records")]
    told = [f"{name.zh}({m})" for name, m in names[:_NAMED]], [f"{name.en} ({m})" for name, m in names[:_NAMED]]
    return Words(
        f"{len(mine)}座车站全天最快一班在{cutoff}分钟内，按本口径却在圈外，最快者：{'、'.join(told[0])}。",
        f"{len(mine)} stations are within {cutoff} min by the fastest train of the day and outside under this reading; "
        f"the fastest: {', '.join(told[1])}.",
    )


def _station(row: dict[str, Any]) -> tuple[Words, str]:
    return Words(row["name"], row["name_en"] or row["name"]), n.minutes(row["minutes_fastest"])


def _gap(circle: Circle) -> Words | None:
    """Return which station inside has to wait longest between useful trains, and how many reach the city late."""
    frame = circle.stations[circle.stations["inside"]]
    known = frame[frame["max_gap_min"].notna()]
    if not len(known) or circle.direction != "to":
        return None
    row = known.sort_values(["max_gap_min", "station_id"], ascending=[False, True]).iloc[0]
    start = format_clock(circle.city.window_to[0])
    late = int((frame["first_arrival"] > start).sum())
    gap, trips = n.minutes(row["max_gap_min"]), int(row["trips"])
    return Words(
        f"圈内{len(frame)}座车站中，{row['name']}在时段内有效车次{trips}班、最大间隔{gap}分钟，为最长；"
        f"首班到达晚于{start}的有{late}座。",
        f"Of the {len(frame)} stations inside, {row['name_en'] or row['name']} has the longest gap: {gap} min; "
        f"useful trips of the window there: {trips}. The first arrival is later than {start} at {late} of them.",
    )


def _by_car(circle: Circle) -> Words | None:
    rows = [
        r
        for r in circle.car_table
        if r["reading"] == circle.surface.reading.name
        and r["traffic"] == "peak"
        and r["cutoff_min"] == circle.headline_cutoff
    ]
    if not rows or rows[0]["people_outside_city_rail"] is None:
        return None
    rail, car, only = (n.people(rows[0][f"people_outside_city_{k}"]) for k in ("rail", "car", "rail_only"))
    return Words(
        f"高峰小汽车{rows[0]['cutoff_min']}分钟内可达{car.zh}人(中心城区外)，铁路{rail.zh}；"
        f"其中小汽车到不了、只有铁路可达的为{only.zh}。",
        f"A car in the peak brings {car.en} people outside the city proper within {rows[0]['cutoff_min']} min, rail "
        f"{rail.en}; {only.en} of these a car does not.",
    )


def changes(found: Difference) -> list[Words]:
    """Return what a plan changes: people before and after, the largest gain, who loses, who saves minutes."""
    return [_balance(found), _largest_gain(found), _stations_in(found), _losers(found), _saved(found)]


def _what(found: Difference) -> tuple[str, Words]:
    counted = found.ground.people is not None
    return ("people", Words("人口", "people")) if counted else ("area_km2", Words("面积km²", "km²"))


def _value(found: Difference, value: Any) -> Words:
    return n.people(value) if found.ground.people is not None else Words(n.area(value), n.area(value))


def _balance(found: Difference) -> Words:
    row = found.headline_row()
    what, unit = _what(found)
    b, a, g, lo = (_value(found, row[f"{what}_{k}"]) for k in ("before", "after", "gained", "lost"))
    areas = [n.area(row[f"area_km2_{k}"]) for k in ("gained", "lost")]
    return Words(
        f"{row['cutoff_min']}分钟内(铁路或本地，中心城区外){unit.zh}由{b.zh}变为{a.zh}：新增{g.zh}，减少{lo.zh}；"
        f"面积新增{areas[0]} km²，减少{areas[1]} km²。",
        f"Within {row['cutoff_min']} min by rail or locally, outside the city proper: {unit.en} from {b.en} to {a.en}, "
        f"{g.en} gained and {lo.en} lost; {areas[0]} km² gained, {areas[1]} km² lost.",
    )


def _largest_gain(found: Difference) -> Words:
    counties = outside_city_proper(found.counties)
    what, unit = _what(found)
    mine = counties[counties[f"{what}_gained"].fillna(0) > 0] if len(counties) else counties
    if not len(mine):
        return Words("没有区县有新增。", "No county gains anybody within the cutoff.")
    top = mine.sort_values([f"{what}_gained", "county_code"], ascending=[False, True]).iloc[0]
    value = _value(found, top[f"{what}_gained"])
    total = float(mine[f"{what}_gained"].sum())
    part = f"{float(top[f'{what}_gained']) / total:.0%}"
    return Words(
        f"新增最多的是{top['county']}({top['prefecture']})：{unit.zh}{value.zh}，占全部新增的{part}；有新增的区"
        f"县共{len(mine)}个。",
        f"{top['county_en'] or top['county']} gains most: {unit.en} {value.en}, {part} of all that is gained; "
        f"number of counties that gain: {len(mine)}.",
    )


def _stations_in(found: Difference) -> Words:
    mine = found.stations[~found.stations["in_city_proper"]]
    came, went = (mine.loc[mine["change"] == state] for state in ("gained", "lost"))
    places = found.headline_places
    zh, en = ([n.joined(t[c].tolist()) for t in (came, went)] for c in ("name", "name_en"))
    return Words(
        f"新进入圈内的车站：{zh[0].zh}；移出：{zh[1].zh}。有效车次增{places['trips_gained']:,}、减"
        f"{places['trips_lost']:,}。",
        f"Stations that come inside: {en[0].en}; that drop out: {en[1].en}. Useful trips: "
        f"{places['trips_gained']:,} more, "
        f"{places['trips_lost']:,} fewer.",
    )


def _losers(found: Difference) -> Words:
    stations, worse = lost_stations(found), lost_counties(found)
    if not len(stations) and not len(worse):
        return Words(
            "没有车站变慢或移出，也没有区县有人变慢或移出。",
            "No station becomes slower or drops out, and no county holds anybody who does.",
        )
    names = [
        (r.name, r.name_en or r.name, f"{n.minutes(r.minutes_before)}→{n.minutes(r.minutes_after)}")
        for r in stations.itertuples()
    ]
    areas = [(r.county, r.county_en or r.county, r) for r in worse.itertuples()] if len(worse) else []
    zh = (
        n.joined([f"{a}({m})" for a, _, m in names], _NAMED),
        n.joined([_worse(found, a, r, 0) for a, _, r in areas], _NAMED),
    )
    en = (
        n.joined([f"{b} ({m})" for _, b, m in names], _NAMED),
        n.joined([_worse(found, b, r, 1) for _, b, r in areas], _NAMED),
    )
    return Words(
        f"受损者——车站(分钟)：{zh[0].zh}；区县：{zh[1].zh}。",
        f"Who loses: stations (min): {en[0].en}; counties: {en[1].en}.",
    )


def _worse(found: Difference, name: str, row: Any, lang: int) -> str:
    what, _ = _what(found)
    lost, slower = (_value(found, getattr(row, f"{what}_{k}")) for k in ("lost", "slower"))
    return f"{name}(减少{lost.zh}，变慢{slower.zh})" if lang == 0 else f"{name} ({lost.en} lost, {slower.en} slower)"


def _saved(found: Difference) -> Words:
    saved, (what, unit) = found.minutes_saved, _what(found)
    faster, slower = (_value(found, saved[f"{what}_{k}"]) for k in ("faster", "slower"))
    cutoff = max(found.cutoffs[found.headline[0].reading.name])
    middle = saved["minutes_saved_p50"]
    half = (
        Words("", "")
        if middle is None
        else Words(f"，其中位节省{middle:.1f}分钟", f", by {middle:.1f} min in the middle")
    )
    return Words(
        f"前后均在{cutoff}分钟内者：更快{unit.zh}{faster.zh}{half.zh}；更慢{slower.zh}。",
        f"Of those within {cutoff} min before and after: faster {unit.en} {faster.en}{half.en}; slower {slower.en}.",
    )


def most_moved(study: Study, plan_idx: int) -> Words | None:
    """Return which city gains most under a plan and which least; None for a single city."""
    mine: Sequence[Comparison] = study.comparisons[plan_idx]
    if len(mine) < 2:
        return None
    what, unit = _what(mine[0])

    def net(found: Comparison) -> float:
        row = found.headline_row()
        return float(row[f"{what}_gained"] - row[f"{what}_lost"])

    ordered = sorted(mine, key=lambda found: (-net(found), found.before.city.slug))
    told = [
        (city_name(f.before.city), n.signed(net(f)) if what == "people" else Words(f"{net(f):+,.0f}", ""))
        for f in ordered
    ]
    return Words(
        f"各城市{unit.zh}净变化：" + "、".join(f"{name.zh} {v.zh}" for name, v in told) + "。",
        f"Net change of {unit.en} by city: " + ", ".join(f"{name.en} {v.en or v.zh}" for name, v in told) + ".",
    )
