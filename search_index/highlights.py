"""Cuts texts into segments that are hits or not: titles whole, longer texts as one passage around the densest hits.

Segments are plain text; a page escapes and marks them.
"""

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Final

from search_index import tokens
from search_index.documents import ListingDocument
from search_index.requests import Hit, Segments

PASSAGE_CHARS: Final = 120
# A line of Latin letters holds twice as many.
_LATIN_PASSAGE_CHARS: Final = 220
_LONGEST_WORD: Final = 24
_LEAD: Final = 24
_SEARCHED_CHARS: Final = 1600
ELLIPSIS: Final = "…"
LANGUAGES: Final = ("zh", "en")


def pattern_of(words: Sequence[str]) -> re.Pattern[str] | None:
    """One pattern for many tokens: Han anywhere, other words from a word's beginning, stems with their endings."""
    longest = sorted({word for word in words if word}, key=len, reverse=True)
    han = [re.escape(word) for word in longest if tokens.is_han(word)]
    # A stem's final i stands for y as well (assembli: assembly, assemblies).
    stems = [re.sub("i$", "[iy]", word) for word in longest if word.isalpha() and not tokens.is_han(word)]
    exact = [re.escape(word) for word in longest if not word.isalpha()]
    parts = [*han]
    if stems:
        parts.append(rf"(?<![a-z])(?:{'|'.join(stems)})[a-z]{{0,5}}(?![a-z])")
    if exact:
        parts.append(rf"(?:(?<![a-z0-9])|(?=°))(?:{'|'.join(exact)})(?![a-z0-9])")
    return re.compile("|".join(parts)) if parts else None


def spans(text: str, pattern: re.Pattern[str] | None) -> list[tuple[int, int]]:
    """Hits as merged, half-open ranges of the original text."""
    if pattern is None or not text or (text.isascii() and _is_chinese_only(pattern)):
        return []
    aligned = tokens.align(text)
    return merge(aligned.span(*match.span()) for match in pattern.finditer(aligned.text) if match[0])


@lru_cache(maxsize=64)
def _is_chinese_only(pattern: re.Pattern[str]) -> bool:
    """Then an English text cannot hold it, which half of all texts are."""
    return all(ord(c) > 127 or c == "|" for c in pattern.pattern)


def merge(ranges: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Sorted; overlapping or touching ranges become one."""
    merged: list[tuple[int, int]] = []
    for start, end in sorted(ranges):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def segments(text: str, pattern: re.Pattern[str] | None) -> Segments:
    """The whole text, cut at its hits."""
    return cut(text, spans(text, pattern), 0, len(text))


def cut(text: str, found: Sequence[tuple[int, int]], start: int, end: int) -> Segments:
    """The part from `start` to `end`, cut at the sorted ranges in it."""
    pieces: list[tuple[str, bool]] = []
    at = start
    for left, right in ((max(left, start), min(right, end)) for left, right in found):
        if left >= right:
            continue
        if at < left:
            pieces.append((text[at:left], False))
        pieces.append((text[left:right], True))
        at = right
    if at < end:
        pieces.append((text[at:end], False))
    return tuple(pieces)


def passage(texts: Sequence[str], pattern: re.Pattern[str] | None) -> Segments:
    """The first of the texts with a hit, around its densest place; without a hit the beginning of the first text."""
    given = [text[:_SEARCHED_CHARS] for text in texts if text]
    for text in given:
        if found := spans(text, pattern):
            return _around(text, found)
    return _around(given[0], []) if given else ()


def _around(text: str, found: list[tuple[int, int]]) -> Segments:
    room = _LATIN_PASSAGE_CHARS if text[:PASSAGE_CHARS].isascii() else PASSAGE_CHARS
    start = _densest(text, found, room)
    start, end = _whole_words(text, start, min(len(text), start + room))
    pieces = cut(text, found, start, end)
    before = ((ELLIPSIS, False),) if start > 0 else ()
    after = ((ELLIPSIS, False),) if end < len(text) else ()
    return (*before, *pieces, *after)


def _densest(text: str, found: list[tuple[int, int]], size: int) -> int:
    """Where to begin so that most hits are inside; the earliest such place."""
    if not found or found[-1][1] <= size:
        return 0
    room = size - _LEAD
    best = max(found, key=lambda span: (sum(1 for s, e in found if s >= span[0] and e <= span[0] + room), -span[0]))
    return max(0, min(best[0] - _LEAD, len(text) - size))


def _whole_words(text: str, start: int, end: int) -> tuple[int, int]:
    """The same range without the pieces of Latin words at its ends; Chinese may be cut anywhere."""
    if start > 0 and _is_inside_a_word(text, start):
        gap = text.find(" ", start, start + _LONGEST_WORD)
        start = gap + 1 if gap >= 0 else start
    if end < len(text) and _is_inside_a_word(text, end):
        gap = text.rfind(" ", max(start, end - _LONGEST_WORD), end)
        end = gap if gap >= 0 else end
    return start, end


def _is_inside_a_word(text: str, at: int) -> bool:
    before, after = text[at - 1], text[at]
    return before.isascii() and after.isascii() and before.isalnum() and after.isalnum()


def hit_of(
    document: ListingDocument, score: float, pattern: re.Pattern[str] | None, *, languages: Sequence[str] = LANGUAGES
) -> Hit:
    """A found listing with its title and one passage in each of `languages`; in all where it is not whole in these."""
    wanted = languages if all(_is_whole(document, language) for language in languages) else LANGUAGES
    shown = {language: _in_language(document, language, pattern) if language in wanted else ((), ()) for language in LANGUAGES}
    return Hit(
        id=document.id,
        kind=document.kind,
        rev=document.rev,
        score=score,
        title_zh=shown["zh"][0],
        title_en=shown["en"][0],
        snippet_zh=shown["zh"][1],
        snippet_en=shown["en"][1],
        document=document,
    )


def _is_whole(document: ListingDocument, language: str) -> bool:
    title, summary, body = (getattr(document, f"{part}_{language}") for part in ("title", "summary", "body"))
    return bool(title and (summary or body))


def _in_language(document: ListingDocument, language: str, pattern: re.Pattern[str] | None) -> tuple[Segments, Segments]:
    title, summary, body = (getattr(document, f"{part}_{language}") for part in ("title", "summary", "body"))
    return segments(title, pattern), passage((summary, body), pattern)
