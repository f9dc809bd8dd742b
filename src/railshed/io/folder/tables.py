"""Tables of a network folder: network.toml, cities, regions, transfers, observed commuting,
counties, people.

Problems name their row and field. Each reader raises InputError with every error of its files, and
adds warnings of characters left out and of repeated rows to a list.
"""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from railshed.assumptions.assumptions import assumption_faults
from railshed.io.csv.rows import Row, read_rows, report_duplicates
from railshed.network.cities import Centre, City, ObservedFlow, Region
from railshed.network.model import FEEDERS
from railshed.util import files as store
from railshed.util.errors import InputError, Issue, named, nearest, raise_errors
from railshed.util.names import clean_frame, clean_tree
from railshed.util.units import HOUR, MINUTE, parse_window

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

_CITY_FILES = ("cities.csv", "core_stations.csv", "centres.csv")
_OTHER_FILES = ("regions.csv", "transfers.csv", "observed_commuting.csv", "service_plans.json")
_ALWAYS = ("network.toml", "timetable.zip", *_CITY_FILES, *_OTHER_FILES)
_LINES = ("lines.csv",)
_AREAS = ("boundaries.parquet", "population.parquet")
#: degrees, about 100 km
_LARGEST_CELL = 1
#: all files of a network folder
NETWORK_FILES = (*_ALWAYS, *_LINES, *_AREAS)


def read_meta(folder: Path, warnings: list[Issue] | None = None) -> dict[str, Any]:
    """Return the content of network.toml; InputError when it is no TOML, or with every field of a
    wrong type.
    """
    path = folder / "network.toml"
    try:
        meta = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InputError(f"{path}: no readable TOML ({error})") from error
    issues = [
        Issue(
            "error", "bad-value", f"must be {what}", path.name, field=key, value=str(meta[key])[:80]
        )
        for key, kind, what in (
            ("sources", list, "tables [[sources]]"),
            ("notes", dict, "a table [notes]"),
            ("counts", dict, "a table [counts]"),
            ("limits", list, "tables [[limits]] with zh and en"),
            ("assumptions", dict, "a table [assumptions]"),
            ("population_cell_deg", int | float, "a number of degrees"),
        )
        if key in meta and not isinstance(meta[key], kind)
    ]
    issues += [
        Issue(
            "error",
            "bad-value",
            "must be a table",
            path.name,
            field=f"sources[{i}]",
            value=str(source)[:80],
        )
        for i, source in enumerate(
            meta.get("sources", []) if isinstance(meta.get("sources", []), list) else []
        )
        if not isinstance(source, dict)
    ]
    cell = meta.get("population_cell_deg", 0)
    if (
        (folder / "population.parquet").is_file()
        and isinstance(cell, int | float)
        and not 0 < cell <= _LARGEST_CELL
    ):
        message = (
            "must be the edge of the cells of population.parquet, above 0 to "
            f"{_LARGEST_CELL} degrees"
        )
        remedy = "such as 0.01, or 0.083333 for 5 arc-minutes"
        code, given = ("out-of-range", str(cell)) if cell else ("missing-key", "")
        issues.append(
            Issue(
                severity="error",
                code=code,
                message=message,
                file=path.name,
                row=None,
                field="population_cell_deg",
                value=given,
                remedy=remedy,
            )
        )
    if isinstance(meta.get("assumptions"), dict):
        faults = assumption_faults(meta["assumptions"])
        issues += [
            Issue("error", "bad-value", fault, path.name, field="assumptions") for fault in faults
        ]
    cleaned = dict(clean_tree(meta, path.name, issues))
    raise_errors(f"network {folder}", issues, warnings)
    return cleaned


def sources_of(meta: Mapping[str, Any]) -> tuple[Mapping[str, str], ...]:
    """Return the sources of network.toml with every value as text."""

    def text(value: Any) -> str:
        if isinstance(value, dict):
            return ", ".join(f"{key} {item}" for key, item in value.items())
        return ", ".join(str(item) for item in value) if isinstance(value, list) else str(value)

    return tuple(
        {key: text(value) for key, value in source.items()} for source in meta.get("sources", [])
    )


def limits_of(meta: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """Return the limits as (Chinese, English) pairs; a missing text is replaced by the
    other one.
    """
    rows = [row for row in meta.get("limits", []) if isinstance(row, dict)]
    return tuple(
        (str(row.get("zh", row.get("en", ""))), str(row.get("en", row.get("zh", ""))))
        for row in rows
    )


def leaves(table: Mapping[str, Any], prefix: str = "") -> list[tuple[str, Any]]:
    """Return the values of nested tables with dotted keys."""
    pairs: list[tuple[str, Any]] = []
    for key, value in table.items():
        if isinstance(value, dict):
            pairs += leaves(value, f"{prefix}{key}.")
        else:
            pairs.append((f"{prefix}{key}", value))
    return pairs


def checksums(folder: Path, lines: bool, areas: bool) -> dict[str, str]:
    """Return the sha256 by name of every file that is read."""
    names = (*_ALWAYS, *_LINES * lines, *_AREAS * areas)
    return {name: store.sha256_file(folder / name) for name in names if (folder / name).is_file()}


ROLES = ("core", "secondary")
REGION_KINDS = ("agglomeration", "metropolitan_area")
_DIRECTIONS = ("to", "from", "both")
_MOST_PEOPLE = 1e8
_MAX_MINUTES = 2 * HOUR // MINUTE
#: seconds by (from, to) station id
Walks = dict[tuple[str, str], int]
_WINDOW_TO = (27_000, 34_200)
_WINDOW_FROM = (61_200, 70_200)
_COUNTY_TEXT = (
    "county_code", "county", "county_en", "prefecture_code", "prefecture", "prefecture_en",
    "province_code", "province", "province_en",
)  # fmt: skip


def read_cities(
    folder: Path, station_ids: Collection[str] | None = None, warnings: list[Issue] | None = None
) -> tuple[City, ...]:
    """Return the cities of cities.csv with those of core_stations.csv and centres.csv, core cities
    first.

    Core stations must be among `station_ids` unless that is None, and are sorted by id; centres
    have the order of the file. Raises InputError with every problem of the three files.
    """
    issues: list[Issue] = []
    rows = read_rows(folder / "cities.csv", ["slug", "name_zh", "name_en"], issues)
    report_duplicates(rows, "slug")
    slugs = {row.text("slug") for row in rows}
    core = _core_stations(folder / "core_stations.csv", slugs, station_ids, issues)
    centres = _centres(folder / "centres.csv", slugs, issues)
    cities = [_city(row, core, centres) for row in rows]
    raise_errors(f"cities of {folder}", issues, warnings)
    return tuple(sorted(cities, key=lambda city: (ROLES.index(city.role), city.slug)))


def _city(row: Row, core: dict[str, list[str]], centres: dict[str, list[Centre]]) -> City:
    slug = row.file_name("slug")
    return City(
        slug,
        row.need("name_zh"),
        row.need("name_en"),
        tuple(sorted(core.get(slug, []))),
        tuple(centres.get(slug, [])),
        window_to=row.parsed("window_to", parse_window, _WINDOW_TO),
        window_from=row.parsed("window_from", parse_window, _WINDOW_FROM),
        role=row.choice("role", ROLES, "core"),
        regions=row.items("regions"),
        feeder=row.choice("feeder", FEEDERS, "bus"),
        prefecture_code=row.text("prefecture_code"),
        proper_counties=row.items("proper_counties"),
        proper_source=row.text("proper_source"),
        metro=row.choice("metro", ("yes", "no"), "no") == "yes",
    )


def _known_city(row: Row, slugs: Collection[str]) -> str:
    """Return the slug of the row's city; not checked if no city could be read, which is reported
    separately.
    """
    slug = row.need("city")
    if slug and slugs and slug not in slugs:
        row.error("city", "unknown-reference", "is no slug in cities.csv", nearest(slug, slugs, 3))
    return slug


def _core_stations(
    path: Path, slugs: Collection[str], station_ids: Collection[str] | None, issues: list[Issue]
) -> dict[str, list[str]]:
    core: dict[str, list[str]] = {}
    for row in read_rows(path, ["city", "station_id"], issues) if path.exists() else ():
        slug = _known_city(row, slugs)
        station_id = row.need("station_id")
        if station_id and station_ids is not None and station_id not in station_ids:
            remedy = nearest(station_id, station_ids, 3)
            row.error("station_id", "unknown-reference", "is no station of the timetable", remedy)
        if station_id in core.setdefault(slug, []):
            row.error("station_id", "duplicate-key", f"is listed twice for {slug}")
        core[slug].append(station_id)
    return core


def _centres(path: Path, slugs: Collection[str], issues: list[Issue]) -> dict[str, list[Centre]]:
    centres: dict[str, list[Centre]] = {}
    for row in (
        read_rows(path, ["city", "name_zh", "name_en", "lon", "lat"], issues)
        if path.exists()
        else ()
    ):
        name = row.text("name_zh")
        name_en = row.text("name_en")
        if not name and not name_en:
            row.error("name_zh", "blank", "is blank, and so is name_en")
        lon = row.number_in("lon", -180, 180)
        lat = row.number_in("lat", -90, 90)
        centre = Centre(name or name_en, name_en or name, lon, lat, row.text("confidence"))
        centres.setdefault(_known_city(row, slugs), []).append(centre)
    return centres


def read_regions(path: Path, warnings: list[Issue] | None = None) -> tuple[Region, ...]:
    """Return the regions of regions.csv by kind and id; InputError with every problem of
    the file.
    """
    issues: list[Issue] = []
    rows = read_rows(path, ["region_id", "name_zh", "name_en", "members"], issues)
    report_duplicates(rows, "region_id")
    regions = [_region(row) for row in rows]
    raise_errors(f"regions of {path}", issues, warnings)
    return tuple(sorted(regions, key=lambda region: (region.kind, region.region_id)))


def _region(row: Row) -> Region:
    members = row.items("members")
    if not members:
        row.error(
            "members", "blank", "has no member", "list prefecture or county codes joined by |"
        )
    if len(set(members)) < len(members):
        row.error("members", "duplicate-key", "names a member twice")
    return Region(
        row.file_name("region_id"),
        row.choice("kind", REGION_KINDS, "agglomeration"),
        row.need("name_zh"),
        row.need("name_en"),
        members,
        country_region=row.text("country_region"),
        confidence=row.text("confidence"),
        scope_version=row.text("scope_version"),
        source=row.text("source"),
    )


def read_transfers(
    path: Path, station_ids: Collection[str], warnings: list[Issue] | None = None
) -> Walks:
    """Return the seconds of each transfer of transfers.csv by (from, to) station id; a row is one
    direction.

    `minutes` are from platform to platform, exit, walk and entry included. Raises InputError with
    every problem of the file; an id that is not among `station_ids` is one.
    """
    issues: list[Issue] = []
    walks: Walks = {}
    for row in read_rows(path, ["from", "to", "minutes"], issues):
        pair = row.need("from"), row.need("to")
        for field, station_id in zip(("from", "to"), pair, strict=True):
            if station_id and station_id not in station_ids:
                row.error(field, "unknown-reference", "is no station of the network")
        if pair[0] == pair[1]:
            row.error(
                "to",
                "same-station",
                "is the station of `from`",
                "change times belong to the timetable",
            )
        if pair in walks:
            row.error("to", "duplicate-key", "is listed before from the same station")
        walks[pair] = round(row.number_in("minutes", 0, _MAX_MINUTES) * MINUTE)
    raise_errors(f"transfers {path}", issues, warnings)
    return walks


def read_observed(
    path: Path,
    slugs: Collection[str],
    codes: Collection[str] | None,
    warnings: list[Issue] | None = None,
) -> tuple[ObservedFlow, ...]:
    """Return the rows of observed_commuting.csv; each names the document that was read, by title
    and address.

    `codes` are those of counties and prefectures that `home_codes` may name, None where no counties
    are read. Raises InputError with every problem of the file.
    """
    issues: list[Issue] = []
    flows = []
    for row in read_rows(
        path, ["home", "city", "year", "people_per_day", "document", "address"], issues
    ):
        city = row.need("city")
        if city and city not in slugs:
            row.error("city", "unknown-reference", "is no slug in cities.csv")
        homes = row.items("home_codes")
        for code in () if codes is None else (code for code in homes if code not in codes):
            row.error(
                "home_codes",
                "unknown-reference",
                f"names {code}, no county or prefecture of the boundaries",
            )
        flows.append(
            ObservedFlow(
                home=row.need("home"),
                home_en=row.text("home_en"),
                home_codes=homes,
                city=city,
                year=round(row.number_in("year", 1900, 2199)),
                people_a_day=round(row.number_in("people_per_day", 0, _MOST_PEOPLE)),
                direction=row.choice("direction", _DIRECTIONS, "to"),
                minutes=row.text("minutes"),
                note=row.text("share_note"),
                quality=row.text("quality"),
                document=row.need("document"),
                address=row.need("address"),
            )
        )
    raise_errors(f"observed commuting {path}", issues, warnings)
    return tuple(flows)


def read_counties(path: Path, warnings: list[Issue] | None = None) -> gpd.GeoDataFrame:
    """Return the counties of boundaries.parquet in EPSG:4326 by county code, with a default index.

    Raises InputError when the file is no GeoParquet, a column or the CRS is missing,
    or a county code is blank or repeated.
    """
    import geopandas as gpd

    from railshed.cells.polygons import check_edges

    issues: list[Issue] = []
    frame = clean_frame(_read_parquet(path, gpd.read_parquet), path.name, issues)
    _need_columns(frame, path.name, [*_COUNTY_TEXT, "population"], issues)
    if frame.crs is None:
        remedy = "write it in EPSG:4326 with that CRS stated"
        issues.append(Issue("error", "missing-crs", "has no CRS", path.name, remedy=remedy))
    raise_errors(f"boundaries {path}", issues)
    codes = frame["county_code"]
    blank = codes.isna() | (codes == "")
    issues += _bad_rows(path.name, codes, blank, "blank", "is blank")
    issues += _bad_rows(
        path.name, codes, codes.duplicated() & ~blank, "duplicate-key", "stands in an earlier row"
    )
    raise_errors(f"boundaries {path}", issues, warnings)
    check_edges(frame.geometry.to_numpy(), path.name)
    if frame.crs.to_epsg() != 4326:
        frame = frame.to_crs("EPSG:4326")
    return frame.sort_values("county_code", kind="stable", ignore_index=True)


def read_population(path: Path) -> pd.DataFrame:
    """Return the cells of population.parquet by county, latitude and longitude, with a default
    index.

    Raises InputError when the file is no Parquet, a column is missing, or a coordinate or number of
    people is not allowed.
    """
    import pandas as pd

    frame = _read_parquet(path, pd.read_parquet)
    columns = ["lon", "lat", "county_code", "people"]
    issues: list[Issue] = []
    _need_columns(frame, path.name, columns, issues)
    raise_errors(f"population {path}", issues)
    for column, low, high in (("lon", -180, 180), ("lat", -90, 90), ("people", 0, 1e9)):
        values = frame[column]
        if not pd.api.types.is_numeric_dtype(values):
            message = f"is no column of numbers but {values.dtype}"
            issues.append(Issue("error", "bad-number", message, path.name, field=column))
            continue
        bad = ~values.between(low, high)
        issues += _bad_rows(
            path.name, values, bad, "out-of-range", f"is not within {low:g} to {high:g}"
        )
    raise_errors(f"population {path}", issues)
    ordered: pd.DataFrame = frame[columns].sort_values(
        ["county_code", "lat", "lon"], kind="stable", ignore_index=True
    )
    return ordered


def _read_parquet(path: Path, reader: Any) -> Any:
    try:
        return reader(path)
    except (
        OSError,
        ValueError,
        TypeError,
        KeyError,
    ) as error:  # pyarrow's errors derive from these
        detail = str(error).splitlines()[0][:200] if str(error) else type(error).__name__
        raise InputError(
            f"{path}: not a readable Parquet file ({detail}); build the network again"
        ) from error


def _bad_rows(file: str, column: pd.Series, bad: pd.Series, code: str, message: str) -> list[Issue]:
    """Return an error for each of the first bad rows of a column, and one with the number of the
    rest.
    """
    rows = bad.to_numpy().nonzero()[0].tolist()
    name = str(column.name)
    found = (
        Issue(
            severity="error",
            code=code,
            message=message,
            file=file,
            row=row + 1,
            field=name,
            value=str(column.iloc[row]),
        )
        for row in rows
    )
    return named(found, len(rows))


def _need_columns(frame: Any, file: str, columns: list[str], issues: list[Issue]) -> None:
    issues += [
        Issue("error", "missing-column", "the column is missing", file, field=column)
        for column in columns
        if column not in frame.columns
    ]
