"""Which places are within a cutoff on how many of many drawn days: each draw is a whole run under its own assumptions.

What a draw changes decides what is computed again. Speeds and waits on the way to a door change the seconds of pairs
that are known (`access_paths`); the time in a home station is added to them. The time in a station in the city and the
way on from it are part of every journey's end, so journeys are searched again: at 0.3 to 3 ms a search of a window that
costs less than one profile for each station there and their merging. Delays change the timetable: it is sorted and
searched again. With no variance the same functions see the same numbers, so the result is the deterministic one to
the bit.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, partial

import numpy as np

from railshed.access.straight import Access, Entrances
from railshed.assumptions.assumptions import Mode
from railshed.assumptions.distributions import Distribution
from railshed.assumptions.readings import Reading
from railshed.cells.cell_keys import cell_keys
from railshed.circles.city_model import ENDS_AT_TERMINALS, CityModel
from railshed.circles.study_area import Cells, StudyArea, land_of
from railshed.circles.surface import CellMinutes, blocks_of
from railshed.routing.directions import Direction
from railshed.routing.engine import AnyJourneys
from railshed.routing.journeys import Compiled
from railshed.routing.profiles import MIN_BOUND_S, early_s, percentile_ranks
from railshed.uncertainty.access_paths import PathTable, Reach, Speeds, paths_between, paths_to_cells
from railshed.uncertainty.train_delays import delayed, families_of, run_ids
from railshed.util.array_types import Bools, Floats, Ints32, Ints64
from railshed.util.parallel import map_in_threads
from railshed.util.units import HOUR, UNREACHED

#: draws whose delays are in memory at once
BLOCK_DRAWS = 64
#: bytes of delays that are cached, not drawn again
_CACHED_BYTES = 1 << 26
#: walks to the streets at both ends take no longer
_WALKS_S = 1_800
_SPEED_ROWS = {
    "walk": "walk_speed", "bike": "bike_speed", "shared-bicycle": "bike_speed", "feeder": "feeder_speed",
    "drive": "drive_speed", "park-and-ride": "drive_speed", "kiss-and-ride": "drive_speed",
}  # fmt: skip
_WAIT_ROWS = {"feeder": "feeder_wait"}


def _row_of(mode: Mode, rows: Mapping[str, str]) -> str | None:
    return rows.get(mode.name.split(":")[0])


@dataclass(frozen=True, eq=False)
class Chance:
    """The distributions of a run, and the values drawn from them. Draw 0 is the central one, with nothing drawn."""

    rows: Mapping[str, Distribution]
    seed: int
    n_draws: int
    #: city-wide values are drawn by it
    city: str
    #: delays by draws, cached where they are few
    _late: dict[range, Ints32] = field(default_factory=dict, repr=False)

    def factors(self, row: str, ids: Sequence[str]) -> Floats:
        """Return float64 (1 + n_draws, n_ids): the factors of each draw, those of draw 0 being 1."""
        distribution = self.rows[row]
        names = [self.city] if distribution.per == "city" else ids
        values = distribution.draw(self.seed, names, range(self.n_draws)).T
        values = np.concatenate([np.ones((1, values.shape[1])), values])
        return np.broadcast_to(values, (len(values), len(ids))) if distribution.per == "city" else values

    @cached_property
    def delays(self) -> list[Distribution]:
        """The delays that are not always zero."""
        return [row for row in self.rows.values() if row.is_delay and row.varies]

    def late_s(self, compiled: Compiled, draws: range) -> Ints32:
        """Return int32 (n_draws, n_runs) seconds by which each run is late in each of the draws."""
        if draws in self._late:
            return self._late[draws]
        late = np.zeros((len(draws), compiled.n_runs), np.int32)
        families, ids = np.array(families_of(compiled)), run_ids(compiled)
        for row in self.delays:
            mine = np.flatnonzero(families == row.name.removeprefix("delay:"))
            names = [ids[k] for k in mine.tolist()]
            late[:, mine] = row.draw(self.seed, names, range(draws.start - 1, draws.stop - 1)).T
        if self.n_draws * compiled.n_runs * late.itemsize <= _CACHED_BYTES:
            self._late[draws] = late
        return late


@dataclass(frozen=True, eq=False)
class SampledDoors:
    """Entrances with the factors of every draw."""

    doors: Entrances
    ids: Sequence[str]
    chance: Chance
    _known: dict[str, Floats] = field(default_factory=dict, repr=False)

    def factors(self, row: str | None) -> Floats:
        """Return float64 (1 + n_draws, n_doors); ones where there is no row."""
        name = row or ""
        if name not in self._known:
            ones = np.broadcast_to(1.0, (1 + self.chance.n_draws, len(self.ids)))
            self._known[name] = ones if row is None else self.chance.factors(row, self.ids)
        return self._known[name]

    def speeds(self, draw: int) -> Speeds:
        """Return the factors of a draw on the way to these doors."""
        return Speeds(
            lambda mode: self.factors(_row_of(mode, _SPEED_ROWS))[draw],
            lambda mode: self.factors(_row_of(mode, _WAIT_ROWS))[draw],
            float(self.factors("walk_speed")[draw].max(initial=0.0)),
        )

    def reach(self, modes: Sequence[Mode], limit_s: int) -> dict[str, Reach]:
        """Return by mode how far one gets within the limit in the fastest draw."""
        found = {}
        for mode in modes:
            fastest = float(self.factors(_row_of(mode, _SPEED_ROWS)).max(initial=1.0))
            least = float(self.factors(_row_of(mode, _WAIT_ROWS)).min(initial=1.0))
            moving_s = max(0.0, limit_s - mode.overhead_s * least) * fastest
            # at the usual speed that takes so long; on streets with the walk to them at both ends
            street_s = int(np.ceil(moving_s)) + mode.overhead_s + _WALKS_S
            found[mode.name] = Reach(moving_s / mode.seconds_per_metre() + 1, street_s)
        return found


@dataclass(frozen=True, eq=False)
class Side:
    """One direction of a study: the ways at both ends, and the stations between them."""

    case: CityModel
    reading: Reading
    direction: Direction
    chance: Chance
    land: StudyArea
    home: SampledDoors
    #: int64 (n,) station of each door at home, terminals left out where no ride begins there
    near: Ints64
    ways: PathTable
    #: int64 (n,) stations where journeys may end in the city, and their doors
    last: Ints64
    city: SampledDoors
    #: from these stations to the centres; None where journeys end at the station's door
    onward: PathTable | None
    #: without a ride: to core stations or centres
    ends: SampledDoors
    local: PathTable

    def home_s(self, draw: int) -> Ints64:
        """Return int64 (n_stations,) seconds between door and platform at home; drawn at the stations near cells."""
        seconds = self.case.home_s(self.reading.legs, self.direction)
        seconds[self.near] = np.rint(seconds[self.near] * self.home.factors("station_time")[draw])
        return seconds

    def targets(self, draw: int) -> dict[int, int]:
        """Return seconds between platform and journey's end by station where journeys end, as `CityModel.targets`."""
        last = self.last.tolist()
        own = np.rint(self.case.station_s(last, self.direction) * self.city.factors("station_time")[draw])
        if self.onward is None:
            beyond = np.zeros(len(last), np.int64)
        else:
            beyond = self.onward.by_door(self.city.speeds(draw), len(last))
        return {k: int(s) + int(b) for k, s, b in zip(last, own, beyond, strict=True) if b != UNREACHED}

    def journeys(self, draw: int, late_s: Ints32 | None) -> AnyJourneys | None:
        """Return the journeys of a draw that matter to the window; None where journeys end at no station."""
        targets = self.targets(draw)
        if not targets:
            return None
        if late_s is None and targets == self._central[0]:
            return self._central[1]
        return search(self.case, self.reading, self.direction, targets, late_s)

    @cached_property
    def _central(self) -> tuple[dict[int, int], AnyJourneys | None]:
        """Targets and journeys of the central draw: draws with the same targets and no delay share them."""
        targets = self.targets(0)
        return targets, search(self.case, self.reading, self.direction, targets, None) if targets else None

    def minutes(self, draw: int, late_s: Ints32 | None) -> CellMinutes | None:
        """Return the minutes of the land's cells in a draw, by rail."""
        journeys = self.journeys(draw, late_s)
        if journeys is None:
            return None
        ways, land = self.ways, self.land
        station, seconds = self.near[ways.door], ways.seconds(self.home.speeds(draw))
        access = Access(land.grid, land.row, land.column, ways.ptr, station, seconds)
        span = self.case.window(self.reading, self.direction)
        early = self.reading.slack_s, self.reading.early_weight
        times = None if self.reading.turns_up(self.direction) else journeys.travel_times(span, *early)
        return CellMinutes(
            journeys, Cells(land, access, MIN_BOUND_S, ways.ptr, station, seconds), self.home_s(draw),
            np.empty(0, np.int64), span, times,
        )  # fmt: skip

    def local_s(self, draw: int) -> Ints64:
        """Return int64 (n_cells,) seconds without a ride; UNREACHED beyond the reach of the fastest draw."""
        return self.local.by_end(self.ends.speeds(draw))

    def by_rail(self, draw: int, late_s: Ints32 | None, limit_s: int) -> Bools:
        """Return bool (n_cells,): cells within the limit by rail; minutes are counted, not ranked."""
        inside = np.zeros(len(self.land), dtype=bool)
        cells = self.minutes(draw, late_s)
        if cells is not None:
            (rank,) = percentile_ranks([self.reading.percentile], len(cells.minutes)).tolist()
            none, limits = np.empty(0, np.int64), np.array([limit_s], np.int64)
            for block in blocks_of(self.ways.ptr):
                inside[block] = cells.summarise(block, none, limits)[1][:, 0] > rank
        return inside


def search(
    case: CityModel, reading: Reading, direction: Direction, targets: Mapping[int, int], late_s: Ints32 | None
) -> AnyJourneys:
    """Return the journeys that the window's minutes can use, on a day on which run r is `late_s[r]` seconds late."""
    span, slack_s = case.window(reading, direction), early_s(reading.slack_s, reading.early_weight, MIN_BOUND_S)
    compiled, schedule = case.compiled, case.compiled.schedule
    if reading.turns_up(direction):
        span = span[0], span[1] + 2 * MIN_BOUND_S  # to the platform, and from there: both within the bound
    if schedule is None:
        span, slack_s = (0, 28 * HOUR), HOUR
    elif late_s is not None:
        compiled = delayed(schedule, late_s, direction, span, slack_s + MIN_BOUND_S)
    return compiled.profiles(
        direction, targets, span, slack_s=slack_s, bound_s=MIN_BOUND_S, max_transfers=case.max_transfers
    )


@dataclass(frozen=True, eq=False)
class InclusionStudy:
    """All that the draws of one city, reading and cutoff have in common."""

    case: CityModel
    reading: Reading
    directions: tuple[Direction, ...]
    limit_s: int
    chance: Chance
    land: StudyArea
    sides: tuple[Side, ...]

    def inside(self, draw: int, late_s: Ints32 | None) -> tuple[Bools, Bools]:
        """Return bool (n_cells,) twice: cells within the cutoff in a draw by rail, and in total; in all directions."""
        rail = np.logical_and.reduce([side.by_rail(draw, late_s, self.limit_s) for side in self.sides])
        local = np.logical_and.reduce([side.local_s(draw) <= self.limit_s for side in self.sides])
        return rail, rail | local

    def draws(self, *, workers: int | None = None) -> Iterator[tuple[Bools, Bools]]:
        """Yield cells by rail and in total of every draw in order, the central one first; draws run on threads."""
        yield self.inside(0, None)
        for draws, late in late_blocks(self.case, self.chance):
            jobs = [partial(self.inside, draw, None if late is None else late[k]) for k, draw in enumerate(draws)]
            yield from map_in_threads(lambda job: job(), jobs, workers)


def late_blocks(case: CityModel, chance: Chance) -> Iterator[tuple[range, Ints32 | None]]:
    """Yield the draws in blocks with the delays of their runs, None where none are drawn."""
    schedule = case.compiled.schedule
    for first in range(1, chance.n_draws + 1, BLOCK_DRAWS):
        draws = range(first, min(first + BLOCK_DRAWS, chance.n_draws + 1))
        yield draws, None if schedule is None or not chance.delays else chance.late_s(schedule, draws)


def build_study(
    case: CityModel, reading: Reading, directions: tuple[Direction, ...], limit_s: int, chance: Chance,
    *, workers: int | None = None,
) -> InclusionStudy:  # fmt: skip
    """Return the study: land that the fastest draw may reach, and the ways on it.

    Stations are near where a ride takes no longer than the limit on the timetable or in any draw of its delays.
    """
    chance = replace(chance, rows=_rows_in_use(case, reading, chance.rows))
    last = np.array(sorted({k for way in directions for k in case.targets(reading.legs, way)}), np.int64)
    near = _near(case, reading, directions, limit_s, chance, last.tolist(), workers)
    to_terminals = reading.legs in ENDS_AT_TERMINALS
    if to_terminals:
        near = np.setdiff1d(near, last)
    a = case.assumptions
    home = _station_doors(case, near, chance)
    city = _station_doors(case, last, chance, case.city.feeder if to_terminals else None)
    ends = city
    if not to_terminals:
        names = [f"{case.city.slug}|{centre.name}" for centre in case.city.centres]
        ends = SampledDoors(case.centre_doors(), names, chance)
    away = [a.door_modes(feeder) for feeder in ends.doors.feeders]
    at_home = [a.modes_at(feeder) for feeder in home.doors.feeders]
    in_city = [a.city_modes(feeder) for feeder in city.doors.feeders]
    reach = ends.reach([mode for mine in away for mode in mine], limit_s)
    legs = {}
    for way in directions if case.streets is not None else directions[:1]:  # straight lines are the same both ways
        to = way == "to"
        legs[way] = (
            paths_to_cells(case.access, case.cells, home.doors, at_home, towards=to),
            paths_to_cells(case.access, case.cells, ends.doors, away, towards=to, reach=reach),
            None if to_terminals else paths_between(case.access, city.doors, ends.doors, in_city, towards=to),
        )  # fmt: skip
    every = [leg for mine in legs.values() for leg in (*mine[0], *mine[1])]
    keys = np.concatenate([np.empty(0, np.int64), *(cell_keys(leg.row, leg.column) for leg in every)])
    land = land_of(case.cells, keys)
    ways = {
        way: (
            PathTable.of(len(land), len(near), [leg.on(land) for leg in to_home]),
            PathTable.of(len(land), len(ends.ids), [leg.on(land) for leg in to_ends]),
            None if onward is None else PathTable.of(len(ends.ids), len(city.ids), onward),
        )
        for way, (to_home, to_ends, onward) in legs.items()
    }
    sides = []
    for way in directions:
        mine, local, onward = ways.get(way, ways[directions[0]])
        sides.append(Side(case, reading, way, chance, land, home, near, mine, last, city, onward, ends, local))
    return InclusionStudy(case, reading, directions, limit_s, chance, land, tuple(sides))


def _rows_in_use(case: CityModel, reading: Reading, rows: Mapping[str, Distribution]) -> dict[str, Distribution]:
    """Return the rows; those of modes that lead to no door here are not drawn."""
    a = case.assumptions
    modes = {*a.access_modes, *(() if reading.legs in ENDS_AT_TERMINALS else a.egress_modes)}
    used = {table.get(mode) for mode in modes for table in (_SPEED_ROWS, _WAIT_ROWS)} | {"station_time"}
    if case.streets is not None:
        used.add("walk_speed")  # to the street in every mode
    return {
        name: row if row.is_delay or name in used else replace(row, kind="none") for name, row in rows.items()
    }  # fmt: skip


def _station_doors(case: CityModel, stations: Ints64, chance: Chance, feeder: str | None = None) -> SampledDoors:
    which = stations.tolist()
    ids = [case.compiled.network.stations[k].station_id for k in which]
    return SampledDoors(case.doors(which, feeder), ids, chance)


def _near(
    case: CityModel,
    reading: Reading,
    directions: Sequence[Direction],
    limit_s: int,
    chance: Chance,
    last: Sequence[int],
    workers: int | None,
) -> Ints64:
    """Return the stations whose fastest ride in the window is within the limit, in any direction and any draw.

    And those where journeys may end.
    """
    n_stations = case.compiled.network.n_stations
    targets = dict.fromkeys(last, 0)

    def within(late_s: Ints32 | None) -> Bools:
        found = np.zeros(n_stations, dtype=bool)
        for way in directions:
            found |= search(case, reading, way, targets, late_s).fastest() <= limit_s
        return found

    near = within(None)
    for draws, late in late_blocks(case, chance):
        if late is None:
            break
        for found in map_in_threads(within, late[: len(draws)], workers):
            near |= found
    near[list(last)] = True
    return np.flatnonzero(near)
