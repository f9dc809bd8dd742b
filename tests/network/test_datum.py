"""GCJ-02 and BD-09: published pairs, the exact way back, and where nothing is moved."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from railshed.network.datum import (
    DATUMS,
    SHIFTED_BOX,
    check_datum,
    in_shifted_box,
    to_wgs84,
    turned_note,
)
from railshed.util.errors import ParameterError
from tests.support.datums import from_wgs84

#: WGS84 and GCJ-02 (lon, lat): the test values of github.com/googollee/eviltransform (Shanghai,
#: Shenzhen, Beijing) and the example in the README of github.com/wandergis/coordtransform
PUBLISHED_GCJ02 = [
    ((121.5272106, 31.1774276), (121.531541859215, 31.17530398364597)),
    ((113.912316, 22.543847), (113.9171764808363, 22.540796131694766)),
    ((116.377817, 39.911954), (116.38404722455657, 39.91334545536069)),
    ((116.404, 39.915), (116.41024449916938, 39.91640428150164)),
]
#: WGS84, GCJ-02 and BD-09 of Chinese towns to seven digits, as the map services themselves
#: answered: the test data of github.com/hujiulong/gcoord (驻马店, 邵阳, 郑州, 沈阳, 那曲, 梅州)
PUBLISHED_TOWNS = [
    ((114.0164322, 33.0133556), (114.022306, 33.0115324), (114.0287781, 33.0176697)),
    ((111.4622119, 27.242124), (111.4677938, 27.2388981), (111.4742271, 27.2451662)),
    ((113.6192856, 34.7478004), (113.6253334, 34.7466173), (113.6317519, 34.7528605)),
    ((123.4253306, 41.8032629), (123.4314787, 41.8057023), (123.438095, 41.8114013)),
    ((92.0499619, 31.4784436), (92.0512438, 31.4762063), (92.0576832, 31.4824421)),
    ((116.1174053, 24.2912377), (116.1222426, 24.2886182), (116.1287823, 24.2944828)),
]
#: places of mainland China, away from the edge of the box
places = st.tuples(st.floats(73.6, 134.7), st.floats(18.2, 53.5))


def metres(a, b):
    """Distance of two (lon, lat) some hundred metres apart."""
    east = (b[0] - a[0]) * math.cos(math.radians(a[1]))
    return 111_195 * math.hypot(east, b[1] - a[1])


@pytest.mark.parametrize(("wgs84", "gcj02"), PUBLISHED_GCJ02)
def test_published_pairs(wgs84, gcj02):
    """The published GCJ-02 values come out to all their digits, and lead back."""
    assert from_wgs84(*wgs84, "gcj02") == pytest.approx(gcj02, abs=1e-10)
    assert to_wgs84(*gcj02, "gcj02") == pytest.approx(wgs84, abs=1e-10)


def test_published_example_of_bd09():
    """GCJ-02 (116.404, 39.915) is BD-09 (116.41036949371029, 39.92133699351021): README of
    coordtransform.
    """
    wgs84 = to_wgs84(116.404, 39.915, "gcj02")
    assert from_wgs84(*wgs84, "bd09") == pytest.approx(
        (116.41036949371029, 39.92133699351021), abs=1e-10
    )


@pytest.mark.parametrize(("wgs84", "gcj02", "bd09"), PUBLISHED_TOWNS)
def test_towns_as_the_map_services_give_them(wgs84, gcj02, bd09):
    """Both datums agree with what the services answered within 2 m, in both directions."""
    for place, datum in ((gcj02, "gcj02"), (bd09, "bd09")):
        assert metres(from_wgs84(*wgs84, datum), place) < 2
        assert metres(to_wgs84(*place, datum), wgs84) < 2


@given(places, st.sampled_from(DATUMS))
def test_there_and_back(place, datum):
    """The way back is exact to 1e-9 degrees, from either end."""
    assert to_wgs84(*from_wgs84(*place, datum), datum) == pytest.approx(place, abs=1e-9)
    assert from_wgs84(*to_wgs84(*place, datum), datum) == pytest.approx(place, abs=1e-9)


@given(places)
def test_size_of_the_shift(place):
    """GCJ-02 moves a place by some metres to 750 m, BD-09 by another 700-1,050 m."""
    gcj02 = from_wgs84(*place, "gcj02")
    assert 10 < metres(place, gcj02) < 750
    assert 700 < metres(gcj02, from_wgs84(*place, "bd09")) < 1_050


def test_shift_of_the_populated_east():
    """On a grid over the populated east (105-122 E, 22-42 N) GCJ-02 moves every place by
    300-700 m.
    """
    grid = [(lon, lat) for lon in np.arange(105, 122, 0.37) for lat in np.arange(22, 42, 0.41)]
    shift = [metres(place, from_wgs84(*place, "gcj02")) for place in grid]
    assert min(shift) > 300
    assert max(shift) < 700


@pytest.mark.parametrize(
    "place", [(-122.39, 37.78), (8.66, 50.11), (139.77, 35.68), (-51.23, -30.03), (0.0, 0.0)]
)
@pytest.mark.parametrize("datum", DATUMS)
def test_nothing_is_moved_outside_the_box(place, datum):
    """San Francisco, Frankfurt, Tokyo, Porto Alegre and (0, 0) keep every bit."""
    assert from_wgs84(*place, datum) == place
    assert to_wgs84(*place, datum) == place


def test_arrays_are_copied_and_nan_stays():
    """Shapes do not change, nor does the input; NaN and infinite values pass through; WGS84 is the
    identity.
    """
    lon = np.array([[116.404, np.nan], [np.inf, -122.0]])
    lat = np.array([[39.915, 30.0], [30.0, 37.0]])
    copy = lon.copy()
    moved_lon, moved_lat = from_wgs84(lon, lat, "gcj02")
    assert np.array_equal(lon, copy, equal_nan=True)
    assert moved_lon.shape == (2, 2)
    assert moved_lon.dtype == np.float64
    assert moved_lon[0, 0] == pytest.approx(116.41024449916938)
    assert np.isnan(moved_lon[0, 1])
    assert moved_lat[0, 1] == 30.0
    assert np.isinf(moved_lon[1, 0])
    assert np.array_equal(to_wgs84(lon, lat, "wgs84")[0], lon, equal_nan=True)
    assert to_wgs84([], [], "bd09")[0].shape == (0,)


def test_box():
    """The box is closed; its neighbours lie in it too, which the docstring says."""
    west, south, east, north = SHIFTED_BOX
    assert SHIFTED_BOX == (72.004, 0.8293, 137.8347, 55.8271)
    corners = [(west, south), (west, north), (east, south), (east, north)]
    beyond = [
        (west - 1e-9, 30),
        (east + 1e-9, 30),
        (100, south - 1e-9),
        (100, north + 1e-9),
        (np.nan, 30),
    ]
    lon, lat = zip(*corners, (127.0, 37.5), *beyond, strict=True)
    assert in_shifted_box(lon, lat).tolist() == [True] * 5 + [False] * 5


@pytest.mark.parametrize(
    ("lon", "note"),
    [
        ([116, 117], "2 coordinates turned from bd09 into WGS84"),
        (
            [116, 8],
            (
                "1 of 2 coordinates turned from bd09 into WGS84; the others lie outside the box around "
                "China"
            ),
        ),
        ([116, np.nan], "1 coordinates turned from bd09 into WGS84"),
        (
            [8, 9] * 600,
            (
                "0 of 1,200 coordinates turned from bd09 into WGS84; the others lie outside the box "
                "around China"
            ),
        ),
    ],
)
def test_how_many_places_were_turned(lon, note):
    """Those without a place count nowhere."""
    assert turned_note(lon, [40.0] * len(lon), "bd09") == note


def test_unknown_datum():
    """An unknown name is refused with those that are known."""
    assert check_datum("bd09") == "bd09"
    for call in (
        lambda: check_datum("GCJ02"),
        lambda: to_wgs84(1, 2, "wgs72"),
        lambda: from_wgs84(1, 2, ""),
    ):
        with pytest.raises(ParameterError, match="allowed: wgs84, gcj02, bd09"):
            call()
