"""Blocks of candidates ranked, of links suggested and of trade-offs: the first screen of each, and
every table.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from railshed.comparisons.objective import AREA, PEOPLE, Objective
from railshed.questions.labels import (
    WORTH_HEADS,
    city_name,
    ending,
    saved_format,
    shortened,
    worth_cells,
)
from railshed.show.blocks import Block, Cell, Items, Paragraph, Table, remark, shown_columns
from railshed.util import number_format as n
from railshed.util.bilingual import EMPTY, Words, fill, joined
from railshed.util.phrases import heads, phrase
from railshed.util.sums import plain_sum

if TYPE_CHECKING:
    from railshed.questions.rank.drawn_gains import First
    from railshed.questions.rank.ranking import RankingResult
    from railshed.questions.rank.set_functions import ChosenParts
    from railshed.questions.rank.suggestions import Suggestions
    from railshed.questions.rank.trade_offs import TradeOffsResult

_UNITS = {PEOPLE: Words("人", "people"), AREA: Words("km²", "km²")}
#: candidates, links and changes of a first screen
_ROWS_SHOWN = 8
_LINKS_SHOWN = 10
#: ranges of draws, and names, in a sentence
_RANGES_SHOWN = 3


def _unit(objective: Objective) -> Words:
    """Return what an objective is counted in, as printed."""
    unit = _UNITS.get(objective.column, Words(objective.column, objective.column))
    return Words(f"{unit.zh}·分钟", objective.unit) if objective.saves else unit


def figure(value: float | None) -> str:
    """Return a number as printed, one decimal where it is small."""
    if value is None:
        return "-"
    return f"{value:,.0f}" if abs(value) >= 100 or value == int(value) else f"{value:,.1f}"


def _amount(objective: Objective, value: float, people: Callable[[Any], Words] = n.people) -> Words:
    """Return a figure of an objective as printed: `people` as in all tables, in a sentence as
    `people_short`.
    """
    return people(round(value)) if objective.whole else Words(figure(value), figure(value))


def _counted(
    objective: Objective, met: Words, best: Mapping[str, Any] | None = None, *, outside: bool = True
) -> Iterator[tuple[str, Words]]:
    """Yield what an objective counts, at which times (`met`), over what it is a mean, the spread of
    the best row.
    """
    yield (
        "definition",
        phrase(
            "saved_counts" if objective.saves else "gained_counts",
            what=_UNITS.get(objective.column, objective.column),
            met=met,
            where=phrase("and_outside") if outside else "",
            least=objective.least_min,
            cutoff=objective.cutoff_min,
        ),
    )
    if objective.saves:
        ends = (
            {}
            if best is None
            else {key: _amount(objective, best[f"saved_{key}"]) for key in ("p10", "p90")}
        )
        spread = phrase("phases_spread", **ends) if ends else ""
        yield "doubt", phrase("phases_drawn", n=objective.n_phases, spread=spread)
    yield "doubt", phrase("not_travellers")


def ranking_screen(ranking: RankingResult, met: Words, saved: Words) -> Iterator[Block]:
    """Yield the first screen: which candidate is best alone, the best ones, all together, what is
    not known.
    """
    goal = ranking.objective
    rows = ranking.table
    choice = ranking.choice
    pair = ranking.strongest_pair
    best = rows[0]
    zero = [row["name"] for row in rows if not row["gain"]]
    new = [
        f"{row['name']} ({', '.join(row['new_terminals'])})" for row in rows if row["new_terminals"]
    ]
    unit = _unit(goal)
    answer = "rank_saves_most" if goal.saves else "rank_brings_most"
    yield Paragraph(
        phrase(
            answer if best["gain"] > 0 else "rank_none",
            unit=unit,
            name=best["name"],
            amount=_amount(goal, best["gain"], n.people_short),
            n=len(rows),
            within=n.people_short(round(best.get("within_90") or 0)),
            cutoff=goal.cutoff_min,
        )
    )
    yield from shortened(_ranking(ranking, short=True), _ROWS_SHOWN)
    yield ending(
        (
            "together",
            phrase(
                "rank_together_saves" if goal.saves else "rank_together",
                total=_amount(goal, ranking.total),
                unit=unit,
                before=_amount(goal, ranking.before),
            ),
        ),
        (
            "together",
            pair
            and phrase(
                "need_each_other" if pair["beyond_alone"] > 0 else "share_gains",
                one=pair["one"],
                other=pair["other"],
                n=_amount(goal, abs(pair["beyond_alone"])),
            ),
        ),
        ("together", ranking.alternatives and phrase("exclude_counting")),
        ("forecast", _drawn(goal, rows, ranking.first, {})),
        ("budget", choice and _portfolio(ranking, choice.best or choice.greedy)),
        ("zero", zero and phrase("rank_zero", names=", ".join(zero), cutoff=goal.cutoff_min)),
        *_counted(goal, met, outside=any(city.proper_counties for city in ranking.cities)),
        ("doubt", new and phrase("new_terminals", names=", ".join(new))),
        ("doubt", ranking.notes and phrase("n_assumptions", n=len(ranking.notes))),
        ("next", phrase("rank_next")),
        ("files", saved),
    )


def ranking_blocks(ranking: RankingResult) -> Iterator[Block]:
    """Yield what the first screen leaves out: every column, the sum of the shares, the definition,
    the portfolios.
    """
    yield _ranking(ranking)
    definition = phrase("definition", text=Words(ranking.definition_zh, ranking.definition))
    yield Items((definition, *_alternatives(ranking), *_remarks(ranking), *_choice(ranking)))


def _ranking(ranking: RankingResult, *, short: bool = False) -> Table:
    """Return a row a candidate, then the sums of the columns and the total gain; `short`: the best,
    as built alone.
    """
    goal = ranking.objective
    exact = ranking.attribution.exact
    rows: list[tuple[Cell, ...]] = [
        (
            row["name"],
            *(_amount(goal, row[key]) for key in ("gain", "last_in", "shapley")),
            phrase("exact") if exact else figure(row["standard_error"]),
            _range(goal, row),
            *(worth_cells(row, saved_format(goal)) if goal.saves else ("",) * len(WORTH_HEADS)),
            *(figure(row[key]) for key in ("km", "cost", "gain_per_km", "gain_per_cost")),
            _mark(row["greedy"]),
            _mark(row["best"]),
        )
        for row in ranking.table
    ]
    if not short:
        sums = (
            plain_sum(row[key] for row in ranking.table) for key in ("gain", "last_in", "shapley")
        )
        left = [""] * (8 + len(WORTH_HEADS))
        rows.append((phrase("sum"), *(_amount(goal, value) for value in sums), *left))
        rows.append((phrase("total_gain"), "", "", _amount(goal, ranking.total), *left))
    names = heads(
        "candidate",
        "alone",
        "last_in",
        "shapley",
        "standard_error",
        "drawn_range",
        *WORTH_HEADS,
        "km",
        "cost",
        "per_km",
        "per_cost",
        "greedy",
        "best",
    )
    shown = (*(True,) * 5, bool(ranking.drawn), *(goal.saves,) * len(WORTH_HEADS), *(True,) * 6)
    if short:
        some = [any(row[key] is not None for row in ranking.table) for key in ("km", "cost")]
        shown = (
            *(True,) * 3,
            False,
            False,
            False,
            *shown[6:-6],
            *some,
            *some,
            False,
            ranking.choice is not None,
        )
    cities = joined([city_name(city) for city in ranking.cities])
    return Table(phrase("ranking_title", cities=cities), *shown_columns(names, rows, shown))


def _range(goal: Objective, row: Mapping[str, Any]) -> Cell:
    """Return the middle 80 % of the draws of a row, a dash where none were made."""
    low, high = (row.get(f"drawn_{end}") for end in ("low", "high"))
    if low is None or high is None:
        return "-"
    return phrase(
        "from_to", low=_amount(goal, low, n.people_short), high=_amount(goal, high, n.people_short)
    )


def _drawn(
    goal: Objective,
    rows: Sequence[Mapping[str, Any]],
    first: First | None,
    names: Mapping[str, Words],
) -> Words | None:
    """Return what the best rows gain in the draws, and whether these tell the first from the
    others.
    """
    if first is None:
        return None

    def name(one: str) -> Words:
        return names.get(one, Words(one, one))

    ranges = [
        phrase("named", name=name(row["name"]), text=_range(goal, row))
        for row in rows[:_RANGES_SHOWN]
    ]
    close = [
        fill(Words("{name}({p:.0%})", "{name} ({p:.0%})"), name=name(one), p=p)
        for one, p in first.close
    ]
    sure: Words | str = ""
    if close:
        sure = phrase("drawn_close", name=name(first.name), names=joined(close[:_RANGES_SHOWN]))
    elif first.least_p is not None:
        p = f"{first.least_p:.0%}"
        sure = phrase("drawn_sure", name=name(first.name), p=Words(f"{p}以上", f"{p} or more"))
    return phrase("drawn_ranges", ranges=joined(ranges, "；", "; "), n=first.n_draws, sure=sure)


def _mark(value: bool | None) -> Cell:
    if value is None:
        return "-"
    return phrase("yes") if value else ""


def _alternatives(ranking: RankingResult) -> Iterator[Words]:
    """Yield which candidates exclude each other, and what is to be looked at where the others are
    built together.
    """
    for row in ranking.alternatives:
        yield phrase("exclude", one=row["one"], other=row["other"], why=row["why"])
    for note in ranking.together:
        yield phrase("built_together", note=note)


def _remarks(ranking: RankingResult) -> Iterator[Words]:
    """Yield what the columns mean, and how much was computed."""
    shares = ranking.attribution
    yield phrase("alone_and_last")
    yield (
        phrase("shapley_exact")
        if shares.exact
        else phrase("shapley_sampled", n=shares.n_permutations)
    )
    more = [phrase("from_baseline", n=ranking.n_from_baseline)] if ranking.n_from_baseline else []
    more += [] if ranking.monotone else [phrase("take_from_others")]
    yield phrase("circles_computed", n=ranking.n_circles, more=joined(more, "", ""))


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
    yield phrase("not_submodular")


def _portfolio(ranking: RankingResult, chosen: ChosenParts) -> Words:
    """Return candidates that are built together: how they were found, what they gain and cost."""
    cost_unit = "km" if ranking.budget is not None and ranking.budget.unit == "km" else "亿元"
    return phrase(
        "chosen",
        how=chosen.how,
        names=", ".join(ranking.names[k] for k in chosen.parts) or phrase("none"),
        gain=_amount(ranking.objective, chosen.gain),
        unit=_unit(ranking.objective),
        cost=f"{chosen.cost:g}",
        cost_unit=cost_unit,
    )


def suggestions_screen(
    found: Suggestions, names: Mapping[str, Words], met: Words, saved: Words
) -> Iterator[Block]:
    """Yield the first screen: the best link, as screening, the next ones, what is not known;
    `names` of stations.
    """
    goal = found.objective
    rules = found.rules
    best = next(iter(found.links), None)
    left = (
        figure(round(found.left_bound))
        if rules.per_km
        else _amount(goal, goal.rounded(found.left_bound, up=True))
    )
    called = {
        link.name: joined([names[link.from_id], names[link.to_id]], "—", " - ")
        for link in found.links
    }
    drawn = [
        {"name": link.name, **one.row(goal)}
        for link, one in zip(found.links, found.drawn, strict=False)
    ]
    if best is None:
        yield Paragraph(phrase("suggest_none", n=found.n_appraised))
    else:
        yield Paragraph(
            phrase(
                "suggest_saves_most" if goal.saves else "suggest_brings_most",
                n=found.n_appraised,
                cutoff=goal.cutoff_min,
                link=called[best.name],
                unit=_unit(goal),
                amount=_amount(goal, best.gain, n.people_short),
            )
        )
    yield from shortened(_links(found, names), _LINKS_SHOWN)
    yield ending(
        (
            "screened",
            phrase(
                "suggest_screened",
                region=found.region.words,
                n_pairs=f"{found.n_pairs:,}",
                n=f"{found.n_candidates:,}",
                n_appraised=found.n_appraised,
            ),
        ),
        (
            "screened",
            phrase(
                "ranked_by_proved" if found.proved else "ranked_by_open",
                left=left,
                by=phrase("by_gain_per_km" if rules.per_km else "by_gain"),
            ),
        ),
        ("forecast", _drawn(goal, drawn, found.first, called)),
        *_counted(goal, met),
        (
            "doubt",
            phrase(
                "suggest_doubt",
                minutes=f"{rules.headway_minutes:g}",
                kmh=f"{rules.top_speed_kmh:g}",
            ),
        ),
        ("next", phrase("suggest_next")),
        ("files", saved),
    )


def suggestions_blocks(found: Suggestions, names: Mapping[str, Words]) -> Iterator[Block]:
    """Yield what the first screen leaves out: every link, the definition, how links were chosen."""
    rules = found.rules
    if len(found.links) > _LINKS_SHOWN:
        yield _links(found, names)
    yield Items(
        (
            phrase("definition", text=Words(found.definition_zh, found.definition)),
            phrase(
                "links_screened",
                n_pairs=f"{found.n_pairs:,}",
                n=f"{found.n_candidates:,}",
                km=f"{rules.least_km:g}",
                detour=f"{rules.least_detour:g}",
                kmh=f"{rules.top_speed_kmh:g}",
                trains=rules.most_trains,
                n_appraised=found.n_appraised,
            ),
            phrase("one_corridor", km=f"{rules.apart_km:g}"),
        )
    )


def _links(found: Suggestions, names: Mapping[str, Words]) -> Table:
    """Return a row a link, the best first."""
    goal = found.objective
    columns = heads("", "from", "to", "km", "minutes", "today", "direct_trains", "per_km", "bound")
    return Table(
        EMPTY,
        (*columns[:-2], fill(Words("+{}", "+{}"), _unit(goal)), *columns[-2:]),
        tuple(
            (
                str(k),
                names[link.from_id],
                names[link.to_id],
                f"{link.km:.0f}",
                f"{link.run_minutes:.0f}",
                "-" if link.minutes_now is None else f"{link.minutes_now:.0f}",
                str(link.direct_trains),
                _amount(goal, link.gain),
                figure(link.gain_per_km),
                _amount(goal, goal.rounded(link.bound, up=True)),
            )
            for k, link in enumerate(found.links, start=1)
        ),
        right=3,
    )


def trade_offs_screen(found: TradeOffsResult, met: Words, saved: Words) -> Iterator[Block]:
    """Yield the first screen: twice and half the trains, the changes that move most, which move
    nothing, the doubt.
    """
    goal = found.objective
    (plan, *changes) = found.table
    by_key = {row["key"]: n.signed(round(row["saved_vs_plan"])) for row in changes}
    twice, half = (
        by_key.get(key) for key in ("headway_x0.5", "headway_x2")
    )  # None where departures are given
    yield Paragraph(
        phrase(
            "trade_offs_answer",
            city=city_name(found.city),
            title=Words(*found.plan.titles),
            unit=_unit(goal),
            saved=_amount(goal, plan["saved"], n.people_short),
            trains="" if twice is None else phrase("trade_offs_trains", doubled=twice, halved=half),
        )
    )
    still = [change_label(row) for row in changes if not round(row["saved_vs_plan"])]
    moving = sorted(changes, key=lambda row: -abs(row["saved_vs_plan"]))[
        : len(changes) - len(still)
    ]
    table = trade_offs_table(replace(found, table=[plan, *moving]), short=True)
    yield from shortened(table, 1 + _ROWS_SHOWN)
    yield ending(
        ("zero", still and phrase("trade_offs_zero", names=joined(still))),
        *_counted(goal, met, plan, outside=found.has_city_proper),
        ("doubt", phrase("trade_offs_doubt")),
        ("next", phrase("trade_offs_next", city=found.city.slug)),
        ("files", saved),
    )


def trade_offs_blocks(found: TradeOffsResult) -> Iterator[Block]:
    """Yield the trade-offs, the plan as written first."""
    yield remark(Words(found.definition_zh or found.definition, found.definition))
    yield trade_offs_table(found)


def change_label(row: Mapping[str, Any]) -> Words:
    """Return a change of a plan without how it was worked out, which stands in brackets."""
    return Words(row["zh"].partition("(")[0], row["en"].partition(" (")[0])


def trade_offs_table(found: TradeOffsResult, *, short: bool = False) -> Table:
    """Return a row a change of a plan: what the plan saves with it, who saves how much.

    `short`: for a first screen, changes by their `change_label`, without title and note.
    """
    form = saved_format(found.objective)
    rows: list[tuple[Cell, ...]] = [
        (
            change_label(row) if short else Words(row["zh"], row["en"]),
            form(row["saved"]),
            n.signed(row["saved_vs_plan"], form),
            *worth_cells(row, form),
            form(row.get("saved_turn_up")),
        )
        for row in found.table
    ]
    names = heads("change", "saved_minutes", "vs_plan", *WORTH_HEADS, "saved_turn_up")
    where = fill(
        Words("{}{}", "{}{}"),
        phrase("reach_by_rail"),
        phrase("and_outside") if found.has_city_proper else "",
    )
    title = phrase("trade_offs_title", where=where, unit=phrase(f"unit_{found.objective.column}"))
    note = phrase("trade_offs_note", n=found.objective.n_phases)
    return Table(EMPTY if short else title, names, tuple(rows), notes=() if short else (note,))
