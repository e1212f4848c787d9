"""Line ends in what people type start no new header, neither in an answer nor in a letter; a wrong Host leads nobody astray."""

from __future__ import annotations

from email import message_from_bytes, policy
from io import BytesIO
from pathlib import Path

import pytest

from marketplace.core import jobs, mail
from marketplace.core.db import transaction
from tests.browser.letters import letters_to, text_of
from tests.factories import accounts
from tests.factories.market import email_of, pdf
from tests.security.asking import get_rules, post

NAMES = [
    "a%0d%0aX-Evil: 1.pdf",
    "..\\..\\evil.pdf",
    "a\x0bb\x1fc.pdf",
    "\u202egnp.exe",
    "质子膜 报告.pdf",
    'quo"te;x=y.pdf',
    "a\x00b.pdf",
]


@pytest.mark.parametrize("name", NAMES, ids=range(len(NAMES)))
def test_a_file_name_stays_in_its_header(asking, name):
    client = asking.client("owner")
    before = _files(client, asking)
    url = asking.url("listings.upload", "draft", method="POST")
    answer = post(
        client, url, {"file": (BytesIO(pdf("x")), name), "tier": "public", "note": ""}, content_type="multipart/form-data"
    )
    assert answer.status_code == 302
    (link,) = _files(client, asking) - before
    answer = client.get(link)
    header = answer.headers["Content-Disposition"]
    assert header.startswith("attachment")
    assert not any(ord(c) < 0x20 or ord(c) == 0x7F for c in header)
    assert "X-Evil" not in answer.headers
    assert ".." not in header
    assert "/" not in header.replace("UTF-8''", "")
    assert "%E2%80%AE" not in header, "no character that turns the reading direction"
    assert header.isascii()


def _files(client, asking) -> set[str]:
    page = client.get(asking.url("listings.section", "id=draft,section=files")).text
    parts = page.split('href="')[1:]
    return {part.split('"', 1)[0] for part in parts if "/files/" in part.split('"', 1)[0]}


@pytest.mark.parametrize(
    "evil", ["x\r\nBcc: evil@example.org", "x\nContent-Type: text/html\n\n<b>", "x\r\n\r\nbody", "x\u2028Bcc: evil@example.org"]
)
def test_a_subject_starts_no_header(asking, evil):
    with transaction():
        mail.queue("reader@example.org", f"About {evil}", "text")
    jobs.run_due()
    folder = Path(asking.app.config["MAIL_FOLDER"])
    raw = max(folder.glob("*.eml"), key=lambda path: path.stat().st_mtime_ns).read_bytes()
    letter = message_from_bytes(raw, policy=policy.default)
    assert letter["Bcc"] is None
    assert str(letter["To"]) == "reader@example.org"
    assert "About x" in str(letter["Subject"])
    assert not any(ord(c) < 0x20 for c in str(letter["Subject"]))
    assert text_of(letter).strip().endswith("text")


@pytest.mark.parametrize("name", ["周\r\nBcc: evil@example.org", "周\nX-Evil: 1"])
def test_a_name_starts_no_header(asking, name):
    """A person's name stands in letters to others."""
    post(
        asking.client("asker"),
        asking.url("accounts.settings", method="POST"),
        {"name": name, "language": "zh", "wants_mail": "y"},
    )
    body = {"purpose": "licence", "as_org": asking.market.orgs["enterprise"], "body": "Question?", "form_token": "n" * 30}
    post(asking.client("asker"), asking.url("deals.enquire", "achievement", method="POST"), body)
    jobs.run_due()
    for letter in letters_to(Path(asking.app.config["MAIL_FOLDER"]), email_of("owner")):
        assert letter["Bcc"] is None
        assert letter["X-Evil"] is None


def test_a_wrong_host_stands_in_no_letter(asking):
    """Links of letters come from the setting, never from what a request calls us."""
    user = accounts.create_user("host-test@example.org")
    for headers in ({"Host": "evil.example"}, {"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "http"}):
        client = asking.client()
        data = {"email": user.email}
        post(client, asking.url("security.forgot_password", method="POST"), data, headers=headers, base_url="http://localhost")
    jobs.run_due()
    letters = letters_to(Path(asking.app.config["MAIL_FOLDER"]), user.email)
    assert letters
    assert all("evil.example" not in text_of(letter) for letter in letters)
    assert all(str(asking.app.config["PUBLIC_URL"]) in text_of(letter) for letter in letters)


def test_nothing_of_an_address_starts_a_header(asking):
    client = asking.client("owner")
    for rule in get_rules(asking.app):
        url = next(asking.urls_of(rule))
        answer = client.get(url + "?q=a%0d%0aX-Evil:%201&next=%0d%0aX-Evil:%201&tab=%0d%0aX-Evil:1", buffered=True)
        assert "X-Evil" not in answer.headers, url
        assert not any("\n" in value or "\r" in value for _key, value in answer.headers), url
