"""Generations on every engine: built beside the old one, caught up, compared, made current, gone back to, and cleaned."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

import pytest

from search_index.documents import ListingDocument
from search_index.elastic import ElasticEngine
from search_index.embedded import EmbeddedEngine
from search_index.engine import Generation, IndexMissing, WriterBusy
from search_index.rebuild import Differences, RebuildMismatch, differences, ids, rebuild, roll_back
from search_index.requests import SearchRequest
from tests.search_index.making import achievement, found, rebuilt, titled

Engine = EmbeddedEngine | ElasticEngine
Opener = Callable[[], Engine]


def names_of(engine: Engine) -> list[str]:
    """All generations there are."""
    return engine.store.names() if isinstance(engine, EmbeddedEngine) else list(engine.generations.pointers().names)


def test_a_reader_sees_another_process_write(open_engine: Opener) -> None:
    writer, reader = open_engine(), open_engine()
    writer.put(titled("轴承"))
    assert found(reader) == ["achievement:1"]
    writer.put([achievement(2, "齿轮")])
    writer.drop([("achievement:1", 2)])
    assert found(reader) == ["achievement:2"]


def test_a_rebuild_replaces_keeps_one_and_removes_the_rest(open_engine: Opener) -> None:
    engine = open_engine()
    names = [rebuilt(engine, titled(title)) for title in ("甲", "乙", "丙")]
    assert engine.status().generation == names[2]
    assert names_of(engine) == sorted(names[1:])
    assert found(engine, "丙") == ["achievement:1"]
    engine.swap(names[1])  # as it was, with nothing taken along
    assert found(engine, "乙") == ["achievement:1"]
    assert found(engine, "丙") == []


def test_a_writer_that_was_idle_while_indices_came_and_went_goes_on(open_engine: Opener) -> None:
    worker, command = open_engine(), open_engine()
    rebuilt(command, titled("甲"))
    worker.put([achievement(2, "乙")])
    for _ in range(2):  # the index it has open is gone after the second
        rebuilt(command, titled("甲"))
    worker.put([achievement(3, "丙")])
    assert found(command) == ["achievement:1", "achievement:3"]


def test_writing_goes_on_in_the_new_generation(open_engine: Opener) -> None:
    worker, command = open_engine(), open_engine()
    worker.put(titled("轴承"))
    rebuilt(command, titled("轴承"))
    worker.put([achievement(2, "齿轮")])
    assert found(command) == ["achievement:1", "achievement:2"]


def test_changes_during_a_rebuild_are_caught_up(open_engine: Opener) -> None:
    worker, command = open_engine(), open_engine()
    truth = {document.id: document for document in titled("甲", "乙", "丙")}
    worker.put(list(truth.values()))
    changed: list[ListingDocument] = []

    def documents() -> Iterator[ListingDocument]:
        yield from list(truth.values())
        for change in (achievement(1, "丁", rev=2), achievement(9, "戊")):
            truth[change.id] = change
            changed.append(change)
            worker.put([change])
        worker.drop([("achievement:2", 5)])
        del truth["achievement:2"]

    def catch_up(generation: Generation) -> None:
        generation.put(changed)
        generation.drop([("achievement:2", 5)])

    report = rebuild(command, documents(), expected=lambda: ids(list(truth.values())), catch_up=catch_up)
    assert report.documents == 3
    assert dict(worker.stream_versions()) == {"achievement:1": 2, "achievement:3": 1, "achievement:9": 1}
    assert found(worker, "丁") == ["achievement:1"]


def test_a_rebuild_that_differs_is_thrown_away(open_engine: Opener) -> None:
    engine = open_engine()
    before = rebuilt(engine, titled("甲"))
    wanted = [("achievement:1", 2), ("achievement:7", 1)]
    with pytest.raises(RebuildMismatch) as refused:
        rebuild(engine, titled("甲", "乙"), expected=lambda: wanted)
    assert refused.value.differences == Differences(("achievement:7",), ("achievement:2",), ("achievement:1",))
    assert engine.status().generation == before
    assert names_of(engine) == [before]
    assert found(engine) == ["achievement:1"]


def test_a_failing_source_leaves_the_old_index(open_engine: Opener) -> None:
    engine = open_engine()
    before = rebuilt(engine, titled("甲"))

    def broken() -> Iterator[ListingDocument]:
        yield from titled("甲", "乙")
        raise OSError("database gone")

    with pytest.raises(OSError, match="database gone"):
        rebuild(engine, broken(), expected=list)
    assert names_of(engine) == [before]


def test_one_rebuild_at_a_time(open_engine: Opener) -> None:
    first, second = open_engine(), open_engine()
    with first.new_generation(), pytest.raises(WriterBusy, match="another rebuild"):
        rebuilt(second, titled("甲"))
    rebuilt(second, titled("甲"))


def test_search_never_answers_empty_while_generations_change(open_engine: Opener) -> None:
    writer, reader = open_engine(), open_engine()
    documents = [achievement(n, f"轴承{n}型") for n in range(1, 60)]
    rebuilt(writer, documents)
    totals: set[int] = set()
    done = threading.Event()

    def read() -> None:
        while not done.is_set():
            totals.add(reader.search(SearchRequest.of("轴承", facets=())).total)

    thread = threading.Thread(target=read)
    thread.start()
    try:
        for _ in range(2):
            rebuilt(writer, documents)
    finally:
        done.set()
        thread.join()
    assert totals == {59}


def test_reading_before_there_is_an_index_says_how_to_make_one(open_engine: Opener) -> None:
    engine = open_engine()
    with pytest.raises(IndexMissing, match="flask index rebuild"):
        engine.search(SearchRequest.of())
    assert "no index" in (engine.status().trouble or "")


def test_orphans_of_a_killed_rebuild_are_removed_by_the_next(open_engine: Opener) -> None:
    engine = open_engine()
    orphan = engine.store.create() if isinstance(engine, EmbeddedEngine) else engine.generations.create(is_loading=True)
    name = rebuilt(engine, titled("甲"))
    assert names_of(engine) == [name] != [orphan]


class Market:
    """A database of its own: the truth, and which listings have changed, before any index hears of it."""

    def __init__(self, size: int) -> None:
        self.listings = {document.id: document for document in titled(*(f"轴承{n}型" for n in range(1, size + 1)))}
        self.changed: list[str] = []
        self.lock = threading.Lock()

    def change(self, number: int) -> ListingDocument:
        with self.lock:
            before = self.listings.get(f"achievement:{number}", achievement(number, rev=0))
            now = achievement(number, f"轴承{number}型改", rev=before.rev + 1)
            self.listings[now.id] = now
            self.changed.append(now.id)
            return now

    def revs(self) -> list[tuple[str, int]]:
        with self.lock:
            return ids(list(self.listings.values()))

    def catch_up(self, generation: Generation) -> None:
        with self.lock:
            latest = [self.listings[listing] for listing in dict.fromkeys(self.changed)]
        generation.put(latest)

    def repair(self, generation: Generation) -> None:
        """Whatever differs, however long ago it changed."""
        wrong = differences(generation.stream_versions(), self.revs()).listings
        generation.put([self.listings[listing] for listing in wrong if listing in self.listings])
        generation.drop([(listing, 99) for listing in wrong if listing not in self.listings])


def test_a_rebuild_while_others_write_loses_nothing(open_engine: Opener) -> None:
    worker, command, reader = open_engine(), open_engine(), open_engine()
    market = Market(300)
    worker.put(list(market.listings.values()))
    done, failed, totals = threading.Event(), list[BaseException](), set[int]()

    def write() -> None:
        number = 0
        try:
            while not done.is_set():
                number = number % 40 + 1
                worker.put([market.change(number)])
                totals.add(reader.search(SearchRequest.of("轴承", facets=())).total)
        except BaseException as error:
            failed.append(error)

    thread = threading.Thread(target=write)
    thread.start()
    try:
        for _ in range(3):
            rebuild(command, list(market.listings.values()), expected=market.revs, catch_up=market.catch_up)
        for _ in range(2):
            roll_back(command, expected=market.revs, catch_up=market.repair)
    finally:
        done.set()
        thread.join()
    assert not failed
    assert totals == {300}
    assert dict(worker.stream_versions()) == dict(market.revs())
    assert len(market.changed) > 3


def test_one_wrong_listing_is_still_found_out_while_others_write(open_engine: Opener) -> None:
    command, market = open_engine(), Market(5)

    def catch_up(generation: Generation) -> None:
        generation.put([market.change(1)])

    def expected() -> list[tuple[str, int]]:
        market.change(2)
        return [*market.revs(), ("achievement:77", 1)]

    with pytest.raises(RebuildMismatch, match="1 missing: achievement:77") as refused:
        rebuild(command, list(market.listings.values()), expected=expected, catch_up=catch_up)
    assert "achievement:77" in refused.value.differences.missing


def test_the_way_back_takes_along_what_has_changed_since_and_leads_forward_again(open_engine: Opener) -> None:
    worker, command, market = open_engine(), open_engine(), Market(5)
    rebuilt(command, list(market.listings.values()))
    worker.put([market.change(1)])  # and has that index open from now on
    second = rebuild(command, list(market.listings.values()), expected=market.revs).generation
    market.change(2), market.change(8)
    del market.listings["achievement:3"]  # of none of which an index has heard
    back = roll_back(command, expected=market.revs, catch_up=market.repair).generation
    assert back != second
    assert command.status().generation == back
    assert names_of(command) == sorted([second, back])
    assert dict(worker.stream_versions()) == dict(market.revs())
    worker.put([market.change(4)])
    assert "achievement:4" in found(command, "轴承4型改")
    forward = roll_back(command, expected=market.revs, catch_up=market.repair).generation
    assert names_of(command) == sorted([back, forward])
    worker.put([market.change(5)])
    assert dict(command.stream_versions()) == dict(market.revs())


def test_no_way_back_to_nothing_nor_to_an_index_that_stays_wrong(open_engine: Opener) -> None:
    engine, market = open_engine(), Market(2)
    rebuilt(engine, list(market.listings.values()))
    with pytest.raises(IndexMissing, match="to go back to"):
        roll_back(engine, expected=market.revs, catch_up=market.repair)
    second = rebuilt(engine, list(market.listings.values()))
    before = names_of(engine)
    with pytest.raises(RebuildMismatch, match="1 missing: achievement:77"):
        roll_back(engine, expected=lambda: [*market.revs(), ("achievement:77", 1)], catch_up=market.repair)
    assert engine.status().generation == second
    assert names_of(engine) == before


def test_no_way_back_while_a_rebuild_is_under_way(open_engine: Opener) -> None:
    first, second, market = open_engine(), open_engine(), Market(1)
    for _ in range(2):
        rebuilt(first, list(market.listings.values()))
    with first.new_generation(), pytest.raises(WriterBusy, match="another rebuild"):
        roll_back(second, expected=market.revs, catch_up=market.repair)
