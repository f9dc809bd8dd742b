"""Measure railshed: prints a Markdown table, writes JSON.

    python benchmarks/run.py [--quick] [--only NAME] [-o FILE] [--readme] [--shared FOLDER]

Every workload runs in a process of its own; answers are compared before a time is taken. See README.md here.
"""

from __future__ import annotations

import argparse
import importlib
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "src")]

#: workload -> module
WORKLOADS = {
    "window": "window", "tokyo": "scale", "design": "design", "reading": "reading", "cells": "cells",
    "streets": "streets", "all": "cities", "matrix": "matrix", "cli": "commands",
}  # fmt: skip
#: raw data and sketches beside the checkout
_SHARED = HERE.parent.parent / "shared"
_BEGIN, _END = "<!-- table: begin -->", "<!-- table: end -->"


def run_here(name: str, quick: bool, shared: Path | None) -> dict[str, Any]:
    """Return the result of one workload, run in this process."""
    done: dict[str, Any] = importlib.import_module(WORKLOADS[name]).run(quick, shared).as_dict()
    return done


def run_apart(name: str, quick: bool, shared: Path | None) -> dict[str, Any]:
    """Return the result of one workload, run in a process of its own: its peak memory is its own."""
    command = [sys.executable, str(HERE / "run.py"), "--apart", name, *(["--quick"] if quick else [])]
    command += ["--shared", str(shared)] if shared else ["--without-shared"]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, encoding="utf-8")
    if done.returncode:
        raise SystemExit(done.returncode)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def report(document: dict[str, Any]) -> str:
    """Return the whole table as Markdown."""
    from measure import markdown

    where = document["environment"]
    versions = ", ".join(f"{name} {version}" for name, version in where["packages"].items())
    head = (
        f"railshed {where['railshed']}, Python {where['python']}, {where['system']} {where['machine']}, "
        f"{where['cores']} cores, {versions}{'; --quick' if document['quick'] else ''}"
    )
    return "\n".join([head, "", *(markdown(name, result) for name, result in document["workloads"].items())])


def write_readme(text: str) -> None:
    """Put the table between the marks of README.md."""
    path = HERE / "README.md"
    readme = path.read_text(encoding="utf-8")
    before, after = readme.split(_BEGIN)[0], readme.split(_END)[1]
    path.write_text(f"{before}{_BEGIN}\n{text.strip()}\n{_END}{after}", encoding="utf-8", newline="\n")


def parse(arguments: list[str] | None = None) -> argparse.Namespace:
    """Return the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="fewer cities and repeats: does it run, not how fast")
    parser.add_argument("--only", choices=WORKLOADS, action="append", help="this workload alone; may be repeated")
    parser.add_argument("-o", "--out", type=Path, help="JSON file to write")
    parser.add_argument("--readme", action="store_true", help="put the table into benchmarks/README.md")
    parser.add_argument("--shared", type=Path, default=_SHARED, help="folder with raw data (data) and sketches (perf)")
    parser.add_argument("--without-shared", action="store_true", help="measure shipped data only")
    parser.add_argument("--apart", choices=WORKLOADS, help=argparse.SUPPRESS)
    return parser.parse_args(arguments)


def main() -> None:
    """Run the workloads asked for."""
    arguments = parse()
    known = arguments.shared.is_dir() and not arguments.without_shared
    shared = arguments.shared if known else None
    if arguments.apart:
        print(json.dumps(run_here(arguments.apart, arguments.quick, shared), ensure_ascii=False))
        return
    from measure import environment

    document: dict[str, Any] = {"environment": environment(), "quick": arguments.quick, "workloads": {}}
    for name in arguments.only or WORKLOADS:
        print(f"{name} ...", file=sys.stderr, flush=True)
        document["workloads"][name] = run_apart(name, arguments.quick, shared)
    text = report(document)
    print(text)
    if arguments.readme:
        write_readme(text)
    if arguments.out:
        written = json.dumps(document, ensure_ascii=False, indent=1) + "\n"
        arguments.out.write_text(written, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
