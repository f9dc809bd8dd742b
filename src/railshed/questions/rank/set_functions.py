"""Sets of parts that may be built: what each earns of a total, and which to build first under a
budget.

A part is a number from 0; a value is a function of the set of parts that are built. Nothing here
knows railways. Of parts that exclude each other one at most is built: a set with both is worth what
the best of its largest sets without such a pair is, as in games of combinatorial optimisation,
where a coalition is worth the best that its members can do (X. Deng, T. Ibaraki, H. Nagamochi,
Mathematics of Operations Research 24, 1999). Alternatives then share what they compete for, and the
values sum to the gain of the best that can be built.

Under a budget the choice is greedy, by plain gain and by gain per cost, the better of the two (J.
Leskovec et al., "Cost-effective outbreak detection in networks", KDD 2007), and the exact optimum
of few parts. Lines may need each other, so every gain is worked out at every step, none is believed
to shrink, and pairs are tried that gain together what neither does alone.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations

from railshed.assumptions.names import PERMUTATIONS
from railshed.util.bilingual import Words
from railshed.util.phrases import phrase
from railshed.util.sums import plain_sum

Chosen = frozenset[int]
#: of blocks of up to so many parts every subset is looked at
EXACT_PARTS = 10


def largest_sets(parts: Iterable[int], clashes: Iterable[Chosen]) -> list[Chosen]:
    """Return the sets of these parts without a pair of `clashes` to which none of them can be
    added.
    """
    found = {frozenset(parts)}
    for pair in sorted(clashes, key=sorted):
        found = {one - {k} if pair <= one else one for one in found for k in pair}
        found = {one for one in found if not any(one < other for other in found)}
    return sorted(found, key=sorted)


class SetFunction:
    """A function of sets of the parts 0 to n - 1, each set worked out once.

    `monotone`: a part more never makes it less. Then a set between two others of the same value has
    it too, and is not worked out. `clashes` are pairs of parts that exclude each other; `value` is
    never called with one. `blocks` are sets of parts, each part in one, a clash within one: what
    parts of several add is the sum of what those of each do.
    """

    def __init__(
        self,
        n: int,
        value: Callable[[Chosen], float],
        *,
        monotone: bool = False,
        clashes: Iterable[Chosen] = (),
        blocks: Sequence[Chosen] = (),
    ) -> None:
        self.n = n
        self.monotone = monotone
        self._value = value
        self.clashes = frozenset(clashes)
        self.blocks = tuple(blocks) or (frozenset(range(n)),)
        #: by part
        self.block_of = {part: block for block in self.blocks for part in block}
        self._known: dict[Chosen, float] = {}
        self.n_evaluated = 0

    def allows(self, parts: Iterable[int]) -> bool:
        """Return whether no two of the parts exclude each other."""
        chosen = frozenset(parts)
        return not any(pair <= chosen for pair in self.clashes)

    def __call__(self, parts: Iterable[int]) -> float:
        """Return the value of a set of parts; with some that exclude each other the best of its
        `largest_sets`.
        """
        chosen = frozenset(parts)
        found = self._known.get(chosen)
        return self._find(chosen) if found is None else found

    def _find(self, chosen: Chosen) -> float:
        apart = [part for block in self.blocks if (part := chosen & block)]
        if len(apart) > 1:
            none = self(())
            return none + math.fsum(self(part) - none for part in apart)
        found = self._between(chosen) if self.monotone else None
        if found is None and self.allows(chosen):
            self.n_evaluated += 1
            found = float(self._value(chosen))
        elif found is None:
            found = max(self(one) for one in largest_sets(chosen, self.clashes))
        self._known[chosen] = found
        return found

    def _between(self, chosen: Chosen) -> float | None:
        below = max((v for s, v in self._known.items() if s < chosen), default=None)
        above = min((v for s, v in self._known.items() if s > chosen), default=None)
        return below if below is not None and below == above else None

    def gain(self, part: int, others: Iterable[int]) -> float:
        """Return the gain of a part over a set without it."""
        before = frozenset(others) & self.block_of[part]
        return self(before | {part}) - self(before)


@dataclass(frozen=True, slots=True)
class Attribution:
    """Each part's share of the total gain."""

    total: float
    #: alone; what is lost when it alone is left out; Shapley value, and its standard error (0:
    #: exact)
    alone: tuple[float, ...]
    last_in: tuple[float, ...]
    shapley: tuple[float, ...]
    standard_error: tuple[float, ...]
    exact: bool
    n_evaluated: int
    #: how many orders were drawn, 0 where every subset was looked at
    n_permutations: int = 0


def attribute(
    value: SetFunction,
    *,
    names: Sequence[str] | None = None,
    seed: int = 0,
    n_permutations: int = PERMUTATIONS,
    exact_parts: int = EXACT_PARTS,
) -> Attribution:
    """Return the stand-alone gain, last-in gain and Shapley value of every part.

    The Shapley values sum to the total gain, exactly or drawn. The drawn orders follow from `names`
    (and the seed), so that parts listed in another order get the same values; default their
    numbers.
    """
    whole = frozenset(range(value.n))
    none = frozenset[int]()
    total = value(whole) - value(none)
    alone = tuple(value.gain(part, none) for part in range(value.n))
    last_in = tuple(value.gain(part, whole - {part}) for part in range(value.n))
    exact = max(map(len, value.blocks)) <= exact_parts
    if exact:
        shapley = exact_shapley(value)
        error = (0.0,) * value.n
        n_sampled = 0
    else:
        n_sampled = 2 * max(2, math.ceil(n_permutations / 2))
        shapley, error = sampled_shapley(
            value, names or [str(k) for k in range(value.n)], seed, n_sampled // 2
        )
    return Attribution(
        total=total,
        alone=alone,
        last_in=last_in,
        shapley=shapley,
        standard_error=error,
        exact=exact,
        n_evaluated=value.n_evaluated,
        n_permutations=n_sampled,
    )


def exact_shapley(value: SetFunction) -> tuple[float, ...]:
    """Return the mean gain of each part over all orders, from all subsets of its block: others
    change no gain of it.
    """
    found = []
    for part in range(value.n):
        others = sorted(value.block_of[part] - {part})
        n = len(others) + 1
        terms = [
            value.gain(part, before) / (n * math.comb(n - 1, size))
            for size in range(n)
            for before in combinations(others, size)
        ]
        found.append(math.fsum(terms))
    return tuple(found)


def sampled_shapley(
    value: SetFunction, names: Sequence[str], seed: int, n_pairs: int
) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Return (values, standard errors) from drawn orders, each with its reverse.

    A pair's mean is one observation: a part that is early in one order is late in the other, which
    takes most of the spread away. The gains along an order sum to the total, so their means do.
    """
    observed: list[list[float]] = [[] for _ in range(value.n)]
    for pair in range(n_pairs):
        order = sampled_order(names, seed, pair)
        gains = [0.0] * value.n
        for one in (order, order[::-1]):
            before: Chosen = frozenset()
            for part in one:
                gains[part] += value.gain(part, before) / 2
                before |= {part}
        for part, gain in enumerate(gains):
            observed[part].append(gain)
    means = [math.fsum(each) / n_pairs for each in observed]
    errors = [
        math.sqrt(math.fsum((x - mean) ** 2 for x in each) / (n_pairs - 1) / n_pairs)
        for mean, each in zip(means, observed, strict=True)
    ]
    return tuple(means), tuple(errors)


def sampled_order(names: Sequence[str], seed: int, number: int) -> list[int]:
    """Return the parts in the order of hash(seed, number, name)."""
    keys = [hashlib.sha256(f"{seed}|{number}|{name}".encode()).digest() for name in names]
    return sorted(range(len(names)), key=lambda k: (keys[k], k))


#: up to so many parts the optimum is looked for
OPTIMUM_PARTS = 15
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
    n_evaluated: int

    @property
    def gap(self) -> float | None:
        """Share of the optimum, or of the bound, that greedy misses; None where neither
        is known.
        """
        most = self.best.gain if self.best is not None and self.proved else self.bound
        if most is None:
            return None
        return 0.0 if most <= 0 else max(0.0, (most - self.greedy.gain) / most)


def choose(
    value: SetFunction,
    costs: Sequence[float],
    budget: float,
    *,
    exact_parts: int = OPTIMUM_PARTS,
    most_sets: int = MOST_SETS,
) -> Choice:
    """Return the greedy plan and, for few parts, the best one."""
    chosen = _greedy(value, costs, budget)
    best = None
    proved = False
    bound = None
    if value.monotone:
        fits = frozenset(k for k in range(value.n) if costs[k] <= budget + _EPS)
        bound = value(fits) - value(())
    if value.n <= exact_parts:
        best, proved = _optimum(value, costs, budget, chosen, most_sets)
        bound = best.gain if proved else bound
    return Choice(chosen, best, proved, bound, value.n_evaluated)


def _plan(
    value: SetFunction, costs: Sequence[float], parts: Sequence[int], how: Words
) -> ChosenParts:
    return ChosenParts(
        tuple(parts), value(parts) - value(()), plain_sum(costs[k] for k in sorted(parts)), how
    )


def _greedy(value: SetFunction, costs: Sequence[float], budget: float) -> ChosenParts:
    """Return the better of the greedy plans."""
    plans = []
    for per_cost, how in ((False, phrase("how_gain")), (True, phrase("how_gain_per_cost"))):
        parts, paired = greedy(value, costs, budget, per_cost=per_cost)
        plans.append(_plan(value, costs, parts, phrase("how_pairs", how=how) if paired else how))
    return max(plans, key=lambda plan: (plan.gain, -plan.cost))


def greedy(
    value: SetFunction, costs: Sequence[float], budget: float, *, per_cost: bool
) -> tuple[list[int], bool]:
    """Return the parts in the order of choice, and whether a pair was chosen, as where no part
    gains alone.

    Every gain is worked out at every step.
    """
    parts: list[int] = []
    paired = False
    while True:
        left = budget - plain_sum(costs[k] for k in parts)
        open_ = _open(value, costs, parts, left)
        scored = [(_score(value.gain(k, parts), costs[k], per_cost), -k) for k in open_]
        if scored and max(scored)[0] > 0:
            parts.append(-max(scored)[1])
            continue
        pairs = [
            p
            for p in combinations(open_, 2)
            if costs[p[0]] + costs[p[1]] <= left + _EPS and value.allows(p)
        ]
        before = value(parts)
        together = [(value((*parts, *pair)) - before, pair) for pair in pairs]
        if not together or max(together)[0] <= 0:
            return parts, paired
        parts += max(together)[1]
        paired = True


def _open(
    value: SetFunction, costs: Sequence[float], parts: Sequence[int], left: float
) -> list[int]:
    """Return the parts that can be added."""
    return [
        k
        for k in range(value.n)
        if k not in parts and costs[k] <= left + _EPS and value.allows((*parts, k))
    ]


def _score(gain: float, cost: float, per_cost: bool) -> float:
    return gain / max(cost, _EPS) if per_cost else gain


class _TooManyError(Exception):
    """More sets would have to be worked out than allowed."""


def _optimum(
    value: SetFunction, costs: Sequence[float], budget: float, greedy: ChosenParts, most_sets: int
) -> tuple[ChosenParts, bool]:
    """Return the best plan found and whether it is proved: branch and bound where a part never
    harms, else all sets.
    """
    start = value.n_evaluated
    most = greedy.gain
    best = frozenset(greedy.parts)
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
                most = gain
                best = chosen
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
