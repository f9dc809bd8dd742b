"""Tests of this folder are the stage `stress`: many cases, seeded, each in a fork
(tests/support/forks.py); slow.
"""

from __future__ import annotations

import contextlib
import io
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from railshed.cli.main import main
from tests.support.forks import ran

HERE = Path(__file__).parent


@pytest.hookimpl(tryfirst=True)  # before -m is looked at
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.is_relative_to(HERE):
            item.add_marker("stress")
            item.add_marker("slow")


@pytest.fixture(scope="session")
def warm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Import what commands import, once, and yield a GTFS zip of the toy network; no cache is read
    or written.
    """
    if sys.platform != "linux":
        pytest.skip("limits of forks are set as on Linux")
    folder = tmp_path_factory.mktemp("warm")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RAILSHED_NETWORK_CACHE", "0")
        patch.setenv("RAILSHED_CACHE_DIR", str(folder / "cache"))
        said = io.StringIO()
        for options in (
            ["circle", "mid", "-n", "toy"],
            ["compare", "mid", "-n", "toy", "-s", plan_in(folder)],
        ):
            with (
                contextlib.redirect_stdout(said),
                contextlib.redirect_stderr(said),
                contextlib.suppress(SystemExit),
            ):
                patch.setattr(sys, "argv", ["railshed", *map(str, options)])
                main()
        assert "compiling" not in said.getvalue()
        ended = ran("export-gtfs", "-n", "toy", "--without-lines", "-o", folder / "toy.zip")
        assert ended.code == 0, ended
        yield folder / "toy.zip"


def plan_in(folder: Path) -> Path:
    """Write a scenario of the toy network and return its path."""
    from tests.support.small_networks import NEW_CORE_STATION

    path = folder / "plan.toml"
    path.write_text(NEW_CORE_STATION, encoding="utf-8")
    return path
