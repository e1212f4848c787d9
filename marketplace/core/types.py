"""Column types and small values shared by all features: instants in UTC, enums with a check, zh/en text as one thing."""

from __future__ import annotations

import datetime as dt
import enum
from dataclasses import dataclass
from typing import Any

from sqlalchemy import JSON, DateTime, Dialect, Enum, Text
from sqlalchemy.orm import Composite, composite, mapped_column
from sqlalchemy.types import TypeDecorator

LANGUAGES = ("zh", "en")


@dataclass(frozen=True, slots=True)
class Bilingual:
    """One text in both languages of the market. Either side may be empty; `pick` says what is shown then."""

    zh: str = ""
    en: str = ""

    def pick(self, language: str) -> str:
        """The text in `language` ("zh" or "en"), or the other one when that side is empty (the declared fallback)."""
        first, second = (self.en, self.zh) if language == "en" else (self.zh, self.en)
        return first or second

    def language_shown(self, language: str) -> str:
        """The language `pick` really answers in, for the `lang` attribute and the "not translated" mark."""
        own = self.en if language == "en" else self.zh
        other = "zh" if language == "en" else "en"
        return language if own or not self.pick(language) else other

    def __bool__(self) -> bool:
        return bool(self.zh or self.en)

    def as_dict(self) -> dict[str, str]:
        """{"zh", "en"} for JSON."""
        return {"zh": self.zh, "en": self.en}

    @classmethod
    def of(cls, value: Any) -> Bilingual:
        """Read {"zh", "en"} (missing keys are empty), a plain string (taken as Chinese) or a Bilingual."""
        if isinstance(value, Bilingual):
            return value
        if isinstance(value, dict):
            return cls(str(value.get("zh") or ""), str(value.get("en") or ""))
        return cls(str(value or ""))


def bilingual(name: str) -> Composite[Bilingual]:
    """Two text columns `<name>_zh` and `<name>_en` mapped as one Bilingual."""
    return composite(
        Bilingual,
        mapped_column(f"{name}_zh", Text, nullable=False, default=""),
        mapped_column(f"{name}_en", Text, nullable=False, default=""),
    )


class UtcDateTime(TypeDecorator[dt.datetime]):
    """An aware instant, kept in UTC on both databases. A naive value is refused: it has no meaning here."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: dt.datetime | None, dialect: Dialect) -> dt.datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without time zone")
        value = value.astimezone(dt.UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: dt.datetime | None, _dialect: Dialect) -> dt.datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=dt.UTC) if value.tzinfo is None else value.astimezone(dt.UTC)


def choice(kind: type[enum.StrEnum], *, length: int = 32) -> Enum:
    """A text column that holds one value of `kind`, guarded by a named check constraint on both databases."""
    return Enum(
        kind,
        native_enum=False,
        create_constraint=True,
        length=length,
        name=f"{kind.__name__.lower()}",
        values_callable=lambda e: [member.value for member in e],
        validate_strings=True,
    )


Json = JSON
