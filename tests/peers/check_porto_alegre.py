"""Compare railshed's travel times between the hexagons of Porto Alegre with those of other routers, rule by rule.

    python tests/check_porto_alegre.py [--data FOLDER] [--python PYTHON] [--table FILE]

cafein and ferrobus run in the interpreter PYTHON (default: this one; `pip install -r benchmarks/requirements.txt`).
Both read the same OpenStreetMap extract; each step makes one more rule the same, on the side that can be told.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from railshed import travel_time_array
from railshed.access.streets import Streets
from railshed.network.model import Network
from railshed.util.units import MINUTE, UNREACHED
from tests.peers import porto_alegre as pa
from tests.peers import porto_alegre_ferrobus as pf

DATA = Path(__file__).parents[2].parent / "shared" / "data" / "porto_alegre"
WALK_MIN = 20
_NO_CHANGE = "changes at one station take no time, not 3 minutes (buses) or more by class"


@dataclass(frozen=True)
class Step:
    """Both answers once one more rule is the same, and what that rule was."""

    rule: str
    whose: str
    ours: pa.Times
    theirs: pa.Times


@dataclass(frozen=True)
class Case:
    """What is compared, and where the peers run."""

    network: Network
    points: Any
    streets: Streets
    files: pa.Files
    python: str
    folder: Path

    def ours(self, **rules: Any) -> pa.Times:
        """Return railshed's own answer."""
        found = travel_time_array(
            self.network, self.points, departure=pa.DEPARTURE_S, streets=self.streets, **rules
        )  # fmt: skip
        return found[:, :, 0].astype(np.int64)

    def theirs(self, name: str, **job: Any) -> dict[str, Any]:
        """Return a peer's answer."""
        common = {"streets": str(self.files.streets), "points": str(self.files.points), "departure": f"{pa.DAY} 14:00"}
        return pa.ask_peer(self.python, name, common | job, self.folder)

    @property
    def n(self) -> int:
        """Number of points."""
        return len(self.points)


def cafein_steps(case: Case, filled: Path) -> list[Step]:
    """Return the comparison with cafein."""
    raw = [str(case.files.rail), str(case.files.bus)]
    zipped = [str(filled.with_suffix(".zip"))]
    own = pa.bounded(case.theirs("cafein", feeds=raw)["matrix"])
    capped = pa.bounded(
        case.theirs("cafein", feeds=raw, walk_kmh=3.6, walk_min=WALK_MIN, transfer_min=WALK_MIN)["matrix"]
    )
    answer = case.theirs(
        "cafein", feeds=zipped, walk_kmh=3.6, walk_min=WALK_MIN, transfer_min=WALK_MIN, tables=True, again=True
    )
    same = pa.bounded(answer["matrix"])
    rules: dict[str, Any] = {"walk_speed_kmh": 3.6}
    steps = [
        Step("none: each with its own rules", "", case.ours(), own),
        Step("walking speed: 3.6 km/h, not 4.5", "cafein", case.ours(**rules), own),
    ]
    rules |= dict.fromkeys(("max_walk_minutes", "max_direct_minutes", "max_transfer_minutes"), WALK_MIN)
    steps.append(
        Step(
            "longest walk: 20 minutes to, from and between stations and all the way, not 15, 10 and 120 (cafein: 120 "
            "and 20)", "both", case.ours(**rules), capped,
        )
    )  # fmt: skip
    rules |= {"change_minutes": 0}
    steps.append(Step(_NO_CHANGE, "cafein", case.ours(**rules), capped))
    steps.append(
        Step(
            "blank times: by distance, as railshed reads them, not by cafein's own rule",
            "railshed",
            steps[-1].ours,
            same,
        )
    )
    compiled = pa.compiled_without_changes(case.network)
    access, walks, direct = pa.peer_legs(case.network, answer)
    legs = pa.legs_of(access, access, direct, case.n)
    steps.append(
        Step(
            "streets and snapping: cafein's own seconds on foot (nearest point of an edge, ways that its filter keeps, "
            "each walk cut to whole seconds by its own rule), not the nearest node", "cafein",
            pa.solve(compiled, legs, walks, 8), same,
        )
    )  # fmt: skip
    beyond = pa.legs_of(access, pa.with_walk(access, walks), direct, case.n)
    steps.append(
        Step(
            "last walk: a walk between stations may stand before the walk to the door, so that 40 minutes on foot "
            "follow the last ride", "cafein", pa.solve(compiled, beyond, walks, 8), same,
        )
    )  # fmt: skip
    return steps


def ferrobus_steps(case: Case, filled: Path) -> tuple[list[Step], int]:
    """Return the comparison with ferrobus, and how many pairs differ when ferrobus is asked twice."""
    job = {"feeds": [str(filled)], "walk_min": WALK_MIN, "transfer_min": WALK_MIN, "again": True}
    first = case.theirs("ferrobus", nearest_stops=10, rides=3, **job)
    own = pa.bounded(first["matrix"])
    answer = case.theirs("ferrobus", nearest_stops=5000, rides=pf.RIDES, tables=True, **job)
    all_stops = pa.bounded(answer["matrix"])
    rules: dict[str, Any] = {"walk_speed_kmh": 5.04}
    steps = [
        Step("none: each with its own rules", "", case.ours(), own),
        Step("walking speed: 5.04 km/h, not 4.5", "ferrobus", case.ours(**rules), own),
    ]
    rules |= dict.fromkeys(("max_walk_minutes", "max_direct_minutes", "max_transfer_minutes"), WALK_MIN)
    steps.append(
        Step(
            "longest walk: 20 minutes to, from and between stations and all the way, not 15, 10 and 120", "ferrobus",
            case.ours(**rules), own,
        )
    )  # fmt: skip
    rules |= {"change_minutes": 0, "max_transfers": pf.RIDES - 1}
    steps.append(Step(_NO_CHANGE, "ferrobus", case.ours(**rules), own))
    steps.append(
        Step(
            "stations and rides: all stations within 20 minutes and 8 rides are asked for, not the 10 nearest and 3",
            "railshed",
            steps[-1].ours,
            all_stops,
        )
    )
    steps += ferrobus_rule_steps(case.network, answer, case.n, all_stops)
    return steps, int(first["again"])


def ferrobus_rule_steps(network: Network, answer: dict[str, Any], n: int, theirs: pa.Times) -> list[Step]:
    """Return the steps for the rules of ferrobus that no argument of railshed sets.

    The first four are other seconds on foot for railshed's own search; the last three need a search that has them.
    """
    compiled = pa.compiled_without_changes(network)
    access, walks, direct = pa.peer_legs(network, answer)
    kept, nearest = pa.kept_stations(access, pa.near_stations(network, answer))
    start, beyond = pa.with_walk(nearest, walks), pa.with_walk(access, walks)
    on_foot = pa.joined(direct, pa.through_stations(start, kept, network.n_stations))
    lines = pf.lines_of(network)

    def railshed(rule: str, first: pa.Pairs, last: pa.Pairs, all_the_way: pa.Pairs) -> Step:
        legs = pa.legs_of(first, last, all_the_way, n)
        return Step(rule, "ferrobus", pa.solve(compiled, legs, walks, pf.RIDES), theirs)

    def by_rounds(rule: str, rules: pf.Rules) -> Step:
        ours = pf.search(lines, nearest, kept, direct, walks, (n, network.n_stations), rules)
        return Step(rule, "ferrobus", ours, theirs)

    return [
        railshed(_FERROBUS_STREETS.format(far=int(answer["far"]), all=network.n_stations), access, access, direct),
        railshed(
            "first and last walk: a walk between stations may follow the walk from the door and stand before the walk "
            "to it, up to 40 minutes at each end", beyond, beyond, direct,
        ),
        railshed(
            "first station: the nearest alone, of several equally near the one that it took, and from there by a walk "
            "between stations, however many are asked for", start, beyond, direct,
        ),
        railshed(
            "walk all the way: also from the door to its nearest station, to another station and to the door, up to "
            "60 minutes without a ride", start, beyond, on_foot,
        ),
        by_rounds(
            "ride after walk: no walk follows a ride to a station that a walk had reached before the ride did",
            pf.Rules(chained=False, waits=False),
        ),
        by_rounds(
            "walk after walk: after a ride several walks may follow one another, by stations that rides reached too "
            "and in the order of the feed", pf.Rules(chained=True, waits=False),
        ),
        by_rounds(
            "standing trains: who alights walks or changes only when the train leaves again, 25 seconds or more later, "
            "and where one boards the train's arrival counts as one's own", pf.Rules(chained=True, waits=True),
        ),
    ]  # fmt: skip


def figures(step: Step) -> str:
    """Return the columns of one step."""
    a, b = step.ours < UNREACHED, step.theirs < UNREACHED
    both = a & b
    apart = np.abs(step.ours - step.theirs)[both]
    middle = np.median((step.ours - step.theirs)[both]) / MINUTE
    return (
        f"{both.mean():.1%} | {(a & ~b).mean():.2%} | {(b & ~a).mean():.2%} | {np.median(apart) / MINUTE:.2f} | "
        f"{np.percentile(apart, 90) / MINUTE:.2f} | {(apart <= MINUTE).mean():.1%} | {(apart == 0).mean():.1%} | "
        f"{middle:+.2f}"
    )


def example(before: Step, after: Step, ids: list[str]) -> str:
    """Return the pair that this rule explains best: far apart before, closest together after; ties by place."""
    both = np.ones(before.ours.shape, dtype=bool)
    for times in (before.ours, before.theirs, after.ours, after.theirs):
        both &= times < UNREACHED
    gain = np.where(both, np.abs(before.ours - before.theirs) - 2 * np.abs(after.ours - after.theirs), -1)
    i, j = np.unravel_index(int(gain.argmax()), gain.shape)
    if gain[i, j] <= 0:
        return ""
    told = [f"{t[i, j] / MINUTE:.1f}" for t in (before.ours, before.theirs, after.ours, after.theirs)]
    return f"{ids[i]} to {ids[j]}: {told[0]} and {told[1]} min, then {told[2]} and {told[3]}"


def table(name: str, version: str, steps: list[Step], ids: list[str]) -> str:
    """Return the table of one peer."""
    lines = [
        f"## {name} {version}",
        "",
        _COLUMNS,
        "|---|---|---|---|---|---|---|---|---|---|---|",
    ]
    for before, step in zip([None, *steps], steps, strict=False):
        shown = "" if before is None else example(before, step, ids)
        lines.append(f"| {step.rule} | {step.whose} | {figures(step)} | {shown} |")
    return "\n".join([*lines, ""])


def main() -> None:
    """Print the tables, or write them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=DATA, help="folder with the raw files of Porto Alegre")
    parser.add_argument("--python", default=sys.executable, help="interpreter in which cafein and ferrobus are")
    parser.add_argument("--table", type=Path, help="file to write")
    arguments = parser.parse_args()
    files = pa.need_data(arguments.data)
    network, points, streets = pa.load(files)
    ids = points["id"].tolist()
    parts = [_HEAD]
    with tempfile.TemporaryDirectory() as folder:
        case = Case(network, points, streets, files, arguments.python, Path(folder))
        filled = pa.write_filled_feed(network, case.folder / "filled")
        for name in ("cafein", "ferrobus"):
            version = pa.peer_version(arguments.python, name)
            if version is None:
                parts.append(f"## {name}\n\nNot installed: not compared.\n")
                continue
            print(f"{name} {version} ...", file=sys.stderr, flush=True)
            if name == "cafein":
                steps, tail = cafein_steps(case, filled), _CAFEIN
            else:
                steps, again = ferrobus_steps(case, filled)
                differ = int((steps[-1].ours != steps[-1].theirs).sum())
                changed = [f"{int((a.ours != b.ours).sum()):,}" for a, b in pairwise(steps[-4:])]
                tail = _FERROBUS.format(
                    again=again, pairs=case.n**2, differ=differ, changed="{}, {} and {}".format(*changed)
                )
            parts += [table(name, version, steps, ids), tail]
    text = "\n".join([*parts, _TAIL])
    if arguments.table:
        arguments.table.write_text(text, encoding="utf-8", newline="\n")
    else:
        print(text)


_COLUMNS = (
    "| rule made the same | whose | both reach | only railshed | only the peer | median apart, min | p90, min | "
    "within 1 min | equal | railshed minus peer, median | example: railshed and peer before, then after |"
)

_HEAD = """# railshed and other routers on Porto Alegre: every difference

Made by `python tests/check_porto_alegre.py --table tests/porto_alegre_differences.md`. Travel times from each of the
1,227 hexagons to each (1,505,529 pairs), door to door, leaving on 2019-05-13 at 14:00: rail (Trensurb) and bus (EPTC)
and the streets of one OpenStreetMap extract; times above 120 minutes count as not reached. Steps add up: each makes one
more rule the same, on the side whose rule can be told. *Whose* says whose rule both follow from then on. Where rules
differ, railshed keeps its own by default; each of the first four is an argument of `travel_time_matrix`.
"""

_CAFEIN = """With cafein's own seconds on foot and its last walk both arrive at the same second everywhere: what is
left before is streets, snapping and rules, none of it the search. railshed takes one walk after the last ride, within
the longest walk that was asked for; cafein lets two follow each other there, though not before the first ride.
"""

_FERROBUS_STREETS = (
    "streets and snapping: ferrobus's own seconds on foot (crossings only; the part of a second of each edge is cut "
    "off; the way from a station to the street costs nothing up to 20 minutes, and {far:,} of {all:,} stations, that "
    "are farther from the streets of the extract, have no walk at all; nor does it cost at either end of a walk all "
    "the way), not the nearest node"
)

_FERROBUS = """ferrobus reads no blank times ("Invalid time format"), so it was given the feed with railshed's times
filled in; "each with its own rules" leaves that rule out. It begins at the nearest station alone (its constant
`MAX_CANDIDATE_STOPS`), so a station in the other direction costs the way there and back. Asked twice in one process it
differs from itself in {again} of {pairs:,} pairs; in another process a point may begin at another of several equally
near stations, so that some figures move a little. With all its rules {differ:,} of {pairs:,} pairs differ, counting
those that only one of them reaches.

The rules were read in the source of ferrobus 0.2.1. The first four of the last seven are other seconds on foot, given
to railshed's own search. The last three are rules of the search and were put into a plain one
(`porto_alegre_ferrobus.py`); they change {changed} pairs. By the first and the third ferrobus misses journeys that
exist: one stop by bus to a station that could be walked to, and from there 20 minutes on foot. By the second it walks
farther at a time than was asked for.
"""

_TAIL = """## r5py

r5py 1.1.7 installs from PyPI, but its engine, R5, is a Java archive that r5py fetches from a release page when it is
first imported, and no package index holds it. Where only package indexes can be reached it cannot be run, so it is not
compared here.
"""


if __name__ == "__main__":
    main()
