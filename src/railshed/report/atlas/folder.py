"""The folder of an atlas: whose it is, and what a run that was stopped has left to go on with.

What is computed for an agglomeration stands in ``parts/ID.json`` with the key that it was computed under and the
checksums of its pictures; each file is written beside its place and moved there whole. So a part is whole or absent,
and one that was changed, or made under another key, is made again. The new folder of a run that was stopped stays where
an agglomeration is finished in it, and the next run goes on in it.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from railshed.maps.style import FORMATS
from railshed.report.run_folder.record import RECORD, owned_by_run
from railshed.util.csv_json import write_json
from railshed.util.errors import OutputError
from railshed.util.files import atomic_path, sha256_file
from railshed.util.folders import file_names, whole_folder
from railshed.util.names import file_name

MARK, PARTS, MAPS = "atlas.json", "parts", "maps"
#: the map of all
NATIONAL = "national"
INDEX, TABLE = "index.html", "atlas.csv"


def key_of(values: Mapping[str, Any]) -> str:
    """Return a hash of everything that a part hangs on."""
    text = json.dumps(values, sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.sha256(text.encode("utf-8")).hexdigest()[:16]


def map_name(name: str, kind: str = "png") -> str:
    """Return the name of a map's file."""
    return f"{MAPS}/{file_name(name)}.{kind}"


def counties_name(region: str) -> str:
    """Return the name of the map of an agglomeration's counties."""
    return f"{region}_counties"


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
            part = json.loads(self._part(name).read_text(encoding="utf-8"))
            whole = all(sha256_file(self.path / file) == sha256 for file, sha256 in part["pictures"].items())
            if part["key"] == key and whole:
                return dict(part["data"])
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


@contextmanager
def open_folder(
    path: str | Path, network: str, regions: Iterable[str], *, fresh: bool,
    removed: Callable[[list[str]], None] = lambda names: None,
) -> Iterator[Folder]:  # fmt: skip
    """Yield a new folder for an atlas, with the parts that another run has made; it takes the place of `path`.

    `network` and `regions` are ids; with `fresh` everything is made again, also in the place of another atlas.
    `removed` is called at the end with the names of files of an earlier atlas that are dropped.

    Raises OutputError when the folder is a file, cannot be written, holds another atlas, or files that an atlas
    would replace.
    """
    target, region_ids = Path(path), list(regions)
    with whole_folder(target, _owned, last=RECORD, keep=_has_parts, removed=removed) as new:
        for place in (new, target):
            if (place / PARTS / MARK).is_file():
                _check_mark(place, target, network, region_ids, fresh=fresh)
        if not (target / PARTS / MARK).is_file():
            names = (INDEX, TABLE, RECORD, *map(page_name, region_ids))
            taken = [name for name in names if (target / name).exists()]
            if taken:
                raise OutputError(
                    f"{target} holds {', '.join(taken[:3])} that no atlas wrote -> give an empty folder with -o"
                )
        goes_on = _has_parts(new) and not fresh
        for name in [*file_names(new)]:
            if not (goes_on and name.startswith((f"{PARTS}/", f"{MAPS}/"))):
                (new / name).unlink()
        for name in (PARTS, MAPS):
            if not (goes_on or fresh) and (target / name).is_dir():
                shutil.copytree(target / name, new / name)
        (new / PARTS).mkdir(exist_ok=True)
        write_json({"network": network, "regions": region_ids}, new / PARTS / MARK)
        yield Folder(new)


def _has_parts(folder: Path) -> bool:
    """Return whether an agglomeration is stored in a folder."""
    return any(path.name not in (MARK, f"{NATIONAL}.json") for path in (folder / PARTS).glob("*.json"))


def _owned(folder: Path) -> Callable[[str], bool]:
    """Return the function that says of a file's name whether it is of the atlas in a folder."""
    is_listed, regions = owned_by_run(folder), [NATIONAL]
    with suppress(OutputError):
        regions += _read_mark(folder / PARTS / MARK)["regions"]
    parts = {f"{PARTS}/{name}.json" for name in map(file_name, regions)}
    names = {INDEX, TABLE, f"{PARTS}/{MARK}", *parts, *map(page_name, regions)}
    names |= {map_name(region, kind) for region in regions for kind in FORMATS}
    names |= {map_name(counties_name(region)) for region in regions}

    def is_owned(name: str) -> bool:
        return is_listed(name) or name in names

    return is_owned


def _check_mark(place: Path, target: Path, network: str, region_ids: Sequence[str], *, fresh: bool) -> None:
    """Raise OutputError where a folder holds another atlas, unless all is made again."""
    before = _read_mark(place / PARTS / MARK)
    others = [r for r in before["regions"] if r not in region_ids]
    other = f"the atlas of network {before['network']}" if before["network"] != network else ""
    if others and not other:
        other = f"an atlas of {len(before['regions'])} agglomerations, {others[0]} among them"
    if other and not fresh:
        raise OutputError(f"{target} holds {other} -> give another folder, or --fresh (fresh=True) to take its place")


def _read_mark(mark: Path) -> dict[str, Any]:
    with suppress(OSError, ValueError):
        found = json.loads(mark.read_text(encoding="utf-8"))
        if isinstance(found, dict) and isinstance(found.get("regions"), list) and "network" in found:
            return found
    raise OutputError(f"{mark} is no mark of an atlas -> remove it, or give another folder with -o")
