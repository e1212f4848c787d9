"""Several workers on one PostgreSQL: they share the outbox, no job is at two of them at once, a killed one is replaced.

The control takes the row locks away in the same rig and sees jobs done twice.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import text

from marketplace.core import outbox
from marketplace.core.db import db, transaction
from tests.concurrency import sharing_worker
from tests.waiting import seconds_until, until

ROOT = Path(__file__).resolve().parents[2]
JOBS = 60
pytestmark = pytest.mark.timeout(120)


@pytest.fixture
def queue(postgres_app: Flask, monkeypatch: pytest.MonkeyPatch):
    """A PostgreSQL with JOBS events of the test in its outbox; yields the function that runs workers on it."""
    started: list[subprocess.Popen[bytes]] = []
    kept = dict(outbox._events)
    with postgres_app.app_context():
        with db.engine.begin() as connection:
            connection.execute(text("TRUNCATE outbox_events CASCADE"))
            connection.execute(text("DROP TABLE IF EXISTS work_log"))
            connection.execute(text("CREATE TABLE work_log (id serial, job int, worker text, moment text)"))
        sharing_worker.install("nobody")
        with transaction():
            for number in range(JOBS):
                outbox.add(sharing_worker.EVENT, number=number)
        yield lambda *options: run_together(postgres_app, started, options)
        for process in started:
            process.kill()
            process.wait(20)
        db.session.remove()
        with db.engine.begin() as connection:
            connection.execute(text("DROP TABLE work_log"))
            connection.execute(text("TRUNCATE outbox_events CASCADE"))
        db.engine.dispose()
    outbox.install(kept)


def run_together(app: Flask, started: list[subprocess.Popen[bytes]], options: tuple[tuple[str, ...], ...]) -> list[int]:
    """Start a worker for each tuple of options, let them go at the same moment; their exit codes."""
    env = {k: v for k, v in os.environ.items() if k in ("PATH", "HOME", "LANG")}
    env |= {"DATABASE_URL": app.config["SQLALCHEMY_DATABASE_URI"], "PYTHONPATH": str(ROOT)}
    before = count("moment = 'ready'")
    with db.engine.begin() as gate:
        gate.execute(text("SELECT pg_advisory_xact_lock(:gate)"), {"gate": sharing_worker.GATE})
        group = []
        for number, extra in enumerate(options):
            command = [sys.executable, "-m", "tests.concurrency.sharing_worker", f"w{number}", *extra]
            here = env | {"INSTANCE_FOLDER": str(Path(app.config["INSTANCE"]) / f"w{number}")}
            group.append(subprocess.Popen(command, env=here, cwd=ROOT, stderr=subprocess.PIPE))
        started += group
        until(lambda: count("moment = 'ready'") == before + len(options), seconds=60, what="every worker stands ready")
    codes = [process.wait(60) for process in group]
    for process in group:
        assert process.stderr is not None
        assert b"Traceback" not in process.stderr.read()
    return codes


def count(where: str) -> int:
    with db.engine.connect() as connection:
        return int(connection.scalar(text(f"SELECT count(*) FROM work_log WHERE {where}")) or 0)


def ended() -> Counter[int]:
    """How often each job was done to its end."""
    with db.engine.connect() as connection:
        return Counter(connection.scalars(text("SELECT job FROM work_log WHERE moment = 'ended'")))


def workers_of_ended() -> set[str]:
    with db.engine.connect() as connection:
        return set(connection.scalars(text("SELECT DISTINCT worker FROM work_log WHERE moment = 'ended'")))


def test_two_workers_do_each_job_once(queue):
    assert queue((), ()) == [0, 0]
    assert ended() == Counter(range(JOBS))
    assert workers_of_ended() == {"w0", "w1"}, "both took part"


def test_without_row_locks_jobs_are_done_twice(queue):
    """The control."""
    assert queue(("unlocked",), ("unlocked",)) == [0, 0]
    assert set(ended()) == set(range(JOBS))
    assert max(ended().values()) > 1


def test_postgresql_calls_a_worker_that_shares_no_folder(queue, postgres_app, tmp_path):
    """As on another machine: only the database joins the two. By itself the worker would look each minute."""
    env = {k: v for k, v in os.environ.items() if k in ("PATH", "HOME", "LANG")}
    env |= {"DATABASE_URL": postgres_app.config["SQLALCHEMY_DATABASE_URI"], "INSTANCE_FOLDER": str(tmp_path)}
    command = [sys.executable, "-m", "flask", "--app", "wsgi", "market", "worker"]
    worker = subprocess.Popen(command, env=env, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        # The handler is one of the test, which that worker does not know: it says so, and that is an answer too.
        until(lambda: waiting() == 0, seconds=60, what="the worker has seen what waited")
        took = []
        for number in range(3):
            with transaction():
                outbox.add(sharing_worker.EVENT, number=number)
            took.append(seconds_until(lambda: waiting() == 0, seconds=20, what="the worker was called"))
        print(f"called after {min(took):.2f} to {max(took):.2f} s")
        assert sum(took) < 20
    finally:
        worker.kill()
        worker.wait(20)


def waiting() -> int:
    with db.engine.connect() as connection:
        return int(connection.scalar(text("SELECT count(*) FROM jobs WHERE state IN ('queued', 'leased')")) or 0)


def test_what_a_killed_worker_held_is_finished_by_another(queue):
    assert queue(("dies-at=5",), ()) == [-signal.SIGKILL, 0]
    left = JOBS - len(ended())
    assert left == 1, "only the job in the dead worker's hands is open"
    until(lambda: queue(()) == [0] and len(ended()) == JOBS, seconds=60, what="the lease ends and another worker takes the job")
    assert max(ended().values()) == 1
    assert count("moment = 'begun'") == JOBS + 1
