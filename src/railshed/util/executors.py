"""Tasks on processes and clusters: what all tasks share is written once, and each worker maps it.

`run_tasks` takes any executor of `concurrent.futures`. A task is sent as a function's name and what is its own; a
result comes back without what it shares, for which it has numbers. So neither holds a network.
"""

from __future__ import annotations

import functools
import hashlib
import io
import mmap
import os
import pickle
import signal
import sys
import tempfile
import threading
import traceback
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import BrokenExecutor, CancelledError, Executor, Future
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, fields, is_dataclass
from functools import lru_cache, partial
from itertools import accumulate
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from railshed.util.cache import code_hash, private_folder
from railshed.util.errors import InputError, ParameterError, RailshedError
from railshed.util.optional_packages import require
from railshed.util.parallel import as_worker, map_in_threads

if TYPE_CHECKING:
    from concurrent.futures import ProcessPoolExecutor

Task = TypeVar("Task")
Result = TypeVar("Result")

#: how often in a row workers may end without any task done
MOST_BREAKS = 3
#: longer sequences are shared as a whole
_MOST_PARTS, _DEPTH = 1_000, 6
_PLAIN = (str, bytes, int, float, complex, type(None))
_ALIGNED, _ARRAYS = 64, ".arrays"
_LOADING = threading.Lock()


def run_tasks(
    function: Callable[[Any, Task], Result], shared: Any, tasks: Sequence[Task], executor: Executor | None = None,
    workers: int | None = None,
) -> Iterator[Result]:  # fmt: skip
    """Yield ``function(shared, task)`` for each task, in order: what runs where changes no result.

    Parameters
    ----------
    function
        Of a module, so that workers find it by its name.
    shared
        What all tasks have, a network say. Parts of it in a result are those of the caller, not copies.
    executor
        None: `workers` threads, as `map_in_threads`. A few tasks a worker run ahead of the result that is read next.

    Raises
    ------
    InputError
        When workers end again and again (`MOST_BREAKS`) and no task is done, or cannot read what is shared.
    """
    with tasks_on(executor, shared, workers) as run:
        yield from run(function, tasks)


@contextmanager
def tasks_on(
    executor: Executor | None, shared: Any, workers: int | None = None
) -> Iterator[Callable[[Callable[[Any, Any], Any], Sequence[Any]], Iterator[Any]]]:
    """Yield `run_tasks` as a function of function and tasks, for several rounds; what is shared is written once."""
    if executor is None:
        yield lambda function, tasks: map_in_threads(partial(function, shared), tasks, workers)
        return
    with _stored(shared) as stored, ExitStack() as stack:
        objects, pool = _parts_of(shared), [executor]

        def run(function: Callable[[Any, Any], Any], tasks: Sequence[Any]) -> Iterator[Any]:
            for found in _in_order(partial(_work, stored, function), tasks, pool, stack):
                yield _read(found, objects)

        yield run


def _in_order(
    work: Callable[[Any], bytes], tasks: Sequence[Any], pool: list[Executor], stack: ExitStack
) -> Iterator[bytes]:
    """Yield the result of each task, in order; those that did not end when a worker was killed run again.

    `pool` is one executor, in whose place another one stands after that.
    """
    ahead, pending = 2 * breadth_of(pool[0]), dict[int, Future[bytes]]()
    done, breaks, k = -1, 0, 0
    try:
        while k < len(tasks):
            try:
                for n in range(k, min(len(tasks), k + ahead)):
                    if n not in pending:
                        pending[n] = pool[0].submit(work, tasks[n])
                found = pending[k].result()
            except _killed() as error:
                for n in [n for n, future in pending.items() if not _ended_well(future)]:
                    pending.pop(n).cancel()
                breaks, done = (breaks + 1 if k + len(pending) == done else 1), k + len(pending)
                if breaks > MOST_BREAKS:
                    raise InputError(
                        f"workers ended {breaks} times without a task done ({done} of {len(tasks)} are): they were "
                        "killed, or the memory is full -> take fewer workers, or fewer cities"
                    ) from error
                pool[0] = _renewed(pool[0], stack)
                continue
            del pending[k]
            k += 1
            yield found
    finally:
        for future in pending.values():
            future.cancel()


def _ended_well(future: Future[Any]) -> bool:
    return future.done() and not future.cancelled() and future.exception() is None


def _killed() -> tuple[type[Exception], ...]:
    """Return the errors of a task whose worker was killed, that of Dask where it is used."""
    dask = sys.modules.get("distributed.scheduler")
    return (BrokenExecutor, CancelledError, *(() if dask is None else (dask.KilledWorker,)))


def breadth_of(executor: Executor | None) -> int:
    """Return how many tasks an executor runs at once, 16 where it does not say; 1 of none."""
    if executor is None:
        return 1
    client = getattr(executor, "_client", None)
    known = getattr(executor, "_max_workers", None) if client is None else sum(client.ncores().values())
    return known or 16


def _renewed(executor: Executor, stack: ExitStack) -> Executor:
    """Return an executor that takes tasks after workers were killed: a cluster by itself, a pool of processes anew."""
    from concurrent.futures import ProcessPoolExecutor

    if isinstance(executor, Processes):
        executor.renew()
    elif isinstance(executor, ProcessPoolExecutor):
        return stack.enter_context(Processes(breadth_of(executor)))
    return executor


class Processes(Executor):
    """A number of processes of this machine, renewed when one is killed; none of them outlives this one.

    `modules` are imported once, before the processes start, where the system can share that between them.
    """

    def __init__(self, number: int, modules: Sequence[str] = ()) -> None:
        self._max_workers, self._modules = number, [__name__, *modules]
        self._pool = self._started()

    def _started(self) -> ProcessPoolExecutor:
        import multiprocessing
        from concurrent.futures import ProcessPoolExecutor

        forks = "forkserver" in multiprocessing.get_all_start_methods()
        context = multiprocessing.get_context("forkserver" if forks else "spawn")
        if forks:
            context.set_forkserver_preload(self._modules)
        return ProcessPoolExecutor(self._max_workers, context, _begin)

    def submit(self, function: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Run a function in one of the processes."""
        return self._pool.submit(function, *args, **kwargs)

    def renew(self) -> None:
        """Start other processes in place of these."""
        self.shutdown(wait=False)
        self._pool = self._started()

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = True) -> None:
        """End the processes, whatever they do."""
        running = list((self._pool._processes or {}).values())
        self._pool.shutdown(wait=False, cancel_futures=cancel_futures)
        for process in running:
            process.kill()
        for process in running if wait else ():
            process.join()


def _begin() -> None:
    """Make this process one that ends with the one that started it, which alone hears Ctrl-C."""
    from multiprocessing import parent_process
    from multiprocessing.connection import wait

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    parent = parent_process()
    assert parent is not None

    def end() -> None:
        wait([parent.sentinel])
        os._exit(1)

    threading.Thread(target=end, daemon=True).start()


@contextmanager
def workers_of(given: str | None, modules: Sequence[str] = ()) -> Iterator[Executor | None]:
    """Yield the executor that a text means: a number of processes, or the address of a Dask scheduler; None of none.

    Raises
    ------
    ParameterError
        When there is no scheduler at the address, or the number is not from 1 to 1,000.
    """
    if given is None:
        yield None
    elif given.isdecimal():
        if not 1 <= int(given) <= _MOST_PARTS:
            raise ParameterError(f"--workers {given}: allowed are 1 to {_MOST_PARTS:,} processes, or an address")
        with Processes(int(given), modules) as processes:
            yield processes
    else:
        try:
            client = require("distributed", f"--workers {given}").Client(given, timeout=10)
        except (OSError, ValueError) as error:
            raise ParameterError(
                f"--workers {given}: no Dask scheduler answers there ({error}); allowed are a number of processes, or "
                "an address such as tcp://10.0.0.1:8786"
            ) from error
        with client, client.get_executor() as cluster:
            yield cluster


@dataclass(frozen=True, slots=True)
class _Stored:
    """A file with what all tasks share: the objects, then their arrays, each from a multiple of 64 bytes on."""

    path: str
    #: sha256 of the modules that wrote it and of its content; the file is named by it
    digest: str
    #: bytes of its parts
    sizes: tuple[int, ...]


@contextmanager
def _stored(shared: Any) -> Iterator[_Stored]:
    """Write what all tasks share into the cache's folder, or that for temporary files, for as long as needed."""
    buffers: list[pickle.PickleBuffer] = []
    head = io.BytesIO()
    _Pickler(head, {}, buffers.append).dump(shared)
    parts = [head.getbuffer(), *(buffer.raw() for buffer in buffers)]
    digest, path = hashlib.sha256(code_hash().encode()), Path()
    try:
        with tempfile.NamedTemporaryFile(suffix=_ARRAYS, dir=private_folder(), delete=False) as file:
            path = Path(file.name)
            for piece in (piece for part in parts for piece in (part, bytes(-part.nbytes % _ALIGNED))):
                digest.update(piece)
                file.write(piece)
        path = path.rename(path.with_name(f"{digest.hexdigest()}-{os.getpid()}{_ARRAYS}"))
        yield _Stored(str(path), digest.hexdigest(), tuple(part.nbytes for part in parts))
    finally:
        with suppress(OSError):  # on Windows workers still map it
            path.unlink(missing_ok=True)


@lru_cache(maxsize=2)
def _loaded(stored: _Stored) -> tuple[Any, dict[int, int]]:
    """Return what is shared, its arrays mapped (what is written to them stays here), and the numbers of its parts.

    Raises
    ------
    InputError
        When the file cannot be read here, or neither it nor the code is that of the caller.
    """
    try:
        with Path(stored.path).open("rb") as file:
            data = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_COPY))
    except OSError as error:
        raise InputError(
            f"a worker cannot read {stored.path} ({error.strerror}) -> set RAILSHED_CACHE_DIR to a folder that all "
            "machines share"
        ) from error
    digest = hashlib.sha256(code_hash().encode())
    digest.update(data)
    if digest.hexdigest() != stored.digest:
        raise InputError(f"{stored.path} is not as it was written, or workers have another version of railshed")
    ends = list(accumulate(size + -size % _ALIGNED for size in stored.sizes))
    parts = [data[end - size - -size % _ALIGNED :][:size] for end, size in zip(ends, stored.sizes, strict=True)]
    shared = pickle.loads(parts[0], buffers=parts[1:])
    return shared, {id(part): n for n, part in reversed(list(enumerate(_parts_of(shared))))}


def _work(stored: _Stored, function: Callable[[Any, Any], Any], task: Any) -> bytes:
    """Return what a task gives, or its error, and the warnings heard meanwhile, in a worker."""
    with as_worker(), warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always")
        numbers: dict[int, int] = {}
        try:
            with _LOADING:
                shared, numbers = _loaded(stored)
            ended, value = True, function(shared, task)
        except Exception as error:
            if not isinstance(error, RailshedError):  # a defect: say where
                error.add_note(traceback.format_exc())
            ended, value = False, error
    out = io.BytesIO()
    _Pickler(out, numbers).dump(
        (ended, value, [(one.message, one.category, one.filename, one.lineno) for one in heard])
    )
    return out.getvalue()


def _parts_of(shared: Any) -> list[Any]:
    """Return the objects within what is shared, in an order that is the same in each process."""
    found: list[Any] = []

    def visit(value: Any, depth: int) -> None:
        if isinstance(value, _PLAIN):
            return
        found.append(value)
        inner: Iterable[Any] = ()
        if depth and is_dataclass(value):
            inner = (getattr(value, field.name, None) for field in fields(value))
        elif depth and isinstance(value, tuple | list) and len(value) <= _MOST_PARTS:
            inner = value
        for each in inner:
            visit(each, depth - 1)

    visit(shared, _DEPTH)
    return found


class _Pickler(pickle.Pickler):
    """Writes numbers in place of what is shared; errors and functions with a memory, which have no name, in parts."""

    def __init__(self, file: io.BytesIO, numbers: dict[int, int], arrays: Callable[[Any], Any] | None = None) -> None:
        super().__init__(file, 5, buffer_callback=arrays)
        if numbers:
            self.persistent_id = lambda value: numbers.get(id(value))  # type: ignore[method-assign]

    def reducer_override(self, value: Any) -> Any:
        """Return how a value is made again."""
        if isinstance(value, BaseException):
            return _error, (type(value), value.args, vars(value))
        if isinstance(value, functools._lru_cache_wrapper) and not hasattr(value, "__qualname__"):
            return functools.cache, (value.__wrapped__,)
        return NotImplemented


def _error(kind: type[BaseException], args: tuple[Any, ...], more: dict[str, Any]) -> BaseException:
    """Return an error as it was, without calling its class, which may take other arguments."""
    found = kind.__new__(kind, *args)
    found.__dict__.update(more)
    return found


def _read(data: bytes, objects: Sequence[Any]) -> Any:
    """Return what `_Pickler` wrote, with the caller's own of what is shared; raise a task's error."""
    reader = pickle.Unpickler(io.BytesIO(data))
    reader.persistent_load = objects.__getitem__  # type: ignore[method-assign]
    ended, value, said = reader.load()
    for one in said:
        warnings.warn_explicit(*one)
    if not ended:
        raise value
    return value
