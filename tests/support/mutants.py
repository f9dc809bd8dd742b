"""Defects that can be put into a module: one changed expression or one dropped statement each."""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_COMPARED: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
}
_REVERSED: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.FloorDiv,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
}
_PAIRS = (
    ("min", "max"),
    ("any", "all"),
    ("ceil", "floor"),
    ("minimum", "maximum"),
    ("argmin", "argmax"),
)
_RENAMED = {one: other for pair in _PAIRS for one, other in (pair, pair[::-1])}
#: units by name and value, and what each is taken for
_UNITS: dict[object, ast.expr] = {
    "MINUTE": ast.Name("HOUR"),
    "HOUR": ast.Name("MINUTE"),
    "DAY": ast.Name("HOUR"),
    60: ast.Constant(3600),
    3600: ast.Constant(60),
    86_400: ast.Constant(3600),
    1440: ast.Constant(60),
    1000: ast.Constant(60),
    1_000_000: ast.Constant(1000),
    3.6: ast.Constant(1.0),
}
_DRAWN = ("draw", "n_draws", "seed")


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
        """Return whether the changed module is Python: a branch cannot be dropped from the middle
        of an `if`.
        """
        try:
            compile(self.source(text), str(self.path), "exec")
        except SyntaxError:
            return False
        return True


def changes(node: ast.AST) -> Iterator[tuple[str, ast.expr]]:
    """Yield what one expression may be instead, and the kind of the change."""
    new = copy.copy(node)
    if isinstance(new, ast.Compare) and type(new.ops[0]) in _COMPARED:
        new.ops = [_COMPARED[type(new.ops[0])](), *new.ops[1:]]
        yield "comparison", new
    elif isinstance(node, ast.BinOp) and not any(
        _is_text(side) for side in (node.left, node.right)
    ):
        yield from _arithmetic(node)
    elif isinstance(new, ast.BoolOp):
        new.op = ast.Or() if isinstance(new.op, ast.And) else ast.And()
        yield "and/or", new
    elif isinstance(new, ast.UnaryOp) and isinstance(new.op, ast.Not | ast.USub):
        yield "not" if isinstance(new.op, ast.Not) else "sign", new.operand
    elif isinstance(new, ast.Constant) and type(new.value) is int:
        yield "off by one", ast.Constant(new.value + 1)
        yield "minus one", ast.Constant(new.value - 1)
    elif isinstance(new, ast.Constant) and type(new.value) is float:
        yield "a fifth more", ast.Constant(1.2 * new.value or 1.0)
    elif isinstance(new, ast.Subscript):
        yield from (
            ("slice", ast.Subscript(new.value, other, new.ctx)) for other in _moved(new.slice)
        )
    elif isinstance(new, ast.Name) and new.id in _RENAMED:
        yield "swapped", ast.Name(_RENAMED[new.id], new.ctx)
    elif isinstance(new, ast.Attribute) and new.attr in _RENAMED:
        new.attr = _RENAMED[new.attr]
        yield "swapped", new
    if (unit := _unit(node)) is not None and isinstance(
        getattr(node, "ctx", None), ast.Load | None
    ):
        yield "unit", unit
    elif (
        isinstance(node, ast.Name | ast.Attribute)
        and _name(node) in _DRAWN
        and isinstance(node.ctx, ast.Load)
    ):
        yield "draws", ast.BinOp(node, ast.Add(), ast.Constant(1))


def _arithmetic(node: ast.BinOp) -> Iterator[tuple[str, ast.expr]]:
    if type(node.op) in _REVERSED:
        yield "arithmetic", ast.BinOp(node.left, _REVERSED[type(node.op)](), node.right)
    if isinstance(node.op, ast.Sub):
        yield "sign", ast.BinOp(node.right, node.op, node.left)
    for side, other in ((node.left, node.right), (node.right, node.left)):
        if isinstance(node.op, ast.Mult | ast.Div | ast.FloorDiv) and _unit(side) is not None:
            yield "unit", other


def _moved(index: ast.expr) -> Iterator[ast.expr]:
    """Yield a slice, or one of a tuple of slices, with a bound dropped or moved by one."""
    if isinstance(index, ast.Tuple):
        for nth, part in enumerate(index.elts):
            yield from (
                ast.Tuple([*index.elts[:nth], other, *index.elts[nth + 1 :]])
                for other in _moved(part)
            )
    elif isinstance(index, ast.Slice):
        for field, by in (("lower", ast.Add()), ("upper", ast.Sub())):
            bound = getattr(index, field)
            if bound is not None:
                for other in (None, ast.BinOp(bound, by, ast.Constant(1))):
                    yield ast.Slice(
                        **{
                            "lower": index.lower,
                            "upper": index.upper,
                            "step": index.step,
                            field: other,
                        }
                    )


def _unit(node: ast.AST) -> ast.expr | None:
    value = (
        node.value
        if isinstance(node, ast.Constant) and type(node.value) in (int, float)
        else _name(node)
    )
    return _UNITS.get(value)


def _name(node: ast.AST) -> str:
    return (
        node.id
        if isinstance(node, ast.Name)
        else node.attr
        if isinstance(node, ast.Attribute)
        else ""
    )


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.JoinedStr) or (
        isinstance(node, ast.Constant) and isinstance(node.value, str)
    )


def mutants(path: Path, text: str) -> Iterator[Mutant]:
    """Yield every mutant of a module, Python or not: changed expressions, dropped statements,
    dropped guards.
    """
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
        elif isinstance(node, ast.Expr | ast.AugAssign) and not isinstance(
            getattr(node, "value", None), ast.Constant
        ):
            yield changed(node, "dropped statement", "pass")
        elif (
            isinstance(node, ast.If)
            and not node.orelse
            and isinstance(node.body[-1], ast.Return | ast.Continue | ast.Raise | ast.Break)
        ):
            yield changed(node, "dropped guard", "pass")


def _not_run(node: ast.AST) -> Iterator[ast.AST]:
    """Yield what no test can see change: annotations, decorators, literal strings, code for type
    checkers.

    And kernels, which run compiled: their plain twins hold them to the last branch.
    """
    parts: list[ast.AST | None] = []
    if isinstance(node, ast.arg | ast.AnnAssign):
        parts = [node.annotation]
    elif isinstance(node, ast.FunctionDef):
        is_kernel = any(_name(decorator) == "kernel" for decorator in node.decorator_list)
        parts = [node] if is_kernel else [node.returns, *node.decorator_list]
    elif isinstance(node, ast.JoinedStr | ast.ClassDef):
        parts = [node] if isinstance(node, ast.JoinedStr) else [*node.decorator_list]
    elif isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
        parts = [node]
    for part in parts:
        if part is not None:
            yield from ast.walk(part)
