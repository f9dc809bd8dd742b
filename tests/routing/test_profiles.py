"""Which journeys are the best ones of a minute: by hand."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from railshed.routing.profiles import best_pairs

#: to the city by 1000, 500 early at no cost: 150, 100 thrice, the last one just in time, then a
#: second too late
TO = [(500, 650), (600, 700), (750, 850), (900, 1000), (990, 1001)]
#: from the city from 1000 on, 500 late at no cost: one gone, 150, 100 thrice, then one that is
#: waited for 100
FROM = [(999, 1050), (1000, 1150), (1000, 1100), (1010, 1110), (1200, 1300), (1600, 1650)]


@pytest.mark.parametrize(
    ("direction", "pairs", "best"), [("to", TO, TO[1:4]), ("from", FROM, FROM[2:5])]
)
def test_journeys_as_fast_as_the_best_are_all_there(direction: str, pairs: Any, best: Any) -> None:
    """Journeys of 100 s tie; 100 s are within a bound of 100, not of 99; a slower one before them
    is no tie.
    """

    def found(bound_s: int) -> Any:
        journeys: Any = SimpleNamespace(
            direction=direction, bound_s=bound_s, clocks_of=lambda station: np.array(pairs, int).T
        )
        return best_pairs(journeys, 0, 1000, 500)

    assert found(5000) == found(100) == best
    assert found(99) == []
