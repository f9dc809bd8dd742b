"""The atlas: the report of each agglomeration in a folder of its own, and a page that leads to
them.

The new folder of a run that was stopped stays where a report is finished in it, and the next run
goes on in it. A report is used again where its run.json says the same parameters, versions, data
and definitions, and its files are those that it lists.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import pandas as pd

from railshed._version import __version__
from railshed.api.requests import (
    AtlasRequest,
    Data,
    NamedCities,
    Output,
    Reading,
    ReportRequest,
    Surroundings,
)
from railshed.api.study import study_of
from railshed.circles import analysis
from railshed.circles.analysis import (
    RESULTS_VERSION,
    case_of,
    circle_kinds,
    cutoffs_of,
    definition_of,
)
from railshed.maps.style import MapStyle
from railshed.network.cities import core_cities
from railshed.questions.indicators.agglomerations import (
    CUTOFF_MIN,
    DIRECTION,
    MEASURES,
    READING,
    printed,
)
from railshed.questions.labels import place_name, recorded_ends
from railshed.report.assemble import write_study
from railshed.report.run_folder.circle import map_language, write_run
from railshed.report.run_folder.record import RECORD, input_rows, owned_by_run
from railshed.report.run_folder.verification import changed_files
from railshed.show.blocks import Cell, Table
from railshed.show.html import HtmlRenderer
from railshed.show.page_html import asset, faces_of, page_of
from railshed.util import number_format as n
from railshed.util.bilingual import Words, joined
from railshed.util.csv_json import to_json, write_csv
from railshed.util.errors import NotFoundError, OutputError, ParameterError
from railshed.util.files import write_file
from railshed.util.folders import whole_folder
from railshed.util.names import file_name
from railshed.util.phrases import heads, phrase
from railshed.util.progress import progress_bar
from railshed.util.validation import cast_all, checked, flag, many, one_of, optional, path, text

if TYPE_CHECKING:
    from railshed.circles.analysis import AnalysisInputs
    from railshed.network.cities import Region
    from railshed.network.model import Network

AGGLOMERATION = "agglomeration"
INDEX = "index.html"
TABLE = "atlas.csv"
#: measures that the page has beside the headline; atlas.csv has all of them
_SHOWN = (
    "beyond_per_city",
    "press_per_city",
    "stations_per_city",
    "stations_of_press",
    "out_of_vehicle",
)


@dataclass(frozen=True, slots=True)
class Progress:
    """Where messages go, and whether a bar is shown."""

    #: called before the work with what an earlier run left
    say: Callable[[str], None] = lambda line: None
    #: whether a bar is shown on standard error
    shown: bool = False
    #: called at the end with the names of files of an earlier run that are gone
    removed: Callable[[list[str]], None] = lambda names: None


@dataclass(frozen=True, slots=True)
class Atlas:
    """The reports of a network's agglomerations in one folder."""

    folder: Path
    #: a row an agglomeration, as atlas.csv has them
    rows: Sequence[Mapping[str, Any]] = field(repr=False)
    #: agglomerations whose report an earlier run had finished
    reused: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return f"<Atlas {len(self.rows)} agglomerations {self.index}>"

    @property
    def index(self) -> Path:
        """The page to open."""
        return self.folder / INDEX

    @property
    def table(self) -> pd.DataFrame:
        """One row an agglomeration with its headline and measures, as atlas.csv has them."""
        return pd.DataFrame(self.rows)


@checked(
    out=path,
    regions=optional(many(text)),
    lang=optional(one_of("zh", "en", "both")),
    maps=flag,
    fresh=flag,
    progress=flag,
    csv_plain=flag,
    **circle_kinds("executor"),
)
def atlas(
    network: Network | AnalysisInputs | str | Path,
    out: str | Path,
    *,
    regions: Sequence[str] | None = None,
    lang: Literal["zh", "en", "both"] | None = None,
    maps: bool = True,
    fresh: bool = False,
    progress: bool = False,
    csv_plain: bool = False,
    executor: Executor | None = None,
) -> Atlas:
    """Write the reports of a network's agglomerations and a page that leads to them; return both.

    What a run before has left in the folder under the same definition, data and version is used
    again.

    Parameters
    ----------
    network
        A network, an id or a path, or what `prepare` made of it.
    out
        The folder: index.html, atlas.csv, run.json (of a network made in Python with its id and
        date), and a folder a report as `railshed report --region` writes it.
    regions
        Ids or names of agglomerations; default all that have a core city.
    lang
        Language of reports and maps: zh, en or both; default both where names are Chinese, else en.
    maps
        Draw maps.
    fresh
        Make everything again.
    progress
        Show a bar on standard error.
    csv_plain
        Write names in atlas.csv as they are, those that a spreadsheet takes for formulas too.
    executor
        What computes the cities, as `Analysis.circles` takes it.

    Raises
    ------
    NotFoundError
        Unknown agglomeration, with the nearest names.
    ParameterError
        When the network has no agglomeration with a core city.
    OutputError
        When the folder is a file, cannot be written, or holds a page that no atlas wrote.
    """
    given = cast_all({"network": network}, {"network": analysis.network_or_run})["network"]
    run = analysis.run_of(given)
    loaded = run.compiled.network
    named, day = (
        (str(network), None)
        if isinstance(network, str | Path)
        else (loaded.network_id, loaded.date)
    )
    request = AtlasRequest(
        regions=tuple(regions or ()),
        data=Data(network=(named,), date=day),
        allow_loss=run.allow_loss is not False,
        output=Output(maps=maps, map_lang=lang, csv_plain=csv_plain),
        fresh=fresh,
    )
    chosen = chosen_regions(loaded, regions)
    style = MapStyle(lang or map_language(loaded, loaded.cities)) if maps else None
    return write_atlas(
        run, chosen, out, request, style, progress=Progress(shown=progress), executor=executor
    )


def agglomerations_of(network: Network) -> list[Region]:
    """Return the agglomerations of a network that have a core city."""
    return [
        r for r in network.regions if r.kind == AGGLOMERATION and core_cities(network.cities, r)
    ]


def chosen_regions(network: Network, asked: Sequence[str] | None) -> list[Region]:
    """Return the agglomerations asked for, in the order of the network; all of them where none is.

    Raises NotFoundError, ParameterError as `atlas`; every unknown one is named.
    """
    every = agglomerations_of(network)
    if not every:
        raise ParameterError(
            f"network {network.network_id} has no agglomeration with a core city (regions.csv, "
            "cities.csv) -> `railshed circle` and `railshed report` work on cities alone"
        )
    if asked is None:
        return every
    given = {name: name.strip().lower() for name in asked}
    names = {r.region_id: (r.region_id.lower(), r.name, r.name_en.lower()) for r in every}
    unknown = [
        name for name, plain in given.items() if not any(plain in own for own in names.values())
    ]
    if unknown:
        known = [name for r in every for name in (r.region_id, r.name, r.name_en)]
        listed = "Allowed are " + ", ".join(r.region_id for r in every) + "."
        also = f"Unknown too: {', '.join(map(repr, unknown[1:]))}. " if unknown[1:] else ""
        raise NotFoundError("agglomeration", unknown[0], known, also + listed)
    return [r for r in every if not set(given.values()).isdisjoint(names[r.region_id])]


def write_atlas(
    run: AnalysisInputs,
    regions: Sequence[Region],
    out: str | Path,
    request: AtlasRequest,
    style: MapStyle | None,
    *,
    progress: Progress,
    executor: Executor | None = None,
) -> Atlas:
    """Return the atlas of some agglomerations: reports that are not finished are made, then page,
    table, run.json.

    `style` says how maps are drawn, None: none are.
    """
    lang = request.output.map_lang or map_language(
        run.compiled.network, run.compiled.network.cities
    )
    asked = {region.region_id: _report_request(request, region) for region in regions}
    is_owned = owned_by_run(Path(out))
    if taken := [
        name for name in (INDEX, TABLE) if (Path(out) / name).exists() and not is_owned(name)
    ]:
        raise OutputError(
            f"{out} holds {', '.join(taken)} that no atlas wrote -> give an empty folder with -o"
        )
    with whole_folder(
        Path(out), owned_by_run, last=RECORD, keep=_has_reports, removed=progress.removed
    ) as folder:
        places = {region.region_id: folder / file_name(region.region_id) for region in regions}
        for place in (
            place for place in folder.iterdir() if request.fresh or place not in places.values()
        ):
            shutil.rmtree(place) if place.is_dir() else place.unlink()
        reused = []
        for region in regions:
            place = places[region.region_id]
            for finished in (place, Path(out) / place.name):
                if not request.fresh and _is_finished(
                    run, region, finished, asked[region.region_id].record()
                ):
                    if finished != place:
                        shutil.copytree(finished, place, dirs_exist_ok=True)
                    reused.append(region.region_id)
                    break
        if reused:
            progress.say(
                f"used from an earlier run: {len(reused)} of {len(regions)} agglomerations"
            )
        with progress_bar(len(regions) - len(reused), progress.shown, "atlas") as step:
            for region in (region for region in regions if region.region_id not in reused):
                shutil.rmtree(places[region.region_id], ignore_errors=True)
                _write_report(
                    run=run,
                    region=region,
                    folder=places[region.region_id],
                    request=asked[region.region_id],
                    style=style,
                    lang=lang,
                    executor=executor,
                )
                step()
        records = [
            json.loads((places[r.region_id] / RECORD).read_text(encoding="utf-8")) for r in regions
        ]
        rows = sorted(map(_row, regions, records), key=_order)
        write_file(folder / INDEX, _page(run, rows, records, lang))
        write_csv(pd.DataFrame(rows), folder / TABLE, plain=request.output.csv_plain)
        write_run(run, request.record(), [], folder, more={"atlas": rows})
    return Atlas(Path(out), rows, tuple(reused))


def _has_reports(folder: Path) -> bool:
    return any(folder.glob(f"*/{RECORD}"))


def _report_request(request: AtlasRequest, region: Region) -> ReportRequest:
    """Return the request of the report of an agglomeration."""
    return ReportRequest(
        which=NamedCities(region=region.region_id),
        data=request.data,
        output=replace(request.output, out=None),
        around=Surroundings(allow_loss=request.allow_loss),
    )


def _is_finished(
    run: AnalysisInputs, region: Region, folder: Path, parameters: Mapping[str, Any]
) -> bool:
    """Return whether a folder holds the report of an agglomeration as it would be made now."""
    network = run.compiled.network
    cutoffs = cutoffs_of(run, None)[READING]
    hashes = [
        definition_of(case_of(run, city), run, run.readings[READING], DIRECTION, cutoffs).hash
        for city in core_cities(network.cities, region)
    ]
    now = {
        "railshed": __version__,
        "results_version": RESULTS_VERSION,
        "parameters": dict(parameters),
        "inputs": input_rows(parameters),
    }
    with suppress(OSError, ValueError, KeyError, TypeError):
        record = json.loads((folder / RECORD).read_text(encoding="utf-8"))
        return (
            {key: record[key] for key in now} == json.loads(to_json(now))
            and record["network"]["checksums_sha256"] == dict(network.checksums)
            and [one["definition_hash"] for one in record["results"]] == hashes
            and not changed_files(record, folder)[0]
        )
    return False


def _write_report(
    run: AnalysisInputs,
    region: Region,
    folder: Path,
    request: ReportRequest,
    style: MapStyle | None,
    lang: str,
    executor: Executor | None,
) -> None:
    """Write the report of an agglomeration, as the command `report` does."""
    network = run.compiled.network
    cities = core_cities(network.cities, region)
    study = study_of(run, cities, measure=Reading().of_circles(), region=region, executor=executor)
    folder.mkdir()
    write_study(study, folder, style, lang, request.record())


def _row(region: Region, record: Mapping[str, Any]) -> dict[str, Any]:
    """Return the row of atlas.csv of an agglomeration from the run.json of its report: full
    figures, not rounded.
    """
    cities = record["results"]
    first = cities[0]
    inside = record.get("inside") or {}
    low, high = recorded_ends(first)
    people, area = (first["corners"][0]["central"][key] for key in ("people", "area_km2"))
    if record.get("union"):
        low = None
        high = None
        people, area = (
            record["union"]["by_rail"][f"{key}_outside_city"] for key in ("people", "area_km2")
        )
    return {
        "region_id": region.region_id,
        "name_zh": region.name,
        "name_en": region.name_en or region.name,
        "core_cities": "|".join(city["city"]["slug"] for city in cities),
        "date": first["date"],
        "reading": first["reading"],
        "direction": first["direction"],
        "cutoff_min": first["headline_cutoff_min"],
        "definition_hashes": "|".join(city["definition_hash"] for city in cities),
        "lines_by_headway": len({line for city in cities for line in city["lines_by_headway"]}),
        "members_census": inside.get("people_census"),
        "members_inside": inside.get("people_inside"),
        "united_people": people,
        "united_area_km2": area,
        "low": low,
        "high": high,
        **{measure.key: record["measures"].get(measure.key) for measure in MEASURES},
    }


def _order(row: Mapping[str, Any]) -> tuple[Any, ...]:
    """Return what orders the rows: most people beyond 30 km within 90 minutes first, then most by
    convention.
    """
    far = row["beyond_per_city"]
    press = row["press_per_city"]
    return far is None, -(far or 0), -(press or 0), row["region_id"]


@dataclass(frozen=True, slots=True)
class _LinkRenderer(HtmlRenderer):
    """Texts and blocks, with links on the names of agglomerations."""

    links: Mapping[Words, str]

    def stacked(self, words: Cell) -> str:
        link = self.links.get(words) if isinstance(words, Words) else None
        inside = HtmlRenderer.stacked(self, words)
        return inside if link is None else f'<a href="{link}">{inside}</a>'


def _page(
    run: AnalysisInputs,
    rows: Sequence[Mapping[str, Any]],
    records: Sequence[Mapping[str, Any]],
    lang: str,
) -> str:
    """Return the page of all agglomerations: one table, each row with a link to the report."""
    names = {row["region_id"]: Words(row["name_zh"], row["name_en"]) for row in rows}
    stems = {key: file_name(key) for key in names}
    render = _LinkRenderer(
        lang, {names[key]: f"{stem}/{stem}_report.html" for key, stem in stems.items()}
    )
    cities = {
        one["city"]["slug"]: place_name(one["city"])
        for record in records
        for one in record["results"]
    }
    measures = [measure for measure in MEASURES if measure.key in _SHOWN]
    cells = []
    for row in rows:
        figures = [n.people(row[key]) for key in ("united_people", "low", "high")]
        figures += [n.MISSING if row[m.key] is None else printed(m, row[m.key]) for m in measures]
        core = joined([cities[slug] for slug in row["core_cities"].split("|")])
        cells.append((names[row["region_id"]], core, *figures))
    own = heads(*(f"index_{measure.key}" for measure in measures))
    columns = (
        *heads("agglomeration", "core_cities", "people_by_rail", "range_low", "range_high"),
        *own,
    )
    meanings = [
        phrase("named", name=name, text=m.words) for name, m in zip(own, measures, strict=True)
    ]
    notes = (phrase("index_no_data", file=TABLE), *meanings)
    reading = Words(run.readings[READING].label_zh, run.readings[READING].label)
    title = phrase("index_title", n=len(rows))
    subtitle = phrase("atlas_dated", date=run.compiled.date, reading=reading, cutoff=CUTOFF_MIN)
    table = Table(phrase("index_table_title"), columns, tuple(cells), right=2, notes=notes)
    body = (
        f"<header>\n<h1>{render.stacked(title)}</h1>\n<p "
        f'class="soft">{render.stacked(subtitle)}</p>\n</header>\n'
        f"<main>\n{render.table(table)}</main>\n"
    )
    return page_of(render, title, body, style=f"{faces_of(body)}\n{asset('report.css')}")
