"""Travel times between all stations: by hand on a line of five, against the reference and against
`reach`.
"""

from __future__ import annotations

from random import Random
from typing import Any

import numpy as np
import pandas as pd
import pytest

import railshed
from railshed import ParameterError
from railshed.questions.reach.reach import reach
from railshed.questions.reach.stations import iter_station_matrix, station_array, station_matrix
from railshed.questions.reach.times import TimeQuery
from railshed.util.errors import NotFoundError
from railshed.util.units import MINUTE, UNREACHED, format_clock
from tests.support import reference as ref
from tests.support.random_networks import random_network, to_model
from tests.support.seeds import each_seed
from tests.support.small_networks import LINE, OUT, small_network, two_trains


@pytest.fixture(scope="module")
def line() -> railshed.Network:
    """A - E every 2 km, one train a -> e at 08:00, one b -> e at 08:10; changes take 3 minutes."""
    return two_trains()


def square(frame: pd.DataFrame, column: str = "travel_time_p50") -> dict[tuple[str, str], float]:
    return dict(zip(zip(frame["from_id"], frame["to_id"], strict=True), frame[column], strict=True))


def test_by_hand(line: railshed.Network) -> None:
    """Ready at b at 08:05: the 08:10 is at c 08:13 and e 08:19.

    No train goes back, and b is 0 minutes from itself.
    """
    frame = station_matrix(line, ["b"], times="08:05")
    assert list(frame.columns) == ["from_id", "to_id", "travel_time_p50"]
    found = square(frame)
    assert {to: found["b", to] for to in "bcde"} == {"b": 0, "c": 8, "d": 11, "e": 14}
    assert np.isnan(found["b", "a"])


def test_arrive_by_by_hand(line: railshed.Network) -> None:
    """There by 08:25: the last train is at e at 08:19 and left b at 08:10, 15 minutes before the
    deadline.
    """
    found = square(station_matrix(line, destinations=["e"], times=TimeQuery(arrive_by="08:25")))
    assert [found[x, "e"] for x in "bcde"] == [15, 12, 9, 0]


def test_a_window_by_hand(line: railshed.Network) -> None:
    """Ready at b at 08:08 to 08:11: waits of 2, 1 and 0 minutes and a ride of 9, then no train."""
    query = TimeQuery(departure="08:08", departure_time_window=4, percentiles=(0, 50, 75, 100))
    frame = station_matrix(line, ["b"], ["e"], times=query)
    row = frame.iloc[0].tolist()
    assert row[:5] == ["b", "e", 9, 10, 11]
    assert np.isnan(row[5])


def test_walks_count_alone(line: railshed.Network) -> None:
    """Stations two kilometres apart are joined by no walk of 10 minutes; a listed one of 240 s is a
    whole journey.
    """
    joined = small_network(LINE, {"out": OUT}, transfers=[("a", "c", 240)])
    found = square(station_matrix(joined, ["a"], times="08:00"))
    assert found["a", "c"] == 4
    three = TimeQuery(departure="08:00", departure_time_window=3)
    assert station_matrix(joined, ["a"], ["c"], times=three).iloc[0, 2] == 4


@pytest.mark.parametrize("rides", [None, 1])
@each_seed(range(40))
def test_equals_the_reference(seed: int, rides: int | None) -> None:
    """Both directions, one minute and a window: every pair and rank is that of the plain
    reference.
    """
    rng = Random(seed)
    net = random_network(rng, max_trips=10)
    network = to_model(net)
    trip = rng.choice(net.trips)
    at = max(0, trip[rng.randrange(len(trip))].departure - rng.choice((0, 60, 300)))
    n, bound = rng.choice((1, 1, 5)), rng.choice((20, 120))
    ranks = [0, 100] if n == 1 else [0, 40, 100]
    limit = None if rides is None else rides - 1
    over: dict[str, Any] = {"departure_time_window": n, "percentiles": ranks, "date": network.date}
    ask: dict[str, Any] = {"max_minutes": bound, "footpaths": False, "threads": 2}
    for arrive in (False, True):
        moment: dict[str, Any] = {"arrive_by": at + 3600} if arrive else {"departure": at}
        frame = station_matrix(
            network, times=TimeQuery(**moment, **over), max_transfers=limit, **ask
        )
        seconds = [next(iter(moment.values())) + MINUTE * k for k in range(n)]
        reference = expected(net, seconds, arrive, bound * MINUTE, rides)
        for k, p in enumerate(ranks):
            got = np.round(frame[f"travel_time_p{p}"].to_numpy() * MINUTE)
            place = max(0, (p * n + 99) // 100 - 1)
            want = [np.nan if row[place] is None else row[place] for row in reference]
            np.testing.assert_array_equal(got, np.array(want, dtype=float), err_msg=f"{arrive} {k}")


def expected(
    net: ref.RefNetwork, seconds: list[int], arrive: bool, bound_s: int, rides: int | None
) -> list[list[int | None]]:
    """Return by pair of stations (origin first) the sorted seconds of the reference over the
    minutes.
    """
    n = net.n_stations
    out: dict[tuple[int, int], list[int | None]] = {(x, y): [] for x in range(n) for y in range(n)}
    foot = {(u, v): s for u, v, s in net.transfers if s <= bound_s} | {(x, x): 0 for x in range(n)}
    for x in range(n):
        for second in seconds:
            if arrive:
                found = ref.journeys_to(net, {x: 0}, second - bound_s, second, bound_s, rides)
                times = [ref.travel_time_to(found[y], second, 0) for y in range(n)]
                pairs = [(y, x) for y in range(n)]
            else:
                found = ref.journeys_from(net, {x: 0}, second, second + bound_s, bound_s, rides)
                times = [ref.travel_time_from(found[y], second, 0) for y in range(n)]
                pairs = [(x, y) for y in range(n)]
            for pair, taken in zip(pairs, times, strict=True):
                known = [t for t in (taken, foot.get(pair)) if t is not None and t <= bound_s]
                out[pair].append(min(known, default=None))
    return [sorted(v, key=lambda t: (t is None, t or 0)) for _, v in sorted(out.items())]


@pytest.mark.parametrize("direction", ["to", "from"])
def test_a_window_is_that_of_reach(toy: railshed.Network, direction: str) -> None:
    """Without slack and walks, `reach` from (to) each station has the rows (columns) of
    the matrix.
    """
    name = "departure" if direction == "from" else "arrive_by"
    ranks, moment = (0, 50, 75), {name: "07:30"}
    query = TimeQuery(departure_time_window=120, percentiles=ranks, **moment)  # type: ignore[arg-type]
    found = station_matrix(toy, times=query, footpaths=False)
    for station in toy.stations:
        other = reach(
            toy,
            [station.station_id],
            direction=direction,
            window="07:30-09:30",
            slack_minutes=0,
            percentiles=ranks,
            footpaths=False,
        )
        mine = found[found["from_id" if direction == "from" else "to_id"] == station.station_id]
        for p in (0, 50, 75):
            assert mine[f"travel_time_p{p}"].tolist() == pytest.approx(
                other[f"travel_time_p{p}"].tolist(), nan_ok=True
            )


@pytest.mark.parametrize("moment", ["departure", "arrive_by"])
@pytest.mark.parametrize("minutes", [None, 3])
def test_parts_are_the_whole(toy: railshed.Network, moment: str, minutes: int | None) -> None:
    """`iter_station_matrix` gives the rows of `station_matrix`, on one thread or three."""
    query = TimeQuery(departure_time_window=minutes, **{moment: "08:00"})  # type: ignore[arg-type]
    whole = square(station_matrix(toy, times=query))
    for threads in (1, 3):
        parts = list(iter_station_matrix(toy, times=query, threads=threads))
        assert square(pd.concat(parts)) == pytest.approx(whole, nan_ok=True)
    assert len(parts) == 3


@pytest.mark.parametrize("moment", ["departure", "arrive_by"])
@pytest.mark.parametrize("minutes", [None, 3])
@pytest.mark.parametrize("n", [1, 3])
def test_the_array_is_the_table(
    toy: railshed.Network, moment: str, minutes: int | None, n: int
) -> None:
    """`station_array` has the seconds of `station_matrix`, of some stations as of all, on a network
    or a run.
    """
    query = TimeQuery(departure_time_window=minutes, percentiles=(0, 100), **{moment: "08:00"})  # type: ignore[arg-type]
    ids = [s.station_id for s in toy.stations]
    run = railshed.prepare(toy)
    for ends in (ids[-n:], ids[:2]), (None, ids[1:2]), (ids[2:3], None):
        frame = station_matrix(toy, *ends, times=query)
        shape = *(len(ids if some is None else some) for some in ends), 2
        for network in (toy, run):
            found = station_array(network, *ends, times=query, threads=1)
            assert found.shape == shape
            minutes_ = np.where(found == UNREACHED, np.nan, found / MINUTE).reshape(-1, 2)
            np.testing.assert_allclose(
                minutes_, frame[["travel_time_p0", "travel_time_p100"]], atol=0.006
            )
    assert (found < UNREACHED).any()


@pytest.mark.parametrize("n", [1, 2, 12])
def test_a_walk_between_two_trains(n: int) -> None:
    """Off the train at b at 08:03, 120 s on foot to c: the 08:05 from there is caught, with 121 s
    it is not.

    One origin or a few are searched alone, twelve in lanes, by rides free and counted.
    """
    for walk_s, arrival in ((120, 15), (121, None)):
        trips = {"one": OUT[:2], "two": [("c", "08:05"), ("d", "08:15")]}
        joined = small_network(LINE, trips, transfers=[("b", "c", walk_s)])
        for rides in (None, 1):
            found = station_array(
                joined, ["a"] * n, ["d"], times="08:00", max_transfers=rides, threads=1
            )
            assert (
                found.ravel().tolist() == [UNREACHED if arrival is None else arrival * MINUTE] * n
            )


def test_longer_walks_than_the_bound_do_not_count(line: railshed.Network) -> None:
    """A listed walk of 20 minutes is no journey of 15: at one second, and over a window."""
    joined = small_network(LINE, {"out": OUT}, transfers=[("a", "c", 1200)])
    for minutes in (None, 3):
        query = TimeQuery(departure="12:00", departure_time_window=minutes)
        seconds = [
            int(station_array(joined, ["a"], ["c"], times=query, max_minutes=m)[0, 0, 0])
            for m in (15, 25)
        ]
        assert seconds == [UNREACHED, 1200]


def test_a_prepared_run_is_taken(toy: railshed.Network) -> None:
    """What `prepare` made gives the same times."""
    one = station_matrix(toy, times="08:00")
    two = station_matrix(railshed.prepare(toy), times="08:00")
    assert one["travel_time_p50"].tolist() == pytest.approx(
        two["travel_time_p50"].tolist(), nan_ok=True
    )
    for options in ({"change_minutes": 60}, {"footpaths": False}):
        of_network, of_run = (
            station_matrix(of, times="08:00", **options) for of in (toy, railshed.prepare(toy))
        )
        assert of_run.equals(of_network)
        assert not of_run.equals(two)


def test_mistakes_are_told(toy: railshed.Network) -> None:
    """What is allowed is said for each."""
    with pytest.raises(ParameterError, match=r"max_minutes 0: .*1 to 240; threads 0: "):
        station_matrix(toy, times="08:00", max_minutes=0, threads=0)
    with pytest.raises(ParameterError, match="unknown speed; allowed: network, origins"):
        iter_station_matrix(toy, times="08:00", speed=3)
    with pytest.raises(ParameterError, match="arrive_by 27:59 and a window of 9 min"):
        station_matrix(
            toy, times=TimeQuery(arrive_by=format_clock(100_740), departure_time_window=9)
        )
    with pytest.raises(NotFoundError):
        station_matrix(toy, ["nowhere"], times="08:00")
