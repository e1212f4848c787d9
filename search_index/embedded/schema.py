"""The tantivy schema, and the form in which tantivy takes a document's fields. What the fields mean stands in `plan`."""

import hashlib
import json
from importlib.metadata import version
from typing import Any, Final

import tantivy

from search_index import fields, frequencies, grams
from search_index.documents import AUDIENCES, ListingDocument
from search_index.embedded import packing
from search_index.fields import BODY_CHARS, Prepared

# The format on disk follows the wheel.
WHEEL: Final = version("tantivy")

_FILTERS: Final = ("id", "keyword", "word")
# The audience by its place in AUDIENCES: nearly all listings are public, and of such a filter a column is asked much
# faster than the list of nearly all.
_NUMBERS: Final = (*fields.NUMBERS, "audience", "gone_at")


def build_schema() -> tantivy.Schema:
    """The fields; change `schema_hash` with them."""
    builder = tantivy.SchemaBuilder()
    for name in fields.SCORED:
        builder.add_text_field(name, tokenizer_name="whitespace", index_option="freq")
    for name in fields.FACETS:
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
    revisions = (packing.REVISION, grams.REVISION, frequencies.REVISION)
    shape = [fields.SCORED, fields.FACETS, _FILTERS, _NUMBERS, BODY_CHARS, "rank", "facts", *revisions]
    return hashlib.sha256(json.dumps(shape).encode()).hexdigest()[:8]


def prepare(document: ListingDocument) -> Prepared:
    """The neutral fields in tantivy's form."""
    made = fields.prepare(document)
    own: dict[str, Any] = {
        "audience": AUDIENCES.index(document.audience),
        "facts": json.dumps(made.fields["facts"], ensure_ascii=False, separators=(",", ":")).encode(),
        # tantivy multiplies by log2(2 + weight); this makes the factor the intended one.
        "rank": 2.0 ** made.fields["rank"] - 2.0,
    }
    return Prepared(made.fields | own, made.words)


def tombstone(seq: int, rev: int, gone_at: int) -> dict[str, Any]:
    """What stays of a dropped listing for a while: its revision, so that a late older change is recognised.

    It has none of a listing's other fields, which is how `reader` tells it from one.
    """
    return {"seq": seq, "rev": rev, "gone_at": gone_at}
