"""The three timetables of `window` and `departures`: China's (shipped), Greater Tokyo's, a
generated metro's.

Tokyo's tables are those of mini-tokyo-3d, flattened (see the folder's SOURCE.txt), read as a user
would read them. The file of station groups becomes a table of transfers: 120 s between stations of
the same part of a group, 300 s to another part, 60 s at the station.
"""

from __future__ import annotations

import csv
import datetime as dt
import json
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import permutations
from pathlib import Path

import numpy as np
from feeds import make_metro

from railshed import default_assumptions, load_network
from railshed.cells.network_cells import NetworkCells
from railshed.circles.analysis import AnalysisInputs
from railshed.network.model import Network
from railshed.routing.compile import compile_network
from railshed.routing.journeys import Compiled
from railshed.util.units import HOUR

sys.path.insert(0, str(Path(__file__).parents[1] / "networks" / "china"))
from train_table.read import read_traintable
from train_table.rows import TrainTableColumns

CHANGE_S, NEAR_S, FAR_S = 60, 120, 300
DATE = dt.date(2026, 8, 4)
CALENDARS = {
    "Weekday": "mon-fri",
    "SaturdayHoliday": "sat|sun",
    "Saturday": "sat",
    "Holiday": "sun",
}
COLUMNS = TrainTableColumns(
    train="trip_id",
    sequence="seq",
    station="station_id",
    arrive="arrive",
    depart="depart",
    calendar="calendar",
    name="train_no",
    line="railway",
    station_key="station_id",
    station_name="name_ja",
    station_name_en="name_en",
)
#: hubs and suburbs of Tokyo
TARGETS = (
    "JR-East.Yamanote.Tokyo",
    "JR-East.Yamanote.Shinjuku",
    "JR-East.Yamanote.Shibuya",
    "JR-East.Yamanote.Ikebukuro",
    "JR-East.Yamanote.Ueno",
    "JR-East.Yamanote.Shinagawa",
    "JR-East.Tokaido.Yokohama",
    "JR-East.Keiyo.Soga",
    "TokyoMetro.Ginza.Ginza",
    "JR-East.ChuoRapid.Tachikawa",
)


@dataclass(frozen=True, eq=False)
class Timetables:
    """A network cast for searches between stations, and what is asked of it."""

    name: str
    inputs: AnalysisInputs
    #: stations that are asked about
    stations: list[int]
    #: two hours of departures or deadlines, in clock seconds
    span: tuple[int, int]
    #: longest travel time
    bound_s: int

    @property
    def compiled(self) -> Compiled:
        """The timetable cast."""
        found = self.inputs.compiled.schedule
        assert found is not None
        return found

    def ids(self, stations: list[int]) -> list[str]:
        """Return the ids of stations."""
        return [self.compiled.network.stations[x].station_id for x in stations]


def timetables(quick: bool, shared: Path | None) -> Iterator[Timetables]:
    """Yield them, ten stations each; Tokyo's where its tables are there, the metro small with
    `quick`.
    """
    n = 3 if quick else 10
    china = load_network("china")
    index = china.station_index()
    cores = [index[city.core_station_ids[0]] for city in china.cities if city.role == "core"]
    span = 27_000
    yield Timetables("China", inputs_of(china, True), cores[:n], (span, span + 2 * HOUR), 2 * HOUR)
    if shared is not None and (shared / "data" / "tokyo").is_dir():
        tokyo = load_tokyo(shared / "data" / "tokyo")
        index = tokyo.station_index()
        yield Timetables(
            "Tokyo", inputs_of(tokyo), [index[x] for x in TARGETS[:n]], (8 * HOUR, 10 * HOUR), HOUR
        )
    if not quick:
        metro = make_metro()
        yield Timetables(
            "metro", inputs_of(metro), busy_stations(metro, n), (8 * HOUR, 10 * HOUR), HOUR
        )


def inputs_of(network: Network, footpaths: bool = False) -> AnalysisInputs:
    """Return a network cast, as `prepare` does; with its listed walks alone unless `footpaths`."""
    assumptions = default_assumptions(network.assumptions)
    compiled = compile_network(network, assumptions, footpaths=footpaths)
    return AnalysisInputs(compiled, assumptions, {}, NetworkCells(network, assumptions.cell_size_m))


def busy_stations(network: Network, n: int, seed: int = 1) -> list[int]:
    """Return stations drawn by their calls, each once."""
    calls = np.bincount(network.stop_times.station_idx, minlength=network.n_stations)
    drawn = np.random.default_rng(seed).choice(
        network.n_stations, n, replace=False, p=calls / calls.sum()
    )
    return [int(x) for x in drawn]


def load_tokyo(folder: Path) -> Network:
    """Return the weekday network."""
    with tempfile.TemporaryDirectory() as scratch:
        transfers = Path(scratch) / "transfers.csv"
        write_transfers(folder / "station-groups.json", transfers)
        feed = read_traintable(
            folder / "stop_times.csv.gz",
            folder / "stations.csv",
            columns=COLUMNS,
            calendars=CALENDARS,
            where={"calendar": ["Weekday"]},
            date_range=(DATE - dt.timedelta(days=9), DATE + dt.timedelta(days=9)),
            transfers=transfers,
            day_starts_s=3 * HOUR,
            change_s=CHANGE_S,
            drop_unknown_stations=True,
            timezone="Asia/Tokyo",
        )
    table = feed.timetable
    return Network(
        "tokyo",
        "Greater Tokyo, weekday",
        DATE,
        table.stations,
        table.services,
        table.trips,
        table.stop_times,
        table.transfers,
        notes=feed.notes,
        issues=feed.issues,
        timezone=feed.timezone,
    )


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
