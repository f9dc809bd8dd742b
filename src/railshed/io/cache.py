"""Cache of networks and streets, keyed by the content of their files and of the code that reads
them.

A cached network equals the one that was read, with all notes and warnings: it is packed into plain
arrays, of which the first is a JSON text of all values, each but plain ones with a mark of its
kind. Unpacking runs no code. Trips by headway stay series (`trip_series`). Networks that cannot be
restored exactly are not cached.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields, is_dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from railshed.access.streets import ISLAND_NODES, Streets
from railshed.io.paths import Ref, content_key, paths_by_prefix
from railshed.network import cities, model
from railshed.network.dates import Days
from railshed.network.model import Network
from railshed.network.ordering import read_only
from railshed.network.trip_series import Series, series_of
from railshed.util.cache import cached_arrays, code_hash, with_cache_key
from railshed.util.errors import Issue
from railshed.util.files import sha256_file
from railshed.util.frames import Columns, LaterFrame, altered


class _NotCacheableError(Exception):
    """The network was read but cannot be cached."""


def load_network_once(refs: Ref | Sequence[Ref], **options: Any) -> Network:
    """Return the network of `networks.load_network`, from the cache if it was read before.

    Errors are those of `load_network`.
    """
    paths = paths_by_prefix([refs] if isinstance(refs, str | Path) else refs)
    key = content_key(paths, options)
    if key is None:
        return _load(refs, options)  # raises the error, where there is one
    read: list[Network] = []

    def make() -> list[Any]:
        read.append(_load(refs, options))
        if content_key(paths, options) != key:
            raise _NotCacheableError("a file changed while it was read")
        try:
            return pack_network(read[0])
        except TypeError as error:
            raise _NotCacheableError from error

    try:
        arrays = cached_arrays(key, make)
    except _NotCacheableError:
        return read[0]
    return with_cache_key(read[0] if read else unpack_network(arrays), key)


def _load(refs: Ref | Sequence[Ref], options: dict[str, Any]) -> Network:
    from railshed.io.networks import load_network

    return load_network(refs, **options)


def load_streets(paths: Sequence[str | Path], *, island_nodes: int = ISLAND_NODES) -> Streets:
    """Return the streets of `read_streets`, from the cache if the files were read before.

    Errors are those of `read_streets`.
    """
    from railshed.io.streets.read import read_streets

    files = [Path(path) for path in paths]
    if not all(file.is_file() for file in files):
        return read_streets(files)  # raises the error
    digest = hashlib.sha256(f"{code_hash()} {island_nodes}\n".encode())
    for name, content in sorted((file.name, sha256_file(file)) for file in files):
        digest.update(f"{name} {content}\n".encode())
    arrays = cached_arrays(
        digest.hexdigest(), lambda: pack(read_streets(files, island_nodes=island_nodes))
    )
    streets: Streets = unpack(arrays)
    return streets


Arrays = list[NDArray[Any]]
_TYPES = [
    k
    for k in (*vars(model).values(), *vars(cities).values(), Issue, Days, Streets)
    if isinstance(k, type)
]
_KINDS: dict[str, Any] = {kind.__name__: kind for kind in _TYPES if is_dataclass(kind)}
_SCALARS = {str, int, float, bool, type(None)}
#: larger numbers are written in base 16: Python limits the length of decimal ones
_LARGEST = 1 << 63


def pack_network(network: Network) -> Arrays:
    """Return a network as arrays, the first of which is text.

    Raises TypeError when `unpack_network` could not restore some value exactly.
    """
    series = series_of(network)
    runs = None
    if series is not None:
        network = altered(network, trips=series.trips, stop_times=series.stop_times)
        runs = (series.templates, series.n_runs, series.step_s)
    return pack((network, runs))


def unpack_network(arrays: Sequence[NDArray[Any]]) -> Network:
    """Return the network of `pack_network`."""
    network: Network
    network, runs = unpack(arrays)
    if runs is None:
        return network
    trips, calls = Series(network.trips, network.stop_times, *runs).later()
    return altered(network, trips=trips, stop_times=calls)


def pack(value: Any) -> Arrays:
    """Return a value as arrays, the first of which is text; TypeError when `unpack` could not
    restore it exactly.
    """
    arrays: Arrays = []
    header = json.dumps(_packed(value, arrays))
    return [np.frombuffer(header.encode(), np.uint8), *arrays]


def unpack(arrays: Sequence[NDArray[Any]]) -> Any:
    """Return the value of `pack`."""
    header, *others = arrays
    return _unpacked(json.loads(header.tobytes()), others)


def _packed(value: Any, arrays: Arrays) -> Any:
    kind = type(value)
    if kind is int and abs(value) >= _LARGEST:
        return {"hex": hex(value)}
    if kind in _SCALARS:
        return value
    if (
        kind is tuple
        and len({type(item) for item in value}) == 1
        and type(value[0]) in _KINDS.values()
    ):
        rows = [_values(item) for item in value]
        if all(type(v) in _SCALARS for row in rows for v in row):
            return {"rows": type(value[0]).__name__, "of": rows}
    if kind in (tuple, list):
        return {kind.__name__: [_packed(item, arrays) for item in value]}
    if kind is dict:
        return {
            "dict": [[_packed(key, arrays), _packed(item, arrays)] for key, item in value.items()]
        }
    if kind is dt.date:
        return {"day": value.isoformat()}
    if kind is np.ndarray and value.dtype != object:
        arrays.append(value)
        return {"array": len(arrays) - 1, "writeable": bool(value.flags.writeable)}
    if kind in _KINDS.values():
        return {"object": kind.__name__, "of": [_packed(v, arrays) for v in _values(value)]}
    return _packed_frame(value, arrays)


def _values(item: Any) -> list[Any]:
    return [getattr(item, field.name) for field in fields(item)]


def _unpacked(value: Any, arrays: Sequence[NDArray[Any]]) -> Any:
    if not isinstance(value, dict):
        return value
    readers: dict[str, Callable[[Any], Any]] = {
        "hex": lambda text: int(text, 16),
        "tuple": lambda items: tuple(_unpacked_items(items, arrays)),
        "list": lambda items: _unpacked_items(items, arrays),
        "dict": lambda items: {
            _unpacked(key, arrays): _unpacked(item, arrays) for key, item in items
        },
        "day": dt.date.fromisoformat,
        "rows": lambda name: tuple([_KINDS[name](*row) for row in value["of"]]),
        "object": lambda name: _KINDS[name](*[_unpacked(item, arrays) for item in value["of"]]),
        "array": lambda k: (
            arrays[k] if value["writeable"] else read_only(arrays[k], arrays[k].dtype.type)
        ),
        "frame": lambda columns: _unpacked_frame(columns, value["crs"], arrays),
    }
    mark = next(iter(value))
    return readers[mark](value[mark])


def _unpacked_items(items: list[Any], arrays: Sequence[NDArray[Any]]) -> list[Any]:
    return [_unpacked(item, arrays) for item in items] if dict in set(map(type, items)) else items


def _packed_frame(frame: Any, arrays: Arrays) -> dict[str, Any]:
    """Return a packed table of numbers, texts and shapes (in WKB) with a default index."""
    import geopandas as gpd
    import pandas as pd

    if (
        type(frame) not in (pd.DataFrame, gpd.GeoDataFrame)
        or frame.attrs
        or not isinstance(frame.index, pd.RangeIndex)
    ):
        raise TypeError(f"a {type(frame).__name__} is not cached")
    if (
        frame.index.start
        or frame.index.step != 1
        or frame.index.name is not None
        or not frame.columns.is_unique
    ):
        raise TypeError("a table with an index of its own is not cached")
    crs = None
    if isinstance(frame, gpd.GeoDataFrame):
        if frame.active_geometry_name != "geometry" or frame.crs is None:
            raise TypeError("a table of shapes without a CRS is not cached")
        crs = frame.crs.to_json()
    return {
        "frame": [[name, *_packed_column(frame[name], arrays)] for name in frame.columns],
        "crs": crs,
    }


def _packed_column(column: Any, arrays: Arrays) -> list[Any]:
    """Return the kind of a column, the index of its array, and its distinct texts (None for other
    kinds).
    """
    import pandas as pd
    import shapely

    kind = str(column.dtype)
    at = len(arrays)
    if kind == "geometry":
        shapes = shapely.to_wkb(column.to_numpy(), include_srid=True)
        if None in shapes:
            raise TypeError("a missing shape is not cached")
        lengths = np.array([len(shape) for shape in shapes], dtype=np.int64)
        arrays += [np.frombuffer(b"".join(shapes), np.uint8), lengths]
        return [kind, at, None]
    if isinstance(column.dtype, np.dtype) and column.dtype.kind in "biuf":
        arrays.append(column.to_numpy())
        return [kind, at, None]
    codes, words = pd.factorize(column)
    gaps = kind == "object" and -1 in codes
    if kind not in ("str", "object") or gaps or not all(type(word) is str for word in words):
        raise TypeError(f"a column of {kind} is not cached")
    arrays.append(codes.astype(np.int32))
    return [kind, at, words.tolist()]


def _unpacked_frame(
    columns: Sequence[Sequence[Any]], crs: str | None, arrays: Sequence[NDArray[Any]]
) -> Any:
    """Return the `LaterFrame` of a packed table; it can be pickled, with its own arrays alone."""
    makes = {
        name: partial(_plain_column, arrays[at], words)
        for name, kind, at, words in columns
        if kind != "geometry"
    }
    own = {
        name: (kind, arrays[at : at + 1 + (kind == "geometry")], words)
        for name, kind, at, words in columns
    }
    return LaterFrame(Columns(makes), partial(_made_frame, own, crs))


def _made_frame(columns: Mapping[str, tuple[Any, ...]], crs: str | None) -> Any:
    import pandas as pd

    table = {name: _unpacked_column(*column) for name, column in columns.items()}
    if crs is None:
        return pd.DataFrame(table)
    import geopandas as gpd
    from pyproj import CRS

    return gpd.GeoDataFrame(table, geometry="geometry", crs=CRS.from_json(crs))


def _plain_column(array: NDArray[Any], words: Sequence[str] | None) -> NDArray[Any]:
    """Return a packed column as an array, texts as objects, NaN where there is none."""
    return array if words is None else np.array([*words, np.nan], dtype=object)[array]


def _unpacked_column(kind: str, arrays: Sequence[NDArray[Any]], words: Sequence[str] | None) -> Any:
    if kind == "geometry":
        import shapely

        ends = np.cumsum(arrays[1]).tolist()
        data = arrays[0].tobytes()
        return shapely.from_wkb(
            [data[start:end] for start, end in zip([0, *ends], ends, strict=False)]
        )
    if kind != "str":
        return _plain_column(arrays[0], words)
    import pandas as pd

    return pd.array(list(words or ()), dtype="str").take(arrays[0], allow_fill=True)
