"""A place as a user names it: a station, a county, a town or a point, and the cell of the network
that it is in.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from railshed.cells.cell_keys import cell_keys
from railshed.circles.analysis import AnalysisInputs
from railshed.network.cities import called
from railshed.network.gazetteer import NEAR_M, find_place, has_places
from railshed.network.model import Network
from railshed.util.errors import NotFoundError
from railshed.util.geodesy import great_circle_m, lon_lat


@dataclass(frozen=True, slots=True)
class PlaceQuery:
    """A place and its cell."""

    name: str
    name_en: str
    #: station, county, town or point
    kind: str
    lon: float
    lat: float
    #: of its cell on the network's grid (`cell_keys`)
    key: int

    def as_plain(self) -> dict[str, Any]:
        """Return it as plain values."""
        return {
            "name": self.name,
            "name_en": self.name_en,
            "kind": self.kind,
            "lon": self.lon,
            "lat": self.lat,
        }


def query_of(run: AnalysisInputs, text: str) -> PlaceQuery:
    """Return the place of a text: LON,LAT, a station, a county, a town, looked for in this order.

    Raises NotFoundError when nothing bears the name, with the nearest names of stations and
    counties; ParameterError when a point is not in degrees, or several towns bear the name.
    """
    network = run.compiled.network
    point = lon_lat(text)
    if point is not None:
        return _at(run, text.strip(), text.strip(), "point", *point)
    stations = network.find_stations(text)
    county = _county(network, text)
    if len(stations) == 1 or (stations and county is None):
        one = network.stations[network.get_station(text)]
        return _at(run, one.name, one.name_en or one.name, "station", one.lon, one.lat)
    if county is not None:
        name, name_en, lon, lat = county
        return _at(run, name, name_en, "county", lon, lat)
    try:
        network.get_station(text)
    except NotFoundError as unknown:
        if not has_places():
            raise
        try:
            town = find_place(text, network.lon_lat)
            if (great_circle_m(town.lon, town.lat, *network.lon_lat) > NEAR_M).all():
                raise NotFoundError("town", text, ())  # one of this name elsewhere
        except NotFoundError:
            names = [name for s in network.stations for name in (s.name, s.name_en)]
            if network.counties is not None:
                names += map(str, [*network.counties["county"], *network.counties["county_en"]])
            raise NotFoundError(
                "station, county or town", text, names, "LON,LAT names any place."
            ) from unknown
    return _at(run, town.name, town.name, "town", town.lon, town.lat)


def _at(
    run: AnalysisInputs, name: str, name_en: str, kind: str, lon: float, lat: float
) -> PlaceQuery:
    grid = run.cells.grid
    x, y = grid.project([lon], [lat])
    return PlaceQuery(name, name_en, kind, lon, lat, int(cell_keys(*grid.index(x, y))[0]))


def _county(network: Network, text: str) -> tuple[str, str, float, float] | None:
    """Return name, English name and the place of most people of the county with this name or code;
    None for none.
    """
    counties = network.counties
    if counties is None:
        return None
    same = called(counties, text)
    if same.sum() != 1:
        return None
    row = counties[same].iloc[0]
    people = network.population
    centre = row.geometry.representative_point()
    if people is not None:
        west, south, east, north = row.geometry.bounds
        near = people[people["lon"].between(west, east) & people["lat"].between(south, north)]
        import shapely

        inside = near[shapely.contains_xy(row.geometry, near["lon"], near["lat"])]
        if len(inside):
            most = inside.loc[inside["people"].idxmax()]
            return (
                row["county"],
                row["county_en"] or row["county"],
                float(most["lon"]),
                float(most["lat"]),
            )
    return row["county"], row["county_en"] or row["county"], float(centre.x), float(centre.y)
