"""Defects put into the package one by one: does a test near the module fail?

    python tests/support/mutate.py WORK [PART ...] [-n 100] [--seed 0] [--budget 60] [--timeout
    1800]

Draws N mutants of the modules below src/railshed/PART (default: all rooms), of each kind of defect
as many as of any other, puts each into a copy of the checkout in the folder WORK, and runs tests
until one fails: the nearest to its module (those of its name first, then those that import it, then
the others of its room), at last the recorded outputs of the toy network. They have `budget`
processor seconds, those of all processes that they start, and `timeout` seconds of the clock. Each
mutant runs in a fork of a process that has collected the tests. Results are appended to
WORK/results.jsonl as they come; mutants that stand there are not run again. Prints the survivors
with their changed lines, and leaves with 1 where one is not in mutate_accepted.json, a list of
{file, before, after, reason}.
"""

from __future__ import annotations

import argparse
import ast
import contextlib
import gc
import inspect
import json
import math
import os
import random
import re
import resource
import shutil
import signal
import sys
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import islice
from operator import itemgetter
from pathlib import Path
from types import CodeType, FunctionType
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT)] * (str(ROOT) not in sys.path)

from tests.support.mutants import Mutant, mutants  # noqa: E402 - a script, too

PACKAGE = Path("src", "railshed")
ACCEPTED = Path(__file__).with_name("mutate_accepted.json")
#: the rooms of the package that hold code
ROOMS = sorted(
    path.parent.name
    for path in (ROOT / PACKAGE).glob("*/__init__.py")
    if path.parent.name != "guide"
)
#: tests that a mutant is run against at most, and the share of the budget that they take at most
_MOST, _NEAR = 60, 0.4
#: what every mutant is run against at last; the records that take more than some seconds come last
#: of all
_RECORDED = "tests/golden/test_toy.py::test_output_is_as_recorded"
_DEAR = ("circle-files", "compare-files", "compare-two", "rank", "report", "suggest", "trade-offs")
_MARKED = "not slow and not browser and not peers and not acceptance"
#: exit codes of forks: the budget is spent, the time limit passed, to be run in a new process
_SPENT, _LATE, _ALONE = 101, 102, 103


# --- which tests --------------------------------------------------------------------------------


class Nearness:
    """Which tests are near a function: by folder, by imports and by the words that both use."""

    def __init__(self, root: Path) -> None:
        self.tests: dict[str, tuple[Path, Counter[str]]] = {}
        self.files: dict[Path, str] = {}
        for path in sorted((root / "tests").rglob("test_*.py")):
            text = self.files[path.relative_to(root)] = path.read_text(encoding="utf-8")
            for node in ast.parse(text).body:
                if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                    source = "\n".join(text.splitlines()[node.lineno - 1 : node.end_lineno])
                    self.tests[f"{path.relative_to(root)}::{node.name}"] = (
                        path.relative_to(root),
                        words(source),
                    )
        self.in_tests = Counter(word for _, found in self.tests.values() for word in found)

    def of(self, module: Path, text: str, line: int) -> list[str]:
        """Return the tests that are run against a defect at a line of a module, nearest first.

        They are `_MOST` of the module's room and of the files that import the module. Rare words
        that a test has in common with the function count, a test of the module's name or room twice
        and three times.
        """
        room = room_of(module.relative_to(PACKAGE))
        function = words(f"{module.stem} {source_at(text, line)}")

        def score(test: str) -> float:
            file, found = self.tests[test]
            weight = 1 + (room_of(file.relative_to("tests")) == room) + (module.stem in file.stem)
            shared = sum(1 / self.in_tests[word] for word in found if word in function)
            return weight * shared / math.sqrt(10 + len(found))

        files = {
            file
            for file, content in self.files.items()
            if room_of(file.relative_to("tests")) == room or _imports(content, module)
        }
        near = sorted(
            (test for test, (file, _) in self.tests.items() if file in files),
            key=score,
            reverse=True,
        )
        return [*(test for test in near[:_MOST] if test != _RECORDED), _RECORDED]


def room_of(path: Path) -> tuple[str, ...]:
    """Return the room that a module or a test is in: its folder, of questions that of the
    question.
    """
    return path.parent.parts[: 2 if path.parts[0] == "questions" else 1]


def words(text: str) -> Counter[str]:
    """Return the words of a source, those within a name apart."""
    return Counter(re.findall(r"[a-z]{3,}|[\u4e00-\u9fff]+", text.lower()))


def source_at(text: str, line: int) -> str:
    """Return the source of the innermost function or class at a line, else of the line."""
    lines = text.splitlines()
    found = lines[line - 1]
    for node in ast.walk(ast.parse(text)):  # outer ones first
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and node.lineno <= line <= (
            node.end_lineno or 0
        ):
            found = "\n".join(lines[node.lineno - 1 : node.end_lineno])
    return found


def _imports(text: str, module: Path) -> bool:
    """Return whether a source imports a module, from it or by its name from its package."""
    parts = module.relative_to(PACKAGE.parent).with_suffix("").parts
    whole, package, name = ".".join(parts), ".".join(parts[:-1]), parts[-1]
    listed = rf"from {re.escape(package)} import (?:\([^)]*\b{name}\b|[^(\n]*\b{name}\b)"
    return re.search(rf"(?:from|import) {re.escape(whole)}\b(?!\.)|{listed}", text) is not None


# --- one mutant ---------------------------------------------------------------------------------


def _environment(root: Path, work: Path) -> dict[str, str]:
    return {
        **os.environ,
        "PYTHONPATH": str(root / "src"),
        "RAILSHED_HYPOTHESIS": "ci",
        "MPLBACKEND": "agg",
        "CI": "true",
        "RAILSHED_CACHE_DIR": str(work / "cache"),
    }


def put_in(file: Path, source: str) -> bool:
    """Put the code of a changed module into the functions of the imported one; return whether that
    is possible.

    It is not where the change is outside functions.
    """
    old, new = (
        _functions(compile(text, str(file), "exec"))
        for text in (file.read_text(encoding="utf-8"), source)
    )
    changed = {
        name
        for name in old
        if [_shape(c) for c in old[name]] != [_shape(c) for c in new.get(name, [])]
    }
    if not changed or old.keys() != new.keys() or "<module>" in changed:
        return False
    alive: dict[str, dict[int, list[FunctionType]]] = {}
    for thing in gc.get_objects():
        if type(thing) is FunctionType and thing.__code__.co_filename == str(file):
            code = thing.__code__
            alive.setdefault(code.co_qualname, {}).setdefault(code.co_firstlineno, []).append(thing)
    for name in changed:
        places = {code.co_firstlineno: nth for nth, code in enumerate(old[name])}
        for line, functions in alive.get(name, {}).items():
            for function in functions:
                function.__code__ = new[name][places[line]]
    return all(name in alive for name in changed)


def _functions(module: CodeType) -> dict[str, list[CodeType]]:
    """Return the code of functions and methods by qualified name; of the module and class bodies as
    `<module>`.
    """
    found: dict[str, list[CodeType]] = {"<module>": [module]}
    for code in module.co_consts:
        if isinstance(code, CodeType):
            if code.co_flags & inspect.CO_OPTIMIZED:
                found.setdefault(code.co_qualname, []).append(code)
            else:
                inner = _functions(code)
                found["<module>"] += inner.pop("<module>")
                for name, codes in inner.items():
                    found.setdefault(name, []).extend(codes)
    return found


def _shape(code: CodeType) -> tuple[Any, ...]:
    """Return what a code does, without its lines; of a module or a class without its functions."""
    inside = code.co_flags & inspect.CO_OPTIMIZED
    parts = [
        (_shape(c) if inside else c.co_name) if isinstance(c, CodeType) else repr(c)
        for c in code.co_consts
    ]
    return code.co_code, tuple(parts), code.co_names, code.co_varnames


class Bench:
    """A copy of the checkout, whose tests are collected in this process, which is forked for each
    mutant.

    A fork changes the functions that are imported. What that cannot do (constants of a module) runs
    in a new process. Functions that ran at import alone do so too late: look at survivors by hand.
    """

    def __init__(self, work: Path, budget_s: float, timeout_s: float) -> None:
        self.work, self.root, self.log = work, work / "checkout", work / "last.log"
        self.budget_s, self.timeout_s, self.n_runs = budget_s, timeout_s, 0
        shutil.rmtree(self.root, ignore_errors=True)
        shutil.copytree(
            ROOT, self.root, ignore=shutil.ignore_patterns(".git", ".venv*", "__pycache__")
        )
        shared, link = ROOT.parent / "shared", work / "shared"
        if shared.is_dir() and not link.exists():
            link.symlink_to(shared)
        self.items: dict[str, list[Any]] = {}

    def collect(self, tests: Iterable[str], then: Callable[[], None]) -> None:
        """Collect the files of these tests and call `then`."""
        bench = self

        class Loop:
            def pytest_runtestloop(self, session: Any) -> bool:
                for item in session.items:
                    bench.items.setdefault(item.nodeid.split("[")[0], []).append(item)
                then()
                return True

        os.environ.update(_environment(self.root, self.work))
        os.chdir(self.root)
        out = {str(ROOT), str(ROOT / "src"), str(Path(__file__).parent)}
        sys.path[:] = [str(self.root / "src"), *(part for part in sys.path if part not in out)]
        for name in [name for name in sys.modules if name.split(".")[0] in ("tests", "railshed")]:
            del sys.modules[name]
        import pytest

        files = sorted({test.split("::")[0] for test in tests})
        code = pytest.main(["-s", "-q", "-n", "0", "-m", _MARKED, *files], plugins=[Loop()])
        if code not in (0, 5):
            sys.exit(f"pytest leaves with {code}")

    def try_mutant(self, mutant: Mutant, tests: Sequence[str]) -> tuple[str, str]:
        """Return what becomes of the mutant, and the test that fails first."""
        file = self.root / mutant.path
        text, times = file.read_text(encoding="utf-8"), file.stat()
        self.n_runs += 1
        try:
            result = self._fork(lambda: self._run_changed(file, mutant.source(text), tests))
            file.write_text(mutant.source(text), encoding="utf-8")
            later = (
                times.st_mtime_ns + 10**9 * self.n_runs
            )  # compiled modules of another defect are older or newer
            os.utime(file, ns=(later, later))
            if result == _ALONE:
                result = self._fork(lambda: self._run_alone(tests))
        finally:
            file.write_text(text, encoding="utf-8")
            os.utime(file, ns=(times.st_atime_ns, times.st_mtime_ns))
        lines = self.log.read_text(errors="replace").splitlines()
        first = [line.split(" ")[1] for line in lines if line.startswith(("FAILED ", "ERROR "))]
        running = [line.split(" ")[1] for line in lines if line.startswith("RUNS ")]
        if result == _SPENT and running and not running[-1].startswith(_RECORDED):
            return "killed", f"{running[-1]} does not end"
        return {0: "survived", _SPENT: "survived", _LATE: "timeout"}.get(result, "killed"), first[
            0
        ] if first else ""

    def _run_changed(self, file: Path, source: str, tests: Sequence[str]) -> int:
        if not put_in(file, source):
            return _ALONE
        self._limit()
        file.write_text(source, encoding="utf-8")
        from railshed.util.cache import code_hash

        code_hash.cache_clear()
        session = os.getpid()
        items = [item for test in tests for item in self.items.get(test, [])]
        items.sort(key=_order)
        records = [item for item in items if _is_record(item)]
        for item, after in zip(items, [*items[1:], None], strict=True):
            if _used_s(session) > _NEAR * self.budget_s and not _is_record(item):
                item.session._setupstate.teardown_exact(records[0])
                break
            print(f"RUNS {item.nodeid}", flush=True)
            if _fails(item, after):
                return 1
        else:
            return 0
        return int(
            any(
                _fails(item, after)
                for item, after in zip(records, [*records[1:], None], strict=True)
            )
        )

    def _limit(self) -> None:
        """Limit the processor time of this process, and of what it becomes."""
        most = math.ceil(time.process_time() + self.budget_s)
        resource.setrlimit(resource.RLIMIT_CPU, (most, most + 5))

    def _run_alone(self, tests: Sequence[str]) -> int:
        self._limit()
        records = [item.nodeid for item in sorted(self.items.get(_RECORDED, []), key=_order)]
        options = ["-x", "-q", "-n", "0", "--tb=line", "-m", _MARKED]
        command = [sys.executable, "-m", "pytest", *options, *tests[: _MOST // 3], *records]
        os.execv(sys.executable, command)

    def _fork(self, do: Callable[[], int]) -> int:
        """Return the exit code of a fork that runs `do`, or `_SPENT` or `_LATE`; all that it
        started is ended.
        """
        child = os.fork()
        if child == 0:
            os.setsid()
            with self.log.open("w") as file:
                os.dup2(file.fileno(), 1)
                os.dup2(file.fileno(), 2)
            code = 1
            try:
                code = do()
            except BaseException:
                traceback.print_exc()
            finally:
                sys.stdout.flush()
                sys.stderr.flush()
                os._exit(code)
        until, status = time.monotonic() + self.timeout_s, None
        while status is None and time.monotonic() < until and _used_s(child) < self.budget_s:
            done, found = os.waitpid(child, os.WNOHANG)
            status = found if done else None
            time.sleep(0.05)
        late = time.monotonic() >= until
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child, signal.SIGKILL)
        if status is None:
            os.waitpid(child, 0)
            return _LATE if late else _SPENT
        code = os.waitstatus_to_exitcode(status)
        return _SPENT if code in (-signal.SIGXCPU, -signal.SIGKILL) else code


def _used_s(session: int) -> float:
    """Return the processor seconds of the processes of a session and of those that they
    waited for.
    """
    ticks = 0
    for file in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            fields = file.read_text().rpartition(")")[2].split()
            ticks += sum(map(int, fields[11:15])) if int(fields[3]) == session else 0
    return ticks / os.sysconf("SC_CLK_TCK")


def _is_record(item: Any) -> bool:
    return bool(item.nodeid.startswith(_RECORDED))


def _order(item: Any) -> int:
    """Return 0 for tests, 1 for records, 2 for dear ones."""
    dear = item.nodeid.partition("[")[2].rstrip("]") in _DEAR
    return _is_record(item) * (1 + dear)


def _fails(item: Any, after: Any) -> bool:
    """Run a test and tear down what the next does not need; return whether it fails, which is
    printed.
    """
    from _pytest.runner import runtestprotocol

    failed = [
        report for report in runtestprotocol(item, nextitem=after, log=False) if report.failed
    ]
    for report in failed:
        print(f"FAILED {item.nodeid}\n{report.longreprtext}", flush=True)
    return bool(failed)


# --- all of them --------------------------------------------------------------------------------


def drawn(parts: Iterable[str], n: int, seed: int) -> list[Mutant]:
    """Return `n` mutants of the modules of these parts, or all where there are fewer."""
    files = {
        f
        for part in parts
        for p in [ROOT / PACKAGE / part]
        for f in ([p] if p.suffix else p.rglob("*.py"))
    }
    texts = {f.relative_to(ROOT): f.read_text(encoding="utf-8") for f in sorted(files)}
    every = [mutant for path, text in texts.items() for mutant in mutants(path, text)]
    random.Random(seed).shuffle(every)
    so_far: Counter[str] = Counter()
    turns = [(so_far.update([mutant.kind]), so_far[mutant.kind])[1] for mutant in every]
    every = [mutant for _, mutant in sorted(zip(turns, every, strict=True), key=itemgetter(0))]
    return list(islice((mutant for mutant in every if mutant.compiles(texts[mutant.path])), n))


def run(
    work: Path, parts: Sequence[str], n: int, seed: int, budget_s: float, timeout_s: float
) -> int:
    """Run the mutants that have no result yet; return how many of the drawn survive and are not
    accepted.
    """
    results = work / "results.jsonl"
    bench = Bench(work, budget_s, timeout_s)
    near = Nearness(bench.root)
    results.touch()
    known = {
        tuple(row["key"]): row
        for row in map(json.loads, results.read_text(encoding="utf-8").splitlines())
    }
    mine = {(m.path.as_posix(), m.line, m.before, m.after): m for m in drawn(parts, n, seed)}
    texts = {m.path: (bench.root / m.path).read_text(encoding="utf-8") for m in mine.values()}
    tests = {
        key: near.of(m.path, texts[m.path], m.line) for key, m in mine.items() if key not in known
    }
    terminal = os.dup(1)

    def run_all() -> None:
        for key in tests:
            start = time.monotonic()
            result, first = bench.try_mutant(mine[key], tests[key])
            seconds = round(time.monotonic() - start, 1)
            known[key] = {
                "key": key,
                "kind": mine[key].kind,
                "result": result,
                "by": first,
                "s": seconds,
            }
            with results.open("a", encoding="utf-8") as file:
                file.write(json.dumps(known[key], ensure_ascii=False) + "\n")
            line = f"{result:9} {key[0]}:{key[1]} {mine[key].kind} ({seconds} s) {first}\n"
            os.write(terminal, line.encode())

    if tests:
        bench.collect({test for found in tests.values() for test in found}, run_all)
    return _report([known[key] for key in mine])


def _report(rows: Sequence[Mapping[str, Any]]) -> int:
    accepted = {
        (a["file"], a["before"], a["after"]): a["reason"]
        for a in json.loads(ACCEPTED.read_text("utf-8"))
    }
    left = 0
    for row in rows:
        if row["result"] not in ("killed", "timeout"):
            path, line, before, after = row["key"]
            reason = accepted.get((path, before.strip(), after.strip()))
            left += reason is None
            print(
                f"{row['result'].upper()} {path}:{line} {row['kind']}\n  - {before.strip()}\n  + "
                f"{after.strip()}"
            )
            print(f"  {reason or 'no reason is given'}")
    print(
        f"{len(rows)} mutants: {dict(Counter(row['result'] for row in rows))}, {left} without a "
        "reason"
    )
    return left


def main() -> int:
    """Draw mutants, run the tests near each, print the survivors."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("work", type=Path)
    parser.add_argument("parts", nargs="*", default=ROOMS)
    parser.add_argument("-n", type=int, default=100)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--budget", type=float, default=60)
    parser.add_argument("--timeout", type=float, default=1800)
    asked = parser.parse_args()
    work = asked.work.resolve()
    work.mkdir(parents=True, exist_ok=True)
    return 1 if run(work, asked.parts, asked.n, asked.seed, asked.budget, asked.timeout) else 0


if __name__ == "__main__":
    sys.exit(main())
