"""Two hundred hostile rasters, tables, vectors and OSM files: read, or refused with a sentence;
nothing else.
"""

from __future__ import annotations

import gzip
import json
import math
import random
import re
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pytest
import shapely

from tests.support import osm_town
from tests.support.forks import SEED, listed, part, ran
from tests.support.random_feeds import cut, flip_bytes, insert

#: of hostile files in the whole, those written down here and those made at random
N = 200
SLICES = 8
#: what of the toy network files lie upon
WEST, SOUTH, EAST, NORTH = 99.9, 0.2, 100.1, 0.4
#: commands by what they read; FILE stands for the file
READERS: dict[str, tuple[str, ...]] = {
    "people": ("circle", "mid", "-n", "toy", "--draws", "0", "--no-car", "--population", "FILE"),
    "jobs": ("circle", "mid", "-n", "toy", "--draws", "0", "--no-car", "--opportunities", "FILE"),
    "areas": (
        "circle",
        "-n",
        "FEED",
        "--at",
        "100.0,0.3",
        "--name",
        "X",
        "--draws",
        "0",
        "--boundaries",
        "FILE",
    ),
    "basemap": (
        "circle",
        "mid",
        "-n",
        "toy",
        "--draws",
        "0",
        "--no-car",
        "-o",
        "OUT",
        "--basemap",
        "FILE",
    ),
    "streets": ("circle", "mid", "-n", "toy", "--draws", "0", "--no-car", "--streets", "FILE"),
    "network": ("import-osm", "FILE", "-o", "OUT", "--date", "2024-05-14"),
    "plan": ("compare", "mid", "-n", "toy", "-s", "FILE"),
}
_RASTER, _VECTOR, _OSM = ("people", "jobs"), ("people", "areas", "basemap"), ("network", "streets")
#: what no output may have of a file that another one names
SECRET = "not for your eyes"


# --- good files ---------------------------------------------------------------------------------


@cache
def tif(values: bytes | None = None, **changes: Any) -> bytes:
    """Return a GeoTIFF of 24 x 24 pixels of people, or with other properties."""
    import rasterio

    dtype = changes.get("dtype", "float32")
    pixels = (
        np.arange(576).reshape(24, 24).astype(dtype)
        if values is None
        else np.frombuffer(values, dtype)
    )
    size = (EAST - WEST) / 24
    profile = {
        "driver": "GTiff",
        "width": 24,
        "height": 24,
        "count": 1,
        "dtype": dtype,
        "crs": "EPSG:4326",
        "transform": rasterio.Affine(size, 0, WEST, 0, -size, NORTH),
        "nodata": -1,
        **changes,
    }
    with rasterio.MemoryFile() as memory:
        with memory.open(**profile) as file:
            if profile["width"] == 24:
                for band in range(profile["count"]):
                    file.write(pixels.reshape(24, 24), band + 1)
        return bytes(memory.read())


def transform(*six: float) -> bytes:
    from rasterio import Affine

    return tif(transform=Affine(*six))


def layer(*shapes: Any, **columns: Sequence[Any]) -> gpd.GeoDataFrame:
    table = {
        "people": range(len(shapes)),
        "county_code": [f"c{k}" for k in range(len(shapes))],
        **columns,
    }
    return gpd.GeoDataFrame(table, geometry=list(shapes), crs="EPSG:4326")


def squares(n: int) -> list[Any]:
    edges = np.linspace(WEST, EAST, n + 1), np.linspace(SOUTH, NORTH, n + 1)
    return [
        shapely.box(edges[0][i], edges[1][j], edges[0][i + 1], edges[1][j + 1])
        for i in range(n)
        for j in range(n)
    ]


def geojson(*shapes: Any, **columns: Sequence[Any]) -> bytes:
    return layer(*shapes, **columns).to_json().encode()


def raw(*coordinates: Any, kind: str = "Polygon", **more: Any) -> bytes:
    """Return GeoJSON with a geometry of these coordinates, whatever they are."""
    feature = {"type": "Feature", "properties": {"people": 1, "county_code": "c"}, **more}
    feature["geometry"] = {"type": kind, "coordinates": list(coordinates)}
    return json.dumps({"type": "FeatureCollection", "features": [feature]}).encode()


def osm(*parts: str, head: str = "") -> bytes:
    return f'<?xml version="1.0"?>{head}<osm version="0.6">{"".join(parts)}</osm>'.encode()


def streets() -> bytes:
    """Return nine by nine crossings a kilometre apart, joined by streets."""
    nodes = [
        f'<node id="{i * 9 + j + 1}" lon="{99.96 + i / 100}" lat="{0.26 + j / 100}"/>'
        for i in range(9)
        for j in range(9)
    ]
    rows = [[i * 9 + j + 1 for j in range(9)] for i in range(9)]
    ways = [*rows, *zip(*rows, strict=True)]
    return osm(
        *nodes, *(osm_town.way(k, *refs, highway="residential") for k, refs in enumerate(ways, 1))
    )


def pbf(folder: Path) -> bytes:
    """Return the town's railways as .osm.pbf."""
    import osmium

    source, target = folder / "town.osm", folder / "town.osm.pbf"
    osm_town.write_town(source)
    with osmium.SimpleWriter(str(target), overwrite=True) as writer:
        for one in osmium.FileProcessor(str(source)):
            writer.add(one)
    return target.read_bytes()


def gpkg(folder: Path, table: gpd.GeoDataFrame, ending: str = ".gpkg") -> bytes:
    path = folder / f"good{ending}"
    table.to_file(path)
    return path.read_bytes()


# --- hostile ones -------------------------------------------------------------------------------

Case = tuple[str, str, Callable[[Path], bytes]]


def named() -> Iterator[tuple[str, Sequence[str], str, Callable[[Path], bytes]]]:
    """Yield name, readers, ending and content of the files that are written down."""
    inf, nan = math.inf, math.nan
    size = (EAST - WEST) / 24
    for name, six in {
        "NaN": (nan, 0, WEST, 0, -size, NORTH),
        "NaN origin": (size, 0, nan, 0, -size, NORTH),
        "infinite": (inf, 0, WEST, 0, -size, NORTH),
        "no width": (0, 0, WEST, 0, -size, NORTH),
        "huge": (1e308, 0, WEST, 0, -1e308, NORTH),
        "tiny": (1e-300, 0, WEST, 0, -1e-300, NORTH),
        "turned": (0, size, WEST, size, 0, NORTH),
        "upside down": (size, 0, WEST, 0, size, SOUTH),
        "far": (size, 0, 1e18, 0, -size, NORTH),
    }.items():
        yield f"transform: {name}", _RASTER, ".tif", lambda _, six=six: transform(*six)
    for name, values in {"NaN": nan, "infinite": inf, "largest": 3e38, "below zero": -5.0}.items():
        content = np.full(576, values, np.float32).tobytes()
        yield f"pixels {name}", _RASTER, ".tif", lambda _, content=content: tif(content)
    yield "complex pixels", _RASTER, ".tif", lambda _: tif(dtype="complex64", nodata=None)
    yield "no CRS", _RASTER, ".tif", lambda _: tif(crs=None)
    yield "CRS of the moon", _RASTER, ".tif", lambda _: tif(crs="IAU_2015:30100")
    yield "forty bands", _RASTER, ".tif", lambda _: tif(count=40)
    yield (
        "a hundred thousand pixels a side, none stored",
        _RASTER,
        ".tif",
        lambda _: tif(
            width=100_000, height=100_000, tiled=True, sparse_ok=True, compress="deflate"
        ),
    )
    yield "a text", _RASTER, ".tif", lambda _: b"no raster"
    crossing = shapely.Polygon([(WEST, SOUTH), (EAST, NORTH), (EAST, SOUTH), (WEST, NORTH)])
    ring = [[WEST, SOUTH], [EAST, SOUTH], [EAST, NORTH], [WEST, NORTH], [WEST, SOUTH]]
    star = [[100 + math.cos(k) / 10, 0.3 + math.sin(k) / 10] for k in range(4_000)]
    round_ = [[100 + math.cos(k / 3e4) / 10, 0.3 + math.sin(k / 3e4) / 10] for k in range(180_000)]
    shapes: dict[str, Callable[[Path], bytes]] = {
        "crosses itself": lambda _: geojson(crossing),
        "crosses itself 4,000 times": lambda _: raw([*star[:170], star[0]]),
        "crosses itself millions of times": lambda _: raw([*star, star[0]]),
        "empty": lambda _: geojson(shapely.Polygon()),
        "no geometry": lambda _: geojson(None, squares(1)[0]),
        "a collection": lambda _: geojson(
            shapely.GeometryCollection([crossing, shapely.Point(100, 0.3)])
        ),
        "of every kind": lambda _: geojson(
            shapely.Point(100, 0.3), shapely.LineString(ring), squares(1)[0]
        ),
        "coordinates of 1e308": lambda _: raw([[x * 1e306, y] for x, y in ring]),
        "coordinates of 1e400": lambda _: raw(ring).replace(b"99.9", b"1e400"),
        "coordinates NaN": lambda _: raw([[float("nan"), y] for _, y in ring]),
        "coordinates of texts": lambda _: raw([["a", "b"]] * 5),
        "coordinates null": lambda _: raw([[None, None]] * 5),
        "one coordinate": lambda _: raw([[1]] * 5),
        "an open ring": lambda _: raw(ring[:-1]),
        "two points": lambda _: raw(ring[:2]),
        "a hole outside": lambda _: raw(ring, [[x + 5, y] for x, y in ring]),
        "around the world": lambda _: raw(
            [[-180, -90], [180, -90], [180, 90], [-180, 90], [-180, -90]]
        ),
        "over the antimeridian": lambda _: raw(
            [[179, 0], [-179, 0], [-179, 1], [179, 1], [179, 0]]
        ),
        "an unknown kind": lambda _: raw(ring, kind="Blob"),
        "six hundred equal squares": lambda _: geojson(*(squares(1) * 600)),
        "180,000 corners": lambda _: raw([*round_, round_[0]]),
        "people that are texts": lambda _: geojson(*squares(3), people=["x"] * 9),
        "people of 1e300": lambda _: geojson(*squares(3), people=[1e300] * 9),
        "people below zero": lambda _: geojson(*squares(3), people=[-5] * 9),
        "codes with controls": lambda _: geojson(*squares(3), county_code=["\x1b[31m\u202e"] * 9),
        "no features": lambda _: b'{"type": "FeatureCollection", "features": []}',
        "nested 100,000 deep": lambda _: b"[" * 100_000,
        "half a file": lambda _: geojson(*squares(3))[:300],
        "a number": lambda _: b"7",
        "UTF-16": lambda _: geojson(*squares(3)).decode().encode("utf-16"),
    }
    for name, make in shapes.items():
        yield f"shape: {name}", (*_VECTOR, "plan"), ".geojson", make
    for reader in _VECTOR:  # each of them mends polygons
        yield (
            f"shape for {reader}: millions of crossings",
            (reader,),
            ".geojson",
            shapes["crosses itself millions of times"],
        )
    yield "no database", _VECTOR, ".gpkg", lambda _: b"SQLite format 3\0" + bytes(200)
    for name, text in {
        "NUL": "lon,lat,people\n100,0.3,\0\n",
        "1e400": "lon,lat,people\n100,0.3,1e400\n",
        "NaN": "lon,lat,people\nnan,nan,nan\n",
        "header alone": "lon,lat,people\n",
        "no columns": "a,b\n1,2\n",
        "quote": 'lon,lat,people\n100,0.3,"5\n',
        "far": "lon,lat,people\n1e9,-1e9,5\n",
        "empty": "",
        "long": "lon,lat,people\n" + "9" * 200_000 + ",0,1\n",
    }.items():
        yield f"table: {name}", _RASTER, ".csv", lambda _, text=text: text.encode()
    entity = '<!DOCTYPE osm [<!ENTITY x SYSTEM "file://{}">]>'
    laughs = "".join(f'<!ENTITY l{k} "{f"&l{k - 1};" * 10}">' for k in range(1, 10))
    stop = (
        '<node id="1" lon="100" lat="0.3"><tag k="railway" v="station"/><tag k="name" '
        'v="{}"/></node>'
    )

    def xxe(folder: Path) -> bytes:
        (folder / "secret.txt").write_text(SECRET, encoding="utf-8")
        return osm(stop.format("&x;"), head=entity.format(folder / "secret.txt"))

    documents: dict[str, Callable[[Path], bytes]] = {
        "another file's text": xxe,
        "a billion laughs": lambda _: osm(
            stop.format("&l9;"), head=f'<!DOCTYPE osm [<!ENTITY l0 "ha">{laughs}]>'
        ),
        "half a file": lambda _: streets()[:1_000],
        "nothing": lambda _: b"",
        "no OSM": lambda _: b"<html/>",
        "nested 50,000 deep": lambda _: b"<osm>" + b"<a>" * 50_000,
        "places NaN": lambda _: streets().replace(b'lat="0.26"', b'lat="nan"'),
        "places of 1e9": lambda _: streets().replace(b'lat="0.26"', b'lat="1e9"'),
        "ids that are texts": lambda _: streets().replace(b'id="1"', b'id="one"'),
        "ids of 2**80": lambda _: streets().replace(b'id="1"', b'id="1208925819614629174706176"'),
        "ids twice": lambda _: streets().replace(b'id="2"', b'id="1"'),
        "nodes that are not there": lambda _: streets().replace(b'<node id="4', b'<node id="9004'),
        "ways of one node": lambda _: osm(
            stop.format("a"), *(osm_town.way(k, 1, railway="rail") for k in range(1, 9))
        ),
        "relations within themselves": lambda _: osm(
            stop.format("a"),
            *(
                osm_town.relation(k, f"r{(k + 1) % 3}", type="route", route="train")
                for k in range(3)
            ),
        ),
        "a name of a megabyte": lambda _: osm(stop.format("a" * 2**20)),
        "names with controls": lambda _: osm(stop.format("&#x202e;&#x9b;31m")),
        "another encoding": lambda _: streets().decode().encode("utf-16"),
    }
    for name, make in documents.items():
        yield f"OSM: {name}", _OSM, ".osm", make
    yield (
        "OSM: a gzip bomb",
        _OSM,
        ".osm.gz",
        lambda _: gzip.compress(b"<osm>" + b" " * (512 << 20)),
    )
    yield "OSM: half a gzip", _OSM, ".osm.gz", lambda _: gzip.compress(streets())[:200]
    yield "OSM: a text as pbf", _OSM, ".osm.pbf", lambda _: b"\0\0\0\x0d" * 50
    yield "OSM: a block of 4 GiB", _OSM, ".osm.pbf", lambda _: b"\xff\xff\xff\xff" + pbf_head()
    yield (
        "graph: another file's text",
        ("streets",),
        ".graphml",
        lambda f: xxe(f).replace(b"osm", b"graphml"),
    )
    yield "graph: no graph", ("streets",), ".graphml", lambda _: b"<graphml><graph/></graphml>"


def pbf_head() -> bytes:
    return b"\x0a\x09OSMHeader\x18\xff\xff\xff\xff\x0f" + bytes(64)


#: files that are right, and who reads them: bytes of them are flipped, cut out and put in
GOOD: dict[str, tuple[Sequence[str], str, Callable[[Path], bytes]]] = {
    "raster": (_RASTER, ".tif", lambda _: tif()),
    "packed raster": (
        _RASTER,
        ".tif",
        lambda _: tif(compress="deflate", tiled=True, blockxsize=16, blockysize=16),
    ),
    "geopackage": (_VECTOR, ".gpkg", lambda folder: gpkg(folder, layer(*squares(3)))),
    "flatgeobuf": (_VECTOR, ".fgb", lambda folder: gpkg(folder, layer(*squares(3)), ".fgb")),
    "geojson": (_VECTOR, ".geojson", lambda _: geojson(*squares(3))),
    "streets": (_OSM, ".osm", lambda _: streets()),
    "town": (_OSM, ".osm.pbf", pbf),
    "packed streets": (_OSM, ".osm.gz", lambda _: gzip.compress(streets())),
}


def cases() -> list[tuple[str, str, str, Callable[[Path], bytes]]]:
    """Return name, reader, ending and content: those written down, each by one of its readers, then
    random ones.
    """
    found = [
        (name, readers[k % len(readers)], ending, make)
        for k, (name, readers, ending, make) in enumerate(named())
    ]
    for seed in range(SEED, SEED + N - len(found)):
        rng = random.Random(seed)
        kind = rng.choice(sorted(GOOD))
        readers, ending, make = GOOD[kind]
        change = rng.choice((flip_bytes, flip_bytes, flip_bytes, cut, insert))

        def damaged(
            folder: Path, seed: int = seed, make: Any = make, change: Any = change
        ) -> bytes:
            return bytes(change(make(folder), random.Random(seed)))

        found.append((f"{kind} {seed}", rng.choice(readers), ending, damaged))
    return found[:: N // part(N)]


def problems(
    case: tuple[str, str, str, Callable[[Path], bytes]], folder: Path, feed: Path
) -> list[str]:
    """Return what is wrong with how a command ends on a file."""
    _, reader, ending, make = case
    file, out = folder / f"file{ending}", folder / "out"
    file.write_bytes(make(folder))
    at = {"FILE": file, "OUT": out, "FEED": feed}
    ended = ran(*(at.get(word, word) for word in READERS[reader]), folder=folder)
    found = ended.problems(0, 2)
    found += ["something is written"] * (ended.code == 2 and out.exists() and any(out.iterdir()))
    written = (
        [path.read_bytes() for path in out.rglob("*") if path.is_file()] if out.exists() else []
    )
    found += ["another file's text"] * any(
        SECRET.encode() in data for data in [*written, ended.out.encode()]
    )
    found += ["a raw control character"] * bool(
        re.search("[\x1b\x9b\u202e]", ended.out + ended.err)
    )
    return [*found, f"{reader}, {ended.cpu_s:.1f} s: {ended.err[-400:]}"] if found else []


@pytest.mark.parametrize("which", range(SLICES))
def test_a_hostile_file_is_read_or_refused(warm: Path, tmp_path: Path, which: int) -> None:
    """Exit code 0, or 2 with a sentence and nothing written: no traceback, hang, gigabyte, no text
    of other files.
    """
    wrong = {}
    for k, case in enumerate(cases()[which::SLICES]):
        folder = tmp_path / str(k)
        folder.mkdir()
        if said := problems(case, folder, warm):
            wrong[case[0]] = said
    assert not wrong, listed(wrong)


@pytest.mark.parametrize("kind", GOOD)
def test_the_files_are_right_before_they_are_damaged(warm: Path, tmp_path: Path, kind: str) -> None:
    """Each is read by one of its readers, or the test above would say little."""
    readers, ending, make = GOOD[kind]
    file = tmp_path / f"file{ending}"
    file.write_bytes(make(tmp_path))
    at = {"FILE": file, "OUT": tmp_path / "out", "FEED": warm}
    ended = [ran(*(at.get(word, word) for word in READERS[reader])) for reader in readers]
    assert 0 in [one.code for one in ended], [one.err for one in ended]
