"""The shape of the JSON interface for search and matches. What may be seen is decided elsewhere."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from marshmallow import EXCLUDE, Schema, fields, validate

from marketplace.matching.queries.search import MOST_PAGES, MOST_VALUE_CHARS
from search_index.requests import MAX_QUERY_CHARS, SORTS

# The library's own words are English only.
_TOO_LONG = _l("Give at most {max} characters.")
_PAGE = _l("Give a whole number from {min} to {max}.")


def _choices(words: str) -> fields.List[str]:
    """Values of one facet; several mean any of them."""
    meaning = {"description": f"{words}. May be given several times: any of the values."}
    return fields.List(
        fields.String(validate=validate.Length(max=MOST_VALUE_CHARS, error=_TOO_LONG)), load_default=list, metadata=meaning
    )


class SearchArguments(Schema):
    """A search, with the names of the search page's address."""

    class Meta:
        """Names that are not ours are ignored, as on the page."""

        unknown = EXCLUDE

    q = fields.String(load_default="", validate=validate.Length(max=MAX_QUERY_CHARS, error=_TOO_LONG))
    kind = _choices("achievement or need")
    chain = _choices("Code of a chain")
    field = _choices("Code of a strategic field")
    city = _choices("Code of a city (GB/T 2260)")
    maturity = _choices("Band of maturity: 1-3, 4-6 or 7-9")
    mode = _choices("Transfer mode")
    ip = _choices("Status of intellectual property: granted, pending or none")
    org_kind = _choices("Kind of organisation")
    released = _choices("Good Shandong Achievement: yes or no")
    sort = fields.String(load_default="relevance", validate=validate.OneOf(SORTS, error=_l("Choose one of: {choices}.")))
    page = fields.Integer(
        load_default=1,
        strict=False,
        validate=validate.Range(min=1, max=MOST_PAGES, error=_PAGE),
        error_messages={"invalid": _l("Give a whole number."), "too_large": _l("Give a whole number.")},
    )
    cursor = fields.String(
        load_default="",
        validate=validate.Length(max=64, error=_TOO_LONG),
        metadata={
            "description": "next_cursor of the page before; only with sort=fresh or sort=maturity; without limit of depth."
        },
    )


class Text(Schema):
    """A text in both languages; one of them may be empty."""

    zh = fields.String(required=True)
    en = fields.String(required=True)


class SearchItem(Schema):
    """One found listing."""

    id = fields.Integer(required=True)
    kind = fields.String(required=True, validate=validate.OneOf(("achievement", "need")))
    title = fields.Nested(Text, required=True)
    summary = fields.Nested(Text, required=True)
    organisation = fields.Nested(Text, required=True)
    city = fields.String(required=True)
    fields_ = fields.List(fields.String(), required=True, data_key="fields", attribute="fields")
    maturity = fields.Integer(required=True, allow_none=True)
    url = fields.Url(required=True)
    score = fields.Float(required=True, metadata={"description": "Relevance; 0 in the other orders."})


class FacetChoice(Schema):
    """One value of a facet and how many listings it would show."""

    value = fields.String(required=True)
    label = fields.String(required=True)
    count = fields.Integer(required=True)
    selected = fields.Boolean(required=True)


class SearchAnswer(Schema):
    """One page of results."""

    total = fields.Integer(required=True)
    page = fields.Integer(required=True)
    pages = fields.Integer(required=True)
    next_cursor = fields.String(required=True, allow_none=True)
    is_degraded = fields.Boolean(
        required=True, metadata={"description": "From the database, while the search engine cannot answer."}
    )
    items = fields.List(fields.Nested(SearchItem), required=True)
    facets = fields.Dict(keys=fields.String(), values=fields.List(fields.Nested(FacetChoice)), required=True)


class MatchReason(Schema):
    """Why: a component, a code, and the same in words."""

    component = fields.String(required=True)
    code = fields.String(required=True)
    text = fields.String(required=True)


class MatchItem(Schema):
    """One counterpart."""

    id = fields.Integer(required=True)
    kind = fields.String(required=True, validate=validate.OneOf(("achievement", "need")))
    title = fields.Nested(Text, required=True)
    url = fields.Url(required=True)
    score = fields.Float(required=True, metadata={"description": "0 to 1."})
    components = fields.Dict(
        keys=fields.String(),
        values=fields.Float(allow_none=True),
        required=True,
        metadata={"description": "Each part from 0 to 1; null: not stated, counted as neutral."},
    )
    reasons = fields.List(fields.Nested(MatchReason), required=True)


class MatchAnswer(Schema):
    """The best matches of one listing."""

    weights_version = fields.Integer(required=True)
    weights = fields.Dict(keys=fields.String(), values=fields.Float(), required=True)
    items = fields.List(fields.Nested(MatchItem), required=True)
