"""What turns bare runs of metros into timetables: fitted on Beijing's timetable, tested on
Shanghai's times.

Fitted: recovery margin and seconds for each call (loss and dwell; departures do not part them) with
the least mean absolute error over all hops of Beijing's metros, whose track lengths are listed; and
the detour, track over straight distance of all hops together. Nothing of another city is used, so
Shanghai and the published runs test it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean

import build_metro_beijing as beijing
from build_metro_lines import MetroLine

from railshed.scenario.run_times.allowances import RunRules
from railshed.scenario.run_times.kinematics import get_stock, run_seconds
from railshed.util.geodesy import great_circle_m

#: seconds standing at a call; only its sum with the loss is fitted
DWELL_S = 30.0
METRO_RULES = RunRules(
    "metro",
    detour=1.06,
    recovery=0.24,
    stop_loss_s=43.0 - DWELL_S,
    dwell_s=DWELL_S,
    service="city",
    source="fitted on 986 hops of 26 lines of Beijing's timetable",
    tested="see metro_validation.md",
)
STOCK = ((80.0, "metro-80"), (100.0, "metro-100"), (120.0, "suburban-120"), (140.0, "suburban-140"))
FASTEST_STOCK = "suburban-160"
FEWEST_TRAINS = 20
#: a tramway
NOT_FITTED = ("西郊线",)
MARGINS = [percent / 100 for percent in range(41)]
LOSSES_S = [float(s) for s in range(20, 91)]


@dataclass(frozen=True)
class Hop:
    """The run from a station to the next, its stand included."""

    line: str
    top_kmh: float
    track_m: float
    straight_m: float
    seconds: float
    #: ids of both ends
    stations: frozenset[str]

    @property
    def bare_s(self) -> float:
        """Fewest seconds of the run."""
        return float(run_seconds(self.track_m, self.top_kmh, get_stock(stock_of(self.top_kmh))))


def stock_of(top: float) -> str:
    """Return the rolling stock of a top speed."""
    return next((stock for most, stock in STOCK if top <= most), FASTEST_STOCK)


def read_hops(raw_dir: Path, lines: Sequence[MetroLine]) -> Iterator[Hop]:
    """Yield the hops of Beijing's metros with their track and mean seconds, departure to departure,
    of each way.
    """
    by_name = {line.name: line for line in lines if line.city == beijing.CITY}
    for name, table in beijing.read_timetables(raw_dir).items():
        line = by_name.get(beijing.NAMES.get(name, name))
        if line is None or name in NOT_FITTED:
            continue
        at = {s.name: s for s in line.stations} | {s.name.split("(")[0]: s for s in line.stations}
        names = [s["name"] for s in table["stations"]]
        tracks = {
            frozenset((a, s["name"])): s["dist"]
            for a, s in zip(names, table["stations"][1:], strict=False)
        }
        for (a, b), minutes in sorted(_minutes(table).items()):
            if frozenset((a, b)) in tracks and len(minutes) >= FEWEST_TRAINS:
                start, end = (at.get(n) or at[n.split("(")[0]] for n in (a, b))
                straight = float(great_circle_m(start.lon, start.lat, end.lon, end.lat))
                track, ends = (
                    tracks[frozenset((a, b))],
                    frozenset((start.station_id, end.station_id)),
                )
                yield Hop(name, table["design_speed"], track, straight, fmean(minutes) * 60, ends)


def _minutes(table: object) -> dict[tuple[str, str], list[int]]:
    minutes: dict[tuple[str, str], list[int]] = defaultdict(list)
    for direction in beijing.read_directions(table):  # type: ignore[arg-type]
        for train in direction.trains:
            for i in range(train.n_boarding - 1):
                minutes[train.names[i], train.names[i + 1]].append(
                    train.minutes[i + 1] - train.minutes[i]
                )
    return minutes


def fit(hops: Sequence[Hop]) -> tuple[float, float, float]:
    """Return detour, recovery, and seconds for each call that fit the hops best."""
    detour = sum(hop.track_m for hop in hops) / sum(hop.straight_m for hop in hops)
    bare = [hop.bare_s for hop in hops]

    def error(margin: float, loss_s: float) -> float:
        return fmean(
            abs(b * (1 + margin) + loss_s - h.seconds) for b, h in zip(bare, hops, strict=True)
        )

    margin, loss_s = min(((m, s) for m in MARGINS for s in LOSSES_S), key=lambda pair: error(*pair))
    return round(detour, 2), margin, loss_s
