"""What lies around circles as layers: railways, city proper, prefectures, terminals and employment centres."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from railshed.maps.from_network import network_legs

if TYPE_CHECKING:
    import geopandas as gpd

    from railshed.network.cities import City
    from railshed.network.model import Network

_CRS = "EPSG:4326"
#: how much of its width and height around a circle is shown on each side
_AROUND = 0.5


def context_layers(network: Network, cities: Sequence[City], bounds: Sequence[float]) -> dict[str, gpd.GeoDataFrame]:
    """Return the layers around `bounds` (west, south, east, north in degrees) by name, in EPSG:4326.

    Railways are the links that the printed map draws. Prefectures are whole; none without counties, or where those have
    no prefecture.
    """
    import shapely

    west, south, east, north = bounds
    wide, high = _AROUND * (east - west), _AROUND * (north - south)
    window = shapely.box(west - wide, south - high, east + wide, north + high)
    legs, index = network_legs(network), network.station_index()
    centres = [
        {**_named(city, centre), "is_main": k == 0, "coord_confidence": centre.confidence}
        for city in cities for k, centre in enumerate(city.centres)
    ]  # fmt: skip
    terminals = [
        {**_named(city, network.stations[index[name]]), "station_id": name}
        for city in cities for name in city.core_station_ids
    ]  # fmt: skip
    layers = {"centres": _points(centres), "terminals": _points(terminals), "railways": legs[legs.intersects(window)]}
    if network.counties is not None:
        layers |= {
            "city_proper": _city_propers(network.counties, cities),
            "boundaries": _prefectures(network.counties, window),
        }
    return layers


def _named(city: City, place: Any) -> dict[str, Any]:
    return {"city": city.slug, "name": place.name, "name_en": place.name_en, "lon": place.lon, "lat": place.lat}


def _points(rows: list[dict[str, Any]]) -> gpd.GeoDataFrame:
    import geopandas as gpd

    lon, lat = ([row[axis] for row in rows] for axis in ("lon", "lat"))
    return gpd.GeoDataFrame(rows, geometry=gpd.points_from_xy(lon, lat), crs=_CRS)


def _city_propers(counties: gpd.GeoDataFrame, cities: Sequence[City]) -> gpd.GeoDataFrame:
    """Return one row a city that has a city proper: its counties as one shape, their names, who draws it so."""
    import geopandas as gpd

    rows, shapes = [], []
    for city in cities:
        mine = counties[counties["county_code"].isin(city.proper_counties)]
        names = {name.replace("county", "counties"): "|".join(mine[name]) for name in ("county", "county_en")}
        rows += [{"city": city.slug, "name": city.name, "name_en": city.name_en, "source": city.proper_source, **names}]
        shapes.append(mine.geometry.union_all())
    found = gpd.GeoDataFrame(rows, geometry=shapes, crs=_CRS)
    return found[~found.is_empty]


def _prefectures(counties: gpd.GeoDataFrame, window: Any) -> gpd.GeoDataFrame:
    """Return the prefectures that touch the window."""
    near = counties.loc[counties.intersects(window) & counties["prefecture"].ne(""), "prefecture_code"]
    columns = ["prefecture_code", "prefecture", "prefecture_en", "province", "province_en", "geometry"]
    mine = counties.loc[counties["prefecture_code"].isin(near), columns]
    return mine.dissolve(by="prefecture_code", as_index=False)
