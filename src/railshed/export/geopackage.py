"""GeoPackages that explain themselves: how each layer looks (for QGIS and others), what it is, what
its fields mean.

`layer_styles` is the table in which QGIS keeps the styles of a GeoPackage; a row with
`useAsDefault` is what a layer looks like as soon as it is opened. Meanings of fields are in
`gpkg_data_columns`, the extension *schema* of the standard; titles, definition and hash in
`gpkg_metadata`.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from importlib import resources
from pathlib import Path

from railshed.export.layer import Layer
from railshed.export.symbology import to_qml

#: dates inside the file, fixed so that two runs give the same bytes
FIXED_DATE = "2000-01-01T00:00:00Z"
STYLE_NAME = "railshed"
_SCHEMA_URI = "http://www.geopackage.org/spec121/#extension_schema"


def write_geopackage(path: Path, layers: Sequence[Layer]) -> None:
    """Write all layers into one file, which must not exist yet."""
    import pyogrio

    # the file takes its place when it is whole: no layer waits for the disk
    pyogrio.set_gdal_config_options(
        {"OGR_CURRENT_DATE": FIXED_DATE, "OGR_SQLITE_SYNCHRONOUS": "OFF"}
    )
    for number, layer in enumerate(layers):
        pyogrio.write_dataframe(
            layer.frame,
            path,
            layer=layer.name,
            driver="GPKG",
            append=number > 0,
            layer_metadata=layer.metadata(),
            layer_options={"IDENTIFIER": layer.name, "DESCRIPTION": layer.description},
        )
    with closing(sqlite3.connect(path)) as file, file:
        file.execute("PRAGMA synchronous = OFF")
        _describe(file, layers)
        _add_styles(file, layers)


def _sql(name: str) -> str:
    return resources.files("railshed.export").joinpath(f"{name}.sql").read_text(encoding="utf-8")


def _describe(file: sqlite3.Connection, layers: Sequence[Layer]) -> None:
    file.executescript(_sql("data_columns"))
    file.executemany(
        "INSERT INTO gpkg_extensions VALUES (?, NULL, 'gpkg_schema', ?, 'read-write')",
        [(table, _SCHEMA_URI) for table in ("gpkg_data_columns", "gpkg_data_column_constraints")],
    )
    file.executemany(
        "INSERT INTO gpkg_data_columns (table_name, column_name, title, description) VALUES (?, ?, "
        "?, ?)",
        [
            (layer.name, name, field.en, field.text)
            for layer in layers
            for name, field in layer.fields.items()
        ],
    )
    file.execute("UPDATE gpkg_metadata_reference SET timestamp = ?", (FIXED_DATE,))


def _add_styles(file: sqlite3.Connection, layers: Sequence[Layer]) -> None:
    file.execute(_sql("layer_styles"))
    file.execute(
        "INSERT INTO gpkg_contents (table_name, data_type, identifier, description, last_change, "
        "srs_id) VALUES ('layer_styles', 'attributes', 'layer_styles', '', ?, 0)",
        (FIXED_DATE,),
    )
    geometry = dict(
        file.execute("SELECT table_name, column_name FROM gpkg_geometry_columns").fetchall()
    )
    file.executemany(
        "INSERT INTO layer_styles (f_table_catalog, f_table_schema, f_table_name, "
        "f_geometry_column, styleName, "
        "styleQML, useAsDefault, description, owner, ui, update_time) "
        "VALUES ('', '', ?, ?, ?, ?, 1, ?, '', NULL, ?)",
        [
            (
                layer.name,
                geometry[layer.name],
                STYLE_NAME,
                to_qml(layer.style),
                layer.description,
                FIXED_DATE,
            )
            for layer in layers
            if layer.style is not None
        ],
    )
