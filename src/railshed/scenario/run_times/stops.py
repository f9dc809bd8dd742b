"""A planned line with a stop fewer or more: its minutes are moved by what the run-time model makes
of the stop.

Where the line is given by top speed this is the model that made its minutes, so that the line is
just as if it had been written so. Where minutes are given its trains are taken to go as fast as the
mean of the fastest hop: less than they do, so that a stop is worth at least as much.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from railshed.network.lines import Line, LineStop, Profile, stations_of
from railshed.network.model import Station
from railshed.scenario.plan import Plan
from railshed.scenario.run_times.allowances import run_rules, service_of
from railshed.scenario.run_times.kinematics import (
    FASTEST_KMH,
    SLOWEST_KMH,
    Limit,
    get_stock,
    stock_for,
)
from railshed.scenario.run_times.run_times import Hop, LineRun, RunTimes
from railshed.util.sums import plain_sum
from railshed.util.units import MINUTE


def running_of(plan: Plan, line: Line) -> LineRun:
    """Return how the trains of a line of the plan run by the model; on tracks that it takes over
    like on its own.
    """
    straight = plan.hop_m(line)
    dwells = tuple(float(stop.dwell_s) for stop in line.stops[1:-1])
    if line.profile is None:
        top = max(
            m / max(stop.run_s, 1) * 3.6 for m, stop in zip(straight, line.stops[1:], strict=True)
        )
        top = min(max(top, SLOWEST_KMH), FASTEST_KMH)
        service = service_of(plain_sum(straight) / len(straight) * run_rules(0).detour)
        rules = run_rules(top, service=service)
        km = tuple(max(m * rules.detour, 1.0) / 1000 for m in straight)
        return LineRun(
            top_speed_kmh=top,
            rolling_stock=stock_for(top, service),
            rules=rules,
            hop_km=km,
            dwell_s=(0.0, *dwells, 0.0),
            round_to_s=0,
        )
    own = line.profile
    stock = get_stock(line.profile.stock_id)
    at, back = _places(own, stations_of(line))
    ordered = _turned(own) if back else own
    detour = run_rules(own.top_speed_kmh, service=stock.service).detour
    hops = tuple(
        max(m * detour, 1.0) if a is None or b is None else math.fsum(ordered.hop_m[a:b])
        for m, (a, b) in zip(straight, pairwise(at), strict=True)
    )
    last = len(own.station_ids) - 1
    pairs = zip(line.stops, at, strict=True)
    planned = [stop.dwell_s if k in (None, 0, last) else ordered.dwell_s[k] for stop, k in pairs]
    step_s = 0 if any(stop.run_s % MINUTE for stop in line.stops) else MINUTE
    return LineRun(
        top_speed_kmh=own.top_speed_kmh,
        rolling_stock=stock,
        hop_km=tuple(metres / 1000 for metres in hops),
        dwell_s=(0.0, *planned[1:-1], 0.0),
        speed_limits=_limits(ordered, at, hops),
        round_to_s=step_s,
        seen=ordered.seen,
        ends=(_place_of(at, 0), _place_of(at, last)),
    )


def _place_of(at: Sequence[int | None], station: int) -> int:
    """Return which call is at a station of the profile, -1 for none."""
    return at.index(station) if station in at else -1


def _places(own: Profile, ids: Sequence[str]) -> tuple[list[int | None], bool]:
    """Return which calls of the profile these are, None for those beyond, and whether they are met
    backwards.
    """
    found = [_in_order(order, ids) for order in (own.station_ids, own.station_ids[::-1])]
    known = [sum(k is not None for k in at) for at in found]
    back = known[1] > known[0]
    return found[back], back


def _in_order(known: Sequence[str], ids: Sequence[str]) -> list[int | None]:
    found: list[int | None] = []
    start = 0
    for name in ids:
        at = known.index(name, start) if name in known[start:] else None
        found.append(at)
        start = start if at is None else at + 1
    return found


def _turned(own: Profile) -> Profile:
    whole_km = math.fsum(own.hop_m) / 1000
    limits = tuple((max(whole_km - b, 0.0), whole_km - a, kmh) for a, b, kmh in own.speed_limits)
    return replace(
        own,
        station_ids=own.station_ids[::-1],
        hop_m=own.hop_m[::-1],
        dwell_s=own.dwell_s[::-1],
        speed_limits=limits,
        seen=tuple(seen._replace(end_s=seen.end_s[::-1]) for seen in own.seen),
    )


def _limits(own: Profile, at: Sequence[int | None], hop_m: Sequence[float]) -> tuple[Limit, ...]:
    """Return the limits in kilometres from the first stop of the line, those beyond its own tracks
    left out.
    """
    known = [(k, place) for k, place in enumerate(at) if place is not None]
    if not known:
        return ()
    first, begins = known[0]
    _, ends = known[-1]
    shift = (math.fsum(hop_m[:first]) - math.fsum(own.hop_m[:begins])) / 1000
    low, high = (math.fsum(own.hop_m[:k]) / 1000 for k in (begins, ends))
    inside = [(max(a, low), min(b, high), kmh) for a, b, kmh in own.speed_limits]
    return tuple((a + shift, b + shift, kmh) for a, b, kmh in inside if a < b)


def without_stop(plan: Plan, line: Line, station_id: str) -> Line:
    """Return the line whose trains pass a station on the way; the same line where they do not call
    there.
    """
    last = len(line.stops) - 1
    calls = [k for k, name in enumerate(stations_of(line)) if name != station_id or k in (0, last)]
    if len(calls) == len(line.stops):
        return line
    running = running_of(plan, line)
    new = replace(running, stops_at=calls).times()
    stops = [line.stops[0]]
    for hop, old in zip(new.hops, _hops_of(running.times(), calls), strict=True):
        parts = line.stops[hop.from_idx + 1 : hop.to_idx + 1]
        out = [s.run_s for s in parts]
        back = [s.run_s if s.run_back_s is None else s.run_back_s for s in parts]
        less = round(plain_sum(part.run_s for part in old) - hop.run_s)
        stands = round(parts[-1].dwell_s + hop.dwell_s - old[-1].dwell_s)
        stops.append(
            replace(
                parts[-1],
                run_s=_shorter(out, less),
                dwell_s=max(stands, 0),
                run_back_s=None
                if all(s.run_back_s is None for s in parts)
                else _shorter(back, less),
            )
        )
    return replace(line, stops=tuple(stops))


def _shorter(parts: Sequence[int], less_s: int) -> int:
    """Return the seconds of runs joined to one, never below the longest of them."""
    return max(sum(parts) - less_s, max(parts) if len(parts) > 1 else 1)


def _hops_of(run: RunTimes, calls: Sequence[int]) -> list[tuple[Hop, ...]]:
    """Return the hops of a train that stops everywhere between each call and the next."""
    return [run.hops[a:b] for a, b in pairwise(calls)]


def with_stop(plan: Plan, line: Line, k: int, station: Station) -> Line:
    """Return the line with a stop more halfway before stop `k`, where its trains stand as long as
    elsewhere.
    """
    running = running_of(plan, line)
    km = running.hop_km
    dwells = running.dwell_s
    assert isinstance(km, tuple)
    assert isinstance(dwells, tuple)
    stands = (
        statistics.median_low(dwells[1:-1])
        if len(line.stops) > 2
        else running.times().rules.dwell_s
    )
    half = km[k - 1] / 2
    first, last = running.ends or (0, len(km))
    ends = first + (first >= k), last + (last >= k)
    more = replace(
        running,
        hop_km=(*km[: k - 1], half, half, *km[k:]),
        dwell_s=(*dwells[:k], stands, *dwells[k:]),
        ends=ends,
    )
    new = more.times()
    calls = [i for i in range(len(line.stops) + 1) if i != k]
    old = replace(more, stops_at=calls).times()
    stops = [line.stops[0]]
    for stop, hop, parts in zip(line.stops[1:], old.hops, _hops_of(new, calls), strict=True):
        out = _shared(stop.run_s, hop, parts)
        back = (
            [None] * len(parts) if stop.run_back_s is None else _shared(stop.run_back_s, hop, parts)
        )
        if len(parts) > 1:
            stops.append(LineStop(station, out[0], round(parts[0].dwell_s), run_back_s=back[0]))
        dwell = max(round(stop.dwell_s + parts[-1].dwell_s - hop.dwell_s), 0)
        stops.append(replace(stop, run_s=out[-1], run_back_s=back[-1], dwell_s=dwell))
    return replace(line, stops=tuple(stops))


def _shared(run_s: int, old: Hop, parts: Sequence[Hop]) -> list[int]:
    """Return the seconds of the parts of a run: those of the model, and to each a part of what the
    run differs by.
    """
    more_s = (run_s - old.run_s) / len(parts)
    ends = [0]
    for k in range(1, len(parts) + 1):
        ends.append(max(round(math.fsum(part.run_s + more_s for part in parts[:k])), ends[-1] + 1))
    return [b - a for a, b in pairwise(ends)]
