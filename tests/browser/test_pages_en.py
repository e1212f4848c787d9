"""Every page in English: no barrier, no error, nothing blocked, no other host, no sideways scroll; `make e2e` keeps pictures."""

from __future__ import annotations

import pytest

from tests.browser.walk import ROLES, asking_of, look_at_all, pages_of

pytestmark = [pytest.mark.browser, pytest.mark.timeout(400)]
LANG = "en"


@pytest.fixture(scope="module")
def pages(market_site):
    asking = asking_of(market_site.app, market_site.market)
    with market_site.app.app_context():
        return pages_of(asking, LANG)


@pytest.mark.parametrize("role", ROLES)
def test_every_page_is_open_to_everybody(market_site, chromium, pages, role):
    found = look_at_all(market_site, chromium, market_site.market, role=role, paths=pages[role])
    assert not found, "\n".join(found)


def test_the_walk_reaches_every_kind_of_page(pages):
    assert sum(len(paths) for paths in pages.values()) > 75
    assert all(pages.values())
