"""Networks written as GTFS and as folders read back to the same network; nothing half-written is
left.
"""

from __future__ import annotations

import datetime as dt
import zipfile
from dataclasses import replace
from pathlib import Path
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from railshed import prepare
from railshed.assumptions.assumptions import default_assumptions
from railshed.io.folder.write import write_network
from railshed.io.gtfs.read import read_gtfs
from railshed.io.gtfs.write import write_gtfs
from railshed.io.networks import load_network
from railshed.network.dates import Days
from railshed.network.model import Network, Service, Transfers
from railshed.network.ordering import int32
from railshed.questions.reach import reach
from railshed.routing.compile import compile_network
from railshed.util.errors import InputError, OutputError
from railshed.util.units import UNREACHED
from tests.support.clirunner import Command
from tests.support.feeds import feed_with, write_zip
from tests.support.random_networks import ref_networks, to_model
from tests.support.random_scenarios import canonical

ROOT = Path(__file__).parents[2]
CHINA = ROOT / "networks" / "china" / "timetable.zip"


def assert_same_timetable(a: Network, b: Network) -> None:
    """Stations, services, trips, calls and transfers are equal, field by field."""
    assert a.stations == b.stations
    assert a.services == b.services
    for part in ("trips", "stop_times", "transfers"):
        one, other = getattr(a, part), getattr(b, part)
        for name in type(one).__slots__:
            assert np.array_equal(getattr(one, name), getattr(other, name)), f"{part}.{name}"


def rows_of(path: Path, member: str) -> list[str]:
    with zipfile.ZipFile(path) as archive:
        return archive.read(member).decode("utf-8").splitlines()


@pytest.mark.slow
@settings(max_examples=100, deadline=None)
@given(ref_networks(), st.integers(0, 2**16))
def test_any_network_reads_back(tmp_path_factory: pytest.TempPathFactory, net, seed: int) -> None:
    """Random networks, some changes and walks forbidden, are the same after writing and reading.

    Stations stand a hundred metres apart: the reader takes no trip that crosses a city in no time.
    """
    rng = Random(seed)
    model = canonical(to_model(net))
    stations = tuple(
        replace(
            s,
            lon=100 + (s.lon - 100) / 100,
            lat=10 + (s.lat - 10) / 100,
            change_s=rng.choice((s.change_s, None, UNREACHED)),
            station_class=rng.choice(("hub", "metro")),
            coord_confidence=rng.choice(("high", "low")),
            county_code=rng.choice(("", "100101")),
        )
        for s in model.stations
    )
    walks = model.transfers
    seconds = int32([UNREACHED if rng.random() < 0.2 else s for s in walks.seconds.tolist()])
    model = replace(model, stations=stations, transfers=replace(walks, seconds=seconds))
    path = tmp_path_factory.mktemp("feed") / "feed.zip"
    write_gtfs(model, path)
    table = read_gtfs(path).timetable
    parts = {
        name: getattr(table, name)
        for name in ("stations", "services", "trips", "stop_times", "transfers")
    }
    assert_same_timetable(replace(model, **parts), model)


@pytest.mark.parametrize("lines", [True, False])
def test_the_toy_network_reads_back(tmp_path: Path, lines: bool) -> None:
    """The toy network, headway lines and all, gives what the kernels see to the last bit, and the
    same bytes twice.
    """
    toy = load_network("toy", lines=lines)
    notes = write_gtfs(toy, tmp_path / "toy.zip")
    again = load_network(tmp_path / "toy.zip")
    assert again.date == toy.date == dt.date(2024, 5, 15)
    assumptions = default_assumptions(toy.assumptions)
    bare = replace(toy, counties=None, population=None)
    assert (
        compile_network(again, assumptions).fingerprint()
        == compile_network(bare, assumptions).fingerprint()
    )
    assert again.trips.names == toy.trips.names
    assert again.trips.route_ids == toy.trips.route_ids
    assert again.timezone == toy.timezone
    assert len(notes) == int(lines)
    write_gtfs(toy, tmp_path / "two.zip")
    assert (tmp_path / "toy.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()


def test_minutes_of_single_stations_are_noted_as_not_written(tmp_path: Path) -> None:
    """Two stations of the toy with entry or exit minutes of their own: a note counts them, else
    there is none.
    """
    toy = load_network("toy", lines=False)
    assert write_gtfs(toy, tmp_path / "toy.zip") == ()
    first, second, *others = toy.stations
    own = (replace(first, entry_s=60), replace(second, exit_s=0), *others)
    (note,) = write_gtfs(replace(toy, stations=own), tmp_path / "own.zip")
    assert note.startswith(
        "stops.txt: entry and exit minutes of their own at 2 stations are not written"
    )
    assert "adjust-station-time" in note
    assert load_network(tmp_path / "own.zip").stations == toy.stations


@pytest.mark.slow
@pytest.mark.skipif(not CHINA.is_file(), reason="needs networks/china/timetable.zip")
def test_china_read_back_gives_the_same_reach_tables(
    china: Network, railshed: Command, tmp_path: Path
) -> None:
    """China exported by the command line and read without --date: tables to and from four stations,
    bit for bit.
    """
    assert railshed("export-gtfs", "-n", "china", "-o", tmp_path / "china.zip").code == 0
    again = load_network(tmp_path / "china.zip")
    assert again.date == china.date
    assert again.stations == china.stations
    before, after = prepare(china), prepare(again)
    for station in ("成都东", "北京南", "上海虹桥", "广州南"):
        for direction in ("to", "from"):
            table = reach.reach(before, [station], direction=direction, percentiles=[0, 50, 75])
            other = reach.reach(after, [station], direction=direction, percentiles=[0, 50, 75])
            assert table["travel_time_p0"].notna().sum() > 1
            assert table.equals(other)


def test_a_feed_of_three_days_without_feed_info_is_read_on_the_middle_one(tmp_path: Path) -> None:
    """Another tool may drop feed_info.txt or write its own: the day with both its neighbours is the
    service day.
    """
    toy = load_network("toy", lines=False)
    days = (toy.date - dt.timedelta(days=1), toy.date + dt.timedelta(days=1))
    services = tuple(
        replace(s, start_date=days[0], end_date=days[1], weekdays=(True,) * 7) for s in toy.services
    )
    friday = replace(
        toy,
        date=dt.date(2024, 5, 17),
        services=tuple(
            replace(s, start_date=dt.date(2024, 5, 16), end_date=dt.date(2024, 5, 18))
            for s in services
        ),
    )
    write_gtfs(friday, tmp_path / "feed.zip")
    with zipfile.ZipFile(tmp_path / "feed.zip") as archive:
        files = {name: archive.read(name) for name in archive.namelist() if name != "feed_info.txt"}
    assert load_network(write_zip(tmp_path / "bare.zip", files)).date == dt.date(2024, 5, 17)


def test_a_service_day_that_no_longer_runs_is_not_taken(tmp_path: Path) -> None:
    """feed_version of an export whose calendar was changed after it: an ordinary Tuesday as for any
    feed.
    """
    info = "feed_publisher_name,feed_publisher_url,feed_lang,feed_version\n{},https://example.org,en,{}\n"
    for name, version, expected in (
        ("railshed", "2024-05-15", dt.date(2024, 5, 15)),
        ("railshed", "2023-05-15", dt.date(2024, 1, 9)),
        ("railshed", "v1", dt.date(2024, 1, 9)),
        ("X", "2024-05-15", dt.date(2024, 1, 9)),
    ):
        feed = write_zip(tmp_path / "f.zip", feed_with(feed_info=info.format(name, version)))
        assert load_network(feed).date == expected


def earlier_night() -> Network:
    """Return the toy network ten hours earlier, so that its first trains leave before midnight."""
    toy = load_network("toy", lines=False)
    services = (
        Service(
            "s",
            dt.date(2024, 5, 15),
            dt.date(2024, 5, 17),
            (True, False, True, True, True, True, True),
            Days.of({dt.date(2024, 5, 20)}),
            Days.of({dt.date(2024, 5, 17)}),
        ),
    )
    trips = replace(toy.trips, service_idx=int32(np.zeros(toy.n_trips)))
    calls = replace(
        toy.stop_times,
        arrival_s=int32(toy.stop_times.arrival_s - 10 * 3600),
        departure_s=int32(toy.stop_times.departure_s - 10 * 3600),
    )
    return canonical(
        replace(
            toy, services=services, trips=trips, stop_times=calls, counties=None, population=None
        )
    )


def test_times_before_midnight_become_the_day_before(tmp_path: Path) -> None:
    """Trips before 00:00 stand in a service whose days are one earlier; every travel time stays."""
    network = earlier_night()
    n_early = int((np.unique(network.stop_times.trip_idx[network.stop_times.arrival_s < 0])).size)
    notes = write_gtfs(network, tmp_path / "night.zip")
    assert notes == (
        f"trips.txt: {n_early} trips that begin before 00:00 are written as trips of a day before",
    )
    assert rows_of(tmp_path / "night.zip", "calendar.txt")[1:] == [
        "s,1,0,1,1,1,1,1,20240515,20240517",
        "s-1d,0,1,1,1,1,1,1,20240514,20240516",
    ]
    assert rows_of(tmp_path / "night.zip", "calendar_dates.txt")[1:] == [
        "s,20240520,1",
        "s,20240517,2",
        "s-1d,20240519,1",
        "s-1d,20240516,2",
    ]
    again = load_network(tmp_path / "night.zip", date=network.date)
    for way in ("to", "from"):
        for window in ((0, 7200), (79_200, 86_400)):
            table, other = (
                reach.reach(n, ["中城"], direction=way, window=window, percentiles=[0, 50])
                for n in (network, again)
            )
            assert table.equals(other)
    assert reach.reach(network, ["中城"], window=(0, 7200))["travel_time_p0"].notna().sum() > 3


def test_times_after_24_hours_stay(tmp_path: Path) -> None:
    """25:10:00 is written as such."""
    toy = load_network("toy", lines=False)
    calls = toy.stop_times
    late = replace(
        calls,
        arrival_s=int32(calls.arrival_s + 72_000),
        departure_s=int32(calls.departure_s + 72_000),
    )
    write_gtfs(replace(toy, stop_times=late), tmp_path / "late.zip")
    again = load_network(tmp_path / "late.zip", date=toy.date)
    assert again.stop_times.arrival_s.max() > 90_000
    assert sorted(again.stop_times.arrival_s.tolist()) == sorted(late.arrival_s.tolist())


def test_a_feed_has_what_gtfs_asks_for(tmp_path: Path) -> None:
    """Every file that GTFS requires is there with its required columns; a shared name is the
    route's.
    """
    toy = load_network("toy", lines=False)
    write_gtfs(toy, tmp_path / "toy.zip")
    with zipfile.ZipFile(tmp_path / "toy.zip") as archive:
        assert archive.namelist() == [
            "agency.txt",
            "attributions.txt",
            "calendar.txt",
            "calendar_dates.txt",
            "feed_info.txt",
            "routes.txt",
            "stop_times.txt",
            "stops.txt",
            "transfers.txt",
            "trips.txt",
        ]
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    assert rows_of(tmp_path / "toy.zip", "agency.txt")[1].endswith(
        ",https://example.org/,Etc/GMT-7"
    )
    assert "Invented" in rows_of(tmp_path / "toy.zip", "attributions.txt")[1]
    for row in rows_of(tmp_path / "toy.zip", "routes.txt")[1:]:
        assert any(row.split(",")[2:4])


def test_of_transfers_listed_twice_the_shorter_counts(tmp_path: Path) -> None:
    """As in every search on the network itself, also where one of the two is forbidden."""
    toy = load_network("toy", lines=False)
    twice = Transfers(int32([0, 0, 1, 1]), int32([1, 1, 0, 0]), int32([300, UNREACHED, 400, 350]))
    write_gtfs(replace(toy, transfers=twice), tmp_path / "toy.zip")
    again = load_network(tmp_path / "toy.zip", date=toy.date).transfers
    assert list(zip(again.from_idx, again.to_idx, again.seconds, strict=True)) == [
        (0, 1, 300),
        (1, 0, 350),
    ]


def test_routes_of_several_types_are_refused(tmp_path: Path) -> None:
    """One route cannot be rail and bus: the message names it, and no file is left."""
    toy = load_network("toy", lines=False)
    one_route = replace(
        toy.trips, route_ids=("r",) * toy.n_trips, route_types=int32([3, *[2] * (toy.n_trips - 1)])
    )
    with pytest.raises(InputError, match=r"several route types: r \(2, 3\)"):
        write_gtfs(replace(toy, trips=one_route), tmp_path / "toy.zip")
    assert list(tmp_path.iterdir()) == []


def test_a_network_folder_reads_back(tmp_path: Path) -> None:
    """network.toml holds title, date, time zone, sources and notes; the folder loads as the same
    network.
    """
    toy = load_network("toy", lines=False)
    source = {"title": "a feed", "licence": "CC0", "sha256": {"feed.zip": "ab"}}
    write_network(
        toy,
        tmp_path / "net",
        title_en="Grid",
        sources=[source],
        notes={"left_out": {"trips": 2}},
        files={"extra.txt": b"x"},
    )
    again = load_network(tmp_path / "net")
    assert (again.network_id, again.title, again.date, again.timezone) == (
        toy.network_id,
        toy.title,
        toy.date,
        toy.timezone,
    )
    assert_same_timetable(again, toy)
    assert again.title_en == "Grid"
    assert again.sources == ({"title": "a feed", "licence": "CC0", "sha256": "feed.zip ab"},)
    assert "network.toml left_out.trips: 2" in again.notes
    assert sorted(p.name for p in (tmp_path / "net").iterdir()) == [
        "extra.txt",
        "network.toml",
        "timetable.zip",
    ]
    assert sorted(p.name for p in tmp_path.iterdir()) == ["net"]
    write_network(toy, tmp_path / "usual")
    usual = load_network(tmp_path / "usual")
    assert (usual.title_en, [s["title"] for s in usual.sources]) == (
        toy.title_en,
        [s["title"] for s in toy.sources],
    )


def test_a_folder_with_files_is_replaced_only_with_overwrite(tmp_path: Path) -> None:
    """A network is replaced whole with overwrite only; what is no file of a network stays, a folder
    without one too.
    """
    toy = load_network("toy", lines=False)
    write_network(toy, tmp_path / "net", files={"lines.csv": b"x", "NOTES.md": b"mine"})
    (tmp_path / "net" / "scenarios").mkdir()
    (tmp_path / "net" / "scenarios" / "a.toml").write_text("", encoding="utf-8")
    with pytest.raises(OutputError, match="not empty"):
        write_network(toy, tmp_path / "net")
    write_network(toy, tmp_path / "net", overwrite=True)
    found = sorted(p.name for p in (tmp_path / "net").iterdir())
    assert found == ["NOTES.md", "network.toml", "scenarios", "timetable.zip"]
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "letter.txt").write_text("dear", encoding="utf-8")
    with pytest.raises(OutputError, match="no network folder"):
        write_network(toy, tmp_path / "home", overwrite=True)
    with pytest.raises(OutputError, match="is a file"):
        write_network(toy, tmp_path / "home" / "letter.txt")
    (tmp_path / "empty").mkdir()
    write_network(toy, tmp_path / "empty")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["empty", "home", "net"]


def test_a_failure_leaves_what_was_there(tmp_path: Path) -> None:
    """When the writing fails the old network stands as it was and no temporary folder is left."""
    write_network(load_network("toy", lines=False), tmp_path / "net")
    before = (tmp_path / "net" / "timetable.zip").read_bytes()
    with pytest.raises(OutputError, match="cannot be written"):
        write_network(
            load_network("toy"),
            tmp_path / "net",
            files={"no/such/folder.txt": b"x"},
            overwrite=True,
        )
    assert (tmp_path / "net" / "timetable.zip").read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["net"]
