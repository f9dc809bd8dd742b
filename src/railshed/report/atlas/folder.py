"""The folder of an atlas: whose it is, and what a run that was stopped has left to go on with.

What is computed for an agglomeration stands in ``parts/ID.json`` with the key that it was computed under and the
checksums of its pictures; each file is written beside its place and moved there whole. So a part is whole or absent,
and one that was changed, or made under another key, is made again.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from railshed.util.csv_json import write_json
from railshed.util.errors import OutputError
from railshed.util.files import atomic_path, output_dir, sha256_file
from railshed.util.names import file_name

MARK, PARTS, MAPS = "atlas.json", "parts", "maps"
#: the map of all
NATIONAL = "national"
INDEX, TABLE, RECORD = "index.html", "atlas.csv", "run.json"


def key_of(values: Mapping[str, Any]) -> str:
    """Return a hash of everything that a part hangs on."""
    text = json.dumps(values, sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.sha256(text.encode("utf-8")).hexdigest()[:16]


def map_name(name: str, kind: str = "png") -> str:
    """Return the name of a map's file."""
    return f"{MAPS}/{file_name(name)}.{kind}"


def page_name(region: str) -> str:
    """Return the name of an agglomeration's page."""
    return f"{file_name(region)}.html"


@dataclass(frozen=True, slots=True)
class Folder:
    """The folder of one atlas."""

    path: Path

    def find(self, name: str, key: str) -> dict[str, Any] | None:
        """Return the stored values of a part; None where it is not there whole, or was made under another key."""
        with suppress(OSError, ValueError, KeyError, TypeError, AttributeError):
            held = json.loads(self._part(name).read_text(encoding="utf-8"))
            whole = all(sha256_file(self.path / file) == sha256 for file, sha256 in held["pictures"].items())
            if held["key"] == key and whole:
                return dict(held["data"])
        return None

    def has(self, name: str) -> bool:
        """Return whether a part is stored, under whatever key."""
        return self._part(name).is_file()

    def keep(self, name: str, key: str, data: Mapping[str, Any], pictures: Mapping[str, Callable[[Path], Any]]) -> None:
        """Write the pictures, each by its function into the path that it is given, then the values of the part."""
        self._part(name).unlink(missing_ok=True)
        sums = {}
        for file, draw in pictures.items():
            target = self.path / file
            target.parent.mkdir(exist_ok=True)
            with atomic_path(target) as temporary:
                draw(temporary)
            sums[file] = sha256_file(target)
        self._part(name).parent.mkdir(exist_ok=True)
        write_json({"key": key, "pictures": sums, "data": dict(data)}, self._part(name))

    def _part(self, name: str) -> Path:
        return self.path / PARTS / f"{file_name(name)}.json"


def open_folder(path: str | Path, network: str, regions: Iterable[str], *, fresh: bool) -> Folder:
    """Return the folder for an atlas, made and marked; what another run of the same atlas has left stays in it.

    Parameters
    ----------
    network, regions
        Ids: whose atlas it is.
    fresh
        Make everything again, and take the place of another atlas.

    Raises
    ------
    OutputError
        When the folder is a file, cannot be written, holds another atlas, or files that an atlas would replace.
    """
    folder, region_ids = Folder(output_dir(path)), list(regions)
    mark = folder.path / PARTS / MARK
    if mark.is_file():
        before = _read_mark(mark)
        others = [r for r in before["regions"] if r not in region_ids]
        held = f"the atlas of network {before['network']}" if before["network"] != network else ""
        if others and not held:
            held = f"an atlas of {len(before['regions'])} agglomerations, {others[0]} among them"
        if held and not fresh:
            raise OutputError(
                f"{folder.path} holds {held} -> give another folder, or --fresh (fresh=True) to take its place"
            )
        for region in before["regions"] if fresh else ():
            pictures = (folder.path / MAPS).glob(f"{file_name(region)}.*")
            for stale in (folder.path / page_name(region), folder._part(region), *pictures):
                stale.unlink(missing_ok=True)
    else:
        names = (INDEX, TABLE, RECORD, *map(page_name, region_ids))
        taken = [name for name in names if (folder.path / name).exists()]
        if taken:
            raise OutputError(
                f"{folder.path} holds {', '.join(taken[:3])} that no atlas wrote -> give an empty folder with -o"
            )
    mark.parent.mkdir(exist_ok=True)
    write_json({"network": network, "regions": region_ids}, mark)
    return folder


def _read_mark(mark: Path) -> dict[str, Any]:
    with suppress(OSError, ValueError):
        found = json.loads(mark.read_text(encoding="utf-8"))
        if isinstance(found, dict) and isinstance(found.get("regions"), list) and "network" in found:
            return found
    raise OutputError(f"{mark} is no mark of an atlas -> remove it, or give another folder with -o")
