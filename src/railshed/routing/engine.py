"""The engine of a network: schedule-based where there are trips, frequency-based where there are only links.

Compiled networks of both have the same methods (`profiles`, `walks_of`, `served_stations`, `fingerprint`), and so have
their journeys (`trace`, `trace_next`, travel times). `schedule` is the timetable where there is one, else None.
"""

from __future__ import annotations

import datetime as dt

from railshed.assumptions.assumptions import Assumptions
from railshed.assumptions.waits import HALF_HEADWAY, Waits
from railshed.network.model import Network
from railshed.routing.compile import compile_network
from railshed.routing.journeys import Compiled, Journeys
from railshed.routing.link_compile import compile_graph
from railshed.routing.link_journeys import CompiledGraph, GraphJourneys
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
