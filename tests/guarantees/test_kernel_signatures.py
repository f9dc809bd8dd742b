"""Every kernel is compiled once: an array of another dtype or layout would compile it again in silence.

What Python calls is the list by which the package compiles kernels when it is built.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import railshed
from railshed.kernels.build import SIGNATURES, kernels

_SCRIPT = """
import itertools, json
from dataclasses import replace
import geopandas as gpd
import numpy as np
import railshed
from railshed.kernels.build import encoded, kernels
from railshed.access.straight import Entrances, seconds_between
from railshed.assumptions.readings import get_reading
from railshed.kernels.dijkstra import Graph, many_to_all
from railshed.circles import part
from railshed.circles.study_area import cells_of, find_land
from railshed.network.lines import Line, LineStop, Period
from railshed.network.model import Station
from railshed.matrices.points import travel_time_array
from railshed.circles.polygons import circles_within
from railshed.circles.components import split_of
from railshed.access.street_graph import street_graph
from railshed.access.streets import Segments, build_streets
from railshed.circles.analysis import case_of

network = railshed.load_network("toy")
city = network.cities[0].slug
for direction in ("to", "from", "both"):
    railshed.circle(network, city, direction=direction)
for rides in (None, 0, 2):
    railshed.prepare(network).reach(city=city, max_transfers=rides, direction="from")
case = case_of(railshed.prepare(network), city)
for direction in ("to", "from"):
    journeys = case.journeys("station", direction)
    for station in range(network.n_stations):
        journeys.rides([(station, *pair) for pair in journeys.pairs(station)])
calls = network.stop_times
times = [times.copy() for times in (calls.arrival_s, calls.departure_s)]
times[0][1] = times[1][1] = times[1][0]
still = replace(network, stop_times=replace(calls, arrival_s=times[0], departure_s=times[1]))
for rides in (None, 1):
    railshed.prepare(still).reach(city=city, change_minutes=0, window=(0, 86_400), max_transfers=rides)
place = gpd.points_from_xy([s.lon for s in network.stations], [s.lat for s in network.stations])
points = gpd.GeoDataFrame({"id": range(40)}, geometry=np.resize(place, 40), crs="EPSG:4326")
for feed, minutes, rides, n in itertools.product((network, still), (None, 10), (None, 1), (2, 40)):
    query = railshed.TimeQuery(departure=int(times[1][0]), departure_time_window=minutes)
    some = points.iloc[:n]
    travel_time_array(feed, some, points, times=query, max_transfers=rides, change_minutes=0, threads=1)
stops = [LineStop(s, 600 * (k > 0), 60) for k, s in enumerate(network.stations[:4])]
new = Station("new", "new", network.stations[1].lon + 0.01, network.stations[1].lat)
stops.append(LineStop(new, 300, core_city=city))
for direction in ("to", "from", "both"):
    base = railshed.prepare(network).baseline(direction=direction)
    for some in (stops, stops[:4]):
        change = base.with_lines([Line("new", "new", tuple(some), (Period(21_600, 79_200, 600),))])
        assert change.method == "incremental" and change.cities, change
part.LARGE = 0
railshed.prepare(network, cities=[city])
compiled = railshed.prepare(network).compiled
compiled.without_runs("to", np.zeros(compiled.n_runs, bool))
graph = railshed.from_networkx(network.to_networkx())
for direction in ("to", "from", "both"):
    railshed.circle(graph, network.cities[0], direction=direction)
for rides in (None, 0, 2):
    railshed.prepare(graph, waits="sampled").reach(["mid"], max_transfers=rides)
case = case_of(railshed.prepare(graph, waits="sampled"), network.cities[0])
for direction in ("to", "from"):
    for station in range(graph.n_stations):
        case.journeys("station", direction).trace([(station, 28_800)], 1800)
    for some in (case, case_of(railshed.prepare(network), city)):
        land = find_land([some], ["to", "from"], 3600)
        for name in ("door-to-station", "turn-up-and-go"):
            split_of(some, cells_of(some, land, [direction], 3600)[direction], get_reading(name), direction)
for k in (1, 2):
    places = np.arange(k + 1, dtype=np.uint32)
    many_to_all(Graph(places, np.zeros((k, 2), np.uint32)), places, places[:-1].copy(), places[:-1].copy(), 3600)
cells = np.arange(3)
circles_within(case.grid, cells, cells, [cells], [1])
for n in (0, 1, 3):
    ends = Entrances(cells[:n] / 1e3, np.array([s.lat for s in network.stations[:n]]), ["bus"] * n)
    case.cells.around(ends.lon, ends.lat, np.full(n, 900.0))
    number = case.cells.around(ends.lon, ends.lat, np.full(n, 90.0)).pairs()[0]
    case.cells.metres(number, ends.lon, ends.lat)
    seconds_between(ends, ends, [[case.assumptions.modes["walk"]]] * n)
at, bits, kmh = np.arange(3), np.full(2, 15, np.uint8), np.full(2, 30.0)
ends = Segments(at, at / 1e3, at / 1e3, at[:-1], at[1:], np.full(2, 150.0), bits, bits, kmh, kmh)
for mode, speed in (("walk", 5), ("drive", None)):
    streets = street_graph(build_streets(ends, island_nodes=1), mode, speed)
    points = streets.snap(at / 1e3, at / 1e3)
    for towards in (True, False):
        for search in (streets.ticks, streets.nearest):
            search(points, points, 600, towards_sources=towards)
        streets.ticks([np.resize(end, 9) for end in points], points, 600, towards_sources=towards)
one = [(name, kernel) for name, kernel, _ in kernels() if kernel.signatures]
print(json.dumps({
    "counts": {name: len(kernel.signatures) for name, kernel in one},
    "types": {name: [*map(encoded, kernel.signatures[0])] for name, kernel in one},
}))
"""


HINT = (
    "the list by which kernels are compiled is not what is called; write it again with "
    "`RAILSHED_RECORD=1 python -m pytest -m slow tests/guarantees/test_kernel_signatures.py`"
)
#: of `called_by_python` what has the name of something else: only kernels call it, so no process loads it by itself
BY_KERNELS_ALONE = {"cell_times.summarise", "dijkstra.search", "dijkstra.shortest", "street_search.reach"}


def called_by_python() -> set[str]:
    """Return the kernels whose variables modules outside the folder name."""
    folder = Path(railshed.__file__).parent
    texts = [path.read_text(encoding="utf-8") for path in folder.rglob("*.py") if path.parent.name != "kernels"]
    words = {word for text in texts if "railshed.kernels" in text for word in re.findall(r"\w+", text)}
    return {name for name, kernel, variable in kernels() if variable in words}


@pytest.mark.slow
def test_each_kernel_has_one_signature() -> None:
    """After circles in all directions, reaches with and without a limit, and traces, no kernel has two signatures.

    Those that Python calls are the ones of the list; with compiled kernels those that they call were looked at when
    they were built. To record them all are compiled, without optimising, which changes no signature.
    """
    env = {**os.environ, "NUMBA_DISABLE_JIT": "0", **({"NUMBA_OPT": "0"} if os.environ.get("RAILSHED_RECORD") else {})}
    done = subprocess.run([sys.executable, "-c", _SCRIPT], capture_output=True, text=True, env=env, check=False)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout.splitlines()[-1])
    assert {name: n for name, n in found["counts"].items() if n != 1} == {}
    if os.environ.get("RAILSHED_RECORD"):
        mine = {name: found["types"][name] for name in called_by_python()}
        rows = ",\n".join(f" {json.dumps(name)}: {json.dumps(types)}" for name, types in sorted(mine.items()))
        SIGNATURES.write_text(f"{{\n{rows}\n}}\n", encoding="ascii")
    listed = json.loads(SIGNATURES.read_text(encoding="ascii"))
    assert set(listed) == called_by_python(), HINT
    called = {name: types for name, types in found["types"].items() if name in listed}
    assert set(listed) - set(called) <= BY_KERNELS_ALONE
    assert called == {name: listed[name] for name in called}, HINT
