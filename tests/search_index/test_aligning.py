"""Folded texts that know where each character came from."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from search_index import aligning, tokens

MIXED = st.text(alphabet="强度由提高到，。（）ＡｂaBΣσς℃μ㎡①½ﬁéİ鋼鐵發가㈱豈𠮷𫚔 \n\u200b\u0301", max_size=30)


@given(st.text(max_size=60))
def test_positions_lead_back_into_the_original(text: str) -> None:
    aligned = aligning.align(text)
    for at in range(len(aligned.text)):
        start, end = aligned.span(at, at + 1)
        assert 0 <= start < end <= len(text)


@given(MIXED)
def test_each_character_is_folded_by_itself_and_knows_where_it_came_from(text: str) -> None:
    aligned = aligning.align(text)
    assert aligned.text == "".join(map(tokens.normalise, text))
    singly = [at for at, character in enumerate(text) for _ in tokens.normalise(character)]
    assert [aligned.span(at, at + 1)[0] for at in range(len(aligned.text))] == singly


@given(st.lists(MIXED, max_size=6))
def test_many_texts_at_once_are_the_same_as_one_by_one(texts: list[str]) -> None:
    together = aligning.align_all(texts)
    for text, aligned in zip(texts, together, strict=True):
        alone = aligning.align(text)
        assert aligned.text == alone.text
        whole = range(len(alone.text))
        assert [aligned.span(at, at + 1) for at in whole] == [alone.span(at, at + 1) for at in whole]


def test_a_usual_text_is_folded_as_the_index_folds_it() -> None:
    for text in ("强度由200℃提高到350 MPa，精度±5μm", "ＡＢＣ型、（半导体）", "電池回收與再利用", "Ti‑6Al‑4V №5"):
        assert aligning.align(text).text == tokens.normalise(text)
