"""Bars on stderr: of a known length also in a log, of an unknown one on a terminal alone."""

from __future__ import annotations

import io
import sys

import pytest

from railshed.util.progress import progress_bar


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("stderr", "total", "shown", "text"),
    [
        (io.StringIO(), 2, True, "2/2"),
        (io.StringIO(), 2, False, ""),
        (io.StringIO(), None, True, ""),
        (_Terminal(), None, True, "2/?"),
        (_Terminal(), None, False, ""),
    ],
)
def test_where_a_bar_is_shown(
    monkeypatch: pytest.MonkeyPatch, stderr: io.StringIO, total: int | None, shown: bool, text: str
) -> None:
    """Two steps of two, or of an unknown number."""
    monkeypatch.setattr(sys, "stderr", stderr)
    with progress_bar(total, shown, "steps") as step:
        step()
        step()
    printed = stderr.getvalue()
    assert text in printed if text else printed == ""
