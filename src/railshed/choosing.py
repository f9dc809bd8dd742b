"""What commands about cities share: which cities, and the folder of their files."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from railshed.errors import ParameterError
from railshed.loading import Point

if TYPE_CHECKING:
    from railshed.model import City, Network


def check_folder(option: str, asked: bool, folder: Path | None) -> None:
    """Raise ParameterError where an option that writes a file is given without a folder."""
    if asked and folder is None:
        raise ParameterError(f"{option} writes a file: give a folder with -o")


class Asked(Protocol):
    """A request that says which cities."""

    @property
    def cities(self) -> tuple[str, ...]:
        """Named."""

    @property
    def region(self) -> str | None:
        """All core cities of an agglomeration."""

    @property
    def everything(self) -> bool:
        """All core cities."""

    @property
    def point(self) -> Point:
        """A city anywhere, and the windows."""


def check_one_question(request: Asked) -> None:
    """Raise where cities are named in no way, or in several.

    Raises
    ------
    ParameterError
        Saying what was given.
    """
    asked = {
        "cities": bool(request.cities),
        "--region": request.region is not None,
        "--all": request.everything,
        "--at": request.point.at is not None,
    }
    given = [name for name, is_given in asked.items() if is_given]
    if len(given) == 1:
        return
    allowed = "give cities, or --region ID, or --all, or --at LON,LAT"
    if not given:
        raise ParameterError(f"{allowed}; `railshed cities` lists the cities")
    named = "; with --at, --name says what the city is called" if request.cities and "--at" in given else ""
    raise ParameterError(f"{' and '.join(given)}: {allowed}, one of them{named}")


def chosen_cities(network: Network, request: Asked) -> list[City]:
    """Return the cities that were asked for, with the windows that were."""
    if request.point.at is not None:
        return [request.point.city(network)]
    if request.cities:
        named = dict.fromkeys(network.get_city(name) for name in request.cities)
        return [request.point.with_windows(city) for city in named]
    if request.region is not None:
        region = network.get_region(request.region)
        chosen = [c for c in network.cities if region.region_id in c.regions and c.role == "core"]
    else:
        chosen = [c for c in network.cities if c.role == "core"]
    if not chosen:
        raise ParameterError(f"network {network.network_id} has no core city there; `railshed cities` lists them")
    return [request.point.with_windows(city) for city in chosen]


def with_point(network: Network, city: str | None, point: Point) -> tuple[Network, str | None]:
    """Return the network and the city that ``core_station = true`` means: the one named, or one anywhere, listed too.

    Raises
    ------
    ParameterError
        Where both are given.
    """
    if point.at is None:
        return network, city
    if city is not None:
        raise ParameterError("--city and --at: give one of them")
    found = point.city(network)
    others = (c for c in network.cities if c.slug != found.slug)
    return replace(network, cities=(*others, found)), found.slug


def windows_of(cities: Sequence[City], direction: str) -> Iterator[tuple[int, int]]:
    """Yield the windows of the cities."""
    for city in cities:
        yield from (city.window_to,) * (direction != "from") + (city.window_from,) * (direction != "to")


@contextmanager
def output_folder(out: Path | None) -> Iterator[None]:
    """Make the folder before the long work; take it away again where nothing came to stand in it."""
    if out is None:
        yield
        return
    from railshed.store import output_dir

    was_there = out.is_dir()
    output_dir(out)
    try:
        yield
    except BaseException:
        if not was_there and not any(out.iterdir()):
            out.rmdir()
        raise
