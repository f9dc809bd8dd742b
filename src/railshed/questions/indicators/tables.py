"""Blocks of the measures of agglomerations: the answer of one, its counties, and all of them
ranked.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from railshed.questions.indicators.integration import QUADRANTS
from railshed.questions.indicators.regions import CUTOFFS, HALF_LIFE_MIN
from railshed.questions.labels import city_name, ending, place_name
from railshed.show.blocks import Block, Cell, Paragraph, Table
from railshed.util import number_format as n
from railshed.util.bilingual import EMPTY, Words, joined
from railshed.util.phrases import heads, phrase
from railshed.util.sums import plain_sum

if TYPE_CHECKING:
    from railshed.questions.indicators.places import OpportunityAccess
    from railshed.questions.indicators.regions import RegionChanges, RegionIndicators

#: counties of a first screen
_COUNTIES_SHOWN = 8
_PLACES_SHOWN = 8
_WITHIN = tuple(Words(f"{cutoff}分钟内", f"within {cutoff}") for cutoff in CUTOFFS)
#: of Chinese statistics, in their order
_COUNTRY_REGIONS = ("eastern", "central", "western", "northeastern")


def _between(row: Mapping[str, Any]) -> Words:
    """Return the share of people who reach a core city, with its interval where there are draws."""
    ends = (
        phrase("interval_in_brackets", low=n.share(row["low"]), high=n.share(row["high"]))
        if "low" in row
        else EMPTY
    )
    share = n.share(row["integration"])
    return Words(share + ends.zh, share + ends.en)


def _number(value: float | None, places: int = 2) -> str:
    if value is None or math.isnan(value):
        return "-"
    return "∞" if math.isinf(value) else f"{value:.{places}f}"


def _whole(minutes: float | None) -> str:
    return "-" if minutes is None else f"{minutes:.0f}"


def region_screen(
    found: RegionIndicators, saved: Words, more: Sequence[Block] = ()
) -> Iterator[Block]:
    """Yield the first screen of a region: who reaches a core city, over borders, the largest
    counties left out.

    `more` blocks take the place of those counties.
    """
    first = found.table[0]
    last = found.table[-1]
    (counted, *doubts) = counted_words(found.table)
    yield Paragraph(
        phrase(
            "region_answer",
            name=found.region.words,
            people=n.people_short(round(found.total)),
            cities=joined([city_name(city) for city in found.cities]),
            one=CUTOFFS[0],
            other=CUTOFFS[-1],
            share=_between(first),
            more=_between(last),
        )
    )
    yield integration_table(found.table)
    yield from more or [left_out_table(found.county_table)]
    yield ending(
        ("even", even_words(found.equity)),
        ("definition", counted),
        *(("doubt", text) for text in doubts),
        ("next", phrase("region_next", city=found.cities[0].slug)),
        ("files", saved),
    )


def counted_words(rows: Sequence[Mapping[str, Any]]) -> list[Words]:
    """Return what is counted, the draws of the interval if there is one, and what is in doubt."""
    drawn = [phrase("screen_draws", n=row["n_draws"]) for row in rows[:1] if "low" in row]
    return [phrase("region_counted"), *drawn, phrase("region_doubt")]


def even_words(equity: Mapping[str, float | None]) -> Words:
    """Return how evenly the core cities are within reach of the counties' people; a Palma of None
    is infinite.
    """
    palma = math.inf if equity["palma"] is None else equity["palma"]
    return phrase(
        "region_even",
        gini=_number(equity["gini"]),
        palma=_number(palma, 1),
        minutes=HALF_LIFE_MIN,
        between=n.share(equity["theil_between"]),
        without=n.share(equity["without"]),
    )


def changes_screen(
    found: RegionChanges, title: Words, drawn: Sequence[Mapping[str, Any]], saved: Words
) -> Iterator[Block]:
    """Yield the first screen of a scenario: shares before and after, who gains by class of county,
    evenness.

    `drawn` are rows of `drawn_integration`; none without draws.
    """
    before = found.before
    after = found.after
    (old, *_) = before.table[-1:]
    (new, *_) = after.table[-1:]
    yield Paragraph(
        phrase(
            "changes_answer",
            title=title,
            name=before.region.words,
            cutoff=CUTOFFS[-1],
            before=n.share(old["integration"]),
            after=n.share(new["integration"]),
            people=n.people_short(round((new["integration"] - old["integration"]) * before.total)),
        )
    )
    yield from changes_tables(found)
    ends = [
        (f"{_number(one.equity['gini'])}", n.share(one.equity["without"]))
        for one in (before, after)
    ]
    yield ending(
        *(("forecast", _range(row)) for row in drawn if row["mean"] is not None),
        (
            "even",
            phrase(
                "changes_even", was=ends[0][0], now=ends[1][0], without=ends[0][1], left=ends[1][1]
            ),
        ),
        ("definition", phrase("region_counted")),
        ("doubt", phrase("changes_doubt")),
        ("files", saved),
    )


def _range(row: Mapping[str, Any]) -> Words:
    low, high, mean = (n.people_short(round(row[key])) for key in ("low", "high", "mean"))
    return phrase(
        "changes_range", cutoff=row["cutoff_min"], n=row["n_plans"], low=low, high=high, mean=mean
    )


def changes_tables(found: RegionChanges) -> Iterator[Block]:
    """Yield the shares before and after a scenario, and who gains by class of county."""
    keys = ("integration", "over_prefecture", "over_province")
    rows = tuple(
        (
            str(was["cutoff_min"]),
            *(f"{n.share(was[key])} → {n.share(now[key])}" for key in keys),
            f"{_number(was['boundary_effect'], 3)} → {_number(now['boundary_effect'], 3)}",
        )
        for was, now in zip(found.before.table, found.after.table, strict=True)
    )
    names = heads("min", "reach_a_core", "over_prefecture", "over_province", "boundary_effect")
    yield Table(phrase("integration_title"), names, rows)
    classes = tuple(
        (
            phrase(f"class_of_{row['class']}"),
            n.people(row["people"]),
            *(n.people(row[f"{state}_{c}"]) for c in CUTOFFS for state in ("gained", "lost")),
        )
        for row in found.by_class
    )
    moved = [
        Words(f"{zh}{c}分钟", f"{en} {c} min")
        for c in CUTOFFS
        for zh, en in (("新增", "gained"), ("减少", "lost"))
    ]
    yield Table(phrase("class_title"), (*heads("class_of", "people_of"), *moved), classes)


def region_tables(found: RegionIndicators) -> Iterator[Block]:
    """Yield the pairs of core cities and every county, the worst served first."""
    if found.mutual:
        rows = tuple(
            (
                row["one"],
                row["other"],
                *(_whole(row[k]) for k in ("there_min", "back_min")),
                *(phrase("yes") if row[f"mutual_{c}"] else "" for c in CUTOFFS),
            )
            for row in found.mutual
        )
        names = (
            *heads("one_city", "other_city", "there", "back"),
            *(Words(f"{c}", f"{c}") for c in CUTOFFS),
        )
        yield Table(phrase("mutual_title"), names, rows, right=2)
    yield _counties(phrase("every_county_title"), found.county_table)


def quadrant_tables(rows: Sequence[Mapping[str, Any]]) -> Iterator[Block]:
    """Yield the quadrants of observed commuters against who reaches a core city, and the counties
    named.
    """
    table = list[tuple[Cell, ...]]()
    for name in QUADRANTS:
        mine = [row for row in rows if row["quadrant"] == name]
        shown = [place_name(row, "county") for row in mine]
        sums = (n.people(plain_sum(row[key] for row in mine)) for key in ("commuters", "reachable"))
        table.append(
            (
                phrase(f"quadrant_{name.replace(' ', '_')}"),
                f"{len(mine)}",
                *sums,
                n.joined(shown, 3),
            )
        )
    names = heads("quadrant", "counties_of", "commuters", "reach_a_core", "the_most")
    yield Table(phrase("quadrant_title", cutoff=CUTOFFS[0]), names, tuple(table))


def access_screen(
    states: Sequence[OpportunityAccess], saved: Words, title: Words | None = None
) -> Iterator[Block]:
    """Yield the first screen of opportunities: what the people have within reach, and which places
    most people reach.

    `states` are as it is, or before and after a scenario with a `title`.
    """
    found = states[0]
    last = states[-1]
    first = found.table[0]
    after = last.table[0]
    asked = {
        "name": found.region.words,
        "cutoff": CUTOFFS[0],
        "what": first["column"],
        "within": n.number(first[f"within_{CUTOFFS[0]}"]),
        "share": n.share(first[f"share_{CUTOFFS[0]}"]),
    }
    if title is None:
        minutes = first["nearest"]
        nearest = (
            phrase("access_far") if minutes is None else phrase("access_near", n=f"{minutes:.0f}")
        )
        yield Paragraph(phrase("access_answer", **asked, nearest=nearest))
    else:
        more = n.number(after[f"within_{CUTOFFS[0]}"])
        yield Paragraph(phrase("access_changes", **asked, title=title, after=more))
    columns: list[tuple[Cell, ...]] = []
    for rows in zip(*(one.table for one in states), strict=True):
        cells = [
            [
                *(n.number(row[f"within_{c}"]) for c in CUTOFFS),
                _whole(row["nearest"]),
                f"{row['per_1000']:.2f}",
                _number(row["gini"]),
                n.share(row["without"]),
            ]
            for row in rows
        ]
        changed = [
            texts[0] if len(set(texts)) == 1 else " → ".join(texts)
            for texts in zip(*cells, strict=True)
        ]
        columns.append((rows[0]["column"], n.number(rows[0]["all"]), *changed))
    names = (
        *heads("opportunities", "in_all"),
        *_WITHIN,
        *heads("nearest", "per_1000", "gini", "without"),
    )
    yield Table(phrase("access_title"), names, tuple(columns))
    yield _labour(last, _PLACES_SHOWN)
    yield ending(
        ("definition", phrase("access_counted", places=len(found.places))),
        ("doubt", phrase("access_doubt")),
        ("files", saved),
    )


def _labour(found: OpportunityAccess, most: int | None) -> Table:
    """Return the places by how many people reach them, the first column of each with them."""
    cells: tuple[tuple[Cell, ...], ...] = tuple(
        (
            place_name(row, "county"),
            f"{row['lon']:.3f}, {row['lat']:.3f}",
            n.number(row[found.columns[0]]),
            *(n.people(row[f"people_{c}"]) for c in CUTOFFS),
        )
        for row in found.labour_table[:most]
    )
    names = (*heads("county", "point"), Words(found.columns[0], found.columns[0]), *_WITHIN)
    return Table(phrase("labour_title", n=len(found.places)), names, cells, right=2)


def access_tables(found: OpportunityAccess) -> Iterator[Block]:
    """Yield every county, with what its people reach of the first column, and every place."""
    first = found.columns[0]
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (
            place_name(row, "county"),
            place_name(row, "prefecture"),
            n.people(row["people"]),
            *(n.number(row[f"{first}_within_{c}"]) for c in CUTOFFS),
            _whole(row[f"{first}_nearest"]),
            f"{row[f'{first}_per_1000']:.2f}",
        )
        for row in found.county_table
    )
    names = (*heads("county", "prefecture", "people_of"), *_WITHIN, *heads("nearest", "per_1000"))
    yield Table(phrase("access_county_title", what=first), names, rows, right=2)
    yield _labour(found, None)


def integration_table(rows: Sequence[Mapping[str, Any]]) -> Table:
    """Return the shares who reach a core city, and over which lines; `rows` of
    `RegionIndicators.table`.
    """
    cells = tuple(
        (
            str(row["cutoff_min"]),
            _between(row),
            _number(row["boundary_effect"], 3),
            n.share(row["over_prefecture"]),
            n.share(row["over_province"]),
            f"{row['mutual']} / {row['pairs']}",
        )
        for row in rows
    )
    names = heads(
        "min", "reach_a_core", "boundary_effect", "over_prefecture", "over_province", "mutual_pairs"
    )
    return Table(phrase("integration_title"), names, cells)


def left_out_table(counties: Sequence[Mapping[str, Any]]) -> Table:
    """Return the largest counties of which fewer than half reach a core city within the larger
    cutoff.
    """
    share = f"share_{CUTOFFS[-1]}"
    outside = sorted((row for row in counties if row[share] < 0.5), key=lambda row: -row["people"])
    title = phrase("left_out_title", n=len(outside), all=len(counties), cutoff=CUTOFFS[-1])
    return _counties(title, outside[:_COUNTIES_SHOWN])


def _counties(title: Words, rows: Sequence[Mapping[str, Any]]) -> Table:
    cells: tuple[tuple[Cell, ...], ...] = tuple(
        (
            place_name(row, "county"),
            place_name(row, "prefecture"),
            n.people(row["people"]),
            *(n.share(row[f"share_{c}"]) for c in CUTOFFS),
            _whole(row["minutes"]),
            n.people(row["potential"]),
        )
        for row in rows
    )
    names = (*heads("county", "prefecture", "people_of"), *_WITHIN, *heads("minutes", "potential"))
    return Table(title, names, cells, right=2)


def regions_screen(found: Sequence[RegionIndicators], saved: Words) -> Iterator[Block]:
    """Yield the first screen of all regions: a row each, the share that reaches a core city in an
    hour falling.
    """
    ranked = sorted(found, key=lambda one: -one.table[0]["integration"])
    best = ranked[0]
    worst = ranked[-1]
    yield Paragraph(
        phrase(
            "regions_answer",
            n=len(ranked),
            best=best.region.words,
            share=n.share(best.table[0]["integration"]),
            worst=worst.region.words,
            least=n.share(worst.table[0]["integration"]),
            cutoff=CUTOFFS[0],
        )
    )
    drawn = [phrase("regions_drawn", n=row["n_draws"]) for row in best.table[:1] if "low" in row]
    yield Table(
        phrase("regions_title"), _region_heads(drawn=bool(drawn)), tuple(map(_region_cells, ranked))
    )
    doubts = [("doubt", text) for text in (*drawn, phrase("region_doubt"))]
    yield ending(("definition", phrase("region_counted")), *doubts, ("files", saved))


def country_tables(found: Sequence[RegionIndicators]) -> Iterator[Block]:
    """Yield the regions of the country side by side: their agglomerations' people, each region's
    share.
    """
    rows: list[tuple[Cell, ...]] = []
    for key in _COUNTRY_REGIONS:
        mine = [one for one in found if one.region.country_region == key]
        total = math.fsum(one.total for one in mine)
        if total:
            reach = [
                math.fsum(one.table[k]["integration"] * one.total for one in mine)
                for k in range(len(CUTOFFS))
            ]
            shares = [n.share(people / total) for people in reach]
            rows.append((phrase(f"country_{key}"), str(len(mine)), n.people(round(total)), *shares))
    names = (*heads("region_of", "agglomerations", "people_of"), *_WITHIN)
    yield Table(phrase("country_title"), names, tuple(rows))


def _region_heads(*, drawn: bool) -> tuple[Words, ...]:
    more = heads("over_prefecture", "over_province", "boundary_effect", "gini", "without")
    ends = [Words(f"{CUTOFFS[0]}分钟区间", f"within {CUTOFFS[0]}, range")] if drawn else []
    return (*heads("region_of", "people_in_millions"), *_WITHIN, *ends, *more)


def _region_cells(one: RegionIndicators) -> tuple[Cell, ...]:
    first = one.table[0]
    last = one.table[-1]
    e = one.equity
    name = one.region.words
    return (
        Words(name.zh.split("（")[0], name.en.split(" (")[0]),
        Words(f"{one.total / 1e4:,.0f}", f"{one.total / 1e6:,.2f}"),
        *(n.share(row["integration"]) for row in one.table),
        *([f"{first['low']:.1%}-{first['high']:.1%}"] if "low" in first else []),
        n.share(last["over_prefecture"]),
        n.share(last["over_province"]),
        _number(last["boundary_effect"], 3),
        _number(e["gini"]),
        n.share(e["without"]),
    )
