"""Readers of the stations of a train table and of the walks between them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from railshed.io.csv.files import CsvTables
from railshed.io.csv.table import FeedTable
from railshed.io.gtfs.stops import coordinate
from railshed.io.gtfs.trips import whole
from railshed.io.train_table.rows import TrainTableColumns
from railshed.network.datum import WGS84, to_wgs84, turned_note
from railshed.network.model import STATION_CLASSES, Station, Transfers
from railshed.network.ordering import make_transfers, no_transfers
from railshed.util.geodesy import great_circle_m


@dataclass(frozen=True, slots=True)
class TrainStations:
    """All rows of a stations file as stations."""

    stations: tuple[Station, ...]
    #: row of the station by key: its own or its parent's; only of stations with coordinates
    index: dict[str, int]


def read_stations(
    tables: CsvTables,
    path: Path,
    columns: TrainTableColumns,
    notes: list[str],
    *,
    datum: str,
    station_class: str,
    merge_within_m: float,
) -> TrainStations | None:
    """Return the stations of a file; None if it cannot be read. Problems go to `tables.issues`."""
    c = columns
    mapped = (c.station_key, c.lon, c.lat, c.station_name, c.station_name_en, c.station_class, c.station_parent)
    table = tables.table(path, list(dict.fromkeys(column for column in mapped if column)))
    if table is None:
        return None
    table = table.distinct(c.station_key)
    keys = table.text(c.station_key)
    table.report([row for row, key in enumerate(keys) if not key], "blank-key", lambda _: "is blank", c.station_key)
    lon, _ = table.parse(c.lon, coordinate(180, c.lat), np.nan)
    lat, _ = table.parse(c.lat, coordinate(90, c.lon), np.nan)
    half = np.isnan(lon) != np.isnan(lat)
    for column, values in ((c.lon, lon), (c.lat, lat)):
        blank = np.flatnonzero(half & np.isnan(values))
        table.report(blank, "blank-coordinate", lambda _: "is blank, but its pair is not", column)
    if datum != WGS84:
        notes.append(f"{table.name}: {turned_note(lon, lat, datum)}")
    lon, lat = to_wgs84(lon, lat, datum)
    classes = table.text(c.station_class)
    bad = [row for row, name in enumerate(classes) if name and name not in STATION_CLASSES]
    message = f"is not allowed (allowed: {', '.join(STATION_CLASSES)})"
    table.report(bad, "bad-value", lambda _: message, c.station_class)
    names, names_en = table.text(c.station_name), table.text(c.station_name_en)
    stations = tuple(
        Station(key, name or key, x, y, english, kind or station_class)
        for key, name, x, y, english, kind in zip(
            keys, names, lon.tolist(), lat.tolist(), names_en, classes, strict=True
        )
    )
    home = _homes(table, c.station_parent, keys, notes)
    placed = np.isfinite(lon + lat)
    if merge_within_m > 0:
        home = _merge_names(stations, home, placed, merge_within_m, f"{table.name}: ", notes)
    return TrainStations(stations, {key: i for key, i in zip(keys, home, strict=True) if placed[i]})


def _homes(table: FeedTable, column: str, keys: list[str], notes: list[str]) -> list[int]:
    """Return the row of the station of each row: the parent's, or its own."""
    row_of = {key: row for row, key in enumerate(keys)}
    parents = table.text(column)
    home = [row_of.get(parent or key, -1) for key, parent in zip(keys, parents, strict=True)]
    unknown = [row for row, i in enumerate(home) if i < 0]
    table.report(unknown, "unknown-reference", lambda _: "is no station of the file", column)
    chained = [row for row, i in enumerate(home) if i != row and i >= 0 and home[i] != i]
    table.report(chained, "bad-parent", lambda _: "is itself part of another station", column)
    n_merged = sum(i != row for row, i in enumerate(home))
    if n_merged:
        notes.append(f"{table.name}: {n_merged:,} stations merged into those that they are part of")
    return home


def _merge_names(
    stations: Sequence[Station],
    home: list[int],
    placed: NDArray[np.bool_],
    within_m: float,
    where: str,
    notes: list[str],
) -> list[int]:
    """Return the homes with each station merged into the first, by key, of the same name within `within_m` metres."""
    heads: dict[str, list[int]] = {}
    moved: dict[int, int] = {}
    for i in sorted({i for i in home if i >= 0 and placed[i]}, key=lambda i: stations[i].station_id):
        here, others = stations[i], heads.setdefault(stations[i].name, [])
        near = (j for j in others if great_circle_m(here.lon, here.lat, stations[j].lon, stations[j].lat) <= within_m)
        moved[i] = next(near, i)
        if moved[i] == i:
            others.append(i)
    n_moved = sum(i != j for i, j in moved.items())
    notes.append(f"{where}{n_moved:,} stations merged into those of the same name within {within_m:g} m")
    return [moved.get(i, i) for i in home]


def read_transfers(tables: CsvTables, path: Path, index: dict[str, int]) -> tuple[Transfers, dict[int, int]]:
    """Return the walks between different stations, and the seconds of change by station.

    Both use the index of the stations file. Of several rows for one pair the longest is used.
    """
    table = tables.table(path, ["from", "to", "seconds"])
    if table is None:
        return no_transfers(), {}
    table = table.distinct("from", "to")
    seconds, good = table.parse("seconds", whole)
    known = list(index)
    homes = np.array([*index.values(), -1], dtype=np.int64)
    ends = [homes[table.refer(column, known, "the stations")] for column in ("from", "to")]
    good &= (ends[0] >= 0) & (ends[1] >= 0)
    longest: dict[tuple[int, int], int] = {}
    for i, j, s in zip(ends[0][good].tolist(), ends[1][good].tolist(), seconds[good].tolist(), strict=True):
        longest[i, j] = max(longest.get((i, j), 0), int(s))
    walks = make_transfers((i, j, s) for (i, j), s in longest.items() if i != j)
    return walks, {i: s for (i, j), s in longest.items() if i == j}
