"""What the layers of written files and their fields mean, with units, in English and Chinese: `layers.csv`."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files

#: a field ``people_before`` is the field ``people`` in this state; in the order in which they are tried
_STATES = {
    "_before": ("before", "现状"),
    "_after": ("with the scenario", "规划方案"),
    "_predicted": ("predicted", "预测"),
    "_gained": ("gained", "新增"),
    "_lost": ("lost", "减少"),
    "_faster": ("of whom it is faster", "变快"),
    "_slower": ("of whom it is slower", "变慢"),
    "_alone": ("reached by no other city", "仅该城市可达"),
    "_rail": ("by rail", "铁路可达"),
    "_car": ("by car", "小汽车可达"),
    "_rail_only": ("by rail only", "仅铁路可达"),
    "_car_only": ("by car only", "仅小汽车可达"),
    "_both": ("by both", "两者均可达"),
    "_not_compared": ("not compared", "未比较"),
    "_outside_city": ("outside the city proper", "中心城区外"),
}
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
    """Return meanings by layer and field; a layer's own has no field, a field of any layer no layer."""
    text = files("railshed.export").joinpath("layers.csv").read_text(encoding="utf-8")
    rows = csv.DictReader(text.splitlines(), restval="")
    return {(r.pop("layer"), r.pop("field")): Meaning(**r) for r in rows}


def find_layer(name: str) -> Meaning | None:
    """Return the meaning of a layer, None if unknown; ``stations_before`` are `stations`, before."""
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
    return replace(known, en=f"{known.en}: {state[0]}", zh=f"{known.zh}：{state[1]}")


def base_name(layer: str) -> str:
    """Return the name of a layer without the state at its end: ``stations_before`` are `stations`."""
    return _state_of(layer)[0]


def _state_of(name: str) -> tuple[str, tuple[str, str] | None]:
    for ending, words in _STATES.items():
        if name.endswith(ending) and len(name) > len(ending):
            return name.removesuffix(ending), words
    return name, None
