"""Tags of OpenStreetMap as people type them: speeds, intervals, opening hours, what is not built
yet.
"""

from __future__ import annotations

import math
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from railshed.io.osm.elements import is_stop, lifecycle
from railshed.io.osm.tags import (
    headway_periods,
    parse_interval,
    parse_maxspeed,
    parse_opening_hours,
    shared_name,
    track_limit,
)
from railshed.network.lines import Period

H = 3_600


@pytest.mark.parametrize(
    ("text", "kmh"),
    [
        ("120", 120.0),
        ("120 km/h", 120.0),
        ("62.5", 62.5),
        ("80 mph", 128.74752),
        ("80mph", 128.74752),
        ("10 knots", 18.52),
        ("none", math.inf),
        ("120;160", 120.0),
        ("none;160", 160.0),
        ("signals;80", 80.0),
        ("RU:urban", None),
        ("signals", None),
        ("", None),
        ("0", None),
        ("-50", None),
        ("1200", None),
        ("fast", None),
        ("1e3", None),
        ("١٢٠", None),
        ("50 mph km/h", None),
    ],
)
def test_maxspeed(text, kmh):
    assert parse_maxspeed(text) == (None if kmh is None else pytest.approx(kmh))


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        ({}, (None, True)),
        ({"maxspeed": "100", "maxspeed:forward": "60"}, (100.0, True)),
        ({"maxspeed:forward": "100", "maxspeed:backward": "60"}, (60.0, True)),
        ({"maxspeed:forward": "100", "maxspeed:backward": "slow"}, (100.0, False)),
        ({"maxspeed": "slow"}, (None, False)),
    ],
)
def test_track_limit(tags, expected):
    assert track_limit(tags) == expected


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("10", 600),
        ("7.5", 450),
        ("00:10", 600),
        ("00:10:30", 630),
        ("1:00", 3_600),
        ("10-15", 900),
        ("00:05 - 00:10", 600),
        ("0", None),
        ("0.1", None),
        ("2000", None),
        ("nan", None),
        ("inf", None),
        ("1e400", None),
        ("often", None),
        ("10-", None),
        ("", None),
        ("10;20", None),
    ],
)
def test_interval(text, seconds):
    assert parse_interval(text) == seconds


@pytest.mark.parametrize(
    ("text", "windows"),
    [
        ("24/7", ((0, 24 * H),)),
        ("05:00-24:00", ((5 * H, 24 * H),)),
        ("05:00-01:00", ((5 * H, 25 * H),)),
        ("Mo-Fr 06:00-09:00,16:00-19:00", ((6 * H, 9 * H), (16 * H, 19 * H))),
        ("Mo-Fr 05:00-23:00; Sa,Su,PH 06:00-22:00", ((5 * H, 23 * H),)),
        ("Sa,Su 06:00-22:00", ()),
        ("PH off", ()),
        ("05:00-23:00; PH off", ((5 * H, 23 * H),)),
        ("05:00-23:00; Tu off", ()),
        ("Sa-We 07:00-08:00", ((7 * H, 8 * H),)),  # over the end of the week, Tuesday in it
        ("Fr-Mo 07:00-08:00", ()),
        ("Mo, Tu 07:00-08:00", ((7 * H, 8 * H),)),
        ("Mo-Fr", ((0, 24 * H),)),
        ("", ()),
        ("05:00+", None),
        ("sunrise-sunset", None),
        ("Mo-PH 05:00-06:00", None),
        ("Mo-Fr 05:00", None),
        ("Jan-Mar 05:00-23:00", None),
        ("05:00-60:00", None),
        ('"when it runs"', None),
        ("Mo-- 05:00-06:00", None),
    ],
)
def test_opening_hours_of_a_tuesday(text, windows):
    assert parse_opening_hours(text) == windows


DEFAULT = (Period(6 * H, 9 * H, 300), Period(9 * H, 23 * H, 900))


@pytest.mark.parametrize(
    ("tags", "periods", "tagged"),
    [
        ({}, DEFAULT, False),
        ({"interval": "20"}, (Period(6 * H, 23 * H, 1_200),), True),
        ({"interval": "20", "opening_hours": "05:00-24:00"}, (Period(5 * H, 24 * H, 1_200),), True),
        # without an interval the longest headway stands outside the option's hours
        (
            {"opening_hours": "05:00-24:00"},
            (Period(5 * H, 6 * H, 900), Period(6 * H, 9 * H, 300), Period(9 * H, 24 * H, 900)),
            False,
        ),
        (
            {
                "interval": "20",
                "interval:conditional": "00:05 @ (Mo-Fr 07:00-09:00,16:00-18:00); 00:30 @ "
                "(22:00-24:00)",
            },
            (
                Period(6 * H, 7 * H, 1_200),
                Period(7 * H, 9 * H, 300),
                Period(9 * H, 16 * H, 1_200),
                Period(16 * H, 18 * H, 300),
                Period(18 * H, 22 * H, 1_200),
                Period(22 * H, 23 * H, 1_800),
            ),
            True,
        ),
        ({"opening_hours": "Sa 10:00-12:00", "interval": "10"}, (), True),
    ],
)
def test_headway_periods(tags, periods, tagged):
    assert headway_periods(tags, DEFAULT) == (periods, tagged, [])


def test_tags_not_understood_are_returned():
    tags = {
        "interval": "often",
        "opening_hours": "sunrise-sunset",
        "interval:conditional": "5 @ sometimes",
    }
    periods, tagged, unread = headway_periods(tags, DEFAULT)
    assert (periods, tagged) == (DEFAULT, False)
    assert unread == [
        "opening_hours=sunrise-sunset",
        "interval=often",
        "interval:conditional=5 @ sometimes",
    ]


@given(st.text(alphabet="MoTuWeThFrSaSuPH0123456789:-,;@() off/7\u00e9", max_size=60))
def test_any_text_is_understood_or_refused(text):
    """No text raises, and what is understood is sound."""
    for key in ("interval", "opening_hours", "interval:conditional"):
        periods, _, _ = headway_periods({key: text}, DEFAULT)
        assert all(p.start_s < p.end_s and p.headway_s >= 30 for p in periods)
        assert all(a.end_s <= b.start_s for a, b in pairwise(periods))
    assert parse_maxspeed(text) is None or parse_maxspeed(text) >= 1


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        ({"railway": "construction", "construction": "subway"}, ("construction", "subway")),
        (
            {"railway": "construction", "construction:railway": "light_rail"},
            ("construction", "light_rail"),
        ),
        ({"railway": "proposed", "proposed": "yes"}, ("proposed", "rail")),
        ({"railway": "proposed"}, ("proposed", "rail")),
        ({"proposed:railway": "station"}, ("proposed", "station")),
        (
            {"railway": "rail", "proposed:railway": "light_rail"},
            None,
        ),  # a track in use that will change
        ({"highway": "construction", "construction": "primary"}, None),
        ({"railway": "rail"}, None),
    ],
)
def test_lifecycle(tags, expected):
    assert lifecycle(tags) == expected


def test_stops_of_rail_differ_from_those_of_buses():
    assert is_stop({"railway": "tram_stop"})
    assert is_stop({"public_transport": "stop_position", "subway": "yes"})
    assert not is_stop({"public_transport": "stop_position", "bus": "yes"})
    assert not is_stop(
        {"public_transport": "platform", "train": "yes"}
    )  # only as a member of a route


def test_shared_name_is_the_most_frequent_then_the_first():
    assert shared_name(["b", "", "a", "b"]) == "b"
    assert shared_name(["b", "a"]) == "a"
    assert shared_name([]) == ""
