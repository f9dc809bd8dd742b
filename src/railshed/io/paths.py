"""Paths of networks from shipped ids and user paths, and a key of what lies there."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

from railshed.util.cache import code_hash
from railshed.util.errors import NotFoundError, ParameterError
from railshed.util.files import exists, networks_root, sha256_file

_PREFIX = re.compile(r"([A-Za-z0-9_-]+)=(.+)", re.DOTALL)
Ref = str | Path
#: libraries whose versions are part of the key
_LIBRARIES = ("numpy", "pandas", "pyarrow", "shapely")
#: endings of the files that are read in a network folder or a feed
_READ = (".toml", ".zip", ".csv", ".parquet", ".txt", ".json")


def shipped_networks() -> dict[str, Path]:
    """Return the folders of the shipped networks by id."""
    root = networks_root()
    if not root.is_dir():
        return {}
    return {
        folder.name: folder
        for folder in sorted(root.iterdir())
        if (folder / "network.toml").is_file()
    }


def network_dir(ref: str | Path) -> Path:
    """Return the path of a network; `ref` is a shipped id, or a path to a network folder or a GTFS
    feed.

    Raises NotFoundError when it is neither; the message suggests the nearest id and lists the
    shipped ones.
    """
    shipped = shipped_networks()
    if str(ref) in shipped:
        return shipped[str(ref)]
    path = Path(ref).expanduser()
    if exists(path):
        return path
    gone = "There is no such file or folder. " if path.suffix or len(path.parts) > 1 else ""
    hint = (
        f"{gone}Shipped: {', '.join(shipped) or 'none'}. A path to a network folder or a GTFS "
        "zip works too."
    )
    raise NotFoundError("network", str(ref)[:200], shipped, hint)


def paths_by_prefix(refs: Sequence[Ref]) -> dict[str, Path]:
    """Return the paths of networks by the prefix of their ids.

    Raises NotFoundError when one is neither a shipped id nor a path; ParameterError when none is
    given, or two have one prefix.
    """
    if not refs:
        raise ParameterError("no network is given")
    paths: dict[str, Path] = {}
    for ref in refs:
        named = None if exists(Path(ref)) else _PREFIX.fullmatch(str(ref))
        path = network_dir(named[2] if named else ref)
        prefix = path.stem if path.is_file() else path.resolve().name
        if named:
            prefix = named[1]
        if prefix in paths:
            again = named[2] if named else ref
            raise ParameterError(
                f"two networks have the prefix {prefix!r}: give one of them as NAME={again}"
            )
        paths[prefix] = path
    return paths


def content_key(paths: Mapping[str, Path], options: Mapping[str, Any]) -> str | None:
    """Return a hash of code, libraries, options, the paths that messages name, and the files'
    content.

    None where files cannot be read, and where nothing is cached.
    """
    if os.environ.get("RAILSHED_NETWORK_CACHE") == "0":
        return None
    versions = [version(name) for name in _LIBRARIES]
    digest = hashlib.sha256(f"{versions} {code_hash()} {sorted(options.items())!r}\n".encode())
    try:
        for prefix, path in paths.items():
            digest.update(f"{prefix!r} {str(path)!r} {path.resolve().name!r}\n".encode())
            files = (
                [path]
                if path.is_file()
                else sorted(p for p in path.iterdir() if p.suffix in _READ and p.is_file())
            )
            for file in files:
                digest.update(f"{file.name!r} {sha256_file(file)}\n".encode())
    except OSError:
        return None
    return digest.hexdigest()
