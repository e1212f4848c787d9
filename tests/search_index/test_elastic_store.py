"""What only the cluster's engine has: changes judged one by one, several writers, leases, held writes, a table on the cluster."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest
from elasticsearch import Elasticsearch

from search_index.elastic import ElasticEngine, ElasticSettings, mapping, state, writer
from search_index.elastic.client import Client, Overtaken
from search_index.elastic.settings import from_config
from search_index.engine import EngineUnavailable, RebuildNeeded, WriterBusy
from search_index.frequencies import FrequencyTable
from search_index.requests import EVERYTHING, SearchRequest
from tests.conftest import missing
from tests.elastic import PASSWORD, Cluster, NoElastic
from tests.search_index.conftest import Clock
from tests.search_index.making import achievement, found, rebuilt, titled

ROOT = Path(__file__).resolve().parents[2]
Opener = Callable[..., ElasticEngine]


@pytest.fixture
def server(elastic_url: str) -> Iterator[Elasticsearch]:
    """The cluster itself, as an operator sees it."""
    client = Elasticsearch(elastic_url)
    yield client
    client.close()


def test_the_way_back_opens_what_a_switch_that_died_left_closed(open_elastic: Opener, server: Elasticsearch) -> None:
    engine = open_elastic(write_seconds=2.0)
    before, _ = (rebuilt(engine, titled(title)) for title in ("轴承", "齿轮"))
    server.indices.add_block(index=before, block="write")
    with engine.generation_before() as generation:
        assert generation.put([achievement(2, "轴承")]).accepted == 1


def test_the_index_tells_what_it_was_built_with(open_elastic: Opener, server: Elasticsearch) -> None:
    engine = open_elastic(shards=2)
    name = rebuilt(engine, titled("轴承"))
    known = server.indices.get(index=name).body[name]
    assert known["mappings"]["dynamic"] == "strict"
    assert known["mappings"]["_meta"]["version"] == mapping.schema_hash()
    assert known["settings"]["index"]["gc_deletes"] == "1h"
    assert known["settings"]["index"]["number_of_shards"] == "2"
    assert set(known["mappings"]["properties"]) == set(mapping.properties())
    assert engine.settings.index in known["aliases"]


@pytest.mark.parametrize("part", ["version", "dictionary"])
def test_an_index_of_another_make_asks_for_a_rebuild(open_elastic: Opener, server: Elasticsearch, part: str) -> None:
    first = open_elastic()
    name = rebuilt(first, titled("轴承"))
    meta = {**mapping.mappings()["_meta"], part: "other"}
    server.indices.put_mapping(index=name, meta=meta)
    engine = open_elastic()
    with pytest.raises(RebuildNeeded, match=f"{part} other"):
        found(engine)
    with pytest.raises(RebuildNeeded):
        engine.put(titled("齿轮"))
    with pytest.raises(RebuildNeeded):
        engine.swap(name)
    assert part in (engine.status().trouble or "")
    rebuilt(engine, titled("轴承"))
    assert found(engine, "轴承") == ["achievement:1"]
    assert engine.status().trouble is None


def test_two_writers_count_into_one_table(open_elastic: Opener) -> None:
    one, other, reader = open_elastic(), open_elastic(), open_elastic()
    words = ["轴承", "齿轮"] * 15
    one.put([achievement(n, title) for n, title in enumerate(words, 1)])
    other.put([achievement(n, title) for n, title in enumerate(words, 101)])
    table = reader._reader.reading().table
    assert (table.documents, table.word_count("轴承")) == (60, 30)
    one.put([achievement(500, "轴承")])
    assert reader._reader.reading().table.documents == 60
    one.close()
    assert reader._reader.reading().table.documents == 61


def test_a_table_survives_the_way_to_the_cluster_and_takes_another_in() -> None:
    table, other = FrequencyTable(), FrequencyTable()
    grams = np.array([1 << 20, 7 << 20], np.uint32)
    table.add(grams=grams, words=["轴承", "齿轮"], documents=2)
    other.add(grams=grams[:1], words=["轴承"], documents=1)
    back = FrequencyTable.from_bytes(table.to_bytes())
    back.include(other)
    assert (back.documents, back.word_count("轴承"), back.word_count("齿轮")) == (3, 2, 1)
    assert back.gram_idf(grams)[0] < back.gram_idf(grams)[1]


def test_a_dead_rebuild_keeps_others_waiting_only_for_its_lease(open_elastic: Opener, clock: Clock) -> None:
    dead, alive = open_elastic(), open_elastic()
    dead._state._claim("rebuild", "another rebuild")
    with pytest.raises(WriterBusy, match=r"another rebuild.*process"):
        rebuilt(alive, titled("轴承"))
    clock.at += state.LEASE_SECONDS + 1
    rebuilt(alive, titled("轴承"))
    assert found(alive) == ["achievement:1"]


def test_a_lease_taken_over_is_noticed(open_elastic: Opener, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(state, "_RENEWALS", 10_000)  # renewed at once, again and again
    first, second = open_elastic(), open_elastic()
    with first._state.lease("rebuild", "another rebuild") as still_mine:
        still_mine()
        taken = False
        while not taken:  # between two renewals of the first
            mark = second._state._read("rebuild", with_source=False)[1]
            with suppress(Overtaken):
                taken = bool(second._state._write("rebuild", second._state._signed(), mark))
        until = time.monotonic() + 10
        with pytest.raises(WriterBusy, match="took over"):
            while time.monotonic() < until:
                still_mine()
                first._state.mark("nothing")
    assert second._state.is_leased("rebuild")  # and the first has not released what is not its own


def test_writing_held_by_a_dead_process_goes_on(open_elastic: Opener, server: Elasticsearch, clock: Clock) -> None:
    engine = open_elastic()
    name = rebuilt(engine, titled("轴承"))
    engine._state._claim("swap", "another swap")
    server.indices.add_block(index=name, block="write")
    paused: list[float] = []

    def pause(seconds: float) -> None:
        paused.append(seconds)
        if len(paused) == 2:
            clock.at += state.LEASE_SECONDS + 1  # now the one who held is known to be dead

    engine._writer._bulk._pause = pause
    assert engine.put([achievement(2, "齿轮")]).accepted == 1
    assert len(paused) >= 2
    assert found(engine, "齿轮") == ["achievement:2"]


def test_a_cluster_that_is_only_busy_is_asked_again() -> None:
    class Busy:
        settings = ElasticSettings(hosts=("http://127.0.0.1:1",))
        answers: list[list[int]] = [[429, 201, 409], [503], [200]]  # noqa: RUF012

        def ask(self, _question: object) -> dict[str, Any]:
            return {"items": [{"index": {"status": status}} for status in self.answers.pop(0)]}

    client: Any = Busy()
    paused: list[float] = []
    changes = [writer.Change(f"achievement:{n}", 1) for n in (1, 2, 3)]
    written = writer.BulkWriter(client, "any", refresh=False, pause=paused.append).write(changes)
    assert (sorted(written.accepted), written.stale) == (["achievement:1", "achievement:2"], ["achievement:3"])
    assert paused == sorted(paused)
    assert len(paused) == 2


def test_large_documents_go_in_several_bulks() -> None:
    changes = [writer.Change(f"achievement:{n}", 1, {"text": "x" * 1_500_000, "pairs": ""}) for n in range(5)]
    assert [len(batch) for batch in writer._batches(changes)] == [2, 2, 1]
    assert [len(batch) for batch in writer._batches([writer.Change("need:1", 1)] * 1100)] == [500, 500, 100]


def test_a_reader_that_slept_through_two_rebuilds_finds_the_present_index(elastic_url: str, open_elastic: Opener) -> None:
    engine = open_elastic()
    rebuilt(engine, titled("甲"))
    reader = ElasticEngine(engine.settings, monotonic=lambda: 0.0)
    assert found(reader, "甲") == ["achievement:1"]
    for title in ("乙", "丙"):
        rebuilt(engine, titled(title))
    assert found(reader, "丙") == ["achievement:1"]
    reader.close()


def test_nobody_there_is_told_as_such() -> None:
    engine = ElasticEngine(ElasticSettings(hosts=("http://127.0.0.1:9",)))
    for question in (lambda: found(engine), lambda: engine.put(titled("轴承")), lambda: engine.count(EVERYTHING)):
        with pytest.raises(EngineUnavailable, match="cannot be reached"):
            question()
    assert "cannot be reached" in (engine.status().trouble or "")


def test_time_is_shared_by_all_questions_of_one_answer() -> None:
    at = [0.0]
    client = Client(ElasticSettings(hosts=("http://127.0.0.1:9",)), monotonic=lambda: at[0])
    with client.within(1.0), client.within(5.0):
        at[0] = 1.5
        with pytest.raises(EngineUnavailable, match="in time"):
            client.ask(lambda es: es.cluster.health())


def test_settings_are_read_from_the_configuration() -> None:
    config = {
        "SEARCH_URL": "https://reader:p%40ss@one:9200, https://two:9200/",
        "SEARCH_INDEX": "market",
        "SEARCH_API_KEY": "",
        "SEARCH_USER": "",
        "SEARCH_PASSWORD": "",
        "SEARCH_CA_FILE": "",
        "SEARCH_SHARDS": 3,
        "SEARCH_REPLICAS": 2,
    }
    read = from_config(config)
    assert (read.hosts, read.user, read.password) == (("https://one:9200", "https://two:9200"), "reader", "p@ss")
    assert (read.shards, read.replicas) == (3, 2)
    for wrong in ({"SEARCH_URL": "cluster"}, {"SEARCH_INDEX": "Market"}, {"SEARCH_INDEX": "_all"}, {"SEARCH_INDEX": "a*"}):
        with pytest.raises(ValueError, match="SEARCH_"):
            from_config(config | wrong)


class Listening(BaseHTTPRequestHandler):
    """Answers like a cluster, and keeps how it was asked."""

    heard: ClassVar[list[str]] = []

    def do_GET(self) -> None:
        self.heard += self.headers.get_all("Authorization", [])
        self.send_response(200)
        for name, value in (
            ("X-Elastic-Product", "Elasticsearch"),
            ("Content-Type", "application/json"),
            ("Content-Length", "2"),
        ):
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *_: object) -> None:
        pass


@pytest.mark.parametrize(
    ("known", "sent"),
    [
        ({"api_key": "a2V5"}, ["ApiKey a2V5"]),
        ({"api_key": "a2V5", "user": "reader", "password": "secret"}, ["ApiKey a2V5"]),
        ({"user": "reader", "password": "secret"}, ["Basic cmVhZGVyOnNlY3JldA=="]),
        ({}, []),
    ],
)
def test_an_api_key_is_sent_rather_than_a_password(known: dict[str, str], sent: list[str]) -> None:
    Listening.heard.clear()
    with HTTPServer(("127.0.0.1", 0), Listening) as server:
        thread = threading.Thread(target=server.handle_request)
        thread.start()
        client = Client(ElasticSettings(hosts=(f"http://127.0.0.1:{server.server_port}",), **known))
        client.ask(lambda es: es.info())
        client.close()
        thread.join()
    assert Listening.heard == sent


def test_an_embedded_installation_never_loads_the_client() -> None:
    code = "import sys; import marketplace.app, marketplace.core.search; print('elasticsearch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


@pytest.fixture(scope="module")
def secure() -> Iterator[Cluster]:
    """A server that speaks TLS and asks for a password."""
    try:
        cluster = Cluster(secure=True)
        cluster.start()
    except NoElastic as reason:
        missing(str(reason))
        return
    yield cluster
    cluster.stop()


def test_tls_with_our_own_authority_and_a_password(secure: Cluster) -> None:
    known: dict[str, Any] = {"hosts": tuple(secure.hosts), "replicas": 0, "refresh": "true", "read_seconds": 30.0}
    good = {**known, "ca_file": str(secure.ca_file), "user": "elastic", "password": PASSWORD}
    engine = ElasticEngine(ElasticSettings(**good))
    engine.put(titled("轴承"))
    assert engine.search(SearchRequest.of("轴承")).total == 1
    for wrong, told in (
        ({"password": "guessed"}, "401"),
        ({"user": "", "password": ""}, "401"),
        ({"ca_file": ""}, "cannot be reached"),
        ({"ca_file": str(ROOT / "no-such-file.pem")}, "cannot be"),
        ({"hosts": (secure.hosts[0].replace("https", "http"),)}, "TLS options require"),
    ):
        refused = ElasticEngine(ElasticSettings(**{**good, **wrong}))
        with pytest.raises(EngineUnavailable, match=told) as error:
            refused.count(EVERYTHING)
        assert PASSWORD not in str(error.value)
        refused.close()
    engine.close()
