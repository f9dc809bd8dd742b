"""The agglomerations side by side: the columns of the index and of atlas.csv, and how far each lies from the median."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from railshed.indicators.agglomerations import MEASURES, Deviation, Measure, as_in_table, deviations_of, table_of_the_19
from railshed.report.atlas.entries import Entry
from railshed.report.findings import deviation_words
from railshed.util.bilingual import Words

#: findings of a page
N_FINDINGS = 3
#: agglomerations below which a median says nothing
_LEAST = 3

#: what the index has beside the measures of reports
OWN = (
    Measure(
        "united_people",
        Words("各核心城市的圈合并，铁路可达人口(中心城区外)，每处只计一次",
              "people by rail outside the city propers, circles of the core cities united, each place once"),
        "people",
    ),
    Measure(
        "united_area_km2",
        Words("各核心城市的圈合并，铁路可达面积(中心城区外)",
              "km² by rail outside the city propers, circles of the core cities united"),
        "km2",
    ),
    Measure(
        "low_per_city",
        Words("每座核心城市的区间低值人口(铁路可达，中心城区外)",
              "low end of the range of people by rail outside the city proper, per core city"),
        "people",
    ),
    Measure(
        "inside_of_census",
        Words("成员城市普查人口中，在任一核心城市60分钟圈内(铁路或本地，含中心城区)的比重",
              "share of the member cities' census within 60 min of any core city, by rail or locally, city propers "
              "included"),
    ),
)  # fmt: skip
_BY_KEY = {measure.key: measure for measure in (*OWN, *MEASURES)}


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the index: its measure, and what stands above it."""

    key: str
    head: Words

    @property
    def measure(self) -> Measure:
        """What it is, in words, and how it is printed."""
        return measure_of(self.key)


def measure_of(key: str) -> Measure:
    """Return what a figure of `Comparison.values` is."""
    return _BY_KEY[key]


#: of the index, from left to right; a head breaks at its zero-width space; atlas.csv has all measures
COLUMNS = (
    Column("united_people", Words("铁路可达\u200b人口", "people by rail")),
    Column("united_area_km2", Words("面积", "area")),
    Column("people_per_city", Words("每座\u200b城市", "per city")),
    Column("low_per_city", Words("区间低", "low")),
    Column("high_per_city", Words("区间高", "high")),
    Column("inside_of_census", Words("成员人口\u200b在圈内", "members inside")),
    Column("press_per_city", Words("新闻口径\u200b每座城市", "press, per city")),
    Column("door_of_press", Words("门到站÷\u200b新闻口径", "door ÷ press")),
    Column("door_to_door", Words("门到门÷\u200b门到站", "door to door")),
    Column("strict", Words("严格÷\u200b中位", "strict")),
    Column("added_by_rail", Words("只因\u200b铁路", "by rail alone")),
    Column("rail_to_car", Words("铁路÷\u200b小汽车", "rail ÷ car")),
)


@dataclass(frozen=True, slots=True)
class Comparison:
    """The agglomerations of an atlas in the order of the index, with what they are compared with."""

    entries: Sequence[Entry]
    #: measures by region id that medians are of; None where there are too few
    table: Mapping[str, Mapping[str, Any]] | None
    #: whether that is the shipped table, and not the agglomerations of this atlas
    shipped: bool

    def values(self, entry: Entry) -> dict[str, float | None]:
        """Return every figure of an agglomeration by its key."""
        rail = entry.united["by_rail"]
        lows = [city["range"]["low"]["people"] for city in entry.cities]
        low = None if None in lows else sum(lows) / len(lows)
        inside, census = entry.inside, entry.census
        return {
            "united_people": rail["people_outside_city"],
            "united_area_km2": rail["area_km2_outside_city"],
            "low_per_city": low,
            "inside_of_census": inside / census if inside is not None and census else None,
            **entry.measures,
        }

    def findings(self, entry: Entry) -> list[tuple[Deviation, Words]]:
        """Return the three largest deviations from the median, each with its sentence; none without a table."""
        if self.table is None:
            return []
        found = deviations_of(entry.measures, self.table, entry.region)[:N_FINDINGS]
        return [(d, deviation_words(entry.name, d, of_a_city=False, of=len(self.table))) for d in found]

    def rows(self) -> list[dict[str, Any]]:
        """Return the rows of atlas.csv: full figures, no number rounded but by the float that it is."""
        return [
            {
                "region_id": entry.region, "name_zh": entry.name.zh, "name_en": entry.name.en,
                "core_cities": "|".join(city["city"]["slug"] for city in entry.cities),
                "date": entry.cities[0]["date"], "reading": entry.cities[0]["reading"],
                "direction": entry.cities[0]["direction"], "cutoff_min": entry.cities[0]["headline_cutoff_min"],
                "definition_hashes": "|".join(city["definition_hash"] for city in entry.cities),
                "lines_by_headway": len(entry.lines), "members_census": entry.census, "members_inside": entry.inside,
                **self.values(entry),
            }
            for entry in self.entries
        ]  # fmt: skip

    def middle(self, key: str) -> float | None:
        """Return the median of a figure over the agglomerations of this atlas; None where none is known."""
        known = [v for v in (self.values(entry)[key] for entry in self.entries) if v is not None]
        return median(known) if known else None


def compared(entries: Sequence[Entry], *, whole: bool, lines: bool) -> Comparison:
    """Return the agglomerations ordered and with the table that their medians are of.

    `whole`: they are all of the network, so the medians are theirs; else those of the shipped table of the 19, where
    the circles are of its kind, `lines` with those known by headway. Fewer than three are compared with nothing.
    """
    ordered = sorted(entries, key=_rank)
    own = {entry.region: {key: as_in_table(v) for key, v in entry.measures.items()} for entry in ordered}
    if not whole and all(entry.comparable for entry in entries):
        return Comparison(ordered, table_of_the_19(lines=lines), shipped=True)
    return Comparison(ordered, own if len(own) >= _LEAST else None, shipped=False)


def _rank(entry: Entry) -> tuple[Any, ...]:
    """Return what orders the index: most people by rail first, then most at the high end, then by convention."""
    people = entry.united["by_rail"]["people_outside_city"]
    area = entry.united["by_rail"]["area_km2_outside_city"]
    high, press = (entry.measures[key] or 0 for key in ("high_per_city", "press_per_city"))
    return -(people or 0), -(area or 0), -high, -press, entry.region
