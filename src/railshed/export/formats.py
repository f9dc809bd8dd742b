"""Layers in the formats of GIS programs, by the ending of the file: whole or absent, the same bytes
every time.

GeoPackage holds all layers in one file, with a QGIS project next to it; GeoParquet, FlatGeobuf,
GeoJSON and PMTiles hold one layer a file. A workbook for Excel holds the fields of all layers, and
tables.
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from railshed.util.bilingual import Language
from railshed.util.csv_json import frame_of, write_csv
from railshed.util.errors import ParameterError
from railshed.util.files import atomic_path, check_room

if TYPE_CHECKING:
    from railshed.export.layer import Layer
    from railshed.export.styles import FileDescription
    from railshed.maps.projection import Crs

#: decimals of degrees in GeoJSON, as RFC 7946 advises: 1 cm
_DECIMALS = 7
#: zooms of tiles: at the last one a unit of a tile is about 5 m
_ZOOMS = (4, 11)
#: of tiles, before features are left out: the default of 500 kB would thin out cells at low zooms
_TILE_BYTES = 20_000_000


def endings_of(names: Sequence[str]) -> tuple[str, ...]:
    """Return the endings of files in these formats, each once.

    Raises ParameterError naming every format that is not known.
    """
    endings = {one.name: one.ending for one in FORMATS}
    bad = [name for name in names if name not in endings]
    if bad or not names:
        unknown = ", ".join(map(repr, bad)) or "none"
        allowed = ", ".join(endings)
        raise ParameterError(
            f"formats={unknown} (--format): allowed are {allowed}, several joined by commas"
        )
    return tuple(endings[name] for name in dict.fromkeys(names))


def write_layers(
    path: str | Path,
    layers: Mapping[str, Any],
    about: FileDescription | None = None,
    crs: Crs = None,
) -> list[Path]:
    """Write layers in the format of the path's ending and return the files; empty layers are left
    out.

    `crs` is that of the layers, default EPSG:4326; GeoJSON and PMTiles are always in WGS 84. A
    workbook's layers may be tables without a geometry. Where the format holds one layer a file,
    several layers are several files:
    ``chengdu.parquet`` becomes ``chengdu_stations.parquet``, ``chengdu_polygons.parquet`` and so
    on.

    Raises ParameterError when the ending is none of those in `FORMATS`; OutputError when a file
    cannot be written; then none is.
    """
    from railshed.export.layer import layer_of
    from railshed.export.qgis_project import write_project
    from railshed.export.styles import FileDescription
    from railshed.maps.projection import check_crs

    path = Path(path)
    by_ending = {one.ending: one for one in FORMATS}
    if path.suffix.lower() not in by_ending:
        raise ParameterError(
            f"{path}: the ending says the format; allowed are {', '.join(by_ending)}"
        )
    chosen = by_ending[path.suffix.lower()]
    check_crs(crs)
    own_crs = None if chosen.wgs84 else crs
    ready = [
        layer_of(name, frame, about or FileDescription(), own_crs)
        for name, frame in layers.items()
        if len(frame)
    ]
    one = len(ready) == 1 or chosen.all_layers
    files = (
        {path: ready}
        if one
        else {path.with_name(file_stem(path.stem, x.name) + path.suffix): [x] for x in ready}
    )
    around = any(layer.meaning is not None and layer.meaning.group == "context" for layer in ready)
    with ExitStack() as all_or_none:
        for file, own in files.items() if ready else ():
            temporary = all_or_none.enter_context(atomic_path(file))
            chosen.write(temporary, own)
            check_room(temporary)
        project = [write_project(path, ready, crs)] if chosen.project and around else []
    return [*files, *project] if ready else []


def file_stem(stem: str, layer: str) -> str:
    """Return the name of a layer's own file: ``chengdu_inclusion`` and ``inclusion_cells`` share a
    word.
    """
    shared = "_" + layer.split("_")[0]
    return f"{stem.removesuffix(shared)}_{layer}"


def _geopackage(path: Path, layers: Sequence[Layer]) -> None:
    from railshed.export.geopackage import write_geopackage

    write_geopackage(path, layers)


def _workbook(path: Path, layers: Sequence[Layer]) -> None:
    from railshed.export.workbook import write_workbook

    write_workbook(path, layers)


def _geoparquet(path: Path, layers: Sequence[Layer]) -> None:
    """Write one layer with what it is in the file's metadata, unit and meaning in each column's."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    (layer,) = layers
    buffer = io.BytesIO()
    layer.frame.to_parquet(buffer, index=False, geometry_encoding="WKB", schema_version="1.1.0")
    table = pq.read_table(buffer)
    known = {
        name: {"unit": m.unit, "description": m.en, "description_zh": m.zh}
        for name, m in layer.fields.items()
    }
    own = [
        field.with_metadata(known[field.name]) if field.name in known else field
        for field in table.schema
    ]
    metadata = {
        **(table.schema.metadata or {}),
        **{f"railshed:{k}": v for k, v in layer.metadata().items()},
    }
    made = io.BytesIO()  # an open file would stay where the disk is full
    pq.write_table(table.cast(pa.schema(own, metadata)), made)
    path.write_bytes(made.getvalue())


def _flatgeobuf(path: Path, layers: Sequence[Layer]) -> None:
    """Write one layer; without its spatial index where a row has no area, which the index cannot
    hold.
    """
    import pyogrio

    (layer,) = layers
    indexed = "NO" if layer.frame.geometry.is_empty.any() else "YES"
    pyogrio.write_dataframe(
        layer.frame,
        path,
        layer=layer.name,
        driver="FlatGeobuf",
        layer_metadata=layer.metadata(),
        layer_options={
            "TITLE": layer.title,
            "DESCRIPTION": layer.description,
            "SPATIAL_INDEX": indexed,
        },
    )


def _geojson(path: Path, layers: Sequence[Layer]) -> None:
    """Write GeoJSON after RFC 7946: WGS 84, outer rings counterclockwise, cut at 180 degrees, no
    member crs.
    """
    import pyogrio

    (layer,) = layers
    metadata: dict[str, Any] = layer.metadata()
    metadata["fields"] = json.loads(metadata["fields"])
    collection = {"type": "FeatureCollection", "name": layer.name, **metadata}
    pyogrio.write_dataframe(
        layer.frame,
        path,
        layer=layer.name,
        driver="GeoJSON",
        layer_options={
            "RFC7946": "YES",
            "WRITE_BBOX": "YES",
            "COORDINATE_PRECISION": str(_DECIMALS),
            "WRITE_NAME": "NO",
            "NATIVE_DATA": json.dumps(collection, ensure_ascii=False),
            "NATIVE_MEDIA_TYPE": "application/vnd.geo+json",
        },
    )


def _pmtiles(path: Path, layers: Sequence[Layer]) -> None:
    """Write vector tiles in Web Mercator, as all such tiles are; the figures are those of the
    features.
    """
    import pyogrio

    (layer,) = layers
    metadata = layer.metadata()
    words = [
        metadata[key] for key in ("description", "definition", "definition_hash") if key in metadata
    ]
    first, last = _ZOOMS
    pyogrio.write_dataframe(
        layer.frame,
        path,
        layer=layer.name,
        driver="PMTiles",
        dataset_options={
            "NAME": layer.title,
            "DESCRIPTION": "; ".join(words),
            "MINZOOM": str(first),
            "MAXZOOM": str(last),
            "MAX_SIZE": str(_TILE_BYTES),
            "MAX_FEATURES": "10000000",
        },
    )


@dataclass(frozen=True, slots=True)
class Format:
    """A file format of layers: name, ending, writer, and a few words for the guide."""

    name: str
    ending: str
    write: Callable[[Path, Sequence[Layer]], None]
    description: str
    #: whether one file holds all layers, and whether a QGIS project of them is written with it
    all_layers: bool = False
    project: bool = False
    #: whether the format allows WGS 84 alone
    wgs84: bool = False


#: in the order in which help, errors and the guide list them
FORMATS = (
    Format(
        "gpkg",
        ".gpkg",
        _geopackage,
        "all in one, with styles and a QGIS project",
        all_layers=True,
        project=True,
    ),
    Format("geoparquet", ".parquet", _geoparquet, "unit and meaning in each column's metadata"),
    Format("flatgeobuf", ".fgb", _flatgeobuf, "rows in the order of the spatial index"),
    Format("geojson", ".geojson", _geojson, "RFC 7946", wgs84=True),
    Format("pmtiles", ".pmtiles", _pmtiles, "vector tiles, zooms 4 to 11", wgs84=True),
    Format(
        "xlsx",
        ".xlsx",
        _workbook,
        "all tables in one, a sheet each; extra `report`",
        all_layers=True,
    ),
)


@dataclass(frozen=True, slots=True)
class Choice:
    """What files of layers and tables a run writes: formats by name, CRS of layers, language of a
    workbook's heads.
    """

    formats: tuple[str, ...] = ("gpkg",)
    crs: Crs = None
    lang: Language = "en"
    #: names in CSV as they are: see `write_csv`
    csv_plain: bool = False

    @property
    def layer_endings(self) -> list[str]:
        """The endings of the files of layers; a run's workbook holds its tables instead."""
        return [ending for ending in endings_of(self.formats) if ending != ".xlsx"]


#: one GeoPackage in EPSG:4326
USUAL = Choice()


def write_tables(
    path: Path, tables: Mapping[str, Any], about: FileDescription, choice: Choice, main: str = ""
) -> None:
    """Write tables, or rows, as ``path_name.csv``, the `main` one as ``path.csv``; not those
    without columns.

    All together are a workbook, ``path.xlsx``, where that is among the formats.
    """
    frames = {
        name: table if hasattr(table, "columns") else frame_of(table)
        for name, table in tables.items()
    }
    frames = {
        name: frame.drop(columns="geometry", errors="ignore") for name, frame in frames.items()
    }
    for name, frame in frames.items():
        if len(frame.columns):
            file = path.with_name(path.name + (f"_{name}.csv" if name != main else ".csv"))
            write_csv(frame, file, plain=choice.csv_plain)
    if "xlsx" in choice.formats:
        write_layers(path.with_name(f"{path.name}.xlsx"), frames, replace(about, lang=choice.lang))
