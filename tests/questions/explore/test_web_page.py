"""Interactive maps: what the page holds equals the tables, and it asks for nothing;
`test_htmlbrowser` opens it.
"""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import replace
from importlib import resources
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely
import tomli_w
from hypothesis import given
from hypothesis import strategies as st

import railshed
from railshed.maps.palette import SAVED_STEPS_MIN
from railshed.maps.web.encoding import STEPS_PER_DEGREE, Blob, add_lines
from railshed.maps.web.stations import minutes_up
from railshed.maps.web.words import TEXTS
from railshed.questions.explore.page import (
    SCRIPTS,
    InteractiveMap,
    explore_circles,
    explore_differences,
)
from railshed.questions.explore.scene import minutes_of_parts
from railshed.questions.explore.scene_layers import (
    FROM_BEYOND,
    TO_BEYOND,
    ZERO,
    tenths_saved,
    withdrawn_legs,
)
from railshed.util.errors import ParameterError
from railshed.util.units import UNREACHED
from tests.support import htmlpages
from tests.support.clirunner import Command, assert_mistake, command_line
from tests.support.htmlpages import NO_SOUTHWEST, NORTHWEST, content_of, values_of


@pytest.fixture(scope="module")
def run() -> Any:
    return htmlpages.run()


@pytest.fixture(scope="module")
def circle() -> Any:
    return htmlpages.circle()


@pytest.fixture(scope="module")
def comparison() -> Any:
    return htmlpages.comparisons()[0]


@pytest.fixture(scope="module")
def pages() -> dict[str, InteractiveMap]:
    return htmlpages.pages()


def west(run: Any) -> Any:
    """Return a second city, around the station in the west."""
    mid = run.compiled.network.get_city("mid")
    centre = replace(mid.centres[0], name="西", lon=99.8, lat=0.3)
    return replace(
        mid, slug="west", name="西城", name_en="", core_station_ids=("west",), centres=(centre,)
    )


def test_minutes_are_rounded_up() -> None:
    """A cell within a cutoff by the second has at most the cutoff's minutes; none has 255."""
    assert minutes_up([0, 1, 60, 61, 3600, 3601, UNREACHED]).tolist() == [0, 1, 1, 2, 60, 61, 255]


def test_parts_by_hand() -> None:
    """90 + 90 + 1 seconds are 4 minutes when rounded up: the largest rests go first, the first of
    equals before.
    """
    parts = np.array([[90, 0, 0, 90, 0, 1, 0], [60, 120, 0, 0, 0, 0, 0]], np.int32)
    assert minutes_of_parts(parts).tolist() == [[2, 0, 0, 2, 0, 0, 0], [1, 2, 0, 0, 0, 0, 0]]


@given(st.lists(st.lists(st.integers(0, 2000), min_size=7, max_size=7), min_size=1, max_size=20))
def test_parts_sum_to_the_minutes_of_the_cell(seconds: list[list[int]]) -> None:
    """Whatever the parts are, their minutes sum to the sum's minutes, and what takes no time is
    shown as none.
    """
    parts = np.array(seconds, np.int32)
    minutes = minutes_of_parts(parts)
    assert (
        minutes.sum(axis=1).tolist() == minutes_up(parts.sum(axis=1)).tolist()
        or parts.sum(axis=1).max() > 15_240
    )
    assert (minutes[parts == 0] == 0).all()


def test_lines_are_kept_to_eleven_metres() -> None:
    """A polygon with a hole has two rings, points in ten-thousandths of a degree, the outer ring
    anticlockwise.
    """
    square = shapely.box(100.0, 0.0, 100.01, 0.01)
    blob = Blob()
    result = add_lines(blob, square.difference(shapely.box(100.002, 0.002, 100.004, 0.004)))
    data = blob.to_bytes()
    assert values_of(result["n"], data).tolist() == [5, 5]
    x, y = (np.cumsum(values_of(result[axis], data)) for axis in "xy")
    assert (x.min(), x.max(), y.min(), y.max()) == (1_000_000, 1_000_100, 0, 100)
    outer = shapely.Polygon(np.column_stack([x, y])[:5])
    assert outer.exterior.is_ccw
    assert outer.area == 100 * 100


@pytest.mark.parametrize("name", ["circle", "compare", "scenarios"])
def test_the_page_asks_for_nothing(pages: dict[str, InteractiveMap], name: str) -> None:
    """The policy forbids all requests and names the two scripts by hash; names cannot end
    a script.
    """
    page = pages[name].html
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', page)
    assert policy is not None
    assert policy[1].startswith("default-src 'none'; ")
    assert "connect-src 'none'" in policy[1]
    scripts = re.findall(r"<script>(.*?)</script>", page, re.DOTALL)
    for script in scripts:
        assert base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() in policy[1]
    assert len(scripts) == 2
    assert page.count("</script") == 4
    assert "<b>" not in page.split("<main")[0]
    assert not re.findall(r'<(?:script|link|img|iframe)[^>]*(?:src|href)="(?!data:)', page)
    assert len(page.encode()) < 6e6


def test_the_notice_is_the_approval_number_where_there_is_one(circle: Any) -> None:
    """With a number the page says it, as a printed map does; without one it says that it is a
    sketch.
    """
    result = content_of(circle.explore(lang="zh", approval="GS(2025)7号"))[0]["notice"]
    assert result == {"zh": "审图号：GS(2025)7号", "en": "Approval number: GS(2025)7号"}
    assert content_of(circle.explore(lang="zh"))[0]["notice"]["zh"] == "示意图 无审图号"


def test_minutes_saved_are_told_apart_in_grey(pages: dict[str, InteractiveMap]) -> None:
    """From class to class and to the land the lightness (L* of CIE) rises by 8 or more."""
    colours = content_of(pages["compare"])[0]["colours"]
    shades = [
        [int(text[k : k + 2], 16) / 255 for k in (1, 3, 5)]
        for text in (*colours["saved"], colours["land"])
    ]
    linear = [
        [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in shade]
        for shade in shades
    ]
    lightness = [116 * (0.2126 * r + 0.7152 * g + 0.0722 * b) ** (1 / 3) - 16 for r, g, b in linear]
    assert min(b - a for a, b in pairwise(lightness)) >= 8


def test_same_bytes_and_a_frame_for_notebooks(
    circle: Any, pages: dict[str, InteractiveMap]
) -> None:
    """The same circle gives the same page; notebooks show it whole, in a frame of its own."""
    assert circle.explore() == pages["circle"]
    frame = circle.explore()._repr_html_()
    assert frame.startswith('<iframe title="')
    assert frame.count("<") == 2
    assert repr(pages["circle"]).startswith("<InteractiveMap 中城1小时铁路通勤圈: ")


def test_figures_are_those_of_the_tables(
    circle: Any, comparison: Any, pages: dict[str, InteractiveMap]
) -> None:
    """At every cutoff the page's people and km2 are the table's, gained and lost too; they grow
    with the minutes.
    """
    (scene,) = content_of(pages["circle"])[0]["scenes"]
    assert scene["readings"][0]["name"] == "door-to-door"
    for reading in scene["readings"]:
        for side in reading["sides"]:
            figures = side["figures"]
            for row in circle.summary.readings[reading["name"]].table:
                at, result = (
                    row["cutoff_min"],
                    (row["people_outside_city"], row["area_km2_outside_city"]),
                )
                if row["kind"] == "by_rail":
                    assert (figures["rail_people"][at], figures["rail_km2"][at]) == result
                    for part in ("own_prefecture", "other_prefecture", "other_province"):
                        assert figures[part][at] == row[f"people_{part}"]
                if row["kind"] == "added_by_trains":
                    assert (figures["added_people"][at], figures["added_km2"][at]) == result
            assert figures["rail_km2"] == sorted(figures["rail_km2"])
            assert len(figures["rail_km2"]) == scene["most"] + 1 == 91
    (scene,) = content_of(pages["compare"])[0]["scenes"]
    for reading in scene["readings"]:
        for row in [
            r for r in comparison.table if (r["reading"], r["kind"]) == (reading["name"], "by_rail")
        ]:
            for state, known in reading["change"].items():
                result = known["people"][row["cutoff_min"]], known["km2"][row["cutoff_min"]]
                assert result == (row[f"people_{state}"], row[f"area_km2_{state}"])


def test_cells_trains_and_stations(circle: Any, pages: dict[str, InteractiveMap]) -> None:
    """Cells count what the table counts, parts sum to minutes, trains within the cutoff are as many
    as `trips`.
    """
    content, data = content_of(pages["circle"])
    (scene,) = content["scenes"]
    reading = scene["readings"][0]
    side = reading["sides"][0]
    rail, parts = values_of(side["rail"], data), values_of(side["parts"], data).reshape(7, -1)
    assert (rail <= 60).sum() == (circle.surface.by_rail_s <= 3600).sum()
    assert (parts.sum(axis=0)[rail <= 60] == rail[rail <= 60]).all()
    rows, columns = (np.cumsum(values_of(scene["grid"][name], data)) for name in ("row", "column"))
    assert (
        len(set(zip(rows.tolist(), columns.tolist(), strict=True))) == len(rows) == len(rail)
    )  # each has its own place
    table = circle.stations.set_index("station_id")
    for place, station in enumerate(scene["stations"]):
        row = table.loc[station["id"]]
        rows = reading["trains"][0]["to"]["rows"].get(str(place), [])
        assert sum(taken <= 60 for _, _, taken, _ in rows) == row["trips"]
        minutes = reading["stations"][0][place]
        assert (minutes is not None) == bool(row["minutes"] <= 90)


def test_every_word_is_used() -> None:
    """The scripts say every text that Python names, and none that it does not."""
    web = resources.files("railshed.maps.web")
    own = "".join(web.joinpath(name).read_text(encoding="utf-8") for name in SCRIPTS)
    result = set(re.findall(r'"(\w+)"', own))
    assert set(TEXTS) <= result
    assert set(re.findall(r'say\("(\w+)"', own)) <= set(TEXTS)


def test_the_library_is_the_one_of_the_readme() -> None:
    """The vendored files have the checksums that the README names, and their licence
    beside them.
    """
    web = resources.files("railshed.maps.web")
    result = web.joinpath("README.md").read_text(encoding="utf-8")
    for name in (
        "maplibre-gl.js",
        "maplibre-gl.css",
        "terra-draw.js",
        "terra-draw-maplibre-gl-adapter.js",
    ):
        assert hashlib.sha256(web.joinpath(name).read_bytes()).hexdigest() in result
    assert "v5.24.1" in web.joinpath("maplibre-gl.js").read_text(encoding="utf-8")[:300]
    assert "James Milner" in web.joinpath("LICENSE-terra-draw.txt").read_text(encoding="utf-8")
    assert "MapLibre contributors" in web.joinpath("LICENSE-maplibre-gl.txt").read_text(
        encoding="utf-8"
    )


@pytest.mark.slow
def test_command_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """--html writes a page in the language of the maps, of several scenarios one of all; without a
    folder a mistake.
    """
    run: Command = command_line(monkeypatch, capsys)
    for command in (("circle", "mid"), ("compare", "mid", "-s", tmp_path / "more.toml")):
        assert_mistake(run(*command, "-n", "toy", "--html"), "--html: for files alone; give -o")
    plans = []
    for name, what in (("more", NORTHWEST), ("less", NO_SOUTHWEST)):
        text = f"title = '{name}'\n{tomli_w.dumps({'modification': [what]})}"
        (tmp_path / f"{name}.toml").write_text(text, encoding="utf-8")
        plans += ["-s", tmp_path / f"{name}.toml"]
    out = tmp_path / "out"
    options = ("-n", "toy", "--html", "--without-map", "--map-lang", "en", "--no-progress", "-o")
    done = (
        run("circle", "mid", *options, out / "circle"),
        run("compare", "mid", *plans, *options, out / "compare"),
    )
    assert [outcome.code for outcome in done] == [0, 0], done
    result = {}
    for path in sorted(out.rglob("*.html")):
        content, _ = content_of(InteractiveMap(path.read_text(encoding="utf-8"), ""))
        result[path.relative_to(out).as_posix()] = [
            scene["plan"] and scene["plan"]["en"] for scene in content["scenes"]
        ]
        assert content["lang"] == "en"
    assert result == {
        "circle/mid.html": [None],
        "compare/1-more/mid_compare.html": ["more"],
        "compare/2-less/mid_compare.html": ["less"],
        "compare/all/mid_compare.html": ["more + less"],
        "compare/mid_compare.html": ["more", "less", "more + less"],
    }


def test_several_circles_in_one_page(circle: Any, run: Any) -> None:
    """Each circle is a scene of its own; a name that stands for none is refused."""
    other = railshed.circle(run, "mid", direction="from")
    content, _ = content_of(explore_circles([circle, other]))
    assert [scene["readings"][0]["trains"][0].keys() for scene in content["scenes"]] == [
        {"to"},
        {"from"},
    ]
    assert [scene["key"] for scene in content["scenes"]] == ["mid:1", "mid:2"]
    assert [scene["label"]["zh"] for scene in content["scenes"]] == ["中城 (1)", "中城 (2)"]
    with pytest.raises(ParameterError, match="needs a circle"):
        explore_circles([])
    with pytest.raises(ParameterError, match="allowed: both, zh, en"):
        circle.explore(lang="fr")


def test_both_ways_tell_the_slower_direction(run: Any) -> None:
    """Both ways a cell's parts are those of the direction that takes longer, and trains are listed
    both ways.
    """
    content, data = content_of(railshed.circle(run, "mid", direction="both").explore())
    reading = content["scenes"][0]["readings"][0]
    assert reading["trains"][0].keys() == {"to", "from"}
    side = reading["sides"][0]
    rail, parts = values_of(side["rail"], data), values_of(side["parts"], data).reshape(7, -1)
    assert (parts.sum(axis=0)[rail <= 60] == rail[rail <= 60]).all()
    assert set(np.unique(values_of(side["slow"], data))) <= {0, 1}


def test_all_cities_together_count_each_place_once(run: Any) -> None:
    """The scene of all cities has the union's people and km2 at its cutoff, and the least minutes
    of any city.
    """
    cities = ["mid", west(run)]
    circles = [railshed.circle(run, city) for city in cities]
    content, data = content_of(explore_circles(circles, together=run.union(cities, cutoff_min=90)))
    scene = content["scenes"][0]
    (reading,) = scene["readings"]
    (side,) = reading["sides"]
    for cutoff in (60, 90):
        row = run.union(cities, cutoff_min=cutoff).union["by_rail"]
        expected = row["people_outside_city"], row["area_km2_outside_city"]
        assert (
            side["figures"]["rail_people"][cutoff],
            side["figures"]["rail_km2"][cutoff],
        ) == expected
    assert (reading["headlines"], scene["most"], scene["headline"]) == ([60, 90], 90, 60)
    assert (side["bare"], side["figures"]["added_km2"], scene["intervals"]) == (None, [], None)
    assert [city["zh"] for city in scene["cities"]] == ["中城", "西城"]
    assert set(np.unique(values_of(side["city"], data)[values_of(side["rail"], data) <= 60])) == {
        0,
        1,
    }


def test_people_of_a_county_by_minute(circle: Any, pages: dict[str, InteractiveMap]) -> None:
    """People of each county by rail are those of the table of counties, at each cutoff; so are the
    people of all.
    """
    content, data = content_of(pages["circle"])
    scene, counties = content["scenes"][0], content["base"]["counties"]
    side = scene["readings"][0]["sides"][0]
    people = np.cumsum(values_of(side["county_people"], data)).reshape(-1, scene["most"] + 1)
    table = circle.counties.set_index("county")
    names = [counties[place]["zh"] for place in side["counties"]]
    assert len(names) > 2
    for cutoff in (45, 60, 75, 90):
        assert people[:, cutoff].tolist() == table.loc[names, f"people_by_rail_{cutoff}"].tolist()
    assert [counties[place]["people"] for place in side["counties"]] == table.loc[
        names, "population"
    ].tolist()
    others = table.drop(index=names)
    assert (others["people_by_rail_90"] == 0).all()


def test_united_circles_are_those_of_the_fastest_city(run: Any) -> None:
    """Minutes, parts and trains of united circles are those of the city reached first."""
    each = [
        found[0] for found in run.comparisons(["mid", west(run)], [htmlpages.plan("nw", NORTHWEST)])
    ]
    union = run.unite(each, name="格子", name_en="Grid")
    content, data = content_of(explore_differences([union]))
    (scene,) = content["scenes"]
    assert [city["zh"] for city in scene["cities"]] == ["中城", "西城"]
    reading = scene["readings"][0]
    assert reading["definition"][-1]["zh"] == "中城、西城各圈合并，每处只计一次"
    for side, surface in zip(reading["sides"], union.surfaces["door-to-door"], strict=True):
        rail, parts = values_of(side["rail"], data), values_of(side["parts"], data).reshape(7, -1)
        assert (rail <= 60).sum() == (surface.by_rail_s <= 3600).sum()
        assert (parts.sum(axis=0)[rail <= 60] == rail[rail <= 60]).all()
        assert set(np.unique(values_of(side["city"], data)[rail <= 60])) == {0, 1}
    ids = [station["id"] for station in scene["stations"]]
    own = [
        dict(zip(c.after.stations["station_id"], c.after.stations["trips"], strict=True))
        for c in each
    ]
    for place, station in enumerate(ids):
        city, rows = (
            reading["station_city"][1][place],
            reading["trains"][1]["to"]["rows"].get(str(place), []),
        )
        if reading["stations"][1][place] is not None and not scene["stations"][place]["core"][1]:
            assert sum(taken <= 60 for _, _, taken, _ in rows) == own[city][station]
    core = {ids[k]: scene["stations"][k]["core"] for k in range(len(ids))}
    assert core["west"] == core["mid"] == [True, True]
    assert reading["station_city"][1][ids.index("southwest")] == 0
    assert reading["trains"][1]["to"]["windows"] == [[450, 570]] * 2


def test_scenarios_share_what_they_have_in_common(pages: dict[str, InteractiveMap]) -> None:
    """Two scenarios of a city are two scenes of one place; what is before is written once; each key
    is its own.
    """
    content, data = content_of(pages["scenarios"])
    first, second, union = content["scenes"]
    assert first["label"] == second["label"] != union["label"]
    assert first["plan"] == union["plan"] != second["plan"]
    assert len({scene["key"] for scene in content["scenes"]}) == 3
    for old, new in zip(first["readings"], second["readings"], strict=True):
        for side, other in zip(old["sides"][:1], new["sides"][:1], strict=True):
            assert side["rail"] == other["rail"]
            assert side["parts"] == other["parts"]
    assert first["grid"] == second["grid"]
    assert len(data) < 2 * len(content_of(pages["compare"])[1])  # of three scenes


def test_lines_of_each_side(run: Any, pages: dict[str, InteractiveMap]) -> None:
    """A planned line and its stations are there after alone; where no train runs any more
    is drawn.
    """
    content, data = content_of(pages["scenarios"])
    more, less, _ = content["scenes"]
    assert more["proposed"] is not None
    assert more["withdrawn"] is None
    assert less["proposed"] is None
    x, y = (np.cumsum(values_of(less["withdrawn"][axis], data)) / STEPS_PER_DEGREE for axis in "xy")
    network = run.compiled.network
    ends = {(s.lon, s.lat) for s in network.stations if s.station_id in ("midsouth", "southwest")}
    assert set(zip(x.round(4).tolist(), y.round(4).tolist(), strict=True)) == ends
    assert [station["there"] for station in more["stations"] if station["id"] == "northwest"] == [
        [False, True]
    ]
    assert withdrawn_legs(network, network) is None


def test_tenths_saved_by_hand(comparison: Any) -> None:
    """90 s saved are 1.5 min, 59 s slower 0.9; whole classes are never reached early; beyond the
    limit stands apart.
    """
    old, new = comparison.headline
    before = np.array([3600, 3600, 3600, UNREACHED, 3600, UNREACHED])
    after = np.array([3510, 3659, 3001, 3600, UNREACHED, UNREACHED])
    none = np.full(6, UNREACHED)
    result = tenths_saved(
        replace(old, by_rail_s=before, local_s=none),
        replace(new, by_rail_s=after, local_s=none),
        5400,
    )
    assert result.tolist() == [ZERO + 15, ZERO - 9, ZERO + 99, FROM_BEYOND, TO_BEYOND, ZERO]


def test_minutes_saved_are_those_of_the_printed_map(
    comparison: Any, pages: dict[str, InteractiveMap]
) -> None:
    """At the headline cutoff people and km2 by class are those of `plot_saved`; each class holds
    the next.
    """
    from railshed.questions.compare.map import saved_map

    result = saved_map(comparison).bands
    figures = content_of(pages["compare"])[0]["scenes"][0]["readings"][0]["saved"]["figures"]
    for step, (_, row) in zip(SAVED_STEPS_MIN, result.iterrows(), strict=True):
        assert figures[str(step)]["people"][60] == row["people"]
        assert figures[str(step)]["km2"][60] == row["area_km2"]
    each = [figures[str(step)]["km2"] for step in SAVED_STEPS_MIN]
    assert all(more >= less for less, more in pairwise(each))
    assert figures["1"]["people"][60] == 128_000
    assert figures["slower"]["people"][60] == 0


def test_joint_pages(run: Any, circle: Any, tmp_path: Path) -> None:
    """A page is written when the last of its circles is there, all cities together first; those of
    one city are none.

    The circles are united to the end of the land looked at.
    """
    from railshed.report.run_folder.circle import JointPages

    united = []

    def unite(name: str, minutes: int) -> Any:
        united.append((name, minutes))
        return run.union(["mid", west(run)], cutoff_min=minutes, name="格子", name_en="Grid")

    joint = JointPages({"pair": ["mid", "west"], "lone": ["mid"]}, unite, tmp_path, {"lang": "zh"})
    joint.add(circle)
    assert list(tmp_path.iterdir()) == []
    joint.add(railshed.circle(run, west(run)))
    assert united == [("pair", 90)]
    assert [path.name for path in tmp_path.iterdir()] == ["pair.html"]
    content, _ = content_of(
        InteractiveMap((tmp_path / "pair.html").read_text(encoding="utf-8"), "")
    )
    assert [scene["key"] for scene in content["scenes"]] == ["all", "mid", "west"]
    assert [scene["label"]["en"] for scene in content["scenes"]] == [
        "All cities together",
        "Midtown",
        "西城",
    ]
