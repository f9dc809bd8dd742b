"""The modification ``add-transfer``."""

from __future__ import annotations

from railshed.network.model import Network
from railshed.scenario.edits import with_transfers
from railshed.scenario.fields import kinds
from railshed.scenario.fields.stations import one_station
from railshed.scenario.modification import Modification
from railshed.util.units import MINUTE


class AddTransfer(Modification):
    """Lists a way on foot."""

    type = "add-transfer"
    meaning = (
        "A way on foot between two stations, listed: neither capped nor closed over others. It "
        "takes the place of one that is listed for the same pair, forbidden ones too."
    )
    fields = kinds.fields_of(
        {
            "from": kinds.text("station", kind="station", required=True),
            "to": kinds.text("station", kind="station", required=True),
            "minutes": kinds.number("on foot, all in", 0, 120, "minutes", required=True).drawn_from(
                0, 4, 30
            ),
            "bidirectional": kinds.flag("back in the same minutes", default=True),
        },
        selects=False,
    )
    example = {"from": "west", "to": "mid", "minutes": 9}
    drawn = ("bidirectional",)

    def check(self) -> bool:
        """Read the walk."""
        start = one_station(self, self.table, "from")
        end = one_station(self, self.table, "to")
        seconds = self.table.seconds("minutes")
        both = self.table.flag("bidirectional")
        if start is not None and end is not None and start.station_id == end.station_id:
            remedy = "the time between two trains at one station is adjust-station-time"
            self.table.error("to", "repeated-stop", "is the same station as from", end.name, remedy)
        if start is None or end is None or seconds is None:
            return False
        self.start = start
        self.end = end
        self.seconds = seconds
        self.both = both
        return True

    def apply(self) -> Network:
        """Return the network with the walk."""
        index = self.network.station_index()
        a = index[self.start.station_id]
        b = index[self.end.station_id]
        new = {(a, b): self.seconds, **({(b, a): self.seconds} if self.both else {})}
        old = self.network.transfers
        shorter = [
            listed / MINUTE
            for i, j, listed in zip(
                old.from_idx.tolist(), old.to_idx.tolist(), old.seconds.tolist(), strict=True
            )
            if new.get((i, j), listed) > listed
        ]
        figures = {"a": self.start.name, "b": self.end.name, "minutes": self.seconds / MINUTE}
        if shorter:
            self.note("edit_transfer_slower", **figures, before=min(shorter))
        self.only_adds = False  # walks that are generated between other stations may go by it
        self.say("edit_transfer_both" if self.both else "edit_transfer", **figures)
        return with_transfers(self.network, new)
