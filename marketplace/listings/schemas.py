"""The JSON of an achievement and of a need: only what everybody may read has a place here."""

from __future__ import annotations

from marshmallow import Schema, fields
from marshmallow.validate import OneOf

from marketplace.listings.states import Audience, ListingState


class BilingualSchema(Schema):
    """A text in both languages; "" where it was not given."""

    zh = fields.String(required=True)
    en = fields.String(required=True)


class KeywordsSchema(Schema):
    """Key words in both languages."""

    zh = fields.List(fields.String(), required=True)
    en = fields.List(fields.String(), required=True)


class OrganisationSchema(Schema):
    """Who offers or asks. `id` is null where a need is anonymous; then the name tells trade and city only."""

    id = fields.Integer(allow_none=True, required=True)
    name = fields.Nested(BilingualSchema, required=True)
    kind = fields.String(required=True)


# The document would say "number"; what is sent is a text, so that no cent is lost on the way.
_AMOUNT = {"type": ["string", "null"], "example": "2600000.00"}


class MoneySchema(Schema):
    """An amount range in yuan; both ends null means negotiable."""

    currency = fields.String(required=True)
    min = fields.Decimal(places=2, as_string=True, allow_none=True, required=True, metadata=_AMOUNT)
    max = fields.Decimal(places=2, as_string=True, allow_none=True, required=True, metadata=_AMOUNT)


class FileSchema(Schema):
    """An attached file for everybody."""

    name = fields.String(required=True)
    note = fields.String(required=True)
    media_type = fields.String(required=True)
    size_bytes = fields.Integer(required=True)
    url = fields.String(required=True)


class _ListingSchema(Schema):
    id = fields.Integer(required=True)
    kind = fields.String(required=True)
    url = fields.String(required=True, metadata={"description": "The page for people"})
    state = fields.String(required=True, validate=OneOf([str(s) for s in ListingState]))
    audience = fields.String(required=True, validate=OneOf([str(a) for a in Audience]))
    title = fields.Nested(BilingualSchema, required=True)
    description = fields.Nested(BilingualSchema, required=True)
    organisation = fields.Nested(OrganisationSchema, required=True)
    taxonomy_version = fields.String(required=True)
    fields_ = fields.List(fields.String(), required=True, data_key="fields", attribute="fields")
    city = fields.String(required=True)
    keywords = fields.Nested(KeywordsSchema, required=True)
    modes = fields.List(fields.String(), required=True)
    maturity = fields.Integer(allow_none=True, required=True)
    money = fields.Nested(MoneySchema, required=True)
    quality = fields.Integer(required=True)
    published_at = fields.DateTime(format="iso", allow_none=True, required=True)
    confirmed_at = fields.DateTime(format="iso", allow_none=True, required=True)
    changed_at = fields.DateTime(format="iso", required=True)
    files = fields.List(fields.Nested(FileSchema), required=True)
    rev = fields.Integer(required=True)


class BenefitSchema(Schema):
    """One benefit in numbers beside the best rival."""

    name = fields.Nested(BilingualSchema, required=True)
    value = fields.String(required=True)
    unit = fields.String(required=True)
    rival_value = fields.String(required=True)
    rival = fields.Nested(BilingualSchema, required=True)
    evidence = fields.Nested(BilingualSchema, required=True)


class IpRightSchema(Schema):
    """One right."""

    kind = fields.String(required=True)
    status = fields.String(required=True)
    number = fields.String(required=True)


class AchievementSchema(_ListingSchema):
    """An achievement as everybody may see it. `money` is its price."""

    summary = fields.Nested(BilingualSchema, required=True)
    application = fields.Nested(BilingualSchema, required=True)
    category = fields.String(allow_none=True, required=True)
    nature = fields.String(allow_none=True, required=True)
    form = fields.String(allow_none=True, required=True)
    level = fields.String(required=True)
    stage = fields.String(allow_none=True, required=True)
    registration_number = fields.String(required=True)
    maturity_evidence = fields.Nested(BilingualSchema, required=True)
    maturity_confirmed_by = fields.String(required=True)
    benefits = fields.List(fields.Nested(BenefitSchema), required=True)
    ip = fields.List(fields.Nested(IpRightSchema), required=True)
    first_kind = fields.String(allow_none=True, required=True)
    started_month = fields.String(required=True)
    finished_month = fields.String(required=True)


class IndicatorSchema(Schema):
    """One wanted result: `op` is ge, le, eq or range."""

    name = fields.Nested(BilingualSchema, required=True)
    op = fields.String(required=True)
    value = fields.String(required=True)
    value_to = fields.String(allow_none=True, required=True)
    unit = fields.String(required=True)
    must = fields.Boolean(required=True)


class NeedSchema(_ListingSchema):
    """A need as everybody may see it. `money` is its budget, `maturity` the wanted one."""

    tried = fields.Nested(BilingualSchema, required=True)
    site = fields.Nested(BilingualSchema, required=True)
    indicators = fields.List(fields.Nested(IndicatorSchema), required=True)
    closes_on = fields.String(allow_none=True, required=True)
    is_anonymous = fields.Boolean(required=True)
