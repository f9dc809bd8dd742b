"""The city proper that a user gives in place of a city's own: county codes, or a CSV file of several cities."""

from __future__ import annotations

from pathlib import Path

from railshed.io.csv.rows import read_rows
from railshed.network.model import Network
from railshed.util.errors import Issue, ParameterError, raise_errors
from railshed.util.number_format import examples


def city_proper_of(given: str, network: Network, slug: str, own: tuple[str, ...]) -> tuple[str, ...]:
    """Return the county codes of a city's proper: those `given`, joined by commas or listed in a CSV file.

    A file has a row a city and county, columns ``city`` and ``county_code``; a city that it does not name has its
    `own`.

    Raises InputError with every problem of the file; ParameterError where a code is no county of the network, or it
    has none.
    """
    if network.counties is None:
        raise ParameterError(
            f"--city-proper {given}: network {network.network_id} has no counties; see --boundaries (boundaries=FILE)"
        )
    codes = dict.fromkeys(network.counties["county_code"])
    if not Path(given).suffix:
        chosen = tuple(dict.fromkeys(code.strip() for code in given.split(",") if code.strip()))
        unknown = [code for code in chosen if code not in codes]
        if unknown or not chosen:
            raise ParameterError(
                f"--city-proper {given}: {', '.join(unknown) or '(none)'} is no county code of network "
                f"{network.network_id} ({examples([*codes])}); give codes joined by commas, or a CSV file of "
                "columns city, county_code"
            )
        return chosen
    issues: list[Issue] = []
    slugs, found = {city.slug for city in network.cities}, dict[str, list[str]]()
    for row in read_rows(Path(given), ["city", "county_code"], issues):
        city, code = row.need("city"), row.need("county_code")
        if city and city not in slugs and city != slug:
            row.error("city", "unknown-reference", "is no city of the network")
        if code and code not in codes:
            row.error("county_code", "unknown-reference", "is no county of the network")
        found.setdefault(city, []).append(code)
    raise_errors(f"city proper {given}", issues)
    return tuple(dict.fromkeys(found[slug])) if slug in found else own
