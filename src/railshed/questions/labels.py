"""Names and remarks that several tables share."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from math import cos, radians
from typing import TYPE_CHECKING, Any

from railshed.circles.definitions import CAR_TRAFFIC, describe_known, share_words
from railshed.comparisons.objective import PEOPLE
from railshed.show.blocks import Block, Cell, Facts, Paragraph, Table, remark
from railshed.util import number_format as n
from railshed.util.bilingual import EMPTY, Words, joined
from railshed.util.geodesy import STREET_DEGREE_M
from railshed.util.phrases import phrase
from railshed.util.units import HOUR, format_clock

if TYPE_CHECKING:
    from railshed.assumptions.readings import Reading
    from railshed.circles.result import CircleResult
    from railshed.circles.summary import Interval
    from railshed.comparisons.objective import Objective
    from railshed.comparisons.result import Difference
    from railshed.network.cities import City

#: how sure a source is, by its word
CONFIDENCE = {word: phrase(f"confidence_{word}") for word in ("high", "medium", "low")}


def city_name(city: City) -> Words:
    """Return a city's name."""
    return Words(city.name, city.name_en or city.name)


def place_name(row: Mapping[str, Any], what: str = "name") -> Words:
    """Return the name of a row's station, city or county; the Chinese one where it has no English
    one.
    """
    return Words(row[what], row[f"{what}_en"] or row[what])


def station_name(name: str, name_en: str) -> Words:
    """Return a name as a terminal prints it: in English both, so that it is found on maps."""
    return Words(name, f"{name} {name_en}".strip())


def reading_label(circle: CircleResult, name: str) -> Words:
    """Return a reading as tables name it."""
    return Words(circle.readings[name].label_zh or name, name)


def traffic_label(traffic: str) -> Words:
    """Return a state of traffic as tables name it."""
    return CAR_TRAFFIC.get(traffic, Words(traffic, traffic))


def outside_of(circle: CircleResult, key: str = "and_outside") -> Words:
    """Return what a title says of figures without the city proper; empty where there is none."""
    return phrase(key) if circle.has_city_proper else EMPTY


def times_met(reading: Reading, cities: Sequence[City], direction: str) -> Words:
    """Return at which times a travel time holds: at half of all arrival times between 07:30 and
    09:30.
    """
    if reading.window == "day":
        return phrase("fastest_of_the_day")
    parts = []
    for way in ("to", "from") if direction == "both" else (direction,):
        early_s = HOUR * reading.turns_up(way)
        spans = dict.fromkeys(
            city.window_to if way == "to" else city.window_from for city in cities
        )
        windows = [(start - early_s, end - early_s) for start, end in spans]
        parts.append(
            times_within(reading.percentile, windows, leaving=way == "from" or early_s > 0)
        )
    return joined(parts, "，", " and ")


def times_within(percentile: int, spans: Iterable[tuple[int, int]], *, leaving: bool) -> Words:
    """Return at which share of arrival times, of departures where `leaving`, in windows of clock
    seconds.
    """
    windows = [
        phrase("between", start=format_clock(start), end=format_clock(end)) for start, end in spans
    ]
    what = phrase("departure_times" if leaving else "arrival_times")
    return phrase(
        "times_met", share=share_words(percentile), what=what, windows=joined(windows, "、", " or ")
    )


def shortened(table: Table, most: int) -> Iterator[Block]:
    """Yield the first rows of a table without its title, and how many more there are; nothing
    without rows.
    """
    if table.rows:
        yield replace(table, title=EMPTY, rows=table.rows[:most])
    if len(table.rows) > most:
        yield remark(phrase("more_by_full", n=len(table.rows) - most))


def ending(*facts: tuple[str, Any]) -> Facts:
    """Return the last lines of a first screen: the key of a label and a text; no line where there
    is none.
    """
    shown = [(key, text) for key, text in facts if text and (text.zh or text.en)]
    labels = [
        EMPTY if k and key == shown[k - 1][0] else phrase(f"screen_label_{key}")
        for k, (key, _) in enumerate(shown)
    ]
    return Facts(tuple((label, text) for label, (_, text) in zip(labels, shown, strict=True)))


#: heads of `worth_cells`
WORTH_HEADS = ("savers", "mean_saved", "come_within_60", "come_within_90")


def saved_format(objective: Objective) -> Callable[[Any], Words]:
    """Return the format of sums of an objective: of people as in all tables, else with
    thousands.
    """
    if objective.column == PEOPLE:
        return lambda value: n.people(None if value is None else round(value))
    return lambda value: Words(n.km2(value), n.km2(value))


def worth_cells(row: Mapping[str, Any], form: Callable[[Any], Words]) -> tuple[Cell, ...]:
    """Return who has less time by a plan, how much each saves, and who comes within 60 and 90
    minutes.
    """
    mean = row["mean_minutes"]
    return (
        form(row["savers"]),
        "-" if mean is None else f"{mean:.1f}",
        form(row["within_60"]),
        form(row["within_90"]),
    )


def counted(found: CircleResult | Difference) -> tuple[str, Words, Callable[[Any], Cell]]:
    """Return what is counted, people or km² where none are known: the key of its figures, its name,
    its format.
    """
    if found.counts.people is not None:
        return "people", phrase("unit_people"), n.people
    return "area_km2", phrase("unit_area"), n.km2


def with_unit(what: str, value: float) -> Words:
    """Return people, or km² with their unit; `what` as `counted` has it."""
    return n.people(round(value)) if what == "people" else phrase("count_of_area", n=n.km2(value))


def figures_at(values: Iterable[Any], form: Callable[[Any], Words | str]) -> Words:
    """Return figures at several cutoffs, in their order."""
    texts = [text if isinstance(text, Words) else Words(text, text) for text in map(form, values)]
    return joined(texts, " | ", " | ")


def within_words(circle: CircleResult) -> str:
    """Return the cutoffs of the headline, as pairs of figures stand for them."""
    return " | ".join(map(str, circle.headline_cutoffs))


def at_cutoffs(
    circle: CircleResult, kind: str = "by_rail", reading: str = ""
) -> list[dict[str, Any]]:
    """Return the row of a kind at each cutoff of the headline, under the headline reading if none
    is named.
    """
    table = circle.summary.readings[reading or circle.surface.reading.name].table
    return [rows[kind] for rows in map(table.at, circle.headline_cutoffs) if rows]


def without_trains(circle: CircleResult, what: str = "people") -> list[Any]:
    """Return people or `area_km2` by rail without intercity and suburban trains at the cutoffs of
    the headline.
    """
    key = f"{what}_outside_city"
    pairs = zip(at_cutoffs(circle), at_cutoffs(circle, "added_by_trains"), strict=True)
    return [None if row[key] is None else row[key] - (added[key] or 0) for row, added in pairs]


def people_cell_km2(circle: CircleResult) -> float:
    """Return the size of a cell of the network's people at the city, 0 where no people or a user's
    are counted.
    """
    network = circle.network
    own = circle.counts.people_label == circle.network.population_label
    if not own or circle.counts.people is None or not circle.city.centres:
        return 0.0
    side_km = network.population_cell_deg * STREET_DEGREE_M / 1000
    return float(side_km**2 * cos(radians(circle.city.centres[0].lat)))


def interval_words(
    interval: Interval | None, figure: str, form: Callable[[Any], Words | str]
) -> Words:
    """Return low and high of a figure in brackets, nothing without an interval."""
    low, high = (None, None) if interval is None else interval.get_ends(figure)
    return (
        Words("", "")
        if low is None
        else phrase("interval_in_brackets", low=form(low), high=form(high))
    )


def recorded_ends(record: Mapping[str, Any]) -> tuple[float | None, float | None]:
    """Return low and high of the people of a circle as recorded, None without an interval."""
    for interval in record["intervals"][:1]:
        return interval["low"].get("people_outside_city"), interval["high"].get(
            "people_outside_city"
        )
    return None, None


def known_people(known_km2: float | None, area_km2: float) -> list[Paragraph]:
    """Return for how much of an area people are known; nothing where it is all of it, or no people
    are.
    """
    known = describe_known(known_km2, area_km2)
    return [] if known is None else [remark(known)]
