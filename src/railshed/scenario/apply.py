"""Scenarios: ordered modifications, resolved one after the other against a copy with all errors at
once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from railshed.network.cities import City
from railshed.network.lines import Line, route_of
from railshed.network.model import Network
from railshed.network.trip_series import routes_of
from railshed.scenario import planned_lines
from railshed.scenario.fields.table import Findings, Problems, Table
from railshed.scenario.files import (
    Scenario,
    compose,
    find_scenario,
    read_scenario,
    scenario_or_issues,
    shipped_scenarios,
)
from railshed.scenario.modifications import MODIFICATIONS
from railshed.scenario.plan import Effect, Plan
from railshed.util.bilingual import Words
from railshed.util.errors import InputError, NotFoundError, nearest, raise_errors
from railshed.util.validation import checked, instance, many, optional, text
from railshed.util.validation import path as as_path


@checked(path=as_path)
def load_scenario(path: str | Path) -> Scenario:
    """Return the scenario of a .toml, .json or .geojson file, as written.

    `apply_scenario` reports what is wrong with it.

    `path` may be the name of a shipped scenario, such as ``china/chengdu-s5``; `list_scenarios`
    gives them.

    Raises
    ------
    InputError
        When the file cannot be read or is not what its suffix says.
    """
    return read_scenario(find_scenario(Path(path)))


def list_scenarios() -> list[dict[str, Any]]:
    """Return one dict a shipped scenario, ordered by name.

    Keys: ``name`` (china/chengdu-s5), ``title``, ``network``, ``file``; ``title_zh`` and
    ``title_en`` are the title in one language.
    """
    return [
        {
            "name": name,
            "title": found.title,
            "title_zh": found.titles[0],
            "title_en": found.titles[1],
            "network": name.partition("/")[0],
            "file": file,
        }
        for name, file in shipped_scenarios().items()
        for found in [read_scenario(file)]
    ]


def scenario_of(value: Any) -> Scenario:
    """Return a scenario, read where a file or a name is given: the kind of such arguments.

    One that cannot be read says so when it is applied, so that the mistakes of several are reported
    at once.
    """
    return value if isinstance(value, Scenario) else scenario_or_issues(as_path(value))


@checked(
    scenario=many(scenario_of),
    network=instance(Network, hint="load_network gives one"),
    city=optional(instance(str, City)),
    only=many(text, least=0),
    without=many(text, least=0),
)
def apply_scenario(
    network: Network,
    scenario: Scenario | str | Path | Sequence[Scenario | str | Path],
    *,
    city: str | City | None = None,
    only: Sequence[str] = (),
    without: Sequence[str] = (),
) -> Network:
    """Return a copy of the network with the modifications of a scenario, or of several in order.

    Without any modification that is the network itself.

    Parameters
    ----------
    network
        The baseline; it is not changed.
    scenario
        From `load_scenario`, `Scenario.from_dict` or `Scenario.from_geojson`, or a file.
    city
        The city whose core stations a new one joins by ``terminal = true``; else ``core_city`` must
        say.
    only, without
        Names of modifications that alone are switched on, or that are switched off.

    Raises
    ------
    InputError
        With every problem of every modification: file, number and line, field, value, what is
        allowed.
    NotFoundError
        When `city` or a name is unknown.
    """
    return resolve(network, scenario, city=city, only=only, without=without).network  # type: ignore[arg-type]


def resolve(
    network: Network,
    scenarios: Scenario | Sequence[Scenario],
    *,
    city: str | City | None = None,
    only: Sequence[str] = (),
    without: Sequence[str] = (),
) -> Plan:
    """Return what scenarios make of the network; parameters and errors are those of
    `apply_scenario`.
    """
    listed = (scenarios,) if isinstance(scenarios, Scenario) else tuple(scenarios)
    whole = compose(listed)
    if isinstance(city, str):
        city = network.get_city(city)
    slug = "" if city is None else city.slug
    parts = whole.parts
    _check_switches(parts, only, without)
    base = network
    if any(part.modifications for part in parts):
        if network.links is not None:
            raise InputError(
                f"network {network.network_id} has links instead of a timetable: a scenario "
                "changes timetables; change the graph that it was made of instead"
            )
        if isinstance(city, City) and network.find_city(slug) is None:
            network = replace(network, cities=(*network.cities, city))  # one anywhere
    state = _State(network, slug, tuple(only), tuple(without), Findings())
    for part in parts:
        state.apply_part(part)
    files = ", ".join(dict.fromkeys(issue.file for issue in state.found.issues))
    raise_errors(
        files if files.startswith("scenario") else f"scenario {files or whole.title}",
        state.found.issues,
    )
    return state.plan(base, whole)


def plans_alone(
    base: Network, scenarios: Sequence[Scenario], *, city: str | None = None
) -> list[Plan]:
    """Return a plan for each scenario alone; parameters are those of `resolve`.

    Raises InputError with every problem of every modification of all of them.
    """
    plans: list[Plan] = []
    errors: list[InputError] = []
    for scenario in scenarios:
        try:
            plans.append(resolve(base, scenario, city=city))
        except InputError as error:
            errors.append(error)
    if errors and (len(errors) == 1 or not all(error.issues for error in errors)):
        raise errors[0]
    issues = dict.fromkeys(issue for error in errors for issue in error.issues)
    raise_errors(f"scenarios {', '.join(dict.fromkeys(issue.file for issue in issues))}", issues)
    return plans


class _State:
    """The network as far as the modifications have come, and everything that they share."""

    def __init__(
        self,
        network: Network,
        city: str,
        only: tuple[str, ...],
        without: tuple[str, ...],
        found: Findings,
    ) -> None:
        self.base = network
        self.network = network
        self.city = city
        self.only = only
        self.without = without
        self.found = found
        self.lines: list[Line] = []
        self.seeds: list[int] = []
        self.effects: list[Effect] = []
        #: what was noted of each line when it was added
        self.noted: dict[str, list[Words]] = {}
        self.only_adds = True

    def apply_part(self, part: Scenario) -> None:
        """Apply the modifications of one file."""
        problems = part.problems(self.found)
        self.found.issues += part.issues
        self.found.notes += [
            Words(str(issue), str(issue)) for issue in part.issues if issue.severity == "warning"
        ]
        for number, values in part.numbered():
            if self._is_on(values):
                self._apply_one(number, values, problems, part)
            else:
                self.found.off.update(_brings(values))

    def _is_on(self, values: Mapping[str, Any]) -> bool:
        name = values.get("name")
        if self.only:
            return name in self.only and name not in self.without
        return name not in self.without and is_on(values)

    def _apply_one(
        self, number: int, values: Mapping[str, Any], problems: Problems, part: Scenario
    ) -> None:
        kind = values.get("type")
        if not isinstance(kind, str) or kind not in MODIFICATIONS:
            _refuse_type(kind, number, problems)
            self.found.failed.update(_brings(values))
            return
        table = Table(values, MODIFICATIONS[kind].fields, number, problems)
        m = MODIFICATIONS[kind](table, self.network, self.city, part.seed, self.lines)
        n_lines = len(self.lines)
        n_notes = len(self.found.notes)
        table.refuse_unknown()
        table.flag("enabled")
        changed = m.changed()
        if changed is None:
            self.found.failed.update(_brings(values))
            del self.lines[n_lines:]
            return
        gone = set() if m.only_adds else routes_of(self.network) - routes_of(changed)
        for route in self.noted.keys() & gone:  # of added lines that have no train any more
            for note in self.noted.pop(route):
                self.found.notes.remove(note)
        self.network = changed
        self.noted |= dict.fromkeys(map(route_of, self.lines[n_lines:]), self.found.notes[n_notes:])
        self.only_adds &= m.only_adds
        self.seeds += [part.seed] * (len(self.lines) - n_lines)
        name = str(values.get("name", ""))
        self.effects += [
            Effect(words.zh, words.en, number=number, file=problems.file, kind=kind, name=name)
            for words in m.effects
        ]

    def plan(self, base: Network, whole: Scenario) -> Plan:
        """Return what came of it."""
        lines, seeds = planned_lines.running_lines(
            self.network, self.lines, self.seeds, untouched=self.only_adds
        )
        warnings = (
            *planned_lines.lines_without_core(
                self.network, self.base if self.only_adds else self.network, lines, self.city
            ),
            *planned_lines.short_ways_out(self.base, self.network),
            *planned_lines.unreached_speeds(lines),
            *planned_lines.off_land(self.network, lines),
        )
        assumed = (*dict.fromkeys(self.found.notes), *warnings)
        network = self.network
        if network is not base:
            network = replace(network, notes=(*network.notes, *(words.en for words in assumed)))
        return Plan(
            title=whole.title,
            scenarios=whole.extends,
            base=base,
            network=network,
            lines=lines,
            seeds=seeds,
            effects=tuple(self.effects),
            assumed=assumed,
            only_adds=self.only_adds,
            as_added=tuple(self.lines),
            warnings=warnings,
        )


def is_on(values: Mapping[str, Any]) -> bool:
    """Return whether a modification is not switched off in its file."""
    return values.get("enabled", True) is not False


def _brings(values: Mapping[str, Any]) -> set[str]:
    """Return the names and ids of the line and the stations that a modification would add."""
    stops = values.get("stops")
    tables = (
        [stop for stop in stops if isinstance(stop, Mapping)] if isinstance(stops, list) else []
    )
    named = [values.get("name"), *(stop.get(key) for stop in tables for key in ("name", "id"))]
    return {str(name) for name in named if name}


def _refuse_type(kind: Any, number: int, problems: Problems) -> None:
    known = list(MODIFICATIONS)
    if kind is None:
        problems.error(
            number,
            "type",
            "missing-key",
            "is missing",
            remedy=f"known: {', '.join(known)}",
            key="type",
        )
    else:
        near = nearest(str(kind), known)
        remedy = f"{near and near + '; '}known: {', '.join(known)}"
        problems.error(number, "type", "unknown-type", "is not known", kind, remedy, key="type")


def _check_switches(parts: Sequence[Scenario], only: Sequence[str], without: Sequence[str]) -> None:
    if any(issue.severity == "error" for part in parts for issue in part.issues):
        return  # what cannot be read comes first
    known = [str(m["name"]) for part in parts for m in part.modifications if m.get("name")]
    for name in (*only, *without):
        if name not in known:
            hint = f"Known: {', '.join(dict.fromkeys(known)) or 'none has a name'}."
            raise NotFoundError("modification", str(name), known, hint)
