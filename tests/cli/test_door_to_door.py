"""The command line door to door: streets, people of one's own, modes, cells, GeoTIFF, and what is
wrong with them.
"""

from __future__ import annotations

import csv
import json
from pathlib import Path

import geopandas as gpd
import numpy as np
import osmium
import pytest

from railshed.api.analysis import circle
from railshed.io.networks import load_network
from railshed.questions.circle.map import circle_map
from railshed.util.bilingual import Words
from tests.support.clirunner import Command, assert_mistake
from tests.support.osm_town import way, write

rasterio = pytest.importorskip("rasterio", reason="needs rasterio (extra `raster`)")


@pytest.fixture
def railshed(railshed: Command, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Command:
    """Run the command line in this process, with a cache of its own."""
    monkeypatch.setenv("RAILSHED_CACHE_DIR", str(tmp_path / "cache"))
    return railshed


def grid_of_streets(path: Path) -> Path:
    """Streets 0.002 degrees apart within 0.02 degrees of Midtown's station: one way file, all
    two-way.
    """
    mid = next(s for s in load_network("toy").stations if s.station_id == "mid")
    side = range(-10, 11)
    number = {(x, y): 1 + (x + 10) * 21 + y + 10 for x in side for y in side}
    nodes = [
        f'<node id="{n}" lon="{mid.lon + x * 0.002:.7f}" lat="{mid.lat + y * 0.002:.7f}"/>'
        for (x, y), n in number.items()
    ]
    ways = [way(1_000 + y, *(number[x, y] for x in side), highway="residential") for y in side]
    ways += [way(2_000 + x, *(number[x, y] for y in side), highway="residential") for x in side]
    return write(path, *nodes, *ways)


def people(path: Path) -> Path:
    """Three points: 1,000 people and 10 jobs at Midtown, 200 and 5 at its like in the west, 7
    people far away.
    """
    stations = {s.station_id: s for s in load_network("toy").stations}
    mid, west = stations["mid"], stations["west"]
    rows = [
        ["lon", "lat", "population", "jobs"],
        [mid.lon, mid.lat, 1_000, 10],
        [west.lon, west.lat, 200, 5],
    ]
    rows.append([10.0, 50.0, 7, 0])
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)
    return path


def test_people_and_jobs_of_ones_own(railshed: Command, tmp_path: Path) -> None:
    """The points' people and jobs are in table, cells and run.json; those far away are said to be
    cut off.
    """
    out = tmp_path / "out"
    done = railshed(
        "circle",
        "mid",
        "-n",
        "toy",
        "--population",
        people(tmp_path / "people.csv"),
        "-o",
        out,
        "--without-map",
    )
    assert done.code == 0, done.err
    assert "7 cut off" in done.err
    assert "jobs" in done.out
    run = json.loads((out / "run.json").read_text(encoding="utf-8"))
    assert run["parameters"]["population"] == [str(tmp_path / "people.csv")]
    result = run["results"][0]
    assert result["people_label"] == "people.csv"
    assert result["counted"] == {"jobs": 15.0}
    assert result["counted_elsewhere"] == {"people": 7.0, "jobs": 0.0}
    row = next(
        r
        for r in result["readings"]["door-to-station"]["table"]
        if (r["cutoff_min"], r["kind"]) == (60, "total")
    )
    assert (row["people"], row["jobs"]) == (1_200, 15.0)
    cells = gpd.read_file(out / "mid.gpkg", layer="cells")
    assert cells["people"].sum() == 1_200
    assert cells["jobs"].sum() == 15


NORTHWEST = """
title = "northwest line"

[[modification]]
type = "add-trips"
name = "nw"
stops = [{ name = "Northwest", id = "northwest", lon = 99.8, lat = 0.5 }, "mid"]
hop_minutes = [18]
frequencies = [{ start_time = "05:00", end_time = "23:00", headway_minutes = 10 }]
"""


@pytest.mark.slow
def test_a_comparison_says_what_a_circle_says(railshed: Command, tmp_path: Path) -> None:
    """Jobs stand beside people: 5 in the west before, 30 more in the northwest after; streets and
    car have their lines.

    On foot with 60 minutes, outside Midtown's own counties, where ten more jobs are.
    """
    own = people(tmp_path / "people.csv")
    with own.open("a", encoding="utf-8", newline="") as file:
        csv.writer(file).writerow([99.8, 0.5, 300, 30])
    scenario, out = tmp_path / "plan.toml", tmp_path / "out"
    scenario.write_text(NORTHWEST, encoding="utf-8")
    done = railshed(
        "compare",
        "mid",
        "-n",
        "toy",
        "-s",
        scenario,
        "--population",
        own,
        "--streets",
        grid_of_streets(tmp_path / "town.osm"),
        "--access",
        "walk",
        "--reading",
        "door-to-station",
        "-o",
        out,
        "--without-map",
        "--full",
    )
    assert done.code == 0, done.err
    for words in (
        "northwest line: ",
        "access: walk along streets where given",
        "people.csv",
        "streets (walk): 1 station",
        "Other columns, outside the city proper",
        "Rail against car, before and after (people, outside the city proper)",
        "capacity not considered",
        "car, peak: 60% of free flow along streets",
    ):
        assert words in done.out
    with (out / "mid_compare.csv").open(encoding="utf-8-sig", newline="") as file:
        row = next(
            r
            for r in csv.DictReader(file)
            if (r["reading"], r["cutoff_min"], r["kind"]) == ("door-to-station", "60", "by_rail")
        )
    states = ("before", "after", "gained", "lost")
    assert [float(row[f"jobs_{state}"]) for state in states] == [5, 35, 30, 0]
    assert [float(row[f"people_{state}"]) for state in states] == [200, 500, 300, 0]
    assert row["definition"].endswith("outside the city proper")
    gained = gpd.read_file(out / "mid_compare.gpkg", layer="gained")
    mine = (gained["reading"] == "door-to-station") & (gained["cutoff_min"] == 60)
    assert gained.loc[mine, "jobs"].tolist() == [30]
    with (out / "mid_compare_car.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = [
            r
            for r in csv.DictReader(file)
            if (r["reading"], r["cutoff_min"]) == ("door-to-door", "60")
        ]
    assert [r["traffic"] for r in rows] == ["free-flow", "peak"]
    for row in rows:
        assert [float(row[f"people_outside_city_rail_{end}"]) for end in ("before", "after")] == [
            200,
            500,
        ]
        assert float(row["jobs_outside_city_rail_after"]) == 35
        assert row["people_outside_city_car_before"] == row["people_outside_city_car_after"]


def test_along_streets(railshed: Command, tmp_path: Path) -> None:
    """The station in the file is on its street, the others outside keep straight lines; the words
    say so.
    """
    streets = grid_of_streets(tmp_path / "town.osm")
    done = railshed(
        "circle", "mid", "-n", "toy", "--streets", streets, "--access", "walk", "--json"
    )
    assert done.code == 0, done.err
    assert "streets: " in done.err
    found = json.loads(done.out)["cities"][0]
    walk = found["streets"]["networks"]["walk"]
    assert (walk["stations"], walk["median_m"], walk["without_street"]) == (1, 0.0, [])
    assert found["streets"]["stations_outside"] >= 4
    beyond = found["streets"]["straight"]
    assert beyond["area_km2"] == beyond["cells"] / 4 > 0
    area = f"{beyond['area_km2']:,.0f} km²"
    same = circle("toy", "mid", streets=streets, access=["walk"])
    assert same.stations["street_m_walk"].dropna().tolist() == [0.0]
    warnings = circle_map(same).warnings
    assert (
        Words(f"其中 {area} 无道路数据，按直线", f"{area} without known streets: straight lines")
        in warnings
    )
    assert found["streets"]["issues"] == []
    words = (
        "access: walk along streets where given, straight lines where a disc of 1.25 km "
        "without streets fits"
    )
    assert words in found["readings"]["door-to-station"]["definition_en"]
    straight = json.loads(railshed("circle", "mid", "-n", "toy", "--access", "walk", "--json").out)[
        "cities"
    ][0]
    local = [
        next(
            r["area_km2"]
            for r in each["readings"]["door-to-station"]["table"]
            if (r["cutoff_min"], r["kind"]) == (30, "local")
        )
        for each in (found, straight)
    ]
    assert min(local) > 0
    assert local[0] != local[1]
    assert found["definition_hash"] != straight["definition_hash"]
    printed = railshed(
        "circle", "mid", "-n", "toy", "--streets", streets, "--access", "walk", "--full"
    ).out
    assert "streets (walk): 1 station" in printed
    assert "lie where no streets are known: straight lines" in printed


def test_streets_of_a_place_are_fetched_once(
    railshed: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first run fetches the file, the second finds it and says where."""
    asked = []

    def fetch(place: str, path: Path) -> Path:
        asked.append(place)
        with osmium.SimpleWriter(str(path)) as writer:
            for item in osmium.FileProcessor(str(grid_of_streets(tmp_path / "town.osm"))):
                writer.add(item)
        return path

    monkeypatch.setattr("railshed.io.streets.read.download_streets", fetch)
    outcomes = [
        railshed("circle", "mid", "-n", "toy", "--streets-place", "Midtown", "--no-car")
        for _ in range(2)
    ]
    assert [done.code for done in outcomes] == [0, 0]
    assert asked == ["Midtown"]
    assert "as fetched before" not in outcomes[0].err
    assert "as fetched before" in outcomes[1].err


def test_geotiff(railshed: Command, tmp_path: Path) -> None:
    """Bands by percentile, total and local agree with the cells of the GeoPackage; a cell is as
    large as asked.
    """
    out = tmp_path / "out"
    done = railshed(
        "circle", "mid", "-n", "toy", "--geotiff", "--cell-size", 1000, "-o", out, "--without-map"
    )
    assert done.code == 0, done.err
    with rasterio.open(out / "mid.tif") as file:
        assert file.res == (1_000, 1_000)
        assert file.descriptions[:3] == tuple(
            f"by rail, percentile {p} (minutes)" for p in (25, 50, 75)
        )
        bands = dict(zip(file.descriptions, file.read(), strict=True))
        crs, transform = file.crs, file.transform
        cells = gpd.read_file(out / "mid.gpkg", layer="cells").to_crs(crs)
        row, column = rasterio.transform.rowcol(
            transform, cells.geometry.x.tolist(), cells.geometry.y.tolist()
        )
    for band, column_name in (
        ("by rail, percentile 50 (minutes)", "minutes_by_rail"),
        ("total, percentile 50 (minutes)", "minutes_total"),
        ("by rail, percentile 75 (minutes)", "minutes_strict"),
    ):
        values = bands[band][np.asarray(row, int), np.asarray(column, int)]
        expected = cells[column_name].to_numpy()
        assert np.allclose(values, expected, atol=0.01, equal_nan=True)


def test_smoothing_changes_edges_and_no_figure(railshed: Command, tmp_path: Path) -> None:
    """Smoothed over 1 km and simplified by 100 m: fewer points, nested circles, the same figures
    beside them.
    """
    frames = []
    for name, options in (("plain", []), ("smooth", ["--smooth", "1000", "--simplify", "100"])):
        out = tmp_path / name
        assert (
            railshed(
                "circle", "mid", "-n", "toy", "-o", out, "--without-map", "--no-car", *options
            ).code
            == 0
        )
        frames.append(gpd.read_file(out / "mid.gpkg", layer="polygons"))
    plain, smooth = frames
    figures = ["reading", "cutoff_min", "kind", "people", "area_km2"]
    assert plain[figures].equals(smooth[figures])
    assert (
        smooth.geometry.count_coordinates().sum() < 0.7 * plain.geometry.count_coordinates().sum()
    )
    total = (
        smooth[(smooth["reading"] == "door-to-station") & (smooth["kind"] == "total")]
        .set_index("cutoff_min")
        .geometry
    )
    assert total[60].buffer(1e-9).covers(total[45])
    assert total[45].buffer(1e-9).covers(total[30])
    assert_mistake(
        railshed("circle", "mid", "-n", "toy", "-o", tmp_path / "bad", "--smooth", "-1"),
        "smooth_m -1.0: allowed are numbers from 0 to 10000",
    )


def test_modes_at_both_ends(railshed: Command) -> None:
    """Park and ride at home, on foot in the city: both are in the definition of door to door."""
    done = railshed(
        "circle",
        "mid",
        "-n",
        "toy",
        "--access",
        "walk,park-and-ride",
        "--egress",
        "walk",
        "--reading",
        "door-to-door",
        "--json",
    )
    lines = json.loads(done.out)["cities"][0]["readings"]["door-to-door"]["definition_en"]
    assert "access: walk, park and ride; straight lines x detour" in lines
    assert "egress: walk; straight lines x detour" in lines


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (
            ["--egress", "park-and-ride"],
            "unknown egress mode park-and-ride; allowed: walk, shared-bicycle, drive",
        ),
        (["--access", "horse"], "unknown access mode horse"),
        (["--cell-size", "20"], "cell_size_m 20: allowed are whole numbers from 50 to 5000"),
        (["--streets", "missing.osm"], "missing.osm: no such file"),
        (["--population", "missing.csv"], "missing.csv"),
        (["--geotiff"], "--geotiff: for files alone; give -o"),
        (
            ["--map-lang", "zh", "--format", "gpkg,xlsx"],
            "--format, --map-lang: for files alone; give -o",
        ),
    ],
)
def test_a_mistake_is_told(railshed: Command, arguments: list[str], words: str) -> None:
    """Exit code 2, what was given and what is allowed."""
    assert_mistake(railshed("circle", "mid", "-n", "toy", *arguments), words)


@pytest.mark.parametrize(
    "command", ["rank two.toml", "suggest west", "reach --city mid", "trade-offs mid -s a.toml"]
)
def test_an_option_of_files_needs_a_place_for_them(railshed: Command, command: str) -> None:
    """In every command, before anything is read."""
    assert_mistake(
        railshed(*command.split(), "-n", "toy", "--csv-plain"),
        "--csv-plain: for files alone; give -o",
    )


@pytest.mark.parametrize("name", ["kind", "cutoff_min", "reading", "people_city_proper", "trips"])
def test_a_column_of_the_results_is_no_column_of_ones_own(
    railshed: Command, tmp_path: Path, name: str
) -> None:
    """It would overwrite a figure or end in a traceback: refused by name before anything is
    computed.
    """
    path = people(tmp_path / "people.csv")
    path.write_text(path.read_text(encoding="utf-8").replace("jobs", name), encoding="utf-8")
    done = railshed("circle", "mid", "-n", "toy", "--population", path)
    assert_mistake(
        done,
        f"people.csv: column '{name}' has the name of a column of the results -> rename it in the "
        "file",
    )


def test_streets_of_another_place(railshed: Command, tmp_path: Path) -> None:
    """A street file without the study area is a mistake: extent and point are named."""
    far = write(
        tmp_path / "far.osm",
        *(f'<node id="{n}" lon="{10 + n / 1000}" lat="50"/>' for n in range(1, 50)),
        way(1, *range(1, 50), highway="residential"),
    )
    done = railshed("circle", "mid", "-n", "toy", "--streets", far)
    assert_mistake(
        done,
        "far.osm: the streets lie between 10.001 and 10.049 degrees east",
        "中城 Midtown at 100.000, 0.320 is beyond them",
    )


def test_how_people_are_read_is_chosen(railshed: Command, tmp_path: Path) -> None:
    """Columns and CRS of a file as `read_opportunities` takes them; they stand in run.json."""
    mid = next(s for s in load_network("toy").stations if s.station_id == "mid")
    crs, out = "EPSG:32647", tmp_path / "out"
    (metres,) = gpd.GeoSeries.from_xy([mid.lon], [mid.lat], crs=4326).to_crs(crs)
    path = tmp_path / "census.csv"
    path.write_text(
        f"x,y,persons_a,persons_b,beds\n{metres.x},{metres.y},900,100,7\n", encoding="utf-8"
    )
    ask = ("circle", "mid", "-n", "toy", "--population", path)
    assert_mistake(railshed(*ask), "are these metres", "--population-crs")
    done = railshed(
        *ask,
        "--population-crs",
        crs,
        "--population-columns",
        "people=persons_a,beds",
        "-o",
        out,
        "--without-map",
    )
    assert done.code == 0, done.err
    run = json.loads((out / "run.json").read_text(encoding="utf-8"))
    assert run["results"][0]["counted"] == {"beds": 7.0}
    assert gpd.read_file(out / "mid.gpkg", layer="cells")["people"].sum() == 900
    asked = {
        name: run["parameters"][name]
        for name in ("population_columns", "population_crs", "population_hexagons")
    }
    assert asked == {
        "population_columns": {"persons_a": "people", "beds": "beds"},
        "population_crs": crs,
        "population_hexagons": None,
    }
    assert_mistake(
        railshed(*ask, "--population-crs", "EPSG:0"), "crs 'EPSG:0' is no coordinate system"
    )


def test_hexagons_are_chosen(railshed: Command, tmp_path: Path) -> None:
    """A table with H3 ids and places is read as points, with a word on --population-hexagons, and
    as hexagons by it.
    """
    h3 = pytest.importorskip("h3", reason="needs h3 (extra `h3`)")
    mid = next(s for s in load_network("toy").stations if s.station_id == "mid")
    path = tmp_path / "hexagons.csv"
    path.write_text(
        f"h3,lon,lat,people\n{h3.latlng_to_cell(mid.lat, mid.lon, 6)},{mid.lon},{mid.lat},1000\n",
        encoding="utf-8",
    )
    ask = (
        "circle",
        "mid",
        "-n",
        "toy",
        "--population",
        path,
        "-o",
        tmp_path / "out",
        "--without-map",
    )
    cells = []
    for more in ((), ("--population-hexagons",)):
        done = railshed(*ask, *more)
        assert done.code == 0, done.err
        assert ("--population-hexagons" in done.err) == (not more)
        cells.append(gpd.read_file(tmp_path / "out" / "mid.gpkg", layer="cells")["people"])
    assert (cells[0].gt(0).sum(), cells[0].sum(), cells[1].sum()) == (
        1,
        1000,
        pytest.approx(1000, abs=1),
    )
    assert cells[1].gt(0).sum() > 50  # 36 km2 in cells of 0.25


def test_hexagons_are_no_choice_of_a_raster(railshed: Command, tmp_path: Path) -> None:
    """What would be ignored is refused."""
    about = {"width": 1, "height": 1, "count": 1, "dtype": "float32", "crs": "EPSG:4326"}
    with rasterio.open(
        tmp_path / "p.tif", "w", "GTiff", transform=(0.1, 0, 100, 0, -0.1, 1), **about
    ) as file:
        file.write(np.ones((1, 1, 1), np.float32))
    asked = ("--population", tmp_path / "p.tif", "--population-hexagons")
    assert_mistake(railshed("circle", "mid", "-n", "toy", *asked), "a raster has no H3 ids")
