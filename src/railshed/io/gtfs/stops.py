"""Reader of stops.txt: platforms are merged into stations; the columns that railshed adds are
optional.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import repeat
from typing import Any

import numpy as np

from railshed.io.csv.table import FeedTable
from railshed.io.gtfs.files import FeedFiles
from railshed.network.dates import in_bulk
from railshed.network.datum import WGS84, to_wgs84, turned_note
from railshed.network.model import CONFIDENCES, FEEDERS, STATION_CLASSES, Station
from railshed.util.array_types import Bools, Floats, Ints64

#: of a reference to a row that is no station and in none
NOT_A_STOP = "is an entrance or node, or its parent is wrong"
_ZONES_NAMED = 4
_STOP_EXTRAS = (
    "stop_name_en",
    "station_class",
    "feeder",
    "county_code",
    "coord_confidence",
    "stop_timezone",
)


@dataclass(frozen=True, slots=True)
class Stops:
    """The stations of a feed, and the station of every stop."""

    ids: list[str]
    lon: Floats  # (n_stations,) WGS84
    lat: Floats  # (n_stations,)
    #: class of every station; "" if the feed has none
    classes: list[str]
    #: names, English names, feeders, county codes and confidences
    details: tuple[list[str], list[str], list[str], list[str], list[str]]
    #: station index by stop id, of stops and stations alike; -1 for entrances, nodes and boarding
    #: areas
    station_of: dict[str, int]

    def stations(self, classes: list[str], changes: Mapping[int, int]) -> list[Station]:
        """Return the stations with their classes; `changes` are change times in seconds by station
        index.
        """
        names, names_en, feeders, counties, confidences = self.details
        change_s = map(changes.get, range(len(self.ids))) if changes else repeat(None)
        return in_bulk(
            Station,
            self.ids,
            names,
            self.lon.tolist(),
            self.lat.tolist(),
            names_en,
            classes,
            feeders,
            counties,
            confidences,
            change_s,
            repeat(None),
            repeat(None),
        )


def coordinate(limit: int, other: str) -> Any:
    """Return a parser of degrees; messages name `other` as the column that may be swapped."""

    def parse(text: str) -> float:
        try:
            value = float(text if "_" not in text else "")  # float() takes 1_0 for ten
        except ValueError:
            raise ValueError("is not a number of degrees") from None
        if not -limit <= value <= limit:
            swapped = (
                f"; are {other} and this swapped?" if limit == 90 and abs(value) <= 180 else ""
            )
            raise ValueError(f"is not within -{limit} to {limit} degrees{swapped}")
        return value

    return parse


def one_of(allowed: Mapping[str, int]) -> Any:
    """Return a parser of a closed list of texts."""

    def parse(text: str) -> int:
        if text not in allowed:
            raise ValueError(f"is not allowed (allowed: {', '.join(allowed)})")
        return allowed[text]

    return parse


def not_among(table: FeedTable, column: str, allowed: Sequence[str]) -> tuple[Bools, str, str]:
    """Return bool (n_rows,) which rows have another word than the allowed ones, with code and
    message for a report.
    """
    bad = table.where(column, lambda text: text and text not in allowed)
    return bad, "bad-value", f"is not allowed (allowed: {', '.join(allowed)})"


def read_stops(files: FeedFiles, datum: str, notes: list[str], timezone: str = "") -> Stops | None:
    """Return the stations of stops.txt in WGS84; None if there is no table. Problems go to
    `files.issues`.

    `timezone` is that of the agency; stations of another one are noted.
    """
    required = ["stop_id", "stop_name", "stop_lat", "stop_lon"]
    table = files.table("stops.txt", required, ["location_type", "parent_station", *_STOP_EXTRAS])
    if table is None:
        return None
    table = table.distinct("stop_id")
    ids = table.text("stop_id")
    table.need("stop_id")
    kinds = table.parse("location_type", one_of({str(i): i for i in range(5)}), default=0)[
        0
    ].astype(int)
    home = _merge_into_parents(table, ids, kinds)
    is_station = (home == np.arange(table.n_rows)) & (kinds <= 1)
    rows = np.flatnonzero(is_station)
    station = np.where((home >= 0) & is_station[home], (np.cumsum(is_station) - 1)[home], -1)
    station_of = dict(zip(ids, station.tolist(), strict=True))
    stops = _make_stops(table, ids, is_station, station_of, datum, notes)
    n_merged = int((kinds == 0).sum()) - int((kinds[rows] == 0).sum())
    n_unused = int((kinds >= 2).sum())
    others = {zone for zone in table.text("stop_timezone") if zone not in ("", timezone)}
    if others:
        words = (
            f"{', '.join(sorted(others)[:_ZONES_NAMED])}: not used, times are in the agency's zone"
        )
        notes.append(f"stops.txt: stop_timezone {words} ({timezone or 'unknown'}), as GTFS has it")
    if n_merged:
        notes.append(f"stops.txt: {n_merged} platforms merged into their parent stations")
    if n_unused:
        notes.append(f"stops.txt: {n_unused} entrances, nodes and boarding areas not used")
    return stops


def _merge_into_parents(table: FeedTable, ids: list[str], kinds: Ints64) -> Ints64:
    """Return int64 (n_rows,) row of the station of every row: itself or its parent; -1 for
    entrances and nodes.
    """
    home = np.where(kinds >= 2, -1, np.arange(len(ids)))
    codes, parents = table.encoded("parent_station")
    has_parent = table.where("parent_station", bool) & (kinds < 2)
    if not has_parent.any():
        return home
    row_of = dict(zip(ids, range(len(ids)), strict=True))
    row_of_parent = np.array([row_of.get(parent, -1) for parent in parents], dtype=np.int64)[codes]
    known = row_of_parent >= 0
    is_right = known & (kinds == 1)[row_of_parent] & (kinds != 1)
    home = np.where(has_parent & is_right, row_of_parent, home)
    lost = has_parent & ~known
    shared = (
        lost & (np.bincount(codes[lost], minlength=len(parents)) > 1)[codes]
    )  # a change between them may be one
    problem = "unknown-reference", "is not in stops.txt", "parent_station"
    table.report(
        shared,
        *problem,
        remedy="add the station, or leave the cells blank: is each a station of its own?",
    )
    table.warn(lost & ~shared, *problem, remedy="the stop is a station of its own")
    message = "is no station (location_type 1), or a station has a parent"
    table.report(has_parent & known & ~is_right, "bad-parent", message, "parent_station")
    return home


def _make_stops(
    table: FeedTable,
    ids: list[str],
    is_station: Bools,
    station_of: dict[str, int],
    datum: str,
    notes: list[str],
) -> Stops:
    station_rows = np.flatnonzero(is_station)
    lon = _station_degrees(table, "stop_lon", 180, is_station)
    lat = _station_degrees(table, "stop_lat", 90, is_station)
    if datum != WGS84:
        notes.append(f"stops.txt: {turned_note(lon[station_rows], lat[station_rows], datum)}")
        lon, lat = to_wgs84(lon, lat, datum)
    rows = station_rows.tolist()

    def own(texts: list[str]) -> list[str]:
        return list(map(texts.__getitem__, rows))

    def words(column: str, blank: str = "") -> list[str]:
        if column not in table:
            return [blank] * len(rows)
        return [text or blank for text in own(table.text(column))]

    own_ids = own(ids)
    names = words("stop_name")
    names_en = words("stop_name_en")
    classes = words("station_class")
    feeders = words("feeder", "bus")
    confidences = words("coord_confidence", "high")
    counties = words("county_code")
    for column, allowed in (
        ("station_class", STATION_CLASSES),
        ("feeder", FEEDERS),
        ("coord_confidence", CONFIDENCES),
    ):
        bad, *problem = not_among(table, column, allowed)
        table.report(bad & is_station, *problem, column)
    n_nameless = names.count("")
    if n_nameless:
        notes.append(f"stops.txt: {n_nameless} stations without a name take their id")
        names = [name or station_id for name, station_id in zip(names, own_ids, strict=True)]
    details = (names, names_en, feeders, counties, confidences)
    return Stops(own_ids, lon[station_rows], lat[station_rows], classes, details, station_of)


def _station_degrees(table: FeedTable, column: str, limit: int, is_station: Bools) -> Floats:
    """Return float64 (n_rows,) degrees; a blank one is an error only if the row becomes a
    station.
    """
    other = "stop_lat" if column == "stop_lon" else "stop_lon"
    values, good = table.parse(column, coordinate(limit, other), np.nan)
    blank = np.isnan(values) & good & is_station
    table.report(
        blank, "blank-coordinate", "is blank", column, remedy="give the station's WGS84 coordinate"
    )
    return values
