"""Numbers people type: intellectual property numbers with their check digit, amounts in 万元, plain decimals.

Decides what is accepted and the one form in which a number is kept and compared; the words for a refusal are labels'.
"""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal, InvalidOperation

from marketplace.core.errors import RuleError
from marketplace.listings.states import IpKind

FEN_PER_WAN = 1_000_000
# A hundred billion yuan: far above any deal, far below what a 64-bit column holds.
MAX_WAN = Decimal(10_000_000)
MAX_DECIMALS_OF_WAN = 4

_APPLICATION_NEW = re.compile(r"(?:ZL|CN)?((?:19|20)\d{2}([12389])\d{7})\.?([0-9X])")
_APPLICATION_OLD = re.compile(r"(?:ZL|CN)?(\d{2}([12389])\d{5})\.?([0-9X])")
_PUBLICATION = re.compile(r"CN(\d{7}|\d{9})([ABCUYSD])\d?")
_FOREIGN = re.compile(r"(?:PCT/[A-Z]{2}\d{2,4}/\d{5,6}|(?!CN)[A-Z]{2}\d{4,13}(?:[A-Z]\d?)?)")
_SOFTWARE = re.compile(r"(?:\d{4}SR\d{6,7}|软著登字第\d{6,8}号)")
_VARIETY = re.compile(r"(?:CNA\d{6,11}[A-Z0-9]?|[国鲁]审[\u4e00-\u9fff]{1,3}\d{6,10})")
_LAYOUT = re.compile(r"BS\.?\d{8,9}\.?\d?")
# The fifth (old: third) digit of a Chinese application number says what was applied for.
_PATENT_DIGITS = {IpKind.INVENTION: "18", IpKind.UTILITY: "29", IpKind.DESIGN: "3"}
_PUBLICATION_LETTERS = {IpKind.INVENTION: "ABC", IpKind.UTILITY: "UY", IpKind.DESIGN: "SD"}


def half_width(text: str) -> str:
    """Full-width letters, digits and signs as their usual forms (NFKC), without surrounding blanks."""
    return unicodedata.normalize("NFKC", text).strip()


def check_digit(digits: str) -> str:
    """The check digit of a Chinese patent application number of 12 digits (8 before October 2003): "0"-"9" or "X".

    Weights run 2 to 9 and start again at 2; the weighted sum modulo 11 is the digit, 10 is written X.
    """
    total = sum(int(digit) * (2 + position % 8) for position, digit in enumerate(digits))
    return "0123456789X"[total % 11]


def ip_number(kind: IpKind, typed: str) -> str:
    """The number in the form it is kept and compared ("" for nothing typed).

    Raises RuleError with code ip_number_form, ip_number_check (params expected) or ip_number_kind.
    """
    number = re.sub(r"[\s·\-—]", "", half_width(typed)).upper().replace("。", ".")
    if not number:
        return ""
    if kind in _PATENT_DIGITS:
        return _patent_number(kind, number)
    pattern = {IpKind.SOFTWARE: _SOFTWARE, IpKind.VARIETY: _VARIETY, IpKind.LAYOUT: _LAYOUT}[kind]
    if not pattern.fullmatch(number):
        raise RuleError("ip_number_form")
    return number.replace(".", "") if kind is IpKind.LAYOUT else number


def normal_number(kind: IpKind, typed: str) -> str:
    """The number as it is kept, or "" while it is wrong or missing."""
    try:
        return ip_number(kind, typed)
    except RuleError:
        return ""


def _patent_number(kind: IpKind, number: str) -> str:
    application = _APPLICATION_NEW.fullmatch(number) or _APPLICATION_OLD.fullmatch(number)
    if application:
        digits, kind_digit, given = application.groups()
        if kind_digit not in _PATENT_DIGITS[kind]:
            raise RuleError("ip_number_kind")
        expected = check_digit(digits)
        if expected != given:
            raise RuleError("ip_number_check", expected=expected)
        return f"{digits}.{given}"
    publication = _PUBLICATION.fullmatch(number)
    if publication:
        if publication.group(2) not in _PUBLICATION_LETTERS[kind]:
            raise RuleError("ip_number_kind")
        return number
    compact = number.replace(",", "")
    if _FOREIGN.fullmatch(compact):
        return compact
    raise RuleError("ip_number_form")


def pretty_number(number: str, *, is_granted: bool) -> str:
    """How a kept number is printed: application numbers in groups with ZL (granted) or CN before them, others as kept."""
    found = re.fullmatch(r"(\d{4})(\d)(\d{7}\.[0-9X])", number) or re.fullmatch(r"(\d{2})(\d)(\d{5}\.[0-9X])", number)
    return " ".join(("ZL" if is_granted else "CN", *found.groups())) if found else number


def fen_of_wan(typed: str) -> int | None:
    """Integer fen from an amount in 万元 as typed (full-width digits and thousands commas accepted); None for nothing.

    Raises RuleError with code money_form or money_range.
    """
    text = half_width(typed).replace(",", "").removesuffix("万元").removesuffix("万").strip()
    if not text:
        return None
    if not re.fullmatch(r"\d{1,12}(?:\.\d{1,12})?", text):
        raise RuleError("money_form")
    amount = Decimal(text)
    if amount > MAX_WAN:
        raise RuleError("money_range")
    if -int(amount.normalize().as_tuple().exponent) > MAX_DECIMALS_OF_WAN:
        raise RuleError("money_form")
    return int(amount * FEN_PER_WAN)


def wan_of_fen(fen: int | None) -> str:
    """How an amount in fen is typed in 万元."""
    if fen is None:
        return ""
    text = f"{Decimal(fen) / FEN_PER_WAN:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def plain_number(typed: str) -> str:
    """A decimal as typed, in half-width and without thousands commas; "" for nothing. Raises RuleError number_form."""
    text = half_width(typed).replace(",", "").replace("−", "-")
    if text and not re.fullmatch(r"[+-]?\d{1,15}(?:\.\d{1,10})?(?:[eE][+-]?\d{1,2})?", text):
        raise RuleError("number_form")
    return text.removeprefix("+")


def as_decimal(text: str) -> Decimal | None:
    """The value of a number kept as text, or None when it is none."""
    try:
        return Decimal(text) if text else None
    except InvalidOperation:
        return None
