"""Packs the stored record of a listing with a dictionary of its own collection, so that what all records share is kept once.

The stored records are the greater part of an index, and a process that reads them maps them: packed they take half of the
room. The dictionary belongs to a generation, is learnt from its first batch and never changes.
"""

import os
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import zstandard

LEARNT: Final = "dictionary.zstd"
# Raise when what is packed, or how, changes: it is part of the schema's hash.
REVISION: Final = 2
# Larger ones gain little more, and each process holds its own.
_DICTIONARY_BYTES: Final = 16_384
_LEVEL: Final = 6


class Packer(threading.local):
    """Packs and unpacks one generation's records. Safe for threads: each has its own of what is not."""

    def __init__(self, learnt: bytes = b"") -> None:
        dictionary = zstandard.ZstdCompressionDict(learnt) if learnt else None
        self._compressor = zstandard.ZstdCompressor(_LEVEL, dict_data=dictionary)
        self._decompressor = zstandard.ZstdDecompressor(dict_data=dictionary)

    @classmethod
    def of(cls, folder: Path) -> "Packer":
        """The packer of a generation; one that was never filled at once has no dictionary."""
        path = folder / LEARNT
        return cls(path.read_bytes() if path.exists() else b"")

    @classmethod
    def begin(cls, folder: Path, records: Sequence[bytes]) -> "Packer":
        """Learn from the first records of an empty generation, and keep it before anything is packed with it."""
        try:
            learnt = zstandard.train_dictionary(_DICTIONARY_BYTES, list(records)).as_bytes()
        except zstandard.ZstdError:  # too few records to learn from
            return cls()
        partial = folder / f"{LEARNT}.part"
        with partial.open("wb") as file:
            file.write(learnt)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(folder / LEARNT)
        return cls(learnt)

    def pack(self, record: bytes) -> bytes:
        return self._compressor.compress(record)

    def unpack(self, packed: bytes) -> bytes:
        """The record again. Raises zstandard.ZstdError when it was packed with another dictionary, or is damaged."""
        return self._decompressor.decompress(packed)
