"""The atlas: its numbers are those of circle, report and overlap; pages lead to each other and ask no network."""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import geopandas as gpd
import pytest
import shapely

import railshed
from railshed.circles.analysis import AnalysisInputs
from railshed.maps.basemap import Basemap
from railshed.maps.style import MapStyle
from railshed.questions.indicators import agglomerations
from railshed.questions.indicators.agglomerations import READING
from railshed.report.atlas import build
from railshed.report.atlas.about import About
from railshed.report.atlas.comparison import COLUMNS, compared
from railshed.report.atlas.entries import Entry, from_plain
from railshed.report.atlas.folder import open_folder
from railshed.report.atlas.html import PageRenderer, strip
from railshed.report.atlas.region_page import region_page
from railshed.util import number_format as n
from railshed.util.bilingual import Words
from railshed.util.errors import OutputError
from tests.support.clirunner import Command, assert_mistake
from tests.support.tables import rows_of as read

TOY = Path(__file__).parents[2] / "networks" / "toy"
REGIONS = (
    "region_id,kind,name_zh,name_en,country_region,tier,members,confidence,scope_version,source,notes\n"
    "west,agglomeration,西部城市群,West,,,990100|990200,high,invented,invented,\n"
    "east,agglomeration,东部城市群,East,,,980101|980102,medium,invented,invented,\n"
    "whole,agglomeration,全域城市群,Whole,,,990100|990200|980100,high,invented,invented,\n"
    "around,metropolitan_area,中城都市圈,Midtown Area,,,990100,high,invented,invented,\n"
)
CHINESE = re.compile(r"[\u4e00-\u9fff]")


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The toy network with three agglomerations: one core city, the other, and both."""
    folder = tmp_path_factory.mktemp("three") / "three"
    shutil.copytree(TOY, folder)
    (folder / "regions.csv").write_text(REGIONS, encoding="utf-8")
    cities = (folder / "cities.csv").read_text(encoding="utf-8")
    cities = cities.replace("core,toy|mid-area", "core,west|whole|around")
    cities = cities.replace("secondary,toy|mid-area", "core,east|whole")
    (folder / "cities.csv").write_text(cities, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def made(network: Path, tmp_path_factory: pytest.TempPathFactory) -> build.Atlas:
    return railshed.atlas(network, tmp_path_factory.mktemp("atlas") / "out", lang="zh", maps=False)


class Page(HTMLParser):
    """The text of a page, and what it refers to; code, credits and scripts apart."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.refers: list[str] = []
        self.text = ""
        self.policy = ""
        self._apart = 0
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        self.refers += [named[name] or "" for name in ("src", "href") if name in named]
        if named.get("http-equiv") == "Content-Security-Policy":
            self.policy = named["content"] or ""
        self._apart += tag in ("code", "script", "style")

    def handle_endtag(self, tag: str) -> None:
        self._apart -= tag in ("code", "script", "style")

    def handle_data(self, data: str) -> None:
        self.text += "" if self._apart else data + "\n"


def pages_of(atlas: build.Atlas) -> dict[str, Page]:
    return {path.stem: Page(path) for path in sorted(atlas.folder.glob("*.html"))}


def entry_at(atlas: build.Atlas, region: str) -> Entry:
    return next(entry for entry in atlas.compared.entries if entry.region == region)


@pytest.mark.slow
def test_pages_lead_to_each_other_and_nowhere_else(made: build.Atlas) -> None:
    """The index leads to each page, each page to the index, the one before and the next; nothing else is loaded."""
    pages = pages_of(made)
    order = [entry.region for entry in made.compared.entries]
    assert set(pages) == {"index", "west", "east", "whole"}
    assert [target for target in pages["index"].refers if target.endswith(".html")] == [f"{r}.html" for r in order]
    for k, region in enumerate(order):
        around = {f"{order[j]}.html" for j in (k - 1, k + 1) if 0 <= j < len(order)}
        assert set(pages[region].refers) == {"index.html", *around}
    assert all("default-src 'none'" in page.policy and "http" not in page.policy for page in pages.values())
    assert "script-src" not in pages["west"].policy


def test_figures_are_those_of_circle_and_overlap(network: Path, made: build.Atlas) -> None:
    """To the person: a city as `circle` has it, both together as `overlap`, and so in page, table and CSV."""
    run = railshed.prepare(network)
    mid, both = railshed.circle(run, "mid"), run.union(["mid", "east"])
    west, whole = entry_at(made, "west"), entry_at(made, "whole")
    assert json.loads(json.dumps(west.cities[0]["corners"][0])) == made_plain(mid.corners.to_dict())
    assert west.cities[0]["definition_hash"] == mid.summary.definition_hash
    assert west.united["by_rail"]["people_outside_city"] == 67_000
    assert whole.united == made_plain(both.union)
    rows = {row["region_id"]: row for row in read(made.folder / "atlas.csv")}
    assert rows["west"]["united_people"] == "67000"
    assert int(rows["whole"]["united_people"]) == both.union["by_rail"]["people_outside_city"]
    pages = pages_of(made)
    assert "6.7万" in pages["west"].text
    assert n.people(both.union["by_rail"]["people_outside_city"]).zh in pages["whole"].text
    # the index compares by people beyond 30 km of the main centres, here 72 thousand of mid
    far = [city["beyond"]["people_by_rail_beyond_90"] for city in whole.cities]
    assert west.cities[0]["beyond"]["people_by_rail_beyond_90"] == 72_000
    assert [n.people(value).zh in pages["index"].text for value in (72_000, sum(far) / len(far))] == [True, True]
    assert float(rows["whole"]["beyond_per_city"]) == sum(far) / len(far)
    near = [city["beyond"]["people_by_rail_beyond_60"] for city in whole.cities]
    assert float(rows["whole"]["beyond_60_per_city"]) == sum(near) / len(near)
    members = {row["prefecture_code"]: row["people_by_city"]["mid"] for row in west.members}
    own = mid.members[mid.members["region"] == "west"]
    assert members == dict(zip(own["prefecture_code"], own["people_total_60"], strict=True))


def made_plain(values: Any) -> Any:
    return json.loads(json.dumps(values, default=float))


def test_the_map_of_some_stands_on_that_of_all(
    network: Path, made: build.Atlas, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of two agglomerations the members of all three are drawn; each core city has its people beyond 30 km."""
    drawn: list[Any] = []
    monkeypatch.setattr("railshed.maps.national.draw_national", lambda data, style: drawn.append(data))
    monkeypatch.setattr(build, "save_png", lambda figure, dpi, target: Path(target).write_bytes(b"png"))
    some = compared([entry_at(made, "west"), entry_at(made, "east")], whole=False, lines=True)
    with open_folder(tmp_path / "out", "three", ["west", "east"], fresh=False) as folder:
        assert build._national(railshed.prepare(network), some, folder, MapStyle("en"), "key") == b"png"
    (data,) = drawn
    assert set(data.members["region_id"]) == {"west", "east", "whole", "around"}
    far = {city["city"]["name"]: city["beyond"]["people_by_rail_beyond_90"] for e in some.entries for city in e.cities}
    assert dict(zip(data.cities["name"], data.cities["value"] * 10_000, strict=True)) == pytest.approx(far)
    assert "beyond 30 km" in data.value_label.en


def test_commuters_stand_on_the_page_of_their_agglomeration(network: Path, made: build.Atlas) -> None:
    """A flow that a document reports has a row: people a day and who is reached; a page without flows has none."""
    row = {"home": "甲县", "home_en": "Alpha", "year": 2021, "direction": "to", "people_a_day": 12_345}
    row |= {"people_census": 70_000, "people_by_rail_60": 8_001, "people_by_rail_90": 9_002, "minutes_by_rail": 41.0}
    row |= {"document": "年报 (某院), as reported by 日报"}
    west = entry_at(made, "west")
    entry = replace(west, cities=[{**west.cities[0], "observed": [row]}])
    about = About(railshed.prepare(network), ("again",))
    page = region_page(PageRenderer("zh"), compared([entry], whole=False, lines=True), entry, about, None)
    assert [text in page for text in ("甲县", "1.2万", "8,001", "9,002", "来源：年报 (某院), 据日报")] == [True] * 5
    assert "文献报告的通勤人数" not in (made.folder / "west.html").read_text(encoding="utf-8")


def test_medians_are_of_the_agglomerations_of_the_atlas(made: build.Atlas) -> None:
    """Of three values the median is the middle one; findings are the largest deviations, and no sentence fits two."""
    side = made.compared
    assert side.table is not None
    assert not side.shipped
    middle = sorted(entry.measures["people_per_city"] or 0 for entry in side.entries)[1]
    assert side.middle("people_per_city") == middle
    texts: list[str] = []
    for entry in side.entries:
        found = side.findings(entry)
        far = [abs(d.distance) for d, _ in found]
        assert far == sorted(far, reverse=True)
        assert len(found) <= 3
        for d, words in found:
            assert words.zh.startswith(f"{entry.name.zh}：{d.measure.words.zh}为")
            assert words.zh in Page(made.folder / f"{entry.region}.html").text
            texts.append(words.zh.removeprefix(entry.name.zh))
    assert len(texts) == len(set(texts))


def test_chinese_pages_are_chinese(made: build.Atlas) -> None:
    """No two English words stand beside each other but in names of places, data and commands; English ones in turn."""
    named = ("invented people", "networks/toy", "CC0", "README", "GTFS")
    for name, page in pages_of(made).items():
        for line in filter(CHINESE.search, page.text.splitlines()):
            english = re.findall(r"[A-Za-z]{3,} [A-Za-z]{3,}", line)
            assert not english or any(word in line for word in named), (name, line)


def test_an_english_page_has_no_chinese_but_names(network: Path, tmp_path: Path) -> None:
    """`lang="en"`; one agglomeration alone is compared with nothing, and says so."""
    made = railshed.atlas(network, tmp_path / "en", regions=["west"], lang="en", maps=False)
    assert not CHINESE.search(Page(made.folder / "west.html").text)
    assert "Grid city: an example small enough" in Page(made.folder / "west.html").text
    assert "nothing is compared" in Page(made.folder / "west.html").text
    assert repr(made).startswith("<Atlas 1 agglomerations")
    assert list(made.table["region_id"]) == ["west"]


@pytest.mark.slow
def test_a_stopped_run_goes_on(cli: Command, network: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C in the second agglomeration: exit 130, the first is stored, no page is there; then all as in one go."""
    whole, out = tmp_path / "whole", tmp_path / "out"
    asked = ("atlas", "-n", network, "--without-map")
    assert cli(*asked, "-o", whole, "--quiet").err == ""
    real, calls = build._made, []

    def stopped(run: Any, region: Any, *rest: Any) -> Any:
        calls.append(region.region_id)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return real(run, region, *rest)

    monkeypatch.setattr(build, "_made", stopped)
    done = cli(*asked, "-o", out, "--no-progress")
    assert done.code == 130
    assert "the same command goes on" in done.err
    assert not out.exists()
    [left] = tmp_path.glob(".railshed-*")
    assert {path.name for path in left.rglob("*") if path.is_file()} == {"atlas.json", f"{calls[0]}.json"}
    done = cli(*asked, "-o", out, "--no-progress")
    assert done.code == 0, done.err
    assert "used from an earlier run: 1 of 3" in done.err
    assert calls[0] not in calls[2:]
    files = sorted(path.relative_to(whole) for path in whole.rglob("*") if path.is_file())
    assert files == sorted(path.relative_to(out) for path in out.rglob("*") if path.is_file())
    for file in files:
        assert (whole / file).read_bytes() == (out / file).read_bytes(), file
    calls.clear()
    part = out / "parts" / "east.json"
    part.write_bytes(part.read_bytes()[:-40])  # half a file is no file
    done = cli(*asked, "-o", out, "--no-progress")
    assert "made again: east" in done.err
    assert calls == ["east"]
    assert part.read_bytes() == (whole / "parts" / "east.json").read_bytes()
    calls.clear()
    monkeypatch.setattr(build, "_made", real)
    done = cli("verify", out / "run.json")
    assert (done.code, "the same" in done.out) == (0, True)
    record = json.loads((out / "run.json").read_text(encoding="utf-8"))
    record["atlas"][0]["united_people"] += 1
    (tmp_path / "run.json").write_text(json.dumps(record), encoding="utf-8")
    done = cli("verify", tmp_path / "run.json")
    assert done.code == 1
    assert "united_people" in done.out


@pytest.mark.slow
def test_another_definition_is_made_again(cli: Command, network: Path, tmp_path: Path) -> None:
    """Without the lines by headway the definition is another one: nothing is used again."""
    asked = (
        "atlas",
        "-n",
        network,
        "--without-map",
        "--no-progress",
        "--regions",
        "西部城市群",
        "-o",
        tmp_path / "out",
    )
    assert cli(*asked).code == 0
    assert "used from an earlier run: 1 of 1" in cli(*asked).err
    done = cli(*asked, "--without-lines")
    assert "used from" not in done.err
    assert "made again: west" in done.err
    rows = json.loads(cli(*asked, "--without-lines", "--json").out)
    assert [row["region_id"] for row in rows] == ["west"]


@pytest.mark.slow
def test_the_map_is_in_the_page_and_beside_it(network: Path, tmp_path: Path) -> None:
    """A PNG of the region and one of its counties, inlined and as files; a changed picture is drawn again."""
    made = railshed.atlas(network, tmp_path / "out", regions=["east"])
    picture = made.folder / "maps" / "east.png"
    before = picture.read_bytes()
    refers = Page(made.folder / "east.html").refers
    assert sum(target.startswith("data:image/png;base64,") for target in refers) == 2
    assert {"maps/east.png", "maps/east_counties.png"} <= set(refers)
    picture.write_bytes(before[:100])
    assert railshed.atlas(network, tmp_path / "out", regions=["east"]).reused == ()
    assert picture.read_bytes() == before
    assert railshed.atlas(network, tmp_path / "out", regions=["east"]).reused == ("east",)


def test_other_code_or_another_approval_number_is_made_again(
    network: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is used again depends on the code, on every feature of the basemap and on the approval number."""
    atlas = railshed.atlas(network, tmp_path / "out", regions=["east"], maps=False)
    assert railshed.atlas(network, atlas.folder, regions=["east"], maps=False).reused == ("east",)
    with monkeypatch.context() as patched:
        patched.setattr(build, "code_hash", lambda: "another version")
        assert railshed.atlas(network, atlas.folder, regions=["east"], maps=False).reused == ()
    lines = [shapely.LineString([(k, 0), (k, 1)]) for k in range(99)]
    other = [*lines[:50], shapely.LineString([(50, 0), (50, 2)]), *lines[51:]]
    bases = [
        Basemap("b.gpkg", gpd.GeoDataFrame(geometry=shapes, crs=4326), number)
        for shapes, number in ((lines, ""), (other, ""), (lines, "GS(2025)7号"))
    ]
    run = railshed.prepare(network)
    region = run.compiled.network.get_region("east")
    keys = [build._key(run, region, MapStyle("zh", basemap=base)) for base in (None, *bases)]
    assert len(set(keys)) == 4


def test_an_approval_number_is_recorded(cli: Command, network: Path, tmp_path: Path) -> None:
    """run.json holds it, the command to make the atlas again gives it, and the atlas verifies."""
    out = tmp_path / "out"
    asked = ("atlas", "-n", network, "--without-map", "--regions", "east", "--quiet", "-o", out)
    assert cli(*asked, "--approval", "GS(2025)7号").code == 0
    assert json.loads((out / "run.json").read_text(encoding="utf-8"))["parameters"]["approval"] == "GS(2025)7号"
    assert "--approval &#x27;GS(2025)7号&#x27;" in (out / "east.html").read_text(encoding="utf-8")
    assert cli("verify", out / "run.json").code == 0


def test_an_atlas_from_python_has_its_record(cli: Command, network: Path, made: build.Atlas, tmp_path: Path) -> None:
    """Its run.json lists every file and verifies; a network made in Python is known by its id and date."""
    record = json.loads((made.folder / "run.json").read_text(encoding="utf-8"))
    files = {path.relative_to(made.folder).as_posix() for path in made.folder.rglob("*") if path.is_file()}
    assert {row["name"] for row in record["outputs"]} == files - {"run.json"}
    assert record["parameters"]["network"] == str(network)
    done = cli("verify", made.folder / "run.json")
    assert (done.code, "files: the same" in done.out) == (0, True), done.out
    loaded = railshed.load_network(network)
    atlas = railshed.atlas(loaded, tmp_path / "out", regions=["east"], lang="zh", maps=False)
    parameters = json.loads((atlas.folder / "run.json").read_text(encoding="utf-8"))["parameters"]
    assert (parameters["network"], parameters["date"], parameters["regions"]) == ("toy", "2024-05-15", ["east"])


def test_pages_hold_their_chinese_characters(made: build.Atlas) -> None:
    """Both weights of the font are inlined, in a page and in the index, so that no machine shows boxes."""
    for name in ("west.html", "index.html"):
        page = (made.folder / name).read_text(encoding="utf-8")
        assert re.findall(r'font-family:"Railshed Sans SC";font-weight:(\d+)', page) == ["400", "700"]
        assert "font-src data:" in page
        assert len(page) < 600_000


def test_mistakes(cli: Command, network: Path, tmp_path: Path) -> None:
    """Each says what was given, what is allowed and what to do, exit code 2; nothing is left behind."""
    out = tmp_path / "out"
    assert_mistake(cli("atlas", "-n", network), "-o")
    assert_mistake(
        cli("atlas", "-n", network, "-o", out, "--regions", "wst,nowhere"),
        "'wst'",
        "'West'",
        "'nowhere'",
        "east, west, whole",
    )
    assert not out.exists()
    file = tmp_path / "file"
    file.write_text("", encoding="utf-8")
    assert_mistake(cli("atlas", "-n", network, "-o", file), "is no folder")
    bare = tmp_path / "bare"
    shutil.copytree(network, bare)
    (bare / "regions.csv").unlink()
    cities = (bare / "cities.csv").read_text(encoding="utf-8")
    (bare / "cities.csv").write_text(re.sub(r",core,[a-z|]+,|,secondary,[a-z|]+,", ",core,,", cities), encoding="utf-8")
    assert_mistake(cli("atlas", "-n", bare, "-o", out), "no agglomeration", "railshed circle")


def test_a_folder_belongs_to_one_atlas(tmp_path: Path) -> None:
    """More regions may come; another network, fewer regions or strange files are refused, unless all is made fresh."""
    out = tmp_path / "out"

    def refused(folder: Path, network: str, regions: list[str], *, fresh: bool = False) -> str:
        with pytest.raises(OutputError) as found, open_folder(folder, network, regions, fresh=fresh):
            pytest.fail("opened")
        return str(found.value)

    with open_folder(out, "a", ["x"], fresh=False) as folder:
        folder.keep("x", "key", {"v": 1}, {"maps/x.png": lambda path: path.write_bytes(b"png")})
        (folder.path / "x.html").write_text("page", encoding="utf-8")
    for name in ("note.txt", "x.docx", "parts/x.txt", "maps/x.gpkg"):
        (out / name).write_text("mine", encoding="utf-8")
    dropped: list[str] = []
    with open_folder(out, "a", ["x", "y"], fresh=False, removed=dropped.extend) as folder:
        assert folder.find("x", "key") == {"v": 1}
        assert folder.find("x", "another key") is None
    assert dropped == ["x.html"]
    assert "network a" in refused(out, "b", ["x", "y"])
    assert "2 agglomerations, x among them" in refused(out, "a", ["y"])
    with open_folder(out, "b", ["z"], fresh=True) as folder:
        assert folder.find("x", "key") is None
    left = {path.relative_to(out).as_posix() for path in out.rglob("*") if path.is_file()}
    assert left == {"parts/atlas.json", "note.txt", "x.docx", "parts/x.txt", "maps/x.gpkg"}
    (out / "parts" / "atlas.json").write_text("[]", encoding="utf-8")
    assert "no mark of an atlas" in refused(out, "b", ["z"])
    strange = tmp_path / "strange"
    strange.mkdir()
    (strange / "index.html").write_text("mine", encoding="utf-8")
    assert "index.html" in refused(strange, "a", ["x"], fresh=True)
    assert (strange / "index.html").read_text(encoding="utf-8") == "mine"
    assert {path.name for path in tmp_path.iterdir()} == {"out", "strange"}


def test_a_stopped_atlas_of_another_network_is_not_thrown_away(tmp_path: Path) -> None:
    """What it has finished is refused to an atlas of network b, stays, and is found again by one of network a."""
    out = tmp_path / "out"

    def stopped() -> None:
        with open_folder(out, "a", ["x", "y"], fresh=False) as folder:
            folder.keep("x", "key", {"v": 1}, {})
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        stopped()
    assert not out.exists()
    with pytest.raises(OutputError, match="network a"), open_folder(out, "b", ["x"], fresh=False):
        pytest.fail("opened")
    with open_folder(out, "a", ["x", "y"], fresh=False) as folder:
        assert folder.find("x", "key") == {"v": 1}
    with open_folder(out, "b", ["x"], fresh=True) as folder:
        assert folder.find("x", "key") is None


def entries_of(table: Any) -> list[Entry]:
    """Entries with the measures of a table and no people by rail."""
    row = {"people_outside_city": 0, "area_km2_outside_city": 0.0}
    found = []
    for region, texts in table.items():
        values = {m.key: texts[m.key] for m in agglomerations.MEASURES}
        name = Words(texts["name_zh"], texts["name_en"])
        found.append(Entry(region, name, "", "", (), values, {"by_rail": row}, (), (), (), None, {}, comparable=True))
    return found


@pytest.mark.china
def test_three_findings_for_each_of_the_19_and_no_sentence_twice() -> None:
    """Of all 19 the medians are their own, and equal the shipped table's; of some they are the shipped ones."""
    table = agglomerations.table_of_the_19(lines=True)
    side = compared(entries_of(table), whole=True, lines=True)
    some = compared(entries_of({key: table[key] for key in ("cy", "jjj")}), whole=False, lines=True)
    assert some.shipped
    texts = []
    for entry in side.entries:
        found = side.findings(entry)
        # door to door is not defined in Yinchuan and Xining; from Kunming nothing is reached by rail within the hour
        assert len(found) == (2 if entry.region in ("dz", "lx", "nxyh") else 3), entry.region
        texts += [words.zh.removeprefix(entry.name.zh) for _, words in found]
        if entry.region in ("cy", "jjj"):
            assert some.findings(entry) == found
    assert len(set(texts)) == len(texts)


@pytest.mark.slow
@pytest.mark.china
def test_an_agglomeration_of_china_is_that_of_its_report(cli: Command, tmp_path: Path) -> None:
    """Ningxia: measures as in agglomerations.csv, figures as in `report --region`, findings on its page."""
    made = railshed.atlas("china", tmp_path / "atlas", regions=["nxyh"], lang="zh", maps=False)
    entry = entry_at(made, "nxyh")
    shipped = agglomerations.table_of_the_19(lines=True)["nxyh"]
    assert {key: agglomerations.as_in_table(v) for key, v in entry.measures.items()} == {
        m.key: shipped[m.key] for m in agglomerations.MEASURES
    }
    asked = ("--region", "nxyh", "--without-map", "--map-lang", "zh", "--no-progress", "-o", tmp_path / "report")
    assert cli("report", *asked).code == 0
    record = json.loads((tmp_path / "report" / "run.json").read_text(encoding="utf-8"))
    assert json.loads(json.dumps(entry.cities)) == record["results"]
    sentences = [words.zh for _, words in made.compared.findings(entry)]
    assert len(sentences) == 2  # door to door is not defined
    assert all(sentence in Page(made.folder / "nxyh.html").text for sentence in sentences)


def test_people_in_the_table_are_whole() -> None:
    """Six digits, but people to the person: text and table of a page agree."""
    texts = [agglomerations.table_text(v) for v in (2_220_573.5, 695_910.25, 334.875, 0.0244178123, 0.0)]
    assert texts == ["2220574", "695910", "334.875", "0.0244178", "0"]
    assert agglomerations.as_in_table(2_220_573.5) == 2_220_574


def test_stored_values_come_back_to_the_bit(made: build.Atlas) -> None:
    """The stored entry of an agglomeration is what it was: also measures, which JSON here would round."""
    for entry in made.compared.entries:
        stored = json.loads((made.folder / "parts" / f"{entry.region}.json").read_text(encoding="utf-8"))
        assert from_plain(stored["data"]) == entry


def test_a_strip_by_hand() -> None:
    """From 0 to 10 over 304 points after 8: 5 lies at 160, the median 2.5 at 84; the own dot stands once."""
    drawn = strip([0.0, 2.5, 5.0, 10.0], 5.0, 2.5, ("0", "10"), "median 2.5")
    assert 'cx="160.0" cy="22" r="5.6"' in drawn
    assert drawn.count('class="other"') == 3
    assert 'x1="84.0"' in drawn
    assert 'cx="8.0" cy="22" r="3.4"' in drawn
    assert 'cx="312.0" cy="22" r="3.4"' in drawn


def test_the_index_sorts_by_full_figures(made: build.Atlas) -> None:
    """Each cell holds its figure in full; one column is marked as sorted, in the rows' order; heads are buttons."""
    text = (made.folder / "index.html").read_text(encoding="utf-8")
    assert text.count('<button type="button">') == 2 + len(COLUMNS)
    assert text.count('scope="col" class="n" title=') == len(COLUMNS)
    assert text.count('aria-sort="descending"><button') == 1
    rows = re.findall(r"<tr><td data-v=.*?</tr>", text)
    figures = [float(re.findall(r'class="n bar" data-v="([^"]*)"', row)[0]) for row in rows]
    assert figures == sorted(figures, reverse=True)
    assert len(rows) == 3


@pytest.mark.browser
def test_sorting_in_a_browser(made: build.Atlas) -> None:
    """Enter on a head sorts by its column, again turns it; nothing is logged, no request leaves the disk."""
    circle = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    path = shutil.which("chromium")
    if path is None:
        pytest.skip("no Chromium on this machine")
    flags = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
    said: list[str] = []
    with circle.sync_playwright() as play:
        browser = play.chromium.launch(executable_path=path, args=flags)
        page = browser.new_page()
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.on("request", lambda request: said.append(request.url))
        page.goto(made.index.as_uri())

        def names() -> list[str]:
            return [str(name) for name in page.locator("tbody tr td:first-child a").all_inner_texts()]

        by_people = names()
        head = page.locator("th button").nth(2)
        head.focus()
        page.keyboard.press("Enter")
        assert names() == by_people[::-1]
        assert page.locator("th[aria-sort]").get_attribute("aria-sort") == "ascending"
        page.locator("th button").nth(0).focus()
        page.keyboard.press("Enter")
        by_name = names()
        page.keyboard.press("Enter")
        assert names() == by_name[::-1]
        assert sorted(by_name) == sorted(by_people)
        browser.close()
    assert said == [made.index.as_uri()]


def test_what_differs_by_city_is_not_given_as_the_definition_of_all(toy_run: AnalysisInputs) -> None:
    """Of three cities one has windows of its own: the line says so, and the line that all share stands as it is."""
    cities = [
        {"direction": "to", "readings": {READING: {"definition_zh": ["甲", zh], "definition_en": ["a", zh]}}}
        for zh in ("7:30", "7:30", "8:00")
    ]
    about: Any = SimpleNamespace(run=toy_run)
    first, second, *_ = About.definition(about, cities)
    assert (first.zh, first.en) == ("甲", "a")
    assert second.en == "window: each city's own"
    assert About.definition(about, cities[:2])[1].zh == "7:30"
