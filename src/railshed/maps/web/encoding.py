"""Arrays and shapes as an HTML map holds them: one stream of bytes next to the JSON, and lines in
whole steps.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

#: steps a degree of shapes: about 11 m
STEPS_PER_DEGREE = 10_000


@dataclass(slots=True)
class Blob:
    """Arrays one after the other, each at a multiple of four bytes, and each once."""

    _parts: list[bytes] = field(default_factory=list)
    _length: int = 0
    #: where arrays of the same bytes stand
    _known: dict[tuple[str, bytes], dict[str, Any]] = field(default_factory=dict)

    def add(self, values: NDArray[Any]) -> dict[str, Any]:
        """Return where the array of uint8, uint16 or int32 stands: type, first byte, number of
        values.
        """
        data = values.astype(values.dtype.newbyteorder("<")).tobytes()
        key = values.dtype.name, hashlib.sha256(data).digest()
        if key in self._known:
            return self._known[key]
        self._known[key] = entry = {
            "type": values.dtype.str[1:],
            "at": self._length,
            "n": int(values.size),
        }
        padded = data + bytes(-len(data) % 4)
        self._parts.append(padded)
        self._length += len(padded)
        return entry

    def to_bytes(self) -> bytes:
        """Return all arrays."""
        return b"".join(self._parts)


def add_steps(blob: Blob, values: NDArray[np.int64]) -> dict[str, Any]:
    """Return where rising or near values stand, stored as int32 differences, which
    compress better.
    """
    return blob.add(np.diff(values, prepend=0).astype(np.int32))


def add_lines(blob: Blob, shape: Any) -> dict[str, Any]:
    """Return where the lines of a shape stand, those of polygons its rings: x and y in steps, and
    points by line.

    Outer rings run anticlockwise. Lines of less than two different points are left out; NaN and
    empty shapes have none.
    """
    parts = shapely.orient_polygons(shapely.get_parts(shapely.get_parts(np.atleast_1d(shape))))
    rings = [
        ring
        for p in parts
        for ring in (shapely.get_rings(p) if shapely.get_dimensions(p) == 2 else [p])
    ]
    lines = [line for line in map(_steps, rings) if len(line) > 1]
    points = np.concatenate(lines) if lines else np.zeros((0, 2), np.int64)
    return {
        "n": blob.add(np.array([len(line) for line in lines], np.int32)),
        "x": add_steps(blob, points[:, 0]),
        "y": add_steps(blob, points[:, 1]),
    }


def _steps(line: Any) -> NDArray[np.int64]:
    """Return int64 (n, 2) points of a line in whole steps, none twice in a row."""
    points = np.rint(shapely.get_coordinates(line) * STEPS_PER_DEGREE).astype(np.int64)
    moves = np.append(True, (points[1:] != points[:-1]).any(axis=1))[: len(points)]
    return np.asarray(points[moves])
