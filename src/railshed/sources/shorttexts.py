"""Short texts as rows of numbers: eight bytes of UTF-8 each, zeros behind; told apart without making strings.

No text holds a NUL byte (`csvparser` refuses it), so their lengths need not be kept.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

#: uint64 (n_texts, n_words), the first byte of a text lowest in its first word
Words = NDArray[np.uint64]
#: bytes of one word
SIZE = 8
_WORD = np.dtype("<u8")
#: by number of bytes: what keeps so many of a word
_KEEP = np.array([(1 << 8 * n) - 1 for n in range(SIZE + 1)], np.uint64)
#: bytes of words for a byte of text at most, and those that any table may take
_MOST_TIMES, _MOST_OF_ANY = 3, 1 << 20
#: rows looked at to see whether equal texts stand together, and the mean length of runs from which on they do
_SAMPLE, _LEAST_RUN = 1 << 10, 4


def words_for(longest: int) -> int:
    """Return the words that a text of `longest` bytes takes."""
    return max(1, -(-longest // SIZE))


def fit(n_words: int, n_bytes: int) -> bool:
    """Return whether so many words may stand for `n_bytes` of text; one long text among short ones takes too many."""
    return n_words * SIZE <= max(_MOST_TIMES * n_bytes, _MOST_OF_ANY)


def gather(block: NDArray[np.uint8], starts: NDArray[np.int64], lengths: NDArray[np.integer[Any]], out: Words) -> None:
    """Write the texts that begin at `starts` to `out`; `block` goes on for as many words behind the last start."""
    everywhere = np.ndarray(len(block) - SIZE + 1, _WORD, block.data, strides=(1,))  # a word at every byte
    least, most = int(lengths.min()), int(lengths.max())
    for k in range(out.shape[1]):
        if SIZE * k >= most:
            out[:, k] = 0
            continue
        words = everywhere[starts + SIZE * k if k else starts]
        if least == most < SIZE * (k + 1):
            words &= _KEEP[most - SIZE * k]
        elif least < SIZE * (k + 1):
            rest = lengths - SIZE * k if k else lengths
            words &= _KEEP[rest if most <= SIZE * (k + 1) and not k else np.minimum(np.maximum(rest, 0), SIZE)]
        out[:, k] = words


def words_of(texts: Any) -> Words | None:
    """Return an array of pyarrow, texts without nulls that come in parts, as words; None where it takes too many."""
    parts = [part for part in texts.chunks if len(part)]
    buffers = [part.buffers() for part in parts]
    ends = [
        np.frombuffer(offsets, np.int32)[part.offset : part.offset + len(part) + 1].astype(np.int64)
        for part, (_, offsets, _) in zip(parts, buffers, strict=True)
    ]
    n_words = words_for(max((int(np.diff(e).max()) for e in ends), default=0))
    if not fit(n_words * len(texts), sum(int(e[-1] - e[0]) + len(e) for e in ends)):
        return None
    words, row = np.empty((len(texts), n_words), np.uint64), 0
    for e, (_, _, characters) in zip(ends, buffers, strict=True):
        block = np.zeros(int(e[-1] - e[0]) + SIZE * n_words, np.uint8)
        if characters is not None:
            block[: e[-1] - e[0]] = np.frombuffer(characters, np.uint8)[e[0] : e[-1]]
        gather(block, e[:-1] - e[0], np.diff(e), words[row : row + len(e) - 1])
        row += len(e) - 1
    return words


def told_apart(words: Words) -> tuple[NDArray[np.int32], list[str]]:
    """Return the index of every text among the distinct texts, and these in the order in which they first appear."""
    if len(words) == 0:
        return np.empty(0, np.int32), []
    first_of_run = None
    if len(words) > _SAMPLE and np.count_nonzero(_changes(words[:_SAMPLE])) < _SAMPLE // _LEAST_RUN:
        # ids stand together: comparing with the row before is quicker than hashing
        first_of_run = np.flatnonzero(np.concatenate([[True], _changes(words)]))
    coded = _as_arrow(words if first_of_run is None else words[first_of_run]).dictionary_encode()
    codes = integers(coded.indices)
    if first_of_run is not None:
        codes = np.repeat(codes, np.diff(first_of_run, append=len(words)))
    n_distinct = len(coded.dictionary)
    distinct = np.frombuffer(coded.dictionary.buffers()[1], f"S{SIZE * words.shape[1]}", n_distinct)
    return codes, b"\0".join(distinct.tolist()).decode("utf-8").split("\0")


def _changes(words: Words) -> NDArray[np.bool_]:
    """Return which texts, from the second on, differ from the one before."""
    changes: NDArray[np.bool_] = words[1:, 0] != words[:-1, 0]
    for k in range(1, words.shape[1]):
        changes |= words[1:, k] != words[:-1, k]
    return changes


def _as_arrow(words: Words) -> Any:
    n_words = words.shape[1]
    if n_words == 1:
        return pa.array(words[:, 0])
    return pa.Array.from_buffers(pa.binary(SIZE * n_words), len(words), [None, pa.py_buffer(words)])


def integers(values: Any) -> NDArray[np.int32]:
    """Return an array of pyarrow as one of numpy; its own `to_numpy` imports pandas."""
    return np.asarray(np.from_dlpack(values), dtype=np.int32)
