"""From trade-offs and rankings to figures."""

from __future__ import annotations

from typing import TYPE_CHECKING

from railshed.comparisons.objective import PEOPLE
from railshed.maps.bars import Bar, Share, draw_shares, draw_tornado
from railshed.maps.style import MapStyle
from railshed.questions.rank.ranking import RankingResult
from railshed.questions.rank.trade_offs import TradeOffsResult
from railshed.util.bilingual import EMPTY, Words, fill, joined
from railshed.util.phrases import MAP, phrase

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def draw_trade_offs(found: TradeOffsResult, style: MapStyle | None = None) -> Figure:
    """Return the tornado plot: person-minutes saved (km2-minutes where no people are known) against
    the plan's.
    """
    lang = (style or MapStyle()).lang
    central, *others = found.table
    keys = ("saved_vs_plan", "saved", "within_90")
    panels = [
        (
            heading,
            [
                Bar(row["zh"], row["en"], *(float(row[key] or 0) for key in keys))
                for row in others
                if (row["group"] == "line") == own
            ],
        )
        for heading, own in ((MAP["trade_offs_line"], True), (MAP["trade_offs_around"], False))
    ]
    return draw_tornado(
        panels,
        float(central["saved"]),
        float(central["within_90"]),
        lang=lang,
        people=found.objective.column == PEOPLE,
        title=fill(
            MAP["trade_offs_title"],
            city=Words(found.city.name, found.city.name_en),
            plan=Words(*found.plan.titles),
            outside=phrase("and_outside") if found.has_city_proper else EMPTY,
        ),
        definition=Words(found.definition_zh, found.definition),
    )


def draw_ranking(found: RankingResult, style: MapStyle | None = None) -> Figure:
    """Return the bar chart of the Shapley values with their standard errors, alone and last in
    beside them.
    """
    ordered = sorted(found.table, key=lambda row: (-row["shapley"], row["name"]))
    shares = [
        Share(
            row["name"],
            row["shapley"],
            row["standard_error"],
            row["gain"],
            row["last_in"],
            None if row.get("drawn_low") is None else (row["drawn_low"], row["drawn_high"]),
        )
        for row in ordered
    ]
    goal = found.objective
    a = found.attribution
    cities = joined([Words(city.name, city.name_en) for city in found.cities])
    what = MAP["ranking_saved"] if goal.saves else fill(MAP["ranking_within"], goal.cutoff_min)
    how = MAP["ranking_subsets"] if a.exact else fill(MAP["ranking_orders"], a.n_permutations)
    return draw_shares(
        shares,
        column=goal.column,
        minutes=goal.saves,
        lang=(style or MapStyle()).lang,
        definition=Words(found.definition_zh, found.definition),
        title=fill(MAP["ranking_title"], cities=cities, what=what),
        summary=fill(MAP["ranking_summary"], how=how, total=f"{found.total:,.0f}"),
    )
