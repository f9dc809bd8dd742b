"""Requests drawn from the OpenAPI document: none is answered with an error of the server, none
hangs.
"""

from __future__ import annotations

import os
import time
import warnings
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable

from tests.support.liveserver import serving

#: drawn over all operations; a tenth unless RAILSHED_STRESS is set
CASES = 2_000 if os.environ.get("RAILSHED_STRESS") else 200
_MOST_S = 30.0


def test_no_request_is_an_error_of_the_server(tmp_path: Path) -> None:
    """Every operation, with what its schema allows and what it does not: below 500, within seconds,
    then still well.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the library at import
        schemathesis = pytest.importorskip("schemathesis")
    with serving(tmp_path, "-n", "toy") as server:
        schema = schemathesis.openapi.from_url(f"{server.address}openapi.json")
        operations = [found.ok() for found in schema.get_all_operations()]
        each, n, slowest = -(-CASES // len(operations)), 0, 0.0

        def run(case: Any) -> None:
            nonlocal n, slowest
            start = time.monotonic()
            answer = case.call(timeout=_MOST_S)
            n, slowest = n + 1, max(slowest, time.monotonic() - start)
            assert answer.status_code < 500, (case.as_curl_command(), answer.text[:500])
            if answer.status_code >= 400:
                assert answer.headers["content-type"][0].startswith("application/problem+json")

        for operation in operations:
            for mode in (
                schemathesis.GenerationMode.POSITIVE,
                schemathesis.GenerationMode.NEGATIVE,
            ):
                drawn = given(operation.as_strategy(generation_mode=mode))
                bounded = settings(
                    max_examples=each,
                    deadline=None,
                    derandomize=True,
                    database=None,
                    phases=[Phase.generate],
                    suppress_health_check=list(HealthCheck),
                )
                with suppress(Unsatisfiable):  # an operation of which every request is allowed
                    bounded(drawn(run))()
        assert n > 0.9 * CASES, n
        assert slowest < _MOST_S
        assert server.ask("cities").status == 200
