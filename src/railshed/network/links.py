"""Frequency-based networks from networkx graphs of stations and hops of lines."""

from __future__ import annotations

import datetime as dt
import math
import numbers
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from railshed.network.cities import City
from railshed.network.model import CONFIDENCES, FEEDERS, STATION_CLASSES, Links, Network, Station
from railshed.network.ordering import int32, make_transfers, no_trips
from railshed.network.route_types import DEFAULT_ROUTE_TYPE, find_mode
from railshed.util.errors import Issue, ParameterError, nearest, raise_errors
from railshed.util.names import clean, clean_tree
from railshed.util.units import DAY, HOUR, MINUTE, UNREACHED
from railshed.util.validation import checked, day, instance, many, optional, real, text

if TYPE_CHECKING:
    import networkx as nx

#: limits that maps of such networks print
LIMITS = (
    (
        "无时刻表：最疏线路按间隔均匀发车，其余候车按假定",
        "no timetable: the rarest line evenly spaced, other waits assumed",
    ),
    ("接入按直线距离估算", "access on straight lines"),
    ("未考虑运能、票价与客流", "no capacity, fare or demand"),
)
#: default date, for print only: a graph has no calendar
_NO_DATE = dt.date(2000, 1, 4)
_SERVICE_HOURS = 18.0
_NODE_WORDS = {"station_class": STATION_CLASSES, "feeder": FEEDERS, "coord_confidence": CONFIDENCES}
_NODE_KEYS = {
    "name",
    "name_en",
    "lon",
    "lat",
    "x",
    "y",
    "county_code",
    "change_s",
    "change_minutes",
    *_NODE_WORDS,
}
_TIME_KEYS = ("minutes", "seconds", "run_s")
_RIDE_KEYS = {*_TIME_KEYS, "kind", "line", "headway_minutes", "headway_s", "trains", "route_type"}
_WALK_KEYS = {*_TIME_KEYS, "kind"}
_KINDS = ("ride", "walk")
#: line, from, to, run_s, headway_s, trains, route_type
_Hop = tuple[str, int, int, int, int, int, int]


@checked(
    network_id=optional(text),
    title=optional(text),
    date=optional(day),
    service_hours=optional(real),
    cities=many(instance(City), least=0),
)
def from_networkx(
    graph: nx.Graph,
    *,
    network_id: str | None = None,
    title: str | None = None,
    date: dt.date | None = None,
    service_hours: float | None = None,
    cities: Sequence[City] = (),
) -> Network:
    """Return the frequency-based network of a networkx graph.

    Parameters
    ----------
    graph
        A Graph, DiGraph, MultiGraph or MultiDiGraph; undirected edges run both ways.

        Nodes are stations; ``str(node)`` is the station id.

        ====================  ============================================================
        lon, lat (or x, y)    degrees, WGS84; required
        name, name_en         default: the id; empty
        station_class         hub, large, medium, small (default), halt, metro, border: entry, exit
                              and change times
        feeder                metro, metro-small, bus (default): feeder of the station
        county_code           of `Network.counties`; default none
        coord_confidence      high (default), medium, low
        change_s              seconds between two lines here, or change_minutes; infinite: no
                              change; default: by class
        ====================  ============================================================

        Edges are hops of lines, or transfers.

        ====================  ============================================================
        minutes               time of the hop, or seconds, or run_s: exactly one of them; required
        line                  line id (text or whole number). There is no wait and no change from
                              hop to hop of one
                              line, so branches with a change between them need ids of their own.
                              Edges without a line are one line: on them the time is that of the
                              shortest path
        headway_minutes       minutes between trains, or headway_s; or trains, how many a day (a
                              whole number), spread
                              over `service_hours`; default 0: no wait, a train every minute
        route_type            GTFS route type; default 2 (rail)
        kind                  ride (default) or walk: a transfer on foot, which has only minutes,
                              seconds or run_s;
                              infinite forbids it. Walks of up to 10 minutes are generated besides,
                              as for a timetable
        ====================  ============================================================
    network_id, title, date, service_hours
        Default: the graph's own attributes of these names, else ``graph``, the id, 2000-01-04 and
        18. A graph has no calendar: the date is only printed.
    cities
        Core cities with their core stations; `circle` also takes a city that is not listed, of
        `city_at` say.

    Returns
    -------
    Network
        With `links` and without trips: `circle` and `reach` use the graph engine, with the waits of
        `Waits`. Its `to_networkx` returns the same nodes, edges and attributes, with the defaults
        filled in and times in whole seconds. Other attributes are ignored, each with a warning in
        `Network.issues`.

    Raises
    ------
    InputError
        With every problem of every node and edge.
    ParameterError
        When `graph` is no networkx graph.
    """
    if not isinstance(getattr(graph, "graph", None), dict) or not hasattr(graph, "is_multigraph"):
        raise ParameterError(f"a networkx graph is needed, not {type(graph).__name__}")
    issues: list[Issue] = []
    hours = _number(
        graph.graph.get("service_hours", _SERVICE_HOURS) if service_hours is None else service_hours
    )
    if hours is None or not 0 < hours <= 24:
        issues.append(_error("service_hours", "is not in 0-24", "the graph", hours))
        hours = _SERVICE_HOURS
    service_s = round(hours * HOUR)
    stations = _stations(graph, issues)
    index = {station.station_id: k for k, station in enumerate(stations)}
    rides, walks, rounded = _edges(graph, index, service_s, issues)
    if not rides:
        issues.append(_error("minutes", "there is no edge to ride on", "the graph"))
    _warn_of_unknown(graph, issues)
    own_date = _date(graph.graph.get("date"), issues)
    raise_errors("graph", issues)
    known = str(network_id or graph.graph.get("network_id", "graph"))
    trips, calls = no_trips()
    return Network(
        known,
        str(title or graph.graph.get("title", known)),
        date or own_date,
        stations,
        services=(),
        trips=trips,
        stop_times=calls,
        transfers=make_transfers(sorted(walks)),
        links=_links(rides, service_s),
        cities=tuple(cities),
        notes=_notes(rides, rounded),
        issues=tuple(issues),
        limits=LIMITS,
    )


def _links(rides: list[_Hop], service_s: int) -> Links:
    lines = sorted({ride[0] for ride in rides})
    place = {line: k for k, line in enumerate(lines)}
    rows = [(place[line], *rest) for line, *rest in sorted(rides)]
    line, start, end, run, headway, trains, kind = map(int32, np.array(rows).T)
    return Links(
        line_ids=tuple(lines),
        line_idx=line,
        from_idx=start,
        to_idx=end,
        run_s=run,
        headway_s=headway,
        trains=trains,
        route_types=kind,
        service_s=service_s,
    )


def _notes(rides: list[_Hop], rounded: int) -> tuple[str, ...]:
    notes = []
    nameless = sum(not ride[0] for ride in rides)
    no_wait = sum(ride[4] == 0 for ride in rides)
    if nameless:
        notes.append(
            f"{nameless} of {len(rides)} hops name no line: counted as one line, without changes "
            "between them"
        )
    if no_wait:
        notes.append(
            f"{no_wait} of {len(rides)} hops have no headway: no wait, a train every minute"
        )
    if rounded:
        notes.append(f"{rounded} time{'s' if rounded > 1 else ''} rounded to whole seconds")
    return tuple(notes)


def _error(field: str, message: str, where: str, value: object = "", remedy: str = "") -> Issue:
    shown = "" if value == "" else str(value)
    return Issue(
        "error", "bad-graph", f"{where}: {message}", field=field, value=shown, remedy=remedy
    )


def _number(value: object) -> float | None:
    """Return a number, which may be infinite; None for text, truth values, NaN and other
    objects.
    """
    if (
        isinstance(value, bool | np.bool_)
        or not isinstance(value, numbers.Real)
        or math.isnan(value)
    ):
        return None
    return float(value)


def _stations(graph: nx.Graph, issues: list[Issue]) -> tuple[Station, ...]:
    by_id: dict[str, Station] = {}
    for node, data in graph.nodes(data=True):
        station_id = clean(str(node))
        where = f"node {node!r}"
        data = clean_tree(dict(data), "graph", issues, where)
        if not station_id.strip():
            issues.append(_error("node", "the id is empty", where))
        if station_id in by_id:
            issues.append(_error("node", "two nodes have the same id as text", where, station_id))
        lon = _coordinate(data, ("lon", "x"), 180, where, issues)
        lat = _coordinate(data, ("lat", "y"), 90, where, issues)
        words: dict[str, Any] = {}
        for key, allowed in _NODE_WORDS.items():
            if key in data:
                words[key] = str(data[key])
                if data[key] not in allowed:
                    issues.append(
                        _error(key, f"allowed are {', '.join(allowed)}", where, data[key])
                    )
        change = _seconds(data, ("change_s", "change_minutes"), where, issues, required=False)
        text: dict[str, Any] = {
            key: str(data[key]) for key in ("name_en", "county_code") if key in data
        }
        name = str(data.get("name", station_id))
        by_id[station_id] = Station(station_id, name, lon, lat, change_s=change, **text, **words)
    return tuple(by_id[key] for key in sorted(by_id))


def _coordinate(
    data: Mapping[str, Any], names: tuple[str, str], largest: int, where: str, issues: list[Issue]
) -> float:
    present = [name for name in names if name in data]
    value = _number(data[present[0]]) if present else None
    if value is not None and abs(value) <= largest:
        return value
    remedy = f"give {' or '.join(names)} in degrees, -{largest} to {largest}"
    message = "is no such coordinate" if present else "is missing"
    issues.append(_error(names[0], message, where, data[present[0]] if present else "", remedy))
    return 0.0


def _seconds(
    data: Mapping[str, Any],
    names: Collection[str],
    where: str,
    issues: list[Issue],
    *,
    required: bool,
    infinite: bool = True,
    rounded: list[str] | None = None,
) -> int | None:
    """Return whole seconds of the one attribute among `names`; UNREACHED if infinite, None without
    one.
    """
    present = [name for name in names if name in data]
    either = " or ".join(names)
    if len(present) != 1:
        if required or present:
            message = (
                f"give one of {either}, not {len(present)} of them"
                if present
                else f"{either} is missing"
            )
            issues.append(_error(present[0] if present else next(iter(names)), message, where))
        return None
    value = _number(data[present[0]])
    unit = MINUTE if "minutes" in present[0] else 1
    exact = None if value is None else value * unit
    if exact is not None and infinite and exact == math.inf:
        return UNREACHED
    if exact is None or not 0 <= exact <= DAY:
        allowed = "a number of at least 0 and at most a day" + (", or infinite" if infinite else "")
        issues.append(_error(present[0], f"is not {allowed}", where, data[present[0]]))
        return None
    if rounded is not None and abs(exact - round(exact)) > 1e-6:
        rounded.append(where)
    return round(exact)


def _edges(
    graph: nx.Graph, index: Mapping[str, int], service_s: int, issues: list[Issue]
) -> tuple[list[_Hop], list[tuple[int, int, int]], int]:
    """Return rides, walks (from, to, seconds) and the number of roundings."""
    rides: list[_Hop] = []
    walks: list[tuple[int, int, int]] = []
    rounded: list[str] = []
    for u, v, data in graph.edges(data=True):
        where = f"edge {u!r} to {v!r}"
        kind = data.get("kind", "ride")
        n_before = len(issues)
        if kind not in _KINDS:
            issues.append(_error("kind", f"allowed are {', '.join(_KINDS)}", where, kind))
        if u == v:
            issues.append(
                _error("edge", "leads back to the same station", where, remedy="remove it")
            )
        walk = kind == "walk"
        seconds = _seconds(
            data, _TIME_KEYS, where, issues, required=True, infinite=walk, rounded=rounded
        )
        hop = ("", 0, 0, 0) if walk else _service(data, service_s, where, issues, rounded)
        line, headway, trains, route_type = hop
        if len(issues) > n_before or seconds is None:
            continue
        pair = index[clean(str(u))], index[clean(str(v))]
        ends = [pair] if graph.is_directed() else [pair, pair[::-1]]
        if walk:
            walks += [(*end, seconds) for end in ends]
        else:
            rides += [(line, *end, seconds, headway, trains, route_type) for end in ends]
    return rides, walks, len(rounded)


def _service(
    data: Mapping[str, Any], service_s: int, where: str, issues: list[Issue], rounded: list[str]
) -> tuple[str, int, int, int]:
    """Return line, headway_s, trains a day (0 if absent) and route type of a ride."""
    line = data.get("line", "")
    if not isinstance(line, str | int | np.integer) or isinstance(line, bool):
        issues.append(_error("line", "is neither text nor a whole number", where, line))
    route_type = data.get("route_type", DEFAULT_ROUTE_TYPE)
    if not isinstance(route_type, int | np.integer) or find_mode(int(route_type)) is None:
        remedy = "see `railshed.network.route_types`"
        issues.append(_error("route_type", "is no GTFS route type", where, route_type, remedy))
        route_type = DEFAULT_ROUTE_TYPE
    names = ("headway_minutes", "headway_s")
    headway = _seconds(data, names, where, issues, required=False, infinite=False, rounded=rounded)
    trains = 0
    if "trains" in data:
        number = _number(data["trains"])
        if number is None or number not in range(1, DAY + 1):
            issues.append(
                _error("trains", "is no whole number of at least 1", where, data["trains"])
            )
        elif headway is not None:
            issues.append(
                _error("trains", "give trains or a headway, not both", where, data["trains"])
            )
        else:
            trains = int(number)
            headway = round(service_s / trains)
    return clean(str(line)), headway or 0, trains, int(route_type)


def _date(value: object, issues: list[Issue]) -> dt.date:
    if value is None:
        return _NO_DATE
    try:
        return dt.date.fromisoformat(str(value))
    except ValueError:
        issues.append(_error("date", "is no date like 2024-05-15", "the graph", value))
        return _NO_DATE


def _warn_of_unknown(graph: nx.Graph, issues: list[Issue]) -> None:
    """Add one warning an attribute that is not read, with its number of nodes or edges."""
    unknown: Counter[tuple[str, str]] = Counter()
    for _, data in graph.nodes(data=True):
        unknown.update(("node", str(key)) for key in data.keys() - _NODE_KEYS)
    for _, _, data in graph.edges(data=True):
        known = _WALK_KEYS if data.get("kind") == "walk" else _RIDE_KEYS
        unknown.update(("edge", str(key)) for key in data.keys() - known)
    for (what, key), n in sorted(unknown.items()):
        near = nearest(key, _NODE_KEYS if what == "node" else _RIDE_KEYS)
        remedy = near or "`from_networkx` names the attributes that are read"
        message = f"attribute of {n} {what}{'s' if n > 1 else ''} is not read"
        issues.append(Issue("warning", "unknown-attribute", message, field=key, remedy=remedy))
