"""Bar charts: a tornado plot of what each change does to a figure, and what each line of a portfolio earns."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from railshed.maps import fonts, words
from railshed.maps.palette import INK, SOFT
from railshed.maps.save import MapFigure, settings
from railshed.util import bilingual
from railshed.util.bilingual import Words, fill
from railshed.util.sums import plain_sum

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MORE, LESS = "#2b7bba", "#e07b39"
#: inches: a bar, around the bars of a panel and above them, the head and the foot of the sheet, its width
_BAR, _AROUND, _ABOVE, _HEAD, _FOOT, WIDE = 0.42, 0.75, 0.28, 1.15, 0.5, 11.0
#: points: a label and its second language, their line height; so large that they can be read on a page of A4
_FIRST, _SECOND, _LINE = 8.6, 7.8, 1.22


@dataclass(frozen=True, slots=True)
class Bar:
    """One change: label, difference from the central value, minutes saved, and who comes within 90 minutes."""

    zh: str
    en: str
    change: float
    value: float
    gain: float


@dataclass(frozen=True, slots=True)
class TornadoPanel:
    """Bars that share a scale, and their heading."""

    words: Words
    bars: tuple[Bar, ...]


def draw_tornado(
    panels: Sequence[TornadoPanel], central: float, gain: float, *, title: Words, definition: str, lang: str,
    people: bool = True,
) -> Figure:  # fmt: skip
    """Return the plot as a matplotlib Figure: bars from the minutes that the plan saves, each with its own.

    Under it who comes within 90 minutes. Each panel has a scale of its own, its largest bar on top.
    """
    shown = [panel for panel in panels if panel.bars]
    number, signed = (partial(_printed, form) for form in _forms(people=people))
    texts = [[form(value, code) for code in ("zh", "en")] for form, value in ((signed, central), (number, gain))]
    with settings():
        most = max(plain_sum(size for _, size, _ in _label_rows(bar, lang)) for panel in shown for bar in panel.bars)
        pitch = max(_BAR, (most * _LINE + 5) / 72)
        tall = _HEAD + _FOOT + plain_sum(_AROUND + pitch * len(panel.bars) for panel in shown)
        figure = MapFigure(figsize=(WIDE, tall), dpi=200, facecolor="white")
        code = "en" if lang == "en" else "zh"
        top = tall - _HEAD
        for panel in shown:
            height = pitch * len(panel.bars)
            axes = figure.add_axes((0.40, (top - _ABOVE - height) / tall, 0.42, height / tall))
            _draw_panel(axes, panel, lang, signed, number, code, pitch)
            _ticks(axes, 0.0, lambda value: signed(value, code), _SECOND, zero=central)
            text = "  ".join(bilingual.say(panel.words, lang))
            figure.text(
                0.02, (top - 0.12) / tall, text, fontproperties=fonts.font(9, bold=True), color=INK, va="center"
            )
            top -= _AROUND + height
        (zh, en), (gain_zh, gain_en) = texts
        summary = Words(
            f"规划方案节省 {zh}，90分钟圈净增 {gain_zh}；一次只变一项",
            f"the plan as written saves {en}, {gain_en} come within 90 min; one change at a time",
        )
        _write_texts(figure, tall, title, summary, definition, lang)
    return figure


def _forms(*, people: bool) -> tuple[Callable[[float], Words], Callable[[float], Words]]:
    """Return the formats of people (km²) and of their minutes."""
    form = words.people if people else words.area
    return form, lambda value: fill(Words("{}·分钟", "{} minutes"), form(value))


def _draw_panel(axes: Any, panel: TornadoPanel, lang: str, say: Any, number: Any, code: str, pitch: float) -> None:
    ordered = sorted(panel.bars, key=lambda bar: (abs(bar.change), bar.en))
    for k, bar in enumerate(ordered):
        axes.barh(k, bar.change, height=0.62, color=MORE if bar.change >= 0 else LESS, zorder=2)
    most = max((abs(bar.change) for bar in ordered), default=1.0) or 1.0
    axes.set_xlim(-1.08 * most, 1.08 * most)
    _frame(axes, len(ordered))
    for k, bar in enumerate(ordered):
        _label(axes, bar, k, lang, pitch)
        _put(axes, 1.02, k + 0.16, f"{say(bar.value, code)}  ({_signed(bar.change, say, code)})", _FIRST, INK)
        own = number(bar.gain, code)
        _put(axes, 1.02, k - 0.24, f"within 90 min {own}" if lang == "en" else f"90分钟圈净增 {own}", _SECOND, SOFT)


def _frame(axes: Any, n: int) -> None:
    """Draw the line at zero and the grid around `n` bars."""
    axes.set_ylim(-0.6, max(0, n - 1) + 0.6)
    axes.axvline(0, color=INK, linewidth=1.0, zorder=3)
    axes.set_yticks([])
    axes.grid(axis="x", color="#d9dde0", linewidth=0.6, zorder=0)
    for side in ("left", "right", "top"):
        axes.spines[side].set_visible(False)


def _label(axes: Any, bar: Bar, k: int, lang: str, pitch: float) -> None:
    rows = _label_rows(bar, lang)
    up = plain_sum(size for _, size, _ in rows) * _LINE / 2
    for line, size, colour in rows:
        up -= size * _LINE / 2
        _put(axes, -0.02, k + up / (72 * pitch), line, size, colour, ha="right")
        up -= size * _LINE / 2


def _label_rows(bar: Bar, lang: str) -> list[tuple[str, float, str]]:
    """Return the lines of a bar's label, the second language smaller and softer."""
    return [
        (line, size, colour)
        for text, size, colour in zip(
            bilingual.say(Words(bar.zh, bar.en), lang), (_FIRST, _SECOND), (INK, SOFT), strict=False
        )
        for line in _balanced(text, size, 0.36 * WIDE * 72)
    ]


def _balanced(text: str, size: float, width: float) -> list[str]:
    """Return a text as lines of at most `width` points, as few as can be and about as long as each other."""
    lines = fonts.wrap(text, size, width)
    if len(lines) == 1:
        return lines
    even = [w for w in (width * share / 10 for share in range(5, 10)) if len(fonts.wrap(text, size, w)) == len(lines)]
    return fonts.wrap(text, size, even[0]) if even else lines


def _put(axes: Any, x: float, y: float, text: str, size: float, colour: str, *, ha: str = "left") -> None:
    """Write a text at a share of the axes' width and a height in data."""
    axes.text(
        x, y, text, transform=axes.get_yaxis_transform(), fontproperties=fonts.font(size), color=colour, ha=ha,
        va="center", parse_math=False,
    )  # fmt: skip


def _ticks(axes: Any, low: float, say: Callable[[float], str], size: float, *, zero: float = 0.0) -> None:
    """Print round values from `low` on along the axis, whose zero stands for the value `zero`."""
    from matplotlib.ticker import MaxNLocator

    left, right = (zero + edge for edge in axes.get_xlim())
    values = [float(v) for v in MaxNLocator(5).tick_values(left, right) if max(left, low) <= v <= right]
    axes.set_xticks([v - zero for v in values], [say(v) for v in values])
    for label in axes.get_xticklabels():
        label.set_fontproperties(fonts.font(size))


def _write_texts(figure: Any, tall: float, title: Words, summary: Words, definition: str, lang: str) -> None:
    """Write the title and what the plot shows above it, the definition below."""
    lines: list[tuple[str, float, str]] = []
    for nth, text in enumerate(bilingual.say(title, lang)):
        lines.append((text, 13.0 if nth == 0 else 9.0, INK if nth == 0 else SOFT))
    lines += [(text, 8.0, SOFT) for text in bilingual.say(summary, lang)]
    y = 1 - 0.26 / tall
    for text, size, colour in lines:
        while size > 6 and fonts.text_width(text, size) > 0.96 * WIDE * 72:
            size -= 0.25
        figure.text(0.02, y, text, fontproperties=fonts.font(size), color=colour, va="center", parse_math=False)
        y -= (size * 1.55 / 72) / tall
    for nth, line in enumerate(fonts.wrap(definition, _SECOND, 0.96 * WIDE * 72)[:3]):
        figure.text(
            0.02, (0.42 - 0.14 * nth) / tall, line, fontproperties=fonts.font(_SECOND), color=SOFT, parse_math=False
        )


def _printed(figure: Callable[[float], Words], value: float, code: str) -> str:
    """Return a number of people or an area as printed, less than none too."""
    return bilingual.say(words.signed(figure(abs(value)), "−" if value < 0 else ""), code)[0]


def _signed(value: float, say: Any, code: str) -> str:
    return ("+" if value > 0 else "") + str(say(value, code))


#: inches, of the chart of shares: a bar, above the bars, below them
_SHARE_BAR, _SHARE_HEAD, _SHARE_FOOT = 0.46, 1.2, 1.0


@dataclass(frozen=True, slots=True)
class Share:
    """What one line earns: on average over all orders, the standard error of that (0: exact), alone and last in."""

    name: str
    shapley: float
    error: float
    alone: float
    last_in: float


def draw_shares(
    shares: Sequence[Share], *, title: Words, summary: Words, definition: str, lang: str, column: str = "people",
    minutes: bool = False,
) -> Figure:  # fmt: skip
    """Return the chart as a matplotlib Figure, the first share on top.

    `column` is what is counted: people, area, jobs; or `minutes` of them.
    """
    code = "en" if lang == "en" else "zh"
    say: Callable[[float, str], str] = {
        name: partial(_printed, _forms(people=name == "people")[minutes]) for name in ("people", "area")
    }.get(column, lambda value, _: f"{value:,.0f} {column}")
    with settings():
        tall = _SHARE_HEAD + _SHARE_FOOT + _SHARE_BAR * len(shares)
        figure = MapFigure(figsize=(WIDE, tall), dpi=200, facecolor="white")
        axes = figure.add_axes((0.27, _SHARE_FOOT / tall, 0.50, _SHARE_BAR * len(shares) / tall))
        for k, share in enumerate(reversed(shares)):
            _draw_share(axes, k, share, lang, say, code)
        _frame(axes, len(shares))
        _ticks(axes, -math.inf, lambda value: say(value, code), 7)
        sampled = any(share.error > 0 for share in shares)
        key = Words(
            f"柱：沙普利值{'；须：±1个标准误' if sampled else ''}；○ 单独；| 末位",
            f"bar: Shapley value{'; whisker: one standard error' if sampled else ''}; ○ alone; | last in",
        )
        both = Words(f"{summary.zh}；{key.zh}", f"{summary.en}; {key.en}")
        _write_texts(figure, tall, title, both, definition, lang)
    return figure


def _draw_share(axes: Any, k: int, share: Share, lang: str, say: Callable[[float, str], str], code: str) -> None:
    axes.barh(k, share.shapley, height=0.56, color=MORE if share.shapley >= 0 else LESS, zorder=2)
    if share.error > 0:
        axes.errorbar(share.shapley, k, xerr=share.error, color=INK, linewidth=1.0, capsize=3, zorder=4)
    axes.plot([share.alone], [k], "o", markersize=5, markerfacecolor="white", markeredgecolor=INK, zorder=5)
    axes.plot([share.last_in], [k], "|", markersize=10, markeredgewidth=1.6, color=INK, zorder=5)
    size = 8.5
    while size > 5 and fonts.text_width(share.name, size) > 0.24 * WIDE * 72:
        size -= 0.25
    _put(axes, -0.02, k, share.name, size, INK, ha="right")
    error = f" ± {say(share.error, code)}" if share.error > 0 else ""
    _put(axes, 1.02, k + 0.15, f"{say(share.shapley, code)}{error}", 7.5, INK)
    alone, last = say(share.alone, code), say(share.last_in, code)
    _put(
        axes,
        1.02,
        k - 0.22,
        f"alone {alone}, last in {last}" if lang == "en" else f"单独 {alone}，末位 {last}",
        6.2,
        SOFT,
    )
