"""What a visitor pays for a search page on a full market, beside a page that says hello in the same run.

    python -m tests.bench.bench_page --count 100000 [--folder somewhere]

Loads generated listings into a database of its own, indexes them, asks the real application through its WSGI entry, and
starts one real server process to weigh it. Nothing here is a timed test: it prints a table for people. With --folder the
loaded market is kept and used again.
"""

from __future__ import annotations

import argparse
import cProfile
import datetime as dt
import http.client
import os
import pstats
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from flask import Flask
from sqlalchemy import func, insert, select
from werkzeug.test import EnvironBuilder

import config
from marketplace.accounts.models import Organisation
from marketplace.app import create_app
from marketplace.core import clock, search
from marketplace.core.db import current_session, db, transaction
from marketplace.core.policy import ANONYMOUS, SYSTEM
from marketplace.core.web import public
from marketplace.listings import queries as listing_queries
from marketplace.listings.models import Achievement, Listing, ListingField, Need
from marketplace.matching.queries import index as reading
from marketplace.matching.queries.matches import matches_of
from marketplace.taxonomy import services as taxonomy_services
from search_index.documents import ListingDocument
from search_index.rebuild import rebuild
from tests.bench.bench_search import Timing, queries, timed
from tests.bench.generator import ORG_KINDS, listings
from tests.bench.process import as_served, unheard

ROOT = Path(__file__).resolve().parents[2]
ORGANISATIONS = 400
BATCH = 2_000


def documents(count: int) -> Iterator[ListingDocument]:
    """Generated listings whose needs are still open."""
    return listings(count)


def rows_of(document: ListingDocument) -> tuple[dict[str, Any], dict[str, Any], list[dict[str, Any]]]:
    """The listing, its own part, and its fields as rows of the tables."""
    number = int(document.id.partition(":")[2])
    confirmed = dt.datetime.fromtimestamp(document.fresh_at, dt.UTC)
    is_need = document.kind == "need"
    text = "description" if is_need else "summary"
    listing = {
        "id": number,
        "kind": document.kind,
        "org_id": document.owner_org,
        "state": "fading" if document.boost_faded else "published",
        "faded_at": confirmed if document.boost_faded else None,
        "audience": document.audience,
        "title_zh": document.title_zh,
        "title_en": document.title_en,
        **{f"{name}_{code}": "" for name in ("summary", "description", "verified_detail") for code in ("zh", "en")},
        f"{text}_zh": document.summary_zh,
        f"{text}_en": document.summary_en,
        "city": document.city,
        "keywords_zh": list(document.keywords),
        "keywords_en": [],
        "modes": list(document.modes),
        "maturity": document.maturity,
        "money_min": document.money_min,
        "money_max": document.money_max,
        "quality": round(document.quality * 100),
        "taxonomy_version": "v0",
        "created_at": confirmed,
        "published_at": dt.datetime.fromtimestamp(document.published_at, dt.UTC),
        "confirmed_at": confirmed,
        "changed_at": confirmed,
        "rev": document.rev,
        "version_id": 1,
    }
    own: dict[str, Any] = {"id": number}
    names = ("tried", "site") if is_need else ("application", "maturity_evidence")
    own |= {f"{name}_{code}": "" for name in names for code in ("zh", "en")}
    if is_need:
        closes = dt.datetime.fromtimestamp(document.closes_at or 0, clock.SHANGHAI).date()
        own |= {"indicators": [], "is_anonymous": number % 3 == 0, "closes_on": closes}
    fields = [{"listing_id": number, "position": place, "code": code} for place, code in enumerate(document.fields)]
    return listing, own, fields


def fill_database(made: Iterator[ListingDocument]) -> None:
    """Organisations and listings by bulk statements; services would take an hour for the same rows."""
    now = clock.now()
    orgs = [
        {
            "id": number,
            "kind": ORG_KINDS[number % len(ORG_KINDS)],
            "name_zh": f"演示第{number}研究院",
            "name_en": f"Demo institute {number}",
            **{f"{name}_{code}": "" for name in ("about", "trade") for code in ("zh", "en")},
            "uscc": f"{number:018d}",
            "city": "370100",
            "state": "verified",
            "created_at": now,
            "verified_at": now,
            "version_id": 1,
        }
        for number in range(1, ORGANISATIONS + 1)
    ]
    with transaction() as session:
        session.execute(insert(Organisation.__table__), orgs)
    while batch := list(islice(made, BATCH)):
        rows = [(document.kind, *rows_of(document)) for document in batch]
        with transaction() as session:
            session.execute(insert(Listing.__table__), [listing for _, listing, _, _ in rows])
            for kind, table in (("achievement", Achievement.__table__), ("need", Need.__table__)):
                if own := [own for own_kind, _, own, _ in rows if own_kind == kind]:
                    session.execute(insert(table), own)
            session.execute(insert(ListingField.__table__), [field for *_, fields in rows for field in fields])


def prepare(app: Flask, count: int) -> list[tuple[str, str]]:
    """A market of `count` listings, made when the folder does not hold it yet; tells how long each part took."""
    db.create_all()
    if current_session().scalar(select(func.count(Listing.id))) == count and not search.engine().status().trouble:
        return [("market", "used again")]
    with transaction():
        taxonomy_services.load(actor=SYSTEM, now=clock.now())
    begun = time.perf_counter()
    fill_database(documents(count))
    filled = time.perf_counter()
    report = rebuild(
        search.engine(),
        documents(count),
        expected=lambda: listing_queries.indexable_revs().items(),
        processes=os.cpu_count() or 1,
    )
    assert not reading.index_differences()
    return [
        ("database filled", f"{filled - begun:.1f} s"),
        (f"{count} documents indexed and compared", f"{report.seconds:.1f} s"),
    ]


def asking(app: Flask, address: str) -> Callable[[], object]:
    """One request through the WSGI entry, its body read to the end; the environment is made beforehand."""
    environ = EnvironBuilder(path=address.partition("?")[0], query_string=address.partition("?")[2]).get_environ()

    def ask() -> object:
        status: list[str] = []
        body = app.wsgi_app(dict(environ), lambda line, _headers, _exc=None: status.append(line))  # type: ignore[arg-type]
        data = b"".join(body)
        if hasattr(body, "close"):
            body.close()
        assert status[0].startswith("200"), (address, status, data[:300])
        return data

    return ask


def addresses(count: int, size: int) -> list[str]:
    """Searches as visitors make them, no two alike: words, words with a filter, browsing."""
    found = []
    for number, words in enumerate(queries(size, count)):
        extra = ({}, {"kind": "achievement"}, {"city": "370200"}, {"kind": "need", "sort": "fresh"})[number % 4]
        found.append(f"/{('zh', 'en')[number % 2]}/search?{urlencode({'q': words, **extra})}")
    return found


def record_addresses(size: int) -> list[str]:
    """Public records, half of each kind; those a visitor may not see answer 404, as they do in life."""
    return [f"/{('zh', 'en')[n % 2]}/{('achievements', 'needs')[n % 2]}/{n}" for n in range(1, size)]


def line(name: str, value: Timing) -> str:
    return f"{name:<52} {value.at(0.5):8.2f} {value.at(0.95):8.2f} {value.at(0.99):8.2f} {value.cpu():8.2f}"


def measure(app: Flask, count: int, size: int) -> Iterable[str]:
    @app.get("/bench/hello")
    @public
    def hello() -> str:
        return "hello"

    with app.app_context():
        yield f"{'milliseconds of server time':<52} {'p50':>8} {'p95':>8} {'p99':>8} {'cpu p50':>8}"
        said = timed(asking(app, "/bench/hello") for _ in range(size))
        yield line("hello", said)
        page = timed(asking(app, address) for address in addresses(count, size))
        yield line("search page, anonymous, every search another one", page)
        yield line("search page, all listings, newest first", timed(asking(app, "/zh/search") for _ in range(size // 2)))
        yield line("suggestions", timed(asking(app, "/zh/suggest?" + urlencode({"q": q[:2]})) for q in queries(size // 2, count)))
        yield line(
            "JSON search",
            timed(
                asking(app, a.replace("/zh/search", "/api/v1/search").replace("/en/search", "/api/v1/search"))
                for a in addresses(count, size // 2)
            ),
        )
        yield line("10 explained matches of a need", timed(matching(size // 4)))
        yield f"search page: {page.cpu() / said.cpu():.1f} x the CPU of hello"
        yield f"search page: {len(asking(app, addresses(count, 4)[0])()) / 1024:.0f} kB of HTML"  # type: ignore[arg-type]


def matching(size: int) -> Iterator[Callable[[], object]]:
    cards = listing_queries.newest("need", ANONYMOUS, size)  # type: ignore[arg-type]
    found = [listing_queries.listing(card.id) for card in cards]
    return ((lambda listing=listing: matches_of(listing, ANONYMOUS, clock.now())) for listing in found if listing)  # type: ignore[misc]


def weigh(folder: Path, wanted: list[str], records: list[str]) -> Iterator[str]:
    """One real web process, started as `make run` starts it: processor time of a page and of /healthz, and its memory."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "gunicorn", "wsgi:app", "-c", "deploy/gunicorn.py", "-b", f"127.0.0.1:{port}"]
    settings = {"INSTANCE_FOLDER": str(folder), "WEB_CONCURRENCY": "1", "MALLOC_ARENA_MAX": "2"}
    server = subprocess.Popen(
        command, cwd=ROOT, env={**os.environ, **settings}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        ask_server(port, wanted[:30])
        worker = Path(f"/proc/{server.pid}/task/{server.pid}/children").read_text("ascii").split()[0]
        costs = {}
        for name, asked in (("hello (/healthz)", ["/healthz"] * len(wanted)), ("search page", wanted)):
            before = worked_ms(worker)
            ask_server(port, asked)
            costs[name] = (worked_ms(worker) - before) / len(asked)
            yield f"{name} from a real server: {costs[name]:.2f} ms of processor time"
        yield f"search page: {costs['search page'] / costs['hello (/healthz)']:.1f} x hello from the same server"
        yield f"web process after searches: {memory(worker)}"
        ask_server(port, records)
        yield f"web process after records with their matches, too: {memory(worker)}"
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(20)


def memory(process: str) -> str:
    """Resident memory as `ps` tells it, how much of it is the process's own and how much mapped files; and its fair share
    (PSS), where what several processes use counts in parts."""
    text = Path(f"/proc/{process}/status").read_text("utf-8") + Path(f"/proc/{process}/smaps_rollup").read_text("utf-8")
    found = dict(row.split(":", 1) for row in text.splitlines() if row.startswith(("VmRSS", "RssAnon", "RssFile", "Pss:")))
    return ", ".join(f"{name} {int(value.split()[0]) // 1024} MB" for name, value in found.items())


def worked_ms(process: str) -> float:
    """Processor time a process has used so far."""
    parts = Path(f"/proc/{process}/stat").read_text("ascii").rpartition(")")[2].split()
    return (int(parts[11]) + int(parts[12])) * 1000 / os.sysconf("SC_CLK_TCK")


def ask_server(port: int, wanted: list[str]) -> None:
    deadline = time.monotonic() + 60
    for address in wanted:
        while True:
            try:
                connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
                connection.request("GET", address)
                connection.getresponse().read()
                break
            except OSError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.2)


def profiled(app: Flask, wanted: list[str]) -> None:
    """Where the time of a page goes."""
    asks = [asking(app, address) for address in wanted]
    for ask in asks[:10]:
        ask()
    profile = cProfile.Profile()
    profile.enable()
    for ask in asks:
        ask()
    profile.disable()
    pstats.Stats(profile).sort_stats("cumulative").print_stats(70)


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=100_000)
    parser.add_argument("--size", type=int, default=300, help="how many requests of each kind")
    parser.add_argument("--folder", type=Path, help="keep the loaded market here and use it again")
    parser.add_argument("--profile", action="store_true", help="instead of a table, show where the time of a page goes")
    given = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as thrown_away:
        folder = given.folder or Path(thrown_away)
        app = create_app(config.from_env({"INSTANCE_FOLDER": str(folder)}))
        app.config["RATELIMIT_ENABLED"] = False
        app.extensions["limiter"].pop().enabled = False
        unheard()
        with app.app_context():
            for name, value in prepare(app, given.count):
                print(f"{name}: {value}", flush=True)
            if given.profile:
                profiled(app, addresses(given.count, 200))
                return
        as_served()
        for text in measure(app, given.count, given.size):
            print(text, flush=True)
        for text in weigh(folder, addresses(given.count, given.size), record_addresses(given.size)):
            print(text, flush=True)


if __name__ == "__main__":
    main()
