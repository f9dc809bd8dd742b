"""From back-tests and openings to maps and charts."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from railshed.assumptions.names import TO_TERMINALS
from railshed.assumptions.readings import get_reading
from railshed.maps.bars import draw_reliability
from railshed.maps.data import Area, ChangeLayer, MapData
from railshed.maps.style import MapStyle
from railshed.questions.backtest.backtest import BacktestResult
from railshed.questions.backtest.openings import OpeningsTest
from railshed.questions.circle.map import FIGURES, circle_map
from railshed.util.bilingual import Words, fill
from railshed.util.phrases import MAP, phrase
from railshed.util.sums import plain_sum

if TYPE_CHECKING:
    import geopandas as gpd
    from matplotlib.figure import Figure

#: states that each side of the map of a back-test is made of
_SIDES = {
    "gained": ("false_alarm",),
    "lost": ("miss",),
    "after": ("hit", "false_alarm"),
    "before": ("hit", "miss"),
}


def draw_openings(found: OpeningsTest, style: MapStyle | None = None) -> Figure:
    """Return the chart of the probabilities of drawn plans against the share that came, cutoffs 45
    to 75 minutes.
    """
    points = [(row["p_mean"], row["came"], row["people"]) for row in found.reliability]
    n = len({score.line for score in found.scores})
    reading = get_reading(TO_TERMINALS)
    return draw_reliability(
        points,
        lang=(style or MapStyle()).lang,
        title=fill(MAP["openings_title"], n),
        summary=MAP["openings_summary"],
        definition=phrase(
            "openings_drawn", reading=Words(reading.label_zh, reading.label), n=found.n_draws
        ),
    )


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
            MAP[f"backtest_{side}"],
            geometry,
            *(None if None in each else plain_sum(each) for each in figures),
        )
    change = ChangeLayer(
        **sides,
        scenario=fill(MAP["backtest_of"], found.title),
        proposed=_proposed(found),
        heads=(MAP["backtest_head_gained"], MAP["backtest_head_lost"]),
    )
    return replace(circle_map(found.predicted), change=change, headlines=(), strip=())


def _proposed(found: BacktestResult) -> gpd.GeoDataFrame:
    """Return the lines as drawn through the stations that their trains pass."""
    import geopandas as gpd
    import shapely

    place = {s.station_id: (s.lon, s.lat) for s in found.predicted.network.stations}
    drawn = [
        shapely.LineString([place.get(s.station_id, (s.lon, s.lat)) for s in line.passed])
        for line in found.lines
    ]
    return gpd.GeoDataFrame(
        {"name": [line.name for line in found.lines]}, geometry=drawn, crs="EPSG:4326"
    )
