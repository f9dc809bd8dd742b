"""The modification ``remove-trips``."""

from __future__ import annotations

from railshed.network.model import Network
from railshed.scenario.edits import with_trips
from railshed.scenario.fields import kinds
from railshed.scenario.fields.selection import select
from railshed.scenario.modification import Modification


class RemoveTrips(Modification):
    """Removes the selected trips."""

    type = "remove-trips"
    meaning = (
        "Takes the selected trips away, whole, also where only a part of their run was "
        "meant by the selection."
    )
    fields = kinds.fields_of({})
    example = {"routes": ["fast-west"], "end_time": "12:00"}
    drawn = ("selection",)

    def check(self) -> bool:
        """Read the selected trips."""
        return select(self, required=True)

    def apply(self) -> Network:
        """Return the network without them."""
        self.say("edit_trips_removed", n=len(self.trips))
        return with_trips(self.network, {}, removed=self.trips)
