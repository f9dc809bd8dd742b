"""How good the run times and plans of a line are: each railway of 2023 from all others, without any
of its trains.

`python networks/china/check_service_plans.py` prints them, in half an hour. Of a railway are given
what is announced of one: stations, length where it is known, top speed, trains a day. A train that
calls at two of its stations or more is its own: it counts in the fit of no other railway that it
runs on. How well circles are forecast is another question: `railshed backtest china-2016 china
china/openings`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path

import numpy as np

import railshed
from railshed.io.railways import RAILWAYS, read_railways
from railshed.scenario.service_plans.corridors import (
    Corridor,
    Train,
    TrainDay,
    calls_at,
    corridor_of,
    with_trains,
)
from railshed.scenario.service_plans.draws import (
    RunErrors,
    Timing,
    draw_errors,
    draw_trains,
    end_pools,
    generator,
    hop_s,
)
from railshed.scenario.service_plans.fit import Fit, fit_of, hops_of
from railshed.util.units import HOUR, MINUTE

HERE = Path(__file__).resolve().parent
#: draws of run times, as many as a comparison makes; plans, of whose first arrival the median of 20
#: is noise
N_DRAWS, N_PLANS = 200, 100
#: calls that make a train one of the railway
OWN_CALLS = 2
#: run times of the timetable are whole minutes: an interval is wider by half of one at both ends
ROUNDED_MIN = 0.5
#: trains a day as announced, without growth
NO_GROWTH = {"growth": (0.0, 1.0), "growth_log": (0.0,)}


@dataclass(frozen=True)
class Check:
    """How far one railway's forecast is off."""

    name: str
    #: share of a whole run, median of its trains: above 0 the forecast is slower
    bias: float
    #: minutes, by end: median of the hops there that do not reach the other one
    ends_min: tuple[float, ...]
    #: share of the trains whose run lies in the middle 80 % of the draws
    inside: float
    #: mean absolute error of the share of trains that stop, by station
    stops: tuple[float, ...]
    #: hours, by city: how far the first arrival is off
    first_h: tuple[float, ...]


def trips_at(day: TrainDay, corridor: Corridor, least: int) -> frozenset[int]:
    """Return the trips that call at so many stations of a railway or more."""
    known, n = day.network.station_index(), day.network.n_stations
    here = np.isin(day.station, [known[key] for key in corridor.station_ids])
    trips, calls = np.unique(
        np.unique(day.trip[here] * n + day.station[here]) // n, return_counts=True
    )
    return frozenset(trips[calls >= least].tolist())


def left_out(day: TrainDay, corridors: Sequence[Corridor]) -> Iterator[tuple[Corridor, Fit]]:
    """Yield each railway that has two trains or more each way, with what all others say without its
    trains.
    """
    meeting = [trips_at(day, corridor, 1) for corridor in corridors]
    for one in corridors:
        if min(map(len, one.trains)) < 2:
            continue
        mine = trips_at(day, one, OWN_CALLS)
        rest = day.without_trips(np.array(sorted(mine), np.int64))
        others = [
            corridor if mine.isdisjoint(theirs) else with_trains(corridor, rest)
            for corridor, theirs in zip(corridors, meeting, strict=True)
            if corridor is not one
        ]
        yield one, fit_of(others)


def minutes(corridor: Corridor, fit: Fit, errors: RunErrors, train: Train) -> float:
    """Return the forecast minutes of a train's run, with its own stops."""
    (timed,) = Timing(corridor, fit, errors).trains(train.place.tolist(), [0.0])
    return run_min(timed)


def run_min(train: Train) -> float:
    """Return the minutes of a train on the railway."""
    return float(train.arrival_s[-1] - train.departure_s[0]) / MINUTE


def check(one: Corridor, fit: Fit) -> Check:
    """Return how far a forecast by `fit` is off."""
    first_min, last_min = (float(np.median(pool)) for pool in end_pools(one, fit))
    usual, trains = (
        RunErrors(0.0, (first_min, last_min)),
        [t for way in one.trains for t in way if t.direct],
    )
    bias = [minutes(one, fit, usual, train) / run_min(train) - 1 for train in trains]
    ends: tuple[list[float], list[float]] = ([], [])
    for first, last, real, _ in hops_of(one):
        if (first == 0) != (last == one.n_stations - 1):  # from end to end is a whole run
            ends[int(first != 0)].append(hop_s(one, fit, usual, first, last) / MINUTE - real)
    drawn = [draw_errors(one, fit, generator(0, one.name, draw)) for draw in range(N_DRAWS)]
    stops_of = [tuple(train.place.tolist()) for train in trains]
    ranges = {
        stops: np.percentile([minutes(one, fit, errors, train) for errors in drawn], [10, 90])
        for stops, train in dict(zip(stops_of, trains, strict=True)).items()
    }
    ranged = [(train, ranges[stops]) for stops, train in zip(stops_of, trains, strict=True)]
    inside = [
        low - ROUNDED_MIN <= run_min(train) <= high + ROUNDED_MIN for train, (low, high) in ranged
    ]
    stops, first_h = plan_errors(one, replace(fit, **NO_GROWTH))
    medians = tuple(float(np.median(off)) for off in ends if off)
    return Check(one.name, float(np.median(bias)), medians, float(np.mean(inside)), stops, first_h)


def plan_errors(one: Corridor, fit: Fit) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Return by station how far the share of trains that stop is off, and by city the first
    arrival, in hours.
    """
    first_h, shares = [], []
    for city in dict.fromkeys(filter(None, one.core)) or ("",):
        way, came = one.towards(city), []
        for draw in range(N_PLANS):
            plan = draw_trains(one, fit, one.n_trains(), city, generator(1, one.name, city, draw))
            shares.append(calls_at([plan], one.n_stations) / len(plan))
            came += [min(t.arrival_s[-1] for t in each) for each in [towards(plan, way)] if each]
        real = min(t.arrival_s[-1] for t in one.trains[way])
        if city and came:
            first_h.append(abs(float(np.median(came)) - real) / HOUR)
    off = np.abs(
        np.mean(shares, axis=0) - calls_at(one.trains, one.n_stations) / sum(map(len, one.trains))
    )
    return tuple(off.tolist()), tuple(first_h)


def towards(plan: Sequence[Train], way: int) -> list[Train]:
    """Return the trains of one direction."""
    return [train for train in plan if int(train.place[0] > train.place[-1]) == way]


def checks() -> list[Check]:
    """Return how far the forecast of each railway is off."""
    network = railshed.load_network("china")
    day = TrainDay.of(network)
    corridors = [corridor_of(day, railway) for railway in read_railways(HERE / RAILWAYS, network)]
    return [check(one, fit) for one, fit in left_out(day, corridors)]


def summary(found: Sequence[Check]) -> dict[str, float]:
    """Return the figures over all railways."""
    bias = np.abs([one.bias for one in found])
    return {
        "railways": len(found),
        "run_bias_median_pct": 100 * float(np.median(bias)),
        "run_bias_p90_pct": 100 * float(np.percentile(bias, 90)),
        "end_hop_median_min": float(
            np.median(np.abs(list(chain.from_iterable(one.ends_min for one in found))))
        ),
        "run_in_middle_80_pct": 100 * float(np.mean([one.inside for one in found])),
        "stop_share_mean_error": float(
            np.mean(list(chain.from_iterable(one.stops for one in found)))
        ),
        "first_arrival_median_h": float(
            np.median(list(chain.from_iterable(one.first_h for one in found)))
        ),
    }


def main() -> None:
    """Print each railway's bias and the figures over all."""
    found = checks()
    for one in sorted(found, key=lambda one: one.bias):
        print(f"{one.name:28} {one.bias:+7.1%}")
    for name, value in summary(found).items():
        print(f"{name:28} {value:7.2f}")


if __name__ == "__main__":
    main()
