"""Other routers on the timetables of `window`, each in a process of its own: ferrobus and nigiri.

ferrobus is asked by its own best calls: percent-access for a window (each minute, H3 cells part of
the call), one-to-many for one departure. It knows no change times, but who changes or walks on does
so only as the train leaves. It walks for the seconds of transfers.txt, and between other stations
on streets at 1.4 m/s. So it is given a street for each listed transfer, and railshed is asked by
the same rules: those walks, no change times, trains that arrive as they leave. All stations also
lie on streets to a far hub: ferrobus keeps only the largest connected part.

    python benchmarks/routers.py NAME JOB.json    # what the process of a router runs
"""

from __future__ import annotations

import csv
import datetime as dt
import importlib.util
import json
import os
import sys
import tempfile
import warnings
import zipfile
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from measure import ONE_THREAD, Result, apart, by_turns, peak_mib, spent
from numpy.typing import NDArray
from timetables import Timetables

from railshed import default_assumptions, write_gtfs
from railshed.network.model import Network, Transfers
from railshed.questions.reach.stations import station_array
from railshed.questions.reach.times import TimeQuery
from railshed.routing.compile import compile_network
from railshed.util.units import MINUTE, UNREACHED

#: of ferrobus: walking speed, longest walk, seconds from a point to its street, changes beyond any
#: within the hour
SPEED_MS, TRANSFER_S, SNAP_S, TRANSFERS = 1.4, 600, 1, 8
#: H3 resolution of percent-access: cells of 5 square kilometres, so that the call is the search and
#: little more
RESOLUTION = 7
WINDOW, ONCE = "each minute of two hours", "one departure"
CALL = "station_array"
_WHOLE, _PAIR = (
    "no limit of time; all stations",
    "one pair of stations: the bindings have no one-to-all and no interval",
)
#: router -> case, its call, key of its seconds, note
ROWS = {
    "ferrobus": (
        (
            WINDOW,
            "calculate_percent_access_isochrone",
            "percent",
            "its own best call: share of minutes by H3 cell",
        ),
        (WINDOW, "120 x find_routes_one_to_many", "window", _WHOLE),
        (ONCE, "find_routes_one_to_many", "once", _WHOLE),
    ),
    "pynigiri": ((WINDOW, "120 x route", "window", _PAIR), (ONCE, "route", "once", _PAIR)),
}
Job = dict[str, Any]
Call = Callable[[], object]


def add_routers(result: Result, of: Timetables, n_stations: int) -> None:
    """Add the rows of the other routers beside railshed's call on the same question, answers
    compared before.
    """
    if importlib.util.find_spec("osmium") is None:
        result.facts["ferrobus, nigiri"] = (
            "left out: pyosmium, which writes their streets, is not installed"
        )
        return
    with tempfile.TemporaryDirectory() as scratch:
        job = write_job(of, Path(scratch), of.stations[:n_stations])
        for name in ROWS:
            if importlib.util.find_spec(name) is None:
                result.facts[name] = "left out: not installed (benchmarks/requirements.txt)"
                continue
            mine = job | {"second": of.span[0] - SNAP_S} if name == "ferrobus" else job
            rules = as_ferrobus(of) if name == "ferrobus" else of
            path = Path(scratch) / f"{name}.json"
            path.write_text(json.dumps(mine), encoding="utf-8")
            found = apart("routers.py", name, path, **ONE_THREAD)
            told, middle = agreement(found["times"], rules, mine)
            if middle > MINUTE:
                result.facts[f"{name}, {of.name}"] = (
                    f"left out: {middle:.0f} s apart in the median; {told}"
                )
                continue
            for case, what, key, note in ROWS[name]:
                ours = [by_turns({CALL: ask(rules, x, case)}, 5)[CALL] for x in job["origins"]]
                trials = [
                    {CALL: mine_s, what: theirs}
                    for mine_s, each in zip(ours, found[key], strict=True)
                    for theirs in each
                ]
                notes = {
                    CALL: f"by the rules of {name}, from one station to all within the limit",
                    what: note,
                }
                result.add(f"{of.name}, {case}: {name}", trials, notes)
            reading = (
                f"reading takes {found['build_s']:.1f} s, peak memory {found['peak_mib']:.0f} MiB"
            )
            result.facts[f"{name}, {of.name}"] = f"{told}; {reading}"


def ask(of: Timetables, station: int, case: str) -> Call:
    """Return railshed's call from one station to all."""
    window = (of.span[1] - of.span[0]) // MINUTE if case == WINDOW else None
    times = TimeQuery(departure=of.span[0], departure_time_window=window)
    most = of.bound_s // MINUTE
    return partial(
        station_array, of.inputs, of.ids([station]), times=times, max_minutes=most, threads=1
    )


def as_ferrobus(of: Timetables) -> Timetables:
    """Return the timetable by ferrobus's rules: its walks, none longer than TRANSFER_S;
    see above.
    """
    from scipy.sparse import csr_matrix
    from scipy.sparse.csgraph import dijkstra

    network = of.compiled.network
    n, listed = network.n_stations, network.transfers
    graph = csr_matrix(
        (np.maximum(street_m(network), 0.01), (listed.from_idx, listed.to_idx)), shape=(n, n)
    )
    seconds = np.round(dijkstra(graph, directed=False, limit=TRANSFER_S * SPEED_MS) / SPEED_MS)
    seconds[listed.from_idx, listed.to_idx] = listed.seconds
    np.fill_diagonal(seconds, np.inf)
    start, end = np.nonzero(seconds <= TRANSFER_S)
    walks = Transfers(
        start.astype(np.int32), end.astype(np.int32), seconds[start, end].astype(np.int32)
    )
    calls = replace(network.stop_times, arrival_s=network.stop_times.departure_s)
    asked = replace(network, transfers=walks, stop_times=calls)
    compiled = compile_network(asked, default_assumptions(), change_s=0, footpaths=False)
    return replace(of, inputs=replace(of.inputs, compiled=compiled))


def street_m(network: Network) -> NDArray[np.float64]:
    """Return the metres of each listed transfer on a straight line."""
    from pyproj import Geod

    lon, lat = network.lon_lat
    one, two = network.transfers.from_idx, network.transfers.to_idx
    return np.asarray(Geod(ellps="sphere").inv(lon[one], lat[one], lon[two], lat[two])[2])


def write_job(of: Timetables, folder: Path, stations: list[int]) -> Job:
    """Write feed and streets; return the job of the routers."""
    network, date = of.compiled.network, of.compiled.date
    write_streets(network, folder / "streets.osm.pbf")
    write_gtfs(network, folder / "feed.zip")
    with zipfile.ZipFile(folder / "feed.zip") as archive:
        archive.extractall(folder / "feed")
    noon = dt.datetime.combine(date, dt.time(12), ZoneInfo(network.timezone))
    return {
        "feed": str(folder / "feed"),
        "zip": str(folder / "feed.zip"),
        "streets": str(folder / "streets.osm.pbf"),
        "date": date.isoformat(),
        "bound_s": of.bound_s,
        "second": of.span[0],
        "minutes": (of.span[1] - of.span[0]) // MINUTE,
        "zero": int(noon.timestamp()) - 12 * 3600,
        "origins": stations,
    }


def write_streets(network: Network, path: Path) -> None:
    """Write a footway for each listed transfer, and one from each station to a hub far away."""
    import osmium
    from osmium.osm import mutable

    writer = osmium.SimpleWriter(str(path))
    places = [(s.lon, s.lat) for s in network.stations]
    for k, place in enumerate([*places, (places[0][0] + 3, places[0][1])]):
        writer.add_node(mutable.Node(id=k + 1, location=place))
    listed = network.transfers
    pairs = {
        (min(a, b), max(a, b))
        for a, b in zip(listed.from_idx.tolist(), listed.to_idx.tolist(), strict=True)
    }
    pairs |= {(k, len(places)) for k in range(len(places))}
    for k, (one, two) in enumerate(sorted(pairs)):
        writer.add_way(mutable.Way(id=k + 1, nodes=[one + 1, two + 1], tags={"highway": "footway"}))
    writer.close()


def agreement(times: list[list[int]], of: Timetables, job: Job) -> tuple[str, float]:
    """Return how far the answers at the first departure agree within the hour, and the median
    seconds between them.
    """
    span, apart_s = (job["second"], job["second"] + MINUTE), []
    for origin, answer in zip(job["origins"], times, strict=True):
        found = of.compiled.profiles("from", {origin: 0}, span, slack_s=0, bound_s=of.bound_s)
        ours, theirs = found.travel_times(span, 0)[:, 0].astype(np.int64), np.array(answer)
        places = np.arange(len(ours)) if len(theirs) == len(ours) else np.array(job["origins"])
        both = (ours[places] < UNREACHED) & (theirs <= of.bound_s) & (places != origin)
        apart_s.append((theirs - ours[places])[both])
    later = np.concatenate(apart_s)
    near, after = float((np.abs(later) <= MINUTE).mean()), float((later > MINUTE).mean())
    told = (
        f"{near:.1%} of {len(later):,} times within the hour are within a minute, {after:.1%} later"
    )
    return told, float(np.median(np.abs(later)))


def taken(call: Call, repeats: int = 3) -> float:
    """Return the median processor seconds of a call, warmed."""
    call()
    return float(np.median([spent(call) for _ in range(repeats)]))


def run_ferrobus(job: Job) -> Job:
    """Ask ferrobus: all stations at one departure, and at each minute by one-to-many and by
    percent-access.
    """
    import ferrobus

    with (Path(job["feed"]) / "stops.txt").open(encoding="utf-8-sig", newline="") as file:
        places = [(float(r["stop_lat"]), float(r["stop_lon"])) for r in csv.DictReader(file)]
    found: Job = {}

    def read() -> None:
        found["model"] = ferrobus.create_transit_model(
            job["streets"], [job["feed"]], dt.date.fromisoformat(job["date"]), TRANSFER_S
        )

    built, second, n = spent(read), job["second"], job["minutes"]
    model = found.pop("model")
    points = [ferrobus.create_transit_point(*place, model, TRANSFER_S, 1) for place in places]
    (south, west), (north, east) = np.min(places, axis=0) - 0.02, np.max(places, axis=0) + 0.02
    area = f"POLYGON(({west} {south},{east} {south},{east} {north},{west} {north},{west} {south}))"
    index = ferrobus.create_isochrone_index(model, area, RESOLUTION, TRANSFER_S)

    def one_to_many(origin: int, at: int) -> list[Any]:
        answer: list[Any] = ferrobus.find_routes_one_to_many(
            model, points[origin], points, at, TRANSFERS
        )
        return answer

    def percent(origin: int) -> None:
        ferrobus.calculate_percent_access_isochrone(
            model,
            points[origin],
            (second, second + 60 * (n - 1)),
            60,
            TRANSFERS,
            job["bound_s"],
            index,
        )

    def every_minute(origin: int) -> None:
        for k in range(n):
            one_to_many(origin, second + 60 * k)

    asked = job["origins"]
    return {
        "build_s": built,
        "times": [
            [UNREACHED if r is None else r["travel_time_seconds"] for r in one_to_many(o, second)]
            for o in asked
        ],
        "once": [[taken(partial(one_to_many, o, second))] for o in asked],
        "percent": [[taken(partial(percent, o))] for o in asked],
        "window": [[taken(partial(every_minute, o), 1)] for o in asked],
    }


def run_pynigiri(job: Job) -> Job:
    """Ask nigiri for pairs: its bindings have `route` and no search to all stations."""
    import pynigiri as ng

    with (Path(job["feed"]) / "stops.txt").open(encoding="utf-8-sig", newline="") as file:
        ids = [row["stop_id"] for row in csv.DictReader(file)]
    day = dt.date.fromisoformat(job["date"])
    config, options = ng.LoaderConfig(), ng.FinalizeOptions()
    config.link_stop_distance = 0
    options.adjust_footpaths = options.merge_dupes_inter_src = options.merge_dupes_intra_src = False
    dates = [(day + dt.timedelta(days=k)).isoformat() for k in (-1, 1)]
    found: Job = {}

    def read() -> None:
        found["timetable"] = ng.load_timetable(
            [ng.TimetableSource("0", job["zip"], config)], *dates, options
        )

    log, sink = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    os.dup2(sink, 2)
    built = spent(read)
    os.dup2(log, 2)
    timetable = found.pop("timetable")
    place = [timetable.find_location(stop, ng.SourceIdx(0)) for stop in ids]

    def route(origin: int, target: int, start: int) -> Any:
        query = ng.Query()
        query.start, query.destination = (
            [ng.Offset(place[origin], 0, 0)],
            [ng.Offset(place[target], 0, 0)],
        )
        query.use_start_footpaths = True
        query.max_travel_time = job["bound_s"] // 60
        query.start_time = start
        return ng.route(timetable, query)

    minute, asked = (job["zero"] + job["second"]) // 60, job["origins"]

    def every_minute(origin: int, target: int) -> None:
        for k in range(job["minutes"]):
            route(origin, target, minute + k)

    def least(o: int, t: int) -> int:
        return (
            int(min((j.dest_time - minute for j in route(o, t, minute)), default=UNREACHED // 60))
            * 60
        )

    others = {o: [t for t in asked if t != o] for o in asked}
    return {
        "build_s": built,
        "times": [[least(o, t) for t in asked] for o in asked],
        "once": [[taken(partial(route, o, t, minute)) for t in others[o]] for o in asked],
        "window": [[taken(partial(every_minute, o, t), 1) for t in others[o]] for o in asked],
    }


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    answer = {"ferrobus": run_ferrobus, "pynigiri": run_pynigiri}[sys.argv[1]](
        json.loads(Path(sys.argv[2]).read_text(encoding="utf-8"))
    )
    print(json.dumps(answer | {"peak_mib": peak_mib()}))
