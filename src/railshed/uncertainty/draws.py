"""Which places are within some cutoffs in each of many draws: a draw is a whole run under its own
assumptions.

What a draw changes decides what is computed again. Speeds and waits on the way to a door change the
seconds of pairs that are known (`access_paths`); the time in a home station is added to them. The
time in a station in the city and the way on from it are part of every journey's end, and changes,
phases, run times and delays change the timetable: it is sorted and searched again, a few
milliseconds for the part of the network that leads to the city. With no variance the same functions
see the same numbers, so the result is the deterministic one to the bit.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from itertools import chain

import numpy as np

from railshed.access.straight import Entrances
from railshed.assumptions.assumptions import Mode
from railshed.assumptions.distributions import LARGEST_FACTOR, LATEST_S, Distribution
from railshed.assumptions.readings import Reading
from railshed.circles.city_model import ENDS_AT_TERMINALS, CityModel
from railshed.circles.study_area import Cells, StudyArea, land_of
from railshed.circles.surface import CellMinutes, blocks_of, door_minutes
from railshed.kernels import draws as kernels
from railshed.routing.directions import Direction
from railshed.routing.engine import AnyJourneys
from railshed.routing.journeys import Compiled
from railshed.routing.profiles import percentile_ranks
from railshed.uncertainty.access_paths import (
    ModePaths,
    PathTable,
    Reach,
    Speeds,
    paths_between,
    paths_to_cells,
)
from railshed.uncertainty.drawn_timetables import DrawnDay, SearchedPart, families_of, run_ids
from railshed.util.array_types import Bools, Floats, Ints32, Ints64
from railshed.util.executors import breadth_of, run_tasks
from railshed.util.parallel import map_in_threads
from railshed.util.units import MINUTE, UNREACHED

#: draws whose delays are in memory at once
BLOCK_DRAWS = 64
#: bytes of delays that are cached, not drawn again
_CACHED_BYTES = 1 << 26
#: a run of a line known by headway is at most so much earlier or later than in the timetable,
#: delays apart
_MOST_MOVED_S = 90 * MINUTE
_SPEED_ROWS = {
    "walk": "walk_speed",
    "bike": "bike_speed",
    "shared-bicycle": "bike_speed",
    "feeder": "feeder_speed",
    "drive": "drive_speed",
    "park-and-ride": "drive_speed",
    "kiss-and-ride": "drive_speed",
}
_WAIT_ROWS = {"feeder": "feeder_wait"}
_LINE_ROWS = ("phase", "run_time")


def _row_of(mode: Mode, rows: Mapping[str, str]) -> str | None:
    return rows.get(mode.name.split(":")[0])


@dataclass(frozen=True, eq=False)
class Chance:
    """The distributions of a run, and the values drawn from them.

    Draw 0 is the central one, with nothing drawn.
    """

    rows: Mapping[str, Distribution]
    seed: int
    n_draws: int
    #: city-wide values are drawn by it
    city: str
    #: delays by draws, cached where they are few
    _late: dict[range, Ints32] = field(default_factory=dict, repr=False)

    def factors(self, row: str, ids: Sequence[str]) -> Floats:
        """Return float64 (1 + n_draws, n_ids): the values of each draw; draw 0 changes nothing."""
        distribution = self.rows[row]
        names = [self.city] if distribution.per == "city" else ids
        values = distribution.draw(self.seed, names, range(self.n_draws)).T
        values = np.concatenate([np.full((1, values.shape[1]), distribution.none), values])
        return (
            np.broadcast_to(values, (len(values), len(ids)))
            if distribution.per == "city"
            else values
        )

    def by_class(self, row: str, classes: Sequence[str]) -> Floats:
        """Return float64 (1 + n_draws, n_stations): the factors of the classes of stations."""
        names = list(dict.fromkeys(classes))
        at = {name: k for k, name in enumerate(names)}
        return self.factors(row, names)[:, [at[name] for name in classes]]

    @cached_property
    def delays(self) -> list[Distribution]:
        """The delays that are not always zero."""
        return [row for row in self.rows.values() if row.is_delay and row.varies]

    def late_s(self, compiled: Compiled, draws: range) -> Ints32:
        """Return int32 (n_draws, n_runs) seconds by which each run is late in each of the draws."""
        if draws in self._late:
            return self._late[draws]
        late = np.zeros((len(draws), compiled.n_runs), np.int32)
        families = np.array(families_of(compiled))
        ids = run_ids(compiled)
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
    #: class of each station; empty at centres
    classes: Sequence[str] = ()
    _known: dict[str, Floats] = field(default_factory=dict, repr=False)

    @cached_property
    def station_time(self) -> Floats:
        """float64 (1 + n_draws, n_doors): factors of entry and exit, of the class and of the
        station.
        """
        return self.factors("station_time") * self.chance.by_class("class_time", self.classes)

    def factors(self, row: str | None) -> Floats:
        """Return float64 (1 + n_draws, n_doors); ones where there is no row."""
        name = row or ""
        if name not in self._known:
            ones = np.broadcast_to(1.0, (1 + self.chance.n_draws, len(self.ids)))
            self._known[name] = ones if row is None else self.chance.factors(row, self.ids)
        return self._known[name]

    def take(self, which: Ints64) -> SampledDoors:
        """Return some of the doors."""
        at = which.tolist()
        classes = [self.classes[k] for k in at] if self.classes else ()
        known = {row: values[:, which] for row, values in self._known.items()}
        return SampledDoors(
            self.doors.take(which), [self.ids[k] for k in at], self.chance, classes, known
        )

    def speeds(self, draw: int) -> Speeds:
        """Return the factors of a draw on the way to these doors."""
        return Speeds(
            lambda mode: self.factors(_row_of(mode, _SPEED_ROWS))[draw],
            lambda mode: self.factors(_row_of(mode, _WAIT_ROWS))[draw],
            float(self.factors("walk_speed")[draw].max(initial=0.0)),
        )

    def reach(
        self, modes: Sequence[Sequence[Mode]], limit_s: int | None = None
    ) -> dict[str, Reach]:
        """Return by mode how far one gets in the fastest draw, within the limit or each
        mode's cap.
        """
        found = {}
        walk = float(self.factors("walk_speed").max(initial=1.0))
        for mode in {mode.name: mode for mine in modes for mode in mine}.values():
            fastest = float(self.factors(_row_of(mode, _SPEED_ROWS)).max(initial=1.0))
            least = float(self.factors(_row_of(mode, _WAIT_ROWS)).min(initial=1.0))
            moving_s = max(
                0.0, (mode.cap_s if limit_s is None else limit_s) - mode.overhead_s * least
            )
            # at the usual speed that takes so long; on streets with the walk to them at both ends
            street_s = int(np.ceil(moving_s * max(fastest, walk))) + mode.overhead_s + 1
            found[mode.name] = Reach(moving_s * fastest / mode.seconds_per_metre() + 1, street_s)
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
    #: the timetable that draws change; None on a network without one
    part: SearchedPart | None
    #: seconds above which journeys do not matter
    bound_s: int

    def home_s(self, draw: int) -> Ints64:
        """Return int64 (n_stations,) seconds between door and platform at home; drawn at the
        stations near cells.
        """
        seconds = self.case.home_s(self.reading.legs, self.direction)
        seconds[self.near] = np.rint(seconds[self.near] * self.home.station_time[draw])
        return seconds

    def targets(self, draw: int) -> dict[int, int]:
        """Return seconds between platform and journey's end by station where journeys end, as
        `CityModel.targets`.
        """
        found = _end_s(self.case, self.direction, self.last, self.city, self.onward, draw)
        return {
            k: s for k, s in zip(self.last.tolist(), found.tolist(), strict=True) if s < UNREACHED
        }

    def journeys(self, draw: int, late_s: Ints32 | None) -> AnyJourneys | None:
        """Return the journeys of a draw that matter to the window; None where journeys end at no
        station.
        """
        targets = self.targets(draw)
        day = self.day(draw, late_s)
        if not targets or (self.part is None and self.case.compiled.schedule is not None):
            return None  # no end, or none within the limit
        if day is None and targets == self._central[0]:
            return self._central[1]
        return self._search(targets, day)

    @cached_property
    def _central(self) -> tuple[dict[int, int], AnyJourneys | None]:
        """Targets and journeys of the central draw: draws with the same targets and timetable share
        them.
        """
        targets = self.targets(0)
        return targets, self._search(targets, None) if targets else None

    def _search(self, targets: Mapping[int, int], day: DrawnDay | None) -> AnyJourneys:
        span, slack_s = self.case.searched(self.reading, self.direction, self.bound_s)
        compiled = self.case.compiled if self.part is None else self.part.compiled
        if self.part is not None and day is not None:
            compiled = self.part.on(day)
        return compiled.profiles(
            self.direction,
            targets,
            span,
            slack_s=slack_s,
            bound_s=self.bound_s,
            max_transfers=self.case.max_transfers,
        )

    def day(self, draw: int, late_s: Ints32 | None) -> DrawnDay | None:
        """Return what a draw changes of the timetable, None of nothing."""
        if not draw or self.part is None:
            return None
        drawn = [None if values is None else values[draw] for values in self._of_days]
        return (
            None
            if late_s is None and all(values is None for values in drawn)
            else DrawnDay(late_s, *drawn)
        )

    @cached_property
    def _of_days(self) -> tuple[Floats | None, Floats | None, Floats | None]:
        """Phases and paces of the lines known by headway, and factors of changes; None of what is
        not drawn.
        """
        rows = self.chance.rows
        lines = [] if self.part is None else self.part.lines
        phase, pace = (
            self.chance.factors(row, lines) if lines and rows[row].varies else None
            for row in _LINE_ROWS
        )
        classes = [station.station_class for station in self.case.compiled.network.stations]
        return (
            phase,
            pace,
            self.chance.by_class("change_time", classes) if rows["change_time"].varies else None,
        )

    def minutes(self, draw: int, late_s: Ints32 | None) -> CellMinutes | None:
        """Return the minutes of the land's cells in a draw, by rail."""
        journeys = self.journeys(draw, late_s)
        if journeys is None:
            return None
        land = self.land
        seconds = self.ways.seconds(self.home.speeds(draw))
        ptr, door, seconds = kernels.open_pairs(self.ways.ptr, self.ways.door, seconds)
        span = self.case.window(self.reading, self.direction)
        early = self.reading.slack_s, self.reading.early_weight
        times = (
            None
            if self.reading.turns_up(self.direction)
            else journeys.travel_times(span, *early, self.near)
        )
        home_s = self.home_s(draw)
        none = np.empty(0, np.int64)
        at_door = None if times is None else door_minutes(times, home_s[self.near])
        cells = Cells(land, self.bound_s, ptr, self.near, door, seconds)
        return CellMinutes(
            journeys=journeys,
            cells=cells,
            home_s=home_s,
            no_boarding=none,
            span=span,
            times=None,
            at_door=at_door,
        )

    def local_s(self, draw: int) -> Ints64:
        """Return int64 (n_cells,) seconds without a ride; UNREACHED beyond the reach of the fastest
        draw.
        """
        return self.local.by_end(self.ends.speeds(draw))

    def by_rail(self, draw: int, late_s: Ints32 | None, limits: Ints64) -> Bools:
        """Return bool (n_cells, n_limits): cells within the limits (s) by rail."""
        inside = np.zeros((len(self.land), len(limits)), dtype=bool)
        cells = self.minutes(draw, late_s)
        if cells is not None:
            (rank,) = percentile_ranks([self.reading.percentile], len(cells.minutes)).tolist()
            for block in blocks_of(cells.cells.ptr):
                inside[block] = cells.within(block, rank, limits)
        return inside


@dataclass(frozen=True, eq=False)
class InclusionStudy:
    """All that the draws of one city, reading and cutoffs have in common."""

    case: CityModel
    reading: Reading
    directions: tuple[Direction, ...]
    #: int64 (n_limits,) seconds
    limits: Ints64
    chance: Chance
    land: StudyArea
    sides: tuple[Side, ...]

    def inside(self, draw: int, late_s: Ints32 | None) -> tuple[Bools, Bools]:
        """Return bool (n_cells, n_limits) twice: cells within the limits in a draw by rail, and in
        total; all ways.
        """
        rail = np.logical_and.reduce(
            [side.by_rail(draw, late_s, self.limits) for side in self.sides]
        )
        if not any(side.local.legs for side in self.sides):
            return rail, rail
        local = np.logical_and.reduce(
            [side.local_s(draw)[:, None] <= self.limits for side in self.sides]
        )
        return rail, rail | local

    def drawn(
        self, *, workers: int | None = None, executor: Executor | None = None
    ) -> Iterator[tuple[Bools, Bools]]:
        """Yield cells by rail and in total of every draw in order; draws run on threads, or blocks
        of them as tasks.
        """
        if executor is not None:
            n = self.chance.n_draws
            size = min(BLOCK_DRAWS, -(-n // breadth_of(executor)))
            blocks = [range(first, min(first + size, n + 1)) for first in range(1, n + 1, size)]
            yield from chain.from_iterable(
                run_tasks(InclusionStudy.of_draws, self, blocks, executor)
            )
            return
        for draws, late in late_blocks(self.case, self.chance):
            jobs = [
                partial(self.inside, draw, None if late is None else late[k])
                for k, draw in enumerate(draws)
            ]
            yield from map_in_threads(lambda job: job(), jobs, workers)

    def of_draws(self, draws: range) -> list[tuple[Bools, Bools]]:
        """Return cells by rail and in total of some draws."""
        late = _late_of(self.case, self.chance, draws)
        return [
            self.inside(draw, None if late is None else late[k]) for k, draw in enumerate(draws)
        ]


def build_study(
    case: CityModel,
    reading: Reading,
    directions: tuple[Direction, ...],
    limits: Sequence[int],
    chance: Chance,
    *,
    without_ride: bool = True,
) -> InclusionStudy:
    """Return the study within `limits` (seconds): land that the fastest draw may reach, and the
    ways on it.

    By rail, and `without_ride` too if asked; else nothing is reached without one.
    """
    limit_s = max(limits)
    chance = replace(chance, rows=_rows_in_use(case, reading, chance.rows))
    to_terminals = reading.legs in ENDS_AT_TERMINALS
    a = case.assumptions
    centres = SampledDoors(
        case.centre_doors(),
        [f"{case.city.slug}|{centre.name}" for centre in case.city.centres],
        chance,
    )
    last = np.array(case.core if to_terminals else _near_centres(case, centres, chance), np.int64)
    city = _station_doors(case, last, chance, case.city.feeder if to_terminals else None)
    ends = city if to_terminals else centres
    distinct = (
        directions if case.streets is not None else directions[:1]
    )  # straight lines are the same both ways
    onwards = (
        {}
        if to_terminals
        else {
            way: PathTable.of(
                len(centres.ids), len(city.ids), _onward(case, city, centres, towards=way == "to")
            )
            for way in distinct
        }
    )
    onward = {way: onwards.get(way, onwards.get(directions[0])) for way in directions}
    draws = range(1 + chance.n_draws)
    least = {
        way: np.min([_end_s(case, way, last, city, onward[way], k) for k in draws], axis=0)
        for way in directions
    }
    rides, parts = _least_rides(case, reading, limit_s, chance, last, least)
    near = np.flatnonzero(np.any([seconds <= limit_s for seconds in rides.values()], axis=0))
    if to_terminals:
        near = np.setdiff1d(near, last)
    home = _station_doors(case, near, chance)
    entry = home.station_time.min(axis=0)
    within = np.flatnonzero(
        np.any(
            [
                seconds[near] + np.rint(case.home_s(reading.legs, way)[near] * entry) <= limit_s
                for way, seconds in rides.items()
            ],
            axis=0,
        )
    )
    near = near[within]
    home = home.take(within)
    away = [a.door_modes(feeder) for feeder in ends.doors.feeders]
    at_home = [a.modes_at(feeder) for feeder in home.doors.feeders]
    legs = {}
    for way in distinct:
        to = way == "to"
        legs[way] = (
            paths_to_cells(
                case.access,
                case.cells,
                home.doors,
                at_home,
                towards=to,
                reach=home.reach(at_home),
                capped=True,
            ),
            paths_to_cells(
                case.access,
                case.cells,
                ends.doors,
                away,
                towards=to,
                reach=ends.reach(away, limit_s),
                capped=False,
            )
            if without_ride
            else [],
        )
    every = [leg for mine in legs.values() for leg in (*mine[0], *mine[1])]
    land = land_of(
        case.cells, np.concatenate([np.empty(0, np.int64), *(leg.cell for leg in every)])
    )
    ways = {
        way: (
            PathTable.of(len(land), len(near), [leg.on(land) for leg in to_home]),
            PathTable.of(len(land), len(ends.ids), [leg.on(land) for leg in to_ends]),
        )
        for way, (to_home, to_ends) in legs.items()
    }
    sides = []
    for way in directions:
        mine, local = ways.get(way, ways[directions[0]])
        sides.append(
            Side(
                case=case,
                reading=reading,
                direction=way,
                chance=chance,
                land=land,
                home=home,
                near=near,
                ways=mine,
                last=last,
                city=city,
                onward=onward[way],
                ends=ends,
                local=local,
                part=parts.get(way),
                bound_s=limit_s,
            )
        )
    return InclusionStudy(
        case=case,
        reading=reading,
        directions=directions,
        limits=np.array(limits, np.int64),
        chance=chance,
        land=land,
        sides=tuple(sides),
    )


def _rows_in_use(
    case: CityModel, reading: Reading, rows: Mapping[str, Distribution]
) -> dict[str, Distribution]:
    """Return the rows; those of modes that lead to no door here are not drawn."""
    a = case.assumptions
    modes = {*a.access_modes, *(() if reading.legs in ENDS_AT_TERMINALS else a.egress_modes)}
    used = {table.get(mode) for mode in modes for table in (_SPEED_ROWS, _WAIT_ROWS)} | {
        "station_time",
        "class_time",
    }
    if case.streets is not None:
        used.add("walk_speed")  # to the street in every mode
    if case.compiled.schedule is not None:
        used |= {"change_time", *_LINE_ROWS}
    return {
        name: row if row.is_delay or name in used else replace(row, kind="none")
        for name, row in rows.items()
    }


def _station_doors(
    case: CityModel, stations: Ints64, chance: Chance, feeder: str | None = None
) -> SampledDoors:
    which = stations.tolist()
    found = [case.compiled.network.stations[k] for k in which]
    ids = [s.station_id for s in found]
    classes = [s.station_class for s in found]
    return SampledDoors(case.doors(which, feeder), ids, chance, classes)


def _near_centres(case: CityModel, centres: SampledDoors, chance: Chance) -> list[int]:
    """Return the stations from which an egress mode leads to a centre in some draw, or back."""
    if not len(centres.doors):
        return []
    near = np.array(case.near_centres(faster=LARGEST_FACTOR), np.int64)
    doors = _station_doors(case, near, chance)
    legs = [leg for to in (True, False) for leg in _onward(case, doors, centres, towards=to)]
    found: list[int] = (
        np.unique(np.concatenate([near[leg.door] for leg in legs])).tolist() if legs else []
    )
    return found


def _onward(
    case: CityModel, doors: SampledDoors, centres: SampledDoors, *, towards: bool
) -> list[ModePaths]:
    """Return the ways between doors of stations and the centres that the fastest draw may use."""
    modes = [case.assumptions.city_modes(feeder) for feeder in doors.doors.feeders]
    return paths_between(
        case.access, doors.doors, centres.doors, modes, doors.reach(modes), towards=towards
    )


def _end_s(
    case: CityModel,
    direction: Direction,
    last: Ints64,
    city: SampledDoors,
    onward: PathTable | None,
    draw: int,
) -> Ints64:
    """Return int64 (n,) seconds from the platforms of `last` to the journey's end in a draw,
    UNREACHED or more if none.

    `onward` leads from their doors to centres; None where journeys end at the door.
    """
    own = np.rint(case.station_s(last, direction) * city.station_time[draw]).astype(np.int64)
    found: Ints64 = own if onward is None else own + onward.by_door(city.speeds(draw), len(last))
    return found


def _least_rides(
    case: CityModel,
    reading: Reading,
    limit_s: int,
    chance: Chance,
    last: Ints64,
    least: Mapping[Direction, Ints64],
) -> tuple[dict[Direction, Ints64], dict[Direction, SearchedPart]]:
    """Return what no ride of a draw within the limit is shorter than, and the timetable that draws
    change.

    By direction int64 (n_stations,) seconds from the platform to the journey's end, more than
    `limit_s` where no ride is within it. `least`: seconds from the stations of `last` on in their
    fastest draw. On a timetable no ride is shorter than its fastest hops and walks in the fastest
    draw, without waits.
    """
    schedule = case.compiled.schedule
    n_stations = case.compiled.network.n_stations
    rides = dict[Direction, Ints64]()
    parts = dict[Direction, SearchedPart]()
    for way, least_s in least.items():
        ends = {k: s for k, s in zip(last.tolist(), least_s.tolist(), strict=True) if s <= limit_s}
        rides[way] = np.full(n_stations, UNREACHED, np.int64)
        if not ends:
            continue
        span, slack_s = case.searched(reading, way, limit_s)
        if schedule is None:
            found = case.compiled.profiles(
                way, ends, span, slack_s=slack_s, bound_s=limit_s, max_transfers=case.max_transfers
            )
            rides[way] = found.fastest()
            continue
        most_s = (LATEST_S if chance.delays else 0) + _MOST_MOVED_S
        walk = _least(
            chance,
            "change_time",
            [station.station_class for station in case.compiled.network.stations],
        )
        part = SearchedPart(schedule, way, span, slack_s + limit_s, most_s)
        ride = min(1.0, chance.rows["run_time"].least)
        wide = schedule.cut(way, ends, limit_s, ride=ride, walk=walk, between=part.between)
        ride = _least(
            chance, "run_time", replace(part, compiled=wide).lines
        )  # of the lines that may matter
        parts[way] = replace(part, compiled=wide.cut(way, ends, limit_s, ride=ride, walk=walk))
        rides[way] = wide.least_seconds(way, ends, limit_s, ride=ride, walk=walk)
    return rides, parts


def _least(chance: Chance, row: str, names: Sequence[str]) -> float:
    """Return the least factor that is drawn of a row, at most 1."""
    return float(chance.factors(row, list(dict.fromkeys(names))).min(initial=1.0))


def late_blocks(case: CityModel, chance: Chance) -> Iterator[tuple[range, Ints32 | None]]:
    """Yield the draws in blocks with the delays of their runs, None where none are drawn."""
    for first in range(1, chance.n_draws + 1, BLOCK_DRAWS):
        draws = range(first, min(first + BLOCK_DRAWS, chance.n_draws + 1))
        yield draws, _late_of(case, chance, draws)


def _late_of(case: CityModel, chance: Chance, draws: range) -> Ints32 | None:
    schedule = case.compiled.schedule
    return None if schedule is None or not chance.delays else chance.late_s(schedule, draws)
