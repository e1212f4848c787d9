"""How many documents hold a word or a character n-gram: the one table behind every tf-idf weight of ours.

Engines count differently and hide it; with this table the terms a match is recalled by and its score are the same on
each of them. Counts are hashed into fixed buckets, so memory does not grow with the collection.
"""

import io
import os
import zlib
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import IO, Final

import numpy as np
from numpy.typing import NDArray

GRAM_BITS: Final = 20
WORD_BITS: Final = 18

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
        _tally(self._words, np.fromiter(map(_word_bucket, words), np.uint32), 1)

    def gram_idf(self, grams: Hashes) -> NDArray[np.float32]:
        """Smoothed inverse document frequency, at least 1."""
        return self._idf(self._grams[grams >> np.uint32(32 - GRAM_BITS)])

    def word_idf(self, words: list[str]) -> NDArray[np.float32]:
        buckets = np.fromiter((_word_bucket(word) for word in words), np.int64, count=len(words))
        return self._idf(self._words[buckets])

    def word_count(self, word: str) -> int:
        return int(self._words[_word_bucket(word)])

    def rarity(self, words: Sequence[str]) -> float:
        """How telling words that must stand together are: the idf of the rarest, 0 when one of them is in no document."""
        if any(not self.word_count(word) for word in words):
            return 0.0
        return float(self.word_idf(list(words)).max())

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
    return zlib.crc32(word.encode()) >> (32 - WORD_BITS)
