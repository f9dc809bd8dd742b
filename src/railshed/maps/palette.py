"""Colours, widths and steps that printed maps, interactive maps and the styles of exported files
share.
"""

from __future__ import annotations

INK = "#1d2327"
SOFT = "#5b656d"
LAND = "#faf9f5"
SEA = "#dfe9f0"
#: land of which the network knows nothing
NO_DATA = "#f1efe9"
NO_DATA_HATCH = "//"
NO_DATA_LINE = "#cfcac0"
COUNTY_LINE = "#b4b7ba"
PREFECTURE_LINE = "#6d6480"
EDGE_LINE = "#9aa0a5"
COUNTY_TEXT = "#6a7076"
PREFECTURE_TEXT = "#574d6b"
TOWN_TEXT = "#8a6d3b"
PROPER = "#b9bcbf"
PROPER_EDGE = "#1d2327"
NO_RIDE = "#b0631a"
NO_RIDE_DASH = (0, (4, 1.6))
TRAINS = "#12395f"
TRAINS_HATCH = r"\\\\"
BAND_EDGE = "#55818c"
SWATCH_EDGE = "#7a858d"
#: cells within the cutoff before and after, after alone, before alone
UNCHANGED = "#c9d6df"
GAINED = "#2b7bba"
LOST = "#e07b39"
GAINED_HATCH = "////"
LOST_HATCH = "xxxx"
BY_RAIL = "#12395f"
CUTOFF_EDGE = "#dfe5e9"
RAIL = "#3f4953"
#: trains a day, both ways: from this many on, this wide in points
RAIL_CLASSES = ((200, 2.2), (80, 1.5), (20, 0.9), (0, 0.45))
PROPOSED = "#a3195b"
ROAD = "#b9ad97"
#: stations outside the circle
FAR = "#8d949a"
#: colours and dashes of the circles of several cities: distinct in grey and for the colour-blind
OUTLINES = (
    ("#12395f", "solid"), ("#8c2d04", (0, (5, 1.5))), ("#4a1486", (0, (1.2, 1.2))),
    ("#00523f", (0, (6, 1.4, 1.2, 1.4))), ("#1d2327", (0, (2.5, 2.5))), ("#7a0177", (0, (8, 2))),
    ("#5a4000", (0, (4, 1.2, 1.2, 1.2, 1.2, 1.2))),
)  # fmt: skip
#: least minutes of each band of minutes saved
SAVED_STEPS_MIN = (30, 15, 10, 5, 1)
#: most minutes of each class of counties
COUNTY_STEPS_MIN = (30, 45, 60, 90, 120)
#: what keeps a place outside, in the order of its colours
BOUND_BY = ("first_train", "access", "station", "stops", "trains", "speed", "track")


#: ColorBrewer's YlGnBu, in even steps from light to dark
_YELLOW_TO_BLUE = "ffffd9 edf8b1 c7e9b4 7fcdbb 41b6c4 1d91c0 225ea8 253494 081d58"


def band_colours(n: int) -> list[str]:
    """Return `n` colours, nearest band darkest: YlGnBu, colour-blind-safe, in even steps
    of grey.
    """
    import numpy as np  # not matplotlib's map, whose import takes the interactive map 0.3 s

    ends = (0.60, 0.20) if n < 5 else (0.76, 0.14)  # more bands, more contrast
    share = np.floor(np.linspace(*ends, n) * 256) / 255 if n != 1 else np.array([97 / 255])
    anchors = np.array([list(bytes.fromhex(colour)) for colour in _YELLOW_TO_BLUE.split()])
    parts = [np.interp(share, np.linspace(0, 1, len(anchors)), column) for column in anchors.T]
    return [f"#{bytes(rgb).hex()}" for rgb in np.rint(parts).astype(np.uint8).T.tolist()]


#: of metros, where there are trains too
METRO = "#5f6a74"
METRO_WIDTH = 0.9


def rail_width(trains: float) -> float:
    """Return the line width in points for trains a day."""
    return next(width for least, width in RAIL_CLASSES if trains >= least)
