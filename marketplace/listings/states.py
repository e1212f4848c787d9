"""The life of a listing and the closed word lists of its record (registration form, domain notes 2.3)."""

from __future__ import annotations

import enum

from marketplace.core.workflow import Workflow, step


class ListingKind(enum.StrEnum):
    """An offer or a demand."""

    ACHIEVEMENT = "achievement"
    NEED = "need"


class ListingState(enum.StrEnum):
    """Where a listing stands."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    PUBLISHED = "published"
    FADING = "fading"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"


# What anybody can find: fading listings are still there, lower and marked.
ON_SHOW = frozenset({ListingState.PUBLISHED, ListingState.FADING})

LISTING = Workflow(
    "listings",
    step("submit", {ListingState.DRAFT}, ListingState.SUBMITTED),
    step("send_back", {ListingState.SUBMITTED}, ListingState.DRAFT),
    step("take_back", {ListingState.SUBMITTED}, ListingState.DRAFT),
    step("publish", {ListingState.SUBMITTED}, ListingState.PUBLISHED),
    step("fade", {ListingState.PUBLISHED}, ListingState.FADING),
    step("confirm", {ListingState.PUBLISHED, ListingState.FADING}, ListingState.PUBLISHED),
    step("expire", {ListingState.FADING, ListingState.PUBLISHED}, ListingState.EXPIRED),
    step("withdraw", {ListingState.PUBLISHED, ListingState.FADING}, ListingState.WITHDRAWN),
    step("reopen", {ListingState.EXPIRED, ListingState.WITHDRAWN}, ListingState.DRAFT),
)


class Audience(enum.StrEnum):
    """Who may see a listing or an attachment at all."""

    PUBLIC = "public"
    VERIFIED = "verified"


class AchievementClass(enum.StrEnum):
    """成果类别."""

    APPLIED = "applied"
    BASIC = "basic"
    SOFT = "soft"


class Nature(enum.StrEnum):
    """成果性质."""

    ORIGINAL = "original"
    ABSORBED = "absorbed"
    REDEVELOPED = "redeveloped"


class Form(enum.StrEnum):
    """成果形式."""

    PRODUCT = "product"
    PROCESS = "process"
    EQUIPMENT = "equipment"
    MATERIAL = "material"
    VARIETY = "variety"
    SOFTWARE = "software"
    STANDARD = "standard"


class Level(enum.StrEnum):
    """成果水平, as an evaluation concluded it."""

    INTERNATIONAL_LEADING = "international_leading"
    INTERNATIONAL_ADVANCED = "international_advanced"
    NATIONAL_LEADING = "national_leading"
    NATIONAL_ADVANCED = "national_advanced"
    NOT_EVALUATED = "not_evaluated"


class Stage(enum.StrEnum):
    """成果所处阶段; each maturity level belongs to one (taxonomy)."""

    EARLY = "early"
    MIDDLE = "middle"
    MATURE = "mature"


class ConfirmedBy(enum.StrEnum):
    """Who stands behind the claimed maturity."""

    SELF = "self"
    UNIT = "unit"
    EXPERT = "expert"


class TransferMode(enum.StrEnum):
    """How a result may pass on, and how a need wants it."""

    TRANSFER = "transfer"
    LICENCE = "licence"
    EXCLUSIVE_LICENCE = "exclusive_licence"
    STAKE = "stake"
    COOPERATION = "cooperation"
    USE_FIRST = "use_first"


class FirstKind(enum.StrEnum):
    """首台套, 首批次, 首版次."""

    SET = "set"
    BATCH = "batch"
    VERSION = "version"


class IpKind(enum.StrEnum):
    """Kinds of intellectual property on the form."""

    INVENTION = "invention"
    UTILITY = "utility"
    DESIGN = "design"
    SOFTWARE = "software"
    VARIETY = "variety"
    LAYOUT = "layout"


class IpStatus(enum.StrEnum):
    """Granted or still examined."""

    GRANTED = "granted"
    PENDING = "pending"


class Comparison(enum.StrEnum):
    """How an indicator of a need is to be met."""

    AT_LEAST = "ge"
    AT_MOST = "le"
    EQUAL = "eq"
    RANGE = "range"
