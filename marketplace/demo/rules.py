"""Makes numbers for invented organisations and patents: formally right, so that every check runs, and of no real one.

Credit codes start with 99 (market regulation, other) and an organisation code DE......; patents carry the year 2098.
"""

from __future__ import annotations

from marketplace.listings.rules.numbers import check_digit

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
DEMO_YEAR = "2098"
_KIND_OF_RIGHT = {"invention": "1", "utility": "2", "design": "3"}
_ORG_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)


def credit_code(number: int, city: str) -> str:
    """A unified social credit code (GB 32100-2015) with both check digits for demonstration organisation `number`.

    99 + six digits of the place + nine characters of the organisation code (GB 11714, check at the ninth) + check.
    """
    body = f"DE{number:06d}"
    organisation = body + _organisation_check(body)
    first = f"99{city}{organisation}"
    total = sum(ALPHABET.index(character) * pow(3, place, 31) for place, character in enumerate(first))
    return first + ALPHABET[(31 - total % 31) % 31]


def _organisation_check(body: str) -> str:
    value = sum(int(character, 36) * weight for character, weight in zip(body, _ORG_WEIGHTS, strict=True))
    rest = 11 - value % 11
    return {10: "X", 11: "0"}.get(rest, str(rest))


def right_number(kind: str, serial: int, *, is_granted: bool) -> str:
    """A number for a right of `kind` ("invention", "software", ...): patents with the check digit of CN applications."""
    if kind == "software":
        return f"{DEMO_YEAR}SR{serial:07d}"
    if kind == "variety":
        return f"CNA{DEMO_YEAR}{serial:06d}"
    if kind == "layout":
        return f"BS.{DEMO_YEAR[2:]}5{serial:06d}"
    digits = f"{DEMO_YEAR}{_KIND_OF_RIGHT[kind]}{serial:07d}"
    number = f"{digits}.{check_digit(digits)}"
    return f"ZL{number}" if is_granted else f"CN{number}"
