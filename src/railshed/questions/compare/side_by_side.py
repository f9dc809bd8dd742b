"""Cities and scenarios side by side: the row of one, the table of several, and what
phases decide.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from railshed.comparisons.place_changes import county_names
from railshed.comparisons.result import ComparisonResult, Difference, UnionComparisonResult
from railshed.questions.compare.tables import lost_stations, where_words
from railshed.show.blocks import Block, Cell, Table, remark, shown_columns
from railshed.util import number_format as n
from railshed.util.bilingual import Words, joined
from railshed.util.phrases import heads, phrase

_NAMES_SHOWN = 40
_STATES = ("gained", "lost")


def side_by_side(found: Difference) -> dict[str, Any]:
    """Return one row of a table over cities and scenarios: headline reading and cutoff, by rail or
    locally.
    """
    row = found.headline_row()
    saved = found.minutes_saved
    stations, towns = (table[~table["in_city_proper"]] for table in (found.stations, found.towns))
    names = {
        f"{kind}_{state}": table.loc[table["change"] == state, "name"].tolist()
        for kind, table in (("towns", towns), ("stations", stations))
        for state in ("gained", "lost")
    }
    figures = {
        f"{what}_{state}": row[f"{what}_{state}"]
        for what in ("people", "area_km2")
        for state in ("before", "after", "gained", "lost")
    }
    return {
        **_names(found),
        "scenario": found.title,
        "n_scenarios": len(found.plan.scenarios) if found.plan else 1,
        "reading": row["reading"],
        "reading_zh": found.headline[0].reading.label_zh,
        "cutoff_min": row["cutoff_min"],
        "kind": row["kind"],
        "outside_city_proper": found.counts.has_city_proper,
        **figures,
        **{f"counties_{state}": came for state, came in county_names(found.counties).items()},
        **names,
        "trips_gained": found.headline_places["trips_gained"],
        "trips_lost": found.headline_places["trips_lost"],
        "stations_slower": lost_stations(found)["name"].tolist(),
        **{k: v for k, v in saved.items() if k.startswith(("people", "minutes"))},
        "definition": row["definition"],
    }


def _names(found: Difference) -> dict[str, str]:
    """Return the city's slug and Chinese name, or those of the region with the number of its
    cities.
    """
    if isinstance(found, UnionComparisonResult):
        n_cities = len(found.comparisons)
        return {"city": f"{found.name} ({n_cities})", "city_zh": f"{found.name}({n_cities}城)"}
    assert isinstance(found, ComparisonResult)
    return {"city": found.before.city.slug, "city_zh": found.before.city.name}


def comparisons(rows: Sequence[dict[str, Any]]) -> Iterator[Block]:
    """Yield cities and scenarios side by side, and united circles (rows of `side_by_side`).

    Figures stand whole, titles and cities take two lines where they must; counties and stations are
    named below.
    """
    counted = any(row["people_after"] is not None for row in rows)
    cells: list[tuple[Cell, ...]] = [
        (
            _city(row),
            _plan(row, rows),
            *(n.people(row[f"people_{k}"]) for k in ("before", "after", *_STATES)),
            *(n.km2(row[f"area_km2_{k}"]) for k in _STATES),
            *(n.people(row[f"people_{k}"]) for k in ("faster", "slower")),
        )
        for row in rows
    ]
    names = heads(
        "city",
        "scenario",
        "people_before",
        "people_after",
        "gained",
        "lost",
        "km2_gained",
        "km2_lost",
        "faster",
        "slower",
    )
    shown = (True, True, *(counted,) * 4, True, True, *(counted,) * 2)
    yield Table(_title(rows), *shown_columns(names, cells, shown), right=2)
    yield remark(phrase("other_files"))
    for row in rows:
        of_row = joined([_city(row), _plan(row, rows)], ", ")
        for key in ("counties_gained", "counties_lost", "stations_slower"):
            if row[key]:
                yield remark(
                    phrase(
                        f"named_{key}",
                        row=of_row,
                        names=n.examples(row[key], _NAMES_SHOWN, " … +{}"),
                    )
                )


def _title(rows: Sequence[dict[str, Any]]) -> Words:
    first = rows[0]
    reading = Words(first["reading_zh"] or first["reading"], first["reading"])
    where = where_words(outside=any(row["outside_city_proper"] for row in rows))
    return phrase("side_by_side_title", cutoff=first["cutoff_min"], where=where, reading=reading)


def _city(row: dict[str, Any]) -> Words:
    return Words(row["city_zh"], row["city"])


def _plan(row: dict[str, Any], rows: Sequence[dict[str, Any]]) -> Words:
    """Return the title of a scenario; several together are called so where each has a row of its
    own.
    """
    count = row["n_scenarios"]
    alone = [other for other in rows if other["city"] == row["city"] and other["n_scenarios"] == 1]
    if count < 2 or len(alone) != count:
        return Words(row["scenario"], row["scenario"])
    return phrase("all_together", n=count)
