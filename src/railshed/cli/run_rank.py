"""What the commands `rank` and `suggest` do: load, appraise, print, write files."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from railshed.cli.inputs import Data, Output, Surroundings
from railshed.util.errors import ParameterError

if TYPE_CHECKING:
    from railshed.api.appraisal import Ranking
    from railshed.appraisal.objectives import Objective
    from railshed.appraisal.suggestions import Link, Rules, Suggestions
    from railshed.circles.analysis import AnalysisInputs

#: what the command line calls the rules of links
_RULE_OPTIONS = {
    "top_speed_kmh": "--top-speed", "headway_minutes": "--headway", "least_km": "--min-km", "least_detour": "--detour",
    "most_trains": "--max-trains", "number": "--number", "most_appraised": "--appraise",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class RankRequest:
    """The arguments of `railshed rank`."""

    candidates: Path | None
    cities: tuple[str, ...]
    region: str | None
    objective: str
    budget: str | None
    direction: str
    permutations: int
    seed: int
    progress: bool

    def parameters(self) -> dict[str, Any]:
        """Return what a rerun needs, for run.json."""
        return {
            "command": "rank", "candidates": None if self.candidates is None else self.candidates.name,
            "cities": list(self.cities), "region": self.region, "objective": self.objective, "budget": self.budget,
            "direction": self.direction, "permutations": self.permutations, "seed": self.seed,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class SuggestRequest:
    """The arguments of `railshed suggest`."""

    region: str
    objective: str
    direction: str
    rules: Rules
    progress: bool


def run_schema() -> None:
    """Print the JSON Schema of candidates files."""
    from railshed.appraisal.candidates import candidates_schema
    from railshed.report import console

    console.print_json(candidates_schema())


def run_rank(request: RankRequest, data: Data, around: Surroundings, output: Output) -> None:
    """Rank candidates and choose among them."""
    from railshed.cli.inputs import output_folder

    if request.candidates is None:
        raise ParameterError("give a candidates file, or --schema")
    with output_folder(output.folder):
        _rank(request, request.candidates, data, around, output)


def _rank(request: RankRequest, path: Path, data: Data, around: Surroundings, output: Output) -> None:
    from railshed.api.appraisal import rank_candidates
    from railshed.appraisal.candidates import budget_of, find_candidates, read_candidates
    from railshed.appraisal.objectives import objective_of
    from railshed.appraisal.ranking import cities_of
    from railshed.circles.analysis import prepare
    from railshed.comparisons.plans import runs_after
    from railshed.report import console
    from railshed.tables import appraisal
    from railshed.tables import data as datatables

    objective = objective_of(request.objective)
    budget = None if request.budget is None else budget_of(request.budget)
    path = find_candidates(path)
    found = read_candidates(path, budget)
    network = data.load()
    cities = cities_of(network, request.cities or None, request.region)
    run = prepare(network, **around.options())
    run = around.with_people(
        run, cities, request.direction, (objective.cutoff_min,),
        lambda: runs_after(run, cities, [one.scenario for one in found]),
    )  # fmt: skip
    ranking = rank_candidates(
        run, found, cities=cities, objective=objective, budget=budget, direction=request.direction, seed=request.seed,
        n_permutations=request.permutations, progress=request.progress and not output.as_json,
    )  # fmt: skip
    if output.folder is not None:
        _write_ranking(ranking, run, path, {**request.parameters(), **data.parameters(), **around.parameters()}, output)
    if output.as_json:
        console.print_json(ranking.as_plain())
        return
    console.show(appraisal.ranking_blocks(ranking), output.lang)
    console.show(datatables.reading_notes(network), output.lang)
    console.show([datatables.saved(output.folder, ("CSV", "chart", "run.json"))], output.lang)


def _write_ranking(
    ranking: Ranking, run: AnalysisInputs, path: Path, parameters: dict[str, Any], output: Output
) -> None:  # fmt: skip
    """Write the tables of lines, plans, pairs, alternatives, the chart, and run.json with each candidate as read."""
    import pandas as pd

    from railshed.report.run_folder import circle as files
    from railshed.scenario.plan import plan_of
    from railshed.util.csv_json import write_csv

    assert output.folder is not None
    network, folder = run.compiled.network, output.folder
    pictures = output.pictures(files.map_language(network, ranking.cities))
    figure = None if pictures is None else ranking.plot(lang=pictures.lang)
    told = {"objective": str(ranking.objective), "definition": ranking.definition}
    tables = {
        "ranking": ranking.rows, "plans": ranking.plans, "pairs": ranking.pairs, "alternatives": ranking.alternatives,
    }  # fmt: skip
    for name, rows in tables.items():
        joined = [{k: "|".join(v) if isinstance(v, list) else v for k, v in row.items()} for row in rows]
        if joined:
            write_csv(pd.DataFrame([{**row, **told} for row in joined]), folder / f"{name}.csv")
    if pictures is not None:
        pictures.write(figure, folder, "ranking")
    city = ranking.cities[0].slug if len(ranking.cities) == 1 else None
    scenarios = [
        {"name": one.name, "km": one.km, "cost": one.cost, **plan_of(network, one.scenario, city=city).to_dict()}
        for one in ranking.candidates
    ]
    text = path.read_bytes()
    kept = {"file": path.name, "sha256": hashlib.sha256(text).hexdigest(), "text": text.decode("utf-8-sig")}
    plain = ranking.as_plain()
    files.write_run(run, parameters, [plain], folder, scenarios=scenarios, more={"candidates_file": kept})


def run_suggest(request: SuggestRequest, data: Data, around: Surroundings, output: Output) -> None:
    """Suggest links of a region."""
    from railshed.appraisal.suggestions import check_rules
    from railshed.cli.inputs import output_folder

    check_rules(request.rules, _RULE_OPTIONS)
    with output_folder(output.folder):
        _suggest(request, data, around, output)


def _suggest(request: SuggestRequest, data: Data, around: Surroundings, output: Output) -> None:
    from railshed.appraisal.objectives import objective_of
    from railshed.appraisal.ranking import cities_of
    from railshed.appraisal.suggestions import points_within, suggest_links
    from railshed.circles.analysis import prepare
    from railshed.report import console
    from railshed.tables import appraisal
    from railshed.tables import data as datatables

    objective = objective_of(request.objective)
    network = data.load()
    cities = cities_of(network, None, request.region)
    run = around.with_people(
        prepare(network, **around.options()), cities, request.direction, (objective.cutoff_min,),
        points=lambda: points_within(network, request.region, cities, request.rules, objective),
    )  # fmt: skip
    found = suggest_links(
        run, request.region, objective=objective, direction=request.direction, rules=request.rules,
        progress=request.progress and not output.as_json,
    )  # fmt: skip
    if output.folder is not None:
        _write_suggestions(found, run, request, {**data.parameters(), **around.parameters()}, output)
    if output.as_json:
        console.print_json(found.as_plain())
        return
    console.show(appraisal.suggestions_blocks(found), output.lang)
    console.show(datatables.reading_notes(network), output.lang)
    console.show([datatables.saved(output.folder, ("GeoPackage", "CSV", "scenarios", "map", "run.json"))], output.lang)


def _write_suggestions(
    found: Suggestions, run: AnalysisInputs, request: SuggestRequest, parameters: dict[str, Any], output: Output
) -> None:  # fmt: skip
    """Write the table, the lines, and a folder a link with its scenario and the circles that it changes."""
    import geopandas as gpd
    import pandas as pd
    import shapely

    from railshed.appraisal.suggestions import HEADING
    from railshed.export.formats import write_layers
    from railshed.export.styles import About
    from railshed.report.run_folder import circle as files
    from railshed.util.csv_json import write_csv

    assert output.folder is not None
    network, folder = run.compiled.network, output.folder
    plain = found.as_plain()
    rows = [
        {**row, "cities": "|".join(row["cities"]), "status": HEADING, "definition": found.definition}
        for row in plain["links"]
    ]
    write_csv(pd.DataFrame(rows), folder / "suggestions.csv")
    index = network.station_index()
    places = [[network.stations[index[k]] for k in (link.from_id, link.to_id)] for link in found.links]
    lines = [shapely.LineString([(s.lon, s.lat) for s in pair]) for pair in places]
    if rows:
        links = gpd.GeoDataFrame(rows, geometry=lines, crs="EPSG:4326")
        write_layers(folder / "suggestions.gpkg", {"links": links}, About("suggested links", (HEADING,)))
    for k, link in enumerate(found.links, start=1):
        own = folder / f"{k:02d}_{link.from_id}_{link.to_id}"
        _write_link(link, run, found.objective, request.direction, own, output)
    asked = {"command": "suggest", "region": request.region, "objective": request.objective}
    files.write_run(run, {**asked, "direction": request.direction, **parameters}, [plain], folder)


def _write_link(
    link: Link, run: AnalysisInputs, objective: Objective, direction: str, folder: Path, output: Output
) -> None:  # fmt: skip
    from railshed.api.comparison import compare
    from railshed.report.run_folder import circle as files
    from railshed.report.run_folder.comparison import Files
    from railshed.scenario.files import scenario_toml

    folder.mkdir(parents=True, exist_ok=True)
    (folder / "scenario.toml").write_text(scenario_toml(link.scenario), encoding="utf-8")
    for slug in link.cities:
        asked: Any = {"reading": objective.reading, "cutoffs": [objective.cutoff_min], "direction": direction}
        change = compare(run, slug, link.scenario, **asked)
        if any(row["area_km2_gained"] or row["area_km2_lost"] for row in change.table):
            pictures = output.pictures(files.map_language(run.compiled.network, [change.before.city]))
            Files(pictures).write_comparison(change, folder)
