"""The browser fixtures for this folder."""

from tests.browser.fixtures import chromium, market_site, playwright, site

__all__ = ["chromium", "market_site", "playwright", "site"]
