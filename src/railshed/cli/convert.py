"""The commands `import-gtfs`, `import-osm`, `export-gtfs`: data in and out."""

from __future__ import annotations

import datetime as dt
import re
import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from railshed.api.requests import Data, date_option, datum_option, modes_option
from railshed.cli.inputs import load, output_file
from railshed.util.errors import InputError, OutputError, ParameterError
from railshed.util.options import Request, option, part

if TYPE_CHECKING:
    from railshed.network.model import Network

_TUESDAY = 1
#: what the id of a network cannot hold: it stands in files, tables and commands
_NO_ID = re.compile(r"[^\w.-]+")


class Target(Request):
    """Where a network goes and what it is called: the options that the imports share."""

    out: Path = option("Network folder to make, e.g. networks/ID.", "--out -o", MISSING, unit="DIR")
    id: str | None = option("Id of the network; default the folder's name.", "--id", unit="ID")
    title: str | None = option(
        "Title of the network; default the file's name.", "--title", unit="TITLE"
    )
    licence: str | None = option(
        "Licence of the data, as its publisher words it; stands with the sources.",
        "--licence",
        unit="TEXT",
    )
    overwrite: bool = option(
        "Replace the network that stands in the folder, whole.", "--overwrite", False
    )

    @property
    def name(self) -> str:
        """The id: as given, else the folder's name with a hyphen for what an id cannot hold."""
        return self.id or _NO_ID.sub("-", self.out.resolve().name).strip("-.") or "network"

    def check(self) -> None:
        """Raise ParameterError for what is no id and OutputError where no network may be put,
        before the long work.
        """
        if self.id is not None and (not self.id.strip("-.") or _NO_ID.search(self.id)):
            raise ParameterError(
                f"--id {self.id!r}: write it with letters, digits, hyphens, dots and underscores"
            )
        from railshed.io.folder.write import check_folder

        check_folder(self.out, overwrite=self.overwrite)

    def write(
        self,
        network: Network,
        sources: Sequence[Mapping[str, Any]],
        files: Mapping[str, bytes] | None = None,
    ) -> None:
        """Write the network and say what it holds, what was left out and how to go on.

        It is read back before it takes its place: where that fails, what stood there before stands
        there still.
        """
        from railshed.io.folder.write import write_network
        from railshed.io.networks import load_network
        from railshed.questions.data import tables as datatables
        from railshed.show import console

        named = replace(network, network_id=self.name, title=self.title or network.title)
        licensed = [
            {**source, "licence": self.licence} if self.licence else source for source in sources
        ]
        notes = _notes(named)
        loaded: list[Network] = []

        def read_back(folder: Path) -> None:
            try:
                loaded.append(
                    load_network(folder, validated=False)
                )  # `check` names what is left to mend
            except InputError as error:
                what = str(error).splitlines()[0].replace(str(folder), str(self.out))
                message = (
                    f"{self.out} is left as it was, for the network made cannot be read "
                    f"back: {what}"
                )
                raise InputError(message, error.issues) from error

        write_network(
            named,
            self.out,
            sources=licensed,
            notes=notes,
            files=files,
            overwrite=self.overwrite,
            check=read_back,
        )
        console.show(datatables.imported(loaded[0], str(self.out), notes, network.issues), "en")


def _notes(network: Network) -> dict[str, Any]:
    """Return the notes and the number of warnings by code, for network.toml."""
    notes: dict[str, Any] = {
        "reading": {f"note_{n}": note for n, note in enumerate(network.notes, 1)}
    }
    counts = Counter(issue.code for issue in network.issues)
    if counts:
        notes["warnings"] = {code: counts[code] for code in sorted(counts)}
    return notes


class GtfsRequest(Request):
    """`railshed import-gtfs`."""

    sources: tuple[str, ...] = option(
        "GTFS zips or folders; several become one, PREFIX=PATH.", default=MISSING, unit="SRC"
    )
    target: Target = part(Target)
    date: dt.date | None = date_option()
    modes: tuple[str, ...] | None = modes_option()
    datum: str = datum_option()


def import_gtfs(request: GtfsRequest) -> None:
    """Make a network folder of GTFS feeds: timetable.zip and network.toml with sources, checksums
    and notes.
    """
    from railshed.io.paths import paths_by_prefix

    request.target.check()
    folders = [
        path
        for path in paths_by_prefix(request.sources).values()
        if (path / "network.toml").is_file()
    ]
    if folders:
        raise ParameterError(
            f"{folders[0]} is a network folder already; import-gtfs takes GTFS feeds"
        )
    network = load(
        Data(network=request.sources, date=request.date, modes=request.modes, datum=request.datum)
    )
    request.target.write(network, network.sources)


class OsmRequest(Request):
    """`railshed import-osm`."""

    source: Path | None = option("File of OpenStreetMap: .osm, .osm.gz, .osm.pbf.", unit="SRC")
    target: Target = part(Target)
    place: str | None = option(
        "Fetch the rail of a place instead, e.g. 'Porto Alegre, Brazil'.", "--place", unit="PLACE"
    )
    routes: tuple[str, ...] | None = option(
        "Kinds of route: train,light_rail,subway,monorail,tram,funicular; default all but the "
        "last.",
        "--routes",
        joined=True,
        unit="KINDS",
    )
    headways: str | None = option(
        "Minutes where tags give none, 06:00-09:00=5|09:00-23:00=10; an assumption.",
        "--headways",
        unit="HOURS=MIN",
    )
    date: dt.date | None = date_option()


def import_osm(request: OsmRequest) -> None:
    """Make a network folder of OpenStreetMap's rail: lines.csv with estimated run times."""
    from railshed.io.osm import read as osm
    from railshed.io.osm.download import download_rail

    target = request.target
    target.check()
    if (request.source is None) == (request.place is None):
        raise ParameterError("give a file of OpenStreetMap, or --place NAME to fetch one")
    with tempfile.TemporaryDirectory() as folder:
        path = request.source or download_rail(
            str(request.place), Path(folder) / "openstreetmap.osm.pbf"
        )
        rail = osm.read_osm(
            path,
            modes=request.routes or osm.DEFAULT_MODES,
            headways=request.headways or osm.DEFAULT_HEADWAYS,
        )
        _write_osm(
            rail, target, request.date, {} if request.source else {path.name: path.read_bytes()}
        )


def _write_osm(rail: Any, target: Target, date: dt.date | None, files: Mapping[str, bytes]) -> None:
    from railshed.io.folder.lines import lines_csv
    from railshed.io.networks import network_with

    if not rail.lines:
        raise InputError(f"no line can be made of this file ({'; '.join(rail.notes)}); {_NO_LINES}")
    text = lines_csv(rail.lines, sources=rail.line_sources)
    network = network_with(
        target.name,
        date or _osm_date(rail.sources),
        notes=rail.notes,
        issues=rail.issues,
        limits=rail.limits,
    )
    target.write(network, rail.sources, {"lines.csv": text.encode("utf-8"), **files})


#: why an extract has no lines, and what brings them
_NO_LINES = (
    "lines come from relations type=route with stops and tracks, which an extract cut to tracks "
    "has lost: cut it anew with relations, or fetch it with --place"
)


def _osm_date(sources: Sequence[Mapping[str, str]]) -> dt.date:
    """Return the first Tuesday on or after the date of the data; ParameterError when the file has
    no date.
    """
    texts = [source["date"] for source in sources if source.get("date")]
    if not texts:
        raise ParameterError(
            "the file does not say of which day it is; give --date YYYY-MM-DD, the service day"
        )
    day = dt.date.fromisoformat(min(texts))
    return day + dt.timedelta(days=(_TUESDAY - day.weekday()) % 7)


class ExportRequest(Request):
    """`railshed export-gtfs`."""

    data: Data = part(Data)
    out: Path = option(
        "The zip to write; - is standard output.", "--out -o", MISSING, unit="FILE.zip"
    )


def export_gtfs(request: ExportRequest) -> None:
    """Write a network's timetable as GTFS that reads back to the same network."""
    from railshed.io.gtfs.write import write_gtfs
    from railshed.questions.data import tables as datatables
    from railshed.show import console

    with output_file(request.out, ".zip") as path:
        assert path is not None
        if path.suffix.lower() != ".zip":
            raise ParameterError(f"-o {path}: GTFS is a zip; name it {path.name or 'feed'}.zip")
        network = load(request.data, areas=False)
        folder = path.parent
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise OutputError(
                f"{folder} cannot be made ({error.strerror or error}); give another folder"
            ) from error
        notes = write_gtfs(network, path)
        console.show(datatables.exported(network, str(request.out), notes), "en")
