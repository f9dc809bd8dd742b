"""railshed: the land, people and towns that rail brings within an hour of a city, and what a
proposed line changes.

>>> import railshed
>>> network = railshed.load_network("china")
>>> circle = railshed.circle(network, "chengdu")
>>> circle.stations, circle.polygons, circle.bridge
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from railshed._version import __version__

if TYPE_CHECKING:
    from railshed.access.streets import Streets as Streets
    from railshed.api.analysis import Analysis as Analysis
    from railshed.api.analysis import circle as circle
    from railshed.api.analysis import prepare as prepare
    from railshed.api.circle import Circle as Circle
    from railshed.api.comparison import Comparison as Comparison
    from railshed.api.comparison import compare as compare
    from railshed.assumptions.assumptions import Assumptions as Assumptions
    from railshed.assumptions.assumptions import default_assumptions as default_assumptions
    from railshed.cells.opportunities import Opportunities as Opportunities
    from railshed.circles.city_at import city_at as city_at
    from railshed.export.omx import write_omx as write_omx
    from railshed.io.folder.write import write_network as write_network
    from railshed.io.gtfs.write import write_gtfs as write_gtfs
    from railshed.io.networks import list_networks as list_networks
    from railshed.io.networks import load_network as load_network
    from railshed.io.opportunities.read import read_opportunities as read_opportunities
    from railshed.io.streets.read import read_streets as read_streets
    from railshed.maps.style import MapStyle as MapStyle
    from railshed.network.links import from_networkx as from_networkx
    from railshed.network.model import Network as Network
    from railshed.questions.reach.times import TimeQuery as TimeQuery
    from railshed.report.atlas import atlas as atlas
    from railshed.scenario.apply import apply_scenario as apply_scenario
    from railshed.scenario.apply import list_scenarios as list_scenarios
    from railshed.scenario.apply import load_scenario as load_scenario
    from railshed.scenario.files import Scenario as Scenario
    from railshed.scenario.run_times.run_times import run_times as run_times
    from railshed.server.widget import widget as widget
    from railshed.util.errors import InputError as InputError
    from railshed.util.errors import NotFoundError as NotFoundError
    from railshed.util.errors import OutputError as OutputError
    from railshed.util.errors import ParameterError as ParameterError
    from railshed.util.errors import RailshedError as RailshedError
    from railshed.util.errors import RailshedWarning as RailshedWarning

#: where each public name lives; imported when first used, so that `railshed --help` stays fast
_HOMES = {
    "Analysis": "api.analysis",
    "Assumptions": "assumptions.assumptions",
    "Circle": "api.circle",
    "Comparison": "api.comparison",
    "InputError": "util.errors",
    "MapStyle": "maps.style",
    "Network": "network.model",
    "NotFoundError": "util.errors",
    "Opportunities": "cells.opportunities",
    "OutputError": "util.errors",
    "ParameterError": "util.errors",
    "RailshedError": "util.errors",
    "RailshedWarning": "util.errors",
    "Scenario": "scenario.files",
    "Streets": "access.streets",
    "TimeQuery": "questions.reach.times",
    "apply_scenario": "scenario.apply",
    "atlas": "report.atlas",
    "circle": "api.analysis",
    "city_at": "circles.city_at",
    "compare": "api.comparison",
    "default_assumptions": "assumptions.assumptions",
    "from_networkx": "network.links",
    "list_networks": "io.networks",
    "list_scenarios": "scenario.apply",
    "load_network": "io.networks",
    "load_scenario": "scenario.apply",
    "prepare": "api.analysis",
    "read_opportunities": "io.opportunities.read",
    "read_streets": "io.streets.read",
    "run_times": "scenario.run_times.run_times",
    "widget": "server.widget",
    "write_gtfs": "io.gtfs.write",
    "write_network": "io.folder.write",
    "write_omx": "export.omx",
}
__all__ = [*sorted(_HOMES), "__version__"]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'railshed' has no attribute {name!r}")
    return getattr(import_module(f"railshed.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return list(__all__)
