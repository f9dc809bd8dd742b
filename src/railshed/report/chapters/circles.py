"""Chapters of the circles as they are: readings side by side, sensitivity, maps, tables by member
and county.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from railshed.questions.circle import tables as of_circle
from railshed.questions.circle.car_tables import car_table, components_table
from railshed.questions.indicators import tables as of_region
from railshed.questions.indicators.regions import changes_of
from railshed.questions.labels import city_name, outside_of, place_name
from railshed.questions.why import tables as of_why
from railshed.questions.why.why_counties import why_nearest
from railshed.report import findings
from railshed.show.blocks import (
    Block,
    Cell,
    Heading,
    Items,
    Table,
    remark,
    shown_columns,
    unrepeated,
)
from railshed.util import number_format as n
from railshed.util.bilingual import Words, joined
from railshed.util.phrases import heads, phrase

if TYPE_CHECKING:
    from railshed.api.circle import Circle, Overlap
    from railshed.api.study import Study

_COUNTIES_SHOWN = 25
_STATIONS_SHOWN = 25
_NEAREST_SHOWN = 5


def from_press(circles: Sequence[Circle]) -> Iterator[Block]:
    """Yield the steps from the hour of the press to the headline, and what one number hides."""
    yield Heading(phrase("body_of_number"))
    yield of_circle.bridge(circles)
    for circle in circles:
        yield Heading(phrase("what_is_hidden", name=city_name(circle.city)), 2)
        yield Items(tuple(findings.hidden(circle)))


def where_people_are(study: Study, circles: Sequence[Circle]) -> Iterator[Block]:
    """Yield people inside by member city, and commuters that documents report, next to people who
    are reached.
    """
    reported = [circle for circle in circles if circle.summary.observed]
    members = _members(study, circles)
    if reported or members is not None:
        yield Heading(phrase("body_of_people"))
    if reported:
        yield of_circle.observed(reported)
    if members is not None:
        yield members


def side_by_side(study: Study) -> Iterator[Block]:
    """Yield the table by reading, cutoff and kind of each city."""
    yield Heading(phrase("readings_title"))
    for circle in study.circles:
        name = city_name(circle.city)
        yield Heading(name, 2)
        yield of_circle.readings(circle)
        if circle.summary.centres and study.counted:
            yield of_circle.centres(circle)


def among_agglomerations(study: Study) -> Iterator[Block]:
    """Yield where the circles lie farthest from the median of the 19; nothing where they are of
    another kind.
    """
    if study.deviations:
        yield Heading(phrase("findings_title"))
        name = findings.name_of(study)
        of_a_city = study.region is None
        shown = study.deviations[: findings.N_FINDINGS]
        yield Items(
            tuple(findings.deviation_words(name, one, of_a_city=of_a_city) for one in shown)
        )
        yield remark(phrase("medians_shipped", n=findings.N_AGGLOMERATIONS))


def sensitivity(study: Study) -> Iterator[Block]:
    """Yield the range, the bridge, the parts of the minutes and rail against car."""
    yield Heading(phrase("sensitivity"))
    yield of_circle.ranges(study.circles)
    yield from _rules_tables(study)
    yield components_table(study.circles)
    yield car_table(study.circles)


def _rules_tables(study: Study) -> Iterator[Table]:
    """Yield for each city people by rail at the headline cutoffs with one rule or cap changed, in
    all and by part.
    """
    if not study.counted:
        return
    names = (
        "people_outside_city",
        "people_own_prefecture",
        "people_other_prefecture",
        "people_other_province",
    )
    for circle in study.circles:
        rows: list[tuple[Cell, ...]] = [
            (
                Words(row["zh"], row["en"]),
                str(row["cutoff_min"]),
                *(n.people(row[name]) for name in names),
            )
            for row in circle.sensitivity
        ]
        heading = heads(
            "change",
            "min",
            "people_outside",
            "own_prefecture",
            "other_prefecture",
            "other_province",
        )
        text = phrase("sensitivity_title", outside=outside_of(circle))
        yield Table(
            phrase("named", name=city_name(circle.city), text=text),
            heading,
            tuple(unrepeated(rows)),
        )


def held_together(study: Study) -> Iterator[Block]:
    """Yield whether a region holds together: who reaches a core city, over borders, how evenly; by
    all plans too.
    """
    found = study.integration
    if found is not None:
        yield Heading(phrase("body_of_region"))
        if study.plans is not None and not study.plans.clash:
            yield from of_region.changes_tables(changes_of(found, study.afters[-1]))
        else:
            yield of_region.integration_table(found.table)
        yield of_region.left_out_table(found.county_table)
        yield Items((of_region.even_words(found.equity), *of_region.counted_words(found.table)))


def by_place(study: Study) -> Iterator[Block]:
    """Yield how the circles overlap, and the tables by county and by station."""
    yield Heading(phrase("by_place"))
    if study.overlap is not None:
        yield _overlap(study.overlap)
    for circle in study.circles:
        if len(circle.counties):
            yield _counties(circle)
        if near := why_nearest(study.run, circle, _NEAREST_SHOWN):
            yield of_why.county_rows(phrase("nearest_title"), near)
        yield of_circle.stations(circle, _STATIONS_SHOWN)


def _overlap(found: Overlap) -> Table:
    """Return one row a city: its circle, and what is in no other city's; last all of them
    united.
    """
    counted = found.counts.people is not None
    whole = found.union["total"]
    ends = ("", "_alone")
    rows: list[tuple[Cell, ...]] = [
        (
            Words(row["name"], row["name_en"] or row["name"]),
            *(n.people(row[f"people_outside_city{end}"]) for end in ends),
            *(n.km2(row[f"area_km2_outside_city{end}"]) for end in ends),
        )
        for row in found.city_table
    ]
    people = n.people(whole["people_outside_city"])
    km2 = n.km2(whole["area_km2_outside_city"])
    rows.append((phrase("united"), people, "", km2, ""))
    names = heads("city", "inside", "in_no_other", "km2", "km2_in_no_other")
    title = phrase("overlap_title", name=Words(found.name, found.name_en), cutoff=found.cutoff_min)
    return Table(title, *shown_columns(names, rows, (True, counted, counted, True, True)))


def _members(study: Study, circles: Sequence[Circle]) -> Table | None:
    """Return one row a member city of the region, or of the city's agglomeration: share inside by
    core city.
    """
    frames = [circle.members for circle in circles]
    if any(not len(frame.columns) for frame in frames):
        return None
    cutoff = study.first.headline_cutoff
    region = study.region
    mine = of_circle.members_region(study.first) if region is None else region.region_id
    members = [
        {
            r["prefecture_code"]: r
            for r in frame.to_dict(orient="records")
            if mine and r["region"] == mine
        }
        for frame in frames
    ]
    if not members[0]:
        return None
    rows: list[tuple[Cell, ...]] = []
    empty: list[Words] = []
    for key, first in members[0].items():
        own = [mine.get(key) for mine in members]
        name = Words(first["prefecture"], first["prefecture_en"] or first["prefecture"])
        if all(row is not None and row[f"people_total_{cutoff}"] == 0 for row in own):
            empty.append(name)
        else:
            cells = (cell for row in own for cell in _inside(row, cutoff))
            rows.append(
                (
                    name,
                    of_circle.scope_words(first["scope"]),
                    n.people(first["people_census"]),
                    *cells,
                )
            )
    none = [phrase("members_not_inside", n=len(empty), names=joined(empty))] if empty else []
    inside = [
        head
        for c in circles
        for head in (phrase("inside_of", name=city_name(c.city)), *heads("share"))
    ]
    title = phrase("members_of_region_title", cutoff=cutoff)
    names = (*heads("member", "scope", "census"), *inside)
    return Table(title, names, tuple(rows), right=2, notes=(*none, phrase("members_note")))


def _inside(row: Mapping[str, Any] | None, cutoff: int) -> tuple[Cell, Cell]:
    """Return how many people of a member city are inside, and their share."""
    if row is None:
        return n.MISSING, "-"
    return n.people(row[f"people_total_{cutoff}"]), n.share(row[f"share_total_{cutoff}"])


def _counties(circle: Circle) -> Table:
    """Return the counties outside the city proper that are touched, the largest share first."""
    cutoff = circle.headline_cutoff
    frame = circle.counties
    outside = frame[
        (frame["part"] != "city_proper") & (frame[f"share_total_{cutoff}"].fillna(0) > 0)
    ]
    ordered = outside.sort_values([f"share_total_{cutoff}", "county_code"], ascending=[False, True])
    shown = ordered.head(_COUNTIES_SHOWN).astype(object)
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (
            place_name(r, "county"),
            place_name(r, "prefecture"),
            phrase(f"status_{r[f'status_{cutoff}']}"),
            n.people(r["population"]),
            n.people(r[f"people_total_{cutoff}"]),
            *(n.share(r[f"share_{kind}_{cutoff}"]) for kind in ("total", "by_rail")),
        )
        for r in shown.where(shown.notna(), None).to_dict(orient="records")
    )
    left = len(ordered) - len(rows)
    title = phrase("counties_title", name=city_name(circle.city), cutoff=cutoff)
    names = heads("county", "prefecture", "status", "census", "inside", "share", "share_by_rail")
    return Table(
        title, names, rows, right=3, notes=(phrase("more_counties", n=left),) if left > 0 else ()
    )
