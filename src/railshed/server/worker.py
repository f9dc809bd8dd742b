"""A job's process: the command line, which ends when the server that started it is gone."""

from __future__ import annotations

import ctypes
import os
import runpy
import signal
import sys
from contextlib import suppress

_DEATH_SIGNAL = 1  # PR_SET_PDEATHSIG of Linux; elsewhere a job goes on to its end


def main() -> None:
    """Run `railshed` with the arguments after the first, which is the number of the server's
    process.
    """
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(_DEATH_SIGNAL, signal.SIGTERM)
    if os.getppid() != int(sys.argv[1]):
        sys.exit(128 + signal.SIGTERM)
    sys.argv = ["railshed", *sys.argv[2:]]
    runpy.run_module("railshed", run_name="__main__")


if __name__ == "__main__":
    main()
