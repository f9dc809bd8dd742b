"""The engine of a network: schedule-based where there are trips, frequency-based where there are only links."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from railshed.assumptions.assumptions import Assumptions
from railshed.assumptions.waits import HALF_HEADWAY, Waits
from railshed.network.model import Network
from railshed.routing.compile import Compiled, Direction, compile_network, fingerprint
from railshed.routing.journeys import (
    MIN_BOUND_S,
    Journeys,
    TracedJourney,
    Window,
    find_journeys,
    trace_journey,
    trace_next_journey,
)
from railshed.routing.link_graph import CompiledGraph, compile_graph, graph_fingerprint
from railshed.routing.link_journeys import (
    GraphJourneys,
    find_graph_journeys,
    trace_graph_journey,
    trace_next_graph_journey,
)
from railshed.util.errors import ParameterError

AnyCompiled = Compiled | CompiledGraph
AnyJourneys = Journeys | GraphJourneys


def compile_any(
    network: Network,
    assumptions: Assumptions,
    *,
    date: dt.date | None = None,
    change_s: int | None = None,
    footpaths: bool = True,
    waits: Waits | str | None = None,
) -> AnyCompiled:
    """Return the network compiled for its engine; arguments as `compile_network` and `compile_graph`.

    Raises
    ------
    InputError
        When no trip runs on `date`.
    ParameterError
        When the network does not use `date` or `waits`.
    """
    if network.links is None or network.n_trips:
        if waits is not None:
            raise ParameterError(f"network {network.network_id} has a timetable: its waits are known, not assumed")
        return compile_network(network, assumptions, date=date, change_s=change_s, footpaths=footpaths)
    if date is not None:
        raise ParameterError(f"network {network.network_id} has no timetable, so there is no date to choose")
    rule = HALF_HEADWAY if waits is None else waits
    return compile_graph(network, assumptions, waits=rule, change_s=change_s, footpaths=footpaths)


def find_any_journeys(
    compiled: AnyCompiled,
    direction: Direction,
    targets: Mapping[int, int],
    span: Window,
    *,
    slack_s: int,
    bound_s: int = MIN_BOUND_S,
    max_transfers: int | None = None,
) -> AnyJourneys:
    """Return the journeys of every station to (or from) the `targets`; arguments as `routing.find_journeys`."""
    if isinstance(compiled, Compiled):
        return find_journeys(
            compiled, direction, targets, span, slack_s=slack_s, bound_s=bound_s, max_transfers=max_transfers
        )
    return find_graph_journeys(
        compiled, direction, targets, span, slack_s=slack_s, bound_s=bound_s, max_transfers=max_transfers
    )


def trace_any_journey(journeys: AnyJourneys, station: int, minute_s: int, slack_s: int) -> TracedJourney | None:
    """Return the journey with travel time T_s of `station` at this minute, None without one within the bound."""
    if isinstance(journeys, Journeys):
        return trace_journey(journeys, station, minute_s, slack_s)
    return trace_graph_journey(journeys, station, minute_s, slack_s)


def trace_any_next_journey(
    journeys: AnyJourneys, station: int, minute_s: int, ready_s: int
) -> TracedJourney | None:  # fmt: skip
    """Return the journey after leaving the door at `minute_s` and reaching the platform of `station` at `ready_s`.

    *To* the city; None where there is none within the bound.
    """
    if isinstance(journeys, Journeys):
        return trace_next_journey(journeys, station, ready_s)
    return trace_next_graph_journey(journeys, station, minute_s, ready_s)


def walks_of(
    compiled: AnyCompiled, direction: Direction
) -> tuple[NDArray[np.uint32], NDArray[np.uint32], NDArray[np.uint32]]:  # fmt: skip
    """Return the transfers out of each station in one direction of time: CSR offsets, stations, seconds."""
    if isinstance(compiled, Compiled):
        timetable = compiled.timetable(direction)
        return timetable.walk_ptr, timetable.walk_to, timetable.walk_s
    return compiled.walks_of(direction)


def fingerprint_any(compiled: AnyCompiled) -> str:
    """Return a hash of everything that results depend on."""
    return fingerprint(compiled) if isinstance(compiled, Compiled) else graph_fingerprint(compiled)
