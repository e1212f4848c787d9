"""Pure checks of accounts: second factors, tokens, passwords, and the unified social credit code."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

ROLES_WITH_SECOND_FACTOR = frozenset({"admin", "expert"})


def needs_second_factor(role_names: Iterable[str], *, is_demo: bool = False) -> bool:
    """A site role needs a second factor (ASVS 6.3.3); demonstration accounts exist on a loopback address only."""
    return not is_demo and not ROLES_WITH_SECOND_FACTOR.isdisjoint(role_names)


def token_hash(token: str) -> str:
    """What is kept of a secret token: 64 hex digits from which it cannot be found again."""
    return hashlib.sha256(token.encode()).hexdigest()
