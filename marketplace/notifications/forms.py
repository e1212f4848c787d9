"""Which kinds of news also come by mail, and the single yes of the unsubscribe page."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import SelectMultipleField
from wtforms.fields.choices import SelectChoice
from wtforms.widgets import CheckboxInput, ListWidget

from marketplace.notifications import labels


def _kinds(group: str) -> SelectMultipleField:
    """Checkboxes for the kinds of one group."""
    kinds = [SelectChoice(kind, words.name) for kind, words in labels.EVENTS.items() if words.group == group]
    return SelectMultipleField(
        labels.GROUPS[group], choices=kinds, widget=ListWidget(prefix_label=False), option_widget=CheckboxInput()
    )


class MailForm(FlaskForm):
    """One box for each kind; administrators have a group of their own.

    Fields are called mail_...: an element named `matches` would hide the form's own method of that name from scripts.
    """

    mail_enquiries = _kinds("enquiries")
    mail_listings = _kinds("listings")
    mail_matches = _kinds("matches")
    mail_organisation = _kinds("organisation")
    mail_administration = _kinds("administration")

    def groups(self, *, is_admin: bool) -> list[SelectMultipleField]:
        """The groups that concern this person."""
        return [self[f"mail_{name}"] for name in labels.GROUPS if is_admin or name != "administration"]


class EmptyForm(FlaskForm):
    """A button with a token."""
