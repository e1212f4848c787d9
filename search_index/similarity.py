"""How alike two listings' texts are, calibrated to [0, 1].

Character 1-3-gram TF-IDF cosines of whole texts and of titles, the covered share of the subject, and vectors when both
sides have them, are blended by value, never by rank. Which words carry it, `explanation` tells; what it is worth
beside price or place, the scorer decides.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from search_index import grams
from search_index.documents import ListingDocument
from search_index.frequencies import FrequencyTable
from search_index.requests import TextScore

Floats = NDArray[np.float32]

# Characters compared. Beyond, a long description would only dilute what the listing is about, and cost time.
# By kind, not by role, so that a pair scores the same seen from either side.
COMPARED_CHARS: Final = {"achievement": 600, "need": 800}
# Three-character grams repeat what two of two already say, so they count half.
_ORDER_WEIGHT: Final = dict(zip(grams.ORDERS, (1.0, 1.0, 0.5), strict=True))
# Shares of the blend; measured on real judged pairs, flat within 0.005 nDCG around these values (docs/search.md).
_FULL: Final = 0.65
_TITLE: Final = 0.35
_COVERED: Final = 0.2
_MEANING: Final = 0.12
# The blend at which a likeness counts 0.63: unrelated texts lie near 0.03, close ones above 0.2.
_SCALE: Final = 0.12
# Cosines of the multilingual embedding crowd in a narrow band; this maps the band to [0, 1].
_MEANING_FLOOR: Final = 0.80
_MEANING_SPAN: Final = 0.12
# Owner and gram share one 32-bit sort key: nine bits of owner leave 23 of the hash, enough to tell a text's grams apart.
_BATCH: Final = 512
_KEY_BITS: Final = 23
# Grams of all of the first documents are counted; later every fourth document stands for four, weights need no more.
_COUNT_ALL: Final = 20_000
_SAMPLE: Final = 4


@dataclass(frozen=True, slots=True)
class Side:
    """The compared text of one listing in one language: the title, and the title with what follows."""

    title: str
    full: str


def side(document: ListingDocument, language: str) -> Side:
    """What is compared: title, keywords, summary and the beginning of the description."""
    title = getattr(document, f"title_{language}")
    rest = (" ".join(document.keywords), getattr(document, f"summary_{language}"), getattr(document, f"body_{language}"))
    return Side(title, "\n".join(part for part in (title, *rest) if part)[: COMPARED_CHARS[document.kind]])


def text_scores(subject: ListingDocument, others: Sequence[ListingDocument], table: FrequencyTable) -> list[TextScore]:
    """The likeness of each of `others` to `subject`, each compared in a language both have, Chinese first."""
    scores: list[TextScore | None] = [None] * len(others)
    languages = [_language(subject, other) for other in others]
    for language in sorted(set(languages)):
        at = [i for i, chosen in enumerate(languages) if chosen == language]
        near = _in_language(subject, [others[i] for i in at], table, language)
        for i, score in zip(at, near, strict=True):
            scores[i] = score
    return [score for score in scores if score is not None]


def _language(subject: ListingDocument, other: ListingDocument) -> str:
    for language in ("zh", "en"):
        if all(
            getattr(document, f"title_{language}") or getattr(document, f"summary_{language}") for document in (subject, other)
        ):
            return language
    return "zh" if other.title_zh or other.summary_zh or other.body_zh else "en"


def _in_language(
    subject: ListingDocument, others: list[ListingDocument], table: FrequencyTable, language: str
) -> list[TextScore]:
    """`covered` is always the need's share: the subject's, unless only the other one is a need."""
    wanted = _Wanted.of(side(subject, language), table)
    found: list[TextScore] = []
    for start in range(0, len(others), _BATCH):
        batch = others[start : start + _BATCH]
        sides = [side(document, language) for document in batch]
        full, title, of_subject, of_other = wanted.compare(sides, table)
        covered = of_subject if subject.kind == "need" else of_other
        for i, document in enumerate(batch):
            found.append(_blend(float(full[i]), float(title[i]), float(covered[i]), meaning(subject, document)))
    return found


def _blend(full: float, title: float, covered: float, near: float | None) -> TextScore:
    raw = _FULL * full + _TITLE * title + _COVERED * covered + _MEANING * (near or 0.0)
    value = 1.0 - float(np.exp(-raw / _SCALE))
    return TextScore(value=value, full=full, title=title, covered=covered, meaning=near)


def meaning(subject: ListingDocument, other: ListingDocument) -> float | None:
    """Nearness of the two vectors, calibrated to [0, 1]; None when a side has none or they are of different makes."""
    if not subject.vector or len(subject.vector) != len(other.vector):
        return None
    a, b = np.asarray(subject.vector, np.float32), np.asarray(other.vector, np.float32)
    norm = float(np.linalg.norm(a) * np.linalg.norm(b))
    cosine = float(a @ b) / norm if norm else 0.0
    return min(1.0, max(0.0, (cosine - _MEANING_FLOOR) / _MEANING_SPAN))


@dataclass(frozen=True, slots=True)
class _Wanted:
    """The subject's distinct grams, sorted by hash, with their weights in its whole text and in its title."""

    hashes: NDArray[np.uint32]
    idf: Floats
    full: Floats
    title: Floats
    maybe: NDArray[np.bool_]

    @classmethod
    def of(cls, text: Side, table: FrequencyTable) -> "_Wanted":
        hashes, order, counts = _distinct(grams.of_texts([text.full]))
        idf = table.gram_idf(hashes) * order
        in_title = np.zeros(len(hashes), np.int64)
        for found in grams.of_texts([text.title]):
            place, hit = _look_up(hashes, found.hashes)
            np.add.at(in_title, place[hit], 1)
        maybe = np.zeros(1 << 16, np.bool_)
        maybe[hashes & np.uint32(0xFFFF)] = True
        return cls(hashes, idf, _unit(_damp(counts) * idf), _unit(_damp(in_title) * idf), maybe)

    def compare(self, sides: list[Side], table: FrequencyTable) -> tuple[Floats, Floats, Floats, Floats]:
        """Cosine of the whole texts, cosine of the titles, and how much of either side's weight the other one holds."""
        if not len(self.hashes):
            zero = np.zeros(len(sides), np.float32)
            return zero, zero, zero, zero
        full = grams.of_texts([text.full for text in sides])
        title = grams.of_texts([text.title for text in sides])
        weights = _damp(self._counts(full, len(sides))) * self.idf
        in_title = _damp(self._counts(title, len(sides))) * self.idf
        length, mass = _measures(full, len(sides), table)
        of_subject = ((weights > 0) @ self.full) / max(float(self.full.sum()), 1e-9)
        return (
            np.asarray(weights @ self.full / length, np.float32),
            np.asarray(in_title @ self.title / _measures(title, len(sides), table)[0], np.float32),
            np.asarray(of_subject, np.float32),
            np.asarray(weights.sum(axis=1) / mass, np.float32),
        )

    def _counts(self, found: tuple[grams.Grams, ...], texts: int) -> NDArray[np.int64]:
        """How often each text holds each wanted gram: texts x grams."""
        width = len(self.hashes)
        total = np.zeros(texts * width, np.int64)
        for order in found:
            likely = np.flatnonzero(self.maybe[order.hashes & np.uint32(0xFFFF)])
            place, hit = _look_up(self.hashes, order.hashes[likely])
            cells = order.owner[likely[hit]].astype(np.int64) * width + place[hit]
            total += np.bincount(cells, minlength=texts * width)
        return total.reshape(texts, width)


def _distinct(found: tuple[grams.Grams, ...]) -> tuple[NDArray[np.uint32], Floats, NDArray[np.int64]]:
    parts = [np.unique(order.hashes, return_counts=True) for order in found]
    weight = [np.full(len(p[0]), _ORDER_WEIGHT[n], np.float32) for n, p in zip(grams.ORDERS, parts, strict=True)]
    hashes = np.concatenate([p[0] for p in parts])
    by_hash = np.argsort(hashes, kind="stable")
    return hashes[by_hash], np.concatenate(weight)[by_hash], np.concatenate([p[1] for p in parts])[by_hash]


def _look_up(known: NDArray[np.uint32], hashes: NDArray[np.uint32]) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    if not len(known):
        return np.zeros(len(hashes), np.int64), np.zeros(len(hashes), np.bool_)
    place = np.minimum(np.searchsorted(known, hashes), len(known) - 1)
    return place, known[place] == hashes


def _damp(counts: NDArray[np.int64]) -> Floats:
    """1 + ln(count), and 0 for none: the tenth mention says little more than the first."""
    return np.where(counts > 0, 1.0 + np.log(np.maximum(counts, 1)), 0.0).astype(np.float32)


def _unit(weights: Floats) -> Floats:
    return np.asarray(weights / max(float(np.linalg.norm(weights)), 1e-9), np.float32)


def _measures(found: tuple[grams.Grams, ...], texts: int, table: FrequencyTable) -> tuple[Floats, Floats]:
    """The length and the sum of each text's weight vector, from its own distinct grams."""
    squares, sums = np.zeros(texts), np.zeros(texts)
    for order, weight in zip(found, _ORDER_WEIGHT.values(), strict=True):
        kept, counts = _once(order, counted=True)
        values = _damp(counts) * table.gram_idf(kept << np.uint32(32 - _KEY_BITS)) * weight
        owner = kept >> np.uint32(_KEY_BITS)
        squares += np.bincount(owner, values**2, minlength=texts)
        sums += np.bincount(owner, values, minlength=texts)
    return np.maximum(np.sqrt(squares), 1e-9).astype(np.float32), np.maximum(sums, 1e-9).astype(np.float32)


def _once(order: grams.Grams, *, counted: bool = False) -> tuple[NDArray[np.uint32], NDArray[np.int64]]:
    """Each (owner, gram) once as a 32-bit key, with how often it stood there."""
    keys = np.sort((order.owner << np.uint32(_KEY_BITS)) | (order.hashes >> np.uint32(32 - _KEY_BITS)))
    first = np.flatnonzero(np.concatenate(([True], keys[1:] != keys[:-1]))) if len(keys) else np.zeros(0, np.int64)
    return keys[first], np.diff(np.append(first, len(keys))) if counted else first


def count_into(table: FrequencyTable, documents: Sequence[ListingDocument], words: Sequence[Sequence[str]]) -> None:
    """Count documents into the table: the grams of the compared text in both languages, and their distinct words."""
    for start in range(0, len(documents), _BATCH):
        batch = documents[start : start + _BATCH]
        step = 1 if table.documents < _COUNT_ALL else _SAMPLE
        sampled = [f"{side(document, 'zh').full}\n{side(document, 'en').full}" for document in batch[::step]]
        once = np.concatenate([_once(order)[0] for order in grams.of_texts(sampled)]) << np.uint32(32 - _KEY_BITS)
        each = (word for of_one in words[start : start + _BATCH] for word in of_one)
        table.add(grams=once, words=each, documents=len(batch), grams_stand_for=step)
