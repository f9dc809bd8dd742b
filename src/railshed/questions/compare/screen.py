"""The first screen of a plan: who saves how much, who comes within the hour, who loses; of several
plans a row each.

Figures are those of run.json; `screen_of` is a row of its key `screens`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from railshed.comparisons.objective import N_PHASES
from railshed.comparisons.result import ComparisonResult, Difference
from railshed.questions.circle.screen import (
    NAMED,
    amount_of,
    cities_name,
    files_words,
    not_counted,
    title,
)
from railshed.questions.compare.tables import if_city, losing_names, lost_stations, new_targets
from railshed.questions.labels import city_name, ending, outside_of, place_name, with_unit
from railshed.show.blocks import Block, Cell, Heading, Paragraph, Table, remark
from railshed.util import number_format as n
from railshed.util.bilingual import EMPTY, Words, fill, joined
from railshed.util.phrases import heads, phrase

if TYPE_CHECKING:
    import pandas as pd

    from railshed.network.cities import City, Region

_TURN_UP = "turn-up-and-go"
_CHANGES = ("gained", "lost")
#: changes of a plan that are printed
_EFFECTS = 2


def screen_of(found: Difference) -> dict[str, Any]:
    """Return the figures of the screen: by reading who saves and loses by rail and what comes and
    goes; places.
    """
    rows = []
    for name in dict.fromkeys([found.headline[0].reading.name, _TURN_UP]):
        for row in (row for row in found.worth if row["reading"] == name):
            of = {
                c: found.row(name, c, "by_rail")
                for c in found.headline_cutoffs
                if c in found.cutoffs[name]
            }
            figures = {
                f"{what}_{change}_{c}": r[f"{what}_{change}"]
                for c, r in of.items()
                for what in ("people", "area_km2")
                for change in _CHANGES
            }
            rows.append(row | figures)
    stations = found.stations[~found.stations["in_city_proper"]]
    last = found.headline_cutoffs[-1]
    return {
        "scenario": found.title,
        "scenario_zh": found.titles[0],
        "scenario_en": found.titles[1],
        "by_reading": rows,
        "stations": _stations(stations[stations["minutes_after"] <= last]),
        "stations_that_lose": _rows(_losing_stations(found)),
        "counties_that_lose": found.losing_counties[:NAMED],
    }


def _stations(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the first stations of a table of changes, new ones first, then by minutes saved."""
    changed = frame[
        frame["minutes_before"].isna()
        | frame["minutes_after"].isna()
        | (frame["minutes_saved"] != 0)
    ]
    order = {"minutes_saved": False, "minutes_after": True, "station_id": True}
    ordered = changed.sort_values([*order], ascending=[*order.values()], na_position="first")
    return _rows(ordered)


def _losing_stations(found: Difference) -> pd.DataFrame:
    """Return the stations outside the city proper that lose, of those within the last cutoff of the
    headline before.
    """
    lost = lost_stations(found)
    return lost[~lost["in_city_proper"] & (lost["minutes_before"] <= found.headline_cutoffs[-1])]


def _rows(stations: pd.DataFrame) -> list[dict[str, Any]]:
    columns = ["station_id", "name", "name_en", "minutes_before", "minutes_after"]
    rows: list[dict[str, Any]] = stations[columns].head(NAMED).to_dict(orient="records")
    return rows


def comparison_screen(
    found: ComparisonResult,
    rules: Sequence[Mapping[str, Any]] = (),
    files: Words = EMPTY,
    forecast: Sequence[Mapping[str, Any]] = (),
    stops: Sequence[Mapping[str, Any]] = (),
) -> Iterator[Block]:
    """Yield the answer, two readings, what may come of it, stations, who loses, what the goal
    leaves out, files.
    """
    before = found.before
    screen = screen_of(found)
    yield from screen_head(found, screen)
    drawn = (
        found.plan is not None
        and found.plan.lines
        and not all(line.is_timed for line in found.plan.as_added)
    )
    yield ending(
        ("forecast", forecast_words(forecast)),
        ("forecast", _unsure(stops)),
        ("stations", stations_words(screen["stations"])),
        ("losers", _losers(found, screen)),
        ("if_city", joined([*if_city(found)])),
        ("new_targets", joined([*new_targets(found)])),
        ("rules", rules_words(rules)),
        ("plan", _plan(found)),
        (
            "doubt",
            phrase("screen_as_written")
            if forecast
            else drawn and phrase("screen_one_draw", n=N_PHASES),
        ),
        ("not_counted", not_counted(found.after)),
        ("next", phrase("screen_next_plan", city=before.city.slug)),
        ("files", files_words(before, files)),
    )


def screen_head(found: ComparisonResult, screen: Mapping[str, Any]) -> Iterator[Block]:
    """Yield the title, the answer, and who saves how much, who comes and goes, by reading."""
    before = found.before
    yield Heading(
        title(
            before.network,
            [before.city],
            found.headline[0].reading,
            before.direction,
            before.summary.date,
            city_name(before.city),
        )
    )
    yield Paragraph(answer(found, screen))
    labels = {name: Words(one.label_zh, one.label) for name, one in before.readings.items()}
    yield by_reading(found, [((labels[row["reading"]],), row) for row in screen["by_reading"]])


def forecast_words(rows: Sequence[Mapping[str, Any]]) -> Words:
    """Return how much comes within the minutes in the draws of a plan; empty where none
    were drawn.
    """
    if not rows:
        return EMPTY
    what = "people" if rows[0]["people_mean"] is not None else "area_km2"
    form = partial(with_unit, what)
    parts = []
    for row in rows:
        low, mean, high = (row[f"{what}_{end}"] for end in ("low", "mean", "high"))
        p_any = row[f"{what}_p_any"]
        some = "forecast_perhaps" if form(high) != form(0.0) else "forecast_unlikely"
        if low:
            some = "forecast_range"
        some = "forecast_always" if low and form(low) == form(high) else some
        values = {
            "low": form(low),
            "mean": form(mean),
            "high": form(high),
            "p": f"{max(p_any, 0.01):.0%}",
        }
        parts.append(phrase(some if p_any else "forecast_none", cutoff=row["cutoff_min"], **values))
    drawn = "forecast_of_plans" if rows[0]["drawn"] else "forecast_of_times"
    return phrase(drawn, parts=joined(parts, "；", "; "), n=rows[0]["n_plans"])


def _unsure(stops: Sequence[Mapping[str, Any]]) -> Words:
    """Return which stations of the plan are within the first cutoff in some of the draws, the
    likeliest first.
    """
    column = next((key for row in stops for key in row if key.startswith("probability_")), "")
    some = sorted((row for row in stops if 0 < row[column] < 1), key=lambda row: -row[column])
    shown = [
        phrase("forecast_stop", name=place_name(row), p=f"{min(max(row[column], 0.01), 0.99):.0%}")
        for row in some[:NAMED]
    ]
    return (
        phrase("forecast_stops", cutoff=column.rpartition("_")[2], stops=joined(shown))
        if shown
        else EMPTY
    )


def forecasts(
    rows: Sequence[Mapping[str, Any]], names: Mapping[str, Words], *, together: bool = False
) -> Iterator[Paragraph]:
    """Yield the forecast of each city, a remark a city; `together`: of several plans at once."""
    for city in dict.fromkeys(row["city"] for row in rows):
        text = forecast_words([row for row in rows if row["city"] == city])
        yield remark(
            phrase(
                "forecast_of_all" if together else "forecast_of_city", city=names[city], text=text
            )
        )


def _plan(found: ComparisonResult) -> Words:
    """Return the first changes that a plan makes, how many more there are, and how much is assumed
    about them.
    """
    if found.plan is None:
        return EMPTY
    effects = found.plan.effects
    assumed = len(found.plan.assumed)
    left = len(effects) - _EFFECTS
    return joined(
        [
            *effects[:_EFFECTS],
            *([phrase("more_by_full", n=left)] if left > 0 else []),
            *([phrase("screen_assumed", n=assumed)] if assumed else []),
        ],
        "；",
        "; ",
    )


def rules_words(rules: Sequence[Mapping[str, Any]]) -> Words:
    """Return how many verdicts of the national rules are of each kind; empty where no line is as
    slow as they ask.
    """
    too_fast = {
        row["line"] for row in rules if (row["rule"], row["verdict"]) == ("speed", "not met")
    }
    verdicts = [row["verdict"] for row in rules if row["line"] not in too_fast]
    kinds = (("met", "met"), ("not_met", "not met"), ("unknown", "not known"))
    return (
        EMPTY
        if not verdicts
        else phrase("screen_rules", **{key: verdicts.count(verdict) for key, verdict in kinds})
    )


def answer(found: Difference, screen: Mapping[str, Any]) -> Words:
    """Return in a sentence who saves how much, how many come within the first cutoff, and who
    loses.
    """
    row = screen["by_reading"][0]
    (what, form, _) = amount_of(found)
    if row[f"{what}_faster"] is None:  # people are known, but not of these places
        what = "area_km2"
        form = partial(with_unit, "area_km2")
    cutoffs = found.headline_cutoffs
    cutoff = next((c for c in cutoffs if row[f"{what}_gained_{c}"]), cutoffs[0])
    gained = row[f"{what}_gained_{cutoff}"]
    if row[f"{what}_slower"]:
        losers = phrase(
            "screen_losers", n=form(row[f"{what}_slower"]), minutes=row["minutes_slower"]
        )
    else:
        places = (
            row["area_km2_slower"] or screen["stations_that_lose"] or screen["counties_that_lose"]
        )
        losers = phrase("screen_places_lose" if places else "screen_no_losers")
        if not (places or row["area_km2_faster"] or row[f"{what}_faster"]):
            return phrase("screen_untouched", title=Words(*found.titles), most=row["to_min"])
    key = "screen_saves" if row[f"{what}_faster"] else "screen_saves_none"
    return phrase(
        key,
        title=Words(*found.titles),
        n=form(row[f"{what}_faster"]),
        minutes=row["minutes_faster"],
        cutoff=cutoff,
        gained=form(gained) if gained else phrase("screen_no_one"),
        losers=losers,
        most=row["to_min"],
    )


def by_reading(
    found: Difference, named: Sequence[tuple[tuple[Words, ...], Mapping[str, Any]]]
) -> Table:
    """Return rows behind their names: who saves, how much each, gained and lost at the cutoffs of
    the headline.
    """
    what, _, bare = amount_of(found)
    before = found.by_city[0].before
    first = max((row for _, row in named), key=lambda row: row["to_min"])
    gained = {key for _, row in named for key in row if key.startswith(f"{what}_gained_")}
    columns = [
        (change, c)
        for c in sorted(int(key.rpartition("_")[2]) for key in gained)
        for change in _CHANGES
    ]
    rows: list[tuple[Cell, ...]] = [
        (
            *names,
            bare(row[f"{what}_faster"]),
            str(row["minutes_faster"] or "-"),
            *(bare(row.get(f"{what}_{change}_{c}")) for change, c in columns),
        )
        for names, row in named
    ]
    ends = (
        *heads("savers" if what == "people" else "savers_km2", "mean_saved"),
        *(phrase(f"screen_{change}", cutoff=c) for change, c in columns),
    )
    where = phrase(
        "screen_changes", least=first["from_min"], most=first["to_min"], outside=outside_of(before)
    )
    n_names = len(named[0][0])
    return Table(
        where,
        (*heads(*("reading",) if n_names == 1 else ("city", "scenario")), *ends),
        tuple(rows),
        n_names,
    )


def stations_words(rows: Sequence[Mapping[str, Any]]) -> Words:
    """Return stations with their minutes after and before."""
    names = []
    for row in rows:
        was, now = (n.minutes(row[f"minutes_{end}"]) for end in ("before", "after"))
        key = "gone" if now == "-" else "was"
        if was == "-":
            key = "new"
        names.append(phrase(f"screen_station_{key}", name=place_name(row), before=was, after=now))
    return phrase("screen_minutes", names=joined(names)) if names else EMPTY


def _losers(found: ComparisonResult, screen: Mapping[str, Any]) -> Words:
    stations = stations_words(screen["stations_that_lose"])
    counties = losing_names(found)
    parts = [
        [stations, *_more("screen_more_stations", len(_losing_stations(found)))],
        [joined(counties[:NAMED], "；", "; "), *_more("screen_more", len(counties))],
    ]
    return joined([joined(part, "", "") for part in parts if part[0].en], "；", "; ")


def _more(key: str, number: int) -> list[Words]:
    """Return how many there are beyond those that are named."""
    return [phrase(key, n=number - NAMED)] if number > NAMED else []


def plans_screen(
    first: ComparisonResult,
    cities: Sequence[City],
    region: Region | None,
    screens: Sequence[Mapping[str, Any]],
    files: Words,
) -> Iterator[Block]:
    """Yield one row a city and plan, and of the united circles; `screens` are rows of
    `screen_of`.
    """
    before = first.before
    names = {city.slug: city_name(city) for city in cities}
    heads_of = [one["by_reading"][0] for one in screens]
    main = before.readings[max(heads_of, key=lambda row: row["to_min"])["reading"]]
    yield Heading(
        title(
            before.network,
            cities,
            main,
            before.direction,
            before.summary.date,
            cities_name(cities, region),
        )
    )
    rows = []
    for one, row in zip(screens, heads_of, strict=True):
        name = names.get(one["city"], Words(one["city"], one.get("city_en", "")))
        own = before.readings[row["reading"]]
        if own != main:  # the main one is not defined in this city
            name = fill(Words("{}({})", "{} ({})"), name, Words(own.label_zh, own.label))
        rows.append(((name, Words(one["scenario_zh"], one["scenario_en"])), row))
    yield by_reading(first, rows)
    yield ending(
        ("not_counted", not_counted(before)),
        ("next", phrase("screen_next_plan", city=before.city.slug)),
        ("files", files_words(before, files, several=True)),
    )
