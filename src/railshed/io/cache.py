"""Cache of networks, keyed by the content of their files and of the code that reads them.

A cached network equals the one that was read, with all notes and warnings. Networks that cannot be restored exactly
are not cached.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

from railshed.access.streets import ISLAND_NODES, Streets
from railshed.io.paths import Ref, paths_by_prefix
from railshed.io.snapshot import pack, pack_network, unpack, unpack_network
from railshed.io.streets.read import read_streets
from railshed.network.model import Network
from railshed.util.cache import cached_arrays, code_hash, with_cache_key
from railshed.util.files import sha256_file

#: environment variable; 0 turns the cache off
SWITCH = "RAILSHED_NETWORK_CACHE"

#: libraries whose versions are part of the key
_LIBRARIES = ("numpy", "pandas", "pyarrow", "shapely")

#: endings of the files that are read in a network folder or a feed
_READ = (".toml", ".zip", ".csv", ".parquet", ".txt")


class _NotCacheableError(Exception):
    """The network was read but cannot be cached."""

    def __init__(self, network: Network) -> None:
        super().__init__()
        self.network = network


def load_network_once(refs: Ref | Sequence[Ref], **options: Any) -> Network:
    """Return the network of `networks.load_network`, from the cache if it was read before.

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
        return _load(refs, options)  # raises the error
    read: list[Network] = []

    def make() -> list[Any]:
        read.append(_load(refs, options))
        if _key(paths, options) != key:
            raise _NotCacheableError(read[0])  # a file changed while it was read
        try:
            return pack_network(read[0])
        except TypeError as error:
            raise _NotCacheableError(read[0]) from error

    try:
        arrays = cached_arrays(key, make)
    except _NotCacheableError as error:
        return error.network
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


def load_streets(paths: Sequence[str | Path], *, island_nodes: int = ISLAND_NODES) -> Streets:
    """Return the streets of `read_streets`, from the cache if the files were read before.

    Raises
    ------
    InputError
        As `read_streets`.
    """
    files = [Path(path) for path in paths]
    if not all(file.is_file() for file in files):
        return read_streets(files)  # raises the error
    digest = hashlib.sha256(f"{code_hash()} {island_nodes}\n".encode())
    for name, content in sorted((file.name, sha256_file(file)) for file in files):
        digest.update(f"{name} {content}\n".encode())
    streets: Streets = unpack(
        cached_arrays(digest.hexdigest(), lambda: pack(read_streets(files, island_nodes=island_nodes)))
    )
    return streets
