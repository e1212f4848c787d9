"""The pages: what a browser without script can do, who is turned away, and what mistakes look like."""

from __future__ import annotations

import datetime as dt
import io
import re

import pytest

from marketplace.core import clock
from marketplace.core.db import current_session, transaction
from marketplace.deals import queries, services
from marketplace.deals.states import EnquiryState, Outcome, ReportReason
from tests.factories import accounts
from tests.factories.deals import Pair, reload, token
from tests.visitor import Visitor

PDF = b"%PDF-1.4 demo %%EOF"


@pytest.fixture
def pair(app) -> Pair:
    return Pair()


@pytest.fixture
def visit(app, client):
    """Signs a person in, in a browser of their own."""
    return lambda user: Visitor(app, user)


@pytest.fixture
def owner(pair, visit):
    return visit(pair.owner_user)


@pytest.fixture
def asker(pair, visit):
    return visit(pair.asker_user)


def fields(html: str, action: str = "") -> dict[str, str]:
    """The hidden inputs of a page's main form, as a browser would send them."""
    forms = re.findall(r"<form[^>]*>.*?</form>", html, re.DOTALL)
    chosen = next(form for form in forms if 'class="form"' in form and action in form)
    inputs = [dict(re.findall(r'(\w+)="([^"]*)"', tag)) for tag in re.findall(r"<input[^>]*>", chosen)]
    return {tag["name"]: tag["value"] for tag in inputs if tag.get("type") == "hidden"}


def test_asking_replying_and_closing_in_the_browser(pair, owner, asker):
    page = asker.get(f"/zh/listings/{pair.listing.id}/enquire")
    assert page.status_code == 200
    assert pair.owner_org.name.zh in page.text
    values = fields(page.text) | {"purpose": "trial", "body": "想试 20 米膜"}
    answer = asker.post(f"/zh/listings/{pair.listing.id}/enquire", data=values | {"files": (io.BytesIO(PDF), "图纸.pdf")})
    assert answer.status_code == 302
    again = asker.post(f"/zh/listings/{pair.listing.id}/enquire", data=values)
    assert again.location == answer.location

    thread = owner.get(answer.location)
    assert "想试 20 米膜" in thread.text
    assert "图纸.pdf" in thread.text
    enquiry_id = int(answer.location.rsplit("/", 1)[1])
    reply = fields(thread.text, "/messages") | {"body": "可以，本周寄出。"}
    for _ in range(2):
        assert owner.post(f"/zh/enquiries/{enquiry_id}/messages", data=reply).status_code == 302
    assert asker.get(answer.location).text.count("可以，本周寄出。") == 1

    assert owner.get(f"/zh/enquiries/{enquiry_id}/close").status_code == 200
    closing = fields(owner.get(f"/zh/enquiries/{enquiry_id}/close").text) | {"outcome": "agreed"}
    assert owner.post(f"/zh/enquiries/{enquiry_id}/close", data=closing).status_code == 302
    assert "双方已谈成" in asker.get("/zh/enquiries?tab=closed").text
    late = asker.post(f"/zh/enquiries/{enquiry_id}/messages", data={"body": "我正写到一半", "form_token": token()})
    assert late.status_code == 422
    assert "对话已结束，请先重新开启再留言" in late.text
    assert "我正写到一半" in late.text
    assert asker.post(f"/zh/enquiries/{enquiry_id}/reopen").status_code == 302
    assert reload(enquiry_id).state == EnquiryState.ANSWERED


def test_mistakes_keep_what_was_typed(pair, asker):
    url = f"/zh/listings/{pair.listing.id}/enquire"
    values = fields(asker.get(url).text)
    wrong = asker.post(url, data=values | {"body": "我写了很多字"})
    assert wrong.status_code == 422
    assert "错误：" in wrong.text
    assert "请选择想谈什么。" in wrong.text
    assert "我写了很多字" in wrong.text
    assert values["form_token"] in wrong.text
    refused = asker.post(url, data=values | {"body": "字", "purpose": "trial", "files": (io.BytesIO(b"<svg/>"), "a.svg")})
    assert refused.status_code == 422
    assert "a.svg" in refused.text
    many = [(io.BytesIO(PDF), f"{n}.pdf") for n in range(6)]
    assert asker.post(url, data=values | {"body": "字", "purpose": "trial", "files": many}).status_code == 422
    assert queries.counts(pair.asker).sent == 0


def test_a_rule_that_says_no_is_shown_at_the_form(pair, asker):
    row = pair.reply(pair.send())
    with transaction():
        services.block(row.id, actor=pair.owner, now=clock.now())
    url = f"/zh/listings/{pair.listing.id}/enquire"
    answer = asker.post(url, data=fields(asker.get(url).text) | {"purpose": "trial", "body": "再问一次"})
    assert answer.status_code == 422
    assert "对方不接收贵单位的询问" in answer.text
    assert "再问一次" in answer.text
    thread = asker.post(f"/zh/enquiries/{row.id}/messages", data={"body": "喂", "form_token": token()})
    assert thread.status_code == 422
    assert "对方不再接收贵单位的留言" in thread.text


def test_a_starter_is_put_behind_what_is_written(pair, owner, asker):
    url = f"/zh/listings/{pair.listing.id}/enquire"
    answer = asker.post(url, data=fields(asker.get(url).text) | {"body": "您好。", "starter": "call"})
    assert answer.status_code == 200
    assert "您好。\n\n能否通话 30 分钟" in answer.text
    row = pair.send()
    answer = owner.post(f"/zh/enquiries/{row.id}/messages", data={"body": "您好。", "starter": "thanks", "form_token": token()})
    assert "您好。\n\n感谢关注" in answer.text
    assert reload(row.id).first_reply_at is None


def test_a_person_of_two_organisations_chooses(pair, asker):
    second = accounts.create_organisation(kind="broker")
    accounts.add_member(pair.asker_user, second, "editor")
    url = f"/zh/listings/{pair.listing.id}/enquire"
    page = asker.get(url).text
    assert second.name.zh in page
    values = fields(page) | {"purpose": "cooperation", "body": "代表客户询问"}
    assert asker.post(url, data=values).status_code == 422
    assert asker.post(url, data=values | {"as_org": str(pair.owner_org.id)}).status_code == 422
    answer = asker.post(url, data=values | {"as_org": str(second.id)})
    assert answer.status_code == 302
    assert reload(int(answer.location.rsplit("/", 1)[1])).from_org_id == second.id


def test_mass_assignment_changes_nothing(pair, asker):
    url = f"/zh/listings/{pair.listing.id}/enquire"
    extra = {"to_org_id": "1", "state": "answered", "due_at": "2030-01-01", "first_reply_at": "2026-01-01", "hides_owner": "1"}
    answer = asker.post(url, data=fields(asker.get(url).text) | {"purpose": "trial", "body": "字"} | extra)
    row = reload(int(answer.location.rsplit("/", 1)[1]))
    assert (row.state, row.to_org_id, row.first_reply_at) == (EnquiryState.OPEN, pair.owner_org.id, None)
    assert not row.hides_owner


def test_everybody_else_is_turned_away(client, pair, visit):
    row = pair.send(attachments=[], root=None)
    stranger = visit(accounts.create_member()[0])
    admin = visit(accounts.create_admin())
    message = queries.thread(row, actor=pair.owner, now=clock.now()).messages[0]
    for path in (f"enquiries/{row.id}", f"enquiries/{row.id}/export", f"enquiries/{row.id}/close", f"enquiries/{row.id}/report"):
        assert stranger.get(f"/zh/{path}").status_code == 404
        assert admin.get(f"/zh/{path}").status_code == 404
        assert client.get(f"/zh/{path}").status_code == 404
    for path in ("messages", "seen", "reopen", "block", "close", "report"):
        assert stranger.post(f"/zh/enquiries/{row.id}/{path}", data={"body": "x"}).status_code == 404
    assert stranger.post(f"/zh/enquiries/messages/{message.id}/report").status_code == 404
    for path in ("admin/enquiries/overdue", "admin/reports"):
        assert stranger.get(f"/zh/{path}").status_code == 403
        assert client.get(f"/zh/{path}").status_code == 302
        assert admin.get(f"/zh/{path}").status_code == 200
    assert client.get(f"/zh/listings/{pair.listing.id}/enquire").status_code == 302
    assert stranger.get("/zh/listings/999/enquire").status_code == 404


def test_viewers_read_and_do_not_write(pair, visit):
    row = pair.send()
    user = accounts.create_user()
    accounts.add_member(user, pair.owner_org, "viewer")
    client = visit(user)
    page = client.get(f"/zh/enquiries/{row.id}")
    assert page.status_code == 200
    assert "<textarea" not in page.text
    assert client.post(f"/zh/enquiries/{row.id}/messages", data={"body": "x", "form_token": token()}).status_code == 403


def test_opening_a_thread_changes_nothing_and_its_form_marks_it_read(pair, owner, asker):
    row = pair.send()
    page = owner.get(f"/zh/enquiries/{row.id}").text
    assert f'hx-post="/zh/enquiries/{row.id}/seen"' in page
    assert "对方已读" not in asker.get(f"/zh/enquiries/{row.id}").text
    assert owner.post(f"/zh/enquiries/{row.id}/seen", headers={"HX-Request": "true"}).status_code == 204
    assert owner.post(f"/zh/enquiries/{row.id}/seen").status_code == 302
    assert "hx-post" not in owner.get(f"/zh/enquiries/{row.id}").text
    assert "对方已读" in asker.get(f"/zh/enquiries/{row.id}").text


def test_files_are_downloads_for_the_two_sides_only(client, pair, owner, asker, visit):
    url = f"/zh/listings/{pair.listing.id}/enquire"
    values = fields(asker.get(url).text) | {"purpose": "trial", "body": "见附件", "files": (io.BytesIO(PDF), "报告.pdf")}
    page = owner.get(asker.post(url, data=values).location).text
    path = re.search(r'href="(/zh/enquiries/files/\d+)"', page).group(1)
    answer = owner.get(path)
    assert answer.data == PDF
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    stranger = visit(accounts.create_member()[0])
    assert stranger.get(path).status_code == 404
    assert client.get(path).status_code == 404


def test_export_holds_the_thread(pair, owner):
    row = pair.reply(pair.send(body="第一行\n第二行"), "好的")
    answer = owner.get(f"/en/enquiries/{row.id}/export")
    assert answer.content_type == "text/plain; charset=utf-8"
    assert answer.headers["Content-Disposition"] == f'attachment; filename="enquiry-{row.id}.txt"'
    text = answer.data.decode()
    assert "第一行\r\n第二行\r\n" in text
    for part in ("Enquiry about:", pair.asker_org.name.en, pair.owner_org.name.en, "Trial, sample or test", "好的"):
        assert part in text


def test_messages_are_shown_as_text(pair, owner):
    row = pair.send(body='<script>window.__xss=1</script><img src=x onerror="x">')
    page = owner.get(f"/zh/enquiries/{row.id}").text
    assert "<script>window" not in page
    assert "&lt;script&gt;window" in page


def test_blocking_in_the_browser_can_be_undone(pair, owner):
    row = pair.send()
    page = owner.post(f"/zh/enquiries/{row.id}/block", follow_redirects=True).text
    assert "已屏蔽" in page
    undo = re.search(r'action="(/zh/enquiries/blocked/\d+/remove)"', page).group(1)
    assert pair.asker_org.name.zh in owner.get("/zh/enquiries/blocked").text
    assert owner.post(undo).status_code == 302
    assert "没有屏蔽任何单位" in owner.get("/zh/enquiries/blocked").text


def test_reporting_and_resolving(pair, owner, visit):
    row = pair.send(body="CANARY 第一条")
    other = pair.send(body="OTHER-CANARY")
    message = queries.thread(row, actor=pair.owner, now=clock.now()).messages[0]
    assert owner.get(f"/zh/enquiries/messages/{message.id}/report").status_code == 200
    assert owner.post(f"/zh/enquiries/messages/{message.id}/report").status_code == 422
    sent = owner.post(f"/zh/enquiries/messages/{message.id}/report", data={"reason": "spam", "note": "广告"})
    assert "感谢您的举报" in sent.text
    assert owner.get(f"/zh/listings/{pair.listing.id}/report").status_code == 200
    admin = visit(accounts.create_admin())
    queue = admin.get("/zh/admin/reports").text
    path = re.search(r'href="(/zh/admin/reports/\d+)"', queue).group(1)
    page = admin.get(path).text
    assert "CANARY 第一条" in page
    assert "OTHER-CANARY" not in page
    for org in (pair.owner_org, pair.asker_org):  # from the report to where something can be done
        assert admin.get(f"/zh/admin/organisations/{org.id}").status_code == 200
        assert f'href="/zh/admin/organisations/{org.id}"' in page
    assert owner.get(path).status_code == 403
    assert admin.post(path, data={}).status_code == 422
    assert admin.post(path, data={"resolution": "warned", "note": ""}).status_code == 302
    assert "已警告发送方" in admin.get("/zh/admin/reports?state=resolved").text
    assert admin.post(path, data={"resolution": "warned"}).status_code in (403, 409)
    assert reload(other.id).state == EnquiryState.OPEN


def test_the_overdue_list_shows_age_and_no_text(pair, visit):
    row = pair.send(at=clock.now() - dt.timedelta(days=30), body="CANARY")
    admin = visit(accounts.create_admin())
    page = admin.get("/zh/admin/enquiries/overdue").text
    assert pair.owner_org.name.zh in page
    assert row.listing_title.zh in page
    assert "CANARY" not in page
    assert "超时工作日" in page
    for path in (f"/zh/l/{pair.listing.id}", f"/zh/organisations/{pair.owner_org.id}", f"/zh/organisations/{pair.asker_org.id}"):
        assert f'href="{path}"' in page


def test_inbox_pages_and_empty_states(client, pair, owner, asker, visit):
    fresh = visit(accounts.create_member()[0])
    for tab, words in (("received", "还没有收到询问"), ("sent", "还没有发出询问"), ("closed", "没有已结束的对话")):
        assert words in fresh.get(f"/zh/enquiries?tab={tab}").text
    row = pair.send()
    assert "1 条新消息" in owner.get("/zh/enquiries").text
    assert row.listing_title.zh in asker.get("/zh/enquiries").text
    assert owner.get("/zh/enquiries?page=999999&tab=nonsense").status_code == 200
    assert client.get("/zh/enquiries").status_code == 302


def test_the_organisation_figures_are_shown_with_their_meaning(pair, asker):
    page = asker.get(f"/zh/listings/{pair.listing.id}/enquire").text
    assert "还没有" in page or "暂无" in page
    pair.reply(pair.send(at=clock.now() - dt.timedelta(days=20)), at=clock.now() - dt.timedelta(days=20))
    current_session().rollback()
    page = asker.get(f"/zh/listings/{pair.listing.id}/enquire").text
    assert "100 %" in page
    assert "近 12 个月共 1 条询问" in page
    assert "承诺的工作日结束前" in page


def test_pages_in_english(pair, owner, asker):
    row = pair.send()
    for client, paths in (
        (owner, ("enquiries", f"enquiries/{row.id}", f"enquiries/{row.id}/close", "enquiries/blocked")),
        (asker, (f"listings/{pair.listing.id}/enquire", f"enquiries/{row.id}/report", f"listings/{pair.listing.id}/report")),
    ):
        for path in paths:
            page = client.get(f"/en/{path}")
            assert page.status_code == 200
            assert 'lang="en"' in page.text


def test_closing_needs_an_outcome(pair, owner):
    row = pair.send()
    assert owner.post(f"/zh/enquiries/{row.id}/close", data={"form_token": token()}).status_code == 422
    with transaction():
        services.report_enquiry(row.id, reason=ReportReason.SPAM, note="", actor=pair.owner, now=clock.now())
        services.close(row.id, outcome=Outcome.PRICE, note="", form_token=token(), actor=pair.owner, now=clock.now())
    assert owner.get(f"/zh/enquiries/{row.id}/close").status_code == 403


def test_messages_of_a_closed_account_keep_their_place(pair, owner):
    row = pair.send()
    with transaction() as session:
        session.merge(pair.asker_user).name = ""
    assert "已注销账号" in owner.get(f"/zh/enquiries/{row.id}").text
    assert "Closed account" in owner.get(f"/en/enquiries/{row.id}/export").text


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_page_tells_the_same_figures_of_an_organisation(app, client, lang):
    """Two roundings of one median beside each other would make both look made up."""
    pair = Pair(at=clock.now() - dt.timedelta(days=40))
    at = dt.datetime(2026, 11, 2, 1, 0, tzinfo=dt.UTC)  # a Monday, nine o'clock in Shandong
    pair.reply(pair.send(at=at), at=at + dt.timedelta(hours=5, minutes=20))
    desk = Visitor(app, pair.owner_user)
    shown = [
        re.findall(r"<dd>\s*(?:<b>)?([^<]*(?:工作小时|working hour)[^<]*)<", page.text)
        for page in (
            client.get(f"/{lang}/organisations/{pair.owner_org.id}"),
            client.get(f"/{lang}/achievements/{pair.listing.id}"),
            desk.get(f"/{lang}/desk"),
        )
    ]
    assert shown[0]
    assert shown[0] == shown[1] == shown[2]


def test_an_office_has_no_figures_of_replies(client):
    office = accounts.create_organisation(kind="city_office")
    page = client.get(f"/zh/organisations/{office.id}").text
    assert "回复情况" not in page
    assert "承诺回复" not in page


def test_the_form_tells_how_much_goes_through_at_once(app):
    pair = Pair()
    page = Visitor(app, pair.asker_user).get(f"/zh/listings/{pair.listing.id}/enquire").text
    assert f"合计不超过 {app.config['MAX_CONTENT_LENGTH'] // 1024**2} MB" in page
