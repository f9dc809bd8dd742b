"""Clock times and degrees of a whole column at once, where they are written as nearly all feeds write them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from railshed.sources.shorttexts import Words, size_of, texts_of
from railshed.units import HOUR, MINUTE

#: characters of HH:MM:SS; by place, how far each may lie above that of the first text
_FIRST_CLOCK, _MOST_ABOVE = b"00:00:00", (9, 9, 0, 5, 9, 0, 5, 9)
_WORD = np.dtype("<u8")
_FIRST = np.frombuffer(_FIRST_CLOCK, _WORD)[0]
#: added to bytes, it sets the high bit of those that are too large
_SPARE = np.frombuffer(bytes(0x7F - most for most in _MOST_ABOVE), _WORD)[0]
_HIGH_BITS = np.frombuffer(b"\x80" * 8, _WORD)[0]
#: digits that a float holds as they are, powers of ten that it holds, and bytes of a number of degrees
_DIGITS, _TENS, _LONGEST = 15, np.array([float(10**n) for n in range(16)]), 24
_MINUS, _DOT, _ZERO = b"-.0"
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
    values = _decimals(words)
    if values is not None:
        n_blank = np.count_nonzero(np.isnan(values))
        return values if np.count_nonzero(np.abs(values) <= limit) + n_blank == len(values) else None
    texts = texts_of(words)
    if b"_" in b"".join(texts):  # float() takes 1_0 for ten
        return None
    try:
        values = np.array([float(text or b"nan") for text in texts], dtype=np.float64)
    except ValueError:
        return None
    n_known = np.count_nonzero(np.abs(values) <= limit)
    return values if n_known + texts.count(b"") == len(texts) else None


def _decimals(words: Words) -> NDArray[np.float64] | None:
    """Return numbers like -99.07166, each as `float` reads it, NaN where blank; None where any is written otherwise.

    Of two numbers that floats hold exactly, all digits and a power of ten, the quotient is the nearest float.
    """
    if size_of(words) > _LONGEST:
        return None
    text = np.stack(words).view(np.uint8).reshape(len(words), len(words[0]), words[0].itemsize)
    columns = [part[:, k] for part in text for k in range(part.shape[1])]
    whole = np.zeros(len(words[0]), np.int64)
    n_digits, n_behind, n_dots = (np.zeros(len(whole), np.uint8) for _ in range(3))
    is_negative = columns[0] == _MINUS
    n_others = is_negative.astype(np.uint8)
    for column in columns:
        digit = column - np.uint8(_ZERO)
        is_digit = digit <= 9
        whole = np.where(is_digit, whole * 10 + digit, whole)
        n_digits += is_digit
        n_behind += is_digit & (n_dots > 0)
        n_dots += column == _DOT
        n_others += column == 0
    plain = (n_dots <= 1) & (n_digits <= _DIGITS) & (n_digits + n_dots + n_others == len(columns))
    blank = columns[0] == 0
    if not (plain & ((n_digits > 0) | blank)).all():
        return None
    values: NDArray[np.float64] = whole / _TENS[n_behind]
    values[is_negative] *= -1
    values[blank] = np.nan
    return values


def _byte(words: NDArray[np.uint64], place: int) -> NDArray[np.uint64]:
    return (words >> np.uint64(8 * place)) & np.uint64(0xFF)
