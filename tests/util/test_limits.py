"""Limits: one table, raised by name; what is above is refused with number, limit, place and the way
to raise it.
"""

from __future__ import annotations

import pytest
import shapely

from railshed.util import limits
from railshed.util.errors import InputError, ParameterError
from railshed.util.limits import LIMITS, LIMITS_VARIABLE, check_limit, most_of, query_blocks


def test_what_is_above_a_limit_is_refused_by_number_place_and_remedy(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The number itself is allowed, one more is not, unless the variable names it."""
    monkeypatch.setenv(LIMITS_VARIABLE, "walks = 7, trips=1e3")
    check_limit("walks", 7, "it")
    with pytest.raises(InputError) as caught:
        check_limit("walks", 8, "it", "look.", file="a.csv", row=3, field="b", value="x")
    assert str(caught.value) == (
        "it is too large: 1 problem\n  error over-limit: a.csv row 3 field b: 8 walks between "
        "stations, both ways, at most 7 are made (given: 'x') -> look. RAILSHED_LIMITS=walks=8 "
        "allows as many, given memory and time"
    )
    monkeypatch.setenv(LIMITS_VARIABLE, "walks=8")
    check_limit("walks", 8, "it")
    assert (most_of("walks"), most_of("trips")) == (8, LIMITS["trips"][0])


@pytest.mark.parametrize(
    "text", ["walk=8", "walks", "walks=many", "walks=0", "walks=-1", "walks=inf", "walks=nan"]
)
def test_a_variable_that_is_no_list_of_limits_is_refused(
    monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    monkeypatch.setenv(LIMITS_VARIABLE, f"trips=5,{text}")
    with pytest.raises(
        ParameterError, match=r"RAILSHED_LIMITS: '.*' is not NAME=NUMBER; names are trips, calls, "
    ):
        check_limit("walks", 1, "it")


def test_blocks_of_a_query_are_the_whole_query_and_small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten points at one place in blocks of 25 pairs: two points a block, a hundred pairs in all."""
    monkeypatch.setattr(limits, "_PAIRS", 25)
    points = shapely.points([[0.0, 0.0]] * 10)
    blocks = [(a.tolist(), b.tolist()) for a, b in query_blocks(shapely.STRtree(points), points)]
    assert [len(a) for a, _ in blocks] == [20] * 5
    assert sorted((i, j) for a, b in blocks for i, j in zip(a, b, strict=True)) == [
        (i, j) for i in range(10) for j in range(10)
    ]
