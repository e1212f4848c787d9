"""Fixtures of everything that opens Chromium: one browser and one running market for a whole test process."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Playwright, sync_playwright

from tests.browser.site import Site
from tests.conftest import build_app, missing
from tests.factories import market as markets

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    """The driver."""
    with sync_playwright() as driver:
        yield driver


@pytest.fixture(scope="session")
def chromium(playwright: Playwright) -> Iterator[Browser]:
    """One Chromium; every test opens a context of its own in it."""
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        missing("Chromium is not installed")
    browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
    yield browser
    browser.close()


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory, _catalogue: None) -> Iterator[Site]:
    """A running market in which nothing happened yet."""
    folder = tmp_path_factory.mktemp("site")
    running = Site(build_app(folder), folder)
    running.start()
    yield running
    running.stop()


@pytest.fixture(scope="session")
def market_site(tmp_path_factory: pytest.TempPathFactory, _catalogue: None) -> Iterator[Site]:
    """A running market in which everything exists once; `site.market` names it."""
    folder = tmp_path_factory.mktemp("market-site")
    app = build_app(folder)
    with app.app_context():
        market = markets.build(app)
    running = Site(app, folder, market=market)
    running.start()
    yield running
    running.stop()
