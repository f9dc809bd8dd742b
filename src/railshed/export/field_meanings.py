"""What the layers of written files and their fields mean, with units, in English and Chinese:
`layers.csv`.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files

_NUMBER = re.compile(r"_(\d+)$")


@dataclass(frozen=True, slots=True)
class Meaning:
    """Meaning of a layer or a field; `unit` is empty if it has none."""

    en: str
    zh: str
    unit: str = ""
    #: of a layer: its group in a QGIS project, and its short name in both languages
    group: str = ""
    name: str = ""

    @property
    def text(self) -> str:
        """Both languages and the unit on one line."""
        return f"{self.en} [{self.unit}]; {self.zh}" if self.unit else f"{self.en}; {self.zh}"


@cache
def _table() -> dict[tuple[str, str], Meaning]:
    """Return meanings by layer and field; a layer's own has no field, a field of any layer no
    layer.

    A field that begins with "_" is a state: ``people_before`` is the field ``people`` before.
    """
    text = files("railshed.export").joinpath("layers.csv").read_text(encoding="utf-8")
    rows = csv.DictReader(text.splitlines(), restval="")
    return {(r.pop("layer"), r.pop("field")): Meaning(**r) for r in rows}


def find_layer(name: str) -> Meaning | None:
    """Return the meaning of a layer, None if unknown; ``stations_before`` are `stations`,
    before.
    """
    return _table().get((name, "")) or _in_state(name, lambda base: _table().get((base, "")))


def find_field(layer: str, field: str) -> Meaning | None:
    """Return the meaning of a field of a layer, None for a column of the user's own."""
    for name in (layer, base_name(layer), ""):
        found = _table().get((name, field))
        if found is not None:
            return found
    number = _NUMBER.search(field)
    if number is not None:
        known = _table().get(("", field[: number.start()] + "_N"))
        n = number.group(1)
        if known is None:
            return None
        return replace(known, en=known.en.replace("N min", f"{n} min"), zh=known.zh.replace("N", n))
    return _in_state(field, lambda base: find_field(layer, base))


def _in_state(name: str, find: Callable[[str], Meaning | None]) -> Meaning | None:
    """Return what a name with a state at its end means, from what it means without."""
    base, state = _state_of(name)
    known = None if state is None else find(base)
    if known is None or state is None:
        return None
    return replace(known, en=f"{known.en}: {state.en}", zh=f"{known.zh}：{state.zh}")


def base_name(layer: str) -> str:
    """Return the name of a layer without the state at its end: ``stations_before`` are
    `stations`.
    """
    return _state_of(layer)[0]


def _state_of(name: str) -> tuple[str, Meaning | None]:
    """Return a name without the state at its end, the first of the table that fits, and what the
    state means.
    """
    states = (
        (ending, words)
        for (layer, ending), words in _table().items()
        if not layer and ending[0] == "_"
    )
    fits = (
        (name.removesuffix(ending), words)
        for ending, words in states
        if name.removesuffix(ending) not in ("", name)
    )
    return next(fits, (name, None))
