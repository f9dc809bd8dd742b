"""What records of runs say: the command typed again, differences by kind and name, versions,
counts, map language.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from railshed.report.run_folder.circle import JointPages, map_language
from railshed.report.run_folder.record import command_line, parameter_hashes
from railshed.report.run_folder.verification import (
    FIGURE,
    INPUT,
    PARAMETER,
    changed_parameters,
    count_values,
    differences,
    versions,
)
from tests.support.small_networks import LINE, OUT, small_network


def changes(old: dict[str, Any], new: dict[str, Any]) -> list[tuple[str, str, Any, Any]]:
    return [(d.kind, d.where, d.recorded, d.now) for d in differences(old, new)]


def test_rows_of_one_name_are_numbered() -> None:
    """Two rows named x: the second is x #2; rows without a name have their number; a row more was
    absent.
    """
    old = {"results": [{"city": "x", "n": 1}, {"city": "x", "n": 2}], "notes": ["a", "b"]}
    new = {"results": [{"city": "x", "n": 1}, {"city": "x", "n": 3}], "notes": ["a", "c", "d"]}
    assert changes(old, new) == [
        (FIGURE, "results[x #2].n", 2, 3),
        (FIGURE, "notes[2]", "b", "c"),
        (FIGURE, "notes[3]", "(absent)", "d"),
    ]


def test_inputs_stand_before_parameters_and_figures() -> None:
    """A figure, a definition and a checksum differ: the checksum is an input and first, a
    definition a parameter.
    """
    old = {"n": 1, "results": [{"definition_en": "a"}], "inputs": [{"path": "p", "sha256": "1"}]}
    new = {"n": 2, "results": [{"definition_en": "b"}], "inputs": [{"path": "p", "sha256": "2"}]}
    assert changes(old, new) == [
        (INPUT, "inputs[p].sha256", "1", "2"),
        (PARAMETER, "results[1].definition_en", "a", "b"),
        (FIGURE, "n", 1, 2),
    ]


def test_parameters_and_versions_are_no_difference() -> None:
    """Versions have a list of their own, parameters are compared by their hashes, inputs only where
    recorded.
    """
    old = {
        "railshed": "1",
        "results_version": 1,
        "parameters": {"a": 1},
        "parameters_sha256": {"a": "x"},
        "n": 1,
    }
    new = {
        "railshed": "2",
        "results_version": 1,
        "parameters": {"a": 2},
        "parameters_sha256": {"a": "y"},
        "n": 1,
        "inputs": [],
    }
    assert changes(old, new) == []
    assert changes({**old, "inputs": []}, {**new, "inputs": [{"path": "p"}]}) == [
        (INPUT, "inputs[p]", "(absent)", {"path": "p"})
    ]
    assert versions(old, new) == ["railshed: 1 -> 2"]
    assert versions({"results_version": 1}, {"results_version": 2}) == ["results_version: 1 -> 2"]


def test_what_was_sealed_and_is_not_there_now_is_changed() -> None:
    """Of four parameters one is as it was, one changed, one is gone, one was added."""
    sealed = parameter_hashes({"same": 1, "other": 2, "gone": 3})
    assert {len(digits) for digits in sealed.values()} == {16}
    record = {"parameters": {"same": 1, "other": 5, "new": 4}, "parameters_sha256": sealed}
    found = [(d.kind, d.where, d.now) for d in changed_parameters(record)]
    assert found == [
        (PARAMETER, "parameters.other", 5),
        (PARAMETER, "parameters.gone", "(absent)"),
        (PARAMETER, "parameters.new", 4),
    ]
    assert changed_parameters(record)[2].recorded == "hash (absent)"


def test_values_are_counted_without_parameters() -> None:
    """Two numbers in a list, one in a table and a text are four values; parameters and their hashes
    are none.
    """
    record = {
        "a": [1, 2],
        "b": {"c": 3},
        "d": "x",
        "parameters": {"e": 5},
        "parameters_sha256": {"e": "y"},
    }
    assert count_values(record) == 4


def test_a_difference_as_printed() -> None:
    """Thousands are parted, a true is no number, a long text ends after 77 characters."""
    (number, flag, text) = differences(
        {"n": 12_345, "ok": True, "t": "x" * 81}, {"n": 12_346.5, "ok": False, "t": "y" * 80}
    )
    assert str(number) == "figure n: 12,345 -> 12,346.5"
    assert str(flag) == "figure ok: True -> False"
    assert str(text) == f"figure t: {'x' * 77}... -> {'y' * 80}"


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        ({"maps": False, "lines": True}, "--without-map"),
        ({"car": False}, "--no-car"),
        ({"car": True}, "--car"),
        ({"html": True, "raster": True}, "--html --geotiff"),
        ({"html": False, "draws": 3}, "--draws 3"),
        ({"window_from": [61_200, 70_200]}, "--window-from 17:00-19:30"),
        ({"population_columns": {"pop": "people"}}, "--population-columns people=pop"),
        ({"network": ["china"], "scenario_path": ["a", "b"]}, ("--network china --scenario a "
        "--scenario "
            "b")),
        ({"map_format": ["png", "pdf"], "format": ["gpkg"]}, "--map-format png,pdf"),
        ({"smooth_m": 500.0, "cell_size_m": 250}, "--smooth 500.0 --cell-size 250"),
        ({"cutoffs": []}, ""),
    ],
)  # fmt: skip
def test_options_as_typed(parameters: dict[str, Any], words: str) -> None:
    """Defaults are left out, switches stand alone, lists are joined by commas or repeat their
    option.
    """
    assert (
        command_line({"command": "circle", "cities": ["mid"], **parameters})
        == f"railshed circle mid {words}".strip()
    )


def test_maps_are_in_both_languages_where_names_are_chinese() -> None:
    """Letters alone: English; one Chinese name: both; Chinese and Japanese syllables: English."""
    plain = small_network(LINE, {"out": OUT})
    first, *others = plain.stations
    languages = [
        map_language(replace(plain, stations=(replace(first, name=name), *others)), [])
        for name in ("A", "站", "駅のまえ")
    ]
    assert languages == ["en", "both", "en"]


def test_joint_pages_wait_for_all_of_their_cities(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A page of a and b is written once both are there, one of b and c after c; a page of one city
    is none.
    """
    written: list[tuple[str, list[str]]] = []
    united: list[tuple[str, int]] = []

    class Page:
        def __init__(self, slugs: list[str]) -> None:
            self.slugs = slugs

        def save(self, path: Path) -> None:
            written.append((path.name, self.slugs))

    monkeypatch.setattr(
        "railshed.questions.explore.page.explore_circles",
        lambda circles, **options: Page([c.city.slug for c in circles]),
    )

    def circle(slug: str) -> Any:
        from types import SimpleNamespace

        return SimpleNamespace(city=SimpleNamespace(slug=slug), limit_s=5400)

    def unite(name: str, minutes: int) -> Any:
        united.append((name, minutes))

    pages = JointPages({"ab": ["b", "a"], "bc": ["b", "c"], "one": ["a", "a"]}, unite, tmp_path, {})
    pages.add(circle("a"))
    assert written == []
    pages.add(circle("b"))
    assert written == [("ab.html", ["b", "a"])]
    pages.add(circle("c"))
    assert written == [("ab.html", ["b", "a"]), ("bc.html", ["b", "c"])]
    assert united == [("ab", 90), ("bc", 90)]
