"""The figures that README and guide quote, written from results.json between two marks: none is typed by hand.

But for `ELSEWHERE`: routers in C++ that are on no package index, measured by us in another run. They stand in a
paragraph of their own, without ours beside them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from measure import ROOT, duration, times

GUIDE = ROOT / "src" / "railshed" / "guide"
BEGIN, END = "<!-- speed: begin -->", "<!-- speed: end -->"
Language = Literal["en", "zh"]
_HEAD = {
    "en": ("| what | railshed, a call | its kernel | others, times the call |", "|---|---:|---:|---|"),
    "zh": ("| 内容 | railshed一次调用 | 其内核 | 其他软件，相对该调用的倍数 |", "|---|---:|---:|---|"),
}
_FOOT = {
    "en": "Processor time, one thread, medians; each ratio is of one run. Whole graph: no limit, more work than asked.",
    "zh": "处理器时间，单线程，中位数；各倍数取自同一次运行。全图：无时限，计算量多于所问。",
}
#: not of the run above, and of no one run: so no ratio can be formed
ELSEWHERE = {
    "en": (
        "Not in this run: KIT ULTRA and nigiri in C++ are on no package index. Measured by us on another run of such a "
        "machine, ms, on Tokyo and a generated metro; no ratio to the table follows. KIT ULTRA's CSA: one departure "
        "0.30 and 0.96, 120 departures 26.9 and 106.6. nigiri `one_to_all`: one departure 0.32 and 5.75, 120 "
        "departures 78 and 696."
    ),
    "zh": (
        "不在本次运行之内：C++的KIT ULTRA与nigiri不在任何软件包索引中，由我们在同类机器的另一次运行中测得"
        "(毫秒，东京与生成地铁网)，不可与上表相比。KIT ULTRA CSA：单一出发时刻0.30与0.96，120个时刻26.9与106.6；"
        "nigiri `one_to_all`：0.32与5.75，120个时刻78与696。"
    ),
}
#: an English and a Chinese text, or one for both
Words = tuple[str, str] | str


@dataclass(frozen=True)
class Place:
    """A file with the two marks, the language of its table, and whether it has the headlines alone."""

    path: Path
    lang: Language
    headlines: bool = False


PLACES = (
    Place(ROOT / "README.md", "en", headlines=True),
    Place(GUIDE / "en" / "performance.md", "en"),
    Place(GUIDE / "zh" / "performance.md", "zh"),
)


@dataclass(frozen=True)
class Quote:
    """One line: the call of a case (by the beginning of its name), its kernel, and the rows it is compared with."""

    text: Words
    workload: str
    case: str
    #: what a row is -> its name here
    peers: Mapping[str, Words] = field(default_factory=dict)
    #: the beginning of the peers' cases where they are others
    beside: str = ""
    #: in the README too
    headline: bool = False
    #: words that the case has, and the call where its case has several
    within: str = ""
    call: str = ""


_SEARCHES = {"120 single searches": ("120 single searches", "120次单独搜索")}
_SKETCH = {"sketch": ("sketch, not exact", "草图(不精确)")}
_FERROBUS = {
    "calculate_percent_access_isochrone": "ferrobus percent-access",
    "120 x find_routes_one_to_many": ("ferrobus 120 x one-to-many (no limit)", "ferrobus 120次一对多(无时限)"),
}
_PLAIN = {"a plain search each": ("a plain search each", "逐站搜索")}
_SCIPY = {"scipy dijkstra(limit=)": "scipy"}
_GRAPHS = {
    **_SCIPY, "networkx, cutoff": "networkx", "pandana nodes_in_range": "pandana",
    "cityseer dijkstra_tree_shortest": "cityseer",
    **{f"{name}, whole graph": (f"{name} (whole graph)", f"{name}(全图)") for name in ("igraph", "networkit")},
}  # fmt: skip
_NUMPY = {"numpy windows": "numpy", "scipy cKDTree": "scipy cKDTree"}
_BUFFERS = {"geopandas buffer + union, rasterio": "geopandas buffer + union, rasterio"}
_CIRCLES = {
    "with the interval": ("with the interval of 40 draws", "含40次抽样的区间"),
    "without draws, network doubled": ("network doubled by far stations", "远方车站加倍的网络"),
}
_FULL = {"full run": ("full run", "全部重算")}
_KIT = {"gtfs_kit.read_feed": ("gtfs_kit, unchecked", "gtfs_kit(不校验)")}
_SECOND = "fresh process, second run"
QUOTES: Sequence[Quote] = (
    Quote(
        ("One station to all of China's, every minute of two hours", "一站到全国车站、两小时逐分钟"),
        "window", "China, to,", _SEARCHES, headline=True,
    ),
    Quote(
        ("One station to all of Tokyo's, the same", "东京一站到全部车站，同上"),
        "window", "Tokyo, from,", _SEARCHES | _SKETCH | _FERROBUS, beside="Tokyo, each minute",
    ),
    Quote(
        ("One station of a metro of two million stop times, the same", "两百万站次的地铁网，同上"),
        "window", "metro, from,", _SEARCHES | _SKETCH | _FERROBUS, beside="metro, each minute", headline=True,
    ),
    Quote(
        ("One station of that metro to all, one departure", "地铁网一站到全部车站、单一出发时刻"),
        "departures", "metro, one station", _PLAIN, headline=True,
    ),
    Quote(
        ("64 stations of that metro to all, one departure", "地铁网64站到全部车站、单一出发时刻"),
        "departures", "metro, 64", _PLAIN,
    ),
    Quote(
        ("Door-to-door matrix, 1,227 x 1,227 points, one departure", "门到门矩阵、单一出发时刻"),
        "departures", "1,227 x 1,227 points, leaving",
        {"cafein.travel_time_matrix": "cafein", "ferrobus.travel_time_matrix": "ferrobus"}, headline=True,
    ),
    Quote(
        ("The same, 120 departures", "同上，120个时刻"),
        "departures", "1,227 x 1,227 points, each minute", headline=True,
    ),
    Quote(
        ("Streets: one of a million nodes to all within an hour", "路网：百万节点一小时可达"),
        "streets", "generated", _GRAPHS, headline=True,
    ),
    Quote(
        ("64 neighbours there to 10,000 places, a source", "同上，相邻64点到1万处，每个起点"),
        "streets", "generated", _SCIPY, within="to 10,000 places",
    ),
    Quote(
        ("Streets of Porto Alegre on foot, within an hour", "阿雷格里港步行一小时"),
        "streets", "Porto Alegre, 43", _GRAPHS,
    ),
    Quote(
        ("Seconds of a million cells from 500 stations on foot", "500站步行到百万格网"),
        "surfaces", "seconds: 1 million cells, 500 stations, on foot", _NUMPY, headline=True,
    ),
    Quote(("The same by car", "同上，驾车"), "surfaces", "seconds: 1 million cells, 500 stations, by car", _NUMPY),
    Quote(
        ("People within 15, 30, 45, 60 min on foot, the same cells", "同上格网步行四档人口"),
        "surfaces", "people within 15, 30, 45, 60 min: 1 million cells, 500 stations, on foot", _NUMPY | _BUFFERS,
    ),
    Quote(
        ("Polygons of four cutoffs, a million cells", "百万格网四档面"),
        "surfaces", "polygons of 4 limits: 1 million cells, 500 stations, on foot",
        {"contourpy": "contourpy", "rasterio shapes": "rasterio"},
    ),
    Quote(
        ("One more circle, four readings, without its interval", "再算一城、四种口径、不含区间"),
        "circle", "China, ", _CIRCLES, within="one circle", headline=True,
    ),
    Quote(
        ("All core cities: readings, intervals, polygons, tables", "全部核心城市：口径、区间、面与表"),
        "circle", "China, ", within="four readings", headline=True,
    ),
    Quote(
        ("A line drawn: all cities, all readings", "新增一条线：所有城市、所有口径"),
        "edits", "a drawn line", _FULL, headline=True,
    ),
    Quote(("A line removed", "取消一条线"), "edits", "a removed line", _FULL),
    Quote(("A line retimed", "一条线调时"), "edits", "a retimed line", _FULL),
    Quote(
        ("A nation of 700,000 stops: read, check, cut, a circle", "70万站点的全国数据：读取、校验、裁剪、首个圈"),
        "nation", "nation of 7", headline=True,
    ),
    Quote(
        ("Deutsche Bahn's feed read, errors checked", "读取德铁数据并查错"),
        "nation", "db_fernverkehr_2019", _KIT, headline=True,
    ),
    Quote(("Mexico City's, 2.9 million calls by headway", "墨西哥城(按间隔)"), "nation", "mexico_city_2018_freq", _KIT),
    *(
        Quote((f"`{name}`, second run", f"`{name}` 第二次运行"), "commands", _SECOND, call=name, headline=headline)
        for name, headline in (
            ("railshed circle chengdu", True), ("railshed circle chengdu -o out", False),
            ("railshed compare chengdu --html", True), ("railshed report chengdu", False),
        )
    ),
)  # fmt: skip


def speed_lines(results: Mapping[str, Any], lang: Language = "en", *, headlines: bool = False) -> list[str]:
    """Return the table in one language, of all quotes or of the headlines; what was not measured is left out."""
    quotes = [quote for quote in QUOTES if quote.headline or not headlines]
    lines = [line for quote in quotes if (line := _line(quote, results["workloads"], lang))]
    return [*_HEAD[lang], *lines, "", _FOOT[lang], "", ELSEWHERE[lang]]


def _line(quote: Quote, workloads: Mapping[str, Any], lang: Language) -> str:
    rows = workloads.get(quote.workload, {"rows": []})["rows"]
    calls = [r for r in rows if r["role"] == "call" and quote.call in (r["what"], "")]
    ours = next((r for r in calls if r["case"].startswith(quote.case) and quote.within in r["case"]), None)
    if ours is None:
        return ""
    here = [r for r in rows if r["case"] == ours["case"]]
    kernel = next((duration(r["median_s"]) for r in here if r["role"] == "kernel"), "")
    beside = [r for r in rows if quote.beside and r["case"].startswith(quote.beside)]
    found = {r["what"]: r for r in [*beside, *here] if "ratio" in r}
    peers = [f"{_in(lang, name)} {times(found[what]['ratio'])}" for what, name in quote.peers.items() if what in found]
    return f"| {_in(lang, quote.text)} | {duration(ours['median_s'])} | {kernel} | {', '.join(peers)} |"


def _in(lang: Language, words: Words) -> str:
    return words if isinstance(words, str) else words[lang == "zh"]


def with_quotes(text: str, results: Mapping[str, Any], place: Place) -> str:
    """Return the text of a file with the figures of the results between its marks."""
    before, after = text.split(BEGIN)[0], text.split(END)[1]
    return "\n".join([before + BEGIN, *speed_lines(results, place.lang, headlines=place.headlines), END]) + after


def write_quotes(results: Mapping[str, Any]) -> None:
    """Write the figures into every file that quotes them."""
    for place in PLACES:
        text = with_quotes(place.path.read_text(encoding="utf-8"), results, place)
        place.path.write_text(text, encoding="utf-8", newline="\n")
