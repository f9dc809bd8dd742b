"""Interactive maps in a real browser: every control works, by keys too, nothing is logged and no request leaves.

The tests need Debian's Chromium and the package playwright, and skip where one is missing.
"""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from railshed.maps.web.page import InteractiveMap
from tests.support import htmlpages

pytestmark = pytest.mark.browser

FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--use-gl=angle", "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
]  # fmt: skip
SIZE = {"width": 800, "height": 500}


class Browser:
    """Chromium that opens pages from disk, and notes what they log and ask for."""

    def __init__(self, chromium: Any, folder: Path, pages: dict[str, InteractiveMap]) -> None:
        self.chromium, self._folder = chromium, folder
        self.said: list[str] = []
        self.asked: list[str] = []
        for name, page in pages.items():
            page.save(folder / f"{name}.html")

    def watched(self, page: Any) -> Any:
        """Return a page whose messages and requests are noted."""
        page.on("console", lambda message: self.said.append(message.text))
        page.on("pageerror", lambda error: self.said.append(str(error)))
        page.on("request", lambda request: self.asked.append(request.url))
        return page

    def open(self, name: str, address: str = "", **options: Any) -> Any:
        """Return an open page that is ready."""
        page = self.watched(self.chromium.new_page(**({"viewport": SIZE} | options)))
        page.goto((self._folder / f"{name}.html").as_uri() + address)
        page.wait_for_selector("html[data-ready]", timeout=30_000)
        return page


@contextmanager
def _chromium() -> Iterator[Any]:
    """Yield Chromium with a new profile of its own; skip where it or playwright is missing."""
    api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    path = shutil.which("chromium")
    if path is None:
        pytest.skip("no Chromium on this machine")
    with api.sync_playwright() as play:
        browser = play.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with _chromium() as chromium, tempfile.TemporaryDirectory() as folder:
        yield Browser(chromium, Path(folder), htmlpages.pages())


def _picture(page: Any) -> bytes:
    return bytes(page.locator("#stage").screenshot())


def _settle(page: Any) -> None:
    """Wait until the map has drawn all it has."""
    page.evaluate("""() => new Promise((done) => requestAnimationFrame(() => {
        railshedMap.once('idle', done);
        railshedMap.triggerRepaint();
    }))""")


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
    _settle(page)
    assert _picture(page) != before
    page.select_option("#reading", "door-to-door")
    assert page.get_attribute("#cutoff", "max") == "90"
    assert "接出" in page.inner_text("#words")
    page.select_option("#reading", "station-to-station")
    assert "不成面" in page.inner_text("#figures")
    assert "r=station-to-station&c=35" in page.evaluate("location.hash")
    page.close()


def test_hover_search_trains_and_keys(browser: Browser) -> None:
    """Over the new station minutes and their parts, with the keys the same; it is found by name, its trains are listed.

    Away from the trains the tip says how long it takes without a ride.
    """
    page = browser.open("compare", "#m=change")
    page.mouse.move(*_point(page, 99.8, 0.5))
    page.wait_for_selector("#tip:not([hidden])")
    told = page.inner_text("#tip")
    assert "现状：不在 90 分钟内" in told
    minutes = re.search(r"规划方案：铁路 (\d+) 分钟", told)
    assert minutes is not None
    parts = re.search(r"接入 .*", told)
    assert parts is not None
    assert sum(map(int, re.findall(r"\d+", parts[0]))) == int(minutes[1])
    assert "经西北原站" in told
    page.mouse.move(*_point(page, 99.9, 0.4))
    assert page.inner_text("#tip").endswith("现状：无需乘车 74 分钟\n规划方案：无需乘车 74 分钟")
    page.focus("#search")
    page.fill("#search", "西北")
    assert page.get_attribute("#search", "aria-expanded") == "true"
    page.keyboard.press("Enter")
    station = page.inner_text("#station")
    assert "现状：此时无此站" in station
    assert page.locator("#station table.trains tr").count() == 1 + 12  # a train every ten minutes of two hours
    assert "nw</script><b>" in station
    assert "60 分钟内 12 班" in station
    for _ in range(30):
        if page.evaluate("document.activeElement === window.railshedMap.getCanvas()"):
            break
        page.keyboard.press("Shift+Tab")
    page.wait_for_selector("#cross:not([hidden])")
    assert f"铁路 {minutes[1]} 分钟" in page.inner_text("#tip")
    page.fill("#search", "nowhere at all")
    assert page.inner_text("#found") == "没有找到"
    page.click("#station button")
    assert page.is_hidden("#station")
    page.mouse.click(*_point(page, 99.8, 0.5))
    assert "西北原" in page.inner_text("#station")
    page.close()


def test_swipe_has_the_plan_on_one_side(browser: Browser) -> None:
    """The map before has no planned line and no new station, the one after has both; the divider moves by keys too."""
    page = browser.open("compare")
    assert page.is_checked("input[value=change]", strict=True)
    assert page.inner_text("#gained") == "+12.8 万人"
    assert page.inner_text("#lost") == "0 人"
    page.check("input[value=swipe]", force=True)
    page.focus("#divider")
    page.keyboard.press("End")
    page.wait_for_function("() => window.railshedPage.under?.scene")
    _settle(page)
    planned = "view => railshedPage[view].map.getLayoutProperty('proposed', 'visibility')"
    assert [page.evaluate(planned, view) for view in ("view", "under")] == ["visible", "none"]
    shown = "() => railshedPage.overlay.stations.some((s) => s.station.id === 'northwest')"
    assert not page.evaluate(shown)
    page.mouse.move(*_point(page, 99.8, 0.5))
    assert page.inner_text("#tip").endswith("不在 90 分钟内")
    old = _picture(page)
    assert page.get_attribute("#divider", "aria-valuenow") == "100"
    box = page.locator("#stage").bounding_box()
    page.mouse.move(box["width"] - 3, 100)
    page.mouse.down()
    page.mouse.move(1, 100, steps=4)
    page.mouse.up()
    assert page.get_attribute("#divider", "aria-valuenow") == "0"
    _settle(page)
    assert page.evaluate(shown)
    assert _picture(page) != old
    page.close()


def test_minutes_saved(browser: Browser) -> None:
    """The legend has the classes; the tip says before, after, saved; whoever had none had more than was looked at."""
    page = browser.open("compare", "#m=saved&l=en")
    legend = page.inner_text("#bands")
    assert "30 min or more" in legend
    assert "slower by 1 min or more" in legend
    assert page.inner_text("#faster") == "0.13 million"
    page.mouse.move(*_point(page, 99.8, 0.5))
    told = page.inner_text("#tip")
    assert "before: not within 90 min" in told
    assert "with the scenario: 54 min by rail" in told
    assert re.search(r"over \d+ min before", told)
    page.close()


def test_scenarios_and_united_circles(browser: Browser) -> None:
    """One page switches scenario and place; view and minutes stay; lost services are told, and drawn before alone."""
    page = browser.open("scenarios", "#c=45")
    assert page.locator("#plan option").count() == 2
    zoom = "() => railshedMap.getZoom()"
    page.evaluate("() => railshedMap.jumpTo({ zoom: 10 })")
    page.select_option("#plan", "one stop less")
    assert page.evaluate(zoom) == 10
    assert page.inner_text("#cutoff-text") == "45 分钟"
    assert page.inner_text("#lost") == "−6.4 万人"
    assert "停运区间" in page.inner_text("#legend")
    gone = "() => railshedMap.getLayoutProperty('withdrawn', 'visibility')"
    _settle(page)
    assert page.evaluate(gone) == "visible"
    page.check("input[value=after]", force=True)
    _settle(page)
    assert page.evaluate(gone) == "none"
    page.select_option("#scene", "格子")
    assert page.input_value("#plan") == "plan </script> & more"
    page.check("input[value=change]", force=True)
    page.click("#changes")
    assert page.evaluate(zoom) != 10
    assert "p=union-" in page.evaluate("location.hash")
    page.close()


def test_the_address_holds_the_view(browser: Browser) -> None:
    """A link shows what it was taken from, also in another window; whatever else stands there, the page opens."""
    page = browser.open("compare", "#r=door-to-door&c=75&m=swipe&x=0.25&l=en&s=northwest&v=9.50/0.4000/99.9000")

    def state() -> Any:
        names = "#reading", "#cutoff"
        return [page.input_value(name) for name in names], page.get_attribute("#divider", "aria-valuenow")

    assert state() == (["door-to-door", "75"], "25")
    assert page.inner_text("#cutoff-text") == "75 min"
    assert "西北原" in page.inner_text("#station")
    assert page.evaluate("window.railshedMap.getZoom()") == 9.5
    taken, was = page.evaluate("location.hash"), state()
    page.evaluate("location.hash = '#r=door-to-station&c=44&m=before&l=zh'")
    page.wait_for_function("() => document.getElementById('cutoff-text').textContent === '44 分钟'")
    assert page.is_checked("input[value=before]")
    page.evaluate("hash => { location.hash = hash }", taken)
    page.wait_for_function("() => document.getElementById('cutoff-text').textContent === '75 min'")
    assert (state(), page.evaluate("window.railshedMap.getZoom()")) == (was, 9.5)
    for wrong in ("#c=x&m=no&v=1/2", "#r=__proto__&c=-5&x=NaN&v=99/99/999"):
        page.evaluate("hash => { location.hash = hash }", wrong)
    page.close()
    page = browser.open("circle", "#%E0%A4%A&m=saved&v=99/99/999")
    assert page.get_attribute("html", "data-ready") == "yes"
    page.close()


def test_small_screens_and_paper(browser: Browser) -> None:
    """At 360 pixels nothing is wider than the screen, in both languages; on paper controls go, the notice stays."""
    page = browser.open("scenarios", viewport={"width": 360, "height": 640})
    wide = "() => document.documentElement.scrollWidth"
    assert page.evaluate(wide) <= 360
    page.click("#language")
    assert page.evaluate(wide) <= 360
    page.emulate_media(media="print")
    assert page.is_hidden("#controls")
    assert page.is_visible("#notice")
    page.close()


def test_in_a_notebook(browser: Browser) -> None:
    """The frame of a notebook, which has no address of its own, works as the page does."""
    page = browser.watched(browser.chromium.new_page(viewport=SIZE))
    page.set_content(htmlpages.pages()["circle"]._repr_html_())
    inner = page.frames[1]
    inner.wait_for_selector("html[data-ready=yes]", timeout=30_000)
    inner.focus("#cutoff")
    page.keyboard.press("ArrowLeft")
    assert inner.inner_text("#cutoff-text") == "59 分钟"
    page.close()


def test_without_webgl_it_says_so(browser: Browser, tmp_path: Path) -> None:
    """No WebGL: a plain sentence in place of the map, and the figures are still there."""
    page = browser.watched(browser.chromium.new_page(viewport=SIZE))
    page.add_init_script("HTMLCanvasElement.prototype.getContext = () => null")
    page.goto(htmlpages.pages()["circle"].save(tmp_path / "page.html").as_uri())
    page.wait_for_selector("html[data-ready=failed]")
    assert "没有 WebGL" in page.inner_text("#failure")
    assert "人" in page.inner_text("#people")
    page.close()


def test_nothing_is_logged_or_asked_for(browser: Browser) -> None:
    """A page, and all the tests before, logged nothing, and asked for their own file and the worker that it holds."""
    browser.open("circle").close()
    said = [text for text in browser.said if "GPU stall due to ReadPixels" not in text]  # what screenshots cost
    assert said == []
    assert {url.split(":")[0] for url in browser.asked} <= {"file", "blob", "about"}
    assert all(url.split("#")[0].endswith(".html") for url in browser.asked if url.startswith("file"))
