"""What the checks of a network share."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from railshed.network.checks.facts import encode


@settings(deadline=None)
@given(st.lists(st.integers(-3, 40) | st.integers(0, 2**60)), st.booleans())
def test_codes_are_places_among_the_sorted_distinct_keys(keys, small):
    """Keys that are ticked off in a table and keys that are hashed give what sorting gives, negative ones too."""
    array = np.array([key % 40 if small else key for key in keys], dtype=np.int64)
    distinct, codes = np.unique(array, return_inverse=True)
    found = encode(array)
    assert (found[0].tolist(), found[1].tolist()) == (codes.tolist(), distinct.tolist())
    assert encode(np.array([3, 0, 3, 1]))[0].tolist() == [2, 0, 2, 1]
