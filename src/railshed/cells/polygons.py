"""Areas: the points in them, and which overlap."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from railshed.util.array_types import Bools, Floats, Ints64
from railshed.util.limits import check_limit, query_blocks

#: points from which a prepared polygon is faster
_MANY = 64


def points_in(polygon: Any, x: Floats, y: Floats, test: Any = shapely.contains_xy) -> Bools:
    """Return bool (n,), whether each point passes a test of shapely with the polygon.

    A copy is prepared, or none: a process crashes where threads use a geometry that one of them prepares, as the tests
    of shapely do with a geometry that is not in an array.
    """
    own = shapely.from_wkb(shapely.to_wkb(polygon)) if len(x) >= _MANY else np.array([polygon])
    return np.asarray(test(own, x, y))


def overlapping_pairs(polygons: NDArray[Any], least: float, file: str) -> tuple[Ints64, Ints64, Floats]:
    """Return the pairs of areas that share more than `least` of the smaller one, in order, and the shares.

    InputError when more areas touch or overlap than the limit `overlaps` allows.
    """
    found, n_pairs = [np.empty((2, 0), np.int64)], 0
    for one, other in query_blocks(shapely.STRtree(polygons), polygons, predicate="intersects"):
        found.append(np.stack([one, other])[:, one < other])
        n_pairs += found[-1].shape[1]
        check_limit("overlaps", n_pairs, "the areas", "are areas listed several times?", so_far=True, file=file)
    pairs = np.concatenate(found, axis=1)
    one, other = pairs[:, np.lexsort(pairs[::-1])]
    smaller = np.minimum(shapely.area(polygons[one]), shapely.area(polygons[other]))
    share = shapely.area(shapely.intersection(polygons[one], polygons[other])) / np.where(smaller > 0, smaller, 1.0)
    return one[share > least], other[share > least], share[share > least]
