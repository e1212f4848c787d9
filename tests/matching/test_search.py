"""The search page: what it finds, for whom, and what stands in the address."""

from __future__ import annotations

from tests.factories import accounts, listings
from tests.factories.matching import index_now


def test_a_published_listing_is_found_and_its_words_are_marked(client):
    achievement = listings.create_achievement(title={"zh": "质子交换膜连续流延", "en": "Casting <b>membranes</b>"})
    index_now()
    page = client.get("/zh/search?q=质子交换膜")
    assert page.status_code == 200
    assert f'/zh/achievements/{achievement.id}"' in page.text
    assert "<mark>质子交换膜</mark>" in page.text
    assert "<b>membranes" not in client.get("/en/search?q=membranes").text


def test_x(client):
    user, org = accounts.create_member()
