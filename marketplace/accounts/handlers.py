"""Letters of the sign-in family: who gets which, written in the reader's language and put on their way."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from flask import current_app
from flask_security.confirmable import generate_confirmation_token
from flask_security.recoverable import generate_reset_password_token

from marketplace.accounts import labels, queries, services
from marketplace.accounts.models import AddressChange, LetterRequest, User
from marketplace.accounts.rules import OLD_ADDRESS_KEPT, veiled
from marketplace.core import clock, mail
from marketplace.core.db import transaction
from marketplace.core.i18n import speaking
from marketplace.core.outbox import Payload
from marketplace.core.web import absolute_url


def write_letter(payloads: Sequence[Payload]) -> None:
    """Answer a wish for a letter (handler of accounts.letter_requested). An unknown address gets nothing."""
    for payload in payloads:
        with transaction():
            opened = services.open_letter(payload["request_id"], now=clock.now())
            if opened is None:
                continue
            wish, user = opened
            if user is not None and user.active:
                _answer(wish, user)
            wish.email = ""  # it was needed only until now


def _answer(wish: LetterRequest, user: User) -> None:
    with speaking(user.language):
        if user.confirmed_at is None:
            token = generate_confirmation_token(user)  # type: ignore[no-untyped-call]
            link = absolute_url("security.confirm_email", token=token, **_next(wish))
            send_letter("confirmation_instructions", user, link=link)
        elif wish.kind == "reset":
            token = generate_reset_password_token(user)  # type: ignore[no-untyped-call]
            link = absolute_url("security.reset_password", token=token)
            send_letter("reset_instructions", user, link=link)
        else:
            send_letter(
                "welcome_existing", user, link=absolute_url("security.login"), reset_link=absolute_url("security.forgot_password")
            )


def _next(wish: LetterRequest) -> dict[str, str]:
    return {"next": wish.next_path} if wish.next_path else {}


def write_address_letters(payloads: Sequence[Payload]) -> None:
    """Tell both boxes of a wished change of address (handler of accounts.address_change_asked)."""
    for payload in payloads:
        with transaction():
            opened = services.open_address_letters(payload["change_id"], now=clock.now())
            if opened is not None:
                _tell_new_box(*opened)
                _tell_old_box("address_change_asked", *opened)


def _tell_new_box(change: AddressChange, user: User) -> None:
    """The link that confirms; a box that has an account already hears that somebody wanted it, and nothing happens."""
    owner = queries.person_by_email(change.new_email)
    if owner is not None:
        send_letter("address_in_use", owner)
    elif not queries.is_registered(change.new_email, kept_since=clock.now() - OLD_ADDRESS_KEPT, but_not=user.id):
        with speaking(user.language):
            link = absolute_url("security.change_email_confirm", token=address_token("confirm", change))
        send_to("address_confirm", change.new_email, language=user.language, link=link)


def tell_address_changed(change: AddressChange, user: User) -> None:
    """The old box hears that it is the old one now, in the open transaction."""
    _tell_old_box("address_changed", change, user)


def _tell_old_box(letter: str, change: AddressChange, user: User) -> None:
    with speaking(user.language):
        link = absolute_url("accounts.take_back_address", token=address_token("take_back", change))
    new = veiled(change.new_email)
    send_to(letter, change.old_email, language=user.language, user_name=user.name, new_address=new, link=link)


def address_token(purpose: str, change: AddressChange) -> str:
    """What stands in a link about a change of address: Flask-Security's signature over what it does and for which change."""
    token: str = current_app.extensions["security"].change_email_serializer.dumps([purpose, change.key])
    return token


def tick(now: dt.datetime) -> None:
    """The daily round: forget addresses that were kept for taking back."""
    with transaction():
        services.forget_addresses(now=now)


def send_letter(name: str, user: User, **values: Any) -> None:
    """Put one letter of templates/security/email on its way to a person, in the open transaction."""
    send_to(name, user.email, language=user.language, user_name=user.name, **values)


def send_to(name: str, address: str, *, language: str, **values: Any) -> None:
    """The same to an address that may belong to nobody here (an invitation)."""
    with speaking(language):
        values = {**values, "lang": language, "subject": labels.letter_subject(name, **values)}
        text, html = (
            current_app.jinja_env.get_template(f"security/email/{name}.{kind}").render(**values) for kind in ("txt", "html")
        )
        mail.queue(address, str(values["subject"]), text, html=html, language=language)
