"""Why the counties of an agglomeration are outside: a row a county, with the least change that
brings it in.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np

from railshed.assumptions.names import HEADLINE
from railshed.circles.analysis import LARGEST_CUTOFF_MIN, AnalysisInputs, circle_kinds, run_of
from railshed.circles.result import CircleResult
from railshed.network.cities import City, known_core_cities
from railshed.network.model import Network
from railshed.questions.why.place_query import PlaceQuery, query_of
from railshed.questions.why.remedies import BINDS
from railshed.questions.why.why_outside import CityQuery, PlaceSearch, WhyResult
from railshed.util.errors import ParameterError
from railshed.util.geodesy import great_circle_m
from railshed.util.progress import progress_bar
from railshed.util.units import MINUTE, UNREACHED
from railshed.util.validation import checked, flag, text, whole


@checked(
    **circle_kinds("network"),
    region=text,
    reading=text,
    cutoff_min=whole(1, LARGEST_CUTOFF_MIN),
    progress=flag,
)
def why_counties(
    network: Network | AnalysisInputs | str | Path,
    region: str,
    *,
    reading: str = HEADLINE,
    cutoff_min: int = 60,
    progress: bool = False,
) -> list[dict[str, Any]]:
    """Return why the counties of an agglomeration are outside: a row a county that is, those
    nearest to it first. See `Analysis.why_counties`.
    """
    run = run_of(network)
    base = run.compiled.network
    known = base.get_region(region)
    cities = known_core_cities(base.cities, known)
    if base.counties is None:
        raise ParameterError(f"network {base.network_id} has no counties to ask for")
    queries: dict[str, CityQuery] = {}
    proper = base.counties["county_code"].isin(
        {code for city in cities for code in city.proper_counties}
    )
    rows = list[dict[str, Any]]()
    counties = base.counties[known.holds(base.counties) & ~proper]
    anchors = [base.anchor(city) for city in cities]
    with progress_bar(len(counties), progress, "counties") as step:
        for row in counties.to_dict("records"):
            place = query_of(run, str(row["county_code"]))
            far = [float(great_circle_m(place.lon, place.lat, lon, lat)) for lon, lat in anchors]
            city = cities[int(np.argmin(far))]
            if city.slug not in queries:
                queries[city.slug] = CityQuery(run, city, reading)
            rows += _outside(queries[city.slug], row, place, cutoff_min)
            step()
    return _nearest_first(rows)


def why_nearest(run: AnalysisInputs, circle: CircleResult, most: int) -> list[dict[str, Any]]:
    """Return why the counties with the least minutes outside a city's circle are outside, rows as
    of `why_counties`.

    Of its reading and headline cutoff; none where the circle is not to the city, no timetable or
    county is known, each change would be a full run (streets), or no train calls outside the city.
    """
    frame = circle.counties
    cutoff = circle.headline_cutoff
    reading = circle.surface.reading
    if (
        circle.direction != "to"
        or run.compiled.schedule is None
        or not len(frame)
        or reading.legs == "station"
    ):
        return []
    outside = frame[(frame["part"] != "city_proper") & (frame[f"status_{cutoff}"] != "inside")]
    near = outside.dropna(subset=["minutes_by_rail"]).sort_values(
        ["minutes_by_rail", "county_code"]
    )
    rows = list[dict[str, Any]]()
    query = CityQuery(run, circle.city, reading.name)
    for row in near.head(0 if query.base.only_full else most).to_dict("records"):
        with suppress(ParameterError):
            rows += _outside(query, row, query_of(query.run, str(row["county_code"])), cutoff)
    return _nearest_first(rows)


def _nearest_first(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(rows, key=lambda r: (r["minutes"] is None, r["minutes"] or 0.0, r["county_code"]))


def _outside(
    query: CityQuery, row: Mapping[str, Any], place: PlaceQuery, cutoff: int
) -> list[dict[str, Any]]:
    """Return the row of a county, none where its place is inside."""
    found = PlaceSearch(query, place, cutoff).least()
    return [] if found is not None and found.is_inside else [_county_row(row, query.city, found)]


def _county_row(row: Mapping[str, Any], city: City, found: WhyResult | None) -> dict[str, Any]:
    """Return a county's row; of None no station can be reached."""
    best = None if found is None else found.best
    seconds = UNREACHED if found is None else found.seconds[found.reading]
    return {
        "county_code": row["county_code"],
        "county": row["county"],
        "county_en": row["county_en"],
        "people": None if np.isnan(row["population"]) else round(row["population"]),
        "city": city.slug,
        "city_name": city.name,
        "city_name_en": city.name_en,
        "minutes": None if seconds >= UNREACHED else round(seconds / MINUTE, 1),
        "family": best and best.remedy.family,
        "binds": best and BINDS[best.remedy.family],
        "en": best and best.remedy.words.en,
        "zh": best and best.remedy.words.zh,
        "minutes_after": best and round(best.seconds / MINUTE, 1),
        "people_gained": None if best is None or best.people is None else round(best.people),
    }
