"""Workload `design`: the profile scan against other algorithms for the same profiles."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from measure import Result, interleaved, summarise
from numpy.typing import NDArray
from tokyo import TARGETS, load_tokyo
from variants import Profiles, binary, flat_pairs, has_repeats, linear, make_scan_back, scan_forward, span_of
from window import CITIES, PEAK, Question, china, city_targets

from railshed import default_assumptions
from railshed.kernels.profile_scan import profile_offsets, scan_connections
from railshed.kernels.types import Query
from railshed.routing.compile import compile_network
from railshed.routing.directions import DIRECTIONS, Direction, to_kernel_time
from railshed.routing.journeys import Compiled
from railshed.util.units import HOUR

#: the window that `railshed circle` searches once for all readings, and its largest slack
DAY = (0, 28 * HOUR)
DAY_SLACK_S = HOUR
PACKAGE, LINEAR = "package kernel", "backward, from the end"
BINARY, FORWARD = "backward, bisection", "forward, insertion"

Scan = Callable[[Compiled, Direction, NDArray[np.uint32], int, int, int], Profiles]
back_linear: Scan = make_scan_back(linear)
back_binary: Scan = make_scan_back(binary)


def package_scan(
    compiled: Compiled, direction: Direction, offset_s: NDArray[np.uint32], earliest: int, latest: int, bound_s: int
) -> Profiles:
    """Return the profiles of `railshed.kernels.profile_scan`, before the first transfer."""
    first, last = span_of(compiled, direction, earliest, latest)
    timetable = compiled.timetable(direction)
    query = Query(offset_s, first, last, compiled.n_runs, bound_s, latest, 1)
    ptr, _ = profile_offsets(timetable.connections, first, last, len(timetable.change_s))
    count, profiles = scan_connections(timetable, query, ptr)
    return Profiles(ptr + np.uint32(1), count, profiles[:, 0], profiles[:, 1])


SCANS: dict[str, Scan] = {PACKAGE: package_scan, LINEAR: back_linear, BINARY: back_binary, FORWARD: scan_forward}
NOTES = {
    PACKAGE: "ways on from a station in groups of three, a sentinel before each profile",
    LINEAR: "the same method in one plain function",
    BINARY: "the same, searching by bisection",
    FORWARD: "two profiles a station, insertion, a pointer each",
}


@dataclass(frozen=True, eq=False)
class Work:
    """One target set, direction and window, in kernel time."""

    compiled: Compiled
    direction: Direction
    offset_s: NDArray[np.uint32]
    earliest: int
    latest: int

    @classmethod
    def of(
        cls, compiled: Compiled, direction: Direction, targets: dict[int, int], span: tuple[int, int], slack_s: int
    ) -> Work:
        """Return the work that `find_journeys` would do."""
        ends = sorted(to_kernel_time(s, direction) for s in span)
        found = compiled.profiles(direction, targets, (PEAK[0], PEAK[0] + 60), slack_s=0, bound_s=Question.bound_s)
        return cls(compiled, direction, found.offset_s, max(0, ends[0] - slack_s - Question.bound_s), ends[1])

    def scan(self, name: str) -> Profiles:
        """Return the profiles by one algorithm."""
        return SCANS[name](self.compiled, self.direction, self.offset_s, self.earliest, self.latest, Question.bound_s)

    def check(self) -> int:
        """Return the number of journeys once all algorithms agree, else raise."""
        expected = flat_pairs(self.scan(PACKAGE))
        for name in (LINEAR, BINARY, FORWARD):
            found = flat_pairs(self.scan(name), mirrored=name == FORWARD)
            if not np.array_equal(found, expected):
                raise SystemExit(f"design: {name} finds other journeys than the {PACKAGE}")
        return len(expected)

    def n_connections(self) -> int:
        """Return how many connections the window holds."""
        first, last = span_of(self.compiled, self.direction, self.earliest, self.latest)
        return last - first


def measure(result: Result, label: str, works: list[Work], repeats: int) -> None:
    """Check, time and add the rows of one network and window."""
    journeys = [work.check() for work in works]
    trials = [interleaved({name: lambda w=work, n=name: w.scan(n) for name in SCANS}, repeats) for work in works]
    result.rows += summarise("design", label, trials, LINEAR, NOTES)
    connections = np.median([work.n_connections() for work in works])
    each = np.median([trial[LINEAR] / work.n_connections() for trial, work in zip(trials, works, strict=True)])
    result.facts[label] = (
        f"{connections:,.0f} connections, {np.median(journeys):,.0f} journeys (medians), all four equal; "
        f"{LINEAR} {each * 1e9:.1f} ns a connection"
    )


def run(quick: bool, shared: Path | None) -> Result:
    """Measure on China (peak, whole day) and, where its tables are, on Tokyo."""
    result = Result()
    compiled = china()
    cities = CITIES[:2] if quick else CITIES
    repeats = 5 if quick else 11
    for label, span, slack in (("China, peak", PEAK, Question.slack_s), ("China, all day", DAY, DAY_SLACK_S)):
        works = [
            Work.of(compiled, way, city_targets(compiled, slug, way), span, slack)
            for slug in cities
            for way in DIRECTIONS
        ]
        measure(result, label, works, repeats)
    if shared is None or not (shared / "data" / "tokyo").is_dir():
        result.facts["Tokyo"] = "left out: its tables are not here (--shared FOLDER)"
        return result
    scale = compile_network(load_tokyo(shared / "data" / "tokyo"), default_assumptions(), footpaths=False)
    if has_repeats(scale):
        raise SystemExit("design: the Tokyo tables hold legs of no duration")
    names = TARGETS[:2] if quick else TARGETS
    for label, span, slack in (("Tokyo, peak", PEAK, Question.slack_s), ("Tokyo, all day", DAY, DAY_SLACK_S)):
        works = [
            Work.of(scale, way, {scale.network.get_station(name): 0}, span, slack)
            for name in names
            for way in DIRECTIONS
        ]
        measure(result, label, works, 3 if quick else 5)
    return result
