"""A network prepared for the circles of many cities, and what their definition hangs on."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from railshed.access.streets import Streets
from railshed.assumptions.assumptions import Assumptions, default_assumptions
from railshed.assumptions.distributions import MOST_DRAWS
from railshed.assumptions.readings import TO_TERMINALS, Reading, get_reading, load_readings
from railshed.assumptions.waits import Waits
from railshed.cells.network_cells import NetworkCells, Points
from railshed.cells.opportunities import Opportunities
from railshed.circles.city_model import CityModel, fastest_seconds
from railshed.circles.part import is_large, part_within_reach
from railshed.network.cities import City
from railshed.network.model import FEEDERS, Network
from railshed.routing.directions import directions_of
from railshed.routing.engine import AnyCompiled, compile_any
from railshed.util import validation as kinds
from railshed.util.errors import ParameterError
from railshed.util.units import MINUTE

if TYPE_CHECKING:
    import networkx as nx


#: raised whenever a figure changes for the same input; the CHANGELOG says what and why
RESULTS_VERSION = 4

DIRECTIONS = ("to", "from", "both")

LARGEST_CUTOFF_MIN = 120

MOST_TRANSFERS = 12

_MARGIN_DEG = 0.1
#: up to so many cities, cells are found city by city
_FEW_CITIES = 3


@dataclass(frozen=True, eq=False)
class AnalysisInputs:
    """A network compiled once with the assumptions, ready for the circles of many cities."""

    compiled: AnyCompiled
    assumptions: Assumptions
    readings: Mapping[str, Reading]
    #: cells of the network, shared with its scenarios
    cells: NetworkCells
    max_transfers: int | None = None
    #: streets that access and egress use where they reach
    streets: Streets | None = None
    #: people and other columns in place of the network's own
    opportunities: Opportunities | None = None
    #: metres by which drawn edges are smoothed and simplified
    smooth_m: float = 0.0
    simplify_m: float = 0.0
    #: whether circles with too many trips left out are computed; None: with a warning
    allow_loss: bool | None = None

    def changed(self, **changes: Any) -> Self:
        """Return the inputs with some fields replaced."""
        fields = {name: getattr(self, name) for name in self.__dataclass_fields__}
        new = object.__new__(type(self))
        vars(new).update(vars(AnalysisInputs(**fields | changes)))
        return new

    def __repr__(self) -> str:
        return (
            f"<{type(self).__name__} of {self.compiled.network.network_id!r} {self.compiled.date}>"
        )


def network_of(value: Any) -> Network:
    """Return a network, or the one that an id or a path means."""
    if isinstance(value, Network):
        return value
    if isinstance(value, str | os.PathLike):
        from railshed.io.networks import load_network

        return load_network(os.fspath(value))
    raise ValueError("allowed is a Network, or an id or a path as load_network takes them")


def network_or_run(value: Any) -> Network | AnalysisInputs:
    """Return what `prepare` made of a network, or a network as `network_of`."""
    return value if isinstance(value, AnalysisInputs) else network_of(value)


def city_of(value: Any) -> str | City:
    """Return a city or what it is called."""
    if not isinstance(value, str | City):
        raise ValueError("allowed is a slug, a name, or a City, e.g. of city_at")
    return value


def streets_of(value: Any) -> Streets:
    """Return streets, those of files, or of a graph of osmnx."""
    if isinstance(value, Streets):
        return value
    if isinstance(value, str | os.PathLike | list | tuple) or hasattr(value, "is_multigraph"):
        from railshed.io.streets.read import read_streets

        return read_streets(value if hasattr(value, "is_multigraph") else kinds.files(value))
    raise ValueError(
        "allowed is what read_streets gives, a path as it takes them, or a graph of osmnx"
    )


def _opportunities_of(value: Any) -> Opportunities:
    if isinstance(value, Opportunities):
        return value
    if isinstance(value, str | os.PathLike | list | tuple):
        from railshed.io.opportunities.read import read_opportunities

        return read_opportunities(kinds.files(value))
    raise ValueError("allowed is what read_opportunities gives, or a path as it takes them")


#: arguments of a run by what they may be, for `arguments.checked`
RUN_KINDS: dict[str, kinds.Kind] = {
    "access": kinds.optional(kinds.words),
    "assumptions": kinds.optional(
        kinds.instance(Assumptions, hint="default_assumptions(...) gives one")
    ),
    "readings": kinds.optional(kinds.path),
    "date": kinds.optional(kinds.day),
    "max_transfers": kinds.optional(kinds.whole(0, MOST_TRANSFERS)),
    "waits": kinds.optional(kinds.instance(Waits, str, hint="half-headway or sampled")),
    "egress": kinds.optional(kinds.words),
    "streets": kinds.optional(streets_of),
    "population": kinds.optional(_opportunities_of),
    "cell_size_m": kinds.optional(kinds.whole(50, 5_000)),
    "smooth_m": kinds.number(0, 10_000),
    "simplify_m": kinds.number(0, 10_000),
    "allow_loss": kinds.optional(kinds.flag),
}

#: arguments of circles
_CIRCLE_KINDS: dict[str, kinds.Kind] = {
    "network": network_or_run,
    "run": kinds.instance(AnalysisInputs, hint="prepare(network) gives one"),
    "city": city_of,
    "cities": kinds.many(city_of),
    "cutoffs": kinds.optional(kinds.many(kinds.whole(1, LARGEST_CUTOFF_MIN))),
    "cutoff_min": kinds.whole(1, LARGEST_CUTOFF_MIN),
    "reading": kinds.text,
    "direction": kinds.one_of(*DIRECTIONS),
    "workers": kinds.optional(kinds.whole(1)),
    "executor": kinds.optional(kinds.instance(Executor, hint="of concurrent.futures, or of Dask")),
    "draws": kinds.whole(0, MOST_DRAWS),
    "seed": kinds.whole(),
}


def circle_kinds(*names: str) -> dict[str, kinds.Kind]:
    """Return the kinds of some arguments of circles."""
    return {name: _CIRCLE_KINDS[name] for name in names}


@kinds.checked(network=network_of, cities=kinds.optional(kinds.many(city_of)), **RUN_KINDS)
def prepare(
    network: Network | str | Path,
    *,
    access: Sequence[str] | None = None,
    assumptions: Assumptions | None = None,
    readings: str | Path | None = None,
    date: dt.date | str | None = None,
    max_transfers: int | None = None,
    waits: Waits | str | None = None,
    egress: Sequence[str] | None = None,
    streets: Streets | str | Path | nx.Graph | None = None,
    population: Opportunities | str | Path | None = None,
    cell_size_m: int | None = None,
    smooth_m: float = 0.0,
    simplify_m: float = 0.0,
    allow_loss: bool | None = None,
    cities: Sequence[str | City] | None = None,
) -> AnalysisInputs:
    """Return the network compiled for circles; parameters and errors as `railshed.Analysis`."""
    assert isinstance(network, Network)
    assert not isinstance(date, str)
    assert streets is None or isinstance(streets, Streets)
    assert population is None or isinstance(population, Opportunities)
    base = assumptions or default_assumptions(network.assumptions)
    if access is not None or egress is not None:
        base = base.with_access(*(base.access_modes if access is None else access), egress=egress)
    if cell_size_m is not None:
        base = replace(base, cell_size_m=cell_size_m)
    if cities is not None and is_large(network):
        chosen = [city if isinstance(city, City) else network.get_city(city) for city in cities]
        network = part_within_reach(
            network, chosen, base, date or network.date, along=streets is not None
        )
    compiled = compile_any(network, base, date=date, waits=waits)
    known = load_readings(readings)
    points = None if streets is not None else points_of(network, base, known.values())
    cells = NetworkCells(network, base.cell_size_m, points)
    return AnalysisInputs(
        compiled=compiled,
        assumptions=base,
        readings=known,
        cells=cells,
        max_transfers=max_transfers,
        streets=streets,
        opportunities=population,
        smooth_m=smooth_m,
        simplify_m=simplify_m,
        allow_loss=allow_loss,
    )


def points_of(network: Network, assumptions: Assumptions, readings: Iterable[Reading]) -> Points:
    """Return the points and radii of all circles: stations with a taxi's, ends of cities with that
    without a ride.
    """
    stations = network.stations
    index = network.station_index()
    widest = assumptions.with_access(*assumptions.access_modes, "drive")
    by_feeder = {
        f: max((m.reach_m(m.cap_s) for m in widest.modes_at(f)), default=0.0) for f in FEEDERS
    }
    limit_s = limit_of({reading.name: reading.cutoffs for reading in readings})
    by_door = {f: max(m.reach_m(limit_s) for m in assumptions.door_modes(f)) for f in FEEDERS}
    around = [((s.lon, s.lat), by_feeder[s.feeder]) for s in stations]
    for city in network.cities:
        core = [stations[index[s]] for s in city.core_station_ids if s in index]
        around += [
            ((end.lon, end.lat), by_door[city.feeder])
            for ends in (core, city.centres)
            for end in ends
        ]
    radius: dict[tuple[float, float], float] = {}
    for point, metres in around:
        radius[point] = max(radius.get(point, 0.0), metres)
    points = np.array(sorted(radius), float).reshape(-1, 2)
    return (
        points[:, 0].copy(),
        points[:, 1].copy(),
        np.array([radius[point] for point in sorted(radius)], float),
    )


def case_of(run: AnalysisInputs, city: str | City) -> CityModel:
    """Return a city on the run's network; streets that reach none of its ends are refused."""
    found = city if isinstance(city, City) else run.compiled.network.get_city(city)
    case = CityModel(
        run.compiled, found, run.assumptions, run.cells, run.max_transfers, run.streets
    )
    if run.streets is not None and not any(run.streets.covers(*point) for point in case.ends()):
        run.streets.require_area(*run.compiled.network.anchor(found), f"{found.label}")
    return case


def cases_of(run: AnalysisInputs, cities: Sequence[str | City]) -> list[CityModel]:
    """Return cities on the run's network; the cells of many are found together."""
    if len(cities) > _FEW_CITIES:
        run.cells.find_together()
    return [case_of(run, city) for city in cities]


def run_of(
    network: Network | AnalysisInputs | str | Path, *, cities: Any = None, **inputs: Any
) -> AnalysisInputs:
    """Return what `prepare` made, or makes of a network and `inputs`, which are refused together
    with the former.
    """
    if not isinstance(network, AnalysisInputs):
        return prepare(network, cities=cities, **inputs)
    given = [name for name, value in inputs.items() if value is not None]
    if given:
        raise ParameterError(
            f"{', '.join(given)}: the network is prepared already; give it to prepare"
        )
    return network


def cutoffs_of(run: AnalysisInputs, cutoffs: Sequence[int] | None) -> dict[str, tuple[int, ...]]:
    """Return the cutoffs by reading."""
    own = None if cutoffs is None else tuple(sorted(set(cutoffs)))
    return {name: own or r.cutoffs for name, r in run.readings.items()}


def limit_of(cutoffs: Mapping[str, tuple[int, ...]]) -> int:
    """Return the seconds within which land is looked for: all cutoffs, the bridge's last rung, the
    range.
    """
    return max(*(max(own) for own in cutoffs.values()), 90, HEADLINE_CUTOFF_MIN + 5) * MINUTE


@dataclass(frozen=True, slots=True)
class Definition:
    """All that a figure of a city is defined by: an option that changes a number is a field here.

    The window, employment centres, terminals and counties are those of the city; percentiles, early
    minutes and legs those of the readings; modes and times in stations those of the assumptions.
    """

    #: name of the headline reading
    reading: str
    direction: str
    #: minutes of the headline reading
    cutoffs: tuple[int, ...]
    readings: Mapping[str, Reading]
    assumptions: Assumptions
    city: City
    date: dt.date
    max_transfers: int | None
    #: fingerprints of the timetable, and of streets and people of one's own
    timetable: str
    streets: str | None
    population: str | None

    @property
    def hash(self) -> str:
        """The first 16 hex digits of the SHA-256 of the definition and the version of results."""
        city = asdict(self.city)
        del city["proper_source"]  # says who names the counties, and defines no figure
        plain = {
            "results_version": RESULTS_VERSION,
            "reading": self.reading,
            "direction": self.direction,
            "cutoffs": list(self.cutoffs),
            "readings": {name: asdict(reading) for name, reading in self.readings.items()},
            "assumptions": asdict(self.assumptions),
            "city": city,
            "date": self.date.isoformat(),
            "max_transfers": self.max_transfers,
            "timetable": self.timetable,
            "streets": self.streets,
            "population": self.population,
        }
        text = json.dumps(plain, sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(text.encode("utf-8")).hexdigest()[:16]


def definition_of(
    case: CityModel, run: AnalysisInputs, reading: Reading, direction: str, cutoffs: Sequence[int]
) -> Definition:
    """Return the definition of a city's figures; `cutoffs` are those of the headline `reading`."""
    return Definition(
        reading=reading.name,
        direction=direction,
        cutoffs=tuple(cutoffs),
        readings=run.readings,
        assumptions=run.assumptions,
        city=case.city,
        date=case.compiled.date,
        max_transfers=run.max_transfers,
        timetable=case.compiled.fingerprint(),
        streets=None if run.streets is None else run.streets.fingerprint(),
        population=None if run.opportunities is None else run.opportunities.fingerprint(),
    )


@kinds.checked(**circle_kinds("run", "cities", "direction", "cutoffs"))
def study_area(
    run: AnalysisInputs,
    cities: Sequence[str | City],
    *,
    direction: str = "to",
    cutoffs: Sequence[int] | None = None,
    others: Sequence[AnalysisInputs] = (),
    points: Sequence[tuple[float, float]] = (),
) -> tuple[float, float, float, float]:
    """Return west, south, east, north in degrees of all that the circles of these cities may reach,
    also by car.

    With a margin of a tenth of a degree: a pixel of people at the edge lies whole within it. Across
    180 degrees east all longitudes are returned.

    Parameters
    ----------
    others
        The run on other networks that these circles are compared with, which may reach farther.
    points
        Further ends of trains, longitude and latitude.
    """
    limit_s = limit_of(cutoffs_of(run, cutoffs))
    chosen = [
        city if isinstance(city, City) else run.compiled.network.get_city(city) for city in cities
    ]
    boxes = []
    for one in (run, *others):
        listed = {city.slug: city for city in one.compiled.network.cities} if one is not run else {}
        for case in (case_of(one, listed.get(city.slug, city)) for city in chosen):
            near = np.flatnonzero(
                fastest_seconds(case, directions_of(direction)) <= limit_s
            ).tolist()
            doors = case.doors(near)
            here = [*case.ends(), *points]
            lon, lat = (
                np.append(at, [p[k] for p in here]) for k, at in enumerate((doors.lon, doors.lat))
            )
            boxes.append(_box_around(case, lon, lat, limit_s))
    west, south, east, north = (
        ends(v) for ends, v in zip((min, min, max, max), zip(*boxes, strict=True), strict=True)
    )
    west, east = (west, east) if west >= -180 and east <= 180 else (-180.0, 180.0)
    return west, max(south, -90.0), east, min(north, 90.0)


def _box_around(
    case: CityModel, lon: Any, lat: Any, limit_s: int
) -> tuple[float, float, float, float]:
    """Return degrees around ends of trains and journeys, beyond 180 where that is within reach."""
    metres = max(
        case.access.farthest_m(limit_s),
        *(car.reach_m(limit_s) for car in case.assumptions.cars.values()),
    )
    x, y = case.grid.project(lon, lat)
    edges = (
        np.array([x.min() - metres, x.max() + metres]),
        np.array([y.min() - metres, y.max() + metres]),
    )
    lon, lat = case.grid.unproject(*(a.ravel() for a in np.meshgrid(*edges)))
    around = case.grid.unwrapped(lon)
    west, south, east, north = (
        float(v) for v in (around.min(), lat.min(), around.max(), lat.max())
    )
    return west - _MARGIN_DEG, south - _MARGIN_DEG, east + _MARGIN_DEG, north + _MARGIN_DEG


#: the cutoffs of the headline; what shows one shows the first
HEADLINE_CUTOFFS = (60, 90)
HEADLINE_CUTOFF_MIN = HEADLINE_CUTOFFS[0]


def headlines_of(cutoffs: Sequence[int]) -> tuple[int, ...]:
    """Return the cutoffs of the headline: 60 and 90 minutes where they are among these, else the
    largest.
    """
    return tuple(c for c in HEADLINE_CUTOFFS if c in cutoffs) or (max(cutoffs),)


def headline_of(cutoffs: Sequence[int]) -> int:
    """Return the first cutoff of the headline."""
    return headlines_of(cutoffs)[0]


def defined_reading(run: AnalysisInputs, case: CityModel, name: str) -> Reading:
    """Return the reading of this name; door to station where its journeys end at no station near a
    centre.

    Raises NotFoundError for an unknown reading, with the nearest names.
    """
    found = get_reading(name, run.readings)
    return found if case.has_goal(found.legs) else run.readings[TO_TERMINALS]


def shown_reading(run: AnalysisInputs, case: CityModel, name: str) -> Reading:
    """Return the reading as `defined_reading`; door to station where it counts rides alone and has
    no surface.
    """
    found = defined_reading(run, case, name)
    return found if found.legs != "station" else run.readings[TO_TERMINALS]
