"""What a listing becomes in an index, the same for every engine: strings of tokens, exact values and numbers.

Everything is tokenised here, so engines only split at blanks. What the fields mean stands in `plan`.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from search_index import tokens
from search_index.documents import ListingDocument, fresh_key, maturity_key, rank_factor, to_facts
from search_index.plan import NEVER
from search_index.spelling import words_for_spelling

# So much of a description is stored: enough for a passage and for comparing texts.
BODY_CHARS: Final = 800
_INDEXED_BODY_CHARS: Final = 20_000

SCORED: Final = ("title", "text", "pairs", "pinyin")
FACETS: Final = ("kind", "chain", "field", "city", "maturity", "mode", "ip_status", "released", "org_kind")
FILTERS: Final = ("id", "audience", "keyword", "word")
NUMBERS: Final = ("seq", "rev", "owner_org", "closes_at", "fresh_key", "maturity_key")
# Which orders of a search page are by a number of the listing, and by which.
ORDER_KEYS: Final = {"fresh": "fresh_key", "maturity": "maturity_key"}


@dataclass(frozen=True, slots=True)
class Prepared:
    """A document ready to be added: its fields, and its distinct words for the frequency table.

    `facts` (everything stored) and `rank` (what a score is multiplied by) are plain; an engine gives them its own form.
    """

    fields: dict[str, Any]
    words: tuple[str, ...]


def prepare(document: ListingDocument) -> Prepared:
    """The slow part of indexing, segmentation above all; pure, so it may run in another process."""
    zh, en, keywords, summary, name, rest = tokens.normalise_all(_parts(document))
    title = tokens.words_of(f"{zh} {en}")
    text = [*title, *tokens.words_of(f"{keywords} {summary} {name} {rest}")]
    fields: dict[str, Any] = {
        "title": _scored(title),
        "text": _scored(text),
        "pairs": _scored(tokens.pairs_and_singles(f"{zh} {keywords} {summary} {name}")),
        "pinyin": _scored(tokens.pinyin_terms(zh)),
        "keyword": _completions(document),
        "word": words_for_spelling(f"{zh} {en} {keywords}"),
        "facts": to_facts(document, body_limit=BODY_CHARS),
        "rank": rank_factor(document),
        **_facets(document),
        **_numbers(document),
    }
    return Prepared(fields, tuple(dict.fromkeys(text)))


def _parts(document: ListingDocument) -> tuple[str, ...]:
    """Title in both languages, keywords, Chinese summary, Chinese name of the organisation, and the rest."""
    rest = (
        *document.ip_numbers,
        document.org_name_en,
        document.summary_en,
        document.body_zh[:_INDEXED_BODY_CHARS],
        document.body_en[:_INDEXED_BODY_CHARS],
    )
    return (
        document.title_zh,
        document.title_en,
        "\n".join(document.keywords),
        document.summary_zh,
        document.org_name_zh,
        "\n".join(rest),
    )


def _scored(found: list[str]) -> str:
    return " ".join((tokens.SENTINEL, *found))


def _completions(document: ListingDocument) -> list[str]:
    """`typed form<TAB>keyword as written`, the typed form being the word itself, its pinyin and its initials."""
    found: list[str] = []
    for keyword in document.keywords:
        found += _forms(keyword)
    return found


@lru_cache(maxsize=20_000)
def _forms(keyword: str) -> tuple[str, ...]:
    forms = (tokens.keyword_form(keyword), *tokens.whole_pinyin(keyword))
    return tuple(f"{form}\t{keyword}" for form in forms if form)


def _facets(document: ListingDocument) -> dict[str, Any]:
    return {
        "id": document.id,
        "audience": document.audience,
        "kind": document.kind,
        "chain": list(document.chains),
        "field": list(document.fields),
        "city": _stated(document.city),
        "maturity": _stated(document.maturity_band),
        "mode": list(document.modes),
        "ip_status": list(document.ip_status),
        "released": "yes" if document.released else "no",
        "org_kind": _stated(document.org_kind),
    }


def _stated(value: str) -> list[str]:
    return [value] if value else []


def _numbers(document: ListingDocument) -> dict[str, Any]:
    return {
        "seq": document.seq,
        "rev": document.rev,
        "owner_org": document.owner_org,
        "closes_at": NEVER if document.closes_at is None else document.closes_at,
        "fresh_key": fresh_key(document),
        "maturity_key": maturity_key(document),
    }
