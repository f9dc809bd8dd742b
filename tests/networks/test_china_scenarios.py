"""The scenarios shipped with the China network: sound, told apart from what is ours, and
compared.
"""

from __future__ import annotations

from pathlib import Path
from types import ModuleType, SimpleNamespace

import numpy as np
import pytest

import railshed
from railshed import Network
from railshed.circles.analysis import AnalysisInputs
from railshed.questions.rank.candidates import read_candidates, shipped_candidates
from railshed.scenario.apply import load_scenario, resolve
from railshed.scenario.service_plans.corridors import Train
from railshed.scenario.service_plans.draws import Service
from tests.support.scripts import build_script

CHINA = Path(__file__).parents[2] / "networks" / "china"
FOLDER = CHINA / "scenarios"
#: the metros opened since are no plans: tests/networks/test_china_metros.py
FILES = sorted(path for path in FOLDER.glob("*.toml") if path.stem != "metro-since-2023")
pytestmark = [
    pytest.mark.china,
    pytest.mark.skipif(not (CHINA / "timetable.zip").is_file(), reason="networks/china is absent"),
]
#: scenarios whose line ends at a station that no timetable has, and the city whose core set it
#: joins
NEW_CORE = [
    ("chengyu-middle", "chengdu", "成都"), ("shenzhen-jiangmen", "shenzhen", "深圳西丽"),
    ("nanjing-huaian", "nanjing", "南京北"),
]  # fmt: skip


@pytest.fixture(scope="module")
def built() -> ModuleType:
    """The script that writes the table."""
    return build_script("build_scenarios")


def test_there_are_ten_and_all_are_in_the_index(built: ModuleType, china: Network) -> None:
    """Files and index name the same scenarios, ten at least, for cities that exist."""
    rows = built.read_index()
    assert len(FILES) >= 10
    assert {row["scenario"] for row in rows} == {path.stem for path in FILES}
    for row in rows:
        for city in row["cities"].split("|"):
            assert china.get_city(city).slug == city


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_each_is_sound(path: Path, china: Network) -> None:
    """It resolves, adds trips by computed minutes in both directions, and says what was announced
    and what is ours.
    """
    text = path.read_text(encoding="utf-8")
    assert "hop_minutes" not in text
    description = text.split('"""')[1]
    assert "Ours: " in description
    assert "ource" in description
    found = resolve(china, load_scenario(path))
    assert found.only_adds
    assert found.lines
    assert all(line.bidirectional and line.periods for line in found.lines)
    new = text.count("lon = ")
    assert text.count("# high") + text.count("# medium") + text.count("# low") == new


@pytest.mark.parametrize("name", sorted(shipped_candidates()))
def test_no_candidate_is_a_way_out_of_another(name: str, china: Network) -> None:
    """Built together, no new core station is left sooner through another one: none would be worth
    more beside it.
    """
    found = resolve(china, [one.scenario for one in read_candidates(Path(name))])
    assert not [
        note
        for note in found.notes
        if "would leave through" in note or "would enter through" in note
    ]


@pytest.mark.parametrize(("name", "slug", "station"), NEW_CORE)
def test_lines_that_end_at_new_stations_reach_the_core_set(
    name: str, slug: str, station: str, china: Network
) -> None:
    """成都, 西丽 and 南京北 join the core stations: without that the line would be worth
    nothing.
    """
    after = resolve(china, load_scenario(FOLDER / f"{name}.toml")).network
    names = {s.station_id: s.name for s in after.stations}
    joined = set(after.get_city(slug).core_station_ids) - set(china.get_city(slug).core_station_ids)
    assert [names[s] for s in joined] == [station]


@pytest.mark.slow
def test_the_table_is_of_these_scenarios(built: ModuleType, china: Network) -> None:
    """Its run times and their intervals are those of now; 50 min announced for Chengdu-Chongqing,
    15 for Langfang.
    """
    page = (FOLDER / "README.md").read_text(encoding="utf-8")
    rows = list(built.run_time_rows(china))
    assert {(row[1], row[2]) for row in rows} >= {
        ("重庆北-成都", "50"),
        ("廊坊北-大兴机场", "15"),
        ("淮安东-南京北", "at most: 60"),
    }
    for row in rows:
        assert f"| {' | '.join(row)} |" in page
        low, _, high = row[built.RUN_HEAD.index("middle 80 % of draws")].partition(" - ")
        assert not high or float(low) < float(high)
    for path in FILES:
        assert f"| {path.stem} |" in page


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "slug", "gains"),
    [("yinchuan-huinong", "yinchuan", False), ("chengdu-s11", "chengdu", True)],
)
def test_compare(
    name: str, slug: str, gains: bool, china_run: AnalysisInputs, built: ModuleType
) -> None:
    """Trains added lose nobody; one in 8 min gain people; without a station near a centre nothing
    is defined.
    """
    found = railshed.compare(china_run, slug, FOLDER / f"{name}.toml")
    for row in found.table:
        if row["kind"] == "total":
            assert row["people_lost"] == 0
    if gains:
        assert found.row("door-to-door", 90, "by_rail")["people_gained"] > 0
    else:
        assert found.before.summary.not_defined == ["door-to-door", "turn-up-and-go"]
    scenario = built.load(name)
    trains = built.trains_a_day(resolve(china_run.compiled.network, scenario))
    row = [name, scenario.title, slug, str(trains), *built.change_figures(found)]
    page = (FOLDER / "README.md").read_text(encoding="utf-8")
    (rest,) = (line for line in page.splitlines() if line.startswith(f"| {' | '.join(row)} |"))
    forecasts = rest.removesuffix(" |").split(" | ")[len(row) :]
    assert len(forecasts) == len(built.CUTOFFS_MIN)
    assert all(bool(cell.strip()) == gains for cell in forecasts)


def test_an_announced_time_lies_in_the_draws_or_not(built: ModuleType) -> None:
    """Of 100 draws 0, 1 ..

    99 min the middle 80 % is 9 - 89; "at most" asks for the lower end alone.
    """
    draws = [float(minutes) for minutes in range(100)]
    for minutes, exactly, at_most in (
        (8, "no", "no"),
        (9, "yes", "yes"),
        (89, "yes", "yes"),
        (90, "no", "yes"),
    ):
        assert built.interval(draws, minutes, at_most=False) == ["9 - 89", exactly]
        assert built.interval(draws, minutes, at_most=True) == ["9 - 89", at_most]
    assert built.interval([], 50, at_most=False) == ["-", "-"]


def test_minutes_of_a_pair_are_of_trains_that_call_at_both(built: ModuleType) -> None:
    """A to C in 20 min with a stop and 15 without; the train back and the one that ends at B have
    none.
    """
    places = ([0, 1, 2], [0, 2], [2, 1, 0], [0, 1])
    minutes = ((0, 10, 20), (0, 15), (0, 10, 20), (0, 9))
    trains = [
        Train(np.array(at), 60 * np.array(m), 60 * np.array(m))
        for at, m in zip(places, minutes, strict=True)
    ]
    services = [Service("line", ("a", "b", "c"), trains)]
    route = SimpleNamespace(city_of=lambda cities: cities[0], services=lambda *_: iter(services))
    names = {"a": "A", "b": "B", "c": "C"}
    assert list(built.route_minutes(route, None, ["city"], names, ("A", "C"), 0)) == [20, 15]
    assert list(built.route_minutes(route, None, ["city"], names, ("C", "A"), 0)) == [20]
    assert list(built.route_minutes(route, None, ["city"], names, ("B", "D"), 0)) == []
