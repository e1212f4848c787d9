"""Letters leave after the commit, wait while the server is down, and carry nothing they were not given."""

from __future__ import annotations

import email
import email.policy
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller

from marketplace.core import clock, jobs, mail
from marketplace.core.db import current_session, transaction
from marketplace.core.mail import OutgoingMail
from marketplace.core.outbox import Job

TO = "reader@example.org"


class Post:
    """A post office on loopback that keeps what it accepts and refuses when told to."""

    def __init__(self) -> None:
        self.letters: list[Any] = []
        self.answer = "250 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        if self.answer.startswith("250"):
            self.letters.append(email.message_from_bytes(envelope.content, policy=email.policy.default))
        return self.answer


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def post(app, monkeypatch) -> Iterator[Post]:
    """The application sends through a server that runs."""
    office = Post()
    controller = Controller(office, hostname="127.0.0.1", port=free_port())
    controller.start()
    monkeypatch.setitem(app.config, "MAIL_BACKEND", "smtp")
    monkeypatch.setitem(app.config, "SMTP_URL", f"smtp://127.0.0.1:{controller.port}")
    yield office
    controller.stop()


def queue(subject: str = "主题", text: str = "正文", **more: Any) -> int:
    with transaction():
        return mail.queue(TO, subject, text, **more).id


def kept(mail_id: int) -> OutgoingMail:
    current_session().rollback()
    row = current_session().get(OutgoingMail, mail_id, populate_existing=True)
    assert row is not None
    return row


def job() -> Job:
    current_session().rollback()
    return current_session().query(Job).filter_by(handler="core.send_mail").one()


@pytest.mark.both
def test_a_letter_is_sent_once_and_its_body_forgotten(post, app):
    mail_id = queue(html="<p>正文</p>", unsubscribe_url="http://127.0.0.1/u/x")
    assert post.letters == []
    jobs.run_due()
    mail.send([{"mail_id": mail_id}])  # a repeated job
    [letter] = post.letters
    assert letter["To"] == TO
    assert letter["Subject"] == "主题"
    assert letter["From"].addresses[0].display_name == "山东科技大市场"
    assert letter["Auto-Submitted"] == "auto-generated"
    assert letter["List-Unsubscribe"] == "<http://127.0.0.1/u/x>"
    assert letter["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert letter.get_body(("plain",)).get_content().strip() == "正文"
    assert "<p>正文</p>" in letter.get_body(("html",)).get_content()
    row = kept(mail_id)
    assert (row.text, row.html, row.unsubscribe_url) == ("", "", "")
    assert row.sent_at is not None


def test_letters_without_a_kind_have_no_way_out_of_it(post, app):
    queue(language="en")
    jobs.run_due()
    [letter] = post.letters
    assert letter["List-Unsubscribe"] is None
    assert letter["From"].addresses[0].display_name == "Shandong Tech Market"
    assert not letter.is_multipart()


def test_nothing_leaves_when_the_change_is_taken_back(post, app):
    with pytest.raises(ZeroDivisionError), transaction():
        mail.queue(TO, "a", "b")
        _ = 1 / 0
    jobs.run_due()
    assert post.letters == []


@pytest.mark.both
def test_a_letter_waits_while_the_server_is_down(app, monkeypatch):
    port = free_port()
    monkeypatch.setitem(app.config, "MAIL_BACKEND", "smtp")
    monkeypatch.setitem(app.config, "SMTP_URL", f"smtp://127.0.0.1:{port}")
    mail_id = queue()
    jobs.run_due()
    assert kept(mail_id).sent_at is None
    waiting = job()
    assert waiting.state == "queued"
    assert waiting.run_after > clock.now()
    assert "ConnectionRefused" in waiting.last_error
    jobs.run_due()
    assert job().attempts == 1  # not before its time

    office = Post()
    controller = Controller(office, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        later = clock.now().timestamp() + 600
        monkeypatch.setattr(clock, "now", lambda: clock.dt.datetime.fromtimestamp(later, clock.dt.UTC))
        jobs.run_due()
    finally:
        controller.stop()
    [letter] = office.letters
    assert letter["Subject"] == "主题"
    assert kept(mail_id).sent_at is not None
    assert job().state == "done"


def test_a_refused_letter_is_kept_with_the_reason(post, app):
    post.answer = "550 5.7.1 no thanks"
    mail_id = queue()
    jobs.run_due()
    assert kept(mail_id).text == "正文"
    assert "no thanks" in job().last_error
    assert job().state == "queued"


def test_a_server_that_says_nothing_does_not_hold_the_worker_for_long(app, monkeypatch):
    monkeypatch.setattr(mail, "SMTP_TIMEOUT_SECONDS", 0.2)
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        monkeypatch.setitem(app.config, "MAIL_BACKEND", "smtp")
        monkeypatch.setitem(app.config, "SMTP_URL", f"smtp://127.0.0.1:{silent.getsockname()[1]}")
        queue()
        started = time.monotonic()
        jobs.run_due()
    assert time.monotonic() - started < 10
    assert job().state == "queued"


@pytest.mark.parametrize("end", ["\r\n", "\n", "\r", "\u2028", "\x85", "\x0b"])
def test_a_subject_cannot_bring_headers(post, app, end):
    queue(subject=f"新询问{end}Bcc: thief@example.org{end}{end}<p>body</p>")
    jobs.run_due()
    [letter] = post.letters
    assert letter["Bcc"] is None
    assert letter["Subject"] == "新询问 Bcc: thief@example.org <p>body</p>"
    assert letter.get_content().strip() == "正文"


@pytest.mark.parametrize(
    "address", ["reader@example.org\r\nBcc: thief@example.org", "reader@example.org, thief@example.org", "no"]
)
def test_an_address_cannot_bring_headers(post, app, address):
    with transaction():
        mail_id = mail.queue(address, "a", "b").id
    jobs.run_due()
    assert post.letters == []
    assert kept(mail_id).sent_at is None


def test_a_way_out_cannot_bring_headers(post, app):
    queue(unsubscribe_url="http://127.0.0.1/u\r\nBcc: thief@example.org")
    jobs.run_due()
    assert post.letters == []


@pytest.mark.both
def test_the_file_backend_writes_a_letter_that_opens(app):
    queue(html="<p>正文</p>")
    queue(subject="第二封")
    jobs.run_due()
    files = sorted(Path(app.config["MAIL_FOLDER"]).glob("*.eml"))
    letters = [email.message_from_bytes(path.read_bytes(), policy=email.policy.default) for path in files]
    assert [letter["Subject"] for letter in letters] == ["主题", "第二封"]
    assert letters[0].get_body(("plain",)).get_content().strip() == "正文"


def test_the_same_letter_keeps_its_id_over_attempts(post, app):
    mail_id = queue()
    first = mail._message(kept(mail_id))["Message-ID"]
    assert mail._message(kept(mail_id))["Message-ID"] == first
