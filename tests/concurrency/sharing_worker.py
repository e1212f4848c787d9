"""One of several workers on one PostgreSQL: `python -m tests.concurrency.sharing_worker NAME [unlocked] [dies-at=N]`.

Every job writes who began and who ended it into a table of the test. The hooks are here and not in the product:
`unlocked` takes the row locks away, `dies-at=N` kills the process with SIGKILL inside its Nth job.
"""

from __future__ import annotations

import datetime as dt
import os
import signal
import sys

from sqlalchemy import text
from sqlalchemy.sql.selectable import Select

import config
from marketplace.app import create_app
from marketplace.core import jobs, outbox
from marketplace.core.db import db, transaction
from marketplace.core.outbox import Handler

EVENT = "test.counted"
GATE = 4711  # the advisory lock that the test holds until every worker stands ready
NOTE = text("INSERT INTO work_log (job, worker, moment) VALUES (:job, :worker, :moment)")


def install(name: str, *, dies_at: int = 0) -> None:
    """The one event of the test and its handler."""
    begun = 0

    def note(job: int, moment: str) -> None:
        with transaction() as session:
            session.execute(NOTE, {"job": job, "worker": name, "moment": moment})

    def run(payloads: object) -> None:
        nonlocal begun
        for payload in payloads:
            begun += 1
            note(payload["number"], "begun")
            if begun == dies_at:
                os.kill(os.getpid(), signal.SIGKILL)
            note(payload["number"], "ended")

    outbox.install({EVENT: (Handler("test.count", run),)})


def main(name: str, *options: str) -> None:
    app = create_app(config.from_env())
    install(name, dies_at=next((int(o.partition("=")[2]) for o in options if o.startswith("dies-at=")), 0))
    jobs.LEASE = dt.timedelta(seconds=2)
    if "unlocked" in options:
        Select.with_for_update = lambda self, **_kw: self
    with app.app_context():
        with db.engine.begin() as connection:
            connection.execute(text("INSERT INTO work_log (job, worker, moment) VALUES (-1, :worker, 'ready')"), {"worker": name})
        with db.engine.begin() as connection:
            connection.execute(text("SELECT pg_advisory_xact_lock_shared(:gate)"), {"gate": GATE})
        jobs.run_due()


if __name__ == "__main__":
    main(*sys.argv[1:])
