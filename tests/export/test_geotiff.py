"""GeoTIFF of surfaces: cells where they lie, minutes to the second, and two kinds of nothing that
no mean counts.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
from pyproj import CRS, Transformer

from railshed.api.analysis import Analysis
from railshed.cells.grid import Grid
from railshed.export.geotiff import NO_DATA, TILE, Extent, write_surface
from railshed.util.errors import InputError, OutputError, ParameterError
from railshed.util.units import UNREACHED

rasterio = pytest.importorskip("rasterio", reason="rasterio (extra raster) is not installed")

GRID = Grid(116.5, 40.0, 250)
#: three cells of a 2 x 3 rectangle: the north-east one unreachable
ROW, COLUMN = np.array([-1, 0, 0]), np.array([4, 4, 6])
SECONDS = np.array([1800, 3601, UNREACHED], np.int64)


def written(path: Path, **options: object) -> Path:
    return write_surface(path / "a.tif", GRID, ROW, COLUMN, {"percentile 50": SECONDS}, **options)


def test_cells_lie_where_the_grid_has_them(tmp_path: Path) -> None:
    """North is up: row 0 is the first line; each pixel's centre is the cell's, in the grid's
    projection.
    """
    with rasterio.open(written(tmp_path)) as raster:
        assert raster.shape == (2, 3)
        assert raster.bounds == (1000.0, -250.0, 1750.0, 250.0)
        for row, column in zip(ROW.tolist(), COLUMN.tolist(), strict=True):
            x, y = GRID.centre(np.array(row), np.array(column))
            assert raster.index(float(x), float(y)) == (-row, column - 4)
        wkt = raster.crs.to_wkt()
        lon, lat = GRID.unproject(1125.0, 125.0)
    x, y = Transformer.from_crs("EPSG:4326", wkt, always_xy=True).transform(float(lon), float(lat))
    assert (x, y) == (pytest.approx(1125.0, abs=1e-3), pytest.approx(125.0, abs=1e-3))


def test_minutes_no_data_and_unreachable(tmp_path: Path) -> None:
    """Minutes come back to the second; unlisted is the nodata, unreachable NaN; means are over the
    reached.
    """
    with rasterio.open(written(tmp_path)) as raster:
        minutes, status = raster.read()
        assert raster.nodata == NO_DATA
        assert np.round(minutes[[1, 0], [0, 0]] * 60).tolist() == [1800, 3601]
        assert np.isnan(minutes[0, 2])
        assert minutes[[0, 1, 1], [1, 1, 2]].tolist() == [NO_DATA] * 3
        assert status.tolist() == [[2, 0, 1], [2, 0, 0]]
        assert raster.stats(indexes=1)[0].mean == pytest.approx((1800 + 3601) / 120)
        masked = raster.read(1, masked=True)
        assert (masked <= 60).sum() == 1
        assert (minutes <= 60).sum() == 1  # also where the nodata is overlooked


def test_known_cells_that_are_not_listed_are_unreachable(tmp_path: Path) -> None:
    """Of the three cells without seconds the one known to be land is unreachable, the others no
    data.
    """
    known = np.zeros((2, 3), dtype=bool)
    known[1, 2] = True
    with rasterio.open(written(tmp_path, known=known)) as raster:
        minutes, status = raster.read()
        assert np.isnan(minutes[1, 2])
        assert status.tolist() == [[2, 0, 1], [2, 0, 1]]
    assert [a.tolist() for a in Extent(-1, 0, 4, 6).cells()] == [
        [0, 0, 0, -1, -1, -1],
        [4, 5, 6, 4, 5, 6],
    ]


def test_every_second_survives(tmp_path: Path) -> None:
    """All whole seconds of three hours, as float32 minutes, come back exactly."""
    seconds = np.arange(10_800)
    row, column = np.divmod(seconds, 120)
    path = write_surface(tmp_path / "a.tif", GRID, row, column, {"p": seconds})
    with rasterio.open(path) as raster:
        assert (
            np.round(raster.read(1)[::-1].astype(float) * 60).ravel().tolist() == seconds.tolist()
        )


def test_words_travel_with_the_file(tmp_path: Path) -> None:
    """Bands are described with their unit; definition, both kinds of nothing and the projection
    stand in the tags.
    """
    path = written(
        tmp_path, title="Mid 中", definition=["door to station", "门到站"], tags={"city": "mid"}
    )
    with rasterio.open(path) as raster:
        assert raster.descriptions == ("percentile 50 (minutes)", "status (code)")
        assert raster.units == ("min", None)
        tags = raster.tags()
    assert (tags["TIFFTAG_IMAGEDESCRIPTION"], tags["definition"], tags["city"]) == (
        "Mid 中",
        "door to station\n门到站",
        "mid",
    )
    assert tags["no_data"].startswith("999999,")
    assert tags["unreachable"].startswith("NaN")
    assert "+proj=laea +lat_0=40 +lon_0=116.5" in tags["crs"]
    assert tags["cell_size_m"] == "250"


def test_only_geotiff_is_written(tmp_path: Path) -> None:
    """A picture's ending is refused with those allowed; capitals are none of the file's
    business.
    """
    with pytest.raises(
        ParameterError, match=r"a\.png: a GeoTIFF is written; allowed endings are \.tif, \.tiff"
    ):
        write_surface(tmp_path / "a.png", GRID, ROW, COLUMN, {"p": SECONDS})
    assert write_surface(tmp_path / "a.TIFF", GRID, ROW, COLUMN, {"p": SECONDS}).is_file()


def test_layout_is_cloud_optimised(tmp_path: Path) -> None:
    """A raster of 600 x 700 has tiles, overviews by nearest neighbour and the layout of a COG, by
    two judges.
    """
    row, column = (a.ravel() for a in np.indices((600, 700)))
    seconds = np.where(np.arange(row.size) % 7 == 0, UNREACHED, row * 7 + column)
    path = write_surface(
        tmp_path / "a.tif", GRID, row, column, {"p50": seconds, "p75": seconds + (seconds < 9999)}
    )
    with rasterio.open(path) as raster:
        assert raster.tags(ns="IMAGE_STRUCTURE")["LAYOUT"] == "COG"
        assert raster.block_shapes == [(TILE, TILE)] * 3
        assert raster.overviews(1) == [2, 4]
        whole = raster.read(1)
        small = raster.read(1, out_shape=(300, 350))
        values = np.unique(small[~np.isnan(small)])
        assert np.isin(values, whole).all()
        assert raster.crs.linear_units == "metre"
    cogeo = pytest.importorskip(
        "rio_cogeo.cogeo", reason="rio-cogeo is not installed: LAYOUT=COG was seen"
    )
    valid, errors, remarks = cogeo.cog_validate(path, quiet=True)
    assert (valid, errors, remarks) == (True, [], [])


def test_same_input_same_bytes(tmp_path: Path) -> None:
    """Twice the same, and cells in another order, are the same file; nothing else is left in the
    folder.
    """
    one = written(tmp_path).read_bytes()
    back = slice(None, None, -1)
    path = write_surface(
        tmp_path / "a.tif", GRID, ROW[back], COLUMN[back], {"percentile 50": SECONDS[back]}
    )
    assert path.read_bytes() == one
    assert [p.name for p in tmp_path.iterdir()] == ["a.tif"]


def test_an_extent_cuts_and_widens(tmp_path: Path) -> None:
    """Only cells within the extent are written, and the rest of it is no data."""
    extent = Extent(0, 2, 3, 4)
    with rasterio.open(written(tmp_path, extent=extent)) as raster:
        assert raster.read(2).tolist() == [[0, 0], [0, 0], [0, 2]]
        assert raster.bounds == (750.0, 0.0, 1250.0, 750.0)
    empty = np.empty(0, np.int64)
    path = write_surface(tmp_path / "b.tif", GRID, empty, empty, {"p": empty}, extent=extent)
    with rasterio.open(path) as raster:
        assert (raster.read(1) == NO_DATA).all()


def test_what_does_not_fit_is_refused_all_at_once(tmp_path: Path) -> None:
    """Bands of another length, a name taken, a cell twice are one error that names all; so are
    shape and size.
    """
    twice = np.array([0, 0])
    with pytest.raises(
        ParameterError, match=r"named 'status'.*given twice.*'p' has 3 values for 2 cells"
    ):
        write_surface(tmp_path / "a.tif", GRID, twice, twice, {"p": SECONDS, "status": SECONDS[:2]})
    with pytest.raises(ParameterError, match=r"no band given.*1 rows and 2 columns"):
        write_surface(tmp_path / "a.tif", GRID, twice[:1], twice, {})
    empty = np.empty(0, np.int64)
    with pytest.raises(ParameterError, match="no cell and no extent"):
        write_surface(tmp_path / "a.tif", GRID, empty, empty, {"p": empty})
    with pytest.raises(ParameterError, match=r"known has shape \(1, 1\); allowed: \(2, 3\)"):
        written(tmp_path, known=np.ones((1, 1), dtype=bool))
    far = np.array([0, 1_000_000])
    with pytest.raises(ParameterError, match="at most 50,000,000"):
        write_surface(tmp_path / "a.tif", GRID, far, far, {"p": far})
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    """A path that cannot be written is an OutputError, not a traceback of GDAL."""
    with pytest.raises(OutputError, match="cannot be written"):
        written(tmp_path / "nowhere")


def test_without_rasterio_the_error_names_the_extra(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where rasterio cannot be imported the message says what to install."""
    monkeypatch.setitem(sys.modules, "rasterio", None)
    with pytest.raises(InputError, match=r"pip install 'railshed\[raster\]'"):
        written(tmp_path)


@pytest.mark.parametrize(
    ("grid", "name"),
    [
        (GRID, "Lambert azimuthal equal-area at lon 116.5 lat 40"),
        (
            Grid(106.0, 0.0, 250, (23.0, 42.0)),
            "Albers equal-area conic of parallels 23 and 42 at lon 106 lat 0",
        ),
    ],
    ids=["Lambert", "Albers"],
)
def test_the_projection_has_a_telling_name(grid: Grid, name: str, tmp_path: Path) -> None:
    """No register knows the grid's projection: its name says what and where it is, and it is the
    same projection.
    """
    with rasterio.open(
        write_surface(tmp_path / "a.tif", grid, ROW, COLUMN, {"percentile 50": SECONDS})
    ) as raster:
        found = CRS.from_wkt(raster.crs.to_wkt())
    assert found.name == f"railshed grid, {name}"
    assert found == grid.crs


@pytest.mark.parametrize("percentiles", [[], [50, 101], [-1]])
def test_percentiles_that_are_none(
    toy_run: Analysis, tmp_path: Path, percentiles: list[int]
) -> None:
    with pytest.raises(ParameterError, match="allowed are whole numbers 0-100"):
        toy_run.circle("mid").to_raster(tmp_path / "a.tif", percentiles=percentiles)
    assert not list(tmp_path.iterdir())
