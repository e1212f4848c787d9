"""Words for the states, kinds, roles and errors of accounts, and the subjects of its letters."""

from __future__ import annotations

from typing import Any

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from marketplace.accounts.states import OrgKind, OrgRole, OrgState, SiteRoleName
from marketplace.core.labels import register_errors

KINDS: dict[str, LazyString] = {
    OrgKind.UNIVERSITY: _l("University"),
    OrgKind.INSTITUTE: _l("Research institute"),
    OrgKind.ENTERPRISE: _l("Enterprise"),
    OrgKind.BROKER: _l("Technology broker"),
    OrgKind.FACILITY: _l("Facility operator"),
    OrgKind.CITY_OFFICE: _l("City office"),
    OrgKind.PROVINCIAL_OFFICE: _l("Provincial office"),
}
KIND_HINTS: dict[str, LazyString] = {
    OrgKind.UNIVERSITY: _l("Offers achievements, answers needs"),
    OrgKind.INSTITUTE: _l("Offers achievements, answers needs"),
    OrgKind.ENTERPRISE: _l("Posts needs, looks for achievements"),
    OrgKind.BROKER: _l("Works for clients on either side"),
    OrgKind.FACILITY: _l("Runs a proof-of-concept centre or a pilot base"),
    OrgKind.CITY_OFFICE: _l("Science and technology bureau of a city"),
    OrgKind.PROVINCIAL_OFFICE: _l("Department of the province"),
}
STATES: dict[str, LazyString] = {
    OrgState.FORMAT_OK: _l("Document missing"),
    OrgState.DOCUMENT_SEEN: _l("Being checked"),
    OrgState.VERIFIED: _l("Verified"),
}
STATE_TAGS = {OrgState.FORMAT_OK: "info", OrgState.DOCUMENT_SEEN: "wait", OrgState.VERIFIED: "ok"}
ROLES: dict[str, LazyString] = {OrgRole.OWNER: _l("Owner"), OrgRole.EDITOR: _l("Editor"), OrgRole.VIEWER: _l("Viewer")}
ROLE_HINTS: dict[str, LazyString] = {
    OrgRole.OWNER: _l("Manages members and the entry, publishes"),
    OrgRole.EDITOR: _l("Writes listings and answers enquiries"),
    OrgRole.VIEWER: _l("Reads what the organisation can read"),
}
SITE_ROLES: dict[str, LazyString] = {SiteRoleName.ADMIN: _l("Administrator"), SiteRoleName.EXPERT: _l("Expert")}
STEPS: dict[str, LazyString] = {
    "hand_in_document": _l("Document handed in"),
    "verify": _l("Verified"),
    "send_back": _l("Sent back to the owner"),
    "suspend": _l("Suspended"),
}
PASSWORD_PROBLEMS: dict[str, LazyString] = {
    "password_short": _l("The password needs at least 8 characters; 15 or more are better. A short sentence is a good password."),
    "password_long": _l("The password is longer than 256 characters."),
    "password_common": _l("This password is among the first that anybody would try. Choose another; a short sentence is good."),
    "password_context": _l("The password is made of your name, your address or the name of this site. Choose another."),
}
_SUBJECTS: dict[str, LazyString] = {
    "confirmation_instructions": _l("Confirm your e-mail address"),
    "welcome_existing": _l("You already have an account"),
    "reset_instructions": _l("Set a new password"),
    "reset_notice": _l("Your password was reset"),
    "change_notice": _l("Your password was changed"),
    "second_factor_added": _l("Two-step sign-in was set up"),
    "second_factor_removed": _l("Two-step sign-in was switched off"),
    "passkey_added": _l("A passkey was added to your account"),
    "invitation": _l("Invitation to join %(org_name)s"),
    "address_confirm": _l("Confirm your new e-mail address"),
    "address_in_use": _l("Somebody wanted to use your e-mail address"),
    "address_change_asked": _l("Your e-mail address is to be changed"),
    "address_changed": _l("Your e-mail address was changed"),
}

register_errors(
    {
        "address_link_ended": _l("This link was used, replaced by a newer one or has expired. Nothing was changed."),
        "address_same": _l("This is your present address."),
        "address_taken": _l("There is an account with this address already."),
        "administrators_only": _l("Only administrators of the market may do this."),
        "already_member": _l("This person is a member already."),
        "invitation_ended": _l("This invitation was used, taken back or has expired. Ask for a new one."),
        "invitation_for_another": _l("This invitation was sent to another address. Sign in with the account of that address."),
        "last_administrator": _l("The market needs an administrator. Make somebody else administrator first."),
        "last_owner": _l("An organisation needs an owner. Make somebody else owner first."),
        "last_owner_closes": _l(
            "You are the only owner of %(organisation)s. Make somebody else owner first, then close your account."
        ),
        "not_upon_yourself": _l("Ask another administrator: nobody does this to their own account."),
        "own_organisation": _l("You belong to this organisation. Another administrator must decide about it."),
        "owners_only": _l("Only owners of the organisation may do this."),
        "reason_missing": _l("Say in a sentence what is missing, so that the organisation can put it right."),
        "too_many_documents": _l("There are %(most)s documents already. Ask the administrators to look at them first."),
        "too_many_invitations": _l("%(most)s invitations are open. Take some back first."),
        "too_many_registrations": _l(
            "You have registered %(most)s organisations that are not verified yet. Hand in their documents first."
        ),
        "unknown_city": _l("Choose one of the cities in the list."),
        "uscc_body_check": _l("The code has a typing error: the 17th character does not fit the eight before it."),
        "uscc_characters": _l("The code may hold digits and capital letters only, without I, O, S, V and Z."),
        "uscc_check": _l("The code has a typing error: its last character does not fit the others."),
        "uscc_length": _l("The code has 18 characters."),
        "uscc_taken": _l(
            "An organisation with this code is registered already. Ask its owner to invite you, or ask the administrators."
        ),
        **PASSWORD_PROBLEMS,
    }
)


def _(text: str) -> str:
    """Mark a message of Flask-Security for our catalogue; the library translates it when it speaks."""
    return text


# The library's own Chinese catalogue is a third done, so every message that people can meet is worded here.
SECURITY_MESSAGES: dict[str, tuple[str, str]] = {
    "API_ERROR": (_("That did not work. Please start again."), "error"),
    "GENERIC_AUTHN_FAILED": (_("The address or the password is wrong."), "error"),
    "UNAUTHENTICATED": (_("Sign in to go on."), "error"),
    "UNAUTHORIZED": (_("You may not do this."), "error"),
    "REAUTHENTICATION_REQUIRED": (_("Enter your password once more before you change this."), "info"),
    "REAUTHENTICATION_SUCCESSFUL": (_("Thank you. You can go on."), "success"),
    "INVALID_RESET_PASSWORD_TOKEN": (_("This link was used already or is not complete. Ask for a new letter."), "error"),
    "PASSWORD_RESET_EXPIRED": (_("This link has expired. Ask for a new letter."), "error"),
    "PASSWORD_RESET_NO_LOGIN": (_("Your new password is set. Sign in with it."), "success"),
    "PASSWORD_CHANGE": (_("Your password is changed. All your other sessions have ended."), "success"),
    "PASSWORD_IS_THE_SAME": (_("The new password is the same as the present one. Choose another."), "error"),
    "PASSWORD_NOT_PROVIDED": (_("Enter your password."), "error"),
    "INVALID_PASSWORD": (_("This is not your present password."), "error"),
    "USER_DOES_NOT_EXIST": (_("The address or the password is wrong."), "error"),
    "DISABLED_ACCOUNT": (_("The address or the password is wrong."), "error"),
    "INVALID_REDIRECT": (_("That address leads away from this site."), "error"),
    "TWO_FACTOR_INVALID_TOKEN": (_("This code is wrong, was used already or is too old. Wait for the next one."), "error"),
    "TWO_FACTOR_LOGIN_SUCCESSFUL": (_("You are signed in."), "success"),
    "TWO_FACTOR_CHANGE_METHOD_SUCCESSFUL": (_("Two-step sign-in is set up."), "success"),
    "TWO_FACTOR_DISABLED": (_("Two-step sign-in is switched off."), "success"),
    "TWO_FACTOR_PERMISSION_DENIED": (_("Sign in with your password first."), "error"),
    "TWO_FACTOR_METHOD_NOT_AVAILABLE": (_("Your role needs two-step sign-in; it cannot be switched off."), "error"),
    "TWO_FACTOR_SETUP_EXPIRED": (_("That took too long. Please start again."), "error"),
    "INVALID_RECOVERY_CODE": (_("This code is wrong or was used already."), "error"),
    "NO_RECOVERY_CODES_SETUP": (_("You have no recovery codes yet."), "info"),
    "WEBAUTHN_EXPIRED": (_("That took too long. Please start again."), "error"),
    "WEBAUTHN_NAME_REQUIRED": (_("Give the passkey a name."), "error"),
    "WEBAUTHN_NAME_INUSE": (_("You have a passkey with this name already."), "error"),
    "WEBAUTHN_NAME_NOT_FOUND": (_("You have no passkey with this name."), "error"),
    "WEBAUTHN_NAME_DISALLOWED_CHARACTERS": (_("Use letters, digits, spaces and hyphens in the name."), "error"),
    "WEBAUTHN_CREDENTIAL_DELETED": (_("The passkey is removed."), "success"),
    "WEBAUTHN_REGISTER_SUCCESSFUL": (_("The passkey is added."), "success"),
    "WEBAUTHN_CREDENTIAL_ID_INUSE": (_("This passkey is registered already."), "error"),
    "WEBAUTHN_UNKNOWN_CREDENTIAL_ID": (_("This passkey is not known here."), "error"),
    "WEBAUTHN_ORPHAN_CREDENTIAL_ID": (_("This passkey is not known here."), "error"),
    "WEBAUTHN_CREDENTIAL_WRONG_USAGE": (_("This passkey cannot be used here."), "error"),
    "WEBAUTHN_MISMATCH_USER_HANDLE": (_("This passkey belongs to another account."), "error"),
    "WEBAUTHN_NO_VERIFY": (_("The passkey could not be checked. Try again or use your password."), "error"),
    "INVALID_INPUT": (_("This value cannot be used here."), "error"),
    "INVALID_INPUT_LENGTH": (_("This is too long."), "error"),
    "EMAIL_NOT_PROVIDED": (_("Enter your e-mail address."), "error"),
    "INVALID_EMAIL_ADDRESS": (_("This is not an e-mail address."), "error"),
    "INVALID_CODE": (_("This code is wrong, was used already or is too old. Wait for the next one."), "error"),
    "ANONYMOUS_USER_REQUIRED": (_("You are signed in already."), "info"),
}


def letter_subject(name: str, **values: Any) -> str:
    """The subject of a letter, in the language being spoken."""
    return str(_SUBJECTS[name]) % values
