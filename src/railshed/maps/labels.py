"""Labels without overlaps: each has candidate places and shorter forms; the important ones choose first."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from railshed.maps import fonts
from railshed.maps.page import INK, write

#: height of a line's box above and below the baseline, over the font size
ASCENT, DESCENT = 0.90, 0.24
GAP = 1.2  # points kept free around each label


@dataclass(frozen=True, slots=True)
class Run:
    """A piece of a line in one style."""

    text: str
    size: float
    bold: bool = False
    colour: str = INK

    @property
    def width(self) -> float:
        """Width in points."""
        return fonts.text_width(self.text, self.size, bold=self.bold)


Lines = tuple[tuple[Run, ...], ...]


@dataclass(frozen=True, slots=True)
class Label:
    """A label that wants to stand at one of its anchors."""

    kind: str
    #: the forms to try, fullest first
    forms: tuple[Lines, ...]
    #: (n, 2) points: where it may be put, best first
    anchors: NDArray[np.float64]
    #: distance of the text from the anchor for a symbol, 0 for text centred on the anchor
    offset: float
    importance: float
    halo: str = "#ffffff"


@dataclass(frozen=True, slots=True)
class Placed:
    """A label with its place: box left, bottom, right, top in points."""

    label: Label
    lines: Lines
    box: tuple[float, float, float, float]
    #: -1 left aligned, 0 centred, 1 right aligned
    align: int


#: sides of a symbol in the order in which cartographers try them: (x, y, alignment)
_SIDES = ((1, 0.0, -1), (-1, 0.0, 1), (1, 1, -1), (1, -1, -1), (-1, 1, 1), (-1, -1, 1), (0, 1, 0), (0, -1, 0))


@dataclass(slots=True)
class Placer:
    """Places labels inside `frame` (left, bottom, right, top), free of each other and of the obstacles."""

    frame: tuple[float, float, float, float]
    boxes: list[tuple[float, float, float, float]] = field(default_factory=list)

    def block(self, boxes: Iterable[tuple[float, float, float, float]]) -> None:
        """Keep these boxes free of labels."""
        self.boxes.extend(boxes)

    def place(self, labels: Iterable[Label]) -> list[Placed]:
        """Return the labels that found a place; the most important ones first, ties in the order given."""
        placed = []
        for label in sorted(labels, key=lambda label: -label.importance):
            spot = self._find(label)
            if spot is not None:
                self.boxes.append(spot.box)
                placed.append(spot)
        return placed

    def _find(self, label: Label) -> Placed | None:
        taken = np.array(self.boxes, dtype=np.float64).reshape(-1, 4)
        for lines in label.forms:
            boxes, aligns = _candidates(label, lines)
            free = self._free(boxes, taken)
            if free.size:
                best = int(free[0])
                left, bottom, right, top = (float(v) for v in boxes[best])
                return Placed(label, lines, (left, bottom, right, top), int(aligns[best]))
        return None

    def _free(self, boxes: NDArray[np.float64], taken: NDArray[np.float64]) -> NDArray[np.intp]:
        left, bottom, right, top = self.frame
        inside = (
            (boxes[:, 0] >= left + 2)
            & (boxes[:, 1] >= bottom + 2)
            & (boxes[:, 2] <= right - 2)
            & (boxes[:, 3] <= top - 2)
        )
        a, b = boxes[:, None, :], taken[None, :, :]
        hit = (
            (a[..., 0] < b[..., 2] + GAP) & (a[..., 2] > b[..., 0] - GAP)
            & (a[..., 1] < b[..., 3] + GAP / 2) & (a[..., 3] > b[..., 1] - GAP / 2)
        )  # fmt: skip
        return np.flatnonzero(inside & ~hit.any(axis=1))


def size_of(lines: Lines) -> tuple[float, float]:
    """Return width and height in points."""
    width = max(sum(run.width for run in line) for line in lines)
    return width, sum(_line_height(line) for line in lines)


def _line_height(line: tuple[Run, ...]) -> float:
    return max(run.size for run in line) * (ASCENT + DESCENT)


def _candidates(label: Label, lines: Lines) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    width, height = size_of(lines)
    boxes, aligns = [], []
    for x, y in label.anchors:
        if not label.offset:
            boxes.append((x - width / 2, y - height / 2, x + width / 2, y + height / 2))
            aligns.append(0)
            continue
        for side_x, side_y, align in _SIDES:
            near = label.offset * (0.75 if side_x and side_y else 1.0)
            left = {-1: x + near, 0: x - width / 2, 1: x - near - width}[align]
            # beside the symbol the text is centred on it; above and below it keeps clear of it
            lift = near * 0.8 if side_x else label.offset
            bottom = (
                y - height / 2 if side_y == 0 else (y + lift - 1 if side_y > 0 else y - lift - height + 1)
            )
            boxes.append((left, bottom, left + width, bottom + height))
            aligns.append(align)
    return np.array(boxes, dtype=np.float64).reshape(-1, 4), np.array(aligns, dtype=np.int64)


def area_anchors(polygon: Any, *, step: float, most: int = 60) -> NDArray[np.float64]:
    """Return places for a name within a polygon (in points): its visual centre, then a grid from there outwards."""
    parts = shapely.get_parts(polygon)
    parts = parts[shapely.get_dimensions(parts) == 2]
    if not parts.size:
        return np.empty((0, 2))
    largest = parts[int(np.argmax(shapely.area(parts)))]
    left, bottom, right, top = shapely.bounds(largest)
    step = max(step, min(right - left, top - bottom) / 12)
    xs, ys = np.arange(left + step / 4, right, step / 2), np.arange(bottom + step / 4, top, step / 2)
    grid = np.array(np.meshgrid(xs, ys)).reshape(2, -1).T
    shapely.prepare(largest)
    grid = grid[shapely.contains_xy(largest, grid[:, 0], grid[:, 1])]
    if not len(grid):
        return shapely.get_coordinates(shapely.point_on_surface(largest))
    depth = shapely.distance(shapely.points(grid), shapely.boundary(largest))
    centre = grid[int(np.argmax(depth))]
    order = np.argsort(np.hypot(*(grid - centre).T), kind="stable")[:most]
    return grid[order]


def draw_labels(figure: Any, points: Any, placed: Sequence[Placed]) -> None:
    """Draw the labels, each over a halo; the halo is a path, the text stays text (selectable in a PDF)."""
    from matplotlib.patheffects import Stroke

    for spot in placed:
        left, _, right, top = spot.box
        for line in spot.lines:
            height = _line_height(line)
            baseline = top - height * ASCENT / (ASCENT + DESCENT)
            top -= height
            width = sum(run.width for run in line)
            x = {-1: left, 0: (left + right - width) / 2, 1: right - width}[spot.align]
            for run in line:
                style = {"bold": run.bold, "colour": run.colour}
                halo = write(figure, points, run.text, x, baseline, run.size, **style, gid="halo", zorder=8)
                halo.set_path_effects([Stroke(linewidth=1.7, foreground=spot.label.halo, alpha=0.85)])
                write(
                    figure,
                    points,
                    run.text,
                    x,
                    baseline,
                    run.size,
                    **style,
                    gid=f"label-{spot.label.kind}",
                    zorder=9,
                )
                x += run.width
