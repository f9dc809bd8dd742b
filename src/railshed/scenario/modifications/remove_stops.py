"""The modification ``remove-stops``."""

from __future__ import annotations

from collections.abc import Collection

from railshed.network.model import Network
from railshed.scenario.edits import Calls, calls_of, with_trips
from railshed.scenario.fields import kinds
from railshed.scenario.fields.selection import select
from railshed.scenario.fields.stations import named_stations
from railshed.scenario.modification import Modification


class RemoveStops(Modification):
    """Lets trips pass stations."""

    type = "remove-stops"
    meaning = (
        "The selected trips (all, where nothing is selected) pass these stations: they are there "
        "earlier by the dwell "
        "and by minutes_saved_per_stop for all that follows. At the ends of a run it is cut short "
        "and no time changes. "
        "A trip left with one call is taken away. Boarding and alighting at the other calls stay "
        "as they are."
    )
    fields = kinds.fields_of(
        {
            "stops": kinds.texts("stations that are passed", kind="stations", required=True),
            "minutes_saved_per_stop": kinds.number(
                "saved by not braking and accelerating, beside the dwell; 0", 0, 30, "minutes"
            ).drawn_from(0, 1),
        }
    )
    example = {"stops": ["mid"], "routes": ["fast-west"], "minutes_saved_per_stop": 1}
    drawn = ("minutes_saved_per_stop",)

    def check(self) -> bool:
        """Read the trips, the stations, and the seconds saved at each beside its dwell."""
        self.stations = named_stations(self, self.table, "stops")
        self.saved_s = self.table.seconds("minutes_saved_per_stop") or 0
        return select(self)

    def apply(self) -> Network | None:
        """Return the network whose selected trips pass the stations."""
        index = self.network.station_index()
        passed = {index[station.station_id] for station in self.stations}
        names = ", ".join(s.name for s in self.stations)
        before = {
            t: one
            for t, one in calls_of(self.network, self.trips).items()
            if passed & set(one.station_idx)
        }
        if not before:
            message = "none of the selected trips calls at any of these stations"
            self.table.error("stops", "selects-nothing", message, names)
            return None
        after = {trip: passing(one, passed, self.saved_s) for trip, one in before.items()}
        removed = [trip for trip, one in after.items() if len(one) < 2]
        too_much = sum(_saves_too_much(before[t], one) for t, one in after.items() if len(one) >= 2)
        if too_much:
            message = f"{too_much} trips would take no time for a run"
            key = "minutes_saved_per_stop"
            self.table.error(key, "out-of-range", message, self.table.values[key])
            return None
        key = "edit_stops_removed_cut" if removed else "edit_stops_removed"
        self.say(key, n=len(before), names=names, n_removed=len(removed))
        return with_trips(
            self.network, {t: one for t, one in after.items() if len(one) >= 2}, removed=removed
        )


def _saves_too_much(before: Calls, after: Calls) -> bool:
    """Return whether a run takes less than no time, or none where every run took some."""
    least = min(after.run_s(k) for k in range(len(after) - 1))
    return least < 0 or least == 0 < min(before.run_s(k) for k in range(len(before) - 1))


def passing(calls: Calls, passed: Collection[int], saved_s: int) -> Calls:
    """Return the calls without those at some stations, later times earlier by the dwells and by
    what is saved.
    """
    first = next((k for k, s in enumerate(calls.station_idx) if s not in passed), len(calls))
    last = next((k for k in reversed(range(len(calls))) if calls.station_idx[k] not in passed), -1)
    left = Calls([], [], [], [], [])
    earlier = 0
    for k in range(first, last + 1):
        if calls.station_idx[k] in passed:
            earlier += calls.departure_s[k] - calls.arrival_s[k] + saved_s
        else:
            one = calls.part(k, k + 1)
            one.moved(0, -earlier)
            left = left.followed_by(one)
    return left
