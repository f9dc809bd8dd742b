"""Short texts as rows of numbers: their bytes in UTF-8, zeros behind; told apart without making strings.

No text holds a NUL byte (`csvparser` refuses it), so their lengths need not be kept.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

#: one number a text, as narrow as can be, or several of eight bytes; the first byte of a text is the lowest
Words = list[NDArray[np.unsignedinteger[Any]]]
_WIDEST = 8
_NARROW = (1, 2, 4)
#: by bytes of a number and bytes kept: what keeps so many
_KEEP = {size: np.array([(1 << 8 * n) - 1 for n in range(size + 1)], f"<u{size}") for size in (*_NARROW, _WIDEST)}
#: bytes of words for a byte of text at most, and those that any table may take
_MOST_TIMES, _MOST_OF_ANY = 3, 1 << 20
#: rows looked at to see whether equal texts stand together, and the mean length of runs from which on they do
_SAMPLE, _LEAST_RUN = 1 << 10, 4


def size_for(longest: int) -> int:
    """Return the bytes in which texts of up to `longest` bytes are kept."""
    return next((size for size in _NARROW if longest <= size), -(-longest // _WIDEST) * _WIDEST)


def fit(n_kept: int, n_bytes: int) -> bool:
    """Return whether so many bytes may stand for `n_bytes` of text; one long text among short ones takes too many."""
    return n_kept <= max(_MOST_TIMES * n_bytes, _MOST_OF_ANY)


def size_of(words: Words) -> int:
    """Return the bytes in which each text is kept."""
    return sum(part.itemsize for part in words)


def empty_words(size: int, n_texts: int) -> Words:
    """Return room for texts."""
    return [np.empty(n_texts, f"<u{min(size, _WIDEST)}") for _ in range(-(-size // _WIDEST))]


def widened(words: Words, size: int) -> Words:
    """Return the texts in more bytes each."""
    if size_of(words) >= size:
        return words
    first = words[0].astype(f"<u{min(size, _WIDEST)}", copy=False)
    more = [np.zeros_like(first) for _ in range(-(-size // _WIDEST) - len(words))]
    return [first, *words[1:], *more]


def gather(
    block: NDArray[np.uint8], starts: NDArray[np.int64], lengths: NDArray[np.integer[Any]], out: Words, at: slice
) -> None:
    """Write the texts that begin at `starts` to the rows `at` of `out`.

    `block` goes on for as many bytes behind the last start as each text is kept in.
    """
    least, most, done = int(lengths.min()), int(lengths.max()), 0
    for part in out:
        size = part.itemsize
        everywhere = np.ndarray(len(block) - size + 1, part.dtype, block.data, strides=(1,))  # a number at every byte
        if most <= done:
            part[at] = 0
        else:
            found = everywhere[starts + done if done else starts]
            if least < done + size:
                rest = lengths if most <= size else np.minimum(np.maximum(lengths - done, 0), size)
                found &= _KEEP[size][most - done if least == most else rest]
            part[at] = found
        done += size


def words_of(texts: Any) -> Words | None:
    """Return an array of pyarrow, texts without nulls that come in parts, as words; None where it takes too many."""
    parts = [part for part in texts.chunks if len(part)]
    buffers = [part.buffers() for part in parts]
    ends = [
        np.frombuffer(offsets, np.int32)[part.offset : part.offset + len(part) + 1].astype(np.int64)
        for part, (_, offsets, _) in zip(parts, buffers, strict=True)
    ]
    size = size_for(max((int(np.diff(e).max()) for e in ends), default=0))
    if not fit(size * len(texts), sum(int(e[-1] - e[0]) + len(e) for e in ends)):
        return None
    words, row = empty_words(size, len(texts)), 0
    for e, (_, _, characters) in zip(ends, buffers, strict=True):
        block = np.zeros(int(e[-1] - e[0]) + size, np.uint8)
        if characters is not None:
            block[: e[-1] - e[0]] = np.frombuffer(characters, np.uint8)[e[0] : e[-1]]
        gather(block, e[:-1] - e[0], np.diff(e), words, slice(row, row := row + len(e) - 1))
    return words


def texts_of(words: Words) -> list[bytes]:
    """Return the texts as bytes."""
    together = words[0] if len(words) == 1 else np.stack(words, axis=1)
    texts: list[bytes] = together.view(f"S{size_of(words)}").ravel().tolist()
    return texts


def decoded(texts: list[bytes]) -> list[str]:
    """Return texts in UTF-8 without NUL bytes as strings, all at once."""
    return b"\0".join(texts).decode("utf-8").split("\0") if texts else []


def told_apart(words: Words) -> tuple[NDArray[np.int32], list[str]]:
    """Return the index of every text among the distinct texts, and these in the order in which they first appear."""
    n_texts = len(words[0])
    if n_texts == 0:
        return np.empty(0, np.int32), []
    first_of_run = None
    sample = [part[:_SAMPLE] for part in words]
    if n_texts > _SAMPLE and np.count_nonzero(_changes(sample)) < _SAMPLE // _LEAST_RUN:
        # ids stand together: comparing with the row before is quicker than hashing
        first_of_run = np.flatnonzero(np.concatenate([[True], _changes(words)]))
    coded = _as_arrow(words if first_of_run is None else [part[first_of_run] for part in words]).dictionary_encode()
    codes = integers(coded.indices)
    if first_of_run is not None:
        codes = np.repeat(codes, np.diff(first_of_run, append=n_texts))
    distinct = np.frombuffer(coded.dictionary.buffers()[1], f"S{size_of(words)}", len(coded.dictionary))
    return codes, decoded(distinct.tolist())


def _changes(words: Words) -> NDArray[np.bool_]:
    """Return which texts, from the second on, differ from the one before."""
    changes: NDArray[np.bool_] = words[0][1:] != words[0][:-1]
    for part in words[1:]:
        changes |= part[1:] != part[:-1]
    return changes


def _as_arrow(words: Words) -> Any:
    if len(words) == 1:
        return pa.array(words[0])
    together = pa.py_buffer(np.stack(words, axis=1))
    return pa.Array.from_buffers(pa.binary(size_of(words)), len(words[0]), [None, together])


def integers(values: Any) -> NDArray[np.int32]:
    """Return an array of pyarrow as one of numpy; its own `to_numpy` imports pandas."""
    return np.asarray(np.from_dlpack(values), dtype=np.int32)
