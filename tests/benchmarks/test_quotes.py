"""The quoted figures come from benchmarks/results.json; the benchmarks' environment follows its
files.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
sys.path.append(str(ROOT / "benchmarks"))

import peers  # noqa: E402
import quotes  # noqa: E402

CALL = {
    "case": "generated, 9 nodes",
    "what": "StreetGraph.ticks",
    "median_s": 0.008,
    "role": "call",
}
KERNEL = CALL | {
    "what": "one to all",
    "median_s": 0.004,
    "role": "kernel",
    "base": "StreetGraph.ticks",
    "ratio": 0.5,
}
PEER = KERNEL | {"what": "igraph, whole graph", "median_s": 0.6, "role": "other", "ratio": 82.4}


def results(*rows: dict[str, object], workload: str = "streets") -> dict[str, object]:
    return {"workloads": {workload: {"rows": list(rows)}}}


@pytest.mark.parametrize(
    "place", quotes.PLACES, ids=lambda place: f"{place.path.stem} {place.lang}"
)
def test_the_documents_quote_the_results(place: quotes.Place) -> None:
    """What stands between the marks of README and guide is what results.json says (`run.py --quote`
    writes it).
    """
    text = place.path.read_text(encoding="utf-8")
    measured = json.loads((ROOT / "benchmarks" / "results.json").read_text(encoding="utf-8"))
    assert quotes.with_quotes(text, measured, place) == text


def test_the_headlines_are_some_of_the_quotes() -> None:
    """The README has fewer lines than the guide, all of them lines of the guide."""
    measured = json.loads((ROOT / "benchmarks" / "results.json").read_text(encoding="utf-8"))
    few, all_of_them = (
        quotes.speed_lines(measured, headlines=headlines) for headlines in (True, False)
    )
    assert len(few) < len(all_of_them)
    assert set(few) < set(all_of_them)


def test_the_call_stands_first_and_the_kernel_second() -> None:
    """8 ms that a user waits, 4 of them in the kernel, and the peer's paired ratio of 82.4, not the
    75 of medians.
    """
    line = quotes.speed_lines(results(KERNEL, CALL, PEER))[2]
    assert line.endswith("| 8 ms | 4 ms | igraph (whole graph) 82 |")


def test_a_quote_in_chinese() -> None:
    """Names stand in the language of the page; that a peer searches the whole graph is said there,
    too.
    """
    lines = quotes.speed_lines(results(CALL, KERNEL, PEER), "zh")
    assert lines[2] == "| 路网：百万节点一小时可达 | 8 ms | 4 ms | igraph(全图) 82 |"
    assert lines[-3].startswith("处理器时间")


def test_peers_without_a_limit_are_marked() -> None:
    """What searches the whole graph is marked so in both languages, and nothing else is."""
    for what, name in quotes.WORDS["names"].items():
        marked = [
            "whole graph" in text or "全图" in text
            for text in ([name] if isinstance(name, str) else name)
        ]
        assert all(marked) if "whole graph" in what else not any(marked), what


def test_a_router_stands_in_a_case_of_its_own() -> None:
    """Its ratio is to the call under its own rules; 120 calls of one departure are named beside its
    own best call.
    """
    ours = CALL | {"case": "metro, from, 10 stations", "what": "station_array"}
    search = PEER | {
        "case": "metro, from, 10 stations",
        "what": "120 single searches",
        "ratio": 4.0,
    }
    beside = {
        "case": "metro, each minute of two hours: ferrobus",
        "role": "other",
        "base": "station_array",
    }
    best = PEER | beside | {"what": "calculate_percent_access_isochrone", "ratio": 25.0}
    calls = PEER | beside | {"what": "120 x find_routes_one_to_many", "ratio": 64.0}
    line = quotes.speed_lines(results(best, calls, ours, search, workload="window"))[2]
    told = (
        "120 single searches 4, ferrobus percent-access 25, ferrobus 120 x one-to-many (no "
        "limit) 64"
    )
    assert line.endswith(f"| 8 ms |  | {told} |")


def test_figures_of_another_run_stand_apart() -> None:
    """No line of the table names routers that were not run; the paragraph below says where its
    figures are from.
    """
    for lang, words in (("en", "Measured by us on another run"), ("zh", "不在本次运行之内")):
        lines = quotes.speed_lines(results(CALL, PEER), lang)
        assert lines[-1].startswith(words)
        assert not any(name in line for name in ("ULTRA", "nigiri") for line in lines[:-1])


def test_what_was_not_measured_is_left_out() -> None:
    """Without our row there is no line, whatever the peers did."""
    assert quotes.speed_lines(results(PEER)) == quotes.speed_lines(results())


def test_text_around_the_marks_stays() -> None:
    """Only what is between the marks is written; writing twice changes nothing more."""
    place = quotes.PLACES[0]
    once = quotes.with_quotes(
        f"before\n{quotes.BEGIN}\nold\n{quotes.END}\nafter\n", results(CALL), place
    )
    assert once.startswith("before\n")
    assert once.endswith("\nafter\n")
    assert "old" not in once
    assert quotes.with_quotes(once, results(CALL), place) == once


def test_the_environment_is_another_when_requirements_change(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The folder lies in RAILSHED_CACHE_DIR, is the same for the same files and another for another
    requirement.
    """
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


def test_an_environment_that_is_there_is_used_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With its last file in place nothing is installed."""
    monkeypatch.setenv("RAILSHED_CACHE_DIR", str(tmp_path))
    monkeypatch.setattr(peers, "_install", lambda *_: pytest.fail("installs again"))
    folder = peers.environment_folder()
    folder.mkdir()
    (folder / "peers.json").write_text("{}", encoding="utf-8")
    assert peers.interpreter().is_relative_to(folder)
