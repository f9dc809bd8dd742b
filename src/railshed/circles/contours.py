"""Outlines of cells: where the edge of a circle crosses between cell centres, and how much area it
holds.

The lattice has the cell centres as nodes. An outline is made of crossings, each on a lattice edge
between a node inside and a node outside, joined by straight segments, one or two a lattice square.
`t` is how far a crossing lies from the node inside, in (0, 1). A segment that cuts off a corner
inside holds t1 * t2 / 2 of its square, one that cuts off a corner outside leaves (1 - t1) * (1 -
t2) / 2 of it out, a straight one holds (t1 + t2) / 2; the cells' own squares hold 1/4, leave out
1/4 and hold 1/2 there. So the outline's area differs from the cells' by the sum of

    straight t1/2 + t2/2 - 1/2,  inner corner t1 t2/2 - 1/4,  outer corner 1/4 - (1 - t1)(1 - t2)/2

cells over its segments: `excess`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from railshed.kernels import contours as kernels
from railshed.util.array_types import Bools, Floats, Ints64

#: crossings stand at whole parts of a lattice edge, never at its nodes: outlines touch exactly or
#: are well apart
PARTS = 256
#: crossings keep this part of a lattice edge away from cell centres
MARGIN = 1 / 64
#: the area is balanced in squares of this many cells, so that a change of the cells moves no edge
#: far away
BLOCK = 8
#: a block is balanced when its excess is at most this many cells
ENOUGH = 0.02
_STEPS = 20
#: more than any field holds: its means are those of the values as they are
_NO_LIMIT = 2**31
#: bounds of the logarithm of a block's gain
_MOST = 9.0


@dataclass(frozen=True, slots=True, eq=False)
class Rings:
    """Crossings ring by ring, polygon by polygon, the outer ring first; the first of a ring
    repeated at its end.
    """

    #: int64 (n,) lattice row and column of the lower node of each crossing's edge, from the array's
    #: corner
    row: Ints64
    column: Ints64
    #: (n,) whether the edge runs along the row
    across: Bools
    #: int8 (n,) of the segment that begins here: 0 straight, 1 corner inside, -1 corner outside
    turn: NDArray[np.int8]
    #: offsets of rings into crossings, of polygons into rings
    rings: Ints64
    outers: Ints64

    def ends(self, values: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
        """Return the values of nodes at the lower and the upper end of each crossing's edge."""
        return values[self.row, self.column], values[
            self.row + ~self.across, self.column + self.across
        ]


def rings_within(seconds: NDArray[np.int32], cutoff_s: int, soft_s: int) -> Rings:
    """Return the rings around the nodes of at most `cutoff_s`; more than that all around (see
    `trace_contours`).

    Where two squares inside meet at a corner only, the mean of the four, clipped to `soft_s` on
    both sides of the cutoff, decides whether they are joined.
    """
    crossings, ptr, polygon = kernels.trace_contours(seconds, cutoff_s, soft_s)
    order = np.argsort(polygon, kind="stable")
    sizes = np.diff(ptr)[order]
    rings = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
    outers = np.concatenate([[0], np.cumsum(np.bincount(polygon))]).astype(np.int64)
    crossings = crossings[np.repeat(ptr[:-1][order] - rings[:-1], sizes) + np.arange(rings[-1])]
    row, column = (crossings[:, k].astype(np.int64) for k in (0, 1))
    return Rings(row, column, crossings[:, 2] != 0, crossings[:, 3].astype(np.int8), rings, outers)


@dataclass(frozen=True, slots=True, eq=False)
class Outline(Rings):
    """Rings on the whole lattice; outer rings run counter-clockwise, holes clockwise."""

    #: (n,) whether the lower node of an edge is the one inside
    low_inside: Bools
    #: float64 (n,) how far inside and outside the field is at the edge's two nodes, both above 0
    depth: Floats
    height: Floats
    #: float64 (n,) place of the crossing
    t: Floats
    #: int64 (m,) first crossing of each segment
    start: Ints64

    def keys(self) -> Ints64:
        """Return a number for each crossing's lattice edge, the same in every outline of
        a lattice.
        """
        return (((self.row + 2**29) << 30) + self.column + 2**29) * 2 + self.across

    def excess(self) -> Floats:
        """Return by how many cells each segment's square holds more than the cells do there."""
        u = self.t[self.start]
        v = self.t[self.start + 1]
        turn = self.turn[self.start]
        corner = np.where(turn > 0, u * v / 2 - 0.25, 0.25 - (1 - u) * (1 - v) / 2)
        return np.where(turn == 0, (u + v - 1) / 2, corner)


def trace(field: NDArray[np.int64], corner: tuple[int, int]) -> Outline:
    """Return the outline of the nodes with a negative value, `t` by linear interpolation.

    `field` holds integers other than 0, positive all around; `corner` is the lattice row and column
    of its first node. Where two squares inside meet at a corner only, the mean of the four values
    decides whether they are joined.
    """
    found = rings_within(field.astype(np.int32), 0, _NO_LIMIT)
    low, high = found.ends(field)
    start = np.delete(np.arange(len(low)), found.rings[1:] - 1)
    depth = -np.minimum(low, high).astype(np.float64)
    height = np.maximum(low, high).astype(np.float64)
    t = _crossing(depth, height)
    return Outline(
        row=found.row + corner[0],
        column=found.column + corner[1],
        across=found.across,
        turn=found.turn,
        rings=found.rings,
        outers=found.outers,
        low_inside=low < 0,
        depth=depth,
        height=height,
        t=t,
        start=start,
    )


def balance(outline: Outline, inner: Sequence[Outline]) -> Outline:
    """Return the outline with the area of its cells and no crossing short of an inner outline's.

    The depth at crossings is multiplied by the gain of their block of the lattice, between two
    blocks by the mean of both, until each block's excess is next to nothing. All crossings stay
    between their nodes.
    """
    floor = np.full(len(outline.t), MARGIN)
    for other in inner:
        keys, first = np.unique(other.keys(), return_index=True)
        at = np.minimum(np.searchsorted(keys, outline.keys()), len(keys) - 1)
        known = keys[at] == outline.keys()
        floor[known] = np.maximum(floor[known], other.t[first[at[known]]])
    out = replace(outline, t=np.maximum(outline.t, floor))
    block, n_blocks = _blocks(outline)
    gain = np.zeros(n_blocks)
    for _ in range(_STEPS):
        more = np.bincount(block, out.excess(), n_blocks)
        if (np.abs(more) <= ENOUGH).all():
            break
        slope = np.bincount(block, _slope(out, floor), n_blocks)
        step = np.clip(-more / np.maximum(slope, 1e-3), -2.0, 2.0)
        gain = np.clip(gain + np.where(np.abs(more) > ENOUGH, step, 0.0), -_MOST, _MOST)
        deeper = out.depth * np.exp(_at_crossings(outline, gain[block]))
        out = replace(out, t=np.maximum(_crossing(deeper, out.height), floor))
    return out


def _crossing(depth: Floats, height: Floats) -> Floats:
    """Return where the line from -depth to +height crosses zero: each step keeps order, so more
    depth is never less.
    """
    return np.clip(np.rint(PARTS / (1 + height / depth)) / PARTS, MARGIN, 1 - MARGIN)


def lattice_xy(outline: Outline) -> tuple[Floats, Floats]:
    """Return column and row of the crossings as fractions: exact on lattice lines, rising with `t`
    along an edge.
    """
    along = np.where(outline.low_inside, outline.t, 1 - outline.t)
    x = outline.column.astype(np.float64) + np.where(outline.across, along, 0.0)
    return x, outline.row.astype(np.float64) + np.where(outline.across, 0.0, along)


def _blocks(outline: Outline) -> tuple[Ints64, int]:
    """Return the block of each segment, and how many there are."""
    here = outline.start
    there = outline.start + 1
    row = np.minimum(outline.row[here], outline.row[there]) // BLOCK
    column = np.minimum(outline.column[here], outline.column[there]) // BLOCK
    names, block = np.unique(((row + 2**29) << 30) + column + 2**29, return_inverse=True)
    return block, len(names)


def _at_crossings(outline: Outline, of_segment: Floats) -> Floats:
    """Return the mean of a value of segments over the two that meet at each crossing."""
    first = outline.rings[:-1].astype(np.int64)
    last = outline.rings[1:].astype(np.int64) - 1
    # a ring of n crossings, the first repeated, has n - 1 segments
    begin = first - np.arange(len(first))
    end = last - np.arange(len(last)) - 1
    before = np.roll(of_segment, 1)
    before[begin] = of_segment[end]
    mean = np.empty(len(outline.t))
    mean[outline.start] = (of_segment + before) / 2
    mean[last] = mean[first]
    return mean


def _slope(outline: Outline, floor: Floats) -> Floats:
    """Return how fast each segment's excess grows with the logarithm of the gain, in cells."""
    rate = np.where(outline.t > floor, outline.t * (1 - outline.t), 0.0)
    u, v, du, dv = (
        values[k] for values in (outline.t, rate) for k in (outline.start, outline.start + 1)
    )
    turn = outline.turn[outline.start]
    corner = np.where(turn > 0, du * v + u * dv, du * (1 - v) + (1 - u) * dv)
    return np.where(turn == 0, du + dv, corner) / 2
