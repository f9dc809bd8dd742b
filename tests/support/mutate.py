"""Defects put into the package one by one: does a test near the module fail?

    python tests/support/mutate.py [PART ...] [-n 20] [--seed 0] [--timeout 600]

PART is a module or folder below src/railshed (`report`, `ground.py`; default: all). N mutants are drawn. Each is run
in a copy of the checkout, against the tests nearest to its module: those of its name first, then those that import it,
or else import a module that does. These tests must pass without a defect. Prints each survivor with file:line and the
changed lines, and leaves with 1 where one is not in mutate_accepted.json, a list of {file, line, change, reason} with
the lines as they are printed.
"""

from __future__ import annotations

import argparse
import ast
import copy
import json
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = Path("src", "railshed")
ACCEPTED = Path(__file__).with_name("mutate_accepted.json")
#: files of tests that a mutant is run against
_NEAREST = 4

_COMPARED: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.In: ast.NotIn, ast.NotIn: ast.In,
}  # fmt: skip
_REVERSED: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult, ast.FloorDiv: ast.Mult,
    ast.Mod: ast.FloorDiv, ast.BitAnd: ast.BitOr, ast.BitOr: ast.BitAnd,
}  # fmt: skip
_PAIRS = ("min", "max"), ("any", "all"), ("ceil", "floor"), ("minimum", "maximum"), ("argmin", "argmax")
_RENAMED = {one: other for pair in _PAIRS for one, other in (pair, pair[::-1])}


@dataclass(frozen=True)
class Mutant:
    """One changed statement of one module."""

    path: Path
    line: int
    end: int
    kind: str
    before: str
    after: str

    def source(self, text: str) -> str:
        """Return the module with the defect in it."""
        lines = text.splitlines(keepends=True)
        return "".join([*lines[: self.line - 1], self.after, *lines[self.end :]])

    def compiles(self, text: str) -> bool:
        """Return whether the changed module is Python: a branch cannot be dropped from the middle of an `if`."""
        try:
            compile(self.source(text), str(self.path), "exec")
        except SyntaxError:
            return False
        return True


def changes(node: ast.AST) -> Iterator[tuple[str, ast.expr]]:
    """Yield what one expression may be instead, and the kind of the change."""
    new = copy.deepcopy(node)
    if isinstance(new, ast.Compare) and type(new.ops[0]) in _COMPARED:
        new.ops[0] = _COMPARED[type(new.ops[0])]()
        yield "comparison", new
    elif (
        isinstance(new, ast.BinOp)
        and type(new.op) in _REVERSED
        and not isinstance(new.left, (ast.Constant, ast.JoinedStr))
    ):
        new.op = _REVERSED[type(new.op)]()
        yield "arithmetic", new
    elif isinstance(new, ast.BoolOp):
        new.op = ast.Or() if isinstance(new.op, ast.And) else ast.And()
        yield "and/or", new
    elif isinstance(new, ast.UnaryOp) and isinstance(new.op, ast.Not):
        yield "not", new.operand
    elif isinstance(new, ast.Constant) and type(new.value) is int:
        yield "off by one", ast.Constant(new.value + 1)
    elif isinstance(new, ast.Name) and new.id in _RENAMED:
        yield f"{new.id} to {_RENAMED[new.id]}", ast.Name(_RENAMED[new.id], new.ctx)
    elif isinstance(new, ast.Attribute) and new.attr in _RENAMED:
        new.attr = _RENAMED[new.attr]
        yield f"{node.attr} to {new.attr}", new  # type: ignore[attr-defined]


def mutants(path: Path, text: str) -> Iterator[Mutant]:
    """Yield every mutant of a module: changed expressions, dropped statements, dropped guards."""
    data = text.encode()
    starts = [0]
    for line in data.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))

    def changed(node: ast.stmt | ast.expr, kind: str, code: str) -> Mutant:
        first, last = node.lineno, node.end_lineno or node.lineno
        low, high = starts[first - 1], starts[last]
        head = data[low : low + node.col_offset].decode()
        tail = data[starts[last - 1] + (node.end_col_offset or 0) : high].decode()
        return Mutant(path, first, last, kind, data[low:high].decode(), head + code + tail)

    tree = ast.parse(text)
    skipped = {id(inner) for node in ast.walk(tree) for inner in _not_run(node)}
    for node in ast.walk(tree):
        if id(node) in skipped:
            continue
        if isinstance(node, ast.expr):
            for kind, new in changes(node):
                yield changed(node, kind, f"({ast.unparse(new)})")
        elif isinstance(node, ast.Expr | ast.AugAssign) and not isinstance(getattr(node, "value", None), ast.Constant):
            yield changed(node, "dropped statement", "pass")
        elif (
            isinstance(node, ast.If)
            and not node.orelse
            and isinstance(node.body[-1], ast.Return | ast.Continue | ast.Raise | ast.Break)
        ):
            yield changed(node, "dropped guard", "pass")


def _not_run(node: ast.AST) -> Iterator[ast.AST]:
    """Yield what no test can see change: annotations, decorators, literal strings, code for type checkers."""
    parts: list[ast.AST | None] = []
    if isinstance(node, ast.arg | ast.AnnAssign):
        parts = [node.annotation]
    elif isinstance(node, ast.FunctionDef):
        parts = [node.returns, *node.decorator_list]
    elif isinstance(node, ast.JoinedStr | ast.ClassDef):
        parts = [node] if isinstance(node, ast.JoinedStr) else [*node.decorator_list]
    elif isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
        parts = [node]
    for part in parts:
        if part is not None:
            yield from ast.walk(part)


class Nearness:
    """Which tests are near a module, by name and by what they import."""

    def __init__(self, root: Path) -> None:
        self.tests = {path: path.read_text(encoding="utf-8") for path in sorted((root / "tests").rglob("test_*.py"))}
        package = root / PACKAGE
        self.modules = {path.relative_to(root): path.read_text(encoding="utf-8") for path in package.rglob("*.py")}

    def of(self, module: Path) -> list[Path]:
        """Return the nearest files of tests: of the module's name, that import it, that import one that does."""
        near = [test for test in self.tests if re.fullmatch(rf"test_{module.stem}(_\w+)?", test.stem)]
        near += self._importing(module)
        if len(set(near)) < _NEAREST:
            users = [path for path, text in self.modules.items() if _imports(text, module) and path != module]
            near += [test for user in sorted(users) for test in self._importing(user)]
        return list(dict.fromkeys(near))[:_NEAREST]

    def _importing(self, module: Path) -> list[Path]:
        users = [(text.count(module.stem), test) for test, text in self.tests.items() if _imports(text, module)]
        return [test for _, test in sorted(users, key=lambda user: (-user[0], user[1]))]


def _imports(text: str, module: Path) -> bool:
    """Return whether a source imports a module, from it or by its name from its package."""
    parts = module.relative_to(PACKAGE.parent).with_suffix("").parts
    whole, package, name = ".".join(parts), ".".join(parts[:-1]), parts[-1]
    listed = rf"from {re.escape(package)} import (?:\([^)]*\b{name}\b|[^(\n]*\b{name}\b)"
    return re.search(rf"(?:from|import) {re.escape(whole)}\b(?!\.)|{listed}", text) is not None


def passes(root: Path, tests: Sequence[Path], timeout_s: float, *, compiled: bool) -> bool:
    """Return whether the tests pass in the copy, in time."""
    environment = {
        **os.environ, "PYTHONPATH": str(root / "src"), "PYTHONDONTWRITEBYTECODE": "1", "RAILSHED_HYPOTHESIS": "ci",
        "RAILSHED_CACHE_DIR": str(root.parent / "cache"), "RAILSHED_KERNEL_CACHE": "1",
    }  # fmt: skip
    if not compiled:
        environment["NUMBA_DISABLE_JIT"] = "1"
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-n", "0", *map(str, tests)]
    try:
        done = subprocess.run(command, cwd=root, env=environment, capture_output=True, timeout=timeout_s, check=False)
    except subprocess.TimeoutExpired:
        return False
    return done.returncode == 0


def survives(mutant: Mutant, root: Path, tests: Sequence[Path], timeout_s: float, *, compiled: bool) -> bool:
    """Return whether the tests pass with the defect in the copy; the module is restored."""
    file = root / mutant.path
    text = file.read_text(encoding="utf-8")
    times = file.stat()
    try:
        file.write_text(mutant.source(text), encoding="utf-8")
        return passes(root, tests, timeout_s, compiled=compiled)
    finally:
        file.write_text(text, encoding="utf-8")
        os.utime(file, ns=(times.st_atime_ns, times.st_mtime_ns))  # compiled kernels look at it


def main() -> int:
    """Draw mutants, run the tests near each, print the survivors."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", default=["."])
    parser.add_argument("-n", type=int, default=20)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--timeout", type=float, default=600)
    asked = parser.parse_args()
    accepted = {(one["file"], one["line"], one["change"]) for one in json.loads(ACCEPTED.read_text(encoding="utf-8"))}
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder, "checkout")
        shutil.copytree(ROOT, root, ignore=shutil.ignore_patterns(".git", ".venv*", "__pycache__"))
        if (ROOT.parent / "shared").is_dir():
            Path(folder, "shared").symlink_to(ROOT.parent / "shared")
        near = Nearness(root)
        chosen = [root / PACKAGE / part for part in asked.parts]
        files = {file for part in chosen for file in ([part] if part.suffix == ".py" else part.rglob("*.py"))}
        every = [m for f in sorted(files) for m in mutants(f.relative_to(root), f.read_text(encoding="utf-8"))]
        drawn = random.Random(asked.seed).sample(every, min(asked.n, len(every)))
        left, sound = 0, set()
        for mutant in drawn:
            tests, compiled = near.of(mutant.path), "kernels" not in mutant.path.parts
            place = f"{mutant.path.as_posix()}:{mutant.line} {mutant.kind}"
            if not mutant.compiles((root / mutant.path).read_text(encoding="utf-8")):
                continue
            if tests and (*tests, compiled) not in sound:
                if not passes(root, tests, 5 * asked.timeout, compiled=compiled):
                    sys.exit(f"without a defect these tests fail: {', '.join(test.name for test in tests)}")
                sound.add((*tests, compiled))
            if tests and not survives(mutant, root, tests, asked.timeout, compiled=compiled):
                print(f"killed    {place}", flush=True)
                continue
            known = (mutant.path.as_posix(), mutant.before.strip(), mutant.after.strip()) in accepted
            left += not known
            by = ", ".join(test.name for test in tests) or "no test is near"
            print(f"{'accepted' if known else 'SURVIVED'}  {place} ({by})", flush=True)
            print(f"  - {mutant.before.strip()}\n  + {mutant.after.strip()}", flush=True)
    print(f"{len(drawn)} of {len(every)} mutants run, {left} survived")
    return 1 if left else 0


if __name__ == "__main__":
    sys.exit(main())
