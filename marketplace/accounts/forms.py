"""The shape of what people type about themselves and their organisations. Rules are rules.py's and services' matter."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from email_validator import EmailNotValidError, validate_email
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from wtforms import (
    BooleanField,
    DateField,
    EmailField,
    Field,
    HiddenField,
    IntegerField,
    PasswordField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional, ValidationError

from marketplace.accounts import labels
from marketplace.core.settings import KNOWN


def _choices(words: Mapping[Any, Any]) -> list[SelectChoice]:
    return [SelectChoice(str(value), label) for value, label in words.items()]


_LANGUAGES = _choices({"zh": "中文", "en": "English"})


def _tidy(text: str | None) -> str | None:
    return text.strip() if text else text


def _lower(text: str | None) -> str | None:
    return text.strip().lower() if text else text


def is_address(_form: FlaskForm, field: Field) -> None:
    """An address that could exist; whether it does, the letter will show."""
    try:
        field.data = validate_email(field.data or "", check_deliverability=False).normalized.lower()
    except EmailNotValidError as error:
        raise ValidationError(_("This is not an e-mail address. It looks like name@example.com.")) from error


def _address() -> EmailField:
    return EmailField(
        _l("E-mail address"),
        validators=[DataRequired(_l("Enter your e-mail address.")), Length(max=254), is_address],
        filters=[_lower],
        render_kw={"autocomplete": "email", "spellcheck": "false"},
    )


class RegisterForm(FlaskForm):
    """A new account."""

    name = StringField(
        _l("Your name"),
        description=_l("Colleagues and the people you write to see it; it is on no public page."),
        validators=[DataRequired(_l("Enter your name.")), Length(max=80)],
        filters=[_tidy],
        render_kw={"autocomplete": "name"},
    )
    email = _address()
    password = PasswordField(
        _l("Password"),
        validators=[DataRequired(_l("Enter a password.")), Length(max=1000)],
        render_kw={"autocomplete": "new-password"},
    )
    language = SelectField(_l("Language of letters to you"), choices=_LANGUAGES)
    agrees = BooleanField(
        _l("I have read what is kept about me and why"),
        validators=[DataRequired(_l("Read the privacy page and tick the box, otherwise we may not keep your data."))],
    )


class AddressForm(FlaskForm):
    """Where a letter should go."""

    email = _address()


class ConfirmForm(FlaskForm):
    """Nothing to type: a button that changes something."""


class SettingsForm(FlaskForm):
    """A person's own choices."""

    name = StringField(_l("Your name"), validators=[DataRequired(_l("Enter your name.")), Length(max=80)], filters=[_tidy])
    language = SelectField(_l("Language of letters to you"), choices=_LANGUAGES)
    wants_mail = BooleanField(
        _l("Send me letters about what happens with my listings and enquiries"),
        description=_l("Letters about your account and its safety are always sent."),
    )
    wants_personal_ranking = BooleanField(
        _l("Use what I marked as relevant or not relevant to rank matches for me"),
        description=_l("Without it, matches are ranked by their content alone, the same for everybody."),
    )


class CloseForm(FlaskForm):
    """Closing an account cannot be undone, so it is said in so many words."""

    understands = BooleanField(
        _l("I understand that my account cannot be brought back"),
        validators=[DataRequired(_l("Tick the box to close your account."))],
    )


class _FactsForm(FlaskForm):
    """What an organisation says about itself."""

    name_en = StringField(_l("Name in English"), validators=[Optional(), Length(max=200)], filters=[_tidy])
    city = SelectField(_l("City"), validators=[DataRequired(_l("Choose a city."))])
    about_zh = TextAreaField(_l("About, in Chinese"), validators=[Optional(), Length(max=2000)], filters=[_tidy])
    about_en = TextAreaField(_l("About, in English"), validators=[Optional(), Length(max=2000)], filters=[_tidy])
    trade_zh = StringField(_l("Trade or discipline, in Chinese"), validators=[Optional(), Length(max=200)], filters=[_tidy])
    trade_en = StringField(_l("Trade or discipline, in English"), validators=[Optional(), Length(max=200)], filters=[_tidy])
    website = StringField(
        _l("Website"),
        description=_l("For example: https://www.example.org"),
        validators=[Optional(), Length(max=200)],
        filters=[_tidy],
    )
    promised_reply_days = IntegerField(
        _l("Working days within which you promise a first reply to enquiries"),
        validators=[InputRequired(_l("Enter a number from 1 to 15.")), NumberRange(1, 15, _l("Enter a number from 1 to 15."))],
        default=3,
    )

    def offer_cities(self, cities: Mapping[str, str]) -> None:
        """Fill the list of cities."""
        self.city.choices = _choices({"": _("Choose a city"), **cities})

    def validate_website(self, field: Field) -> None:
        parts = urlsplit(field.data or "")
        if parts.scheme not in ("http", "https") or not parts.hostname or "." not in parts.hostname:
            raise ValidationError(_("Enter the full address, beginning with https:// or http://."))


class RegisterOrganisationForm(_FactsForm):
    """A new organisation."""

    kind = RadioField(
        _l("What kind of organisation is it?"),
        choices=_choices(labels.KINDS),
        validators=[DataRequired(_l("Choose the kind of organisation."))],
    )
    name_zh = StringField(
        _l("Name of the organisation"),
        description=_l("Exactly as on the licence or certificate"),
        validators=[DataRequired(_l("Enter the name.")), Length(max=200)],
        filters=[_tidy],
    )
    uscc = StringField(
        _l("Unified social credit code"),
        description=_l("18 characters, on the business licence or the certificate of the institution"),
        validators=[DataRequired(_l("Enter the code.")), Length(max=60)],
        filters=[_tidy],
        render_kw={"autocomplete": "off", "spellcheck": "false"},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("uscc", "name_en", "name_zh", "kind"):  # as on the page, so that its mistakes are listed in that order
            self._fields.move_to_end(name, last=False)


class ChangeOrganisationForm(_FactsForm):
    """The entry of an organisation; name and kind only as long as it is not verified."""

    version = HiddenField()
    kind = RadioField(_l("What kind of organisation is it?"), choices=_choices(labels.KINDS))
    name_zh = StringField(
        _l("Name of the organisation"), validators=[DataRequired(_l("Enter the name.")), Length(max=200)], filters=[_tidy]
    )


class DocumentForm(FlaskForm):
    """The proof that an organisation exists."""

    document = FileField(
        _l("Licence or certificate"),
        description=_l("PDF, PNG, JPEG or WebP, up to 20 MB. Only administrators and owners of the organisation can open it."),
        validators=[FileRequired(_l("Choose a file."))],
    )


class InviteForm(FlaskForm):
    """Whom to invite, as what."""

    email = _address()
    role = RadioField(
        _l("Role"),
        choices=_choices(labels.ROLES),
        default="editor",
        validators=[DataRequired(_l("Choose a role."))],
    )


class RoleForm(FlaskForm):
    """A member's new role."""

    role = SelectField(_l("Role"), choices=_choices(labels.ROLES), validators=[DataRequired()])


class ReasonForm(FlaskForm):
    """Why something is sent back or suspended."""

    note = TextAreaField(
        _l("What is missing or wrong"),
        description=_l("The owners of the organisation read this. Say what they should do."),
        validators=[DataRequired(_l("Say what is missing or wrong.")), Length(min=5, max=1000)],
        filters=[_tidy],
    )


class SiteRoleForm(FlaskForm):
    """A role on the whole site."""

    role = SelectField(_l("Role"), choices=_choices(labels.SITE_ROLES), validators=[DataRequired()])


class AuditForm(FlaskForm):
    """What to look for in the record."""

    class Meta:
        """A search by GET changes nothing and needs no token."""

        csrf = False

    person = StringField(
        _l("Person or account"),
        description=_l("E-mail address or number"),
        validators=[Optional(), Length(max=254)],
        filters=[_lower],
    )
    action = StringField(
        _l("Action"), description=_l("Or how it begins, such as accounts."), validators=[Optional(), Length(max=64)]
    )
    object_type = StringField(_l("Kind of object"), validators=[Optional(), Length(max=32)], filters=[_tidy])
    object_id = StringField(_l("Number of the object"), validators=[Optional(), Length(max=64)], filters=[_tidy])
    from_day = DateField(_l("From"), validators=[Optional()])
    to_day = DateField(_l("Until"), validators=[Optional()])


def market_settings_form() -> type[FlaskForm]:
    """One whole-number field for each setting of the market, named as the setting with "__" for the dot."""
    fields: dict[str, Any] = {}
    for key, known in KNOWN.items():
        check = NumberRange(
            known.low, known.high, _l("The value must be between %(low)s and %(high)s.", low=known.low, high=known.high)
        )
        fields[key.replace(".", "__")] = IntegerField(validators=[InputRequired(_l("Enter a whole number.")), check])
    return type("MarketSettingsForm", (FlaskForm,), fields)
