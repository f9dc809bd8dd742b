"""The command `serve`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from railshed.api.requests import ServeRequest
from railshed.cli import inputs
from railshed.util.errors import ParameterError
from railshed.util.optional_packages import require
from railshed.util.options import options_of

if TYPE_CHECKING:
    from railshed.api.analysis import Analysis


def serve(request: ServeRequest) -> None:
    """Open the live page: draw a line, watch the circle; and answer over HTTP (extra `serve`)."""
    require("fastapi", "railshed serve")
    require("uvicorn", "railshed serve")
    from platformdirs import user_data_path

    from railshed.server.run import run
    from railshed.server.workspace import Start

    if request.city is not None and request.region is not None:
        raise ParameterError("--city and --region: give one of them")
    run(
        lambda: _prepared(request),
        Start(request.city, request.region, request.lang),
        host=request.host,
        port=request.port,
        browser=request.browser,
        origins=request.cors,
        jobs=request.jobs or user_data_path("railshed") / "jobs",
        words=list(_words(request)),
    )


def _prepared(request: ServeRequest) -> Analysis:
    """Return the network prepared, with the people of the files; the city and the region are known
    then.
    """
    from railshed.api.analysis import Analysis

    network = inputs.load(request.data)
    if request.city is not None:
        network.get_city(request.city)
    if request.region is not None:
        network.get_region(request.region)
    run = inputs.prepared(network, request.around)
    core = [city for city in network.cities if city.role == "core"] or network.cities
    return Analysis.of(inputs.with_people(request.around, run, core, "both", (120,)))


def _words(request: ServeRequest) -> Iterator[str]:
    """Yield the options of the network and its surroundings as a command takes them, files by their
    whole path.
    """
    from railshed.report.run_folder.record import typed_words

    for part in (request.data, request.around):
        for one in options_of(type(part)):
            value = getattr(part, one.name)
            if value is not None and value != one.default:
                yield from typed_words(one, _whole(value))


def _whole(value: object) -> object:
    """Return the value of an option with the files in it by their whole path: a job runs in a
    folder of its own.
    """
    from pathlib import Path

    if isinstance(value, tuple):
        return tuple(map(_whole, value))
    if not isinstance(value, str | Path):
        return value
    prefix, equals, name = str(value).rpartition("=")
    file, colon, layer = name.rpartition(":")
    for path, rest in ((Path(name), ""), (Path(file), colon + layer)):
        if path.exists() and str(path) not in ("", "."):
            return f"{prefix}{equals}{path.resolve()}{rest}"
    return value
