"""README.md is a first screen: short, in two languages, and what it shows is what the commands print."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.support.clirunner import Command, command_line

README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
#: the command of each of the three things to do, and what it prints
SHOWN = re.findall(r"^\w[\w ]+: `railshed ([^`]+)`.*?^```text\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    return command_line(monkeypatch, capsys)


def test_the_readme_is_short() -> None:
    """At most 8 KB."""
    assert len(README.encode("utf-8")) <= 8_192


def test_the_readme_speaks_both_languages() -> None:
    """The first sentences are in English and in Chinese."""
    first, second = README.splitlines()[2:4]
    assert re.match(r"[A-Z][a-z]+ [a-z]+", first)
    assert re.match(r"[\u4e00-\u9fff]", second)


def test_three_things_are_shown_in_six_lines_each() -> None:
    """A circle, a line and the page; cuts are marked with dots and are no lines."""
    assert [command.split()[0] for command, _ in SHOWN] == ["circle", "compare", "circle"]
    for command, text in SHOWN:
        assert sum(line != "..." for line in text.splitlines()) == 6, command


def test_the_picture_says_the_number() -> None:
    """The figures that its text names are those of the first screen below it."""
    (text,) = re.findall(r"^!\[([^\]]+)\]", README, re.MULTILINE)
    figures = re.findall(r"\d+,\d{3}", text)
    assert len(figures) == 2
    assert [figure for figure in figures if figure not in SHOWN[0][1]] == []


@pytest.mark.china
@pytest.mark.slow
def test_what_is_shown_is_printed(run: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each line is one that the command prints, in this order; the circle is printed with the page too."""
    monkeypatch.chdir(tmp_path)
    (_, circle), (compare, line), (with_page, page) = SHOWN
    for command, texts in ((compare, [line]), (with_page, [circle, page])):
        done = run(*command.split())
        assert done.code == 0
        for text in texts:
            printed = iter([row.rstrip() for row in done.out.splitlines()])
            for row in text.splitlines():
                assert row == "..." or row in printed, row
