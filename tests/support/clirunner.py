"""The command line run in this process, as the shell would."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from railshed.cli import main as cli


@dataclass(frozen=True)
class Outcome:
    """Exit code and what was printed."""

    code: int
    out: str
    err: str


Command = Callable[..., Outcome]


def command_line(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[Any]) -> Command:
    """Return a function that runs `railshed` with its arguments.

    What a command sets for a process that ends soon, seldom garbage collection and memory that is
    not given back, is undone: the process of tests goes on.
    """
    monkeypatch.setattr(cli, "reuse_memory", lambda: None)

    def run(*arguments: object) -> Outcome:
        monkeypatch.setattr(sys, "argv", ["railshed", *map(str, arguments)])
        code, usual = 0, gc.get_threshold()
        try:
            cli.main()
        except SystemExit as leave:
            code = int(leave.code or 0)
        finally:
            gc.set_threshold(*usual)
        printed = capsys.readouterr()
        return Outcome(code, printed.out, printed.err)

    return run


#: what commands printed, by their arguments and the width of the screen
_PRINTED: dict[tuple[str, ...], Outcome] = {}


def printed(run: Command, *arguments: object) -> Outcome:
    """Return the outcome of a command that writes no file, which is run the first time alone."""
    key = (os.environ.get("COLUMNS", ""), *map(str, arguments))
    if key not in _PRINTED:
        _PRINTED[key] = run(*arguments)
    return _PRINTED[key]


def assert_mistake(done: Outcome, *words: str) -> None:
    """Exit code 2, a message with these words on stderr, nothing on stdout, no traceback."""
    assert done.code == cli.EXIT_MISTAKE, done
    assert "Traceback" not in done.err
    assert done.out == ""
    for word in words:
        assert word in done.err
