"""How many documents hold a word or a character n-gram: the one table behind every tf-idf weight of ours.

Engines count differently and hide it; with this table the terms a match is recalled by and its score are the same on
each of them. Counts are hashed into fixed buckets, so memory does not grow with the collection; numbers of their own are
not counted and pass for words of one document.
"""

import io
import math
import os
import zlib
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import IO, Final

import numpy as np
from numpy.typing import NDArray

GRAM_BITS: Final = 20
WORD_BITS: Final = 20
# Raise when what is counted, or how it is hashed, changes: it is part of every schema's hash.
REVISION: Final = 2
# Numbers of this many digits, beside letters one digit fewer, and whatever longer runs hold one: nearly every such token
# (a patent, an article, a serial number) stands in one listing only. Each would fill a bucket, until no word is unknown.
_DIGITS_OF_ITS_OWN: Final = 5
_LENGTH_OF_ITS_OWN: Final = 16
_UNCOUNTED: Final = -1
# With more of the buckets for words in use, too many words nobody uses would pass for known ones.
MOST_IN_USE: Final = 1 / 3

# An unsaved count costs a little quality after a crash, a saved one the time to write the table.
_SAVE_EVERY: Final = 20
_SAVE_SHARE: Final = 0.02

Hashes = NDArray[np.uint32]


def is_worth_saving(unsaved: int, documents: int) -> bool:
    """Should a table of so many documents be written down, when so many of them are counted but not saved?"""
    return unsaved >= max(_SAVE_EVERY, int(documents * _SAVE_SHARE))


class FrequencyTable:
    """Document counts per hashed gram and word. Reading never changes it; only a writer calls `add`."""

    def __init__(self) -> None:
        self.documents = 0
        self._grams = np.zeros(1 << GRAM_BITS, np.uint32)
        self._words = np.zeros(1 << WORD_BITS, np.uint32)

    def add(self, *, grams: Hashes, words: Iterable[str], documents: int, grams_stand_for: int = 1) -> None:
        """Count `documents` more, given every (document, gram) and (document, word) pair once.

        Grams may come from a sample in which each document stands for `grams_stand_for`.
        """
        self.documents += documents
        _tally(self._grams, grams >> np.uint32(32 - GRAM_BITS), grams_stand_for)
        buckets = np.fromiter(map(_word_bucket, words), np.int64)
        _tally(self._words, buckets[buckets != _UNCOUNTED].astype(np.uint32), 1)

    def gram_idf(self, grams: Hashes) -> NDArray[np.float32]:
        """Smoothed inverse document frequency, at least 1."""
        return self._idf(self._grams[grams >> np.uint32(32 - GRAM_BITS)])

    def word_idf(self, words: list[str]) -> NDArray[np.float32]:
        """The same of words."""
        return self._idf(np.fromiter(map(self.word_count, words), np.uint32, count=len(words)))

    def word_count(self, word: str) -> int:
        """How many documents hold the word; 1 for a number of its own, which is not counted."""
        bucket = _word_bucket(word)
        return 1 if bucket == _UNCOUNTED else int(self._words[bucket])

    @property
    def words_in_use(self) -> int:
        """Of the 2 ** WORD_BITS buckets for words, how many are not empty."""
        return int(np.count_nonzero(self._words))

    @property
    def share_in_use(self) -> float:
        """The same as a share; see MOST_IN_USE."""
        return self.words_in_use / (1 << WORD_BITS)

    def rarity(self, words: Sequence[str]) -> float:
        """How telling words that must stand together are: the idf of the rarest, 0 when one of them is in no document."""
        fewest = min(map(self.word_count, words))
        return math.log((self.documents + 1) / (min(fewest, self.documents) + 1)) + 1 if fewest else 0.0

    def _idf(self, counts: NDArray[np.uint32]) -> NDArray[np.float32]:
        seen = np.minimum(counts, self.documents).astype(np.float32)
        return np.asarray(np.log((self.documents + 1) / (seen + 1)) + 1, np.float32)

    def include(self, other: "FrequencyTable") -> None:
        """Add what another table has counted of other documents."""
        self.documents += other.documents
        self._grams += other._grams  # noqa: SLF001 - of the same class
        self._words += other._words  # noqa: SLF001

    def save(self, path: Path) -> None:
        """Replace the file in one step."""
        partial = path.with_name(f"{path.name}.{os.getpid()}.part")
        with partial.open("wb") as file:
            self._write(file, np.savez)
        partial.replace(path)

    @classmethod
    def load(cls, path: Path) -> "FrequencyTable":
        """The saved table; a missing file is an empty one (weights are then all equal, which only costs quality)."""
        if not path.exists():
            return cls()
        with path.open("rb") as file:
            return cls._read(file)

    def to_bytes(self) -> bytes:
        """The same, packed, for a place that is no file."""
        target = io.BytesIO()
        self._write(target, np.savez_compressed)
        return target.getvalue()

    @classmethod
    def from_bytes(cls, packed: bytes) -> "FrequencyTable":
        """The inverse of `to_bytes`."""
        return cls._read(io.BytesIO(packed))

    def _write(self, file: IO[bytes], save: Callable[..., None]) -> None:
        """Only buckets in use are written."""
        grams, words = np.flatnonzero(self._grams), np.flatnonzero(self._words)
        save(
            file,
            documents=np.array([self.documents]),
            gram_at=grams.astype(np.uint32),
            gram_count=self._grams[grams],
            word_at=words.astype(np.uint32),
            word_count=self._words[words],
        )

    @classmethod
    def _read(cls, file: IO[bytes]) -> "FrequencyTable":
        table = cls()
        with np.load(file, allow_pickle=False) as saved:
            table.documents = int(saved["documents"][0])
            table._grams[saved["gram_at"]] = saved["gram_count"]
            table._words[saved["word_at"]] = saved["word_count"]
        return table


def _tally(counts: NDArray[np.uint32], buckets: Hashes, each: int) -> None:
    """Add `each` to every named bucket, as often as it is named."""
    touched, times = np.unique(buckets, return_counts=True)
    counts[touched] += (times * each).astype(np.uint32)


@lru_cache(maxsize=50_000)
def _word_bucket(word: str) -> int:
    return _UNCOUNTED if _is_a_number_of_its_own(word) else zlib.crc32(word.encode()) >> (32 - WORD_BITS)


def _is_a_number_of_its_own(word: str) -> bool:
    digits = sum(character.isdigit() for character in word)
    needed = _DIGITS_OF_ITS_OWN if digits == len(word) else _DIGITS_OF_ITS_OWN - 1
    return digits >= needed or (digits > 0 and len(word) > _LENGTH_OF_ITS_OWN)
