"""What moves an agglomeration's market access: more trains, faster ones, or less time in stations,
each run in full.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from railshed.circles.analysis import AnalysisInputs
from railshed.network.model import Network, running
from railshed.network.ordering import int32, make_calls, take_trips
from railshed.network.timetable_merge import merge_timetables
from railshed.questions.indicators import access
from railshed.questions.indicators.regions import CUTOFFS, RegionIndicators, changes_of
from railshed.routing.compile import compile_network
from railshed.util.array_types import Ints64
from railshed.util.errors import ParameterError
from railshed.util.progress import progress_bar
from railshed.util.units import HOUR
from railshed.util.validation import checked, flag, instance

#: by what a change multiplies trains, speed, and the inverse of time in stations
FACTORS = {"frequency": 2.0, "speed": 1.1, "station": 1 / 0.9}


@dataclass(frozen=True)
class Elasticity:
    """One change with the measures after it."""

    change: str
    after: RegionIndicators
    #: per cent of the potential, in the mean over people, for each per cent of the change
    potential: float
    #: mean potential after the change by that before
    ratio: float


@checked(before=instance(RegionIndicators, hint="run.indicators(REGION) gives one"), progress=flag)
def elasticities(
    run: AnalysisInputs, before: RegionIndicators, *, progress: bool = False
) -> list[Elasticity]:
    """Return the elasticity of an agglomeration's potential to frequency, speed and time in
    stations. See `Analysis.elasticities`.
    """
    network = run.compiled.network
    if network.links is not None:
        raise ParameterError(
            f"network {network.network_id} has no timetable: no train can run twice"
        )
    changed: dict[str, Callable[[], AnalysisInputs]] = {
        "frequency": lambda: _on(run, with_trips_twice(network, run.compiled.date)),
        "speed": lambda: _on(run, with_speed(network, FACTORS["speed"])),
        "station": lambda: with_station_times(run, 1 / FACTORS["station"]),
    }
    found = []
    with progress_bar(len(changed), progress, "changes") as step:
        for name, change in changed.items():
            found.append(_measured(name, before, change()))
            step()
    return found


def _measured(name: str, before: RegionIndicators, run: AnalysisInputs) -> Elasticity:
    after = changes_of(before, run).after
    old, new = (np.array([one.potential @ one.people]) for one in (before, after))
    found = float(access.elasticity(old, new, FACTORS[name])[0])
    return Elasticity(name, after, found, float(new[0] / old[0]) if old[0] else float("nan"))


def _on(run: AnalysisInputs, network: Network) -> AnalysisInputs:
    return run.changed(compiled=compile_network(network, run.assumptions, date=run.compiled.date))


def with_trips_twice(network: Network, date: Any) -> Network:
    """Return the network with every trip of a day run a second time; see `elasticities`."""
    calls = network.stop_times
    starts = network.call_starts
    runs = running(network.services, [date])[network.trips.service_idx, 0]
    trips = np.flatnonzero(runs & (np.diff(starts) > 1))
    gap = _gaps(network, trips)
    rows = np.concatenate(
        [np.arange(starts[t], starts[t + 1]) for t in trips.tolist()] or [np.empty(0, np.int64)]
    )
    trip = np.repeat(np.arange(len(trips)), np.diff(starts)[trips])
    later = (gap // 2)[trip]
    again = replace(
        take_trips(network.trips, trips),
        trip_ids=tuple(f"{network.trips.trip_ids[t]}+" for t in trips),
    )
    arrival, departure = (column[rows] + later for column in (calls.arrival_s, calls.departure_s))
    new = make_calls(
        trip, calls.station_idx[rows], arrival, departure, calls.pickup[rows], calls.drop_off[rows]
    )
    table = merge_timetables(
        network, np.zeros(network.n_trips, bool), replace(network, trips=again, stop_times=new)
    )
    return replace(network, trips=table.trips, stop_times=table.stop_times)


def _gaps(network: Network, trips: Ints64) -> Ints64:
    """Return seconds from each trip to the next of the same stops; of the last those before it, at
    most an hour.
    """
    calls = network.stop_times
    starts = network.call_starts
    gaps = np.full(len(trips), HOUR, np.int64)
    patterns = dict[bytes, list[int]]()
    for k, t in enumerate(trips.tolist()):
        patterns.setdefault(calls.station_idx[starts[t] : starts[t + 1]].tobytes(), []).append(k)
    first = calls.departure_s[starts[trips]].astype(np.int64)
    for own in patterns.values():
        order = np.array(own)[np.argsort(first[own], kind="stable")]
        between = np.diff(first[order])
        if len(between):
            gaps[order] = np.append(between, between[-1])
    return np.minimum(gaps, HOUR)


def with_speed(network: Network, scale: float) -> Network:
    """Return the network whose runs between stops take 1/scale of their time, to the second; dwells
    stay.
    """
    calls = network.stop_times
    arrival, departure = (
        column.astype(np.int64) for column in (calls.arrival_s, calls.departure_s)
    )
    saved = np.zeros(len(arrival), np.int64)
    on = np.flatnonzero(calls.trip_idx[1:] == calls.trip_idx[:-1]) + 1
    run = arrival[on] - departure[on - 1]
    saved[on] = run - np.round(run / scale).astype(np.int64)
    total = np.cumsum(saved)
    total -= np.repeat(total[network.call_starts[:-1]], np.diff(network.call_starts))
    return replace(
        network,
        stop_times=replace(
            calls, arrival_s=int32(arrival - total), departure_s=int32(departure - total)
        ),
    )


def with_station_times(run: AnalysisInputs, share: float) -> AnalysisInputs:
    """Return the run with times in stations that are so much of what they were, those that a
    station states too.
    """
    names = ("entry_s", "exit_s", "change_s")

    def less(one: Any) -> Any:
        return replace(
            one, **{n: round(v * share) for n in names if (v := getattr(one, n)) is not None}
        )

    a = run.assumptions
    stations = tuple(map(less, run.compiled.network.stations))
    shorter = replace(
        a, station_times={name: less(times) for name, times in a.station_times.items()}
    )
    network = replace(run.compiled.network, stations=stations)
    return run.changed(
        assumptions=shorter, compiled=compile_network(network, shorter, date=run.compiled.date)
    )


def elasticity_row(one: Elasticity, before: RegionIndicators) -> dict[str, Any]:
    """Return an elasticity as plain values, with the shares who reach a core city before
    and after.
    """
    shares = {
        f"{state}_{row['cutoff_min']}": row["integration"]
        for state, found in (("before", before), ("after", one.after))
        for row in found.table
    }
    return {
        "change": one.change,
        "factor": FACTORS[one.change],
        "potential_ratio": one.ratio,
        "elasticity": one.potential,
        **{key: shares[key] for c in CUTOFFS for key in (f"before_{c}", f"after_{c}")},
    }
