"""Networks by id and path: folders, feeds, dates and what is missing."""

from __future__ import annotations

import datetime as dt
import hashlib
import random

import pytest

from railshed.io import paths
from railshed.io.csv import rows
from railshed.io.networks import list_networks, load_network
from railshed.io.paths import network_dir
from railshed.network.checks import validate
from railshed.util.errors import InputError, NotFoundError, ParameterError, RailshedError
from tests.support.feeds import (
    CITIES,
    FEED,
    LINES,
    feed_with,
    shuffled,
    write_files,
    write_network,
    write_zip,
)


@pytest.fixture
def shipped(tmp_path, monkeypatch):
    """A shipped networks folder with one good, one half and one broken network."""
    root = tmp_path / "networks"
    write_network(root / "good")
    write_files(root / "half", {"network.toml": "title = 'Half'"})
    write_files(root / "torn", {"network.toml": "title = "})
    write_files(root / "notes", {"readme.txt": "no network"})
    monkeypatch.setattr(paths, "networks_root", lambda: root)
    return root


def test_list_networks_lives_with_broken_ones(shipped):
    """A network that cannot be loaded is listed with its problem and hides no other."""
    rows = {row["id"]: row for row in list_networks()}
    assert list(rows) == ["good", "half", "torn"]
    assert rows["good"] == {
        "id": "good",
        "title": "试验",
        "title_en": "",
        "date": "2024-05-15",
        "folder": shipped / "good",
        "sources": ["invented"],
        "licences": ["CC0-1.0"],
        "counts": {"dropped.trains": 2},
        "problem": "",
    }
    assert rows["half"]["problem"] == "timetable.zip is missing"
    assert "no readable TOML" in rows["torn"]["problem"]


def test_no_shipped_networks_at_all(tmp_path, monkeypatch):
    monkeypatch.setattr(paths, "networks_root", lambda: tmp_path / "nowhere")
    assert list_networks() == []
    with pytest.raises(NotFoundError, match="Shipped: none"):
        network_dir("china")


def test_unknown_network_suggests_and_lists(shipped):
    """An unknown id suggests the nearest one and lists all."""
    with pytest.raises(NotFoundError) as caught:
        load_network("goood")
    assert "unknown network 'goood'. Did you mean 'good'? Shipped: good, half, torn." in str(
        caught.value
    )
    with pytest.raises(NotFoundError):
        load_network("x" * 5000)
    with pytest.raises(NotFoundError):
        load_network("a\0b")


def test_shipped_network_by_id_and_by_path(shipped):
    """The same folder by id and by path gives the same network, with cities, sources, notes and
    checksums.
    """
    for ref in ("good", shipped / "good", str(shipped / "good")):
        network = load_network(ref)
        assert (network.network_id, network.title, network.date) == (
            "good",
            "试验",
            dt.date(2024, 5, 15),
        )
        assert [c.slug for c in network.cities] == ["jia", "bing"]
        assert [r.region_id for r in network.regions] == ["reg"]
        assert network.sources == ({"title": "invented", "licence": "CC0-1.0"},)
        assert network.notes == ("network.toml dropped.trains: 2",)
        assert network.population_cell_deg == 0.5
        assert network.counties is None
        assert (
            network.checksums["cities.csv"]
            == hashlib.sha256(CITIES["cities.csv"].encode()).hexdigest()
        )
        assert sorted(network.checksums) == [
            "centres.csv",
            "cities.csv",
            "core_stations.csv",
            "network.toml",
            "regions.csv",
            "timetable.zip",
        ]


def test_lines_are_included_unless_switched_off(tmp_path):
    """Lines of high confidence become trips; switched off they are named, and their station joins
    no core set.
    """
    folder = write_network(tmp_path / "net", {**CITIES, **LINES})
    on, off = load_network(folder), load_network(folder, lines=False)
    # 06:00-07:00 every 10, 07:00-09:00 every 5 minutes: 6 + 24 trips a direction
    assert (on.n_trips, on.n_stations) == (2 + 60, 4)
    assert on.lines_included == ("市郊线 Suburban",)
    assert on.lines_left_out == ("旧线 Old: confidence low",)
    assert on.get_city("jia").core_station_ids == ("a", "b", "n")
    assert (off.n_trips, off.n_stations, off.lines_included) == (2, 3, ())
    assert off.lines_left_out == ("市郊线 Suburban: switched off", "旧线 Old: confidence low")
    assert off.get_city("jia").core_station_ids == ("a", "b")
    assert "lines.csv" in on.checksums
    assert "lines.csv" not in off.checksums


def test_row_order_of_every_table_does_not_matter(tmp_path):
    """A network folder with all rows shuffled (centres apart) is the same network."""
    plain = load_network(write_network(tmp_path / "plain", {**CITIES, **LINES}))
    files = {n: t if n == "centres.csv" else shuffled(t, 7) for n, t in {**CITIES, **LINES}.items()}
    tables = {name.removesuffix(".txt"): shuffled(text, 7) for name, text in FEED.items()}
    other = load_network(write_network(tmp_path / "other", files, **tables))
    for part in ("stations", "services", "cities", "regions", "lines_included", "lines_left_out"):
        assert getattr(other, part) == getattr(plain, part)
    assert other.trips.trip_ids == plain.trips.trip_ids
    assert other.stop_times.departure_s.tolist() == plain.stop_times.departure_s.tolist()


def test_a_bare_feed_is_a_network_without_cities(tmp_path):
    """A GTFS zip or folder loads alone, on an ordinary Tuesday that the notes name."""
    for path in (write_zip(tmp_path / "feed.zip", FEED), write_files(tmp_path / "feed", FEED)):
        network = load_network(path)
        assert (network.network_id, network.date) == ("feed", dt.date(2024, 1, 9))
        assert network.cities == ()
        (note,) = network.notes
        assert note == (
            "service day 2024-01-09 (Tuesday), an ordinary Tuesday within 2024-01-01 to "
            "2024-12-31; date=... or --date chooses another"
        )
    with pytest.raises(InputError, match="neither a network folder"):
        load_network(write_files(tmp_path / "else", {"a.txt": "x"}))


def test_another_day_of_a_timetable_without_a_calendar(tmp_path):
    """A folder of which each trip runs daily says on another day which day its timetable is of."""
    daily = FEED["calendar.txt"].replace("1,1,1,1,1,0,0", "1,1,1,1,1,1,1")
    folder = write_network(
        tmp_path / "own",
        {**CITIES, "network.toml": 'id = "own"\ndate = 2024-01-09\n'},
        calendar=daily,
    )
    said = "service day 2024-01-13 (Saturday): the timetable is that of 2024-01-09 (Tuesday)"
    assert any(note.startswith(said) for note in load_network(folder, date="2024-01-13").notes)
    assert not any(note.startswith("service day") for note in load_network(folder).notes)


def test_feeds_with_prefixes(tmp_path):
    """Several feeds are one network on a day on which all of them run; ids have the prefix, credits
    stay apart.
    """
    one = write_zip(tmp_path / "one.zip", FEED)
    late = FEED["calendar.txt"].replace("20240101,20241231", "20240701,20250630")
    two = write_zip(tmp_path / "two.zip", feed_with(calendar=late))
    network = load_network([one, f"x={two}"])
    assert network.network_id == "one+x"
    # Tuesday 2 July 2024 is the first since both are valid; a week on from it is no edge
    assert network.date == dt.date(2024, 7, 9)
    assert {s.station_id for s in network.stations} == {
        f"{p}:{s}" for p in ("one", "x") for s in "abc"
    }
    assert network.n_trips == 4
    assert [s["files"] for s in network.sources] == ["one.zip", "two.zip"]
    assert any("within 2024-07-01 to 2024-12-31" in note for note in network.notes)
    with pytest.raises(
        InputError, match=r"two\.zip: no trip runs on 2024-05-15 .* valid 2024-07-01 to 2025-06-30"
    ):
        load_network([one, two], date="2024-05-15")
    never = feed_with(
        calendar=FEED["calendar.txt"].replace("20240101,20241231", "20260105,20260630")
    )
    with pytest.raises(
        InputError, match="no trip runs on any day of its calendar on which all of them are valid"
    ):
        load_network([one, write_zip(tmp_path / "three.zip", never)])


def test_problems_of_all_feeds_come_together(tmp_path):
    """Two feeds with a bad file each are one error with the issues of both, each named."""
    bad = [write_zip(tmp_path / f"{n}.zip", feed_with(stops="stop_id\na\n")) for n in ("p", "q")]
    with pytest.raises(InputError) as caught:
        load_network(bad)
    files = {issue.file.split(":")[0] for issue in caught.value.issues}
    assert files == {"p.zip", "q.zip"}


def test_feeds_that_cannot_be_merged(tmp_path):
    one = write_zip(tmp_path / "one.zip", FEED)
    (tmp_path / "b").mkdir()
    again = write_zip(tmp_path / "b" / "one.zip", FEED)
    with pytest.raises(ParameterError, match="two networks have the prefix 'one'"):
        load_network([one, again])
    assert load_network([one, f"b={again}"]).n_trips == 4
    with pytest.raises(ParameterError, match="no network is given"):
        load_network([])


def test_a_path_with_an_equals_sign_is_a_path(tmp_path):
    """A file that exists under the whole text is meant, whatever stands before its equals sign."""
    path = write_zip(tmp_path / "a=b.zip", FEED)
    assert load_network(path).network_id == "a=b"
    assert load_network(f"x={path}").n_trips == 2


def test_lines_alone_are_a_network(tmp_path):
    """A folder without timetable.zip but with lines.csv loads; its toml must give the date."""
    lines = LINES["lines.csv"].replace(
        "m,市郊线,Suburban,1,b,,,,,0", "m,市郊线,Suburban,1,b,乙,Yi,104.3,30.0,0"
    )
    lines = lines.replace(",bus,jia,", ",bus,,")
    folder = write_network(tmp_path / "net", {"lines.csv": lines})
    (folder / "timetable.zip").unlink()
    network = load_network(folder)
    # 06:00-07:00 every 10, 07:00-09:00 every 5 minutes: 6 + 24 trips a direction
    assert (network.n_stations, network.n_trips, network.date) == (2, 60, dt.date(2024, 5, 15))
    assert load_network(folder, date="2024-06-04").date == dt.date(2024, 6, 4)
    write_files(folder, {"network.toml": "title = 'x'\n"})
    with pytest.raises(InputError, match=r"without timetable\.zip it needs a date"):
        load_network(folder)


def test_credits_of_a_feed(tmp_path):
    """Agencies, publisher, version, licence and attributions of a feed are its sources."""
    info = "feed_publisher_name,feed_publisher_url,feed_lang,feed_version,feed_license\nP,https://p.example,en,7,CC0\n"
    agencies = FEED["agency.txt"] + "".join(
        f"y{i},Y{i},https://y.example,Asia/Shanghai\n" for i in range(5)
    )
    given = "organization_name,is_producer\nThe Survey,1\n"
    path = write_zip(
        tmp_path / "f.zip", feed_with(agency=agencies, feed_info=info, attributions=given)
    )
    first, second = load_network(path).sources
    assert first == {
        "title": "GTFS of X, Y0, Y1, Y2 and 2 more (published by P)",
        "url": "https://p.example",
        "licence": "CC0",
        "version": "7",
        "files": "f.zip",
        "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
    }
    assert second == {"title": "The Survey"}


def test_the_date_is_given_listed_or_refused(tmp_path):
    """A date given wins; one without trips names the validity and another day."""
    folder = write_network(tmp_path / "net")
    assert load_network(folder, date="2024-06-03").date == dt.date(2024, 6, 3)
    assert load_network(folder, date=dt.date(2024, 6, 4)).date == dt.date(2024, 6, 4)
    with pytest.raises(InputError) as caught:
        load_network(folder, date="2024-06-08")
    message = (
        "no trip runs on 2024-06-08 (Saturday); the timetable is valid 2024-01-01 to 2024-12-31; "
        "no Saturday has trips; an ordinary day is 2024-01-09"
    )
    assert message in str(caught.value)
    with pytest.raises(InputError, match="'tomorrow' is not a date like 2023-12-15"):
        load_network(folder, date="tomorrow")


def test_problems_of_cities_and_regions_come_together(tmp_path):
    """A bad city and a bad region are one error."""
    files = {
        **CITIES,
        "core_stations.csv": "city,station_id\njia,zz\n",
        "regions.csv": "region_id,name_zh,name_en,members\nx,,X,1\n",
    }
    with pytest.raises(InputError) as caught:
        load_network(write_network(tmp_path / "net", files))
    assert "core_stations.csv row 1 field station_id" in str(caught.value)
    assert "regions.csv row 1 field name_zh" in str(caught.value)


def test_warnings_of_all_tables_come_in_their_order(tmp_path, monkeypatch):
    """Characters left out and repeated rows of every file that is read, once; of lines.csv where
    lines count.
    """
    walks = "from,to,minutes,note\na,b,9,n\n"
    commuters = "home,city,year,people_per_day,document,address\nu,jia,2021,1,d,https://e.org\n"
    more = {"transfers.csv": walks, "observed_commuting.csv": commuters}
    write_network(tmp_path, {**CITIES, **LINES, **more})
    read, real, csv = [], rows.decode, sorted(path.name for path in tmp_path.glob("*.csv"))
    for name in csv:
        head, first, *others = (tmp_path / name).read_text(encoding="utf-8").splitlines()
        lines = [f"{head},x", *[f"{first},a\u202eb"] * 2, *(f"{row}," for row in others)]
        (tmp_path / name).write_text("\n".join(lines), encoding="utf-8")
    toml = (tmp_path / "network.toml").read_text(encoding="utf-8")
    (tmp_path / "network.toml").write_text(
        toml.replace('"试验"', '"试\\u202e验"'), encoding="utf-8"
    )
    monkeypatch.setattr(rows, "decode", lambda data: read.append(data) or real(data))
    found = load_network(tmp_path).issues
    assert len(read) == len({*read}) == len(csv) == 7
    order = (
        "cities",
        "core_stations",
        "centres",
        "regions",
        "transfers",
        "observed_commuting",
        "lines",
    )
    expected = [("network.toml", None, "title")] + [
        (f"{name}.csv", row, field)
        for name in order
        for row, field in ((1, "x"), (2, "x"), (2, ""))
    ]
    assert [(issue.file, issue.row, issue.field) for issue in found] == expected
    assert load_network(tmp_path, lines=False).issues == found[:-3]


def test_bad_network_toml_and_corrupt_timetable(tmp_path):
    """A wrong type in network.toml and a timetable that is no zip are clear errors."""
    folder = write_network(tmp_path / "net")
    write_files(folder, {"network.toml": "sources = 1\nnotes = 2\ndate = 2024-05-15\n"})
    with pytest.raises(InputError) as caught:
        load_network(folder)
    assert "network.toml field sources: must be tables [[sources]]" in str(caught.value)
    assert "network.toml field notes: must be a table [notes]" in str(caught.value)
    write_files(write_network(tmp_path / "torn"), {"timetable.zip": b"PK\x03\x04 nothing"})
    with pytest.raises(InputError, match=r"timetable\.zip: not a readable zip"):
        load_network(tmp_path / "torn")


@pytest.mark.parametrize("network_id", ["toy", "china"])
def test_shipped_networks_load(network_id):
    """Every shipped network loads, has cities with core stations, and people in known counties."""
    if network_id not in {row["id"] for row in list_networks()}:
        pytest.skip(f"networks/{network_id} is absent")
    network = load_network(network_id)
    assert network.network_id == network_id
    assert all(city.core_station_ids for city in network.cities)
    assert network.population["county_code"].isin(network.counties["county_code"]).all()
    without = load_network(network_id, areas=False)
    assert without.counties is None
    assert without.stations == network.stations or network.lines_included


SHARDS = [
    "",
    "-1",
    "99:99:99",
    "\0",
    "é",
    '"',
    ",",
    "\n",
    "1e400",
    "nan",
    "x" * 200_000,
    "99991231",
    "|",
    "=",
    "中",
    "9" * 30,
]


@pytest.mark.parametrize("seed", range(8))
def test_damaged_files_end_in_a_network_or_a_clear_error(tmp_path, seed):
    """A shard thrown into any file at any place is read or refused with a RailshedError, nothing
    else.
    """
    rng = random.Random(seed)
    refused = 0
    for _ in range(10):
        tables = dict(FEED)
        files = {**CITIES, **LINES}
        victim = rng.choice([tables, files])
        name = rng.choice(list(victim))
        at = rng.randrange(len(victim[name]))
        victim[name] = (
            victim[name][:at] + rng.choice(SHARDS) + victim[name][at + rng.choice([0, 1, 5]) :]
        )
        parts = {name.removesuffix(".txt"): text for name, text in tables.items()}
        try:
            network = load_network(write_network(tmp_path / "net", files, **parts))
        except RailshedError:
            refused += 1
        else:
            validate(network)
    assert refused > 0


@pytest.mark.parametrize(
    ("stops", "code"),
    [
        ({"b,乙,30.0,104.3": "b,乙,30.0,104.0"}, "one-point"),
        ({"c,丙,30.0,104.6": "c,丙,0.0,0.0"}, "zero-coordinate"),
        ({"a,甲,30.0,104.0": "a,甲,30.0,-76.0", "104.3": "-75.7", "104.6": "-75.4"}, None),
    ],
)
def test_an_error_of_check_stops_every_command(tmp_path, cli, stops, code):
    """What `check` calls an error, `reach`, `circle` and `load_network` refuse; a warning stops
    none of them.

    b at the place of a, 20 minutes of train away; c in the sea; all in America, by its longitude an
    hour in Shanghai.
    """
    table = FEED["stops.txt"]
    for old, new in stops.items():
        assert old in table
        table = table.replace(old, new)
    feed = write_zip(tmp_path / "feed.zip", feed_with(stops=table))
    place = ("--at", f"{-75.7 if code is None else 104.0},30.0", "--name", "X")
    checked = cli("check", feed, "--json")
    ended = [
        cli("reach", "-n", feed, "--station=b"),
        cli("circle", "-n", feed, *place, "--draws=0", "--no-car"),
    ]
    assert [checked.code, *(one.code for one in ended)] == (
        [0, 0, 0] if code is None else [1, 2, 2]
    )
    if code is None:
        assert '"warning"' in checked.out
        return
    with pytest.raises(InputError) as caught:
        load_network(feed)
    found = [issue.code for issue in caught.value.issues]
    assert code in found
    network = load_network(feed, validated=False)
    assert [issue.code for issue in validate(network) if issue.severity == "error"] == found
    assert all(f"error {code}:" in one.err for one in ended)
