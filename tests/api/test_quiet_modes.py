"""A mode whose trips all run outside the window is named with the circle: in its summary and on its
map.
"""

from __future__ import annotations

from typing import Any

from railshed.api import analysis as api
from railshed.circles import analysis
from railshed.circles.city_at import city_at
from railshed.io.networks import load_network
from railshed.network.service_windows import modes_without_service
from railshed.questions.circle.map import circle_map
from railshed.util.bilingual import Words
from tests.support.feeds import FEED, feed_with, write_zip
from tests.support.small_networks import small_network


def test_buses_of_an_afternoon_are_said_in_the_summary_and_on_the_map(tmp_path):
    """120 buses from 11:20, the last arriving at 13:39; trains run in the window.

    In the afternoon nothing is said.
    """
    times, trips = FEED["stop_times.txt"], FEED["trips.txt"]
    for n in range(120):
        start, end = 680 + n, 700 + n
        trips += f"bus,weekdays,b{n},\n"
        times += f"b{n},{start // 60}:{start % 60:02d}:00,{start // 60}:{start % 60:02d}:00,a,1\n"
        times += f"b{n},{end // 60}:{end % 60:02d}:00,{end // 60}:{end % 60:02d}:00,b,2\n"
    routes = FEED["routes.txt"] + "bus,x,B,,3\n"
    feed = write_zip(tmp_path / "f.zip", feed_with(routes=routes, trips=trips, stop_times=times))
    network = load_network(feed)
    run = analysis.prepare(network)
    city = city_at(network, 104.6, 30.0, name="C")
    (circle,) = api.Analysis.of(run).circles([city], cutoffs=(60,))
    assert circle.summary.modes_without_service == [
        {
            "mode": "bus",
            "trips": 120,
            "first_departure": "11:20",
            "last_arrival": "13:39",
            "window": ["07:30", "09:30"],
        }
    ]
    assert circle_map(circle).warnings[0] == Words(
        "公交：全日120班均在11:20–13:39，时段07:30–09:30内无车",
        "bus: all 120 trips of the day run from 11:20 to 13:39, none in the window 07:30-09:30",
    )
    later = city_at(network, 104.6, 30.0, name="C", window_to=(12 * 3600, 13 * 3600))
    (circle,) = api.Analysis.of(run).circles([later], cutoffs=(60,))
    assert circle.summary.modes_without_service == []


def test_a_window_past_midnight_has_the_trips_that_run_then() -> None:
    """120 trains from 23:00 to 25:01: they run between 24:30 and 25:30, none does between 05:00 and
    06:00.
    """
    trips: Any = {
        f"t{k}": [
            ("a", f"{(1380 + k) // 60}:{k % 60:02d}"),
            ("b", f"{(1382 + k) // 60}:{(k + 2) % 60:02d}"),
        ]
        for k in range(120)
    }
    network = small_network({"a": (0.0, 0.0), "b": (2.0, 0.0)}, trips, route_type=2)
    assert modes_without_service(network, (88_200, 91_800)) == []
    assert [str(one).split(":")[0] for one in modes_without_service(network, (18_000, 21_600))] == [
        "rail"
    ]
