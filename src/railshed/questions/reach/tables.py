"""Blocks of travel times from station to station."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from railshed.questions.labels import ending, station_name, times_within
from railshed.show.blocks import Block, Paragraph, Table
from railshed.util import number_format as n
from railshed.util.bilingual import EMPTY, Words
from railshed.util.phrases import heads, phrase

if TYPE_CHECKING:
    import pandas as pd

_TIME = "travel_time_p"
#: minutes within which stations are counted on the first screen, and the nearest ones that it names
_WITHIN = (30, 60, 90, 120, 180, 240)
_NEAREST = 8


def first_screen(
    table: pd.DataFrame,
    date: str,
    targets: Words,
    window: tuple[int, int],
    most: int,
    saved: Words,
    *,
    leaving: bool,
) -> Iterator[Block]:
    """Yield the first screen of `matrices.reach`: how many stations are within an hour, by minutes,
    the nearest ones.

    `table` is sorted by minutes, with `station_name_en`, or that of `matrices.reach_pairs`; `most`
    the minutes beyond which times are left empty; `leaving` of trips from the targets; `date` the
    day of the timetable.
    """
    times = [column for column in table.columns if column.startswith(_TIME)]
    cutoff = min(60, most)
    main = int(times[-1].removeprefix(_TIME))
    counts = {
        limit: [int((table[column] <= limit).sum()) for column in times]
        for limit in _WITHIN
        if limit <= most
    }
    pairs = "station_name" not in table.columns
    met = times_within(main, [window], leaving=leaving)
    answer = "reach_answer_from" if leaving else "reach_answer"
    yield Paragraph(
        phrase(
            "reach_pairs" if pairs else answer,
            n=f"{int((table[times[-1]] <= cutoff).sum()):,}",
            n_all=f"{len(table):,}",
            cutoff=cutoff,
            targets=targets,
            met=met,
            date=date,
        )
    )
    bands = tuple((str(limit), *(f"{count:,}" for count in row)) for limit, row in counts.items())
    yield Table(EMPTY, (*heads("within_minutes"), *map(_percentile, times)), bands, right=1)
    if not pairs:
        yield stations(table[(table[times] > 0).any(axis=1)].head(_NEAREST))
    yield ending(
        ("doubt", phrase("reach_doubt", most=most)),
        ("next", phrase("reach_next")),
        ("files", saved),
    )


def stations(table: pd.DataFrame) -> Table:
    """Return the stations that are reached, in the order of the table, with their minutes by
    percentile.
    """
    times = [column for column in table.columns if column.startswith(_TIME)]
    rows = tuple(
        (
            station_name(row["station_name"], row["station_name_en"]),
            row["station_id"],
            *(n.minutes(row[column]) for column in times),
            str(row["trips"]),
        )
        for row in table.dropna(subset=times, how="all").to_dict(orient="records")
    )
    return Table(
        EMPTY,
        (*heads("station_name", "station_id"), *map(_percentile, times), *heads("trips")),
        rows,
        right=2,
    )


def _percentile(column: str) -> Words:
    """Return the head of a column of minutes, as a committee reads it."""
    percentile = column.removeprefix(_TIME)
    named = {"0": phrase("reach_fastest"), "50": phrase("reach_half")}
    return named.get(percentile, phrase("reach_share", percentile=percentile))
