"""Metros of `networks/china`: Beijing's trains against the raw timetable, loops, openings,
transfers, validation.
"""

from __future__ import annotations

import csv
import io
import zipfile
from collections import Counter, defaultdict
from collections.abc import Iterator
from functools import cache
from statistics import median
from types import ModuleType
from typing import Any

import pytest

from railshed import Network, load_network
from railshed.scenario.apply import load_scenario, resolve
from railshed.scenario.files import shipped_scenarios
from tests.support.scripts import CHINA, build_script

RAW = CHINA.parents[1].parent / "shared" / "data" / "china"
pytestmark = [
    pytest.mark.china,
    pytest.mark.skipif(not (CHINA / "timetable.zip").is_file(), reason="networks/china is absent"),
]
needs_raw = pytest.mark.skipif(
    not RAW.exists(), reason="needs the raw tables of ../shared/data/china"
)

#: station, minute of the day
Departure = tuple[str, int]


def read(name: str) -> list[dict[str, str]]:
    with (CHINA / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@cache
def feed(name: str) -> list[dict[str, str]]:
    with zipfile.ZipFile(CHINA / "timetable.zip") as archive:
        return list(csv.DictReader(io.StringIO(archive.read(name).decode("utf-8"))))


def seconds(clock: str) -> int:
    hours, minutes, rest = map(int, clock.split(":"))
    return hours * 3600 + minutes * 60 + rest


@cache
def calls_of_trips() -> dict[str, list[dict[str, str]]]:
    calls = defaultdict(list)
    for row in feed("stop_times.txt"):
        calls[row["trip_id"]].append(row)
    return calls


def shipped_departures(route_id: str, direction: int) -> Counter[Departure]:
    """Every call of Beijing's trains at which one may board, and the last ones, by the standard
    library.
    """
    names = {row["stop_id"]: row["stop_name"].removesuffix("(地铁)") for row in feed("stops.txt")}
    found: Counter[Departure] = Counter()
    for row in feed("frequencies.txt"):
        if not row["trip_id"].startswith(f"{route_id}.") or not row["trip_id"].endswith(
            f".{direction}"
        ):
            continue
        assert row["exact_times"] == "1"
        calls = [c for c in calls_of_trips()[row["trip_id"]] if not c["pickup_type"]]
        first = seconds(calls[0]["departure_time"])
        for start in range(
            seconds(row["start_time"]), seconds(row["end_time"]), int(row["headway_secs"])
        ):
            for call in calls:
                second = start + seconds(call["departure_time"]) - first
                assert second % 60 == 0
                found[names[call["stop_id"]], second // 60] += 1
    return found


def raw_minutes(part: dict[str, Any]) -> Iterator[int]:
    """The minutes of one schedule of the source: a first train and the gaps that follow, nested
    ones repeated.
    """

    def flat(gaps: list[Any]) -> Iterator[int]:
        for gap in gaps:
            yield from [gap] if isinstance(gap, int) else list(flat(gap[1])) * gap[0]

    hour, minute = map(int, part["first_train"].split(":"))
    now = hour * 60 + minute + (1440 if hour < 3 else 0)
    yield now
    for gap in flat(part["delta"]):
        now += gap
        yield now


def not_calling(beijing: ModuleType, table: dict[str, Any], way: str, station: str) -> set[int]:
    """The minutes at which a fast train of line 6 passes, or one begins that runs to 潞阳 only,
    closed then.
    """
    kinds = {
        kind: plan for kind, plan in table["train_routes"][way].items() if isinstance(plan, dict)
    }
    listed = table["timetable"][station][way][beijing.friday_group(table)]
    found = set()
    for minute, kind in beijing.departures(listed, next(iter(kinds))).items():
        plans = [kinds[name] for name in kind]
        to_closed = (table["name"], way, station) == ("6号线", "东行", "潞城")
        begins = any(plan.get("starts_with") == station for plan in plans)
        if any(station in plan.get("skip", ()) for plan in plans) or (to_closed and begins):
            found.add(minute)
    return found


@needs_raw
@pytest.mark.peers
def test_every_departure_of_beijing_is_in_the_network() -> None:
    """Line by line, direction by direction, station by station: the shipped departures are those of
    the raw file.
    """
    beijing, lines = build_script("build_metro_beijing"), build_script("build_metro_lines")
    tables = beijing.read_timetables(RAW)
    n_lines = n_departures = n_left_out = 0
    for line in lines.open_lines(lines.read_lines(RAW, {})):
        if line.city != "beijing":
            continue
        table = tables[{v: k for k, v in beijing.NAMES.items()}.get(line.name, line.name)]
        at_open = {s.name.split("(")[0] for s in line.stations}
        n_lines += 1
        for direction, way in enumerate(table["train_routes"]):
            group = beijing.friday_group(table)
            expected: Counter[Departure] = Counter()
            for name, listed in table["timetable"].items():
                minutes = [
                    minute
                    for part in listed[way][group]["schedule"]
                    for minute in raw_minutes(part)
                ]
                left_out = not_calling(beijing, table, way, name)
                n_left_out += len(left_out)
                if name.split("(")[0] in at_open:
                    expected.update(
                        (name.split("(")[0], minute) for minute in minutes if minute not in left_out
                    )
            shipped: Counter[Departure] = Counter()
            for (name, minute), n in shipped_departures(line.route_id, direction).items():
                shipped[name.split("(")[0], minute] += n
            assert shipped == expected, (line.name, way)
            n_departures += sum(expected.values())
    assert n_lines == 24
    assert n_departures > 190_000
    assert n_left_out < 400


def test_every_line_of_beijing_with_positions_and_open_then_is_there() -> None:
    """24 of the source's 28 lines: 3, 12 and 18 opened later, and no list has the places of the
    tramway T1.
    """
    routes = {row["route_id"] for row in feed("routes.txt") if row["agency_id"] == "metro-beijing"}
    assert len(routes) == 24
    assert not {"beijing-3", "beijing-12", "beijing-18"} & routes


@pytest.mark.parametrize(
    "route_id",
    ["beijing-2", "beijing-10", "shanghai-4", "chengdu-7", "zhengzhou-5", "chongqing-huan"],
)
def test_people_ride_past_the_seam_of_a_loop(route_id: str) -> None:
    """From any station of a loop a train goes without a change to each of the next stations, a
    third of the round.
    """
    trips = [row["trip_id"] for row in feed("trips.txt") if row["route_id"] == route_id]
    reach: dict[tuple[str, str], set[str]] = defaultdict(set)
    for trip in trips:
        calls = [(c["stop_id"], c["pickup_type"]) for c in calls_of_trips()[trip]]
        for i, (start, no_boarding) in enumerate(calls):
            if not no_boarding:
                reach[start, trip[-1]] |= {stop for stop, _ in calls[i + 1 :]}
    for direction in "01":
        whole = max(
            (
                [c["stop_id"] for c in calls_of_trips()[t] if not c["pickup_type"]]
                for t in trips
                if t[-1] == direction
            ),
            key=len,
        )
        n = len(whole)
        assert n == len(set(whole))
        for i, start in enumerate(whole):
            assert {whole[(i + k) % n] for k in range(1, n // 3)} <= reach[start, direction]


def test_a_loop_known_by_headway_has_each_departure_once() -> None:
    """Of one train of Chengdu's line 7 one may board at each of 31 stations once."""
    calls = calls_of_trips()["chengdu-7.0.0"]
    assert Counter(c["stop_id"] for c in calls if not c["pickup_type"]).most_common(1)[0][1] == 1
    assert sum(not c["pickup_type"] for c in calls) == 31


def test_names_that_stand_twice_have_ids_of_their_own(china: Network) -> None:
    """奥体中心 of Hangzhou and that of Shaoxing, 37 km apart; a railway station's name stays its
    own.
    """
    ids = {s.station_id for s in china.stations}
    assert {"hangzhou-aotizhongxin", "hangzhou-aotizhongxin-2"} <= ids
    assert china.stations[china.get_station("大兴机场")].station_id == "daxingjichang"
    assert china.stations[china.get_station("大兴机场(地铁)")].station_id == "beijing-daxingjichang"


def test_what_opened_later_is_left_out(china: Network) -> None:
    """Line 3 of Guiyang opened a day later; line 19 of Chengdu two weeks before, with its hop of 18
    km.
    """
    routes = {row["route_id"] for row in feed("routes.txt")}
    assert (
        not {"guiyang-3", "wuhan-19", "zhengzhou-12", "guangzhou-11", "shanghai-shiyujichang"}
        & routes
    )
    assert {"chengdu-19", "guangzhou-18", "xian-16", "lanzhou-2"} <= routes
    assert china.find_station("东坝北") is None
    assert all(
        row["source"] and row["confidence"] in {"high", "medium", "low"}
        for row in read("metro_openings.csv")
    )


def test_every_line_says_its_source() -> None:
    """The register has every route; headways have a source or say that they are assumed."""
    register = read("metro_lines.csv")
    assert {row["line_id"] for row in register} == {
        row["route_id"] for row in feed("routes.txt") if row["agency_id"].startswith("metro-")
    }
    assert all(row["run_time_source"] and row["headway_source"] for row in register)
    assert len({row["city"] for row in register}) == 41
    kinds = {row["route_id"]: row["route_type"] for row in feed("routes.txt")}
    assert all(
        kinds[row["line_id"]] == {"metro": "1", "tram": "0"}[row["mode"]] for row in register
    )


def test_lines_by_headway_stay_series(china: Network) -> None:
    """Loading computes no call of them: the network counts its trips without."""
    assert china.trips.series is not None
    assert china.n_trips > 100_000
    assert china.trips.series.n_runs.size < 20_000


def test_transfers_join_railway_stations_both_ways(china: Network) -> None:
    """The large stations with a metro of their name; minutes as in the table."""
    index, table = (
        china.station_index(),
        {(row["from"], row["to"]): row for row in read("transfers.csv")},
    )
    listed = china.transfers
    seconds_of = {
        (a, b): s
        for a, b, s in zip(
            listed.from_idx.tolist(), listed.to_idx.tolist(), listed.seconds.tolist(), strict=True
        )
    }
    for metro, train in (
        ("beijing-beijingnanzhan", "beijingnan"),
        ("shanghai-hongqiaohuochezhan", "shanghaihongqiao"),
        ("xian-xianbeizhan", "xianbei"),
        ("hangzhou-huochedongzhan", "hangzhoudong"),
        ("nanning-huochedongzhan", "nanningdong"),
    ):
        for pair in ((metro, train), (train, metro)):
            assert seconds_of[index[pair[0]], index[pair[1]]] == round(
                float(table[pair]["minutes"]) * 60
            )
    assert len(seconds_of) == len(table)
    assert all((b, a) in table and row["source"] for (a, b), row in table.items())


def test_figures_of_the_validation() -> None:
    """At least 30 whole runs over many cities; Shanghai by the model of the others within 5 % in
    the median.
    """
    rows = read("metro_validation.csv")
    errors = {
        kind: [float(r["error_percent"]) for r in rows if r["kind"] == kind]
        for kind in ("run", "shanghai", "km")
    }
    runs = [row for row in rows if row["kind"] == "run"]
    assert len(runs) == len(read("metro_published_runs.csv")) >= 30
    assert len({row["city"] for row in runs}) >= 25
    assert median(map(abs, errors["shanghai"])) <= 5
    assert abs(median(errors["run"])) <= 5
    assert len(errors["km"]) == 41


@needs_raw
@pytest.mark.peers
@pytest.mark.slow
def test_the_validation_and_the_scenarios_are_of_this_build() -> None:
    """Both are what their scripts write, and the rules of the runs are those that fit Beijing's
    hops.
    """
    errors, scenario, rules = map(
        build_script, ("build_metro_errors", "build_metro_scenario", "build_metro_rules")
    )
    assert errors.main(RAW, True) == 0
    assert scenario.main(RAW, True) == 0
    lines, shanghai = build_script("build_metro_lines"), build_script("build_metro_shanghai")
    hops = list(rules.read_hops(RAW, lines.read_lines(RAW, shanghai.read_places(RAW))))
    found, fixed = rules.fit(hops), rules.METRO_RULES
    assert found == (fixed.detour, fixed.recovery, fixed.stop_loss_s + fixed.dwell_s)


def test_what_opened_since_is_a_scenario(china: Network) -> None:
    """By city and together; the line from Wuxi to Jiangyin is there, and Foshan's line 3 runs on to
    the north.
    """
    shipped = shipped_scenarios()
    whole = load_scenario(shipped["china/metro-since-2023"])
    assert (
        len(whole.extends)
        == len([name for name in shipped if name.startswith("china/metro-since-2023/")])
        == 30
    )
    after = resolve(china, load_scenario(shipped["china/metro-since-2023/wuxi"])).network
    assert after.find_station("江阴外滩") is not None
    found = resolve(china, load_scenario(shipped["china/metro-since-2023/foshan"]))
    assert [len(line.stops) for line in found.lines] == [37]
    assert "foshan-3" not in set(found.network.trips.route_ids)


def test_metros_alone() -> None:
    """Without trains the network loads, though reports about commuters name cities that have no
    station then.
    """
    found = load_network("china", lines=False, areas=False, modes=["metro"])
    assert set(found.trips.route_types.tolist()) <= {0, 1}
    assert len(found.observed) == 15
