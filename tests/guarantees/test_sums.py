"""The same bytes on every Python: no builtin `sum` of floats in the package, which is compensated
since Python 3.12.
"""

from __future__ import annotations

import ast
import math
import random
from collections.abc import Iterator
from itertools import accumulate
from pathlib import Path

import railshed
from railshed.util.sums import plain_sum
from tests.support.seeds import each_seed

PACKAGE = Path(railshed.__file__).parent
#: what is summed: whole numbers, or arrays, whose own addition is used. Floats go through
#: `plain_sum`
WHOLE = {
    "rounded[parts]",
    "row[f'trips_{end}'] for row in found['modes']",
    "own[name] or 0 for name in outside if name != largest",
    "round_parts(people)",
    "area[state] for state in ('gained', 'lost', 'faster', 'slower')",
    "n for n, _ in found",
    "n for mode, n in counts.items() if mode not in modes",
    "counts.values()",
    "client.ncores().values()",
    "issue.count for issue in issues",
    "-(-(p.end_s - p.start_s) // p.headway_s) << one.bidirectional for p in one.periods",
    "each.values()",
    "sizes",
    "n_trips",
    "n * len(line.stops) for n, line in zip(n_trips, lines, strict=True)",
    "shared",
    "n for text, n in zip(texts, n_rows.tolist(), strict=True) if text",
    "tracks.unread_speeds.values()",
    "sections.methods.values()",
    "unread.values()",
    "mode for mode, (forth, _) in ways.items() if forth",
    "mode for mode, (_, back) in ways.items() if back",
    "a * np.sin(math.pi * f * at) for a, f in terms",
    "_count(value) for key, value in record.items() if key not in _APART",
    "_count(v) for v in value.values()",
    "_count(v) for v in value",
    "r.arrival_s - r.departure_s for r in rides",
    "two.departure_s - one.arrival_s for one, two in pairwise(rides)",
    "s.run_s for s in line.stops",
    "s.dwell_s for s in line.stops[1:-1]",
    "shares.values()",
    "before[t].arrival_s[-1] - calls.arrival_s[-1] for t, calls in changed.items()",
    "one.arrival_s[-1] - before[trip].arrival_s[-1] for trip, one in changed.items()",
    "_saves_too_much(before[t], one) for t, one in after.items() if len(one) >= 2",
    "self._hops[a:b]",
    "stop.dwell_s for stop in line.stops[1:-1]",
    "stop.run_s for stop in line.stops[1:]",
    "stop.run_s if stop.run_back_s is None else stop.run_back_s for stop in line.stops[1:]",
    "parts",
    "n",
}


def sums() -> Iterator[tuple[str, str, ast.expr | None]]:
    """Yield file and line of each use of the builtin, with what it sums: text and syntax; "" where
    it is not called.
    """
    for path in sorted(PACKAGE.rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        called = {
            id(node.func): node.args[0]
            for node in ast.walk(tree)
            if isinstance(node, ast.Call) and node.args
        }
        for node in ast.walk(tree):
            if isinstance(node, ast.Name) and node.id == "sum":
                summed = called.get(id(node))
                text = "" if summed is None else ast.unparse(summed)
                bare = text[1:-1] if isinstance(summed, ast.GeneratorExp) else text
                yield f"{path.relative_to(PACKAGE)}:{node.lineno}", bare, summed


def is_a_count(summed: ast.expr | None) -> bool:
    """Whether each item is a truth value, a length or 1."""
    if isinstance(summed, ast.Call):
        return ast.unparse(summed).startswith("map(len, ")
    if not isinstance(summed, ast.GeneratorExp):
        return False
    text = ast.unparse(summed.elt)
    return is_truth(summed.elt) or text == "1" or text.startswith("len(")


def is_truth(item: ast.expr) -> bool:
    """Whether a value is a truth value by its syntax."""
    if isinstance(item, ast.BoolOp):
        return all(is_truth(part) for part in item.values)
    return isinstance(item, ast.Compare) or (
        isinstance(item, ast.UnaryOp) and isinstance(item.op, ast.Not)
    )


def test_no_builtin_sum_of_floats() -> None:
    """Each call sums counts, or whole numbers listed here; each entry of the list is a call."""
    found = {what: where for where, what, summed in sums() if not is_a_count(summed)}
    assert {what: where for what, where in found.items() if what not in WHOLE} == {}, (
        "use util.sums.plain_sum"
    )
    assert WHOLE - found.keys() == set()


@each_seed(range(20))
def test_a_plain_sum_adds_from_left_to_right(seed: int) -> None:
    """To the last bit; nothing is 0, whole numbers stay whole."""
    rng = random.Random(seed)
    values = [rng.uniform(-1, 1) * 10 ** rng.randrange(12) for _ in range(rng.randrange(1, 200))]
    assert plain_sum(values) == list(accumulate(values))[-1]
    assert math.isclose(plain_sum(values), math.fsum(values), rel_tol=1e-6, abs_tol=1e-3)


def test_a_plain_sum_of_whole_numbers_is_whole() -> None:
    assert plain_sum([]) == 0
    assert isinstance(plain_sum([1, 2]), int)
    assert plain_sum([1e16, 1.0, -1e16]) == 0  # a compensated sum is 1
