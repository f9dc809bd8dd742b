"""The sheet: its size, its frame in points, and text laid out in rows before anything is drawn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from railshed.maps import fonts
from railshed.maps.palette import INK, SOFT
from railshed.util.bilingual import Words, say
from railshed.util.sums import plain_sum

if TYPE_CHECKING:
    from matplotlib.figure import Figure

POINTS_PER_MM = 72 / 25.4
LINE = 1.36  # line height over font size


@dataclass(frozen=True, slots=True)
class Sheet:
    """A page: width and height in points, and the size of its text relative to A4."""

    name: str
    width: float
    height: float
    scale: float
    dpi: int
    paper: bool = True

    @property
    def margin(self) -> float:
        """White edge in points."""
        return 24 * self.scale

    @property
    def panel_width(self) -> float:
        """Width of the column right of the map in points."""
        return 178 * self.scale


SHEETS = {
    "a4": Sheet("A4", 297 * POINTS_PER_MM, 210 * POINTS_PER_MM, 1.0, 300),
    "a3": Sheet("A3", 420 * POINTS_PER_MM, 297 * POINTS_PER_MM, 1.25, 300),
    "slide": Sheet("16:9", 960.0, 540.0, 1.12, 150, paper=False),
}


@dataclass(frozen=True, slots=True)
class Swatch:
    """The sample of a legend row."""

    #: patch, line, dot or square
    kind: str
    face: str = "none"
    edge: str = INK
    width: float = 0.6
    hatch: str = ""
    dash: Any = "solid"


def second_size(size: float) -> float:
    """Return the size of the second language next to a first one of this size."""
    return max(6.0, size - 0.7) if size < 12 else size * 0.55


@dataclass(frozen=True, slots=True)
class SheetRow:
    """One printed line: text at the left, figures at the right, a sample before both."""

    text: str
    size: float
    bold: bool = False
    colour: str = INK
    gap: float = 0.0  # points above
    indent: float = 0.0
    right: str = ""
    swatch: Swatch | None = None
    #: softer and smaller, after the text
    tail: str = ""

    @property
    def height(self) -> float:
        """Points from top to bottom, the gap above included."""
        return self.gap + self.size * LINE

    @property
    def width(self) -> float:
        """Points from the indent to the end of the tail."""
        tail = (
            fonts.text_width(" ", self.size) + fonts.text_width(self.tail, second_size(self.size))
            if self.tail
            else 0.0
        )
        return fonts.text_width(self.text, self.size, bold=self.bold) + tail


SWATCH_INDENT = 24.0


@dataclass(slots=True)
class Column:
    """Rows one below the other, in the languages of a map: print of `size` points, at most `width`
    points wide.
    """

    lang: str
    size: float
    width: float
    rows: list[SheetRow] = field(default_factory=list)

    def heading(self, words: Words, *, gap: float = 0.0) -> None:
        """Add a bold row with a text in all languages."""
        self.rows.append(
            SheetRow("  ".join(say(words, self.lang)), self.size + 1, bold=True, gap=gap)
        )

    def paragraph(
        self,
        words: Words,
        *,
        size: float | None = None,
        bold: bool = False,
        colour: str = INK,
        gap: float = 0.0,
    ) -> None:
        """Add the rows of a text, the second language smaller and softer."""
        for nth, text in enumerate(say(words, self.lang)):
            points = (size or self.size) if nth == 0 else second_size(size or self.size)
            for line in fonts.wrap(text, points, self.width, bold=bold and nth == 0):
                self.rows.append(
                    SheetRow(line, points, bold and nth == 0, colour if nth == 0 else SOFT, gap)
                )
                gap = 0.0

    def line(
        self, words: Words, *, size: float | None = None, colour: str = INK, gap: float = 0.0
    ) -> None:
        """Add one row with both languages where both fit, else a paragraph."""
        texts = say(words, self.lang)
        if len(texts) == 2:
            row = SheetRow(texts[0], size or self.size, colour=colour, gap=gap, tail=texts[1])
            if row.width <= self.width:
                self.rows.append(row)
                return
        self.paragraph(words, size=size, colour=colour, gap=gap)

    def entry(
        self, words: Words, swatch: Swatch, *, right: Sequence[str] = (), gap: float = 3.0
    ) -> None:
        """Add the rows of a legend entry: a sample, its meaning and, at the right, its figures."""
        room = max((fonts.text_width(text, self.size) + 4 for text in right), default=0.0)
        inner = Column(self.lang, self.size, self.width - SWATCH_INDENT - room)
        inner.line(words)
        while len(inner.rows) < len(right):
            inner.rows.append(SheetRow("", second_size(self.size), colour=SOFT))
        for n, row in enumerate(inner.rows):
            figure = right[n] if n < len(right) else ""
            own: dict[str, Any] = {"swatch": swatch, "gap": gap} if n == 0 else {}
            self.rows.append(replace(row, indent=SWATCH_INDENT, right=figure, **own))


def height(rows: Sequence[SheetRow]) -> float:
    """Return the points that the rows take."""
    return plain_sum(row.height for row in rows)


def new_figure(sheet: Sheet) -> tuple[Figure, Any]:
    """Return a figure of the sheet's size and the transform from points (origin bottom
    left) to it.
    """
    from matplotlib.transforms import Affine2D

    from railshed.maps.save import MapFigure

    figure = MapFigure(
        figsize=(sheet.width / 72, sheet.height / 72), dpi=sheet.dpi, facecolor="white"
    )
    return figure, Affine2D().scale(1 / 72) + figure.dpi_scale_trans


def write(
    figure: Any,
    points: Any,
    text: str,
    x: float,
    baseline: float,
    size: float,
    *,
    bold: bool = False,
    colour: str = INK,
    ha: str = "left",
    gid: str = "text",
    zorder: float = 10.0,
) -> Any:
    """Return the text put at `x`, `baseline` in points."""
    return figure.text(
        x,
        baseline,
        text,
        fontproperties=fonts.font(size, bold=bold),
        color=colour,
        ha=ha,
        va="baseline",
        transform=points,
        gid=gid,
        parse_math=False,
        zorder=zorder,
    )


def draw_rows(
    figure: Any, points: Any, rows: Sequence[SheetRow], x: float, top: float, width: float
) -> float:
    """Draw rows downwards from `top` and return where they end."""
    y = top
    for row in rows:
        y -= row.height
        baseline = y + row.size * 0.34
        if row.text:
            write(
                figure,
                points,
                row.text,
                x + row.indent,
                baseline,
                row.size,
                bold=row.bold,
                colour=row.colour,
            )
        if row.tail:
            after = x + row.indent + fonts.text_width(row.text + " ", row.size, bold=row.bold)
            write(figure, points, row.tail, after, baseline, second_size(row.size), colour=SOFT)
        if row.right:
            write(
                figure,
                points,
                row.right,
                x + width,
                baseline,
                row.size,
                colour=row.colour,
                ha="right",
            )
        if row.swatch is not None:
            _draw_swatch(figure, points, row.swatch, x, baseline + row.size * 0.36)
    return y


def _draw_swatch(figure: Any, points: Any, swatch: Swatch, x: float, middle: float) -> None:
    from matplotlib.lines import Line2D
    from matplotlib.patches import Rectangle

    if swatch.kind == "patch":
        figure.add_artist(
            Rectangle(
                (x, middle - 4),
                18,
                8,
                transform=points,
                facecolor=swatch.face,
                edgecolor=swatch.edge,
                linewidth=swatch.width,
                linestyle=swatch.dash,
                hatch=swatch.hatch,
                gid="swatch",
            ),
            clip=False,
        )
        return
    xs = [x, x + 18]
    style = {"color": swatch.edge, "linewidth": swatch.width, "linestyle": swatch.dash}
    if swatch.kind in {"dot", "square"}:
        xs = [x + 9]
        style = {
            "marker": "o" if swatch.kind == "dot" else "s",
            "markersize": swatch.width,
            "markerfacecolor": swatch.face,
            "markeredgecolor": swatch.edge,
            "markeredgewidth": 0.8,
            "linestyle": "none",
        }
    figure.add_artist(
        Line2D(xs, [middle] * len(xs), transform=points, gid="swatch", **style), clip=False
    )
