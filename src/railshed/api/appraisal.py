"""Trade-offs, rankings and back-tests: the public functions and the classes that they return."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from railshed.export.formats import write_layers
from railshed.questions.backtest import backtest as _backtest
from railshed.questions.backtest.layers import backtest_layers
from railshed.questions.circle.layers import about_circle
from railshed.questions.rank import ranking as _ranking
from railshed.questions.rank import trade_offs as _trade_offs
from railshed.util.wrap import wrapping

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from railshed.maps.projection import Crs
    from railshed.maps.style import MapStyle


class TradeOffs(_trade_offs.TradeOffsResult):
    """The table of trade-offs of one plan for one city, and its plot."""

    def plot(self, style: MapStyle | None = None) -> Figure:
        """Return the tornado plot: people (km2 where none are known) against those of the plan as
        written.
        """
        from railshed.questions.rank.charts import draw_trade_offs

        return draw_trade_offs(self, style)


class Ranking(_ranking.RankingResult):
    """Candidates ranked: what each gains alone, last in and on average, and its plot."""

    def plot(self, style: MapStyle | None = None) -> Figure:
        """Return a bar chart of the Shapley values with their standard errors, alone and last in
        beside them.
        """
        from railshed.questions.rank.charts import draw_ranking

        return draw_ranking(self, style)


class Backtest(_backtest.BacktestResult):
    """What was predicted for one city, and what was observed, with its map and files."""

    def plot(self, style: MapStyle | None = None) -> Figure:
        """Return the map of hit, miss and false alarm at the headline cutoff as a matplotlib
        figure.
        """
        from railshed.maps.circle import draw_difference
        from railshed.questions.backtest.map import backtest_map

        return draw_difference(backtest_map(self), style)

    def to_file(self, path: str | Path, crs: Crs = None) -> list[Path]:
        """Write polygons and the stations of the three circles; returns the files (see
        `formats.write_layers`).
        """
        return write_layers(path, backtest_layers(self), about_circle(self.after), crs)


trade_offs = wrapping(TradeOffs, _trade_offs.trade_offs)
rank_candidates = wrapping(Ranking, _ranking.rank_candidates)
backtest = wrapping(Backtest, _backtest.backtest)
