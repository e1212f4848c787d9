"""The contract between the database and any search engine: one flat, frozen record per published listing.

It decides which facts are searchable; which listings are published, and what their public text is, the caller decides.
"""

import base64
import struct
from collections.abc import Iterable, Mapping
from dataclasses import MISSING, dataclass, fields
from typing import Any, Final, Literal

Kind = Literal["achievement", "need"]
KINDS: Final[tuple[Kind, ...]] = ("achievement", "need")
IP_STATUSES: Final = ("granted", "pending", "none")
AUDIENCES: Final = ("public", "verified")
# A sequence number must leave room for the instant in one signed 64-bit sort key (see `fresh_key`).
SEQ_BITS: Final = 30
_SEQ_CEILING: Final = (1 << SEQ_BITS) - 1


class BadDocument(ValueError):
    """A document that no engine can hold; raised where it is made, so that it never reaches the outbox's retry loop."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListingDocument:
    """What the index knows of one listing. Money is in fen, instants in epoch seconds, `quality` in [0, 1].

    For a need `maturity` is the wanted level and `money_*` the budget; for an achievement the level reached and the
    price. `audience` tells who may find it at all; organisation names arrive already masked when anonymous.
    """

    id: str
    kind: Kind
    rev: int
    title_zh: str = ""
    title_en: str = ""
    summary_zh: str = ""
    summary_en: str = ""
    body_zh: str = ""
    body_en: str = ""
    keywords: tuple[str, ...] = ()
    ip_numbers: tuple[str, ...] = ()
    org_name_zh: str = ""
    org_name_en: str = ""
    owner_org: int = 0
    org_kind: str = ""
    fields: tuple[str, ...] = ()
    chains: tuple[str, ...] = ()
    city: str = ""
    maturity: int | None = None
    modes: tuple[str, ...] = ()
    ip_status: tuple[str, ...] = ()
    released: bool = False
    money_min: int | None = None
    money_max: int | None = None
    audience: str = "public"
    fresh_at: int = 0
    published_at: int = 0
    closes_at: int | None = None
    quality: float = 0.0
    boost_faded: bool = False
    vector: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        if self.kind not in KINDS or kind_of(self.id) != self.kind:
            raise BadDocument(f"id {self.id!r} does not name a {self.kind}")
        seq_of(self.id)
        if self.rev < 0 or not 0 <= self.fresh_at < 1 << 33:
            raise BadDocument(f"{self.id}: rev and fresh_at must be zero or more, fresh_at in epoch seconds")
        if not 0.0 <= self.quality <= 1.0:
            raise BadDocument(f"{self.id}: quality {self.quality} is outside 0..1")
        if self.maturity is not None and not 1 <= self.maturity <= 9:
            raise BadDocument(f"{self.id}: maturity {self.maturity} is outside 1..9")
        if self.audience not in AUDIENCES or any(status not in IP_STATUSES for status in self.ip_status):
            raise BadDocument(f"{self.id}: unknown audience or ip_status")

    @property
    def seq(self) -> int:
        """One number per listing over both kinds; ties in every order are broken by it, smaller first."""
        return seq_of(self.id)

    @property
    def maturity_band(self) -> str:
        return "" if self.maturity is None else MATURITY_BANDS[(self.maturity - 1) // 3]


MATURITY_BANDS: Final = ("1-3", "4-6", "7-9")
_TUPLES: Final = frozenset(f.name for f in fields(ListingDocument) if str(f.type).startswith("tuple"))


def kind_of(listing_id: str) -> str:
    """The part before the colon, unchecked."""
    return listing_id.partition(":")[0]


def seq_of(listing_id: str) -> int:
    """`achievement:12` -> 24, `need:12` -> 25: dense, reversible and the same on every engine."""
    kind, _, number = listing_id.partition(":")
    if kind not in KINDS or not (number.isascii() and number.isdigit()) or str(int(number)) != number:
        raise BadDocument(f"{listing_id!r} is no listing id (achievement:12 or need:7)")
    seq = int(number) * 2 + KINDS.index(kind)
    if seq > _SEQ_CEILING:
        raise BadDocument(f"{listing_id!r}: the number is too large")
    return seq


def id_of(seq: int) -> str:
    """The inverse of `seq_of`."""
    return f"{KINDS[seq & 1]}:{seq >> 1}"


def newest(documents: Iterable[ListingDocument]) -> dict[str, ListingDocument]:
    """Of several states of a listing the one of the highest revision, the later of equal ones, by id."""
    latest: dict[str, ListingDocument] = {}
    for document in documents:
        if document.id not in latest or document.rev >= latest[document.id].rev:
            latest[document.id] = document
    return latest


def newest_revisions(versions: Iterable[tuple[str, int]]) -> dict[str, int]:
    """The highest revision of each id. Raises BadDocument for what is no listing id."""
    latest: dict[str, int] = {}
    for listing, rev in versions:
        seq_of(listing)
        latest[listing] = max(rev, latest.get(listing, 0))
    return latest


def fresh_key(document: ListingDocument) -> int:
    """Orders by freshness, then by id; unique, so a cursor over it never skips or repeats."""
    return (document.fresh_at << SEQ_BITS) | (_SEQ_CEILING - document.seq)


def maturity_key(document: ListingDocument) -> int:
    """Orders by maturity (unstated last), then by id; unique like `fresh_key`."""
    return ((document.maturity or 0) << SEQ_BITS) | (_SEQ_CEILING - document.seq)


def rank_factor(document: ListingDocument) -> float:
    """What a relevance score is multiplied by, in [1, 1.5]: fading listings lose 0.4, a full record gains up to 0.1."""
    return 1.0 + (0.0 if document.boost_faded else 0.4) + 0.1 * document.quality


def to_facts(document: ListingDocument, *, body_limit: int) -> dict[str, Any]:
    """What an engine stores beside its postings: every fact that is not a default, bodies cut, vectors in half precision."""
    facts: dict[str, Any] = {}
    for field in fields(document):
        value = getattr(document, field.name)
        if value != field.default:
            facts[field.name] = value[:body_limit] if field.name.startswith("body_") else value
    if document.vector:
        packed = struct.pack(f"<{len(document.vector)}e", *document.vector)
        facts["vector"] = base64.b64encode(packed).decode()
    return facts


def from_facts(facts: Mapping[str, Any]) -> ListingDocument:
    """The inverse of `to_facts`, after a trip through JSON. Raises BadDocument, or TypeError for what never was facts."""
    values = {**_DEFAULTS, **facts}
    for name in _TUPLES & facts.keys():
        values[name] = tuple(facts[name])
    if "vector" in facts:
        packed = base64.b64decode(facts["vector"])
        values["vector"] = struct.unpack(f"<{len(packed) // 2}e", packed)
    if values.keys() != _SETTERS.keys():
        raise TypeError(f"no facts of a listing: {sorted(values.keys() ^ _SETTERS.keys())}")
    # A frozen class's own __init__ takes four times as long, and hundreds of these are made for every match.
    document = object.__new__(ListingDocument)
    for name, put in _SETTERS.items():
        put(document, values[name])
    document.__post_init__()
    return document


_DEFAULTS: Final = {field.name: field.default for field in fields(ListingDocument) if field.default is not MISSING}
_SETTERS: Final = {field.name: ListingDocument.__dict__[field.name].__set__ for field in fields(ListingDocument)}
