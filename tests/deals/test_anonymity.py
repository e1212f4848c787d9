"""The owner of an anonymous need stays hidden from the enquirer, everywhere, until its side has written."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import select

from marketplace.core import clock, jobs
from marketplace.core.db import current_session, transaction
from marketplace.core.errors import RuleError
from marketplace.core.mail import OutgoingMail
from marketplace.core.policy import SYSTEM
from marketplace.core.types import Bilingual
from marketplace.deals import queries, services
from marketplace.deals.states import Outcome, Side
from marketplace.notifications.models import Notification
from tests.factories.deals import Pair, reload, token, write
from tests.visitor import Visitor

CANARIES = ("CANARYORG", "CANARYPERSON", "canary-owner@example.org", "金丝雀重工")


def hidden_pair() -> Pair:
    pair = Pair(is_anonymous=True, name=Bilingual("金丝雀重工", "CANARYORG works"))
    with transaction() as session:
        user = session.merge(pair.owner_user)
        user.name, user.email = "CANARYPERSON", "canary-owner@example.org"
    return pair


def leaks(text: str) -> list[str]:
    return [canary for canary in CANARIES if canary in text]


def what_the_enquirer_gets(client, pair: Pair, enquiry_id: int) -> str:
    """Pages in both languages, the export, the desk's list, bell rows and letters, as one text."""
    parts = []
    for lang in ("zh", "en"):
        for path in (
            "enquiries",
            "enquiries?tab=sent",
            "enquiries?tab=closed",
            f"enquiries/{enquiry_id}",
            f"enquiries/{enquiry_id}/export",
            f"enquiries/{enquiry_id}/report",
            "enquiries/blocked",
            "notifications/",
            f"listings/{pair.listing.id}/enquire",
            f"listings/{pair.listing.id}/report",
        ):
            response = client.get(f"/{lang}/{path}")
            assert response.status_code == 200, path
            parts.append(response.text)
    parts.append(client.post(f"/zh/enquiries/{enquiry_id}/block").text)
    session = current_session()
    session.rollback()
    parts.append(repr(queries.waiting_for(pair.asker, now=clock.now())))
    rows = session.scalars(select(Notification).where(Notification.user_id == pair.asker_user.id))
    parts += [json.dumps([row.data, row.endpoint_args], ensure_ascii=False) for row in rows]
    letters = session.scalars(select(OutgoingMail).where(OutgoingMail.to_address == pair.asker_user.email))
    parts += [letter.subject + letter.text + letter.html for letter in letters]
    return "\n".join(parts)


@pytest.fixture
def unsent(monkeypatch):
    """Letters stay readable in their rows: sending would blank them."""
    from marketplace import wiring
    from marketplace.core import outbox

    kept = dict(wiring.EVENTS)
    monkeypatch.setitem(kept, "core.mail_queued", ())
    outbox.install(kept)
    yield
    outbox.install(wiring.EVENTS)


def test_nothing_tells_before_the_reply_and_everything_after(app, client, unsent):
    pair = hidden_pair()
    browser = Visitor(app, pair.asker_user)
    row = pair.send()
    with transaction():
        services.see(row.id, actor=pair.owner, now=clock.now())
    with transaction():
        services.note_overdue(actor=SYSTEM, now=row.due_at)
    jobs.run_due()
    before = what_the_enquirer_gets(browser, pair, row.id)
    assert leaks(before) == []
    assert "装备企业" in before
    assert "equipment maker" in before
    pair.reply(row)
    jobs.run_due()
    after = what_the_enquirer_gets(browser, pair, row.id)
    assert set(leaks(after)) == {"CANARYORG", "CANARYPERSON", "金丝雀重工"}


def test_declining_without_a_message_tells_nothing(app, client, unsent):
    pair = hidden_pair()
    browser = Visitor(app, pair.asker_user)
    row = pair.send()
    with transaction():
        services.close(row.id, outcome=Outcome.TOO_EARLY, note="", form_token=token(), actor=pair.owner, now=clock.now())
    jobs.run_due()
    text = what_the_enquirer_gets(browser, pair, row.id)
    assert leaks(text) == []
    assert "成熟度暂时不够" in text


def test_declining_with_a_message_tells(app):
    pair = hidden_pair()
    row = pair.send()
    with transaction():
        services.close(row.id, outcome=Outcome.PRICE, note="抱歉", form_token=token(), actor=pair.owner, now=clock.now())
    assert queries.counterpart_name(reload(row.id), Side.ENQUIRER).zh == "金丝雀重工"


def test_the_owner_is_warned_before_it_replies(app, client):
    pair = hidden_pair()
    row = pair.send()
    client = Visitor(app, pair.owner_user)
    assert "您目前仍是匿名" in client.get(f"/zh/enquiries/{row.id}").text
    assert "您目前仍是匿名" in client.get(f"/zh/enquiries/{row.id}/close").text
    pair.reply(row)
    assert "您目前仍是匿名" not in client.get(f"/zh/enquiries/{row.id}").text


def test_the_owner_sees_who_asks(app, client):
    pair = hidden_pair()
    row = pair.send()
    client = Visitor(app, pair.owner_user)
    page = client.get(f"/zh/enquiries/{row.id}").text
    assert pair.asker_org.name.zh in page
    assert pair.asker_user.name in page
    assert pair.asker_user.email not in page


def test_a_need_that_becomes_anonymous_later_changes_no_thread(app):
    pair = Pair()
    row = pair.reply(pair.send())
    assert not row.hides_owner
    assert queries.owner_name(row) == pair.owner_org.name


def test_a_blocked_enquirer_is_not_told_that_it_is_blocked(app, client):
    """Whoever was blocked by one organisation would learn from the usual words whose need this is."""
    pair = hidden_pair()
    row = pair.send()
    with transaction():
        services.block(row.id, actor=pair.owner, now=clock.now())
    for attempt in (pair.send, lambda: write(row, pair.asker, "喂？")):
        with pytest.raises(RuleError) as refused:
            attempt()
        assert refused.value.code == "not_open_to_you"
    browser = Visitor(app, pair.asker_user)
    values = {"as_org": str(pair.asker_org.id), "purpose": "trial", "body": "还能谈吗？", "form_token": token()}
    page = browser.post(f"/zh/listings/{pair.listing.id}/enquire", data=values)
    assert page.status_code == 422
    assert "目前不接收留言" in page.text
    assert "屏蔽" not in page.text
    assert "还能谈吗" in page.text  # what was written is kept
