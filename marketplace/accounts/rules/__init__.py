"""Pure checks of accounts: second factors, tokens, passwords (passwords.py), social credit codes (uscc.py)."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable

# So long the old box may take a change of address back, and so long nobody else gets that address.
OLD_ADDRESS_KEPT = dt.timedelta(days=7)
ROLES_WITH_SECOND_FACTOR = frozenset({"admin", "expert"})


def needs_second_factor(role_names: Iterable[str], *, is_demo: bool = False) -> bool:
    """A site role needs a second factor (ASVS 6.3.3); demonstration accounts exist on a loopback address only."""
    return not is_demo and not ROLES_WITH_SECOND_FACTOR.isdisjoint(role_names)


def token_hash(token: str) -> str:
    """What is kept of a secret token: 64 hex digits from which it cannot be found again."""
    return hashlib.sha256(token.encode()).hexdigest()


def veiled(address: str) -> str:
    """An address that its owner recognises and others do not learn: "l***@example.org"."""
    name, _, domain = address.partition("@")
    return f"{name[:1]}***@{domain}"


def same_address(one: str, other: str) -> bool:
    """Do two e-mail addresses name the same box? Upper and lower case make no difference here."""
    return one.strip().lower() == other.strip().lower()
