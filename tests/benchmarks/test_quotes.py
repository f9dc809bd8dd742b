"""The quoted figures come from benchmarks/results.json; the benchmarks' environment follows its files."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
sys.path.append(str(ROOT / "benchmarks"))

import peers  # noqa: E402
import quotes  # noqa: E402

ROW = {"base": "", "ratio": None, "n": 1}
OURS = ROW | {"case": "generated, 9 nodes", "what": "one to all", "median_s": 0.004}
PEER = ROW | {"case": "generated, 9 nodes", "what": "igraph", "median_s": 0.6, "base": "one to all", "ratio": 164.2}


def results(*rows: dict[str, object]) -> dict[str, object]:
    return {"environment": {"cores": 2}, "workloads": {"streets": {"rows": list(rows)}}}


@pytest.mark.parametrize("place", quotes.PLACES, ids=lambda place: f"{place.path.stem} {place.lang}")
def test_the_documents_quote_the_results(place: quotes.Place) -> None:
    """What stands between the marks of README and guide is what results.json says (`run.py --quote` writes it)."""
    text = place.path.read_text(encoding="utf-8")
    measured = json.loads((ROOT / "benchmarks" / "results.json").read_text(encoding="utf-8"))
    assert quotes.with_quotes(text, measured, place) == text


def test_the_headlines_are_some_of_the_quotes() -> None:
    """The README has fewer lines than the guide, all of them lines of the guide."""
    measured = json.loads((ROOT / "benchmarks" / "results.json").read_text(encoding="utf-8"))
    few, all_of_them = (quotes.speed_lines(measured, headlines=headlines) for headlines in (True, False))
    assert len(few) < len(all_of_them)
    assert set(few) < set(all_of_them)


def test_a_quote_in_chinese() -> None:
    """Names stand in the language of the page; without a Chinese one the only one."""
    peer = OURS | {"case": "metro, 64", "what": "a search each", "median_s": 0.012}
    ours = OURS | {"case": "metro, 64", "what": "64 side by side (departures_once)"}
    found = {"environment": {"cores": 2}, "workloads": {"lanes": {"rows": [ours, peer]}}}
    lines = quotes.speed_lines(found, "zh")
    assert lines[2] == "| 地铁网64站到全部车站、单一出发时刻 | 4 ms | 逐站搜索 3 |"
    assert lines[-1] == "中位数，2核。"


def test_a_quote_is_the_median_and_the_ratio_of_paired_trials() -> None:
    """4 ms, and the peer's paired ratio of 164, not the 150 of the medians."""
    lines = quotes.speed_lines(results(OURS, PEER))
    assert len(lines) == 5
    assert lines[2].endswith("| 4 ms | igraph 164 |")


def test_a_ratio_the_other_way_round_is_turned() -> None:
    """Ours takes 1.25 times the sketch: the sketch takes 0.8 times ours."""
    ours = OURS | {"base": "igraph", "ratio": 1.25}
    assert quotes.speed_lines(results(ours, PEER | {"base": "", "ratio": None}))[2].endswith("igraph 0.8 |")


def test_a_peer_of_another_case_is_held_against_its_own_base() -> None:
    """A router's row stands in a case of its own, with the time that its ratio compares with; ours come first."""
    ours = ROW | {"case": "metro, from, 10 stations", "what": "find_journeys + travel_times", "median_s": 0.05}
    other = ROW | {"case": "metro, to, 10 stations", "what": "120 single searches", "median_s": 9.0}
    mine = other | {"case": "metro, from, 10 stations", "median_s": 0.2}
    router = ROW | {"case": "metro, each minute of two hours", "what": "ferrobus 120 x find_routes_one_to_many"}
    router |= {"median_s": 1.0, "base": "find_journeys + travel_times (40 ms)", "ratio": 25.0}
    found = {"environment": {"cores": 2}, "workloads": {"metro": {"rows": [other, ours, mine, router]}}}
    assert quotes.speed_lines(found)[2].endswith("| 50 ms | 120 single searches 4, ferrobus 25 |")


def test_what_was_not_measured_is_left_out() -> None:
    """Without our row there is no line, whatever the peers did."""
    assert len(quotes.speed_lines(results(PEER))) == 4


def test_text_around_the_marks_stays() -> None:
    """Only what is between the marks is written; writing twice changes nothing more."""
    place = quotes.PLACES[0]
    once = quotes.with_quotes(f"before\n{quotes.BEGIN}\nold\n{quotes.END}\nafter\n", results(OURS), place)
    assert once.startswith("before\n")
    assert once.endswith("\nafter\n")
    assert "old" not in once
    assert quotes.with_quotes(once, results(OURS), place) == once


def test_the_environment_is_another_when_requirements_change(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The folder lies in RAILSHED_CACHE_DIR, is the same for the same files and another for another requirement."""
    monkeypatch.setenv("RAILSHED_CACHE_DIR", str(tmp_path))
    asked = tmp_path / "requirements.txt"
    asked.write_text("one>=1  # why\n\n# nothing\n", encoding="utf-8")
    monkeypatch.setattr(peers, "REQUIREMENTS", asked)
    assert peers.wanted() == ["one>=1"]
    first = peers.environment_folder()
    assert first == peers.environment_folder()
    assert first.parent == tmp_path
    asked.write_text("one>=2\n", encoding="utf-8")
    assert peers.environment_folder() != first


def test_an_environment_that_is_there_is_used_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With its last file in place nothing is installed."""
    monkeypatch.setenv("RAILSHED_CACHE_DIR", str(tmp_path))
    monkeypatch.setattr(peers, "_install", lambda *_: pytest.fail("installs again"))
    folder = peers.environment_folder()
    folder.mkdir()
    (folder / "peers.json").write_text("{}", encoding="utf-8")
    assert peers.interpreter().is_relative_to(folder)
