"""Workload `serve`: processor seconds of the server of `railshed serve` a request, and its memory
over many of them.

Where nothing else runs at its start (load below QUIET), the seconds until the answer stand beside
them. Lines are drawn around a city from a seed: two to six stations, half of them new. What the
page asks for is measured: figures and the picture of one city; figures of all core cities of an
agglomeration.
"""

from __future__ import annotations

import json
import os
import random
import re
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from measure import Result, Row, child_environment, step

#: what is asked, how often, and the most processor seconds of half of the requests and of 95 in 100
ASKED: dict[str, tuple[dict[str, Any], str, int, tuple[float, float]]] = {
    "one city, with its picture: chengdu": (
        {"cities": ["chengdu"], "picture": True},
        "chengdu",
        200,
        (0.15, 0.3),
    ),
    "one city, with its picture: shanghai": (
        {"cities": ["shanghai"], "picture": True},
        "shanghai",
        200,
        (0.15, 0.3),
    ),
    "all core cities of csj": ({"region": "csj"}, "shanghai", 40, (1.0, 2.0)),
}
FIRST, MANY, MOST_GROWTH = 5, 2_000, 0.05
#: the load of the last minute below which a clock on the wall says something about the server
QUIET = 0.5


def lines(city: str, n: int, seed: int = 1) -> Iterator[dict[str, Any]]:
    """Yield scenarios of a line each, around a city."""
    from railshed import load_network

    network, rnd = load_network("china"), random.Random(seed)
    lon, lat = network.anchor(network.get_city(city))
    near = [
        s.station_id for s in network.stations if abs(s.lon - lon) < 0.8 and abs(s.lat - lat) < 0.8
    ]
    for _ in range(n):
        known = rnd.sample(near, 3)
        new = [
            {
                "name": f"n{k}",
                "lon": round(lon + rnd.uniform(-0.7, 0.7), 4),
                "lat": round(lat + rnd.uniform(-0.7, 0.7), 4),
            }
            for k in range(3)
        ]
        stops = rnd.sample([*known[1:], *new], rnd.randint(1, 5))
        every = [
            {
                "start_time": "06:00",
                "end_time": "23:00",
                "headway_minutes": rnd.choice((5, 10, 15, 30)),
            }
        ]
        run = {
            "mode": rnd.choice(("rail", "suburban", "metro")),
            "top_speed_kmh": rnd.choice((80, 120, 160, 200)),
        }
        line = {
            "type": "add-trips",
            "name": "L",
            "stops": [known[0], *stops],
            "frequencies": every,
            **run,
        }
        yield {"modification": [line]}


def run(quick: bool, shared: Path | None) -> Result:
    """Measure the requests of each kind, the first few aside."""
    result = Result()
    if not Path("/proc/self/stat").is_file():
        result.facts["serve"] = "left out: the processor time of the server is read from /proc"
        return result
    load = os.getloadavg()[0]
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        command = [
            sys.executable,
            "-m",
            "railshed",
            "serve",
            "--no-browser",
            "--port",
            "0",
            "--jobs",
            f"{folder}/jobs",
        ]
        environment = child_environment(f"{folder}/cache")
        with subprocess.Popen(
            command, stderr=subprocess.PIPE, text=True, env=environment
        ) as server:
            try:
                _measure(server, quick, result, load)
            finally:
                server.terminate()
    return result


def _measure(server: subprocess.Popen[str], quick: bool, result: Result, load: float) -> None:
    assert server.stderr is not None
    (address,) = next(found for line in server.stderr if (found := re.findall(r"http://\S+", line)))

    def ask(body: dict[str, Any]) -> tuple[float, float]:
        """Return seconds of the processor and of the clock."""
        before, start = _seconds(server.pid), time.perf_counter()
        headers = {"Content-Type": "application/json"}
        urllib.request.urlopen(
            urllib.request.Request(f"{address}changes", json.dumps(body).encode(), headers)
        ).read()
        waited = time.perf_counter() - start
        return round(_seconds(server.pid) - before, 3), waited  # the first in whole ticks of 10 ms

    for name, (body, city, n, limits) in ASKED.items():
        step(f"serve: {name}")
        drawn = lines(city, FIRST + (20 if quick else n))
        both = [ask(body | {"scenario": one}) for one in drawn][FIRST:]
        taken, waited = (sorted(seconds) for seconds in zip(*both, strict=True))
        median, most = (taken[int(share * len(taken))] for share in (0.5, 0.95))
        kept = all(value <= limit for value, limit in zip((median, most), limits, strict=True))
        most_of = f"at most {limits[0]:g} and {limits[1]:g} s: {'kept' if kept else 'NOT KEPT'}"
        note = f"95 in 100 within {most:.2f} s; {most_of}"
        if load < QUIET:
            half, nearly = (waited[int(share * len(waited))] for share in (0.5, 0.95))
            note += f"; on the wall {half:.2f} and {nearly:.2f} s (load before: {load:.2f})"
        row = Row(
            "a drawn line over HTTP",
            name,
            median,
            taken[len(taken) // 4],
            taken[3 * len(taken) // 4],
            len(taken),
        )
        row.role, row.note = "call", note
        result.rows.append(row)
    step("serve: memory")
    start, body = _mib(server.pid), ASKED["one city, with its picture: chengdu"][0]
    for one in lines("chengdu", 50 if quick else MANY, seed=2):
        ask(body | {"scenario": one})
    growth = _mib(server.pid) / start - 1
    kept = "kept" if growth <= MOST_GROWTH else "NOT KEPT"
    result.facts["memory of the server"] = (
        f"{start:,.0f} MiB, {growth:+.1%} over {50 if quick else MANY:,} requests; at most "
        f"{MOST_GROWTH:+.0%}: {kept}"
    )


def _seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _mib(pid: int) -> float:
    return (
        int(Path(f"/proc/{pid}/statm").read_text(encoding="utf-8").split()[1])
        * os.sysconf("SC_PAGE_SIZE")
        / 2**20
    )
