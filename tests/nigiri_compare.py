"""railshed against nigiri: two experiments, and every difference explained by a rule that railshed then follows.

An experiment gives nigiri's earliest arrivals and railshed's in stages: first under railshed's own rules, then with
one rule of nigiri's after another taken over. A rule explains an entry when railshed agrees from that stage on to the
last, to the second. What still differs in the last stage is unexplained.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from nigiri_export import Walks, in_units, load_split, walks_as_joined, walks_of
from nigiri_oracle import (
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
from nigiri_rules import (
    change_minutes,
    clock_changes,
    read_rows,
    read_stops,
    walk_minutes,
    with_clock_changes,
    with_rules,
    write_in_minutes,
)
from railshed import default_assumptions, load_network
from railshed.arrays import Compiled, compile_network
from railshed.model import Network
from railshed.units import HOUR, MINUTE, UNREACHED


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
        """Return the different entries by rule: from its stage on all agree, the one before does not."""
        differs = self.differs()
        out: dict[str, list[tuple[int, int, int]]] = {}
        for n in range(1, len(differs)):
            later = np.logical_or.reduce(differs[n:])
            out[self.stages[n].rule] = [tuple(at) for at in np.argwhere(differs[0] & differs[n - 1] & ~later).tolist()]
        return out

    def unexplained(self) -> list[tuple[int, int, int]]:
        """Return the entries that differ in the last stage."""
        return [tuple(at) for at in np.argwhere(self.differs()[-1]).tolist()]

    def example(self, at: tuple[int, int, int]) -> tuple[str, str]:
        """Return both itineraries of an entry, railshed's under its own rules."""
        return itinerary(self.compiled, self.sample, at), self.router.itinerary(self.questions, self.sample, at)


def compile_with(network: Network, changes: Mapping[int, int], walks: Walks, date: dt.date) -> Compiled:
    """Return the network compiled with these changes and walks (seconds) and no others."""
    return compile_network(with_rules(network, changes, walks), default_assumptions(), date=date, footpaths=False)


def no_faster_than_walking(stage: Arrivals, sample: Sample, direct_s: Arrivals) -> Arrivals:
    """Return the arrivals without those that walking all the way, `direct_s` by pair, is as good as."""
    takes = stage - sample.leave_s[:, None, :]
    return np.where(takes >= direct_s[:, :, None], UNREACHED, stage)


def direct_seconds(
    sample: Sample, starts: Sequence[Mapping[int, int]], ends: Sequence[set[int]], walks: Walks
) -> Arrivals:
    """Return int64 (n_origins, n_targets) seconds of the shortest walk from a start (with its seconds) to an end.

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

    railshed begins with the changes and walks that the feed lists, 2 minutes where it lists no change, none generated.
    """
    network = _load(feeds, date)
    stops = read_stops(feeds)
    changes = change_minutes(feeds, stops)
    walks = walk_minutes(feeds, stops, changes)
    index = network.station_index()
    prefix = [""] if len(feeds) == 1 else [f"{feed.stem}:" for feed in feeds]
    home = [index.get(prefix[s.source] + (s.parent or s.stop_id)) for s in stops]
    served = {(i, row["stop_id"]) for i, feed in enumerate(feeds) for row in read_rows(feed, "stop_times.txt")}
    their_changes: dict[int, int] = {}
    for stop, station, minutes in zip(stops, home, changes, strict=True):
        if station is not None and (stop.source, stop.stop_id) in served:
            their_changes[station] = max(minutes * MINUTE, their_changes.get(station, 0))
    their_walks: Walks = {}
    for (a, b), minutes in walks.items():
        pair = home[a], home[b]
        if pair[0] is not None and pair[1] is not None and pair[0] != pair[1]:
            their_walks[pair] = min(minutes * MINUTE, their_walks.get(pair, UNREACHED))
    listed = network.transfers
    own_changes = {
        i: DEFAULT_CHANGE_MIN * MINUTE if s.change_s is None else s.change_s for i, s in enumerate(network.stations)
    }
    own_walks = dict(
        zip(zip(listed.from_idx.tolist(), listed.to_idx.tolist(), strict=True), listed.seconds.tolist(), strict=True)
    )
    first = compile_with(network, own_changes, own_walks, date)
    sample = draw_sample(first, seed, n=n, n_minutes=n_minutes, bound_s=bound_s)
    folder.mkdir(parents=True, exist_ok=True)
    filled = _load([write_in_minutes(feed, folder / feed.name, platforms=False) for feed in feeds], date)
    cut = in_units(network, MINUTE)
    stages = [
        Stage("railshed's own", arrivals(first, sample)),
        Stage("change times", arrivals(compile_with(network, their_changes, own_walks, date), sample)),
        Stage("walks", arrivals(compile_with(network, their_changes, their_walks, date), sample)),
        Stage("whole minutes", arrivals(compile_with(cut, their_changes, their_walks, date), sample)),
        Stage("blank times", arrivals(compile_with(filled, their_changes, their_walks, date), sample)),
    ]
    members = defaultdict[int, set[int]](set)
    for stop, station in enumerate(home):
        if station is not None:
            members[station].add(stop)
    if any(stop.parent for stop in stops):
        apart = _load([write_in_minutes(feed, folder / feed.name, platforms=True) for feed in feeds], date)
        ids = apart.station_index()
        at = [ids[prefix[s.source] + s.stop_id] for s in stops]
        rules = dict(zip(at, (m * MINUTE for m in changes), strict=True))
        between = {(at[a], at[b]): minutes * MINUTE for (a, b), minutes in walks.items()}
        own = {station: [at[stop] for stop in group] for station, group in members.items()}
        stages.append(Stage("platforms", arrivals(compile_with(apart, rules, between, date), sample, members=own)))
    if any(clock_changes(date, network.timezone).values()):
        moved = with_clock_changes(filled, date)
        stages.append(Stage("clock change", arrivals(compile_with(moved, their_changes, their_walks, date), sample)))
    seconds = {pair: minutes * MINUTE for pair, minutes in walks.items()}
    direct = direct_seconds(
        sample,
        [dict.fromkeys(members[o], 0) for o in sample.origins],
        [members[t] for t in sample.targets],
        seconds,
    )
    stages.append(Stage("no slower than walking", no_faster_than_walking(stages[-1].arrivals, sample, direct)))
    router = load_router(feeds, date, network.timezone)
    here = {stop: router.find(stops[stop].stop_id, stops[stop].source) for own in members.values() for stop in own}
    questions = Questions(
        [[(here[stop], 0) for stop in sorted(members[o])] for o in sample.origins],
        [[here[stop] for stop in sorted(members[t])] for t in sample.targets],
        walk_first=True,
    )
    return Comparison(sample, router.arrivals(questions, sample), tuple(stages), first, router, questions)


def _load(feeds: Sequence[Path], date: dt.date) -> Network:
    return load_network(feeds[0] if len(feeds) == 1 else list(feeds), date=date)


def explicit(network: Network, date: dt.date, unit_s: int, cap_s: int) -> Compiled:
    """Return the network in whole units with change times of 0 to 7 half minutes or minutes and walks up to `cap_s`."""
    step = 30 if unit_s == 1 else MINUTE
    cut = in_units(network, unit_s)
    changes = {i: step * (i % 8) for i in range(cut.n_stations)}
    assumptions = replace(default_assumptions(), footpath_cap_s=cap_s)
    generated = walks_of(compile_network(cut, assumptions, date=date))
    return compile_with(cut, changes, {pair: -(-s // unit_s) * unit_s for pair, s in generated.items()}, date)


def compare_export(
    compiled: Compiled, sample: Sample, folder: Path, *, unit_s: int, max_transfers: int | None = None
) -> Comparison:
    """Return the comparison on railshed's own export, every rule written out (see `nigiri_export`)."""
    changes, walks, joined = walks_as_joined(compiled, unit_s)
    after = compile_with(compiled.network, changes, walks, compiled.date)
    stages = [
        Stage("railshed's own", arrivals(compiled, sample, max_transfers=max_transfers)),
        Stage("joined walks", arrivals(after, sample, max_transfers=max_transfers)),
    ]
    first_walks = [{2 * o + 1: 0} | {2 * b + 1: s for (a, b), s in walks.items() if a == o} for o in sample.origins]
    direct = direct_seconds(sample, first_walks, [{2 * t, 2 * t + 1} for t in sample.targets], joined)
    stages.append(Stage("no slower than walking", no_faster_than_walking(stages[-1].arrivals, sample, direct)))
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
