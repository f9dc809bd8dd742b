"""A progress bar on stderr, for work of a known or an unknown number of steps."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Protocol

from railshed.util.names import visible

#: in the environment: progress is printed line by line, for a program that reads it; how such lines
#: begin
LINES = "RAILSHED_PROGRESS_LINES"
LINES_MARK = "progress:"


class Step(Protocol):
    """What moves a bar on."""

    def __call__(self, advance: float = 1) -> None:
        """Move it on by one step, or more."""


@contextmanager
def progress_bar(total: int | None, shown: bool, what: str) -> Iterator[Step]:
    """Yield a function that advances a progress bar, shown only if `shown`; without a `total` on a
    terminal alone.
    """
    if os.environ.get(LINES) and total:
        done = 0.0

        def step(advance: float = 1) -> None:
            nonlocal done
            done += advance
            print(f"{LINES_MARK} {done:g}/{total:g} {what}", file=sys.stderr, flush=True)

        yield step
        return
    if not shown or (total is None and not sys.stderr.isatty()):
        yield lambda advance=1: None
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True)) as bar:
        yield partial(bar.advance, bar.add_task(what, total=total))


def say(*lines: str) -> None:
    """Print lines for the reader's eyes on stderr, control characters written out; tables and JSON
    stay clean.
    """
    for line in lines:
        print(visible(line), file=sys.stderr)
