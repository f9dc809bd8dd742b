"""Networks by id or path: the shipped folders, folders of one's own, and bare GTFS feeds."""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from railshed import store
from railshed.errors import InputError, NotFoundError
from railshed.issues import Issue, raise_errors
from railshed.lines import add_lines
from railshed.model import City, Network, Region
from railshed.sources.calendar import default_date, n_trips_on, validity
from railshed.sources.gtfs import Feed, read_gtfs
from railshed.sources.linetable import LineTable, read_lines
from railshed.sources.tables import read_cities, read_counties, read_population, read_regions

_PACKAGE = Path(__file__).resolve().parents[1]
_CITY_FILES = ("cities.csv", "core_stations.csv", "centres.csv")


def networks_root() -> Path:
    """Return the folder of the shipped networks: in the installed package, or at the top of a checkout."""
    inside = _PACKAGE / "networks"
    return inside if inside.is_dir() else _PACKAGE.parents[1] / "networks"


def _shipped() -> dict[str, Path]:
    root = networks_root()
    if not root.is_dir():
        return {}
    return {folder.name: folder for folder in sorted(root.iterdir()) if (folder / "network.toml").is_file()}


def list_networks() -> list[dict[str, Any]]:
    """Return one dict a shipped network, by id.

    Keys: ``id, title, title_en, date, folder, sources`` (titles), ``licences, counts`` (from network.toml)
    and ``problem``, which says why the network cannot be loaded and is "" where it can.
    """
    return [_describe(folder) for folder in _shipped().values()]


def _describe(folder: Path) -> dict[str, Any]:
    problem, meta = "", dict[str, Any]()
    try:
        meta = _read_meta(folder)
        if not (folder / "timetable.zip").is_file():
            problem = "timetable.zip is missing"
    except InputError as error:
        problem = str(error)
    sources = _sources(meta)
    return {
        "id": folder.name,
        "title": str(meta.get("title", folder.name)),
        "title_en": str(meta.get("title_en", "")),
        "date": str(meta.get("date", "")),
        "folder": folder,
        "sources": [source.get("title", "") for source in sources],
        "licences": list(dict.fromkeys(source["licence"] for source in sources if source.get("licence"))),
        "counts": dict(_flat(meta.get("counts", meta.get("notes", {})))),
        "problem": problem,
    }


def network_dir(ref: str | Path) -> Path:
    """Return the folder or feed that `ref` means: a shipped id, or a path to a network folder or a GTFS feed.

    Raises
    ------
    NotFoundError
        When it is neither; suggests the nearest id and lists the shipped ones.
    """
    shipped = _shipped()
    if str(ref) in shipped:
        return shipped[str(ref)]
    path = Path(ref).expanduser()
    try:
        if path.exists():
            return path
    except (OSError, ValueError):  # a text that is no path at all: too long, or with a NUL
        pass
    hint = f"Shipped: {', '.join(shipped) or 'none'}. A path to a network folder or a GTFS zip works too."
    raise NotFoundError("network", str(ref)[:200], shipped, hint)


def load_network(
    ref: str | Path = "china",
    *,
    date: dt.date | str | None = None,
    lines: bool = True,
    seed: int = 0,
    areas: bool = True,
) -> Network:
    """Return a network.

    Parameters
    ----------
    ref
        Shipped id, path to a network folder, or to a GTFS zip or folder (then without cities and people).
    date
        Service day, a date or ``2023-12-15``; else that of network.toml, else an ordinary Tuesday.
    lines
        Whether the headway-only lines of lines.csv with high confidence are included.
    seed
        Draws the phases of those lines.
    areas
        Whether counties and people are read; they cost a second or two and station tables need none.

    Raises
    ------
    NotFoundError
        When `ref` is unknown.
    InputError
        When a file cannot be used, with every problem found in it, or when no trip runs on `date`.
    """
    path = network_dir(ref)
    if path.is_dir() and (path / "network.toml").is_file():
        return _load_folder(path, date, lines, seed, areas)
    return _load_feed(path, date)


def _load_feed(path: Path, date: dt.date | str | None) -> Network:
    if path.is_dir() and not (path / "stops.txt").is_file():
        raise InputError(f"{path}: neither a network folder (no network.toml) nor a GTFS feed (no stops.txt)")
    feed = read_gtfs(path)
    day, notes = _service_date(feed, date, None, path)
    name = path.stem if path.is_file() else path.resolve().name
    return _network(name, name, day, feed, feed.checksums, (*feed.notes, *notes))


def _load_folder(folder: Path, date: dt.date | str | None, lines: bool, seed: int, areas: bool) -> Network:
    meta = _read_meta(folder)
    feed = read_gtfs(folder / "timetable.zip")
    day, notes = _service_date(feed, date, meta.get("date"), folder)
    table = read_lines(folder / "lines.csv") if (folder / "lines.csv").is_file() else LineTable((), ())
    cities, regions = _read_places(folder, feed)
    base = replace(
        _network(
            str(meta.get("id", folder.name)), str(meta.get("title", folder.name)), day, feed,
            _checksums(folder, lines, areas),
            (*(f"{key}: {value}" for key, value in _flat(meta.get("notes", {}))), *feed.notes, *notes),
        ),
        cities=cities,
        regions=regions,
        sources=_sources(meta),
        assumptions=dict(meta.get("assumptions", {})),
        counties=_optional(folder / "boundaries.parquet", areas, read_counties),
        population=_optional(folder / "population.parquet", areas, read_population),
        population_cell_deg=float(meta.get("population_cell_deg", 0)),
        population_label=str(meta.get("population_label", "")),
        timezone=str(meta.get("timezone", feed.timezone)),
        limits=_limits(meta),
    )  # fmt: skip
    if not lines:
        without = tuple(f"{line.name}: switched off" for line in table.lines)
        return replace(base, lines_left_out=tuple(sorted((*without, *table.left_out))))
    try:
        with_lines = add_lines(base, table.lines, seed=seed)
    except InputError as error:
        found = [replace(issue, file="lines.csv", field=issue.field or "station_id") for issue in error.issues]
        raise InputError(f"lines {folder / 'lines.csv'}: {len(found)} problem(s)", found) from error
    return replace(with_lines, lines_left_out=table.left_out)


def _network(
    network_id: str,
    title: str,
    day: dt.date,
    feed: Feed,
    checksums: Mapping[str, str],
    notes: tuple[str, ...],
) -> Network:
    table = feed.timetable
    return Network(
        network_id,
        title,
        day,
        table.stations,
        table.services,
        table.trips,
        table.stop_times,
        table.transfers,
        checksums=dict(checksums),
        notes=notes,
        timezone=feed.timezone,
    )


def _optional(path: Path, wanted: bool, reader: Any) -> Any:
    return reader(path) if wanted and path.is_file() else None


def _read_places(folder: Path, feed: Feed) -> tuple[tuple[City, ...], tuple[Region, ...]]:
    """Return cities and regions; the problems of both are raised together."""
    issues: list[Issue] = []
    cities: tuple[City, ...] = ()
    regions: tuple[Region, ...] = ()
    station_ids = {station.station_id for station in feed.timetable.stations}
    try:
        if (folder / "cities.csv").is_file():
            cities = read_cities(folder, station_ids)
    except InputError as error:
        issues += error.issues
    try:
        if (folder / "regions.csv").is_file():
            regions = read_regions(folder / "regions.csv")
    except InputError as error:
        issues += error.issues
    raise_errors(f"network {folder}", issues)
    return cities, regions


def _checksums(folder: Path, lines: bool, areas: bool) -> dict[str, str]:
    names = ["network.toml", "timetable.zip", *_CITY_FILES, "regions.csv"]
    names += ["lines.csv"] if lines else []
    names += ["boundaries.parquet", "population.parquet"] if areas else []
    return {name: store.sha256_file(folder / name) for name in names if (folder / name).is_file()}


def _read_meta(folder: Path) -> dict[str, Any]:
    path = folder / "network.toml"
    try:
        meta = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InputError(f"{path}: no readable TOML ({error})") from error
    issues = [
        Issue("error", "bad-value", f"must be {what}", path.name, field=key, value=str(meta[key])[:80])
        for key, kind, what in (
            ("sources", list, "tables [[sources]]"),
            ("notes", dict, "a table [notes]"),
            ("counts", dict, "a table [counts]"),
            ("limits", list, "tables [[limits]] with zh and en"),
            ("assumptions", dict, "a table [assumptions]"),
            ("population_cell_deg", int | float, "a number of degrees"),
        )
        if key in meta and not isinstance(meta[key], kind)
    ]  # fmt: skip
    issues += [
        Issue("error", "bad-value", "must be a table", path.name, field=f"sources[{i}]", value=str(source)[:80])
        for i, source in enumerate(meta.get("sources", []) if isinstance(meta.get("sources", []), list) else [])
        if not isinstance(source, dict)
    ]
    raise_errors(f"network {folder}", issues)
    return meta


def _sources(meta: Mapping[str, Any]) -> tuple[Mapping[str, str], ...]:
    def text(value: Any) -> str:
        if isinstance(value, dict):
            return ", ".join(f"{key} {item}" for key, item in value.items())
        return ", ".join(str(item) for item in value) if isinstance(value, list) else str(value)

    return tuple({key: text(value) for key, value in source.items()} for source in meta.get("sources", []))


def _limits(meta: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    rows = [row for row in meta.get("limits", []) if isinstance(row, dict)]
    return tuple((str(row.get("zh", row.get("en", ""))), str(row.get("en", row.get("zh", "")))) for row in rows)


def _flat(table: Mapping[str, Any], prefix: str = "") -> list[tuple[str, Any]]:
    """Return the leaves of nested tables with dotted keys."""
    pairs: list[tuple[str, Any]] = []
    for key, value in table.items():
        if isinstance(value, dict):
            pairs += _flat(value, f"{prefix}{key}.")
        else:
            pairs.append((f"{prefix}{key}", value))
    return pairs


def _parse_date(value: Any, where: str) -> dt.date:
    if isinstance(value, dt.datetime):
        return value.date()
    if isinstance(value, dt.date):
        return value
    try:
        return dt.date.fromisoformat(str(value))
    except ValueError:
        raise InputError(f"{where}: date {str(value)[:80]!r} is not a date like 2023-12-15") from None


def _service_date(feed: Feed, given: Any, listed: Any, path: Path) -> tuple[dt.date, list[str]]:
    """Return the service day, and a note where railshed chose it."""
    services, service_idx = feed.timetable.services, feed.timetable.trips.service_idx
    span = validity(services)
    notes = []
    if given is not None or listed is not None:
        day = _parse_date(listed if given is None else given, "option" if given is not None else f"{path}/network.toml")
    else:
        chosen = default_date(services, service_idx)
        if chosen is None:
            raise InputError(f"{path}: no trip runs on any day of its calendar")
        day = chosen
        notes.append(f"date {day} ({day:%A}) chosen: an ordinary day among {_span_text(span)}")
    if not n_trips_on(services, service_idx, day):
        usual = default_date(services, service_idx)
        remedy = f"; try {usual}" if usual else ""
        raise InputError(f"{path}: no trip runs on {day} ({day:%A}); the feed is valid {_span_text(span)}{remedy}")
    return day, notes


def _span_text(span: tuple[dt.date, dt.date] | None) -> str:
    return f"{span[0]} to {span[1]}" if span else "on no day"
