"""Near-equal titles, the name of an anonymous organisation, differences of texts."""

from __future__ import annotations

import time

import pytest

from marketplace.core.types import Bilingual
from marketplace.listings.rules import texts


@pytest.mark.parametrize(
    ("first", "second", "is_near"),
    [
        ("增强型质子交换膜的连续流延制备", "增强型质子交换膜的连续流延制备方法", True),
        ("增强型质子交换膜的连续流延制备", "增强型 质子交换膜 的连续流延制备！", True),
        ("ＰＥＭ膜连续流延", "PEM膜连续流延", True),
        ("增强型质子交换膜的连续流延制备", "高强铝合金搅拌摩擦焊", False),
        ("质子交换膜", "阴离子交换膜电解槽", False),
        ("", "", False),
    ],
)
def test_near_titles(first, second, is_near):
    assert texts.are_near(Bilingual(first, ""), Bilingual(second, "")) is is_near


def test_near_in_either_language():
    assert texts.are_near(Bilingual("甲", "Continuous casting of membranes"), Bilingual("乙", "continuous casting of membrane"))


def test_near_titles_share_keys_and_others_hardly_do():
    one = texts.title_keys("增强型质子交换膜的连续流延制备")
    assert one & texts.title_keys("增强型质子交换膜的连续流延制备方法")
    assert not one & texts.title_keys("高强铝合金搅拌摩擦焊")
    assert len(one) <= texts.KEYS_PER_TITLE


@pytest.mark.parametrize(
    ("trade", "city", "zh", "en"),
    [
        (
            Bilingual("装备企业", "equipment maker"),
            Bilingual("潍坊", "Weifang"),
            "潍坊某装备企业",
            "an equipment maker in Weifang",
        ),
        (
            Bilingual("装备企业", "equipment maker"),
            Bilingual("潍坊市", "Weifang"),
            "潍坊某装备企业",
            "an equipment maker in Weifang",
        ),
        (Bilingual("化工企业", "chemical works"), Bilingual("淄博", "Zibo"), "淄博某化工企业", "a chemical works in Zibo"),
        (Bilingual(), Bilingual("济南", "Jinan"), "济南某企业", "a company in Jinan"),
        (Bilingual(), Bilingual(), "某企业", "a company"),
    ],
)
def test_masked_names(trade, city, zh, en):
    assert texts.masked_name(trade, city) == Bilingual(zh, en)


def test_segments_tell_what_went_and_came():
    found = texts.segments("电耗 4.28 kWh", "电耗 4.25 kWh")
    assert "".join(text for sign, text in found if sign != "new") == "电耗 4.28 kWh"
    assert "".join(text for sign, text in found if sign != "gone") == "电耗 4.25 kWh"
    assert ("gone", "28") in found
    assert ("new", "25") in found


def test_long_texts_are_compared_by_sentence_and_in_time():
    old = "".join(f"第{i}句话说明一件事情。" for i in range(400))
    new = old.replace("第200句话", "改过的句子")
    started = time.perf_counter()
    found = texts.segments(old, new)
    assert time.perf_counter() - started < 2.0
    assert "".join(text for sign, text in found if sign != "new") == old
    assert "".join(text for sign, text in found if sign != "gone") == new
    assert len([sign for sign, _ in found if sign != "same"]) == 2
