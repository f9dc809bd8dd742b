"""Checks of cities, regions, counties and population."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import numpy as np

from railshed.network.checks.facts import examples, named
from railshed.network.model import Network
from railshed.util.errors import Issue
from railshed.util.geodesy import great_circle_m
from railshed.util.number_format import counted
from railshed.util.units import DAY, HOUR, format_clock

#: kilometres from the main centre above which a core station is reported
CORE_KM = 60
#: longest peak in hours
LONGEST_WINDOW_H = 6
#: degrees from the nearest county within which a centre may lie (50 km; Hong Kong has no census here)
NEAR_COUNTY_DEG = 0.5


def cities(network: Network) -> Iterator[Issue]:
    """Yield errors for repeated cities and unknown core stations, warnings for cities without one or far from it."""
    if not network.cities:
        return
    slugs = Counter(city.slug for city in network.cities)
    twice = [{"message": f"{n} cities", "field": "slug", "value": slug} for slug, n in slugs.items() if n > 1]
    yield from named("duplicate-key", twice, "cities")
    station = {s.station_id: s for s in network.stations}
    unknown, without, far = [], [], []
    for city in network.cities:
        unknown += [
            {
                "message": f"core station of {city.slug} is not in the network",
                "field": "station_id",
                "value": station_id,
            }
            for station_id in city.core_station_ids
            if station_id not in station
        ]
        if not city.core_station_ids:
            message = f"{city.slug} has no core station, so nothing reaches it"
            without.append({"message": message, "field": "city", "value": city.slug})
        for s in (station[i] for i in city.core_station_ids if i in station and city.centres):
            km = float(great_circle_m(s.lon, s.lat, city.centres[0].lon, city.centres[0].lat)) / 1000
            if km > CORE_KM:
                message = f"core station {s.name} of {city.slug} lies {km:,.0f} km from {city.centres[0].name}"
                remedy = "check the coordinates of both, or take it out of the core stations"
                far.append({"message": message, "field": "station_id", "value": s.station_id, "remedy": remedy})
    yield from named("unknown-reference", unknown, "core stations")
    yield from named("no-core-station", without, "cities", "warning")
    yield from named("far-core-station", far, "core stations", "warning")


def windows(network: Network) -> Iterator[Issue]:
    """Yield errors for windows that are empty or beyond two days, warnings for long and for early ones."""
    wrong, odd = [], []
    for city in network.cities:
        for field, (start, end) in (("window_to", city.window_to), ("window_from", city.window_from)):
            value = f"{format_clock(start)}-{format_clock(end)}"
            if not 0 <= start < end <= 2 * DAY:
                message = f"window of {city.slug} is empty or not within 00:00-48:00"
                wrong.append({"message": message, "field": field, "value": value, "remedy": "write 07:30-09:30"})
            elif end - start > LONGEST_WINDOW_H * HOUR:
                message = f"window of {city.slug} is longer than {LONGEST_WINDOW_H} hours"
                odd.append({"message": message, "field": field, "value": value, "remedy": "a peak is two or three"})
        if city.window_from[0] < city.window_to[0]:
            message = f"{city.slug} is left before it is reached: window_from begins before window_to"
            remedy = "window_to is the morning, window_from the evening"
            odd.append(
                {
                    "message": message,
                    "field": "window_from",
                    "value": format_clock(city.window_from[0]),
                    "remedy": remedy,
                }
            )
    yield from named("bad-window", wrong, "windows")
    yield from named("odd-window", odd, "windows", "warning")


def centres(network: Network) -> Iterator[Issue]:
    """Yield warnings for centres farther than `NEAR_COUNTY_DEG` from all counties."""
    if network.counties is None:
        return
    import shapely

    all_centres = [(city, centre) for city in network.cities for centre in city.centres]
    points = shapely.points([(c.lon, c.lat) for _, c in all_centres]) if all_centres else []
    near = network.counties.sindex.query(points, predicate="dwithin", distance=NEAR_COUNTY_DEG)[0]
    outside = [
        {
            "message": f"centre {centre.name} of {city.slug} lies in no county and near none",
            "field": "lon, lat",
            "value": f"{centre.lon:.8g}, {centre.lat:.8g}",
            "remedy": "are lon and lat swapped?",
        }
        for i, (city, centre) in enumerate(all_centres)
        if i not in set(near.tolist())
    ]
    yield from named("outside-counties", outside, "centres", "warning")


def regions(network: Network) -> Iterator[Issue]:
    """Yield warnings for members of regions that are no county or prefecture."""
    if network.counties is None:
        return
    codes = {*network.counties["county_code"], *network.counties["prefecture_code"]}
    unknown = [
        {
            "message": f"member of {region.region_id} is no county or prefecture",
            "field": "members",
            "value": code,
        }
        for region in network.regions
        for code in region.member_codes
        if code not in codes
    ]
    yield from named("unknown-reference", unknown, "members", "warning")


def people(network: Network) -> Iterator[Issue]:
    """Yield errors for cells with negative people or in no county, one warning for counties without a census."""
    if network.counties is not None and "population" in network.counties:
        blank = network.counties.loc[network.counties["population"].isna(), "county"].tolist()
        if blank:
            yield Issue(
                "warning",
                "no-population",
                f"{counted(len(blank), 'county', 'counties')} of {len(network.counties):,} without people",
                field="population",
                value=examples([str(name) for name in blank]),
                remedy="shown as no data, in no sum",
            )
    if network.population is None:
        return
    cells = network.population
    negative = [
        {
            "message": "cell has negative people",
            "row": row + 1,
            "field": "people",
            "value": f"{cells['people'].iloc[row]:g}",
        }
        for row in np.flatnonzero(cells["people"].to_numpy() < 0).tolist()
    ]
    yield from named("negative-people", negative, "cells")
    if network.counties is not None:
        known = cells["county_code"].isin(network.counties["county_code"]).to_numpy()
        stray = [
            {"message": "cell lies in no known county", "row": row + 1, "field": "county_code",
             "value": str(cells["county_code"].iloc[row])}
            for row in np.flatnonzero(~known).tolist()
        ]  # fmt: skip
        yield from named("unknown-reference", stray, "cells")
