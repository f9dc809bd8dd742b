"""Every train of Beijing's metro on a Friday, from departures by station, in whole minutes.

The source lists departures by station and direction, and which of them start, end, turn short or
pass (`filters`). The k-th departure of a kind of train at one station is the k-th at the next.
Trains whose calls are the same minutes apart are one template; those of it that follow at one gap
are one row of frequencies.txt with exact times.

The state is that of 2026: sections opened since 2023-12-15 are cut off
(`build_metro_lines.open_lines`), and the service of the rest is taken to be equal.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from build_metro_lines import MetroLine, MetroStation

FOLDER = Path("metro", "beijing_timetable")
CITY = "beijing"
FRIDAY = 5
#: clock times before this are of the night after the service day
DAY_BEGINS_MIN = 180
DAY_MIN = 1440
#: names of lines that differ: of the timetable -> of the list of lines
NAMES = {"1号线": "1号线八通线", "4号线": "4号线大兴线"}
#: no positions: a tramway that the list of lines does not have
LEFT_OUT = ("亦庄T1线",)
#: a train of a loop runs on as the train that leaves the first station so many minutes after its
#: arrival, first found
SEAM_MIN = (0, 1, -1, 2, 3)

_STRING = r'"(?:[^"\\]|\\.)*"'
_COMMENT = re.compile(_STRING + r"|//[^\n]*|/\*.*?\*/", re.DOTALL)
_KEY_OR_COMMA = re.compile(
    _STRING + r"|(?P<comma>,)(?=\s*[\]}])|(?P<key>[A-Za-z_]\w*)(?=\s*:)", re.DOTALL
)


@dataclass(frozen=True)
class Train:
    """One train: stations in order, and the minute of the day at which it leaves each (arrives, at
    the last).
    """

    names: tuple[str, ...]
    minutes: tuple[int, ...]
    #: calls from this one on belong to another train of the loop too: one may only alight
    n_boarding: int


@dataclass(frozen=True)
class Direction:
    """The trains of one line and direction, and whether trains of a loop run on."""

    line: str
    name: str
    trains: tuple[Train, ...]


def read_json5(text: str) -> Any:
    """Return the content of a JSON5 text with comments, bare keys and commas before brackets."""
    plain = _COMMENT.sub(lambda m: m[0] if m[0][0] == '"' else "", text)

    def strict(match: re.Match[str]) -> str:
        return "" if match["comma"] else f'"{match["key"]}"' if match["key"] else match[0]

    return json.loads(_KEY_OR_COMMA.sub(strict, plain))


def read_timetables(raw_dir: Path) -> dict[str, Any]:
    """Return the content of each line's file by the name of the line."""
    files = sorted((raw_dir / FOLDER).glob("*.json5"))
    contents = [read_json5(file.read_text(encoding="utf-8")) for file in files]
    return {content["name"]: content for content in contents if "timetable" in content}


def friday_group(line: Mapping[str, Any]) -> str:
    """Return the name of the group of days that holds Fridays."""
    groups = line["date_groups"]
    return next(
        g for g, days in groups.items() if FRIDAY in days.get("weekday", ()) and "dates" not in days
    )


def departures(listed: Mapping[str, Any], usual: str) -> dict[int, tuple[str, ...]]:
    """Return the kinds of train of each departure, by minute of the day."""
    minutes = sorted(m for part in listed["schedule"] for m in _minutes(part))
    kinds: dict[int, list[str]] = {minute: [] for minute in minutes}
    if len(kinds) < len(minutes):
        raise ValueError("two departures in one minute")
    for row in listed["filters"]:
        for minute in _chosen(row, minutes):
            kinds[minute].append(row["plan"])
    return {minute: tuple(sorted(set(names))) or (usual,) for minute, names in kinds.items()}


def _clock(text: str) -> int:
    hour, minute = text.split(":")
    value = int(hour) * 60 + int(minute)
    return value if value >= DAY_BEGINS_MIN else value + DAY_MIN


def _minutes(part: Mapping[str, Any]) -> Iterator[int]:
    now = _clock(part["first_train"])
    yield now
    for gap in _gaps(part["delta"]):
        now += gap
        yield now


def _gaps(delta: Sequence[Any]) -> Iterator[int]:
    for item in delta:
        if isinstance(item, int):
            yield item
        else:
            for _ in range(item[0]):
                yield from _gaps(item[1])


def _chosen(row: Mapping[str, Any], minutes: list[int]) -> list[int]:
    """Return the departures that a filter means."""
    if "trains" in row:
        return [_clock(text) for text in row["trains"]]
    first = minutes.index(_clock(row["first_train"])) if "first_train" in row else 0
    step = row.get("skip_trains", 0) + 1
    if "count" in row:
        return [minutes[first + k * step] for k in range(row["count"])]
    last = minutes.index(_clock(row["until"])) if "until" in row else len(minutes) - 1
    return minutes[first : last + 1 : step]


def read_directions(line: Mapping[str, Any]) -> Iterator[Direction]:
    """Yield the trains of both directions on a Friday."""
    group = friday_group(line)
    for name, plans in line["train_routes"].items():
        kinds = {kind: plan for kind, plan in plans.items() if isinstance(plan, dict)}
        order = [s["name"] for s in line["stations"]]
        order = order[::-1] if plans.get("reversed") else order
        by_kind: dict[tuple[str, ...], dict[str, list[int]]] = defaultdict(dict)
        for station in order:
            for minute, kind in departures(
                line["timetable"][station][name][group], next(iter(kinds))
            ).items():
                by_kind[kind].setdefault(station, []).append(minute)
        for kind, calls in by_kind.items():
            for station in passed(kind, kinds):
                calls.pop(station, None)
        trains = [train for kind in by_kind for train in _trains(by_kind[kind])]
        if line.get("loop"):
            runs_on = {
                t
                for kind, calls in by_kind.items()
                if _runs_on(kind, kinds)
                for t in _trains(calls)
            }
            trains = [
                _round(train, trains, order, line["loop_last_segment"], train in runs_on)
                for train in trains
            ]
        yield Direction(
            line["name"],
            name,
            tuple(sorted(trains, key=lambda t: (t.minutes[0], t.minutes, t.names))),
        )


def passed(kind: tuple[str, ...], kinds: Mapping[str, Any]) -> set[str]:
    """Return the stations where trains of a kind do not stop: the source lists when they pass."""
    return {station for name in kind for station in kinds[name].get("skip", ())}


def _runs_on(kind: tuple[str, ...], kinds: Mapping[str, Any]) -> bool:
    return all(kinds[name].get("loop", True) and "ends_with" not in kinds[name] for name in kind)


def _trains(calls: Mapping[str, list[int]]) -> list[Train]:
    """Return the trains of one kind: the k-th departures of all its stations."""
    if len({len(minutes) for minutes in calls.values()}) > 1:
        raise ValueError(
            f"a kind of train leaves {next(iter(calls))} and another station in different number"
        )
    trains = []
    for minutes in zip(*calls.values(), strict=True):
        # the airport line calls at terminal 3 before 2, against the order of its list
        in_time = sorted(zip(minutes, calls, strict=True), key=lambda call: call[0])
        trains.append(
            Train(tuple(n for _, n in in_time), tuple(m for m, _ in in_time), len(in_time))
        )
    return trains


def _round(
    train: Train, trains: Sequence[Train], order: Sequence[str], last_min: int, runs_on: bool
) -> Train:
    """Return the train of a loop with the calls of the train that it is next, half a round on.

    One may only alight there: who boards there boards that train, so that every departure is one of
    one train. A ride of more than half a round is shorter the other way.
    """
    if not runs_on or train.names[-1] != order[-1]:
        return train
    arrival = train.minutes[-1] + last_min
    starts = {other.minutes[0]: other for other in trains if other.names[0] == order[0]}
    after = next((starts[arrival + d] for d in SEAM_MIN if arrival + d in starts), None)
    names, minutes = ((order[0],), (arrival,)) if after is None else (after.names, after.minutes)
    half = len(order) // 2
    return Train(
        train.names + tuple(names[:half]), train.minutes + tuple(minutes[:half]), len(train.names)
    )


def trains_of(
    line: MetroLine, directions: Sequence[Direction]
) -> Iterator[tuple[int, Train, list[MetroStation]]]:
    """Yield (direction, train, its stations) of the open part of a line; trains keep their calls
    there.
    """
    known = {s.name: s for s in line.stations} | {s.name.split("(")[0]: s for s in line.stations}
    for number, direction in enumerate(directions):
        for train in direction.trains:
            at = [
                i
                for i, name in enumerate(train.names)
                if name in known or name.split("(")[0] in known
            ]
            if len(at) > 1:
                names = tuple(train.names[i] for i in at)
                part = Train(
                    names,
                    tuple(train.minutes[i] for i in at),
                    sum(i < train.n_boarding for i in at),
                )
                yield number, part, [known.get(name) or known[name.split("(")[0]] for name in names]


def series(starts: Sequence[int]) -> Iterator[tuple[int, int, int]]:
    """Yield (first minute, gap in minutes, number) of runs of evenly spaced starts, in order."""
    i = 0
    while i < len(starts):
        j = i + 1
        while j < len(starts) and starts[j] - starts[j - 1] == starts[i + 1] - starts[i]:
            j += 1
        gap = starts[i + 1] - starts[i] if j > i + 1 else 1
        yield starts[i], gap, j - i
        i = j
