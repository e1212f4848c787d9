"""Cuts texts into segments that are hits or not: titles whole, longer texts as one passage around the densest hits.

Segments are plain text; a page escapes and marks them.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from search_index import tokens
from search_index.aligning import align
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
_NOT_SHOWN: Final[tuple[Segments, Segments]] = ((), ())


@dataclass(frozen=True, slots=True)
class Marker:
    """Finds words in a folded text: Han anywhere, others from a word's beginning, stems with their endings.

    Chinese words are looked for as they are: a pattern of them would take longer to make than a page to search.
    """

    han: tuple[str, ...]
    latin: tuple[str, ...]
    pattern: re.Pattern[str] | None

    def find(self, text: str) -> list[tuple[int, int, str]]:
        """Each place with its word, in order."""
        found: list[tuple[int, int, str]] = []
        for word in self.han:
            at = text.find(word)
            while at >= 0:
                found.append((at, at + len(word), word))
                at = text.find(word, at + 1)
        for match in self.pattern.finditer(text) if self.pattern else ():
            written = match[0]
            found.append((*match.span(), next(word for word in self.latin if written.startswith((word, _with_y(word))))))
        found.sort()
        return found


def marker_of(words: Iterable[str]) -> Marker:
    """For these tokens."""
    longest = sorted({word for word in words if word}, key=len, reverse=True)
    latin = tuple(word for word in longest if not tokens.is_han(word))
    # A stem's final i stands for y as well (assembli: assembly, assemblies).
    stems = [re.sub("i$", "[iy]", word) for word in latin if word.isalpha()]
    exact = [re.escape(word) for word in latin if not word.isalpha()]
    parts = [rf"(?<![a-z])(?:{'|'.join(stems)})[a-z]{{0,5}}(?![a-z])"] if stems else []
    if exact:
        parts.append(rf"(?:(?<![a-z0-9])|(?=°))(?:{'|'.join(exact)})(?![a-z0-9])")
    return Marker(tuple(word for word in longest if tokens.is_han(word)), latin, re.compile("|".join(parts)) if parts else None)


def _with_y(stem: str) -> str:
    return f"{stem[:-1]}y" if stem.endswith("i") else stem


Ranges = list[tuple[int, int]]


def spans(texts: Sequence[str], marker: Marker) -> list[Ranges]:
    """Hits in each text as merged, half-open ranges of its original spelling."""
    merged: list[Ranges] = [[] for _ in texts]
    if not (marker.han or marker.latin):
        return merged
    # An English text cannot hold Chinese words, and half of all texts are.
    aligned = align(texts if marker.pattern else ["" if text.isascii() else text for text in texts])
    for found in _united(marker.find(aligned.text)):
        number, start, end = aligned.place(*found)
        ranges = merged[number]
        if ranges and start <= ranges[-1][1]:  # two parts of what was one character
            ranges[-1] = (ranges[-1][0], max(end, ranges[-1][1]))
        else:
            ranges.append((start, end))
    return merged


def _united(found: Iterable[tuple[int, int, str]]) -> Iterator[tuple[int, int]]:
    """Sorted ranges, those that overlap or touch made one: words are found in one another many times."""
    begin = reached = -1
    for start, end, _ in found:
        if start > reached:
            if begin >= 0:
                yield begin, reached
            begin, reached = start, end
        elif end > reached:
            reached = end
    if begin >= 0:
        yield begin, reached


def segments(texts: Sequence[str], marker: Marker) -> list[Segments]:
    """Each text whole, cut at its hits."""
    return [cut(text, found, 0, len(text)) for text, found in zip(texts, spans(texts, marker), strict=True)]


def cut(text: str, found: Sequence[tuple[int, int]], start: int, end: int) -> Segments:
    """The part from `start` to `end`, cut at the sorted ranges in it."""
    pieces: list[tuple[str, bool]] = []
    at = start
    for begin, over in found:
        left, right = max(begin, at), min(over, end)
        if left >= right:
            continue
        if at < left:
            pieces.append((text[at:left], False))
        pieces.append((text[left:right], True))
        at = right
    if at < end:
        pieces.append((text[at:end], False))
    return tuple(pieces)


def passages(listings: Sequence[Sequence[str]], marker: Marker) -> list[Segments]:
    """Of each listing's texts the first with a hit, around its densest place; without a hit the beginning of the first."""
    given = [[text[:_SEARCHED_CHARS] for text in texts if text] for texts in listings]
    chosen: dict[int, tuple[str, Ranges]] = {}
    for depth in range(max(map(len, given), default=0)):
        asked = [at for at, texts in enumerate(given) if at not in chosen and len(texts) > depth]
        for at, found in zip(asked, spans([given[at][depth] for at in asked], marker), strict=True):
            if found:
                chosen[at] = (given[at][depth], found)
    return [_around(*chosen.get(at, (texts[0], []))) if texts else () for at, texts in enumerate(given)]


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


def hits_of(
    ranked: Sequence[tuple[float, ListingDocument]], marker: Marker, *, languages: Sequence[str] = LANGUAGES
) -> tuple[Hit, ...]:
    """Found listings, each with its title and one passage in `languages`; in all where it is not whole in these."""
    shown = [_shown(document, languages) for _, document in ranked]
    texts = [_texts(document, language) for (_, document), spoken in zip(ranked, shown, strict=True) for language in spoken]
    titles = segments([title for title, *_ in texts], marker)
    marked = zip(titles, passages([rest for _, *rest in texts], marker), strict=True)
    return tuple(
        _hit(document, score, {language: next(marked) for language in spoken})
        for (score, document), spoken in zip(ranked, shown, strict=True)
    )


def _hit(document: ListingDocument, score: float, parts: Mapping[str, tuple[Segments, Segments]]) -> Hit:
    title_zh, snippet_zh = parts.get("zh", _NOT_SHOWN)
    title_en, snippet_en = parts.get("en", _NOT_SHOWN)
    return Hit(
        id=document.id,
        kind=document.kind,
        rev=document.rev,
        score=score,
        title_zh=title_zh,
        title_en=title_en,
        snippet_zh=snippet_zh,
        snippet_en=snippet_en,
        document=document,
    )


def _shown(document: ListingDocument, languages: Sequence[str]) -> Sequence[str]:
    return languages if all(_is_whole(*_texts(document, language)) for language in languages) else LANGUAGES


def _is_whole(title: str, summary: str, body: str) -> bool:
    return bool(title and (summary or body))


def _texts(document: ListingDocument, language: str) -> tuple[str, str, str]:
    if language == "zh":
        return document.title_zh, document.summary_zh, document.body_zh
    return document.title_en, document.summary_en, document.body_en
