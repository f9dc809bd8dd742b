"""Random cases inside one test: as many as `pytest.mark.parametrize` would make, without an item for each."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterable
from typing import Any


def each_seed(seeds: Iterable[int]) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Run the test with every `seed`; a failure names the first seed that fails.

    Parameters
    ----------
    seeds : iterable of int
        Values of the test's argument `seed`.

    Returns
    -------
    callable
        A decorator of tests. Other arguments stay parameters and fixtures of pytest.
    """

    def decorate(test: Callable[..., None]) -> Callable[..., None]:
        @functools.wraps(test)
        def run(**arguments: Any) -> None:
            for seed in seeds:
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
