"""railshed against nigiri: two experiments, and every difference explained by a rule that railshed
then follows.

An experiment gives nigiri's earliest arrivals and railshed's in stages: first under railshed's own
rules, then with one rule of nigiri's after another taken over. A rule explains an entry when
railshed agrees from that stage on to the last, to the second. What still differs in the last stage
is unexplained.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from railshed import default_assumptions, load_network
from railshed.network.model import Network
from railshed.routing.compile import compile_network
from railshed.routing.journeys import Compiled
from railshed.util.units import HOUR, MINUTE, UNREACHED
from tests.peers.nigiri_export import Walks, in_units, load_split, walks_as_joined, walks_of
from tests.peers.nigiri_oracle import (
    DEFAULT_CHANGE_MIN,
    Arrivals,
    Questions,
    Router,
    Sample,
    arrivals,
    draw_sample,
    itinerary,
    load_router,
)
from tests.peers.nigiri_rules import (
    RawStop,
    change_minutes,
    read_rows,
    read_stops,
    walk_minutes,
    with_rules,
    write_in_minutes,
)


@dataclass(frozen=True, slots=True)
class Stage:
    """railshed's arrivals once it follows the rule, and all those before it."""

    rule: str
    arrivals: Arrivals


@dataclass(frozen=True, slots=True)
class Comparison:
    """nigiri's arrivals and railshed's in stages."""

    sample: Sample
    theirs: Arrivals
    stages: tuple[Stage, ...]
    compiled: Compiled
    router: Router
    questions: Questions

    @property
    def n_compared(self) -> int:
        """Number of earliest arrivals asked of both."""
        return int(self.theirs.size)

    @property
    def n_reached(self) -> int:
        """Number of those that nigiri reaches."""
        return int((self.theirs != UNREACHED).sum())

    def differs(self) -> list[Arrivals]:
        """Return for each stage where railshed differs from nigiri."""
        return [stage.arrivals != self.theirs for stage in self.stages]

    def explained(self) -> dict[str, list[tuple[int, int, int]]]:
        """Return the different entries by rule: from its stage on all agree, the one before does
        not.
        """
        differs = self.differs()
        out: dict[str, list[tuple[int, int, int]]] = {}
        for n in range(1, len(differs)):
            later = np.logical_or.reduce(differs[n:])
            out[self.stages[n].rule] = [
                tuple(at) for at in np.argwhere(differs[0] & differs[n - 1] & ~later).tolist()
            ]
        return out

    def unexplained(self) -> list[tuple[int, int, int]]:
        """Return the entries that differ in the last stage."""
        return [tuple(at) for at in np.argwhere(self.differs()[-1]).tolist()]

    def example(self, at: tuple[int, int, int]) -> tuple[str, str]:
        """Return both itineraries of an entry, railshed's under its own rules."""
        return itinerary(self.compiled, self.sample, at), self.router.itinerary(
            self.questions, self.sample, at
        )


def compile_with(
    network: Network, changes: Mapping[int, int], walks: Walks, date: dt.date
) -> Compiled:
    """Return the network compiled with these changes and walks (seconds) and no others."""
    return compile_network(
        with_rules(network, changes, walks), default_assumptions(), date=date, footpaths=False
    )


def no_faster_than_walking(stage: Arrivals, sample: Sample, direct_s: Arrivals) -> Arrivals:
    """Return the arrivals without those that walking all the way, `direct_s` by pair, is as good
    as.
    """
    takes = stage - sample.leave_s[:, None, :]
    return np.where(takes >= direct_s[:, :, None], UNREACHED, stage)


def direct_seconds(
    sample: Sample, starts: Sequence[Mapping[int, int]], ends: Sequence[set[int]], walks: Walks
) -> Arrivals:
    """Return int64 (n_origins, n_targets) seconds of the shortest walk from a start (with its
    seconds) to an end.

    0 where a start is an end: nigiri then answers nothing.
    """
    onward = defaultdict[int, list[tuple[int, int]]](list)
    for (a, b), seconds in walks.items():
        onward[a].append((b, seconds))
    out = np.full((len(sample.origins), len(sample.targets)), UNREACHED, np.int64)
    for i, offsets in enumerate(starts):
        near: dict[int, int] = {}
        for start, offset in offsets.items():
            for stop, seconds in onward[start]:
                near[stop] = min(offset + seconds, near.get(stop, UNREACHED))
        near |= dict.fromkeys(offsets, 0)
        for j, stops in enumerate(ends):
            out[i, j] = min((near.get(stop, UNREACHED) for stop in stops), default=UNREACHED)
    return out


@dataclass(frozen=True, slots=True)
class RawFeeds:
    """Feeds as published: railshed's network of them, and nigiri's stops and rules."""

    feeds: Sequence[Path]
    date: dt.date
    network: Network
    stops: Sequence[RawStop]
    #: minutes by stop and by pair of stops
    changes: Sequence[int]
    walks: Walks
    #: railshed's station of each stop, None where no train calls
    home: Sequence[int | None]

    def stop_id(self, stop: RawStop, stop_id: str) -> str:
        """Return railshed's id of a stop of the same feed."""
        return stop_id if len(self.feeds) == 1 else f"{self.feeds[stop.source].stem}:{stop_id}"

    def members(self) -> dict[int, list[int]]:
        """Return the stops of each station."""
        out: dict[int, list[int]] = {}
        for stop, station in enumerate(self.home):
            if station is not None:
                out.setdefault(station, []).append(stop)
        return out

    def station_changes(self) -> dict[int, int]:
        """Return nigiri's seconds by station, the longest of its platforms'."""
        served = {
            (i, row["stop_id"])
            for i, feed in enumerate(self.feeds)
            for row in read_rows(feed, "stop_times.txt")
        }
        out: dict[int, int] = {}
        for stop, station, minutes in zip(self.stops, self.home, self.changes, strict=True):
            if station is not None and (stop.source, stop.stop_id) in served:
                out[station] = max(minutes * MINUTE, out.get(station, 0))
        return out

    def station_walks(self) -> Walks:
        """Return nigiri's seconds by pair of stations, the shortest of their platforms'."""
        out: Walks = {}
        for (a, b), minutes in self.walks.items():
            start, end = self.home[a], self.home[b]
            if start is not None and end is not None and start != end:
                out[start, end] = min(minutes * MINUTE, out.get((start, end), UNREACHED))
        return out

    def by_platform(self, folder: Path, sample: Sample) -> Arrivals:
        """Return railshed's arrivals when each platform is a station, with nigiri's times and
        rules.
        """
        apart = _load(
            [write_in_minutes(feed, folder / feed.name, platforms=True) for feed in self.feeds],
            self.date,
        )
        ids = apart.station_index()
        at = [ids[self.stop_id(stop, stop.stop_id)] for stop in self.stops]
        changes = {
            station: minutes * MINUTE for station, minutes in zip(at, self.changes, strict=True)
        }
        walks = {(at[a], at[b]): minutes * MINUTE for (a, b), minutes in self.walks.items()}
        members = {
            station: [at[stop] for stop in group] for station, group in self.members().items()
        }
        return arrivals(compile_with(apart, changes, walks, self.date), sample, members=members)


def read_raw(feeds: Sequence[Path], date: dt.date) -> RawFeeds:
    """Return the feeds read by railshed, and their stops under nigiri's rules."""
    stops = read_stops(feeds)
    changes = change_minutes(feeds, stops)
    raw = RawFeeds(
        feeds, date, _load(feeds, date), stops, changes, walk_minutes(feeds, stops, changes), ()
    )
    index = raw.network.station_index()
    return replace(
        raw, home=[index.get(raw.stop_id(stop, stop.parent or stop.stop_id)) for stop in stops]
    )


def compare_raw(
    feeds: Sequence[Path],
    date: dt.date,
    folder: Path,
    *,
    seed: int = 0,
    n: int = 50,
    n_minutes: int = 20,
    bound_s: int = 8 * HOUR,
) -> Comparison:
    """Return the comparison on the feeds as published, each router with its own reader.

    railshed begins with the changes and walks that the feed lists, 2 minutes where it lists no
    change, none generated.
    """
    raw = read_raw(feeds, date)
    listed = raw.network.transfers
    pairs = zip(listed.from_idx.tolist(), listed.to_idx.tolist(), strict=True)
    own_walks = dict(zip(pairs, listed.seconds.tolist(), strict=True))
    own_changes = {
        i: DEFAULT_CHANGE_MIN * MINUTE if s.change_s is None else s.change_s
        for i, s in enumerate(raw.network.stations)
    }
    own = compile_with(raw.network, own_changes, own_walks, date)
    sample = draw_sample(own, seed, n=n, n_minutes=n_minutes, bound_s=bound_s)
    folder.mkdir(parents=True, exist_ok=True)
    members = raw.members()
    router = load_router(feeds, date, raw.network.timezone)
    here = {
        i: router.find(raw.stops[i].stop_id, raw.stops[i].source)
        for group in members.values()
        for i in group
    }
    questions = Questions(
        [[(here[stop], 0) for stop in members[o]] for o in sample.origins],
        [[here[stop] for stop in members[t]] for t in sample.targets],
        walk_first=True,
    )
    stages = [
        Stage("railshed's own", arrivals(own, sample)),
        *_raw_stages(raw, own_walks, sample, folder),
    ]
    direct = direct_seconds(
        sample,
        [dict.fromkeys(members[o], 0) for o in sample.origins],
        [set(members[t]) for t in sample.targets],
        {pair: minutes * MINUTE for pair, minutes in raw.walks.items()},
    )
    stages.append(
        Stage("no slower than walking", no_faster_than_walking(stages[-1].arrivals, sample, direct))
    )
    return Comparison(
        sample, router.arrivals(questions, sample), tuple(stages), own, router, questions
    )


def _raw_stages(raw: RawFeeds, own_walks: Walks, sample: Sample, folder: Path) -> list[Stage]:
    """Return the stages under nigiri's rules of changing, walking and time."""
    changes, walks = raw.station_changes(), raw.station_walks()
    filled = _load(
        [write_in_minutes(feed, folder / feed.name, platforms=False) for feed in raw.feeds],
        raw.date,
    )
    steps = [
        ("change times", raw.network, own_walks),
        ("walks", raw.network, walks),
        ("whole minutes", in_units(raw.network, MINUTE), walks),
        ("blank times", filled, walks),
    ]
    stages = [
        Stage(rule, arrivals(compile_with(network, changes, between, raw.date), sample))
        for rule, network, between in steps
    ]
    if any(stop.parent for stop in raw.stops):
        stages.append(Stage("platforms", raw.by_platform(folder, sample)))
    return stages


def _load(feeds: Sequence[Path], date: dt.date) -> Network:
    return load_network(feeds[0] if len(feeds) == 1 else list(feeds), date=date)


def explicit(network: Network, date: dt.date, unit_s: int, cap_s: int) -> Compiled:
    """Return the network in whole units with change times of 0 to 7 half minutes or minutes and
    walks up to `cap_s`.
    """
    step = 30 if unit_s == 1 else MINUTE
    cut = in_units(network, unit_s)
    changes = {i: step * (i % 8) for i in range(cut.n_stations)}
    assumptions = replace(default_assumptions(), footpath_cap_s=cap_s)
    generated = walks_of(compile_network(cut, assumptions, date=date, change_s=0))
    return compile_with(
        cut, changes, {pair: -(-s // unit_s) * unit_s for pair, s in generated.items()}, date
    )


def compare_export(
    compiled: Compiled,
    sample: Sample,
    folder: Path,
    *,
    unit_s: int,
    max_transfers: int | None = None,
) -> Comparison:
    """Return the comparison on railshed's own export, every rule written out (see
    `nigiri_export`).
    """
    changes, walks, joined = walks_as_joined(compiled, unit_s)
    after = compile_with(compiled.network, changes, walks, compiled.date)
    stages = [
        Stage("railshed's own", arrivals(compiled, sample, max_transfers=max_transfers)),
        Stage("joined walks", arrivals(after, sample, max_transfers=max_transfers)),
    ]
    first_walks = [
        {2 * o + 1: 0} | {2 * b + 1: s for (a, b), s in walks.items() if a == o}
        for o in sample.origins
    ]
    direct = direct_seconds(
        sample, first_walks, [{2 * t, 2 * t + 1} for t in sample.targets], joined
    )
    stages.append(
        Stage("no slower than walking", no_faster_than_walking(stages[-1].arrivals, sample, direct))
    )
    folder.mkdir(parents=True, exist_ok=True)
    window = int(sample.leave_s.min()), int(sample.leave_s.max()) + sample.bound_s
    router = load_split(compiled, folder, window, unit_s)

    def stop(index: int) -> object:
        return router.find(f"{index // 2:05d}{'out' if index % 2 else 'in'}")

    questions = Questions(
        [[(stop(index), s // unit_s) for index, s in offsets.items()] for offsets in first_walks],
        [[stop(2 * t), stop(2 * t + 1)] for t in sample.targets],
        walk_first=False,
    )
    theirs = router.arrivals(questions, sample, max_transfers=max_transfers)
    return Comparison(sample, theirs, tuple(stages), compiled, router, questions)
