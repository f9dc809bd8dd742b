"""Readings: named, frozen sets of rules that turn timetables into minutes."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from railshed.assumptions.assumptions import shipped_defaults
from railshed.assumptions.names import HEADLINE as HEADLINE
from railshed.assumptions.names import TO_TERMINALS as TO_TERMINALS
from railshed.util import validation as kinds
from railshed.util.encodings import decode
from railshed.util.errors import InputError, NotFoundError
from railshed.util.names import refuse_controls
from railshed.util.units import MINUTE


@dataclass(frozen=True, slots=True)
class Reading:
    """A named, frozen way to turn a timetable into minutes (测算口径)."""

    name: str
    label: str
    label_zh: str
    #: station: rides and changes only; door-to-station: plus access, entry, exit; door-to-door:
    #: plus egress to a centre; on the bridge ride-to-target and door-to-target: as the first two,
    #: to the targets of door-to-door
    legs: str
    #: peak: the city's own windows; day: 00:00-24:00
    window: str
    slack_s: int
    percentile: int
    cutoffs: tuple[int, ...]
    random_departure: bool = False
    #: what a second early beyond the slack counts
    early_weight: float = 1.0

    def turns_up(self, direction: str) -> bool:
        """Return whether minutes are departures from the door, not deadlines."""
        return self.random_departure and direction == "to"


LEGS = ("station", "door-to-station", "door-to-door")


#: the keys of a reading by what they may be, for `validation.cast_all`
_READING_KINDS: dict[str, kinds.Kind] = {
    "label": kinds.text,
    "label_zh": kinds.text,
    "legs": kinds.one_of(*LEGS),
    "window": kinds.one_of("peak", "day"),
    "slack_minutes": kinds.number(0, 120),
    "percentile": kinds.whole(0, 100),
    "random_departure": kinds.flag,
    "cutoffs": lambda value: tuple(sorted(set(kinds.many(kinds.whole(1, 120))(value)))),
    "early_weight": kinds.number(0.4, 1),
}


@kinds.checked(path=kinds.optional(kinds.path))
def load_readings(path: str | Path | None = None) -> dict[str, Reading]:
    """Return the shipped readings by name, plus those of the TOML file `path`.

    A file has one table ``[NAME]`` a reading with the keys of the shipped ones: ``label``,
    ``label_zh``, ``legs`` (station, door-to-station, door-to-door), ``window`` (peak, day),
    ``slack_minutes``, ``early_weight`` (0.4 to 1), ``percentile``, ``cutoffs``,
    ``random_departure``. Absent keys have the values of the shipped reading of that name, else of
    door-to-station.

    Raises InputError when the file is no TOML, or a key or value is not allowed; names every
    problem of all tables.
    """
    readings = {name: _reading(name, row) for name, row in shipped_defaults()["readings"].items()}
    if path is not None:
        try:
            tables = tomllib.loads(decode(Path(path).read_bytes()))
            readings |= _own_readings(refuse_controls(tables, Path(path).name))
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, InputError) as error:
            raise InputError(f"readings file {path}: {error}") from error
    return readings


def _reading(name: str, row: Mapping[str, Any]) -> Reading:
    values = kinds.cast_all(row, _READING_KINDS)
    return Reading(slack_s=round(values.pop("slack_minutes") * MINUTE), name=name, **values)


def _own_readings(tables: Mapping[str, Any]) -> dict[str, Reading]:
    """Return the readings of a file; raises InputError with every table and key that is not
    allowed.
    """
    faults = kinds.faults_of(tables, dict.fromkeys(tables, _READING_KINDS))
    if faults:
        raise InputError("; ".join(faults))
    shipped = shipped_defaults()["readings"]
    usual = {
        name: {**shipped[TO_TERMINALS], "label": name, "label_zh": name} for name in tables
    } | shipped
    return {name: _reading(name, {**usual[name], **row}) for name, row in tables.items()}


def get_reading(name: str, readings: Mapping[str, Reading] | None = None) -> Reading:
    """Return the reading of this name. Raises NotFoundError with the nearest names."""
    known = readings or load_readings()
    if name not in known:
        raise NotFoundError("reading", name, known, f"Known: {', '.join(known)}.")
    return known[name]
