"""Reader of rail from OpenStreetMap: stations, lines with estimated run times and headways.

Files are .osm, .osm.gz, .osm.bz2 or .osm.pbf, read with pyosmium; `download_rail` fetches one for a
place. Files of many gigabytes take minutes: cut them to rail first (``osmium tags-filter``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from railshed.io.folder.lines import parse_headways
from railshed.io.osm.elements import Elements, osm_source, read_elements
from railshed.io.osm.lines import Remarks, Route, build_lines, first_names, read_routes
from railshed.io.osm.stations import Place, group_stations, stop_refs
from railshed.io.osm.tracks import METHODS, RunTimeModel, Sections, Tracks, read_tracks
from railshed.network.lines import Line
from railshed.network.model import Station
from railshed.util import files as store
from railshed.util.errors import Issue, ParameterError

#: values of route=* that can be read
OSM_MODES = ("train", "light_rail", "subway", "monorail", "tram", "funicular")
DEFAULT_MODES = ("train", "light_rail", "subway", "monorail", "tram")
#: railshed's own words for the same
_ALIASES = {"rail": "train", "metro": "subway", "cable": "funicular"}
#: metres from a station to one of its objects above which a note says so
_WIDE_M = 800
DEFAULT_HEADWAYS = "06:00-23:00=15"


@dataclass(frozen=True, slots=True)
class OsmRail:
    """Stations and lines of an OpenStreetMap file."""

    #: all places where trains stop, by id, with or without a line
    stations: tuple[Station, ...]
    #: ready for `lines.add_lines`; run times are estimates
    lines: tuple[Line, ...]
    #: source of the headway by line id: "tags" or "assumed"
    headways: Mapping[str, str]
    #: counts of what was left out, merged, estimated and assumed
    notes: tuple[str, ...]
    issues: tuple[Issue, ...]
    #: sha256 by file name
    checksums: Mapping[str, str]
    #: title, date, licence and attribution
    sources: tuple[Mapping[str, str], ...]

    @property
    def line_sources(self) -> Mapping[str, str]:
        """Source of each line by line id."""
        how = {"tags": "headway tagged", "assumed": "headway assumed"}
        return {
            line_id: f"OpenStreetMap relation {line_id[1:]}, run times estimated, {how[known]}"
            for line_id, known in self.headways.items()
        }

    @property
    def limits(self) -> tuple[tuple[str, str], ...]:
        """Limits that maps of these lines print, as (Chinese, English) pairs."""
        n = sum(known == "assumed" for known in self.headways.values())
        n_lines = len(self.lines)
        assumed = (
            f"{n_lines} 条线路中 {n} 条的行车间隔为假设值",
            f"headways of {n} of {n_lines} lines assumed",
        )
        return (
            (
                "运行时间由轨道长度估算(OpenStreetMap)",
                "run times estimated from track lengths (OpenStreetMap)",
            ),
            *([assumed] if n else []),
        )

    def __repr__(self) -> str:
        return f"<OsmRail {len(self.stations)} stations, {len(self.lines)} lines>"


def check_osm_modes(modes: Sequence[str]) -> tuple[str, ...]:
    """Return the modes as values of route=*, without repeats.

    Raises ParameterError when there is none, or one is not known.
    """
    spelled = [_ALIASES.get(mode, mode) for mode in modes]
    unknown = [mode for mode in spelled if mode not in OSM_MODES]
    if unknown or not spelled:
        names = ", ".join(map(repr, unknown)) or "(none)"
        raise ParameterError(f"unknown mode {names}; allowed: {', '.join((*OSM_MODES, *_ALIASES))}")
    return tuple(dict.fromkeys(spelled))


def read_osm(
    path: str | Path,
    *,
    modes: Sequence[str] = DEFAULT_MODES,
    headways: str = DEFAULT_HEADWAYS,
    model: RunTimeModel | None = None,
) -> OsmRail:
    """Return the stations and lines of a file; lines under construction and proposed are none of
    them.

    Parameters
    ----------
    path
        .osm, .osm.gz, .osm.bz2 or .osm.pbf.
    modes
        Modes of the route relations: train, light_rail, subway, monorail, tram, funicular (or rail,
        metro, cable).
    headways
        Assumed headways of lines without tags, in minutes: ``06:00-09:00=5|09:00-23:00=10``.
    model
        Model of run times; its tables are guesses, see `RunTimeModel`.

    Raises InputError when the file cannot be read; ParameterError when an option is not understood.
    """
    selected = check_osm_modes(modes)
    try:
        default = parse_headways(headways)
    except ValueError as error:
        raise ParameterError(f"headways {headways!r}: {error}") from None
    elements = read_elements(path)
    places = group_stations(elements, stop_refs(elements))
    place_of = {ref: index for index, place in enumerate(places) for ref in place.refs}
    remarks = Remarks()
    routes = read_routes(elements, place_of, selected, remarks)
    places = _classed(places, routes)
    tracks = read_tracks(elements, places)
    sections = Sections(tracks, model or RunTimeModel())
    lines, known = build_lines(routes, places, sections, default, remarks)
    notes = [
        *_counts(elements, places, routes, lines),
        *_track_notes(tracks, sections),
        *remarks.notes(),
    ]
    name = Path(path).name
    checksums = {name: store.sha256_file(path)}
    return OsmRail(
        stations=tuple(place.station for place in places),
        lines=lines,
        headways=known,
        notes=tuple(notes),
        issues=(*elements.issues, *_issues(name, routes, headways, known)),
        checksums=checksums,
        sources=(osm_source(name, elements.timestamp, checksums[name]),),
    )


def _classed(places: Sequence[Place], routes: Sequence[Route]) -> tuple[Place, ...]:
    """Return the places with a station class: metro if modes other than train call there alone,
    else small.
    """
    served: dict[int, set[str]] = {}  # modes that call
    for route in routes:
        for index in route.stops:
            served.setdefault(index, set()).add(route.mode)
    return tuple(
        replace(place, station=replace(place.station, station_class="metro"))
        if served.get(index) and "train" not in served[index]
        else place
        for index, place in enumerate(places)
    )


def _counts(
    elements: Elements, places: Sequence[Place], routes: Sequence[Route], lines: Sequence[Line]
) -> list[str]:
    n_objects = sum(len(place.refs) for place in places)
    notes = [
        f"{len(places)} stations of {n_objects} objects; {len(lines)} lines of {len(routes)} routes"
    ]
    unnamed = sum(not place.named for place in places)
    if unnamed:
        notes.append(f"{unnamed} stations have no name")
    wide = [place.station.name for place in places if place.reach_m > _WIDE_M]
    if wide:
        notes.append(
            f"{len(wide)} stations reach farther than {_WIDE_M} m, so parts of them may be others: "
            f"{first_names(wide)}"
        )
    missing = {
        m.ref
        for r in elements.relations.values()
        for m in r.members
        if elements.position(m.ref) is None
    }
    missing -= {("r", number) for number in elements.relations}
    if missing:
        notes.append(f"{len(missing)} members of relations are not in the file (a clipped extract)")
    return notes


def _track_notes(tracks: Tracks, sections: Sections) -> list[str]:
    notes = []
    if tracks.n_clipped_ways:
        clipped = tracks.n_clipped_ways
        nodes = tracks.n_missing_nodes
        notes.append(
            f"{clipped} tracks lack {nodes} nodes that the file does not hold; they end there"
        )
    if tracks.unread_speeds:
        shown = ", ".join(f"{text!r} {n}" for text, n in list(tracks.unread_speeds.items())[:5])
        notes.append(
            f"{sum(tracks.unread_speeds.values())} speed limits not understood, taken as none "
            f"given: {shown}"
        )
    if sections.methods:
        by = ", ".join(
            f"{sections.methods[method]} by {method}"
            for method in METHODS
            if sections.methods[method]
        )
        notes.append(
            f"run times of {sum(sections.methods.values())} sections are estimates from track "
            f"length: {by}"
        )
    if sections.straight_m:
        notes.append(
            f"tracks are {sections.track_m / sections.straight_m:.2f} times as long as straight "
            "lines"
        )
    return notes


def _issues(
    name: str, routes: Sequence[Route], headways: str, known: Mapping[str, str]
) -> tuple[Issue, ...]:
    issues = []
    if not routes:
        message = "no route relation of these modes has two stops here, so there are no lines"
        remedy = "use an extract that keeps relations with their members, or other modes"
        issues.append(Issue("warning", "no-lines", message, name, remedy=remedy))
    n_assumed = sum(how == "assumed" for how in known.values())
    if n_assumed:
        message = (
            f"{n_assumed} of {len(known)} lines have no interval in the map; an assumption "
            "stands for it"
        )
        remedy = "check the headways"
        issues.append(
            Issue(
                severity="warning",
                code="assumed-headway",
                message=message,
                file=name,
                row=None,
                field="interval",
                value=headways,
                remedy=remedy,
            )
        )
    return tuple(issues)
