"""Which journeys are the best ones of a minute: by hand."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from railshed.routing.profiles import best_pairs

#: to the city by 1000, 500 early at no cost: 100 each, then 110, and one that comes too late
TO = [(600, 700), (750, 850), (880, 990), (990, 1001)]
#: from the city from 1000 on, 500 late at no cost: one gone, 100 each, then one that is waited for 100
FROM = [(999, 1050), (1010, 1110), (1200, 1300), (1600, 1650)]


@pytest.mark.parametrize(("direction", "pairs", "best"), [("to", TO, TO[:2]), ("from", FROM, FROM[1:3])])
def test_journeys_as_fast_as_the_best_are_all_there(direction: str, pairs: Any, best: Any) -> None:
    """Two journeys of 100 s tie; 100 s are within a bound of 100, not of 99; a slower one before them is no tie."""

    def found(bound_s: int, slack_s: int = 500, *, of: Any = pairs) -> Any:
        journeys: Any = SimpleNamespace(direction=direction, bound_s=bound_s, pairs=lambda station: of)
        return best_pairs(journeys, 0, 1000, slack_s)

    assert found(5000) == found(100) == best
    assert found(99) == []
    assert found(5000, of=[]) == []
    assert found(5000, of=[best[0], *best]) == [best[0], *best]
