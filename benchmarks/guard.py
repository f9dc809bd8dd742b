"""Guard against slower kernels and commands that trusts no clock: work is counted, and compared
with `guard.json`.

    python benchmarks/guard.py             # 0: as before; 1: some kernel or command does more
    python benchmarks/guard.py --accept    # a change on purpose: the counts of now are those to
                                           compare with
    python benchmarks/guard.py --mutants   # spoil kernels one by one in a copy: each must be found
                                           (two minutes)

Two counts of each kernel, on the cases of `guardcases.py`, and two of whole commands on the toy
network (`guardcommands.py`):

lines
    executed lines of the kernels as plain Python. The same on every machine. Finds a scan that no
    longer stops early, a second pass, a look-up that has become a walk.
instructions
    of the compiled kernels, by `valgrind --tool=callgrind`: what two more calls add, so that
    start-up, compilation and the first call cancel out. Kernels are compiled for a processor of the
    year 2009, so that the count depends on numba and LLVM alone. Finds what plain Python does not
    see: signed indices, a conversion, a loop that is no longer vector. Left out, with the reason,
    where valgrind is missing or the machine is no x86-64. Of the printed circle, too: what a second
    run in a process takes, imports not counted.
calls
    of functions of the package and of compiled code by them, in a whole command, imports included.
    The same on every machine of one minor version of Python. Finds what is computed again, a loop
    that has become longer.
"""

from __future__ import annotations

import argparse
import copy
import ctypes
import gc
import importlib
import json
import mmap
import os
import pickle
import platform
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

from guardcommands import COUNTED, count_calls, environment_of, run_command

HERE = Path(__file__).resolve().parent
_FIGURES = HERE / "guard.json"
#: kinds of counts, and by how much each may grow
LINES, INSTRUCTIONS, CALLS = "lines", "instructions", "calls"
TOLERANCE = {LINES: 0.02, INSTRUCTIONS: 0.03, CALLS: 0.02}
#: what the interpreter around a call may add or not from run to run; kernels of ten times as much
#: are not counted
SLACK = {LINES: 0, INSTRUCTIONS: 10_000, CALLS: 0}
#: kernels that execute fewer lines are not worth a figure
_LEAST_LINES = 1000
_PROCESSOR = "x86-64-v2"
_ACCEPT = "if that is meant: python benchmarks/guard.py --accept, and commit benchmarks/guard.json"

#: kind of count -> kernel -> count
Counts = Mapping[str, Mapping[str, int]]


@dataclass(frozen=True)
class Mutant:
    """One way to make a kernel or a command slower without a wrong answer, and the count that must
    find it.
    """

    what: str
    #: the module that is spoilt, and the kernel or command whose count shows it
    module: str
    kernel: str
    by: str
    old: str
    new: str


MUTANTS = (
    Mutant(
        "the scan walks along every profile",
        "kernels/profile_scan",
        "profile_scan.scan_connections",
        LINES,
        "if ends[row, SOONEST] < best:",
        "if ends[row, SOONEST] < NEVER:",
    ),
    Mutant(
        "signed places in profiles",
        "kernels/profile_scan",
        "profile_scan.scan_connections",
        INSTRUCTIONS,
        """\
k = np.uint64(ends[row, LAST])
                                    while profiles[k, 0] < ready:
                                        k -= one
                                    best = min(best, profiles[k, 1])
""",
        """\
place = np.int64(ends[row, LAST])
                                    while profiles[place, 0] < ready:
                                        place -= 1
                                    best = min(best, profiles[place, 1])
""",
    ),
    Mutant(
        "a second pass over the minutes",
        "kernels/profile_views",
        "profile_views.travel_times",
        LINES,
        "        least = np.inf\n",
        "        for m in range(n_minutes):\n            taken[m] = taken[m]\n        least = "
        "np.inf\n",
    ),
    Mutant(
        "cells read journeys beyond the limit",
        "kernels/cell_times",
        "cell_times.cell_trips",
        LINES,
        "if journeys[k] >= within:\n                    break",
        "if journeys[k] >= within:\n                    continue",
    ),
    Mutant(
        "labels of lanes are compared in 64 bits",
        "kernels/matrix",
        "matrix.departures_once",
        INSTRUCTIONS,
        "mine = label if arrived[head, j] == at else np.uint16(UNSEEN)",
        "mine = label if arrived[head, j] == at else UNSEEN",
    ),
    Mutant(
        "blocks of branches are queued again and again",
        "kernels/street_search",
        "street_search.reach_targets",
        LINES,
        "if not is_visited[here]:",
        "if is_visited[here] < 2:",
    ),
    Mutant(
        "lanes search in no order",
        "kernels/street_lanes",
        "street_lanes.fill_lanes",
        LINES,
        "place = max(order[head] >> shift, number)",
        "place = number",
    ),
    Mutant(
        "hops beyond the bound are read",
        "kernels/timetable_cut",
        "timetable_cut.useful_connections",
        LINES,
        "if hops.least_s[hop] > left:",
        "if hops.least_s[hop] > left + 3_600:",
    ),
    Mutant(
        "ways from stations to centres are found again and again",
        "circles/city_model",
        "railshed circle",
        CALLS,
        "if way not in self._ways:",
        "if way:",
    ),
)


def compare(known: Counts, found: Counts) -> tuple[list[str], list[str]]:
    """Return (faults, remarks) in words: what has grown, gone or come, and what has
    become cheaper.
    """
    faults, remarks = [], []
    for kind, counts in found.items():
        before = known.get(kind, {})
        for name in sorted({*before, *counts}):
            if name not in counts:
                faults.append(f"{name}: is in {_FIGURES.name} and was not called; {_ACCEPT}")
            elif name not in before:
                faults.append(
                    f"{name}: {counts[name]:,} {kind}, not yet in {_FIGURES.name}; {_ACCEPT}"
                )
            else:
                change = counts[name] / before[name] - 1
                text = f"{name}: {counts[name]:,} {kind}, {change:+.1%} of {before[name]:,}"
                if counts[name] > before[name] * (1 + TOLERANCE[kind]) + SLACK[kind]:
                    faults.append(f"{text}; allowed are {TOLERANCE[kind]:+.0%}; {_ACCEPT}")
                elif counts[name] < before[name] * (1 - TOLERANCE[kind]) - SLACK[kind]:
                    remarks.append(f"{text}: cheaper; --accept keeps it so")
    return faults, remarks


def count(
    source: Path, work: Path, mutant: Mutant | None = None
) -> tuple[dict[str, dict[str, int]], str]:
    """Return the counts of what is in `source` (a folder with the package), and why one is left out
    ("": none).

    Of a mutant, the count that must find it is enough.
    """
    environment = {
        **os.environ,
        "PYTHONPATH": str(source),
        "PYTHONHASHSEED": "0",
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    caches, reason = work / "caches", _why_no_instructions()
    if mutant is not None and mutant.by == CALLS:
        return {CALLS: count_calls(environment, caches, (mutant.kernel,))}, ""
    if mutant is not None:
        return _kernel_counts(
            environment, work, reason, mutant
        ), reason if mutant.by == INSTRUCTIONS else ""
    with ThreadPoolExecutor() as pool:
        kernels = pool.submit(_kernel_counts, environment, work, reason)
        found = {CALLS: count_calls(environment, caches)}
        if not reason:
            found[INSTRUCTIONS] = _under_valgrind(
                environment_of(environment, caches), work / "run", "--replay-commands"
            )
        for kind, counts in kernels.result().items():
            found[kind] = dict(sorted({**found.get(kind, {}), **counts}.items()))
    return found, reason


def _kernel_counts(
    environment: Mapping[str, str], work: Path, reason: str, mutant: Mutant | None = None
) -> dict[str, dict[str, int]]:
    """Return lines of the kernels, and instructions unless there is a reason not to."""
    calls, lines = work / "calls.pickle", work / "lines.json"
    _python(environment, "--record", calls, lines)
    found = {LINES: json.loads(lines.read_text(encoding="utf-8"))}
    if mutant is not None:
        if mutant.by == LINES:
            return found
        known = pickle.loads(calls.read_bytes())
        calls.write_bytes(pickle.dumps({mutant.kernel: known[mutant.kernel]}))
    if not reason:
        compiled = {
            **environment,
            "NUMBA_CACHE_DIR": str(work / "kernels"),
            "NUMBA_CPU_NAME": _PROCESSOR,
            "NUMBA_CPU_FEATURES": "",
            "GLIBC_TUNABLES": "glibc.cpu.hwcaps=-AVX2,-ERMS",
        }
        _python(compiled, "--compile", calls)
        found[INSTRUCTIONS] = _under_valgrind(compiled, work / "counted", "--replay", calls)
    return found


def _why_no_instructions() -> str:
    if platform.machine() not in ("x86_64", "AMD64") or not sys.platform.startswith("linux"):
        return (
            f"{sys.platform} on {platform.machine()}: instructions are counted on Linux and x86-64"
        )
    return "" if shutil.which("valgrind") else "valgrind is not installed"


def _under_valgrind(environment: Mapping[str, str], out: Path, *words: object) -> dict[str, int]:
    """Return the instructions by name: what the larger of two counts has more than the
    smaller one.
    """
    tool = (
        "valgrind",
        "--tool=callgrind",
        "--instr-atstart=no",
        "-q",
        f"--callgrind-out-file={out}",
    )
    _python(environment, *words, before=tool)
    totals: dict[str, list[int]] = {}
    for path in out.parent.glob(f"{out.name}.*"):
        text = path.read_text(encoding="utf-8")
        name = re.search(r"Client Request: (.+)", text)
        total = re.search(r"^totals: (\d+)", text, re.MULTILINE)
        if name and total:
            totals.setdefault(name[1], []).append(int(total[1]))
    found = {name: max(both) - min(both) for name, both in sorted(totals.items())}
    return {name: n for name, n in found.items() if n >= 10 * SLACK[INSTRUCTIONS]}


def _python(environment: Mapping[str, str], *words: object, before: tuple[str, ...] = ()) -> None:
    command = [*before, sys.executable, str(HERE / "guard.py"), *map(str, words)]
    done = subprocess.run(
        command, env=dict(environment), capture_output=True, text=True, encoding="utf-8"
    )
    if done.returncode:
        raise SystemExit(f"guard: {words[0]} failed:\n{done.stderr[-3000:]}")


def record_calls(calls: Path, lines: Path) -> None:
    """Write the calls of the kernels and the lines that they execute (in a process of its own)."""
    from guardcases import record

    made = record()
    kept = sorted(name for name, n in made.lines.items() if n >= _LEAST_LINES)
    lines.write_text(json.dumps({name: made.lines[name] for name in kept}), encoding="utf-8")
    calls.write_bytes(pickle.dumps({name: made.calls[name] for name in kept}))


def _kernels(calls: Path) -> Iterator[tuple[str, Callable[..., Any], list[tuple[Any, ...]]]]:
    """Yield name, compiled kernel and arguments of its calls; the file is one that this program has
    just written.
    """
    for name, known in pickle.loads(calls.read_bytes()).items():
        module, kernel = name.split(".")
        found = getattr(importlib.import_module(f"railshed.kernels.{module}"), kernel)
        if (
            "NUMBA_CACHE_DIR" in os.environ
        ):  # numba's own cache, from a process to the one under valgrind
            found.enable_caching()
        yield name, found, known


def compile_calls(calls: Path) -> None:
    """Compile every kernel into the cache."""
    for _, kernel, known in _kernels(calls):
        kernel(*copy.deepcopy(known[0]))


def replay_calls(calls: Path) -> None:
    """Call every kernel once, and then once and three times while valgrind counts; it writes a file
    for each count.
    """
    ask = _valgrind()
    gc.disable()
    for name, kernel, known in _kernels(calls):
        kernel(*copy.deepcopy(known[0]))
        if not sum(kernel.stats.cache_hits.values()):  # type: ignore[attr-defined]
            raise SystemExit(f"{name} was compiled again instead of read from the cache")
        text = ctypes.create_string_buffer(name.encode())
        for times in (1, 2):
            ready = [copy.deepcopy(arguments) for _ in range(times) for arguments in known]
            ask(_START, 0)
            ask(_ZERO, 0)
            for arguments in ready:
                kernel(*arguments)
            ask(_DUMP_AT, ctypes.addressof(text))
            ask(_STOP, 0)


def replay_commands() -> None:
    """Run each command once, and then while valgrind counts; the first count is of nothing."""
    ask = _valgrind()
    gc.disable()
    for name in COUNTED:
        run_command(name)
        text = ctypes.create_string_buffer(name.encode())
        for counted in (False, True):
            ask(_START, 0)
            ask(_ZERO, 0)
            if counted:
                run_command(name)
            ask(_DUMP_AT, ctypes.addressof(text))
            ask(_STOP, 0)


#: requests of callgrind, see valgrind's callgrind.h
_ZERO, _DUMP_AT, _START, _STOP = (0x43540000 + k for k in (1, 3, 4, 5))
#: mov rax, rdi; xor rdx, rdx; the four turns of rdi and the exchange that valgrind knows; mov rax,
#: rdx; ret
_REQUEST = "4889f8 4831d2 48c1c703 48c1c70d 48c1c73d 48c1c733 4887db 4889d0 c3"


def _valgrind() -> Callable[[int, int], None]:
    """Return a call that asks valgrind for something, by the machine code that its headers have for
    this.
    """
    memory = mmap.mmap(-1, mmap.PAGESIZE, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    memory.write(bytes.fromhex(_REQUEST))
    call = ctypes.CFUNCTYPE(ctypes.c_uint64, ctypes.c_void_p)(
        ctypes.addressof(ctypes.c_char.from_buffer(memory))
    )

    def ask(request: int, argument: int, _kept: mmap.mmap = memory) -> None:
        words = (ctypes.c_uint64 * 6)(request, argument)
        call(ctypes.addressof(words))

    return ask


def versions() -> dict[str, str]:
    """Return what the counts may depend on."""
    return {
        "python": platform.python_version(),
        **{name: metadata.version(name) for name in ("numba", "llvmlite")},
    }


def find_mutants(work: Path) -> list[str]:
    """Return the mutants that no count finds; each is a copy of the package with one
    kernel spoilt.
    """
    known = json.loads(_FIGURES.read_text(encoding="utf-8"))
    missed = []
    for k, mutant in enumerate(MUTANTS):
        folder = work / str(k)
        source = spoilt_copy(mutant, folder)
        counts, reason = count(source, folder, mutant)
        if mutant.by not in counts:
            print(f"left out: {mutant.what}: {reason}")
            continue
        one, before = (
            {mutant.by: {mutant.kernel: c[mutant.by][mutant.kernel]}} for c in (counts, known)
        )
        faults, _ = compare(before, one)
        change = one[mutant.by][mutant.kernel] / before[mutant.by][mutant.kernel] - 1
        print(
            f"{'found' if faults else 'MISSED'}: {mutant.what}: {mutant.kernel} {change:+.1%} "
            f"{mutant.by}",
            flush=True,
        )
        missed += [] if faults else [mutant.what]
    return missed


def copied(folder: Path) -> Path:
    """Return a copy of the folder with the package: nobody changes it between two steps."""
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(HERE.parent / "networks" / "toy", folder / "networks" / "toy")
    return Path(shutil.copytree(HERE.parent / "src", folder / "src", ignore=ignored))


def spoilt_copy(mutant: Mutant, folder: Path) -> Path:
    """Return a copy in which the mutant's line stands instead of the right one."""
    source = copied(folder)
    path = source / "railshed" / f"{mutant.module}.py"
    text = path.read_text(encoding="utf-8")
    if mutant.old not in text:
        raise SystemExit(f"mutant {mutant.what!r}: {path.name} has no {mutant.old!r} any more")
    path.write_text(text.replace(mutant.old, mutant.new, 1), encoding="utf-8")
    return source


def main() -> None:
    """Count and compare, or accept, or try the mutants."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--accept", action="store_true", help="write the counts of now into guard.json"
    )
    parser.add_argument(
        "--mutants", action="store_true", help="check that spoilt kernels and commands are found"
    )
    parser.add_argument("--replay-commands", action="store_true", help=argparse.SUPPRESS)
    for name, n in (("--record", 2), ("--compile", 1), ("--replay", 1)):
        parser.add_argument(name, type=Path, nargs=n, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.record:
        return record_calls(*given.record)
    if given.compile:
        return compile_calls(*given.compile)
    if given.replay:
        return replay_calls(*given.replay)
    if given.replay_commands:
        return replay_commands()
    with tempfile.TemporaryDirectory() as folder:
        if given.mutants:
            missed = find_mutants(Path(folder))
            raise SystemExit(
                f"guard: {len(missed)} of {len(MUTANTS)} mutants missed" if missed else 0
            )
        counts, reason = count(copied(Path(folder)), Path(folder))
    return report(counts, reason, accept=given.accept)


def report(counts: dict[str, dict[str, int]], reason: str, *, accept: bool) -> None:
    """Print what has changed, or write the counts; ends with 1 where a kernel does more."""
    known = json.loads(_FIGURES.read_text(encoding="utf-8")) if _FIGURES.is_file() else {}
    if accept:
        kept = {INSTRUCTIONS: known[INSTRUCTIONS]} if INSTRUCTIONS in known else {}
        text = json.dumps({"versions": versions(), **kept, **counts}, indent=1)
        _FIGURES.write_text(text + "\n", encoding="utf-8", newline="\n")
        print(
            f"{_FIGURES.name} written" + (f"; instructions as before: {reason}" if reason else "")
        )
        return
    minor = [
        text.rpartition(".")[0]
        for text in (platform.python_version(), known.get("versions", {}).get("python", ""))
    ]
    if minor[0] != minor[1] and CALLS in counts:
        del counts[CALLS]
        print(
            f"calls of commands are not compared: Python {minor[0]}, {_FIGURES.name} is of "
            f"{minor[1]}"
        )
    faults, remarks = compare(known, counts)
    if reason:
        print(f"instructions are not counted: {reason}")
    for text in remarks:
        print(text)
    if faults:
        if known.get("versions") != versions():
            print(f"counted with {versions()}, {_FIGURES.name} with {known.get('versions')}")
        raise SystemExit("\n".join(["guard: kernels or commands do more than they did:", *faults]))
    kinds = ", ".join(f"{len(found)} by {kind}" for kind, found in counts.items())
    print(f"guard: no kernel and no command does more than it did ({kinds})")


if __name__ == "__main__":
    main()
