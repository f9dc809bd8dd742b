"""Scenario files: what add-trips makes of them, and every mistake named with its line."""

from __future__ import annotations

import pytest

from railshed.io.networks import load_network
from railshed.scenario.apply import apply_scenario, load_scenario, resolve
from railshed.scenario.files import Scenario, scenario_from_dict
from railshed.util.errors import InputError, NotFoundError
from tests.support.feeds import CITIES, write_network

PLAN = """title = "一条新线"

[[modification]]
type = "add-trips"
name = "快线"
stops = [
  "乙",
  { name = "新站", name_en = "New", lon = 104.1, lat = 30.0, station_class = "medium", terminal = true },
  "Bing",
]
hop_minutes = [12, 30.5]
dwell_minutes = 2

[[modification.frequencies]]
start_time = "07:00"
end_time = "09:00"
headway_minutes = 10

[[modification.frequencies]]
start_time = "09:00"
end_time = "10:00"
headway_minutes = 30
"""


@pytest.fixture
def network(tmp_path):
    return load_network(write_network(tmp_path / "net", CITIES))


def plan(tmp_path, text=PLAN, name="plan.toml"):
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return load_scenario(path)


def mistakes(network, tmp_path, text, city="jia"):
    with pytest.raises(InputError) as caught:
        apply_scenario(network, plan(tmp_path, text), city=city)
    return str(caught.value)


def test_a_line_with_a_new_station(network, tmp_path):
    """14 trips a direction call at 乙, 新站 and 丙; the new station joins the city's core set; the
    base stays.
    """
    scenario = plan(tmp_path)
    assert (scenario.title, len(scenario.modifications)) == ("一条新线", 1)
    changed = apply_scenario(network, scenario, city="jia")
    assert (network.n_stations, network.n_trips) == (3, 2)
    assert (changed.n_stations, changed.n_trips) == (4, 2 + 2 * (12 + 2))
    new = changed.stations[changed.get_station("新站")]
    assert (new.name_en, new.lon, new.lat, new.station_class, new.feeder) == (
        "New",
        104.1,
        30.0,
        "medium",
        "bus",
    )
    assert changed.get_city("jia").core_station_ids == ("a", "b", "新站")
    assert network.get_city("jia").core_station_ids == ("a", "b")
    found = resolve(network, scenario, city="jia")
    (line,) = found.lines
    assert [(s.station.station_id, s.run_s, s.dwell_s) for s in line.stops] == [
        ("b", 0, 0),
        ("新站", 720, 120),
        ("c", 1830, 0),
    ]
    assert (found.notes, found.only_adds) == ((), True)


def test_an_empty_scenario_returns_the_base(network, tmp_path):
    """Without modifications not a bit changes."""
    assert apply_scenario(network, plan(tmp_path, "title = 'nothing'\n")) is network
    assert apply_scenario(network, Scenario("nothing")) is network


def test_title_dwell_and_direction_have_defaults(network, tmp_path):
    """The file's name is the title; the dwell is a minute, which the notes say; bidirectional =
    false is one way.
    """
    text = PLAN.replace('title = "一条新线"\n', "").replace(
        "dwell_minutes = 2", "bidirectional = false"
    )
    scenario = plan(tmp_path, text)
    assert scenario.title == "plan"
    changed = apply_scenario(network, scenario, city="jia")
    assert changed.n_trips == 2 + 14
    assert changed.notes[-1] == "快线: dwell_minutes not given, 1 minute assumed"


def test_trains_may_stand_for_no_time_and_for_two_hours(network, tmp_path):
    for minutes in (0, 120):
        scenario = plan(tmp_path, PLAN.replace("dwell_minutes = 2", f"dwell_minutes = {minutes}"))
        assert resolve(network, scenario, city="jia").lines[0].stops[1].dwell_s == minutes * 60


def test_an_id_is_not_a_name(network, tmp_path):
    """A new station may have as its id what another has as its name; with the id of one nearby it
    is that one.
    """
    station = network.stations[0]
    there = {"id": station.station_id, "name": station.name, "lon": station.lon, "lat": station.lat}
    apart = {"id": station.name, "name": "别处", "lon": 104.15, "lat": 30.05}
    for stop, n_new in ((there, 0), (apart, 1)):
        times = {"start_time": "07:00", "end_time": "09:00", "headway_minutes": 20}
        line = {
            "type": "add-trips",
            "name": "L",
            "stops": ["b", stop],
            "hop_minutes": [10],
            "frequencies": [times],
        }
        scenario = scenario_from_dict({"modification": [line]})
        assert (
            apply_scenario(network, scenario, city="jia").n_stations == network.n_stations + n_new
        )


def test_core_city_names_another_city(network, tmp_path):
    """core_city = a city by slug, Chinese or English name needs no city being compared."""
    text = PLAN.replace("terminal = true", 'core_city = "丙城"')
    changed = apply_scenario(network, plan(tmp_path, text))
    assert changed.get_city("bing").core_station_ids == ("新站",)
    assert changed.get_city("jia").core_station_ids == ("a", "b")


def test_a_later_line_may_call_at_a_new_station_of_an_earlier_one(network, tmp_path):
    """Two lines share the new station by its name."""
    second = (
        '[[modification]]\ntype = "add-trips"\nname = "支线"\nstops = ["新站", "甲"]\nhop_minutes '
        "= [15]\n"
        '[[modification.frequencies]]\nstart_time = 07:00:00\nend_time = "24:30"\nheadway_minutes '
        "= 15\n"
    )
    changed = apply_scenario(network, plan(tmp_path, PLAN + second), city="jia")
    assert changed.n_stations == 4
    assert changed.n_trips == 2 + 28 + 2 * 70


def test_a_known_station_given_with_its_coordinate_is_that_one(network, tmp_path):
    """乙 given 100 m from where it stands is no new station; 29 km away it must have an id of its
    own.
    """
    near = PLAN.replace('"乙",', '{ name = "乙", lon = 104.301, lat = 30.0 },')
    assert apply_scenario(network, plan(tmp_path, near), city="jia").n_stations == 4
    far = PLAN.replace('"乙",', '{ name = "乙", lon = 104.0, lat = 30.0 },')
    assert (
        "stops[1].name: modification 1 (line 7): is taken by a station 28.9 km away (id b)"
        in mistakes(network, tmp_path, far)
    )
    own = PLAN.replace('"乙",', '{ name = "乙", id = "b2", lon = 104.0, lat = 30.0 },')
    assert apply_scenario(network, plan(tmp_path, own), city="jia").n_stations == 5


def test_adding_one_line_moves_no_other(network, tmp_path):
    """The trips of the first modification are the same with a second one."""
    second = (
        PLAN[PLAN.index("[[modification]]") :]
        .replace("快线", "慢线")
        .replace("terminal = true", "")
    )
    second = second.replace('station_class = "medium", ', 'station_class = "medium"')
    one = apply_scenario(network, plan(tmp_path), city="jia")
    two = apply_scenario(network, plan(tmp_path, PLAN + second), city="jia")
    ids = set(one.trips.trip_ids)
    assert ids < set(two.trips.trip_ids)


def test_every_mistake_is_reported_at_once_with_its_line(network, tmp_path):
    """Thirteen mistakes in four modifications: one error, each with number, line, field, value and
    remedy.
    """
    text = """titel = "x"
[[modification]]
type = "add-trips"
name = "坏线"
stops = [
  "乙站",
  { name = "新", lon = 30.0, lat = 104.1, terminal = true },
  { name = "又新", lon = 104.2, lat = 30.0, statoin_class = "hub" },
]
hop_minutes = [12, 0, 3]
bidirectional = "yes"
[[modification.frequencies]]
start_time = "06:00"
end_time = "10:00"
headway_minutes = 0
[[modification.frequencies]]
start_time = "12:00"
end_time = "11:00"
headway_minutes = 5

[[modification]]
type = "add-trip"

[[modification]]
type = "remove-trips"

[[modification]]
type = "add-trips"
name = "飞线"
stops = ["甲", "乙"]
hop_minutes = [3]
[[modification.frequencies]]
start_time = "06:00"
end_time = "10:00"
headway_minutes = 10
[[modification.frequencies]]
start_time = "09:00"
end_time = "10:30"
headway_minutes = 10
"""
    message = mistakes(network, tmp_path, text)
    for part in (
        "scenario plan.toml: 13 problems",
        "plan.toml field titel: is not known at the top -> did you mean 'title'?",
        (
            "field stops[1]: modification 1 (line 6): is no station of the network (given: '乙站') -> "
            "did you mean 乙 (b)?"
        ),
        (
            "field stops[2].lat: modification 1 (line 7): is not within -90 to 90 degrees (given: "
            "'104.1') -> lon and lat look swapped"
        ),
        (
            "field stops[3].statoin_class: modification 1 (line 8): is not known -> did you mean "
            "'station_class'?"
        ),
        (
            "field hop_minutes: modification 1 (line 10): has 3 values for 3 stops (given: '[12, 0, "
            "3]') -> give 2, one a hop"
        ),
        (
            "field hop_minutes[2]: modification 1 (line 10): is out of range (given: '0') -> allowed: "
            "more than 0 to 1440 minutes"
        ),
        "field bidirectional: modification 1 (line 11): is not true or false (given: 'yes')",
        (
            "field frequencies[1].headway_minutes: modification 1 (line 15): is out of range (given: "
            "'0') -> allowed: 0.5 to 1440 minutes"
        ),
        (
            "field frequencies[2].end_time: modification 1 (line 18): is not after start_time 12:00 "
            "(given: '11:00') -> past midnight count on: 25:00"
        ),
        (
            "field type: modification 2 (line 22): is not known (given: 'add-trip') -> did you mean "
            "'add-trips'?; known: add-trips, remove-trips"
        ),
        (
            "field routes: modification 3 (line 24): no trip is selected -> give one of routes, trips, "
            "from, to"
        ),
        (
            "field frequencies[2].start_time: modification 4 (line 37): overlaps frequencies[1], "
            "06:00-10:00 (given: '09:00-10:30')"
        ),
        (
            "field hop_minutes[1]: modification 4 (line 31): 甲 to 乙: 28.9 km in 3 min is 578 km/h, "
            "above 450 (given: '3')"
        ),
    ):
        assert part in message


def test_nothing_is_changed_when_one_modification_is_wrong(network, tmp_path):
    """A good first line is not applied when the second is bad."""
    mistakes(network, tmp_path, PLAN + '[[modification]]\ntype = "add-trips"\n')
    assert (network.n_stations, network.n_trips) == (3, 2)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (("hop_minutes = [12, "
            "30.5]"), ("hop_minutes = [2, "
                "30]"), ("field hop_minutes[1]: modification 1 (line 11): 乙 to 新站: 19.3 km in 2 "
                    "min is 578 km/h, above 450 (given: '2') -> a straight line at 450 km/h takes "
                    "2.6 min")),
        (("hop_minutes = [12, "
            "30.5]"), ("hop_minutes = "
                "12"), "must be a list of the minutes between consecutive stops (given: '12')"),
        (("hop_minutes = [12, "
            "30.5]"), "", "field hop_minutes: modification 1 (line 3): must be a list"),
        (("hop_minutes = [12, "
            "30.5]"), ("hop_minutes = [true, "
                "nan]"), ("field hop_minutes[1]: modification 1 (line 11): is not a number of "
                    "minutes (given: 'true')")),
        (("dwell_minutes = "
            "2"), ("dwell_minutes = [1, "
                "2]"), ("has 2 values for 1 intermediate stops (given: '[1, 2]') -> give one number "
                    "for all, or 1")),
        (("dwell_minutes = "
            "2"), ("dwell_minutes = "
                "-1"), ("field dwell_minutes: modification 1 (line 12): is out of range (given: "
                    "'-1') -> allowed: 0 to 120 minutes")),
        (("dwell_minutes = "
            "2"), ("dwel_minutes = "
                "2"), ("field dwel_minutes: modification 1 (line 12): is not known -> did you mean "
                    "'dwell_minutes'?")),
        ('  "Bing",\n', '  "新站",\n', ("field stops[3]: modification 1 (line 8): is the same "
            "station as stop 2 (given: '新站')")),
        ('  "Bing",\n', '  "乙",\n  "乙",\n', ("field stops[4]: modification 1 (line 7): is the "
            "same station as stop 3 (given: '乙')")),
        ('  "Bing",\n', "  7,\n", ("field stops[3]: modification 1 (line 6): is neither a station's "
            "name nor a table (given: '7')")),
        ('  "Bing",\n', ("  { lon = 104.0 "
            "},\n"), "field stops[3].name: modification 1 (line 6): must be the station's name"),
        ("lat = 30.0, ", "", "field stops[2].lat: modification 1 (line 8): is missing"),
        ("lat = 30.0, ", 'lat = "x", ', ("field stops[2].lat: modification 1 (line 8): is not a "
            "number of degrees (given: 'x')")),
        (("lon = 104.1, lat = "
            "30.0"), ("lon = 194.1, lat = "
                "30.0"), ("field stops[2].lon: modification 1 (line 8): is not within -180 to 180 "
                    "degrees (given: '194.1')")),
        (('station_class = '
            '"medium"'), ('station_class = '
                '"giant"'), ("field stops[2].station_class: modification 1 (line 8): is not allowed "
                    "(given: 'giant') -> allowed: hub, large, medium")),
        ("terminal = true", ('core_city = '
            '"jya"'), ("field stops[2].core_city: modification 1 (line 8): is no city of the network "
                "(given: 'jya') -> did you mean 'jia'?")),
        ("terminal = true", 'terminal = "yes"', ("field stops[2].terminal: modification 1 (line 8): "
            "is not true or false (given: 'yes')")),
        ('name = "快线"', 'name = ""', ("field name: modification 1 (line 5): must be the line's "
            "name")),
        ('type = "add-trips"', "", ("field type: modification 1 (line 3): is missing -> known: "
            "add-trips")),
        (('start_time = '
            '"07:00"'), ('start_time = "7 '
                'Uhr"'), ("field frequencies[1].start_time: modification 1 (line 15): is not a clock "
                    "time (given: '7 Uhr') -> allowed: \"07:30\" up to \"48:00\"")),
        (('start_time = '
            '"07:00"'), "", "field frequencies[1].start_time: modification 1 (line 14): is missing"),
        (("headway_minutes = "
            "10"), "headway = 10", ("field frequencies[1].headway: modification 1 (line 17): is not "
                "known -> did you mean 'headway_minutes'?")),
        (PLAN[PLAN.index("[[modification.frequencies]]"):], "", ("field frequencies: modification 1 "
        "(line 3): the line has no headway -> add a table "
            "[[modification.frequencies]]")),
        (("hop_minutes = [12, "
            "30.5]"), (f"hop_minutes = [1{'0' * 400}, "
                "30.5]"), ("field hop_minutes[1]: modification 1 (line 11): is not a number of "
                    "minutes")),
    ],
)  # fmt: skip
def test_single_mistakes(network, tmp_path, old, new, expected):
    assert old in PLAN
    assert expected in mistakes(network, tmp_path, PLAN.replace(old, new, 1))


def test_a_line_of_one_stop(network, tmp_path):
    text = (
        PLAN[: PLAN.index("stops")]
        + 'stops = ["乙"]\nhop_minutes = []\n'
        + PLAN[PLAN.index("\n[[modification.f") :]
    )
    assert (
        "field stops: modification 1 (line 6): names 1 stops; a line needs two or more"
        in mistakes(network, tmp_path, text)
    )


def test_core_station_without_a_city(network, tmp_path):
    """terminal = true means the city being compared: without one, the file must say which."""
    message = mistakes(network, tmp_path, PLAN, city=None)
    assert (
        "field stops[2].terminal: modification 1 (line 8): does not say of which city (given: "
        "'true') -> add core_city = \"slug\"" in message
    )
    with pytest.raises(NotFoundError, match="unknown city"):
        apply_scenario(network, plan(tmp_path), city="nowhere")


def test_an_ambiguous_name_lists_the_ids(tmp_path):
    """Two stations called 甲: the ids are named, and an id is enough."""
    stops = (
        "stop_id,stop_name,stop_lat,stop_lon\na,甲,30.0,104.0\nb,甲,30.0,104.3\nc,丙,30.0,104.6\n"
    )
    network = load_network(write_network(tmp_path / "net", {}, stops=stops))
    text = PLAN.replace('"乙"', '"甲"').replace('"Bing"', '"丙"').replace(", terminal = true", "")
    message = mistakes(network, tmp_path, text, city=None)
    assert (
        "field stops[1]: modification 1 (line 7): names 2 stations (given: '甲') -> give one of "
        "the ids a, b" in message
    )
    assert network.find_stations("甲") == [0, 1]
    assert network.find_station("甲") is None
    with pytest.raises(NotFoundError, match="2 stations bear this name: give one of the ids a, b"):
        network.get_station("甲")
    assert apply_scenario(network, plan(tmp_path, text.replace('"甲"', '"a"'))).n_stations == 4


def test_stations_are_found_by_id_name_and_english_name(network):
    """An id beats a name, a Chinese name an English one; English names ignore case."""
    assert [network.find_station(text) for text in ("b", "乙", " yi ", "YI", "", "zz")] == [
        1,
        1,
        1,
        1,
        None,
        None,
    ]


def test_lon_and_lat_exchanged_within_range(tmp_path):
    """Near Porto Alegre (-51, -30) both orders are in range: the one far from the network is
    refused.
    """
    stops = (
        "stop_id,stop_name,stop_lat,stop_lon\na,A,-30.0,-51.0\nb,B,-30.0,-51.3\nc,C,-30.0,-51.6\n"
    )
    network = load_network(write_network(tmp_path / "net", {}, stops=stops))
    text = PLAN.replace('"乙"', '"a"').replace('"Bing"', '"c"').replace(", terminal = true", "")
    swapped = text.replace("lon = 104.1, lat = 30.0", "lon = -30.1, lat = -51.1")
    message = mistakes(network, tmp_path, swapped, city=None)
    assert "field stops[2].lon: modification 1 (line 8): the station lies " in message
    assert "lon and lat look swapped: exchange them" in message


def test_files_that_are_no_scenario(network, tmp_path):
    """No file, no TOML, no text and a [modification] instead of [[modification]] say so; GB18030 is
    read.
    """
    with pytest.raises(InputError, match=r"none\.toml: cannot be read"):
        load_scenario(tmp_path / "none.toml")
    with pytest.raises(InputError, match=r"no TOML: .*line 2"):
        plan(tmp_path, "title = 'x'\nseed = \n")
    (tmp_path / "gb.toml").write_bytes("title = '新线'".encode("gb18030"))
    assert load_scenario(tmp_path / "gb.toml").title == "新线"
    (tmp_path / "latin.toml").write_bytes("title = 'Malmö'".encode("latin-1"))
    with pytest.raises(InputError, match="is not UTF-8"):
        load_scenario(tmp_path / "latin.toml")
    message = mistakes(
        network, tmp_path, "seed = 1.5\n[modification]\ntype = 'add-trips'\n", city=None
    )
    assert (
        "field modification: line 2: is no list of tables -> write each one below a line "
        "[[modification]]" in message
    )
    assert "field seed: line 1: is not a whole number (given: '1.5')" in message


def test_a_scenario_made_in_python_has_no_lines(network):
    """Without a file, mistakes are named by number only."""
    scenario = scenario_from_dict({"title": "x", "modification": [{"type": "add-trips"}]})
    with pytest.raises(InputError) as caught:
        apply_scenario(network, scenario)
    assert "scenario field name: modification 1: must be the line's name" in str(caught.value)


def test_seeds_draw_other_phases(network, tmp_path):
    """Another seed in the file gives other departures, the same seed the same."""
    trips = [
        apply_scenario(network, plan(tmp_path, f"seed = {seed}\n{PLAN}"), city="jia").trips.trip_ids
        for seed in (1, 1, 2)
    ]
    assert trips[0] == trips[1]
    assert trips[0] != trips[2]
