"""Measures of circles that compare agglomerations of any size, and how far one lies from the median of the 19.

The table of the 19 is `networks/china/agglomerations.csv`, written by `build_agglomerations.py` next to it: the circles
of each agglomeration's core cities under the default reading, direction and assumptions, with and without the lines
known by headway only. It is compared with circles of the same kind alone.
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
from railshed.assumptions.readings import load_readings
from railshed.util import number_format as n
from railshed.util.bilingual import Words
from railshed.util.shipped import networks_root
from railshed.util.sums import plain_sum

if TYPE_CHECKING:
    from railshed.circles.result import CircleResult

FILE = "agglomerations.csv"
#: from where six digits would not be whole
_WHOLE = 1e6
READING, DIRECTION, CUTOFF_MIN, TRAFFIC = "door-to-station", "to", 60, "peak"


@dataclass(frozen=True, slots=True)
class Measure:
    """A ratio: key, words, and kind of number."""

    key: str
    words: Words
    #: share, people, km2 or number: how it is printed
    kind: str = "share"


MEASURES = (
    Measure(
        "people_per_city",
        Words("每座核心城市的铁路可达人口(中心城区外)", "people by rail outside the city proper, per core city"),
        "people",
    ),
    Measure(
        "area_km2_per_city",
        Words("每座核心城市的铁路可达面积(中心城区外)", "km² by rail outside the city proper, per core city"),
        "km2",
    ),
    Measure(
        "high_per_city",
        Words(
            "每座核心城市的区间高值人口(铁路可达，中心城区外)",
            "high end of the range of people by rail outside the city proper, per core city",
        ),
        "people",
    ),
    Measure(
        "press_per_city",
        Words(
            "每座核心城市按新闻口径(全天最快车次、整县)的人口",
            "people by the press convention (fastest train of the day, whole counties), per core city",
        ),
        "people",
    ),
    Measure(
        "stations_per_city",
        Words("每座核心城市全天最快口径的车站数", "stations by the fastest train of the day, per core city"),
        "number",
    ),
    Measure(
        "local_per_city",
        Words(
            "每座核心城市中心城区外不乘铁路即可达的人口",
            "people outside the city proper within reach without a ride, per core city",
        ),
        "people",
    ),
    Measure(
        "door_of_press",
        Words(
            "门到站人口与新闻口径(全天最快车次、整县)人口之比",
            "people from their door, against the press convention (fastest train of the day, whole counties)",
        ),
    ),
    Measure(
        "stations_of_press",
        Words(
            "从站门起仍在一小时内的车站与全天最快口径车站之比",
            "stations still within the hour from their door, against those by the fastest train of the day",
        ),
    ),
    Measure(
        "door_to_door",
        Words("门到门(60分钟)人口与门到站人口之比", "people door to door within 60 min, against door to station"),
    ),
    Measure(
        "strict",
        Words(
            "严格口径(75%时刻)人口与中位口径之比",
            "people at percentile 75 of the window's minutes, against percentile 50",
        ),
    ),
    Measure(
        "range_width",
        Words("区间宽度(高−低)与中值之比", "width of the range (high less low), against its central value"),
    ),
    Measure(
        "other_province",
        Words(
            "铁路可达人口(中心城区外)中外省所占比重",
            "share of other provinces in the people by rail outside the city proper",
        ),
    ),
    Measure(
        "added_by_rail",
        Words(
            "中心城区外圈内人口中，只因铁路才在圈内的比重",
            "share of the people inside, city proper left out, who are inside by rail alone",
        ),
    ),
    Measure(
        "rail_to_car", Words("铁路可达人口与高峰小汽车可达人口之比", "people by rail against people by car in the peak")
    ),
    Measure(
        "rail_only",
        Words(
            "铁路可达人口中，高峰小汽车到不了的比重",
            "share of the people by rail whom a car in the peak does not bring within the hour",
        ),
    ),
    Measure(
        "out_of_vehicle",
        Words("铁路行程中不在车上的时间比重", "share of the minutes by rail that is not spent in a train"),
    ),
)


def measures_of(circles: Sequence[CircleResult]) -> dict[str, float | None]:
    """Return the measures of some circles by key: sums over the circles against sums; None where one is not known."""
    sums = [_sums_of(circle) for circle in circles]
    s = {key: _total([one[key] for one in sums]) for key in sums[0]} | {"n": float(len(circles))}
    pairs = {
        "people_per_city": ("door", "n"),
        "area_km2_per_city": ("area", "n"),
        "high_per_city": ("high", "n"),
        "press_per_city": ("press", "n"),
        "stations_per_city": ("stations_press", "n"),
        "local_per_city": ("local", "n"),
        "door_of_press": ("door", "press"),
        "stations_of_press": ("stations_door", "stations_press"),
        "door_to_door": ("to_door", "door"),
        "strict": ("strict", "by_rail"),
        "range_width": ("width", "central"),
        "other_province": ("other", "by_rail"),
        "added_by_rail": ("added", "total"),
        "rail_to_car": ("rail", "car"),
        "rail_only": ("rail_only", "rail"),
        "out_of_vehicle": ("outside_train", "in_all"),
    }
    return {key: _ratio(s[a], s[b]) for key, (a, b) in pairs.items()}


def _total(values: Sequence[float | None]) -> float | None:
    return None if any(v is None for v in values) else plain_sum(v for v in values if v is not None)


def _ratio(a: float | None, b: float | None) -> float | None:
    return None if a is None or not b else a / b


def _sums_of(circle: CircleResult) -> dict[str, float | None]:
    s = circle.summary
    press, station, door = (circle.bridge.get_rung(key) for key in ("fastest_of_day", "plus_access", "door_to_door"))
    rows = s.readings[READING].table.at(CUTOFF_MIN)
    car = next(
        r for r in circle.car_table if (r["reading"], r["traffic"], r["cutoff_min"]) == (READING, TRAFFIC, CUTOFF_MIN)
    )
    parts = next(r for r in circle.split_table if (r["reading"], r["cutoff_min"]) == (READING, CUTOFF_MIN))
    ends, rail = circle.interval, rows["by_rail"]
    high, low = ends.high.people, ends.low.people
    minutes, share = parts["total_min"], parts["out_of_vehicle_share"]
    in_all = None if minutes is None else parts["weight"] * minutes
    return {
        "door": station.people,
        "area": station.area_km2,
        "press": press.people,
        "to_door": door.people,
        "stations_press": press.stations,
        "stations_door": station.stations,
        "strict": s.readings[READING].strict["people_outside_city"],
        "by_rail": rail["people_outside_city"],
        "high": high,
        "local": rows["local"]["people_outside_city"],
        "width": None if high is None or low is None else high - low,
        "central": ends.central.people,
        "other": rail["people_other_province"],
        "added": rows["added_by_rail"]["people_outside_city"],
        "total": rows["total"]["people_outside_city"],
        "rail": car["people_outside_city_rail"],
        "car": car["people_outside_city_car"],
        "rail_only": car["people_outside_city_rail_only"],
        "in_all": in_all,
        "outside_train": None if in_all is None else in_all * share,
    }


def is_comparable(circles: Sequence[CircleResult]) -> bool:
    """Return whether the circles are of the kind that the table of the 19 holds, apart from their lines."""
    first = circles[0]
    case, network = first.ground.case, first.network
    return (
        network.network_id == "china"
        and (networks_root() / "china" / FILE).is_file()
        and first.reading.name == READING
        and first.direction == DIRECTION
        and CUTOFF_MIN in first.cutoffs
        and first.assumptions == default_assumptions(network.assumptions)
        and all(first.readings.get(name) == reading for name, reading in load_readings(None).items())
        and case.compiled.date == network.date
        and case.streets is None
        and case.max_transfers is None
        and first.ground.opportunities is None
        and first.summary.network == "china"
        and all(circle.city in network.cities for circle in circles)
        and network.date.isoformat() == next(iter(table_of_the_19(lines=True).values()))["date"]
    )


@cache
def table_of_the_19(*, lines: bool) -> Mapping[str, Mapping[str, Any]]:
    """Return the shipped rows by region id: the measures as numbers, and what they were computed from."""
    text = (networks_root() / "china" / FILE).read_text(encoding="utf-8-sig")
    keys = {measure.key for measure in MEASURES}
    has_lines = "yes" if lines else "no"
    return {
        row["region_id"]: {k: (float(v) if v else None) if k in keys else v for k, v in row.items()}
        for row in csv.DictReader(io.StringIO(text))
        if row["lines"] == has_lines
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
    """How far a measure lies from the median of the 19, in median absolute deviations; its place among them."""

    measure: Measure
    value: float
    middle: float
    #: positive is above the median
    distance: float
    #: how many of the other agglomerations have more, and of how many the measure is known
    above: int
    n: int


def as_in_table(value: float | None) -> float | None:
    """Return a measure as the table of the 19 has it."""
    return None if value is None else float(table_text(value))


def table_text(value: float) -> str:
    """Return a measure as it is written into the table of the 19: six digits, of people all before the point."""
    return f"{value:.0f}" if abs(value) >= _WHOLE else f"{value:.6g}"


def deviations_of(
    values: Mapping[str, float | None], table: Mapping[str, Mapping[str, Any]], region: str | None
) -> list[Deviation]:
    """Return the deviations of the measures from the median of all rows, the largest first.

    `region` is the row that the values are of, which does not count among those above; None where there is none. A
    value that is printed like that of another agglomeration (none at all, say) is left out: a sentence on it would fit
    both.
    """
    found = []
    for measure in MEASURES:
        value = as_in_table(values.get(measure.key))
        known = {key: row[measure.key] for key, row in table.items() if row[measure.key] is not None}
        if value is None or len(known) < 3:
            continue
        middle = median(known.values())
        spread = median(abs(v - middle) for v in known.values())
        others = [v for key, v in known.items() if key != region]
        if not spread or any(printed(measure, v) == printed(measure, value) for v in others):
            continue
        above = sum(v > value for v in others)
        found.append(Deviation(measure, value, middle, (value - middle) / spread, above, len(known)))
    return sorted(found, key=lambda d: (-abs(d.distance), d.measure.key))
