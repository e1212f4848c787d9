"""The base of forms that are parts of others: it speaks the reader's language, as a whole FlaskForm does.

A plain `wtforms.Form` answers a wrong number or choice in English on every page. These forms carry no token of their own;
the form around them does.
"""

from __future__ import annotations

from typing import Any

from flask_wtf.i18n import translations
from wtforms import Form
from wtforms.meta import DefaultMeta


class PartForm(Form):
    """A row of a repeated group, or one page of a longer form."""

    class Meta(DefaultMeta):
        """The words of built-in checks come from the catalogue of the language in the address."""

        def get_translations(self, form: Any) -> Any:  # noqa: ARG002 - WTForms asks with the form
            return translations
