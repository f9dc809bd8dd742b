"""Areas: the points in them, which overlap, and how often they cross themselves."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from railshed.util.array_types import Bools, Floats, Ints64
from railshed.util.limits import check_limit, query_blocks

#: points from which a prepared polygon is faster
_MANY = 64
_POLYGON = 3
_MEND = "mend it, simplify it or take it out;"


def points_in(polygon: Any, x: Floats, y: Floats, test: Any = shapely.contains_xy) -> Bools:
    """Return bool (n,), whether each point passes a test of shapely with the polygon.

    A copy is prepared, or none: a process crashes where threads use a geometry that one of them
    prepares, as the tests of shapely do with a geometry that is not in an array.
    """
    own = shapely.from_wkb(shapely.to_wkb(polygon)) if len(x) >= _MANY else np.array([polygon])
    return np.asarray(test(own, x, y))


def overlapping_pairs(
    polygons: NDArray[Any], least: float, file: str
) -> tuple[Ints64, Ints64, Floats]:
    """Return the pairs of areas that share more than `least` of the smaller one, in order, and the
    shares.

    InputError when more areas touch or overlap than the limit `overlaps` allows.
    """
    found = [np.empty((2, 0), np.int64)]
    n_pairs = 0
    for one, other in query_blocks(shapely.STRtree(polygons), polygons, predicate="intersects"):
        found.append(np.stack([one, other])[:, one < other])
        n_pairs += found[-1].shape[1]
        check_limit(
            "overlaps",
            n_pairs,
            "the areas",
            "are areas listed several times?",
            so_far=True,
            file=file,
        )
    pairs = np.concatenate(found, axis=1)
    one, other = pairs[:, np.lexsort(pairs[::-1])]
    smaller = np.minimum(shapely.area(polygons[one]), shapely.area(polygons[other]))
    share = shapely.area(shapely.intersection(polygons[one], polygons[other])) / np.where(
        smaller > 0, smaller, 1.0
    )
    return one[share > least], other[share > least], share[share > least]


@np.errstate(invalid="ignore")
def check_edges(shapes: NDArray[Any], file: str, rows: Ints64 | None = None) -> None:
    """Raise InputError where GEOS would mend polygons for minutes; `rows` of the file count from 0.

    GEOS is fast in judging whether they are valid; crossings are counted in those that are not, up
    to a limit.
    """
    total = 0
    for k in np.flatnonzero(~shapely.is_valid(shapes) & ~shapely.is_missing(shapes)).tolist():
        where = {"file": file, "row": (k if rows is None else int(rows[k])) + 1}
        edges = shapely.linestrings(_edges(shapes[k]))
        # each edge meets the next
        n_crossings = -len(edges)
        n_pairs = 0
        for one, other in query_blocks(shapely.STRtree(edges), edges):
            first = one < other
            n_pairs += int(np.count_nonzero(first))
            n_crossings += int(
                np.count_nonzero(shapely.intersects(edges[one[first]], edges[other[first]]))
            )
            for name, number in (("crossings", n_crossings), ("edge_pairs", n_pairs)):
                check_limit(name, number, "the polygon", _MEND, so_far=True, **where)
        total += max(n_crossings, 0)
        check_limit("file_crossings", total, "the file", _MEND, so_far=True, **where)


def _edges(shape: Any) -> Floats:
    """Return float64 (n_edges, 2, 2), both ends of the edges with a length of all polygons of a
    shape.
    """
    parts = np.array([shape], dtype=object)
    while (shapely.get_type_id(parts) > _POLYGON).any():
        parts = shapely.get_parts(parts)
    xy, ring = shapely.get_coordinates(shapely.get_rings(parts), return_index=True)
    return np.asarray(
        np.stack([xy[:-1], xy[1:]], 1)[(ring[1:] == ring[:-1]) & (xy[1:] != xy[:-1]).any(axis=1)]
    )
