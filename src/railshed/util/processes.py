"""Processes of this machine that run tasks."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from multiprocessing.connection import wait
from typing import Any

from railshed.util.interrupts import uninterrupted


class Processes(ProcessPoolExecutor):
    """A pool of processes: none outlives this one or the block, whatever they do.

    `modules` are imported once, before the processes start, where the system can share that between
    them.
    """

    def __init__(self, number: int, modules: Sequence[str] = ()) -> None:
        forks = "forkserver" in multiprocessing.get_all_start_methods()
        context = multiprocessing.get_context("forkserver" if forks else "spawn")
        if forks:
            context.set_forkserver_preload([__name__, *modules])
            _start_server()
        super().__init__(number, context, _begin)

    def submit(self, *task: Any, **more: Any) -> Future[Any]:
        """Start a task; a process that starts for it is known before a signal is handled, so that
        it can be ended.
        """
        with uninterrupted():
            return super().submit(*task, **more)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """End the processes."""
        running = list((self._processes or {}).values())
        for process in running:  # first: one that only starts needs what goes next
            process.kill()
        super().shutdown(wait=False, cancel_futures=True)
        for process in running if wait else ():
            process.join()


def _start_server() -> None:
    """Start the server that processes are forked from, so that no Ctrl-C stops it while
    it imports.
    """
    from multiprocessing import forkserver, resource_tracker

    # else the server starts it, and that lets signals through again
    resource_tracker.ensure_running()
    before = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
    try:
        forkserver.ensure_running()
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


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
