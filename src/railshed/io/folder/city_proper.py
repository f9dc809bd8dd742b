"""The city proper that a user gives in place of a city's own: its counties, or a CSV file of
several cities.
"""

from __future__ import annotations

import re
from pathlib import Path

from railshed.io.csv.rows import read_rows
from railshed.network.cities import called
from railshed.network.model import Network
from railshed.util.errors import Issue, ParameterError, raise_errors
from railshed.util.number_format import examples


def city_proper_of(
    given: str, network: Network, slug: str, own: tuple[str, ...]
) -> tuple[str, ...]:
    """Return the county codes of a city's proper: `given` codes or names, joined by commas, or
    listed in a CSV file.

    A file has a row a city and county, columns ``city`` and ``county_code``; a city that it does
    not name has its `own`.

    Raises InputError with every problem of the file; ParameterError where something given is not
    one county of the network, or it has none.
    """
    if (counties := network.counties) is None:
        raise ParameterError(
            f"--city-proper {given}: network {network.network_id} has no counties; see "
            "--boundaries (boundaries=FILE)"
        )
    codes = counties["county_code"]
    if not Path(given).suffix:
        names = [name for part in re.split("[,，、]", given) if (name := part.strip())]
        found = {name: codes[called(counties, name)].tolist() for name in names}
        wrong = [
            f"{name} is {' and '.join(of) or 'no county'}"
            for name, of in found.items()
            if len(of) != 1
        ]
        if wrong or not names:
            raise ParameterError(
                f"--city-proper {given}: {'; '.join(wrong) or '(none) is no county'} of network "
                f"{network.network_id} "
                f"({examples([*codes])}); give codes or names joined by commas, or a CSV file of "
                "columns city, county_code"
            )
        return tuple(dict.fromkeys(of[0] for of in found.values()))
    issues: list[Issue] = []
    slugs = {city.slug for city in network.cities}
    known = set(codes)
    listed = dict[str, list[str]]()
    for row in read_rows(Path(given), ["city", "county_code"], issues):
        city = row.need("city")
        code = row.need("county_code")
        if city and city not in slugs and city != slug:
            row.error("city", "unknown-reference", "is no city of the network")
        if code and code not in known:
            row.error("county_code", "unknown-reference", "is no county of the network")
        listed.setdefault(city, []).append(code)
    raise_errors(f"city proper {given}", issues)
    return tuple(dict.fromkeys(listed[slug])) if slug in listed else own
