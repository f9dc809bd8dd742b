"""Tasks on processes and on a cluster: the same results as here, none lost with a worker, none left
behind.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from railshed import InputError, NotFoundError
from railshed.cli.inputs import workers_of
from railshed.util import executors
from railshed.util.cache import private_folder
from railshed.util.errors import ParameterError, RailshedWarning
from railshed.util.executors import MOST_BREAKS, run_tasks, tasks_on
from railshed.util.processes import Processes
from tests.support import tasks
from tests.support.clusters import cluster

#: Ctrl-C interrupts it also where a shell started the tests in the background, which ignore that
#: signal
_SLOW = """
import signal
import sys
from pathlib import Path
from railshed.util.executors import run_tasks
from railshed.util.processes import Processes
from tests.support.tasks import slow
if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.default_int_handler)
    with Processes(2) as processes:
        list(run_tasks(slow, Path(sys.argv[1]), range(4), processes))
"""
ROOT = Path(__file__).parents[2]


EXECUTORS: dict[str, Callable[[], object]] = {
    "one": lambda: Processes(1),
    "two": lambda: Processes(2),
    "pool": lambda: ProcessPoolExecutor(2),
    "threads": lambda: ThreadPoolExecutor(2),
    "cluster": cluster,
}


@pytest.fixture(params=list(EXECUTORS))
def executor(request: pytest.FixtureRequest) -> Iterator[Executor]:
    with EXECUTORS[request.param]() as found:  # type: ignore[attr-defined]
        yield found


def left() -> list[str]:
    """Return the files of what tasks share."""
    folder = private_folder()
    assert folder is not None
    return [path.name for path in folder.glob(f"*-{os.getpid()}.arrays")]


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning")
def test_results_are_those_of_this_process(executor: Executor) -> None:
    """In order, elsewhere; what is shared is removed at the end."""
    found = list(run_tasks(tasks.squared, 5, range(30), executor))
    assert [value for value, _ in found] == [k * k + 5 for k in range(30)]
    assert (os.getpid() in {process for _, process in found}) == isinstance(
        executor, ThreadPoolExecutor
    )
    assert [value for value, _ in run_tasks(tasks.squared, 5, range(30))] == [
        value for value, _ in found
    ]
    assert left() == []


def test_arrays_are_shared_and_those_of_the_caller_come_back(tmp_path: Path) -> None:
    """What is written to a mapped array stays with the worker; the file is named by its content."""
    shared = (np.arange(100_000), "a text", [np.ones(3)])
    with Processes(1) as processes, tasks_on(processes, shared) as run:
        (name,) = left()
        assert re.fullmatch(rf"[0-9a-f]{{64}}-{os.getpid()}\.arrays", name)
        (first,) = run(_written, [7])
        (second,) = run(_written, [8])
    assert first[0] is shared[0]
    assert first[1] is shared[2][0]
    assert (first[2], second[2]) == (7, 8)
    assert shared[0][0] == 0


def _written(
    shared: tuple[np.ndarray, str, list[np.ndarray]], value: int
) -> tuple[object, object, int]:
    shared[0][0] = value
    assert shared[0].flags.writeable
    assert shared[0].ctypes.data % 32 == 0
    return shared[0], shared[2][0], int(shared[0][0])


def test_a_hundred_tasks_survive_twenty_kills(tmp_path: Path) -> None:
    with Processes(2) as processes:
        found = list(run_tasks(tasks.killed_once, tmp_path, range(100), processes))
    assert found == [k * k for k in range(100)]
    assert len(list(tmp_path.iterdir())) == 20


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_broken_pool_of_the_caller_is_replaced(tmp_path: Path) -> None:
    with ProcessPoolExecutor(2) as pool:
        assert list(run_tasks(tasks.killed_once, tmp_path, range(10), pool)) == [
            k * k for k in range(10)
        ]


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning")
def test_a_cluster_replaces_its_workers(tmp_path: Path) -> None:
    with cluster() as workers:
        assert list(run_tasks(tasks.killed_once, tmp_path, range(20), workers)) == [
            k * k for k in range(20)
        ]
    assert len(list(tmp_path.iterdir())) == 4


def test_a_task_that_kills_every_worker_ends_with_an_error() -> None:
    found = []
    with (
        Processes(2) as processes,
        pytest.raises(InputError, match=f"ended {MOST_BREAKS + 1} times without a task"),
    ):
        found.extend(run_tasks(tasks.killed, None, range(20), processes))
    assert left() == []


def test_errors_and_warnings_are_those_of_the_task() -> None:
    with Processes(1) as processes:
        with pytest.warns(RailshedWarning) as heard, pytest.raises(NotFoundError) as refused:
            list(run_tasks(tasks.refused, None, [2, 3], processes))
        assert [str(one.message) for one in heard] == ["number 2", "number 3"]
        with pytest.raises(NotFoundError) as here, pytest.warns(RailshedWarning):
            list(run_tasks(tasks.refused, None, [2, 3]))
        assert str(refused.value) == str(here.value)
        with pytest.raises(ZeroDivisionError) as broken:
            list(run_tasks(tasks.broken, None, [1], processes))
    assert "return number / 0" in "".join(broken.value.__notes__)


def test_a_file_that_is_not_as_it_was_written_is_refused() -> None:
    with executors._stored((np.arange(1000), 1)) as stored:
        data = bytearray(Path(stored.path).read_bytes())
        data[-5] ^= 1
        Path(stored.path).write_bytes(data)
        with pytest.raises(InputError, match="is not as it was written"):
            executors._loaded(stored)
        Path(stored.path).unlink()
        with pytest.raises(InputError, match=r"a worker cannot read .* RAILSHED_CACHE_DIR"):
            executors._loaded(stored)


@pytest.mark.parametrize("given", ["0", "1001", "tcp://127.0.0.1:9", "nonsense"])
def test_workers_that_are_none_are_refused(given: str) -> None:
    if not given.isdecimal():
        pytest.importorskip("distributed")
    with pytest.raises(ParameterError, match=f"--workers {given}: "), workers_of(given):
        pass


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="processes are looked up in /proc")
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_no_worker_outlives_its_parent(tmp_path: Path, how: signal.Signals) -> None:
    """Whichever signal ends it."""
    script = tmp_path / "slow.py"
    script.write_text(_SLOW, encoding="utf-8")
    (folder := tmp_path / "processes").mkdir()
    path = {"PYTHONPATH": os.pathsep.join([str(ROOT / "src"), str(ROOT)])}
    parent = subprocess.Popen(
        [sys.executable, script, folder], env=os.environ | path, stderr=subprocess.DEVNULL
    )
    workers = _waited(
        lambda: [int(text) for one in folder.iterdir() if (text := one.read_text())], 2
    )
    parent.send_signal(how)
    parent.wait()
    assert _waited(lambda: [0] * all(not _runs(worker) for worker in workers), 1)


def _waited(find: Callable[[], list[int]], n: int) -> list[int]:
    """Return what is found as soon as it is so many."""
    for _ in range(600):
        if len(found := find()) >= n:
            return found
        time.sleep(0.1)
    raise AssertionError("waited for a minute")


def _runs(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text("utf-8").rpartition(") ")[2][0] != "Z"
    except OSError:
        return False
