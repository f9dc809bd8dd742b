"""`railshed report`: the numbers of the tables in words, one document as HTML and as PDF, and what
deviates.
"""

from __future__ import annotations

import io
import json
import re
import shutil
from collections.abc import Mapping
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from pypdf import PdfReader

from railshed.circles.analysis import RESULTS_VERSION, AnalysisInputs
from railshed.questions.indicators import agglomerations
from railshed.report import findings
from railshed.report.pdf import pdf_of
from railshed.show.blocks import Code, Document, Facts, Heading, Items, Paragraph, Picture, Table
from railshed.show.page_html import html_of
from railshed.util.bilingual import Words
from tests.comparisons.test_forecast import NORTHWEST
from tests.support.clirunner import Command, assert_mistake

PLAN = (
    'title = "northwest"\n[[modification]]\ntype = "add-trips"\nname = "nw"\nhop_minutes = [18]\n'
    'stops = [{ name = "西北原", id = "northwest", lon = 99.8, lat = 0.5 }, "中城"]\n'
    '[[modification.frequencies]]\nstart_time = "05:00"\nend_time = "23:00"\nheadway_minutes = 10\n'
)
WITHOUT = 'title = "without"\n[[modification]]\ntype = "remove-stops"\nstops = ["北湖"]\n'
CHINESE = re.compile(r"[\u4e00-\u9fff]")


class Page(HTMLParser):
    """The text of a page, its tags, and what it refers to."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.refers: list[str] = []
        self.texts: list[str] = []
        self.styles = 0
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.refers += [
            value or ""
            for name, value in attrs
            if name in ("src", "href", "srcset", "action", "data")
        ]

    def handle_data(self, data: str) -> None:
        self.texts.append(data)

    @property
    def text(self) -> str:
        return "\n".join(self.texts)


def page_at(path: Path) -> Page:
    return Page(path.read_text(encoding="utf-8"))


def pdf_text(data: bytes) -> str:
    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(data)).pages)


def squeezed(text: str) -> str:
    """Without spaces and line ends, which a PDF sets by itself."""
    return re.sub(r"\s+", "", text)


def test_the_report_of_the_toy_city_in_both_languages(railshed: Command, tmp_path: Path) -> None:
    """67,000 people by rail, 66,333 strictly, 64,000 at the low end; both files hold them, nothing
    is loaded.
    """
    out = tmp_path / "out"
    done = railshed("report", "mid", "-n", "toy", "--without-map", "-o", out)
    assert done.code == 0, done.err
    assert {f.name for f in out.iterdir()} == {"mid_report.html", "mid_report.pdf", "run.json"}
    page, data = page_at(out / "mid_report.html"), (out / "mid_report.pdf").read_bytes()
    assert all(target.startswith("#c") for target in page.refers)
    assert not page.tags & {"script", "link", "iframe", "object", "img"}
    assert (
        page.text.count("url(") == page.text.count("url(data:font/woff;base64,") == 2
    )  # the hanzi, in two weights
    assert "@import" not in page.text
    record = json.loads((out / "run.json").read_text(encoding="utf-8"))
    (summary,) = record["results"]
    assert [row["low"]["people"] for row in summary["corners"]] == [64_000, 64_000]
    assert (
        "by rail within 60 min outside the city proper 67,000 people (64,000 to 67,000)"
        in page.text
    )
    assert (
        "by rail within 90 min outside the city proper 95,000 people (64,000 to 127,000)"
        in page.text
    )
    texts = (
        "If 75 % of the window's minutes must work, people by rail go from 67,000 to 66,333 "
        "(-1.0%)."
    )
    words = squeezed(pdf_text(data))
    for text in (texts, "人口由6.7万变为6.6万", "railshed report mid --network toy --without-map"):
        shown = text if "人口由" not in text else "由6.7万变为6.6万"
        assert shown in page.text
        assert squeezed(shown) in words
    assert summary["definition_hash"] in page.text
    assert summary["definition_hash"] in words
    for name, sha256 in record["network"]["checksums_sha256"].items():
        assert name in page.text
        assert sha256 in page.text
        assert sha256 in words
    reader = PdfReader(io.BytesIO(data))
    assert [
        f"{k} / {len(reader.pages)}" in p.extract_text() for k, p in enumerate(reader.pages, 1)
    ] == [True] * len(reader.pages)
    chapters = [
        "要点",
        "从新闻口径到本数字",
        "人住在哪里，现在谁在通勤",
        "局限",
        "附录",
        "每个数字的定义",
        "数据及其时效",
        "各口径并列",
        "按成员城市、区县与车站",
        "敏感性",
        "方法与公式",
        "如何重现",
    ]
    outline = [entry.title for entry in reader.outline if not isinstance(entry, list)]  # type: ignore[union-attr]
    assert [title.split(" ")[0] for title in outline] == chapters
    assert all(chapter in page.text for chapter in chapters)


@pytest.mark.slow
def test_a_plan_in_one_language_each(railshed: Command, tmp_path: Path) -> None:
    """128,000 people gained by the line to northwest, the largest gain, who loses; English and
    Chinese apart.
    """
    plan = tmp_path / "nw.toml"
    plan.write_text(PLAN, encoding="utf-8")
    asked = ("report", "mid", "-n", "toy", "-s", plan, "--without-map", "--map-lang")
    assert railshed(*asked, "en", "-o", tmp_path / "en").code == 0
    assert railshed(*asked, "zh", "-o", tmp_path / "zh").code == 0
    english, chinese = (page_at(tmp_path / lang / "mid_report.html").text for lang in ("en", "zh"))
    record = json.loads((tmp_path / "en" / "run.json").read_text(encoding="utf-8"))
    (row,) = record["side_by_side"]
    assert (row["people_before"], row["people_gained"], row["people_lost"]) == (67_000, 128_000, 0)
    assert "128,000 people come within 60 minutes, no one loses." in english
    assert "gains most: people 128,000, 100% of all that is gained" in english
    assert "No station becomes slower or drops out" in english
    assert "12.8万人进入60分钟圈，无人受损" in chinese
    assert "没有车站变慢或移出" in chinese
    assert "Limits" not in chinese
    assert "局限" not in english
    assert "What to buy: Midtown" in english
    first = record["trade_offs"][0]
    assert (first["savers"], first["within_60"]) == (128_000, 128_000)
    assert railshed("verify", tmp_path / "en" / "run.json").code == 0


def numbers_in(value: Any) -> set[str]:
    """Every number of a record as a report prints it: whole, with a comma at each thousand."""
    if isinstance(value, dict | list):
        parts = value.values() if isinstance(value, dict) else value
        return {text for part in parts for text in numbers_in(part)}
    return (
        {f"{abs(value):,.0f}"}
        if isinstance(value, int | float) and not isinstance(value, bool)
        else set()
    )


@pytest.mark.slow
def test_a_region_says_whether_it_holds_together(railshed: Command, tmp_path: Path) -> None:
    """Shares, counties left out and the map of counties; with a plan before and after, and who
    gains.
    """
    plan = tmp_path / "nw.json"
    plan.write_text(json.dumps({"modification": [NORTHWEST]}), encoding="utf-8")
    asked = (
        "report",
        "--region",
        "toy",
        "-n",
        "toy",
        "--lang",
        "en",
        "--no-progress",
        "-o",
        tmp_path / "out",
    )
    maps = "Counties by minutes to the nearest core city"
    for more, texts in (
        ((), ("32.6%", maps)),
        (("-s", plan, "--without-map"), ("Who gains, by class of county", "→")),
    ):
        done = railshed(*asked, *more)
        assert done.code == 0, done.err
        (page,) = (tmp_path / "out").glob("*.html")
        text = page.read_text(encoding="utf-8")
        for part in (
            "Does the agglomeration hold together",
            "Fewer than half reach a core city",
            *texts,
        ):
            assert part in text, part


@pytest.mark.slow
def test_numbers_in_sentences_are_those_of_the_run(railshed: Command, tmp_path: Path) -> None:
    """Each of a thousand and more stands in run.json, with a plan that gains, and one beside it
    that loses.
    """
    files = []
    for name, text in (("a", PLAN), ("b", WITHOUT)):
        files.append(tmp_path / f"{name}.toml")
        files[-1].write_text(text, encoding="utf-8")
    out = tmp_path / "out"
    asked = (
        "report",
        "mid",
        "-n",
        "toy",
        "-s",
        files[0],
        "-s",
        files[1],
        "--without-map",
        "--map-lang",
        "en",
    )
    done = railshed(*asked, "-o", out)
    assert done.code == 0, done.err
    record = json.loads((out / "run.json").read_text(encoding="utf-8"))
    page = (out / "mid_report.html").read_text(encoding="utf-8")
    sentences = re.findall(r"<(?:li|p)[^>]*>([^<]*)", page.split("What the plan changes</h2>")[1])
    texts = [number for text in sentences for number in re.findall(r"\d{1,3}(?:,\d{3})+", text)]
    assert len(texts) > 10
    assert set(texts) <= numbers_in(record)
    assert "lost" in page
    assert {row["scenario"] for row in record["trade_offs"]} == {
        "northwest"
    }  # the other adds no line


@pytest.mark.slow
def test_maps_stand_in_both_files_and_twice_the_same_bytes(
    railshed: Command, tmp_path: Path
) -> None:
    """The circle, its readings and rail against car, inlined; the same command gives the same
    bytes.
    """
    for name in ("a", "b"):
        assert railshed("report", "mid", "-n", "toy", "--brief", "-o", tmp_path / name).code == 0
    for file in (
        "mid_report.html",
        "mid_report.pdf",
        "mid_report_brief.pdf",
        "mid_report_brief.svg",
        "run.json",
    ):
        assert (tmp_path / "a" / file).read_bytes() == (tmp_path / "b" / file).read_bytes(), file
    page = page_at(tmp_path / "a" / "mid_report.html")
    pictures = [target for target in page.refers if not target.startswith("#")]
    assert len(pictures) == 3
    assert all(target.startswith("data:image/png;base64,") for target in pictures)
    pages = PdfReader(tmp_path / "a" / "mid_report.pdf").pages
    forms = [form for page in pages for form in forms_on(page)]
    assert [form["/Subtype"] for form in forms] == [
        "/Form"
    ] * 4  # the first page has the circle too
    maps = [page for page in pages if forms_on(page)][1:]
    assert [page.mediabox.width > page.mediabox.height for page in maps] == [True] * 3
    assert not any(page.images for page in pages)
    for form in forms:
        fonts = [
            part
            for font in form["/Resources"]["/Font"].values()
            for part in descriptors(font.get_object())
        ]
        assert fonts
        assert all(
            "/FontFile2" in font for font in fonts
        )  # TrueType as it is: not outlines, which cannot be selected
    words = [squeezed(page.extract_text()) for page in maps]
    assert all("示意图" in text and "北湖69" in text for text in (words[0], words[2]))
    assert_landscape_pages_are_the_last(tmp_path / "a")


def assert_landscape_pages_are_the_last(folder: Path) -> None:
    """The body has at most 8 upright pages, sheets end the appendix, the foot has one title, the
    map is one form.
    """
    pages = PdfReader(folder / "mid_report.pdf").pages
    wide = [page.mediabox.width > page.mediabox.height for page in pages]
    assert wide == sorted(wide)
    assert sum(wide) == 3
    texts = [page.extract_text() for page in pages]
    body = next(k for k, text in enumerate(texts) if "每个数字的定义" in text)
    assert 1 < body <= 8
    foot = texts[2].split("\n")
    assert any(line.startswith("中城：一小时通勤圈报告") for line in foot)
    assert not any("the one-hour commuting circle, a report" in text for text in texts[1:])
    forms = [page["/Resources"]["/XObject"] for page in (pages[0], pages[wide.index(True)])]
    assert [[form.raw_get(name) for name in form] for form in forms[:1]] == [
        [form.raw_get(name) for name in form] for form in forms[1:]
    ]
    html = (folder / "mid_report.html").read_text(encoding="utf-8")
    assert html.count("<img") == 3  # the map of the first page once
    svg = ET.fromstring((folder / "mid_report_brief.svg").read_text(encoding="utf-8"))
    assert [float(part) for part in str(svg.get("viewBox")).split()][2:] == pytest.approx(
        [210 * 72 / 25.4, 297 * 72 / 25.4], abs=0.01
    )
    assert len(PdfReader(folder / "mid_report_brief.pdf").pages) == 1


def test_what_a_report_needs(railshed: Command) -> None:
    """A folder, cities in one way, a reading with a circle."""
    assert_mistake(railshed("report", "mid", "-n", "toy"), "give a folder with -o")
    assert_mistake(railshed("report", "-n", "toy", "-o", "x"), "give cities, or --region ID")
    asked = ("report", "mid", "-n", "toy", "-o", "x", "--reading", "station-to-station")
    assert_mistake(railshed(*asked), "station-to-station (--reading) has no circle")
    assert not Path("x").exists()


def forms_on(page: Any) -> list[Any]:
    """The pictures that this page draws, of all that the pages share."""
    shared = page["/Resources"].get("/XObject", {})
    content = page["/Contents"].get_object().get_data().decode("latin-1")
    return [shared[name] for name in re.findall(r"/x\d+(?= Do)", content)]


def descriptors(font: Any) -> list[Any]:
    """What a font says of its file, and what the fonts that it is made of say."""
    below = [
        part for one in font.get("/DescendantFonts", []) for part in descriptors(one.get_object())
    ]
    return ([font["/FontDescriptor"]] if "/FontDescriptor" in font else []) + below


def document(lang: str, *blocks: Any) -> Document:
    return Document(Words("题", "Title"), Words("副", "Sub"), lang, blocks)


def test_every_kind_of_block_is_in_both_files() -> None:
    """Headings, paragraphs, items, tables over pages with their heads again, code: each text of
    both languages.
    """
    rows = tuple((Words(f"行{k}", f"row {k}"), f"{k:,}") for k in range(1, 121))
    blocks = (
        Heading(Words("章", "Chapter")),
        Paragraph(Words("段 <落>", "a <para> & so on"), soft=True),
        Items((Words("项甲", "item one"), Words("项乙", ""))),
        Facts(
            ((Words("标签", "label"), Words("事实", "a fact")), (Words(""), Words("续", "goes on")))
        ),
        Table(
            Words("表", "Table"),
            (Words("名", "name"), Words("数", "number")),
            rows,
            notes=(Words("注", "note"),),
        ),
        Code("T = A(x, t) - t\nsecond line"),
    )
    page, pdf = Page(html_of(document("both", *blocks))).text, pdf_of(document("both", *blocks))
    words = pdf_text(pdf)
    texts = (
        "章",
        "Chapter",
        "段 <落>",
        "a <para> & so on",
        "项甲",
        "item one",
        "项乙",
        "标签",
        "label",
        "事实",
        "a fact",
        "续",
        "goes on",
        "行120",
        "row 120",
        "注",
        "note",
        "second line",
    )
    for text in texts:
        assert text in page
        assert squeezed(text) in squeezed(words), text
    heads = [p.extract_text().count("number") for p in PdfReader(io.BytesIO(pdf)).pages]
    assert len(heads) > 2
    assert all(n == 1 for n in heads)
    english = pdf_text(pdf_of(document("en", *blocks[:2])))
    assert not CHINESE.search(english)


def test_the_contents_lead_to_the_chapters() -> None:
    """Each chapter, and no heading within one, has an entry in their order, whose link is
    its own.
    """
    names = [("one", 1), ("within", 2), ("two", 1), ("deep", 3), ("three", 1)]
    text = html_of(document("en", *(Heading(Words("", name), level) for name, level in names)))
    contents = re.findall(r'<li><a href="#([^"]*)">([^<]*)</a></li>', text)
    assert contents == [("c0", "one"), ("c1", "two"), ("c2", "three")]
    assert re.findall(r"<h(\d)([^>]*)>([^<]*)</h", text.partition("<main>")[2]) == [
        ("2", ' id="c0"', "one"),
        ("3", "", "within"),
        ("2", ' id="c1"', "two"),
        ("4", "", "deep"),
        ("2", ' id="c2"', "three"),
    ]
    assert '<html lang="en">' in text
    assert '<html lang="zh-CN">' in html_of(document("both"))
    assert "<script" not in text


def test_fonts_are_embedded_and_unknown_characters_show_their_code() -> None:
    """Every font holds its file; a character that the font lacks is printed by its code,
    not lost.
    """
    data = pdf_of(document("zh", Paragraph(Words("通勤圈 \U0001f600", ""))))
    assert "通勤圈[U+1F600]" in squeezed(pdf_text(data))
    fonts = [
        font.get_object()
        for page in PdfReader(io.BytesIO(data)).pages
        for font in page["/Resources"]["/Font"].values()  # type: ignore[index]
    ]
    assert fonts
    for font in fonts:
        (inner,) = font["/DescendantFonts"]
        held = inner.get_object()["/FontDescriptor"]
        assert {"/FontFile2", "/FontFile3"} & held.keys(), font["/BaseFont"]
        assert "/ToUnicode" in font


def drawn(width: int, height: int) -> Picture:
    from matplotlib.figure import Figure

    out = io.BytesIO()
    Figure(figsize=(width / 72, height / 72)).savefig(out, format="pdf")
    return Picture(Words("图", "map"), b"", out.getvalue(), width, height)


def test_a_brief_of_long_facts_has_one_page() -> None:
    """Four facts of 420 letters in both languages: set smaller, they leave a sheet nearly half its
    size.
    """
    facts = Facts(((Words("标签", "label"), Words("事实" * 60, "a fact " * 60)),) * 4)
    items = Items((Words("句子" * 30, "a sentence of some words " * 6),) * 3)
    made = replace(document("both"), front=(drawn(842, 595), items, facts))
    assert len(PdfReader(io.BytesIO(pdf_of(made))).pages) == 1
    assert scales_in(pdf_of(made)) == [pytest.approx(0.5058, abs=1e-3)]


def test_sheets_have_pages_of_their_own_and_plots_stand_in_the_text() -> None:
    """Landscape for a sheet, then upright text again, with a plot in it."""
    sheet, plot = drawn(842, 595), drawn(800, 300)
    data = pdf_of(
        document("en", Heading(Words("", "Maps")), sheet, Heading(Words("", "After")), plot)
    )
    pages = PdfReader(io.BytesIO(data)).pages
    assert [p.mediabox.width > p.mediabox.height for p in pages] == [False, True, False]
    assert "After" in pages[-1].extract_text()
    assert len(forms_on(pages[-1])) == 1


def scales_in(data: bytes) -> list[float]:
    """How much smaller each picture of a PDF is drawn."""
    pages = [
        page["/Contents"].get_object().get_data().decode("latin-1")
        for page in PdfReader(io.BytesIO(data)).pages
    ]
    return [
        float(scale)
        for page in pages
        for scale in re.findall(r"(\S+) 0 0 \S+ \S+ \S+ cm\s*/x\d+ Do", page)
    ]


def test_pictures_are_no_wider_than_the_text() -> None:
    """A small plot keeps its size; one of 1,000 points is as wide as the text, 176 mm; a tall one
    leaves 40 points.
    """
    room = 263 * 72 / 25.4 - 40
    for width, height, scale in (
        (200, 150, 1.0),
        (800, 100, 176 * 72 / 25.4 / 800),
        (400, 900, room / 900),
    ):
        data = pdf_of(document("en", Heading(Words("", "Maps")), drawn(width, height)))
        assert scales_in(data) == [pytest.approx(scale, abs=1e-4)]


def test_the_map_of_the_first_page_fills_what_texts_leave() -> None:
    """A sheet is as wide as A4 upright beside few lines, smaller beside many, and always on the
    first page.
    """
    sheet, words = drawn(842, 595), Paragraph(Words("", "word " * 100))
    scales = []
    for n_texts in (1, 4):
        made = replace(
            document("en", Heading(Words("", "Next"))), front=(sheet, *[words] * n_texts)
        )
        data = pdf_of(made)
        assert len(PdfReader(io.BytesIO(data)).pages) == 2
        scales += scales_in(data)
    assert scales[0] == pytest.approx(595.28 / 842, abs=1e-4)
    assert 0.3 < scales[1] < 0.65


def test_a_table_is_printed_in_one_ink() -> None:
    """Heads and rows of a table have the colour of the text, not plain black."""
    table = Table(Words("", "T"), (Words("", "head"), Words("", "n")), (("a", "1"), ("b", "333")))
    page = PdfReader(io.BytesIO(pdf_of(document("en", Heading(Words("", "H")), table)))).pages[-1]
    content = page["/Contents"].get_object().get_data().decode("latin-1")
    assert " scn" in content
    assert "0 0 0 scn" not in content


def test_columns_fit_the_page_and_figures_are_not_broken() -> None:
    """Ten wide columns share the width; each figure stands in one line."""
    figure, text = "12,345,678", Words("", "a name of several words 一个很长的名字")
    heads = tuple(Words("", f"head {k}") for k in range(10))
    table = Table(Words("", "T"), heads, ((text, text, *[figure] * 8),), right=2)
    page = PdfReader(io.BytesIO(pdf_of(document("en", table)))).pages[0]
    sizes, places = set(), []

    def visit(words: str, _: Any, matrix: Any, font: Any, size: float) -> None:
        if figure in words:
            sizes.add(size)
            places.append(matrix[4] if matrix[4] else _[4])

    page.extract_text(visitor_text=visit)
    assert page.extract_text().count(figure) == 8
    assert sizes <= {6.0, 6.5, 7.0, 7.5, 8.0}
    assert max(places) < 210 * 72 / 25.4 - 17 * 72 / 25.4


def test_deviations_by_hand() -> None:
    """Of 1, 2, 3, 5, 9 the median is 3, the absolute deviations 2, 1, 0, 2, 6 have the median 2: 9
    lies 3 above.
    """
    values = {"a": 0.01, "b": 0.02, "c": 0.03, "d": 0.05, "e": 0.09}
    table = {
        key: {m.key: None for m in agglomerations.MEASURES} | {"strict": v}
        for key, v in values.items()
    }
    (found,) = agglomerations.deviations_of({"strict": 0.09}, table, "e")
    assert found.measure.key == "strict"
    assert (found.middle, found.above, found.n) == (0.03, 0, 5)
    assert found.distance == pytest.approx(3.0)
    (city,) = agglomerations.deviations_of({"strict": 0.06}, table, None)
    assert (city.above, round(city.distance, 9)) == (1, 1.5)
    assert (
        agglomerations.deviations_of({"strict": 0.05}, table, None) == []
    )  # printed as another's: it would fit both
    assert agglomerations.deviations_of({"strict": None}, table, "e") == []


def shipped(lines: bool) -> Mapping[str, Mapping[str, Any]]:
    return agglomerations.table_of_the_19(lines=lines)


def test_the_shipped_table_of_the_19() -> None:
    """19 rows with and without lines, of one date, reading and version; what all have is known of
    all.
    """
    for lines in (True, False):
        table = shipped(lines)
        assert len(table) == 19
        kinds = {
            (r["date"], r["reading"], r["direction"], r["cutoff_min"], r["results_version"])
            for r in table.values()
        }
        assert kinds == {("2023-12-15", "door-to-door", "to", "60", str(RESULTS_VERSION))}
        # no station near a centre of Xining and of Yinchuan
        assert {key for key, row in table.items() if row["people_per_city"] is None} == {
            "lx",
            "nxyh",
        }


def test_no_sentence_fits_two_agglomerations() -> None:
    """The findings of all 19, their names left out: no two are alike, and each has one."""
    for lines in (True, False):
        table = shipped(lines)
        seen: set[str] = set()
        for region, row in table.items():
            texts = agglomerations.deviations_of(row, table, region)[: findings.N_FINDINGS]
            assert texts, region
            for deviation in texts:
                words = findings.deviation_words(Words("X", "X"), deviation, of_a_city=False)
                assert words.en not in seen
                assert words.zh not in seen
                seen |= {words.en, words.zh}


@pytest.mark.slow
@pytest.mark.china
def test_the_table_is_what_the_circles_give(china_run: AnalysisInputs) -> None:
    """Taiyuan, the one core city of its agglomeration: computed again, its measures are the shipped
    ones.
    """
    import railshed as library

    circle = library.circle(china_run, "taiyuan")
    assert agglomerations.is_comparable([circle])
    found = agglomerations.measures_of([circle])
    row = shipped(lines=True)["sxzb"]
    assert {key: None if v is None else f"{v:.6g}" for key, v in found.items()} == {
        key: None if row[key] is None else f"{row[key]:.6g}" for key in found
    }
    assert not agglomerations.is_comparable(
        [library.circle(china_run, "taiyuan", direction="from")]
    )
    assert not agglomerations.is_comparable([library.circle("toy", "mid")])


def test_a_region_has_its_union(railshed: Command, tmp_path: Path) -> None:
    """Two core cities: each has its row, the union counts each place once, members have a column a
    city.
    """
    toy, out = tmp_path / "net", tmp_path / "out"
    shutil.copytree(Path(__file__).parents[2] / "networks" / "toy", toy)
    cities = toy / "cities.csv"
    cities.write_text(
        cities.read_text(encoding="utf-8").replace("secondary", "core"), encoding="utf-8"
    )
    done = railshed(
        "report", "--region", "toy", "-n", toy, "--without-map", "--map-lang", "en", "-o", out
    )
    assert done.code == 0, done.err
    record = json.loads((out / "run.json").read_text(encoding="utf-8"))
    page = page_at(out / "toy_report.html").text
    united = record["union"]["by_rail"]["people_outside_city"]
    assert f"each place once, outside the city proper, by rail: {united:,} people" in page
    assert united <= sum(s["corners"][0]["central"]["people"] for s in record["results"])
    for row in record["overlap_cities"]:
        assert f"{row['people_outside_city']:,}" in page
    assert "inside Midtown" in page
    assert "inside Eastbridge" in page
