"""Mail that leaves only after the commit and waits while the mail server is down.

`queue` writes a row in the caller's transaction; the worker sends it through the backend (a folder by default, SMTP when
configured) and then blanks the body, which may hold a link that opens something.
"""

from __future__ import annotations

import datetime as dt
import smtplib
import ssl
from collections.abc import Sequence
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from pathlib import Path
from urllib.parse import unquote, urlsplit

from flask import current_app
from sqlalchemy import String, Text
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.core import clock, outbox
from marketplace.core.db import Base, current_session, transaction
from marketplace.core.outbox import Payload
from marketplace.core.types import UtcDateTime

SMTP_TIMEOUT_SECONDS = 20


class OutgoingMail(Base):
    """One letter on its way out."""

    __tablename__ = "outgoing_mails"

    id: Mapped[int] = mapped_column(primary_key=True)
    to_address: Mapped[str] = mapped_column(String(254))
    subject: Mapped[str] = mapped_column(String(250))
    text: Mapped[str] = mapped_column(Text)
    html: Mapped[str] = mapped_column(Text, default="")
    language: Mapped[str] = mapped_column(String(2), default="zh")
    unsubscribe_url: Mapped[str] = mapped_column(Text, default="")
    queued_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    sent_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)


def queue(to: str, subject: str, text: str, *, html: str = "", language: str = "zh", unsubscribe_url: str = "") -> OutgoingMail:
    """Put a letter on its way, in the caller's transaction. Line ends are taken out of the subject (header injection).

    `unsubscribe_url` takes a POST without sign-in and ends this kind of letter (RFC 8058).
    """
    mail = OutgoingMail(
        to_address=to,
        subject=" ".join(subject.split())[:250],
        text=text,
        html=html,
        language=language,
        unsubscribe_url=unsubscribe_url,
        queued_at=clock.now(),
    )
    current_session().add(mail)
    current_session().flush()  # the event names the letter
    outbox.add("core.mail_queued", mail_id=mail.id)
    return mail


def send(payloads: Sequence[Payload]) -> None:
    """Send one queued letter (handler of core.mail_queued). An error leaves it queued for the next attempt."""
    for payload in payloads:
        with transaction() as session:
            mail = session.get(OutgoingMail, payload["mail_id"], with_for_update=True, populate_existing=True)
            if mail is None or mail.sent_at is not None:
                continue
            _deliver(_message(mail))
            mail.sent_at, mail.text, mail.html, mail.unsubscribe_url = clock.now(), "", "", ""


def _message(mail: OutgoingMail) -> EmailMessage:
    message = EmailMessage()
    name = "Shandong Tech Market" if mail.language == "en" else "山东科技大市场"
    sender = str(current_app.config["MAIL_FROM"])
    message["From"] = Address(name, addr_spec=sender)
    message["To"] = Address(addr_spec=mail.to_address)
    message["Subject"] = mail.subject
    message["Date"] = format_datetime(mail.queued_at)
    # The same letter keeps its id over repeated attempts, so a receiver can fold doubles.
    message["Message-ID"] = f"<mail-{mail.id}.{mail.queued_at:%Y%m%d%H%M%S%f}@{sender.rsplit('@', 1)[-1]}>"
    message["Auto-Submitted"] = "auto-generated"
    if mail.unsubscribe_url:
        message["List-Unsubscribe"] = f"<{mail.unsubscribe_url}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message.set_content(mail.text)
    if mail.html:
        message.add_alternative(mail.html, subtype="html")
    return message


def _deliver(message: EmailMessage) -> None:
    if current_app.config["MAIL_BACKEND"] == "smtp":
        _smtp(message, str(current_app.config["SMTP_URL"]))
    else:
        _file(message, Path(current_app.config["MAIL_FOLDER"]))


def _file(message: EmailMessage, folder: Path) -> None:
    """Write the letter where a developer can open it."""
    folder.mkdir(parents=True, exist_ok=True)
    stamp = clock.now().strftime("%Y%m%dT%H%M%S.%f")
    key = make_msgid(domain="file").strip("<>").split(".")[1]
    (folder / f"{stamp}-{key}.eml").write_bytes(bytes(message))


def _smtp(message: EmailMessage, url: str) -> None:
    """smtp://user:password@host:port (STARTTLS where offered) or smtps://..."""
    parts = urlsplit(url)
    host, port = parts.hostname or "localhost", parts.port or (465 if parts.scheme == "smtps" else 25)
    context = ssl.create_default_context()
    if parts.scheme == "smtps":
        server: smtplib.SMTP = smtplib.SMTP_SSL(host, port, timeout=SMTP_TIMEOUT_SECONDS, context=context)
    else:
        server = smtplib.SMTP(host, port, timeout=SMTP_TIMEOUT_SECONDS)
    with server:
        if parts.scheme == "smtp" and server.ehlo()[0] == 250 and server.has_extn("starttls"):
            server.starttls(context=context)
        if parts.username:
            server.login(unquote(parts.username), unquote(parts.password or ""))
        server.send_message(message)
