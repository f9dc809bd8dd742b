"""Labels without overlaps: each has candidate places and shorter forms; the important ones choose
first.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import shapely
from matplotlib.lines import Line2D
from matplotlib.patheffects import Stroke
from numpy.typing import NDArray

from railshed.maps import fonts
from railshed.maps.page import write
from railshed.maps.palette import INK
from railshed.util.array_types import Bools, Floats, Ints64
from railshed.util.sums import plain_sum

#: height of a line's box above and below the baseline, over the font size
ASCENT = 0.90
DESCENT = 0.24
GAP = 1.2  # points left free around each label
#: of clutter, by which each later anchor is dearer
STEP_COST = 0.5


@dataclass(frozen=True, slots=True)
class TextRun:
    """A piece of a line in one style."""

    text: str
    size: float
    bold: bool = False
    colour: str = INK

    @property
    def width(self) -> float:
        """Width in points."""
        return fonts.text_width(self.text, self.size, bold=self.bold)


Lines = tuple[tuple[TextRun, ...], ...]


@dataclass(frozen=True, slots=True)
class Label:
    """A label that wants to stand at one of its anchors, or around its only anchor when that is a
    symbol.
    """

    kind: str
    #: the forms to try, fullest first
    forms: tuple[Lines, ...]
    #: (n, 2) points: where it may be put, best first
    anchors: Floats
    #: distance of the text from the anchor for a symbol, 0 for text centred on the anchor
    offset: float
    importance: float
    #: more distances from the symbol to try, beyond `offset`
    further: tuple[float, ...] = ()
    #: distances at which it may stand tied to its symbol by a thin line, when all else fails
    leaders: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class PlacedLabel:
    """A label with its place: box left, bottom, right, top in points."""

    label: Label
    lines: Lines
    box: tuple[float, float, float, float]
    #: -1 left aligned, 0 centred, 1 right aligned
    align: int
    leader: bool = False


#: sides of a symbol in the order in which they are tried: x, y, share of the size by which it
#: slides along
_SIDES = (
    (1, 0, 0.0),
    (-1, 0, 0.0),
    (1, 1, 0.0),
    (1, -1, 0.0),
    (-1, 1, 0.0),
    (-1, -1, 0.0),
    (0, 1, 0.0),
    (0, -1, 0.0),
    (1, 0, 0.25),
    (1, 0, -0.25),
    (-1, 0, 0.25),
    (-1, 0, -0.25),
    (0, 1, 0.25),
    (0, 1, -0.25),
    (0, -1, 0.25),
    (0, -1, -0.25),
)


class Clutter:
    """How much would be covered by a label: weights on a fine grid, summed over any box at once."""

    STEP = 2.0

    def __init__(self, frame: tuple[float, float, float, float]) -> None:
        self._corner = np.array(frame[:2])
        size = (np.array(frame[2:]) - self._corner) / self.STEP
        self._weights = np.zeros((int(size[0]) + 2, int(size[1]) + 2))
        self._sums: Floats | None = None

    def add(self, points: Floats, weight: float) -> None:
        """Add this weight at points (n, 2)."""
        cells = np.floor((points - self._corner) / self.STEP).astype(np.int64)
        fits = ((cells >= 0) & (cells < self._weights.shape)).all(axis=1)
        np.add.at(self._weights, tuple(cells[fits].T), weight)
        self._sums = None

    def add_lines(self, lines: Any, weight: float) -> None:
        """Add this weight along lines, once a grid step."""
        self.add(shapely.get_coordinates(shapely.segmentize(lines, self.STEP)), weight)

    def under(self, boxes: Floats) -> Floats:
        """Return the weight under each box (n, 4)."""
        if self._sums is None:
            self._sums = np.pad(self._weights.cumsum(axis=0).cumsum(axis=1), ((1, 0), (1, 0)))
        corners = (boxes.reshape(-1, 2, 2) - self._corner) / self.STEP
        low = np.clip(np.floor(corners[:, 0]).astype(np.int64), 0, self._weights.shape)
        high = np.clip(np.ceil(corners[:, 1]).astype(np.int64), 0, self._weights.shape)
        s = self._sums
        (x0, y0) = low.T
        (x1, y1) = high.T
        return np.asarray(s[x1, y1] - s[x0, y1] - s[x1, y0] + s[x0, y0])


@dataclass(slots=True)
class Placer:
    """Places labels inside `frame` (left, bottom, right, top), free of each other and of what is
    blocked.

    Of the free places the one with the least clutter beneath is taken; each step down the list of
    places costs as much as `STEP_COST` of clutter.
    """

    frame: tuple[float, float, float, float]
    clutter: Clutter
    #: (n, 2) places of all symbols: the label of one stands nearer to it than to any other
    symbols: Floats = field(default_factory=lambda: np.empty((0, 2)))
    #: left, bottom, right, top: what no label may cover
    boxes: list[tuple[float, float, float, float]] = field(default_factory=list)

    def place(self, labels: Iterable[Label]) -> list[PlacedLabel]:
        """Return the labels that found a place; the most important ones first, ties in the order
        given.
        """
        placed = []
        for label in sorted(labels, key=lambda label: -label.importance):
            spot = self._find(label)
            if spot is not None:
                self.boxes.append(spot.box)
                placed.append(spot)
        return placed

    def replace(self, spot: PlacedLabel, label: Label) -> PlacedLabel:
        """Return the label placed instead of `spot`, or `spot` where there is no room for its
        fullest form.
        """
        self.boxes.remove(spot.box)
        found = self._find(replace(label, forms=label.forms[:1], leaders=()))
        self.boxes.append(found.box if found else spot.box)
        return found or spot

    def _find(self, label: Label) -> PlacedLabel | None:
        taken = np.array(self.boxes, dtype=np.float64).reshape(-1, 4)
        tries = [(lines, False) for lines in label.forms]
        if label.leaders:
            tries.append((label.forms[-1], True))
        for lines, leader in tries:
            boxes, aligns = _candidates(
                label, lines, label.leaders if leader else (0.0, *label.further)
            )
            free = self._free(boxes, taken)
            if label.offset and not leader:
                free = free[self._is_clear(boxes[free], label.anchors[0])]
            if free.size:
                cost = self.clutter.under(boxes[free]) + STEP_COST * free
                best = int(free[int(np.argmin(cost))])
                left, bottom, right, top = (float(v) for v in boxes[best])
                return PlacedLabel(
                    label, lines, (left, bottom, right, top), int(aligns[best]), leader
                )
        return None

    def _is_clear(self, boxes: Floats, own: Floats) -> Bools:
        """Return whether each box stands clearly nearer to its own symbol than to every
        other one.
        """
        others = self.symbols[
            np.hypot(*(self.symbols - own).T) > 3.0
        ]  # one place with two stations has both labels
        if not len(others):
            return np.ones(len(boxes), dtype=np.bool_)
        return np.asarray(
            _distance(boxes, others).min(axis=1) > _distance(boxes, own[None])[:, 0] + 1.0
        )

    def _free(self, boxes: Floats, taken: Floats) -> NDArray[np.intp]:
        left, bottom, right, top = self.frame
        inside = (boxes[:, :2] >= (left + 2, bottom + 2)).all(axis=1)
        inside &= (boxes[:, 2:] <= (right - 2, top - 2)).all(axis=1)
        a = boxes[:, None, :]
        b = taken[None, :, :]
        hit = (
            (a[..., 0] < b[..., 2] + GAP)
            & (a[..., 2] > b[..., 0] - GAP)
            & (a[..., 1] < b[..., 3] + GAP / 2)
            & (a[..., 3] > b[..., 1] - GAP / 2)
        )
        return np.flatnonzero(inside & ~hit.any(axis=1))


def _distance(boxes: Floats, points: Floats) -> Floats:
    """Return the distances (n_boxes, n_points) from boxes to points, 0 within."""
    b = boxes[:, None, :]
    p = points[None, :, :]
    offset = np.maximum(np.maximum(b[..., :2] - p, p - b[..., 2:]), 0.0)
    return np.asarray(np.hypot(offset[..., 0], offset[..., 1]))


def size_of(lines: Lines) -> tuple[float, float]:
    """Return width and height in points."""
    width = max(plain_sum(run.width for run in line) for line in lines)
    return width, plain_sum(_line_height(line) for line in lines)


def _line_height(line: tuple[TextRun, ...]) -> float:
    return max(run.size for run in line) * (ASCENT + DESCENT)


def _candidates(label: Label, lines: Lines, distances: Sequence[float]) -> tuple[Floats, Ints64]:
    """Return boxes and alignments: centred on the anchors, or around the one symbol, nearest places
    first.
    """
    width, height = size_of(lines)
    if not label.offset:
        half = np.array([width / 2, height / 2])
        boxes = np.hstack([label.anchors - half, label.anchors + half])
        return boxes, np.zeros(len(boxes), dtype=np.int64)
    x, y = (float(v) for v in label.anchors[0])
    found = []
    aligns = []
    for away in distances:
        for side_x, side_y, slide in _SIDES:
            radius = label.offset + away
            offset = radius * (0.75 if side_x and side_y else 1.0)
            left = {1: x + offset, 0: x - width / 2 + slide * width, -1: x - offset - width}[side_x]
            lift = offset * 0.8 - 1 if side_x else radius - 1
            bottom = {0: y - height / 2 + slide * height, 1: y + lift, -1: y - lift - height}[
                side_y
            ]
            found.append((left, bottom, left + width, bottom + height))
            aligns.append(-side_x)
    return np.array(found), np.array(aligns)


def area_anchors(polygon: Any, *, step: float, most: int = 60) -> Floats:
    """Return places for a name in a polygon (in points): its visual centre, then a grid
    outwards.
    """
    parts = shapely.get_parts(polygon)
    parts = parts[shapely.get_dimensions(parts) == 2]
    if not parts.size:
        return np.empty((0, 2))
    largest = parts[int(np.argmax(shapely.area(parts)))]
    left, bottom, right, top = shapely.bounds(largest)
    step = max(step, min(right - left, top - bottom) / 12)
    xs = np.arange(left + step / 4, right, step / 2)
    ys = np.arange(bottom + step / 4, top, step / 2)
    grid = np.array(np.meshgrid(xs, ys)).reshape(2, -1).T
    shapely.prepare(largest)
    grid = grid[shapely.contains_xy(largest, grid[:, 0], grid[:, 1])]
    if not len(grid):
        return np.asarray(shapely.get_coordinates(shapely.point_on_surface(largest)))
    depth = shapely.distance(shapely.points(grid), shapely.boundary(largest))
    centre = grid[int(np.argmax(depth))]
    order = np.argsort(np.hypot(*(grid - centre).T), kind="stable")[:most]
    return np.asarray(grid[order])


def draw_labels(
    figure: Any, points: Any, placed: Sequence[PlacedLabel], *, prefix: str = ""
) -> None:
    """Draw the labels, each over a halo; the halo is a path, the text stays text (selectable in a
    PDF).
    """
    for nth, spot in enumerate(placed):
        if spot.leader:
            _draw_leader(figure, points, spot)
        left, _, right, top = spot.box
        for line in spot.lines:
            height = _line_height(line)
            baseline = top - height * ASCENT / (ASCENT + DESCENT)
            top -= height
            width = plain_sum(run.width for run in line)
            x = {-1: left, 0: (left + right - width) / 2, 1: right - width}[spot.align]
            for run in line:
                for halo in (True, False):
                    text = write(
                        figure,
                        points,
                        run.text,
                        x,
                        baseline,
                        run.size,
                        bold=run.bold,
                        colour=run.colour,
                        gid="halo" if halo else f"label-{spot.label.kind}-{prefix}{nth}",
                        zorder=8.0 if halo else 9.0,
                    )
                    if halo:
                        text.set_path_effects(
                            [Stroke(linewidth=2.2, foreground="white", alpha=0.92)]
                        )
                x += run.width


def _draw_leader(figure: Any, points: Any, spot: PlacedLabel) -> None:
    """Tie a label to its symbol by a thin line on a white one."""
    x, y = (float(v) for v in spot.label.anchors[0])
    left, bottom, right, top = spot.box
    ends = [x, min(max(x, left), right)], [y, min(max(y, bottom), top)]
    for colour, width in (("white", 1.8), (INK, 0.6)):
        line = Line2D(
            *ends, transform=points, color=colour, linewidth=width, zorder=7.5, gid="leader"
        )
        figure.add_artist(line, clip=False)
