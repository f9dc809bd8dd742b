"""The timetable of one train along a line: minutes of every hop from spacing, top speed, rolling
stock and stops.

`kinematics` gives the fewest seconds of a hop. A timetable adds a recovery margin in per cent, a
loss for each hop (slow turnouts, careful braking, whole minutes) and the dwell; where no length is
known, tracks are longer than the straight line by a detour factor. `allowances` holds these four by
class of line (`networks/china/run_time_validation.md` says how wrong they are).

Of several ways in which a line may be run (`allowances.ways`) the one that ends first is taken, so
that a higher top speed never gives a longer run.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from itertools import pairwise, repeat
from typing import Any, Protocol

from railshed.network.lines import Seen
from railshed.scenario.run_times.allowances import CITY_SPACING_M, RunRules, Way, run_rules, ways
from railshed.scenario.run_times.kinematics import (
    CITY,
    RAILWAY,
    Limit,
    RollingStock,
    get_stock,
    limit_problems,
    run_seconds,
    speed_problems,
)
from railshed.util.bilingual import Words
from railshed.util.errors import NotFoundError, ParameterError
from railshed.util.geodesy import steps_m
from railshed.util.phrases import PHRASES, phrase
from railshed.util.validation import checked, instance, many, optional, real, whole


class Placed(Protocol):
    """Anything with a place, such as `model.Station`."""

    @property
    def lon(self) -> float:
        """Degrees east, WGS84."""

    @property
    def lat(self) -> float:
        """Degrees north, WGS84."""


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
    premises: tuple[Words, ...]

    @property
    def assumptions(self) -> tuple[str, ...]:
        """The sentences to print beside the times, in English."""
        return tuple(words.en for words in self.premises)

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
            f"<RunTimes {self.length_m / 1000:.1f} km, {len(self.hops)} hops, "
            f"{self.total_s / 60:.1f} min, "
            f"{self.top_speed_kmh:g} km/h, {self.stock.stock_id}>"
        )


def _numbers_of(value: Any, n: int, allowed: str) -> tuple[float, ...]:
    try:
        found = tuple(real(part) for part in value)
    except (TypeError, ValueError):
        found = ()
    if len(found) != n:
        raise ValueError(f"allowed are {allowed}")
    return found


def _place_of(value: Any) -> tuple[float, ...]:
    if hasattr(value, "lon") and hasattr(value, "lat"):
        return value.lon, value.lat
    return _numbers_of(value, 2, "(lon, lat), or anything with both")


@checked(
    stops=optional(many(_place_of, least=0)),
    top_speed_kmh=real,
    rolling_stock=optional(instance(str, RollingStock)),
    length_km=optional(real),
    hop_km=optional(many(real, least=0)),
    speed_limits=many(lambda value: _numbers_of(value, 3, "(from km, to km, km/h)"), least=0),
    stops_at=optional(many(whole(), least=0)),
    dwell_s=optional(
        lambda value: many(real)(value) if isinstance(value, Sequence) else real(value)
    ),
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
        Places of the stations in order, (lon, lat) or anything with both; None where `hop_km` says
        the lengths.
    top_speed_kmh
        Highest speed of the line in service. What is announced is often the design speed, which is
        higher.
    rolling_stock
        Row of the table, or stock of your own. It says too how the line is run: `metro-...` and
        `suburban-...` like a city line, all others like a railway. Where none is named, like a city
        line where stations lie less than 5 km apart on average, by the usual stock of that or a
        lower speed, whichever ends first.
    length_km
        Track of the whole line, shared out over its hops by straight distance.
    hop_km
        Track from each station to the next. Without it and `length_km`, straight distance times
        `rules.detour`.
    speed_limits
        (from km, to km, km/h) along the line from its first station.
    stops_at
        Indices of the stations where the train calls, first and last among them or not; all where
        None.
    dwell_s
        Seconds at each call on the way, one for all or one for each of the stations.
    rules
        Margin, loss, dwell and detour; the fitted ones of the class of line where None.
    round_to_s
        Step of the timetable: arrivals and departures, counted from the start, fall on the nearest
        step, halves up. 0 leaves seconds as they are. Rounded so, a further stop never makes a
        later arrival earlier.

    Raises
    ------
    ParameterError
        With every problem of the arguments.
    NotFoundError
        Where the rolling stock is unknown.
    """
    run = LineRun(
        stops,  # type: ignore[arg-type]
        top_speed_kmh=top_speed_kmh,
        rolling_stock=rolling_stock,
        length_km=length_km,
        hop_km=hop_km,
        speed_limits=speed_limits,
        stops_at=stops_at,
        dwell_s=dwell_s,
        rules=rules,
        round_to_s=round_to_s,
    )
    problems = run.problems()
    if problems:
        raise ParameterError("\n".join(f"{field}: {text}" for field, text in problems))
    return run.times()


@dataclass(frozen=True, slots=True, kw_only=True)
class LineRun:
    """A train along a line as asked for: the parameters of `run_times`, places as (lon, lat)."""

    stops: Sequence[tuple[float, float]] | None = field(default=None, kw_only=False)
    top_speed_kmh: float
    rolling_stock: str | RollingStock | None = None
    length_km: float | None = None
    hop_km: Sequence[float] | None = None
    speed_limits: Sequence[Limit] = ()
    stops_at: Sequence[int] | None = None
    dwell_s: float | Sequence[float] | None = None
    rules: RunRules | None = None
    round_to_s: int = 60
    #: how the railways of the network run; a line run like a metro stays on tracks of its own and
    #: does without
    seen: Sequence[Seen] = ()
    #: places among the stops of the ends that `seen` is of; None: the first and the last
    ends: tuple[int, int] | None = None

    @property
    def n_stops(self) -> int:
        """Number of stations, the train calls there or not."""
        return len(self.stops) if self.stops is not None else len(self.hop_km or ()) + 1

    @property
    def spacing_m(self) -> float:
        """Mean metres of track between stations, the same for every top speed."""
        lengths = self._lengths(run_rules(0).detour)
        return math.fsum(lengths) / len(lengths)

    def times(self) -> RunTimes:
        """Return the run, where there are no `problems`."""
        calls = sorted(
            {
                0,
                self.n_stops - 1,
                *(range(self.n_stops) if self.stops_at is None else self.stops_at),
            }
        )
        found = []
        for way in self._ways():
            legs = [
                (
                    i,
                    j,
                    leg,
                    run_seconds(leg, way.top_kmh, way.stock, limits=limits),
                    self._beyond(way, i, j, limits),
                )
                for i, j, leg, limits in _legs(
                    calls, self._lengths(way.rules.detour), self.speed_limits
                )
            ]
            stands = self.dwells(way.rules.dwell_s)
            found.append((_timetable(legs, stands, way.rules, 0)[-1].arrive_s, way, legs, stands))
        # of equals the usual way, which is the last
        _, way, legs, stands = min(reversed(found), key=lambda run: run[0])
        hops = _timetable(legs, stands, way.rules, self.round_to_s)
        mean_m = math.fsum(leg[2] for leg in legs) / len(legs)
        premises = (
            *self._chosen(way, found[-1][1]),
            *self._assumptions(way),
            *_how_wrong(way, mean_m),
        )
        return RunTimes(hops, way.stock, self.top_speed_kmh, way.rules, premises)

    def hop_lengths(self) -> list[float]:
        """Return the metres of track from each stop to the next, of the usual way to run."""
        return self._lengths(self._ways()[-1].rules.detour)

    def hop_seconds(self, first: int, last: int) -> float:
        """Return the seconds from a call to a later one without a call between, of the usual way to
        run.
        """
        way = self._ways()[-1]
        lengths = self.hop_lengths()
        ((_, _, leg, limits),) = _legs((first, last), lengths, self.speed_limits)
        return way.rules.scheduled_s(run_seconds(leg, way.top_kmh, way.stock, limits=limits))

    def is_limited(self, first: int, last: int) -> bool:
        """Return whether a speed limit lies between two stops, of the usual way to run."""
        return any(
            limits for *_, limits in _legs((first, last), self.hop_lengths(), self.speed_limits)
        )

    def problems(self) -> list[tuple[str, str]]:
        """Return (field, what is wrong) for every problem."""
        found = [("top_speed_kmh", text) for text in speed_problems(self.top_speed_kmh)]
        n_stops = self.n_stops
        if n_stops < 2:
            return [*found, ("stops", f"{n_stops} given: a line has at least two stations")]
        found += self._length_problems()
        if not found:
            with suppress(NotFoundError):  # an unknown stock is refused where the line is run
                whole_km = (
                    math.fsum(self._lengths(max(way.rules.detour for way in self._ways()))) / 1000
                )
                found += [
                    ("speed_limits", text)
                    for text in limit_problems(self.speed_limits, whole_km, "km")
                ]
        wrong = [i for i in self.stops_at or () if not 0 <= i < n_stops]
        if wrong:
            found.append(
                ("stops_at", f"{wrong}: indices of stations lie between 0 and {n_stops - 1}")
            )
        found += [("dwell_s", text) for text in self._dwell_problems()]
        if self.round_to_s < 0:
            found.append(("round_to_s", f"{self.round_to_s}: must be 0 or more seconds"))
        return found

    def _length_problems(self) -> Iterator[tuple[str, str]]:
        length_km = self.length_km
        hop_km = self.hop_km
        n_stops = self.n_stops
        if length_km is not None and hop_km is not None:
            yield "length_km", "given together with hop_km: give one of the two"
            return
        if hop_km is not None and len(hop_km) != n_stops - 1:
            yield "hop_km", f"{len(hop_km)} lengths for {n_stops} stations: give {n_stops - 1}"
            return
        for number, km in enumerate(hop_km or (), start=1):
            if not (math.isfinite(km) and km > 0):
                yield "hop_km", f"hop {number} of {km!r} km: must be more than 0"
        straight = steps_m(self.stops or ())
        for number, (metres, km) in enumerate(
            zip(straight, hop_km or repeat(math.inf), strict=False), start=1
        ):
            if metres == 0:
                yield "stops", f"stations {number} and {number + 1} stand at the same place"
            # 2 % and 500 m: coordinates of stations are those of buildings
            elif km * 1000 < metres * 0.98 - 500:
                yield (
                    "hop_km",
                    (
                        f"hop {number} of {km:g} km is shorter than the straight line of "
                        f"{metres / 1000:.1f} km"
                    ),
                )
        if length_km is not None and not length_km * 1000 >= math.fsum(straight) * 0.98 - 500:
            least_km = math.fsum(straight) / 1000
            yield (
                "length_km",
                f"{length_km!r} km is less than the straight lines of {least_km:.1f} km",
            )

    def _dwell_problems(self) -> Iterator[str]:
        given = self.dwell_s
        if given is None:
            return
        values = [given] if isinstance(given, int | float) else list(given)
        if not isinstance(given, int | float) and len(values) != self.n_stops:
            yield (
                f"{len(values)} values for {self.n_stops} stations: give one for all or one for "
                "each"
            )
        if any(not (math.isfinite(value) and value >= 0) for value in values):
            yield f"{given!r}: must be 0 or more seconds"

    def _ways(self) -> Sequence[Way]:
        """Return every way in which the line may be run, the usual one last."""
        stock = (
            get_stock(self.rolling_stock)
            if isinstance(self.rolling_stock, str)
            else self.rolling_stock
        )
        found = ways(self.top_speed_kmh, self.spacing_m, stock=stock, rules=self.rules)
        return [
            _like(way, one) for way in found for one in self.seen if way.stock.service == RAILWAY
        ] or found

    def _beyond(self, way: Way, i: int, j: int, limits: Sequence[Limit]) -> float:
        """Return the seconds of approaches on a hop; a speed limit on it stands for them."""
        ends = self.ends or (0, self.n_stops - 1)
        if limits or way.seen is None:
            return 0.0
        return math.fsum(s for end, s in zip(ends, way.seen.end_s, strict=True) if end in (i, j))

    def _lengths(self, detour: float) -> list[float]:
        """Return the metres of track from each stop to the next."""
        if self.hop_km is not None:
            return [km * 1000 for km in self.hop_km]
        straight = steps_m(self.stops or ())
        factor = detour if self.length_km is None else self.length_km * 1000 / math.fsum(straight)
        return [metres * factor for metres in straight]

    def dwells(self, usual_s: float) -> list[float]:
        """Return the seconds that the train stands at each stop if it calls there."""
        given = usual_s if self.dwell_s is None else self.dwell_s
        return [given] * self.n_stops if isinstance(given, int | float) else list(given)

    def _chosen(self, way: Way, usual: Way) -> Iterator[Words]:
        """Return which way of running the times hold for, and why, one sentence each."""
        stock = way.stock
        top = min(way.top_kmh, way.stock.top_kmh)
        named = self.rolling_stock is not None
        taken = "run_usual" if stock is usual.stock else "run_sooner"
        why = "" if named else phrase(taken, usual=usual.stock.stock_id)
        name = Words(*(f"{name} ({stock.stock_id})" for name in (stock.name, stock.name_en)))
        yield phrase("run_runs", kmh=self.top_speed_kmh, stock=name, why=why, top=top)
        yield phrase("run_acceleration", source=stock.source)
        if not named and self.rules is None:
            like = "run_like_metro" if stock.service == CITY else "run_like_railway"
            yield phrase(like, km=self.spacing_m / 1000, least=CITY_SPACING_M / 1000)

    def _assumptions(self, way: Way) -> Iterator[Words]:
        """Return what the times rest on besides, one sentence each."""
        rules = way.rules
        if self.hop_km is not None:
            yield phrase("run_hop_lengths")
        elif self.length_km is not None:
            yield phrase("run_length", km=self.length_km)
        else:
            yield phrase("run_detour", times=rules.detour, source=rules.source)
        margin = {
            "share": rules.recovery * 100,
            "seconds": round(rules.stop_loss_s, 1),
            "kind": _class(rules),
        }
        yield phrase("run_margin", **margin, source=rules.source)
        if way.seen is not None:
            first, last = (seconds / 60 for seconds in way.seen.end_s)
            yield phrase(
                "run_seen", hop=way.seen.hop_s, dwell=way.seen.dwell_s, first=first, last=last
            )
        if self.dwell_s is not None:
            yield phrase("run_own_dwell")
        elif way.seen is None:
            yield phrase("run_dwell", seconds=rules.dwell_s, source=rules.source)
        if not self.speed_limits:
            yield phrase("run_no_limit")


def _class(rules: RunRules) -> Words:
    return PHRASES.get(f"run_class_{rules.class_id}", Words(rules.class_id))


def _like(way: Way, seen: Seen) -> Way:
    """Return a way as the railways of a network run."""
    loss_s = max(way.rules.stop_loss_s + seen.hop_s, 0.0)
    rules = replace(way.rules, stop_loss_s=loss_s, dwell_s=seen.dwell_s)
    return Way(way.stock, rules, min(way.top_kmh, seen.top_kmh), seen)


def _legs(
    calls: Sequence[int], lengths: Sequence[float], limits_km: Sequence[Limit]
) -> Iterator[tuple[int, int, float, list[Limit]]]:
    """Return from call, to call, metres, and the limits within, in metres from the first of the
    two.
    """
    for i, j in pairwise(calls):
        before = math.fsum(lengths[:i])
        leg = math.fsum(lengths[i:j])
        inside = [
            (max(a * 1000 - before, 0.0), min(b * 1000 - before, leg), kmh)
            for a, b, kmh in limits_km
        ]
        yield i, j, leg, [limit for limit in inside if limit[0] < limit[1]]


def _timetable(
    legs: Sequence[tuple[int, int, float, float, float]],
    stands: Sequence[float],
    rules: RunRules,
    round_to_s: int,
) -> tuple[Hop, ...]:
    """Return the hops with their clock; what is rounded is the clock, never a duration."""
    hops = []
    clock = 0.0
    for number, (i, j, metres, fastest, beyond_s) in enumerate(legs, start=1):
        depart = _rounded(clock, round_to_s)
        clock += rules.scheduled_s(fastest) + beyond_s
        arrive = _rounded(clock, round_to_s)
        clock += stands[j] if number < len(legs) else 0.0
        hops.append(
            Hop(
                from_idx=i,
                to_idx=j,
                length_m=metres,
                fastest_s=fastest,
                depart_s=depart,
                arrive_s=arrive,
                dwell_s=_rounded(clock, round_to_s) - arrive,
            )
        )
    return tuple(hops)


def _rounded(seconds: float, step_s: int) -> float:
    """Return the nearest whole step, halves up."""
    # to the microsecond first: a last binary digit must not decide between two minutes
    return math.floor(round(seconds, 6) / step_s + 0.5) * step_s if step_s else seconds


def _how_wrong(way: Way, hop_m: float) -> Iterator[Words]:
    """Return how wrong the class is, or that nothing like this is known of it; `hop_m` is the mean
    between calls.
    """
    rules = way.rules
    top = min(way.top_kmh, way.stock.top_kmh)
    slowest, fastest = rules.known_kmh
    closest, farthest = rules.known_km
    if not rules.tested:
        return
    if slowest <= top <= fastest and closest <= hop_m / 1000 <= farthest:
        yield phrase("run_error", text=rules.tested)
    else:
        ranges = {"slowest": slowest, "fastest": fastest, "closest": closest, "farthest": farthest}
        yield phrase("run_error_unknown", kind=_class(rules), **ranges)
