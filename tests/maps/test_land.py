"""Land beneath the maps: no station stands in the sea, seas and straits are sea."""

from dataclasses import replace

import pandas as pd
import pytest
import shapely

import railshed
from railshed import Network
from railshed.maps.land import areas_of, land_within, world_land
from railshed.network.cities import City
from railshed.questions.circle.map import circle_map, inclusion_map
from railshed.questions.circle.service_map import share_map
from tests.support.small_networks import place, small_network

#: lon, lat: Hong Kong, Macao, Taiwan, Chengdu, San Francisco, Porto Alegre
ON_LAND = [
    (114.17, 22.31),
    (113.55, 22.19),
    (121.0, 23.8),
    (104.07, 30.66),
    (-122.42, 37.76),
    (-51.23, -30.03),
]
#: Hangzhou Bay, the strait of Taiwan, the Pacific off San Francisco and its bay
AT_SEA = [(121.3, 30.45), (119.3, 24.2), (-122.70, 37.70), (-122.32, 37.70)]


def _at_sea(network: Network) -> list[str]:
    lon, lat = network.lon_lat
    box = (lon.min() - 0.1, lat.min() - 0.1, lon.max() + 0.1, lat.max() + 0.1)
    land = land_within(box, areas=areas_of(network))
    shapely.prepare(land)
    on_land = shapely.contains_xy(land, lon, lat)
    return [station.name for station, dry in zip(network.stations, on_land, strict=True) if not dry]


def test_no_station_of_a_shipped_network_stands_in_the_sea(toy: Network) -> None:
    """Toy: the grid city lies inland of Sumatra and has boundaries."""
    assert _at_sea(toy) == []


@pytest.mark.china
def test_no_station_of_china_stands_in_the_sea(china: Network) -> None:
    """103 stations lie off the Natural Earth coast: boundaries and the outlines of Hong Kong and
    Macao hold them.
    """
    assert _at_sea(china) == []


@pytest.mark.parametrize(("places", "dry"), [(ON_LAND, True), (AT_SEA, False)])
def test_land_is_land_and_sea_is_sea(places: list[tuple[float, float]], dry: bool) -> None:
    for lon, lat in places:
        land = land_within((lon - 0.5, lat - 0.5, lon + 0.5, lat + 0.5))
        assert shapely.contains_xy(land, lon, lat) == dry, (lon, lat)


@pytest.mark.china
def test_bays_are_sea_beside_the_boundaries_of_china_too(china: Network) -> None:
    """The boundaries of coastal counties end at the coast: Hangzhou Bay and the mouth of the Pearl
    River are sea.
    """
    for lon, lat in ((121.3, 30.45), (113.75, 22.45)):
        land = land_within((lon - 0.5, lat - 0.5, lon + 0.5, lat + 0.5), areas=areas_of(china))
        assert not shapely.contains_xy(land, lon, lat), (lon, lat)


def test_land_in_a_projected_crs_has_its_area_there() -> None:
    """A box of 0.1 degrees in Sichuan lies wholly on land: 9.6 km by 11.1 km."""
    land = land_within((104.0, 30.6, 104.1, 30.7), "EPSG:32648")
    assert shapely.area(land) == pytest.approx(9.58e3 * 11.09e3, rel=0.01)


def test_populated_cells_at_sea_are_land_where_a_network_has_no_boundaries(toy: Network) -> None:
    """Of two cells 1 degree wide, one in mid-Pacific and one in Sichuan, the first is an island."""
    cells = pd.DataFrame({"lon": [-140.0, 104.0], "lat": [40.0, 30.0], "people": [5.0, 5.0]})
    found = areas_of(replace(toy, counties=None, population=cells, population_cell_deg=1.0))
    assert [tuple(shapely.bounds(cell)) for cell in found] == [(-140.5, 39.5, -139.5, 40.5)]
    assert len(areas_of(replace(toy, counties=None, population=None))) == 0


def test_bands_end_at_the_coast_where_a_network_has_no_boundaries() -> None:
    """A station on the coast of Gabon: half of the cells around it lie at sea and on no map of the
    circle.
    """
    trips = {
        f"t{t}": [
            ("home", f"{t // 60:02d}:{t % 60:02d}"),
            ("core", f"{t // 60:02d}:{t % 60 + 9:02d}"),
        ]
        for t in range(300, 700, 20)
    }
    city = City("town", "town", "town", ("core",), ())
    network = small_network(
        {"home": (-72.0, 0.0), "core": (-50.0, 0.0)}, trips, route_type=2, cities=(city,)
    )
    circle = railshed.circle(network, "town")
    drawn = circle.inclusion(20, progress=False)
    maps = [circle_map(circle), share_map(circle), inclusion_map(circle, drawn)]
    polygons = (
        circle.polygons[circle.polygons["kind"] == "by_rail"],
        circle.share_polygons,
        drawn.polygons,
    )
    frames = [*((one.bands, False) for one in maps), *((one, True) for one in polygons)]
    for frame, reaches_sea in frames:
        shape = shapely.union_all(frame.geometry)
        assert shape.contains(shapely.Point(place(-71.0)))
        assert shape.contains(shapely.Point(place(-74.5))) == reaches_sea


def test_polygons_of_the_world_are_valid_and_have_their_holes() -> None:
    """The Caspian Sea is a hole of Eurasia; Antarctica is left out."""
    world = world_land()
    assert shapely.is_valid(world).all()
    assert shapely.bounds(world)[:, 1].min() > -60
    assert not shapely.contains_xy(
        shapely.union_all(world[shapely.contains_xy(world, 104.0, 30.6)]), 51.0, 42.0
    )
