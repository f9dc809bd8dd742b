"""The server that the tests of this room ask: the toy network."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.liveserver import LiveServer, serving


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    """A server of the toy network."""
    folder: Path = tmp_path_factory.mktemp("jobs")
    with serving(folder, "-n", "toy") as found:
        yield found
