"""One spelling, the right word borders, and every way a person may write a model, a unit or a patent number."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search_index import tokens


@pytest.mark.parametrize(
    ("written", "spelled"),
    [
        ("氫燃料電池實驗室", "氢燃料电池实验室"),
        ("ＴＣ４　钛合金", "tc4 钛合金"),
        ("２００℃", "200°c"),
        ("µm", "μm"),
        ("㎡", "m2"),
        ("Wi\u2011Fi\u200b", "wi-fi "),
        ("上\x00下\n左\ue000右", "上 下 左 右"),
        ("", ""),
    ],
)
def test_one_spelling(written: str, spelled: str) -> None:
    assert tokens.normalise(written) == spelled


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("实验室", {"实验", "实验室"}),
        ("燃料电池的双极板", {"燃料", "电池", "燃料电池", "极板", "双极板"}),
        ("TC4钛合金", {"tc4", "合金", "钛合金"}),
        ("6061-T6", {"6061-t6", "6061t6", "6061", "t6"}),
        ("ZL202410123456.5", {"zl202410123456.5", "202410123456.5", "202410123456"}),
        ("CN114567890A", {"cn114567890a", "114567890"}),
        ("200℃", {"200", "°c"}),
        ("3.5 MPa", {"3.5", "mpa"}),
        ("5G", {"5g"}),
        ("heat treatments of plates", {"heat", "treatment", "plate"}),
        ("OLED", {"oled"}),
        ("high-temperature", {"hightemperature", "high", "temperatur"}),
        ("的 and 了", set()),
        ("!!! --- ???", set()),
    ],
)
def test_document_tokens(text: str, expected: set[str]) -> None:
    assert set(tokens.words(text)) == expected


def test_term_frequency_is_kept() -> None:
    assert tokens.words("焊接焊接，焊接").count("焊接") == 3


@pytest.mark.parametrize(
    ("query", "written"),
    [
        ("實驗室", "材料实验室"),
        ("6061", "6061-T6铝板"),
        ("T6", "6061-T6铝板"),
        ("6061t6", "6061-T6铝板"),
        ("6061-T6", "铝板 6061 T6 态"),
        ("6061\u2013T6", "6061-T6铝板"),
        ("ZL202410123456.5", "专利号202410123456.5"),
        ("202410123456", "ZL 202410123456.5"),
        ("200 ℃", "耐温200℃"),
        ("200℃", "耐温 200 ℃"),
        ("10kW", "功率10 kW"),
        ("TREATMENT", "Heat treatments"),
        ("钛合金TC4", "TC4钛合金"),
        ("Ｔｃ４", "tc4"),
    ],
)
def test_a_query_unit_is_covered_by_the_text(query: str, written: str) -> None:
    held = set(tokens.words(written))
    assert [unit.surface for unit in tokens.units(query) if not set(unit.must) <= held] == []


@pytest.mark.parametrize(
    ("word", "must"),
    [
        ("实验室", ("实验室",)),  # 实验 alone would not mean it
        ("燃料电池", ("燃料", "电池")),  # both parts mean it
        ("智能网联汽车", ("智能", "网联", "汽车")),
    ],
)
def test_parts_stand_for_a_word_only_when_they_make_it_up(word: str, must: tuple[str, ...]) -> None:
    assert tokens.han_unit(word).must == must


def test_only_stop_words_are_still_a_query() -> None:
    assert [unit.surface for unit in tokens.units("的")] == ["的"]
    assert [unit.surface for unit in tokens.units("石墨的改性")] == ["石墨", "改性"]


def test_a_made_up_word_is_found_by_its_two_character_parts() -> None:
    held = tokens.words("钛硼碳氮")
    for part in ("钛硼", "硼碳"):
        assert set(tokens.units(part)[0].must) <= set(held)


def test_pinyin_of_words_and_neighbours() -> None:
    terms = set(tokens.pinyin_terms("氢燃料电池实验室"))
    assert {"shiyanshi", "sys", "ranliaodianchi", "rldc", "qingranliaodianchi", "ranliaodianchishiyanshi"} <= terms
    assert {"dianchi", "dc"} <= set(tokens.pinyin_terms("动力电池包热失控"))  # a word inside a longer one
    assert "chongqing" in tokens.pinyin_terms("重庆")


def test_the_version_names_rules_and_dictionary() -> None:
    revision, _, digest = tokens.DICTIONARY_VERSION.partition(".")
    assert revision == str(tokens.RULES_REVISION)
    assert len(digest) == 8


def test_the_sentinel_is_no_token_of_any_text() -> None:
    assert tokens.SENTINEL not in tokens.words(f"{tokens.SENTINEL} _S_ s")
    assert all(tokens.SENTINEL not in unit.must for unit in tokens.units(tokens.SENTINEL))


@given(st.text(max_size=80))
def test_any_text_gives_tokens_without_blanks(text: str) -> None:
    for token in tokens.words(text):
        assert token
        assert not any(c.isspace() for c in token)


@given(st.text(max_size=60))
def test_normalising_twice_changes_nothing_more(text: str) -> None:
    once = tokens.normalise(text)
    assert tokens.words(once) == tokens.words(text)


def test_many_texts_at_once_are_the_same_as_one_by_one() -> None:
    texts = ["ＡＢ", "實驗\n室", "", "a\U000f0000b"]
    assert tokens.normalise_all(texts) == [tokens.normalise(text) for text in texts]


def test_threads_do_not_mix_up_their_words() -> None:
    endings = ("ations", "ingly", "ments", "izers", "fulness")
    written = [f"{chr(97 + n % 26)}{chr(97 + n // 26 % 26)}tern{endings[n % 5]}" for n in range(4000)]
    tokens._stem.cache_clear()
    alone = [tokens._stem(word) for word in written]
    tokens._stem.cache_clear()
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(tokens._stem, written)) == alone


def test_threads_segment_as_one() -> None:
    written = [f"雙極板塗層{n}號與氫燃料電池實驗室的Ｍｏｄｅｌ{n} treatments" for n in range(800)]
    alone = [tokens.words(text) for text in written]
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(tokens.words, written)) == alone


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("ZL 2024 1 0123456.5", "202410123456"),
        ("ZL202410123456.5", "202410123456"),
        ("2024 1 0123456.5", "202410123456"),
        ("zl 202410123456.5", "202410123456"),
        ("ＺＬ　２０２４　１　０１２３４５６．５", "202410123456"),
        ("专利 CN 2024 1 0123456.X 的成果", "202410123456"),
        ("ZL 98 1 12345.6", "98112345"),
        ("CN 117654321A", "117654321"),
    ],
)
def test_a_number_copied_in_groups_is_one_word(typed, number):
    """Records print ZL 2024 1 0123456.5; whoever searches for what they copied must find that record."""
    assert [unit.must for unit in tokens.units(typed) if number in unit.must] == [(number,)]
    assert not {"zl", "cn", number[:4], number[5:]} & {token for unit in tokens.units(typed) for token in unit.must}


@pytest.mark.parametrize("typed", ["2024 年 1 月 30 日", "100 1 2 300", "2024 1 月", "TC4 2024 12"])
def test_other_numbers_stay_apart(typed):
    assert tokens.units(typed) == tuple(tokens._units(tokens.normalise(typed), keep_stop=False))
