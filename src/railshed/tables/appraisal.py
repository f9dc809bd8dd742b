"""Blocks of candidates ranked and of links suggested."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from railshed.appraisal.objective import AREA, PEOPLE, Objective
from railshed.appraisal.suggestions import HEADING, HEADING_ZH
from railshed.circles.definitions import KINDS
from railshed.tables.blocks import Block, Cell, Items, Paragraph, Table, shown_columns
from railshed.tables.labels import WORTH_HEADS, saved_format, worth_cells
from railshed.util import number_format as n
from railshed.util.bilingual import Words, fill, joined
from railshed.util.phrases import heads, phrase
from railshed.util.sums import plain_sum

if TYPE_CHECKING:
    from railshed.appraisal.ranking import RankingResult
    from railshed.appraisal.set_functions import ChosenParts
    from railshed.appraisal.suggestions import Suggestions

_UNITS = {PEOPLE: Words("人", "people"), AREA: Words("km²", "km²")}


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


def ranking_blocks(ranking: RankingResult) -> Iterator[Block]:
    """Yield the table, the sum of the shares beside the total, the portfolios, and what was assumed."""
    yield _ranking(ranking)
    goal = ranking.objective
    texts = [
        phrase(
            "before_and_together", before=_amount(goal, ranking.before), total=_amount(goal, ranking.total),
            unit=_unit(goal),
        )
    ]  # fmt: skip
    names = [f"{row['name']} ({', '.join(new)})" for row in ranking.table if (new := row["new_terminals"])]
    if names:
        texts.append(phrase("new_terminals", names=", ".join(names)))
    texts.append(phrase("definition", text=Words(ranking.definition_zh, ranking.definition)))
    yield Items((*texts, *_alternatives(ranking), *_remarks(ranking), *_choice(ranking)))


def _ranking(ranking: RankingResult) -> Table:
    """Return a row a candidate, then the sums of the columns and the total gain."""
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
    cities = ", ".join(city.name for city in ranking.cities)
    return Table(
        phrase("ranking_title", cities=cities, objective=_objective(goal)), *shown_columns(names, rows, shown)
    )  # fmt: skip


def _mark(value: bool | None) -> Cell:
    return "-" if value is None else phrase("yes") if value else ""


def _alternatives(ranking: RankingResult) -> Iterator[Words]:
    """Yield which candidates exclude each other, and what is to be looked at where the others are built together."""
    for row in ranking.alternatives:
        yield phrase("exclude", one=row["one"], other=row["other"], why=row["why"])
    if ranking.alternatives:
        yield phrase("exclude_counting")
    for note in ranking.together:
        yield phrase("built_together", note=note)


def _remarks(ranking: RankingResult) -> Iterator[Words]:
    """Yield what the columns mean, how much was computed, and which two candidates meet most."""
    shares = ranking.attribution
    yield phrase("alone_and_last")
    yield phrase("shapley_exact") if shares.exact else phrase("shapley_sampled", n=shares.n_permutations)
    more = [phrase("from_baseline", n=ranking.n_from_baseline)] if ranking.n_from_baseline else []
    more += [] if ranking.monotone else [phrase("take_from_others")]
    yield phrase("circles_computed", n=ranking.n_circles, more=joined(more, "", ""))
    pair = ranking.strongest_pair
    if pair is not None:
        yield phrase(
            "need_each_other" if pair["beyond_alone"] > 0 else "share_gains", one=pair["one"], other=pair["other"],
            n=_amount(ranking.objective, abs(pair["beyond_alone"])),
        )  # fmt: skip
    if ranking.notes:
        yield phrase("n_assumptions", n=len(ranking.notes))


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


def suggestions_blocks(found: Suggestions) -> Iterator[Block]:
    """Yield the links and how they were found, headed as screening."""
    yield Paragraph(Words(HEADING_ZH, HEADING))
    goal, region, rules = found.objective, found.region, found.rules
    names = heads("", "from", "to", "km", "minutes", "today", "direct_trains", "per_km", "bound")
    gain = fill(Words("+{}", "+{}"), _unit(goal))
    yield Table(
        phrase(
            "suggestions_title", name=Words(region.name, f"{region.name} {region.name_en}"),
            objective=_objective(goal), today=_amount(goal, found.before),
        ),
        (*names[:-2], gain, *names[-2:]),
        tuple(
            (
                str(k), link.from_name, link.to_name, f"{link.km:.0f}", f"{link.run_minutes:.0f}",
                "-" if link.minutes_now is None else f"{link.minutes_now:.0f}", str(link.direct_trains),
                _amount(goal, link.gain), figure(link.gain_per_km), _amount(goal, link.bound),
            )
            for k, link in enumerate(found.links, start=1)
        ),
        right=3,
    )  # fmt: skip
    left = figure(round(found.left_bound)) if rules.per_km else _amount(goal, found.left_bound)
    yield Items((
        phrase("definition", text=Words(found.definition_zh, found.definition)),
        phrase(
            "links_screened", n_pairs=f"{found.n_pairs:,}", n=f"{found.n_candidates:,}",
            km=f"{rules.least_km:g}", detour=f"{rules.least_detour:g}", kmh=f"{rules.top_speed_kmh:g}",
            trains=rules.most_trains, n_appraised=found.n_appraised,
        ),
        phrase(
            "ranked_by_proved" if found.proved else "ranked_by_open", left=left,
            by=phrase("by_gain_per_km" if rules.per_km else "by_gain"),
        ),
        phrase("one_corridor", km=f"{rules.apart_km:g}"),
    ))  # fmt: skip
