"""Makes the atlas: each agglomeration is computed, drawn and stored, or read again; then pages and tables."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Generator, Mapping, Sequence
from concurrent.futures import Executor
from contextlib import closing, suppress
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, cast

import pandas as pd

from railshed._version import __version__
from railshed.api import analysis as api
from railshed.api.requests import AtlasRequest, Data, Output
from railshed.assumptions.names import N_DRAWS
from railshed.circles import analysis
from railshed.circles.analysis import case_of, circle_kinds, cutoffs_of, definition_hash, network_or_run
from railshed.maps.circle import draw_circle
from railshed.maps.save import save_figure
from railshed.maps.style import MapStyle
from railshed.network.cities import core_cities
from railshed.questions.indicators.agglomerations import DIRECTION, READING
from railshed.questions.indicators.interval import with_interval
from railshed.questions.indicators.map import region_map
from railshed.questions.indicators.regions import known_indicators
from railshed.report.atlas.about import About
from railshed.report.atlas.comparison import Comparison, compared
from railshed.report.atlas.entries import Entry, agglomerations_of, from_plain, overlap_of, values_of
from railshed.report.atlas.folder import (
    INDEX,
    NATIONAL,
    TABLE,
    Folder,
    counties_name,
    key_of,
    map_name,
    open_folder,
    page_name,
)
from railshed.report.atlas.html import PageRenderer
from railshed.report.atlas.index_page import index_page
from railshed.report.atlas.region_page import region_page
from railshed.report.pictures import save_png
from railshed.report.run_folder.circle import map_language, write_run
from railshed.util.cache import code_hash
from railshed.util.csv_json import write_csv
from railshed.util.errors import NotFoundError, ParameterError
from railshed.util.files import write_file
from railshed.util.phrases import phrase
from railshed.util.progress import progress_bar
from railshed.util.validation import cast_all, checked, flag, many, one_of, optional, path, text

if TYPE_CHECKING:
    from railshed.api.circle import Circle
    from railshed.circles.analysis import AnalysisInputs
    from railshed.network.cities import Region
    from railshed.network.model import Network

#: dots an inch of a map: read on a printed A4 sheet
DPI = 200


@dataclass(frozen=True, slots=True)
class Progress:
    """Where messages go, and whether a bar is shown."""

    #: called before the work with what an earlier run left and what is made again
    say: Callable[[str], None] = lambda line: None
    #: whether a bar is shown on standard error
    shown: bool = False
    #: called at the end with the names of files of an earlier run that are gone
    removed: Callable[[list[str]], None] = lambda names: None


@dataclass(frozen=True, slots=True)
class PageStyle:
    """How pages are written and maps drawn."""

    #: zh, en or both
    lang: str
    #: None: no maps
    pictures: MapStyle | None
    #: what the pages say on how they are made, and checked, again
    again: tuple[str, ...]
    #: names in atlas.csv as they are
    csv_plain: bool = False


@dataclass(frozen=True, slots=True)
class Atlas:
    """The atlas of a network's agglomerations, as it stands in its folder."""

    folder: Path
    compared: Comparison = field(repr=False)
    #: agglomerations that were taken as a run before had left them
    reused: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return f"<Atlas {len(self.compared.entries)} agglomerations {self.index}>"

    @property
    def index(self) -> Path:
        """The page to open."""
        return self.folder / INDEX

    @property
    def table(self) -> pd.DataFrame:
        """One row an agglomeration with all its figures, as atlas.csv has them."""
        return pd.DataFrame(self.compared.rows())


@checked(
    out=path, regions=optional(many(text)), lang=optional(one_of("zh", "en", "both")),
    maps=flag, fresh=flag, progress=flag, csv_plain=flag, **circle_kinds("executor"),
)  # fmt: skip
def atlas(
    network: Network | AnalysisInputs | str | Path, out: str | Path, *, regions: Sequence[str] | None = None,
    lang: Literal["zh", "en", "both"] | None = None, maps: bool = True, fresh: bool = False, progress: bool = False,
    csv_plain: bool = False, executor: Executor | None = None,
) -> Atlas:  # fmt: skip
    """Return the atlas of a network's agglomerations, written into a folder: a page each, and an index.

    What a run before has left in the folder under the same definition, data and version is used again.

    Parameters
    ----------
    network
        A network, an id or a path, or what `prepare` made of it.
    out
        The folder: index.html, pages, maps, atlas.csv, run.json (of a network made in Python with its id and date).
    regions
        Ids or names of agglomerations; default all that have a core city.
    lang
        Language of pages and maps: zh, en or both; default zh where names are Chinese, else en.
    maps
        Draw maps.
    fresh
        Make everything again, and take the place of another atlas in the folder.
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
        When the folder is a file, cannot be written, or holds something else.
    """
    given = cast_all({"network": network}, {"network": network_or_run})["network"]
    run = analysis.run_of(given)
    loaded = run.compiled.network
    named, day = (str(network), None) if isinstance(network, str | Path) else (loaded.network_id, loaded.date)
    request = AtlasRequest(
        regions=tuple(regions or ()), data=Data(network=(named,), date=day), allow_loss=run.allow_loss is not False,
        output=Output(maps=maps, map_lang=lang, csv_plain=csv_plain),
    )  # fmt: skip
    chosen = chosen_regions(loaded, regions)
    written = lang or page_language(loaded)
    again = (f'railshed.atlas("{loaded.network_id}", "DIR")',)
    look = PageStyle(written, MapStyle(written) if maps else None, again, csv_plain)
    return make(
        run, chosen, out, look, request.record(), fresh=fresh, progress=Progress(shown=progress), executor=executor
    )  # fmt: skip


def page_language(network: Network) -> str:
    """Return the language of pages where none is asked for: Chinese where names are, else English."""
    return "zh" if map_language(network, network.cities) == "both" else "en"


def chosen_regions(network: Network, asked: Sequence[str] | None) -> list[Region]:
    """Return the agglomerations asked for, in the order of the network; all of them where none is.

    Raises NotFoundError, ParameterError as `atlas`; every unknown one is named.
    """
    every = agglomerations_of(network)
    if not every:
        raise ParameterError(
            f"network {network.network_id} has no agglomeration with a core city (regions.csv, cities.csv) -> "
            "`railshed circle` and `railshed report` work on cities alone"
        )
    if asked is None:
        return every
    given = {name: name.strip().lower() for name in asked}
    names = {r.region_id: (r.region_id.lower(), r.name, r.name_en.lower()) for r in every}
    unknown = [name for name, plain in given.items() if not any(plain in own for own in names.values())]
    if unknown:
        known = [name for r in every for name in (r.region_id, r.name, r.name_en)]
        listed = "Allowed are " + ", ".join(r.region_id for r in every) + "."
        also = f"Unknown too: {', '.join(map(repr, unknown[1:]))}. " if unknown[1:] else ""
        raise NotFoundError("agglomeration", unknown[0], known, also + listed)
    return [r for r in every if not set(given.values()).isdisjoint(names[r.region_id])]


def make(
    run: AnalysisInputs, regions: Sequence[Region], out: str | Path, look: PageStyle, parameters: Mapping[str, Any], *,
    fresh: bool = False, progress: Progress | None = None, executor: Executor | None = None,
) -> Atlas:  # fmt: skip
    """Return the atlas of some agglomerations, made where it is not stored; its pages and run.json are written.

    `parameters` are those of the command.
    """
    network, report = run.compiled.network, progress or Progress()
    own = network.network_id, [r.region_id for r in regions]
    with open_folder(out, *own, fresh=fresh, removed=report.removed) as folder:
        keys = {r.region_id: _key(run, r, look.pictures) for r in regions}
        finished = {} if fresh else {name: _finished(folder, name, key) for name, key in keys.items()}
        found = {name: entry for name, entry in finished.items() if entry is not None}
        missing, reused = [r for r in regions if r.region_id not in found], tuple(found)
        _say(folder, report, regions, reused)
        if missing:
            found |= _computed(run, missing, folder, keys, look.pictures, report, executor)
        whole = len(regions) == len(agglomerations_of(network))
        side = compared([found[r.region_id] for r in regions], whole=whole, lines=bool(network.lines_included))
        _write(run, side, folder, look, key_of(keys))
        _write_record(run, side, folder.path, parameters)
    return Atlas(Path(out), side, reused)


def _finished(folder: Folder, name: str, key: str) -> Entry | None:
    """Return the stored entry of an agglomeration; None where it is not what it should be."""
    entry = folder.find(name, key)
    with suppress(KeyError, TypeError, ValueError):
        return None if entry is None else from_plain(entry)
    return None


def _computed(
    run: AnalysisInputs, regions: Sequence[Region], folder: Folder, keys: Mapping[str, str], pictures: MapStyle | None,
    report: Progress, executor: Executor | None,
) -> dict[str, Entry]:  # fmt: skip
    """Return the entries of some agglomerations, each stored as soon as its cities are computed."""
    network = run.compiled.network
    cities = {c.slug: c for r in regions for c in core_cities(network.cities, r)}
    circles: dict[str, Circle] = {}
    found = {}
    asked = list(cities.values())
    computed = api.analysis_of(run).circles(asked, reading=READING, direction=DIRECTION, executor=executor)
    stop = closing(cast("Generator[Circle]", computed))  # so that no further circle is begun when stopped
    with progress_bar(len(cities) + len(regions), report.shown, "atlas") as step, stop as stream:
        for k, region in enumerate(regions):
            mine = core_cities(network.cities, region)
            while any(c.slug not in circles for c in mine):
                circle = next(stream)
                circles[circle.city.slug] = circle
                step()
            own = [circles[c.slug] for c in mine]
            found[region.region_id] = _made(run, region, own, folder, keys[region.region_id], pictures)
            needed = {c.slug for later in regions[k + 1 :] for c in core_cities(network.cities, later)}
            circles = {slug: circle for slug, circle in circles.items() if slug in needed}
            step()
    return found


def _say(folder: Folder, report: Progress, regions: Sequence[Region], reused: Sequence[str]) -> None:
    """Say what of an earlier run is used again, and what is made again."""
    stale = [r.region_id for r in regions if r.region_id not in reused and folder.has(r.region_id)]
    if reused:
        report.say(f"used from an earlier run: {len(reused)} of {len(regions)} agglomerations")
    if stale:
        why = "another definition, data, version or kind of map, or a changed file"
        report.say(f"made again: {', '.join(stale)} ({why})")


def _key(run: AnalysisInputs, region: Region, pictures: MapStyle | None) -> str:
    """Return the key of a part: definitions and data of its circles, versions, and how its map is drawn."""
    network = run.compiled.network
    cutoffs = cutoffs_of(run, None)[READING]
    hashes = [
        definition_hash(case_of(run, city), run, run.readings[READING], DIRECTION, cutoffs)
        for city in core_cities(network.cities, region)
    ]
    drawn = None
    if pictures is not None:
        drawn = (pictures.lang, pictures.size, str(pictures.crs), pictures.formats, DPI, _beneath(pictures))
    return key_of({
        "code": code_hash(), "railshed": __version__, "results_version": analysis.RESULTS_VERSION,
        "region": asdict(region), "hashes": hashes, "checksums": dict(network.checksums), "maps": drawn,
    })  # fmt: skip


def _beneath(pictures: MapStyle) -> str:
    """Return a hash of what is drawn under the map, and of the approval number."""
    base, digest = pictures.beneath, hashlib.sha256()
    if base is None:
        return ""
    digest.update(f"{base.name!r} {base.approval!r} {base.kinds.tolist()}".encode())
    for shape in base.features.geometry.to_wkb():
        digest.update(shape or b"-")
    return digest.hexdigest()


def _made(
    run: AnalysisInputs, region: Region, circles: Sequence[Circle], folder: Folder, key: str, pictures: MapStyle | None
) -> Entry:  # fmt: skip
    """Return the entry of an agglomeration, computed, with its map drawn and both stored."""
    overlap = overlap_of(run, region, [circle.city for circle in circles])
    cities = [circle.city for circle in circles]
    integration = known_indicators(run, region, cities, READING, DIRECTION)
    if integration is not None:
        integration = with_interval(run, integration, N_DRAWS)
    values = values_of(region, circles, overlap, integration)
    drawn: dict[str, Callable[[Path], Any]] = {}
    if pictures is not None:
        figure = (circles[0] if overlap is None else overlap).plot(pictures)
        others = [map_name(region.region_id, kind) for kind in pictures.formats if kind != "png"]
        drawn = {map_name(region.region_id): partial(save_png, figure, DPI)}
        drawn |= dict.fromkeys(others, partial(save_figure, figure))
        if integration is not None:
            counties = draw_circle(region_map(integration), pictures)
            drawn[map_name(counties_name(region.region_id))] = partial(save_png, counties, DPI)
    folder.keep(region.region_id, key, values, drawn)
    return from_plain(values)


def _write(run: AnalysisInputs, side: Comparison, folder: Folder, look: PageStyle, key: str) -> None:
    """Write pages, index and atlas.csv; the map of all where it is not stored."""
    pen, about = PageRenderer(look.lang), About(run, look.again)
    for entry in side.entries:
        names = [entry.region, *([] if entry.integration is None else [counties_name(entry.region)])]
        pngs = [_png(folder, name, look.pictures) for name in names]
        write_file(folder.path / page_name(entry.region), region_page(pen, side, entry, about, *pngs))
    national = _national(run, side, folder, look.pictures, key)
    write_file(folder.path / INDEX, index_page(pen, side, about, national))
    write_csv(pd.DataFrame(side.rows()), folder.path / TABLE, plain=look.csv_plain)


def _png(folder: Folder, name: str, pictures: MapStyle | None) -> bytes | None:
    return None if pictures is None else (folder.path / map_name(name)).read_bytes()


def _national(
    run: AnalysisInputs, side: Comparison, folder: Folder, pictures: MapStyle | None, key: str
) -> bytes | None:
    """Return the map of all agglomerations; None without counties, or where there is only one of them."""
    from railshed.maps.national import draw_national
    from railshed.questions.circle.map import national_map

    network = run.compiled.network
    if pictures is None or network.counties is None or len(side.entries) < 2:
        return None
    if folder.find(NATIONAL, key) is None:
        cities: Mapping[str, Any] = {c["city"]["slug"]: c for entry in side.entries for c in entry.cities}
        data = national_map(network, list(cities.values()))  # all regions: those of a part stand among the others
        far = [(city["beyond"] or {}).get("people_by_rail_beyond_90") for city in cities.values()]
        data = replace(
            data, title=phrase("national_title", n=len(side.entries)), value_label=phrase("national_value"),
            cities=data.cities.assign(value=[float("nan") if v is None else v / 10_000 for v in far]),
        )  # fmt: skip
        figure = draw_national(data, pictures)
        folder.keep(NATIONAL, key, {}, {map_name(NATIONAL): partial(save_png, figure, DPI)})
    return _png(folder, NATIONAL, pictures)


def _write_record(run: AnalysisInputs, side: Comparison, folder: Path, parameters: Mapping[str, Any]) -> None:
    """Write run.json: every figure of the atlas, as `railshed verify` computes them again."""
    cities = {city["city"]["slug"]: city for entry in side.entries for city in entry.cities}
    findings = [{"region": entry.region, **d.record()} for entry in side.entries for d, _ in side.findings(entry)]
    keys = ("region", "united", "overlap", "overlap_cities", "members", "integration")
    regions = [{key: getattr(entry, key) for key in keys} for entry in side.entries]
    more = {"atlas": side.rows(), "findings": findings, "regions": regions}
    write_run(run, parameters, list(cities.values()), folder, more=more)
