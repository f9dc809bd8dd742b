"""All around the map: title block, key figures, legend, definition, scale bar, north arrow and
foot.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from matplotlib.figure import Figure
from matplotlib.patches import Polygon, Rectangle

from railshed.maps import fonts, words
from railshed.maps.data import Step
from railshed.maps.labels import Clutter
from railshed.maps.page import Column, Sheet, SheetRow, draw_rows, height, new_figure, write
from railshed.maps.palette import CUTOFF_EDGE, INK, SEA, SOFT
from railshed.maps.projection import Projection, uneven_words
from railshed.maps.style import MapStyle
from railshed.maps.view import View, fit
from railshed.util.bilingual import EMPTY, Words, fill, say
from railshed.util.phrases import MAP
from railshed.util.sums import plain_sum

SCALE_HEIGHT = 62.0


@dataclass(frozen=True, slots=True)
class KeyFigure:
    """A headline number: label, value, range."""

    label: Words
    value: Words
    range: Words


@dataclass(frozen=True, slots=True)
class Surround:
    """The texts around a map."""

    title: Words
    subtitle: Words
    #: adds its rows, for whatever size of print finds room
    legend: Callable[[Column], None]
    definition: tuple[Words, ...]
    notes: tuple[Words, ...]
    #: the first is the notice; printed in this order
    foot: tuple[Words, ...]
    sources: tuple[Words, ...]
    figures: tuple[KeyFigure, ...] = ()
    #: bold beneath the subtitle; None: nothing
    caution: Words | None = None
    #: side by side below the head
    strip: tuple[Step, ...] = ()


@dataclass(frozen=True, slots=True)
class Canvas:
    """A sheet with everything but the map on it, and the frame left for the map: left, bottom,
    width, height.
    """

    figure: Figure
    points: Any
    sheet: Sheet
    lang: str
    frame: tuple[float, float, float, float]

    def with_map(
        self,
        bounds: Sequence[float],
        projection: Projection,
        *,
        margin: float,
        least_m: float,
        frame: tuple[float, float, float, float] | None = None,
    ) -> MapCanvas:
        """Return the canvas with axes in a frame, by default the whole one; arguments as of
        `view.fit`.
        """
        view = fit(bounds, projection.crs, frame or self.frame, margin=margin, least_m=least_m)
        axes = _map_axes(self.figure, self.sheet, view.frame)
        return MapCanvas(
            figure=self.figure,
            points=self.points,
            sheet=self.sheet,
            lang=self.lang,
            frame=self.frame,
            axes=axes,
            view=view,
            clutter=Clutter(view.box),
            projection=projection,
        )


@dataclass(frozen=True, slots=True)
class MapCanvas(Canvas):
    """What a map is drawn on: axes in points of the sheet, the part of the plane they show, what
    labels avoid.
    """

    axes: Any
    view: View
    clutter: Clutter
    projection: Projection

    @property
    def scale(self) -> float:
        """Size of text and symbols relative to A4."""
        return self.sheet.scale


def compose(surround: Surround, style: MapStyle) -> Canvas:
    """Return the sheet with title, legend, definition and foot drawn; the map takes what is left.

    What does not fit into the column right of the map, even in the smallest print, moves into the
    foot, which grows: nothing is cut off.
    """
    sheet = style.sheet
    lang = style.lang
    figure, points = new_figure(sheet)
    inner = sheet.width - 2 * sheet.margin
    blocks = [
        _title_rows(surround, sheet, lang),
        *(_figure_rows(f, lang, sheet.scale) for f in surround.figures),
    ]
    top = sheet.height - sheet.margin - (max(height(rows) for rows in blocks) + 8)
    top -= _draw_strip(figure, points, surround.strip, sheet, lang, top)
    definition = surround.definition
    notes = surround.notes
    for moved in ((), notes, (*definition, *notes)):
        column = (() if len(moved) > len(notes) else definition, () if moved else notes)
        foot = _foot_rows(surround, moved, sheet, lang, inner)
        bottom = sheet.margin + height(foot) + 6
        room = top - bottom - SCALE_HEIGHT * sheet.scale
        sizes = (max(6.0, size * sheet.scale) for size in (7.5, 7.0, 6.6, 6.2))
        panels = (
            _panel_rows(surround, column, Column(lang, size, sheet.panel_width)) for size in sizes
        )
        panel = next((rows for rows in panels if height(rows) <= room), None)
        if panel is not None:
            break
    else:
        panel = _panel_rows(surround, column, Column(lang, 6.0, sheet.panel_width))
    _draw_header(figure, points, surround, sheet, lang)
    left = sheet.width - sheet.margin - sheet.panel_width
    draw_rows(figure, points, panel, left, top, sheet.panel_width)
    draw_rows(figure, points, foot, sheet.margin, bottom - 6, inner)
    frame = (sheet.margin, bottom, left - 12 * sheet.scale - sheet.margin, top - bottom)
    return Canvas(figure, points, sheet, lang, frame)


def _map_axes(figure: Any, sheet: Sheet, frame: tuple[float, float, float, float]) -> Any:
    """Return axes over the frame whose coordinates are points of the sheet."""
    left, bottom, width, tall = frame
    axes = figure.add_axes(
        (left / sheet.width, bottom / sheet.height, width / sheet.width, tall / sheet.height)
    )
    axes.set(
        xlim=(left, left + width), ylim=(bottom, bottom + tall), xticks=[], yticks=[], facecolor=SEA
    )
    axes.spines[:].set(linewidth=0.8, edgecolor=INK)
    return axes


def _title_rows(surround: Surround, sheet: Sheet, lang: str) -> list[SheetRow]:
    scale = sheet.scale
    figures_width = plain_sum(
        _widest(_figure_rows(figure, lang, scale)) + 18 for figure in surround.figures
    )
    width = sheet.width - 2 * sheet.margin - figures_width - 16
    column = Column(lang, 8 * scale, width)
    for nth, text in enumerate(say(surround.title, lang)):
        size = (17.0 if nth == 0 else 10.5) * scale
        while size > 9 * scale and fonts.text_width(text, size, bold=nth == 0) > width:
            size -= 0.5
        lines = fonts.wrap(text, size, width, bold=nth == 0)
        column.rows += [SheetRow(line, size, bold=nth == 0, colour=INK) for line in lines]
    column.paragraph(surround.subtitle, colour=SOFT, gap=2)
    if surround.caution is not None:
        column.paragraph(surround.caution, size=9 * scale, bold=True, gap=2)
    return column.rows


def _figure_rows(figure: KeyFigure, lang: str, scale: float) -> list[SheetRow]:
    value = say(figure.value, lang)
    return [
        *(SheetRow(text, 6.5 * scale, colour=SOFT) for text in say(figure.label, lang)),
        SheetRow(value[0], 15.0 * scale, bold=True, tail=" ".join(value[1:])),
        *(SheetRow(text, 6.5 * scale, colour=SOFT) for text in say(figure.range, lang)),
    ]


def _draw_strip(
    figure: Any, points: Any, steps: Sequence[Step], sheet: Sheet, lang: str, top: float
) -> float:
    """Draw the steps side by side below `top`, the answer on a pale ground; return the points that
    they take.
    """
    if not steps:
        return 0.0
    k = sheet.scale
    width = (sheet.width - 2 * sheet.margin) / len(steps)
    column = Column(lang, 6.2 * k, len(steps) * width)
    head = MAP["strip_stations"] if all(step.people is None for step in steps) else MAP["strip"]
    column.line(head, colour=SOFT)
    draw_rows(figure, points, column.rows, sheet.margin, top + 3 * k, 0)
    cells = [_step_rows(step, Column(lang, 6.2 * k, width - 8 * k), k) for step in steps]
    tall = max(map(height, cells))
    high = height(column.rows)
    for nth, (step, rows) in enumerate(zip(steps, cells, strict=True)):
        left = sheet.margin + nth * width
        face = CUTOFF_EDGE if step.answer else "none"
        figure.add_artist(
            Rectangle(
                (left, top - high - tall),
                width - 4 * k,
                tall + 3 * k,
                transform=points,
                facecolor=face,
                edgecolor=SOFT,
                linewidth=0.4,
                gid="step",
            ),
            clip=False,
        )
        draw_rows(figure, points, rows, left + 3 * k, top - high + 2 * k, 0)
    return high + tall + 8 * k


def _step_rows(step: Step, column: Column, scale: float) -> list[SheetRow]:
    """Return the rows of a step: its figures bold, below them what it assumes."""
    people = [] if step.people is None else say(words.people(step.people), column.lang)
    tail = f"({' '.join(people)})" if people else ""
    column.rows.append(SheetRow(f"{step.stations:,}", 9.5 * scale, bold=True, tail=tail))
    column.paragraph(step.words)
    return column.rows


def _widest(rows: Sequence[SheetRow]) -> float:
    return max((row.width for row in rows), default=0.0)


def _draw_header(figure: Any, points: Any, surround: Surround, sheet: Sheet, lang: str) -> None:
    top = sheet.height - sheet.margin + 4
    draw_rows(figure, points, _title_rows(surround, sheet, lang), sheet.margin, top, 0)
    right = sheet.width - sheet.margin
    for key in reversed(surround.figures):
        rows = _figure_rows(key, lang, sheet.scale)
        right -= _widest(rows)
        draw_rows(figure, points, rows, right, top, 0)
        right -= 18


def _panel_rows(
    surround: Surround, texts: Sequence[tuple[Words, ...]], column: Column
) -> list[SheetRow]:
    """Return the rows of legend, definition and notes; the last two are `texts`."""
    column.heading(MAP["legend"])
    surround.legend(column)
    for heading, own in zip((MAP["definition"], MAP["notes"]), texts, strict=True):
        if own:
            column.heading(heading, gap=column.size * 0.9)
        for text in own:
            column.paragraph(text, gap=1.5)
    return column.rows


def _foot_rows(
    surround: Surround, moved: Sequence[Words], sheet: Sheet, lang: str, width: float
) -> list[SheetRow]:
    """Return the notice, the sources and what found no room in the column, each language
    by itself.
    """
    size = 6.2 * sheet.scale
    rows: list[SheetRow] = []
    for nth, code in enumerate(("zh", "en") if lang == "both" else (lang,)):
        sources = [
            t for t in surround.sources if nth == 0 or t.en not in ("", t.zh)
        ]  # the same text once
        paragraphs = [
            _joined(moved, code),
            _joined(surround.foot, code, stop="　" if code == "zh" else "  ·  "),
        ]
        if sources:
            paragraphs.append(say(MAP["sources"], code)[0] + _joined(sources, code))
        for text in paragraphs:
            rows += [
                SheetRow(line, size, colour=SOFT if nth else INK)
                for line in fonts.wrap(text, size, width)
            ]
    return rows


def _joined(texts: Sequence[Words], code: str, *, stop: str = "") -> str:
    """Return the texts as one paragraph; a sentence that ends with a full stop keeps it."""
    comma = stop or ("；" if code == "zh" else "; ")
    sentences = [own for text in texts for own in say(text, code)]
    return "".join(t + (" " if t[-1] in ".。；;" else comma) for t in sentences[:-1]) + "".join(
        sentences[-1:]
    )


def scale_length_km(metres_per_point: float, room: float) -> float:
    """Return the longest 1, 2 or 5 times a power of ten kilometres that takes at most `room`
    points.
    """
    longest = metres_per_point * room / 1000
    power = 10.0 ** math.floor(math.log10(longest))
    return max(step * power for step in (1, 2, 5) if step * power <= longest * (1 + 1e-9))


def _scale_words(sheet: Sheet, metres_per_point: float) -> Words:
    """Return the scale as a ratio with two figures; nothing for a sheet that has no size
    on paper.
    """
    if not sheet.paper:
        return EMPTY
    ratio = metres_per_point * 72 / 0.0254
    rounded = round(ratio, 1 - math.floor(math.log10(ratio)))
    return fill(MAP["scale"], f"{rounded:,.0f}".replace(",", " "), sheet.name)


def draw_scale(canvas: MapCanvas) -> None:
    """Draw scale bar, scale, CRS and north arrow at the foot of the column right of the map.

    In a CRS that the user names, scale and north are those at the middle of the map, where lengths
    over it differ much it says by how much.
    """
    view = canvas.view
    projection = canvas.projection
    metres = view.metres_per_point
    turn = 0.0
    uneven = None
    if not projection.own:
        scales, turns = view.counts()
        middle = len(scales) // 2
        metres = metres * float(scales[middle])
        turn = float(turns[middle])
        uneven = uneven_words(scales, float(scales[middle]))
    figure = canvas.figure
    points = canvas.points
    sheet = canvas.sheet
    k = sheet.scale
    left = sheet.width - sheet.margin - sheet.panel_width
    bottom = canvas.frame[1]
    km = scale_length_km(metres, sheet.panel_width - 56 * k)
    length = km * 1000 / metres
    column = Column(canvas.lang, 6 * k, sheet.panel_width - 34 * k)
    for about in (_scale_words(sheet, metres), projection.brief, uneven or EMPTY):
        column.paragraph(about)
    bottom += max(0.0, 8 * k * (len(column.rows) - 2))
    y = bottom + 18 * k
    for nth, colour in enumerate((INK, "white")):
        figure.add_artist(
            Rectangle(
                (left + 4 + nth * length / 2, y),
                length / 2,
                4 * k,
                transform=points,
                facecolor=colour,
                edgecolor=INK,
                linewidth=0.7,
                gid="scale-bar",
            ),
            clip=False,
        )
    unit = say(MAP["kilometres"], canvas.lang)[-1]
    for share, text, ha in (
        (0, "0", "left"),
        (0.5, f"{km / 2:g}", "center"),
        (1, f"{km:g} {unit}", "center"),
    ):
        write(figure, points, text, left + 4 + share * length, y + 7 * k, 6.5 * k, ha=ha)
    for nth, row in enumerate(column.rows):
        write(figure, points, row.text, left + 4, bottom + (9 - 8 * nth) * k, 6 * k, colour=SOFT)
    x = left + sheet.panel_width - 14 * k
    base = bottom + 8 * k
    for side, colour in ((-1, INK), (1, "white")):
        corners = _turned(
            [(0.0, 24 * k), (side * 6 * k, 0.0), (0.0, 5 * k)], turn, (x, base), 12 * k
        )
        half = Polygon(
            corners, transform=points, facecolor=colour, edgecolor=INK, linewidth=0.7, gid="north"
        )
        figure.add_artist(half, clip=False)
    north = "北 N" if canvas.lang == "both" else say(MAP["north"], canvas.lang)[0]
    write(figure, points, north, x, base + 26 * k, 7 * k, bold=True, ha="center")


def _turned(
    corners: Sequence[tuple[float, float]],
    degrees: float,
    origin: tuple[float, float],
    pivot: float,
) -> list[tuple[float, float]]:
    """Return corners at the origin, turned clockwise about a point `pivot` above it."""
    cos = math.cos(math.radians(degrees))
    sin = math.sin(math.radians(degrees))
    x0, y0 = origin
    return [
        (x0 + x * cos + (y - pivot) * sin, y0 + pivot - x * sin + (y - pivot) * cos)
        for x, y in corners
    ]
