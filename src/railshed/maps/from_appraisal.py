"""From trade-offs, rankings, back-tests and openings to figures."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from railshed.appraisal.backtest import BacktestResult
from railshed.appraisal.objective import PEOPLE
from railshed.appraisal.openings import OpeningsTest
from railshed.appraisal.ranking import RankingResult
from railshed.appraisal.trade_offs import TradeOffsResult
from railshed.assumptions.names import TO_TERMINALS
from railshed.assumptions.readings import get_reading
from railshed.maps.bars import Bar, Share, draw_reliability, draw_shares, draw_tornado
from railshed.maps.data import Area, ChangeLayer, MapData
from railshed.maps.from_circle import FIGURES, circle_map
from railshed.maps.style import MapStyle
from railshed.util.bilingual import EMPTY, Words, fill, joined
from railshed.util.phrases import MAP, phrase
from railshed.util.sums import plain_sum

if TYPE_CHECKING:
    import geopandas as gpd
    from matplotlib.figure import Figure

#: states that each side of the map of a back-test is made of
_SIDES = {"gained": ("false_alarm",), "lost": ("miss",), "after": ("hit", "false_alarm"), "before": ("hit", "miss")}


def draw_trade_offs(found: TradeOffsResult, style: MapStyle | None = None) -> Figure:
    """Return the tornado plot: person-minutes saved (km2-minutes where no people are known) against the plan's."""
    lang = (style or MapStyle()).lang
    central, *others = found.table
    keys = ("saved_vs_plan", "saved", "within_90")
    panels = [
        (heading, [Bar(row["zh"], row["en"], *(float(row[key] or 0) for key in keys))
                   for row in others if (row["group"] == "line") == own])
        for heading, own in ((MAP["trade_offs_line"], True), (MAP["trade_offs_around"], False))
    ]  # fmt: skip
    return draw_tornado(
        panels, float(central["saved"]), float(central["within_90"]), lang=lang,
        people=found.objective.column == PEOPLE,
        title=fill(
            MAP["trade_offs_title"], city=Words(found.city.name, found.city.name_en), plan=Words(*found.plan.titles),
            outside=phrase("and_outside") if found.has_city_proper else EMPTY,
        ),
        definition=Words(found.definition_zh, found.definition),
    )  # fmt: skip


def draw_ranking(found: RankingResult, style: MapStyle | None = None) -> Figure:
    """Return the bar chart of the Shapley values with their standard errors, alone and last in beside them."""
    ordered = sorted(found.table, key=lambda row: (-row["shapley"], row["name"]))
    shares = [
        Share(
            row["name"], row["shapley"], row["standard_error"], row["gain"], row["last_in"],
            None if row.get("drawn_low") is None else (row["drawn_low"], row["drawn_high"]),
        )
        for row in ordered
    ]  # fmt: skip
    goal, a = found.objective, found.attribution
    cities = joined([Words(city.name, city.name_en) for city in found.cities])
    what = MAP["ranking_saved"] if goal.saves else fill(MAP["ranking_within"], goal.cutoff_min)
    how = MAP["ranking_subsets"] if a.exact else fill(MAP["ranking_orders"], a.n_permutations)
    return draw_shares(
        shares, column=goal.column, minutes=goal.saves, lang=(style or MapStyle()).lang,
        definition=Words(found.definition_zh, found.definition),
        title=fill(MAP["ranking_title"], cities=cities, what=what),
        summary=fill(MAP["ranking_summary"], how=how, total=f"{found.total:,.0f}"),
    )  # fmt: skip


def draw_openings(found: OpeningsTest, style: MapStyle | None = None) -> Figure:
    """Return the chart of the probabilities of drawn plans against the share that came, cutoffs 45 to 75 minutes."""
    points = [(row["p_mean"], row["came"], row["people"]) for row in found.reliability]
    n, reading = len({score.line for score in found.scores}), get_reading(TO_TERMINALS)
    return draw_reliability(
        points, lang=(style or MapStyle()).lang, title=fill(MAP["openings_title"], n), summary=MAP["openings_summary"],
        definition=phrase("openings_drawn", reading=Words(reading.label_zh, reading.label), n=found.n_draws),
    )  # fmt: skip


def backtest_map(found: BacktestResult) -> MapData:
    """Return the map of hit, miss and false alarm at the headline cutoff."""
    cutoff = found.after.headline_cutoff
    shape = found.polygons[found.polygons["cutoff_min"] == cutoff].set_index("state").geometry
    row = found.row(found.after.surface.reading.name, cutoff, "circle")
    sides: dict[str, Any] = {}
    for side, states in _SIDES.items():
        figures = ([row[f"{figure}_{state}"] for state in states] for figure in FIGURES)
        geometry = shape[[*states]].union_all()
        sides[side] = Area(
            MAP[f"backtest_{side}"], geometry, *(None if None in each else plain_sum(each) for each in figures)
        )
    change = ChangeLayer(
        **sides, scenario=fill(MAP["backtest_of"], found.title), proposed=_proposed(found),
        heads=(MAP["backtest_head_gained"], MAP["backtest_head_lost"]),
    )  # fmt: skip
    return replace(circle_map(found.predicted), change=change, headlines=(), strip=())


def _proposed(found: BacktestResult) -> gpd.GeoDataFrame:
    """Return the lines as drawn through the stations that their trains pass."""
    import geopandas as gpd
    import shapely

    place = {s.station_id: (s.lon, s.lat) for s in found.predicted.network.stations}
    drawn = [shapely.LineString([place.get(s.station_id, (s.lon, s.lat)) for s in line.passed]) for line in found.lines]
    return gpd.GeoDataFrame({"name": [line.name for line in found.lines]}, geometry=drawn, crs="EPSG:4326")
