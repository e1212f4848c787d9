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
    "upload_no_scan": _l("Only PDF, PNG, JPEG and WebP files are accepted here."),
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

# The sections of the file with a person's own data, by their key.
PERSONAL_DATA: dict[str, LazyString] = {
    "account": _l("Your account: what you entered, what you chose, and how you sign in"),
    "memberships": _l("Organisations you belong to"),
    "invitations_received": _l("Invitations to your address"),
    "invitations_sent": _l("Invitations you sent, without the addresses of others"),
    "documents": _l("Proofs of an organisation that you handed in"),
    "sessions": _l("Browsers in which you are or were signed in"),
    "sign_ins": _l("Every sign-in, sign-out and failed try"),
    "address_changes": _l("Changes of your e-mail address of the last days"),
    "letters": _l("Letters to your address; only their subjects are kept"),
    "record": _l("The record of what you did and of what was done to your account"),
    "steps": _l("Steps of listings, conversations and organisations that you took, with what you wrote at them"),
    "listings": _l("Listings that you began or drafted, with their content as shown and the draft as typed"),
    "listing_revisions": _l("Versions of listings that you made, as they stood after your change"),
    "listing_files": _l("Files that you attached to listings"),
    "match_judgements": _l("Matches that you judged, with your words"),
    "match_weights": _l("Weights of the match score that you put in force"),
    "enquiries": _l("Conversations you took part in, with the messages as their page shows them"),
    "enquiry_reads": _l("How far you have read which conversation"),
    "blocks": _l("Organisations that you blocked"),
    "reports": _l("What you reported to the administrators, and what became of it"),
    "report_decisions": _l("Reports that you decided on as an administrator"),
    "notifications": _l("The news in your bell"),
    "mail_choices": _l("Kinds of letters that you switched off or on"),
}

# What the audit record tells, by the code it keeps.
ACTIONS: dict[str, LazyString] = {
    "accounts.accept_invitation": _l("Accepted an invitation"),
    "accounts.add_passkey": _l("Added a passkey"),
    "accounts.add_second_factor": _l("Set up two-step sign-in"),
    "accounts.ask_for_address": _l("Asked to change the e-mail address"),
    "accounts.change_address": _l("Changed the e-mail address"),
    "accounts.change_organisation": _l("Changed an organisation's details"),
    "accounts.change_password": _l("Changed the password"),
    "accounts.change_role": _l("Changed a member's role"),
    "accounts.change_settings": _l("Changed personal settings"),
    "accounts.close_account": _l("Closed an account"),
    "accounts.confirm_address": _l("Confirmed the e-mail address"),
    "accounts.create_administrator": _l("Made an administrator"),
    "accounts.disable": _l("Disabled an account"),
    "accounts.enable": _l("Enabled an account"),
    "accounts.end_other_sessions": _l("Ended all other sessions"),
    "accounts.end_session": _l("Ended a session"),
    "accounts.give_up_address": _l("Gave up a change of address"),
    "accounts.grant": _l("Gave a site role"),
    "accounts.hand_in_document": _l("Handed in a document"),
    "accounts.invite": _l("Invited somebody"),
    "accounts.make_recovery_codes": _l("Made recovery codes"),
    "accounts.register": _l("Registered"),
    "accounts.register_again": _l("Registered once more with a known address"),
    "accounts.register_organisation": _l("Registered an organisation"),
    "accounts.remove_member": _l("Removed a member"),
    "accounts.remove_passkey": _l("Removed a passkey"),
    "accounts.remove_second_factor": _l("Switched two-step sign-in off"),
    "accounts.reset_password": _l("Set a new password by letter"),
    "accounts.send_back_organisation": _l("Sent an organisation's document back"),
    "accounts.sign_in": _l("Signed in"),
    "accounts.sign_in_failed": _l("Failed to sign in"),
    "accounts.sign_out": _l("Signed out"),
    "accounts.suspend_organisation": _l("Took an organisation's verification away"),
    "accounts.take_back_address": _l("Took a change of address back"),
    "accounts.take_back_invitation": _l("Took an invitation back"),
    "accounts.use_recovery_code": _l("Used a recovery code"),
    "accounts.verify_organisation": _l("Verified an organisation"),
    "accounts.withdraw_role": _l("Took a site role away"),
    "deals.block": _l("Blocked an organisation"),
    "deals.close": _l("Closed a conversation"),
    "deals.note_overdue": _l("Noted an overdue enquiry"),
    "deals.reopen": _l("Took a conversation up again"),
    "deals.report": _l("Reported something"),
    "deals.resolve_report": _l("Dealt with a report"),
    "deals.send_enquiry": _l("Sent an enquiry"),
    "deals.unblock": _l("Unblocked an organisation"),
    "deals.write_message": _l("Wrote a message"),
    "demo.found_organisation": _l("Set up for the demonstration"),
    "listings.attach": _l("Attached a file"),
    "listings.confirm": _l("Confirmed a listing"),
    "listings.copy": _l("Copied a listing"),
    "listings.discard_changes": _l("Discarded changes"),
    "listings.expire": _l("Let a listing expire"),
    "listings.fade": _l("Let a listing fade"),
    "listings.offer_changes": _l("Offered changes for review"),
    "listings.publish": _l("Published a listing"),
    "listings.publish_changes": _l("Published changes"),
    "listings.reopen": _l("Opened a listing again"),
    "listings.restore": _l("Restored an older version"),
    "listings.send_back": _l("Sent a listing back"),
    "listings.start": _l("Began a listing"),
    "listings.submit": _l("Handed a listing in"),
    "listings.take_back": _l("Took a listing back"),
    "listings.withdraw": _l("Withdrew a listing"),
    "matching.change_weights": _l("Changed the weights of matching"),
    "matching.judge": _l("Judged a match"),
    "matching.take_back": _l("Took a judgement of a match back"),
    "notifications.choose_mail": _l("Chose which letters to get"),
    "notifications.unsubscribe": _l("Unsubscribed from letters"),
    "settings.change": _l("Changed a setting of the market"),
    "taxonomy.load": _l("Loaded the lists of chains and fields"),
}
OBJECTS: dict[str, LazyString] = {
    "users": _l("Account"),
    "organisations": _l("Organisation"),
    "members": _l("Membership"),
    "invitations": _l("Invitation"),
    "enquiries": _l("Enquiry"),
    "org_blocks": _l("Block"),
    "reports": _l("Report"),
    "listings": _l("Listing"),
    "achievements": _l("Achievement"),
    "needs": _l("Need"),
    "match_feedback": _l("Answer to a match"),
    "match_weights": _l("Weights of matching"),
    "settings": _l("Setting"),
    "taxonomy_versions": _l("Version of the lists"),
}
# What else the record keeps of an action, by its key.
DETAILS: dict[str, LazyString] = {
    "achievement": _l("achievement no."),
    "after": _l("after"),
    "as_org": _l("in the name of organisation no."),
    "attachment_id": _l("file no."),
    "before": _l("before"),
    "blocked": _l("blocked organisation no."),
    "copied_from": _l("copied from listing no."),
    "due_at": _l("due"),
    "files": _l("files"),
    "kind": _l("kind"),
    "listing_id": _l("listing no."),
    "need": _l("need no."),
    "note": _l("note"),
    "number": _l("version"),
    "off": _l("letters switched off"),
    "org": _l("organisation no."),
    "org_id": _l("organisation no."),
    "outcome": _l("outcome"),
    "purpose": _l("purpose"),
    "reason": _l("reason"),
    "resolution": _l("decision"),
    "rev": _l("revision"),
    "role": _l("role"),
    "rows": _l("rows"),
    "session": _l("session no."),
    "sha256": _l("checksum of the file"),
    "side": _l("side"),
    "user_id": _l("person no."),
    "uscc": _l("unified social credit code"),
    "verdict": _l("judgement"),
    "via": _l("by way of"),
    "what": _l("with"),
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
