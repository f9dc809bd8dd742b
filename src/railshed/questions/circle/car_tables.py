"""Blocks on what the minutes are made of, on rail against car, and on the share of draws that are
inside.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from railshed.circles import definitions
from railshed.questions.labels import (
    city_name,
    counted,
    known_people,
    outside_of,
    reading_label,
    traffic_label,
)
from railshed.show.blocks import Block, Cell, Paragraph, Table, remark, remarks, unrepeated
from railshed.util import number_format as n
from railshed.util.bilingual import joined
from railshed.util.phrases import heads, phrase

if TYPE_CHECKING:
    from railshed.circles.result import CircleResult
    from railshed.comparisons.result import ComparisonResult
    from railshed.uncertainty.inclusion import InclusionResult

_MEASURES = {
    "people": "unit_people", "area_km2": "unit_area", "people_outside_city": "people_outside",
    "area_km2_outside_city": "area_outside",
}  # fmt: skip
_STATES = ("rail", "car", "both", "rail_only", "car_only")


def car_table(circles: Sequence[CircleResult]) -> Table:
    """Return who is within the cutoffs by rail, by car, both and one alone; of several cities at
    the main cutoff.
    """
    first = circles[0]
    several = len(circles) > 1
    what, unit, form = counted(first)
    rows = [
        (
            city_name(circle.city),
            reading_label(circle, row["reading"]),
            traffic_label(row["traffic"]),
            str(row["cutoff_min"]),
            *(form(row[f"{what}_outside_city_{state}"]) for state in _STATES),
        )
        for circle in circles
        for row in circle.car_table
        if not several or row["cutoff_min"] == circle.headline_cutoff
    ]
    names = (
        *heads("city", "reading", "traffic", "min"),
        *(definitions.CAR_STATES[state] for state in _STATES),
    )
    title = phrase("car_title", unit=unit, outside=outside_of(first))
    return Table(title, names, tuple(unrepeated(rows, 3)), right=3, notes=(definitions.CAPACITY,))


def car(circle: CircleResult) -> Iterator[Block]:
    """Yield rail against car, what is not compared, how many people are known, and how fast the car
    is.
    """
    what, unit, _ = counted(circle)
    yield replace(car_table([circle]), notes=())
    unknown = max(row[f"{what}_outside_city_not_compared"] or 0 for row in circle.car_table)
    if unknown:
        yield remark(phrase("not_compared", n=f"{unknown:,.0f}", unit=unit))
    widest = max(circle.car_table, key=lambda row: row["area_km2_outside_city_car"])
    yield from known_people(
        widest["people_known_km2_outside_city_car"], widest["area_km2_outside_city_car"]
    )
    yield from car_remarks(circle)


def car_remarks(circle: CircleResult) -> list[Paragraph]:
    """Return that capacity is not considered, and how fast the car is taken to be."""
    cars = definitions.describe_cars(circle.assumptions, circle.counts.case.streets is not None)
    return remarks([definitions.CAPACITY, *cars.values()])


def car_difference(found: ComparisonResult) -> Iterator[Block]:
    """Yield rail against car before and after at the main cutoff: people, or km² where none are
    known.
    """
    circle = found.after
    what, unit, form = counted(circle)
    columns = [
        (state, end) for state in ("rail", "rail_only", "car_only") for end in ("before", "after")
    ]
    rows = tuple(
        (
            reading_label(circle, row["reading"]),
            traffic_label(row["traffic"]),
            str(row["cutoff_min"]),
            *(form(row[f"{what}_outside_city_{state}_{end}"]) for state, end in columns),
        )
        for row in found.car_table
        if row["cutoff_min"] == circle.headline_cutoff
    )
    if not rows:
        return
    ends = dict(zip(("before", "after"), heads("before", "after"), strict=True))
    named = [joined([definitions.CAR_STATES[state], ends[end]], " ", " ") for state, end in columns]
    title = phrase("car_difference_title", unit=unit, outside=outside_of(circle))
    yield Table(title, (*heads("reading", "traffic", "min"), *named), rows, right=2)
    yield from car_remarks(circle)


def components_table(circles: Sequence[CircleResult]) -> Table:
    """Return mean minutes by component of the journeys within the cutoffs; of several cities under
    one reading.
    """
    several = len(circles) > 1
    rows: list[tuple[Cell, ...]] = [
        (
            city_name(circle.city),
            reading_label(circle, row["reading"]),
            definitions.DIRECTIONS[row["direction"]],
            str(row["cutoff_min"]),
            *(f"{row[f'{key}_min']:.1f}" for key in (*definitions.COMPONENTS, "total")),
            n.share(row["out_of_vehicle_share"]),
        )
        for circle in circles
        for row in circle.split_table
        if row["total_min"] is not None
        and (not several or row["reading"] == circle.surface.reading.name)
    ]
    names = (
        *heads("city", "reading", "direction", "within"),
        *definitions.COMPONENTS.values(),
        *heads("total", "out_of_train"),
    )
    title = phrase("components_title", outside=outside_of(circles[0]))
    return Table(title, names, tuple(unrepeated(rows, 3)), right=3)


def components(circle: CircleResult) -> Iterator[Block]:
    """Yield what the minutes are made of, and whose means they are; nothing where the cutoffs hold
    no journeys.
    """
    rows = [row for row in circle.split_table if row["total_min"] is not None]
    if not rows:
        return
    yield components_table([circle])
    readings = [circle.readings[name] for name in dict.fromkeys(row["reading"] for row in rows)]
    by = "area" if {row["weighted_by"] for row in rows} == {"area"} else "people"
    directions = list(dict.fromkeys(row["direction"] for row in rows))
    yield from remarks(
        definitions.describe_split(
            readings,
            directions,
            both=circle.direction == "both",
            outside=circle.has_city_proper,
            by=by,
        )
    )


def inclusion(found: InclusionResult) -> Iterator[Block]:
    """Yield people and area over the draws, and where most, half and few of them are inside."""
    measures = ["people", "area_km2"]
    if found.city.proper_counties:
        measures += ["people_outside_city", "area_km2_outside_city"]
    ends = ("central", "mean", "p10", "p90", "at_90", "at_50", "at_10")
    rows = tuple(
        (
            definitions.KINDS[row["kind"]],
            phrase(_MEASURES[key]),
            *((n.km2 if key.startswith("area") else n.people)(row[f"{key}_{end}"]) for end in ends),
        )
        for row in found.table
        for key in measures
        if row[f"{key}_central"] is not None
    )
    yield Table(
        phrase("inclusion_title", name=city_name(found.city), cutoff=found.cutoff_min),
        heads("", "", "not_drawn", *ends[1:]),
        rows,
        right=2,
    )
    yield from known_people(
        found.table[0]["people_known_km2_central"], found.table[0]["area_km2_central"]
    )
    yield from remarks(found.draws_words)
