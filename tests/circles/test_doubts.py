"""Trips left out in reading by station and city, and cities with few trains from outside, by hand
and in real feeds.
"""

from __future__ import annotations

import csv
import io
import warnings
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import railshed
from railshed.circles.doubts import find_left_out, judge_left_out
from railshed.io.gtfs.read import read_gtfs
from railshed.io.networks import load_network
from railshed.maps.circle import draw_circle
from railshed.network.checks import validate
from railshed.network.sparse_service import large_cities, sparse_service, sparse_service_of
from railshed.network.trip_series import often
from railshed.questions.circle.map import circle_map
from tests.support.clirunner import Command, assert_mistake
from tests.support.feeds import feed_with, write_zip
from tests.support.made_maps import said
from tests.support.shared import SHARED, needs
from tests.support.small_networks import place, small_network

Rows = list[dict[str, str]]
CALTRAIN = SHARED / "gtfs" / "caltrain_2023.zip"
BAYSHORE = (-122.4017, 37.7077)


def mended(path: Path, source: Path, table: str, change: Callable[[Rows], None]) -> Path:
    """Write a feed with one table changed; returns its path."""
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(path, "w") as new:
        for name in old.namelist():
            data = old.read(name)
            if name == table:
                rows = list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"))))
                fields, text = list(rows[0]), io.StringIO()
                change(rows)
                writer = csv.DictWriter(text, fields)
                writer.writeheader()
                writer.writerows(rows)
                data = text.getvalue().encode()
            new.writestr(name, data)
    return path


def without_times(trips: set[str]) -> Callable[[Rows], None]:
    """Return a change that writes no clock into the second call of each of some trips."""

    def change(rows: Rows) -> None:
        seen: dict[str, int] = {}
        for row in rows:
            seen[row["trip_id"]] = seen.get(row["trip_id"], 0) + 1
            if row["trip_id"] in trips and seen[row["trip_id"]] == 2:
                row["arrival_time"] = "noon"

    return change


def trips_by_hand(n: int, out: int) -> dict[str, str | bytes]:
    """A feed of n trips from a over b to c, the last two to b alone; the first `out` have a clock
    that is none.
    """
    trips, times = (
        "route_id,service_id,trip_id\n",
        "trip_id,arrival_time,departure_time,stop_id,stop_sequence\n",
    )
    for k in range(n):
        trips += f"r,weekdays,t{k}\n"
        times += (
            f"t{k},08:00:00,08:00:00,a,1\nt{k},{'8h20' if k < out else '08:20:00'},08:20:00,b,2\n"
        )
        times += f"t{k},08:40:00,08:40:00,c,3\n" * (k < n - 2)
    return feed_with(trips=trips, stop_times=times)


def test_counts_by_station(tmp_path: Path) -> None:
    """2 of 40 trips with 8h20 for a clock: 2 of 40 at a and b, 2 of 38 at c; a stranger in
    stop_times is one more.
    """
    feed = read_gtfs(write_zip(tmp_path / "f.zip", trips_by_hand(40, 2)))
    about = {"reason": "bad-time", "file": "stop_times.txt", "trips_left_out": 2}
    assert feed.left_out == tuple(
        {"station_id": s, "trips": n, "by_service": {"weekdays": (2, n)}, **about}
        for s, n in (("a", 40), ("b", 40), ("c", 38))
    )
    files = trips_by_hand(40, 1)
    files["stop_times.txt"] = (
        str(files["stop_times.txt"]) + "ghost,09:00:00,09:00:00,c,1\nghost,09:20:00,09:20:00,a,2\n"
    )
    stranger = read_gtfs(write_zip(tmp_path / "g.zip", files)).left_out
    assert [(r["station_id"], r["trips_left_out"], r["trips"], r["reason"]) for r in stranger] == [
        ("a", 2, 41, "bad-time"),
        ("b", 1, 40, "bad-time"),
        ("c", 2, 39, "bad-time"),
    ]
    assert [r["by_service"] for r in stranger] == [
        {"": (1, 1), "weekdays": (1, 40)},
        {"weekdays": (1, 40)},
        {"": (1, 1), "weekdays": (1, 38)},
    ]
    assert read_gtfs(write_zip(tmp_path / "h.zip", trips_by_hand(40, 0))).left_out == ()
    merged = load_network([f"x={tmp_path / 'f.zip'}", f"y={tmp_path / 'f.zip'}"]).left_out
    assert [(r["station_id"], r["file"]) for r in merged[::3]] == [
        ("x:a", "x:stop_times.txt"),
        ("y:a", "y:stop_times.txt"),
    ]
    assert [r["by_service"] for r in merged[::3]] == [
        {"x:weekdays": (2, 40)},
        {"y:weekdays": (2, 40)},
    ]


def test_the_commonest_reason_names_the_file(tmp_path: Path) -> None:
    """Of two trips one has no service, one no clock: of equal numbers the first file; a third one
    decides.
    """
    files = trips_by_hand(60, 1)
    files["trips.txt"] = str(files["trips.txt"]).replace("weekdays,t1\n", "never,t1\n")
    (row, *_) = read_gtfs(write_zip(tmp_path / "f.zip", files)).left_out
    assert (row["trips_left_out"], row["file"], row["reason"]) == (2, "stop_times.txt", "bad-time")
    files["trips.txt"] = str(files["trips.txt"]).replace("weekdays,t2\n", "never,t2\n")
    (row, *_) = read_gtfs(write_zip(tmp_path / "f.zip", files)).left_out
    assert (row["trips_left_out"], row["file"], row["reason"]) == (
        3,
        "trips.txt",
        "unknown-reference",
    )


def row(share: float, allowed: float) -> dict[str, Any]:
    """A row of `left_out_rows`."""
    return {
        "station_id": "a",
        "name": "A",
        "trips_left_out": 6,
        "trips": 100,
        "share": share,
        "allowed": allowed,
        "reason": "bad-time",
        "file": "stop_times.txt",
    }


@pytest.mark.parametrize(
    ("share", "allowed", "n"), [(0.05, 0.05, 0), (0.051, 0.05, 1), (0.1, 0.1, 0), (0.11, 0.1, 1)]
)
def test_limits_of_terminals_and_stations(share: float, allowed: float, n: int) -> None:
    """5 % at a terminal and 10 % at another station may be left out, no more; a warning, an error,
    or neither.
    """
    rows = [row(share, allowed)]
    judge_left_out(rows, "x", True)
    if not n:
        judge_left_out(rows, "x", None)
        judge_left_out(rows, "x", False)
        return
    with pytest.warns(railshed.RailshedWarning, match="too many trips left out at 1 station"):
        judge_left_out(rows, "x", None)
    with pytest.raises(
        railshed.InputError,
        match=r"6 of 100 trips at A \(a\) are left out .*bad-time.*--allow-loss",
    ):
        judge_left_out(rows, "x", False)


def test_check_judges_terminals(tmp_path: Path, cli: Command) -> None:
    """2 of 40 trips at a and b are 5 %, 2 of 38 at c are more: a warning, as some circle may have c
    as its terminal.

    It is an error where c is a terminal of the network's own cities, unless the loss is allowed.
    """
    feed, place = write_zip(tmp_path / "f.zip", trips_by_hand(40, 2)), "104.6,30.0"
    network = load_network(feed)
    assert find_left_out(load_network(write_zip(tmp_path / "g.zip", trips_by_hand(40, 1)))) == []
    cities = {
        name: (railshed.city_at(network, lon, 30.0, name="X"),)
        for name, lon in (("a", 104.0), ("c", 104.6))
    }
    for own, allow, severity in (
        ("", False, "warning"),
        ("a", False, "warning"),
        ("c", False, "error"),
        ("c", True, "warning"),
    ):
        (issue,) = find_left_out(replace(network, cities=cities.get(own, ())), allow)
        assert (issue.severity, issue.code, issue.file) == (severity, "left-out", "stop_times.txt")
        assert issue.message.startswith(
            "2 of 38 trips at 丙 (c) are left out in reading (5.3%, at most 5% at a terminal"
        )
    checked = cli("check", feed, "--full")
    assert (checked.code, "left-out" in checked.out, "--allow-loss" in checked.out) == (
        0,
        True,
        True,
    )
    asked = ("circle", "-n", feed, f"--at={place}", "--name", "X", "--draws", "0", "--no-car")
    assert_mistake(cli(*asked), "2 of 38 trips", "--allow-loss")
    assert cli(*asked, "--allow-loss").code == 0


@pytest.fixture
def broken_caltrain(tmp_path: Path) -> Path:
    """Caltrain's feed with the second clock of eight of its 118 trips at Bayshore no clock."""
    network = load_network(CALTRAIN)
    calls, here = network.stop_times, network.station_index()["bayshore"]
    trips = np.unique(calls.trip_idx[calls.station_idx == here])
    assert len(trips) == 118
    chosen = {network.trips.trip_ids[k] for k in trips[:8].tolist()}
    return mended(tmp_path / "caltrain.zip", CALTRAIN, "stop_times.txt", without_times(chosen))


@needs("gtfs/caltrain_2023.zip")
def test_trips_of_caltrain_without_times(
    broken_caltrain: Path, tmp_path: Path, cli: Command
) -> None:
    """8 of 118 trips at Bayshore have no clock. A warning in Python; exit 2 without --allow-loss.

    5 of the 8 run on the service day, a Tuesday: 10.9 % of 46 at the terminal, and 4.8 % of the 104
    at San Francisco, which is in the circle.
    """
    network = load_network(broken_caltrain)
    city = railshed.city_at(network, *BAYSHORE, name="Bayshore")
    with pytest.warns(
        railshed.RailshedWarning,
        match=r"5 of 46 trips at Bayshore \(bayshore\) .*10\.9%, at most 5%",
    ):
        found = railshed.circle(network, city, draws=0)
    rows = {row["station_id"]: row for row in found.summary.left_out}
    assert (rows["bayshore"]["share"], rows["bayshore"]["allowed"]) == (0.1087, 0.05)
    assert (rows["san_francisco"]["share"], rows["san_francisco"]["allowed"]) == (0.0481, 0.1)
    assert found.summary.left_out[0]["station_id"] == "bayshore"
    assert "trips left out in reading" in said(draw_circle(circle_map(found)))
    asked = (
        "circle",
        "-n",
        broken_caltrain,
        "--at",
        "-122.4017,37.7077",
        "--draws",
        "0",
        "--no-car",
        "--no-progress",
    )
    assert_mistake(
        cli(*asked, "-o", tmp_path / "out"), "too many trips left out", "Bayshore", "--allow-loss"
    )
    assert not (tmp_path / "out").exists()
    allowed = cli(*asked, "--allow-loss")
    assert allowed.code == 0
    assert "trips left out in reading at" in allowed.out
    with warnings.catch_warnings():
        warnings.simplefilter("error", railshed.RailshedWarning)
        run = railshed.prepare(network, allow_loss=True)
        assert railshed.circle(run, city, draws=0).summary.left_out == found.summary.left_out
        with pytest.raises(railshed.InputError, match="too many trips left out"):
            railshed.circle(run.changed(allow_loss=False), city, draws=0)
        whole = load_network(CALTRAIN)
        assert railshed.circle(whole, city, draws=0).summary.left_out == []


@needs("gtfs/caltrain_2023.zip")
def test_the_peak_trains_of_a_terminal(tmp_path: Path) -> None:
    """The 8 trains that reach San Francisco from 07:30 to 09:30 are 4.5 % of a week's 176, and 8 of
    a Tuesday's 104.

    On a Saturday none is left out.
    """
    peak = {"105", "403", "301", "303", "405", "107", "703", "705"}
    network = load_network(
        mended(tmp_path / "f.zip", CALTRAIN, "stop_times.txt", without_times(peak))
    )
    city = railshed.city_at(network, -122.3945, 37.7764, name="x")
    with pytest.raises(
        railshed.InputError, match=r"8 of 104 trips at San Francisco .*7\.7%, at most 5%"
    ):
        railshed.circle(railshed.prepare(network, allow_loss=False), city, draws=0)
    saturday = railshed.prepare(network, date="2023-10-28", allow_loss=False)
    assert railshed.circle(saturday, city, draws=0).summary.left_out == []


@needs("gtfs/caltrain_2023.zip")
def test_which_stations_count() -> None:
    """Stations within 90 minutes of San Francisco, and those nearer than the farthest that lost
    every trip.
    """
    names = {
        "san_francisco": 1,
        "22nd_street": 2,
        "gilroy": 3,
        "stanford": 3,
        "menlo_park": 100,
        "zz": 100,
    }
    lost = tuple(
        {
            "station_id": name,
            "by_service": {"": (n, 100)},
            "reason": "bad-time",
            "file": "stop_times.txt",
        }
        for name, n in names.items()
    )
    network = replace(load_network(CALTRAIN), left_out=lost)
    run = railshed.prepare(network, allow_loss=True)
    rows = railshed.circle(
        run, railshed.city_at(network, -122.3945, 37.7764, name="x"), draws=0
    ).summary.left_out
    assert [(row["station_id"], row["share"], row["allowed"]) for row in rows] == [
        ("menlo_park", 1.0, 0.1),
        ("22nd_street", 0.02, 0.1),
        ("san_francisco", 0.01, 0.05),
    ]


@needs("gtfs/db_fernverkehr_2019.zip")
@pytest.mark.parametrize("name", ["Berlin", "Hamburg"])
def test_long_distance_trains_alone(name: str) -> None:
    """Berlin and Hamburg by long-distance trains say that S-Bahn trains are missing: in check,
    screen and map.
    """
    network = load_network(SHARED / "gtfs" / "db_fernverkehr_2019.zip")
    (city,) = [city for city in large_cities(network) if city.name == name]
    found = sparse_service(network, city, *often(network))
    assert found is not None
    assert found["arrivals_an_hour"] * 1_000_000 < 5 * found["people"]
    (issue,) = [issue for issue in validate(network) if issue.code == "sparse-service"]
    assert (
        f"{name} {found['people'] / 1e6:.1f} million, {found['arrivals_an_hour']:g}"
        in issue.message
    )


@needs("gtfs/wmata_2026-04.zip", "gtfs/bart_2023.zip", "gtfs/sao_paulo_freq_sample.zip")
@pytest.mark.parametrize(
    "name", ["wmata_2026-04", "bart_2023", "caltrain_2023", "sao_paulo_freq_sample"]
)
def test_feeds_with_their_suburban_trains(name: str) -> None:
    """Washington, San Francisco and São Paulo have enough; series are counted without writing them
    out.
    """
    network = load_network(SHARED / "gtfs" / f"{name}.zip")
    assert "sparse-service" not in [issue.code for issue in validate(network)]
    assert [sparse_service(network, city, *often(network)) for city in large_cities(network)] == [
        None
    ] * len(large_cities(network))


#: three stations on a line of 30 km, the first of which is the terminal of a large town
LINE = {"end": (0.0, 0.0), "near": (8.0, 0.0), "far": (30.0, 0.0)}


def town(n: int, *, first: str = "far", route_type: int = 2) -> tuple[Any, Any]:
    """A network of n trains from `first` to the terminal that arrive every 5 minutes from 07:35 on,
    and its town.
    """
    trips: Any = {
        f"t{k}": [
            (first, f"07:{k % 4:02d}"),
            ("end", f"{7 + (35 + 5 * k) // 60:02d}:{(35 + 5 * k) % 60:02d}"),
        ]
        for k in range(n)
    }
    network = small_network(LINE, trips, route_type=route_type)
    city = railshed.city_at(network, *place(0.0), name="x")
    return network, city


@pytest.mark.parametrize(
    ("people", "n", "first", "route_type", "found"),
    [
        (1_000_000, 12, "far", 2, None),  # 12 in two hours: 6 an hour for a million
        (1_000_000, 11, "far", 2, 5.5),
        (1_100_000, 12, "far", 2, 6.0),  # 6.6 are asked for
        (999_999, 0, "far", 2, None),  # no large town
        (1_000_000, 12, "near", 2, 0.0),  # from 8 km: not from outside
        (1_000_000, 12, "far", 1, None),  # a metro
        (1_000_000, 12, "far", 3, 0.0),  # buses
    ],
)
def test_arrivals_for_each_million(
    monkeypatch: pytest.MonkeyPatch,
    people: int,
    n: int,
    first: str,
    route_type: int,
    found: float | None,
) -> None:
    """Arrivals an hour from outside in the morning window, at least 6 for each million people."""
    network, city = town(max(n, 1), first=first, route_type=route_type)
    monkeypatch.setattr(
        "railshed.network.sparse_service._people_and_outside",
        lambda *_: (people, outside(network).__getitem__),
    )
    expected = None if found is None else {"people": people, "arrivals_an_hour": found}
    assert sparse_service(network, city, *often(network)) == expected
    own = replace(network, cities=(city,))
    other = replace(city, window_to=(0, 60))
    assert [sparse_service_of(own, one, network.date) for one in (city, other, city)] == [
        expected,
        sparse_service(network, other, *often(network)),
        expected,
    ]
    monkeypatch.delattr("railshed.network.sparse_service.sparse_service")
    assert (
        sparse_service_of(own, city, network.date) == expected
    )  # known: the calls are not looked through again
    with pytest.raises(NameError):
        sparse_service_of(own, other, network.date)


def outside(network: Any) -> Any:
    """Return which stations lie more than 10 km from the terminal."""
    return np.array([s.station_id == "far" for s in network.stations])
