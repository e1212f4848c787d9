"""The index and the real worker process: how soon it follows, and that a killed worker loses nothing.

Nothing here sleeps for a fixed time: every wait looks again until a deadline.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask

import config
from marketplace.app import create_app
from marketplace.core import catalogue, clock, outbox, search
from marketplace.core.db import db, transaction
from marketplace.core.policy import ANONYMOUS, SYSTEM
from marketplace.listings import services
from marketplace.matching.queries import index as reading
from marketplace.matching.queries import search as searches
from marketplace.matching.queries.search import Query
from marketplace.matching.services import index
from marketplace.taxonomy import queries as taxonomy
from marketplace.taxonomy import services as taxonomy_services
from tests import waiting
from tests.factories import accounts, listings

ROOT = Path(__file__).resolve().parents[2]
PROMISED_SECONDS = 2.0
# A busy machine may be late once; an impossible wait is a failure.
DEADLINE_SECONDS = 60.0


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Flask]:
    """A site as in operation, with its nudge to the worker, in a folder of its own."""
    catalogue.compile_all()
    app = create_app(config.from_env({"INSTANCE_FOLDER": str(tmp_path)}))
    try:
        with app.app_context():
            db.create_all()
            with transaction():
                taxonomy_services.load(actor=SYSTEM, now=clock.now())
            taxonomy.forget()
            yield app
            db.session.remove()
            db.engine.dispose()
    finally:
        outbox.on_commit(None)
        taxonomy.forget()


def environment(site: Flask) -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if k in ("PATH", "HOME", "LANG")}
    return {**kept, "INSTANCE_FOLDER": str(site.config["INSTANCE"]), "FLASK_APP": "wsgi", "PYTHONPATH": str(ROOT)}


@pytest.fixture
def worker(site: Flask) -> Iterator[Callable[[], subprocess.Popen[bytes]]]:
    """Start real workers; none is left behind."""
    started: list[subprocess.Popen[bytes]] = []

    def start() -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "flask", "market", "worker"]
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        started.append(subprocess.Popen(command, env=environment(site), cwd=ROOT, **quiet))
        return started[-1]

    yield start
    for process in started:
        if process.poll() is None:
            process.kill()
        process.wait(20)


def seconds_until(is_so: Callable[[], bool]) -> float:
    """How long it takes, looking again and again; fails at the limit."""
    return waiting.seconds_until(is_so, seconds=DEADLINE_SECONDS, what="the index has followed")


def is_found(listing_id: int) -> bool:
    """Does a visitor's search find the listing, answered by the engine?"""
    db.session.rollback()
    found = searches.find(Query(), ANONYMOUS, clock.now())
    return not found.is_degraded and listing_id in {row.card.id for row in found.rows}


def is_indexed(listing_id: int) -> bool:
    return f"achievement:{listing_id}" in dict(search.engine().stream_versions())


def is_equal() -> bool:
    db.session.rollback()
    return reading.index_equals_database() == []


@pytest.mark.timeout(240)
def test_a_published_listing_is_found_and_a_withdrawn_one_gone_within_two_seconds(site, worker):
    user, org = accounts.create_member(kind="university")
    actor = accounts.actor_of(user)
    worker()
    first = listings.create_achievement(org, actor=actor)
    seconds_until(lambda: is_found(first.id))  # the worker has started
    came, went = [], []
    for _ in range(3):
        listing = listings.create_achievement(org, actor=actor)
        came.append(seconds_until(lambda listing=listing: is_found(listing.id)))
        with transaction():
            services.withdraw(listing.id, actor=actor, now=clock.now())
        went.append(seconds_until(lambda listing=listing: not is_indexed(listing.id)))
    print(f"found after {min(came):.2f} to {max(came):.2f} s, gone after {min(went):.2f} to {max(went):.2f} s")
    assert min(came) < PROMISED_SECONDS
    assert min(went) < PROMISED_SECONDS
    assert is_equal()


def killed(site: Flask, moment: str) -> None:
    """Run a worker that dies at the moment."""
    command = [sys.executable, "-m", "tests.concurrency.dying_worker", moment]
    done = subprocess.run(command, env=environment(site), cwd=ROOT, capture_output=True, timeout=120, check=False)
    assert done.returncode == -signal.SIGKILL, done.stderr.decode()[-800:]


def work(site: Flask) -> None:
    """Another worker runs what is due, then stops."""
    command = [sys.executable, "-m", "flask", "market", "work"]
    subprocess.run(command, env=environment(site), cwd=ROOT, capture_output=True, timeout=120, check=True)


@pytest.mark.timeout(300)
@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_worker_killed_between_commit_and_index_loses_nothing(site, moment):
    user, org = accounts.create_member(kind="university")
    actor = accounts.actor_of(user)
    kept = listings.create_achievement(org, actor=actor)
    gone = listings.create_achievement(org, actor=actor)
    work(site)
    assert is_equal()
    added = listings.create_achievement(org, actor=actor)
    with transaction():
        services.withdraw(gone.id, actor=actor, now=clock.now())
    killed(site, moment)
    assert not is_equal()

    def another_worker_helps() -> bool:
        work(site)
        return is_equal()

    seconds_until(another_worker_helps)
    search.engine().status()
    assert is_found(kept.id)
    assert is_found(added.id)
    assert not is_found(gone.id)
    command = [sys.executable, "-m", "flask", "index", "check"]
    assert subprocess.run(command, env=environment(site), cwd=ROOT, capture_output=True, timeout=60, check=False).returncode == 0


@pytest.mark.timeout(240)
def test_a_rebuild_that_is_killed_leaves_the_old_index_in_use(site):
    user, org = accounts.create_member(kind="university")
    made = [listings.create_achievement(org, actor=accounts.actor_of(user)) for _ in range(4)]
    work(site)
    before = search.engine().status().generation
    killed(site, "rebuild")
    assert search.engine().status().generation == before
    assert all(is_found(row.id) for row in made)
    report = index.rebuild()
    assert is_equal()
    left = sorted(folder.name for folder in (Path(site.config["SEARCH_FOLDER"]) / "generations").iterdir())
    assert left == sorted([before, report.generation])


@pytest.mark.timeout(240)
def test_a_second_worker_is_refused_and_takes_no_job(site, worker):
    """The embedded index has one writer. A second worker says who it is and stops; what was due the first one does."""
    user, org = accounts.create_member(kind="university")
    actor = accounts.actor_of(user)
    running = worker()
    first = listings.create_achievement(org, actor=actor)
    seconds_until(lambda: is_found(first.id))
    for command in ("worker", "work"):
        asked = [sys.executable, "-m", "flask", "market", command]
        told = subprocess.run(asked, env=environment(site), cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
        assert told.returncode == 1
        assert "run a single worker with the embedded engine" in told.stderr
        assert f"process {running.pid}" in told.stderr
    second = listings.create_achievement(org, actor=actor)
    seconds_until(lambda: is_found(second.id))
    assert is_equal()
    running.terminate()
    assert running.wait(20) == 0
    work(site)  # the place is free again
