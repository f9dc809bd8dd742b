"""transfers.csv: minutes between stations of a network folder, one row a direction."""

from __future__ import annotations

from pathlib import Path

import pytest

from railshed import InputError, load_network
from railshed.io.folder.tables import read_transfers
from tests.support.feeds import CITIES, write_files, write_network

HEADER = "from,to,minutes,source\n"


def walks_of(folder: Path, **options: object) -> dict[tuple[str, str], int]:
    """The transfers of a network by (from, to) station id."""
    network = load_network(folder, **options)  # type: ignore[arg-type]
    ids = [s.station_id for s in network.stations]
    listed = network.transfers
    rows = zip(
        listed.from_idx.tolist(), listed.to_idx.tolist(), listed.seconds.tolist(), strict=True
    )
    return {(ids[a], ids[b]): seconds for a, b, seconds in rows}


def test_rows_are_directed_and_in_minutes(tmp_path: Path) -> None:
    """2.5 minutes are 150 s from a to b; nothing is said of the way back."""
    folder = write_network(
        tmp_path / "net", {**CITIES, "transfers.csv": HEADER + "a,b,2.5,guess\n"}
    )
    assert walks_of(folder) == {("a", "b"): 150}
    assert "transfers.csv" in load_network(folder).checksums


def test_they_go_before_those_of_the_feed(tmp_path: Path) -> None:
    """The feed says 600 s from a to b and 300 s from b to c; the table replaces the first and
    leaves the second.
    """
    feed = "from_stop_id,to_stop_id,transfer_type,min_transfer_time\na,b,2,600\nb,c,2,300\n"
    folder = write_network(
        tmp_path / "net", {**CITIES, "transfers.csv": HEADER + "a,b,20,measured\n"}, transfers=feed
    )
    assert walks_of(folder) == {("a", "b"): 1200, ("b", "c"): 300}


def test_stations_of_lines_count_and_may_be_switched_off(tmp_path: Path) -> None:
    """A station that a line brings is known; without the lines its transfer goes too."""
    line = (
        "line_id,line_zh,stop_sequence,station_id,lon,lat,minutes,headways,confidence\n"
        "m,线,1,m1,104.01,30.0,0,06:00-07:00=10,high\nm,线,2,m2,104.05,30.0,5,06:00-07:00=10,high\n"
    )
    files = {**CITIES, "lines.csv": line, "transfers.csv": HEADER + "m1,a,4,guess\n"}
    folder = write_network(tmp_path / "net", files)
    assert walks_of(folder) == {("m1", "a"): 240}
    assert walks_of(folder, lines=False) == {}


def test_every_problem_is_named(tmp_path: Path) -> None:
    """Unknown and equal stations, a pair twice, minutes that are none or too many: row and field of
    each.
    """
    rows = "a,x,1,\na,a,1,\na,b,1,\na,b,2,\nb,a,soon,\nb,c,500,\n"
    path = write_files(tmp_path, {"transfers.csv": HEADER + rows}) / "transfers.csv"
    with pytest.raises(InputError) as raised:
        read_transfers(path, {"a", "b", "c"})
    assert [(i.row, i.field, i.code) for i in raised.value.issues] == [
        (1, "to", "unknown-reference"),
        (2, "to", "same-station"),
        (4, "to", "duplicate-key"),
        (5, "minutes", "bad-number"),
        (6, "minutes", "out-of-range"),
    ]


def test_cities_say_whether_their_metro_is_in_the_network(tmp_path: Path) -> None:
    """yes, no, or blank for no; anything else is an error of its row."""
    head, *rows = CITIES["cities.csv"].splitlines()
    table = "\n".join([f"{head},metro", f"{rows[0]},yes", f"{rows[1]},", ""])
    network = load_network(write_network(tmp_path / "net", {**CITIES, "cities.csv": table}))
    assert [(city.slug, city.metro) for city in network.cities] == [("jia", True), ("bing", False)]
    wrong = write_network(
        tmp_path / "wrong", {**CITIES, "cities.csv": table.replace("yes", "maybe")}
    )
    with pytest.raises(InputError, match="row 1 field metro"):
        load_network(wrong)
