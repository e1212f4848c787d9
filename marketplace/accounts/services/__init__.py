"""The verbs of accounts: people, sessions, tries to sign in, organisations, members."""

from __future__ import annotations

from marketplace.accounts.services.addresses import (
    ask_for_address,
    confirm_address,
    forget_addresses,
    give_up_address,
    open_address_letters,
    take_back_address,
)
from marketplace.accounts.services.attempts import Caller, reserve, strike_out
from marketplace.accounts.services.members import accept, change_role, invite, is_open, leave, remove, take_back
from marketplace.accounts.services.organisations import (
    OrganisationFacts,
    change_organisation,
    hand_in_document,
    register_organisation,
    send_back,
    suspend,
    verify,
)
from marketplace.accounts.services.people import (
    ask_for_letter,
    change_settings,
    close_account,
    confirm,
    create_administrator,
    disable,
    enable,
    grant,
    open_letter,
    register,
    withdraw_role,
)
from marketplace.accounts.services.sessions import (
    end_by_token,
    end_other_sessions,
    end_session,
    end_sessions_of,
    start_session,
)

__all__ = [
    "Caller",
    "OrganisationFacts",
    "accept",
    "ask_for_address",
    "ask_for_letter",
    "change_organisation",
    "change_role",
    "change_settings",
    "close_account",
    "confirm",
    "confirm_address",
    "create_administrator",
    "disable",
    "enable",
    "end_by_token",
    "end_other_sessions",
    "end_session",
    "end_sessions_of",
    "forget_addresses",
    "give_up_address",
    "grant",
    "hand_in_document",
    "invite",
    "is_open",
    "leave",
    "open_address_letters",
    "open_letter",
    "register",
    "register_organisation",
    "remove",
    "reserve",
    "send_back",
    "start_session",
    "strike_out",
    "suspend",
    "take_back",
    "take_back_address",
    "verify",
    "withdraw_role",
]
