"""Checks of cities, regions, counties and population."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import numpy as np

from railshed.network.checks.facts import Facts
from railshed.network.model import Network
from railshed.network.sparse_service import large_cities, sparse_service
from railshed.util.errors import Issue, named
from railshed.util.geodesy import great_circle_m
from railshed.util.number_format import counted, examples
from railshed.util.units import HOUR, LATEST_S, format_clock

#: kilometres from the main centre above which a core station is reported
CORE_KM = 60
#: longest peak in hours
LONGEST_WINDOW_H = 6
#: degrees from the nearest county within which a centre may lie (50 km; Hong Kong has no census
#: here)
NEAR_COUNTY_DEG = 0.5


def cities(network: Network) -> Iterator[Issue]:
    """Yield errors for repeated cities and unknown core stations, warnings for cities without one
    or far from it.
    """
    if not network.cities:
        return
    slugs = Counter(city.slug for city in network.cities)
    shared = [(slug, n) for slug, n in slugs.items() if n > 1]
    twice = [
        Issue("error", "duplicate-key", f"{n} cities", field="slug", value=slug)
        for slug, n in shared
    ]
    yield from named(twice, len(twice), "cities")
    station = {s.station_id: s for s in network.stations}
    unknown = []
    without = []
    far = []
    for city in network.cities:
        for station_id in (i for i in city.core_station_ids if i not in station):
            message = f"core station of {city.slug} is not in the network"
            unknown.append(
                Issue("error", "unknown-reference", message, field="station_id", value=station_id)
            )
        if not city.core_station_ids:
            message = f"{city.slug} has no core station, so nothing reaches it"
            without.append(
                Issue("warning", "no-core-station", message, field="city", value=city.slug)
            )
        for s in (station[i] for i in city.core_station_ids if i in station and city.centres):
            km = (
                float(great_circle_m(s.lon, s.lat, city.centres[0].lon, city.centres[0].lat)) / 1000
            )
            if km > CORE_KM:
                message = (
                    f"core station {s.name} of {city.slug} lies {km:,.0f} km from "
                    f"{city.centres[0].name}"
                )
                remedy = "check the coordinates of both, or take it out of the core stations"
                at = s.station_id
                far.append(
                    Issue(
                        "warning",
                        "far-core-station",
                        message,
                        field="station_id",
                        value=at,
                        remedy=remedy,
                    )
                )
    yield from named(unknown, len(unknown), "core stations")
    yield from named(without, len(without), "cities")
    yield from named(far, len(far), "core stations")


def arrivals(facts: Facts) -> Iterator[Issue]:
    """Yield one warning for the large cities with few arrivals from outside (`sparse_service`)."""
    of = facts.network
    runs = (facts.n_runs, facts.step_s)
    few = [(city.name_en, sparse_service(of, city, *runs)) for city in large_cities(of)]
    found = [
        f"{name} {s['people'] / 1e6:.1f} million, {s['arrivals_an_hour']:g}"
        for name, s in few
        if s is not None
    ]
    if found:
        message = (
            f"{counted(len(found), 'large city', 'large cities')} with few arrivals an hour "
            "from outside"
        )
        remedy = "if suburban trains run, they are missing from the network"
        yield Issue(
            "warning",
            "sparse-service",
            f"{message}: {examples(found)}",
            remedy=remedy,
            count=len(found),
        )


def windows(network: Network) -> Iterator[Issue]:
    """Yield errors for windows that are empty or beyond 28:00, warnings for long and for early
    ones.
    """
    wrong = []
    odd = []
    for city in network.cities:
        for field, (start, end) in (
            ("window_to", city.window_to),
            ("window_from", city.window_from),
        ):
            value = f"{format_clock(start)}-{format_clock(end)}"
            if not 0 <= start < end <= LATEST_S:
                message = f"window of {city.slug} is empty or not within 00:00-28:00"
                remedy = (
                    "write 07:30-09:30; of networks in several time zones name that of the "
                    "city first"
                )
                wrong.append(
                    Issue("error", "bad-window", message, field=field, value=value, remedy=remedy)
                )
            elif end - start > LONGEST_WINDOW_H * HOUR:
                message = f"window of {city.slug} is longer than {LONGEST_WINDOW_H} hours"
                remedy = "a peak is two or three"
                odd.append(
                    Issue("warning", "odd-window", message, field=field, value=value, remedy=remedy)
                )
        if city.window_from[0] < city.window_to[0]:
            message = (
                f"{city.slug} is left before it is reached: window_from begins before window_to"
            )
            remedy = "window_to is the morning, window_from the evening"
            value = format_clock(city.window_from[0])
            odd.append(
                Issue(
                    "warning",
                    "odd-window",
                    message,
                    field="window_from",
                    value=value,
                    remedy=remedy,
                )
            )
    yield from named(wrong, len(wrong), "windows")
    yield from named(odd, len(odd), "windows")


def centres(network: Network) -> Iterator[Issue]:
    """Yield warnings for centres farther than `NEAR_COUNTY_DEG` from all counties."""
    if network.counties is None:
        return
    import shapely

    all_centres = [(city, centre) for city in network.cities for centre in city.centres]
    points = shapely.points(
        np.array([(c.lon, c.lat) for _, c in all_centres], float).reshape(-1, 2)
    )
    near = set(
        network.counties.sindex.query(points, predicate="dwithin", distance=NEAR_COUNTY_DEG)[
            0
        ].tolist()
    )
    outside = []
    for city, centre in (both for i, both in enumerate(all_centres) if i not in near):
        message = f"centre {centre.name} of {city.slug} lies in no county and near none"
        at = f"{centre.lon:.8g}, {centre.lat:.8g}"
        remedy = "are lon and lat swapped?"
        outside.append(
            Issue("warning", "outside-counties", message, field="lon, lat", value=at, remedy=remedy)
        )
    yield from named(outside, len(outside), "centres")


def regions(network: Network) -> Iterator[Issue]:
    """Yield warnings for members of regions that are no county or prefecture."""
    if network.counties is None:
        return
    codes = {*network.counties["county_code"], *network.counties["prefecture_code"]}
    unknown = []
    for region in network.regions:
        message = f"member of {region.region_id} is no county or prefecture"
        others = [code for code in region.member_codes if code not in codes]
        unknown += [
            Issue("warning", "unknown-reference", message, field="members", value=code)
            for code in others
        ]
    yield from named(unknown, len(unknown), "members")


def people(network: Network) -> Iterator[Issue]:
    """Yield errors for cells with negative people or in no county, one warning for counties without
    a census.
    """
    if network.counties is not None and "population" in network.counties:
        blank = network.counties.loc[network.counties["population"].isna(), "county"].tolist()
        if blank:
            yield Issue(
                "warning",
                "no-population",
                f"{counted(len(blank), 'county', 'counties')} of {len(network.counties):,} without "
                "people",
                field="population",
                value=examples([str(name) for name in blank]),
                remedy="shown as no data, in no sum",
                count=len(blank),
            )
    if network.population is None:
        return
    cells = network.population
    rows = np.arange(1, len(cells) + 1)
    values = cells["people"].to_numpy()
    negative = [
        Issue(
            "error",
            "negative-people",
            "cell has negative people",
            row=row,
            field="people",
            value=f"{people:g}",
        )
        for row, people in zip(rows[values < 0].tolist(), values[values < 0].tolist(), strict=True)
    ]
    yield from named(negative, len(negative), "cells")
    if network.counties is not None:
        codes = cells["county_code"]
        message = "cell lies in no known county"
        stray = ~codes.isin(network.counties["county_code"]).to_numpy()
        lost = [
            Issue(
                "error", "unknown-reference", message, row=row, field="county_code", value=str(code)
            )
            for row, code in zip(rows[stray].tolist(), codes[stray].tolist(), strict=True)
        ]
        yield from named(lost, len(lost), "cells")
