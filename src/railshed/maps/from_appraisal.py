"""From trade-offs, rankings, back-tests and openings to figures."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from railshed.appraisal.backtest import BacktestResult
from railshed.appraisal.objective import PEOPLE
from railshed.appraisal.openings import OpeningsTest
from railshed.appraisal.ranking import RankingResult
from railshed.appraisal.trade_offs import TradeOffsResult
from railshed.circles.definitions import OUTSIDE
from railshed.maps.bars import Bar, Share, draw_reliability, draw_shares, draw_tornado
from railshed.maps.data import Area, ChangeLayer, MapData
from railshed.maps.from_circle import FIGURES, circle_map
from railshed.maps.style import MapStyle
from railshed.util.bilingual import Words
from railshed.util.sums import plain_sum

if TYPE_CHECKING:
    import geopandas as gpd
    from matplotlib.figure import Figure

#: label of each side of the map of a back-test, and the states that it is made of
_SIDES = {
    "gained": (Words("误报：仅预测可达", "false alarm: as predicted only"), ("false_alarm",)),
    "lost": (Words("漏报：仅实际可达", "miss: as it came only"), ("miss",)),
    "after": (Words("预测", "as predicted"), ("hit", "false_alarm")),
    "before": (Words("实际范围线", "as it came, outline"), ("hit", "miss")),
}
_HEADS = (Words("误报人口", "People, false alarm"), Words("漏报人口", "People, miss"))


def draw_trade_offs(found: TradeOffsResult, style: MapStyle | None = None) -> Figure:
    """Return the tornado plot: person-minutes saved (km2-minutes where no people are known) against the plan's."""
    lang = (style or MapStyle()).lang
    central, *others = found.table
    keys = ("saved_vs_plan", "saved", "within_90")
    panels = [
        (Words(zh, en), [Bar(row["zh"], row["en"], *(float(row[key] or 0) for key in keys))
                         for row in others if (row["group"] == "line") == own])
        for zh, en, own in (("线路本身", "The line", True), ("接驳与车站", "Feeders and stations", False))
    ]  # fmt: skip
    name = found.city.name_en or found.city.name
    outside = (f"，{OUTSIDE.zh}", f", {OUTSIDE.en}") if found.has_city_proper else ("", "")
    return draw_tornado(
        panels, float(central["saved"]), float(central["within_90"]), lang=lang,
        people=found.objective.column == PEOPLE,
        title=Words(
            f"{found.city.name}：{found.plan.titles[0]}，节省的分钟数(铁路可达{outside[0]})",
            f"{name}: {found.plan.titles[1]}, minutes saved by rail{outside[1]}",
        ),
        definition=(found.definition_zh if lang == "zh" else "") or found.definition,
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
    zh, en = "、".join(c.name for c in found.cities), ", ".join(c.name_en or c.name for c in found.cities)
    within = f"，{goal.cutoff_min}分钟", f", {goal.cutoff_min} min"
    what = ("，节省的分钟数", ", minutes saved") if goal.saves else within
    how = ("全部子集", "all subsets") if a.exact else (f"{a.n_permutations}个次序", f"{a.n_permutations} orders")
    return draw_shares(
        shares, column=goal.column, minutes=goal.saves, lang=(style or MapStyle()).lang, definition=found.definition,
        title=Words(f"{zh}：各线贡献{what[0]}", f"{en}: what each line earns{what[1]}"),
        summary=Words(
            f"{how[0]}中的平均收益，合计等于总收益{found.total:,.0f}",
            f"mean gain over {how[1]}; they sum to the total gain of {found.total:,.0f}",
        ),
    )  # fmt: skip


def draw_openings(found: OpeningsTest, style: MapStyle | None = None) -> Figure:
    """Return the chart of the probabilities of drawn plans against the share that came, cutoffs 45 to 75 minutes."""
    points = [(row["p_mean"], row["came"], row["people"]) for row in found.reliability]
    n = len({score.line for score in found.scores})
    return draw_reliability(
        points, lang=(style or MapStyle()).lang,
        title=Words(f"{n}条已开通线路：预测概率与实际", f"{n} opened lines: probabilities as forecast and what came"),
        summary=Words("圆点面积为人口，45至75分钟各阈值合计", "area of a mark: people, cutoffs of 45 to 75 minutes"),
        definition=(
            "people outside the city proper in cells that were not within the minutes before; each line forecast "
            f"without its own trains, {found.n_draws} draws a line and city; {found.reading}"
        ),
    )  # fmt: skip


def backtest_map(found: BacktestResult) -> MapData:
    """Return the map of hit, miss and false alarm at the headline cutoff."""
    cutoff = found.after.headline_cutoff
    shape = found.polygons[found.polygons["cutoff_min"] == cutoff].set_index("state").geometry
    row = found.row(found.after.surface.reading.name, cutoff, "circle")
    sides: dict[str, Any] = {}
    for side, (text, states) in _SIDES.items():
        figures = ([row[f"{figure}_{state}"] for state in states] for figure in FIGURES)
        geometry = shape[[*states]].union_all()
        sides[side] = Area(text, geometry, *(None if None in each else plain_sum(each) for each in figures))
    change = ChangeLayer(
        **sides, scenario=Words(f"回测：{found.title}", f"back-test of {found.title}"), proposed=_proposed(found),
        heads=_HEADS,
    )  # fmt: skip
    return replace(circle_map(found.predicted), change=change, headlines=(), strip=())


def _proposed(found: BacktestResult) -> gpd.GeoDataFrame:
    """Return the lines as drawn through the stations that their trains pass."""
    import geopandas as gpd
    import shapely

    place = {s.station_id: (s.lon, s.lat) for s in found.predicted.network.stations}
    drawn = [shapely.LineString([place.get(s.station_id, (s.lon, s.lat)) for s in line.passed]) for line in found.lines]
    return gpd.GeoDataFrame({"name": [line.name for line in found.lines]}, geometry=drawn, crs="EPSG:4326")
