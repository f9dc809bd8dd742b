"""Chapters on what plans change: figures before and after, who gains and loses, what to buy, the national rules."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from railshed.report import findings
from railshed.report.document import Block, Cell, Heading, Items, Paragraph, Table
from railshed.tables.comparison import lost_stations
from railshed.util import number_format as n
from railshed.util.bilingual import Words

if TYPE_CHECKING:
    from railshed.api.appraisal import TradeOffs
    from railshed.api.study import Study
    from railshed.comparisons.result import Difference

_SHOWN = 20
_STATES = {"before": "现状", "after": "规划", "gained": "新增", "lost": "减少"}
_VERDICTS = {"met": "符合", "not met": "不符合", "not known": "不明"}


def changes(study: Study) -> Iterator[Block]:
    """Yield what each plan changes, of the region as a whole and city by city."""
    if study.plans is None:
        return
    yield Heading(Words("规划方案带来的变化", "What is new with the plan"))
    if study.plans.clash:
        yield Paragraph(
            Words(
                f"各方案不能同时建设，未比较全部合计：{study.plans.clash}",
                f"All together is left out, since these scenarios cannot be built together: {study.plans.clash}",
            )
        )
    for k, plan in enumerate(study.plans.every):
        yield Heading(Words(*plan.titles), 2)
        if plan.effects:
            yield Items(plan.effects)
        moved = findings.most_moved(study, k)
        if moved is not None:
            yield Paragraph(moved)
        wholes = [study.unions[k]] if study.unions else []
        for found in [*wholes, *study.comparisons[k]]:
            yield from _one(study, found)
    for trade in study.trade_offs:
        yield from _trade_offs(study, trade)
    yield from _compliance(study)


def title_of(found: Difference) -> Words:
    """Return whose circle a difference is of."""
    united = getattr(found, "comparisons", None)
    if united is not None:
        name, name_en = found.name, found.name_en  # type: ignore[attr-defined]
        return Words(
            f"{name}，{len(united)}座核心城市的并集", f"{name_en}, the circles of {len(united)} core cities united"
        )
    return findings.city_name(found.before.city)  # type: ignore[attr-defined]


def is_unchanged(found: Difference) -> bool:
    """Return whether no reading and no cutoff gains or loses any land, and none becomes faster or slower."""
    rows = (found.row(name, cutoff, "total") for name in found.surfaces for cutoff in found.cutoffs[name])
    moved = [row[f"area_km2_{k}"] for row in rows for k in ("gained", "lost")]
    return not any(moved) and not any(found.minutes_saved[f"area_km2_{k}"] for k in ("faster", "slower"))


def _one(study: Study, found: Difference) -> Iterator[Block]:
    yield Heading(title_of(found), 3)
    if is_unchanged(found):
        cutoffs = ", ".join(map(str, sorted({c for name in found.surfaces for c in found.cutoffs[name]})))
        yield Paragraph(
            Words(
                f"各口径、各阈值({cutoffs}分钟)均无新增、无减少，也无变快或变慢之处；不另列表与图。",
                f"Nothing is gained or lost under any reading within {cutoffs} min, and no place becomes faster or "
                "slower: no table or map.",
            )
        )
        return
    yield Items(tuple(findings.changes(found)))
    yield _table(study, found)
    yield from _counties(study, found)
    yield from _stations(found)


def _table(study: Study, found: Difference) -> Table:
    """Return before, after, gained and lost by reading and cutoff: by rail or locally, then gained and lost by rail."""
    what, counted = ("people", True) if study.counted else ("area_km2", False)
    rows: list[tuple[Cell, ...]] = []
    for name, cutoffs in found.cutoffs.items():
        if name not in found.surfaces:
            continue
        label: Cell = Words(study.first.readings[name].label_zh, name)
        for cutoff in cutoffs:
            total, rail = (found.row(name, cutoff, kind) for kind in ("total", "by_rail"))
            values = [total[f"{what}_{k}"] for k in _STATES] + [rail[f"{what}_{k}"] for k in ("gained", "lost")]
            cells = [n.people(v) if counted else n.km2(v) for v in values]
            rows.append((label, str(cutoff), *cells, *(n.km2(total[f"area_km2_{k}"]) for k in ("gained", "lost"))))
            label = ""
    states = [Words(zh, en) for en, zh in _STATES.items()]
    heads = (
        Words("口径", "reading"),
        Words("分钟", "min"),
        *states,
        Words("铁路新增", "gained by rail"),
        Words("铁路减少", "lost by rail"),
        Words("新增km²", "km² gained"),
        Words("减少km²", "km² lost"),
    )
    whose, unit = title_of(found), Words("人口", "people") if counted else Words("面积km²", "km²")
    return Table(
        Words(
            f"{whose.zh}：现状与规划({unit.zh}，铁路或本地，中心城区外)",
            f"{whose.en}: before and after ({unit.en}, by rail or locally, outside the city proper)",
        ),
        heads,
        tuple(rows),
        notes=(n.COMMON_GRID,) if hasattr(found, "comparisons") else (),
    )


def _counties(study: Study, found: Difference) -> Iterator[Block]:
    counties = found.counties
    if not len(counties):
        return
    counties = counties[counties["part"] != "city_proper"]
    if not len(counties):
        return
    what, counted = ("people", True) if found.ground.people is not None else ("area_km2", False)
    every = study.network.counties
    english = {} if every is None else dict(zip(every["prefecture"], every["prefecture_en"], strict=True))
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (
            Words(r["county"], r["county_en"] or r["county"]),
            Words(r["prefecture"], english.get(r["prefecture"]) or r["prefecture"]),
            *(
                n.people(r[f"{what}_{k}"]) if counted else n.km2(r[f"{what}_{k}"])
                for k in ("gained", "lost", "faster", "slower")
            ),
            _one_decimal(r["minutes_before"]),
            _one_decimal(r["minutes_after"]),
        )
        for r in counties.head(_SHOWN).to_dict(orient="records")
    )
    left = len(counties) - _SHOWN
    unit = Words("人口", "people") if counted else Words("km²", "km²")
    yield Table(
        Words(
            f"有变化的区县({found.headline_cutoff}分钟，{unit.zh})",
            f"Counties that change ({found.headline_cutoff} min, {unit.en})",
        ),
        (
            Words("区县", "county"),
            Words("地级市", "prefecture"),
            Words("新增", "gained"),
            Words("减少", "lost"),
            Words("更快", "faster"),
            Words("更慢", "slower"),
            Words("现状分钟", "min before"),
            Words("规划分钟", "min after"),
        ),
        rows,
        right=2,
        notes=(Words(f"另有{left}个。", f"And {left} more."),) if left > 0 else (),
    )


def _one_decimal(value: Any) -> str:
    return "-" if value is None or value != value else f"{value:.1f}"


def _stations(found: Difference) -> Iterator[Block]:
    """Yield the stations that change most, those that lose among them; those of no use before and after are counted."""
    import pandas as pd

    changed, worse = found.stations, lost_stations(found)
    trips = changed[["trips_before", "trips_after"]].fillna(0).astype(int)
    useful = (changed["change"] != "") | (changed["minutes_saved"].fillna(0) != 0) | (trips.sum(axis=1) > 0)
    n_useless = int((~useful & ~changed["station_id"].isin(worse["station_id"])).sum())
    changed = changed[useful | changed["station_id"].isin(worse["station_id"])]
    if not len(changed):
        return
    best = changed[~changed["station_id"].isin(worse["station_id"])].head(_SHOWN)
    shown = pd.concat([best, worse.head(_SHOWN)])
    words = {"gained": "新增", "lost": "减少", "core": "成为中心客站", "": ""}
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (
            Words(r["name"], r["name_en"] or r["name"]),
            Words(words[r["change"]], r["change"]),
            n.minutes(r["minutes_before"]),
            n.minutes(r["minutes_after"]),
            "-" if r["minutes_saved"] != r["minutes_saved"] else f"{r['minutes_saved']:+.1f}",
            *(n.number(None if pd.isna(r[k]) else r[k]) for k in ("trips_before", "trips_after")),
        )
        for r in shown.to_dict(orient="records")
    )
    left = len(changed) - len(shown)
    notes = [Words(f"另有{left}座。", f"And {left} more.")] if left > 0 else []
    if n_useless:
        far = found.headline_cutoff
        notes.append(
            Words(
                f"另有{n_useless}座新车站在{far}分钟之外。",
                f"Number of new stations beyond {far} min: {n_useless}.",
            )
        )
    yield Table(
        Words("车站：分钟与有效车次", "Stations: minutes and useful trips"),
        (
            Words("车站", "station"),
            Words("变化", "change"),
            Words("现状分钟", "min before"),
            Words("规划分钟", "min after"),
            Words("节省分钟", "min saved"),
            Words("现状班次", "trips before"),
            Words("规划班次", "trips after"),
        ),
        rows,
        right=2,
        notes=tuple(notes),
    )


def _trade_offs(study: Study, found: TradeOffs) -> Iterator[Block]:
    """Yield what one change after the other does to a plan, in the city where it changes most."""
    plan = tuple(f": {title}" if len(study.trade_offs) > 1 else "" for title in found.plan.titles)
    name, what = findings.city_name(found.city), "people" if study.counted else "area_km2"
    yield Heading(Words(f"钱花在哪里：{name.zh}{plan[0]}", f"What to buy: {name.en}{plan[1]}"), 2)
    central, others = found.table[0], found.table[1:]
    best = max(others, key=lambda row: (row[f"{what}_net_gain"] or 0, row["key"]))

    def value(v: Any) -> Words:
        return n.people(v) if study.counted else Words(n.km2(v), n.km2(v))

    yield Paragraph(
        Words(
            f"方案本身净增{value(central[f'{what}_net_gain']).zh}；一次只变一项，净增最多的是“{best['zh']}”："
            f"{value(best[f'{what}_net_gain']).zh}。",
            f"The plan as written has a net gain of {value(central[f'{what}_net_gain']).en}; of the changes, "
            "one at a time, the "
            f"largest net gain is that of '{best['en']}': {value(best[f'{what}_net_gain']).en}.",
        )
    )
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (
            Words(r["zh"], r["en"]),
            str(r["cutoff_min"]),
            *(
                n.signed(r[f"people_{k}"]) if k in ("net_gain", "vs_plan") else n.people(r[f"people_{k}"])
                for k in _COLUMNS
            ),
            n.km2(r["area_km2_after"]),
        )
        if study.counted
        else (
            Words(r["zh"], r["en"]),
            str(r["cutoff_min"]),
            *(n.km2(r[f"area_km2_{k}"]) for k in _COLUMNS),
            n.km2(r["area_km2_after"]),
        )
        for r in found.table
    )
    yield Table(
        Words("一次一项(铁路或本地，中心城区外)", "One change at a time (by rail or locally, outside the city proper)"),
        (
            Words("变化", "what is changed"),
            Words("分钟", "min"),
            Words("现状", "without"),
            Words("有方案", "with"),
            Words("净增", "net gain"),
            Words("与原方案差", "vs plan"),
            Words("km²", "km²"),
        ),
        rows,
    )


_COLUMNS = ("before", "after", "net_gain", "vs_plan")


def _compliance(study: Study) -> Iterator[Block]:
    if not study.compliance:
        return
    yield Heading(Words("对照市域(郊)铁路规定", "Against China's rules for suburban lines"), 2)
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (
            r["line"],
            Words(r["clause_zh"], r["clause_en"]),
            Words(r["required_zh"], r["required"]),
            Words(r["value_zh"], r["value"]),
            Words(_VERDICTS[r["verdict"]], r["verdict"]),
        )
        for r in study.compliance
    )
    yield Table(
        Words("逐条", "Clause by clause"),
        (
            Words("线路", "line"),
            Words("条款", "clause"),
            Words("要求", "required"),
            Words("本线", "value"),
            Words("结论", "verdict"),
        ),
        rows,
        right=5,
    )
    doubts = dict.fromkeys((r["doubt_zh"], r["doubt"]) for r in study.compliance if r["doubt"])
    if doubts:
        yield Items(tuple(Words(zh, en) for zh, en in doubts))
