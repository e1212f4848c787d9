"""The current taxonomy as one immutable snapshot, and the working calendar."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy import select

from marketplace.core import clock
from marketplace.core.db import current_session
from marketplace.core.types import Bilingual
from marketplace.taxonomy.models import CalendarDay, Chain, City, MaturityLevel, StrategicField, TaxonomyVersion

# Lists that change once in years are read once in a while, not at each request.
_KEEP_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class FieldItem:
    """A strategic field."""

    code: str
    name: Bilingual
    chain: str


@dataclass(frozen=True, slots=True)
class ChainItem:
    """A chain with its fields in order."""

    code: str
    name: Bilingual
    fields: tuple[FieldItem, ...]


@dataclass(frozen=True, slots=True)
class LevelItem:
    """A maturity level."""

    level: int
    name: Bilingual
    stage: str
    evidence: Bilingual


@dataclass(frozen=True)
class Taxonomy:
    """Everything of the current version, ready to look up. Unknown codes get themselves as name: old links live on."""

    version: str = ""
    status: str = "working"
    chains: tuple[ChainItem, ...] = ()
    cities: dict[str, Bilingual] = field(default_factory=dict)
    levels: dict[int, LevelItem] = field(default_factory=dict)
    former_cities: dict[str, str] = field(default_factory=dict)
    fields: dict[str, FieldItem] = field(default_factory=dict)

    @property
    def is_working(self) -> bool:
        return self.status != "official"

    def field_name(self, code: str) -> Bilingual:
        return self.fields[code].name if code in self.fields else Bilingual(code, code)

    def chain_of(self, field_code: str) -> str:
        """The chain code of a field, or "" for an unknown one."""
        return self.fields[field_code].chain if field_code in self.fields else ""

    def chain_name(self, code: str) -> Bilingual:
        return next((chain.name for chain in self.chains if chain.code == code), Bilingual(code, code))

    def city_name(self, code: str) -> Bilingual:
        return self.cities.get(self.city_code(code), Bilingual(code, code))

    def city_code(self, code: str) -> str:
        """The present code of a city; that of a merged place leads to its successor (371200 to 370100)."""
        return self.former_cities.get(code, code)


_kept: list[tuple[float, Taxonomy]] = []


def current() -> Taxonomy:
    """The snapshot of the current version, at most some seconds old."""
    if _kept and time.monotonic() - _kept[0][0] < _KEEP_SECONDS:
        return _kept[0][1]
    snapshot = _read()
    _kept[:] = [(time.monotonic(), snapshot)]
    return snapshot


def forget() -> None:
    """Read anew at the next call (after a change in this process)."""
    _kept.clear()


def _read() -> Taxonomy:
    session = current_session()
    version = session.scalar(select(TaxonomyVersion).where(TaxonomyVersion.is_current))
    if version is None:
        return Taxonomy()
    code = version.code
    rows = session.scalars(select(StrategicField).where(StrategicField.version == code).order_by(StrategicField.position)).all()
    fields = {row.code: FieldItem(row.code, row.name, row.chain_code) for row in rows}
    chains = session.scalars(select(Chain).where(Chain.version == code).order_by(Chain.position)).all()
    cities = session.scalars(select(City).where(City.version == code).order_by(City.code)).all()
    levels = session.scalars(select(MaturityLevel).where(MaturityLevel.version == code).order_by(MaturityLevel.level)).all()
    return Taxonomy(
        version=code,
        status=version.status,
        chains=tuple(_chain(chain, list(fields.values())) for chain in chains),
        cities={city.code: city.name for city in cities},
        levels={row.level: LevelItem(row.level, row.name, row.stage, row.evidence) for row in levels},
        former_cities={old: city.code for city in cities for old in city.former_codes.split()},
        fields=fields,
    )


def _chain(row: Chain, fields: Sequence[FieldItem]) -> ChainItem:
    return ChainItem(row.code, row.name, tuple(item for item in fields if item.chain == row.code))


@dataclass(frozen=True, slots=True)
class WorkCalendar:
    """Holidays and made-up working days; counts working days."""

    holidays: frozenset[dt.date] = frozenset()
    workdays: frozenset[dt.date] = frozenset()

    def due(self, start: dt.datetime, days: int) -> dt.datetime:
        """The end of the working day that lies `days` working days after `start`."""
        day = clock.add_working_days(clock.local_day(start), days, holidays=self.holidays, extra_workdays=self.workdays)
        return clock.end_of_day(day)

    def days_left(self, now: dt.datetime, due: dt.datetime) -> int:
        """Working days left until `due`; 0 means today, negative that it has passed."""
        last_day = clock.local_day(due - dt.timedelta(seconds=1))
        return clock.working_days_between(clock.local_day(now), last_day, holidays=self.holidays, extra_workdays=self.workdays)


def work_calendar() -> WorkCalendar:
    """The working calendar as the administrators keep it."""
    rows = current_session().execute(select(CalendarDay.day, CalendarDay.kind)).all()
    return WorkCalendar(
        frozenset(day for day, kind in rows if kind == "holiday"), frozenset(day for day, kind in rows if kind == "workday")
    )


def one_version_is_current() -> Sequence[str]:
    """Exactly one taxonomy version is current."""
    codes = current_session().scalars(select(TaxonomyVersion.code).where(TaxonomyVersion.is_current)).all()
    return [] if len(codes) == 1 else [f"{len(codes)} versions are current"]


INVARIANTS = {"one taxonomy version is current": one_version_is_current}
