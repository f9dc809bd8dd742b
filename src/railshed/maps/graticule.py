"""Meridians and parallels, thin beneath everything, with their degrees at the frame."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely

from railshed.maps.labels import Label, TextRun
from railshed.maps.view import View, draw_lines

LINE = "#c3c9ce"
TEXT = "#7d868d"
#: minutes of arc between lines
_STEPS = (1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1200)
#: about so many points between lines
_APART = 130.0
_SIZE = 6.0
#: between all other labels and none: a degree stands where its line meets the frame or not at all
_IMPORTANCE = 2000.0


def draw_graticule(axes: Any, view: View, scale: float) -> list[Label]:
    """Draw the lines and return the labels of their degrees, at the foot and the left of
    the frame.
    """
    edge = view.degrees(view.lattice(17))
    edge = edge[np.isfinite(edge).all(axis=1)]
    if not len(edge):
        return []
    low = edge.min(axis=0)
    high = edge.max(axis=0)
    if (
        high[0] - low[0] > 180
    ):  # the date line runs through the map, where a range of longitudes says nothing
        return []
    left, bottom, _, top = view.box
    step = _step(float(high[1] - low[1]) * 60 / (top - bottom) * _APART * scale)
    labels = []
    lines = []
    for axis in (0, 1):
        for minutes in range(
            int(np.ceil(low[axis] * 60 / step)), int(np.floor(high[axis] * 60 / step)) + 1
        ):
            line = np.linspace(low, high, 80)
            line[:, axis] = minutes * step / 60
            cut = view.clip(view.place(shapely.LineString(line)), pad=0.0)
            if not shapely.length(cut):
                continue
            lines.append(cut)
            size = max(_SIZE, _SIZE * scale)
            run = TextRun(_degrees(minutes * step, "EW" if axis == 0 else "NS"), size, False, TEXT)
            at = _meeting(cut, axis, left if axis else bottom)
            if at is not None:
                inside = (
                    np.array([at, bottom + size])
                    if axis == 0
                    else np.array([left + run.width / 2 + 3, at])
                )
                labels.append(Label("graticule", (((run,),),), inside[None], 0.0, _IMPORTANCE))
    draw_lines(axes, lines, LINE, 0.35, 1.05)
    return labels


def _step(minutes: float) -> int:
    return min(_STEPS, key=lambda step: abs(np.log(step / max(minutes, 1e-9))))


def _meeting(line: Any, axis: int, edge: float) -> float | None:
    """Return where along the frame's foot (axis 0) or left edge the line meets it."""
    ends = shapely.get_coordinates(line)
    near = ends[np.argmin(np.abs(ends[:, 1 - axis] - edge))]
    return float(near[axis]) if abs(near[1 - axis] - edge) < 1.5 else None


def _degrees(minutes: int, signs: str) -> str:
    """Return degrees and minutes of arc as printed."""
    whole, rest = divmod(abs(minutes), 60)
    sign = ""
    if minutes != 0:
        sign = signs[0] if minutes > 0 else signs[1]
    return f"{whole}°{f'{rest:02d}′' if rest else ''}{sign}"
