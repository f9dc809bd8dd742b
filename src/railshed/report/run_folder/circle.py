"""The files of a run: per city a GeoPackage, CSV tables and a map; for the run one `run.json` that
reproduces it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from railshed.assumptions.assumptions import assumption_rows
from railshed.export.formats import USUAL, Choice, write_layers, write_tables
from railshed.questions.circle.screen import places_of
from railshed.report.run_folder.record import input_rows, parameter_hashes, write_record
from railshed.util.names import file_name
from railshed.util.units import MINUTE

if TYPE_CHECKING:
    from railshed.api.circle import Circle, Overlap
    from railshed.api.inclusion import Inclusion
    from railshed.circles.analysis import AnalysisInputs
    from railshed.maps.style import MapStyle
    from railshed.network.cities import City
    from railshed.network.model import Network


#: maps of a city that `circle` draws when asked: by the method of `Circle` that draws each
KINDS = {
    "circle": "plot",
    "share": "plot_share",
    "stations": "plot_stations",
    "readings": "plot_readings",
}
_HANZI = re.compile(r"[\u3400-\u9fff]")
_KANA = re.compile(r"[\u3040-\u30ff]")


def map_language(network: Network, cities: Sequence[City]) -> str:
    """Return the language of a network's maps: both where a station or city has a Chinese name,
    else English.

    Names in Japanese syllables tell that the others are Japanese, whose readers Chinese words would
    not serve.
    """
    names = " ".join((*(s.name for s in network.stations), *(c.name for c in cities)))
    return "both" if _HANZI.search(names) and not _KANA.search(names) else "en"


@contextmanager
def maps_of(
    pictures: MapStyle | None, folder: Path, plots: Mapping[str, Callable[[MapStyle], Any]]
) -> Iterator[None]:
    """Draw maps by name before other files are written, and write them after: a basemap not read
    leaves no file.
    """
    figures = {} if pictures is None else {name: plot(pictures) for name, plot in plots.items()}
    yield
    if pictures is not None:
        for name, figure in figures.items():
            pictures.write(figure, folder, name)


def write_circle(
    circle: Circle,
    folder: Path,
    pictures: MapStyle | None,
    *,
    kinds: Sequence[str] = ("circle",),
    car: bool = False,
    raster: bool = False,
    html: Mapping[str, str] | None = None,
    inclusion: Inclusion | None = None,
    choice: Choice = USUAL,
) -> None:
    """Write one city's files into `folder`, named by its slug; if asked also rail against car,
    draws, a GeoTIFF.

    `html` says how an interactive map is written, None: none is; `choice` how layers and tables
    are.
    """
    slug = file_name(circle.city.slug)
    plots = {
        slug if kind == "circle" else f"{slug}_{kind}": getattr(circle, KINDS[kind])
        for kind in kinds
    }
    if car:
        plots[f"{slug}_car"] = circle.plot_car
    if inclusion is not None:
        plots[f"{slug}_inclusion"] = partial(circle.plot_inclusion, inclusion)
    more = [name for name, asked in (("share", "share" in kinds), ("car", car)) if asked]
    tables: dict[str, Any] = {
        "readings": [
            {"reading": name, **row, "definition": "; ".join(block.definition_en)}
            for name, block in circle.summary.readings.items()
            for row in block.table
        ],
        "stations": circle.stations,
        "counties": circle.counties,
        "members": circle.members,
        "towns": circle.towns,
        "split": circle.split_table,
        **({"share": circle.share_table} if "share" in kinds else {}),
        **({"car": circle.car_table, "sensitivity": circle.sensitivity} if car else {}),
        **({} if inclusion is None else {"inclusion": inclusion.table}),
    }
    with maps_of(pictures, folder, plots):
        write_tables(folder / slug, tables, circle.about, choice)
        if raster:
            circle.to_raster(folder / f"{slug}.tif")
        if html is not None:
            circle.explore(**html).save(folder / f"{slug}.html")
        for ending in choice.layer_endings:
            circle.to_file(folder / f"{slug}{ending}", choice.crs)
            for name in more:
                areas = {name: getattr(circle, f"{name}_polygons")}
                write_layers(folder / f"{slug}_{name}{ending}", areas, circle.about, choice.crs)
            if inclusion is not None:
                inclusion.to_file(folder / f"{slug}_inclusion{ending}", choice.crs)


def plain_circle(
    circle: Circle, *, car: bool = False, share: bool = False, inclusion: Inclusion | None = None
) -> dict[str, Any]:
    """Return every figure of a circle that run.json holds: its summary, if asked rail against car,
    shares, draws.
    """
    more: dict[str, Any] = {"car": circle.car_table, "split": circle.split_table} if car else {}
    more |= {"share": circle.share_table} if share else {}
    more |= {} if inclusion is None else {"inclusion": inclusion.summary}
    return {**circle.summary.to_dict(), "places": places_of(circle), **more}


class JointPages:
    """Interactive maps of several cities' circles, all together first: written when all of one page
    are there.

    A circle is dropped once no page waits for it.
    """

    def __init__(
        self,
        groups: Mapping[str, Sequence[str]],
        unite: Callable[[str, int], Overlap],
        folder: Path,
        options: Mapping[str, str],
    ) -> None:
        """Take the slugs of the cities of each page by its name; pages of one city are none.

        `unite` returns the circles of a page united within so many minutes.
        """
        self._waiting = {
            name: dict.fromkeys(slugs) for name, slugs in groups.items() if len(set(slugs)) > 1
        }
        self._circles: dict[str, Circle] = {}
        self._unite = unite
        self._folder = folder
        self._options = options

    def add(self, circle: Circle) -> None:
        """Take a circle, and write the pages that now have all of theirs."""
        from railshed.questions.explore.page import explore_circles

        self._circles[circle.city.slug] = circle
        for name in [
            n for n, slugs in self._waiting.items() if all(slug in self._circles for slug in slugs)
        ]:
            circles = [self._circles[slug] for slug in self._waiting.pop(name)]
            together = self._unite(name, circles[0].limit_s // MINUTE)
            page = explore_circles(circles, together=together, **self._options)
            page.save(self._folder / f"{file_name(name)}.html")
        needed = {slug for slugs in self._waiting.values() for slug in slugs}
        self._circles = {slug: circle for slug, circle in self._circles.items() if slug in needed}


def write_overlap(
    found: Overlap, name: str, folder: Path, pictures: MapStyle | None, choice: Choice = USUAL
) -> None:
    """Write how many cities of a region reach each place: tables, layers, the map of all its
    circles.
    """
    from railshed.questions.circle.layers import about_overlap

    stem = f"{file_name(name)}_overlap"
    tables = {"overlap": found.table, "cities": found.city_table}
    with maps_of(pictures, folder, {stem: found.plot}):
        for ending in choice.layer_endings:
            found.to_file(folder / f"{stem}{ending}", choice.crs)
        write_tables(folder / stem, tables, about_overlap(found), choice, main="overlap")


def write_national_map(
    network: Network, summaries: Sequence[Mapping[str, Any]], folder: Path, pictures: MapStyle
) -> None:
    """Write the map of all agglomerations with each core city's figure, `regions`."""
    from railshed.maps.national import draw_national
    from railshed.questions.circle.map import national_map

    pictures.write(draw_national(national_map(network, summaries), pictures), folder, "regions")


def write_run(
    run: AnalysisInputs,
    parameters: Mapping[str, Any],
    summaries: Sequence[Mapping[str, Any]],
    folder: Path,
    *,
    union: Mapping[str, Any] | None = None,
    scenarios: Sequence[Mapping[str, Any]] = (),
    more: Mapping[str, Any] | None = None,
) -> None:
    """Write run.json: parameters, versions, inputs with checksums, every assumption with its
    source, every figure.

    `scenarios` are what `Plan.to_dict` gives, `more` further keys.
    """
    network = run.compiled.network
    data: dict[str, Any] = {
        "parameters_sha256": parameter_hashes(parameters),
        "inputs": input_rows(parameters),
        "network": {
            "id": network.network_id,
            "title": network.title,
            "date": run.compiled.date,
            "checksums_sha256": dict(network.checksums),
            "sources": [dict(s) for s in network.sources],
            "lines_included": network.lines_included,
            "lines_left_out": network.lines_left_out,
            "notes": network.notes,
            "issues": [str(issue) for issue in network.issues],
        },
        "assumptions": asdict(run.assumptions),
        "assumption_sources": assumption_rows(network.assumptions),
        "readings": {name: asdict(reading) for name, reading in run.readings.items()},
        "results": [dict(s) for s in summaries],
    }
    if run.opportunities is not None:
        source = run.opportunities
        data["population"] = {
            "label": source.label,
            "year": source.year,
            "credit": source.credit,
            "columns": list(source.columns),
            "checksums_sha256": dict(source.checksums),
            "within": source.within,
            "read": source.totals.tolist(),
            "cut": None if source.cut is None else source.cut.tolist(),
            "notes": list(source.notes),
            "issues": [str(issue) for issue in source.issues],
        }
    if union is not None:
        data["union"] = dict(union)
    if scenarios:
        data["scenarios"] = [dict(s) for s in scenarios]
    data |= more or {}
    write_record(parameters, data, folder)
