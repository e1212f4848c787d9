"""The embedded engine's folder: one writer, readers elsewhere, generations, rebuilds, and a process killed while writing."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
import tantivy

from search_index.embedded import EmbeddedEngine, searching
from search_index.embedded.reader import Snapshot
from search_index.engine import EngineUnavailable, RebuildNeeded, WriterBusy
from search_index.rebuild import Differences, differences, ids, rebuild
from search_index.requests import EVERYTHING, FACETS, SearchRequest
from tests.search_index.making import achievement, found, rebuilt, titled
from tests.waiting import until

ROOT = Path(__file__).resolve().parents[2]
Opener = Callable[[], EmbeddedEngine]


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


def test_choosing_a_value_counts_its_facet_as_on_the_page_before(open_embedded: Opener, monkeypatch: pytest.MonkeyPatch) -> None:
    counted: list[set[str]] = []
    real = searching._aggregate

    def aggregate(snapshot: Snapshot, query: tantivy.Query, names: list[str]) -> dict[str, dict[str, int]]:
        counted.append(set(names))
        return real(snapshot, query, names)

    monkeypatch.setattr(searching, "_aggregate", aggregate)
    engine = open_embedded()
    engine.put([achievement(1, "轴承", city="370100"), achievement(2, "轴承", city="370200")])
    engine.search(SearchRequest.of("轴承"))
    chosen = SearchRequest.of("轴承", filters={"city": ["370100"]})
    page = engine.search(chosen)
    assert counted == [set(FACETS), set(FACETS) - {"city"}]
    assert [(one.value, one.count) for one in page.facets["city"]] == [("370100", 1), ("370200", 1)]
    engine.put([achievement(3, "轴承", city="370100")])  # another state of the index is counted anew
    assert [(one.value, one.count) for one in engine.search(chosen).facets["city"]] == [("370100", 2), ("370200", 1)]


FORKED = """
import os, sys
from pathlib import Path
from search_index.embedded import EmbeddedEngine
from search_index.requests import SearchRequest
engine = EmbeddedEngine(Path(sys.argv[1]))
def told(): print([(one.value, one.count) for one in engine.search(SearchRequest.of("轴承")).facets["kind"]], flush=True)
told()
if child := os.fork():
    sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
told()
"""


def test_a_process_forked_after_a_search_counts_facets_too(tmp_path: Path, open_embedded: Opener) -> None:
    open_embedded().put(titled("轴承"))
    found_ = subprocess.run(
        [sys.executable, "-c", FORKED, str(tmp_path / "index")], cwd=ROOT, capture_output=True, text=True, timeout=60, check=True
    )
    assert found_.stdout.splitlines() == ["[('achievement', 1)]"] * 2


def test_one_question_for_each_further_processor_is_counted_beside_its_hits() -> None:
    counters, going = searching.Counters(2), threading.Event()

    def by_whom() -> searching.Facets:
        return {"by": {threading.current_thread().name: 1}}

    def held() -> searching.Facets:
        going.wait(30)
        return by_whom()

    first, second = counters.begin(held), counters.begin(by_whom)
    assert second() == {"by": {threading.current_thread().name: 1}}  # no thread was free, and nobody waited for one
    going.set()
    assert first() == {"by": {"facets_0": 1}}
    until(lambda: counters.begin(by_whom)() == first(), seconds=30, what="the thread is free again")
    assert searching.Counters(1).begin(by_whom) is by_whom


def test_a_question_is_counted_when_the_system_gives_no_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    counters = searching.Counters(2)

    def nothing() -> searching.Facets:
        return {}

    def refusing(*_: object) -> None:
        raise RuntimeError("can't start new thread")

    with monkeypatch.context() as patched:
        patched.setattr(counters._threads, "submit", refusing)
        assert counters.begin(nothing) is nothing
    assert counters.begin(nothing) is not nothing  # its place was given back


def test_what_goes_wrong_while_counting_reaches_who_asked(open_embedded: Opener, monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(*_: object) -> object:
        raise RebuildNeeded("counts")

    engine = open_embedded()
    engine.put(titled("轴承"))
    monkeypatch.setattr(searching, "_aggregate", failing)
    with pytest.raises(RebuildNeeded, match="counts"):
        engine.search(SearchRequest.of("轴承"))
    assert engine.search(SearchRequest.of("轴承", facets=())).total == 1


def test_a_second_writer_is_told_so(open_embedded: Opener) -> None:
    first, second = open_embedded(), open_embedded()
    first.put(titled("轴承"))
    with pytest.raises(WriterBusy, match=f"one writer.*process {os.getpid()}"):
        second.put(titled("齿轮"))
    assert found(second, "轴承") == ["achievement:1"]
    first.close()
    assert second.put([achievement(2, "齿轮")]).accepted == 1


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


def test_no_way_back_to_an_index_of_another_make(open_embedded: Opener) -> None:
    engine = open_embedded()
    before, now = (rebuilt(engine, titled(title)) for title in ("甲", "乙"))
    stamp_file = engine.store.folder(before) / "generation.json"
    stamp_file.write_text(json.dumps({**json.loads(stamp_file.read_text()), "schema": "other"}))
    with pytest.raises(RebuildNeeded, match="the one before: index built with schema other"), engine.generation_before():
        pass
    assert engine.status().generation == now


def test_a_damaged_generation_asks_for_a_rebuild(open_embedded: Opener) -> None:
    engine = open_embedded()
    engine.put(titled("轴承"))
    engine.close()
    name, _ = engine.store.pointers()
    (engine.store.folder(name or "") / "meta.json").write_text("{}")
    with pytest.raises(RebuildNeeded, match="cannot be opened"):
        found(open_embedded())
    with pytest.raises(RebuildNeeded, match="cannot be opened"):
        open_embedded().put(titled("齿轮"))


def test_no_way_back_to_an_index_whose_files_are_gone(open_embedded: Opener, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = open_embedded()
    before, now = (rebuilt(engine, titled(title)) for title in ("甲", "乙"))

    def refusing(*_: object, **__: object) -> None:
        raise OSError("no such file")

    with monkeypatch.context() as patched:
        patched.setattr(os, "link", refusing)
        with (
            pytest.raises(EngineUnavailable, match=f"{before} cannot be taken up again.*no such file"),
            engine.generation_before(),
        ):
            pass
    assert engine.store.names() == [before, now]


def test_segmentation_in_two_processes_gives_the_same_index(open_embedded: Opener) -> None:
    documents = [achievement(n, f"轴承{n}型") for n in range(1, 1200)]
    engine = open_embedded()
    seen: list[int] = []
    rebuild(engine, documents, expected=lambda: ids(documents), processes=2, progress=seen.append)
    assert seen == [500, 1000, 1199]
    assert engine.search(SearchRequest.of("轴承")).total == 1199


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
