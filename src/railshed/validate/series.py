"""Series of trips (`headways.Series`) checked by their first runs, as far as these tell what checking all would."""

from __future__ import annotations

import numpy as np

from railshed.headways import Series, ranges


def speak_for_all(series: Series) -> bool:
    """Return whether no call or trip is at fault for itself: those are named one by one, later runs as well."""
    calls = series.stop_times
    early = (calls.trip_idx[1:] == calls.trip_idx[:-1]) & (calls.arrival_s[1:] < calls.departure_s[:-1])
    if early.any() or (calls.departure_s < calls.arrival_s).any():
        return False
    return bool((np.bincount(calls.trip_idx, minlength=len(series.n_runs)) > 1).all())


def may_repeat(series: Series) -> bool:
    """Return whether any two runs have service, number of calls, and both ends in place and time in common."""
    calls, trips = series.stop_times, series.trips
    n_calls = np.bincount(calls.trip_idx, minlength=len(series.n_runs))
    last = np.cumsum(n_calls) - 1
    first = last - n_calls + 1
    start = calls.departure_s[first].astype(np.int64)
    takes_s = calls.arrival_s[last] - start
    columns = (trips.service_idx, n_calls, calls.station_idx[first], calls.station_idx[last], takes_s)
    order = np.lexsort((start, *columns))
    differs = np.logical_or.reduce([column[order[1:]] != column[order[:-1]] for column in columns])
    kind = np.zeros(len(order), np.int64)
    kind[order[1:]] = np.cumsum(differs)
    # kinds far apart in time, so that the latest end so far is one of the same kind where it matters
    apart = (kind << 32) + start
    end = apart + (series.n_runs - 1) * series.step_s.astype(np.int64)
    meets = apart[order[1:]] <= np.maximum.accumulate(end[order])[:-1]
    is_crowded = np.zeros(len(kind), np.bool_)
    is_crowded[kind[order[1:]][meets]] = True
    crowded = np.flatnonzero(is_crowded[kind])
    n_runs = series.n_runs[crowded]
    of_run = np.repeat(crowded, n_runs)
    runs = np.sort(apart[of_run] + ranges(n_runs) * series.step_s[of_run])
    return bool((runs[1:] == runs[:-1]).any())
