"""The figures that README and guide quote, written from results.json between two marks: none is typed by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from measure import _ratio, _time

ROOT = Path(__file__).resolve().parents[1]
GUIDE = ROOT / "src" / "railshed" / "guide"
BEGIN, END = "<!-- speed: begin -->", "<!-- speed: end -->"
Language = Literal["en", "zh"]
_HEAD = {
    "en": ("| what | railshed | times as long in the same run |", "|---|---:|---|"),
    "zh": ("| 内容 | railshed | 同一次运行中的用时倍数 |", "|---|---:|---|"),
}
_FOOT = {"en": "Medians, {cores} cores.", "zh": "中位数，{cores}核。"}
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
    """One line: a row of ours, by the beginning of its case and what it is, and the rows it is compared with."""

    text: Words
    workload: str
    case: str
    ours: str
    #: what a row is -> its name here
    peers: Mapping[str, Words]
    #: the beginning of the peers' case where it is another
    beside: str = ""
    #: in the README too
    headline: bool = False


QUOTES: Sequence[Quote] = (
    Quote(
        ("One city, all stations of China, every minute of two hours", "一城、全国车站、两小时逐分钟"),
        "window", "China, to,", "find_journeys + travel_times",
        {"120 single searches": ("120 single searches", "120次单独搜索")},
        headline=True,
    ),
    Quote(
        ("One station, all stations of Tokyo, every minute of two hours", "东京一站到全部车站、两小时逐分钟"),
        "tokyo", "Tokyo, to,", "find_journeys + travel_times",
        {
            "120 single searches": ("120 single searches", "120次单独搜索"),
            "sketch": ("sketch, not exact", "草图(不精确)"),
        },
    ),
    Quote(
        ("One station of a metro of two million stop times, the same", "两百万站次的地铁网，同上"),
        "metro", "metro, from,", "find_journeys + travel_times",
        {
            "120 single searches": ("120 single searches", "120次单独搜索"),
            "sketch": ("sketch, not exact", "草图(不精确)"),
            "ferrobus 120 x find_routes_one_to_many": "ferrobus",
        },
        beside="metro, ",
        headline=True,
    ),
    Quote(
        ("64 stations of that metro to all, one departure", "地铁网64站到全部车站、单一出发时刻"),
        "lanes", "metro, 64", "64 side by side (departures_once)", {"a search each": ("a search each", "逐站搜索")},
    ),
    Quote(
        ("Seconds of a million cells from 500 stations on foot", "500站步行到百万格网"),
        "surfaces", "seconds: 1 million cells, 500 stations, on foot", "package, 1 thread",
        {"numpy windows": "numpy", "scipy cKDTree": "scipy cKDTree"},
    ),
    Quote(
        ("People within 15, 30, 45, 60 min by car, a million cells", "百万格网驾车四档人口"),
        "surfaces", "people within 15, 30, 45, 60 min: 1 million cells, 500 stations, by car", "package, 1 thread",
        {"numpy windows": "numpy", "buffer + union + rasterize": "geopandas buffer + union, rasterio"},
    ),
    Quote(
        ("Polygons of four cutoffs, a million cells", "百万格网四档面"),
        "surfaces", "polygons of 4 limits: 1 million cells, 500 stations, on foot", "package",
        {"contourpy": "contourpy", "rasterio shapes": "rasterio"},
    ),
    Quote(
        ("Streets: one of a million nodes to all within an hour", "路网：百万节点一小时可达"),
        "streets", "generated", "one to all",
        {
            "scipy dijkstra(limit=)": "scipy", "networkx, cutoff": "networkx", "rustworkx": "rustworkx",
            "igraph": "igraph", "networkit": "networkit", "pandana nodes_in_range": "pandana",
        },
        headline=True,
    ),
    Quote(
        ("Streets of Porto Alegre on foot, within an hour", "阿雷格里港步行一小时"),
        "streets", "Porto Alegre, 43", "one to all",
        {
            "scipy dijkstra(limit=)": "scipy", "networkx, cutoff": "networkx", "rustworkx": "rustworkx",
            "pandana nodes_in_range": "pandana",
            "cityseer dijkstra_tree_shortest": "cityseer",
        },
    ),
    Quote(
        ("Door-to-door matrix, 1,227 x 1,227 points, 120 departures", "门到门矩阵"),
        "matrix", "1,227 x 1,227, each minute", "travel_time_array", {}, headline=True,
    ),
    Quote(
        ("The same at one departure", "同上，单一出发时刻"),
        "matrix", "1,227 x 1,227, leaving", "travel_time_array",
        {"cafein.travel_time_matrix": "cafein", "ferrobus.travel_time_matrix": "ferrobus"},
        headline=True,
    ),
    Quote(
        ("A line drawn: what changes in all cities, all readings", "新增一条线：所有城市、所有口径的变化"),
        "incremental", "a drawn line", "incremental", {"full run": ("full run", "全部重算")},
        headline=True,
    ),
    Quote(
        ("Deutsche Bahn's feed read and checked", "读取并校验德铁数据"),
        "reading", "db_fernverkehr_2019", "load_network + validate",
        {"gtfs_kit.read_feed": ("gtfs_kit, unchecked", "gtfs_kit(不校验)")},
        headline=True,
    ),
    Quote(
        ("Mexico City's, 2.9 million calls by headway", "墨西哥城(按间隔)"),
        "reading", "mexico_city_2018_freq", "load_network + validate",
        {"gtfs_kit.read_feed": ("gtfs_kit, unchecked", "gtfs_kit(不校验)")},
    ),
    Quote(
        ("All 32 core cities, four readings", "32座核心城市、四种口径"),
        "all", "China", "2 threads", {}, headline=True,
    ),
    Quote(
        ("`railshed circle chengdu`, second run", "`railshed circle chengdu` 第二次运行"),
        "cli", "", "railshed circle chengdu, second", {}, headline=True,
    ),
    Quote(
        ("the same with files and maps", "同上，含文件与地图"),
        "cli", "", "railshed circle chengdu -o out, second", {},
    ),
)  # fmt: skip


def speed_lines(results: Mapping[str, Any], lang: Language = "en", *, headlines: bool = False) -> list[str]:
    """Return the table in one language, of all quotes or of the headlines; what was not measured is left out."""
    quotes = [quote for quote in QUOTES if quote.headline or not headlines]
    lines = [line for quote in quotes if (line := _line(quote, results["workloads"], lang))]
    return [*_HEAD[lang], *lines, "", _FOOT[lang].format(cores=results["environment"]["cores"])]


def _line(quote: Quote, workloads: Mapping[str, Any], lang: Language) -> str:
    rows = [r for r in workloads.get(quote.workload, {"rows": []})["rows"] if r["median_s"] is not None]
    ours = next((r for r in rows if r["what"] == quote.ours and r["case"].startswith(quote.case)), None)
    if ours is None:
        return ""
    # of several rows the first counts that stands in our own case
    beside = [r for r in rows if quote.beside and r["case"].startswith(quote.beside)]
    found = {r["what"]: r for r in [*beside, *(r for r in rows if r["case"].startswith(quote.case))]}
    peers = [f"{_in(lang, name)} {_times(found[what], ours)}" for what, name in quote.peers.items() if what in found]
    return f"| {_in(lang, quote.text)} | {_time(ours['median_s'])} | {', '.join(peers)} |"


def _in(lang: Language, words: Words) -> str:
    return words if isinstance(words, str) else words[lang == "zh"]


def _times(peer: Mapping[str, Any], ours: Mapping[str, Any]) -> str:
    """Return how many times as long the peer takes: of paired trials where there are some, else of medians."""
    if peer["base"] == ours["what"] or peer["base"].startswith(f"{ours['what']} ("):  # routers tell that time, too
        return _ratio(peer["ratio"])
    if ours["base"] == peer["what"]:
        return _ratio(1 / ours["ratio"])
    return _ratio(peer["median_s"] / ours["median_s"])


def with_quotes(text: str, results: Mapping[str, Any], place: Place) -> str:
    """Return the text of a file with the figures of the results between its marks."""
    before, after = text.split(BEGIN)[0], text.split(END)[1]
    return "\n".join([before + BEGIN, *speed_lines(results, place.lang, headlines=place.headlines), END]) + after


def write_quotes(results: Mapping[str, Any]) -> None:
    """Write the figures into every file that quotes them."""
    for place in PLACES:
        text = with_quotes(place.path.read_text(encoding="utf-8"), results, place)
        place.path.write_text(text, encoding="utf-8", newline="\n")
