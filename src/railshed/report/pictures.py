"""The maps and plots of a report: PNG for the page of HTML, vectors for the PDF."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from railshed.maps.circle import draw_circle
from railshed.maps.style import MapStyle
from railshed.questions.indicators.map import region_map
from railshed.questions.labels import city_name
from railshed.report.chapters.plans import is_unchanged, title_of
from railshed.report.findings import whole_of
from railshed.show.blocks import Picture
from railshed.util.bilingual import Words, joined
from railshed.util.phrases import phrase

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from railshed.api.comparison import AnyComparison
    from railshed.api.study import Study

#: dots an inch of a PNG: a region's page of HTML stays below 20 MB
DPI = 150
_COLOURS = 256


def n_pictures(study: Study) -> int:
    """Return how many pictures there will be."""
    return sum(1 for _ in _captions(study, MapStyle("en")))


def pictures_of(
    study: Study, style: MapStyle, step: Callable[[], None] = lambda: None
) -> list[Picture]:
    """Return the maps and plots, that of the first page first.

    Of the circles their overlap, the region's counties, each one, its readings, rail against car;
    of each plan what it changes and saves, where it does; the trade-offs. The first page has what
    the plans together change, else the overlap or circle.
    """
    drawn: list[Picture] = []
    for caption, draw in _captions(study, style):
        drawn.append(_picture(caption, draw()))
        step()
    return drawn


def _captions(study: Study, style: MapStyle) -> Iterator[tuple[Words, Callable[[], Figure]]]:
    """Yield the caption of each picture, and the function that draws it, that of the first page
    first.
    """
    whole = whole_of(study)
    if whole is not None and not is_unchanged(whole):
        several = len(study.every_plan) > 1
        of = _of_plan(title_of(whole), whole.titles, several=several)
        yield phrase("map_gained", of=of), partial(whole.plot, style)
    if study.overlap is not None:
        over = study.overlap
        yield phrase("map_overlap", name=Words(over.name, over.name_en)), partial(over.plot, style)
    if study.integration is not None:
        data = region_map(study.integration)
        yield phrase("map_region"), partial(draw_circle, data, style)
    for circle in study.circles:
        name = city_name(circle.city)
        yield (
            phrase("map_circle", name=name, cutoff=circle.headline_cutoff),
            partial(circle.plot, style),
        )
        if len(circle.surfaces) > 1:
            yield phrase("map_readings", name=name), partial(circle.plot_readings, style)
        yield phrase("map_car", name=name), partial(circle.plot_car, style)
    several = len(study.comparisons) > 1
    for k, mine in enumerate(study.comparisons):
        every: list[AnyComparison] = [*([study.unions[k]] if study.unions else []), *mine]
        for found in (one for one in every if not is_unchanged(one)):
            of = _of_plan(title_of(found), found.titles, several=several)
            if found is not whole:
                yield phrase("map_gained", of=of), partial(found.plot, style)
            yield phrase("map_saved", of=of), partial(found.plot_saved, style)
    for forecast, found in zip(
        study.forecasts, study.comparisons[-1] if study.comparisons else (), strict=False
    ):
        if any(row["people_high"] or row["area_km2_high"] for row in forecast.rows):
            yield (
                phrase("map_forecast", of=title_of(found)),
                partial(found.plot_forecast, forecast, style),
            )
    for trade in study.trade_offs:
        of = _of_plan(city_name(trade.city), trade.plan.titles, several=len(study.trade_offs) > 1)
        yield phrase("plot_trade_offs", of=of), partial(trade.plot, style)


def _of_plan(name: Words, titles: tuple[str, str], *, several: bool) -> Words:
    """Return whose picture it is, with the title of the plan where there are several."""
    return joined([name, Words(*titles)] if several else [name], "：", ": ")


def _picture(caption: Words, figure: Figure) -> Picture:
    from railshed.maps.save import settings

    out = io.BytesIO()
    vectors = io.BytesIO()
    save_png(figure, DPI, out)
    with settings():
        figure.savefig(vectors, format="pdf", metadata={"CreationDate": None})
    width, height = (72 * float(inches) for inches in figure.get_size_inches())
    return Picture(caption, out.getvalue(), vectors.getvalue(), width, height)


def save_png(figure: Figure, dpi: int, target: Path | io.BytesIO) -> None:
    """Write a map as PNG of few colours, which flat maps need: a third of the bytes."""
    from PIL import Image

    from railshed.maps.save import drawn

    drawn(figure, dpi).quantize(_COLOURS, dither=Image.Dither.NONE).save(
        target, format="png", optimize=True
    )
