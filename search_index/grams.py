"""Character 1-3-grams of many texts at once, as 32-bit hashes in numpy arrays.

It decides what counts as a character (folded as in `aligning`, one table look-up each) and where a gram may not
cross; weights and cosines are made in `similarity`.
"""

import unicodedata
from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from search_index.aligning import folded

ORDERS: Final = (1, 2, 3)
# Raise when the grams below change: stored frequencies are then of no use, and the index asks for a rebuild.
REVISION: Final = 2
_FIRST_IDEOGRAPH: Final = 0x2E80
_ZERO: Final = 0x30
_NINE: Final = 0x39
_FACTOR: Final = np.uint32(0x9E3779B1)
_MIX: Final = np.uint32(0x85EBCA6B)


@cache
def _fold() -> NDArray[np.uint32]:
    """For each 16-bit code unit its folded character, or 0 where a gram ends (blanks, punctuation, surrogates)."""
    ends = [code for code in range(1 << 16) if unicodedata.category(chr(code))[0] not in "LN"]
    table = folded().astype(np.uint32)
    table[ends] = 0
    return table


@dataclass(frozen=True, slots=True)
class Grams:
    """All grams of one order in a batch: the hash, the text it is from, and where it starts in the joined batch."""

    hashes: NDArray[np.uint32]
    owner: NDArray[np.uint32]
    start: NDArray[np.int64]


def of_texts(texts: list[str]) -> tuple[Grams, ...]:
    """Grams of each order in ORDERS. Texts are joined with a separator no gram crosses."""
    encoded = [text.encode("utf-16-le", "surrogatepass") for text in texts]
    units = np.frombuffer(b"\0\0".join(encoded), np.dtype("<u2"))
    lengths = np.fromiter((len(data) // 2 + 1 for data in encoded), np.int64, count=len(encoded))
    owner = np.repeat(np.arange(len(texts), dtype=np.uint32), lengths)[: len(units)]
    codes = _fold()[units]
    if not len(codes):
        return tuple(Grams(codes, owner, np.zeros(0, np.int64)) for _ in ORDERS)
    found: list[Grams] = []
    rolling, whole = codes, codes != 0
    # Single letters and digits, and pairs of letters, say nothing: every text of an alphabet shares them.
    telling = {1: codes >= _FIRST_IDEOGRAPH, 2: _pairs_that_tell(codes)}
    for order in ORDERS:
        if order > 1:
            tail = codes[order - 1 :]
            rolling = rolling[: len(tail)] * _FACTOR + tail
            whole = whole[: len(tail)] & (tail != 0)
        at = np.flatnonzero(whole & telling[order] if order in telling else whole)
        found.append(Grams(_mix(rolling[at] + np.uint32(order)), owner[at], at))
    return tuple(found)


def _pairs_that_tell(codes: NDArray[np.uint32]) -> NDArray[np.bool_]:
    letters = (codes < _FIRST_IDEOGRAPH) & ((codes < _ZERO) | (codes > _NINE))
    return ~(letters[:-1] & letters[1:])


def _mix(values: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """Spread the bits: the upper ones choose a bucket, so they must depend on all."""
    values = (values ^ (values >> np.uint32(16))) * _MIX
    values = (values ^ (values >> np.uint32(13))) * _FACTOR
    return np.asarray(values ^ (values >> np.uint32(16)), np.uint32)
