"""The figures of one agglomeration as plain values: computed once, stored as JSON, printed many times."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from railshed.network.cities import core_cities
from railshed.questions.indicators.agglomerations import CUTOFF_MIN, DIRECTION, READING, is_comparable, measures_of
from railshed.report.findings import costliest_step, rows_at
from railshed.util.bilingual import Words
from railshed.util.csv_json import rows_of, to_json

if TYPE_CHECKING:
    from railshed.api.circle import Circle, Overlap
    from railshed.circles.analysis import AnalysisInputs
    from railshed.network.cities import City, Region
    from railshed.network.model import Network
    from railshed.questions.indicators.regions import RegionIndicators

AGGLOMERATION = "agglomeration"


@dataclass(frozen=True, slots=True)
class Entry:
    """An agglomeration: the circles of its core cities, what they come to together, its member cities."""

    region: str
    name: Words
    #: which plan or list the members are of, and how sure that is
    scope: str
    confidence: str
    #: summaries of the circles with `car` and `split`, as run.json of `circle` has them; most people inside first
    cities: Sequence[Mapping[str, Any]]
    #: by key of `report.measures`
    measures: Mapping[str, float | None]
    #: rows by kind of the circles united; of a single city those of its circle
    united: Mapping[str, Mapping[str, Any]]
    #: rows of `Overlap.table` and `Overlap.city_table`; none of a single city
    overlap: Sequence[Mapping[str, Any]]
    overlap_cities: Sequence[Mapping[str, Any]]
    #: a row a member city: census, people inside by core city, and inside any of them
    members: Sequence[Mapping[str, Any]]
    #: `RegionIndicators.as_plain` to its core cities; None where no counties or people are known
    integration: Mapping[str, Any] | None
    #: by core city the step of the bridge that takes away most, in Chinese and English; none where none does
    steps: Mapping[str, Sequence[str]]
    #: whether the circles are of the kind that the shipped table of the 19 holds
    comparable: bool

    @property
    def census(self) -> int | None:
        """People of the member cities; None where none are known."""
        return _sum(row["people_census"] for row in self.members)

    @property
    def inside(self) -> int | None:
        """People of the member cities within the circles united, by rail or without a ride."""
        return _sum(row["people_united"] for row in self.members)

    @property
    def lines(self) -> list[str]:
        """The lines known by headway only that call at a core station."""
        return sorted({line for city in self.cities for line in city["lines_by_headway"]})


def _sum(values: Any) -> int | None:
    known = [value for value in values if value is not None]
    return sum(known) if known else None


def agglomerations_of(network: Network) -> list[Region]:
    """Return the agglomerations of a network that have a core city."""
    return [r for r in network.regions if r.kind == AGGLOMERATION and core_cities(network.cities, r)]


def overlap_of(run: AnalysisInputs, region: Region, cities: Sequence[City]) -> Overlap | None:
    """Return the circles of an agglomeration's core cities on common cells; None of a single one."""
    from railshed.api.analysis import analysis_of

    if len(cities) < 2:
        return None
    return analysis_of(run).union(
        cities, reading=READING, direction=DIRECTION, cutoff_min=CUTOFF_MIN, name=region.name, name_en=region.name_en
    )


def values_of(
    region: Region, circles: Sequence[Circle], overlap: Overlap | None, integration: RegionIndicators | None
) -> dict[str, Any]:  # fmt: skip
    """Return the values of an entry as JSON gives them back, so that stored and new ones are the same."""
    first = circles[0]
    united = rows_at(first, CUTOFF_MIN) if overlap is None else overlap.union
    ordered = sorted(circles, key=lambda circle: (-_inside(circle), circle.city.slug))
    steps = {circle.city.slug: costliest_step(circle) for circle in circles}
    found: dict[str, Any] = json.loads(to_json({
        "region": region.region_id, "name": [region.name, region.name_en or region.name],
        "scope": region.scope_version, "confidence": region.confidence,
        "cities": [{**c.summary.to_dict(), "car": c.car_table, "split": c.split_table} for c in ordered],
        # as text: JSON here keeps six decimals, and the median must be that of the full figures
        "measures": {key: None if v is None else repr(float(v)) for key, v in measures_of(circles).items()},
        "united": united,
        "overlap": [] if overlap is None else overlap.table,
        "overlap_cities": [] if overlap is None else overlap.city_table,
        "members": _members(region, circles, overlap),
        "integration": None if integration is None else integration.as_plain(),
        "steps": {slug: [words.zh, words.en] for slug, words in steps.items() if words is not None},
        "comparable": is_comparable(circles),
    }))  # fmt: skip
    return found


def _inside(circle: Circle) -> float:
    """Return how much is within the cutoff: people, or km2 where none are known."""
    row = rows_at(circle, CUTOFF_MIN)["total"]
    return float(row["area_km2"] if row["people"] is None else row["people"])


def from_plain(data: Mapping[str, Any]) -> Entry:
    """Return an entry from its values. Raises KeyError, TypeError, ValueError when they are not those of an entry."""
    numbers = {key: None if text is None else float(text) for key, text in data["measures"].items()}
    return Entry(**{**data, "name": Words(*data["name"]), "measures": numbers})


def _members(region: Region, circles: Sequence[Circle], overlap: Overlap | None) -> list[dict[str, Any]]:
    """Return a row a member city of the agglomeration; none where people or counties are not known."""
    frames = {c.city.slug: _rows_by_code(c.members, region) for c in circles}
    together = frames[circles[0].city.slug] if overlap is None else _rows_by_code(overlap.members, region)
    people, share = (f"{what}_total_{CUTOFF_MIN}" for what in ("people", "share"))
    return [
        {"prefecture_code": code, "name": row["prefecture"], "name_en": row["prefecture_en"], "scope": row["scope"],
         "people_census": row["people_census"],
         "people_by_city": {slug: mine[code].get(people) for slug, mine in frames.items()},
         "people_united": row.get(people), "share_united": row.get(share)}
        for code, row in together.items()
    ]  # fmt: skip


def _rows_by_code(frame: Any, region: Region) -> dict[str, dict[str, Any]]:
    if not len(frame.columns):
        return {}
    return {row["prefecture_code"]: row for row in rows_of(frame) if row["region"] == region.region_id}
