"""The mail of an event: in the reader's language, with one main button, the reason, and a way out that needs no sign-in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import current_app

from marketplace.accounts.models import User
from marketplace.core import mail
from marketplace.core.i18n import speaking
from marketplace.core.outbox import Payload
from marketplace.core.web import absolute_url
from marketplace.notifications import labels
from marketplace.notifications.handlers.confirming import confirm_link
from marketplace.notifications.queries import Recipient
from marketplace.notifications.rules import Unsubscription, sign


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter as it leaves."""

    subject: str
    text: str
    html: str
    unsubscribe_url: str


def wants(user: User) -> bool:
    """Does this person get mail at all? Only proven addresses of active people who have not switched it off."""
    return bool(user.active and user.wants_mail and user.confirmed_at is not None)


def send(payload: Payload, recipient: Recipient) -> None:
    """Put the letter of an event on its way to one person, in the open transaction."""
    user = recipient.user
    letter = write(payload, recipient)
    mail.queue(
        user.email,
        letter.subject,
        letter.text,
        html=letter.html,
        language=user.language,
        unsubscribe_url=letter.unsubscribe_url,
    )


def write(payload: Payload, recipient: Recipient) -> Letter:
    """The letter in the language of its reader."""
    user, kind = recipient.user, payload["event"]
    with speaking(user.language):
        unsubscribe_url = absolute_url("notifications.unsubscribe", token=token_for(user.id, kind))
        values = {**_values(payload, recipient), "unsubscribe_url": unsubscribe_url}
        text, html = (
            current_app.jinja_env.get_template(f"notifications/emails/event.{ending}").render(values)
            for ending in ("txt", "html")
        )
    return Letter(str(values["subject"]), text, html, unsubscribe_url)


def _values(payload: Payload, recipient: Recipient) -> dict[str, Any]:
    words = labels.EVENTS[payload["event"]]
    sentence = labels.sentence(payload["event"], payload)
    confirm_url = _url(confirm_link(payload, recipient.user))
    link = (payload.get("admin_link") if recipient.is_admin else None) or payload.get("link") or ["pages.home", {}]
    return {
        "lang": recipient.user.language,
        "subject": labels.subject(payload["event"], payload),
        "name": recipient.user.name,
        "sentence": sentence,
        "note": labels.note(payload),
        "action": str(words.action),
        "url": _url(link),
        "confirm_url": confirm_url,
        "reason": str(words.reason),
        "kind_name": str(words.name),
        "settings_url": absolute_url("notifications.preferences"),
    }


def _url(link: Any) -> str:
    return absolute_url(link[0], **link[1]) if link else ""


def token_for(user_id: int, kind: str) -> str:
    """The signed wish to end one kind of mail."""
    return sign(Unsubscription(user_id, kind), secret=str(current_app.config["SECRET_KEY"]))
