"""Kinds of fields: what a field of a modification may hold, its bounds, and what it means.

Tables are read by them, the JSON Schema of scenario files is made of them, and property tests draw values of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

_CLOCK = {
    "type": "string",
    "pattern": r"^\s*\d{1,3}:[0-5]\d(:[0-5]\d)?\s*$",
    "description": '"07:30"; past midnight count on: "25:10"; TOML may write 07:30:00',
}


@dataclass(frozen=True, slots=True)
class Field:
    """One field: its kind, its JSON Schema, and its bounds if it is a number."""

    meaning: str
    schema: Mapping[str, Any] = field(default_factory=dict)
    required: bool = False
    low: float = 0.0
    high: float = 0.0
    #: `low` itself is not allowed
    open_below: bool = False
    unit: str = ""
    #: name of the function that made it: property tests draw by it
    kind: str = "text"
    #: values that property tests draw instead of any allowed one
    usual: Sequence[Any] = ()

    def json(self) -> dict[str, Any]:
        """Return the JSON Schema of the field."""
        return {"description": self.meaning, **self.schema}

    def drawn_from(self, *values: Any) -> Field:
        """Return the field with the values that property tests draw."""
        return replace(self, usual=values)


Fields = Mapping[str, Field]


def text(meaning: str, *, required: bool = False) -> Field:
    """Return a text that is not empty."""
    return Field(meaning, {"type": "string", "minLength": 1}, required)


def any_text(meaning: str) -> Field:
    """Return a text that may be empty."""
    return Field(meaning, {"type": "string"})


def texts(meaning: str, *, required: bool = False) -> Field:
    """Return a list of at least one text."""
    return Field(meaning, {"type": "array", "minItems": 1, "items": {"type": "string"}}, required, kind="texts")


def station(meaning: str, *, required: bool = False) -> Field:
    """Return the name or id of a station of the network."""
    return replace(text(meaning, required=required), kind="station")


def stations(meaning: str, *, required: bool = False) -> Field:
    """Return a list of names or ids of stations of the network."""
    return replace(texts(meaning, required=required), kind="stations")


def city(meaning: str) -> Field:
    """Return the slug or name of a city of the network."""
    return replace(text(meaning), kind="city")


def trips(meaning: str) -> Field:
    """Return a list of ids or printed names of trips of the network."""
    return replace(texts(meaning), kind="trips")


def routes(meaning: str) -> Field:
    """Return a list of ids of routes, or printed names of trips, of the network."""
    return replace(texts(meaning), kind="routes")


def trip(meaning: str) -> Field:
    """Return the id or printed name of a trip of the network."""
    return replace(text(meaning), kind="trip")


def flag(meaning: str, *, default: bool) -> Field:
    """Return true or false."""
    return Field(meaning, {"type": "boolean", "default": default}, kind="flag")


def choice(meaning: str, allowed: Sequence[str]) -> Field:
    """Return one of some words."""
    return Field(meaning, {"enum": list(allowed)}, kind="choice", usual=allowed)


def choices(meaning: str, allowed: Sequence[str]) -> Field:
    """Return a list of at least one of some words."""
    return Field(meaning, {"type": "array", "minItems": 1, "items": {"enum": list(allowed)}}, kind="choices")


def number(
    meaning: str, low: float, high: float, unit: str, *, open_below: bool = False, required: bool = False,
    whole: bool = False,
) -> Field:  # fmt: skip
    """Return a number from `low` to `high`."""
    schema = {**_bounds(low, high, open_below), **({"type": "integer"} if whole else {})}
    return Field(meaning, schema, required, low, high, open_below, unit, "number")


def numbers(
    meaning: str, low: float, high: float, unit: str, *, open_below: bool = False, or_one: bool = False
) -> Field:
    """Return a list of numbers from `low` to `high`, one a hop or station; with `or_one` also a single number."""
    one = _bounds(low, high, open_below)
    many: dict[str, Any] = {"type": "array", "items": one}
    return Field(meaning, {"anyOf": [one, many]} if or_one else many, False, low, high, open_below, unit, "numbers")


def _bounds(low: float, high: float, open_below: bool) -> dict[str, Any]:
    return {"type": "number", "exclusiveMinimum" if open_below else "minimum": low, "maximum": high}


def degrees(meaning: str, bound: float) -> Field:
    """Return degrees of longitude or latitude up to `bound`."""
    return Field(meaning, {"type": "number", "minimum": -bound, "maximum": bound}, kind="degrees")


def clock(meaning: str, *, required: bool = False) -> Field:
    """Return a clock time."""
    return Field(meaning, _CLOCK, required, kind="clock")


def table(meaning: str, name: str) -> Field:
    """Return a table of the fields that `groups.PARTS` has by this name."""
    return Field(meaning, reference(name), kind="table")


def tables(meaning: str, name: str, *, required: bool = False) -> Field:
    """Return a list of at least one such table."""
    return Field(meaning, {"type": "array", "minItems": 1, "items": reference(name)}, required, kind="tables")


def stops(meaning: str, *, least: int = 0) -> Field:
    """Return a list of stations, named or described by a table, of `least` or more."""
    bound = {"minItems": least} if least else {}
    items = {"anyOf": [{"type": "string"}, reference("stop")]}
    return Field(meaning, {"type": "array", **bound, "items": items}, bool(least), kind="stops")


def lists(meaning: str, items: str, length: int, *, least: int = 0) -> Field:
    """Return a list of lists of `length` texts ("string") or numbers ("number")."""
    one = {"type": "array", "minItems": length, "maxItems": length, "items": {"type": items}}
    return Field(meaning, {"type": "array", **({"minItems": least} if least else {}), "items": one}, kind="lists")


def reference(name: str) -> dict[str, Any]:
    """Return the JSON Schema of a table that is defined once for all types."""
    return {"$ref": f"#/$defs/{name}"}
