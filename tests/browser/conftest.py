"""The browser fixtures for this folder."""

from tests.browser.fixtures import chromium, playwright, site

__all__ = ["chromium", "playwright", "site"]
