"""Points in polygons that threads share, which are left as they are."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from railshed.cells import polygons
from railshed.cells.polygons import points_in


@pytest.mark.parametrize("test", [shapely.contains_xy, shapely.intersects_xy])
def test_few_and_many_points_are_found_alike(test, monkeypatch: pytest.MonkeyPatch) -> None:
    """A triangle with a hole: corners, edges and centres. The polygon is never prepared: four threads crash on one.

    (One in some hundred times four threads that prepare a polygon of 3,000 corners end the process.)
    """
    shape = shapely.Polygon([(0, 0), (8, 0), (0, 8)], [[(1, 1), (2, 1), (1, 2)]])
    x, y = (axis.ravel() for axis in np.meshgrid(np.arange(-1.0, 9.0, 0.5), np.arange(-1.0, 9.0, 0.5)))
    many = points_in(shape, x, y, test)
    monkeypatch.setattr(polygons, "_MANY", 10_000)
    assert points_in(shape, x, y, test).tolist() == many.tolist()
    assert many.any()
    assert not shapely.is_prepared(shape)
