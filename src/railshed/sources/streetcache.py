"""Street networks kept in the cache folder, by the content of their files and of the code that reads them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import railshed
from railshed.issues import Issue
from railshed.sources.streets import read_streets
from railshed.store import cached_arrays, sha256_file
from railshed.streets import ISLAND_NODES, Streets

_ARRAYS = ("lon", "lat", "node_id", "tail", "head", "length_m", "allowed", "drive_kmh")
#: code that decides what is read, as patterns in the package
_READERS = ("streets.py", "kernels/streets.py", "sources/street*.py", "sources/osm_elements.py")


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
    digest = hashlib.sha256(f"{_code()} {island_nodes}\n".encode())
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


def _code() -> str:
    """Return a hash of the modules that read streets."""
    root = Path(railshed.__file__).parent
    digest = hashlib.sha256()
    for pattern in _READERS:
        for file in sorted(root.glob(pattern)):
            digest.update(file.read_bytes())
    return digest.hexdigest()
