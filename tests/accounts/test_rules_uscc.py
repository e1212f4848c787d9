"""The unified social credit code: normalising, both check digits, and that each slip of the hand is found."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.accounts.rules import uscc
from tests.factories.accounts import make_uscc

PUBLIC_CODES = ["91110108551385082Q", "91110000802100433B", "91350100M000100Y43", "12100000400000624D"]


@pytest.mark.parametrize("code", PUBLIC_CODES)
def test_codes_in_public_use_pass_both_checks(code):
    assert uscc.problem(code) == ""


@pytest.mark.parametrize(
    "typed", ["9111 0108 5513 8508 2q", "９１１１０１０８５５１３８５０８２Ｑ", " 91110108-551385082Q ", "91110108551385082q\t"]
)
def test_what_people_type_is_normalised(typed):
    assert uscc.normalise(typed) == "91110108551385082Q"


@pytest.mark.parametrize(
    ("code", "problem"),
    [
        ("", "uscc_length"),
        ("9111010855138508", "uscc_length"),
        ("91110108551385082QQ", "uscc_length"),
        ("9111010855138508IQ", "uscc_characters"),
        ("9A110108551385082Q", "uscc_characters"),
        ("91110108551385082R", "uscc_check"),
        ("91110108551385083Q", "uscc_check"),
        ("９", "uscc_length"),
    ],
)
def test_each_fault_has_its_name(code, problem):
    assert uscc.problem(code) == problem


def test_a_code_whose_outer_check_fits_may_fail_the_inner_one():
    """The control for position 17: change it and repair the last character; only the second check notices."""
    alphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY"
    head = "9111010855138508" + "3"
    last = alphabet[-sum(alphabet.index(c) * pow(3, i, 31) for i, c in enumerate(head)) % 31]
    assert uscc.problem(head + last) == "uscc_body_check"


@given(st.integers(0, 99_999_999), st.integers(0, 17), st.sampled_from("0123456789ABCDEFGHJKLMNPQRTUWXY"))
def test_any_one_wrong_character_is_found(number, place, other):
    code = make_uscc(number)
    assert uscc.problem(code) == ""
    wrong = code[:place] + other + code[place + 1 :]
    assert (uscc.problem(wrong) == "") == (wrong == code)


@given(st.text(max_size=40))
def test_anything_typed_is_answered(text):
    assert uscc.problem(uscc.normalise(text)) in {"", "uscc_length", "uscc_characters", "uscc_check", "uscc_body_check"}


@pytest.mark.parametrize(("code", "place"), [("91370202264574953R", "370200"), ("91371202MA3C0ABC1X", "371200")])
def test_the_place_where_a_code_was_given_out(code, place):
    assert uscc.city(code) == place
