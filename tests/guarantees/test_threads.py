"""Real threads give what one gives, byte by byte: circles and maps of one run, a baseline used by
four.
"""

from __future__ import annotations

import threading
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import geopandas as gpd
import matplotlib as mpl
import pytest
import shapely

import railshed
from railshed.comparisons.incremental.baseline import baseline
from railshed.io.opportunities.features import Reporter, read_frame
from railshed.maps.save import save_figure, settings
from railshed.maps.style import MapStyle
from railshed.report.run_folder.circle import write_circle
from railshed.scenario.files import read_scenario
from tests.support.small_networks import NEW_CORE_STATION

T = TypeVar("T")
HEADWAYS = (7, 8, 9, 11)


def at_once(jobs: Sequence[Callable[[], T]]) -> list[T]:
    """Return the result of each job, all begun together on threads of their own."""
    ready, found, failed = threading.Barrier(len(jobs)), dict[int, T](), list[BaseException]()

    def work(k: int) -> None:
        ready.wait()
        try:
            found[k] = jobs[k]()
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=work, args=(k,)) for k in range(len(jobs))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failed:
        raise failed[0]
    return [found[k] for k in range(len(jobs))]


def written(network: Any, folder: Path, **options: Any) -> dict[str, bytes]:
    """Return the files of a circle of the toy's city by name."""
    folder.mkdir()
    write_circle(railshed.circle(network, "mid", **options), folder, MapStyle("both"))
    return {file.name: file.read_bytes() for file in sorted(folder.iterdir())}


@pytest.mark.slow
@pytest.mark.parametrize("shared", ["network", "run"])
def test_two_circles_at_once_write_the_bytes_of_one(tmp_path: Path, shared: str) -> None:
    """Layers, tables and map, of one network and of one prepared run; both ways and one
    way differ.
    """
    kinds: list[dict[str, Any]] = [
        {"draws": 4},
        {"draws": 4, "direction": "both", "cutoffs": (30, 45)},
    ]
    network = railshed.load_network("toy")
    alone = [
        written(railshed.load_network("toy"), tmp_path / f"alone-{k}", **kind)
        for k, kind in enumerate(kinds)
    ]
    source = network if shared == "network" else railshed.prepare(network)
    jobs = [
        lambda k=k, kind=kind: written(source, tmp_path / f"{shared}-{k}", **kind)
        for k, kind in enumerate(kinds)
    ]
    assert at_once(jobs) == alone
    assert alone[0] != alone[1]


def changes(base: Any, plan: Any) -> str:
    """Return all that a change holds, as text."""
    change = base.with_scenario(plan, city="mid")
    return repr((change.method, change.table))


@pytest.mark.slow
def test_a_baseline_used_by_four_gives_each_what_it_gives_alone(tmp_path: Path) -> None:
    """Four headways of one line, computed from one baseline at once, twice."""
    plans = []
    for minutes in HEADWAYS:
        path = tmp_path / f"every-{minutes}.toml"
        path.write_text(
            NEW_CORE_STATION.replace("headway_minutes = 7", f"headway_minutes = {minutes}"), "utf-8"
        )
        plans.append(read_scenario(path))
    network = railshed.load_network("toy")
    alone = [changes(baseline(network, ["mid"]), plan) for plan in plans]
    base = baseline(network, ["mid"])
    jobs = [lambda plan=plan: changes(base, plan) for plan in plans]
    assert [at_once(jobs), at_once(jobs)] == [alone, alone]
    assert len(set(alone)) == len(HEADWAYS)


def test_settings_of_the_process_are_back_after_threads_drew() -> None:
    """A second thread that wants to draw while the first does sees the maps' settings to its end,
    not the user's.
    """
    began, waits, ended = (threading.Event() for _ in range(3))

    def first() -> None:
        with settings():
            began.set()
            waits.wait(0.3)  # the second comes no further than its lock
        ended.set()

    def second() -> str:
        began.wait()
        with settings():
            waits.set()
            ended.wait(0.3)
            return str(mpl.rcParams["svg.hashsalt"])

    with mpl.rc_context({"svg.hashsalt": "mine"}):
        assert at_once([first, second]) == [None, "railshed"]
        assert mpl.rcParams["svg.hashsalt"] == "mine"


@pytest.mark.slow
def test_figures_drawn_at_once_are_those_drawn_alone(tmp_path: Path) -> None:
    """Four SVG of one map, whose ids and paths depend on the settings."""
    circle = railshed.circle("toy", "mid", draws=0)
    alone = save_figure(circle.plot(), tmp_path / "alone.svg").read_bytes()
    jobs = [
        lambda k=k: save_figure(circle.plot(), tmp_path / f"{k}.svg").read_bytes() for k in range(4)
    ]
    assert at_once(jobs) == [alone] * 4


def test_filters_of_warnings_are_back_after_threads_read(tmp_path: Path) -> None:
    """Eight threads read a file of features while its warnings are recorded."""
    path = tmp_path / "p.geojson"
    gpd.GeoDataFrame({"people": [1]}, geometry=[shapely.Point(1, 2)], crs=4326).to_file(path)
    before, shown = list(warnings.filters), warnings.showwarning
    at_once([lambda: read_frame(path, None, Reporter(path.name, []))] * 8)
    assert (list(warnings.filters), warnings.showwarning) == (before, shown)
