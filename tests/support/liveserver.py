"""`railshed serve` as a process on loopback and a free port, and what it answers."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Answer:
    """Status, headers and body."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class LiveServer:
    """A running server."""

    def __init__(self, process: subprocess.Popen[str], address: str) -> None:
        self.process, (self.address, _, self.query) = process, address.partition("?")

    def ask(
        self,
        path: str,
        body: Any = None,
        *,
        method: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Return the answer to a request; a body that is no bytes is sent as JSON."""
        data = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        given = {"Content-Type": "application/json", "Accept": "*/*"} | dict(headers or {})
        request = urllib.request.Request(f"{self.address}{path}", data, given, method=method)
        try:
            with urllib.request.urlopen(request, timeout=120) as found:
                return Answer(found.status, found.headers, found.read())
        except urllib.error.HTTPError as error:
            return Answer(error.code, error.headers, error.read())

    def events(self, job: str) -> Iterator[dict[str, Any]]:
        """Yield the states of a job to its end."""
        with urllib.request.urlopen(f"{self.address}jobs/{job}/events", timeout=300) as stream:
            for line in stream:
                if line.startswith(b"data: "):
                    yield json.loads(line[6:])


def command_of(jobs: Path, *arguments: str) -> list[str]:
    """Return the command that serves on a free port, no browser opened."""
    own = ["serve", "--no-browser", "--port", "0", "--jobs", str(jobs)]
    return [sys.executable, "-m", "railshed", *own, *arguments]


@contextmanager
def serving(
    jobs: Path, *arguments: str, env: Mapping[str, str] | None = None
) -> Iterator[LiveServer]:
    """Yield a server; it is stopped at the end, as by Ctrl-C, if it still runs."""
    command = command_of(jobs, *arguments)
    process = subprocess.Popen(
        command, stderr=subprocess.PIPE, text=True, env=os.environ | dict(env or {})
    )
    assert process.stderr is not None
    said = []
    try:
        for line in process.stderr:
            said.append(line)
            if (found := re.search(r"railshed serve: (http://\S+)", line)) is not None:
                reader = threading.Thread(target=said.extend, args=(process.stderr,), daemon=True)
                reader.start()  # else a full pipe would stop the server
                yield LiveServer(process, found[1])
                process.terminate()
                reader.join(60)
                break
        else:
            raise AssertionError("".join(said))
    finally:
        if process.poll() is None:
            process.terminate()
        process.wait(timeout=60)
        process.stderr.close()
