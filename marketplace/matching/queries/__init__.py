"""Named reads of matching: `search` (and `plain` without an engine), `matches`, `answers`, `weights`, `index`.

Other features' pages use the names below.
"""

from marketplace.matching.queries.answers import Quality, quality
from marketplace.matching.queries.index import INVARIANTS
from marketplace.matching.queries.matches import Match, Matches, matches_of
from marketplace.matching.queries.personal import PERSONAL_DATA
from marketplace.matching.queries.search import Found, Query, find, suggest
from marketplace.matching.queries.weights import current as current_weights

__all__ = [
    "INVARIANTS",
    "PERSONAL_DATA",
    "Found",
    "Match",
    "Matches",
    "Quality",
    "Query",
    "current_weights",
    "find",
    "matches_of",
    "quality",
    "suggest",
]
