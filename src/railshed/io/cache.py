"""Networks kept in the cache folder, by the content of their files and of the code that reads them.

What is kept is the network as it was read, with all notes and warnings, so that nothing tells the two apart. What
cannot be read is never kept, nor is a network of which anything would not come back as it was.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Sequence
from dataclasses import asdict
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from railshed.access.streets import ISLAND_NODES, Streets
from railshed.io.paths import Ref, paths_by_prefix
from railshed.io.snapshot import pack_network, unpack_network
from railshed.io.streets.read import read_streets
from railshed.network.model import Network
from railshed.util.cache import cached_arrays, code_hash, with_cache_key
from railshed.util.errors import Issue
from railshed.util.files import sha256_file

#: set to 0 to read every network anew
SWITCH = "RAILSHED_NETWORK_CACHE"

#: libraries whose tables a network holds, or that read them
_LIBRARIES = ("numpy", "pandas", "pyarrow", "shapely")

#: files in a folder that are read: as a network folder or a feed
_READ = (".toml", ".zip", ".csv", ".parquet", ".txt")


class _NotKeptError(Exception):
    """A network was read that cannot be kept."""

    def __init__(self, network: Network) -> None:
        super().__init__()
        self.network = network


def load_network_once(refs: Ref | Sequence[Ref], **options: Any) -> Network:
    """Return what `networks.load_network` does; what was read before is taken from the cache folder.

    Raises
    ------
    NotFoundError, ParameterError, InputError
        As `load_network`.
    """
    if os.environ.get(SWITCH) == "0":
        return _load(refs, options)
    paths = paths_by_prefix([refs] if isinstance(refs, str | Path) else refs)
    try:
        key = _key(paths, options)
    except OSError:
        return _load(refs, options)  # which says what cannot be read
    read: list[Network] = []

    def make() -> list[Any]:
        read.append(_load(refs, options))
        if _key(paths, options) != key:
            raise _NotKeptError(read[0])  # a file was changed meanwhile: it is not known which content was read
        try:
            return pack_network(read[0])
        except TypeError as error:
            raise _NotKeptError(read[0]) from error

    try:
        arrays = cached_arrays(key, make)
    except _NotKeptError as told:
        return told.network
    return with_cache_key(read[0] if read else unpack_network(arrays), key)


def _load(refs: Ref | Sequence[Ref], options: dict[str, Any]) -> Network:
    from railshed.io.networks import load_network

    return load_network(refs, **options)


def _key(paths: dict[str, Path], options: dict[str, Any]) -> str:
    """Return a hash of code, libraries, options, the paths that messages name, and the files' content."""
    digest = hashlib.sha256(f"{_libraries()} {code_hash()} {sorted(options.items())!r}\n".encode())
    for prefix, path in paths.items():
        digest.update(f"{prefix!r} {str(path)!r} {path.resolve().name!r}\n".encode())
        files = [path] if path.is_file() else sorted(p for p in path.iterdir() if p.suffix in _READ and p.is_file())
        for file in files:
            digest.update(f"{file.name!r} {sha256_file(file)}\n".encode())
    return digest.hexdigest()


@cache
def _libraries() -> str:
    return repr([import_module(name).__version__ for name in _LIBRARIES])


_ARRAYS = ("lon", "lat", "node_id", "tail", "head", "length_m", "allowed", "drive_kmh")


def load_streets(paths: Sequence[str | Path], *, island_nodes: int = ISLAND_NODES) -> Streets:
    """Return what `read_streets` does; files read before are taken from the cache folder.

    Raises
    ------
    InputError
        As `read_streets`.
    """
    files = [Path(path) for path in paths]
    if not all(file.is_file() for file in files):
        return read_streets(files)  # which says what is missing
    digest = hashlib.sha256(f"{code_hash()} {island_nodes}\n".encode())
    for name, content in sorted((file.name, sha256_file(file)) for file in files):
        digest.update(f"{name} {content}\n".encode())
    *arrays, told = cached_arrays(digest.hexdigest(), lambda: _packed(read_streets(files, island_nodes=island_nodes)))
    about: dict[str, Any] = json.loads(told.tobytes())
    held = dict(zip(_ARRAYS, arrays, strict=True))
    issues = tuple(Issue(**issue) for issue in about["issues"])
    return Streets(
        **held,
        sources=tuple(about["sources"]),
        checksums=about["checksums"],
        notes=tuple(about["notes"]),
        issues=issues,
    )


def _packed(streets: Streets) -> list[NDArray[Any]]:
    about = {
        "sources": [dict(source) for source in streets.sources], "checksums": dict(streets.checksums),
        "notes": streets.notes, "issues": [asdict(issue) for issue in streets.issues],
    }  # fmt: skip
    told = np.frombuffer(json.dumps(about).encode(), np.uint8)
    return [*(getattr(streets, name) for name in _ARRAYS), told]
