"""What modifications did and what was assumed, in Chinese: sentences of fixed form, figures and names as they stand.

The sentences are made in English where they arise. What has no fixed form here (the sources of figures, say) stays
English.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

_NUMBER = r"[\d,.]+"
_ADDS = rf"adds (?P<line>.+): (?P<way>.+), (?P<n>\d+) stations, (?P<km>{_NUMBER}) km straight"
_EACH = rf"(?P<min>{_NUMBER}) min, (?P<trips>\d+) trips a day"
_LINE = rf"line (?P<kmh>{_NUMBER}) km/h, (?P<stock>.+)"
_RUNS = rf": runs at up to (?P<top>{_NUMBER}) km/h"
_NEAR = r"\(nearest core station or main centre\), calls at no core station of it and meets no other train .+"
#: English sentence and the Chinese one, with the groups of the former
_SENTENCES: tuple[tuple[str, str], ...] = (
    (rf"{_ADDS} \((?P<track>{_NUMBER}) km of new track\), {_EACH}",
     "新增{line}：{way}，{n}站，直线{km} km(新线{track} km)，{min}分钟，每日{trips}列"),
    (rf"{_ADDS}, {_EACH}", "新增{line}：{way}，{n}站，直线{km} km，{min}分钟，每日{trips}列"),
    (r"takes (?P<n>\d+) of (?P<all>\d+) trips away for (?P<line>.+?): (?P<ids>.+?) and (?P<more>\d+) more",
     "为{line}从{all}列中移走{n}列：{ids}等，另有{more}列"),
    (r"takes (?P<n>\d+) of (?P<all>\d+) trips away for (?P<line>.+?): (?P<ids>.*)",
     "为{line}从{all}列中移走{n}列：{ids}"),
    (r"takes (?P<n>\d+) trips away", "取消{n}列"),
    (r"(?P<n>\d+) of (?P<all>\d+) trips run the other way; their last arrivals move by (?P<by>[-+]?[\d.]+) min",
     "{all}列中{n}列改走另一径路，终到时刻平均变化{by}分钟"),
    (r"(?P<n>\d+) of (?P<all>\d+) trips, (?P<runs>\d+) runs: speed x (?P<by>\S+), on average (?P<min>[\d.]+) min less",
     "{all}列中{n}列、{runs}个区间：速度×{by}，平均少{min}分钟"),
    (r"(?P<n>\d+) of (?P<all>\d+) trips, (?P<runs>\d+) runs: speed x (?P<by>\S+), on average (?P<min>[\d.]+) min more",
     "{all}列中{n}列、{runs}个区间：速度×{by}，平均多{min}分钟"),
    (r"(?P<n>\d+) of (?P<all>\d+) trips: dwell changed at (?P<calls>\d+) calls",
     "{all}列中{n}列：{calls}次停站时间改变"),
    (r"(?P<n>\d+) trips pass (?P<names>.+); (?P<gone>\d+) of them have one call left and are taken away",
     "{n}列不停{names}；其中{gone}列只剩一站，取消"),
    (r"(?P<n>\d+) trips pass (?P<names>.+)", "{n}列不停{names}"),
    (r"(?P<a>.+) - (?P<b>.+): (?P<min>[\d.]+) min on foot", "{a} - {b}：步行{min}分钟"),
    (r"(?P<a>.+) to (?P<b>.+): (?P<min>[\d.]+) min on foot", "{a}至{b}：步行{min}分钟"),
    (r"transfer (?P<a>.+) - (?P<b>.+): (?P<min>[\d.]+) min, more than the (?P<was>[\d.]+) listed before",
     "换乘{a} - {b}：{min}分钟，多于原列{was}分钟"),
    (r"(?P<names>.+): core stations of (?P<city>.+) already", "{names}：已是{city}的中心城区客站"),
    (r"(?P<names>.+): core stations of (?P<city>.+)", "{names}：成为{city}的中心城区客站"),
    (r"(?P<n>\d+) trips are added, (?P<gone>\d+) could be diverted", "新增{n}列，可移走{gone}列"),
    (r"(?P<there>.+) \((?P<id>[^()]+)\) stands there and is taken as it is", "该处已有{there}({id})，照用"),
    (r"dwell_minutes not given, (?P<min>[\d.]+) minute assumed", "未给dwell_minutes，取{min}分钟"),
    (rf"{_LINE}, taken as the usual one for that speed{_RUNS}",
     "线路{kmh} km/h，{stock}(该速度的常用车型)：最高运行{top} km/h"),
    (rf"{_LINE}{_RUNS}", "线路{kmh} km/h，{stock}：最高运行{top} km/h"),
    (r"acceleration and braking: (?P<rest>.+)", "加减速：{rest}"),
    (rf"run like a railway, since stations are (?P<km>{_NUMBER}) km apart on average; .+",
     "按铁路方式运行，因平均站间距{km} km；若按地铁方式运行，请指定此类车型(suburban-160)"),
    (rf"run like a metro, since stations are (?P<km>{_NUMBER}) km apart on average \(under (?P<least>[\d.]+) km\); .+",
     "按地铁方式运行，因平均站间距{km} km(小于{least} km)；若按铁路方式运行，请指定此类车型(CRH6F)"),
    (r"length of each hop as given", "各区间里程按所给"),
    (rf"length (?P<km>{_NUMBER}) km as given, shared out by straight distance", "里程{km} km按所给，按直线距离分摊"),
    (r"length: straight distance x (?P<by>[\d.]+) \((?P<source>.+)\)", "里程：直线距离×{by}({source})"),
    (r"recovery margin (?P<share>\S+) % and (?P<loss>\S+) s for each hop, class (?P<kind>\S+) \((?P<source>.+)\)",
     "冗余时间{share}%，每区间另加{loss}秒，类别{kind}({source})"),
    (r"dwell as given", "停站时间按所给"),
    (r"dwell (?P<dwell>\S+) s \((?P<source>.+)\)", "停站{dwell}秒({source})"),
    (r"no speed limit below the top speed is known: curves and stations passed at full speed",
     "未知低于最高速度的限速：弯道与通过站均按全速"),
    (r"how wrong: not known: (?P<rest>.+)", "误差：未知：{rest}"),
    (r"how wrong: (?P<rest>.+)", "误差：{rest}"),
    (rf"(?P<line>.+) ends at (?P<station>.+), (?P<km>{_NUMBER}) km from (?P<city>.+) {_NEAR}",
     "{line}止于{station}，距{city}{km} km，不停其中心城区客站，亦不接通往该处的列车：不加add-core-station则不计入"),
)  # fmt: skip
_PARTS = {"entry": "进站", "exit": "出站", "change": "换乘", "class": "车站等级", "feeder": "接驳"}
_PART = r"(?:(?:entry|exit|change) [\d.]+ min|(?:class|feeder) [\w-]+)"
_LIKE = r"\d+(?: trips)? like [^,]+?(?: \(\d+ stops\))?"


def _station_times(found: re.Match[str]) -> str:
    what = re.sub(r"(\w+) ([\d.]+) min", lambda m: f"{_PARTS[m[1]]}{m[2]}分钟", found["what"])
    what = re.sub(r"(class|feeder) ([\w-]+)", lambda m: f"{_PARTS[m[1]]}{m[2]}", what)
    return f"{found['names']}：{what.replace(', ', '，')}"


def _frequency(found: re.Match[str]) -> str:
    like = re.sub(r"(\d+)(?: trips)? like ", r"\1列同", found["like"])
    like = re.sub(r" \((\d+) stops\)", r"(\1站)", like).replace(", ", "，")
    back = "(反向)" if found["back"] else ""
    few = f"；另{found['few']}种停站方案份额过小" if found["few"] else ""
    return f"{found['way']}{back}：{like}，替代{found['n']}列{few}"


def _plain(chinese: str) -> Callable[[re.Match[str]], str]:
    return lambda found: chinese.format(**found.groupdict())


_RULES: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], str]], ...] = (
    *((re.compile(english), _plain(chinese)) for english, chinese in _SENTENCES),
    (re.compile(rf"(?P<names>.+): (?P<what>{_PART}(?:, {_PART})*)"), _station_times),
    (re.compile(rf"(?P<way>.+? - .+?)(?P<back>, the other way round)?: (?P<like>{_LIKE}(?:, {_LIKE})*) in place of "
                r"(?P<n>\d+)(?:; (?P<few>\d+) stop patterns with too small a share)?"), _frequency),
)  # fmt: skip


def plan_words(text: str, lang: str) -> str:
    """Return a sentence about a plan in the language, English where it has no fixed form; "NAME: " before it stays."""
    if lang != "zh":
        return text
    head, colon, rest = text.partition(": ")
    for before, sentence in (("", text), (f"{head}：", rest if colon else "")):
        for english, chinese in _RULES:
            found = english.fullmatch(sentence)
            if found is not None:
                return f"{before}{chinese(found)}"
    return text


def all_plan_words(texts: Iterable[str], lang: str) -> list[str]:
    """Return `plan_words` of each."""
    return [plan_words(text, lang) for text in texts]
