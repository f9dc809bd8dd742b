"""From comparisons to what a map shows: gained and lost, minutes saved, the united circles of a
region.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from railshed.circles.analysis import headlines_of
from railshed.circles.cell_counts import CellCounts, cells_within
from railshed.circles.polygons import drawn_cells
from railshed.comparisons.changes import figures_of, saved_seconds
from railshed.comparisons.result import ComparisonResult, Difference, UnionComparisonResult
from railshed.maps import words
from railshed.maps.data import Area, ChangeLayer, Headline, MapData, estimated
from railshed.maps.from_network import hops, middle_of
from railshed.maps.palette import SAVED_STEPS_MIN
from railshed.network.model import Network
from railshed.questions.circle.map import by_rail_alone, circle_map
from railshed.util.bilingual import EMPTY, Words, fill, joined
from railshed.util.phrases import MAP
from railshed.util.units import MINUTE, UNREACHED

if TYPE_CHECKING:
    from collections.abc import Mapping

    import geopandas as gpd

    from railshed.comparisons.forecast import Forecast

#: turns seconds saved into seconds that are less where more is saved, as polygons are drawn of them
_MOST_S = 48 * 3600


def base_map(found: Difference) -> MapData:
    """Return the map of the circle after, or of the united circles after, without what changes."""
    if isinstance(found, ComparisonResult):
        return circle_map(found.after, found.before.summary)
    assert isinstance(found, UnionComparisonResult)
    return union_base(found)


def difference_map(found: Difference) -> MapData:
    """Return the map of what a scenario changes at the headline cutoff."""
    reading = found.headline[0].reading.name
    data = base_map(found)
    rows = {
        cutoff: found.row(reading, cutoff, "by_rail")
        for cutoff in headlines_of(found.cutoffs[reading])
    }
    cutoff = next(
        (c for c, row in rows.items() if row["area_km2_gained"] or row["area_km2_lost"]), min(rows)
    )
    shapes = _shapes_by_rail(found, cutoff)
    if data.city_proper is not None:  # not counted, so not hatched
        shapes |= {
            state: shapes[state].difference(data.city_proper) for state in ("gained", "lost")
        }
    sides: dict[str, Any] = {
        state: Area(
            text, shapes[state], rows[cutoff][f"people_{state}"], rows[cutoff][f"area_km2_{state}"]
        )
        for state, text in (words.SCENARIO if found.plan else words.NETWORKS).items()
    }
    before = found.stations.set_index("station_id")["minutes_before"]
    inside = data.stations["minutes"] <= cutoff
    stations = data.stations.assign(
        minutes_before=data.stations["station_id"].map(before), inside=inside
    )
    change = ChangeLayer(**sides, scenario=Words(*found.titles), proposed=proposed_legs(found))
    return replace(
        data,
        change=change,
        cutoff_min=cutoff,
        stations=stations,
        strip=(),
        headlines=tuple(_gained(c, row) for c, row in rows.items()),
        title=_gains_title(data.city, found, rows),
    )


def _shapes_by_rail(found: Difference, cutoff_min: int) -> dict[str, Any]:
    """Return by state what is within a cutoff by rail, in degrees."""
    (old, new) = found.headline
    land = found.counts.land
    limit = cutoff_min * MINUTE
    before, after = (drawn_cells(land, own.by_rail_s, [limit]).iloc[0] for own in (old, new))
    shapes = {"before": before, "after": after}
    for state, one, other in (("gained", new, old), ("lost", old, new)):
        cells = cells_within(one.by_rail_s, other.by_rail_s, cutoff_min)
        shapes[state] = drawn_cells(land, np.where(cells, 0, UNREACHED), [MINUTE]).iloc[0]
    return shapes


def _gained(cutoff_min: int, row: Mapping[str, Any]) -> Headline:
    """Return people (km2) gained by rail within a cutoff, below them those lost."""
    lost = (
        words.area(row["area_km2_lost"])
        if row["people_gained"] is None
        else words.people(row["people_lost"])
    )
    word = words.SCENARIO["lost"]
    note = Words(f"{word.zh} {lost.zh}", f"{word.en} {lost.en}")
    gained = estimated(row["people_gained"]), estimated(row["area_km2_gained"])
    return Headline(fill(MAP["gained_within"], cutoff_min), *gained, "+", note)


def _gains_title(city: Words, found: Difference, rows: Mapping[int, Mapping[str, Any]]) -> Words:
    """Return the title: city, scenario, and what it gains and loses by rail within each cutoff of
    the headline.
    """
    people = [row[f"people_{way}"] for row in rows.values() for way in ("gained", "lost")]
    land_alone = not any(people) and any(row["area_km2_gained"] for row in rows.values())
    what, said = (
        ("area_km2", words.area) if None in people or land_alone else ("people", words.people)
    )
    parts = []
    for cutoff, row in rows.items():
        moved = ((row[f"{what}_gained"], "+"), (row[f"{what}_lost"], "−"))
        figures = [words.signed(said(value), sign) for value, sign in moved if value] or [said(0)]
        parts.append(fill(MAP["gain_within"], gains=joined(figures), cutoff=cutoff))
    return fill(MAP["gains_title"], city=city, plan=Words(*found.titles), gains=joined(parts, "，"))


def saved_map(found: Difference) -> MapData:
    """Return the map of minutes saved by rail; slower is hatched.

    Cells are those within the first cutoff of the headline before or after at which some have
    changed by a minute.
    """
    (old, new) = map(by_rail_alone, found.headline)
    counts = found.counts
    apart = found.counts.cell_part != 0
    saved = saved_seconds(old, new, found.limit_s)
    soonest = np.minimum(old.total_s, new.total_s)
    # farther than the land looked at before (after): more than any step is saved (lost)
    saved = np.where(
        saved != UNREACHED, saved, np.where(new.total_s <= found.limit_s, _MOST_S, -_MOST_S)
    )
    changed = apart & (np.abs(saved) >= MINUTE)
    cutoffs = headlines_of(found.cutoffs[old.reading.name])
    cutoff = next((c for c in cutoffs if (changed & (soonest <= c * MINUTE)).any()), cutoffs[0])
    within = apart & (soonest <= cutoff * MINUTE)
    slower = within & (saved <= -MINUTE)
    data = base_map(found)
    note = MAP["cumulative"]
    if (within & (saved == _MOST_S)).any():
        note = fill(MAP["saved_from_beyond"], note, found.limit_s // MINUTE)
    figures = figures_of(counts.inside(slower))
    shape = drawn_cells(counts.land, np.where(slower, 0, UNREACHED), [MINUTE]).iloc[0]
    return replace(
        data,
        bands=_bands(counts, within, saved),
        proposed=proposed_legs(found),
        people=None,
        area_km2=None,
        worse=Area(MAP["slower"], shape, figures["people"], figures["area_km2"]),
        cutoff_min=cutoff,
        trains=None,
        stations=data.stations.assign(inside=data.stations["minutes"] <= cutoff),
        headlines=_savers(found),
        strip=(),
        band_note=note,
        band_head=words.band_head(fill(MAP["saved"], cutoff), apart=data.city_proper is not None),
        title=fill(MAP["saved_title"], city=data.city, plan=Words(*found.titles)),
    )


def forecast_map(found: ComparisonResult, forecast: Forecast) -> MapData:
    """Return the map of how probably places come within a cutoff that were not before: the first at
    which any may.
    """
    bands = forecast.bands
    cutoff = next((c for c, frame in bands.items() if frame["area_km2"].any()), max(bands))
    names = [f"{level:.0%}" for level in bands[cutoff]["probability"]]
    # one colour means one share, so all or none are drawn
    shown = bands[cutoff].assign(
        cutoff_min=100 - np.rint(bands[cutoff]["probability"] * 100).astype(int),
        zh=[f"至少{name}的抽样新增" for name in names],
        en=[f"gained in {name} of draws or more" for name in names],
    )
    headlines = tuple(
        Headline(
            fill(MAP["gained_within"], row["cutoff_min"]),
            estimated(*(row[f"people_{end}"] for end in ("mean", "low", "high"))),
            estimated(*(row[f"area_km2_{end}"] for end in ("mean", "low", "high"))),
        )
        for row in forecast.rows
    )
    data = base_map(found)
    n = len(forecast.changes)
    apart = data.city_proper is not None
    return replace(
        data,
        bands=shown if shown["area_km2"].any() else shown.iloc[:0],
        proposed=proposed_legs(found),
        people=None,
        area_km2=None,
        cutoff_min=cutoff,
        trains=None,
        no_ride=None,
        headlines=headlines,
        strip=(),
        stations=data.stations.assign(inside=data.stations["minutes"] <= cutoff),
        band_head=words.band_head(fill(MAP["gained_within"], cutoff), apart=apart),
        band_note=fill(MAP["of_draws"], n),
        title=fill(MAP["forecast_title"], city=data.city, plan=Words(*found.titles), cutoff=cutoff),
    )


def _savers(found: Difference) -> tuple[Headline, ...]:
    """Return who saves and who loses time by rail and how much, as the first screen says."""
    row = next(row for row in found.worth if row["reading"] == found.headline[0].reading.name)
    shown: list[Headline] = []
    for way, label in words.SAVERS.items():
        people, km2, minutes = (row[f"{what}_{way}"] for what in ("people", "area_km2", "minutes"))
        if way == "faster" or km2:
            note = EMPTY if minutes is None else fill(MAP["mean"], minutes)
            label = fill(label, row["from_min"], row["to_min"])
            shown.append(Headline(label, estimated(people), estimated(km2), note=note))
    return tuple(shown)


def _bands(counts: CellCounts, within: Any, saved_s: Any) -> gpd.GeoDataFrame:
    """Return the bands of minutes saved with their figures, all of them (one colour means one step)
    or none.
    """
    import geopandas as gpd

    inverse = np.where(within, _MOST_S - saved_s, UNREACHED)
    steps = [_MOST_S - m * MINUTE for m in SAVED_STEPS_MIN]
    rows = [
        {"cutoff_min": -m, "zh": f"{m}分钟及以上", "en": f"{m} min or more"}
        | figures_of(counts.inside(within & (saved_s >= m * MINUTE)))
        for m in SAVED_STEPS_MIN
    ]
    frame = gpd.GeoDataFrame(
        rows, geometry=list(drawn_cells(counts.land, inverse, steps)), crs="EPSG:4326"
    )
    return frame if rows[-1]["area_km2"] else frame.iloc[:0]


def proposed_legs(found: Difference) -> gpd.GeoDataFrame | None:
    """Return where the trips that the plan adds run, from station to station, None where it adds
    none.

    Trains of its lines run through the stations that they pass; others are drawn from call to call.
    """
    import geopandas as gpd

    plan = found.plan
    if plan is None:
        return None
    network = plan.network
    ways = [plan.way(line) for line in plan.lines]
    legs = hop_ids(network, plan.others_added)
    legs |= {
        (min(ids), max(ids))
        for way in ways
        for ids in pairwise(s.station_id for s in way)
        if ids[0] != ids[1]
    }
    if not legs:
        return None
    place = {
        s.station_id: (s.lon, s.lat) for s in (*(s for way in ways for s in way), *network.stations)
    }
    lines = [shapely.LineString([place[a], place[b]]) for a, b in sorted(legs)]
    return gpd.GeoDataFrame({"name": [found.title] * len(lines)}, geometry=lines, crs="EPSG:4326")


def hop_ids(network: Network, trips: Any = None) -> set[tuple[str, str]]:
    """Return the pairs of stations, in order of id, of `from_network.hops`."""
    ids = [s.station_id for s in network.stations]
    return {(min(ids[a], ids[b]), max(ids[a], ids[b])) for a, b in hops(network, trips).tolist()}


def union_base(found: UnionComparisonResult) -> MapData:
    """Return the map of the united circles after a plan, without what changes."""
    import geopandas as gpd
    import pandas as pd

    maps = [circle_map(c.after, c.before.summary) for c in found.comparisons]
    first = maps[0]
    polygons = found.polygons
    stations = pd.concat([data.stations for data in maps], ignore_index=True)
    least = {"minutes": "min", "is_core": "max", "inside": "max", "trips": "sum"}
    others = {c: "first" for c in stations.columns if c not in (*least, "station_id", "geometry")}
    table = stations.groupby("station_id", sort=True).agg({**least, **others}).reset_index()
    proper = [data.city_proper for data in maps if data.city_proper is not None]
    once = fill(MAP["united"], joined([data.city for data in maps]))
    after = polygons[polygons["state"] == "after"]
    name = Words(found.name, found.name_en)
    hour = words.within(found.headline_cutoff)
    return replace(
        first,
        city=name,
        centre=middle_of([data.centre for data in maps]),
        bands=after[["cutoff_min", "people", "area_km2", "geometry"]],
        stations=gpd.GeoDataFrame(
            table, geometry=gpd.points_from_xy(table["lon"], table["lat"]), crs="EPSG:4326"
        ),
        city_proper=gpd.GeoSeries(proper, crs="EPSG:4326").union_all() if proper else None,
        trains=None,
        no_ride=None,
        headlines=(),
        strip=(),
        people=None,
        area_km2=None,
        definition=(*first.definition, once),
        title=fill(MAP["union_title"], region=name, within=hour, plan=Words(*found.titles)),
    )
