"""Threads: one rule for their number, results in the order of the items."""

import os
import threading

import pytest

from railshed.util.errors import ParameterError
from railshed.util.parallel import count_threads, map_in_threads


def test_one_rule_for_the_number_of_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    """The argument goes before RAILSHED_THREADS, that before the processors."""
    monkeypatch.setenv("RAILSHED_THREADS", " 3 ")
    assert (count_threads(), count_threads(5)) == (3, 5)
    monkeypatch.delenv("RAILSHED_THREADS")
    assert 1 <= count_threads() <= (os.cpu_count() or 1)


@pytest.mark.parametrize("value", ["0", "-1", "two", "1.5"])
def test_a_number_of_threads_that_is_none_is_refused(
    monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    monkeypatch.setenv("RAILSHED_THREADS", value)
    with pytest.raises(
        ParameterError, match=f"RAILSHED_THREADS is '{value}': allowed are whole numbers from 1"
    ):
        count_threads()


def test_results_come_in_order_and_threads_start_no_further_threads() -> None:
    """On its threads the number is one; on the caller's it is not."""

    def job(k: int) -> tuple[int, int, bool]:
        return k, count_threads(), threading.current_thread() is threading.main_thread()

    assert list(map_in_threads(job, range(50), 4)) == [(k, 1, False) for k in range(50)]
    assert [main for *_, main in map_in_threads(job, range(1), 4)] == [True]


def test_items_are_read_as_results_are() -> None:
    """Two threads read at most five items ahead: memory does not grow with their number."""
    read = []

    def items() -> list[int]:
        for k in range(100):
            read.append(k)
            yield k

    results = map_in_threads(lambda k: k, items(), 2)
    assert next(results) == 0
    assert len(read) == 5
    results.close()
    assert len(read) == 5
