"""The edges of circles on an HTML map: at the cutoffs asked for they are the polygons of the GeoPackage."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from railshed.htmlblob import Blob, add_lines

if TYPE_CHECKING:
    from railshed.differences import Difference
    from railshed.results import Circle


@dataclass(frozen=True, slots=True)
class Edges:
    """The polygons of one cutoff of a reading, EPSG:4326."""

    cutoff_min: int
    #: by side; by rail None where none are drawn
    total: Sequence[Any]
    by_rail: Sequence[Any]
    gained: Any = None
    lost: Any = None


def circle_edges(circle: Circle) -> dict[str, list[Edges]]:
    """Return the polygons of a circle by reading."""
    shapes = _by_key(circle.polygons, "kind")
    return {
        name: [
            Edges(cutoff, [shapes[name, cutoff, "total"]], [shapes[name, cutoff, "by_rail"]])
            for cutoff in _cutoffs(shapes, name)
        ]
        for name in circle.surfaces
    }


def difference_edges(found: Difference, circles: Sequence[Circle]) -> dict[str, list[Edges]]:
    """Return the polygons of a comparison by reading; `circles` are those before and after, none where united."""
    shapes = _by_key(found.all_polygons, "state")
    rails = [_by_key(circle.polygons, "kind") for circle in circles]
    return {
        name: [
            Edges(
                cutoff, [shapes[name, cutoff, state] for state in ("before", "after")],
                [rail[name, cutoff, "by_rail"] for rail in rails] or [None, None],
                shapes[name, cutoff, "gained"], shapes[name, cutoff, "lost"],
            )
            for cutoff in _cutoffs(shapes, name)
        ]
        for name in found.surfaces
    }  # fmt: skip


def _by_key(frame: Any, column: str) -> dict[tuple[str, int, str], Any]:
    keys = zip(frame["reading"], frame["cutoff_min"], frame[column], strict=True)
    return dict(zip(((name, int(cutoff), what) for name, cutoff, what in keys), frame.geometry, strict=True))


def _cutoffs(shapes: Mapping[tuple[str, int, str], Any], reading: str) -> list[int]:
    return sorted({cutoff for name, cutoff, _ in shapes if name == reading})


def add_edges(edges: Sequence[Edges], blob: Blob) -> list[dict[str, Any]]:
    """Return the polygons as plain values, their rings in `blob`."""

    def add(shape: Any) -> Any:
        return None if shape is None else add_lines(blob, shape)

    return [
        {
            "cutoff": each.cutoff_min, "total": [add(shape) for shape in each.total],
            "by_rail": [add(shape) for shape in each.by_rail], "gained": add(each.gained), "lost": add(each.lost),
        }
        for each in edges
    ]  # fmt: skip
