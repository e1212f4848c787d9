"""Corrected spellings of a query that finds nothing, from words that titles and keywords of the index really hold.

It decides which words are near; whether a correction finds anything the reader may see, the engine checks.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Final

from search_index import tokens

_CANDIDATES: Final = 3
_LATIN_MINIMUM: Final = 4
_HAN_MINIMUM: Final = 2
_TWO_EDITS_FROM: Final = 8

# ((slips, minus count), word)
Near = tuple[tuple[int, int], str]


def words_for_spelling(spelled: str) -> list[str]:
    """Words of a normalised text as people write them, unstemmed: what a correction may offer."""
    return [word for word in tokens.plain_words(spelled) if _is_correctable(word)]


def _is_correctable(word: str) -> bool:
    if tokens.is_han(word):
        return len(word) >= _HAN_MINIMUM
    return word.isascii() and word.isalpha() and len(word) >= _LATIN_MINIMUM


def corrections(
    query: str, near: Callable[[str], list[Near]], *, are_known: Callable[[Sequence[tokens.Unit]], list[bool]]
) -> list[str]:
    """Queries with an unknown word replaced by a near known one, likeliest first; empty when all words are known."""
    found = tokens.units(query)
    text = tokens.normalise(query)
    nearest = [
        (rank, text.replace(word, other))
        for word in _suspects(found, are_known(found))
        for rank, other in near(word)[:_CANDIDATES]
    ]
    ordered = (" ".join(corrected.split()) for _, corrected in sorted(nearest))
    return [corrected for corrected in dict.fromkeys(ordered) if corrected != text]


def _suspects(found: tuple[tokens.Unit, ...], known: Sequence[bool]) -> list[str]:
    """Unknown words, and each with its neighbour: a slip in a Chinese word usually makes it fall apart."""
    suspects: dict[str, None] = {}
    for at, (unit, is_known) in enumerate(zip(found, known, strict=True)):
        if is_known:
            continue
        pairs = (found[max(at - 1, 0) : at + 1], found[at : at + 2])
        joined = ["".join(one.surface for one in pair) for pair in pairs if len(pair) == 2]
        suspects |= dict.fromkeys(word for word in (*joined, unit.surface) if _is_correctable(word))
    return list(suspects)


def slips_allowed(word: str) -> int:
    """Two for long Latin words, else one."""
    return 2 if word.isascii() and len(word) >= _TWO_EDITS_FROM else 1


def near(word: str, vocabulary: Iterable[tuple[str, int]]) -> list[Near]:
    """Those of the known words, given with their counts, that are at most so many slips away, likeliest first."""
    allowed = slips_allowed(word)
    found: list[Near] = []
    for other, count in vocabulary:
        if abs(len(other) - len(word)) > allowed or other == word or other.isascii() is not word.isascii():
            continue
        if (slips := distance(word, other, allowed)) <= allowed:
            found.append(((slips, -count), other))
    return sorted(found)


def distance(a: str, b: str, limit: int) -> int:
    """Insertions, deletions, replacements and swaps of neighbours that turn `a` into `b`; `limit` + 1 when more."""
    if len(set(a) - set(b)) > limit:
        return limit + 1
    before: list[int] = []
    row = list(range(len(b) + 1))
    for i, left in enumerate(a, 1):
        older, before, row = before, row, [i]
        for j, right in enumerate(b, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (left != right))
            if i > 1 and j > 1 and left == b[j - 2] and a[i - 2] == right:
                cost = min(cost, older[j - 2] + 1)
            row.append(cost)
        if min(row) > limit:
            return limit + 1
    return row[-1]
