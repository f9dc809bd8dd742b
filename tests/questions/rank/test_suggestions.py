"""Links between stations: no bound is ever exceeded, and the right corridor comes first."""

from __future__ import annotations

import json
from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import railshed
from railshed.cli import rank
from railshed.comparisons.objective import Objective, objective_of
from railshed.network.cities import Centre, City, Region
from railshed.questions.rank.link_bounds import FAR, Bounds, _most, times_between
from railshed.questions.rank.portfolio import ObjectiveEvaluator
from railshed.questions.rank.suggestions import LinkRules, suggest_links
from railshed.scenario.apply import apply_scenario
from railshed.scenario.files import scenario_from_dict
from railshed.scenario.plan import with_seed
from railshed.util.errors import ParameterError
from tests.support.clirunner import assert_mistake
from tests.support.small_networks import place, small_network

WAYS = ("to", "from")


def opportunities(at, people):
    where = np.array([place(*km) for km in at.values()])
    return railshed.Opportunities.of_points(
        where[:, 0], where[:, 1], {"people": np.array([people[s] for s in at], float)}, 4326
    )


def all_day(*calls, every=15, start=300, end=1260):
    """Return trips with calls at (station, minute), and back in the same minutes."""
    trips, last = {}, calls[-1][1]
    for t in range(start, end, every):
        for way, some in (("out", calls), ("back", [(s, last - m) for s, m in reversed(calls)])):
            trips[f"{calls[0][0]}{calls[-1][0]}{way}{t}"] = [
                (s, f"{(t + m) // 60:02d}:{(t + m) % 60:02d}") for s, m in some
            ]
    return trips


def link(a, b, minutes, every=10):
    return scenario_from_dict(
        {
            "modification": [
                {
                    "type": "add-trips",
                    "name": "new",
                    "stops": [a, b],
                    "hop_minutes": [minutes],
                    "frequencies": [
                        {"start_time": "04:00", "end_time": "23:00", "headway_minutes": every}
                    ],
                }
            ]
        }
    )


def test_fastest_hops_by_hand():
    """a - b in 3 minutes and in 5, b - c in 4: to c it takes 4 from b, 7 from a; back there is
    nothing.
    """
    trips = {
        "slow": [("a", "08:00"), ("b", "08:05")],
        "fast": [("a", "09:00"), ("b", "09:03"), ("c", "09:07")],
    }
    net = small_network({"a": (0, 0), "b": (10, 0), "c": (20, 0)}, trips)
    compiled = railshed.prepare(net).compiled
    to, back = (
        times_between(compiled.hops(way)[0], [[(2, 0)], [(1, 60)]], 3600).tolist() for way in WAYS
    )
    assert to == [[420, 240, 0], [240, 60, FAR]]
    assert back == [[FAR, FAR, 0], [FAR, 60, 300]]


def bounds_by_hand(**changes):
    """Return bounds of 10 minutes: stations 0 and 1 are the ends, 1 is the core of city 0, 240 s
    from that of city 1.

    By today's trains 2 lies 60 s from 0, door and platform are 30 s apart everywhere. Of three
    cells with weights 1, 10 and 100 the first two lie 120 and 240 s from station 0, the last two 60
    and 0 s from station 2.
    """
    most = np.zeros((3, 11))
    most[[0, 0, 2, 2], [2, 4, 1, 0]] = 1, 10, 10, 100
    known = {
        "between": [[0, FAR, 60], [FAR, 0, 240]],
        "onward": [[FAR, 0], [FAR, 240]],
        "home_s": [30, 30, 30],
        "cell": [0, 1, 1, 2],
        "station": [0, 0, 2, 2],
        "access_s": [120, 240, 60, 0],
        "weight": [1.0, 10.0, 100.0],
        "most": most.cumsum(axis=1),
        "counts": np.zeros(3, np.int32),
        "near": [11, 0, 110],
    }
    objective = changes.pop("objective", Objective("people10", "people", 10))
    return Bounds(objective, **({name: np.array(value) for name, value in known.items()} | changes))


@pytest.mark.parametrize(
    ("run_s", "tight", "loose"),
    [
        (
            330,
            111,
            121,
        ),  # 240 s are left at the door of station 0, 180 s at that of 2: the second cell is near both
        (331, 111, 121),
        (389, 111, 121),  # 181 s at station 0, rounded up to the 4 minutes of the second cell
        (390, 111, 111),
        (450, 111, 111),  # 120 and 60 s
        (451, 100, 111),
        (509, 100, 111),  # 61 and 1 s, rounded up
        (510, 100, 100),  # 60 and 0 s
        (511, 0, 100),
        (569, 0, 100),
        (570, 0, 0),
        (9_999, 0, 0),
    ],
)
def test_bounds_by_hand(run_s, tight, loose):
    """A link from 0 to 1: the tight bound counts each cell once, the loose one for each station
    near it.
    """
    bounds = bounds_by_hand()
    assert bounds.tight(0, 1, run_s) == bounds.tight(1, 0, run_s) == tight
    a, b, runs = np.array([0, 1]), np.array([1, 0]), np.array([run_s, run_s])
    assert bounds.loose(a, b, runs).tolist() == [loose, loose]


@pytest.mark.parametrize(
    ("run_s", "tight", "loose"),
    [
        # 240 s are left at station 0, 180 s at 2: cell 0 saves 240 - 120, cell 1 from station 2 180
        # - 60 less its 60
        (330, 120 * 1 + 60 * 10, 2 * 1 + 1 * 10),
        # 480 s at station 0, 420 s at 2: cell 0 saves 360, which is the most; cell 1 360 - 60; cell
        # 2 360 - 350. Loosely cell 1 counts at 0 too, (8 - 5) x 10, and cell 2 by whole minutes, (7
        # - 5) x 100
        (90, 360 * 1 + 300 * 10 + 10 * 100, 6 * 1 + 3 * 10 + 5 * 10 + 2 * 100),
    ],
)
def test_bounds_of_minutes_by_hand(run_s, tight, loose):
    """Minutes below 10 count down to 4; cells 1 and 2 are below 10 by 60 and 350 s already; in
    person-minutes.
    """
    one = Objective("saved", "people", 10, least_min=4)
    cell, station = np.array([0, 1, 1, 2]), np.array([0, 0, 2, 2])
    weight, counts = np.array([1.0, 10.0, 100.0]), np.array([0, 60, 350], np.int32)
    most = _most(one, 3, station, np.array([120, 240, 60, 0]), counts[cell], weight[cell])
    bounds = bounds_by_hand(objective=one, counts=counts, most=most)
    assert bounds.tight(0, 1, run_s) == pytest.approx(tight / 60)
    assert bounds.loose(*(np.array([v]) for v in (0, 1, run_s))).tolist() == [loose]


@pytest.mark.parametrize(
    ("run_s", "touched"),
    [(330, [True, True]), (331, [True, False]), (570, [True, False]), (571, [False, False])],
)
def test_cities_that_a_link_can_be_of_use_for(run_s, touched):
    """From the door of station 0 it is 30 s, the link, and 240 s more to city 1."""
    bounds = bounds_by_hand(between=np.array([[0, FAR, FAR], [FAR, FAR, FAR]]))
    assert [bounds.touches(city, 0, 1, run_s) for city in (0, 1)] == touched


def test_a_link_may_be_taken_back():
    """From 1 over the link to 0 and back is twice its run; from 2, which trains join to 0, it is
    one run more.
    """
    least = bounds_by_hand().least_s(np.array([0]), np.array([1]), np.array([100]))
    assert least.tolist() == [[100, 200, 160]]
    least = bounds_by_hand(onward=np.array([[50, FAR]])).least_s(
        np.array([0]), np.array([1]), np.array([100])
    )
    assert least.tolist() == [[250, 150, 310]]


@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.data())
def test_no_link_gains_more_than_its_bound(data):
    """Random stations and trains: every link's gain is at most the tight bound, which is at most
    the loose one.

    A link that cannot be of use for a city changes nothing there.
    """
    spot = st.tuples(st.integers(-40, 40), st.integers(-40, 40))
    places = data.draw(st.lists(spot, min_size=5, max_size=5, unique=True))
    at = dict(zip("abcde", places, strict=True))
    trips = {}
    for _ in range(data.draw(st.integers(0, 3))):
        some = data.draw(st.permutations("abcde"))[: data.draw(st.integers(2, 3))]
        ends = np.cumsum([0, *(data.draw(st.integers(5, 25)) for _ in some[1:])]).tolist()
        trips |= all_day(
            *zip(some, ends, strict=True),
            every=data.draw(st.sampled_from([20, 60])),
            start=360,
            end=660,
        )
    trips |= {"never": [("a", "25:00"), ("b", "25:50")]}
    cities = tuple(City(s, s, s, (s,), (Centre(s, s, *place(*at[s])),)) for s in "ab")
    net = small_network(at, trips, cities=cities)
    run = railshed.prepare(net, population=opportunities(at, {s: 2.0**k for k, s in enumerate(at)}))
    way = data.draw(st.sampled_from(WAYS))
    names = ["people60", "area60s", "people60t", "minutes", "minutes-s", "minutes-t"]
    measure = ObjectiveEvaluator(run, cities, objective_of(data.draw(st.sampled_from(names))), way)
    base = [measure.inside_of([run], city) for city in cities]
    ends = [net.get_station(s) for s in at]
    bounds = Bounds.of(measure, ends, way)
    a, b = sorted(data.draw(st.permutations(range(5)))[:2])
    minutes = data.draw(st.integers(16, 40))
    (scenario,) = with_seed([link("abcde"[a], "abcde"[b], minutes)], data.draw(st.integers(0, 20)))
    after = railshed.prepare(apply_scenario(net, scenario), population=run.opportunities)
    circles = [measure.inside_of([after], city) for city in cities]
    gain = measure.value(circles) - measure.value(base)
    tight = bounds.tight(a, b, minutes * 60)
    loose = bounds.loose(*(np.array([v]) for v in (a, b, minutes * 60)))[0]
    assert gain <= tight + 1e-6
    assert tight <= loose + 1e-6
    for k in range(2):
        if not bounds.touches(k, a, b, minutes * 60):
            assert base[k].same(circles[k])


AT = {"core": (0, 0), "p": (30, 0), "q": (15, 60), "r": (0, 40), "s": (-20, 0)}
PEOPLE = {"core": 1.0, "p": 1000.0, "q": 10.0, "r": 2000.0, "s": 5.0}


def country_of(at, metro=None):
    """Return trains core - q - p in 90 minutes and s - core in 12, one core station, one county, no
    other trains.

    `metro`: trips by metro beside them, which make the others intercity trains.
    """
    trips = all_day(("core", 0), ("q", 45), ("p", 90)) | all_day(("s", 0), ("core", 12), every=10)
    types = 1 if metro is None else dict.fromkeys(trips, 2) | dict.fromkeys(metro, 1)
    trips |= metro or {}
    city = City(
        "core", "core", "core", ("core",), (Centre("core", "core", *place(0)),), regions=("all",)
    )
    region = Region("all", "agglomeration", "全", "All", ("0001",))
    square = shapely.box(*place(-80, -80), *place(80, 80))
    counties = gpd.GeoDataFrame(
        {
            "county_code": ["0001"],
            "county": "x",
            "county_en": "x",
            "prefecture_code": "0001",
            "prefecture": "x",
            "prefecture_en": "x",
            "province_code": "00",
            "province": "x",
            "province_en": "x",
            "population": 4000,
        },
        geometry=[square],
        crs="EPSG:4326",
    )
    net = small_network(
        at, trips, cities=(city,), regions=(region,), counties=counties, route_type=types
    )
    return replace(net, stations=tuple(replace(s, county_code="0001") for s in net.stations))


@pytest.fixture(scope="module")
def country():
    """A core station; p 30 km east with trains by a detour over q, 90 minutes; r 40 km north with
    none.
    """
    return railshed.prepare(country_of(AT), population=opportunities(AT, PEOPLE))


def test_the_best_links_by_hand(country):
    """r, where no train goes, gains 2,000; p, 90 minutes by rail for 30 km, 1,000; nothing beats
    them, proved.

    Links to s instead of the core station gain the same and are the same corridors.
    """
    rules = LinkRules(least_near=1, apart_km=25, number=2, most_trains=100)
    found = suggest_links(country, "all", rules=rules, objective="people60s")
    assert [(link.gain, link.direct_trains) for link in found.links] == [(2000, 0), (1000, 64)]
    assert [{link.from_id, link.to_id} for link in found.links] == [{"core", "r"}, {"core", "p"}]
    assert found.proved
    assert all(link.gain <= link.bound for link in found.links)
    again = suggest_links(country, "all", rules=rules, objective="people60s")
    assert again.as_plain() == found.as_plain()
    minutes = suggest_links(
        country, "all", rules=rules
    )  # r and p from beyond 90 minutes to less than 60
    assert [{link.from_id, link.to_id} for link in minutes.links] == [{"core", "r"}, {"core", "p"}]
    for link, people in zip(minutes.links, (2000, 1000), strict=True):
        assert 30 * people < link.gain <= link.bound <= 60 * (people + 16)


@pytest.mark.parametrize(("km", "joined"), [(0.3, True), (3, False)])
def test_what_a_metro_nearby_joins_is_no_link(km, joined):
    """64 trains a day go from core to p; 64 of a slow metro from 300 m beside the one to 300 m
    beside the other are as good as direct, more than 100 in all and no link; those from 3 km beside
    are not.
    """
    at = AT | {"m": (0, km), "n": (30, km)}
    metro = all_day(("m", 0), ("n", 75))
    run = railshed.prepare(country_of(at, metro), population=opportunities(AT, PEOPLE))
    found = suggest_links(
        run,
        "all",
        rules=LinkRules(least_near=1, apart_km=1, most_trains=100),
        objective="people60s",
    )
    ends = [{link.from_id, link.to_id} for link in found.links]
    assert ({"core", "p"} not in ends) == joined
    assert {"core", "q"} in ends
    assert not any(
        {"m", "n"} & pair for pair in ends
    )  # stations of the metro alone; nothing serves r


def test_the_largest_bound_is_appraised_first(country):
    """With one link appraised it is one to r, and what is left is bounded by no more than it."""
    for per_km in (False, True):
        rules = LinkRules(
            least_near=1, apart_km=25, number=1, most_trains=100, most_appraised=1, per_km=per_km
        )
        found = suggest_links(country, "all", rules=rules, objective="people60s")
        (link,) = found.links
        assert "r" in (link.from_id, link.to_id)
        assert found.left_bound <= (link.bound / link.km if per_km else link.bound)


@pytest.mark.parametrize(
    ("most", "gains", "left", "proved"),
    [
        (1, [16_000], 16_000, False),  # core - x; the same from s is left
        (2, [16_000], 8_000, False),  # both, one corridor
        (3, [16_000, 8_000], 8_000, False),
        (4, [16_000, 8_000], 4_000, False),
        (5, [16_000, 8_000, 4_000], 4_000, True),  # y from s is left, and no better than the three
        (6, [16_000, 8_000, 4_000], 4_000, True),
    ],
)
def test_links_are_appraised_in_falling_order_of_their_bounds(most, gains, left, proved):
    """Five towns without trains, 1,000 to 16,000 people in the order of none of their names, from
    core and s each.

    With p and q from either that is 14 links; core - s is the 15th, by which one at the door of
    core might ride to s and back, as far as the bound knows.
    """
    towns = {"v": (0, 40), "w": (0, -40), "x": (-45, -30), "y": (45, -35), "z": (-50, 35)}
    at = {name: AT[name] for name in ("core", "p", "q", "s")} | towns
    people = {
        "core": 1,
        "p": 10,
        "q": 10,
        "s": 5,
        "v": 1_000,
        "w": 2_000,
        "x": 16_000,
        "y": 4_000,
        "z": 8_000,
    }
    run = railshed.prepare(country_of(at), population=opportunities(at, people))
    rules = LinkRules(least_near=1, apart_km=25, number=3, most_trains=100, most_appraised=most)
    found = suggest_links(run, "all", rules=rules, objective="people60s")
    assert [link.gain for link in found.links] == gains
    assert (found.left_bound, found.proved) == (left, proved)
    assert (found.n_pairs, found.n_candidates, found.n_appraised) == (36, 15, min(most, 5))


def test_rules_out_of_bounds_are_told(country):
    """900 km/h and no links at all: both in one message."""
    with pytest.raises(ParameterError) as error:
        suggest_links(country, "all", rules=LinkRules(top_speed_kmh=900, number=0))
    assert "top_speed_kmh 900" in str(error.value)
    assert "number 0" in str(error.value)


def test_options_out_of_bounds_are_told(cli):
    """By the names that they have on the command line, before anything is loaded."""
    done = cli("suggest", "cy", "--top-speed", 9999, "--headway", 0, "-n", "nowhere")
    assert_mistake(
        done, "--top-speed 9999: allowed are numbers from 20 to 450; --headway 0: allowed"
    )
    assert "Rules" not in done.err


@pytest.mark.slow
def test_files_of_links(tmp_path, cli, monkeypatch):
    """The table, the lines, and of each link the scenario and the circles it changes: the gain is
    that of `compare`.
    """
    monkeypatch.setattr(rank, "load", lambda _: country_of(AT))
    rows = [(*place(*AT[name]), 100 * people) for name, people in PEOPLE.items()]
    text = "\n".join(["lon,lat,people", *(",".join(map(str, row)) for row in rows)])
    (tmp_path / "people.csv").write_text(text, encoding="utf-8")
    out = tmp_path / "out"
    rules = ("--max-trains", 100, "--number", 2, "--objective", "people55s")
    given = ("all", "--population", tmp_path / "people.csv", *rules)
    done = cli("suggest", *given, "-o", out, "--no-progress")
    assert done.code == 0, done.err
    assert done.out.startswith(
        "Of 3 links worked out in full, CORE - R brings most: 200,000 people within 55 minutes."
    )
    table = pd.read_csv(out / "suggestions.csv")
    assert table.gain.tolist() == [200_000, 100_000]
    assert table.status.str.startswith("screening").all()
    for column, places in (
        ("gain", 0),
        ("bound", 0),
        ("km", 2),
        ("run_minutes", 2),
        ("gain_per_km", 3),
    ):
        assert (
            table[column].round(places).tolist() == table[column].tolist()
        )  # rounded as other tables are
    assert (table.bound >= table.gain).all()
    lines = gpd.read_file(out / "suggestions.gpkg", layer="links")
    assert lines.gain.tolist() == table.gain.tolist()
    for k, row in enumerate(table.itertuples(), start=1):
        folder = out / f"{k:02d}_{row[1]}_{row.to}"
        compared = pd.read_csv(folder / "core_compare.csv")
        within = compared[(compared.cutoff_min == 55) & (compared.kind == "by_rail")]
        within = within[within.reading == "door-to-station"]
        assert set(within.people_gained) == {row.gain}
        assert (folder / "core_compare.gpkg").is_file()
        assert (
            railshed.load_scenario(folder / "scenario.toml").title
            == f"{row.from_name}-{row.to_name}"
        )
    assert (
        json.loads((out / "run.json").read_text(encoding="utf-8"))["parameters"]["command"]
        == "suggest"
    )
