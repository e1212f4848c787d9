"""Commands of the house: `flask market ...` runs and checks an installation, `flask i18n ...` keeps the catalogues."""

from __future__ import annotations

import signal
import sys
import threading
from pathlib import Path
from typing import Any

import click
from flask import current_app
from flask.cli import AppGroup
from sqlalchemy.exc import DatabaseError

from config import database_url
from marketplace.core import alarm, audit, catalogue, invariants, jobs, moving, search
from marketplace.core.db import db
from marketplace.core.web.health import OK
from search_index.engine import WriterBusy

# What drivers say when this program's tables, or columns of them, are not there.
_UNPREPARED = ("no such table", "no such column", "UndefinedTable", "UndefinedColumn")


class Group(AppGroup):
    """Commands that say what to do where the database was never prepared, or not for this version."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except DatabaseError as error:
            said = f"{type(error.orig).__name__}: {error.orig}"
            if not any(sign in said for sign in _UNPREPARED):
                raise
            told = f"the database is not prepared for this program ({said.splitlines()[0]})"
            raise click.ClickException(f"{told}; run: flask --app wsgi market prepare") from None


market_cli = Group("market", help="Run and check this installation.")
i18n_cli = Group("i18n", help="Message catalogues.")


@market_cli.command("prepare")
@click.option("--host", default="127.0.0.1", help="The address that the site will listen on.")
def prepare(host: str) -> None:
    """Bring database, catalogues, lists, demonstration data and index to where a start needs them; quick when done."""
    for name, step in current_app.extensions["market_prepare"].items():
        told = step(host)
        if told:
            click.echo(f"{name}: {told}")


@market_cli.command("doctor")
def doctor() -> None:
    """Check every invariant of the database, and the search engine; exit code 1 when one is broken."""
    found = search.state()
    is_well = found.word == OK
    click.echo(f"{'ok  ' if is_well else 'FAIL'} search engine {found.engine}: {found.word}, {found.lag_seconds:.0f} s behind")
    findings = invariants.run(current_app.extensions["market_invariants"])
    for finding in findings:
        click.echo(f"{'ok  ' if not finding.problems else 'FAIL'} {finding.name}")
        for problem in finding.problems[:20]:
            click.echo(f"     {problem}")
    sys.exit(0 if is_well and not any(finding.problems for finding in findings) else 1)


@market_cli.command("copy-database")
@click.argument("target")
def copy_database(target: str) -> None:
    """Copy every row into the empty database TARGET (an address as in DATABASE_URL), for a move to PostgreSQL or back."""
    try:
        rows = moving.copy_database(database_url(target), told=lambda name, count: click.echo(f"{count:>9}  {name}"))
    except moving.CannotMove as refusal:
        raise click.ClickException(str(refusal)) from None
    click.echo(f"{rows:>9}  rows copied and compared. Now set DATABASE_URL to the copy, then: flask --app wsgi market doctor")


@market_cli.command("verify-audit")
def verify_audit() -> None:
    """Recompute the audit chain; exit code 1 when a link is broken."""
    report = audit.verify()
    if report.is_sound:
        click.echo(f"{report.checked} entries, every link is sound")
        return
    click.echo(f"broken at entry {report.broken_at} after {report.checked} sound ones", err=True)
    sys.exit(1)


@market_cli.command("worker")
def worker() -> None:
    """Run the jobs of the outbox until stopped (SIGINT or SIGTERM). With the embedded search engine there is one worker."""
    _be_the_writer()
    works = current_app.extensions["market_clockwork"]()
    if db.engine.dialect.name == "postgresql":
        listening = (db.engine.url, works.wake, threading.Event())
        threading.Thread(target=alarm.listen, args=listening, name="listening", daemon=True).start()
    consumer = works.huey.create_consumer(workers=1, periodic=True, initial_delay=0.1, max_delay=0.5)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the supervisor sends SIGTERM
    consumer.run()


@market_cli.command("work")
def work() -> None:
    """Run every job that is due now, then stop. Refused while a worker runs that must be the only one."""
    _be_the_writer()
    click.echo(f"{jobs.run_due()} jobs")


def _be_the_writer() -> None:
    """Jobs of the index would only fail at a second worker: refuse before it takes any."""
    try:
        search.engine().claim()
    except WriterBusy as busy:
        raise click.ClickException(f"{busy}. It does what is due; this one stops.") from None


@market_cli.command("retry-failed")
def retry_failed() -> None:
    """Queue again every job that failed for good."""
    click.echo(f"{jobs.retry_failed()} jobs queued again")


@i18n_cli.command("add")
@click.argument("fragment", type=click.Path(exists=True, path_type=Path))
def add(fragment: Path) -> None:
    """Merge a .po FRAGMENT into the Chinese catalogue and compile it."""
    click.echo(f"{catalogue.merge(fragment)} messages merged")


@i18n_cli.command("refresh")
def refresh() -> None:
    """Bring the Chinese catalogue in line with the sources."""
    catalogue.refresh()


@i18n_cli.command("compile")
def compile_catalogue() -> None:
    """Write the file that the site reads."""
    catalogue.compile_all()


@i18n_cli.command("check")
def check() -> None:
    """Fail when a message has no Chinese translation or loses a placeholder."""
    found = catalogue.problems()
    for problem in found:
        click.echo(problem)
    sys.exit(1 if found else 0)
