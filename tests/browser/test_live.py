"""The live page in a real browser: a line is drawn by mouse, and its numbers are those of `railshed
compare`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import railshed
from railshed import Scenario
from railshed.api.analysis import Analysis
from tests.support.chromium import chromium
from tests.support.clirunner import Command, command_line
from tests.support.live_plans import line, plan
from tests.support.liveserver import LiveServer, serving

pytestmark = [pytest.mark.browser, pytest.mark.slow]

#: the town's station, two places on land, another station
PLACES = ((100.0, 0.3), (100.06, 0.24), (100.13, 0.17), (100.2, 0.1))


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    with serving(tmp_path_factory.mktemp("jobs"), "-n", "toy") as found:
        yield found


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium() as found:
        yield found


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    return command_line(monkeypatch, capsys)


#: whether a click at and about a terminal is for it, also where another station is as near
CORES = """() => {
  const { overlay } = railshedPage, core = overlay.stations.find(({ kind }) => kind === "core");
  overlay.stations.push({ ...core, kind: "inside", place: -2, x: core.x + 4 });
  const about = [[0, 0], [3, 0], [-3, 0], [0, 3], [0, -3]];
  const places = about.map(([x, y]) => overlay.stationAt({ x: core.x + x, y: core.y + y }));
  overlay.stations.pop();
  return places.map((place) => place === core.place);
}"""


class Live:
    """An open live page, with what it logged and asked for."""

    def __init__(
        self, browser: Any, server: LiveServer, address: str = "?city=mid", **options: Any
    ) -> None:
        shown = {
            "viewport": {"width": 1300, "height": 850},
            "locale": "zh-CN",
            "accept_downloads": True,
        } | options
        self.server, self.page = server, browser.new_page(**shown)
        self.said: list[str] = []
        self.asked: list[str] = []
        self.page.on(
            "console", lambda message: "GL Driver" in message.text or self.said.append(message.text)
        )
        self.page.on("pageerror", lambda error: self.said.append(str(error)))
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.goto(server.address + address)
        self.page.wait_for_selector("html[data-ready=yes]", timeout=60_000)

    def at(self, place: tuple[float, float]) -> tuple[float, float]:
        """Return where a place lies on the screen."""
        box = self.page.locator("#stage").bounding_box()
        point = self.page.evaluate(
            "(at) => { const { x, y } = railshedPage.map.project(at); return [x, y] }", place
        )
        return box["x"] + point[0], box["y"] + point[1]

    def draw(self, places: Any = PLACES) -> None:
        self.page.click("#add-line")
        for place in places:
            x, y = self.at(place)
            self.page.mouse.move(x, y, steps=3)
            self.page.mouse.click(x, y)
        self.page.keyboard.press("Enter")
        self.page.wait_for_selector("#draw[aria-pressed=false]")
        self.settle()

    def settle(self) -> None:
        """Wait until the server has answered the last question."""
        self.page.wait_for_timeout(100)
        self.page.wait_for_selector("html:not([data-busy=yes])", timeout=30_000)

    def stops(self) -> list[Any]:
        found: list[Any] = self.page.evaluate("() => railshedPage.editor.line.line.stops")
        return found

    def figures(self) -> dict[str, Any]:
        """Return what the page says: people before, after, gained and lost by minute, and
        person-minutes.
        """
        found: dict[str, Any] = self.page.evaluate(
            "() => { const { change } = railshedPage.now.reading, city = "
            "railshedPage.answer.cities[0];"
            "const own = document.getElementById('person-minutes').textContent;"
            "return { change, saved: city.person_minutes, own } }"
        )
        return found

    def saved(self, path: Path) -> Path:
        with self.page.expect_download() as download:
            self.page.click("#save")
        download.value.save_as(path)
        return path

    def close(self) -> None:
        """No message, no request to another host; close the page."""
        self.page.close()
        assert self.said == []
        assert [
            url for url in self.asked if not url.startswith((self.server.address, "blob:", "data:"))
        ] == []


def test_the_number_stands_before_the_map(browser: Any, server: LiveServer) -> None:
    """While the scene is still to come, the panel says which circle it is and its headline."""
    page, waiting = browser.new_page(locale="zh-CN"), []
    page.route("**/scene?*", lambda route: waiting.append(route))
    with page.expect_request("**/scene?*"):
        page.goto(server.address)
    page.wait_for_selector("#headline:not(:empty)")
    first = server.ask("cities/mid/headline").json
    assert page.inner_text("#headline") == first["text"]["zh"]
    assert page.inner_text("#subtitle") == first["title"]["zh"]
    waiting[0].continue_()
    page.wait_for_selector("html[data-ready=yes]")
    assert page.inner_text("#headline") != first["text"]["zh"]
    page.close()


def test_a_line_is_drawn_and_its_numbers_are_those_of_compare(
    browser: Any, server: LiveServer, command: Command, tmp_path: Path
) -> None:
    """Four stations by mouse, another headway; the saved file gives the same people on the command
    line.
    """
    live = Live(browser, server)
    live.page.wait_for_selector("html[data-interval]", timeout=30_000)
    before = live.page.inner_text("#headline")
    assert live.page.evaluate(CORES) == [True] * 5
    live.draw()
    stops = live.stops()
    assert stops[0] == "mid"
    assert stops[3] == "southeast"
    assert [sorted(stop) for stop in stops[1:3]] == [["lat", "lon", "name"]] * 2
    first = live.figures()
    live.page.fill("#headway-0", "5")
    live.page.press("#headway-0", "Tab")
    live.settle()
    found = live.figures()
    assert found["saved"] > first["saved"]
    assert found["own"] == f"{found['saved']:,}"
    file = live.saved(tmp_path / "drawn.toml")
    done = command("compare", "mid", "-n", "toy", "--scenario", file, "--json", "--plans", "200")
    (there,) = json.loads(done.out)["comparisons"]
    live.page.wait_for_selector("html[data-forecast=yes]", timeout=30_000)
    assert (
        live.page.evaluate("() => railshedPage.answer.forecast.rows")
        == json.loads(done.out)["forecast"]
    )
    assert "200" in live.page.inner_text("#forecast-0")
    assert live.page.inner_text("#headline").count("80%") == 2
    rows = [
        row
        for row in there["table"]
        if (row["reading"], row["kind"]) == ("door-to-door", "by_rail")
    ]
    assert [row["cutoff_min"] for row in rows] == [45, 60, 75, 90]
    for row in rows:
        for state in ("before", "after", "gained", "lost"):
            assert found["change"][state]["people"][row["cutoff_min"]] == row[f"people_{state}"]
            assert found["change"][state]["km2"][row["cutoff_min"]] == row[f"area_km2_{state}"]
    assert any(row["people_gained"] for row in rows)
    # the link gives the same scene
    link = live.page.evaluate("() => location.href").removeprefix(server.address)
    other = Live(browser, server, link)
    other.settle()
    assert other.stops() == live.stops()
    assert other.figures() == found
    other.close()
    # undone step by step, it is as at first
    for _ in range(20):
        if live.page.is_disabled("#undo"):
            break
        live.page.click("#undo")
    live.settle()
    assert live.page.inner_text("#headline") == before
    assert live.page.locator(".stops").count() == 0
    live.page.click("#redo")
    live.close()


def test_stations_are_moved_inserted_and_taken_out(browser: Any, server: LiveServer) -> None:
    """A station is dragged, one inserted between two, one removed; names stay with the stations
    that stay.
    """
    live = Live(browser, server)
    live.draw(PLACES[:3])
    stops = live.stops()
    (x, y), (a, b) = live.at(PLACES[2]), live.at((100.2, 0.2))
    live.page.mouse.move(x, y)
    live.page.mouse.down()
    live.page.mouse.move(a, b, steps=6)
    live.page.mouse.up()
    live.settle()
    moved = live.stops()
    assert moved[:2] == stops[:2]
    assert moved[2]["name"] == stops[2]["name"]
    assert moved[2]["lon"] > stops[2]["lon"]
    (c, d) = live.at(PLACES[1])
    live.page.mouse.move((a + c) / 2, (b + d) / 2)
    live.page.mouse.down()
    live.page.mouse.move((a + c) / 2, (b + d) / 2 + 60, steps=6)
    live.page.mouse.up()
    live.settle()
    assert [stop if isinstance(stop, str) else stop["name"] for stop in live.stops()] == [
        "mid",
        stops[1]["name"],
        live.stops()[2]["name"],
        stops[2]["name"],
    ]
    live.page.click("#out-2")
    live.settle()
    assert live.stops() == moved
    live.page.keyboard.press("Control+z")
    live.settle()
    assert len(live.stops()) == 4
    live.close()


def test_an_impossible_line_shows_the_remedy(browser: Any, server: LiveServer) -> None:
    """Two stations a kilometre apart at 350 km/h: what is wrong, and what mends it; a mistake names
    its field.
    """
    live = Live(browser, server)
    live.page.evaluate(
        "(plan) => railshedPage.editor.load(plan)",
        plan(line(stops=["mid", {"name": "Near", "lon": 100.0, "lat": 0.309}], top_speed_kmh=350)),
    )
    live.page.wait_for_selector(".warning")
    assert "350 km/h" in live.page.inner_text("#more")
    assert "请降低最高速度（top_speed_kmh）" in live.page.inner_text("#more")
    live.page.fill("#speed", "5")
    live.page.press("#speed", "Tab")
    live.page.wait_for_selector("#mistake")
    for box in ("#editor #mistake", "#headline #not-computed"):
        assert "nw: 最高速度 km/h: 数值超出范围" in live.page.inner_text(box)
        assert "→ 允许范围：20 to 450 km/h" in live.page.inner_text(box)
    assert live.page.get_attribute("#speed", "aria-invalid") == "true"
    live.page.fill("#speed", "80")
    live.page.press("#speed", "Tab")
    live.page.wait_for_selector("#person-minutes")
    assert live.page.locator(".warning, #mistake").count() == 0
    assert [text for text in live.said if "422" not in text] == []
    live.said.clear()
    live.close()


def test_stations_by_name_and_keys_in_english_on_a_narrow_screen(
    browser: Any, server: LiveServer
) -> None:
    """390 pixels wide, in English: a line of two stations found by name, without the mouse; nothing
    is cut off.
    """
    live = Live(browser, server, viewport={"width": 390, "height": 800}, locale="en-GB")
    page = live.page
    page.focus("#add-line")
    page.keyboard.press("Enter")
    for name in ("南港", "西南坡"):
        page.fill("#add-stop", name)
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Enter")
    live.settle()
    assert live.stops() == ["south", "southwest"]
    assert "Line editor" in page.inner_text("#editor")
    assert page.evaluate("() => document.documentElement.scrollWidth") <= 390
    unnamed = page.evaluate(
        "() => [...document.querySelectorAll('#panel button, #panel input, #panel select, #tools "
        "button')].filter((one) => !one.textContent.trim() && !one.getAttribute('aria-label') && "
        "!one.labels?.length).filter((one) => one.type !== 'file').map((one) => one.id)"
    )
    assert unnamed == []
    page.click("#language")
    assert "线路编辑" in page.inner_text("#editor")
    live.close()


def test_steps_of_the_bridge_and_readings_repaint_the_map(browser: Any, server: LiveServer) -> None:
    """Each step of the bridge and each reading shows another picture; with a plan other readings
    are asked for.
    """
    live = Live(browser, server)
    page = live.page
    pictures = set()
    for step in ("fastest_of_day", "plus_entry_exit", "plus_access", "door_to_door"):
        page.click(f"#step-{step}")
        page.wait_for_timeout(400)
        pictures.add(page.locator("#stage").screenshot())
    assert len(pictures) == 4
    page.evaluate("(plan) => railshedPage.editor.load(plan)", plan())
    live.settle()
    page.select_option("#reading", "turn-up-and-go")
    live.settle()
    assert page.evaluate("() => [railshedPage.now.reading.name, railshedPage.now.scene.sides]") == [
        "turn-up-and-go",
        2,
    ]
    for mode in ("before", "after", "saved", "swipe", "change"):
        page.evaluate(
            "() => { document.getElementById('panel').scrollTop = 0 }"
        )  # from under the headline
        page.check(f"input[name=mode][value={mode}]", force=True)
        shown = page.locator("#classes p").all_inner_texts()
        legend = page.locator("#legend td:nth-child(2)").all_inner_texts()
        assert len(shown) >= 3, f"{mode}: the map has no classes"
        assert {text.strip() for text in shown} <= {text.strip() for text in legend}
        one_sheet(page)
    assert page.evaluate("() => railshedPage.overlay.furniture().length") == 5, (
        "names stand under what covers the map"
    )
    page.select_option("#reading", "station-to-station")
    page.click("#on-0")
    live.settle()
    assert page.evaluate("() => railshedPage.now.scene.sides") == 1
    live.close()


def one_sheet(page: Any) -> None:
    """Compare with a sheet of A4: of a page that was scrolled nothing is cut or stands on
    the map.
    """
    page.evaluate("() => document.getElementById('editor').scrollIntoView()")
    sheet = page.pdf(prefer_css_page_size=True, print_background=True)
    assert sheet.count(b"/Type /Page\n") == 1
    page.emulate_media(media="print")
    size = page.viewport_size
    page.set_viewport_size({"width": 1062, "height": 733})  # what is between the margins, in pixels
    stage = page.locator("#stage").bounding_box()
    for part in ("#title", "#headline", "#saved", "#legend table:last-child"):
        box = page.locator(part).bounding_box()
        assert box["y"] >= 0, part
        assert box["y"] + box["height"] <= 733, part
        is_beside = box["x"] >= stage["x"] + stage["width"]
        assert is_beside or box["y"] + box["height"] <= stage["y"], f"{part} is on the map"
    page.set_viewport_size(size)
    page.emulate_media(media="null")


def test_why_a_station_is_outside_and_the_change_that_brings_it_in(
    browser: Any, server: LiveServer
) -> None:
    """Asked of a station: the sentence and the changes; the least one goes into the plan, and is
    undone.
    """
    live = Live(browser, server, "?city=mid", locale="en-GB")
    find = "() => railshedPage.now.scene.stations.findIndex(({ id }) => id === 'southeast')"
    live.page.evaluate(f"() => railshedPage.set({{ cutoff: 45, station: ({find})() }})")
    live.page.click("#ask-why")
    live.page.wait_for_selector("#why", timeout=30_000)
    there = live.page.evaluate("() => railshedPage.reason")
    assert live.page.inner_text("#why") == there["text"]["en"]
    rows = live.page.locator("#why-changes tr")
    assert rows.count() == 1 + len(there["families"])
    assert there["best"]["modifications"], (
        "the least change of the toy's station is one of the network"
    )
    live.page.click("#try-change")
    live.settle()
    assert (
        live.page.evaluate("() => railshedPage.editor.scenario.modification")
        == there["best"]["modifications"]
    )
    after = live.page.evaluate(f"() => railshedPage.now.reading.stations[1][({find})()]")
    assert after <= 45
    live.close()


def test_a_region(browser: Any, tmp_path: Path) -> None:
    """Opened with a region: its core cities, and what a plan changes for each of them."""
    with serving(tmp_path, "-n", "toy", "--region", "toy") as server:
        live = Live(browser, server, "")
        live.page.evaluate("(plan) => railshedPage.editor.load(plan)", plan())
        live.page.click("#region summary", timeout=30_000)
        assert live.page.inner_text("label[for=city]") == "城市 · 格子城市群"
        assert live.page.locator("#region tr").count() == 2
        assert "中城" in live.page.inner_text("#region")
        live.close()


def test_files_of_a_plan(browser: Any, server: LiveServer, tmp_path: Path) -> None:
    """A saved file opens again; a job gives the files of the plan."""
    live = Live(browser, server)
    live.page.evaluate("(plan) => railshedPage.editor.load(plan)", plan())
    live.settle()
    file, stops = live.saved(tmp_path / "plan.toml"), live.stops()
    live.page.click("#remove-0")
    live.page.set_input_files("#open-file", file)
    live.page.wait_for_selector(".stops li >> nth=1")
    assert live.stops() == stops
    live.settle()
    live.page.click("#job-files")
    live.page.wait_for_selector("html[data-job=done]", timeout=90_000)
    assert "mid_compare.gpkg" in live.page.inner_text("#job-results")
    assert "修改前" not in live.page.inner_text("#job-results")
    live.page.uncheck("#both-ways")
    live.settle()
    assert live.page.inner_text("#job-results").startswith("以下文件对应修改前的方案")
    live.close()


def test_what_is_typed_and_the_click_after_it_both_count(browser: Any, server: LiveServer) -> None:
    """A click takes what was typed before, and acts once; Tab goes to the next field; reload and
    link lose nothing.
    """
    live = Live(browser, server)
    page = live.page
    page.evaluate("(plan) => railshedPage.editor.load(plan)", plan())
    live.settle()
    now = (
        "() => { const { line } = railshedPage.editor.line;"
        " return [line.frequencies.map((one) => one.headway_minutes), line.bidirectional] }"
    )
    for after, headways, both_ways in (
        ("#add-period", [7, 7], None),
        ("#both-ways", [9, 7], False),
    ):
        page.fill("#headway-0", str(headways[0]))
        page.locator(after).scroll_into_view_if_needed()
        box = page.locator(after).bounding_box()
        page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        page.mouse.down()
        page.wait_for_timeout(150)
        page.mouse.up()
        live.settle()
        assert page.evaluate(now) == [headways, both_ways]
    page.fill("#speed", "150")
    page.press("#speed", "Tab")
    page.wait_for_timeout(50)
    assert page.evaluate("() => document.activeElement.id") == "stock"
    page.fill("#headway-0", "8")
    page.press("#headway-0", "Enter")
    page.reload()
    page.wait_for_selector("html[data-ready=yes]", timeout=60_000)
    live.settle()
    assert page.evaluate(now) == [[8, 7], False]
    page.select_option("#direction", "from")  # another page, with the same scenario
    page.wait_for_url(re.compile("direction=from"))
    page.wait_for_selector("html[data-ready=yes]", timeout=60_000)
    live.settle()
    page.click("#undo")
    live.settle()
    assert page.evaluate(now) == [[9, 7], False]
    page.click("#redo")
    live.settle()
    page.check("input[name=mode][value=saved]", force=True)
    page.wait_for_url(re.compile("m=saved"), timeout=5_000)
    page.fill("#cutoff", "52")  # what is chosen goes along to the other direction, and into a link
    page.click("#language")
    page.wait_for_url(re.compile("c=52.*l=en"), timeout=5_000)
    page.select_option("#direction", "to")
    page.wait_for_url(re.compile("direction=to"))
    page.wait_for_selector("html[data-ready=yes]", timeout=60_000)
    live.settle()
    assert page.input_value("#cutoff") == "52"
    assert page.evaluate("() => document.documentElement.lang") == "en"
    page.click("#language")
    other = Live(browser, server, page.evaluate("() => location.href").removeprefix(server.address))
    other.settle()
    assert other.page.is_checked("input[name=mode][value=saved]")
    other.close()
    # another way to the page is not a reload: what the tab had before does not come back
    page.goto(f"{server.address}?city=mid")
    page.reload()
    page.wait_for_selector("html[data-ready=yes]", timeout=60_000)
    assert page.evaluate("() => railshedPage.editor.scenario.modification") == []
    live.close()


def test_a_notebook_gets_what_is_drawn(browser: Any, toy_run: Analysis, tmp_path: Path) -> None:
    """The widget's script shows the page in a frame; a line drawn there is a scenario and a change
    in Python.
    """
    shown = railshed.widget(toy_run, "mid", height_px=700)
    script, page = (
        tmp_path / "widget.html",
        browser.new_page(viewport={"width": 1300, "height": 850}),
    )
    module = f"""{shown._esm}
        const values = {{ url: {json.dumps(shown.url)}, height_px: 700 }};
        const set = (_, value) => {{ window.drawn = value; }};
        const model = {{ get: (key) => values[key], set, save_changes() {{}} }};
        render({{ model, el: document.body }});"""
    script.write_text(f"<body><script type=module>{module}</script>", encoding="utf-8")
    page.goto(script.as_uri())
    frame = page.frame_locator("iframe")
    frame.locator("html[data-ready=yes]").wait_for(timeout=60_000)
    frame.locator("#add-line").click()
    for name in ("中城", "南港"):
        frame.locator("#add-stop").fill(name)
        frame.locator("#add-stop").press("Enter")
    page.wait_for_function("() => window.drawn?.modification[0]?.stops.length === 2")
    shown.scenario = page.evaluate("() => window.drawn")
    page.close()
    change = shown.change
    there = toy_run.baseline(["mid"], cutoffs=(45, 60, 75, 90, 120)).with_scenario(
        Scenario.from_dict(shown.scenario)
    )
    assert change.table == there.table
    assert change.table
