"""Interactive maps in a real browser: every control works, by keys too, nothing is logged and no
request leaves.

The tests need Debian's Chromium and the package playwright, and skip where one is missing.
"""

from __future__ import annotations

import json
import math
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from railshed.questions.explore.page import InteractiveMap
from tests.support import htmlpages
from tests.support.chromium import SIZE
from tests.support.chromium import chromium as opened_chromium
from tests.support.clirunner import command_line
from tests.support.hostile_names import SCENARIO, attacked_toy

pytestmark = [pytest.mark.browser, pytest.mark.slow]


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
        page = self.watched(
            self.chromium.new_page(**({"viewport": SIZE, "locale": "zh-CN"} | options))
        )
        page.goto((self._folder / f"{name}.html").as_uri() + address)
        page.wait_for_selector("html[data-ready]", timeout=30_000)
        return page


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with opened_chromium() as chromium, tempfile.TemporaryDirectory() as folder:
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
    point = page.evaluate(
        "at => { const { x, y } = window.railshedMap.project(at); return [x, y]; }", [lon, lat]
    )
    return float(point[0]), float(point[1])


def test_slider_and_readings(browser: Browser) -> None:
    """The slider moves by a minute, by keys too, to the end of the land; figures, picture and
    address follow.
    """
    page = browser.open("circle")
    before, people = _picture(page), page.inner_text("#people")
    page.focus("#cutoff")
    for _ in range(25):
        page.keyboard.press("ArrowLeft")
    assert page.inner_text("#cutoff-text") == "35 分钟"
    assert page.inner_text("#cutoff-people") == page.inner_text("#people")  # no card has them
    assert page.inner_text("#title") == page.title() == "中城35分钟铁路通勤圈"
    assert page.inner_text("#people") != people
    _settle(page)
    assert _picture(page) != before
    page.select_option("#reading", "door-to-station")
    assert (
        page.get_attribute("#cutoff", "max") == "90"
    )  # the end of the land looked at, not the reading's own cutoffs
    page.select_option("#reading", "door-to-door")
    assert "接出" in page.inner_text("#words")
    page.select_option("#reading", "station-to-station")
    assert "不成面" in page.inner_text("#figures")
    assert "r=station-to-station&c=35" in page.evaluate("location.hash")
    page.close()


def test_hover_search_trains_and_keys(browser: Browser) -> None:
    """Over the new station minutes and their parts, with the keys the same; it is found by name,
    its trains are listed.

    Away from the trains the tip says how long it takes without a ride.
    """
    page = browser.open("compare", "#m=change")
    page.mouse.move(*_point(page, 99.8, 0.5))
    page.wait_for_selector("#tip:not([hidden])")
    told = page.inner_text("#tip")
    assert "现状：不在 90 分钟内" in told
    minutes = re.search(r"规划方案：轨道交通 (\d+) 分钟", told)
    assert minutes is not None
    parts = re.search(r"接入 .*", told)
    assert parts is not None
    assert sum(map(int, re.findall(r"\d+", parts[0]))) == int(minutes[1])
    assert "经西北原站" in told
    page.mouse.move(*_point(page, 99.899, 0.3983))
    over = "无需乘车 74 分钟，比 60 分钟多 14 分钟"
    assert page.inner_text("#tip").endswith(f"现状：{over}\n规划方案：{over}")
    page.focus("#search")
    page.fill("#search", "西北")
    assert page.get_attribute("#search", "aria-expanded") == "true"
    page.keyboard.press("Enter")
    station = page.inner_text("#station")
    assert "现状：此时无此站" in station
    assert (
        page.locator("#station table.trains tr").count() == 1 + 12
    )  # a train every ten minutes of two hours
    assert "nw</script><b>" in station
    assert "60 分钟内 12 班" in station
    for _ in range(30):
        if page.evaluate("document.activeElement === window.railshedMap.getCanvas()"):
            break
        page.keyboard.press("Shift+Tab")
    page.wait_for_selector("#cross:not([hidden])")
    assert f"轨道交通 {minutes[1]} 分钟" in page.inner_text("#tip")
    page.fill("#search", "nowhere at all")
    assert page.inner_text("#search-found") == "没有找到"
    page.click("#station button")
    assert page.is_hidden("#station")
    page.mouse.click(*_point(page, 99.8, 0.5))
    assert "西北原" in page.inner_text("#station")
    page.close()


#: sets the divider, and returns the names that are drawn
_NAMES = """(share) => {
    const names = [], overlay = railshedPage.overlay, draw = overlay.drawLabel;
    overlay.drawLabel = (label) => names.push(label) && draw.call(overlay, label);
    railshedPage.set({ swipe: share });
    overlay.draw(railshedPage.shown());
    overlay.drawLabel = draw;
    return names;
}"""


def test_swipe_has_the_plan_on_one_side(browser: Browser) -> None:
    """The map before has no planned line and no new station, the one after has both; the divider
    moves by keys too.
    """
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
    for share in (0.2, 0.35, 0.5, 0.65, 0.8):
        names = page.evaluate(_NAMES, share)
        assert len(names) > 10
        assert len({(one["x"], one["y"], one["text"].split(" ")[0]) for one in names}) == len(names)
        at = share * box["width"]
        assert [one for one in names if (one["x"] < at) != (one["left"] + one["width"] <= at)] == []
    page.evaluate("() => railshedPage.set({ swipe: 0 })")
    _settle(page)
    assert page.evaluate(shown)
    assert _picture(page) != old
    page.close()


def test_new_minutes_stand_beside_the_old(browser: Browser) -> None:
    """Where a plan changes what a station takes, its name has the minutes after and before; where
    it does not, one.
    """
    page = browser.open("compare", "#l=en")
    label = """id => {
        const shown = railshedPage.shown()[0], { stations } = shown.scene;
        const places = railshedPage.overlay.find(shown);
        const labels = railshedPage.overlay.stationLabels(shown, places);
        return labels.find((one) => stations[one.place].id === id).text;
    }"""
    assert page.evaluate(label, "west") == "Westhill 53"
    page.evaluate("""() => {
        const { now } = railshedPage;
        now.reading.stations[0][now.scene.stations.findIndex((s) => s.id === 'west')] = 70;
    }""")
    assert page.evaluate(label, "west") == "Westhill 53 (was 70)"
    page.check("input[value=after]", force=True)
    assert page.evaluate(label, "west") == "Westhill 53"
    page.close()


def test_minutes_saved(browser: Browser) -> None:
    """The legend has the classes; the tip says before, after, saved; whoever had none had more than
    was looked at.
    """
    page = browser.open("compare", "#m=saved&l=en")
    classes = [
        line.split("\t")[1].strip()
        for line in page.inner_text("#bands").splitlines()
        if "or more" in line
    ]
    assert classes == [
        "30 min or more",
        "slower by 1 min or more",
    ]  # of those of savings the ones that add land
    assert page.inner_text("#faster") == "128,000"
    page.mouse.move(*_point(page, 99.8, 0.5))
    told = page.inner_text("#tip")
    assert "before: not within 90 min" in told
    assert "with the scenario: 54 min by rail" in told
    assert re.search(r"over \d+ min before", told)
    page.close()


def test_a_value_outside_its_interval_says_so(browser: Browser) -> None:
    """Beside the interval of the draws; nothing where the value lies within."""
    page = browser.open("compare")
    for high, outside in ((1, True), (200_000, False)):
        page.evaluate(_DRAWN, high)
        assert ("按方案原样计算的值在区间之外" in page.inner_text("#headline")) == outside
    page.close()


#: gives the plan an interval of draws
_DRAWN = """(high) => {
    const now = railshedPage.now;
    now.scene.forecast = [{ reading: now.reading.name, cutoff_min: 60, people_low: 0, people_high: high }];
    railshedPage.panel.showHeadline(now);
}"""


def test_scenarios_and_united_circles(browser: Browser) -> None:
    """One page switches scenario and place; view and minutes stay; lost services are told, and
    drawn before alone.
    """
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
    """A link shows what it was taken from, also in another window; whatever else stands there, the
    page opens.
    """
    page = browser.open(
        "compare", "#r=door-to-door&c=75&m=swipe&x=0.25&l=en&s=northwest&v=9.50/0.4000/99.9000"
    )

    def state() -> Any:
        names = "#reading", "#cutoff"
        return [page.input_value(name) for name in names], page.get_attribute(
            "#divider", "aria-valuenow"
        )

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


def test_small_screens(browser: Browser) -> None:
    """At 360 pixels nothing is wider than the screen, in both languages."""
    page = browser.open("scenarios", viewport={"width": 360, "height": 640})
    wide = "() => document.documentElement.scrollWidth"
    assert page.evaluate(wide) <= 360
    page.click("#language")
    assert page.evaluate(wide) <= 360
    page.close()


@pytest.mark.parametrize("name", ["circle", "scenarios"])
@pytest.mark.parametrize("lang", ["zh-CN", "en-GB"])
def test_one_sheet_of_a4(browser: Browser, name: str, lang: str) -> None:
    """On paper a page is one sheet of A4 with map, figures, legend, definition and notice, none
    cut; controls go.
    """
    page = browser.open(name, locale=lang, viewport={"width": 1280, "height": 800})
    page.emulate_media(media="print")
    assert page.is_hidden("#controls")
    sheet = page.pdf(prefer_css_page_size=True, print_background=True)
    assert sheet.count(b"/Type /Page\n") == 1
    assert re.search(rb"/MediaBox \[0 0 841\.\d+ 59\d", sheet)  # 297 mm by 210 mm
    page.set_viewport_size(
        {"width": 1062, "height": 733}
    )  # what is between the margins of A4, in pixels
    for part in ("#stage", "#headline", "#figures", "#legend", "#words", "#notice", "#title"):
        box = page.locator(part).bounding_box()
        assert box["width"] > 0, part
        assert box["x"] >= 0, part
        assert box["x"] + box["width"] <= 1062, part
        assert box["y"] + box["height"] <= 733, part
    page.close()


def test_the_language_is_that_of_the_browser(browser: Browser) -> None:
    """English and Chinese browsers open a page in their own language; it is switched, and a link
    holds it.
    """
    for locale, title, other in (("en-GB", "Midtown", "中城"), ("zh-TW", "中城", "Midtown")):
        page = browser.open("circle", locale=locale)
        assert title in page.inner_text("#title")
        assert title in page.title()
        page.click("#language")
        assert other in page.inner_text("#title")
        address = page.evaluate("location.hash")
        page.close()
        page = browser.open("circle", address, locale=locale)
        assert other in page.inner_text("#title")
        page.close()


def test_counties_and_arrow_keys(browser: Browser) -> None:
    """The first arrow goes to the first hit; a county has its people by rail, their share and its
    least minutes.

    Of 2 thousand people in the county around 西山 one thousand lives where the hour by rail ends.
    """
    page = browser.open("circle")
    page.fill("#search", "城")
    page.keyboard.press("ArrowDown")
    assert page.get_attribute("#search", "aria-activedescendant") == "search-0"
    page.keyboard.press("ArrowDown")
    assert page.get_attribute("#search", "aria-activedescendant") == "search-1"
    page.keyboard.press("ArrowUp")
    assert page.get_attribute("#search", "aria-activedescendant") == "search-0"
    page.fill("#search", "slopeside county")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    table = htmlpages.circle().counties.set_index("county_en").loc["Slopeside County"]
    shown = page.inner_text("#station")
    share = f"{100 * table['people_by_rail_60'] / table['population']:.1f}%"
    assert (
        f"{table['people_by_rail_60'] / 10_000:.1f} 万人，占 {table['population'] / 10_000:.1f} "
        f"万人 的 {share}" in shown
    )
    assert f"最快处轨道交通 {math.ceil(table['minutes_by_rail'])} 分钟" in shown
    page.click("#station button")
    assert page.is_hidden("#station")
    page.close()


def test_edges_are_alike_at_every_minute(browser: Browser) -> None:
    """At every minute the land by rail is polygons, each cell centre on its own side, nested in
    those of the next.
    """
    page = browser.open("circle")
    wrong = page.evaluate("""() => {
        const { now } = railshedPage, [surface, drawing] = [railshedPage.surface(), railshedPage.drawing()];
        const { rail } = surface.side(now.reading.sides[0]);
        const wrong = [];
        for (const minute of [45, 47, 59, 60, 61, 73, 90]) {
            const land = drawing.within(now.reading, 0, 'rail', minute);
            for (let k = 0; k < rail.length; k += 7) {
                const spot = surface.spot[k];
                const [x, y] = surface.place(spot % surface.grid.columns, Math.floor(spot / surface.grid.columns));
                const has = (ring) => holds(ring, x, y);
                const inside = land.some(([outer, ...holes]) => has(outer) && !holes.some(has));
                if (inside !== rail[k] <= minute) wrong.push([minute, k]);
                if (minute === 60 && surface.cellAt([x, y]) !== k + 1) wrong.push(['cell', k]);
            }
        }
        return wrong;
    }""")
    assert wrong == []
    page.close()


def _printed(count: float) -> str:
    """Return people as the page writes them in English."""
    return f"{count / 1e6:.2f} million" if count >= 999_999.5 else f"{count:,.0f}"


def test_each_figure_comes_from_run_json(
    browser: Browser,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Headline, interval, what it is without trains, counter and legend are those of the keys of
    run.json.
    """
    out = tmp_path / "out"
    options = ("-n", "toy", "--html", "--without-map", "--no-progress", "-o", out)
    assert command_line(monkeypatch, capsys)("circle", "mid", *options).code == 0
    (result,) = json.loads((out / "run.json").read_text(encoding="utf-8"))["results"]
    table = {
        (row["cutoff_min"], row["kind"]): row for row in result["readings"]["door-to-door"]["table"]
    }
    ends = {row["cutoff_min"]: row for row in result["intervals"]}
    page = browser.watched(browser.chromium.new_page(viewport=SIZE, locale="en-GB"))
    page.goto((out / "mid.html").as_uri())
    page.wait_for_selector("html[data-ready=yes]")
    assert sorted(ends) == [60, 90]
    for cutoff in (60, 90):
        rail, added = (
            table[cutoff, kind]["people_outside_city"] for kind in ("by_rail", "added_by_trains")
        )
        card = page.locator(f"#headline .key div:has(#people-{cutoff})").inner_text()
        low, high = (ends[cutoff][end]["people_outside_city"] for end in ("low", "high"))
        assert page.inner_text(f"#people-{cutoff}") == _printed(rail)
        assert f"interval {_printed(low)} – {_printed(high)}" in card
        assert f"without intercity and suburban trains: {_printed(rail - added)}" in card
        away = (
            table[cutoff, "by_rail"]["people_other_prefecture"]
            + table[cutoff, "by_rail"]["people_other_province"]
        )
        assert f"of these in other prefectures: {_printed(away)}" in card
    for cutoff in (45, 60, 75, 90):
        page.locator(".ticks button", has_text=str(cutoff)).click()
        row = table[cutoff, "by_rail"]
        assert page.inner_text("#people") == _printed(row["people_outside_city"])
        assert page.inner_text("#km2") == f"{row['area_km2_outside_city']:.0f} km²"
        assert _printed(row["people_outside_city"]) in page.inner_text("#bands tr.now")
        added = table[cutoff, "added_by_trains"]["people_outside_city"]
        assert _printed(added) in page.locator("#bands tr", has_text="added by trains").inner_text()
    page.close()


def test_in_a_notebook(browser: Browser) -> None:
    """The frame of a notebook, which has no address of its own, works as the page does."""
    page = browser.watched(browser.chromium.new_page(viewport=SIZE, locale="zh-CN"))
    page.set_content(htmlpages.pages()["circle"]._repr_html_())
    inner = page.frames[1]
    inner.wait_for_selector("html[data-ready=yes]", timeout=30_000)
    inner.focus("#cutoff")
    page.keyboard.press("ArrowLeft")
    assert inner.inner_text("#cutoff-text") == "59 分钟"
    page.close()


def test_the_first_picture(browser: Browser, tmp_path: Path) -> None:
    """Without WebGL the first picture stays, follows slider and language, and the page says that it
    does not move.
    """
    colour = """([id, lon, lat]) => {
        const canvas = document.getElementById(id), { sketch } = railshedPage, { x, y } = sketch.project([lon, lat]);
        const ratio = canvas.width / canvas.clientWidth;
        const part = document.createElement('canvas');
        [part.width, part.height] = [12, 12];
        part.getContext('2d').drawImage(canvas, 6 - x * ratio, 6 - y * ratio);
        const { data } = part.getContext('2d').getImageData(0, 0, 12, 12);
        return [0, 1, 2].map((band) => data.filter((_, k) => k % 4 === band).reduce((a, b) => a + b) / 144);
    }"""
    page = browser.watched(browser.chromium.new_page(viewport=SIZE, locale="zh-CN"))
    page.add_init_script(
        """() => {
        const of = HTMLCanvasElement.prototype.getContext;
        HTMLCanvasElement.prototype.getContext = function (kind, ...more) {
            return kind === '2d' ? of.call(this, kind, ...more) : null;
        };
    }""".replace("() => {", "{", 1)
    )
    page.goto(htmlpages.pages()["compare"].save(tmp_path / "page.html").as_uri())
    page.wait_for_selector("html[data-ready=failed]")
    assert "没有 WebGL" in page.inner_text("#failure")
    red, green, blue = page.evaluate(colour, ["sketch", 99.79, 0.49])
    assert red < green < blue  # gained: blue with white stripes
    assert blue - red > 30
    land = page.evaluate(colour, ["sketch", 99.85, 0.22])
    assert land == [250, 249, 245]
    page.focus("#cutoff")
    for _ in range(25):
        page.keyboard.press("ArrowLeft")
    assert page.inner_text("#cutoff-text") == "35 分钟"
    assert page.evaluate(colour, ["sketch", 99.79, 0.49])[0] > 220  # no circle there any more
    page.click("#language")
    assert "This browser has no WebGL" in page.inner_text("#failure")
    page.close()


def test_the_picture_makes_room_for_the_map(browser: Browser) -> None:
    """The picture is there before the map, and hidden when the map is; both show the same places at
    the same points.
    """
    page = browser.open("circle")
    first, map_ = (
        page.evaluate(f"() => performance.getEntriesByName('{name}')[0].startTime")
        for name in ("railshed-picture", "railshed-map")
    )
    assert first < map_
    assert page.is_hidden("#sketch")
    both = page.evaluate(
        """() => [railshedPage.sketch, railshedMap].map((view) => {
            const { x, y } = view.project([99.8, 0.3]);
            return [x, y];
        })"""
    )
    assert both[0] == pytest.approx(both[1], abs=0.5)
    page.close()


def test_names_that_attack_stay_text(
    browser: Browser,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    """A tag with a handler in every name of a network and a scenario: no script runs, no element is
    made.
    """
    run = command_line(monkeypatch, capsys)
    net, plan, out = tmp_path / "net", tmp_path / "plan.toml", tmp_path / "out"
    assert attacked_toy(net) > 0
    plan.write_text(SCENARIO, "utf-8")
    asked = ("-n", str(net), "--no-progress", "--html", "--without-map")
    assert run("circle", "mid", *asked, "--draws", "0", "-o", str(out / "circle")).code == 0
    assert run("compare", "mid", *asked, "-s", str(plan), "-o", str(out / "compare")).code == 0
    pages = sorted(out.rglob("*.html"))
    assert len(pages) == 2
    for path in pages:
        page = browser.watched(browser.chromium.new_page(viewport=SIZE, locale="en-GB"))
        page.goto(path.as_uri())
        page.wait_for_selector("html[data-ready]", timeout=30_000)
        assert "<img src=x" in page.inner_text("body")  # the name is shown, as text
        page.focus("#search")
        page.keyboard.type("=1+1")
        page.keyboard.press("Enter")
        for lon, lat in ((100.0, 0.3), (99.8, 0.5), (100.12, 0.42)):
            page.mouse.move(*_point(page, lon, lat))
            page.mouse.click(*_point(page, lon, lat))
        _settle(page)
        assert page.evaluate("window.PWN") is None
        assert page.locator("img[onerror]").count() == 0
        page.close()


def test_nothing_is_logged_or_asked_for(browser: Browser) -> None:
    """A page, and all the tests before, logged nothing, and asked for their own file and the worker
    that it holds.
    """
    browser.open("circle").close()
    said = [
        text for text in browser.said if "GPU stall due to ReadPixels" not in text
    ]  # what screenshots cost
    assert said == []
    assert {url.split(":")[0] for url in browser.asked} <= {"file", "blob", "about"}
    assert all(
        url.split("#")[0].endswith(".html") for url in browser.asked if url.startswith("file")
    )
