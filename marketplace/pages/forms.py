"""The two small forms of these pages: how the site looks for one visitor, and the sample on the style guide."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    DateField,
    FieldList,
    FileField,
    FormField,
    HiddenField,
    IntegerField,
    RadioField,
    SelectChoice,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from marketplace.core.web.forms import PartForm


class DisplayForm(FlaskForm):
    """Colours and size of text, kept in two cookies on the visitor's device."""

    theme = RadioField(
        _l("Colours"),
        choices=[
            SelectChoice("system", _l("As the device wishes")),
            SelectChoice("light", _l("Light")),
            SelectChoice("dark", _l("Dark")),
        ],
        default="system",
    )
    text = RadioField(
        _l("Size of text"), choices=[SelectChoice("normal", _l("Normal")), SelectChoice("large", _l("Large"))], default="normal"
    )
    back = HiddenField()


class SampleRow(PartForm):
    """One row of a repeated group on the style guide."""

    number = StringField("Patent number", [DataRequired("Enter the patent number, or remove the row.")])
    status = SelectField("State", choices=[SelectChoice("granted", "Granted"), SelectChoice("pending", "Pending")])


class SampleForm(FlaskForm):
    """Every kind of field once; shown on the style guide with and without errors. Words stay English: developers read it."""

    title = StringField("Title", [DataRequired("Enter a title."), Length(max=60)], description="What it is and what it is for.")
    title_en = StringField("Title in English", [Optional(), Length(max=120)])
    summary = TextAreaField("Summary", [Length(max=200, message="Shorten the summary to 200 characters.")])
    maturity = IntegerField("Maturity", [InputRequired("Enter a level from 1 to 9."), NumberRange(1, 9)])
    price = StringField("Price", [Optional()])
    form_kind = SelectField(
        "Form",
        choices=[SelectChoice("product", "Product"), SelectChoice("process", "Process"), SelectChoice("material", "Material")],
    )
    nature = RadioField(
        "Nature",
        [InputRequired("Choose one.")],
        choices=[SelectChoice("original", "Original"), SelectChoice("absorbed", "Absorbed from abroad")],
    )
    modes = SelectMultipleField(
        "Transfer modes",
        choices=[
            SelectChoice("transfer", "Transfer"),
            SelectChoice("licence", "Licence"),
            SelectChoice("use_first", "Use first"),
        ],
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )
    deadline = DateField("Deadline", [Optional()])
    evidence = FileField("Evidence", description="PDF or picture, up to 10 MB.")
    is_anonymous = BooleanField("Hide our name from the public")
    patents = FieldList(FormField(SampleRow), min_entries=2)
