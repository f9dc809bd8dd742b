"""Loaders of networks by id or path: shipped folders, other network folders, GTFS feeds, and
several of them as one.

The service day is an option, the date of network.toml, of an exported feed, or an ordinary Tuesday.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from railshed.io.folder import tables
from railshed.io.folder.lines import LineTable, read_lines
from railshed.io.gtfs.calendar import FeedInfo, default_date, is_holiday
from railshed.io.gtfs.read import Feed, read_gtfs
from railshed.io.paths import Ref, content_key, paths_by_prefix, shipped_networks
from railshed.network.checks import validate
from railshed.network.cities import City, Region
from railshed.network.dates import CHOSEN_DAY, FIRST_DAY, LAST_DAY
from railshed.network.joining import join_networks
from railshed.network.lines import add_lines
from railshed.network.model import Network, n_trips_on, no_trips_text, validity
from railshed.network.ordering import Timetable, int32, no_transfers, no_trips
from railshed.network.route_types import check_modes
from railshed.network.trip_series import service_of_trips
from railshed.routing.compile import day_shift
from railshed.scenario.edits import with_transfers
from railshed.util.cache import with_cache_key
from railshed.util.errors import InputError, Issue, count_of, raise_errors
from railshed.util.units import DAY, HOUR
from railshed.util.validation import checked, day, files, flag, optional, text, whole, words
from railshed.util.validation import path as path_of


def parse_date(value: Any, where: str) -> dt.date:
    """Return a date from a date or a text like 2023-12-15.

    Raises InputError when it is no date, or not within 1900 to 2199; the message begins with
    `where`.
    """
    try:
        day = value if isinstance(value, dt.date) else dt.date.fromisoformat(str(value))
    except ValueError:
        raise InputError(
            f"{where}: date {str(value)[:80]!r} is not a date like 2023-12-15"
        ) from None
    day = day.date() if isinstance(day, dt.datetime) else day
    if not FIRST_DAY <= day <= LAST_DAY:
        raise InputError(f"{where}: date {day} is not within {FIRST_DAY} to {LAST_DAY}")
    return day


def service_date(feeds: Mapping[str, Feed], chosen: dt.date | None) -> tuple[dt.date, list[str]]:
    """Return the service day of feeds, and notes: if railshed chose it, and if it has not 24 hours.

    `feeds` are by path; `chosen` is the day of the user or of network.toml, or None. Raises
    InputError when a feed has no trip on it.
    """
    notes = []
    day = chosen
    if day is None:
        timetables = [feed.timetable for feed in feeds.values()]
        span = _common_days(timetables)
        offsets = np.cumsum([0, *(len(table.services) for table in timetables)])
        idx = [
            service_of_trips(t.trips) + offset
            for t, offset in zip(timetables, offsets, strict=False)
        ]
        every = [service for table in timetables for service in table.services]
        stated = [feed.info.span for feed in feeds.values() if feed.info.span is not None]
        info = FeedInfo((max(s[0] for s in stated), min(s[1] for s in stated)) if stated else None)
        exported = _exported_day(list(feeds.values()))
        day = exported or default_date(every, int32(np.concatenate(idx)), info, span)
        if day is None or span is None:
            days_of = {path: validity(feed.timetable.services) for path, feed in feeds.items()}
            spans = "; ".join(
                f"{path} {' to '.join(map(str, both or ['on no day']))}"
                for path, both in days_of.items()
            )
            together = " on which all of them are valid" if len(feeds) > 1 else ""
            raise InputError(
                f"{' + '.join(feeds)}: no trip runs on any day of its calendar{together} ({spans})"
            )
        usual = "an ordinary Tuesday" if day.weekday() == 1 else f"a {day:%A} with the most trips"
        usual = (
            f"a {day:%A} between Christmas and New Year, no ordinary day,"
            if is_holiday(day)
            else usual
        )
        kind = "that of the network which railshed wrote as this feed," if exported else usual
        notes.append(
            f"{CHOSEN_DAY} {day} ({day:%A}), {kind} within {span[0]} to {span[1]}; date=... or "
            "--date chooses another"
        )
    for path, feed in (
        feeds.items() if len(feeds) > 1 or not notes else ()
    ):  # a day chosen for one feed has trips
        services = feed.timetable.services
        service_idx = service_of_trips(feed.timetable.trips)
        if not n_trips_on(services, service_idx, [day])[0]:
            text = no_trips_text(services, service_idx, day)
            usual_day = default_date(services, service_idx, feed.info)
            raise InputError(
                f"{path}: {text}" + (f"; an ordinary day is {usual_day}" if usual_day else "")
            )
    return day, notes + _clock_change(
        day, next((f.timezone for f in feeds.values() if f.timezone), "")
    )


def _clock_change(day: dt.date, zone: str) -> list[str]:
    """Return a note if the clock changes on the day, which then has 23 or 25 hours, for example."""
    change_s = -day_shift(day, -1, zone) - DAY
    if not change_s:
        return []
    hours = (DAY + change_s) / HOUR
    off = abs(change_s) / HOUR
    way = "later" if change_s > 0 else "earlier"
    text = (
        f"{day} has {hours:g} hours in {zone}: times count from noon less 12 hours, as GTFS "
        "has it, so until the change"
    )
    return [f"{text} the clock shows {off:g} h {way} than the timetable"]


def _exported_day(feeds: Sequence[Feed]) -> dt.date | None:
    """Return the service day stored in the only feed, if railshed wrote it and trips run on that
    day; else None.
    """
    day = feeds[0].info.service_day if len(feeds) == 1 else None
    if day is None or not FIRST_DAY <= day <= LAST_DAY:
        return None
    table = feeds[0].timetable
    return day if n_trips_on(table.services, service_of_trips(table.trips), [day])[0] else None


def _common_days(timetables: Sequence[Timetable]) -> tuple[dt.date, dt.date] | None:
    """Return the first and last day on which all of them are valid; None without one."""
    spans = [validity(table.services) for table in timetables]
    firsts, lasts = ([span[k] for span in spans if span is not None] for k in (0, 1))
    return (
        (max(firsts), min(lasts))
        if len(firsts) == len(spans) and max(firsts) <= min(lasts)
        else None
    )


def list_networks() -> list[dict[str, Any]]:
    """Return one dict a shipped network, by id.

    Keys: ``id, title, title_en, date, folder, sources`` (titles), ``licences, counts`` (from
    network.toml) and ``problem``: why the network cannot be loaded, else "".
    """
    return [_describe(folder) for folder in shipped_networks().values()]


def _describe(folder: Path) -> dict[str, Any]:
    problem = ""
    meta = dict[str, Any]()
    try:
        meta = tables.read_meta(folder)
        if not (folder / "timetable.zip").is_file() and not (folder / "lines.csv").is_file():
            problem = "timetable.zip is missing"
    except InputError as error:
        problem = str(error)
    sources = tables.sources_of(meta)
    return {
        "id": folder.name,
        "title": str(meta.get("title", folder.name)),
        "title_en": str(meta.get("title_en", "")),
        "date": str(meta.get("date", "")),
        "folder": folder,
        "sources": [source.get("title", "") for source in sources],
        "licences": list(
            dict.fromkeys(source["licence"] for source in sources if source.get("licence"))
        ),
        "counts": dict(tables.leaves(meta.get("counts", meta.get("notes", {})))),
        "problem": problem,
    }


def _refs_of(value: Any) -> Any:
    files(value)
    return value


@checked(
    ref=_refs_of,
    lines=flag,
    areas=flag,
    seed=whole(),
    modes=optional(words),
    datum=text,
    date=optional(lambda value: value if isinstance(value, str) else day(value)),
    boundaries=optional(path_of),
    validated=flag,
)
def load_network(
    ref: Ref | Sequence[Ref] = "china",
    *,
    date: dt.date | str | None = None,
    lines: bool = True,
    seed: int = 0,
    areas: bool = True,
    modes: Sequence[str] | None = None,
    datum: str = "wgs84",
    boundaries: str | Path | None = None,
    validated: bool = True,
) -> Network:
    """Return a network.

    Parameters
    ----------
    ref
        Shipped id, path to a network folder, or to a GTFS zip or folder (then without cities and
        population); several are joined (`join_networks`), with ids prefixed by the file's name or,
        for ``rail=path``, by rail.
    date
        Service day, a date or ``2023-12-15``; default: that of network.toml, else an ordinary
        Tuesday.
    lines
        Whether the headway-only lines of lines.csv with high confidence are included.
    seed
        Seed of the random phases of those lines and of trips by frequency.
    areas
        Whether counties and population are read, which takes a second or two; station tables need
        neither.
    modes
        Modes of transport to read (see `route_types.MODES`); default all.
    datum
        Datum of the feed's coordinates: wgs84, gcj02 or bd09.
    boundaries
        File of areas for a network without (municipalities, land): see
        `boundaries.with_boundaries`.
    validated
        Whether the errors that `railshed check` finds in the network are raised; its warnings never
        are.

    Raises
    ------
    NotFoundError
        When `ref` is unknown.
    ParameterError
        When two networks have one prefix, or a mode or datum is not known.
    InputError
        When a file cannot be used, with every problem found in it, when no trip runs on `date`,
        when several networks do not go together, or with every error of `network.checks.validate`.
    """
    options = {"modes": None if modes is None else check_modes(modes), "datum": datum, "seed": seed}
    paths = paths_by_prefix([ref] if isinstance(ref, str | Path) else ref)
    about = options | {"date": date, "lines": lines, "areas": areas}
    key = content_key(paths, about)
    opened = _open_all(paths, options)
    day, notes = _service_day(list(opened.values()), date)
    if len(opened) == 1:
        found = next(
            _built(one, prefix, day=day, notes=notes, lines=lines, areas=areas, options=options)
            for prefix, one in opened.items()
        )
    else:
        parts = {
            prefix: _built(
                one, prefix, day=day, notes=[], lines=lines, areas=areas, options=options
            )
            for prefix, one in opened.items()
        }
        found = join_networks(parts)
        found = replace(found, notes=(*found.notes, *notes))
    if validated:
        raise_errors(f"network {found.network_id}", validate(found, errors_only=True))
    if boundaries is None:
        return (
            found if key is None or content_key(paths, about) != key else with_cache_key(found, key)
        )
    from railshed.io.boundaries import with_boundaries

    return with_boundaries(found, boundaries)


@dataclass(frozen=True, slots=True)
class _Opened:
    """A feed or a network folder, read but for what depends on the service day."""

    path: Path
    feed: Feed
    #: of a folder: network.toml, lines.csv, and the ids of its stations of all modes; None for a
    #: feed
    meta: Mapping[str, Any] | None = None
    table: LineTable | None = None
    known: frozenset[str] = frozenset()
    #: of network.toml and lines.csv
    warnings: tuple[Issue, ...] = ()


def _open_all(paths: Mapping[str, Path], options: Mapping[str, Any]) -> dict[str, _Opened]:
    """Return what stands at the paths, by prefix; the problems of several are raised together."""
    opened: dict[str, _Opened] = {}
    issues: list[Issue] = []
    for prefix, path in paths.items():
        try:
            opened[prefix] = (
                _open_folder(path, options)
                if (path / "network.toml").is_file()
                else _open(path, options)
            )
        except InputError as error:
            if not error.issues or len(paths) == 1:
                raise
            issues += [replace(issue, file=f"{path.name}: {issue.file}") for issue in error.issues]
    raise_errors(f"networks {', '.join(map(str, paths.values()))}", issues)
    return opened


def _open(path: Path, options: Mapping[str, Any]) -> _Opened:
    if path.is_dir() and not (path / "stops.txt").is_file():
        raise InputError(
            f"{path}: neither a network folder (no network.toml) nor a GTFS feed (no stops.txt)"
        )
    return _Opened(path, read_gtfs(path, **options))


def _open_folder(folder: Path, options: Mapping[str, Any]) -> _Opened:
    warnings: list[Issue] = []
    meta = tables.read_meta(folder, warnings)
    lines = folder / "lines.csv"
    timetable = folder / "timetable.zip"
    table = read_lines(lines, warnings) if lines.is_file() else LineTable((), ())
    if not timetable.is_file() and table.lines:
        of_lines = frozenset(stop.station.station_id for line in table.lines for stop in line.stops)
        return _Opened(folder, no_feed(), meta, table, of_lines, tuple(warnings))
    feed = whole = read_gtfs(timetable, **options)
    if options["modes"] is not None:
        whole = read_gtfs(timetable, **{**options, "modes": None})
    known = frozenset(station.station_id for station in whole.timetable.stations)
    return _Opened(folder, feed, meta, table, known, tuple(warnings))


def _service_day(opened: Sequence[_Opened], date: Any) -> tuple[dt.date, list[str]]:
    """Return the service day of all, with the notes of `service_date`."""
    dated = {
        one.path: one.meta["date"] for one in opened if one.meta is not None and "date" in one.meta
    }
    days = (
        {path: parse_date(value, f"{path}/network.toml") for path, value in dated.items()}
        if date is None
        else {}
    )
    if len(set(days.values())) > 1:
        listed = ", ".join(f"{path} is of {day}" for path, day in days.items())
        raise InputError(f"{listed}: give a day on which all of them run (date=... or --date)")
    chosen = next(iter(days.values()), None) if date is None else parse_date(date, "date=...")
    feeds = {str(one.path): one.feed for one in opened if one.feed.timetable.services}
    if feeds:
        day, notes = service_date(feeds, chosen)
        return day, [*notes, *(note for one in opened for note in _same_every_day(one, day))]
    if chosen is None:
        message = "without timetable.zip it needs a date, e.g. date = 2023-12-12"
        raise InputError(f"{opened[0].path}/network.toml: {message}")
    return chosen, []


def _same_every_day(one: _Opened, day: dt.date) -> Iterator[str]:
    """Yield a note where another day than that of network.toml is asked for, and its trips differ
    on no day.
    """
    services = one.feed.timetable.services
    own = (one.meta or {}).get("date")
    if (
        own is not None
        and services
        and all(all(s.weekdays) and not s.added and not s.removed for s in services)
    ):
        own = parse_date(own, "network.toml")
        if own != day:
            yield (
                f"{CHOSEN_DAY} {day} ({day:%A}): the timetable is that of {own} ({own:%A}), with "
                "each trip on every day of its calendar; on which days trips run is not known"
            )


def network_of(
    feed: Feed, network_id: str, *, date: dt.date | str | None = None, where: str = ""
) -> Network:
    """Return a feed as a network on a service day; default: an ordinary Tuesday.

    Raises InputError when no trip runs on `date`; the message begins with `where`.
    """
    day, notes = service_date(
        {where or network_id: feed}, None if date is None else parse_date(date, "date=...")
    )
    return _network(network_id, network_id, day, feed, feed.checksums, (*feed.notes, *notes))


def network_with(
    network_id: str,
    date: dt.date,
    *,
    notes: Sequence[str] = (),
    issues: Sequence[Issue] = (),
    limits: Sequence[tuple[str, str]] = (),
) -> Network:
    """Return a network without stations and trips, to which headway lines can be added."""
    empty = _network(network_id, network_id, date, no_feed(), {}, tuple(notes))
    return replace(empty, issues=tuple(issues), limits=tuple(limits))


def _built(
    one: _Opened,
    name: str,
    day: dt.date,
    notes: Sequence[str],
    lines: bool,
    areas: bool,
    options: Mapping[str, Any],
) -> Network:
    """Return the network of a feed or of a folder on the service day; a feed takes the name."""
    folder = one.path
    feed = one.feed
    meta = one.meta
    table = one.table or LineTable((), ())
    if meta is None:
        network = _network(name, name, day, feed, feed.checksums, (*feed.notes, *notes))
        return replace(network, sources=feed.sources)
    warnings = list(one.warnings)
    more = list(notes)
    cities, regions = _read_places(folder, one.known, warnings)
    slugs = {city.slug for city in cities}  # also of those that no selected mode serves
    if options["modes"] is not None:
        cities = _served(cities, feed, more)
    borders, people, plans = (
        folder / name for name in ("boundaries.parquet", "population.parquet", "service_plans.json")
    )
    listed_notes = (
        f"network.toml {key}: {value}" for key, value in tables.leaves(meta.get("notes", {}))
    )
    base = replace(
        _network(
            str(meta.get("id", folder.name)),
            str(meta.get("title", folder.name)),
            day,
            feed,
            tables.checksums(folder, lines, areas),
            (*listed_notes, *feed.notes, *more),
        ),
        cities=cities,
        regions=regions,
        sources=tables.sources_of(meta),
        assumptions=dict(meta.get("assumptions", {})),
        counties=tables.read_counties(borders, warnings) if areas and borders.is_file() else None,
        population=tables.read_population(people) if areas and people.is_file() else None,
        population_cell_deg=float(meta.get("population_cell_deg", 0)),
        population_label=str(meta.get("population_label", "")),
        timezone=str(meta.get("timezone", feed.timezone)),
        limits=tables.limits_of(meta),
        title_en=str(meta.get("title_en", "")),
        service_plans=plans.read_text(encoding="utf-8") if plans.is_file() else "",
    )
    of_lines = {stop.station.station_id for line in table.lines for stop in line.stops}
    with_lines = _with_lines(folder, base, table, lines, options["seed"])
    complete = _with_transfers(folder, with_lines, one.known | of_lines, warnings)
    complete = _with_observed(folder, complete, slugs, warnings)
    counted = [issue for file in base.checksums for issue in warnings if issue.file == file]
    return replace(complete, issues=(*complete.issues, *counted))


def _with_lines(folder: Path, base: Network, table: LineTable, lines: bool, seed: int) -> Network:
    if not lines:
        without = tuple(f"{line.name}: switched off" for line in table.lines)
        return replace(base, lines_left_out=tuple(sorted((*without, *table.left_out))))
    try:
        with_lines = add_lines(base, table.lines, seed=seed)
    except InputError as error:
        issues = [
            replace(issue, file="lines.csv", field=issue.field or "station_id")
            for issue in error.issues
        ]
        raise InputError(
            f"lines {folder / 'lines.csv'}: {count_of(issues):,} problem(s)", issues
        ) from error
    return replace(with_lines, lines_left_out=table.left_out)


def _with_transfers(
    folder: Path, network: Network, known: frozenset[str], warnings: list[Issue]
) -> Network:
    """Return the network with the walks of transfers.csv; `known` are the ids of stations that may
    be left out.
    """
    path = folder / "transfers.csv"
    if not path.is_file():
        return network
    walks = tables.read_transfers(path, known, warnings)
    index = network.station_index()
    return with_transfers(
        network, {(index[a], index[b]): s for (a, b), s in walks.items() if {a, b} <= index.keys()}
    )


def _with_observed(
    folder: Path, network: Network, slugs: set[str], warnings: list[Issue]
) -> Network:
    """Return the network with the rows of observed_commuting.csv; `slugs` are of all cities."""
    path = folder / "observed_commuting.csv"
    counties = network.counties
    if not path.is_file():
        return network
    codes = None if counties is None else {*counties["county_code"], *counties["prefecture_code"]}
    return replace(network, observed=tables.read_observed(path, slugs, codes, warnings))


def no_feed() -> Feed:
    """Return an empty feed, for a network with headway lines only."""
    return Feed(Timetable((), (), *no_trips(), no_transfers()), timezone="", notes=(), checksums={})


def _served(cities: Sequence[City], feed: Feed, notes: list[str]) -> tuple[City, ...]:
    """Return the cities without core stations that no selected mode serves; cities without any are
    left out.
    """
    known = {station.station_id for station in feed.timetable.stations}
    served = []
    for city in cities:
        core = tuple(s for s in city.core_station_ids if s in known)
        served += [replace(city, core_station_ids=core)] if core else []
    n_core = sum(len(c.core_station_ids) for c in cities) - sum(
        len(c.core_station_ids) for c in served
    )
    if n_core:
        notes.append(
            f"{n_core} core stations that no selected mode serves and {len(cities) - len(served)} "
            "cities left out"
        )
    return tuple(served)


def _network(
    network_id: str,
    title: str,
    day: dt.date,
    feed: Feed,
    checksums: Mapping[str, str],
    notes: tuple[str, ...],
) -> Network:
    return Network(
        network_id,
        title,
        day,
        **feed.timetable.parts(),
        checksums=dict(checksums),
        notes=notes,
        issues=feed.issues,
        left_out=feed.left_out,
        timezone=feed.timezone,
    )


def _read_places(
    folder: Path, station_ids: frozenset[str], warnings: list[Issue]
) -> tuple[tuple[City, ...], tuple[Region, ...]]:
    """Return the cities and regions; the problems of both are raised together."""
    issues: list[Issue] = []
    found: dict[str, Any] = {}
    readers: dict[str, Any] = {
        "cities.csv": lambda path: tables.read_cities(path.parent, station_ids, warnings),
        "regions.csv": lambda path: tables.read_regions(path, warnings),
    }
    for name, read in readers.items():
        try:
            found[name] = read(folder / name) if (folder / name).is_file() else ()
        except InputError as error:
            issues += error.issues
    alone = (
        "" if (folder / "timetable.zip").is_file() else " (no timetable.zip, so lines.csv alone)"
    )
    raise_errors(f"network {folder}{alone}", issues)
    return found["cities.csv"], found["regions.csv"]
