"""The street legs of a matrix: seconds between points and stations, and between points without a
ride.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from railshed.access.street_access import StreetAccess
from railshed.access.street_graph import whole_seconds
from railshed.assumptions.assumptions import ACCESS_MODES, EGRESS_MODES, Assumptions, Mode
from railshed.kernels.matrix import Table
from railshed.network.model import Network
from railshed.routing.compile import list_transfers, transfers_csr
from railshed.util.array_types import Floats, Ints64
from railshed.util.errors import InputError
from railshed.util.geodesy import degrees_around
from railshed.util.units import MINUTE
from railshed.util.validation import Kind, flag, many, number, one_of, optional, whole, words

if TYPE_CHECKING:
    import geopandas as gpd

    from railshed.access.streets import Streets

#: (from, to, seconds)
Pairs = tuple[Ints64, Ints64, Ints64]
_LONGEST_MIN = 240


@dataclass(frozen=True, slots=True, kw_only=True)
class TravelTimeRules:
    """What counts in a travel time; every field is an argument of `travel_time_matrix`."""

    streets: Streets | None = None
    access: tuple[str, ...] = ("walk",)
    egress: tuple[str, ...] | None = None
    direct: tuple[str, ...] = ("walk",)
    max_minutes: float = 120
    max_walk_minutes: float | None = None
    max_direct_minutes: float | None = None
    walk_speed_kmh: float | None = None
    snap_m: float = 1600
    max_transfers: int | None = None
    change_minutes: float | None = None
    max_transfer_minutes: float | None = None
    station_times: bool = False

    @property
    def bound_s(self) -> int:
        """Longest travel time in seconds."""
        return round(self.max_minutes * MINUTE)

    def assumptions(self, base: Assumptions) -> Assumptions:
        """Return the assumptions with the modes, the walk and the longest transfer of
        these rules.
        """
        walk = base.modes["walk"]
        if self.walk_speed_kmh is not None:
            walk = replace(walk, speed_kmh=self.walk_speed_kmh)
        if self.max_walk_minutes is not None:
            walk = replace(walk, cap_s=round(self.max_walk_minutes * MINUTE))
        cap = self.max_transfer_minutes
        egress = self.egress or [mode for mode in self.access if mode in EGRESS_MODES] or ["walk"]
        return replace(
            base,
            modes={**base.modes, "walk": walk},
            footpath_cap_s=base.footpath_cap_s if cap is None else round(cap * MINUTE),
        ).with_access(*self.access, egress=egress)


def _modes(*allowed: str, least: int = 1) -> Kind:
    def cast(value: Any) -> tuple[str, ...]:
        names: tuple[str, ...] = many(one_of(*allowed), least=least)(words(value))
        return names

    return cast


#: the rules by what they may be, for `arguments.cast_all`
RULE_KINDS: dict[str, Kind] = {
    "access": _modes(*ACCESS_MODES),
    "egress": optional(_modes(*EGRESS_MODES)),
    "direct": _modes("walk", "bike", "drive", least=0),
    "max_minutes": number(1, _LONGEST_MIN),
    "max_walk_minutes": optional(number(0, _LONGEST_MIN)),
    "max_direct_minutes": optional(number(0, _LONGEST_MIN)),
    "walk_speed_kmh": optional(number(0.5, 20)),
    "snap_m": number(0, 10_000),
    "max_transfers": optional(whole(0, 12)),
    "change_minutes": optional(number(0, 120)),
    "max_transfer_minutes": optional(number(0, 60)),
    "station_times": flag,
}


@dataclass(frozen=True, slots=True, eq=False)
class MatrixPoints:
    """Origins, destinations or stations: ids, and degrees on WGS84."""

    kind: str
    ids: NDArray[Any]
    lon: Floats
    lat: Floats

    @classmethod
    def of(cls, frame: gpd.GeoDataFrame, what: str) -> MatrixPoints:
        """Return the points of a GeoDataFrame with a column ``id`` and a CRS.

        Raises InputError with everything that is wrong with them.
        """
        if not hasattr(frame, "columns"):
            raise InputError(f"{what}: a GeoSeries has no ids -> a GeoDataFrame with a column id")
        problems = []
        if "id" not in frame.columns:
            problems.append("there is no column id -> give each point one")
        elif frame["id"].isna().any() or frame["id"].duplicated().any():
            twice = frame["id"][frame["id"].duplicated()].astype(str).unique()[:5]
            problems.append(
                f"ids are missing or given twice ({', '.join(twice) or 'empty'}) -> each point has "
                "its own"
            )
        if frame.crs is None:
            problems.append('no CRS -> frame.set_crs("EPSG:4326") for degrees')
        kinds = sorted(set(frame.geometry.geom_type.dropna().astype(str)) - {"Point"})
        if kinds or (frame.geometry.is_empty | frame.geometry.isna()).any():
            found = ", ".join(kinds) or "empty points"
            problems.append(
                f"geometries are {found} -> points, for areas frame.geometry.representative_point()"
            )
        if not len(frame):
            problems.append("there is no row")
        if problems:
            raise InputError(f"{what}: " + "; ".join(problems))
        degrees = frame.geometry.to_crs("EPSG:4326")
        lon, lat = (np.asarray(v, dtype=np.float64) for v in (degrees.x, degrees.y))
        if not ((np.abs(lon) <= 180) & (np.abs(lat) <= 90)).all():  # NaN is neither
            raise InputError(f"{what}: some coordinates are no places in the CRS {frame.crs}")
        return cls(what, frame["id"].to_numpy(), lon, lat)

    def take(self, which: Ints64) -> MatrixPoints:
        """Return some of the points."""
        return MatrixPoints(self.kind, self.ids[which], self.lon[which], self.lat[which])


@dataclass(frozen=True, slots=True, eq=False)
class LegTables:
    """Seconds of every leg but the rides."""

    #: origin to station, destination to station (the way back of who arrives), origin to
    #: destination
    access: Table
    egress: Table
    direct: Table


def find_legs(
    network: Network,
    start: MatrixPoints,
    end: MatrixPoints,
    rules: TravelTimeRules,
    assumptions: Assumptions,
) -> tuple[LegTables, Pairs, tuple[str, ...]]:
    """Return the legs of these origins and destinations, the walks between stations, and notes.

    Walks between stations: listed transfers, and walks of pairs that are not listed, within the
    cap.

    Raises InputError when no origin or no destination lies near a street.
    """
    ways = LegFinder(assumptions, rules.streets, rules.snap_m, {})
    fields = (
        np.array([getattr(s, name) for s in network.stations])
        for name in ("station_id", "lon", "lat")
    )
    stations = MatrixPoints("stations", *fields)
    there = ways.pairs(start, stations, [assumptions.modes_at(s.feeder) for s in network.stations])
    back = ways.pairs(
        end, stations, [assumptions.city_modes(s.feeder) for s in network.stations], towards=True
    )
    if rules.station_times:
        entry = np.array([assumptions.entry_s(s) for s in network.stations], dtype=np.int64)
        leave = np.array([assumptions.exit_s(s) for s in network.stations], dtype=np.int64)
        there = (there[0], there[1], there[2] + entry[there[1]])
        back = (back[0], back[1], back[2] + leave[back[1]])
    limit = (
        rules.bound_s
        if rules.max_direct_minutes is None
        else round(rules.max_direct_minutes * MINUTE)
    )
    limit = min(limit, rules.bound_s)
    direct = [replace(assumptions.modes[m], cap_s=limit) for m in rules.direct]
    one, two, seconds = ways.pairs(start, end, [direct] * len(end.ids))
    seconds[(start.lon[one] == end.lon[two]) & (start.lat[one] == end.lat[two])] = (
        0  # no way to the street and back
    )
    pairs = ((there, start), (back, end), ((one, two, seconds), start))
    legs = LegTables(*(table_of(each, len(points.ids), rules.bound_s) for each, points in pairs))
    return legs, _walks(network, stations, ways), ways.notes()


def _walks(network: Network, stations: MatrixPoints, ways: LegFinder) -> Pairs:
    """Return (from, to, seconds): what the network lists, and walks along the streets of pairs that
    are not listed.
    """
    assumptions = ways.assumptions
    if ways.streets is None:
        return list_transfers(network, assumptions, footpaths=True)
    listed = list_transfers(network, assumptions, footpaths=False)
    walk = replace(assumptions.modes["walk"], cap_s=assumptions.footpath_cap_s)
    n = network.n_stations
    on_streets = ways.pairs(stations, stations, [[walk]] * n)
    known = (
        network.transfers.from_idx.astype(np.int64) * n + network.transfers.to_idx
    )  # forbidden ones too
    new = (on_streets[0] != on_streets[1]) & ~np.isin(on_streets[0] * n + on_streets[1], known)
    one, two, s = (np.concatenate([a, b[new]]) for a, b in zip(listed, on_streets, strict=True))
    return one, two, s


def table_of(pairs: Pairs, n: int, limit_s: int) -> Table:
    """Return the least seconds of each pair, up to `limit_s`, in compressed rows by the first of
    the pair.
    """
    source, target, seconds = (column[pairs[2] <= limit_s] for column in pairs)
    order = np.lexsort((seconds, target, source))
    source = source[order]
    target = target[order]
    seconds = seconds[order]
    first = np.ones(len(source), dtype=bool)
    first[1:] = (source[1:] != source[:-1]) | (target[1:] != target[:-1])
    return Table(*transfers_csr(n, source[first], target[first], seconds[first]))


@dataclass(frozen=True, slots=True, eq=False)
class LegFinder:
    """Ways between points: on the streets by modes that use them, where there are some, else on
    straight lines.
    """

    assumptions: Assumptions
    streets: Streets | None
    snap_m: float
    #: ids of points that lie near no street, by kind of point and of street
    lost: dict[tuple[str, str], dict[str, None]]

    def pairs(
        self,
        start: MatrixPoints,
        end: MatrixPoints,
        modes: Sequence[Sequence[Mode]],
        *,
        towards: bool = False,
    ) -> Pairs:
        """Return all pairs within the cap of a mode of its end; several times those that several
        modes join.

        `modes` of each end; `towards`: the seconds are those of the way back, from `end` to
        `start`.
        """
        found = [(np.empty(0, np.int64),) * 3]
        used = {mode.name: mode for mine in modes for mode in mine}
        for _, mode in sorted(used.items()):
            served = np.array([k for k, mine in enumerate(modes) if mode in mine], np.int64)
            near = end.take(served)
            if self.streets is None or not mode.streets:
                one, two, seconds = straight_pairs(start, near, mode)
            else:
                one, two, seconds = self._on_streets(self.streets, start, near, mode, towards)
            found.append((one, served[two], seconds))
        one, two, seconds = (np.concatenate([f[k] for f in found]) for k in range(3))
        return one, two, seconds

    def _on_streets(
        self, streets: Streets, start: MatrixPoints, end: MatrixPoints, mode: Mode, towards: bool
    ) -> Pairs:
        """Return the pairs within the cap of a mode along the streets, as the circles'
        `StreetAccess` has them.

        To the street and from it one walks straight, without a detour.
        """
        access = StreetAccess(self.assumptions, streets)
        (sources, own), targets = (self._snap(access, points, mode) for points in (start, end))
        one, two, ticks = access.graph(mode).ticks(
            (sources, own + mode.overhead_s), targets, mode.cap_s, towards_sources=towards
        )
        return one, two, whole_seconds(ticks)

    def _snap(
        self, access: StreetAccess, points: MatrixPoints, mode: Mode
    ) -> tuple[Ints64, Floats]:
        """Return node and seconds to it of each point, -1 where none is near; keep the ids of
        those.
        """
        node, walked = access.snapped(points.lon, points.lat, mode, self.snap_m)
        lost = [str(i) for i in points.ids[node < 0]]
        if len(lost) == len(node) and points.kind != "stations":
            raise InputError(
                f"{points.kind}: none lies within {self.snap_m:g} m of a street to {mode.streets} "
                "-> give the streets of that area, or a larger snap_m"
            )
        if lost:
            self.lost.setdefault((points.kind, mode.streets), {}).update(dict.fromkeys(lost))
        return node, walked

    def notes(self) -> tuple[str, ...]:
        """Return a sentence for each kind of points that reach no street."""
        return tuple(
            f"{len(ids)} {kind} to {street}: no street within {self.snap_m:g} m "
            f"({', '.join([*ids][:5])}{', ...' if len(ids) > 5 else ''})"
            for (kind, street), ids in sorted(self.lost.items())
        )


def straight_pairs(start: MatrixPoints, end: MatrixPoints, mode: Mode) -> Pairs:
    """Return the pairs within the cap of a mode on straight lines, rounded up to a second."""
    import shapely
    from pyproj import Geod

    if not len(end.ids):
        return (np.empty(0, np.int64),) * 3
    reach_m = mode.reach_m(mode.cap_s)
    # a degree of longitude shrinks with the latitude: search wide, then measure
    degrees = degrees_around(reach_m, np.concatenate([start.lat, end.lat]))
    near = shapely.STRtree(shapely.points(end.lon, end.lat)).query(
        shapely.points(start.lon, start.lat), predicate="dwithin", distance=degrees
    )
    one, two = (side.astype(np.int64) for side in near)
    _, _, metres = Geod(ellps="WGS84").inv(
        start.lon[one], start.lat[one], end.lon[two], end.lat[two]
    )
    seconds = mode.straight_s(np.asarray(metres))
    within = seconds <= mode.cap_s
    return one[within], two[within], seconds[within]
