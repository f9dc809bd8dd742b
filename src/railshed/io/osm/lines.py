"""Lines from route relations of OpenStreetMap: stops in order, both directions merged, headways and
run times.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from railshed.io.osm.elements import Elements, Member, Ref, Relation, Tags, planned_state
from railshed.io.osm.stations import Place
from railshed.io.osm.tags import TUESDAY, headway_periods, line_name, weekdays_open
from railshed.io.osm.tracks import Sections
from railshed.network.lines import Line, LineStop, Period

#: GTFS route type by kind of service
ROUTE_TYPES: Mapping[str, int] = {
    "high_speed": 101,
    "long_distance": 102,
    "train": 2,
    "commuter": 109,
    "light_rail": 0,
    "subway": 1,
    "monorail": 12,
    "tram": 0,
    "funicular": 7,
}
#: tags that routes inherit from their route master
_INHERITED = (
    "name",
    "ref",
    "network",
    "operator",
    "interval",
    "interval:conditional",
    "opening_hours",
    "service",
    "passenger",
)
#: kind of a route=train by service=*, or by passenger=* without it
_KINDS = {
    "high_speed": "high_speed",
    "long_distance": "long_distance",
    "night": "long_distance",
    "commuter": "commuter",
    "national": "long_distance",
    "international": "long_distance",
    "suburban": "commuter",
}


@dataclass(frozen=True, slots=True)
class Route:
    """One route relation: its stops as indices of places."""

    relation_id: int
    #: own and inherited tags
    tags: Tags
    #: route=* of the relation
    mode: str
    stops: tuple[int, ...]
    refs: tuple[Ref, ...]
    #: key shared by the routes of one line
    line_key: tuple[str, ...]

    @property
    def name(self) -> str:
        """Name without its direction; the relation's id without a name."""
        return line_name(self.tags) or f"relation {self.relation_id}"

    @property
    def kind(self) -> str:
        """The kind of service, a key of `RUNNING`."""
        service = self.tags.get("service") or self.tags.get("passenger", "")
        return _KINDS.get(service, "train") if self.mode == "train" else self.mode


@dataclass(slots=True)
class Remarks:
    """Names of what was left out, completed or assumed, by sentence."""

    names: dict[str, list[str]] = field(default_factory=dict)

    def add(self, sentence: str, name: str) -> None:
        """Add one case."""
        self.names.setdefault(sentence, []).append(name)

    def notes(self) -> list[str]:
        """Return one note a sentence, with the number of cases and the first names."""
        return [
            f"{len(names)} {sentence}: {first_names(names)}"
            for sentence, names in sorted(self.names.items())
        ]


def first_names(names: Sequence[str]) -> str:
    """Return the first five names in order, and "..." if there are more."""
    return ", ".join(sorted(names)[:5]) + (", ..." if len(names) > 5 else "")


def masters(elements: Elements) -> dict[int, tuple[int, Relation]]:
    """Return the id and route master by route id; of several the one with the smallest id."""
    master_of: dict[int, tuple[int, Relation]] = {}
    for number, relation in elements.relations.items():
        if relation.tags.get("type") == "route_master":
            for member in relation.members:
                if member.ref[0] == "r":
                    master_of.setdefault(member.ref[1], (number, relation))
    return master_of


def read_routes(
    elements: Elements, place_of: Mapping[Ref, int], modes: Collection[str], remarks: Remarks
) -> tuple[Route, ...]:
    """Return the running routes of some modes with two or more stops in the file, by
    relation id.
    """
    routes = []
    master_of = masters(elements)
    for number, relation in elements.relations.items():
        tags = relation.tags
        mode = relation.tags.get("route", "")
        if tags.get("type") != "route":
            continue
        state = planned_state(elements, relation)
        if state:
            remarks.add(f"routes left out: {state}", tags.get("name") or f"relation {number}")
        if state or mode not in modes:
            continue
        master = master_of.get(number)
        stops, n_off_ends, n_between = ordered_stops(relation.members, place_of)
        inherited = (
            {key: master[1].tags[key] for key in _INHERITED if key in master[1].tags}
            if master
            else {}
        )
        # the master's name is the line's; the route's is that of one direction
        merged = {
            **inherited,
            **tags,
            **({"name": inherited["name"]} if "name" in inherited else {}),
        }
        key = (
            ("master", str(master[0]))
            if master
            else (mode, tags.get("network", ""), tags.get("ref", ""))
        )
        refs = tuple(member.ref for member in relation.members)
        route = Route(number, merged, mode, stops, refs, key)
        if len(stops) < 2:
            remarks.add(
                "routes left out: fewer than two of their stops are in the file", route.name
            )
            continue
        routes.append(route)
        if n_off_ends:
            remarks.add("routes end early: the file does not hold their outer stops", route.name)
        if n_between:
            remarks.add(
                "routes lack stops on the way, which the file does not hold, and run past them",
                route.name,
            )
    return tuple(routes)


def ordered_stops(
    members: Sequence[Member], place_of: Mapping[Ref, int]
) -> tuple[tuple[int, ...], int, int]:
    """Return the places along a route, and the numbers of its stops that the file lacks at the ends
    and between.

    Stops are the members of role stop*, or of role platform* if these name more places. Members
    without a role count if they are stops.
    """
    stops = [
        m.ref for m in members if m.role.startswith("stop") or (not m.role and m.ref in place_of)
    ]
    platforms = [m.ref for m in members if m.role.startswith("platform")]
    best: tuple[tuple[int, ...], int, int] = ((), 0, 0)
    for refs in (stops, platforms):
        all_places = [place_of.get(ref) for ref in refs]
        in_file = [i for i, place in enumerate(all_places) if place is not None]
        n_between = all_places[in_file[0] : in_file[-1]].count(None) if in_file else 0
        places = [place for place in all_places if place is not None]
        distinct = tuple(
            place for i, place in enumerate(places) if i == 0 or place != places[i - 1]
        )
        if len(distinct) > len(best[0]):
            best = distinct, all_places.count(None) - n_between, n_between
    return best


def pair_directions(routes: Sequence[Route]) -> list[tuple[Route, Route | None]]:
    """Return each route with its opposite direction: same line, same stops in reverse; None if
    there is none.
    """
    waiting: dict[tuple[tuple[str, ...], tuple[int, ...]], list[Route]] = {}
    pairs: dict[int, tuple[Route, Route | None]] = {}
    for route in routes:
        partners = waiting.get((route.line_key, route.stops[::-1]), [])
        if partners:
            first = partners.pop(0)
            pairs[first.relation_id] = (first, route)
        else:
            waiting.setdefault((route.line_key, route.stops), []).append(route)
            pairs[route.relation_id] = (route, None)
    return list(pairs.values())


def build_lines(
    routes: Sequence[Route],
    places: Sequence[Place],
    sections: Sections,
    default: Sequence[Period],
    remarks: Remarks,
) -> tuple[tuple[Line, ...], dict[str, str]]:
    """Return the lines, and the source of the headway by line id: "tags" or "assumed"."""
    lines = []
    headways = {}
    in_line = Counter(route.line_key for route in routes)
    for route, back in pair_directions(routes):
        weekdays = weekdays_open(route.tags)
        if not any(weekdays):
            remarks.add("routes left out: never open", route.name)
            continue
        day = TUESDAY if weekdays[TUESDAY] else weekdays.index(True)
        periods, tagged, unread = headway_periods(route.tags, default, day)
        for text in unread:
            remarks.add("tags of service hours or intervals not understood", f"{route.name} {text}")
        alone = back is None and in_line[route.line_key] == 1 and route.stops[0] != route.stops[-1]
        both_ways = back is not None or (
            alone and "yes" not in (route.tags.get("oneway"), route.tags.get("roundtrip"))
        )
        if both_ways and back is None:
            remarks.add("lines assumed to run both ways: the map has one direction", route.name)
        elif not both_ways:
            remarks.add(
                "lines one way: no route of the same line calls at the same stops in reverse",
                route.name,
            )
        if not tagged:
            remarks.add("lines with an assumed headway", route.name)
        line_id = f"r{route.relation_id}"
        stops = line_stops(route, back, places, sections)
        lines.append(
            Line(
                line_id=line_id,
                name=route.name,
                stops=stops,
                periods=periods,
                bidirectional=both_ways,
                route_type=ROUTE_TYPES[route.kind],
                weekdays=weekdays,
            )
        )
        headways[line_id] = "tags" if tagged else "assumed"
    return tuple(lines), headways


def line_stops(
    route: Route, back: Route | None, places: Sequence[Place], sections: Sections
) -> tuple[LineStop, ...]:
    """Return the stops of a route with dwells and estimated run times, each direction over its own
    tracks.
    """

    def runs(route: Route) -> list[int]:
        graph = sections.route_graph(route.refs)
        return [
            sections.run_s(graph, route.kind, places[a], places[b])
            for a, b in pairwise(route.stops)
        ]

    outward = [0, *runs(route)]
    homeward: list[int | None] = [0, *runs(back)[::-1]] if back else [None] * len(outward)
    dwell_s = sections.model.running[route.kind].dwell_s
    last = len(route.stops) - 1
    return tuple(
        LineStop(places[place].station, run_s, 0 if i in (0, last) else dwell_s, run_back_s=back_s)
        for i, (place, run_s, back_s) in enumerate(zip(route.stops, outward, homeward, strict=True))
    )
