"""The shape of what people send about matches. Whether it is allowed and what follows, the services decide."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import LazyString, gettext
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import DecimalField, HiddenField, IntegerField, RadioField, StringField, SubmitField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, NumberRange, Optional, ValidationError
from wtforms.widgets import HiddenInput

from marketplace.matching import labels
from marketplace.matching.rules import COMPONENT_NAMES
from marketplace.matching.services.judging import MOST_NOTE_CHARACTERS

MOST_WEIGHT = 100


def _choices(words: Mapping[str, LazyString]) -> list[SelectChoice]:
    return [SelectChoice(value, label) for value, label in words.items()]


class AnswerForm(FlaskForm):
    """Does a match help? `listing` is the page to go back to."""

    verdict = RadioField(
        choices=[*_choices(labels.VERDICTS), SelectChoice("none", _l("No answer"))],
        validators=[InputRequired(_l("Say whether the match is relevant."))],
    )
    reason = RadioField(_l("Why not?"), choices=_choices(labels.REASONS), validators=[Optional()])
    note = StringField(
        _l("In your own words"),
        description=_l("Only administrators read this; it helps to improve the matching."),
        validators=[Optional(), Length(max=MOST_NOTE_CHARACTERS)],
    )
    listing = HiddenField(validators=[Optional(), Length(max=12)])


class WeightsForm(FlaskForm):
    """One weight for each component, as parts of any whole."""

    note = StringField(
        _l("Why do they change?"),
        description=_l("Kept in the record for everybody who checks it."),
        validators=[Length(max=300)],
    )
    based_on = IntegerField(widget=HiddenInput(), validators=[InputRequired(), NumberRange(min=0)])
    save = SubmitField(_l("Put in force"))

    def validate_note(self, field: StringField) -> None:
        """Looking at the effect needs no reason, putting the weights in force does."""
        if self.save.data and not (field.data or "").strip():
            raise ValidationError(gettext("Say in a sentence why the weights change."))


for _name in COMPONENT_NAMES:
    setattr(
        WeightsForm,
        _name,
        DecimalField(
            labels.COMPONENTS[_name],
            places=None,
            validators=[
                InputRequired(_l("Give a number; 0 leaves the component out.")),
                NumberRange(min=0, max=MOST_WEIGHT, message=_l("Give a number from 0 to 100.")),
            ],
        ),
    )
