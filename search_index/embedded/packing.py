"""Packs the stored record of a listing against a sample of its own collection, so that what all records share is kept once.

The stored records are the greater part of an index, and a process that reads them maps them: packed they take three
fifths of the room. The sample belongs to a generation, is taken from its first batch and never changes.
"""

import os
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Final

SAMPLE: Final = "sample.bin"
# Raise when what is packed, or how, changes: it is part of the schema's hash.
REVISION: Final = 1
_LEVEL: Final = 6
_SAMPLED: Final = 8
# Sample and record should lie within deflate's 32 kB of memory.
_SAMPLE_BYTES: Final = 20_000


class Packer:
    """Packs and unpacks one generation's records. Safe for threads."""

    def __init__(self, sample: bytes = b"") -> None:
        self.sample = sample

    @classmethod
    def of(cls, folder: Path) -> "Packer":
        """The packer of a generation; one that was never filled at once has no sample."""
        path = folder / SAMPLE
        return cls(path.read_bytes() if path.exists() else b"")

    @classmethod
    def begin(cls, folder: Path, records: Sequence[bytes]) -> "Packer":
        """Take the sample from the first records of an empty generation and keep it before anything is packed with it."""
        step = max(1, len(records) // _SAMPLED)
        sample = b"".join(records[::step][:_SAMPLED])[:_SAMPLE_BYTES]
        partial = folder / f"{SAMPLE}.part"
        with partial.open("wb") as file:
            file.write(sample)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(folder / SAMPLE)
        return cls(sample)

    def pack(self, record: bytes) -> bytes:
        packer = zlib.compressobj(_LEVEL, zdict=self.sample)
        return packer.compress(record) + packer.flush()

    def unpack(self, packed: bytes) -> bytes:
        """The record again. Raises zlib.error when it was packed with another sample, or is damaged."""
        return zlib.decompressobj(zdict=self.sample).decompress(packed)
