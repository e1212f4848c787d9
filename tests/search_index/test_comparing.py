"""Likeness of texts, the terms that carry it, highlights, spelling: the parts no engine is needed for."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from search_index import explanation, grams, highlights, similarity, spelling, tokens
from search_index.documents import ListingDocument, from_facts, id_of, seq_of, to_facts
from search_index.frequencies import FrequencyTable
from tests.search_index.making import achievement, joined, need

CORPUS = [
    achievement(1, "金属双极板耐腐蚀涂层", summary_zh="用于燃料电池,寿命一万小时。"),
    achievement(2, "双极板冲压模具"),
    achievement(3, "小麦抗病品种选育"),
    achievement(4, "玉米抗病品种选育"),
    achievement(5, "高速电机轴承", title_en="High speed motor bearing"),
    need(6, "寻求燃料电池双极板涂层", summary_zh="要求耐腐蚀。"),
]


def counted(documents: list[ListingDocument]) -> FrequencyTable:
    table = FrequencyTable()
    words = [tuple(dict.fromkeys(tokens.words(f"{d.title_zh} {d.title_en} {d.summary_zh}"))) for d in documents]
    similarity.count_into(table, documents, words)
    return table


TABLE = counted(CORPUS)


def likeness(one: ListingDocument, *others: ListingDocument) -> list[float]:
    return [score.value for score in similarity.text_scores(one, others, TABLE)]


def test_nearer_texts_score_higher() -> None:
    coating, stamping, wheat = likeness(CORPUS[5], CORPUS[0], CORPUS[1], CORPUS[2])
    assert coating > stamping > wheat
    assert 0 <= wheat < 0.2
    assert coating <= 1


def test_a_text_is_fully_like_itself() -> None:
    score = similarity.text_scores(CORPUS[5], [achievement(9, CORPUS[5].title_zh, summary_zh=CORPUS[5].summary_zh)], TABLE)[0]
    assert score.full == pytest.approx(1, abs=1e-3)
    assert score.title == pytest.approx(1, abs=1e-3)
    assert score.covered == pytest.approx(1, abs=1e-3)


def test_spelling_does_not_matter_to_likeness() -> None:
    plain, other = likeness(CORPUS[5], achievement(8, "双极板涂层 TC4"), achievement(9, "雙極板塗層 ＴＣ４"))
    assert plain == pytest.approx(other, abs=1e-6)


def test_texts_without_a_common_language_or_any_text_score_nothing() -> None:
    english = achievement(9, "", title_en="Coating of plates")
    assert likeness(CORPUS[5], english) == [pytest.approx(0, abs=1e-6)]
    assert likeness(CORPUS[5], achievement(9, "")) == [0.0]
    assert likeness(need(9, ""), CORPUS[0]) == [0.0]


def test_english_is_compared_with_english() -> None:
    wanted = need(9, "", title_en="Bearing for a high speed motor")
    bearing, coating = likeness(wanted, CORPUS[4], achievement(8, "", title_en="Coating of plates"))
    assert bearing > 0.5
    assert coating < bearing / 1.5


def test_the_cosine_is_that_of_plain_python() -> None:
    """The vectorised hashes and sorts against the textbook formula on the same grams and weights."""

    def weights(text: str) -> dict[int, float]:
        values: dict[int, float] = {}
        for order, found in zip(grams.ORDERS, grams.of_texts([text]), strict=True):
            for gram, times in zip(*np.unique(found.hashes, return_counts=True), strict=True):
                idf = float(TABLE.gram_idf(np.array([gram], np.uint32))[0])
                values[int(gram)] = (0.5 if order == 3 else 1.0) * idf * (1 + math.log(times))
        return values

    mine, theirs = (weights(similarity.side(d, "zh").full) for d in (CORPUS[5], CORPUS[0]))
    dot = sum(value * theirs.get(gram, 0.0) for gram, value in mine.items())
    cosine = dot / math.dist(mine.values(), [0] * len(mine)) / math.dist(theirs.values(), [0] * len(theirs))
    score = similarity.text_scores(CORPUS[5], [CORPUS[0]], TABLE)[0]
    assert score.full == pytest.approx(cosine, abs=1e-3)


def test_many_candidates_at_once_score_as_one_by_one() -> None:
    many = [achievement(n, f"双极板涂层{n}号", summary_zh="耐腐蚀" * (n % 7)) for n in range(10, 700)]
    together = likeness(CORPUS[5], *many)
    for at in (0, 5, 511, 512, 689):
        assert together[at] == pytest.approx(likeness(CORPUS[5], many[at])[0], abs=1e-6)


def test_vectors_count_when_both_sides_have_them() -> None:
    near = similarity.meaning(need(1, vector=(1.0, 0.0)), achievement(1, vector=(0.99, 0.1)))
    far = similarity.meaning(need(1, vector=(1.0, 0.0)), achievement(1, vector=(0.0, 1.0)))
    assert (near, far) == (1.0, 0.0)
    assert similarity.meaning(need(1, vector=(1.0, 0.0)), achievement(1)) is None
    assert similarity.meaning(need(1, vector=(1.0, 0.0)), achievement(1, vector=(1.0,))) is None
    without = likeness(need(1, "涂层"), achievement(1, "齿轮"))[0]
    assert likeness(need(1, "涂层", vector=(1.0,)), achievement(1, "齿轮", vector=(1.0,)))[0] > without


def test_frequencies_survive_the_disk(tmp_path: Path) -> None:
    TABLE.save(tmp_path / "f.npz")
    loaded = FrequencyTable.load(tmp_path / "f.npz")
    assert loaded.documents == len(CORPUS)
    assert loaded.word_count("双极板") == TABLE.word_count("双极板") == 3
    assert likeness(CORPUS[5], CORPUS[0]) == [one.value for one in similarity.text_scores(CORPUS[5], [CORPUS[0]], loaded)]
    assert FrequencyTable.load(tmp_path / "none.npz").documents == 0


def test_rarity() -> None:
    assert TABLE.rarity(["小麦"]) > TABLE.rarity(["抗病"]) > 0
    assert TABLE.rarity(["抗病", "没有"]) == 0


def test_a_number_of_its_own_fills_no_bucket_and_passes_for_a_word_of_one_document() -> None:
    """A market has as many of them as listings; counted, they would leave no word unknown."""
    table, words = FrequencyTable(), ["密封"] * 40
    numbers = [f"zl2024{number:07}.{number % 10}" for number in range(2000)] + [f"ab-{number}" for number in range(1000, 3000)]
    table.add(grams=np.zeros(0, np.uint32), words=[*words, *numbers], documents=4000)
    unknown = [f"{first}{second}" for first in "甲乙丙丁戊己庚辛" for second in "子丑寅卯辰巳午未"]
    assert [word for word in unknown if table.word_count(word)] == []
    assert table.word_count("密封") == 40
    assert table.word_count(numbers[0]) == table.word_count("zl20990000001.1") == 1
    assert table.rarity([numbers[0]]) > table.rarity(["密封"]) > 0


@pytest.mark.parametrize("word", ["tc4", "316l", "6061", "ti-6al-4v", "inconel718", "q345b", "2024", "0.15"])
def test_grades_and_short_numbers_are_counted(word: str) -> None:
    table = FrequencyTable()
    table.add(grams=np.zeros(0, np.uint32), words=[word] * 7, documents=50)
    assert table.word_count(word) == 7


def test_best_words_are_rare_and_known() -> None:
    best = [word for word, _ in explanation.best_words(CORPUS[5], TABLE, 8)]
    assert "双极板" in best
    assert explanation.best_words(achievement(9, "无人知晓"), TABLE, 5) == []
    assert all(len(pair) == 2 for pair in explanation.best_pairs(CORPUS[5], TABLE, 6))


def test_shared_terms_leave_out_parts_and_faint_words() -> None:
    terms = explanation.shared_terms(CORPUS[5], CORPUS[0], TABLE)
    texts = [term.text for term in terms]
    assert "双极板" in texts
    assert "极板" not in texts
    assert not any(one in other for one in texts for other in texts if one != other)
    assert max(term.weight for term in terms) == 1.0


def test_terms_of_one_language() -> None:
    one = need(8, "双极板涂层", title_en="Coating of plates", keywords=("涂层", "coating"))
    two = achievement(8, "涂层设备", title_en="Coating machine", keywords=("涂层", "coating"))

    def terms(language: str | None, other: ListingDocument = two) -> set[str]:
        return {term.text for term in explanation.shared_terms(one, other, TABLE, language=language)}

    assert terms(None) == {"涂层", "coat"}
    assert terms("zh") == {"涂层"}
    assert terms("en") == {"coat"}
    assert terms("en", achievement(9, "涂层设备")) == {"涂层"}  # the other side has no English


def test_no_shared_terms_without_common_words() -> None:
    assert explanation.shared_terms(CORPUS[5], CORPUS[2], TABLE) == ()


def test_spans_lead_to_the_original_spelling() -> None:
    document = achievement(9, "ＴＣ４鈦合金", title_en="Heat treatments")
    spans = explanation.locate(document, ["tc4", "钛合金", "treatment"])
    held = {w: [getattr(document, s.field)[s.start : s.end] for s in found] for w, found in spans.items()}
    assert held == {"tc4": ["ＴＣ４"], "钛合金": ["鈦合金"], "treatment": ["treatments"]}


@pytest.mark.parametrize(
    ("text", "words", "expected"),
    [
        ("氢燃料电池双极板", ["燃料电池", "燃料"], "氢[燃料电池]双极板"),
        ("氫燃料電池", ["燃料电池"], "氫[燃料電池]"),
        ("Assembly line", ["assembli"], "[Assembly] line"),
        ("TC4钛合金与TC40", ["tc4"], "[TC4]钛合金与TC40"),
        ("heater", ["heat"], "[heater]"),
        ("wheat", ["heat"], "wheat"),
        ("耐温200℃以上", ["200", "°c"], "耐温[200℃]以上"),
        ("<b>双极板</b>", ["双极板"], "<b>[双极板]</b>"),
        ("", ["双极板"], ""),
        ("双极板", [], "双极板"),
        ("(*.+?)", ["(*"], "[(*].+?)"),  # words are never patterns
    ],
)
def test_segments(text: str, words: list[str], expected: str) -> None:
    assert joined(highlights.segments([text], highlights.marker_of(words))[0]) == expected


def test_a_passage_is_cut_around_the_densest_hits() -> None:
    text = "甲" * 300 + "双极板" + "乙" * 200 + "涂层用于双极板" + "丙" * 300
    passage = highlights.passages([["", text]], highlights.marker_of(["双极板", "涂层"]))[0]
    assert "[涂层]用于[双极板]" in joined(passage)
    assert passage[0] == passage[-1] == (highlights.ELLIPSIS, False)
    assert sum(len(part) for part, _ in passage) <= highlights.PASSAGE_CHARS + 2


def test_hits_are_marked_in_the_language_asked_or_in_all() -> None:
    whole = ListingDocument(
        id="need:1", kind="need", rev=1, title_zh="膜", title_en="Film", summary_zh="膜裂", summary_en="It tears"
    )
    torn = ListingDocument(id="need:2", kind="need", rev=1, title_zh="膜", title_en="Film", summary_zh="膜裂")
    for document, languages, expected in (
        (whole, ("en",), ((), "Film", (), "It tears")),
        (whole, ("zh", "en"), ("膜", "Film", "膜裂", "It tears")),
        (torn, ("en",), ("膜", "Film", "膜裂", ())),
    ):
        hit = highlights.hits_of([(0.0, document)], highlights.marker_of([]), languages=languages)[0]
        shown = (hit.title_zh, hit.title_en, hit.snippet_zh, hit.snippet_en)
        assert tuple(segments and joined(segments) for segments in shown) == expected


def test_a_passage_does_not_cut_words() -> None:
    text = "Molecules pass while the membrane retains albumin and other proteins; " * 8
    whole = set(text.split()) | {highlights.ELLIPSIS}
    for word in ("albumin", "retains", "other"):
        passage = highlights.passages([[text]], highlights.marker_of([word]))[0]
        assert set("".join(part for part, _ in passage).replace(highlights.ELLIPSIS, f" {highlights.ELLIPSIS} ").split()) <= whole


def test_a_passage_without_hits_is_the_beginning() -> None:
    assert highlights.passages([["短文", "双极板"]], highlights.marker_of([])) == [(("短文", False),)]
    assert highlights.passages([["", ""], []], highlights.marker_of(["双极板"])) == [(), ()]


def test_each_listing_of_many_has_its_own_passage() -> None:
    listings = [["短文", "双极板"], ["涂层", "双极板"], [], ["℃双极板", "短文"]]
    found = highlights.passages(listings, highlights.marker_of(["双极板"]))
    assert [joined(one) for one in found] == ["[双极板]", "[双极板]", "", "℃[双极板]"]


@pytest.mark.parametrize(
    ("a", "b", "slips"),
    [
        ("双极板", "双极版", 1),
        ("双极板", "双板", 1),
        ("ab", "ba", 1),
        ("ab", "abc", 1),
        ("abcd", "wxyz", 2),
        ("", "a", 1),
        ("a", "a", 0),
    ],
)
def test_slips(a: str, b: str, slips: int) -> None:
    assert spelling.distance(a, b, 1) == slips


def test_facts_survive_json_and_vectors_halve() -> None:
    document = achievement(3, "轴承", body_zh="长" * 100, vector=(0.5, -0.25), keywords=("a",), closes_at=5, released=True)
    facts = to_facts(document, body_limit=10)
    assert facts["vector"] == "ADgAtA=="
    back = from_facts(facts)
    assert back.body_zh == "长" * 10
    assert (back.vector, back.keywords, back.closes_at, back.released) == ((0.5, -0.25), ("a",), 5, True)


def test_numbers_of_ids() -> None:
    assert [id_of(seq_of(one)) for one in ("achievement:12", "need:7", "need:0")] == ["achievement:12", "need:7", "need:0"]
