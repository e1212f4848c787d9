"""Every page, in both languages: no barrier, no error, no other host, no sideways scroll; pictures are kept."""

from __future__ import annotations

import pytest

from tests.browser.visiting import visitor

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("page", ["", "help", "privacy", "accessibility", "how-ranking-works", "display", "styleguide"])
def test_page(site, chromium, lang, page):
    with visitor(site, chromium) as who:
        path = f"/{lang}/{page}"
        who.visit(path)
        found = who.barriers() + who.dark_contrast()
        for w in (1280, 768, 360):
            who.picture(path, w)
        found += who.sideways()
        assert found == []
