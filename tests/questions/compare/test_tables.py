"""What comparisons print: whole figures with their units, no city proper where there is none."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

import railshed
from railshed.questions.compare.side_by_side import comparisons, side_by_side
from railshed.questions.compare.tables import every_table
from railshed.questions.rank.tables import trade_offs_blocks
from railshed.scenario.files import scenario_from_dict
from railshed.show.console import show
from railshed.util.bilingual import Language

PERIOD = {"start_time": "05:00", "end_time": "23:00", "headway_minutes": 10}
LONG = (
    "自中城西北经西山至西北原的市域快线一期工程 Midtown - Western Hills - Northwestern Plain "
    "suburban line, phase one"
)
OTHER = (
    "取消西南坡支线全部列车 No trains any more on the branch to the southwestern slope, which "
    "is closed for good"
)
GONE = {"type": "remove-trips", "routes": ["sw"]}


def scenario(*modifications: dict[str, Any], title: str = "plan") -> Any:
    return scenario_from_dict({"title": title, "modification": list(modifications)})


def northwest(**more: Any) -> dict[str, Any]:
    stops = [{"name": "西北原", "id": "northwest", "lon": 99.8, "lat": 0.5}, "mid"]
    return {
        "type": "add-trips",
        "name": "nw",
        "stops": stops,
        "hop_minutes": [18],
        "frequencies": [PERIOD],
        **more,
    }


@pytest.fixture(scope="module")
def found(toy: Any) -> Any:
    plans = [scenario(northwest(), title=LONG), scenario(GONE, title=OTHER)]
    return next(railshed.prepare(toy).comparisons(["mid"], plans))


@pytest.mark.parametrize(
    ("lang", "figures", "words"),
    [
        (
            "en",
            ["67,000", "131,000", "128,000", "64,000"],
            ["all 2 together", "mid", "km² gained", "km² lost"],
        ),
        (
            "zh",
            ["6.7万", "13.1万", "12.8万", "6.4万"],
            ["以上2个合计", "中城", "门到门", "新增km²"],
        ),
    ],
)
def test_side_by_side(
    found: Any,
    lang: Language,
    figures: list[str],
    words: list[str],
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Titles of a hundred letters take two lines; no figure is cut, and the plan of both has a
    short name.
    """
    show(comparisons([side_by_side(one) for one in found]), lang)
    out = capsys.readouterr().out
    table = out.split("-o DIR")[0]
    assert "…" not in table
    for word in (*figures, *words):
        assert word in table, word
    assert f"{LONG} + {OTHER}" not in out.replace("\n", "")
    named = "减少区县" if lang == "zh" else "counties lost"
    assert named in out
    assert max(map(len, out.splitlines())) <= 150


def test_columns_of_area_say_so(toy: Any, found: Any, capsys: pytest.CaptureFixture[str]) -> None:
    """In a table of people and km², and in one of km² alone, every figure of area is headed km²."""
    show(every_table(found[0]), "en")
    assert "people before    after   gained  lost  km² gained  km² lost" in capsys.readouterr().out
    empty = replace(toy, population=None)
    show(every_table(railshed.compare(empty, "mid", scenario(northwest()))), "en")
    assert "km² before  km² after  km² gained  km² lost" in capsys.readouterr().out


@pytest.mark.slow
def test_no_city_proper_where_none_is_known(toy: Any, capsys: pytest.CaptureFixture[str]) -> None:
    """Without boundaries there is none: no table, line, title or definition says that figures are
    outside it.
    """
    bare = replace(toy, counties=None, population=None)
    one = railshed.compare(bare, "mid", scenario(northwest()))
    bought = railshed.prepare(bare).trade_offs("mid", scenario(northwest()))
    texts = [bought.definition, side_by_side(one)["definition"]]
    texts += [text.get_text() for text in bought.plot().texts]
    for lang in ("en", "zh"):
        show(every_table(one), lang)
        show(comparisons([side_by_side(one)]), lang)
        show(trade_offs_blocks(bought), lang)
        texts.append(capsys.readouterr().out)
    for text in texts:
        assert "outside the city proper" not in text
        assert "中心城区外" not in text
    with_bounds = railshed.compare(toy, "mid", scenario(northwest()))
    show(comparisons([side_by_side(with_bounds)]), "en")
    assert "outside the city proper" in capsys.readouterr().out
