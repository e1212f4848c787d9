"""The market of the security tests: made once in a process, brought back for each test that finds it changed."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from marketplace.taxonomy import queries as taxonomy
from tests.conftest import build_app
from tests.factories import market as markets
from tests.security.asking import Asking


@pytest.fixture(scope="session")
def _market(tmp_path_factory: pytest.TempPathFactory, _catalogue: None) -> Asking:
    """A market in which everything exists once, with everybody signed in somewhere."""
    app = build_app(tmp_path_factory.mktemp("market"))
    with app.app_context():
        taxonomy.forget()
        made = Asking(app, markets.build(app))
        made.sign_everybody_in()
        made.keep(tmp_path_factory.mktemp("market-kept"))
    return made


@pytest.fixture
def asking(_market: Asking) -> Iterator[Asking]:
    """That market, as it was made."""
    with _market.app.app_context():
        taxonomy.forget()
        _market.restore()
        yield _market
        _market.let_go()
