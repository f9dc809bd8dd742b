"""pynigiri, an independent router (RAPTOR, C++), as the oracle: its loading and queries, and its
rules written out.

What was found by tiny feeds and by reading nigiri's GTFS loader (version 0.1.5 of the bindings);
`test_nigiri.py` holds all but the links between feeds and the limits:

* times are whole minutes: seconds are cut off, blank times are spread evenly over the stops and
  rounded;
* two trips at one stop: the ``min_transfer_time`` of its row from itself to itself in whole
  minutes, else 2; of several
  such rows, for single routes or not, the shortest counts;
* a walk lasts at least as long as the change at either end, is walked both ways, and walks are
  joined into longer ones
  that stay below ``max_footpath_length``; in a group of two stops alone neither joining nor the
  limit applies;
* stops of one name or one parent within 500 m, and of two feeds within 300 m, are linked by the
  walk at 1.5 m/s;
* a journey that is no faster than walking there directly is not given; at most 14 changes; at most
  5 days.
"""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from railshed.kernels.types import FROM, RUN, TO
from railshed.routing.journeys import Compiled
from railshed.util.units import DAY, HOUR, MINUTE, UNREACHED

Arrivals = NDArray[np.int64]
#: nigiri's change between two trips at a stop that no row of transfers.txt says otherwise, minutes
DEFAULT_CHANGE_MIN = 2
#: walks joined from several are shorter than this; the loader's own default
MAX_WALK_MIN = 20


@dataclass(frozen=True, slots=True)
class Sample:
    """What is asked of both routers: stations as groups of indices, and 20 minutes an origin."""

    origins: tuple[int, ...]
    targets: tuple[int, ...]
    #: int64 (n_origins, n_minutes) clock seconds
    leave_s: NDArray[np.int64]
    #: arrivals later than this after leaving count as unreached
    bound_s: int


def draw_sample(
    compiled: Compiled,
    seed: int,
    *,
    n: int = 50,
    n_minutes: int = 20,
    span: tuple[int, int] = (0, DAY),
    bound_s: int = 8 * HOUR,
    unit_s: int = MINUTE,
    busier: int = 1,
) -> Sample:
    """Return `n` origins and targets and for each origin random times of `span`.

    Stations are drawn by their calls of the day to the power of `busier`.
    """
    rng = np.random.default_rng(seed)
    rows = compiled.to.connections
    served, calls = np.unique(
        rows[compiled.run_shift[rows[:, RUN]] == 0][:, [FROM, TO]], return_counts=True
    )
    n, weight = min(n, len(served)), calls.astype(float) ** busier
    pick = [
        tuple(rng.choice(served, n, replace=False, p=weight / weight.sum()).tolist())
        for _ in range(2)
    ]
    leave = rng.integers(span[0] // unit_s, span[1] // unit_s, (len(pick[0]), n_minutes)) * unit_s
    return Sample(pick[0], pick[1], np.sort(leave, axis=1), bound_s)


def arrivals(
    compiled: Compiled,
    sample: Sample,
    *,
    max_transfers: int | None = None,
    members: Mapping[int, Sequence[int]] | None = None,
) -> Arrivals:
    """Return railshed's earliest arrivals by train: int64 (origins, targets, minutes) clock
    seconds, UNREACHED.

    `members` gives the stations of `compiled` that stand for each origin and target, where it is
    not itself.
    """
    leave, bound = sample.leave_s, sample.bound_s
    out = np.full((len(sample.origins), len(sample.targets), leave.shape[1]), UNREACHED, np.int64)
    span = (int(leave.min()), int(leave.max()) + bound + 1)
    for j, target in enumerate(sample.targets):
        there = dict.fromkeys(members[target] if members else [target], 0)
        found = compiled.profiles(
            "to", there, span, slack_s=0, bound_s=bound, max_transfers=max_transfers
        )
        for i, origin in enumerate(sample.origins):
            if origin == target:
                continue
            for station in members[origin] if members else [origin]:
                pairs = np.array(
                    [*found.pairs(station), (2 * UNREACHED, UNREACHED)], dtype=np.int64
                )
                reached = pairs[np.searchsorted(pairs[:, 0], leave[i]), 1]
                out[i, j] = np.minimum(
                    out[i, j], np.where(reached - leave[i] <= bound, reached, UNREACHED)
                )
    return out


def itinerary(compiled: Compiled, sample: Sample, at: tuple[int, int, int]) -> str:
    """Return railshed's earliest journey of one entry of `arrivals` in words, ride by ride."""
    origin, target, second = (
        sample.origins[at[0]],
        sample.targets[at[1]],
        int(sample.leave_s[at[0], at[2]]),
    )
    span = (second, second + sample.bound_s + 1)
    found = compiled.profiles("to", {target: 0}, span, slack_s=0, bound_s=sample.bound_s)
    pairs = [p for p in found.pairs(origin) if p[0] >= second and p[1] - second <= sample.bound_s]
    if not pairs:
        return "none"
    names = [s.name for s in compiled.network.stations]
    rides = [
        f"{names[r.from_idx]} {clock(r.departure_s)} - {names[r.to_idx]} {clock(r.arrival_s)}"
        for r in found.rides([(origin, *pairs[0])])[0]
    ]
    return "; ".join([*rides, f"there {clock(pairs[0][1])}"])


@contextmanager
def _silent() -> Iterator[None]:
    """Keep the loader's log, which C++ writes to the file descriptor, out of the tests."""
    kept, sink = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    os.dup2(sink, 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(sink)


@dataclass(frozen=True, slots=True)
class Questions:
    """A `Sample` in nigiri's stops."""

    #: for each origin (stop, minutes to it)
    starts: Sequence[Sequence[tuple[Any, int]]]
    #: for each target the stops that count as there
    ends: Sequence[Sequence[Any]]
    #: whether nigiri adds the walks from the starts itself
    walk_first: bool


@dataclass(frozen=True, slots=True)
class Router:
    """Feeds as nigiri read them."""

    timetable: Any
    #: minutes of the epoch at 00:00 of the service day (noon less 12 hours)
    zero_min: int
    #: clock seconds of nigiri's minute 0, and of each of its minutes
    start_s: int = 0
    unit_s: int = MINUTE

    def find(self, stop_id: str, source: int = 0) -> Any:
        """Return nigiri's index of a stop."""
        import pynigiri as ng

        found = self.timetable.find_location(stop_id, ng.SourceIdx(source))
        if found is None:
            raise LookupError(f"nigiri knows no stop {stop_id!r} in feed {source}")
        return found

    def arrivals(
        self, ask: Questions, sample: Sample, *, max_transfers: int | None = None
    ) -> Arrivals:
        """Return nigiri's earliest arrivals, shaped as those of the function `arrivals`."""
        leave = sample.leave_s
        out = np.full(
            (len(sample.origins), len(sample.targets), leave.shape[1]), UNREACHED, np.int64
        )
        for i, j in np.ndindex(out.shape[:2]):
            if sample.origins[i] == sample.targets[j]:
                continue
            for k in range(leave.shape[1]):
                found = self._route(ask, sample, (i, j, k), max_transfers)
                if found:
                    out[i, j, k] = self._second(min(journey.dest_time for journey in found))
        return out

    def itinerary(self, ask: Questions, sample: Sample, at: tuple[int, int, int]) -> str:
        """Return nigiri's earliest journey in words, leg by leg; walks and changes are legs too."""
        found = sorted(self._route(ask, sample, at, None), key=lambda j: (j.dest_time, j.transfers))
        if not found:
            return "none"
        name = self.timetable.get_location_name
        legs = [
            f"{name(getattr(leg, 'from'))} {clock(self._second(leg.dep_time))} - "
            f"{name(leg.to)} {clock(self._second(leg.arr_time))}"
            for leg in found[0].legs
            if leg.dep_time != leg.arr_time or name(getattr(leg, "from")) != name(leg.to)
        ]
        return "; ".join([*legs, f"there {clock(self._second(found[0].dest_time))}"])

    def _route(
        self, ask: Questions, sample: Sample, at: tuple[int, int, int], max_transfers: int | None
    ) -> Any:
        import pynigiri as ng

        i, j, k = at
        query = ng.Query()
        query.start = [ng.Offset(stop, minutes, 0) for stop, minutes in ask.starts[i]]
        query.destination = [ng.Offset(stop, 0, 0) for stop in ask.ends[j]]
        query.use_start_footpaths = ask.walk_first
        query.max_travel_time = sample.bound_s // self.unit_s
        query.start_time = self.zero_min + (int(sample.leave_s[i, k]) - self.start_s) // self.unit_s
        if max_transfers is not None:
            query.max_transfers = max_transfers
        return ng.route(self.timetable, query)

    def _second(self, minute: int) -> int:
        return (minute - self.zero_min) * self.unit_s + self.start_s


def clock(second: int) -> str:
    """Return hh:mm or, where there are seconds, hh:mm:ss."""
    text = f"{second // HOUR:02d}:{second % HOUR // MINUTE:02d}"
    return text if second % MINUTE == 0 else f"{text}:{second % MINUTE:02d}"


def load_router(
    feeds: Sequence[Path],
    day: dt.date,
    timezone: str,
    *,
    days_after: int = 3,
    max_walk_min: int = MAX_WALK_MIN,
    start_s: int = 0,
    unit_s: int = MINUTE,
) -> Router:
    """Return nigiri with the feeds loaded around `day`, with what it guesses switched off as far as
    it can be.

    Off: links by distance within a feed, lengthening of walks to the straight distance, merging of
    like trips.
    """
    import pynigiri as ng

    config, options = ng.LoaderConfig(), ng.FinalizeOptions()
    config.link_stop_distance = 0
    options.adjust_footpaths = options.merge_dupes_inter_src = options.merge_dupes_intra_src = False
    options.max_footpath_length = max_walk_min
    sources = [ng.TimetableSource(str(i), str(path), config) for i, path in enumerate(feeds)]
    first, last = day - dt.timedelta(days=2), day + dt.timedelta(days=days_after)
    with _silent():
        timetable = ng.load_timetable(sources, first.isoformat(), last.isoformat(), options)
    noon = dt.datetime.combine(day, dt.time(12), ZoneInfo(timezone))
    return Router(timetable, int(noon.timestamp()) // MINUTE - 720, start_s, unit_s)
