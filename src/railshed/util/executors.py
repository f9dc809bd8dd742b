"""Tasks on processes and clusters: what all tasks share is written once, and each worker maps it.

`run_tasks` takes any executor of `concurrent.futures`. A task is sent as a function's name and what
is its own; a result comes back without what it shares, for which it has numbers. So neither holds a
network.
"""

from __future__ import annotations

import hashlib
import io
import mmap
import os
import pickle
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
from typing import Any

from railshed.util.cache import code_hash, private_folder
from railshed.util.errors import InputError, RailshedError
from railshed.util.parallel import as_worker, map_in_threads

#: of what is shared and of a task
Function = Callable[[Any, Any], Any]
#: how often in a row workers may end without any task done
MOST_BREAKS = 3
#: longer sequences are shared as a whole; how deep parts are looked for, and what is none
_MOST_PARTS = 1_000
_DEPTH = 6
_PLAIN = (str, bytes, int, float, complex, type(None))
_ALIGNED = 64
_ARRAYS = ".arrays"
_LOADING = threading.Lock()


def run_tasks(
    function: Function,
    shared: Any,
    tasks: Sequence[Any],
    executor: Executor | None = None,
    workers: int | None = None,
) -> Iterator[Any]:
    """Yield ``function(shared, task)`` for each task, in order: what runs where changes no result.

    `function` is one of a module or class, so that workers find it by its name. `shared` is what
    all tasks have, a network say; parts of it in a result are those of the caller, not copies.
    Without an `executor` there are `workers` threads, as in `map_in_threads`. A few tasks a worker
    run ahead of the result that is read next.

    Raises InputError when workers end again and again (`MOST_BREAKS`) and no task is done, or
    cannot read what is shared.
    """
    with tasks_on(executor, shared, workers) as run:
        yield from run(function, tasks)


@contextmanager
def tasks_on(
    executor: Executor | None, shared: Any, workers: int | None = None
) -> Iterator[Callable[[Function, Sequence[Any]], Iterator[Any]]]:
    """Yield `run_tasks` as a function of function and tasks, for several rounds; what is shared is
    written once.
    """
    if executor is None:
        yield lambda function, tasks: map_in_threads(partial(function, shared), tasks, workers)
        return
    with _stored(shared) as stored, ExitStack() as stack:
        objects = [*_parts_of(shared)]
        pool = [executor]

        def run(function: Function, tasks: Sequence[Any]) -> Iterator[Any]:
            for found in _in_order(partial(_work, stored, function), tasks, pool, stack):
                yield _read(found, objects)

        yield run


def _in_order(
    work: Callable[[Any], bytes], tasks: Sequence[Any], pool: list[Executor], stack: ExitStack
) -> Iterator[bytes]:
    """Yield the result of each task, in order; those that did not end when a worker was killed run
    again.

    `pool` is one executor, in whose place another one stands after that.
    """
    ahead = 2 * breadth_of(pool[0])
    pending = dict[int, Future[bytes]]()
    done = -1
    breaks = 0
    k = 0
    try:
        while k < len(tasks):
            try:
                for n in range(k, min(len(tasks), k + ahead)):
                    if n not in pending:
                        pending[n] = pool[0].submit(work, tasks[n])
                found = pending[k].result()
            except _killed() as error:
                ended = [
                    n
                    for n, one in pending.items()
                    if one.done() and not (one.cancelled() or one.exception())
                ]
                pending = {n: pending[n] for n in ended}
                breaks = breaks + 1 if k + len(pending) == done else 1
                done = k + len(pending)
                if breaks > MOST_BREAKS:
                    raise InputError(
                        f"workers ended {breaks} times without a task done ({done} of {len(tasks)} "
                        "are): they were "
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


def _killed() -> tuple[type[Exception], ...]:
    """Return the errors of a task whose worker was killed, that of Dask where it is used."""
    dask = sys.modules.get("distributed.scheduler")
    return (BrokenExecutor, CancelledError, *(() if dask is None else (dask.KilledWorker,)))


def breadth_of(executor: Executor) -> int:
    """Return how many tasks an executor runs at once, 16 where it does not say."""
    client = getattr(executor, "_client", None)
    known = getattr(executor, "_max_workers", None)
    return known or (client and sum(client.ncores().values())) or 16


def _renewed(executor: Executor, stack: ExitStack) -> Executor:
    """Return an executor that takes tasks after workers were killed: a cluster does, a pool of
    processes never.
    """
    from concurrent.futures import ProcessPoolExecutor

    from railshed.util.processes import Processes

    broken = isinstance(executor, ProcessPoolExecutor)
    return stack.enter_context(Processes(breadth_of(executor))) if broken else executor


@dataclass(frozen=True, slots=True)
class _Stored:
    """A file with what all tasks share: the objects, then their arrays, each from a multiple of 64
    bytes on.
    """

    path: str
    #: sha256 of the modules that wrote it and of its content; the file is named by it
    digest: str
    #: bytes of its parts
    sizes: tuple[int, ...]


@contextmanager
def _stored(shared: Any) -> Iterator[_Stored]:
    """Write what all tasks share into the cache's folder, or that for temporary files, for as long
    as needed.
    """
    buffers: list[pickle.PickleBuffer] = []
    head = io.BytesIO()
    _Pickler(head, {}, buffers.append).dump(shared)
    parts = [head.getbuffer(), *(buffer.raw() for buffer in buffers)]
    digest = hashlib.sha256(code_hash().encode())
    path = Path()
    try:
        with tempfile.NamedTemporaryFile(
            suffix=_ARRAYS, dir=private_folder(), delete=False
        ) as file:
            path = Path(file.name)
            for piece in (
                piece for part in parts for piece in (part, bytes(-part.nbytes % _ALIGNED))
            ):
                digest.update(piece)
                file.write(piece)
        path = path.rename(path.with_name(f"{digest.hexdigest()}-{os.getpid()}{_ARRAYS}"))
        yield _Stored(str(path), digest.hexdigest(), tuple(part.nbytes for part in parts))
    finally:
        with suppress(OSError):  # on Windows workers still map it
            path.unlink(missing_ok=True)


@lru_cache(maxsize=2)
def _loaded(stored: _Stored) -> tuple[Any, dict[int, int]]:
    """Return what is shared, arrays mapped (changes stay here), and the numbers of its parts; else
    InputError.
    """
    try:
        with Path(stored.path).open("rb") as file:
            data = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_COPY))
    except OSError as error:
        raise InputError(
            f"a worker cannot read {stored.path} ({error.strerror}) -> set RAILSHED_CACHE_DIR to a "
            "folder that all machines share"
        ) from error
    digest = hashlib.sha256(code_hash().encode())
    digest.update(data)
    if digest.hexdigest() != stored.digest:
        raise InputError(
            f"{stored.path} is not as it was written, or workers have another version of railshed"
        )
    ends = list(accumulate(size + -size % _ALIGNED for size in stored.sizes))
    parts = [
        data[end - size - -size % _ALIGNED :][:size]
        for end, size in zip(ends, stored.sizes, strict=True)
    ]
    shared = pickle.loads(parts[0], buffers=parts[1:])
    return shared, {id(part): n for n, part in reversed([*enumerate(_parts_of(shared))])}


def _work(stored: _Stored, function: Callable[[Any, Any], Any], task: Any) -> bytes:
    """Return what a task gives, or its error, and the warnings given meanwhile, in a worker."""
    with as_worker(), warnings.catch_warnings(record=True) as given:
        warnings.simplefilter("always")
        numbers: dict[int, int] = {}
        try:
            with _LOADING:
                shared, numbers = _loaded(stored)
            ended = True
            value = function(shared, task)
        except Exception as error:
            if not isinstance(error, RailshedError):  # a defect: say where
                error.add_note(traceback.format_exc())
            ended = False
            value = (type(error), error.args, vars(error))
    out = io.BytesIO()
    said = [(one.message, one.category, one.filename, one.lineno) for one in given]
    _Pickler(out, numbers).dump((ended, value, said))
    return out.getvalue()


def _parts_of(value: Any, depth: int = _DEPTH) -> Iterator[Any]:
    """Yield a value and the objects within it, in an order that is the same in each process."""
    inner: Iterable[Any] = ()
    if isinstance(value, _PLAIN):
        return
    if depth and is_dataclass(value):
        inner = [getattr(value, field.name, None) for field in fields(value)]
    elif depth and isinstance(value, tuple | list) and len(value) <= _MOST_PARTS:
        inner = value
    yield value
    for each in inner:
        yield from _parts_of(each, depth - 1)


class _Pickler(pickle.Pickler):
    """Writes numbers in place of what is shared."""

    def __init__(
        self, file: io.BytesIO, numbers: dict[int, int], arrays: Callable[[Any], Any] | None = None
    ) -> None:
        super().__init__(file, 5, buffer_callback=arrays)
        if numbers:
            self.persistent_id = lambda value: numbers.get(id(value))  # type: ignore[method-assign]


def _read(data: bytes, objects: Sequence[Any]) -> Any:
    """Return what `_Pickler` wrote, with the caller's own of what is shared; raise a
    task's error.
    """
    reader = pickle.Unpickler(io.BytesIO(data))
    reader.persistent_load = objects.__getitem__  # type: ignore[method-assign]
    ended, value, said = reader.load()
    for one in said:
        warnings.warn_explicit(*one)
    if ended:
        return value
    kind, args, more = value
    error = kind.__new__(kind, *args)  # its class may take other arguments
    vars(error).update(more)
    raise error
