"""Folded texts that know where each character came from."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from search_index import aligning, tokens

MIXED = st.text(alphabet="强度由提高到，。（）ＡｂaBΣσς℃μ㎡①½ﬁéİ鋼鐵發가㈱豈𠮷𫚔 \n\u200b\u0301", max_size=30)


@given(st.lists(st.text(max_size=60), max_size=3))
def test_positions_lead_back_into_the_original(texts: list[str]) -> None:
    aligned = aligning.align(texts)
    for at, character in enumerate(aligned.text):
        if character != aligning.BORDER:
            number, start, end = aligned.place(at, at + 1)
            assert 0 <= start < end <= len(texts[number])


@given(st.lists(MIXED, max_size=6))
def test_each_character_is_folded_by_itself_and_knows_where_it_came_from(texts: list[str]) -> None:
    aligned = aligning.align(texts)
    assert aligned.text == aligning.BORDER.join("".join(map(tokens.normalise, text)) for text in texts)
    origins = [(n, at) for n, text in enumerate(texts) for at, character in enumerate(text) for _ in tokens.normalise(character)]
    letters = [at for at, character in enumerate(aligned.text) if character != aligning.BORDER]
    assert [aligned.place(at, at + 1) for at in letters] == [(n, at, at + 1) for n, at in origins]


def test_a_range_reaches_from_its_first_to_its_last_character() -> None:
    aligned = aligning.align(["½轴", "㈱轴½承"])
    at = aligned.text.rindex("轴1")
    assert aligned.place(at, at + 2) == (1, 1, 3)


def test_a_usual_text_is_folded_as_the_index_folds_it() -> None:
    for text in ("强度由200℃提高到350 MPa，精度±5μm", "ＡＢＣ型、（半导体）", "電池回收與再利用", "Ti‑6Al‑4V №5"):
        assert aligning.align([text]).text == tokens.normalise(text)
