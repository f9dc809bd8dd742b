"""The summary of a circle as data: its tables by reading, the bridge, the interval around the
headline.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from typing import Any


@dataclass(frozen=True, slots=True)
class Rung:
    """What is within the cutoff at one step of the bridge, outside the city proper."""

    key: str
    cutoff_min: int
    #: train stations; all stations where no train runs
    stations: int
    #: stations in the city proper, counted apart
    stations_in_city: int
    #: None on rungs without a surface, and where no counties or people are known
    counties: int | None = None
    people: int | None = None
    people_known_km2: float | None = None
    area_km2: float | None = None

    @property
    def has_surface(self) -> bool:
        """Whether cells are counted."""
        return self.area_km2 is not None

    def to_dict(self) -> dict[str, Any]:
        """Return the fields by name; on rungs without a surface the stations alone."""
        found = asdict(self)
        return found if self.has_surface else {name: found[name] for name in list(found)[:4]}


@dataclass(frozen=True, slots=True)
class Press:
    """The hour of the press: stations that the fastest train of the day links with a terminal, and
    their counties.
    """

    cutoff_min: int
    stations: int
    #: stations in the city proper, counted apart
    stations_in_city: int
    #: whole counties that hold a station, and their census people; None where no counties or people
    #: are known
    counties: int | None
    people: int | None


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
    """The interval around the headline at one cutoff: how its figures spread over draws of what is
    assumed.
    """

    cutoff_min: int
    n_draws: int
    seed: int
    #: percentiles 10 and 90 of each figure over the draws, by column of the tables; those known in
    #: every draw
    low: Mapping[str, float]
    high: Mapping[str, float]

    def get_ends(self, figure: str) -> tuple[float | None, float | None]:
        """Return low and high of a figure, ``people_outside_city`` for instance; None where it is
        not known.
        """
        return self.low.get(figure), self.high.get(figure)


@dataclass(frozen=True, slots=True)
class Corners:
    """The headline under the most cautious and the most generous of some combinations of its
    guesses.
    """

    cutoff_min: int
    kind: str
    central: Outcome
    low: Outcome
    high: Outcome

    def to_dict(self) -> dict[str, Any]:
        """Return the fields by name, outcomes as dictionaries."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class ReachTable:
    """People and km2 within the cutoffs: one row a cutoff and kind, with the columns of
    `places.reach_table`.
    """

    rows: tuple[dict[str, Any], ...]

    def __iter__(self) -> Iterator[dict[str, Any]]:
        return iter(self.rows)

    def at(self, cutoff_min: int) -> dict[str, dict[str, Any]]:
        """Return the rows of a cutoff by kind (see `places.inside_by_kind`); empty if there is
        none.
        """
        return {row["kind"]: row for row in self.rows if row["cutoff_min"] == cutoff_min}


@dataclass(frozen=True, slots=True)
class ReadingSummary:
    """What a circle is under one reading."""

    cutoffs: tuple[int, ...]
    definition_zh: list[str]
    definition_en: list[str]
    table: ReachTable
    #: the row by rail at the headline cutoff and the strict percentile
    strict: dict[str, Any]

    def to_dict(self) -> dict[str, Any]:
        """Return the fields by name, as plain values."""
        return {
            "cutoffs": list(self.cutoffs),
            "definition_zh": self.definition_zh,
            "definition_en": self.definition_en,
            "table": list(self.table),
            "strict": self.strict,
        }


class Deferred:
    """A function that is called at the first use alone; unlike `functools.cache` of one it can be
    pickled.
    """

    def __init__(self, make: Callable[[], Any]) -> None:
        self._make = make
        self._found = None

    def __call__(self) -> Any:
        """Return what the function returned."""
        if self._found is None:
            self._found = self._make()
        return self._found


#: names of run.json that are not those of the fields
_RECORDED = {
    "find_corners": "corners",
    "modes_without_service": "quiet_modes",
    "low_service_windows": "empty_windows",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """Every figure of a circle that run.json holds."""

    #: slug, name, name_en
    city: Mapping[str, str]
    network: str
    #: service day, ISO
    date: str
    reading: str
    direction: str
    headline_cutoff_min: int
    n_core_stations: int
    n_centres: int
    city_proper_counties: Sequence[str]
    #: who draws it so: a document, a rule or the user; empty where the network does not say
    city_proper_source: str
    people_label: str
    #: other columns than people: their sums on the land looked at, and outside it
    counted: Mapping[str, float]
    counted_elsewhere: Mapping[str, float]
    lines_by_headway: Sequence[str]
    modes_without_service: Sequence[Mapping[str, Any]]
    low_service_windows: Sequence[Mapping[str, Any]]
    #: terminals and stations in the circle with trips left out in reading (`doubts.left_out_rows`)
    left_out: Sequence[Mapping[str, Any]]
    #: people and arrivals an hour of a large city with few trains from outside
    #: (`network.sparse_service`), else None
    sparse_service: Mapping[str, Any] | None
    bridge: Bridge
    press: Press
    #: returns `corners`, computed at first use
    find_corners: Callable[[], Sequence[Corners]] = field(repr=False, compare=False)
    #: the interval at each of these cutoffs; none where no draws were asked for
    intervals: Sequence[Interval] = ()
    readings: Mapping[str, ReadingSummary]
    #: readings without a surface: no station is near a centre
    not_defined: Sequence[str]
    #: door to door to each employment centre alone, the main one first
    centres: Sequence[Mapping[str, Any]]
    #: people by rail far from the main centre, and the mean over the centres; None without door to
    #: door
    beyond: Mapping[str, Any] | None
    #: counties of the city proper without a centre or terminal, and their people by rail, who are
    #: not counted
    within_city: Mapping[str, Any] | None
    #: commuters that documents report for the city, beside what is reached
    #: (`observed.observed_rows`)
    observed: Sequence[Mapping[str, Any]]
    outside_boundaries_km2: float
    #: how stations meet the streets; None without streets
    streets: Mapping[str, Any] | None = None
    definition_hash: str

    @property
    def corners(self) -> Sequence[Corners]:
        """Most cautious and most generous assumptions, one a cutoff of the headline; `intervals`
        are those of draws.
        """
        return self.find_corners()

    def to_dict(self) -> dict[str, Any]:
        """Return the fields by the names of run.json, as plain values; no streets where there are
        none.
        """
        found = {field.name: getattr(self, field.name) for field in fields(self)}
        found |= {
            "bridge": self.bridge.to_dict(),
            "press": asdict(self.press),
            "find_corners": [corners.to_dict() for corners in self.corners],
            "intervals": [asdict(interval) for interval in self.intervals],
            "readings": {name: reading.to_dict() for name, reading in self.readings.items()},
        }
        plain = {_RECORDED.get(name, name): value for name, value in found.items()}
        if self.streets is None:
            del plain["streets"]
        return plain
