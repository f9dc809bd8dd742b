"""Layers of a back-test."""

from __future__ import annotations

from typing import TYPE_CHECKING

from railshed.questions.backtest.backtest import BacktestResult

if TYPE_CHECKING:
    import geopandas as gpd


def backtest_layers(found: BacktestResult) -> dict[str, gpd.GeoDataFrame]:
    """Return the layers of a back-test by name: its polygons and the stations of the
    three circles.
    """
    states = ("before", "predicted", "after")
    return {
        "backtest": found.polygons,
        **{f"stations_{state}": getattr(found, state).stations for state in states},
    }
