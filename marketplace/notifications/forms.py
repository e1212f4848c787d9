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
    """One box for each kind; administrators have a group of their own."""

    enquiries = _kinds("enquiries")
    listings = _kinds("listings")
    matches = _kinds("matches")
    organisation = _kinds("organisation")
    administration = _kinds("administration")

    def groups(self, *, is_admin: bool) -> list[SelectMultipleField]:
        """The groups that concern this person."""
        return [self[name] for name in labels.GROUPS if is_admin or name != "administration"]


class EmptyForm(FlaskForm):
    """A button with a token."""
