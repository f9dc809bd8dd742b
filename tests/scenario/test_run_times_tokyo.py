"""Run times of metro-like lines, fitted in China, against all-stop trains of Greater Tokyo: nothing
is fitted here.
"""

from __future__ import annotations

import csv
import gzip
from collections import Counter, defaultdict
from pathlib import Path
from statistics import median

import pytest

from railshed.scenario.run_times.run_times import run_times

pytestmark = pytest.mark.peers

ROOT = Path(__file__).parents[2]
TOKYO = ROOT.parent / "shared" / "data" / "tokyo"
#: highest speed in service, km/h, from memory
TOP_KMH = {
    "MIR.TsukubaExpress": 130,
    "Hokuso.Hokuso": 105,
    "JR-East.Keiyo": 100,
    "JR-East.Musashino": 100,
    "JR-East.Nambu": 90,
    "JR-East.Yokohama": 95,
    "JR-East.JobanRapid": 120,
    "JR-East.KeihinTohokuNegishi": 90,
    "JR-East.SaikyoKawagoe": 100,
    "TokyoMetro.Tozai": 100,
    "TokyoMetro.Ginza": 65,
    "ToyoRapid.ToyoRapid": 100,
    "Tokyu.DenEnToshi": 110,
    "Tokyu.Toyoko": 110,
    "Keio.Sagamihara": 110,
    "Odakyu.Odawara": 100,
    "Seibu.Ikebukuro": 105,
    "Tobu.Tojo": 105,
    "SaitamaRailway.SaitamaRailway": 80,
    "TWR.Rinkai": 100,
    "YokohamaMunicipal.Blue": 80,
}
FEWEST_TRAINS = 3


def minute(clock: str) -> int:
    """Return minutes since midnight; the day ends at 03:00."""
    hours, minutes = map(int, clock.split(":"))
    return (hours + 24 * (hours < 3)) * 60 + minutes


def local_trains() -> dict[str, list[list[tuple[str, int]]]]:
    """Return the calls (station, minute) of every weekday local train of the lines, by line."""
    calls = defaultdict(list)
    with gzip.open(TOKYO / "stop_times.csv.gz", "rt", encoding="utf-8") as file:
        columns = next(file).rstrip("\n").split(",")
        trip, line, day, kind, seq, station, arrive, depart = (
            columns.index(name)
            for name in (
                "trip_id",
                "railway",
                "calendar",
                "train_type",
                "seq",
                "station_id",
                "arrive",
                "depart",
            )
        )
        for text in file:
            row = text.rstrip("\n").split(",")
            # trains run on over other lines; theirs are other stations
            own = row[line] in TOP_KMH and row[station].startswith(row[line])
            if own and row[day] == "Weekday" and row[kind].endswith(".Local"):
                clock = minute(row[depart] or row[arrive])
                calls[row[line], row[trip]].append((int(row[seq]), row[station], clock))
    found = defaultdict(list)
    for (line, _), rows in calls.items():
        found[line].append([(station, clock) for _, station, clock in sorted(rows)])
    return found


@pytest.mark.skipif(not TOKYO.is_dir(), reason="../shared/data/tokyo is absent")
def test_tokyo():
    """On 21 lines (442 hops) half of the whole lines are within 11 % of the median train, all
    within a quarter.
    """
    with (TOKYO / "stations.csv").open(encoding="utf-8", newline="") as file:
        places = {
            row["station_id"]: (float(row["lon"]), float(row["lat"]))
            for row in csv.DictReader(file)
            if row["lon"]
        }
    wrong, n_hops = {}, 0
    for line, trains in local_trains().items():
        routes = Counter(tuple(station for station, _ in train) for train in trains)
        route = max(sorted(r for r, n in routes.items() if n >= FEWEST_TRAINS), key=len)
        took = [t[-1][1] - t[0][1] for t in trains if tuple(station for station, _ in t) == route]
        computed = run_times(
            [places[name] for name in route], top_speed_kmh=TOP_KMH[line], round_to_s=0
        )
        assert computed.rules.class_id == "city"
        wrong[line] = (computed.total_s / 60 / median(took) - 1) * 100
        n_hops += len(route) - 1
    sizes = sorted(map(abs, wrong.values()))
    said = (
        f"{len(wrong)} lines and {n_hops} hops: half of the whole lines within {median(sizes):.0f} "
        f"%, all within {sizes[-1]:.0f} %, in the middle {median(wrong.values()):.0f} % too slow"
    )
    assert (ROOT / "networks" / "china" / "run_time_validation.md").read_text(
        encoding="utf-8"
    ).count(said) == 1, said
    assert len(wrong) == 21
    assert median(sizes) <= 11
    assert sizes[-1] <= 25
