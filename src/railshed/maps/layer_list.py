"""The layers of a city map: one list for the printed and the interactive map."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from railshed.maps import palette, words
from railshed.maps.data import MapData
from railshed.util.bilingual import Words
from railshed.util.phrases import MAP


@dataclass(frozen=True, slots=True)
class MapLayer:
    """One layer of a city map: name, style and order of both renderers."""

    key: str
    #: None: not in the legend
    words: Words | None
    #: of drawing on the printed map, as matplotlib's `zorder`
    order: float
    face: str = "none"
    edge: str = "none"
    #: points on the printed map, and in its legend (0: the same)
    width: float = 0.0
    legend_width: float = 0.0
    dash: Any = "solid"
    #: keys of its colour and of its name on the interactive map, "" where that does not have them
    web_colour: str = ""
    web_text: str = ""

    @property
    def colour(self) -> str:
        """The colour of an area's face, else of the line."""
        return self.edge if self.face == "none" else self.face


#: from the ground up; bands and what changes lie between land and the city proper, stations on top
LAYERS = {
    layer.key: layer
    for layer in (
        MapLayer("land", None, 1.0, palette.LAND, palette.LAND, 0.3, web_colour="land"),
        MapLayer(
            "proper",
            MAP["city_proper"],
            3.3,
            palette.PROPER,
            palette.PROPER_EDGE,
            1.5,
            web_colour="proper",
            web_text="proper",
        ),
        MapLayer("edge", None, 3.0, edge=palette.EDGE_LINE, width=0.5, web_colour="edge"),
        MapLayer(
            "county",
            MAP["county_border"],
            3.1,
            edge=palette.COUNTY_LINE,
            width=0.4,
            legend_width=0.6,
            web_colour="county",
            web_text="countyBorder",
        ),
        MapLayer(
            "prefecture",
            MAP["prefecture_border"],
            3.2,
            edge=palette.PREFECTURE_LINE,
            width=0.9,
            legend_width=1.0,
            dash=(0, (7, 1.6, 1.2, 1.6)),
            web_colour="prefecture",
            web_text="prefectureBorder",
        ),
        MapLayer(
            "road",
            MAP["road"],
            3.5,
            edge=palette.ROAD,
            width=0.3,
            legend_width=0.6,
            web_colour="road",
            web_text="road",
        ),
        MapLayer("rail", MAP["rail"], 4, edge=palette.RAIL, web_colour="rail", web_text="rail"),
        MapLayer(
            "proposed",
            MAP["proposed"],
            4.6,
            edge=palette.PROPOSED,
            width=2.2,
            dash=(0, (3.2, 1.1)),
            web_colour="proposed",
            web_text="proposed",
        ),
    )
}


def with_transit(data: MapData, text: Words) -> Words:
    """Return the words, with public transport for rail where buses are among the lines."""
    return text if data.roads is None else words.transit(text)
