"""The files of rankings and suggestions: tables, chart, lines, scenarios, run.json."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from railshed.api.comparison import compare
from railshed.export.formats import Choice, write_layers
from railshed.export.styles import FileDescription
from railshed.questions.rank.suggestions import HEADING
from railshed.report.run_folder import circle as files
from railshed.report.run_folder.comparison import Files, write_tables
from railshed.scenario.apply import resolve
from railshed.scenario.files import scenario_toml
from railshed.util.csv_json import write_rows
from railshed.util.encodings import decode
from railshed.util.files import write_file
from railshed.util.names import file_name

if TYPE_CHECKING:
    from railshed.api.appraisal import Ranking
    from railshed.circles.analysis import AnalysisInputs
    from railshed.comparisons.objective import Objective
    from railshed.maps.style import MapStyle
    from railshed.questions.rank.suggestions import Link, Suggestions


def write_ranking(
    ranking: Ranking,
    run: AnalysisInputs,
    path: Path,
    parameters: Mapping[str, Any],
    folder: Path,
    pictures: MapStyle | None,
    *,
    plain: bool = False,
) -> None:
    """Write the tables of lines, plans, pairs, alternatives, the chart, and run.json with each
    candidate as read.
    """
    network = run.compiled.network
    about = {"objective": str(ranking.objective), "definition": ranking.definition}
    tables = {
        "ranking": ranking.rows,
        "plans": ranking.plans,
        "pairs": ranking.pairs,
        "alternatives": ranking.alternatives,
    }
    with files.maps_of(pictures, folder, {"ranking": ranking.plot}):
        named = {name: [{**row, **about} for row in rows] for name, rows in tables.items()}
        write_tables(folder, named, plain=plain)
    city = ranking.cities[0].slug if len(ranking.cities) == 1 else None
    scenarios = [
        {
            "name": one.name,
            "km": one.km,
            "cost": one.cost,
            **resolve(network, one.scenario, city=city).to_dict(),
        }
        for one in ranking.candidates
    ]
    text = path.read_bytes()
    file = {"file": path.name, "sha256": hashlib.sha256(text).hexdigest(), "text": decode(text)}
    files.write_run(
        run,
        parameters,
        [ranking.as_plain()],
        folder,
        scenarios=scenarios,
        more={"candidates_file": file},
    )


def write_suggestions(
    found: Suggestions,
    run: AnalysisInputs,
    parameters: Mapping[str, Any],
    folder: Path,
    pictures_in: Callable[[str], MapStyle | None],
    *,
    direction: str,
    plain: bool = False,
) -> None:
    """Write the table, the lines, and a folder a link with its scenario and the circles that it
    changes.
    """
    import geopandas as gpd
    import shapely

    network = run.compiled.network
    figures = found.as_plain()
    rows = [
        {
            **row,
            "cities": "|".join(row["cities"]),
            "status": HEADING,
            "definition": found.definition,
        }
        for row in figures["links"]
    ]
    write_rows(rows, folder / "suggestions.csv", plain=plain)
    index = network.station_index()
    places = [
        [network.stations[index[k]] for k in (link.from_id, link.to_id)] for link in found.links
    ]
    lines = [shapely.LineString([(s.lon, s.lat) for s in pair]) for pair in places]
    if rows:
        links = gpd.GeoDataFrame(rows, geometry=lines, crs="EPSG:4326")
        write_layers(
            folder / "suggestions.gpkg",
            {"links": links},
            FileDescription("suggested links", (HEADING,)),
        )
    for k, link in enumerate(found.links, start=1):
        own = folder / f"{k:02d}_{file_name(link.from_id)}_{file_name(link.to_id)}"
        _write_link(
            link=link,
            run=run,
            objective=found.objective,
            direction=direction,
            folder=own,
            pictures_in=pictures_in,
            choice=Choice(csv_plain=plain),
        )
    files.write_run(run, parameters, [figures], folder)


def _write_link(
    link: Link,
    run: AnalysisInputs,
    objective: Objective,
    direction: str,
    folder: Path,
    pictures_in: Callable[[str], MapStyle | None],
    choice: Choice,
) -> None:
    folder.mkdir()
    write_file(folder / "scenario.toml", scenario_toml(link.scenario))
    for slug in link.cities:
        asked: Any = {
            "reading": objective.reading,
            "cutoffs": [objective.cutoff_min],
            "direction": direction,
        }
        change = compare(run, slug, link.scenario, **asked)
        if any(row["area_km2_gained"] or row["area_km2_lost"] for row in change.table):
            pictures = pictures_in(files.map_language(run.compiled.network, [change.before.city]))
            Files(pictures, choice=choice).write_comparison(change, folder)
