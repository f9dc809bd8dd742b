"""The first chapters of a report: the question, what stands out, what every number means, the data and its defects."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from railshed.circles.definitions import KINDS, OUTSIDE, PARTS, describe_cars, describe_reading, describe_split
from railshed.report import findings
from railshed.tables.blocks import Block, Heading, Items, Paragraph, Table
from railshed.util import number_format as n
from railshed.util.bilingual import Words

if TYPE_CHECKING:
    from railshed.api.study import Study
    from railshed.util.errors import Issue

_ISSUES_SHOWN = 25
_SEVERITIES = {"error": Words("错误", "error"), "warning": Words("警告", "warning")}
_DIRECTION_QUESTION = {
    "to": Words("早高峰进城", "to the city in its morning window"),
    "from": Words("晚高峰出城", "from the city in its evening window"),
    "both": Words("早进晚出均可", "to the city in the morning and home in the evening"),
}


def question(study: Study) -> Iterator[Block]:
    """Yield what the report answers."""
    name, first = findings.name_of(study), study.first
    way, cutoff = _DIRECTION_QUESTION[first.direction], first.headline_cutoff
    cities = Words(
        "、".join(c.city.name for c in study.circles), ", ".join(c.city.name_en or c.city.name for c in study.circles)
    )
    yield Heading(Words("问题", "The question"))
    yield Paragraph(
        Words(
            f"{name.zh}：{way.zh}，铁路把哪些土地、人口和城镇带进{cities.zh}的{cutoff}分钟？这个数字取决于哪些假设？",
            f"{name.en}: {way.en}, which land, people and towns does rail bring within {cutoff} minutes of "
            f"{cities.en}, and "
            "on which assumptions does that number hang?",
        )
    )
    if study.plans is not None:
        titles = [plan.titles for plan in study.plans.every]
        yield Paragraph(
            Words(
                f"规划方案改变什么，谁得益、谁受损？方案：{'；'.join(zh for zh, _ in titles)}。",
                f"What does the plan change, who gains and who loses? Plan: {'; '.join(en for _, en in titles)}.",
            )
        )


def answers(study: Study) -> Iterator[Block]:
    """Yield the headline of each city, what is unlike the other agglomerations and what the plan comes to."""
    yield Heading(Words("要点", "What the numbers say"))
    yield Items(tuple(findings.headline(circle) for circle in study.circles))
    if study.union is not None:
        row = study.union["by_rail"]
        people, km2 = n.people(row["people_outside_city"]), n.area(row["area_km2_outside_city"])
        yield Paragraph(
            Words(
                f"各城市圈的并集(每处只计一次，中心城区外，铁路可达)：人口{people.zh}，面积{km2} km²。",
                f"The circles united, each place once, outside the city proper, by rail: {people.en} people, "
                f"{km2} km².",
            )
        )
    yield from _unlike(study)
    for plan, mine in _whole_changes(study):
        yield Heading(Words(f"方案：{plan[0]}", f"The plan: {plan[1]}"), 2)
        yield Items(tuple(findings.changes(mine)[:4]))


def _whole_changes(study: Study) -> list[tuple[tuple[str, str], Any]]:
    """Return by plan what it changes of the region, or of the first city."""
    wholes: Sequence[Any] = study.unions or [mine[0] for mine in study.comparisons]
    return [(found.titles, found) for found in wholes]


def _unlike(study: Study) -> Iterator[Block]:
    sentences = findings.unlike_the_others(study)
    if study.deviations is None:
        yield Paragraph(
            Words(
                "不与19个城市群的中位数比较：该表只适用于随附的中国网络、默认口径、默认假设与默认日期；以下只把"
                "各口径相互比较。",
                "Nothing is compared with the median of the 19 agglomerations: that table is of the shipped "
                "network of China "
                "under the default readings, assumptions and date. What follows compares the readings with each other.",
            ),
            soft=True,
        )
        pairs = [(findings.readings_apart(circle), findings.costliest_step(circle)) for circle in study.circles]
        apart = [sentence for pair in pairs for sentence in pair if sentence is not None]
        if apart:
            yield Items(tuple(apart))
        return
    yield Heading(Words("与19个城市群中位数相比偏离最大处", "Where it lies farthest from the median of the 19"), 2)
    if sentences:
        yield Items(tuple(sentences))
    else:
        yield Paragraph(
            Words("各项指标均与其他城市群相同。", "Every measure that is known is that of another agglomeration too.")
        )
    lines = bool(study.network.lines_included)
    yield Paragraph(
        Words(
            f"中位数取自随附的 agglomerations.csv：各城市群核心城市的圈，{study.network.date}时刻，门到站，进城"
            "，60分钟，"
            f"{'含' if lines else '不含'}按间隔运行的通勤线；离散程度为绝对中位差。",
            f"Medians of the shipped agglomerations.csv: the circles of each agglomeration's core cities, timetable of "
            f"{study.network.date}, door to station, to the city, 60 min, {'with' if lines else 'without'} the "
            "lines known by "
            "headway only; the spread is the median absolute deviation.",
        ),
        soft=True,
    )


def definitions(study: Study) -> Iterator[Block]:
    """Yield what every number means, in words."""
    first = study.first
    yield Heading(Words("每个数字的定义", "What every number means"))
    rows = []
    for name, reading in first.readings.items():
        if name not in first.wanted:
            continue
        zh, en = (
            describe_reading(
                reading, first.city, first.assumptions, first.direction, lang, streets=study.run.streets is not None
            )
            for lang in ("zh", "en")
        )
        cutoffs = ", ".join(map(str, first.wanted[name]))
        rows.append((Words(reading.label_zh, name), Words("；".join(zh[1:]), "; ".join(en[1:])), cutoffs))
    yield Table(
        Words("测算口径(窗口为首座城市的)", "Readings (windows are those of the first city)"),
        (Words("口径", "reading"), Words("含义", "what counts"), Words("分钟", "min")),
        tuple(rows),
        right=3,
    )
    words = [Words(f"{zh}：{KIND_MEANS[key].zh}", f"{en}: {KIND_MEANS[key].en}") for key, (zh, en) in KINDS.items()]
    yield Items(
        (
            *words,
            *GENERAL[0 if first.has_city_proper else 1 :],
            *(n.words(w) for w in describe_cars(first.assumptions, study.run.streets is not None).values()),
        )
    )
    split = [
        Words(zh, en)
        for zh, en in zip(
            *(
                describe_split(
                    [first.surface.reading],
                    ["to"] if first.direction == "to" else ["from"],
                    lang,
                    both=first.direction == "both",
                    outside=first.has_city_proper,
                )
                for lang in ("zh", "en")
            ),
            strict=True,
        )
    ]
    yield Paragraph(
        Words(
            "时间构成：" + "；".join(w.zh for w in split) + "。",
            "Parts of the minutes: " + "; ".join(w.en for w in split) + ".",
        ),
        soft=True,
    )


#: what each kind of a table's rows counts
KIND_MEANS = {
    "total": Words("铁路或不乘铁路，任一在阈值内", "by rail or without a ride, either within the cutoff"),
    "by_rail": Words("至少乘一次车，铁路本身在阈值内", "with at least one ride, rail itself within the cutoff"),
    "local": Words("不乘铁路即在阈值内", "within the cutoff without a ride"),
    "added_by_rail": Words("合计减去本地可达", "total less local"),
}
#: what every table of circles means by its words, the city proper first
GENERAL = (
    Words(
        f"{PARTS['city_proper'][0]}：含中心城区客站或主中心(或距其100米以内)的区，及与之相邻、每平方公里3000人以上的区；"
        f"“{OUTSIDE[0]}”不计其内。",
        f"{PARTS['city_proper'][1]}: the districts that hold a core station or the main centre (or begin within "
        "100 m of one), and districts beside one "
        f"with 3,000 people per km²; '{OUTSIDE[1]}' leaves it out.",
    ),
    Words(
        "在圈内：时段内各分钟出行时间的百分位不超过阈值(含)。区县“在内”：至少半数普查人口在圈内；“触及”：多于零。",
        "Inside: the percentile of the travel times of the window's minutes is at most the cutoff, inclusive. "
        "A county is "
        "inside where at least half of its census people are, touched where any are.",
    ),
    Words(
        "严格：同一口径取第75百分位。区间：站内时间±5分钟、提前容许30/60分钟、接入方式(步行/基准/加出租车)的最"
        "低与最高。",
        "Strict: the same reading at percentile 75. Range: least and most over station time of 5 min more or "
        "less, slack of "
        "30 or 60 min, access on foot, as given, or with a taxi.",
    ),
)


def data(study: Study) -> Iterator[Block]:
    """Yield what the numbers are made from, of which date, under which licence; then what was found wrong with it."""
    network, case = study.network, study.first.ground.case
    yield Heading(Words("数据及其时效", "The data and its age"))
    yield Paragraph(
        Words(
            f"{network.title}；运行日{case.compiled.date}；车站{network.n_stations:,}座，车次{network.n_trips:,}列。"
            + (f"人口：{study.first.ground.people_label}。" if study.counted else "人口：无数据。"),
            f"{network.title_en or network.title}; service day {case.compiled.date}; {network.n_stations:,} stations, "
            f"{network.n_trips:,} trips. "
            + (f"People: {study.first.ground.people_label}." if study.counted else "People: no data."),
        )
    )
    yield Paragraph(
        Words(
            "各来源的日期如下；结论只适用于这些日期。报告不写生成日期，同样的输入得到同样的文件。",
            "Each source has its own date, below; what is said holds for these dates. The report bears no date "
            "of its making, "
            "so that the same input gives the same file.",
        ),
        soft=True,
    )
    if network.sources:
        rows = tuple(
            (s.get("title", ""), str(s.get("date", "")) or "-", s.get("licence", "") or "-") for s in network.sources
        )
        yield Table(
            Words("来源", "Sources"),
            (Words("来源", "source"), Words("日期", "date"), Words("许可", "licence")),
            rows,
            right=3,
        )
    lines = [n.parted(line) for line in study.first.summary["lines_by_headway"]]
    if lines:
        yield Paragraph(
            Words(
                f"含按间隔运行的通勤线：{'、'.join(line.zh for line in lines)}。",
                f"With lines known by headway only: {', '.join(line.en for line in lines)}.",
            )
        )
    yield from _quality(study)


def _quality(study: Study) -> Iterator[Block]:
    yield Heading(Words("数据质量检查", "What checks of the data found"), 2)
    grouped: dict[tuple[str, str], list[Issue]] = {}
    for issue in study.issues:
        grouped.setdefault((issue.severity, issue.code), []).append(issue)
    if not grouped:
        yield Paragraph(Words("检查未发现问题。", "The checks found nothing."))
    rows = [
        (_SEVERITIES.get(severity, severity), code, f"{len(mine):,}", _first(mine))
        for (severity, code), mine in sorted(grouped.items(), key=lambda pair: (pair[0][0], -len(pair[1]), pair[0][1]))
    ]
    if rows:
        yield Table(
            Words("检查项(railshed check 逐条列出)", "Findings by kind (railshed check lists each)"),
            (Words("级别", "severity"), Words("代码", "code"), Words("条数", "number"), Words("第一条", "the first")),
            tuple(rows[:_ISSUES_SHOWN]),
            right=4,
        )
    n_notes = len(study.network.notes)
    if n_notes:
        yield Paragraph(
            Words(
                f"编制数据时剔除、修补或估计的内容共{n_notes}条，见附录。",
                f"What was dropped, mended or estimated when the data was made: {n_notes} notes, in the appendix.",
            )
        )


def _first(issues: Sequence[Issue]) -> str:
    issue = issues[0]
    where = " ".join(part for part in (issue.file, "" if issue.row is None else f"row {issue.row}") if part)
    return f"{where + ': ' if where else ''}{issue.message}"
