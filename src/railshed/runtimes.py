"""The timetable of one train along a line: minutes of every hop from spacing, top speed, rolling stock and stops.

`kinematics` gives the fewest seconds of a hop. A timetable adds a recovery margin in per cent, a loss for each hop
(slow turnouts, careful braking, whole minutes) and the dwell; where no length is known, tracks are longer than the
straight line by a detour factor. These four are rows of `defaults/run_rules.csv` by class of line, fitted to the
scheduled median of the China timetable on half of its lines and tested on the other half
(`networks/china/run_time_validation.md` says how wrong they are).
"""

from __future__ import annotations

import csv
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from itertools import pairwise
from typing import Any, Protocol

from railshed.arguments import checked, instance, many, optional, real, whole
from railshed.errors import ParameterError
from railshed.kinematics import Limit, RollingStock, get_stock, limit_problems, run_seconds, speed_problems, stock_for
from railshed.lines import great_circle_m

#: the lines that rules were fitted to and tested on are no slower, nor are their stations closer
_SLOWEST_TESTED_KMH = 160
_CLOSEST_TESTED_M = 8_000


class Placed(Protocol):
    """Anything with a place, such as `model.Station`."""

    @property
    def lon(self) -> float:
        """Degrees east, WGS84."""

    @property
    def lat(self) -> float:
        """Degrees north, WGS84."""


@dataclass(frozen=True, slots=True)
class RunRules:
    """What turns the fewest seconds of a run into those of a timetable."""

    #: class of line: intercity (with suburban) or high-speed
    class_id: str
    #: metres of track for each metre of straight line
    detour: float
    #: share of the run that the timetable adds, 0.05 = 5 %
    recovery: float
    #: seconds that each hop between two calls costs beyond that
    stop_loss_s: float
    #: seconds standing at a call on the way
    dwell_s: float
    source: str = ""
    #: how wrong hops are on lines that nothing was fitted to
    tested: str = ""

    def scheduled_s(self, fastest_s: float) -> float:
        """Return the seconds that a timetable gives to a run of `fastest_s`."""
        return fastest_s * (1 + self.recovery) + self.stop_loss_s


@dataclass(frozen=True, slots=True)
class Hop:
    """One run between two calls of a train."""

    #: indices into the stops of the line
    from_idx: int
    to_idx: int
    length_m: float
    #: fewest seconds, without margin and loss
    fastest_s: float
    #: seconds since the start of the train, on whole steps where times are rounded
    depart_s: float
    arrive_s: float
    #: seconds standing at `to_idx`; 0 at the end
    dwell_s: float

    @property
    def run_s(self) -> float:
        """Seconds from departure to arrival."""
        return self.arrive_s - self.depart_s


@dataclass(frozen=True, slots=True)
class RunTimes:
    """The run of one train along a line."""

    hops: tuple[Hop, ...]
    stock: RollingStock
    top_speed_kmh: float
    rules: RunRules
    #: sentences to print beside the times
    assumptions: tuple[str, ...]

    @property
    def total_s(self) -> float:
        """Seconds from the first departure to the last arrival."""
        return self.hops[-1].arrive_s

    @property
    def length_m(self) -> float:
        """Metres of track."""
        return math.fsum(hop.length_m for hop in self.hops)

    @property
    def hop_minutes(self) -> tuple[float, ...]:
        """Minutes of each run, without dwell: what `hop_minutes` of a scenario holds."""
        return tuple(hop.run_s / 60 for hop in self.hops)

    def __repr__(self) -> str:
        return (
            f"<RunTimes {self.length_m / 1000:.1f} km, {len(self.hops)} hops, {self.total_s / 60:.1f} min, "
            f"{self.top_speed_kmh:g} km/h, {self.stock.stock_id}>"
        )


@cache
def _rules() -> tuple[tuple[float, RunRules], ...]:
    """Return the rules by the top speed from which they hold, slowest first."""
    text = resources.files("railshed.defaults").joinpath("run_rules.csv").read_text(encoding="utf-8")
    return tuple((float(row["from_kmh"]), rules_of(row)) for row in csv.DictReader(text.splitlines()))


def rules_of(row: Mapping[str, str]) -> RunRules:
    """Return the rules of one row of the table."""
    detour, recovery, stop_loss_s, dwell_s = (
        float(row[key]) for key in ("detour", "recovery", "stop_loss_s", "dwell_s")
    )
    return RunRules(row["class_id"], detour, recovery, stop_loss_s, dwell_s, row["source"], row["tested"])


def run_rules(top_speed_kmh: float) -> RunRules:
    """Return the rules of the class of lines with this top speed."""
    return [rules for from_kmh, rules in _rules() if from_kmh <= top_speed_kmh][-1]


def _numbers_of(value: Any, n: int, told: str) -> tuple[float, ...]:
    try:
        found = tuple(real(part) for part in value)
    except (TypeError, ValueError):
        found = ()
    if len(found) != n:
        raise ValueError(f"allowed are {told}")
    return found


def _place_of(value: Any) -> Any:
    if hasattr(value, "lon") and hasattr(value, "lat"):
        return value
    return _numbers_of(value, 2, "(lon, lat), or anything with both")


def _limit_of(value: Any) -> Any:
    return _numbers_of(value, 3, "(from km, to km, km/h)")


def _dwell_of(value: Any) -> Any:
    return many(real)(value) if isinstance(value, Sequence) else real(value)


@checked(
    stops=optional(many(_place_of, least=0)),
    top_speed_kmh=real,
    rolling_stock=optional(instance(str, RollingStock)),
    length_km=optional(real),
    hop_km=optional(many(real, least=0)),
    speed_limits=many(_limit_of, least=0),
    stops_at=optional(many(whole(), least=0)),
    dwell_s=optional(_dwell_of),
    rules=optional(instance(RunRules)),
    round_to_s=whole(),
)
def run_times(
    stops: Sequence[tuple[float, float] | Placed] | None,
    *,
    top_speed_kmh: float,
    rolling_stock: str | RollingStock | None = None,
    length_km: float | None = None,
    hop_km: Sequence[float] | None = None,
    speed_limits: Sequence[Limit] = (),
    stops_at: Sequence[int] | None = None,
    dwell_s: float | Sequence[float] | None = None,
    rules: RunRules | None = None,
    round_to_s: int = 60,
) -> RunTimes:
    """Return the run of a train along a line: every hop with its length, seconds and dwell.

    Parameters
    ----------
    stops
        Places of the stations in order, (lon, lat) or anything with both; None where `hop_km` says the lengths.
    top_speed_kmh
        Highest speed of the line in service. What is announced is often the design speed, which is higher.
    rolling_stock
        Row of the table, or stock of your own; the usual one of that speed where none is named.
    length_km
        Track of the whole line, shared out over its hops by straight distance.
    hop_km
        Track from each station to the next. Without it and `length_km`, straight distance times `rules.detour`.
    speed_limits
        (from km, to km, km/h) along the line from its first station.
    stops_at
        Indices of the stations where the train calls, first and last among them or not; all where None.
    dwell_s
        Seconds at each call on the way, one for all or one for each of the stations.
    rules
        Margin, loss, dwell and detour; the fitted ones of the class of line where None.
    round_to_s
        Step of the timetable: arrivals and departures, counted from the start, fall on the nearest step, halves up.
        0 leaves seconds as they are. Rounded so, a further stop never makes a later arrival earlier.

    Raises
    ------
    ParameterError
        With every problem of the arguments.
    NotFoundError
        Where the rolling stock is unknown.
    """
    problems = run_time_problems(
        stops, top_speed_kmh=top_speed_kmh, length_km=length_km, hop_km=hop_km, speed_limits=speed_limits,
        stops_at=stops_at, dwell_s=dwell_s, rules=rules, round_to_s=round_to_s,
    )  # fmt: skip
    if problems:
        raise ParameterError("\n".join(f"{field}: {text}" for field, text in problems))
    stock = _stock(rolling_stock, top_speed_kmh)
    rules = rules or run_rules(top_speed_kmh)
    lengths = _lengths(stops, length_km, hop_km, rules.detour)
    calls = _calls(stops_at, len(lengths) + 1)
    stands = _dwells(dwell_s, len(lengths) + 1, rules.dwell_s)
    legs = [
        (i, j, leg, run_seconds(leg, top_speed_kmh, stock, limits=limits))
        for i, j, leg, limits in _legs(calls, lengths, speed_limits)
    ]
    hops = _timetable(legs, stands, rules, round_to_s)
    mean_m = sum(lengths) / (len(calls) - 1)
    said = _assumptions(stock, top_speed_kmh, rules, length_km, hop_km, dwell_s, speed_limits, rolling_stock, mean_m)
    return RunTimes(hops, stock, top_speed_kmh, rules, tuple(said))


def _stock(given: str | RollingStock | None, top_speed_kmh: float) -> RollingStock:
    if given is None:
        return stock_for(top_speed_kmh)
    return get_stock(given) if isinstance(given, str) else given


def run_time_problems(
    stops: Sequence[tuple[float, float] | Placed] | None,
    *,
    top_speed_kmh: float,
    length_km: float | None = None,
    hop_km: Sequence[float] | None = None,
    speed_limits: Sequence[Limit] = (),
    stops_at: Sequence[int] | None = None,
    dwell_s: float | Sequence[float] | None = None,
    rules: RunRules | None = None,
    round_to_s: int = 60,
) -> list[tuple[str, str]]:
    """Return (field, what is wrong) for every problem of the arguments of `run_times`."""
    found = [("top_speed_kmh", text) for text in speed_problems(top_speed_kmh)]
    n_stops = len(stops) if stops is not None else len(hop_km or ()) + 1
    if n_stops < 2:
        return [*found, ("stops", f"{n_stops} given: a line has at least two stations")]
    found += _length_problems(stops, length_km, hop_km, n_stops)
    if not found:
        detour = (rules or run_rules(top_speed_kmh)).detour
        whole_km = math.fsum(_lengths(stops, length_km, hop_km, detour)) / 1000
        found += [("speed_limits", text) for text in limit_problems(speed_limits, whole_km, "km")]
    wrong = [i for i in stops_at or () if not 0 <= i < n_stops]
    if wrong:
        found.append(("stops_at", f"{wrong}: indices of stations lie between 0 and {n_stops - 1}"))
    found += [("dwell_s", text) for text in _dwell_problems(dwell_s, n_stops)]
    if round_to_s < 0:
        found.append(("round_to_s", f"{round_to_s}: must be 0 or more seconds"))
    return found


def _length_problems(
    stops: Sequence[tuple[float, float] | Placed] | None,
    length_km: float | None,
    hop_km: Sequence[float] | None,
    n_stops: int,
) -> Iterator[tuple[str, str]]:
    if length_km is not None and hop_km is not None:
        yield "length_km", "given together with hop_km: give one of the two"
        return
    if hop_km is not None and len(hop_km) != n_stops - 1:
        yield "hop_km", f"{len(hop_km)} lengths for {n_stops} stations: give {n_stops - 1}"
        return
    for number, km in enumerate(hop_km or (), start=1):
        if not (math.isfinite(km) and km > 0):
            yield "hop_km", f"hop {number} of {km!r} km: must be more than 0"
    if stops is None:
        return
    straight = _straight(stops)
    for number, (metres, km) in enumerate(zip(straight, hop_km or [math.inf] * len(straight), strict=True), start=1):
        if metres == 0:
            yield "stops", f"stations {number} and {number + 1} stand at the same place"
        # 2 % and 500 m: coordinates of stations are those of buildings
        elif km * 1000 < metres * 0.98 - 500:
            yield "hop_km", f"hop {number} of {km:g} km is shorter than the straight line of {metres / 1000:.1f} km"
    if length_km is not None and not length_km * 1000 >= math.fsum(straight) * 0.98 - 500:
        yield "length_km", f"{length_km!r} km is less than the straight lines of {math.fsum(straight) / 1000:.1f} km"


def _dwell_problems(dwell_s: float | Sequence[float] | None, n_stops: int) -> Iterator[str]:
    values = [] if dwell_s is None else [dwell_s] if isinstance(dwell_s, int | float) else list(dwell_s)
    if not isinstance(dwell_s, int | float | None) and len(values) != n_stops:
        yield f"{len(values)} values for {n_stops} stations: give one for all or one for each"
    if any(not (math.isfinite(value) and value >= 0) for value in values):
        yield f"{dwell_s!r}: must be 0 or more seconds"


def _straight(stops: Sequence[tuple[float, float] | Placed]) -> list[float]:
    """Return the metres of the great circle from each stop to the next."""
    points = [stop if isinstance(stop, tuple) else (stop.lon, stop.lat) for stop in stops]
    return [great_circle_m(*a, *b) for a, b in pairwise(points)]


def _lengths(
    stops: Sequence[tuple[float, float] | Placed] | None,
    length_km: float | None,
    hop_km: Sequence[float] | None,
    detour: float,
) -> list[float]:
    """Return the metres of track from each stop to the next."""
    if hop_km is not None:
        return [km * 1000 for km in hop_km]
    straight = _straight(stops or ())
    factor = detour if length_km is None else length_km * 1000 / math.fsum(straight)
    return [metres * factor for metres in straight]


def _calls(stops_at: Sequence[int] | None, n_stops: int) -> list[int]:
    """Return the indices of the calls, rising, both ends among them."""
    return sorted({0, n_stops - 1, *(range(n_stops) if stops_at is None else stops_at)})


def _dwells(dwell_s: float | Sequence[float] | None, n_stops: int, usual_s: float) -> list[float]:
    """Return the seconds that the train stands at each stop if it calls there."""
    if dwell_s is None:
        return [usual_s] * n_stops
    return [dwell_s] * n_stops if isinstance(dwell_s, int | float) else list(dwell_s)


def _legs(
    calls: Sequence[int], lengths: Sequence[float], limits_km: Sequence[Limit]
) -> Iterator[tuple[int, int, float, list[Limit]]]:
    """Return from call, to call, metres, and the limits within, in metres from the first of the two."""
    for i, j in pairwise(calls):
        before, leg = math.fsum(lengths[:i]), math.fsum(lengths[i:j])
        inside = [(max(a * 1000 - before, 0.0), min(b * 1000 - before, leg), kmh) for a, b, kmh in limits_km]
        yield i, j, leg, [limit for limit in inside if limit[0] < limit[1]]


def _timetable(
    legs: Sequence[tuple[int, int, float, float]], stands: Sequence[float], rules: RunRules, round_to_s: int
) -> tuple[Hop, ...]:
    """Return the hops with their clock; what is rounded is the clock, never a duration."""
    hops, clock = [], 0.0
    for number, (i, j, metres, fastest) in enumerate(legs, start=1):
        depart = _rounded(clock, round_to_s)
        clock += rules.scheduled_s(fastest)
        arrive = _rounded(clock, round_to_s)
        clock += stands[j] if number < len(legs) else 0.0
        hops.append(Hop(i, j, metres, fastest, depart, arrive, _rounded(clock, round_to_s) - arrive))
    return tuple(hops)


def _rounded(seconds: float, step_s: int) -> float:
    """Return the nearest whole step, halves up."""
    # to the microsecond first: a last binary digit must not decide between two minutes
    return math.floor(round(seconds, 6) / step_s + 0.5) * step_s if step_s else seconds


def _assumptions(
    stock: RollingStock,
    top_speed_kmh: float,
    rules: RunRules,
    length_km: float | None,
    hop_km: Sequence[float] | None,
    dwell_s: float | Sequence[float] | None,
    speed_limits: Sequence[Limit],
    named: str | RollingStock | None,
    hop_m: float,
) -> Iterator[str]:
    """Return what the times rest on, one sentence each; `hop_m` is the mean distance between calls."""
    top = min(top_speed_kmh, stock.top_kmh)
    chosen = "" if named is not None else ", taken as the usual one for that speed"
    yield f"line {top_speed_kmh:g} km/h, {stock.name_en} ({stock.stock_id}){chosen}: runs at up to {top:g} km/h"
    yield f"acceleration and braking: {stock.source}"
    if hop_km is not None:
        yield "length of each hop as given"
    elif length_km is not None:
        yield f"length {length_km:g} km as given, shared out by straight distance"
    else:
        yield f"length: straight distance x {rules.detour:g} ({rules.source})"
    yield (
        f"recovery margin {rules.recovery * 100:g} % and {rules.stop_loss_s:g} s for each hop, "
        f"class {rules.class_id} ({rules.source})"
    )
    yield "dwell as given" if dwell_s is not None else f"dwell {rules.dwell_s:g} s ({rules.source})"
    if not speed_limits:
        yield "no speed limit below the top speed is known: curves and stations passed at full speed"
    if rules.tested and (top_speed_kmh < _SLOWEST_TESTED_KMH or hop_m < _CLOSEST_TESTED_M):
        yield (
            f"how wrong: not known: nothing like this was fitted to or tested (below {_SLOWEST_TESTED_KMH} km/h, or "
            f"stations closer than {_CLOSEST_TESTED_M / 1000:g} km on average); city lines come out too slow, up to "
            "twice: give their own minutes, or dwell and rules"
        )
    elif rules.tested:
        yield f"how wrong: {rules.tested}"
