"""Blocks of why a place is outside: the answer, its journey next to that of a place inside, the
changes tried.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from railshed.circles.components import COMPONENTS
from railshed.questions.labels import city_name, ending, place_name, times_met
from railshed.show.blocks import Block, Cell, Paragraph, Table
from railshed.util import number_format as n
from railshed.util.bilingual import EMPTY, Words, joined
from railshed.util.phrases import heads, phrase
from railshed.util.sums import plain_sum
from railshed.util.units import MINUTE, UNREACHED, format_clock

if TYPE_CHECKING:
    from railshed.circles.analysis import AnalysisInputs
    from railshed.network.cities import Region
    from railshed.questions.why.why_outside import Tried, WhyResult

#: counties of a first screen
_COUNTIES_SHOWN = 10


def why_screen(found: WhyResult, run: AnalysisInputs, saved: Words | None) -> Iterator[Block]:
    """Yield the first screen: how far outside, what brings it in, the journey, a change of each
    family.
    """
    yield Paragraph(answer_words(found))
    yield _journeys(found)
    yield _changes(found, one_a_family(found), short=True)
    reading = run.readings[found.reading]
    yield ending(
        ("journey", _rides(found)),
        ("otherwise", _otherwise(found, run)),
        ("definition", phrase("why_counted", met=times_met(reading, [found.city], "to"))),
        ("doubt", phrase("why_doubt")),
        ("next", phrase("why_next", city=found.city.slug)),
        ("files", saved or EMPTY),
    )


def why_tables(found: WhyResult) -> Iterator[Block]:
    """Yield every change that was tried."""
    yield _changes(found, found.tried)


def counties_screen(
    rows: Sequence[Mapping[str, Any]], region: Region, cutoff: int, saved: Words | None
) -> Iterator[Block]:
    """Yield the first screen of a region: how many counties are outside, what binds how many, the
    nearest ones.
    """
    helped = [row for row in rows if row["binds"]]
    yield Paragraph(
        phrase(
            "counties_answer",
            n=len(rows),
            name=region.words,
            cutoff=cutoff,
            helped=len(helped),
            left=len(rows) - len(helped),
        )
    )
    kinds = Counter(row["binds"] for row in rows)
    table = tuple(
        (
            phrase(f"binds_{kind}") if kind else phrase("binds_nothing"),
            f"{count}",
            n.people(round(plain_sum(row["people"] or 0 for row in rows if row["binds"] == kind))),
        )
        for kind, count in kinds.most_common()
    )
    yield Table(phrase("binds_title"), heads("binds", "counties_of", "people_of"), table)
    yield county_rows(phrase("nearest_title"), rows[:_COUNTIES_SHOWN])
    yield ending(
        ("doubt", phrase("why_doubt")), ("next", phrase("counties_next")), ("files", saved or EMPTY)
    )


def counties_tables(rows: Sequence[Mapping[str, Any]]) -> Iterator[Block]:
    """Yield every county that is outside."""
    yield county_rows(phrase("every_outside_title"), rows)


def county_rows(title: Words, rows: Sequence[Mapping[str, Any]]) -> Table:
    """Return counties with their minutes, and the least change that brings each in."""
    cells = tuple(
        (
            place_name(row, "county"),
            place_name(row, "city_name"),
            Words(row["zh"], row["en"]) if row["en"] else "-",
            n.people(row["people"]),
            phrase("why_beyond") if row["minutes"] is None else f"{row['minutes']:.1f}",
            "-" if row["minutes_after"] is None else f"{row['minutes_after']:.1f}",
        )
        for row in rows
    )
    names = heads("county", "city", "least_change", "people_of", "minutes", "minutes_after")
    return Table(title, names, cells, right=3)


def _place(found: WhyResult) -> Words:
    return Words(found.place.name, found.place.name_en or found.place.name)


def _minutes(seconds: int) -> Words:
    if seconds >= UNREACHED:
        return phrase("why_beyond")
    return Words(f"{seconds / MINUTE:.1f}", f"{seconds / MINUTE:.1f}")


def answer_words(found: WhyResult) -> Words:
    """Return how far outside the place is, what keeps it there, and the least change that brings it
    in.
    """
    more = [phrase("why_proper", place=_place(found))] * found.in_city_proper
    return joined([_where_words(found), *more], "", " ")


def _where_words(found: WhyResult) -> Words:
    asked = {"place": _place(found), "city": city_name(found.city), "cutoff": found.cutoff_min}
    now = found.seconds[found.reading]
    best = found.best
    short = found.short_s
    if found.is_inside:
        key = "why_inside" if now <= found.cutoff_min * MINUTE else "why_inside_local"
        return phrase(key, **asked, minutes=_minutes(now), local=_minutes(found.local_s))
    far = phrase("why_no_journey")
    if short is not None:
        key = "why_short" if now <= found.local_s else "why_short_local"
        far = phrase(
            key, n=f"{short / MINUTE:.1f}", minutes=_minutes(now), local=_minutes(found.local_s)
        )
    if best is None:
        nearest = min(found.tried, key=lambda one: one.seconds, default=None)
        near = (
            EMPTY
            if nearest is None or nearest.seconds >= UNREACHED
            else phrase("why_nearest", what=nearest.remedy.words, minutes=_minutes(nearest.seconds))
        )
        return phrase("why_none", **asked, far=far, near=near)
    binds = found.binds or EMPTY
    return phrase(
        "why_best",
        **asked,
        far=far,
        binds=binds,
        what=best.remedy.words,
        minutes=_minutes(best.seconds),
    )


def _journeys(found: WhyResult) -> Table:
    """Return the minutes of the place's journey and of one just inside, part by part."""
    rows = []
    for k, row in enumerate(found.parts):
        name = (
            _place(found)
            if not k
            else phrase(
                "why_inside_at",
                place=Words(row["place"], row["place_en"]),
                km=f"{row['km_away']:.0f}",
            )
        )
        cells = (
            ["-"] * len(COMPONENTS)
            if row["minutes"] is None
            else [f"{row[f'{c}_min']:.1f}" for c in COMPONENTS]
        )
        total: Cell = phrase("why_beyond") if row["minutes"] is None else f"{row['minutes']:.1f}"
        rows.append((name, total, *cells))
    return Table(
        phrase("why_journey_title"),
        (*heads("the_place", "minutes"), *(phrase(f"component_{c}") for c in COMPONENTS)),
        tuple(rows),
    )


def _rides(found: WhyResult) -> Words:
    """Return the rides of the place's journey."""
    texts = [
        Words(
            *(
                f"{ride['train']} {ride[f'from{lang}'] or ride['from']} "
                f"{format_clock(ride['departure_s'])[:5]} - "
                f"{ride[f'to{lang}'] or ride['to']} {format_clock(ride['arrival_s'])[:5]}"
                for lang in ("", "_en")
            )
        )
        for ride in found.parts[0]["rides"]
    ]
    return joined(texts, "；", "; ")


def _otherwise(found: WhyResult, run: AnalysisInputs) -> Words:
    """Return the minutes under other readings."""
    others = [
        phrase(
            "named",
            name=Words(label.label_zh or name, label.label),
            text=_minutes(found.seconds[name]),
        )
        for name, label in run.readings.items()
        if name in found.seconds and name != found.reading
    ]
    return joined(others, "；", "; ")


def one_a_family(found: WhyResult) -> list[Tried]:
    """Return of each family the least change that brings the place in, else the one with the fewest
    minutes.
    """
    limit = found.cutoff_min * MINUTE
    by_family: dict[str, list[Tried]] = {}
    for one in found.tried:
        by_family.setdefault(one.remedy.family, []).append(one)
    return [
        next((one for one in mine if one.seconds <= limit), min(mine, key=lambda one: one.seconds))
        for mine in by_family.values()
    ]


def _changes(found: WhyResult, tried: Sequence[Tried], *, short: bool = False) -> Table:
    """Return a row a change: minutes of the place, whether that is inside, people whom it brings in
    everywhere.
    """
    rows = tuple(
        (
            one.remedy.words,
            _minutes(one.seconds),
            phrase("yes") if one.seconds <= found.cutoff_min * MINUTE else "",
            "-" if one.people is None else n.people(round(one.people)),
        )
        for one in tried
    )
    title = phrase("why_changes_title" if short else "why_all_title", cutoff=found.cutoff_min)
    return Table(title, heads("changed", "minutes", "brought_in", "let_in"), rows)
