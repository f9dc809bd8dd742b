"""One city on one compiled network under one set of assumptions, and its journeys.

Journeys are found per direction and per kind of leg: what lies between the platform in the city and the end of the
journey.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from itertools import product
from typing import Any

import numpy as np

from railshed.access.straight import Entrances
from railshed.access.street_access import FASTEST_KMH, StreetAccess
from railshed.access.streets import Streets
from railshed.assumptions.assumptions import Assumptions
from railshed.assumptions.readings import Reading
from railshed.cells.grid import Grid
from railshed.cells.network_cells import NetworkCells
from railshed.kernels.cell_distances import metres_between
from railshed.network.cities import Centre, City
from railshed.network.model import FEEDERS, degrees_of
from railshed.routing.directions import Direction, directions_of
from railshed.routing.engine import AnyCompiled, AnyJourneys, without_trains
from railshed.routing.profiles import Window
from railshed.util.array_types import Bools, Ints64
from railshed.util.errors import InputError
from railshed.util.units import DAY, HOUR, UNREACHED

#: legs of journeys that end at a terminal (core station), and of those that count rides alone
ENDS_AT_TERMINALS = ("station", "door-to-station")
RIDES_ALONE = ("station", "ride-to-target")

#: the whole service day; trains home may run past midnight
DAY_WINDOW: Window = (0, DAY)


@dataclass(frozen=True, eq=False)
class CityModel:
    """One city, one compiled network, one set of assumptions."""

    compiled: AnyCompiled
    city: City
    assumptions: Assumptions
    #: the network's cells, the same for every city and scenario
    cells: NetworkCells
    max_transfers: int | None = None
    #: street network that access and egress use where it reaches; None: straight lines
    streets: Streets | None = None
    core: tuple[int, ...] = field(init=False)
    #: the way to and from doors without a train
    access: StreetAccess = field(init=False)
    #: access tables, made once (see `study_area.access_of`)
    made: dict[object, Any] = field(default_factory=dict, init=False, repr=False)
    #: by legs, direction and the egress modes they depend on; shared by the variants of `with_access`
    _found: dict[object, AnyJourneys] = field(default_factory=dict, init=False, repr=False)
    #: by direction and first station: seconds between stations and the nearest centre
    _ways: dict[tuple[Direction, int], dict[int, int]] = field(default_factory=dict, init=False, repr=False)
    #: by direction: seconds between doors and platforms of all stations
    _home_s: dict[Direction, Ints64] = field(default_factory=dict, init=False, repr=False)
    #: by direction and ends, those of more ends serving for fewer
    _cuts: dict[tuple[Direction, frozenset[int]], AnyCompiled] = field(default_factory=dict, init=False, repr=False)

    def __post_init__(self) -> None:
        index = self.compiled.network.station_index()
        missing = [s for s in self.city.core_station_ids if s not in index]
        if not self.city.core_station_ids:
            raise InputError(
                f"city {self.city.slug} of network {self.compiled.network.network_id}: core_stations.csv has no row of "
                f"it; add rows {self.city.slug},STATION_ID, one a station that a commuter to the city would use"
            )
        if missing:
            raise InputError(
                f"city {self.city.slug}: core station {', '.join(missing)} is not in network "
                f"{self.compiled.network.network_id}"
            )
        object.__setattr__(self, "core", tuple(index[s] for s in self.city.core_station_ids))
        object.__setattr__(self, "access", StreetAccess(self.assumptions, self.streets))

    @property
    def grid(self) -> Grid:
        """The grid of the network's cells."""
        return self.cells.grid

    def with_access(self, access_modes: Sequence[str], egress_modes: Sequence[str]) -> CityModel:
        """Return the case with other modes; journeys that do not depend on them are found once for both."""
        assumptions = self.assumptions.with_access(*access_modes, egress=egress_modes)
        other = CityModel(self.compiled, self.city, assumptions, self.cells, self.max_transfers, self.streets)
        object.__setattr__(other, "_found", self._found)
        object.__setattr__(other, "_cuts", self._cuts)
        return other

    def without_trains(self) -> CityModel | None:
        """Return the case without intercity and suburban trains; None where nothing else runs."""
        compiled = without_trains(self.compiled, self.assumptions)
        if compiled is self.compiled:
            return self
        return None if compiled is None else replace(self, compiled=compiled)

    def counted_stations(self) -> Bools:
        """Return bool (n_stations,): where trains of the day call; where any trip does, if no train runs."""
        trains = self.compiled.train_stations()
        return trains if trains.any() else self.compiled.served_stations()

    def has_goal(self, legs: str) -> bool:
        """Return whether journeys with these legs end anywhere: to a centre they need a station near one."""
        return all(self.targets(legs, direction) for direction in directions_of("both"))

    def doors(self, stations: Sequence[int], feeder: str | None = None) -> Entrances:
        """Return station doors; `feeder` in place of the stations' own."""
        found = [self.compiled.network.stations[k] for k in stations]
        lon, lat = np.array([s.lon for s in found]), np.array([s.lat for s in found])
        return Entrances(lon, lat, [feeder or s.feeder for s in found])

    def ends(self) -> list[tuple[float, float]]:
        """Return lon, lat of the core stations and centres: where journeys end."""
        stations = (self.compiled.network.stations[k] for k in self.core)
        return [*((s.lon, s.lat) for s in stations), *((c.lon, c.lat) for c in self.city.centres)]

    def centre_doors(self) -> Entrances:
        """Return the city's employment centres."""
        ends = self.city.centres
        return Entrances(
            np.array([c.lon for c in ends]), np.array([c.lat for c in ends]), [self.city.feeder] * len(ends)
        )

    def window(self, reading: Reading, direction: Direction) -> Window:
        """Return the minutes the reading asks for, clock seconds."""
        if reading.window == "day":
            return DAY_WINDOW
        span = self.city.window_to if direction == "to" else self.city.window_from
        if reading.random_departure and direction == "to":
            return span[0] - HOUR, span[1] - HOUR
        return span

    def targets(self, legs: str, direction: Direction) -> dict[int, int]:
        """Return seconds between platform and journey's end by station where journeys end.

        Journeys to a terminal end at the core stations. Journeys to a centre end at every station, train or metro, from
        which an egress mode leads there within its cap: none where the city has no centre, or no station near one.
        """
        ways = dict.fromkeys(self.core, 0) if legs in ENDS_AT_TERMINALS else self.ways_to_centres(direction)
        own = np.zeros(len(ways), np.int64) if legs in RIDES_ALONE else self.station_s(list(ways), direction)
        beyond = ways.values() if legs == "door-to-door" else [0] * len(ways)
        return {k: int(s) + way for k, s, way in zip(ways, own, beyond, strict=True)}

    def ways_to_centres(self, direction: Direction, since: int = 0) -> dict[int, int]:
        """Return seconds between a station's door and the nearest centre, by station where there is a way.

        Of all stations, or of those from index `since` on.
        """
        if not self.city.centres:
            return {}
        if (direction, since) not in self._ways:
            near = self.near_centres(since)
            ways = self.access.between(self.doors(near), self.centre_doors(), towards=direction == "to").min(axis=1)
            found = {k: way for k, way in zip(near, ways.tolist(), strict=True) if way != UNREACHED}
            self._ways[direction, since] = found
        return self._ways[direction, since]

    def without_targets(self, stations: Collection[int]) -> CityModel:
        """Return the case whose journeys to a centre end at none of these stations."""
        other = replace(self)
        for direction in directions_of("both"):
            ways = self.ways_to_centres(direction)
            other._ways[direction, 0] = {k: way for k, way in ways.items() if k not in stations}
        return other

    def near_centres(self, since: int = 0, faster: float = 1.0) -> list[int]:
        """Return the stations from which a centre may be within the caps of the egress modes, `faster` times as fast.

        Of all stations, or of those from index `since` on.
        """
        a, centres, network = self.assumptions, self.centre_doors(), self.compiled.network
        every = [mode for f in FEEDERS for mode in a.city_modes(f)]
        along = self.streets is not None
        farthest = max(m.cap_s * (FASTEST_KMH if along and m.street_factor else m.speed_kmh) / 3.6 for m in every)
        lon, lat = network.lon_lat if not since else degrees_of(network.stations[since:])
        metres = metres_between(centres.lon, centres.lat, lon, lat).min(axis=0)
        return (np.flatnonzero(metres <= farthest * faster) + since).tolist()

    def station_s(self, stations: Sequence[int], direction: Direction) -> Ints64:
        """Return int64 (n,) seconds between platform and door of city stations: exit *to* it, entry *from* it."""
        each = self.assumptions.exit_s if direction == "to" else self.assumptions.entry_s
        return np.array([each(self.compiled.network.stations[k]) for k in stations], dtype=np.int64)

    def home_s(self, legs: str, direction: Direction) -> Ints64:
        """Return int64 (n_stations,) seconds between the station door at home and the platform."""
        n_stations = self.compiled.network.n_stations
        if legs in RIDES_ALONE:
            return np.zeros(n_stations, np.int64)
        if direction not in self._home_s:
            self._home_s[direction] = self.station_s(range(n_stations), "from" if direction == "to" else "to")
        return self._home_s[direction].copy()

    def journeys(self, legs: str, direction: Direction) -> AnyJourneys | None:
        """Return the day's journeys with these legs, found once; None where they end at no station."""
        key = (legs, direction, () if legs in ENDS_AT_TERMINALS else self.assumptions.egress_modes)
        if key not in self._found:
            targets = self.targets(legs, direction)
            if not targets:
                return None
            self._found[key] = self._within_reach(direction).profiles(
                direction, targets, (0, 28 * HOUR), slack_s=HOUR, max_transfers=self.max_transfers
            )
        return self._found[key]

    def _within_reach(self, direction: Direction) -> AnyCompiled:
        """Return the part of the network that journeys within the bound to any end of the city may use."""
        schedule = self.compiled.schedule
        if schedule is None:
            return self.compiled
        ends = frozenset({*self.core, *self.ways_to_centres(direction)})
        for (way, known), found in self._cuts.items():
            if way == direction and ends <= known:
                return found
        cut = schedule.cut(direction, sorted(ends))
        self._cuts[direction, ends] = cut
        return cut

    def with_centre(self, centre: Centre) -> CityModel:
        """Return the case with one of its centres alone."""
        other = replace(self, city=replace(self.city, centres=(centre,)))
        object.__setattr__(other, "_cuts", self._cuts)
        return other


def fastest_seconds(case: CityModel, directions: Sequence[Direction]) -> Ints64:
    """Return int64 (n_stations,) of the day's fastest rides to any end: UNREACHED beyond the bound, 0 at core."""
    best = np.full(case.compiled.network.n_stations, UNREACHED, np.int64)
    for legs, direction in product(RIDES_ALONE, directions):
        journeys = case.journeys(legs, direction)
        if journeys is not None:
            best = np.minimum(best, journeys.fastest())
    best[list(case.core)] = 0
    return best
