"""Checks of the places of stations: coordinates, neighbours, names, the datum and the time zone of
all.
"""

from __future__ import annotations

import datetime as dt
import zoneinfo
from collections import Counter
from collections.abc import Iterator, Sequence

import numpy as np

from railshed.network.checks.facts import ROUNDING_S, Facts
from railshed.network.datum import BD09, GCJ02, WGS84, in_shifted_box, to_wgs84
from railshed.network.model import Network, Station
from railshed.network.route_types import METRO, RAIL, SUBURBAN
from railshed.util.array_types import Bools, Floats, Ints64
from railshed.util.errors import Issue, named
from railshed.util.geodesy import great_circle_m
from railshed.util.number_format import counted, examples
from railshed.util.units import MINUTE, UNREACHED

#: metres within which two stations are at one point: coordinates are written to about a metre
ONE_POINT_M = 5
#: metres above which stations of one name are different places, and below which they are one
FAR_NAMESAKE_M = 20_000
SAME_PLACE_M = 300
#: a coordinate is swapped if neighbours are so many times nearer to the swapped place, and so far
#: from the listed one
SWAP_RATIO = 5
SWAP_M = 10_000
#: a station is far if all trips pass it by such a detour at so much of the speed beyond (correct
#: ones have up to 1.9)
DETOUR_RATIO = 2.5
DETOUR_M = 1_000
HASTE = 1.5
#: a station with one neighbour is far if even the slowest leg is so many times too fast: else the
#: time may be wrong
END_EXCESS = 3
#: least metres of the direct distance in the ratio of a detour
PLATFORM_M = 100
FAR_REMEDY = "check its coordinate, else the times"


def coordinates(facts: Facts) -> Iterator[Issue]:
    """Yield errors for repeated ids, coordinates out of range and at (0, 0)."""
    stations = facts.network.stations
    ids = [s.station_id for s in stations]
    twice = [
        Issue(
            "error",
            "duplicate-key",
            f"{n} stations have this id",
            field="station_id",
            value=station_id,
        )
        for station_id, n in (Counter(ids).items() if len(set(ids)) < len(ids) else ())
        if n > 1
    ]
    yield from named(twice, len(twice), "ids")
    out = []
    zero = []
    for s in (stations[idx] for idx in np.flatnonzero(np.isnan(facts.lon)).tolist()):
        at = f"{s.lon:.8g}, {s.lat:.8g}"
        if not (-180 <= s.lon <= 180 and -90 <= s.lat <= 90):
            message = f"{s.name} ({s.station_id}) lies outside -180 to 180, -90 to 90"
            swapped = -90 <= s.lon <= 90 and -180 <= s.lat <= 180
            remedy = "lon and lat look swapped" if swapped else "give WGS84 degrees"
            out.append(
                Issue("error", "out-of-range", message, field="lon, lat", value=at, remedy=remedy)
            )
        else:
            message = f"{s.name} ({s.station_id}) lies at (0, 0), in the sea off Africa"
            remedy = "give its coordinate"
            zero.append(
                Issue(
                    "error", "zero-coordinate", message, field="lon, lat", value=at, remedy=remedy
                )
            )
    yield from named(out, len(out), "stations")
    yield from named(zero, len(zero), "stations")


def misplaced(facts: Facts) -> tuple[list[Issue], Bools]:
    """Return issues for stations far from their neighbours, and bool (n_stations,), which they are.

    Swapped: the neighbours lie `SWAP_RATIO` times nearer to the place with lon and lat exchanged.
    Far, first kind: even the slowest leg to every neighbour breaks the speed limit of its mode,
    while other legs of the neighbours have possible speeds; at the end of a line it must be
    `END_EXCESS` times the limit, since the time alone may be wrong. Far, second kind: every trip
    through it makes a detour of `DETOUR_RATIO` or more, at `HASTE` times the speed of the legs
    beyond its neighbours or more. This detects a metro stop 10 km away, which breaks no limit.
    """
    n = facts.network.n_stations
    slowest = _slowest_excess(facts)
    ends = np.stack([facts.pair_a, facts.pair_b])
    n_broken, n_sound = (
        np.bincount(ends[:, pairs].ravel(), minlength=n) for pairs in (slowest > 1, slowest <= 1)
    )
    detour = _least_detour(facts)
    kmh = _slowest_kmh(facts)
    flagged = np.zeros(n, dtype=bool)
    swapped = []
    far = []
    for idx in np.flatnonzero((n_broken > 0) | (detour >= DETOUR_RATIO)).tolist():
        pairs, around = _neighbours(facts, idx)
        apart_m = facts.apart_m(idx, around)
        lon = facts.lon[idx]
        lat = facts.lat[idx]
        exchanged_m = great_circle_m(lat, lon, facts.lon[around], facts.lat[around])
        names = examples([facts.network.stations[k].name for k in around.tolist()])
        at = f"{lon:.8g}, {lat:.8g}"
        message = (
            f"{facts.name(idx)} lies {np.median(apart_m) / 1000:,.1f} km from its "
            f"neighbours ({names})"
        )
        far_off = abs(lon) <= 90 and np.median(apart_m) > max(
            SWAP_M, SWAP_RATIO * np.median(exchanged_m)
        )
        if far_off and (n_sound[around] > 0).any():
            message += f", with lon and lat exchanged {np.median(exchanged_m) / 1000:,.1f} km"
            remedy = "swap lon and lat"
            swapped.append(
                Issue(
                    "error",
                    "swapped-coordinate",
                    message,
                    field="lon, lat",
                    value=at,
                    remedy=remedy,
                )
            )
            flagged[idx] = True
            continue
        too_far = not n_sound[idx] and (n_sound[around] > 0).all()
        if too_far and (len(around) > 1 or slowest[pairs].min() > END_EXCESS):
            message += ", too far for every train"
        elif detour[idx] >= DETOUR_RATIO and kmh[pairs].min() >= HASTE * _kmh_beyond(
            facts, kmh, idx, around
        ):
            message += (
                f": every trip through it makes a detour of {detour[idx]:.1f} times the "
                "way, in a hurry"
            )
        else:
            continue
        far.append(
            Issue("warning", "far-station", message, field="lon, lat", value=at, remedy=FAR_REMEDY)
        )
        flagged[idx] = True
    return [*named(swapped, len(swapped), "stations"), *named(far, len(far), "stations")], flagged


def coincident(facts: Facts) -> Iterator[Issue]:
    """Yield an error for two stations of two names (no platforms) at one point, minutes apart on
    the fastest leg.
    """
    least = np.full(facts.n_pairs, UNREACHED)
    np.minimum.at(least, facts.pair, facts.seconds)
    metres = facts.apart_m(facts.pair_a, facts.pair_b)
    names = [s.name for s in facts.network.stations]
    found = []
    for k in np.flatnonzero((metres <= ONE_POINT_M) & (least >= ROUNDING_S)).tolist():
        a = int(facts.pair_a[k])
        b = int(facts.pair_b[k])
        if names[a] != names[b]:
            message = (
                f"{facts.name(a)} and {facts.name(b)} lie at one point, "
                f"{least[k] / MINUTE:.3g} min of train apart"
            )
            found.append(
                Issue(
                    "error", "one-point", message, field="stop_lat", remedy="check both coordinates"
                )
            )
    yield from named(found, len(found), "pairs of stations")


def _slowest_excess(facts: Facts) -> Floats:
    """Return float64 (n_pairs,) least share of the speed limit of any leg, NaN if unknown."""
    out = np.full(facts.n_pairs, np.inf)
    known = ~np.isnan(facts.excess)
    np.minimum.at(out, facts.pair[known], facts.excess[known])
    return np.where(np.isfinite(out) & (facts.pair_a != facts.pair_b), out, np.nan)


def _slowest_kmh(facts: Facts) -> Floats:
    """Return float64 (n_pairs,) straight speed in km/h of the slowest leg, plus a minute."""
    seconds = np.zeros(facts.n_pairs, dtype=np.int64)
    np.maximum.at(seconds, facts.pair, facts.seconds)
    return np.asarray(facts.apart_m(facts.pair_a, facts.pair_b) * 3.6 / (seconds + MINUTE))


def _least_detour(facts: Facts) -> Floats:
    """Return float64 (n_stations,) least distance via the station over that past it, of all passing
    trips; else 0.

    Trips that turn back (the same station before and after) do not pass. A detour under `DETOUR_M`
    counts as 1.
    """
    out = np.full(facts.network.n_stations, np.inf)
    passing = np.flatnonzero(facts.leg[1:] == facts.leg[:-1] + 1)
    moves = (facts.pair_a != facts.pair_b)[facts.pair]
    turns = facts.pair[passing] == facts.pair[passing + 1]
    passing = passing[moves[passing] & moves[passing + 1] & ~turns]
    both = facts.pair[passing] * facts.n_pairs + facts.pair[passing + 1]
    passing = passing[::-1][np.unique(both[::-1], return_index=True)[1]]  # the last of equal ones
    before = facts.start[passing]
    here = facts.end[passing]
    after = facts.end[passing + 1]
    past = facts.apart_m(before, after)
    via = facts.metres[passing] + facts.metres[passing + 1]
    known = np.isfinite(via + past)
    ratio = np.where(via - past >= DETOUR_M, via / np.maximum(past, PLATFORM_M), 1)
    np.minimum.at(out, here[known], ratio[known])
    return np.where(np.isfinite(out), out, 0)


def _kmh_beyond(facts: Facts, kmh: Floats, idx: int, around: Ints64) -> float:
    """Return the median slowest speed in km/h between the neighbours of a station and their other
    neighbours.
    """
    near_a = np.isin(facts.pair_a, around)
    near_b = np.isin(facts.pair_b, around)
    beyond = (near_a | near_b) & (facts.pair_a != idx) & (facts.pair_b != idx) & np.isfinite(kmh)
    return float(np.median(kmh[beyond])) if beyond.any() else np.inf


def _neighbours(facts: Facts, idx: int) -> tuple[Ints64, Ints64]:
    """Return the pairs of a station with other stations that have coordinates, and these
    stations.
    """
    pairs = np.flatnonzero(
        ((facts.pair_a == idx) | (facts.pair_b == idx)) & (facts.pair_a != facts.pair_b)
    )
    around = facts.pair_a[pairs] + facts.pair_b[pairs] - idx
    known = ~np.isnan(facts.lon[around])
    return pairs[known], around[known]


def namesakes(facts: Facts) -> Iterator[Issue]:
    """Yield warnings for stations of one name far apart, and for stations with trains that are
    listed twice.
    """
    stations = facts.network.stations
    names = [station.name for station in stations]
    place = {name: i for i, name in enumerate(dict.fromkeys(names))}
    code = np.fromiter(map(place.__getitem__, names), np.int64, len(names))
    n_each = np.bincount(code)
    if "" in place:
        n_each[place[""]] = 0
    shared = (n_each > 1)[code]
    if not shared.any():
        return
    member = np.flatnonzero(shared)
    member = member[np.argsort(code[member], kind="stable")]
    sizes = n_each[n_each > 1]
    first = np.cumsum(sizes) - sizes
    a, b, starts = _pairs_within(member, sizes)
    metres = facts.apart_m(a, b)
    on_rails = _on_rails(facts)
    widest = np.fmax.reduceat(metres, starts)  # NaN where no two of the places are known
    nearest = np.fmin.reduceat(np.where(on_rails[a] & on_rails[b], metres, np.nan), starts)
    far = []
    near = []
    for k in np.flatnonzero((widest > FAR_NAMESAKE_M) | (nearest < SAME_PLACE_M)).tolist():
        group = [stations[idx] for idx in member[first[k] :][: sizes[k]].tolist()]
        name = group[0].name
        ids = examples([station.station_id for station in group])
        if widest[k] > FAR_NAMESAKE_M:
            message = (
                f"{counted(len(group), 'station')} up to {widest[k] / 1000:,.0f} km apart "
                f"share a name: {ids}"
            )
            remedy = "name them by id"
            far.append(
                Issue("warning", "far-namesakes", message, field="name", value=name, remedy=remedy)
            )
        if nearest[k] < SAME_PLACE_M:
            message = (
                f"stations of one name lie {nearest[k]:.0f} m apart and are not one station: {ids}"
            )
            remedy = (
                "give them one parent_station, else a change takes no more than the walk "
                "between them"
            )
            near.append(
                Issue("warning", "split-station", message, field="name", value=name, remedy=remedy)
            )
    yield from named(far, len(far), "names")
    yield from named(near, len(near), "names")


def _pairs_within(member: Ints64, sizes: Ints64) -> tuple[Ints64, Ints64, Ints64]:
    """Return both ends of every pair within a group, by group, and the index of each group's first
    pair.
    """
    here = np.arange(len(member))
    n_after = np.repeat(np.cumsum(sizes), sizes) - 1 - here  # members of the same group that follow
    first = np.repeat(here, n_after)
    second = np.arange(len(first)) + np.repeat(here + 1 - np.cumsum(n_after) + n_after, n_after)
    n_pairs = sizes * (sizes - 1) // 2
    return member[first], member[second], np.cumsum(n_pairs) - n_pairs


def _on_rails(facts: Facts) -> Bools:
    """Return bool (n_stations,), whether trains of railways or metros call."""
    rails = np.isin(
        facts.route_type,
        [t for t, mode in facts.mode_of_type.items() if mode in (RAIL, SUBURBAN, METRO)],
    )
    out = np.zeros(facts.network.n_stations, dtype=bool)
    out[facts.start[rails]] = out[facts.end[rails]] = True
    return out


#: metres within which stations of one name are the same; a datum is undeclared if the median
#: residual drops from above the second to below the third
KNOWN_PLACE_M = 3_000
RESIDUAL_M = 250
FITTED_M = 120
#: least number of known places for a check of the datum
MIN_KNOWN = 5
#: degrees that a zone's meridian may lie from the stations, and what swapping must gain
ZONE_DEG = 25
ZONE_GAIN_DEG = 15
#: degrees from the meridian that make an exchange of lon and lat certain enough for an error
ZONE_FIT_DEG = 15
#: time zones without a place
_NO_PLACE = (
    "UTC",
    "GMT",
    "UCT",
    "Zulu",
    "Universal",
    "Etc/UTC",
    "Etc/GMT",
    "Etc/UCT",
    "Etc/Zulu",
    "Etc/Universal",
)


def needs_known_places(network: Network) -> bool:
    """Return whether stations lie in the box around China, where `validate` can use known
    places.
    """
    return int(in_shifted_box(*network.lon_lat).sum()) >= MIN_KNOWN


def datum(network: Network, known: Sequence[Station]) -> Iterator[Issue]:
    """Yield a warning if stations fit the known places of their names only after conversion from
    another datum.

    Compared are stations within `KNOWN_PLACE_M` of the only known place of their name, at least
    `MIN_KNOWN` of them.
    """
    own, their = _matched(network, known) if known else (np.empty((0, 2)),) * 2
    if len(own) < MIN_KNOWN:
        return
    residual = {}
    for name in (WGS84, GCJ02, BD09):
        lon, lat = to_wgs84(own[:, 0], own[:, 1], name)
        residual[name] = float(np.median(great_circle_m(lon, lat, their[:, 0], their[:, 1])))
    best = min((GCJ02, BD09), key=lambda name: residual[name])
    if residual[WGS84] > RESIDUAL_M and residual[best] < FITTED_M:
        yield Issue(
            "warning",
            "undeclared-datum",
            f"{counted(len(own), 'station')} of known places lie {residual[WGS84]:,.0f} m off "
            f"(median), {residual[best]:,.0f} m when taken as {best}",
            field="lon, lat",
            remedy=f"read it with datum={best!r} or --datum {best}",
        )


def _matched(network: Network, known: Sequence[Station]) -> tuple[Floats, Floats]:
    """Return float64 (n, 2) lon and lat of stations, and of the known places of their names."""
    names = Counter(key for s in known for key in _keys(s))
    place = {key: s for s in known for key in _keys(s) if names[key] == 1}
    pairs = []
    for s in network.stations:
        match = next((place[key] for key in _keys(s) if key in place), None)
        if match is not None:
            pairs.append((s.lon, s.lat, match.lon, match.lat))
    rows = np.array(pairs, dtype=float).reshape(-1, 4)
    rows = rows[np.isfinite(rows).all(axis=1)]
    rows = rows[great_circle_m(*rows.T) < KNOWN_PLACE_M]
    return rows[:, :2], rows[:, 2:]


def _keys(station: Station) -> list[str]:
    """Return the names of a station for comparison: without 站, case, spaces and marks."""
    plain = [
        "".join(ch for ch in name.lower() if ch.isalnum())
        for name in (station.name, station.name_en)
    ]
    plain = [
        name.removesuffix("站").removesuffix("railwaystation").removesuffix("station")
        for name in plain
    ]
    return list(dict.fromkeys(name for name in plain if name))


def zone(facts: Facts) -> Iterator[Issue]:
    """Yield an issue if the time zone fits the stations better with lon and lat of all of them
    exchanged.

    It is an error if they then lie near the zone's meridian; else the zone may be wrong instead.
    """
    network = facts.network
    if np.isnan(facts.lon).all() or not network.timezone or network.timezone in _NO_PLACE:
        return
    try:
        noon = dt.datetime.combine(network.date, dt.time(12), zoneinfo.ZoneInfo(network.timezone))
    except (zoneinfo.ZoneInfoNotFoundError, ValueError):
        return
    offset = noon.utcoffset() or dt.timedelta()
    meridian = (offset - (noon.dst() or dt.timedelta())).total_seconds() / 240
    lon = _middle_lon(facts.lon)
    lat = float(np.nanmedian(facts.lat))
    off, off_swapped = (abs((v - meridian + 180) % 360 - 180) for v in (lon, lat))
    if off > ZONE_DEG and off_swapped < off - ZONE_GAIN_DEG:
        yield Issue(
            "error" if off_swapped <= ZONE_FIT_DEG else "warning",
            "far-from-zone",
            f"the stations lie around {lon:.0f}, {lat:.0f}, {off:.0f} degrees from the meridian of "
            f"{network.timezone}; with lon and lat exchanged {off_swapped:.0f}",
            field="lon, lat",
            remedy="swap lon and lat of all stations, or mend agency_timezone",
        )


def _middle_lon(lon: Floats) -> float:
    """Return the median of longitudes, which may lie on both sides of 180 degrees."""
    angle = np.radians(lon)
    centre = float(np.degrees(np.arctan2(np.nanmean(np.sin(angle)), np.nanmean(np.cos(angle)))))
    middle = centre + float(np.nanmedian((lon - centre + 180) % 360 - 180))
    return (middle + 180) % 360 - 180
