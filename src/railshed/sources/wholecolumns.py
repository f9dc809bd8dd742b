"""Clock times and degrees of a whole column at once, where they are written as nearly all feeds write them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from railshed.sources.shorttexts import Words, texts_of
from railshed.units import HOUR, MINUTE

#: characters of HH:MM:SS; by place, how far each may lie above that of the first text
_FIRST_CLOCK, _MOST_ABOVE = b"00:00:00", (9, 9, 0, 5, 9, 0, 5, 9)
_WORD = np.dtype("<u8")
_FIRST = np.frombuffer(_FIRST_CLOCK, _WORD)[0]
#: added to bytes, it sets the high bit of those that are too large
_SPARE = np.frombuffer(bytes(0x7F - most for most in _MOST_ABOVE), _WORD)[0]
_HIGH_BITS = np.frombuffer(b"\x80" * 8, _WORD)[0]
#: texts handled at once: so many stay in the cache
_BLOCK = 1 << 14


def clock_column(words: Words) -> NDArray[np.float64] | None:
    """Return clock seconds, NaN where the text is blank; None where any text is neither that nor like 07:30:00."""
    if len(words) > 1:
        return None
    texts = words[0].astype(_WORD, copy=False)
    given = texts != 0
    is_whole = bool(given.all())
    clocks = texts if is_whole else texts[given]
    seconds = np.empty(len(clocks))
    for i in range(0, len(clocks), _BLOCK):
        above = clocks[i : i + _BLOCK] ^ _FIRST
        if (((above + _SPARE) | above) & _HIGH_BITS).any():
            return None
        pairs = above * np.uint64(10) + (above >> np.uint64(8))  # HH, MM and SS are now bytes 0, 3 and 6
        seconds[i : i + _BLOCK] = _byte(pairs, 0) * HOUR + _byte(pairs, 3) * MINUTE + _byte(pairs, 6)
    if is_whole:
        return seconds
    spread = np.full(len(texts), np.nan)
    spread[given] = seconds
    return spread


def degrees_column(words: Words, limit: int) -> NDArray[np.float64] | None:
    """Return degrees, NaN where the text is blank; None where any text is no number from -`limit` to `limit`."""
    texts = texts_of(words)
    if b"_" in b"".join(texts):  # float() takes 1_0 for ten
        return None
    try:
        values = np.array([float(text or b"nan") for text in texts], dtype=np.float64)
    except ValueError:
        return None
    n_known = np.count_nonzero(np.abs(values) <= limit)
    return values if n_known + texts.count(b"") == len(texts) else None


def _byte(words: NDArray[np.uint64], place: int) -> NDArray[np.uint64]:
    return (words >> np.uint64(8 * place)) & np.uint64(0xFF)
