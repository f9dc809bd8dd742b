"""All trains of Greater Tokyo on a weekday as a `Network`: the scale test. Read as a user would read it.

The tables are those of mini-tokyo-3d, flattened (see the folder's SOURCE.txt). The file of station groups becomes a
table of transfers: 120 s between stations of the same part of a group, 300 s to another part, 60 s at the station.
"""

from __future__ import annotations

import csv
import datetime as dt
import json
import tempfile
from itertools import permutations
from pathlib import Path

from railshed.io.train_table.read import read_traintable
from railshed.io.train_table.rows import TrainTableColumns
from railshed.network.model import Network
from railshed.util.units import HOUR

CHANGE_S, NEAR_S, FAR_S = 60, 120, 300
DATE = dt.date(2026, 8, 4)
CALENDARS = {"Weekday": "mon-fri", "SaturdayHoliday": "sat|sun", "Saturday": "sat", "Holiday": "sun"}
COLUMNS = TrainTableColumns(
    train="trip_id", sequence="seq", station="station_id", arrive="arrive", depart="depart", calendar="calendar",
    name="train_no", line="railway", station_key="station_id", station_name="name_ja", station_name_en="name_en",
)  # fmt: skip
#: the targets of the benchmark: hubs and suburbs
TARGETS = (
    "JR-East.Yamanote.Tokyo", "JR-East.Yamanote.Shinjuku", "JR-East.Yamanote.Shibuya", "JR-East.Yamanote.Ikebukuro",
    "JR-East.Yamanote.Ueno", "JR-East.Yamanote.Shinagawa", "JR-East.Tokaido.Yokohama", "JR-East.Keiyo.Soga",
    "TokyoMetro.Ginza.Ginza", "JR-East.ChuoRapid.Tachikawa",
)  # fmt: skip


def load_tokyo(folder: Path) -> Network:
    """Return the weekday network."""
    with tempfile.TemporaryDirectory() as scratch:
        transfers = Path(scratch) / "transfers.csv"
        write_transfers(folder / "station-groups.json", transfers)
        feed = read_traintable(
            folder / "stop_times.csv.gz", folder / "stations.csv", columns=COLUMNS, calendars=CALENDARS,
            where={"calendar": ["Weekday"]}, date_range=(DATE - dt.timedelta(days=9), DATE + dt.timedelta(days=9)),
            transfers=transfers, day_starts_s=3 * HOUR, change_s=CHANGE_S, drop_unknown_stations=True,
            timezone="Asia/Tokyo",
        )  # fmt: skip
    table = feed.timetable
    return Network(
        "tokyo", "Greater Tokyo, weekday", DATE, table.stations, table.services, table.trips, table.stop_times,
        table.transfers, notes=feed.notes, issues=feed.issues, timezone=feed.timezone,
    )  # fmt: skip


def write_transfers(groups: Path, path: Path) -> None:
    """Write the walks between the stations of every group as a table of from, to, seconds."""
    rows = set()
    for group in json.loads(groups.read_text(encoding="utf-8")):
        members = [(part, station) for part, stations in enumerate(group) for station in stations]
        for (part, u), (other, v) in permutations(members, 2):
            rows.add((u, v, NEAR_S if part == other else FAR_S))
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["from", "to", "seconds"])
        writer.writerows(sorted(rows))
