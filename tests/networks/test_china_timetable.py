"""The timetable of `networks/china`, read with the standard library, against raw tables and run
times.
"""

from __future__ import annotations

import csv
import io
import math
import tomllib
import zipfile
from collections import defaultdict
from itertools import pairwise
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "networks" / "china"
RAW = ROOT.parent / "shared" / "data" / "china"

pytestmark = [
    pytest.mark.peers,
    pytest.mark.china,
    pytest.mark.skipif(
        not (FOLDER / "timetable.zip").exists(), reason="networks/china/timetable.zip is missing"
    ),
]
#: of railway stations
CLASSES = ("hub", "large", "medium", "small", "halt", "border")
needs_raw = pytest.mark.skipif(
    not RAW.exists(), reason="needs the raw tables of ../shared/data/china"
)


def read(name: str) -> list[dict[str, str]]:
    """Return the rows of the trains; those of the metros are left out."""
    with zipfile.ZipFile(FOLDER / "timetable.zip") as archive:
        rows = list(csv.DictReader(io.StringIO(archive.read(name).decode("utf-8"))))
    if name == "stop_times.txt":
        trains = {row["trip_id"] for row in read("trips.txt")}
        return [row for row in rows if row["trip_id"] in trains]
    railway = {
        "stops.txt": ("station_class", CLASSES),
        "trips.txt": ("route_id", "CDGS"),
        "routes.txt": ("agency_id", "CR"),
    }
    column, allowed = railway.get(name, ("", ""))
    return [row for row in rows if not column or row[column] in allowed]


def read_raw(path: str, encoding: str = "utf-8") -> list[dict[str, str]]:
    with (RAW / path).open(encoding=encoding, newline="") as file:
        return list(csv.DictReader(file))


def minutes(text: str) -> int:
    hours, mins, secs = map(int, text.split(":"))
    assert secs == 0
    return hours * 60 + mins


@pytest.fixture(scope="module")
def stops() -> dict[str, dict[str, str]]:
    return {row["stop_id"]: row for row in read("stops.txt")}


@pytest.fixture(scope="module")
def calls(stops: dict[str, dict[str, str]]) -> dict[str, list[tuple[str, int, int]]]:
    """Trip -> calls in order: (station name, arrival, departure)."""
    trips: dict[str, list[tuple[int, str, int, int]]] = defaultdict(list)
    for row in read("stop_times.txt"):
        name = stops[row["stop_id"]]["stop_name"]
        times = minutes(row["arrival_time"]), minutes(row["departure_time"])
        trips[row["trip_id"]].append((int(row["stop_sequence"]), name, *times))
    return {trip: [call[1:] for call in sorted(rows)] for trip, rows in trips.items()}


def fastest(calls: dict[str, list[tuple[str, int, int]]], start: str, end: str) -> int:
    """Return the fewest minutes from a departure at `start` to a later arrival at `end` of the same
    train.
    """
    best = math.inf
    for rows in calls.values():
        left = None
        for name, arrival, departure in rows:
            if name == end and left is not None:
                best = min(best, arrival - left)
            if name == start:
                left = departure
    return int(best)


def test_counts(stops, calls):
    assert len(calls) == 8886
    assert sum(map(len, calls.values())) == 74317
    assert len(stops) == 1555
    assert len(read("trips.txt")) == 8886
    assert {r["route_id"]: r["route_type"] for r in read("routes.txt")} == {
        "G": "101",
        "D": "102",
        "C": "103",
        "S": "109",
    }


def test_every_train_runs_on_the_day_and_its_neighbours():
    (service,) = read("calendar.txt")
    assert (service["start_date"], service["end_date"]) == ("20231214", "20231216")
    assert all(service[day] == "1" for day in ("thursday", "friday", "saturday"))
    assert {trip["service_id"] for trip in read("trips.txt")} == {service["service_id"]}


def test_times_never_go_back(calls):
    for trip, rows in calls.items():
        flat = [t for _, arrival, departure in rows for t in (arrival, departure)]
        assert flat == sorted(flat), trip
        assert all(v[1] > u[2] for u, v in pairwise(rows)), trip


def test_no_hop_is_faster_than_350_kmh(stops, calls):
    """The straight line between two calls, with no minute of rounding granted."""
    where = {s["stop_name"]: (float(s["stop_lon"]), float(s["stop_lat"])) for s in stops.values()}
    worst = 0.0
    for rows in calls.values():
        for (u, _, departure), (v, arrival, _) in pairwise(rows):
            worst = max(worst, great_circle_km(where[u], where[v]) / (arrival - departure) * 60)
    assert 300 < worst < 350


def great_circle_km(a: tuple[float, float], b: tuple[float, float]) -> float:
    lon1, lat1, lon2, lat2 = map(math.radians, (*a, *b))
    half = (
        math.sin((lat2 - lat1) / 2) ** 2
        + math.cos(lat1) * math.cos(lat2) * math.sin((lon2 - lon1) / 2) ** 2
    )
    return 2 * 6371.0088 * math.asin(math.sqrt(half))


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        ("北京南", "天津", 30),
        ("上海", "苏州", 25),
        ("广州南", "深圳北", 29),
        ("成都东", "沙坪坝", 62),
        ("郑州东", "开封北", 20),
        ("北京西", "雄安", 50),
        ("福州南", "厦门北", 55),
        ("长沙南", "株洲西", 15),
    ],
)
def test_fastest_direct_train(calls, start, end, expected):
    """The eight run times of DESIGN §8."""
    assert fastest(calls, start, end) == expected


def test_stations_are_described(stops):
    """Ids are pinyin, unambiguous homophones carry a county, classes and feeders are of the known
    kinds.
    """
    assert stops["beijingnan"]["stop_name_en"] == "Beijing South"
    by_name = {s["stop_name"]: s for s in stops.values()}
    assert len(by_name) == len(stops)
    english = {
        "重庆北": "Chongqing North",
        "西安": "Xi'an",
        "六安": "Lu'an",
        "蚌埠南": "Bengbu South",
        "乐山": "Leshan",
        "厦门北": "Xiamen North",
        "呼和浩特东": "Hohhot East",
        "穆棱": "Muling",
        "景德镇北": "Jingdezhen North",
        "香港西九龙": "Hong Kong West Kowloon",
        "新郑机场": "Xinzheng Airport",
        "长沙南": "Changsha South",
        "什邡西": "Shifang West",
        "漯河西": "Luohe West",
        "太姥山": "Taimushan",
        "济南西": "Jinan West",
        "北京朝阳": "Beijing Chaoyang",
        "万安县": "Wan'an County",
    }
    assert {name: by_name[name]["stop_name_en"] for name in english} == english
    assert by_name["福州"]["stop_id"] == "fuzhou-350111"
    assert {s["station_class"] for s in stops.values()} == {
        "hub",
        "large",
        "medium",
        "small",
        "halt",
        "border",
    }
    assert {s["feeder"] for s in stops.values()} == {"metro", "metro-small", "bus"}
    assert by_name["香港西九龙"]["station_class"] == "border"
    assert all(
        by_name[n]["station_class"] == "halt" for n in ("金山卫", "先锋", "花城街", "离堆公园")
    )
    assert not any(
        by_name[n]["station_class"] == "halt" for n in ("拉萨", "三亚", "雄安", "武清", "广州")
    )


def test_feeders_follow_the_metro_of_the_day(stops):
    """Line 3 of Guiyang opened a day later; far districts of Beijing and Chongqing have
    no metro.
    """
    by_name = {s["stop_name"]: s["feeder"] for s in stops.values()}
    assert by_name["北京南"] == by_name["上海虹桥"] == by_name["成都东"] == "metro"
    assert by_name["贵阳北"] == by_name["太原南"] == by_name["呼和浩特东"] == "metro-small"
    assert {
        by_name[n] for n in ("密云北", "延庆", "万州北", "涪陵北", "黔江", "武清", "昆山南")
    } == {"bus"}


def test_estimated_coordinates_are_shown(stops):
    with (FOLDER / "stations_estimated.csv").open(encoding="utf-8", newline="") as file:
        rows = {row["station_id"]: row for row in csv.DictReader(file)}
    weak = {
        i
        for i, s in stops.items()
        if s["coord_confidence"] != "high" or s["coord_source"] == "estimate"
    }
    assert set(rows) == weak
    guessed = [row for row in rows.values() if row["coord_source"] == "estimate"]
    assert len(guessed) == 30
    assert all(row["how"] and float(row["likely_error_km"]) > 0 for row in guessed)


def test_notes_count_what_the_feed_holds(stops, calls):
    with (FOLDER / "network.toml").open("rb") as file:
        network = tomllib.load(file)
    assert network["id"] == "china"
    assert network["date"].isoformat() == "2023-12-15"
    notes = network["notes"]
    assert notes["included"]["trains"] == len(calls)
    assert notes["included"]["stations"] == len(stops)
    twice = [rows for rows in calls.values() if len({name for name, *_ in rows}) < len(rows)]
    assert notes["as_given"]["trains_calling_twice_at_a_station"] == len(twice) == 46
    assert all("licence" in source for source in network["sources"])


@needs_raw
def test_all_trains_are_kept_with_equal_times(calls):
    """Every call of the raw table is there, in its order, with its clock times; run times agree
    too.
    """
    raw: dict[str, list[dict[str, str]]] = defaultdict(list)
    for row in read_raw("timetable_2023/stop_times.csv"):
        if row["class"] in "CDGS":
            raw[row["train_full_code"]].append(row)
    assert set(raw) == set(calls)
    names = {trip["trip_id"]: trip["trip_short_name"] for trip in read("trips.txt")}
    other_run_time = []
    for train, rows in raw.items():
        rows.sort(key=lambda row: int(row["stop_seq"]))
        given = [(r["station"], r["arrive"], r["depart"]) for r in rows]
        assert [(n, clock(a), clock(d)) for n, a, d in calls[train]] == given, train
        assert names[train] == "/".join(dict.fromkeys(r["train_code"] for r in rows))
        took = calls[train][-1][1] - calls[train][0][2]
        said = minutes(rows[-1]["run_time"] + ":00")
        if took != said:
            other_run_time.append(train)
    # three trains lost their first stops in the source: their run time counts from there
    assert sorted(other_run_time) == ["39000C55020B", "5j000G756890", "78000G852600"]


def clock(mins: int) -> str:
    return f"{mins // 60 % 24:02d}:{mins % 60:02d}"


@needs_raw
def test_every_station_lies_in_its_county(stops):
    """Point in polygon with GDAL's reader of TopoJSON; three points lie on a coast or simplified
    border.
    """
    geopandas = pytest.importorskip("geopandas")
    albers = "+proj=aea +lat_0=36 +lat_1=24 +lat_2=48 +lon_0=104.5 +datum=WGS84 +units=m"
    path = RAW / "counties" / "counties-geo.topojson"
    counties = geopandas.read_file(path, layer="county").set_crs(albers, allow_override=True)
    shapes = {
        str(code): shape
        for code, shape in zip(counties["CODE"], counties.geometry.make_valid(), strict=True)
    }
    rows = list(stops.values())
    lon, lat = ([float(s[k]) for s in rows] for k in ("stop_lon", "stop_lat"))
    points = geopandas.GeoSeries.from_xy(lon, lat, crs="EPSG:4326").to_crs(albers)
    outside = {}
    for stop, point in zip(rows, points, strict=True):
        if stop["county_code"]:
            away_km = shapes[stop["county_code"]].distance(point) / 1000
            if away_km > 0:
                outside[stop["stop_name"]] = away_km
    assert set(outside) == {"深圳", "十字门", "横琴北"}
    assert max(outside.values()) < 3
    blank = {stop["stop_name"] for stop in rows if not stop["county_code"]}
    assert blank == {"香港西九龙", "磨丁", "万象", "万荣", "琅勃拉邦"}
    given = {row["station"]: row["county_code"] for row in read_raw("timetable_2023/stations.csv")}
    assert all(s["county_code"] == given[s["stop_name"]] for s in rows if given[s["stop_name"]])
