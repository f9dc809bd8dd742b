"""Answers as plain values: a circle with its figures, and what a plan changes for cities."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import geopandas as gpd

from railshed.api.circle import Circle
from railshed.circles.analysis import HEADLINE_CUTOFFS, definition_of
from railshed.circles.definitions import rung_words
from railshed.comparisons.changes import change_rows, losing_counties, person_minutes, worth_row
from railshed.comparisons.compliance import compliance_of
from railshed.comparisons.forecast import forecast_city
from railshed.comparisons.incremental.surfaces import changed_surfaces, stations_after
from railshed.network.cities import City, Region
from railshed.questions.circle.screen import places_of
from railshed.questions.compare.screen import forecast_words
from railshed.questions.explore.live import MOST_STATIONS
from railshed.questions.why.tables import answer_words, one_a_family
from railshed.questions.why.why_outside import WhyResult
from railshed.scenario.apply import resolve
from railshed.scenario.files import (
    Scenario,
    parse_scenario,
    scenario_toml,
    shipped_scenarios,
    toml_text,
)
from railshed.scenario.plan import Plan, line_dict
from railshed.server.workspace import CUTOFFS, Workspace
from railshed.util.bilingual import plain_words
from railshed.util.csv_json import plain_values
from railshed.util.errors import Issue, ParameterError, raise_errors

#: of one scenario
MOST_MODIFICATIONS = 200
_MOST_LOSERS = 5


def city_row(city: City) -> dict[str, Any]:
    """Return what a city is called and where it belongs."""
    return {
        "slug": city.slug,
        "name": city.name,
        "name_en": city.name_en,
        "role": city.role,
        "regions": city.regions,
    }


def region_row(region: Region) -> dict[str, Any]:
    """Return what a region is called."""
    return {
        "id": region.region_id,
        "name": region.name,
        "name_en": region.name_en,
        "kind": region.kind,
    }


def circle_answer(
    circle: Circle, *, car: bool = False, sensitivity: bool = False
) -> dict[str, Any]:
    """Return the bands of a circle as GeoJSON, with the figures of run.json as a member
    `figures`.
    """
    figures: dict[str, Any] = {**circle.summary.to_dict(), "places": places_of(circle)}
    del figures["corners"]
    figures["bridge"] = [
        {**row, **plain_words(rung_words(row["key"]))} for row in figures["bridge"]
    ]
    more = {"car": circle.car_table} if car else {}
    more |= {"sensitivity": circle.sensitivity} if sensitivity else {}
    return {**json.loads(circle.polygons.to_json(drop_id=True)), "figures": figures | more}


def why_answer(found: WhyResult) -> dict[str, Any]:
    """Return why a place is outside, with the sentence of the first screen and a change of each
    family.
    """
    return found.as_plain() | {
        "text": plain_words(answer_words(found)),
        "families": [one.row(found.cutoff_min) for one in one_a_family(found)],
    }


def points_of(rows: Sequence[Any]) -> gpd.GeoDataFrame:
    """Return points with an id as `travel_time_matrix` takes them."""
    places = gpd.points_from_xy([row.lon for row in rows], [row.lat for row in rows])
    return gpd.GeoDataFrame({"id": [row.id for row in rows]}, geometry=places, crs="EPSG:4326")


def scenario_of(data: Mapping[str, Any]) -> Scenario:
    """Return the scenario of a request, which may name no file of the server.

    Raises InputError with every part that names a file, or that is one too many.
    """
    issues = _files_named(data, "scenario")
    if "extends" in data:
        issues.append(
            _file_named(
                "scenario", "extends", data["extends"], "send the modifications of that file"
            )
        )
    every = data.get("modification", [])
    every = every if isinstance(every, list) else []
    n_stations = sum(
        len(one["stops"])
        for one in every
        if isinstance(one, Mapping) and isinstance(one.get("stops"), list)
    )
    for what, n, most in (
        ("modifications", len(every), MOST_MODIFICATIONS),
        ("stations", n_stations, MOST_STATIONS),
    ):
        if n > most:
            message = f"more than {most} {what}"
            remedy = "send fewer at a time"
            issues.append(
                Issue(
                    severity="error",
                    code="not-allowed",
                    message=message,
                    file="scenario",
                    row=None,
                    field="modification",
                    value=str(n),
                    remedy=remedy,
                )
            )
    raise_errors("scenario", issues)
    names = [
        str(one.get("name", ""))
        for one in every
        if isinstance(one, Mapping) and one.get("type") == "add-trips"
    ]
    return Scenario.from_dict(data, title=" + ".join(filter(None, names)) or "scenario")


def candidates_text(data: Mapping[str, Any]) -> str:
    """Return candidates as the TOML that the command line reads; they may name shipped scenarios,
    and no other file.

    Raises InputError with every part that names a file.
    """
    issues = list[Issue]()
    every = data.get("candidate", [])
    shipped = list(shipped_scenarios())
    for number, one in enumerate(every if isinstance(every, list) else [], start=1):
        if isinstance(one, Mapping):
            issues += _files_named(one, "candidates", f"candidate[{number}].")
            if one.get("scenario") not in (None, *shipped):
                issues.append(
                    _file_named("candidates", f"candidate[{number}].scenario", one["scenario"])
                )
    raise_errors("candidates", issues)
    return toml_text(data, "candidates")


def _file_named(
    what: str, field: str, value: Any, remedy: str = "send its modifications, or a shipped name"
) -> Issue:
    return Issue(
        severity="error",
        code="not-allowed",
        message="names a file",
        file=what,
        row=None,
        field=field,
        value=str(value)[:80],
        remedy=remedy,
    )


def _files_named(data: Mapping[str, Any], what: str, where: str = "") -> list[Issue]:
    """Return a problem for each timetable of modifications that is a file's name, not its text."""
    issues = list[Issue]()
    every = data.get("modification", [])
    for number, one in enumerate(every if isinstance(every, list) else [], start=1):
        timetable = one.get("timetable", "\n") if isinstance(one, Mapping) else "\n"
        if not isinstance(timetable, str) or "\n" not in timetable:
            field = f"{where}modification[{number}].timetable"
            issues.append(_file_named(what, field, timetable, "send its text, line by line"))
    return issues


def text_of(data: Mapping[str, Any]) -> str:
    """Return a scenario as the TOML that the command line reads."""
    return scenario_toml(scenario_of(data))


def read_text(text: str, name: str) -> dict[str, Any]:
    """Return what the text of a scenario file holds, in the form that requests have.

    Raises InputError with what is wrong above the modifications, and every part that names a file.
    """
    data = dict(parse_scenario(text, name))
    raise_errors(f"scenario {name}", scenario_of(data).issues)
    return dict(plain_values({"title": Path(name).stem} | data))


def change_answer(
    workspace: Workspace,
    cities: Sequence[City],
    data: Mapping[str, Any],
    *,
    reading: str,
    direction: str,
    picture: bool = False,
    compliance: bool = False,
    polygons: bool = False,
    plans: int = 0,
) -> dict[str, Any]:
    """Return what a scenario changes for cities under a reading with an area, at the minutes
    `CUTOFFS`.

    Figures are those of `railshed compare --json`: rows of its `table` and of `worth`.

    Raises InputError with every problem of every modification; ParameterError when the reading has
    no area in one of the cities, or a picture or draws of plans of several are asked for.
    """
    if (picture or plans) and len(cities) != 1:
        raise ParameterError("picture, plans: of one city")
    baseline = workspace.baseline(cities, direction, reading)
    for base in baseline.cities:
        if not base.seconds:
            raise ParameterError(
                f"reading {reading!r} has no area: give one that counts places, such as "
                "door-to-door"
            )
    scenario = scenario_of(data)
    slug = cities[0].slug if len(cities) == 1 else None
    plan = resolve(baseline.network, scenario, city=slug)
    changed = baseline.with_plan(plan)
    found: dict[str, Any] = {
        "title": {"zh": plan.titles[0], "en": plan.titles[1]},
        "network": baseline.network.network_id,
        "date": str(baseline.run.compiled.date),
        "method": changed.method,
        "why": changed.why,
        "cities": [],
        "effects": list(map(plain_words, plan.effects)),
        "assumed": list(map(plain_words, plan.assumed)),
        "warnings": list(map(plain_words, plan.warnings)),
        "lines": [_line(plan, k) for k in range(len(plan.lines))],
    }
    for base in baseline.cities:
        # door to station where this one is not defined
        change = changed.cities.get(base.slug)
        (mine,) = base.seconds
        after = changed_surfaces(base, change, workspace.counts(base), [mine])
        old, new = after.surfaces[mine]
        found["cities"].append(
            {
                "city": base.slug,
                "reading": mine,
                "direction": direction,
                "changes": change is not None,
                "definition_hash": definition_of(
                    base.case, workspace.analysis, old.reading, direction, CUTOFFS
                ).hash,
                "table": change_rows(after.counts, old, new, CUTOFFS),
                "worth": worth_row(after.counts, old, new, max(CUTOFFS)),
                "person_minutes": person_minutes(after.counts, old, new),
                "losers": losing_counties(after.counts, old, new, max(CUTOFFS))[:_MOST_LOSERS],
            }
        )
        if plans:
            every = forecast_city(baseline, plan, scenario, mine, n_plans=plans)
            rows = [every.row(cutoff) for cutoff in HEADLINE_CUTOFFS]
            found["cities"][-1]["forecast"] = {
                "person_minutes": every.saved(),
                "rows": rows,
                "text": plain_words(forecast_words(rows)),
            }
        if polygons:
            found["cities"][-1]["polygons"] = json.loads(
                after.polygons(mine, HEADLINE_CUTOFFS).to_json(drop_id=True)
            )
        if picture:
            scene = workspace.scene(base.case.city, direction)
            seconds = stations_after(base, change, mine)
            found["picture"] = scene.change(after, mine, plan, seconds)
    if compliance:
        found["compliance"] = compliance_of(
            baseline.network, [plan], workspace.analysis.opportunities
        )
    return found


def _line(plan: Plan, k: int) -> dict[str, Any]:
    """Return how a planned line runs: its stations, minutes, km, trains a day."""
    row = plan.line_frame.iloc[k]
    more = {"km_straight": float(row["km_straight"]), "trips_a_day": int(row["trips_a_day"])}
    return line_dict(plan, plan.lines[k]) | more
