"""The index on the cluster: its strict mapping, its settings, and the mark of what it was built with."""

import hashlib
import json
from typing import Any, Final

from search_index import fields, frequencies, grams
from search_index.elastic.settings import ElasticSettings
from search_index.tokens import DICTIONARY_VERSION

# Longer values are noise; Lucene refuses a document over one term of more than 32,766 bytes.
_LONGEST_TERM: Final = 8000
# Readers see a write within half a second.
REFRESH: Final = "500ms"
TOMBSTONES: Final = "1h"

# Tokens are ours: the server only splits at blanks. Order of words plays no part in scores.
_TEXT: Final = {"type": "text", "analyzer": "whitespace", "index_options": "freqs"}
_WORD: Final = {"type": "keyword", "ignore_above": _LONGEST_TERM}
_NUMBER: Final = {"type": "long"}
# What a hit carries is stored as it is; all else can be made again from the database.
_STORED: Final = ("facts",)


def properties() -> dict[str, Any]:
    """Each field's type."""
    return {
        **dict.fromkeys(fields.SCORED, _TEXT),
        **dict.fromkeys((*fields.FACETS, *fields.FILTERS), _WORD),
        **dict.fromkeys(fields.NUMBERS, _NUMBER),
        "rank": {"type": "double", "index": False},
        "facts": {"type": "object", "enabled": False},
    }


def schema_hash() -> str:
    """Changes whenever an index built by other code could not answer as this code expects."""
    shape = [properties(), _STORED, fields.BODY_CHARS, grams.REVISION, frequencies.REVISION]
    return hashlib.sha256(json.dumps(shape, sort_keys=True).encode()).hexdigest()[:8]


def make() -> str:
    """The part of an index's name that tells what it was built with."""
    return f"{schema_hash()}-{DICTIONARY_VERSION}"


def mappings() -> dict[str, Any]:
    """Strict: a field we do not know is refused. `_meta` tells operators and us what made it."""
    return {
        "dynamic": "strict",
        "_meta": {"version": schema_hash(), "dictionary": DICTIONARY_VERSION},
        "_source": {"includes": list(_STORED)},
        "properties": properties(),
    }


def trouble(meta: Any) -> str | None:
    """Why the running code must not use an index with this `_meta`, or None."""
    mine = {"version": schema_hash(), "dictionary": DICTIONARY_VERSION}
    found = meta if isinstance(meta, dict) else {}
    for name, value in mine.items():
        if found.get(name) != value:
            return f"index built with {name} {found.get(name)}, this program has {value}"
    return None


def settings(wanted: ElasticSettings, *, is_loading: bool = False) -> dict[str, Any]:
    """While it is filled, an index is neither refreshed nor copied to replicas."""
    return {
        "number_of_shards": wanted.shards,
        "number_of_replicas": 0 if is_loading else wanted.replicas,
        "refresh_interval": "-1" if is_loading else REFRESH,
        "gc_deletes": TOMBSTONES,
    }


def settled(wanted: ElasticSettings) -> dict[str, Any]:
    """What a filled index is set to before it is used."""
    return {"number_of_replicas": wanted.replicas, "refresh_interval": REFRESH}


# Beside the indices: the frequency table of each of them, and who is rebuilding.
STATE: Final[dict[str, Any]] = {
    "dynamic": "strict",
    "properties": {
        "table": {"type": "binary"},
        "holder": {"type": "keyword", "index": False, "doc_values": False},
        "until": {"type": "long", "index": False, "doc_values": False},
    },
}
