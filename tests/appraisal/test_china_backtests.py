"""The back-tests of three lines of China use what was announced, nothing of the timetable they are held against."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from typing import Any

import pytest

import railshed
from railshed import Network
from railshed.network.lines import expand
from railshed.scenario.apply import resolve
from tests.support.scripts import build_script

check = build_script("build_backtests")
pytestmark = [
    pytest.mark.china,
    pytest.mark.skipif(not (check.FOLDER.parent / "timetable.zip").is_file(), reason="networks/china is absent"),
]
LINES = sorted({pair.lines for pair in check.PAIRS})
#: trains each way as announced: 4 nonstop and 11 others; three an hour for 15.5 hours; 62
ANNOUNCED = {"jinshan": 15, "chengguan": 46.5, "chengguan-one-stop": 46.5, "fuxia": 62, "fuxia-two-stops": 62}
#: what would copy the answer, and what lets a line take its times or trains from others
COPIES = {"hop_minutes", "dwell_minutes", "diverted_from", "through", "adjust-frequency", "source_trip"}


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


@pytest.mark.parametrize("name", LINES)
def test_the_line_has_only_what_was_announced(name: str) -> None:
    """No minutes, no dwell, nothing taken from other trains: length, top speed, stations, trains and their hours."""
    data = tomllib.loads((check.FOLDER / f"{name}.toml").read_text(encoding="utf-8"))
    for line in data["modification"]:
        assert line["type"] == "add-trips"
        assert set(line) <= {
            "type", "name", "top_speed_kmh", "length_km", "stops", "stop_patterns", "frequencies", "trips_per_day",
            "start_time", "end_time",
        }  # fmt: skip
        assert not COPIES & set(keys_of(line))
        assert all(isinstance(stop, str) for stop in line["stops"])


@pytest.mark.parametrize("name", LINES)
def test_the_count_of_trains_is_the_one_announced(name: str, china: Network) -> None:
    """Each way as many as were announced (half a train for the phase of each pattern), not as many as ran."""
    pair = next(p for p in check.PAIRS if p.lines == name)
    before = railshed.apply_scenario(china, railshed.load_scenario(check.FOLDER / f"{pair.removed}.toml"))
    found = resolve(before, railshed.load_scenario(check.FOLDER / f"{name}.toml"))
    n_trains = sum(len(run.trip_ids) for line in found.lines for run in expand(line))
    assert n_trains / 2 == pytest.approx(ANNOUNCED[name], abs=len(found.lines) / 2)
    gone = china.n_trips - before.n_trips
    if name != "chengguan-one-stop" and gone > 50:  # cut trains of Fuzhou-Xiamen stay
        assert n_trains != gone


def test_no_train_of_the_line_is_left(china: Network) -> None:
    """Without the line no train calls at its own stations, and no train loses a call elsewhere."""
    for removed, own in (
        ("jinshan-removed", {"金山卫", "亭林", "车墩", "叶榭"}),
        ("chengguan-removed", {"青城山", "都江堰", "离堆公园"}),
        ("fuxia-removed", {"福清西", "泉港", "泉州东", "泉州南"}),
    ):  # fmt: skip
        before = railshed.apply_scenario(china, railshed.load_scenario(check.FOLDER / f"{removed}.toml"))
        called = {before.stations[k].name for k in set(before.stop_times.station_idx.tolist())}
        assert not own & called
    # 福州-福州南 is run by trains of the line, which keep it
    assert before.n_trips > china.n_trips - 10


@pytest.mark.slow
def test_the_page_is_of_these_figures(china: Network) -> None:
    """One back-test again, Chengdu with trains that stop everywhere: its rows stand in the page."""
    pair = next(p for p in check.PAIRS if p.lines == "chengguan")
    ((_, found),) = check.back_tests(china, [pair])
    text = check.PAGE.read_text(encoding="utf-8")
    for row in [*check.gain_rows(pair, found), *check.run_rows(pair, found)]:
        assert f"| {' | '.join(row)} |" in text


@pytest.mark.peers
@pytest.mark.slow
def test_the_whole_page(china: Network) -> None:
    """All back-tests again: the page is what `build_backtests.py` writes."""
    assert check.PAGE.read_text(encoding="utf-8") == check.page(list(check.back_tests(china)))
