"""The cells of a grid around a point, and cities on cells of their own network, as tests need them."""

from __future__ import annotations

from typing import Any

from railshed.access.streets import Streets
from railshed.assumptions.assumptions import Assumptions
from railshed.cells.network_cells import NetworkCells
from railshed.circles.city_model import CityModel
from railshed.network.cities import City
from railshed.network.model import Station
from railshed.routing.engine import AnyCompiled
from tests.support.small_networks import small_network


def cells_at(lon: float, lat: float, size_m: int, **fields: Any) -> NetworkCells:
    """Return the cells of a network with one station; its grid is Lambert around it, to half a degree.

    `fields` of the network: counties, population.
    """
    return NetworkCells(small_network({"only": Station("only", "only", lon, lat)}, {}, **fields), size_m)


def city_model(
    compiled: AnyCompiled, city: City, assumptions: Assumptions, max_transfers: int | None = None,
    streets: Streets | None = None,
) -> CityModel:  # fmt: skip
    """Return a city on the cells of the compiled network, of the size that the assumptions name."""
    cells = NetworkCells(compiled.network, assumptions.cell_size_m)
    return CityModel(compiled, city, assumptions, cells, max_transfers, streets)
