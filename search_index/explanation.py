"""Which words tell what a listing is about, which of them two listings share, and where those stand in each text.

It serves people (the reasons beside a match, highlights) and recall (the terms a search for counterparts starts from).
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Final

import numpy as np

from search_index import grams, tokens
from search_index.aligning import align
from search_index.documents import ListingDocument
from search_index.frequencies import FrequencyTable
from search_index.highlights import marker_of
from search_index.requests import SharedTerm, Span

_FIELDS: Final = tuple(f"{part}_{language}" for language in ("zh", "en") for part in ("title", "summary", "body"))
# Words are looked for, and marked, in so much of each text field.
EXPLAINED_CHARS: Final = 1200
_TITLE_GAIN: Final = 2.0
_SHORTEST: Final = 2
# A word under this share of the heaviest one explains nothing.
_FAINT: Final = 0.08
# English words (as stems) that are rare enough in a small market to weigh something, and still explain nothing.
_EMPTY_WORDS: Final = (
    "also ani all and are be been befor but can could do doe each else even everi few for from good had has have how if "
    "in into is it just less long made make mani may more most much must need no not of off on one onli or other our out "
    "over own per run same should so some such take than that the their them then there these they this those through to "
    "too two three under until up use uses veri was we were what when where which while who whi will with within without "
    "would year day hour month get got still yet about after again below above between both down dure further here onc "
    "小时 之间 两成 三成 四成 五成 六成 七成 八成 九成 项目 技术 问题 使用 采用 可以 现有 目前 要求 提高 降低 以上 以下 "
    "进行 通过 实现 不能 只好 一条 "
    "需要 希望 进口 成本 一次 每年 每天 每月 今年 去年 自己 下来 处理 之后 之前 其中 时间 百分"
)
_EMPTY: Final = frozenset(_EMPTY_WORDS.split())


def shared_terms(
    subject: ListingDocument, other: ListingDocument, table: FrequencyTable, *, language: str | None = None, limit: int = 8
) -> tuple[SharedTerm, ...]:
    """Words both texts hold, heaviest first, with where they stand in each; parts of a longer shared word are left out.

    With `language` only words of its texts, so that a Chinese reader is not shown the translation's, provided both sides
    have texts in it.
    """
    names = _fields_in(language, (subject, other))
    mine, theirs = _weighed(subject, table, names), _weighed(other, table, names)
    common = {word: weight * theirs[word] for word, weight in mine.items() if word in theirs and word not in _EMPTY}
    ranked = sorted(common.items(), key=lambda item: (-item[1] * len(item[0]) ** 0.5, item[0]))
    kept: list[tuple[str, float]] = []
    for word, weight in ranked:
        if len(kept) < limit and not any(word in longer or longer in word for longer, _ in kept):
            kept.append((word, weight))
    top = max((weight for _, weight in kept), default=1.0)
    kept = [(word, weight) for word, weight in kept if weight >= _FAINT * top]
    chosen = [word for word, _ in kept]
    at_subject, at_other = locate(subject, chosen), locate(other, chosen)
    return tuple(
        SharedTerm(text=w, weight=round(x / top, 3), in_subject=at_subject[w], in_candidate=at_other[w]) for w, x in kept
    )


def _fields_in(language: str | None, documents: Sequence[ListingDocument]) -> tuple[str, ...]:
    names = tuple(name for name in _FIELDS if name.endswith(f"_{language}"))
    return names if names and all(any(getattr(one, name) for name in names) for one in documents) else _FIELDS


@lru_cache(maxsize=32)
def _weighed(document: ListingDocument, table: FrequencyTable, names: tuple[str, ...] = _FIELDS) -> Mapping[str, float]:
    """A listing's telling words with their weights. Kept for a while: one subject is explained against many others."""
    counts: dict[str, float] = {}
    for name in names:
        gain = _TITLE_GAIN if name.startswith("title") else 1.0
        for word in tokens.words(getattr(document, name)[:EXPLAINED_CHARS]):
            counts[word] = counts.get(word, 0.0) + gain
    for word in tokens.words(" ".join(_keywords_in(document, names))):
        counts[word] = counts.get(word, 0.0) + 1.0
    telling = [w for w in counts if len(w) >= _SHORTEST and not w.replace(".", "").isdigit() and w not in tokens.UNITS]
    idf = table.word_idf(telling)
    return {w: float((1.0 + np.log(counts[w])) * weight) for w, weight in zip(telling, idf, strict=True)}


def _keywords_in(document: ListingDocument, names: Sequence[str]) -> list[str]:
    """Keywords carry no language; with Chinese texts alone those with a Chinese character, with English alone the others."""
    if names == _FIELDS:
        return list(document.keywords)
    is_chinese = names[0].endswith("_zh")
    return [keyword for keyword in document.keywords if any(map(tokens.is_han, keyword)) is is_chinese]


def best_words(document: ListingDocument, table: FrequencyTable, limit: int) -> list[tuple[str, float]]:
    """The words a listing is best recognised by: highest tf-idf first, words no document holds left out."""
    weighed = [(w, x) for w, x in _weighed(document, table).items() if table.word_count(w) > 0 or not table.documents]
    return sorted(weighed, key=lambda item: (-item[1], item[0]))[:limit]


def best_pairs(document: ListingDocument, table: FrequencyTable, limit: int) -> list[str]:
    """The rarest character pairs of title, keywords and summary that some document holds."""
    text = "\n".join((document.title_zh, " ".join(document.keywords), document.summary_zh, document.body_zh))
    found = grams.of_texts([tokens.normalise(text)[:EXPLAINED_CHARS]])[1]
    hashes, first = np.unique(found.hashes, return_index=True)
    idf = table.gram_idf(hashes)
    rarest = np.argsort(-idf, kind="stable")
    folded = tokens.normalise(text)[:EXPLAINED_CHARS]
    pairs = (folded[int(found.start[first[i]]) :][:2] for i in rarest)
    return [pair for pair in pairs if tokens.is_han(pair)][:limit]


def locate(document: ListingDocument, words: Sequence[str]) -> dict[str, tuple[Span, ...]]:
    """Where each word stands in the document's own spelling; stems match the words they begin."""
    spans: dict[str, list[Span]] = {word: [] for word in words}
    marker = marker_of(words)
    texts = [getattr(document, name)[:EXPLAINED_CHARS] for name in _FIELDS]
    aligned = align(texts)
    for start, end, word in marker.find(aligned.text):
        number, *place = aligned.place(start, end)
        spans[word].append(Span(_FIELDS[number], *place))
    return {word: tuple(found) for word, found in spans.items()}
