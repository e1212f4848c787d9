"""The small forms around the editor: what to begin, a file to add, listings to confirm together."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from wtforms import SelectField, SelectMultipleField

from marketplace.listings import labels
from marketplace.listings.forms.fields import OneField, line, words_as_choices
from marketplace.listings.rules.content import MOST_CHARACTERS


class StartForm(FlaskForm):
    """For which organisation a new listing is."""

    org_id = SelectField(_l("For which organisation?"), coerce=int, choices=[])


class UploadForm(FlaskForm):
    """One file and who may download it."""

    file = FileField(
        _l("File"),
        description=_l(
            "PDF, Word, Excel, PowerPoint, PNG, JPEG or WebP, up to 20 MB. Pictures are saved anew without their metadata."
        ),
    )
    tier = OneField(_l("Who may download it"), choices=words_as_choices(labels.AUDIENCES), default="verified")
    note = line(_l("What it is"), most=MOST_CHARACTERS["note"], description=_l("Such as: test report, March 2026."))


class ConfirmManyForm(FlaskForm):
    """Listings that still hold."""

    listing = SelectMultipleField(_l("Listings"), coerce=int, choices=[])
