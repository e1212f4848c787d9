"""Questions and answers in words that belong to no engine: searches, similar listings, suggestions and visibility filters.

It decides the limits a question must keep; how it is answered is an engine's business, how it is worded a page's.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from search_index.documents import Kind, ListingDocument

Sort = Literal["relevance", "fresh", "maturity"]
SORTS: Final[tuple[Sort, ...]] = ("relevance", "fresh", "maturity")
FACETS: Final = ("kind", "chain", "field", "city", "maturity", "mode", "ip_status", "released", "org_kind")
# Fields a visibility filter may name. Anything else is refused, so a misspelt rule shows nothing rather than everything.
SCOPE_FIELDS: Final = frozenset({*FACETS, "audience", "owner_org", "id"})

MAX_QUERY_CHARS: Final = 200
MAX_QUERY_TERMS: Final = 32
MAX_PER_PAGE: Final = 100
MAX_DEPTH: Final = 1000
MAX_FILTER_VALUES: Final = 64

Segments = tuple[tuple[str, bool], ...]


class InvalidSearch(ValueError):
    """A question outside the limits; `code` and `params` are for the page to word."""

    def __init__(self, code: str, **params: Any) -> None:
        super().__init__(f"{code} {params}" if params else code)
        self.code = code
        self.params = params


@dataclass(frozen=True, slots=True)
class Terms:
    """The listing has one of `values` in `field`."""

    field: str
    values: tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class AllOf:
    """Every part holds; no part at all means everything."""

    parts: tuple["Scope", ...] = ()


@dataclass(frozen=True, slots=True)
class AnyOf:
    """One part holds; no part at all means nothing."""

    parts: tuple["Scope", ...] = ()


Scope = Terms | AllOf | AnyOf
EVERYTHING: Final = AllOf()
NOTHING: Final = AnyOf()


def from_dict(shape: Mapping[str, Any]) -> Scope:
    """Read the neutral shape a policy emits: {"all": [...]}, {"any": [...]} or {"field": name, "in": [...]}."""
    if set(shape) == {"all"}:
        return AllOf(tuple(from_dict(part) for part in shape["all"]))
    if set(shape) == {"any"}:
        return AnyOf(tuple(from_dict(part) for part in shape["any"]))
    if set(shape) == {"field", "in"}:
        return Terms(shape["field"], tuple(_plain(value) for value in shape["in"]))
    raise InvalidSearch("bad_scope", shape=str(sorted(shape)))


def to_dict(scope: Scope) -> dict[str, Any]:
    """The inverse of `from_dict`."""
    match scope:
        case AllOf(parts):
            return {"all": [to_dict(part) for part in parts]}
        case AnyOf(parts):
            return {"any": [to_dict(part) for part in parts]}
        case Terms(name, values):
            return {"field": name, "in": list(values)}


def _plain(value: Any) -> str | int:
    return value if isinstance(value, int) and not isinstance(value, bool) else str(value)


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchRequest:
    """One search page. `filters` maps a facet to its chosen values (any of them); `open_at` hides what closed before it.

    `synonyms` maps a word to its equals, as an administrator's table gives them. `page` counts from 1; `cursor` (from the
    page before) replaces it in the orders `fresh` and `maturity`, which have no depth limit. Hits are marked in `languages`.
    """

    query: str = ""
    scope: Scope = EVERYTHING
    filters: tuple[tuple[str, tuple[str, ...]], ...] = ()
    sort: Sort = "relevance"
    page: int = 1
    per_page: int = 20
    cursor: str | None = None
    open_at: int | None = None
    synonyms: tuple[tuple[str, tuple[str, ...]], ...] = ()
    facets: tuple[str, ...] = FACETS
    languages: tuple[str, ...] = ("zh", "en")

    @classmethod
    def of(
        cls,
        query: str = "",
        *,
        filters: Mapping[str, Iterable[str]] | None = None,
        synonyms: Mapping[str, Iterable[str]] | None = None,
        **rest: Any,
    ) -> "SearchRequest":
        """The same from plain mappings; facets without a value are dropped, so equal searches are equal requests."""
        chosen = {name: tuple(sorted({str(v) for v in values})) for name, values in (filters or {}).items()}
        return cls(
            query=query,
            filters=tuple(sorted((name, values) for name, values in chosen.items() if values)),
            synonyms=tuple(sorted((word, tuple(equals)) for word, equals in (synonyms or {}).items())),
            **rest,
        )

    def check(self) -> None:
        """Refuse what would be slow or senseless before any engine sees it."""
        if len(self.query) > MAX_QUERY_CHARS:
            raise InvalidSearch("query_too_long", limit=MAX_QUERY_CHARS)
        if self.sort not in SORTS:
            raise InvalidSearch("unknown_sort", sort=self.sort)
        if not 1 <= self.per_page <= MAX_PER_PAGE:
            raise InvalidSearch("bad_per_page", limit=MAX_PER_PAGE)
        if self.page < 1:
            raise InvalidSearch("bad_page")
        if self.cursor is None and self.page * self.per_page > MAX_DEPTH:
            raise InvalidSearch("page_too_deep", limit=MAX_DEPTH // self.per_page)
        self._check_filters()

    def _check_filters(self) -> None:
        for name in (*(name for name, _ in self.filters), *self.facets):
            if name not in FACETS:
                raise InvalidSearch("unknown_facet", facet=name)
        if any(len(values) > MAX_FILTER_VALUES for _, values in self.filters):
            raise InvalidSearch("too_many_values", limit=MAX_FILTER_VALUES)


@dataclass(frozen=True, slots=True)
class FacetCount:
    """How many listings a choice would show; `selected` when it is chosen already."""

    value: str
    count: int
    selected: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """One found listing. Titles and snippets are segments (text, is_hit), never markup."""

    id: str
    kind: Kind
    rev: int
    score: float
    title_zh: Segments
    title_en: Segments
    snippet_zh: Segments
    snippet_en: Segments
    document: ListingDocument


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchResult:
    """`relaxed`: no listing holds all the words, these hold one of them; `terms` are the words as they were understood."""

    total: int
    hits: tuple[Hit, ...]
    facets: Mapping[str, tuple[FacetCount, ...]]
    next_cursor: str | None = None
    terms: tuple[str, ...] = ()
    relaxed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SuggestRequest:
    """What a person has typed so far; `limit` bounds the answer."""

    prefix: str
    scope: Scope = EVERYTHING
    limit: int = 8
    open_at: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """A completion: a keyword with its number of listings, or the title of one listing (`id`)."""

    text: str
    kind: Literal["keyword", "title"]
    segments: Segments
    id: str | None = None
    count: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Looser:
    """One chosen facet to let go, and how many listings that would show."""

    facet: str
    values: tuple[str, ...]
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Assistance:
    """Help on a page without hits: corrected queries with their totals, filters to loosen, the same words without filters."""

    spellings: tuple[tuple[str, int], ...] = ()
    looser: tuple[Looser, ...] = ()
    without_filters: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class SimilarRequest:
    """Counterparts for one listing. `only` scores the named listings instead of looking for candidates."""

    subject: ListingDocument
    kind: Kind
    scope: Scope = EVERYTHING
    limit: int = 400
    open_at: int | None = None
    only: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TextScore:
    """How alike two texts are: `value` in [0, 1] is calibrated; the parts stay visible for the explanation."""

    value: float
    full: float
    title: float
    covered: float
    meaning: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A possible counterpart with everything a scorer needs; the document's bodies are cut as stored."""

    document: ListingDocument
    text: TextScore


@dataclass(frozen=True, slots=True)
class Span:
    """Where a shared term stands: a text field of the document and a half-open range of its characters."""

    field: str
    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedTerm:
    """A word both texts hold: its share of the heaviest one's weight, and where it stands in either text."""

    text: str
    weight: float
    in_subject: tuple[Span, ...] = field(default=())
    in_candidate: tuple[Span, ...] = field(default=())
