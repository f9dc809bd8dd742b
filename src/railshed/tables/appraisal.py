"""Blocks of candidates ranked, of links suggested and of trade-offs: the first screen of each, and every table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from railshed.appraisal.objective import AREA, PEOPLE, Objective
from railshed.circles.definitions import KINDS
from railshed.tables.blocks import Block, Cell, Items, Paragraph, Table, remark, shown_columns
from railshed.tables.comparison import change_label, trade_offs_table
from railshed.tables.labels import WORTH_HEADS, city_name, ending, saved_format, times_met, worth_cells
from railshed.util import number_format as n
from railshed.util.bilingual import Words, fill, joined
from railshed.util.phrases import heads, phrase
from railshed.util.sums import plain_sum

if TYPE_CHECKING:
    from railshed.appraisal.ranking import RankingResult
    from railshed.appraisal.set_functions import ChosenParts
    from railshed.appraisal.suggestions import Link, Suggestions
    from railshed.appraisal.trade_offs import TradeOffsResult
    from railshed.assumptions.readings import Reading
    from railshed.network.cities import City

_UNITS = {PEOPLE: Words("人", "people"), AREA: Words("km²", "km²")}
#: candidates, links and changes of a first screen
_ROWS_SHOWN = 8


def _unit(objective: Objective) -> Words:
    """Return what an objective is counted in, as printed."""
    unit = _UNITS.get(objective.column, Words(objective.column, objective.column))
    return Words(f"{unit.zh}·分钟", objective.unit) if objective.saves else unit


def _objective(objective: Objective) -> Words:
    """Return an objective in words."""
    what = {PEOPLE: "人口", AREA: "面积"}.get(objective.column, objective.column)
    return phrase(
        "objective_saved" if objective.saves else "objective", name=Words(objective.name, str(objective)),
        cutoff=objective.cutoff_min, what=what, reading=objective.reading, kind=KINDS[objective.kind],
        least=objective.least_min, n=objective.n_phases, unit=_unit(objective),
    )  # fmt: skip


def figure(value: float | None) -> str:
    """Return a number as printed, one decimal where it is small."""
    if value is None:
        return "-"
    return f"{value:,.0f}" if abs(value) >= 100 or value == int(value) else f"{value:,.1f}"


def _amount(objective: Objective, value: float) -> Words:
    """Return a figure of an objective as printed: people as in all tables."""
    return n.people_wan(round(value)) if objective.whole else Words(figure(value), figure(value))


def _counted(
    objective: Objective, reading: Reading, cities: Sequence[City], direction: str, *, outside: bool = True
) -> Words:  # fmt: skip
    """Return what an objective counts as a committee reads it: whose minutes, from where to where, at which times."""
    return phrase(
        "saved_counts" if objective.saves else "gained_counts", reading=Words(reading.label_zh, reading.label),
        met=times_met(reading, cities, direction), where=phrase("and_outside") if outside else "",
        least=objective.least_min, cutoff=objective.cutoff_min, what=_UNITS.get(objective.column, objective.column),
    )  # fmt: skip


def _doubt(objective: Objective) -> Words:
    """Return over what the figures of an objective are means, and what they leave out."""
    drawn = [phrase("phases_drawn", n=objective.n_phases)] if objective.saves else []
    return joined([*drawn, phrase("not_travellers")], "；", "; ")


def ranking_screen(ranking: RankingResult, reading: Reading, direction: str, saved: Words) -> Iterator[Block]:
    """Yield the first screen: which candidate is best alone, the best ones, all together, what is not known."""
    goal, rows = ranking.objective, ranking.table
    best, zero = rows[0], [row["name"] for row in rows if not row["gain"]]
    key = "rank_none" if best["gain"] <= 0 else "rank_saves_most" if goal.saves else "rank_brings_most"
    yield Paragraph(phrase(
        key, name=best["name"], amount=_amount(goal, best["gain"]), unit=_unit(goal), cutoff=goal.cutoff_min,
        within=n.people_wan(round(best.get("within_90") or 0)), n=len(rows), before=_amount(goal, ranking.before),
    ))  # fmt: skip
    yield _ranking(ranking, short=True)
    if len(rows) > _ROWS_SHOWN:
        yield remark(phrase("rank_more", n=len(rows) - _ROWS_SHOWN))
    choice, pair = ranking.choice, ranking.strongest_pair
    nothing = phrase(
        "rank_zero_saved" if goal.saves else "rank_zero_gained", names=", ".join(zero), least=goal.least_min,
        cutoff=goal.cutoff_min,
    )  # fmt: skip
    new = [f"{row['name']} ({', '.join(row['new_terminals'])})" for row in rows if row["new_terminals"]]
    yield ending(
        ("together", phrase(
            "rank_together", total=_amount(goal, ranking.total), unit=_unit(goal), before=_amount(goal, ranking.before),
            pair="" if pair is None else fill(Words("；{}", "; {}"), _of_pair(ranking, pair)),
        )),
        ("together", phrase("exclude_counting") if ranking.alternatives else None),
        ("budget", None if choice is None else _portfolio(ranking, choice.best or choice.greedy)),
        ("zero", nothing if zero else None),
        ("counted", _counted(goal, reading, ranking.cities, direction)),
        ("doubt", _doubt(goal)),
        ("doubt", phrase("new_terminals", names=", ".join(new)) if new else None),
        ("doubt", phrase("n_assumptions", n=len(ranking.notes)) if ranking.notes else None),
        ("next", phrase("rank_next", every=phrase("every_table"))), ("files", saved),
    )  # fmt: skip


def ranking_blocks(ranking: RankingResult) -> Iterator[Block]:
    """Yield what the first screen leaves out: every column, the sum of the shares, the definition, the portfolios."""
    yield _ranking(ranking)
    definition = phrase("definition", text=Words(ranking.definition_zh, ranking.definition))
    yield Items((definition, *_alternatives(ranking), *_remarks(ranking), *_choice(ranking)))


def _ranking(ranking: RankingResult, *, short: bool = False) -> Table:
    """Return a row a candidate, then the sums of the columns and the total gain; `short`: the best, as built alone."""
    goal, exact = ranking.objective, ranking.attribution.exact
    rows: list[tuple[Cell, ...]] = [
        (
            row["name"], *(_amount(goal, row[key]) for key in ("gain", "last_in", "shapley")),
            phrase("exact") if exact else figure(row["standard_error"]),
            *(worth_cells(row, saved_format(goal, whole=False)) if goal.saves else ("",) * len(WORTH_HEADS)),
            *(figure(row[key]) for key in ("km", "cost", "gain_per_km", "gain_per_cost")),
            _mark(row["greedy"]), _mark(row["best"]),
        )
        for row in ranking.table
    ]  # fmt: skip
    alone, last = (plain_sum(row[key] for row in ranking.table) for key in ("gain", "last_in"))
    sums = (_amount(goal, value) for value in (alone, last, plain_sum(ranking.shapley)))
    left = [""] * (7 + len(WORTH_HEADS))
    rows.append((phrase("sum"), *sums, *left))
    rows.append((phrase("total_gain"), "", "", _amount(goal, ranking.total), *left))
    names = heads(
        "candidate", "alone", "last_in", "shapley", "standard_error", *WORTH_HEADS, "km", "cost", "per_km", "per_cost",
        "greedy", "best",
    )  # fmt: skip
    shown = (*(True,) * 5, *(goal.saves,) * len(WORTH_HEADS), *(True,) * 6)
    if short:
        some = [any(row[key] is not None for row in ranking.table) for key in ("km", "cost")]
        shown = (*(True,) * 3, False, False, *shown[5:-6], *some, *some, False, ranking.choice is not None)
        return Table(Words(""), *shown_columns(names, rows[: min(len(ranking.table), _ROWS_SHOWN)], shown))
    cities = joined([city_name(city) for city in ranking.cities])
    return Table(
        phrase("ranking_title", cities=cities, objective=_objective(goal)), *shown_columns(names, rows, shown)
    )  # fmt: skip


def _mark(value: bool | None) -> Cell:
    return "-" if value is None else phrase("yes") if value else ""


def _alternatives(ranking: RankingResult) -> Iterator[Words]:
    """Yield which candidates exclude each other, and what is to be looked at where the others are built together."""
    for row in ranking.alternatives:
        yield phrase("exclude", one=row["one"], other=row["other"], why=row["why"])
    for note in ranking.together:
        yield phrase("built_together", note=note)


def _remarks(ranking: RankingResult) -> Iterator[Words]:
    """Yield what the columns mean, and how much was computed."""
    shares = ranking.attribution
    yield phrase("alone_and_last")
    yield phrase("shapley_exact") if shares.exact else phrase("shapley_sampled", n=shares.n_permutations)
    more = [phrase("from_baseline", n=ranking.n_from_baseline)] if ranking.n_from_baseline else []
    more += [] if ranking.monotone else [phrase("take_from_others")]
    yield phrase("circles_computed", n=ranking.n_circles, more=joined(more, "", ""))


def _of_pair(ranking: RankingResult, pair: Mapping[str, Any]) -> Words:
    """Return which two candidates need each other, or share what they gain, and by how much."""
    return phrase(
        "need_each_other" if pair["beyond_alone"] > 0 else "share_gains", one=pair["one"], other=pair["other"],
        n=_amount(ranking.objective, abs(pair["beyond_alone"])),
    )  # fmt: skip


def _choice(ranking: RankingResult) -> Iterator[Words]:
    """Yield what the budget buys; nothing without one."""
    choice = ranking.choice
    if choice is None:
        return
    yield phrase("budget", budget=str(ranking.budget), plan=_portfolio(ranking, choice.greedy))
    if choice.best is not None:
        yield _portfolio(ranking, choice.best)
    if choice.gap is not None:
        yield phrase("below_optimum" if choice.proved else "below_bound", gap=f"{choice.gap:.1%}")
    grown = phrase("grown", n=choice.n_grown) if choice.n_grown else phrase("none_grown")
    yield phrase("not_submodular", grown=grown)


def _portfolio(ranking: RankingResult, chosen: ChosenParts) -> Words:
    """Return candidates that are built together: how they were found, what they gain and cost."""
    per_km = ranking.budget is not None and ranking.budget.unit == "km"
    return phrase(
        "chosen", how=chosen.how,
        names=", ".join(ranking.names[k] for k in chosen.parts) or phrase("none"),
        gain=_amount(ranking.objective, chosen.gain), unit=_unit(ranking.objective), cost=f"{chosen.cost:g}",
        cost_unit="km" if per_km else "亿元",
    )  # fmt: skip


def suggestions_screen(
    found: Suggestions, names: Mapping[str, Words], reading: Reading, cities: Sequence[City], direction: str,
    saved: Words,
) -> Iterator[Block]:  # fmt: skip
    """Yield the first screen: the best link as screening, the next ones, how they were found, what is not known.

    `names` are those of stations by id.
    """
    goal, rules = found.objective, found.rules
    if found.links:
        best = found.links[0]
        yield Paragraph(phrase(
            "suggest_saves_most" if goal.saves else "suggest_brings_most", n=found.n_appraised, unit=_unit(goal),
            link=joined([names[best.from_id], names[best.to_id]], "—", " - "), amount=_amount(goal, best.gain),
            cutoff=goal.cutoff_min,
        ))  # fmt: skip
        yield _links(found, found.links[:10], names)
    else:
        yield Paragraph(phrase("suggest_none", n=found.n_appraised))
    yield ending(
        ("screened", phrase(
            "suggest_screened", region=_region(found), n_pairs=f"{found.n_pairs:,}", n=f"{found.n_candidates:,}",
            n_appraised=found.n_appraised,
        )),
        ("screened", _ranked_by(found)), ("counted", _counted(goal, reading, cities, direction)),
        ("doubt", phrase("suggest_doubt", minutes=f"{rules.headway_minutes:g}", kmh=f"{rules.top_speed_kmh:g}")),
        ("doubt", phrase("phases_drawn", n=goal.n_phases) if goal.saves else None),
        ("doubt", phrase("suggest_no_sum")),
        ("next", phrase("suggest_next", every=phrase("every_table"))), ("files", saved),
    )  # fmt: skip


def suggestions_blocks(found: Suggestions, names: Mapping[str, Words]) -> Iterator[Block]:
    """Yield the links and how they were found, headed as screening; `names` are those of stations by id."""
    yield Paragraph(phrase("screening"))
    goal, rules = found.objective, found.rules
    title = phrase(
        "suggestions_title", name=_region(found), objective=_objective(goal), today=_amount(goal, found.before)
    )
    yield replace(_links(found, found.links, names, full=True), title=title)
    yield Items((
        phrase("definition", text=Words(found.definition_zh, found.definition)),
        phrase(
            "links_screened", n_pairs=f"{found.n_pairs:,}", n=f"{found.n_candidates:,}",
            km=f"{rules.least_km:g}", detour=f"{rules.least_detour:g}", kmh=f"{rules.top_speed_kmh:g}",
            trains=rules.most_trains, n_appraised=found.n_appraised,
        ),
        _ranked_by(found), phrase("one_corridor", km=f"{rules.apart_km:g}"),
    ))  # fmt: skip


def _region(found: Suggestions) -> Words:
    return Words(found.region.name, found.region.name_en or found.region.name)


def _ranked_by(found: Suggestions) -> Words:
    """Return by what links are ranked, and whether one that was not worked out might rank among them."""
    per_km = found.rules.per_km
    return phrase(
        "ranked_by_proved" if found.proved else "ranked_by_open",
        left=figure(round(found.left_bound)) if per_km else _amount(found.objective, found.left_bound),
        by=phrase("by_gain_per_km" if per_km else "by_gain"),
    )  # fmt: skip


def _links(found: Suggestions, links: Sequence[Link], names: Mapping[str, Words], *, full: bool = False) -> Table:
    """Return a row a link, the best first; `full`: with the bound of what any service over it can gain."""
    goal = found.objective
    rows: list[tuple[Cell, ...]] = [
        (
            str(k), names[link.from_id], names[link.to_id], f"{link.km:.0f}", f"{link.run_minutes:.0f}",
            "-" if link.minutes_now is None else f"{link.minutes_now:.0f}", str(link.direct_trains),
            _amount(goal, link.gain), figure(link.gain_per_km), _amount(goal, link.bound),
        )
        for k, link in enumerate(links, start=1)
    ]  # fmt: skip
    columns = heads("", "from", "to", "km", "minutes", "today", "direct_trains", "per_km", "bound")
    gain = fill(Words("+{}", "+{}"), _unit(goal))
    return Table(
        Words(""), *shown_columns((*columns[:-2], gain, *columns[-2:]), rows, (*(True,) * 9, full)), right=3
    )  # fmt: skip


def trade_offs_screen(found: TradeOffsResult, reading: Reading, saved: Words) -> Iterator[Block]:
    """Yield the first screen: twice and half the trains, the changes that move most, which move nothing, the doubt."""
    goal, (plan, *changes) = found.objective, found.table
    form = saved_format(goal, whole=False)
    by_key = {row["key"]: row["saved_vs_plan"] for row in changes}

    def moved(key: str) -> dict[str, Words]:
        value = by_key[key]
        return {"n": form(abs(value)), "way": phrase("more_than_planned" if value >= 0 else "less_than_planned")}

    yield Paragraph(phrase(
        "trade_offs_answer", title=fill(Words("{}：{}", "{}: {}"), city_name(found.city), Words(*found.plan.titles)),
        saved=form(plan["saved"]), unit=_unit(goal), doubled=phrase("trade_offs_doubled", **moved("headway_x0.5")),
        halved=phrase("trade_offs_halved", **moved("headway_x2")),
    ))  # fmt: skip
    still = [row for row in changes if not round(row["saved_vs_plan"])]
    moving = sorted((row for row in changes if row not in still), key=lambda row: -abs(row["saved_vs_plan"]))
    yield trade_offs_table(replace(found, table=[plan, *moving[:_ROWS_SHOWN]]), short=True)
    yield ending(
        ("zero", phrase("trade_offs_zero", names=joined([change_label(row) for row in still])) if still else None),
        ("within_60", phrase("trade_offs_within_60", within=form(plan["within_60"]))),
        ("counted", _counted(goal, reading, [found.city], found.direction, outside=found.has_city_proper)),
        ("doubt", _doubt(goal)), ("doubt", phrase("trade_offs_doubt")),
        ("next", phrase("trade_offs_next", city=found.city.slug, every=phrase("every_table"))), ("files", saved),
    )  # fmt: skip
