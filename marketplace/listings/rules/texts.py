"""Texts compared and masked: near-equal titles, how an anonymous need names its organisation, text differences."""

from __future__ import annotations

import difflib
import hashlib
import re
import unicodedata
from collections.abc import Sequence

from marketplace.core.types import Bilingual

# Titles whose shared letter pairs reach this share are shown as possible doubles.
NEAR = 0.8
KEYS_PER_TITLE = 8
_NOT_LETTERS = re.compile(r"[\W_]+")
_PIECES = re.compile(r"[\u3400-\u9fff]|\w+|\s+|[^\w\s]")
_SENTENCES = re.compile(r"[^。；！？\n.;!?]*[。；！？\n.;!?]?")
# Above this many pieces a comparison letter by letter costs more than it tells.
_MAX_PIECES = 1_200
_NO_TRADE = Bilingual("企业", "company")


def squeeze(title: str) -> str:
    """A title reduced to its letters and digits: lower case, half width, no blanks or signs."""
    return _NOT_LETTERS.sub("", unicodedata.normalize("NFKC", title).casefold())


def _grams(text: str, size: int) -> set[str]:
    return {text[i : i + size] for i in range(max(1, len(text) - size + 1))} if text else set()


def title_keys(title: str) -> frozenset[int]:
    """The smallest hashes of a title's letter triples: titles alike in most triples share most of them."""
    hashes = (int.from_bytes(hashlib.blake2b(g.encode(), digest_size=6).digest()) for g in _grams(squeeze(title), 3))
    return frozenset(sorted(hashes)[:KEYS_PER_TITLE])


def likeness(first: str, second: str) -> float:
    """How alike two titles are, 0 to 1: the Dice share of their letter pairs."""
    a, b = _grams(squeeze(first), 2), _grams(squeeze(second), 2)
    return 2 * len(a & b) / (len(a) + len(b)) if a and b else 0.0


def are_near(first: Bilingual, second: Bilingual) -> bool:
    """Are two titles so alike, in either language, that they may name the same thing?"""
    return max(likeness(first.zh, second.zh), likeness(first.en, second.en)) >= NEAR


def masked_name(trade: Bilingual, city: Bilingual) -> Bilingual:
    """How an anonymous need names its organisation: 潍坊某装备企业 / an equipment maker in Weifang."""
    zh, en = trade.zh or _NO_TRADE.zh, trade.en or _NO_TRADE.en
    place_zh, place_en = city.zh.removesuffix("市"), city.en
    article = "an" if en[:1].lower() in "aeiou" else "a"
    return Bilingual(f"{place_zh}某{zh}", f"{article} {en} in {place_en}" if place_en else f"{article} {en}")


def segments(old: str, new: str) -> list[tuple[str, str]]:
    """What changed from `old` to `new` as ("same" | "gone" | "new", text) in reading order."""
    before, after = _PIECES.findall(old), _PIECES.findall(new)
    if len(before) + len(after) > _MAX_PIECES:
        before, after = _SENTENCES.findall(old), _SENTENCES.findall(new)
    found: list[tuple[str, str]] = []
    matcher = difflib.SequenceMatcher(None, before, after, autojunk=False)
    for tag, i, j, k, m in matcher.get_opcodes():
        if tag == "equal":
            found.append(("same", "".join(before[i:j])))
            continue
        found.extend(_changed("gone", before[i:j]) + _changed("new", after[k:m]))
    return found


def _changed(sign: str, pieces: Sequence[str]) -> list[tuple[str, str]]:
    text = "".join(pieces)
    return [(sign, text)] if text else []
