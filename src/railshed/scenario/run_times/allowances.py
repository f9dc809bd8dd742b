"""What makes a timetable of bare runs: rules by class of line, and the ways in which a line may be
run.

`defaults/run_rules.csv` holds recovery margin, loss for each hop, dwell and detour by class, fitted
on half of the lines that are known and tested on the other half. A line is run like a **city** line
(a metro or suburban line on tracks of its own) or like a **railway**; railways have a class by top
speed. What is run how is said by the rolling stock where it is named. Where it is not, lines whose
stations lie less than 5 km apart on average are run like city lines: of the lines known, that parts
all but four (the metro-like lines to Daxing airport, Nansha, Chentougang and Gaochun have stations
farther apart). Top speed decides nothing here, since metro-like lines of 120 km/h take less time
than railways of 200 that stop as often.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from itertools import pairwise

from railshed.network.lines import Seen
from railshed.scenario.run_times.kinematics import CITY, RAILWAY, RollingStock, usual_stock
from railshed.util.bilingual import Words

#: stations closer than this on average: run like a city line
CITY_SPACING_M = 5_000
#: from, to
Range = tuple[float, float]


@dataclass(frozen=True, slots=True)
class RunRules:
    """What turns the fewest seconds of a run into those of a timetable."""

    #: class of line: city, intercity, high-speed
    class_id: str
    #: metres of track for each metre of straight line
    detour: float
    #: share of the run that the timetable adds, 0.05 = 5 %
    recovery: float
    #: seconds that each hop between two calls costs beyond that
    stop_loss_s: float
    #: seconds standing at a call on the way
    dwell_s: float
    source: str | Words = ""
    #: how wrong it is on lines that nothing was fitted to
    tested: str | Words = ""
    #: how lines of this class are run
    service: str = RAILWAY
    #: lowest top speed of the class
    from_kmh: float = 0.0
    #: top speeds, and kilometres between calls, of the lines that it was fitted to or tested on
    known_kmh: Range = (0.0, math.inf)
    known_km: Range = (0.0, math.inf)

    def scheduled_s(self, fastest_s: float) -> float:
        """Return the seconds that a timetable gives to a run of `fastest_s`."""
        return fastest_s * (1 + self.recovery) + self.stop_loss_s


@dataclass(frozen=True, slots=True)
class Way:
    """One way to run the trains of a line."""

    stock: RollingStock
    rules: RunRules
    #: highest speed run, also where the line allows more
    top_kmh: float
    #: how the railways of a network run, which the rules follow; None: as written
    seen: Seen | None = None


@cache
def all_rules() -> tuple[RunRules, ...]:
    """Return the rules of all classes, city first, then railways by rising top speed."""
    text = (
        resources.files("railshed.scenario.run_times")
        .joinpath("run_rules.csv")
        .read_text(encoding="utf-8")
    )
    return tuple(rules_of(row) for row in csv.DictReader(text.splitlines()))


def rules_of(row: Mapping[str, str]) -> RunRules:
    """Return the rules of one row of the table."""
    numbers = ("detour", "recovery", "stop_loss_s", "dwell_s", "from_kmh")
    detour, recovery, stop_loss_s, dwell_s, from_kmh = (float(row[key]) for key in numbers)
    return RunRules(
        class_id=row["class_id"],
        detour=detour,
        recovery=recovery,
        stop_loss_s=stop_loss_s,
        dwell_s=dwell_s,
        source=Words(row["source_zh"], row["source"]),
        tested=Words(row["tested_zh"], row["tested"]),
        service=row["service"],
        from_kmh=from_kmh,
        known_kmh=_range_of(row["known_kmh"]),
        known_km=_range_of(row["known_km"]),
    )


def _range_of(text: str) -> Range:
    low, high = text.split("-")
    return float(low), float(high)


def service_of(spacing_m: float) -> str:
    """Return how a line is taken to be run where its rolling stock is not named."""
    return CITY if spacing_m < CITY_SPACING_M else RAILWAY


def run_rules(top_speed_kmh: float, *, service: str = RAILWAY) -> RunRules:
    """Return the rules of the class of lines with this top speed."""
    return [
        rules
        for rules in all_rules()
        if rules.service == service and rules.from_kmh <= top_speed_kmh
    ][-1]


def ways(
    top_speed_kmh: float,
    spacing_m: float,
    *,
    stock: RollingStock | None = None,
    rules: RunRules | None = None,
) -> tuple[Way, ...]:
    """Return every way in which a line may be run, the usual one last.

    A line may be run like any slower one: by the usual stock of a lower top speed, by the rules of
    a lower class, no faster than those go. What is run faster within a way never takes longer, and
    a higher top speed only adds ways, so the least time over all ways never grows with the top
    speed.

    top_speed_kmh: highest speed of the line; spacing_m: mean metres between its stations, which
    decide how it is run where `stock` is None. A `stock` and `rules` stand in for all that could be
    chosen.
    """
    service = service_of(spacing_m) if stock is None else stock.service
    usual = usual_stock(service) if stock is None else (stock,)
    #: each with the top speed above which it is the usual one
    stocks = list(zip((0.0, *(one.top_kmh for one in usual)), usual, strict=False))
    return tuple(
        Way(train, own, top)
        for above_kmh, train in stocks
        for own, below_kmh in ([(rules, math.inf)] if rules else _classes(service))
        for top in [min(top_speed_kmh, below_kmh, math.inf if stock else train.top_kmh)]
        if above_kmh < top and own.from_kmh <= top
    )


def _classes(service: str) -> Iterator[tuple[RunRules, float]]:
    """Return the rules of each class, and the top speed at which the next one begins."""
    found = [rules for rules in all_rules() if rules.service == service]
    ends = [after.from_kmh for _, after in pairwise(found)]
    return zip(found, (*ends, math.inf), strict=True)
