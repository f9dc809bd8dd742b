"""Names of array types by dtype."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    pass

Ints = NDArray[np.int32]

Bools = NDArray[np.bool_]

Ints64 = NDArray[np.int64]

Floats = NDArray[np.float64]
