"""Letters of the sign-in family: who gets which, written in the reader's language and put on their way."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import current_app
from flask_security.confirmable import generate_confirmation_token
from flask_security.recoverable import generate_reset_password_token

from marketplace.accounts import labels, services
from marketplace.accounts.models import LetterRequest, User
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
