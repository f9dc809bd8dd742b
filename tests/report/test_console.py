"""Blocks in the terminal."""

from __future__ import annotations

import pytest

from railshed.report.console import show
from railshed.tables.blocks import Facts
from railshed.util.bilingual import Words


def test_labels_stand_beside_their_texts(capsys: pytest.CaptureFixture[str]) -> None:
    """All texts begin in one column, two blanks after the longest label, further lines of a text too; hanzi are two."""
    long = " ".join(["word"] * 40)
    show([Facts(((Words("长标签", "Weak points"), Words("短", "short")), (Words("", ""), Words(long, long))))], "en")
    first, second, third = capsys.readouterr().out.splitlines()
    assert first.rstrip() == "Weak points  short"
    assert second.rstrip() == " " * 13 + " ".join(["word"] * 27)
    assert third.rstrip() == " " * 13 + " ".join(["word"] * 13)
    show([Facts(((Words("长标签", ""), Words("短", "")),))], "zh")
    assert capsys.readouterr().out.rstrip() == "长标签  短"
