"""Commands with --workers, stopped at random moments: no process runs on, and what they write is
whole or absent.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.support.forks import SEED, SHARE, _processes, _session, listed
from tests.support.writers import contents

KILLS = 30 if SHARE >= 1 else 2
SOURCE = Path(__file__).parents[2] / "src"
COMMANDS = {
    "circle": ("circle", "mid", "east", "-n", "toy", "--draws", "200"),
    "atlas": ("atlas", "-n", "toy", "--without-map"),
}


def started(name: str, out: Path) -> subprocess.Popen[bytes]:
    """Start a command in a session of its own."""
    words = [
        sys.executable,
        "-m",
        "railshed",
        *COMMANDS[name],
        "-o",
        str(out),
        "--workers",
        "2",
        "--no-progress",
    ]
    env = os.environ | {"PYTHONPATH": str(SOURCE)}
    return subprocess.Popen(
        words, env=env, start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )


def run_on(session: int) -> list[int]:
    """Return the processes of a session that run, after up to five seconds for them to end."""
    for _ in range(50):
        if not (found := [pid for pid in _processes() if _session(pid) == session]):
            return []
        time.sleep(0.1)
    return found


@pytest.mark.parametrize("name", COMMANDS)
def test_stopped_with_its_workers(name: str, tmp_path: Path) -> None:
    """By SIGKILL too; by Ctrl-C all processes hear it, as in a terminal."""
    start = time.monotonic()
    whole = started(name, tmp_path / "whole")
    assert (whole.communicate(), whole.returncode)[1] == 0
    seconds, wrong = time.monotonic() - start, {}
    for seed in range(SEED, SEED + KILLS):
        rng = random.Random(seed)
        how, out = rng.choice([signal.SIGKILL, signal.SIGTERM, signal.SIGINT]), tmp_path / str(seed)
        command = started(name, out)
        time.sleep(seconds * rng.uniform(0.3, 1))
        (os.killpg if how == signal.SIGINT else os.kill)(command.pid, how)
        said = command.communicate()[1].decode()
        found = [f"{how.name}: {pid} runs on" for pid in run_on(command.pid)]
        found += [f"{how.name}: exit code {command.returncode}"] * (
            command.returncode not in (0, 130, 143, -how)
        )
        found += [f"{how.name}: {said[-300:]}"] * ("Traceback" in said)
        if name == "circle" and out.exists():
            found += ["not whole"] * (contents(out) != contents(tmp_path / "whole"))
        if found:
            wrong[seed] = found
    assert not wrong, listed(wrong)
