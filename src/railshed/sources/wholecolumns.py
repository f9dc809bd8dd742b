"""Numbers of a whole column of texts at once, where they are written as nearly all feeds write them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from railshed.sources.feedtable import integers
from railshed.units import HOUR, MINUTE

#: characters of HH:MM:SS; by place, how far each may lie above that of the first text
_FIRST_CLOCK, _MOST_ABOVE = b"00:00:00", (9, 9, 0, 5, 9, 0, 5, 9)
#: the characters of a text are handled together, as the bytes of one number
_WORD = np.dtype("<u8")
_FIRST = np.frombuffer(_FIRST_CLOCK, _WORD)[0]
#: added to bytes, it sets the high bit of those that are too large
_SPARE = np.frombuffer(bytes(0x7F - most for most in _MOST_ABOVE), _WORD)[0]
_HIGH_BITS = np.frombuffer(b"\x80" * 8, _WORD)[0]
#: texts handled at once: so many stay in the cache
_BLOCK = 1 << 14
_MOST_DIGITS = 9


def clock_column(values: Any) -> NDArray[np.float64] | None:
    """Return clock seconds, NaN where the text is blank; None where any text is neither that nor like 07:30:00.

    `values` is an array of pyarrow, of texts without nulls.
    """
    lengths, characters = _texts(values)
    given = lengths == len(_FIRST_CLOCK)
    if not (given | (lengths == 0)).all():
        return None
    words = characters.view(_WORD)
    seconds = np.empty(len(words))
    for i in range(0, len(words), _BLOCK):
        above = words[i : i + _BLOCK] ^ _FIRST
        if (((above + _SPARE) | above) & _HIGH_BITS).any():
            return None
        pairs = above * np.uint64(10) + (above >> np.uint64(8))  # HH, MM and SS are now bytes 0, 3 and 6
        seconds[i : i + _BLOCK] = _byte(pairs, 0) * HOUR + _byte(pairs, 3) * MINUTE + _byte(pairs, 6)
    if len(words) == len(values):
        return seconds
    spread = np.full(len(values), np.nan)
    spread[given] = seconds
    return spread


def whole_column(values: Any) -> NDArray[np.float64] | None:
    """Return whole numbers; None where any text is not one to nine digits. `values` as for `clock_column`."""
    lengths, characters = _texts(values)
    if lengths.min(initial=1) < 1 or lengths.max(initial=1) > _MOST_DIGITS:
        return None
    if (characters - np.uint8(ord("0")) > 9).any():
        return None
    return integers(values.cast(pa.int32())).astype(np.float64)


def _texts(values: Any) -> tuple[NDArray[np.int32], NDArray[np.uint8]]:
    """Return the number of bytes of every text, and the bytes of all of them."""
    if len(values) == 0:
        return np.empty(0, np.int32), np.empty(0, np.uint8)
    _, offsets, characters = values.buffers()
    ends = np.frombuffer(offsets, np.int32)[values.offset : values.offset + len(values) + 1]
    if characters is None:
        return np.diff(ends), np.empty(0, np.uint8)
    return np.diff(ends), np.frombuffer(characters, np.uint8)[ends[0] : ends[-1]]


def _byte(words: NDArray[np.uint64], place: int) -> NDArray[np.uint64]:
    return (words >> np.uint64(8 * place)) & np.uint64(0xFF)
