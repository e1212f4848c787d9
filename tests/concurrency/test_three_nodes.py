"""Three nodes, one replica, writes and searches from threads, and `kill -9` of the node that leads the cluster."""

from __future__ import annotations

import json
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient

import config
from marketplace.core import search
from marketplace.core.db import db
from marketplace.taxonomy import queries as taxonomy
from search_index.elastic import ElasticEngine
from search_index.elastic.settings import from_config
from search_index.engine import EngineUnavailable
from search_index.requests import SearchRequest
from tests.conftest import Browser, build_app, missing
from tests.elastic import Cluster, Node, NoElastic
from tests.search_index.making import achievement
from tests.waiting import until

pytestmark = pytest.mark.timeout(420)
BATCH = 5
WRITTEN_BEFORE = 60
SEARCHED_AFTER = 15
LONGEST_PAUSE = 30.0
INDEX = "three"
SEARCH_PAGE = "/zh/search?q=质子交换膜"
NOTICE = "搜索服务暂时不可用"


@pytest.fixture
def three() -> Iterator[Cluster]:
    try:
        cluster = Cluster(3, heap="512m")
        cluster.start()
    except NoElastic as reason:
        missing(str(reason))
        return
    yield cluster
    cluster.stop()


def engine_of(cluster: Cluster) -> ElasticEngine:
    """As the application makes it from SEARCH_URL with all three addresses."""
    settings = {name: getattr(config.Default, name) for name in dir(config.Default) if name.startswith("SEARCH_")}
    settings |= {"SEARCH_URL": cluster.url, "SEARCH_INDEX": INDEX, "SEARCH_SHARDS": 2, "SEARCH_REPLICAS": 1}
    return ElasticEngine(from_config(settings, refresh="true"))


@pytest.fixture
def page(three: Cluster, tmp_path: Path) -> Iterator[FlaskClient]:
    """A browser at a site whose engine is this cluster."""
    app = build_app(tmp_path, SEARCH_URL=three.url, SEARCH_INDEX=INDEX)
    with app.app_context():
        taxonomy.forget()
        app.test_client_class = Browser
        yield app.test_client()
        search.engine().close()
        db.session.remove()
        db.engine.dispose()
    taxonomy.forget()


def asked(cluster: Cluster, path: str) -> dict[str, object]:
    for host in cluster.hosts:
        try:
            with urllib.request.urlopen(f"{host}{path}", timeout=10) as answer:
                found: dict[str, object] = json.load(answer)
                return found
        except OSError:
            continue
    raise AssertionError("no node answers")


def leader(cluster: Cluster) -> Node:
    found = asked(cluster, "/_cluster/state/master_node,nodes")
    name = found["nodes"][found["master_node"]]["name"]  # type: ignore[index]
    return next(node for node in cluster.nodes if node.name == name)


class Traffic:
    """Writes like the worker (what fails is tried again) and searches like a page (what fails is counted)."""

    def __init__(self, engine: ElasticEngine) -> None:
        self.engine = engine
        self.stopped = threading.Event()
        self.acknowledged: list[str] = []
        self.failed_writes = self.searches = self.failed_searches = self.fewer_hits = 0
        self.slowest_write = self.longest_pause = 0.0
        self._numbers = iter(range(1, 1_000_000))
        self._lock = threading.Lock()
        self._threads = [threading.Thread(target=work, daemon=True) for work in (self._write, self._write, self._search)]

    def __enter__(self) -> Traffic:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stopped.set()
        for thread in self._threads:
            thread.join(60)

    def _write(self) -> None:
        while not self.stopped.is_set():
            with self._lock:
                batch = [achievement(next(self._numbers)) for _ in range(BATCH)]
            begun = time.monotonic()
            if self._until_written(batch):
                self.acknowledged += [document.id for document in batch]
            self.slowest_write = max(self.slowest_write, time.monotonic() - begun)
            self.stopped.wait(0.05)

    def _until_written(self, batch: list[object]) -> bool:
        while not self.stopped.is_set():
            try:
                self.engine.put(batch)  # type: ignore[arg-type]
            except EngineUnavailable:
                self.failed_writes += 1
                self.stopped.wait(0.2)
            else:
                return True
        return False

    def _search(self) -> None:
        answered = time.monotonic()
        while not self.stopped.is_set():
            known = len(self.acknowledged)
            try:
                found = self.engine.search(SearchRequest(query=""))
            except EngineUnavailable:
                self.failed_searches += 1
            else:
                self.fewer_hits += found.total < known
                self.searches += 1
                self.longest_pause = max(self.longest_pause, time.monotonic() - answered)
                answered = time.monotonic()
            self.stopped.wait(0.05)


def grows(read: Callable[[], int], by: int) -> None:
    """Wait until a number has grown by so much."""
    wanted = read() + by
    until(lambda: read() >= wanted, seconds=90, what=f"{wanted} of these")


def test_killing_the_leading_node_loses_nothing_and_searches_go_on(three, page):
    engine = engine_of(three)
    engine.put([achievement(1_000_000)])
    health = f"/_cluster/health/{INDEX}?wait_for_status=green&timeout=60s"
    assert asked(three, health)["status"] == "green"
    with Traffic(engine) as traffic:
        grows(lambda: len(traffic.acknowledged), WRITTEN_BEFORE)
        grows(lambda: traffic.searches, 5)
        leader(three).stop()
        grows(lambda: len(traffic.acknowledged), WRITTEN_BEFORE)
        grows(lambda: traffic.searches, SEARCHED_AFTER)
    print(
        f"{len(traffic.acknowledged)} documents acknowledged, {traffic.failed_writes} writes repeated, "
        f"the slowest took {traffic.slowest_write:.1f} s; {traffic.searches} searches answered, "
        f"{traffic.failed_searches} not, longest pause {traffic.longest_pause:.1f} s"
    )
    kept = dict(engine_of(three).stream_versions())
    assert [listing for listing in traffic.acknowledged if listing not in kept] == []
    assert traffic.fewer_hits == 0
    assert traffic.longest_pause < LONGEST_PAUSE
    assert NOTICE not in page.get(SEARCH_PAGE).text
    for node in three.nodes:
        node.stop()
    begun = time.monotonic()
    answer = page.get(SEARCH_PAGE)
    assert time.monotonic() - begun < 1.0
    assert answer.status_code == 200
    assert NOTICE in answer.text
    begun = time.monotonic()
    with pytest.raises(EngineUnavailable):
        engine.search(SearchRequest(query=""))
    assert time.monotonic() - begun < 1.0
    engine.close()
