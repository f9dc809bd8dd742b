"""Every table and layer that commands about planned lines write says what its figures mean."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

import railshed
from railshed.report.run_folder.comparison import Files
from railshed.scenario.files import scenario_from_dict
from tests.support.clirunner import Command
from tests.support.tables import rows_of

PERIOD = {"start_time": "05:00", "end_time": "23:00", "headway_minutes": 10}
PLAN = {
    "type": "add-trips",
    "name": "nw",
    "stops": [{"name": "西北原", "id": "northwest", "lon": 99.8, "lat": 0.5}, "mid"],
    "hop_minutes": [18],
    "frequencies": [PERIOD],
}
#: two that only add, and one that takes trains away
ADDS = """
[[candidate]]
name = "{name}"
km = 30
[[candidate.modification]]
type = "add-trips"
name = "{name}"
hop_minutes = [18]
stops = [{{ name = "{name}", lon = {lon}, lat = 0.5 }}, "mid"]
trips_per_day = 60
"""
TAKES = """
[[candidate]]
name = "gone"
km = 1
[[candidate.modification]]
type = "remove-trips"
routes = ["sw"]
"""


def test_files_of_a_comparison(tmp_path: Path) -> None:
    """A column in each table and in each layer of several readings; in the layer's metadata
    elsewhere.
    """
    plan = scenario_from_dict({"title": "plan", "modification": [PLAN]})
    found = railshed.compare(railshed.load_network("toy"), "mid", plan)
    Files().write_comparison(found, tmp_path)
    for path in tmp_path.glob("*.csv"):
        for row in rows_of(path):
            assert row["definition"], path.name
    (stations,) = tmp_path.glob("*_compare_stations.csv")
    for row in rows_of(stations):
        assert row["definition"] == found.definitions[row["reading"]]
    (file,) = tmp_path.glob("*.gpkg")
    with closing(sqlite3.connect(file)) as held:
        columns = {
            table: {row[1] for row in held.execute(f"PRAGMA table_info({table})")}
            for (table,) in held.execute(
                "SELECT table_name FROM gpkg_contents WHERE data_type = 'features'"
            ).fetchall()
        }
        told = dict(
            held.execute(
                "SELECT r.table_name, m.metadata FROM gpkg_metadata m JOIN gpkg_metadata_reference "
                "r ON m.id = r.md_file_id"
            ).fetchall()
        )
    assert {"stations", "counties", "minutes_saved", "line", "cells_before", "cells_after"} <= set(
        columns
    )
    words = found.definitions["door-to-door"].split("; ")[0]
    for table, names in columns.items():
        assert "definition" in names or words in told[table], table
    assert "definition" in columns["stations"] & columns["counties"]


@pytest.mark.slow
def test_files_of_a_ranking(cli: Command, tmp_path: Path) -> None:
    """Tables of lines and pairs have the cities' windows, legs and percentile; so have the printed
    head and the JSON.

    Circles follow from a baseline, which is said with their number, also where a candidate takes
    trips from others.
    """
    file = tmp_path / "c.toml"
    file.write_text(
        ADDS.format(name="nw", lon=99.8) + ADDS.format(name="ne", lon=100.3), encoding="utf-8"
    )
    done = cli(
        "rank",
        file,
        "-n",
        "toy",
        "--city",
        "mid",
        "-o",
        tmp_path / "out",
        "--without-map",
        "--full",
    )
    assert done.code == 0, done.err
    for name in ("ranking", "pairs"):
        for row in rows_of(tmp_path / "out" / f"{name}.csv"):
            assert "07:30-09:30" in row["definition"]
            assert row["definition"].endswith("outside the city proper")
    assert "what is counted: minutes: person-minutes saved" in done.out.replace("\n", " ")
    assert "circles worked out in full, 3 from a baseline" in done.out
    file.write_text(file.read_text(encoding="utf-8") + TAKES, encoding="utf-8")
    done = cli("rank", file, "-n", "toy", "--city", "mid", "--full")
    assert done.code == 0, done.err
    assert "circles worked out in full, 7 from a baseline" in done.out
