"""From results to what an HTML map shows of them: cells, figures by minute, stations, trains,
people by county.

A scene is one city under every reading, of the baseline (one side) or before and after a plan (two
sides), or several cities united. Minutes go to the end of the land looked at, rounded up, so a cell
within a cutoff has at most the cutoff's minutes: the rule of the printed map. Of united circles
parts of minutes and trains are those of the city that is reached first.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from numpy.typing import NDArray

from railshed.assumptions.readings import Reading
from railshed.circles.analysis import headlines_of
from railshed.circles.cell_counts import PARTS, CellCounts, Inside, balanced
from railshed.circles.components import COMPONENTS, Split, split_of
from railshed.circles.definitions import DIRECTIONS
from railshed.circles.study_area import StudyArea, cells_of
from railshed.circles.surface import Surface
from railshed.maps.data import MapData
from railshed.maps.web.base_layers import Box, rails_of
from railshed.maps.web.encoding import Blob, add_lines, add_steps
from railshed.maps.web.stations import NEVER_MIN, NONE, Stations, minutes_up
from railshed.questions.circle.map import definition_words
from railshed.questions.explore.scene_layers import PlanLines, saved_of
from railshed.routing.directions import Direction, directions_of
from railshed.util.array_types import Bytes, Ints32, Ints64
from railshed.util.bilingual import Words, plain_words
from railshed.util.units import MINUTE, UNREACHED

if TYPE_CHECKING:
    from railshed.circles.result import CircleResult

#: cells from one known position to the next, between which positions are linear to some metres, and
#: steps a degree
LATTICE = 16
FINE_STEPS = 1_000_000


@dataclass(frozen=True, slots=True)
class Sources:
    """What a scene is made of: one side, or before and after."""

    key: str
    label: Words
    #: the data of the printed map, of the circle after; it names stations and counties
    data: MapData
    #: readings by name, the headline one first, with the cutoffs of each
    readings: Mapping[str, tuple[Reading, tuple[int, ...]]]
    counts: CellCounts
    #: by reading that has an area, one surface a side
    surfaces: Mapping[str, Sequence[Surface]]
    #: by side the circles of its cities, one or more where they are united
    sides: Sequence[Sequence[CircleResult]]
    #: seconds within which land was looked for
    limit_s: int
    definitions: Mapping[str, tuple[Words, ...]] = field(default_factory=dict)
    plan: Words | None = None
    lines: PlanLines | None = None
    direction: str = "to"
    #: stations that may be added to it: places for as many
    n_more: int = 0

    @property
    def most(self) -> int:
        """Minutes to the end of the land looked at."""
        return self.limit_s // MINUTE


def minutes_of_parts(seconds: NDArray[np.int32]) -> Bytes:
    """Return uint8 (n, 7) whole minutes by component, whose sum is that of the seconds rounded up
    (largest remainder).

    Parts of no seconds have no minutes.
    """
    whole, rest = np.divmod(seconds.astype(np.int64), MINUTE)
    missing = -(-seconds.sum(axis=1, dtype=np.int64) // MINUTE) - whole.sum(axis=1)
    place = np.argsort(
        np.argsort(-rest, axis=1, kind="stable"), axis=1
    )  # of each part among the remainders
    return np.asarray(np.minimum(whole + (place < missing[:, None]), NEVER_MIN), np.uint8)


def shown_cells(scenes: Sequence[Sources]) -> list[Ints64]:
    """Return the cells of each scene that any scene on the same land shows: what scenes share is
    then written once.
    """
    shown = {id(s.counts.land): np.zeros(len(s.counts.land), dtype=bool) for s in scenes}
    for sources in scenes:
        for surface in (surface for both in sources.surfaces.values() for surface in both):
            shown[id(sources.counts.land)] |= surface.total_s <= sources.limit_s
    return [np.flatnonzero(shown[id(s.counts.land)]) for s in scenes]


def scene_of(
    sources: Sources, cells: Ints64, counties: Mapping[str, int], box: Box, blob: Blob
) -> dict[str, Any]:
    """Return a scene as plain values, its arrays in `blob`; `counties` are their places on the map
    by code.
    """
    land = sources.counts.land
    lines = sources.lines
    proper = sources.data.city_proper
    new = sources.data.proposed
    change = sources.data.change
    gone = None if lines is None else lines.withdrawn
    cities = sources.sides[0]
    stations = Stations(
        sources.data.stations,
        [[c.counts.case for c in side] for side in sources.sides],
        sources.direction,
        sources.n_more,
    )
    return {
        "key": sources.key,
        "label": plain_words(sources.label),
        "cities": [
            plain_words(Words(c.city.name, c.city.name_en)) for c in cities if len(cities) > 1
        ],
        "city": plain_words(sources.data.city),
        "centre": [round(v, 4) for v in sources.data.centre],
        "plan": None if sources.plan is None else plain_words(sources.plan),
        "sides": len(sources.sides),
        "headline": sources.data.cutoff_min,
        "most": sources.most,
        "view": [round(v, 4) for v in box_of(sources)],
        "intervals": _intervals(sources),
        "grid": None if not len(cells) else grid_of(land, cells, blob),
        "county": add_counties(sources.counts, cells, counties, blob),
        "proper_counties": [
            counties[c] for c in sources.counts.case.city.proper_counties if c in counties
        ],
        "proper": None if proper is None else add_lines(blob, shapely.simplify(proper, 0.0005)),
        "readings": [
            _reading(sources, name, cells, counties, stations, blob) for name in sources.readings
        ],
        "stations": stations.rows(),
        "places": stations.places(),
        "proposed": None
        if new is None or not len(new)
        else add_lines(blob, new.geometry.to_numpy()),
        # after a plan; None where they are those before
        "rails": None if lines is None or not lines.changes else rails_of(lines.after, box, blob),
        "withdrawn": None if gone is None else add_lines(blob, gone.geometry.to_numpy()),
        "notes": [plain_words(text) for text in sources.data.warnings],
        "sources": [plain_words(text) for text in sources.data.sources],
        "caution": None
        if change is None or change.caution is None
        else plain_words(change.caution),
        "date": sources.data.date,
    }


def box_of(sources: Sources) -> Box:
    """Return west, south, east, north of the cells within the cutoffs, the core stations and the
    proposed lines.
    """
    data = sources.data
    frames = [
        data.bands,
        data.stations[data.stations["inside"] | data.stations["is_core"]],
        data.proposed,
    ]
    shapes = [shape for frame in frames if frame is not None for shape in frame.geometry]
    west, south, east, north = shapely.total_bounds([*shapes, shapely.Point(data.centre)]).tolist()
    return west, south, east, north


def _intervals(sources: Sources) -> dict[str, Any] | None:
    """Return low and high of people and km2 by rail by cutoff, of a circle that has them."""
    (first, *others), *after = sources.sides
    if others or after or not first.summary.intervals:
        return None
    found: dict[str, Any] = {"reading": first.surface.reading.name, "people": {}, "km2": {}}
    for interval in first.summary.intervals:
        for name, figure in (("people", "people_outside_city"), ("km2", "area_km2_outside_city")):
            ends = interval.get_ends(figure)
            if None not in ends:
                found[name][str(interval.cutoff_min)] = list(ends)
    return found


def grid_of(land: StudyArea, cells: Ints64, blob: Blob) -> dict[str, Any]:
    """Return rows and columns of the cells from the south-west corner, a cell aside, and positions
    of every 16th.

    Positions are degrees of cell centres in steps of a millionth, row by row from the corner.
    """
    row = land.row[cells]
    column = land.column[cells]
    south = int(row.min()) - 1
    west = int(column.min()) - 1
    rows = int(row.max()) - south + 2
    columns = int(column.max()) - west + 2
    across, up = (np.arange(0, n + LATTICE, LATTICE) for n in (columns, rows))
    lattice = [axis.ravel() for axis in np.meshgrid(south + up, west + across, indexing="ij")]
    lon, lat = land.grid.unproject(*land.grid.centre(*lattice))
    return {
        "rows": rows,
        "columns": columns,
        "cell_m": land.grid.size_m,
        "every": LATTICE,
        "across": len(across),
        "row": add_steps(blob, row - south),
        "column": add_steps(blob, column - west),
        "steps": FINE_STEPS,
        **{
            name: add_steps(blob, np.rint(v * FINE_STEPS).astype(np.int64))
            for name, v in (("lon", lon), ("lat", lat))
        },
    }


def add_counties(
    counts: CellCounts, cells: Ints64, places: Mapping[str, int], blob: Blob
) -> dict[str, Any] | None:
    """Return where the places of the cells' counties stand; None where no counties are known."""
    counties = counts.case.compiled.network.counties
    if counties is None:
        return None
    codes = np.array([places.get(code, NONE) for code in counties["county_code"]], np.uint16)
    return blob.add(codes[counts.land.county[cells]])


def _reading(
    sources: Sources,
    name: str,
    cells: Ints64,
    counties: Mapping[str, int],
    stations: Stations,
    blob: Blob,
) -> dict[str, Any]:
    reading, cutoffs = sources.readings[name]
    surfaces = sources.surfaces.get(name, ())
    most = sources.most
    sides = [
        _side(
            sources=sources,
            surface=surface,
            cells=cells,
            circles=side,
            stations=stations,
            counties=counties,
            blob=blob,
        )
        for surface, side in zip(surfaces, sources.sides, strict=bool(surfaces))
    ]
    two = (surfaces[0], surfaces[1]) if len(surfaces) == 2 else None
    return {
        "name": name,
        "label": plain_words(Words(reading.label_zh, reading.label)),
        "cutoffs": list(cutoffs),
        "headlines": list(headlines_of(cutoffs)),
        "definition": [plain_words(text) for text in sources.definitions.get(name, ())],
        "sides": sides,
        **stations.figures(reading, most),
        "change": None
        if two is None
        else changes_by_minute(sources.counts, *two, sides[1]["figures"]),
        "saved": None
        if two is None
        else saved_of(sources.counts, *two, cells, most, sources.limit_s, blob),
    }


def _side(
    sources: Sources,
    surface: Surface,
    cells: Ints64,
    circles: Sequence[CircleResult],
    stations: Stations,
    counties: Mapping[str, int],
    blob: Blob,
) -> dict[str, Any]:
    """Return what `side_by_rail` does, minutes of the cells without a ride and their parts."""
    return {
        **side_by_rail(sources.counts, surface, cells, counties, sources.most, blob),
        "local": blob.add(minutes_within(surface.local_s[cells], sources.most)),
        **_parts(
            sources=sources,
            reading=surface.reading,
            circles=circles,
            cells=cells,
            most=sources.most,
            stations=stations,
            blob=blob,
        ),
    }


def side_by_rail(
    counts: CellCounts,
    surface: Surface,
    cells: Ints64,
    counties: Mapping[str, int],
    most: int,
    blob: Blob,
) -> dict[str, Any]:
    """Return minutes of the cells by rail and without trains (None: not known), figures and
    counties by minute.
    """
    bare = surface.without_trains_s
    rail = by_minute(counts, surface, most)
    return {
        "rail": blob.add(minutes_within(surface.by_rail_s[cells], most)),
        "bare": None if bare is None else blob.add(minutes_within(bare[cells], most)),
        "figures": figures_by_minute(rail, bare),
        **_county_people(rail, counties, blob),
    }


def by_minute(counts: CellCounts, surface: Surface, most: int) -> list[Inside]:
    """Return what is within each minute by rail, 0 to `most`."""
    return list(counts.within(surface.by_rail_s, range(most + 1)).values())


def _county_people(rail: Sequence[Inside], places: Mapping[str, int], blob: Blob) -> dict[str, Any]:
    """Return whole people by rail by county and minute, -1 where they are not known, and which
    counties they are.
    """
    counties = rail[0].counts.case.compiled.network.counties
    if counties is None or rail[0].counts.people is None:
        return {"counties": None}
    codes = counties["county_code"].to_numpy()
    touched = [k for k in np.flatnonzero(rail[-1].n_by_county) if codes[k] in places]
    people = np.array([inside.people_by_county[touched] for inside in rail])  # type: ignore[index]
    whole = np.where(np.isnan(people), -1, np.rint(people)).astype(np.int64).T.ravel()
    return {
        "counties": [places[codes[k]] for k in touched],
        "county_people": add_steps(blob, whole),
    }


def minutes_within(seconds: Ints32, most: int) -> Bytes:
    """Return uint8 whole minutes, rounded up; NEVER_MIN beyond `most`."""
    minutes = minutes_up(seconds)
    minutes[minutes > most] = NEVER_MIN
    return minutes


def _parts(
    sources: Sources,
    reading: Reading,
    circles: Sequence[CircleResult],
    cells: Ints64,
    most: int,
    stations: Stations,
    blob: Blob,
) -> dict[str, Any]:
    """Return minutes by rail by component, the station at home and, of several cities, the one
    reached first.

    Both ways they are those of the slower direction.
    """
    best = np.full(len(cells), UNREACHED, np.int64)
    seconds = np.zeros((len(cells), len(COMPONENTS)), np.int32)
    via = np.full(len(cells), NONE, np.uint16)
    (city, slow) = np.zeros((2, len(cells)), np.uint8)
    for k, circle in enumerate(circles):
        splits = _splits(sources, circle, reading, most).values()
        each = np.stack([split.by_rail_s[cells] for split in splits])
        slowest = np.argmax(each, axis=0)
        taken = each.max(axis=0)
        first = np.flatnonzero((taken < best) & (taken <= most * MINUTE))
        best[first], slow[first], city[first] = taken[first], slowest[first], k
        of_slowest = slowest[first], np.arange(len(first))
        seconds[first] = np.stack([split.seconds[cells[first]] for split in splits])[of_slowest]
        station = np.stack([split.station[cells[first]] for split in splits])[of_slowest]
        via[first] = stations.place_of(circle.counts.case, station)
    directions = directions_of(sources.direction)
    return {
        "parts": blob.add(np.ascontiguousarray(minutes_of_parts(seconds).T)),
        "via": blob.add(via),
        "city": blob.add(city) if len(circles) > 1 else None,
        "slow": blob.add(slow) if len(directions) > 1 else None,
        "ways": [plain_words(DIRECTIONS[way]) for way in directions],
    }


def _splits(
    sources: Sources, circle: CircleResult, reading: Reading, most: int
) -> Mapping[Direction, Split]:
    """Return the splits of a city on the scene's cells, which are its own, or those of several
    cities.
    """
    case = circle.counts.case
    own = circle.counts.land is sources.counts.land
    if own and most <= max(circle.cutoffs_by_reading[reading.name]):
        return circle.split(reading.name)
    near = (
        circle.cells_by_direction
        if own
        else cells_of(case, sources.counts.land, directions_of(sources.direction), sources.limit_s)
    )
    return {
        way: split_of(case, cells, reading, way, within_s=most * MINUTE)
        for way, cells in near.items()
    }


def figures_by_minute(rail: Sequence[Inside], bare: Ints32 | None) -> dict[str, list[Any]]:
    """Return people and km2 by rail outside the city proper by minute; `added` are those beyond
    `bare`, without trains.

    People of the city's own prefecture and of others too.
    """
    counts = rail[0].counts
    since = rail[0].since_s
    minutes = range(len(rail))
    added = {"people": [], "km2": []} if bare is None else counts.outside(since, minutes, bare)
    people = [inside.people_figures for inside in rail]
    return {
        "rail_people": [row["people_outside_city"] for row in people],
        "rail_km2": [i.km2_outside for i in rail],
        **{part: [row[f"people_{part}"] for row in people] for part in PARTS[1:]},
        **{f"added_{what}": values for what, values in added.items()},
    }


def changes_by_minute(
    counts: CellCounts, old: Surface, new: Surface, after: Mapping[str, list[Any]]
) -> dict[str, dict[str, list[Any]]]:
    """Return people and km2 by rail before, after, gained and lost by minute, outside the city
    proper.

    `after`: the `figures_by_minute` of `new`.
    """
    was = old.by_rail_s
    now = new.by_rail_s
    minutes = range(len(after["rail_km2"]))
    found = {
        "before": counts.outside(was, minutes),
        "after": {what: after[f"rail_{what}"] for what in ("people", "km2")},
        "gained": counts.outside(now, minutes, was),
        "lost": counts.outside(was, minutes, now),
    }
    people = [balanced({state: own["people"][m] for state, own in found.items()}) for m in minutes]
    return {
        state: {"people": [row[state] for row in people], "km2": own["km2"]}
        for state, own in found.items()
    }


def definitions_of(circle: CircleResult) -> dict[str, tuple[Words, ...]]:
    """Return the definition of each reading of a circle, line by line."""
    return {
        name: definition_words(circle, circle.readings[name]) for name in circle.cutoffs_by_reading
    }
