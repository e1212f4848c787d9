"""Words for what core says: errors by code, HTTP statuses, settings. A feature registers the words of its own codes."""

from __future__ import annotations

from typing import Any

from flask_babel import LazyString, gettext
from flask_babel import lazy_gettext as _l

_ERRORS: dict[str, LazyString] = {
    "csrf": _l("The form is too old or was opened in another session. Open the page again and send it once more."),
    "edit_conflict": _l("Somebody else has saved this in the meantime. Look at the newer version before you save yours."),
    "not_allowed": _l("You may not do this."),
    "sign_in": _l("Sign in to go on."),
    "step_not_allowed": _l("This step is not possible in the present state. The page may be older than the record."),
    "setting_out_of_bounds": _l("The value must be between %(low)s and %(high)s."),
    "throttled": _l("Too many tries. Wait %(minutes)s minutes, then try again."),
    "unknown_setting": _l("There is no such setting."),
    "upload_active_content": _l("The file holds macros, scripts or programs. Save it without them and try again."),
    "upload_archive_suspicious": _l("The file unpacks to far more than it should. Save it anew and try again."),
    "upload_damaged": _l("The file is damaged or incomplete. Save it anew and try again."),
    "upload_empty": _l("The file is empty."),
    "upload_picture_too_large": _l("The picture has more than %(megapixels)s million pixels. Make it smaller."),
    "upload_too_large": _l("The file is larger than %(megabytes)s MB."),
    "upload_type_not_accepted": _l("Only PDF, Word, Excel, PowerPoint, PNG, JPEG and WebP files are accepted."),
}
_STATUSES: dict[int, LazyString] = {
    400: _l("The request could not be understood"),
    401: _l("Sign in first"),
    403: _l("You may not see or do this"),
    404: _l("This page does not exist"),
    405: _l("This cannot be done at this address"),
    409: _l("This is not possible now"),
    413: _l("Too much was sent at once"),
    429: _l("Too many requests"),
    500: _l("Something went wrong on our side"),
    503: _l("The site is not available for a moment"),
}
SETTINGS: dict[str, LazyString] = {
    "accounts.invitation_days": _l("Days an invitation to an organisation stays valid"),
    "deals.reply_default_days": _l("Working days promised for a first reply, unless the organisation says otherwise"),
    "listings.confirm_every_days": _l("Days after which owners must confirm that a listing still holds"),
    "listings.expire_after_fading_days": _l("Days a listing stays faded before it leaves the search"),
    "listings.remind_before_days": _l("Days before the date at which owners are first reminded"),
    "matching.announce_from_score": _l("Score from which a new match is announced to both owners"),
    "matching.announce_most_per_listing": _l("Most matches announced for one listing"),
}


def register_errors(words: dict[str, LazyString]) -> None:
    """Add the words for a feature's error codes (called in its labels.py)."""
    _ERRORS.update(words)


def error_text(code: str, **params: Any) -> str:
    """The sentence for an error code, in the reader's language. An unknown code gets a general sentence."""
    words = _ERRORS.get(code)
    return str(words) % params if words is not None else gettext("This is not possible.")


def known_errors() -> frozenset[str]:
    """Every code that has words (a test compares it with the codes raised)."""
    return frozenset(_ERRORS)


def status_title(status: int) -> str:
    """The heading of an error page."""
    return str(_STATUSES.get(status, _STATUSES[400]))
