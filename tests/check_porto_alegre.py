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
from pathlib import Path
from typing import Any

import numpy as np

import porto_alegre as pa
from railshed import travel_time_array
from railshed.model import Network
from railshed.streets import Streets
from railshed.units import MINUTE, UNREACHED

DATA = Path(__file__).parents[1].parent / "shared" / "data" / "porto_alegre"
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
    answer = case.theirs("ferrobus", nearest_stops=5000, rides=8, tables=True, **job)
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
    rules |= {"change_minutes": 0, "max_transfers": 7}
    steps.append(Step(_NO_CHANGE, "ferrobus", case.ours(**rules), own))
    steps.append(
        Step(
            "stations and rides: all stations within 20 minutes and 8 rides are asked for, not the 10 nearest and 3",
            "railshed",
            steps[-1].ours,
            all_stops,
        )
    )
    compiled = pa.compiled_without_changes(case.network)
    access, walks, direct = pa.peer_legs(case.network, answer)
    legs = pa.legs_of(access, access, direct, case.n)
    steps.append(
        Step(
            "streets and snapping: ferrobus's own seconds on foot (crossings only; the part of a second of each edge "
            "is cut off; at stations the way to the street costs nothing, however far: 1,658 lie outside the extract; "
            "nor does it at either end of a walk all the way), not the nearest node", "ferrobus",
            pa.solve(compiled, legs, walks, 8), all_stops,
        )
    )  # fmt: skip
    beyond = pa.with_walk(access, walks)
    steps.append(
        Step(
            "first and last walk: a walk between stations may follow the walk from the door and stand before the walk "
            "to it, up to 40 minutes at each end", "ferrobus",
            pa.solve(compiled, pa.legs_of(beyond, beyond, direct, case.n), walks, 8), all_stops,
        )
    )  # fmt: skip
    first_only = pa.with_walk(pa.nearest_station(access), walks)
    steps.append(
        Step(
            "first station: the nearest alone, and from there by a walk between stations, however many are asked for",
            "ferrobus", pa.solve(compiled, pa.legs_of(first_only, beyond, direct, case.n), walks, 8), all_stops,
        )
    )  # fmt: skip
    return steps, int(first["again"])


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


def shares(step: Step) -> dict[str, float]:
    """Return which part of the pairs that both reach is equal, and where railshed is earlier and later."""
    both = (step.ours < UNREACHED) & (step.theirs < UNREACHED)
    apart = (step.ours - step.theirs)[both]
    return {"equal": (apart == 0).mean(), "earlier": (apart < 0).mean(), "later": (apart > 0).mean()}


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
                tail = _FERROBUS.format(again=again, pairs=case.n**2, **shares(steps[-1]))
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

_FERROBUS = """ferrobus reads no blank times ("Invalid time format"), so it was given the feed with railshed's times
filled in; "each with its own rules" leaves that rule out. It begins at the nearest station alone (its constant
`MAX_CANDIDATE_STOPS`), so a station in the other direction costs the way there and back. Asked twice in one process it
differs from itself in {again} of {pairs:,} pairs. With all its rules {equal:.1%} are the same to the second; railshed
arrives earlier in {earlier:.1%} and later in {later:.1%}. Those are journeys that ferrobus does not find, not
journeys that do not exist: on the same kind of input railshed's search agrees with cafein's in every pair, and with the
plain program of `matrix_reference.py`. Why ferrobus misses them was not found out. Where railshed is later, ferrobus
may have taken another one of several nearest stations.
"""

_TAIL = """## r5py

r5py 1.1.7 installs from PyPI, but its engine, R5, is a Java archive that r5py fetches from a release page when it is
first imported, and no package index holds it. Where only package indexes can be reached it cannot be run, so it is not
compared here.
"""


if __name__ == "__main__":
    main()
