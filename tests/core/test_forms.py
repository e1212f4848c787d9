"""Every form speaks the reader's language, also in the words that WTForms itself says."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import wtforms
from wtforms import FieldList, FormField, IntegerField

from marketplace.core.web.forms import PartForm

NOT_A_NUMBER = {"zh": "不是有效的整数。", "en": "Not a valid integer value."}


class Part(PartForm):
    """A part with a check that WTForms words."""

    number = IntegerField()


class EnglishPart(wtforms.Form):
    """The control: what a plain form says."""

    number = IntegerField()


class Whole(PartForm):
    """Rows of parts."""

    rows = FieldList(FormField(Part), min_entries=1)


def classes(base: type = wtforms.Form) -> Iterator[type]:
    for found in base.__subclasses__():
        yield found
        yield from classes(found)


def says(form: type, language: str, app) -> str:
    """What this kind of form says of a wrong number."""
    bases = tuple(part.Meta for part in form.__mro__ if "Meta" in vars(part))
    with app.test_request_context(f"/{language}/"):
        app.preprocess_request()
        words = type("Meta", bases, {})().get_translations(None)
        return words.gettext(NOT_A_NUMBER["en"]) if words else NOT_A_NUMBER["en"]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_part_of_a_form_answers_in_the_readers_language(app, language):
    with app.test_request_context(f"/{language}/", method="POST", data={"rows-0-number": "many"}) as context:
        app.preprocess_request()
        form = Whole(context.request.form)
        assert not form.validate()
        assert form.rows[0].form.number.errors == [NOT_A_NUMBER[language]]


def test_no_form_of_the_market_speaks_english_to_a_chinese_reader(app):
    ours = [found for found in classes() if found.__module__.startswith("marketplace.")]
    assert len(ours) > 40, "the control: the forms are found"
    assert [found.__qualname__ for found in ours if says(found, "zh", app) != NOT_A_NUMBER["zh"]] == []
    assert says(EnglishPart, "zh", app) == NOT_A_NUMBER["en"], "the control: a plain form would"
