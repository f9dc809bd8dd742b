"""Draws of the trains that may run on a planned line: how many, when, where they stop, and how long
they take.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache, partial
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from railshed.network.dates import FIRST_DAY, LAST_DAY
from railshed.network.lines import TIMED_PREFIX
from railshed.network.model import Network, Trips
from railshed.network.model import Service as Days
from railshed.network.ordering import int32, join_trips, make_calls, no_trips
from railshed.network.route_types import DEFAULT_ROUTE_TYPE
from railshed.scenario.service_plans.corridors import Corridor, Train
from railshed.scenario.service_plans.fit import (
    USUAL_DWELL_S,
    Day,
    Fit,
    ends_of,
    features,
    hubs_of,
    stop_kind,
)
from railshed.util.array_types import Floats, Ints64
from railshed.util.units import HOUR, MINUTE

#: a hop never takes less of the rules' time than this
_LEAST_OF_RULES = 0.6
#: log units by which a donor's day loses e-fold of its weight, for trains a day and for length
_WIDTH = 0.5
#: sd of the log of the trains a day around the drawn growth
_GROWTH_SD = 0.15
_MOST_LOGIT = 6.0
#: of a donor's day with one train
_EARLIEST_S = 7 * HOUR
_LATEST_S = 21 * HOUR


def generator(*key: object) -> np.random.Generator:
    """Return the random numbers of a key: those of one line and draw are the same whatever else is
    drawn.
    """
    digest = hashlib.blake2b(repr(key).encode(), digest_size=16).digest()
    return np.random.default_rng(int.from_bytes(digest, "big"))


@dataclass(frozen=True, slots=True)
class RunErrors:
    """How far the run times of a line are off."""

    line_log: float
    #: minutes beyond at the first hop and at the last
    end_min: tuple[float, float]


def draw_errors(corridor: Corridor, fit: Fit, rng: np.random.Generator) -> RunErrors:
    """Return the errors of another line, and of two ends of the classes of its own."""
    first, last = (float(rng.choice(pool)) for pool in end_pools(corridor, fit))
    return RunErrors(float(rng.choice(fit.line_log)), (first, last))


def end_pools(corridor: Corridor, fit: Fit) -> list[tuple[float, ...]]:
    """Return the minutes beyond at the first and at the last hop that lines with ends of these
    classes had.
    """
    return [fit.end_min.get(end, (0.0,)) for end in ends_of(corridor)]


def hop_s(corridor: Corridor, fit: Fit, errors: RunErrors, first: int, last: int) -> float:
    """Return seconds of a hop with these errors."""
    first, last = sorted((first, last))
    rules = corridor.hop_s(first, last)
    usual = 0.0 if corridor.on_own_tracks else fit.hop_min.get(corridor.kind, 0.0)
    beyond = math.fsum(
        e for e, near in zip(errors.end_min, corridor.approaches(first, last), strict=True) if near
    )
    return max(
        _LEAST_OF_RULES * rules,
        (rules + MINUTE * usual) * math.exp(errors.line_log) + MINUTE * beyond,
    )


class Timing:
    """The trains of a line with these errors; the seconds of a hop are found once."""

    def __init__(self, corridor: Corridor, fit: Fit, errors: RunErrors) -> None:
        self._hop_s = cache(partial(hop_s, corridor, fit, errors))
        self._dwell_s = corridor.run.dwells(
            fit.dwell_s.get(stop_kind(corridor.kind), USUAL_DWELL_S)
        )

    def trains(
        self, places: Sequence[int], at_s: Sequence[float] | Ints64, *, arriving: bool = False
    ) -> list[Train]:
        """Return trains with calls at `places` in the order of travel, whole minutes; one for each
        of `at_s`.

        It leaves the first at `at_s`, or arrives at the last then. It stands as long as the run
        says, else as others.
        """
        arrivals = [0.0]
        departures = [0.0]
        for one, other in pairwise(places):
            arrivals.append(departures[-1] + self._hop_s(one, other))
            departures.append(arrivals[-1] + self._dwell_s[other])
        departures[-1] = arrivals[-1]
        shift_s = np.array(at_s, float)[:, None] - (arrivals[-1] if arriving else 0.0)
        calls = np.array(places, np.int64)
        times = (_minutes(np.array(seconds) + shift_s) for seconds in (arrivals, departures))
        return [Train(calls, *both) for both in zip(*times, strict=True)]


def _minutes(seconds: Floats) -> Ints64:
    return np.floor(seconds / MINUTE + 0.5).astype(np.int64) * MINUTE


def draw_trains(
    corridor: Corridor, fit: Fit, n_announced: float, city: str, rng: np.random.Generator
) -> list[Train]:
    """Return the trains of a day on a planned line, both ways, of which `n_announced` each way are
    announced.

    The core stations of `corridor` are those of the network with it. The donor's day runs to
    `city`.
    """
    errors = draw_errors(corridor, fit, rng)
    usual = fit.growth[0] + fit.growth[1] * math.log(n_announced)
    n = max(1, round(math.exp(usual + rng.choice(fit.growth_log) + rng.normal(0, _GROWTH_SD))))
    line = rng.choice(fit.stop_line.get(stop_kind(corridor.kind), (0.0,)))
    stations = [rng.choice(fit.stop_station.get(hub, (0.0,))) for hub in hubs_of(corridor).tolist()]
    logit = features(corridor, n) @ np.array(fit.stop_logit) + line + stations
    share = 1 / (1 + np.exp(-np.clip(logit, -_MOST_LOGIT, _MOST_LOGIT)))
    day = _donor(corridor, fit, n, rng)
    way_in = corridor.towards(city)
    found = []
    timing = Timing(corridor, fit, errors)
    for way in (0, 1):
        arriving = way == way_in
        for at_s in _like(day.arrivals_s if arriving else day.departures_s, n, rng).tolist():
            calls = np.flatnonzero(rng.random(corridor.n_stations) < share)
            if len(calls) < 2:
                calls = np.sort(np.argsort(-share, kind="stable")[:2])
            (train,) = timing.trains(calls[:: 1 - 2 * way].tolist(), [at_s], arriving=arriving)
            late = (
                train.departure_s >= fit.first_s
            )  # one that would leave earlier begins on the way
            if late.sum() > 1:
                found.append(
                    Train(train.place[late], train.arrival_s[late], train.departure_s[late])
                )
    return found


def _donor(corridor: Corridor, fit: Fit, n: int, rng: np.random.Generator) -> Day:
    """Return the day of another corridor, likelier the more alike trains a day and length are."""
    size = np.array([len(day.arrivals_s) for day in fit.days], float)
    far = np.abs(np.log(np.array([day.length_km for day in fit.days]) / corridor.length_km))
    weight = np.exp(-np.abs(np.log((size + 1) / (n + 1))) / _WIDTH - far / _WIDTH)
    return fit.days[int(rng.choice(len(size), p=weight / weight.sum()))]


def _like(day: Sequence[int], n: int, rng: np.random.Generator) -> Floats:
    """Return n times of a day like the donor's: stratified quantiles, between neighbours."""
    if len(day) < 2:
        return np.sort(rng.uniform(_EARLIEST_S, _LATEST_S, n))
    share = (np.arange(n) + rng.random(n)) / n
    return np.asarray(np.interp(share, (np.arange(len(day)) + 0.5) / len(day), day))


class Service(NamedTuple):
    """Trains between stations of a network under one name."""

    name: str
    station_ids: Sequence[str]
    trains: Sequence[Train]
    route_type: int = DEFAULT_ROUTE_TYPE


def trains_apart(network: Network, services: Sequence[Service]) -> Network:
    """Return the network with these trains alone, of stations that it has; they run every day."""
    index = network.station_index()
    parts = [no_trips()]
    for name, station_ids, trains, route_type in services:
        if not trains:
            continue
        at = np.array([index[key] for key in station_ids])
        n = len(trains)
        n_calls = [len(t.place) for t in trains]
        place, arrival_s, departure_s = (np.concatenate([t[k] for t in trains]) for k in range(3))
        trips = Trips(
            tuple(f"{name}:{k}" for k in range(n)),
            (name,) * n,
            (name,) * n,
            int32([0] * n),
            int32([route_type] * n),
        )
        parts.append(
            (trips, make_calls(np.repeat(np.arange(n), n_calls), at[place], arrival_s, departure_s))
        )
    trips, calls = join_trips(parts)
    daily = Days(TIMED_PREFIX + "daily", FIRST_DAY, LAST_DAY, (True,) * 7)
    return replace(network, services=(daily,), trips=trips, stop_times=calls)
