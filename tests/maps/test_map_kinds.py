"""Every kind of map: what it prints is the table's, nothing overlaps or is cut off, in any CRS,
format and basemap.
"""

from __future__ import annotations

import math
import re
import zlib
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import geopandas as gpd
import numpy as np
import pyproj
import pytest
import shapely
from matplotlib.colors import to_rgb
from matplotlib.patches import Polygon, Rectangle

import railshed
from railshed.circles.analysis import AnalysisInputs
from railshed.maps import fonts
from railshed.maps import words as printed
from railshed.maps.basemap import WATER, load_basemap
from railshed.maps.circle import _ringed_shapes, draw_circle, draw_difference
from railshed.maps.data import Area, MapData
from railshed.maps.graticule import draw_graticule
from railshed.maps.national import draw_national
from railshed.maps.palette import (
    GAINED,
    GAINED_HATCH,
    LOST,
    LOST_HATCH,
    OUTLINES,
    UNCHANGED,
    band_colours,
)
from railshed.maps.panels import draw_panels
from railshed.maps.projection import local_projection
from railshed.maps.save import save_figure
from railshed.maps.station_map import draw_station_map
from railshed.maps.style import MapStyle
from railshed.maps.view import fit
from railshed.questions.circle.overlap_map import overlap_map
from railshed.util.bilingual import Words
from railshed.util.errors import InputError, ParameterError
from tests.support.clirunner import Command
from tests.support.made_maps import (
    LAT,
    LON,
    boxes,
    make_data,
    make_difference,
    make_national,
    overlapping,
    said,
    texts,
)


def make_stations() -> MapData:
    """Return the crowded region with trips an hour, none at the last five stations."""
    data = make_data()
    rate = np.linspace(0.5, 24, len(data.stations))
    rate[-5:] = 0.0
    return replace(data, stations=data.stations.assign(per_hour=rate))


def make_region(n: int) -> MapData:
    """Return bands by number of cities with the circles of `n` cities."""
    data = make_data()
    circles = tuple(
        Area(
            Words(f"城{k}", f"City {k}"),
            shapely.Point(LON + 0.1 * k, LAT).buffer(0.2),
            100_000.0 * (k + 1),
            10.0 + k,
        )
        for k in range(n)
    )
    bands = data.bands.sort_values("cutoff_min").assign(
        cutoff_min=[-3, -2, -1],
        zh=["至少3座城市", "至少2座城市", "至少1座城市"],
        en=["3 cities", "2 cities", "1 city"],
    )
    return replace(data, bands=bands, outlines=circles, people=None, area_km2=None)


def make_panels(n: int) -> list[MapData]:
    """Return one place under `n` readings, the first without an area."""
    data = make_data()
    panels = [
        replace(
            data,
            bands=data.bands.iloc[:0],
            reading=Words("站到站(全天最快车次)", "station to station"),
        )
    ]
    return panels + [
        replace(data, cutoff_min=60, reading=Words(f"口径{k}", f"reading {k}")) for k in range(1, n)
    ]


TITLE = Words("成都：测算口径比较", "Chengdu: the readings side by side")
DRAWN = {
    "stations": lambda **o: draw_station_map(make_stations(), MapStyle(**o)),
    "region": lambda **o: draw_circle(make_region(4), MapStyle(**o)),
    "many cities": lambda **o: draw_circle(make_region(12), MapStyle(**o)),
    "panels": lambda **o: draw_panels(make_panels(4), MapStyle(**o), title=TITLE),
    "six panels": lambda **o: draw_panels(make_panels(6), MapStyle(**o), title=TITLE),
    "EPSG:4547": lambda **o: draw_circle(make_data(), MapStyle(crs="EPSG:4547", **o)),
    "EPSG:3857": lambda **o: draw_circle(make_data(), MapStyle(crs=3857, **o)),
    "national in degrees": lambda **o: draw_national(
        make_national(), MapStyle(crs="EPSG:4490", **o)
    ),
}
#: each in both languages on A4, and in one language on another sheet
SHEETS = [
    (name, lang, size)
    for k, name in enumerate(DRAWN)
    for lang, size in (("both", "a4"), (("en", "slide"), ("zh", "a3"))[k % 2])
]


def assert_clear(figure) -> None:
    """Raise where texts meet, leave the sheet or the map that they belong to, or lack a glyph."""
    found = boxes(figure, texts(figure))
    assert overlapping(found) == []
    everything = np.array(list(found.values()))
    assert everything.min() > 0
    assert everything[:, 2].max() < figure.bbox.width
    assert everything[:, 3].max() < figure.bbox.height
    frames = [axes.bbox.extents for axes in figure.axes]
    for key, (left, bottom, right, top) in found.items():
        within = [left > f[0] and bottom > f[1] and right < f[2] and top < f[3] for f in frames]
        clear = [right < f[0] or top < f[1] or left > f[2] or bottom > f[3] for f in frames]
        assert any(within) if key.startswith("label-") else all(clear), key
    assert fonts.missing_glyphs(said(figure)) == set()
    assert min(t.get_fontsize() for t in texts(figure)) >= 6


@pytest.mark.parametrize(("name", "lang", "size"), SHEETS)
def test_no_text_meets_another_or_leaves_the_sheet(name, lang, size):
    """Texts keep clear of each other, of frames and of the edge; each has its glyphs and six points
    at least.
    """
    assert_clear(DRAWN[name](lang=lang, size=size))


def test_what_is_too_small_to_be_seen_is_ringed_and_named():
    """Gained: a hundredth of a degree is ringed, a fifth of one is not; lost, drawn large, has no
    ring.
    """
    data = make_difference()
    assert not [p for p in draw_difference(data).axes[0].patches if p.get_gid() == "ring"]
    small = shapely.box(LON + 0.9, LAT - 0.005, LON + 0.91, LAT + 0.005)
    gained = replace(data.change.gained, geometry=small)
    figure = draw_difference(
        replace(data, change=replace(data.change, gained=gained)), MapStyle("both")
    )
    assert len([p for p in figure.axes[0].patches if p.get_gid() == "ring"]) == 1
    named = [t.get_text() for t in texts(figure) if (t.get_gid() or "").startswith("label-ring")]
    assert named == ["新增 gained"]
    assert_clear(figure)


def luminance(colour, *, seen=((1, 0, 0), (0, 1, 0), (0, 0, 1))) -> float:
    """Return relative luminance (sRGB), as an eye sees it that mixes linear light so."""
    c = np.array(to_rgb(colour))
    linear = np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4)
    return float(np.clip(np.array(seen) @ linear, 0, 1) @ (0.2126, 0.7152, 0.0722))


#: Machado, Oliveira and Fernandes 2009, severity 1
PROTAN = (
    (0.152286, 1.052583, -0.204868),
    (0.114503, 0.786281, 0.099216),
    (-0.003882, -0.048116, 1.051998),
)
DEUTAN = (
    (0.367322, 0.860646, -0.227968),
    (0.280085, 0.672501, 0.047413),
    (-0.011820, 0.042940, 0.968881),
)
TRITAN = (
    (1.255528, -0.076749, -0.178779),
    (-0.078411, 0.930809, 0.147602),
    (0.004733, 0.691367, 0.303900),
)


@pytest.mark.parametrize("n", range(2, 9))
def test_bands_grow_lighter_outwards_in_grey_and_for_the_colour_blind(n):
    """Luminance rises strictly from band to band for all colour vision and in grey, visibly up to
    six bands.
    """
    for seen in (np.eye(3), PROTAN, DEUTAN, TRITAN):
        steps = np.diff([luminance(c, seen=seen) for c in band_colours(n)])
        assert (steps > (0.03 if n <= 6 else 0)).all()


def test_gained_and_lost_differ_by_pattern_too():
    """Two hatches, both darker than what stays; circles of cities differ by colour and by dash, all
    dark.
    """
    assert GAINED_HATCH != LOST_HATCH
    assert max(luminance(GAINED), luminance(LOST)) < luminance(UNCHANGED) - 0.2
    hatched = {p.get_hatch() for p in draw_difference(make_difference()).axes[0].patches}
    assert {GAINED_HATCH, LOST_HATCH} <= hatched
    assert (
        len({dash for _, dash in OUTLINES})
        == len({colour for colour, _ in OUTLINES})
        == len(OUTLINES)
    )
    assert max(luminance(colour) for colour, _ in OUTLINES) < 0.1


# --- CRS ----------------------------------------------------------------------------------------

FEET = "+proj=utm +zone=48 +datum=WGS84 +units=us-ft +no_defs"


@pytest.mark.parametrize("crs", ["EPSG:4490", "EPSG:4547", 32648, 3857, FEET])
def test_the_scale_bar_holds_at_the_middle_of_the_map(crs):
    """Two stations 5 km apart at the middle: the bar says their distance to 1 %, in degrees, metres
    or feet.
    """
    data = make_data(n_stations=10)
    lon, lat, _ = pyproj.Geod(ellps="WGS84").fwd(LON, LAT, 90, 5_000)
    stations = data.stations.copy()
    stations.geometry = [shapely.Point(LON, LAT), shapely.Point(lon, lat), *stations.geometry[2:]]
    around = gpd.GeoDataFrame(
        {"cutoff_min": [60]}, geometry=[shapely.box(LON - 1, LAT - 1, LON + 1, LAT + 1)], crs=4326
    )
    alone = replace(data, stations=stations.assign(inside=False), bands=around, city_proper=None)
    figure = draw_circle(alone, MapStyle("en", crs=crs))
    bars = [r for r in figure.findobj(Rectangle) if r.get_gid() == "scale-bar"]
    km = max(
        float(t.get_text().split()[0])
        for t in texts(figure)
        if re.fullmatch(r"[\d.]+ km", t.get_text())
    )
    core = next(line for line in figure.axes[0].lines if line.get_marker() == "s")
    (x0, x1), (y0, y1) = core.get_data()
    assert 5 / math.hypot(x1 - x0, y1 - y0) == pytest.approx(
        km / sum(bar.get_width() for bar in bars), rel=0.01
    )


def test_north_is_that_of_the_map():
    """Chengdu lies 10 degrees west of the meridian of EPSG:4547, so north leans by 10 x sin 30.6 =
    5.1 degrees.
    """
    figure = draw_circle(make_data(), MapStyle("en", crs="EPSG:4547"))
    tip, _, notch = next(p for p in figure.findobj(Polygon) if p.get_gid() == "north").get_xy()[:3]
    assert math.degrees(math.atan2(*(tip - notch))) == pytest.approx(
        10 * math.sin(math.radians(30.6)), abs=0.2
    )


@pytest.mark.parametrize("crs", [None, "EPSG:4490", "EPSG:4547"])
def test_degrees_stand_where_they_say(crs):
    """Each label of the graticule lies on its meridian or parallel, to half a mile."""
    import matplotlib.figure

    projection = local_projection(crs, LON, LAT)
    box = shapely.box(LON - 1, LAT - 1, LON + 1, LAT + 1)
    bounds = gpd.GeoSeries([box], crs=4326).to_crs(pyproj.CRS(projection.crs)).total_bounds
    view = fit(bounds.tolist(), projection.crs, (50.0, 80.0, 600.0, 400.0), margin=0.0, least_m=1.0)
    labels = draw_graticule(matplotlib.figure.Figure().add_axes((0, 0, 1, 1)), view, 1.0)
    signs = {
        sign for label in labels for line in label.forms[0] for run in line for sign in run.text[-1]
    }
    assert signs == {"E", "N"}
    for label in labels:
        text = label.forms[0][0][0].text
        degrees, minutes = re.fullmatch(r"(\d+)°(?:(\d+)′)?[EN]", text).groups()
        lon, lat = view.degrees(label.anchors)[0]
        value = lon if text.endswith("E") else lat
        assert value == pytest.approx(int(degrees) + int(minutes or 0) / 60, abs=0.05)
        assert label.offset == 0  # in the middle of the line


def test_the_sheet_names_its_crs():
    """Code, name and datum; degrees say which latitude is true; a map far off says by how much
    lengths differ.
    """
    text = said(draw_circle(make_data(), MapStyle("en", crs="EPSG:4547")))
    assert "EPSG:4547 CGCS2000 / 3-degree Gauss-Kruger CM 114E" in re.sub(r"\s+", " ", text)
    assert "datum China 2000" in text
    degrees = re.sub(r"\s+", " ", said(draw_circle(make_data(), MapStyle("en", crs="EPSG:4490"))))
    assert "China Geodetic Coordinate System 2000" in degrees
    assert "standard parallel 30.60°N" in degrees
    assert "differ from the scale bar by up to" in re.sub(
        r"\s+", " ", said(draw_national(make_national(), MapStyle("en", crs=3857)))
    )
    assert "Lambert azimuthal equal-area, WGS 84" in said(draw_circle(make_data(), MapStyle("en")))


@pytest.mark.parametrize("crs", ["EPSG:999999", "nonsense", "EPSG:4978", "EPSG:5773"])
def test_a_crs_that_no_map_can_have_is_refused(crs):
    """Unknown, geocentric and vertical ones: the message shows what to write."""
    with pytest.raises(ParameterError, match="CRS '"):
        draw_circle(make_data(), MapStyle(crs=crs))


def test_a_crs_of_another_part_of_the_world_is_refused_where_it_turns_the_map():
    """California's and the one at 180 degrees lay Chengdu on its side; Beijing's only leans, as
    does one of no area.
    """
    for crs in ("EPSG:2229", 32601):
        with pytest.raises(ParameterError, match="degrees aside of up; take a CRS of that place"):
            local_projection(crs, LON, LAT)
    for crs in (3857, "EPSG:4554", "EPSG:3413", "+proj=laea +lat_0=90 +lon_0=180"):
        assert local_projection(crs, 116.0, 70.0)


# --- files --------------------------------------------------------------------------------------


def test_chinese_of_a_pdf_can_be_selected(tmp_path):
    """Fonts are embedded whole programs of type 42, and their maps lead back to 成 and 都; no date
    is in the file.
    """
    content = save_figure(
        draw_circle(make_data(), MapStyle("zh")), tmp_path / "map.pdf"
    ).read_bytes()
    assert b"/FontFile2" in content
    assert b"/CIDFontType2" in content
    assert b"/Type3" not in content
    assert b"CreationDate" not in content
    found = re.findall(rb"stream\r?\n(.*?)\r?\nendstream", content, re.DOTALL)
    maps = b"".join(t for t in map(_inflated, found) if b"beginbf" in t or b"begincmap" in t)
    for char in "成都":
        assert f"{ord(char):04x}".encode() in maps.lower()


def _inflated(data: bytes) -> bytes:
    try:
        return zlib.decompress(data)
    except zlib.error:
        return b""


@pytest.mark.parametrize(
    ("name", "kind"), [("stations", "png"), ("region", "svg"), ("panels", "pdf")]
)
def test_two_runs_give_the_same_bytes(name, tmp_path, kind):
    """So do the kinds of this file."""
    first, second = (
        save_figure(DRAWN[name](lang="both"), tmp_path / f"{n}.{kind}").read_bytes() for n in "ab"
    )
    assert first == second


def test_formats_are_looked_at_before_anything_is_drawn():
    """Twice the same is written once; unknown ones, none at all, sizes and CRS are refused with
    what is allowed.
    """
    assert MapStyle("zh", formats=("PNG", ".pdf", "png")).formats == ("png", "pdf")
    for options in ({"formats": ("gif",)}, {"formats": ()}, {"size": "a2"}):
        with pytest.raises(ParameterError, match="allowed: "):
            MapStyle("zh", **options)
    with pytest.raises(ParameterError, match="CRS '"):
        MapStyle("zh", crs="EPSG:0")
    with pytest.raises(InputError, match="no such file"):
        MapStyle("zh", basemap=["absent.gpkg"])


@pytest.mark.slow
@pytest.mark.usefixtures("print_size")
def test_command_line_options(cli: Command, tmp_path: Path):
    """An A3 sheet in three formats, and four kinds, in UTM; what is wrong stops before anything is
    computed.
    """
    out = tmp_path / "out"
    asked = (
        "circle",
        "mid",
        "-n",
        "toy",
        "--no-car",
        "--draws",
        0,
        "--map-size",
        "a3",
        "--crs",
        "EPSG:32647",
    )
    stems = ("mid", "mid_share", "mid_stations", "mid_readings")
    assert cli(*asked, "-o", tmp_path / "vector", "--map-format", "svg,pdf").code == 0
    assert {f"mid.{kind}" for kind in ("svg", "pdf")} <= {
        path.name for path in (tmp_path / "vector").iterdir()
    }
    done = cli(*asked, "-o", out, "--map-kinds", "circle,share,stations,readings")
    assert done.code == 0, done
    assert {f"{stem}.png" for stem in stems} <= {path.name for path in out.iterdir()}
    header = (out / "mid.png").read_bytes()[16:24]
    size = int.from_bytes(header[:4], "big"), int.from_bytes(header[4:], "big")
    assert size == (int(420 / 25.4 * 300), int(297 / 25.4 * 300))
    rows = (out / "mid_share.csv").read_text(encoding="utf-8-sig").splitlines()
    assert len(rows) == 1 + 6
    for options in (
        ["--map-format", "gif"],
        ["--map-size", "b5"],
        ["--crs", "EPSG:0"],
        ["--map-kinds", "globe"],
    ):
        refused = cli("circle", "mid", "-n", "toy", "-o", tmp_path / "refused", *options)
        assert refused.code == 2
        assert not (tmp_path / "refused").exists()


def test_region_on_the_command_line(cli: Command, tmp_path: Path):
    """A region of several core cities has its circles on one map; the toy has one, so there is
    none.
    """
    assert cli("circle", "--region", "toy", "-n", "toy", "-o", tmp_path, "--without-map").code == 0
    assert not list(tmp_path.glob("toy_overlap*"))


# --- basemaps -----------------------------------------------------------------------------------


def test_water_is_drawn_as_water_and_several_files_are_one(tmp_path):
    """A lake by its layer's name, a sea by a column: blue; the land of counties stays; a border
    line is a border.
    """
    lake, sea = (
        shapely.box(LON, LAT, LON + 0.2, LAT + 0.2),
        shapely.box(LON - 1, LAT - 1, LON - 0.8, LAT - 0.8),
    )
    gpd.GeoDataFrame(geometry=[lake], crs=4490).to_file(tmp_path / "a.gpkg", layer="湖泊")
    gpd.GeoDataFrame({"natural": ["bay"]}, geometry=[sea], crs=4326).to_file(tmp_path / "b.geojson")
    gpd.GeoDataFrame(geometry=[lake.boundary], crs=4326).to_file(tmp_path / "province_border.shp")
    found = load_basemap(
        [tmp_path / name for name in ("a.gpkg", "b.geojson", "province_border.shp")]
    )
    assert found.name == "a.gpkg, b.geojson, province_border.shp"
    assert sorted(found.kinds) == ["border", "water", "water"]
    assert not found.has_land
    figure = draw_circle(make_data(), MapStyle("en", basemap=found))
    faces = [
        tuple(np.round(c.get_facecolor()[0][:3], 3))
        for c in figure.axes[0].collections
        if len(c.get_facecolor())
    ]
    assert tuple(np.round(to_rgb(WATER), 3)) in faces
    assert "a.gpkg, b.geojson, province_border.shp" in said(figure)


@pytest.mark.parametrize(
    ("file", "layer"),
    [
        ("浙江省.gpkg", "浙江省"),
        ("上海.gpkg", "上海"),
        ("henan.gpkg", "河南"),
        ("search.gpkg", "areas"),
    ],
)
def test_land_named_after_rivers_is_land(tmp_path, file, layer):
    """浙江, 上海, 河南 and a search area are no water."""
    gpd.GeoDataFrame(geometry=[shapely.box(0, 0, 1, 1)], crs=4326).to_file(
        tmp_path / file, layer=layer
    )
    found = load_basemap(tmp_path / file)
    assert found.kinds.tolist() == ["land"]
    assert found.has_land


def test_every_basemap_that_is_wrong_is_named(tmp_path):
    """Two absent files and a broken one in one message."""
    (tmp_path / "broken.gpkg").write_bytes(b"x")
    with pytest.raises(InputError, match=r"one\.gpkg.*two\.gpkg.*broken\.gpkg"):
        load_basemap([tmp_path / name for name in ("one.gpkg", "two.gpkg", "broken.gpkg")])


# --- figures are the tables' --------------------------------------------------------------------


@pytest.fixture(scope="module")
def circle(toy_run):
    return railshed.circle(toy_run, "mid")


def assert_figures(text: str, rows, people: str = "people", area: str = "area_km2") -> None:
    """Raise where the people or km2 of a row are not printed."""
    for row in rows:
        assert printed.people(row[people]).en in text, row
        assert printed.area(row[area]).en in text, row


#: columns of what is counted
OUTSIDE = ("people_outside_city", "area_km2_outside_city")


def test_share_served_is_what_the_cells_say(circle):
    """Half of the window is the circle by rail itself; shares nest; the map prints what the table
    has.
    """
    table, cells = {row["share_from"]: row for row in circle.share_table}, circle.cells
    half = circle.summary.readings["door-to-door"].table.at(60)["by_rail"]
    assert {name: table[0.5][name] for name in OUTSIDE} == {name: half[name] for name in OUTSIDE}
    assert table[0.5]["people_outside_city"] == 67_000
    for share, row in table.items():
        assert row["area_km2"] == (cells["share_served"] >= (share or 1e-9)).sum() * 0.25
    shapes = circle.share_polygons.geometry
    assert all(b.buffer(1e-9).covers(a) for a, b in pairwise(shapes))
    figure = circle.plot_share(MapStyle("en"))
    assert_clear(figure)
    outside = cells[~cells["county_code"].isin(circle.city.proper_counties)]
    often = [outside[outside["share_served"] >= (share or 1e-9)] for share in table]
    rows = [{"people": round(mine["people"].sum()), "area_km2": len(mine) * 0.25} for mine in often]
    assert rows[3]["people"] == 67_000
    assert_figures(said(figure), rows)


def test_station_map_prints_minutes_and_trips_an_hour(circle):
    """Six trips from 东桥 in the two hours of the window are 3 an hour at 51 minutes; classes count
    the stations.
    """
    figure = circle.plot_stations(MapStyle("zh"))
    assert_clear(figure)
    text = said(figure)
    assert re.search(r"东桥\n 51 \| 3/h", text)
    assert re.search(r"西南坡\n 35 \| 6/h", text)
    within = circle.stations[~circle.stations["is_core"] & (circle.stations["trips"] > 0)][
        "minutes"
    ]
    for low, high, legend in ((0, 45, "45 分钟内"), (45, 60, "45 – 60 分钟")):
        n = int(((within > low) & (within <= high)).sum())
        assert n > 0
        assert f"{legend}\n{n} 站" in text


def test_readings_side_by_side(circle):
    """Four panels at one scale, each with the people, area and stations of its reading's table."""
    figure = circle.plot_readings(MapStyle("en"))
    assert_clear(figure)
    assert len(figure.axes) == 4
    text = said(figure)
    for name, block in circle.summary.to_dict()["readings"].items():
        assert circle.readings[name].label in text
        assert_figures(
            text, [r for r in block["table"] if r["kind"] == "by_rail" and r["cutoff_min"] == 60]
        )
    with pytest.raises(ParameterError, match="allowed are station-to-station"):
        circle.plot_readings(readings=["door-to-door", "nonsense"])
    with pytest.raises(ParameterError, match="allowed are 2 to 6"):
        circle.plot_readings(readings=["door-to-door"])


@pytest.mark.parametrize("direction", ["to", "from", "both"])
def test_overlap_adds_up(toy_run, direction):
    """Over all numbers of cities km2 sum to those of the circles; alone is one less two; united is
    `union`.
    """
    found = toy_run.union(["mid", "east", "mid"], direction=direction, name="格子", name_en="Grid")
    assert [c.slug for c in found.cities] == ["mid", "east"]
    areas = {row["cities_from"]: row["area_km2"] for row in found.table}
    assert sum(areas.values()) == sum(row["area_km2"] for row in found.city_table)
    assert areas[1] - areas[2] == sum(row["area_km2_alone"] for row in found.city_table)
    union = toy_run.union(["mid", "east"], direction=direction).union
    assert found.union == union
    assert (found.table[0]["people"], areas[1]) == (
        union["total"]["people"],
        union["total"]["area_km2"],
    )
    one, two = found.polygons.geometry
    assert one.buffer(1e-9).covers(two)
    assert one.buffer(0.0025).covers(
        found.circles.geometry.union_all()
    )  # edges within half a cell of 500 m


def test_overlap_map_prints_its_tables(toy_run, tmp_path):
    """The head has the union by rail, the legend each number of cities and each city by rail; files
    have their rows.
    """
    found = toy_run.union(["mid", "east"], name="格子", name_en="Grid")
    figure = found.plot(MapStyle("en"))
    assert_clear(figure)
    assert_figures(said(figure), [found.union["by_rail"]], *OUTSIDE)
    data = overlap_map(found)
    assert (data.headlines[0].people.value, data.headlines[0].area_km2.value) == tuple(
        found.union["by_rail"][name] for name in OUTSIDE
    )
    own = [found.counts.inside(s.by_rail_s <= 3600).figures for s in found.surfaces.values()]
    assert [(area.people, area.area_km2) for area in data.outlines] == [
        tuple(row[n] for n in OUTSIDE) for row in own
    ]
    assert_figures(said(figure), own, *OUTSIDE)
    assert "Midtown" in said(figure)
    found.to_file(tmp_path / "o.gpkg")
    for layer, rows in (("overlap", found.table), ("circles", found.city_table)):
        read = gpd.read_file(tmp_path / "o.gpkg", layer=layer)
        assert read["area_km2"].tolist() == [row["area_km2"] for row in rows]
    assert gpd.read_file(tmp_path / "o.gpkg", layer="stations")["n_cities"].max() == 2


def test_other_maps_of_the_toy_are_clear_and_print_their_tables(circle, toy_run):
    """The circle and rail against car."""
    figure = circle.plot(MapStyle("en"))
    assert_clear(figure)
    rows = circle.summary.readings["door-to-door"].table
    assert_figures(said(figure), [row for row in rows if row["kind"] == "by_rail"], *OUTSIDE)
    assert_clear(circle.plot_car(MapStyle("both")))


def test_what_a_station_map_needs():
    """Without trips an hour there is nothing to draw."""
    with pytest.raises(InputError, match="per_hour"):
        draw_station_map(make_data())


@pytest.mark.china
@pytest.mark.slow
def test_maps_of_chengdu_and_the_delta_are_clear(china_run: AnalysisInputs):
    """Every kind for Chengdu, Shanghai and the united delta: nothing overlaps, is cut off or lacks
    a glyph.
    """
    run = china_run
    for slug in ("chengdu", "shanghai"):
        circle = railshed.circle(run, slug, draws=0)
        for draw in (
            circle.plot,
            circle.plot_share,
            circle.plot_stations,
            circle.plot_readings,
            circle.plot_car,
        ):
            assert_clear(draw())
    region = run.compiled.network.get_region("csj")
    cities = [
        c for c in run.compiled.network.cities if region.region_id in c.regions and c.role == "core"
    ]
    found = run.union(cities, name=region.name, name_en=region.name_en)
    figure = found.plot(MapStyle("en"))
    assert_clear(figure)
    assert_figures(said(figure), [found.union["by_rail"]], *OUTSIDE)


def test_an_overlap_too_small_to_be_seen_is_ringed():
    """The band of two cities or more is looked for; the widest one is seen by the outlines of the
    circles.
    """
    found = _ringed_shapes(make_region(3), None)
    assert [name.zh for _, name, _ in found] == ["至少2座城市"]


def test_nobody_anywhere_on_the_national_map():
    """Zeros are printed as 0, no circle is larger than the least."""
    data = make_national()
    result = said(
        draw_national(replace(data, cities=data.cities.assign(value=0.0)), MapStyle("zh"))
    )
    assert "0.0" not in result
