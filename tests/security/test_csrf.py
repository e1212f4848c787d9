"""A page of another site can make nobody's browser change anything here."""

from __future__ import annotations

import pytest

from tests.factories import accounts
from tests.security.asking import csrf_token, unsafe_rules
from tests.security.tables import fingerprint

# Routes that need no token of the session, each with what protects it instead.
EXEMPT = {
    "notifications.unsubscribe": "the address itself holds a signed secret, and mail programs post to it (RFC 8058)",
}
FOREIGN = ({"Origin": "https://evil.example"}, {"Origin": "null"}, {"Origin": "http://localhost.evil.example"})


def _unsafe(asking):
    for rule, method in unsafe_rules(asking.app):
        if rule.endpoint not in EXEMPT:
            yield rule.endpoint, method, asking.url(rule.endpoint, method=method)


@pytest.mark.parametrize("role", ["owner", "admin", "anonymous"])
def test_without_a_token_nothing_happens(asking, role):
    before = fingerprint()
    found = {}
    for endpoint, method, url in _unsafe(asking):
        found[endpoint, method] = asking.client(role).open(url, method=method, data={"name": "x"}).status_code
    assert {key: status for key, status in found.items() if status != 400} == {}
    assert fingerprint() == before


def test_the_token_of_another_session_does_not_fit(asking):
    stranger = asking.client("other")
    with stranger.session_transaction() as cookie:
        cookie["csrf_token"] = "another session's"
    token = csrf_token(stranger)
    before = fingerprint()
    found = {}
    for endpoint, method, url in _unsafe(asking):
        client = asking.client("owner")
        csrf_token(client)  # the session has a token, but another one
        found[endpoint, method] = client.open(url, method=method, data={"csrf_token": token}).status_code
    assert {key: status for key, status in found.items() if status != 400} == {}
    assert fingerprint() == before


@pytest.mark.parametrize("headers", FOREIGN, ids=lambda h: h["Origin"])
def test_a_right_token_from_a_foreign_page_does_not_fit_either(asking, headers):
    before = fingerprint()
    found = {}
    for endpoint, method, url in _unsafe(asking):
        client = asking.client("owner")
        data = {"csrf_token": csrf_token(client)}
        found[endpoint, method] = client.open(url, method=method, data=data, headers=headers).status_code
    assert {key: status for key, status in found.items() if status != 400} == {}
    assert fingerprint() == before


def test_control_the_right_token_from_our_own_page_works(asking):
    """The rig is able to see a change: the same post with the right token makes one."""
    before = fingerprint()
    client = asking.client("owner")
    url = asking.url("accounts.take_back_invitation", method="POST")
    answer = client.post(url, data={"csrf_token": csrf_token(client)}, headers={"Origin": "http://localhost"})
    assert answer.status_code == 302
    changed = {name for name, value in fingerprint().items() if value != before[name]}
    assert "invitations" in changed


def test_what_needs_no_token_holds_a_secret_in_its_address(asking):
    """The exemptions are about routes whose address nobody can guess."""
    for endpoint in EXEMPT:
        rule = next(asking.app.url_map.iter_rules(endpoint))
        assert "token" in rule.arguments
        assert asking.client().post(asking.url(endpoint, "token=" + "A" * 43, method="POST")).status_code == 404


def test_a_session_cookie_is_not_sent_along_from_other_sites(asking):
    user = accounts.create_user()
    client = asking.client()
    accounts.sign_in(client, user)
    cookie = client.get_cookie(asking.app.config["SESSION_COOKIE_NAME"])
    assert cookie is not None
    assert cookie.http_only
    assert cookie.same_site == "Lax"
