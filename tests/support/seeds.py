"""Random cases inside one test: as many as `pytest.mark.parametrize` would make, without an item
for each.

All of them run at night (RAILSHED_HYPOTHESIS=nightly), else one in a few: fewer still where kernels
run without the compiler or with bounds checks.
"""

from __future__ import annotations

import functools
import inspect
import os
from collections.abc import Callable, Iterable
from typing import Any

#: of the random cases of kernels, one in so many is run without the compiler or with bounds checks
SPARSE = (
    5 if "1" in (os.environ.get("NUMBA_DISABLE_JIT"), os.environ.get("NUMBA_BOUNDSCHECK")) else 1
)
#: of the seeds of a test, one in so many is run, but for `_FEWEST`
_SEEDS = SPARSE if os.environ.get("RAILSHED_HYPOTHESIS") == "nightly" else max(SPARSE, 4)
_FEWEST = 30


def each_seed(seeds: Iterable[int]) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Run the test with every `seed`; a failure names the first seed that fails.

    Parameters
    ----------
    seeds : iterable of int
        Values of the test's argument `seed`, of which every one or one in a few is run.

    Returns
    -------
    callable
        A decorator of tests. Other arguments stay parameters and fixtures of pytest.
    """

    every = [*seeds]
    chosen = every[:: min(_SEEDS, max(1, len(every) // _FEWEST))]

    def decorate(test: Callable[..., None]) -> Callable[..., None]:
        @functools.wraps(test)
        def run(**arguments: Any) -> None:
            for seed in chosen:
                try:
                    test(seed=seed, **arguments)
                except BaseException as error:
                    error.add_note(f"seed={seed}")
                    raise

        signature = inspect.signature(test)
        others = [one for name, one in signature.parameters.items() if name != "seed"]
        run.__signature__ = signature.replace(parameters=others)  # type: ignore[attr-defined]
        return run

    return decorate
