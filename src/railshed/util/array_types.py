"""Names of array types: one a dtype, used by every module; `kernels` has its own in
`kernels.types`.

The name is the plural of the dtype's kind, with its bits; `Floats` are float64 and `Bytes` uint8.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Bools = NDArray[np.bool_]
Bytes = NDArray[np.uint8]
Ints32 = NDArray[np.int32]
#: of any width
Ints = NDArray[np.signedinteger[Any]]
Ints64 = NDArray[np.int64]
Uints32 = NDArray[np.uint32]
Uints64 = NDArray[np.uint64]
Floats = NDArray[np.float64]
