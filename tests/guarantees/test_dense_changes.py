"""Random feeds where every journey of several trains waits seconds at its changes: minutes against
a plain router.

The router (`tests/support/reference.py`) is plain Python, uses no code of railshed and gets the
trains as they were drawn, not as read. Trains run every one to three minutes, each station has a
change time of its own: with a minute more or less at changes, the router's minutes differ in every
feed.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random
from typing import Any

import pytest

import railshed
from tests.support import reference as ref
from tests.support.feeds import write_zip
from tests.support.reference import Call, RefNetwork, shift
from tests.support.seeds import each_seed

pytestmark = pytest.mark.properties
SEEDS = range(16)
MINUTE, HOUR, DAY = 60, 3_600, 86_400
PERCENTILES = (0, 10, 50, 90, 100)
#: when trains run, from: in the morning, over midnight, after it
STARTS = (8 * HOUR, 23 * HOUR + 20 * MINUTE, 24 * HOUR + 10 * MINUTE)
#: the service day, of which there are trains, as on the days around it
DATE, DATES = "2024-05-15", ("20240514", "20240515", "20240516")


@dataclass(frozen=True)
class Case:
    """A feed as it was drawn, and what is asked of it."""

    #: trains of one service day
    trips: list[list[Call]]
    change_s: list[int]
    walks: dict[tuple[int, int], int]
    targets: tuple[int, ...]
    direction: str
    window: tuple[int, int]
    slack_s: int
    max_transfers: int | None

    @property
    def network(self) -> RefNetwork:
        days = [shift(trip, day * DAY) for day in (-1, 0, 1) for trip in self.trips]
        return RefNetwork(
            len(self.change_s), days, self.change_s, [(*ends, s) for ends, s in self.walks.items()]
        )


def case_of(seed: int) -> Case:
    """Return a chain of three lines of three stations, both ways, whose ends are two changes apart.

    In half of them another line goes across two of the three; walks join stations of one line.
    """
    rng = Random(seed)
    start, order = rng.choice(STARTS), rng.sample(range(7), 7)
    lines = [order[k : k + 3] for k in (0, 2, 4)]
    lines += [rng.sample(order[:4], 3)] * (rng.random() < 0.5)
    trips = [
        trip for line in lines for way in (line, line[::-1]) for trip in trains(rng, way, start)
    ]
    walks = {
        (order[0], order[1]): rng.choice((0, 61)),
        (order[2], order[3]): rng.choice((299, 420)),
    }
    first = start + 25 * MINUTE + rng.choice((0, 1, 30))
    return Case(
        trips,
        [rng.choice((60, 95, 120, 181, 240)) for _ in order],
        walks,
        (*order[: rng.choice((1, 1, 2))],),
        "to",
        (first, first + 10 * MINUTE),
        rng.choice((0, 1, 30)) * MINUTE,
        rng.choice((None, None, 2, 3)),
    )


def trains(rng: Random, line: Sequence[int], start: int) -> list[list[Call]]:
    """Return the trains of a line in one direction, over an hour."""
    runs, dwell = [rng.randrange(120, 420) for _ in line], rng.choice((0, 20, 45))
    found, departure = [], start
    while departure < start + HOUR:
        departure += rng.randrange(60, 150)
        trip, now = [], departure
        for station, run in zip(line, runs, strict=True):
            trip.append(Call(station, now, now + dwell, rng.random() < 0.97, rng.random() < 0.97))
            now += dwell + run
        found.append(trip)
    return found


def written(case: Case, path: Path) -> Path:
    """Write the feed; stations stand 10 km apart, so that there is no walk that is not listed."""
    times = ["trip_id,arrival_time,departure_time,stop_id,stop_sequence,pickup_type,drop_off_type"]
    times += [
        f"t{t},{clock(c.arrival)},{clock(c.departure)},s{c.station},{k},{int(not c.pickup)},{int(not c.drop_off)}"
        for t, trip in enumerate(case.trips)
        for k, c in enumerate(trip)
    ]
    listed = [(k, k, s) for k, s in enumerate(case.change_s)] + [
        (*ends, s) for ends, s in case.walks.items()
    ]
    tables = {
        "agency.txt": [
            "agency_id,agency_name,agency_url,agency_timezone",
            "x,X,https://example.org,Asia/Shanghai",
        ],
        "stops.txt": ["stop_id,stop_name,stop_lat,stop_lon"]
        + [f"s{k},s{k},{30 + k // 3 / 10},{104 + k % 3 / 10}" for k in range(len(case.change_s))],
        "routes.txt": ["route_id,route_short_name,route_type", "r,R,2"],
        "trips.txt": ["route_id,service_id,trip_id"]
        + [f"r,daily,t{t}" for t in range(len(case.trips))],
        "stop_times.txt": times,
        "calendar_dates.txt": ["service_id,date,exception_type"]
        + [f"daily,{day},1" for day in DATES],
        "transfers.txt": ["from_stop_id,to_stop_id,transfer_type,min_transfer_time"]
        + [f"s{a},s{b},2,{s}" for a, b, s in listed],
    }
    return write_zip(path, {name: "\n".join(rows) + "\n" for name, rows in tables.items()})


def clock(seconds: int) -> str:
    return f"{seconds // HOUR:02}:{seconds // MINUTE % 60:02}:{seconds % MINUTE:02}"


def routed(case: Case, network: RefNetwork, bound_s: int = 2 * HOUR) -> list[list[float]]:
    """Return by station the router's minutes at the percentiles; infinite where there is none."""
    rides = None if case.max_transfers is None else case.max_transfers + 1
    ends, (first, last) = dict.fromkeys(case.targets, 0), case.window
    find, time = (
        (ref.journeys_to, ref.travel_time_to)
        if case.direction == "to"
        else (ref.journeys_from, ref.travel_time_from)
    )
    journeys = find(network, ends, first - bound_s, last + bound_s, bound_s, rides)
    found = []
    for station, profile in enumerate(journeys):
        values = [time(profile, minute, case.slack_s) for minute in range(first, last, MINUTE)]
        every = [0 if station in case.targets else ref.percentile(values, p) for p in PERCENTILES]
        found.append([math.inf if v is None or v > bound_s else v / MINUTE for v in every])
    return found


def changed(network: RefNetwork, seconds: int) -> RefNetwork:
    """Return the network with so many seconds more at each change of trains."""
    return replace(network, change_s=[max(0, s + seconds) for s in network.change_s])


def reached(case: Case, feed: Path) -> list[list[float]]:
    """Return the same minutes as `railshed.reach` has them."""
    table = (
        railshed.prepare(railshed.load_network(feed, date=DATE))
        .reach(
            [f"s{k}" for k in case.targets],
            direction=case.direction,
            window=case.window,
            slack_minutes=case.slack_s / MINUTE,
            percentiles=PERCENTILES,
            max_transfers=case.max_transfers,
        )
        .fillna(math.inf)
    )
    assert table["station_id"].tolist() == [f"s{k}" for k in range(len(case.change_s))]
    found: Any = table[[f"travel_time_p{p}" for p in PERCENTILES]].to_numpy().tolist()
    return found  # type: ignore[no-any-return]


@pytest.mark.slow
@each_seed(SEEDS)
def test_minutes_are_those_of_the_plain_router(seed: int, tmp_path: Path) -> None:
    """There and back, of all stations at five percentiles, to half a second.

    With an error of a minute at changes the router has other minutes in each feed.
    """
    case = case_of(seed)
    feed = written(case, tmp_path / "feed.zip")
    ways = [replace(case, direction="to"), replace(case, direction="from", slack_s=0)]
    mine = [reached(way, feed) for way in ways]
    for way, found in zip(ways, mine, strict=True):
        assert [pytest.approx(row, abs=1 / 120) for row in routed(way, way.network)] == found
    for error_s in (MINUTE, -MINUTE):
        wrong = [routed(way, changed(way.network, error_s)) for way in ways]
        assert not all(map(same, wrong, mine)), error_s


def same(some: list[list[float]], other: list[list[float]]) -> bool:
    """Return whether minutes are equal to half a second."""
    return all(
        a == b or abs(a - b) < 1 / 120
        for row, beside in zip(some, other, strict=True)
        for a, b in zip(row, beside, strict=True)
    )


@each_seed(range(0, 60, 20))
def test_fastest_minutes_of_a_circle_are_those_of_the_plain_router(
    seed: int, tmp_path: Path
) -> None:
    """From station to station over the whole day, to a hundredth of a minute; an error of a minute
    gives others.
    """
    case = replace(case_of(seed), window=(0, DAY), slack_s=MINUTE, max_transfers=None)
    case = replace(case, targets=case.targets[:1])
    network = railshed.load_network(written(case, tmp_path / "feed.zip"), date=DATE)
    core = network.stations[case.targets[0]]
    city = railshed.city_at(network, core.lon, core.lat, name="x")
    assert city.core_station_ids == (core.station_id,)
    circle = railshed.circle(railshed.prepare(network, cell_size_m=5_000), city)
    table = circle.stations.set_index("station_id")["minutes_fastest"]
    mine = [table.get(f"s{k}", math.inf) for k in range(len(case.change_s))]
    expected = [row[0] for row in routed(case, case.network)]
    assert same([mine], [expected])
    for error_s in (MINUTE, -MINUTE):
        assert not same([mine], [[row[0] for row in routed(case, changed(case.network, error_s))]])
