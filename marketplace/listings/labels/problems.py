"""Words for what is wrong with input, and for what a service refuses."""

from __future__ import annotations

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from marketplace.core.labels import error_text
from marketplace.listings.rules.content import Problem

_NUMBERS: dict[str, LazyString] = {
    "ip_number_form": _l(
        "This is no number of this kind. Examples: ZL 2024 1 0123456.0, CN117654321A, 2024SR0123456, CNA20201001234."
    ),
    "ip_number_check": _l("The check digit does not fit the number: it should be %(expected)s. Compare it with the certificate."),
    "ip_number_kind": _l("This number belongs to another kind of patent than the one chosen."),
    "ip_number_double": _l("This number is entered twice."),
    "money_form": _l(
        "Write an amount in ten thousand yuan (万元) with digits only, at most four after the point, such as 120 or 7.5."
    ),
    "money_range": _l("This amount is too large."),
    "number_form": _l("Write one number with digits only, such as 5.8; the unit has a box of its own."),
    "month_form": _l("Write year and month, such as 2025-11."),
    "day_form": _l("Write year, month and day, such as 2026-12-31."),
    "choice_unknown": _l("Choose one of the offered answers."),
}
_CONTENT: dict[str, LazyString] = {
    "title_missing": _l("Give it a title, in Chinese or in English."),
    "problem_missing": _l("Tell the problem, in Chinese or in English."),
    "summary_missing": _l("Say in a few sentences what problem it solves, in Chinese or in English."),
    "category_missing": _l("Choose the class."),
    "nature_missing": _l("Choose the nature."),
    "form_missing": _l("Choose the form."),
    "months_order": _l("The end lies before the start."),
    "registration_form": _l(
        "A registration number has 12 characters: 3 digits, the year, one letter, 4 digits, such as 3702025Y0123."
    ),
    "maturity_missing": _l("Choose the maturity level."),
    "stage_contradicts": _l(
        "This stage does not belong to maturity level %(level)s. Change one of the two, or leave the stage open."
    ),
    "evidence_missing": _l("Name the evidence: who confirmed the maturity, by which test or report, when."),
    "modes_missing": _l("Choose at least one way."),
    "money_order": _l("The upper amount is smaller than the lower one."),
    "fields_missing": _l("Choose the main strategic field."),
    "fields_double": _l("The same field is chosen twice."),
    "fields_many": _l("Choose at most %(most)s fields."),
    "fields_unknown": _l("This field is not in the present list any more. Choose again."),
    "city_missing": _l("Choose the city."),
    "city_unknown": _l("This is no city of the province."),
    "keywords_many": _l("Give at most %(most)s key words in each language."),
    "name_missing": _l("Give this row a name, in Chinese or in English, or empty it."),
    "value_missing": _l("Give the value as a number."),
    "range_end_missing": _l("Give the upper end of the range."),
    "range_order": _l("The upper end must be larger than the lower one."),
    "closes_past": _l("This day has passed. Choose a later one."),
    "closes_far": _l("Choose a day within the next %(days)s days."),
    "text_long": _l("At most %(most)s characters, please."),
    "rows_many": _l("At most %(most)s rows, please."),
}
_SERVICES: dict[str, LazyString] = {
    "no_organisation": _l(
        "To list something you must belong to an organisation as owner or editor. Register yours or ask to be invited."
    ),
    "not_your_organisation": _l("This belongs to an organisation of which you are no member."),
    "editors_only": _l("Only owners and editors of the organisation may do this."),
    "owners_only": _l("Only an owner of the organisation may do this."),
    "verified_only": _l("Your organisation must be verified before it can publish. Hand in its document first."),
    "in_review": _l("It lies with the owners for review. Take it back to write on."),
    "file_for_verified": _l("This file is for members of verified organisations. Sign in, or have your organisation verified."),
    "listing_incomplete": _l("%(count)s answers are missing or wrong. Look through the check page, then try again."),
    "note_missing": _l("Give a reason: the writers must know what to change."),
    "nothing_changed": _l("There is no change to publish."),
    "no_revision": _l("It was never published, so there is nothing to go back to."),
    "link_used": _l("This link was for an earlier confirmation: the listing has been confirmed since. Nothing is left to do."),
    "link_expired": _l("This link is too old. Sign in and confirm on your listings page."),
    "link_broken": _l(
        "This link is incomplete. Copy the whole address from the mail, or sign in and confirm on your listings page."
    ),
    "need_closed": _l("The closing day of this need has passed. Set a later one and publish the change."),
    "files_many": _l("At most %(most)s files, please. Take one out first."),
    "file_of_another_listing": _l("This file does not belong to this listing."),
    "file_missing": _l("Choose a file first."),
    "section_too_large": _l("This page holds more text than can be saved. Shorten it."),
}
ERRORS: dict[str, LazyString] = {**_NUMBERS, **_CONTENT, **_SERVICES}


def problem_text(problem: Problem) -> str:
    """The sentence for a problem of content, in the reader's language."""
    return error_text(problem.code, **problem.params)
