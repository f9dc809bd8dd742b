"""When the trains of a planned line run and how long they take: headways, departures or a
timetable, minutes or a run-time model, through-running.

Through-running: an added line goes on over existing tracks in the times of trains there, no faster
than its own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from railshed.network.lines import LineStop, Period, Profile
from railshed.network.model import Network, Station
from railshed.network.trip_series import trip_name
from railshed.scenario.edits import Calls, calls_of
from railshed.scenario.fields.kinds import PERIOD, SELECTION
from railshed.scenario.fields.selection import choose
from railshed.scenario.fields.stations import Stop, one_station
from railshed.scenario.fields.table import Table, is_limit
from railshed.scenario.modification import Modification
from railshed.scenario.run_times.kinematics import FASTEST_KMH, get_stock, run_seconds
from railshed.scenario.run_times.run_times import LineRun, RunTimes
from railshed.scenario.service_plans.fit import as_seen
from railshed.util.bilingual import EMPTY, Words, about, joined
from railshed.util.errors import NotFoundError
from railshed.util.geodesy import great_circle_m
from railshed.util.phrases import phrase
from railshed.util.units import DAY, HOUR, MINUTE, decimal, format_clock

#: service hours of trips_per_day where none are given
_FROM_S = 6 * HOUR
_TO_S = 23 * HOUR
_LEAST_HEADWAY_S = 30


def read_service(table: Table, *, both_ways: bool, required: bool = True) -> tuple[Period, ...]:
    """Return the periods of ``frequencies``, ``trips_per_day`` or ``departures``; what is wrong is
    reported.
    """
    given = [key for key in ("frequencies", "trips_per_day", "departures") if table.has(key)]
    for key in given[1:]:
        table.error(
            key, "two-services", f"is given together with {given[0]}", remedy="give one of them"
        )
    if table.has("trips_per_day"):
        return _spread(table)
    for key in ("start_time", "end_time"):
        if table.has(key) and "trips_per_day" in table.fields:
            table.error(
                key,
                "unknown-key",
                "goes with trips_per_day",
                remedy="periods have their own start and end",
            )
    if table.has("departures") or table.has("departures_back"):
        return _departures(table, both_ways)
    if not table.has("frequencies"):
        if required:
            at = ".".join(["modification", *(name for name, _ in table.path), "frequencies"])
            remedy = (
                f"add a table [[{at}]] with start_time, end_time, headway_minutes, or "
                "trips_per_day or departures"
            )
            table.error("frequencies", "missing-key", "the line has no headway", remedy=remedy)
        return ()
    return read_periods(table)


def read_periods(table: Table) -> tuple[Period, ...]:
    """Return the periods of ``frequencies`` by start, none of which overlap, whatever their
    headways.
    """
    found: list[tuple[int, int, int, Table, int | None]] = []
    for number, part in enumerate(table.tables("frequencies", PERIOD), start=1):
        start = part.clock("start_time")
        end = part.clock("end_time")
        headway = part.seconds("headway_minutes")
        if start is not None and end is not None and _in_order(part, start, end):
            found.append((start, number, end, part, headway))
            if headway is not None and headway > end - start:
                message = (
                    f"is longer than the period {format_clock(start)}-{format_clock(end)}, "
                    "and may have no train"
                )
                more = ", or give departures" if "departures" in table.fields else ""
                remedy = f"lengthen the period{more}"
                part.error(
                    "headway_minutes",
                    "out-of-range",
                    message,
                    part.values["headway_minutes"],
                    remedy,
                )
    found.sort(key=lambda item: item[:2])
    for k, (start, _, end, part, _) in enumerate(found[1:], start=1):
        before, j, until, *_ = max(found[:k], key=lambda item: item[2])
        if start < until:
            message = f"overlaps frequencies[{j}], {format_clock(before)}-{format_clock(until)}"
            value = f"{format_clock(start)}-{format_clock(end)}"
            part.error(
                "start_time",
                "overlapping-periods",
                message,
                value,
                "let the periods follow each other",
            )
    _check_next_day(found)
    return tuple(
        Period(start, end, headway) for start, _, end, _, headway in found if headway is not None
    )


def _check_next_day(found: Sequence[tuple[int, int, int, Table, int | None]]) -> None:
    """Report the last of several periods where it runs into the first one of the next day: both run
    every day.
    """
    if len(found) < 2:
        return
    start, first, *_ = found[0]
    begins, _, end, part, _ = max(found, key=lambda item: item[2])
    if end > start + DAY and end - begins <= DAY:
        message = (
            f"runs into frequencies[{first}] of the next day, from {format_clock(start + DAY)}"
        )
        part.error(
            "end_time",
            "overlapping-periods",
            message,
            format_clock(end),
            "let the periods follow each other",
        )


def _in_order(table: Table, start: int, end: int) -> bool:
    if end - start > DAY:
        message = (
            f"is more than 24 hours after start_time {format_clock(start)}: every train "
            "would run twice"
        )
        table.error(
            "end_time",
            "out-of-range",
            message,
            format_clock(end),
            "the line runs every day: end it sooner",
        )
        return False
    if end > start:
        return True
    message = f"is not after start_time {format_clock(start)}"
    remedy = "past midnight count on: 25:00"
    table.error("end_time", "ends-before-start", message, format_clock(end), remedy)
    return False


def _spread(table: Table) -> tuple[Period, ...]:
    """Return the one period that holds just so many trips, its end moved forward to whole
    headways.
    """
    n_trips = table.number_of("trips_per_day")
    start = table.clock("start_time")
    end = table.clock("end_time")
    start = _FROM_S if start is None else start
    end = _TO_S if end is None else end
    if n_trips is None or not _in_order(table, start, end):
        return ()
    headway = (end - start) // int(n_trips)
    if headway < _LEAST_HEADWAY_S:
        message = (
            f"is more than one train in {_LEAST_HEADWAY_S} s between {format_clock(start)} "
            f"and {format_clock(end)}"
        )
        table.error("trips_per_day", "out-of-range", message, int(n_trips))
        return ()
    return (Period(start, start + headway * int(n_trips), headway),)


def _departures(table: Table, both_ways: bool) -> tuple[Period, ...]:
    """Return a period for each train of ``departures`` and ``departures_back``."""
    given = {key: table.clocks(key) for key in ("departures", "departures_back")}
    if not table.has("departures"):
        table.error("departures", "missing-key", "is missing beside departures_back")
    elif both_ways != table.has("departures_back"):
        message = (
            "is missing: the line runs back as well"
            if both_ways
            else "is given, but the line does not run back"
        )
        remedy = f"give {'departures_back' if both_ways else 'bidirectional = true'}, or "
        remedy += "bidirectional = false" if both_ways else "leave it out"
        table.error(
            "departures_back", "missing-key" if both_ways else "unknown-key", message, remedy=remedy
        )
    found: dict[tuple[str, int], Period] = {}
    for way, (key, clocks) in enumerate(given.items()):
        for i, leaves in (
            (i, clock) for i, clock in enumerate(clocks, start=1) if clock is not None
        ):
            if (key, leaves % DAY) in found:
                message = "leaves at the time of another train: the line runs every day"
                table.error(key, "duplicate-key", message, format_clock(leaves), item=f"[{i}]")
            # the other direction has no train within its minute
            found[key, leaves % DAY] = Period(
                leaves, leaves + MINUTE, DAY, (MINUTE, 0) if way else (0, MINUTE)
            )
    return tuple(sorted(found.values(), key=lambda period: period.start_s))


#: minutes at an intermediate stop where dwell_minutes is not given and no class of line is known
DEFAULT_DWELL_MIN = 1
_PROFILE = ("rolling_stock", "length_km", "hop_km", "speed_limits")


@dataclass(frozen=True, slots=True)
class Times:
    """The runs and dwells of one stop pattern of a line: indices into its stations, seconds."""

    calls: tuple[int, ...]
    #: run_s[k] from call k to call k + 1
    run_s: tuple[int, ...]
    #: dwell_s[k] at call k; 0 at the ends
    dwell_s: tuple[int, ...]
    #: what they were computed from, None where minutes are given
    run: RunTimes | None = None
    profile: Profile | None = None


@dataclass(slots=True)
class Running:
    """Reads the running of a line with these stations (None: unknown) once, and times its stop
    patterns.
    """

    m: Modification
    stations: Sequence[Station | None]
    #: name of the line in notes
    name: str
    #: whether it is a whole line, whose ends have approaches
    whole: bool = True
    _hops: tuple[int, ...] = ()
    _dwells: tuple[int, ...] = ()
    _profile: LineRun | None = None

    def read(self) -> None:
        """Read and report; `times` gives nothing sound where something was reported."""
        table = self.m.table
        given = [key for key in ("hop_minutes", "top_speed_kmh") if table.has(key)]
        if len(given) == 2:
            table.error(
                "hop_minutes",
                "two-times",
                "is given together with top_speed_kmh",
                remedy="give one of them",
            )
        elif not given and len(self.stations) != 1:
            message = "must be a list of the minutes between consecutive stops"
            table.error("hop_minutes", "missing-key", message, remedy="or give top_speed_kmh")
        self._dwells = self._read_dwells(table)
        if given == ["hop_minutes"]:
            for key in (key for key in _PROFILE if table.has(key)):
                table.error(key, "unknown-key", "goes with top_speed_kmh, not with hop_minutes")
            self._hops = self._read_hops(table)
            if len(self._hops) == len(self.stations) - 1:
                self._check_speed(self._hops)
        elif given == ["top_speed_kmh"]:
            self._read_profile(table)

    def times(self, calls: Sequence[int] | None = None) -> Times:
        """Return the times of trains that call at these stations (all where None), once all is
        sound.
        """
        at = tuple(range(len(self.stations)) if calls is None else calls)
        if self._profile is None:
            between = [sum(self._hops[a:b]) for a, b in pairwise(at)]
            return Times(
                at,
                tuple(between),
                tuple(0 if k in (at[0], at[-1]) else self._dwells[k] for k in at),
            )
        found = replace(self._profile, stops_at=at).times()
        for words in found.premises:
            self.m.note_once(about(self.name, words))
        return Times(
            at,
            tuple(round(hop.run_s) for hop in found.hops),
            (0, *(round(hop.dwell_s) for hop in found.hops)),
            found,
            self._profile_of(at, found),
        )

    def _profile_of(self, at: Sequence[int], run: RunTimes) -> Profile:
        """Return what the times of trains that call at these stations were computed from."""
        assert self._profile is not None
        dwells = self._profile.dwells(run.rules.dwell_s)
        ids = tuple(s.station_id for k in at if (s := self.stations[k]) is not None)
        return Profile(
            top_speed_kmh=run.top_speed_kmh,
            stock_id=run.stock.stock_id,
            station_ids=ids,
            hop_m=tuple(hop.length_m for hop in run.hops),
            dwell_s=tuple(dwells[k] for k in at),
            speed_limits=tuple(self._profile.speed_limits),
            seen=tuple(self._profile.seen),
        )

    def _read_hops(self, table: Table) -> tuple[int, ...]:
        given = table.values["hop_minutes"]
        if not isinstance(given, list):
            message = "must be a list of the minutes between consecutive stops"
            table.error("hop_minutes", "bad-value", message, given)
            return ()
        self._check_count(table, "hop_minutes", len(given))
        minutes = table.numbers("hop_minutes")
        return tuple(0 if value is None else round(value * MINUTE) for value in minutes)

    def _check_count(self, table: Table, key: str, n_given: int) -> None:
        n_stops = len(self.stations)
        if n_stops >= 2 and n_given != n_stops - 1:
            message = f"has {n_given} values for {n_stops} stops"
            remedy = f"give {n_stops - 1}, one a hop"
            table.error(key, "count-mismatch", message, table.values[key], remedy)

    def _read_dwells(self, table: Table) -> tuple[int, ...]:
        n_stops = len(self.stations)
        n_between = max(n_stops - 2, 0)
        given = table.values.get("dwell_minutes")
        if given is None:
            if n_between and not table.has("top_speed_kmh"):
                self.m.note("edit_usual_dwell", line=self.name, minutes=DEFAULT_DWELL_MIN)
            return (DEFAULT_DWELL_MIN * MINUTE,) * n_stops
        if not isinstance(given, list):
            return (table.seconds("dwell_minutes") or 0,) * n_stops
        if len(given) != n_between and n_stops >= 2:
            message = f"has {len(given)} values for {n_between} intermediate stops"
            remedy = f"give one number for all, or {n_between}, one a stop between the ends"
            table.error("dwell_minutes", "count-mismatch", message, given, remedy)
        between = table.numbers("dwell_minutes")
        return (0, *(0 if value is None else round(value * MINUTE) for value in between), 0)

    def _check_speed(self, hops: Sequence[int]) -> None:
        for i, (a, b, seconds) in enumerate(
            zip(self.stations, self.stations[1:], hops, strict=False), start=1
        ):
            if (
                a is not None
                and b is not None
                and seconds > 0
                and (fast := impossible_speed(a, b, seconds))
            ):
                minutes = f"{seconds / MINUTE:g}"
                self.m.table.error(
                    "hop_minutes", "impossible-speed", fast[0], minutes, fast[1], item=f"[{i}]"
                )

    def _read_profile(self, table: Table) -> None:
        n_before = len(table.problems.found.issues)
        speed = table.number_of("top_speed_kmh")
        length = table.number_of("length_km")
        name = table.text("rolling_stock")
        hop_km = None
        if table.has("hop_km"):
            hop_km = [value or 0.0 for value in table.numbers("hop_km")]
            if isinstance(table.values["hop_km"], list):
                self._check_count(table, "hop_km", len(hop_km))
        limits = _limits(table)
        stock = None
        if name:
            try:
                stock = get_stock(name)
            except NotFoundError as error:
                table.error("rolling_stock", "unknown-reference", str(error), name)
        if len(table.problems.found.issues) > n_before or speed is None or None in self.stations:
            return
        places = [(s.lon, s.lat) for s in self.stations if s is not None]
        self._profile = LineRun(
            places,
            top_speed_kmh=speed,
            length_km=length,
            hop_km=hop_km,
            speed_limits=limits,
            rolling_stock=stock,
            dwell_s=[float(s) for s in self._dwells] if table.has("dwell_minutes") else None,
        )
        if len(places) >= 2:
            problems = self._profile.problems()
            for key, text in problems:
                table.error(key, "impossible-run", text, table.values.get(key, ""))
            if not problems:
                self._profile = as_seen(
                    self._profile, self.m.network, self.stations, whole=self.whole
                )


def impossible_speed(a: Station, b: Station, seconds: int) -> tuple[str, str] | None:
    """Return message and remedy for a run that is too fast even on a straight line, else None."""
    metres = float(great_circle_m(a.lon, a.lat, b.lon, b.lat))
    kmh = metres / seconds * 3.6
    if kmh <= FASTEST_KMH:
        return None
    way = f"{metres / 1000:,.1f} km in {decimal(seconds / MINUTE)} min"
    remedy = f"a straight line at {FASTEST_KMH:g} km/h takes {metres / FASTEST_KMH * 0.06:,.1f} min"
    return f"{a.name} to {b.name}: {way} is {kmh:,.0f} km/h, above {FASTEST_KMH:g}", remedy


def _limits(table: Table) -> list[tuple[float, float, float]]:
    """Return the speed limits as written, those of another form reported."""
    given = table.values.get("speed_limits", [])
    if not isinstance(given, list):
        table.error("speed_limits", "bad-value", "is not a list of [from km, to km, km/h]", given)
        return []
    found = []
    for i, limit in enumerate(given, start=1):
        if is_limit(limit):
            found.append((float(limit[0]), float(limit[1]), float(limit[2])))
        else:
            table.error(
                "speed_limits", "bad-value", "is not [from km, to km, km/h]", limit, item=f"[{i}]"
            )
    return found


#: seconds that a through train stands where it joins the existing tracks, if the line says nothing
_JOIN_S = MINUTE


@dataclass(frozen=True, slots=True)
class Continuation:
    """Stops on existing tracks, in order; the first of them (the last where `ahead`) is an end of
    the line.
    """

    stops: tuple[LineStop, ...]
    #: before the line's first station instead of after its last
    ahead: bool
    #: which trips its times are those of, a sentence
    source: Words

    def at_own_speed(self, run: RunTimes) -> tuple[Continuation, Words]:
        """Return it as the line's own trains can run it, and what is slowed for that; EMPTY if
        nothing is.

        A run shorter than theirs at its fastest, on the straight line and without margin, is theirs
        as planned: with margin, loss and the usual detour, for the length of the tracks is not
        known. All others they take over.
        """
        stops = [self.stops[0]]
        slowed = []
        for before, stop in pairwise(self.stops):
            own_s = _own_s(before.station, stop.station, stop.run_s, run)
            if own_s != stop.run_s:
                minutes = {"own": decimal(own_s / MINUTE), "theirs": decimal(stop.run_s / MINUTE)}
                slowed.append(
                    phrase(
                        "own_minutes", one=before.station.name, other=stop.station.name, **minutes
                    )
                )
            stops.append(replace(stop, run_s=own_s))
        if not slowed:
            return self, EMPTY
        own = {
            "stock": run.stock.stock_id,
            "top": min(run.top_speed_kmh, run.stock.top_kmh),
            "runs": joined(slowed),
        }
        return replace(self, stops=tuple(stops)), phrase("own_trains_slower", **own)

    def joined(self, line: Sequence[LineStop]) -> list[LineStop]:
        """Return the stops of the line and of the existing tracks, the one they share once."""
        if self.ahead:
            shared = replace(line[0], run_s=self.stops[-1].run_s, dwell_s=_JOIN_S)
            return [*self.stops[:-1], shared, *line[1:]]
        return [*line[:-1], replace(line[-1], dwell_s=_JOIN_S), *self.stops[1:]]


def _own_s(start: Station, end: Station, run_s: int, run: RunTimes) -> int:
    """Return the seconds that trains of this kind take for a run which others make in `run_s`."""
    metres = float(great_circle_m(start.lon, start.lat, end.lon, end.lat))
    if not metres or run_seconds(metres, run.top_speed_kmh, run.stock) <= run_s:
        return run_s
    ends = [(start.lon, start.lat), (end.lon, end.lat)]
    own = LineRun(ends, top_speed_kmh=run.top_speed_kmh, rolling_stock=run.stock, rules=run.rules)
    return max(round(own.times().total_s), run_s)


def median_trip(calls: Mapping[int, Calls], ends: Mapping[int, Sequence[int]]) -> int:
    """Return the trip of median duration between its two calls (the shorter of two), ties by
    departure, then order.
    """
    leaves = {t: calls[t].departure_s[ends[t][0]] for t in calls}
    ranked = sorted(calls, key=lambda t: (calls[t].arrival_s[ends[t][1]] - leaves[t], leaves[t], t))
    return ranked[(len(ranked) - 1) // 2]


def read_through(
    m: Modification, table: Table, ends: tuple[Stop | None, Stop | None]
) -> Continuation | None:
    """Return where the line runs on; None, reported, if it does not begin at one of the line's
    ends.
    """
    start = one_station(m, table, "from")
    end = one_station(m, table, "to")
    chosen = table.sub("of", SELECTION)
    trips = None if chosen is None else choose(m, chosen, required=True)
    if start is None or end is None or None in ends or (chosen is not None and trips is None):
        return None
    first, last = (stop.station.station_id for stop in ends if stop is not None)
    ahead = end.station_id == first
    if not ahead and start.station_id != last:
        message = "is no end of the line: through goes from its last station, or to its first"
        table.error("from", "bad-value", message, start.name)
        return None
    index = m.network.station_index()
    a = index[start.station_id]
    b = index[end.station_id]
    candidates = range(m.network.n_trips) if trips is None else trips.trips
    calls = calls_of(m.network, _near(m.network, a, b, candidates))
    between = {t: at for t, one in calls.items() if (at := one.find((a, b))) is not None}
    if not between:
        message = f"no trip runs from {start.name} to {end.name}"
        table.error(
            "to", "selects-nothing", message, end.name, "name stations of one run, in its direction"
        )
        return None
    trip = median_trip({t: calls[t] for t in between}, between)
    i, j = between[trip]
    stops = tuple(_stop(m.network, calls[trip], k, i, j) for k in range(i, j + 1))
    name = trip_name(m.network, trip)
    n = len(between)
    words = phrase("runs_through", start=start.name, end=end.name, trip=name, n=n)
    return Continuation(stops, ahead, words)


def _near(network: Network, a: int, b: int, trips: Sequence[int] | range) -> list[int]:
    """Return those of the trips that call at both stations."""
    calls = network.stop_times
    at_both = np.intersect1d(
        calls.trip_idx[calls.station_idx == a], calls.trip_idx[calls.station_idx == b]
    )
    return sorted(set(at_both.tolist()) & set(trips))


def _stop(network: Network, calls: Calls, k: int, first: int, last: int) -> LineStop:
    run = calls.run_s(k - 1) if k > first else 0
    dwell = calls.departure_s[k] - calls.arrival_s[k] if first < k < last else 0
    return LineStop(network.stations[calls.station_idx[k]], run, dwell)
