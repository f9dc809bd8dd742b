"""Which parts to build first under a budget: greedy with lazy evaluation, and the exact optimum of few parts.

Method: J. Leskovec et al., "Cost-effective outbreak detection in networks", KDD 2007 (CELF): gains are worked out again
only where they may still be the largest, by plain gain and by gain per cost, and the better of the two runs is taken.
That is sound where a part never adds more to a larger set. Lines may need each other, so it is checked again: at the
end every part left out is tried once more, and where one gains more than when it was last looked at, the run is
repeated with every gain worked out at every step. Then pairs are tried that gain together what neither does alone.
Parts that exclude each other are never chosen together.
"""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

from railshed.appraisal.attribution import Chosen, SetFunction
from railshed.util.bilingual import Words
from railshed.util.phrases import phrase
from railshed.util.sums import plain_sum

#: up to so many parts the optimum is looked for
EXACT_PARTS = 15
#: sets worked out at most for it
MOST_SETS = 4_000
_EPS = 1e-9


@dataclass(frozen=True, slots=True)
class ChosenParts:
    """A set of parts within the budget."""

    #: in the order of choice, rising where there is none
    parts: tuple[int, ...]
    gain: float
    cost: float
    how: Words


@dataclass(frozen=True, slots=True)
class Choice:
    """What to build under a budget."""

    greedy: ChosenParts
    #: None where there are too many parts; `proved`: nothing within the budget gains more
    best: ChosenParts | None
    proved: bool
    #: no set within the budget gains more than this; None where nothing is known
    bound: float | None
    #: gains that had grown since they were last worked out: two parts need each other
    n_grown: int
    n_evaluated: int

    @property
    def gap(self) -> float | None:
        """Share of the optimum, or of the bound, that greedy misses; None where neither is known."""
        most = self.best.gain if self.best is not None and self.proved else self.bound
        if most is None:
            return None
        return 0.0 if most <= 0 else max(0.0, (most - self.greedy.gain) / most)


def choose(
    value: SetFunction, costs: Sequence[float], budget: float, *, exact_parts: int = EXACT_PARTS,
    most_sets: int = MOST_SETS,
) -> Choice:  # fmt: skip
    """Return the greedy plan and, for few parts, the best one."""
    greedy, n_grown = _greedy(value, costs, budget)
    best, proved, bound = None, False, None
    if value.monotone:
        fits = frozenset(k for k in range(value.n) if costs[k] <= budget + _EPS)
        bound = value(fits) - value(())
    if value.n <= exact_parts:
        best, proved = _optimum(value, costs, budget, greedy, most_sets)
        bound = best.gain if proved else bound
    return Choice(greedy, best, proved, bound, n_grown, value.n_evaluated)


def _plan(value: SetFunction, costs: Sequence[float], parts: Sequence[int], how: Words) -> ChosenParts:
    return ChosenParts(tuple(parts), value(parts) - value(()), plain_sum(costs[k] for k in sorted(parts)), how)


def _greedy(value: SetFunction, costs: Sequence[float], budget: float) -> tuple[ChosenParts, int]:
    """Return the better of the greedy plans, checked again, and how many stale gains had grown."""
    plans, n_grown = [], 0
    for per_cost in (False, True):
        how = phrase("how_gain_per_cost" if per_cost else "how_gain")
        parts, last = lazy_greedy(value, costs, budget, per_cost=per_cost)
        left_out = [k for k in last if k not in parts and costs[k] <= budget + _EPS and value.allows((*parts, k))]
        grown = [k for k in left_out if value.gain(k, parts) > last[k] + _EPS]
        if grown:  # lazy evaluation trusted a gain that was too low
            n_grown += len(grown)
            parts, how = full_greedy(value, costs, budget, per_cost=per_cost), phrase("how_anew", how=how)
        more = _with_pairs(value, costs, budget, parts)
        plans.append(_plan(value, costs, more, how if more == parts else phrase("how_pairs", how=how)))
    return max(plans, key=lambda plan: (plan.gain, -plan.cost)), n_grown


def lazy_greedy(
    value: SetFunction, costs: Sequence[float], budget: float, *, per_cost: bool
) -> tuple[list[int], dict[int, float]]:
    """Return the parts in the order of choice, and the gain of each when it was last worked out.

    A gain is worked out again when it comes to the top.
    """
    parts: list[int] = []
    left = budget
    last = {k: value.gain(k, ()) for k in range(value.n)}
    queue = [(-_score(gain, costs[k], per_cost), k, 0) for k, gain in last.items()]
    heapq.heapify(queue)
    while queue:
        score, part, at = heapq.heappop(queue)
        if costs[part] > left + _EPS or not value.allows((*parts, part)):
            continue
        if at < len(parts):
            last[part] = value.gain(part, parts)
            heapq.heappush(queue, (-_score(last[part], costs[part], per_cost), part, len(parts)))
        elif score < 0:
            parts.append(part)
            left -= costs[part]
    return parts, last


def full_greedy(value: SetFunction, costs: Sequence[float], budget: float, *, per_cost: bool) -> list[int]:
    """Return the parts in the order of choice; every gain is worked out at every step."""
    parts: list[int] = []
    left = budget
    while True:
        open_ = _open(value, costs, parts, left)
        scored = [(_score(value.gain(k, parts), costs[k], per_cost), -k) for k in open_]
        if not scored or max(scored)[0] <= 0:
            return parts
        part = -max(scored)[1]
        parts.append(part)
        left -= costs[part]


def _open(value: SetFunction, costs: Sequence[float], parts: Sequence[int], left: float) -> list[int]:
    """Return the parts that can be added."""
    return [k for k in range(value.n) if k not in parts and costs[k] <= left + _EPS and value.allows((*parts, k))]


def _score(gain: float, cost: float, per_cost: bool) -> float:
    return gain / max(cost, _EPS) if per_cost else gain


def _with_pairs(value: SetFunction, costs: Sequence[float], budget: float, parts: Sequence[int]) -> list[int]:
    """Return the plan with pairs of parts that gain together what neither does alone."""
    parts = list(parts)
    while True:
        left = budget - plain_sum(costs[k] for k in parts)
        open_ = _open(value, costs, parts, left)
        pairs = [p for p in combinations(open_, 2) if costs[p[0]] + costs[p[1]] <= left + _EPS and value.allows(p)]
        before = value(parts)
        scored = [(value((*parts, *pair)) - before, pair) for pair in pairs]
        if not scored or max(scored)[0] <= 0:
            return parts
        parts += max(scored)[1]


class _TooManyError(Exception):
    """More sets would have to be worked out than allowed."""


def _optimum(
    value: SetFunction, costs: Sequence[float], budget: float, greedy: ChosenParts, most_sets: int
) -> tuple[ChosenParts, bool]:  # fmt: skip
    """Return the best plan found and whether it is proved: branch and bound where a part never harms, else all sets."""
    start, most, best = value.n_evaluated, greedy.gain, frozenset(greedy.parts)
    none = value(())
    order = sorted(range(value.n), key=lambda k: (-value.gain(k, ()), k))

    def visit(depth: int, chosen: Chosen, left: float) -> None:
        nonlocal most, best
        if value.n_evaluated - start > most_sets:
            raise _TooManyError
        rest = [k for k in order[depth:] if costs[k] <= left + _EPS and value.allows(chosen | {k})]
        # with everything that still fits: no set below gains more where a part never harms
        if value.monotone and rest and value(chosen | frozenset(rest)) - none <= most + _EPS:
            return
        if not rest or not value.monotone:
            gain = value(chosen) - none
            if gain > most + _EPS:
                most, best = gain, chosen
        if rest:
            at = order.index(rest[0], depth)
            visit(at + 1, chosen | {rest[0]}, left - costs[rest[0]])
            visit(at + 1, chosen, left)

    try:
        visit(0, frozenset(), budget)
        proved = True
    except _TooManyError:
        proved = False
    how = phrase("how_optimum") if proved else phrase("how_best_found", n=f"{most_sets:,}")
    return _plan(value, costs, sorted(best), how), proved
