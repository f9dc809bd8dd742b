"""What an executor computes is what this process does, to the byte: circles, plans, rankings,
matrices, draws.
"""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from pathlib import Path
from typing import Any

import pytest

import railshed
from railshed.api.analysis import Analysis
from railshed.questions.rank.candidates import CandidateLine
from railshed.questions.rank.suggestions import LinkRules
from railshed.questions.reach.times import TimeQuery
from railshed.report.run_folder.circle import plain_circle, write_circle
from railshed.report.run_folder.comparison import ComparisonRecord
from railshed.scenario.files import scenario_from_dict
from railshed.util.csv_json import to_json
from railshed.util.executors import run_tasks
from railshed.util.processes import Processes
from tests.support import tasks
from tests.support.clirunner import Command
from tests.support.clusters import cluster

CITIES = ("mid", "east")


def line(name: str, *stops: str, minutes: int = 15) -> Any:
    period = {"start_time": "05:00", "end_time": "23:00", "headway_minutes": 15}
    added = {
        "type": "add-trips",
        "name": name,
        "stops": list(stops),
        "hop_minutes": [minutes] * (len(stops) - 1),
        "bidirectional": True,
        "frequencies": [period],
    }
    return scenario_from_dict({"title": name, "modification": [added]})


LINES = [
    line("a", "mid", "southeast"),
    line("b", "mid", "southwest"),
    line("c", "southeast", "northeast", minutes=9),
]


@pytest.fixture(scope="module", params=["1", "2", "cluster"])
def executor(request: pytest.FixtureRequest) -> Iterator[Executor]:
    with cluster() if request.param == "cluster" else Processes(int(request.param)) as found:
        yield found


class Here(dict[str, Any]):
    """What this process computes, by name: once for all executors."""

    def of(self, name: str, compute: Callable[[Executor | None], Any]) -> Any:
        """Return what `compute` gives without an executor."""
        if name not in self:
            self[name] = compute(None)
        return self[name]


@pytest.fixture(scope="module")
def here() -> Here:
    return Here()


pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning")


def files(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_circles(toy_run: Analysis, executor: Executor, here: Here, tmp_path: Path) -> None:
    """Tables, layers and files; the network of a circle is that of the run."""

    def written(given: Executor | None) -> dict[str, bytes]:
        folder = tmp_path / ("here" if given is None else "there")
        folder.mkdir()
        found = list(toy_run.circles(CITIES, draws=4, executor=given))
        assert [circle.city.slug for circle in found] == list(CITIES)
        for circle in found:
            write_circle(circle, folder, None, car=True)
            (folder / f"{circle.city.slug}.json").write_text(
                to_json(plain_circle(circle, car=True))
            )
        assert all(circle.network is toy_run.compiled.network for circle in found)
        assert all(circle.counts.land.cells is toy_run.cells for circle in found)
        return files(folder)

    mine, theirs = here.of("circles", written), written(executor)
    assert len(mine) > 4
    assert mine == theirs


def test_a_fresh_worker_compiles_no_kernel(toy_run: Analysis, executor: Executor) -> None:
    """Its arrays are those that kernels are compiled for, though they are mapped."""
    asked = {"reading": "door-to-door", "direction": "both", "cutoffs": None, "draws": 4, "seed": 0}
    cities = [toy_run.compiled.network.get_city(city) for city in CITIES]
    assert list(run_tasks(tasks.compilations, (toy_run, asked), cities, executor)) == [[], []]


@pytest.mark.slow
def test_comparisons(toy_run: Analysis, executor: Executor, here: Here) -> None:
    def compared(given: Executor | None) -> str:
        record = ComparisonRecord()
        every = list(toy_run.comparisons(CITIES, LINES[:2], executor=given))
        for comparison in (one for mine in every for one in mine):
            record.add(comparison)
        union = toy_run.unite([mine[0] for mine in every])
        return to_json([record.comparisons, record.tables(), union.table])

    assert compared(executor) == here.of("comparisons", compared)


@pytest.mark.parametrize("most", [None, 1])
def test_rankings(toy_run: Analysis, executor: Executor, here: Here, most: int | None) -> None:
    """From the baseline; and, where rides are counted, in full runs."""
    candidates = [
        CandidateLine(one.title, one, 10.0 * (k + 1), None) for k, one in enumerate(LINES)
    ]
    run = (
        toy_run if most is None else railshed.prepare(toy_run.compiled.network, max_transfers=most)
    )

    def ranked(given: Executor | None) -> dict[str, Any]:
        found: dict[str, Any] = run.rank(
            candidates, cities=CITIES, budget="30km", executor=given
        ).as_plain()
        return found

    mine = here.of(f"rankings {most}", ranked)
    assert mine["total_gain"] > 0
    assert to_json(mine) == to_json(ranked(executor))


def test_suggestions(toy_run: Analysis, executor: Executor, here: Here) -> None:
    rules = LinkRules(
        least_km=1, least_detour=0, most_trains=1_000, least_near=0, number=3, most_appraised=9
    )

    def suggested(given: Executor | None) -> Any:
        return toy_run.suggest("toy", rules=rules, executor=given)

    mine = here.of("suggestions", suggested)
    assert mine.n_appraised > 3
    assert to_json(mine.as_plain()) == to_json(suggested(executor).as_plain())


@pytest.mark.parametrize("times", ["07:30", TimeQuery(departure="07:30", departure_time_window=20)])
def test_station_matrix(toy_run: Analysis, executor: Executor, times: Any) -> None:
    here, there = (
        toy_run.station_matrix(times=times, executor=given) for given in (None, executor)
    )
    assert here.to_csv() == there.to_csv()


def test_draws(toy_run: Analysis, executor: Executor) -> None:
    here, there = (
        toy_run.inclusion("mid", n_draws=9, executor=given) for given in (None, executor)
    )
    for kind, counts in here.draws_inside.items():
        assert counts.tobytes() == there.draws_inside[kind].tobytes()
    assert to_json(here.drawn) == to_json(there.drawn)


def test_atlas(toy_run: Analysis, executor: Executor, tmp_path: Path) -> None:
    for name, given in (("here", None), ("there", executor)):
        railshed.atlas(toy_run, tmp_path / name, maps=False, executor=given)
    assert files(tmp_path / "here") == files(tmp_path / "there")


@pytest.mark.slow
def test_commands(railshed: Command, tmp_path: Path) -> None:
    """With --workers they write and print the same, run.json too."""
    printed = []
    for more in ((), ("--workers", "2")):
        folder = tmp_path / str(len(more))
        out = railshed(
            "circle",
            "mid",
            "east",
            "-n",
            "toy",
            "--days",
            "3",
            "-o",
            folder / "out",
            "--without-map",
            *more,
        )
        printed.append(out.out.replace(str(folder), ""))
    assert printed[0] == printed[1]
    assert files(tmp_path / "0") == files(tmp_path / "2")


@pytest.mark.slow
def test_a_circle_can_be_pickled(toy: railshed.Network) -> None:
    """For pools of the caller's own; what it computes later is the same."""
    circle = railshed.circle(toy, "mid", draws=2)
    again = pickle.loads(pickle.dumps(circle))
    assert again.summary.to_dict() == circle.summary.to_dict()
    assert again.sensitivity == circle.sensitivity
