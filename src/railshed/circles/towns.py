"""Towns on the land of a circle."""

from __future__ import annotations

from typing import Any

import numpy as np

from railshed.cells.cell_keys import cell_keys, find_keys
from railshed.circles.study_area import StudyArea
from railshed.network.gazetteer import Place, places_in


def towns_on(land: StudyArea) -> tuple[list[Place], np.ndarray[Any, Any]]:
    """Return the towns of GeoNames on the cells of a land, largest first, and the cell of each."""
    lon, lat = land.grid.unproject(*land.grid.centre(land.row, land.column))
    places = places_in(lon.min(), lat.min(), lon.max(), lat.max())
    x, y = land.grid.project([p.lon for p in places], [p.lat for p in places])
    at, known = find_keys(cell_keys(land.row, land.column), cell_keys(*land.grid.index(x, y)))
    return [places[k] for k in np.flatnonzero(known).tolist()], at[known]
