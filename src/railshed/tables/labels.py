"""Names and remarks that several tables share."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from railshed.circles.definitions import CAR_TRAFFIC, describe_known
from railshed.tables.blocks import EMPTY, Cell, Paragraph, remark
from railshed.util import number_format as n
from railshed.util.bilingual import Words
from railshed.util.phrases import phrase

if TYPE_CHECKING:
    from railshed.circles.result import CircleResult
    from railshed.comparisons.result import Difference
    from railshed.network.cities import City

#: how sure a source is, by its word
CONFIDENCE = {word: phrase(f"confidence_{word}") for word in ("high", "medium", "low")}


def city_name(city: City) -> Words:
    """Return a city's name."""
    return Words(city.name, city.name_en or city.name)


def station_name(name: str, name_en: str) -> Words:
    """Return a name as a terminal prints it: in English both, so that it is found on maps."""
    return Words(name, f"{name} {name_en}")


def reading_label(circle: CircleResult, name: str) -> Words:
    """Return a reading as tables name it."""
    return Words(circle.readings[name].label_zh or name, name)


def traffic_label(traffic: str) -> Words:
    """Return a state of traffic as tables name it."""
    return CAR_TRAFFIC.get(traffic, Words(traffic, traffic))


def outside_of(circle: CircleResult, key: str = "and_outside") -> Words:
    """Return what a title says of figures without the city proper; empty where there is none."""
    return phrase(key) if circle.has_city_proper else EMPTY


def people_format(*, whole: bool) -> Callable[[Any], Words]:
    """Return the format of people: of a report (`whole`) or of a terminal."""
    return n.people if whole else n.people_wan


def counted(found: CircleResult | Difference, *, whole: bool) -> tuple[str, Words, Callable[[Any], Cell]]:
    """Return what is counted, people or km² where none are known: the key of its figures, its name, its format."""
    if found.ground.people is not None:
        return "people", phrase("unit_people"), people_format(whole=whole)
    return "area_km2", phrase("unit_area"), n.km2


def known_people(known_km2: float | None, area_km2: float) -> list[Paragraph]:
    """Return for how much of an area people are known; nothing where it is all of it, or no people are."""
    known = describe_known(known_km2, area_km2)
    return [] if known is None else [remark(known)]
