"""Workload `reading`: a GTFS feed to a checked network, against gtfs_kit, which reads the same zip and checks nothing.

Every reading is a process of its own, warmed by a small feed that takes the paths of large ones (parents, calendar
exceptions, transfers, blank times, parts that hang together by walks), so that peak memory is its own and imports are
not timed.
gtfs_kit reads every file, shapes and fares too; railshed reads what trains need, and reports every problem. Both leave
frequencies.txt at its rows, which railshed checks as if every trip of theirs was written out. It writes them out when
their calls are first asked for, by a circle say: what that takes is a row of its own.
"""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from measure import Result, Row, child_environment, peak_mib, quartiles

if TYPE_CHECKING:
    from railshed.network.model import Network

FEEDS = (
    "gtfs/caltrain_2023.zip", "gtfs/bart_2023.zip", "gtfs/db_fernverkehr_2019.zip",
    "gtfs/mtr_hsr_hongkong_2026-01-26.zip", "gtfs/wmata_2026-04.zip", "gtfs/mexico_city_2018_freq.zip",
    "gtfs/sao_paulo_freq_sample.zip", "porto_alegre/poa_trensurb_2019.zip", "porto_alegre/poa_eptc_2019.zip",
)  # fmt: skip
WARM_FEED = {
    "agency.txt": "agency_id,agency_name,agency_url,agency_timezone\na,A,https://example.org,Europe/Berlin\n",
    "stops.txt": "stop_id,stop_name,stop_lat,stop_lon,location_type,parent_station\n"
    "s,S,50,8,1,\ns1,S 1,50,8,0,s\nt,T,50.1,8.1,0,\nu,U,50.2,8.2,0,\nv,V,50.203,8.2,0,\nw,W,50.3,8.3,0,\n",
    "routes.txt": "route_id,agency_id,route_short_name,route_long_name,route_type\nr,a,R,,2\n",
    "trips.txt": "route_id,service_id,trip_id\nr,c,p\nr,d,q\n",
    "stop_times.txt": "trip_id,arrival_time,departure_time,stop_id,stop_sequence\np,07:00:00,07:00:00,s1,1\n"
    "p,,,t,2\np,07:30:00,07:30:00,u,3\nq,08:00:00,08:00:00,v,1\nq,08:30:00,08:30:00,w,2\n",
    "calendar.txt": "service_id,monday,tuesday,wednesday,thursday,friday,saturday,sunday,start_date,end_date\n"
    "c,1,1,1,1,1,0,0,20230101,20231231\n",
    "calendar_dates.txt": "service_id,date,exception_type\nc,20230103,2\nd,20230110,1\nd,20230117,1\n",
    "transfers.txt": "from_stop_id,to_stop_id,transfer_type\ns,t,0\n",
}
OURS, PEER, TOKYO = "load_network + validate", "gtfs_kit.read_feed", "tokyo"
WRITTEN = "afterwards, once: trips by headway written out"


def read_once(contender: str, path: str) -> dict[str, Any]:
    """Return seconds, peak MiB and what was read, in this process; a small feed is read first, for the imports."""
    readers: dict[str, Any] = {PEER: read_peer, OURS: read_checked, TOKYO: read_tokyo, WRITTEN: write_out}
    reader = readers[contender]
    warm = read_peer if contender == PEER else read_checked
    with tempfile.TemporaryDirectory() as folder:
        small = Path(folder) / "small.zip"
        with zipfile.ZipFile(small, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, text in WARM_FEED.items():
                archive.writestr(name, text)
        warm(str(small))
    given = loaded(path) if contender == WRITTEN else path
    started = time.perf_counter()
    n_rows, n_issues = reader(given)
    return {"seconds": time.perf_counter() - started, "peak": peak_mib(), "rows": n_rows, "n_issues": n_issues}


def read_peer(path: str) -> tuple[int, int | None]:
    """Return the number of stop times."""
    import gtfs_kit

    return len(gtfs_kit.read_feed(path, dist_units="km").stop_times), None


def read_checked(path: str) -> tuple[int, int | None]:
    """Return the number of stop times and of issues."""
    return checked(loaded(path))


def loaded(path: str) -> Network:
    """Return the network of a feed."""
    from railshed.io.networks import load_network

    return load_network(path)


def write_out(network: Network) -> tuple[int, int | None]:
    """Return the number of stop times, every one of them in its columns."""
    return len(network.stop_times.trip_idx), None


def read_tokyo(folder: str) -> tuple[int, int | None]:
    """Return the number of stop times and of issues."""
    from tokyo import load_tokyo

    return checked(load_tokyo(Path(folder)))


def checked(network: Network) -> tuple[int, int]:
    """Return the number of stop times and of issues."""
    from railshed.network.checks import validate

    return network.n_calls, len(network.issues) + len(validate(network))


def read_apart(contender: str, path: Path, cache: str) -> dict[str, Any]:
    """Return what `read_once` finds in a fresh process."""
    command = [sys.executable, str(Path(__file__).resolve()), contender, str(path)]
    env = child_environment(cache)
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, encoding="utf-8", env=env, check=True)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def headway_rows(n_calls: int, path: Path) -> int:
    """Return the rows of stop_times.txt where they stand for more calls by headway, else 0."""
    with zipfile.ZipFile(path) as archive:
        member = next(name for name in archive.namelist() if name.endswith("stop_times.txt"))
        n_rows = archive.read(member).count(b"\n") - 1
    return n_rows if n_calls > 2 * n_rows else 0


def rows_of(case: str, runs: dict[str, Sequence[dict[str, Any]]]) -> list[Row]:
    """Return one row a contender; the ratio is taken run by run."""
    rows = []
    for name, found in runs.items():
        low, middle, high = quartiles([run["seconds"] for run in found])
        note = f"{max(run['peak'] for run in found):.0f} MiB, {found[0]['rows']:,} stop times"
        if found[0]["n_issues"] is not None:
            note += f", {found[0]['n_issues']} issues"
        row = Row("reading", case, name, middle, low, high, len(found), note=note)
        if name == PEER:
            row.base = OURS
            pairs = zip(found, runs[OURS], strict=True)
            row.ratio_low, row.ratio, row.ratio_high = quartiles([a["seconds"] / b["seconds"] for a, b in pairs])
        rows.append(row)
    return rows


def run(quick: bool, shared: Path | None) -> Result:
    """Measure, in turns."""
    result = Result()
    if shared is None or not (shared / "data" / "gtfs").is_dir():
        result.facts["feeds"] = "left out: they are not here (--shared FOLDER)"
        return result
    contenders = [OURS]
    if importlib.util.find_spec("gtfs_kit"):
        contenders.append(PEER)
    else:
        result.facts["gtfs_kit"] = "left out: not installed (pip install -r benchmarks/requirements.txt)"
    repeats = 1 if quick else 3
    with tempfile.TemporaryDirectory() as cache:
        for name in FEEDS:
            path = shared / "data" / name
            runs: dict[str, list[dict[str, Any]]] = {contender: [] for contender in contenders}
            for _ in range(repeats):
                for contender in contenders:
                    runs[contender].append(read_apart(contender, path, cache))
            n_calls = runs[OURS][0]["rows"]
            n_rows = headway_rows(n_calls, path)
            if n_rows:
                runs[WRITTEN] = [read_apart(WRITTEN, path, cache) for _ in range(repeats)]
            rows = rows_of(path.stem, runs)
            if n_rows:
                rows[0].note += f", which {n_rows:,} rows stand for"
                rows[-1].note += f", {(rows[-1].median_s or 0) / n_calls * 1e6:.3f} µs each"
            result.rows += rows
        tokyo = shared / "data" / "tokyo"
        if tokyo.is_dir():
            found = [read_apart(TOKYO, tokyo, cache) for _ in range(repeats)]
            result.rows += rows_of("tokyo (train table, 1.21 M rows)", {OURS: found})
    return result


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parent))
    print(json.dumps(read_once(*sys.argv[1:])))
