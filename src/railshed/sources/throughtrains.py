"""Trains that go on as other trains of the table, made one train each: who stays seated changes nothing."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

import numpy as np

from railshed.sources.trainrows import LONGEST_STEP_S, Calls, Trains, joined


def join_through(
    trains: Trains,
    calls: Calls,
    names: list[str],
    goes_on: Sequence[str],
    days: Sequence[Hashable],
    notes: list[str],
) -> tuple[Calls, list[str]]:
    """Return the calls with each train and those it goes on as made one train, and the names by train.

    Of several trains that one goes on as, the first listed is taken, and of several that go on as one the first by
    id: there passengers change into the others. Trains are joined where they run on the same days and the second
    leaves no earlier than the first arrives.
    """
    first = np.searchsorted(calls.train, np.arange(len(trains.ids)))
    last = np.searchsorted(calls.train, np.arange(len(trains.ids)), "right") - 1
    index = {trains.ids[i]: i for i in np.flatnonzero(first <= last).tolist()}
    follower: dict[int, int] = {}
    taken: set[int] = set()
    n_listed = n_joined = 0
    for train in index.values():
        if not goes_on[train]:
            continue
        listed = [text.strip() for text in goes_on[train].split("|") if text.strip()]
        n_listed += len(listed)
        other = next((index[text] for text in listed if text in index), None)
        if other is None or other in taken or days[other] != days[train]:
            continue
        if 0 <= calls.departure[first[other]] - calls.arrival[last[train]] <= LONGEST_STEP_S:
            follower[train] = other
            taken.add(other)
    head, place = np.arange(len(trains.ids)), np.zeros(len(trains.ids), dtype=np.int64)
    names = list(names)
    for train in sorted(follower.keys() - taken):
        chain = [train]
        while chain[-1] in follower:
            chain.append(follower[chain[-1]])
        head[chain], place[chain] = train, np.arange(len(chain))
        names[train] = joined([names[i] for i in chain])
        ends, starts = last[chain[:-1]], first[chain[1:]]
        calls.departure[ends], calls.arrival[starts] = calls.arrival[ends], calls.departure[starts]
        n_joined += len(starts)
    if n_listed:
        notes.append(
            f"{trains.table.name}: {n_joined:,} of {n_listed:,} listed continuations joined into through trains; "
            "at the others passengers change"
        )
    calls = calls.take(np.lexsort((place[calls.train], head[calls.train])))
    calls.train = head[calls.train]
    return calls, names
