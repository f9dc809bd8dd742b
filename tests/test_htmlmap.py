"""Interactive maps: what the page holds equals the tables, it asks for nothing, and it works in a real browser.

The tests in the browser need Debian's Chromium and the package playwright, and skip where one is missing.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import shutil
import tempfile
import zlib
from collections.abc import Iterator
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely
import tomli_w
from hypothesis import given
from hypothesis import strategies as st

import railshed
from clirunner import Command, assert_mistake, command_line
from railshed.errors import ParameterError
from railshed.htmlblob import Blob, add_lines
from railshed.htmlmap import SCRIPTS, InteractiveMap, explore_circles, explore_differences
from railshed.htmlscenes import minutes_of_parts, minutes_up
from railshed.htmlwords import TEXTS
from railshed.scenario import scenario_from_dict
from railshed.units import UNREACHED

#: 128 thousand people who had no train before; two of the lines' names end a script and open an element
NORTHWEST = {
    "type": "add-trips", "name": "nw</script><b>", "hop_minutes": [18],
    "stops": [{"name": "西北原", "id": "northwest", "lon": 99.8, "lat": 0.5}, "mid"],
    "frequencies": [{"start_time": "05:00", "end_time": "23:00", "headway_minutes": 10}],
}  # fmt: skip
FLAGS = [
    "--no-sandbox", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update",
    "--disable-sync", "--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader",
]  # fmt: skip


@pytest.fixture(scope="module")
def run() -> Any:
    return railshed.prepare(railshed.load_network("toy"))


@pytest.fixture(scope="module")
def circle(run: Any) -> Any:
    return railshed.circle(run, "mid")


@pytest.fixture(scope="module")
def comparison(run: Any) -> Any:
    plan = scenario_from_dict({"title": "plan </script> & more", "modification": [NORTHWEST]})
    return railshed.compare(run, "mid", plan)


@pytest.fixture(scope="module")
def pages(circle: Any, comparison: Any) -> dict[str, InteractiveMap]:
    return {"circle": circle.explore(), "compare": comparison.explore()}


def content_of(page: InteractiveMap) -> tuple[dict[str, Any], bytes]:
    """Return the JSON and the bytes of a page."""
    texts = [re.search(rf'id="{name}">([^<]*)<', page.html) for name in ("content", "bytes")]
    found = [zlib.decompress(base64.b64decode(match[1])) for match in texts if match]
    return json.loads(found[0]), found[1]


def values_of(told: dict[str, Any], data: bytes) -> Any:
    kind = {"u1": np.uint8, "u2": np.uint16, "i4": np.int32}[told["type"]]
    return np.frombuffer(data, kind, told["n"], told["at"])


def test_minutes_are_rounded_up() -> None:
    """Whoever is within a cutoff by the second has minutes of at most the cutoff; none has 255."""
    assert minutes_up([0, 1, 60, 61, 3600, 3601, UNREACHED]).tolist() == [0, 1, 1, 2, 60, 61, 255]


def test_parts_by_hand() -> None:
    """90 + 90 + 1 seconds are 4 minutes when rounded up: the largest rests go first, the first of equals before."""
    parts = np.array([[90, 0, 0, 90, 0, 1, 0], [60, 120, 0, 0, 0, 0, 0]], np.int32)
    assert minutes_of_parts(parts).tolist() == [[2, 0, 0, 2, 0, 0, 0], [1, 2, 0, 0, 0, 0, 0]]


@given(st.lists(st.lists(st.integers(0, 2000), min_size=7, max_size=7), min_size=1, max_size=20))
def test_parts_sum_to_the_minutes_of_the_cell(seconds: list[list[int]]) -> None:
    """Whatever the parts are, their minutes sum to the sum's minutes, and what takes no time is shown as none."""
    parts = np.array(seconds, np.int32)
    minutes = minutes_of_parts(parts)
    assert minutes.sum(axis=1).tolist() == minutes_up(parts.sum(axis=1)).tolist() or parts.sum(axis=1).max() > 15_240
    assert (minutes[parts == 0] == 0).all()


def test_lines_are_kept_to_eleven_metres() -> None:
    """A polygon with a hole has two rings, points in ten-thousandths of a degree, the outer ring anticlockwise."""
    square = shapely.box(100.0, 0.0, 100.01, 0.01)
    blob = Blob()
    told = add_lines(blob, square.difference(shapely.box(100.002, 0.002, 100.004, 0.004)))
    data = blob.to_bytes()
    assert values_of(told["n"], data).tolist() == [5, 5]
    x, y = (np.cumsum(values_of(told[axis], data)) for axis in "xy")
    assert (x.min(), x.max(), y.min(), y.max()) == (1_000_000, 1_000_100, 0, 100)
    outer = shapely.Polygon(np.column_stack([x, y])[:5])
    assert outer.exterior.is_ccw
    assert outer.area == 100 * 100


@pytest.mark.parametrize("name", ["circle", "compare"])
def test_the_page_asks_for_nothing(pages: dict[str, InteractiveMap], name: str) -> None:
    """The policy forbids all requests and names the two scripts by hash; names cannot end a script."""
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


def test_same_bytes_and_a_frame_for_notebooks(circle: Any, pages: dict[str, InteractiveMap]) -> None:
    """The same circle gives the same page; notebooks show it whole, in a frame of its own."""
    assert circle.explore() == pages["circle"]
    frame = circle.explore()._repr_html_()
    assert frame.startswith('<iframe title="')
    assert frame.count("<") == 2
    assert repr(pages["circle"]).startswith("<InteractiveMap 中城1小时铁路通勤圈: ")


def test_figures_are_those_of_the_tables(circle: Any, comparison: Any, pages: dict[str, InteractiveMap]) -> None:
    """At every cutoff the page's people and km2 are the table's, gained and lost too; they grow with the minutes."""
    (scene,) = content_of(pages["circle"])[0]["scenes"]
    assert scene["readings"][0]["name"] == "door-to-station"
    for reading in scene["readings"]:
        for side in reading["sides"]:
            figures = side["figures"]
            for row in circle.summary["readings"][reading["name"]]["table"]:
                at = row["cutoff_min"]
                if row["kind"] == "total":
                    assert (figures["people"][at], figures["km2"][at]) == (row["people"], row["area_km2"])
                if row["kind"] == "by_rail":
                    told = row["people_outside_city"], row["area_km2_outside_city"]
                    assert (figures["rail_people"][at], figures["rail_km2"][at]) == told
            assert figures["km2"] == sorted(figures["km2"])
    (scene,) = content_of(pages["compare"])[0]["scenes"]
    for reading in scene["readings"]:
        for row in [r for r in comparison.table if (r["reading"], r["kind"]) == (reading["name"], "total")]:
            for state, known in reading["change"].items():
                told = known["people"][row["cutoff_min"]], known["km2"][row["cutoff_min"]]
                assert told == (row[f"people_{state}"], row[f"area_km2_{state}"])


def test_cells_trains_and_stations(circle: Any, pages: dict[str, InteractiveMap]) -> None:
    """Cells count what the table counts, parts sum to minutes, trains within the cutoff are as many as `trips`."""
    content, data = content_of(pages["circle"])
    (scene,) = content["scenes"]
    reading = scene["readings"][0]
    side = reading["sides"][0]
    rail, parts = values_of(side["rail"], data), values_of(side["parts"], data).reshape(7, -1)
    assert (rail <= 60).sum() == (circle.surface.by_rail_s <= 3600).sum()
    assert (parts.sum(axis=0)[rail <= 60] == rail[rail <= 60]).all()
    cell = np.cumsum(values_of(scene["raster"]["cell"], data))
    assert set(np.unique(cell)) == set(range(len(rail) + 1))  # every cell has a pixel, and so has no cell
    table = circle.stations.set_index("station_id")
    for place, station in enumerate(scene["stations"]):
        row = table.loc[station["id"]]
        rows = reading["trains"][0]["to"]["rows"].get(str(place), [])
        assert sum(taken <= 60 for _, _, taken, _ in rows) == row["trips"]
        minutes = reading["stations"][0][place]
        assert (minutes is not None) == bool(row["inside"] or row["is_core"])


def test_every_word_is_used() -> None:
    """The scripts say every text that Python names, and none that it does not."""
    web = resources.files("railshed").joinpath("web")
    own = "".join(web.joinpath(name).read_text(encoding="utf-8") for name in SCRIPTS)
    told = set(re.findall(r'"(\w+)"', own))
    assert set(TEXTS) <= told
    assert set(re.findall(r'say\("(\w+)"', own)) <= set(TEXTS)


def test_the_library_is_the_one_of_the_readme() -> None:
    """The vendored files have the checksums that the README names, and their licence beside them."""
    web = resources.files("railshed").joinpath("web")
    told = web.joinpath("README.md").read_text(encoding="utf-8")
    for name in ("maplibre-gl.js", "maplibre-gl.css"):
        assert hashlib.sha256(web.joinpath(name).read_bytes()).hexdigest() in told
    assert "v5.24.1" in web.joinpath("maplibre-gl.js").read_text(encoding="utf-8")[:300]
    assert "MapLibre contributors" in web.joinpath("LICENSE-maplibre-gl.txt").read_text(encoding="utf-8")


def test_command_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """--html writes a page in the language of the maps; without a folder it is a mistake."""
    run: Command = command_line(monkeypatch, capsys)
    for command in (("circle", "mid"), ("compare", "mid", "-s", tmp_path / "plan.toml")):
        assert_mistake(run(*command, "-n", "toy", "--html"), "--html writes a file: give a folder with -o")
    (tmp_path / "plan.toml").write_text(
        f"title = 'plan'\n{tomli_w.dumps({'modification': [NORTHWEST]})}", encoding="utf-8"
    )
    options = ("-n", "toy", "--html", "--without-map", "--map-lang", "en", "--no-progress", "-o", tmp_path)
    done = run("circle", "mid", *options), run("compare", "mid", "-s", tmp_path / "plan.toml", *options)
    assert [outcome.code for outcome in done] == [0, 0], done
    for name, sides in (("mid", 1), ("mid_compare", 2)):
        text = (tmp_path / f"{name}.html").read_text(encoding="utf-8")
        content, _ = content_of(InteractiveMap(text, ""))
        assert [(scene["key"], scene["sides"]) for scene in content["scenes"]] == [("mid", sides)]
        assert (content["lang"], content["switch"]) == ("en", False)


def test_several_circles_in_one_page(circle: Any, run: Any) -> None:
    """Each circle is a scene of its own; a name that stands for none is refused."""
    other = railshed.circle(run, "mid", direction="from")
    content, _ = content_of(explore_circles([circle, other]))
    assert [scene["readings"][0]["trains"][0].keys() for scene in content["scenes"]] == [{"to"}, {"from"}]
    with pytest.raises(ParameterError, match="needs a circle"):
        explore_circles([])
    with pytest.raises(ParameterError, match="allowed: both, zh, en"):
        circle.explore(lang="fr")


def test_both_ways_tell_the_slower_direction(run: Any) -> None:
    """Both ways a cell's parts are those of the direction that takes longer, and trains are listed both ways."""
    content, data = content_of(railshed.circle(run, "mid", direction="both").explore())
    reading = content["scenes"][0]["readings"][0]
    assert reading["trains"][0].keys() == {"to", "from"}
    side = reading["sides"][0]
    rail, parts = values_of(side["rail"], data), values_of(side["parts"], data).reshape(7, -1)
    assert (parts.sum(axis=0)[rail <= 60] == rail[rail <= 60]).all()
    assert set(np.unique(values_of(side["slow"], data))) <= {0, 1}


def test_united_circles_have_no_trains(run: Any, comparison: Any) -> None:
    """United circles are a scene without trains and parts of minutes, beside the scenes of their cities."""
    union = railshed.api.unite([comparison], run, name="格子", name_en="Grid")
    content, _ = content_of(explore_differences([union, comparison]))
    first, second = content["scenes"]
    assert first["key"].startswith("union-")
    assert first["readings"][0]["trains"] == []
    assert "parts" not in first["readings"][0]["sides"][0]
    assert first["readings"][0]["change"]["gained"]["people"][60] == 128_000
    assert second["readings"][0]["change"]["gained"]["people"][60] == 128_000


# In the browser ------------------------------------------------------------------------------------------------------


class Browser:
    """Chromium that opens pages from disk and notes what they log and ask for."""

    def __init__(self, chromium: Any, folder: Path, pages: dict[str, InteractiveMap]) -> None:
        self._chromium, self._folder = chromium, folder
        self.said: list[str] = []
        self.asked: list[str] = []
        for name, page in pages.items():
            page.save(folder / f"{name}.html")

    def open(self, name: str, address: str = "", **options: Any) -> Any:
        page = self._chromium.new_page(viewport={"width": 1200, "height": 800}, **options)
        page.on("console", lambda message: self.said.append(message.text))
        page.on("pageerror", lambda error: self.said.append(str(error)))
        page.on("request", lambda request: self.asked.append(request.url))
        page.goto((self._folder / f"{name}.html").as_uri() + address)
        page.wait_for_selector("html[data-ready]", timeout=30_000)
        return page


@pytest.fixture(scope="module")
def browser(pages: dict[str, InteractiveMap]) -> Iterator[Browser]:
    with _chromium(FLAGS) as chromium, tempfile.TemporaryDirectory() as folder:
        yield Browser(chromium, Path(folder), pages)


class _chromium:  # noqa: N801
    """Chromium for a with block; skips where it or playwright is missing."""

    def __init__(self, flags: list[str]) -> None:
        self._flags = flags

    def __enter__(self) -> Any:
        api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
        path = shutil.which("chromium")
        if path is None:
            pytest.skip("no Chromium on this machine")
        self._play = api.sync_playwright().start()
        self._browser = self._play.chromium.launch(executable_path=path, args=self._flags)
        return self._browser

    def __exit__(self, *_: object) -> None:
        self._browser.close()
        self._play.stop()


def _picture(page: Any) -> bytes:
    return bytes(page.locator("#stage").screenshot())


def _point(page: Any, lon: float, lat: float) -> tuple[float, float]:
    point = page.evaluate("at => { const { x, y } = window.railshedMap.project(at); return [x, y]; }", [lon, lat])
    return float(point[0]), float(point[1])


def test_slider_and_readings(browser: Browser) -> None:
    """The slider moves by a minute, by keys too; figures, picture and address follow; a reading has its own cutoffs."""
    page = browser.open("circle")
    before, people = _picture(page), page.inner_text("#people")
    page.focus("#cutoff")
    for _ in range(25):
        page.keyboard.press("ArrowLeft")
    assert page.inner_text("#cutoff-text") == "35 分钟"
    assert page.inner_text("#title") == "中城35分钟铁路通勤圈"
    assert page.inner_text("#people") != people
    page.wait_for_timeout(200)
    assert _picture(page) != before
    page.select_option("#reading", "door-to-door")
    assert page.get_attribute("#cutoff", "max") == "90"
    assert "接出" in page.inner_text("#words")
    page.select_option("#reading", "station-to-station")
    assert "不成面" in page.inner_text("#figures")
    assert "r=station-to-station&c=35" in page.evaluate("location.hash")
    page.close()


def test_hover_and_keys_read_a_cell(browser: Browser, comparison: Any) -> None:
    """Over the new station: nothing before, minutes by rail with parts that sum to them after; so with the keys."""
    page = browser.open("compare", "#m=change")
    page.mouse.move(*_point(page, 99.8, 0.5))
    page.wait_for_selector("#tip:not([hidden])")
    told = page.inner_text("#tip")
    assert "现状：不在 60 分钟内" in told
    minutes = re.search(r"规划方案：铁路 (\d+) 分钟", told)
    assert minutes is not None
    parts = re.search(r"接入 .*", told)
    assert parts is not None
    assert sum(map(int, re.findall(r"\d+", parts[0]))) == int(minutes[1])
    assert "经西北原站" in told
    page.mouse.move(5, 5)
    page.focus("#search")
    page.fill("#search", "西北")
    page.keyboard.press("Enter")
    for _ in range(30):
        if page.evaluate("document.activeElement === window.railshedMap.getCanvas()"):
            break
        page.keyboard.press("Shift+Tab")
    page.wait_for_selector("#cross:not([hidden])")
    assert f"铁路 {minutes[1]} 分钟" in page.inner_text("#tip")
    page.close()


def test_search_and_trains(browser: Browser) -> None:
    """A station is found by Chinese and Latin letters, with the keys; its trains are listed, by the cutoff."""
    page = browser.open("compare", "#m=after")
    page.fill("#search", "西北")
    assert page.get_attribute("#search", "aria-expanded") == "true"
    page.keyboard.press("Enter")
    station = page.inner_text("#station")
    assert "西北原" in station
    assert page.locator("#station table.trains tr").count() == 1 + 12  # a train every ten minutes of two hours
    assert "nw</script><b>" in station
    assert "60 分钟内 12 班" in station
    page.fill("#search", "nowhere at all")
    assert page.inner_text("#found") == "没有找到"
    page.click("#station button")
    assert page.is_hidden("#station")
    page.mouse.click(*_point(page, 99.8, 0.5))
    assert "西北原" in page.inner_text("#station")
    page.close()


def test_gained_and_swipe(browser: Browser) -> None:
    """128 thousand people are gained; the divider moves by keys and pointer, and the picture with it."""
    page = browser.open("compare")
    assert page.is_checked("input[value=change]", strict=True)
    assert page.inner_text("#gained") == "+12.8 万人"
    assert page.inner_text("#lost") == "0 人"
    page.check("input[value=swipe]", force=True)
    page.focus("#divider")
    page.keyboard.press("End")
    page.wait_for_timeout(200)
    old = _picture(page)
    assert page.get_attribute("#divider", "aria-valuenow") == "100"
    box = page.locator("#stage").bounding_box()
    page.mouse.move(box["width"] - 3, 100)
    page.mouse.down()
    page.mouse.move(3, 100, steps=4)
    page.mouse.up()
    assert page.get_attribute("#divider", "aria-valuenow") == "0"
    page.wait_for_timeout(200)
    assert _picture(page) != old
    page.close()


def test_the_address_holds_the_view(browser: Browser) -> None:
    """A link shows what it was taken from: reading, minutes, mode, language, station, place."""
    page = browser.open("compare", "#r=door-to-door&c=75&m=swipe&x=0.25&l=en&s=northwest&v=9.50/0.4000/99.9000")
    assert page.input_value("#reading") == "door-to-door"
    assert page.inner_text("#cutoff-text") == "75 min"
    assert page.get_attribute("#divider", "aria-valuenow") == "25"
    assert "西北原" in page.inner_text("#station")
    assert page.evaluate("window.railshedMap.getZoom()") == 9.5
    page.evaluate("location.hash = '#r=door-to-station&c=44&m=before&l=zh'")
    page.wait_for_function("() => document.getElementById('cutoff-text').textContent === '44 分钟'")
    assert page.is_checked("input[value=before]")
    page.close()


@pytest.mark.parametrize("address", ["#c=x&m=no&v=1/2", "#r=__proto__&c=-5&x=NaN&v=99/99/999", "#%E0%A4%A"])
def test_a_wrong_address_shows_the_map(browser: Browser, address: str) -> None:
    """Whatever stands in the address, the page opens."""
    page = browser.open("compare", address)
    assert page.get_attribute("html", "data-ready") == "yes"
    page.close()


def test_nothing_is_logged_or_asked_for(browser: Browser) -> None:
    """All the tests before logged nothing, and asked for their own file and the worker that it holds alone."""
    page = browser.open("circle")
    page.emulate_media(media="print")
    assert page.is_hidden("#controls")
    assert page.is_visible("#notice")
    page.close()
    assert browser.said == []
    assert {url.split(":")[0] for url in browser.asked} == {"file", "blob"}
    assert len({url.split("#")[0] for url in browser.asked if url.startswith("file")}) <= 2


def test_in_a_notebook(browser: Browser, pages: dict[str, InteractiveMap]) -> None:
    """The frame of a notebook, which has no address of its own, works as the page does."""
    page = browser._chromium.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.set_content(pages["circle"]._repr_html_())
    inner = page.frames[1]
    inner.wait_for_selector("html[data-ready=yes]", timeout=30_000)
    inner.focus("#cutoff")
    page.keyboard.press("ArrowLeft")
    assert inner.inner_text("#cutoff-text") == "59 分钟"
    assert said == []
    page.close()


def test_without_webgl_it_says_so(browser: Browser, tmp_path: Path, pages: dict[str, InteractiveMap]) -> None:
    """No WebGL: a plain sentence in place of the map, and the figures are still there."""
    context = browser._chromium.new_context()
    page = context.new_page()
    page.add_init_script("HTMLCanvasElement.prototype.getContext = () => null")
    page.goto(pages["circle"].save(tmp_path / "page.html").as_uri())
    page.wait_for_selector("html[data-ready=failed]")
    assert "没有 WebGL" in page.inner_text("#failure")
    assert "人" in page.inner_text("#people")
    context.close()
