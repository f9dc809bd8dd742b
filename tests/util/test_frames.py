"""Columns without frames."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from railshed.util.frames import among


@pytest.mark.parametrize("blank", [np.nan, None])
def test_a_blank_is_among_nothing(blank: object) -> None:
    """Neither among other blanks, nor where texts are looked for."""
    column = np.array(["a", blank, "b", blank], dtype=object)
    assert among(column, ["a", blank]).tolist() == [True, False, False, False]  # type: ignore[list-item]
    assert among(pd.Series(column), {"b"}).tolist() == [False, False, True, False]
