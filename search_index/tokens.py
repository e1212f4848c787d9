"""The one place that turns text into search tokens, for documents and for queries, so that every engine sees the same words.

It decides spelling (NFKC, lower case, simplified characters), word borders, stems, model numbers, units and pinyin.
How tokens are weighed is the engine's and the scorer's business.
"""

import hashlib
import importlib
import importlib.util
import re
import sys
import threading
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import opencc
import rjieba

# Stands once in every scored field of every document and in no query: engines differ in whether a document without
# tokens counts towards a field's average length, and with this token none is without.
SENTINEL: Final = "_s_"
# Raise when the rules below change: together with the dictionary it makes the version an index is built with.
RULES_REVISION: Final = 2
_DICTIONARY: Final = Path(__file__).parent / "data" / "dictionary.txt"

_HAN: Final = "\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_WORD: Final = "a-z0-9\u00df-\u024f\u0370-\u03ff\u0400-\u04ff°"
_JOINED_WORD: Final = f"[{_WORD}]+(?:[-./_·+'][{_WORD}]+)*"
_RUN: Final = re.compile(f"(?P<han>[{_HAN}]+)|(?P<word>{_JOINED_WORD})")
_WORD_RUN: Final = re.compile(_JOINED_WORD)
# Control and format characters, line ends, private use: a border between words, whatever they were meant for.
_UNSEEN: Final = re.compile("[\x00-\x1f\x7f-\xa0\xad\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ue000-\uf8ff]")
_NOT_HAN: Final = re.compile(f"[^{_HAN}]+")
_IS_HAN: Final = re.compile(f"[{_HAN}]+")
_IN_WORD: Final = re.compile(f"[{_WORD}]+")
_PATENT: Final = re.compile(r"(?:zl|cn)?(\d{8,13})(?:\.([\dx]))?([a-z]\d?)?")
# As registers and our own pages print them, in groups: "zl 2024 1 0123456.5", before 2003 "zl 98 1 12345.6"; "cn 117654321 a".
_GROUPED_PATENT: Final = re.compile(
    r"(?<![\w.])(?:(zl|cn) ?)?(?:((?:19|20)\d\d) ?([12389]) ?(\d{7})|(\d\d) ([123]) (\d{5}))(?![\w])"
)
_SPACED_PREFIX: Final = re.compile(r"\b(zl|cn) (?=\d{6})")
_MEASURE: Final = re.compile(r"(\d+(?:\.\d+)?)([a-zμω°]+\d?)")
_UNIT_NAMES: Final = (
    "m mm cm km μm um nm m2 m3 mm2 cm2 cm3 g kg mg μg ug t kt l ml μl s ms μs ns h min d a ma μa ka v mv kv w kw mw gw "
    "wh kwh mwh gwh ah mah hz khz mhz ghz thz pa kpa mpa gpa bar n kn nm j kj mj k °c °f rpm ppm ppb db mol mmol "
    "bit kb mb gb tb bps mbps gbps c ω kω mω lm lx cd tpa"
)
UNITS: Final = frozenset(_UNIT_NAMES.split())
_GENERATIONS: Final = frozenset({"2g", "3g", "4g", "5g", "6g"})
_STOP_HAN: Final = frozenset("的了和与及或等在是对为以于中其该并将被把从到由用上下之而也且")
_STOP_ENGLISH_WORDS: Final = "a an the of and or for in on to with by at as is are be from into its this that"
_STOP_ENGLISH: Final = frozenset(_STOP_ENGLISH_WORDS.split())
_MAX_TOKEN: Final = 64
# Nobody writes longer words; longer runs are noise that must not fill memory.
_MAX_RUN: Final = 128
# Shorter words are mostly abbreviations once the case is gone (oled, uved), which a stemmer would cut.
_SHORTEST_STEMMED: Final = 5
_PINYIN_RUN: Final = 4
_PINYIN_MAX: Final = 40

_t2s: Final = opencc.OpenCC("t2s")


def _english_stemmer() -> Any:
    """The English stemmer alone: the package itself loads thirty languages, ten megabytes in every process."""
    found = importlib.util.find_spec("snowballstemmer")
    if found is None:
        raise ModuleNotFoundError("snowballstemmer is not installed")
    loaded = sys.modules.get("snowballstemmer")
    sys.modules["snowballstemmer"] = loaded or importlib.util.module_from_spec(found)
    try:
        return importlib.import_module("snowballstemmer.english_stemmer").EnglishStemmer()
    finally:
        if loaded is None:
            del sys.modules["snowballstemmer"]


_stemmer: Final = _english_stemmer()
# The stemmer keeps the word at hand in itself; two threads at once would mix theirs up.
_stemming: Final = threading.Lock()


def _load_dictionary() -> str:
    """Teach the segmenter our words and return the dictionary's version."""
    text = _DICTIONARY.read_text("utf-8")
    for line in text.splitlines():
        if line and not line.startswith("#"):
            rjieba.add_word(line, None, None)
    digest = hashlib.sha256(f"{RULES_REVISION}\n{text}".encode()).hexdigest()
    return f"{RULES_REVISION}.{digest[:8]}"


DICTIONARY_VERSION: Final = _load_dictionary()


def normalise(text: str) -> str:
    """One spelling for one meaning: compatibility forms folded, lower case, simplified characters, no control characters."""
    folded = unicodedata.normalize("NFKC", text).lower()
    folded = _UNSEEN.sub(" ", folded).replace("\u2010", "-").replace("\u2013", "-").replace("\u2212", "-")
    return folded if folded.isascii() else str(_t2s.convert(folded))


_PART: Final = "\U000f0000"


def normalise_all(texts: Sequence[str]) -> list[str]:
    """Each text normalised, in one pass: most of the cost of short texts is in the calls."""
    spelled = normalise(_PART.join(texts)).split(_PART)
    return spelled if len(spelled) == len(texts) else [normalise(text) for text in texts]


def words(text: str) -> list[str]:
    """Every token a text is found by, repeats kept (their number is the term frequency)."""
    return words_of(normalise(text))


def words_of(spelled: str) -> list[str]:
    """The same for a text that is normalised already."""
    found = [token for word in rjieba.cut_for_search(_NOT_HAN.sub(" ", spelled)) for token in _han_tokens(word)]
    for run in _WORD_RUN.findall(spelled):
        found += latin_tokens(run[:_MAX_RUN])
    return found


@lru_cache(maxsize=100_000)
def _han_tokens(word: str) -> tuple[str, ...]:
    """The segmented word; one the dictionary lacks also as character pairs, so a two-character word inside it is found."""
    if word == " " or word in _STOP_HAN:
        return ()
    return (word[:_MAX_TOKEN], *_unknown_pairs(word[:_MAX_RUN]))


def _unknown_pairs(word: str) -> tuple[str, ...]:
    if len(word) < 3 or rjieba.has_word(word):
        return ()
    return tuple(word[i : i + 2] for i in range(len(word) - 1))


@lru_cache(maxsize=50_000)
def latin_tokens(run: str) -> tuple[str, ...]:
    """Tokens of one run of letters and digits with inner connectors: whole, in parts, and joined."""
    if run.isalpha():
        return () if run in _STOP_ENGLISH else (_stem(run),)
    if patent := _PATENT.fullmatch(run):
        return _patent_tokens(run, patent)
    if (measure := _MEASURE.fullmatch(run)) and measure[2] in UNITS and run not in _GENERATIONS:
        return (measure[1], measure[2])
    parts = _IN_WORD.findall(run)
    if len(parts) == 1 or _is_number(run):
        return (run[:_MAX_TOKEN],)
    inner = tuple(token for part in parts for token in latin_tokens(part))
    whole = (run[:_MAX_TOKEN],) if any(c.isdigit() for c in run) else ()
    return tuple(dict.fromkeys((*whole, "".join(parts)[:_MAX_TOKEN], *inner)))


def _patent_tokens(run: str, match: re.Match[str]) -> tuple[str, ...]:
    """`zl202410123456.5` by itself, without its prefix, and by its bare number, which all spellings share."""
    number = match[1]
    checked = f"{number}.{match[2]}" if match[2] else number
    return tuple(dict.fromkeys((run, checked, number)))


def _is_number(run: str) -> bool:
    head, _, tail = run.partition(".")
    return head.isdigit() and tail.isdigit()


@lru_cache(maxsize=50_000)
def _stem(word: str) -> str:
    if len(word) < _SHORTEST_STEMMED or not word.isascii():
        return word[:_MAX_TOKEN]
    with _stemming:
        return str(_stemmer.stemWord(word))[:_MAX_TOKEN]


@dataclass(frozen=True, slots=True)
class Unit:
    """One word of a query. All of `must` together mean the word; `extra` only raises the score; `pinyin` is typed sound."""

    surface: str
    must: tuple[str, ...]
    extra: tuple[str, ...] = ()
    pairs: tuple[str, ...] = ()
    pinyin: str = ""


def units(query: str) -> tuple[Unit, ...]:
    """A query as words in order. Stop words go, unless there is nothing else."""
    text = _with_numbers_joined(normalise(query))
    found = tuple(_units(text, keep_stop=False))
    return found or tuple(_units(text, keep_stop=True))


def _with_numbers_joined(spelled: str) -> str:
    """Patent numbers typed or copied in groups, as the one word that they are in the index."""
    if not any(c.isdigit() for c in spelled):
        return spelled
    return _SPACED_PREFIX.sub(r"\1", _GROUPED_PATENT.sub(lambda found: "".join(filter(None, found.groups())), spelled))


def _units(text: str, *, keep_stop: bool) -> Iterator[Unit]:
    for run in _RUN.finditer(text):
        if run["word"]:
            yield from _latin_units(run["word"][:_MAX_RUN], keep_stop=keep_stop)
            continue
        for word in rjieba.cut(run["han"]):
            if keep_stop or word not in _STOP_HAN:
                yield han_unit(word)


@lru_cache(maxsize=5_000)
def han_unit(word: str) -> Unit:
    """Parts that make up the word stand for it (a text may split it elsewhere); else the word itself must be there."""
    pairs = tuple(word[i : i + 2] for i in range(len(word) - 1)) or (word,)
    unknown = _unknown_pairs(word)
    inner = tuple(dict.fromkeys(part for part in (*rjieba.cut_for_search(word), *unknown) if part != word))
    must = unknown or _tiling(word, inner) or (word,)
    rest = tuple(part for part in (word, *inner) if part not in must)
    return Unit(word, must=must, extra=rest, pairs=pairs)


def _tiling(word: str, parts: tuple[str, ...]) -> tuple[str, ...]:
    """The fewest parts that make up the word end to end, or nothing."""
    best: list[tuple[str, ...] | None] = [(), *(None for _ in word)]
    for end in range(1, len(word) + 1):
        for part in parts:
            before = best[end - len(part)] if len(part) <= end and word[:end].endswith(part) else None
            if before is not None and (best[end] is None or len(before) + 1 < len(best[end] or ())):
                best[end] = (*before, part)
    return best[-1] or ()


def _latin_units(run: str, *, keep_stop: bool) -> Iterator[Unit]:
    if run.isalpha():
        if keep_stop or run not in _STOP_ENGLISH:
            yield Unit(run, must=(_stem(run),), pinyin=run if run.isascii() and len(run) > 1 else "")
        return
    tokens = latin_tokens(run)
    if not tokens:
        return
    if patent := _PATENT.fullmatch(run):
        yield Unit(run, must=(patent[1],), extra=tuple(t for t in tokens if t != patent[1]))
    elif measure := _MEASURE.fullmatch(run):
        yield Unit(run, must=tokens if measure[2] in UNITS else tokens[:1])
    else:
        parts = tuple(dict.fromkeys(token for part in _IN_WORD.findall(run) for token in latin_tokens(part)))
        must = parts if len(tokens) > 1 and not _is_number(run) else tokens
        yield Unit(run, must=must, extra=tuple(t for t in tokens if t not in must))


def pairs_and_singles(spelled: str) -> list[str]:
    """Distinct Han characters and neighbouring pairs of a normalised text: exact hits of one and two characters."""
    found: set[str] = set()
    for run in _IS_HAN.findall(spelled):
        found.update(run)
        found.update(map("".join, pairwise(run)))
    return list(found)


def pinyin_terms(spelled: str) -> list[str]:
    """Sounds a normalised title is found by: full pinyin and initials of each word and of up to four neighbouring words.

    Only the writer calls this: the phrase tables it loads take some fifty megabytes.
    """
    found: set[str] = set()
    for run in _IS_HAN.findall(spelled):
        # The words inside a long word count too: whoever types "dianchi" means every "power battery" as well.
        for word in rjieba.cut_for_search(run):
            found.update(_sounds(word))
        sounds = [_sounds(word) for word in rjieba.cut(run)]
        for start in range(len(sounds)):
            full = initials = ""
            for syllables, letters in sounds[start : start + _PINYIN_RUN]:
                full += syllables
                initials += letters
                found.add(full)
                found.add(initials)
    return [term for term in found if 1 < len(term) <= _PINYIN_MAX and term.isascii()]


@lru_cache(maxsize=50_000)
def _sounds(word: str) -> tuple[str, str]:
    """Full pinyin and initials of one word; a word's reading settles that of its characters."""
    from pypinyin import lazy_pinyin

    syllables = lazy_pinyin(word, v_to_u=False)
    return "".join(syllables), "".join(syllable[0] for syllable in syllables)


def keyword_form(keyword: str) -> str:
    """How a keyword or a whole title is kept for completion: normalised, single spaces, bounded."""
    return " ".join(normalise(keyword).split())[:_MAX_TOKEN]


def plain_words(spelled: str) -> list[str]:
    """Distinct words of a normalised text as people write them: segmented but neither stemmed nor split further."""
    return list(dict.fromkeys((*(w for w in rjieba.cut(_NOT_HAN.sub(" ", spelled)) if w != " "), *_WORD_RUN.findall(spelled))))


def is_han(text: str) -> bool:
    """Is it Chinese characters, and nothing else?"""
    return _IS_HAN.fullmatch(text) is not None


def whole_pinyin(keyword: str) -> tuple[str, ...]:
    """Full pinyin and initials of a purely Chinese keyword; nothing for others. Only the writer calls this."""
    spelled = normalise(keyword)
    if not is_han(spelled):
        return ()
    sounds = [_sounds(word) for word in rjieba.cut(spelled)]
    return "".join(full for full, _ in sounds), "".join(letters for _, letters in sounds)
