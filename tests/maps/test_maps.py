"""The maps: nothing overlaps, nothing is cut off, every number is the data's, two runs give the
same bytes.
"""

from __future__ import annotations

import csv
import io
import math
import re
import zipfile
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import matplotlib as mpl
import numpy as np
import pandas as pd
import pyproj
import pytest
import shapely
from matplotlib.colors import to_hex
from matplotlib.patches import Rectangle
from matplotlib.path import Path as Path2D

from railshed.maps import fonts, palette
from railshed.maps import words as printed
from railshed.maps.basemap import load_basemap
from railshed.maps.circle import bounds_of, draw_circle, draw_difference
from railshed.maps.data import Area, MapData, Step
from railshed.maps.from_network import network_legs
from railshed.maps.labels import _SIDES, Clutter, Label, Placer, TextRun, size_of
from railshed.maps.layer_list import LAYERS
from railshed.maps.layers import unknown_land
from railshed.maps.national import draw_national
from railshed.maps.projection import local_crs
from railshed.maps.rails import merge_legs
from railshed.maps.save import save_figure
from railshed.maps.style import MapStyle
from railshed.maps.view import borders, fit, path, project
from railshed.util.bilingual import Words
from railshed.util.errors import InputError, OutputError, ParameterError
from tests.support.made_maps import (
    LAT,
    LON,
    boxes,
    make_data,
    make_difference,
    make_feed,
    make_metropolis,
    make_national,
    numbers,
    overlapping,
    said,
    texts,
)
from tests.support.small_networks import LINE, OUT, small_network

CHINA = Path(__file__).parents[2] / "networks" / "china"


@pytest.fixture(scope="module")
def data() -> MapData:
    return make_data()


DRAWN = [
    pytest.param(
        lambda lang, size: draw_circle(make_data(), MapStyle(lang, size=size)), id="circle"
    ),
    pytest.param(
        lambda lang, size: draw_difference(make_difference(), MapStyle(lang, size=size)),
        id="difference",
    ),
    pytest.param(
        lambda lang, size: draw_national(make_national(), MapStyle(lang, size=size)), id="national"
    ),
    pytest.param(lambda lang, size: draw_circle(make_feed(), MapStyle(lang, size=size)), id="feed"),
    pytest.param(
        lambda lang, size: draw_circle(make_metropolis(), MapStyle(lang, size=size)),
        id="metropolis",
    ),
]


@pytest.mark.parametrize("draw", DRAWN)
@pytest.mark.parametrize(
    ("lang", "size"), [("both", "a4"), ("zh", "a4"), ("en", "slide"), ("both", "a3")]
)
def test_no_text_meets_another_or_leaves_the_sheet(draw, lang, size):
    """Every printed text keeps clear of all others and inside the sheet; labels stay inside the
    map's frame.
    """
    figure = draw(lang, size)
    found = boxes(figure, texts(figure))
    assert len(found) > 15
    assert overlapping(found) == []
    everything = np.array(list(found.values()))
    assert everything.min() > 0
    assert everything[:, 2].max() < figure.bbox.width
    assert everything[:, 3].max() < figure.bbox.height
    frame = figure.axes[0].bbox.extents
    for key, (left, bottom, right, top) in found.items():
        within = left > frame[0] and bottom > frame[1] and right < frame[2] and top < frame[3]
        clear = right < frame[0] or top < frame[1] or left > frame[2] or bottom > frame[3]
        assert within if key.startswith("label-") else clear, key


@pytest.mark.parametrize("dpi", [72, 100, 300])
def test_labels_stay_apart_at_other_resolutions(data, dpi):
    """Text is not hinted, so what was measured once holds for every canvas."""
    figure = draw_circle(data)
    figure.set_dpi(dpi)
    assert overlapping(boxes(figure, texts(figure))) == []


@pytest.mark.parametrize("draw", DRAWN)
def test_no_print_is_smaller_than_six_points(draw):
    """Six points is the smallest legible size on A4."""
    assert min(t.get_fontsize() for t in texts(draw("both", "a4"))) >= 6


def test_long_texts_move_into_the_foot_and_nothing_is_cut(data):
    """A definition too long for the column is printed below the map in full."""
    line = Words(
        "每一分钟各为一个到达期限，提前到达不超过三十分钟者不计" * 3,
        "Every minute is a deadline of its own. " * 6,
    )
    figure = draw_circle(replace(data, definition=(line,) * 5))
    found = boxes(figure, texts(figure))
    assert overlapping(found) == []
    assert np.array(list(found.values())).min() > 0
    joined = re.sub(r"\s", "", "".join(t.get_text() for t in texts(figure)))
    assert joined.count("每一分钟各为一个到达期限") == 15


def test_printed_numbers_are_the_datas(data):
    """People in 10,000 with one decimal or, from a million on, millions with two; areas in whole
    km².
    """
    zh, en = said(draw_circle(data, MapStyle("zh"))), said(draw_circle(data, MapStyle("en")))
    assert "432.1 万人" in zh
    assert "区间 321.0 万 – 543.2 万人" in zh
    assert "区间 2,000 – 2,601 km²" in zh
    assert "4.32 million" in en
    assert "interval 3.21 million – 5.43 million" in en
    for people, area in zip(data.bands["people"], data.bands["area_km2"], strict=True):
        row = next(
            line
            for line in zh.split("\n")
            if "万人 · " in line and numbers(line) == [round(people / 1e4, 1), round(area)]
        )
        assert row
        shown = f"{people / 1e6:,.2f} million" if people >= 1e6 else f"{people:,.0f}"
        assert f"{shown} · {area:,.0f} km²" in en


def test_a_feed_without_counties_says_nothing_of_them():
    """No borders, no city proper, no people, no approval number; buses make it public transport,
    stops are dots.
    """
    printed_ = said(draw_circle(make_feed(), MapStyle("en")))
    for word in ("border", "city proper", "People", "approval", "stop 1"):
        assert word not in printed_
    assert "Chengdu: within one hour by public transport" in printed_
    assert "Area by public transport" in printed_
    assert "bus stop" in printed_
    assert "bus line" in printed_
    assert "Sketch map" in printed_
    zh = said(draw_circle(make_feed(), MapStyle("zh")))
    assert "1小时公共交通通勤圈" in zh
    assert "无审图号" not in zh


def test_few_bus_stops_have_their_names():
    """Forty stops in view are labelled where there is room, three hundred are not."""
    figure = draw_circle(make_feed(n_stops=40), MapStyle("en"))
    assert re.search(r"^stop \d", said(figure), re.MULTILINE)


def test_towns_are_signposts():
    """A town is named once: a small one not where a station of its name stands."""
    labels = [
        t.get_text()
        for t in texts(draw_circle(make_feed(), MapStyle("en")))
        if "label-town" in t.get_gid()
    ]
    assert sorted(labels) == ["Great City", "Small Town"]


def test_a_crowded_centre_has_names():
    """The city, its busiest core station and the busiest stations are named, tied by lines; no name
    stands twice.
    """
    figure = draw_circle(make_metropolis(), MapStyle("en"))
    printed = [text.get_text() for text in texts(figure) if text.get_gid().startswith("label-")]
    for name in ("Metropolis", "Station 3", "Station 200", "Station 300", "Station 400"):
        assert printed.count(name) == 1, name
    assert printed.count("Othertown") + printed.count("Othertöwn") == 1
    leaders = [line for line in figure.findobj(mpl.lines.Line2D) if line.get_gid() == "leader"]
    assert len(leaders) >= 2 * 4


def test_core_stops_of_buses_are_no_blob():
    """Core stops are drawn smaller than any other symbol."""
    figure = draw_circle(make_feed(), MapStyle("en"))
    sizes = {
        line.get_markersize()
        for line in figure.findobj(mpl.lines.Line2D)
        if line.get_linestyle() == "None"
    }
    assert min(sizes) < 1


def test_rail_classes_that_are_not_there_are_not_explained(data):
    """The legend has the widths of the legs alone."""
    busy = replace(data, legs=data.legs.assign(trains=100.0))
    found = said(draw_circle(busy, MapStyle("en")))
    assert "80 – 199" in found
    assert "20 – 79" not in found
    assert "railway, trains" not in said(
        draw_circle(replace(data, legs=data.legs.iloc[:0]), MapStyle("en"))
    )


def test_what_trains_add_is_hatched_and_no_ride_outlined(data):
    """Each has its entry in the legend with its figures, and is drawn: a hatch on the fill, a line
    without a face.
    """
    shape = data.bands.geometry.iloc[1]
    full = replace(
        data,
        trains=Area(Words("铁", "trains"), shape, 345_600.0, 12.0),
        no_ride=Area(Words("骑", "bike"), shape, 78_000.0),
    )
    figure = draw_circle(full, MapStyle("en"))
    text = said(figure)
    assert "345,600 · 12 km²" in text
    assert "78,000" in text
    patches = figure.axes[0].patches
    (hatched,) = [p for p in patches if p.get_hatch() == palette.TRAINS_HATCH]
    assert hatched.get_facecolor()[3] == 0.0
    (outlined,) = [p for p in patches if to_hex(p.get_edgecolor()) == palette.NO_RIDE]
    assert outlined.get_facecolor()[3] == 0.0
    assert "trains" not in said(draw_circle(data, MapStyle("en"))).split("\n")


def test_the_city_proper_is_an_outline_and_no_lid(data):
    """What covers it is half transparent, so the fill is seen through it."""
    patches = draw_circle(data, MapStyle("en")).axes[0].patches
    (veil,) = [p for p in patches if p.get_alpha() is not None]
    assert veil.get_alpha() == pytest.approx(0.45)
    (line,) = [p for p in patches if p.get_linewidth() == LAYERS["proper"].width]
    assert line.get_facecolor()[3] == 0.0


def test_the_strip_says_what_each_step_costs(data):
    """Six steps side by side, the answer alone on a ground; stations bold, people beside them."""
    people = (None, None, None, 114_095.0, 16_958.0, 490_182.0)
    steps = tuple(
        Step(Words(f"步{k}", f"step {k}"), 28 - k, n, k == 4) for k, n in enumerate(people)
    )
    figure = draw_circle(replace(data, strip=steps), MapStyle("en"))
    text = said(figure).split("\n")
    for k, shown in enumerate(("", "", "", "(114,095)", "(16,958)", "(490,182)")):
        at = text.index(f"step {k}")
        assert text[at - 2 : at] == [f"{28 - k}", shown] if shown else text[at - 1] == f"{28 - k}"
    boxes_ = [p for p in figure.findobj(Rectangle) if p.get_gid() == "step"]
    assert [p.get_facecolor()[3] > 0 for p in boxes_] == [k == 4 for k in range(6)]


def test_sea_is_sea_and_land_without_data_is_hatched_and_in_the_legend(data):
    """A county north of Hong Kong is known, Hong Kong is hatched, the sea has its own colour;
    inland nothing is.
    """
    county = shapely.box(113.9, 22.56, 114.4, 22.9)
    shore = replace(
        data,
        centre=(114.1, 22.7),
        bands=data.bands.iloc[:1].assign(geometry=[county]),
        city_proper=None,
        counties=data.counties.iloc[:1].assign(geometry=[county]),
        legs=data.legs.iloc[:0],
        stations=data.stations.iloc[:1].assign(geometry=[shapely.Point(114.1, 22.7)]),
    )
    figure = draw_circle(shore, MapStyle("en"))
    assert "land without data" in said(figure)
    axes = figure.axes[0]
    assert to_hex(axes.get_facecolor()) == palette.SEA
    assert [p.get_hatch() for p in axes.patches].count(palette.NO_DATA_HATCH) == 1
    view = fit(
        bounds_of(shore, None, local_crs(114.1, 22.7)),
        local_crs(114.1, 22.7),
        (0, 0, 600, 330),
        margin=0.05,
        least_m=6e4,
    )
    unknown = unknown_land(view, shore.counties)
    places = {"Hong Kong": (114.12, 22.48), "county": (114.1, 22.7), "sea": (114.45, 22.53)}
    inside = {
        name: bool(unknown.contains(view.place(shapely.Point(*at)))) for name, at in places.items()
    }
    assert inside == {"Hong Kong": True, "county": False, "sea": False}
    assert unknown_land(view, shore.counties.iloc[:0]).is_empty
    assert "land without data" not in said(draw_circle(data, MapStyle("en")))


def test_difference_prints_gained_and_lost():
    """Gained 400,000 on 380 km2, lost 20,000 on 80 km2, before 3.0 and after 3.38 million."""
    figure = draw_difference(make_difference(), MapStyle("zh"))
    text = said(figure)
    for expected in (
        "+40.0 万人",
        "−2.0 万人",
        "300.0 万人",
        "338.0 万人",
        "380 km²",
        "80 km²",
        "成都1小时铁路通勤圈：某线",
    ):
        assert expected in text
    hatches = {p.get_hatch() for p in figure.axes[0].patches}
    assert {"////", "xxxx"} <= hatches


def test_national_map_prints_each_number_and_the_notice():
    """No data is a dash, never a zero."""
    text = said(draw_national(make_national(), MapStyle("zh")))
    assert "圆面积与数字成正比" in text
    assert "1,234" in text
    assert " –" in text
    assert "示意图 无审图号" in text


@pytest.mark.parametrize(
    ("minutes", "expected"), [(60.0, "60"), (60.01, "61"), (59.2, "60"), (0.0, "0"), (math.nan, "")]
)
def test_minutes_are_rounded_up(minutes, expected):
    """60.01 minutes is not within the hour and must not be printed as 60."""
    assert printed.minutes(minutes) == expected


def test_scale_bar_is_right(data):
    """The bar's length agrees with the geodesic distance of two stations on the map to 1 %."""
    figure = draw_circle(data, MapStyle("en"))
    bars = [r for r in figure.findobj(Rectangle) if r.get_gid() == "scale-bar"]
    length = sum(bar.get_width() for bar in bars)
    km = max(
        float(t.get_text().split()[0])
        for t in texts(figure)
        if re.fullmatch(r"[\d.]+ km", t.get_text())
    )
    core = next(line for line in figure.axes[0].lines if line.get_marker() == "s")
    (x0, x1), (y0, y1) = core.get_data()
    a, b = data.stations.geometry[0], data.stations.geometry[1]
    metres = pyproj.Geod(ellps="WGS84").inv(a.x, a.y, b.x, b.y)[2]
    assert km / length == pytest.approx(metres / 1000 / math.hypot(x1 - x0, y1 - y0), rel=0.01)


def test_local_projection_keeps_area_and_length():
    """A square of 1 km a side 100 km away has 1 km2 and sides of 1 km to 0.1 %."""
    crs = local_crs(LON, LAT)
    lon, lat, _ = pyproj.Geod(ellps="WGS84").fwd(LON, LAT, 60, 100_000)
    corners = [(lon, lat)]
    for azimuth in (0, 90, 180):
        corners.append(pyproj.Geod(ellps="WGS84").fwd(*corners[-1], azimuth, 1000)[:2])
    square = project(shapely.Polygon(corners), crs)
    assert square.area == pytest.approx(1e6, rel=1e-3)
    assert square.length == pytest.approx(4000, rel=1e-3)


@pytest.mark.parametrize("kind", ["png", "svg", "pdf"])
def test_two_runs_give_the_same_bytes(data, tmp_path, kind):
    """Also under another matplotlib style of the user's, whose settings stay as they are."""
    first = save_figure(draw_circle(data), tmp_path / f"a.{kind}")
    with mpl.rc_context(
        {"font.size": 20, "savefig.bbox": "tight", "pdf.fonttype": 42, "svg.fonttype": "none"}
    ):
        before = dict(mpl.rcParams)
        second = save_figure(draw_circle(data), tmp_path / f"b.{kind}")
        assert dict(mpl.rcParams) == before
    assert first.read_bytes() == second.read_bytes()
    assert sorted(p.name for p in tmp_path.iterdir()) == [f"a.{kind}", f"b.{kind}"]


def test_unknown_format_and_place_that_cannot_be_written(data, tmp_path):
    """The message names what is allowed; nothing is left behind."""
    figure = draw_circle(data, MapStyle("zh"))
    with pytest.raises(ParameterError, match=r"\.png, \.pdf, \.svg"):
        save_figure(figure, tmp_path / "map.bmp")
    with pytest.raises(OutputError):
        save_figure(figure, tmp_path / "absent" / "map.png")
    assert list(tmp_path.iterdir()) == []


def test_basemap_is_named_with_its_approval_number(data, tmp_path):
    """With a basemap the notice gives way to the basemap's own number, or says that none
    was given.
    """
    file = tmp_path / "base.gpkg"
    shape = shapely.box(LON - 1, LAT - 1, LON + 1, LAT + 1)
    gpd.GeoDataFrame(geometry=[shape], crs=4490).to_file(file, layer="land")
    gpd.GeoDataFrame(geometry=[shape.boundary], crs=4326).to_file(file, layer="river")
    text = said(draw_circle(data, MapStyle("zh", basemap=load_basemap(file, "GS(2019)1822号"))))
    assert "底图：base.gpkg；审图号：GS(2019)1822号" in text
    assert "无审图号" not in text
    assert "审图号：未提供" in said(draw_circle(data, MapStyle("zh", basemap=file)))


def test_maps_that_were_approved_bear_their_own_number(data):
    """Without a basemap the number is the map's; the land is drawn as without it."""
    text = said(draw_circle(data, MapStyle("zh", approval="GS(2025)7号")))
    assert "审图号：GS(2025)7号" in text
    assert "无审图号" not in text
    assert "底图" not in text


def test_basemaps_that_cannot_be_used(data, tmp_path):
    """Missing, unreadable, empty and without a CRS: each says so."""
    with pytest.raises(InputError, match="no such file"):
        draw_circle(data, MapStyle(basemap=tmp_path / "absent.gpkg"))
    broken = tmp_path / "broken.gpkg"
    broken.write_bytes(b"no database")
    with pytest.raises(InputError, match="cannot be read"):
        draw_circle(data, MapStyle(basemap=broken))
    bare = tmp_path / "bare.shp"
    with pytest.warns(UserWarning, match="crs"):
        gpd.GeoDataFrame({"a": [1]}, geometry=[shapely.Point(LON, LAT)]).to_file(bare)
    with pytest.raises(InputError, match="names no CRS"):
        load_basemap(bare)


@pytest.mark.parametrize("options", [{"lang": "fr"}, {"size": "a5"}])
def test_unknown_options(data, options):
    """The message lists what is allowed."""
    with pytest.raises(ParameterError, match="allowed: "):
        draw_circle(data, MapStyle(**options))
    with pytest.raises(ParameterError, match="allowed: "):
        draw_national(make_national(), MapStyle(**options))


def test_data_that_cannot_be_drawn(data):
    """Every problem is named at once."""
    with pytest.raises(ParameterError, match=r"MapData\.change"):
        draw_difference(data)
    broken = replace(
        data, stations=data.stations.drop(columns="minutes"), legs=data.legs.to_crs(3857)
    )
    with pytest.raises(InputError, match="stations has no column minutes; legs has CRS EPSG:3857"):
        draw_circle(broken)
    with pytest.raises(InputError, match="bands has no CRS"):
        draw_circle(replace(data, bands=data.bands.set_crs(None, allow_override=True)))


def test_what_the_projection_has_no_place_for_is_left_out(data):
    """A line to the antipode of the centre: the other line is drawn, and nothing is warned of."""
    far = shapely.LineString([(LON, LAT), (LON - 180, -LAT)])
    near = shapely.LineString([(LON, LAT), (LON + 0.1, LAT)])
    legs = gpd.GeoDataFrame({"trains": [10.0, 10.0]}, geometry=[far, near], crs=4326)
    figure = draw_circle(replace(data, legs=legs), MapStyle("en"))
    assert "Legend" in said(figure)


def test_two_stations_at_one_place_make_no_line(data):
    """A leg of no length (platforms of two railways under two names) is left out; the map is drawn
    the same.
    """
    legs = data.legs.copy()
    point = legs.geometry.iloc[0].coords[0]
    nothing = legs.iloc[:1].set_geometry([shapely.LineString([point, point])], crs=legs.crs)
    assert said(draw_circle(replace(data, legs=pd.concat([legs, nothing])))) == said(
        draw_circle(data)
    )


def test_sparse_data_is_drawn():
    """No counties, no bands, no rail, one station, no city proper, no figures: still a map with its
    notice.
    """
    full = make_data()
    bare = replace(
        full,
        bands=full.bands.iloc[:0],
        counties=full.counties.iloc[:0],
        legs=full.legs.iloc[:0],
        stations=full.stations.iloc[:1],
        city_proper=None,
        people=None,
        area_km2=None,
        definition=(),
        sources=(),
        warnings=(),
        date="",
        reading=Words(""),
    )
    text = said(draw_circle(bare))
    assert "示意图 无审图号" in text
    assert "本口径只比较车站" in text


def test_every_station_of_the_circle_is_labelled_where_there_is_room(data):
    """Twelve stations on an open map: each has its name in both languages and its minutes."""
    few = replace(data, stations=data.stations.iloc[:12])
    text = said(draw_circle(few))
    for row in few.stations.itertuples():
        assert row.name in text
        assert row.name_en in text


def test_a_label_never_stands_nearer_to_another_symbol():
    """Of two symbols 12 points apart, the left one's label goes to the left though the right comes
    first.
    """
    frame = (0.0, 0.0, 200.0, 100.0)
    symbols = np.array([[100.0, 50.0], [112.0, 50.0]])
    placer = Placer(frame, Clutter(frame), symbols=symbols)
    label = Label("station", (((TextRun("眉山东", 7.0),),),), symbols[:1], 3.0, 1.0)
    (placed,) = placer.place([label])
    assert placed.box[2] < 100


def test_labels_avoid_clutter():
    """A line to the right of the symbol sends the label to the left."""
    frame = (0.0, 0.0, 200.0, 100.0)
    clutter = Clutter(frame)
    clutter.add_lines(np.array([shapely.LineString([(103, 50), (200, 50)])]), 1.0)
    label = Label("station", (((TextRun("眉山东", 7.0),),),), np.array([[100.0, 50.0]]), 3.0, 1.0)
    assert Placer(frame, clutter).place([label])[0].box[2] < 100
    assert Placer(frame, Clutter(frame)).place([label])[0].box[0] > 100


@pytest.mark.parametrize("free", ["below", "above"])
def test_a_label_goes_where_there_is_room(free):
    """With lines on all sides but one the label stands there, clear of its symbol."""
    frame = (0.0, 0.0, 200.0, 100.0)
    clutter = Clutter(frame)
    rows = range(50, 99, 2) if free == "below" else range(2, 51, 2)
    clutter.add_lines(np.array([shapely.LineString([(0, y), (200, y)]) for y in rows]), 1.0)
    label = Label("station", (((TextRun("眉山东", 7.0),),),), np.array([[100.0, 50.0]]), 3.0, 1.0)
    (placed,) = Placer(frame, clutter).place([label])
    _, bottom, _, top = placed.box
    assert top < 50 if free == "below" else bottom > 50


def test_a_label_keeps_two_points_from_the_frame():
    """Where it would end one point before the edge on the right it goes to the left; three points
    before, it stays.
    """
    lines = ((TextRun("眉山东", 7.0),),)
    wide, frame = size_of(lines)[0], (0.0, 0.0, 200.0, 100.0)
    for gap, right in ((1.0, False), (3.0, True)):
        x = 200.0 - gap - wide - 3.0
        label = Label("station", (lines,), np.array([[x, 50.0]]), 3.0, 1.0)
        (placed,) = Placer(frame, Clutter(frame)).place([label])
        assert (placed.box[0] > x) == right


def test_paths_by_hand():
    """A ring is closed, a hole is a ring of its own, a line stays open; what has no length or width
    is no path.
    """
    move, line, close = Path2D.MOVETO, Path2D.LINETO, Path2D.CLOSEPOLY
    hole = shapely.Polygon([(0, 0), (4, 0), (0, 4)], [[(1, 1), (2, 1), (1, 2)]])
    triangle = [move, line, line, close]
    bend, other = shapely.LineString([(0, 0), (1, 0), (1, 1)]), shapely.LineString([(5, 5), (6, 5)])
    point = shapely.Point(1, 2)
    for shape, codes in (
        (hole, triangle * 2),
        (shapely.MultiPolygon([hole, shapely.Polygon([(9, 9), (8, 9), (8, 8)])]), triangle * 3),
        (shapely.GeometryCollection([hole, point, bend]), triangle * 2),
        (bend, [move, line, line]),
        (shapely.MultiLineString([bend, other]), [move, line, line, move, line]),
        (shapely.LinearRing([(0, 0), (1, 0), (0, 1)]), triangle),
    ):
        found = path(shape)
        assert found.codes.tolist() == codes
        lined = [g for g in shapely.get_parts(shape) if not shapely.equals(g, point)]
        lined = [g for g in lined if g.geom_type == "Polygon"] or lined
        assert found.vertices.tolist() == shapely.get_coordinates(lined).tolist()
    for shape in (shapely.Polygon(), shapely.LineString(), point, shapely.GeometryCollection()):
        assert path(shape).vertices.shape == (0, 2)
        assert path(shape).codes is None


def test_borders_are_drawn_once_each():
    """Two squares of one prefecture and one of another: one county border, one prefecture border,
    eight edges.
    """
    squares = np.array([shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1), shapely.box(2, 0, 3, 1)])
    found = borders(squares, ["甲", "甲", "乙"], lambda lines: lines)
    assert found["county"].equals(shapely.LineString([(1, 0), (1, 1)]))
    assert found["prefecture"].equals(shapely.LineString([(2, 0), (2, 1)]))
    assert found["edge"].length == 8


def test_expresses_are_laid_on_the_stations_they_pass():
    """5 expresses A-C and 3 back pass B: they join its 10 + 2 and 10 locals; the branch to D keeps
    its own line.
    """
    places = {"A": (104.0, 30.0), "B": (104.2, 30.01), "C": (104.4, 30.0), "D": (104.2, 30.5)}
    trains = {
        ("A", "B"): 10,
        ("B", "A"): 2,
        ("B", "C"): 10,
        ("A", "C"): 5,
        ("C", "A"): 3,
        ("A", "D"): 7,
        ("X", "A"): 1,
    }
    merged = merge_legs(places, trains)
    found = {
        frozenset(line.coords): count
        for line, count in zip(merged.geometry, merged["trains"], strict=True)
    }
    assert found == {
        frozenset((places["A"], places["B"])): 20,
        frozenset((places["B"], places["C"])): 18,
        frozenset((places["A"], places["D"])): 7,
    }


@pytest.mark.parametrize(("trains", "on_the_way"), [(19, True), (20, False)])
def test_few_trains_are_drawn_a_longer_way(trains, on_the_way):
    """A detour of 1.3 over B is taken by fewer than 20 trains a day, which would be a chord across
    the country.
    """
    tip = 0.1 * math.tan(math.acos(1 / 1.3))
    places = {"A": (0.0, 0.0), "B": (0.1, tip), "C": (0.2, 0.0)}
    merged = merge_legs(places, {("A", "B"): 50, ("B", "C"): 50, ("A", "C"): trains})
    assert (len(merged) == 2) == on_the_way
    assert merged["trains"].max() == 50 + trains * on_the_way


@pytest.mark.china
def test_the_fastest_trains_of_china_are_drawn_through_the_stations_that_they_pass(china):
    """Of 8,886 trains 2,300 pairs of calls are left as 1,810 lines at most; Shanghai-Nanjing has no
    chord.
    """
    legs = network_legs(china)
    places = {(round(s.lon, 6), round(s.lat, 6)): s.name for s in china.stations}
    trains = legs[~legs["metro"]]
    pairs = {
        frozenset(places[round(x, 6), round(y, 6)] for x, y in line.coords)
        for line in trains.geometry
    }
    assert frozenset(("南京南", "上海虹桥")) not in pairs
    assert frozenset(("苏州北", "昆山南")) in pairs
    assert len(trains) < 1_900
    assert legs["metro"].sum() > 5_000


def test_a_train_is_not_drawn_along_a_metro():
    """Of a train from a to c and a metro a, b, c in the same places each keeps its own line; alone
    it is no metro.
    """
    both = small_network(
        LINE, {"train": [OUT[0], OUT[2]], "metro": OUT[:3]}, route_type={"train": 2, "metro": 1}
    )
    legs = network_legs(both)
    assert legs["metro"].tolist() == [False, True, True]
    assert legs["trains"].tolist() == [1, 1, 1]
    assert not network_legs(small_network(LINE, {"metro": OUT[:3]}, route_type={"metro": 1}))[
        "metro"
    ].any()


def test_lines_are_broken_as_chinese_typesetting_asks():
    """No line is wider than asked, none begins with a full stop, Latin words stay whole."""
    text = (
        "从家门到任一中心城区客站出站口：接入、进站、候车（含安检）、乘车。Every minute of "
        "07:30–09:30 counts。"
    )
    for width in range(40, 200, 7):
        lines = fonts.wrap(text, 7, width)
        assert re.sub(r"\s", "", "".join(lines)) == re.sub(r"\s", "", text)
        assert all(line[0] not in "，。、：）" for line in lines)
        assert all(fonts.text_width(line, 7) <= width for line in lines)
        assert any("minute" in line for line in lines)


def test_a_column_narrower_than_a_letter_has_one_on_each_line():
    """Nothing is lost, within Latin words and between hanzi."""
    assert fonts.wrap("abc", 10, 1) == ["a", "b", "c"]
    assert fonts.wrap("成都", 10, 1) == ["成", "都"]


def test_a_label_slides_along_one_side_of_its_symbol() -> None:
    """Each of the sixteen sides is tried once; only beside, above or below does a label slide, not
    at a corner.
    """
    assert len(set(_SIDES)) == 16
    assert {(x, y) for x, y, slide in _SIDES if not slide} == {
        (x, y) for x in (-1, 0, 1) for y in (-1, 0, 1)
    } - {(0, 0)}
    for x, y, slide in _SIDES:
        assert (x == 0) != (y == 0) or not slide


def test_a_placer_that_knows_no_symbols_has_none():
    """A label that keeps clear of its own symbol has no other one to keep clear of."""
    assert Placer((0.0, 0.0, 200.0, 100.0), Clutter((0.0, 0.0, 200.0, 100.0))).symbols.shape == (
        0,
        2,
    )


def test_the_font_has_the_usual_characters():
    """Rare characters of place names, punctuation, pinyin and the signs that maps print."""
    rare = "郫邛崃鄠陉鲅圳漯濮亳歙黟衢睢栾涿蓟亹崆岢岚沅澧鄱婺赣菉葭浜垟塱"
    assert fonts.missing_glyphs("旛櫃巽嶽鐵龍灣臺つくば") == set()  # Japan, Hong Kong and Taiwan
    assert fonts.missing_glyphs(rare + "（）〔〕，。、；：·–−≥²°©×→ÜüǎǐABCabc0123") == set()
    assert fonts.missing_glyphs("\u0b85") == {"\u0b85"}


@pytest.mark.china
def test_the_font_has_every_name_of_the_china_network():
    """Counties, prefectures, stations, cities: no empty boxes on any map."""
    if not (CHINA / "boundaries.parquet").exists() or not (CHINA / "timetable.zip").exists():
        pytest.skip("networks/china is not built here")
    frame = gpd.read_parquet(CHINA / "boundaries.parquet")
    named = [
        c
        for c in ("county", "county_en", "prefecture", "prefecture_en", "province", "province_en")
        if c in frame
    ]
    text = {ch for column in named for value in frame[column].dropna().astype(str) for ch in value}
    with zipfile.ZipFile(CHINA / "timetable.zip") as feed:
        stops = csv.reader(io.StringIO(feed.read("stops.txt").decode("utf-8-sig")))
        text |= {ch for row in stops for cell in row for ch in cell}
    for file in CHINA.glob("*.csv"):
        text |= set(file.read_text(encoding="utf-8-sig"))
    assert fonts.missing_glyphs("".join(sorted(text))) == set()
