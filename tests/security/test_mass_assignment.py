"""Fields that a form does not offer cannot be smuggled in with it: no role, no owner, no state, no score by hand."""

from __future__ import annotations

import hashlib
from urllib.parse import urljoin, urlsplit

import html5lib
import pytest
from sqlalchemy import text

from marketplace.core.db import db
from tests.browser.walk import pages_of
from tests.journeys.client import _filled
from tests.security.asking import csrf_token, post

# Columns that only a step of their own may write; a form that legitimately does so is named in MAY.
PROTECTED = {
    "users": (
        "id",
        "email",
        "is_demo",
        "active",
        "confirmed_at",
        "fs_uniquifier",
        "tf_primary_method",
        "closed_at",
        "created_at",
    ),
    "user_site_roles": ("user_id", "role_id"),
    "organisations": ("id", "state", "uscc", "verified_at", "is_demo", "created_at"),
    "members": ("org_id", "user_id", "role"),
    "listings": ("id", "kind", "org_id", "created_by", "created_at"),
    "enquiries": ("id", "listing_id", "from_org_id", "from_user_id", "to_org_id", "sent_at", "first_reply_at"),
    "enquiry_messages": ("id", "org_id", "side", "author_id"),
    "attachments": ("id", "listing_id", "file_id", "uploaded_by"),
    "reports": ("id", "reporter_id", "state", "resolved_by"),
    "settings": ("key", "value"),
    "match_weights": ("version",),
}
MAY = {
    "/members/": {"members"}, "/leave": {"members"}, "/copy": {"listings"}, "/listings/new/": {"listings"},
    "/enquire": {"enquiries", "enquiry_messages"}, "/messages": {"enquiries", "enquiry_messages"}, "/close": {"enquiry_messages"},
    "/files": {"attachments"}, "/report": {"reports"}, "/verification": {"organisations"},
}  # fmt: skip
SMUGGLED = {
    "id": "1", "role": "admin", "roles": "admin", "site_roles": "admin", "is_admin": "1", "is_demo": "1", "active": "0",
    "org": "4", "owner": "4", "owner_id": "3", "user_id": "9", "author_id": "9", "created_by": "9", "email": "evil@example.org",
    "status": "verified", "state": "published", "verified": "1", "verified_at": "2026-01-01", "is_verified": "1",
    "score": "100", "quality": "100", "rev": "99", "published_at": "2026-01-01", "confirmed_at": "2026-01-01", "side": "owner",
    "from_org_id": "4", "to_org_id": "4", "first_reply_at": "2026-01-01", "uscc": "91370100000000000X", "reporter_id": "9",
    "fs_uniquifier": "x", "tf_primary_method": "", "kind_": "need",
}  # fmt: skip


def _protected() -> dict[str, str]:
    found = {}
    with db.engine.connect() as connection:
        for table, columns in PROTECTED.items():
            rows = connection.execute(text(f'SELECT {", ".join(columns)} FROM "{table}" ORDER BY 1'))
            found[table] = hashlib.sha256(repr(rows.all()).encode()).hexdigest()
    return found


def _forms(client, paths):
    """Every form of every page, once for each address it posts to."""
    seen = set()
    for path in paths:
        answer = client.get(path, buffered=True)
        if "html" not in (answer.content_type or ""):
            continue
        tree = html5lib.parse(answer.text, namespaceHTMLElements=False)
        for form in tree.iter("form"):
            target = urlsplit(urljoin(path, form.get("action") or path)).path
            if form.get("method") == "post" and target not in seen:
                seen.add(target)
                yield target, form


@pytest.mark.timeout(240)
@pytest.mark.parametrize("role", ["loner", "owner", "asker"])
def test_no_form_takes_what_it_does_not_offer(asking, role):
    paths = [path for some in pages_of(asking, "zh").values() for path in some]
    before, found, tried = _protected(), [], 0
    for target, form in list(_forms(asking.client(role), paths)):
        client = asking.client(role)
        data = _filled(form, {})
        for name, value in SMUGGLED.items():
            data.setdefault(name, value)
        data["csrf_token"] = csrf_token(client)
        client.post(target, data=data, buffered=True)
        tried += 1
        after = _protected()
        allowed = {table for part, tables in MAY.items() if part in target for table in tables}
        changed = {table for table in before if before[table] != after[table]} - allowed
        found += [f"{target} changed {table}" for table in sorted(changed)]
        if after != before:
            asking.restore()
    assert found == []
    assert tried > 5


def test_autosave_takes_no_other_columns_by_json(asking):
    before = _protected()
    client = asking.client("editor")
    url = asking.url("listings.autosave", "id=draft", method="POST")
    page = client.get(asking.url("listings.section", "id=draft", method="GET")).text
    version = int(page.split('name="version" value="', 1)[1].split('"', 1)[0])
    values = {"title_zh": "新标题", **SMUGGLED}
    body = {"version": version, "values": values, **SMUGGLED}
    answer = client.post(url, json=body, headers={"X-CSRFToken": csrf_token(client)})
    assert answer.status_code == 200
    assert _protected() == before
    with db.engine.connect() as connection:
        row = connection.execute(
            text("SELECT state, audience, quality, rev FROM listings WHERE id = :id"), {"id": asking.market.value("draft")}
        )
        assert row.one()[0] == "draft"


def test_control_what_may_be_changed_is_seen_to_change(asking):
    """The rig sees a protected column change when the right form does it."""
    before = _protected()
    editor = asking.market.users["editor"]
    answer = post(
        asking.client("owner"), asking.url("accounts.change_role", "user_id=editor", method="POST"), {f"m{editor}-role": "viewer"}
    )
    assert answer.status_code == 302
    assert {table for table, value in _protected().items() if value != before[table]} == {"members"}
