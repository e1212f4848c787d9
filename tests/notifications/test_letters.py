"""Every letter as it leaves, in both languages, compared with the kept one (UPDATE_SNAPSHOTS=1 writes them anew)."""

from __future__ import annotations

import os
import re
from pathlib import Path

import html5lib
import pytest

from marketplace.core.db import current_session
from marketplace.core.mail import OutgoingMail
from marketplace.notifications.handlers import letters, notify
from marketplace.notifications.handlers.confirming import confirm_link
from marketplace.notifications.queries import Recipient
from tests.factories import accounts, listings
from tests.notifications.samples import PAYLOADS, payload

SNAPSHOTS = Path(__file__).parent / "snapshots"
IS_UPDATE = os.environ.get("UPDATE_SNAPSHOTS") == "1"


def letter(event: str, language: str, **more) -> letters.Letter:
    user = accounts.create_user(name="林老师（演示）", language=language)
    return letters.write(payload(event, **more), Recipient(user, org_id=1))


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("event", sorted(PAYLOADS))
def test_letter_is_as_it_was(app, event, language):
    written = letter(event, language)
    shown = f"Subject: {written.subject}\n\n{written.text}\n\n{'=' * 72}\n{written.html}\n"
    shown = re.sub(r"unsubscribe/[\w.-]+", "unsubscribe/TOKEN", shown)
    path = SNAPSHOTS / f"{event}.{language}.txt"
    if IS_UPDATE:
        path.write_text(shown, encoding="utf-8")
    assert path.read_text(encoding="utf-8") == shown


@pytest.mark.parametrize("event", sorted(PAYLOADS))
def test_letter_is_sound(app, event):
    written = letter(event, "en")
    html5lib.HTMLParser(strict=True).parse(written.html)
    for part in (written.text, written.html):
        assert written.unsubscribe_url in part
        assert "/en/notifications/preferences" in part
        assert "You get this because" in part
    assert "style=" not in written.html
    assert "\n" not in written.subject
    assert 10 < len(written.subject) <= 100


def test_text_of_people_is_escaped_in_html(app):
    written = letter("deals.enquiry_sent", "zh", title={"zh": "<b onmouseover=x>", "en": ""}, note="<script>")
    assert "<b onmouseover" not in written.html
    assert "<script>" not in written.html
    assert "&lt;script&gt;" in written.html
    assert "<b onmouseover=x>" in written.text


def test_administrators_are_led_to_their_own_list(app):
    admin = accounts.create_admin(language="en")
    written = letters.write(payload("deals.enquiry_overdue"), Recipient(admin, is_admin=True))
    assert "/en/admin/enquiries/overdue" in written.text
    assert "/en/enquiries/7" not in written.text


def test_the_letter_of_a_due_listing_carries_a_link_signed_for_its_reader(app, client):
    """From the real event to the confirmed listing, without signing in."""
    user, org = accounts.create_member(kind="university", language="en")
    listing = listings.create_achievement(org, actor=accounts.actor_of(user))
    told = payload("listings.confirmation_due", listing_id=listing.id)
    del told["confirm_link"]
    endpoint, values = confirm_link(told, user)
    assert endpoint == "listings.confirm_by_link"
    text = letters.write(told, Recipient(user, org_id=org.id)).text
    assert text.index("Confirm with one click") < text.index("Look at it")
    link = re.search(r"http://127\.0\.0\.1:8000(/en/\S*confirm\S+)", text).group(1)
    assert values["token"] in link
    page = client.get(link)
    assert page.status_code == 200
    assert listing.title.en in page.text


def test_other_events_have_no_one_click_link(app):
    user = accounts.create_user()
    assert confirm_link(payload("listings.faded"), user) is None
    gone = payload("listings.confirmation_due", listing_id=999)
    del gone["confirm_link"]
    assert confirm_link(gone, user) is None


@pytest.mark.parametrize(
    "fields", [{"wants_mail": False}, {"is_confirmed": False}, {"active": False}], ids=["unwanted", "unproven", "disabled"]
)
def test_who_gets_no_letter(app, fields):
    user = accounts.create_user(**fields)
    notify([payload("listings.published", to_users=[user.id])])
    assert current_session().query(OutgoingMail).count() == 0
