"""The modification ``adjust-dwell-time``."""

from __future__ import annotations

from railshed.network.model import Network
from railshed.scenario.edits import Calls, calls_of, with_trips
from railshed.scenario.fields import kinds
from railshed.scenario.fields.selection import select
from railshed.scenario.fields.stations import named_stations
from railshed.scenario.modification import Modification


class AdjustDwellTime(Modification):
    """Lets trips stand longer or shorter on the way."""

    type = "adjust-dwell-time"
    meaning = (
        "The selected trips stand longer or shorter at calls on the way: the arrival stays, the "
        "departure and all later times move. Ends of a run have no dwell."
    )
    fields = kinds.fields_of(
        {
            "dwell_minutes": kinds.number("the new dwell; or scale", 0, 120, "minutes").drawn_from(
                0, 1, 2.5
            ),
            "scale": kinds.number(
                "of the dwell: 0.5 is half; instead of dwell_minutes", 0, 100, ""
            ).drawn_from(0.5, 1, 3),
            "stops": kinds.texts("only at these stations", kind="stations"),
        }
    )
    example = {"routes": ["fast-west"], "dwell_minutes": 3, "stops": ["mid"]}
    drawn = ("selection", ("dwell_minutes", "scale"))

    def check(self) -> bool:
        """Read the trips, the stations and the new dwell: seconds, or times the old one."""
        table = self.table
        self.dwell_s = table.seconds("dwell_minutes")
        self.scale = table.number_of("scale")
        if table.has("dwell_minutes") == table.has("scale"):
            remedy = "give one of them"
            table.error(
                "dwell_minutes", "missing-key", "needs either dwell_minutes or scale", remedy=remedy
            )
        stations = named_stations(self, table, "stops")
        index = self.network.station_index()
        #: everywhere if there are none
        self.station_idx = {index[s.station_id] for s in stations}
        return select(self, required=True)

    def _changes(self, calls: Calls) -> list[int]:
        """Return the calls on the way whose dwell changes."""
        return [
            k
            for k in range(1, len(calls) - 1)
            if not self.station_idx or calls.station_idx[k] in self.station_idx
        ]

    def _dwell(self, seconds: int) -> int:
        """Return the new dwell in place of one of so many seconds, halves up."""
        return int(seconds * (self.scale or 0) + 0.5) if self.dwell_s is None else self.dwell_s

    def apply(self) -> Network | None:
        """Return the network whose selected trips stand as long as said."""
        calls = calls_of(self.network, self.trips)
        at = {trip: on_way for trip, one in calls.items() if (on_way := self._changes(one))}
        if not at:
            key = "stops" if self.table.has("stops") else "type"
            message = "none of the selected trips calls there on its way (ends have no dwell)"
            self.table.error(key, "selects-nothing", message)
            return None
        changed = {}
        for trip, on_way in at.items():
            one = calls[trip]
            dwells = [self._dwell(s) if k in on_way else s for k, s in enumerate(one.dwells())]
            changed[trip] = one.retimed([one.run_s(k) for k in range(len(one) - 1)], dwells)
        self.say("edit_dwell", n=len(changed), n_all=len(calls), n_calls=sum(map(len, at.values())))
        return with_trips(self.network, changed)
