"""A street network: nodes on WGS84, directed edges with their length, allowed modes, and the speed
of cars.

Built by `build_streets` from segments, which readers return (`io.streets`). Edges longer than
`LONGEST_EDGE_M` are cut by inserted nodes, so that the nearest node is near any point of the
street. Parts of the network that a mode cannot leave and that have fewer than 40 nodes are dropped
for that mode: a point snapped there would reach nothing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from railshed.access.coverage import Coverage, coverage_of
from railshed.cells.cell_keys import each_place
from railshed.kernels.street_search import components
from railshed.util.array_types import Bytes, Floats, Ints64
from railshed.util.errors import InputError, Issue
from railshed.util.geodesy import sphere_m

#: bits of the modes allowed on an edge; SNAP: points may enter and leave the network here (not on
#: motorways or in tunnels)
WALK = 1
BIKE = 2
DRIVE = 4
SNAP = 8

MODES: Mapping[str, int] = {"walk": WALK, "bike": BIKE, "drive": DRIVE}

LONGEST_EDGE_M = 100.0

#: parts with fewer nodes are dropped: as R5 does (StreetLayer, MIN_SUBGRAPH_SIZE)
ISLAND_NODES = 40


@dataclass(frozen=True, slots=True, eq=False)
class Segments:
    """Pieces of street between two nodes, in no particular order; equal ones are joined."""

    #: int64 (n_nodes,) distinct ids; degrees
    node_id: Ints64
    lon: Floats
    lat: Floats
    #: int64 (n_segments,) ids of the ends
    start: Ints64
    end: Ints64
    length_m: Floats
    #: uint8 (n_segments,) bits from start to end and from end to start; km/h of cars
    forward: Bytes
    backward: Bytes
    forward_kmh: Floats
    backward_kmh: Floats
    #: by segment, degrees of the points along it, ends included; straight where absent
    shapes: Mapping[int, tuple[Floats, Floats]] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Streets:
    """A street network; edges sorted by tail, head, length.

    Nothing depends on the order of the input.
    """

    #: float64 (n_nodes,) degrees
    lon: Floats
    lat: Floats
    #: int64 (n_nodes,) id in the source, 0 for nodes that cut long edges
    node_id: Ints64
    #: int64 (n_edges,) nodes
    tail: Ints64
    head: Ints64
    #: float64 (n_edges,)
    length_m: Floats
    #: uint8 (n_edges,) bits WALK, BIKE, DRIVE, SNAP
    allowed: Bytes
    #: float64 (n_edges,) free-flow speed of cars
    drive_kmh: Floats
    #: title, date, licence and attribution
    sources: tuple[Mapping[str, str], ...] = ()
    #: sha256 by file name
    checksums: Mapping[str, str] = field(default_factory=dict)
    #: what was left out, cut, estimated and assumed, counted
    notes: tuple[str, ...] = ()
    issues: tuple[Issue, ...] = ()

    @property
    def n_nodes(self) -> int:
        """Number of nodes."""
        return len(self.lon)

    @property
    def n_edges(self) -> int:
        """Number of directed edges."""
        return len(self.tail)

    @property
    def extent(self) -> tuple[float, float, float, float]:
        """West, south, east, north in degrees."""
        return (
            float(self.lon.min()),
            float(self.lat.min()),
            float(self.lon.max()),
            float(self.lat.max()),
        )

    @cached_property
    def coverage(self) -> Coverage:
        """The land where streets are known (see `railshed.access.coverage`)."""
        return coverage_of(self.lon, self.lat)

    def covers(self, lon: float, lat: float) -> bool:
        """Return whether streets are known at a point (degrees)."""
        return bool(self.coverage.contains(lon, lat)[0])

    def require_area(self, lon: float, lat: float, what: str) -> None:
        """Raise InputError where no streets are known at a point, with the files, their extent and
        the point.
        """
        if self.covers(lon, lat):
            return
        west, south, east, north = self.extent
        files = ", ".join(self.checksums) or "the streets"
        raise InputError(
            f"{files}: the streets lie between {west:.3f} and {east:.3f} degrees east, {south:.3f} "
            f"and {north:.3f} "
            f"north, and {what} at {lon:.3f}, {lat:.3f} is beyond them or in a gap -> give a "
            "street file of that area"
        )

    def fingerprint(self) -> str:
        """Return a hash of everything that travel times come from."""
        digest = hashlib.sha256()
        for array in (
            self.lon,
            self.lat,
            self.tail,
            self.head,
            self.length_m,
            self.allowed,
            self.drive_kmh,
        ):
            digest.update(str(array.dtype).encode() + array.tobytes())
        return digest.hexdigest()

    def __repr__(self) -> str:
        return f"<Streets {self.n_nodes:,} nodes, {self.n_edges:,} directed edges>"


def unbroken(lon: Floats) -> Floats:
    """Return longitudes with those west of their widest gap a turn on, so that 180 degrees does not
    part them.
    """
    if not len(lon) or np.ptp(lon) <= 180:
        return lon
    rising = np.sort(lon)
    widest = int(np.argmax(np.diff(rising)))
    if rising[widest + 1] - rising[widest] <= 360 - (rising[-1] - rising[0]):
        return lon
    return np.where(lon <= rising[widest], lon + 360, lon)


def build_streets(
    segments: Segments,
    *,
    sources: Sequence[Mapping[str, str]] = (),
    checksums: Mapping[str, str] | None = None,
    notes: Sequence[str] = (),
    issues: Sequence[Issue] = (),
    island_nodes: int = ISLAND_NODES,
) -> Streets:
    """Return the network of the segments: joined, cut to edges of at most `LONGEST_EDGE_M`, without
    small islands.

    Raises InputError when no street is left.
    """
    joined = _cut(_join(segments))
    n_nodes = len(joined.lon)
    n_inserted = n_nodes - len(segments.lon)
    found = [*notes]
    if n_inserted:
        found.append(f"{n_inserted:,} nodes inserted into edges longer than {LONGEST_EDGE_M:g} m")
    tail = np.concatenate([joined.start, joined.end])
    head = np.concatenate([joined.end, joined.start])
    length = np.tile(joined.length_m, 2)
    allowed = np.concatenate([joined.forward, joined.backward])
    kmh = np.concatenate([joined.forward_kmh, joined.backward_kmh])
    for name, bit in MODES.items():
        small = _small_islands(n_nodes, tail, head, allowed, bit, island_nodes)
        if small.any():
            gone = small[tail] & (allowed & bit > 0)
            allowed = np.where(gone, allowed & ~np.uint8(bit), allowed)
            found.append(
                f"{int(small.sum()):,} nodes in islands of fewer than {island_nodes} are no "
                f"streets to {name}"
            )
    keep = np.flatnonzero(allowed & (WALK | BIKE | DRIVE))
    if not len(keep):
        files = ", ".join(checksums or ()) or "streets"
        raise InputError(f"{files}: no street that can be walked, cycled or driven is left", issues)
    keep = keep[np.lexsort((kmh[keep], allowed[keep], length[keep], head[keep], tail[keep]))]
    used = np.zeros(n_nodes, dtype=bool)
    used[tail[keep]] = used[head[keep]] = True
    number = np.cumsum(used) - 1
    return Streets(
        lon=joined.lon[used],
        lat=joined.lat[used],
        node_id=joined.node_id[used],
        tail=number[tail[keep]],
        head=number[head[keep]],
        length_m=length[keep],
        allowed=allowed[keep],
        drive_kmh=np.where(allowed[keep] & DRIVE, kmh[keep], 0.0),
        sources=tuple(sources),
        checksums=dict(checksums or {}),
        notes=tuple(found),
        issues=tuple(issues),
    )


def _join(segments: Segments) -> Segments:
    """Return the segments from the lower node to the higher, sorted; equal ones are one with the
    rights of all.

    Nodes are sorted by id, and the ends are places among them. Equal: the same ends, length to the
    millimetre and middle of the shape. Loops lead nowhere and are dropped.
    """
    by_id = np.argsort(segments.node_id, kind="stable")
    node_id = segments.node_id[by_id]
    start = np.searchsorted(node_id, segments.start)
    end = np.searchsorted(node_id, segments.end)
    turned = start > end
    start, end = np.where(turned, end, start), np.where(turned, start, end)
    forward, backward, forward_kmh, backward_kmh = (
        np.where(turned, getattr(segments, other), getattr(segments, one))
        for one, other in (
            ("forward", "backward"),
            ("backward", "forward"),
            ("forward_kmh", "backward_kmh"),
            ("backward_kmh", "forward_kmh"),
        )
    )
    middle = np.zeros((len(start), 2), np.int64)
    for k, (x, y) in segments.shapes.items():
        middle[k] = np.rint(_along(x, y, np.array([0.5]))[:, 0] * 1e6)
    length_mm = np.rint(segments.length_m * 1000).astype(np.int64)
    keys = np.column_stack([start, end, length_mm, middle])
    order = np.lexsort((segments.length_m, *keys.T[::-1]))
    order = order[(start != end)[order]]
    first = np.ones(len(order), dtype=bool)
    first[1:] = np.any(keys[order[1:]] != keys[order[:-1]], axis=1)
    at = np.flatnonzero(first)
    rows = order[at]
    lows = [
        np.bitwise_or.reduceat(bits[order], at) if len(at) else bits[:0]
        for bits in (forward, backward)
    ]
    speeds = [
        np.maximum.reduceat(np.where(bits & DRIVE, kmh, 0.0)[order], at) if len(at) else kmh[:0]
        for bits, kmh in ((forward, forward_kmh), (backward, backward_kmh))
    ]
    shapes = {}
    for new, old in enumerate(rows.tolist()):
        if old in segments.shapes:
            x, y = segments.shapes[old]
            shapes[new] = (x[::-1], y[::-1]) if turned[old] else (x, y)
    return Segments(
        node_id=node_id,
        lon=segments.lon[by_id],
        lat=segments.lat[by_id],
        start=start[rows],
        end=end[rows],
        length_m=segments.length_m[rows],
        forward=lows[0].astype(np.uint8),
        backward=lows[1].astype(np.uint8),
        forward_kmh=speeds[0],
        backward_kmh=speeds[1],
        shapes=shapes,
    )


def _along(x: Floats, y: Floats, fractions: Floats) -> Floats:
    """Return float64 (2, n): the points at fractions of the length of a chain."""
    x = unbroken(x)
    steps = sphere_m(x[:-1], y[:-1], x[1:], y[1:])
    at = np.append(0.0, np.cumsum(steps))
    metres = fractions * at[-1]
    return np.stack([np.interp(metres, at, x), np.interp(metres, at, y)])


def _cut(pieces: Segments) -> Segments:
    """Return the pieces cut into equal parts of at most `LONGEST_EDGE_M`; the nodes inserted have
    id 0.
    """
    lon = pieces.lon
    lat = pieces.lat
    n_parts = np.maximum(1, np.ceil(pieces.length_m / LONGEST_EDGE_M - 1e-9).astype(np.int64))
    owner, part = each_place(0, n_parts)
    begins = np.cumsum(n_parts) - n_parts
    is_last = part == n_parts[owner] - 1
    #: the node inserted at the end of each part but the last
    inner = np.flatnonzero(~is_last)
    fraction = (part[inner] + 1) / n_parts[owner[inner]]
    a = pieces.start[owner[inner]]
    b = pieces.end[owner[inner]]
    across = (lon[b] - lon[a] + 180) % 360 - 180
    new_lon = (lon[a] + fraction * across + 180) % 360 - 180
    new_lat = lat[a] + fraction * (lat[b] - lat[a])
    place = np.cumsum(~is_last) - 1
    for k, (x, y) in pieces.shapes.items():
        if n_parts[k] > 1:
            first = place[begins[k]]
            span = slice(first, first + n_parts[k] - 1)
            new_lon[span], new_lat[span] = _along(x, y, np.arange(1, n_parts[k]) / n_parts[k])
    new_lon = np.where(new_lon > 180, new_lon - 360, new_lon)
    ends = np.where(is_last, pieces.end[owner], len(lon) + place)
    starts = np.where(part == 0, pieces.start[owner], np.append(0, ends[:-1]))
    ids = np.append(pieces.node_id, np.zeros(len(inner), np.int64))
    return Segments(
        node_id=ids,
        lon=np.append(lon, new_lon),
        lat=np.append(lat, new_lat),
        start=starts,
        end=ends,
        length_m=(pieces.length_m / n_parts)[owner],
        forward=pieces.forward[owner],
        backward=pieces.backward[owner],
        forward_kmh=pieces.forward_kmh[owner],
        backward_kmh=pieces.backward_kmh[owner],
    )


def _small_islands(
    n_nodes: int, tail: Ints64, head: Ints64, allowed: Bytes, bit: int, island_nodes: int
) -> NDArray[np.bool_]:
    """Return bool (n_nodes,): in a part of the mode's network with fewer nodes, edges taken both
    ways.
    """
    usable = np.flatnonzero(allowed & bit)
    part = components(
        n_nodes, tail[usable].astype(np.uint32), head[usable].astype(np.uint32)
    ).astype(np.int64)
    touched = np.zeros(n_nodes, dtype=bool)
    touched[tail[usable]] = touched[head[usable]] = True
    sizes = np.bincount(part, minlength=n_nodes)
    small: NDArray[np.bool_] = touched & (sizes[part] < island_nodes)
    return small
