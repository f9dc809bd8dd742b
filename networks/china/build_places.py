"""Build the places of the China network: counties, people, agglomerations, cities, commuter lines.

`build()` is called by `build.py`. The same input gives the same bytes.

City proper (`proper_counties` and `proper_source` of `cities.csv`): see `build_cities`. Prefecture
codes: see `build_boundaries`.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pandas as pd

HERE = Path(__file__).resolve().parent
if str(HERE) not in sys.path:
    sys.path.insert(0, str(HERE))

from build_boundaries import build_boundaries  # noqa: E402
from build_cities import build_cities  # noqa: E402
from build_lines import build_lines  # noqa: E402
from build_population import CELL_DEG, build_population  # noqa: E402
from build_regions import build_regions  # noqa: E402

SOURCES: list[dict[str, Any]] = [
    {
        "title": "County boundaries (CTAmap 1.30) and 2020 census by county, "
        "thebamboogrove/tudigong",
        "url": "https://github.com/thebamboogrove/tudigong",
        "date": "2026-02-26",
        "licence": "MIT (repository); boundaries: cite CTAmap; census: National Bureau of "
        "Statistics",
        "files": ["boundaries.parquet", "population.parquet"],
    },
    {
        "title": "2020 census by prefecture and outlines of Hong Kong and Macau, repository "
        "leiii/census",
        "url": "https://github.com/leiii/census",
        "date": "2023-07-13",
        "licence": "MIT (Lei Dong 2022)",
        "files": ["boundaries.parquet", "population.parquet"],
    },
    {
        "title": "WorldPop 2020 population counts in 5-arc-minute cells, jgaffuri/worldpop_gridviz",
        "url": "https://github.com/jgaffuri/worldpop_gridviz",
        "date": "2025-02-10",
        "licence": "CC BY 4.0 (WorldPop)",
        "files": ["population.parquet"],
    },
    {
        "title": "Agglomerations, core stations, employment centres and commuter lines: compiled "
        "by hand",
        "url": "",
        "date": "2023-12-15",
        "licence": "facts; see the source column of each row",
        "files": [
            "regions.csv",
            "cities.csv",
            "city_proper.csv",
            "core_stations.csv",
            "centres.csv",
            "lines.csv",
        ],
    },
]
RULE = (
    "as city_proper.csv names them with a source; else every county unit of the "
    "city's prefecture that holds one of its centres or core stations"
)


def build(
    raw_dir: Path, out_dir: Path, stations: pd.DataFrame, metros: frozenset[str]
) -> dict[str, Any]:
    """Write the place files to `out_dir`; return sources, notes and keys for `network.toml`,
    the cities and the counties.

    Parameters
    ----------
    raw_dir
        folder with `counties`, `prefectures`, `population` and `reference`
    stations
        stop_id, stop_name, stop_lon, stop_lat, county_code, one row a railway station of the
        timetable
    metros
        slugs of the cities whose metro is in the network
    """
    counties, notes = build_boundaries(raw_dir, out_dir)
    notes |= build_population(raw_dir, out_dir, counties)[1]
    notes |= build_regions(raw_dir, out_dir, counties)[1]
    cities, city_notes = build_cities(raw_dir, out_dir, counties, stations, metros)
    notes |= city_notes | build_lines(out_dir, stations, cities)
    notes["proper_counties_rule"] = RULE
    return {
        "cities": cities,
        "counties": counties,
        "sources": SOURCES,
        "notes": notes,
        "toml": {
            "population_label": "2020 census by county on WorldPop 2020 cells of 5 arc-minutes "
            "(7-9 km)",
            "population_cell_deg": CELL_DEG,
        },
    }
