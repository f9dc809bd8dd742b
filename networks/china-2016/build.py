"""Build networks/china-2016 from the raw folder: `python networks/china-2016/build.py RAW_DIR
[OUT_DIR]`.

The timetable of 2016-03-16 with the cities, people and regions of networks/china. A station is that
of 2023 which stands within a kilometre, whatever it is called now, else the one of its name, else
one of its own. Stations have the places, classes and feeders of 2023, so that the two networks
differ by their trains alone.
"""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import io
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

HERE = Path(__file__).resolve().parent
CHINA = HERE.parent / "china"
sys.path.insert(0, str(CHINA))

from build_metro import feeder_of  # noqa: E402
from build_names import english_name, pinyin_id  # noqa: E402
from train_table.read import read_traintable  # noqa: E402
from train_table.rows import TrainTableColumns  # noqa: E402

import railshed  # noqa: E402
from railshed.io.networks import network_of  # noqa: E402
from railshed.network.datum import to_wgs84  # noqa: E402
from railshed.network.lines import with_counties  # noqa: E402
from railshed.network.model import Network, Station  # noqa: E402
from railshed.network.ordering import int32  # noqa: E402
from railshed.util.geodesy import great_circle_m  # noqa: E402

RAW = "timetable_2016/timetable_2016-03-10.xlsx"
DATE = dt.date(2016, 3, 16)
#: first and last day of the lists of dates
SPAN = dt.date(2016, 1, 30), dt.date(2016, 3, 29)
#: within so many metres a station is the same, renamed or not
SAME_M = 1_000
#: of a name that another station has now: the old station of Xiangyang's east
OTHERS = ("襄阳东",)
#: stations that the list places elsewhere: midway between two others
MIDWAY = {"普安": ("庙山", "纸坊东")}
#: terminals of cities that no train of these letters serves in 2023
CORE = {"成都": "chengdu", "襄阳": "xiangyang"}
#: GTFS route type by letter, as in networks/china
ROUTE_TYPES = {"C": 103, "D": 102, "G": 101}
COLUMNS = TrainTableColumns(calendar="days", line="letter", name="code")
COPIED = ("centres.csv", "regions.csv", "boundaries.parquet", "population.parquet")
TITLE = "中国铁路 C、D、G 字头列车,2016年3月16日(星期三)"
TITLE_EN = "China Railway trains of the letters C, D and G, Wednesday 2016-03-16"
LIMITS = (
    ("人口为2020年普查，按5角分格网分布", "people of the 2020 census on 5-arc-minute cells"),
    (
        "时刻为2016-03-10所知的当日列车，不含地铁",
        "trains of the day as known on 2016-03-10; no metros",
    ),
    (
        "车站位置、等级与接驳方式同2023年网络",
        "places, classes and feeders of stations as in the network of 2023",
    ),
)


def read_trains(path: Path) -> pd.DataFrame:
    """Return the calls: train, code, letter, days, sequence, station, arrive, depart; a repeated
    code gets a number.
    """
    table = pd.read_excel(path, sheet_name="时刻表", header=0, dtype=str)
    columns = [0, 7, 8, 9, 10, 12, 13]
    table = table.iloc[:, columns].set_axis(
        ["code", "sequence", "station", "arrive", "depart", "open", "days"], axis=1
    )
    record = table["code"].notna().cumsum()
    table["code"], table["days"] = (
        table["code"].ffill(),
        table["days"].groupby(record).transform("first"),
    )
    table["days"] = table["days"].str.replace(r" 00:00:00", "", regex=False)
    nth = Counter[str]()
    ids = {}
    for number, code in table.groupby(record)["code"].first().items():
        nth[code] += 1
        ids[number] = code if nth[code] == 1 else f"{code}-{nth[code]}"
    table["train"], table["letter"] = record.map(ids), table["code"].str[0]
    table["station"] = table["station"].str.strip()
    return table[table["open"] == "True"].drop(columns="open")


def read_places(path: Path) -> dict[str, tuple[float, float]]:
    """Return lon and lat by name, WGS84."""
    table = pd.read_excel(path, sheet_name="车站", header=0, dtype=str)
    lon, lat = to_wgs84(
        table.iloc[:, 6].astype(float).to_numpy(),
        table.iloc[:, 7].astype(float).to_numpy(),
        "gcj02",
    )
    found = dict(
        zip(table.iloc[:, 1].str.strip(), zip(lon.tolist(), lat.tolist(), strict=True), strict=True)
    )
    for name, ends in MIDWAY.items():
        (west, south), (east, north) = (found[end] for end in ends)
        found[name] = (west + east) / 2, (south + north) / 2
    return found


def same_stations(
    places: Mapping[str, tuple[float, float]], names: list[str], today: Network
) -> dict[str, Station]:
    """Return by name of 2016 the station of 2023 that it is; those that are none are left out."""
    known = [s for s in today.stations if s.station_class != "metro"]
    lon, lat = np.array([(s.lon, s.lat) for s in known]).T
    by_name, found = {s.name: s for s in known}, {}
    for name in names:
        away = np.asarray(great_circle_m(*places[name], lon, lat))
        if away.min() <= SAME_M:
            found[name] = known[int(away.argmin())]
    taken = {s.station_id for s in found.values()}
    for name in names:
        station = by_name.get(name)
        if (
            name not in found
            and name not in OTHERS
            and station is not None
            and station.station_id not in taken
        ):
            found[name] = station
    if len({s.station_id for s in found.values()}) != len(found):
        raise ValueError("two stations of 2016 are one of 2023")
    return found


def new_stations(
    names: list[str], places: Mapping[str, tuple[float, float]], today: Network
) -> dict[str, Station]:
    """Return the stations that are none of 2023, by name."""
    taken, found = {s.station_id for s in today.stations}, {}
    for name in names:
        plain = pinyin_id(name)
        station_id = plain if plain not in taken else f"{plain}-2016"
        taken.add(station_id)
        lon, lat = places[name]
        found[name] = Station(station_id, name, round(lon, 6), round(lat, 6), english_name(name))
    placed = with_counties(today, list(found.values()))
    counties = today.counties.set_index("county_code")["county"]
    return {
        s.name: replace(s, feeder=feeder_of(s.name, s.county_code, counties.get(s.county_code, "")))
        for s in placed
    }


def build_network(raw_dir: Path, today: Network) -> tuple[Network, dict[str, Any]]:
    """Return the network without its places, and counts for its notes."""
    trains, places = read_trains(raw_dir / RAW), read_places(raw_dir / RAW)
    names = sorted(trains["station"].unique())
    same = same_stations(places, names, today)
    own = new_stations([name for name in names if name not in same], places, today)
    stations = same | own
    with tempfile.TemporaryDirectory() as folder:
        calls, points = Path(folder, "trains.csv"), Path(folder, "stations.csv")
        trains.to_csv(calls, index=False)
        pd.DataFrame(
            [
                (name, s.lon, s.lat, s.station_class if name in same else "")
                for name, s in stations.items()
            ],
            columns=["station", "lon", "lat", "class"],
        ).to_csv(points, index=False)
        feed = read_traintable(
            calls,
            points,
            columns=replace(COLUMNS, station_class="class"),
            date_range=SPAN,
            calendars={"ALL": "daily"},
            timezone="Asia/Shanghai",
        )
    table = feed.timetable
    served = [
        replace(stations[s.station_id], station_class=s.station_class, change_s=None)
        for s in table.stations
    ]  # the reader calls stations by their key in the table: the name
    types = int32([ROUTE_TYPES[letter] for letter in table.trips.route_ids])
    timetable = replace(
        table, stations=tuple(served), trips=replace(table.trips, route_types=types)
    )
    network = network_of(replace(feed, timetable=timetable), "china-2016", date=DATE)
    n_day = sum(network.services[k].runs_on(DATE) for k in network.trips.service_idx)
    counts = {
        "trains": network.n_trips,
        "trains_of_the_day": n_day,
        "stations": network.n_stations,
        "stations_renamed_since": sum(name != s.name for name, s in same.items()),
        "stations_not_of_2023": len(own),
        "reader": list(feed.notes),
    }
    return replace(network, title=TITLE, limits=LIMITS), counts


def core_rows(network: Network) -> Iterator[list[str]]:
    """Yield the rows of core_stations.csv: those of 2023 that are served, and the terminals of 2016
    alone.
    """
    known = {s.station_id: s for s in network.stations}
    with (CHINA / "core_stations.csv").open(encoding="utf-8-sig", newline="") as file:
        header, *rows = csv.reader(file)
    yield header
    metro = {
        s.station_id
        for s in railshed.load_network("china", areas=False).stations
        if s.station_class == "metro"
    }
    yield from (row for row in rows if row[1] in known and row[1] not in metro)
    by_name = {s.name: s.station_id for s in network.stations}
    yield from (
        [city, by_name[name], name, "high", "terminal of 2016"] for name, city in CORE.items()
    )


def csv_bytes(rows: Iterator[list[str]]) -> bytes:
    """Return rows as CSV."""
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(rows)
    return out.getvalue().encode("utf-8")


def city_rows() -> Iterator[list[str]]:
    """Yield the rows of cities.csv: those of 2023, without a metro; some have no core
    station yet.
    """
    with (CHINA / "cities.csv").open(encoding="utf-8-sig", newline="") as file:
        header, *rows = csv.reader(file)
    yield header
    yield from ([*row[:-1], "no"] for row in rows)


def main(raw_dir: Path, out_dir: Path = HERE) -> None:
    """Write all files of the network to `out_dir`."""
    today = railshed.load_network("china")
    network, counts = build_network(raw_dir, today)
    files = {name: (CHINA / name).read_bytes() for name in COPIED}
    files |= {
        "core_stations.csv": csv_bytes(core_rows(network)),
        "cities.csv": csv_bytes(city_rows()),
    }
    source = {
        "title": "12306.cn public timetable known on 2016-03-10, repository metromancn/Parse12306",
        "url": "https://github.com/metromancn/Parse12306",
        "date": "2016-03-10",
        "licence": "MIT (metromancn)",
        "files": ["timetable.zip"],
        "sha256": {RAW: hashlib.sha256((raw_dir / RAW).read_bytes()).hexdigest()},
        "credit_zh": "时刻：12306.cn，2016-03-10，metromancn/Parse12306（MIT）",
        "credit_en": "timetable: 12306.cn, 2016-03-10, metromancn/Parse12306 (MIT)",
    }
    own = {*COPIED, "core_stations.csv", "cities.csv"}
    places = [
        dict(s)
        for s in today.sources
        if own & {name.strip() for name in s.get("files", "").split(",")}
    ]
    railshed.write_network(
        replace(
            network,
            population_label=today.population_label,
            population_cell_deg=today.population_cell_deg,
        ),
        out_dir,
        title_en=TITLE_EN,
        sources=[source, *places],
        notes=counts,
        files=files,
        overwrite=True,
    )


if __name__ == "__main__":
    if len(sys.argv) not in (2, 3):
        sys.exit("usage: python networks/china-2016/build.py RAW_DIR [OUT_DIR]")
    main(Path(sys.argv[1]), Path(sys.argv[2]) if len(sys.argv) == 3 else HERE)
