"""The unified social credit code (统一社会信用代码): normalising and both check digits.

A code that passes proves only that it was typed right; that the organisation exists is shown by a document and a look.
"""

from __future__ import annotations

import unicodedata

from stdnum.cn import uscc as outer
from stdnum.exceptions import InvalidChecksum, InvalidComponent, InvalidFormat, InvalidLength, ValidationError

# GB 11714-1997, 全国组织机构代码编制规则, section on the check code: weights of the eight characters of the body, modulus 11.
# GB 32100-2015 takes the nine characters over as positions 9-17, so position 17 has this check of its own.
BODY_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
_BODY = slice(8, 16)
_BODY_CHECK = 16
_PROBLEMS: dict[type[ValidationError], str] = {
    InvalidLength: "uscc_length",
    InvalidFormat: "uscc_characters",
    InvalidComponent: "uscc_characters",
    InvalidChecksum: "uscc_check",
}


def normalise(text: str) -> str:
    """Full-width to half-width, upper case, without spaces and hyphens."""
    plain = unicodedata.normalize("NFKC", text).upper()
    return "".join(c for c in plain if not c.isspace() and c not in "-‐‑–—")


def problem(code: str) -> str:
    """Why a normalised code cannot be right ("uscc_length", "uscc_characters", "uscc_check", "uscc_body_check"), or ""."""
    try:
        outer.validate(code)
    except ValidationError as error:
        return _PROBLEMS.get(type(error), "uscc_characters")
    return "" if body_check(code[_BODY]) == code[_BODY_CHECK] else "uscc_body_check"


def body_check(body: str) -> str:
    """The check character of an organisation code's eight-character body (0-9 count as they are, A = 10 ... Z = 35)."""
    rest = 11 - sum(int(c, 36) * w for c, w in zip(body, BODY_WEIGHTS, strict=True)) % 11
    return {10: "X", 11: "0"}.get(rest, str(rest))


def city(code: str) -> str:
    """The city (GB/T 2260, first four digits and 00) where a code was given out; merged ones are the taxonomy's matter."""
    return code[2:6] + "00"
