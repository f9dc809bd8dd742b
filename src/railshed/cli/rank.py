"""The commands `rank` and `suggest`."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from railshed.api.requests import RankRequest, SuggestRequest
from railshed.cli.inputs import (
    answer,
    load,
    output_folder,
    pictures_of,
    prepared,
    with_people,
    workers_of,
)
from railshed.util.errors import ParameterError

if TYPE_CHECKING:
    from railshed.questions.rank.suggestions import LinkRules
    from railshed.show.blocks import Block

#: what the command line calls the rules of links
_RULE_OPTIONS = {
    "top_speed_kmh": "--top-speed",
    "headway_minutes": "--headway",
    "least_km": "--min-km",
    "least_detour": "--detour",
    "most_trains": "--max-trains",
    "number": "--number",
    "most_appraised": "--appraise",
}


def rank(request: RankRequest) -> None:
    """Rank candidate lines: gain alone, last and on average, per km and cost; what to build under a
    budget.
    """
    from railshed.questions.rank.candidates import candidates_schema
    from railshed.show import console

    if request.schema:
        console.print_json(candidates_schema())
        return
    if request.candidates is None:
        raise ParameterError("give a candidates file, or --schema")
    with output_folder(request.output) as folder:
        answered = _rank(request, request.candidates, folder)
    answer(request.output, *answered)


def _rank(
    request: RankRequest, path: Path, folder: Path | None
) -> tuple[Any, Iterable[Block], Iterable[Block]]:
    """Return what is printed: figures, blocks, further blocks; the files are written into
    `folder`.
    """
    from railshed.api.appraisal import rank_candidates
    from railshed.comparisons.objective import objective_of
    from railshed.comparisons.plans import runs_after
    from railshed.questions.data import tables as datatables
    from railshed.questions.labels import times_met
    from railshed.questions.rank import tables as appraisal
    from railshed.questions.rank.candidates import budget_of, find_candidates, read_candidates
    from railshed.questions.rank.ranking import cities_of
    from railshed.report.run_folder.appraisal import write_ranking
    from railshed.report.run_folder.circle import map_language

    out = request.output
    objective = objective_of(request.objective)
    budget = None if request.budget is None else budget_of(request.budget)
    path = find_candidates(path)
    candidates = read_candidates(path, budget)
    network = load(request.data)
    cities = cities_of(network, request.cities or None, request.region)
    run = prepared(network, request.around)
    run = with_people(
        request.around,
        run,
        cities,
        request.direction,
        (objective.cutoff_min,),
        lambda: runs_after(run, cities, [one.scenario for one in candidates]),
    )
    with workers_of(request.workers) as executor:
        ranking = rank_candidates(
            run,
            candidates,
            cities=cities,
            objective=objective,
            budget=budget,
            direction=request.direction,
            seed=request.seed,
            n_permutations=request.permutations,
            n_plans=request.plans,
            progress=request.progress and not out.as_json,
            executor=executor,
        )
    if folder is not None:
        pictures = pictures_of(out, map_language(network, ranking.cities))
        write_ranking(ranking, run, path, request.record(), folder, pictures, plain=out.csv_plain)
    saved = datatables.saved(out.out, ("CSV", "chart", "run.json")).words
    met = times_met(run.readings[objective.reading], cities, request.direction)
    screen = appraisal.ranking_screen(ranking, met, saved)
    return ranking.as_plain(), screen, appraisal.ranking_blocks(ranking)


def suggest(request: SuggestRequest) -> None:
    """Suggest links between stations that rail joins badly: screening, not a proposal; with -o
    their circles.
    """
    from railshed.questions.rank.suggestions import LinkRules, check_rules

    usual = LinkRules()
    rules = LinkRules(
        usual.top_speed_kmh if request.top_speed is None else request.top_speed,
        usual.headway_minutes if request.headway is None else request.headway,
        request.min_km,
        request.detour,
        request.max_trains,
        number=request.number,
        most_appraised=request.appraise,
        per_km=request.per_km,
    )
    check_rules(rules, _RULE_OPTIONS)
    with output_folder(request.output) as folder:
        answered = _suggest(request, rules, folder)
    answer(request.output, *answered)


def _suggest(
    request: SuggestRequest, rules: LinkRules, folder: Path | None
) -> tuple[Any, Iterable[Block], Iterable[Block]]:
    """Return what is printed: figures, blocks, further blocks; the files are written into
    `folder`.
    """
    from railshed.comparisons.objective import objective_of
    from railshed.questions.data import tables as datatables
    from railshed.questions.labels import station_name, times_met
    from railshed.questions.rank import tables as appraisal
    from railshed.questions.rank.ranking import cities_of
    from railshed.questions.rank.suggestions import points_within, suggest_links
    from railshed.report.run_folder.appraisal import write_suggestions

    out = request.output
    objective = objective_of(request.objective)
    network = load(request.data)
    cities = cities_of(network, None, request.region)
    run = prepared(network, request.around)
    run = with_people(
        request.around,
        run,
        cities,
        request.direction,
        (objective.cutoff_min,),
        points=lambda: points_within(run.compiled, request.region, cities, rules, objective),
    )
    with workers_of(request.workers) as executor:
        found = suggest_links(
            run,
            request.region,
            objective=objective,
            direction=request.direction,
            rules=rules,
            n_plans=request.plans,
            progress=request.progress and not out.as_json,
            executor=executor,
        )
    if folder is not None:
        write_suggestions(
            found,
            run,
            request.record(),
            folder,
            lambda lang: pictures_of(out, lang),
            direction=request.direction,
            plain=out.csv_plain,
        )
    saved = datatables.saved(out.out, ("GeoPackage", "CSV", "scenarios", "map", "run.json")).words
    names = {s.station_id: station_name(s.name, s.name_en) for s in network.stations}
    met = times_met(run.readings[objective.reading], cities, request.direction)
    screen = appraisal.suggestions_screen(found, names, met, saved)
    return found.as_plain(), screen, appraisal.suggestions_blocks(found, names)
