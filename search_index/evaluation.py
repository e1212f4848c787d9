"""Measures matching and search on rows from files, in a throw-away index that never touches the site's data.

It decides how quality is counted; what is counted, the scorer and the engine, is the very code the site runs.
"""

import gzip
import json
import math
import secrets
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from search_index import tokens
from search_index.documents import Kind, ListingDocument
from search_index.embedder import Embedder, text_of
from search_index.engine import SearchEngine
from search_index.rebuild import ids, rebuild
from search_index.requests import MAX_QUERY_CHARS, Candidate, InvalidSearch, SearchRequest, SimilarRequest

ENGINES: Final = ("embedded", "elastic")
# Nobody waits for an answer here.
_PATIENCE: Final = 60.0
Scorer = Callable[[ListingDocument, Candidate], float]
Pair = tuple[str, str]

# Gain of a judged level, as usual for four levels: 2^(level-1) - 1.
_GAINS: Final = {1: 0.0, 2: 1.0, 3: 3.0, 4: 7.0}
_GOOD_LEVEL: Final = 3
_SCORED_AT_ONCE: Final = 400
_SEARCHED: Final = 100


class BadInput(ValueError):
    """A row or a file that cannot be read; the message names file and line."""


class Corpus:
    """Listings from rows, under ids of our own; `own` gives the rows' ids back."""

    def __init__(self, rows: Iterable[Mapping[str, Any]], kind: Kind) -> None:
        self.documents: dict[str, ListingDocument] = {}
        self.own: dict[str, str] = {}
        for number, row in enumerate(rows, 1):
            document = document_of(row, kind, number)
            self.documents[str(row["id"])] = document
            self.own[document.id] = str(row["id"])

    def embedded(self, embedder: Embedder) -> "Corpus":
        """The same with vectors, when the embedder makes any."""
        if embedder.name != "none":
            vectors = embedder.embed([text_of(document) for document in self.documents.values()])
            pairs = zip(self.documents.items(), vectors, strict=True)
            self.documents = {own: replace(document, vector=vector) for (own, document), vector in pairs}
        return self


def document_of(row: Mapping[str, Any], kind: Kind, number: int) -> ListingDocument:
    """A row {"id", "title", "text"} with optional field, city, maturity, budget_min, budget_max (yuan) as a listing."""
    try:
        title, text = str(row["title"]), str(row["text"])
        language = "zh" if any(tokens.is_han(c) for c in title + text) or not (title + text) else "en"
        field = row.get("field") or ()
        texts: dict[str, Any] = {f"title_{language}": title, f"summary_{language}": text}
        return ListingDocument(
            id=f"{kind}:{number}",
            kind=kind,
            rev=1,
            **texts,
            fields=(field,) if isinstance(field, str) else tuple(field),
            city=str(row.get("city") or ""),
            maturity=row.get("maturity"),
            money_min=_fen(row.get("budget_min")),
            money_max=_fen(row.get("budget_max")),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise BadInput(f"row {number} ({row.get('id', 'no id')}): {error!r}") from error


def _fen(yuan: Any) -> int | None:
    return None if yuan is None else round(float(yuan) * 100)


def read_rows(path: Path) -> Iterator[dict[str, Any]]:
    """JSON lines, gzip or plain."""
    for number, line in enumerate(read_lines(path), 1):
        try:
            row = json.loads(line)
        except ValueError as error:
            raise BadInput(f"{path}, line {number}: {error}") from error
        if not isinstance(row, dict):
            raise BadInput(f"{path}, line {number}: not an object")
        yield row


def read_lines(path: Path) -> Iterator[str]:
    """Non-empty lines, gzip or plain by the file's first bytes."""
    with path.open("rb") as probe:
        is_gzip = probe.read(2) == b"\x1f\x8b"
    with gzip.open(path, "rt", encoding="utf-8") if is_gzip else path.open(encoding="utf-8") as file:
        yield from (line.rstrip("\r\n") for line in file if line.strip())


def read_pairs(path: Path) -> list[Pair]:
    """Two tab-separated columns."""
    pairs: list[Pair] = []
    for number, line in enumerate(read_lines(path), 1):
        left, tab, right = line.partition("\t")
        if not tab:
            raise BadInput(f"{path}, line {number}: no tab")
        pairs.append((left, right.partition("\t")[0]))
    return pairs


@contextmanager
def throw_away(
    name: str, documents: Sequence[ListingDocument], config: Mapping[str, Any] | None = None
) -> Iterator[SearchEngine]:
    """An engine over just these documents; gone afterwards. `config` tells where a cluster is (SEARCH_URL)."""
    if name not in ENGINES:
        raise BadInput(f"no engine {name!r} here; there are {', '.join(ENGINES)}")
    with _elastic(config or {}) if name == "elastic" else _embedded() as engine:
        rebuild(engine, documents, expected=lambda: ids(documents))
        yield engine


@contextmanager
def _embedded() -> Iterator[SearchEngine]:
    from search_index.embedded import EmbeddedEngine

    with tempfile.TemporaryDirectory(prefix="market-evaluation-") as folder:
        engine = EmbeddedEngine(Path(folder))
        try:
            yield engine
        finally:
            engine.close()


@contextmanager
def _elastic(config: Mapping[str, Any]) -> Iterator[SearchEngine]:
    """Under a name of its own, so that the site's index on the same cluster is not touched."""
    if not config.get("SEARCH_URL"):
        raise BadInput("the engine elastic needs SEARCH_URL, the address of a cluster")
    from search_index.elastic import ElasticEngine
    from search_index.elastic.settings import from_config

    own = f"evaluation-{secrets.token_hex(6)}"
    engine = ElasticEngine(from_config(config, index=own, replicas=0, read_seconds=_PATIENCE))
    try:
        yield engine
    finally:
        engine.remove_everything()
        engine.close()


class Matching:
    """Scores pairs and ranks counterparts as the site would, `score` being the site's scorer."""

    def __init__(self, engine: SearchEngine, needs: Corpus, achievements: Corpus, score: Scorer) -> None:
        self._engine, self._needs, self._achievements, self._score = engine, needs, achievements, score

    def scores(self, pairs: Sequence[Pair]) -> dict[Pair, float]:
        """A score for each (need, achievement). Raises BadInput for an unknown id."""
        wanted: dict[str, list[str]] = defaultdict(list)
        for need, achievement in pairs:
            if need not in self._needs.documents or achievement not in self._achievements.documents:
                raise BadInput(f"unknown pair {need} {achievement}")
            wanted[need].append(achievement)
        return {(need, other): value for need in wanted for other, value in self._scored(need, wanted[need])}

    def _scored(self, need: str, others: list[str]) -> Iterator[tuple[str, float]]:
        subject = self._needs.documents[need]
        for start in range(0, len(others), _SCORED_AT_ONCE):
            named = tuple(self._achievements.documents[other].id for other in others[start : start + _SCORED_AT_ONCE])
            for found in self._engine.similar(SimilarRequest(subject=subject, kind="achievement", only=named)):
                yield self._achievements.own[found.document.id], self._score(subject, found)

    def ranked(self, need: str, top: int) -> list[tuple[str, float]]:
        """The best counterparts among those recalled, best first, equal scores in the order of the input."""
        subject = self._needs.documents[need]
        found = self._engine.similar(SimilarRequest(subject=subject, kind="achievement"))
        scored = sorted(((self._score(subject, one), one.document) for one in found), key=lambda x: (-x[0], x[1].seq))
        return [(self._achievements.own[document.id], value) for value, document in scored[:top]]

    def rankings(self, top: int) -> Iterator[tuple[str, list[tuple[str, float]]]]:
        for need in self._needs.documents:
            yield need, self.ranked(need, top)


def judge(matching: Matching, judgements: Mapping[Pair, int]) -> dict[str, float]:
    """nDCG@10 over needs with a good achievement, ranking the judged ones; Spearman and AUC over all pairs; recall@50."""
    scores = matching.scores(list(judgements))
    by_need: dict[str, list[Pair]] = defaultdict(list)
    for pair in judgements:
        by_need[pair[0]].append(pair)
    worth = {need: pairs for need, pairs in by_need.items() if max(judgements[p] for p in pairs) >= _GOOD_LEVEL}
    recalls = [_recalled(matching, need, pairs, judgements) for need, pairs in worth.items()]
    levels = np.array([judgements[pair] for pair in judgements], float)
    values = np.array([scores[pair] for pair in judgements], float)
    return {
        "ndcg@10": _mean([ndcg([(scores[p], judgements[p]) for p in pairs]) for pairs in worth.values()]),
        "spearman": spearman(values, levels),
        "auc": auc(values, levels >= _GOOD_LEVEL),
        "recall@50": _mean(recalls),
    }


def _recalled(matching: Matching, need: str, pairs: list[Pair], judgements: Mapping[Pair, int]) -> float:
    good = {achievement for _, achievement in (p for p in pairs if judgements[p] >= _GOOD_LEVEL)}
    return len(good & {other for other, _ in matching.ranked(need, 50)}) / len(good)


def ndcg(judged: Sequence[tuple[float, int]], depth: int = 10) -> float:
    """Discounted gain of the order by score against the best order; equal scores share the mean of their places' gains."""
    best = sorted((_GAINS[level] for _, level in judged), reverse=True)[:depth]
    groups: dict[float, list[float]] = defaultdict(list)
    for value, level in judged:
        groups[value].append(_GAINS[level])
    ordered = [sum(group) / len(group) for value in sorted(groups, reverse=True) for group in [groups[value]] for _ in group]
    ideal = _discounted(best)
    return _discounted(ordered[:depth]) / ideal if ideal else 0.0


def _discounted(gains: Sequence[float]) -> float:
    return sum(gain / math.log2(place + 2) for place, gain in enumerate(gains))


def spearman(values: NDArray[np.float64], levels: NDArray[np.float64]) -> float:
    """Correlation of ranks, ties sharing their mean rank; 0 when one side is constant."""
    a, b = ranks(values), ranks(levels)
    if not len(a) or a.std() == 0 or b.std() == 0:
        return 0.0
    return float(np.corrcoef(a, b)[0, 1])


def auc(values: NDArray[np.float64], good: NDArray[np.bool_]) -> float:
    """The chance that a good pair scores above another one; 0.5 when there is only one sort."""
    goods, others = int(good.sum()), int((~good).sum())
    if not goods or not others:
        return 0.5
    return float((ranks(values)[good].sum() - goods * (goods - 1) / 2) / (goods * others))


def ranks(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Places from 0, equal values sharing their mean place."""
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts) - 1
    return np.asarray((last - (counts - 1) / 2)[inverse], np.float64)


def search_quality(engine: SearchEngine, corpus: Corpus, queries: Sequence[Pair]) -> dict[str, float]:
    """How often the one document each query must find is first, in the first ten, and its mean reciprocal place."""
    places = [_place(engine, corpus, text, wanted) for text, wanted in queries]
    return {
        "recall@1": _mean([float(place == 1) for place in places]),
        "recall@10": _mean([float(0 < place <= 10) for place in places]),
        "mrr": _mean([1 / place if place else 0.0 for place in places]),
    }


def _place(engine: SearchEngine, corpus: Corpus, text: str, wanted: str) -> int:
    """The place from 1, or 0 when it is not among the first hundred, or the query is more than the site accepts."""
    if wanted not in corpus.documents:
        raise BadInput(f"unknown document {wanted}")
    request = SearchRequest.of(text[:MAX_QUERY_CHARS], per_page=_SEARCHED, facets=())
    try:
        hits = engine.search(request).hits
    except InvalidSearch:
        return 0
    found = [corpus.own[hit.id] for hit in hits]
    return found.index(wanted) + 1 if wanted in found else 0


def _mean(values: Sequence[float]) -> float:
    return round(sum(values) / len(values), 4) if values else 0.0
