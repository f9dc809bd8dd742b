"""Travel times on streets by one mode: points snapped to the network, and all targets within a
limit of each source.

Nodes are numbered along a Hilbert curve, so that a search touches neighbouring memory; searches
visit junctions alone and fill in the nodes between (`reduced_streets`), which changes no time.
Times are in `TICKS` a second: an edge is rounded to the nearest tick, so a path over n edges is
wrong by at most n / 2 ticks, 0.02 s for 400 edges. Results are whole seconds rounded up, as
`straight.mode_seconds` does; less than a millisecond over does not count.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike

from railshed.access.reduced_streets import ReducedStreets, offsets_of, reduce_graph
from railshed.access.streets import DRIVE, MODES, SNAP, Streets, unbroken
from railshed.kernels.dijkstra import NONE, Graph, ring_size
from railshed.kernels.street_lanes import (
    IDLE,
    LANES,
    LaneRoom,
    fill_lanes,
    lane_starts,
    near_targets,
    write_lanes,
)
from railshed.kernels.street_search import (
    Bins,
    Frame,
    ReducedGraph,
    Room,
    Targets,
    nearest_nodes,
    reach_targets,
)
from railshed.util.array_types import Floats, Ints64, Uints32, Uints64
from railshed.util.errors import ParameterError
from railshed.util.geodesy import STREET_DEGREE_M
from railshed.util.parallel import call_in_threads, count_threads
from railshed.util.units import UNREACHED

#: units of time in a second
TICKS = 10_000
#: this much over a whole second is rounding, not time
_TOLERANCE = 10
#: longest limit: a day, and times fit 32 bits
MAX_LIMIT_S = 86_400
#: bins of `snap` are at least this wide, those for points far from all nodes
_BIN_M = 150.0
_FAR_BIN_M = 1_500.0
_TICKS_OF = np.uint64(0xFFFFFFFF)
_TARGET_FROM = np.uint64(32)
#: sources are searched side by side where so many lie within this share of what the mean speed
#: reaches, see benchmarks
_LEAST_LANES = 8
_NEAR = 0.75
#: most buckets of such a search
_MOST_BUCKETS = 2**16
#: node of each point, and seconds between both
Places = tuple[ArrayLike, ArrayLike]


@dataclass(frozen=True, slots=True, eq=False)
class StreetGraph:
    """The network of one mode at one speed, ready to be searched in both directions."""

    mode: str
    #: int64 (n_nodes,) node of `Streets`; degrees
    node: Ints64
    lon: Floats
    lat: Floats
    #: edges in `TICKS` a second, along the streets, and their mean speed
    forward: Graph
    metres_per_s: float
    #: the reduced network, in both directions; a bucket of the search is 2**shift ticks wide
    reduced: ReducedStreets
    shift: int
    #: the nodes that points may snap to, in small bins and in large ones for points far from all of
    #: them
    bins: Bins
    frame: Frame
    far_bins: Bins
    far_frame: Frame

    @property
    def n_nodes(self) -> int:
        """Number of nodes that the mode can use."""
        return len(self.node)

    @property
    def n_edges(self) -> int:
        """Number of directed edges."""
        return len(self.forward.edges)

    def __repr__(self) -> str:
        return f"<StreetGraph {self.mode}, {self.n_nodes:,} nodes, {self.n_edges:,} directed edges>"

    def snap(self, lon: ArrayLike, lat: ArrayLike, max_m: float = 500) -> tuple[Ints64, Floats]:
        """Return int64 (n,) nodes of this graph nearest to points, -1 where none is within `max_m`,
        and metres to them.

        Metres are NaN where there is no node. Straight lines: a node across a river may be the
        nearest.
        """
        x, y = (np.require(np.atleast_1d(v), float, ["C", "W"]) for v in (lon, lat))
        bins, frame = (
            (self.far_bins, self.far_frame) if max_m > 2 * _FAR_BIN_M else (self.bins, self.frame)
        )
        if (
            frame.west + frame.n_columns * frame.width > 180
        ):  # the nodes lie on both sides of 180 degrees
            x = np.where(x < frame.west - 1, x + 360, x)
        found, metres = nearest_nodes(bins, frame, x, y, float(max_m))
        return found, metres

    def ticks(
        self,
        sources: Places,
        targets: Places,
        limit_s: int,
        *,
        towards_sources: bool,
        n_threads: int | None = None,
    ) -> tuple[Ints64, Ints64, Ints64]:
        """Return (source, target, ticks) of all pairs within the limit, by source, then target;
        int64 (n_pairs,) each.

        Parameters
        ----------
        sources, targets
            Nodes of this graph, -1 for points that did not snap: they reach nothing; and seconds
            between each point and its node: the walk there, overheads. Part of the result and of
            the limit.
        limit_s
            Inclusive, whole seconds, at most a day.
        towards_sources
            Times from the targets to the sources (home to station), else from the sources to the
            targets.
        n_threads
            As in `util.parallel.count_threads` where None. Never changes a result.

        Returns ------- Indices into the sources and targets, and `TICKS` a second: exactly
        `to_ticks` of both ends and the path between; `whole_seconds` rounds them. Memory grows with
        the pairs, and with the nodes for each thread.
        """
        nodes, own = self._points(sources, "source")
        job = self._job(targets, limit_s, own, towards_sources)

        groups = self._neighbours(np.atleast_1d(np.asarray(sources[0])), limit_s)
        rows = [np.empty(0, np.uint64)] * len(own)

        def share(some: Sequence[Ints64]) -> None:
            search = _Search(job, self.n_nodes)
            for group in some:
                for k, row in zip(
                    group.tolist(), search.each(nodes[group], own[group]), strict=True
                ):
                    rows[k] = row

        n_shares = 4 * count_threads(n_threads)
        call_in_threads(
            share, [groups[k::n_shares] for k in range(min(len(groups), n_shares))], n_threads
        )
        return _columns(rows)

    def _neighbours(self, nodes: Ints64, limit_s: int) -> list[Ints64]:
        """Return the sources with a node in groups: up to LANES neighbours to be searched side by
        side, or one alone.

        Nodes are numbered along a curve, so that neighbours have similar numbers.
        """
        order = np.argsort(nodes, kind="stable")
        order = order[nodes[order] >= 0]
        x = unbroken(self.lon[nodes[order]])
        y = self.lat[nodes[order]]
        x = x * np.cos(np.radians(y)) * STREET_DEGREE_M
        y = y * STREET_DEGREE_M
        near_m = _NEAR * limit_s * self.metres_per_s
        groups = []
        first = 0
        while first < len(order):
            spread = [
                np.maximum.accumulate(np.abs(v[first : first + LANES] - v[first])) for v in (x, y)
            ]
            n = int(np.searchsorted(np.maximum(*spread), near_m, "right"))
            mine = order[first : first + n]
            groups += [mine] if n >= _LEAST_LANES else np.split(mine, n)
            first += n
        return groups

    def nearest(
        self, sources: Places, targets: Places, limit_s: int, *, towards_sources: bool
    ) -> Ints64:
        """Return int64 (n_targets,) seconds to or from the nearest source, UNREACHED beyond the
        limit.

        Parameters as `ticks`; all sources are one search.
        """
        nodes, own = self._points(sources, "source")
        job = self._job(targets, limit_s, own, towards_sources)
        seconds = np.full(job.n_targets, UNREACHED, np.int64)
        _, target, ticks = _columns([_Search(job, self.n_nodes, len(nodes)).nearest(nodes, own)])
        seconds[target] = whole_seconds(ticks)
        return seconds

    def _job(self, targets: Places, limit_s: int, own: Uints32, towards_sources: bool) -> _Job:
        if not 0 <= limit_s <= MAX_LIMIT_S:
            raise ParameterError(f"limit_s {limit_s}: allowed are 0-{MAX_LIMIT_S} seconds")
        nodes, ticks = self._points(targets, "target")
        known = nodes < self.n_nodes
        order = np.argsort(nodes, kind="stable").astype(np.uint32)
        order = order[known[order]]
        ptr = offsets_of(self.n_nodes, nodes[order]).astype(np.uint32)
        limit = limit_s * TICKS + _TOLERANCE
        latest = int(own[own <= limit].max(initial=0))
        # targets without a node are beyond every limit
        at = np.where(known, nodes, np.uint32(0))
        beyond = np.where(known, ticks, np.uint32(2**31 - 1))
        shift = np.uint32(self.shift)
        size = int(ring_size(min(self.reduced.longest + latest, limit), shift))
        direction = self.reduced.backward if towards_sources else self.reduced.forward
        return _Job(direction, Targets(ptr, order, at, beyond), len(nodes), limit, shift, size)

    def _points(self, points: Places, what: str) -> tuple[Uints32, Uints32]:
        """Return nodes numbered as in the searches, n_nodes for those that are none, and ticks,
        beyond every limit.
        """
        nodes = np.atleast_1d(np.asarray(points[0]))
        seconds = np.atleast_1d(np.asarray(points[1], float))
        if nodes.shape != seconds.shape or (
            nodes.size and not np.issubdtype(nodes.dtype, np.integer)
        ):
            raise ParameterError(f"{what}_node must be whole numbers, as many as {what}_s")
        n = self.n_nodes
        known = nodes >= 0
        if (nodes >= n).any() or (nodes < -1).any() or not (seconds[known] >= 0).all():
            raise ParameterError(
                f"{what}_node must be -1 or a node below {n}, with {what}_s of 0 or more seconds"
            )
        ticks = to_ticks(np.minimum(np.where(known, seconds, 0.0), MAX_LIMIT_S + 1)).astype(
            np.uint32
        )
        return np.append(self.reduced.number, np.uint32(n))[
            np.where(known, nodes, n).astype(np.uint32)
        ], ticks


@dataclass(frozen=True, slots=True, eq=False)
class _Job:
    """Arguments that all searches of one call share."""

    graph: ReducedGraph
    targets: Targets
    n_targets: int
    limit: int
    shift: np.uint32
    n_buckets: int


class _Search:
    """The searches of one thread, one after the other in the same memory."""

    def __init__(self, job: _Job, n_nodes: int, n_sources: int = 2 * LANES) -> None:
        self.job = job
        self.limit = np.uint32(job.limit)
        n_edges = max(len(job.graph.between.edges), len(job.graph.from_branches.edges))
        self.room = Room(
            np.full(job.n_buckets, NONE, np.uint32),
            np.empty((n_nodes + n_edges + n_sources + 1, 2), np.uint32),
            np.full(n_nodes, job.limit + 1, np.uint32),
            np.empty(job.n_targets, np.uint64),
        )

    @cached_property
    def lanes(self) -> LaneRoom:
        """The memory of searches side by side; that of the labels grows with what they reach."""
        n_nodes = len(self.room.label)
        return LaneRoom(
            np.full((self.job.limit >> self.lane_shift) + 1, NONE, np.uint32),
            np.full(n_nodes, IDLE, np.uint32),
            np.full(n_nodes, NONE, np.uint32),
            np.empty(0, np.uint32),
            np.empty((0, LANES), np.uint32),
        )

    @cached_property
    def lane_shift(self) -> int:
        """Log of the width of their buckets."""
        return max(int(self.job.shift), (self.job.limit // _MOST_BUCKETS).bit_length())

    def nearest(self, source: Uints32, own: Uints32) -> Uints64:
        """Return the targets within the limit of the nearest of the sources, by target."""
        job = self.job
        known = source < len(self.room.label)
        n, in_order = reach_targets(
            job.graph,
            source[known],
            source_s=own[known],
            limit=self.limit,
            shift=job.shift,
            room=self.room,
            targets=job.targets,
        )
        row: Uints64 = self.room.found[:n].copy() if in_order else np.sort(self.room.found[:n])
        return row

    def each(self, source: Uints32, own: Uints32) -> list[Uints64]:
        """Return the targets within the limit of each of up to LANES sources, by target; several
        are in lanes.
        """
        if len(source) == 1:
            return [self.nearest(source, own)]
        job = self.job
        room = self.room
        limit = self.limit
        lanes = self.lanes
        starts, n_entries, n_rows = lane_starts(job.graph, source, own, limit, job.shift, room)
        if len(lanes.label) < n_rows:
            self.lanes = lanes = lanes._replace(
                named=np.empty(n_rows, np.uint32), label=np.empty((n_rows, LANES), np.uint32)
            )
        shift = np.uint32(self.lane_shift)
        n_rows = fill_lanes(
            job.graph,
            starts,
            limit=limit,
            shift=shift,
            n_entries=n_entries,
            first=room,
            lanes=lanes,
        )
        near = near_targets(job.graph, job.targets, limit, lanes.slot)
        found = np.empty((len(source), len(near) + 1), np.uint64)
        counts = write_lanes(
            job.graph, job.targets, near=near, limit=limit, n_rows=n_rows, lanes=lanes, found=found
        )
        return [row[:n] for row, n in zip(found, counts.tolist(), strict=True)]


def street_graph(
    streets: Streets, mode: str, speed_kmh: float | None = None, *, speed_factor: float = 1.0
) -> StreetGraph:
    """Return the network of one mode.

    Parameters
    ----------
    mode
        ``walk``, ``bike`` or ``drive``.
    speed_kmh
        Required for walking and cycling. Of `drive`: all edges at this speed (buses), else each
        edge at its own.
    speed_factor
        Of cars: 0.7 for 70 per cent of the limits.

    Raises ParameterError when the mode is not known, a speed is missing, superfluous or out of
    range, or the mode has no street.
    """
    _check_speeds(mode, speed_kmh, speed_factor)
    usable = np.flatnonzero(streets.allowed & MODES[mode])
    if not len(usable):
        raise ParameterError(
            f"mode {mode!r}: no street of {', '.join(streets.checksums) or 'the network'} allows it"
        )
    kmh = (
        streets.drive_kmh[usable] * speed_factor
        if speed_kmh is None
        else np.full(len(usable), float(speed_kmh))
    )
    ticks = np.rint(streets.length_m[usable] * 3.6 / kmh * TICKS)
    used = np.zeros(streets.n_nodes, dtype=bool)
    used[streets.tail[usable]] = used[streets.head[usable]] = True
    nodes = np.flatnonzero(used)
    nodes = nodes[hilbert_order(streets.lon[nodes], streets.lat[nodes])]
    number = np.full(streets.n_nodes, -1, np.int64)
    number[nodes] = np.arange(len(nodes))
    tail = number[streets.tail[usable]]
    head = number[streets.head[usable]]
    snapped = np.zeros(len(nodes), dtype=bool)
    ends = usable[(streets.allowed[usable] & SNAP) > 0]
    snapped[number[streets.tail[ends]]] = snapped[number[streets.head[ends]]] = True
    lon = streets.lon[nodes]
    lat = streets.lat[nodes]
    doors = np.flatnonzero(snapped)
    bins, frame = _bins(lon, lat, doors, _BIN_M)
    far_bins, far_frame = _bins(lon, lat, doors, _FAR_BIN_M)
    reduced = reduce_graph(len(nodes), tail, head, ticks.astype(np.int64))
    # a bucket at most a quarter of the mean edge: few buckets, few labels corrected (benchmarks,
    # workload streets)
    shift = max(0, int(np.log2(max(1.0, float(ticks.mean()) / 4))))
    metres_per_s = float(streets.length_m[usable].sum() * TICKS / max(1.0, ticks.sum()))
    return StreetGraph(
        mode=mode,
        node=nodes,
        lon=lon,
        lat=lat,
        forward=_compressed(len(nodes), tail, head, ticks),
        metres_per_s=metres_per_s,
        reduced=reduced,
        shift=shift,
        bins=bins,
        frame=frame,
        far_bins=far_bins,
        far_frame=far_frame,
    )


def _check_speeds(mode: str, speed_kmh: float | None, speed_factor: float) -> None:
    if mode not in MODES:
        raise ParameterError(f"unknown mode {mode!r}; allowed: {', '.join(MODES)}")
    own_speeds = MODES[mode] == DRIVE and speed_kmh is None
    if not own_speeds and (speed_kmh is None or not 0.5 <= speed_kmh <= 60):
        raise ParameterError(f"speed_kmh {speed_kmh}: {mode} needs one of 0.5-60 km/h")
    if not 0.1 <= speed_factor <= 2 or (not own_speeds and speed_factor != 1):
        raise ParameterError(
            f"speed_factor {speed_factor}: allowed are 0.1-2, and 1 where the speed is given"
        )


def to_ticks(seconds: ArrayLike) -> Ints64:
    """Return seconds as whole ticks."""
    ticks: Ints64 = np.rint(np.asarray(seconds, float) * TICKS).astype(np.int64)
    return ticks


def whole_seconds(ticks: Ints64) -> Ints64:
    """Return whole seconds, rounded up; less than a millisecond over does not count."""
    seconds: Ints64 = np.maximum(ticks - _TOLERANCE + TICKS - 1, 0) // TICKS
    return seconds


def _columns(rows: Sequence[Uints64]) -> tuple[Ints64, Ints64, Ints64]:
    """Return source, target and ticks of the rows of searches."""
    n = np.fromiter(map(len, rows), np.int64, len(rows))
    ends = np.cumsum(n)
    target, ticks = (np.empty(int(n.sum()), np.int64) for _ in range(2))
    for row, first, end in zip(rows, (ends - n).tolist(), ends.tolist(), strict=True):
        np.right_shift(row, _TARGET_FROM, out=target[first:end].view(np.uint64))
        np.bitwise_and(row, _TICKS_OF, out=ticks[first:end].view(np.uint64))
    return np.repeat(np.arange(len(rows)), n), target, ticks


def _compressed(n_nodes: int, tail: Ints64, head: Ints64, ticks: Floats) -> Graph:
    order = np.lexsort((ticks, head, tail))
    ptr = offsets_of(n_nodes, tail).astype(np.uint32)
    return Graph(
        ptr, np.ascontiguousarray(np.column_stack([head[order], ticks[order]]), dtype=np.uint32)
    )


def hilbert_order(lon: Floats, lat: Floats) -> Ints64:
    """Return the order of points along a Hilbert curve through the square around them, 2**16 steps
    a side.

    Method: D. Hilbert 1891; the turning of quadrants from the highest bit down as in J. Skilling
    2004.
    """
    if not len(lon):
        return np.empty(0, np.int64)
    side = max(float(np.ptp(lon)), float(np.ptp(lat)), 1e-9)
    x, y = (((v - v.min()) / side * 65_535).astype(np.int64) for v in (lon, lat))
    along = np.zeros(len(x), np.int64)
    for bit in range(15, -1, -1):
        right = (x >> bit) & 1
        up = (y >> bit) & 1
        along = (along << 2) | ((3 * right) ^ up)
        rest = (1 << bit) - 1
        x = x & rest
        y = y & rest
        turned = (up == 0) & (right == 1)
        low = up == 0
        x = np.where(turned, rest - x, x)
        y = np.where(turned, rest - y, y)
        x, y = np.where(low, y, x), np.where(low, x, y)
    return np.argsort(along, kind="stable")


def _bins(lon: Floats, lat: Floats, nodes: Ints64, least_m: float) -> tuple[Bins, Frame]:
    """Return the nodes by bins at least `least_m` wide, and no more bins than twice the nodes."""
    x = unbroken(lon[nodes])
    y = lat[nodes]
    west = float(x.min(initial=180))
    south = float(y.min(initial=90))
    narrowest = max(0.01, float(np.cos(np.radians(np.abs(y).max(initial=0)))))
    wide_m, high_m = (float(np.ptp(v)) * STREET_DEGREE_M if len(nodes) else 0.0 for v in (x, y))
    wide_m *= narrowest
    side_m = max(
        least_m,
        (wide_m * high_m / max(1, 2 * len(nodes))) ** 0.5,
        max(wide_m, high_m) / max(1, 2 * len(nodes)),
    )
    height = side_m / STREET_DEGREE_M
    width = height / narrowest
    n_columns = int(wide_m / side_m) + 1
    n_rows = int(high_m / side_m) + 1
    column = np.minimum((x - west) // width, n_columns - 1).astype(np.int64)
    row = np.minimum((y - south) // height, n_rows - 1).astype(np.int64)
    place = row * n_columns + column
    order = np.lexsort((nodes, place))
    ptr = offsets_of(n_rows * n_columns, place).astype(np.uint32)
    bins = Bins(
        ptr,
        nodes[order].astype(np.uint32),
        np.ascontiguousarray(x[order]),
        np.ascontiguousarray(y[order]),
    )
    frame = Frame(
        west=west,
        south=south,
        width=float(width),
        height=float(height),
        n_columns=n_columns,
        n_rows=n_rows,
        side_m=float(side_m),
        degree_m=float(STREET_DEGREE_M),
    )
    return bins, frame
