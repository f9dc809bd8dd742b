"""Travel times from station to station: rides and changes only."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from railshed.assumptions.assumptions import default_assumptions
from railshed.assumptions.waits import Waits
from railshed.circles.analysis import RUN_KINDS, AnalysisInputs, city_of, network_or_run
from railshed.network.cities import City
from railshed.network.model import Network
from railshed.routing.directions import directions_of
from railshed.routing.engine import compile_any
from railshed.routing.profiles import MIN_BOUND_S, station_percentiles
from railshed.util.errors import ParameterError
from railshed.util.units import MINUTE, UNREACHED, to_minutes
from railshed.util.validation import checked, flag, many, number, one_of, optional, text, whole
from railshed.util.validation import window as clock_window

if TYPE_CHECKING:
    import pandas as pd


@checked(
    network=network_or_run,
    stations=optional(many(text, least=0)),
    city=optional(city_of),
    direction=one_of("to", "from"),
    window=clock_window,
    slack_minutes=number(0, 120),
    percentiles=many(whole(0, 100)),
    max_transfers=RUN_KINDS["max_transfers"],
    change_minutes=optional(number(0, 120)),
    footpaths=flag,
    max_minutes=whole(1, 240),
    date=RUN_KINDS["date"],
    waits=RUN_KINDS["waits"],
)
def reach(
    network: Network | AnalysisInputs | str | Path,
    stations: Sequence[str] | None = None,
    *,
    city: str | City | None = None,
    direction: str = "to",
    window: tuple[int, int] | str = (27_000, 34_200),
    slack_minutes: float = 30,
    percentiles: Sequence[int] = (0, 50),
    max_transfers: int | None = None,
    change_minutes: float | None = None,
    footpaths: bool = True,
    max_minutes: int = 120,
    date: dt.date | str | None = None,
    waits: Waits | str | None = None,
) -> pd.DataFrame:
    """Return station-to-station travel times of all stations to (from) the named ones: changes and
    rides, at least one. See `Analysis.reach`.
    """
    import pandas as pd

    assert not isinstance(network, str | Path)
    assert not isinstance(window, str)
    assert not isinstance(date, str)
    run, network = (
        (network, network.compiled.network)
        if isinstance(network, AnalysisInputs)
        else (None, network)
    )
    if bool(stations) == (city is not None):
        raise ParameterError("give either stations or a city")
    change_s = None if change_minutes is None else round(change_minutes * MINUTE)
    if (
        run is not None
        and (change_s, footpaths, waits) == (None, True, None)
        and date in (None, run.compiled.date)
    ):
        compiled = run.compiled
    else:
        assumptions = default_assumptions(network.assumptions) if run is None else run.assumptions
        day = date or (None if run is None else run.compiled.date)
        compiled = compile_any(
            network, assumptions, date=day, change_s=change_s, footpaths=footpaths, waits=waits
        )
    if stations:
        targets = [network.get_station(s) for s in stations]
    else:
        found = city if isinstance(city, City) else network.get_city(str(city))
        targets = [network.get_station(s) for s in found.core_station_ids]
    bound = max_minutes * MINUTE
    way = directions_of(direction)[0]
    ends = dict.fromkeys(targets, 0)
    slack = round(slack_minutes * MINUTE)
    far = max(bound, MIN_BOUND_S)
    journeys = compiled.profiles(
        way, ends, window, slack_s=slack, bound_s=far, max_transfers=max_transfers
    )
    values = station_percentiles(journeys.travel_times(window, slack), percentiles)
    counts = journeys.summary(window, np.zeros(network.n_stations, np.int64), bound)[:, 0]
    values[values > bound] = UNREACHED
    values[targets] = 0
    counts[targets] = 0
    columns: dict[str, Any] = {
        "station_id": [s.station_id for s in network.stations],
        "station_name": [s.name for s in network.stations],
        "station_name_en": [s.name_en for s in network.stations],
        "lon": [s.lon for s in network.stations],
        "lat": [s.lat for s in network.stations],
    }
    for k, p in enumerate(percentiles):
        columns[f"travel_time_p{p}"] = to_minutes(values[:, k].astype(np.int64))
    columns["trips"] = counts
    return pd.DataFrame(columns)


def reach_pairs(
    network: Network,
    stations: Sequence[str] | None = None,
    *,
    city: str | City | None = None,
    direction: str = "to",
    **arguments: Any,
) -> pd.DataFrame:
    """Return `reach` for each target alone: ``from_id, to_id``, one ``travel_time_pN`` a
    percentile, and ``trips``.

    One row a station and target, as a matrix holds them; `arguments` are the other ones of `reach`.
    """
    import pandas as pd

    if city is None:
        ids = [network.stations[network.get_station(s)].station_id for s in stations or ()]
    else:
        ids = list((city if isinstance(city, City) else network.get_city(city)).core_station_ids)
    found = []
    for target in dict.fromkeys(ids):
        table = reach(network, [target], direction=direction, **arguments)
        ends = (table["station_id"], target) if direction == "to" else (target, table["station_id"])
        figures = table.drop(
            columns=["station_id", "station_name", "station_name_en", "lon", "lat"]
        )
        figures.insert(0, "to_id", ends[1])
        figures.insert(0, "from_id", ends[0])
        found.append(figures.sort_values(["from_id", "to_id"], kind="stable"))
    return pd.concat(found, ignore_index=True)
