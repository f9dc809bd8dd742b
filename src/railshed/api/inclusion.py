"""The share of drawn days on which each place lies inside a circle."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from railshed.api.wrap import wrap
from railshed.assumptions.assumptions import default_uncertainty
from railshed.assumptions.distributions import MOST_DRAWS
from railshed.assumptions.readings import get_reading
from railshed.circles.analysis import (
    HEADLINE_CUTOFF_MIN,
    AnalysisInputs,
    case_of,
    circle_kinds,
    prepare,
)
from railshed.export.formats import write_layers
from railshed.export.results import about_inclusion, inclusion_layers
from railshed.network.cities import City
from railshed.network.model import Network
from railshed.uncertainty.inclusion import InclusionResult, inclusion_of
from railshed.util.validation import checked, flag, mapping, optional, whole

if TYPE_CHECKING:
    import geopandas as gpd


class Inclusion(InclusionResult):
    """The share of draws in which each cell of a city's land is within the cutoff, by rail and in total."""

    def layers(self) -> dict[str, gpd.GeoDataFrame]:
        """Return what `to_file` writes, by layer."""
        return inclusion_layers(self)

    def to_file(self, path: str | Path) -> list[Path]:
        """Write polygons and cells; returns the files (see `formats.write_layers`)."""
        return write_layers(path, self.layers(), about_inclusion(self))


@checked(
    **circle_kinds("network", "city", "reading", "direction", "cutoff_min", "workers"),
    n_draws=whole(1, MOST_DRAWS),
    seed=whole(),
    uncertainty=optional(mapping),
    progress=flag,
)
def inclusion(
    network: Network | AnalysisInputs | str | Path,
    city: str | City,
    *,
    n_draws: int = 100,
    seed: int = 0,
    reading: str = "door-to-station",
    direction: str = "to",
    cutoff_min: int = HEADLINE_CUTOFF_MIN,
    uncertainty: Mapping[str, Mapping[str, Any]] | None = None,
    progress: bool = False,
    workers: int | None = None,
) -> Inclusion:
    """Return in which share of many drawn days each place is within the cutoff of a city.

    A draw is a whole run: times in stations, speeds and waits on the way to them and delays of trains are drawn, and
    all else is as in `circle`. Places, people and area of a draw are those that `circle` would give under them.

    Parameters
    ----------
    network
        A network, an id or a path, or what `prepare` made of it.
    n_draws, seed
        How many days, and what they are drawn from: the same seed gives the same bytes, and the first draws of more
        are the draws of fewer.
    uncertainty
        Rows laid over those of the network and the shipped ones (`default_uncertainty`), as in network.toml:
        ``{"station_time": {"log_sd": 0.1}, "delay:rail": {"kind": "none"}}``.
    progress
        Show a bar on standard error.
    workers
        Threads; default one a core. They change no result.

    Raises
    ------
    NotFoundError
        Unknown city or reading, with the nearest names.
    InputError
        A row of `uncertainty` that is not allowed; names every problem.
    ParameterError
        A number, direction or reading that is not allowed.
    """
    run = network if isinstance(network, AnalysisInputs) else prepare(network)
    rows = default_uncertainty(run.compiled.network.assumptions, uncertainty)
    return wrap(Inclusion, inclusion_of(
        case_of(run, city), get_reading(reading, run.readings), direction, rows, cutoff_min=cutoff_min, n_draws=n_draws,
        seed=seed, opportunities=run.opportunities, progress=progress, workers=workers,
    ))  # fmt: skip
