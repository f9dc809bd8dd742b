"""Writer of network folders."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from railshed.io.folder.tables import NETWORK_FILES
from railshed.io.gtfs.write import write_gtfs
from railshed.network.model import Network
from railshed.util.errors import InputError, OutputError
from railshed.util.folders import whole_folder
from railshed.util.validation import checked, flag, instance, many, mapping, optional, text
from railshed.util.validation import path as as_path

#: files of an older network that a new one replaces or drops; others stay
_OURS = frozenset(NETWORK_FILES)
#: files of the parts of a network that `write_network` does not write
_TABLES = ("cities.csv", "regions.csv", "boundaries.parquet", "population.parquet")


def check_folder(folder: str | Path, *, overwrite: bool = False) -> Path:
    """Return the path of a folder that may be written.

    Raises OutputError when it is a file, or not empty without `overwrite`, or is no network folder
    (one with a network.toml): such a folder is never overwritten.
    """
    target = Path(folder)
    if target.exists() and not target.is_dir():
        raise OutputError(f"{target} is a file; give a folder")
    filled = target.is_dir() and any(target.iterdir())
    if filled and not overwrite:
        raise OutputError(
            f"{target} is not empty; give another folder; overwrite=True or --overwrite replaces "
            "the network in it"
        )
    if filled and not (target / "network.toml").is_file():
        raise OutputError(
            f"{target} holds files but no network.toml, so it is no network folder and is not "
            "replaced"
        )
    return target


@contextmanager
def new_folder(folder: str | Path, *, overwrite: bool = False) -> Iterator[Path]:
    """Yield a new temporary folder; it replaces `folder` as a whole when the block ends without an
    error.

    Raises OutputError of `check_folder` and `whole_folder`.
    """
    check_folder(folder, overwrite=overwrite)
    with whole_folder(folder, lambda old: _OURS.__contains__, last="network.toml") as new:
        yield new


@checked(
    network=instance(Network),
    folder=as_path,
    title_en=text,
    sources=optional(many(mapping, least=0)),
    notes=optional(mapping),
    files=optional(mapping),
    overwrite=flag,
)
def write_network(
    network: Network,
    folder: str | Path,
    *,
    title_en: str = "",
    sources: Sequence[Mapping[str, Any]] | None = None,
    notes: Mapping[str, Any] | None = None,
    files: Mapping[str, bytes] | None = None,
    overwrite: bool = False,
    check: Callable[[Path], object] | None = None,
) -> tuple[str, ...]:
    """Write the timetable of a network and its network.toml; return the notes of `write_gtfs`.

    Cities, regions, counties and people are files that `files` may hold; a note says which the
    network has and are not written.

    Parameters
    ----------
    network
        Its timetable, if it has trips, becomes timetable.zip; its id, title, date and time zone the
        head of network.toml.
    title_en, sources
        English title, and tables of network.toml: title, url, date, licence, files, sha256; default
        the network's.
    notes
        Counts by reason of what was dropped, completed or estimated; default: the network's notes,
        numbered.
    files
        Content of further files by name, such as lines.csv.
    overwrite
        Whether a network in the folder is replaced as a whole.
    check
        Called with the new folder before it replaces the old one; if it raises, nothing changes.

    Raises
    ------
    InputError, OutputError
        Of `write_gtfs`, `new_folder` and `check`; when the network has links instead of a
        timetable.
    """
    import tomli_w

    if network.links is not None:
        raise InputError(
            f"network {network.network_id} has links instead of a timetable, which no file of a "
            "network folder holds; keep its graph: `to_networkx`"
        )
    numbered = {f"note_{number}": note for number, note in enumerate(network.notes, 1)}
    all_notes: dict[str, Any] = dict(numbered if notes is None else notes)
    with new_folder(folder, overwrite=overwrite) as temporary:
        written = write_gtfs(network, temporary / "timetable.zip") if network.n_trips else ()
        parts = dict(
            zip(
                _TABLES,
                (network.cities, network.regions, network.counties, network.population),
                strict=True,
            )
        )
        left = [
            name
            for name, part in parts.items()
            if part is not None and len(part) and name not in (files or {})
        ]
        if left:
            text = (
                f"not written: {', '.join(left)}; give them as files=, or copy them from the "
                "folder of the network"
            )
            written = (*written, text)
        all_notes |= {f"written_{number}": note for number, note in enumerate(written, 1)}
        meta: dict[str, Any] = {
            "id": network.network_id,
            "title": network.title,
            "title_en": title_en or network.title_en,
            "date": network.date,
            "timezone": network.timezone,
            "sources": list(map(dict, network.sources if sources is None else sources)),
            "notes": all_notes,
        }
        if "population.parquet" in (files or {}):
            meta |= {
                "population_label": network.population_label,
                "population_cell_deg": network.population_cell_deg,
            }
        limits = [{"zh": zh, "en": en} for zh, en in network.limits]
        meta |= {"limits": limits} if limits else {}
        text = tomli_w.dumps(
            {key: value for key, value in meta.items() if value not in ("", [], {})}
        )
        (temporary / "network.toml").write_text(text, encoding="utf-8")
        for name, data in (files or {}).items():
            (temporary / name).write_bytes(data)
        if check is not None:
            check(temporary)
    return written
