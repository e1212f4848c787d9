"""`flask index rebuild | rollback | check | status`: keep the site's search index like its database."""

from __future__ import annotations

import datetime as dt
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click

from marketplace.core import clock, jobs, search
from marketplace.core.cli import Group
from marketplace.listings import queries as listings
from marketplace.matching.queries import index as reading
from marketplace.matching.services import index
from search_index.engine import EngineUnavailable
from search_index.frequencies import MOST_IN_USE
from search_index.rebuild import NOT_BUILT

index_cli = Group("index", help="The search index: build it anew, compare it with the database.")


@index_cli.command("rebuild")
@click.option("--processes", type=click.IntRange(1, 64), default=max(1, (os.cpu_count() or 1) - 1), show_default=True)
def rebuild(processes: int) -> None:
    """Build a new index beside the one in use, bring it up to date, compare it, switch to it. The site goes on."""
    try:
        with _progress(len(listings.indexable_revs())) as progress:
            report = index.rebuild(processes=processes, progress=progress)
    except NOT_BUILT as error:
        raise click.ClickException(str(error)) from None
    click.echo(f"{report.documents} documents in {report.seconds:.1f} s, now in use: {report.generation}")


@index_cli.command("rollback")
def rollback() -> None:
    """Use the index before the last rebuild again, brought up to date and compared first. Once more leads forward again."""
    try:
        report = index.roll_back()
    except NOT_BUILT as error:
        raise click.ClickException(str(error)) from None
    click.echo(f"in {report.seconds:.1f} s, now in use: {report.generation}")


@contextmanager
def _progress(total: int) -> Iterator[Callable[[int], None]]:
    """A bar for a person, a line now and then for a log. Catching up and comparing come after the last listing."""
    if not sys.stderr.isatty():
        yield _progress_line
        return
    with click.progressbar(length=total, label="indexing", file=sys.stderr, show_pos=True) as bar:
        yield lambda done: bar.update(done - bar.pos)


def _progress_line(done: int) -> None:
    if done % 10_000 == 0:
        click.echo(f"{done} documents", err=True)


@index_cli.command("check")
def check() -> None:
    """Compare (id, revision) of index and database both ways; exit code 1 when they differ."""
    waiting, failed = jobs.unfinished(search.INDEXING)
    try:
        found = reading.index_differences()
    except EngineUnavailable as error:
        raise click.ClickException(str(error)) from None
    click.echo(str(found) + (f" ({waiting} jobs are waiting, {failed} given up)" if waiting or failed else ""))
    sys.exit(1 if found else 0)


@index_cli.command("status")
def status() -> None:
    """What is in use, how much it holds, and whether it must be built anew (exit code 1)."""
    engine = search.engine()
    with engine.within(search.PATIENCE_SECONDS):
        now = engine.status()
    waiting, failed = jobs.unfinished(search.INDEXING)
    click.echo(f"engine      {now.engine}")
    click.echo(f"generation  {now.generation or 'none'}")
    click.echo(f"documents   {now.documents}")
    click.echo(f"built       {_age(now.built_at)}")
    click.echo(f"schema      {now.schema_hash}")
    click.echo(f"dictionary  {now.dictionary_version}")
    full = ", which is too much: see WORD_BITS in docs/search.md" if now.words_share > MOST_IN_USE else ""
    click.echo(f"words       {now.words_share:.0%} of the table of word frequencies in use{full}")
    click.echo(f"lag         {search.lag():.0f} s, {waiting} jobs waiting, {failed} given up")
    if now.trouble:
        raise click.ClickException(now.trouble)


def _age(built_at: int | None) -> str:
    if built_at is None:
        return "never"
    made = dt.datetime.fromtimestamp(built_at, dt.UTC)
    return f"{made:%Y-%m-%d %H:%M} UTC, {max(clock.now() - made, dt.timedelta()).total_seconds() / 86400:.1f} days ago"
