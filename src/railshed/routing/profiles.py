"""The Pareto journeys of stations (profiles) and the travel times that they give, for both engines.

Profiles live in kernel time (see `directions`); every function here takes and gives clock seconds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import ceil

import numpy as np

from railshed.kernels import cell_times, profile_views
from railshed.kernels.types import NEVER, Profiles
from railshed.network.trip_series import ranges
from railshed.routing.directions import Direction, to_kernel_time
from railshed.util.array_types import Ints32, Ints64, Uints32
from railshed.util.errors import ParameterError
from railshed.util.limits import check_limit
from railshed.util.units import MINUTE, UNREACHED

Window = tuple[int, int]
#: transfers out of each station: CSR offsets, stations, seconds
Walks = tuple[Uints32, Uints32, Uints32]
#: journeys are searched to at least this length (DESIGN: max(cutoffs, 120 min))
MIN_BOUND_S = 120 * MINUTE
MORE_RIDES_THAN_ANY_JOURNEY = 12
#: weighted seconds are rounded up from this much less
ROUNDING_S = 1e-6


@dataclass(frozen=True, slots=True, eq=False)
class Views:
    """The Pareto journeys between every station and a target set, by rail, and what can be asked of
    them.
    """

    direction: Direction
    profiles: Profiles
    bound_s: int

    def pairs(self, station: int) -> list[tuple[int, int]]:
        """Return (departure, arrival) in clock seconds, earliest departure first: both columns
        rise.
        """
        return list(zip(*(clocks.tolist() for clocks in self.clocks_of(station)), strict=True))

    def clocks_of(self, station: int) -> tuple[Ints64, Ints64]:
        """Return int64 (n,) departures and arrivals of `pairs`."""
        first = int(self.profiles.ptr[station])
        n = int(self.profiles.count[station])
        leaves, arrives = (
            column[first : first + n].astype(np.int64) for column in self.profiles[2:]
        )
        zero = to_kernel_time(0, self.direction)
        return (
            (leaves[::-1] - zero, arrives[::-1] - zero)
            if self.direction == "to"
            else (zero - arrives, zero - leaves)
        )

    def linked(self) -> Ints64:
        """Return the stations with journeys, at any time."""
        return np.flatnonzero(self.profiles.count)

    def travel_times(
        self, span: Window, slack_s: int, weight: float = 1.0, stations: Ints64 | None = None
    ) -> Ints32:
        """Return T: int32 (n_stations, n_minutes) seconds for each whole minute of `span`,
        UNREACHED above the bound.

        One row each of `stations`, default all.

        *to*: the minute is a deadline, and each second early beyond the slack counts `weight`
        seconds; *from*: the earliest departure from the city, seconds until it leaves likewise
        (DESIGN, section 4).
        """
        return self.times_at(minutes_of(span), slack_s, weight, stations)

    def times_at(
        self, minutes: Ints64, slack_s: int, weight: float = 1.0, stations: Ints64 | None = None
    ) -> Ints32:
        """Return T as `travel_times`, for rising clock seconds `minutes`."""
        profiles = self.profiles
        if stations is not None:
            profiles = profiles._replace(ptr=profiles.ptr[stations], count=profiles.count[stations])
        check_limit("times", len(profiles.count) * len(minutes), "the window")
        at = self._deadlines(minutes)
        turned = self.direction == "from"
        return np.asarray(
            profile_views.travel_times(profiles, at, slack_s, float(weight), self.bound_s, turned)
        )

    def least_at(self, minutes: Ints64, slack_s: int, weight: float = 1.0) -> Ints64:
        """Return int64 (n_stations,): the least of `times_at` of each station."""
        at = self._deadlines(minutes)
        return np.asarray(
            profile_views.least_times(self.profiles, at, slack_s, float(weight), self.bound_s)
        )

    def _deadlines(self, minutes: Ints64) -> Ints64:
        """Return rising clock seconds as rising kernel seconds: from the city, the last of the
        minutes first.
        """
        zero = to_kernel_time(0, self.direction)
        return minutes + zero if self.direction == "to" else zero - minutes[::-1]

    def summary(self, span: Window, extra_s: Ints64, limit_s: int) -> Ints32:
        """Return int32 (n_stations, 2): number and largest gap (seconds) of the journeys in `span`.

        *to*: journeys that arrive in the city within `span`; *from*: that depart from it. `extra_s`
        (int64 (n_stations,)) is added to the seconds of each; counted are those of at most
        `limit_s`. The largest gap counts from and to the edges of the window.
        """
        start, end = sorted(to_kernel_time(s, self.direction) for s in span)
        low, high = self._kernel_span(span)
        out: Ints32 = profile_views.journeys_within(
            self.profiles, extra_s, low=low, high=high, start=start, end=end, limit_s=limit_s
        )
        return out[:, [0, 3]]

    def clocks(self, span: Window, extra_s: Ints64, limit_s: int) -> tuple[Ints64, Ints64]:
        """Return int64 (n,) rising stations, and clock seconds of the journeys that `summary`
        counts, at the city.
        """
        counts = self.profiles.count.astype(np.int64)
        station = np.repeat(np.arange(len(counts)), counts)
        low_high = self._kernel_span(span)
        at = np.repeat(self.profiles.ptr[: len(counts)].astype(np.int64), counts) + ranges(counts)
        leaves, arrives = (column[at].astype(np.int64) for column in self.profiles[2:])
        counted = (arrives >= low_high[0]) & (arrives <= low_high[1])
        counted &= arrives - leaves + extra_s[station] <= limit_s
        zero = to_kernel_time(0, self.direction)
        return station[counted], (arrives[counted] - zero) * (1 if self.direction == "to" else -1)

    def cell_trips(
        self, span: Window, ptr: Ints64, station: Ints64, pair_s: Ints64, limit_s: int
    ) -> Ints32:
        """Return int32 (n_cells,) distinct journeys in `span` within `limit_s` over each cell's
        (station, seconds).
        """
        low, high = self._kernel_span(span)
        return np.asarray(
            cell_times.cell_trips(
                ptr,
                station,
                pair_s=pair_s,
                profiles=self.profiles,
                start=low,
                end=high,
                limit_s=limit_s,
            )
        )

    def turn_up_cells(
        self,
        minutes: Ints64,
        ptr: Ints64,
        station: Ints64,
        pair_s: Ints64,
        ranks: Ints64,
        limits: Ints64,
    ) -> tuple[Ints32, Ints32]:
        """Return (ranked, served) by cell as `kernels.cell_times.cell_times`, leaving the door at
        each of `minutes`.
        """
        ends = self.profiles, minutes + to_kernel_time(0, "to"), self.bound_s
        values, served = cell_times.cell_departures(ptr, station, pair_s, *ends, ranks, limits)
        return values, served

    def turn_up_minutes(
        self, minutes: Ints64, ptr: Ints64, station: Ints64, pair_s: Ints64
    ) -> Uints32:
        """Return uint32 (n_cells, n_minutes) seconds of leaving a cell at each of `minutes`,
        UNREACHED or more if none.

        The next arrival counts, with the wait in full, where it is within the bound after reaching
        the platform; `pair_s` lies between cell and platform. For journeys *to* the city.
        """
        ends = self.profiles, minutes + to_kernel_time(0, "to"), self.bound_s
        return np.asarray(cell_times.cell_minutes_by_departure(ptr, station, pair_s, *ends))

    def next_journeys(self, minutes: Ints64, station: Ints64, ready: Ints64) -> Ints64:
        """Return int64 (n, 2): clock departure and arrival of the first journey from each station
        at `ready` or later.

        `ready` (int64 (n,) clock seconds) is when one who left the door at `minutes` reaches the
        platform; UNREACHED beyond the bound. For journeys *to* the city.
        """
        zero = to_kernel_time(0, "to")
        found = cell_times.next_journeys(self.profiles, station, ready + zero, self.bound_s)
        return np.where(found == NEVER, UNREACHED, found - zero)

    def draws_of(self, minutes: Ints64) -> Ints64:
        """Return int64 (n,) zeros: every minute has the same journeys."""
        return np.zeros(len(minutes), np.int64)

    def fastest(self) -> Ints64:
        """Return int64 (n_stations,) seconds of the fastest journey of all, UNREACHED where there
        is none.
        """
        return np.asarray(profile_views.fastest(self.profiles))

    def _kernel_span(self, span: Window) -> Window:
        """Return the first and last kernel second of journeys whose end in the city lies in [start,
        end).
        """
        start, end = sorted(to_kernel_time(s, self.direction) for s in span)
        return (start, end - 1) if self.direction == "to" else (start + 1, end)


def minutes_of(span: Window) -> Ints64:
    """Return the clock seconds of the whole minutes in [start, end)."""
    return np.arange(span[0], span[1], MINUTE, dtype=np.int64)


def check_search(targets: Mapping[int, int], max_transfers: int | None) -> None:
    """Raise a ParameterError when there is no target, or `max_transfers` is out of range."""
    if not targets:
        raise ParameterError("no core station given")
    if max_transfers is not None and not 0 <= max_transfers <= MORE_RIDES_THAN_ANY_JOURNEY:
        raise ParameterError(
            f"max_transfers {max_transfers} is not in 0..{MORE_RIDES_THAN_ANY_JOURNEY}"
        )


def end_offsets(
    walk_ptr: Uints32, walk_to: Uints32, walk_s: Uints32, targets: Mapping[int, int]
) -> Uints32:
    """Return seconds from getting off at each station to the end of the journey, a last transfer
    included.
    """
    own = np.full(len(walk_ptr) - 1, NEVER, np.uint32)
    for station, seconds in targets.items():
        own[station] = seconds
    best = own.copy()
    useful = np.flatnonzero(own[walk_to] != NEVER)
    sources = np.searchsorted(walk_ptr, useful, "right") - 1
    np.minimum.at(best, sources, own[walk_to[useful]] + walk_s[useful])
    return best


def search_span(direction: Direction, span: Window, slack_s: int, bound_s: int) -> Window:
    """Return the kernel seconds of the earliest departure and the latest arrival of a search.

    Where seconds early count `weight`, a journey may arrive so much earlier that the bound is
    reached: the slack is then that of `early_s`.
    """
    ends = sorted(to_kernel_time(s, direction) for s in span)
    return max(0, ends[0] - slack_s - bound_s), ends[1]


@dataclass(frozen=True, slots=True)
class Ride:
    """One ride of a journey: a trip from a call to a later call, in clock seconds."""

    #: index into Network.trips, into Links.line_ids where the network has no timetable
    trip_idx: int
    from_idx: int
    to_idx: int
    departure_s: int
    arrival_s: int


@dataclass(frozen=True, slots=True)
class TracedJourney:
    """The journey that makes T_s at one minute, in clock seconds, and what its seconds are made of.

    The parts sum to T: `wait_s`, the weighted seconds early beyond the slack (*from*: from the
    minute to the departure beyond it); `before_s` to the first train (first transfer; *from* also
    the way to the platform); `ride_s`; `change_s` between trains, waiting and walks included;
    `after_s` from the last train to the journey's end (last transfer; *to* also exit and egress).
    """

    departure_s: int
    arrival_s: int
    wait_s: int
    before_s: int
    ride_s: int
    change_s: int
    after_s: int
    rides: tuple[Ride, ...]

    @property
    def travel_time_s(self) -> int:
        """T_s, the sum of the parts."""
        return self.wait_s + self.before_s + self.ride_s + self.change_s + self.after_s


def early_s(slack_s: int, weight: float, bound_s: int) -> int:
    """Return how many seconds early a journey within the bound may be, its own seconds apart."""
    return slack_s + ceil(bound_s / weight) - bound_s


def traced_journey(
    direction: Direction,
    minute_s: int,
    slack_s: int,
    traced: Sequence[tuple[list[Ride], tuple[int, int]]],
    weight: float = 1.0,
) -> TracedJourney | None:
    """Return the journey of fewest rides, then later departure, of (rides, (departure, arrival));
    None of none.
    """
    if not traced:
        return None
    rides, (departure, arrival) = min(traced, key=lambda found: (len(found[0]), -found[1][0]))
    early = minute_s - arrival if direction == "to" else departure - minute_s
    wait = ceil(weight * max(0, early - slack_s) - ROUNDING_S)
    ride = sum(r.arrival_s - r.departure_s for r in rides)
    change = sum(two.departure_s - one.arrival_s for one, two in pairwise(rides))
    before = rides[0].departure_s - departure
    after = arrival - rides[-1].arrival_s
    return TracedJourney(
        departure_s=departure,
        arrival_s=arrival,
        wait_s=wait,
        before_s=before,
        ride_s=ride,
        change_s=change,
        after_s=after,
        rides=tuple(rides),
    )


def best_pairs(
    journeys: Views, station: int, minute_s: int, slack_s: int, weight: float = 1.0
) -> list[tuple[int, int]]:
    """Return (departure, arrival) of the journeys with travel time T at this minute, earliest
    departure first.
    """
    departure, arrival = journeys.clocks_of(station)
    early = minute_s - arrival if journeys.direction == "to" else departure - minute_s
    late = np.ceil(weight * np.maximum(0, early - slack_s) - ROUNDING_S)
    taken = np.where(early >= 0, arrival - departure + late, np.inf)
    best = np.flatnonzero((taken <= journeys.bound_s) & (taken == taken.min(initial=np.inf)))
    return list(zip(departure[best].tolist(), arrival[best].tolist(), strict=True))


def percentile_ranks(percentiles: Sequence[int], n: int) -> Ints64:
    """Return the places of the nearest-rank percentiles among `n` sorted values (DESIGN: integers
    only).
    """
    return np.array([max(0, (p * n + 99) // 100 - 1) for p in percentiles], dtype=np.int64)


def station_percentiles(times: Ints32, percentiles: Sequence[int]) -> Ints32:
    """Return int32 (n_stations, n_percentiles) of the minutes in `times`, unreached ones last."""
    found = np.full((len(times), len(percentiles)), UNREACHED, np.int32)
    rows = np.flatnonzero((times != UNREACHED).any(axis=1))
    ranks = percentile_ranks(percentiles, times.shape[1])
    found[rows] = np.partition(times[rows], np.unique(ranks), axis=1)[:, ranks]
    return found
