"""Numbers as people type them: check digits, kinds, full-width digits, amounts."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.core.errors import RuleError
from marketplace.listings.rules import numbers
from marketplace.listings.states import IpKind

K = IpKind


@pytest.mark.parametrize(
    ("digits", "expected"),
    [
        ("202410123456", "0"),
        ("202410000001", "X"),
        ("98101234", "5"),  # eight digits before October 2003: weights 2 to 9
        ("000000000000", "0"),
    ],
)
def test_check_digit(digits, expected):
    assert numbers.check_digit(digits) == expected


def test_check_digit_by_hand():
    # 2·2 + 0·3 + 2·4 + 4·5 + 1·6 + 0·7 + 1·8 + 2·9 + 3·2 + 4·3 + 5·4 + 6·5 = 132 = 12·11
    assert (
        sum(d * w for d, w in zip([2, 0, 2, 4, 1, 0, 1, 2, 3, 4, 5, 6], [2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5], strict=True)) == 132
    )


@pytest.mark.parametrize(
    ("kind", "typed", "kept"),
    [
        (K.INVENTION, "ZL 2024 1 0123456.0", "202410123456.0"),
        (K.INVENTION, "zl202410123456.0", "202410123456.0"),
        (K.INVENTION, "CN2024101234560", "202410123456.0"),
        (K.INVENTION, "２０２４１０１２３４５６．０", "202410123456.0"),
        (K.INVENTION, "ZL98101234.5", "98101234.5"),
        (K.INVENTION, "CN117654321A", "CN117654321A"),
        (K.INVENTION, "CN 117654321 B", "CN117654321B"),
        (K.INVENTION, "PCT/CN2024/123456", "PCT/CN2024/123456"),
        (K.INVENTION, "US 11,234,567 B2", "US11234567B2"),
        (K.INVENTION, "EP3456789A1", "EP3456789A1"),
        (K.UTILITY, "CN221234567U", "CN221234567U"),
        (K.DESIGN, "CN308765432S", "CN308765432S"),
        (K.SOFTWARE, "2024SR0123456", "2024SR0123456"),
        (K.SOFTWARE, "软著登字第1234567号", "软著登字第1234567号"),
        (K.VARIETY, "CNA20201001234", "CNA20201001234"),
        (K.VARIETY, "鲁审玉20240012", "鲁审玉20240012"),
        (K.LAYOUT, "BS.24500123.4", "BS245001234"),
        (K.INVENTION, "   ", ""),
    ],
)
def test_numbers_are_kept_in_one_form(kind, typed, kept):
    assert numbers.ip_number(kind, typed) == kept


@pytest.mark.parametrize(
    ("kind", "typed", "code"),
    [
        (K.INVENTION, "202410123456.1", "ip_number_check"),
        (K.INVENTION, "202420123456.5", "ip_number_kind"),
        (K.UTILITY, "202410123456.0", "ip_number_kind"),
        (K.UTILITY, "CN117654321A", "ip_number_kind"),
        (K.INVENTION, "12345", "ip_number_form"),
        (K.INVENTION, "202440123456.0", "ip_number_form"),
        (K.SOFTWARE, "2024SR12", "ip_number_form"),
        (K.VARIETY, "CNA1", "ip_number_form"),
        (K.LAYOUT, "123", "ip_number_form"),
        (K.INVENTION, "<script>alert(1)</script>", "ip_number_form"),
    ],
)
def test_wrong_numbers_say_what_is_wrong(kind, typed, code):
    with pytest.raises(RuleError) as error:
        numbers.ip_number(kind, typed)
    assert error.value.code == code


def test_the_expected_check_digit_is_told():
    with pytest.raises(RuleError) as error:
        numbers.ip_number(K.INVENTION, "202410123456.5")
    assert error.value.params == {"expected": "0"}


@given(st.integers(2000, 2030), st.integers(0, 9_999_999), st.sampled_from("1289"))
def test_every_one_digit_slip_is_found(year, serial, kind_digit):
    digits = f"{year}{kind_digit}{serial:07d}"
    kind = K.INVENTION if kind_digit in "18" else K.UTILITY
    right = f"{digits}.{numbers.check_digit(digits)}"
    assert numbers.ip_number(kind, right) == right
    slipped = digits[:6] + str((int(digits[6]) + 1) % 10) + digits[7:]
    with pytest.raises(RuleError):
        numbers.ip_number(kind, f"{slipped}.{right[-1]}")


@pytest.mark.parametrize(
    ("number", "is_granted", "printed"),
    [
        ("202410123456.0", True, "ZL 2024 1 0123456.0"),
        ("202410123456.0", False, "CN 2024 1 0123456.0"),
        ("98101234.5", True, "ZL 98 1 01234.5"),
        ("CN117654321A", True, "CN117654321A"),
        ("2024SR0123456", True, "2024SR0123456"),
    ],
)
def test_numbers_as_printed(number, is_granted, printed):
    assert numbers.pretty_number(number, is_granted=is_granted) == printed


@pytest.mark.parametrize(
    ("typed", "fen"),
    [
        ("120", 120_000_000),
        ("7.5", 7_500_000),
        ("１２０．５", 120_500_000),
        ("1,200", 1_200_000_000),
        ("1，200", 1_200_000_000),
        ("0.0001", 100),
        ("0", 0),
        ("260 万元", 260_000_000),
        ("", None),
        ("  ", None),
    ],
)
def test_amounts_in_wan(typed, fen):
    assert numbers.fen_of_wan(typed) == fen


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("abc", "money_form"),
        ("-5", "money_form"),
        ("1e5", "money_form"),
        ("0.00001", "money_form"),
        ("NaN", "money_form"),
        ("99999999", "money_range"),
        ("1.2.3", "money_form"),
    ],
)
def test_wrong_amounts(typed, code):
    with pytest.raises(RuleError) as error:
        numbers.fen_of_wan(typed)
    assert error.value.code == code


@given(st.integers(0, 10_000_000_000).map(lambda yuan: yuan * 100))
def test_amounts_survive_the_way_to_the_form_and_back(fen):
    assert numbers.fen_of_wan(numbers.wan_of_fen(fen)) == fen


@pytest.mark.parametrize(
    ("typed", "kept"), [("5.8", "5.8"), ("＋５．８", "5.8"), ("−3", "-3"), ("1,000", "1000"), ("1e-9", "1e-9"), ("", "")]
)
def test_plain_numbers(typed, kept):
    assert numbers.plain_number(typed) == kept


@pytest.mark.parametrize("typed", ["5,8 %", "about 5", "5-8", "inf", "=1+1", "@SUM(A1)"])
def test_wrong_plain_numbers(typed):
    with pytest.raises(RuleError):
        numbers.plain_number(typed)


@pytest.mark.parametrize(
    "nasty", ["1" * 60_000, "ZL" + "2 " * 30_000, "软著登字第" + "1" * 50_000, "审" * 50_000, "CNA" + "1" * 50_000]
)
def test_no_pattern_takes_long(nasty):
    started = time.perf_counter()
    for kind in IpKind:
        with pytest.raises(RuleError):
            numbers.ip_number(kind, nasty)
    assert time.perf_counter() - started < 1.0
