"""Every kernel is compiled once: an array of another dtype or layout would compile it again in silence."""

from __future__ import annotations

import os
import subprocess
import sys

_SCRIPT = """
import pkgutil, importlib
import railshed, railshed.kernels
from railshed.routing import trace_rides
from railshed import api

network = railshed.load_network("toy")
city = network.cities[0].slug
for direction in ("to", "from", "both"):
    railshed.circle(network, city, direction=direction)
for rides in (None, 0, 2):
    railshed.reach(network, city=city, max_transfers=rides, direction="from")
case = api._case(railshed.prepare(network), city)
for direction in ("to", "from"):
    journeys = case.journeys("station", direction)
    for station in range(network.n_stations):
        for departure, arrival in journeys.pairs(station):
            trace_rides(journeys, station, departure, arrival)
for info in pkgutil.iter_modules(railshed.kernels.__path__):
    module = importlib.import_module(f"railshed.kernels.{info.name}")
    for name, value in vars(module).items():
        if hasattr(value, "signatures") and value.py_func.__module__ == module.__name__:
            print(name, len(value.signatures))
"""


def test_each_kernel_has_one_signature() -> None:
    """After circles in all directions, reaches with and without a limit, and traces, no kernel has two signatures."""
    env = {**os.environ, "NUMBA_DISABLE_JIT": "0", "RAILSHED_KERNEL_CACHE": "0"}
    done = subprocess.run([sys.executable, "-c", _SCRIPT], capture_output=True, text=True, env=env, check=False)
    assert done.returncode == 0, done.stderr
    counts = dict(line.split() for line in done.stdout.splitlines())
    assert len(counts) >= 15
    assert {name: n for name, n in counts.items() if n != "1"} == {}
