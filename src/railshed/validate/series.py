"""Series of trips (`headways.Series`) checked by their first runs, as far as these tell what checking all would."""

from __future__ import annotations

import numpy as np

from railshed.headways import Series


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
    takes_s = calls.arrival_s[last] - calls.departure_s[first]
    ends = (trips.service_idx, n_calls, calls.station_idx[first], calls.station_idx[last], takes_s)
    alike = np.unique(np.column_stack(ends), axis=0, return_inverse=True)[1].reshape(-1)
    of_run, start = series.starts()
    runs = np.sort((alike[of_run].astype(np.int64) << 32) + start)
    return bool((runs[1:] == runs[:-1]).any())
