"""Printed figures followed to the values that they are made of."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from railshed.questions.rank.tables import figure
from railshed.util import number_format as n

#: a figure with what makes it another one: 1,234 / 4.27 million / 12.8万 / 25 % / 0.76
FIGURE = re.compile(r"(?<![\w.])\d[\d,]*(?:\.\d+)?(?: million|万)?")


def figures(text: str) -> list[str]:
    """Return the figures of a text, without signs; not the digits of a word such as S5."""
    return [found.rstrip(",") for found in FIGURE.findall(text)]


def forms(plain: Any) -> set[str]:
    """Return every form in which the project prints a number of plain values, and the figures in
    their texts.
    """
    return {form for value in _leaves(plain) for form in _forms(value)}


def _leaves(plain: Any) -> Iterator[Any]:
    if isinstance(plain, Mapping):
        for value in plain.values():
            yield from _leaves(value)
    elif isinstance(plain, Iterable) and not isinstance(plain, str):
        for value in plain:
            yield from _leaves(value)
    else:
        yield plain


def _forms(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield from figures(value)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        size = abs(value)
        whole = n.people(round(size)), n.people_short(round(size))
        yield from (text for words in whole for text in (words.zh, words.en))
        yield from (
            f"{size:.0f}",
            f"{size:,.1f}",
            f"{size:.2f}",
            f"{size:g}",
            n.minutes(size),
            n.km2(size),
        )
        yield figure(size)
