"""Reader of observed_commuting.csv: commuters that documents report between places and cities."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from railshed.io.csv.rows import read_rows
from railshed.network.cities import ObservedFlow
from railshed.util.errors import Issue, raise_errors

_DIRECTIONS = ("to", "from", "both")
_MOST_PEOPLE = 1e8


def read_observed(path: Path, slugs: Collection[str], codes: Collection[str] | None) -> tuple[ObservedFlow, ...]:
    """Return the rows of observed_commuting.csv; each names the document that was read, by title and address.

    `codes` are those of counties and prefectures that `home_codes` may name, None where no counties are read.

    Raises
    ------
    InputError
        With every problem of the file.
    """
    issues: list[Issue] = []
    flows = []
    for row in read_rows(path, ["home", "city", "year", "people_per_day", "document", "address"], issues):
        city = row.need("city")
        if city and city not in slugs:
            row.error("city", "unknown-reference", "is no slug in cities.csv")
        homes = row.items("home_codes")
        for code in () if codes is None else (code for code in homes if code not in codes):
            row.error("home_codes", "unknown-reference", f"names {code}, no county or prefecture of the boundaries")
        flows.append(ObservedFlow(
            home=row.need("home"), home_en=row.text("home_en"), home_codes=homes, city=city,
            year=round(row.number_in("year", 1900, 2199)),
            people_a_day=round(row.number_in("people_per_day", 0, _MOST_PEOPLE)),
            direction=row.choice("direction", _DIRECTIONS, "to"), minutes=row.text("minutes"),
            note=row.text("share_note"), quality=row.text("quality"), document=row.need("document"),
            address=row.need("address"),
        ))  # fmt: skip
    raise_errors(f"observed commuting {path}", issues)
    return tuple(flows)
