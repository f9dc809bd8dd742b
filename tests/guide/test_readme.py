"""README.md is a first screen: what it shows is what the commands print."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.support.clirunner import Command, command_line

README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
#: the command of each thing to do, and what it prints
SHOWN = re.findall(
    r"^\w[\w ]+: `railshed ([^`]+)`.*?^```text\n(.*?)^```$", README, re.MULTILINE | re.DOTALL
)


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    return command_line(monkeypatch, capsys)


def test_the_picture_says_the_number() -> None:
    """The figures that its text names are those of the first screen below it."""
    (text,) = re.findall(r"^!\[([^\]]+)\]", README, re.MULTILINE)
    figures = re.findall(r"\d+,\d{3}", text)
    assert len(figures) == 2
    assert [figure for figure in figures if figure not in SHOWN[0][1]] == []


@pytest.mark.china
@pytest.mark.slow
def test_what_is_shown_is_printed(
    run: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each line is one that the command prints, in this order; the same command with more options
    prints it too.
    """
    monkeypatch.chdir(tmp_path)
    longest = [
        one for one, _ in SHOWN if not any(other.startswith(f"{one} ") for other, _ in SHOWN)
    ]
    assert longest
    for command in longest:
        done = run(*command.split())
        assert done.code == 0
        for text in (text for one, text in SHOWN if f"{command} ".startswith(f"{one} ")):
            printed = iter([row.rstrip() for row in done.out.splitlines()])
            for row in text.splitlines():
                assert row == "..." or row in printed, row
