"""Boundaries of one's own: land ends at them, areas get rows, and a file that cannot be used is
told.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import pytest
import shapely

import railshed
from railshed import InputError, Network, ParameterError
from railshed.io.boundaries import with_boundaries
from railshed.questions.circle.map import circle_map
from tests.support.clirunner import Command, assert_mistake, command_line


@pytest.fixture(scope="module")
def bare() -> Network:
    """The grid city without counties and people: Midtown at 100.0 degrees east, 0.3 north."""
    return replace(railshed.load_network("toy"), counties=None, population=None)


def areas(path: Path, **columns: Any) -> Path:
    """Write two areas that meet at 100.0 degrees east, in UTM; north of 0.32 degrees is no land."""
    shapes = [shapely.box(99.0, 0.0, 100.0, 0.32), shapely.box(100.0, 0.0, 101.0, 0.32)]
    frame = gpd.GeoDataFrame(
        {"NAME": ["West", "East"], **columns}, geometry=shapes, crs="EPSG:4326"
    )
    frame.to_crs("EPSG:32647").to_file(path, layer="areas")
    return path


def test_land_ends_at_the_boundaries(bare: Network, tmp_path: Path) -> None:
    """Cells whose middle lies north of 0.32 degrees are gone, all others are as they were."""
    mine = with_boundaries(bare, areas(tmp_path / "areas.gpkg"))
    before, after = (railshed.circle(network, "mid") for network in (bare, mine))
    was, now = (
        circle.cells.set_index(["row", "column"])["minutes_total"] for circle in (before, after)
    )
    south = {
        key for key, point in zip(was.index, before.cells.geometry, strict=True) if point.y < 0.32
    }
    assert set(now.index) == south
    assert 0 < len(now) < len(was)
    assert (now == was[now.index]).all()
    assert not any("water counts as land" in words.en for words in circle_map(after).warnings)
    assert any("water counts as land" in words.en for words in circle_map(before).warnings)


def test_areas_have_rows_by_name(bare: Network, tmp_path: Path) -> None:
    """Stations know their area, whichever way the rows of the file stand; the census is the column
    `population`.
    """
    path = areas(tmp_path / "areas.gpkg", population=[5.0, None])
    gpd.read_file(path).iloc[::-1].to_file(tmp_path / "turned.gpkg")
    one, other = (with_boundaries(bare, file) for file in (path, tmp_path / "turned.gpkg"))
    assert one.counties is not None
    assert one.counties[["county_code", "county"]].to_numpy().tolist() == [
        ["area-1", "East"],
        ["area-2", "West"],
    ]
    assert one.counties["population"].fillna(-1).tolist() == [-1, 5]
    assert other.counties is not None
    assert other.counties.to_wkb().equals(one.counties.to_wkb())
    found = {s.station_id: s.county_code for s in one.stations}
    assert found["west"] == "area-2"
    assert [s.county_code for s in other.stations] == [s.county_code for s in one.stations]
    # nearest first: southwest is 34 minutes away, east 50
    assert railshed.circle(one, "mid").counties["county"].tolist() == ["West", "East"]


def test_people_of_areas_without_a_census_are_no_data(bare: Network, tmp_path: Path) -> None:
    """The press's hour counts areas, and says no data, not 0, of their people."""
    mine = with_boundaries(bare, areas(tmp_path / "areas.gpkg"))
    press = railshed.circle(mine, "mid").summary.press
    assert (press.counties, press.people) == (2, None)


def test_areas_that_overlap_are_said(bare: Network, tmp_path: Path) -> None:
    """Two areas that share a third of the land of both get a warning; neighbours, which meet at a
    line, none.
    """
    gpd.GeoDataFrame(
        {"name": ["West", "East"]},
        crs="EPSG:4326",
        geometry=[shapely.box(99.0, 0.0, 100.0, 0.32), shapely.box(99.5, 0.0, 100.5, 0.32)],
    ).to_file(tmp_path / "twice.gpkg")
    said = [
        issue.message
        for issue in with_boundaries(bare, tmp_path / "twice.gpkg").issues[len(bare.issues) :]
    ]
    assert said == ["areas overlap by 33.3% of their land; a place counts for one of them"]
    assert with_boundaries(bare, areas(tmp_path / "areas.gpkg")).issues == bare.issues


def test_what_cannot_be_used(bare: Network, tmp_path: Path) -> None:
    """Points, no CRS, a layer that is not there, people that are none, and a network with its own
    are told.
    """
    points = gpd.GeoDataFrame(
        {"name": ["a", "b"]}, geometry=gpd.points_from_xy([100, 101], [0, 0]), crs="EPSG:4326"
    )
    points.to_file(tmp_path / "points.gpkg")
    with pytest.raises(InputError, match=r"2 problems") as caught:
        with_boundaries(bare, tmp_path / "points.gpkg")
    assert [(i.row, i.code, i.value) for i in caught.value.issues] == [
        (1, "bad-geometry", "Point"),
        (2, "bad-geometry", "Point"),
    ]
    path = areas(tmp_path / "areas.gpkg", population=["many", "-1"])
    with pytest.raises(InputError) as caught:
        with_boundaries(bare, path)
    assert [(i.row, i.field, i.value) for i in caught.value.issues] == [
        (1, "population", "many"),
        (2, "population", "-1"),
    ]
    with pytest.raises(InputError, match=r"no such layer \(layers: areas\)"):
        with_boundaries(bare, f"{path}:towns")
    gpd.read_file(path).set_crs(None, allow_override=True).to_parquet(tmp_path / "no.parquet")
    with pytest.raises(InputError, match="states no CRS"):
        with_boundaries(bare, tmp_path / "no.parquet")
    with pytest.raises(InputError, match="no such file"):
        with_boundaries(bare, tmp_path / "none.gpkg")
    with pytest.raises(ParameterError, match="toy has boundaries of its own"):
        with_boundaries(railshed.load_network("toy"), path)


def test_option(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """`--boundaries FILE:LAYER` is in run.json with its checksum; a network with its own refuses
    it.
    """
    command: Command = command_line(monkeypatch, capsys)
    path = areas(tmp_path / "areas.gpkg")
    feed = tmp_path / "toy.zip"
    railshed.write_gtfs(railshed.load_network("toy"), feed)
    done = command(
        "circle",
        "-n",
        feed,
        "--at",
        "100.0,0.3",
        "--boundaries",
        f"{path}:areas",
        "-o",
        tmp_path / "out",
        "--without-map",
        "--json",
    )
    assert done.code == 0, done.err
    run = (tmp_path / "out" / "run.json").read_text(encoding="utf-8")
    assert f"{path}:areas" in run
    assert '"areas.gpkg": ' in run
    assert (tmp_path / "out").glob("*_counties.csv")
    assert_mistake(
        command("circle", "mid", "-n", "toy", "--boundaries", path), "has boundaries of its own"
    )
