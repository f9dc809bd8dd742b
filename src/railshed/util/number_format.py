"""Numbers as tables, reports and the terminal print them."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from typing import Any

from railshed.util.bilingual import EMPTY, Words
from railshed.util.phrases import phrase

#: hanzi to the last one, then Latin letters
_NAME = re.compile(r"(.*[\u4e00-\u9fff]\S*) ([A-Za-z][^\u4e00-\u9fff]*)")

#: in the place of a number that is not known
MISSING = Words("无数据", "no data")


def parted(text: str) -> Words:
    """Return a Chinese name followed by an English one as words; any other name as both."""
    match = _NAME.fullmatch(text)
    return Words(text, text) if match is None else Words(*match.groups())


def people(value: Any) -> Words:
    """Return a number of people: 万 with one decimal in Chinese from 10,000 on, else all digits;
    "no data" of None.
    """
    if value is None or value != value:
        return MISSING
    digits = f"{value:,.0f}"
    return Words(digits if abs(value) < 10_000 else f"{value / 10_000:,.1f}万", digits)


def people_short(value: Any) -> Words:
    """Return people as `people`, from a million on in English with three digits."""
    found = people(value)
    return (
        found
        if value is None or value != value or abs(value) < 1e6
        else Words(found.zh, f"{value / 1e6:.2f} million")
    )


def signed(value: Any, form: Callable[[Any], Words] = people) -> Words:
    """Return a change with its sign, of people if no other format is given."""
    if value is None:
        return MISSING
    size = form(abs(value))
    mark = "+" if value > 0 else ""
    if value < 0:
        mark = "−"
    return Words(mark + size.zh, mark + size.en)


def share(value: Any) -> str:
    """Return a share in percent with one decimal."""
    return "-" if value is None or value != value else f"{value:.1%}"


def minutes(value: Any) -> str:
    """Return whole minutes, rounded up so that 60.1 never prints as 60; "-" where there
    are none.
    """
    return "-" if value is None or value != value else str(math.ceil(value - 1e-9))


def number(value: Any) -> str:
    """Return a whole number; "-" where there is none."""
    return "-" if value is None or value != value else f"{value:,.0f}"


def joined(names: Sequence[Words], most: int = 8) -> Words:
    """Return names in a row; beyond `most` the rest is counted."""
    if not names:
        return phrase("none")
    left = len(names) - most
    more = Words(f"等{len(names)}处", f" and {left} more") if left > 0 else EMPTY
    shown = names[:most]
    return Words(
        "、".join(name.zh for name in shown) + more.zh,
        ", ".join(name.en for name in shown) + more.en,
    )


def examples(names: Sequence[str], most: int = 5, more: str = " and {:,} more") -> str:
    """Return the first names in a row, and the number of the rest."""
    left = len(names) - most
    shown = ", ".join(names[:most])
    return shown + more.format(left) if left > 0 else shown


def km2(value: Any) -> str:
    """Return whole km², without the unit, one decimal below 1 so that no land prints as 0; "-"
    where there is none.
    """
    small = value is not None and 0 < value < 0.95
    return max(f"{value:.1f}", "0.1") if small else number(value)


def counted(n: int, one: str, many: str = "") -> str:
    """Return a number with its noun: "1 trip" or "1,200 trips"."""
    return f"{n:,} {one if n == 1 else many or one + 's'}"


def amount(value: Any) -> str | Words:
    """Return a whole number of any column; "no data" where there is none."""
    return MISSING if value is None else f"{value:,.0f}"
