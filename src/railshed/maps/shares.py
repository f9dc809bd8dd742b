"""A bar chart of what each line earns: Shapley values with their standard errors, next to them alone and last in."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from railshed.maps import fonts
from railshed.maps.palette import INK, SOFT
from railshed.maps.style import settings
from railshed.maps.tornado import LESS, MORE, WIDE, put, signed_area, signed_people, write_texts
from railshed.util import bilingual
from railshed.util.bilingual import Words

if TYPE_CHECKING:
    from matplotlib.figure import Figure

#: inches: a bar, above the bars, below them
_BAR, _HEAD, _FOOT = 0.46, 1.2, 1.0


@dataclass(frozen=True, slots=True)
class Share:
    """What one line earns: on average over all orders, the standard error of that (0: exact), alone and last in."""

    name: str
    shapley: float
    error: float
    alone: float
    last_in: float


def draw_shares(
    shares: Sequence[Share], *, title: Words, summary: Words, definition: str, column: str = "people",
    lang: str = "both",
) -> Figure:  # fmt: skip
    """Return the chart as a matplotlib Figure, the first share on top; `column` is what is counted: people, area, jobs.

    Raises
    ------
    ParameterError
        For an unknown language.
    """
    from railshed.maps.style import MapFigure

    bilingual.check_language(lang)
    code = "en" if lang == "en" else "zh"
    say: Callable[[float, str], str] = {"people": signed_people, "area": signed_area}.get(
        column, lambda value, _: f"{value:,.0f} {column}"
    )
    with settings():
        tall = _HEAD + _FOOT + _BAR * len(shares)
        figure = MapFigure(figsize=(WIDE, tall), dpi=200, facecolor="white")
        axes = figure.add_axes((0.27, _FOOT / tall, 0.50, _BAR * len(shares) / tall))
        for k, share in enumerate(reversed(shares)):
            _draw(axes, k, share, lang, say, code)
        _frame(axes, len(shares), say, code)
        sampled = any(share.error > 0 for share in shares)
        key = Words(
            f"柱：沙普利值{'；须：±1个标准误' if sampled else ''}；○ 单独；| 末位",
            f"bar: Shapley value{'; whisker: one standard error' if sampled else ''}; ○ alone; | last in",
        )
        both = Words(f"{summary.zh}；{key.zh}", f"{summary.en}; {key.en}")
        write_texts(figure, tall, title, both, definition, lang)
    return figure


def _draw(axes: Any, k: int, share: Share, lang: str, say: Callable[[float, str], str], code: str) -> None:
    axes.barh(k, share.shapley, height=0.56, color=MORE if share.shapley >= 0 else LESS, zorder=2)
    if share.error > 0:
        axes.errorbar(share.shapley, k, xerr=share.error, color=INK, linewidth=1.0, capsize=3, zorder=4)
    axes.plot([share.alone], [k], "o", markersize=5, markerfacecolor="white", markeredgecolor=INK, zorder=5)
    axes.plot([share.last_in], [k], "|", markersize=10, markeredgewidth=1.6, color=INK, zorder=5)
    size = 8.5
    while size > 5 and fonts.text_width(share.name, size) > 0.24 * WIDE * 72:
        size -= 0.25
    put(axes, -0.02, k, share.name, size, INK, ha="right")
    error = f" ± {say(share.error, code)}" if share.error > 0 else ""
    put(axes, 1.02, k + 0.15, f"{say(share.shapley, code)}{error}", 7.5, INK)
    alone, last = say(share.alone, code), say(share.last_in, code)
    put(
        axes,
        1.02,
        k - 0.22,
        f"alone {alone}, last in {last}" if lang == "en" else f"单独 {alone}，末位 {last}",
        6.2,
        SOFT,
    )


def _frame(axes: Any, n: int, say: Callable[[float, str], str], code: str) -> None:
    from matplotlib.ticker import MaxNLocator

    axes.set_ylim(-0.6, n - 0.4)
    axes.axvline(0, color=INK, linewidth=1.0, zorder=3)
    axes.set_yticks([])
    axes.grid(axis="x", color="#d9dde0", linewidth=0.6, zorder=0)
    low, high = axes.get_xlim()
    ticks = [float(v) for v in MaxNLocator(5).tick_values(low, high) if low <= v <= high]
    axes.set_xticks(ticks, [say(v, code) for v in ticks])
    for label in axes.get_xticklabels():
        label.set_fontproperties(fonts.font(7))
    for side in ("left", "right", "top"):
        axes.spines[side].set_visible(False)
