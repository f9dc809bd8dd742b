"""The modification ``adjust-frequency``: evenly spaced trips in place of those of a line.

R5 asks for a trip to be like, one a stop pattern. Here ``source_trip`` is that; without it stop
patterns stay, in the shares that they had.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from railshed.network.lines import Period, draw_phase
from railshed.network.model import Network
from railshed.network.trip_series import trip_name
from railshed.scenario.edits import Calls, NewTrip, calls_of, with_trips
from railshed.scenario.fields import kinds
from railshed.scenario.fields.selection import choose
from railshed.scenario.fields.timing import median_trip, read_periods
from railshed.scenario.modification import Modification
from railshed.util.bilingual import Words, joined
from railshed.util.phrases import phrase
from railshed.util.units import compact_clocks

#: first and last station, and on a loop, whose ends are one, which way round: 0 or 1
_Ends = tuple[int, int, int]
#: the trips of each stop pattern of one direction by the trip that new ones are like
_Patterns = dict[int, list[int]]


class AdjustFrequency(Modification):
    """Replaces the trips of a line by evenly spaced ones."""

    type = "adjust-frequency"
    meaning = (
        "In each period the selected trips of the network's day give way to evenly spaced ones, in "
        "each direction and "
        "stop pattern like its selected trip of median duration; patterns take turns in the shares "
        "that they had in "
        "the period (of the day, where it had no trips). With source_trip all of its direction are "
        "like it. The first "
        "leaves a phase after the start as in add-trips: a line known by headway keeps its id and "
        "so its phase. Trips "
        "outside the periods stay. Trips of one line only (one pair of ends, or one loop, both "
        "ways)."
    )
    fields = kinds.fields_of(
        {
            "source_trip": kinds.text(
                "trip id or printed name: the trips of its direction are like it, of whatever stop "
                "pattern they were",
                kind="trip",
            ),
            "frequencies": kinds.tables(
                "headways by period; periods do not overlap", "period", required=True
            ),
        }
    )
    example = {
        "routes": ["sw"],
        "frequencies": [{"start_time": "07:00", "end_time": "09:00", "headway_minutes": 4}],
    }
    drawn = ("trips",)

    def check(self) -> bool:
        """Read the line's trips by ends and stop patterns, and the periods."""
        self.periods = read_periods(self.table)
        source = self.table.text("source_trip")
        chosen = choose(self, self.table, required=True, on_day=True)
        if chosen is None or self.failed:
            return False
        self.calls = calls_of(self.network, chosen.trips)
        self.ends_of = _ends_of(self.network, self.calls)
        #: trips by ends, in the order of departure
        self.groups = dict[_Ends, list[int]]()
        for trip in sorted(self.calls, key=lambda t: (self.calls[t].departure_s[0], t)):
            self.groups.setdefault(self.ends_of[trip], []).append(trip)
        if not self._is_one_line(self.groups):
            return False
        self.patterns = {ends: _patterns(self.calls, trips) for ends, trips in self.groups.items()}
        return not source or self._put_source(source)

    def apply(self) -> Network:
        """Return the network whose line runs at these headways."""
        starts = {t: one.departure_s[0] for t, one in self.calls.items()}
        removed = [
            t
            for t, leaves in starts.items()
            if any(p.start_s <= leaves < p.end_s for p in self.periods)
        ]
        trip_ids = self.network.trips.trip_ids
        taken = set(trip_ids) - {trip_ids[t] for t in removed}
        added = []
        for ends, patterns in sorted(self.patterns.items()):
            new = [
                trip for period in self.periods for trip in self._spaced(patterns, period, taken)
            ]
            added += new
            self._say(ends, patterns, new, len(set(removed) & set(self.groups[ends])))
        return with_trips(self.network, {}, removed=removed, added=added)

    def _say(self, ends: _Ends, patterns: _Patterns, new: Sequence[NewTrip], n_before: int) -> None:
        """Say what one direction comes to."""
        a, b = (self.network.stations[idx].name for idx in ends[:2])
        n_stops = {trip.like: len(trip.calls) for trip in new} or {next(iter(patterns)): 0}
        n_like = Counter(trip.like for trip in new)
        like: list[Words] = []
        for model in (model for model in patterns if model in n_stops):
            key = "edit_like" if like else "edit_first_like"
            trip = trip_name(self.network, model)
            one = phrase(key, n=n_like[model], trip=trip)
            like.append(
                phrase("edit_with_stops", like=one, n=n_stops[model]) if len(patterns) > 1 else one
            )
        n_without = len(patterns) - len(like)
        self.say(
            "edit_frequency",
            a=a,
            b=b,
            back=phrase("edit_other_way") if ends[2] else "",
            like=joined(like, "，"),
            n_before=n_before,
            without=phrase("edit_without_patterns", n=n_without) if n_without else "",
        )

    def _is_one_line(self, groups: Mapping[_Ends, Sequence[int]]) -> bool:
        """Report trips between several pairs of ends, for each would get the headway."""
        pairs = sorted({tuple(sorted(ends[:2])) for ends in groups})
        if len(pairs) == 1:
            return True
        ranked = sorted(groups, key=lambda ends: (-len(groups[ends]), ends))
        places = self.network.stations
        names = [
            f"{places[a].name} - {places[b].name} ({len(groups[a, b, way])})"
            for a, b, way in ranked[:5]
        ]
        more = " ..." if len(ranked) > 5 else ""
        message = (
            f"the selected trips run between {len(pairs)} pairs of ends: {', '.join(names)}{more}"
        )
        remedy = "select those of one line: by routes or trips, or from, to and whole_run = true"
        keys = ("routes", "trips", "from", "to", "calls_at", "modes")
        key = next((key for key in keys if self.table.has(key)), "type")
        self.table.error(key, "several-lines", message, remedy=remedy)
        return False

    def _put_source(self, source: str) -> bool:
        """Let the named trip stand for all of its direction; report it and return False if it is
        not just one.
        """
        trips = self.network.trips
        calls = self.calls
        ends_of = self.ends_of
        named = [t for t in calls if source in (trips.trip_ids[t], trips.names[t])]
        if not named:
            remedy = (
                f"among them: {', '.join(trip_name(self.network, t) for t in sorted(calls)[:5])}"
            )
            self.table.error(
                "source_trip", "unknown-reference", "is none of the selected trips", source, remedy
            )
        if len({(ends_of[t], *calls[t].station_idx) for t in named}) > len(
            {ends_of[t] for t in named}
        ):
            message = "names trips of several stop patterns"
            remedy = "give the id of one trip"
            self.table.error("source_trip", "unknown-reference", message, source, remedy)
            return False
        for trip in named:
            patterns = self.patterns[ends_of[trip]]
            if len(patterns) > 1:
                a, b = (self.network.stations[idx].name for idx in ends_of[trip][:2])
                self.note("edit_all_alike", a=a, b=b, trip=source, n=len(patterns))
            self.patterns[ends_of[trip]] = {trip: [t for like in patterns.values() for t in like]}
        return bool(named)

    def _spaced(self, patterns: _Patterns, period: Period, taken: set[str]) -> list[NewTrip]:
        """Return evenly spaced trips of a period, with the phase of a line known by headway; ids
        join those taken.

        Each stop pattern has the share that it had among the trips of the period, of the whole day
        if there were none.
        """
        here = {
            model: sum(period.start_s <= self.calls[t].departure_s[0] < period.end_s for t in like)
            for model, like in patterns.items()
        }
        shares = (
            here if any(here.values()) else {model: len(like) for model, like in patterns.items()}
        )
        line_id, direction = _line(self.network, next(iter(patterns)))
        start = period.start_s + draw_phase(
            self.seed, line_id, direction or 0, period.start_s, period.headway_s
        )
        leaving = range(start, period.end_s, period.headway_s)
        found = []
        for leaves, clock, model in zip(
            leaving, compact_clocks(leaving), mixed(shares, len(leaving)), strict=True
        ):
            line_id, direction = _line(self.network, model)
            name = f"{line_id}:{direction or 0}:{clock}"
            while name in taken:
                name += "'"
            taken.add(name)
            one = self.calls[model].part(0, len(self.calls[model]))
            one.moved(0, leaves - one.departure_s[0])
            found.append(NewTrip(name, model, one))
        return found


def _ends_of(network: Network, calls: Mapping[int, Calls]) -> dict[int, _Ends]:
    """Return the ends of each trip; the way round a loop is that of its id, else of the order of
    its stations.

    That order is compared with the loop of most stations among them: a trip that passes stations of
    it goes the same way. A trip that reads alike both ways counts as one of that loop's way.
    """
    loops: dict[int, list[Calls]] = {}
    for one in calls.values():
        if one.station_idx[0] == one.station_idx[-1]:
            loops.setdefault(one.station_idx[0], []).append(one)
    whole = {
        end: min(every, key=lambda one: (-len(one), one.station_idx))
        for end, every in loops.items()
    }
    found = {}
    for trip, one in calls.items():
        order = one.station_idx
        _, way = _line(network, trip)
        if order[0] != order[-1]:
            way = 0
        elif way is None:
            loop = whole[order[0]]
            way = int(loop.find(order) is None and loop.find(order[::-1]) is not None)
        found[trip] = order[0], order[-1], way
    return found


def _patterns(calls: Mapping[int, Calls], trips: Sequence[int]) -> _Patterns:
    """Return the trips of each stop pattern, the largest pattern first, by the one that stands for
    them: the median.
    """
    found: dict[tuple[int, ...], list[int]] = {}
    for trip in trips:
        found.setdefault(tuple(calls[trip].station_idx), []).append(trip)
    ranked = sorted(found.values(), key=lambda like: -len(like))
    ends = {trip: (0, len(calls[trip]) - 1) for trip in trips}
    return {median_trip({t: calls[t] for t in like}, ends): like for like in ranked}


def _line(network: Network, trip: int) -> tuple[str, int | None]:
    """Return the line and direction that the id of a trip by headway names; of another one the id
    itself, None.
    """
    trip_id = network.trips.trip_ids[trip]
    parts = trip_id.rsplit(":", 2)
    return (
        (parts[0], int(parts[1])) if len(parts) == 3 and parts[1] in ("0", "1") else (trip_id, None)
    )


def mixed(shares: Mapping[int, int], n: int) -> list[int]:
    """Return n keys in turn, each time the one furthest behind its share; of equals the larger,
    then the first.
    """
    total = sum(shares.values())
    n_given = dict.fromkeys(shares, 0)
    found = []
    for k in range(1, n + 1):
        due = max(shares, key=lambda key: (shares[key] * k - n_given[key] * total, shares[key]))
        n_given[due] += 1
        found.append(due)
    return found
