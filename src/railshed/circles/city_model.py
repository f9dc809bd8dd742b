"""One city on one compiled network under one set of assumptions, and its journeys.

Journeys are found per direction and per kind of leg: what lies between the platform in the city and
the end of the journey.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import product
from typing import Any

import numpy as np

from railshed.access.straight import Entrances
from railshed.access.street_access import FASTEST_KMH, StreetAccess
from railshed.access.streets import Streets
from railshed.assumptions.assumptions import EGRESS_MODES, Assumptions
from railshed.assumptions.readings import Reading
from railshed.cells.grid import Grid
from railshed.cells.network_cells import NetworkCells
from railshed.kernels.cell_distances import metres_between
from railshed.network.cities import Centre, City
from railshed.network.model import FEEDERS, degrees_of
from railshed.routing.directions import DIRECTIONS, Direction, directions_of
from railshed.routing.engine import AnyCompiled, AnyJourneys, without_trains
from railshed.routing.journeys import Compiled
from railshed.routing.profiles import MIN_BOUND_S, Window, early_s, search_span
from railshed.util.array_types import Bools, Ints64
from railshed.util.errors import InputError
from railshed.util.frames import columns_of
from railshed.util.units import DAY, HOUR, LATEST_S, UNREACHED

#: legs of journeys that end at a terminal (core station), and of those that count rides alone
ENDS_AT_TERMINALS = ("station", "door-to-station")
RIDES_ALONE = ("station", "ride-to-target")

#: the whole service day; trains home may run past midnight
DAY_WINDOW: Window = (0, DAY)

#: clock seconds and slack of the search of a day's journeys
DAY_SEARCH: tuple[Window, int] = ((0, LATEST_S), HOUR)


def fastest_between(compiled: AnyCompiled, start: int, end: int) -> int:
    """Return the seconds of the day's fastest way by rail between two stations, UNREACHED without
    one.
    """
    return int(
        compiled.profiles("to", {end: 0}, DAY_SEARCH[0], slack_s=DAY_SEARCH[1]).fastest()[start]
    )


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
    #: whether journeys may take intercity and suburban trains of a timetable
    trains: bool = True
    core: tuple[int, ...] = field(init=False)
    #: the way to and from doors without a train
    access: StreetAccess = field(init=False)
    #: access tables, made once (see `study_area.access_of`)
    made: dict[object, Any] = field(default_factory=dict, init=False, repr=False)
    #: by legs, direction, the egress modes they depend on, and search; shared by the variants of
    #: `with_modes`
    _found: dict[object, AnyJourneys] = field(default_factory=dict, init=False, repr=False)
    #: by direction, see `_ways_to_each`
    _ways: dict[Direction, tuple[Ints64, Ints64]] = field(
        default_factory=dict, init=False, repr=False
    )
    #: by direction, ends and trains; those of more ends serve for fewer
    _cuts: dict[tuple[Direction, frozenset[int], bool], Compiled] = field(
        default_factory=dict, init=False, repr=False
    )

    def __post_init__(self) -> None:
        index = self.compiled.network.station_index()
        missing = [s for s in self.city.core_station_ids if s not in index]
        if not self.city.core_station_ids:
            raise InputError(
                f"city {self.city.slug} of network {self.compiled.network.network_id}: "
                "core_stations.csv has no row of "
                f"it; add rows {self.city.slug},STATION_ID, one a station that a commuter to the "
                "city would use"
            )
        if missing:
            raise InputError(
                f"city {self.city.slug}: core station {', '.join(missing)} is not in network "
                f"{self.compiled.network.network_id}"
            )
        object.__setattr__(self, "core", tuple(index[s] for s in self.city.core_station_ids))
        object.__setattr__(self, "access", StreetAccess(self.assumptions, self.streets))

    def __getstate__(self) -> dict[str, Any]:
        """Return what another process needs: what is found once is found there, where cells have
        other numbers.
        """
        fresh = {
            "made": {},
            "_found": {},
            "_cuts": {},
            "access": StreetAccess(self.assumptions, self.streets),
        }
        return vars(self) | fresh

    @property
    def grid(self) -> Grid:
        """The grid of the network's cells."""
        return self.cells.grid

    def with_access(self, access_modes: Sequence[str], egress_modes: Sequence[str]) -> CityModel:
        """Return the case with other modes in use, see `with_modes`."""
        return self.with_modes(self.assumptions.with_access(*access_modes, egress=egress_modes))

    def with_modes(self, assumptions: Assumptions) -> CityModel:
        """Return the case with assumptions that differ in modes alone; both share journeys that use
        the same modes.
        """
        return (
            self
            if assumptions is self.assumptions
            else self._sharing("_found", "_cuts", assumptions=assumptions)
        )

    def has_modes_of(self, other: CityModel) -> bool:
        """Return whether `other` is this case, by `with_access`, with some of its modes alone."""
        mine = self.assumptions
        theirs = other.assumptions
        fewer = {*theirs.access_modes} <= {*mine.access_modes} and {*theirs.egress_modes} <= {
            *mine.egress_modes
        }
        same = theirs == replace(
            mine, access_modes=theirs.access_modes, egress_modes=theirs.egress_modes
        )
        return fewer and same and self._found is other._found

    def without_trains(self) -> CityModel | None:
        """Return the case without intercity and suburban trains; None where nothing else runs."""
        schedule = self.compiled.schedule
        if schedule is not None:
            trains = schedule.train_runs
            if not trains.any():
                return self
            return None if trains.all() else self._sharing("_ways", "_cuts", trains=False)
        compiled = without_trains(self.compiled, self.assumptions)
        if compiled is self.compiled:
            return self
        return None if compiled is None else replace(self, compiled=compiled)

    def _sharing(self, *names: str, **changes: Any) -> CityModel:
        """Return the case with changes, on which these of what is found once do not depend."""
        other = replace(self, **changes)
        for name in names:
            object.__setattr__(other, name, getattr(self, name))
        return other

    def counted_stations(self) -> Bools:
        """Return bool (n_stations,): where trains of the day call; where any trip does, if no train
        runs.
        """
        trains = self.compiled.train_stations()
        return trains if trains.any() else self.compiled.served_stations()

    @cached_property
    def has_prefectures(self) -> bool:
        """Whether it is known which counties are of the city's own prefecture and province, and
        which of others.
        """
        return (
            columns_of(self.compiled.network, "counties") is not None
            and self.city.prefecture_code != ""
        )

    def has_goal(self, legs: str) -> bool:
        """Return whether journeys with these legs end anywhere: to a centre they need a station
        near one.
        """
        return all(self.targets(legs, direction) for direction in directions_of("both"))

    def doors(self, stations: Sequence[int], feeder: str | None = None) -> Entrances:
        """Return station doors; `feeder` in place of the stations' own."""
        found = [self.compiled.network.stations[k] for k in stations]
        lon = np.array([s.lon for s in found])
        lat = np.array([s.lat for s in found])
        return Entrances(lon, lat, [feeder or s.feeder for s in found])

    def ends(self) -> list[tuple[float, float]]:
        """Return lon, lat of the core stations and centres: where journeys end."""
        stations = (self.compiled.network.stations[k] for k in self.core)
        return [*((s.lon, s.lat) for s in stations), *((c.lon, c.lat) for c in self.city.centres)]

    def centre_doors(self) -> Entrances:
        """Return the city's employment centres."""
        ends = self.city.centres
        return Entrances(
            np.array([c.lon for c in ends]),
            np.array([c.lat for c in ends]),
            [self.city.feeder] * len(ends),
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

        Journeys to a terminal end at the core stations. Journeys to a centre end at every station,
        train or metro, from which an egress mode leads there within its cap: none where the city
        has no centre, or no station near one.
        """
        ways = (
            dict.fromkeys(self.core, 0)
            if legs in ENDS_AT_TERMINALS
            else self.ways_to_centres(direction)
        )
        own = (
            np.zeros(len(ways), np.int64)
            if legs in RIDES_ALONE
            else self.station_s(list(ways), direction)
        )
        beyond = ways.values() if legs == "door-to-door" else [0] * len(ways)
        return {k: int(s) + way for k, s, way in zip(ways, own, beyond, strict=True)}

    def ways_to_centres(self, direction: Direction) -> dict[int, int]:
        """Return seconds between a station's door and the nearest centre, by station where there is
        a way.
        """
        if not self.city.centres:
            return {}
        near, ways = self._ways_to_each(direction)
        least = ways.min(axis=1)
        known = least != UNREACHED
        return dict(zip(near[known].tolist(), least[known].tolist(), strict=True))

    def _ways_to_each(self, direction: Direction) -> tuple[Ints64, Ints64]:
        """Return int64 (n,) stations near centres and int64 (n, n_centres) seconds from the door,
        UNREACHED if none.
        """
        way: Direction = (
            "to" if self.streets is None else direction
        )  # straight lines are the same there and back
        if way not in self._ways:
            near = self.near_centres()
            ways = self.access.between(self.doors(near), self.centre_doors(), towards=way == "to")
            self._ways[way] = np.array(near, np.int64), ways
        return self._ways[way]

    def without_targets(self, stations: Collection[int]) -> CityModel:
        """Return the case whose journeys to a centre end at none of these stations."""
        other = self._sharing("_cuts")
        for direction in DIRECTIONS:
            near, ways = self._ways_to_each(direction)
            left = ~np.isin(near, list(stations))
            other._ways[direction] = near[left], ways[left]
        return other

    def near_centres(self, since: int = 0, faster: float = 1.0) -> list[int]:
        """Return the stations from which a centre may be within the caps of the egress modes,
        `faster` times as fast.

        Of all stations, or of those from index `since` on.
        """
        network = self.compiled.network
        if not self.city.centres or since == network.n_stations:
            return []
        a = self.assumptions
        centres = self.centre_doors()
        every = [mode for f in FEEDERS for mode in a.city_modes(f)]
        along = self.streets is not None
        farthest = max(
            m.cap_s * (FASTEST_KMH if along and m.street_factor else m.speed_kmh) / 3.6
            for m in every
        )
        lon, lat = network.lon_lat if not since else degrees_of(network.stations[since:])
        metres = metres_between(centres.lon, centres.lat, lon, lat).min(axis=0)
        return (np.flatnonzero(metres <= farthest * faster) + since).tolist()

    def station_s(self, stations: Sequence[int] | Ints64, direction: Direction) -> Ints64:
        """Return int64 (n,) seconds between platform and door of city stations: exit *to* it, entry
        *from* it.
        """
        each = self.assumptions.exit_s if direction == "to" else self.assumptions.entry_s
        one_of_each, kinds = self.compiled.network.kinds_of_stations
        found: Ints64 = np.array([each(s) for s in one_of_each], np.int64)[
            kinds[np.asarray(stations, np.int64)]
        ]
        return found

    def home_s(self, legs: str, direction: Direction) -> Ints64:
        """Return int64 (n_stations,) seconds between the station door at home and the platform."""
        stations = np.arange(self.compiled.network.n_stations)
        if legs in RIDES_ALONE:
            return np.zeros(len(stations), np.int64)
        return self.station_s(stations, "from" if direction == "to" else "to")

    def journeys(self, legs: str, direction: Direction) -> AnyJourneys | None:
        """Return the day's journeys with these legs, found once; None where they end at
        no station.
        """
        return self._search(legs, direction, DAY_SEARCH)

    def journeys_of(self, reading: Reading, direction: Direction) -> AnyJourneys | None:
        """Return journeys of which the minutes of a reading are those of `journeys`; None where
        they end at no station.

        Those of the day where they are known, or where more may count than the search of the
        minutes finds.
        """
        search = self.searched(replace(reading, slack_s=max(reading.slack_s, HOUR)), direction)
        (low, high), (first, last) = (
            search_span(direction, *s, MIN_BOUND_S) for s in (search, DAY_SEARCH)
        )
        hours = reading.window != "day" and first <= low and high <= last
        if reading.turns_up(direction):
            caps = (mode.cap_s for feeder in FEEDERS for mode in self.assumptions.modes_at(feeder))
            hours &= (
                max(caps, default=0) + int(self.home_s(reading.legs, direction).max())
                <= MIN_BOUND_S
            )
        return self._search(reading.legs, direction, search if hours else DAY_SEARCH)

    def searched(
        self, reading: Reading, direction: Direction, bound_s: int = MIN_BOUND_S
    ) -> tuple[Window, int]:
        """Return clock seconds and slack of a search whose journeys within a bound a reading's
        minutes can use.
        """
        if self.compiled.schedule is None:
            return DAY_SEARCH
        span = self.window(reading, direction)
        if reading.turns_up(direction):
            span = (
                span[0],
                span[1] + 2 * bound_s,
            )  # to the platform, and from there: both within the bound
        return span, early_s(reading.slack_s, reading.early_weight, bound_s)

    def _search(
        self, legs: str, direction: Direction, search: tuple[Window, int]
    ) -> AnyJourneys | None:
        """Return the journeys of a search, or those of the day where they are known."""
        egress = (
            () if legs in ENDS_AT_TERMINALS else tuple(map(self.assumptions.city_modes, FEEDERS))
        )
        key = (legs, direction, egress)
        known = next(
            (self._found[key, s] for s in (DAY_SEARCH, search) if (key, s) in self._found), None
        )
        if known is not None or not (targets := self.targets(legs, direction)):
            return known
        schedule = self.compiled.schedule
        compiled = self.compiled if schedule is None else self._within_reach(schedule, direction)
        found = self._found[key, search] = compiled.profiles(
            direction, targets, search[0], slack_s=search[1], max_transfers=self.max_transfers
        )
        return found

    def _within_reach(self, schedule: Compiled, direction: Direction) -> Compiled:
        """Return the part of the timetable that journeys within the bound to any end of the city
        may use.

        It is that of the ends of all egress modes, so that one part serves all variants of a city.
        """
        ends = frozenset({*self.core, *self.ways_to_centres(direction)})
        known = next(
            (k for way, k, trains in list(self._cuts) if way == direction and trains and ends <= k),
            None,
        )
        if known is None:
            every = self.assumptions.with_access(
                *self.assumptions.access_modes, egress=EGRESS_MODES
            )
            known = ends | frozenset(replace(self, assumptions=every).near_centres())
            self._cuts[direction, known, True] = schedule.cut(direction, dict.fromkeys(known, 0))
        if (direction, known, self.trains) not in self._cuts:
            whole = self._cuts[direction, known, True]
            self._cuts[direction, known, False] = whole.without_runs(direction, schedule.train_runs)
        return self._cuts[direction, known, self.trains]

    def with_centre(self, centre: Centre) -> CityModel:
        """Return the case with one of its centres alone."""
        other = self._sharing("_cuts", city=replace(self.city, centres=(centre,)))
        column = [self.city.centres.index(centre)]
        for direction in DIRECTIONS:
            near, ways = self._ways_to_each(direction)
            other._ways[direction] = near, ways[:, column]
        return other


def fastest_seconds(case: CityModel, directions: Sequence[Direction]) -> Ints64:
    """Return int64 (n_stations,) of the day's fastest rides to any end: UNREACHED beyond the bound,
    0 at core.
    """
    best = np.full(case.compiled.network.n_stations, UNREACHED, np.int64)
    for legs, direction in product(RIDES_ALONE, directions):
        journeys = case.journeys(legs, direction)
        if journeys is not None:
            best = np.minimum(best, journeys.fastest())
    best[list(case.core)] = 0
    return best
