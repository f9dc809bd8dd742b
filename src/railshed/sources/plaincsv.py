"""CSV as nearly all feeds write it, split at its commas: as many in every line, quotes around whole values only."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from railshed.sources.shorttexts import Words, empty_words, fit, gather, size_for, size_of, widened

#: split at once: so many stay in the cache. A longer line is not plain
_BLOCK_BYTES = 1 << 19
#: a longer value is not plain. Twice as many bytes stand behind a block, so that words may end there
_LONGEST_BYTES = 1 << 12
_COMMA, _LF, _CR, _QUOTE = b',\n\r"'
_Bytes = NDArray[np.uint8]


def split_plain(data: bytes | bytearray, start: int, n_columns: int, wanted: Sequence[int]) -> list[Words] | None:
    """Return the values of the `wanted` columns, counted from 0; None where any line is not plain.

    `data` is UTF-8 without NUL bytes whose first row begins at `start`. Lines end in LF, or all of them in CRLF; the
    last one needs no end, and blank lines may follow it.
    """
    if n_columns < 2 or not wanted:
        return None
    end = len(data)
    while end > start and data[end - 1] in b"\r\n":
        end -= 1
    values = np.frombuffer(data, np.uint8)[start:end]
    n_rows = 1 + sum(_count(values[i : i + _BLOCK_BYTES], _LF) for i in range(0, len(values), _BLOCK_BYTES))
    columns = [empty_words(1, n_rows) for _ in wanted]
    row = 0
    for block, size in _blocks(data, start, end):
        places = _places(block[:size], n_columns)
        if places is None:
            return None
        starts, lengths = places
        sizes = [max(size_for(int(lengths[:, j].max())), size_of(c)) for j, c in zip(wanted, columns, strict=True)]
        if not fit(sum(sizes) * n_rows, len(data)):
            return None
        columns = list(map(widened, columns, sizes))
        here = slice(row, row := row + len(starts))
        for column, words in zip(wanted, columns, strict=True):
            gather(block, starts[:, column], lengths[:, column], words, here)
    return columns if row == n_rows else None


def _count(values: _Bytes, byte: int) -> int:
    return int(np.count_nonzero(values == byte))


def _blocks(data: bytes | bytearray, start: int, end: int) -> Iterator[tuple[_Bytes, int]]:
    """Yield whole lines and the bytes that they take, each time in the same place; none from a line too long on."""
    values = np.frombuffer(data, np.uint8)
    block = np.zeros(min(_BLOCK_BYTES, end - start) + 2 * _LONGEST_BYTES, np.uint8)
    first_end = data.find(b"\n", start)
    line_end = b"\r\n" if data[first_end - 1 : first_end] == b"\r" else b"\n"
    while start < end:
        stop = min(start + _BLOCK_BYTES, end)
        if stop < end:
            stop = data.rfind(b"\n", start, stop) + 1
        size = stop - start
        if size <= 0:
            return
        block[:size] = values[start:stop]
        if stop == end:
            block[size : size + len(line_end)] = np.frombuffer(line_end, np.uint8)
            size += len(line_end)
        yield block, size
        start = stop


def _places(text: _Bytes, n_columns: int) -> tuple[NDArray[np.int64], NDArray[np.int16]] | None:
    """Return (n_rows, n_columns) where the values start, and their lengths; None where any line is not plain."""
    is_end = text == _LF
    n_rows, n_quotes = int(np.count_nonzero(is_end)), _count(text, _QUOTE)
    is_mark = is_end | (text == _COMMA)
    if n_quotes and np.count_nonzero(is_mark) != n_rows * n_columns:
        is_mark &= ~np.logical_xor.accumulate(text == _QUOTE)  # commas within quotes; a line end there is not plain
    ends = np.flatnonzero(is_mark)
    row_ends = ends[n_columns - 1 :: n_columns]
    if len(ends) != n_rows * n_columns or not is_end[row_ends].all():
        return None
    starts = np.empty_like(ends)
    starts[0] = 0
    np.add(ends[:-1], 1, out=starts[1:])
    n_returns = _count(text, _CR)
    if n_returns:
        row_ends -= 1
        if n_returns != n_rows or not (text[row_ends] == _CR).all():
            return None
    if n_quotes:
        quoted = (text[starts] == _QUOTE) & (text[ends - 1] == _QUOTE) & (ends - starts > 1)
        if n_quotes != 2 * np.count_nonzero(quoted):
            return None
        starts += quoted
        ends -= quoted
    lengths = np.subtract(ends, starts, out=ends)
    if lengths.max() > _LONGEST_BYTES:
        return None
    return starts.reshape(-1, n_columns), lengths.astype(np.int16).reshape(-1, n_columns)
