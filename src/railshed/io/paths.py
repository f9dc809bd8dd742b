"""Paths of networks from shipped ids and user paths."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from railshed.util.errors import NotFoundError, ParameterError
from railshed.util.files import exists, networks_root

_PREFIX = re.compile(r"([A-Za-z0-9_-]+)=(.+)", re.DOTALL)
Ref = str | Path


def shipped_networks() -> dict[str, Path]:
    """Return the folders of the shipped networks by id."""
    root = networks_root()
    if not root.is_dir():
        return {}
    return {folder.name: folder for folder in sorted(root.iterdir()) if (folder / "network.toml").is_file()}


def network_dir(ref: str | Path) -> Path:
    """Return the path of a network; `ref` is a shipped id, or a path to a network folder or a GTFS feed.

    Raises NotFoundError when it is neither; the message suggests the nearest id and lists the shipped ones.
    """
    shipped = shipped_networks()
    if str(ref) in shipped:
        return shipped[str(ref)]
    path = Path(ref).expanduser()
    if exists(path):
        return path
    gone = "There is no such file or folder. " if path.suffix or len(path.parts) > 1 else ""
    hint = f"{gone}Shipped: {', '.join(shipped) or 'none'}. A path to a network folder or a GTFS zip works too."
    raise NotFoundError("network", str(ref)[:200], shipped, hint)


def paths_by_prefix(refs: Sequence[Ref]) -> dict[str, Path]:
    """Return the paths of networks by the prefix of their ids.

    Raises
    ------
    NotFoundError
        When one is neither a shipped id nor a path.
    ParameterError
        When none is given, or two have one prefix.
    """
    if not refs:
        raise ParameterError("no network is given")
    paths: dict[str, Path] = {}
    for ref in refs:
        named = None if exists(Path(ref)) else _PREFIX.fullmatch(str(ref))
        path = network_dir(named[2] if named else ref)
        prefix = named[1] if named else path.stem if path.is_file() else path.resolve().name
        if prefix in paths:
            again = named[2] if named else ref
            raise ParameterError(f"two networks have the prefix {prefix!r}: give one of them as NAME={again}")
        paths[prefix] = path
    return paths
