"""The modification ``adjust-speed``."""

from __future__ import annotations

import numpy as np

from railshed.network.model import Network
from railshed.scenario.edits import Calls, calls_of, with_trips
from railshed.scenario.fields import kinds
from railshed.scenario.fields.selection import select
from railshed.scenario.fields.stations import find_station
from railshed.scenario.modification import Modification
from railshed.scenario.run_times.kinematics import FASTEST_KMH
from railshed.util.geodesy import great_circle_m
from railshed.util.units import MINUTE

#: from, to: indices of stations
_Pair = tuple[int, int]


class AdjustSpeed(Modification):
    """Lets trips run faster or slower."""

    type = "adjust-speed"
    meaning = (
        "Every run of the selected trips takes 1/scale of its time, to the second; dwells stay, "
        "the first departure "
        "stays, all later times move. With hops only the runs between these pairs of calls; trips "
        "without such a pair stay as they are."
    )
    fields = kinds.fields_of(
        {
            "scale": kinds.number(
                "of the speed: 1.2 is 20 % faster", 0.01, 100.0, "", required=True
            ).drawn_from(0.5, 1, 1.1, 1.37),
            "hops": kinds.lists(
                "pairs [from, to]: all runs from each call at the first to the next at the second",
                "string",
                2,
                least=1,
            ),
        }
    )
    example = {"routes": ["fast-west"], "scale": 1.2, "hops": [["mid", "west"]]}
    drawn = ("selection",)

    def check(self) -> bool:
        """Read the trips, the scale and the pairs of calls."""
        self.scale = self.table.number_of("scale") or 0
        self.pairs = self._pairs()
        return select(self, required=True)

    def apply(self) -> Network | None:
        """Return the network whose selected trips run faster or slower."""
        before = calls_of(self.network, self.trips)
        scale = self.scale
        changed = {}
        n_runs = 0
        for trip, calls in before.items():
            runs = set(range(len(calls) - 1))
            if self.pairs is not None:
                runs = {
                    k for pair in self.pairs for at in calls.passages(*pair) for k in range(*at)
                }
            if runs:
                changed[trip] = _scaled(calls, runs, scale)
                n_runs += len(runs)
        if not changed:
            message = "none of the selected trips runs between two of these stations"
            self.table.error("hops", "selects-nothing", message)
            return None
        if not self._is_possible(before, changed, scale):
            return None
        saved_s = sum(before[t].arrival_s[-1] - calls.arrival_s[-1] for t, calls in changed.items())
        minutes = saved_s / len(changed) / MINUTE
        key = "edit_faster" if minutes >= 0 else "edit_slower"
        self.say(
            key, n=len(changed), n_all=len(before), n_runs=n_runs, scale=scale, minutes=abs(minutes)
        )
        return with_trips(self.network, changed)

    def _pairs(self) -> list[_Pair] | None:
        """Return the pairs of stations that ``hops`` names, None if it is not given."""
        table = self.table
        value = self.table.values.get("hops")
        if value is None:
            return None
        if not isinstance(value, list) or not value:
            table.error("hops", "bad-value", 'is not a list of pairs ["from", "to"]', value)
            return []
        index = self.network.station_index()
        found = []
        for i, pair in enumerate(value, start=1):
            if (
                not isinstance(pair, list)
                or len(pair) != 2
                or not all(isinstance(v, str) for v in pair)
            ):
                table.error(
                    "hops", "bad-value", 'is not a pair ["from", "to"]', pair, item=f"[{i}]"
                )
                continue
            ends = [find_station(self, table, "hops", text, item=f"[{i}]") for text in pair]
            if all(ends):
                a, b = (index[s.station_id] for s in ends if s is not None)
                found.append((a, b))
        return found

    def _is_possible(self, before: dict[int, Calls], after: dict[int, Calls], scale: float) -> bool:
        """Report the fastest run that the change makes impossible, and return whether there is
        none.
        """
        lon, lat = (
            np.array([getattr(s, key) for s in self.network.stations]) for key in ("lon", "lat")
        )
        worst = (FASTEST_KMH, "")
        for trip, one in after.items():
            old = before[trip]
            at = np.array(one.station_idx)
            metres = great_circle_m(lon[at[:-1]], lat[at[:-1]], lon[at[1:]], lat[at[1:]])
            for k, length in enumerate(metres.tolist()):
                kmh = length / max(one.run_s(k), 1) * 3.6
                if kmh > worst[0] and one.run_s(k) < old.run_s(k):
                    ends = (self.network.stations[one.station_idx[i]].name for i in (k, k + 1))
                    worst = (
                        kmh,
                        f"{' to '.join(ends)} would run at {kmh:,.0f} km/h, above {FASTEST_KMH:g}",
                    )
        if worst[1]:
            remedy = "take a smaller scale, or name hops"
            self.table.error("scale", "impossible-speed", worst[1], f"{scale:g}", remedy)
        return not worst[1]


def _scaled(calls: Calls, runs: set[int], scale: float) -> Calls:
    """Return the calls with these runs at `scale` times the speed: halves up, and no run that took
    time takes none.
    """
    seconds = [calls.run_s(k) for k in range(len(calls) - 1)]
    scaled = [
        max(int(s / scale + 0.5), min(s, 1)) if k in runs else s for k, s in enumerate(seconds)
    ]
    return calls.retimed(scaled, calls.dwells())
