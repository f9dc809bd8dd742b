"""A Dask cluster of two workers on this machine; tests that need it skip without the package."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Executor
from contextlib import contextmanager

import pytest

from railshed.cli.inputs import workers_of


@contextmanager
def cluster() -> Iterator[Executor]:
    """Yield the executor of a new cluster."""
    distributed = pytest.importorskip("distributed")
    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, dashboard_address=":0"
        ) as started,
        workers_of(started.scheduler_address) as found,
    ):
        assert found is not None
        yield found
