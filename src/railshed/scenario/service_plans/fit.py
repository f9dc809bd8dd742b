"""What railways say of a planned line: how long hops and stops take, which trains stop where, when,
and how many.

Every part is a pool of what was seen, from which draws take; a corridor counts once, however many
trains it has.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import lru_cache
from itertools import combinations, pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from railshed.network.lines import Seen
from railshed.network.model import Network, Station
from railshed.scenario.run_times.run_times import LineRun
from railshed.scenario.service_plans.corridors import (
    FAST_KMH,
    MIXED_KMH,
    Corridor,
    kind_of,
    served_by_trains,
)
from railshed.util.array_types import Floats
from railshed.util.errors import InputError
from railshed.util.units import MINUTE

#: a longer stand on the way is a wait, not a stop; seconds of one of which no line is known
_MOST_DWELL_S = 5 * MINUTE
USUAL_DWELL_S = 2.0 * MINUTE
#: km to a core station where the line has none
_FAR_KM = 100.0
#: two announced counts whose logs differ by less say nothing of a slope
_ALIKE_LOG = 0.3
#: of the ridge on the stop shares
_RIDGE = 0.5
#: no fewer minutes of a hop count in a ratio
_LEAST_MIN = 0.5
_OF_CORRIDORS = 25


@dataclass(frozen=True, slots=True)
class Day:
    """When trains of a corridor arrive at a city, and leave it: clock seconds, rising."""

    arrivals_s: tuple[int, ...]
    departures_s: tuple[int, ...]
    length_km: float


@dataclass(frozen=True, slots=True)
class Fit:
    """What was seen on the corridors."""

    #: minutes of a hop beyond the rules, by kind of corridor
    hop_min: Mapping[str, float]
    #: log ratio of a line's hops to that, one a line
    line_log: tuple[float, ...]
    #: minutes beyond at the first and last hop of a line, by `end_of`; one an end
    end_min: Mapping[str, tuple[float, ...]]
    #: seconds of a stop, of suburban corridors and others
    dwell_s: Mapping[str, float]
    #: coefficients of `features` on the logit of the stop share; beyond it, lines by `stop_kind`,
    #: stations by `hubs_of`
    stop_logit: tuple[float, ...]
    stop_line: Mapping[str, tuple[float, ...]]
    stop_station: Mapping[str, tuple[float, ...]]
    days: tuple[Day, ...]
    #: clock seconds before which no train leaves: the lower quartile of the corridors' first trains
    first_s: float
    #: log trains a day each way years after an opening by log of those announced: intercept and
    #: slope, and what the opened lines have beyond it
    growth: tuple[float, float] = (0.0, 1.0)
    growth_log: tuple[float, ...] = (0.0,)

    def to_json(self) -> str:
        """Return the fit as text, a line a part; numbers have four decimals."""
        parts = (
            f" {json.dumps(key)}: {json.dumps(_rounded(value))}"
            for key, value in asdict(self).items()
        )
        return "{\n" + ",\n".join(parts) + "\n}\n"

    @staticmethod
    @lru_cache(maxsize=4)
    def from_json(text: str) -> Fit:
        """Return the fit of `to_json`; InputError when the text is none."""
        try:
            parts = {key: _tuples(value) for key, value in json.loads(text).items()}
            pools = {
                key: parts[key] | {} for key in ("end_min", "stop_line", "stop_station")
            }  # no mappings: TypeError
            return Fit(**parts | pools | {"days": tuple(Day(**day) for day in parts["days"])})
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise InputError(f"service_plans.json: not as railshed writes it ({error})") from None


def _rounded(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _rounded(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_rounded(inner) for inner in value]
    return round(value, 4) if isinstance(value, float) else value


def _tuples(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _tuples(inner) for key, inner in value.items()}
    return tuple(map(_tuples, value)) if isinstance(value, list) else value


def end_of(is_fast: bool, core: str, is_old: bool) -> str:
    """Return the class of an end of a railway: fast or not; new, or where other trains call, at a
    core station or not.

    A new end has tracks of its own; trains approach an old one on those of others.
    """
    if is_old:
        age = "core" if core else "old"
    else:
        age = "new"
    return f"{'fast' if is_fast else 'slow'} {age}"


def ends_of(corridor: Corridor) -> list[str]:
    """Return the classes of the first and the last station."""
    return [end_of(corridor.is_fast, corridor.core[-at], corridor.others[-at] > 0) for at in (0, 1)]


def hubs_of(corridor: Corridor) -> NDArray[np.str_]:
    """Return str (n_stations,): hub, an end or a core station, whose share of stops varies more, or
    other.
    """
    ends = np.isin(np.arange(corridor.n_stations), (0, corridor.n_stations - 1))
    return np.where(ends | corridor.at_core, "hub", "other")


def stop_kind(kind: str) -> str:
    """Return the class of the stops of a kind of railway."""
    return "suburban" if kind == "suburban" else "other"


def as_seen(
    run: LineRun, network: Network, stations: Sequence[Station | None], *, whole: bool = True
) -> LineRun:
    """Return a planned run as the railways of the network run, where it says so; `whole`: with
    approaches at the ends.

    A line above 250 or 300 km/h may be run like one for that, so that a higher top speed never
    gives a longer run.
    """
    if not network.service_plans:
        return run
    fit = Fit.from_json(network.service_plans)
    core = {k: c.slug for c in network.cities for k in c.core_station_ids}
    ids = ["" if s is None else s.station_id for s in (stations[0], stations[-1])]
    ends = [(core.get(key, ""), key in served_by_trains(network)) for key in ids]
    lengths = run.hop_lengths()
    found = list[Seen]()
    spacing_km = max(1.0, math.fsum(lengths) / len(lengths) / 1000)
    for top in sorted(
        {min(kmh, run.top_speed_kmh) for kmh in (FAST_KMH, MIXED_KMH, run.top_speed_kmh)}
    ):
        kind = kind_of(top, spacing_km)
        first, last = (
            _median(fit.end_min.get(end_of(top >= FAST_KMH, *end), ())) * MINUTE for end in ends
        )
        dwell_s = fit.dwell_s.get(stop_kind(kind), USUAL_DWELL_S)
        found.append(Seen(top, fit.hop_min.get(kind, 0.0) * MINUTE, dwell_s, (first, last)))
    return replace(run, seen=found, ends=None if whole else (-1, -1))


def features(corridor: Corridor, n_trains: float) -> Floats:
    """Return float64 (n_stations, 12): what the share of `n_trains` a day each way that stop
    depends on.

    One, people near, mean spacing, that of a suburban line, a fast line, a core station, other
    trains there, the name of the prefecture-level city, stations of the line, trains, the nearest
    station, km to a core station; numbers as logs.
    """
    n = corridor.n_stations
    others = corridor.others
    spacing = math.log(corridor.spacing_km) - 3
    km = np.append(0.0, np.cumsum(corridor.hop_m)) / 1000
    gap = np.minimum(np.append(np.inf, np.diff(km)), np.append(np.diff(km), np.inf))
    core = corridor.at_core
    away = np.abs(km[:, None] - km[core]).min(axis=1) if core.any() else np.full(n, _FAR_KM)
    return np.column_stack(
        [
            np.ones(n),
            np.log(1e4 + corridor.people) - 12.5,
            np.full(n, spacing),
            np.full(n, spacing if corridor.kind == "suburban" else 0.0),
            np.full(n, corridor.is_fast),
            core,
            np.log1p(others) / 3,
            corridor.seat,
            np.full(n, math.log(n)),
            np.full(n, math.log(n_trains / 50)),
            np.log(np.maximum(gap, 2) / 20),
            np.where(core, 0.0, np.log(np.maximum(away, 3) / 40)),
        ]
    ).astype(float)


def hops_of(corridor: Corridor) -> Iterator[tuple[int, int, float, float]]:
    """Yield first and last place of each hop of direct trains, its minutes and those by
    the rules.
    """
    for train in (t for way in corridor.trains for t in way if t.direct):
        minutes = (train.arrival_s[1:] - train.departure_s[:-1]) / MINUTE
        for (one, other), real in zip(
            pairwise(train.place.tolist()), minutes.tolist(), strict=True
        ):
            first, last = sorted((one, other))
            yield first, last, real, corridor.hop_s(first, last) / MINUTE


def fit_of(corridors: Sequence[Corridor], opened: Sequence[tuple[float, float]] = ()) -> Fit:
    """Return what corridors say; those with fewer than two trains each way say nothing.

    `opened` has the trains a day each way announced, and those that ran years later, of lines that
    were opened.
    """
    seen = [c for c in corridors if min(map(len, c.trains)) > 1]
    first = [min(int(t.departure_s[0]) for way in c.trains for t in way) for c in seen]
    return Fit(
        *_run_times(seen),
        *_stops(seen),
        tuple(_days(seen)),
        float(np.percentile(first, _OF_CORRIDORS)),
        *_growth(opened),
    )


def _median(values: Sequence[float]) -> float:
    return float(np.median(values)) if len(values) else 0.0


_Pools = dict[str, tuple[float, ...]]


def _run_times(
    corridors: Sequence[Corridor],
) -> tuple[dict[str, float], tuple[float, ...], _Pools, dict[str, float]]:
    """Return minutes of a hop, log ratios of lines, minutes at ends, seconds of a stop: medians of
    medians by line.
    """
    hops = [list(hops_of(c)) for c in corridors]
    inner: dict[str, list[float]] = {}
    for c, mine in zip(corridors, hops, strict=True):
        beyond = [real - rule for i, j, real, rule in mine if i > 0 and j < c.n_stations - 1]
        if beyond:
            inner.setdefault(c.kind, []).append(_median(beyond))
    hop_min = {kind: _median(values) for kind, values in inner.items()}
    line_log = []
    end_min = dict[str, list[float]]()
    dwells = dict[str, list[float]]()
    for c, mine in zip(corridors, hops, strict=True):
        usual = hop_min.get(c.kind, 0.0)
        last = c.n_stations - 1
        within = [
            math.log(max(real, _LEAST_MIN) / max(rule + usual, _LEAST_MIN))
            for i, j, real, rule in mine
            if i > 0 and j < last
        ]
        line_log += [_median(within)] if within else []
        for end, at_last in zip(ends_of(c), (False, True), strict=True):
            there = [
                real - rule - usual
                for i, j, real, rule in mine
                if (i == 0, j == last) == (not at_last, at_last)
            ]
            if there:
                end_min.setdefault(end, []).append(_median(there))
        stands = [
            (t.departure_s - t.arrival_s)[1:-1] for way in c.trains for t in way if len(t.place) > 2
        ]
        if stands:
            mean = float(np.minimum(np.concatenate(stands), _MOST_DWELL_S).mean())
            dwells.setdefault(stop_kind(c.kind), []).append(mean)
    ends = {end: tuple(values) for end, values in end_min.items()}
    return (
        hop_min,
        tuple(line_log),
        ends,
        {kind: _median(values) for kind, values in dwells.items()},
    )


def _stops(corridors: Sequence[Corridor]) -> tuple[tuple[float, ...], _Pools, _Pools]:
    """Return coefficients of the stop shares (ridge; a line counts once), what lines and stations
    have left.
    """
    x = np.concatenate([features(c, c.n_trains()) for c in corridors])
    share = np.concatenate([c.stop_shares() for c in corridors])
    of = np.repeat(np.arange(len(corridors)), [c.n_stations for c in corridors])
    weight = (1 / np.bincount(of))[of]
    logit = np.log(share / (1 - share))
    penalty = _RIDGE * np.diag([0.0, *[1.0] * (x.shape[1] - 1)])
    found = np.linalg.solve(x.T @ (x * weight[:, None]) + penalty, x.T @ (weight * logit))
    left = logit - x @ found
    line = np.bincount(of, left) / np.bincount(of)
    kinds = np.array([stop_kind(c.kind) for c in corridors])
    hubs = np.concatenate([hubs_of(c) for c in corridors])
    return tuple(found.tolist()), _pools(line, kinds), _pools(left - line[of], hubs)


def _pools(values: Floats, kinds: NDArray[np.str_]) -> _Pools:
    return {kind: tuple(values[kinds == kind].tolist()) for kind in np.unique(kinds).tolist()}


def _days(corridors: Sequence[Corridor]) -> Iterator[Day]:
    for c in corridors:
        for city in dict.fromkeys(filter(None, c.core)):
            way = c.towards(city)
            arrivals = sorted(int(t.arrival_s[-1]) for t in c.trains[way])
            departures = sorted(int(t.departure_s[0]) for t in c.trains[1 - way])
            yield Day(tuple(arrivals), tuple(departures), c.length_km)


def _growth(opened: Sequence[tuple[float, float]]) -> tuple[tuple[float, float], tuple[float, ...]]:
    """Return the line through the logs (Theil and Sen: the median slope of all pairs, 0 to 1), and
    what is left.
    """
    if not opened:
        return (0.0, 1.0), (0.0,)
    x, y = np.log(np.array(opened, float)).T
    pairs = combinations(zip(x.tolist(), y.tolist(), strict=True), 2)
    slopes = [(d - b) / (c - a) for (a, b), (c, d) in pairs if abs(c - a) > _ALIKE_LOG]
    slope = min(max(_median(slopes), 0.0), 1.0) if slopes else 1.0
    intercept = float(np.median(y - slope * x))
    return (intercept, slope), tuple((y - intercept - slope * x).tolist())
