"""Rings around what is too small on the sheet to be seen: eight square kilometres gained in a region of 300,000."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely

from railshed.maps import words
from railshed.maps.data import Words
from railshed.maps.labels import Clutter, Label, Run
from railshed.maps.view import View, path

#: points on A4: a part this wide or tall is seen; the ring around a smaller one; rings that are named
SEEN, RADIUS, NAMED = 14.0, 9.0, 3
IMPORTANCE = 2000.0


def draw_rings(
    axes: Any, view: View, shape: Any, name: Words, colour: str, lang: str, scale: float, clutter: Clutter
) -> list[Label]:
    """Ring the parts of a shape in degrees where none is large enough to be seen; return the names of the rings."""
    from matplotlib.patches import PathPatch

    if shape is None or shapely.is_empty(shape):
        return []
    parts = shapely.get_parts(view.clip(view.place(shape)))
    parts = parts[shapely.area(parts) > 0]
    bounds = shapely.bounds(parts)
    if not len(parts) or float((bounds[:, 2:] - bounds[:, :2]).max()) >= SEEN * scale:
        return []
    rings = shapely.get_parts(shapely.union_all(shapely.buffer(shapely.centroid(parts), RADIUS * scale)))
    clutter.add_lines(shapely.boundary(rings), 1.5)
    for ring in rings:
        axes.add_patch(PathPatch(path(ring), facecolor="none", edgecolor=colour, linewidth=1.6, zorder=6, gid="ring"))
    text = " ".join(words.say(name, lang))
    run = Run(text, 7.5 * scale, True, colour)
    largest = np.argsort(-shapely.area(rings), kind="stable")[:NAMED]
    return [
        Label("ring", (((run,),),), shapely.get_coordinates(shapely.centroid(ring)), RADIUS * scale + 2, IMPORTANCE,
              (RADIUS * scale + 8, RADIUS * scale + 16))
        for ring in rings[np.sort(largest)]
    ]  # fmt: skip
