"""Passkeys in a real browser with a virtual authenticator: added, used to sign in, removed; no list of keys for an address."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from sqlalchemy import select
from werkzeug.serving import make_server

from marketplace.accounts.models import Passkey
from marketplace.core.audit import AuditEntry
from marketplace.core.db import current_session
from tests.factories import accounts as make
from tests.factories.entrance import create_person, post

AUTHENTICATOR = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@pytest.fixture
def address(app) -> Iterator[str]:
    """Where the site answers: passkeys need a name that browsers trust, so localhost."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://localhost:{server.port}"
    server.shutdown()
    thread.join()


@pytest.mark.browser
def test_a_passkey_from_adding_to_removing(app, client, chromium, address):
    user = create_person()
    make.sign_in(client, user)
    context = chromium.new_context()
    context.add_cookies([{"name": "session", "value": client.get_cookie("session").value, "url": address}])
    page = context.new_page()
    complaints = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    devtools = context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})

    page.goto(f"{address}/zh/account/wan-register")
    page.fill("[name=name]", "办公室笔记本")
    page.click("main form button.go")
    page.wait_for_selector("text=通行密钥已添加")
    assert "办公室笔记本" in page.inner_text("main")

    context.clear_cookies()
    page.goto(f"{address}/zh/account/wan-signin?next=/zh/account/settings")
    page.click("main form button.go")
    page.wait_for_url("**/zh/account/settings")
    assert user.email in page.inner_text("main")

    page.goto(f"{address}/zh/account/wan-register")
    page.click("button.stop")
    page.wait_for_selector("text=通行密钥已删除")
    assert complaints == [], "nothing that the content security policy forbids"
    context.close()
    current_session().rollback()
    assert current_session().scalars(select(Passkey)).all() == []
    actions = list(current_session().scalars(select(AuditEntry.action).order_by(AuditEntry.id)))
    assert actions[-3:] == ["accounts.add_passkey", "accounts.sign_in", "accounts.remove_passkey"]


def test_nobody_learns_from_the_passkey_page_who_has_one(app, client):
    from marketplace.core import clock
    from marketplace.core.db import transaction

    user = create_person("with@example.org")
    with transaction() as session:
        now = clock.now()
        session.add(
            Passkey(
                user_id=user.id, credential_id=b"id", public_key=b"key", name="x", usage="first", device_type="single_device",
                backup_state=False, create_datetime=now, lastuse_datetime=now,
            )
        )  # fmt: skip
    for address in ("with@example.org", "nobody@example.org"):
        page = post(client, "/en/account/wan-signin", {"identity": address}).text
        assert "&#34;allowCredentials&#34;: []" in page


def test_adding_one_needs_a_fresh_sign_in(app, client):
    make.sign_in(client, create_person())
    with client.session_transaction() as cookie:
        cookie["fs_paa"] = 1.0
    assert client.get("/zh/account/wan-register").location.startswith("/zh/account/verify?next=")
