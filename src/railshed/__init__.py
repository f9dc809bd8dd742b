"""railshed: the land, people and towns that rail brings within an hour of a city, and what a proposed line changes.

>>> import railshed
>>> network = railshed.load_network("china")
>>> circle = railshed.circle(network, "chengdu")
>>> circle.stations, circle.polygons, circle.summary["bridge"]
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from railshed._version import __version__

if TYPE_CHECKING:
    from railshed.access.streets import Streets as Streets
    from railshed.api.analysis import Analysis as Analysis
    from railshed.api.analysis import circle as circle
    from railshed.api.analysis import iter_circles as iter_circles
    from railshed.api.analysis import overlap as overlap
    from railshed.api.analysis import prepare as prepare
    from railshed.api.analysis import union as union
    from railshed.api.appraisal import Backtest as Backtest
    from railshed.api.appraisal import Ranking as Ranking
    from railshed.api.appraisal import TradeOffs as TradeOffs
    from railshed.api.appraisal import backtest as backtest
    from railshed.api.appraisal import rank_candidates as rank_candidates
    from railshed.api.appraisal import trade_offs as trade_offs
    from railshed.api.circle import Circle as Circle
    from railshed.api.comparison import Comparison as Comparison
    from railshed.api.comparison import UnionComparison as UnionComparison
    from railshed.api.comparison import compare as compare
    from railshed.api.comparison import iter_comparisons as iter_comparisons
    from railshed.api.comparison import unite as unite
    from railshed.api.inclusion import Inclusion as Inclusion
    from railshed.api.inclusion import inclusion as inclusion
    from railshed.api.union import Overlap as Overlap
    from railshed.appraisal.suggestions import Suggestions as Suggestions
    from railshed.appraisal.suggestions import suggest_links as suggest_links
    from railshed.assumptions.assumptions import Assumptions as Assumptions
    from railshed.assumptions.assumptions import default_assumptions as default_assumptions
    from railshed.assumptions.assumptions import default_uncertainty as default_uncertainty
    from railshed.assumptions.readings import Reading as Reading
    from railshed.assumptions.readings import load_readings as load_readings
    from railshed.assumptions.waits import Waits as Waits
    from railshed.cells.census import rescale_to_census as rescale_to_census
    from railshed.cells.opportunities import Opportunities as Opportunities
    from railshed.circles.analysis import RESULTS_VERSION as RESULTS_VERSION
    from railshed.circles.city_at import city_at as city_at
    from railshed.comparisons.compare import check_compliance as check_compliance
    from railshed.comparisons.compare import phase_draws as phase_draws
    from railshed.comparisons.incremental.baseline import Baseline as Baseline
    from railshed.comparisons.incremental.baseline import Change as Change
    from railshed.comparisons.incremental.baseline import baseline as baseline
    from railshed.export.omx import write_omx as write_omx
    from railshed.io.boundaries import with_boundaries as with_boundaries
    from railshed.io.folder.write import write_network as write_network
    from railshed.io.gtfs.write import write_gtfs as write_gtfs
    from railshed.io.networks import list_networks as list_networks
    from railshed.io.networks import load_network as load_network
    from railshed.io.opportunities.read import read_opportunities as read_opportunities
    from railshed.io.osm.scenario import scenario_from_candidate as scenario_from_candidate
    from railshed.io.streets.read import download_streets as download_streets
    from railshed.io.streets.read import read_streets as read_streets
    from railshed.io.streets.read import streets_from_networkx as streets_from_networkx
    from railshed.maps.style import MapStyle as MapStyle
    from railshed.matrices.points import travel_time_array as travel_time_array
    from railshed.matrices.points import travel_time_matrix as travel_time_matrix
    from railshed.matrices.reach import reach as reach
    from railshed.matrices.stations import iter_station_matrix as iter_station_matrix
    from railshed.matrices.stations import station_matrix as station_matrix
    from railshed.network.links import from_networkx as from_networkx
    from railshed.network.model import Network as Network
    from railshed.report.atlas.build import Atlas as Atlas
    from railshed.report.atlas.build import atlas as atlas
    from railshed.scenario.apply import apply_scenario as apply_scenario
    from railshed.scenario.apply import list_scenarios as list_scenarios
    from railshed.scenario.apply import load_scenario as load_scenario
    from railshed.scenario.apply import scenario_from_geojson as scenario_from_geojson
    from railshed.scenario.files import Scenario as Scenario
    from railshed.scenario.run_times.run_times import RunTimes as RunTimes
    from railshed.scenario.run_times.run_times import run_times as run_times
    from railshed.util.errors import InputError as InputError
    from railshed.util.errors import NotFoundError as NotFoundError
    from railshed.util.errors import OutputError as OutputError
    from railshed.util.errors import ParameterError as ParameterError
    from railshed.util.errors import RailshedError as RailshedError

#: where each public name lives; imported when first used, so that `railshed --help` stays fast
_HOMES = {
    "Analysis": "api.analysis",
    "Assumptions": "assumptions.assumptions",
    "Atlas": "report.atlas.build",
    "Backtest": "api.appraisal",
    "Baseline": "comparisons.incremental.baseline",
    "Change": "comparisons.incremental.baseline",
    "Circle": "api.circle",
    "Comparison": "api.comparison",
    "Inclusion": "api.inclusion",
    "InputError": "util.errors",
    "MapStyle": "maps.style",
    "Network": "network.model",
    "NotFoundError": "util.errors",
    "Opportunities": "cells.opportunities",
    "OutputError": "util.errors",
    "Overlap": "api.union",
    "ParameterError": "util.errors",
    "RESULTS_VERSION": "circles.analysis",
    "RailshedError": "util.errors",
    "Ranking": "api.appraisal",
    "Reading": "assumptions.readings",
    "RunTimes": "scenario.run_times.run_times",
    "Scenario": "scenario.files",
    "Streets": "access.streets",
    "Suggestions": "appraisal.suggestions",
    "TradeOffs": "api.appraisal",
    "UnionComparison": "api.comparison",
    "Waits": "assumptions.waits",
    "apply_scenario": "scenario.apply",
    "atlas": "report.atlas.build",
    "backtest": "api.appraisal",
    "baseline": "comparisons.incremental.baseline",
    "check_compliance": "comparisons.compare",
    "circle": "api.analysis",
    "city_at": "circles.city_at",
    "compare": "api.comparison",
    "default_assumptions": "assumptions.assumptions",
    "default_uncertainty": "assumptions.assumptions",
    "download_streets": "io.streets.read",
    "from_networkx": "network.links",
    "inclusion": "api.inclusion",
    "iter_circles": "api.analysis",
    "iter_comparisons": "api.comparison",
    "iter_station_matrix": "matrices.stations",
    "list_networks": "io.networks",
    "list_scenarios": "scenario.apply",
    "load_network": "io.networks",
    "load_readings": "assumptions.readings",
    "load_scenario": "scenario.apply",
    "overlap": "api.analysis",
    "phase_draws": "comparisons.compare",
    "prepare": "api.analysis",
    "rank_candidates": "api.appraisal",
    "reach": "matrices.reach",
    "read_opportunities": "io.opportunities.read",
    "read_streets": "io.streets.read",
    "rescale_to_census": "cells.census",
    "run_times": "scenario.run_times.run_times",
    "scenario_from_candidate": "io.osm.scenario",
    "scenario_from_geojson": "scenario.apply",
    "station_matrix": "matrices.stations",
    "streets_from_networkx": "io.streets.read",
    "suggest_links": "appraisal.suggestions",
    "trade_offs": "api.appraisal",
    "travel_time_array": "matrices.points",
    "travel_time_matrix": "matrices.points",
    "union": "api.analysis",
    "unite": "api.comparison",
    "with_boundaries": "io.boundaries",
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
