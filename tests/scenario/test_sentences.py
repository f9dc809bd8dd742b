"""Plans in Chinese: every effect, the assumptions, the tables of scenario, run-time and reach."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from railshed.circles.definitions import people_words
from railshed.network.model import Network
from railshed.scenario.apply import resolve
from railshed.scenario.files import scenario_from_dict
from railshed.util.bilingual import Words, about, say
from tests.support.clirunner import Command

CHINESE = re.compile(r"[\u4e00-\u9fff]")
PERIOD = {"start_time": "05:00", "end_time": "23:00", "headway_minutes": 10}
LINE = {
    "type": "add-trips", "name": "nw", "hop_minutes": [18], "frequencies": [PERIOD],
    "stops": [{"name": "Northwest", "id": "northwest", "lon": 99.8, "lat": 0.5}, "mid"],
}  # fmt: skip


@pytest.mark.parametrize(
    ("modification", "expected"),
    [
        (LINE, "新增nw：Northwest - 中城，2站，直线31.5 km，18分钟，每日216列"),
        ({"type": "remove-trips", "routes": ["sw"]}, "取消"),
        ({"type": "remove-stops", "stops": ["west"], "routes": ["nw"]}, "216列不停西山"),
        ({"type": "adjust-speed", "routes": ["sw"], "scale": 2}, "速度×2，平均少"),
        ({"type": "adjust-speed", "routes": ["sw"], "scale": 0.5}, "速度×0.5，平均多"),
        ({"type": "adjust-frequency", "routes": ["sw"], "frequencies": [PERIOD]}, "列同"),
        (
            {
                "type": "adjust-station-time",
                "stations": ["west"],
                "entry_minutes": 5,
                "feeder": "metro",
            },
            "西山：进站5分钟，接驳metro",
        ),
        (
            {"type": "add-transfer", "from": "west", "to": "mid", "minutes": 9},
            "西山 - 中城：步行9分钟",
        ),
        (
            {
                "type": "add-transfer",
                "from": "west",
                "to": "mid",
                "minutes": 9,
                "bidirectional": False,
            },
            "西山至中城：步行9分钟",
        ),
        ({"type": "add-core-station", "city": "mid", "stations": ["west"]}, "西山：成为"),
    ],
)
def test_effects(toy: Network, modification: dict[str, Any], expected: str) -> None:
    """Each kind of modification has its sentence, with the figures of the English one."""
    through = {**LINE, "stops": [LINE["stops"][0], "west", "mid"], "hop_minutes": [9, 9]}
    first = [through] if modification["type"] == "remove-stops" else []
    found = resolve(toy, scenario_from_dict({"modification": [*first, modification]}))
    text, chinese = found.effects[-1].en, found.effects[-1].zh
    assert expected in chinese
    figures = re.compile(r"\d+(?:\.\d+)?")
    assert sorted(figures.findall(chinese)) == sorted(figures.findall(text))


def test_assumptions(toy: Network) -> None:
    """Those of a run-time model begin with the line's name; a sentence without Chinese stands in
    English.
    """
    stops = {k: v for k, v in LINE.items() if k != "hop_minutes"}
    for more in (
        {"top_speed_kmh": 120},
        {"top_speed_kmh": 200, "length_km": 40, "dwell_minutes": 1},
    ):
        found = resolve(toy, scenario_from_dict({"modification": [{**stops, **more}]}))
        assert found.assumed
        for note in found.assumed:
            assert CHINESE.search(note.zh), note
            assert note.zh.startswith("nw：")
            assert note.en.startswith("nw: ")
    assert say(about("nw", Words("", "something new")), "zh") == ["nw: something new"]


def test_the_end_of_a_line_near_no_core_station(toy: Network) -> None:
    """The warning that a line is worth nothing keeps its figures and says what to add."""
    plan = {
        "modification": [
            {**LINE, "stops": [LINE["stops"][0], {"name": "北", "lon": 99.99, "lat": 0.34}]}
        ]
    }
    (note,) = (
        one
        for one in resolve(toy, scenario_from_dict(plan), city="mid").assumed
        if "reaches" in one.en
    )
    station, km, city = re.findall(r"ends at (.+?), ([\d.]+) km from (.+?) \(nearest", note.en)[0]
    assert note.zh.startswith(f"nw止于{station}，距{city} {km} km，")
    assert "请接入该市车站" in note.zh


def test_labels_of_people() -> None:
    """That of a shipped network has a translation, a file of one's own is named as it is."""
    own = "2020 census by county on WorldPop 2020 cells of 5 arc-minutes (7-9 km)"
    assert "人口普查" in people_words(own).zh
    assert people_words(own).en == own
    assert people_words("people.tif").zh == "people.tif"


def test_commands(cli: Command, tmp_path: Path) -> None:
    """scenario, run-time and reach have Chinese tables; English is the default."""
    file = tmp_path / "nw.toml"
    file.write_text(
        'title = "t"\n[[modification]]\ntype = "add-trips"\nname = "nw"\ntop_speed_kmh = 120\n'
        'stops = [{ name = "N", id = "n", lon = 99.8, lat = 0.5 }, '
        '"mid"]\n[[modification.frequencies]]\n'
        'start_time = "05:00"\nend_time = "23:00"\nheadway_minutes = 10\n',
        encoding="utf-8",
    )
    asked = {
        ("scenario", file, "-n", "toy"): (
            "直线km",
            "每日108 + 108列，05:00-23:00每10分钟一列",
            "假设与须核对者",
        ),
        ("scenario", "--list"): ("自带方案", "标题"),
        ("run-time", "mid", "west", "-n", "toy", "--top-speed", 120): (
            "纯运行",
            "未知低于最高速度的限速",
        ),
        ("reach", "--station", "mid", "-n", "toy"): ("可达", "半数时刻", "班次"),
    }
    for command, words in asked.items():
        chinese, english = cli(*command, "--lang", "zh"), cli(*command)
        assert (chinese.code, english.code) == (0, 0), chinese.err
        for word in words:
            assert word in chinese.out.replace("\n", ""), word
            assert word not in english.out
