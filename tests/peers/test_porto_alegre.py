"""railshed's travel times between the hexagons of Porto Alegre equal those of other routers, made
the same by rules.

cafein and ferrobus run in the interpreter RAILSHED_PEERS (default: this one; `pip install -r
benchmarks/requirements.txt`). Both read the same OpenStreetMap extract; each step makes one more
rule the same, on the side that can be told. What each rule changes stands in
`porto_alegre_differences.md`.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from railshed.access.streets import Streets
from railshed.network.model import Network
from railshed.questions.reach.points import travel_time_array
from railshed.util.units import MINUTE, UNREACHED
from tests.peers import porto_alegre as pa
from tests.peers import porto_alegre_ferrobus as pf
from tests.support.shared import SHARED, needs

pytestmark = [pytest.mark.peers, pytest.mark.slow, needs("porto_alegre")]
PYTHON = os.environ.get("RAILSHED_PEERS", sys.executable)
WALK_MIN = 20
_NO_CHANGE = "changes at one station take no time, not 3 minutes (buses) or more by class"
_FERROBUS_STREETS = (
    "streets and snapping: ferrobus's own seconds on foot (crossings only; the part of a second of "
    "each edge is cut "
    "off; the way from a station to the street costs nothing up to 20 minutes, and {far:,} of "
    "{all:,} stations, that "
    "are farther from the streets of the extract, have no walk at all; nor does it cost at either "
    "end of a walk all the way), not the nearest node"
)


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
            self.network, self.points, times=pa.DEPARTURE_S, streets=self.streets, **rules
        )
        return found[:, :, 0].astype(np.int64)

    def theirs(self, name: str, **job: Any) -> dict[str, Any]:
        """Return a peer's answer."""
        common = {
            "streets": str(self.files.streets),
            "points": str(self.files.points),
            "departure": f"{pa.DAY} 14:00",
        }
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
        case.theirs("cafein", feeds=raw, walk_kmh=3.6, walk_min=WALK_MIN, transfer_min=WALK_MIN)[
            "matrix"
        ]
    )
    answer = case.theirs(
        "cafein",
        feeds=zipped,
        walk_kmh=3.6,
        walk_min=WALK_MIN,
        transfer_min=WALK_MIN,
        tables=True,
        again=True,
    )
    same = pa.bounded(answer["matrix"])
    rules: dict[str, Any] = {"walk_speed_kmh": 3.6}
    steps = [
        Step("none: each with its own rules", "", case.ours(), own),
        Step("walking speed: 3.6 km/h, not 4.5", "cafein", case.ours(**rules), own),
    ]
    rules |= dict.fromkeys(
        ("max_walk_minutes", "max_direct_minutes", "max_transfer_minutes"), WALK_MIN
    )
    steps.append(
        Step(
            "longest walk: 20 minutes to, from and between stations and all the way, not 15, 10 "
            "and 120 (cafein: 120 and 20)",
            "both",
            case.ours(**rules),
            capped,
        )
    )
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
            "streets and snapping: cafein's own seconds on foot (nearest point of an edge, ways "
            "that its filter keeps, "
            "each walk cut to whole seconds by its own rule), not the nearest node",
            "cafein",
            pa.solve(compiled, legs, walks, 8),
            same,
        )
    )
    beyond = pa.legs_of(access, pa.with_walk(access, walks), direct, case.n)
    steps.append(
        Step(
            "last walk: a walk between stations may stand before the walk to the door, so that 40 "
            "minutes on foot follow the last ride",
            "cafein",
            pa.solve(compiled, beyond, walks, 8),
            same,
        )
    )
    return steps


def ferrobus_steps(case: Case, filled: Path) -> list[Step]:
    """Return the comparison with ferrobus, which answers the same when it is asked twice."""
    job = {"feeds": [str(filled)], "walk_min": WALK_MIN, "transfer_min": WALK_MIN, "again": True}
    first = case.theirs("ferrobus", nearest_stops=10, rides=3, **job)
    assert int(first["again"]) == 0
    own = pa.bounded(first["matrix"])
    answer = case.theirs("ferrobus", nearest_stops=5000, rides=pf.RIDES, tables=True, **job)
    all_stops = pa.bounded(answer["matrix"])
    rules: dict[str, Any] = {"walk_speed_kmh": 5.04}
    steps = [
        Step("none: each with its own rules", "", case.ours(), own),
        Step("walking speed: 5.04 km/h, not 4.5", "ferrobus", case.ours(**rules), own),
    ]
    rules |= dict.fromkeys(
        ("max_walk_minutes", "max_direct_minutes", "max_transfer_minutes"), WALK_MIN
    )
    steps.append(
        Step(
            "longest walk: 20 minutes to, from and between stations and all the way, not 15, 10 "
            "and 120",
            "ferrobus",
            case.ours(**rules),
            own,
        )
    )
    rules |= {"change_minutes": 0, "max_transfers": pf.RIDES - 1}
    steps.append(Step(_NO_CHANGE, "ferrobus", case.ours(**rules), own))
    steps.append(
        Step(
            "stations and rides: all stations within 20 minutes and 8 rides are asked for, not the "
            "10 nearest and 3",
            "railshed",
            steps[-1].ours,
            all_stops,
        )
    )
    steps += ferrobus_rule_steps(case.network, answer, case.n, all_stops)
    return steps


def ferrobus_rule_steps(
    network: Network, answer: dict[str, Any], n: int, theirs: pa.Times
) -> list[Step]:
    """Return the steps for the rules of ferrobus that no argument of railshed sets.

    The first four are other seconds on foot for railshed's own search; the last three need a search
    that has them.
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
        railshed(
            _FERROBUS_STREETS.format(far=int(answer["far"]), all=network.n_stations),
            access,
            access,
            direct,
        ),
        railshed(
            "first and last walk: a walk between stations may follow the walk from the door and "
            "stand before the walk to it, up to 40 minutes at each end",
            beyond,
            beyond,
            direct,
        ),
        railshed(
            "first station: the nearest alone, of several equally near the one that it took, and "
            "from there by a walk between stations, however many are asked for",
            start,
            beyond,
            direct,
        ),
        railshed(
            "walk all the way: also from the door to its nearest station, to another station and "
            "to the door, up to 60 minutes without a ride",
            start,
            beyond,
            on_foot,
        ),
        by_rounds(
            "ride after walk: no walk follows a ride to a station that a walk had reached before "
            "the ride did",
            pf.Rules(chained=False, waits=False),
        ),
        by_rounds(
            "walk after walk: after a ride several walks may follow one another, by stations that "
            "rides reached too and in the order of the feed",
            pf.Rules(chained=True, waits=False),
        ),
        by_rounds(
            "standing trains: who alights walks or changes only when the train leaves again, 25 "
            "seconds or more later, and where one boards the train's arrival counts as one's own",
            pf.Rules(chained=True, waits=True),
        ),
    ]


def apart(step: Step) -> tuple[int, float]:
    """Return how many pairs differ, those that only one reaches too, and the median minutes apart
    of the others.
    """
    both = (step.ours < UNREACHED) & (step.theirs < UNREACHED)
    minutes = np.abs(step.ours - step.theirs)[both] / MINUTE
    return int((step.ours != step.theirs).sum()), float(np.median(minutes))


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Case:
    """Every 50th hexagon; all where RAILSHED_ACCEPTANCE is set."""
    folder = tmp_path_factory.mktemp("porto_alegre")
    files = pa.Files.of(SHARED / "porto_alegre")
    if not os.environ.get("RAILSHED_ACCEPTANCE"):
        head, *rows = files.points.read_text(encoding="utf-8").splitlines()
        files = replace(files, points=folder / "points.csv")
        files.points.write_text("\n".join([head, *rows[::50]]) + "\n", encoding="utf-8")
    return Case(*pa.load(files), files, PYTHON, folder)


@pytest.mark.parametrize(
    ("name", "steps_of"), [("cafein", cafein_steps), ("ferrobus", ferrobus_steps)]
)
def test_all_rules_the_same_leave_no_difference(
    city: Case, name: str, steps_of: Callable[[Case, Path], list[Step]]
) -> None:
    """To the second; with each router's own rules the median pair is minutes apart."""
    if pa.peer_version(PYTHON, name) is None:
        pytest.skip(f"needs {name}: RAILSHED_PEERS names an interpreter that has it")
    steps = steps_of(city, pa.write_filled_feed(city.network, city.folder / "filled"))
    assert apart(steps[0])[1] > 1
    assert apart(steps[-1]) == (0, 0)
