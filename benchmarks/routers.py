"""Other routers on the timetables of the benchmarks: ferrobus and nigiri, each in a process of its own.

ferrobus knows no change times, but who changes or walks on does so only as the train leaves. It walks for the seconds
of transfers.txt, and between other stations on streets at 1.4 m/s. So it is given a street for each listed transfer,
and railshed is asked by the same rules: those walks, no change times, trains that arrive as they leave.
All stations also lie on streets to a far hub: ferrobus keeps only the largest connected part.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from measure import Result, Row, interleaved, quartiles
from numpy.typing import NDArray

from railshed import default_assumptions, write_gtfs
from railshed.kernels.matrix import MatrixQuery
from railshed.kernels.types import Timetable
from railshed.matrices.points import cut_rows, search_second
from railshed.matrices.stations import walks_from
from railshed.network.model import Network, Transfers
from railshed.routing.compile import compile_network
from railshed.routing.directions import to_kernel_time
from railshed.routing.journeys import Compiled
from railshed.util.units import MINUTE, UNREACHED

SPEED_MS = 1.4
TRANSFER_S = 600
#: what ferrobus takes from a point to the street on which it lies
SNAP_S = 1
#: beyond any number of changes within the hour
TRANSFERS = 8
OURS = {"window": "find_journeys + travel_times", "once": "single_departures"}
_WINDOW, _ONCE = "each minute of two hours", "one departure"
#: of each router: case, its call, its seconds, railshed's, what they are of
ROWS = {
    "ferrobus": (
        (_WINDOW, "120 x find_routes_one_to_many", "window_s", "window", "all stations; it takes no limit of time"),
        (_WINDOW, "range_multimodal_routing", "pair_s", "window", "one pair of stations; railshed's time is of all"),
        (_ONCE, "find_routes_one_to_many", "once_s", "once", "all stations; it takes no limit of time"),
    ),
    "pynigiri": (
        (
            _WINDOW,
            "120 x route",
            "window_s",
            "window",
            "one pair: the bindings have no one_to_all and take no interval; railshed's time is of all",
        ),
        (_ONCE, "route", "once_s", "once", "one pair of stations; railshed's time is of all"),
    ),
}
_CHILD = Path(__file__).resolve().parent / "windowpeers.py"


def add_routers(
    result: Result, workload: str, city: str, network: Network, stations: Sequence[int], span: tuple[int, int],
    bound_s: int,
) -> None:  # fmt: skip
    """Add the rows of the other routers beside railshed's on the same question, answers compared before."""
    own = compile_network(network, default_assumptions(), footpaths=False)
    with tempfile.TemporaryDirectory() as scratch:
        job = write_job(network, own, Path(scratch), stations, span, bound_s)
        if isinstance(job, str):
            result.facts["ferrobus, nigiri"] = f"left out: {job}"
            return
        for name, compiled in (("ferrobus", as_ferrobus(network)), ("pynigiri", own)):
            python = interpreter_with(name)
            if python is None:
                result.facts[name] = "left out: not installed (benchmarks/requirements.txt)"
                continue
            mine = job | {"second": job["second"] - SNAP_S} if name == "ferrobus" else job
            found = ask(python, name, mine, Path(scratch))
            told, middle = agreement(found, compiled, job)
            if middle > MINUTE:
                result.facts[f"{name}, {city}"] = f"left out: its times are {middle:.0f} s apart in the median; {told}"
                continue
            ours = [one_window(compiled, x, span, bound_s) for x in stations]
            add_rows(result, workload, city, name, found, ours)
            result.facts[f"{name}, {city}"] = (
                f"{told}; reading takes {float(found['build_s']):.1f} s, peak memory {float(found['peak_mib']):.0f} MiB"
            )


def add_rows(
    result: Result, workload: str, city: str, name: str, found: dict[str, Any], ours: list[dict[str, float]]
) -> None:
    """Add the rows of one router, each beside railshed's time for all stations."""
    for case, what, key, base, note in ROWS[name]:
        low, middle, high = quartiles(list(found[key]))
        mine = float(np.median([times[base] for times in ours]))
        row = Row(workload, f"{city}, {case}", f"{name} {what}", middle, low, high, len(found[key]), note=note)
        row.base = f"{OURS[base]} ({mine * 1e3:.3g} ms)"
        row.ratio_low, row.ratio, row.ratio_high = low / mine, middle / mine, high / mine
        result.rows.append(row)


def one_window(compiled: Compiled, station: int, span: tuple[int, int], bound_s: int) -> dict[str, float]:
    """Return railshed's seconds from one station to all: of the window, and of one departure."""

    def window() -> NDArray[np.int32]:
        found = compiled.profiles("from", {station: 0}, span, slack_s=0, bound_s=bound_s)
        return found.travel_times(span, 0)

    once = side_by_side(compiled, np.array([station], np.uint32), to_kernel_time(span[0], "to"), bound_s)
    return interleaved({"window": window, "once": once}, 7)


def side_by_side(
    compiled: Compiled, origins: NDArray[np.uint32], second: int, bound_s: int
) -> Callable[[], NDArray[np.int32]]:
    """Return the search from up to 64 stations at kernel `second`: int32 (n_origins, n_stations) seconds."""
    rows, n_runs = cut_rows(compiled.to.connections, second, second + bound_s + 1)
    timetable, ask = Timetable(rows, *compiled.to[1:]), MatrixQuery(n_runs, bound_s, 1, False)
    near, back = walks_from(compiled.to), walks_from(compiled.from_)
    out = np.empty((len(origins), compiled.network.n_stations), np.int32)

    def search() -> NDArray[np.int32]:
        search_second(timetable, ask, (near, back, near), origins, np.uint32(second), out)
        return out

    return search


def as_ferrobus(network: Network) -> Compiled:
    """Return the network by ferrobus's rules: its walks, none longer than TRANSFER_S; see above."""
    from scipy.sparse import csr_matrix
    from scipy.sparse.csgraph import dijkstra

    n, listed = network.n_stations, network.transfers
    graph = csr_matrix((np.maximum(street_m(network), 0.01), (listed.from_idx, listed.to_idx)), shape=(n, n))
    seconds = np.round(dijkstra(graph, directed=False, limit=TRANSFER_S * SPEED_MS) / SPEED_MS)
    seconds[listed.from_idx, listed.to_idx] = listed.seconds
    np.fill_diagonal(seconds, np.inf)
    start, end = np.nonzero(seconds <= TRANSFER_S)
    walks = Transfers(start.astype(np.int32), end.astype(np.int32), seconds[start, end].astype(np.int32))
    calls = replace(network.stop_times, arrival_s=network.stop_times.departure_s)
    asked = replace(network, transfers=walks, stop_times=calls)
    return compile_network(asked, default_assumptions(), change_s=0, footpaths=False)


def street_m(network: Network) -> NDArray[np.float64]:
    """Return the metres of each listed transfer on a straight line."""
    from pyproj import Geod

    lon, lat = (np.array([getattr(s, axis) for s in network.stations]) for axis in ("lon", "lat"))
    one, two = network.transfers.from_idx, network.transfers.to_idx
    return np.asarray(Geod(ellps="sphere").inv(lon[one], lat[one], lon[two], lat[two])[2])


def write_job(
    network: Network, compiled: Compiled, folder: Path, stations: Sequence[int], span: tuple[int, int], bound_s: int
) -> dict[str, Any] | str:
    """Return the job of the peers once feed and streets are written, or why they cannot be."""
    try:
        write_streets(network, folder / "streets.osm.pbf")
    except ImportError:
        return "pyosmium, which writes their streets, is not installed"
    write_gtfs(network, folder / "feed.zip")
    with zipfile.ZipFile(folder / "feed.zip") as archive:
        archive.extractall(folder / "feed")
    noon = dt.datetime.combine(compiled.date, dt.time(12), ZoneInfo(network.timezone))
    return {
        "feed": str(folder / "feed"), "zip": str(folder / "feed.zip"), "streets": str(folder / "streets.osm.pbf"),
        "date": compiled.date.isoformat(), "transfer_s": TRANSFER_S, "transfers": TRANSFERS, "bound_s": bound_s,
        "second": span[0], "minutes": (span[1] - span[0]) // MINUTE, "zero": int(noon.timestamp()) - 12 * 3600,
        "origins": [int(x) for x in stations], "targets": [int(x) for x in stations[::-1]],
    }  # fmt: skip


def write_streets(network: Network, path: Path) -> None:
    """Write a footway for each listed transfer, and one from each station to a hub far away."""
    import osmium
    from osmium.osm import mutable

    writer = osmium.SimpleWriter(str(path))
    places = [(s.lon, s.lat) for s in network.stations]
    hub = (places[0][0] + 3, places[0][1])
    for k, place in enumerate([*places, hub]):
        writer.add_node(mutable.Node(id=k + 1, location=place))
    listed = network.transfers
    pairs = {(min(a, b), max(a, b)) for a, b in zip(listed.from_idx.tolist(), listed.to_idx.tolist(), strict=True)}
    pairs |= {(k, len(places)) for k in range(len(places))}
    for k, (one, two) in enumerate(sorted(pairs)):
        writer.add_way(mutable.Way(id=k + 1, nodes=[one + 1, two + 1], tags={"highway": "footway"}))
    writer.close()


def interpreter_with(name: str) -> str | None:
    """Return the interpreter that has a peer: that of RAILSHED_PEERS, else this one; None where neither has."""
    for python in dict.fromkeys((os.environ.get("RAILSHED_PEERS", sys.executable), sys.executable)):
        if subprocess.run([python, "-c", f"import {name}"], capture_output=True, check=False).returncode == 0:
            return python
    return None


def ask(python: str, name: str, job: dict[str, Any], folder: Path) -> dict[str, Any]:
    """Return what a router answers; stop with its error."""
    path, out = folder / "job.json", folder / "answer.npz"
    path.write_text(json.dumps(job | {"out": str(out)}), encoding="utf-8")
    done = subprocess.run([python, str(_CHILD), name, str(path)], capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{name}: {done.stderr[-2000:]}")
    with np.load(out) as found:
        return {key: found[key] for key in found.files}


def agreement(found: dict[str, Any], compiled: Compiled, job: dict[str, Any]) -> tuple[str, float]:
    """Return how far the answers at the first departure agree within the hour, and the median seconds between them."""
    span = (job["second"], job["second"] + MINUTE)
    apart: list[NDArray[np.int64]] = []
    for origin, theirs in zip(job["origins"], found["times"], strict=True):
        profiles = compiled.profiles("from", {origin: 0}, span, slack_s=0, bound_s=job["bound_s"])
        ours = profiles.travel_times(span, 0)[:, 0].astype(np.int64)
        places = np.arange(len(ours)) if len(theirs) == len(ours) else np.array(job["targets"])
        both = (ours[places] < UNREACHED) & (theirs <= job["bound_s"]) & (places != origin)
        apart.append((theirs - ours[places])[both])
    later = np.concatenate(apart)
    near = float((np.abs(later) <= MINUTE).mean())
    told = (
        f"{near:.1%} of {len(later):,} times within the hour are within a minute, {(later > MINUTE).mean():.1%} later"
    )
    return told, float(np.median(np.abs(later)))
