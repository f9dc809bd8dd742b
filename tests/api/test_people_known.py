"""Every figure of people has its denominator: for how much of the land they are known; elsewhere no
data, never 0.
"""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

import railshed
from railshed import Circle, Network
from railshed.cells.cell_keys import distinct
from railshed.cells.grid import Grid
from railshed.cells.opportunities import Opportunities
from railshed.cells.population import NOWHERE, known_counties, locate_cells
from railshed.circles.definitions import describe_known
from railshed.questions.circle.map import circle_map
from railshed.scenario.files import Scenario
from railshed.util.bilingual import Words
from railshed.util.units import MINUTE
from tests.support.clirunner import Command, command_line


def box_of_people(west: float, east: float) -> Opportunities:
    """1,000 people and 30 jobs in a box of 1 degree from south to north, in two areas."""
    middle = (west + east) / 2
    boxes = [shapely.box(west, -0.2, middle, 0.8), shapely.box(middle, -0.2, east, 0.8)]
    return Opportunities.of_areas(boxes, {"people": [600, 400], "jobs": [10, 20]}, label="boxes")


@pytest.fixture(scope="module")
def west(toy: Network) -> Circle:
    """The circle with a source that tells of the land west of 100.0 alone."""
    return railshed.circle(toy, "mid", population=box_of_people(99.0, 100.0))


@pytest.fixture(scope="module")
def whole(toy: Network) -> Circle:
    """The circle with the network's own people, who are known everywhere."""
    return railshed.circle(toy, "mid")


def test_the_denominator_stands_in_every_row(west: Circle) -> None:
    """Known km2 are the cells inside with their centre west of 100.0 degrees, a quarter of a km2
    each.
    """
    land, surface = west.counts.land, west.surface
    lon, _ = land.grid.unproject(*land.grid.centre(land.row, land.column))
    for row in west.summary.readings[surface.reading.name].table:
        if row["kind"] == "total":
            inside = surface.total_s <= row["cutoff_min"] * MINUTE
            assert row["people_known_km2"] == (inside & (lon < 100.0)).sum() / 4
            assert row["area_km2"] == inside.sum() / 4
            assert 0 < row["people_known_km2"] < row["area_km2"]
            assert row["jobs_known_km2"] == row["people_known_km2"]
        assert row["people_known_km2_outside_city"] <= row["people_known_km2"] <= row["area_km2"]


def test_figures_count_the_known_land(west: Circle) -> None:
    """People of the circle are those of its cells with people, to rounding; no cell in the east has
    a number.
    """
    cells = west.cells
    known = cells.geometry.x < 100.0
    assert cells["people"].notna().equals(known.rename("people"))
    assert cells["jobs"].notna().equals(known.rename("jobs"))
    row = west.summary.readings[west.reading.name].table.at(max(west.cutoffs))["total"]
    rounded_by = 0.0005 * known.sum()  # three decimals a cell
    assert row["people"] == pytest.approx(cells["people"].sum(), abs=0.5 + rounded_by)
    assert west.polygons["people_known_km2"].notna().all()


def test_totals_are_kept(west: Circle) -> None:
    """On the land and elsewhere there are 1,000 people and 30 jobs, to the person."""
    counts = west.counts
    assert counts.people is not None
    on_land = counts.people.people.sum(), counts.others["jobs"].sum()
    elsewhere = west.summary.counted_elsewhere
    assert on_land[0] + elsewhere["people"] == pytest.approx(1000)
    assert on_land[1] + elsewhere["jobs"] == pytest.approx(30)


def test_where_nothing_is_known_there_is_no_number(toy: Network, whole: Circle) -> None:
    """A source of another place: no people, no jobs, no counties, and 0 km2 known; not 0 people."""
    far = railshed.circle(toy, "mid", population=box_of_people(50.0, 51.0))
    for row in far.summary.readings["door-to-station"].table:
        if row["area_km2"]:
            assert (
                row["people"],
                row["people_known_km2"],
                row["jobs"],
                row["counties_inside"],
            ) == (
                None,
                0,
                None,
                None,
            )
    assert [far.corners.to_dict()[end]["people"] for end in ("low", "central", "high")] == [
        None
    ] * 3
    assert far.cells["people"].isna().all()
    assert circle_map(far).people is None
    assert far.counties["status_60"].isin(["no data", "outside"]).all()
    codes = far.members["prefecture_code"]
    touched = whole.members.loc[whole.members["people_total_60"] > 0, "prefecture_code"]
    assert far.members["people_total_60"].isna().tolist() == codes.isin(touched).tolist()
    assert far.inclusion(n_draws=3).table[0]["people_mean"] is None


def test_a_city_without_people_around_it_is_no_city_without_people(toy: Network) -> None:
    """A source of the city proper alone: its people are known, those outside it are no data, and so
    is their sum.
    """
    counties = toy.counties
    assert counties is not None
    code = toy.get_city("mid").proper_counties
    shape = counties.geometry[counties["county_code"].isin(code)].union_all()
    found = railshed.circle(
        toy, "mid", population=Opportunities.of_areas([shape], {"people": [500]}, label="city")
    )
    row = found.summary.readings[found.reading.name].table.at(60)["total"]
    proper = found.counts.cell_part == 0
    inside = found.surface.total_s <= 60 * MINUTE
    assert found.counts.people is not None
    held = found.counts.people.per_cell(len(proper))
    assert row["people_city_proper"] == row["people"] == round(held[inside & proper].sum()) > 0
    assert (row["people_other_prefecture"], row["people_outside_city"]) == (None, None)
    assert row["people_known_km2_outside_city"] == 0


def test_the_networks_own_people_are_known(whole: Circle) -> None:
    """Each county has a census: known km2 equal the area in every row, and nothing is said."""
    for block in whole.summary.to_dict()["readings"].values():
        for row in block["table"]:
            assert row["people_known_km2"] == row["area_km2"]
    assert whole.cells["people"].notna().all()
    assert not any("people are known" in word.en for word in circle_map(whole).warnings)


def test_a_county_without_a_census_has_no_data(toy: Network) -> None:
    """A county with neither rows of people nor a census is not known; one with a census of 0 is."""
    assert toy.counties is not None
    assert toy.population is not None
    codes = toy.counties["county_code"].tolist()
    population = toy.population[~toy.population["county_code"].isin(codes[:2])]
    census = toy.counties["population"].astype(float)
    census.iloc[0], census.iloc[1] = np.nan, 0.0
    bare = replace(toy, population=population, counties=toy.counties.assign(population=census))
    assert known_counties(bare).tolist() == [False, *[True] * (len(codes) - 1)]
    circle = railshed.circle(bare, "mid")
    assert circle.cells.loc[circle.cells["county_code"] == codes[0], "people"].isna().all()
    assert circle.cells.loc[circle.cells["county_code"] != codes[0], "people"].notna().all()


def test_a_scenario_keeps_the_denominator(toy: Network) -> None:
    """A comparison has it for what was, is, is gained and is lost, outside the city proper: 0 where
    nothing changes.
    """
    run = railshed.prepare(toy, population=box_of_people(99.0, 100.0))
    found = railshed.compare(run, "mid", Scenario("nothing"))
    row = found.row("door-to-station", 60, "total")
    same = found.before.summary.readings["door-to-station"].table.at(60)["total"]
    assert [v for k, v in row.items() if "known_km2" in k] == [
        same["people_known_km2_outside_city"]
    ] * 2 + [0, 0]


def test_words() -> None:
    """Said where it is less than all to the km2, in both languages; not where it is all, or no
    people are shipped.
    """
    assert describe_known(740.4, 1230.0) == Words(
        "人口数据覆盖1,230 km²中的740 km²；其余无数据，并非无人",
        "people are known for 740 of 1,230 km²; elsewhere there is no data, which is not zero "
        "people",
    )
    assert describe_known(1229.8, 1230.0) is None
    assert describe_known(None, 1230.0) is None


def test_the_command_line_says_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """Beside the headline, in the table, with a missing area as a warning, in run.json and in the
    table's file.
    """
    monkeypatch.setenv("RAILSHED_CACHE_DIR", str(tmp_path / "cache"))
    run: Command = command_line(monkeypatch, capsys)
    path, out = tmp_path / "people.csv", tmp_path / "out"
    corners = [(99.0, -0.2), (100.0, -0.2), (99.0, 0.8), (100.0, 0.8), (99.9, 0.3), (99.9, 0.3)]
    path.write_text(
        "lon,lat,people\n" + "".join(f"{x},{y},10\n" for x, y in corners), encoding="utf-8"
    )
    done = run("circle", "mid", "-n", "toy", "--population", path, "-o", out, "--without-map")
    assert done.code == 0, done.err
    assert "people are known for" in done.out
    assert "warning same-place: people.csv: 1 points share their place" in done.err
    data = json.loads((out / "run.json").read_text(encoding="utf-8"))
    assert data["population"]["label"] == "people.csv"
    assert len(data["population"]["issues"]) == 1
    assert "people_known_km2" in pd.read_csv(out / "mid_readings.csv").columns
    own = run("circle", "mid", "-n", "toy")
    assert "people are known for" not in own.out
    assert "people known" not in own.out


def test_counties_of_cells_in_any_order(toy: Network) -> None:
    """The county that holds each centre, one by one; cells from the north, shuffled and none at all
    give the same.
    """
    counties, grid = toy.counties, Grid(100.0, 0.5, 2_000)
    assert counties is not None
    row, column = (
        axis.ravel() for axis in np.meshgrid(np.arange(-40, 30), np.arange(-30, 30), indexing="ij")
    )
    lon, lat = grid.unproject(*grid.centre(row, column))
    plain = np.full(len(row), NOWHERE)
    for k in range(len(counties) - 1, -1, -1):  # the first one is written last
        plain[shapely.contains_xy(counties.geometry.iloc[k], lon, lat)] = k
    assert len(set(plain.tolist())) == len(counties) + 1
    for order in (
        np.arange(len(row)),
        np.arange(len(row))[::-1],
        np.random.default_rng(3).permutation(len(row)),
        [],
    ):
        some = np.asarray(order, np.int64)
        assert np.array_equal(locate_cells(grid, row[some], column[some], counties), plain[some])


@given(st.lists(st.integers(-5, 5)))
def test_distinct_keys(keys: list[int]) -> None:
    """Sorted, each once; none of none."""
    assert distinct(np.array(keys, np.int64)).tolist() == sorted(set(keys))
