"""The first page: three numbers, three sentences, the verdict and its doubt; the same with its
sources as a brief.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from railshed.circles.doubts import doubts_of
from railshed.maps.from_network import credits_of
from railshed.questions.circle.tables import headline_parts
from railshed.questions.compare.screen import rules_words, screen_of
from railshed.questions.labels import at_cutoffs, city_name, counted, interval_words, outside_of
from railshed.report import findings
from railshed.report.chapters.plans import title_of
from railshed.show.blocks import Block, Facts, Figures, Items, Picture
from railshed.util import number_format as n
from railshed.util.bilingual import Words, fill, joined
from railshed.util.phrases import phrase

if TYPE_CHECKING:
    from railshed.api.circle import Circle
    from railshed.api.study import Study
    from railshed.comparisons.result import Difference

#: a value and what it counts
Figure = tuple[Words | str, Words]


def front(study: Study, pictures: Sequence[Picture]) -> tuple[Block, ...]:
    """Return the blocks of the first page: numbers, the first picture, sentences, verdict and
    doubt.
    """
    found = findings.whole_of(study)
    lead = lead_of(study, found)
    if found is not None:
        figures, sentences, verdict = _of_plan(study, found, lead)
    elif study.union is not None:
        figures, sentences, verdict = _of_region(study, lead)
    else:
        figures, sentences, verdict = _of_city(lead)
    rows = ((phrase("front_verdict"), verdict), (phrase("front_doubt"), _doubt(study, lead)))
    return (Figures(tuple(figures)), *pictures[:1], Items(tuple(sentences)), Facts(rows))


def brief(study: Study, pictures: Sequence[Picture]) -> tuple[Block, ...]:
    """Return the blocks of a page that stands alone: the first page, the definition, the
    sources.
    """
    *blocks, facts = front(study, pictures)
    assert isinstance(facts, Facts)
    defined = study.first.summary.readings[study.first.surface.reading.name]
    definition = joined(list(map(Words, defined.definition_zh, defined.definition_en)), "；", "; ")
    sources = joined(credits_of(study.network), "；", "; ")
    more = ((phrase("front_definition"), definition), (phrase("sources"), sources))
    return (*blocks, Facts((*facts.rows, *more)))


def lead_of(study: Study, found: Difference | None) -> Circle:
    """Return the circle of a difference's city; of several cities, or without, that with most
    people, else km2.
    """
    cities = [one.before.city for one in found.by_city] if found is not None else study.cities
    mine = [circle for circle in study.circles if circle.city in cities]
    return max(mine, key=size_of)


def size_of(circle: Circle) -> float:
    """Return people within the headline, else km2."""
    return circle.corners.central.people or circle.corners.central.area_km2


def _of_city(circle: Circle) -> tuple[list[Figure], list[Words], Words]:
    what, unit, form = counted(circle)
    key = f"{what}_outside_city"
    figures: list[Figure] = [
        (
            form(row[key]),
            phrase("front_within", unit=unit, cutoff=row["cutoff_min"], outside=outside_of(circle)),
        )
        for row in at_cutoffs(circle)
    ]
    added = at_cutoffs(circle, "added_by_trains")[-1]
    figures.append((form(added[key]), phrase("front_trains", cutoff=added["cutoff_min"])))
    texts = [*findings.observed(circle), *headline_parts(circle), *findings.hidden(circle)]
    return figures, texts[:3], _trains(circle)


def _of_region(study: Study, lead: Circle) -> tuple[list[Figure], list[Words], Words]:
    assert study.union is not None
    what, unit, form = counted(lead)
    row = study.union["by_rail"]
    of_all = phrase("front_united", unit=unit, cutoff=row["cutoff_min"], n=len(study.circles))
    figures: list[Figure] = [(form(row[f"{what}_outside_city"]), of_all)]
    inside = study.inside
    if inside is not None:
        census = inside["people_census"]
        share = n.share(inside["people_inside"] / inside["people_census"])
        figures.append((share, phrase("front_inside", people_census=n.people(census))))
    if lead.summary.beyond is not None:
        far = lead.summary.beyond
        label = phrase("front_beyond", km=far["beyond_km"], name=city_name(lead.city), cutoff=90)
        figures.append((n.people(far["people_by_rail_beyond_90"]), label))
    observed = [text for circle in study.circles for text in findings.observed(circle)]
    heads = [findings.headlines(circle)[0] for circle in study.circles]
    return figures, [*heads[:2], *observed, *heads[2:]][:3], _trains(lead)


def _of_plan(
    study: Study, found: Difference, lead: Circle
) -> tuple[list[Figure], list[Words], Words]:
    screen = screen_of(found)
    row = screen["by_reading"][0]
    (what, unit, form) = counted(found)
    cutoffs = found.headline_cutoffs
    gained = {c: row[f"{what}_gained_{c}"] for c in cutoffs}
    drawn = {
        one["cutoff_min"]: [
            phrase("front_drawn", low=form(one[f"{what}_low"]), high=form(one[f"{what}_high"]))
        ]
        for forecast in study.forecasts
        if len(study.circles) == 1
        for one in forecast.rows
    }
    label = {
        c: joined([phrase("front_gained", unit=unit, cutoff=c), *drawn.get(c, [])], "", " ")
        for c in cutoffs
    }
    figures: list[Figure] = [
        (fill(Words("+{}", "+{}"), form(value)) if value else "0", label[c])
        for c, value in gained.items()
    ]
    saved = phrase(
        "front_saved" if row["minutes_faster"] else "front_none_saved",
        unit=unit,
        minutes=row["minutes_faster"],
    )
    figures.append((form(row[f"{what}_faster"]), saved))
    said, largest, _, losers = findings.changes(found)
    none = (phrase("no_losers"), phrase("no_county_gains", cutoff=found.headline_cutoff))
    texts = [
        *(text for text in (losers, largest) if text not in none),
        *findings.observed(lead),
        *findings.headlines(lead),
        *headline_parts(lead),
    ]
    widened = [c for c in cutoffs if gained[c]]
    key = "front_plan_same"
    if widened:
        key = "front_plan_widens" if widened[0] == cutoffs[0] else "front_plan_later"
    verdict = phrase(key, title=Words(*found.titles), cutoff=cutoffs[0], last=cutoffs[-1])
    rules = rules_words(study.compliance)
    if rules.en:
        verdict = joined([verdict, phrase("front_rules", rules=rules)], "", " ")
    if len(study.circles) > 1:
        said = phrase("named", name=title_of(found), text=said)
    return figures, [said, *texts][:3], verdict


def _trains(circle: Circle) -> Words:
    """Return the verdict on a circle: how much of it intercity and suburban trains add."""
    what, unit, form = counted(circle)
    key = f"{what}_outside_city"
    parts = [
        phrase(
            "front_trains_at",
            cutoff=a["cutoff_min"],
            added=form(a[key]),
            share=n.share(a[key] / (b[key] or 1)),
        )
        for a, b in zip(at_cutoffs(circle, "added_by_trains"), at_cutoffs(circle), strict=True)
    ]
    return phrase(
        "front_trains_add", name=city_name(circle.city), unit=unit, parts=joined(parts, "，", ", ")
    )


def _doubt(study: Study, circle: Circle) -> Words:
    """Return how far the headline spreads over the draws, what a plan assumes, and what is not
    counted.
    """
    what, unit, form = counted(circle)
    spread = [
        phrase(
            "front_spread",
            cutoff=one.cutoff_min,
            interval=interval_words(one, f"{what}_outside_city", form),
        )
        for one in circle.summary.intervals
    ]
    texts = (
        [phrase("front_guesses", name=city_name(circle.city), unit=unit, spread=joined(spread))]
        if spread
        else []
    )
    texts += [] if study.plans is None else [phrase("limit_plan")]
    texts += [phrase("sentence", text=text) for text in doubts_of(circle.summary)]
    return joined([*texts, phrase("limit_seat")], "", " ")
