"""Lines that a scenario adds, as they run once all of its modifications are applied, and warnings
about them.

What ``add-trips`` wrote holds only until a later modification touches the line. So whatever is said
of a planned line is said of lines made here, of the trips that are left at the end. Warned of are
lines that end near a city and reach no core station, which would silently be worth nothing, and a
new core station that is a way out of another one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise, permutations

import numpy as np

from railshed.assumptions.assumptions import Assumptions, default_assumptions
from railshed.network.cities import City
from railshed.network.lines import Line, LineStop, Period, expand, route_of, stations_of
from railshed.network.model import Network, Station
from railshed.network.trip_series import with_first_runs
from railshed.scenario.edits import calls_of
from railshed.scenario.run_times.kinematics import get_stock, reached_kmh
from railshed.util.bilingual import Words
from railshed.util.geodesy import great_circle_m
from railshed.util.phrases import phrase
from railshed.util.units import DAY, MINUTE, UNREACHED


@dataclass(frozen=True, slots=True)
class _Kind:
    """How a train runs: the way, its stations, the runs between them, the dwells on the way."""

    direction: int
    stations: tuple[str, ...]
    run_s: tuple[int, ...]
    dwell_s: tuple[int, ...]
    #: 1 for a second train of this kind that leaves in the same second, and so on
    nth: int = 0


#: departures from the first station of each kind of train, in order
_Service = dict[_Kind, tuple[int, ...]]


def running_lines(
    network: Network, lines: Sequence[Line], seeds: Sequence[int], *, untouched: bool = False
) -> tuple[tuple[Line, ...], tuple[int, ...]]:
    """Return the lines whose trips run in the network, and the seed of each: what `expand` gives
    are just those trips.

    Parameters
    ----------
    network
        After all modifications.
    lines, seeds
        As they were added, one a stop pattern. One of whose trips none is changed comes back as it
        is.
    untouched
        Whether no modification changes any trip: then the trips are not looked at.

    Notes ----- A line whose trains do not run alike any more (faster in the peak, one way only)
    becomes several of one route. Periods that the line was not given are read off the departures:
    as long as these are even, a headway and its phase.
    """
    latest = {line.line_id: (line, seed) for line, seed in zip(lines, seeds, strict=True)}
    if untouched and all(
        run.trip_ids for line, seed in latest.values() for run in expand(line, seed)
    ):
        return tuple(line for line, _ in latest.values()), tuple(
            seed for _, seed in latest.values()
        )
    places = {s.station_id: s for s in network.stations}
    found = [
        (one, seed)
        for (line, seed), runs in _services(network, latest)
        for one in lines_of(line, seed, runs, places)
    ]
    return tuple(line for line, _ in found), tuple(seed for _, seed in found)


def _services(
    network: Network, lines: Mapping[str, tuple[Line, int]]
) -> Iterator[tuple[tuple[Line, int], _Service]]:
    """Yield each line whose route has trips, with how and when its own run."""
    routes: dict[str, list[int]] = {route_of(line): [] for line, _ in lines.values()}
    for k, route in enumerate(network.trips.route_ids):
        if route in routes:
            routes[route].append(k)
    ids = [s.station_id for s in network.stations]
    for line, seed in lines.values():
        trips = routes[route_of(line)]
        trains = []
        for k, calls in calls_of(network, trips).items():
            line_id, direction, _ = network.trips.trip_ids[k].rsplit(":", 2)
            if line_id == line.line_id:
                called = [ids[k] for k in calls.station_idx]
                kind = kind_of(int(direction), called, calls.arrival_s, calls.departure_s)
                trains.append((kind, calls.departure_s[0]))
        if trips:
            yield (line, seed), service_of(trains)


def kind_of(
    direction: int, stations: Sequence[str], arrival_s: Sequence[int], departure_s: Sequence[int]
) -> _Kind:
    """Return how a train runs; arrivals and departures in clock seconds."""
    run_s = tuple(b - a for a, b in zip(departure_s, arrival_s[1:], strict=False))
    dwell_s = tuple(b - a for a, b in zip(arrival_s[1:-1], departure_s[1:-1], strict=True))
    return _Kind(direction, tuple(stations), run_s, dwell_s)


def service_of(trains: Iterable[tuple[_Kind, int]]) -> _Service:
    """Return the departures of trains by kind."""
    found: dict[_Kind, list[int]] = {}
    for kind, leaves in sorted(
        trains, key=lambda train: (train[1], train[0].direction, train[0].stations)
    ):
        while kind in found and found[kind][-1] == leaves:
            kind = replace(kind, nth=kind.nth + 1)
        found.setdefault(kind, []).append(leaves)
    return {kind: tuple(times) for kind, times in found.items()}


def _written(line: Line, seed: int) -> _Service:
    """Return how and when the trains of a line run as it is written."""
    return service_of(
        (kind_of(line.direction ^ way, run.station_ids, arrival_s, departure_s), departure_s[0])
        for way, run in enumerate(expand(line, seed))
        for arrival_s, departure_s in zip(
            run.arrival_s.tolist(), run.departure_s.tolist(), strict=True
        )
    )


def lines_of(line: Line, seed: int, runs: _Service, places: Mapping[str, Station]) -> list[Line]:
    """Return the lines of trains that were added as one; the first keeps its id."""
    if runs == _written(line, seed):
        return [line]
    found: list[Line] = []
    route = route_of(line)
    left = sorted(runs, key=lambda kind: (kind.direction, -len(runs[kind]), runs[kind]))
    while left:
        kind = left.pop(0)
        line_id = line.line_id if not found else f"{line.line_id} [{len(found) + 1}]"
        stops = _stops(line, kind, places)
        one = replace(line, line_id=line_id, route_id=route, stops=stops, direction=kind.direction)
        turned = kind.stations[::-1], kind.dwell_s[::-1]
        for back in [
            o for o in left if o.direction != kind.direction and (o.stations, o.dwell_s) == turned
        ]:
            both = replace(one, stops=_with_way_back(stops, back.run_s), bidirectional=True)
            if (paired := _timed(both, seed, runs, (kind, back))) is not None:
                left.remove(back)
                found.append(paired)
                break
        else:
            alone = _timed(replace(one, bidirectional=False), seed, runs, (kind,))
            assert alone is not None, "the departures themselves say when it runs"
            found.append(alone)
    return found


def _stops(line: Line, kind: _Kind, places: Mapping[str, Station]) -> tuple[LineStop, ...]:
    core = {stop.station.station_id: stop.core_city for stop in line.stops}
    each = zip(kind.stations, (0, *kind.run_s), (0, *kind.dwell_s, 0), strict=True)
    return tuple(
        LineStop(places[name], run, dwell, core.get(name, "")) for name, run, dwell in each
    )


def _with_way_back(stops: Sequence[LineStop], run_s: Sequence[int]) -> tuple[LineStop, ...]:
    """Return the stops with the runs of the way back, which are given in its order."""
    pairs = zip(stops[1:], run_s[::-1], strict=True)
    return (
        stops[0],
        *(stop if stop.run_s == back else replace(stop, run_back_s=back) for stop, back in pairs),
    )


def _timed(line: Line, seed: int, runs: _Service, kinds: Sequence[_Kind]) -> Line | None:
    """Return the line with periods that give just these trains, its own or those that their
    departures fall into.
    """
    longest_s = max((period.headway_s for period in line.periods), default=DAY)
    read = [_periods(runs[kind], longest_s) for kind in kinds]
    departures = {replace(kind, nth=0): runs[kind] for kind in kinds}
    tried = (line.periods, read[0] if len(read) == 1 else _shared(*read))
    lines = (replace(line, periods=periods) for periods in tried if periods)
    return next((one for one in lines if _written(one, seed) == departures), None)


def _periods(times: Sequence[int], longest_s: int = DAY) -> tuple[Period, ...]:
    """Return the periods of even headways that departures fall into, each up to the next one at
    most.

    Between two departures alone more than `longest_s` is no headway but a gap, such as trains that
    are taken away leave: the train before it, and one after which nothing follows as closely, is a
    period of its own.
    """
    found = []
    first = 0
    while first < len(times):
        gaps = [b - a for a, b in pairwise(times[first:])]
        n = next((k for k, gap in enumerate(gaps) if gap != gaps[0]), len(gaps)) + 1
        rest = times[first + n :]
        gap = times[first] - times[first - 1] if first else DAY
        if gaps:
            gap = gaps[0]
        if n <= 2 and gap > min(longest_s, DAY - 1):
            found.append(Period(times[first], times[first] + MINUTE, DAY, (0, 0)))
            first += 1
            continue
        end = times[first + n - 1] + gap
        found.append(Period(times[first], min(end, rest[0]) if rest else end, gap, (0, 0)))
        first += n
    return tuple(found)


def _shared(out: Sequence[Period], back: Sequence[Period]) -> tuple[Period, ...]:
    """Return the periods of both ways, none where their headways differ."""
    if [p.headway_s for p in out] != [p.headway_s for p in back]:
        return ()
    found = []
    for a, b in zip(out, back, strict=True):
        start = min(a.start_s, b.start_s)
        end = (max if a.headway_s == DAY else min)(a.end_s, b.end_s)
        found.append(Period(start, end, a.headway_s, (a.start_s - start, b.start_s - start)))
    return tuple(found)


#: an end this near to a core station or the main centre is meant for the city
_NEAR_KM = 15.0


def lines_without_core(
    network: Network, running: Network, lines: Sequence[Line], city: str = ""
) -> Iterator[Words]:
    """Yield a warning for each end of a line in or near a city (any, where none is named) that gets
    no core station.

    A line that meets other trains near the city, those of `running` or of another line, and they go
    on to a core station, is worth something without one.
    """
    cities = [c for c in network.cities if city in ("", c.slug)]
    running = with_first_runs(running)[0]
    places = {s.station_id: s for s in network.stations}
    reported = set()
    for line in lines:
        called = [places.get(stop.station.station_id, stop.station) for stop in line.stops]
        for station in (called[0], called[-1]):
            near = [(km, c) for c in cities if (km := _km_from(c, station, places)) is not None]
            if not near or (line.name, station.station_id) in reported:
                continue
            km, found = min(near, key=lambda item: (item[0], item[1].slug))
            there = {s.station_id for s in called if _km_from(found, s, places) is not None}
            core = set(found.core_station_ids)
            if core & {s.station_id for s in called} or _is_joined(
                running, lines, line, there, core
            ):
                continue
            reported.add((line.name, station.station_id))
            yield phrase(
                "plan_no_core", line=line.name, station=station.name, km=km, city=found.label
            )


def _is_joined(
    running: Network, lines: Sequence[Line], line: Line, there: set[str], core: set[str]
) -> bool:
    """Return whether other trains call at one of the line's stations near the city and at a core
    station.
    """
    index = running.station_index()
    route = route_of(line)
    trips = running.stop_times.trip_idx
    here, away = (
        trips[running.calls_at([index[s] for s in ids if s in index])] for ids in (there, core)
    )
    if any(running.trips.route_ids[trip] != route for trip in np.intersect1d(here, away).tolist()):
        return True
    others = (set(stations_of(one)) for one in lines if route_of(one) != route)
    return any(there & called and core & called for called in others)


def _km_from(city: City, station: Station, places: dict[str, Station]) -> float | None:
    """Return km to the nearest of the city's main centre and core stations, None beyond it and 15
    km.
    """
    points = [(s.lon, s.lat) for key in city.core_station_ids if (s := places.get(key)) is not None]
    points += [(c.lon, c.lat) for c in city.centres[:1]]
    if not points:
        return None
    km = min(float(great_circle_m(station.lon, station.lat, *point)) for point in points) / 1000
    inside = station.county_code != "" and station.county_code in city.proper_counties
    return km if inside or km <= _NEAR_KM else None


def short_ways_out(base: Network, network: Network) -> Iterator[Words]:
    """Yield a warning for each core station that is left, or entered, sooner by a walk through
    another one.

    One of the two is planned: no core station of the city in `base`. The walk is the one that
    changes of trains take; a planned station with the times of a metro next to a main station would
    else serve all passengers who arrive there.
    """
    before = {city.slug: set(city.core_station_ids) for city in base.cities}
    for city in network.cities:
        core = dict.fromkeys(city.core_station_ids)
        planned = core.keys() - before.get(city.slug, set())
        if not planned:
            continue
        assumptions = default_assumptions(network.assumptions)
        index = network.station_index()
        for one, other in permutations([index[s] for s in core if s in index], 2):
            ids = {network.stations[k].station_id for k in (one, other)}
            if ids & planned and (sooner := _sooner_by(network, one, other, assumptions)):
                a = network.stations[one]
                b = network.stations[other]
                yield Words(
                    "",
                    f"{a.name} ({a.station_class}) and {b.name} ({b.station_class}) are core "
                    f"stations of {city.label} "
                    f"within a walk: {sooner}. If they are one place, give both one station_class "
                    "(in the stop, or by "
                    "adjust-station-time), else the walk its true minutes (add-transfer)",
                )


#: of the top speed; a line that reaches less of it on every hop is warned of
_LEAST_REACHED = 0.75


def unreached_speeds(lines: Sequence[Line]) -> Iterator[Words]:
    """Yield a warning for each line whose trains nowhere reach three quarters of its top speed."""
    for profile, line in {line.profile: line for line in lines if line.profile is not None}.items():
        stock = get_stock(profile.stock_id)
        longest = max(profile.hop_m)
        reached = reached_kmh(longest, min(profile.top_speed_kmh, stock.top_kmh), stock)
        kmh = profile.top_speed_kmh
        if reached < _LEAST_REACHED * kmh:
            yield phrase(
                "plan_unreached",
                line=line.name,
                kmh=kmh,
                km=longest / 1000,
                stock=stock.stock_id,
                reached=reached,
            )


#: km of a line outside all counties from which it is warned of, straight from station to station
_LEAST_OUTSIDE_KM = 5


def off_land(network: Network, lines: Sequence[Line]) -> Iterator[Words]:
    """Yield a warning for each line of which 5 km or more lie in no county of the network: in
    water, or abroad.
    """
    if network.counties is None:
        return
    import shapely

    places = {s.station_id: s for s in network.stations}
    for name, line in {line.name: line for line in lines}.items():
        ends = [places.get(stop.station.station_id, stop.station) for stop in line.stops]
        at = np.array([(station.lon, station.lat) for station in ends])
        km = great_circle_m(*at[:-1].T, *at[1:].T) / 1000
        n = np.maximum(1, np.rint(km)).astype(int)
        hop = np.repeat(np.arange(len(n)), n)
        share = np.concatenate([(np.arange(k) + 0.5) / k for k in n])
        points = shapely.points(at[hop] + share[:, None] * (at[hop + 1] - at[hop]))  # one a km
        inside = network.counties.sindex.query(points, predicate="intersects")[0]
        outside_km = float(np.delete((km / n)[hop], inside).sum())
        if outside_km >= _LEAST_OUTSIDE_KM:
            yield phrase("plan_off_land", line=name, km=outside_km)


def _sooner_by(network: Network, one: int, other: int, assumptions: Assumptions) -> str:
    """Return in words how much sooner one station is left, or entered, through the other; "" if it
    is not.
    """
    a = network.stations[one]
    b = network.stations[other]
    found = []
    ways = (
        ("arrivals at {} would leave through {} sooner", "exit", assumptions.exit_s, (one, other)),
        (
            "departures from {} would enter through {} sooner",
            "entry",
            assumptions.entry_s,
            (other, one),
        ),
    )
    for words, what, each, (start, end) in ways:
        own = each(a)
        there = each(b)
        walk = None if own <= there else _walk_s(network, start, end, assumptions)
        if walk is not None and walk + there < own:
            sooner = words.format(a.name, b.name)
            found.append(
                f"{sooner}, in {walk + there:,} s ({what} {there:,} s, walk {walk:,} s) instead of "
                f"{own:,} s"
            )
    return "; ".join(found)


def _walk_s(network: Network, start: int, end: int, assumptions: Assumptions) -> int | None:
    """Return seconds of the walk from a station to another: listed, else straight within the cap;
    None for none.
    """
    from pyproj import Geod

    listed = network.transfers
    same = (listed.from_idx == start) & (listed.to_idx == end)
    if same.any():
        seconds = int(listed.seconds[same].min())
        limit = UNREACHED - 1
    else:
        a = network.stations[start]
        b = network.stations[end]
        _, _, metres = Geod(ellps="WGS84").inv(a.lon, a.lat, b.lon, b.lat)
        seconds = int(assumptions.modes["walk"].straight_s(metres))
        limit = assumptions.footpath_cap_s
    return seconds if seconds <= limit else None
