"""`line_speeds.csv`: lines with their stations and top speeds, from outside the timetable, and the
hops on them.

`python networks/china/build_line_speeds.py` checks the table against the timetable: every station
is one of its stations, trains pass them in the order given, sources are named. The table is kept by
hand. Columns:

- `stations`: names in order, joined by `|`; in brackets those that the line passes and whose hops
  are left to another
- `design_kmh`, `operating_kmh`: what the line was built for, and the highest speed in service on
  2023-12-15
- `speed_limits`: sections between stations where it is less, ``from-to km/h`` joined by `|`
- `length_km`: published or remembered length from the first station to the last, blank where not
  sure or where the
  length remembered is between other stations
- `trains`: letters of the trains that run on it, blank for all, where another line joins the same
  stations
- `stock`: rolling stock where it is not the usual one for the speed
- `confidence`: of the operating speed
- `source`: "from memory", or the reference table that names its source

A hop of the timetable is on a line where both its calls are stations of it, and on no line where
two lines hold both.
"""

from __future__ import annotations

import csv
import hashlib
import io
import sys
import zipfile
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise
from pathlib import Path

from railshed.io.railways import SECTION

HERE = Path(__file__).resolve().parent
#: share of trains that may turn round within a line (they circle on several) before its order
#: counts as wrong
_TURNING = 0.05


#: lines never fitted on, whatever their name says: those of the back-tests, which must not be
#: foretold from themselves, and an airport line whose trains stand and wait in a loop at its end
REPORTED_ONLY = ("金山铁路", "成灌铁路", "福厦高铁", "北京首都机场线")


def half_of(name: str) -> str:
    """Return whether the line of a Chinese name is fitted on or tested: first byte of its SHA-256,
    even or odd.
    """
    if name in REPORTED_ONLY:
        return "test"
    return "test" if hashlib.sha256(name.encode("utf-8")).digest()[0] % 2 else "fit"


@dataclass(frozen=True)
class Line:
    """One row of the table."""

    line_id: str
    name: str
    #: every station that the line passes, in order
    passed: tuple[str, ...]
    #: those whose hops belong to it
    stations: tuple[str, ...]
    design_kmh: float
    operating_kmh: float
    speed_limits: tuple[tuple[str, str, float], ...]
    length_km: float | None
    trains: frozenset[str]
    stock: str
    confidence: str
    source: str

    def kmh_between(self, start: str, end: str) -> float:
        """Return the highest speed in service between two stations: that of a section that has
        both.
        """
        here = [self.passed.index(start), self.passed.index(end)]
        own = ((*map(self.passed.index, (a, b)), kmh) for a, b, kmh in self.speed_limits)
        return min(
            [kmh for a, b, kmh in own if a <= min(here) and max(here) <= b],
            default=self.operating_kmh,
        )


@dataclass(frozen=True)
class Train:
    """One train of the timetable."""

    letter: str
    #: station, arrival, departure in seconds
    calls: tuple[tuple[str, int, int], ...]


def read_lines(path: Path = HERE / "line_speeds.csv") -> list[Line]:
    """Return the rows of the table in their order."""
    with path.open(encoding="utf-8", newline="") as file:
        return [line_of(row) for row in csv.DictReader(file)]


def line_of(row: dict[str, str]) -> Line:
    names = row["stations"].split("|")
    return Line(
        row["line_id"],
        row["line_zh"],
        tuple(n.strip("()") for n in names),
        tuple(n for n in names if not n.startswith("(")),
        float(row["design_kmh"]),
        float(row["operating_kmh"]),
        tuple(
            (m[1], m[2], float(m[3]))
            for m in map(SECTION.fullmatch, filter(None, row["speed_limits"].split("|")))
        ),
        float(row["length_km"]) if row["length_km"] else None,
        frozenset(filter(None, row["trains"].split("|"))),
        row["stock"],
        row["confidence"],
        row["source"],
    )


#: routes of the timetable that are not metros: one a letter
RAILWAY_ROUTES = frozenset("CDGS")


def read_timetable(
    path: Path = HERE / "timetable.zip",
) -> tuple[dict[str, tuple[float, float]], list[Train]]:
    """Return lon and lat by station name, and the trains by their id; metros are left out."""
    with zipfile.ZipFile(path) as archive:
        stops, trips, times = (
            list(csv.DictReader(io.StringIO(archive.read(f"{name}.txt").decode("utf-8"))))
            for name in ("stops", "trips", "stop_times")
        )
    stops = [row for row in stops if row["station_class"] != "metro"]
    trips = [row for row in trips if row["route_id"] in RAILWAY_ROUTES]
    names = {row["stop_id"]: row["stop_name"] for row in stops}
    places = {row["stop_name"]: (float(row["stop_lon"]), float(row["stop_lat"])) for row in stops}
    if len(places) != len(stops):
        raise ValueError("two stations of one name: name them apart in line_speeds.csv first")
    calls: dict[str, list[tuple[int, str, int, int]]] = defaultdict(list)
    ids = {row["trip_id"] for row in trips}
    for row in (row for row in times if row["trip_id"] in ids):
        clock = [seconds(row[key]) for key in ("arrival_time", "departure_time")]
        calls[row["trip_id"]].append(
            (int(row["stop_sequence"]), names[row["stop_id"]], clock[0], clock[1])
        )
    trips.sort(key=lambda row: row["trip_id"])
    trains = [
        Train(row["trip_short_name"][0], tuple(call[1:] for call in sorted(calls[row["trip_id"]])))
        for row in trips
    ]
    return places, trains


def seconds(clock: str) -> int:
    hours, minutes, rest = map(int, clock.split(":"))
    return hours * 3600 + minutes * 60 + rest


def lines_by_pair(lines: Sequence[Line]) -> dict[frozenset[str], Line]:
    """Return the one line of each pair of stations; pairs of two lines are left out."""
    found: dict[frozenset[str], list[Line]] = defaultdict(list)
    for line in lines:
        for pair in combinations(line.stations, 2):
            found[frozenset(pair)].append(line)
    return {pair: owners[0] for pair, owners in found.items() if len(owners) == 1}


def stretches(train: Train, owners: dict[frozenset[str], Line]) -> Iterator[tuple[Line, int, int]]:
    """Return line, first and last call of every stretch that a train runs on one line without
    turning.
    """
    start, line, step = 0, None, 0
    for k, (a, b) in enumerate(pairwise(train.calls)):
        here = owners.get(frozenset((a[0], b[0])))
        if here is not None and here.trains and train.letter not in here.trains:
            here = None
        way = 0 if here is None else sign(here.stations.index(b[0]) - here.stations.index(a[0]))
        if here is not line or way != step:
            if line is not None:
                yield line, start, k
            start, line, step = k, here, way
    if line is not None:
        yield line, start, len(train.calls) - 1


def sign(number: int) -> int:
    return (number > 0) - (number < 0)


def problems(
    lines: Sequence[Line], places: dict[str, tuple[float, float]], trains: Sequence[Train]
) -> Iterator[str]:
    """Return what is wrong with the table."""
    ids = [line.line_id for line in lines]
    yield from (f"{i}: twice" for i in sorted({i for i in ids if ids.count(i) > 1}))
    for line in lines:
        yield from (
            f"{line.line_id}: {name} is no station of the timetable"
            for name in line.passed
            if name not in places
        )
        if len(set(line.passed)) != len(line.passed):
            yield f"{line.line_id}: a station twice"
        if not 100 <= line.operating_kmh <= line.design_kmh <= 400:
            yield (
                f"{line.line_id}: {line.operating_kmh} km/h in service, {line.design_kmh} designed"
            )
        if line.confidence not in ("high", "medium") or not line.source:
            yield f"{line.line_id}: confidence high or medium, and a source"
        orders = [order for order in (order_on(line, train) for train in trains) if len(order) > 1]
        turning = sum(order not in (sorted(order), sorted(order, reverse=True)) for order in orders)
        if not orders or turning > _TURNING * len(orders):
            yield (
                f"{line.line_id}: {turning} of {len(orders)} trains pass its stations in "
                "another order"
            )


def order_on(line: Line, train: Train) -> list[int]:
    """Return the places within the line of a train's calls there, in the order of the train."""
    index = {name: k for k, name in enumerate(line.stations)}
    return [index[name] for name, _, _ in train.calls if name in index]


def main() -> int:
    """Print what is wrong and how many hops are on lines; return 1 where something is wrong."""
    lines = read_lines()
    places, trains = read_timetable()
    wrong = list(problems(lines, places, trains))
    owners = lines_by_pair(lines)
    hops = sum(len(train.calls) - 1 for train in trains)
    on = sum(last - first for train in trains for _, first, last in stretches(train, owners))
    print("\n".join([*wrong, f"{len(lines)} lines, {on} of {hops} hops of trains on them"]))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
