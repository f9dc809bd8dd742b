"""A layer ready to be written: features that every format can hold, their style and their
meaning.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from railshed.export.field_meanings import Meaning, base_name, find_field, find_layer
from railshed.export.styles import FileDescription, style_of

if TYPE_CHECKING:
    import geopandas as gpd

    from railshed.export.symbology import Style
    from railshed.maps.projection import Crs

CRS = "EPSG:4326"
CRS_WORDS = "EPSG:4326, WGS 84, longitude and latitude in degrees"


@dataclass(frozen=True, slots=True)
class Layer:
    """One layer of a file."""

    name: str
    #: columns are texts and numbers, polygons all multi-polygons
    frame: gpd.GeoDataFrame
    meaning: Meaning | None
    #: by column, of those whose meaning is known
    fields: Mapping[str, Meaning]
    style: Style | None
    about: FileDescription

    @property
    def title(self) -> str:
        """What the layer is of."""
        return f"{self.about.title}: {self.name}" if self.about.title else self.name

    @property
    def description(self) -> str:
        """What the layer is, in both languages."""
        return "" if self.meaning is None else self.meaning.text

    @property
    def state(self) -> str:
        """The state in the name: before of ``stations_before``; "" for none."""
        return self.name.removeprefix(base_name(self.name)).strip("_")

    @property
    def label(self) -> str:
        """Short name in both languages with the state; of an unknown layer its name."""
        found = self.meaning.name if self.meaning else ""
        return f"{found} {self.state}".strip() if found else self.name

    @property
    def kind(self) -> str:
        """Point, Line or Polygon."""
        return (
            str(self.frame.geom_type.dropna().iloc[0]).removeprefix("Multi").removesuffix("String")
        )

    @property
    def crs_words(self) -> str:
        """Code and name of the CRS, and what its coordinates are."""
        crs = self.frame.crs
        if crs == CRS:
            return CRS_WORDS
        axes = (
            f"easting and northing in {crs.axis_info[0].unit_name}s"
            if crs.is_projected
            else "longitude and latitude"
        )
        return f"{':'.join(crs.to_authority() or ('',))} {crs.name}, {axes}".strip()

    def metadata(self) -> dict[str, str]:
        """Return title, meaning, CRS, definition with its hash, and units and meanings of all
        fields (as JSON).
        """
        fields = {
            name: {"unit": field.unit, "en": field.en, "zh": field.zh}
            for name, field in self.fields.items()
        }
        found = {
            "title": self.title,
            "description": self.description,
            "definition": "; ".join(self.about.definition),
            "definition_hash": self.about.definition_hash,
            "crs": self.crs_words,
            "software": "railshed",
            "fields": json.dumps(fields, ensure_ascii=False),
        }
        return {key: value for key, value in found.items() if value}


def layer_of(name: str, frame: gpd.GeoDataFrame, about: FileDescription, crs: Crs = None) -> Layer:
    """Return a frame as a layer in a CRS (default EPSG:4326), its style and the meaning of its
    fields found by name.

    A frame without a geometry is a table, without a style.
    """
    areal = "geometry" in frame.columns
    ready = _ready(frame, crs or CRS) if areal else frame
    fields = {column: find_field(name, column) for column in ready.columns if column != "geometry"}
    known = {column: field for column, field in fields.items() if field is not None}
    return Layer(
        name, ready, find_layer(name), known, style_of(name, ready, about) if areal else None, about
    )


def _ready(frame: gpd.GeoDataFrame, crs: str | int) -> gpd.GeoDataFrame:
    """Return the frame in a CRS, lists as text, polygons as multi-polygons: one type of geometry a
    layer.
    """
    out = frame.copy() if frame.crs is not None else frame.set_crs(CRS)
    for column in out.columns:
        if column != out.geometry.name and out[column].dtype == object:
            out[column] = [v if v is None or isinstance(v, str) else str(v) for v in out[column]]
    out = out.set_geometry(out.geometry.map(_one_type), crs=out.crs)
    return (out if out.crs == crs else out.to_crs(crs)).reset_index(drop=True)


def _one_type(shape: Any) -> Any:
    """Return polygons as a multi-polygon, without the lines and points that cutting areas leaves
    beside them.
    """
    import shapely

    if shape is None or shape.geom_type not in ("Polygon", "MultiPolygon", "GeometryCollection"):
        return shape
    parts = [
        part for part in shapely.get_parts(shape) if part.geom_type in ("Polygon", "MultiPolygon")
    ]
    return shapely.MultiPolygon(
        [p for part in parts for p in shapely.get_parts(part) if not p.is_empty]
    )
