"""Files of people: rasters in any projection, tables, polygons; what is wrong is named, what is cut
is counted.
"""

from __future__ import annotations

import gzip
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import rasterio
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import CRS, Transformer
from rasterio.transform import Affine

from railshed.cells.areal_interpolation import interpolate
from railshed.cells.grid import Grid
from railshed.cells.opportunities import Opportunities
from railshed.io.opportunities import tiles as rastertiles
from railshed.io.opportunities.features import _dbf_encoding
from railshed.io.opportunities.read import read_opportunities
from railshed.io.opportunities.tiles import PixelBox
from railshed.util.errors import InputError, ParameterError

PORTO_ALEGRE = (
    Path(__file__).parents[2].parent / "shared" / "data" / "porto_alegre" / "poa_hexgrid.csv"
)


def write_tif(
    path: Path, values: Any, transform: Affine | None, crs: Any = "EPSG:4326", **options: Any
) -> Path:
    array = np.asarray(values)
    bands = array if array.ndim == 3 else array[None]
    profile = {
        "driver": "GTiff",
        "count": len(bands),
        "height": bands.shape[1],
        "width": bands.shape[2],
        "dtype": array.dtype,
    }
    if transform is not None:
        profile["transform"] = transform
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with rasterio.open(path, "w", crs=crs, **profile, **options) as file:
            file.write(bands)
    return path


def from_origin(west: float, north: float, width: float, height: float) -> Affine:
    return Affine(width, 0, west, 0, -height, north)


def codes_of(error: InputError) -> list[str]:
    return [issue.code for issue in error.issues]


def warned(found: Opportunities) -> list[str]:
    return [issue.code for issue in found.issues]


def everywhere(
    found: Opportunities, around: tuple[float, float], size_m: int = 500, half: int = 40
) -> np.ndarray:
    """Totals over a square of cells that holds all of the source, and what is left."""
    grid = Grid(*(round(degrees * 2) / 2 for degrees in around), size_m)
    x, y = grid.project(*around)
    row, column = grid.index(np.array([x]), np.array([y]))
    rows, columns = np.meshgrid(
        row[0] + np.arange(-half, half), column[0] + np.arange(-half, half), indexing="ij"
    )
    cells, left, _ = interpolate(found, grid, rows.ravel(), columns.ravel())
    assert left == pytest.approx(0, abs=1e-9)
    return cells.sum(axis=0)


def pixels_of(found: Opportunities) -> dict[tuple[float, float], float]:
    """People by the centre of their pixel."""
    x, y = found.geometry.centre(np.arange(len(found)))
    keys = zip(x.round(6).tolist(), y.round(6).tolist(), strict=True)
    return dict(zip(keys, found.values[:, 0].tolist(), strict=True))


NORTH_UP = from_origin(10.0, 50.0, 0.01, 0.01)
#: 1, 2, 4 ... so that a sum names its pixels; the first row is the northern one
POWERS = np.array([[1, 2], [4, 8]], dtype=np.float32)
AT = {(10.005, 49.995): 1.0, (10.015, 49.995): 2.0, (10.005, 49.985): 4.0, (10.015, 49.985): 8.0}


def test_pixels_stand_where_the_file_says(tmp_path: Path) -> None:
    """Four pixels of 0.01 degrees; people and year are in the file's name; the result has checksum
    and counts.
    """
    found = read_opportunities(write_tif(tmp_path / "ghs_pop_2020.tif", POWERS, NORTH_UP))
    assert pixels_of(found) == pytest.approx(AT)
    assert (found.kind, found.columns, found.year, found.label) == (
        "raster",
        ("people",),
        2020,
        "ghs_pop_2020.tif",
    )
    assert len(found.checksums["ghs_pop_2020.tif"]) == 64
    assert found.notes == (
        "ghs_pop_2020.tif: 4 pixels, 0 of them without data",
        "taken for people by its name: ghs_pop_2020",
    )
    assert found.issues == ()


@pytest.mark.parametrize(
    "upside",
    [(1, -1), (1, 1), (-1, -1), (-1, 1)],
    ids=["north-up", "south-up", "east-left", "both"],
)
def test_any_way_round_is_the_same(tmp_path: Path, upside: tuple[int, int]) -> None:
    """South-up and mirrored files hold the same pixels."""
    across, down = upside
    values = POWERS[::-down, ::across]
    transform = Affine(
        0.01 * across, 0, 10.0 if across > 0 else 10.02, 0, 0.01 * down, 50.0 if down < 0 else 49.98
    )
    found = read_opportunities(write_tif(tmp_path / "pop.tif", values, transform))
    assert pixels_of(found) == pytest.approx(AT)


@pytest.mark.parametrize("crs", ["ESRI:54009", "EPSG:32633", "EPSG:3035", "EPSG:4258"])
def test_population_of_strange_projections_is_complete(tmp_path: Path, crs: str) -> None:
    """Mollweide, UTM, European equal-area and another datum's degrees: every person lands on a
    cell.
    """
    rng = np.random.default_rng(1)
    values = rng.integers(0, 50, (30, 40)).astype(np.int32)
    x, y = Transformer.from_crs("EPSG:4326", crs, always_xy=True).transform(15.0, 50.0)
    size = 0.002 if crs == "EPSG:4258" else 200.0
    path = write_tif(tmp_path / "pop.tif", values, from_origin(x, y, size, size), crs)
    found = read_opportunities(path)
    assert found.totals[0] == values.sum()
    assert everywhere(found, (15.05, 49.97))[0] == pytest.approx(values.sum(), abs=1e-6)


@pytest.mark.parametrize(
    ("dtype", "nodata", "hole"),
    [
        (np.float32, -99999.0, -99999.0),
        (np.float64, -200.0, -200.0),
        (np.float32, np.nan, np.nan),
        (np.int16, -1, -1),
        (np.uint16, 65535, 65535),
        (np.float32, -3.4028234663852886e38, -3.4028234663852886e38),
    ],
)
def test_no_data_counts_as_zero(tmp_path: Path, dtype: Any, nodata: float, hole: float) -> None:
    """Nodata values as WorldPop, GHS-POP and GPW declare them are no people, and counted."""
    values = np.array([[hole, 5], [7, hole]], dtype=dtype)
    found = read_opportunities(write_tif(tmp_path / "pop.tif", values, NORTH_UP, nodata=nodata))
    assert found.totals.tolist() == [12]
    assert (
        found.notes[0] == "pop.tif: 4 pixels, 2 of them without data: land or sea, counted as zero"
    )
    assert found.issues == ()


def test_what_is_no_number_of_people_is_said(tmp_path: Path) -> None:
    """Negative numbers and NaN without a nodata value count as zero; the largest integer counts,
    with a warning.
    """
    values = np.array([[-9999, np.nan], [7, -1]], dtype=np.float32)
    found = read_opportunities(write_tif(tmp_path / "pop.tif", values, NORTH_UP))
    assert (found.totals.tolist(), warned(found)) == ([7], ["negative", "not-a-number"])
    assert "2 pixels are negative and no nodata value is declared" in str(found.issues[0])
    found = read_opportunities(
        write_tif(tmp_path / "pop.tif", np.array([[255, 1]], np.uint8), NORTH_UP)
    )
    assert (found.totals.tolist(), warned(found)) == ([256], ["largest-number"])
    huge = write_tif(tmp_path / "pop.tif", np.array([[3.4e38, np.inf, 1]], np.float32), NORTH_UP)
    with pytest.raises(InputError, match=r"row 1, column 1 .*more than there can be") as caught:
        read_opportunities(huge)
    assert [issue.value for issue in caught.value.issues] == ["3.4e+38", "inf"]
    with pytest.raises(InputError, match=r"all 4 pixels are without data"):
        read_opportunities(
            write_tif(tmp_path / "pop.tif", np.full((2, 2), -1, np.int16), NORTH_UP, nodata=-1)
        )


def test_scale_and_offset_are_applied(tmp_path: Path) -> None:
    """A file that stores tens: 3 means 30; it is said."""
    path = write_tif(tmp_path / "pop.tif", np.array([[3, 1]], np.int16), NORTH_UP)
    with rasterio.open(path, "r+") as file:
        file.scales = (10.0,)
    found = read_opportunities(path)
    assert (found.totals.tolist(), warned(found)) == ([40], ["scaled"])


def test_a_band_is_chosen_never_guessed(tmp_path: Path) -> None:
    """Two bands are refused with their names; FILE:BAND or band= takes one; others do not exist."""
    path = write_tif(tmp_path / "pop.tif", np.stack([POWERS, POWERS * 10]), NORTH_UP)
    with rasterio.open(path, "r+") as file:
        file.descriptions = ("men", "women")
    with pytest.raises(
        InputError,
        match=r"has 2 bands \(1 men, 2 women\), one is read -> choose one: pop.tif:1 or band=1",
    ):
        read_opportunities(path)
    assert read_opportunities(f"{path}:2").totals.tolist() == [150]
    assert read_opportunities(path, band=1).totals.tolist() == [15]
    with pytest.raises(InputError, match="has no such band"):
        read_opportunities(path, band=3)
    with pytest.raises(ParameterError, match="the band of a raster is a number"):
        read_opportunities(f"{path}:women")


def test_files_that_are_no_upright_raster_of_amounts(tmp_path: Path) -> None:
    """No place, no CRS, rotated, complex, classes with colours, beyond the globe, no raster at all:
    all at once.
    """
    plain = write_tif(tmp_path / "plain.tif", POWERS, None, None)
    nowhere = write_tif(tmp_path / "nowhere.tif", POWERS, NORTH_UP, None)
    rotated = write_tif(
        tmp_path / "rotated.tif", POWERS, Affine(0.01, 0.002, 10.0, 0.002, -0.01, 50.0)
    )
    complex_one = write_tif(tmp_path / "complex.tif", POWERS.astype(np.complex64), NORTH_UP)
    beyond = write_tif(tmp_path / "beyond.tif", POWERS, from_origin(359.0, 50.0, 1, 1))
    classes = write_tif(tmp_path / "classes.tif", POWERS.astype(np.uint8), NORTH_UP)
    with rasterio.open(classes, "r+") as file:
        file.write_colormap(1, {1: (255, 0, 0)})
    text = tmp_path / "text.tif"
    text.write_text("no raster", encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_opportunities(
            [plain, nowhere, rotated, complex_one, beyond, classes, text, tmp_path / "absent.tif"]
        )
    assert [(i.file, i.code) for i in caught.value.issues] == [
        ("plain.tif", "missing-crs"),
        ("plain.tif", "not-georeferenced"),
        ("nowhere.tif", "missing-crs"),
        ("rotated.tif", "rotated"),
        ("complex.tif", "wrong-dtype"),
        ("beyond.tif", "out-of-range"),
        ("classes.tif", "wrong-dtype"),
        ("text.tif", "unreadable"),
        ("absent.tif", "unreadable"),
    ]
    assert all(issue.remedy for issue in caught.value.issues)


@pytest.mark.parametrize(
    "numbers",
    [
        (np.nan, 10.0, -0.01, 50.0),
        (0.01, np.nan, -0.01, 50.0),
        (0.01, 10.0, -np.inf, 50.0),
        (0.01, 10.0, -0.01, np.inf),
        (0.0, 10.0, -0.01, 50.0),
        (0.01, 10.0, 0.0, 50.0),
        (1e-300, 10.0, -0.01, 50.0),
        (0.01, 1e300, -0.01, 50.0),
        (1e308, 1e308, -1e308, 1e308),
    ],
)
def test_a_raster_whose_pixels_lie_nowhere_is_refused(
    tmp_path: Path, numbers: tuple[float, ...]
) -> None:
    """NaN, infinite and zero sizes and corners, and pixels too small to be numbered from the
    origin.
    """
    a, c, e, f = numbers
    path = write_tif(tmp_path / "pop.tif", POWERS, Affine(a, 0.0, c, 0.0, e, f), 3857)
    with pytest.raises(InputError) as caught:
        read_opportunities(path)
    *_, issue = caught.value.issues
    unplaced = a == 0  # GDAL takes it for no place at all
    assert (issue.code, bool(issue.remedy)) == (
        "not-georeferenced" if unplaced else "bad-transform",
        True,
    )


def test_a_file_cut_off_is_said(tmp_path: Path) -> None:
    """A download that broke off has a header and no pixels."""
    path = write_tif(tmp_path / "pop.tif", np.random.default_rng(1).random((300, 300)), NORTH_UP)
    path.write_bytes(path.read_bytes()[:5000])
    with pytest.raises(
        InputError, match=r"pop.tif: (is no readable raster|cannot be read), or is cut off|cut off"
    ):
        read_opportunities(path)


def test_crs_is_given_where_the_file_has_none(tmp_path: Path) -> None:
    """crs= mends a file without one, contradicts none that has one, and must be one."""
    path = write_tif(tmp_path / "pop.tif", POWERS, NORTH_UP, None)
    assert pixels_of(read_opportunities(path, crs="EPSG:4326")) == pytest.approx(AT)
    with pytest.raises(
        InputError,
        match=r"states another CRS than 'WGS 84 / UTM zone 33N'.* -> leave crs or --population-crs "
        r"out",
    ):
        read_opportunities(write_tif(tmp_path / "pop.tif", POWERS, NORTH_UP), crs=32633)
    with pytest.raises(ParameterError, match="'EPSG:0' is no coordinate system"):
        read_opportunities(path, crs="EPSG:0")


def tiles(
    folder: Path, values: np.ndarray, names: dict[tuple[int, int], str]
) -> dict[tuple[int, int], Path]:
    """Square tiles of four pixels by row and column of tiles, from the north."""
    out = {}
    for (r, c), name in names.items():
        part = values[4 * r : 4 * r + 4, 4 * c : 4 * c + 4]
        out[r, c] = write_tif(
            folder / name, part, from_origin(10 + 0.04 * c, 50 - 0.04 * r, 0.01, 0.01)
        )
    return out


def test_tiles_are_one_raster(tmp_path: Path) -> None:
    """2 x 2 tiles hold what the whole holds, in any order of files."""
    values = np.arange(64, dtype=np.float32).reshape(8, 8) + 1
    names = {(0, 0): "pop_nw.tif", (0, 1): "pop_ne.tif", (1, 0): "pop_sw.tif", (1, 1): "pop_se.tif"}
    parts = list(tiles(tmp_path, values, names).values())
    whole = read_opportunities(write_tif(tmp_path / "pop.tif", values, NORTH_UP))
    for files in (parts, parts[::-1]):
        found = read_opportunities(files)
        assert pixels_of(found) == pytest.approx(pixels_of(whole))
        assert found.values.tobytes() == whole.values.tobytes()
        assert found.issues == ()
        assert found.notes[0] == "4 tiles: 64 pixels, 0 of them without data"


def test_a_missing_tile_is_said_with_its_place(tmp_path: Path) -> None:
    """The south-eastern of four tiles is missing: said, unless the box asked for does not
    touch it.
    """
    values = np.ones((8, 8), np.float32)
    parts = list(
        tiles(
            tmp_path, values, {(0, 0): "pop_a.tif", (0, 1): "pop_b.tif", (1, 0): "pop_c.tif"}
        ).values()
    )
    found = read_opportunities(parts)
    assert (found.totals.tolist(), warned(found)) == ([48], ["missing-tile"])
    assert (
        "no pixels between 10.045 and 10.075 degrees east, 49.925 and 49.955 degrees north"
        in str(found.issues[0])
    )
    assert warned(read_opportunities(parts, within=(10.0, 49.97, 10.08, 50.0))) == []
    assert warned(read_opportunities(parts, within=(10.0, 49.92, 10.08, 50.0))) == ["missing-tile"]
    with pytest.raises(InputError, match=r"lies wholly outside the box \(20.0, 49.0, 21.0, 50.0\)"):
        read_opportunities(parts, within=(20, 49, 21, 50))


def test_tiles_that_do_not_fit_are_refused(tmp_path: Path) -> None:
    """Overlaps by name, other pixels, pixels in between, another CRS."""
    first = write_tif(tmp_path / "a.tif", POWERS, NORTH_UP)
    over = write_tif(tmp_path / "b.tif", POWERS, from_origin(10.01, 50.0, 0.01, 0.01))
    with pytest.raises(
        InputError,
        match=r"tiles-overlap: a.tif: 2 x 1 pixels are also in b.tif: they would count twice",
    ):
        read_opportunities([over, first])
    coarse = write_tif(tmp_path / "c.tif", POWERS, from_origin(10.02, 50.0, 0.02, 0.02))
    between = write_tif(tmp_path / "d.tif", POWERS, from_origin(10.045, 50.0, 0.01, 0.01))
    other = write_tif(
        tmp_path / "e.tif", POWERS, from_origin(10.02, 50.02, 0.01, 0.01), "EPSG:4258"
    )
    with pytest.raises(InputError, match="tiles-differ") as caught:
        read_opportunities([first, coarse, between, other])
    assert len(caught.value.issues) == 3
    with pytest.raises(InputError, match=r"a\.tif: is given twice: its pixels would count twice"):
        read_opportunities([first, first])
    (tmp_path / "more").mkdir()
    other = write_tif(tmp_path / "more" / "a.tif", POWERS, NORTH_UP)
    with pytest.raises(
        InputError, match=r"2 x 2 pixels are also in .*more.a\.tif: they would count twice"
    ):
        read_opportunities([first, other])


@pytest.mark.parametrize("layout", [{}, {"tiled": True, "blockxsize": 16, "blockysize": 16}])
def test_windows_and_boxes_change_no_person(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, layout: dict[str, Any]
) -> None:
    """Read in windows of a few rows, cut to four boxes that touch: each says what it cut, together
    they are all.
    """
    monkeypatch.setattr(rastertiles, "_WINDOW", 200)
    monkeypatch.setattr(rastertiles, "_SIDE", 16)
    values = np.random.default_rng(4).integers(0, 9, (50, 60)).astype(np.int16)
    path = write_tif(tmp_path / "pop.tif", values, NORTH_UP, nodata=0, **layout)
    found = read_opportunities(path)
    assert found.totals.tolist() == [values.sum()]
    parts = [
        read_opportunities(path, within=(w, s, e, n))
        for w, e in ((9, 10.3), (10.3, 11))
        for s, n in ((49, 49.8), (49.8, 50))
    ]
    for part in parts:
        assert part.totals + part.cut == found.totals
        assert (
            f"people {values.sum():,} before, {part.totals[0]:,.0f} inside, {part.cut[0]:,.0f} cut "
            "off" in part.notes[-1]
        )
    assert parts[1].totals.tolist() == [values[:20, :30].sum()]
    assert sum(part.totals for part in parts).tolist() == [values.sum()]


@settings(deadline=None, max_examples=25)
@given(
    st.integers(1, 12),
    st.integers(1, 12),
    st.integers(0, 2**31),
    st.sampled_from(["EPSG:4326", "ESRI:54009", "EPSG:32633"]),
)
def test_random_rasters_keep_every_person(
    tmp_path_factory: pytest.TempPathFactory, height: int, width: int, seed: int, crs: str
) -> None:
    """Any size, any numbers, any of three projections: cells and cut sum to the file."""
    rng = np.random.default_rng(seed)
    values = rng.random((height, width)) * rng.integers(0, 2, (height, width)) * 1000
    x, y = Transformer.from_crs("EPSG:4326", crs, always_xy=True).transform(15.0, 50.0)
    size = float(rng.choice([90, 700, 1000])) / (111_000 if crs == "EPSG:4326" else 1)
    path = write_tif(
        tmp_path_factory.mktemp("tif") / "pop.tif", values, from_origin(x, y, size, size), crs
    )
    found = read_opportunities(path)
    assert everywhere(found, (15.05, 49.97))[0] == pytest.approx(values.sum(), abs=1e-6)
    part = read_opportunities(path, within=(15.0, 49.0, 15.02, 50.0))
    assert part.totals[0] + part.cut[0] == pytest.approx(values.sum(), abs=1e-6)


def test_an_empty_box_is_said(tmp_path: Path) -> None:
    """The western half is uninhabited: the result is empty, with a warning."""
    path = write_tif(tmp_path / "pop.tif", np.array([[0, 3]], np.int16), NORTH_UP)
    found = read_opportunities(path, within=(10.0, 49.0, 10.01, 51.0))
    assert (found.totals.tolist(), found.cut.tolist()) == ([0], [3])
    assert "nothing" in warned(found)
    assert everywhere(found, (10.0, 50.0)).tolist() == [0]


def write_csv(path: Path, *lines: str, encoding: str = "utf-8-sig") -> Path:
    path.write_text("\n".join(lines) + "\n", encoding=encoding)
    return path


def test_columns_of_a_table(tmp_path: Path) -> None:
    """All columns of numbers but keys and coordinates, also of a GB18030 file; the one called 人口
    is people.
    """
    path = write_csv(
        tmp_path / "places.csv",
        "编号,名称,经度,纬度,人口,jobs,year",
        "1,甲,116.4,39.9,100,7,2020",
        "2,乙,116.5,39.8,50,8,2020",
        encoding="gb18030",
    )
    found = read_opportunities(path)
    assert (found.columns, found.totals.tolist()) == (("people", "jobs"), [150, 15])
    assert "places.csv: not read: 编号, 名称, year" in found.notes
    assert "places.csv: column '人口' holds the people" in found.notes
    assert warned(found) == ["gb18030"]
    chosen = read_opportunities(path, columns={"jobs": "people"})
    assert (chosen.columns, chosen.totals.tolist()) == (("people",), [15])
    listed = read_opportunities(path, columns=["jobs", "year"])
    assert (listed.columns, listed.totals.tolist()) == (("jobs", "year"), [15, 4040])
    assert read_opportunities(path, columns="人口").columns == ("people",)


def test_people_are_never_guessed(tmp_path: Path) -> None:
    """Two columns that may be people have their own names, none is people, and the warning has a
    remedy.
    """
    path = write_csv(tmp_path / "p.csv", "lon,lat,pop_2010,pop_2020", "10,50,3,4")
    found = read_opportunities(path)
    assert (found.columns, warned(found)) == (("pop_2010", "pop_2020"), ["people-unclear"])
    with pytest.raises(InputError, match="no column is 'people'"):
        found.column()
    none = read_opportunities(write_csv(tmp_path / "q.csv", "lon,lat,beds", "10,50,3"))
    assert (
        "q.csv: no column is called like people; to say which one holds them: columns={'beds': "
        "'people'} or "
        "--population-columns people=beds" in none.notes
    )


def test_densities_are_no_people(tmp_path: Path) -> None:
    """People per km2 cannot be added up: a raster so called is not taken for people, a column so
    called is not read.
    """
    found = read_opportunities(
        write_tif(tmp_path / "gpw_population_density_2020.tif", POWERS, NORTH_UP)
    )
    assert (found.columns, warned(found)) == (("gpw_population_density_2020",), ["density"])
    path = write_csv(
        tmp_path / "p.csv", "lon,lat,people,pop_density,share_women,人口密度", "10,50,3,4,0.5,6"
    )
    assert read_opportunities(path).columns == ("people",)


def test_packed_tables_and_points_at_one_place(tmp_path: Path) -> None:
    """A .csv.gz is unpacked; two rows at one place both count, blank cells do not, and both are
    said.
    """
    path = tmp_path / "p.csv.gz"
    path.write_bytes(gzip.compress(b"lon,lat,people,jobs\n10,50,3,1\n10,50,4,\n11,50,5,2\n"))
    found = read_opportunities(path)
    assert (found.totals.tolist(), warned(found)) == ([12, 3], ["blank", "same-place"])
    assert "1 points share their place" in str(found.issues[1])


@pytest.mark.parametrize(
    ("lines", "codes", "message"),
    [
        (
            ["lat,people", "50,3"],
            ["missing-column"],
            "no columns of longitude and latitude.*name them lon and lat",
        ),
        (["lon,lat,people", ",50,3", "10,,3"], ["out-of-range"] * 2, "row 1 field lon: is blank"),
        (
            ["lon,lat,people", "10,50,many", '10,50,"1,200"'],
            ["bad-number"] * 2,
            "without thousands separators",
        ),
        (
            ["lon,lat,people", "10,50,-4"],
            ["bad-number"],
            "row 1 field people: is negative; allowed are 0 and more",
        ),
        (
            ["lon,lat,people", "10,50,nan", "10,50,inf"],
            ["bad-number"] * 2,
            "is not a finite number",
        ),
        (
            ["lon,lat,people", "31,121,5", "40,116,6"],
            ["out-of-range"] * 2 + ["swapped"],
            "look swapped",
        ),
        (
            ["x,y,people", "500000,5400000,5"],
            ["out-of-range"] * 2 + ["not-degrees"],
            "metres.*or --population-crs",
        ),
        (["lon,lat,people", "10,50"], ["column-count"], "has 2 values, the header has 3"),
        (
            ["lon,lat,name", "10,50,here"],
            ["no-column"],
            "say which with columns=... or --population-columns",
        ),
        (
            ["lon;lat;people", "10;50;3"],
            ["not-csv"],
            "is separated by semicolons -> save it with commas",
        ),
        (["lon,lat,people"], ["empty-file"], "has a header but no rows"),
        ([""], ["empty-file"], "is empty: not even a header"),
        (["lon,lat,people,people", "10,50,3,4"], ["duplicate-column"], "names the column twice"),
        (["lon,lat,people", "\0,50,3"], ["not-text"], "NUL bytes"),
        (
            ["id,people", "89a901291abffff,3", "nonsense,4"],
            ["missing-column"],
            "longitude and latitude",
        ),
        (
            ["h3,people", "89a901291abffff,3", "89ffffffffffff0,4"],
            ["bad-value"],
            "row 2 field h3: is no id of an H3",
        ),
    ],
)
def test_broken_tables(tmp_path: Path, lines: list[str], codes: list[str], message: str) -> None:
    """Each problem by row, field and value, with what is allowed."""
    with pytest.raises(InputError, match=message) as caught:
        read_opportunities(write_csv(tmp_path / "p.csv", *lines))
    assert [
        code
        for issue, code in zip(caught.value.issues, codes_of(caught.value), strict=True)
        if issue.severity == "error"
    ] == codes


def test_several_problems_come_together(tmp_path: Path) -> None:
    """Bad numbers of both files in one error; 30 of a kind are named up to 20 and counted."""
    one = write_csv(tmp_path / "a.csv", "lon,lat,people", *["10,50,-1"] * 30)
    two = write_csv(tmp_path / "b.csv", "lon,lat,people", "10,95,1")
    with pytest.raises(InputError, match="and 10 more rows like this") as caught:
        read_opportunities([one, two])
    assert {issue.file for issue in caught.value.issues} == {"a.csv", "b.csv"}


def test_swapped_coordinates_are_noticed_by_the_box(tmp_path: Path) -> None:
    """Both in range, but nothing lies in the box and everything would the other way round."""
    path = write_csv(tmp_path / "p.csv", "lon,lat,people", "50,10,3")
    with pytest.raises(
        InputError, match=r"none of 1 features lies in .*longitude and latitude look swapped"
    ):
        read_opportunities(path, within=(9, 49, 11, 51))
    with pytest.raises(ParameterError, match="is not west < east"):
        read_opportunities(path, within=(11, 49, 9, 51))
    with pytest.raises(ParameterError, match=r"is not \(west, south, east, north\)"):
        read_opportunities(path, within=(1, 2, 3))  # type: ignore[arg-type]


def test_boxes_cut_points_by_their_west_and_south(tmp_path: Path) -> None:
    """A point on the box's west edge is in, one on its east edge is out; 2 people and 20 jobs are
    cut off.
    """
    path = write_csv(tmp_path / "p.csv", "lon,lat,people,jobs", "10,50,1,10", "11,50,2,20")
    found = read_opportunities(path, within=(10, 50, 11, 51))
    assert (found.totals.tolist(), found.cut.tolist()) == ([1, 10], [2, 20])
    assert found.notes[-1] == (
        "cut to 10, 50, 11, 51: 1 features left out; people 3 before, 1 inside, 2 cut off; "
        "jobs 30 before, 10 inside, 20 cut off"
    )


def test_projected_coordinates_with_their_crs(tmp_path: Path) -> None:
    """A table of metres says its CRS; 500,000 m east in UTM 33 is 15 degrees."""
    path = write_csv(tmp_path / "p.csv", "x,y,people", "500000,5538630.7,5")
    found = read_opportunities(path, crs="EPSG:32633", within=(14.99, 49.99, 15.01, 50.01))
    assert found.totals.tolist() == [5]
    assert everywhere(found, (15.0, 50.0)).tolist() == [5]


def frame(shapes: list[Any], crs: Any = "EPSG:4326", **columns: Any) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame({**columns, "geometry": shapes}, crs=crs)


SQUARES = [shapely.box(10 + 0.01 * k, 50, 10.01 + 0.01 * k, 50.01) for k in range(3)]


@pytest.mark.parametrize("suffix", ["gpkg", "geojson", "shp", "fgb", "parquet"])
@pytest.mark.parametrize("kind", ["points", "areas"])
def test_features_of_any_format(tmp_path: Path, suffix: str, kind: str) -> None:
    """GeoPackage, GeoJSON, shapefile, FlatGeobuf, GeoParquet: the same numbers, every person on a
    cell.
    """
    shapes = SQUARES if kind == "areas" else [shape.centroid for shape in SQUARES]
    table = frame(shapes, name=["a", "b", "c"], pop=[1, 2, 4], beds=[0.5, 0.0, 8.0])
    path = tmp_path / f"places.{suffix}"
    if suffix == "parquet":
        table.to_parquet(path)
    else:
        table.to_file(path)
    found = read_opportunities(path)
    assert (found.kind, found.columns, found.totals.tolist()) == (
        kind,
        ("people", "beds"),
        [7, 8.5],
    )
    assert everywhere(found, (10.015, 50.005)).tolist() == pytest.approx([7, 8.5])
    part = read_opportunities(path, within=(9, 49, 10.008, 51))
    assert (part.totals.tolist(), part.cut.tolist()) == ([1, 0.5], [6, 8.0])


def test_layers_are_chosen_never_guessed(tmp_path: Path) -> None:
    """Two layers are refused with their names; FILE:LAYER or layer= takes one."""
    path = tmp_path / "places.gpkg"
    frame(SQUARES, people=[1, 2, 4]).to_file(path, layer="old")
    frame(SQUARES, people=[10, 20, 40]).to_file(path, layer="new")
    with pytest.raises(
        InputError, match=r"has 2 layers \(old, new\), one is read -> choose one: places.gpkg:old"
    ):
        read_opportunities(path)
    assert read_opportunities(f"{path}:new").totals.tolist() == [70]
    assert read_opportunities(path, layer="old").totals.tolist() == [7]
    with pytest.raises(InputError, match="has no such layer"):
        read_opportunities(path, layer="newest")


def test_invalid_and_absent_geometries_are_counted(tmp_path: Path) -> None:
    """A bow-tie is mended and keeps its people; two features without geometry are left out with
    theirs.
    """
    bow = shapely.Polygon([(10, 50), (10.01, 50.01), (10.01, 50), (10, 50.01)])
    path = tmp_path / "p.gpkg"
    frame([bow, None, shapely.Polygon(), SQUARES[2]], people=[8, 16, 32, 1]).to_file(path)
    found = read_opportunities(path)
    assert (found.totals.tolist(), warned(found)) == ([9], ["no-geometry", "mended"])
    assert "2 features without geometry are left out (people 48)" in str(found.issues[0])
    assert "1 polygons were invalid and are mended (row 1: Self-intersection" in str(
        found.issues[1]
    )
    assert everywhere(found, (10.015, 50.005)).tolist() == pytest.approx([9])


def test_overlapping_areas_are_said(tmp_path: Path) -> None:
    """Neighbours that share a border do not overlap; two that share land do, and both count."""
    path = tmp_path / "p.gpkg"
    frame(SQUARES, people=[1, 2, 4]).to_file(path)
    assert warned(read_opportunities(path)) == []
    frame([*SQUARES, shapely.box(10.005, 50, 10.008, 50.01)], people=[1, 2, 4, 8]).to_file(path)
    found = read_opportunities(path)
    assert (found.totals.tolist(), warned(found)) == ([15], ["overlap"])
    assert "1 pairs of areas overlap (the first near 10.0065, 50.0050)" in str(found.issues[0])


@pytest.mark.slow
def test_areas_on_each_other_are_refused_before_they_are_compared(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of 1,500 equal squares 1,124,250 pairs overlap; of three, three, which the warning counts."""
    path = tmp_path / "p.gpkg"
    frame([SQUARES[0]] * 1_500, people=[1] * 1_500).to_file(path)
    with pytest.raises(
        InputError, match=r"p.gpkg: at least 1,124,250 pairs of areas .* at most 1,000,000 are made"
    ):
        read_opportunities(path)
    frame([SQUARES[0]] * 3, people=[1, 1, 1]).to_file(path)
    monkeypatch.setenv("RAILSHED_LIMITS", "overlaps=3")
    (issue,) = read_opportunities(path).issues
    assert (issue.code, issue.count) == ("overlap", 3)
    monkeypatch.setenv("RAILSHED_LIMITS", "overlaps=2")
    with pytest.raises(
        InputError, match="at least 3 pairs of areas that touch or overlap, at most 2 are made"
    ):
        read_opportunities(path)


@pytest.mark.parametrize(
    ("shapes", "columns", "code", "message"),
    [
        (
            [SQUARES[0], shapely.Point(1, 2)],
            {"people": [1, 2]},
            "mixed-kinds",
            "mixes 1 points and 1 polygons",
        ),
        (
            [shapely.LineString([(0, 0), (1, 1)])],
            {"people": [1]},
            "bad-geometry",
            "1 features are LineString",
        ),
        ([SQUARES[0]], {"people": ["12"]}, "bad-number", "is no column of numbers but"),
        ([SQUARES[0]], {"people": [-3.0]}, "out-of-range", "row 1 field people: is negative"),
        ([SQUARES[0]], {"name": ["x"]}, "no-column", "has no column of numbers"),
        ([shapely.box(50, 100, 51, 101)], {"people": [1]}, "out-of-range", "look swapped"),
        ([None], {"people": [1]}, "empty-file", "holds no feature with a geometry"),
        ([], {"people": []}, "empty-file", "holds no features"),
    ],
)
def test_features_that_cannot_be_used(
    tmp_path: Path, shapes: list[Any], columns: dict[str, Any], code: str, message: str
) -> None:
    """Mixed kinds, lines, words, negative numbers, swapped coordinates, nothing at all."""
    path = tmp_path / "p.parquet"
    frame(shapes, **columns).to_parquet(path)
    with pytest.raises(InputError, match=message) as caught:
        read_opportunities(path)
    assert code in codes_of(caught.value)


def test_features_without_a_crs_are_refused(tmp_path: Path) -> None:
    """A shapefile without .prj says the fix; crs= mends it."""
    path = tmp_path / "p.shp"
    frame(SQUARES, people=[1, 2, 4]).to_file(path)
    path.with_suffix(".prj").unlink()
    with pytest.raises(
        InputError, match=r"states no CRS -> say which: crs='EPSG:...' or --population-crs EPSG"
    ):
        read_opportunities(path)
    found = read_opportunities(path, crs=4326)
    assert found.totals.tolist() == [7]
    assert sorted(found.checksums) == [
        "p.cpg",
        "p.dbf",
        "p.shp",
        "p.shx",
    ]  # the numbers stand in the .dbf


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_chinese_shapefiles_without_a_code_page(tmp_path: Path, encoding: str) -> None:
    """A .dbf that does not say its encoding, as Chinese Windows leaves it: 人口 is still people."""
    path = tmp_path / "p.shp"
    frame(SQUARES, 人口=[1, 2, 4]).to_file(path, encoding=encoding)
    path.with_suffix(".cpg").unlink()
    dbf = bytearray(path.with_suffix(".dbf").read_bytes())
    dbf[29] = 0
    path.with_suffix(".dbf").write_bytes(dbf)
    found = read_opportunities(path)
    assert (found.columns, found.totals.tolist()) == (("people",), [7])
    assert warned(found) == (["gb18030"] if encoding == "gb18030" else [])


def test_blank_numbers_of_features_are_counted_as_none(tmp_path: Path) -> None:
    """A null of GeoParquet's whole numbers counts as zero, with a warning."""
    path = tmp_path / "p.parquet"
    frame(SQUARES, people=pd.array([1, None, 4], dtype="Int64")).to_parquet(path)
    found = read_opportunities(path)
    assert (found.totals.tolist(), warned(found)) == ([5], ["blank"])


def test_files_that_are_none(tmp_path: Path) -> None:
    """Other endings, broken files, absent ones, a missing column, kinds that do not go together."""
    with pytest.raises(
        InputError, match=r"not named like a raster, table or features; allowed: .tif, .tiff"
    ):
        read_opportunities(tmp_path / "people.xlsx")
    broken = tmp_path / "p.gpkg"
    broken.write_bytes(b"nothing")
    with pytest.raises(InputError, match="is no readable file of features"):
        read_opportunities(broken)
    for name in ("absent.gpkg", "absent.csv", "absent.parquet"):
        with pytest.raises(InputError, match="absent"):
            read_opportunities(tmp_path / name)
    path = write_csv(tmp_path / "p.csv", "lon,lat,people", "10,50,3")
    with pytest.raises(InputError, match="the column is missing"):
        read_opportunities(path, columns=["pupils"])
    with pytest.raises(ParameterError, match="cannot name two columns"):
        read_opportunities(path, columns={"people": "a", "lon": "a"})
    with pytest.raises(ParameterError, match="files of one kind can be read together"):
        read_opportunities([path, broken])
    with pytest.raises(ParameterError, match="no file is given"):
        read_opportunities([])
    other = write_csv(tmp_path / "q.csv", "lon,lat,jobs", "10,50,3")
    with pytest.raises(InputError, match=r"q.csv: has columns jobs, the other people \(p.csv\)"):
        read_opportunities([path, other])


def test_order_of_rows_and_files_changes_no_bit(tmp_path: Path) -> None:
    """Tables with shuffled rows, and two files in either order, hold the same bytes."""
    rng = np.random.default_rng(6)
    rows = [
        f"{10 + rng.integers(0, 9) / 10},{50 + rng.integers(0, 9) / 10},{rng.random()},{rng.random()}"
        for _ in range(99)
    ]
    head = "lon,lat,people,jobs"
    one = read_opportunities(write_csv(tmp_path / "a.csv", head, *rows))
    two = read_opportunities(
        write_csv(tmp_path / "b.csv", head, *[rows[k] for k in rng.permutation(99)])
    )
    assert one.values.tobytes() == two.values.tobytes()
    parts = [
        write_csv(tmp_path / "c.csv", head, *rows[:40]),
        write_csv(tmp_path / "d.csv", head, *rows[40:]),
    ]
    for files in (parts, parts[::-1]):
        found = read_opportunities(files)
        assert found.column("jobs") in (0, 1)
        assert found.values[:, found.column("people")].tobytes() == one.values[:, 0].tobytes()


@pytest.mark.skipif(not PORTO_ALEGRE.exists(), reason="the raw data of Porto Alegre is not at hand")
@pytest.mark.parametrize("hexagons", [False, True])
def test_porto_alegre_keeps_its_people(hexagons: bool) -> None:
    """812,935 people, 194 schools, 337,921 jobs in 1,227 hexagons, as points and as hexagons, to
    the person.
    """
    found = read_opportunities(PORTO_ALEGRE, hexagons=hexagons)
    assert (len(found), found.kind) == (1227, "areas" if hexagons else "points")
    assert [found.totals[found.column(name)] for name in ("people", "schools", "jobs")] == [
        812935,
        194,
        337921,
    ]
    for size_m in (100, 500):
        sums = everywhere(found, (-51.15, -30.1), size_m, 30_000 // size_m)
        np.testing.assert_allclose(sums, found.totals, atol=1e-6)


def dbf(names: Sequence[bytes], code_page: int = 0, data: bytes = b"") -> bytes:
    """Return a table of columns of ten characters, 32 bytes each after a head of 32, and
    its data.
    """
    size = 32 * (len(names) + 1) + 1
    head = (
        bytes([3, 126, 1, 1]) + (0).to_bytes(4, "little") + size.to_bytes(2, "little") + bytes(19)
    )
    head += bytes([code_page, 0, 0])
    return (
        head + b"".join(name.ljust(11, b"\0") + b"N" + bytes(20) for name in names) + b"\r" + data
    )


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        (dbf(["人口".encode()]), "utf-8"),
        (dbf([b"id", "人口".encode("gb18030")]), "gb18030"),
        (dbf(["人口".encode()], code_page=77), None),
        (dbf([b"people"]), None),
        (dbf([b"people"], data="人口".encode("gb18030") * 40), None),
        (dbf(["人口".encode()], data="人口".encode("gb18030") * 40), "utf-8"),
        (b"\x03", None),
    ],
)
def test_the_encoding_of_a_table_is_that_of_its_heads(
    tmp_path: Path, content: bytes, encoding: str | None
) -> None:
    """Where neither a code page nor a .cpg states it and a head is not ASCII; the data below do not
    count.
    """
    path = tmp_path / "p.dbf"
    path.write_bytes(content)
    assert _dbf_encoding(path.with_suffix(".shp")) == encoding
    path.with_suffix(".cpg").write_text("GBK")
    assert _dbf_encoding(path.with_suffix(".shp")) is None


def test_pixels_of_a_box_by_hand() -> None:
    """Rows of 0.25 degrees from 30 N, columns of 0.5 from 100 E: one pixel more on every side."""
    box = PixelBox(CRS.from_epsg(4326), (100.0, 30.0), (0.5, 0.25), (101.0, 31.0, 103.0, 32.0))
    assert box.bounds == (3, 1, 9, 7)
    south = PixelBox(CRS.from_epsg(4326), (100.0, 32.5), (0.5, -0.25), None)
    assert south.bounds is None
    assert south.degrees(2, 4) == (102.25, 31.875)
