"""Travel times from station to station: how many, how near, which."""

from __future__ import annotations

import math

import pandas as pd

from railshed.questions.reach.tables import first_screen, stations
from railshed.util.bilingual import Words
from tests.support.printedtables import shown

TABLE = pd.DataFrame(
    {
        "station_id": ["m", "b", "a", "c"],
        "station_name": ["心", "乙", "甲", "丙"],
        "station_name_en": ["M", "B", "A", "C"],
        "lon": 1.0,
        "lat": 2.0,
        "travel_time_p0": [0.0, 7.25, 12.5, math.nan],
        "travel_time_p50": [0.0, 45.0, math.nan, math.nan],
        "trips": [0, 4, 3, 0],
    }
)


def test_stations_that_are_reached() -> None:
    """Minutes are rounded up, each percentile in its column, "-" for none; who is not reached is
    not listed.
    """
    for lang, names in (("en", ("心 M", "乙 B", "甲 A")), ("zh", ("心", "乙", "甲"))):
        assert shown([stations(TABLE)], lang).first() == [
            [names[0], "m", "0", "0", "0"],
            [names[1], "b", "8", "45", "4"],
            [names[2], "a", "13", "-", "3"],
        ]


def test_the_first_screen() -> None:
    """At half of the times 2 of 4 stations are within the hour, the target among them, at best 3;
    that one is not listed among the nearest."""
    of = Words("中", "Mid")
    for lang, answer, heads in (
        (
            "en",
            (
                "2024-05-15: 2 of the 4 stations of the network are within 60 minutes of Mid, "
                "at half of all arrival times between 07:30 and 09:30."
            ),
            ["within min", "fastest", "half of all times"],
        ),
        (
            "zh",
            "2024-05-15：在07:30—09:30之间一半到达时刻，本网络4座车站中有2座在60分钟内可达中。",
            ["分钟内", "最快", "半数时刻"],
        ),
    ):
        found = shown(
            first_screen(
                TABLE, "2024-05-15", of, (27_000, 34_200), 90, Words("存", "saved"), leaving=False
            ),
            lang,
        )
        bands, nearest = found.tables[:2]
        assert found.lines == (answer,)
        assert [str(column.header) for column in bands.columns] == heads
        assert [[*cells] for cells in zip(*(c.cells for c in bands.columns), strict=True)] == [
            ["30", "3", "1"],
            ["60", "3", "2"],
            ["90", "3", "2"],
        ]
        assert list(nearest.columns[1].cells) == ["b", "a"]
    leaving = shown(
        first_screen(TABLE, "2024-05-15", of, (27_000, 34_200), 45, of, leaving=True), "en"
    )
    assert leaving.lines == (
        (
            "2024-05-15: 2 of the 4 stations of the network are within 45 minutes from Mid, "
            "at half of all departure times between 07:30 and 09:30."
        ),
    )
