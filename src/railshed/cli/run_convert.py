"""What the commands do that bring data in and take it out: read, write a network folder, say what came of it."""

from __future__ import annotations

import datetime as dt
import re
import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from railshed.cli.inputs import Data
from railshed.cli.options import pairs_of
from railshed.io.folder.write import check_folder, new_folder, write_network
from railshed.io.gtfs.write import write_gtfs
from railshed.util.errors import InputError, OutputError, ParameterError
from railshed.util.units import DAY, MINUTE

if TYPE_CHECKING:
    from railshed.network.model import Network

_TUESDAY = 1
#: what the id of a network cannot hold: it stands in files, tables and commands
_NO_ID = re.compile(r"[^\w.-]+")


@dataclass(frozen=True, slots=True)
class Target:
    """Where a network goes and what it is called: the arguments that the imports share."""

    folder: Path
    network_id: str | None = None
    title: str | None = None
    licence: str | None = None
    overwrite: bool = False

    @property
    def name(self) -> str:
        """The id: as given, else the folder's name with a hyphen for what an id cannot hold."""
        return self.network_id or _NO_ID.sub("-", self.folder.resolve().name).strip("-.") or "network"

    def check(self) -> None:
        """Raise ParameterError for what is no id and OutputError where no network may be put, before the long work."""
        if self.network_id is not None and (not self.network_id.strip("-.") or _NO_ID.search(self.network_id)):
            raise ParameterError(
                f"--id {self.network_id!r}: write it with letters, digits, hyphens, dots and underscores"
            )
        check_folder(self.folder, overwrite=self.overwrite)

    def write(
        self, network: Network, sources: Sequence[Mapping[str, Any]], files: Mapping[str, bytes] | None = None
    ) -> None:
        """Write the network and say what it holds, what was left out and how to go on.

        It is read back before it takes its place: where that fails, what stood there before stands there still.
        """
        from railshed.io.networks import load_network
        from railshed.report.console import show
        from railshed.tables import data as datatables

        named = replace(network, network_id=self.name, title=self.title or network.title)
        licensed = [{**source, "licence": self.licence} if self.licence else source for source in sources]
        notes = _notes(named)
        loaded: list[Network] = []

        def read_back(folder: Path) -> None:
            try:
                loaded.append(load_network(folder))
            except InputError as error:
                what = str(error).splitlines()[0].replace(str(folder), str(self.folder))
                message = f"{self.folder} is left as it was, for the network made cannot be read back: {what}"
                raise InputError(message, error.issues) from error

        write_network(
            named, self.folder, sources=licensed, notes=notes, files=files, overwrite=self.overwrite, check=read_back
        )  # fmt: skip
        show(datatables.imported(loaded[0], str(self.folder), notes, network.issues), "en")


def _notes(network: Network) -> dict[str, Any]:
    """Return the notes and the number of warnings by code, for network.toml."""
    notes: dict[str, Any] = {"reading": {f"note_{n}": note for n, note in enumerate(network.notes, 1)}}
    counts = Counter(issue.code for issue in network.issues)
    if counts:
        notes["warnings"] = {code: counts[code] for code in sorted(counts)}
    return notes


def run_import_gtfs(data: Data, target: Target) -> None:
    """Make a network folder of one GTFS feed or several."""
    target.check()
    network = data.load()
    if network.cities or network.lines_included:
        raise ParameterError(f"{data.networks[0]} is a network folder already; import-gtfs takes GTFS feeds")
    target.write(network, network.sources)


@dataclass(frozen=True, slots=True)
class TrainTable:
    """The arguments of `railshed import-traintable`."""

    trains: Path
    stations: Path
    columns: tuple[str, ...]
    calendars: tuple[str, ...]
    where: tuple[str, ...]
    valid: str | None
    date: dt.date | None
    transfers: Path | None
    datum: str
    day_starts_s: int
    change_minutes: float | None
    drop_unknown_stations: bool
    station_class: str
    merge_within_m: float
    mode: str
    timezone: str


def run_import_traintable(table: TrainTable, target: Target) -> None:
    """Make a network folder of a train table and its stations."""
    from railshed.io.networks import network_of
    from railshed.io.train_table.read import read_traintable
    from railshed.io.train_table.rows import TrainTableColumns
    from railshed.network.route_types import find_mode

    target.check()
    known = {field.name for field in fields(TrainTableColumns)}
    columns = pairs_of("--columns", table.columns)
    unknown = [key for key in columns if key not in known]
    if unknown:
        raise ParameterError(f"--columns: unknown {', '.join(map(repr, unknown))}; known: {', '.join(sorted(known))}")
    route_type = next((kind for kind in _PLAIN_TYPES if find_mode(kind) == table.mode), None)
    if route_type is None:
        allowed = ", ".join(dict.fromkeys(str(find_mode(kind)) for kind in _PLAIN_TYPES))
        raise ParameterError(f"--mode {table.mode!r}: allowed are {allowed}")
    feed = read_traintable(
        table.trains, table.stations, columns=TrainTableColumns(**columns), date_range=_valid(table.valid, table.date),
        calendars=pairs_of("--calendar", table.calendars),
        where={key: text.split("|") for key, text in pairs_of("--where", table.where).items()},
        datum=table.datum, transfers=table.transfers, day_starts_s=table.day_starts_s,
        change_s=_seconds("--change-minutes", table.change_minutes),
        drop_unknown_stations=table.drop_unknown_stations, station_class=table.station_class, route_type=route_type,
        merge_within_m=table.merge_within_m, timezone=table.timezone,
    )  # fmt: skip
    network = network_of(feed, target.name, date=table.date, where=str(table.trains))
    source = {
        "title": f"train table {table.trains.name}", "files": [table.trains.name, table.stations.name],
        "sha256": dict(feed.checksums),
    }  # fmt: skip
    target.write(network, [source])


#: one GTFS route type a mode, the plain one first
_PLAIN_TYPES = (2, 109, 1, 0, 3, 4, 6, 1100)


def _seconds(option: str, minutes: float | None) -> int | None:
    """Return whole seconds of minutes."""
    if minutes is None:
        return None
    if not 0 <= minutes <= DAY // MINUTE:  # NaN is neither
        raise ParameterError(f"{option} {minutes:g}: allowed are 0 to {DAY // MINUTE} minutes")
    return round(minutes * MINUTE)


def _valid(text: str | None, date: dt.date | None) -> tuple[dt.date, dt.date]:
    """Return the first and last day of a table: as given, else the service day with the days around it."""
    if text is None:
        if date is None:
            raise ParameterError("give --valid FIRST:LAST, the days of the table, or --date, the one service day")
        return date - dt.timedelta(days=1), date + dt.timedelta(days=1)
    match = re.fullmatch(r"\s*(\d{4}-\d\d-\d\d)\s*:\s*(\d{4}-\d\d-\d\d)\s*", text)
    try:
        if match is None:
            raise ValueError
        first, last = (dt.date.fromisoformat(part) for part in match.groups())
    except ValueError:
        raise ParameterError(f"--valid {text!r}: write FIRST:LAST, e.g. 2026-08-01:2026-08-31") from None
    return first, last


def run_import_osm(
    source: Path | None,
    target: Target,
    *,
    place: str | None,
    modes: Sequence[str] | None,
    headways: str | None,
    date: dt.date | None,
) -> None:
    """Make a network folder of the rail in an OpenStreetMap file, or of a place's, which is kept beside it."""
    from railshed.io.osm import read as osm

    target.check()
    if (source is None) == (place is None):
        raise ParameterError("give a file of OpenStreetMap, or --place NAME to fetch one")
    options: dict[str, Any] = {"modes": modes or osm.DEFAULT_MODES, "headways": headways or osm.DEFAULT_HEADWAYS}
    if source is not None:
        _write_osm(osm.read_osm(source, **options), target, date, {})
        return
    from railshed.io.osm.download import download_rail

    assert place is not None
    with tempfile.TemporaryDirectory() as folder:
        path = download_rail(place, Path(folder) / "openstreetmap.osm.pbf")
        rail = osm.read_osm(path, **options)
        _write_osm(rail, target, date, {path.name: path.read_bytes()})


def _write_osm(rail: Any, target: Target, date: dt.date | None, files: Mapping[str, bytes]) -> None:
    from railshed.io.folder.lines import lines_csv
    from railshed.io.networks import network_with
    from railshed.io.osm.candidates import candidates_geojson

    if not rail.lines:
        _write_findings(rail, target)
        return
    text = lines_csv(rail.lines, sources=rail.line_sources)
    written = {
        "lines.csv": text.encode("utf-8"), "candidates.geojson": candidates_geojson(rail.candidates).encode("utf-8"),
        **files,
    }  # fmt: skip
    network = network_with(
        target.name, date or _osm_date(rail.sources), notes=rail.notes, issues=rail.issues, limits=rail.limits
    )
    target.write(network, rail.sources, written)


def _write_findings(rail: Any, target: Target) -> None:
    """Write the stations and candidates of a file without lines and say that they are no network yet.

    Raises
    ------
    InputError
        When the file holds neither, or a network stands in the folder, which they do not replace.
    """
    from railshed.io.osm.candidates import candidates_geojson, stations_geojson
    from railshed.report.console import show
    from railshed.tables import data as datatables

    told = f"no line can be made of this file ({'; '.join(rail.notes)}); {_NO_LINES}"
    if not rail.stations and not rail.candidates:
        raise InputError(told)
    if (target.folder / "network.toml").is_file():
        raise InputError(f"{target.folder} holds a network and is left as it was: {told}")
    files = {
        "candidates.geojson": candidates_geojson(rail.candidates), "stations.geojson": stations_geojson(rail.stations),
    }  # fmt: skip
    with new_folder(target.folder, overwrite=target.overwrite) as folder:
        for name, text in files.items():
            (folder / name).write_text(text, encoding="utf-8")
    show(datatables.no_network(str(target.folder), sorted(files), rail.notes, _NO_LINES), "en")


#: why an extract has no lines, and what brings them
_NO_LINES = (
    "lines come from relations type=route with stops and tracks, which an extract cut to tracks has lost: cut it anew "
    "with relations, or fetch it with --place"
)


def _osm_date(sources: Sequence[Mapping[str, str]]) -> dt.date:
    """Return the first Tuesday on or after the date of the data.

    Raises
    ------
    ParameterError
        When the file has no date.
    """
    texts = [source["date"] for source in sources if source.get("date")]
    if not texts:
        raise ParameterError("the file does not say of which day it is; give --date YYYY-MM-DD, the service day")
    day = dt.date.fromisoformat(min(texts))
    return day + dt.timedelta(days=(_TUESDAY - day.weekday()) % 7)


def run_export_gtfs(data: Data, path: Path) -> None:
    """Write a network's timetable as GTFS and say what GTFS words otherwise."""
    from railshed.report.console import show
    from railshed.tables import data as datatables

    if path.suffix.lower() != ".zip":
        raise ParameterError(f"-o {path}: GTFS is a zip; name it {path.name or 'feed'}.zip")
    network = data.load(areas=False)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"{path.parent} cannot be made ({error.strerror or error}); give another folder") from error
    notes = write_gtfs(network, path)
    show(datatables.exported(network, str(path), notes), "en")
