"""From results to what a map shows: the one place that knows both."""

from __future__ import annotations

import base64
import io
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from railshed.circles import definitions
from railshed.circles.analysis import headlines_of
from railshed.circles.cell_counts import cells_within
from railshed.circles.doubts import doubts_of
from railshed.circles.polygons import drawn_cells
from railshed.maps import words
from railshed.maps.data import Area, ChangeLayer, Headline, MapData, NationalData, Step, estimated
from railshed.maps.from_network import credits_of, limits_of, network_map
from railshed.maps.land import land_around
from railshed.network.gazetteer import CREDIT, has_places, places_in
from railshed.util.bilingual import Words, fill
from railshed.util.errors import InputError, ParameterError
from railshed.util.number_format import counted
from railshed.util.phrases import MAP, phrase
from railshed.util.units import MINUTE, UNREACHED

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import geopandas as gpd

    from railshed.assumptions.readings import Reading
    from railshed.circles.result import CircleResult
    from railshed.circles.summary import Summary
    from railshed.circles.surface import Surface
    from railshed.network.model import Network
    from railshed.uncertainty.inclusion import InclusionResult

_MODES_ZH = {
    "rail": "铁路",
    "suburban": "市郊铁路",
    "metro": "地铁",
    "tram": "有轨电车",
    "bus": "公交",
    "ferry": "轮渡",
    "cable": "缆车",
    "air": "航空",
    "other": "其他",
}
#: what columns of figures begin with
FIGURES = ("people", "area_km2")


def circle_map(circle: CircleResult, doubted: Summary | None = None) -> MapData:
    """Return the map of one city's circle under its headline reading, with the doubts of `doubted`,
    else its own.
    """
    polygons = circle.polygons
    reading = circle.summary.readings[circle.surface.reading.name]
    bands = polygons[
        (polygons["reading"] == circle.surface.reading.name) & (polygons["kind"] == "by_rail")
    ]
    rows = {c: reading.table.at(c) for c in reading.cutoffs}
    towns = _towns_around(circle)
    own = [rows[c]["by_rail"] for c in bands["cutoff_min"]]
    headlines = tuple(
        _headline(circle, c, rows[c]["by_rail"]) for c in headlines_of(reading.cutoffs)
    )
    land = land_around(circle.network, polygons)
    row = rows[circle.headline_cutoff]["by_rail"]
    known = definitions.describe_known(
        row["people_known_km2_outside_city"], row["area_km2_outside_city"]
    )
    strip = [
        Step(definitions.rung_words(r.key), r.stations, r.people, r.key == "door_to_door")
        for r in circle.bridge
    ]
    return network_map(
        circle.counts,
        circle.stations,
        city=Words(circle.city.name, circle.city.name_en),
        centre=circle.network.anchor(circle.city),
        cutoff_min=circle.headline_cutoff,
        headlines=headlines,
        bands=bands[["cutoff_min", "geometry"]].assign(
            people=[row["people_outside_city"] for row in own],
            area_km2=[row["area_km2_outside_city"] for row in own],
            geometry=[land(g) for g in bands.geometry],
        ),
        trains=_added_by_trains(circle, rows, land),
        no_ride=_without_ride(circle, rows, land),
        strip=tuple(strip),
        city_proper=circle.city_proper,
        people=headlines[0].people,
        area_km2=headlines[0].area_km2,
        reading=Words(circle.surface.reading.label_zh, circle.surface.reading.label),
        towns=towns,
        definition=definition_words(circle),
        sources=_surrounding_credits(circle, towns=towns is not None),
        date=circle.summary.date,
        warnings=(
            *_without_service_words(circle.summary.modes_without_service),
            *_low_service_words(circle.summary.low_service_windows),
            *doubts_of(doubted or circle.summary),
            *(() if known is None else (known,)),
            *_straight_words(circle.summary.streets),
        ),
    )


def _headline(circle: CircleResult, cutoff_min: int, by_rail: Mapping[str, Any]) -> Headline:
    """Return people and km2 by rail outside the city proper within a cutoff, with their interval
    where there is one.
    """
    interval = next((own for own in circle.summary.intervals if own.cutoff_min == cutoff_min), None)
    people, area = (
        estimated(by_rail[name], *(() if interval is None else interval.get_ends(name)))
        for name in (f"{figure}_outside_city" for figure in FIGURES)
    )
    return Headline(fill(MAP["by_rail"], cutoff_min), people, area)


def _added_by_trains(
    circle: CircleResult, rows: Mapping[int, Any], land: Callable[[Any], Any]
) -> Area | None:
    """Return what trains add within the widest cutoff of the headline; None for nothing, or all."""
    surface = circle.surface
    counts = circle.counts
    cutoff = headlines_of(list(rows))[-1]
    if surface.without_trains_s is None:
        return None
    added = cells_within(surface.by_rail_s, surface.without_trains_s, cutoff)
    row = rows[cutoff]["added_by_trains"]
    shape = drawn_cells(counts.land, np.where(added, 0, UNREACHED), [MINUTE]).iloc[0]
    figures = row["people_outside_city"], row["area_km2_outside_city"]
    alone = (
        added == cells_within(surface.by_rail_s, None, cutoff)
    ).all()  # no other mode, nothing to tell apart
    return (
        Area(fill(MAP["trains"], cutoff), land(shape), *figures)
        if added.any() and not alone
        else None
    )


def _without_ride(
    circle: CircleResult, rows: Mapping[int, Any], land: Callable[[Any], Any]
) -> Area:
    """Return what is within the first cutoff of the headline without a ride."""
    cutoff = circle.headline_cutoff
    shape = drawn_cells(circle.counts.land, circle.surface.local_s, [cutoff * MINUTE]).iloc[0]
    row = rows[cutoff]["local"]
    return Area(
        fill(MAP["no_ride"], cutoff),
        land(shape),
        row["people_outside_city"],
        row["area_km2_outside_city"],
    )


def by_rail_alone(surface: Surface) -> Surface:
    """Return a surface of which nothing is reached without a ride: its total is by rail."""
    return replace(surface, local_s=np.full_like(surface.local_s, UNREACHED))


def _straight_words(streets: Mapping[str, Any] | None) -> list[Words]:
    """Return a note with the km2 of the circle without known streets; none for runs without
    streets.
    """
    if streets is None or not streets["straight"]["cells"]:
        return []
    return [fill(MAP["straight"], f"{streets['straight']['area_km2']:,.0f}")]


def _without_service_words(quiet: Sequence[Mapping[str, Any]]) -> list[Words]:
    """Return the modes of which no trip runs in the window, in a map's words."""
    return [
        Words(
            (
                "{zh}：全日{trips:,}班均在{first_departure}–{last_arrival}，时段{start}–{end}内无车"
            ).format(**facts),
            "{mode}: all {trips:,} trips of the day run from {first_departure} to {last_arrival}, "
            "none in the window "
            "{start}-{end}".format(**facts),
        )
        for q in quiet
        for facts in [
            {**q, "zh": _MODES_ZH[q["mode"]], "start": q["window"][0], "end": q["window"][1]}
        ]
    ]


def _low_service_words(windows: Sequence[Mapping[str, Any]]) -> list[Words]:
    """Return the windows that are nearly empty, in a map's words."""
    found = []
    for row in windows:
        own, busiest = ("–".join(row[key]) for key in ("window", "busiest_window"))
        n = row["trips"]
        most = row["trips_busiest"]
        usual = row["trips_usual"]
        zh = f"时段{own}几乎无车：在途{n:,}班，最忙的同长时段{busiest}为{most:,}班"
        en = (
            f"window {own} nearly empty: {counted(n, 'trip')} under way, {most:,} in the "
            f"busiest, {busiest}"
        )
        if usual is not None:
            zh = f"{zh}；前后各周同日{usual:,.0f}班"
            en = f"{en}; {usual:,.0f} on that weekday around"
        found.append(Words(zh, en))
    return found


def _towns_around(circle: CircleResult) -> gpd.GeoDataFrame | None:
    """Return the towns around the circle as signposts where no prefectures are drawn and GeoNames
    is installed.
    """
    counties = circle.network.counties
    if not has_places() or (counties is not None and counties["prefecture"].ne("").any()):
        return None
    import geopandas as gpd

    west, south, east, north = circle.polygons.total_bounds
    wide = east - west
    high = north - south
    places = places_in(west - wide, south - high, east + wide, north + high)
    return gpd.GeoDataFrame(
        {"name": [p.name for p in places], "population": [p.population for p in places]},
        geometry=gpd.points_from_xy([p.lon for p in places], [p.lat for p in places]),
        crs="EPSG:4326",
    )


def car_map(circle: CircleResult, traffic: str = "peak") -> MapData:
    """Return the map of rail against car at the headline cutoff of the headline surface."""
    name = circle.surface.reading.name
    polygons = circle.car_polygons
    mine = polygons[(polygons["reading"] == name) & (polygons["traffic"] == traffic)]
    shapes = mine.set_index("state").geometry
    cutoff = int(mine["cutoff_min"].iloc[0])
    keys = {"reading": name, "traffic": traffic, "cutoff_min": cutoff}
    row = next(row for row in circle.car_table if row.items() >= keys.items())
    states = {"before": "car", "after": "rail", "gained": "rail_only", "lost": "car_only"}
    land = land_around(circle.network, mine)
    sides: dict[str, Any] = {
        side: Area(
            words.CAR[side],
            land(shapes[state]),
            *(row[f"{figure}_outside_city_{state}"] for figure in FIGURES),
        )
        for side, state in states.items()
    }
    state = definitions.CAR_TRAFFIC[traffic]
    data = circle_map(circle)
    change = ChangeLayer(
        **sides,
        scenario=Words(f"轨道交通与小汽车({state.zh})", f"rail against car, {state.en}"),
        heads=words.CAR_HEADS,
        caution=definitions.CAPACITY,
    )
    cars = definitions.describe_cars(circle.assumptions, circle.counts.case.streets is not None)[
        traffic
    ]
    definition = (*data.definition, cars)
    return replace(
        data, cutoff_min=cutoff, change=change, definition=definition, headlines=(), strip=()
    )


def inclusion_map(circle: CircleResult, found: InclusionResult) -> MapData:
    """Return the map of how often places are inside by rail; ParameterError where the draws are of
    another city.
    """
    if found.city.slug != circle.city.slug:
        raise ParameterError(
            f"draws of {found.city.slug}: the circle is that of {circle.city.slug}"
        )
    mine = found.polygons[found.polygons["kind"] == "by_rail"]
    names = [f"{round(level * 100)}%" for level in mine["probability"]]
    land = land_around(circle.network, mine)
    bands = mine[["people", "area_km2", "geometry"]].assign(
        geometry=[land(shape) for shape in mine.geometry],
        cutoff_min=100 - np.rint(mine["probability"] * 100).astype(int),
        zh=[f"至少{name}的抽样可达" for name in names],
        en=[f"inside in {name} of draws or more" for name in names],
    )
    by_rail = next(row for row in found.table if row["kind"] == "by_rail")
    people, km2 = (
        estimated(*(by_rail[f"{figure}_outside_city_{end}"] for end in ("mean", "p10", "p90")))
        for figure in FIGURES
    )
    lines = [*found.definition_words, MAP["inclusion_range"]]
    data = circle_map(circle)
    mean = Headline(fill(MAP["mean_of_draws"], found.n_draws), people, km2)
    return replace(
        data,
        bands=bands,
        people=people,
        area_km2=km2,
        trains=None,
        no_ride=None,
        headlines=(mean,),
        strip=(),
        cutoff_min=found.cutoff_min,
        definition=tuple(lines),
        title=fill(MAP["inclusion_title"], city=data.city, cutoff=found.cutoff_min),
    )


def definition_words(circle: CircleResult, reading: Reading | None = None) -> tuple[Words, ...]:
    """Return the definition of a reading, default the headline one, line by line."""
    lines = definitions.describe_reading(
        reading or circle.surface.reading,
        circle.city,
        circle.assumptions,
        circle.direction,
        n_centres=len(circle.city.centres),
        streets=circle.counts.case.streets is not None,
    )
    return (*lines, phrase("direction_is", direction=definitions.DIRECTIONS[circle.direction]))


def _surrounding_credits(circle: CircleResult, *, towns: bool) -> list[Words]:
    """Return the sources of streets and of people that the user supplied, and of towns, as a map's
    foot prints them.
    """
    streets = circle.counts.case.streets
    rows = (
        []
        if streets is None
        else [("道路", "streets", s.get("attribution", "")) for s in streets.sources]
    )
    if circle.counts.people_label and circle.counts.people_label != circle.network.population_label:
        rows.append(("人口", "people", circle.counts.people_label))
    rows += [("城镇", "towns", CREDIT)] * towns
    return [Words(f"{zh}：{text}", f"{en}: {text}") for zh, en, text in dict.fromkeys(rows)]


def national_map(network: Network, summaries: Sequence[Mapping[str, Any]]) -> NationalData:
    """Return the map of all agglomerations with the people by rail outside the city proper of each
    core city.
    """
    import geopandas as gpd
    import pandas as pd

    if network.counties is None:
        raise InputError(
            f"network {network.network_id} has no boundaries.parquet: no map of its regions can be "
            "drawn"
        )
    counties = network.counties
    parts = []
    for region in network.regions:
        mine = counties[region.holds(counties)]
        members = mine[["prefecture", "geometry"]].dissolve(by="prefecture", as_index=False)
        parts.append(
            members.assign(region_id=region.region_id, region=region.name, region_en=region.name_en)
        )
    frame = gpd.GeoDataFrame(
        pd.concat(parts, ignore_index=True), geometry="geometry", crs=counties.crs
    )
    cities = {city.slug: city for city in network.cities}
    readings = [summary["reading"] for summary in summaries]
    reading = max(readings, key=readings.count)
    rows = []
    for summary in summaries:
        city = cities[summary["city"]["slug"]]
        people = summary["corners"][0]["central"]["people"]
        # a city where the reading is not defined has another one, which is not for comparison
        value = float("nan") if people is None or summary["reading"] != reading else people / 10_000
        lon, lat = network.anchor(city)
        rows.append(
            {"name": city.name, "name_en": city.name_en, "value": value, "lon": lon, "lat": lat}
        )
    table = pd.DataFrame(rows)
    points = gpd.GeoDataFrame(
        table, geometry=gpd.points_from_xy(table["lon"], table["lat"]), crs="EPSG:4326"
    )
    first = summaries[readings.index(reading)]
    blocks = [
        s["readings"].get(reading) or s["readings"]["door-to-station"]
        for s in summaries
        if s["reading"] == reading
    ]
    lines = Counter(
        pair for b in blocks for pair in zip(b["definition_zh"], b["definition_en"], strict=True)
    )
    return NationalData(
        members=frame,
        cities=points,
        value_label=fill(MAP["national_value"], first["headline_cutoff_min"]),
        # numbers of centres differ, and the window in Xinjiang: the lines that hold for nearly all
        # cities
        decimals=1,
        definition=tuple(Words(*pair) for pair, n in lines.items() if n >= 0.9 * len(blocks)),
        sources=credits_of(network),
        date=first["date"],
        warnings=limits_of(network, people=network.population is not None),
    )


def figure_html(figure: Any) -> str:
    """Return an <img> of a figure for notebooks."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=100)
    data = base64.b64encode(buffer.getvalue()).decode("ascii")
    return f'<img alt="map" style="max-width:100%" src="data:image/png;base64,{data}">'
