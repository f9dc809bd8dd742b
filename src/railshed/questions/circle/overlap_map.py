"""From the circles of several cities to a map: how many reach a place, and the outline of each."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from railshed.circles.overlap import OverlapResult
from railshed.circles.polygons import drawn_cells
from railshed.maps.data import Area, Headline, MapData, estimated
from railshed.maps.from_network import middle_of, network_map
from railshed.maps.words import within
from railshed.questions.circle.map import FIGURES
from railshed.util.array_types import Ints32
from railshed.util.bilingual import Words, fill
from railshed.util.phrases import MAP
from railshed.util.units import MINUTE

#: a map has a band for each number of cities up to so many
_MOST_BANDS = 5


def overlap_map(found: OverlapResult) -> MapData:
    """Return the map of the circles of several cities by rail: how many reach a place, and the
    outline of each.
    """
    import geopandas as gpd

    network = found.network
    cutoff = found.cutoff_min
    limit = found.cutoff_min * MINUTE
    # within the cutoff of k cities is where the k-th nearest of them is
    times = np.sort([surface.by_rail_s for surface in found.surfaces.values()], axis=0)
    counts = [
        k for k in range(1, min(len(times), _MOST_BANDS) + 1) if (times[k - 1] <= limit).any()
    ]
    shown = [
        _area_of(
            found,
            times[k - 1],
            Words(f"至少{k}座城市", f"{k} cities or more" if k > 1 else "one city at least"),
        )
        for k in counts
    ]
    rows = [
        (-k, a.people, a.area_km2, a.words.zh, a.words.en)
        for k, a in zip(counts, shown, strict=True)
    ]
    columns = ["cutoff_min", "people", "area_km2", "zh", "en"]
    bands = gpd.GeoDataFrame(
        rows, columns=columns, geometry=[a.geometry for a in shown], crs="EPSG:4326"
    )
    outlines = tuple(
        _area_of(found, found.surfaces[city.slug].by_rail_s, Words(city.name, city.name_en))
        for city in found.cities
    )
    people, km2 = (found.union["by_rail"][f"{figure}_outside_city"] for figure in FIGURES)
    reading = found.reading
    hour = within(cutoff)
    data = network_map(
        found.counts,
        found.stations,
        city=Words(found.name, found.name_en),
        bands=bands,
        outlines=outlines,
        centre=middle_of([network.anchor(city) for city in found.cities]),
        cutoff_min=cutoff,
        reading=Words(reading.label_zh, reading.label),
        definition=found.definition,
        date=str(network.date),
        band_head=Words(
            f"轨道交通{cutoff}分钟内可达的城市数：", f"within {cutoff} min by rail of:"
        ),
        headlines=(Headline(fill(MAP["by_rail"], cutoff), estimated(people), estimated(km2)),),
        title=Words(
            f"{found.name}：各核心城市{hour.zh}铁路通勤圈与重叠",
            f"{found.name_en}: within {hour.en} by rail of its core cities, and where circles "
            "overlap",
        ),
    )
    proper = data.counties["county_code"].isin(found.counts.case.city.proper_counties)
    return replace(
        data, city_proper=data.counties.geometry[proper].union_all() if proper.any() else None
    )


def _area_of(found: OverlapResult, seconds: Ints32, name: Words) -> Area:
    """Return the land within the cutoff, with people and km2 outside the city proper."""
    limit = found.cutoff_min * MINUTE
    figures = found.counts.inside(seconds <= limit).figures
    shape = drawn_cells(found.counts.land, seconds, [limit]).iloc[0]
    return Area(name, shape, figures["people_outside_city"], figures["area_km2_outside_city"])
