"""Blocks in the terminal."""

from __future__ import annotations

import pytest

from railshed.show import console
from railshed.show.blocks import Facts, Table
from railshed.show.console import show
from railshed.util.bilingual import Words


def test_labels_stand_beside_their_texts(capsys: pytest.CaptureFixture[str]) -> None:
    """All texts begin in one column, two blanks after the longest label, further lines of a text
    too; hanzi are two.
    """
    long = " ".join(["word"] * 40)
    show(
        [
            Facts(
                (
                    (Words("长标签", "Weak points"), Words("短", "short")),
                    (Words("", ""), Words(long, long)),
                )
            )
        ],
        "en",
    )
    first, second, third = capsys.readouterr().out.splitlines()
    assert first.rstrip() == "Weak points  short"
    assert second.rstrip() == " " * 13 + " ".join(["word"] * 27)
    assert third.rstrip() == " " * 13 + " ".join(["word"] * 13)
    show([Facts(((Words("长标签", ""), Words("短", "")),))], "zh")
    assert capsys.readouterr().out.rstrip() == "长标签  短"


@pytest.mark.parametrize("width", [60, 80, 150])
def test_no_figure_is_cut_in_a_narrow_terminal(
    width: int, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Names and heads break into lines; figures stand whole, whatever they stand beside."""
    monkeypatch.setattr(
        console, "console_of", lambda: console._Visible(width=width, markup=False, highlight=False)
    )
    heads = tuple(
        Words(text, text)
        for text in ("city", "a scenario of a long name", "people who save", "gained 90 min")
    )
    plan = "成眉市域铁路 Chengdu-Meishan suburban line"
    show([Table(Words("", ""), heads, (("Chengdu", plan, "1,234,567", "81,369"),), right=2)], "en")
    printed = capsys.readouterr().out
    assert "1,234,567" in printed
    assert "81,369" in printed
    assert "…" not in printed
    assert max(map(len, printed.splitlines())) <= width
