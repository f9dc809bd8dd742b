"""Where the time of one process goes: own time by stage, imports and kernels among them.

Stages are timed by wrapping the functions named below as their modules are imported, so that nothing is imported that
the work would not; each counts its own time without that of the stages within it.
"""

from __future__ import annotations

import functools
import importlib
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Callable
from typing import Any

IMPORTS, NUMBA, WAITING = "imports", "numba and the kernels' code", "waiting for a thread"
#: "module:name" or "module:Class.name" by stage; whatever is in none of them is "glue"
STAGES = {
    "load": ("railshed.io.networks:load_network", "railshed.io.cache:load_network_once"),
    "compile": ("railshed.routing.compile:compile_network",),
    "profiles": ("railshed.routing.journeys:Compiled.profiles",),
    "minutes at stations": (
        "railshed.routing.journeys:Journeys.travel_times", "railshed.routing.profiles:station_percentiles",
        "railshed.routing.journeys:Journeys.summary",
    ),
    "access and land": (
        "railshed.circles.study_area:find_land", "railshed.circles.study_area:cells_of",
        "railshed.circles.study_area:local_times", "railshed.cells.population:locate_cells",
    ),
    "surface kernels": ("railshed.circles.surface:surface_of", "railshed.routing.journeys:Journeys.cell_trips"),
    "people": (
        "railshed.cells.population:spread_people", "railshed.circles.cell_counts:CellCounts.within",
        "railshed.circles.places:county_share",
    ),
    "polygons": ("railshed.circles.polygons:circles_within",),
    "tables": (
        "railshed.circles.places:reach_table", "railshed.circles.places:station_table",
        "railshed.circles.places:county_table", "railshed.circles.places:member_table",
        "railshed.circles.bridge:build_bridge", "railshed.circles.bridge:headline_range",
        "railshed.circles.analysis:definition_hash",
    ),
    "rail against car": ("railshed.circles.car:compare_with_car", "railshed.circles.car:CarComparison.table"),
    "what minutes are made of": ("railshed.circles.components:split_of",),
    "printing": ("railshed.report.console:show",),
    "files": (
        "railshed.api.circle:Circle.to_file", "railshed.export.formats:write_layers",
        "railshed.util.csv_json:write_csv",
        "railshed.report.run_folder.circle:write_run",
    ),
    "drawing": (
        "railshed.api.circle:Circle.plot", "railshed.api.circle:Circle.plot_car",
        "railshed.maps.style:MapStyle.write",
    ),
    NUMBA: ("numba.core.dispatcher:Dispatcher.compile",),
    WAITING: ("concurrent.futures._base:Future.result",),
}  # fmt: skip


class Stopwatch:
    """Own time by stage, over all threads."""

    def __init__(self) -> None:
        self.taken: dict[str, float] = defaultdict(float)
        self._local = threading.local()
        self._lock = threading.Lock()

    def wrap(self, stage: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """Return `function`, timed."""

        @functools.wraps(function)
        def timed(*args: Any, **kwargs: Any) -> Any:
            return self._timed(stage, function, *args, **kwargs)

        return timed

    def install(self) -> None:
        """Time every import, and the functions of `STAGES` once their modules are imported; in this process only."""
        machinery: Any = importlib._bootstrap  # type: ignore[attr-defined]
        plain = machinery._find_and_load
        waiting = {name.partition(":")[0] for names in STAGES.values() for name in names}

        def found_and_loaded(name: str, import_: Any) -> Any:
            stage = self._importing(name)
            module = plain(name, import_) if stage is None else self._timed(stage, plain, name, import_)
            for known in [n for n in waiting if n in sys.modules]:
                if not getattr(sys.modules[known].__spec__, "_initializing", False):
                    waiting.discard(known)
                    self._wrap_all(known)
            return module

        machinery._find_and_load = found_and_loaded

    def _importing(self, name: str) -> str | None:
        """Return the stage of an import: None within another of its kind."""
        outer = self._local.__dict__.get("stages", [])
        stage = NUMBA if name.partition(".")[0] in ("numba", "llvmlite") else IMPORTS
        return None if NUMBA in outer or (stage == IMPORTS and outer[-1:] == [IMPORTS]) else stage

    def _timed(self, stage: str, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        inner: list[float] = self._local.__dict__.setdefault("inner", [])
        stages: list[str] = self._local.__dict__.setdefault("stages", [])
        inner.append(0.0)
        stages.append(stage)
        started = time.perf_counter()
        try:
            return function(*args, **kwargs)
        finally:
            whole = time.perf_counter() - started
            within = inner.pop()
            stages.pop()
            if inner:
                inner[-1] += whole
            with self._lock:
                self.taken[stage] += whole - within

    def _wrap_all(self, module: str) -> None:
        for stage, names in STAGES.items():
            for path in [n.partition(":")[2] for n in names if n.partition(":")[0] == module]:
                owner_name, _, attribute = path.rpartition(".")
                owner: Any = sys.modules[module]
                owner = getattr(owner, owner_name) if owner_name else owner
                setattr(owner, attribute, self.wrap(stage, getattr(owner, attribute)))
