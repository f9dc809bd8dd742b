"""Map files of the user's drawn beneath: an approved standard map (标准地图), water, the coast,
borders.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from railshed.cells.polygons import check_edges
from railshed.util.errors import InputError

if TYPE_CHECKING:
    import geopandas as gpd

LAND = "#f6f4ee"
LAND_EDGE = "#b9b4a8"
WATER = "#d3e3ee"
SHORE = "#7fa6c4"
BORDER = "#6d6480"
OTHER = "#9aa3aa"
#: words in the name of a layer, of a file or in the columns of OpenStreetMap and Natural Earth that
#: say what it is
_WATER = re.compile(
    r"water|lake|river|stream|canal|hydro|reservoir|ocean|(?<![a-z])(?:sea|bay)(?![a-z])|coast|shore|wetland"
    # not 江, 河, 海: 浙江, 河北, 上海 are land
    r"|水系|水面|水域|水库|水体|河流|河湖|湖泊|海洋|海域|海岸|岸线|渠道"
)
_BORDER = re.compile(r"border|bound|admin|界")
_COLUMNS = (
    "natural",
    "waterway",
    "water",
    "landuse",
    "boundary",
    "featurecla",
    "fclass",
    "kind",
    "type",
)


@dataclass(frozen=True, slots=True)
class Basemap:
    """Features in EPSG:4326 with the names of their files and the approval number (审图号).

    A column `kind` (land, water, border, other) says how each is drawn; without it all are land or
    other.
    """

    name: str
    features: gpd.GeoDataFrame
    approval: str = ""

    @property
    def kinds(self) -> Any:
        """What each feature is."""
        if "kind" in self.features.columns:
            return self.features["kind"].to_numpy(dtype=str)
        return np.full(len(self.features), "land")

    @property
    def has_land(self) -> bool:
        """Whether some area of it is land, so that land is known from it."""
        areas = shapely.get_dimensions(self.features.geometry.to_numpy()) == 2
        return bool((areas & (self.kinds == "land")).any())


#: a basemap, or one or several files that are one
AnyBasemap = Basemap | str | Path | Sequence[str | Path] | None


def load_basemap(path: str | Path | Sequence[str | Path], approval: str = "") -> Basemap:
    """Return the features of one or several files: GeoPackage (all layers), GeoJSON or shapefile.

    Water and borders are recognised by the name of the layer or file, or by the columns of
    OpenStreetMap (`natural`, `waterway`, `boundary`) and Natural Earth (`featurecla`); areas of
    anything else are land.

    Raises InputError when a file is missing, cannot be read, is empty or names no CRS.
    """
    import geopandas as gpd
    import pandas as pd

    files = [Path(path)] if isinstance(path, str | Path) else [Path(p) for p in path]
    problems: list[str] = []
    frames = [frame for file in files for frame in _frames(file, problems)]
    if problems:
        raise InputError("; ".join(problems))
    together = pd.concat(frames, ignore_index=True)
    return Basemap(
        ", ".join(file.name for file in files), gpd.GeoDataFrame(together, crs=4326), approval
    )


def approved(approval: str) -> Basemap:
    """Return a basemap that shows nothing: the map drawn on it bears this approval number."""
    import geopandas as gpd

    return Basemap("", gpd.GeoDataFrame(geometry=[], crs=4326), approval)


def _frames(file: Path, problems: list[str]) -> list[gpd.GeoDataFrame]:
    """Return the layers of a file with geometry and kind; what is wrong with it is added to the
    problems.
    """
    import geopandas as gpd
    import pyogrio

    if not file.exists():
        problems.append(f"basemap {file}: no such file; give a GeoPackage, GeoJSON or shapefile")
        return []
    try:
        layers = [name for name, kind in pyogrio.list_layers(file) if kind is not None]
        frames = {layer: gpd.read_file(file, layer=layer) for layer in layers}
    except (OSError, ValueError, RuntimeError, shapely.errors.ShapelyError) as error:
        problems.append(f"basemap {file} cannot be read: {error}")
        return []
    frames = {layer: frame for layer, frame in frames.items() if len(frame) and "geometry" in frame}
    if not frames:
        problems.append(f"basemap {file} holds no features")
    if any(frame.crs is None for frame in frames.values()):
        problems.append(f"basemap {file} names no CRS; save it with one, such as EPSG:4490")
        return []
    for frame in frames.values():
        check_edges(frame.geometry.to_numpy(), file.name)
    return [
        gpd.GeoDataFrame(
            {"kind": _kinds(frame, f"{layer} {file.stem}")},
            geometry=frame.geometry.to_crs(4326).array,
        )
        for layer, frame in frames.items()
    ]


def _kinds(frame: gpd.GeoDataFrame, name: str) -> list[str]:
    """Return the kind of each feature, by its own columns, else by the name of its layer
    and file.
    """
    columns = [column for column in frame.columns if str(column).lower() in _COLUMNS]
    tags = [
        " ".join(str(v) for v in row if v is not None)
        for row in zip(*(frame[c] for c in columns), strict=True)
    ]
    areas = shapely.get_dimensions(frame.geometry.to_numpy()) == 2
    return [
        _kind(own, name, bool(area))
        for own, area in zip(tags or [""] * len(frame), areas, strict=True)
    ]


def _kind(own: str, name: str, area: bool) -> str:
    for text in (own.lower(), name.lower()):
        if _WATER.search(text):
            return "water"
        if _BORDER.search(text):
            return "land" if area else "border"
    return "land" if area else "other"


def draw_basemap(axes: Any, view: Any, basemap: Basemap) -> None:
    """Draw land pale and water blue beneath the circle, shores, rivers and borders as lines above
    it.
    """
    from matplotlib.collections import PathCollection

    from railshed.maps.view import draw_lines, path

    inside = view.seen(basemap.features)
    seen = view.clip(view.place(inside.geometry.to_numpy()))
    kinds = Basemap("", inside).kinds
    dimension = shapely.get_dimensions(seen)
    for kind, face, edge, zorder in (
        ("land", LAND, LAND_EDGE, 0.5),
        ("water", WATER, "none", 1.02),
    ):
        areas = [path(geometry) for geometry in seen[(dimension == 2) & (kinds == kind)]]
        axes.add_collection(
            PathCollection(areas, facecolors=face, edgecolors=edge, linewidths=0.4, zorder=zorder),
            autolim=False,
        )
    shores = shapely.boundary(seen[(dimension == 2) & (kinds == "water")])
    for lines, colour, width, dash in (
        (shores, SHORE, 0.5, "solid"),
        (seen[(dimension == 1) & (kinds == "water")], SHORE, 0.8, "solid"),
        (seen[(dimension == 1) & (kinds == "border")], BORDER, 0.9, (0, (5, 1.5, 1, 1.5))),
        (seen[(dimension == 1) & ((kinds == "other") | (kinds == "land"))], OTHER, 0.5, "solid"),
    ):
        draw_lines(axes, lines, colour, width, 2.95, linestyles=[dash])
