"""Attribution and choice on functions of sets that are written down, and on random ones."""

from __future__ import annotations

import math
from itertools import combinations, permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from railshed.questions.rank.set_functions import (
    SetFunction,
    attribute,
    choose,
    exact_shapley,
    largest_sets,
    sampled_order,
    sampled_shapley,
)

#: what parts reach: people in several are counted once
COVER = st.lists(st.frozensets(st.integers(0, 9)), min_size=1, max_size=5)


def covering(sets, weights=(1, 2, 4, 8, 16, 32, 64, 128, 256, 512)):
    """Return the weight of what the chosen sets cover."""
    return SetFunction(
        len(sets),
        lambda s: sum(weights[i] for i in frozenset().union(*(sets[k] for k in s))),
        monotone=True,
    )


def table_of(values):
    """Return the function with these values, by number of the subset in binary."""
    n = len(values).bit_length() - 1
    return SetFunction(n, lambda s: values[sum(1 << k for k in s)])


TABLES = st.integers(1, 4).flatmap(
    lambda n: st.lists(st.integers(-50, 50), min_size=2**n, max_size=2**n)
)


def plain_shapley(value):
    """Return the mean gain over all orders, order by order."""
    found = [0.0] * value.n
    for order in permutations(range(value.n)):
        for at, part in enumerate(order):
            found[part] += value.gain(part, order[:at]) / math.factorial(value.n)
    return found


def test_by_hand():
    """Gloves: 0 and 1 are left, 2 is right; a pair is worth 12.

    The right one earns 8, each left one 2.
    """
    value = SetFunction(3, lambda s: 12.0 * (2 in s and bool(s & {0, 1})), monotone=True)
    found = attribute(value)
    assert found.total == 12
    assert found.alone == (0, 0, 0)
    assert found.last_in == (0, 0, 12)
    assert found.shapley == pytest.approx((2, 2, 8))
    assert (found.exact, found.standard_error, found.n_permutations) == (True, (0, 0, 0), 0)


@given(TABLES)
def test_shapley_is_the_mean_over_all_orders(values):
    """As order by order, and the values sum to the total gain: efficiency."""
    value = table_of(values)
    found = exact_shapley(value)
    assert found == pytest.approx(plain_shapley(value), abs=1e-9)
    assert sum(found) == pytest.approx(values[-1] - values[0], abs=1e-9)


@given(TABLES, st.integers(0, 2**20))
def test_drawn_values_sum_to_the_total_too(values, seed):
    """Along every order gains sum to the total, so their means do."""
    value = table_of(values)
    found, error = sampled_shapley(value, [str(k) for k in range(value.n)], seed, 5)
    assert sum(found) == pytest.approx(values[-1] - values[0], abs=1e-9)
    assert min(error) >= 0


@given(COVER)
def test_symmetry_and_dummy(sets):
    """Two equal parts earn the same; a part that covers nothing earns nothing."""
    found = exact_shapley(covering([*sets, sets[0], frozenset()]))
    assert found[0] == pytest.approx(found[-2])
    assert found[-1] == 0


@given(
    TABLES.flatmap(
        lambda one: st.tuples(
            st.just(one), st.lists(st.integers(-9, 9), min_size=len(one), max_size=len(one))
        )
    )
)
def test_additivity(pair):
    """The value of a sum is the sum of the values."""
    one, other = pair
    both = exact_shapley(table_of([a + b for a, b in zip(one, other, strict=True)]))
    apart = zip(exact_shapley(table_of(one)), exact_shapley(table_of(other)), strict=True)
    assert both == pytest.approx([a + b for a, b in apart], abs=1e-9)


def test_drawn_values_are_near_the_exact_ones():
    """Twelve parts: 2,000 drawn orders lie within four standard errors of the values known by
    formula.

    Part k alone covers 2^k; all share one place worth 120, which is each one's by a twelfth.
    """
    value = SetFunction(12, lambda s: sum(2**k for k in s) + 120 * bool(s), monotone=True)
    found = attribute(value, n_permutations=2_000, seed=3)
    assert (found.exact, found.n_permutations) == (False, 2_000)
    assert sum(found.shapley) == pytest.approx(found.total)
    for k in range(12):
        assert abs(found.shapley[k] - (2**k + 10)) <= 4 * found.standard_error[k]


def test_standard_errors_by_hand():
    """Gloves in three orders drawn and their reverses: the pair of the right one in the middle
    gives it 12.

    In the other two it has 6, so 8 in the mean, with a variance of (16 + 4 + 4) / 2, of the mean 4;
    a left one has 6 in the order in which it stands in the middle, so 2 and the same variance.
    """
    orders = [[1, 2, 0], [2, 0, 1], [2, 1, 0]]
    assert [sampled_order("abc", 12, number) for number in range(3)] == orders
    value = SetFunction(3, lambda s: 12.0 * (2 in s and bool(s & {0, 1})), monotone=True)
    means, errors = sampled_shapley(value, "abc", 12, 3)
    assert means == pytest.approx((2, 2, 8))
    assert errors == pytest.approx((2, 2, 2))


@pytest.mark.parametrize(("n_permutations", "n"), [(1, 4), (4, 4), (5, 6), (6, 6)])
def test_orders_are_drawn_in_pairs(n_permutations, n):
    """At least two pairs, and only where a block has more parts than are looked at exactly."""
    value = SetFunction(3, lambda s: 12.0 * (2 in s and bool(s & {0, 1})), monotone=True)
    found = attribute(value, names="abc", seed=12, n_permutations=n_permutations, exact_parts=2)
    assert (found.exact, found.n_permutations) == (False, n)
    assert (found.shapley, found.standard_error) == sampled_shapley(value, "abc", 12, n // 2)
    whole = attribute(value, names="abc", seed=12, n_permutations=n_permutations, exact_parts=3)
    assert (whole.exact, whole.n_permutations, whole.standard_error) == (True, 0, (0, 0, 0))


def test_drawn_values_hang_on_names_not_on_order():
    """The same parts in another order earn the same."""
    worth = {"a": 1, "b": 5, "c": 7}
    found = {}
    for names in ("abc", "cab"):
        value = SetFunction(3, lambda s, names=names: max((worth[names[k]] for k in s), default=0))
        found[names] = dict(zip(names, sampled_shapley(value, names, 1, 4)[0], strict=True))
    assert found["abc"] == pytest.approx(found["cab"])


@given(COVER)
def test_sets_between_equal_ones_are_not_worked_out(sets):
    """A monotone function gives the same values as one that trusts nothing, from no more
    evaluations.
    """
    trusting, plain = covering(sets), covering(sets)
    plain.monotone = False
    assert trusting(range(trusting.n)) == plain(range(plain.n))
    for size in range(len(sets) + 1):
        for chosen in combinations(range(len(sets)), size):
            assert trusting(chosen) == plain(chosen)
    assert trusting.n_evaluated <= plain.n_evaluated


def brute(value, costs, budget):
    """Return the largest gain within the budget, subset by subset."""
    every = (s for size in range(value.n + 1) for s in combinations(range(value.n), size))
    return max(value(s) - value(()) for s in every if sum(costs[k] for k in s) <= budget)


@given(COVER, st.data())
def test_the_optimum_is_the_best_of_all_subsets(sets, data):
    """Branch and bound equals trying everything; greedy is never better, and its gap is what it
    says.
    """
    value = covering(sets)
    costs = [data.draw(st.integers(1, 6)) for _ in sets]
    budget = data.draw(st.integers(0, 15))
    found, best = choose(value, costs, budget), brute(covering(sets), costs, budget)
    assert found.proved
    assert found.best.gain == best
    assert found.greedy.gain <= best
    assert sum(costs[k] for k in found.greedy.parts) <= budget
    assert found.gap == pytest.approx(0 if best == 0 else 1 - found.greedy.gain / best)


@given(TABLES, st.data())
def test_the_optimum_where_parts_may_harm(values, data):
    """Where a part may make things worse every affordable subset is looked at."""
    value = table_of(values)
    costs = [data.draw(st.integers(1, 6)) for _ in range(value.n)]
    budget = data.draw(st.integers(0, 15))
    assert choose(value, costs, budget).best.gain == brute(table_of(values), costs, budget)


def test_two_that_need_each_other_are_found():
    """0 gains 10; 1 and 2 gain nothing alone and 100 together: plain greedy would stop at 0, pairs
    are tried.
    """
    value = SetFunction(3, lambda s: 10.0 * (0 in s) + 100.0 * ({1, 2} <= s), monotone=True)
    found = choose(value, [1, 1, 1], 3)
    assert found.greedy.gain == 110
    assert sorted(found.greedy.parts) == [0, 1, 2]
    assert "pairs" in found.greedy.how.en


def test_after_a_pair_single_parts_are_tried_again():
    """0 and 1 gain 1 together, 2 nothing without both and 5 beside them."""
    value = SetFunction(3, lambda s: 1.0 * ({0, 1} <= s) + 5.0 * (len(s) == 3), monotone=True)
    found = choose(value, [1, 1, 1], 3, exact_parts=0)
    assert (found.greedy.parts, found.greedy.gain) == ((0, 1, 2), 6)


def test_a_gain_that_grows_is_noticed():
    """1 gains 2 alone but 50 beside 0: it is chosen after 0, before 2."""
    value = SetFunction(
        3, lambda s: 10.0 * (0 in s) + (50.0 if {0, 1} <= s else 2.0 * (1 in s)) + 5.0 * (2 in s)
    )
    found = choose(value, [1, 1, 1], 2)
    assert sorted(found.greedy.parts) == [0, 1]
    assert found.gap == 0


def test_too_many_sets_is_said():
    """With at most one set worked out nothing is proved, and greedy stands against the
    upper bound.
    """
    value = SetFunction(6, lambda s: float(len(s)), monotone=True)
    found = choose(value, [1.0] * 6, 3, most_sets=0)
    assert not found.proved
    assert (found.greedy.gain, found.bound, found.gap) == (3, 6, 0.5)


# --- alternatives -------------------------------------------------------------------------------

CLASHES = st.sets(st.frozensets(st.integers(0, 4), min_size=2, max_size=2), max_size=4)


def excluding(sets, clashes):
    """Return the function `covering` that is asked for no set with a clash."""
    plain, pairs = covering(sets), {pair for pair in clashes if max(pair) < len(sets)}

    def value(chosen):
        assert not any(pair <= chosen for pair in pairs)
        return plain(chosen)

    return SetFunction(len(sets), value, monotone=True, clashes=pairs)


def buildable(value):
    """Return every set without a clash, subset by subset."""
    every = (
        frozenset(s) for size in range(value.n + 1) for s in combinations(range(value.n), size)
    )
    return [s for s in every if not any(pair <= s for pair in value.clashes)]


def test_alternatives_by_hand():
    """Two ways to serve the same 6, one of them 2 more, and a third line worth 5: 8 + 5 are the
    best that can be built.

    The better way earns what it has alone and half of what both serve: 2 + 3; the other 3; they sum
    to 8.
    """
    worth = {frozenset(): 0, frozenset([0]): 6, frozenset([1]): 8, frozenset([2]): 5}
    worth |= {frozenset([0, 2]): 11, frozenset([1, 2]): 13}
    found = attribute(SetFunction(3, worth.__getitem__, monotone=True, clashes=[frozenset([0, 1])]))
    assert found.total == 13
    assert found.shapley == pytest.approx((3, 5, 5))
    assert found.alone == (6, 8, 5)
    assert found.last_in == (0, 2, 5)  # without 1 its alternative is built


@given(CLASHES)
def test_largest_sets_are_those_found_one_by_one(clashes):
    """They are the sets without a clash that are in no other such set."""
    value = SetFunction(5, lambda s: 0, clashes=clashes)
    every = buildable(value)
    assert set(largest_sets(range(5), clashes)) == {
        s for s in every if not any(s < other for other in every)
    }


@given(COVER, CLASHES)
def test_values_of_alternatives_are_those_of_the_best_of_all_subsets(sets, clashes):
    """A set with a clash is worth the best of all its subsets that can be built; Shapley values sum
    to the total.
    """
    value = excluding(sets, clashes)
    for size in range(value.n + 1):
        for chosen in combinations(range(value.n), size):
            assert value(chosen) == max(
                value(s) for s in buildable(value) if s <= frozenset(chosen)
            )
    found = attribute(value)
    assert sum(found.shapley) == pytest.approx(found.total)
    assert found.shapley == pytest.approx(tuple(plain_shapley(value)))


@given(COVER, CLASHES, st.data())
def test_alternatives_are_never_chosen_together(sets, clashes, data):
    """Greedy and exact choice hold to it, and the exact one is the best of all sets within the
    budget.
    """
    value = excluding(sets, clashes)
    costs = data.draw(st.lists(st.integers(1, 5), min_size=value.n, max_size=value.n))
    budget = data.draw(st.integers(0, 15))
    found = choose(value, costs, budget)
    assert found.best is not None
    assert value.allows(found.greedy.parts)
    assert value.allows(found.best.parts)
    within = [s for s in buildable(value) if sum(costs[k] for k in s) <= budget]
    assert found.proved
    assert found.best.gain == max(value(s) for s in within) - value(())
    assert found.bound is not None
    assert found.bound >= found.greedy.gain


@given(TABLES.filter(lambda t: len(t) >= 4), st.data())
def test_alternatives_where_parts_may_harm(values, data):
    """The exact choice is the best of all sets without the clash, whatever the function."""
    n = len(values).bit_length() - 1
    value = SetFunction(n, lambda s: values[sum(1 << k for k in s)], clashes=[frozenset([0, 1])])
    costs = data.draw(st.lists(st.integers(1, 5), min_size=n, max_size=n))
    found = choose(value, costs, 8)
    within = [s for s in buildable(value) if sum(costs[k] for k in s) <= 8]
    assert found.best is not None
    assert found.best.gain == max(value(s) for s in within) - value(())


# --- blocks -------------------------------------------------------------------------------------


FEW = st.lists(st.frozensets(st.integers(0, 9)), min_size=1, max_size=3)


@given(FEW, FEW, CLASHES)
def test_blocks_give_what_the_whole_function_gives(ours, theirs, clashes):
    """Two covers with nothing in common, added up: values, gains, Shapley and last-in values as
    without blocks.
    """
    pairs = {pair for pair in clashes if max(pair) < len(ours)}
    n, one, other = len(ours) + len(theirs), covering(ours), covering(theirs)

    def value(chosen):
        return one(k for k in chosen if k < len(ours)) + other(
            k - len(ours) for k in chosen if k >= len(ours)
        )

    blocks = [frozenset(range(len(ours))), frozenset(range(len(ours), n))]
    whole = SetFunction(n, value, monotone=True, clashes=pairs)
    split = SetFunction(n, value, monotone=True, clashes=pairs, blocks=blocks)
    for number in range(0, 2**n, 3):
        chosen = frozenset(k for k in range(n) if number >> k & 1)
        assert split(chosen) == pytest.approx(whole(chosen))
    a, b = attribute(whole), attribute(split)
    for name in ("total", "alone", "last_in", "shapley"):
        assert getattr(a, name) == pytest.approx(getattr(b, name)), name
    assert b.exact


def test_thirty_parts_apart_are_exact_and_cheap():
    """Each is a block of its own: every subset of every block is 31 sets, and nothing is drawn."""
    blocks = [frozenset([k]) for k in range(30)]
    found = attribute(SetFunction(30, lambda s: sum(k**2 for k in s), monotone=True, blocks=blocks))
    assert found.shapley == pytest.approx([k**2 for k in range(30)])
    assert (found.exact, found.n_evaluated, found.n_permutations) == (True, 31, 0)
