"""What the quality meter says is missing, as an invitation to add it."""

from __future__ import annotations

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

_WORDS: dict[str, LazyString] = {
    "no_comparison": _l("Compare one number with the best rival"),
    "few_benefits": _l("Give at least two benefits in numbers"),
    "no_number": _l("Put the key number into the summary"),
    "no_evidence": _l("Name the evidence of the maturity"),
    "no_ip_number": _l("Give the number of a patent or another right"),
    "short_description": _l("Describe more fully how it works and what its limits are"),
    "no_application": _l("Say where it is used"),
    "no_benefit_evidence": _l("Name the evidence of a benefit"),
    "self_confirmed": _l("Have the unit or experts confirm the maturity"),
    "one_language": _l("Add the other language to the title and the first text"),
    "no_price": _l("Give a price or a price range"),
    "no_file": _l("Attach a report or a picture"),
    "no_people": _l("Name the people behind it"),
    "few_keywords": _l("Give at least three key words"),
    "empty_title": _l("Say in the title what it is, without words like “novel” or “advanced”"),
    "vague_need": _l("Tell the problem more fully: what happens, where, how often, what it costs"),
    "no_indicator": _l("Name a result that would solve it"),
    "no_number_in_problem": _l("Put a number into the problem"),
    "no_unit": _l("Give a wanted result with its unit"),
    "no_budget": _l("Give a budget band"),
    "nothing_tried": _l("Say what has been tried"),
    "no_site": _l("Say where it happens: plant, line, conditions"),
    "no_must": _l("Mark which wanted results are a must"),
    "no_closing_day": _l("Say until when you want answers"),
    "no_wanted_maturity": _l("Say how mature the answer must be"),
}


def quality_text(code: str) -> str:
    """The invitation for a missing part."""
    return str(_WORDS[code])


def known_codes() -> frozenset[str]:
    """Every part that has words (a test compares it with the parts of the meter)."""
    return frozenset(_WORDS)
