"""Run times of whole lines: clock, lengths, stops, limits and what is refused; the tables of the
China network.
"""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from railshed.network.lines import Profile
from railshed.network.model import Station
from railshed.scenario.run_times.allowances import RunRules, all_rules, run_rules, ways
from railshed.scenario.run_times.kinematics import RollingStock, get_stock, rolling_stock
from railshed.scenario.run_times.run_times import run_times
from railshed.scenario.run_times.stops import _turned
from railshed.util.errors import NotFoundError, ParameterError
from tests.support.clirunner import assert_mistake
from tests.support.scripts import build_script

CHINA = Path(__file__).parents[2] / "networks" / "china"
#: 0.5 m/s2 at every speed, brakes at 1 m/s2
PLAIN = RollingStock("plain", "", "", 400, ((0, 0.5),), 1.0)
#: nothing added
BARE = RunRules("bare", 1.0, 0.0, 0.0, 0.0)
TEN = RunRules("ten", 1.0, 0.10, 24.0, 30.0)
STOCKS = st.sampled_from([None, *rolling_stock()])


def line(hop_km, **options):
    options = {
        "top_speed_kmh": 72,
        "rolling_stock": PLAIN,
        "rules": BARE,
        "round_to_s": 0,
        **options,
    }
    return run_times(None, hop_km=hop_km, **options)


def test_margin_loss_and_dwell():
    """160 s with 10 % and 24 s are 200 s; two such hops with 30 s between them end at 430 s."""
    found = line([2.6, 2.6], rules=TEN)
    clock = [second for hop in found.hops for second in (hop.depart_s, hop.arrive_s, hop.dwell_s)]
    assert clock == pytest.approx([0, 200, 30, 230, 430, 0])
    assert found.total_s == pytest.approx(430)
    assert found.hop_minutes == pytest.approx((200 / 60, 200 / 60))


def test_rounding_is_of_the_clock():
    """200 s, 230 s and 430 s are 3, 4 and 7 minutes: the hops are 3 and 3, the dwell 1; in half
    minutes 3.5, 4, 7.
    """
    whole = line([2.6, 2.6], rules=TEN, round_to_s=60).hops
    assert [(hop.depart_s, hop.arrive_s, hop.dwell_s) for hop in whole] == [
        (0, 180, 60),
        (240, 420, 0),
    ]
    half = line([2.6, 2.6], rules=TEN, round_to_s=30).hops
    assert [(hop.depart_s, hop.arrive_s) for hop in half] == [(0, 210), (240, 420)]


def test_express():
    """Without the stop the train runs 5,200 m: 40 s, 4,600 m at 20 m/s in 230 s, 20 s."""
    found = line([2.6, 2.6], stops_at=[])
    assert [(hop.from_idx, hop.to_idx) for hop in found.hops] == [(0, 2)]
    assert found.total_s == pytest.approx(290)
    assert line([2.6, 2.6], stops_at=[1]) == line([2.6, 2.6])


def test_limits_along_the_line():
    """36 km/h from km 3.6 to 4.1 is the limit from 1,000 to 1,500 m of the second hop: 160 and
    192.5 s.
    """
    found = line([2.6, 2.6], speed_limits=[(3.6, 4.1, 36)])
    assert [hop.run_s for hop in found.hops] == pytest.approx([160, 192.5])


def test_dwell_of_each_stop():
    """A list holds for each station; those at the ends are ignored."""
    assert [hop.dwell_s for hop in line([1, 1, 1], dwell_s=[99, 30, 40, 99]).hops] == pytest.approx(
        [30, 40, 0]
    )
    assert [hop.dwell_s for hop in line([1, 1, 1], dwell_s=50).hops] == pytest.approx([50, 50, 0])


def test_lengths_from_places():
    """A degree on the equator is 111.19 km; with 1.1 it is 122.3; 300 km over one and two degrees
    are 100 and 200.
    """
    places = [(0.0, 0.0), (1.0, 0.0), (3.0, 0.0)]
    detour = run_times(places[:2], top_speed_kmh=200, rules=RunRules("", 1.1, 0, 0, 0))
    assert detour.length_m == pytest.approx(122_314, rel=1e-4)
    given_length = run_times(places, top_speed_kmh=200, length_km=360)
    assert [hop.length_m for hop in given_length.hops] == pytest.approx([120_000, 240_000])


def test_stations_are_places():
    """Anything with lon and lat is a stop, as a pair of numbers is."""
    stations = [Station("a", "A", 0.0, 0.0), Station("b", "B", 1.0, 0.0)]
    assert run_times(stations, top_speed_kmh=200) == run_times(
        [(0.0, 0.0), (1.0, 0.0)], top_speed_kmh=200
    )


def test_limits_end_with_the_line():
    """A degree x 1.06 are 117.9 km at 200 km/h: a limit as far as 117 is taken, one as far as 119
    refused.
    """
    run_times([(0.0, 0.0), (1.0, 0.0)], top_speed_kmh=200, speed_limits=[(0, 117, 80)])
    with pytest.raises(ParameterError, match=r"within 0 and 117\.8"):
        run_times([(0.0, 0.0), (1.0, 0.0)], top_speed_kmh=200, speed_limits=[(0, 119, 80)])


def test_assumptions_say_what_was_chosen():
    """Stock and rules that were not named are said to be chosen, with where they are from."""
    found = run_times([(0.0, 0.0), (1.0, 0.0)], top_speed_kmh=350)
    text = "\n".join(found.assumptions)
    assert "CR400" in text
    assert "taken as the usual one" in text
    assert "straight distance x 1.06" in text
    assert "recovery margin 8 %" in text
    assert "dwell 120 s" in text
    assert "CR400" in repr(found)


@given(
    st.lists(st.floats(0.5, 60), min_size=2, max_size=6), st.integers(30, 350), st.floats(0, 600),
    st.sampled_from([0, 1, 30, 60]), STOCKS, st.data(),
)  # fmt: skip
def test_a_further_stop_never_saves_time(hop_km, kmh, dwell, step, stock, data):
    """Also with rounding: no arrival at a station that both call at is earlier with the stop; where
    no stock is named, another train may run the stopping pattern, but not sooner to the end."""
    inner = st.sets(st.integers(1, len(hop_km) - 1))
    few = data.draw(inner)
    more = few | data.draw(inner)
    options = {"top_speed_kmh": kmh, "dwell_s": dwell, "round_to_s": step, "rolling_stock": stock}
    arrivals = [
        {
            hop.to_idx: hop.arrive_s
            for hop in run_times(None, hop_km=hop_km, stops_at=sorted(at), **options).hops
        }
        for at in (few, more)
    ]
    if stock is None:
        arrivals[0] = {len(hop_km): arrivals[0][len(hop_km)]}
    assert all(arrivals[1][idx] >= arrive - 1e-6 for idx, arrive in arrivals[0].items())


@given(
    st.lists(st.floats(0.5, 60), min_size=1, max_size=5),
    st.floats(20, 450),
    st.floats(20, 450),
    STOCKS,
    st.sampled_from([None, TEN]),
    st.sampled_from([0, 60]),
    st.sampled_from([None, 45]),
    st.data(),
)
def test_a_faster_line_is_never_slower(hop_km, kmh, other, stock, rules, step, dwell, data):
    """A higher top speed with all else equal never gives a longer run: stock, rules, stops, limits
    named or not.
    """
    whole_km = sum(hop_km)
    at = data.draw(st.none() | st.sets(st.integers(0, len(hop_km))))
    limits = (
        [(0, whole_km / 2, data.draw(st.integers(10, 300)))] if data.draw(st.booleans()) else []
    )
    options = {
        "hop_km": hop_km,
        "rolling_stock": stock,
        "rules": rules,
        "round_to_s": step,
        "dwell_s": dwell,
        "stops_at": None if at is None else sorted(at),
        "speed_limits": limits,
    }
    slow, fast = sorted((kmh, other))
    faster = run_times(None, top_speed_kmh=fast, **options).total_s
    assert faster <= run_times(None, top_speed_kmh=slow, **options).total_s + 1e-6


@given(
    st.lists(st.floats(0.005, 0.5), min_size=1, max_size=4), st.floats(20, 450), st.floats(20, 450)
)
def test_nor_where_lengths_are_not_known(degrees, kmh, other):
    """Between places, where detour and the way of running are chosen too."""
    places = [(sum(degrees[:k]), 0.0) for k in range(len(degrees) + 1)]
    slow, fast = (
        run_times(places, top_speed_kmh=v, round_to_s=0).total_s for v in sorted((kmh, other))
    )
    assert fast <= slow + 1e-6


def test_a_line_may_be_run_like_a_slower_one():
    """201 km/h over hops of 8 km is run by CRH6A at 200, sooner than by CR300; over hops of 80 km
    by CR300.
    """
    short, same = (
        run_times(None, hop_km=[8] * 5, top_speed_kmh=v, round_to_s=0) for v in (201, 200)
    )
    assert short.stock.stock_id == "CRH6A"
    assert short.total_s == same.total_s
    assert (
        "gets there sooner than CR300, the usual one for that speed: runs at up to 200"
        in short.assumptions[0]
    )
    assert run_times(None, hop_km=[80] * 5, top_speed_kmh=250).stock.stock_id == "CR300"


def test_ways_of_running():
    """Each usual stock and class of the kind of line, no faster than they go, the usual one last; a
    named one alone.
    """

    def summary(found):
        return [(way.stock.stock_id, way.rules.class_id, way.top_kmh) for way in found]

    assert summary(ways(100, 2_000)) == [("metro-80", "city", 80), ("metro-100", "city", 100)]
    assert summary(ways(350, 20_000)) == [
        ("CRH6F", "intercity", 160),
        ("CRH6A", "intercity", 200),
        ("CR300", "intercity", 240),
        ("CR300", "high-speed", 250),
        ("CR400", "high-speed", 350),
    ]
    own = summary(ways(350, 2_000, stock=get_stock("CR400")))
    assert own == [("CR400", "intercity", 240), ("CR400", "high-speed", 350)]
    assert summary(ways(350, 20_000, stock=get_stock("metro-80"), rules=TEN)) == [
        ("metro-80", "ten", 350)
    ]


def test_run_like_a_metro_or_like_a_railway():
    """Stations less than 5 km apart on average make a city line; stock that is named decides before
    them.
    """
    assert [line([km] * 3, rolling_stock=None, rules=None).rules.class_id for km in (4.9, 5)] == [
        "city",
        "intercity",
    ]
    for stock_id, class_id in (("suburban-160", "city"), ("CRH6F", "intercity")):
        assert [
            line([km], rolling_stock=stock_id, rules=None).rules.class_id for km in (3, 30)
        ] == [class_id] * 2
    text = "\n".join(run_times(None, hop_km=[4], top_speed_kmh=120).assumptions)
    assert "run like a metro, since stations are 4.0 km apart on average (under 5 km)" in text
    assert "name such stock (suburban-160)" in "\n".join(
        run_times(None, hop_km=[6], top_speed_kmh=120).assumptions
    )


def test_how_wrong_is_said_where_it_is_known():
    """Known: 100 km/h every 2 km, 160 every 8, 350 every 50; not: a railway of 100 km/h, 400 km/h,
    hops of 300 m.
    """

    def how_wrong(km, kmh):
        return run_times(None, hop_km=[km] * 4, top_speed_kmh=kmh).assumptions[-1]

    assert "whole lines are off by" in how_wrong(2, 100)
    assert all("half of the hops" in how_wrong(km, kmh) for km, kmh in ((8, 160), (50, 350)))
    assert all(
        "how wrong: not known" in how_wrong(km, kmh)
        for km, kmh in ((8, 100), (90, 400), (0.3, 100))
    )


def test_every_problem_at_once():
    """Speed, lengths, limits, stops, dwell and step are named together, each with its field."""
    with pytest.raises(ParameterError) as caught:
        run_times(
            [(0.0, 0.0), (1.0, 0.0), (1.0, 0.0)],
            top_speed_kmh=900,
            length_km=20,
            stops_at=[7],
            dwell_s=[1, -2],
            round_to_s=-1,
        )
    for words in (
        "top_speed_kmh: top speed 900",
        "stations 2 and 3 stand at the same place",
        "20 km is less than the straight",
        "stops_at: [7]",
        "dwell_s: 2 values for 3 stations",
        "dwell_s: (1, -2)",
        "round_to_s: -1",
    ):
        assert words in str(caught.value)
    for options, words in (
        ({"hop_km": [5, 5]}, "2 lengths for 2 stations"),
        ({"hop_km": [5]}, "shorter than the straight line of 111.2 km"),
        ({"hop_km": [200], "length_km": 200}, "give one of the two"),
        ({"speed_limits": [(100, 900, 80)]}, "speed limit 1 from 100 to 900 km"),
    ):
        with pytest.raises(ParameterError, match=words):
            run_times([(0.0, 0.0), (1.0, 0.0)], top_speed_kmh=200, **options)
    for words, options in (
        ("hop 1 of 108.4 km is shorter than the straight line of 111.2 km", {"hop_km": [108.4]}),
        ("108.4 km is less than the straight lines of 111.2 km", {"length_km": 108.4}),
    ):
        with pytest.raises(ParameterError, match=words):
            run_times([(0.0, 0.0), (1.0, 0.0)], top_speed_kmh=200, **options)
    for options in (
        {"hop_km": [108.6]},
        {"length_km": 108.6},
    ):  # 98 % of 111.195 km less 500 m: 108.471 km
        assert run_times([(0.0, 0.0), (1.0, 0.0)], top_speed_kmh=200, **options)
    with pytest.raises(ParameterError, match="at least two stations"):
        run_times([(0.0, 0.0)], top_speed_kmh=200)
    with pytest.raises(NotFoundError, match="rolling stock"):
        run_times([(0.0, 0.0), (1.0, 0.0)], top_speed_kmh=200, rolling_stock="TGV")


def test_rules_by_speed():
    """Railways from 240 km/h are high-speed, others intercity; city lines have one class."""
    assert [run_rules(kmh).class_id for kmh in (80, 239, 240, 350)] == ["intercity"] * 2 + [
        "high-speed"
    ] * 2
    assert [run_rules(kmh, service="city").class_id for kmh in (80, 350)] == ["city"] * 2
    assert len(all_rules()) == 3


@pytest.mark.china
def test_line_speeds_fit_the_timetable():
    """Stations are known, trains pass them in the order given, and every row has a source."""
    speeds = build_script("build_line_speeds")
    assert not list(speeds.problems(speeds.read_lines(), *speeds.read_timetable()))


@pytest.mark.china
def test_a_hop_belongs_to_one_line_at_most():
    """Stations of two lines belong to neither: 绩溪北 and 黄山北 are on two, 北京南 and 天津南 on
    one.
    """
    speeds = build_script("build_line_speeds")
    owners = speeds.lines_by_pair(speeds.read_lines())
    assert frozenset(("绩溪北", "黄山北")) not in owners
    assert owners[frozenset(("北京南", "天津南"))].line_id == "jinghu"
    train = speeds.Train(
        "G",
        tuple((name, 0, 0) for name in ("廊坊", "天津南", "绩溪北", "黄山北", "廊坊", "北京南")),
    )
    found = [(owner.line_id, first, last) for owner, first, last in speeds.stretches(train, owners)]
    assert found == [("jinghu", 0, 1), ("jinghu", 4, 5)]


@pytest.mark.slow
@pytest.mark.china
def test_the_validation_is_current():
    """Fitted rules and tables of errors are those that the build script makes of the timetable and
    the speeds.
    """
    build_script("build_line_speeds")
    for path, text in build_script("build_run_times").make().items():
        assert path.read_bytes() == text.encode("utf-8"), (
            f"{path.name}: run networks/china/build_run_times.py"
        )


@pytest.mark.china
def test_errors_on_the_tested_half():
    """Half of the hops on lines that nothing was fitted to are within 2 minutes of the median, the
    bias within 1.
    """
    with (CHINA / "run_time_validation.csv").open(encoding="utf-8", newline="") as file:
        rows = {(row["half"], row["group"], row["value"]): row for row in csv.DictReader(file)}
    tested = rows["test", "all", "all"]
    assert float(tested["median_error_median_min"]) <= 2
    assert abs(float(tested["bias_median_min"])) <= 1
    assert int(tested["pairs"]) > 1000
    page = CHINA.parents[1] / "src" / "railshed" / "guide" / "en" / "run-times.md"
    sentence = f"within {tested['median_error_median_min']} min of the usual scheduled time"
    assert sentence in page.read_text(encoding="utf-8")


@pytest.mark.china
def test_lines_of_back_tests_are_never_fitted():
    """No line of a back-test is in the fitted half or among metro-like lines, and no proposal is in
    either table.
    """
    speeds, city = build_script("build_line_speeds"), build_script("build_city_runs")
    lines = {row.name for row in speeds.read_lines()}
    back_tests = {"金山铁路", "成灌铁路", "福厦高铁"}
    assert back_tests <= lines
    assert {speeds.half_of(name) for name in back_tests} == {"test"}
    metro_like = {row["line_zh"] for row in city.read_rows()}
    assert not metro_like & lines
    proposals = CHINA.parents[2] / "shared" / "data" / "china" / "reference" / "proposed_lines.csv"
    if not proposals.is_file():
        pytest.skip("../shared/data is absent")
    with proposals.open(encoding="utf-8-sig", newline="") as file:
        proposed = {value for row in csv.DictReader(file) for value in row.values()}
    assert not proposed & (lines | metro_like)


@pytest.mark.china
def test_metro_like_lines_come_out_as_read():
    """苏庄-首经贸 of Beijing's Fangshan line, fitted on by nothing: 39 min; line 11 of Shanghai:
    105, once 203.
    """
    build_script("build_line_speeds")
    city = build_script("build_city_runs")
    rows = {row["line_zh"]: row for row in reversed(city.read_rows())}
    fangshan = [float(km) for km in rows["北京地铁房山线"]["hop_km"].split("|")]
    assert run_times(None, hop_km=fangshan, top_speed_kmh=100).total_s == pytest.approx(
        39 * 60, rel=0.1
    )
    straight = [metres / 1000 for metres in city.read_straight()["shanghai-11"]]
    assert run_times(None, hop_km=straight, top_speed_kmh=100).total_s == pytest.approx(
        105 * 60, rel=0.1
    )


def test_the_fit_of_spans_finds_what_was_put_in():
    """Spans of one to three hops made of 10 % and 40 s, with 30 s a stand, are fitted by 10 % and
    40 s.
    """
    build_script("build_line_speeds")
    city = build_script("build_city_runs")
    spans = []
    for k in range(30):
        hops = tuple(900.0 + 211 * k + 400 * n for n in range(k % 3 + 1))
        bare = city.Span("", 0, 100, hops, len(hops), 0)
        minutes = (bare.fastest_s() * 1.1 + 40 * len(hops) + 30 * len(hops)) / 60
        spans.append(city.Span("", 0, 100, hops, len(hops), minutes))
    assert city.least_absolute(spans) == (0.1, 40)


def test_the_fit_finds_what_was_put_in():
    """Times made of 7 % and 60 s are fitted by 7 % and 60 s, though a tenth of them are far too
    long.
    """
    runs = [300.0 + 37 * k for k in range(60)]
    times = [run * 1.07 + 60 + (900 if k % 10 == 0 else 0) for k, run in enumerate(runs)]
    build_script("build_line_speeds")
    assert build_script("build_run_times").least_absolute(runs, times) == (0.07, 60)


#: a degree on the equator, 111.19 km
LINE = ("run-time", "0,0", "1,0", "2,0", "--top-speed", "200")


def test_command(cli):
    """Two hops of 111.2 km x 1.06 at 200 km/h; the table ends with the assumptions."""
    done = cli(*LINE)
    assert done.code == 0
    assert "235.7 km" in done.out
    assert "- dwell 120 s" in done.out
    assert "how wrong" in done.out
    express = json.loads(cli(*LINE, "--stops-at", "none", "--json").out)
    assert [(hop["from"], hop["to"]) for hop in express["hops"]] == [("0,0", "2,0")]


def test_command_with_names(cli):
    """Stations of a network by name; limits and stock as given; names not on the way are
    refused.
    """
    line = ("run-time", "成都东", "资阳北", "内江北", "--top-speed", "350")
    done = cli(
        *line,
        "--stops-at",
        "资阳北",
        "--limit",
        "0-3=120",
        "--stock",
        "CRH380",
        "--hop-km",
        "90,70",
        "--json",
    )
    found = json.loads(done.out)
    assert [hop["to"] for hop in found["hops"]] == ["资阳北", "内江北"]
    assert found["length_m"] == 160_000
    assert found["rolling_stock"] == "CRH380"
    assert_mistake(cli(*line, "--stops-at", "重庆北"), "重庆北: not among the stations")


def test_command_mistakes(cli):
    """Every unknown station, odd limits and numbers, out-of-range speeds: exit code 2 and what to
    write.
    """
    assert_mistake(
        cli("run-time", "成都冬", "简阳难", "--top-speed", "350"), "'成都东'", "'简阳南'"
    )
    assert_mistake(cli(*LINE, "--limit", "slow"), "0-1.5=80")
    assert_mistake(cli(*LINE, "--hop-km", "12,x"), "12.5,8,31")
    assert_mistake(cli("run-time", "0,0", "1,95", "--top-speed", "200"), "no LON,LAT")
    assert_mistake(
        cli("run-time", "0,0", "0,0", "--top-speed", "900"), "top speed 900", "same place"
    )
    assert_mistake(cli(*LINE, "--stock", "CR40"), "'CR400'")


def test_limits_of_a_line_that_is_turned():
    """5.5 km, with 60 km/h from km 1 to 2 and 80 from 5 to beyond the end: from km 3.5 to 4.5, and
    from 0 to 0.5.
    """
    own = Profile(
        200,
        "CR300",
        ("a", "b", "c"),
        (2000.0, 3500.0),
        (0, 60, 0),
        ((1.0, 2.0, 60.0), (5.0, 9.0, 80.0)),
    )
    back = _turned(own)
    assert (back.station_ids, back.hop_m) == (("c", "b", "a"), (3500.0, 2000.0))
    assert back.speed_limits == ((3.5, 4.5, 60.0), (0.0, 0.5, 80.0))
