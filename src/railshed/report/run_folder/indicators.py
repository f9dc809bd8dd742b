"""The files of the measures of agglomerations and of least changes: tables, layers, maps;
run.json.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from railshed.circles.overlap import overlap_of
from railshed.export.formats import FORMATS, Choice, write_layers
from railshed.export.styles import FileDescription
from railshed.maps.circle import draw_circle
from railshed.maps.from_network import credits_of, needs_approval
from railshed.maps.save import save_figure
from railshed.maps.style import MapStyle
from railshed.network.cities import known_core_cities
from railshed.questions.indicators.map import access_map, region_map, remedy_map
from railshed.questions.indicators.regions import with_shapes
from railshed.report.run_folder.circle import map_language, maps_of
from railshed.util.csv_json import write_rows
from railshed.util.errors import ParameterError

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from railshed.circles.analysis import AnalysisInputs
    from railshed.network.cities import Region
    from railshed.questions.indicators.places import OpportunityAccess
    from railshed.questions.indicators.regions import RegionIndicators

_PICTURES = (".png", ".svg", ".pdf")


def write_region(
    found: RegionIndicators, folder: Path, name: str, pictures: MapStyle | None, choice: Choice
) -> None:
    """Write the map and the layer of an agglomeration's counties into `folder`."""
    with maps_of(pictures, folder, {name: lambda style: draw_circle(region_map(found), style)}):
        about = _about(
            found.circles.network, found.region, "minutes to the nearest core city", found.reading
        )
        for ending in choice.layer_endings:
            write_layers(
                folder / f"{name}{ending}",
                {"county_minutes": found.county_frame},
                about,
                choice.crs,
            )


def write_access(
    found: OpportunityAccess,
    run: AnalysisInputs,
    folder: Path,
    name: str,
    pictures: MapStyle | None,
    choice: Choice,
) -> None:
    """Write what the counties of an agglomeration reach as a map, and with the places that they
    reach as layers.
    """
    cities = known_core_cities(run.compiled.network.cities, found.region)

    def draw(style: MapStyle) -> Figure:
        circles = overlap_of(run, cities, reading=found.reading, direction=found.direction)
        # stations have their minutes to core cities, which this map is not of
        return draw_circle(
            access_map(found, replace(circles, stations=circles.stations.iloc[:0])), style
        )

    with maps_of(pictures, folder, {name: draw}):
        about = _about(
            run.compiled.network,
            found.region,
            f"{', '.join(found.columns)} within reach",
            found.reading,
        )
        layers = {"county_access": found.county_frame, "opportunity_places": found.place_frame}
        for ending in choice.layer_endings:
            write_layers(folder / f"{name}{ending}", layers, about, choice.crs)


def write_remedies(
    rows: Sequence[Mapping[str, Any]],
    run: AnalysisInputs,
    region: Region,
    reading: str,
    cutoff: int,
    path: Path,
) -> None:
    """Write the rows of `why_counties` by the ending of `path`, one of `check_remedies`: CSV, a
    map, or layers.
    """
    network = run.compiled.network
    ending = path.suffix.lower()
    if ending == ".csv":
        write_rows(rows, path)
        return
    assert network.counties is not None
    counties = network.counties[region.holds(network.counties)]
    if ending in _PICTURES:
        cities = known_core_cities(network.cities, region)
        circles = overlap_of(run, cities, reading=reading, cutoff_min=cutoff)
        data = remedy_map(circles, rows, counties, region.words)
        save_figure(draw_circle(data, MapStyle(map_language(network, cities))), path)
        return
    about = _about(
        network, region, f"what would bring the counties outside within {cutoff} minutes", reading
    )
    write_layers(path, {"remedies": with_shapes(rows, counties)}, about)


def check_remedies(path: Path) -> None:
    """Raise where the ending of a file is none of those that `write_remedies` writes."""
    allowed = (".csv", *_PICTURES, *(one.ending for one in FORMATS))
    if path.suffix.lower() not in allowed:
        raise ParameterError(
            f"-o {path.name}: the ending says the format; allowed are {', '.join(allowed)}"
        )


def _about(network: Any, region: Region, what: str, reading: str) -> FileDescription:
    return FileDescription(
        f"{region.words.en}: {what}",
        (what,),
        reading=reading,
        sources=credits_of(network),
        date=str(network.date),
        approval=needs_approval(network),
    )
