"""What each number means, in words: tables, maps and files print their definitions from here, in
two languages.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from railshed.access.coverage import EMPTY_DISC_M
from railshed.assumptions.assumptions import Assumptions
from railshed.assumptions.readings import Reading
from railshed.assumptions.waits import SAMPLED, Waits
from railshed.network.cities import City
from railshed.util.bilingual import Words, joined
from railshed.util.phrases import PHRASES, phrase
from railshed.util.units import HOUR, MINUTE, format_clock


def rung_words(key: str) -> Words:
    """Return what a step of the bridge is called."""
    if key.startswith(AT_PERCENTILE):
        return phrase(
            "rung_peak_percentile", share=share_words(int(key.removeprefix(AT_PERCENTILE)))
        )
    return phrase(f"rung_{key}")


def share_words(percentile: int) -> Words:
    """Return the share of times that a percentile stands for: half for 50."""
    key = f"screen_share_{percentile}"
    return phrase(key) if key in PHRASES else phrase("screen_share", n=percentile)


def _named(kind: str, *keys: str) -> Mapping[str, Words]:
    return {key: phrase(f"{kind}_{key}") for key in keys}


#: key of the step of half of all times, or of another share, before the percentile
AT_PERCENTILE = "peak_percentile_"

KINDS = _named("reach", "by_rail", "added_by_rail", "total", "local", "added_by_trains")

DIRECTIONS = _named("direction", "to", "from", "both")

MODES = _named(
    "mode", "walk", "bike", "shared-bicycle", "feeder", "drive", "park-and-ride", "kiss-and-ride"
)

COMPONENTS = _named("component", "access", "entry", "wait", "ride", "change", "exit", "egress")

CAR_TRAFFIC = _named("traffic", "free-flow", "peak")

CAR_STATES = _named("car", "rail", "car", "rail_only", "car_only", "both")

CAPACITY = phrase("capacity")

OUTSIDE = phrase("outside_city_proper")

CONVENTION = phrase("press_convention")

#: the limit that streets lift
STRAIGHT_LINES = phrase("straight_lines")

#: printed where a network states no limits of its own
GENERAL_LIMITS = (STRAIGHT_LINES, phrase("no_capacity"))

#: what the people of shipped networks come from
_PEOPLE = {label.en: label for label in (phrase("people_of_china"),)}


def clocks_of(reading: Reading, city: City, direction: str) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield by direction the clock times between which a reading's minutes lie in a city: start,
    end.
    """
    for way, span in (("to", city.window_to), ("from", city.window_from)):
        if direction in (way, "both"):
            start, end = (0, 24 * HOUR) if reading.window == "day" else span
            earlier_s = HOUR * reading.turns_up(way)
            yield (
                way,
                {"start": format_clock(start - earlier_s), "end": format_clock(end - earlier_s)},
            )


def describe_reading(
    reading: Reading,
    city: City,
    assumptions: Assumptions,
    direction: str,
    *,
    n_centres: int | None = None,
    streets: bool = False,
) -> list[Words]:
    """Return the definition of a reading as lines: legs, window, slack and percentile, access, what
    is not counted.
    """
    clocks = clocks_of(reading, city, direction)
    windows = [phrase("window_of", way=DIRECTIONS[way], **clock) for way, clock in clocks]
    lines = [
        phrase(
            "reading_of",
            label=Words(reading.label_zh, reading.label),
            legs=phrase(f"legs_{reading.legs}"),
        ),
        phrase("windows", windows=joined(windows, "；", "; ")),
    ]
    if reading.random_departure:
        lines.append(phrase("random_departure"))
    elif reading.window == "day":
        lines.append(phrase("fastest_of_the_day"))
    else:
        slack = reading.slack_s // MINUTE
        weight = f"{reading.early_weight:g}"
        if reading.early_weight == 1:
            lines.append(phrase("slack_and_percentile", slack=slack, percentile=reading.percentile))
        else:
            beyond = phrase("early_beyond", slack=slack) if slack else ""
            lines.append(
                phrase(
                    "early_and_percentile",
                    beyond=beyond,
                    weight=weight,
                    percentile=reading.percentile,
                )
            )
    if reading.legs != "station":
        lines.append(
            phrase("access_by", modes=_modes(assumptions, assumptions.access_modes, streets))
        )
    if reading.legs == "door-to-door":
        lines.append(
            phrase("egress_by", modes=_modes(assumptions, assumptions.egress_modes, streets))
        )
    if n_centres is not None and reading.legs == "door-to-door":
        lines.append(phrase("nearest_centre" if n_centres > 1 else "one_centre", n=n_centres))
    return lines


def _modes(assumptions: Assumptions, modes: Sequence[str], streets: bool) -> Words:
    """Return by which modes one gets to or from the stations, and along what."""

    def on_streets(mode: str) -> bool:
        kinds = [m for name, m in assumptions.modes.items() if name.split(":")[0] == mode]
        return streets and all(m.streets for m in kinds)

    along = [m for m in modes if on_streets(m)]
    straight = [m for m in modes if not on_streets(m)]
    parts = []
    if along:
        parts.append(
            phrase(
                "along_streets",
                modes=joined([MODES[m] for m in along]),
                km=f"{EMPTY_DISC_M / 1000:g} km",
            )
        )
    if straight:
        buses = phrase("buses_along_streets") if streets and "feeder" in straight else ""
        parts.append(
            phrase("along_straight_lines", modes=joined([MODES[m] for m in straight]), buses=buses)
        )
    return joined(parts, "；", "; ")


def describe_split(
    readings: Sequence[Reading],
    directions: Sequence[str],
    *,
    both: bool,
    outside: bool,
    by: str = "people",
) -> list[Words]:
    """Return what the means of `split_table` are of: whose journey, what each component is, what
    weighs how much.

    `both`: places count that are within the cutoff both ways; `by` people or area, `outside` the
    city proper.
    """
    to = "to" in directions
    lines = [phrase("split_journey"), phrase("split_components")]
    if to and any(not r.random_departure for r in readings):
        lines.append(phrase("split_wait_to"))
    if to and any(r.random_departure for r in readings):
        lines.append(phrase("split_wait_turning_up"))
    if "from" in directions:
        lines.append(phrase("split_wait_from"))
    lines.append(
        phrase(
            "split_means",
            ways=phrase("split_both_ways") if both else "",
            same=phrase("split_same") if both else "",
            where=phrase("split_outside") if outside else "",
            weight=phrase(f"split_by_{by}"),
        )
    )
    return lines


def describe_cars(assumptions: Assumptions, streets: bool) -> dict[str, Words]:
    """Return by state of traffic how fast the car is taken to be."""
    return {
        name: phrase(
            "car_speeds",
            traffic=CAR_TRAFFIC.get(name, Words(name)),
            detour=f"{car.detour:g}",
            where=phrase("car_along_streets", share=f"{car.street_factor:.0%}") if streets else "",
            near=f"{car.urban_speed_kmh:g} km/h",
            km=f"{car.urban_km:g}",
            far=f"{car.speed_kmh:g} km/h",
            wait=f"{car.overhead_s / MINUTE:g}",
        )
        for name, car in assumptions.cars.items()
    }


def describe_waits(waits: Waits) -> Words:
    """Return what is assumed about waiting where there is no timetable."""
    sampled = waits.rule == SAMPLED
    return phrase(
        "waits", others=phrase("waits_drawn", n=waits.n_draws) if sampled else phrase("waits_half")
    )


def describe_draws(
    n_draws: int, seed: int, *, delays: bool, guesses: Sequence[str]
) -> Iterator[Words]:
    """Yield what the share of draws in which a place is inside means, what it leaves out, what of
    it is guessed.
    """
    yield phrase("draws", n=n_draws, seed=seed)
    yield phrase("draws_not_drawn")
    if delays:
        yield phrase("draws_delays")
    if guesses:
        yield phrase(
            "draws_guesses",
            names=joined([phrase(f"drawn_{name.replace(':', '_')}") for name in guesses]),
        )


def describe_known(known_km2: float | None, area_km2: float) -> Words | None:
    """Return for how much of an area people are known, None where it is all of it to the km², or no
    people are.

    A source covers its footprint alone: a raster's files, areas and the small holes between them,
    the hull of points.
    """
    known, area = (None if km2 is None else f"{km2:,.0f}" for km2 in (known_km2, area_km2))
    return (
        None if known is None or known == area else phrase("people_known", known=known, area=area)
    )


def describe_united(
    goal: Words,
    reading: Reading,
    cities: Sequence[City],
    assumptions: Assumptions,
    direction: str,
    *,
    streets: bool = False,
    outside: bool = True,
) -> Words:
    """Return what a figure of the united circles of cities means.

    `goal` says what is counted; cities with windows or centres of their own are named; `outside`
    the city proper.
    """
    cities_by_text: dict[Words, list[Words]] = {}
    for city in cities:
        lines = describe_reading(
            reading, city, assumptions, direction, n_centres=len(city.centres), streets=streets
        )
        cities_by_text.setdefault(joined(lines, "；", "; "), []).append(
            Words(city.name, city.name_en)
        )
    names = [name for mine in cities_by_text.values() for name in mine]
    apart = [
        text if len(cities_by_text) == 1 else joined([joined(mine), text], "：", ": ")
        for text, mine in cities_by_text.items()
    ]
    united = phrase("united_circles_of", names=joined(names)) if len(names) > 1 else names[0]
    return joined([goal, united, *apart, *([OUTSIDE] if outside else [])], "；", "; ")


def people_words(label: str) -> Words:
    """Return what people come from: the label of a shipped network in both languages, any other as
    it stands.
    """
    return _PEOPLE.get(label, Words(label, label))
