"""Long work as jobs (OGC API - Processes, part 1): a command in a process of its own, its run
folder the result.

A job is a folder: `job.json` with its state, the scenarios it was given, and `run`, which the
command writes whole or not at all. Jobs of a server that was killed are there when the next one
starts: finished ones with their results.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import uuid
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from http import HTTPStatus
from pathlib import Path
from typing import Any

from railshed.api import requests
from railshed.report.run_folder.record import typed_words
from railshed.server.answers import candidates_text, text_of
from railshed.server.models import exposed
from railshed.server.problems import RefusedError
from railshed.util.errors import NotFoundError, ParameterError
from railshed.util.files import write_file
from railshed.util.options import Request, options_of
from railshed.util.progress import LINES, LINES_MARK

#: what runs as a job, by command; all but two print their figures as JSON
PROCESSES: dict[str, type[Request]] = {
    cls.command: cls
    for cls in (
        requests.CircleRequest,
        requests.CompareRequest,
        requests.ReportRequest,
        requests.AtlasRequest,
        requests.TradeOffsRequest,
        requests.RankRequest,
        requests.SuggestRequest,
    )
}
_WITHOUT_JSON = ("report", "atlas")
#: jobs that run at once, and that wait
_MOST_RUNNING = 2
_MOST_WAITING = 20
ENDED = ("successful", "failed", "dismissed")
#: what a command prints: JSON, or the texts of the two that print no figures
_STATE = "job.json"
_RUN = "run"
_ANSWER = "answer.json"
_PRINTED = "printed.txt"
_STOP_S = 20.0
_MOST_MESSAGE = 2_000


@dataclass(frozen=True, slots=True)
class State:
    """The state of a job, with the names of OGC's statusInfo."""

    jobID: str  # noqa: N815
    processID: str  # noqa: N815
    status: str
    created: str
    updated: str
    inputs: Mapping[str, Any] = field(default_factory=dict)
    message: str = ""
    #: per cent, None where it is not known
    progress: int | None = None
    type: str = "process"


class Jobs:
    """The jobs of a folder."""

    def __init__(self, folder: Path, words: Sequence[str]) -> None:
        """Take the jobs that a folder holds; `words` are the options of every command: which
        network.
        """
        self.folder = folder
        self._words = list(words)
        self._lock = threading.Lock()
        self._changed = threading.Condition()
        self._states: dict[str, State] = {}
        self._running: dict[str, subprocess.Popen[str]] = {}
        self._pool = ThreadPoolExecutor(_MOST_RUNNING, "job")
        self._closed = False
        folder.mkdir(parents=True, exist_ok=True)
        for path in sorted(folder.glob(f"*/{_STATE}")):
            with suppress(OSError, ValueError, TypeError):
                state = State(**json.loads(path.read_text(encoding="utf-8")))
                self._states[state.jobID] = state
                if state.status not in ENDED:
                    shutil.rmtree(path.parent / _RUN, ignore_errors=True)
                    self._set(state, status="failed", message="the server ended before the job did")

    def every(self) -> list[State]:
        """Return the states of all jobs, the newest first."""
        return sorted(
            self._states.values(), key=lambda state: (state.created, state.jobID), reverse=True
        )

    def get(self, job: str) -> State:
        """Return the state of a job; NotFoundError where there is none."""
        if job not in self._states:
            raise NotFoundError("job", job, [])
        return self._states[job]

    def start(self, process: str, inputs: Mapping[str, Any]) -> State:
        """Start a job of checked inputs (`models.model_of` of the request); scenarios are those of
        requests.
        """
        if (
            sum(state.status not in ENDED for state in self._states.values())
            >= _MOST_RUNNING + _MOST_WAITING
        ):
            raise RefusedError(
                HTTPStatus.SERVICE_UNAVAILABLE, "too many jobs wait", {"Retry-After": "60"}
            )
        job = uuid.uuid4().hex
        own = self.folder / job
        words = self._typed(process, inputs, own)
        now = _now()
        self._set(State(job, process, "accepted", now, now, dict(inputs)))
        self._pool.submit(self._tried, job, words)
        return self.get(job)

    def _typed(self, process: str, inputs: Mapping[str, Any], own: Path) -> list[str]:
        """Return the words of the command; scenarios and candidates are written into the job's
        folder.
        """
        texts = [text_of(one) for one in inputs.get("scenario", ())]
        candidates = candidates_text(inputs["candidates"]) if "candidates" in inputs else ""
        own.mkdir()
        files = [f"scenario-{k}.toml" for k in range(1, len(texts) + 1)]
        for name, text in zip(files, texts, strict=True):
            write_file(own / name, text)
        own_options = {one.name: one for one in options_of(PROCESSES[process])}
        words = [process]
        arguments = list[str]()
        for one in exposed(PROCESSES[process]):
            value = inputs.get(one.name)
            value = tuple(value) if isinstance(value, list) else value
            if value in (None, (), one.default):
                continue
            if one.flags:
                words += typed_words(one, value)
            else:
                arguments += (value,) if isinstance(value, str) else value
        if "candidates" in inputs:
            write_file(own / "candidates.toml", candidates)
            arguments = ["candidates.toml", *arguments]
        given: dict[str, Any] = {"out": _RUN} | (
            {} if process in _WITHOUT_JSON else {"as_json": True}
        )
        words += [
            word for name in files for word in (own_options["scenario"].flags.split()[0], name)
        ]
        words += [
            word for name, value in given.items() for word in typed_words(own_options[name], value)
        ]
        return [*words, *self._words, "--", *arguments]

    def _tried(self, job: str, words: Sequence[str]) -> None:
        """Run a command to its end; a job whose own files cannot be written fails."""
        try:
            self._run(job, words)
        except OSError as error:
            with suppress(OSError):
                self._set(
                    self._states[job],
                    status="failed",
                    message=error.strerror or "its files cannot be written",
                )

    def _run(self, job: str, words: Sequence[str]) -> None:
        own = self.folder / job
        errors = list[str]()
        with self._lock:
            if job not in self._states or self._states[job].status != "accepted" or self._closed:
                return
            process = subprocess.Popen(
                [sys.executable, "-m", "railshed.server.worker", str(os.getpid()), *words],
                cwd=own,
                text=True,
                stdin=subprocess.DEVNULL,
                stdout=(own / f"{_ANSWER}.part").open("w", encoding="utf-8"),
                stderr=subprocess.PIPE,
                encoding="utf-8",
                errors="replace",
                env=os.environ | {LINES: "1"},
            )
            self._running[job] = process
        self._set(self._states[job], status="running")
        assert process.stderr is not None
        for line in process.stderr:
            share = re.fullmatch(rf"{LINES_MARK} ([\d.]+)/([\d.]+) (.*)\n?", line)
            if share is None:
                errors.append(line)
            elif float(share[2]):
                percent = min(100, int(100 * float(share[1]) / float(share[2])))
                with suppress(KeyError):  # it is dismissed meanwhile
                    self._set(self._states[job], progress=percent, message=share[3])
        code = process.wait()
        with self._lock:
            del self._running[job]
        if job not in self._states or self._states[job].status == "dismissed":
            self._remove(job)
        elif code == 0:
            json_too = self._states[job].processID not in _WITHOUT_JSON
            (own / f"{_ANSWER}.part").rename(own / (_ANSWER if json_too else _PRINTED))
            self._set(self._states[job], status="successful", progress=100, message="")
        else:
            (own / f"{_ANSWER}.part").unlink(missing_ok=True)
            shutil.rmtree(own / _RUN, ignore_errors=True)
            text = (
                "".join(errors)[-_MOST_MESSAGE:]
                .strip()
                .replace(str(own), "")
                .replace("railshed: error: ", "")
            )
            self._set(self._states[job], status="failed", message=text or f"ended with code {code}")

    def dismiss(self, job: str) -> State:
        """Stop a job, and remove it with all of its files."""
        state = self.get(job)
        with self._lock:
            process = self._running.get(job)
        state = self._set(state, status="dismissed", message="")
        if process is not None:
            _stop(process)
        self._remove(job)
        return state

    def _remove(self, job: str) -> None:
        shutil.rmtree(self.folder / job, ignore_errors=True)
        self._states.pop(job, None)

    def files(self, job: str) -> dict[str, Path]:
        """Return the files of a finished job by name."""
        state = self.get(job)
        if state.status != "successful":
            raise ParameterError(f"job {job} is {state.status}: only a successful one has results")
        own = self.folder / job
        listed = [
            *(own / name for name in (_ANSWER, _PRINTED) if (own / name).is_file()),
            *sorted(path for path in (own / _RUN).rglob("*") if path.is_file()),
        ]
        names = (
            (path.relative_to(own / _RUN if _RUN in path.parts else own).as_posix(), path)
            for path in listed
        )
        return {name: path for name, path in names if path.stat().st_size}

    def wait(self, job: str, known: State, seconds: float) -> State:
        """Return the state of a job once it is another one than is known, or after so
        many seconds.
        """
        with self._changed:
            self._changed.wait_for(lambda: self._states.get(job) != known, seconds)
        return self._states.get(job, replace(known, status="dismissed"))

    def _set(self, state: State, **changes: Any) -> State:
        new = replace(state, **changes, updated=_now())
        with self._changed:
            if new.jobID in self._states and self._states[new.jobID].status == "dismissed":
                return self._states[new.jobID]
            self._states[new.jobID] = new
            (self.folder / new.jobID).mkdir(exist_ok=True)
            write_file(
                self.folder / new.jobID / _STATE, json.dumps(asdict(new), ensure_ascii=False)
            )
            self._changed.notify_all()
        return new

    def close(self) -> None:
        """Stop all jobs that run; they are failed ones for the next server."""
        with self._lock:
            self._closed = True
            running = list(self._running.values())
        for process in running:
            _stop(process)
        self._pool.shutdown(cancel_futures=True)


def _stop(process: subprocess.Popen[str]) -> None:
    """Stop a command as Ctrl-C does; one that does not end is killed."""
    with suppress(ProcessLookupError):
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(_STOP_S)
        except subprocess.TimeoutExpired:
            process.kill()


def _now() -> str:
    return dt.datetime.now(dt.UTC).isoformat(timespec="milliseconds")


def events(jobs: Jobs, job: str) -> Iterator[str]:
    """Yield the states of a job as server-sent events, to its end."""
    known = jobs.get(job)
    while True:
        yield f"data: {json.dumps(asdict(known), ensure_ascii=False)}\n\n"
        if known.status in ENDED:
            return
        known = jobs.wait(job, known, _STOP_S)
