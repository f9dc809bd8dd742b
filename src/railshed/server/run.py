"""The server as a process: bound before it is announced, its page opened, stopped by Ctrl-C."""

from __future__ import annotations

import secrets
import socket
import threading
import webbrowser
from collections.abc import Callable, Sequence
from pathlib import Path
from types import FrameType
from urllib.parse import urlencode

import uvicorn

from railshed.api.analysis import Analysis
from railshed.server.app import create_app
from railshed.server.guard import LOOPBACK, Rules
from railshed.server.jobs import Jobs
from railshed.server.workspace import Start, Workspace
from railshed.util.errors import OutputError
from railshed.util.memory import give_back_memory
from railshed.util.progress import say

_CLOSING_S = 3


class _Server(uvicorn.Server):
    """A server that stops its jobs at Ctrl-C, so that answers which follow a job end."""

    def __init__(self, config: uvicorn.Config, jobs: Jobs) -> None:
        super().__init__(config)
        self._jobs = jobs

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Stop the jobs on a thread of their own: the signal may come anywhere."""
        threading.Thread(target=self._jobs.close).start()
        super().handle_exit(sig, frame)


def run(
    prepare: Callable[[], Analysis],
    start: Start,
    *,
    host: str,
    port: int,
    browser: bool,
    origins: Sequence[str],
    jobs: Path,
    words: Sequence[str],
) -> None:
    """Serve until it is stopped.

    Parameters
    ----------
    prepare
        Returns the network prepared, called on a thread of its own.
    host, port
        Where it listens; 0: any free port. Beyond this machine every request needs a token, which
        is printed.
    browser
        Whether the page is opened.
    origins
        Other origins whose pages may ask.
    jobs
        Folder of the jobs.
    words
        Options of the commands that jobs run: which network.

    Raises OutputError when the port is taken, or the folder of the jobs cannot be written.
    """
    give_back_memory()
    here = host in LOOPBACK
    rules = Rules(LOOPBACK if here else (), "" if here else secrets.token_urlsafe(24), origins)
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        listener = socket.create_server((host, port), family=family)
        stored = Jobs(jobs, words)
    except OSError as error:
        raise OutputError(
            f"port {port}: {error.strerror or error}; take another one (--port, port=), 0 for a "
            "free one"
        ) from error
    shown = {"token": rules.token} if rules.token else {}
    own = f"[{host}]" if ":" in host else host
    address = f"http://{own}:{listener.getsockname()[1]}/" + (
        f"?{urlencode(shown)}" if shown else ""
    )
    workspace = Workspace(prepare, start)
    app = create_app(workspace, stored, rules)
    config = uvicorn.Config(
        app,
        log_level="warning",
        timeout_graceful_shutdown=_CLOSING_S,
        timeout_keep_alive=30,
        lifespan="on",
    )
    server = _Server(config, stored)
    say(f"railshed serve: {address}  (Ctrl-C stops it)")

    def ready(found: object) -> None:
        error = found.exception()  # type: ignore[attr-defined]
        if error is not None:
            server.should_exit = True

    workspace.when_ready(ready)
    if browser:
        webbrowser.open(address)
    try:
        server.run(sockets=[listener])
    except KeyboardInterrupt:
        say("railshed serve: stopped")
    if server.should_exit and workspace.failed is not None:
        raise workspace.failed
