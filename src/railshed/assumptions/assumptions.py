"""What is assumed where no timetable speaks: station times, access modes, readings.

Data with sources, not settings.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from railshed.assumptions.distributions import (
    KINDS,
    PARAMETERS,
    ROWS,
    Distribution,
    distribution_of,
)
from railshed.util import validation as kinds
from railshed.util.errors import InputError, ParameterError
from railshed.util.units import MINUTE

if TYPE_CHECKING:
    from railshed.network.model import Station

Row = TypeVar("Row")
#: between home and the station there
ACCESS_MODES = ("walk", "bike", "feeder", "drive", "park-and-ride", "kiss-and-ride")

#: between the station in the city and the centre: one's own vehicle is at home, and what a metro
#: does it does itself
EGRESS_MODES = ("walk", "shared-bicycle", "drive")

#: access modes that also go all the way without a ride
DOOR_MODES = ("walk", "bike")

#: the streets a mode travels on where there is a street network; "" is straight lines in any case
#: (metro)
STREETS = ("walk", "bike", "drive", "")


@dataclass(frozen=True, slots=True)
class StationTime:
    """Seconds from the station door to the platform, back, and between two trips."""

    entry_s: int
    exit_s: int
    change_s: int


@dataclass(frozen=True, slots=True)
class Mode:
    """A mode of access: seconds = overhead + distance / speed, at most `cap_s`.

    The distance is straight times `detour`, or along the `streets` of a street network. There cars
    (`drive` streets) go at the speed of each street times `street_factor`; 0: all modes at
    `speed_kmh`.
    """

    name: str
    speed_kmh: float
    detour: float
    overhead_s: int
    cap_s: int
    streets: str = ""
    street_factor: float = 0.0

    def seconds_per_metre(self) -> float:
        """Return seconds for one straight metre."""
        return self.detour * 3.6 / self.speed_kmh

    def straight_s(self, metres: NDArray[np.float64]) -> NDArray[np.int64]:
        """Return whole seconds over straight metres, rounded up."""
        return np.asarray(
            np.ceil(self.overhead_s + metres * self.seconds_per_metre() - 1e-6), np.int64
        )

    def reach_m(self, budget_s: float) -> float:
        """Return the straight metres covered within `budget_s`, 0 where the overhead eats it."""
        return max(0.0, (budget_s - self.overhead_s) / self.seconds_per_metre())


@dataclass(frozen=True, slots=True)
class Car:
    """The trip by car in one state of traffic, door to door."""

    name: str
    urban_km: float
    urban_speed_kmh: float
    speed_kmh: float
    detour: float
    overhead_s: int
    street_factor: float

    def seconds(self, metres: NDArray[np.float64]) -> NDArray[np.int64]:
        """Return whole seconds over straight metres, the last `urban_km` of them in the city."""
        urban = np.minimum(metres, self.urban_km * 1_000)
        moving = urban * 3.6 / self.urban_speed_kmh + (metres - urban) * 3.6 / self.speed_kmh
        return np.asarray(np.ceil(self.overhead_s + moving * self.detour - 1e-6), np.int64)

    def reach_m(self, budget_s: float) -> float:
        """Return the straight metres covered within `budget_s`, 0 where the overhead eats it."""
        moving = max(0.0, budget_s - self.overhead_s) / self.detour / 3.6
        urban_h = self.urban_km * 1_000 / self.urban_speed_kmh
        if moving <= urban_h:
            return moving * self.urban_speed_kmh
        return self.urban_km * 1_000 + (moving - urban_h) * self.speed_kmh


@dataclass(frozen=True, slots=True)
class Assumptions:
    """Every assumption of a run; an argument, never a global, and stored in the result."""

    station_times: Mapping[str, StationTime]
    #: by name: walk, bike, feeder:metro, feeder:metro-small, feeder:bus, drive
    modes: Mapping[str, Mode]
    #: between home and the station there
    access_modes: tuple[str, ...] = ("walk", "bike", "feeder")
    #: between the station in the city and the centre
    egress_modes: tuple[str, ...] = ("walk", "shared-bicycle")
    footpath_cap_s: int = 600
    cell_size_m: int = 500
    #: the trip by car, by state of traffic
    cars: Mapping[str, Car] = field(default_factory=dict)

    def modes_at(self, feeder: str) -> tuple[Mode, ...]:
        """Return the modes in use between home and a station door with this feeder."""
        return self._modes(self.access_modes, feeder)

    def city_modes(self, feeder: str) -> tuple[Mode, ...]:
        """Return the modes in use between a station door in the city and a centre."""
        return self._modes(self.egress_modes, feeder)

    def door_modes(self, feeder: str) -> tuple[Mode, ...]:
        """Return the access modes that also serve trips without a ride: on foot, and by one's own
        e-bike.
        """
        return self._modes([m for m in self.access_modes if m in DOOR_MODES] or ["walk"], feeder)

    def _modes(self, names: Sequence[str], feeder: str) -> tuple[Mode, ...]:
        own = {"feeder": f"feeder:{feeder}"}
        return tuple(self.modes[own.get(m, m)] for m in names if m != "feeder" or feeder != "none")

    def entry_s(self, station: Station) -> int:
        """Return seconds from the door to the platform."""
        return (
            self.station_times[station.station_class].entry_s
            if station.entry_s is None
            else station.entry_s
        )

    def exit_s(self, station: Station) -> int:
        """Return seconds from the platform to the door."""
        return (
            self.station_times[station.station_class].exit_s
            if station.exit_s is None
            else station.exit_s
        )

    def with_access(self, *access_modes: str, egress: Sequence[str] | None = None) -> Assumptions:
        """Return a copy with these access modes, and with these egress modes where `egress` is
        given.

        Raises
        ------
        ParameterError
            For an unknown mode, and none.
        """
        away = self.egress_modes if egress is None else egress
        for what, modes, allowed in (
            ("access", access_modes, ACCESS_MODES),
            ("egress", away, EGRESS_MODES),
        ):
            unknown = [m for m in modes if m not in allowed]
            if unknown or not modes:
                found = ", ".join(unknown) or "(none)"
                raise ParameterError(f"unknown {what} mode {found}; allowed: {', '.join(allowed)}")
        return replace(
            self,
            access_modes=tuple(dict.fromkeys(access_modes)),
            egress_modes=tuple(dict.fromkeys(away)),
        )


_MINUTES = kinds.number(0, 240)
_SPEED = kinds.number(0.1, 1_000)
_DETOUR = kinds.number(1, 10)
_SHARE = kinds.number(0, 1)
_ORIGIN: dict[str, kinds.Kind] = {"source": kinds.text, "status": kinds.text}
#: the keys of a row by table, what they may be
_ROW_KINDS: dict[str, dict[str, kinds.Kind]] = {
    "station_times": {
        "entry_min": _MINUTES,
        "exit_min": _MINUTES,
        "change_min": _MINUTES,
        **_ORIGIN,
    },
    "modes": {
        "speed_kmh": _SPEED,
        "detour": _DETOUR,
        "overhead_min": _MINUTES,
        "cap_min": _MINUTES,
        "streets": kinds.one_of(*STREETS),
        "street_factor": _SHARE,
        **_ORIGIN,
    },
    "car": {
        "urban_km": kinds.number(0, 1_000),
        "urban_speed_kmh": _SPEED,
        "speed_kmh": _SPEED,
        "detour": _DETOUR,
        "overhead_min": _MINUTES,
        "street_factor": _SHARE,
        **_ORIGIN,
    },
}
_GENERAL_KINDS: dict[str, kinds.Kind] = {
    "access_modes": kinds.many(kinds.one_of(*ACCESS_MODES)),
    "egress_modes": kinds.many(kinds.one_of(*EGRESS_MODES)),
    "footpath_cap_min": kinds.number(0, 60),
    "cell_size_m": kinds.whole(50, 5_000),
}
_UNCERTAINTY_KINDS = {"uncertainty": dict.fromkeys(ROWS, kinds.mapping)}


@cache
def shipped_defaults() -> dict[str, Any]:
    """Return the tables of assumptions.toml."""
    file = resources.files("railshed.assumptions.defaults").joinpath("assumptions.toml")
    return tomllib.loads(file.read_text(encoding="utf-8"))


@kinds.checked(overrides=kinds.optional(kinds.mapping))
def default_assumptions(overrides: Mapping[str, Any] | None = None) -> Assumptions:
    """Return the shipped assumptions, updated by the tables of `overrides` (as in network.toml).

    Raises
    ------
    InputError
        Naming every table, key and value that is not allowed.
    """
    data = shipped_defaults()
    over = overrides or {}
    faults = assumption_faults(over)
    if faults:
        raise InputError("; ".join(f"assumption {fault}" for fault in faults))
    times, modes, cars = (
        _merged(data[t], over.get(t, {})).items() for t in ("station_times", "modes", "car")
    )
    general = {**data["general"], **over.get("general", {})}
    base = Assumptions(
        {name: _of_row(StationTime, row) for name, row in times},
        {name: _of_row(Mode, row, name=name, streets=row["streets"]) for name, row in modes},
        footpath_cap_s=round(float(general["footpath_cap_min"]) * MINUTE),
        cell_size_m=int(general["cell_size_m"]),
        cars={name: _of_row(Car, row, name=name) for name, row in cars},
    )
    return base.with_access(
        *kinds.words(general["access_modes"]), egress=kinds.words(general["egress_modes"])
    )


def assumption_faults(overrides: Mapping[str, Any]) -> list[str]:
    """Return what is wrong with tables of assumptions, those of `[uncertainty]` included."""
    data = shipped_defaults()
    rows = {table: dict.fromkeys(data[table], row) for table, row in _ROW_KINDS.items()}
    faults = kinds.faults_of(overrides, {**rows, "general": _GENERAL_KINDS, **_UNCERTAINTY_KINDS})
    if not any(fault.startswith("uncertainty") for fault in faults):
        try:
            default_uncertainty(overrides)
        except InputError as error:
            faults.append(str(error))
    return faults


def _of_row(kind: type[Row], row: Mapping[str, Any], **values: Any) -> Row:
    """Return a dataclass of the numbers of a row, whose `NAME_min` are the seconds of a field
    `NAME_s`.
    """
    for name in (one.name for one in fields(kind) if one.name not in values):  # type: ignore[arg-type]
        minutes = f"{name.removesuffix('_s')}_min"
        if minutes in row:
            values[name] = round(float(row[minutes]) * MINUTE)
        elif name in row:
            values[name] = float(row[name])
    return kind(**values)


def _merged(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    return {name: {**row, **over.get(name, {})} for name, row in base.items()}


@kinds.checked(overrides=kinds.optional(kinds.mapping), own=kinds.optional(kinds.mapping))
def default_uncertainty(
    overrides: Mapping[str, Any] | None = None, own: Mapping[str, Mapping[str, Any]] | None = None
) -> dict[str, Distribution]:
    """Return the shipped distributions by row, updated by `overrides` (as in network.toml), then by
    `own` rows.

    Raises InputError naming every row, kind and number that is not allowed.
    """
    given = (overrides or {}).get("uncertainty", {})
    mine = own or {}
    problems = [
        fault
        for rows in (given, mine)
        for fault in kinds.faults_of({"uncertainty": rows}, _UNCERTAINTY_KINDS)
    ]
    if problems:
        raise InputError("; ".join(problems))
    origin = {"source": "given for this run", "status": "set by the user"}
    data = _merged(shipped_defaults()["uncertainty"], given)
    data = _merged(data, {name: {**origin, **row} for name, row in mine.items()})
    for name, row in mine.items():
        kind = str(data[name]["kind"])
        unused = [key for key in row if key in PARAMETERS and key not in KINDS.get(kind, ())]
        problems += [f"uncertainty.{name}: kind {kind} takes no {key}" for key in unused]
    found = {name: distribution_of(name, data[name], problems) for name in ROWS}
    if problems:
        raise InputError("; ".join(problems))
    return {name: row for name, row in found.items() if row is not None}


def assumption_rows(overrides: Mapping[str, Any] | None = None) -> list[dict[str, str]]:
    """Return the assumptions as rows with value, source and status, for reports; `overrides` as in
    network.toml.
    """
    rows = []
    for table in ("station_times", "modes", "car", "uncertainty"):
        for name, row in shipped_defaults()[table].items():
            own = (overrides or {}).get(table, {}).get(name, {})
            for key, value in row.items():
                if key in {"source", "status"}:
                    continue
                origin = (
                    {"source": "network.toml", "status": "set by the network"} | own
                    if key in own
                    else row
                )
                rows.append(
                    {
                        "what": f"{table}.{name}.{key}",
                        "value": str(own.get(key, value)),
                        "source": str(origin["source"]),
                        "status": str(origin["status"]),
                    }
                )
    return rows
