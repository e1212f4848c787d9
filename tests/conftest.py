"""One application per database and test process; every test starts from a fresh copy of a loaded, empty market.

Code under test commits for real: SQLite is a file copied from a template, PostgreSQL is truncated between tests.
"""

from __future__ import annotations

import os
import shutil
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text

import config
from marketplace.app import create_app
from marketplace.core import catalogue, clock, search
from marketplace.core.db import current_session, db, transaction
from marketplace.core.policy import SYSTEM
from marketplace.taxonomy import queries as taxonomy
from marketplace.taxonomy import services as taxonomy_services
from tests.elastic import NoElastic, Shared
from tests.postgres import Cluster, NoPostgres

# One browser and one running market for the whole process, wherever a test asks for them.
pytest_plugins = ("tests.browser.fixtures",)
REQUIRE_ALL = os.environ.get("REQUIRE_ALL") == "1"
KEPT_TABLES = {"taxonomy_versions", "chains", "strategic_fields", "cities", "maturity_levels", "calendar_days"}


def missing(reason: str) -> None:
    """Skip for a service this machine lacks; on the machine that must have everything, fail instead."""
    if REQUIRE_ALL:
        pytest.fail(f"REQUIRE_ALL=1, but {reason}")
    pytest.skip(reason)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test that uses the database runs on SQLite; one marked `both` on PostgreSQL too."""
    if "database" in metafunc.fixturenames:
        names = ["sqlite", "postgresql"] if metafunc.definition.get_closest_marker("both") else ["sqlite"]
        metafunc.parametrize("database", names, indirect=True)


@pytest.fixture(scope="session", autouse=True)
def _catalogue() -> None:
    catalogue.compile_all()


@pytest.fixture(autouse=True)
def _loopback_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test reaches beyond this machine."""
    real = socket.socket.connect

    def connect(self: socket.socket, address: object) -> None:
        if isinstance(address, tuple) and address[0] not in ("127.0.0.1", "::1", "localhost"):
            raise AssertionError(f"a test tried to reach {address!r}")
        return real(self, address)  # type: ignore[arg-type]

    monkeypatch.setattr(socket.socket, "connect", connect)


def build_app(folder: Path, uri: str | None = None, **more: object) -> Flask:
    """An application of its own in `folder`, with tables and the taxonomy; `more` are settings by name."""
    settings = config.Testing(folder)
    for name, value in more.items():
        setattr(settings, name, value)
    if uri:
        settings.SQLALCHEMY_DATABASE_URI = uri
        settings.SQLALCHEMY_ENGINE_OPTIONS = {"pool_pre_ping": True}
    app = create_app(settings)
    with app.app_context():
        db.create_all()
        with transaction():
            taxonomy_services.load(actor=SYSTEM, now=clock.now())
        db.session.remove()
        db.engine.dispose()
    return app


@pytest.fixture(scope="session")
def sqlite_app(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    """The application on SQLite; its database file is the template of every test."""
    folder = tmp_path_factory.mktemp("instance")
    app = build_app(folder)
    shutil.copy(folder / "market.db", folder / "template.db")
    return app


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """The address of a throw-away PostgreSQL."""
    try:
        cluster = Cluster()
    except NoPostgres as reason:
        missing(str(reason))
        return
    try:
        yield cluster.start()
    finally:
        cluster.stop()


@pytest.fixture(scope="session")
def elastic_url(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Iterator[str]:
    """The address of an Elasticsearch that all processes of this run share; names on it begin with one's own."""
    folder = tmp_path_factory.getbasetemp()
    shared = Shared(folder if worker_id == "master" else folder.parent)
    try:
        url = shared.url()
    except NoElastic as reason:
        missing(str(reason))
        return
    try:
        yield url
    finally:
        shared.leave()


@pytest.fixture(scope="session")
def postgres_app(tmp_path_factory: pytest.TempPathFactory, postgres_url: str) -> Flask:
    """The application on PostgreSQL."""
    return build_app(tmp_path_factory.mktemp("instance-pg"), postgres_url)


@pytest.fixture
def database(request: pytest.FixtureRequest) -> str:
    """Which database this test runs on."""
    return str(request.param)


@pytest.fixture
def app(request: pytest.FixtureRequest, database: str) -> Iterator[Flask]:
    """The application with an empty market, its context pushed."""
    app: Flask = request.getfixturevalue("sqlite_app" if database == "sqlite" else "postgres_app")
    with app.app_context():
        _empty(app, database)
        taxonomy.forget()
        yield app
        db.session.remove()
        db.engine.dispose()


def _empty(app: Flask, database: str) -> None:
    folder = Path(app.config["INSTANCE"])
    search.init_app(app)  # a new engine: the old one's files go away
    for name in ("files", "search", "mail"):
        shutil.rmtree(folder / name, ignore_errors=True)
    if database == "sqlite":
        db.engine.dispose()
        for suffix in ("-wal", "-shm"):
            (folder / f"market.db{suffix}").unlink(missing_ok=True)
        shutil.copy(folder / "template.db", folder / "market.db")
        return
    names = ", ".join(f'"{t.name}"' for t in db.metadata.sorted_tables if t.name not in KEPT_TABLES)
    with db.engine.begin() as connection:
        connection.execute(text("SET LOCAL session_replication_role = replica"))  # the audit table refuses TRUNCATE
        connection.execute(text(f"TRUNCATE {names} RESTART IDENTITY CASCADE"))


class Browser(FlaskClient):
    """A client whose every request has a context of its own, as in a server: nothing of `g` or the session lives on."""

    def open(self, *args: Any, **kwargs: Any) -> Any:
        current_session().rollback()
        kwargs.setdefault("buffered", True)  # a streamed answer is read to its end inside its own context
        with self.application.app_context():
            return super().open(*args, **kwargs)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A browser without script."""
    app.test_client_class = Browser
    return app.test_client()
