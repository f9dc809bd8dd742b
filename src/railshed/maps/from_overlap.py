"""From the circles of several cities to a map: how many reach a place, and the outline of each."""

from __future__ import annotations

from dataclasses import replace

from railshed.circles.overlap import OverlapResult
from railshed.maps.data import Area, MapData
from railshed.maps.from_network import middle_of, network_map
from railshed.maps.words import within
from railshed.util.bilingual import Words

#: a map has a band for each number of cities up to so many
_MOST_BANDS = 5


def overlap_map(found: OverlapResult) -> MapData:
    """Return the map of the circles of several cities: how many reach a place, and the outline of each."""
    network, polygons, cutoff = found.network, found.polygons, found.cutoff_min
    shown = polygons[(polygons["cities_from"] <= _MOST_BANDS) & (polygons["area_km2"] > 0)]
    counts = shown["cities_from"].tolist()
    bands = shown[["people", "area_km2", "geometry"]].assign(
        cutoff_min=[-k for k in counts],
        zh=[f"至少{k}座城市" for k in counts],
        en=["one city at least" if k == 1 else f"{k} cities or more" for k in counts],
    )
    outlines = tuple(
        Area(Words(row.name, row.name_en), row.geometry, row.people, row.area_km2)
        for row in found.circles[["name", "name_en", "people", "area_km2", "geometry"]].itertuples(index=False)
    )
    reading, hour = next(iter(found.surfaces.values())).reading, within(cutoff)
    data = network_map(
        found.ground, found.stations, city=Words(found.name, found.name_en), bands=bands, outlines=outlines,
        centre=middle_of([network.anchor(city) for city in found.cities]), cutoff_min=cutoff,
        reading=Words(reading.label_zh, reading.label), definition=found.definition, date=str(network.date),
        band_head=Words(
            f"{cutoff}分钟内可达(铁路或本地)的城市数：", f"within {cutoff} min of, by rail or locally:"
        ),
        title=Words(
            f"{found.name}：各中心城市{hour.zh}铁路通勤圈与重叠",
            f"{found.name_en}: rail within {hour.en} of its core cities, and where circles overlap",
        ),
    )  # fmt: skip
    proper = data.counties["county_code"].isin(found.ground.case.city.proper_counties)
    return replace(data, city_proper=data.counties.geometry[proper].union_all() if proper.any() else None)
