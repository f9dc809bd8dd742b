"""Processes of this machine that run tasks."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing.connection import wait


class Processes(ProcessPoolExecutor):
    """A pool of processes: none outlives this one or the block, whatever they do.

    `modules` are imported once, before the processes start, where the system can share that between them.
    """

    def __init__(self, number: int, modules: Sequence[str] = ()) -> None:
        forks = "forkserver" in multiprocessing.get_all_start_methods()
        context = multiprocessing.get_context("forkserver" if forks else "spawn")
        if forks:
            context.set_forkserver_preload([__name__, *modules])
        super().__init__(number, context, _begin)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """End the processes."""
        running = list((self._processes or {}).values())
        super().shutdown(wait=False, cancel_futures=True)
        for process in running:
            process.kill()
        for process in running if wait else ():
            process.join()


def _begin() -> None:
    """Make this process end with the one that started it; Ctrl-C stops that one alone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)
