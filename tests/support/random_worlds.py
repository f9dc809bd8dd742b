"""Random worlds, and changes held against full runs and circles: every cell and figure.

A world is a random network (`random_networks`), unkind on purpose, with counties, people,
employment centres (most beside a station, so that journeys end there), in some worlds metros among
the trains, lines that are added (new stations, some within a walk of old ones, new core stations,
both directions, midnight, hops and changes of no duration) and a scenario of up to three
modifications of any type.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from random import Random

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

import railshed
from railshed.circles.analysis import AnalysisInputs
from railshed.comparisons.incremental.baseline import Baseline, Change, baseline
from railshed.comparisons.incremental.counts import KINDS
from railshed.network.cities import Centre
from railshed.network.lines import Line, LineStop, Period, add_lines
from railshed.network.model import Network, Station
from railshed.scenario.apply import resolve
from railshed.scenario.files import Scenario
from railshed.util.errors import InputError
from railshed.util.units import DAY, HOUR, MINUTE
from tests.support.random_networks import DATE, random_network, random_targets, span, to_model
from tests.support.random_scenarios import TYPES, canonical, modification, scenario
from tests.support.random_scenarios import line as scenario_line
from tests.support.reference import RefNetwork

CLASSES = ("hub", "medium", "small", "halt", "metro", "metro")
FEEDERS = ("bus", "bus", "bus", "metro")
HOPS = (1, 60, 120, 180, 300, 600, 601)
CELL_DEG = 1 / 12
ONLY_ADDING = ("add-trips", "add-trips", "add-core-station")


@dataclass(frozen=True)
class World:
    """A network with one city, a direction, lines to add, and a scenario."""

    network: Network
    direction: str
    lines: tuple[Line, ...]
    seed: int
    scenario: Scenario


def world(seed: int) -> World:
    """Return the world of a seed."""
    rng = Random(seed)
    net = random_network(rng, max_stations=10, max_trips=30)
    if rng.random() < 0.8:  # boarding takes a second at least, so that no second needs a full run
        net = RefNetwork(
            net.n_stations,
            net.trips,
            [max(1, c) for c in net.change_s],
            [(u, v, max(1, s)) for u, v, s in net.transfers],
        )
    first, last = (round(t / MINUTE) * MINUTE for t in span(net))
    middle = max(30 * MINUTE, min((first + last) // 2 // MINUTE * MINUTE, DAY - 30 * MINUTE))
    window = middle - rng.choice((0, 20)) * MINUTE, middle + rng.choice((5, 30)) * MINUTE
    network = to_model(
        net, targets=tuple(random_targets(rng, net)), window_to=window, window_from=window
    )
    network = replace(
        network, trips=replace(network.trips, route_types=route_types(rng, network.n_trips))
    )
    stations = placed(rng, network)
    proper = ("c0",) if rng.random() < 0.7 else ()
    ends = centres(rng, stations)
    city = replace(
        network.cities[0],
        centres=ends,
        proper_counties=proper,
        feeder=rng.choice(FEEDERS),
        role="core",
    )
    network = replace(network, stations=stations, cities=(city,))
    if rng.random() < 0.8:
        network = with_people(rng, network)
    lines = tuple(line(rng, network, k, middle) for k in range(rng.choice((1, 1, 2, 3))))
    network = canonical(network)
    direction, phases = rng.choice(("to", "to", "from", "both")), rng.randrange(5)
    return World(network, direction, lines, phases, random_scenario(rng, network, middle))


def random_scenario(rng: Random, network: Network, around: int) -> Scenario:
    """Return a scenario of up to three modifications: only adding, a line and whatever else, or
    anything.
    """
    kind = rng.choice(("adding", "a line and more", "anything", "anything"))
    types, n = ONLY_ADDING if kind == "adding" else TYPES, rng.choice((1, 1, 2, 3))
    first = [modification(rng, network, 8, ONLY_ADDING[:1])] if kind == "a line and more" else []
    made = [*first, *(modification(rng, network, k, types) for k in range(n))][:3]
    hours = max(0, around - HOUR), around + HOUR
    for k, one in enumerate(made):
        if one["type"] == "add-trips":
            made[k] = scenario_line(rng, network, f"L{k}", hours, spread=0.3)
    return scenario(*made)


def point(
    rng: Random, beside: tuple[Station, ...] = (), chance: float = 0.4
) -> tuple[float, float]:
    """Return a place in the world, by some chance a few minutes' walk from a station."""
    if beside and rng.random() < chance:
        other = rng.choice(beside)
        return round(other.lon + rng.uniform(-0.004, 0.004), 5), round(
            other.lat + rng.uniform(0.0001, 0.004), 5
        )
    return round(100 + rng.random() * 0.4, 4), round(10 + rng.random() * 0.3, 4)


def placed(rng: Random, network: Network) -> tuple[Station, ...]:
    """Return the stations with places, classes and feeders."""
    found: tuple[Station, ...] = ()
    for station in network.stations:
        lon, lat = point(rng, found)
        made = replace(
            station, lon=lon, lat=lat, station_class=rng.choice(CLASSES), feeder=rng.choice(FEEDERS)
        )
        found += (replace(made, county_code=f"c{int(lon >= 100.2) + 2 * int(lat >= 10.15)}"),)
    return found


def route_types(rng: Random, n_trips: int) -> np.ndarray:
    """Return int32 (n_trips,) route types: trains in most worlds, in others metros too."""
    some = rng.choice((0.0, 0.0, 0.4))
    found = np.array([1 if rng.random() < some else 2 for _ in range(n_trips)], np.int32)
    found.flags.writeable = False
    return found


def centres(rng: Random, stations: tuple[Station, ...]) -> tuple[Centre, ...]:
    """Return up to two employment centres, most of them beside a station."""
    n = rng.choice((0, 1, 1, 1, 2, 2))
    return tuple(Centre(f"中心{k}", f"Centre {k}", *point(rng, stations, 0.8)) for k in range(n))


def with_people(rng: Random, network: Network) -> Network:
    """Return the network with four counties, of which one may have no census, and people on source
    cells.
    """
    boxes = [
        shapely.box(
            99.6 + 0.6 * (k % 2),
            9.7 + 0.45 * (k // 2),
            100.2 + 0.6 * (k % 2),
            10.15 + 0.45 * (k // 2),
        )
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
    census = [
        float(people.loc[people.county_code == code, "people"].sum()) or np.nan for code in codes
    ]
    counties = gpd.GeoDataFrame(
        {
            "county_code": codes,
            "county": codes,
            "county_en": codes,
            "prefecture_code": ["p0", "p0", "p1", "p2"],
            "prefecture": "p",
            "prefecture_en": "p",
            "province_code": ["v0", "v0", "v0", "v1"],
            "province": "v",
            "province_en": "v",
            "population": np.round(census),
        },
        geometry=boxes,
        crs="EPSG:4326",
    )
    return replace(
        network,
        counties=counties,
        population=people,
        population_cell_deg=CELL_DEG,
        population_label="2020",
    )


def line(rng: Random, network: Network, number: int, around: int) -> Line:
    """Return a line over old and new stations with trips around a time."""
    stops: list[LineStop] = []
    for k in range(rng.randint(2, 5)):
        station = rng.choice(network.stations)
        if rng.random() < 0.3:
            lon, lat = point(rng, network.stations)
            name = f"n{number}{k}"
            station = Station(
                name,
                name,
                lon,
                lat,
                name,
                station_class=rng.choice(CLASSES),
                feeder=rng.choice(FEEDERS),
            )
        if stops and stops[-1].station.station_id == station.station_id:
            continue
        core = "core" if rng.random() < 0.08 else ""
        run = 0 if not stops else 0 if rng.random() < 0.03 else rng.choice(HOPS)
        stops.append(LineStop(station, run, rng.choice((0, 0, 30, 60)), core))
    if len(stops) < 2:
        stops.append(
            LineStop(
                next(s for s in network.stations if s.station_id != stops[0].station.station_id),
                300,
            )
        )
    start = max(0, around - rng.choice((30, 60, 120)) * MINUTE)
    period = Period(start, start + rng.choice((1, 2)) * HOUR, rng.choice((300, 600, 1200, 1800)))
    return Line(f"line{number}", f"line{number}", tuple(stops), (period,), rng.random() < 0.7)


def prepared(network: Network) -> AnalysisInputs:
    """Return the run of a world's network, on coarse cells."""
    return railshed.prepare(network, date=DATE, cell_size_m=1_000)


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
        found += [
            name for name in sorted(both) if one.cells[name].tolist() != two.cells[name].tolist()
        ]
    return found


def circle_differences(
    base: Baseline, after: AnalysisInputs, change: Change, slug: str
) -> list[str]:
    """Return in which rows a change and the circle of the changed network, on the same cells,
    differ, of one city.
    """
    direction = base.question.direction
    (before,) = (b for b in base.cities if b.slug == slug)
    figures = change.cities[slug].after if slug in change.cities else before.figures
    city = change.cities[slug].city if slug in change.cities else before.case.city
    circle = railshed.circle(after.changed(cells=base.run.cells), city, direction=direction)
    found = []
    for name, reading in circle.summary.to_dict()["readings"].items():
        for row in (r for r in reading["table"] if r["kind"] in KINDS):
            mine = figures.row(name, row["cutoff_min"], row["kind"])
            found += [
                f"{name} {row['cutoff_min']} {row['kind']} {k}"
                for k, v in mine.items()
                if row[k] != v
            ]
    press, mine = asdict(circle.summary.press), figures.row("station-to-station", 60)
    return found + [k for k in mine if mine[k] != press[k]]


def compared(
    base: Baseline, change: Change, after: AnalysisInputs, told: str, *, slugs: Sequence[str] = ()
) -> Change:
    """Return the change, once it equals a full run of the changed network, and the circles of these
    cities, or of all that change."""
    if change.method == "incremental":
        found = differences(change, base.with_network(after.compiled.network, full=True))
        assert not found, f"{told}: incremental and full differ in {', '.join(found)}"
    for slug in slugs or change.cities:
        found = circle_differences(base, after, change, slug)
        assert not found, (
            f"{told}: the {change.method} run and the circle of {slug} differ in {', '.join(found)}"
        )
    return change


def check(seed: int) -> tuple[Change, Change | None]:
    """Return the changes by the lines and by the scenario of a world, once they equal the full runs
    and the circles.

    None where the scenario has a mistake or leaves no train.
    """
    one = world(seed)
    base = baseline(prepared(one.network), ["core"], direction=one.direction, workers=1)
    after = prepared(add_lines(one.network, one.lines, seed=one.seed))
    lines = compared(
        base,
        base.with_lines(one.lines, seed=one.seed),
        after,
        f"seed {seed}, lines",
        slugs=["core"],
    )
    try:
        after = prepared(resolve(one.network, one.scenario).network)
    except InputError:
        return lines, None
    return lines, compared(
        base, base.with_scenario(one.scenario), after, f"seed {seed}, scenario", slugs=["core"]
    )
