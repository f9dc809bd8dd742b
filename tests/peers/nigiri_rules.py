"""nigiri's rules for changing and walking, worked out from the raw files of a feed (see
`nigiri_oracle`).
"""

from __future__ import annotations

import csv
import io
import math
import zipfile
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from railshed.network.model import Network, Transfers
from railshed.network.ordering import int32
from railshed.util.units import MINUTE
from tests.peers.nigiri_oracle import DEFAULT_CHANGE_MIN, MAX_WALK_MIN

WALK_METRES_A_MINUTE = 90


@dataclass(frozen=True, slots=True)
class RawStop:
    """One row of a stops.txt."""

    stop_id: str
    source: int
    name: str
    lat: float
    lon: float
    parent: str


def read_rows(feed: Path, name: str) -> list[dict[str, str]]:
    """Return the rows of one file of a zipped feed by column name, blanks cut off; none where it is
    missing.
    """
    with zipfile.ZipFile(feed) as archive:
        if name not in archive.namelist():
            return []
        reader = csv.reader(io.StringIO(archive.read(name).decode("utf-8-sig")))
    header = [column.strip() for column in next(reader)]
    return [
        dict(zip(header, (cell.strip() for cell in row), strict=False)) for row in reader if row
    ]


def read_stops(feeds: Sequence[Path]) -> list[RawStop]:
    """Return the stops and stations of all feeds; nigiri leaves out entrances and nodes too."""
    return [
        RawStop(
            row["stop_id"],
            source,
            row["stop_name"],
            float(row["stop_lat"] or 0),
            float(row["stop_lon"] or 0),
            row.get("parent_station", ""),
        )
        for source, feed in enumerate(feeds)
        for row in read_rows(feed, "stops.txt")
        if row.get("location_type", "") in ("", "0", "1")
    ]


def metres(a: RawStop, b: RawStop) -> float:
    """Return the great circle distance."""
    p, q = math.radians(a.lat), math.radians(b.lat)
    h = (
        math.sin((q - p) / 2) ** 2
        + math.cos(p) * math.cos(q) * math.sin(math.radians(b.lon - a.lon) / 2) ** 2
    )
    return 2 * 6_371_000 * math.asin(math.sqrt(h))


def _flat_metres(a: RawStop, b: RawStop) -> float:
    """Return the distance on a plane that nigiri takes within a station."""
    east = (b.lon - a.lon) * math.cos(math.radians(a.lat))
    return math.radians(6_371_000) * math.hypot(b.lat - a.lat, east)


def change_minutes(feeds: Sequence[Path], stops: Sequence[RawStop]) -> list[int]:
    """Return nigiri's minutes between two trips at each stop."""
    index = {(s.source, s.stop_id): i for i, s in enumerate(stops)}
    minutes: dict[int, int] = {}
    for source, feed in enumerate(feeds):
        for row in read_rows(feed, "transfers.txt"):
            here = index.get((source, row["from_stop_id"]))
            if (
                here is not None
                and row["from_stop_id"] == row["to_stop_id"]
                and row.get("transfer_type") not in ("3", "4")
            ):
                given = int(row.get("min_transfer_time") or 0) // MINUTE
                minutes[here] = min(given, minutes.get(here, given))
    return [minutes.get(i, DEFAULT_CHANGE_MIN) for i in range(len(stops))]


def walk_minutes(
    feeds: Sequence[Path],
    stops: Sequence[RawStop],
    changes: Sequence[int],
    max_walk_min: int = MAX_WALK_MIN,
) -> dict[tuple[int, int], int]:
    """Return nigiri's minutes on foot by pair of stops: listed, of one name or parent, between
    feeds, then joined.
    """
    edges = _listed_walks(feeds, stops)
    for a, b in _same_station_pairs(stops):
        edges.setdefault(
            (a, b), max(2, math.ceil(_flat_metres(stops[a], stops[b]) / WALK_METRES_A_MINUTE))
        )
    edges |= {
        pair: m for pair, m in _walks_between_feeds(stops, changes).items() if pair not in edges
    }
    return joined_walks(edges, changes, max_walk_min)


def _listed_walks(feeds: Sequence[Path], stops: Sequence[RawStop]) -> dict[tuple[int, int], int]:
    index = {(s.source, s.stop_id): i for i, s in enumerate(stops)}
    listed: dict[tuple[int, int], int] = {}
    for source, feed in enumerate(feeds):
        for row in read_rows(feed, "transfers.txt"):
            a, b = index.get((source, row["from_stop_id"])), index.get((source, row["to_stop_id"]))
            if a is not None and b is not None and a != b and row.get("transfer_type") != "3":
                listed.setdefault((a, b), int(row.get("min_transfer_time") or 0) // MINUTE)
    for (a, b), minutes in list(listed.items()):
        listed.setdefault((b, a), minutes)
    return listed


def _same_station_pairs(stops: Sequence[RawStop]) -> list[tuple[int, int]]:
    """Return pairs, both ways, of stops that nigiri takes for one place: of a name or a family,
    within 500 m.
    """
    index = {(s.source, s.stop_id): i for i, s in enumerate(stops)}
    parent = [index.get((s.source, s.parent)) if s.parent else None for s in stops]
    children = defaultdict[int, set[int]](set)
    named = defaultdict[tuple[int, str], set[int]](set)
    for i, stop in enumerate(stops):
        named[stop.source, stop.name].add(i)
        if parent[i] is not None:
            children[parent[i]].add(i)
    pairs = []
    for i, stop in enumerate(stops):
        todo, done = {i} | named[stop.source, stop.name], set[int]()
        while todo:
            here = todo.pop()
            done.add(here)
            family = children[here] | ({parent[here]} if parent[here] is not None else set())
            todo |= family - done
        near = {j for j in done if _is_near(stop, stops[j], j == parent[i] or j in children[i])}
        near |= {child for j in near for child in children[j]}
        pairs += [(a, b) for j in near - {i} for a, b in ((i, j), (j, i))]
    return pairs


def _is_near(a: RawStop, b: RawStop, family: bool) -> bool:
    apart = metres(a, b)
    return apart <= 500 or (family and apart <= 2000)


def _walks_between_feeds(
    stops: Sequence[RawStop], changes: Sequence[int]
) -> dict[tuple[int, int], int]:
    """Return walks of up to 300 m between stops of different feeds at 1.5 m/s, rounded."""
    from scipy.spatial import cKDTree

    places = np.array(
        [(s.lat, s.lon * math.cos(math.radians(s.lat))) for s in stops]
    ) * math.radians(6_371_000)
    walks = {}
    for a, b in cKDTree(places).query_pairs(400.0):
        apart = metres(stops[a], stops[b])
        if stops[a].source != stops[b].source and apart <= 300:
            walks[a, b] = walks[b, a] = max(
                changes[a], changes[b], round(apart / WALK_METRES_A_MINUTE)
            )
    return walks


def joined_walks(
    edges: Mapping[tuple[int, int], int], changes: Sequence[int], max_walk_min: int
) -> dict[tuple[int, int], int]:
    """Return nigiri's walks from those listed: no shorter than a change at either end, both ways,
    joined.
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components, dijkstra

    if not edges:
        return {}
    n = len(changes)
    weight: dict[tuple[int, int], int] = {}
    for (a, b), minutes in edges.items():
        least = max(minutes, changes[a], changes[b])
        for pair in ((a, b), (b, a)):
            weight[pair] = min(least, weight.get(pair, least))
    pairs = np.array(list(weight), dtype=np.int64)
    # zero is no edge in a sparse matrix
    values = np.maximum(np.fromiter(weight.values(), float), 1e-9)
    graph = coo_array((values, (pairs[:, 0], pairs[:, 1])), shape=(n, n)).tocsr()
    _, label = connected_components(graph, directed=False)
    size = np.bincount(label)[label]
    walks = {(a, b): max(m, changes[a], changes[b]) for (a, b), m in edges.items() if size[a] == 2}
    sources = np.flatnonzero(size > 2)
    for source, row in zip(
        sources.tolist(), dijkstra(graph, indices=sources, limit=max_walk_min), strict=True
    ):
        for target in np.flatnonzero(np.isfinite(row)).tolist():
            minutes = round(row[target])
            if target != source and minutes < max_walk_min:
                walks[source, target] = max(minutes, changes[source], changes[target])
    return walks


def with_rules(
    network: Network, change_s: Mapping[int, int], walks: Mapping[tuple[int, int], int]
) -> Network:
    """Return the network with these changes by station and only these walks by pair of stations,
    seconds.
    """
    stations = tuple(
        replace(s, change_s=change_s.get(i, s.change_s)) for i, s in enumerate(network.stations)
    )
    rows = sorted((a, b, seconds) for (a, b), seconds in walks.items() if a != b)
    columns = list(zip(*rows, strict=True)) or [(), (), ()]
    return replace(
        network, stations=stations, transfers=Transfers(*(int32(list(c)) for c in columns))
    )


def write_in_minutes(feed: Path, path: Path, *, platforms: bool) -> Path:
    """Return `path`, a copy of the feed with nigiri's times: whole minutes, blanks spread over the
    stops.

    `platforms`: no stop has a parent station, so that railshed takes each platform for a station.
    """
    by_trip = defaultdict[str, list[dict[str, str]]](list)
    for row in read_rows(feed, "stop_times.txt"):
        by_trip[row["trip_id"]].append(row)
    kept = [
        name for name in ("stop_id", "stop_sequence", "pickup_type", "drop_off_type") if name in row
    ]
    lines = [",".join(["trip_id", "arrival_time", "departure_time", *kept])]
    for trip_id, calls in by_trip.items():
        calls.sort(key=lambda call: int(call["stop_sequence"]))
        times = spread(
            [
                _minute(call[column])
                for call in calls
                for column in ("arrival_time", "departure_time")
            ]
        )
        for call, arrival, departure in zip(calls, times[::2], times[1::2], strict=True):
            clocks = [f"{minute // 60:02d}:{minute % 60:02d}:00" for minute in (arrival, departure)]
            lines.append(",".join([trip_id, *clocks, *(call[name] for name in kept)]))
    with zipfile.ZipFile(feed) as source, zipfile.ZipFile(path, "w") as target:
        for name in source.namelist():
            if name not in ("stop_times.txt", "shapes.txt", "stops.txt"):
                target.writestr(name, source.read(name))
        target.writestr("stop_times.txt", "\n".join(lines) + "\n")
        target.writestr(
            "stops.txt", _stops_without_parents(feed) if platforms else source.read("stops.txt")
        )
    return path


def _stops_without_parents(feed: Path) -> str:
    out = io.StringIO()
    rows = [
        row
        for row in read_rows(feed, "stops.txt")
        if row.get("location_type", "") in ("", "0", "1")
    ]
    writer = csv.DictWriter(
        out, ["stop_id", "stop_name", "stop_lat", "stop_lon"], extrasaction="ignore"
    )
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def _minute(text: str) -> int | None:
    if not text:
        return None
    hours, minutes, *_ = text.split(":")
    return int(hours) * 60 + int(minutes)


def spread(times: Sequence[int | None]) -> list[int]:
    """Return arrivals and departures in turn, blanks filled in even steps from stop to stop, halves
    rounded up.
    """
    known = [(i, t) for i, t in enumerate(times) if t is not None]
    out = []
    for i, time in enumerate(times):
        if time is not None:
            out.append(time)
            continue
        (before, start), (after, end) = (
            max(k for k in known if k[0] < i),
            min(k for k in known if k[0] > i),
        )
        n_stops = after // 2 - before // 2
        share = (
            (i // 2 - before // 2) / n_stops if n_stops else 0.0
        )  # first, as nigiri does: 15 * (7 / 30) < 3.5
        out.append(start + math.floor((end - start) * share + 0.5))
    return out
