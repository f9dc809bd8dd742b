"""The agglomerations side by side: the columns of the index and of atlas.csv, and how far each lies from the median."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from railshed.questions.indicators.agglomerations import (
    MEASURES,
    Deviation,
    Measure,
    as_in_table,
    deviations_of,
    table_of_the_19,
)
from railshed.questions.labels import recorded_ends
from railshed.report.atlas.entries import Entry
from railshed.report.findings import deviation_words
from railshed.util.bilingual import Words
from railshed.util.sums import plain_sum

#: findings of a page
N_FINDINGS = 3
#: agglomerations below which a median says nothing
_LEAST = 3

#: what the index has beside the measures of reports
OWN = (
    Measure("united_people", kind="people"), Measure("united_area_km2", kind="km2"),
    Measure("low_per_city", kind="people"), Measure("beyond_60_per_city", kind="people"), Measure("inside_of_census"),
)  # fmt: skip
#: by key of `Comparison.values`
MEASURE = {measure.key: measure for measure in (*OWN, *MEASURES)}

#: of the index, from left to right; none of them leaves a city proper out; atlas.csv has all measures
COLUMNS = (
    "beyond_per_city", "beyond_60_per_city", "inside_of_census", "press_per_city", "stations_per_city",
    "stations_of_press", "out_of_vehicle",
)  # fmt: skip


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
        lows = [recorded_ends(city)[0] for city in entry.cities]
        near = [(city["beyond"] or {}).get("people_by_rail_beyond_60") for city in entry.cities]
        inside, census = entry.inside, entry.census
        return {
            "united_people": rail["people_outside_city"], "united_area_km2": rail["area_km2_outside_city"],
            "low_per_city": _mean(lows), "beyond_60_per_city": _mean(near),
            "inside_of_census": inside / census if inside is not None and census else None,
            **entry.measures,
        }  # fmt: skip

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


def _mean(values: Sequence[float | None]) -> float | None:
    """Return the mean; None where one is not known, or there are none."""
    known = [value for value in values if value is not None]
    return plain_sum(known) / len(known) if known and len(known) == len(values) else None


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
    """Return what orders the index: most people beyond 30 km within 90 minutes first, then most by convention."""
    far, press = (entry.measures[key] for key in ("beyond_per_city", "press_per_city"))
    return far is None, -(far or 0), -(press or 0), entry.region
