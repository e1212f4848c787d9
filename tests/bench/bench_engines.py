"""Both engines on the same market, each beside the raw engine call, at three sizes: `make bench ARGS="--only engines"`.

    python -m tests.bench.bench_engines --count 250000

Every measurement runs in a process of its own. Nothing is a timed test: it prints tables, keeps the figures in
build/bench/engines.json, and writes docs/performance.md, docs/ten-million.md and the chart (at the usual size, or with
--write). `--redraw` only writes them again from the kept figures. Without Java and Maven it says so and stops.
"""

from __future__ import annotations

import argparse
import json
import os
import pickle
import platform
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict
from functools import partial
from itertools import islice
from multiprocessing import get_context
from pathlib import Path
from typing import Any, TypeVar

from flask import Flask

import config
from marketplace.app import create_app
from marketplace.core import search
from marketplace.core.db import db, transaction
from marketplace.core.policy import SYSTEM
from marketplace.listings import queries as listing_queries
from search_index.documents import ListingDocument
from search_index.rebuild import rebuild
from tests.bench import report
from tests.bench.bench_page import fill_database
from tests.bench.bench_search import resident
from tests.bench.engine_rows import measured
from tests.bench.figures import Figures, Run
from tests.bench.generator import listings
from tests.bench.process import as_served
from tests.elastic import VERSION, Cluster, NoElastic

ROOT = Path(__file__).resolve().parents[2]
KEPT = ROOT / "build" / "bench" / "engines.json"
USUAL = 250_000
# Growth is wanted from 50,000 to 200,000 listings, speed at 250,000.
SHARES = (1 / 5, 4 / 5, 1)
SLICE = 5_000
HEAP = "2g"
# As an operator would run it: both compilers and the collector Java chooses.
JVM_OPTIONS = f"-Xms{HEAP}\n-Xmx{HEAP}\n-Djava.io.tmpdir=${{ES_TMPDIR}}\n-XX:+ExitOnOutOfMemoryError\n"
SETTLE_SECONDS = 120
ENGINES = ("embedded", "elastic")

Answer = TypeVar("Answer")


def quiet() -> None:
    """A page writes its line of the log as ever, only not onto this terminal; errors come back to the caller."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)


def in_child(work: Callable[..., Answer], *given: Any) -> Answer:
    """In a fresh process, so that nothing of one measurement is in the memory of the next."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn"), initializer=quiet) as pool:
        return pool.submit(work, *given).result()


# -- the market


def make_slice(folder: Path, first: int) -> None:
    with (folder / f"{first:09d}").open("wb") as file:
        pickle.dump(list(listings(SLICE, first=first)), file, pickle.HIGHEST_PROTOCOL)


def make_documents(folder: Path, count: int) -> None:
    """Generated once for all databases and indices, in slices: making one takes as long as indexing it."""
    folder.mkdir(parents=True, exist_ok=True)
    with ProcessPoolExecutor(os.cpu_count(), mp_context=get_context("spawn")) as pool:
        list(pool.map(partial(make_slice, folder), range(1, count + 1, SLICE)))


def documents(folder: Path, count: int) -> Iterator[ListingDocument]:
    """The first so many."""

    def every() -> Iterator[ListingDocument]:
        for path in sorted(folder.iterdir()):
            yield from pickle.loads(path.read_bytes())

    return islice(every(), count)


def market(folder: Path, size: int, engine: str, url: str) -> Flask:
    """The application on the database of this size, with this engine."""
    made: dict[str, str] = {"INSTANCE_FOLDER": str(folder / str(size))}
    if engine == "elastic":
        made |= {"SEARCH_URL": url, "SEARCH_INDEX": f"bench{size}", "SEARCH_REPLICAS": "0"}
    app = create_app(config.from_env(made))
    app.config["RATELIMIT_ENABLED"] = False
    for limiter in app.extensions["limiter"]:
        limiter.enabled = False
    return app


def load_database(folder: Path, size: int) -> None:
    from marketplace.core import clock
    from marketplace.taxonomy import services as taxonomy_services

    (folder / str(size)).mkdir()
    with market(folder, size, "embedded", "").app_context():
        db.create_all()
        with transaction():
            taxonomy_services.load(actor=SYSTEM, now=clock.now())
        fill_database(documents(folder / "documents", size))


# -- one engine at one size


def build(folder: Path, size: int, engine: str, url: str) -> tuple[float, int]:
    """Seconds of a rebuild with its comparison, and bytes of the index when the engine has come to rest."""
    with market(folder, size, engine, url).app_context():
        made: Any = search.engine()
        begun = time.perf_counter()
        rebuild(
            made,
            documents(folder / "documents", size),
            expected=lambda: listing_queries.indexable_revs().items(),
            processes=min(2, os.cpu_count() or 1),
        )
        seconds = time.perf_counter() - begun
        made.close()
        return seconds, _elastic_bytes(made) if engine == "elastic" else _folder_bytes(made)


def _folder_bytes(engine: Any) -> int:
    return sum(file.stat().st_size for file in engine.store.folder(engine.store.current()).rglob("*") if file.is_file())


def _elastic_bytes(engine: Any) -> int:
    """After merging has ended; counts are then never answered from memory, which only this setting forbids."""
    name, client = engine.generations.current(), engine._client
    client.ask(lambda es: es.indices.put_settings(index=name, settings={"index.requests.cache.enable": False}))
    end = time.monotonic() + SETTLE_SECONDS
    while True:
        stats = client.ask(lambda es: es.indices.stats(index=name))["indices"][name]["primaries"]
        if not stats["merges"]["current"] or time.monotonic() > end:
            return int(stats["store"]["size_in_bytes"])
        time.sleep(0.5)


def measure(folder: Path, size: int, engine: str, url: str, questions: int) -> dict[str, Any]:
    """All rows of one engine at one size, the memory of the process that asked, and how full its table of words is."""
    app = market(folder, size, engine, url)
    as_served()
    rows, memory = dict(measured(app, size, questions)), resident()
    with app.app_context():
        asked: Any = search.engine()
        table = asked._reader.snapshot().table if engine == "embedded" else asked._reader.reading().table
    return {"rows": rows, "resident_mb": memory, "word_buckets": table.words_in_use}


# -- the run


def load(folder: Path, sizes: tuple[int, ...]) -> None:
    """Documents and databases; in a folder that is kept, once."""
    mark = folder / f"loaded-{'-'.join(map(str, sizes))}"
    if mark.exists():
        return
    told("documents", lambda: make_documents(folder / "documents", max(sizes)))
    for size in sizes:
        told(f"database of {size}", lambda size=size: in_child(load_database, folder, size))  # type: ignore[misc]
    mark.touch()


def run(folder: Path, sizes: tuple[int, ...], questions: int, url: str) -> Run:
    """All indices are built first, so that all measurements are made one soon after the other."""
    each = [(folder, size, engine, url) for size in sizes for engine in ENGINES]
    built = [told(f"index of {one[1]}, {one[2]}", lambda one=one: in_child(build, *one)) for one in each]  # type: ignore[misc]
    found: list[Figures] = []
    for one, (seconds, weight) in zip(each, built, strict=True):
        _, size, engine, _ = one
        asked = told(f"measured at {size}, {engine}", lambda one=one: in_child(measure, *one, questions))  # type: ignore[misc]
        found.append(
            Figures(
                engine=engine,
                listings=size,
                needs=sum(document.kind == "need" for document in documents(folder / "documents", size)),
                rebuild_seconds=seconds,
                index_bytes=weight,
                database_bytes=sum(file.stat().st_size for file in (folder / str(size)).glob("market.db*")),
                **asked,
            )
        )
    return Run(
        figures=found,
        heap=HEAP,
        server=VERSION,
        python=platform.python_version(),
        cpus=os.cpu_count() or 1,
        load=round(os.getloadavg()[1], 1),
        questions=questions,
    )


def told(name: str, work: Callable[[], Answer]) -> Answer:
    begun = time.perf_counter()
    answer = work()
    print(f"{name}: {time.perf_counter() - begun:.0f} s (load average {os.getloadavg()[0]:.1f})", flush=True)
    return answer


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--count", type=int, default=USUAL, help="listings at the largest of three sizes, a fifth of them needs")
    parser.add_argument("--questions", type=int, default=300, help="how many of each kind")
    parser.add_argument("--folder", type=Path, help="keep documents and databases here and use them again")
    parser.add_argument("--write", action="store_true", help="write the documents although it is not the usual size")
    parser.add_argument("--redraw", action="store_true", help="only write the documents, from the figures kept")
    given = parser.parse_args(arguments)
    if given.redraw:
        report.write(ROOT, Run.of(json.loads(KEPT.read_text("utf-8"))))
        return
    with tempfile.TemporaryDirectory(prefix="market-bench-") as thrown_away:
        folder, sizes = given.folder or Path(thrown_away), tuple(round(given.count * share) for share in SHARES)
        load(folder, sizes)
        try:
            cluster = Cluster(jvm_options=JVM_OPTIONS, ready_seconds=SETTLE_SECONDS * 2)
            url = cluster.start()
        except NoElastic as reason:
            print(f"not measured: {reason}")
            return
        try:
            found = run(folder, sizes, given.questions, url)
        finally:
            cluster.stop()
    KEPT.parent.mkdir(parents=True, exist_ok=True)
    KEPT.write_text(json.dumps(asdict(found), indent=1), "utf-8")
    print(report.tables(found))
    if given.write or given.count == USUAL:
        report.write(ROOT, found)


if __name__ == "__main__":
    main()
