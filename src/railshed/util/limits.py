"""Budgets, tested by arithmetic before any array of that size is made: what passes all of them
takes less than 4 GiB.

They change no result, so no record has them. RAILSHED_LIMITS raises them by name,
``trips=5000000,walks=1e7``.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

from railshed.util.errors import Issue, ParameterError, raise_errors

#: raises limits, by name
LIMITS_VARIABLE = "RAILSHED_LIMITS"
#: by name: the largest number, and what is counted; bytes were measured on made feeds, of whole
#: commands
LIMITS = {
    # 700 bytes each with two calls, most of them texts of ids; Mexico City has 87,551
    "trips": (2_000_000, "trips by headway"),
    # 100 bytes each until the service day is chosen; Mexico City has 2.9 million
    "calls": (20_000_000, "calls of trips by headway"),
    # 150 bytes each while both directions of time are sorted; China has 6.6 million
    "connections": (24_000_000, "departures on the service day, the one before and the one after"),
    # 150 bytes each while they are sorted; Mexico City has 93,124
    "walks": (4_000_000, "walks between stations, both ways"),
    # 8 bytes each if all were useful; Mexico City has 65 million
    "journeys": (300_000_000, "departures from stations and from those that one walks to"),
    # 12 bytes each: times, those of reached stations, and the same sorted; China has a million in
    # 150 minutes
    "times": (200_000_000, "travel times, one a station and minute of the window"),
    # 26 bytes each; Mexico City has 12 million at 500 m, China 26 million
    "cells": (100_000_000, "pairs of a station and a cell around it"),
    # 650 bytes each; the 2,990 counties of China have 8,500
    "overlaps": (1_000_000, "pairs of areas that touch or overlap"),
    # time to mend them: 4,410 take 2.4 s, 9,000 8 s, 18,000 30 s, those of a comb 5 times as much
    "crossings": (5_000, "crossings of edges within one polygon"),
    "file_crossings": (100_000, "crossings of edges within the polygons of a file"),
    # time to count crossings: a million a second; a coast of 500,000 vertices has 610,000
    "edge_pairs": (10_000_000, "pairs of edges of one polygon with boxes that meet"),
    # of a table: far above real feeds, far below a zip bomb; 30 million rows of a nation took 6 GiB
    "rows": (12_000_000, "rows of a file"),
    "file_bytes": (1 << 30, "bytes of a file"),
    "feed_bytes": (2 << 30, "bytes of a feed's files"),
}
#: code of the issue
OVER_LIMIT = "over-limit"
#: pairs of a spatial index that are looked at together
_PAIRS = 1 << 22
#: times as many shapes as could all meet the whole tree, if those before met few: 2 GiB at worst
_MORE_AT_A_TIME = 32


def most_of(name: str) -> int:
    """Return the limit of this name, as RAILSHED_LIMITS raises it."""
    found = LIMITS[name][0]
    for part in filter(None, os.environ.get(LIMITS_VARIABLE, "").replace(" ", "").split(",")):
        key, _, value = part.partition("=")
        try:
            most = int(float(value))
        except (ValueError, OverflowError):
            most = 0
        if key not in LIMITS or most < 1:
            raise ParameterError(
                f"{LIMITS_VARIABLE}: {part!r} is not NAME=NUMBER; names are {', '.join(LIMITS)}"
            )
        found = most if key == name else found
    return found


def check_limit(
    name: str, number: int, what: str, remedy: str = "", *, so_far: bool = False, **where: Any
) -> None:
    """Raise InputError when a number is above the limit of this name; `what` needs so many, `where`
    is of its issue.

    `so_far`: the number counts on.
    """
    if number > (most := most_of(name)):
        message = f"{'at least ' * so_far}{number:,} {LIMITS[name][1]}, at most {most:,} are made"
        enough = "NUMBER" if so_far else number
        remedy = (
            f"{remedy} {LIMITS_VARIABLE}={name}={enough} allows as many, given memory and time"
        ).strip()
        raise_errors(
            f"{what} is too large", [Issue("error", OVER_LIMIT, message, remedy=remedy, **where)]
        )


def query_blocks(tree: Any, shapes: Any, **query: Any) -> Iterator[tuple[Any, Any]]:
    """Yield index of the shape and index in the tree of a query of an STRtree, some shapes at a
    time.

    More at a time while they meet few: a tree of many would else be asked in very many blocks.
    """
    # each may meet all
    start = 0
    step = (least := max(1, _PAIRS // max(1, len(tree))))
    while start < len(shapes):
        one, other = tree.query(shapes[start : start + step], **query)
        yield one + start, other
        start += step
        step = (
            min(_MORE_AT_A_TIME * least, 2 * step)
            if len(one) < _PAIRS // 4
            else max(least, step // 2)
        )
