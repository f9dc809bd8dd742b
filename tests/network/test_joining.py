"""Networks joined: two halves of the grid city against the whole, and what two networks may not
define differently.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import shutil
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import railshed
from railshed.io.cache import load_network_once
from railshed.io.networks import load_network
from railshed.network.checks import validate
from railshed.network.joining import join_networks
from railshed.network.model import Network
from railshed.util.errors import InputError
from railshed.util.files import networks_root
from tests.support.feeds import FEED, LINES, feed_with, write_files, write_network, write_zip

TOY = networks_root() / "toy"
FAST = ("fast-east", "fast-west", "weekend")


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def text_of(rows: list[dict[str, str]]) -> str:
    found = io.StringIO()
    writer = csv.DictWriter(found, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return found.getvalue()


def half(folder: Path, *, fast: bool) -> Path:
    """Write the grid city with its fast lines and lines.csv, or with all the others; each with its
    own stations.
    """
    shutil.copytree(TOY, folder)
    with zipfile.ZipFile(TOY / "timetable.zip") as feed:
        tables = {name: rows_of(feed.read(name).decode()) for name in feed.namelist()}
    for name in ("routes.txt", "trips.txt"):
        tables[name] = [row for row in tables[name] if (row["route_id"] in FAST) == fast]
    trips = {row["trip_id"] for row in tables["trips.txt"]}
    tables["stop_times.txt"] = [row for row in tables["stop_times.txt"] if row["trip_id"] in trips]
    called = {row["stop_id"] for row in tables["stop_times.txt"]}
    tables["stops.txt"] = [row for row in tables["stops.txt"] if row["stop_id"] in called]
    with zipfile.ZipFile(folder / "timetable.zip", "w") as feed:
        for name, rows in tables.items():
            feed.writestr(name, text_of(rows))
    core = rows_of((TOY / "core_stations.csv").read_text(encoding="utf-8"))
    text = text_of([row for row in core if row["station_id"] in called])
    (folder / "core_stations.csv").write_text(text, encoding="utf-8")
    if not fast:
        (folder / "lines.csv").unlink()
    return folder


@pytest.fixture(scope="module")
def halves(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    root = tmp_path_factory.mktemp("halves")
    return f"a={half(root / 'fast', fast=True)}", f"b={half(root / 'slow', fast=False)}"


def test_two_halves_give_the_circle_of_the_whole(halves: tuple[str, str], toy: Network) -> None:
    """Every second of every cell, people and area of each reading are those of the whole, for both
    cities.
    """
    joined = load_network(halves)
    assert (joined.network_id, joined.date, joined.timezone) == ("a+b", toy.date, toy.timezone)
    assert (joined.title, joined.title_en) == (toy.title, toy.title_en)
    assert (joined.n_trips, joined.n_calls) == (toy.n_trips, toy.n_calls)
    assert joined.n_stations == toy.n_stations + 2  # mid and southeast stand in both
    assert joined.get_city("mid").core_station_ids == ("a:mid", "a:midsouth", "b:mid")
    assert joined.get_city("east").core_station_ids == ("a:east", "b:eastnorth")
    assert joined.get_city("mid").centres == toy.get_city("mid").centres
    assert joined.regions == toy.regions
    assert joined.sources == toy.sources
    assert joined.counties.equals(toy.counties)
    assert joined.population.equals(toy.population)
    assert {s.county_code for s in joined.stations} == {s.county_code for s in toy.stations}
    for slug in ("mid", "east"):
        one, whole = (
            railshed.circle(joined, slug, direction="both"),
            railshed.circle(toy, slug, direction="both"),
        )
        assert one.counts.land.row.tolist() == whole.counts.land.row.tolist()
        for name, surface in whole.surfaces.items():
            for kind in ("by_rail_s", "total_s", "local_s"):
                assert np.array_equal(getattr(one.surfaces[name], kind), getattr(surface, kind)), (
                    slug,
                    name,
                    kind,
                )
            mine, other = (circle.summary.readings[name].table for circle in (one, whole))
            keys = ("cutoff_min", "kind", "people", "area_km2")
            assert [[row[k] for k in keys] for row in mine] == [
                [row[k] for k in keys] for row in other
            ]


def test_ids_lines_and_services_have_the_prefix(halves: tuple[str, str], toy: Network) -> None:
    """The order of the networks changes no trip; services of headway lines are still
    known as such.
    """
    one, other = load_network(halves), load_network(halves[::-1])
    assert set(one.trips.trip_ids) == set(other.trips.trip_ids)
    assert {trip.partition(":")[2] for trip in one.trips.trip_ids} == set(toy.trips.trip_ids)
    assert [s.service_id for s in one.services] == [
        "a:daily",
        "a:weekend",
        "b:daily",
        "b:weekend",
        "lines:a:daily",
    ]
    assert one.lines_included == toy.lines_included
    assert [issue for issue in validate(one) if issue.severity == "error"] == []


def test_a_joined_network_comes_from_the_cache_equal(
    halves: tuple[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Read twice through the cache, the second time unpacked: the same parts."""
    monkeypatch.setenv("RAILSHED_CACHE_DIR", str(tmp_path))
    monkeypatch.delenv("RAILSHED_NETWORK_CACHE")
    first, second = load_network_once(halves), load_network_once(halves)
    assert first is not second
    for part in (
        "stations",
        "services",
        "cities",
        "regions",
        "notes",
        "checksums",
        "title",
        "lines_left_out",
    ):
        assert getattr(first, part) == getattr(second, part)
    assert first.stop_times.arrival_s.tolist() == second.stop_times.arrival_s.tolist()


def test_a_feed_joins_a_folder(tmp_path: Path) -> None:
    """A feed in another time zone and a folder: the folder's day, cities and people, clocks of the
    first.
    """
    zone = FEED["agency.txt"].replace("Asia/Shanghai", "Asia/Tokyo")
    feed = write_zip(tmp_path / "x.zip", feed_with(agency=zone))
    joined = load_network(["toy", f"x={feed}"])
    toy = load_network("toy")
    assert joined.date == toy.date
    assert joined.title == f"{toy.title} + x"
    assert [c.slug for c in joined.cities] == ["mid", "east"]
    assert joined.population.equals(toy.population)
    # Tokyo is two hours ahead of Etc/GMT-7
    assert (
        joined.stop_times.departure_s[
            joined.trips.trip_ids.index("x:t1") == joined.stop_times.trip_idx
        ][0]
        == 21600
    )
    assert "x: clock times moved by -2 h from Asia/Tokyo to Etc/GMT-7" in joined.notes
    with pytest.raises(
        InputError, match=r"x\.zip: no trip runs on 2024-05-18 \(Saturday\).* no Saturday has trips"
    ):
        load_network(["toy", f"x={feed}"], date="2024-05-18")


def test_windows_move_with_the_clocks_of_their_network(tmp_path: Path) -> None:
    """By the clocks of Tokyo the city's peak is two hours later; by those of Los Angeles it is the
    day before.
    """
    toy = load_network("toy")
    for zone, hours in (("Asia/Tokyo", 2), ("America/Los_Angeles", -14)):
        agency = FEED["agency.txt"].replace("Asia/Shanghai", zone)
        feed = write_zip(tmp_path / "x.zip", feed_with(agency=agency))
        if hours < 0:
            with pytest.raises(
                InputError, match="window of mid is empty or not within 00:00-28:00"
            ):
                load_network([f"x={feed}", "toy"], date=toy.date)
            continue
        city, (start, end) = (
            load_network([f"x={feed}", "toy"], date=toy.date).get_city("mid"),
            toy.cities[0].window_to,
        )
        assert city.window_to == (start + hours * 3600, end + hours * 3600)


def test_the_day_is_that_of_all_or_is_asked_for(tmp_path: Path) -> None:
    """Folders of different days need one; a folder of headway lines alone runs on any."""
    one, two = write_network(tmp_path / "one"), write_network(tmp_path / "two")
    write_files(two, {"network.toml": 'title = "x"\ndate = 2024-05-16\n'})
    with pytest.raises(
        InputError, match=r"one is of 2024-05-15, .*two is of 2024-05-16: give a day on which all"
    ):
        load_network([one, two])
    assert load_network([one, two], date="2024-05-16").n_trips == 4
    table = LINES["lines.csv"].replace(
        "m,市郊线,Suburban,1,b,,,,,0", "m,市郊线,Suburban,1,b,乙,Yi,104.3,30.0,0"
    )
    alone = write_network(tmp_path / "alone", {"lines.csv": table.replace(",bus,jia,", ",bus,,")})
    (alone / "timetable.zip").unlink()
    assert load_network([one, alone]).n_trips == 2 + 60
    assert load_network([alone, f"b={alone}"]).n_trips == 120


def test_what_two_networks_define_differently_comes_together(toy: Network) -> None:
    """A city, a region, assumptions, the grid of people, a county and its people: one error with
    all of them.
    """
    city, region = toy.cities[0], toy.regions[0]
    counties, people = toy.counties.copy(), toy.population.copy()
    counties.loc[0, "county"], people.loc[0, "people"] = "别名", 7.0
    other = replace(
        toy,
        cities=(replace(city, centres=city.centres[:1], role="secondary"), *toy.cities[1:]),
        regions=(replace(region, name="别区"), *toy.regions[1:]),
        assumptions={"walk": 2},
        population_cell_deg=0.5,
        counties=counties,
        population=people,
    )
    with pytest.raises(InputError) as caught:
        join_networks({"a": replace(toy, assumptions={"walk": 1, "bike": 3}), "b": other})
    found = [(issue.file, issue.value, issue.message) for issue in caught.value.issues]
    says = "a and b define it differently"
    assert found == [
        ("cities.csv", city.slug, f"{says} (centres, role)"),
        ("regions.csv", region.region_id, f"{says} (name)"),
        ("network.toml", "walk", f"{says} (1, 2)"),
        ("network.toml", "population_cell_deg", f"{says} (0.01, 0.5)"),
        ("boundaries.parquet", str(counties["county_code"][0]), says),
        ("population.parquet", str(people["county_code"][0]), says),
    ]


def test_counties_of_both_are_united(toy: Network) -> None:
    """West and east of the grid city with counties of their own: all counties and people once, in
    order of code.
    """
    west = toy.counties["county_code"] < "99"
    codes = toy.counties["county_code"][west]
    lives_west = toy.population["county_code"].isin(codes)
    parts = [
        replace(toy, counties=toy.counties[of], population=toy.population[lives])
        for of, lives in ((west, lives_west), (~west, ~lives_west))
    ]
    joined = join_networks(dict(zip("ab", parts, strict=True)))
    assert 0 < len(codes) < len(toy.counties)
    assert joined.counties.equals(toy.counties)
    assert joined.population.equals(toy.population)


def test_links_and_other_days_are_refused(toy: Network) -> None:
    graph = railshed.from_networkx(toy.to_networkx())
    with pytest.raises(InputError, match=r"several service days \(a 2024-05-15, b 2024-05-16\)"):
        join_networks({"a": toy, "b": replace(toy, date=toy.date + dt.timedelta(days=1))})
    with pytest.raises(
        InputError, match="network b has links instead of a timetable: join its graph"
    ):
        join_networks({"a": toy, "b": graph})
