"""Normalised texts that still know where each character came from, many at once: for marking words in the original spelling.

Characters are folded one by one. Only `tokens.normalise` looks at neighbours (letters with loose accents, phrases of
traditional characters); what differs there is, at worst, found and not marked.
"""

import unicodedata
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import accumulate, pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from search_index.tokens import normalise

_SURROGATES: Final = range(0xD800, 0xE000)


@dataclass(frozen=True, slots=True)
class Aligned:
    """A normalised text that still knows where each character came from; without `origin` it stands where it stood."""

    text: str
    origin: tuple[int, ...] | None = None

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The original half-open range behind a range of the normalised text."""
        if self.origin is None:
            return start, end
        return self.origin[start], self.origin[end - 1] + 1


@cache
def folded() -> NDArray[np.uint32]:
    """For each 16-bit unit the one character it is normalised to; 0 where that is none or several, and for surrogates."""
    table = np.zeros(1 << 16, np.uint32)
    every = (chr(code) for code in range(1 << 16) if code not in _SURROGATES)
    single = {char: spelled for char in every if len(spelled := unicodedata.normalize("NFKC", char).lower()) == 1}
    # Joined by line ends, which normalise to blanks: characters convert one by one, and in one call.
    for char, spelled in zip(single, normalise("\n".join(single.values()))[::2], strict=True):
        table[ord(char)] = ord(spelled)
    return table


@cache
def _unit() -> NDArray[np.uint16]:
    """The same where one unit becomes one unit."""
    return np.where(folded() < 1 << 16, folded(), 0).astype(np.uint16)


def align(text: str) -> Aligned:
    """One text; see `align_all`."""
    return align_all((text,))[0]


def align_all(texts: Sequence[str]) -> list[Aligned]:
    """Each text folded, with positions: one table look-up for all, as most of the cost of short texts is in the calls."""
    joined = "".join(texts)
    units = np.frombuffer(joined.encode("utf-16-le"), np.dtype("<u2"))
    if len(units) != len(joined):  # characters of two units
        return [_folded_singly(text) for text in texts]
    codes = _unit()[units]
    spelled = codes.tobytes().decode("utf-16-le")
    uneven = np.flatnonzero(codes == 0).tolist()
    found: list[Aligned] = []
    for start, end in pairwise(accumulate(map(len, texts), initial=0)):
        here = uneven[bisect_left(uneven, start) : bisect_left(uneven, end)] if uneven else uneven
        found.append(_with_positions(joined, spelled, start, end, here) if here else Aligned(spelled[start:end]))
    return found


def _with_positions(joined: str, spelled: str, start: int, end: int, uneven: Sequence[int]) -> Aligned:
    """The part from `start` to `end`, runs of even characters at once and all others one by one."""
    pieces: list[str] = []
    origin: list[int] = []
    at = start
    for here in uneven:
        piece = _folded_one(joined[here])
        pieces += (spelled[at:here], piece)
        origin += (*range(at - start, here - start), *(here - start for _ in piece))
        at = here + 1
    pieces.append(spelled[at:end])
    origin += range(at - start, end - start)
    return Aligned("".join(pieces), tuple(origin))


def _folded_singly(text: str) -> Aligned:
    pieces = [_folded_one(character) for character in text]
    return Aligned("".join(pieces), tuple(at for at, piece in enumerate(pieces) for _ in piece))


@lru_cache(maxsize=20_000)
def _folded_one(character: str) -> str:
    return normalise(character)
