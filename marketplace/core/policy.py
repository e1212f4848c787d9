"""Who is asking, and how a rule answers.

A `Condition` is one rule in one place that yields the object check, the SQL condition and the search filter; a
`Decision` is the answer of a `can_x` function. Features hold the rules; this file only holds their grammar.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, and_, false, or_, true

from marketplace.core.errors import Forbidden, NotFound


@dataclass(frozen=True, slots=True)
class Membership:
    """One organisation an actor acts for, as it stands at this request."""

    org_id: int
    org_kind: str
    role: str
    is_verified: bool
    org_name_zh: str = ""
    org_name_en: str = ""
    city: str = ""


@dataclass(frozen=True, slots=True)
class Actor:
    """Who asks. Read from the database at each request, so that a removed member loses access at once."""

    user_id: int | None = None
    name: str = ""
    language: str = "zh"
    site_roles: frozenset[str] = frozenset()
    memberships: tuple[Membership, ...] = ()
    has_second_factor: bool = False
    is_system: bool = False

    @property
    def is_authenticated(self) -> bool:
        return self.user_id is not None

    @property
    def is_admin(self) -> bool:
        return "admin" in self.site_roles

    @property
    def org_ids(self) -> frozenset[int]:
        return frozenset(m.org_id for m in self.memberships)

    @property
    def is_of_verified_org(self) -> bool:
        return any(m.is_verified for m in self.memberships)

    def org_ids_as(self, *roles: str, verified: bool = False) -> frozenset[int]:
        """Organisations in which the actor has one of `roles` (and that are verified, when asked)."""
        return frozenset(m.org_id for m in self.memberships if m.role in roles and (m.is_verified or not verified))

    def membership(self, org_id: int) -> Membership | None:
        """The actor's place in one organisation."""
        return next((m for m in self.memberships if m.org_id == org_id), None)


ANONYMOUS = Actor()
SYSTEM = Actor(name="system", is_system=True)


@dataclass(frozen=True, slots=True)
class Decision:
    """Yes, or no with a reason code. `is_hidden` means: answer as if the thing did not exist."""

    allowed: bool
    reason: str = ""
    is_hidden: bool = False

    def __bool__(self) -> bool:
        return self.allowed

    def or_raise(self) -> None:
        """Raise Forbidden (or NotFound when even its existence is hidden) unless allowed."""
        if not self.allowed:
            raise NotFound(self.reason) if self.is_hidden else Forbidden(self.reason)


def allow() -> Decision:
    """Yes."""
    return Decision(True)


def deny(reason: str) -> Decision:
    """No, because."""
    return Decision(False, reason)


def hide(reason: str = "not_found") -> Decision:
    """No, and do not tell that it exists."""
    return Decision(False, reason, is_hidden=True)


def decide(allowed: bool, reason: str) -> Decision:
    """Yes if `allowed`, else no because of `reason`."""
    return allow() if allowed else deny(reason)


class Condition:
    """A rule over one row. `&` and `|` combine."""

    def matches(self, thing: Any) -> bool:
        """The object check."""
        raise NotImplementedError

    def sql(self, model: Any) -> ColumnElement[bool]:
        """The same rule as SQL over `model`."""
        raise NotImplementedError

    def search_filter(self) -> dict[str, Any]:
        """The same rule for the search index: {"field","in"} / {"all"} / {"any"}."""
        raise NotImplementedError

    def __and__(self, other: Condition) -> Condition:
        return AllOf((self, other))

    def __or__(self, other: Condition) -> Condition:
        return AnyOf((self, other))


@dataclass(frozen=True)
class OneOf(Condition):
    """The attribute holds one of the values. `indexed_as` is its name in the search index when that differs."""

    attribute: str
    values: frozenset[Any]
    indexed_as: str = ""

    def matches(self, thing: Any) -> bool:
        return getattr(thing, self.attribute) in self.values

    def sql(self, model: Any) -> ColumnElement[bool]:
        return getattr(model, self.attribute).in_(sorted(self.values)) if self.values else false()

    def search_filter(self) -> dict[str, Any]:
        return {"field": self.indexed_as or self.attribute, "in": sorted(self.values)}


@dataclass(frozen=True)
class AllOf(Condition):
    """Every part holds; no parts: always."""

    parts: tuple[Condition, ...] = field(default_factory=tuple)

    def matches(self, thing: Any) -> bool:
        return all(part.matches(thing) for part in self.parts)

    def sql(self, model: Any) -> ColumnElement[bool]:
        return and_(true(), *(part.sql(model) for part in self.parts))

    def search_filter(self) -> dict[str, Any]:
        return {"all": [part.search_filter() for part in self.parts]}


@dataclass(frozen=True)
class AnyOf(Condition):
    """At least one part holds; no parts: never."""

    parts: tuple[Condition, ...] = field(default_factory=tuple)

    def matches(self, thing: Any) -> bool:
        return any(part.matches(thing) for part in self.parts)

    def sql(self, model: Any) -> ColumnElement[bool]:
        return or_(false(), *(part.sql(model) for part in self.parts))

    def search_filter(self) -> dict[str, Any]:
        return {"any": [part.search_filter() for part in self.parts]}


def one_of(attribute: str, values: Iterable[Any], *, indexed_as: str = "") -> OneOf:
    """Shorthand for OneOf with any iterable."""
    return OneOf(attribute, frozenset(values), indexed_as)


ALWAYS = AllOf()
NEVER = AnyOf()
