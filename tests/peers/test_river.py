"""A river without a bridge near by: straight lines cross it, streets do not.

A made-up line calls on the west bank of the Willamette in Portland. `test_street_access.py` tests
the same on made-up streets.
"""

from __future__ import annotations

import networkx as nx
import pytest
import shapely

import railshed
from tests.support.shared import SHARED, needs

PORTLAND = "osm/portland-central-filtered.osm.pbf"
pytestmark = [pytest.mark.peers, pytest.mark.slow, needs(PORTLAND)]
WEST, EAST, CORE = (-122.6712, 45.4905), (-122.6600, 45.4905), (-122.6800, 45.5300)


def west_line() -> railshed.Network:
    """Return ten minutes from the west bank to the core, every ten minutes."""
    graph = nx.MultiDiGraph()
    for name, (lon, lat) in (("west", WEST), ("core", CORE)):
        graph.add_node(name, name=name.title(), lon=lon, lat=lat)
    for one, two in (("west", "core"), ("core", "west")):
        graph.add_edge(one, two, line="west", run_s=600, headway_s=600)
    return railshed.from_networkx(graph)


def test_a_circle_on_foot_stays_on_its_bank() -> None:
    """870 m from the west station the east bank is within the hour in a straight line, and not
    along streets.
    """
    network = west_line()
    city = railshed.city_at(network, *CORE, stations_within_km=0.3, name="Core")
    by_rail = []
    for streets in (None, railshed.read_streets(SHARED / PORTLAND)):
        shown = railshed.circle(
            network, city, access="walk", cell_size_m=50, streets=streets
        ).polygons
        hour = (
            (shown["reading"] == "door-to-station")
            & (shown["kind"] == "by_rail")
            & (shown["cutoff_min"] == 60)
        )
        by_rail.append(shown[hour].union_all())
    straight, along = by_rail
    assert straight.contains(shapely.Point(*EAST))
    assert not along.contains(shapely.Point(*EAST))
    assert along.contains(shapely.Point(*WEST))
    assert along.area < straight.area
