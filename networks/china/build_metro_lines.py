"""Lines and stations of the metros of 41 cities on 2023-12-15, from a list of August 2026 and
tables edited by hand.

`metro_openings.csv` names what opened after the day (a whole line, or the section between two
stations), and `metro_additions.csv` what the list no longer has. One station stands for one name
within 1 km; a second place of the same name has an id of its own (奥体中心 of Hangzhou and of
Shaoxing lie 37 km apart). Positions are converted from GCJ-02.
"""

from __future__ import annotations

import csv
import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from pathlib import Path

from build_names import english_name, pinyin_id

from railshed.network.datum import GCJ02, to_wgs84
from railshed.util.geodesy import great_circle_m

HERE = Path(__file__).resolve().parent
#: folder of the raw list below the raw folder
LIST = Path("metro", "stations_41_cities", "cities")
#: file name of the list -> slug of the city, where they differ
SLUGS = {"haerbin": "harbin", "huhehaote": "hohhot", "wulumuqi": "urumqi", "xianggang": "hongkong"}
#: lines of Guangzhou's file that are of Foshan; its other lines stand in Guangzhou's file too
OF_FOSHAN = {"佛山2号线"}
LOOPS = {
    ("beijing", "2号线"),
    ("beijing", "10号线"),
    ("chengdu", "7号线"),
    ("zhengzhou", "5号线"),
    ("shanghai", "4号线"),
    ("chongqing", "环线"),
    ("harbin", "3号线"),
    ("xian", "8号(环)线"),
    ("guangzhou", "11号线"),
}
#: street railways and automated guideways on beams: GTFS route type 0
TRAMS = {"西郊线", "南海有轨电车1号线", "坪山云巴1号线", "云巴1号线"}
SAME_STATION_M = 1_000.0
#: a place of OpenStreetMap is used where it lies so near that of the list
SAME_PLACE_M = 500.0
_LINE_NAME = re.compile(r"(?:轨道交通|地铁)?(?P<code>[A-Z]?\d+|[A-Z]+\d*)(?:号|\(环\))*线?")


@dataclass(frozen=True)
class MetroStation:
    """A station with its WGS84 position."""

    station_id: str
    name: str
    name_en: str
    lon: float
    lat: float
    coord_source: str = "Amap list, GCJ-02 to WGS84"
    coord_confidence: str = "medium"


@dataclass(frozen=True)
class MetroLine:
    """A list of stations that trains run along, both ways; branches of a line share its
    `route_id`.
    """

    city: str
    route_id: str
    name: str
    stations: tuple[MetroStation, ...]
    #: trains run on from the last station to the first
    is_loop: bool = False
    #: lists of the same route that share a hop with this one, itself included
    n_branches: int = 1

    @property
    def places(self) -> list[tuple[float, float]]:
        """Longitudes and latitudes, of a loop with the first station again at the end."""
        stations = [*self.stations, self.stations[0]] if self.is_loop else self.stations
        return [(s.lon, s.lat) for s in stations]

    @property
    def hop_m(self) -> list[float]:
        """Straight metres from station to station."""
        return [float(great_circle_m(*a, *b)) for a, b in pairwise(self.places)]

    @property
    def is_tram(self) -> bool:
        """Whether its GTFS route type is 0."""
        return self.name in TRAMS


@dataclass
class StationTable:
    """Stations by name; one stands for a name within 1 km."""

    by_name: dict[str, list[MetroStation]] = field(default_factory=lambda: defaultdict(list))
    ids: Counter[str] = field(default_factory=Counter)

    def add(
        self, city: str, name: str, lon: float, lat: float, source: str = "", confidence: str = ""
    ) -> MetroStation:
        """Return the station of this name within 1 km, or a new one."""
        for known in self.by_name[name]:
            if great_circle_m(known.lon, known.lat, lon, lat) <= SAME_STATION_M:
                return known
        stem = f"{city}-{ascii_id(name)}"
        self.ids[stem] += 1
        station_id = stem if self.ids[stem] == 1 else f"{stem}-{self.ids[stem]}"
        station = MetroStation(
            station_id, name, station_name_en(name), round(lon, 6), round(lat, 6)
        )
        if source:
            station = replace(station, coord_source=source, coord_confidence=confidence)
        self.by_name[name].append(station)
        return station


def station_name_en(name: str) -> str:
    """Return the romanised name of a metro station."""
    plain = re.sub(r"[(（].*?[)）]", "", name).split("·")[0] or name
    for ending, word in (
        ("高铁站", " Railway Station"),
        ("火车站", " Railway Station"),
        ("客运站", " Coach Station"),
        ("站", " Station"),
        ("广场", " Square"),
        ("公园", " Park"),
    ):
        if len(plain) > len(ending) + 1 and plain.endswith(ending):
            return english_name(plain.removesuffix(ending)) + word
    return english_name(plain)


def ascii_id(name: str) -> str:
    """Return the pinyin of a name in lower case, without what stands in brackets."""
    return pinyin_id(re.sub(r"[(（].*?[)）]|[^\w]", "", name)).lower()


def read_table(name: str) -> list[dict[str, str]]:
    """Return the rows of a table edited by hand."""
    with (HERE / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def route_id_of(city: str, name: str) -> str:
    """Return an id like `chengdu-1`: the city and the number of the line, or its name in pinyin."""
    match = _LINE_NAME.match(name)
    if match is None:
        return f"{city}-{ascii_id(re.sub(r'^轨道交通|^佛山|号?线$', '', name))}"
    rest = name[match.end() :]
    branch = re.search(r"支线|空港线|东站段", rest)
    return f"{city}-{match['code'].lower()}" + (f"-{pinyin_id(branch[0])}" if branch else "")


def read_lists(raw_dir: Path) -> Iterator[tuple[str, dict[str, object]]]:
    """Yield (slug, content) of each file, Foshan's after Guangzhou's."""
    files = sorted((raw_dir / LIST).glob("*.json"), key=lambda f: (f.stem == "foshan", f.stem))
    for file in files:
        yield SLUGS.get(file.stem, file.stem), json.loads(file.read_text(encoding="utf-8"))


def read_lines(
    raw_dir: Path, places: dict[tuple[str, str, str], tuple[float, float]]
) -> list[MetroLine]:
    """Return all lines of the list, those opened after the day included.

    `places` has better WGS84 positions by (city, line, station), from OpenStreetMap.
    """
    stations, found = StationTable(), []
    seen: set[frozenset[str]] = set()
    for city, content in read_lists(raw_dir):
        at = {s["id"]: s for s in content["stations"]}  # type: ignore[attr-defined]
        names = _names(list(at.values()))
        for line in content["lines"]:  # type: ignore[attr-defined]
            name, stops = line["name"], [at[i] for i in line["stationIds"] if i in at]
            key = frozenset(names[s["id"]] for s in stops) | {str(len(stops))}
            if (city == "guangzhou" and name in OF_FOSHAN) or (city == "foshan" and key in seen):
                continue
            seen.add(key)
            made = [_station(stations, city, name, names[s["id"]], s, places) for s in stops]
            made = [s for i, s in enumerate(made) if i == 0 or s is not made[i - 1]]
            is_loop = (city, name) in LOOPS
            found.append(MetroLine(city, route_id_of(city, name), name, tuple(made), is_loop))
    return found


def _names(stops: Sequence[dict[str, object]]) -> dict[object, str]:
    """Return the name by id of the list's stations, without the terminus in brackets where a
    station has several.
    """
    stems: dict[str, set[str]] = defaultdict(set)
    for stop in stops:
        text = str(stop["name"])
        stems[text.split("(")[0]].add(text)
    names = {}
    for stop in stops:
        stem, _, rest = str(stop["name"]).partition("(")
        # 木樨地(1号线) and 木樨地(16号线) are two stations
        is_terminus = len(stems[stem]) > 1 and rest and not rest.endswith("线)")
        names[stop["id"]] = stem if is_terminus else str(stop["name"])
    return names


def _station(
    stations: StationTable,
    city: str,
    line: str,
    name: str,
    stop: dict[str, object],
    places: dict[tuple[str, str, str], tuple[float, float]],
) -> MetroStation:
    lon, lat = (
        float(v[0]) for v in to_wgs84([float(str(stop["lng"]))], [float(str(stop["lat"]))], GCJ02)
    )
    better = places.get((city, line, name))
    # nine of 530 are guesses of the source that lie up to 4.5 km off
    if better is not None and great_circle_m(lon, lat, *better) <= SAME_PLACE_M:
        return stations.add(city, name, *better, "OpenStreetMap", "high")
    return stations.add(city, name, lon, lat)


def open_lines(lines: Sequence[MetroLine], until: str = "2023-12-15") -> list[MetroLine]:
    """Return the lines without what opened after `until`, a date: whole lines, or
    sections of them.
    """
    cuts = [row for row in read_table("metro_openings.csv") if row["date"] > until]
    used: set[int] = set()
    parts = [part for line in lines for part in _cut(line, cuts, used)]
    unknown = [cuts[i] for i in range(len(cuts)) if i not in used]
    if unknown:
        raise ValueError(f"metro_openings.csv: no such line or section: {unknown[0]}")
    return with_branches(_added(parts, lines))


def _cut(line: MetroLine, cuts: Sequence[dict[str, str]], used: set[int]) -> Iterator[MetroLine]:
    """Yield the parts of the line that remain."""
    names = [s.name for s in line.stations]
    closed = set[int]()
    for i, row in enumerate(cuts):
        if (row["city"], row["line"]) != (line.city, line.name) or (
            row["from"] and row["from"] not in names
        ):
            continue
        used.add(i)
        if not row["from"]:
            return
        a, b = sorted((names.index(row["from"]), names.index(row["to"])))
        closed |= set(range(a, b))
    if not closed:
        yield line
        return
    stations = list(line.stations)
    n_hops = len(stations) if line.is_loop else len(stations) - 1
    # a cut loop begins behind its cut
    shift = max(closed) + 1 if line.is_loop else 0
    hops = [(shift + k) % len(stations) for k in range(n_hops)]
    run: list[int] = []
    for hop in [*hops, None]:
        if hop is not None and hop not in closed:
            run = run or [hop]
            run.append((hop + 1) % len(stations))
        elif run:
            yield replace(line, stations=tuple(stations[k] for k in run), is_loop=False)
            run = []


def _added(parts: list[MetroLine], lines: Sequence[MetroLine]) -> list[MetroLine]:
    """Return the parts with the stations of `metro_additions.csv` at their ends."""
    known = {(line.city, s.name): s for line in lines for s in line.stations}
    table = StationTable()
    for row in read_table("metro_additions.csv"):
        place = (row["city"], row["station"])
        if row["lon"]:
            lon, lat = float(row["lon"]), float(row["lat"])
            known[place] = table.add(
                row["city"], row["station"], lon, lat, "memory", row["confidence"]
            )
        for i, part in enumerate(parts):
            ends = (part.stations[0].name, part.stations[-1].name)
            if (part.city, part.name) == (row["city"], row["line"]) and row["next_to"] in ends:
                new = (known[place],)
                at_end = ends[1] == row["next_to"]
                parts[i] = replace(
                    part, stations=part.stations + new if at_end else new + part.stations
                )
                break
        else:
            raise ValueError(
                f"metro_additions.csv: {row['next_to']} is no end of {row['line']} of {row['city']}"
            )
    return parts


def with_branches(lines: Sequence[MetroLine]) -> list[MetroLine]:
    """Return the lines with the number of lists of their route that share a hop."""

    def hops(line: MetroLine) -> set[frozenset[str]]:
        return {frozenset((a.station_id, b.station_id)) for a, b in pairwise(line.stations)}

    by_route = defaultdict(list)
    for line in lines:
        by_route[line.route_id].append(line)
    return [
        replace(
            line,
            n_branches=sum(bool(hops(line) & hops(other)) for other in by_route[line.route_id]),
        )
        for line in lines
    ]
