"""Files of OpenStreetMap to stations and lines; the town of `osm_town` is worked out by hand."""

from __future__ import annotations

import contextlib
import gzip
import random
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from railshed.io.folder.lines import lines_csv, read_lines
from railshed.io.osm.read import OsmRail, read_osm
from railshed.network.lines import Period
from railshed.util.errors import InputError, ParameterError
from tests.support.osm_town import NODES, RELATIONS, WAYS, node, relation, way, write, write_town

DATA = Path(__file__).resolve().parents[3].parent / "shared" / "data"
COLOGNE = DATA / "osm" / "cologne-railway.osm.pbf"
SAO_PAULO = DATA / "osm" / "sao_paulo_sample.osm.pbf"
PORTO_ALEGRE = DATA / "porto_alegre" / "porto_alegre.osm.pbf"
needs_data = pytest.mark.skipif(
    not COLOGNE.is_file(), reason="needs the extracts of ../shared/data/osm"
)


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> OsmRail:
    return read_osm(write_town(tmp_path_factory.mktemp("osm") / "town.osm"))


def line(rail: OsmRail, line_id: str):
    return next(line for line in rail.lines if line.line_id == line_id)


def test_objects_of_a_station_are_one_place(town):
    """Mid is a stop_area with its railway=station in front, West two nodes of one name, East takes
    the unnamed stop.
    """
    names = {station.station_id: station.name for station in town.stations}
    assert names == {
        "n1": "West",
        "n20": "Mid",
        "n3": "East",
        "n32": "North",
        "n33": "Far",
        "n43": "A",
        "n44": "B",
    }
    east = next(station for station in town.stations if station.station_id == "n3")
    assert east.name_en == "East End"


def test_station_class_follows_the_modes_that_call(town):
    classes = {station.name: station.station_class for station in town.stations}
    assert classes["Mid"] == classes["West"] == classes["East"] == "small"  # a train calls
    assert classes["North"] == classes["A"] == "metro"
    assert {stop.station.station_class for stop in line(town, "r611").stops} == {"small", "metro"}


def test_run_times_by_hand(town):
    """6 km at 120 km/h, then 6 km at 50 mph, 90 per cent of it, 50 s for each start and stop; 60 s
    at Mid.

    6000 m at 108 km/h are 200 s; at 50 * 1.609344 * 0.9 = 72.42 km/h 298.26 s. The other track has
    no limit that is understood: 100 km/h, 240 s.
    """
    s1 = line(town, "r601")
    assert [stop.station.name for stop in s1.stops] == ["West", "Mid", "East"]
    assert [stop.run_s for stop in s1.stops] == [0, 250, 348]
    assert [stop.run_back_s for stop in s1.stops] == [0, 290, 290]
    assert [stop.dwell_s for stop in s1.stops] == [0, 60, 0]


def test_track_lengths_by_hand(town):
    """The branch takes 5 + 3 km of main track, not the 4 km of siding; no track at all is 1.2 times
    straight.

    8 km at 45 km/h are 640 s and 15 s; 8 km * 1.2 at 58.5 km/h 590.8 s and 20 s; platforms 20 m
    beside one track 3 km at 27 km/h, 400 s and 10 s.
    """
    assert [stop.run_s for stop in line(town, "r611").stops] == [0, 655]
    assert [stop.run_s for stop in line(town, "r621").stops] == [0, 611]
    assert [stop.run_s for stop in line(town, "r631").stops] == [0, 410]
    assert (
        "run times of 7 sections are estimates from track length: 5 by route's own tracks, "
        "1 by shortest way over main tracks of its kind, 1 by straight line" in town.notes
    )
    assert (
        "tracks are 1.13 times as long as straight lines" in town.notes
    )  # 12 + 12 + 3 + 8 km over 12 + 12 + 3 + 4 km


def test_directions_become_one_line(town):
    """Both relations of the master, and a relation alone; one way where the map says so."""
    assert {item.line_id: item.bidirectional for item in town.lines} == {
        "r601": True,
        "r611": True,
        "r621": False,
        "r631": True,
    }
    assert line(town, "r601").name == "S1"
    assert "2 lines assumed to run both ways: the map has one direction: 2, Tram" in town.notes
    assert {item.line_id: item.route_type for item in town.lines} == {
        "r601": 2,
        "r611": 0,
        "r621": 1,
        "r631": 0,
    }


def test_headways_from_tags_or_assumed(town):
    assert line(town, "r601").periods == (Period(18_000, 86_400, 1_200),)
    assert line(town, "r601").weekdays == (True, True, True, True, True, False, False)
    assert line(town, "r611").periods == (
        Period(21_600, 25_200, 900),
        Period(25_200, 32_400, 300),
        Period(32_400, 82_800, 900),
    )
    assert line(town, "r621").periods == (Period(21_600, 82_800, 900),)
    assert town.headways == {"r601": "tags", "r611": "tags", "r621": "assumed", "r631": "assumed"}
    assert [issue.code for issue in town.issues] == ["assumed-headway"]
    assert "2 of 4 lines" in town.issues[0].message


def test_what_the_file_lacks_is_counted(town):
    assert "1 routes left out: fewer than two of their stops are in the file: X9" in town.notes
    assert "1 routes left out: proposed: LR 9" in town.notes
    assert "LR 9" not in {item.name for item in town.lines}
    assert "Future" not in {station.name for station in town.stations}
    assert "1 routes end early: the file does not hold their outer stops: S1" in town.notes
    assert "1 tracks lack 1 nodes that the file does not hold; they end there" in town.notes
    assert "2 members of relations are not in the file (a clipped extract)" in town.notes
    assert "1 speed limits not understood, taken as none given: 'RU:urban' 1" in town.notes


def test_source_names_the_licence(town):
    (source,) = town.sources
    assert source["licence"] == "ODbL 1.0"
    assert source["attribution"] == "© OpenStreetMap contributors"
    assert town.checksums == {"town.osm": source["sha256"]}
    assert repr(town) == "<OsmRail 7 stations, 4 lines>"


def test_order_and_form_of_the_file_do_not_matter(town, tmp_path):
    """Shuffled objects, compressed: all but the name and checksum of the file is the same."""
    rng = random.Random(5)
    parts = [rng.sample(part, len(part)) for part in (NODES, WAYS, RELATIONS)]
    plain = write(tmp_path / "town.osm", *(item for part in parts for item in part))
    packed = tmp_path / "town.osm.gz"
    packed.write_bytes(gzip.compress(plain.read_bytes()))
    for path in (plain, packed):
        again = read_osm(path)
        assert (again.stations, again.lines, again.notes) == (town.stations, town.lines, town.notes)


def test_modes_are_chosen(tmp_path):
    rail = read_osm(write_town(tmp_path / "town.osm"), modes=("rail", "metro"))
    assert [item.line_id for item in rail.lines] == ["r601", "r621"]
    with pytest.raises(ParameterError, match=r"unknown mode 'bus'; allowed: train, light_rail"):
        read_osm(tmp_path / "town.osm", modes=("bus",))
    with pytest.raises(ParameterError, match="unknown mode"):
        read_osm(tmp_path / "town.osm", modes=())
    with pytest.raises(ParameterError, match="headways 'often'"):
        read_osm(tmp_path / "town.osm", headways="often")


def test_headways_of_the_option(tmp_path):
    rail = read_osm(write_town(tmp_path / "town.osm"), headways="07:00-09:00=5|09:00-10:00=10")
    assert line(rail, "r631").periods == (Period(25_200, 32_400, 300), Period(32_400, 36_000, 600))


def test_lines_are_written(town, tmp_path):
    """lines.csv gives the same lines back, their stations with default feeder."""
    (tmp_path / "lines.csv").write_text(
        lines_csv(town.lines, sources=town.line_sources), encoding="utf-8"
    )
    assert read_lines(tmp_path / "lines.csv").lines == town.lines
    assert (
        town.line_sources["r631"]
        == "OpenStreetMap relation 631, run times estimated, headway assumed"
    )
    assert town.limits[1][1] == "headways of 2 of 4 lines assumed"


def test_lines_become_trips_of_a_network(town):
    """The lines added to an empty network: the first tram of the day is at B 410 s after
    it left A.
    """
    from railshed.network.lines import expand

    outward, back = expand(line(town, "r631"))
    assert set((outward.arrival_s[:, 1] - outward.departure_s[:, 0]).tolist()) == {410}
    assert back.station_ids == ("n44", "n43")
    assert len(outward.trip_ids) == 17 * 4


RING = [
    node(i, x, y, railway="stop", name=f"P{i}")
    for i, (x, y) in enumerate([(0, 0), (3000, 0), (0, 4000)], 1)
]


@pytest.mark.parametrize(
    ("relations", "expected"),
    [
        # same ref and network: one line, the name without the direction
        (
            [
                relation(
                    1,
                    "n1:stop n2:stop n3:stop",
                    type="route",
                    route="tram",
                    ref="7",
                    name="7: P1 → P3",
                ),
                relation(2, "n3:stop n2:stop n1:stop", type="route", route="tram", ref="7"),
            ],
            {"r1": ("7", True)},
        ),
        # another network is another line
        (
            [
                relation(1, "n1:stop n2:stop", type="route", route="tram", ref="7", network="a"),
                relation(2, "n2:stop n1:stop", type="route", route="tram", ref="7", network="b"),
            ],
            {"r1": ("7", True), "r2": ("7", True)},
        ),
        # not the reverse of each other: two lines one way
        (
            [
                relation(1, "n1:stop n2:stop n3:stop", type="route", route="tram", ref="7"),
                relation(2, "n3:stop n1:stop", type="route", route="tram", ref="7"),
            ],
            {"r1": ("7", False), "r2": ("7", False)},
        ),
        # two of each: two pairs
        (
            [
                relation(1, "n1:stop n2:stop", type="route", route="tram", ref="7"),
                relation(2, "n1:stop n2:stop", type="route", route="tram", ref="7"),
                relation(3, "n2:stop n1:stop", type="route", route="tram", ref="7"),
                relation(4, "n2:stop n1:stop", type="route", route="tram", ref="7"),
            ],
            {"r1": ("7", True), "r2": ("7", True)},
        ),
        # a ring alone runs one way, two in opposite directions are one line
        (
            [relation(1, "n1:stop n2:stop n3:stop n1:stop", type="route", route="tram", name="R")],
            {"r1": ("R", False)},
        ),
        (
            [
                relation(
                    1, "n1:stop n2:stop n3:stop n1:stop", type="route", route="tram", name="R"
                ),
                relation(
                    2, "n1:stop n3:stop n2:stop n1:stop", type="route", route="tram", name="L"
                ),
            ],
            {"r1": ("R", True)},
        ),
        # never open: no line
        (
            [
                relation(
                    1, "n1:stop n2:stop", type="route", route="tram", opening_hours="PH 10:00-18:00"
                )
            ],
            {},
        ),
        # nothing but an id to name it
        (
            [relation(1, "n1:stop n2:stop", type="route", route="tram")],
            {"r1": ("relation 1", True)},
        ),
    ],
)
def test_directions(tmp_path, relations, expected):
    rail = read_osm(write(tmp_path / "ring.osm", *RING, *relations))
    assert {item.line_id: (item.name, item.bidirectional) for item in rail.lines} == expected


def test_a_line_of_weekends_has_the_hours_of_saturday(tmp_path):
    hours = "Sa 10:00-18:00; Su 12:00-16:00"
    route = relation(
        1, "n1:stop n2:stop", type="route", route="tram", opening_hours=hours, interval="30"
    )
    (museum,) = read_osm(write(tmp_path / "ring.osm", *RING, route)).lines
    assert museum.weekdays == (False, False, False, False, False, True, True)
    assert museum.periods == (Period(36_000, 64_800, 1_800),)


@pytest.mark.parametrize(
    ("service", "route_type", "run_s"),
    [
        ("high_speed", 101, 150 + 60),
        ("long_distance", 102, 90 + 100),
        ("commuter", 109, 35 + 150),
        ("regional", 2, 170),
    ],
)
def test_kinds_of_train(tmp_path, service, route_type, run_s):
    """3 km at 200, 120, 80 and 100 km/h, 90 per cent of it, and the loss of each kind."""
    route = relation(1, "n1:stop n2:stop w1", type="route", route="train", service=service)
    (train,) = read_osm(
        write(tmp_path / "ring.osm", *RING, way(1, 1, 2, railway="rail"), route)
    ).lines
    assert (train.route_type, train.stops[1].run_s) == (route_type, run_s)


@pytest.mark.parametrize(
    ("members", "stops"),
    [
        ("n1:stop n1:platform n2:stop n2:platform n3:stop n3:platform", "n1 n2 n3"),
        ("n1:stop n2:stop n3:stop n1:platform n2:platform n3:platform", "n1 n2 n3"),
        ("n1:stop n3:stop n1:platform n2:platform n3:platform", "n1 n2 n3"),
        ("n1 n2 n3", "n1 n2 n3"),
        ("n1:stop n1:stop n2:alternate_stop n3:stop", "n1 n3"),
        ("n1:stop n99:stop n3:stop", "n1 n3"),
    ],
)
def test_stops_of_a_route(tmp_path, members, stops):
    """Stops, or platforms where they name more places; repeats are one call; other roles are no
    call.
    """
    rail = read_osm(
        write(tmp_path / "r.osm", *RING, relation(1, members, type="route", route="tram"))
    )
    assert " ".join(stop.station.station_id for stop in rail.lines[0].stops) == stops
    on_the_way = [note for note in rail.notes if "lack stops on the way" in note]
    assert len(on_the_way) == ("n99" in members)


def test_same_name_far_apart_is_two_stations(tmp_path):
    nodes = [
        node(i, x, 0, railway="tram_stop", name="Church") for i, x in ((1, 0), (2, 490), (3, 1_000))
    ]
    rail = read_osm(write(tmp_path / "c.osm", *nodes))
    assert [station.station_id for station in rail.stations] == ["n1", "n3"]
    assert rail.stations[0].lon == pytest.approx(245 / 111_194.93, abs=1e-7)
    assert [issue.code for issue in rail.issues] == ["no-lines"]


def test_platforms_drawn_as_areas_are_stops(tmp_path):
    """A platform as a way and one as a multipolygon relation stand in the middle of their boxes."""
    parts = [
        node(1, 0, 0), node(2, 100, 0), node(3, 4_000, 0), node(4, 4_100, 0),
        way(10, 1, 2, railway="platform", name="A"), way(11, 3, 4),
        relation(20, "w11:outer", type="multipolygon", railway="platform", name="B"),
        relation(30, "w10:platform r20:platform", type="route", route="subway", name="U1"),
    ]  # fmt: skip
    (u1,) = read_osm(write(tmp_path / "p.osm", *parts)).lines
    assert [stop.station.name for stop in u1.stops] == ["A", "B"]
    assert [stop.station.lon * 111_194.93 for stop in u1.stops] == pytest.approx(
        [50, 4_050], abs=0.1
    )


def test_a_route_mostly_on_tracks_under_construction_is_left_out(tmp_path):
    ways = [
        way(10, 1, 2, railway="construction", construction="tram"),
        way(11, 1, 3, railway="tram"),
    ]
    ways.append(way(12, 2, 3, railway="construction", construction="tram"))
    route = relation(
        30, "n1:stop n2:stop n3:stop w10 w11 w12", type="route", route="tram", name="T9"
    )
    rail = read_osm(write(tmp_path / "t.osm", *RING, *ways, route))
    assert rail.lines == ()
    assert "1 routes left out: construction: T9" in rail.notes


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.txt", b"hello", "not named like an OpenStreetMap file; allowed: .osm"),
        ("a.osm", b"", "the file is empty"),
        ("a.osm", b"hello", "XML parsing error"),
        ("a.osm", b"<html></html>", "Unknown top-level element"),
        ("a.osm", b'<osm version="0.6"><node id="1" lat="0"', "XML parsing error"),
        (
            "a.osm",
            b'<osm version="0.6"><node id="1" lat="x" lon="0"/></osm>',
            "wrong format for coordinate",
        ),
        (
            "a.osm",
            b'<osm version="0.6"><node id="1"><tag k="a" v="\xff"/></node></osm>',
            "not well-formed",
        ),
        (
            "a.osm",
            b'<!DOCTYPE x [<!ENTITY a "b">]><osm version="0.6"></osm>',
            "entities are not supported",
        ),
        ("a.osm.gz", b"hello", "no readable OpenStreetMap file"),
        ("a.osm.pbf", b"hello", "PBF error"),
        ("a.osm.pbf", b"\x00" * 100, "no readable OpenStreetMap file"),
    ],
)
def test_files_that_are_none(tmp_path, name, content, message):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError, match=message):
        read_osm(tmp_path / name)


def test_absent_file_and_folder(tmp_path):
    with pytest.raises(InputError, match="no such file"):
        read_osm(tmp_path / "none.osm")
    (tmp_path / "folder.osm").mkdir()
    with pytest.raises(InputError, match="no such file"):
        read_osm(tmp_path / "folder.osm")


@pytest.mark.parametrize(
    "part",
    [
        '<node id="1" lat="99" lon="0"><tag k="railway" v="station"/></node>',  # no place on earth
        '<node id="1"><tag k="railway" v="station"/></node>',
        '<way id="1"><tag k="railway" v="rail"/></way>',
        '<way id="1"><nd ref="7"/><nd ref="8"/><tag k="railway" v="rail"/></way>',
        '<way id="1"><nd ref="7"/><nd ref="8"/><tag k="railway" v="construction"/></way>',
        relation(1, "n7:stop r1:stop", type="route", route="train"),
        relation(1, "r1", type="route_master", route_master="train"),
        relation(1, "", type="public_transport", public_transport="stop_area"),
    ],
)
def test_a_hollow_file_gives_nothing(tmp_path, part):
    rail = read_osm(write(tmp_path / "hollow.osm", part))
    assert (rail.stations, rail.lines) == ((), ())


def test_history_is_refused(tmp_path):
    import osmium

    with osmium.SimpleWriter(str(tmp_path / "h.osh.pbf")):
        pass
    path = (tmp_path / "h.osh.pbf").rename(tmp_path / "h.osm.pbf")
    with pytest.raises(InputError, match="several versions"):
        read_osm(path)


@settings(max_examples=100, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, 1 << 20), st.binary(max_size=6), st.integers(0, 9)),
        min_size=1,
        max_size=3,
    )
)
def test_damaged_files_are_read_or_refused(tmp_path_factory, changes):
    """Bytes replaced at random places of the town's file: a result or an InputError, never another
    error.
    """
    path = write_town(tmp_path_factory.getbasetemp() / "damaged.osm")
    data = path.read_bytes()
    for where, new, n_lost in changes:
        at = where % len(data)
        data = data[:at] + new + data[at + n_lost :]
    path.write_bytes(data)
    with contextlib.suppress(InputError):
        read_osm(path)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('k="railway"', 'k="name"'),
        ('role="stop"', 'role=""'),
        ('type="node"', 'type="way"'),
        ("ref=", "role="),
        ('lon="0.', 'lon="170.'),
        ("id=", 'id="-1" old='),
        ('k="name"', 'k="note"'),
        ('v="120"', 'v="0"'),
        ('v="stop_area"', 'v="stop_area_group"'),
        ('ref="2"', 'ref="3"'),
        ("<nd ", "<nil "),
        ('k="type"', 'k="kind"'),
    ],
)
def test_false_tags_and_references_are_read_or_refused(tmp_path, old, new):
    """The same wrong thing all over the file; what is left is sound."""
    path = write_town(tmp_path / "false.osm")
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
    with contextlib.suppress(InputError):
        for item in read_osm(path).lines:
            assert len(item.stops) >= 2
            assert all(a.station != b.station for a, b in pairwise(item.stops))
            assert all(stop.run_s > 0 for stop in item.stops[1:])


@needs_data
def test_truncated_extract(tmp_path):
    path = tmp_path / "cut.osm.pbf"
    path.write_bytes(COLOGNE.read_bytes()[:300_000])
    with pytest.raises(InputError, match="unexpected EOF"):
        read_osm(path)


@pytest.mark.slow
@needs_data
def test_cologne():
    """Stations of an extract that holds no relations: no line, and it is said."""
    rail = read_osm(COLOGNE)
    assert (len(rail.stations), rail.lines) == (269, ())
    assert [issue.code for issue in rail.issues] == ["no-lines"]
    names = [station.name for station in rail.stations]
    assert (
        names.count("Köln Hauptbahnhof")
        == names.count("Köln Messe/Deutz")
        == names.count("Neumarkt")
        == 1
    )


@needs_data
def test_sao_paulo():
    """Line 6 under construction is none of the lines."""
    rail = read_osm(SAO_PAULO)
    assert len(rail.stations) == 33


@pytest.mark.skipif(not PORTO_ALEGRE.is_file(), reason="needs ../shared/data/porto_alegre")
def test_porto_alegre():
    rail = read_osm(PORTO_ALEGRE)
    assert {station.name for station in rail.stations} == {"Mercado", "Rodoviária", "São Pedro"}
