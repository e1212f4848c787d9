"""The tantivy schema and how a document becomes its fields. What the fields mean stands in `plan`.

Everything is tokenised by us, so tantivy only splits at blanks.
"""

import hashlib
import json
from dataclasses import dataclass
from functools import lru_cache
from importlib.metadata import version
from typing import Any, Final

import tantivy

from search_index import grams, tokens
from search_index.documents import ListingDocument, fresh_key, maturity_key, rank_factor, to_facts
from search_index.embedded import packing
from search_index.plan import NEVER
from search_index.spelling import words_for_spelling

# The format on disk follows the wheel.
WHEEL: Final = version("tantivy")
LIVE: Final = "live"
GONE: Final = "gone"
# So much of a description is stored: enough for a passage and for comparing texts.
BODY_CHARS: Final = 800
_INDEXED_BODY_CHARS: Final = 20_000

_SCORED: Final = ("title", "text", "pairs", "pinyin")
_FACETS: Final = ("kind", "chain", "field", "city", "maturity", "mode", "ip_status", "released", "org_kind")
_FILTERS: Final = ("id", "audience", "state", "keyword", "word")
_NUMBERS: Final = ("seq", "rev", "owner_org", "closes_at", "fresh_key", "maturity_key", "gone_at")


def build_schema() -> tantivy.Schema:
    """The fields; change `schema_hash` with them."""
    builder = tantivy.SchemaBuilder()
    for name in _SCORED:
        builder.add_text_field(name, tokenizer_name="whitespace", index_option="freq")
    for name in _FACETS:
        builder.add_text_field(name, tokenizer_name="raw", index_option="basic", fast=True)
    for name in _FILTERS:
        builder.add_text_field(name, tokenizer_name="raw", index_option="basic")
    for name in _NUMBERS:
        builder.add_unsigned_field(name, indexed=True, fast=True)
    builder.add_float_field("rank", fast=True)
    builder.add_bytes_field("facts", stored=True)
    return builder.build()


def schema_hash() -> str:
    """Changes whenever an index built by other code could not answer as this code expects."""
    shape = [_SCORED, _FACETS, _FILTERS, _NUMBERS, BODY_CHARS, "rank", "facts", packing.REVISION, grams.REVISION]
    return hashlib.sha256(json.dumps(shape).encode()).hexdigest()[:8]


@dataclass(frozen=True, slots=True)
class Prepared:
    """A document ready to be added: its fields, and its distinct words for the frequency table."""

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
        "facts": json.dumps(to_facts(document, body_limit=BODY_CHARS), ensure_ascii=False, separators=(",", ":")).encode(),
        **_facets(document),
        **_numbers(document),
    }
    return Prepared(fields, tuple(dict.fromkeys(text)))


def tombstone(seq: int, rev: int, gone_at: int) -> dict[str, Any]:
    """What stays of a dropped listing for a while: its revision, so that a late older change is recognised."""
    return {"state": GONE, "seq": seq, "rev": rev, "gone_at": gone_at}


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
        "state": LIVE,
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
        # tantivy multiplies by log2(2 + weight); this makes the factor the intended one.
        "rank": 2.0 ** rank_factor(document) - 2.0,
    }
