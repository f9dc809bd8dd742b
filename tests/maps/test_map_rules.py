"""Rules by which maps choose their symbols, names and words, each by hand and on both sides of its
border.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from railshed.maps import stations as symbols
from railshed.maps.furniture import _scale_words
from railshed.maps.graticule import _degrees, _meeting, _step
from railshed.maps.page import SHEETS
from railshed.maps.projection import uneven_words
from railshed.maps.stations import (
    CORE,
    CORE_METRO,
    CORE_STOP,
    INSIDE,
    KINDS,
    METRO,
    OUTSIDE,
    STOP,
    Dots,
    Kind,
)
from railshed.maps.words import rate
from railshed.util.bilingual import Words
from railshed.util.phrases import MAP

# --- the sheet -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ratio", "text"),
    [
        (250_000, "250 000"),
        (254_999, "250 000"),
        (255_001, "260 000"),
        (99_499, "99 000"),
        (99_501, "100 000"),
        (12_345_678, "12 000 000"),
        (949, "950"),
    ],
)
def test_the_scale_has_two_figures(ratio: int, text: str) -> None:
    """As a ratio on paper; on a screen there is none."""
    metres_per_point = ratio * 0.0254 / 72
    assert _scale_words(SHEETS["a4"], metres_per_point).en == f"about 1:{text} at A4"
    assert _scale_words(SHEETS["a3"], metres_per_point).zh == f"A3 图幅比例尺约 1:{text}"
    assert _scale_words(SHEETS["slide"], metres_per_point) == Words("")


@pytest.mark.parametrize(
    ("scales", "percent"),
    [
        ([2.0, 2.0], None),
        ([2.0, 2.0198], None),
        ([2.0202, 2.0], "1"),
        ([1.9798, 2.0], "1"),
        ([1.981, 2.0], None),
        ([1.0, 2.0, 2.5], "50"),
        ([2.0, 4.2], "110"),
    ],
)
def test_how_much_lengths_differ(scales: Sequence[float], percent: str | None) -> None:
    """By the place of the map where it is most, from 1 % of the middle's scale on."""
    found = uneven_words(np.array(scales), 2.0)
    expected = percent and f"lengths differ from the scale bar by up to {percent} % over the map"
    assert (found and found.en) == expected


@pytest.mark.parametrize("scale", [np.inf, np.nan])
def test_a_map_that_reaches_beyond_its_projection_says_so(scale: float) -> None:
    """No figure stands for what has none."""
    assert uneven_words(np.array([1.0, scale]), 1.0) == MAP["uneven_beyond"]


@pytest.mark.parametrize(
    ("minutes", "signs", "text"),
    [
        (0, "EW", "0°"),
        (60, "EW", "1°E"),
        (-60, "EW", "1°W"),
        (90, "NS", "1°30′N"),
        (-65, "NS", "1°05′S"),
        (1, "EW", "0°01′E"),
        (-1, "NS", "0°01′S"),
        (59, "NS", "0°59′N"),
        (7_200, "EW", "120°E"),
    ],
)
def test_degrees_of_the_graticule(minutes: int, signs: str, text: str) -> None:
    """Minutes of arc in two digits, none where there are none."""
    assert _degrees(minutes, signs) == text


@pytest.mark.parametrize(
    ("minutes", "step"),
    [
        (0.0, 1),
        (1.41, 1),
        (1.42, 2),
        (3.1, 2),
        (3.2, 5),
        (24, 20),
        (25, 30),
        (599, 600),
        (849, 1_200),
        (9_999, 1_200),
    ],
)
def test_steps_of_the_graticule(minutes: float, step: int) -> None:
    """The one that is nearest as a ratio."""
    assert _step(minutes) == step


def test_where_a_line_meets_the_frame() -> None:
    """A meridian its foot at y 10, a parallel its left edge at x 10, from less than 1.5
    points off.
    """
    upright, level = (
        shapely.LineString([(3, 11.4), (4, 50)]),
        shapely.LineString([(80, 6), (11.4, 5)]),
    )
    assert (_meeting(upright, 0, 10), _meeting(level, 1, 10)) == (3, 5)
    assert (_meeting(upright, 0, 9.9), _meeting(level, 1, 9.9)) == (None, None)


# --- stations -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "sizes", "importance", "further", "leaders"),
    [
        (STOP, (0.5, 0.0, 6.0), (50, 40), (), ()),
        (CORE_STOP, (0.35, 0.0, 6.0), (60, 40), (), ()),
        (OUTSIDE, (1.3, 0.4, 6.1), (100, 90), (), ()),
        (METRO, (1.5, 0.7, 6.3), (400, 90), (3,), ()),
        (INSIDE, (2.2, 0.9, 7.0), (500, 360), (3.5,), ()),
        (CORE_METRO, (1.6, 0.4, 6.3), (620, 40), (3,), ()),
        (CORE, (3.0, 0.7, 8.2), (1_000, 90), (6,), (14, 22, 32, 44, 58, 74)),
    ],
)
def test_sizes_of_symbols(
    kind: Kind,
    sizes: tuple[float, ...],
    importance: tuple[float, ...],
    further: tuple[float, ...],
    leaders: tuple[float, ...],
) -> None:
    """Radius, edge and print in points on A4; how far a name may stand off, and be tied to its
    symbol by a line.
    """
    assert (kind.radius, kind.edge_width, kind.text_size) == sizes
    assert (kind.importance, kind.spread) == importance
    assert (kind.further, kind.leaders) == (further, leaders)
    assert kind in KINDS


def dots_of(kinds: Sequence[Kind], xy: Any = None) -> Dots:
    """Return stations in view of these kinds, 100 points from each other unless `xy` says
    otherwise.
    """
    n = len(kinds)
    places = (
        np.column_stack([100.0 * np.arange(n), np.zeros(n)]) if xy is None else np.array(xy, float)
    )
    return Dots(np.arange(n), places, np.ones(n), np.array([KINDS.index(kind) for kind in kinds]))


def marks_of(
    dots: Dots, busy: Sequence[float], again: Sequence[int] = (), scale: float = 1.0
) -> dict[int, float]:
    seen = gpd.GeoDataFrame({"trips": busy}, geometry=gpd.points_from_xy(*dots.xy.T))
    return symbols._landmarks(seen, dots, np.isin(np.arange(len(busy)), again), scale)


def test_the_busiest_small_core_station_stands_for_the_city() -> None:
    """Where no core station is large; not one whose name is printed, and none where all
    names are.
    """
    dots = dots_of([CORE_METRO, CORE_METRO, CORE_METRO, INSIDE, METRO])
    assert marks_of(dots, [1, 3, np.nan, 9, 9]) == {1: 950}
    assert marks_of(dots, [1, 3, np.nan, 9, 9], again=[1]) == {0: 950}
    assert marks_of(dots, [1, 3, 2, 9, 9], again=[0, 1, 2]) == {}
    assert marks_of(dots_of([CORE_METRO, CORE, INSIDE]), [9, 1, 1]) == {}
    assert marks_of(dots_of([CORE_STOP, METRO, INSIDE]), [9, 1, 1]) == {}


@pytest.mark.parametrize(("n", "marked"), [(399, 1), (400, 13)])
def test_landmarks_of_a_crowd(n: int, marked: int) -> None:
    """With 401 stations of the circle the twelve busiest have their names besides the city's, the
    busiest first.
    """
    dots = dots_of([CORE_METRO, *[INSIDE] * n, OUTSIDE, STOP])
    busy = [0, *range(n, 0, -1), 9_999, 9_999]
    assert (
        list(marks_of(dots, busy).items())
        == [(0, 950), *((k, 900 - k) for k in range(1, 13))][:marked]
    )


@pytest.mark.parametrize(
    ("scale", "apart", "marked"),
    [(1, 13.1, True), (1, 12.9, False), (1.25, 16.3, True), (1.25, 16.2, False)],
)
def test_landmarks_stand_apart(scale: float, apart: float, marked: bool) -> None:
    """13 points on A4, from each other and from the city's station; small core stations and printed
    names are none.
    """
    xy = np.column_stack([np.zeros(405), 1_000.0 * np.arange(405)])
    xy[1:3] = [0, apart], [0, 2 * apart]
    dots = dots_of([CORE_METRO, INSIDE, INSIDE, CORE_METRO, *[INSIDE] * 401], xy)
    busy = [999, 900, 800, 700, *range(500, 99, -1)]
    found = list(marks_of(dots, busy, again=[4], scale=scale))
    assert found[:4] == ([0, 1, 2, 5] if marked else [0, 2, 5, 6])


def test_trains_go_before_trips() -> None:
    """Where the frame has the trains of the day, they say which station is the busiest."""
    dots = dots_of([CORE_METRO, CORE_METRO])
    seen = gpd.GeoDataFrame(
        {"trips": [2, 1], "trains": [1, 2]}, geometry=gpd.points_from_xy(*dots.xy.T)
    )
    assert symbols._landmarks(seen, dots, np.zeros(2, bool), 1.0) == {1: 950}


@pytest.mark.parametrize(
    ("classes", "stops", "small"),
    [
        (["metro", "hub"], None, [True, False]),
        (["metro", "metro"], None, [False, False]),  # small next to what?
        (["metro", "metro", "small"], [False, False, True], [False] * 3),
        (["metro", "hub", "metro"], [False, False, True], [True, False, False]),
        (["metro"] * 400, None, [False] * 400),
        (["metro"] * 401, None, [True] * 401),
    ],
)
def test_stations_of_a_metro_are_small(
    classes: list[str], stops: list[bool] | None, small: list[bool]
) -> None:
    """Beside other trains, or where there are more than 400 of them; stops of buses are none and do
    not count.
    """
    columns = {"station_class": classes} | ({} if stops is None else {"bus_only": stops})
    frame: Any = pd.DataFrame(columns)
    assert symbols.is_metro(frame).tolist() == small
    assert symbols.is_metro(frame.drop(columns="station_class")).tolist() == [False] * len(classes)
    assert symbols.is_stop(frame).tolist() == (stops or [False] * len(classes))


@pytest.mark.parametrize(
    ("value", "text"),
    [(5.0, "5"), (0.25, "0.2"), (9.94, "9.9"), (9.96, "10"), (10.4, "10"), (11.6, "12")],
)
def test_trips_an_hour_have_a_decimal_below_ten(value: float, text: str) -> None:
    assert rate(value) == text
