"""Blocks of a circle's summary as data: the bridge and the interval around the headline."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any, Literal

#: how people of a rung are counted: of whole counties with a station (the press convention), or of cells
Convention = Literal["whole counties", "cells"]


@dataclass(frozen=True, slots=True)
class Rung:
    """What is within the cutoff at one step of the bridge, outside the city proper."""

    key: str
    cutoff_min: int
    stations: int
    #: stations in the city proper, counted apart
    stations_in_city: int
    #: None where no counties or people are known
    counties: int | None
    people: int | None
    convention: Convention
    #: None on rungs without a surface
    people_known_km2: float | None = None
    area_km2: float | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return the fields by name; those of areas on rungs with a surface only."""
        found = asdict(self)
        if self.convention == "whole counties":
            del found["people_known_km2"], found["area_km2"]
        return found


@dataclass(frozen=True, slots=True)
class Bridge:
    """The steps from the press's hour to a commuter's, one assumption after the other."""

    rungs: tuple[Rung, ...]

    def __iter__(self) -> Iterator[Rung]:
        return iter(self.rungs)

    def get_rung(self, key: str) -> Rung:
        """Return the rung of a key, ``plus_access`` for instance; KeyError if there is none."""
        return {rung.key: rung for rung in self.rungs}[key]

    def to_dict(self) -> list[dict[str, Any]]:
        """Return the rungs as dictionaries, in order."""
        return [rung.to_dict() for rung in self.rungs]


@dataclass(frozen=True, slots=True)
class Outcome:
    """People and area by rail outside the city proper under one combination of guesses."""

    #: modes between home and the station, separated by commas
    access: str
    slack_min: int
    #: minutes added to the station times of the whole journey
    station_time_min: int
    people: int | None
    area_km2: float
    people_known_km2: float | None


@dataclass(frozen=True, slots=True)
class Interval:
    """The headline with the lowest and the highest outcome of its guesses."""

    cutoff_min: int
    kind: str
    central: Outcome
    low: Outcome
    high: Outcome

    def to_dict(self) -> dict[str, Any]:
        """Return the fields by name, outcomes as dictionaries."""
        return asdict(self)
