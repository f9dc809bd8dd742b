"""What is read of a file of people: all that any figure needs, so the command line equals the whole
file in Python.
"""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import railshed
from railshed import Network
from railshed.circles.analysis import study_area
from railshed.network.model import Station
from tests.support.clirunner import Command
from tests.support.small_networks import small_network

CITY = {
    "cities.csv": "slug,name_zh,name_en,role,regions,feeder,window_to,window_from,prefecture_code,proper_counties\n"
    "x,X,X,core,,bus,,,,\n",
    "core_stations.csv": "city,station_id,station_zh,confidence,note\nx,a,A,high,\n",
    "centres.csv": "city,name_zh,name_en,lon,lat,confidence,source\nx,X,X,10.0,45.0,high,x\n",
}
FAR = """title = "New line"
[[modification]]
type = "add-trips"
name = "N"
bidirectional = true
stops = ["A", {name = "Far", lon = 11.1, lat = 45.0}]
hop_minutes = [25]
frequencies = [{start_time = "06:00", end_time = "23:00", headway_minutes = 15}]
"""


def line(lon: float, lat: float) -> Network:
    """Three stations 0.09 degrees apart from this point eastwards, a train every 20 minutes to the
    first and back.
    """
    east = [(lon + 0.09 * k + 180) % 360 - 180 for k in range(3)]
    stations = {
        name: Station(name, name.upper(), x, float(lat))
        for name, x in zip("abc", east, strict=True)
    }
    trips = {
        f"{way}{hour}{minute}": [
            (s, f"{hour:02d}:{minute + 5 * k:02d}") for k, s in enumerate(calls)
        ]
        for way, calls, hours in (("t", "cba", range(6, 11)), ("u", "abc", range(16, 21)))
        for hour in hours
        for minute in (0, 20, 40)
    }
    return small_network(stations, trips)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A network folder of the city X, and a file of 10 people every 0.03 degrees, 150 km around."""
    root = tmp_path_factory.mktemp("x")
    railshed.write_network(line(10, 45), root / "net")
    for name, text in CITY.items():
        (root / "net" / name).write_text(text, encoding="utf-8")
    (root / "far.toml").write_text(FAR, encoding="utf-8")
    steps = np.arange(-1.5, 1.5001, 0.03)
    with (root / "people.csv").open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["lon", "lat", "people"])
        rows.writerows([f"{10 + 1.4 * x:.3f}", f"{45 + y:.3f}", 10] for x in steps for y in steps)
    return root


@pytest.fixture
def command(cli: Command, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Command:
    """Run the command line in this process."""
    monkeypatch.setenv("RAILSHED_CACHE_DIR", str(tmp_path / "cache"))
    return cli


def people(rows: list[dict[str, Any]], *names: str) -> list[Any]:
    return [[row[name] for name in names] for row in rows]


def test_car_is_counted_as_far_as_it_goes(command: Command, folder: Path) -> None:
    """Within 90 minutes a car goes 74 km, three times as far as trains and buses; its people are
    those of the file.
    """
    run = railshed.prepare(railshed.load_network(folder / "net"), population=folder / "people.csv")
    whole = railshed.circle(run, "x").car_table
    done = command(
        "circle", "x", "-n", folder / "net", "--population", folder / "people.csv", "--json"
    )
    assert done.code == 0, done.err
    printed = json.loads(done.out)["cities"][0]["car"]
    names = (
        "reading",
        "traffic",
        "cutoff_min",
        "people_outside_city_car",
        "people_outside_city_car_only",
        "people_known_km2_outside_city_car",
    )
    assert people(printed, *names) == people(whole, *names)
    assert max(row["people_outside_city_car"] for row in printed) > 15_000


def test_new_line_is_counted_as_far_as_it_goes(command: Command, folder: Path) -> None:
    """A line to a station 86 km away, 50 beyond the old circle, gains the people there."""
    run = railshed.prepare(railshed.load_network(folder / "net"), population=folder / "people.csv")
    whole = railshed.compare(run, "x", folder / "far.toml").table
    done = command(
        "compare",
        "x",
        "-n",
        folder / "net",
        "-s",
        folder / "far.toml",
        "--population",
        folder / "people.csv",
        "--json",
    )
    assert done.code == 0, done.err
    printed = json.loads(done.out)["comparisons"][0]["table"]
    names = ("reading", "cutoff_min", "kind", "people_gained", "people_lost", "people_after")
    assert people(printed, *names) == people(whole, *names)
    assert max(row["people_gained"] for row in printed) >= 50


def test_rank_counts_as_far_as_candidates_go(command: Command, folder: Path) -> None:
    """The gain of the same line as a candidate is that of the whole file."""
    path = folder / "candidates.toml"
    path.write_text(
        '[[candidate]]\nname = "far"\nscenario = "far.toml"\nkm = 86\ncost = 1\n', encoding="utf-8"
    )
    run = railshed.prepare(railshed.load_network(folder / "net"), population=folder / "people.csv")
    whole = run.rank(path, cities=["x"]).as_plain()
    done = command(
        "rank",
        path,
        "-n",
        folder / "net",
        "--city",
        "x",
        "--population",
        folder / "people.csv",
        "--json",
    )
    assert done.code == 0, done.err
    printed = json.loads(done.out)
    assert printed["candidates"] == whole["candidates"]
    assert printed["total_gain"] == whole["total_gain"] >= 40


def test_area_across_180_degrees() -> None:
    """From 179.9 degrees east trains and cars go beyond 180: all longitudes are read, the latitudes
    around alone.
    """
    network = line(179.9, -17)
    west, south, east, north = study_area(
        railshed.prepare(network), [railshed.city_at(network, 179.9, -17, name="X")]
    )
    assert (west, east) == (-180, 180)
    assert -20 < south < -17.3 < -16.7 < north < -14
    assert -17 - south == pytest.approx(north + 17, abs=0.01)  # as far to the south as to the north
    west, _, east, _ = study_area(
        railshed.prepare(line(10, -17)), [railshed.city_at(line(10, -17), 10, -17, name="X")]
    )
    assert 8 < west < 10 < east < 12


def test_circle_across_180_degrees_is_cut_there() -> None:
    """Its polygons are valid, on both sides of 180, and as large as the same circle in the middle
    of a map.
    """
    there, here = (
        railshed.circle(
            network, railshed.city_at(network, lon, -17, name="X"), cutoffs=[60]
        ).polygons.set_index(["reading", "kind"])
        for lon, network in ((179.9, line(179.9, -17)), (9.9, line(9.9, -17)))
    )
    assert there.geometry.is_valid.all()
    shape, same = (frame.loc[("door-to-station", "by_rail"), "geometry"] for frame in (there, here))
    assert shape.bounds[0] == -180
    assert shape.bounds[2] == 180
    assert shape.area == pytest.approx(same.area, rel=1e-6)


def test_definition_tells_people_apart() -> None:
    """Other numbers, places or columns of people are another definition; the same are the same."""
    one = railshed.Opportunities.of_points([10.0], [45.0], {"people": [10], "jobs": [1]})
    same = railshed.Opportunities.of_points([10.0], [45.0], {"people": [10], "jobs": [1]})
    others = [
        railshed.Opportunities.of_points([10.0], [45.0], {"people": [11], "jobs": [1]}),
        railshed.Opportunities.of_points([10.1], [45.0], {"people": [10], "jobs": [1]}),
        railshed.Opportunities.of_points([10.0], [45.0], {"people": [10], "pupils": [1]}),
        replace(one, checksums={"people.csv": "0"}),
        replace(one, checksums={"people.csv": "0", "census of people": "1"}),
    ]
    assert one.fingerprint() == same.fingerprint()
    assert len({one.fingerprint(), *(other.fingerprint() for other in others)}) == 6
