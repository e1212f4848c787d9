"""The embedded engine's folder: one writer, readers elsewhere, generations, rebuilds, and a process killed while writing."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from search_index.documents import ListingDocument
from search_index.embedded import EmbeddedEngine
from search_index.embedded.store import Stamp
from search_index.engine import Generation, IndexMissing, RebuildNeeded, WriterBusy
from search_index.rebuild import Differences, RebuildMismatch, differences, ids, rebuild
from search_index.requests import EVERYTHING, SearchRequest
from tests.search_index.making import achievement, found

ROOT = Path(__file__).resolve().parents[2]
Opener = Callable[[], EmbeddedEngine]


def titled(*titles: str, rev: int = 1) -> list[ListingDocument]:
    return [achievement(number, title, rev=rev) for number, title in enumerate(titles, 1)]


def rebuilt(engine: EmbeddedEngine, documents: list[ListingDocument]) -> str:
    return rebuild(engine, documents, expected=lambda: ids(documents)).generation


def test_reading_before_there_is_an_index_says_how_to_make_one(open_embedded: Opener) -> None:
    engine = open_embedded()
    with pytest.raises(IndexMissing, match="flask index rebuild"):
        engine.search(SearchRequest.of())
    assert "no index" in (engine.status().trouble or "")


def test_a_reader_sees_another_process_write(open_embedded: Opener) -> None:
    writer, reader = open_embedded(), open_embedded()
    writer.put(titled("轴承"))
    assert found(reader) == ["achievement:1"]
    writer.put([achievement(2, "齿轮")])
    writer.drop([("achievement:1", 2)])
    assert found(reader) == ["achievement:2"]


def test_a_reader_looks_at_most_twice_a_second(tmp_path: Path) -> None:
    at = [0.0]
    writer = EmbeddedEngine(tmp_path)
    reader = EmbeddedEngine(tmp_path, monotonic=lambda: at[0])
    writer.put(titled("轴承"))
    assert reader.count(EVERYTHING) == 1
    writer.put([achievement(2, "齿轮")])
    at[0] = 0.4
    assert reader.count(EVERYTHING) == 1
    at[0] = 0.5
    assert reader.count(EVERYTHING) == 2
    writer.close()


def test_a_second_writer_is_told_so(open_embedded: Opener) -> None:
    first, second = open_embedded(), open_embedded()
    first.put(titled("轴承"))
    with pytest.raises(WriterBusy, match=f"one writer.*process {os.getpid()}"):
        second.put(titled("齿轮"))
    assert found(second, "轴承") == ["achievement:1"]
    first.close()
    assert second.put([achievement(2, "齿轮")]).accepted == 1


def test_a_refused_batch_leaves_nothing(open_embedded: Opener, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = open_embedded()
    engine.put(titled("轴承"))
    from search_index.embedded import writer

    real = writer.prepare

    def failing(document: ListingDocument) -> object:
        prepared = real(document)
        return type(prepared)({**prepared.fields, "no_such_number": "x", "rev": "not a number"}, prepared.words)

    monkeypatch.setattr(writer, "prepare", failing)
    with pytest.raises((ValueError, TypeError)):
        engine.put([achievement(1, "甲", rev=2), achievement(2, "乙")])
    monkeypatch.undo()
    assert found(engine) == ["achievement:1"]
    assert engine.put([achievement(2, "乙")]).accepted == 1
    assert list(engine.stream_versions()) == [("achievement:1", 1), ("achievement:2", 1)]


@pytest.mark.parametrize("part", ["schema", "dictionary", "wheel"])
def test_an_index_of_another_make_asks_for_a_rebuild(open_embedded: Opener, part: str) -> None:
    engine = open_embedded()
    engine.put(titled("轴承"))
    engine.close()
    name, _ = engine.store.pointers()
    stamp_file = engine.store.folder(name or "") / "generation.json"
    stamp_file.write_text(json.dumps({**json.loads(stamp_file.read_text()), part: "other"}))
    other = open_embedded()
    with pytest.raises(RebuildNeeded, match=f"{part} other"):
        found(other)
    with pytest.raises(RebuildNeeded):
        other.put(titled("齿轮"))
    assert part in (other.status().trouble or "")
    rebuilt(other, titled("轴承"))
    assert found(other, "轴承") == ["achievement:1"]
    assert other.status().trouble is None


def test_a_damaged_generation_asks_for_a_rebuild(open_embedded: Opener) -> None:
    engine = open_embedded()
    engine.put(titled("轴承"))
    engine.close()
    name, _ = engine.store.pointers()
    (engine.store.folder(name or "") / "meta.json").write_text("{}")
    with pytest.raises(RebuildNeeded, match="cannot be opened"):
        found(open_embedded())


def test_a_rebuild_replaces_keeps_one_and_removes_the_rest(open_embedded: Opener) -> None:
    engine = open_embedded()
    names = [rebuilt(engine, titled(title)) for title in ("甲", "乙", "丙")]
    assert engine.store.pointers() == (names[2], names[1])
    assert engine.store.names() == sorted(names[1:])
    assert found(engine, "丙") == ["achievement:1"]
    engine.swap(names[1])  # the way back
    assert found(engine, "乙") == ["achievement:1"]
    assert found(engine, "丙") == []
    assert Stamp.mine().trouble() is None


def test_writing_goes_on_in_the_new_generation(open_embedded: Opener) -> None:
    worker, command = open_embedded(), open_embedded()
    worker.put(titled("轴承"))
    rebuilt(command, titled("轴承"))
    worker.put([achievement(2, "齿轮")])
    assert found(command) == ["achievement:1", "achievement:2"]


def test_changes_during_a_rebuild_are_caught_up(open_embedded: Opener) -> None:
    worker, command = open_embedded(), open_embedded()
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


def test_a_rebuild_that_differs_is_thrown_away(open_embedded: Opener) -> None:
    engine = open_embedded()
    before = rebuilt(engine, titled("甲"))
    wanted = [("achievement:1", 2), ("achievement:7", 1)]
    with pytest.raises(RebuildMismatch) as refused:
        rebuild(engine, titled("甲", "乙"), expected=lambda: wanted)
    assert refused.value.differences == Differences(("achievement:7",), ("achievement:2",), ("achievement:1",))
    assert engine.store.pointers()[0] == before
    assert engine.store.names() == [before]
    assert found(engine) == ["achievement:1"]


def test_a_failing_source_leaves_the_old_index(open_embedded: Opener) -> None:
    engine = open_embedded()
    before = rebuilt(engine, titled("甲"))

    def broken() -> Iterator[ListingDocument]:
        yield from titled("甲", "乙")
        raise OSError("database gone")

    with pytest.raises(OSError, match="database gone"):
        rebuild(engine, broken(), expected=list)
    assert engine.store.names() == [before]


def test_one_rebuild_at_a_time(open_embedded: Opener) -> None:
    first, second = open_embedded(), open_embedded()
    with first.new_generation(), pytest.raises(WriterBusy, match="another rebuild"):
        rebuilt(second, titled("甲"))
    rebuilt(second, titled("甲"))


def test_orphans_of_a_killed_rebuild_are_removed_by_the_next(open_embedded: Opener) -> None:
    engine = open_embedded()
    orphan = engine.store.create()
    name = rebuilt(engine, titled("甲"))
    assert engine.store.names() == [name] != [orphan]


def test_segmentation_in_two_processes_gives_the_same_index(open_embedded: Opener) -> None:
    documents = [achievement(n, f"轴承{n}型") for n in range(1, 1200)]
    engine = open_embedded()
    seen: list[int] = []
    rebuild(engine, documents, expected=lambda: ids(documents), processes=2, progress=seen.append)
    assert seen == [500, 1000, 1199]
    assert engine.search(SearchRequest.of("轴承")).total == 1199


def test_search_never_answers_empty_while_generations_change(open_embedded: Opener) -> None:
    writer, reader = open_embedded(), open_embedded()
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
        for _ in range(5):
            rebuilt(writer, documents)
    finally:
        done.set()
        thread.join()
    assert totals == {59}


KILLED = """
import sys
from pathlib import Path
from search_index.embedded import EmbeddedEngine
from tests.search_index.making import achievement
engine = EmbeddedEngine(Path(sys.argv[1]))
number = int(sys.argv[2])
while True:
    batch = [achievement(n, f"轴承{n}型") for n in range(number, number + 20)]
    engine.put(batch)
    engine.drop([(batch[0].id, 2)])
    print(number, flush=True)
    number += 20
"""


def test_nothing_acknowledged_is_lost_when_the_writer_is_killed(tmp_path: Path, open_embedded: Opener) -> None:
    folder, start = tmp_path / "index", 1
    acknowledged: list[int] = []
    for round_ in range(3):
        process = subprocess.Popen(
            [sys.executable, "-c", KILLED, str(folder), str(start)], cwd=ROOT, stdout=subprocess.PIPE, text=True
        )
        assert process.stdout is not None
        acknowledged += [int(process.stdout.readline()) for _ in range(2 + round_)]
        os.kill(process.pid, signal.SIGKILL)  # in the middle of the next batch
        acknowledged += [int(line) for line in process.stdout.read().split()]
        process.wait()
        engine = open_embedded()
        held = {listing for listing, _ in engine.stream_versions()}
        for first in acknowledged:
            assert {f"achievement:{n}" for n in range(first + 1, first + 20)} <= held
            assert f"achievement:{first}" not in held
        start = max(acknowledged) + 1000
        assert engine.put([achievement(start - 1, "齿轮")]).accepted == 1  # the dead process holds no lock
        engine.close()


def test_differences_both_ways() -> None:
    assert not differences([("achievement:1", 1)], [("achievement:1", 1)])
    found_ = differences([("achievement:1", 1), ("achievement:2", 1)], [("achievement:1", 2), ("achievement:3", 1)])
    assert found_ == Differences(("achievement:3",), ("achievement:2",), ("achievement:1",))
    assert str(found_) == "1 missing: achievement:3; 1 extra: achievement:2; 1 outdated: achievement:1"
    assert str(Differences()) == "equal"
