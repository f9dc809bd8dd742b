"""The command line run in this process, as the shell would."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from railshed.cli import main as cli


@dataclass(frozen=True)
class Outcome:
    """Exit code and what was printed."""

    code: int
    out: str
    err: str


Command = Callable[..., Outcome]


def command_line(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    """Return a function that runs `railshed` with its arguments."""

    def run(*arguments: object) -> Outcome:
        monkeypatch.setattr(sys, "argv", ["railshed", *map(str, arguments)])
        code = 0
        try:
            cli.main()
        except SystemExit as leave:
            code = int(leave.code or 0)
        printed = capsys.readouterr()
        return Outcome(code, printed.out, printed.err)

    return run


def assert_mistake(done: Outcome, *words: str) -> None:
    """Exit code 2, a message with these words on stderr, nothing on stdout, no traceback."""
    assert done.code == cli.EXIT_MISTAKE, done
    assert "Traceback" not in done.err
    assert done.out == ""
    for word in words:
        assert word in done.err
