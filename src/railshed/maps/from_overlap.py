"""From the circles of several cities to a map: how many reach a place, and the outline of each."""

from __future__ import annotations

from railshed.circles.overlap import OverlapResult
from railshed.maps.data import CityOutline, MapData
from railshed.maps.from_network import bus_lines, credits_of, drawn_stations, limits_of, needs_approval, network_legs
from railshed.util.bilingual import Words
from railshed.util.sums import plain_sum

#: a map has a band for each number of cities up to so many
_MOST_BANDS = 5


def overlap_map(found: OverlapResult) -> MapData:
    """Return the map of the circles of several cities: how many reach a place, and the outline of each."""
    import geopandas as gpd

    network, polygons, cutoff = found.network, found.polygons, found.cutoff_min
    shown = polygons[(polygons["cities_from"] <= _MOST_BANDS) & (polygons["area_km2"] > 0)]
    counts = shown["cities_from"].tolist()
    bands = shown[["people", "area_km2", "geometry"]].assign(
        cutoff_min=[-k for k in counts],
        zh=[f"至少{k}座城市" for k in counts],
        en=["one city at least" if k == 1 else f"{k} cities or more" for k in counts],
    )
    outlines = tuple(
        CityOutline(Words(row.name, row.name_en), row.geometry, row.people, row.area_km2)
        for row in found.circles[["name", "name_en", "people", "area_km2", "geometry"]].itertuples(index=False)
    )
    counties = network.counties
    columns = ["county_code", "county", "county_en", "prefecture", "prefecture_en", "population"]
    if counties is None:
        counties = gpd.GeoDataFrame({c: [] for c in columns}, geometry=[], crs="EPSG:4326")
    proper = counties[counties["county_code"].isin(found.ground.case.city.proper_counties)]
    anchors = [network.anchor(city) for city in found.cities]
    lon, lat = (plain_sum(values) / len(values) for values in zip(*anchors, strict=True))
    reading = next(iter(found.surfaces.values())).reading
    hour = ("1小时", "one hour") if cutoff == 60 else (f"{cutoff}分钟", f"{cutoff} minutes")
    return MapData(
        city=Words(found.name, found.name_en), centre=(lon, lat), bands=bands, outlines=outlines,
        counties=counties[[*columns, "geometry"]], stations=drawn_stations(network, found.stations),
        legs=network_legs(network), cutoff_min=cutoff, reading=Words(reading.label_zh, reading.label),
        city_proper=proper.geometry.union_all() if len(proper) else None, definition=found.definition,
        sources=credits_of(network), date=str(network.date),
        warnings=limits_of(
            network, people=found.ground.people is not None, streets=found.ground.case.streets is not None
        ),
        band_head=Words(
            f"{cutoff}分钟内可达(铁路或本地)的城市数：", f"within {cutoff} min of, by rail or locally:"
        ),
        roads=bus_lines(network), approval=needs_approval(network),
        title=Words(
            f"{found.name}：各中心城市{hour[0]}铁路通勤圈与重叠",
            f"{found.name_en}: rail within {hour[1]} of its core cities, and where circles overlap",
        ),
    )  # fmt: skip
