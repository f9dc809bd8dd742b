"""Metros of 41 cities as GTFS tables beside those of the trains, and `metro_lines.csv`, their
register.

Beijing's trains come from its timetable, Shanghai's run times from first and last trains; all
others are run by the project's model (`railshed.run_times`). Lines are known by headway: a trip a
direction in frequencies.txt, its phase drawn when the network is loaded. A train of a loop goes
round once and then half a round on, where one may only alight: so every place of it can be reached
past the seam, and its departures are counted once.
"""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import chain, pairwise
from pathlib import Path
from statistics import fmean
from typing import Any

import build_metro_beijing as beijing
import build_metro_shanghai as shanghai
from build_metro_lines import MetroLine, MetroStation, open_lines, read_lines, read_table
from build_metro_rules import METRO_RULES, stock_of

from railshed.io.folder.lines import parse_headways
from railshed.scenario.run_times.run_times import run_times

#: file name -> (header, rows)
Tables = dict[str, tuple[Sequence[str], Any]]

ROUND_S = 15
#: mean straight spacing above which a line is taken to be of this class of headway, the first that
#: fits
CLASS_FROM_M = (("regional", 5_000.0), ("outer", 2_500.0))
#: cities whose urban lines are of class trunk; those of other cities of class city
TRUNK = {
    "shanghai",
    "guangzhou",
    "shenzhen",
    "chengdu",
    "chongqing",
    "wuhan",
    "hangzhou",
    "nanjing",
    "xian",
    "hongkong",
}
#: mean straight spacing from which a line without a known top speed is taken to run at it
TOP_FROM_M = ((120.0, 3_000.0), (100.0, 1_900.0), (80.0, 0.0))
TRAM_TYPE, METRO_TYPE = 0, 1
NO_BOARDING = "1"
REGISTER = [
    "line_id",
    "city",
    "line_zh",
    "line_en",
    "mode",
    "from",
    "to",
    "stations",
    "km_straight",
    "minutes",
    "top_kmh",
    "headways",
    "headway_source",
    "headway_confidence",
    "run_time_source",
]
MODEL, READ = "run-time model", "whole run as published, shared out by the run-time model"
OWN_TIMES, TIMETABLE = "first and last trains", "timetable of 2026"


@dataclass(frozen=True)
class Run:
    """One direction of a line: stations, and seconds since the start of arrivals and departures."""

    stations: tuple[MetroStation, ...]
    arrival_s: tuple[int, ...]
    departure_s: tuple[int, ...]
    #: at the calls from this one on one may only alight
    n_boarding: int


@dataclass(frozen=True)
class Inputs:
    """Tables edited by hand and run times that were read."""

    stock: dict[tuple[str, str], dict[str, str]]
    headways: dict[tuple[str, str], dict[str, str]]
    classes: dict[str, dict[str, str]]
    shanghai_hops: shanghai.Hops


def read_inputs(raw_dir: Path) -> Inputs:
    """Return the inputs of all lines."""
    rows = read_table("metro_headways.csv")
    return Inputs(
        {(row["city"], row["line"]): row for row in read_table("metro_stock.csv")},
        {(row["city"], row["line"]): row for row in rows if row["line"]},
        {row["class"]: row for row in rows if row["class"]},
        shanghai.read_hops(raw_dir),
    )


def top_kmh(line: MetroLine, inputs: Inputs) -> float:
    """Return the top speed of a line, from memory or by the distance of its stations."""
    row = inputs.stock.get((line.city, line.name))
    if row is not None:
        return float(row["top_kmh"])
    return next(top for top, least_m in TOP_FROM_M if fmean(line.hop_m) >= least_m)


def model_hops(line: MetroLine, top: float) -> list[tuple[float, float]]:
    """Return (seconds of the run, seconds of dwell at its end) of each hop by the model."""
    run = run_times(
        line.places,
        top_speed_kmh=top,
        rolling_stock=stock_of(top),
        rules=METRO_RULES,
        round_to_s=ROUND_S,
    )
    return [(hop.run_s, hop.dwell_s or METRO_RULES.dwell_s) for hop in run.hops]


def directions(line: MetroLine, inputs: Inputs) -> tuple[list[Run], str]:
    """Return the runs there and back, and where their times are from."""
    there = model_hops(line, top_kmh(line, inputs))
    whole = inputs.stock.get((line.city, line.name), {}).get("minutes")
    if whole:
        times = float(whole) * 60 / sum(run + dwell for run, dwell in there)
        there = [(run * times, dwell * times) for run, dwell in there]
    back = there[::-1]
    if line.city != shanghai.CITY or whole:
        return [_run(line, there), _run(_turned(line), back)], READ if whole else MODEL
    runs = [
        _run(way, _read(way, hops, inputs)) for way, hops in ((line, there), (_turned(line), back))
    ]
    return runs, OWN_TIMES


def _turned(line: MetroLine) -> MetroLine:
    stations = line.stations[::-1]
    # a loop begins at the same station
    return replace(line, stations=(stations[-1], *stations[:-1]) if line.is_loop else stations)


def _read(
    line: MetroLine, hops: list[tuple[float, float]], inputs: Inputs
) -> list[tuple[float, float]]:
    """Return the hops of Shanghai: read ones hold the dwell; those of the model fill gaps."""
    stations = [*line.stations, line.stations[0]] if line.is_loop else line.stations
    minutes = [
        shanghai.minutes_of(inputs.shanghai_hops, line.name, a.name, b.name)
        for a, b in pairwise(stations)
    ]
    return [
        (run + dwell, 0.0) if m is None else (m * 60, 0.0)
        for m, (run, dwell) in zip(minutes, hops, strict=True)
    ]


def _run(line: MetroLine, hops: list[tuple[float, float]]) -> Run:
    stations, n = line.stations, len(line.stations)
    if line.is_loop:
        half = n // 2
        stations, hops = (*stations, *stations[:half]), [*hops, *hops][: n + half - 1]
    arrival, departure = [0], [0]
    for run_s, dwell_s in hops:
        arrival.append(round(departure[-1] + run_s))
        departure.append(round(arrival[-1] + dwell_s))
    departure[-1] = arrival[-1]
    return Run(tuple(stations), tuple(arrival), tuple(departure), n)


def headways(line: MetroLine, inputs: Inputs) -> dict[str, str]:
    """Return the row of the table of headways that a line has: its own, or that of its class."""
    own = inputs.headways.get((line.city, line.name))
    if own is not None:
        return own
    by_spacing = next(
        (name for name, least_m in CLASS_FROM_M if fmean(line.hop_m) >= least_m), None
    )
    urban = "trunk" if line.city in TRUNK else "city"
    return inputs.classes["tram" if line.is_tram else by_spacing or urban]


def gtfs_clock(seconds: int) -> str:
    """Return HH:MM:SS, past 24:00 where needed."""
    return f"{seconds // 3600:02d}:{seconds % 3600 // 60:02d}:{seconds % 60:02d}"


class Feed:
    """Rows of the GTFS tables of the metros."""

    def __init__(self) -> None:
        self.routes: dict[str, tuple[str, str, str, int]] = {}
        self.trips: list[tuple[str, ...]] = []
        self.times: list[tuple[Any, ...]] = []
        self.frequencies: list[tuple[Any, ...]] = []
        self.register: list[dict[str, Any]] = []
        self.counts: dict[str, int] = defaultdict(int)

    def add_route(self, line: MetroLine) -> None:
        """Add the route of a line once."""
        name = line.name.split("/")[0]
        kind = TRAM_TYPE if line.is_tram else METRO_TYPE
        self.routes.setdefault(line.route_id, (line.route_id, line.city, name, kind))

    def add_run(self, line: MetroLine, trip_id: str, run: Run, start_s: int = 0) -> None:
        """Add the trip of a direction."""
        self.trips.append(
            (line.route_id, "daily", trip_id, line.name.split("/")[0], run.stations[-1].name)
        )
        for i, (station, arrival, departure) in enumerate(
            zip(run.stations, run.arrival_s, run.departure_s, strict=True)
        ):
            only_alight = NO_BOARDING if i >= run.n_boarding else ""
            times = gtfs_clock(start_s + arrival), gtfs_clock(start_s + departure)
            self.times.append((trip_id, *times, station.station_id, i + 1, only_alight))

    def add_by_headway(self, line: MetroLine, number: int, inputs: Inputs) -> None:
        """Add both directions of a line known by headway."""
        self.add_route(line)
        runs, source = directions(line, inputs)
        row = headways(line, inputs)
        for direction, run in enumerate(runs):
            trip_id = f"{line.route_id}.{number}.{direction}"
            self.add_run(line, trip_id, run)
            for period in parse_headways(row["periods"]):
                times = gtfs_clock(period.start_s), gtfs_clock(period.end_s)
                self.frequencies.append((trip_id, *times, period.headway_s * line.n_branches, 0))
        minutes = runs[0].arrival_s[-1] / 60
        if line.is_loop:
            minutes = runs[0].arrival_s[runs[0].n_boarding] / 60
        self.add_register(line, top_kmh(line, inputs), minutes, row, source)

    def add_by_timetable(
        self, line: MetroLine, timetable: Sequence[beijing.Direction], top: float
    ) -> None:
        """Add the trains of a line of Beijing: one trip for those whose calls are equally far
        apart.
        """
        self.add_route(line)
        starts: dict[tuple[Any, ...], list[int]] = defaultdict(list)
        for direction, train, stations in beijing.trains_of(line, timetable):
            apart = tuple(m - train.minutes[0] for m in train.minutes)
            starts[direction, tuple(stations), apart, train.n_boarding].append(train.minutes[0])
        for number, (direction, stations, apart, n_boarding) in enumerate(starts):
            seconds = tuple(m * 60 for m in apart)
            trip_id = f"{line.route_id}.{number}.{direction}"
            key = direction, stations, apart, n_boarding
            first = starts[key][0] * 60
            self.add_run(line, trip_id, Run(stations, seconds, seconds, n_boarding), first)
            for begin, gap, n in beijing.series(starts[key]):
                end = begin + gap * (n - 1) + 1
                self.frequencies.append(
                    (trip_id, gtfs_clock(begin * 60), gtfs_clock(end * 60), gap * 60, 1)
                )
                self.counts["trains_of_beijing"] += n
        full = max(
            (key for key in starts if key[0] == 0), key=lambda key: (key[3], len(starts[key]))
        )
        minutes = full[2][full[3] - 1]
        row = {"periods": "", "source": TIMETABLE, "confidence": "high"}
        self.add_register(line, top, minutes, row, TIMETABLE)

    def add_register(
        self, line: MetroLine, top: float, minutes: float, row: dict[str, str], source: str
    ) -> None:
        """Add the row of a line in `metro_lines.csv`."""
        names = [s.name for s in line.stations]
        values = (
            line.route_id,
            line.city,
            line.name,
            line.route_id.removeprefix(f"{line.city}-").upper(),
            "tram" if line.is_tram else "metro",
            names[0],
            names[-1],
            len(names),
            f"{sum(line.hop_m) / 1000:.1f}",
            f"{minutes:.1f}",
            f"{top:g}",
            row["periods"],
            row["source"],
            row["confidence"],
            source,
        )
        self.register.append(dict(zip(REGISTER, values, strict=True)))


def build_feed(raw_dir: Path, until: str = "2023-12-15") -> tuple[Feed, list[MetroLine]]:
    """Return the tables of all lines open on a day, and the lines."""
    inputs = read_inputs(raw_dir)
    lines = open_lines(read_lines(raw_dir, shanghai.read_places(raw_dir)), until)
    timetables = beijing.read_timetables(raw_dir)
    names = {beijing.NAMES.get(name, name): name for name in timetables}
    feed = Feed()
    numbers: dict[str, int] = defaultdict(int)
    for line in lines:
        if line.city == beijing.CITY:
            timetable = timetables[names[line.name]]
            feed.add_by_timetable(
                line, list(beijing.read_directions(timetable)), timetable["design_speed"]
            )
        else:
            feed.add_by_headway(line, numbers[line.route_id], inputs)
            numbers[line.route_id] += 1
    return feed, lines


SOURCES: list[dict[str, Any]] = [
    {
        "title": "Metro lines and stations: list of Amap's subway page, repository "
        "MDJHX2018/china-metro-visualization",
        "url": "https://github.com/MDJHX2018/china-metro-visualization",
        "date": "2026-08-14",
        "licence": "none named; only facts are used (names, order, positions turned into WGS84); "
        "no file is copied",
        "files": ["timetable.zip", "metro_lines.csv", "scenarios/metro-since-2023.toml"],
        "folder": "metro/stations_41_cities/cities",
    },
    {
        "title": "Trains of Beijing's metro, repository Mick235711/Beijing-Subway-Tools (state of "
        "2026)",
        "url": "https://github.com/Mick235711/Beijing-Subway-Tools",
        "date": "2026-08-19",
        "licence": "MIT (repository); departure times are facts of the operators, Beijing Subway "
        "and Beijing MTR",
        "files": ["timetable.zip"],
        "folder": "metro/beijing_timetable",
    },
    {
        "title": "Shanghai metro: first and last trains, repository "
        "Weishi-corroding/shanghai-metro-pathfinder",
        "url": "https://github.com/Weishi-corroding/shanghai-metro-pathfinder",
        "date": "2026-07-01",
        "licence": (
            "times: facts of the operator, no licence named; positions: ODbL 1.0, (c) "
            "OpenStreetMap contributors"
        ),
        "files": ["timetable.zip", "metro_lines.csv"],
        "folder": "metro/shanghai_times",
    },
    {
        "title": "Openings, headways, top speeds and published run times of metros: by hand, "
        "mostly from memory",
        "url": "",
        "date": "2026-11-28",
        "licence": "facts; see the source and confidence columns of each row",
        "files": [
            "metro_openings.csv",
            "metro_additions.csv",
            "metro_headways.csv",
            "metro_stock.csv",
            "transfers.csv",
        ],
    },
]


def list_sources(raw_dir: Path) -> list[dict[str, Any]]:
    """Return the sources with the raw files of their folders."""
    found = []
    for source in SOURCES:
        folder = source.get("folder")
        files = sorted((raw_dir / folder).rglob("*")) if folder else []
        raw = tuple(
            file.relative_to(raw_dir).as_posix() for file in files if file.suffix in RAW_SUFFIXES
        )
        found.append(
            {**{key: value for key, value in source.items() if key != "folder"}, "raw": raw}
        )
    return found


#: of raw files
RAW_SUFFIXES = (".json", ".json5", ".csv")
#: GTFS asks for an address of each operator; the lines are those of this page
WEB = "https://www.amap.com"
#: cities outside the 41 that a metro of another one reaches
REACHED_TOO = frozenset({"xianyang"})
#: names of cities that are not in `cities.csv`
AGENCIES = {"xuzhou": "徐州"}


def open_stations(lines: Sequence[MetroLine]) -> list[tuple[str, MetroStation]]:
    """Return (city, station) of all stations of the lines, by id."""
    found = {s.station_id: (line.city, s) for line in reversed(lines) for s in line.stations}
    return [found[station_id] for station_id in sorted(found)]


def marked(station: MetroStation, name: bool, name_en: bool) -> MetroStation:
    """Return the station with names that say that it is one of a metro, where asked for."""
    zh, en = ("(地铁)" if name else ""), (" (metro)" if name_en else "")
    return replace(station, name=station.name + zh, name_en=station.name_en + en)


def counties_of(stations: Sequence[MetroStation], counties: Any) -> list[str]:
    """Return the code of the county of each station, "" outside all."""
    import shapely

    points = shapely.points([(s.lon, s.lat) for s in stations])
    point_idx, county_idx = counties.sindex.query(points, predicate="intersects", sort=True)
    codes = dict(
        zip(point_idx[::-1].tolist(), counties["county_code"].iloc[county_idx[::-1]], strict=True)
    )
    return [str(codes.get(i, "")) for i in range(len(stations))]


def add_to(
    tables: Tables, feed: Feed, lines: Sequence[MetroLine], cities: dict[str, str], counties: Any
) -> Tables:
    """Return the tables of the trains with those of the metros; `cities` has names by slug,
    `counties` polygons.

    A metro station that has the name of a railway station is marked, so that this name stays that
    of the latter.
    """
    head, rows = tables["stops.txt"]
    trains = list(rows)
    tables = {**tables, "stops.txt": (head, trains)}
    taken, taken_en = {row[1] for row in trains}, {row[6].lower() for row in trains}
    stations = [
        marked(s, s.name in taken, s.name_en.lower() in taken_en) for _, s in open_stations(lines)
    ]
    codes = counties_of(stations, counties)
    stops = [
        (
            s.station_id,
            s.name,
            f"{s.lat:.6f}",
            f"{s.lon:.6f}",
            "0",
            "Asia/Shanghai",
            s.name_en,
            "metro",
            "bus",
            code,
            s.coord_confidence,
            s.coord_source,
        )
        for s, code in zip(stations, codes, strict=True)
    ]
    slugs = sorted({line.city for line in lines})
    more: dict[str, list[Any]] = {
        "agency.txt": [
            (f"metro-{s}", f"{cities[s]} metro", WEB, "Asia/Shanghai", "zh") for s in slugs
        ],
        "routes.txt": [
            (i, f"metro-{c}", name, f"{cities[c]} {name}", kind)
            for i, c, name, kind in feed.routes.values()
        ],
        "stops.txt": stops,
        "trips.txt": feed.trips,
        "stop_times.txt": feed.times,
    }
    joined = {
        name: (head, chain(rows, more.get(name, ()))) for name, (head, rows) in tables.items()
    }
    columns = ["trip_id", "start_time", "end_time", "headway_secs", "exact_times"]
    return {**joined, "frequencies.txt": (columns, feed.frequencies)}


def make_notes(feed: Feed, lines: Sequence[MetroLine]) -> dict[str, Any]:
    """Return what network.toml says of the metros."""
    assumed = sum(row["headway_source"].startswith("assumed") for row in feed.register)
    return {
        "cities": len({line.city for line in lines}),
        "lines": len(feed.routes),
        "stations": len(open_stations(lines)),
        "km_straight": round(sum(float(row["km_straight"]) for row in feed.register)),
        "trains_of_beijing": feed.counts["trains_of_beijing"],
        "patterns_with_assumed_headways": f"{assumed} of {len(feed.register)}",
        "beijing": (
            "state of 2026 less what opened after 2023-12-15; the service of the rest is taken to "
            "be equal; Friday's "
            "trains; times are departures in whole minutes, arrivals equal to them; without the "
            "tramway 亦庄T1线, which the list of stations lacks"
        ),
        "shanghai": "run times from first and last trains in whole minutes, dwells included",
        "others": "run times by railshed.run_times with rules fitted on Beijing: "
        "metro_validation.md",
        "loops": "a train goes round once and then half a round on, where one may only alight",
        "express_trains": "outside Beijing all trains stop everywhere",
        "not_in_the_list": "metros of other cities (南通, 芜湖, 台州, 金华, 滁州), most tramways",
    }


def write_register(path: Path, feed: Feed) -> None:
    """Write `metro_lines.csv`."""
    text = io.StringIO()
    writer = csv.DictWriter(text, REGISTER, lineterminator="\n")
    writer.writeheader()
    writer.writerows(feed.register)
    path.write_text(text.getvalue(), encoding="utf-8", newline="\n")
