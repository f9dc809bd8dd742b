"""The commands about networks: `check`, `networks`, `cities`; and `cache`, where they are stored as
read.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import MISSING, asdict
from typing import TYPE_CHECKING

import typer

from railshed.api.requests import (
    CITY,
    Data,
    Network,
    date_option,
    datum_option,
    full_option,
    loss_option,
    modes_option,
)
from railshed.cli.inputs import answer, load
from railshed.cli.options import Printed
from railshed.util.errors import InputError, Issue
from railshed.util.limits import OVER_LIMIT
from railshed.util.options import option, part

if TYPE_CHECKING:
    from railshed.network.model import Network as LoadedNetwork
    from railshed.network.model import Station

EXIT_ERRORS_FOUND = 1


class CheckRequest(Printed):
    """`railshed check`."""

    paths: tuple[str, ...] = option(
        "Network folder, GTFS zip or folder, or shipped id.", default=MISSING, unit="PATH"
    )
    date: dt.date | None = date_option()
    modes: tuple[str, ...] | None = modes_option()
    datum: str = datum_option()
    allow_loss: bool = loss_option()
    full: bool = full_option()


class NetworksRequest(Printed):
    """`railshed networks`."""


class CitiesRequest(Printed):
    """`railshed cities`."""

    data: Network = part(Network)
    region: str | None = option(
        "Only those of one agglomeration.", "--region", unit="REGION", group=CITY
    )


class CacheRequest(Printed):
    """`railshed cache`."""

    clear: bool = option("Remove the files of the cache, and nothing else.", "--clear", False)


def check(request: CheckRequest) -> None:
    """List everything that is wrong with a network: file, row, field, value, what to do; exit code
    1 on errors.
    """
    from railshed.circles.budgets import find_over_limits
    from railshed.circles.doubts import find_left_out
    from railshed.network.checks import validate
    from railshed.questions.data import tables as datatables

    data = Data(network=request.paths, date=request.date, modes=request.modes, datum=request.datum)
    notes: tuple[str, ...] = ()
    try:
        network = load(data, checking=True)
    except InputError as error:
        found = list(error.issues) or [Issue("error", "unreadable", str(error))]
    else:
        found = [*network.issues, *find_over_limits(network)]
        if not any(issue.code == OVER_LIMIT and issue.severity == "error" for issue in found):
            found += [
                *validate(network, _known_places(network)),
                *find_left_out(network, request.allow_loss),
            ]
        notes = network.notes
    screen = datatables.issues_screen(" ".join(data.network), found, notes)
    answer(
        request, [asdict(issue) for issue in found], screen, datatables.issues_found(found, notes)
    )
    if any(issue.severity == "error" for issue in found):
        raise typer.Exit(EXIT_ERRORS_FOUND)


def _known_places(network: LoadedNetwork) -> Sequence[Station]:
    """Return the stations of the China network, by whose places an undeclared datum shows; none
    where of no use.
    """
    from railshed.io.networks import list_networks, load_network
    from railshed.network.checks.locations import needs_known_places

    shipped = {row["id"] for row in list_networks() if not row["problem"]}
    if network.network_id == "china" or "china" not in shipped or not needs_known_places(network):
        return ()
    return load_network("china", lines=False, areas=False).stations


def networks(request: NetworksRequest) -> None:
    """List the shipped networks with date, counts, sources and licences."""
    from railshed.io.networks import list_networks
    from railshed.questions.data import tables as datatables

    found = list_networks()
    answer(request, found, datatables.networks(found))


def cities(request: CitiesRequest) -> None:
    """List the cities of a network with their core stations, centres and windows."""
    from railshed.questions.data import tables as datatables

    network = load(Data(network=request.data.network, lines=False))
    found = list(network.cities)
    if request.region is not None:
        region = network.get_region(request.region).region_id
        found = [c for c in found if region in c.regions]
    answer(
        request,
        [datatables.city_json(network, c) for c in found],
        datatables.cities_of(network, found),
    )


def cache(request: CacheRequest) -> None:
    """Say where networks, streets and cells are stored as read, how much that is, and whether it is
    used.
    """
    from railshed.questions.data.tables import cache_screen
    from railshed.util.cache import cache_state, clear_cache

    state = {"removed": clear_cache() if request.clear else None, **cache_state()}
    answer(request, state, cache_screen(state))
