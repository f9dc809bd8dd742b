"""What an interactive map holds, by hand on the toy network: rails, raster, stations, trains,
parts, minutes saved.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pyproj
import pytest

import railshed
from railshed.circles.components import COMPONENTS
from railshed.maps.palette import SAVED_STEPS_MIN
from railshed.maps.web.base_layers import box_around
from railshed.maps.web.encoding import STEPS_PER_DEGREE
from railshed.questions.explore.scene_layers import plan_lines
from tests.support import htmlpages
from tests.support.htmlpages import NORTHWEST, content_of, plan, values_of
from tests.support.toy_plan import comparison

#: minutes from the door to a centre, before and after the plan: 12 more from 西山, 8 fewer by 东桥.
#: 15 in stations, 14:04 from mid and half of 9:56 early by trains every 20 minutes: 西山 18 +
#: 34:02. Beyond 90 none.
MINUTES = {
    "mid": (0, 0),
    "midsouth": (0, 0),
    "east": (51, 43),
    "eastnorth": (59, 51),
    "west": (53, 65),
    "north": (69, 68),
    "south": (70, 70),
    "northeast": (77, 69),
    "southeast": (None, None),
    "southwest": (35, None),
    "northwest": (None, 49),
}
#: thousands of people before, after, gained, lost: 1 of west drops out, with 64 of southwest; 128
#: of northwest come
CHANGE_K = {60: (67, 130, 128, 65), 90: (95, 159, 128, 64)}


@pytest.fixture(scope="module")
def found() -> Any:
    return comparison()


@pytest.fixture(scope="module")
def page(found: Any) -> Any:
    return content_of(found.explore())


@pytest.fixture(scope="module")
def scene(page: Any) -> Any:
    (scene,) = page[0]["scenes"]
    return scene


def lines_of(given: Any, data: bytes) -> set[frozenset[tuple[float, float]]]:
    """Return the points of lines of two points each."""
    x, y = (np.cumsum(values_of(given[axis], data)) / STEPS_PER_DEGREE for axis in "xy")
    points = list(zip(x.round(4).tolist(), y.round(4).tolist(), strict=True))
    assert set(values_of(given["n"], data).tolist()) <= {2}
    return {frozenset(points[k : k + 2]) for k in range(0, len(points), 2)}


def test_rails_after_a_plan_are_there_where_it_changes_them(scene: Any, page: Any) -> None:
    """Rails before are the base's; a plan that changes none has no rails of its own, one that adds
    a line has them.

    216 trains each way on the new line are of the widest class, 108 each way on the line that is
    gone were too.
    """
    content, data = page
    before = {k["least"]: lines_of(k["lines"], data) for k in content["base"]["rails"]}
    after = {k["least"]: lines_of(k["lines"], data) for k in scene["rails"]}
    old = frozenset({(100.0, 0.25), (99.8, 0.1)})
    new = frozenset({(99.8, 0.5), (100.0, 0.3)})
    assert (before[200], after[200]) == ({old}, {new})
    assert (
        before[80]
        == after[80]
        == {
            frozenset({(99.8, 0.3), (100.0, 0.3)}),
            frozenset({(100.0, 0.3), (100.2, 0.3)}),
        }
    )
    assert lines_of(scene["withdrawn"], data) == {old}
    assert lines_of(scene["proposed"], data) == {new}
    same = plan(
        "slower doors", {"type": "adjust-station-time", "stations": ["west"], "entry_minutes": 20}
    )
    quiet = railshed.compare(htmlpages.run(), "mid", same)
    (other,) = content_of(quiet.explore())[0]["scenes"]
    assert (other["rails"], other["withdrawn"], other["proposed"]) == (None, None, None)


def test_more_trains_on_the_same_rails_are_a_change() -> None:
    """A plan that doubles the trains of a line changes its rails, and one that changes minutes
    alone does not.
    """
    network = htmlpages.run().compiled.network
    before = railshed.compare(network, "mid", plan("x", NORTHWEST)).plan
    assert before is not None
    assert plan_lines(network, before.network).changes
    assert not plan_lines(network, network).changes
    every = [{"start_time": "05:00", "end_time": "23:00", "headway_minutes": 5}]
    more = plan(
        "more", {"type": "adjust-frequency", "routes": ["slow-north"], "frequencies": every}
    )
    busier = railshed.compare(network, "mid", more).plan
    assert busier is not None
    lines = plan_lines(network, busier.network)
    assert len(lines.before) == len(lines.after)
    assert lines.changes


def test_each_cell_is_drawn_where_it_lies(found: Any, scene: Any, page: Any) -> None:
    """Between known positions of every 16th cell a centre lies within a metre of where the grid has
    it.
    """
    data, grid, land = page[1], scene["grid"], found.counts.land
    shown = np.zeros(len(land), dtype=bool)
    for surfaces in found.surfaces.values():
        for surface in surfaces:
            shown |= surface.total_s <= 90 * 60
    cells = np.flatnonzero(shown)
    row, column = (np.cumsum(values_of(grid[name], data)) for name in ("row", "column"))
    assert len(cells) == len(row)
    assert (row.min(), column.min()) == (1, 1)
    assert (row.max(), column.max()) == (grid["rows"] - 2, grid["columns"] - 2)
    lon, lat = (
        np.cumsum(values_of(grid[name], data)).reshape(-1, grid["across"]) / grid["steps"]
        for name in ("lon", "lat")
    )
    (j, t), (i, s) = (np.divmod(at / grid["every"], 1) for at in (row, column))
    j, i = j.astype(int), i.astype(int)
    x, y = (
        (1 - t) * ((1 - s) * v[j, i] + s * v[j, i + 1])
        + t * ((1 - s) * v[j + 1, i] + s * v[j + 1, i + 1])
        for v in (lon, lat)
    )
    known = land.grid.unproject(*land.grid.centre(land.row[cells], land.column[cells]))
    away = pyproj.Geod(ellps="WGS84").inv(x, y, *known)[2]
    assert max(away) < 1
    assert grid["cell_m"] == 500


def test_stations_of_both_sides(scene: Any) -> None:
    """Minutes from the door before and after, who is core and who is there, and the trains of the
    day after.
    """
    ids = [row["id"] for row in scene["stations"]]
    before, after = scene["readings"][0]["stations"]
    assert dict(zip(ids, zip(before, after, strict=True), strict=True)) == MINUTES
    assert {row["id"]: row["core"] for row in scene["stations"] if any(row["core"])} == {
        "mid": [True, True],
        "midsouth": [True, True],
    }
    assert [row["id"] for row in scene["stations"] if row["there"] != [True, True]] == ["northwest"]
    trains = {row["id"]: row["trains"] for row in scene["stations"]}
    assert (trains["mid"], trains["northwest"], trains["north"]) == (181 + 432, 432, 109)
    places = dict(zip(ids, scene["places"], strict=True))
    assert places["east"] == ["东桥", "Eastbridge"]
    west = next(row for row in scene["stations"] if row["id"] == "west")
    assert (west["at"], west["class"]) == ([99.8, 0.3], "small")


def test_trains_of_a_station(scene: Any) -> None:
    """From 东北岭 07:08 by the loop to 东桥北, 07:14; on foot to 东桥; 07:24-07:40, 5 and 14:04:
    07:59, 62 in all.

    After the plan the fast train is there at 07:32. Deadlines are 07:30 to 09:30. The other way
    round the loop the slow train from 北湖 is half an hour later: 06:24, and 07:12 at the station.
    """
    ids = [row["id"] for row in scene["stations"]]
    place = {key: ids.index(key) for key in ids}
    before, after = (side["to"] for side in scene["readings"][0]["trains"])
    assert before["windows"] == after["windows"] == [[450, 570]]
    for side, arrival, minutes in ((before, 460, 62), (after, 452, 54)):
        first = side["rows"][str(place["northeast"])][1]
        loop = ["环线", place["northeast"], place["eastnorth"], 428, 434]
        assert first == [
            428,
            arrival + 19,
            minutes,
            [loop, ["快线", place["east"], place["mid"], 444, arrival]],
        ]
    ends = [row[1] for row in before["rows"][str(place["west"])]]
    assert ends == [469, 489, 509, 529, 549, 569]
    assert [row[2] for row in before["rows"][str(place["west"])]] == [48] * 6
    counts = {key: len(before["rows"].get(str(k), ())) for key, k in place.items()}
    assert counts == {
        "mid": 0,
        "midsouth": 0,
        "east": 6,
        "eastnorth": 6,
        "west": 6,
        "north": 6,
        "south": 4,
        "northeast": 4,
        "southeast": 2,
        "southwest": 12,
        "northwest": 0,
    }
    assert len(after["rows"][str(place["northwest"])]) == 24


def test_parts_of_a_cell(found: Any, scene: Any, page: Any) -> None:
    """By 西山 10 minutes are entry, 18 (after the plan 30) the train, 5 the exit, 14:04 to the
    centre, 4:58 early.

    What is left is access; of the parts of a minute the largest rests go first.
    """
    data, reading = page[1], scene["readings"][0]
    ids = [row["id"] for row in scene["stations"]]
    for side, ride in zip(reading["sides"], (18, 30), strict=True):
        rail, via = values_of(side["rail"], data), values_of(side["via"], data)
        parts = dict(zip(COMPONENTS, values_of(side["parts"], data).reshape(7, -1), strict=True))
        mine = (via == ids.index("west")) & (rail <= 90)
        assert mine.sum() > 50
        for name, minutes in (
            ("entry", 10),
            ("ride", ride),
            ("exit", 5),
            ("wait", 5),
            ("change", 0),
        ):
            assert set(parts[name][mine].tolist()) == {minutes}, name
        assert set(parts["egress"][mine].tolist()) <= {14, 15}
        assert (parts["access"][mine] == rail[mine] - ride - 20 - parts["egress"][mine]).all()
        assert (rail[rail != 255] <= 90).all()


def test_figures_by_minute(scene: Any) -> None:
    """Before, after, gained and lost by rail within 60 and 90 minutes, outside the city; trains add
    all of it.
    """
    change = scene["readings"][0]["change"]
    for minute, known in CHANGE_K.items():
        assert (
            tuple(
                change[s]["people"][minute] // 1000 for s in ("before", "after", "gained", "lost")
            )
            == known
        )
    before, after = (side["figures"] for side in scene["readings"][0]["sides"])
    assert (before["rail_people"][60], after["rail_people"][60]) == (67_000, 130_000)
    assert (before["rail_people"][90], after["rail_people"][90], len(before["rail_people"])) == (
        95_000,
        159_000,
        91,
    )
    assert (before["added_people"][60], after["added_people"][60]) == (
        67_000,
        130_000,
    )  # no metro runs


def test_minutes_saved_by_class(scene: Any) -> None:
    """Within 60 minutes before or after 128 and 2 thousand save 5 or more, 1 and 64 lose; 16 and 4
    more in 90.
    """
    saved = scene["readings"][0]["saved"]
    people = {name: figures["people"] for name, figures in saved["figures"].items()}
    for minute, five, one in ((60, 130_000, 130_000), (90, 146_000, 150_000)):
        assert {name: rows[minute] for name, rows in people.items()} == {
            "30": 128_000,
            "15": 128_000,
            "10": 128_000,
            "5": five,
            "1": one,
            "slower": 65_000,
        }
    assert (saved["figures"]["slower"]["km2"][60], saved["figures"]["5"]["km2"][60]) == (39.0, 37.0)
    assert (saved["limit"], saved["steps"], saved["zero"]) == (90, [30, 15, 10, 5, 1], 30_000)


def test_intervals_of_the_headline(scene: Any) -> None:
    """A circle's page has low and high of people and km² by rail at each headline cutoff; a
    comparison's has none.
    """
    (circle,) = content_of(htmlpages.circle().explore())[0]["scenes"]
    first = circle["intervals"]
    assert (first["reading"], first["people"]["60"], first["km2"]["60"]) == (
        "door-to-door",
        [64_000, 67_000],
        [26.5, 73.0],
    )
    assert [sorted(first[what]) for what in ("people", "km2")] == [["60", "90"]] * 2
    assert (circle["sides"], circle["headline"], circle["date"], circle["centre"]) == (
        1,
        60,
        "2024-05-15",
        [100.0, 0.32],
    )
    assert circle["rails"] is None
    assert (scene["intervals"], scene["sides"]) == (None, 2)


def test_each_class_of_minutes_saved_has_a_colour(page: Any) -> None:
    """As many colours as classes, all different."""
    colours = page[0]["colours"]["saved"]
    assert len(set(colours)) == len(colours) == len(SAVED_STEPS_MIN)


def test_what_is_shown_lies_in_the_middle_of_its_box() -> None:
    """Two fifths of the extent on every side, of 0.2 degrees at least; no nearer to a pole than 85
    degrees.
    """
    west, south, east, north = box_around([(10.0, 50.0, 10.5, 51.0), (10.2, 49.5, 11.0, 50.5)])
    assert (west, south, east, north) == pytest.approx((9.6, 48.9, 11.4, 51.6))
    assert box_around([(0.0, 84.0, 0.1, 84.9)]) == pytest.approx((-0.08, 83.64, 0.18, 85.0))


def test_stations_lie_to_the_metre() -> None:
    """Five decimals of a degree: what more digits a network has is not in the page, nor is less."""
    toy = railshed.load_network("toy")
    moved = tuple(
        replace(s, lon=s.lon + 1.234567e-4) if s.station_id == "west" else s for s in toy.stations
    )
    circle = railshed.circle(replace(toy, stations=moved), "mid", reading="door-to-station")
    (scene,) = content_of(circle.explore())[0]["scenes"]
    (at,) = [row["at"] for row in scene["stations"] if row["id"] == "west"]
    assert at == [99.80012, 0.3]
