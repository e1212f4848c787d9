"""Normalised texts that still know where each character came from, many at once: for marking words in the original spelling.

Characters are folded one by one. Only `tokens.normalise` looks at neighbours (letters with loose accents, phrases of
traditional characters); what differs there is, at worst, found and not marked.
"""

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import accumulate
from typing import Final

import numpy as np
from numpy.typing import NDArray

from search_index.tokens import normalise

# Stands between two texts: no character of any language, so no word holds it.
BORDER: Final = "\uffff"
_SURROGATES: Final = range(0xD800, 0xE000)
_OF_TWO_UNITS: Final = re.compile("[\U00010000-\U0010ffff]")
# Some character that the table has no single one for.
_UNEVEN: Final = "\u00bd"


@dataclass(frozen=True, slots=True)
class Aligned:
    """Folded texts in one string, a border between any two, that still know where each character came from.

    A run of characters folded one to one begins at `folded_at` of this string and at `original_at` of the joined
    originals; between two runs stands one character that became none or several.
    """

    text: str
    starts: Sequence[int]
    folded_at: Sequence[int]
    original_at: Sequence[int]

    def place(self, start: int, end: int) -> tuple[int, int, int]:
        """Which text a range of the folded string lies in, and its half-open range there in the original spelling."""
        first, last = (self._origin(start), self._origin(end - 1)) if len(self.folded_at) > 1 else (start, end - 1)
        number = bisect_right(self.starts, first) - 1
        return number, first - self.starts[number], last + 1 - self.starts[number]

    def _origin(self, at: int) -> int:
        run = bisect_right(self.folded_at, at) - 1
        return min(self.original_at[run] + at - self.folded_at[run], self.original_at[run + 1] - 1)


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


def align(texts: Sequence[str]) -> Aligned:
    """All texts with one table look-up, as most of the cost of short texts is in the calls."""
    joined = BORDER.join(texts)
    units = _units(joined)
    if len(units) != len(joined):
        units = _units(_OF_TWO_UNITS.sub(_UNEVEN, joined))
    codes = _unit()[units]
    spelled = codes.tobytes().decode("utf-16-le")
    starts = [0, *accumulate(len(text) + 1 for text in texts)]
    uneven = np.flatnonzero(codes == 0).tolist()
    if not uneven:
        return Aligned(spelled, starts[:-1], (0,), (0, len(joined)))
    pieces: list[str] = []
    folded_at, original_at, length, at = [0], [0], 0, 0
    for here in uneven:
        piece = _folded_one(joined[here])
        pieces += (spelled[at:here], piece)
        folded_at += (length + here - at, length + here - at + len(piece))
        original_at += (here, here + 1)
        length, at = folded_at[-1], here + 1
    pieces.append(spelled[at:])
    return Aligned("".join(pieces), starts[:-1], folded_at, [*original_at, len(joined)])


def _units(text: str) -> NDArray[np.uint16]:
    return np.frombuffer(text.encode("utf-16-le"), np.dtype("<u2"))


@lru_cache(maxsize=20_000)
def _folded_one(character: str) -> str:
    return normalise(character)
