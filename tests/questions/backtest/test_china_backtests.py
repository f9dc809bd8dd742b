"""Example files of back-tests have what was announced alone; the page on forecasts is of the
computed test.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import railshed
from railshed import Network
from railshed.network.lines import expand
from railshed.questions.backtest.opening_tables import _SCORES
from railshed.scenario.apply import resolve
from tests.support.scripts import build_script

check = build_script("build_backtests")
pytestmark = [
    pytest.mark.china,
    pytest.mark.skipif(
        not (check.HERE / "timetable.zip").is_file(), reason="networks/china is absent"
    ),
]
FOLDER, GUIDE = check.PAGE.parent, Path(railshed.__file__).parent / "guide"
#: trains each way as announced: 4 nonstop and 11 others; three an hour for 15.5 hours; 62
ANNOUNCED = {"jinshan": 15, "chengguan": 46.5, "fuxia": 62}
#: what would copy the answer, and what lets a line take its times or trains from others
COPIES = {
    "hop_minutes",
    "dwell_minutes",
    "diverted_from",
    "through",
    "adjust-frequency",
    "source_trip",
}


def keys_of(value: Any) -> Iterator[str]:
    """Yield every key of a table, and every text in it."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield key
            yield from keys_of(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from keys_of(inner)
    elif isinstance(value, str):
        yield value


@pytest.mark.parametrize("name", ANNOUNCED)
def test_the_line_has_only_what_was_announced(name: str) -> None:
    """No minutes, no dwell, nothing taken from other trains: length, top speed, stations, trains
    and their hours.
    """
    data = tomllib.loads((FOLDER / f"{name}.toml").read_text(encoding="utf-8"))
    for line in data["modification"]:
        assert line["type"] == "add-trips"
        assert set(line) <= {
            "type",
            "name",
            "top_speed_kmh",
            "length_km",
            "stops",
            "stop_patterns",
            "frequencies",
            "trips_per_day",
            "start_time",
            "end_time",
        }
        assert not COPIES & set(keys_of(line))
        assert all(isinstance(stop, str) for stop in line["stops"])


@pytest.mark.parametrize("name", ANNOUNCED)
def test_the_count_of_trains_is_the_one_announced(name: str, china: Network) -> None:
    """Each way as many as were announced (half a train for the phase of each pattern), not as many
    as ran.
    """
    before = railshed.apply_scenario(china, railshed.load_scenario(FOLDER / f"{name}-removed.toml"))
    found = resolve(before, railshed.load_scenario(FOLDER / f"{name}.toml"))
    n_trains = sum(len(run.trip_ids) for line in found.lines for run in expand(line))
    assert n_trains / 2 == pytest.approx(ANNOUNCED[name], abs=len(found.lines) / 2)
    gone = china.n_trips - before.n_trips
    if gone > 50:  # cut trains of Fuzhou-Xiamen stay
        assert n_trains != gone


def test_no_train_of_the_line_is_left(china: Network) -> None:
    """Without the line no train calls at its own stations, and no train loses a call elsewhere."""
    for removed, own in (
        ("jinshan-removed", {"金山卫", "亭林", "车墩", "叶榭"}),
        ("chengguan-removed", {"青城山", "都江堰", "离堆公园"}),
        ("fuxia-removed", {"福清西", "泉港", "泉州东", "泉州南"}),
    ):
        before = railshed.apply_scenario(china, railshed.load_scenario(FOLDER / f"{removed}.toml"))
        called = {before.stations[k].name for k in set(before.stop_times.station_idx.tolist())}
        assert not own & called
    # 福州-福州南 is run by trains of the line, which keep it
    assert before.n_trips > china.n_trips - 10


def test_no_other_file_is_there() -> None:
    """Each line as announced, and the timetable without it: the page names them."""
    names = {path.stem for path in FOLDER.glob("*.toml")}
    assert names == {*ANNOUNCED, *(f"{name}-removed" for name in ANNOUNCED)}
    assert "`jinshan`, `chengguan` and `fuxia`" in check.PAGE.read_text(encoding="utf-8")


def rows_of(text: str, first: str) -> list[list[str]]:
    """Return the rows of the table of a page whose head begins so, without their labels."""
    lines = iter(text.splitlines())
    next(line for line in lines if line.startswith(f"| {first} |"))
    next(lines)
    found = []
    for line in lines:
        if not line.startswith("|"):
            break
        found.append([cell.strip() for cell in line.split("|")[2:-1]])
    return found


@pytest.mark.parametrize(("lang", "first"), [("en", "skill of"), ("zh", "技巧得分")])
def test_the_guide_has_the_skills_of_the_page(lang: str, first: str) -> None:
    """Every number of the table."""
    page = rows_of(check.PAGE.read_text(encoding="utf-8"), "skill of")
    assert len(page) == len(_SCORES)
    assert rows_of((GUIDE / lang / "backtest.md").read_text(encoding="utf-8"), first) == page


def test_the_guide_has_the_errors_of_the_page() -> None:
    """Railways and errors, in one order; nine in ten runs within 16 %, ends within 2 min, stops
    within 0.2.
    """
    _, _, plans = check.PAGE.read_text(encoding="utf-8").partition("## Run times and service plans")
    (n_railways,) = re.findall(r"Each of (\d+) railways", plans)
    errors = re.findall(r"\d+\.\d+", plans.partition("##")[0])
    for lang, head in (
        ("en", "Run times and service plans by themselves"),
        ("zh", "运行时分与开行方案本身"),
    ):
        _, _, guide = (GUIDE / lang / "backtest.md").read_text(encoding="utf-8").partition(head)
        assert re.findall(r"\d+\.\d+", guide) == errors
        assert n_railways in guide
    _, run_p90, end_min, _, stop_share, _ = map(float, errors)
    assert run_p90 <= 16
    assert end_min <= 2
    assert stop_share <= 0.2


@pytest.mark.acceptance
def test_the_whole_page() -> None:
    """All forecasts again: the page is what `build_backtests.py` writes."""
    assert check.PAGE.read_text(encoding="utf-8") == check.written()
