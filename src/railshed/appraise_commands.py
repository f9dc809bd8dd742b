"""What the commands `rank` and `suggest` do: load, appraise, print, write files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from railshed.errors import ParameterError
from railshed.loading import Data, Output, Surroundings

if TYPE_CHECKING:
    from railshed.choose import Plan
    from railshed.model import City
    from railshed.objectives import Objective
    from railshed.ranking import Ranking
    from railshed.runs import Run
    from railshed.suggestions import Link, Rules, Suggestions

#: said where a candidate may lower what another one gains
_TAKES = "; a candidate may take from another: trips are moved or removed, or land by rail becomes local"


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
    from railshed import printing
    from railshed.candidatefile import candidates_schema

    printing.print_json(candidates_schema())


def run_rank(request: RankRequest, data: Data, around: Surroundings, *, as_json: bool) -> None:
    """Rank candidates and choose among them."""
    from railshed import datatables, printing
    from railshed.candidatefile import budget_of, read_candidates
    from railshed.objectives import objective_of
    from railshed.ranking import cities_of, rank_candidates

    if request.candidates is None:
        raise ParameterError("give a candidates file, or --schema")
    objective = objective_of(request.objective)
    budget = None if request.budget is None else budget_of(request.budget)
    found = read_candidates(request.candidates, budget)
    network = data.load()
    cities = cities_of(network, request.cities or None, request.region)
    run = _run(data, around, network, cities, request.direction, objective.cutoff_min)
    ranking = rank_candidates(
        run, found, cities=cities, objective=objective, budget=budget, direction=request.direction, seed=request.seed,
        n_permutations=request.permutations, progress=request.progress and not as_json,
    )  # fmt: skip
    if as_json:
        printing.print_json(ranking.as_plain())
        return
    _print_ranking(ranking)
    datatables.print_notes(network, "en")


def _run(
    data: Data, around: Surroundings, network: Any, cities: Sequence[City], direction: str, cutoff_min: int
) -> Run:  # fmt: skip
    from railshed.runs import prepare

    return around.with_people(prepare(network, **around.options()), cities, direction, (cutoff_min,))


def _print_ranking(ranking: Ranking) -> None:
    """Print the table, the sum of the shares beside the total, and the plans."""
    from railshed.printing import console_of, table_of

    unit, shares = ranking.objective.unit, ranking.attribution
    names = ", ".join(city.name for city in ranking.cities)
    title = f"{names}: {ranking.objective}; before {ranking.before:,.0f}, together +{ranking.total:,.0f} {unit}"
    heads = ["candidate", "alone", "last in", "Shapley", "± s.e.", "km", "亿元", "per km", "per 亿元", "greedy", "best"]
    table = table_of(title, heads)
    for row in ranking.table:
        table.add_row(
            row["name"], *(_figure(row[key]) for key in ("gain", "last_in", "shapley")),
            "exact" if shares.exact else _figure(row["standard_error"]), _figure(row["km"]), _figure(row["cost"]),
            _figure(row["gain_per_km"]), _figure(row["gain_per_cost"]), _mark(row["greedy"]), _mark(row["best"]),
        )  # fmt: skip
    alone, last = (sum(row[key] for row in ranking.table) for key in ("gain", "last_in"))
    table.add_row("sum", _figure(alone), _figure(last), _figure(sum(ranking.shapley)))
    table.add_row("total gain", "", "", _figure(ranking.total))
    console = console_of()
    console.print(table)
    for text in _remarks(ranking):
        console.print(f"- {text}")


def _figure(value: float | None) -> str:
    if value is None:
        return "-"
    return f"{value:,.0f}" if abs(value) >= 100 or value == int(value) else f"{value:,.1f}"


def _mark(value: bool | None) -> str:
    return "-" if value is None else "yes" if value else ""


def _remarks(ranking: Ranking) -> list[str]:
    shares, choice = ranking.attribution, ranking.choice
    how = "all subsets" if shares.exact else f"{shares.n_permutations} drawn orders, each with its reverse"
    said = [
        "alone: as the only one built; last in: lost when it alone is left out",
        f"Shapley: mean gain over {how}; the values sum to the total gain",
        f"{ranking.n_circles} circles worked out in full, the others from a baseline"
        + ("" if ranking.monotone else _TAKES),
        *(
            [f"{len(ranking.notes)} assumptions: `railshed scenario FILE` or --json lists them"]
            if ranking.notes
            else []
        ),
    ]
    if choice is None:
        return said
    said.append(f"budget {ranking.budget}: greedy, {_told(ranking, choice.greedy)}")
    if choice.best is not None:
        said.append(_told(ranking, choice.best))
    if choice.gap is not None:
        against = "the optimum" if choice.proved else "what all affordable ones gain together, an upper bound"
        said.append(f"greedy is {choice.gap:.1%} below {against}")
    grown = f"{choice.n_grown} had grown, so every gain was worked out anew" if choice.n_grown else "none had grown"
    said.append(
        "the objective need not be submodular: two lines may need each other. Gains that greedy trusted were worked "
        f"out again at the end ({grown}), and pairs were tried"
    )
    return said


def _told(ranking: Ranking, plan: Plan) -> str:
    unit = "km" if ranking.budget is not None and ranking.budget.unit == "km" else "亿元"
    names = ", ".join(ranking.names[k] for k in plan.parts) or "none"
    return f"{plan.how}: {names}: +{plan.gain:,.0f} {ranking.objective.unit} for {plan.cost:g} {unit}"


def run_suggest(request: SuggestRequest, data: Data, around: Surroundings, output: Output) -> None:
    """Suggest links of a region."""
    from railshed.choosing import output_folder

    with output_folder(output.folder):
        _suggest(request, data, around, output)


def _suggest(request: SuggestRequest, data: Data, around: Surroundings, output: Output) -> None:
    from railshed import datatables, printing
    from railshed.objectives import objective_of
    from railshed.ranking import cities_of
    from railshed.suggestions import suggest_links

    objective = objective_of(request.objective)
    network = data.load()
    cities = cities_of(network, None, request.region)
    run = _run(data, around, network, cities, request.direction, objective.cutoff_min)
    found = suggest_links(
        run, request.region, objective=objective, direction=request.direction, rules=request.rules,
        progress=request.progress and not output.as_json,
    )  # fmt: skip
    if output.folder is not None:
        _write_suggestions(found, run, request, {**data.parameters(), **around.parameters()}, output)
    if output.as_json:
        printing.print_json(found.as_plain())
        return
    _print_suggestions(found)
    datatables.print_notes(network, output.lang)
    datatables.print_saved(output.folder, output.lang)


def _print_suggestions(found: Suggestions) -> None:
    from railshed.printing import console_of, table_of
    from railshed.suggestions import HEADING

    console = console_of()
    console.print(HEADING)
    title = f"{found.region.name} {found.region.name_en}: {found.objective}; today {found.before:,.0f}"
    heads = ["", "from", "to", "km", "minutes", "today", "trains", f"+{found.objective.unit}", "per km", "at most"]
    table = table_of(title, heads, right=3)
    for k, link in enumerate(found.links, start=1):
        now = "-" if link.minutes_now is None else f"{link.minutes_now:.0f}"
        table.add_row(
            str(k), link.from_name, link.to_name, f"{link.km:.0f}", f"{link.run_minutes:.0f}", now,
            str(link.direct_trains), _figure(round(link.gain)), _figure(link.gain_per_km), _figure(round(link.bound)),
        )  # fmt: skip
    console.print(table)
    rules = found.rules
    by = "gain a km" if rules.per_km else "gain"
    console.print(
        f"- {found.n_pairs:,} pairs of stations; {found.n_candidates:,} at least {rules.least_km:g} km apart that rail "
        f"joins in {rules.least_detour:g} times the straight line's time at {rules.top_speed_kmh:g} km/h or more, with "
        f"at most {rules.most_trains} direct trains; {found.n_appraised} appraised in full, in falling order of the "
        f"bound (at most: no service over the link can gain more)"
    )
    state = "so none of them can rank among these" if found.proved else "so one of them might rank among these"
    console.print(
        f"- ranked by {by}; the largest bound of what was not appraised is {_figure(round(found.left_bound))}, {state}"
    )
    console.print(
        f"- links whose ends lie within {rules.apart_km:g} km of each other are one corridor: the best is shown, three "
        "are appraised"
    )


def _write_suggestions(
    found: Suggestions, run: Run, request: SuggestRequest, parameters: dict[str, Any], output: Output
) -> None:  # fmt: skip
    """Write the table, the lines, and a folder a link with its scenario and the circles that it changes."""
    import geopandas as gpd
    import pandas as pd
    import shapely

    from railshed import output as files
    from railshed.export import write_csv, write_layers
    from railshed.suggestions import HEADING

    assert output.folder is not None
    network, folder = run.compiled.network, output.folder
    plain = found.as_plain()
    rows = [{**row, "cities": "|".join(row["cities"]), "status": HEADING} for row in plain["links"]]
    write_csv(pd.DataFrame(rows), folder / "suggestions.csv")
    index = network.station_index()
    places = [[network.stations[index[k]] for k in (link.from_id, link.to_id)] for link in found.links]
    lines = [shapely.LineString([(s.lon, s.lat) for s in pair]) for pair in places]
    if rows:
        write_layers(folder / "suggestions.gpkg", {"links": gpd.GeoDataFrame(rows, geometry=lines, crs="EPSG:4326")})
    for k, link in enumerate(found.links, start=1):
        own = folder / f"{k:02d}_{link.from_id}_{link.to_id}"
        _write_link(link, run, found.objective, request.direction, own, output)
    asked = {"command": "suggest", "region": request.region, "objective": request.objective}
    files.write_run(run, {**asked, "direction": request.direction, **parameters}, [plain], folder)


def _write_link(
    link: Link, run: Run, objective: Objective, direction: str, folder: Path, output: Output
) -> None:  # fmt: skip
    from railshed import output as files
    from railshed.api import compare
    from railshed.differencefiles import Files
    from railshed.scenariofiles import scenario_toml

    folder.mkdir(parents=True, exist_ok=True)
    (folder / "scenario.toml").write_text(scenario_toml(link.scenario), encoding="utf-8")
    for slug in link.cities:
        asked: Any = {"reading": objective.reading, "cutoffs": [objective.cutoff_min], "direction": direction}
        change = compare(run, slug, link.scenario, **asked)
        if any(row["area_km2_gained"] or row["area_km2_lost"] for row in change.table):
            lang = output.map_lang or files.map_language(run.compiled.network, [change.before.city])
            Files(maps=output.maps, lang=lang, basemap=output.basemap).write_comparison(change, folder)
