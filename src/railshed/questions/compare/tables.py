"""Blocks of before and after: people and land, minutes saved, places, who loses; rules of plans."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from railshed.circles.analysis import HEADLINE_CUTOFFS
from railshed.circles.cell_counts import PARTS
from railshed.circles.definitions import KINDS
from railshed.comparisons.changes import QUARTILES
from railshed.comparisons.compliance import MET, NOT_KNOWN, NOT_MET
from railshed.questions import labels
from railshed.questions.circle.car_tables import car_difference
from railshed.questions.circle.tables import definition, grounds
from railshed.show.blocks import (
    Block,
    Cell,
    Paragraph,
    Table,
    remark,
    remarks,
    shown_columns,
    unrepeated,
)
from railshed.util import number_format as n
from railshed.util.bilingual import Words, fill, joined
from railshed.util.phrases import heads, phrase

if TYPE_CHECKING:
    import pandas as pd

    from railshed.comparisons.result import ComparisonResult, Difference
    from railshed.scenario.plan import Plan

_ROWS_SHOWN = 40
_CLAUSES_SHOWN = 12
_VERDICTS = (NOT_MET, NOT_KNOWN, MET)
_STATES = ("before", "after", "gained", "lost")


def every_table(found: ComparisonResult) -> Iterator[Block]:
    """Yield what the first screen leaves out: every reading, who saves how much, places, who wins
    and loses by name.
    """
    yield from remarks(definition(found.before))
    yield _before_after(found)
    row = found.headline_row()
    yield from labels.known_people(row["people_known_km2_after"], row["area_km2_after"])
    yield from _saved(found)
    yield from _places(found)
    yield from grounds(found.after)
    if found.before.counts.others:
        yield _others(found)
    yield from car_difference(found)
    yield _stations(found)
    if found.counts.people is not None:
        yield from counties(found)
    yield from _towns(found)
    yield from _losers(found)


def _before_after(found: ComparisonResult) -> Table:
    """Return before, after, gained and lost by reading, cutoff and kind."""
    counted = found.before.counts.people is not None
    rows: list[tuple[Cell, ...]] = [
        (
            labels.reading_label(found.before, row["reading"]),
            str(row["cutoff_min"]),
            KINDS[row["kind"]],
            *(n.people(row[f"people_{state}"]) for state in _STATES),
            *(n.km2(row[f"area_km2_{state}"]) for state in _STATES),
        )
        for row in found.table
    ]
    names = heads(
        "reading",
        "min",
        "kind",
        "people_before",
        "people_after",
        "gained",
        "lost",
        *(f"km2_{state}" for state in _STATES),
    )
    shown = (*(True,) * 3, *(counted,) * 4, *(not counted,) * 2, True, True)
    title = phrase(
        "difference_title_outside" if found.before.has_city_proper else "difference_title"
    )
    return Table(title, *shown_columns(names, unrepeated(rows), shown), right=3)


def new_targets(found: ComparisonResult) -> Iterator[Words]:
    """Yield the new stations near a centre, and the people who hang on them; nothing
    without any.
    """
    if found.new_targets is not None:
        yield phrase(
            "new_targets",
            names=", ".join(found.new_targets["stations"]),
            people=labels.figures_at(
                [found.new_targets[f"people_{cutoff}"] for cutoff in HEADLINE_CUTOFFS], n.people
            ),
        )


def if_city(found: ComparisonResult) -> Iterator[Words]:
    """Yield the new terminals, and what would be gained if they counted as the city; nothing
    without any.
    """
    new = found.if_city
    if new is not None:
        people = new["people_gained"]
        km2 = new["area_km2_gained"]
        gained = (
            phrase("count_of_area", n=n.km2(km2))
            if people is None
            else phrase("count_of_people", n=n.people(people))
        )
        names = ", ".join(new["terminals"])
        yield phrase("if_city", names=names, cutoff=new["cutoff_min"], gained=gained)


def _saved(found: ComparisonResult) -> Iterator[Block]:
    """Yield who saves how many minutes under the headline reading and cutoff."""
    saved = found.minutes_saved
    counted = found.counts.people is not None
    faster, slower = (
        phrase("count_of_people", n=n.people(saved[f"people_{k}"]))
        if counted
        else phrase("count_of_area", n=n.km2(saved[f"area_km2_{k}"]))
        for k in ("faster", "slower")
    )
    quarters = " / ".join(one_decimal(saved[f"minutes_saved_p{p}"]) for p in QUARTILES)
    anyone = any(saved[f"area_km2_{k}"] for k in ("faster", "slower"))
    yield remark(
        phrase(
            "saved" if anyone else "saved_none",
            cutoff=max(found.before.cutoffs),
            outside=labels.outside_of(found.before),
            faster=faster,
            slower=slower,
            quartiles=""
            if saved["minutes_saved_p50"] is None
            else phrase("saved_quartiles", quartiles=quarters),
        )
    )
    name = found.headline[0].reading.name
    cutoff = found.headline_cutoff
    rows = [
        (
            Words(_band_zh(row), row["minutes_saved"]),
            n.people(row["people"]),
            n.km2(row["area_km2"]),
        )
        for row in found.saved_table
        if (row["reading"], row["cutoff_min"]) == (name, cutoff)
        and row["minutes_saved"] not in ("faster", "slower")
        and row["area_km2"]
    ]
    names = heads("minutes_saved", "people", "km2")
    yield Table(
        phrase("saved_title", cutoff=cutoff), *shown_columns(names, rows, (True, counted, True))
    )


def _band_zh(row: dict[str, Any]) -> str:
    low = row["from_min"]
    high = row["to_min"]
    name = row["minutes_saved"]
    if low is None and high is None:
        minutes = name.split()[1]
        return f"现状超过{minutes}分钟" if name.endswith("before") else f"规划超过{minutes}分钟"
    if low is None:
        return f"慢{-high:g}分钟及以上"
    if high is None:
        return f"{low:g}分钟及以上"
    if low < 0 < high:
        return f"变化不足{high:g}分钟"
    return f"慢{-high:g}至{-low:g}分钟" if low < 0 else f"{low:g}至{high:g}分钟"


def one_decimal(value: Any) -> str:
    """Return a number with one decimal; "-" where there is none."""
    return "-" if value is None or value != value else f"{value:.1f}"


def _places(found: ComparisonResult) -> Iterator[Block]:
    """Yield counties, towns, stations and trips gained and lost by reading and cutoff, and where
    names stand.
    """
    kinds = ("counties", "towns", "stations", "trips")
    label = labels.reading_label
    rows: list[tuple[Cell, ...]] = [
        (
            label(found.before, row["reading"]),
            str(row["cutoff_min"]),
            *(n.number(row[f"{kind}_{state}"]) for kind in kinds for state in ("gained", "lost")),
        )
        for row in found.places
    ]
    known = {kind: any(row[f"{kind}_gained"] is not None for row in found.places) for kind in kinds}
    signs = [key for kind in (*kinds[:3], "useful_trips") for key in (f"{kind}_gained", "minus")]
    shown = (True, True, *(known[kind] for kind in kinds for _ in range(2)))
    title = phrase("places_title", outside=labels.outside_of(found.before))
    yield Table(title, *shown_columns(heads("reading", "min", *signs), unrepeated(rows), shown))
    reading = label(found.before, found.headline[0].reading.name)
    yield remark(phrase("by_name_below", reading=reading, cutoff=found.headline_cutoff))


def _others(found: ComparisonResult) -> Table:
    """Return before, after, gained and lost of every other column that is counted."""
    rows = tuple(
        (
            labels.reading_label(found.before, row["reading"]),
            str(row["cutoff_min"]),
            KINDS[row["kind"]],
            name,
            *(n.amount(row[f"{name}_{state}"]) for state in _STATES),
        )
        for row in found.table
        for name in found.before.counts.others
    )
    title = phrase("others_title", outside=labels.outside_of(found.before))
    return Table(title, heads("reading", "min", "kind", "column", *_STATES), rows, right=4)


def _stations(found: ComparisonResult) -> Table:
    """Return the stations that change, the largest saving first."""
    import pandas as pd

    def trips(value: Any) -> str:
        return "-" if value is pd.NA else str(value)

    rows = tuple(
        (
            labels.station_name(row.name, row.name_en),
            n.minutes(row.minutes_before),
            n.minutes(row.minutes_after),
            "-" if row.minutes_saved != row.minutes_saved else f"{row.minutes_saved:.0f}",
            trips(row.trips_before),
            trips(row.trips_after),
            f"{row.trips_gained:+d}",
        )
        for row in found.stations.head(_ROWS_SHOWN).itertuples()
    )
    left = len(found.stations) - _ROWS_SHOWN
    return Table(
        phrase("stations_changed_title"),
        heads("station", "before", "after", "saved", "trips_before", "trips_after", "trips_gained"),
        rows,
        notes=(phrase("more_changed", n=left),) if left > 0 else (),
    )


def counties(found: Difference, most: int = _ROWS_SHOWN) -> Iterator[Table]:
    """Yield the counties that change, at most so many: people or km² gained, lost, faster and
    slower, mean minutes.
    """
    frame = outside_city_proper(found.counties)
    if not len(frame):
        return
    every = found.by_city[0].before.network.counties
    assert every is not None
    english = dict(zip(every["prefecture"], every["prefecture_en"], strict=True))
    what, unit, form = labels.counted(found)
    changes = ("gained", "lost", "faster", "slower")
    rows = tuple(
        (
            labels.station_name(row["county"], row["county_en"]),
            Words(row["prefecture"], english.get(row["prefecture"]) or row["prefecture"]),
            *(form(row[f"{what}_{change}"]) for change in changes),
            one_decimal(row["minutes_before"]),
            one_decimal(row["minutes_after"]),
            *(phrase(f"status_{row[f'status_{end}']}") for end in ("before", "after")),
        )
        for row in frame.head(most).to_dict(orient="records")
    )
    names = (
        "county",
        "prefecture",
        *changes,
        "mean_before",
        "mean_after",
        "status_before",
        "status_after",
    )
    title = phrase(
        "counties_changed_title",
        cutoff=found.headline_cutoff,
        unit=phrase("unit_in_brackets", unit=unit),
    )
    left = len(frame) - most
    yield Table(
        title, heads(*names), rows, right=2, notes=(phrase("more", n=left),) if left > 0 else ()
    )


def outside_city_proper(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the counties outside the city proper, which no figure above counts."""
    return frame[frame["part"] != PARTS[0]] if len(frame) else frame


def _towns(found: ComparisonResult) -> Iterator[Block]:
    if not len(found.towns):
        return
    for change in ("gained", "lost"):
        mine = found.towns[found.towns["change"] == change]
        names = ", ".join(
            f"{row.name} {row.population:,}" for row in mine.head(_ROWS_SHOWN).itertuples()
        )
        if len(mine):
            yield remark(phrase(f"towns_{change}", n=len(mine), names=names))


def _losers(found: Difference) -> Iterator[Block]:
    """Name who loses: stations that become slower or drop out, counties with people lost
    or slower.
    """
    yield remark(phrase("stations_that_lose", names=n.joined(losing_stations(found), _ROWS_SHOWN)))
    if found.by_city[0].before.network.counties is not None:
        yield remark(phrase("counties_that_lose", names=n.joined(losing_names(found), _ROWS_SHOWN)))


def lost_stations(found: Difference) -> pd.DataFrame:
    """Return the stations that become slower or are no longer within the bound, the nearest of
    these, then the largest loss first; those of the city proper last.
    """
    changed = found.stations
    gone = changed["minutes_after"].isna() & changed["minutes_before"].notna()
    worse = changed[gone | (changed["minutes_saved"] < 0)]
    order = ["in_city_proper", "minutes_saved", "minutes_before", "station_id"]
    return worse.sort_values(order, na_position="first")


def losing_stations(found: Difference) -> list[Words]:
    """Return the stations that lose, with their minutes before and after."""
    return [
        phrase(
            "name_and_minutes",
            name=labels.city_name(row),
            minutes="→".join(map(n.minutes, (row.minutes_before, row.minutes_after))),
        )
        for row in lost_stations(found).itertuples()
    ]


def losing_names(found: Difference) -> list[Words]:
    """Return the counties that lose by rail, with the people (km²) beyond the last cutoff and
    slower.
    """
    what, *_ = labels.counted(found)
    return [
        phrase(
            "county_loses",
            name=labels.place_name(row, "county"),
            how=joined(
                [
                    phrase(
                        key,
                        n=labels.with_unit(what, row[f"{what}_{how}"]),
                        most=found.worth[0]["to_min"],
                    )
                    for how, key in (("lost", "county_lost"), ("slower", "county_slower"))
                    if row[f"{what}_{how}"]
                ],
                "，",
                ", ",
            ),
        )
        for row in found.losing_counties
    ]


def compliance_table(rows: Sequence[Mapping[str, Any]]) -> Table:
    """Return lines against the national rules, clause by clause."""
    return Table(
        phrase("compliance_title"),
        heads("line", "clause", "required", "value", "verdict"),
        tuple(
            unrepeated(
                (
                    row["line"],
                    Words(row["clause_zh"], row["clause_en"]),
                    Words(row["required_zh"], row["required"]),
                    Words(row["value_zh"], row["value"]),
                    phrase(f"verdict_{row['verdict']}"),
                )
                for row in rows
            )
        ),
        right=5,
    )


def compliance_screen(rows: Sequence[Mapping[str, Any]], saved: Words) -> Iterator[Block]:
    """Yield the first screen: a sentence a line, its clauses, of many those not met first, what is
    open about them.
    """
    for line in dict.fromkeys(row["line"] for row in rows):
        mine = [row["verdict"] for row in rows if row["line"] == line]
        counts = {verdict.replace(" ", "_"): mine.count(verdict) for verdict in _VERDICTS}
        yield Paragraph(phrase("compliance_answer", line=line, n=len(mine), **counts))
    if len(rows) > _CLAUSES_SHOWN:
        rows = sorted(rows, key=lambda row: _VERDICTS.index(row["verdict"]))
    yield from labels.shortened(compliance_table(rows), _CLAUSES_SHOWN)
    doubts = dict.fromkeys(Words(row["doubt_zh"], row["doubt"]) for row in rows if row["doubt"])
    yield labels.ending(
        *(("doubt", doubt) for doubt in doubts),
        ("next", phrase("compliance_next")),
        ("files", saved),
    )


def compliance(rows: Sequence[Mapping[str, Any]]) -> Iterator[Block]:
    """Yield lines against the national rules, each doubt once, and notes line by line; nothing
    without lines.
    """
    if not rows:
        return
    yield compliance_table(rows)
    for key, of_line in (("doubt", False), ("note", True)):
        texts = dict.fromkeys(
            phrase(
                "named", name=_clause(row, of_line=of_line), text=Words(row[f"{key}_zh"], row[key])
            )
            for row in rows
            if row[key]
        )
        yield from remarks(texts)


def _clause(row: Mapping[str, Any], *, of_line: bool) -> Words:
    line = f"{row['line']} " if of_line else ""
    return Words(f"{line}{row['clause_zh']}", f"{line}{row['rule']}")


def where_words(*, outside: bool) -> Words:
    """Return of which land a figure by rail or locally is."""
    rail = phrase("by_rail_or_local")
    return fill(Words("{}{}", "{}{}"), rail, phrase("and_outside")) if outside else rail


def plan_blocks(plan: Plan) -> Iterator[Block]:
    """Yield what a scenario did and what was assumed."""
    yield remark(fill(Words("{}:", "{}:"), Words(*plan.titles)))
    for words in (*plan.effects, *plan.assumed):
        yield remark(Words(f"  {words.zh or words.en}", f"  {words.en}"))


def comparison_json(found: ComparisonResult) -> dict[str, Any]:
    """Return a comparison as plain values."""
    import pandas as pd

    return {
        "city": found.before.city.slug,
        "title": found.title,
        "before": found.before.summary.to_dict(),
        "after": found.after.summary.to_dict(),
        "table": found.table,
        "if_city": found.if_city,
        "new_targets": found.new_targets,
        "places": found.places,
        "minutes_saved": found.minutes_saved,
        "car": found.car_table,
        **{
            name: [
                {k: None if v is pd.NA else v for k, v in row.items()}
                for row in table.to_dict(orient="records")
            ]
            for name, table in (
                ("stations", found.stations),
                ("counties", found.counties),
                ("all_stations", found.all_stations),
                ("all_counties", found.all_counties),
                ("all_towns", found.all_towns.drop(columns="geometry")),
            )
        },
        "minutes_saved_table": found.saved_table,
    }
