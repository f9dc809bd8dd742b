"""Checks of all coordinates: the datum against known places, the time zone against longitudes."""

from __future__ import annotations

import datetime as dt
import zoneinfo
from collections import Counter
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from railshed.network.checks.facts import Facts
from railshed.network.datum import BD09, GCJ02, WGS84, in_shifted_box, to_wgs84
from railshed.network.model import Network, Station
from railshed.util.errors import Issue
from railshed.util.geodesy import great_circle_m
from railshed.util.number_format import counted

#: metres within which stations of one name are the same; a datum is undeclared if the median residual drops from
#: above the second to below the third
KNOWN_PLACE_M, RESIDUAL_M, FITTED_M = 3_000, 250, 120
#: least number of known places for a check of the datum
MIN_KNOWN = 5
#: degrees that a zone's meridian may lie from the stations, and what swapping must gain
ZONE_DEG, ZONE_GAIN_DEG = 25, 15
#: degrees from the meridian that make an exchange of lon and lat certain enough for an error
ZONE_FIT_DEG = 15
#: time zones without a place
_NO_PLACE = ("UTC", "GMT", "UCT", "Zulu", "Universal", "Etc/UTC", "Etc/GMT", "Etc/UCT", "Etc/Zulu", "Etc/Universal")


def needs_known_places(network: Network) -> bool:
    """Return whether stations lie in the box around China, where `validate` can use known places."""
    at = np.array([(s.lon, s.lat) for s in network.stations], dtype=float).reshape(-1, 2)
    return int(in_shifted_box(at[:, 0], at[:, 1]).sum()) >= MIN_KNOWN


def datum(network: Network, known: Sequence[Station]) -> Iterator[Issue]:
    """Yield a warning if stations fit the known places of their names only after conversion from another datum.

    Compared are stations within `KNOWN_PLACE_M` of the only known place of their name, at least `MIN_KNOWN` of them.
    """
    own, their = _matched(network, known) if known else (np.empty((0, 2)),) * 2
    if len(own) < MIN_KNOWN:
        return
    residual = {}
    for name in (WGS84, GCJ02, BD09):
        lon, lat = to_wgs84(own[:, 0], own[:, 1], name)
        residual[name] = float(np.median(great_circle_m(lon, lat, their[:, 0], their[:, 1])))
    best = min((GCJ02, BD09), key=lambda name: residual[name])
    if residual[WGS84] > RESIDUAL_M and residual[best] < FITTED_M:
        yield Issue(
            "warning",
            "undeclared-datum",
            f"{counted(len(own), 'station')} of known places lie {residual[WGS84]:,.0f} m off (median), "
            f"{residual[best]:,.0f} m when taken as {best}",
            field="lon, lat",
            remedy=f"read it with datum={best!r} or --datum {best}",
        )


def _matched(network: Network, known: Sequence[Station]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return float64 (n, 2) lon and lat of stations, and of the known places of their names."""
    names = Counter(key for s in known for key in _keys(s))
    place = {key: s for s in known for key in _keys(s) if names[key] == 1}
    pairs = []
    for s in network.stations:
        match = next((place[key] for key in _keys(s) if key in place), None)
        if match is not None:
            pairs.append((s.lon, s.lat, match.lon, match.lat))
    rows = np.array(pairs, dtype=float).reshape(-1, 4)
    rows = rows[np.isfinite(rows).all(axis=1)]
    rows = rows[great_circle_m(*rows.T) < KNOWN_PLACE_M]
    return rows[:, :2], rows[:, 2:]


def _keys(station: Station) -> list[str]:
    """Return the names of a station for comparison: without 站, case, spaces and marks."""
    plain = ["".join(ch for ch in name.lower() if ch.isalnum()) for name in (station.name, station.name_en)]
    plain = [name.removesuffix("站").removesuffix("railwaystation").removesuffix("station") for name in plain]
    return list(dict.fromkeys(name for name in plain if name))


def zone(facts: Facts) -> Iterator[Issue]:
    """Yield an issue if the time zone fits the stations better with lon and lat of all of them exchanged.

    It is an error if they then lie near the zone's meridian; else the zone may be wrong instead.
    """
    network = facts.network
    if np.isnan(facts.lon).all() or not network.timezone or network.timezone in _NO_PLACE:
        return
    try:
        noon = dt.datetime.combine(network.date, dt.time(12), zoneinfo.ZoneInfo(network.timezone))
    except (zoneinfo.ZoneInfoNotFoundError, ValueError):
        return
    offset = noon.utcoffset() or dt.timedelta()
    meridian = (offset - (noon.dst() or dt.timedelta())).total_seconds() / 240
    lon, lat = _middle_lon(facts.lon), float(np.nanmedian(facts.lat))
    off, off_swapped = (abs((v - meridian + 180) % 360 - 180) for v in (lon, lat))
    if off > ZONE_DEG and off_swapped < off - ZONE_GAIN_DEG:
        yield Issue(
            "error" if off_swapped <= ZONE_FIT_DEG else "warning",
            "far-from-zone",
            f"the stations lie around {lon:.0f}, {lat:.0f}, {off:.0f} degrees from the meridian of {network.timezone}; "
            f"with lon and lat exchanged {off_swapped:.0f}",
            field="lon, lat",
            remedy="swap lon and lat of all stations, or mend agency_timezone",
        )


def _middle_lon(lon: NDArray[np.float64]) -> float:
    """Return the median of longitudes, which may lie on both sides of 180 degrees."""
    angle = np.radians(lon)
    centre = float(np.degrees(np.arctan2(np.nanmean(np.sin(angle)), np.nanmean(np.cos(angle)))))
    middle = centre + float(np.nanmedian((lon - centre + 180) % 360 - 180))
    return (middle + 180) % 360 - 180
