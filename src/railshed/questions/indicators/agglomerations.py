"""Measures of circles that compare agglomerations of any size, and how far one lies from the median
of the 19.

The table of the 19 is `networks/china/agglomerations.csv`, written by `build_agglomerations.py`
next to it: the circles of each agglomeration's core cities under the default reading, direction and
assumptions, with and without the lines known by headway only. It is compared with circles of the
same kind alone.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from statistics import median
from typing import TYPE_CHECKING, Any

from railshed.assumptions.assumptions import default_assumptions
from railshed.assumptions.readings import HEADLINE, TO_TERMINALS, load_readings
from railshed.util import number_format as n
from railshed.util.bilingual import Words
from railshed.util.files import networks_root
from railshed.util.phrases import phrase
from railshed.util.sums import plain_sum

if TYPE_CHECKING:
    from railshed.circles.result import CircleResult

FILE = "agglomerations.csv"
#: from where six digits would not be whole
_WHOLE = 1e6
READING = HEADLINE
DIRECTION = "to"
CUTOFF_MIN = 60
TRAFFIC = "peak"


@dataclass(frozen=True, slots=True)
class Measure:
    """A ratio of two sums over circles, by their keys in `_sums_of`."""

    key: str
    of: str
    by: str
    #: share, people, km2 or number: how it is printed
    kind: str = "share"

    @property
    def words(self) -> Words:
        """What it is."""
        return phrase(f"measure_{self.key}")


MEASURES = (
    Measure("people_per_city", "door", "n", "people"),
    Measure("beyond_per_city", "beyond", "n", "people"),
    Measure("area_km2_per_city", "area", "n", "km2"),
    Measure("high_per_city", "high", "n", "people"),
    Measure("press_per_city", "press", "n", "people"),
    Measure("stations_per_city", "stations_press", "n", "number"),
    Measure("local_per_city", "local", "n", "people"),
    Measure("door_of_press", "door", "press"),
    Measure("stations_of_press", "stations_door", "stations_press"),
    Measure("door_to_door", "door", "to_station"),
    Measure("strict", "strict", "by_rail"),
    Measure("range_width", "width", "central"),
    Measure("other_province", "other", "by_rail"),
    Measure("added_by_rail", "added", "total"),
    Measure("added_by_trains", "trains_90", "by_rail_90"),
    Measure("rail_to_car", "rail", "car"),
    Measure("rail_only", "rail_only", "rail"),
    Measure("out_of_vehicle", "outside_train", "in_all"),
)


def measures_of(circles: Sequence[CircleResult]) -> dict[str, float | None]:
    """Return the measures of some circles by key: sums over the circles against sums; None where
    one is not known.
    """
    sums = [_sums_of(circle) for circle in circles]
    s = {key: _total([one[key] for one in sums]) for key in sums[0]} | {"n": float(len(circles))}
    return {m.key: _ratio(s[m.of], s[m.by]) for m in MEASURES}


def _total(values: Sequence[float | None]) -> float | None:
    return None if any(v is None for v in values) else plain_sum(v for v in values if v is not None)


def _ratio(a: float | None, b: float | None) -> float | None:
    return None if a is None or not b else a / b


def _sums_of(circle: CircleResult) -> dict[str, float | None]:
    s = circle.summary
    of_press = {"press": s.press.people, "stations_press": s.press.stations}
    if READING not in s.readings or s.beyond is None:  # door-to-door is not defined
        return dict.fromkeys(key for m in MEASURES for key in (m.of, m.by) if key != "n") | of_press
    door_of_station = s.readings[TO_TERMINALS].table.at(CUTOFF_MIN)["by_rail"]
    rows, within_90 = (s.readings[READING].table.at(cutoff) for cutoff in (CUTOFF_MIN, 90))
    car = next(
        r
        for r in circle.car_table
        if (r["reading"], r["traffic"], r["cutoff_min"]) == (READING, TRAFFIC, CUTOFF_MIN)
    )
    parts = next(
        r for r in circle.split_table if (r["reading"], r["cutoff_min"]) == (READING, CUTOFF_MIN)
    )
    rail = rows["by_rail"]
    low, high = (
        (None, None) if circle.interval is None else circle.interval.get_ends("people_outside_city")
    )
    minutes = parts["total_min"]
    share = parts["out_of_vehicle_share"]
    in_all = None if minutes is None else parts["weight"] * minutes
    return {
        "door": rail["people_outside_city"],
        "area": rail["area_km2_outside_city"],
        "beyond": s.beyond["people_by_rail_beyond_90"],
        "to_station": door_of_station["people_outside_city"],
        "stations_door": circle.bridge.get_rung("plus_access").stations,
        "strict": s.readings[READING].strict["people_outside_city"],
        "by_rail": rail["people_outside_city"],
        "high": high,
        "local": rows["local"]["people_outside_city"],
        "width": None if high is None or low is None else high - low,
        "central": rail["people_outside_city"],
        "other": rail["people_other_province"],
        "added": rows["added_by_rail"]["people_outside_city"],
        "total": rows["total"]["people_outside_city"],
        "trains_90": within_90["added_by_trains"]["people_outside_city"],
        "by_rail_90": within_90["by_rail"]["people_outside_city"],
        "rail": car["people_outside_city_rail"],
        "car": car["people_outside_city_car"],
        "rail_only": car["people_outside_city_rail_only"],
        "in_all": in_all,
        "outside_train": None if in_all is None else in_all * share,
        **of_press,
    }


def has_measures(circles: Sequence[CircleResult]) -> bool:
    """Return whether the circles are of the reading, direction and cutoffs that measures are of."""
    first = circles[0]
    return (
        (first.reading.name == READING or READING in first.summary.not_defined)
        and first.direction == DIRECTION
        and {CUTOFF_MIN, 90} <= set(first.cutoffs)
    )


def is_comparable(circles: Sequence[CircleResult]) -> bool:
    """Return whether the circles are of the kind that the table of the 19 holds, apart from their
    lines.
    """
    first = circles[0]
    case = first.counts.case
    network = first.network
    return (
        has_measures(circles)
        and network.network_id == "china"
        and (networks_root() / "china" / FILE).is_file()
        and first.assumptions == default_assumptions(network.assumptions)
        and all(
            first.readings.get(name) == reading for name, reading in load_readings(None).items()
        )
        and case.compiled.date == network.date
        and case.streets is None
        and case.max_transfers is None
        and first.counts.opportunities is None
        and first.summary.network == "china"
        and all(circle.city in network.cities for circle in circles)
        and network.date.isoformat() == next(iter(table_of_the_19(lines=True).values()))["date"]
    )


@cache
def table_of_the_19(*, lines: bool) -> Mapping[str, Mapping[str, Any]]:
    """Return the shipped rows by region id: the measures as numbers, and what they were computed
    from.
    """
    text = (networks_root() / "china" / FILE).read_text(encoding="utf-8-sig")
    has_lines = "yes" if lines else "no"
    rows = [row for row in csv.DictReader(io.StringIO(text)) if row["lines"] == has_lines]
    return {row["region_id"]: row | _measures(row) for row in rows}


def _measures(row: Mapping[str, str]) -> dict[str, float | None]:
    """Return the measures of a shipped row as numbers; None where the cell is empty."""
    return {
        measure.key: float(row[measure.key]) if row[measure.key] else None for measure in MEASURES
    }


def printed(measure: Measure, value: float) -> Words:
    """Return a value of a measure as the report prints it."""
    if measure.kind == "people":
        return n.people(value)
    if measure.kind == "km2":
        return Words(f"{n.km2(value)} km²", f"{n.km2(value)} km²")
    text = f"{value:,.1f}".removesuffix(".0") if measure.kind == "number" else n.share(value)
    return Words(text, text)


@dataclass(frozen=True, slots=True)
class Deviation:
    """How far a measure lies from the median of the 19, in median absolute deviations; its place
    among them.
    """

    measure: Measure
    value: float
    middle: float
    #: positive is above the median
    distance: float
    #: how many of the other agglomerations have more, and of how many the measure is known
    above: int
    n: int

    def record(self) -> dict[str, Any]:
        """Return the values that run.json holds."""
        return {
            "key": self.measure.key,
            "value": self.value,
            "median": self.middle,
            "distance": self.distance,
            "above": self.above,
            "n": self.n,
        }


def as_in_table(value: float | None) -> float | None:
    """Return a measure as the table of the 19 has it."""
    return None if value is None else float(table_text(value))


def table_text(value: float) -> str:
    """Return a measure as it is written into the table of the 19: six digits, of people all before
    the point.
    """
    return f"{value:.0f}" if abs(value) >= _WHOLE else f"{value:.6g}"


def deviations_of(
    values: Mapping[str, float | None], table: Mapping[str, Mapping[str, Any]], region: str | None
) -> list[Deviation]:
    """Return the deviations of the measures from the median of all rows, the largest first.

    `region` is the row that the values are of, which does not count among those above; None where
    there is none. A value that is printed like that of another agglomeration (none at all, say) is
    left out: a sentence on it would fit both.
    """
    found = []
    for measure in MEASURES:
        value = as_in_table(values.get(measure.key))
        known = {
            key: row[measure.key] for key, row in table.items() if row[measure.key] is not None
        }
        if value is None or len(known) < 3:
            continue
        middle = median(known.values())
        spread = median(abs(v - middle) for v in known.values())
        others = [v for key, v in known.items() if key != region]
        if not spread or any(printed(measure, v) == printed(measure, value) for v in others):
            continue
        above = sum(v > value for v in others)
        found.append(
            Deviation(measure, value, middle, (value - middle) / spread, above, len(known))
        )
    return sorted(found, key=lambda d: (-abs(d.distance), d.measure.key))
