"""What the own side of a listing offers to whom: viewers read, people without organisation learn what to do first."""

from __future__ import annotations

import re

import pytest

from tests.factories import accounts, listings


@pytest.fixture
def owner(app):
    return accounts.create_member(kind="university")


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_viewer_reads_and_is_offered_nothing_else(visit, owner, lang):
    user, org = owner
    row = listings.create_achievement(org, actor=accounts.actor_of(user))
    draft = listings.create_achievement(org, actor=accounts.actor_of(user), published=False)
    viewer = accounts.create_user()
    accounts.add_member(viewer, org, "viewer")
    visitor = visit(viewer)
    for path in (
        "listings",
        f"listings/{row.id}",
        f"listings/{draft.id}",
        f"listings/{draft.id}/preview/owner",
        f"achievements/{row.id}",
    ):
        page = visitor.get(f"/{lang}/{path}")
        assert page.status_code == 200
        assert not re.search(rf"listings/({row.id}|{draft.id})/(edit|publish|withdraw|confirm|submit)", page.text), path
    assert visitor.get(f"/{lang}/listings/{draft.id}/edit").status_code == 403


def test_somebody_without_organisation_is_told_what_to_do(visit, app):
    visitor = visit(accounts.create_user())
    assert 'href="/zh/organisations/' in visitor.get("/zh/listings").text
    assert visitor.get("/zh/listings/new").status_code == 403
