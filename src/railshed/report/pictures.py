"""The maps and plots of a report, as PNG."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING, Any

from railshed.maps import Pictures, Words
from railshed.report.document import Picture
from railshed.report.findings import city_name
from railshed.report.plansections import title_of

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from railshed.differences import Difference
    from railshed.report.study import Study

#: dots an inch: read on paper, and a region's page of HTML stays below 20 MB
DPI = 150
#: of a map, whose flat colours need no more: a third of the bytes
_COLOURS = 256


def pictures_of(study: Study, options: Pictures, step: Callable[[], None] = lambda: None) -> list[Picture]:
    """Return the maps: each circle, rail against car, what each plan changes and saves, and the plot of trade-offs."""
    drawn = []
    for caption, draw in _wanted(study, options.options):
        drawn.append(_picture(caption, draw()))
        step()
    return drawn


def _wanted(study: Study, options: dict[str, Any]) -> Iterator[tuple[Words, Callable[[], Figure]]]:
    for circle in study.circles:
        name, cutoff = city_name(circle.city), circle.headline_cutoff
        yield (
            Words(f"{name.zh}：{cutoff}分钟圈及更短阈值", f"{name.en}: the circle of {cutoff} min and of less"),
            partial(circle.plot, **options),
        )
        yield (
            Words(f"{name.zh}：铁路与高峰小汽车", f"{name.en}: rail against the car in the peak"),
            partial(circle.plot_car, **options),
        )
    for k, mine in enumerate(study.comparisons):
        every: list[Difference] = [*([study.unions[k]] if study.unions else []), *mine]
        for found in every:
            name, plan = title_of(found), f"{found.title}: " if len(study.comparisons) > 1 else ""
            yield (
                Words(f"{name.zh}：{plan}新增与减少", f"{name.en}: {plan}gained and lost"),
                partial(found.plot, **options),
            )
            yield (
                Words(f"{name.zh}：{plan}节省分钟", f"{name.en}: {plan}minutes saved"),
                partial(found.plot_saved, **options),
            )
    trade = study.trade_offs
    if trade is not None:
        name = city_name(trade.city)
        yield (
            Words(f"{name.zh}：一次一项的变化", f"{name.en}: one change at a time"),
            partial(trade.plot, lang=options["lang"]),
        )


def _picture(caption: Words, figure: Figure) -> Picture:
    from PIL import Image

    from railshed.maps.style import settings

    drawn, out = io.BytesIO(), io.BytesIO()
    with settings():
        figure.savefig(drawn, format="png", dpi=DPI)
    width, height = (72 * float(inches) for inches in figure.get_size_inches())
    flat = Image.open(drawn).convert("RGB").quantize(_COLOURS, dither=Image.Dither.NONE)
    flat.save(out, format="png", optimize=True)
    return Picture(caption, out.getvalue(), width, height)
