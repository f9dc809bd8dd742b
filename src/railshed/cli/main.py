"""The command line: arguments to calls, results to tables and files, errors to exit codes. No
logic.

Exit codes: 0 done, 1 `check` found errors in the data (or a defect of railshed), 2 a mistake in
arguments or input (`errors.RailshedError`) or the memory is full, 130 stopped by Ctrl-C, 143 by
SIGTERM, 129 by SIGHUP. Heavy imports happen inside the commands, so that ``railshed --help`` needs
none.
"""

from __future__ import annotations

import atexit
import gc
import os
import signal
import sys
from collections.abc import Iterable
from importlib import import_module
from typing import Annotated, NoReturn

import typer

from railshed._version import __version__
from railshed.cli.options import add_command
from railshed.util.errors import RailshedError
from railshed.util.files import STOPPED_BY
from railshed.util.memory import reuse_memory
from railshed.util.names import visible
from railshed.util.progress import say

#: new objects before garbage is looked for, far more than Python's own 700: what imports and
#: networks are made of stays, and looking through it took a tenth of a run; a server, which runs
#: for days, has fewer
_OBJECTS = 3_000_000
_OBJECTS_OF_SERVER = 50_000
_NO_MEMORY = (
    "the memory is full; take fewer cities, larger cells or a shorter window, or close "
    "other programs"
)
EXIT_MISTAKE = 2
EXIT_STOPPED = 130


def _version(value: bool) -> None:
    if value:
        typer.echo(f"railshed {__version__}")
        raise typer.Exit


def _main(
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_version, is_eager=True, help="Print the version and exit."
        ),
    ] = False,
) -> None:
    pass


#: the module of each command, imported when it is run or listed, in the order of the help
COMMANDS = {
    "circle": "circle",
    "reach": "reach",
    "check": "data",
    "networks": "data",
    "cities": "data",
    "cache": "data",
    "atlas": "atlas",
    "backtest": "backtest",
    "compare": "compare",
    "trade-offs": "compare",
    "compliance": "compare",
    "diff": "diff",
    "guide": "guide",
    "import-gtfs": "convert",
    "import-osm": "convert",
    "export-gtfs": "convert",
    "report": "report",
    "verify": "verify",
    "run-time": "run_time",
    "scenario": "scenario",
    "serve": "serve",
    "rank": "rank",
    "suggest": "rank",
    "why": "why",
    "indicators": "indicators",
}


def application(names: Iterable[str] = tuple(COMMANDS)) -> typer.Typer:
    """Return the application with these of its commands: building all of them takes 0.03 s."""
    app = typer.Typer(
        name="railshed",
        help="One-hour commuting circles by rail: what is within an hour of a city, and what a "
        "proposed line changes.",
        no_args_is_help=True,
        add_completion=False,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
    )
    app.callback()(_main)
    for name in names:
        add_command(
            app, getattr(import_module(f"railshed.cli.{COMMANDS[name]}"), name.replace("-", "_"))
        )
    return app


def main() -> None:
    """Run the command line and leave with its exit code."""
    serves = sys.argv[1:2] == ["serve"]
    gc.set_threshold(_OBJECTS_OF_SERVER if serves else _OBJECTS, 20, 20)
    os.environ.setdefault(
        "OPENBLAS_NUM_THREADS", "1"
    )  # numpy starts its threads when imported, a tenth of `cities`
    if not serves:
        reuse_memory()
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")
    try:
        # newer typer turns Ctrl-C into this code, older click into Abort; both return the code of
        # typer.Exit
        code = application([name for name in sys.argv[1:2] if name in COMMANDS] or COMMANDS)(
            standalone_mode=False
        )
        if code == EXIT_STOPPED or STOPPED_BY:
            raise KeyboardInterrupt
        sys.exit(code if isinstance(code, int) else 0)
    except typer.Exit as leave:
        sys.exit(leave.exit_code)
    except (KeyboardInterrupt, typer.Abort):
        _leave_stopped()
    except Exception as error:
        if (
            STOPPED_BY
        ):  # what was stopped, compiled code too, may have another error in place of the interrupt
            _leave_stopped()
        if isinstance(error, RailshedError | MemoryError):
            say(
                "railshed: error: "
                f"{f'{_NO_MEMORY} ({error})' if isinstance(error, MemoryError) else error}"
            )
            sys.exit(EXIT_MISTAKE)
        # a mistake in the command line: click's own class, or the copy of it inside newer typer
        show = getattr(error, "show", None)
        exit_code = getattr(error, "exit_code", None)
        if show is None or exit_code is None:
            raise
        error.message = visible(str(getattr(error, "message", "")))  # type: ignore[attr-defined]
        show()
        sys.exit(exit_code)


def _leave_stopped() -> NoReturn:
    typer.echo("stopped; nothing half-written was left", err=True)
    sys.exit(128 + STOPPED_BY[0] if STOPPED_BY else EXIT_STOPPED)


def _stop(number: int, _: object) -> None:
    """Stop what runs once; a further signal, but for Ctrl-C, does not disturb the clean-up."""
    if number != signal.SIGINT:
        signal.signal(number, signal.SIG_IGN)
    STOPPED_BY.append(number)
    sys.unraisablehook = lambda _: None  # of a callback that cannot pass the next line on
    raise KeyboardInterrupt


def run() -> None:
    """Run the command line as a process of its own, which does not take apart at its end what the
    system takes back.

    That took 0.3 s. What others registered for the end is done, and everything written is flushed.
    SIGTERM and SIGHUP stop it as Ctrl-C does.
    """
    numbers = [
        getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)
    ]
    usual = (signal.SIG_DFL, signal.default_int_handler)
    stops = [number for number in numbers if signal.getsignal(number) in usual]  # not under nohup
    try:
        for number in stops:
            signal.signal(number, _stop)
        main()
    except SystemExit as leave:
        for number in stops:
            signal.signal(number, signal.SIG_IGN)
        leave.__context__ = (
            None  # frames that an interrupt left end here, and clean up what they made
        )
        try:
            for stream in (sys.stdout, sys.stderr):
                if stream is not None:
                    stream.flush()
        except OSError:  # its reader is gone: Python's own end says so
            raise leave from None
        atexit._run_exitfuncs()
        os._exit(leave.code if isinstance(leave.code, int) else 0)
