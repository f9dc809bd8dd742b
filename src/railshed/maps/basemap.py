"""A map file of the user's drawn beneath, such as an approved standard map (标准地图)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from railshed.errors import InputError

if TYPE_CHECKING:
    import geopandas as gpd


@dataclass(frozen=True, slots=True)
class Basemap:
    """Features in EPSG:4326 with the name of their file and the approval number (审图号) as given."""

    name: str
    features: gpd.GeoDataFrame
    approval: str = ""


def load_basemap(path: str | Path, approval: str = "") -> Basemap:
    """Return the features of a GeoPackage (all layers), GeoJSON or shapefile.

    Raises
    ------
    InputError
        When the file is missing, cannot be read, is empty or names no CRS.
    """
    import geopandas as gpd
    import pandas as pd
    import pyogrio

    file = Path(path)
    if not file.exists():
        raise InputError(f"basemap {file}: no such file; give a GeoPackage, GeoJSON or shapefile")
    try:
        layers = [name for name, kind in pyogrio.list_layers(file) if kind is not None]
        frames = [gpd.read_file(file, layer=layer) for layer in layers]
    except (OSError, ValueError, RuntimeError) as error:
        raise InputError(f"basemap {file} cannot be read: {error}") from error
    frames = [frame for frame in frames if len(frame) and "geometry" in frame]
    if not frames:
        raise InputError(f"basemap {file} holds no features")
    if any(frame.crs is None for frame in frames):
        raise InputError(f"basemap {file} names no CRS; save it with one, such as EPSG:4490")
    geometry = pd.concat([frame.geometry.to_crs(4326) for frame in frames], ignore_index=True)
    return Basemap(file.name, gpd.GeoDataFrame(geometry=geometry), approval)


def as_basemap(basemap: Basemap | str | Path | None) -> Basemap | None:
    """Return a basemap of a path, and anything else as it is."""
    return load_basemap(basemap) if isinstance(basemap, str | Path) else basemap


def draw_basemap(axes: Any, view: Any, basemap: Basemap) -> None:
    """Draw polygons pale, lines grey, beneath everything else."""
    import shapely
    from matplotlib.collections import LineCollection, PathCollection

    from railshed.maps.view import path

    seen = view.clip(view.place(view.seen(basemap.features).geometry.to_numpy()))
    kinds = shapely.get_dimensions(seen)
    areas = [path(geometry) for geometry in seen[kinds == 2]]
    axes.add_collection(
        PathCollection(areas, facecolors="#f6f4ee", edgecolors="#b9b4a8", linewidths=0.4, zorder=0.5),
        autolim=False,
    )
    lines = [shapely.get_coordinates(line) for line in shapely.get_parts(seen[kinds == 1])]
    axes.add_collection(LineCollection(lines, colors="#9fb4c4", linewidths=0.6, zorder=0.6), autolim=False)
