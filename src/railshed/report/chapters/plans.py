"""Chapters on what plans change: figures before and after, who gains and loses, what to buy, the
national rules.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from railshed.questions.compare.screen import forecasts
from railshed.questions.compare.tables import compliance_table, counties, lost_stations
from railshed.questions.labels import city_name, reading_label, saved_format
from railshed.questions.rank.tables import trade_offs_table
from railshed.report import findings
from railshed.show.blocks import Block, Cell, Heading, Items, Paragraph, Picture, Table, unrepeated
from railshed.util import number_format as n
from railshed.util.bilingual import Words, joined
from railshed.util.phrases import heads, phrase

if TYPE_CHECKING:
    from railshed.api.appraisal import TradeOffs
    from railshed.api.study import Study
    from railshed.comparisons.result import Difference

#: rows of tables; of counties and of clauses in the body
_SHOWN = 20
_IN_BODY = 8
_CLAUSES = 12
_STATES = ("before", "after", "gained", "lost")


def main_change(study: Study, plots: Sequence[Picture]) -> Iterator[Block]:
    """Yield what the plans change as a whole, who gains and loses, what to buy of the first, and
    the rules.
    """
    found = findings.whole_of(study)
    if found is None:
        return
    yield Heading(phrase("body_of_plan"))
    yield Heading(joined([title_of(found), Words(*found.titles)], "：", ": "), 2)
    if is_unchanged(found):
        yield _unchanged(found)
    else:
        rows = [row for one in study.forecasts for row in one.rows]
        texts = forecasts(rows, {city.slug: city_name(city) for city in study.cities})
        yield Items((*findings.changes(found), *(text.words for text in texts)))
        yield from counties(found, _IN_BODY)
    for trade in study.trade_offs[:1]:
        yield from _what_to_buy(study, trade, plots)
    yield from _compliance(study.compliance[:_CLAUSES], n_left=len(study.compliance) - _CLAUSES)


def changes(study: Study, plots: Sequence[Picture]) -> Iterator[Block]:
    """Yield what each plan changes, of the region as a whole and city by city, trade-offs, all
    clauses of the rules.
    """
    if study.plans is None:
        return
    yield Heading(phrase("plan_changes"))
    if study.plans.clash:
        yield Paragraph(phrase("plans_clash", why=study.plans.clash))
    for k, plan in enumerate(study.plans.every):
        yield Heading(Words(*plan.titles), 2)
        if plan.effects:
            yield Items(plan.effects)
        if (moved := findings.most_moved(study, k)) is not None:
            yield Paragraph(moved)
        wholes = [study.unions[k]] if study.unions else []
        for found in [*wholes, *study.comparisons[k]]:
            yield from _one(study, found)
    for k, trade in enumerate(study.trade_offs):
        if k:
            yield from _what_to_buy(study, trade, plots)
        yield trade_offs_table(trade)
    if len(study.compliance) > _CLAUSES:
        yield from _compliance(study.compliance)


def title_of(found: Difference) -> Words:
    """Return whose circle a difference is of."""
    united = getattr(found, "comparisons", None)
    if united is not None:
        return phrase("united_circles", name=Words(found.name, found.name_en), n=len(united))  # type: ignore[attr-defined]
    return city_name(found.before.city)  # type: ignore[attr-defined]


def is_unchanged(found: Difference) -> bool:
    """Return whether no reading and no cutoff gains or loses any land, and none becomes faster or
    slower.
    """
    rows = (
        found.row(name, cutoff, "total")
        for name in found.surfaces
        for cutoff in found.cutoffs[name]
    )
    moved = [row[f"area_km2_{k}"] for row in rows for k in ("gained", "lost")]
    return not any(moved) and not any(
        found.minutes_saved[f"area_km2_{k}"] for k in ("faster", "slower")
    )


def _one(study: Study, found: Difference) -> Iterator[Block]:
    yield Heading(title_of(found), 3)
    if is_unchanged(found):
        yield _unchanged(found)
        return
    yield Items(tuple(findings.changes(found)))
    yield _table(study, found)
    yield from counties(found, _SHOWN)
    yield from _stations(found)


def _unchanged(found: Difference) -> Block:
    cutoffs = ", ".join(
        map(str, sorted({c for name in found.surfaces for c in found.cutoffs[name]}))
    )
    return Paragraph(phrase("unchanged", cutoffs=cutoffs))


def _table(study: Study, found: Difference) -> Table:
    """Return before, after, gained and lost by reading and cutoff: by rail or locally, then gained
    and lost by rail.
    """
    what, form = ("people", n.people) if study.counted else ("area_km2", n.km2)
    rows: list[tuple[Cell, ...]] = []
    for name, cutoffs in found.cutoffs.items():
        for cutoff in cutoffs if name in found.surfaces else ():
            total, rail = (found.row(name, cutoff, kind) for kind in ("total", "by_rail"))
            rows.append(
                (
                    reading_label(study.first, name),
                    str(cutoff),
                    *(form(total[f"{what}_{state}"]) for state in _STATES),
                    *(form(rail[f"{what}_{state}"]) for state in _STATES[2:]),
                    *(n.km2(total[f"area_km2_{state}"]) for state in _STATES[2:]),
                )
            )
    unit = phrase("unit_people" if study.counted else "unit_area")
    names = heads(
        "reading", "min", *_STATES, "gained_by_rail", "lost_by_rail", "km2_gained", "km2_lost"
    )
    return Table(
        phrase("by_cutoff_title", name=title_of(found), unit=unit), names, tuple(unrepeated(rows))
    )


def _stations(found: Difference) -> Iterator[Block]:
    """Yield the stations that change most, those that lose among them; those of no use before and
    after are counted.
    """
    import pandas as pd

    changed = found.stations
    worse = lost_stations(found)
    loses = changed["station_id"].isin(worse["station_id"])
    trips = changed[["trips_before", "trips_after"]].fillna(0).astype(int)
    useful = (
        loses
        | (changed["change"] != "")
        | (changed["minutes_saved"].fillna(0) != 0)
        | (trips.sum(axis=1) > 0)
    )
    if not useful.any():
        return
    shown = pd.concat([changed[useful & ~loses].head(_SHOWN), worse.head(_SHOWN)])
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (
            Words(r["name"], r["name_en"] or r["name"]),
            phrase(f"change_{r['change']}") if r["change"] else "",
            n.minutes(r["minutes_before"]),
            n.minutes(r["minutes_after"]),
            "-" if r["minutes_saved"] != r["minutes_saved"] else f"{r['minutes_saved']:+.1f}",
            *(n.number(None if pd.isna(r[k]) else r[k]) for k in ("trips_before", "trips_after")),
        )
        for r in shown.to_dict(orient="records")
    )
    left = int(useful.sum()) - len(shown)
    n_useless = int((~useful).sum())
    notes = [phrase("more_stations_changed", n=left)] if left > 0 else []
    if n_useless:
        notes.append(phrase("stations_beyond", n=n_useless, cutoff=found.headline_cutoff))
    names = heads(
        "station",
        "changed",
        "min_before",
        "min_after",
        "min_saved",
        "useful_before",
        "useful_after",
    )
    yield Table(phrase("stations_and_trips_title"), names, rows, right=2, notes=tuple(notes))


def _what_to_buy(study: Study, found: TradeOffs, plots: Sequence[Picture]) -> Iterator[Block]:
    """Yield what one change after the other does to a plan, in the city where it changes most."""
    several = len(study.trade_offs) > 1
    name = (
        joined([city_name(found.city), Words(*found.plan.titles)], ": ", ": ")
        if several
        else city_name(found.city)
    )
    yield Heading(phrase("what_to_buy_title", name=name), 2)
    best = max(found.table[1:], key=lambda row: (row["saved"], row["key"]))
    form = saved_format(found.objective)
    unit = phrase(f"unit_{found.objective.column}")
    own, largest = (form(row["saved"]) for row in (found.table[0], best))
    yield Paragraph(
        phrase(
            "what_to_buy", own=own, largest=largest, change=Words(best["zh"], best["en"]), unit=unit
        )
    )
    k = study.trade_offs.index(found)
    yield from plots[k : k + 1]


def _compliance(rows: Sequence[Mapping[str, Any]], n_left: int = 0) -> Iterator[Block]:
    """Yield clauses of the rules with their doubts, `n_left` more in the appendix; nothing without
    any.
    """
    if not rows:
        return
    yield Heading(phrase("compliance_title"), 2)
    notes = (phrase("more", n=n_left),) if n_left > 0 else ()
    yield replace(compliance_table(rows), title=phrase("clause_by_clause"), notes=notes)
    doubts = dict.fromkeys((r["doubt_zh"], r["doubt"]) for r in rows if r["doubt"])
    if doubts:
        yield Items(tuple(Words(zh, en) for zh, en in doubts))
