"""Added lines computed from a baseline against full runs, on random worlds: all cells and figures must be equal.

    python tests/check_incremental.py [N] [--first SEED]

A world is a random network (`random_networks`), unkind on purpose, with counties, people, employment centres and lines
that are added: new stations, some within a walk of old ones, new core stations, both directions, midnight, hops and
changes of no duration. Prints how many of the N (default 1,000) scenarios were computed incrementally, how many by a
full run and why; ends with an error at the first difference.
"""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

sys.path.insert(0, str(Path(__file__).parent))

import railshed
from railshed.incremental import Baseline, Change, baseline
from railshed.kernelcache import use_kernel_cache
from railshed.lines import Line, LineStop, Period, add_lines
from railshed.model import Centre, City, Network, Station
from railshed.runs import Run
from railshed.units import DAY, HOUR, MINUTE
from random_networks import DATE, random_network, random_targets, span, to_model
from reference import RefNetwork

CLASSES = ("hub", "medium", "small", "halt", "metro", "metro")
FEEDERS = ("bus", "bus", "bus", "metro")
HOPS = (1, 60, 120, 180, 300, 600, 601)
CELL_DEG = 1 / 12


@dataclass(frozen=True)
class World:
    """A network with one city, a direction, and lines to add."""

    network: Network
    direction: str
    lines: tuple[Line, ...]
    seed: int


def world(seed: int) -> World:
    """Return the world of a seed."""
    rng = Random(seed)
    net = random_network(rng, max_stations=10, max_trips=30)
    if rng.random() < 0.8:  # boarding takes a second at least, so that no second needs a full run
        net = RefNetwork(
            net.n_stations, net.trips, [max(1, c) for c in net.change_s],
            [(u, v, max(1, s)) for u, v, s in net.transfers],
        )  # fmt: skip
    first, last = (round(t / MINUTE) * MINUTE for t in span(net))
    middle = max(30 * MINUTE, min((first + last) // 2 // MINUTE * MINUTE, DAY - 30 * MINUTE))
    window = middle - rng.choice((0, 20)) * MINUTE, middle + rng.choice((5, 30)) * MINUTE
    network = to_model(net, targets=tuple(random_targets(rng, net)), window_to=window, window_from=window)
    stations = placed(rng, network)
    proper = ("c0",) if rng.random() < 0.7 else ()
    city = replace(
        network.cities[0], centres=centres(rng), proper_counties=proper, feeder=rng.choice(FEEDERS), role="core"
    )  # fmt: skip
    network = replace(network, stations=stations, cities=(city,))
    if rng.random() < 0.8:
        network = with_people(rng, network)
    lines = tuple(line(rng, network, k, middle) for k in range(rng.choice((1, 1, 2, 3))))
    return World(network, rng.choice(("to", "to", "from", "both")), lines, rng.randrange(5))


def point(rng: Random, beside: tuple[Station, ...] = ()) -> tuple[float, float]:
    """Return a place in the world, sometimes a few minutes' walk from a station."""
    if beside and rng.random() < 0.4:
        other = rng.choice(beside)
        return round(other.lon + rng.uniform(-0.004, 0.004), 5), round(other.lat + rng.uniform(0.0001, 0.004), 5)
    return round(100 + rng.random() * 0.4, 4), round(10 + rng.random() * 0.3, 4)


def placed(rng: Random, network: Network) -> tuple[Station, ...]:
    """Return the stations with places, classes and feeders."""
    found: tuple[Station, ...] = ()
    for station in network.stations:
        lon, lat = point(rng, found)
        made = replace(station, lon=lon, lat=lat, station_class=rng.choice(CLASSES), feeder=rng.choice(FEEDERS))
        found += (replace(made, county_code=f"c{int(lon >= 100.2) + 2 * int(lat >= 10.15)}"),)
    return found


def centres(rng: Random) -> tuple[Centre, ...]:
    """Return up to two employment centres."""
    return tuple(Centre(f"中心{k}", f"Centre {k}", *point(rng)) for k in range(rng.choice((0, 1, 1, 2))))


def with_people(rng: Random, network: Network) -> Network:
    """Return the network with four counties, of which one may have no census, and people on source cells."""
    boxes = [
        shapely.box(99.6 + 0.6 * (k % 2), 9.7 + 0.45 * (k // 2), 100.2 + 0.6 * (k % 2), 10.15 + 0.45 * (k // 2))
        for k in range(4)
    ]
    codes = [f"c{k}" for k in range(4)]
    silent = rng.choice((None, None, "c1", "c3"))
    rows = []
    for code, box in zip(codes, boxes, strict=True):
        west, south, east, north = (round(v / CELL_DEG) for v in box.bounds)
        rows += [
            ((i + 0.5) * CELL_DEG, (j + 0.5) * CELL_DEG, code, round(rng.random() * 5_000, 2))
            for i in range(west, east)
            for j in range(south, north)
            if rng.random() < 0.7 and code != silent
        ]
    people = pd.DataFrame(rows, columns=["lon", "lat", "county_code", "people"])
    census = [float(people.loc[people.county_code == code, "people"].sum()) or np.nan for code in codes]
    counties = gpd.GeoDataFrame(
        {
            "county_code": codes, "county": codes, "county_en": codes, "prefecture_code": ["p0", "p0", "p1", "p2"],
            "prefecture": "p", "prefecture_en": "p", "province_code": ["v0", "v0", "v0", "v1"], "province": "v",
            "province_en": "v", "population": np.round(census),
        },
        geometry=boxes, crs="EPSG:4326",
    )  # fmt: skip
    return replace(
        network, counties=counties, population=people, population_cell_deg=CELL_DEG, population_label="2020"
    )  # fmt: skip


def line(rng: Random, network: Network, number: int, around: int) -> Line:
    """Return a line over old and new stations with trips around a time."""
    stops: list[LineStop] = []
    for k in range(rng.randint(2, 5)):
        station = rng.choice(network.stations)
        if rng.random() < 0.3:
            lon, lat = point(rng, network.stations)
            name = f"n{number}{k}"
            station = Station(
                name, name, lon, lat, name, station_class=rng.choice(CLASSES), feeder=rng.choice(FEEDERS)
            )  # fmt: skip
        if stops and stops[-1].station.station_id == station.station_id:
            continue
        core = "core" if rng.random() < 0.08 else ""
        run = 0 if not stops else 0 if rng.random() < 0.03 else rng.choice(HOPS)
        stops.append(LineStop(station, run, rng.choice((0, 0, 30, 60)), core))
    if len(stops) < 2:
        stops.append(LineStop(next(s for s in network.stations if s.station_id != stops[0].station.station_id), 300))
    start = max(0, around - rng.choice((30, 60, 120)) * MINUTE)
    period = Period(start, start + rng.choice((1, 2)) * HOUR, rng.choice((300, 600, 1200, 1800)))
    return Line(f"line{number}", f"line{number}", tuple(stops), (period,), rng.random() < 0.7)


def made(world: World) -> tuple[Run, Baseline]:
    """Return the run and the baseline of a world, on coarse cells."""
    run = railshed.prepare(world.network, date=DATE, cell_size_m=1_000)
    return run, baseline(run, ["core"], direction=world.direction, workers=1)


def differences(some: Change, other: Change) -> list[str]:
    """Return what two changes differ in."""
    found = [] if some.cities.keys() == other.cities.keys() else ["cities"]
    if some.table != other.table:
        found.append("table")
    for slug in some.cities.keys() & other.cities.keys():
        one, two = some.cities[slug], other.cities[slug]
        found += [] if one.stations == two.stations else ["stations"]
        found += [] if one.city == two.city else ["city"]
        found += [] if one.cells.keys() == two.cells.keys() else ["readings"]
        both = one.cells.keys() & two.cells.keys()
        found += [name for name in sorted(both) if one.cells[name].tolist() != two.cells[name].tolist()]
    return found


def circle_differences(world: World, run: Run, change: Change) -> list[str]:
    """Return in which rows a change and the circle of the larger network differ."""
    city: City = world.network.cities[0]
    if "core" in change.cities:
        city = change.cities["core"].city
    after = railshed.prepare(add_lines(world.network, world.lines, seed=world.seed), date=DATE, cell_size_m=1_000)
    circle = railshed.circle(after, city, direction=world.direction)
    figures = change.cities["core"].after if "core" in change.cities else None
    if figures is None:
        circle_before = railshed.circle(run, city, direction=world.direction)
        same = all(
            circle.summary["readings"][n]["table"] == circle_before.summary["readings"][n]["table"]
            for n in circle.summary["readings"]
        )
        return [] if same else ["a change was missed"]
    found = []
    for name, reading in circle.summary["readings"].items():
        for row in reading["table"]:
            mine = figures.row(name, row["cutoff_min"], row["kind"])
            found += [f"{name} {row['cutoff_min']} {row['kind']} {k}" for k, v in mine.items() if row[k] != v]
    rung = circle.summary["bridge"][0]
    mine = figures.row("station-to-station", 60)
    found += [k for k in mine if mine[k] != rung[k]]
    return found


def check(seed: int) -> Change:
    """Return the change of a world by the baseline, once it equals the full run and the circle."""
    one = world(seed)
    run, base = made(one)
    change = base.with_lines(one.lines, seed=one.seed)
    if change.method == "incremental":
        full = base.with_network(add_lines(one.network, one.lines, seed=one.seed))
        found = differences(change, full)
        if found:
            raise SystemExit(f"seed {seed}: incremental and full differ in {', '.join(found)}")
    found = circle_differences(one, run, change)
    if found:
        raise SystemExit(f"seed {seed}: the {change.method} run and the circle differ in {', '.join(found)}")
    return change


def main() -> None:
    """Check as many scenarios as asked for."""
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("n", nargs="?", type=int, default=1_000)
    parser.add_argument("--first", type=int, default=0)
    asked = parser.parse_args()
    use_kernel_cache()
    counts: Counter[str] = Counter()
    for seed in range(asked.first, asked.first + asked.n):
        change = check(seed)
        counts[change.method if not change.why else f"full: {change.why}"] += 1
        counts["with a change"] += bool(change.cities)
    for what, n in counts.items():
        print(f"{n:5} {what}")


if __name__ == "__main__":
    main()
