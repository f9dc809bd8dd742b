"""Measure railshed: prints a Markdown table, writes JSON.

    python benchmarks/run.py [--quick] [--only NAME] [-o FILE] [--readme] [--here] [--shared FOLDER]

Runs in an environment of its own with railshed's dependencies and the peers (`peers.py`), made the
first time in the user's cache folder; `--here` takes this interpreter as it is. Every workload runs
in a process of its own; answers are compared before a time is taken. One that fails is named at the
end and loses no other; Ctrl-C keeps what is finished. `--readme` keeps what was measured before of
the workloads that it does not run; `--quote` writes the quoted figures from results.json and
measures nothing. See README.md here.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "src")]

from measure import ONE_THREAD, environment, markdown  # noqa: E402

#: each is a module of its own
WORKLOADS = (
    "window",
    "departures",
    "streets",
    "surfaces",
    "circle",
    "edits",
    "commands",
    "serve",
    "nation",
)
#: raw data and sketches beside the checkout
_SHARED = HERE.parent.parent / "shared"
#: what README and guide quote: the last result of each workload, with its commit
_RESULTS = HERE / "results.json"


def run_here(name: str, quick: bool, shared: Path | None) -> dict[str, Any]:
    """Return the result of one workload, run in this process."""
    done: dict[str, Any] = importlib.import_module(name).run(quick, shared).as_dict()
    return done


def run_apart(name: str, quick: bool, shared: Path | None) -> dict[str, Any] | None:
    """Return the result of one workload, run in a process of its own: its peak memory is its own.

    None: it failed.
    """
    command = [
        sys.executable,
        str(HERE / "run.py"),
        "--apart",
        name,
        *(["--quick"] if quick else []),
    ]
    command += ["--shared", str(shared)] if shared else ["--without-shared"]
    environment = {**os.environ, **ONE_THREAD}
    done = subprocess.run(
        command, stdout=subprocess.PIPE, text=True, encoding="utf-8", env=environment
    )
    if done.returncode:
        return None
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return {"commit": commit(), **found}


def commit() -> str:
    """Return the commit measured, marked where files differ from it; "" outside a checkout."""
    try:
        found = [
            subprocess.run(
                ["git", *words], cwd=HERE, capture_output=True, text=True, check=True
            ).stdout.strip()
            for words in (
                ("rev-parse", "--short", "HEAD"),
                ("status", "--porcelain", "--", "../src"),
            )
        ]
    except (OSError, subprocess.CalledProcessError):
        return ""
    return found[0] + (" and changes" if found[1] else "")


def report(document: dict[str, Any]) -> str:
    """Return the whole table as Markdown."""
    where = document["environment"]
    versions = ", ".join(f"{name} {version}" for name, version in where["packages"].items())
    head = (
        f"railshed {where['railshed']}, Python {where['python']}, {where['system']} "
        f"{where['machine']}, "
        f"{where['cores']} cores, {versions}{'; --quick' if document['quick'] else ''}"
    )
    return "\n".join(
        [head, "", *(markdown(name, result) for name, result in document["workloads"].items())]
    )


def write_readme(document: dict[str, Any]) -> None:
    """Put the results into results.json, beside those of other workloads, and the quoted ones into
    README and guide.
    """
    from quotes import write_quotes

    known = (
        json.loads(_RESULTS.read_text(encoding="utf-8"))
        if _RESULTS.is_file()
        else {"workloads": {}}
    )
    found = {**known["workloads"], **document["workloads"]}
    merged = {**document, "workloads": {name: found[name] for name in WORKLOADS if name in found}}
    write_json(merged, _RESULTS)
    write_quotes(merged)


def write_json(document: dict[str, Any], path: Path) -> None:
    """Write the results as JSON, a row a line."""
    rows: list[str] = []

    def kept(row: dict[str, Any]) -> str:
        rows.append(json.dumps(row, ensure_ascii=False))
        return f"<{len(rows) - 1}>"

    works = {
        k: {**w, "rows": [kept(row) for row in w["rows"]]} for k, w in document["workloads"].items()
    }
    text = json.dumps({**document, "workloads": works}, ensure_ascii=False, indent=1)
    text = re.sub(r'"<(\d+)>"', lambda found: rows[int(found[1])], text)
    path.write_text(text + "\n", encoding="utf-8", newline="\n")


def parse(arguments: list[str] | None = None) -> argparse.Namespace:
    """Return the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--quick", action="store_true", help="fewer cities and repeats: does it run, not how fast"
    )
    parser.add_argument(
        "--only", choices=WORKLOADS, action="append", help="this workload alone; may be repeated"
    )
    parser.add_argument("-o", "--out", type=Path, help="JSON file to write")
    parser.add_argument(
        "--readme", action="store_true", help="put the results into results.json, README and guide"
    )
    parser.add_argument(
        "--quote",
        action="store_true",
        help="write README and guide from results.json, measure nothing",
    )
    parser.add_argument(
        "--here", action="store_true", help="run in this interpreter, with what is installed in it"
    )
    parser.add_argument(
        "--shared",
        type=Path,
        default=_SHARED,
        help="folder with raw data (data) and sketches (perf)",
    )
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
    if arguments.quote:
        write_readme({**json.loads(_RESULTS.read_text(encoding="utf-8")), "workloads": {}})
        return
    if not arguments.here:
        from peers import interpreter

        command = [str(interpreter()), str(HERE / "run.py"), "--here", *sys.argv[1:]]
        raise SystemExit(subprocess.run(command).returncode)
    from peers import missing_peers

    for peer, reason in missing_peers().items():
        print(f"left out: {peer}: {reason}", file=sys.stderr)
    document: dict[str, Any] = {
        "environment": environment(),
        "quick": arguments.quick,
        "workloads": {},
    }
    failed = []
    for name in arguments.only or WORKLOADS:
        print(f"{name} ...", file=sys.stderr, flush=True)
        found = run_apart(name, arguments.quick, shared)
        if found is None:
            failed.append(name)
            continue
        document["workloads"][name] = found
        if arguments.readme:
            write_readme(document)
        if arguments.out:
            write_json(document, arguments.out)
    print(report(document))
    if failed:
        raise SystemExit(f"failed: {', '.join(failed)}")


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        # every process of a terminal is told, the innermost one ends first: what is finished has
        # been written
        raise SystemExit(130) from None
