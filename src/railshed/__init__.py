"""railshed: the land, people and towns that rail brings within an hour of a city, and what a proposed line changes.

>>> import railshed
>>> network = railshed.load_network("china")
>>> circle = railshed.circle(network, "chengdu")
>>> circle.stations, circle.polygons, circle.summary["bridge"]
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from railshed.anycity import city_at as city_at
    from railshed.api import RESULTS_VERSION as RESULTS_VERSION
    from railshed.api import check_compliance as check_compliance
    from railshed.api import circle as circle
    from railshed.api import compare as compare
    from railshed.api import inclusion as inclusion
    from railshed.api import iter_circles as iter_circles
    from railshed.api import iter_comparisons as iter_comparisons
    from railshed.api import overlap as overlap
    from railshed.api import phase_draws as phase_draws
    from railshed.api import prepare as prepare
    from railshed.api import reach as reach
    from railshed.api import trade_offs as trade_offs
    from railshed.api import union as union
    from railshed.api import unite as unite
    from railshed.assumptions import Assumptions as Assumptions
    from railshed.assumptions import Reading as Reading
    from railshed.assumptions import default_assumptions as default_assumptions
    from railshed.assumptions import default_uncertainty as default_uncertainty
    from railshed.assumptions import load_readings as load_readings
    from railshed.atlases.making import Atlas as Atlas
    from railshed.atlases.making import atlas as atlas
    from railshed.backtests import Backtest as Backtest
    from railshed.backtests import backtest as backtest
    from railshed.candidatelines import scenario_from_candidate as scenario_from_candidate
    from railshed.census import rescale_to_census as rescale_to_census
    from railshed.differences import Comparison as Comparison
    from railshed.errors import InputError as InputError
    from railshed.errors import NotFoundError as NotFoundError
    from railshed.errors import OutputError as OutputError
    from railshed.errors import ParameterError as ParameterError
    from railshed.errors import RailshedError as RailshedError
    from railshed.feedwriter import write_gtfs as write_gtfs
    from railshed.feedwriter import write_network as write_network
    from railshed.graph import Waits as Waits
    from railshed.incremental import Baseline as Baseline
    from railshed.incremental import Change as Change
    from railshed.incremental import baseline as baseline
    from railshed.links import from_networkx as from_networkx
    from railshed.matrix import travel_time_array as travel_time_array
    from railshed.matrix import travel_time_matrix as travel_time_matrix
    from railshed.model import Network as Network
    from railshed.omx import write_omx as write_omx
    from railshed.opportunities import Opportunities as Opportunities
    from railshed.overlaps import Overlap as Overlap
    from railshed.probability import Inclusion as Inclusion
    from railshed.ranking import Ranking as Ranking
    from railshed.ranking import rank_candidates as rank_candidates
    from railshed.results import Circle as Circle
    from railshed.runtimes import RunTimes as RunTimes
    from railshed.runtimes import run_times as run_times
    from railshed.scenario import Scenario as Scenario
    from railshed.scenario import apply_scenario as apply_scenario
    from railshed.scenario import list_scenarios as list_scenarios
    from railshed.scenario import load_scenario as load_scenario
    from railshed.scenario import scenario_from_geojson as scenario_from_geojson
    from railshed.sources.boundaries import with_boundaries as with_boundaries
    from railshed.sources.networks import list_networks as list_networks
    from railshed.sources.networks import load_network as load_network
    from railshed.sources.population import read_opportunities as read_opportunities
    from railshed.sources.streets import download_streets as download_streets
    from railshed.sources.streets import read_streets as read_streets
    from railshed.sources.streets import streets_from_networkx as streets_from_networkx
    from railshed.stationpairs import iter_station_matrix as iter_station_matrix
    from railshed.stationpairs import station_matrix as station_matrix
    from railshed.streets import Streets as Streets
    from railshed.suggestions import Suggestions as Suggestions
    from railshed.suggestions import suggest_links as suggest_links
    from railshed.tradeoffs import TradeOffs as TradeOffs
    from railshed.uniondifferences import UnionComparison as UnionComparison

__version__ = "0.1.0"

#: where each public name lives; imported when first used, so that `railshed --help` stays fast
_HOMES = {
    "RESULTS_VERSION": "api",
    "Atlas": "atlases.making",
    "atlas": "atlases.making",
    "Backtest": "backtests",
    "backtest": "backtests",
    "circle": "api",
    "city_at": "anycity",
    "inclusion": "api",
    "iter_circles": "api",
    "check_compliance": "api",
    "compare": "api",
    "iter_comparisons": "api",
    "phase_draws": "api",
    "trade_offs": "api",
    "unite": "api",
    "overlap": "api",
    "Overlap": "overlaps",
    "prepare": "api",
    "reach": "api",
    "union": "api",
    "Assumptions": "assumptions",
    "Reading": "assumptions",
    "default_assumptions": "assumptions",
    "default_uncertainty": "assumptions",
    "load_readings": "assumptions",
    "InputError": "errors",
    "NotFoundError": "errors",
    "OutputError": "errors",
    "ParameterError": "errors",
    "RailshedError": "errors",
    "write_gtfs": "feedwriter",
    "write_network": "feedwriter",
    "Waits": "graph",
    "Baseline": "incremental",
    "Change": "incremental",
    "baseline": "incremental",
    "Inclusion": "probability",
    "from_networkx": "links",
    "iter_station_matrix": "stationpairs",
    "station_matrix": "stationpairs",
    "travel_time_array": "matrix",
    "travel_time_matrix": "matrix",
    "Network": "model",
    "write_omx": "omx",
    "Ranking": "ranking",
    "rank_candidates": "ranking",
    "Suggestions": "suggestions",
    "suggest_links": "suggestions",
    "Circle": "results",
    "Comparison": "differences",
    "UnionComparison": "uniondifferences",
    "TradeOffs": "tradeoffs",
    "RunTimes": "runtimes",
    "run_times": "runtimes",
    "Scenario": "scenario",
    "apply_scenario": "scenario",
    "list_scenarios": "scenario",
    "load_scenario": "scenario",
    "scenario_from_candidate": "candidatelines",
    "scenario_from_geojson": "scenario",
    "list_networks": "sources.networks",
    "load_network": "sources.networks",
    "read_opportunities": "sources.population",
    "with_boundaries": "sources.boundaries",
    "download_streets": "sources.streets",
    "read_streets": "sources.streets",
    "streets_from_networkx": "sources.streets",
    "Streets": "streets",
    "Opportunities": "opportunities",
    "rescale_to_census": "census",
}
__all__ = [*sorted(_HOMES), "__version__"]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'railshed' has no attribute {name!r}")
    return getattr(import_module(f"railshed.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return list(__all__)
