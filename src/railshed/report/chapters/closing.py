"""The last chapters: limits, the method with its formulas, and the appendix that reproduces the report."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from railshed._version import __version__
from railshed.assumptions.assumptions import assumption_rows
from railshed.circles.analysis import RESULTS_VERSION
from railshed.circles.definitions import GENERAL_LIMITS, MODES
from railshed.tables.blocks import Block, Code, Heading, Items, Paragraph, Table
from railshed.tables.labels import city_name
from railshed.util import number_format as n
from railshed.util.bilingual import Words

if TYPE_CHECKING:
    from railshed.api.study import Study

_NOT_COUNTED = (
    Words(
        "一小时可达不等于有座：未考虑运能、票价、需求与拥堵。",
        "An hour is not a seat: capacity, fare, demand and congestion are not considered.",
    ),
    Words("“无数据”不等于不可达。", "“No data” is not “unreachable”."),
    Words(
        "圈相互重叠，各城市之和不是总数；并集每处只计一次。",
        "Circles overlap, so cities do not add up; the union counts each place once.",
    ),
    Words(
        "规划线路的班次、车站位置与运行时间含假设，见方案各条。",
        "Trains, places of stations and run times of a plan are partly assumed; its lines say which.",
    ),
)
_FORMULAS_ZH = (
    "T_s(x, m) = min { max(到达, m - s) - 出发 }，取自x出发、不晚于m到达的各行程",
    "出城：T_s(x, m) = min { 到达 - min(出发, m + s) }，取到x、m及以后出发的各行程",
    "随到随走：T(x, t) = A(x, t) - t，t为随机出发分钟",
    "n个分钟的第p百分位：排序后第 max(0, ceil(p n / 100) - 1) 个(从0起)，不可达者排最后",
    "在圈内：T_s的百分位 <= 阈值；合计 = 铁路可达或本地可达；铁路新增 = 合计 - 本地可达",
    "新增 = 规划在内而现状不在；减少 = 现状在内而规划不在；逐格判定",
    "偏离 = (值 - 19个城市群中位数) / |值 - 中位数| 的中位数",
)
_FORMULAS = (
    "T_s(x, m) = min { max(arrival, m - s) - departure : journeys from x that arrive by m }",
    "from the city: T_s(x, m) = min { arrival - min(departure, m + s) : journeys to x that depart at m or later }",
    "turn up and go: T(x, t) = A(x, t) - t, t a random departure minute",
    "percentile p of n minutes: sorted value number max(0, ceil(p n / 100) - 1), unreached last",
    "inside: percentile of T_s <= cutoff     total = by_rail or local     added_by_rail = total - local",
    "gained = after and not before     lost = before and not after, cell by cell",
    "deviation = (value - median of the 19) / median of |value - median|",
)


def limits(study: Study) -> Iterator[Block]:
    """Yield what the numbers do not say."""
    network = study.network
    own = [Words(*pair) for pair in (network.limits or GENERAL_LIMITS)]
    if study.run.streets is not None:
        own = [words for words in own if words.en != "access on straight lines"]
    yield Heading(Words("局限", "Limits"))
    yield Items((*own, *(words for words in _NOT_COUNTED if study.plans is not None or words is not _NOT_COUNTED[-1])))
    beyond = {city_name(c.city): c.summary["outside_boundaries_km2"] for c in study.circles}
    outside = [(name, km2) for name, km2 in beyond.items() if km2]
    if outside:
        yield Paragraph(
            Words(
                "可达而在已知边界之外(海域、境外)、未计入的面积："
                + "、".join(f"{w.zh} {v:,.0f} km²" for w, v in outside)
                + "。",
                "Within reach but beyond the known boundaries (sea, abroad) and not counted: "
                + ", ".join(f"{w.en} {v:,.0f} km²" for w, v in outside)
                + ".",
            )
        )


def method(study: Study) -> Iterator[Block]:
    """Yield how the numbers are computed."""
    first = study.first
    yield Heading(Words("方法与公式", "Method and formulas"))
    size = first.assumptions.cell_size_m
    yield Paragraph(
        Words(
            "对每座车站求时段内所有帕累托最优行程(出发、到达)，即“阶梯”；每一分钟的出行时间、百分位、圈与表均由"
            "阶梯得出。"
            f"格网为{size:g}米等积投影，人口与面积按格心在内的格求和，从不按多边形求和。",
            "For each station all Pareto-optimal journeys (departure, arrival) of the window are found, its "
            "profile; travel "
            "times minute by minute, percentiles, circles and tables are views of it. Cells are "
            f"{size:g} m wide in an equal-area projection; people and areas are sums over cells whose centre is "
            "inside, never "
            "over polygons.",
        )
    )
    yield Code(Words("\n".join(_FORMULAS_ZH), "\n".join(_FORMULAS)))
    yield Paragraph(
        Words(
            "T_s：最多早到s而不计的出行时间；m：到达期限(分钟)。x：地点。",
            "T_s: travel time with up to s of being early not counted; m: deadline, a minute of the window; x: place.",
        ),
        soft=True,
    )
    rows = tuple(_assumptions(study))
    if rows:
        yield Table(
            Words("假设及其来源", "Assumptions and their sources"),
            (Words("项", "item"), Words("取值", "value"), Words("来源", "source")),
            rows,
            right=3,
        )


_ITEMS = {
    "station_times": Words("站内时间", "station times"),
    "modes": Words("方式", "mode"),
    "car": Words("小汽车", "car"),
    "hub": Words("枢纽", "hub"),
    "large": Words("大站", "large"),
    "medium": Words("中站", "medium"),
    "small": Words("小站", "small"),
    "halt": Words("乘降所", "halt"),
    "metro": Words("地铁站", "metro"),
    "border": Words("口岸站", "border"),
    "feeder:bus": Words("公交接驳", "feeder by bus"),
    "feeder:metro": Words("地铁接驳", "feeder by metro"),
    "feeder:metro-small": Words("小地铁网接驳", "feeder by a small metro"),
    "drive": Words("出租车", "taxi"),
    "free-flow": Words("畅通", "free flow"),
    "peak": Words("高峰", "peak"),
    "entry_min": Words("进站分钟", "entry, min"),
    "exit_min": Words("出站分钟", "exit, min"),
    "change_min": Words("换乘分钟", "change, min"),
    "speed_kmh": Words("速度km/h", "speed, km/h"),
    "detour": Words("绕行系数", "detour factor"),
    "overhead_min": Words("另加分钟", "overhead, min"),
    "cap_min": Words("上限分钟", "at most, min"),
    "streets": Words("可走街道", "streets open to"),
    "street_factor": Words("占街道自由流速度", "share of the streets' free speed"),
    "urban_km": Words("目的地周边km", "km around the end"),
    "urban_speed_kmh": Words("周边速度km/h", "speed there, km/h"),
}


def _item(key: str) -> Words:
    return _ITEMS.get(key) or n.words(MODES.get(key, (key.replace("_", " "),) * 2))


def _assumptions(study: Study) -> list[tuple[Words, Words, str]]:
    """Return one row a station class, mode or car: its values in a row, and where they are from."""
    found: dict[tuple[str, str, str], list[Words]] = {}
    for row in assumption_rows(study.network.assumptions):
        table, _, rest = row["what"].partition(".")
        name, _, key = rest.rpartition(".")
        if table != "uncertainty" and row["value"] not in ("", None):  # draws are of drawn days alone
            item = _item(key)
            found.setdefault((table, name, f"{row['source']} ({row['status']})"), []).append(
                Words(f"{item.zh} {row['value']}", f"{item.en} {row['value']}")
            )
    return [
        (
            Words(f"{_item(table).zh} {_item(name).zh}", f"{_item(table).en} {_item(name).en}"),
            Words("；".join(v.zh for v in values), "; ".join(v.en for v in values)),
            source,
        )
        for (table, name, source), values in found.items()
    ]


def appendix(study: Study, command: str, parameters: Mapping[str, Any]) -> Iterator[Block]:
    """Yield what a rerun needs: command, parameters, versions, checksums, hashes of definitions."""
    network = study.network
    yield Heading(Words("附录：如何重现", "Appendix: how to reproduce this"))
    yield Code(f"{command} -o out")
    yield Paragraph(
        Words(
            "同一版本、同一输入、同一参数得到逐字节相同的文件；`railshed verify run.json` 重新计算并逐一核对。",
            "The same version, input and parameters give the same bytes; `railshed verify run.json` computes "
            "everything again "
            "and compares figure by figure.",
        )
    )
    versions = [f"railshed {__version__}", f"results version {RESULTS_VERSION}", f"network {network.network_id}"]
    hashes = [(city_name(c.city), c.summary["definition_hash"]) for c in study.circles]
    yield Table(
        Words("版本与定义", "Versions and definitions"),
        (Words("项", "item"), Words("值", "value")),
        (
            (Words("版本", "versions"), "; ".join(versions)),
            *((Words(f"definition_hash {name.zh}", f"definition_hash {name.en}"), value) for name, value in hashes),
        ),
        right=2,
    )
    given = tuple((key, _text(value)) for key, value in parameters.items() if value not in (None, [], "", False))
    yield Table(
        Words("参数(其余为默认)", "Parameters (all others are the defaults)"),
        (Words("参数", "parameter"), Words("值", "value")),
        given,
        right=2,
    )
    sums = [(name, value) for name, value in network.checksums.items()]
    if study.run.opportunities is not None:
        sums += list(study.run.opportunities.checksums.items())
    for plan in () if study.plans is None else study.plans.alone:
        sums += [(str(row["file"]), str(row["sha256"])) for row in plan.to_dict()["files"]]
    yield Table(Words("校验和", "Checksums"), (Words("文件", "file"), "SHA-256"), tuple(dict.fromkeys(sums)), right=2)
    if network.notes:
        parted = (note.removeprefix("network.toml ").partition(": ") for note in network.notes)
        yield Table(
            Words("编制数据时剔除、修补或估计的内容", "What was dropped, mended or estimated when the data was made"),
            (Words("项", "item"), Words("内容", "what")),
            tuple((_spaced(name), value.strip("[]").removesuffix(".0") or "-") for name, _, value in parted),
            right=2,
        )


def _spaced(key: str) -> str:
    """Return a key as words, which lines can part: "kept.trains_by_letter.G" as "kept: trains by letter: G"."""
    return key.replace("_", " ").replace(".", ": ")


def _text(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
