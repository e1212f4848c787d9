"""Stored records: smaller with a dictionary of their own collection, the same when read, refused with another dictionary."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from pathlib import Path

import pytest
import zstandard

from search_index.documents import to_facts
from search_index.embedded import EmbeddedEngine
from search_index.embedded.packing import Packer
from search_index.rebuild import ids, rebuild
from search_index.requests import SearchRequest
from tests.bench.generator import listings
from tests.search_index.making import achievement


def records(count: int) -> list[bytes]:
    return [json.dumps(to_facts(one, body_limit=800), ensure_ascii=False).encode() for one in islice(listings(count), count)]


def test_a_record_comes_back_as_it_was_and_takes_less_room_with_a_dictionary(tmp_path: Path) -> None:
    made = records(400)
    packer = Packer.begin(tmp_path, made[:200])
    packed = [packer.pack(record) for record in made]
    assert [Packer.of(tmp_path).unpack(one) for one in packed] == made
    alone = Packer()
    assert sum(map(len, packed[200:])) < 0.5 * sum(len(alone.pack(record)) for record in made[200:])


def test_a_record_of_another_generation_is_refused_rather_than_misread(tmp_path: Path) -> None:
    made = records(200)
    (tmp_path / "other").mkdir()
    packed = Packer.begin(tmp_path, made[:100]).pack(made[0])
    with pytest.raises(zstandard.ZstdError):
        Packer.begin(tmp_path / "other", made[100:]).unpack(packed)
    with pytest.raises(zstandard.ZstdError):
        Packer().unpack(packed)


def test_too_few_records_to_learn_from_are_packed_each_by_itself(tmp_path: Path) -> None:
    made = records(3)
    packed = Packer.begin(tmp_path, made).pack(made[0])
    assert Packer.of(tmp_path).unpack(packed) == made[0]
    assert list(tmp_path.iterdir()) == []


def test_one_packer_serves_many_threads(tmp_path: Path) -> None:
    made = records(300)
    packer = Packer.begin(tmp_path, made)
    packed = [packer.pack(record) for record in made] * 20
    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(packer.unpack, packed)) == made * 20


def test_records_put_after_a_rebuild_are_read_with_those_of_the_rebuild(tmp_path: Path) -> None:
    documents = [achievement(number, f"轴承{number}") for number in range(1, 30)]
    writer = EmbeddedEngine(tmp_path)
    rebuild(writer, documents, expected=lambda: ids(documents))
    writer.put([achievement(30, "齿轮箱")])
    writer.close()
    again = EmbeddedEngine(tmp_path)
    again.put([achievement(31, "减速器")])
    titles = {hit.document.title_zh for hit in EmbeddedEngine(tmp_path).search(SearchRequest.of(per_page=50)).hits}
    again.close()
    assert titles == {document.title_zh for document in documents} | {"齿轮箱", "减速器"}
