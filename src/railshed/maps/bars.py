"""Charts: a tornado plot of what each change does to a figure, what each line earns, and how
reliable forecasts are.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from railshed.maps import fonts, words
from railshed.maps.palette import INK, SOFT
from railshed.maps.save import MapFigure, settings
from railshed.util import bilingual
from railshed.util.bilingual import EMPTY, Words, fill, joined
from railshed.util.phrases import MAP
from railshed.util.sums import plain_sum

MORE = "#2b7bba"
LESS = "#e07b39"
#: inches: a bar, around the bars of a panel and above them, the head and the foot of the sheet, its
#: width
_BAR = 0.42
_AROUND = 0.75
_ABOVE = 0.28
_HEAD = 1.15
_FOOT = 0.5
WIDE = 11.0
#: points: a label and its second language, their line height; so large that they can be read on a
#: page of A4
_FIRST = 8.6
_SECOND = 7.8
_LINE = 1.22


@dataclass(frozen=True, slots=True)
class Bar:
    """One change: label, difference from the central value, minutes saved, and who comes within 90
    minutes.
    """

    zh: str
    en: str
    change: float
    value: float
    gain: float


def draw_tornado(
    panels: Sequence[tuple[Words, Sequence[Bar]]],
    central: float,
    gain: float,
    *,
    title: Words,
    definition: Words,
    lang: str,
    people: bool = True,
) -> Figure:
    """Return the plot as a matplotlib Figure: bars from the minutes that the plan saves, each with
    its own.

    Under it who comes within 90 minutes. Each panel is a heading and bars on a scale of their own,
    the largest on top.
    """
    shown = [
        (heading, sorted(bars, key=lambda bar: (abs(bar.change), bar.en)))
        for heading, bars in panels
        if bars
    ]
    number, signed = (
        partial(_printed, "people" if people else "area", minutes) for minutes in (False, True)
    )
    code = "en" if lang == "en" else "zh"
    with settings():
        labels = {bar: _label_rows(bar, lang) for _, bars in shown for bar in bars}
        figures = {bar: _bar_figures(bar, signed, number, code) for bar in labels}
        pitch = max(
            _BAR,
            (max(plain_sum(size for _, size, _ in rows) for rows in labels.values()) * _LINE + 5)
            / 72,
        )
        tall = _HEAD + _FOOT + plain_sum(_AROUND + pitch * len(bars) for _, bars in shown)
        figure = MapFigure(figsize=(WIDE, tall), dpi=200, facecolor="white")
        top = tall - _HEAD
        wide = _width_beside(0.40, 0.42, figures.values())
        for heading, bars in shown:
            height = pitch * len(bars)
            axes = figure.add_axes((0.40, (top - _ABOVE - height) / tall, wide, height / tall))
            for k, bar in enumerate(bars):
                axes.barh(
                    k, bar.change, height=0.62, color=MORE if bar.change >= 0 else LESS, zorder=2
                )
                _label(axes, labels[bar], k, pitch)
                _beside(axes, k, figures[bar], (0.16, -0.24))
            most = 1.08 * (abs(bars[-1].change) or 1.0)
            axes.set_xlim(-most, most)
            _frame(axes, len(bars))
            _ticks(axes, 0.0, lambda value: signed(value, code), _SECOND, zero=central)
            style: dict[str, Any] = {
                "fontproperties": fonts.font(9, bold=True),
                "color": INK,
                "va": "center",
            }
            figure.text(0.02, (top - 0.12) / tall, "  ".join(bilingual.say(heading, lang)), **style)
            top -= _AROUND + height
        saved, gained = (
            Words(say(value, "zh"), say(value, "en"))
            for say, value in ((signed, central), (number, gain))
        )
        summary = fill(MAP["trade_offs_summary"], saved=saved, gained=gained)
        _write_texts(figure, tall, title, summary, definition, lang)
    return figure


def _bar_figures(bar: Bar, signed: Any, number: Any, code: str) -> list[tuple[str, float, str]]:
    """Return the two lines at the right of a bar: text, size and colour."""
    plus = "+" if bar.change > 0 else ""
    own = number(bar.gain, code)
    return [
        (f"{signed(bar.value, code)}  ({plus}{signed(bar.change, code)})", _FIRST, INK),
        (f"within 90 min {own}" if code == "en" else f"90分钟圈净增 {own}", _SECOND, SOFT),
    ]


def _width_beside(
    left: float, most: float, figures: Iterable[list[tuple[str, float, str]]]
) -> float:
    """Return the width of axes from `left` on, a share of the sheet, that leaves room for all lines
    at their right.
    """
    widest = max(fonts.text_width(text, size) for lines in figures for text, size, _ in lines)
    return min(most, (0.985 - left - widest / (72 * WIDE)) / 1.02)


def _beside(axes: Any, k: int, lines: list[tuple[str, float, str]], up: Sequence[float]) -> None:
    """Write lines at the right of the axes, so far above the middle of bar `k`."""
    for (text, size, colour), above in zip(lines, up, strict=True):
        _put(axes, 1.02, k + above, text, size, colour)


def _frame(axes: Any, n: int) -> None:
    """Draw the line at zero and the grid around `n` bars."""
    axes.set(ylim=(-0.6, max(0, n - 1) + 0.6), yticks=[])
    axes.axvline(0, color=INK, linewidth=1.0, zorder=3)
    axes.grid(axis="x", color="#d9dde0", linewidth=0.6, zorder=0)
    axes.spines[["left", "right", "top"]].set_visible(False)


def _label(axes: Any, rows: list[tuple[str, float, str]], k: int, pitch: float) -> None:
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
    """Return a text as lines of at most `width` points, as few as can be and about as long as each
    other.
    """
    lines = fonts.wrap(text, size, width)
    if len(lines) == 1:
        return lines
    even = [
        w
        for w in (width * share / 10 for share in range(5, 10))
        if len(fonts.wrap(text, size, w)) == len(lines)
    ]
    return fonts.wrap(text, size, even[0]) if even else lines


def _put(
    axes: Any, x: float, y: float, text: str, size: float, colour: str, *, ha: str = "left"
) -> None:
    """Write a text at a share of the axes' width and a height in data."""
    axes.text(
        x,
        y,
        text,
        transform=axes.get_yaxis_transform(),
        fontproperties=fonts.font(size),
        color=colour,
        ha=ha,
        va="center",
        parse_math=False,
    )


def _ticks(
    axes: Any, low: float, say: Callable[[float], str], size: float, *, zero: float = 0.0
) -> None:
    """Print round values from `low` on along the axis, whose zero stands for the value `zero`."""
    left, right = (zero + edge for edge in axes.get_xlim())
    values = [
        float(v) for v in MaxNLocator(5).tick_values(left, right) if max(left, low) <= v <= right
    ]
    widest = max((fonts.text_width(say(v), size) for v in values), default=0.0) + 6
    room = (
        axes.get_position().width * WIDE * 72 / (right - left)
    )  # points over the axis by its unit
    while len(values) > 1 and (values[1] - values[0]) * room < widest:
        values = values[::2]
    axes.set_xticks([v - zero for v in values], [say(v) for v in values])
    for label in axes.get_xticklabels():
        label.set_fontproperties(fonts.font(size))


def _write_texts(
    figure: Any, tall: float, title: Words, summary: Words, definition: Words, lang: str
) -> None:
    """Write the title and what the plot shows above it, the definition below: in Chinese on Chinese
    charts alone.
    """
    lines: list[tuple[str, float, str]] = []
    for nth, text in enumerate(bilingual.say(title, lang)):
        lines.append((text, 13.0 if nth == 0 else 9.0, INK if nth == 0 else SOFT))
    lines += [(text, 8.0, SOFT) for text in bilingual.say(summary, lang)]
    y = 1 - 0.26 / tall
    for text, size, colour in lines:
        while size > 6 and fonts.text_width(text, size) > 0.96 * WIDE * 72:
            size -= 0.25
        figure.text(
            0.02,
            y,
            text,
            fontproperties=fonts.font(size),
            color=colour,
            va="center",
            parse_math=False,
        )
        y -= (size * 1.55 / 72) / tall
    style: dict[str, Any] = {
        "fontproperties": fonts.font(_SECOND),
        "color": SOFT,
        "parse_math": False,
    }
    text = (definition.zh if lang == "zh" else "") or definition.en
    for nth, line in enumerate(fonts.wrap(text, _SECOND, 0.96 * WIDE * 72)[:3]):
        figure.text(0.02, (0.42 - 0.14 * nth) / tall, line, **style)


def _printed(column: str, minutes: bool, value: float, code: str) -> str:
    """Return a number of people, km² or another column, or of minutes of them, as printed; less
    than none too.
    """
    form = {"people": words.people, "area": words.area}.get(column)
    if form is None:
        return f"{value:,.0f} {column}"
    figure = words.signed(form(abs(value)), "−" if value < 0 else "")
    return bilingual.say(fill(Words("{}·分钟", "{} minutes"), figure) if minutes else figure, code)[
        0
    ]


#: inches, of the chart of shares: a bar, above the bars, below them
_SHARE_BAR = 0.46
_SHARE_HEAD = 1.2
_SHARE_FOOT = 1.0


@dataclass(frozen=True, slots=True)
class Share:
    """What one line earns: on average over all orders, the standard error of that (0: exact), alone
    and last in.
    """

    name: str
    shapley: float
    error: float
    alone: float
    last_in: float
    #: of what it gains alone, 10 and 90 % of draws of its trains
    drawn: tuple[float, float] | None = None


def draw_shares(
    shares: Sequence[Share],
    *,
    title: Words,
    summary: Words,
    definition: Words,
    lang: str,
    column: str = "people",
    minutes: bool = False,
) -> Figure:
    """Return the chart as a matplotlib Figure, the first share on top.

    `column` is what is counted: people, area, jobs; or `minutes` of them.
    """
    code = "en" if lang == "en" else "zh"
    say = partial(_printed, column, minutes)
    with settings():
        tall = _SHARE_HEAD + _SHARE_FOOT + _SHARE_BAR * len(shares)
        figure = MapFigure(figsize=(WIDE, tall), dpi=200, facecolor="white")
        figures = [_share_figures(share, say, code) for share in shares]
        wide = _width_beside(0.27, 0.50, figures)
        axes = figure.add_axes((0.27, _SHARE_FOOT / tall, wide, _SHARE_BAR * len(shares) / tall))
        for k, (share, lines) in enumerate(reversed([*zip(shares, figures, strict=True)])):
            _draw_share(axes, k, share)
            _beside(axes, k, lines, (0.15, -0.22))
        _frame(axes, len(shares))
        _ticks(axes, -math.inf, lambda value: say(value, code), 7)
        sampled = MAP["ranking_sampled"] if any(share.error > 0 for share in shares) else EMPTY
        drawn = MAP["ranking_drawn"] if any(share.drawn for share in shares) else EMPTY
        both = joined([summary, fill(MAP["ranking_key"], sampled=sampled, drawn=drawn)], "；", "; ")
        _write_texts(figure, tall, title, both, definition, lang)
    return figure


def _draw_share(axes: Any, k: int, share: Share) -> None:
    axes.barh(k, share.shapley, height=0.56, color=MORE if share.shapley >= 0 else LESS, zorder=2)
    if share.error > 0:
        axes.errorbar(
            share.shapley, k, xerr=share.error, color=INK, linewidth=1.0, capsize=3, zorder=4
        )
    if share.drawn is not None:
        axes.plot(
            share.drawn,
            [k - 0.36, k - 0.36],
            color=INK,
            linewidth=2.0,
            solid_capstyle="butt",
            zorder=4,
        )
    axes.plot(
        [share.alone],
        [k],
        "o",
        markersize=5,
        markerfacecolor="white",
        markeredgecolor=INK,
        zorder=5,
    )
    axes.plot([share.last_in], [k], "|", markersize=10, markeredgewidth=1.6, color=INK, zorder=5)
    size = 8.5
    while size > 5 and fonts.text_width(share.name, size) > 0.24 * WIDE * 72:
        size -= 0.25
    _put(axes, -0.02, k, share.name, size, INK, ha="right")


def _share_figures(
    share: Share, say: Callable[[float, str], str], code: str
) -> list[tuple[str, float, str]]:
    """Return the two lines at the right of a bar: text, size and colour."""
    alone = say(share.alone, code)
    last = say(share.last_in, code)
    return [
        (
            say(share.shapley, code) + (f" ± {say(share.error, code)}" if share.error > 0 else ""),
            7.5,
            INK,
        ),
        (
            f"alone {alone}, last in {last}" if code == "en" else f"单独 {alone}，末位 {last}",
            6.2,
            SOFT,
        ),
    ]


#: inches, of the chart of reliability: its height, the square and what is below it; points of the
#: largest mark
_TALL = 7.8
_SQUARE = 5.2
_BELOW = 1.15
_MARK = 24.0


def draw_reliability(
    points: Sequence[tuple[float, float, float]],
    *,
    title: Words,
    summary: Words,
    definition: Words,
    lang: str,
) -> Figure:
    """Return the chart of probabilities against the share that came; `points` are (probability,
    share, people).

    Marks on the diagonal are reliable; their area is that of people.
    """
    code = "en" if lang == "en" else "zh"
    axis = MAP["openings_forecast"], MAP["openings_came"]
    with settings():
        figure = MapFigure(figsize=(WIDE, _TALL), dpi=200, facecolor="white")
        axes = figure.add_axes(
            ((1 - _SQUARE / WIDE) / 2, _BELOW / _TALL, _SQUARE / WIDE, _SQUARE / _TALL)
        )
        axes.plot([0, 1], [0, 1], color=SOFT, linewidth=0.8, linestyle="--", zorder=1)
        most = max((people for *_, people in points), default=1.0)
        for p, share, people in points:
            size = max(_MARK * math.sqrt(people / most), 3.0)
            axes.plot(
                p, share, "o", markersize=size, color=MORE, alpha=0.75, zorder=2, clip_on=False
            )
            style = {
                "fontproperties": fonts.font(_SECOND),
                "color": INK,
                "va": "center",
                "parse_math": False,
            }
            # aside of the axes and of the next mark
            if share < 0.02:
                aside = -9
            else:
                aside = 0 if 0.05 < share < 0.97 else 7
            axes.annotate(
                words.people(people).en if code == "en" else words.people(people).zh,
                (p, share),
                (size / 2 + 3, aside),
                textcoords="offset points",
                **style,
            )
        ticks = [k / 5 for k in range(6)]
        axes.set(xlim=(0, 1), ylim=(0, 1), xticks=ticks, yticks=ticks)
        for label in (*axes.get_xticklabels(), *axes.get_yticklabels()):
            label.set_fontproperties(fonts.font(_FIRST))
        for name, text in zip("xy", axis, strict=True):
            axes.set(**{f"{name}label": "  ".join(bilingual.say(text, lang))})
            getattr(axes, f"{name}axis").label.set(fontproperties=fonts.font(_FIRST), color=INK)
        axes.grid(color="#d9dde0", linewidth=0.6, zorder=0)
        _write_texts(figure, _TALL, title, summary, definition, lang)
    return figure
