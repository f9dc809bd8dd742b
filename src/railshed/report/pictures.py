"""The maps and plots of a report: PNG for the page of HTML, vectors for the PDF."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING, Any

from railshed.maps.save import Pictures
from railshed.report.chapters.plans import is_unchanged, title_of
from railshed.tables.blocks import Picture
from railshed.tables.labels import city_name
from railshed.util.bilingual import Words

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from railshed.api.comparison import AnyComparison
    from railshed.api.study import Study

#: dots an inch of a PNG: a region's page of HTML stays below 20 MB
DPI = 150
#: of a map, whose flat colours need no more: a third of the bytes
_COLOURS = 256


def n_pictures(study: Study) -> int:
    """Return how many pictures there will be."""
    return sum(1 for _ in _captions(study, {"lang": "en"}))


def pictures_of(study: Study, options: Pictures, step: Callable[[], None] = lambda: None) -> list[Picture]:
    """Return the maps and plots.

    Of the circles their overlap, each one, its readings, rail against car; of each plan what it changes and saves,
    where it does; the trade-offs.
    """
    drawn = []
    for caption, draw in _captions(study, options.options):
        drawn.append(_picture(caption, draw()))
        step()
    return drawn


def _captions(study: Study, options: dict[str, Any]) -> Iterator[tuple[Words, Callable[[], Figure]]]:
    if study.overlap is not None:
        over = study.overlap
        yield (
            Words(f"{over.name}：各城市的圈、并集与重叠", f"{over.name_en}: the circles, their union and overlap"),
            partial(over.plot, **options),
        )
    for circle in study.circles:
        name, cutoff = city_name(circle.city), circle.headline_cutoff
        yield (
            Words(f"{name.zh}：{cutoff}分钟圈及更短阈值", f"{name.en}: the circle of {cutoff} min and of less"),
            partial(circle.plot, **options),
        )
        if len(circle.surfaces) > 1:
            yield (
                Words(f"{name.zh}：各口径并列", f"{name.en}: the readings side by side"),
                partial(circle.plot_readings, **options),
            )
        yield (
            Words(f"{name.zh}：铁路与高峰小汽车", f"{name.en}: rail against the car in the peak"),
            partial(circle.plot_car, **options),
        )
    for k, mine in enumerate(study.comparisons):
        every: list[AnyComparison] = [*([study.unions[k]] if study.unions else []), *mine]
        for found in (one for one in every if not is_unchanged(one)):
            name, several = title_of(found), len(study.comparisons) > 1
            plan = [f"{title}{mark}" if several else "" for title, mark in zip(found.titles, ("：", ": "), strict=True)]
            yield (
                Words(f"{name.zh}：{plan[0]}新增与减少", f"{name.en}: {plan[1]}gained and lost"),
                partial(found.plot, **options),
            )
            yield (
                Words(f"{name.zh}：{plan[0]}节省分钟", f"{name.en}: {plan[1]}minutes saved"),
                partial(found.plot_saved, **options),
            )
    for trade in study.trade_offs:
        name, several = city_name(trade.city), len(study.trade_offs) > 1
        plan = [
            f"{title}{mark}" if several else "" for title, mark in zip(trade.plan.titles, ("：", ": "), strict=True)
        ]
        yield (
            Words(f"{name.zh}：{plan[0]}一次一项的变化", f"{name.en}: {plan[1]}one change at a time"),
            partial(trade.plot, lang=options["lang"]),
        )


def _picture(caption: Words, figure: Figure) -> Picture:
    from PIL import Image

    from railshed.maps.style import settings

    drawn, out, vectors = io.BytesIO(), io.BytesIO(), io.BytesIO()
    with settings():
        figure.savefig(drawn, format="png", dpi=DPI)
        figure.savefig(vectors, format="pdf", metadata={"CreationDate": None})
    width, height = (72 * float(inches) for inches in figure.get_size_inches())
    flat = Image.open(drawn).convert("RGB").quantize(_COLOURS, dither=Image.Dither.NONE)
    flat.save(out, format="png", optimize=True)
    return Picture(caption, out.getvalue(), vectors.getvalue(), width, height)
