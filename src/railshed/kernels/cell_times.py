"""Cells: the best station minute by minute, then the percentile; never the percentile of stations.

Each kernel takes the cells of `cell_ptr` alone, so a part of the offsets is a block of cells.
Seconds of a cell's minutes are uint32 while they are compared: NEVER plus the access to a station
stays above NEVER and never wraps.
"""

import numpy as np

from railshed.kernels.jit import kernel
from railshed.kernels.types import NEVER

#: more ranks than this are read off the sorted minutes, fewer are searched for
_FEW_RANKS = 8
#: a journey of `cell_trips` is one number, seconds taken above, arrival below: windows are shorter
#: than 2**20 s
_ARRIVAL_BITS = 20


@kernel
def cell_times(cell_ptr, pair_station, pair_s, times, ordered, ranks, cutoffs, within_s):
    """Return (ranked int32 (n_cells, n_ranks), served int32 (n_cells, n_cutoffs)) over the minutes
    of a window.

    A cell's time at a minute is the least of station time plus access over its pairs. cell_ptr
    int64 (n_cells + 1,); pair_station int32, pair_s int32 (n_pairs,); times int32 (n_stations,
    n_minutes), NEVER where unreached; ordered int32, the same minutes sorted by station; ranks
    int64; cutoffs int64 seconds, inclusive. Ranked values above `within_s` are NEVER.

    Pairs whose fastest minute is above what bounds all that is asked for are left out: the slowest
    minute of a pair, or if that is less the greatest cutoff and, of each rank, the least time at
    that rank of a pair alone. A cell with one pair left has the station's own minutes, moved.
    """
    n_cells = np.uint64(len(cell_ptr) - 1)
    n_minutes = times.shape[1]
    one = np.uint64(1)
    out = np.empty((n_cells, len(ranks)), np.int32)
    served = np.zeros((n_cells, len(cutoffs)), np.int32)
    farthest = np.uint32(max(0, cutoffs.max())) if len(cutoffs) else np.uint32(0)
    at_rank = np.empty(len(ranks), np.uint32)
    marks = np.empty(
        (len(times), 2 + len(ranks)), np.uint32
    )  # fastest, slowest, ranks: read for every pair
    for x in range(len(times)):
        marks[x, 0], marks[x, 1] = ordered[x, 0], ordered[x, n_minutes - 1]
        for r in range(len(ranks)):
            marks[x, 2 + r] = ordered[x, ranks[r]]
    best = np.empty(n_minutes, np.uint32)
    for cell in range(n_cells):
        first = np.uint64(cell_ptr[cell])
        last = np.uint64(cell_ptr[cell + one])
        fastest = np.uint32(NEVER)
        slowest = np.uint32(NEVER)
        at_rank[:] = NEVER
        for pair in range(first, last):
            x = np.uint64(pair_station[pair])
            extra = np.uint32(pair_s[pair])
            if marks[x, 0] != NEVER:
                fastest = min(fastest, np.uint32(marks[x, 0] + extra))
                slowest = min(slowest, np.uint32(marks[x, 1] + extra))
                for r in range(len(ranks)):
                    at_rank[r] = min(at_rank[r], np.uint32(marks[x, 2 + r] + extra))
        limit = farthest
        for r in range(len(ranks)):
            limit = max(limit, at_rank[r])
        limit = min(limit, slowest, np.uint32(within_s))
        n_left = 0
        only = first
        for pair in range(first, last):
            least = marks[np.uint64(pair_station[pair]), 0]
            if least != NEVER and np.uint32(least + pair_s[pair]) <= limit:
                n_left += 1
                only = pair
        if n_left == 0:
            out[cell] = NEVER
        elif n_left == 1:
            x = np.uint64(pair_station[only])
            move_minutes(ordered[x], pair_s[only], ranks, cutoffs, out[cell], served[cell])
        else:
            best[:] = NEVER
            for pair in range(first, last):
                x = np.uint64(pair_station[pair])
                extra = np.uint32(pair_s[pair])
                if marks[x, 0] != NEVER and np.uint32(marks[x, 0] + extra) <= limit:
                    for m in range(np.uint64(n_minutes)):
                        best[m] = min(best[m], np.uint32(np.uint32(times[x, m]) + extra))
            summarise(
                best=best,
                ranks=ranks,
                cutoffs=cutoffs,
                lowest=fastest,
                at_most=at_rank,
                cell=cell,
                out=out,
                served=served,
            )
        for r in range(len(ranks)):
            if out[cell, r] > within_s:
                out[cell, r] = NEVER
    return out, served


@kernel
def cells_within(cell_ptr, pair_station, pair_s, times, ordered, rank, limits):
    """Return bool (n_cells, n_limits): whether the `rank`-th of `cell_times` is within each limit
    (int64, rising).

    It is where that of one pair alone is, and is not where no pair's fastest minute is: few cells
    are computed.
    """
    n_cells = np.uint64(len(cell_ptr) - 1)
    n_minutes = np.uint64(times.shape[1])
    one = np.uint64(1)
    out = np.zeros((n_cells, len(limits)), np.bool_)
    marks = np.empty((len(times), 2), np.uint32)
    for x in range(len(times)):
        marks[x, 0], marks[x, 1] = ordered[x, 0], ordered[x, rank]
    best = np.empty(n_minutes, np.uint32)
    for cell in range(n_cells):
        first = np.uint64(cell_ptr[cell])
        last = np.uint64(cell_ptr[cell + one])
        fastest = np.uint32(NEVER)
        at_rank = np.uint32(NEVER)
        for pair in range(first, last):
            x = np.uint64(pair_station[pair])
            extra = np.uint32(pair_s[pair])
            fastest = min(fastest, np.uint32(marks[x, 0] + extra))
            at_rank = min(at_rank, np.uint32(marks[x, 1] + extra))
        known = False
        for c in range(len(limits)):
            if at_rank <= limits[c]:
                out[cell, c] = True
            elif fastest <= limits[c]:
                if not known:
                    known = True
                    best[:] = NEVER
                    for pair in range(first, last):
                        x = np.uint64(pair_station[pair])
                        extra = np.uint32(pair_s[pair])
                        if np.uint32(marks[x, 0] + extra) <= limits[-1]:
                            for m in range(n_minutes):
                                best[m] = min(best[m], np.uint32(np.uint32(times[x, m]) + extra))
                out[cell, c] = number_within(best, np.uint32(limits[c])) > rank
    return out


@kernel
def sort_seconds(seconds):
    """Sort `seconds` (uint32) in place."""
    seconds.sort()


@kernel
def move_minutes(ordered, extra, ranks, cutoffs, out, served):
    """Fill `out` and `served` for a cell whose minutes are those of one station, sorted, and
    `extra` seconds more.
    """
    for r in range(len(ranks)):
        value = ordered[ranks[r]]
        out[r] = value if value == NEVER else value + extra
    for c in range(len(cutoffs)):
        served[c] = np.searchsorted(ordered, cutoffs[c] - extra, side="right")


@kernel
def number_within(best, seconds):
    """Return how many of `best` are at most `seconds`."""
    number = np.uint32(0)
    for m in range(len(best)):
        number = np.uint32(number + np.uint32(best[m] <= seconds))
    return number


@kernel
def summarise(best, ranks, cutoffs, lowest, at_most, cell, out, served):
    """Fill `out` with the ranked values of one cell's minutes and `served` with how many are within
    each cutoff.

    No minute is below `lowest`, no ranked value above that of `at_most`, which it often is. A few
    ranks are found by counts of the minutes within seconds: cheaper than a sort.
    """
    for c in range(len(cutoffs)):
        served[cell, c] = number_within(best, np.uint32(cutoffs[c]))
    if len(ranks) > _FEW_RANKS:
        order = best.copy()
        sort_seconds(order)
        for r in range(len(ranks)):
            out[cell, r] = min(order[ranks[r]], np.uint32(NEVER))
        return
    one = np.uint32(1)
    for r in range(len(ranks)):
        out[cell, r] = high = at_most[r]
        if lowest < high and number_within(best, np.uint32(high - one)) > ranks[r]:
            out[cell, r] = value_at(best, ranks[r], lowest, np.uint32(high - one))


@kernel
def extent_of(best):
    """Return the least and the largest of the reached minutes, and how many there are."""
    lowest = np.uint32(NEVER)
    largest = np.uint32(0)
    reached = np.uint32(0)
    for m in range(len(best)):
        lowest = min(lowest, best[m])
        is_reached = best[m] < NEVER
        reached = np.uint32(reached + np.uint32(is_reached))
        largest = max(largest, best[m] if is_reached else np.uint32(0))
    return lowest, largest, reached


@kernel
def value_at(best, rank, low, high):
    """Return the value at `rank` of the sorted minutes, which lies between `low` and `high`.

    Each pass over the minutes counts at three seconds, so that half as many passes are needed as
    with one.
    """
    one = np.uint32(1)
    two = np.uint32(2)
    while low < high:
        width = np.uint32(high - low)
        first = np.uint32(low + (width >> two))
        middle = np.uint32(low + (width >> one))
        third = np.uint32(middle + (width >> two))
        n_first = np.uint32(0)
        n_middle = np.uint32(0)
        n_third = np.uint32(0)
        for m in range(len(best)):
            n_first = np.uint32(n_first + np.uint32(best[m] <= first))
            n_middle = np.uint32(n_middle + np.uint32(best[m] <= middle))
            n_third = np.uint32(n_third + np.uint32(best[m] <= third))
        if n_first > rank:
            high = first
        elif n_middle > rank:
            low = np.uint32(first + one)
            high = middle
        elif n_third > rank:
            low = np.uint32(middle + one)
            high = third
        else:
            low = np.uint32(third + one)
    return low


@kernel
def cell_departures(cell_ptr, pair_station, pair_s, profiles, departures, bound_s, ranks, cutoffs):
    """Return the same as `cell_times` for a traveller who leaves the door at each of `departures`
    (turn up and go).

    departures int64 (n_minutes,) rising; a journey is taken within `bound_s` of reaching the
    platform. Pairs whose fastest journey is slower than the slowest of another pair, its wait
    included, are left out.
    """
    ptr, count, leaves, arrives = profiles
    n_cells = np.uint64(len(cell_ptr) - 1)
    out = np.empty((n_cells, len(ranks)), np.int32)
    served = np.zeros((n_cells, len(cutoffs)), np.int32)
    best = np.empty(len(departures), np.uint32)
    at_most = np.empty(len(ranks), np.uint32)
    bound = np.uint32(bound_s)
    n_until = number_until(departures)
    leave = departures.astype(np.uint32)
    latest = departures[-1] + (pair_s.max() if len(pair_s) else 0)
    known = np.zeros(len(count), np.bool_)
    fastest = np.empty(len(count), np.uint32)
    slowest = np.empty(len(count), np.uint32)
    for cell in range(n_cells):
        first = np.uint64(cell_ptr[cell])
        last = np.uint64(cell_ptr[cell + np.uint64(1)])
        limit = np.uint32(NEVER)
        for pair in range(first, last):
            x = np.uint64(pair_station[pair])
            if not known[x]:
                known[x] = True
                fastest[x], slowest[x] = turn_up_range(
                    x=x,
                    ptr=ptr,
                    count=count,
                    leaves=leaves,
                    arrives=arrives,
                    start=departures[0],
                    end=latest,
                    bound=bound,
                )
            if slowest[x] != NEVER:
                limit = min(limit, np.uint32(slowest[x] + pair_s[pair]))
        reached = False
        for pair in range(first, last):
            x = pair_station[pair]
            extra = pair_s[pair]
            if fastest[x] != NEVER and np.uint32(fastest[x] + extra) <= limit:
                if not reached:
                    reached = True
                    best[:] = NEVER
                take_departures(
                    station=x,
                    extra_s=extra,
                    ptr=ptr,
                    count=count,
                    leaves=leaves,
                    arrives=arrives,
                    departures=leave,
                    n_until=n_until,
                    bound=bound,
                    best=best,
                )
        if reached:
            lowest, largest, n_reached = extent_of(best)
            for r in range(len(ranks)):
                at_most[r] = largest if ranks[r] < n_reached else NEVER
            summarise(
                best=best,
                ranks=ranks,
                cutoffs=cutoffs,
                lowest=lowest,
                at_most=at_most,
                cell=cell,
                out=out,
                served=served,
            )
        else:
            out[cell] = NEVER
    return out, served


@kernel
def turn_up_range(x, ptr, count, leaves, arrives, start, end, bound):
    """Return the least and the most seconds of one on the platform at any second of [start, end],
    NEVER above `bound`.

    The least is that of the journeys alone, NEVER where there is none from `start` on; the most has
    the wait.
    """
    one = np.uint64(1)
    base = np.uint64(ptr[x])
    k = base + np.uint64(number_from(leaves[base : base + np.uint64(count[x])], start))
    fastest = np.uint32(NEVER)
    slowest = np.uint32(0)
    ready = start
    while k > base:
        k -= one
        taken = np.uint32(arrives[k] - leaves[k])
        fastest = min(fastest, taken if taken <= bound else np.uint32(NEVER))
        if ready <= end:
            slowest = max(slowest, np.uint32(arrives[k] - ready))
            ready = np.int64(leaves[k]) + 1
        else:
            break
    return fastest, slowest if ready > end and slowest <= bound else np.uint32(NEVER)


@kernel
def take_departures(
    station, extra_s, ptr, count, leaves, arrives, departures, n_until, bound, best
):
    """Lower `best` (uint32 (n_minutes,)) to the seconds of journeys boarded `extra_s` after each
    departure.

    n_until: `number_until`. Each journey is that of the minutes which no earlier one is in time
    for.
    """
    x = np.uint64(station)
    one = np.uint64(1)
    m = np.uint64(0)
    last = np.uint64(len(departures))
    extra = np.uint32(extra_s)
    begin = np.uint32(departures[0] + extra)
    end = np.uint32(departures[last - one] + extra)
    most = np.uint32(bound + extra)
    base = np.uint64(ptr[x])
    k = base + np.uint64(number_from(leaves[base : base + np.uint64(count[x])], np.int64(begin)))
    while k > base and m < last:
        k -= one
        arrival = arrives[k]
        until = np.uint64(n_until[min(leaves[k], end) - begin])
        for i in range(m, until):
            taken = np.uint32(arrival - departures[i])
            best[i] = min(best[i], taken if taken <= most else np.uint32(NEVER))
        m = max(m, until)


@kernel
def number_until(rising):
    """Return how many of `rising` are at most each second from the first of them to the last."""
    return np.repeat(np.arange(1, len(rising) + 1), np.append(np.diff(rising), 1))


@kernel
def number_from(falling, second):
    """Return how many of `falling` are at `second` or later."""
    return len(falling) - np.searchsorted(falling[::-1], second)


@kernel
def cell_trips(cell_ptr, pair_station, pair_s, profiles, start, end, limit_s):
    """Return int32 (n_cells,): distinct arrivals in [start, end] of journeys within `limit_s`, over
    all stations.

    The journeys of a station are sorted by the time they take when it is first met, so that a cell
    reads those within its limit and no others; an arrival second is counted where this cell has not
    marked it yet.
    """
    ptr, count, leaves, arrives = profiles
    one = np.uint64(1)
    n_cells = np.uint64(len(cell_ptr) - 1)
    out = np.zeros(n_cells, np.int32)
    seen = np.zeros(np.uint64(end - start) + one, np.uint32)
    below = np.uint64((1 << _ARRIVAL_BITS) - 1)
    journeys = np.empty(len(arrives), np.uint64)
    n_stations = len(count)
    known = np.zeros(n_stations, np.bool_)
    n_journeys = np.zeros(n_stations, np.uint32)
    for cell in range(n_cells):
        mark = np.uint32(cell + one)
        n = np.uint32(0)
        for pair in range(np.uint64(cell_ptr[cell]), np.uint64(cell_ptr[cell + one])):
            x = np.uint64(pair_station[pair])
            base = np.uint64(ptr[x])
            if not known[x]:
                known[x] = True
                used = np.uint64(0)
                for k in range(base, base + np.uint64(count[x])):
                    if start <= arrives[k] <= end:
                        taken = np.uint64(arrives[k] - leaves[k]) << np.uint64(_ARRIVAL_BITS)
                        journeys[base + used] = taken | np.uint64(arrives[k] - start)
                        used += one
                journeys[base : base + used].sort()
                n_journeys[x] = used
            rest = limit_s - pair_s[pair]
            if rest < 0:
                continue
            within = np.uint64(rest + 1) << np.uint64(_ARRIVAL_BITS)
            for k in range(base, base + np.uint64(n_journeys[x])):
                if journeys[k] >= within:
                    break
                second = journeys[k] & below
                n = np.uint32(n + np.uint32(seen[second] != mark))
                seen[second] = mark
        out[cell] = n
    return out


@kernel
def cells_at_rank(cell_ptr, pair_station, pair_s, times, ordered, rank):
    """Return `minutes_at_rank` of what `cell_times` ranks; a pair slower than the rank of another
    is left out.
    """
    n_cells = np.uint64(len(cell_ptr) - 1)
    n_minutes = np.uint64(times.shape[1])
    one = np.uint64(1)
    values = np.empty(n_cells, np.int32)
    minutes = np.empty(n_cells, np.int64)
    best = np.empty(n_minutes, np.uint32)
    for cell in range(n_cells):
        first = np.uint64(cell_ptr[cell])
        last = np.uint64(cell_ptr[cell + one])
        limit = np.uint32(NEVER)
        for pair in range(first, last):
            limit = min(
                limit,
                np.uint32(ordered[np.uint64(pair_station[pair]), rank] + np.uint32(pair_s[pair])),
            )
        best[:] = NEVER
        for pair in range(first, last):
            x = np.uint64(pair_station[pair])
            extra = np.uint32(pair_s[pair])
            if np.uint32(ordered[x, 0] + extra) <= limit:
                for m in range(n_minutes):
                    best[m] = min(best[m], np.uint32(np.uint32(times[x, m]) + extra))
        values[cell], minutes[cell] = minute_at(best, rank)
    return values, minutes


@kernel
def cell_minutes_by_departure(cell_ptr, pair_station, pair_s, profiles, departures, bound_s):
    """Return uint32 (n_cells, n_minutes): the minutes that `cell_departures` ranks, at least NEVER
    where unreached.
    """
    ptr, count, leaves, arrives = profiles
    n_cells = len(cell_ptr) - 1
    out = np.full((n_cells, len(departures)), NEVER, np.uint32)
    n_until = number_until(departures)
    leave = departures.astype(np.uint32)
    bound = np.uint32(bound_s)
    for cell in range(n_cells):
        for pair in range(cell_ptr[cell], cell_ptr[cell + 1]):
            x = pair_station[pair]
            extra = pair_s[pair]
            take_departures(
                station=x,
                extra_s=extra,
                ptr=ptr,
                count=count,
                leaves=leaves,
                arrives=arrives,
                departures=leave,
                n_until=n_until,
                bound=bound,
                best=out[cell],
            )
    return out


@kernel
def minutes_at_rank(seconds, rank):
    """Return (value int32 (n_cells,), minute int64 (n_cells,)): what stands at `rank` by value,
    then by minute.

    seconds uint32 (n_cells, n_minutes). NEVER and -1 where that minute is unreached.
    """
    n_cells = len(seconds)
    values = np.empty(n_cells, np.int32)
    minutes = np.empty(n_cells, np.int64)
    for cell in range(n_cells):
        values[cell], minutes[cell] = minute_at(seconds[cell], rank)
    return values, minutes


@kernel
def minute_at(best, rank):
    """Return (value, minute) of one cell's minutes as `minutes_at_rank`."""
    lowest, largest, reached = extent_of(best)
    if rank >= reached:
        return np.uint32(NEVER), np.int64(-1)
    value = value_at(best, rank, lowest, largest)
    left = np.int64(rank)
    for m in range(len(best)):
        left -= best[m] < value
    minute = np.int64(0)
    while best[minute] != value or left > 0:
        left -= best[minute] == value
        minute += 1
    return value, minute


@kernel
def next_journeys(profiles, stations, ready, bound_s):
    """Return int64 (n, 2): departure, arrival of the first journey from each station at `ready` or
    later.

    stations int64 (n,), ready int64 (n,) seconds. NEVER where it arrives later than `bound_s` after
    `ready`.
    """
    out = np.full((len(stations), 2), NEVER, np.int64)
    for i in range(len(stations)):
        base = np.int64(profiles.ptr[stations[i]])
        n = number_from(
            profiles.departure[base : base + np.int64(profiles.count[stations[i]])], ready[i]
        )
        if n > 0 and np.int64(profiles.arrival[base + n - 1]) - ready[i] <= bound_s:
            out[i, 0] = profiles.departure[base + n - 1]
            out[i, 1] = profiles.arrival[base + n - 1]
    return out
