"""What lies around circles as layers: railways, city proper, prefectures, terminals and employment
centres.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import isnan
from typing import TYPE_CHECKING, Any

from railshed.maps.from_network import network_legs

if TYPE_CHECKING:
    import geopandas as gpd

    from railshed.network.cities import City
    from railshed.network.model import Network

#: how much of its width and height around a circle is shown on each side
_AROUND = 0.5


def context_layers(
    network: Network, cities: Sequence[City], bounds: Sequence[float]
) -> dict[str, gpd.GeoDataFrame]:
    """Return the layers around `bounds` (west, south, east, north in degrees) by name, in
    EPSG:4326.

    Railways are the links that the printed map draws. Prefectures are whole; none without counties,
    or where those have no prefecture.
    """
    import shapely

    legs = network_legs(network)
    index = network.station_index()
    centres = [
        _row(city, centre, is_main=k == 0, coord_confidence=centre.confidence)
        for city in cities
        for k, centre in enumerate(city.centres)
    ]
    terminals = [
        _row(city, network.stations[index[name]], station_id=name)
        for city in cities
        for name in city.core_station_ids
    ]
    if isnan(bounds[0]):  # of an empty circle
        bounds = shapely.MultiPoint(
            [(row["lon"], row["lat"]) for row in (*centres, *terminals)]
        ).bounds
    west, south, east, north = bounds
    wide = _AROUND * (east - west)
    high = _AROUND * (north - south)
    window = shapely.box(west - wide, south - high, east + wide, north + high)
    return {
        "centres": _points(centres),
        "terminals": _points(terminals),
        "railways": legs[legs.intersects(window)],
        **({} if network.counties is None else _areas(network.counties, cities, window)),
    }


def _row(city: City, place: Any, **more: Any) -> dict[str, Any]:
    return {
        "city": city.slug,
        "name": place.name,
        "name_en": place.name_en,
        "lon": place.lon,
        "lat": place.lat,
        **more,
    }


def _points(rows: list[dict[str, Any]]) -> gpd.GeoDataFrame:
    import geopandas as gpd

    lon, lat = ([row[axis] for row in rows] for axis in ("lon", "lat"))
    return gpd.GeoDataFrame(rows, geometry=gpd.points_from_xy(lon, lat), crs="EPSG:4326")


def _areas(
    counties: gpd.GeoDataFrame, cities: Sequence[City], window: Any
) -> dict[str, gpd.GeoDataFrame]:
    """Return the city proper of each city, its counties as one shape, and the prefectures that
    touch the window.
    """
    proper = [
        (city, counties[counties["county_code"].isin(city.proper_counties)]) for city in cities
    ]
    near = counties.loc[
        counties.intersects(window) & counties["prefecture"].ne(""), "prefecture_code"
    ]
    columns = [
        "prefecture_code",
        "prefecture",
        "prefecture_en",
        "province",
        "province_en",
        "geometry",
    ]
    rows = [
        {
            "city": city.slug,
            "name": city.name,
            "name_en": city.name_en,
            "source": city.proper_source,
            "counties": "|".join(mine["county"]),
            "counties_en": "|".join(mine["county_en"]),
            "geometry": mine.geometry.union_all(),
        }
        for city, mine in proper
        if len(mine)
    ]
    prefectures = counties.loc[counties["prefecture_code"].isin(near), columns]
    mine = type(counties)(
        rows, columns=[*rows[0]] if rows else ["geometry"], geometry="geometry", crs=4326
    )
    return {
        "city_proper": mine,
        "boundaries": prefectures.dissolve(by="prefecture_code", as_index=False),
    }
