"""Commands run in forks of one process that has imported everything: tenths of a second each,
within limits.

A fork has a session of its own, `LIMIT_S` processor seconds (more is a hang) and `ROOM_MIB` of
address space above what the process had before it. Linux only.
"""

from __future__ import annotations

import atexit
import contextlib
import io
import json
import os
import resource
import select
import signal
import sys
import tempfile
import time
import traceback
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

#: the share of all cases that is run: 1 is the whole
SHARE = float(os.environ.get("RAILSHED_STRESS", "0.1"))
#: added to every seed
SEED = int(os.environ.get("RAILSHED_STRESS_SEED", "0"))
#: processor seconds and seconds by the clock after which a command hangs
LIMIT_S, CLOCK_S = 60, 300
#: MiB that a command may use above those of the process before it, and MiB of address space after
#: which it has to fail
MOST_MIB, ROOM_MIB = 1_024, 2_048
_PAGE = resource.getpagesize()
#: wait until a command hears them
_STOPS = (signal.SIGINT, signal.SIGTERM)


def part(n: int, least: int = 1) -> int:
    """Return how many of `n` cases are run."""
    return max(min(n, least), round(SHARE * n))


def seeds(n: int, least: int = 1) -> range:
    """Return the seeds of the cases that are run, of `n` in the whole."""
    return range(SEED, SEED + part(n, least))


@dataclass(frozen=True)
class Ended:
    """How a fork ended."""

    #: the exit code; below zero: the signal
    code: int
    out: str
    err: str
    cpu_s: float
    #: above those that it had at its start, without what the process before it maps of files
    peak_mib: float
    #: what the function returned
    value: Any = None

    @property
    def mistake(self) -> bool:
        """Whether it ended with a sentence for the user."""
        return self.code == 2 and "error" in self.err.lower()

    def problems(self, *codes: int) -> list[str]:
        """Return what no command may do, and an exit code that is none of these."""
        found = [
            word for word in ("Traceback", "Warning:", "compiling kernels") if word in self.err
        ]
        found += [f"exit code {self.code}"] * (self.code not in codes)
        found += ["no sentence"] * (self.code == 2 and not self.mistake)
        found += [f"{self.peak_mib:,.0f} MiB"] * (self.peak_mib > MOST_MIB)
        return found


class Fork:
    """A function that runs in a fork of this process."""

    def __init__(self, work: Callable[[], Any], folder: Path | None = None) -> None:
        self._logs = tempfile.TemporaryDirectory()
        sys.stdout.flush()
        sys.stderr.flush()
        with warnings.catch_warnings():
            warnings.simplefilter(
                "ignore", DeprecationWarning
            )  # of forks beside threads: those of arrays, which wait
            signal.pthread_sigmask(signal.SIG_BLOCK, _STOPS)
            self.pid = os.fork()
        if not self.pid:
            self._run(work, folder)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _STOPS)
        self._ends = os.pidfd_open(self.pid)

    def _run(self, work: Callable[[], Any], folder: Path | None) -> None:
        code = 70
        try:
            os.setsid()
            size, resident = (
                int(pages)
                for pages in Path("/proc/self/statm").read_text(encoding="ascii").split()[:2]
            )
            Path(self._logs.name, "before").write_text(str(resident * _PAGE), encoding="ascii")
            for stream, name in ((0, "in"), (1, "out"), (2, "err")):
                os.dup2(os.open(Path(self._logs.name, name), os.O_CREAT | os.O_RDWR), stream)
            sys.stdin = io.StringIO()
            sys.stdout, sys.stderr = (open(n, "w", encoding="utf-8", closefd=False) for n in (1, 2))  # noqa: SIM115
            resource.setrlimit(resource.RLIMIT_CPU, (LIMIT_S, LIMIT_S + 5))
            resource.setrlimit(resource.RLIMIT_AS, (size * _PAGE + (ROOM_MIB << 20),) * 2)
            signal.signal(signal.SIGINT, signal.default_int_handler)
            warnings.resetwarnings()
            if folder is not None:
                os.chdir(folder)
            code = self._called(work)
            sys.stdout.flush()
            sys.stderr.flush()
        finally:
            os._exit(code)

    def _called(self, work: Callable[[], Any]) -> int:
        try:
            value = work()
            Path(self._logs.name, "value").write_text(json.dumps(value), encoding="utf-8")
        except SystemExit as leave:
            return leave.code if isinstance(leave.code, int) else int(bool(leave.code))
        except BaseException:
            traceback.print_exc()
            return 70
        return 0

    def wait(self, seconds: float = CLOCK_S) -> bool:
        """Wait so many seconds at most; return whether it has ended."""
        return bool(select.select([self._ends], [], [], seconds)[0])

    def stop(self, how: signal.Signals) -> None:
        """Send a signal, unless it has ended."""
        with contextlib.suppress(ProcessLookupError):
            signal.pidfd_send_signal(self._ends, how)

    def end(self) -> Ended:
        """Wait for the end, if need be by force, and return how it ended."""
        if not self.wait():
            self.stop(signal.SIGKILL)
        _, status, used = os.wait4(self.pid, 0)
        os.close(self._ends)
        logs = {
            path.name: path.read_text(encoding="utf-8", errors="replace")
            for path in Path(self._logs.name).iterdir()
        }
        self._logs.cleanup()
        value = json.loads(logs["value"]) if logs.get("value") else None
        peak = used.ru_maxrss / 2**10 - int(logs.get("before", 0)) / 2**20
        return Ended(
            os.waitstatus_to_exitcode(status),
            logs.get("out", ""),
            logs.get("err", ""),
            used.ru_utime + used.ru_stime,
            peak,
            value,
        )

    def children(self) -> list[int]:
        """Return the processes of its session that run, after up to two seconds for them to end."""
        for _ in range(20):
            found = [pid for pid in _processes() if _session(pid) == self.pid]
            if not found:
                break
            time.sleep(0.1)
        return found


def _processes() -> list[int]:
    return [int(path.name) for path in Path("/proc").iterdir() if path.name.isdigit()]


def _session(pid: int) -> int:
    """Return the session of a process that runs, 0 of none."""
    try:
        state, _, _, session = (
            Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(") ")[2].split()[:4]
        )
    except (OSError, ValueError):
        return 0
    return 0 if state == "Z" else int(session)


def railshed(*arguments: object) -> Callable[[], None]:
    """Return a function that runs `railshed` with its arguments, as the shell would."""

    def start() -> None:
        from railshed.cli import main as cli

        made = cli.application

        def heard(names: Any) -> Any:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, _STOPS)
            return made(names)

        cli.application = heard
        atexit._clear()  # what the process before it does at its end
        sys.argv = ["railshed", *map(str, arguments)]
        cli.run()

    return start


def ran(*arguments: object, folder: Path | None = None) -> Ended:
    """Run `railshed` with its arguments in a fork and return how it ended."""
    return Fork(railshed(*arguments), folder).end()


def called(work: Callable[[], Any]) -> Ended:
    """Run a function in a fork and return how it ended, with its value."""
    return Fork(work).end()


def listed(wrong: Mapping[Any, Any]) -> str:
    """Return what is wrong with each case, one below the other, as a message of a failed test."""
    return "".join(f"\n{case}: {said}" for case, said in wrong.items())
