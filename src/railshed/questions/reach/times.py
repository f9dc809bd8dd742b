"""When travellers leave or arrive, and which percentiles of the travel times are asked for."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from railshed.circles.analysis import AnalysisInputs
from railshed.network.model import Network
from railshed.routing.directions import Direction
from railshed.util.array_types import Ints64
from railshed.util.errors import ParameterError
from railshed.util.units import DAY, LATEST_S, MINUTE, format_clock, parse_clock
from railshed.util.validation import Kind, cast_all, day, many, optional, whole


def _moment_of(value: Any) -> dt.datetime | int:
    if isinstance(value, dt.datetime):
        return value
    seconds: int = parse_clock(value) if isinstance(value, str) else whole(0)(value)
    return seconds


def _window_minutes(value: Any) -> int:
    minutes: int = whole(1, DAY // MINUTE)(
        value.total_seconds() / MINUTE if isinstance(value, dt.timedelta) else value
    )
    return minutes


def _percentiles_of(value: Any) -> tuple[int, ...]:
    found: tuple[int, ...] = many(whole(0, 100))(value)
    if len(set(found)) < len(found):
        raise ValueError("each once")
    return found


_KINDS: dict[str, Kind] = {
    "departure": optional(_moment_of),
    "arrive_by": optional(_moment_of),
    "departure_time_window": optional(_window_minutes),
    "percentiles": _percentiles_of,
    "date": optional(day),
}


@dataclass(frozen=True, kw_only=True)
class TimeQuery:
    """The departures, or deadlines, of travel times and their percentiles, with the names of r5py.

    Parameters
    ----------
    departure
        When the traveller leaves the door (or is ready to board): a datetime (its date is the
        service day; with a time zone of its own, cast to the network's), ``14:00``, or clock
        seconds.
    arrive_by
        In place of `departure`: when the traveller must be there; the travel time counts from the
        latest departure to this deadline. Between stations only.
    departure_time_window
        Whole minutes (or a timedelta) from then on, of which each minute is one departure, or
        deadline; None: one.
    percentiles
        Of the travel times over the minutes of the window, nearest rank, unreached ones last.
    date
        Service day; default the datetime's, else the network's own.

    Raises
    ------
    ParameterError
        Naming every field that is not allowed, and what is.
    """

    departure: dt.datetime | int | str | None = None
    arrive_by: dt.datetime | int | str | None = None
    departure_time_window: float | dt.timedelta | None = None
    percentiles: Sequence[int] = (50,)
    date: dt.date | str | None = None

    def __post_init__(self) -> None:
        for name, value in cast_all(vars(self), _KINDS).items():
            object.__setattr__(self, name, value)
        if (self.departure is None) == (self.arrive_by is None):
            raise ParameterError("give either departure or arrive_by")

    @property
    def way(self) -> Direction:
        """``from`` each origin at or after the minutes, or ``to`` each destination by them."""
        return "from" if self.arrive_by is None else "to"

    def moments(self, network: Network | AnalysisInputs) -> tuple[dt.date | None, Ints64]:
        """Return the service day and the clock seconds of the departures or deadlines, a minute
        apart.

        Raises ParameterError naming what does not fit together.
        """
        plain = network.compiled.network if isinstance(network, AnalysisInputs) else network
        name = "departure" if self.arrive_by is None else "arrive_by"
        problems: list[str] = []
        service_day, clock = self._clock(name, plain, problems)
        if plain.links is not None and not plain.n_trips:
            problems.append(
                f"network {plain.network_id} has no timetable: there is no {name} to keep"
            )
        elif isinstance(network, AnalysisInputs) and service_day not in (
            None,
            network.compiled.date,
        ):
            problems.append(
                f"the run was prepared for {network.compiled.date}, not for {service_day}"
            )
        n_minutes: Any = self.departure_time_window or 1
        if clock + (n_minutes - 1) * MINUTE > LATEST_S:
            problems.append(
                f"{name} {format_clock(clock)} and a window of {n_minutes} min: allowed 00:00-28:00"
            )
        if problems:
            raise ParameterError("; ".join(problems))
        return service_day, clock + MINUTE * np.arange(n_minutes, dtype=np.int64)

    def _clock(
        self, name: str, network: Network, problems: list[str]
    ) -> tuple[dt.date | None, int]:
        """Return the service day and clock seconds, in the network's time zone where the moment
        states its own.
        """
        moment: Any = getattr(self, name)
        date: Any = self.date
        if not isinstance(moment, dt.datetime):
            return date, moment
        if moment.tzinfo is not None:
            if not network.timezone:
                problems.append(
                    f"{name} {moment}: network {network.network_id} knows no time zone; give its "
                    "time, without a zone"
                )
            else:
                moment = moment.astimezone(ZoneInfo(network.timezone))
        if date is not None and date != moment.date():
            problems.append(f"{name} on {moment.date()} and date {date}: give one of the two")
        clock = dt.timedelta(hours=moment.hour, minutes=moment.minute, seconds=moment.second)
        return moment.date(), int(clock.total_seconds())


def time_query_of(value: Any) -> TimeQuery:
    """Return a query, or that of one departure: a datetime, ``07:30``, or clock seconds."""
    if isinstance(value, TimeQuery):
        return value
    if not isinstance(value, str | int | np.integer | dt.datetime):
        raise ValueError(
            "allowed is a TimeQuery, or one departure: a datetime, a time like 07:30, or clock "
            "seconds"
        )
    return TimeQuery(departure=_moment_of(value))
